"""Files of Keras: `.keras`, a model with its state, and `.weights.h5`, the state alone.

A `.keras` file is a zip file of `config.json`, `metadata.json` and `model.weights.h5`. Files are written whole or not
at all (see `minitf.saving.archive`), and read as what strangers wrote: they cannot run code, unless told so.
"""

from __future__ import annotations

import datetime
import json
import os
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

from minitf.keras import __version__, registry
from minitf.keras.saving import checkpoints, folder, legacy
from minitf.keras.saving.h5 import Group, reading, writing
from minitf.keras.saving.walk import load_state, save_state
from minitf.saving.archive import replacing

__all__ = ["load_model", "load_weights", "save_model", "save_weights"]

_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_H5 = (".h5", ".hdf5")
_PROGRAM = 3  # where warnings point to: beyond save_model and model.save
_BIG, _EXPANSION = 1 << 32, 100  # bytes; how often more than is stored
Path = str | os.PathLike[str]


# --- models -----------------------------------------------------------------------------------------------------------


def save_model(model: Any, filepath: Path, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
    """Save a model, its weights, how it was compiled, and the state of its optimizer.

    `filepath` ends in `.keras`, or in `.h5` for the older format. Without an ending it is a folder with a saved model,
    as TensorFlow 2 wrote it, and there is a warning, since Keras 3 refuses. `overwrite=False` asks before it replaces
    a file.
    """
    path = os.fsdecode(filepath)
    include_optimizer, save_format = kwargs.pop("include_optimizer", True), kwargs.pop("save_format", None)
    for older in ("signatures", "options", "save_traces"):
        kwargs.pop(older, None)
    if kwargs:
        raise ValueError(f"The following argument(s) are not supported: {list(kwargs)}.")
    if zipped is False:
        raise ValueError(f"`zipped=False` is not supported: {path}; models are saved as `.keras` files.")
    if not _may_write(path, overwrite):
        return
    in_file = path.endswith((".keras", *_H5)) or save_format == "h5"
    if not model.built and in_file:
        do = "Consider building the model first by calling it on some data"
        warnings.warn(
            f"You are saving a model that has not yet been built. It might not contain any weights yet. {do}.",
            stacklevel=_PROGRAM,
        )
    if path.endswith(".keras"):
        with replacing(path) as file:
            _write_model(model, file)
    elif in_file:
        legacy.save_model(model, path, include_optimizer)
    else:
        asked = "Invalid filepath extension for saving. Please add either a `.keras` extension for the native Keras"
        instead = "Use `model.export(filepath)` if you want to export a SavedModel"
        warnings.warn(
            f"{asked} format (recommended) or a `.h5` extension. {instead}. Keras 3 raises a ValueError here; minitf"
            f" saves as TensorFlow 2.8 did, in the folder filepath={path}.", stacklevel=_PROGRAM,
        )  # fmt: skip
        folder.save_model(model, path)


def _write_model(model: Any, file: Any) -> None:
    config = json.dumps(registry.serialize_whole(model))
    saved = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_METADATA, json.dumps({"keras_version": __version__, "date_saved": saved}))
        archive.writestr(_CONFIG, config)
        archive.writestr(_WEIGHTS, _weights(model))


def _weights(model: Any) -> bytes:
    with writing() as (file, content):
        save_state(model, lambda path, name: Group(file, path, name, write=True))
    return content.getvalue()


def load_model(
    filepath: Path, custom_objects: Mapping[str, Any] | None = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """Load what `save_model` or Keras saved: a model that predicts, and trains on, as the one that was saved.

    Classes and functions of your own must be registered or given in `custom_objects`. `compile=False` leaves out how it
    was compiled. `safe_mode=False` lets lambdas in the file run. ValueError for a file that is missing, damaged or of
    another format, TypeError for classes that nobody registered.
    """
    path = os.fsdecode(filepath)

    def make(config: dict[str, Any]) -> Any:
        with registry.sharing():
            compiled = {} if compile else {"compile_config": None}
            return registry.deserialize_keras_object({**config, **compiled}, custom_objects, safe_mode)

    if folder.is_model(path):
        return folder.load_model(path, make)
    if path.endswith(_H5):
        return legacy.load_model(path, custom_objects, compile, safe_mode)
    if not path.endswith(".keras"):
        asked = f"File format not supported: filepath={path}. Keras 3 only supports V3 `.keras` files, legacy H5 format"
        theirs = os.path.exists(os.path.join(path, "saved_model.pb"))
        do = "the SavedModel there is TensorFlow's, and only TensorFlow can read it" if theirs else "check the path"
        raise ValueError(f"{asked} files (`.h5` extension), and minitf the folders that its `model.save` wrote; {do}.")
    config, weights = _members(path, _CONFIG, _WEIGHTS)
    model = make(json.loads(config))
    with reading(weights) as file:
        load_state(model, lambda path: Group(file, path))
    return model


def _members(path: str, *names: str) -> list[bytes]:
    """Read files in a `.keras` file; ValueError if it is missing, damaged or no such file."""
    if not os.path.exists(path):
        asked = f"File not found: filepath={path}. Please ensure the file is an accessible `.keras` zip file"
        raise ValueError(f"{asked}; check the path.")
    try:
        with zipfile.ZipFile(path) as archive:
            return [_member(archive, name) for name in names]
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        asked = f"Unable to read filepath={path}: it is damaged, or not an accessible `.keras` zip file"
        raise ValueError(f"{asked} ({error}); take a copy of it, or save the model again.") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read a file in a zip file; BadZipFile if it is not there, or would fill the memory."""
    if name not in archive.namelist():
        raise zipfile.BadZipFile(f"there is no {name} in it")
    info = archive.getinfo(name)
    if info.file_size > max(_BIG, _EXPANSION * info.compress_size):
        raise zipfile.BadZipFile(f"{name} declares {info.file_size} bytes, but {info.compress_size} are stored")
    return archive.read(name)


# --- weights ----------------------------------------------------------------------------------------------------------


def save_weights(model: Any, filepath: Path, overwrite: bool = True, max_shard_size: Any = None, **kwargs: Any) -> None:
    """Save the weights of a model and the state of its optimizer in a `.weights.h5` file.

    At a path with another ending, or none, they are saved as TensorFlow 2 did, in an older `.h5` file or a checkpoint,
    and there is a warning, since Keras 3 refuses. ValueError for `.keras`, and for a model that is not built.
    `overwrite=False` asks before it replaces a file.
    """
    path = os.fsdecode(filepath)
    asked = f"The filename must end in `.weights.h5`. Received: filepath={path}"
    if path.endswith(".keras"):
        raise ValueError(f"{asked}; model.save writes whole models.")
    if max_shard_size is not None or kwargs:
        raise ValueError(f"Weights are saved in one file here, without {['max_shard_size', *kwargs]}; leave it out.")
    _must_be_built(model, "saving a model")
    if not _may_write(path, overwrite):
        return
    if not path.endswith(".weights.h5"):
        kind, save = ("file", legacy.save_weights) if path.endswith(_H5) else ("checkpoint", checkpoints.save_weights)
        told = (
            f"{asked}. Keras 3 raises a ValueError here; minitf saves as TensorFlow 2.8 did, in a {kind} of that name."
        )
        warnings.warn(told, stacklevel=_PROGRAM)
        save(model, path)
        return
    content = _weights(model)
    with replacing(path) as file:
        file.write(content)


def load_weights(model: Any, filepath: Path, skip_mismatch: bool = False, **kwargs: Any) -> Any:
    """Load weights, and the optimizer's state, from a `.weights.h5`, a `.keras`, an older `.h5` file or a checkpoint.

    A checkpoint may be loaded before the weights are made; what is returned for it can assert that all fitted.

    With `skip_mismatch` what does not fit is left as it is, with a warning. ValueError for what does not fit, for a
    model that is not built, or another ending; FileNotFoundError without a file, OSError for a damaged one.
    """
    path = os.fsdecode(filepath)
    by_name = kwargs.pop("by_name", None)
    if kwargs:
        raise ValueError(f"Invalid keyword arguments: {kwargs}.")
    if not path.endswith((".keras", *_H5)):
        if checkpoints.is_checkpoint(path):
            return checkpoints.load_weights(model, path)
        asked = f"File format not supported: filepath={path}. Keras 3 only supports V3 `.keras` files, `.weights.h5`"
        raise ValueError(f"{asked} files, and legacy H5 format files (`.h5` extension).")
    if by_name is not None and path.endswith((".keras", ".weights.h5")):
        raise ValueError(f"`by_name` only supports loading legacy '.h5' or '.hdf5' files. Received: {path}.")
    source: str | bytes = path
    if path.endswith(".keras"):
        (source,) = _members(path, _WEIGHTS)
    elif not path.endswith(".weights.h5"):
        return legacy.load_weights(model, path, skip_mismatch, bool(by_name))
    _must_be_built(model, "loading weights into a model")
    with reading(source) as file:
        load_state(model, lambda path: Group(file, path), skip_mismatch)
    return None


def _must_be_built(model: Any, what: str) -> None:
    if not model.built:
        do = "Try building the model first by calling it on some data or by using `build()`"
        raise ValueError(f"You are {what} that has not yet been built. {do}.")


# --- what both do -----------------------------------------------------------------------------------------------------


def _may_write(path: str, overwrite: bool) -> bool:
    """Ask whether a file may be replaced, if there is one; EOFError if there is nobody to ask."""
    if overwrite or not os.path.exists(path):
        return True
    question = f"[WARNING] {path} already exists - overwrite? [y/n]"
    try:
        answer = input(question).strip().lower()
        while answer not in ("y", "n"):
            answer = input('Enter "y" (overwrite) or "n" (cancel).').strip().lower()
    except EOFError:
        raise EOFError(f"{question} Nobody is there to answer; pass overwrite=True, or another path.") from None
    return answer == "y"
