"""Neural network ops, losses, clipping and linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.differential.recipes import (
    ANY,
    AXIS,
    EVERY,
    FLOATS,
    INTEGERS,
    NUMBERS,
    NUMERIC,
    ONE,
    ONE_AXIS,
    Dtype,
    Given,
    arrays,
    call,
    entries,
    indices,
    pairs,
    products,
    same_dtype_pairs,
    several,
    shapes,
    tensors,
)

Draw = Callable[..., Any]


def both(given: Any) -> Any:
    """Make a call of tensors alone."""
    return tuple(given), {}


FLAG = st.booleans()
THREES = st.sampled_from([(3,), (2, 3)])
REAL = ["float16", *FLOATS]
ACTIVATION = st.one_of(call(tensors(REAL)), ONE)
SOFTMAX = st.one_of(call(tensors(REAL)), call(tensors(FLOATS), st.one_of(st.none(), ONE_AXIS)), ONE)
MATRICES = tensors(EVERY, shapes(2, 4))
OFFSETS = st.integers(-2, 2)
ORDERS = st.sampled_from(["euclidean", "fro", 1, 2, 3, 1.5, float("inf"), 0, -1])
# Entries of 0 among others have norms whose gradients are nan in places that hang on how the sum was written.
NORMED = arrays(FLOATS, positive=True, finite=True).map(lambda a: Given(a + 1))
NORMS = st.one_of(
    call(NORMED, ORDERS, keepdims=FLAG),
    call(NORMED, ORDERS, axis=st.integers(-3, 2), keepdims=FLAG),
    call(NORMED, st.sampled_from(["euclidean", "fro", 1, float("inf"), 3]), axis=st.sampled_from([(0, 1), [-1, -2]])),
)


@st.composite
def regular(draw: Draw, batches: Any = ((), (2,), (0,)), sizes: Any = (0, 1, 2, 3)) -> Any:
    """Matrices far from singular: small numbers, and a large diagonal."""
    n, batch = draw(st.sampled_from(sizes)), draw(st.sampled_from(batches))
    array = draw(hnp.arrays("float64", (*batch, n, n), elements=entries("int32")))
    return Given(array + array.dtype.type(40) * np.eye(n, dtype=array.dtype))


@st.composite
def systems(draw: Draw) -> Any:
    """Linear systems: regular matrices and right sides."""
    matrix = draw(regular())
    shape = (*matrix.array.shape[:-1], draw(st.integers(0, 2)))
    right = draw(hnp.arrays(matrix.array.dtype, shape, elements=entries("int32")))
    return (matrix, Given(right)), {"adjoint": draw(FLAG)}


@st.composite
def flagged(draw: Draw) -> Any:
    """Products of matrices with each flag, and batches that broadcast."""
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    left, right = draw(st.sampled_from([((), ()), ((2,), (2,)), ((2, 1), (3,)), ((), (2,)), ((0,), (1,))]))
    dtype = draw(st.sampled_from(NUMBERS))
    flags = {
        f"{word}_{side}": True for side in "ab" for word in [draw(st.sampled_from(["transpose", "adjoint", "no"]))]
    }
    shape_a = (k, n) if {"transpose_a", "adjoint_a"} & {*flags} else (n, k)
    shape_b = (m, k) if {"transpose_b", "adjoint_b"} & {*flags} else (k, m)
    a, b = (
        draw(hnp.arrays(dtype, (*batch, *shape), elements=entries(dtype, finite=True)))
        for batch, shape in ((left, shape_a), (right, shape_b))
    )
    return (Given(a), Given(b)), {flag: True for flag in flags if not flag.startswith("no")}


@st.composite
def matrix_and_vector(draw: Draw) -> Any:
    n, k = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    dtype, flipped = draw(st.sampled_from(FLOATS)), draw(FLAG)
    batch = draw(st.sampled_from([(), (2,)]))
    matrix = draw(hnp.arrays(dtype, (*batch, *((k, n) if flipped else (n, k))), elements=entries(dtype, finite=True)))
    vector = draw(hnp.arrays(dtype, (*batch, k), elements=entries(dtype, finite=True)))
    return (Given(matrix), Given(vector)), {"transpose_a": flipped}


EQUATIONS = [
    "ij,jk->ik", "ij,jk", "ij->ji", "ba", "ii->i", "ii", "ij->", "i,i->", "i,j->ij", "ij,k->i", "aab,b->a",
    "ij,kj,kl->il", "...ij,...jk->...ik", "...i,i->...", "i...->...", "...,...->...", "...ii->...i", "i...i->...",
    "ij,jk,k->i", "i j , j -> i", "i->ii", "ij->k", "ij", "ij,jk->ik,", "...->", "a...b,b->a...", ",->", "abc,cd->abd",
]  # fmt: skip


@st.composite
def contractions(draw: Draw) -> Any:
    """Equations with tensors that fit, and sometimes with one that does not."""
    equation = draw(st.sampled_from(EQUATIONS))
    sizes = {label: draw(st.integers(0, 3)) for label in "ijklabcd"}
    dtype = draw(st.sampled_from(NUMBERS))
    dots = draw(st.sampled_from([(), (2,), (2, 1), (1, 3)]))
    operands = []
    for term in equation.replace(" ", "").split("->")[0].split(","):
        shape: tuple[int, ...] = ()
        for part in term.replace("...", "."):
            shape += dots[draw(st.integers(0, len(dots))) :] if part == "." else (sizes[part],)
        operands.append(Given(draw(hnp.arrays(dtype, shape, elements=entries(dtype, finite=True)))))
    if len(operands) < 3 and "ii" not in equation and draw(st.integers(0, 9)) == 0:
        operands[-1] = draw(tensors(NUMBERS))
    return (equation, *operands), {}


@st.composite
def biases(draw: Draw) -> Any:
    value = draw(tensors([*NUMBERS, "bool"], shapes(1, 4)))
    channel, kind = draw(st.sampled_from([(-1, None), (-1, "NHWC"), (1, "NCHW"), (0, None)])), value.array.dtype.name
    axis = channel[0] if len(value.array.shape) > 1 else 0
    bias = draw(hnp.arrays(kind, value.array.shape[axis], elements=entries(kind)))
    return (value, Given(bias)), {"data_format": channel[1]}


def scores(dtypes: list[str], shape: Any) -> Any:
    """Logits without -inf or inf, at which cross-entropies are nan or not as the sum is written."""
    return arrays(dtypes, shape, finite=True).map(Given)


@st.composite
def classified(draw: Draw) -> Any:
    """Logits and the probabilities that are their labels, along any axis, of one dtype or not."""
    shape = draw(shapes(1, 3, smallest=1))
    dtype = draw(st.sampled_from(FLOATS))
    labels, logits = (draw(scores([kind], st.just(shape))) for kind in (draw(st.sampled_from([dtype, "int32"])), dtype))
    return (labels, logits), {"axis": draw(st.integers(-1, len(shape) - 1))}


@st.composite
def numbered(draw: Draw) -> Any:
    """Logits and class numbers, some of which may be beyond the classes."""
    shape = draw(shapes(1, 3))
    labels = draw(indices(shape[-1], st.just(shape[:-1]), stray=draw(st.sampled_from([0, 0, 1]))))
    return (labels, draw(scores(REAL, st.just(shape)))), {}


@st.composite
def ranked(draw: Draw) -> Any:
    rows, classes = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    predictions = draw(arrays(["float32"], st.just((rows, classes)), finite=True))
    return (draw(indices(classes, st.just((rows,)), stray=1)), Given(predictions), draw(st.integers(0, 3))), {}


@st.composite
def normalized(draw: Draw) -> Any:
    dtype, shape = draw(st.sampled_from(FLOATS)), draw(st.sampled_from([(2, 3), (3,)]))
    x, mean, offset, scale = (Given(draw(arrays([dtype], st.just(shape), finite=True))) for _ in range(4))
    variance = Given(draw(arrays([dtype], st.just(shape), positive=True, finite=True)))
    chosen = draw(st.sampled_from([(offset, scale), (None, scale), (offset, None), (None, None)]))
    return (x, mean, variance, *chosen, 1e-3), {}


ROWS = tensors(["float64"], shapes(1, 3, smallest=1), finite=True)
BOUNDED = st.one_of(
    call(NUMERIC, st.integers(-5, 0), st.integers(0, 5)),
    several(3, alike=False).map(both),
    several(3).map(both),
)
LISTS = st.lists(st.one_of(st.none(), tensors(["float32"], finite=True)), min_size=1, max_size=3)
BOTH = several(2, [*FLOATS, "int32"]).map(both)

TABLE: dict[str, Any] = {
    "clip_by_global_norm": call(LISTS.filter(any), st.sampled_from([1.0, 5.0, 0.5])),
    "clip_by_norm": st.one_of(
        call(tensors(FLOATS, finite=True), st.sampled_from([1.0, 2, 0.0, -1.0])),
        call(tensors(FLOATS, finite=True), st.just(2.0), axes=AXIS)
    ),
    "clip_by_value": BOUNDED,
    "einsum": contractions(),
    "linalg.adjoint": call(ANY),
    "linalg.band_part": call(MATRICES, st.integers(-1, 3), st.integers(-1, 3)),
    "linalg.cross": st.one_of(same_dtype_pairs().map(both), several(2, NUMBERS, THREES).map(both)),
    "linalg.det": st.one_of(regular().map(lambda matrix: ((matrix,), {})), call(tensors([*FLOATS, "int32"]))),
    "linalg.diag": st.one_of(call(tensors(EVERY)), call(tensors(EVERY, shapes(1, 3, smallest=1)), k=OFFSETS)),
    "linalg.diag_part": st.one_of(call(tensors(EVERY)), call(MATRICES, k=OFFSETS)),
    "linalg.global_norm": call(LISTS.filter(any)),
    "linalg.inv": st.one_of(regular().flatmap(lambda matrix: call(st.just(matrix), FLAG)), ONE),
    "linalg.matrix_transpose": call(ANY),
    "linalg.matvec": st.one_of(matrix_and_vector(), pairs(FLOATS)),
    "linalg.slogdet": st.one_of(regular().map(lambda matrix: ((matrix,), {})), call(tensors([*FLOATS, "int32"]))),
    "linalg.solve": st.one_of(systems(), same_dtype_pairs(FLOATS).map(both)),
    "linalg.trace": call(ANY),
    "math.log_sigmoid": ACTIVATION,
    "matmul": st.one_of(products(), flagged(), call(NUMERIC, NUMERIC)),
    "nn.batch_normalization": normalized(),
    "nn.bias_add": biases(),
    "nn.elu": ACTIVATION,
    "nn.embedding_lookup": call(
        st.one_of(tensors(FLOATS, shapes(2, smallest=1), finite=True), several(2, FLOATS, st.just((2, 3)))),
        indices(3, st.sampled_from([(), (2,), (2, 2), (0,)]), stray=1),
        max_norm=st.sampled_from([None, None, 2.0]),
    ),
    "nn.gelu": st.one_of(ACTIVATION, call(tensors(REAL), approximate=FLAG)),
    "nn.in_top_k": ranked(),
    "nn.l2_loss": ONE,
    "nn.l2_normalize": st.one_of(call(ROWS, axis=AXIS), call(tensors([*FLOATS, "int32"], finite=True))),
    "nn.leaky_relu": st.one_of(ACTIVATION, call(tensors(REAL), st.sampled_from([0.1, 0.0, 1.5]))),
    "nn.log_softmax": SOFTMAX,
    "nn.moments": call(tensors(NUMBERS), AXIS, keepdims=FLAG),
    "nn.relu": ACTIVATION,
    "nn.relu6": ACTIVATION,
    "nn.selu": ACTIVATION,
    "nn.sigmoid_cross_entropy_with_logits": st.one_of(BOTH, call(NUMERIC, NUMERIC)),
    "nn.silu": st.one_of(ACTIVATION, call(tensors(FLOATS), st.sampled_from([2.0, 1, 0.5]))),
    "nn.softmax": SOFTMAX,
    "nn.softmax_cross_entropy_with_logits": classified(),
    "nn.softplus": ACTIVATION,
    "nn.softsign": ACTIVATION,
    "nn.sparse_softmax_cross_entropy_with_logits": st.one_of(
        numbered(), call(tensors(INTEGERS), tensors(FLOATS, finite=True))
    ),
    "nn.top_k": st.one_of(
        call(tensors([*NUMBERS, "bool"], finite=True), st.sampled_from([-1, 1, 2, 3])),
        call(tensors(INTEGERS), st.integers(0, 3), index_type=st.sampled_from(INTEGERS).map(Dtype)),
    ),
    "norm": NORMS,
    "sigmoid": ACTIVATION,
    "tensordot": st.one_of(call(NUMERIC, NUMERIC, st.integers(-1, 2)), products().map(lambda c: (c[0], {"axes": 1}))),
}  # fmt: skip

DRAWN = {"nn.dropout"}
TABLE["nn.dropout"] = call(tensors(FLOATS, finite=True), st.sampled_from([0, 0.5, 1.0, -0.5]), noise_shape=st.none())
