"""Lines about models: statements that run once with minitf and once with Keras, from the same seeds.

What the last expression of a line gives must agree: numbers within 1e-5, everything else to the letter; and so must
what is said in warnings.
"""

from __future__ import annotations

import copy
import json
import pickle
import warnings
from typing import Any

import numpy as np

import minitf
from tests.differential.agreement import errors_of
from tests.differential.test_variables import run

TOLERANCE = 1e-5
SAID = 40  # so many characters of a warning are Keras's own

_draws = np.random.default_rng(5)
DATA: dict[str, Any] = {
    "X": _draws.normal(size=(20, 3)).astype("float32"),
    "Y": _draws.normal(size=(20, 1)).astype("float32"),
    "Z": _draws.normal(size=(20, 2)).astype("float32"),
    "V": _draws.normal(size=(7, 3)).astype("float32"),  # for validation, with U
    "U": _draws.normal(size=(7, 1)).astype("float32"),
    "C": _draws.integers(0, 3, 20),
    "H": np.eye(3, dtype="float32")[_draws.integers(0, 3, 20)],
    "B": _draws.integers(0, 2, 20).astype("float32"),
    "W": _draws.uniform(0.1, 2.0, 20).astype("float32"),
    "I": _draws.integers(0, 6, (20, 4)),
}

HELP = '''
keras, L, K = tf.keras, tf.keras.layers, tf.keras

def mlp(optimizer="sgd", loss="mse", units=1, last=None, **how):
    """Return a small compiled model of three features."""
    model = keras.Sequential([keras.Input((3,)), L.Dense(4, "tanh"), L.Dense(units, last)])
    model.compile(optimizer, loss, **how)
    return model

def fit(*data, model=None, epochs=2, batch_size=8, shuffle=False, **how):
    """Return the history of a fit in order, and the weights after it."""
    model = model or mlp(metrics=["mae"])
    batched = data and isinstance(data[0], (np.ndarray, tf.Tensor, dict, list))
    how = {**how, **({"batch_size": batch_size} if batched and batch_size else {})}
    history = model.fit(*data, epochs=epochs, shuffle=shuffle, verbose=0, **how)
    return history.epoch, history.history, model.get_weights()

def two(loss=("mse", "mse"), **how):
    """Return a compiled model of two outputs, which are a list."""
    x = keras.Input((3,), name="x")
    h = L.Dense(4, "tanh", name="hidden")(x)
    model = keras.Model(x, [L.Dense(1, name="a")(h), L.Dense(2, name="b")(h)])
    model.compile("sgd", list(loss) if isinstance(loss, tuple) else loss, **how)
    return model

def named(loss, **how):
    """Return a compiled model of two outputs, which are a dictionary."""
    x = keras.Input((3,), name="x")
    h = L.Dense(4, "tanh", name="hidden")(x)
    model = keras.Model(x, {"p": L.Dense(1, name="a")(h), "q": L.Dense(2, name="b")(h)})
    model.compile("sgd", loss, **how)
    return model

def batches(*data, size=8):
    """Yield batches of arrays."""
    for start in range(0, len(data[0]), size):
        yield tuple(each[start:start + size] for each in data)

def endless(*data, size=8):
    while True:
        yield from batches(*data, size=size)

def dataset(*data, size=8):
    return tf.data.Dataset.from_tensor_slices(data if len(data) > 1 else data[0]).batch(size)

class Numbered(keras.utils.PyDataset):
    """Batches by number."""
    def __init__(self, *data, size=8, **kwargs):
        super().__init__(**kwargs)
        self.data, self.size, self.ended = data, size, 0

    def __len__(self):
        return -(-len(self.data[0]) // self.size)

    def __getitem__(self, i):
        return tuple(each[i * self.size:(i + 1) * self.size] for each in self.data)

    def on_epoch_end(self):
        self.ended += 1

class Heard(keras.callbacks.Callback):
    """A callback that notes what it is told."""
    def __init__(self, stop=None, values=False):
        super().__init__()
        self.told, self.stop, self.values = [], stop, values

    def note(self, hook, number=None, logs=None):
        told = dict(sorted(logs.items())) if self.values and logs else sorted(logs) if logs else logs
        self.told.append((hook, number, told))
        if (hook, number) == self.stop:
            self.model.stop_training = True

for _mode in ("train", "test", "predict"):
    for _end in ("begin", "end"):
        setattr(Heard, f"on_{_mode}_{_end}", lambda self, logs=None, h=f"{_mode} {_end}": self.note(h, None, logs))
        setattr(
            Heard, f"on_{_mode}_batch_{_end}",
            lambda self, batch, logs=None, h=f"{_mode} batch {_end}": self.note(h, batch, logs),
        )
for _end in ("begin", "end"):
    setattr(Heard, f"on_epoch_{_end}", lambda self, epoch, logs=None, h=f"epoch {_end}": self.note(h, epoch, logs))
'''  # fmt: skip


def surroundings(tf: Any, more: str = "") -> dict[str, Any]:
    """Name what lines use, on fresh seeds; `more` is run as well, to define what only some lines need."""
    tf.keras.utils.clear_session(free_memory=False)
    tf.keras.utils.set_random_seed(3)
    names = {"tf": tf, "np": np, "copy": copy, "json": json, "pickle": pickle}
    names.update({name: array.copy() for name, array in DATA.items()})
    exec(HELP + more, names)
    return names


def outcome(tf: Any, line: str, more: str = "") -> tuple[Any, list[str]]:
    """Return what a line gives as plain Python and arrays, and the beginnings of the warnings."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", DeprecationWarning)  # TensorFlow's variables are behind NumPy's times
        result = plain(run(line, surroundings(tf, more)))
    return result, sorted({str(warning.message).strip()[:SAID] for warning in warned})


def plain(result: Any) -> Any:
    """Make arrays of tensors and variables, and a dictionary of a history."""
    if isinstance(result, dict):
        return {name: plain(each) for name, each in result.items()}
    if isinstance(result, list):
        return [plain(each) for each in result]
    if isinstance(result, tuple):
        return tuple(plain(each) for each in result)
    if hasattr(result, "history"):
        return plain(result.history)
    return np.asarray(result) if hasattr(result, "numpy") else result


def assert_same(ours: Any, theirs: Any, where: str = "") -> None:
    """Compare plain results part by part; a number may be off by 1e-5, of its size or at all."""
    if isinstance(theirs, float | np.floating | np.ndarray) and np.asarray(theirs).dtype.kind == "f":
        assert isinstance(ours, np.ndarray) == isinstance(theirs, np.ndarray), f"{where}: {ours!r}, not {theirs!r}"
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype, f"{where}: {ours!r}, not {theirs!r}"
        np.testing.assert_allclose(ours, theirs, TOLERANCE, TOLERANCE, err_msg=where)
        return
    assert type(ours) is type(theirs), f"{where}: {ours!r}, not {theirs!r}"
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs), where
        for name in theirs:
            assert_same(ours[name], theirs[name], f"{where}[{name!r}]")
    elif isinstance(theirs, list | tuple):
        assert len(ours) == len(theirs), f"{where}: {ours!r}, not {theirs!r}"
        for i, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
            assert_same(mine, its, f"{where}[{i}]")
    elif isinstance(theirs, np.ndarray):
        assert (ours.dtype, ours.tolist()) == (theirs.dtype, theirs.tolist()), where
    else:
        assert ours == theirs, where


def assert_line_is_kerass(line: str, oracle: Any, more: str = "") -> None:
    """Run a line on both sides, and compare."""
    theirs, their_warnings = outcome(oracle, line, more)
    ours, our_warnings = outcome(minitf, line, more)
    assert_same(ours, theirs)
    assert our_warnings == their_warnings


def error(tf: Any, line: str, more: str = "") -> Exception | None:
    """Return the error that a line raises; None if there is none."""
    try:
        outcome(tf, line, more)
    except (*errors_of(tf), UnboundLocalError) as raised:
        return raised
    return None
