"""Callbacks and the progress bar do, print, write and warn what Keras's do: told the same, and in fits of both."""

from __future__ import annotations

import functools
import inspect
import itertools
import re
import time
import warnings
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import minitf

SAME = 28  # so many characters of a message are Keras's own


class FakeModel:
    """What callbacks need of a model; its only weight is the number of the epoch."""

    def __init__(self) -> None:
        self.stop_training = False
        self.built = True
        self.optimizer = SimpleNamespace(learning_rate=0.1)
        self.metrics: list[Any] = []
        self.epoch = 0
        self.done: list[Any] = []

    def get_weights(self) -> list[int]:
        return [self.epoch]

    def set_weights(self, weights: list[int]) -> None:
        self.done.append(("set_weights", weights))

    def save(self, path: str, overwrite: bool) -> None:
        Path(path).write_text(f"model of epoch {self.epoch}")
        self.done.append(("save", path, overwrite))

    def save_weights(self, path: str, overwrite: bool) -> None:
        Path(path).write_text(f"weights of epoch {self.epoch}")
        self.done.append(("save_weights", path, overwrite))


def followed(make: Any, run: list[dict[str, Any]], batches: int) -> dict[str, Any]:
    """Train a fake model whose results are given; return all that a callback did."""
    model = FakeModel()
    logged = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            callback = make()
            callback.set_model(model)
            callback.set_params({"epochs": len(run), "steps": batches, "verbose": 1})
            callback.on_train_begin()
            for epoch, results in enumerate(run):
                model.epoch = epoch
                callback.on_epoch_begin(epoch, {})
                for batch in range(batches):
                    callback.on_train_batch_begin(batch, logs={})
                    callback.on_train_batch_end(batch, logs={"loss": results.get("loss", 0.0)})
                logs = dict(results)
                callback.on_epoch_end(epoch, logs)
                logged.append(logs)
                if model.stop_training:
                    break
            callback.on_train_end(logged[-1])
            error = None
        except (KeyError, OSError, RuntimeError, TypeError, ValueError) as caught:
            error = type(caught), str(caught)[:SAME]
    return {
        "logs": logged,
        "done": model.done,
        "stopped": model.stop_training,
        "rate": model.optimizer.learning_rate,
        "warned": [str(warning.message) for warning in warned],
        "error": error,
    }


def losses(*values: float, name: str = "val_loss") -> list[dict[str, Any]]:
    return [{"loss": 2 * value, name: value} for value in values]


FALLING = losses(1.0, 0.9, 0.8, 0.7)
STUCK = losses(1.0, 0.5, 0.6, 0.55, 0.52, 0.51, 0.4, 0.45, 0.44)
RISING = losses(0.1, 0.3, 0.2, 0.25, 0.2, 0.6, name="val_accuracy")
RNG = np.random.default_rng(5)
WANDERING = [losses(*np.float32(RNG.normal(1, 0.3, 25)).tolist()) for _ in range(6)]

CALLS: list[tuple[str, list[dict[str, Any]]]] = [
    *(
        (f"EarlyStopping({arguments})", run)
        for arguments, run in [
            ("", STUCK),
            ("", FALLING),
            ("patience=2, verbose=1", STUCK),
            ("patience=3, verbose=1, restore_best_weights=True", STUCK),
            ("patience=9, verbose=1, restore_best_weights=True", STUCK),
            ("min_delta=0.1, verbose=1", FALLING),
            ("min_delta=-0.2, verbose=1", FALLING),
            ("baseline=0.2, patience=2, restore_best_weights=True, verbose=1", FALLING),
            ("baseline=0.95, patience=2, verbose=1", STUCK),
            ("start_from_epoch=4, verbose=1", STUCK),
            ("start_from_epoch=4, verbose=1, restore_best_weights=True, patience=1", STUCK),
            ("monitor='loss', patience=1, verbose=1", STUCK),
            ("monitor='val_accuracy', mode='max', patience=2, verbose=1, restore_best_weights=True", RISING),
            ("monitor='val_accuracy', mode='auto'", RISING),
            ("monitor='val_loss', verbose=1", RISING),
            ("mode='most', patience=1, verbose=1", STUCK),
            ("patience=0, verbose=1", losses(1.0, float("nan"), 0.5)),
            *(("patience=3, min_delta=0.05, restore_best_weights=True, verbose=1", run) for run in WANDERING),
        ]
    ),
    *(
        (f"ReduceLROnPlateau({arguments})", run)
        for arguments, run in [
            ("", STUCK),
            ("patience=1, verbose=1", STUCK),
            ("patience=1, factor=0.5, cooldown=2, verbose=1", STUCK),
            ("patience=1, min_lr=0.05, verbose=1", STUCK),
            ("patience=0, verbose=1", FALLING),
            ("monitor='val_accuracy', mode='max', patience=1, min_delta=0.1, verbose=1", RISING),
            ("monitor='val_accuracy', patience=1", RISING),
            ("patience=1", RISING),
            ("factor=1.0", STUCK),
            ("patience=1, epsilon=3", STUCK),
            *(("patience=2, min_delta=0.02, cooldown=1, factor=0.7, verbose=1", run) for run in WANDERING),
        ]
    ),
    *(
        (f"ModelCheckpoint({arguments})", run)
        for arguments, run in [
            ("'m.keras'", FALLING),
            ("'m.keras', verbose=1", FALLING),
            ("'m.h5', verbose=1", FALLING),
            ("Path('deep/er') / 'm-{epoch:02d}-{val_loss:.2f}.keras', verbose=1", FALLING),
            ("'m.keras', save_best_only=True, verbose=1", STUCK),
            ("'m.keras', save_best_only=True, verbose=1, initial_value_threshold=0.55", STUCK),
            ("'m.weights.h5', save_weights_only=True, save_best_only=True, verbose=1", STUCK),
            ("'{epoch}.keras', monitor='val_accuracy', mode='max', save_best_only=True, verbose=1", RISING),
            ("'{epoch}.keras', monitor='val_accuracy', save_best_only=True", RISING),
            ("'{epoch}.keras', save_best_only=True", RISING),
            ("'{epoch}-{batch}.keras', save_freq=2, verbose=1", FALLING),
            ("'{epoch}-{batch}-{loss:.1f}.weights.h5', save_freq=5, save_weights_only=True", FALLING),
            ("'{epoch}.keras', monitor='loss', save_freq=7, save_best_only=True, verbose=1", STUCK),
            ("'{epoch}-{nothing}.keras'", FALLING),
            ("'m'", FALLING),
            ("'m.keras', save_weights_only=True", FALLING),
            ("'m.keras', save_freq='batch'", FALLING),
            ("'m.keras', save_freq=2.0", FALLING),
            ("'folder.keras'", FALLING),
            ("'m.keras', save_best_only=True", [{"loss": 1.0, "val_loss": np.array([1.0, 2.0])}]),
        ]
    ),
    *(
        (f"LearningRateScheduler({arguments})", FALLING)
        for arguments in [
            "lambda epoch: 0.1 * 0.5**epoch",
            "lambda epoch, rate: rate * 0.9, verbose=1",
            "lambda epoch, rate: np.float32(rate / 2), verbose=1",
            "lambda epoch, rate: np.float64(rate / 2), verbose=1",
            "lambda epoch, rate=3.0: rate / 2",
            "lambda epoch: 1",
            "lambda epoch: 'fast'",
        ]
    ),
    ("TerminateOnNaN()", losses(1.0, float("nan"), 0.5)),
    ("TerminateOnNaN()", losses(1.0, float("inf"), 0.5)),
    ("TerminateOnNaN(raise_error=True)", losses(1.0, float("-inf"), 0.5)),
    ("TerminateOnNaN()", [{"accuracy": 1.0}]),
    ("BackupAndRestore('')", FALLING),
    ("BackupAndRestore('b', save_freq='batch')", FALLING),
]


@pytest.mark.parametrize(("call", "run"), CALLS, ids=[f"{number}-{call}" for number, (call, _) in enumerate(CALLS)])
def test_a_callback_does_prints_and_warns_the_same(
    call: str, run: list[dict[str, Any]], oracle: ModuleType, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    outcomes = []
    for tf, name in ((minitf, "ours"), (oracle, "theirs")):
        folder = tmp_path / name
        folder.joinpath("folder.keras").mkdir(parents=True)
        monkeypatch.chdir(folder)
        known = {"callbacks": tf.keras.callbacks, "Path": Path, "np": np}
        outcome = followed(lambda known=known: eval(f"callbacks.{call}", known), run, batches=3)
        files = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}
        outcomes.append({**outcome, "files": files, "said": capsys.readouterr().out})
    assert repr(outcomes[0]) == repr(outcomes[1])


@pytest.mark.parametrize("name", [*sorted({*minitf.keras.callbacks.__all__} - {"LearningCurves"}), "utils.Progbar"])
def test_arguments_have_the_same_names_and_defaults(name: str, oracle: ModuleType) -> None:
    signatures = []
    for tf in (minitf, oracle):
        space, _, own = name.rpartition(".")
        parameters = inspect.signature(getattr(getattr(tf.keras, space or "callbacks"), own)).parameters.values()
        signatures.append([(each.name, each.kind, each.default) for each in parameters])
    assert signatures[0] == signatures[1]


LOGS = [
    FALLING,
    [{"loss": 1.0, "accuracy": 0.5}, {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.25}],
    [{"loss": np.float32(0.1), "text": "a,b", "several": np.array([1.0, 2.0]), "list": [1, 2], "one": np.array(3)}],
    [{}, {"loss": 1.0}],
]


@pytest.mark.parametrize("logs", LOGS)
@pytest.mark.parametrize("arguments", [{}, {"separator": ";"}, {"append": True}])
def test_a_csv_logger_writes_the_same_bytes_in_two_runs(
    logs: list[dict[str, Any]], arguments: dict[str, Any], oracle: ModuleType, tmp_path: Path
) -> None:
    for tf, name in ((minitf, "ours"), (oracle, "theirs")):
        for _ in range(2):
            followed(lambda tf=tf, name=name: tf.keras.callbacks.CSVLogger(tmp_path / name, **arguments), logs, 1)
    assert tmp_path.joinpath("ours").read_bytes() == tmp_path.joinpath("theirs").read_bytes()


BARS: dict[str, dict[str, Any]] = {
    "plain": {"target": 7},
    "wide": {"target": 100, "width": 33},
    "unknown": {"target": None},
    "zero": {"target": 0},
    "every": {"target": 12, "interval": 0},
    "stateful": {"target": 12, "interval": 0, "stateful_metrics": ["loss"]},
    "stateless": {"target": 12, "interval": 0, "stateless_metrics": ["loss"]},
    "samples": {"target": 12, "interval": 0, "unit_name": "sample"},
    "lines": {"target": 12, "verbose": 2},
    "silent": {"target": 12, "verbose": 0},
}
STEPS = [1e-5, 0.004, 0.3, 2.5, 90.0, 4000.0]


@pytest.mark.parametrize("seconds", STEPS)
@pytest.mark.parametrize("arguments", BARS.values(), ids=BARS)
def test_a_progress_bar_writes_the_same_characters(
    arguments: dict[str, Any], seconds: float, oracle: ModuleType, monkeypatch: Any, capsys: Any
) -> None:
    said = []
    for tf in (minitf, oracle):
        ticks = itertools.count()
        monkeypatch.setattr(time, "time", lambda ticks=ticks: 1e9 + seconds * next(ticks))
        bar = tf.keras.utils.Progbar(**arguments)
        for step in range(12):
            bar.update(step, [("loss", 3.0 / (step + 1)), ("tiny", np.float32(1e-4 * step)), ("count", step)])
        bar.add(1, [("loss", 0.25), ("late", -5.0)] if arguments.get("verbose") != 2 else [("loss", 0.25)])
        bar.update(12, [("loss", 0.125)], finalize=True)
        monkeypatch.undo()
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_a_progress_bar_refuses_two_lists_of_metrics(oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        with pytest.raises(ValueError, match="Only one of `stateful_metrics` or `stateless_metrics` can be provided"):
            tf.keras.utils.Progbar(3, stateful_metrics=[], stateless_metrics=[])


ENDS = ("begin", "end")
HOOKS = [
    *(f"on_{mode}{of}_{end}" for mode in ("train", "test", "predict") for of in ("", "_batch") for end in ENDS),
    *(f"on_{of}_{end}" for of in ("epoch", "batch") for end in ENDS),
]  # fmt: skip
X = RNG.normal(size=(22, 4)).astype("float32")
Y = RNG.integers(0, 3, 22).astype("int32")
WEIGHTS = [RNG.normal(size=shape).astype("float32") / 2 for shape in ((4, 5), (5,), (5, 3), (3,))]
FIRST = (X[:16], Y[:16])
REST = (X[16:], Y[16:])


def recorder(tf: Any, stop: tuple[str, int] | None = None, also: bool = False) -> Any:
    """Make a callback that records each call; it may stop the training in one, and call Keras's hook as well."""
    callback = tf.keras.callbacks.Callback()
    callback.calls = []

    def hook(name: str) -> Any:
        own = getattr(callback, name)

        def called(*index: int, logs: Any = None) -> None:
            logs = index[-1] if not index or not isinstance(index[-1], int) else logs
            numbers = [number for number in index if isinstance(number, int)]
            callback.calls.append((name, numbers, dict(logs), dict(callback.params)))
            if also:
                own(*numbers, logs=logs)
            if stop == (name, *numbers):
                callback.model.stop_training = True

        return called

    vars(callback).update({name: hook(name) for name in HOOKS if not (also and name.startswith("on_batch"))})
    if also:
        vars(callback).update({name: hook(name) for name in HOOKS if name.startswith("on_batch")})
    return callback


def network(tf: Any, **compiled: Any) -> Any:
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [layers.Input((4,)), layers.Dense(5, activation="tanh"), layers.Dense(3, activation="softmax")]
    )
    eagerly = tf is not minitf  # Keras is the quicker then for so little work, and the numbers are the same
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=eagerly, **compiled)
    model.set_weights(WEIGHTS)
    return model


def generator(count: int) -> Any:
    for start in range(0, 4 * count, 4):
        yield X[start : start + 4], Y[start : start + 4]


RUNS: dict[str, Any] = {
    "fit": lambda tf, model, own: model.fit(*FIRST, 8, 2, callbacks=own),
    "one callback": lambda tf, model, own: model.fit(*FIRST, 8, 2, callbacks=own[0]),
    "validated": lambda tf, model, own: model.fit(*FIRST, 8, 2, callbacks=own, validation_data=REST),
    "validated at times": lambda tf, model, own: model.fit(
        *FIRST, 8, 4, callbacks=own, validation_data=REST, validation_freq=2, validation_batch_size=4
    ),
    "split": lambda tf, model, own: model.fit(X, Y, 8, 2, callbacks=own, validation_split=0.3),
    "later": lambda tf, model, own: model.fit(*FIRST, 8, 5, callbacks=own, initial_epoch=3),
    "no epoch": lambda tf, model, own: model.fit(*FIRST, 8, 0, callbacks=own),
    "dataset": lambda tf, model, own: model.fit(
        tf.data.Dataset.from_tensor_slices(FIRST).batch(5), epochs=2, callbacks=own
    ),
    "steps": lambda tf, model, own: model.fit(generator(5), epochs=2, steps_per_epoch=2, callbacks=own),
    "endless": lambda tf, model, own: model.fit(
        tf.data.Dataset.from_tensor_slices(FIRST).repeat().batch(4), epochs=2, steps_per_epoch=3, callbacks=own
    ),
    "evaluate": lambda tf, model, own: model.evaluate(X, Y, 8, callbacks=own),
    "predict": lambda tf, model, own: model.predict(X, 8, callbacks=own),
    "again": lambda tf, model, own: (
        model.fit(*FIRST, 8, callbacks=own), model.evaluate(*REST, callbacks=own), model.fit(*FIRST, 8, callbacks=own)
    ),
}  # fmt: skip


def assert_same_calls(ours: Any, theirs: Any) -> None:
    """Compare what two recorders heard: in the same order, with the same keys in the same order, and close values."""
    assert [call[:2] for call in ours.calls] == [call[:2] for call in theirs.calls]
    for (name, _, mine, my_params), (_, _, its, its_params) in zip(ours.calls, theirs.calls, strict=True):
        assert (name, my_params, list(mine)) == (name, its_params, list(its))
        for key in its:
            np.testing.assert_allclose(mine[key], its[key], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_hooks_are_called_in_the_same_order_with_the_same_logs(run: Any, oracle: ModuleType, capsys: Any) -> None:
    recorders = [recorder(tf, also=True) for tf in (minitf, oracle)]
    for tf, own in zip((minitf, oracle), recorders, strict=True):
        model = network(tf)
        for name in ("fit", "evaluate", "predict"):
            given = {"shuffle": False} if name == "fit" else {}
            object.__setattr__(model, name, functools.partial(getattr(model, name), **given))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of generators that end
            run(tf, model, [own])
    assert_same_calls(*recorders)


@pytest.mark.parametrize(
    "stop",
    [
        ("on_train_batch_end", 1),
        ("on_train_batch_begin", 0),
        ("on_epoch_end", 0),
        ("on_test_end",),
        ("on_epoch_begin", 1),
    ],
    ids=str,
)
def test_a_training_stops_at_the_same_place(stop: tuple[str, int], oracle: ModuleType) -> None:
    recorders = [recorder(tf, stop) for tf in (minitf, oracle)]
    for tf, own in zip((minitf, oracle), recorders, strict=True):
        network(tf).fit(X, Y, 4, 3, validation_split=0.3, shuffle=False, verbose=0, callbacks=own)
    assert_same_calls(*recorders)


def test_steps_per_execution_counts_the_batches_the_same(oracle: ModuleType) -> None:
    recorders = [recorder(tf) for tf in (minitf, oracle)]
    for tf, own in zip((minitf, oracle), recorders, strict=True):
        network(tf, steps_per_execution=2).fit(*FIRST, 4, 2, shuffle=False, verbose=0, callbacks=own)
    assert_same_calls(*recorders)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # as Keras finds out
@pytest.mark.parametrize("verbose", ["auto", 2, 0])
def test_no_batch_is_begun_when_a_generator_has_ended(verbose: Any, oracle: ModuleType, capsys: Any) -> None:
    recorders = [recorder(tf) for tf in (minitf, oracle)]
    for tf, own in zip((minitf, oracle), recorders, strict=True):
        network(tf).fit(generator(5), shuffle=False, verbose=verbose, callbacks=own)
    sixth = [call for call in recorders[1].calls if call[1] == [5]]
    assert [call[0] for call in sixth] == ["on_train_batch_begin"]  # which Keras calls before it asks for a batch
    recorders[1].calls.remove(sixth[0])
    assert_same_calls(*recorders)


FITS: dict[str, Any] = {
    "stopping by accuracy": "EarlyStopping('val_accuracy', patience=1, restore_best_weights=True, verbose=1)",
    "stopping by loss": "EarlyStopping('loss', min_delta=0.5, patience=2, verbose=1)",
    "plateau of accuracy": "ReduceLROnPlateau('accuracy', factor=0.5, patience=1, verbose=1)",
    "rates by epoch": "LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1), verbose=1)",
    "rates by rate": "LearningRateScheduler(lambda epoch, rate: rate * 0.5, verbose=1)",
    "best by accuracy": "ModelCheckpoint('{epoch}-{val_accuracy:.3f}.weights.h5', 'val_accuracy', 1, True, True)",
    "models": "ModelCheckpoint('models/{epoch:02d}.keras', verbose=1)",
    "every third batch": "ModelCheckpoint('{epoch}-{batch}.keras', save_freq=3)",
    "table": "CSVLogger('log.csv')",
    "functions": "LambdaCallback(on_train_batch_end=lambda batch, logs: print('end of', batch, sorted(logs)))",
    "averages": "SwapEMAWeights()",
    "averages of epochs": "SwapEMAWeights(swap_on_epoch=True)",
    "backup": "BackupAndRestore('backup')",
    "kept backup": "BackupAndRestore('backup', delete_checkpoint=False, double_checkpoint=True)",
}


def seen(printed: str) -> list[str]:
    """Return what a terminal shows in the end, without colours, spaces at the end and times."""
    lines = (line.rsplit("\r", 1)[-1].rstrip() for line in re.sub(r"\x1b\[\d+m", "", printed).split("\n"))
    return [re.sub(r"\b\d+(s|ms|us)\b", "TIME", line) for line in lines]


def numbers_apart(text: str) -> tuple[str, list[float]]:
    number = r"-?\b\d+\.\d+(?:e-?\d+)?"
    return re.sub(number, "NUMBER", text), [float(found) for found in re.findall(number, text)]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, when it saves
@pytest.mark.parametrize("number", range(len(FITS)), ids=FITS)
def test_a_fit_with_a_callback_is_the_same(
    number: int, oracle: ModuleType, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    call, outcomes = list(FITS.values())[number], []
    for tf, name in ((minitf, "ours"), (oracle, "theirs")):
        tmp_path.joinpath(name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        model = network(tf)
        if "EMA" in call:
            model.compile(tf.keras.optimizers.SGD(0.1, use_ema=True), model.loss, metrics=["accuracy"])
        own = eval(f"callbacks.{call}", {"callbacks": tf.keras.callbacks})
        history = model.fit(X, Y, 4, 6, number % 3, own, validation_split=0.3, shuffle=False)
        files = sorted(str(file.relative_to(".")) for file in Path().rglob("*.*"))
        logged = Path("log.csv").read_text() if "CSV" in call else ""
        said = "\n".join(seen(capsys.readouterr().out)) + logged
        outcomes.append((files, numbers_apart(said), history.history, model.get_weights(), history.epoch))
    (files, (said, numbers), logs, weights, epochs), theirs = outcomes
    assert (files, said, list(logs), epochs) == (theirs[0], theirs[1][0], list(theirs[2]), theirs[4])
    np.testing.assert_allclose(numbers, theirs[1][1], rtol=1e-3, atol=2e-4)
    for mine, its in zip([*logs.values(), *weights], [*theirs[2].values(), *theirs[3]], strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-6)


def test_a_loss_that_is_no_number_ends_the_training_alike(oracle: ModuleType, capsys: Any) -> None:
    outcomes = []
    for tf in (minitf, oracle):
        data = np.where(np.arange(22)[:, None] == 9, np.nan, X)
        history = network(tf).fit(
            data, Y, 4, 3, 2, [tf.keras.callbacks.TerminateOnNaN()], shuffle=False, validation_split=0.3
        )
        outcomes.append((seen(capsys.readouterr().out), list(history.history), history.epoch))
    assert outcomes[0] == outcomes[1]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("first", ["minitf", "keras"])
def test_a_backup_of_the_one_goes_on_in_the_other(first: str, oracle: ModuleType, tmp_path: Path) -> None:
    sides = (minitf, oracle) if first == "minitf" else (oracle, minitf)
    whole = network(sides[0])
    whole.fit(*FIRST, 8, 4, 0, shuffle=False)
    for tf, epochs in zip(sides, (2, 4), strict=True):
        model = network(tf)
        backup = tf.keras.callbacks.BackupAndRestore(str(tmp_path / "backup"), delete_checkpoint=False)
        history = model.fit(*FIRST, 8, epochs, 0, backup, shuffle=False)
    assert history.epoch == [2, 3]
    for mine, its in zip(model.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-6)


def plain(y_true: Any, y_pred: Any) -> Any:
    return y_pred - y_true


METRICS = [
    *("accuracy", "mse", "mae", "msle", "mape", "cosine_similarity", "poisson", "kl_divergence", "hinge"),
    *("AUC", "Precision", "Recall", "TruePositives", "BinaryAccuracy", "RootMeanSquaredError", "R2Score", plain),
]


def test_whether_a_metric_should_rise_or_fall_is_known_of_the_same_ones(oracle: ModuleType) -> None:
    directions: list[dict[str, str]] = []
    for tf in (minitf, oracle):
        model = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(1, activation="sigmoid")])
        model.compile("sgd", "mse", metrics=METRICS, run_eagerly=tf is not minitf)
        names = model.fit(X, (Y[:, None] > 0).astype("float32"), 22, verbose=0).history
        directions.append({})
        for name in names:
            callback = tf.keras.callbacks.EarlyStopping(f"val_{name}")
            callback.set_model(model)
            try:
                callback.on_epoch_end(0, {f"val_{name}": 1.0})
                directions[-1][name] = callback.monitor_op.__name__
            except ValueError:
                directions[-1][name] = "nobody knows"
    assert directions[0] == directions[1]
    assert set(directions[0].values()) == {"less", "greater", "nobody knows"}
