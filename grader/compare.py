"""Compare two plain values: structure first, then dtype, shape and values; each difference has its own sentence.

Works on plain data alone (see `grader.sandbox.wire.plain`), so a lying ``__eq__`` never gets a say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.exercise import Close

SHOWN = 160  # characters of a value that are shown


def difference(expected: Any, got: Any, close: Close | None = None) -> str | None:
    """Return one sentence on the first difference between *expected* and *got*, or None when they agree.

    >>> difference([1, 2], [1, 3])
    'Entry 1 is 3, expected 2.'
    >>> difference(1, True) is None
    True
    """
    return _compare(expected, got, close or Close(), "")


def _compare(expected: Any, got: Any, close: Close, where: str) -> str | None:
    if _is_number(expected):
        return _numbers(expected, got, close, where)
    if isinstance(expected, np.ndarray):
        return _arrays(expected, got, close, where)
    if isinstance(expected, list | tuple):
        return _sequences(expected, got, close, where)
    if isinstance(expected, dict):
        return _dicts(expected, got, close, where)
    if expected is None or isinstance(expected, str | bytes | set):
        if type(expected) is not type(got):
            return _wrong_structure(expected, got, where)
        return None if expected == got else f"{_subject(where)} is {shown(got)}, expected {shown(expected)}."
    raise TypeError(
        f"{_kind(expected)} is no plain data, so nothing can be compared with it: let the reference return plain data"
    )


def _numbers(expected: Any, got: Any, close: Close, where: str) -> str | None:
    if isinstance(got, np.ndarray) and got.shape == ():
        got = got[()]
    if not _is_number(got):
        return _wrong_structure(expected, got, where)
    if complaint := _dtypes(expected, got, close, where):
        return complaint
    if _near(expected, got, close):
        return None
    return f"{_subject(where)} is {shown(got)}, expected {shown(expected)}."


def _arrays(expected: np.ndarray[Any, Any], got: Any, close: Close, where: str) -> str | None:
    if not isinstance(got, np.ndarray):
        listed = _as_array(got) if close.dtype != "exact" and isinstance(got, list | tuple) else None
        if listed is None:
            return _wrong_structure(expected, got, where)
        got = listed
    elif complaint := _dtypes(expected, got, close, where):
        return complaint
    if expected.shape != got.shape:
        return f"{_subject(where)} has shape {got.shape}, expected {expected.shape}."
    wrong = np.argwhere(~_near_array(expected, got, close))
    if not len(wrong):
        return None
    place = tuple(int(i) for i in wrong[0])
    index = ", ".join(map(str, place))
    first = f"entry [{index}] is {shown(got[place])}, expected {shown(expected[place])}"
    return f"{len(wrong)} of {expected.size} entries differ{where and ' in ' + where}; {first}."


def _sequences(expected: Any, got: Any, close: Close, where: str) -> str | None:
    if isinstance(got, np.ndarray) and got.ndim > 0:
        got = got.tolist()
    if not isinstance(got, list | tuple):
        return _wrong_structure(expected, got, where)
    if len(expected) != len(got):
        return f"{_subject(where)} has {_count(len(got), 'entry')}, expected {len(expected)}."
    places = (f"{where}{', ' if where else ''}entry {i}" for i in range(len(expected)))
    return _first(_compare(e, g, close, place) for e, g, place in zip(expected, got, places, strict=True))


def _dicts(expected: dict[Any, Any], got: Any, close: Close, where: str) -> str | None:
    if not isinstance(got, dict):
        return _wrong_structure(expected, got, where)
    for key in expected:
        if key not in got:
            return f"{_subject(where)} has no entry {key!r}; its keys are {shown(sorted(got, key=repr))}."
    for key in got:
        if key not in expected:
            return f"{_subject(where)} has an entry {key!r} that does not belong there."
    places = {key: f"{where}{', ' if where else ''}the entry {key!r}" for key in expected}
    return _first(_compare(expected[key], got[key], close, places[key]) for key in expected)


def _first(complaints: Iterator[str | None]) -> str | None:
    return next((complaint for complaint in complaints if complaint is not None), None)


def _dtypes(expected: Any, got: Any, close: Close, where: str) -> str | None:
    """Complain about a dtype; only values that carry one visibly (arrays and NumPy scalars) are looked at."""
    visible = hasattr(expected, "dtype") and hasattr(got, "dtype")
    if close.dtype == "any" or (close.dtype == "kind" and not visible):
        return None
    if close.dtype == "exact":
        if hasattr(expected, "dtype") and getattr(got, "dtype", None) != expected.dtype:
            return f"{_subject(where)} has dtype {_dtype(got)}, expected {expected.dtype.name}."
        return None
    kinds = {"u": "i", "b": "i"}  # True and False are as good as 1 and 0
    wanted, came = (kinds.get(x.dtype.kind, x.dtype.kind) for x in (expected, got))
    if wanted == came:
        return None
    return f"{_subject(where)} has dtype {_dtype(got)}, expected {expected.dtype.name}."


def _near(expected: Any, got: Any, close: Close) -> bool:
    if isinstance(expected, int) and isinstance(got, int):  # exact, and free of float's range
        return expected == got
    return bool(_near_array(np.asarray(expected), np.asarray(got), close))


def _near_array(expected: np.ndarray[Any, Any], got: np.ndarray[Any, Any], close: Close) -> Any:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.isclose(
            np.asarray(got, dtype=_wide(got)),
            np.asarray(expected, dtype=_wide(expected)),
            close.rtol,
            close.atol,
            equal_nan=True,
        )


def _wide(array: np.ndarray[Any, Any]) -> type:
    return np.complex128 if array.dtype.kind == "c" else np.float64


def _as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """Return nested lists of numbers as an array; None when they are ragged or hold anything else."""
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biufc" else None


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | complex | np.generic)


def _wrong_structure(expected: Any, got: Any, where: str) -> str:
    if got is None:
        return f"{_subject(where)} is None, expected {_kind(expected)}: does the function end in a return?"
    return f"{_subject(where)} is {_kind(got)}, expected {_kind(expected)}."


def _subject(where: str) -> str:
    return where[:1].upper() + where[1:] if where else "The result"


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, bool | np.bool_):
        return "a bool"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of {_count(len(value), 'entry')}"
    if _is_number(value):
        return "a number"
    return "text" if isinstance(value, str) else f"an object of type {type(value).__name__}"


def _count(number: int, noun: str) -> str:
    return (
        f"{number} {noun}" if number == 1 else f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"
    )


def _dtype(value: Any) -> str:
    return str(value.dtype.name) if hasattr(value, "dtype") else type(value).__name__


def shown(value: Any, limit: int = SHOWN) -> str:
    """Return *value* as short source-like text; a long one keeps its beginning and its end.

    >>> shown(np.float32(0.5)), shown((1, 0))
    ('0.5', '(1, 0)')
    """
    text = _text(value)
    if len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3]} … {text[-limit // 3 :]}"


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        digits = np.array2string(value, separator=", ", threshold=20, max_line_width=10**6)
        return f"array({' '.join(digits.split())}, {value.dtype.name})"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_text(item)}" for key, item in value.items()) + "}"
    return repr(value)
