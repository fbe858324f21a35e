"""Random programs: values, first and second derivatives of graphs of up to 30 ops are TensorFlow's.

A program is Python text, a line per op, that Hypothesis writes: shapes fit by construction, values stay small, and
constants keep the arguments of kinked functions apart. Later lines may use any earlier one, so that nodes are shared.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minitf
from tests.differential.agreement import assert_close, assert_gradients_alike, pseudo_random

Shape = tuple[int, ...]
Line = tuple[str, Shape]  # what a line computes, and its shape

LARGEST = 48  # entries of one value

# Functions of one input that keep its shape.
SMOOTH = [
    "tf.sin({})", "tf.cos({})", "tf.tanh({})", "tf.sigmoid({})", "tf.nn.softplus({})", "tf.exp(tf.tanh({}))",
    "tf.math.log1p(tf.square({}))", "tf.sqrt(1 + {} ** 2)", "tf.math.rsqrt(2 + tf.square({}))", "-{}",
    "tf.identity({})",
    "tf.math.expm1(-tf.abs({} + 0.0371))", "1 / (1 + {} ** 2)", "tf.nn.gelu({})", "tf.nn.silu({})", "0.5 * {}",
    "tf.math.log_sigmoid({})", "tf.math.erf({})", "tf.math.atan({})", "tf.nn.gelu({}, approximate=True)",
    "tf.stop_gradient({})", "halved({})", "tf.grad_pass_through(tf.sign)({})", "tf.math.erfc({})", "tf.asinh({})",
    "tf.acosh(2 + tf.square({}))", "tf.atanh(0.5 * tf.tanh({}))", "tf.sinh(tf.tanh({}))",
    "tf.clip_by_norm({}, 0.9)", "tf.clip_by_global_norm([{}], 1.1)[0][0]", "tf.add_n([{0}, tf.sin({0}), {0}])",
    "{0} * tf.math.log(2 + tf.sin({0}))",
    "tf.cond(tf.reduce_sum({0}) > 0.0117, lambda: tf.sin({0}), lambda: 0.5 * {0})",
    "tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, tf.sin(x) + 0.1 * {0}), [0, {0}])[1]",
    "tf.nn.sigmoid_cross_entropy_with_logits(tf.sigmoid({0} - 0.2), {0})", "tf.tan(tf.tanh({}))",
]  # fmt: skip
KINKED = [
    "tf.nn.relu({} + 0.0173)", "tf.abs({} - 0.0411)", "tf.nn.elu({} + 0.0291)", "tf.nn.selu({} + 0.0573)",
    "tf.nn.leaky_relu({} - 0.0133, alpha=0.25)", "tf.clip_by_value({}, -0.7123, 0.8317)",
    "tf.nn.relu6(3 * {} + 0.0713)",
]  # fmt: skip
# Functions of two inputs that broadcast.
BINARY = [
    "{} + {}", "{} - {}", "tf.tanh({}) * {}", "{} / (1.5 + tf.cos({}))", "tf.maximum({}, {} + 0.0237)",
    "tf.minimum({} - 0.0319, {})", "tf.math.squared_difference({}, tf.sin({}))", "(1.5 + tf.sin({})) ** tf.tanh({})",
    "tf.where(tf.sin(tf.cast({} > 0.0193, tf.float64)) > 0, {}, 0.25)", "tf.multiply({}, tf.sigmoid({}))",
    "tf.math.divide_no_nan({}, 2 + tf.sin({}))", "tf.math.atan2(tf.sin({}), 2 + tf.sin({}))",
]  # fmt: skip
# Along one axis, which stays.
ALONG = [
    "tf.nn.softmax({}, axis={})", "tf.nn.log_softmax({}, axis={})", "tf.cumsum(0.5 * {}, axis={})",
    "tf.math.cumprod(tf.tanh({}), axis={}, exclusive=True)", "tf.reverse({}, [{}])", "tf.roll({}, 1, {})",
    "tf.math.l2_normalize(1.5 + tf.sin({}), axis={})", "tf.cumsum({}, axis={}, reverse=True)",
    "tf.sort({}, axis={})",
]  # fmt: skip
# Over one axis, which goes.
OVER = [
    "tf.reduce_sum({}, axis={})", "tf.reduce_mean({}, axis={})", "tf.reduce_logsumexp({}, axis={})",
    "tf.reduce_prod(tf.tanh({}), axis={})", "tf.math.reduce_variance({}, axis={})",
    "tf.norm(1.5 + tf.sin({}), axis={})",
]  # fmt: skip


class Program:
    """The sources, and lines that compute with them."""

    def __init__(self, sources: dict[str, np.ndarray[Any, Any]], variables: set[str]) -> None:
        self.sources = {**sources, "unused": np.array([1.0, 2.0])}
        self.variables = variables
        self.shapes: dict[str, Shape] = {name: array.shape for name, array in sources.items()}
        self.lines: list[str] = []

    def __repr__(self) -> str:
        given = [f"{name} = {array!r}" for name, array in self.sources.items()]
        return "\n".join([f"<variables: {sorted(self.variables)}>", *given, *self.lines])


def unary(draw: Any, program: Program) -> Line:
    name = draw(st.sampled_from(list(program.shapes)))
    return draw(st.sampled_from([*SMOOTH, *KINKED])).format(name), program.shapes[name]


def binary(draw: Any, program: Program) -> Line | None:
    a, b = (draw(st.sampled_from(list(program.shapes))) for _ in "ab")
    try:
        return draw(st.sampled_from(BINARY)).format(a, b), np.broadcast_shapes(program.shapes[a], program.shapes[b])
    except ValueError:
        return None


def some_axis(draw: Any, program: Program) -> tuple[str, Shape, int] | None:
    name = draw(st.sampled_from(list(program.shapes)))
    shape = program.shapes[name]
    return (name, shape, draw(st.integers(0, len(shape) - 1))) if shape else None


def along(draw: Any, program: Program) -> Line | None:
    if (drawn := some_axis(draw, program)) is None:
        return None
    name, shape, axis = drawn
    return draw(st.sampled_from(ALONG)).format(name, axis - draw(st.sampled_from([0, len(shape)]))), shape


def over(draw: Any, program: Program) -> Line | None:
    if (drawn := some_axis(draw, program)) is None:
        return None
    name, shape, axis = drawn
    keep = draw(st.booleans())
    text = draw(st.sampled_from(OVER)).format(name, axis)
    return text[:-1] + f", keepdims={keep})", (*shape[:axis], *([1] if keep else []), *shape[axis + 1 :])


def extreme(draw: Any, program: Program) -> Line:
    """Reduce to the largest entry of all, made distinct by a ramp."""
    name = draw(st.sampled_from(list(program.shapes)))
    ramp = f"tf.reshape(tf.linspace(tf.constant(0.0, tf.float64), 0.0791, tf.size({name})), tf.shape({name}))"
    return f"tf.{draw(st.sampled_from(['reduce_max', 'reduce_min']))}({name} + {ramp})", ()


def shaping(draw: Any, program: Program) -> Line | None:
    if (drawn := some_axis(draw, program)) is None:
        return None
    name, shape, axis = drawn
    size, rank = shape[axis], len(shape)
    order = draw(st.permutations(range(rank)))
    rows = draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=3))
    colons = ":, " * axis
    before, after = shape[:axis], shape[axis + 1 :]
    return draw(
        st.sampled_from(
            [
                (f"tf.transpose({name}, {order})", tuple(shape[i] for i in order)),
                (f"tf.reshape({name}, [-1, {size}])", (math.prod(before) * math.prod(after), size)),
                (f"tf.reshape({name}, [-1])", (math.prod(shape),)),
                (f"tf.expand_dims({name}, {axis})", (*before, 1, size, *after)),
                (f"{name}[{colons}::-1]", shape),
                (f"{name}[{colons}{rows[0]}]", (*before, *after)),
                (f"{name}[..., tf.newaxis]", (*shape, 1)),
                (f"{name}[{colons}-1:]", (*before, 1, *after)),
                (f"tf.gather({name}, {rows}, axis={axis})", (*before, len(rows), *after)),
                (f"tf.concat([{name}, tf.sin({name})], {axis})", (*before, 2 * size, *after)),
                (f"tf.stack([{name}, {name} * 0.3], {axis})", (*before, 2, size, *after)),
                (f"tf.unstack({name}, axis={axis})[{rows[0]}]", (*before, *after)),
                (f"tf.split({name}, [1, {size - 1}], {axis})[0]", (*before, 1, *after)),
                (f"tf.tile({name}, {[1] * axis + [2] + [1] * (rank - axis - 1)})", (*before, 2 * size, *after)),
                (f"tf.repeat({name}, 2, axis={axis})", (*before, 2 * size, *after)),
                (f"tf.pad({name}, {[[1, 0]] * rank})", tuple(length + 1 for length in shape)),
                (f"tf.pad({name}, {[[0, 1]] * rank}, 'SYMMETRIC')", tuple(length + 1 for length in shape)),
                (f"tf.broadcast_to({name}, {[2, *shape]})", (2, *shape)),
                (f"tf.squeeze(tf.expand_dims({name}, 0), 0)", shape),
                (f"tf.boolean_mask({name}, {[i in rows for i in range(size)]}, axis={axis})",
                 (*before, len(set(rows)), *after)),
                (f"tf.gather_nd({name}, {[[row] for row in rows if row < shape[0]] or [[0]]})",
                 (len([row for row in rows if row < shape[0]]) or 1, *shape[1:])),
                (f"tf.tensor_scatter_nd_add({name}, [[0], [0]], tf.sin({name}[:1]) * tf.ones({[2, *shape[1:]]}, "
                 "tf.float64))", shape),
            ]
        )
    )  # fmt: skip


def product(draw: Any, program: Program) -> Line | None:
    vectors = {name: shape for name, shape in program.shapes.items() if shape}
    if not vectors:
        return None
    name = draw(st.sampled_from(list(vectors)))
    shape = vectors[name]
    columns = draw(st.integers(1, 3))
    weights = [[round(math.sin(3 * i + j), 3) for j in range(columns)] for i in range(shape[-1])]
    matrix = f"tf.constant({weights}, tf.float64)"
    choices = [
        (f"tf.tensordot({name}, {matrix}, 1)", (*shape[:-1], columns)),
        (f"tf.einsum('...i,...i->...', {name}, tf.sin({name}))", shape[:-1]),
    ]
    if len(shape) > 1:
        choices += [
            (f"tf.matmul({name}, {matrix})", (*shape[:-1], columns)),
            (f"0.3 * tf.matmul({name}, {name}, transpose_b=True)", (*shape[:-1], shape[-2])),
            (f"0.3 * tf.matmul({name}, tf.sin({name}), transpose_a=True)", (*shape[:-2], shape[-1], shape[-1])),
            (f"tf.linalg.matvec({name}, tf.fill([{shape[-1]}], tf.constant(0.3, tf.float64)))", shape[:-1]),
            (f"tf.einsum('...ij->...ji', {name})", (*shape[:-2], shape[-1], shape[-2])),
            (f"tf.linalg.diag_part({name})", (*shape[:-2], min(shape[-2:]))),
            (f"tf.linalg.band_part({name}, 0, -1)", shape),
            (f"tf.map_fn(lambda row: tf.sin(row) * {name}[0], {name})", shape),
            (f"tf.nn.softmax_cross_entropy_with_logits(tf.stop_gradient(tf.nn.softmax({name})), {name})", shape[:-1]),
        ]
        # A matrix that is far from having no inverse.
        square = (
            f"2 * tf.eye({shape[-2]}, dtype=tf.float64) + 0.2 * tf.matmul({name}, tf.tanh({name}), transpose_b=True)"
        )
        square = square.replace(f"({name},", f"(tf.tanh({name}),")
        choices += [
            (f"tf.linalg.inv({square})", (*shape[:-2], shape[-2], shape[-2])),
            (f"tf.linalg.det({square})", shape[:-2]),
            (f"tf.linalg.trace({square})", shape[:-2]),
            (f"tf.linalg.solve({square}, {name})", shape),
        ]
    return draw(st.sampled_from(choices))


KINDS: list[Callable[[Any, Program], Line | None]] = [
    unary, unary, binary, binary, along, over, extreme, shaping, shaping, product,
]  # fmt: skip


@st.composite
def programs(draw: Callable[..., Any]) -> Program:
    shapes = draw(st.lists(st.sampled_from([(), (3,), (2, 3), (2, 1), (2, 1, 3)]), min_size=2, max_size=4))
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    sources = {f"x{i}": random.normal(size=shape) for i, shape in enumerate(shapes)}
    program = Program(sources, draw(st.sets(st.sampled_from(list(sources)))))
    for number in range(draw(st.integers(3, 30))):
        line = draw(st.sampled_from(KINDS))(draw, program)
        if line is not None and math.prod(line[1]) <= LARGEST and len(line[1]) <= 4:
            program.lines.append(f"v{number} = {line[0]}")
            program.shapes[f"v{number}"] = line[1]
    return program


class Run:
    """A program on one side: the targets, the gradients by all sources, and those of the gradients."""

    def __init__(self, tf: Any, program: Program) -> None:
        names: dict[str, Any] = {
            name: tf.Variable(array) if name in program.variables else tf.constant(array)
            for name, array in program.sources.items()
        }
        sources = list(names.values())
        names |= {"tf": tf, "halved": tf.custom_gradient(lambda x: (tf.sin(x), lambda dy: 0.5 * dy * tf.cos(x)))}
        with tf.GradientTape() as outer:
            outer.watch(sources)
            with tf.GradientTape() as inner:
                inner.watch(sources)
                exec("\n".join(program.lines), names)
            self.shapes = {name: tuple(names[name].shape) for name in program.shapes}
            self.targets = [names[name] for name in list(program.shapes)[-3:]]
            weights = [pseudo_random(tf, target, seed) for seed, target in enumerate(self.targets)]
            between = [names[name] for name in list(program.shapes)[len(sources) - 1 : len(sources) + 3]]
            self.first = inner.gradient(self.targets, [*sources, *between], weights)
            self.first = [None if g is None else tf.convert_to_tensor(g) for g in self.first]
        firsts = [g for g in self.first if g is not None]
        self.second = outer.gradient(firsts, sources, [pseudo_random(tf, g, 5) for g in firsts])
        self.second = [None if g is None else tf.convert_to_tensor(g) for g in self.second]


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(programs())
def test_a_random_program_and_its_derivatives_are_tensorflows(oracle: ModuleType, program: Program) -> None:
    ours, theirs = Run(minitf, program), Run(oracle, program)
    assert ours.shapes == theirs.shapes == program.shapes
    for mine, its in zip(ours.targets, theirs.targets, strict=True):
        assert_close(mine, its, slack=1e3)
    assert_gradients_alike(ours.first, theirs.first, slack=1e4)
    assert_gradients_alike(ours.second, theirs.second, slack=1e5, none_is_zero=True)
