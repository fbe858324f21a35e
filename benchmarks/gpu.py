"""Training steps of perceptrons, from 128 to 16,384 wide, on an accelerator: minitf beside TensorFlow and JAX.

It runs alone, and takes whatever accelerator there is (or the CPU, for a trial):

    python -m benchmarks.gpu                        minitf on TensorFlow's runtime, TensorFlow with XLA, JAX
    python -m benchmarks.gpu --lower FOLDER         write the compiled steps as HLO, on a machine with TensorFlow
    python -m benchmarks.gpu --lowered FOLDER       run these on a machine that has JAX and no TensorFlow

The second way measures the programs that minitf and TensorFlow hand to XLA, run by the XLA inside JAX: what XLA makes
of them on this device, and nothing of TensorFlow's or minitf's own time around a step.

A step is three dense layers of one width, relu between them, the mean squared error, and one descent of every variable.
Its work is counted as 16 * batch * width**2 operations: 2 for each multiplication and addition of the three products
forward, of three for the weights' gradients and of two for those of the layers' inputs; all else is left out.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import importlib.util
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

WIDTHS = (128, 512, 2048, 8192, 16384)
PRECISIONS = ("float32", "TF32", "bfloat16")
LAYERS, RATE = 3, 0.01
# Operations a second without sparsity, from the maker's data sheets: NVIDIA H200, H100 SXM (2024), A100 SXM (2021).
PEAKS = {
    "H200": {"float32": 67e12, "TF32": 494.7e12, "bfloat16": 989.4e12},
    "H100": {"float32": 67e12, "TF32": 494.7e12, "bfloat16": 989.4e12},
    "A100": {"float32": 19.5e12, "TF32": 156e12, "bfloat16": 312e12},
}
Run = Callable[[int], object]  # computes so many steps, and waits for the last one


class Case(NamedTuple):
    """One network, one batch, one precision."""

    width: int
    batch: int
    precision: str

    @property
    def name(self) -> str:
        """A name for files."""
        return f"mlp-{self.width}-{self.batch}-{self.precision}"

    @property
    def operations(self) -> int:
        """The multiplications and additions of a step.

        >>> Case(128, 1024, "TF32").operations
        268435456
        """
        return 16 * self.batch * self.width**2


# --- the step, one text for minitf and TensorFlow ---------------------------------------------------------------------


def step_in(tf: Any, variables: Sequence[Any], precision: str) -> Callable[..., Any]:
    """The training step on variables w, b, w, b, ...; bfloat16 computes in it and keeps the variables in float32."""
    low = tf.bfloat16 if precision == "bfloat16" else tf.float32

    def step(x: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            hidden = tf.cast(x, low)
            for place in range(0, len(variables), 2):
                w, b = tf.cast(variables[place], low), tf.cast(variables[place + 1], low)
                hidden = tf.matmul(hidden, w) + b
                if place < len(variables) - 2:
                    hidden = tf.nn.relu(hidden)
            loss = tf.reduce_mean(tf.square(tf.cast(hidden, tf.float32) - targets))
        for variable, slope in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(RATE * slope)
        return loss

    return step


def started(case: Case) -> tuple[list[np.ndarray[Any, Any]], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Weights, inputs and targets, the same for all contenders."""
    draws = np.random.default_rng(case.width)
    layer = (case.width, case.width)
    weights: list[np.ndarray[Any, Any]] = []
    for _ in range(LAYERS):
        weights += [draws.standard_normal(layer, np.float32) * np.float32(case.width**-0.5), np.zeros(case.width, "f4")]
    shape = (case.batch, case.width)
    return weights, draws.standard_normal(shape, np.float32), draws.standard_normal(shape, np.float32)


def in_runtime(tf: Any, case: Case) -> Run:
    """Train with minitf or TensorFlow."""
    weights, x, targets = started(case)
    compiled = tf.function(step_in(tf, [tf.Variable(each) for each in weights], case.precision), jit_compile=True)
    batch = tf.constant(x), tf.constant(targets)

    def run(steps: int) -> float:
        for _ in range(steps):
            loss = compiled(*batch)
        return float(loss)

    return run


def in_jax(jax: Any, case: Case) -> Run:
    """Train with JAX; the weights' memory is given to their successors."""
    jnp = jax.numpy
    low = jnp.bfloat16 if case.precision == "bfloat16" else jnp.float32
    accuracy = "highest" if case.precision == "float32" else "default"

    def loss_of(weights: Any, x: Any, targets: Any) -> Any:
        hidden = x.astype(low)
        for place in range(0, len(weights), 2):
            w, b = weights[place].astype(low), weights[place + 1].astype(low)
            hidden = jnp.matmul(hidden, w, precision=accuracy) + b
            if place < len(weights) - 2:
                hidden = jax.nn.relu(hidden)
        return jnp.mean(jnp.square(hidden.astype(jnp.float32) - targets))

    @functools.partial(jax.jit, donate_argnums=0)
    def step(weights: Any, x: Any, targets: Any) -> Any:
        loss, slopes = jax.value_and_grad(loss_of)(weights, x, targets)
        return loss, [weight - RATE * slope for weight, slope in zip(weights, slopes, strict=True)]

    weights, *batch = jax.device_put(started(case))

    def run(steps: int) -> float:
        nonlocal weights
        for _ in range(steps):
            loss, weights = step(weights, *batch)
        return float(jax.block_until_ready(loss))

    return run


# --- lowered steps ----------------------------------------------------------------------------------------------------


def lower(tf: Any, case: Case, folder: Path) -> None:
    """Write minitf's compiled step as HLO, with the shapes of what it takes: inputs, targets and the variables."""
    weights, x, targets = started(case)
    variables = [tf.Variable(each) for each in weights]
    compiled = tf.function(step_in(tf, variables, case.precision), jit_compile=True)
    program = compiled.hlo(tf.constant(x), tf.constant(targets), stage="hlo_serialized")
    concrete = compiled.get_concrete_function(tf.constant(x), tf.constant(targets))
    order = [next(i for i, own in enumerate(variables) if own is used) for used in concrete.variables]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{case.name}.json").write_text(json.dumps({"case": case, "variables": order}))
    part = folder / f"{case.name}.part"
    part.write_bytes(program)
    part.replace(folder / f"{case.name}.hlo")


def in_jaxs_xla(jax: Any, case: Case, folder: Path) -> Run:
    """Run a lowered step with the XLA inside JAX: its results are the loss, and the variables for the next step."""
    # JAX has no public way to run HLO: these are its own, as of jax 0.10.
    xla_client = importlib.import_module("jax._src.lib").xla_client
    module = importlib.import_module("jaxlib._jax").mlir.xla_computation_to_mlir_module(
        xla_client.XlaComputation((folder / f"{case.name}.hlo").read_bytes())
    )
    device = jax.devices()[0]
    options = xla_client.CompileOptions()
    program = device.client.compile_and_load(module, xla_client.DeviceList((device,)), options)
    order = json.loads((folder / f"{case.name}.json").read_text())["variables"]
    weights, *batch = started(case)
    state = [jax.device_put(weights[place]) for place in order]
    batch = [jax.device_put(each) for each in batch]

    def run(steps: int) -> float:
        nonlocal state
        for _ in range(steps):
            loss, *state = program.execute([*batch, *state])
        return float(jax.block_until_ready(loss))

    return run


# --- measuring --------------------------------------------------------------------------------------------------------


def timed(contenders: Mapping[str, Run], rounds: int, least: float = 0.2) -> dict[str, float]:
    """Seconds a step, the median over rounds in which the contenders take turns; losses must agree beforehand."""
    losses: dict[str, Any] = {name: run(3) for name, run in contenders.items()}
    first = next(iter(losses.values()))
    for name, loss in losses.items():
        if abs(loss - first) > 0.02 * abs(first):
            raise ArithmeticError(f"{name} has the loss {loss} after 3 steps where the first has {first}.")
    steps = {}
    for name, run in contenders.items():
        start = time.perf_counter()
        run(10)
        steps[name] = max(10, int(least / ((time.perf_counter() - start) / 10)))
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(rounds):
        for name in list(contenders)[:: 1 if turn % 2 == 0 else -1]:
            start = time.perf_counter()
            contenders[name](steps[name])
            seconds[name].append((time.perf_counter() - start) / steps[name])
    return {name: median(each) for name, each in seconds.items()}


def rows(
    contenders_of: Callable[[Case], Mapping[str, Run]], cases: Sequence[Case], device: str, rounds: int
) -> Iterator[str]:
    """The rows of the table, as they are measured."""
    peak = next((peaks for name, peaks in PEAKS.items() if name in device), {})
    header: list[str] = []
    for case in cases:
        taken = timed(contenders_of(case), rounds)
        if not header:
            header = ["width", "batch", "precision", *(f"{name}, µs" for name in taken)]
            header += [f"{name} / minitf" for name in list(taken)[1:]] + ["minitf TFLOP/s", "of the peak"]
            yield f"| {' | '.join(header)} |"
            yield f"|{'---|' * len(header)}"
        own, *others = taken.values()
        speed = case.operations / own
        share = f"{speed / peak[case.precision]:.1%}" if peak else "–"
        cells = [case.width, case.batch, case.precision, *(f"{each * 1e6:.1f}" for each in taken.values())]
        cells += [*(f"{each / own:.2f}" for each in others), f"{speed / 1e12:.2f}", share]
        yield f"| {' | '.join(map(str, cells))} |"


def surroundings(device: str, lowered: bool) -> list[str]:
    """What was measured, on what."""
    packages = ("minitf", "numpy", "tensorflow", "jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin")
    found = [f"{name} {importlib.metadata.version(name)}" for name in packages if _installed(name)]
    how = (
        "Lowered steps: the HLO that minitf's compiled step hands to XLA, written on another machine and run here by "
        "the XLA inside JAX; the time of minitf's and TensorFlow's own Python around a step is not in it."
        if lowered
        else "Whole steps: calls of the compiled functions, from Python, and the wait for the last of them."
    )
    return [f"Device: {device}. Python {platform.python_version()}, {', '.join(found)}.", "", how, ""]


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, or lower."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS, help=f"default: {WIDTHS}")
    parser.add_argument("--batch", type=int, default=4096, help="rows of a batch (default: 4096)")
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=PRECISIONS)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contender (default: 7)")
    parser.add_argument(
        "--lower", type=Path, metavar="FOLDER", help="write the compiled steps there, and measure nothing"
    )
    parser.add_argument(
        "--lowered", type=Path, metavar="FOLDER", help="run the steps that were written there, with JAX"
    )
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the table as Markdown too")
    chosen = parser.parse_args(arguments)
    cases = [Case(width, chosen.batch, each) for width in chosen.widths for each in chosen.precisions]
    jax = importlib.import_module("jax") if importlib.util.find_spec("jax") else None
    if chosen.lowered is not None:
        if jax is None:
            parser.error("--lowered runs programs with JAX, which is not installed: pip install 'jax[cuda12]'.")
        device = jax.devices()[0].device_kind
        cases = [case for case in cases if (chosen.lowered / f"{case.name}.hlo").exists()]

        def contenders(case: Case) -> Mapping[str, Run]:
            return {"minitf, lowered": in_jaxs_xla(jax, case, chosen.lowered), "JAX jit": in_jax(jax, case)}

    else:
        os.environ["MINITF_BACKEND"] = "tensorflow"
        minitf, tensorflow = importlib.import_module("minitf"), importlib.import_module("tensorflow")
        if chosen.lower is not None:
            for case in cases:
                tensorflow.config.experimental.enable_tensor_float_32_execution(case.precision != "float32")
                lower(minitf, case, chosen.lower)
                print(f"{case.name}: written")
            return
        gpus = tensorflow.config.list_physical_devices("GPU")
        found = tensorflow.config.experimental.get_device_details(gpus[0]).get("device_name") if gpus else None
        device = found or f"CPU, {platform.processor() or platform.machine()}"

        def contenders(case: Case) -> Mapping[str, Run]:
            tensorflow.config.experimental.enable_tensor_float_32_execution(case.precision != "float32")
            own = {"minitf": in_runtime(minitf, case), "TensorFlow, XLA": in_runtime(tensorflow, case)}
            return own if jax is None else own | {"JAX jit": in_jax(jax, case)}

    lines = surroundings(device, chosen.lowered is not None)
    print("\n".join(lines))
    for line in rows(contenders, cases, device, chosen.rounds):
        print(line, flush=True)
        lines.append(line)
    if chosen.save is not None:
        part = chosen.save.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text("\n".join(lines) + "\n", "utf-8")
        part.replace(chosen.save)


if __name__ == "__main__":
    main()
