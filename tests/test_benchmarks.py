"""The benchmarks compare contenders that do the same work, count all memory, and call a missed bar by its name."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import minitf
from benchmarks import bars, fitting, memory, training
from benchmarks.surroundings import runtime
from benchmarks.timing import Timing

ROOT = Path(__file__).resolve().parent.parent
ROWS = (*training.ROWS, training.WIDE)
TENSORFLOW = runtime("tensorflow")
JAX = runtime("jax") if importlib.util.find_spec("jax") else None  # `make bench` installs it, and looks itself


@pytest.mark.parametrize("row", ROWS)
def test_all_contenders_have_the_same_losses(row: str) -> None:
    eager = training.eager_steps(row, {"minitf": minitf, "TensorFlow": TENSORFLOW})
    captured = training.captured_steps(row, minitf, TENSORFLOW, JAX)
    contenders = eager | {f"captured {name}": step for name, step in captured.items()}
    assert len(contenders) >= 7
    assert training.disagreements(row, contenders) == []


@pytest.mark.parametrize("row", ROWS)
def test_a_step_makes_the_loss_smaller(row: str) -> None:
    step = training.by_hand(row)
    losses = [float(np.asarray(step())) for _ in range(5)]
    assert losses == sorted(losses, reverse=True)


def test_a_contender_that_does_less_is_named() -> None:
    row = training.LINEAR
    lazy = training.by_hand(row)()
    found = training.disagreements(row, {"NumPy": training.by_hand(row), "lazy": lambda: lazy}, steps=2)
    assert len(found) == 1 and found[0].startswith(f"{row}: lazy has the losses ")


def test_a_captured_step_replays_one_program() -> None:
    """A step that fell back to Python would be timed under the wrong name."""
    step = training.on_tape(minitf, training.ROWS[1], minitf.function)
    for _ in range(3):
        step()
    assert step.func.experimental_get_tracing_count() == 1  # type: ignore[attr-defined]
    assert "matmul" in step.func.source()  # type: ignore[attr-defined]


STARTED_ANEW = """
import os, subprocess, sys
from benchmarks.surroundings import NARROWED, all_cores, machine, start_anew_on_one_core
start_anew_on_one_core()
threads = "from threadpoolctl import threadpool_info as f; import numpy; print(f()[0]['num_threads'])"
print([pool["num_threads"] for pool in machine()["blas"]], [name for name in NARROWED if name in os.environ])
with all_cores() as environment:
    print(subprocess.check_output([sys.executable, "-c", threads], env=environment, text=True).strip())
print(len(os.sched_getaffinity(0)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process cannot choose its processors")
def test_contenders_have_one_processor_and_the_row_of_free_threads_has_all() -> None:
    settings = {"OPENBLAS_CORETYPE": "Haswell", "PYTHONPATH": str(ROOT)}
    own = {name: value for name, value in os.environ.items() if not name.startswith("MINITF_BENCH")}
    said = subprocess.check_output([sys.executable, "-c", STARTED_ANEW], env=own | settings, text=True)
    ours, free, again = said.splitlines()
    assert (ours, again) == ("[1] []", "1")
    assert int(free) > 1 or len(os.sched_getaffinity(0)) == 1


def test_peak_memory_counts_what_is_held_and_what_a_step_adds() -> None:
    def compiled(_: Callable[..., object]) -> Callable[..., object]:
        held = np.ones(2**20, np.uint8)

        def step(*batch: object) -> object:
            return held.sum() + np.concatenate([held, held]).max()

        return step

    plain = memory.of_step(training.LINEAR, lambda _: lambda *batch: None, minitf)
    peak = memory.of_step(training.LINEAR, compiled, minitf)
    assert peak.held - plain.held == 2**20
    assert 2**21 <= peak.added - plain.added < 2**21 + 2**16


def rows(minitf_takes: float, others: float = 1.0) -> dict[str, dict[str, Timing]]:
    names = ("NumPy", *bars.COMPILERS)
    return {
        row: {"minitf": Timing((minitf_takes,))} | {name: Timing((others,)) for name in names} for row in training.ROWS
    }


def test_bars_are_kept_by_somebody_fast_and_missed_by_somebody_slow() -> None:
    assert all(verdict.keeps for verdict in bars.captured(rows(0.9)))
    assert not any(verdict.keeps for verdict in bars.captured(rows(1.3)))


def test_no_slower_allows_the_same_time_where_faster_does_not() -> None:
    kept = {verdict.what for verdict in bars.captured(rows(1.0)) if verdict.keeps and "than" in verdict.bar}
    assert kept == {f"captured {bars.MLP}"}


def test_memory_may_be_as_much_as_eager_and_no_more() -> None:
    eager = memory.Peak(held=10, added=10)
    assert bars.peak("step", memory.Peak(15, 5), eager).keeps
    assert not bars.peak("step", memory.Peak(15, 6), eager).keeps


@pytest.mark.parametrize("row", fitting.ROWS)
def test_fitting_compares_models_with_the_same_losses_and_predictions(row: str) -> None:
    runtimes = {"minitf": minitf, "Keras": TENSORFLOW}
    assert fitting.disagreements(row, runtimes) == []
    x, _ = fitting.data(row, 300)
    for tf in runtimes.values():
        found = fitting.compiled(tf, row).predict(x, verbose=0)
        np.testing.assert_allclose(found, fitting.by_hand(x, fitting.weights(row)), rtol=1e-4, atol=1e-5)


def test_a_call_of_fit_makes_the_steps_it_is_divided_by() -> None:
    row = next(iter(fitting.ROWS))
    model = fitting.compiled(minitf, row)
    fitting.fit_of(model, row)()
    assert int(model.optimizer.iterations) == fitting.steps(row)


def test_the_step_that_fit_is_compared_with_trains_and_is_captured() -> None:
    step = fitting.captured_step(minitf, next(iter(fitting.ROWS)))
    losses = [float(step()[0]) for _ in range(60)]  # type: ignore[index]  # the metrics, which are means so far
    assert losses[-1] < losses[0]


def test_bars_of_fit_are_kept_by_somebody_fast_and_missed_by_somebody_slow() -> None:
    def verdicts(takes: float) -> list[bars.Verdict]:
        timings = {"minitf": Timing((takes,)), "Keras": Timing((1.0,)), "NumPy": Timing((0.04,))}
        row = next(iter(fitting.ROWS))
        memory = {"minitf": 1000 * takes, "Keras": 200.0}
        return [*bars.fit(row, timings, takes / 1000), bars.predict(row, timings), bars.fit_memory(row, memory)]

    assert [verdict.keeps for verdict in verdicts(0.03)] == [True] * 4
    assert [verdict.keeps for verdict in verdicts(0.06)] == [False] * 4


def test_the_memory_of_a_fit_is_that_of_a_process_of_its_own() -> None:
    assert 20 < fitting.peak_megabytes("minitf", next(iter(fitting.ROWS))) < 150
