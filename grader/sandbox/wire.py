"""Plain data on the wire: numbers, strings, lists, tuples, dicts and arrays, as msgpack; never pickle.

Both sides use this file: the worker loads it by its path, because it must not be able to import `grader`.  So it needs
only the standard library and msgpack, and NumPy once an array passes by.  It knows nothing of grading.
"""

from __future__ import annotations

import struct
import sys
from typing import IO, Any

import msgpack

MAX_FRAME = 16 * 2**20  # bytes
MAX_DEPTH = 20
MAX_ITEMS = 200_000

_TUPLE, _ARRAY, _BIG_INT, _COMPLEX, _SET = 1, 2, 3, 4, 5
_PLAIN_KINDS = "biufc"  # bool, int, unsigned, float, complex


class NotPlain(ValueError):
    """A value that may not travel: `str(error)` says what came, as part of a sentence."""


def plain(value: Any, depth: int = 0) -> Any:
    """Return *value* as plain data: what a function gave back, without its class's behaviour.

    Tensors (anything with a ``numpy()`` method) become arrays.  Subclasses of number, str, list, tuple and dict become
    those types.  Raises `NotPlain` for everything else, for object arrays and for structures deeper than MAX_DEPTH.

    >>> plain({"w": (1, 2.5), "on": True})
    {'w': (1, 2.5), 'on': True}
    """
    if depth > MAX_DEPTH:
        raise NotPlain(f"a structure nested more than {MAX_DEPTH} levels deep")
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return value
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
        return _plain_array(numpy, value)
    if isinstance(value, (list, tuple)):
        items = [plain(item, depth + 1) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, dict):
        return {plain(key, depth + 1): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return {plain(item, depth + 1) for item in value}
    if isinstance(value, range):
        return list(value)
    bases: tuple[Any, ...] = (int, float, complex, str, bytes)
    for base in bases:
        if isinstance(value, base):
            return base(value)
    if numpy is not None and callable(getattr(value, "numpy", None)):
        return _plain_array(numpy, numpy.asarray(value.numpy()))
    raise NotPlain(_described(value))


def _plain_array(numpy: Any, value: Any) -> Any:
    if value.dtype.kind not in _PLAIN_KINDS:
        if value.dtype.kind in "US":
            return value.tolist()
        raise NotPlain(f"an array of {value.dtype.name} entries")
    if isinstance(value, numpy.generic):
        return value
    return numpy.array(value, copy=True, subok=False)


def _described(value: Any) -> str:
    if callable(value):
        return f"a function or class ({getattr(value, '__name__', 'without a name')}) where a value was expected"
    return f"an object of type {type(value).__name__}"


def encode(value: Any) -> bytes:
    """Return plain data as bytes; raises `NotPlain` for anything else and for more than MAX_FRAME bytes."""
    packed: bytes = msgpack.packb(value, default=_pack, strict_types=True, use_bin_type=True)
    if len(packed) > MAX_FRAME:
        raise NotPlain(f"{len(packed):,} bytes of data, more than the {MAX_FRAME:,} that may pass")
    return packed


def _pack(value: Any) -> msgpack.ExtType:
    kind = type(value)
    if kind is tuple:
        return msgpack.ExtType(_TUPLE, encode(list(value)))
    if kind is int:
        return msgpack.ExtType(_BIG_INT, f"{value:x}".encode())
    if kind is complex:
        return msgpack.ExtType(_COMPLEX, struct.pack("<dd", value.real, value.imag))
    if kind in (set, frozenset):
        return msgpack.ExtType(_SET, encode(sorted(value, key=repr)))
    if hasattr(value, "dtype") and value.dtype.kind in _PLAIN_KINDS:
        scalar = not hasattr(value, "__setitem__")
        little = value.astype(value.dtype.newbyteorder("<"))
        return msgpack.ExtType(_ARRAY, encode([value.dtype.name, list(value.shape), scalar, little.tobytes()]))
    raise NotPlain(_described(value))


def altered(before: bytes, value: Any) -> bool:
    """Whether *value* is no longer what was encoded as *before*."""
    try:
        return encode(plain(value)) != before
    except NotPlain:
        return True


def decode(packed: bytes) -> Any:
    """Return the plain data in *packed*; raises `NotPlain` for bytes that are no such data."""
    try:
        return msgpack.unpackb(
            packed,
            ext_hook=_unpack,
            raw=False,
            strict_map_key=False,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
        )
    except NotPlain:
        raise
    except (ValueError, TypeError, KeyError, msgpack.UnpackException, struct.error, RecursionError) as error:
        raise NotPlain(f"bytes that are no data ({type(error).__name__})") from error


def _unpack(code: int, data: bytes) -> Any:
    if code == _TUPLE:
        return tuple(decode(data))
    if code == _BIG_INT:
        return int(data.decode("ascii"), 16)
    if code == _COMPLEX:
        return complex(*struct.unpack("<dd", data))
    if code == _SET:
        return set(decode(data))
    if code == _ARRAY:
        import numpy

        name, shape, scalar, content = decode(data)
        dtype = numpy.dtype(str(name))
        if dtype.kind not in _PLAIN_KINDS:
            raise NotPlain(f"an array of {name} entries")
        array = numpy.frombuffer(content, dtype.newbyteorder("<")).astype(dtype).reshape(shape)
        return array[()] if scalar else array
    raise NotPlain(f"an unknown kind of data (code {code})")


def write(stream: IO[bytes], value: Any) -> None:
    """Write one frame: four bytes of length (big-endian), then the encoded value."""
    packed = encode(value)
    stream.write(struct.pack(">I", len(packed)) + packed)
    stream.flush()


def read(stream: IO[bytes]) -> Any:
    """Read one frame; raises EOFError when the other side is gone."""
    return decode(_exactly(stream, frame_length(_exactly(stream, 4))))


def frame_length(header: bytes) -> int:
    """Return the length a four-byte header announces; raises `NotPlain` when it is over MAX_FRAME."""
    (length,) = struct.unpack(">I", header)
    if length > MAX_FRAME:
        raise NotPlain(f"a frame of {length:,} bytes, more than the {MAX_FRAME:,} that may pass")
    return int(length)


def _exactly(stream: IO[bytes], count: int) -> bytes:
    content = b""
    while len(content) < count:
        chunk = stream.read(count - len(content))
        if not chunk:
            raise EOFError("the other side closed the connection")
        content += chunk
    return content
