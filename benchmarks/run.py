"""`make bench`: what minitf and the grader cost, measured side by side in one run.

Prints importing (in fresh processes), training steps run eagerly and captured, what capturing costs, operations against
NumPy and TensorFlow, and the checks of each chapter; the bars that minitf must keep, with their verdicts, come last.
`--save FILE` keeps the numbers as JSON.  The machine's matrix kernels are named first, because they decide the rest.
"""

from __future__ import annotations

import argparse
import compileall
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import bars, fitting, memory, threads, training
from benchmarks.runtime import in_fresh_process as on_runtime
from benchmarks.surroundings import all_cores, as_users_have_it, machine, runtime, start_anew_on_one_core
from benchmarks.timing import Timing, first_calls, side_by_side

Rows = dict[str, dict[str, Timing]]
console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def show_machine(facts: dict[str, Any]) -> None:
    """Say what the figures below were measured on."""
    console.print(f"Python {facts['python']}, NumPy {facts['numpy']}, {facts['system']}, {facts['cores']} cores")
    for pool in facts["blas"]:
        console.print(
            f"Matrix kernels: {pool['internal_api']} {pool['version']}, {pool['architecture']}, "
            f"{pool['num_threads']} thread{'s' * (pool['num_threads'] > 1)}"
        )
    for name, chosen in facts["unset"].items():
        console.print(
            f"{name} was set to {chosen}; it is unset for this run." if chosen is not None else f"{name} was not set."
        )
    console.print("One processor for all, unless a table says otherwise.\n")


def fresh_import(module: str) -> Callable[[], object]:
    """Returns a call that imports a module in a process of its own."""
    return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=as_users_have_it())


def imports(rounds: int) -> dict[str, Timing]:
    """Importing minitf against importing NumPy; an interpreter that imports nothing shows the floor.

    Our packages are compiled first, as they are when they are installed.
    """
    for package in ("minitf", "grader"):
        folder = Path(str(importlib.import_module(package).__file__)).parent
        compileall.compile_dir(folder, quiet=1)
    modules = {"nothing": "sys", "numpy": "numpy", "minitf": "minitf", "grader": "grader"}
    return side_by_side({name: fresh_import(module) for name, module in modules.items()}, rounds=rounds)


def megabytes(module: str, runs: int = 5) -> float:
    """Megabytes that a fresh process holds after an import; the smallest of some runs."""
    text = f"import {module}; print(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"
    command = [sys.executable, "-c", text]
    options: dict[str, Any] = {"check": True, "capture_output": True, "env": as_users_have_it()}
    return min(int(subprocess.run(command, **options).stdout) for _ in range(runs)) / 1024


def operations(tensorflow: bool) -> dict[str, dict[str, Callable[[], object]]]:
    """Calls of the same meaning for each operation and size, by contender."""
    import numpy as np

    runtimes = {"minitf": runtime("minitf")}
    if tensorflow:
        runtimes["TensorFlow"] = runtime("tensorflow")
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


def agreed(row: str, contenders: dict[str, training.Step]) -> dict[str, training.Step]:
    """The contenders as they came, if their losses are the same; otherwise no number would mean anything."""
    if found := training.disagreements(row, contenders):
        sys.exit("\n".join(found))
    return contenders


def with_the_faster_jax(row: str, timings: dict[str, Timing]) -> dict[str, Timing]:
    """Keep one of JAX's two ways, donated weights or not, as "JAX jit"; say which."""
    donated, plain = timings.pop("JAX jit, donated", None), timings.get("JAX jit")
    if donated is None or plain is None:
        return timings
    kept = "donated" if donated.median < plain.median else "not donated"
    console.print(
        f"JAX, {row}: {donated.median * 1e6:.3g} µs with donated weights, {plain.median * 1e6:.3g} µs without; "
        f"{kept} counts."
    )
    return timings | {"JAX jit": min(donated, plain, key=lambda timing: timing.median)}


def show_cores(rows: Rows) -> None:
    """Say how many processors each contender kept busy at most: the proof of how many threads really worked."""
    busy: dict[str, float] = {}
    for timings in rows.values():
        for name, timing in timings.items():
            busy[name] = max(busy.get(name, 0), timing.cores)
    console.print("Processors kept busy: " + ", ".join(f"{name} {most:.2f}" for name, most in busy.items()) + ".")
    if min(timing.cores for timings in rows.values() for timing in timings.values()) < 0.9:
        console.print("[bold]Other work took processors meanwhile: rely on the ratios, not on the times.[/bold]")
    console.print()


def show_bars(verdicts: Sequence[bars.Verdict]) -> None:
    """Print what must hold and whether it does, in one table."""
    console.print("[bold]Bars[/bold]")
    table = Table()
    for heading in ("", "measured", "bar", "verdict"):
        table.add_column(heading, no_wrap=True)
    for each in verdicts:
        table.add_row(each.what, each.measured, each.bar, "keeps" if each.keeps else "[bold red]MISSES[/]")
    console.print(table)
    console.print(f"{sum(each.keeps for each in verdicts)} of {len(verdicts)} bars are kept.")


def checks(chapter: str) -> dict[str, Callable[[], object]]:
    """Checking the right answer of each exercise of a chapter, as in the notebook."""
    from grader import check
    from grader.exercise import exercises

    def checking(name: str, answer: Any) -> Callable[[], object]:
        return lambda: check(name, answer)

    return {name: checking(each.id, each.reference) for name, each in exercises(chapter).items()}


def show(title: str, rows: Rows, unit: str, base: str) -> None:
    """Print one table: a row per measured thing, a column per contender, with its ratio to the base."""
    scale = {"s": 1.0, "ms": 1e3, "µs": 1e6}[unit]
    names = list(dict.fromkeys(name for timings in rows.values() for name in timings))
    console.print(f"[bold]{title}[/bold] ({unit}: median, ± the middle half of the rounds)")
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


def measure_steps(rounds: int, runtimes: Mapping[str, Any]) -> tuple[dict[str, Rows], list[bars.Verdict]]:
    """Training steps: eager, captured on one processor, captured with threads free, and what capturing costs."""
    minitf, tensorflow = runtime("minitf"), runtimes.get("tensorflow")
    results: dict[str, Rows] = {}
    # A step is repeated as in a training loop; more and shorter turns than elsewhere, since the bars are narrow.
    turns: dict[str, Any] = {"rounds": 3 * rounds, "least": 0.02}

    title = "Eager training steps: forward, gradient, update"
    eager = {"minitf": minitf} | ({"TensorFlow": tensorflow} if tensorflow else {})
    results[title] = {
        row: side_by_side(agreed(row, training.eager_steps(row, eager)), **turns) for row in training.ROWS
    }
    show(title, results[title], "µs", "NumPy")
    verdicts = bars.eager(results[title])

    title = "Captured training steps, one processor for all"
    results[title] = {}
    for row in training.ROWS:
        contenders = agreed(row, training.captured_steps(row, minitf, **runtimes))
        results[title][row] = with_the_faster_jax(row, side_by_side(contenders, **turns))
    show(title, results[title], "µs", "NumPy")
    show_cores(results[title])
    verdicts += bars.captured(results[title])

    title = "Captured training step, threads free for all"
    wide = with_the_faster_jax(training.WIDE, threads.in_fresh_process(rounds, list(runtimes)))
    results[title] = {training.WIDE: wide}
    show(title, results[title], "µs", "NumPy")
    show_cores(results[title])

    title = "First call of a fresh function: capture, or trace"
    compilers = {"minitf": minitf} | ({"tf.function": tensorflow} if tensorflow else {})
    results[title] = {
        row: first_calls({name: partial(training.on_tape, tf, row, tf.function) for name, tf in compilers.items()})
        for row in training.ROWS
    }
    show(title, results[title], "ms", "tf.function")
    verdicts += [bars.first_call(row, results[title][row]["minitf"]) for row in training.ROWS[1:]]
    return results, verdicts


def measure_runtime(rounds: int) -> tuple[dict[str, Rows], list[bars.Verdict]]:
    """Compare minitf on TensorFlow's runtime with TensorFlow: op by op, and steps that XLA compiles."""
    title = "On TensorFlow's runtime, in a process of its own"
    results: dict[str, Rows] = {title: on_runtime(rounds)}
    show(title, results[title], "µs", "TensorFlow")
    return results, [bars.on_runtime(label, timings) for label, timings in results[title].items()]


def measure_peaks() -> tuple[dict[str, dict[str, memory.Peak]], list[bars.Verdict]]:
    """Peak memory of a replayed step and of an eager one, each in a fresh process."""
    peaks = {
        row: {kind: memory.in_fresh_process(row, kind) for kind in ("eager", "captured")}
        for row in (training.ROWS[1], training.WIDE)
    }
    console.print("[bold]Peak memory of a step[/bold] (KiB of arrays: held between the steps + added by one)")
    table = Table()
    for heading in ("", "eager", "captured"):
        table.add_column(heading, justify="right" if heading else "left")
    for row, of in peaks.items():
        table.add_row(row, *(f"{each.held / 2**10:,.0f} + {each.added / 2**10:,.0f}" for each in of.values()))
    console.print(table)
    return peaks, [bars.peak(row, of["captured"], of["eager"]) for row, of in peaks.items()]


def measure_fits(rounds: int, runtimes: Mapping[str, Any]) -> tuple[dict[str, Rows], list[bars.Verdict]]:
    """Fitting and predicting with minitf.keras, Keras and NumPy, and the memory of it."""
    minitf, verdicts = runtime("minitf"), []
    contenders = {"minitf": minitf} | ({"Keras": runtimes["tensorflow"]} if "tensorflow" in runtimes else {})
    title, predicting = "Fitting, per step", f"Predicting {fitting.PREDICTED:,} rows"
    results: dict[str, Rows] = {title: {}, predicting: {}}
    for row in fitting.ROWS:
        if found := fitting.disagreements(row, contenders):
            sys.exit("\n".join(found))
        step, steps = {"the step alone": fitting.captured_step(minitf, row)}, fitting.steps(row)
        timings = side_by_side(fitting.fits(row, contenders) | step, rounds, least=0.02)
        timings = {
            name: timing if name in step else Timing(tuple(taken / steps for taken in timing.seconds), timing.busy)
            for name, timing in timings.items()
        }
        results[title][row] = timings
        alone = zip(timings["minitf"].seconds, timings["the step alone"].seconds, strict=True)
        verdicts += bars.fit(row, timings, median(whole - part for whole, part in alone))
    show(title, results[title], "µs", "minitf")
    for row in fitting.ROWS:
        results[predicting][row] = side_by_side(fitting.predictions(row, {"minitf": minitf}), max(5, rounds // 3))
        verdicts.append(bars.predict(row, results[predicting][row]))
    show(predicting, results[predicting], "ms", "NumPy")
    if "Keras" in contenders:
        for row in fitting.ROWS:
            verdicts.append(bars.fit_memory(row, {name: fitting.peak_megabytes(name, row) for name in contenders}))
    return results, verdicts


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description="Measure minitf and the grader side by side with what they stand on.")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each contender (default: 15)")
    parser.add_argument("--without-tensorflow", action="store_true", help="leave TensorFlow's columns out")
    parser.add_argument("--without-jax", action="store_true", help="leave JAX's columns out")
    parser.add_argument("--steps-only", action="store_true", help="measure the training steps and nothing else")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the numbers as JSON too")
    parser.add_argument("--fits-only", action="store_true", help="measure fitting with keras and nothing else")
    options = parser.parse_args(arguments)
    everything = not (options.steps_only or options.fits_only)
    start_anew_on_one_core()
    facts = machine()
    show_machine(facts)

    results: dict[str, Rows] = {}
    if everything:
        title = "Importing, in fresh processes"
        results[title] = {"import": imports(options.rounds)}
        show(title, results[title], "s", "numpy")
        added = results[title]["import"]
        console.print(
            f"minitf adds {added['minitf'].median - added['numpy'].median:+.3f} s and "
            f"{megabytes('minitf') - megabytes('numpy'):.1f} MB to importing NumPy.\n"
        )

    wanted = {"tensorflow": not options.without_tensorflow, "jax": not options.without_jax}
    runtimes = {name: runtime(name) for name, is_wanted in wanted.items() if is_wanted}
    peaks: dict[str, dict[str, memory.Peak]] = {}
    verdicts: list[bars.Verdict] = []
    if not options.fits_only:
        steps, verdicts = measure_steps(options.rounds, runtimes)
        results |= steps
        peaks, of_peaks = measure_peaks()
        verdicts += of_peaks
    if not options.steps_only:
        fits, of_fits = measure_fits(options.rounds, runtimes)
        results |= fits
        verdicts += of_fits

    if not options.fits_only and "tensorflow" in runtimes:
        on_tensorflow, of_runtime = measure_runtime(options.rounds)
        results |= on_tensorflow
        verdicts += of_runtime

    if everything:
        lengths = side_by_side(
            {str(length): call for length, call in training.long_tapes(runtime("minitf")).items()},
            options.rounds,
        )
        title = "Recording and differentiating a chain, per op"
        results[title] = {
            f"{int(length):,} ops": {"minitf": Timing(tuple(taken / int(length) for taken in timing.seconds))}
            for length, timing in lengths.items()
        }
        show(title, results[title], "µs", "minitf")

        results["Operations"] = {
            label: side_by_side(contenders, options.rounds)
            for label, contenders in operations(not options.without_tensorflow).items()
        }
        show("Operations", results["Operations"], "µs", "NumPy")
        with all_cores():
            results |= measure_checks(options.rounds)

    show_bars(verdicts)
    if options.save:
        numbers = {
            title: {
                label: {name: {"median_s": timing.median, "spread": timing.spread} for name, timing in timings.items()}
                for label, timings in rows.items()
            }
            for title, rows in results.items()
        }
        peak_bytes = {row: {kind: asdict(each) for kind, each in of.items()} for row, of in peaks.items()}
        kept = [asdict(each) for each in verdicts]
        document = {"machine": facts, "results": numbers, "peak_bytes": peak_bytes, "bars": kept}
        options.save.write_text(json.dumps(document, indent=1) + "\n")
        console.print(f"Saved in {options.save}.")


def measure_checks(rounds: int) -> dict[str, Rows]:
    """Checking the right answers of each chapter."""
    from grader.chapters import chapters

    results: dict[str, Rows] = {}
    for chapter in chapters():
        title = f"Checking the right answers of {chapter}"
        timings = side_by_side(checks(chapter), rounds=max(3, rounds // 5))
        results[title] = {name: {"check": timing} for name, timing in timings.items()}
        show(title, results[title], "ms", "")
        console.print(f"All {len(timings)} together: {sum(timing.median for timing in timings.values()):.2f} s.\n")
    return results


if __name__ == "__main__":
    main()
