"""Making, shaping, joining, slicing and indexing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.differential.recipes import (
    ANY,
    AXIS,
    BOOLEAN,
    DTYPES,
    FLOATS,
    INTEGERS,
    LIKE,
    NUMBERS,
    NUMERIC,
    ONE,
    ONE_AXIS,
    SCALARS,
    SEVERAL,
    SIZES,
    Code,
    Given,
    arrays,
    call,
    entries,
    indices,
    several,
    shapes,
    tensors,
    values,
)

Draw = Callable[..., Any]

SOME = tensors([*FLOATS, "int32"])  # floats mostly, so that gradients are compared
LOW_RANK = tensors([*FLOATS, "int32"], shapes(1, 2, 1))
NUMBER = st.integers(-2, 5)
INDEX_DTYPES = st.sampled_from([{}, {"out_type": "int64"}])
BREADTHS = st.lists(st.integers(0, 3), max_size=3)


def fitting(shape: Any, parts: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """One part for each axis, and now and then one too few or too many."""
    rank = st.sampled_from([len(shape)] * 6 + [len(shape) + 1, max(len(shape) - 1, 0)])
    return rank.flatmap(lambda n: st.lists(parts, min_size=n, max_size=n))


@st.composite
def with_parts(draw: Draw, parts: st.SearchStrategy[Any], count: int = 1, **kwargs: Any) -> Any:
    """A tensor and `count` lists with a part for each axis."""
    x = draw(SOME)
    lists = [draw(fitting(x.array.shape, parts)) for _ in range(count)]
    return (x, *lists), draw(st.fixed_dictionaries(kwargs))


@st.composite
def paddings(draw: Draw) -> Any:
    x = draw(SOME)
    sides = draw(fitting(x.array.shape, st.lists(st.integers(0, 2), min_size=2, max_size=2)))
    # The gradient of a mirrored tensor without entries is an error in TensorFlow.
    mode = draw(st.sampled_from(["CONSTANT", "reflect", "SYMMETRIC"] if x.array.size else ["CONSTANT"]))
    constant = draw(st.sampled_from([{}, {"constant_values": 3}, {"constant_values": 1.5}, {"constant_values": [1]}]))
    return (x, np.array(sides, np.int32).reshape(-1, 2) if draw(st.booleans()) else sides, mode), constant


@st.composite
def splits(draw: Draw) -> Any:
    x, axis = draw(SOME), draw(st.integers(-2, 1))
    sizes = draw(st.one_of(st.integers(-1, 3), st.lists(st.integers(-1, 3), max_size=3), st.sampled_from([2.0, [1.0]])))
    return (x, sizes), {"axis": axis}


@st.composite
def pieces(draw: Draw) -> Any:
    """Splits that fit."""
    sizes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    x = draw(arrays([*FLOATS, "int32"], st.just((sum(sizes), 2))))
    if draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    return (Given(x), sizes), {}


@st.composite
def reshapes(draw: Draw) -> Any:
    """New shapes that fit, some with a -1."""
    x = draw(SOME)
    sizes = draw(st.permutations(x.array.shape))
    if sizes and draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    return (x, sizes), {}


@st.composite
def broadcasts(draw: Draw) -> Any:
    x = draw(SOME)
    sizes = [draw(st.integers(0, 3)) if n == 1 else n for n in x.array.shape]
    return (x, [*draw(st.lists(st.integers(-1, 2), max_size=1)), *sizes]), {}


@st.composite
def permutations(draw: Draw) -> Any:
    x = draw(SOME)
    return (x, draw(st.permutations(range(x.array.ndim)))), {}


@st.composite
def concats(draw: Draw) -> Any:
    """Tensors that differ along the axis only."""
    shape, axis = draw(shapes(1, 3, 0)), draw(st.integers(-3, 2))
    dtype = draw(st.sampled_from([*FLOATS, "int32"]))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        sizes = [*shape]
        sizes[axis % len(sizes)] = draw(st.integers(0, 3))
        parts.append(Given(draw(hnp.arrays(dtype, tuple(sizes), elements=entries(dtype)))))
    return (parts, axis), {}


@st.composite
def repeats(draw: Draw) -> Any:
    x = draw(LOW_RANK)
    axis = draw(st.one_of(st.none(), st.integers(-2, 1)))
    size = x.array.size if axis is None else x.array.shape[axis % x.array.ndim]
    each = st.lists(st.integers(0, 3), min_size=size, max_size=size)
    odd = st.sampled_from([-1, 1.5, [1, 2], [[1]], [-1]])
    return (x, draw(st.one_of(st.integers(0, 3), each, each, odd))), {"axis": axis}


@st.composite
def gathers(draw: Draw) -> Any:
    x = draw(SOME)
    axis = draw(st.one_of(st.none(), st.integers(-3, 2)))
    size = x.array.shape[(axis or 0) % x.array.ndim] if x.array.ndim else 1
    stray = draw(st.sampled_from([0, 0, 1])) if x.array.size else 0
    at = draw(indices(size, shapes(0, 2), stray, [*INTEGERS, "int16"]))
    return (x, at), {"axis": axis}


@st.composite
def batched(draw: Draw) -> Any:
    """gather with batch_dims that fit, mostly."""
    batch = draw(shapes(1, 2, 1))
    between, after = draw(shapes(0, 1, 1)), draw(shapes(0, 1, 1))
    size = draw(st.integers(1, 3))
    dtype = draw(st.sampled_from(FLOATS))
    x = draw(hnp.arrays(dtype, (*batch, *between, size, *after), elements=entries(dtype)))
    at = draw(indices(size, st.tuples(*map(st.just, batch), *[st.integers(0, 2)] * draw(st.integers(0, 2)))))
    axis = len(batch) + len(between)
    axes = [axis, axis - x.ndim, None] if not between else [axis, axis - x.ndim]
    counts = [len(batch), len(batch) - at.array.ndim] if at.array.ndim > len(batch) else [len(batch)]
    return (Given(x), at), {
        "axis": draw(st.sampled_from(axes)), "batch_dims": draw(st.sampled_from([*counts * 3, 0, 3])),
    }  # fmt: skip


@st.composite
def places(draw: Draw, shape: tuple[int, ...], distinct: bool = False) -> Any:
    """Rows of indices into a shape, now and then one that is outside."""
    depth = draw(st.integers(1, len(shape)))
    outer = draw(shapes(1, 2, 0))
    stray = 0 if distinct else draw(st.sampled_from([0, 0, 0, 0, 1]))
    columns = [st.integers(-stray, max(n - 1, 0) + stray) for n in shape[:depth]]
    count = int(np.prod(outer))
    rows = draw(st.lists(st.tuples(*columns), min_size=count, max_size=count, unique=distinct))
    return np.array(rows, draw(st.sampled_from(INTEGERS))).reshape(*outer, depth)


@st.composite
def gathers_nd(draw: Draw) -> Any:
    x = draw(tensors([*FLOATS, "int32"], shapes(1, 3, 1)))
    return (x, Given(draw(places(x.array.shape)))), {}


@st.composite
def batched_nd(draw: Draw) -> Any:
    batch, inner = draw(shapes(1, 2, 1)), draw(shapes(1, 2, 1))
    x = draw(tensors(FLOATS, st.just((*batch, *inner))))
    outer, depth = draw(shapes(0, 1)), draw(st.integers(1, len(inner)))
    at = draw(indices(min(inner[:depth]), st.just((*batch, *outer, depth)), stray=draw(st.sampled_from([0, 0, 0, 1]))))
    return (x, at), {"batch_dims": draw(st.sampled_from([len(batch)] * 4 + [-1, 3]))}


@st.composite
def scatters(draw: Draw, into: bool = False, ties: bool = True) -> Any:
    """Indices and updates that fit a shape, or a tensor before them; floats are finite, so that sums are exact."""
    shape = draw(shapes(1, 2, 1))
    dtype = draw(st.sampled_from([*FLOATS, "int32"]))
    elements = entries(dtype, finite=True)
    size = int(np.prod(shape))
    at = draw(places(shape)) if ties else np.arange(size).reshape(shape)[..., None][: draw(st.integers(0, 2))]
    if not ties:
        at = np.stack(np.unravel_index(at.reshape(-1), shape), -1)
    found = (*at.shape[:-1], *shape[at.shape[-1] :])
    updates = Given(draw(hnp.arrays(dtype, draw(st.sampled_from([found] * 8 + [(*found, 1)])), elements=elements)))
    if into:
        return (Given(draw(hnp.arrays(dtype, shape, elements=elements))), Given(at), updates), {}
    return (Given(at), updates, [*shape]), {}


@st.composite
def masks(draw: Draw, *others: str) -> Any:
    x = draw(SOME)
    start = draw(st.sampled_from([0, 0, 0, 1, -1]))
    covered = x.array.shape[start : start + draw(st.integers(1, 2))] if draw(st.integers(0, 6)) else (2,)
    mask = draw(hnp.arrays(draw(st.sampled_from(["bool", "bool", *others])), covered))
    return (x, Given(mask) if draw(st.booleans()) else mask), {"axis": start} if start else {}


END = st.one_of(st.none(), st.integers(-4, 4))
PART = st.one_of(
    st.integers(-3, 2), st.integers(-1, 0), st.just(Ellipsis), st.none(),
    st.builds(slice, END, END, st.sampled_from([None, None, 1, 2, -1, -2, 0])),
    st.sampled_from([np.int64(0), np.uint8(1), np.array(0), 1.0, "a", Code("tf.constant(0)"), Code("tf.constant(-1)")]),
)  # fmt: skip
KEY = st.one_of(PART, st.lists(PART, max_size=4).map(tuple), st.lists(st.integers(0, 1), max_size=2))


@st.composite
def slices(draw: Draw) -> Any:
    x = draw(SOME)
    begins, sizes = [], []
    for n in x.array.shape:
        begins.append(draw(st.integers(0, n + (not draw(st.integers(0, 9))))))
        sizes.append(draw(st.integers(-1, max(n - begins[-1], -1))))
    return (x, np.array(begins, np.int32), np.array(sizes, np.int32)), {}


MASK = st.sampled_from([0, 0, 0, 1, 2, 3])
LENGTHS = tensors(["int32", "int64"], shapes(0, 2, 0))
HOT = st.sampled_from([
    {}, {}, {"on_value": 5}, {"off_value": 2.5}, {"on_value": 5, "off_value": -1}, {"dtype": "float64"},
    {"on_value": 1, "dtype": "float32"}, {"on_value": True, "off_value": False}, {"on_value": 1, "off_value": 0.5},
    {"on_value": [1]}, {"axis": 0}, {"axis": -1}, {"axis": 2}, {"axis": -2},
])  # fmt: skip
SORTABLE = arrays(["int32", *FLOATS], shapes(0, 3, 1), finite=True).map(Given)  # TensorFlow leaves nan where it is
DIRECTION = st.sampled_from(["ASCENDING", "DESCENDING", "ASCENDING", "down"])


SIDE = st.sampled_from(["left", "right", "left", "right", "middle"])


def static(shape: tuple[int | None, ...]) -> Code:
    return Code(f"tf.TensorShape({[*shape]})")


FINITE = tensors(NUMBERS, finite=True)  # TensorFlow finds no place for nan
STATIC = st.lists(st.sampled_from([1, 2, 3, None]), max_size=3).map(static)

TABLE: dict[str, Any] = {
    "Tensor.__getitem__": st.one_of(call(SOME, KEY), call(SOME, KEY), masks().map(lambda drawn: (drawn[0], {}))),
    "argsort": call(SORTABLE, axis=ONE_AXIS, direction=DIRECTION),
    "boolean_mask": masks("int32"),
    "broadcast_static_shape": call(STATIC, STATIC),
    "broadcast_to": st.one_of(broadcasts(), call(SOME, SIZES)),
    "cast": call(values(["int32", "uint8", "bool", *FLOATS]), DTYPES),
    "concat": st.one_of(
        concats(), call(st.lists(NUMERIC, min_size=2, max_size=2), ONE_AXIS), call(several((1, 3)), ONE_AXIS)
    ),
    "constant": st.one_of(call(ANY), call(ANY, DTYPES), call(ANY, shape=BREADTHS)),
    "convert_to_tensor": st.one_of(call(ANY), call(ANY, DTYPES), call(ANY, dtype_hint=DTYPES), call(several((0, 3)))),
    "ensure_shape": call(SOME, st.lists(st.sampled_from([None, 1, 2, 3]), max_size=3)),
    "expand_dims": call(ANY, st.integers(-4, 4)),
    "eye": st.one_of(
        call(NUMBER), call(NUMBER, NUMBER), call(st.integers(0, 3), batch_shape=SIZES, dtype=DTYPES),
        call(st.sampled_from([2.0, [2], Given(np.array(2))])),
    ),
    "fill": st.one_of(call(SIZES, NUMERIC.filter(lambda x: np.shape(getattr(x, "array", x)) != (1,)))),
    "gather": st.one_of(gathers(), batched()),
    "gather_nd": st.one_of(gathers_nd(), batched_nd()),
    "identity": ONE,
    "is_tensor": ONE,
    "linspace": st.one_of(
        call(SCALARS, SCALARS, st.integers(-1, 6)),
        call(tensors(FLOATS), st.integers(-2, 2).map(float), st.integers(0, 4), axis=ONE_AXIS),
    ),
    "meshgrid": st.one_of(
        several((1, 3), alike=False).map(lambda drawn: (tuple(drawn), {})),
        several((0, 3)).map(lambda drawn: (tuple(drawn), {"indexing": "ij"})),
        st.just(((1, 2), {"indexing": "yx"})), st.just(((1, 2), {"sparse": True})), st.just((([1], [2.0]), {})),
    ),
    "one_hot": st.tuples(
        st.tuples(tensors(["int32", "int64", "uint8", "int8", "float32"], shapes(0, 2)), st.integers(-1, 4)), HOT
    ),
    "ones": st.one_of(call(SIZES), call(SIZES, DTYPES)),
    "ones_like": LIKE,
    "pad": paddings(),
    "range": st.one_of(call(SCALARS), call(SCALARS, SCALARS), call(SCALARS, SCALARS, SCALARS)),
    "rank": ONE,
    "repeat": repeats(),
    "reshape": st.one_of(reshapes(), call(ANY, st.lists(st.integers(-2, 6), max_size=3))),
    "reverse": call(SOME, st.lists(st.integers(-2, 2), max_size=2)),
    "roll": st.one_of(
        call(SOME, st.integers(-4, 4), st.integers(-2, 1)),
        call(SOME, *[st.lists(st.integers(-2, 1), min_size=2, max_size=2)] * 2), call(SOME, st.just([1]), AXIS),
    ),
    "scatter_nd": scatters(),
    "searchsorted": st.one_of(
        call(tensors(NUMBERS, shapes(1), finite=True).map(lambda x: Given(np.sort(x.array))), FINITE),
        call(st.just([[1, 3, 5], [2, 2, 2]]), tensors(["int32"], shapes(2, 2, 1)), side=SIDE),
        call(st.just([1.0, 3.0]), st.just([1.0, 2.0]), side=SIDE, out_type=DTYPES),
    ),
    "sequence_mask": st.one_of(
        call(LENGTHS), call(LENGTHS, st.integers(-1, 4)), call(LENGTHS, dtype=DTYPES), call(LENGTHS, st.just([3])),
        call(st.just([1.0, 2.5]), st.sampled_from([None, 2.5])),
    ),
    "shape": st.one_of(ONE, call(ANY, DTYPES)),
    "size": st.one_of(ONE, call(ANY, DTYPES)),
    "slice": st.one_of(slices(), with_parts(st.integers(-1, 3), 2)),
    "sort": call(SORTABLE, axis=ONE_AXIS, direction=DIRECTION),
    "split": st.one_of(splits(), pieces(), pieces()),
    "squeeze": st.one_of(call(SOME), call(SOME, AXIS), call(tensors(FLOATS, shapes(1, 3, 1)), st.integers(-2, 1))),
    "stack": call(SEVERAL, st.integers(-3, 3)),
    "strided_slice": with_parts(
        st.integers(-3, 3), 2, begin_mask=MASK, end_mask=MASK, shrink_axis_mask=st.sampled_from([0, 0, 1, 2]),
        new_axis_mask=st.sampled_from([0, 0, 1, 2]), ellipsis_mask=st.sampled_from([0, 0, 0, 1]),
    ),
    "tensor_scatter_nd_add": scatters(into=True),
    "tensor_scatter_nd_max": scatters(into=True),
    "tensor_scatter_nd_min": scatters(into=True),
    "tensor_scatter_nd_sub": scatters(into=True),
    "tensor_scatter_nd_update": scatters(into=True, ties=False),
    "tile": with_parts(st.integers(-1, 3)),
    "transpose": st.one_of(call(ANY), permutations(), call(ANY, st.lists(st.integers(-2, 2), max_size=3))),
    "unique": st.one_of(
        call(arrays(["int32", "bool", *FLOATS], shapes(1))), call(st.just([[1]])), call(st.just([1]), DTYPES)
    ),
    "unique_with_counts": call(arrays(["int32", "bool", *FLOATS], shapes(1))),
    "unstack": st.one_of(call(SOME, axis=ONE_AXIS), call(SOME, st.integers(1, 3), ONE_AXIS)),
    "where": st.one_of(
        call(BOOLEAN), call(tensors(NUMBERS)), call(BOOLEAN, NUMERIC, NUMERIC),
        call(tensors(["bool", "bool", "int32"]), tensors(FLOATS), tensors(FLOATS)),
        several(2).flatmap(lambda pair: call(tensors(["bool"]), *map(st.just, pair))),
    ),
    "zeros": st.one_of(call(SIZES), call(SIZES, DTYPES)),
    "zeros_like": LIKE,
}  # fmt: skip
