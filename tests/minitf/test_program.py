"""Programs: each pass removes what it should and only that, and none of them changes a bit of any result."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import minitf as tf
from minitf.program import Program
from tests.compiling import examples
from tests.differential.test_programs import Program as Text
from tests.differential.test_programs import programs

RANDOM = settings(max_examples=60, suppress_health_check=list(HealthCheck))


class Traced:
    """A random program with its gradients and a step of all variables, captured."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.held = {name: tf.Variable(text.sources[name], name=name) for name in sorted(text.variables)}
        self.names = [name for name in text.sources if name not in self.held]
        self.tensors = [tf.constant(text.sources[name]) for name in self.names]
        self.concrete = tf.function(self.step).get_concrete_function(*self.tensors)

    def step(self, *tensors: Any) -> Any:
        names: dict[str, Any] = {**self.held, **dict(zip(self.names, tensors, strict=True)), "tf": tf}
        names["halved"] = lambda x: tf.stop_gradient(0.5 * x) + 0.5 * tf.sin(x)
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            for line in self.text.lines:
                chosen = "tf.cond(" in line  # a tensor cannot decide what Python does
                exec(line.replace("tf.cond(", "tf.where(").replace("lambda: ", "") if chosen else line, names)
            targets = [names[name] for name in list(self.text.shapes)[-3:]]
        sources = [*tensors, *self.held.values()]
        gradients = tape.gradient(targets, sources, unconnected_gradients="zero")
        for variable, gradient in zip(self.held.values(), gradients[len(tensors) :], strict=True):
            variable.assign_sub(0.01 * tf.convert_to_tensor(gradient))
        return (
            targets,
            [tf.convert_to_tensor(gradient) for gradient in gradients],
            [t[..., tf.newaxis] for t in targets],
        )

    def copies(self, program: Program, locked: bool = False) -> list[Any]:
        """Return variables to stand in for a program's own, whose arrays nobody can write if `locked`."""
        copies = [tf.Variable(variable.numpy(), trainable=False) for variable, _ in program.variables]
        for copy in copies:
            copy._array.flags.writeable = not locked
        return copies

    def outcome(self, run: Callable[..., Any], program: Program) -> list[bytes]:
        """Return the bytes of results and variables of a run that starts where the program was traced."""
        copies = self.copies(program)
        by_variable = {id(variable): copy for (variable, _), copy in zip(program.variables, copies, strict=True)}
        results = [result.numpy() for result in run(self.tensors, copies)]
        after = [by_variable[id(v)].numpy() for v in self.held.values() if id(v) in by_variable]
        return [array.tobytes() for array in (*results, *after)]


@pytest.mark.backend("numpy")  # what computes the same rounds the same there, whatever else a program has
@RANDOM
@given(programs())
def test_no_pass_changes_a_bit(text: Text) -> None:
    traced = Traced(text)
    program = traced.concrete.captured
    expected = traced.outcome(program.replay, program)
    for name, after in [("captured", program), *traced.concrete.passes]:
        assert traced.outcome(after.run, after) == expected, name
        assert len(after.nodes) <= len(program.nodes)
        program = after
    assert program == traced.concrete.program


@pytest.mark.backend("numpy")
@RANDOM
@given(programs())
def test_nothing_is_written_over_that_is_still_there(text: Text) -> None:
    traced = Traced(text)
    program = traced.concrete.program
    constants = {number: array.copy() for number, array in program.constants.items()}
    for array in (*(tensor.array for tensor in traced.tensors), *program.constants.values()):
        array.flags.writeable = False
    copies = traced.copies(program, locked=True)
    first = program.run(traced.tensors, copies)
    kept = [result.numpy() for result in first]
    others = [
        tf.constant(0.5 * tensor.numpy()[..., ::-1] if tensor.shape.rank else -tensor.numpy())
        for tensor in traced.tensors
    ]
    program.run(others, copies)
    program.run(others, copies)
    for result, array in zip(first, kept, strict=True):
        assert result.numpy().tobytes() == array.tobytes()
    for number, array in constants.items():
        assert program.constants[number].tobytes() == array.tobytes()


@settings(RANDOM, max_examples=examples(60))
@given(programs())
def test_a_program_stored_as_text_is_the_same_program(text: Text) -> None:
    traced = Traced(text)
    for program in (traced.concrete.captured, traced.concrete.program):
        variables = [variable for variable, _ in program.variables]
        again = Program.from_json(program.to_json(), variables)
        assert again.to_json() == program.to_json()
        assert again.source() == program.source()
        assert traced.outcome(again.run, again) == traced.outcome(program.run, program)


@given(programs())
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_a_tape_hears_all_that_was_captured(text: Text) -> None:
    traced = Traced(text)
    function = tf.function(lambda *tensors: traced.step(*tensors)[0])
    start = [variable.numpy() for variable in traced.held.values()]

    def slopes(step: Callable[..., Any]) -> list[Any]:
        for variable, array in zip(traced.held.values(), start, strict=True):
            variable.assign(array)
        with tf.GradientTape() as tape:
            tape.watch(traced.tensors)
            targets = step(*traced.tensors)
        found = tape.gradient(targets, [*traced.tensors, *traced.held.values()], unconnected_gradients="zero")
        return [tf.convert_to_tensor(slope).numpy() for slope in found]

    eager = slopes(lambda *tensors: traced.step(*tensors)[0])
    for _ in range(2):
        for mine, its in zip(slopes(function), eager, strict=True):
            np.testing.assert_allclose(mine, its, 1e-9, 1e-12)  # a variable that is read twice adds up in another order


# --- each pass by itself ---


def ops(program: Program) -> list[str]:
    return [node.op.native for node in program.nodes]


def after(name: str, function: Callable[..., Any], *arguments: Any) -> tuple[list[str], list[str]]:
    """Return the ops of a function before and after a pass."""
    concrete = tf.function(function).get_concrete_function(*arguments)
    names = [each for each, _ in concrete.passes]
    before = concrete.captured if names.index(name) == 0 else concrete.passes[names.index(name) - 1][1]
    return ops(before), ops(concrete.passes[names.index(name)][1])


X = tf.constant([1.0, 2.0, 3.0])


def test_the_passes_have_names() -> None:
    names = [name for name, _ in tf.function(tf.sin).get_concrete_function(X).passes]
    assert [name for name in names if name in (
        "constant folding", "common subexpressions", "dead code", "buffers",
    )] == ["constant folding", "common subexpressions", "dead code", "buffers"]  # fmt: skip


def test_what_depends_on_constants_alone_is_computed_once() -> None:
    before, left = after("constant folding", lambda x: tf.sin(x) + tf.reduce_sum(tf.exp(tf.constant([1.0, 2.0]))), X)
    assert collections.Counter(before) - collections.Counter(left) == {"Exp": 1, "Sum": 1}
    assert left == ["Sin", "AddV2"]


def test_what_depends_on_variables_is_no_constant() -> None:
    v = tf.Variable(2.0)
    function = tf.function(lambda: tf.exp(v) * 2.0)
    first = function().numpy()
    v.assign(3.0)
    assert first != function().numpy() == (tf.exp(v) * 2.0).numpy()


def test_what_is_drawn_is_no_constant() -> None:
    function = tf.function(lambda: tf.random.uniform([4]) + tf.random.uniform([4]))
    drawn = ops(function.get_concrete_function().program)
    assert drawn.count("RandomUniform") == 2
    assert function().numpy().tolist() != function().numpy().tolist()


def test_large_results_of_small_constants_are_computed_anew() -> None:
    concrete = tf.function(lambda x: x + tf.tile(tf.constant([[0.5]]), [4000, 400])).get_concrete_function(
        tf.constant(1.0)
    )
    assert sum(array.nbytes for array in concrete.program.constants.values()) < 2**21


def test_what_is_computed_twice_is_computed_once() -> None:
    before, left = after(
        "common subexpressions", lambda x: (tf.sin(x) * 2.0, tf.sin(x) * 2.0, tf.sin(x) * 3.0, tf.cos(x)), X
    )
    assert collections.Counter(before) == {"Sin": 3, "Mul": 3, "Cos": 1}
    assert collections.Counter(left) == {"Sin": 1, "Mul": 2, "Cos": 1}


def test_ops_that_differ_in_an_attribute_or_in_the_order_of_inputs_stay() -> None:
    y = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    _, left = after(
        "common subexpressions",
        lambda x: (tf.reduce_sum(x, 0), tf.reduce_sum(x, 1), x - x[0], x[0] - x, tf.cast(x, tf.int32),
                   tf.cast(x, tf.int64), tf.reduce_sum(x, 0, keepdims=True)),
        y,
    )  # fmt: skip
    assert collections.Counter(left)["Sum"] == 3
    assert collections.Counter(left)["Sub"] == 2
    assert collections.Counter(left)["Cast"] == 2


def test_zeros_of_both_signs_stay_two_constants() -> None:
    x = tf.constant([1.0, -2.0])
    function = tf.function(lambda x: (x / 0.0, x / -0.0, x + tf.constant([1]).dtype.size * 0.0))
    for _ in range(2):
        assert [y.numpy().tolist() for y in function(x)[:2]] == [[np.inf, -np.inf], [-np.inf, np.inf]]


def test_constants_of_unlike_dtypes_stay_two() -> None:
    function = tf.function(lambda x: (tf.cast(x, tf.int32) + 1, x + 1.0, tf.logical_and(x > 0, True)))
    for _ in range(2):
        assert [y.dtype for y in function(X)] == [tf.int32, tf.float32, tf.bool]


def test_draws_are_never_shared() -> None:
    function = tf.function(lambda: (tf.random.uniform([8]), tf.random.uniform([8])))
    for _ in range(2):
        a, b = function()
        assert a.numpy().tolist() != b.numpy().tolist()


def test_what_nobody_needs_goes_and_effects_stay(capfd: pytest.CaptureFixture[str]) -> None:
    v, unused = tf.Variable(1.0), tf.Variable(5.0)

    def function(x: Any) -> Any:
        tf.exp(tf.sin(x)) + unused
        tf.print("x is", x[0])
        tf.debugging.assert_positive(x)
        v.assign_add(tf.cos(x[1]))
        return x * 2.0

    before, left = after("dead code", function, X)
    assert {"Exp", "Sin"} <= set(before)
    assert not {"Exp", "Sin"} & set(left)
    assert "Cos" in left
    traced = tf.function(function)
    assert [variable.numpy() for variable, _ in traced.get_concrete_function(X).program.variables] == [1.0]
    traced(X), traced(X)
    assert capfd.readouterr().err.count("x is 1") == 2
    assert v.numpy() == (1 + tf.cos(X[1]) + tf.cos(X[1])).numpy()
    with pytest.raises(tf.errors.InvalidArgumentError):
        traced(-X)


@pytest.mark.backend("numpy")  # which alone writes over inputs
def test_results_are_written_over_what_dies() -> None:
    concrete = tf.function(lambda x: tf.exp(tf.sin(x * 2.0 + 1.0))).get_concrete_function(X)
    assert len(concrete.program.reuse) == 3  # all but the first, which must leave x alone


@pytest.mark.backend("numpy")  # which alone writes over inputs
def test_nothing_is_written_over_arguments_results_variables_and_views() -> None:
    v = tf.Variable([1.0, 2.0, 3.0])

    @tf.function
    def function(x: Any) -> Any:
        y = x + 1.0
        view = tf.reshape(y, [3, 1])
        flipped = (y * 2.0)[::-1]
        v.assign(tf.sin(v) * x)
        return y, tf.exp(y), view, tf.cos(flipped), flipped, tf.transpose(view), tf.tanh(view), v + 1.0, tf.identity(x)

    eager = [y.numpy() for y in function.python_function(X)]
    v.assign([1.0, 2.0, 3.0])
    first = function(X)
    v.assign([1.0, 2.0, 3.0])
    second = function(X)
    for results in (first, second):
        for mine, its in zip(results, eager, strict=True):
            np.testing.assert_array_equal(mine.numpy(), its)
    assert X.numpy().tolist() == [1.0, 2.0, 3.0]


# --- text ---


def test_constants_and_attributes_of_all_kinds_are_stored() -> None:
    @tf.function
    def function(x: Any) -> Any:
        return (
            x + tf.constant([np.inf, -np.inf, np.nan]), tf.cast(x, tf.float16) + 0.5, tf.cast(x > 1.5, tf.int64),
            x[tf.newaxis, ::-1], tf.clip_by_value(x, 1.5, 2.5), tf.nn.leaky_relu(-x, 0.25), tf.where(x > 2.0, x, -0.0),
            tf.pad(x, [[1, 2]], constant_values=7.0), tf.one_hot([0, 2], 3, on_value=True, off_value=False),
            tf.einsum("i,j->ij", x, x), tf.split(x, [1, 2])[1], tf.constant([], tf.int8), tf.constant(True),
        )  # fmt: skip

    program = function.get_concrete_function(X).captured
    again = Program.from_json(program.to_json())
    for mine, its in zip(again.run([X]), program.run([X]), strict=True):
        assert (mine.dtype, mine.shape, mine.numpy().tobytes()) == (its.dtype, its.shape, its.numpy().tobytes())


def test_a_program_of_unknown_sizes_is_stored_with_them() -> None:
    function = tf.function(lambda x: (tf.reshape(x, [-1]), tf.zeros([tf.shape(x)[0], 2]), tf.reduce_mean(x, 0) / 2.0))
    program = function.get_concrete_function(tf.TensorSpec([None, 3])).program
    again = Program.from_json(program.to_json())
    for rows in (1, 4):
        x = tf.reshape(tf.range(3.0 * rows), [rows, 3])
        assert [y.numpy().tolist() for y in again.run([x])] == [y.numpy().tolist() for y in function(x)]


def test_text_for_other_variables_is_refused() -> None:
    v = tf.Variable(1.0)
    program = tf.function(lambda: v * 2.0).get_concrete_function().program
    with pytest.raises(ValueError, match="1"):
        Program.from_json(program.to_json(), [])
    other = tf.Variable(5.0)
    assert Program.from_json(program.to_json(), [other]).run([])[0].numpy() == 10.0


def test_the_source_of_a_program_is_python_that_gives_its_results() -> None:
    function = tf.function(lambda x, w: tf.nn.relu(x @ w) - 1.0)
    x, w = tf.constant([[1.0, -2.0]]), tf.constant([[3.0], [1.0]])
    source = function.source(x, w)
    assert source.startswith("def ") and "return" in source
    compile(source, "source", "exec")
    assert len(source.splitlines()) <= 6


def test_a_function_named_like_an_op_runs() -> None:
    def add(x: Any) -> Any:
        return x + x

    function = tf.function(add)
    assert [function(X).numpy().tolist() for _ in range(2)] == [[2.0, 4.0, 6.0]] * 2
