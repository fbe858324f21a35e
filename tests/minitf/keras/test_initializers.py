"""What is asked of initializers, activations, regularizers and seeds beyond agreement with Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.keras import initializers
from minitf.keras.initializers.random_initializers import compute_fans


@pytest.mark.parametrize(
    ("shape", "fans"), [((), (1, 1)), ((5,), (5, 5)), ((3, 4), (3, 4)), ((2, 2, 3, 4), (12, 16))], ids=str
)
def test_the_fans_of_a_shape(shape: Any, fans: tuple[int, int]) -> None:
    assert compute_fans(shape) == fans


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 3, 4), (64, 64)], ids=str)
def test_orthogonal_values_are_orthonormal_along_the_shorter_side(shape: Any) -> None:
    matrix = tf.keras.initializers.Orthogonal(seed=1)(shape).numpy().reshape(-1, shape[-1])
    wide = matrix if len(matrix) <= matrix.shape[1] else matrix.T
    np.testing.assert_allclose(wide @ wide.T, np.eye(len(wide)), atol=1e-5)


@pytest.mark.parametrize(
    "name", ["GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"]
)
def test_scaled_draws_have_the_variance_that_their_paper_asks_for(name: str) -> None:
    fan_in, fan_out = 200, 600
    wanted = {"G": 2 / (fan_in + fan_out), "H": 2 / fan_in, "L": 1 / fan_in}[name[0]]
    values = getattr(tf.keras.initializers, name)(seed=2)((fan_in, fan_out)).numpy()
    assert values.var() == pytest.approx(wanted, rel=0.02)
    assert abs(values.mean()) < 0.01 * np.sqrt(wanted)


def operations(function: Any, x: Any) -> list[str]:
    """List the ops of a captured function and its gradient."""

    @tf.function
    def both(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x)

    return [node.op.name for node in both.get_concrete_function(x).program.nodes]


@pytest.mark.parametrize(
    "name", ["relu", "softmax", "sigmoid", "tanh", "elu", "softplus", "relu6", "selu", "leaky_relu"]
)
def test_an_activation_is_one_op(name: str) -> None:
    program = tf.function(getattr(tf.keras.activations, name)).get_concrete_function(tf.ones((2, 3))).program
    assert [node.op.name for node in program.nodes] == [name]


def test_a_penalty_of_squares_takes_two_ops_and_its_gradient_one() -> None:
    assert operations(tf.keras.regularizers.L2(0.1), tf.ones((2, 3))) == ["l2_loss", "multiply", "multiply"]


def test_dropout_in_a_program_takes_a_seed_a_draw_and_three_ops() -> None:
    seeds = tf.keras.random.SeedGenerator(1)
    ops = operations(lambda x: tf.keras.random.dropout(x, 0.5, seed=seeds), tf.ones((2, 3)))
    assert ops == [
        "add", "floormod", "scramble_seed", "draw_uniform", "multiply", "greater_equal", "where", "where", "multiply",
    ]  # fmt: skip


def test_dropout_keeps_the_mean_and_drops_its_share() -> None:
    x = tf.ones((200, 50))
    y = tf.keras.random.dropout(x, 0.3, seed=4).numpy()
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.02)
    assert y.mean() == pytest.approx(1.0, abs=0.03)


def test_a_loaded_state_draws_what_comes_next() -> None:
    one, other = tf.keras.random.SeedGenerator(1), tf.keras.random.SeedGenerator(2)
    tf.keras.random.normal((2,), seed=one)
    other.state.assign(one.state)
    draws = [tf.keras.random.normal((2,), seed=seeds).numpy().tolist() for seeds in (one, other)]
    assert draws[0] == draws[1]


def test_two_generators_have_two_names() -> None:
    names = {tf.keras.random.SeedGenerator(1).state.path for _ in range(2)}
    assert len(names) == 2
    assert all(name.endswith("/seed_generator_state") for name in names)


def test_shuffling_keeps_all_rows() -> None:
    rows = tf.keras.random.shuffle(tf.range(20), seed=1).numpy()
    assert sorted(rows) == list(range(20)) != rows.tolist()


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        ValueError, match="Could not interpret initializer identifier: he_norml. Did you mean 'he_normal'"
    ):
        tf.keras.initializers.get("he_norml")
    with pytest.raises(AttributeError, match="tf.keras.initializers"):
        _ = tf.keras.initializers.stft


def test_an_orthogonal_matrix_may_have_half_precision() -> None:
    q = initializers.Orthogonal(seed=1)((3, 2), "float16")
    assert q.dtype is tf.float16
    assert np.allclose(q.numpy().T @ q.numpy(), np.eye(2), atol=5e-3)


def test_a_layer_describes_a_lambda_as_its_activation() -> None:
    with pytest.warns(UserWarning, match="includes a `lambda`"):
        config = tf.keras.layers.Dense(1, activation=lambda x: x * x).get_config()
    assert config["activation"]["class_name"] == "__lambda__"
