"""tf.function with state: any sequence of calls, assignments and tapes gives what TensorFlow gives, step by step.

After each step the result, all variables and the number of traces of each function must be TensorFlow's.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import minitf
from tests.compiling import examples
from tests.differential.agreement import assert_close, errors_of, is_float, leaves

STARTS = {
    "scalar": np.float32(0.5), "vector": np.array([0.5, -0.25, 1.0], np.float32), "count": np.int32(3),
    "matrix": np.arange(6.0).reshape(2, 3) / 8, "flags": np.array([True, False]), "frozen": np.float32(2.0),
}  # fmt: skip
GIVEN = st.builds(
    lambda dtype, shape, shift: (np.cos(np.arange(np.prod(shape, dtype=int)) + shift) * 4).astype(dtype).reshape(shape),
    st.sampled_from(["float32", "float32", "float64", "int32"]),
    st.sampled_from([(), (3,), (3,), (2, 3), (0, 3), (1,)]),
    st.integers(0, 5),
)
TENSORS = st.builds(lambda array: lambda tf: tf.constant(array), GIVEN)
ARGUMENTS = st.one_of(TENSORS, TENSORS, TENSORS, st.builds(lambda array: lambda tf: array, GIVEN))
NUMBERS = st.builds(lambda number: lambda tf: number, st.sampled_from([1, 2, 2.0, 0.5, True, None]))


def pool(tf: Any, held: dict[str, Any]) -> dict[str, Any]:
    """Return functions of up to two arguments, and variables of their own."""
    scalar, vector, count, matrix, flags, frozen = (held[name] for name in STARTS)
    made: list[Any] = []
    number = lambda x: tf.reduce_sum(tf.cast(x, tf.float32)) / 8.0  # noqa: E731

    @tf.function
    def reading(x: Any) -> Any:
        return x + tf.cast(scalar, x.dtype), count * 2

    @tf.function
    def adding(x: Any) -> Any:
        before = scalar + 0.0
        scalar.assign(tf.tanh(scalar + number(x)))
        scalar.assign_add(0.25)
        return before, scalar

    @tf.function
    def counting() -> Any:
        count.assign_add(1)
        flags.assign(tf.logical_not(flags))
        return count

    @tf.function
    def scaled(x: Any, n: Any = 3) -> Any:
        return x if n is None else x * tf.cast(n, x.dtype)

    @tf.function(reduce_retracing=False)
    def in_parts(x: Any) -> Any:
        matrix[1:, :2].assign([[1.0, 0.0]] * tf.ones([1, 2], tf.float64) * tf.cast(number(x), tf.float64))
        vector.scatter_nd_add([[0], [2], [0]], [0.5, -0.5, 0.25])
        vector.assign(tf.tanh(vector))
        return matrix, vector[::-1]

    @tf.function
    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((vector * tf.tanh(number(x)) - frozen) ** 2) + scalar**2
        slopes = tape.gradient(loss, [vector, scalar, frozen])
        vector.assign_sub(0.1 * slopes[0])
        scalar.assign_sub(0.1 * slopes[1])
        return loss, slopes[0], slopes[2]

    @tf.function
    def nested(x: Any) -> Any:
        first = adding(x)
        count.assign_sub(2)
        return first, scaled(x, 2), counting(), adding(tf.ones([3]))

    @tf.function
    def structured(data: Any) -> Any:
        return {"sum": number(data["x"]) + number(data["y"][0]), "same": (data["y"], [scalar])}

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def batched(x: Any) -> Any:
        matrix.assign(tf.tanh(matrix + tf.cast(tf.reduce_sum(x, 0), tf.float64)))
        return tf.reduce_mean(x * vector, 1), tf.shape(x)[0]

    @tf.function
    def creating(x: Any) -> Any:
        if not made:
            made.append(tf.Variable([0.5, 0.5]))
        made[0].assign_add([1.0, number(x)])
        return made[0]

    @tf.function
    def exchanging(x: Any) -> Any:
        kept = tf.identity(scalar)
        scalar.assign(frozen)
        frozen.assign(tf.clip_by_value(kept * number(x), -2.0, 2.0))
        return kept - scalar

    @tf.function
    def deciding(x: Any) -> Any:
        total = number(x)

        def up() -> Any:
            scalar.assign(tf.tanh(scalar) + 0.25)
            return total * 2.0

        def down() -> Any:
            vector.assign(vector * 0.5)
            return -total

        return tf.cond(total > scalar, up, down), scalar + 0.0

    @tf.function
    def looping(x: Any) -> Any:
        def body(i: Any, y: Any) -> Any:
            vector.assign(tf.tanh(vector + y))
            return i + 1, y * 0.5

        return tf.while_loop(lambda i, y: i < tf.math.floormod(count, 4), body, [0, number(x)])

    return {function.__name__: function for function in (
        reading, adding, counting, scaled, in_parts, step, nested, structured, batched, creating, exchanging, deciding,
        looping,
    )}  # fmt: skip


class World:
    """The variables and functions on one side."""

    def __init__(self, tf: Any) -> None:
        self.tf = tf
        self.held = {name: tf.Variable(value, trainable=name != "frozen", name=name) for name, value in STARTS.items()}
        self.functions = pool(tf, self.held)

    def call(self, name: str, arguments: Any, taped: bool) -> Any:
        """Return what a function gives, and the gradients by its argument and the variables if a tape listens."""
        sources = [variable for name, variable in self.held.items() if variable.dtype.is_floating and name != "frozen"]
        with np.errstate(all="ignore"):
            try:
                if not taped:
                    return self.functions[name](*arguments)
                with self.tf.GradientTape() as tape:
                    watched = [a for a in arguments if self.tf.is_tensor(a) and a.dtype.is_floating]
                    tape.watch(watched)
                    result = self.functions[name](*arguments)
                targets = [part for part in leaves(result) if is_float(part)]
                return result, tape.gradient(targets, [*watched, *sources], unconnected_gradients="zero")
            except errors_of(self.tf) as error:
                return error


def assert_near(mine: Any, its: Any) -> None:
    """Compare tensors; float64 ones as if they were float32, because they depend on variables that are."""
    assert_close(mine, its, slack=1e7 if its.dtype.name == "float64" else 10)


class Sequences(RuleBasedStateMachine):
    """Steps that both sides take."""

    oracle: ModuleType

    def __init__(self) -> None:
        super().__init__()
        self.ours, self.theirs = World(minitf), World(self.oracle)

    def both(self, act: Callable[[World], Any]) -> None:
        ours, theirs = act(self.ours), act(self.theirs)
        if isinstance(theirs, Exception):
            # While tracing, ours is both a ValueError and the error that eager ops raise.
            assert type(theirs).__name__ in [kind.__name__ for kind in type(ours).__mro__], f"{theirs!r}, {ours!r}"
            return
        assert not isinstance(ours, Exception), f"we raise {ours!r}, TensorFlow gives {theirs!r}"
        for mine, its in zip(leaves(ours), leaves(theirs), strict=True):
            if its is None:
                assert mine is None
            else:
                assert_near(self.ours.tf.convert_to_tensor(mine), self.theirs.tf.convert_to_tensor(its))

    def called(self, name: str, taped: bool, *arguments: Callable[[Any], Any]) -> None:
        self.both(lambda side: side.call(name, [make(side.tf) for make in arguments], taped))

    @rule(
        name=st.sampled_from(["reading", "adding", "in_parts", "creating", "exchanging"]),
        x=ARGUMENTS,
        taped=st.booleans(),
    )
    def call_with_one(self, name: str, x: Any, taped: bool) -> None:
        self.called(name, taped, x)

    @rule(name=st.sampled_from(["nested", "step", "batched", "deciding", "looping"]), x=ARGUMENTS, taped=st.booleans())
    def call_a_longer_one(self, name: str, x: Any, taped: bool) -> None:
        self.called(name, taped, x)
        self.called("counting", taped)

    @rule(x=TENSORS, n=st.one_of(NUMBERS, NUMBERS, TENSORS), taped=st.booleans())
    def call_with_a_number(self, x: Any, n: Any, taped: bool) -> None:
        self.called("scaled", taped, x, n)

    @rule(x=TENSORS, y=TENSORS, as_list=st.booleans())
    def call_with_a_structure(self, x: Any, y: Any, as_list: bool) -> None:
        self.called("structured", False, lambda tf: {"x": x(tf), "y": [y(tf)] if as_list else (y(tf), x(tf))})

    @rule(name=st.sampled_from(["scalar", "vector", "frozen"]), value=st.sampled_from([-1.0, 0.25, 1.5]))
    def assign(self, name: str, value: float) -> None:
        self.both(lambda side: side.held[name].assign(np.full(np.shape(STARTS[name]), value, np.float32)))

    @rule(row=st.integers(0, 1))
    def assign_a_part(self, row: int) -> None:
        self.both(lambda side: side.held["matrix"][row].assign([0.5] * 3))

    @rule(eagerly=st.booleans())
    def switch(self, eagerly: bool) -> None:
        self.both(lambda side: [side.tf.config.run_functions_eagerly(eagerly)][:0])

    @invariant()
    def variables_agree(self) -> None:
        for mine, its in zip(self.ours.held.values(), self.theirs.held.values(), strict=True):
            assert_near(mine.value(), its.value())

    @invariant()
    def traces_agree(self) -> None:
        assert [(name, f.experimental_get_tracing_count()) for name, f in self.ours.functions.items()] == [
            (name, f.experimental_get_tracing_count()) for name, f in self.theirs.functions.items()
        ]

    def teardown(self) -> None:
        for side in (self.ours, self.theirs):
            side.tf.config.run_functions_eagerly(False)


def test_any_sequence_of_calls_and_assignments_gives_what_tensorflow_gives(oracle: ModuleType) -> None:
    machine = type("Sequences", (Sequences,), {"oracle": oracle})
    few = settings(max_examples=examples(40, share=2), stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=few)
