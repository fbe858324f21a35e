"""Programs of unknown sizes: one trace does for all sizes what eager ops do, gradients included.

Random programs whose ops know no sizes; they run with few and many rows and columns, with one of each, and with none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minitf as tf
from tests.compiling import examples
from tests.differential.test_programs import ALONG, BINARY, KINKED, OVER, SMOOTH

SOURCES: dict[str, tuple[str, ...]] = {"x": ("n", "m"), "y": ("n", "m"), "row": ("m",), "column": ("n", "1"), "s": ()}
SIZES = [(2, 3), (1, 1), (4, 1), (1, 3), (3, 3), (0, 2), (5, 2)]
SHAPING: list[tuple[str, Callable[[tuple[str, ...]], tuple[str, ...]]]] = [
    ("tf.transpose({})", lambda shape: shape[::-1]),
    ("tf.reshape({}, [-1])[:1] * tf.ones([1], tf.float64)", lambda shape: ("1",)),
    ("tf.expand_dims({}, 0)", lambda shape: ("1", *shape)),
    ("{}[..., tf.newaxis]", lambda shape: (*shape, "1")),
    ("{}[::-1]", lambda shape: shape),
    ("tf.reshape({0}, tf.shape({0}))", lambda shape: shape),
    ("tf.concat([{0}, tf.sin({0})], 0)[: tf.shape({0})[0]]", lambda shape: shape),
    ("tf.reduce_sum(tf.stack([{0}, 0.3 * {0}]), 0)", lambda shape: shape),
    ("tf.repeat({0}, 2, axis=0)[: tf.shape({0})[0]]", lambda shape: shape),
    ("tf.broadcast_to({0}, tf.shape({0})) / tf.cast(tf.size({0}), tf.float64)", lambda shape: shape),
    ("tf.zeros_like({0}) + tf.cast(tf.shape({0})[0], tf.float64)", lambda shape: shape),
    ("tf.gather({0}, tf.range(tf.shape({0})[0]))", lambda shape: shape),
    ("{0} - tf.reduce_mean({0}, 0)", lambda shape: shape),
    ("tf.split(tf.concat([{0}, {0}], 0), 2)[1]", lambda shape: shape),
]  # fmt: skip


def broadcast(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the shape of two shapes put together, of names and ones; None if they do not fit."""
    rank = max(len(a), len(b))
    pairs = list(zip(("1",) * (rank - len(a)) + a, ("1",) * (rank - len(b)) + b, strict=True))
    if any("1" not in pair and pair[0] != pair[1] for pair in pairs):
        return None
    return tuple(second if first == "1" else first for first, second in pairs)


@st.composite
def open_programs(draw: Callable[..., Any]) -> list[str]:
    """Lines of a program, as in test_programs; at least every second one reduces or computes with two values."""
    shapes = dict(SOURCES)
    lines = []
    for number in range(draw(st.integers(2, 12))):
        a, b = (draw(st.sampled_from(list(shapes))) for _ in "ab")
        kind = draw(st.sampled_from(["unary", "binary", "along", "over", "shaping", "product"]))
        shape = shapes[a]
        axis = draw(st.integers(-len(shape), len(shape) - 1)) if shape else 0
        both = broadcast(shapes[a], shapes[b])
        if kind == "binary" and both is not None:
            text, shape = draw(st.sampled_from(BINARY)).format(a, b), both
        elif kind == "along" and shape:
            text = draw(st.sampled_from(ALONG)).format(a, axis)
        elif kind == "over" and shape:
            text = draw(st.sampled_from(OVER)).format(a, axis)
            shape = shape[: axis % len(shape)] + shape[axis % len(shape) + 1 :]
        elif kind == "shaping" and shape:
            how, after = draw(st.sampled_from(SHAPING))
            text, shape = how.format(a), after(shape)
        elif kind == "product" and len(shape) == 2:
            text, shape = f"0.3 * tf.matmul({a}, {a}, transpose_b=True)", (shape[0], shape[0])
        else:
            text = draw(st.sampled_from([*SMOOTH, *KINKED])).format(a)
        if len(shape) < 4:
            lines.append(f"v{number} = {text}")
            shapes[f"v{number}"] = shape
    return lines


def values(n: int, m: int) -> list[Any]:
    """Return the sources in a size."""
    sizes = {"n": n, "m": m, "1": 1}
    shapes = [tuple(sizes[name] for name in shape) for shape in SOURCES.values()]
    return [
        np.cos(np.arange(np.prod(shape, dtype=int)) * (1.3 + i) + i).reshape(shape) for i, shape in enumerate(shapes)
    ]


@settings(max_examples=examples(100, share=20), suppress_health_check=list(HealthCheck))
@given(open_programs())
def test_one_trace_does_for_all_sizes_what_eager_ops_do(lines: list[str]) -> None:
    def step(*sources: Any) -> Any:
        names: dict[str, Any] = dict(zip(SOURCES, sources, strict=True))
        names |= {"tf": tf, "halved": lambda x: tf.stop_gradient(0.5 * x) + 0.5 * tf.sin(x)}
        with tf.GradientTape() as tape:
            tape.watch(sources)
            for line in lines:
                exec(line, names)
            targets = [value for name, value in names.items() if name.startswith("v")] or [sources[0] * 1.0]
        return targets, tape.gradient(targets, sources, unconnected_gradients="zero")

    specs = [tf.TensorSpec([None if name != "1" else 1 for name in shape], tf.float64) for shape in SOURCES.values()]
    function = tf.function(step, input_signature=specs)
    for n, m in SIZES:
        given_values = [tf.constant(array) for array in values(n, m)]
        for captured, eager in zip(function(*given_values), step(*given_values), strict=True):
            for mine, its in zip(captured, eager, strict=True):
                assert mine.shape == its.shape
                np.testing.assert_allclose(mine.numpy(), its.numpy(), 1e-12, 1e-12)
    assert function.experimental_get_tracing_count() == 1
