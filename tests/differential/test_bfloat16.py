"""bfloat16 is TensorFlow's on its runtime: conversions, texts, errors, ops, gradients, variables and NumPy's arrays."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_same_error, errors_of, is_tensor, leaves

pytestmark = [
    pytest.mark.backend("tensorflow"),
    # NumPy on how TensorFlow's tensors become arrays.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

CONVERSIONS = [
    "tf.constant([1.5, 2.3456, -1e39, 1e-45, float('nan'), -0.0], B)", "tf.constant(2.3456, B)", "tf.constant(3, B)",
    "tf.constant([[1, 2], [3, 4]], B)", "tf.constant(2**40, B)", "tf.constant([], B)", "tf.constant(7, B, [2, 2])",
    "tf.constant([1, 2.5], B)", "tf.constant(True, B)", "tf.constant([True], B)", "tf.constant('a', B)",
    "tf.constant([[1.0], [1.0, 2.0]], B)", "tf.constant(low([1, 2]))", "tf.constant(low([1, 2])[0])",
    "tf.constant([low(1.0)[()], 2.0])", "tf.constant(low([1, 2]), tf.float32)", "tf.constant(np.array([1.1]), B)",
    "tf.constant(np.array([1.1], 'f'), B)", "tf.constant(np.array([3]), B)",
    "tf.convert_to_tensor(low([1]), 'float32')",
    "tf.convert_to_tensor(tf.constant(1.0), B)", "tf.zeros([2], B)", "tf.ones([2], 'bfloat16')", "tf.fill([2], B1)",
    "tf.eye(2, dtype=B)", "tf.range(3, dtype=B)", "tf.range(B0, B1 * 2, B1 / 2)", "tf.linspace(B0, B1, 3)",
    "tf.zeros_like(B1)", "tf.one_hot([1, 0], 3, dtype=B)", "tf.one_hot([1, 0], 3, B1, B0)",
    *(f"tf.cast(tf.constant([{values}], tf.{dtype}), B)" for dtype, values in (
        ("float16", "0.1, 65504.0"), ("float32", "0.1, 3.4e38, 1.00390625, 1.01171875"), ("float64", "0.1, 1e300"),
        ("int32", "257, -2147483648"), ("int64", "1099511627777"), ("uint8", "255"), ("int8", "-7"), ("bool", "True"),
    )),
    *(f"tf.cast(X, tf.{dtype})" for dtype in ("float16", "float32", "float64", "int32", "int64", "int8", "bool")),
    "tf.cast(X, B) is X", "tf.cast([1.7, 2], 'bfloat16')", "tf.as_dtype('bfloat16')", "tf.as_dtype(low([1]).dtype)",
    "tf.as_dtype(B.as_numpy_dtype)", "B", "str(B)", "B.name", "B.size", "B.min", "B.max", "B.is_floating",
    "B.is_integer", "B.is_bool", "B == 'bfloat16'", "B == tf.float16", "B == B.as_numpy_dtype", "hash(B) == hash(B)",
    "tf.dtypes.bfloat16 is tf.bfloat16", "pickle.loads(pickle.dumps(B)) is B", "float(B1)", "int(X[0])", "bool(B0)",
    "f'{B1}'", "f'{X[1]:.2f}'", "X.numpy()", "X.numpy().dtype", "np.array(X)", "np.array(X, 'f')",
    "np.asarray(X).dtype",
    "B1.numpy()", "type(B1.numpy())", "X", "X[0]", "tf.reshape(X, [2, 2])", "tf.zeros([0, 3], B)", "str(X)",
    "tf.constant(low([[1.5, 2.25], [1e30, 1e-30]]))", "tf.TensorSpec([2], B)", "tf.nest.map_structure(tf.abs, [X, B1])",
]  # fmt: skip
MIXING = [
    "B1 + 1", "1 + X", "X * 0.1", "0.1 * X", "X / 3", "2 ** X", "X - True", "X + tf.constant(1.0)", "X + low([1] * 4)",
    "X + tf.constant(1.0, tf.float16)", "X + tf.constant(1)", "X + np.float32(1)", "X + [1.0, 2, 3, 4]", "X < 1",
    "X == 1", "X == tf.constant(1.0)", "tf.stack([X, X])", "tf.concat([X, tf.ones([1])], 0)",
    "tf.where(X > 0, X, 0.0)", "tf.bitwise.invert(X)", "tf.linalg.inv(tf.eye(2, dtype=B))", "tf.logical_not(X)",
    "tf.gather(X, X)", "tf.maximum(X, 0.5)", "tf.clip_by_value(X, -0.5, 0.5)",
    "tf.pow(X, 2)", "X // 2", "X % 2", "X // 0", "-X", "abs(X)",
]  # fmt: skip
UNARY = [
    "abs", "sign", "square", "sqrt", "exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "asin", "acos", "atan",
    "asinh", "atanh", "floor", "round", "negative", "sigmoid", "math.log", "math.log1p", "math.expm1", "math.rsqrt",
    "math.reciprocal", "math.erf", "math.is_nan", "math.is_inf", "math.is_finite", "math.ceil", "math.softplus",
    "nn.relu", "nn.relu6", "nn.elu", "nn.selu", "nn.gelu", "nn.silu", "nn.leaky_relu", "nn.softmax", "nn.log_softmax",
    "nn.softsign", "nn.l2_normalize", "reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod",
    "reduce_logsumexp", "math.reduce_std", "math.reduce_variance", "argmax", "argmin", "cumsum", "math.cumprod",
    "sort", "argsort", "reverse_", "identity", "norm", "transpose", "stop_gradient", "zeros_like", "ones_like",
]  # fmt: skip
BINARY = [
    "x + y", "x - y", "x * y", "x / y", "x // y", "x % y", "x ** 2.0", "tf.pow(abs(x), y)", "tf.maximum(x, y)",
    "tf.minimum(x, y)", "tf.atan2(x, y)", "tf.math.squared_difference(x, y)", "tf.math.divide_no_nan(x, y)",
    "tf.matmul(x, y, transpose_b=True)", "tf.matmul(x, y, transpose_a=True)", "tf.tensordot(x, y, [[0], [0]])",
    "tf.einsum('ij,kj->ik', x, y)", "tf.where(x > y, x, y)", "tf.stack([x, y])", "tf.concat([x, y], 1)",
    "tf.add_n([x, y, x])", "tf.gather(x, [1, 0, 1])", "x[1:, ::2]", "tf.pad(x, [[1, 1], [0, 2]])", "tf.tile(x, [2, 1])",
    "tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(y), x)", "tf.nn.bias_add(x, y[0])", "tf.reshape(x, [3, 2])",
    "tf.nn.sparse_softmax_cross_entropy_with_logits([0, 2], x)", "tf.nn.sigmoid_cross_entropy_with_logits(y * y, x)",
    "tf.nn.moments(x, 0)", "tf.nn.batch_normalization(x, y[0], y[1] ** 2, None, y[0], 0.1)", "tf.split(x, 3, 1)",
    "tf.cast(tf.cast(x, tf.float32) * 3, B) * y", "tf.clip_by_norm(x, 1.0)", "tf.repeat(x, 2, 0)", "tf.roll(x, 1, 1)",
    "tf.tensor_scatter_nd_add(x, [[1]], y[:1])", "tf.unstack(x)",
    "tf.broadcast_to(x[:1], [4, 3])", "tf.expand_dims(x, 0) * y", "tf.math.top_k(x, 2)[0]", "tf.linalg.diag_part(x)",
]  # fmt: skip
VARIABLES = [
    "tf.Variable([1.0, 2.0], dtype=B)", "tf.Variable(X)", "tf.Variable(X).dtype", "tf.Variable(X) + 1",
    "v = tf.Variable(X); v.assign([1, 2, 3, 4.1]); v", "v = tf.Variable(X); v.assign_add(X); v.assign_sub(B1 * X); v",
    "v = tf.Variable(X); v[1:3].assign([7, 8]); v.numpy()", "v = tf.Variable(X); v.assign(tf.ones([4])); v",
    "v = tf.Variable(X); v.scatter_add(tf.IndexedSlices(X[:2], [0, 0])); v",
    "tf.Variable(low([1, 2]), dtype='float32')",
    "v = tf.Variable(B1); v.assign_add(0.001); v", "v = tf.Variable(low([3])); v.assign(np.array([2.2])); v.numpy()",
]  # fmt: skip


def outcome(tf: Any, line: str) -> Any:
    """Run statements, and return the value of the last, or the error."""
    import pickle

    low = tf.bfloat16.as_numpy_dtype
    names: dict[str, Any] = {
        "tf": tf, "np": np, "pickle": pickle, "B": tf.bfloat16, "B0": tf.constant(0, tf.bfloat16),
        "B1": tf.constant(1, tf.bfloat16), "X": tf.constant([1.5, -0.3, 0.7, 2.9], tf.bfloat16),
        "low": lambda values: np.array(values).astype(low),
    }  # fmt: skip
    *before, last = line.split("; ")
    try:
        for statement in before:
            exec(statement, names)
        return eval(last, names)
    except errors_of(tf) as error:
        return error


def assert_same(ours: Any, theirs: Any, ulps: float = 0) -> None:
    if isinstance(theirs, Exception):
        assert_same_error(ours, theirs)
        return
    assert not isinstance(ours, Exception), f"we raise {ours!r}, TensorFlow gives {theirs!r}"
    for mine, its in zip(leaves(ours), leaves(theirs), strict=True):
        if not is_tensor(its):
            assert repr(mine) == repr(its)
            continue
        assert (mine.dtype.name, mine.shape.as_list()) == (its.dtype.name, its.shape.as_list())
        if not ulps:
            assert (mine.numpy().tobytes(), str(mine), repr(mine)) == (its.numpy().tobytes(), str(its), repr(its))
        else:
            near = ulps * 2.0**-8
            np.testing.assert_allclose(
                *(np.asarray(each.numpy()).astype("float64") for each in (mine, its)), near, near
            )


@pytest.mark.parametrize("line", CONVERSIONS + MIXING)
def test_values_convert_mix_and_print_as_in_tensorflow(oracle: ModuleType, line: str) -> None:
    assert_same(outcome(minitf, line), outcome(oracle, line))


@pytest.mark.parametrize("line", VARIABLES)
def test_variables_are_tensorflows(oracle: ModuleType, line: str) -> None:
    assert_same(outcome(minitf, line), outcome(oracle, line))


def slopes(tf: Any, compute: str) -> Any:
    """Return results and gradients, the last also of a compiled function."""

    def both(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, y])
            z = eval(compute, {"tf": tf, "np": np, "B": tf.bfloat16, "x": x, "y": y})
            total = [tf.reduce_sum(part * part) for part in (z if isinstance(z, list | tuple) else [z])]
        return z, tape.gradient(total, [x, y])

    x = tf.constant([[0.5, -0.25, 0.75], [0.125, 0.9, -0.6]], tf.bfloat16)
    y = tf.constant([[1.5, 0.3, -2.5], [0.7, -1.1, 0.4]], tf.bfloat16)
    try:
        z, grads = both(x, y)
    except errors_of(tf) as error:
        return error
    return [z, [tf.convert_to_tensor(each) for each in grads if each is not None]]


@pytest.mark.parametrize("name", UNARY)
def test_functions_and_their_gradients_are_those_of_tensorflow(oracle: ModuleType, name: str) -> None:
    compute = {"reverse_": "tf.reverse(x, [0])", "norm": "tf.norm(x)"}.get(name, f"tf.{name}(x)")
    if name in ("argmax", "argmin", "argsort") or name.startswith("math.is_"):
        compute = f"tf.cast({compute}, B)"
    assert_same(slopes(minitf, compute), slopes(oracle, compute), ulps=4)


@pytest.mark.parametrize("compute", BINARY)
def test_ops_of_two_and_their_gradients_are_those_of_tensorflow(oracle: ModuleType, compute: str) -> None:
    assert_same(slopes(minitf, compute), slopes(oracle, compute), ulps=4)


def test_products_of_matrices_are_summed_with_as_many_digits_as_tensorflows(oracle: ModuleType) -> None:
    draws = np.random.default_rng(0)
    a, b = draws.normal(size=(4, 3000)), draws.normal(size=(3000, 5))

    def product(tf: Any, kind: str, compiled: bool) -> Any:
        matmul = tf.function(lambda x, y: tf.matmul(x, y), jit_compile=True) if compiled else tf.matmul
        return np.asarray(matmul(tf.cast(a, kind), tf.cast(b, kind))).astype("float64")

    for kind in ("float16", "bfloat16"):
        for compiled in (False, True):
            np.testing.assert_array_equal(product(minitf, kind, compiled), product(oracle, kind, compiled))


def test_seeded_draws_are_tensorflows(oracle: ModuleType) -> None:
    for line in (
        "tf.random.stateless_uniform([7], [1, 2], dtype=B)", "tf.random.stateless_normal([7], [1, 2], dtype=B)",
        "tf.random.stateless_truncated_normal([7], [1, 2], dtype=B)",
        "tf.random.set_seed(3); tf.random.uniform([5], 0, 3, B)",
    ):  # fmt: skip
        assert_same(outcome(minitf, line), outcome(oracle, line), ulps=1)


def test_a_function_takes_and_gives_bfloat16(oracle: ModuleType) -> None:
    def descended(tf: Any) -> Any:
        w = tf.Variable([1.0, -2.0], dtype=tf.bfloat16)

        @tf.function(jit_compile=True)
        def step(x: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((x * w - 1) ** 2)
            w.assign_sub(tape.gradient(loss, w) * 0.1)
            return loss

        return [step(tf.constant([0.5, i], tf.bfloat16)) for i in range(5)], tf.convert_to_tensor(w)

    assert_same(descended(minitf), descended(oracle), ulps=2)
