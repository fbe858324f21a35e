"""The way to a TPU, as far as it can be seen without one.

A double of TensorFlow's TPUStrategy stands where the TPU would be: a strategy of one CPU. So these tests see that
minitf calls TensorFlow's public functions in the right order, hands the resolver on, and trains a model through the
strategy that comes back, without asking XLA for parts of a step. They cannot see whether a TPU compiles such a step,
how its cores sum, how fast it is, or what a TPU that is on another machine says when it is busy or gone.
"""

from __future__ import annotations

from typing import Any

import pytest

import minitf as tf

pytestmark = pytest.mark.backend("tensorflow")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    import tensorflow

    seen: list[tuple[str, Any]] = []

    class Double(tensorflow.distribute.MirroredStrategy):
        def __init__(self, resolver: Any) -> None:
            seen.append(("strategy", resolver))
            super().__init__(["CPU:0"])

    def noting(name: str, result: Any = None) -> Any:
        return lambda given=None, **options: seen.append((name, given)) or result

    monkeypatch.setattr(
        tensorflow.distribute.cluster_resolver,
        "TPUClusterResolver",
        lambda tpu: seen.append(("find", tpu)) or "the TPU",
    )
    monkeypatch.setattr(tensorflow.config, "experimental_connect_to_cluster", noting("connect"))
    monkeypatch.setattr(tensorflow.tpu.experimental, "initialize_tpu_system", noting("initialize"))
    monkeypatch.setattr(tensorflow.distribute, "TPUStrategy", Double)
    return seen


def test_a_tpu_is_found_connected_initialized_and_trained_on(calls: list[tuple[str, Any]]) -> None:
    strategy = tf.distribute.TPUStrategy(tf.distribute.cluster_resolver.TPUClusterResolver(tpu="local"))
    assert calls == [("find", "local"), ("connect", "the TPU"), ("initialize", "the TPU"), ("strategy", "the TPU")]
    tf.keras.utils.set_random_seed(1)
    with strategy.scope():
        model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
    losses = model.fit(tf.ones((8, 1)), tf.ones((8, 1)), epochs=3, verbose=0).history["loss"]
    assert losses[2] < losses[0]
    assert not strategy._replicas.xla  # the TPU compiles a step as a whole
