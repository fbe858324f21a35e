"""The bars that a run of the benchmarks must keep, and whether it does.

A bar compares with somebody measured in the same run, so it means the same on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks import fitting, memory, runtime, training
from benchmarks.timing import Timing

LINEAR, MLP, SMALL_MLP = training.ROWS
# Eager: at most this many times hand-written NumPy, and at most this share of TensorFlow's eager time.
EAGER = {LINEAR: (3.5, 1 / 12), MLP: (1.2, None), SMALL_MLP: (3.0, 1 / 12)}
# Captured: at most this many times hand-written NumPy, and whether the compilers must be beaten or only not be faster.
CAPTURED = {LINEAR: (1.25, "faster than"), MLP: (1.05, "no slower than"), SMALL_MLP: (1.25, "faster than")}
COMPILERS = ("JAX jit", "tf.function", "tf.function, XLA")
FIRST_CALL = 0.015
# Fitting: at most this share of Keras's time; so many seconds a batch above the captured step; predicting many rows at
# most so many times hand-written NumPy; and at most this share of Keras's memory.
FIT = dict(zip(fitting.ROWS, (1 / 20, 1 / 15, 1 / 3), strict=True))
FIT_OVERHEAD = 30e-6
PREDICT = 1.2
FIT_MEMORY = 1 / 5


@dataclass(frozen=True)
class Verdict:
    """What was measured, what was asked, and whether it was kept."""

    what: str
    measured: str
    bar: str
    keeps: bool


def eager(rows: Mapping[str, Mapping[str, Timing]]) -> list[Verdict]:
    """Eager training steps against NumPy and TensorFlow."""
    verdicts = []
    for row, (of_numpy, of_tensorflow) in EAGER.items():
        timings = rows[row]
        verdicts.append(_times(f"eager {row}", timings, "NumPy", of_numpy))
        if of_tensorflow is not None and "TensorFlow" in timings:
            ratio = timings["minitf"].ratio(timings["TensorFlow"])
            measured, bar = f"1/{1 / ratio:.1f} of TensorFlow's time", f"at most 1/{1 / of_tensorflow:.0f}"
            verdicts.append(Verdict(f"eager {row}", measured, bar, ratio <= of_tensorflow))
    return verdicts


def captured(rows: Mapping[str, Mapping[str, Timing]]) -> list[Verdict]:
    """Captured training steps against NumPy and the compilers that were measured."""
    verdicts = []
    for row, (of_numpy, asked) in CAPTURED.items():
        verdicts.append(_times(f"captured {row}", rows[row], "NumPy", of_numpy))
        for name in COMPILERS:
            if name in rows[row]:
                ratio = rows[row]["minitf"].ratio(rows[row][name])
                keeps = ratio < 1 or (ratio == 1 and asked == "no slower than")
                verdicts.append(Verdict(f"captured {row}", f"{ratio:.2f}× {name}", f"{asked} {name}", keeps))
    return verdicts


def fit(row: str, timings: Mapping[str, Timing], overhead: float) -> list[Verdict]:
    """Fitting against Keras, and against the captured step alone; the overhead in seconds a batch."""
    measured, bar = f"{overhead * 1e6:.1f} µs a batch above its step", f"at most {FIT_OVERHEAD * 1e6:.0f} µs"
    verdicts = [Verdict(f"fit, {row}", measured, bar, overhead <= FIT_OVERHEAD)]
    if "Keras" in timings:
        ratio, most = timings["minitf"].ratio(timings["Keras"]), FIT[row]
        measured, bar = f"1/{1 / ratio:.1f} of Keras's time", f"at most 1/{1 / most:.0f}"
        verdicts.append(Verdict(f"fit, {row}", measured, bar, ratio <= most))
    return verdicts


def predict(row: str, timings: Mapping[str, Timing]) -> Verdict:
    """Predicting many rows against NumPy."""
    return _times(f"predict, {row}", timings, "NumPy", PREDICT)


def fit_memory(row: str, megabytes: Mapping[str, float]) -> Verdict:
    """The peak memory of a process that fits, against Keras's."""
    ratio = megabytes["minitf"] / megabytes["Keras"]
    measured, bar = f"{megabytes['minitf']:.0f} MB, 1/{1 / ratio:.1f} of Keras's", f"at most 1/{1 / FIT_MEMORY:.0f}"
    return Verdict(f"memory of fit, {row}", measured, bar, ratio <= FIT_MEMORY)


def first_call(row: str, timing: Timing) -> Verdict:
    """The first call of a function, which captures it."""
    measured, bar = f"{timing.median * 1e3:.1f} ms", f"under {FIRST_CALL * 1e3:.0f} ms"
    return Verdict(f"capture of {row}", measured, bar, timing.median < FIRST_CALL)


def on_runtime(label: str, timings: Mapping[str, Timing]) -> Verdict:
    """Compare minitf on TensorFlow's runtime with TensorFlow."""
    return _times(f"on TensorFlow, {label}", timings, "TensorFlow", runtime.bar(label))


def peak(row: str, replayed: memory.Peak, eager: memory.Peak) -> Verdict:
    """The memory of a replayed step against an eager one's."""
    measured = f"{replayed.total / 2**10:,.0f} KiB, eager {eager.total / 2**10:,.0f} KiB"
    return Verdict(f"peak memory of {row}", measured, "no more than eager", replayed.total <= eager.total)


def _times(what: str, timings: Mapping[str, Timing], base: str, most: float) -> Verdict:
    ratio = timings["minitf"].ratio(timings[base])
    return Verdict(what, f"{ratio:.2f}× {base}", f"at most {most:g}×", ratio <= most)
