"""Loads saved models with TensorFlow alone, and uses them: run as a program, in which minitf cannot be imported.

It takes a folder, in which each saved model has the name of the snippet that uses it, and prints what they give.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

X = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [3.0, 1.0, 0.0], [-2.0, 4.0, 1.0]]


def variables(tf: Any, loaded: Any) -> Any:
    places = [loaded.w, loaded.layers[0]["b"], loaded.layers[1].count, loaded.pair[1], loaded.tied]
    return [(v.numpy(), v.trainable, v.name, isinstance(v, tf.Variable)) for v in places], loaded.tied is loaded.w


def open_sizes(tf: Any, loaded: Any) -> Any:
    names = [name for name in dir(loaded) if name.startswith("open ")]
    return {name: [getattr(loaded, name)(tf.constant(X[:rows])) for rows in (4, 3)] for name in names}


def flow(tf: Any, loaded: Any) -> Any:
    return [[loaded.choose(tf.constant(X[:n])), loaded.collatz(tf.constant(n)), loaded.grow(tf.constant(X[:n]))]
            for n in (1, 3)]  # fmt: skip


def signatures(tf: Any, loaded: Any) -> Any:
    x = tf.constant(X)
    given = {name: function.structured_input_signature[1] for name, function in loaded.signatures.items()}
    shapes = {name: {each: spec.shape.as_list() for each, spec in specs.items()} for name, specs in given.items()}
    return shapes, loaded.signatures["mean"](rows=x), loaded.signatures["both"](x=x, y=x[0])


def structures(tf: Any, loaded: Any) -> Any:
    x, n = tf.constant([1.0, 2.0]), tf.constant(3)
    return [
        loaded.f({"a": x, "b": (n, x)}), loaded.f({"a": x, "b": (n, x)}, scale=3.0), loaded.f({"a": n, "b": (n, n)}),
        loaded.g(x, x, more=[n], other=x),
    ]  # fmt: skip


def assigned(tf: Any, loaded: Any) -> Any:
    before = loaded.step(tf.constant(2.0)), loaded.total.numpy(), loaded.calls.numpy()
    after = loaded.step(tf.constant(3.0)), loaded.total.numpy(), loaded.calls.numpy()
    return before, after, loaded.twice(tf.constant(1.0)), loaded.total.numpy()


def drawn(tf: Any, loaded: Any) -> Any:
    free = [loaded.free(tf.constant(X[:n])) for n in (4, 4, 2)]
    seeded = [loaded.seeded(tf.constant(X[:n])) for n in (4, 2)]
    differ = bool(tf.reduce_any(free[0] != free[1]))
    shapes, states = [tuple(each.shape) for each in free], [loaded.generated(), loaded.generated()]
    return seeded, shapes, differ, states, loaded.stateless()


def differentiated(tf: Any, loaded: Any) -> Any:
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(loaded(x) ** 2)
    return loss, tape.gradient(loss, [x, loaded.w, loaded.b])


def refused(tf: Any, loaded: Any) -> Any:
    good = loaded.checked(tf.constant([1.0, 2.0]))
    try:
        loaded.checked(tf.constant([1.0, -2.0]))
    except tf.errors.InvalidArgumentError as error:
        return good, "only positive" in str(error)


def keras(tf: Any, loaded: Any) -> Any:
    default = loaded.signatures["serving_default"]
    given = {name: tf.constant(X) for name in default.structured_input_signature[1]}
    return loaded.serve(tf.constant(X)), default(**given), len(loaded.trainable_variables)


def exported(tf: Any, loaded: Any) -> Any:
    return loaded.serve(tf.constant(X[:1])), loaded(tf.constant(X)), [v.shape.as_list() for v in loaded.variables]


SNIPPETS: list[Callable[[Any, Any], Any]] = [
    assigned, differentiated, drawn, exported, flow, keras, open_sizes, refused, signatures, structures, variables,
]  # fmt: skip


def plain(value: Any) -> Any:
    """Turn tensors into arrays."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value.numpy() if hasattr(value, "numpy") else value


if __name__ == "__main__":
    sys.modules["minitf"] = None  # type: ignore[assignment]  # whoever imports it gets an ImportError
    import tensorflow

    folder = Path(sys.argv[1])
    results = {}
    for snippet in SNIPPETS:
        loaded = tensorflow.saved_model.load(str(folder / snippet.__name__))
        results[snippet.__name__] = plain(snippet(tensorflow, loaded))
    (folder / "results").write_bytes(pickle.dumps(results))
