"""Trainings on 2 and 4 logical CPU devices give what a single device gives, and replicas know of one another."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from minitf import nest
from tests.minitf.distribute import scenes

pytestmark = pytest.mark.backend("tensorflow")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Play all scenes in a process of their own, which has four devices."""
    file = tmp_path_factory.mktemp("scenes") / "found"
    command = [sys.executable, scenes.__file__, str(file)]
    ran = subprocess.run(command, env={**os.environ, "MINITF_BACKEND": "tensorflow"}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-5000:]
    return pickle.loads(file.read_bytes())


def arrays(found: Any) -> Iterator[Any]:
    return (np.asarray(leaf) for leaf in nest.flatten(found))


def assert_equal(one: Any, other: Any) -> None:
    for a, b in zip(arrays(one), arrays(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_a_strategy_has_a_replica_for_each_device(found: Any) -> None:
    assert found["replicas"] == (2, 4)


@pytest.mark.parametrize("replicas", ["two", "four"])
def test_weighted_training_on_batches_that_do_not_divide_equals_that_of_one_device(found: Any, replicas: str) -> None:
    assert_equal(found["weighted", replicas], found["weighted", "one"])


def test_losses_that_divide_by_weights_or_sum_equal_those_of_one_device(found: Any) -> None:
    assert_equal(found["momentum", "two"], found["momentum", "one"])


def test_several_outputs_and_their_losses_equal_those_of_one_device(found: Any) -> None:
    assert_equal(found["several outputs", "two"], found["several outputs", "one"])


def test_synchronized_normalization_equals_that_of_one_device(found: Any) -> None:
    assert_equal(found["synchronized", "two"], found["synchronized", "one"])


def test_normalization_by_the_batch_of_each_replica_trains_as_keras_does_under_the_same_strategy(found: Any) -> None:
    history, trained, mean, variance = found["normalized", "two"]
    assert_equal((history, trained), found["normalized", "keras"])
    means, variances = np.zeros(6), np.ones(6)
    for _ in range(2):  # epochs of two batches of two replicas
        for batch in np.split(scenes.X[:40], 2):
            means = (means + batch.mean(0)) / 2
            variances = (variances + (batch[:10].var(0) + batch[10:].var(0)) / 2) / 2
    assert_equal((mean, variance), (means, variances))  # where Keras keeps those of the first replica


def test_a_loop_of_ones_own_equals_that_on_one_device(found: Any) -> None:
    (one, _), (two, traced) = found["loop", "one"], found["loop", "two"]
    assert_equal(two, one)
    assert traced == 2  # once for each size of batches


def test_replicas_know_aggregate_reduce_and_differentiate_as_in_tensorflow(found: Any) -> None:
    ours, theirs = found["alike", "minitf"], found["alike", "TensorFlow"]
    assert ours == theirs
    assert ours["per replica"]["x"] == [[[0, 1, 2], [3, 4]]]
    assert ours["per replica"]["gradient"] == [[3.0, 6.0]]  # a sum's gradients are summed, too
    assert ours["counters"] == [11, 13, 11.5, 11]  # as their aggregations say


@pytest.mark.parametrize("draw", [0, 1])
def test_each_replica_draws_by_itself(found: Any, draw: int) -> None:
    first, second = found["draws"][draw]
    assert not np.array_equal(first, second)


def test_a_function_makes_the_dataset_of_a_worker_with_a_batch_for_each_replica(found: Any) -> None:
    assert found["from function"] == ([(1, 0, 2)], [[[0], [1]], [[2], []]])


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("no function", "TypeError", "not callable"),
        ("looks at a value", "OperatorNotAllowedInGraphError", "return x if x > 0 else -x"),
        ("nested", "RuntimeError", "call it from outside"),
        ("taped", "NotImplementedError", "open it inside"),
        ("no dataset", "ValueError", "make one of it, in batches"),
        ("no reduction", "ValueError", "ReduceOp.SUM"),
        ("merged", "NotImplementedError", "all_reduce"),
        ("averaged outside", "RuntimeError", "in cross replica context"),
    ],
)
def test_mistakes_get_a_sentence_that_helps(found: Any, name: str, kind: str, words: str) -> None:
    assert found["mistakes"][name][0] == kind
    assert words in found["mistakes"][name][1]
