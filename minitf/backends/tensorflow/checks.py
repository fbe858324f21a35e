"""What values kernels allow, such as indices inside of an array: XLA asks nobody, so that a program has to.

A program collects what must hold, and gives all of it together as one more result. Whoever runs it looks at that on the
host, which costs next to nothing on a CPU; on other devices it would wait for them, and TensorFlow does not ask there.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from minitf.backends.tensorflow.arrays import Array, symbolic
from minitf.backends.tensorflow.linalg import slogdet

__all__ = ["CHECKED", "all_hold", "also", "asked", "collected", "must_hold", "on_cpus"]

Check = Callable[..., Any]  # of arrays and attributes as the kernel of that name takes them


def _inside(indices: Array, size: int) -> Any:
    return (indices.tensor >= 0) & (indices.tensor < size)


def _rows(indices: Array, shape: Sequence[int]) -> Any:
    depth = indices.shape[-1]
    return (indices.tensor >= 0) & (indices.tensor < tf.constant(shape[:depth], indices.tensor.dtype))


def _whole(x: Array) -> bool:
    return np.dtype(x.dtype).kind in "iu"


def _divisor(x: Array, y: Array) -> Any:
    return y.tensor != 0 if _whole(y) and x.size else None


def _picked(x: Array, index: Array, *, axis: int) -> Any:
    return (index.tensor >= -x.shape[axis]) & (index.tensor < x.shape[axis])


def _some_between(state: Array, *bounds: Array, shape: tuple[int, ...], dtype: Any) -> Any:
    return bounds[0].tensor < bounds[1].tensor if bounds and 0 not in shape else None


def _scattered(x: Array, indices: Array, updates: Array, *, how: str) -> Any:
    inside = tf.reduce_all(_inside(indices, x.shape[0]))
    return inside & tf.reduce_all(updates.tensor != 0) if how == "div" and _whole(x) else inside


def _regular(a: Array, *_: Array, adjoint: bool) -> Any:
    if any(a.tensor is known for known in _thread.regular):
        return None  # a gradient solves with the matrix again
    _thread.regular.append(a.tensor)
    _, logarithms = slogdet(a)
    return logarithms.tensor > -np.inf


_SCATTERED: Check = lambda x, indices, updates: _rows(indices, x.shape)  # noqa: E731
CHECKED: dict[str, Check] = {
    "floordiv": _divisor, "floormod": _divisor, "pow": lambda x, y: y.tensor >= 0 if _whole(y) else None,
    "gather": lambda x, indices, *, axis: _inside(indices, x.shape[axis]), "pick": _picked,
    "gather_nd": lambda x, indices: _rows(indices, x.shape),
    "scatter_nd": lambda indices, updates, *, shape: _rows(indices, shape), "scatter_rows": _scattered,
    "draw_integers": _some_between, "inv": _regular, "solve": _regular,
    "sparse_cross_entropy": lambda labels, logits, log_p: _inside(labels, log_p.shape[-1]),
    **{f"tensor_scatter_{how}": _SCATTERED for how in ("add", "sub", "max", "min", "update")},
}  # fmt: skip


class _Collecting(threading.local):
    found: list[Any] | None = None

    def __init__(self) -> None:
        self.regular: list[Any] = []  # matrices among what was found: they must have inverses


_thread = _Collecting()


@contextlib.contextmanager
def collected(wanted: bool = True) -> Iterator[list[Any]]:
    """Collect what must hold of the values that this block computes, or ask nothing."""
    found: list[Any] = []
    before = _thread.found, _thread.regular
    _thread.found, _thread.regular = found if wanted else None, []
    try:
        yield found
    finally:
        _thread.found, _thread.regular = before


def asked() -> bool:
    """Say whether anybody collects."""
    return _thread.found is not None


def must_hold(name: str, arrays: Sequence[Array], attributes: dict[str, Any]) -> None:
    """Take note of what must hold of the values that a kernel gets."""
    check = CHECKED.get(name)
    if check is not None and _thread.found is not None and symbolic(*arrays):
        holds = check(*arrays, **attributes)
        if holds is not None:
            _thread.found.append(tf.reduce_all(holds))


def all_hold(found: Sequence[Any]) -> Any:
    """Return whether all of it holds, as a tensor."""
    return tf.reduce_all(tf.stack(found)) if found else tf.constant(True)


def also(holds: Any) -> None:
    """Take note of one more thing that must hold."""
    assert _thread.found is not None
    _thread.found.append(holds)


def on_cpus() -> bool:
    """Say whether there are no other devices."""
    return all(device.device_type == "CPU" for device in tf.config.list_logical_devices())
