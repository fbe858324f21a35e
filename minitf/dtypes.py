"""The dtypes, and the one place for TensorFlow's rules of how Python and NumPy values become arrays.

It works on raw arrays: ops and tensors ask it, and it knows neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minitf.errors import explain

__all__ = [
    "DType", "as_dtype", "bool", "double", "float16", "float32", "float64",
    "half", "int8", "int16", "int32", "int64", "uint8",
]  # fmt: skip

Array = NDArray[Any]


class DType:
    """The type of a tensor's elements, such as `tf.float32`; equal to its NumPy type and to its name.

    >>> print(float32)
    <dtype: 'float32'>
    >>> float32, float32 == np.float32, float32 == "float32"
    (tf.float32, True, True)
    """

    __slots__ = ("as_numpy_dtype", "kind", "name", "native", "numpy")

    def __init__(self, name: str, as_numpy_dtype: type[np.generic] | None, native: str) -> None:
        """Name a dtype; `native` is the word in TensorFlow's error messages (`float`, `double`, `half`).

        Without a NumPy type it waits for a backend that brings one.
        """
        self.name = name
        self.native = native
        self.kind = "f" if as_numpy_dtype is None else np.dtype(as_numpy_dtype).kind  # NumPy says "V" of bfloat16
        if as_numpy_dtype is not None:
            self.as_numpy_dtype = as_numpy_dtype
            self.numpy: np.dtype[Any] = np.dtype(as_numpy_dtype)

    def __getattr__(self, name: str) -> Any:
        """Refuse to compute where no array can have this dtype; only what is not set is looked for here."""
        if name in ("as_numpy_dtype", "numpy"):
            raise TypeError(_NOT_HERE.format(self))
        raise AttributeError(f"'DType' object has no attribute {name!r}", name=name, obj=self)

    @property
    def is_floating(self) -> builtins_bool:
        """Say whether this is a floating-point dtype."""
        return self.kind == "f"

    @property
    def is_integer(self) -> builtins_bool:
        """Say whether this is an integer dtype; bool is not."""
        return self.kind in "iu"

    @property
    def is_bool(self) -> builtins_bool:
        """Say whether this is bool."""
        return self.kind == "b"

    @property
    def size(self) -> int:
        """Bytes of one element."""
        return self.numpy.itemsize

    @property
    def min(self) -> Any:
        """Smallest finite value; TypeError for bool."""
        return self.limits.min

    @property
    def max(self) -> Any:
        """Largest finite value; TypeError for bool.

        >>> int8.max
        127
        """
        return self.limits.max

    @property
    def limits(self) -> Any:
        """What `np.finfo` or `np.iinfo` says, which do not know all dtypes; TypeError for bool."""
        if self.is_bool:
            raise TypeError("tf.bool has no smallest or largest value; ask a number dtype such as tf.int32.")
        if self is BFLOAT16:
            values = {"min": -_LARGEST, "max": _LARGEST, "eps": 2.0**-7, "tiny": 2.0**-126}
            return SimpleNamespace(**{name: self.as_numpy_dtype(value) for name, value in values.items()})
        return np.finfo(self.numpy) if self.is_floating else np.iinfo(self.numpy)

    def __eq__(self, other: object) -> builtins_bool:
        """Compare with a dtype, a NumPy type or a name; anything else is unequal."""
        return self is other or (type(other) is not DType and _find(other) is self)

    __hash__ = object.__hash__

    def __reduce__(self) -> tuple[object, ...]:
        """Copy and pickle by name, because there is one object for each dtype."""
        return as_dtype, (self.name,)

    def __repr__(self) -> str:
        """Print as in code: `tf.float32`."""
        return f"tf.{self.name}"

    def __str__(self) -> str:
        """Print as TensorFlow does: `<dtype: 'float32'>`."""
        return f"<dtype: '{self.name}'>"


builtins_bool = bool
_LARGEST = float.fromhex("0x1.fep127")  # of bfloat16, which has 8 bits for the exponent and 7 for the fraction
_NOT_HERE = (
    "NumPy has no {0!r}, so choose the backend that has it before minitf is imported: MINITF_BACKEND=tensorflow."
)
BFLOAT16 = DType("bfloat16", None, "bfloat16")  # `bfloat16` is its public name, where the backend has it
float16 = half = DType("float16", np.float16, "half")
float32 = DType("float32", np.float32, "float")
float64 = double = DType("float64", np.float64, "double")
int8 = DType("int8", np.int8, "int8")
int16 = DType("int16", np.int16, "int16")
int32 = DType("int32", np.int32, "int32")
int64 = DType("int64", np.int64, "int64")
uint8 = DType("uint8", np.uint8, "uint8")
bool = DType("bool", np.bool_, "bool")

FLOATS = (float16, BFLOAT16, float32, float64)
SIGNED = (*FLOATS, int8, int16, int32, int64)
NUMBERS = (*SIGNED, uint8)
ALL = (*NUMBERS, bool)

OF_NUMPY: dict[np.dtype[Any], DType] = {dtype.numpy: dtype for dtype in ALL if dtype is not BFLOAT16}
_BY_NAME: dict[str, DType] = {dtype.name: dtype for dtype in ALL} | {
    "half": float16,
    "float": float32,
    "double": float64,
}


def bring_bfloat16(as_numpy_dtype: type[np.generic] | None) -> None:
    """Take the NumPy type of bfloat16 from a backend; None if it has none."""
    for known in [known for known, dtype in OF_NUMPY.items() if dtype is BFLOAT16]:
        del OF_NUMPY[known], BFLOAT16.numpy, BFLOAT16.as_numpy_dtype
    if as_numpy_dtype is not None:
        BFLOAT16.as_numpy_dtype, BFLOAT16.numpy = as_numpy_dtype, np.dtype(as_numpy_dtype)
        OF_NUMPY[BFLOAT16.numpy] = BFLOAT16


def here(dtypes: Sequence[DType]) -> list[DType]:
    """Leave out what the backend has no arrays of."""
    return [dtype for dtype in dtypes if dtype in OF_NUMPY.values()]


def __getattr__(name: str) -> Any:
    """Give `bfloat16` where there is one; AttributeError elsewhere."""
    if name != "bfloat16":
        raise AttributeError(f"module 'minitf.dtypes' has no attribute {name!r}", name=name)
    if not here([BFLOAT16]):
        raise AttributeError(_NOT_HERE.format(BFLOAT16), name=name)
    return BFLOAT16


def _find(value: object) -> DType | None:
    if type(value) is DType:
        return value
    if isinstance(value, str):
        return _BY_NAME.get(value)
    if value is float:
        return float32
    if value is builtins_bool:
        return bool
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return OF_NUMPY.get(np.dtype(value))
    return None


def as_dtype(type_value: object) -> DType:
    """Find the dtype for a name, a NumPy type, `float` or `bool`; TypeError for anything else.

    >>> as_dtype("double"), as_dtype(np.int64), as_dtype(float)
    (tf.float64, tf.int64, tf.float32)
    """
    if type(type_value) is DType:
        return type_value
    found = _find(type_value)
    if found is None:
        raise TypeError(
            explain(
                f"Cannot convert the argument `type_value`: {type_value!r} to a TensorFlow DType.",
                got=repr(type_value),
                expected="one of " + ", ".join(repr(dtype) for dtype in here(ALL)),
                do="write the dtype in full, for example tf.int32 or tf.float32",
            )
        )
    return found


# --- from values to arrays -------------------------------------------------------------------------------------------

_NESTED = (list, tuple, range)
# Short cut for Python numbers: by wanted dtype and kind, the NumPy type, and up to where the number surely fits.
_PLAIN: dict[DType | None, dict[type, tuple[np.dtype[Any], float]]] = {
    None: {float: (float32.numpy, 3.4e38), int: (int32.numpy, 2**31 - 1), builtins_bool: (bool.numpy, 1)},
    float32: {float: (float32.numpy, 3.4e38), int: (float32.numpy, 2**63 - 1)},
    float64: {float: (float64.numpy, 1e308), int: (float64.numpy, 2**63 - 1)},
    int32: {int: (int32.numpy, 2**31 - 1)},
    int64: {int: (int64.numpy, 2**63 - 1)},
    bool: {builtins_bool: (bool.numpy, 1)},
}
_NONE: dict[type, tuple[np.dtype[Any], float]] = {}


def array_of(value: object, dtype: DType | None = None) -> Array:
    """Make a new array from a number, a nested sequence or a NumPy array, by TensorFlow's rules.

    Without `dtype`: Python floats are float32, ints int32 (int64 if too large); a NumPy array keeps its own.
    With `dtype`: NumPy arrays are cast; Python values convert only upwards (bool, int, float), else TypeError.
    ValueError for ragged or mixed sequences and for objects that are no numbers.

    >>> array_of([1, 2.5]).dtype, array_of(3).dtype, array_of(np.array([1.0])).dtype
    (dtype('float32'), dtype('int32'), dtype('float64'))
    """
    if (plain := _PLAIN.get(dtype, _NONE).get(type(value))) and -plain[1] <= value <= plain[1]:  # type: ignore[operator]
        return np.array(value, plain[0])
    if type(value) is list and len(types := set(map(type, value))) == 1:
        plain = _PLAIN.get(dtype, _NONE).get(types.pop())
        if plain and -plain[1] <= min(value) and max(value) <= plain[1]:
            return np.array(value, plain[0])
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_numpy(value, dtype)
    leaves, shape = _flatten(value)
    kinds = {_kind(leaf) for leaf in leaves}
    if dtype is None:
        array = _natural(leaves, kinds)
    else:
        _check_fit(value, leaves, kinds, dtype)
        array = _filled(leaves, dtype)
    return array.reshape(shape)


def _from_numpy(value: np.ndarray[Any, Any] | np.generic, dtype: DType | None) -> Array:
    native = value.dtype.newbyteorder("=")
    if native not in OF_NUMPY:
        raise ValueError(
            explain(
                f"Failed to convert a NumPy array to a Tensor (Unsupported object type {value.dtype}).",
                got=f"a NumPy array of dtype {value.dtype}",
                expected="one of the dtypes " + ", ".join(known.name for known in here(ALL)),
                do="convert it first, for example array.astype(np.float32)",
            )
        )
    with np.errstate(all="ignore"):  # TensorFlow's casts are silent about overflow and nan
        return np.array(value, dtype=native if dtype is None else dtype.numpy)


def _flatten(value: object) -> tuple[list[object], list[int]]:
    """Return the leaves of a nested sequence in order, and its shape."""
    shape: list[int] = []
    level: list[Any] = [value]
    while level and _is_nested(level[0]):
        length = len(level[0])
        if not all(_is_nested(item) and len(item) == length for item in level):
            raise ValueError(_ragged(value))
        shape.append(length)
        level = [leaf for item in level for leaf in item]
    if any(_is_nested(leaf) for leaf in level):
        raise ValueError(_ragged(value))
    return [leaf[()] if isinstance(leaf, np.ndarray) else leaf for leaf in level], shape


def _is_nested(item: object) -> builtins_bool:
    return isinstance(item, _NESTED) or (isinstance(item, np.ndarray) and item.ndim > 0)


def _ragged(value: object) -> str:
    return explain(
        "Can't convert non-rectangular Python sequence to Tensor.",
        got=repr(value),
        expected="nested sequences of equal length at each level",
        do="give every row the same number of entries",
    )


def _kind(leaf: object) -> str:
    """Classify a leaf as `b`ool, `i`nteger or `f`loat; empty for anything else."""
    if isinstance(leaf, (builtins_bool, np.bool_)):
        return "b"
    if isinstance(leaf, (int, np.integer)):
        return "i"
    if isinstance(leaf, (float, np.floating)):
        return "f"
    return ""


def _natural(leaves: Sequence[object], kinds: set[str]) -> Array:
    """Make the flat array of leaves for which nobody named a dtype; the first leaf leads."""
    if not leaves:
        return np.zeros(0, np.float32)
    first = leaves[0]
    if len(kinds) > 1 and ("" in kinds or _kind(first) == "b"):
        raise ValueError(
            explain(
                "Can't convert Python sequence with mixed types to Tensor.",
                got="a sequence of " + ", ".join(sorted({type(leaf).__name__ for leaf in leaves})),
                expected="all numbers, or all booleans",
                do="write booleans as 0 and 1 and leave out what is no number",
            )
        )
    if "" in kinds:
        raise _no_number(first, float32)
    if isinstance(first, (np.float64, np.float16)):
        return _filled(leaves, as_dtype(type(first)))
    if "f" in kinds:
        return _within_float32(leaves)
    if kinds == {"b"}:
        return _filled(leaves, bool)
    return _smallest_integers(leaves)


def _within_float32(leaves: Sequence[object]) -> Array:
    wide, narrow = _filled(leaves, float64), _filled(leaves, float32)
    if (np.isinf(narrow) & np.isfinite(wide)).any():
        asked = "Can't convert Python sequence with a value out of range for a double-precision float."
        raise ValueError(_too_large(asked, "numbers up to 3.4e38, the range of float32"))
    return narrow


def _smallest_integers(leaves: Sequence[object]) -> Array:
    wide = _filled(leaves, int64)
    limits = np.iinfo(np.int32)
    return wide if ((wide < limits.min) | (wide > limits.max)).any() else wide.astype(np.int32)


def _filled(leaves: Sequence[object], dtype: DType) -> Array:
    """Put leaves that fit into a flat array; integers wrap around, floats become inf, as TensorFlow's casts do."""
    if not dtype.is_integer:
        with np.errstate(over="ignore"):
            return np.array(leaves, dtype=dtype.numpy)
    try:
        return np.array(leaves, dtype=np.int64).astype(dtype.numpy)
    except OverflowError as error:
        asked = "Can't convert Python sequence with out-of-range integer to Tensor."
        raise ValueError(_too_large(asked, "integers that fit 64 bits")) from error


def _too_large(asked: str, expected: str) -> str:
    return explain(asked, got="a larger number", expected=expected, do="ask for a wider dtype, for example tf.float64")


def _check_fit(value: object, leaves: Sequence[object], kinds: set[str], wanted: DType) -> None:
    """Refuse leaves that are no numbers, and conversions that go down from float to int to bool."""
    for leaf in leaves if "" in kinds else ():
        if not _kind(leaf):
            raise _no_number(leaf, wanted)
    if not kinds <= _FITTING.get(wanted, {"i"}):
        raise TypeError(
            explain(
                f"Cannot convert {value!r} to EagerTensor of dtype {wanted.native}",
                got=repr(value),
                expected=f"values that fit {wanted!r}",
                do=f"use values that fit, or make both sides equal with tf.cast(..., {_widest(kinds)!r})",
            )
        )


# Which kinds of Python values a dtype takes: booleans do not become small integers.
_FITTING = dict.fromkeys(FLOATS, {"b", "i", "f"}) | dict.fromkeys((int32, int64), {"b", "i"}) | {bool: {"b"}}
_FITTING[BFLOAT16] = {"i", "f"}


def _widest(kinds: set[str]) -> DType:
    return float32 if "f" in kinds else int32


def _no_number(leaf: object, wanted: DType) -> Exception:
    do = "pass a number, a NumPy array, a nested list of numbers or a tensor"
    if isinstance(leaf, str):
        return TypeError(
            explain(
                f"Cannot convert {leaf!r} to EagerTensor of dtype {wanted.native}",
                got="a string",
                expected="a number (minitf has no string tensors)",
                do=do,
            )
        )
    return ValueError(
        explain(
            f"Attempt to convert a value ({leaf!r}) with an unsupported type ({type(leaf)}) to a Tensor.",
            got=type(leaf).__name__,
            expected="a number",
            do=do,
        )
    )
