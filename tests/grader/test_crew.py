"""A crew does its tasks in processes of their own and loses only the task whose process dies or takes too long."""

from __future__ import annotations

import os
import time

import pytest

from grader import crew
from grader.errors import GraderError


def work(task: str) -> str:
    if task == "die":
        os._exit(3)
    if task == "sleep":
        time.sleep(60)
    if task == "refuse":
        raise GraderError("this was asked, that came: do so")
    if task == "wander":
        os.chdir("/")
    return f"{task} by {os.getpid()}"


def done(*tasks: str, jobs: int = 2, seconds: float = 60.0) -> dict[str, object]:
    return dict(crew.run(work, tasks, jobs=jobs, seconds=seconds))


def test_every_task_is_done_in_another_process():
    came = done("a", "b", "c")
    assert sorted(came) == ["a", "b", "c"]
    assert not any(str(os.getpid()) in str(result).split() for result in came.values())


def test_a_process_that_dies_loses_its_task_only():
    came = done("a", "die", "b", jobs=1)
    assert came["die"] == crew.Lost("its process ended with status 3")
    assert str(came["b"]).startswith("b by ")


def test_a_task_that_takes_too_long_is_given_up():
    began = time.monotonic()
    came = done("sleep", "a", jobs=1, seconds=2)
    assert came["sleep"] == crew.Lost("it took longer than 2 seconds")
    assert str(came["a"]).startswith("a by ")
    assert time.monotonic() - began < 30


def test_an_error_for_people_comes_back_as_one():
    error = done("refuse")["refuse"]
    assert isinstance(error, GraderError) and str(error) == "this was asked, that came: do so"


def test_nothing_to_do_is_done_at_once():
    assert done() == {}


def test_the_working_directory_here_stays():
    before = os.getcwd()
    done("wander")
    assert os.getcwd() == before


def test_leaving_early_ends_the_processes():
    running = crew.run(work, ["a", "sleep"], jobs=2, seconds=60)
    next(running)
    began = time.monotonic()
    running.close()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"])
def test_the_environment_here_stays(monkeypatch, name):
    monkeypatch.delenv(name, raising=False)
    done("a")
    assert name not in os.environ
