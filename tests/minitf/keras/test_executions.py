"""Several steps in one execution, batches that a thread has ready, and what a step asks of the compiler."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitf as tf
from minitf.backends import kernels
from minitf.keras import layers

PATIENCE = 20  # seconds after which a thread that should have ended counts as hanging
X = np.random.default_rng(1).normal(size=(50, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


def model(*stack: Any, **how: Any) -> Any:
    """Return a compiled model of three features that draws at each step, the same in each run."""
    tf.keras.utils.set_random_seed(4)
    made = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(8, "tanh"), *stack, layers.Dense(1)])
    made.compile("adam", "mse", metrics=["mae"], **how)
    return made


def learned(made: Any, **how: Any) -> Any:
    history = made.fit(X, Y, batch_size=8, epochs=3, verbose=0, **how).history
    return history, made.get_weights()


def assert_close(found: Any, expected: Any) -> None:
    assert found[0].keys() == expected[0].keys()
    for name, values in expected[0].items():
        np.testing.assert_allclose(found[0][name], values, rtol=1e-5)
    for one, other in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


# --- several steps in one execution -----------------------------------------------------------------------------------


@pytest.mark.parametrize("several", [2, 3, 7, 10])
def test_several_steps_in_one_execution_learn_what_one_after_the_other_do(several: int) -> None:
    one = learned(model(layers.Dropout(0.3, seed=5)), validation_data=(X, Y))
    together = learned(model(layers.Dropout(0.3, seed=5), steps_per_execution=several), validation_data=(X, Y))
    assert_close(together, one)


def test_an_execution_is_one_call_of_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = kernels.repeated

    def spied(running: Any, program: Any, times: int) -> Callable[..., Any]:
        run = real(running, program, times)

        def heard(*arrays: Any) -> Any:
            calls.append(times)
            return run(*arrays)

        return heard

    monkeypatch.setattr(kernels, "repeated", spied)
    learned(model(steps_per_execution=3))
    assert calls == [3, 3] * 3  # of seven batches an epoch, whose last is smaller


def test_a_step_that_looks_at_values_runs_as_often(recwarn: Any) -> None:
    class Looks(layers.Layer):
        def call(self, x: Any) -> Any:
            return x if float(tf.reduce_sum(x)) > 0 else -x

    def made(**how: Any) -> Any:
        tf.keras.utils.set_random_seed(4)
        made = tf.keras.Sequential([layers.Dense(8), Looks(), layers.Dense(1)])
        made.build((None, 3))
        made.compile("sgd", "mse", **how)
        return made

    assert_close(learned(made(steps_per_execution=3)), learned(made()))


def test_predictions_of_several_batches_come_together() -> None:
    told: list[tuple[int, tuple[int, ...]]] = []
    hear = tf.keras.callbacks.LambdaCallback()
    hear.on_predict_batch_end = lambda batch, logs: told.append((batch, logs["outputs"].shape))
    made = model(steps_per_execution=3)
    found = made.predict(X, 8, 0, callbacks=[hear])
    assert told == [(2, (24, 1)), (5, (24, 1)), (8, (2, 1))]
    np.testing.assert_allclose(found, np.asarray(made(X)), rtol=1e-5, atol=1e-6)


# --- batches that are ready before they are needed --------------------------------------------------------------------


class Thread:
    """Lets a thread have two batches ready, whatever the device; its `put` is called for each array of a batch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, put: Callable[[Any], Any] = kernels.asarray) -> None:
        self.threads: set[threading.Thread] = set()

        def gathered(array: Any) -> Any:
            self.threads.add(threading.current_thread())
            return put(array)

        monkeypatch.setattr(kernels, "feeding", lambda: (gathered, 2))

    def ended(self) -> bool:
        for thread in self.threads:
            thread.join(PATIENCE)
        return threading.main_thread() not in self.threads and not any(each.is_alive() for each in self.threads)


@pytest.mark.parametrize("how", [{}, {"steps_per_epoch": 7}, {"validation_data": (X, Y)}, {"shuffle": False}], ids=str)
def test_batches_that_a_thread_gathers_are_the_same(how: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here = learned(model(), **how)
    thread = Thread(monkeypatch)
    assert_close(learned(model(), **how), here)
    assert thread.threads
    assert thread.ended()


def test_an_error_of_the_thread_is_one_of_fit_and_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [None] * 5

    def put(array: Any) -> Any:
        if not left:
            raise OSError("the data are gone")
        left.pop()
        return kernels.asarray(array)

    thread = Thread(monkeypatch, put)
    with pytest.raises(OSError, match="the data are gone"):
        learned(model())
    assert thread.ended()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_no_thread_is_left_when_fit_is_interrupted(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    thread = Thread(monkeypatch)

    def interrupt(batch: int, logs: Any) -> None:
        if batch == 1:
            raise error

    with pytest.raises(error) as kept:
        learned(model(), callbacks=[tf.keras.callbacks.LambdaCallback(on_train_batch_end=interrupt)])
    assert thread.ended()
    assert kept.value is not None  # whose traceback holds what fit had at hand


def test_no_thread_is_left_when_training_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    thread = Thread(monkeypatch)
    stop = tf.keras.callbacks.LambdaCallback()
    stop.on_train_batch_end = lambda batch, logs: setattr(stop.model, "stop_training", True)
    learned(model(), callbacks=[stop])
    assert thread.ended()


# --- what a step asks of the compiler ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "asked"), [("auto", None), (True, True), (False, False)])
def test_a_step_asks_for_what_compile_was_told(given: Any, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: set[bool | None] = set()
    real = kernels.compiled

    def spied(function: Any, program: Any) -> Any:
        heard.add(program.jit_compile)
        return real(function, program)

    monkeypatch.setattr(kernels, "compiled", spied)
    made = model(jit_compile=given)
    made.fit(X, Y, epochs=1, verbose=0)
    assert asked in heard
    assert heard <= {asked, None}


def test_a_step_that_runs_eagerly_is_not_compiled() -> None:
    with pytest.warns(UserWarning, match="If `run_eagerly` is True, then `jit_compile` cannot also be True"):
        made = model(run_eagerly=True, jit_compile=True)
    assert (made.jit_compile, made.run_eagerly) == (False, True)
