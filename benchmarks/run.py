"""`make bench`: what minitf and the grader cost, measured side by side in one run.

Prints importing (in fresh processes), eager training steps with the bars they must keep, operations against NumPy
and TensorFlow, and the checks of each chapter; `--save FILE` keeps the numbers as JSON.  It names the machine's matrix
kernels first, because they decide the rest.
"""

from __future__ import annotations

import argparse
import compileall
import importlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import training
from benchmarks.timing import Timing, side_by_side

KERNELS = "OPENBLAS_CORETYPE"
console = Console()


def with_fair_kernels() -> None:
    """Start anew with one thread for all, and without the variable that makes OpenBLAS run narrower kernels.

    Both must be settled before NumPy loads.
    """
    if "MINITF_BENCH" not in os.environ:
        os.environ["MINITF_BENCH"] = "restarted"
        os.environ.update(dict.fromkeys((f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB")), "1"))
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        chosen = os.environ.pop(KERNELS, None)
        if chosen is not None:
            os.environ["MINITF_BENCH_UNSET"] = chosen
        os.execv(sys.executable, sys.orig_argv)


def machine() -> dict[str, Any]:
    """Versions, cores and the matrix kernels that NumPy runs here."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    libraries = [
        {key: pool.get(key) for key in ("internal_api", "version", "architecture", "num_threads")}
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "blas": libraries,
        KERNELS: os.environ.get("MINITF_BENCH_UNSET"),
    }


def show_machine(facts: dict[str, Any]) -> None:
    """Say what the figures below were measured on."""
    console.print(
        f"Python {facts['python']}, NumPy {facts['numpy']}, {facts['system']}, {facts['cores']} cores", highlight=False
    )
    for pool in facts["blas"]:
        console.print(
            f"Matrix kernels: {pool['internal_api']} {pool['version']}, {pool['architecture']}, "
            f"{pool['num_threads']} thread{'s' * (pool['num_threads'] > 1)}",
            highlight=False,
        )
    chosen = facts[KERNELS]
    console.print(
        f"{KERNELS} was set to {chosen}; it is unset for this run."
        if chosen is not None
        else f"{KERNELS} was not set.",
        highlight=False,
    )


def fresh_import(module: str) -> Callable[[], object]:
    """Returns a call that imports a module in a process of its own."""
    return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True)


def imports(rounds: int) -> dict[str, Timing]:
    """Importing minitf against importing NumPy; an interpreter that imports nothing shows the floor.

    Our packages are compiled first, as they are when they are installed.
    """
    for package in ("minitf", "grader"):
        folder = Path(str(importlib.import_module(package).__file__)).parent
        compileall.compile_dir(folder, quiet=1)
    modules = {"nothing": "sys", "numpy": "numpy", "minitf": "minitf", "grader": "grader"}
    return side_by_side({name: fresh_import(module) for name, module in modules.items()}, rounds=rounds)


def memory(module: str, runs: int = 5) -> float:
    """Megabytes that a fresh process holds after an import; the smallest of some runs."""
    text = f"import {module}; print(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"
    command = [sys.executable, "-c", text]
    return min(int(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(runs)) / 1024


def operations(tensorflow: bool) -> dict[str, dict[str, Callable[[], object]]]:
    """Calls of the same meaning for each operation and size, by contender."""
    import numpy as np

    runtimes = {"minitf": importlib.import_module("minitf")}
    if tensorflow:
        runtimes["TensorFlow"] = importlib.import_module("tensorflow")
    draws = np.random.default_rng(0)
    table: dict[str, dict[str, Callable[[], object]]] = {}
    for size in (5, 1_000, 100_000):
        x, w = draws.random((2, size), dtype=np.float32)
        table[f"weighted sum, {size:,}"] = {"NumPy": lambda x=x, w=w: np.add.reduce(x * w)} | {
            name: _weighted_sum(tf, x, w) for name, tf in runtimes.items()
        }
        table[f"sigmoid, {size:,}"] = {"NumPy": lambda x=x: 1 / (1 + np.exp(-x))} | {
            name: _sigmoid(tf, x) for name, tf in runtimes.items()
        }
    return table


def _weighted_sum(tf: Any, x: Any, w: Any) -> Callable[[], object]:
    x, w = tf.constant(x), tf.constant(w)
    return lambda: tf.reduce_sum(x * w)


def _sigmoid(tf: Any, x: Any) -> Callable[[], object]:
    x = tf.constant(x)
    return lambda: tf.sigmoid(x)


def compare_with_bars(rows: dict[str, dict[str, Timing]]) -> None:
    """Say for each training step whether it keeps its bars."""
    for label, (of_numpy, of_tensorflow) in training.BARS.items():
        timings = rows[label]
        bars = {"NumPy": (of_numpy, f"{of_numpy:g}×"), "TensorFlow": (of_tensorflow, "1/12")}
        for name, (bar, written) in bars.items():
            if bar is not None and name in timings:
                ratio = timings["minitf"].ratio(timings[name])
                shown = f"{ratio:.2f}×" if name == "NumPy" else f"1/{1 / ratio:.1f}"
                verdict = "keeps" if ratio <= bar else "MISSES"
                console.print(f"{label}: {shown} {name}'s time {verdict} the bar of {written}.", highlight=False)
    console.print()


def checks(chapter: str) -> dict[str, Callable[[], object]]:
    """Checking the right answer of each exercise of a chapter, as in the notebook."""
    from grader import check
    from grader.exercise import exercises

    def checking(name: str, answer: Any) -> Callable[[], object]:
        return lambda: check(name, answer)

    return {name: checking(each.id, each.reference) for name, each in exercises(chapter).items()}


def show(title: str, rows: dict[str, dict[str, Timing]], unit: str, base: str) -> None:
    """Print one table: a row per measured thing, a column per contender, with its ratio to the base."""
    scale = {"s": 1.0, "ms": 1e3, "µs": 1e6}[unit]
    names = list(dict.fromkeys(name for timings in rows.values() for name in timings))
    console.print(f"[bold]{title}[/bold] ({unit}: median, ± the middle half of the rounds)", highlight=False)
    table = Table()
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for label, timings in rows.items():
        cells = []
        for name in names:
            cell = f"{timings[name].median * scale:.3g} ±{timings[name].spread / 2:.0%}"
            if base in timings and name != base:
                cell += f"  {timings[name].ratio(timings[base]):.2f}×"
            cells.append(cell)
        table.add_row(label, *cells)
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description="Measure minitf and the grader side by side with what they stand on.")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each contender (default: 15)")
    parser.add_argument("--without-tensorflow", action="store_true", help="leave TensorFlow's column out")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the numbers as JSON too")
    options = parser.parse_args(arguments)
    with_fair_kernels()
    facts = machine()
    show_machine(facts)

    results: dict[str, dict[str, dict[str, Timing]]] = {}
    results["Importing, in fresh processes"] = {"import": imports(options.rounds)}
    show("Importing, in fresh processes", results["Importing, in fresh processes"], "s", "numpy")
    added = results["Importing, in fresh processes"]["import"]
    console.print(
        f"minitf adds {added['minitf'].median - added['numpy'].median:+.3f} s and "
        f"{memory('minitf') - memory('numpy'):.1f} MB to importing NumPy.\n",
        highlight=False,
    )

    steps = {
        label: side_by_side(contenders, options.rounds, least=0.05)  # a step is repeated as in a training loop
        for label, contenders in training.rows(not options.without_tensorflow).items()
    }
    results["Eager training steps"] = steps
    show("Eager training steps: forward, gradient, update", steps, "µs", "NumPy")
    compare_with_bars(steps)

    lengths = side_by_side(
        {str(length): call for length, call in training.long_tapes(importlib.import_module("minitf")).items()},
        options.rounds,
    )
    each = {
        f"{int(length):,} ops": {"minitf": Timing(tuple(taken / int(length) for taken in timing.seconds))}
        for length, timing in lengths.items()
    }
    results["Recording and differentiating a chain, per op"] = each
    show("Recording and differentiating a chain, per op", each, "µs", "minitf")

    results["Operations"] = {
        label: side_by_side(contenders, options.rounds)
        for label, contenders in operations(not options.without_tensorflow).items()
    }
    show("Operations", results["Operations"], "µs", "NumPy")

    from grader.chapters import chapters

    for chapter in chapters():
        title = f"Checking the right answers of {chapter}"
        timings = side_by_side(checks(chapter), rounds=max(3, options.rounds // 5))
        results[title] = {name: {"check": timing} for name, timing in timings.items()}
        show(title, results[title], "ms", "")
        console.print(f"All {len(timings)} together: {sum(timing.median for timing in timings.values()):.2f} s.\n")

    if options.save:
        numbers = {
            title: {
                label: {name: {"median_s": timing.median, "spread": timing.spread} for name, timing in timings.items()}
                for label, timings in rows.items()
            }
            for title, rows in results.items()
        }
        options.save.write_text(json.dumps({"machine": facts, "results": numbers}, indent=1) + "\n")
        console.print(f"Saved in {options.save}.")


if __name__ == "__main__":
    main()
