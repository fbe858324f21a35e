"""Checkpoint: the values of the variables that belong to an object, saved in a file and restored from it.

A checkpoint `dir/ckpt-1` is the archive `dir/ckpt-1.npz`. It knows the objects by the path of attributes that leads to
them, such as `model/layers/0/w`, and no class. Values for variables that are not made yet wait for them.
"""

from __future__ import annotations

import functools
import json
import logging
import os
import warnings
from collections import deque
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from minitf.dtypes import DType, as_dtype, int64
from minitf.errors import DataLossError, InvalidArgumentError, NotFoundError, explain
from minitf.recording import thread, unheard
from minitf.saving.archive import GRAPH, MODEL, Archive, write
from minitf.saving.state import State, latest_checkpoint
from minitf.saving.trackable import Node, Trackable, awaiting, graph, is_trackable, key, parts
from minitf.tensor import Tensor
from minitf.variable import Variable

__all__ = [
    "Checkpoint", "NothingRestored", "Reader", "Restored", "description", "list_variables", "load_checkpoint",
    "load_variable",
]  # fmt: skip

_log = logging.getLogger("minitf")
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
_COUNTER = "save_counter"
_SHOWN = 10  # so many objects are named by an assertion that fails
Array = NDArray[Any]


class Checkpoint(Trackable):
    """Saves and restores the variables in objects: variables, modules, generators, lists, tuples, dictionaries of them.

    >>> import tempfile
    >>> step = tf.Variable(1)
    >>> checkpoint = tf.train.Checkpoint(step=step)
    >>> path = checkpoint.save(tempfile.mkdtemp() + "/ckpt")
    >>> path[-6:], step.assign(5).numpy()
    ('ckpt-1', np.int32(5))
    >>> status = checkpoint.restore(path).assert_consumed()
    >>> step.numpy()
    np.int32(1)
    """

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        """Take objects by the names they get in the file; the parts of `root` get their names directly.

        ValueError for what cannot be saved, or a name that `root` has for something else.
        """
        for name, thing in (kwargs | ({} if root is None else {"root": root})).items():
            if not is_trackable(thing) or (name == "root" and isinstance(thing, list | tuple | dict)):
                asked = f"`Checkpoint` was expecting {name} to be a trackable object (an object derived from"
                do = "a variable, a module, a generator, or, except for root, a list, tuple or dictionary of them"
                raise ValueError(f"{asked} `Trackable`), got {thing}; give {do}.")
        own = {} if root is None else parts(root)
        for name, thing in sorted(kwargs.items()):
            if own.get(name, thing) is not thing:
                asked = f"Cannot create a Checkpoint with keyword argument {name} if root.{name} already exists"
                raise ValueError(f"{asked}; use another name.")
            setattr(self, name, thing)
        if root is not None:
            self._root = root
        self._beside_root = frozenset(kwargs)
        self._save_counter: Variable | None = own.get(_COUNTER)

    @property
    def save_counter(self) -> Variable:
        """How many times `save` was called, as a variable that is saved too."""
        if self._save_counter is None:
            self._save_counter = Variable(0, trainable=False, name=_COUNTER, dtype=int64)
            awaited = vars(self._top).get("_trackable_awaited")
            if awaited is not None:
                awaited.arrived(_COUNTER, self._save_counter)
        return self._save_counter

    @property
    def _top(self) -> Any:
        return vars(self).get("_root", self)

    def _trackable_children(self) -> dict[str, Any]:
        found = {name: part for name, part in vars(self).items() if name != "_save_counter"}
        return found if self._save_counter is None else found | {_COUNTER: self._save_counter}

    def _beside(self) -> dict[str, Any]:
        """Return what is saved with the root by way of this checkpoint."""
        if self._top is self:
            return {}
        return {name: part for name, part in parts(self).items() if name in self._beside_root or name == _COUNTER}

    def _graph(self) -> list[Node]:
        return graph(self._top, self._beside())

    def save(self, file_prefix: str | os.PathLike[str], options: None = None) -> str:
        """Write the next checkpoint, `file_prefix-1` and so on, and make it the latest of its folder; returns its path.

        The file is there as a whole or not at all. `options` changes nothing.
        """
        prefix = os.fsdecode(file_prefix)
        _refuse_in_function("save")
        path = f"{prefix}-{self.save_counter.assign_add(1).numpy()}"
        self._write(path, f"{os.path.basename(prefix)}-")
        State(path, {path: None}).write(os.path.dirname(path))
        return path

    def write(self, file_prefix: str | os.PathLike[str], options: None = None) -> str:
        """Write a checkpoint at this path, without a number; returns the path."""
        _refuse_in_function("write")
        return self._write(os.fsdecode(file_prefix), None)

    def _write(self, path: str, family: str | None) -> str:
        described, arrays = description(self._graph())
        write(f"{path}.npz", described, arrays, family)
        return path

    def read(self, save_path: str | os.PathLike[str], options: None = None) -> Restored:
        """Restore what `write` wrote; as `restore`, but without a `save_counter`."""
        return Restored(_opened(os.fsdecode(save_path)), self)

    def restore(self, save_path: str | os.PathLike[str] | None, options: None = None) -> Restored | NothingRestored:
        """Give the variables their saved values; those made later get theirs when they are set as attributes.

        NotFoundError without such a checkpoint, DataLossError for a damaged one, ValueError for another shape,
        InvalidArgumentError for another dtype; then nothing is changed. None restores nothing. What is returned can
        assert that everything fitted. A file with more in it than the objects ask for is fine.
        """
        if save_path is None:
            return NothingRestored()
        path = os.fsdecode(save_path)
        status = Restored(_opened(path, f"Error when restoring from checkpoint or SavedModel at {path}: "), self)
        _ = self.save_counter  # made now, it gets its value
        return status


def _refuse_in_function(method: str) -> None:
    if thread.capture is not None:
        asked = f"Calling tf.train.Checkpoint.{method}() from a function is not supported"
        raise NotImplementedError(f"{asked}, because later calls would not do it again; call it outside.")


class Restored:
    """What became of a checkpoint that was read: which of its objects were found, and which are waited for."""

    def __init__(self, archive: Archive, checkpoint: Checkpoint) -> None:
        """Match everything that belongs to a checkpoint with everything in an archive."""
        self._checkpoint = checkpoint
        self._nodes = archive.graph["nodes"]
        self._arrays = archive.read(list(archive.shapes))
        self._bound: dict[int, Any] = {}
        self._bind(0, checkpoint._top, checkpoint._beside())
        self._warn_if_nothing_fits()

    def arrived(self, number: int, part: Any) -> Any:
        """Give a part that was waited for its values, as `Restoration` asks for."""
        return self._bind(number, part, {})

    def _bind(self, number: int, thing: Any, beside: Mapping[str, Any]) -> Any:
        """Match an object with a description, and their parts by name; returns it, or one that waits in its place."""
        found: dict[int, Any] = {}
        waiting: dict[int, tuple[Any, Any]] = {}  # of a container by its id: itself, and what waits in its place
        todo: deque[tuple[int, Any, Any]] = deque([(number, thing, lambda waiting: None)])
        while todo:
            n, thing, put = todo.popleft()
            if id(thing) in waiting:
                thing = waiting[id(thing)][1]
                put(thing)
            other = found.get(n, self._bound.get(n))
            if other is not None:
                if key(other) != key(thing):
                    asked = "Inconsistent references when loading the checkpoint into this object graph: one object of"
                    warnings.warn(f"{asked} the checkpoint is {other!r} and {thing!r} here.", stacklevel=5)
                continue
            own, described = {**parts(thing), **beside}, self._nodes[n]["parts"]
            beside = {}
            missing = {name: part for name, part in described.items() if name not in own}
            if missing:
                waiting[id(thing)] = thing, awaiting(thing, missing, self)
                thing = waiting[id(thing)][1]
                put(thing)
            found[n] = thing
            for name in described:
                if name in own:
                    todo.append((described[name], own[name], functools.partial(_put, thing, name)))
        self._assign(found)
        self._bound |= found
        return found.get(number, thing)

    def _assign(self, found: Mapping[int, Any]) -> None:
        """Give variables their values, once all are known to fit."""
        fitting = []
        for n, variable in found.items():
            name = self._nodes[n].get("array")
            if name is not None and isinstance(variable, Variable):
                fitting.append((variable, name, _fitting(variable, name, self._arrays[name])))
        with unheard():  # a function that makes a variable while it is traced does not restore it in every call
            for variable, name, tensor in fitting:
                variable.assign(tensor)
                del self._arrays[name]

    def expect_partial(self) -> Restored:
        """Return this; TensorFlow would otherwise warn about values that nobody asked for."""
        return self

    def _warn_if_nothing_fits(self) -> None:
        """Say so if there are variables here and values there, and no name is the same."""
        things = [node.thing for node in self._checkpoint._graph() if isinstance(node.thing, Variable)]
        counter = self._checkpoint._save_counter
        here = [thing for thing in things if thing is not counter]
        bound = any(isinstance(thing, Variable) and thing is not counter for thing in self._bound.values())
        left = [name for name in self._unresolved() if name != _COUNTER]
        if here and left and not bound:
            _log.warning(
                "Value in checkpoint could not be found in the restored object: (root).%s. None of its %d values has "
                "the name of one of the %d variables here; give the objects the names they had when it was saved.",
                left[0], len(left), len(here),
            )  # fmt: skip

    def _unresolved(self) -> list[str]:
        """List the values that nothing here has a name for."""
        return [
            node["array"].removesuffix(_VALUE)
            for n, node in enumerate(self._nodes)
            if "array" in node and n not in self._bound
        ]

    def assert_existing_objects_matched(self) -> Restored:
        """Check that each variable there is has got its value; returns this. AssertionError names those without."""
        matched = {key(thing) for n, thing in self._bound.items() if "array" in self._nodes[n]}
        things = [node.thing for node in self._checkpoint._graph() if isinstance(node.thing, Variable)]
        unmatched = [thing for thing in things if key(thing) not in matched]
        if unmatched:
            asked = f"Found {len(unmatched)} Python objects that were not bound to checkpointed values, likely due to"
            shown = f"Showing {len(unmatched[:_SHOWN])} of {len(unmatched)} unmatched objects: {unmatched[:_SHOWN]}"
            raise AssertionError(f"{asked} changes in the Python program. {shown}")
        return self

    def assert_consumed(self) -> Restored:
        """Check that also every value in the checkpoint was used; returns this. AssertionError names what was not."""
        self.assert_existing_objects_matched()
        unresolved = self._unresolved()
        if unresolved:
            others = f" and {len(unresolved) - 1} more, such as {unresolved[-1]}" if unresolved[1:] else ""
            asked = f"Unresolved object in checkpoint (root).{unresolved[0].replace('/', '.')}{others}"
            raise AssertionError(f"{asked}: nothing here has this name; rename it, or do without assert_consumed().")
        names = {n: node["array"].removesuffix(_VALUE) for n, node in enumerate(self._nodes) if "array" in node}
        unused = [f"{name} ({self._bound[n]})" for n, name in names.items() if not isinstance(self._bound[n], Variable)]
        if unused:
            asked = "Unused attributes in these objects (the attributes exist in the checkpoint but were not restored)"
            raise AssertionError(f"{asked}: {', '.join(unused)}; they were variables when it was saved.")
        return self


class NothingRestored:
    """What became of restoring None: nothing, so every assertion fails."""

    def assert_consumed(self) -> None:
        """Raise an AssertionError."""
        raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

    assert_existing_objects_matched = assert_consumed

    def expect_partial(self) -> NothingRestored:
        """Return this."""
        return self


def _put(whole: Any, name: str, part: Any) -> None:
    """Put a container that waits in the place of the one it copies."""
    if isinstance(whole, Trackable):
        object.__setattr__(whole, name, part)
    elif isinstance(whole, dict):
        dict.__setitem__(whole, name, part)
    elif isinstance(whole, list):
        whole[int(name)] = part


def _fitting(variable: Variable, name: str, array: Array) -> Tensor:
    if array.dtype != variable.dtype.numpy:
        expected, got = variable.dtype.name, as_dtype(array.dtype).name
        asked = f"tensor_name = {name}; expected dtype {expected} does not equal original dtype {got} [Op:RestoreV2]"
        do = "make the variable with the dtype of the saved one"
        raise InvalidArgumentError(None, None, explain(asked, got=got, expected=expected, do=do))
    if not variable.shape.is_compatible_with(array.shape):
        asked = f"Received incompatible tensor with shape {array.shape} when attempting to restore variable with shape"
        do = "make the variable with the shape of the saved one, or restore without this variable"
        got, expected = f"shape {array.shape} for {name}", f"shape {variable.shape}"
        asked = f"{asked} {variable.shape} and name {variable.name}."
        raise ValueError(explain(asked, got=got, expected=expected, do=do))
    return Tensor(array)  # not copied


def description(nodes: list[Node]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the description and the arrays that make up the archive of some objects."""
    described: list[dict[str, Any]] = []
    arrays = {}
    with unheard():
        for node in nodes:
            described.append({"parts": node.parts})
            if isinstance(node.thing, Variable):
                described[-1]["array"] = node.name + _VALUE
                arrays[node.name + _VALUE] = node.thing.value().array
    return {"nodes": described}, arrays


def _opened(path: str, asked: str = "") -> Archive:
    """Open the archive of a checkpoint or of a saved model; `asked` begins what is said if there is none."""
    if os.path.isdir(path):
        model = os.path.join(path, MODEL)
        if not os.path.exists(model):
            told = f"{asked}Unable to open table file {path}: it is a folder; give the path of a checkpoint in it"
            raise DataLossError(None, None, f"{told}, such as tf.train.latest_checkpoint({path!r}).")
        return Archive(model, f"{asked}{model} was removed just now; save the model again.")
    missing = f"{asked}Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {path}"
    if os.path.exists(f"{path}.index"):
        raise NotFoundError(None, None, f"{missing}.npz; {path} is TensorFlow's, and only TensorFlow can read it.")
    advice = "Please double-check that the path is correct. You may be missing the checkpoint suffix (e.g. the '-1' in"
    return Archive(f"{path}.npz", f"{missing}\n{advice} 'path/to/ckpt-1').")


class Reader:
    """A checkpoint opened for reading single values, by names such as `model/w/.ATTRIBUTES/VARIABLE_VALUE`."""

    def __init__(self, archive: Archive) -> None:
        """Read what is in an archive."""
        self._archive = archive

    def has_tensor(self, name: str) -> bool:
        """Say whether the checkpoint has a value of this name."""
        return name == GRAPH or name in self._archive.shapes

    def get_tensor(self, name: str) -> Any:
        """Return a value as an array, or a NumPy scalar; NotFoundError if there is none of this name."""
        if name == GRAPH:
            return json.dumps(self._archive.graph).encode()
        if name not in self._archive.shapes:
            told = "tf.train.list_variables lists them"
            raise NotFoundError(None, None, f"Key {name} not found in checkpoint {self._archive.path}; {told}.")
        return self._archive.read([name])[name][()]

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """Return the shape of each value."""
        return {GRAPH: [], **{name: list(shape) for name, (_, shape) in self._archive.shapes.items()}}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """Return the dtype of each value; that of the description of the objects is left out."""
        return {name: as_dtype(dtype) for name, (dtype, _) in self._archive.shapes.items()}


def load_checkpoint(ckpt_dir_or_file: str | os.PathLike[str]) -> Reader:
    """Open a checkpoint, or the latest in a folder, for reading single values; ValueError for a folder without one.

    >>> import tempfile
    >>> path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tempfile.mkdtemp() + "/both")
    >>> tf.train.load_checkpoint(path).get_tensor("v/.ATTRIBUTES/VARIABLE_VALUE")
    array([1., 2.], dtype=float32)
    """
    path = os.fsdecode(ckpt_dir_or_file)
    if os.path.isdir(path):
        latest = latest_checkpoint(path)
        if latest is None:
            asked = f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}"
            raise ValueError(f"{asked}; give the path of a checkpoint.")
        path = latest
    return Reader(_opened(path))


def list_variables(ckpt_dir_or_file: str | os.PathLike[str]) -> list[tuple[str, list[int]]]:
    """List the names and shapes of the values in a checkpoint.

    >>> import tempfile
    >>> path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tempfile.mkdtemp() + "/both")
    >>> tf.train.list_variables(path)
    [('_CHECKPOINTABLE_OBJECT_GRAPH', []), ('v/.ATTRIBUTES/VARIABLE_VALUE', [2])]
    """
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def load_variable(ckpt_dir_or_file: str | os.PathLike[str], name: str) -> Any:
    """Return one value in a checkpoint; NotFoundError if there is none of this name.

    >>> import tempfile
    >>> path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tempfile.mkdtemp() + "/both")
    >>> tf.train.load_variable(path, "v/.ATTRIBUTES/VARIABLE_VALUE")
    array([1., 2.], dtype=float32)
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name)
