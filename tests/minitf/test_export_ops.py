"""Every op that has a translation computes in onnxruntime what it computes here, for each dtype that it takes.

`CASES` has, by the name of an op, its inputs and attributes, one case or more. Inputs of floats are tried in every
dtype that the op takes; integers and booleans stay what they are.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.export.model import translated
from minitf.export.translations import LEFT_OUT, TRANSLATIONS, UNTRANSLATED
from minitf.export.verification import verified
from minitf.op import Op, registered
from minitf.program import Node, Program

for module in pkgutil.iter_modules(tf.__path__, "minitf."):
    import_module(module.name)
OPS: dict[str, Op] = {name: op for (name, _), op in registered.items()}

M = np.array([[1.5, -2.5, 3.0], [-0.5, 4.0, 2.0]])
N = np.array([[2.0, 3.0, -1.0], [1.0, -2.0, 4.0]])
ROW = np.array([3.0, -2.0, 1.0])
T = np.round(9 * np.cos(np.arange(24.0))).reshape(2, 3, 4)
SMALL = np.array([[0.6, -0.5, 0.2], [0.0, 0.9, -1e-3]])
POSITIVE = np.array([[0.7, 1.5, 2.25], [1e-3, 5.0, 1.0]])
LARGE = np.array([1.7, 2.5, 30.0])
STRANGE = np.array([1.0, np.inf, -np.inf, np.nan, 0.0])
SQUARE = np.array([[[2.0, 1.0], [1.0, 3.0]], [[0.0, 4.0], [-1.0, 2.0]]])
MASK = np.array([[True, False, True], [False, False, True]])
LOGS = np.log(np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]))
TARGETS = np.array([[0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])
LABELS = np.array([2, 0], np.int32)
PAIRS = np.array([[0, 1], [1, 2], [0, 1]])
ROWS = {"axis": 1, "exclusive": False, "reverse": False}
BACK = {"axis": 0, "exclusive": True, "reverse": True}


def each(names: str, *cases: tuple[Any, ...]) -> dict[str, list[tuple[Any, ...]]]:
    """Give the same cases to several ops."""
    return {name: list(cases) for name in names.split()}


AXES: list[dict[str, Any]] = [
    {"axis": (1,), "keepdims": True}, {"axis": None, "keepdims": False}, {"axis": (0, 2), "keepdims": False},
    {"axis": (), "keepdims": True},
]  # fmt: skip

CASES: Mapping[str, list[tuple[Any, ...]]] = {
    **each("abs ceil floor negative rint round sign square cos erf erfc exp expm1 sin tan", (M, {}), (SMALL, {})),
    **each("elu relu relu6 selu sigmoid softplus softsign l2_loss", (M, {}), (10 * M, {})),
    **each("acos asin atanh", (SMALL, {})),
    **each("acosh", (LARGE, {})),
    **each("asinh atan sinh cosh tanh zeros_like identity", (M, {})),
    **each("log log1p rsqrt sqrt reciprocal", (POSITIVE, {})),
    **each("is_finite is_inf is_nan", (STRANGE, {})),
    **each("add subtract multiply maximum minimum squared_difference divide", (M, N, {}), (M, ROW, {})),
    **each("equal not_equal less less_equal greater greater_equal", (M, N, {}), (M, M, {})),
    **each("floordiv floormod", (5 * M, N, {}), (M, ROW, {})),
    **each("divide_no_nan keep_zeros", (M, N, {}), (M, np.array([0.0, 2.0, 0.0]), {})),
    **each("logical_and logical_or logical_xor", (MASK, ~MASK, {}), (MASK, MASK[0], {})),
    **each("logical_not", (MASK, {})),
    **each("bitwise_and bitwise_or bitwise_xor", (M, N, {})),
    **each("invert", (M, {})),
    **each("reduce_sum reduce_mean reduce_max reduce_min reduce_prod", *[(T, axes) for axes in AXES]),
    **each("reduce_any reduce_all", *[(mask, axes) for axes in AXES for mask in (T > 0, T > -99)]),
    **each("argmax argmin", (M, {"axis": 1, "dtype": np.dtype("i8")}), (T, {"axis": -3, "dtype": np.dtype("i4")})),
    **each("cumsum", (M, ROWS), (M, BACK), (T, {**ROWS, "reverse": True}), (T, {**ROWS, "exclusive": True})),
    **each("softmax log_softmax", (M, {"axis": -1}), (T, {"axis": 1})),
    **each("tensor_scatter_add tensor_scatter_sub tensor_scatter_max tensor_scatter_min",
           (M, PAIRS, ROW, {}), (M, LABELS[1:, None], N[:1], {})),
    **each("matmul", (M, N.T, {}), (T, T[:, :1].swapaxes(1, 2), {})),
    **each("matmul_nt", (M, N, {}), (T, T[0], {})),
    **each("matmul_tn", (M, N, {}), (T, T[0], {})),
    "add_n": [(M, {}), (M, N, M, {})],
    "argsort": [(M, {"axis": 1, "descending": False}), (np.abs(T) // 4, {"axis": 1, "descending": True})],
    "atan2": [(M, N, {}), (np.array([1.0, -1.0, 0.0, 0.0]), np.array([0.0, 0.0, 0.0, -2.0]), {})],
    "band_part": [(T, {"lower": 1, "upper": 0}), (T, {"lower": -1, "upper": 1})],
    "batched_rows": [(np.array([[[0], [2]], [[1], [1]]]), {"batch": 1}),
                     (np.zeros((2, 3, 4, 1), np.int32), {"batch": 2})],
    "broadcast_to": [(M, {"shape": (4, 2, 3)}), (np.array(2.0), {"shape": (2,)}), (M[:, :1], {"shape": (2, 3)})],
    "cast": [(2.5 * M, {"dtype": np.dtype(code)}) for code in ("i4", "f8", "f2", "b1", "i1")],
    "check_numerics": [(M, {"message": "m"})],
    "concat": [(M, N, {"axis": 1}), (M, N, M, {"axis": 0})],
    "cross_entropy": [(TARGETS, LOGS, LOGS, {})],
    "cross_entropy_gradient": [(np.array([1.0, -2.0]), TARGETS, LOGS, {})],
    "det": [(SQUARE, {}), (SQUARE[0], {})],
    "diag": [
        (M, {"k": 0, "rows": 3, "columns": 3, "padding": 0}), (M, {"k": 1, "rows": 3, "columns": 5, "padding": 7}),
        (ROW, {"k": -2, "rows": 5, "columns": 4, "padding": 0}),
    ],
    "diag_part": [(T, {"k": 0}), (T, {"k": 2}), (M, {"k": -1})],
    "einsum": [(M, N, {"equation": "ij,kj->ik"}), (SQUARE, {"equation": "bii->b"}), (T, M, {"equation": "abc,ab->c"})],
    "ensure_shape": [(M, {"shape": (None, 3)})],
    "expand_dims": [(M, {"axis": 1}), (M, {"axis": 2})],
    "fill": [(np.array(2.0), {"shape": (2, 3)}), (np.array(2.0), {"shape": ()})],
    "finite_max": [(M, {"axis": (1,)}), (STRANGE[:3], {"axis": (0,)}), (M, {"axis": None})],
    "gate": [(N, M, {}), (N, M, {"high": 2.0}), (N, M, {"slope": 0.25})],
    "gather": [(M, LABELS % 2, {"axis": 0}), (T, np.array([[0, 2], [1, 1]]), {"axis": 1})],
    "gather_grad": [(M, np.array([3, 3]), {"axis": 0, "size": 4}), (T, LABELS, {"axis": 0, "size": 3}),
                    (T, np.array([1, 0, 1]), {"axis": 1, "size": 2}), (ROW[0], np.array(1), {"axis": 0, "size": 2})],
    "pick": [(M, np.array(1), {"axis": 0}), (T, np.array(-1), {"axis": 1})],
    "gather_nd": [(M, PAIRS, {}), (T, PAIRS[:, :1], {})],
    "leaky_relu": [(M, {"alpha": 0.2})],
    "one_hot": [(LABELS, np.array(1.0), np.array(0.0), {"depth": 3, "axis": 1}),
                (np.array([[0, 5], [1, -1]]), np.array(2.0), np.array(3.0), {"depth": 2, "axis": 0})],
    "pad": [(M, np.array(0.0), {"paddings": ((1, 0), (0, 2))}), (M[0], np.array(3.0), {"paddings": ((1, 1),)})],
    "places": [(M, {}), (MASK, {}), (T // 5, {})],
    "pow": [(POSITIVE, LARGE, {}), (M, np.array(2.0), {})],
    "range": [(np.array(1.0), np.array(9.0), np.array(2.0), {"size": 4})],
    "reshape": [(T, {"shape": (4, 6)}), (T, {"shape": (-1,)}), (M[:1, :1], {"shape": ()})],
    "reverse": [(T, {"axis": (1,)}), (T, {"axis": (0, 2)}), (M, {"axis": ()})],
    "roll": [(M, {"shift": (1,), "axis": (1,)}), (T, {"shift": (-2, 5), "axis": (2, 0)})],
    "scatter_nd": [(PAIRS, ROW, {"shape": (2, 3)}), (PAIRS[:2, :1], M, {"shape": (4, 3)})],
    "shape_of": [(T, {"dtype": np.dtype("i4")}), (np.array(1.0), {"dtype": np.dtype("i8")})],
    "shares": [(ROW, {"count": 4, "shape": (2, 3)}), (np.array(3.0), {"count": 2, "shape": ()})],
    "sigmoid_cross_entropy": [(TARGETS, M, {}), (TARGETS, 100 * M, {})],
    "sparse_cross_entropy": [(LABELS, LOGS, LOGS, {}), (np.array(1), LOGS[0], LOGS[0], {})],
    "sparse_cross_entropy_gradient": [(np.array([1.0, -2.0]), LABELS, LOGS, {})],
    "split": [(T, {"sizes": (1, 0, 3), "axis": 2}), (M, {"sizes": (3,), "axis": 1})],
    "squeeze": [(T[:, :1], {"axis": (1,)}), (M, {"axis": ()})],
    "stack": [(M, N, {"axis": 0}), (M, N, {"axis": 2}), (ROW[0], ROW[1], {"axis": 0})],
    "strided_slice": [(T, {"index": index}) for index in (
        (1, (None, None, -1)), (None, "...", (1, None, 2)), ((0, -1, None), None, -1), ("...", 0, None),
        ((-9, 9, None), (2, 0, -1)),
    )],
    "strided_slice_grad": [(M, {"index": ((0, 4, 2), (None, None, -1)), "shape": (4, 3)}),
                           (ROW, {"index": (1, "..."), "shape": (2, 3)})],
    "sum_to": [(T, {"shape": (3, 4)}), (T, {"shape": (1, 4)}), (T, {"shape": ()}), (T, {"shape": (2, 1, 1)})],
    "tensor_scatter_update": [(M, PAIRS[:2], ROW[:2], {})],
    "tile": [(M, {"multiples": (2, 1)}), (M, {"multiples": (0, 3)})],
    "top_k": [(M, {"k": 2, "dtype": np.dtype("i4")}), (np.abs(T) // 4, {"k": 3, "dtype": np.dtype("i8")})],
    "transpose": [(T, {"perm": (2, 0, 1)}), (T, {"perm": None}), (np.array(1.0), {"perm": None})],
    "unstack": [(T, {"axis": 0}), (M, {"axis": 1})],
    "where": [(MASK, M, N, {}), (MASK, ROW, M, {}), (np.array(True), M, N, {})],
}  # fmt: skip

# Dtypes that an op is declared for, and does not take: it takes inputs of several, or NumPy has no such kernel.
EXCEPT = {
    **dict.fromkeys(
        ("cross_entropy", "cross_entropy_gradient", "sparse_cross_entropy", "sparse_cross_entropy_gradient"),
        {"i4", "i8", "i2", "i1", "u1", "b1"},
    ),
    "tensor_scatter_sub": {"b1"},
}
DTYPES = ["f4", "f8", "f2", "i4", "i8", "i2", "i1", "u1", "b1"]


def dtypes(name: str) -> list[str]:
    """List the dtypes to try an op in; only the first of the list for one that takes no floats."""
    if not any(np.asarray(array).dtype == np.float64 for case in CASES[name] for array in case[:-1]):
        return DTYPES[:1]
    return [code for code in DTYPES if np.dtype(code) in OPS[name].dtypes and code not in EXCEPT.get(name, ())]


def prepared(array: Any, code: str) -> Any:
    array = np.asarray(array)
    if array.dtype != np.float64:
        return array
    return (np.abs(array) if code == "u1" else array).astype(code)


def single(op: Op, arrays: list[Any], attributes: Mapping[str, Any]) -> Program:
    """Make the program of one op."""
    y = op.apply([tf.constant(array) for array in arrays], arrays, dict(attributes))
    outputs = y if isinstance(y, tuple) else (y,)
    arguments = tuple(range(len(arrays)))
    results = tuple(range(len(arrays), len(arrays) + len(outputs)))
    values = {n: tf.TensorSpec(x.shape, x.dtype, f"x{n}") for n, x in enumerate([*map(tf.constant, arrays), *outputs])}
    return Program("f", values, arguments, (), {}, (Node(op, arguments, dict(attributes), results),), results, ())


@pytest.mark.parametrize(("name", "code"), [(name, code) for name in CASES for code in dtypes(name)])
def test_an_op_gives_the_same_in_onnxruntime(name: str, code: str) -> None:
    cases = CASES[name] if code == dtypes(name)[0] else CASES[name][:1]
    for *inputs, attributes in cases:
        arrays = [prepared(array, code) for array in inputs]
        program = single(OPS[name], arrays, attributes)
        model = translated(program, [f"y{i}" for i in range(len(program.results))], 18)
        verified(program, model, arrays)


def test_every_op_is_translated_or_listed_with_the_reason() -> None:
    assert set(OPS) == TRANSLATIONS.keys() | UNTRANSLATED.keys() | LEFT_OUT
    assert not (TRANSLATIONS.keys() | LEFT_OUT) & UNTRANSLATED.keys()


def test_every_translation_is_tried() -> None:
    assert TRANSLATIONS.keys() - CASES.keys() == set()
