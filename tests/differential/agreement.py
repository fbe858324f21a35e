"""What it means that minitf and TensorFlow agree: on a result, an error or gradients. Knows no names and no inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

RTOL = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-12}
ATOL = {"float16": 1e-3, "float32": 1e-6, "float64": 1e-12}


def errors_of(tf: Any) -> tuple[type[Exception], ...]:
    """Return the classes of errors that are outcomes; any other is a failure of the test."""
    return ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, tf.errors.OpError


def leaves(result: Any) -> Iterator[Any]:
    """Yield the parts of a result that is a structure, in order."""
    if isinstance(result, dict):
        for key in sorted(result):
            yield from leaves(result[key])
    elif isinstance(result, list | tuple):
        for part in result:
            yield from leaves(part)
    else:
        yield result


def is_tensor(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "shape") and hasattr(value, "numpy")


def is_float(value: Any) -> bool:
    return is_tensor(value) and value.dtype.is_floating


def assert_alike(ours: Any, theirs: Any, drawn: bool = False) -> None:
    """Compare results: structures part by part, tensors by value and text, all else by text.

    Of tensors `drawn` at random, only dtypes and shapes are compared.
    """
    if isinstance(theirs, Exception):
        assert_same_error(ours, theirs)
        return
    assert not isinstance(ours, Exception), f"we raise {ours!r}, TensorFlow gives {theirs!r}"
    if isinstance(theirs, list | tuple | dict):
        assert type(ours).__name__ == type(theirs).__name__
        assert len(ours) == len(theirs)
        if isinstance(theirs, dict):
            assert list(ours) == list(theirs)
        for mine, its in zip(leaves(ours), leaves(theirs), strict=True):
            assert_alike(mine, its, drawn)
    elif isinstance(theirs, np.ndarray):
        assert (type(ours), ours.dtype) == (np.ndarray, theirs.dtype)
        np.testing.assert_allclose(ours, theirs, RTOL.get(theirs.dtype.name, 1e-12), ATOL.get(theirs.dtype.name, 0))
    elif not is_tensor(theirs):
        assert repr(ours) == repr(theirs)
    elif drawn:
        assert (ours.dtype.name, ours.shape.as_list()) == (theirs.dtype.name, theirs.shape.as_list())
    else:
        assert_close(ours, theirs)
        if ours.numpy().tobytes() == theirs.numpy().tobytes():
            assert (repr(ours), str(ours)) == (repr(theirs), str(theirs))


def assert_same_error(ours: Any, theirs: Exception) -> None:
    assert isinstance(ours, Exception), f"TensorFlow raises {theirs!r}, we give {ours!r}"
    if str(theirs).startswith("Tensor conversion requested dtype"):
        # TensorFlow has two classes for a tensor of the wrong dtype: ValueError when a Python list stands beside
        # it, else InvalidArgumentError. Ours is always the second when an op is called.
        assert type(ours).__name__ in ("ValueError", "InvalidArgumentError")
    else:
        assert type(ours).__name__ == type(theirs).__name__, f"TensorFlow raises {theirs!r}, we {ours!r}"


def assert_close(ours: Any, theirs: Any, slack: float = 1.0, most: float = np.inf) -> None:
    """Compare dtypes, shapes and values; `slack` widens the tolerances, and what is above `most` counts as that."""
    assert ours.dtype.name == theirs.dtype.name
    assert ours.shape.as_list() == theirs.shape.as_list()
    name = theirs.dtype.name
    mine, its = (
        tensor.numpy() if most == np.inf else np.clip(tensor.numpy(), -most, most) for tensor in (ours, theirs)
    )
    np.testing.assert_allclose(mine, its, slack * RTOL.get(name, 0), slack * ATOL.get(name, 0))


def assert_gradients_alike(ours: Any, theirs: Any, slack: float, none_is_zero: bool = False) -> None:
    """Compare lists of gradients (or errors) and where they are None, if not `none_is_zero`."""
    if isinstance(theirs, Exception):
        assert_same_error(ours, theirs)
        return
    assert not isinstance(ours, Exception), f"we raise {ours!r}, TensorFlow gives {theirs!r}"
    for mine, its in zip(ours, theirs, strict=True):
        if mine is not None and its is not None:
            # Whether a product overflows in half precision depends on the order of its factors.
            assert_close(mine, its, slack, most=1e4 if its.dtype.name == "float16" else np.inf)
        elif none_is_zero:
            assert not any(np.any(g.numpy()) for g in (mine, its) if g is not None)
        else:
            assert (mine is None) == (its is None), f"TensorFlow's gradient is {its!r}, ours {mine!r}"


def pseudo_random(tf: Any, tensor: Any, seed: int) -> Any:
    """Return numbers between -1 and 1 in the shape and dtype of a tensor, the same on both sides."""
    shape: Sequence[int] = tensor.shape.as_list()
    numbers = np.cos(np.arange(1.0, np.prod(shape, dtype=int) + 1) * (1.0 + seed) + seed)
    return tf.constant(numbers.reshape(shape).astype(tensor.dtype.name))
