"""tf.function: threads, memory, exceptions and what it tells; tests/differential compare it with TensorFlow's."""

from __future__ import annotations

import copy
import gc
import linecache
import threading
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitf as tf

# --- threads ---


def in_threads(act: Callable[[int], Any], count: int = 8) -> list[Any]:
    """Run a function of the thread's number in several threads that start together; return what they give."""
    results: list[Any] = [None] * count
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = act(number)
        except BaseException as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def test_eight_threads_make_one_trace() -> None:
    traces = []

    @tf.function
    def function(x: Any) -> Any:
        traces.append(threading.get_ident())
        for _ in range(30):
            x = tf.sin(x) + 0.1
        return x

    x = tf.constant([1.0, 2.0])
    expected = function.python_function(x).numpy().tolist()
    traces.clear()
    results = in_threads(lambda number: [function(x).numpy().tolist() for _ in range(20)])
    assert results == [[expected] * 20] * 8
    assert len(traces) == function.experimental_get_tracing_count() == 1


def test_eight_threads_with_signatures_of_their_own_make_one_trace_each() -> None:
    function = tf.function(lambda x: tf.reduce_sum(x) * 2.0)
    results = in_threads(lambda number: [float(function(tf.ones([number + 1]))) for _ in range(20)])
    assert results == [[2.0 * (number + 1)] * 20 for number in range(8)]
    assert function.experimental_get_tracing_count() == 8


def test_no_assignment_of_eight_threads_is_lost() -> None:
    total = tf.Variable(0.0)
    counts = tf.Variable(tf.zeros([8]))

    @tf.function
    def function(x: Any, number: Any) -> Any:
        total.assign_add(x)
        counts.scatter_nd_add([[0]], [1.0])
        counts.assign_add(tf.one_hot(number, 8))
        return total + 0.0

    in_threads(lambda number: [function(tf.constant(1.0), tf.constant(number)) for _ in range(50)])
    assert total.numpy() == 400.0
    assert counts.numpy().tolist() == [450.0, *[50.0] * 7]


@pytest.mark.usefixtures("hasty_threads")
@pytest.mark.parametrize(
    "step",
    [
        lambda v: v.assign_add([1.0, 1.0]),
        lambda v: v.assign_sub([-1.0, -1.0]),
        lambda v: v.scatter_add(tf.IndexedSlices(tf.constant([1.0, 1.0]), tf.constant([0, 1]))),
        lambda v: v.scatter_nd_add([[0], [1]], [1.0, 1.0]),
        tf.function(lambda v: v.assign_add([1.0, 1.0])),
    ],
    ids=["assign_add", "assign_sub", "scatter_add", "scatter_nd_add", "function"],
)
def test_no_step_of_eight_threads_is_lost(step: Callable[[Any], Any]) -> None:
    variable = tf.Variable([0.0, 0.0])
    in_threads(lambda number: [step(variable) for _ in range(50)])
    assert variable.numpy().tolist() == [400.0, 400.0]


def test_a_capture_hears_its_own_thread_only() -> None:
    begun, done = threading.Event(), threading.Event()

    @tf.function
    def function(x: Any) -> Any:
        y = x * 2.0
        begun.set()
        assert done.wait(10)
        return y + 1.0

    def act(number: int) -> Any:
        if number == 0:
            return function(tf.constant(1.0)).numpy()
        begun.wait(10)
        x = tf.constant(3.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        done.set()
        return tape.gradient(y, x).numpy(), tf.executing_eagerly()

    assert in_threads(act, 2) == [3.0, (6.0, True)]
    assert len(function.get_concrete_function(tf.constant(1.0)).captured.nodes) == 2


def test_tapes_of_eight_threads_go_through_one_function() -> None:
    w = tf.Variable(3.0)
    function = tf.function(lambda x: x * x * w)

    def act(number: int) -> Any:
        found = []
        for _ in range(20):
            x = tf.constant(float(number))
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = function(x)
            found.append([slope.numpy() for slope in tape.gradient(y, [x, w])])
        return found

    assert in_threads(act) == [[[6.0 * number, float(number) ** 2]] * 20 for number in range(8)]
    assert function.experimental_get_tracing_count() == 1


# --- memory ---


def peak(act: Callable[[], Any]) -> int:
    """Return the most bytes that a call holds beyond what was there before."""
    gc.collect()
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_replayed_step_takes_no_more_memory_than_an_eager_one() -> None:
    w, v = (tf.Variable(np.ones((200, 200), np.float32) * scale) for scale in (0.01, 0.02))
    x = tf.constant(np.ones((500, 200), np.float32))

    def step() -> Any:
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(x @ w + 0.1)
            hidden = tf.tanh(hidden * 2.0 + 1.0) * 0.5
            loss = tf.reduce_mean(tf.square(hidden @ v - 1.0))
        for variable, slope in zip([w, v], tape.gradient(loss, [w, v]), strict=True):
            variable.assign_sub(0.01 * slope)
        return loss

    function = tf.function(step)
    function(), step()
    assert peak(function) <= peak(step)


def test_a_long_chain_holds_a_few_values_at_a_time() -> None:
    def chain(x: Any) -> Any:
        for i in range(50):
            x = tf.sin(x + float(i))
        return x

    function = tf.function(chain)
    x = tf.constant(np.ones(100_000, np.float32))
    function(x)
    assert peak(lambda: function(x)) < 4 * x.numpy().nbytes


@pytest.fixture
def no_collector() -> Any:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_the_tensors_of_a_trace_and_of_calls_are_freed() -> None:
    seen = []

    @tf.function
    def function(x: Any) -> Any:
        y = x * 2.0
        seen.append(weakref.ref(y))
        with tf.GradientTape() as tape:
            tape.watch(y)
            z = y * y
        slope = tape.gradient(z, y)
        seen.append(weakref.ref(slope))
        return slope

    x = tf.constant(1.0)
    result = function(x)
    assert [reference() for reference in seen] == [None, None]
    again = weakref.ref(function(x))
    given = weakref.ref(x)
    del x, result
    assert again() is None
    assert given() is None


def test_functions_programs_and_what_they_hold_are_freed() -> None:
    def made() -> list[weakref.ref[Any]]:
        v = tf.Variable([1.0, 2.0])
        outside = tf.constant([3.0, 4.0])
        function = tf.function(lambda x: x * v + outside)
        function(tf.constant(2.0))
        concrete = function.get_concrete_function(tf.constant(2.0))
        return [weakref.ref(each) for each in (v, function, concrete, concrete.program)]

    references = made()
    gc.collect()
    assert [reference() for reference in references] == [None] * 4


def test_an_object_whose_method_is_a_function_is_freed() -> None:
    class Layer(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tf.Variable(2.0)

        @tf.function
        def __call__(self, x: Any) -> Any:
            return self.w * x

    layer = Layer()
    layer(tf.constant(1.0))
    references = [weakref.ref(layer), weakref.ref(layer.w)]
    del layer
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_a_thousand_calls_leave_nothing() -> None:
    v = tf.Variable([0.0])

    @tf.function
    def function(x: Any) -> Any:
        v.assign_add(x)
        return v * 2.0

    x = tf.constant([1.0])
    for _ in range(10):
        function(x)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(1000):
        function(x)
    gc.collect()
    assert len(gc.get_objects()) - before < 50


# --- exceptions ---


def test_an_exception_of_any_kind_leaves_the_thread_as_it_was() -> None:
    v = tf.Variable(1.0)

    class Stop(BaseException):
        pass

    @tf.function
    def function(x: Any, error: Any) -> Any:
        v.assign_add(x)
        with tf.GradientTape():
            if error is not None:
                raise error
        return v * 1.0

    for error in (Stop(), KeyboardInterrupt(), ValueError("no"), tf.errors.InvalidArgumentError(None, None, "no")):
        with pytest.raises(type(error)):
            function(tf.constant(1.0), error)
        assert v.numpy() == 1.0
        assert tf.executing_eagerly()
        with tf.GradientTape() as tape:
            y = v * v
        assert tape.gradient(y, v).numpy() == 2.0
    assert function(tf.constant(1.0), None).numpy() == 2.0


def test_an_exception_while_running_leaves_the_variables_as_they_were() -> None:
    v = tf.Variable(1.0)

    @tf.function
    def function(x: Any) -> Any:
        v.assign_add(x)
        tf.debugging.assert_less(v, 3.0)
        return v + 0.0

    assert function(tf.constant(1.0)).numpy() == 2.0
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError):
            function(tf.constant(5.0))
    assert v.numpy() == 2.0
    assert function(tf.constant(0.5)).numpy() == 2.5


def test_a_broken_inner_function_breaks_the_outer_and_nothing_else() -> None:
    broken = [True]

    @tf.function
    def inner(x: Any) -> Any:
        if broken[0]:
            raise RuntimeError("not yet")
        return x * 2.0

    outer = tf.function(lambda x: inner(x) + 1.0)
    with pytest.raises(RuntimeError, match="not yet"):
        outer(tf.constant(1.0))
    broken[0] = False
    assert outer(tf.constant(1.0)).numpy() == 3.0
    assert inner(tf.constant(1.0)).numpy() == 2.0


# --- Python that looks at values ---


LOOKS: dict[str, Callable[[Any], Any]] = {
    "bool": lambda x: x if x[0] > 0 else -x,
    "float": lambda x: x * float(x[0]),
    "int": lambda x: x * float(int(x[0])),
    "numpy": lambda x: x + x.numpy().sum(),
    "array": lambda x: x + np.asarray(x).max(),
    "format": lambda x: x + float(f"{x[0]:.2f}"),
    "index": lambda x: x + [10.0, 20.0, 30.0][tf.cast(x[0], tf.int32)],
    "while": lambda x: next(x * float(i) for i in range(100) if tf.reduce_sum(x * float(i)) > 20.0),
    "in": lambda x: x * (2.0 if bool(tf.reduce_any(x == 1.0)) else 3.0),
}


@pytest.mark.parametrize("how", LOOKS)
def test_python_that_looks_at_values_runs_eagerly_and_right(how: str) -> None:
    runs = []

    def python(x: Any) -> Any:
        runs.append(1)
        return LOOKS[how](x)

    function = tf.function(python)
    for values in ([1.0, 2.0], [2.0, 5.0], [0.5, 0.25], [1.0, 2.0]):
        x = tf.constant(values)
        assert function(x).numpy().tolist() == LOOKS[how](x).numpy().tolist()
    assert len(runs) >= 4
    with pytest.raises(tf.errors.OperatorNotAllowedInGraphError):
        function.get_concrete_function(tf.constant([1.0, 2.0]))


def test_looking_after_assignments_and_prints_does_them_once(capfd: pytest.CaptureFixture[str]) -> None:
    v = tf.Variable(0.0)

    @tf.function
    def function(x: Any) -> Any:
        v.assign_add(x)
        tf.print("added", x)
        if v > 1.0:
            v.assign(0.0)
        return v + 0.0

    assert [function(tf.constant(0.75)).numpy() for _ in range(4)] == [0.75, 0.0, 0.75, 0.0]
    assert capfd.readouterr().err.count("added 0.75") == 4


def test_looking_at_what_is_known_is_no_looking() -> None:
    scale = tf.constant([2.0, 3.0])

    @tf.function
    def function(x: Any) -> Any:
        if scale[0] > 1.0 and int(tf.shape(x)[0]) == 2 and float(tf.reduce_sum(scale)) == 5.0:
            return x * 2.0
        return x

    assert function(tf.constant([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
    assert function.get_concrete_function(tf.constant([1.0, 2.0])) is not None


def test_a_gradient_flows_through_what_runs_eagerly() -> None:
    v = tf.Variable(3.0)
    function = tf.function(lambda x: x * v if x > 0 else v)
    for value, slope in ((2.0, 2.0), (-1.0, 1.0)):
        with tf.GradientTape() as tape:
            y = function(tf.constant(value))
        assert tape.gradient(y, v).numpy() == slope


def test_explain_says_which_line_looked(capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function
    def function(x: Any) -> Any:
        y = x * 2.0
        if y > 1.0:  # here
            return y
        return x

    function(tf.constant(1.0))
    function.explain()
    told = capsys.readouterr().out
    assert "if y > 1.0:  # here" in told
    assert "test_function.py" in told
    assert "bool" in told


def test_explain_counts_the_ops_that_each_pass_left(capsys: pytest.CaptureFixture[str]) -> None:
    function = tf.function(lambda x: tf.sin(x) + tf.sin(x) + tf.exp(tf.constant(1.0)))
    function(tf.constant(1.0))
    function.explain()
    told = capsys.readouterr().out
    for name in ("constant folding", "common subexpressions", "dead code", "buffers"):
        assert name in told


# --- the same again ---


@pytest.mark.backend("numpy")
def test_running_a_program_repeats_an_eager_step_bit_for_bit() -> None:
    def training(wrap: Callable[..., Any]) -> list[bytes]:
        random = np.random.default_rng(0)
        w = [tf.Variable(random.normal(size=size).astype(np.float32)) for size in ((4, 8), (8,), (8, 3), (3,))]
        slots = [tf.Variable(tf.zeros_like(v)) for v in w]

        def step(x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                hidden = tf.nn.relu(x @ w[0] + w[1])
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, hidden @ w[2] + w[3])
                loss = tf.reduce_mean(losses) + 0.01 * sum(tf.reduce_sum(v * v) for v in w)
            for v, slot, slope in zip(w, slots, tape.gradient(loss, w), strict=True):
                slot.assign(0.9 * slot + slope)
                v.assign_sub(0.1 * slot)
            return loss

        step = wrap(step)
        found = []
        for _ in range(10):
            x, y = random.normal(size=(16, 4)).astype(np.float32), random.integers(0, 3, 16)
            found.append(step(tf.constant(x), tf.constant(y)).numpy().tobytes())
        return [*found, *(v.numpy().tobytes() for v in (*w, *slots))]

    assert training(tf.function) == training(lambda step: step)


def test_a_trace_on_real_values_and_one_on_specs_agree() -> None:
    function = lambda x: tf.nn.softmax(x @ tf.transpose(x)) * tf.reduce_mean(x, 1, keepdims=True)  # noqa: E731
    exact, general = tf.function(function), tf.function(function, input_signature=[tf.TensorSpec([None, None])])
    for shape in ((2, 3), (5, 1), (1, 1), (2, 3)):
        x = tf.reshape(tf.range(float(np.prod(shape))), shape)
        rounding = {"numpy": 0, "tensorflow": 1e-6}[tf.get_backend()]  # XLA rounds where it likes
        for found in (exact(x), general(x)):
            np.testing.assert_allclose(found.numpy(), function(x).numpy(), rounding)
    assert general.experimental_get_tracing_count() == 1


# --- what once went wrong ---


def test_a_parameter_may_be_called_tensor() -> None:
    double = tf.function(lambda tensor: tensor["tensor"] * 2.0, input_signature=[{"tensor": tf.TensorSpec([None])}])
    assert [double({"tensor": tf.ones([n])}).shape.as_list() for n in (1, 2, 3)] == [[1], [2], [3]]
    opening = tf.function(lambda tensor: tensor * 2.0, reduce_retracing=True)
    assert [opening(tf.ones([n])).shape.as_list() for n in (1, 2, 3)] == [[1], [2], [3]]
    assert opening.experimental_get_tracing_count() == 2


def test_one_nan_is_as_another() -> None:
    times = tf.function(lambda x, number: x * number)
    for _ in range(3):
        times(tf.constant(1.0), float("nan"))
    assert times.experimental_get_tracing_count() == 1


def test_a_thread_inside_a_trace_may_trace_another_function() -> None:
    inner = tf.function(lambda x: x + 1.0)

    @tf.function
    def outer(x: Any) -> Any:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(inner(tf.constant(1.0))), daemon=True)
        thread.start()
        thread.join(10)
        return x + found[0]

    assert outer(tf.constant(1.0)).numpy() == 3.0


def test_a_copy_of_a_function_is_traced_anew() -> None:
    total = tf.Variable(1.0)
    add = tf.function(lambda x: total.assign_add(x))
    add(tf.constant(1.0))
    again = copy.deepcopy(add)
    assert again.experimental_get_tracing_count() == 0
    assert again(tf.constant(1.0)).numpy() == total.numpy() == 3.0


def test_an_inner_function_may_look_at_what_the_outer_computed() -> None:
    @tf.function
    def outer(x: Any) -> Any:
        positive = x > 0.0

        @tf.function
        def inner(z: Any) -> Any:
            return z if positive else -z

        return inner(x)

    assert [outer(tf.constant(x)).numpy() for x in (1.0, -5.0)] == [1.0, 5.0]


def test_an_inner_function_may_use_the_sizes_of_what_the_outer_computed() -> None:
    @tf.function(input_signature=[tf.TensorSpec([None])])
    def outer(x: Any) -> Any:
        y = x * 2.0
        inner = tf.function(lambda z: z + tf.reshape(y, [1, tf.size(y)]))
        return inner(tf.zeros([1, 1]))

    assert [outer(tf.ones([n])).numpy().tolist() for n in (1, 2)] == [[[2.0]], [[2.0, 2.0]]]
    assert outer.experimental_get_tracing_count() == 1


def test_an_inner_function_without_a_program_for_all_sizes_is_traced_for_those_that_come() -> None:
    rows = tf.function(lambda z: tf.reshape(z, [tf.shape(z)[0] // 2, 2]))
    outer = tf.function(lambda x: rows(x * 2.0), input_signature=[tf.TensorSpec([None])])
    assert [outer(tf.ones([n])).shape.as_list() for n in (2, 4, 2)] == [[1, 2], [2, 2], [1, 2]]


def test_the_lines_of_a_program_that_is_gone_are_forgotten() -> None:
    def call() -> None:
        tf.function(lambda x: x * 2.0 + 1.0)(tf.constant(1.0))

    gc.collect()
    before = len(linecache.cache)
    for _ in range(5):
        call()
    gc.collect()
    assert len(linecache.cache) <= before


def test_the_functions_of_a_cond_may_return_none() -> None:
    choose = tf.function(lambda p: tf.cond(p, lambda: (tf.constant(1.0), None), lambda: (tf.constant(2.0), None)))
    assert [choose(tf.constant(p))[0].numpy() for p in (True, False)] == [1.0, 2.0]
    assert choose(tf.constant(True))[1] is None
    assert tf.function(lambda p: tf.cond(p, lambda: None, lambda: None))(tf.constant(True)) is None


def test_the_body_of_a_loop_may_return_its_one_variable_alone() -> None:
    count = tf.function(lambda x: tf.while_loop(lambda x: x < 5.0, lambda x: x + 1.0, [x]))
    assert [each.numpy() for each in count(tf.constant(2.5))] == [5.5]


@pytest.mark.parametrize(
    "choose",
    [
        lambda x: tf.cond(x > 0.0, lambda: 1.0, lambda: 2.0),
        lambda x: tf.while_loop(lambda x: x > 0.0, lambda x: (x - 1.0,), (x,)),
    ],
)
def test_what_chooses_has_one_entry(choose: Callable[..., Any]) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"must be a scalar, but it has shape \[2\]"):
        tf.function(choose)(tf.constant([3.0, 2.0]))


def test_running_a_captured_program_in_vain_assigns_nothing() -> None:
    total = tf.Variable([0.0])

    @tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([None])])
    def function(x: Any, y: Any) -> Any:
        total.assign_add([1.0])
        return x + y

    captured = function.get_concrete_function().captured
    with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes"):
        captured.run([tf.ones([2]), tf.ones([3])])
    assert total.numpy() == [0.0]
