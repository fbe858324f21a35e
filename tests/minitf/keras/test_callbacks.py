"""Callbacks where Keras is no measure: who cares for batches, killed processes, notebooks, and mistakes told early."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import minitf as tf
from minitf import keras
from minitf.keras import callbacks
from minitf.keras.callbacks import learning_curves
from minitf.saving import archive
from tests.minitf.keras import interrupted_fit

X, Y = np.ones((12, 3), "float32"), np.ones((12, 1), "float32")


def model_of(optimizer: Any = "sgd") -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


# --- who cares for batches --------------------------------------------------------------------------------------------


class Own(callbacks.ModelCheckpoint):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        super().on_train_batch_end(batch, logs)


class Evaluating(callbacks.Callback):
    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        pass


WHO: list[tuple[Any, str]] = [
    (lambda: callbacks.Callback(), ""),
    (lambda: callbacks.History(), ""),
    (lambda: callbacks.EarlyStopping(), ""),
    (lambda: callbacks.ReduceLROnPlateau(), ""),
    (lambda: callbacks.LearningRateScheduler(len), ""),
    (lambda: callbacks.CSVLogger("log"), ""),
    (lambda: callbacks.LearningCurves(), ""),
    (lambda: callbacks.SwapEMAWeights(), ""),
    (lambda: callbacks.ModelCheckpoint("m.keras"), ""),
    (lambda: callbacks.ModelCheckpoint("m.keras", save_freq=5), "train"),
    (lambda: Own("m.keras"), "train"),
    (lambda: callbacks.BackupAndRestore("b"), ""),
    (lambda: callbacks.BackupAndRestore("b", save_freq=False), ""),
    (lambda: callbacks.BackupAndRestore("b", save_freq=2), "train"),
    (lambda: callbacks.TerminateOnNaN(), "train"),
    (lambda: callbacks.LambdaCallback(on_epoch_end=print), ""),
    (lambda: callbacks.LambdaCallback(on_train_batch_end=print), "train"),
    (lambda: callbacks.LambdaCallback(on_predict_batch_end=print), "predict"),
    (lambda: Evaluating(), "test"),
]


@pytest.mark.parametrize(("make", "modes"), WHO)
def test_only_who_has_something_to_do_after_a_batch_cares_for_batches(make: Any, modes: str) -> None:
    several = callbacks.CallbackList([make()], add_history=True)
    for mode in ("train", "test", "predict"):
        assert several.wants_batches(mode) == (mode in modes.split())
        assert several.wants_batch(mode, 0) == (mode in modes.split())


@pytest.mark.parametrize(
    ("verbose", "steps", "cares"),
    [("auto", 10, True), (1, None, True), (2, 10, False), (2, None, True), (0, 10, False), (0, None, False)],
)
def test_a_bar_cares_for_batches_where_it_draws_or_must_count_them(verbose: Any, steps: Any, cares: bool) -> None:
    several = callbacks.CallbackList(add_progbar=True, verbose=verbose, epochs=1, steps=steps)
    assert several.wants_batches("train") == cares
    drawn = [several.wants_batch("train", batch) for batch in range(3)]
    assert drawn[0] == (cares and verbose != 2)
    assert several.callbacks[0].seen == (3 if cares else 0)
    several.on_train_begin()
    assert not several.wants_batches("test")


def test_the_bar_is_told_of_few_batches_and_others_of_all(capsys: Any) -> None:
    told: list[int] = []
    bar = callbacks.ProgbarLogger()
    own = bar.on_train_batch_end
    vars(bar)["on_train_batch_end"] = lambda batch, logs=None: (told.append(batch), own(batch, logs))
    model_of().fit(np.tile(X, (400, 1)), np.tile(Y, (400, 1)), batch_size=1, callbacks=bar)
    assert 1 <= len(told) < 2000
    assert "4800/4800" in capsys.readouterr().out


def test_hooks_of_an_object_that_is_no_callback_are_called() -> None:
    heard: list[str] = []
    names = [name for name in dir(callbacks.Callback) if name.startswith(("on_", "set_"))]
    other = SimpleNamespace(**{name: lambda *a, name=name, **k: heard.append(name) for name in names})
    model_of().fit(X, Y, verbose=0, callbacks=[other])
    assert heard.count("on_train_batch_end") == 1


def test_what_a_callback_adds_to_the_logs_is_seen_by_later_ones_and_in_the_history() -> None:
    class Adding(callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["twice"] = 2 * epoch

    assert model_of().fit(X, Y, epochs=3, verbose=0, callbacks=Adding()).history["twice"] == [0, 2, 4]


# --- single callbacks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schedule",
    [lambda epoch, rate: rate * tf.math.exp(-1.0), lambda epoch: 0.5 * tf.constant(0.5) ** epoch, np.float32],
    ids=["tensor", "tensor of epoch", "class"],
)
def test_a_schedule_may_return_a_tensor_as_in_older_textbooks(schedule: Any) -> None:
    history = model_of().fit(X, Y, epochs=2, verbose=0, callbacks=callbacks.LearningRateScheduler(schedule)).history
    before, rates = 0.01, []
    for epoch in range(2):
        try:
            before = float(schedule(epoch, before))
        except TypeError:
            before = float(schedule(epoch))
        rates.append(before)
    assert history["learning_rate"] == pytest.approx(rates)


def test_a_type_error_in_a_schedule_is_told_as_it_is() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        model_of().fit(
            X,
            Y,
            verbose=0,
            callbacks=callbacks.LearningRateScheduler(lambda epoch, rate: rate + None),  # type: ignore
        )


def test_early_stopping_begins_afresh_with_each_fit() -> None:
    stopping = callbacks.EarlyStopping("loss", min_delta=10, patience=1)
    model = model_of()
    assert [len(model.fit(X, Y, epochs=9, verbose=0, callbacks=stopping).epoch) for _ in range(2)] == [2, 2]


def test_a_checkpoint_of_batches_can_save_the_best_before_the_first_epoch_ends(tmp_path: Path) -> None:
    path = str(tmp_path / "{batch}.weights.h5")
    best = callbacks.ModelCheckpoint(path, "loss", save_best_only=True, save_weights_only=True, save_freq=1)
    model_of().fit(X, Y, batch_size=3, verbose=0, callbacks=best)
    assert len(list(tmp_path.iterdir())) == 4


def test_a_checkpoint_is_a_model_that_predicts_the_same(tmp_path: Path) -> None:
    model = model_of("adam")
    model.fit(X, Y, epochs=2, verbose=0, callbacks=callbacks.ModelCheckpoint(tmp_path / "m.keras"))
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_averages_are_in_the_model_only_while_it_is_evaluated() -> None:
    seen = []
    model = model_of(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    look = callbacks.LambdaCallback(on_test_batch_end=lambda *a, **k: seen.append(model.get_weights()[0]))
    model.fit(X, Y, batch_size=3, verbose=0)
    weights = model.get_weights()[0]
    model.fit(X, Y, batch_size=3, verbose=0, validation_data=(X, Y), callbacks=[callbacks.SwapEMAWeights(), look])
    assert not np.array_equal(seen[0], weights)
    with pytest.raises(ValueError, match="SwapEMAWeights must be used when `use_ema=True`"):
        model_of().predict(X, verbose=0, callbacks=callbacks.SwapEMAWeights())


# --- processes that die -----------------------------------------------------------------------------------------------


def fit_elsewhere(folder: Path, pause: float, save_freq: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.minitf.keras.interrupted_fit", str(folder), str(pause), save_freq]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("save_freq", "batches"), [("epoch", 14), ("3", 17)])
def test_a_fit_that_was_killed_goes_on_with_the_same_numbers(tmp_path: Path, save_freq: str, batches: int) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    interrupted_fit.main(str(whole), 0, save_freq)
    with fit_elsewhere(broken, 0.05, save_freq) as process:
        assert process.stdout is not None
        for _ in range(batches):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    lines = broken.joinpath("log.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["epoch", *map(str, range(len(lines) - 1))]
    assert {line.count(",") for line in lines} == {2}
    begun = json.loads(broken.joinpath("backup", "training_metadata.json").read_text())["epoch"]
    assert begun >= 3
    interrupted_fit.main(str(broken), 0, save_freq)
    ours, expected = (json.loads(folder.joinpath("result.json").read_text()) for folder in (broken, whole))
    assert ours[0] == list(range(begun, interrupted_fit.EPOCHS))
    if save_freq == "epoch":
        assert ours[1:] == [expected[1][begun:], expected[2]]
    assert not broken.joinpath("backup").exists()


class Dead(BaseException):
    """Nobody catches this."""


class Saved(SimpleNamespace):
    """A model whose only weight is the number of the epoch."""

    def save_weights(self, path: str, overwrite: bool) -> None:
        with archive.replacing(path) as file:
            file.write(str(self.weight).encode())

    def load_weights(self, path: str) -> None:
        self.weight = int(Path(path).read_text() or "damaged")


def backed(folder: Path, weight: int = -1, **how: Any) -> Any:
    callback = callbacks.BackupAndRestore(folder, delete_checkpoint=False, **how)
    callback.set_model(Saved(weight=weight, built=True, optimizer=None, _keras_initial_epoch=None))
    return callback


@pytest.mark.parametrize("double", [False, True])
def test_weights_and_epoch_belong_together_whenever_a_process_dies(
    double: bool, tmp_path: Path, monkeypatch: Any
) -> None:
    restored = []
    for last in itertools.count():
        folder = tmp_path / str(last)
        callback = backed(folder, double_checkpoint=double)
        for epoch in range(2):
            callback.model.weight = epoch + 1
            callback.on_epoch_end(epoch)
        steps = itertools.count()

        def dying(function: Any, steps: Any = steps, last: int = last) -> Any:
            def step(*arguments: Any, **options: Any) -> Any:
                if next(steps) == last:
                    raise Dead
                return function(*arguments, **options)

            return step

        callback.model.weight = 3
        with monkeypatch.context() as patched:
            for module, name in ((os, "replace"), (os, "fsync"), (shutil, "copy"), (json, "dumps")):
                patched.setattr(module, name, dying(getattr(module, name)))
            try:
                callback.on_epoch_end(2)
                died = False
            except Dead:
                died = True
        after = backed(folder, double_checkpoint=double)
        after.on_train_begin()
        assert after.model.weight == after.model._keras_initial_epoch
        restored.append(after.model.weight)
        if not died:
            break
    assert set(restored) == {2, 3}
    assert restored == sorted(restored)


def test_the_backup_before_the_last_is_taken_if_the_last_cannot_be_read(tmp_path: Path, monkeypatch: Any) -> None:
    callback = backed(tmp_path / "b", double_checkpoint=True)
    for epoch in range(3):
        callback.model.weight = epoch + 1
        callback.on_epoch_end(epoch)
    read = Saved.load_weights

    def load(self: Any, path: str) -> None:
        if Path(path).read_text() == "3":
            raise OSError("damaged")
        read(self, path)

    monkeypatch.setattr(Saved, "load_weights", load)
    after = backed(tmp_path / "b")
    after.on_train_begin()
    assert (after.model.weight, after.model._keras_initial_epoch) == (2, 2)


def test_a_second_fit_after_a_restored_one_has_all_its_epochs(tmp_path: Path) -> None:
    model = model_of()
    model.fit(X, Y, epochs=2, verbose=0, callbacks=callbacks.BackupAndRestore(tmp_path / "b", delete_checkpoint=False))
    history = model.fit(X, Y, epochs=5, verbose=0, callbacks=callbacks.BackupAndRestore(tmp_path / "b"))
    assert history.epoch == [2, 3, 4]
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


def test_files_of_others_stay_where_a_backup_was(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    model_of().fit(X, Y, epochs=1, verbose=0, callbacks=callbacks.BackupAndRestore(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_model_that_is_not_built_cannot_be_restored(tmp_path: Path) -> None:
    callback = backed(tmp_path / "b")
    callback.model.built = False
    with pytest.raises(ValueError, match="must be built before you call `fit"):
        callback.on_train_begin()


# --- live curves ------------------------------------------------------------------------------------------------------


class Place:
    def __init__(self, first: Any) -> None:
        self.shown = [first]

    def update(self, what: Any, **options: Any) -> None:
        self.shown.append(what)


@pytest.mark.parametrize("seconds", [0.0001, 0.3, 10.0])
def test_live_curves_leave_the_same_in_a_notebook_at_any_pace(seconds: float, monkeypatch: Any) -> None:
    places: list[Place] = []
    ticks = itertools.count()
    monkeypatch.setattr(learning_curves, "time", SimpleNamespace(perf_counter=lambda: seconds * next(ticks)))
    monkeypatch.setattr(learning_curves, "in_notebook", lambda: True)
    monkeypatch.setattr(learning_curves, "_display", lambda what: places.append(Place(what)) or places[-1])
    monkeypatch.setattr(tf.plot.Summary, "png", lambda self: b"a picture")
    model_of().fit(X, Y, epochs=8, verbose=0, validation_data=(X, Y), callbacks=callbacks.LearningCurves())
    growing, last = places
    assert growing.shown[0] == growing.shown[-1] == {"text/plain": ""}
    pictures = growing.shown[1:-1]
    assert all(picture == {"text/plain": "", "image/png": b"a picture"} for picture in pictures)
    assert bool(pictures) == (seconds > 0.1)
    assert repr(last.shown[0]).startswith("Figure: Learning curves.\nThe horizontal axis is the epoch from 1 to 8.")


CELL = """
import numpy as np
from minitf import keras
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="zeros")])
model.compile("sgd", "mse")
model.fit(np.ones((8, 3)), np.ones((8, 1)), batch_size=4, epochs=2, callbacks=keras.callbacks.LearningCurves()).epoch
"""


def test_a_notebook_keeps_the_bars_as_text_and_the_last_curves_with_their_description(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    client = NotebookClient(notebook, kernel_name="python3", coalesce_streams=True)
    manager = client.create_kernel_manager()
    manager.transport, manager.connection_file = "ipc", str(tmp_path / "kernel.json")
    client.execute(env={**os.environ, "IPYTHONDIR": str(tmp_path)})
    place, bars, curves, result = notebook.cells[0].outputs
    assert place.data == {"text/plain": ""}
    assert re.sub(r"\d+(us|ms|s)\b", "TIME", bars.text).splitlines() == [
        "Epoch 1/2",
        "2/2 ━━━━━━━━━━━━━━━━━━━━ TIME TIME/step - loss: 0.9232",
        "Epoch 2/2",
        "2/2 ━━━━━━━━━━━━━━━━━━━━ TIME TIME/step - loss: 0.6614",
    ]
    assert curves.data["text/plain"].startswith("Figure: Learning curves.\n")
    assert curves.metadata["image/png"]["alt"] == curves.data["text/plain"]
    assert result.data == {"text/plain": "[0, 1]"}


def test_live_curves_are_lines_of_text_where_there_is_no_notebook(capsys: Any) -> None:
    model_of().fit(X, Y, epochs=4, verbose=0, callbacks=callbacks.LearningCurves(every=2))
    lines = capsys.readouterr().out.splitlines()
    assert [line[: len("Epoch 2: loss ")] for line in lines] == ["Epoch 2: loss ", "Epoch 4: loss "]


@pytest.mark.parametrize("every", ["batch", 0, -1, 1.5])
def test_live_curves_are_drawn_after_whole_epochs(every: Any) -> None:
    with pytest.raises(ValueError, match="LearningCurves draws after every 'epoch', or every so many"):
        callbacks.LearningCurves(every)


def test_checkpoints_of_weights_may_have_the_paths_of_older_books(tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    path = str(tmp_path / "training" / "cp-{epoch:02d}.ckpt")
    saving = callbacks.ModelCheckpoint(path, save_weights_only=True)
    with pytest.warns(UserWarning, match="Keras 3 raises a ValueError here"):
        model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[saving])
    kernel = model.get_weights()[0]
    model.layers[0].kernel.assign(tf.zeros((2, 1)))
    model.load_weights(path.format(epoch=2))
    np.testing.assert_array_equal(model.get_weights()[0], kernel)
