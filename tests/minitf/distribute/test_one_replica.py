"""The strategy of one replica, which every backend has; and what NumPy says about the others."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import minitf as tf


@pytest.mark.backend("numpy")
@pytest.mark.parametrize("kind", ["MirroredStrategy", "MultiWorkerMirroredStrategy", "TPUStrategy"])
def test_numpy_says_what_several_replicas_need(kind: str) -> None:
    with pytest.raises(NotImplementedError, match=rf"{kind} needs .* MINITF_BACKEND=tensorflow.*get_strategy"):
        getattr(tf.distribute, kind)()


@pytest.mark.backend("numpy")
def test_numpy_finds_no_cluster() -> None:
    with pytest.raises(NotImplementedError, match="MINITF_BACKEND=tensorflow"):
        tf.distribute.cluster_resolver.TPUClusterResolver("local")


def trained(scope: Any) -> list[Any]:
    tf.keras.utils.set_random_seed(1)
    with scope:
        model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        model.compile("adam", "mse", jit_compile=False)
    model.fit(np.eye(2), np.ones((2, 1)), epochs=2, verbose=0)
    weights: list[Any] = model.get_weights()
    return weights


def test_a_model_trains_in_the_scope_of_one_replica_as_without() -> None:
    strategy = tf.distribute.get_strategy()
    with strategy.scope():
        inside = trained(strategy.scope())
    np.testing.assert_array_equal(inside[0], trained(strategy.scope())[0])


def test_one_replica_runs_reduces_and_distributes_as_it_is() -> None:
    strategy = tf.distribute.get_strategy()

    def step(x: Any) -> Any:
        context = tf.distribute.get_replica_context()
        assert context.strategy is strategy
        return context.all_reduce("sum", x) + context.replica_id_in_sync_group

    assert int(strategy.run(step, args=(tf.constant(3),))) == 3
    assert int(strategy.reduce("sum", tf.constant([1, 2]), axis=0)) == 3
    assert float(strategy.reduce("mean", tf.constant([1.0, 2.0]), axis=0)) == 1.5
    assert int(strategy.reduce("sum", tf.constant(4), axis=None)) == 4
    assert strategy.experimental_local_results(5) == (5,)
    dataset = tf.data.Dataset.range(2)
    assert strategy.experimental_distribute_dataset(dataset) is dataset
    assert strategy.distribute_datasets_from_function(lambda context: context.num_input_pipelines) == 1


def test_outside_of_scopes_there_is_one_replica_and_no_strategy() -> None:
    assert not tf.distribute.has_strategy()
    assert not tf.distribute.in_cross_replica_context()
    assert tf.distribute.get_replica_context().num_replicas_in_sync == 1


def test_a_strategy_is_not_copied_and_not_pickled() -> None:
    strategy = tf.distribute.get_strategy()
    assert pickle.loads(pickle.dumps(strategy)) is strategy


@pytest.mark.parametrize("given", ["max", 3])
def test_a_reduction_is_a_sum_or_a_mean(given: Any) -> None:
    with pytest.raises(ValueError, match="ReduceOp is SUM or MEAN"):
        tf.distribute.get_strategy().reduce(given, tf.constant(1.0), axis=None)


def test_a_batch_that_replicas_cannot_share_is_refused() -> None:
    with pytest.raises(ValueError, match="not divisible"):
        tf.distribute.InputContext(1, 0, 4).get_per_replica_batch_size(6)
