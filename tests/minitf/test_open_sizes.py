"""Inside a function whose signature leaves sizes open, every op is the same for all of them.

CASES are functions of tensors and the shapes of these; None is a size that differs from call to call. Each is traced
once, and agrees with what runs eagerly, as do its gradients and theirs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitf as tf
import tests.compiling as compiling

N = None
X, Y, V = (N, 3), (N, 2, 4), (N,)
COUNTS = tf.TensorSpec([N], tf.int32)
MASK = tf.TensorSpec([N], tf.bool)
TABLE = tf.constant(np.arange(8.0).reshape(4, 2))


def rows(x: Any) -> Any:
    return tf.shape(x)[0]


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    # shapes
    (lambda x: x * tf.cast(tf.size(x), x.dtype), (X,)), (lambda x: tf.reshape(x, [-1]), (X,)),
    (lambda x: tf.reshape(x, [rows(x), -1]), (Y,)),
    (lambda x: tf.reshape(x, [6, -1]), ((N, 6),)), (lambda x: tf.reshape(x, (2 * rows(x), 4)), (Y,)),
    (lambda x: tf.reshape(x, tf.concat([tf.shape(x)[:1], [8]], 0)), (Y,)), (lambda x: tf.transpose(x), (X,)),
    (lambda x: tf.squeeze(x[:, None], 1), (X,)), (lambda x, y: tf.broadcast_to(y, tf.shape(x)), (X, (3,))),
    (lambda x, y: tf.concat([x, y, x], 0) * 2.0, (X, X)), (lambda x, y: tf.stack([x, y], 1) ** 2, (X, X)),
    (lambda x: tf.split(x, [1, 2], 1), (X,)), (lambda x: tf.split(x, [rows(x), -1]), (X,)),
    (lambda x: tf.unstack(x, axis=1), (X,)), (lambda x: tf.ensure_shape(x, [N, 3]) ** 2, (X,)),
    # made of sizes
    (lambda x: x + tf.zeros([rows(x), 3], x.dtype), (X,)), (lambda x: x * tf.ones(tf.shape(x), x.dtype), (X,)),
    (lambda x: tf.fill([rows(x)], x[0, 0]), (X,)), (lambda x: tf.eye(rows(x), dtype=x.dtype) @ x, (X,)),
    (lambda x: tf.cast(tf.range(rows(x)), x.dtype)[:, None] * x, (X,)),
    (lambda i: tf.one_hot(i, tf.size(i)), (COUNTS,)),
    (lambda i: tf.sequence_mask(i, tf.size(i)), (COUNTS,)), (lambda x, y: tf.meshgrid(x, y), (V, V)),
    (lambda x: tf.linspace(x, x + 1, 4, axis=1), (V,)),
    # broadcasting and reductions
    (lambda x, y: x * y + y, (X, (3,))), (lambda x, y: x / y, (X, (N, 1))), (lambda x: tf.reduce_mean(x), (X,)),
    (lambda x: tf.reduce_mean(x, 0) ** 2, (X,)), (lambda x: tf.reduce_max(x, 1), (X,)),
    (lambda x: tf.reduce_prod(x, 0), (X,)), (lambda x: tf.math.reduce_std(x, 0), (X,)),
    (lambda x: tf.math.zero_fraction(x) + tf.cast(tf.math.count_nonzero(x), tf.float32), (X,)),
    (lambda x: tf.reduce_logsumexp(x, 0), (X,)), (lambda x: tf.cumsum(x, 0, reverse=True) ** 2, (X,)),
    (lambda x: tf.sort(x, 0), (X,)), (lambda x: tf.sign(x) * x, (X,)),
    # products
    (lambda x: tf.matmul(x, x, transpose_b=True), (X,)), (lambda x, y: tf.tensordot(x, y, 0), (X, V)),
    (lambda x, y: tf.einsum("bi,bj->bij", x, y), (X, X)), (lambda x: tf.einsum("bi->i", x) ** 2, (X,)),
    (lambda x: tf.linalg.diag(x, k=1), (V,)), (lambda x: tf.linalg.trace(x), ((N, 3, 3),)),
    # positions
    (lambda i: tf.gather(TABLE, i), (COUNTS,)), (lambda x: tf.gather(x, [0, 0]), (X,)),
    (lambda x, i: tf.gather(x, i[:, None], axis=1, batch_dims=1), (X, COUNTS)), (lambda x: x[rows(x) - 1], (X,)),
    (lambda x: x[::2, 1], (X,)), (lambda x: x[: rows(x) // 2], (X,)), (lambda x: tf.slice(x, [0, 1], [-1, 2]), (X,)),
    (lambda i, x: tf.scatter_nd(i[:, None], x, [4, 3]), (COUNTS, X)),
    (lambda i, x: tf.scatter_nd(i[:, None], x, tf.shape(x)), (COUNTS, X)),
    (lambda x: tf.tensor_scatter_nd_max(x, [[0]], [[9.0, 0.0, 0.0]]), (X,)),
    (lambda x: tf.math.top_k(x, 2).values, (X,)),
    (lambda x: tf.tile(x, [2, 1]) ** 2, (X,)), (lambda x: tf.repeat(x, 2, 0) ** 2, (X,)),
    (lambda x: tf.repeat(x, rows(x), 1) ** 2, (X,)), (lambda x: tf.pad(x, [[0, rows(x)], [1, 0]]) ** 2, (X,)),
    (lambda x: tf.pad(x, [[0, 0], [2, 1]], "REFLECT") ** 2, (X,)), (lambda x: tf.roll(x, 1, 0) * x, (X,)),
    # networks
    (lambda x: tf.nn.batch_normalization(x, *tf.nn.moments(x, 0), None, None, 0.1), (X,)),
    (lambda x: tf.clip_by_norm(x, 1.0, [1]), (X,)),
    (lambda y, x: tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, x)), (X, X)),
    (lambda i, x: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(i, x)), (COUNTS, X)),
    (lambda x: tf.map_fn(lambda row: row * 2, tf.transpose(x)), (X,)), (lambda x: examples(x), (X,)),
]  # fmt: skip


def examples(x: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sin(x) * tf.reduce_sum(x, 1, keepdims=True)
    return tape.batch_jacobian(y, x)


def spec(given: Any) -> tf.TensorSpec:
    return given if isinstance(given, tf.TensorSpec) else tf.TensorSpec(given, tf.float64)


def drawn(specs: list[Any], size: int) -> list[Any]:
    """Draw arguments with one size for all that is open: floats, numbers that are 0 or 1, and one True at least."""
    random = np.random.default_rng(size)
    shapes = [[size if n is None else n for n in each.shape] for each in specs]
    arrays = [random.random(shape) + 0.3 if each.dtype == tf.float64 else random.integers(0, min(size, 2), shape)
              for each, shape in zip(specs, shapes, strict=True)]  # fmt: skip
    return [tf.constant(array.astype(each.dtype.as_numpy_dtype)) for each, array in zip(specs, arrays, strict=True)]


def with_gradients(function: Callable[..., Any], order: int) -> Callable[..., Any]:
    """Make the function that gives the gradients of the squares of what a function gives, once or twice."""
    if order == 0:
        return function

    def gradients(*args: Any) -> Any:
        sources = [arg for arg in args if arg.dtype.is_floating]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            results = tf.nest.flatten(with_gradients(function, order - 1)(*args))
            results = [result * result for result in results if result.dtype.is_floating]
        return tape.gradient(results, sources, unconnected_gradients="zero")

    return gradients


SIZES = (5, 1, 2)[: compiling.examples(3)]


def agree(function: Callable[..., Any], given: tuple[Any, ...], sizes: tuple[int, ...] = SIZES) -> int:
    """Compare a function that is captured with itself, run eagerly; return how many programs it took."""
    specs = list(map(spec, given))
    named = (lambda a: function(a)) if len(specs) == 1 else (lambda a, b: function(a, b))
    captured = tf.function(named, input_signature=specs)
    for size in sizes:
        args = drawn(specs, size)
        found, wanted = tf.nest.flatten(captured(*args)), tf.nest.flatten(function(*args))
        for one, other in zip(found, wanted, strict=True):
            assert (one.dtype, one.shape) == (other.dtype, other.shape)
            np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-6, atol=1e-12)
    return captured.experimental_get_tracing_count()


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize(("function", "given"), CASES)
def test_one_program_serves_all_sizes(function: Callable[..., Any], given: tuple[Any, ...], order: int) -> None:
    assert agree(with_gradients(function, order), given) == 1


SHAPE_BY_SHAPE: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: tf.unstack(x), (X,)), (lambda x: tf.map_fn(lambda row: row * 2, x), (X,)),
    (lambda x: tf.squeeze(x), (X,)), (lambda x: tf.reduce_mean(x[:4]), (X,)), (lambda x: x[-3:] * 2, (X,)),
    (lambda x: tf.linalg.diag_part(x) * 2, (X,)), (lambda x: tf.linspace(x[0, 0], 1.0, rows(x)), (X,)),
    (lambda x: x * len(x), (X,)), (lambda x: x if rows(x) > 2 else -x, (X,)),
    (lambda x: tf.fill([tf.minimum(rows(x), 3)], x[0, 0]), (X,)),
    (lambda x: tf.pad(x, [[0, rows(x) % 2], [0, 0]]), (X,)),
]  # fmt: skip


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize(("function", "given"), SHAPE_BY_SHAPE)
def test_where_a_size_decides_which_ops_run_each_shape_has_its_program(
    function: Callable[..., Any], given: tuple[Any, ...], order: int
) -> None:
    assert agree(with_gradients(function, order), given) > 1


WRONG: list[tuple[Callable[..., Any], Any, Any]] = [
    (lambda x: 7 // x, 2, 0), (lambda x: 7 % x, 2, 0), (lambda x: tf.pow(7, x), 2, -1),
    (lambda x: tf.gather([1, 2], x), 1, 2), (lambda x: tf.repeat([1, 2], x), 2, -1),
    (lambda x: tf.random.uniform([2], 0, x, tf.int32), 2, 0), (lambda x: tf.linalg.inv([[x]]), 2.0, 0.0),
    (lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits([x], [[0.0, 1.0]]), 1, 2),
    (lambda x: tf.debugging.check_numerics(x, "x") * 2, 1.0, float("nan")),
    (lambda x: tf.debugging.assert_positive(x), 1.0, -1.0), (lambda x: tf.debugging.assert_less(x, 2.0), 1.0, 3.0),
    (lambda x: tf.debugging.assert_near(x, 1.0), 1.0, 3.0), (lambda x: tf.Assert(x > 0, ["x is", x]), 1.0, -1.0),
]  # fmt: skip


@pytest.mark.parametrize(("function", "right", "wrong"), WRONG)
def test_a_program_refuses_the_values_that_its_ops_refuse(
    function: Callable[[Any], Any], right: Any, wrong: Any
) -> None:
    captured = tf.function(function)
    captured(tf.constant(right))
    with pytest.raises(tf.errors.InvalidArgumentError) as eager:
        function(tf.constant(wrong))
    with pytest.raises(tf.errors.InvalidArgumentError) as replayed:
        captured(tf.constant(wrong))
    assert str(replayed.value).splitlines()[0] == str(eager.value).splitlines()[0]
    assert captured.experimental_get_tracing_count() == 1


TOO_SMALL: list[Callable[[Any], Any]] = [
    lambda x: tf.linalg.diag_part(x, k=1), lambda x: tf.linalg.band_part(x, 1, 2),
    lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits(tf.zeros([tf.shape(x)[0]], tf.int32), x),
]  # fmt: skip


@pytest.mark.parametrize("function", TOO_SMALL)
def test_a_program_refuses_the_sizes_that_its_ops_refuse(function: Callable[[Any], Any]) -> None:
    captured = tf.function(lambda x: function(x), input_signature=[tf.TensorSpec([N, N])])
    for run in (captured, function):
        run(tf.ones([3, 3]))
        with pytest.raises(tf.errors.InvalidArgumentError):
            run(tf.ones([0, 0]))


def test_a_program_prints_in_every_call_where_sys_stdout_is_then(capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function(input_signature=[tf.TensorSpec([N])])
    def shown(x: Any) -> Any:
        tf.print("before", {"x": x}, "after", x, output_stream=sys.stdout)
        return x

    for size in (1, 8):
        shown(tf.ones([size]))
        ones = "[1]" if size == 1 else "[1 1 1 ... 1 1 1]"
        assert capsys.readouterr().out == f"before {{'x': {ones}}} after {ones}\n"


DRAWS: list[Callable[[Any], Any]] = [
    lambda x: tf.random.uniform(tf.shape(x)), lambda x: tf.random.normal([rows(x), 2], seed=3),
    lambda x: tf.nn.dropout(x, 0.5), lambda x: tf.nn.dropout(x, 0.5, noise_shape=[N, 1]),
    lambda x: tf.random.shuffle(x, seed=4), lambda x: tf.random.stateless_uniform(tf.shape(x), [1, 2]),
]  # fmt: skip


@pytest.mark.parametrize("draw", DRAWS)
def test_a_program_draws_what_is_drawn_eagerly_from_the_first_call_on(draw: Callable[[Any], Any]) -> None:
    captured = tf.function(draw, input_signature=[tf.TensorSpec(X)])
    sequences = []
    for function in (captured, draw):
        tf.random.set_seed(5)
        sequences.append([function(tf.ones([size, 3])).numpy().tolist() for size in (5, 2, 5)])
    assert sequences[0] == sequences[1]
    assert captured.experimental_get_tracing_count() == 1


INDICES: list[Callable[[Any, Any], Any]] = [
    lambda x, i: x[i], lambda x, i: x[:, i], lambda x, i: x[..., i], lambda x, i: x[i, ..., i],
    lambda x, i: x[0, i, None, 1:], lambda x, i: x[..., i, None, :], lambda x, i: x[i, ::-1][i],
]  # fmt: skip


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("take", INDICES)
def test_one_program_serves_all_indices(take: Callable[[Any, Any], Any], order: int) -> None:
    function = with_gradients(lambda x, i: take(x * x, i), order)
    captured = tf.function(lambda x, i: function(x, i))
    x = tf.constant(np.arange(24.0).reshape(2, 3, 4))
    for place in (0, 1, -1):
        pair = [tf.nest.flatten(each(x, tf.constant(place)))[0].numpy() for each in (captured, function)]
        np.testing.assert_array_equal(*pair)
    with pytest.raises(tf.errors.InvalidArgumentError):
        captured(x, tf.constant(5))
    assert captured.experimental_get_tracing_count() == 1
