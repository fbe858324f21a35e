"""What kernels are called with on both backends: those of arrays, indices, matrices, draws, assertions and programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .table_kernels import FLOATS, NUMBERS, Array, Call, draws, edges

INTS = ("int32", "int64")
ALL = (*NUMBERS, "bool")
CUBE = draws("float32", 2, 3, 4)
FLAGS = np.array([[True, False, False], [False, True, True]])
ROWS: dict[str, list[Call]] = {}


def row(name: str, *arrays: Any, compiled: bool = True, **attributes: Any) -> None:
    """Add a call; numbers and lists become arrays."""
    ROWS.setdefault(name, []).append(Call(tuple(map(np.asarray, arrays)), attributes, compiled))


def whole(*numbers: Any, dtype: str = "int32") -> Array:
    return np.array(numbers, dtype)


def none(*shape: int, dtype: str = "int32") -> Array:
    return np.zeros(shape, dtype)


# --- arrays -----------------------------------------------------------------------------------------------------------

for dtype in ALL:
    for x in (draws(dtype, 2, 3), draws(dtype), none(0, 2, dtype=dtype)):
        row("identity", x)
        row("assigned", x, variable=0)
        row("zeros_like", x)
        row("shape_of", x, dtype=np.dtype("int32"))
        row("reverse", x, axis=(0,) if x.ndim else ())
        row("transpose", x, perm=None)
        row("broadcast_to", x, shape=(4, *x.shape))
        row("stack", x, x, axis=0)
        row("expand_dims", x, axis=x.ndim)
    for into in ALL:
        # What becomes of a number below 0 as an unsigned one is nobody's promise.
        x = abs(draws(dtype, 5)) if into == "uint8" and dtype in FLOATS else draws(dtype, 5)
        row("cast", x, dtype=np.dtype(into))
    row("fill", draws(dtype), shape=(2, 3))
    row("tile", draws(dtype, 2, 3), multiples=(2, 1))
    row("pad", draws(dtype, 2, 3), draws(dtype), paddings=((1, 0), (0, 2)))
    row("concat", draws(dtype, 2, 3), draws(dtype, 1, 3), axis=0)
    row("where", FLAGS, draws(dtype, 3), draws(dtype, 2, 1))
    row("gather", draws(dtype, 2, 3), [2, 0, 2], axis=1)
    row("places", draws(dtype, 2, 3), compiled=False)
    row("strided_slice", draws(dtype, 2, 3), index=((None, None, -1), 1))
for dtype in ("int32", "int64"):
    row("shape_of", CUBE, dtype=np.dtype(dtype))
    row("range", whole(5, dtype=dtype)[0], whole(0, dtype=dtype)[0], whole(-2, dtype=dtype)[0], size=3)
for dtype in FLOATS:
    row("range", *np.array([1, 2, 0.1], dtype), size=10)
    row("range", *np.array([1, 1, 0.1], dtype), size=0)
for shape in ((), (0, 3)):
    row("fill", np.float32(3), shape=shape)
for axis in (0, 1, 2):
    row("one_hot", [[0, 5], [-1, 2]], np.float32(2), np.float32(-1), depth=3, axis=axis)
    row("stack", CUBE, CUBE + 1, axis=axis)
    row("unstack", CUBE, axis=axis)
    row("concat", CUBE, CUBE, CUBE, axis=axis)
    row("expand_dims", CUBE, axis=axis)
row("one_hot", np.uint8(1), True, False, depth=0, axis=0)
row("ensure_shape", CUBE, shape=(2, None, 4))
row("reshape", CUBE, shape=(4, 6))
row("reshape", np.float32([5]), shape=())
row("reshape", none(0, 3), shape=(3, 0, 2))
row("transpose", CUBE, perm=(1, 0, 2))
row("squeeze", draws("int32", 1, 2, 1), axis=(0, 2))
row("squeeze", draws("int32", 1, 2, 1), axis=(2,))
row("squeeze", CUBE, axis=())
row("broadcast_to", draws("float32", 3, 1), shape=(2, 3, 4))
row("broadcast_to", draws("float32", 1), shape=(0,))
for shape in ((4,), (1, 4), (2, 1, 1), (), (2, 3, 4), (3, 1)):
    row("sum_to", CUBE, shape=shape)
row("sum_to", draws("int64", 5, 3), shape=(3,))
row("sum_to", none(0, 3, dtype="float32"), shape=(3,))
row("unstack", none(0, 3), axis=0)
row("unstack", whole(1, 2), axis=0)
row("concat", CUBE, axis=2)
row("concat", none(2, 0), whole([1], [2]), axis=1)
row("split", CUBE, sizes=(1, 0, 2), axis=1)
row("split", CUBE, sizes=(4,), axis=2)
row("where", True, whole(1, 2), whole(3, 4))
row("places", True, compiled=False)
row("places", none(2, 0), compiled=False)
row("tile", CUBE, multiples=(1, 0, 2))
row("pad", np.float32(1), np.float32(7), paddings=())
row("reverse", CUBE, axis=(0, 2))
row("roll", CUBE, shift=(1, -2), axis=(0, 2))
row("roll", CUBE, shift=(5, 3), axis=(1, 1))
row("roll", none(0, 2), shift=(1,), axis=(0,))

# --- positions --------------------------------------------------------------------------------------------------------

PLACES: dict[tuple[Any, ...], tuple[int, ...]] = {
    (0,): (3, 4), (-1, "..."): (3, 4), ((None, None, -1),): (2, 3, 4), ("...", (None, None, -2)): (2, 3, 2),
    (None, 0, None): (1, 1, 3, 4), ((5, None, None),): (0, 3, 4), ((None, None, None), (2, 0, -1), 3): (2, 2),
    ((-1, None, None), "...", None): (1, 3, 4, 1), (): (2, 3, 4), ((0, 0, None),): (0, 3, 4),
    ((None, -10, -1),): (2, 3, 4), ((-10, 10, 3),): (1, 3, 4), (0, 0, 0): (),
}  # fmt: skip
for index, shape in PLACES.items():
    row("strided_slice", CUBE, index=index)
    row("strided_slice_grad", draws("float32", *shape), index=index, shape=(2, 3, 4))
    row("strided_slice_assign", CUBE, draws("float32", *shape), index=index)
    row("strided_slice_assign", CUBE, np.float32(9), index=index)
row("strided_slice", np.float32(1), index=(None, "..."))
for indices in (whole(1, 0, 1), whole([1, 1], [0, 0], dtype="int64"), whole(1)[0], none(0)):
    for axis, size in enumerate(CUBE.shape):
        row("gather", CUBE, indices, axis=axis)
        shape = (*CUBE.shape[:axis], *indices.shape, *CUBE.shape[axis + 1 :])
        row("gather_grad", draws("float32", *shape), indices, axis=axis, size=size)
row("gather", none(0, 2), none(0), axis=0)
for axis, place in ((0, 0), (1, -1), (1, -3), (2, 3)):
    row("pick", CUBE, place, axis=axis)
    row("pick", CUBE, np.int32(place), axis=axis)
TWICE = whole([0, 1], [1, 2], [0, 1])  # names a place twice
for rows in (TWICE, TWICE.astype("int64"), whole([0, 1, 3]), none(0, 1), none(2, 0)):
    row("gather_nd", CUBE, rows)
row("gather_nd", none(0, 2), none(0, 1))
row("batched_rows", draws("uint8", 2, 3, 1).astype("int32"), batch=1)
row("batched_rows", draws("uint8", 2, 3, 2).astype("int64"), batch=2)
row("repeated_places", [1, 0, 2], size=3, compiled=False)
for how in ("add", "sub", "max", "min", "update"):
    # Which of several updates of one place is the last, XLA does not say.
    once = how == "update"
    row(f"tensor_scatter_{how}", CUBE, whole([0, 1], [1, 2]) if once else TWICE, draws("float32", 2 if once else 3, 4))
    row(f"tensor_scatter_{how}", CUBE, whole([1]), draws("float32", 1, 3, 4))
    row(f"tensor_scatter_{how}", CUBE, none(0, 1), none(0, 3, 4, dtype="float32"))
    row(f"tensor_scatter_{how}", CUBE, none(1, 0), draws("float32", 1, 2, 3, 4))
    for dtype in INTS:
        row(f"tensor_scatter_{how}", draws(dtype, 3), whole([1], [2]), draws(dtype, 2, seed=1))
row("tensor_scatter_update", CUBE, TWICE, draws("float32", 3, 4), compiled=False)
row("scatter_nd", TWICE, draws("float32", 3, 4), shape=(2, 3, 4))
row("scatter_nd", whole([1], [1], dtype="int64"), whole(5, 6), shape=(3,))
row("scatter_nd", none(2, 0), draws("float32", 2, 3), shape=(3,))
for how in ("add", "sub", "mul", "div", "min", "max", "update"):
    for indices in (whole(0)[0], whole([2, 0]), none(0), *([] if how == "update" else [whole(1, 0, 1)])):
        updates = draws("float32", *indices.shape, 4) + np.float32(10)
        row("scatter_rows", draws("float32", 3, 4), indices, updates, how=how)
        row("scatter_rows", draws("float32", 3, 4), indices, np.float32(2), how=how)
        row("scatter_rows", whole(7, -8, 9), indices, np.full(indices.shape, 2, np.int32), how=how)
for descending in (True, False):
    for dtype in ALL:
        row("argsort", edges(dtype), axis=0, descending=descending)
        row("argsort", draws(dtype, 3, 4), axis=0, descending=descending)
    row("argsort", CUBE, axis=1, descending=descending)
    row("argsort", none(0, 3), axis=0, descending=descending)
for side in ("left", "right"):
    for dtype in INTS:
        row("searchsorted", np.sort(CUBE), draws("float32", 2, 3, 5, seed=1), side=side, dtype=np.dtype(dtype))
        row("searchsorted", [1, 2, 2, 3], [2, 0, 9], side=side, dtype=np.dtype(dtype))
        row("searchsorted", none(0), whole(2, 0), side=side, dtype=np.dtype(dtype))
        row("unique", [3, 1, 3, 2, 1], dtype=np.dtype(dtype), compiled=False)
        row("unique", np.array([np.nan, 1, np.nan, -0.0, 0]), dtype=np.dtype(dtype), compiled=False)

# --- matrices ---------------------------------------------------------------------------------------------------------

for dtype in (*FLOATS, *INTS):
    for name, a, b in (
        ("matmul", draws(dtype, 2, 3), draws(dtype, 3, 4)), ("matmul", draws(dtype, 5, 1, 2, 3), draws(dtype, 2, 3, 4)),
        ("matmul", draws(dtype, 2, 3), draws(dtype, 5, 3, 4)), ("matmul", draws(dtype, 2, 0), draws(dtype, 0, 4)),
        ("matmul_nt", draws(dtype, 2, 3), draws(dtype, 4, 3)), ("matmul_nt", draws(dtype, 5, 2, 3), draws(dtype, 4, 3)),
        ("matmul_tn", draws(dtype, 3, 2), draws(dtype, 3, 4)), ("matmul_tn", draws(dtype, 3, 2), draws(dtype, 5, 3, 4)),
    ):  # fmt: skip
        row(name, a, b)
    row("diag", draws(dtype, 3), k=0, rows=3, columns=3, padding=0)
    row("diag", draws(dtype, 2, 3), k=-1, rows=4, columns=3, padding=2)
    row("diag", draws(dtype, 2), k=1, rows=3, columns=3, padding=1)
    row("diag_part", draws(dtype, 2, 3, 4), k=1)
    row("band_part", draws(dtype, 2, 3, 4), lower=1, upper=0)
row("matmul", np.float32([[0]]), np.float32([[np.inf]]))
row("diag", none(0), k=0, rows=0, columns=0, padding=0)
row("diag_part", CUBE, k=-2)
row("band_part", CUBE, lower=0, upper=-1)
for equation, *shapes in (
    ("ij,jk->ik", (2, 3), (3, 4)), ("ii->i", (3, 3)), ("ii->", (3, 3)), ("ii,ij->j", (3, 3), (3, 2)), ("i->", (3,)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)), ("yz,yz->yz", (1, 3), (2, 1)), ("yz,yz,yz->yz", (1, 3), (2, 3), (2, 1)),
    ("i,j->ij", (2,), (3,)), ("ij->ji", (2, 3)), ("ij,jk->ik", (0, 3), (3, 2)), (",i->i", (), (3,)),
):  # fmt: skip
    for dtype in ("float32", "float64", *INTS):
        row("einsum", *[draws(dtype, *shape) for shape in shapes], equation=equation)
for dtype in ("float32", "float64"):
    matrices = np.random.default_rng(0).normal(size=(2, 3, 3)).astype(dtype)
    for adjoint in (True, False):
        row("inv", matrices, adjoint=adjoint)
        row("solve", matrices, draws(dtype, 2, 3, 2), adjoint=adjoint)
    for x in (
        matrices,
        matrices[0],
        none(2, 2, dtype=dtype),
        np.array([[0, 1], [1, 0]], dtype),
        none(2, 0, 0, dtype=dtype),
    ):
        row("det", x)
        row("slogdet", x)
    row("cross", draws(dtype, 2, 3), draws(dtype, 2, 3, seed=1))

# --- draws ------------------------------------------------------------------------------------------------------------

STATES = whole([7, 9, 3], [-1, -1, -5], [2**62, 0, 2**40], dtype="int64")
for state in STATES:
    for name in ("draw_uniform", "draw_normal"):
        row(name, state, shape=(5, 2), dtype=np.dtype("float32"))
    row("draw_integers", state, shape=(5,), dtype=np.dtype("int64"))
    row("draw_shuffle", state, CUBE[0])
    for count, each in ((5, 256), (-5, 1), (0, 1), (2**62, 2)):
        row("skip_ahead", state, count, each=each)
    row("skip_ahead", state, np.int32(5), each=2**32)
for shape in ((), (0,), (1001,)):
    for name in ("draw_uniform", "draw_normal"):
        for dtype in FLOATS:
            row(name, STATES[0], shape=shape, dtype=np.dtype(dtype))
    for dtype in INTS:
        row("draw_integers", STATES[0], shape=shape, dtype=np.dtype(dtype))
        row("draw_integers", STATES[0], *whole(-3, 2**31 - 1, dtype=dtype), shape=shape, dtype=np.dtype(dtype))
for dtype in FLOATS:
    row("draw_truncated_normal", STATES[1], shape=(5, 2), dtype=np.dtype(dtype))
row("draw_truncated_normal", STATES[0], shape=(), dtype=np.dtype("float32"))
row("draw_truncated_normal", STATES[0], shape=(0,), dtype=np.dtype("float32"))
for size in (0, 1, 2, 100):
    row("draw_shuffle", STATES[0], np.arange(size))
row("draw_shuffle", STATES[0], np.float32(1))
row("scramble_seed", whole(1, 2))
row("scramble_seed", whole(-1, 2**40, dtype="int64"))
row("take_stream", stream=("RandomUniform", "int32", "float32"), seed=3, reserve=0, compiled=False)

# --- what has effects -------------------------------------------------------------------------------------------------

row("check_numerics", CUBE, message="none", compiled=False)
row("assert_true", True, CUBE, texts=("x", None), shown=None, summarize=None, compiled=False)
row("assert_compared", CUBE == CUBE, CUBE, CUBE, sign="==", message=None, summarize=None, compiled=False)
row("assert_signed", FLAGS | ~FLAGS, FLAGS, sign=">", message="", summarize=None, compiled=False)
row("print_values", CUBE, pieces=("x: ", "\n"), summarize=3, stream="stdout", compiled=False)
