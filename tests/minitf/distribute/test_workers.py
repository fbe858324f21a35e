"""Two worker processes on this machine, one of which is killed in mid-training, come to what one device comes to."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.distribute.supervisor import Supervisor, command_of
from tests.minitf.distribute import worker

pytestmark = pytest.mark.backend("tensorflow")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workers")


@pytest.fixture(scope="module")
def events(folder: Path) -> list[str]:
    """Run two workers, of which the second is killed in its third epoch; return what the supervisor told."""
    told: list[str] = []
    command = command_of([str(Path(worker.__file__)), str(folder)])
    status = Supervisor(command, own=range(2), restarts=1, logs=str(folder / "logs"), told=told.append).run()
    output = [file.read_text(errors="replace")[-3000:] for file in sorted(folder.glob("logs/*"))]
    assert status == 0, "\n".join([*told, *output])
    return told


@pytest.fixture(scope="module")
def found(events: list[str], folder: Path) -> list[dict[str, Any]]:
    return [pickle.loads((folder / f"found-{number}").read_bytes()) for number in range(2)]


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return worker.train(tf.distribute.get_strategy(), tmp_path_factory.mktemp("single"), 0, dies=False)


def assert_close(one: Any, other: Any) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_a_killed_worker_and_all_others_are_started_again(events: list[str]) -> None:
    assert sum("runs as process" in line for line in events) == 4
    assert "worker 1 was killed by SIGKILL" in events
    assert "starting again (restart 1 of 1)" in events
    assert events[-1] == "the program has ended"


def test_training_goes_on_from_the_backup_to_the_weights_of_an_undisturbed_one(
    found: list[dict[str, Any]], single: dict[str, Any]
) -> None:
    for each in found:
        for name, values in single["history"].items():
            assert_close(each["history"][name], values[2:])  # the two epochs after the backup


def test_workers_share_each_batch_and_compute_what_one_device_does(
    found: list[dict[str, Any]], single: dict[str, Any]
) -> None:
    assert [each["shard"] for each in found] == [[[0, 1], [3]], [[2], [4]]]
    for each in found:
        assert_close(each["evaluated"], found[0]["evaluated"])
        assert_close(each["weights"], found[0]["weights"])
        assert_close(each["predicted"], found[0]["predicted"])


def test_workers_shuffle_alike(found: list[dict[str, Any]]) -> None:
    assert_close(found[0]["shuffled"]["loss"], found[1]["shuffled"]["loss"])


def test_the_first_worker_writes_files_and_others_do_not(found: list[dict[str, Any]], folder: Path) -> None:
    assert [each["chief"] for each in found] == [True, False]
    assert [file.name for file in folder.glob("*.weights.h5")] == ["0.weights.h5"]
    assert not (folder / "backup").exists()  # it is removed at the end of a training
