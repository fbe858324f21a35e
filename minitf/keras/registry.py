"""Which classes and functions have which names in configs, so that objects can be described as JSON and made again.

`keras.saving` gives these names to users. Each kind of object, such as losses, registers what it has (see `kinds`). A
config can make nothing but what is registered here, by Keras's names or by users: no module is imported for it.
"""

from __future__ import annotations

import difflib
import textwrap
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import numpy as np

import minitf as tf
from minitf import Tensor
from minitf.keras import code

__all__ = [
    "CustomObjectScope", "custom_object_scope", "deserialize_keras_object", "enable_unsafe_deserialization", "export",
    "get_custom_objects", "get_registered_name", "get_registered_object", "nearest", "ours",
    "public_module", "refuse_lambda", "register_keras_serializable", "safe_mode", "serialize_keras_object",
    "serialize_whole", "sharing",
]  # fmt: skip

_Thing = TypeVar("_Thing", bound=Callable[..., Any])
_modules: dict[Any, str] = {}  # the public module of each class and function of ours: Dense -> "keras.layers"
_ours: dict[tuple[str, str], Any] = {}  # ("keras.layers", "Dense") -> Dense
_custom: dict[str, Any] = {}  # "package>Name" -> a user's class or function
_names: dict[Any, str] = {}  # and the other way round
_FUNCTIONS_IN = ("activations", "losses", "metrics", "regularizers", "initializers", "constraints")


class _Here(threading.local):
    """What holds for the configs that this thread reads and writes."""

    def __init__(self) -> None:
        self.scopes: list[Mapping[str, Any]] = []  # what CustomObjectScope adds, the innermost last
        self.safe: bool | None = None  # None: as the caller has it
        self.written: dict[int, tuple[int, Any]] | None = None  # the objects of one file, with numbers, by their ids
        self.made: dict[int, Any] = {}  # and those that were made from one file


_here = _Here()


def export(module: str, *things: Any, **aliases: Any) -> None:
    """Let classes and functions of ours stand in a public module, such as `keras.losses`; configs name the first."""
    for thing in things:
        _modules.setdefault(thing, module)
        _ours[module, thing.__name__] = thing
    for name, thing in aliases.items():
        _ours.setdefault((module, name), thing)


def public_module(thing: Any) -> str | None:
    """Return the public module of a class or function; None for what is not ours."""
    return _modules.get(thing)


def ours(module: str, name: str) -> Any:
    """Return the class or function of ours in a public module; None if there is none."""
    return _ours.get((module, name))


def nearest(name: str, names: Mapping[str, Any]) -> str:
    """Return a hint with the known name that comes nearest, to end an error message with."""
    close = difflib.get_close_matches(name, names, n=1)
    return f". Did you mean {close[0]!r}?" if close else ""


# --- what users register ----------------------------------------------------------------------------------------------


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[_Thing], _Thing]:
    """Decorate a class or function, so that models with it can be loaded; ValueError for a class without get_config.

    >>> @tf.keras.utils.register_keras_serializable("garden")
    ... def thorny(x):
    ...     return x * x
    >>> tf.keras.utils.get_registered_name(thorny)
    'garden>thorny'
    """

    def register(thing: _Thing) -> _Thing:
        registered = f"{package}>{name or thing.__name__}"
        if isinstance(thing, type) and not hasattr(thing, "get_config"):
            asked = "Cannot register a class that does not have a get_config() method"
            raise ValueError(f"{asked}: {thing.__name__}; give it one that returns its arguments in a dictionary.")
        _custom[registered] = thing
        _names[thing] = registered
        return thing

    return register


def get_registered_name(obj: Any) -> str:
    """Return the name that a class or function was registered with, or its own."""
    found: str = _names.get(obj) or obj.__name__
    return found


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """Return the class or function of this name; None if nobody registered it."""
    for scope in (*reversed(_here.scopes), _custom, custom_objects or {}, module_objects or {}):
        if name in scope:
            return scope[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """Return the dictionary of what users registered, which may be changed."""
    return _custom


class CustomObjectScope:
    """Lets names stand for classes and functions inside a `with` block.

    >>> with tf.keras.utils.CustomObjectScope({"thorny": abs}):
    ...     tf.keras.utils.get_registered_object("thorny")
    <built-in function abs>
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        """Take the names, and what they stand for."""
        self.custom_objects = custom_objects or {}

    def __enter__(self) -> CustomObjectScope:
        """Let the names stand."""
        _here.scopes.append(self.custom_objects)
        return self

    def __exit__(self, *args: object) -> None:
        """Forget them."""
        _here.scopes.pop()


custom_object_scope = CustomObjectScope


# --- what holds while files are read and written ----------------------------------------------------------------------


def safe_mode() -> bool:
    """Say whether code in configs is refused here: yes, unless somebody said `safe_mode=False`."""
    return _here.safe is not False


def enable_unsafe_deserialization() -> None:
    """Let configs run the lambdas in them from now on; do it only if you trust whoever wrote your files."""
    _here.safe = False


@contextmanager
def _trusting(safe: bool | None) -> Iterator[None]:
    before, _here.safe = _here.safe, safe
    try:
        yield
    finally:
        _here.safe = before


@contextmanager
def sharing() -> Iterator[None]:
    """Let an object that stands in several places of one file be described, and made, as one object."""
    before = _here.written, _here.made
    _here.written, _here.made = {}, {}
    try:
        yield
    finally:
        _here.written, _here.made = before


# --- values that are no objects of Keras ------------------------------------------------------------------------------


class _Form(NamedTuple):
    """How a value is written in a config under a name of its own, and made from it again."""

    kind: Any
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _array(array: Any) -> dict[str, Any]:
    values = np.asarray(array)
    return {"value": values.tolist(), "dtype": values.dtype.name}


_ENDS = "start", "stop", "step"


def _ends(part: slice) -> dict[str, Any]:
    return {end: serialize_keras_object(getattr(part, end)) for end in _ENDS}


_forms = {
    "__tensor__": _Form(Tensor | tf.Variable, _array, lambda config: tf.constant(config["value"], config["dtype"])),
    "__numpy__": _Form(np.ndarray, _array, lambda config: np.array(config["value"], config["dtype"])),
    "__bytes__": _Form(bytes, lambda text: {"value": text.decode()}, lambda config: config["value"].encode()),
    "__ellipsis__": _Form(type(...), lambda _: {}, lambda _: ...),
    "__slice__": _Form(slice, _ends, lambda config: slice(*(deserialize_keras_object(config[end]) for end in _ENDS))),
}


# --- to configs -------------------------------------------------------------------------------------------------------


def serialize_keras_object(obj: Any) -> Any:
    """Describe an object by what JSON can hold: numbers, texts, lists, and dictionaries with module, name and config.

    TypeError for what has neither a get_config() nor a name.

    >>> serialize_keras_object({"shape": tf.TensorShape([None, 2]), "rate": np.float32(0.5)})
    {'shape': [None, 2], 'rate': 0.5}
    """
    if obj is None or isinstance(obj, str | bool | int | float):
        return obj
    if isinstance(obj, list | tuple):
        each = map(serialize_keras_object, obj)
        return tuple(each) if isinstance(obj, tuple) else list(each)
    if isinstance(obj, dict):
        return {name: serialize_keras_object(each) for name, each in obj.items()}
    if isinstance(obj, np.generic) or (isinstance(obj, np.ndarray) and obj.ndim == 0):
        return obj.item()
    if isinstance(obj, tf.DType):
        return obj.name
    if isinstance(obj, tf.TensorShape):
        return None if obj.rank is None else obj.as_list()
    if code.is_lambda(obj):
        code.warn_of_lambda(obj, 2)
        return {"class_name": "__lambda__", "config": {"value": code.dumped(obj)}}
    for name, form in _forms.items():
        if isinstance(obj, form.kind):
            return {"class_name": name, "config": form.write(obj)}
    if hasattr(obj, "get_config") and not isinstance(obj, type):
        return _described(obj)
    if callable(obj) and hasattr(obj, "__name__") and not isinstance(obj, type):
        named = {"config": get_registered_name(obj), "registered_name": "function"}
        return {"module": "builtins", "class_name": "function", **named}
    asked = f"Cannot serialize object {obj} of type {type(obj)}"
    raise TypeError(f"{asked}. To be serializable, a class must implement the `get_config()` method.")


def _described(obj: Any) -> dict[str, Any]:
    kind, inner = type(obj), obj.get_config()
    if not isinstance(inner, dict):
        raise TypeError(f"The `get_config()` method of {obj} should return a dict. It returned: {inner}")
    ours = public_module(kind)
    config = {
        "module": ours or (kind.__module__ if kind.__module__ != "__main__" else None),
        "class_name": kind.__name__,
        "config": serialize_keras_object(inner),
        "registered_name": None if ours and not _is_internal(ours) else get_registered_name(kind),
    }
    for part in ("build_config", "compile_config"):
        described = getattr(obj, f"get_{part}", lambda: None)()
        if described is not None:
            config[part] = serialize_keras_object(described)
    if _here.written is not None:
        config["shared_object_id"], _ = _here.written.setdefault(id(obj), (len(_here.written), obj))
    return config


def serialize_whole(obj: Any) -> Any:
    """Describe an object so that what stands in several places of it is made as one object again."""
    with sharing():
        config = serialize_keras_object(obj)
    counts = Counter(each["shared_object_id"] for each in _dictionaries(config) if "shared_object_id" in each)
    for each in _dictionaries(config):
        if counts.get(each.get("shared_object_id")) == 1:
            del each["shared_object_id"]
    return config


def _dictionaries(config: Any) -> Iterator[dict[str, Any]]:
    if isinstance(config, dict):
        yield config
    if isinstance(config, dict | list | tuple):
        for each in list(config.values() if isinstance(config, dict) else config):
            yield from _dictionaries(each)


def _is_internal(module: str) -> bool:
    """Say whether a module is one that Keras does not show, though its files name it."""
    return module.startswith("keras.src.")


# --- and back ---------------------------------------------------------------------------------------------------------


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """Make an object from its description.

    TypeError if its class or function is not registered here or given in `custom_objects`, ValueError for a lambda,
    which is code, unless `safe_mode=False`.

    >>> deserialize_keras_object({"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "int64"}})
    array([1, 2])
    """
    scope = CustomObjectScope({**(kwargs.get("module_objects") or {}), **(custom_objects or {})})
    with scope, _trusting(safe_mode if _here.safe is None else _here.safe):
        return _made(config)


def _made(config: Any) -> Any:
    if isinstance(config, str):
        found = get_registered_object(config)
        return config if found is None else found
    if config is None or isinstance(config, bool | int | float):
        return config
    if isinstance(config, list | tuple):
        return [_made(each) for each in config]
    if not isinstance(config, dict):
        raise _problem(f"Could not parse config: {config}")
    if "class_name" not in config or "config" not in config:
        return {name: _made(each) for name, each in config.items()}
    name, inner = config["class_name"], config["config"]
    if name == "__lambda__":
        refuse_lambda()
        return code.loaded(inner["value"])
    if name in _forms:
        return _forms[name].read(inner)
    inner = {} if inner is None else inner
    if name == "function" and isinstance(inner, str):
        return _found(config, inner)
    if name == "function" or not isinstance(inner, dict):
        wanted = "non-null str" if name == "function" else "dict"
        raise _problem(f"Expected 'config' to be a {wanted} for {name}, instead got {type(inner)}", config)
    return _instance(config, inner)


def refuse_lambda(what: str = "a Python lambda") -> None:
    """Raise the ValueError for code in a file, unless somebody said that it may run."""
    if safe_mode():
        asked = f"Requested the deserialization of {what}. This carries a potential risk of arbitrary code execution"
        do = "if you trust whoever wrote the file, pass `safe_mode=False` to the loading function"
        raise ValueError(
            f"{asked} and thus it is disallowed by default; {do}, or call"
            " `keras.config.enable_unsafe_deserialization()`."
        )


def _instance(config: dict[str, Any], inner: dict[str, Any]) -> Any:
    number = config.get("shared_object_id")
    if number in _here.made:
        return _here.made[number]
    kind = _found(config, config["class_name"])
    if not isinstance(kind, type) and callable(kind) and not hasattr(kind, "from_config"):
        return kind
    if not hasattr(kind, "from_config"):
        asked = f"Unable to reconstruct an instance of '{config['class_name']}' because the class is missing a"
        raise _problem(f"{asked} `from_config()` method", config)
    try:
        instance = kind.from_config(dict(inner))
    except TypeError as error:
        if hasattr(error, "told"):
            raise
        asked = f"{kind} could not be deserialized properly: {error}"
        do = (
            "its `from_config()` must take what its `get_config()` returns, and make the objects that are configs there"
        )
        raise _problem(f"{asked}; {do}", config) from error
    if config.get("build_config") and not instance.built:
        instance.build_from_config(config["build_config"])
        instance.built = True
    if config.get("compile_config"):
        instance.compile_from_config(config["compile_config"])
    if number is not None and _here.written is not None:
        _here.made[number] = instance
    return instance


def _found(config: dict[str, Any], name: str) -> Any:
    """Look for a class or function: first among what users registered, then among ours."""
    is_function = config["class_name"] == "function"
    module = config.get("module") or ""
    registered = name if is_function else config.get("registered_name", name)
    found = get_registered_object(registered) if registered else None
    if found is None and is_function and module == "builtins":
        places = [_ours.get((f"keras.{place}", name)) for place in _FUNCTIONS_IN]
        by_package = [thing for known, thing in _custom.items() if known.endswith(f">{name}")]  # Keras 3.6 wrote so
        found = next((thing for thing in places + by_package if thing is not None), None)
    elif found is None:
        found = _ours.get((module, name))
        if found is None and _is_internal(module):  # keras.src.layers.core.dense
            places = [_ours.get((place, name)) for place in (f"keras.{module.split('.')[2]}", "keras", "keras.models")]
            found = next((thing for thing in places if thing is not None), None)
    if found is None:
        what = "function" if is_function else "class"
        asked = f"Could not locate {what} {name!r}. Make sure custom classes and functions are decorated with"
        asked += " `@keras.saving.register_keras_serializable()` and imported before, or pass custom_objects={...}"
        if module.split(".")[0] == "keras":
            asked = f"Could not locate {what} {name!r}: minitf does not have {module}.{name}, which Keras may have"
        raise _problem(asked, config)
    return found


def _problem(message: str, config: Any = None) -> TypeError:
    """Make the error for a config that makes no object; what it stands in adds nothing to it."""
    error = TypeError(
        message if config is None else f"{message}. Full object config: {textwrap.shorten(str(config), 400)}"
    )
    error.told = True  # type: ignore[attr-defined]
    return error
