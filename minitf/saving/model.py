"""Saved models: a module with its variables and the traces of its functions, in a folder, without its Python.

A saved model is one archive: it describes the objects, each with its parts, as a checkpoint does, so that
`tf.train.Checkpoint.restore` can read it, and the traces of the functions. A backend that has a kind of saved model of
its own writes it beside, of the same parts, and the folder is replaced as a whole.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import types
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from minitf import nest
from minitf.backends import kernels
from minitf.capture import Look
from minitf.concrete import ConcreteFunction
from minitf.errors import OperatorNotAllowedInGraphError
from minitf.functions import Function
from minitf.recording import thread, unheard
from minitf.saving import stored
from minitf.saving.archive import MODEL, PROTO, Archive, replacing_folder, write
from minitf.saving.checkpoint import description
from minitf.saving.foreign import Foreign
from minitf.saving.restored import RestoredFunction
from minitf.saving.trackable import Trackable, graph, is_trackable, key, parts
from minitf.size import Unknowable
from minitf.spec import TensorSpec
from minitf.tensor import Tensor
from minitf.variable import Variable

__all__ = ["contains_saved_model", "load", "save"]

Array = NDArray[Any]
_FUNCTIONS = (Function, ConcreteFunction)
_DEFAULT = "serving_default"


def contains_saved_model(export_dir: str | os.PathLike[str]) -> bool:
    """Say whether there is a saved model in a folder, minitf's or TensorFlow's.

    >>> import tempfile
    >>> tf.saved_model.contains_saved_model(tempfile.mkdtemp())
    False
    """
    return any(os.path.exists(os.path.join(export_dir, name)) for name in (MODEL, PROTO))


# --- saving -----------------------------------------------------------------------------------------------------------


def save(obj: Any, export_dir: str | os.PathLike[str], signatures: Any = None, options: None = None) -> None:
    """Save a module, or another object with variables and functions, in a folder, and replace what was there.

    Every trace of every `tf.function` is saved, and functions with an `input_signature` are traced if they were not.
    Where TensorFlow computes, what is saved is its kind of saved model too, which it loads without minitf.
    `signatures` is such a function, a concrete function, or a dictionary of them by name: loaded, they return
    dictionaries. `options` changes nothing.

    ValueError for what has no variables and functions, or is no signature; AssertionError for a function that uses a
    variable which does not belong to `obj`.

    >>> import tempfile
    >>> class Line(tf.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = tf.Variable(2.0)
    ...
    ...     @tf.function(input_signature=[tf.TensorSpec([None])])
    ...     def __call__(self, x):
    ...         return self.slope * x
    >>> folder = tempfile.mkdtemp()
    >>> tf.saved_model.save(Line(), folder)
    >>> loaded = tf.saved_model.load(folder)
    >>> print(loaded([1.0, 2.0]))
    tf.Tensor([2. 4.], shape=(2,), dtype=float32)
    >>> loaded.signatures["serving_default"](x=tf.constant([3.0]))
    {'output_0': <tf.Tensor: shape=(1,), dtype=float32, numpy=array([6.], dtype=float32)>}
    """
    if thread.capture is not None:
        asked = "`tf.saved_model.save` is not supported inside a traced @tf.function"
        raise AssertionError(f"{asked}. Move the call to the outer eagerly-executed context.")
    if not isinstance(obj, Trackable | Variable):
        asked = "Expected an object of type `Trackable`, such as `tf.Module` or a subclass of the `Trackable` class"
        do = "set it as an attribute of a tf.Module"
        raise ValueError(f"{asked}, for export. Got {obj} with type {type(obj)}; {do}.")
    obj = getattr(obj, "_keras_exported", lambda: obj)()
    for node in graph(obj, parts=_parts):
        _concrete(node.thing)  # may make variables
    if signatures is None:
        signatures = _default_signatures(_parts(obj).values())
    elif not isinstance(signatures, Mapping):
        signatures = {_DEFAULT: signatures}
    nodes = graph(obj, parts=_parts)
    described, arrays = description(nodes)
    traces = _Traces({key(node.thing): i for i, node in enumerate(nodes)}, arrays)
    for node, own in zip(nodes, described["nodes"], strict=True):
        own.update(_described(node.thing, traces))
    described["signatures"] = {name: _signature(name, function, traces) for name, function in signatures.items()}
    described["traces"] = traces.described
    with replacing_folder(export_dir) as folder:
        kernels.write_model(folder, lambda parts: _assembled(described, arrays, parts, traces.paired))
        write(folder / MODEL, described, arrays)


def _parts(thing: Any) -> dict[str, Any]:
    """Return what is saved with an object: also its functions, and those of its class."""
    methods: dict[str, Any] = {}
    if isinstance(thing, Trackable):
        for name in dir(type(thing)):
            if isinstance(inspect.getattr_static(type(thing), name), Function):
                methods[name] = getattr(thing, name)
    return methods | parts(thing, lambda part: is_trackable(part) or isinstance(part, _FUNCTIONS))


class _Traces:
    """The traces to save, each once; those with arguments that cannot be stored are left out, with a warning."""

    def __init__(self, numbers: Mapping[int, int], arrays: dict[str, Array]) -> None:
        self.described: list[dict[str, Any]] = []
        self._numbers, self._arrays = numbers, arrays
        self._found: dict[ConcreteFunction, int | None] = {}
        self._concrete: list[ConcreteFunction] = []

    def number(self, concrete: ConcreteFunction) -> int | None:
        """Return the number of a trace; None if it cannot be stored."""
        if concrete not in self._found:
            self._found[concrete] = self._add(concrete)
        return self._found[concrete]

    def _add(self, concrete: ConcreteFunction) -> int | None:
        number = len(self.described)
        try:
            described = stored.trace(concrete, self._arrays, f"traces/{number}/constants")
        except stored.NotStored as what:
            warnings.warn(f"A trace of {concrete.name} is not saved, because it belongs to {what}.", stacklevel=5)
            return None
        self.described.append(described | {"variables": [self._tracked(v, concrete) for v in concrete.variables]})
        self._concrete.append(concrete)
        return number

    def paired(self, number: int, variables: Sequence[Any]) -> tuple[ConcreteFunction, Sequence[Any]]:
        """Return a trace with what stands for its variables."""
        return self._concrete[number], variables

    def _tracked(self, variable: Variable, concrete: ConcreteFunction) -> int:
        number = self._numbers.get(key(variable))
        if number is None:
            asked = "Tried to export a function which references an 'untracked' resource: the function"
            do = "set the variable as an attribute of the object that is saved, or of one that belongs to it"
            raise AssertionError(f"{asked} {concrete.name} uses {variable!r}; {do}.")
        return number


def _described(thing: Any, traces: _Traces) -> dict[str, Any]:
    """Describe an object, except for its parts."""
    if isinstance(thing, Variable):
        shape = None if thing.shape.rank is None else thing.shape.as_list()
        return {"kind": "variable", "name": thing.name, "trainable": thing.trainable, "shape": shape}
    if isinstance(thing, ConcreteFunction):
        number = traces.number(thing)
        return {"kind": "nothing"} if number is None else {"kind": "concrete", "trace": number}
    if isinstance(thing, Function):
        return _described_function(thing, traces)
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return {"kind": "named", "name": type(thing).__name__, "fields": thing._fields}
    kinds = {"list": list, "tuple": tuple, "dict": dict}
    return {"kind": next((name for name, kind in kinds.items() if isinstance(thing, kind)), "object")}


def _described_function(function: Function, traces: _Traces) -> dict[str, Any]:
    for look in function.traces.by_key.values():
        if isinstance(look, Look):
            asked = f"{function.name} runs as plain Python, because of {look.asked} in line {look.line} of {look.file}"
            warnings.warn(f"{asked}; for these arguments it is not saved.", stacklevel=4)
    numbers = [traces.number(concrete) for concrete in function.traces.all]
    return {
        "kind": "function",
        "name": function.name,
        "parameters": stored.signature(inspect.signature(function.python_function)),
        "input_signature": stored.structure(function.input_signature),
        "traces": [number for number in numbers if number is not None],
    }


def _default_signatures(functions: Iterable[Any]) -> dict[str, ConcreteFunction]:
    """Return the one function that can be a signature, if there is just one."""
    several = {id(function): function for function in functions}.values()  # one may have two names
    found = [concrete for concrete in map(_concrete, several) if concrete is not None]
    fitting = [concrete for concrete in found if _outputs(concrete.structured_outputs) is not None]
    return {_DEFAULT: fitting[0]} if len(fitting) == 1 else {}


def _concrete(function: Any) -> ConcreteFunction | None:
    """Return the one concrete function of a function with an input signature; None for others."""
    if isinstance(function, Function) and function.input_signature is not None:
        try:
            return function.get_concrete_function()
        except (OperatorNotAllowedInGraphError, Unknowable):  # no program is right for all calls
            if not function.traces.story:
                raise
    return function if isinstance(function, ConcreteFunction) else None


def _outputs(structure: Any) -> dict[str, Any] | None:
    """Give names to the results of a function; None if there is more in them than tensors in a sequence or by name."""
    if isinstance(structure, Mapping):
        named = {str(name): structure[name] for name in sorted(structure)}
    else:
        several = structure if isinstance(structure, (list, tuple)) else [structure]
        named = {f"output_{i}": each for i, each in enumerate(several)}
    return named if all(isinstance(each, TensorSpec) for each in named.values()) else None


def _signature(name: str, function: Any, traces: _Traces) -> dict[str, Any]:
    """Describe a signature: a trace, and names for its arguments and results."""
    concrete = _concrete(function)
    if concrete is None:
        asked = f"Expected a TensorFlow function for which to generate a signature, but got {function}. Only"
        raise ValueError(f"{asked} `tf.functions` with an input signature or concrete functions can be used as one.")
    outputs = _outputs(concrete.structured_outputs)
    if outputs is None:
        asked = f"Got a non-Tensor value in the output of the function {concrete.name} used to generate the SavedModel"
        must = "must be a single Tensor, a sequence of Tensors, or a dictionary from string to Tensor"
        got = concrete.structured_outputs
        raise ValueError(f"{asked} signature {name!r}. Outputs for functions used as signatures {must}; got {got}.")
    number = traces.number(concrete)
    if number is None:
        asked = f"{concrete.name} cannot be a signature, because it belongs to an object"
        raise ValueError(f"{asked}; let it take tensors only.")
    return {"trace": number, "inputs": _inputs(concrete), "outputs": list(outputs)}


def _inputs(concrete: ConcreteFunction) -> list[str]:
    """Give names to the tensors that a function takes: those of their specs, or of the parameters they came with."""
    names: list[str] = []
    for parameter, value in concrete.parameters.items():
        for spec in nest.flatten(value):
            if isinstance(spec, TensorSpec):
                own = parameter if str(spec.name).startswith(f"{parameter}_") else str(spec.name)
                wanted = re.sub(r"\W|^(?=\d)", "_", own)
                count = sum(re.fullmatch(rf"{wanted}(_\d+)?", name) is not None for name in names)
                names.append(f"{wanted}_{count}" if count else wanted)
    return names


# --- loading ----------------------------------------------------------------------------------------------------------


class _UserObject(Trackable):
    """What is loaded for a module or another object: its variables, objects, containers and functions."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function that was its `__call__`; TypeError if there is none."""
        function = vars(self).get("__call__")
        if function is None:
            do = "decorate its __call__ with @tf.function, call it once, and save it again"
            raise TypeError(f"'_UserObject' object is not callable: what was saved had no tf.function to call; {do}.")
        return function(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        own = ", ".join(part for part in vars(self) if not part.startswith("_"))
        has = f"it has {own}; a saved model has variables, objects and functions, and no other attributes or methods"
        raise AttributeError(f"'_UserObject' object has no attribute {name!r}: {has}.", name=name, obj=self)


def load(export_dir: str | os.PathLike[str], tags: object = None, options: None = None) -> Any:
    """Load what `save` saved: an object with the same attributes, whose functions have the signatures they had.

    Variables can be trained further, functions differentiated, and all saved again. `signatures` has the concrete
    functions that were named as signatures. `tags` and `options` change nothing.

    What TensorFlow or Keras saved is loaded where TensorFlow computes (MINITF_BACKEND=tensorflow), and run by it: its
    signatures and functions take and give tensors, no gradient flows through them, and it cannot be saved again.

    OSError without a saved model, or for one of TensorFlow's elsewhere; DataLossError for a damaged one.
    """
    path = os.path.join(export_dir, MODEL)
    if not os.path.exists(path):
        if os.path.exists(os.path.join(export_dir, PROTO)):
            return Foreign(kernels.load_model(os.fsdecode(export_dir)))
        raise OSError(f"SavedModel file does not exist at: {path}; check the path.")
    archive = Archive(path, f"{path} was removed while it was read; save the model again.")
    with unheard():
        arrays = archive.read(list(archive.shapes))
        stored_traces = archive.graph["traces"]
        root, signatures = _assembled(
            archive.graph, arrays, _Parts(),
            lambda number, variables: stored.read_trace(stored_traces[number], variables, arrays),
        )  # fmt: skip
    if isinstance(root, _UserObject):
        vars(root)["signatures"] = types.MappingProxyType(signatures)
    return root


class _Parts:
    """Makes what a saved model consists of, when it is loaded; a backend has another one, for its own kind of model."""

    def variable(self, array: Array, node: Mapping[str, Any]) -> Any:
        """Make a variable."""
        return Variable(Tensor(array), node["trainable"], name=node["name"].removesuffix(":0"), shape=node["shape"])

    def empty(self) -> Any:
        """Make an object without parts."""
        return _UserObject()

    def concrete(self, trace: Any) -> Any:
        """Make a function of one trace."""
        return trace

    def function(self, node: Mapping[str, Any], parameters: inspect.Signature, traces: Sequence[Any]) -> Any:
        """Make a function of several."""
        return RestoredFunction(node["name"], parameters, stored.read_structure(node["input_signature"]), traces)

    def signature(self, trace: Any, inputs: Sequence[str], outputs: Sequence[str]) -> Any:
        """Make the function of a signature."""
        return _loaded_signature(trace, inputs, outputs)


def _assembled(
    described: Mapping[str, Any], arrays: Mapping[str, Array], parts: Any, trace: Callable[[int, list[Any]], Any]
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    """Make the object that is described, and its signatures; `trace` makes one by its number, for some variables."""
    nodes = described["nodes"]
    empty: dict[str, Callable[[], Any]] = {"object": parts.empty, "list": list, "dict": dict}
    things = [
        parts.variable(arrays[node["array"]], node) if node["kind"] == "variable"
        else empty.get(node["kind"], type(None))() for node in nodes
    ]  # fmt: skip
    traces = [trace(number, [things[i] for i in each["variables"]]) for number, each in enumerate(described["traces"])]
    for number, node in enumerate(nodes):
        if node["kind"] == "concrete":
            things[number] = parts.concrete(traces[node["trace"]])
        elif node["kind"] == "function":
            own = [traces[trace] for trace in node["traces"]]
            things[number] = parts.function(node, stored.read_signature(node["parameters"]), own)

    def finished(number: int) -> Any:
        """Return an object; a tuple is made when all in it is there."""
        node = nodes[number]
        if node["kind"] in ("tuple", "named") and things[number] is None:
            values = {name: finished(part) for name, part in node["parts"].items()}
            if node["kind"] == "tuple":
                things[number] = tuple(_in_order(values))
            else:
                things[number] = stored.named(node["name"], node["fields"], map(values.get, node["fields"]))
        return things[number]

    for thing, node in zip(things, nodes, strict=True):
        found = {name: finished(number) for name, number in node["parts"].items()}
        if node["kind"] == "dict":
            thing.update(found)
        elif node["kind"] == "list":
            thing.extend(_in_order(found))
    for thing, node in zip(things, nodes, strict=True):
        if node["kind"] == "object":  # at the end, because TensorFlow's objects wrap the containers that they get
            for name, number in node["parts"].items():
                setattr(thing, name, things[number])
    signatures = {
        name: parts.signature(traces[each["trace"]], each["inputs"], each["outputs"])
        for name, each in described["signatures"].items()
    }
    return things[0], signatures


def _in_order(values: Mapping[str, Any]) -> list[Any]:
    """Put parts at their places, with None where something was not saved."""
    return [values.get(str(i)) for i in range(1 + max(map(int, values), default=-1))]


def _loaded_signature(trace: ConcreteFunction, inputs: Sequence[str], outputs: Sequence[str]) -> ConcreteFunction:
    """Make the concrete function of a signature, which takes tensors by name and returns them by name."""
    specs = [TensorSpec(spec.shape, spec.dtype, name) for spec, name in zip(trace.specs, inputs, strict=True)]
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in inputs]
    results = zip(nest.flatten(trace.structured_outputs), trace.captured.results, strict=True)
    found = dict(sorted(zip(outputs, results, strict=True)))
    structure = {name: TensorSpec(spec.shape, spec.dtype, name) for name, (spec, _) in found.items()}
    captured = dataclasses.replace(trace.captured, results=tuple(number for _, number in found.values()))
    given = (), dict(zip(inputs, specs, strict=True))
    return stored.concrete(inspect.Signature(parameters), given, structure, trace.alike, captured, trace.custom)
