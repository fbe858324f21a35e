"""Policies and loss scaling are Keras's: what layers compute in, how training goes, what files say.

What computes in bfloat16 runs on TensorFlow's runtime only. Histories agree to a few units of the last digit that the
dtype has: 2**-8 of bfloat16, 2**-11 of float16.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_same_error, errors_of

# NumPy on how Keras makes arrays of TensorFlow's variables.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ON_TENSORFLOW = pytest.mark.backend("tensorflow")
HALF = ["mixed_float16", "float16"]
LOW = [*HALF, *(pytest.param(name, marks=ON_TENSORFLOW) for name in ("mixed_bfloat16", "bfloat16"))]
NEAR = {"float16": 4 * 2.0**-11, "bfloat16": 4 * 2.0**-8}
X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = np.stack([X.sum(axis=1), X[:, 0] ** 2], axis=1)


@pytest.fixture(autouse=True)
def _policy_as_before(oracle: ModuleType) -> Iterator[None]:
    yield
    for tf in (minitf, oracle):
        tf.keras.config.set_dtype_policy("float32")


def outcome(tf: Any, act: Callable[..., Any], *given: Any) -> Any:
    try:
        return act(tf.keras, *given)
    except errors_of(tf) as error:
        return error


# --- policies ---------------------------------------------------------------------------------------------------------

DESCRIBED = [
    "DTypePolicy('mixed_float16')", "DTypePolicy('float32')", "DTypePolicy('float16')", "DTypePolicy('int32')",
    "DTypePolicy('foo')", "DTypePolicy('half')", "DTypePolicy('float')", "DTypePolicy(3)", "DTypePolicy()",
    "layers.Dense(1, dtype='mixed_float16').dtype_policy", "layers.Dense(1, dtype=tf.float16).dtype_policy",
    "layers.Dense(1, dtype=keras.DTypePolicy('float64')).dtype_policy", "layers.Dense(1, dtype=3).dtype_policy",
    "layers.Dense(1, dtype='foo').dtype_policy", "mixed_precision.Policy('mixed_float16')",
    "mixed_precision.DTypePolicy is keras.DTypePolicy", "mixed_precision.global_policy()",
    "mixed_precision.LossScaleOptimizer is keras.optimizers.LossScaleOptimizer",
    "set('mixed_float16'), config.dtype_policy(), layers.Dense(1).dtype_policy, layers.Dense(1, dtype='float32').dtype",
    "set(keras.DTypePolicy('float16')), mixed_precision.dtype_policy(), keras.Input((1,)).dtype, DTypePolicy()",
    "set('foo')", "set(3)", "set(tf.float16)", "set(None)", "set('mixed_float16'), losses.Huber().dtype",
    "set('mixed_float16'), metrics.Mean().dtype, metrics.Mean(dtype='mixed_float16').dtype",
    "set('mixed_float16'), keras.Variable(1.0).dtype == 'float32', backend.floatx()",
    "DTypePolicy('mixed_float16') == DTypePolicy('mixed_float16'), DTypePolicy('float16') == DTypePolicy('float32')",
    "DTypePolicy.from_config(DTypePolicy('mixed_float16').get_config())", "DTypePolicy('float16') == 'float16'",
    "keras.utils.serialize_keras_object(DTypePolicy('mixed_float16'))",
    "layers.Dense(1, dtype='mixed_float16').get_config()",
    "layers.Dense.from_config(layers.Dense(1, dtype='mixed_float16').get_config()).dtype_policy",
    "layers.Dense(1, dtype={'module': 'keras', 'class_name': 'DTypePolicy', 'config': {'name': 'float16'}, "
    "'registered_name': None}).dtype_policy",
    *(pytest.param(line, marks=ON_TENSORFLOW) for line in (
        "DTypePolicy('mixed_bfloat16')", "DTypePolicy('bfloat16')",
        "set('mixed_bfloat16'), layers.Dense(1).get_config()",
        "backend.set_floatx('bfloat16'), DTypePolicy('float32'), backend.set_floatx('float32')",
    )),
]  # fmt: skip


def told(value: Any) -> Any:
    """Describe a policy by all that it says."""
    if isinstance(value, tuple | list):
        return [told(each) for each in value]
    if hasattr(value, "compute_dtype"):
        return repr(value), value.name, value.compute_dtype, value.variable_dtype
    return repr(value)


@pytest.mark.parametrize("line", DESCRIBED)
def test_policies_are_described_and_refused_as_by_keras(oracle: ModuleType, line: str) -> None:
    def evaluated(keras: Any) -> Any:
        keras.utils.clear_session()
        names = {name: getattr(keras, name) for name in keras.__dir__() if not name.startswith("_")}
        tf = minitf if keras is minitf.keras else oracle
        return eval(line, {**names, "keras": keras, "tf": tf, "set": keras.config.set_dtype_policy})

    ours, theirs = outcome(minitf, evaluated), outcome(oracle, evaluated)
    if isinstance(theirs, Exception):
        assert_same_error(ours, theirs)
    else:
        assert told(ours) == told(theirs)


@pytest.mark.backend("numpy")
@pytest.mark.parametrize("name", ["bfloat16", "mixed_bfloat16"])
@pytest.mark.parametrize("use", [
    minitf.keras.DTypePolicy, minitf.keras.config.set_dtype_policy,
    lambda name: minitf.keras.layers.Dense(1, dtype=name),
])  # fmt: skip
def test_numpy_has_no_bfloat16_and_says_which_backend_does(use: Callable[[str], Any], name: str) -> None:
    with pytest.raises(TypeError, match=r"^NumPy has no tf.bfloat16, .* MINITF_BACKEND=tensorflow\.$"):
        use(name)


# --- layers -----------------------------------------------------------------------------------------------------------

LAYERS = [
    "Dense(2)", "Dense(2, 'softmax', kernel_regularizer='l2')", "Dense(2, activity_regularizer='l2')",
    "BatchNormalization()", "LayerNormalization()", "UnitNormalization()", "Dropout(0.0)", "GaussianDropout(0.0)",
    "GaussianNoise(0.0)", "Activation('tanh')", "Softmax()", "ReLU(0.1, negative_slope=0.2)", "LeakyReLU()", "ELU()",
    "PReLU()", "Rescaling(2.0, 0.3)", "Normalization(mean=0.1, variance=2.0)", "Flatten()", "Reshape((3, 1))",
    "RepeatVector(2)", "ActivityRegularization(0.1)", "Identity()", "Lambda(lambda x: x * 2)",
    "Dense(2, dtype='float32')", "Embedding(4, 2)",
]  # fmt: skip


@pytest.mark.parametrize("policy", LOW)
@pytest.mark.parametrize("line", LAYERS)
def test_layers_compute_in_the_dtype_of_their_policy(oracle: ModuleType, line: str, policy: str) -> None:
    def computed(keras: Any) -> Any:
        keras.config.set_dtype_policy(policy)
        layer = eval(f"layers.{line}", {"layers": keras.layers})
        x = np.abs(X[:4]).astype("int32") if "Embedding" in line else X[:4]
        layer.build(x.shape)
        layer.set_weights([np.cos(np.arange(1.0, each.size + 1)).reshape(each.shape) for each in layer.get_weights()])
        if "BatchNorm" in line:
            layer.set_weights([*layer.get_weights()[:3], np.ones(3)])
        training = {"training": True} if "Batch" in line else {}
        y = layer(x, **training)
        symbol = (
            keras.layers.deserialize(keras.layers.serialize(layer))(keras.Input((3,))) if "Lambda" not in line else y
        )
        dtypes = [str(symbol.dtype), *(np.dtype(each.dtype).name for each in layer.get_weights())]
        return y, layer.get_weights(), dtypes, len(layer.losses)

    ours, theirs = outcome(minitf, computed), outcome(oracle, computed)
    if isinstance(theirs, Exception):
        assert_same_error(ours, theirs)
        return
    assert ours[0].dtype.name == theirs[0].dtype.name
    assert ours[2:] == theirs[2:]
    near = NEAR["bfloat16" if "bfloat16" in policy else "float16"]
    for mine, its in zip([ours[0].numpy(), *ours[1]], [theirs[0].numpy(), *theirs[1]], strict=True):
        np.testing.assert_allclose(mine.astype("float64"), its.astype("float64"), near, near)


@pytest.mark.parametrize("policy", LOW)
def test_a_layer_sees_its_weights_in_the_dtype_in_which_it_computes(oracle: ModuleType, policy: str) -> None:
    def seen(tf: Any) -> Any:
        tf.keras.config.set_dtype_policy(policy)
        notes: list[str] = []

        class Noting(tf.keras.layers.Layer):  # type: ignore[misc]
            def build(self, shape: Any) -> None:
                self.w = self.add_weight(shape=(3,), initializer="ones", name="w")
                self.c = self.add_weight(shape=(), initializer="zeros", trainable=False, autocast=False, name="c")
                self.n = self.add_weight(shape=(), initializer="zeros", dtype="int32", trainable=False, name="n")

            def call(self, x: Any) -> Any:
                self.c.assign_add(tf.reduce_sum(x))
                self.w.assign(tf.cast(x[0], "float64"))
                notes.extend(
                    tf.as_dtype(each.dtype).name
                    for each in (x, self.w, tf.convert_to_tensor(self.w), self.c, self.w * 2, self.n)
                )
                return x * tf.cast(self.w, x.dtype)

        class Outer(tf.keras.layers.Layer):  # type: ignore[misc]
            def build(self, shape: Any) -> None:
                self.parts = [Noting(), Noting(dtype="float32"), Noting(autocast=False), Noting(dtype="float64")]
                for part in self.parts:
                    part.build(shape)

            def call(self, x: Any) -> Any:
                return [part(x) for part in self.parts]

        outer = Outer()
        results = outer(X[:1] * 1.0001)
        return (
            notes,
            [each.dtype.name for each in results],
            [tf.as_dtype(each.dtype).name for each in outer.weights],
            [np.asarray(each, "float64").tolist() for each in outer.get_weights()],
        )

    assert seen(minitf) == seen(oracle)


@pytest.mark.parametrize("policy", LOW)
def test_a_model_leaves_its_inputs_to_its_layers(oracle: ModuleType, policy: str) -> None:
    def exact(keras: Any) -> Any:
        keras.config.set_dtype_policy(policy)
        x = keras.Input((1,))
        layer = keras.layers.Dense(1, dtype="float32", kernel_initializer="ones", use_bias=False)
        models = [keras.Model(x, layer(x)), keras.Sequential([keras.Input((1,)), layer])]
        return [(float(np.asarray(model(np.full((1, 1), 1.0001, "f")))[0, 0]), model.compute_dtype) for model in models]

    assert exact(minitf.keras) == exact(oracle.keras)


# --- loss scaling -----------------------------------------------------------------------------------------------------

INNER = [
    ("SGD", {"momentum": 0.9, "weight_decay": 0.01}), ("Adam", {"learning_rate": 0.01, "global_clipnorm": 1.0}),
    ("RMSprop", {"use_ema": True, "ema_overwrite_frequency": 3}), ("Adam", {"gradient_accumulation_steps": 2}),
]  # fmt: skip


@pytest.mark.parametrize("captured", [False, True])
@pytest.mark.parametrize(("name", "options"), INNER)
def test_20_steps_of_a_scaled_optimizer_go_keras_s_way(
    oracle: ModuleType, name: str, options: dict[str, Any], captured: bool
) -> None:
    """Steps 4, 5 and 11 overflow, and the scale grows after every third finite step."""

    def trajectory(tf: Any) -> Any:
        inner = getattr(tf.keras.optimizers, name)(**options)
        optimizer = tf.keras.optimizers.LossScaleOptimizer(inner, initial_scale=64.0, dynamic_growth_steps=3)
        variables = [tf.Variable(np.cos(np.arange(1.0, 5)).astype("f")), tf.Variable(0.5)]
        optimizer.build(variables)
        step = lambda *grads: optimizer.apply(list(grads), variables)  # noqa: E731
        act = tf.function(step) if captured else step
        states = []
        for i in range(20):
            scale = float(optimizer.dynamic_scale.numpy())
            spoiled = {4: np.inf, 5: np.nan, 11: -np.inf}.get(i, 1.0)
            act(*(tf.constant((np.sin(np.arange(1.0, n + 1) * (i + 1.7)).reshape(shape) * scale * spoiled).astype("f"))
                  for n, shape in ((4, (4,)), (1, ()))))  # fmt: skip
            states.append([np.asarray(each.numpy()) for each in (*variables, *optimizer.variables)])
        assert [float(state[5]) for state in states][3:6] == [128.0, 64.0, 32.0]
        return states, [each.name for each in optimizer.variables], int(np.asarray(optimizer.iterations))

    ours, theirs = trajectory(minitf), trajectory(oracle)
    assert ours[1:] == theirs[1:]
    for mine, its in zip(ours[0], theirs[0], strict=True):
        for value, expected in zip(mine, its, strict=True):
            np.testing.assert_allclose(value, expected, 1e-5, 1e-6)


LINES = [
    "LSO(SGD(0.1), dynamic=False)", "LSO(SGD(0.1), clipnorm=1.0)", "LSO(SGD(0.1), use_ema=True)",
    "LSO(SGD(0.1), foo=1)",
    "LSO(SGD(0.1), weight_decay=None, ema_momentum=0.99).name", "LSO(SGD(0.5), 8.0, 5, 'scaled').get_config()",
    "LSO.from_config(LSO(SGD(0.5), 8.0).get_config()).initial_scale", "float(LSO(SGD(0.5)).learning_rate)",
    "o = LSO(SGD(0.5)); o.learning_rate = 0.25; float(o.inner_optimizer.learning_rate)",
    "int(LSO(SGD(0.5)).iterations)", "LSO(SGD(0.1, loss_scale_factor=4.0)).inner_optimizer.loss_scale_factor",
    "float(LSO(SGD(0.1)).scale_loss(C(2.0)))",
    "o = LSO(SGD(0.1), 8.0); o.build([V(1.0)]); float(o.scale_loss(C(2.0))), [v.path for v in o.variables]",
    "LSO(SGD(0.1)).apply([None], [V(1.0)])", "LSO(SGD(0.1)).apply([], [])",
    "optimizers.get(optimizers.serialize(LSO('sgd')))",
    "optimizers.get(optimizers.serialize(LSO(SGD(0.5), 4.0))).get_config()",
    "o = LSO(SGD(0.5), 4.0); v = V(1.0); o.apply([C(4.0)], [v]); v.numpy()",
    "o = LSO(SGD(0.5), 4.0); v = V(1.0); o.apply_gradients([(C(4.0), v)]); v.numpy()",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_scaled_optimizer_answers_as_keras_s_does(oracle: ModuleType, line: str) -> None:
    def evaluated(keras: Any) -> Any:
        keras.utils.clear_session()
        tf = minitf if keras is minitf.keras else oracle
        names = {"optimizers": keras.optimizers, "SGD": keras.optimizers.SGD, "C": tf.constant, "V": tf.Variable}
        names["LSO"] = keras.mixed_precision.LossScaleOptimizer
        *before, last = line.split("; ")
        exec("\n".join(before), names)
        return eval(last, names)

    ours, theirs = outcome(minitf, evaluated), outcome(oracle, evaluated)
    if isinstance(theirs, Exception):
        assert_same_error(ours, theirs)
    else:
        assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("policy", HALF)
def test_compile_scales_losses_of_mixed_float16_only(oracle: ModuleType, policy: str, scale: bool) -> None:
    def compiled(keras: Any) -> Any:
        keras.utils.clear_session()
        keras.config.set_dtype_policy(policy)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        found = []
        for given in (keras.optimizers.SGD(0.5), keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5), 4.0)):
            model.compile(given, "mse", auto_scale_loss=scale)
            config = model.get_compile_config()["optimizer"]
            found += [type(model.optimizer).__name__, model.optimizer.get_config(), config]
        return found

    assert compiled(minitf.keras) == compiled(oracle.keras)


# --- training ---------------------------------------------------------------------------------------------------------


def network(keras: Any, policy: str, optimizer: Any, eagerly: bool = False) -> Any:
    """Return a compiled model with the same weights on both sides."""
    keras.config.set_dtype_policy(policy)
    layers, penalty = keras.layers, "l2" if policy.startswith("mixed") else None  # Keras cannot add it to the loss else
    x = keras.Input((3,), name="x")
    y = layers.BatchNormalization()(layers.Dense(8, "relu", kernel_regularizer=penalty, name="wide")(x))
    y = layers.Dropout(0.0)(layers.Concatenate()([y, layers.LayerNormalization()(x)]))
    model = keras.Model(x, layers.Dense(2, dtype="float32", name="last")(y), name="network")
    model.set_weights([
        0.5 * np.cos(np.arange(1.0, each.size + 1)).reshape(each.shape) if each.ndim == 2 else each
        for each in model.get_weights()
    ])  # fmt: skip
    model.compile(optimizer(keras), "mse", metrics=["mae"], run_eagerly=eagerly)
    return model


def overflowing(keras: Any) -> Any:
    return keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.02), 2.0**20, dynamic_growth_steps=6)


def momentum(keras: Any) -> Any:
    return keras.optimizers.SGD(0.02, momentum=0.9)


TRAINED = [("mixed_float16", overflowing), ("mixed_float16", momentum), ("float16", momentum)]
TRAINED += [pytest.param(name, momentum, marks=ON_TENSORFLOW) for name in ("mixed_bfloat16", "bfloat16")]  # type: ignore[misc]


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize(("policy", "optimizer"), TRAINED)
def test_20_steps_of_fit_go_keras_s_way(
    oracle: ModuleType, policy: str, optimizer: Callable[[Any], Any], eagerly: bool
) -> None:
    def fitted(keras: Any) -> Any:
        model = network(keras, policy, optimizer, eagerly)
        scales: list[float] = []

        class Scales(keras.callbacks.Callback):  # type: ignore[misc]
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                scale = getattr(self.model.optimizer, "dynamic_scale", None)
                scales.append(0.0 if scale is None else float(scale.numpy()))

        history = model.fit(
            X, Y, batch_size=6, epochs=5, shuffle=False, verbose=0, callbacks=[Scales()], validation_data=(X[:5], Y[:5])
        )
        return history.history, scales, model.predict(X, verbose=0), model.evaluate(X, Y, verbose=0)

    ours, theirs = fitted(minitf.keras), fitted(oracle.keras)
    assert ours[1] == theirs[1]
    assert len(ours[1]) == 20
    if optimizer is overflowing:
        assert ours[1][0] == 2.0**19  # the first step overflowed, and was skipped
        assert min(ours[1]) < max(ours[1][10:])  # and later the scale grew
    near = 4 * NEAR["bfloat16" if "bfloat16" in policy else "float16"]
    assert list(ours[0]) == list(theirs[0])
    for name, values in theirs[0].items():
        np.testing.assert_allclose(ours[0][name], values, near, near)
    assert ours[2].dtype == theirs[2].dtype
    np.testing.assert_allclose(ours[2], theirs[2], near, 2 * near)
    np.testing.assert_allclose(ours[3], theirs[3], near, near)


@pytest.mark.parametrize("policy", LOW)
def test_files_of_models_with_policies_go_both_ways(oracle: ModuleType, tmp_path: Path, policy: str) -> None:
    def policies(file: Path) -> Any:
        with zipfile.ZipFile(file) as archive:
            config = json.loads(archive.read("config.json"))
        found = [layer["config"].get("dtype") for layer in config["config"]["layers"]]
        for each in found:
            if isinstance(each, dict):
                each.pop("shared_object_id", None)  # of one object for several layers
        return found, config["compile_config"]

    def written(keras: Any, name: str) -> Any:
        keras.utils.clear_session()
        model = network(keras, policy, momentum)
        model.fit(X, Y, batch_size=6, epochs=2, shuffle=False, verbose=0)
        model.save(tmp_path / name)
        return model

    models = {"ours.keras": written(minitf.keras, "ours.keras"), "theirs.keras": written(oracle.keras, "theirs.keras")}
    assert policies(tmp_path / "ours.keras") == policies(tmp_path / "theirs.keras")
    near = NEAR["bfloat16" if "bfloat16" in policy else "float16"]
    for name, model in models.items():
        for keras in (minitf.keras, oracle.keras):
            other = keras.models.load_model(tmp_path / name)
            assert [each.dtype_policy.name for each in other.layers] == [
                each.dtype_policy.name for each in model.layers
            ]
            keras.config.set_dtype_policy("float32")  # for new layers; those in the file say their own
            again = keras.models.load_model(tmp_path / name, compile=False)
            np.testing.assert_allclose(again.predict(X, verbose=0), other.predict(X, verbose=0), near, near)
            keras.config.set_dtype_policy(policy)
            assert type(other.optimizer).__name__ == type(model.optimizer).__name__
            for mine, its in zip(other.optimizer.variables, model.optimizer.variables, strict=True):
                np.testing.assert_array_equal(np.asarray(mine.numpy(), "f"), np.asarray(its.numpy(), "f"))
            for mine, its in zip(other.get_weights(), model.get_weights(), strict=True):
                assert mine.dtype == its.dtype
                np.testing.assert_array_equal(mine, its)
            np.testing.assert_allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), near, near)
