"""plot_model: a model as a picture, in a notebook and in a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import minitf as tf
from minitf.saving.archive import replacing

if TYPE_CHECKING:
    from minitf.plot import Summary

__all__ = ["plot_model"]


def plot_model(
    model: Any, to_file: Any = "model.png", show_shapes: bool = False, show_dtype: bool = False,
    show_layer_names: bool = False, rankdir: str = "TB", expand_nested: bool = False, dpi: int = 200,
    show_layer_activations: bool = False, show_trainable: bool = False, splines: str = "ortho", **kwargs: Any,
) -> Summary:  # fmt: skip
    """Draw a model, write the picture to a PNG file, and return it; `to_file=None` writes nothing.

    It is drawn by `tf.plot.model`, which says what the settings show; neither graphviz nor pydot is needed, and
    `splines`, which is theirs, changes nothing. A file that was there stays as it was until the new one is complete.
    ValueError for a model that is not built, for other keywords, and for other kinds of files.
    """
    if kwargs.pop("layer_range", None) is not None:
        raise ValueError("Argument `layer_range` is no longer supported.")
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments: {kwargs}")
    extension = os.path.splitext(os.fspath(to_file or ""))[1]
    if extension not in ("", ".png"):
        raise ValueError(f"plot_model writes PNG files, got to_file={str(to_file)!r}; let the name end in .png.")
    drawn: Summary = tf.plot.model(
        model, show_shapes=show_shapes, show_dtype=show_dtype, show_layer_names=show_layer_names, rankdir=rankdir,
        expand_nested=expand_nested, show_layer_activations=show_layer_activations, show_trainable=show_trainable,
    )  # fmt: skip
    if to_file:
        picture = drawn.png(dpi)
        with replacing(to_file) as file:
            file.write(picture)
    return drawn
