"""Programs on TensorFlow's runtime: compiled by XLA, as a graph with calls of the host, or op by op; and told which."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.backends import kernels, load

pytestmark = pytest.mark.backend("tensorflow")


def told(function: Any) -> str:
    """What `explain` says about how the only trace of a function runs."""
    (trace,) = function.traces.story
    return str(trace.stages[-1][1].told())


def by_numpy(draw: Callable[[], Any]) -> list[Any]:
    """What a function draws where NumPy computes."""
    kernels.use("numpy", "a test")
    try:
        return [np.asarray(each) for each in draw()]
    finally:
        kernels.use("tensorflow", "a test")


# --- the three ways ---


def test_a_training_step_is_one_program_of_xla() -> None:
    w, x = tf.Variable([[1.0], [2.0]]), tf.constant([[1.0, 2.0], [3.0, 4.0]])

    @tf.function
    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x @ w))
        w.assign_sub(0.01 * tape.gradient(loss, w))
        return loss

    losses = [float(step(x)) for _ in range(3)]
    assert losses[0] == pytest.approx(73) and losses == sorted(losses, reverse=True)
    assert told(step) == "It is compiled by XLA."


def test_a_step_that_is_compiled_gives_the_losses_of_an_eager_one() -> None:
    def losses(wrap: Callable[..., Any]) -> list[float]:
        random = np.random.default_rng(0)
        w = [tf.Variable(random.normal(size=size).astype(np.float32)) for size in ((4, 8), (8,), (8, 3), (3,))]

        def step(x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                logits = tf.nn.relu(x @ w[0] + w[1]) @ w[2] + w[3]
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
            for v, slope in zip(w, tape.gradient(loss, w), strict=True):
                v.assign_sub(0.1 * slope)
            return loss

        step = wrap(step)
        batches = [(random.normal(size=(16, 4)).astype(np.float32), random.integers(0, 3, 16)) for _ in range(10)]
        return [float(step(tf.constant(x), tf.constant(y))) for x, y in batches]

    np.testing.assert_allclose(losses(tf.function), losses(lambda step: step), rtol=1e-5)


def test_a_program_that_prints_runs_without_xla_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function
    def f(x: Any) -> Any:
        tf.print("x is", x)
        y = x + 1
        tf.print("y is", y)
        return y * 2

    for number in (1.0, 2.0):
        assert float(f(tf.constant(number))) == 2 * (number + 1)
    assert capsys.readouterr().err == "x is 1\ny is 2\nx is 2\ny is 3\n"
    assert told(f) == "It runs without XLA: print_values writes to the terminal."
    f.explain()
    assert "   It runs without XLA: print_values writes to the terminal." in capsys.readouterr().out.splitlines()


def test_an_assertion_fails_with_its_own_words_and_leaves_variables_alone() -> None:
    total = tf.Variable(0.0)

    @tf.function
    def add(x: Any) -> Any:
        total.assign_add(x)
        tf.debugging.assert_positive(x, message="only what is positive")
        return total + 0

    assert float(add(tf.constant(2.0))) == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="only what is positive"):
        add(tf.constant(-1.0))
    assert float(total) == 2 and float(add(tf.constant(1.0))) == 3
    assert told(add) == "It runs without XLA: assert_signed looks at values, and may refuse them."


def test_what_has_as_many_entries_as_values_say_runs_anyway() -> None:
    @tf.function
    def f(x: Any) -> Any:
        values, _ = tf.unique(x)
        return tf.reduce_sum(values), values

    for given, wanted in (([1, 1, 2], [1, 2]), ([3, 4, 5], [3, 4, 5])):
        total, values = f(tf.constant(given))
        assert (int(total), values.numpy().tolist()) == (sum(wanted), wanted)
    assert told(f).startswith(("It runs without XLA: ", "It runs op by op: "))
    assert "unique has as many entries as values say" in told(f)


def test_one_that_must_not_be_compiled_is_not() -> None:
    f = tf.function(lambda x: tf.exp(x) * 2, jit_compile=False)
    assert float(f(tf.constant(0.0))) == 2
    assert told(f) == "It runs without XLA: jit_compile=False."


def test_one_that_must_be_compiled_refuses_to_print_but_not_to_compute() -> None:
    @tf.function(jit_compile=True)
    def shown(x: Any) -> Any:
        tf.print(x)
        return x

    with pytest.raises(tf.errors.InvalidArgumentError, match="Detected unsupported operations when trying to compile"):
        shown(tf.constant(1.0))

    @tf.function(jit_compile=True)
    def checked(x: Any) -> Any:
        tf.debugging.assert_positive(x)
        return 2 * x

    assert float(checked(tf.constant(-1.0))) == -2
    assert told(checked) == (
        "It is compiled by XLA, which leaves out assert_signed, as jit_compile=True does in TensorFlow."
    )


def test_a_program_that_was_never_run_says_when_it_is_compiled() -> None:
    f = tf.function(lambda x: 2 * x)
    f.get_concrete_function(tf.TensorSpec([3]))
    assert told(f) == "It is compiled when it first runs."


# --- values that kernels refuse ---


def added(k: Any, x: Any) -> Any:
    return k - 1, x + tf.gather([1, 2, 3], k)


@pytest.mark.parametrize(
    ("function", "right", "wrong", "words"),
    [
        (lambda i: tf.gather([1.0, 2.0], i), 1, 2, r"is not in \[0, 2\)"),
        (lambda i: tf.cond(i > 1, lambda: tf.gather([1, 2], i), lambda: tf.constant(0)), 0, 2, r"is not in \[0, 2\)"),
        (lambda i: tf.while_loop(lambda k, x: k > 0, added, (i, 0))[1], 2, 4, r"is not in \[0, 3\)"),
    ],
)  # fmt: skip
def test_a_value_that_an_op_refuses_is_refused_in_what_xla_compiled(
    function: Callable[[Any], Any], right: int, wrong: int, words: str
) -> None:
    captured = tf.function(function)
    assert captured(tf.constant(right)).numpy() == function(tf.constant(right)).numpy()
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        captured(tf.constant(wrong))
    assert captured(tf.constant(right)).numpy() == function(tf.constant(right)).numpy()
    assert told(captured) == "It is compiled by XLA."


def test_shapes_that_do_not_go_together_in_one_call_are_refused_in_minitfs_words() -> None:
    f = tf.function(lambda x, y: x + y, input_signature=[tf.TensorSpec([None]), tf.TensorSpec([None])])
    assert f(tf.ones([2]), tf.ones([2])).shape == (2,)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Incompatible shapes: \[2\] vs. \[3\]"):
        f(tf.ones([2]), tf.ones([3]))


# --- draws ---


def test_a_compiled_program_draws_what_numpy_draws_call_after_call() -> None:
    def draws(wrap: Callable[..., Any]) -> Callable[[], list[Any]]:
        def drawn() -> list[Any]:
            tf.random.set_seed(3)
            draw = wrap(lambda: (tf.random.uniform([5]), tf.random.uniform([3], 0, 9, tf.int32, seed=2)))
            return [each.numpy() for _ in range(3) for each in draw()]

        return drawn

    function = tf.function(lambda: tf.random.uniform([5]))
    function()
    assert told(function) == "It is compiled by XLA."
    for mine, wanted in zip(draws(tf.function)(), by_numpy(draws(tf.function)), strict=True):
        np.testing.assert_array_equal(mine, wanted)


def test_dropout_is_compiled_and_drops_other_entries_in_each_call() -> None:
    f = tf.function(lambda x: tf.nn.dropout(x, 0.5))
    first, second = (f(tf.ones([100])).numpy() for _ in range(2))
    assert told(f) == "It is compiled by XLA."
    assert set(first) == set(second) == {0.0, 2.0} and (first != second).any()


# --- choices and loops ---


def test_conditions_and_loops_are_compiled_inside_of_each_other() -> None:
    def f(x: Any, n: Any) -> Any:
        def body(i: Any, y: Any) -> Any:
            return i + 1, tf.cond(tf.reduce_sum(y) > 4, lambda: y - 1, lambda: y * 2)

        return tf.while_loop(lambda i, y: i < n, body, (tf.constant(0), x))[1]

    captured = tf.function(f)
    for n in (0, 1, 5):
        args = tf.constant([1.0, 2.0]), tf.constant(n)
        np.testing.assert_array_equal(captured(*args).numpy(), f(*args).numpy())
    assert told(captured) == "It is compiled by XLA."


# --- constants, threads, memory ---


def test_large_constants_are_inputs_of_what_is_compiled() -> None:
    large = tf.constant(np.arange(10_000, dtype=np.float32))
    f = tf.function(lambda x: x + large)
    np.testing.assert_array_equal(f(tf.constant(1.0)).numpy(), np.arange(1, 10_001))
    assert "f32[10000]{0} parameter" in f.hlo(tf.constant(1.0), stage="hlo")


def test_threads_may_call_one_function_before_it_is_compiled_and_after() -> None:
    total = tf.Variable(0)

    @tf.function
    def step(x: Any) -> Any:
        total.assign_add(x)
        return total + 0

    step.get_concrete_function(tf.TensorSpec([], tf.int32))
    threads = [threading.Thread(target=lambda: [step(tf.constant(1)) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert int(total) == 200


def test_a_call_leaves_nothing_behind() -> None:
    f = tf.function(lambda x: (tf.print(end=""), x * 2)[1])
    x = tf.constant(np.ones(1000, np.float32))
    f(x)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(100):
        f(x)
    gc.collect()
    assert len(gc.get_objects()) - before < 50
    result = f(x)
    gone = weakref.ref(result)
    del result
    assert gone() is None


def test_of_many_shapes_those_are_compiled_that_come_first_or_often() -> None:
    f = tf.function(lambda x: tf.random.uniform([], seed=1) + tf.reduce_sum(x), reduce_retracing=True)
    f(tf.ones([1])), f(tf.ones([2]))
    drawn = [float(f(tf.zeros([size]))) for size in range(3, 20)]
    assert len(set(drawn)) == len(drawn)
    (_, trace) = f.traces.story
    running = trace.stages[-1][1]._functions[2]
    assert len(running.made) == 1
    for _ in range(110):
        assert 18 <= float(f(tf.ones([18]))) < 19
    assert len(running.made) == 2 and (18,) in [shapes[0] for shapes in running.made]


LATER = "It runs op by op, and is compiled when it has been called 100 times."


def ways(f: Any) -> list[str]:
    return [trace.stages[-1][1].told() for trace in f.traces.story]


def test_a_program_for_other_shapes_is_compiled_when_it_runs_often() -> None:
    f = tf.function(lambda x: tf.reduce_sum(x) * 2)
    assert [float(f(tf.ones([size]))) for size in range(1, 4)] == [2, 4, 6]
    assert ways(f) == ["It is compiled by XLA.", LATER, LATER]
    for _ in range(100):
        assert float(f(tf.ones([2]))) == 4
    assert ways(f) == ["It is compiled by XLA."] * 2 + [LATER]
    must = tf.function(lambda x: tf.reduce_sum(x), jit_compile=True)
    [must(tf.ones([size])) for size in range(1, 7)]
    assert set(ways(must)) == {"It is compiled by XLA."}


def test_of_programs_for_other_arguments_the_first_few_are_compiled_at_once() -> None:
    f = tf.function(lambda x, times: tf.reduce_sum(x) * times)
    assert [float(f(tf.ones([2]), times)) for times in range(1, 8)] == [2.0 * times for times in range(1, 8)]
    assert ways(f) == ["It is compiled by XLA."] * 4 + [LATER] * 3


def test_a_process_that_has_compiled_too_much_does_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """TensorFlow itself goes on until the process ends, with "LLVM ERROR: Unable to allocate section memory!"."""
    from minitf.backends.tensorflow import room

    most = tmp_path / "max_map_count"
    most.write_text("900\n")
    monkeypatch.setattr(room, "_MOST", most)
    room._left.cache_clear()
    f = tf.function(lambda x: tf.reduce_sum(x) * 2)
    assert float(f(tf.ones([3]))) == 6
    monkeypatch.undo()
    room._left.cache_clear()
    said = "this process has compiled as much as Linux has room for, 900 areas of memory; start a new one, or raise"
    assert ways(f) == [f"It runs without XLA: {said} vm.max_map_count."]
    g = tf.function(lambda x: tf.reduce_sum(x) * 3)
    assert float(g(tf.ones([3]))) == 9
    assert ways(g) == ["It is compiled by XLA."]


# --- what XLA makes of it ---


def test_the_compiled_program_can_be_read_before_and_after_xla_optimised_it() -> None:
    f = tf.function(lambda x: tf.exp(x) * 2 + 1)
    x = tf.constant([1.0, 2.0])
    f(x)
    given, optimised = f.hlo(x, stage="hlo"), f.hlo(x)
    assert given.startswith("HloModule") and "exponential" in given and "fusion" not in given
    assert "fusion" in optimised
    assert f.get_concrete_function(x).hlo() == optimised
    with pytest.raises(ValueError, match="Invalid stage selected"):
        f.hlo(x, stage="source")


def test_there_is_none_where_xla_has_no_part_in_it() -> None:
    f = tf.function(lambda x: (tf.print(x), x)[1])
    with pytest.raises(ValueError, match="for functions that XLA compiles, .* print_values writes to the terminal"):
        f.hlo(tf.constant(1.0))
    f(tf.constant(1.0))
    with pytest.raises(ValueError, match=r"is none: It runs without XLA: print_values writes to the terminal\.$"):
        f.hlo()
    opened = tf.function(lambda x: x * 2, input_signature=[tf.TensorSpec([None])])
    with pytest.raises(ValueError, match="for known sizes"):
        opened.hlo()
    assert "f32[3]" in opened.hlo(tf.ones([3]))


def test_numpy_has_no_such_program_and_says_where_there_is_one() -> None:
    with pytest.raises(ValueError, match=r"NumPy runs it as the Python that `source\(\)` shows; .*=tensorflow"):
        load("numpy").hlo(lambda x: x, [[]], "hlo")
