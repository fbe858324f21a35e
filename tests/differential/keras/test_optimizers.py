"""Optimizers and schedules go the way that Keras's go, with every option, eagerly and in a captured step."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_alike, errors_of

STEPS = 20
SHAPES: list[tuple[int, ...]] = [(3, 2), (2,), ()]
START = [np.cos(np.arange(1.0, np.prod(shape) + 1)).reshape(shape).astype("float32") for shape in SHAPES]

OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.7, "momentum": 0.5, "epsilon": 1e-3, "centered": True}),
    ("Adagrad", {"initial_accumulator_value": 0.3}),
    ("Adadelta", {"rho": 0.8, "epsilon": 1e-4}),
    ("Adam", {}),
    ("Adam", {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "amsgrad": True}),
    ("AdamW", {"weight_decay": 0.1}),
    ("Adamax", {}),
    ("Nadam", {}),
    ("Lion", {}),
    ("Ftrl", {"l1_regularization_strength": 0.1, "l2_regularization_strength": 0.2, "beta": 0.1}),
    ("Ftrl", {"learning_rate_power": -0.4, "l2_shrinkage_regularization_strength": 0.1}),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.3},
    {"global_clipnorm": 0.5},
    {"use_ema": True, "ema_momentum": 0.9},
    {"use_ema": True, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 4},
    {"gradient_accumulation_steps": 3, "use_ema": True, "ema_overwrite_frequency": 2, "clipnorm": 0.5},
    {"loss_scale_factor": 8.0, "weight_decay": 0.01},
]
SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "end_learning_rate": 0.01, "power": 0.5}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "power": 2.0, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 9}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 9, "alpha": 0.2}),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.01, "decay_steps": 9, "warmup_target": 0.2, "warmup_steps": 5, "alpha": 0.1},
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.0, "m_mul": 0.5}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 3, "t_mul": 1.5, "alpha": 0.1}),
    ("PiecewiseConstantDecay", {"boundaries": [4, 9], "values": [0.1, 0.05, 0.01]}),
    ("PiecewiseConstantDecay", {"boundaries": [8], "values": [0.1, 0.05]}),
]


def named(case: Any) -> str:
    return case if isinstance(case, str) else ", ".join(f"{name}={value}" for name, value in case.items()) or "plain"


def gradients(step: int) -> list[np.ndarray]:
    """Return gradients of all sizes, the same on both sides."""
    sizes = [np.prod(shape, dtype=int) for shape in SHAPES]
    numbers = [np.sin(np.arange(1.0, size + 1) * (1.7 + step) + i) for i, size in enumerate(sizes)]
    return [each.reshape(shape).astype("float32") for each, shape in zip(numbers, SHAPES, strict=True)]


def trajectory(tf: Any, optimizer: Any, captured: bool = False, steps: int = STEPS) -> tuple[list[Any], list[Any]]:
    """Return the variables after each step, and those of the optimizer after the last."""
    variables = [tf.Variable(start) for start in START]
    optimizer.build(variables)

    def step(*grads: Any) -> None:
        optimizer.apply_gradients(zip(grads, variables, strict=True))

    act: Callable[..., Any] = tf.function(step) if captured else step
    places = []
    for number in range(steps):
        act(*map(tf.constant, gradients(number)))
        places.append([variable.numpy() for variable in variables])
    if captured:
        assert "iteration" in act.source()  # it is a program, and not Python run each time
    return places, [variable.numpy() for variable in optimizer.variables]


def assert_same_way(ours: Any, theirs: Any) -> None:
    for mine, its in zip(ours[0], theirs[0], strict=True):
        for one, other in zip(mine, its, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)
    for one, other in zip(ours[1], theirs[1], strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", OPTIONS, ids=named)
@pytest.mark.parametrize(("name", "arguments"), OPTIMIZERS, ids=named)
def test_goes_the_way_of_keras(name: str, arguments: dict[str, Any], options: dict[str, Any], oracle: Any) -> None:
    given = {"learning_rate": 0.05, **arguments, **options}
    theirs = trajectory(oracle, getattr(oracle.keras.optimizers, name)(**given))
    for captured in (False, True):
        assert_same_way(trajectory(minitf, getattr(minitf.keras.optimizers, name)(**given), captured), theirs)


@pytest.mark.parametrize(("name", "arguments"), SCHEDULES, ids=named)
def test_a_schedule_gives_what_that_of_keras_gives(name: str, arguments: dict[str, Any], oracle: Any) -> None:
    ours, theirs = (getattr(tf.keras.optimizers.schedules, name)(**arguments) for tf in (minitf, oracle))
    captured = minitf.function(ours)
    for step in range(STEPS):
        expected = theirs(oracle.constant(step, "int64")).numpy()
        for schedule in (ours, captured):
            value = schedule(minitf.constant(step, "int64")).numpy()
            assert value.dtype == expected.dtype
            np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-8)
    assert ours.get_config() == theirs.get_config()
    assert ours.from_config(ours.get_config()).get_config() == ours.get_config()


@pytest.mark.parametrize(("name", "arguments"), SCHEDULES[::3], ids=named)
def test_an_optimizer_follows_its_schedule(name: str, arguments: dict[str, Any], oracle: Any) -> None:
    def optimizer(tf: Any, **options: Any) -> Any:
        return tf.keras.optimizers.SGD(getattr(tf.keras.optimizers.schedules, name)(**arguments), **options)

    for options in ({}, {"gradient_accumulation_steps": 2}):
        theirs = trajectory(oracle, optimizer(oracle, **options))
        for captured in (False, True):
            assert_same_way(trajectory(minitf, optimizer(minitf, **options), captured), theirs)


@pytest.mark.parametrize(("name", "arguments"), OPTIMIZERS, ids=named)
def test_has_the_configs_and_variables_of_keras(name: str, arguments: dict[str, Any], oracle: Any) -> None:
    options = {"use_ema": True, "gradient_accumulation_steps": 2, "clipnorm": 1.0, "name": "mine", **arguments}
    ours, theirs = (getattr(tf.keras.optimizers, name)(**options) for tf in (minitf, oracle))
    for tf, optimizer in ((minitf, ours), (oracle, theirs)):
        optimizer.build([tf.keras.Variable(tf.ones(shape), name=f"weight{len(shape)}") for shape in SHAPES])
    assert ours.get_config() == theirs.get_config()
    assert minitf.keras.optimizers.serialize(ours) == oracle.keras.optimizers.serialize(theirs)
    again = minitf.keras.optimizers.deserialize(oracle.keras.optimizers.serialize(theirs))
    assert (type(again), again.get_config()) == (type(ours), ours.get_config())
    assert (
        oracle.keras.optimizers.deserialize(minitf.keras.optimizers.serialize(ours)).get_config() == ours.get_config()
    )
    described = [
        [(each.path, tuple(each.shape), minitf.as_dtype(each.dtype).name) for each in optimizer.variables]
        for optimizer in (ours, theirs)
    ]
    if name == "Nadam":  # that of Keras has a variable with a name that counts all variables
        described = [each[:-1] for each in described]
    assert described[0] == described[1]


@pytest.mark.parametrize("name", sorted({name for name, _ in OPTIMIZERS}))
def test_takes_the_arguments_of_keras_in_the_same_order(name: str, oracle: Any) -> None:
    ours, theirs = (inspect.signature(getattr(tf.keras.optimizers, name)).parameters for tf in (minitf, oracle))
    assert [(each.name, each.default) for each in ours.values()] == [
        (each.name, each.default) for each in theirs.values()
    ]


@pytest.mark.parametrize("name", sorted({name for name, _ in SCHEDULES}))
def test_a_schedule_takes_the_arguments_of_keras_in_the_same_order(name: str, oracle: Any) -> None:
    ours, theirs = (inspect.signature(getattr(tf.keras.optimizers.schedules, name)) for tf in (minitf, oracle))
    assert [(each.name, each.default) for each in ours.parameters.values()] == [
        (each.name, each.default) for each in theirs.parameters.values()
    ]


# --- what users do with one, on both sides ----------------------------------------------------------------------------

LINES = """
def sgd(*args, **options):
    return tf.keras.optimizers.SGD(*args, name="sgd", **options)

def decay():
    return tf.keras.optimizers.schedules.ExponentialDecay(0.5, 10, 0.5)

def rows(dense_shape=None):
    return tf.IndexedSlices(tf.constant([[1.0, 2.0]]), tf.constant([1]), dense_shape)

class Signs(tf.keras.optimizers.Optimizer):
    def build(self, variables):
        super().build(variables)
        self.sums = self.add_optimizer_variables(variables, "sum")
        self.counts, self.ones = self.add_optimizer_variables(variables, ["count", "one"], ["zeros", "ones"])

    def update_step(self, gradient, variable, learning_rate):
        total = self.sums[self._get_variable_index(variable)]
        self.assign(total, total + gradient)
        self.assign_sub(variable, learning_rate * tf.sign(total))
        self.assign_add(self.counts[0], [1.0, 1.0])

class Growing(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return tf.cast(step + 1, tf.float32)

v = tf.Variable([1.0, -2.0])
w = tf.keras.Variable([[1.0, 2.0], [3.0, 4.0]], name="kernel")
b = tf.keras.Variable([1.0], name="bias")
g = tf.constant([0.5, 0.25])
"""


def outcome(tf: Any, line: str) -> Any:
    """Return the value of the last part of a line, or the error that it raises."""
    space: dict[str, Any] = {"tf": tf, "np": np}
    exec(LINES, space)
    *before, last = line.split("; ")
    try:
        for statement in before:
            exec(statement, space)
        result = eval(last, space)
    except (ImportError, *errors_of(tf)) as error:
        return error
    return result.numpy() if hasattr(result, "numpy") else result


WORKS = [
    "o = sgd(0.5); o.apply_gradients([(g, v)]); o.apply_gradients([(g, v)]); v.numpy()",
    "o = sgd(); o.apply_gradients([(g, v)])",
    "o = sgd(0.5); o.build([v]); o.apply([g]); v.numpy()",
    "o = sgd(0.5); o.apply([g], [v]); o.iterations.numpy()",
    "sgd().apply([])",
    "o = sgd(0.5); o.apply([np.array([1.0, 2.0])], [v]); v.numpy()",
    "o = sgd(0.5); o.apply([tf.constant([1, 2])], [v]); v.numpy()",
    "o = sgd(0.5); o.apply([rows()], [w]); w.numpy()",
    "o = tf.keras.optimizers.Adam(0.5); o.apply([rows([2, 2])], [w]); w.numpy()",
    "u = tf.Variable([1.0], dtype='float64'); o = tf.keras.optimizers.Adam(0.5); "
    "o.apply([g, g[:1]], [v, u]); v.numpy(), u.numpy()",
    "o = sgd(0.5); o.learning_rate = 0.25; o.apply([g], [v]); v.numpy()",
    "o = sgd(0.5); o.learning_rate.assign(0.25); o.apply([g], [v]); v.numpy()",
    "o = sgd(0.5); o.learning_rate = decay(); o.apply([g], [v]); [each.path for each in o.variables], v.numpy()",
    "o = sgd(decay()); o.learning_rate",
    "o = sgd(decay()); o.learning_rate = Growing(); o.apply([g], [v]); o.learning_rate",
    "o = sgd(lambda: 0.125); o.apply([g], [v]); v.numpy(), o.learning_rate, [each.path for each in o.variables]",
    "o = sgd(np.float64(0.5)); o.learning_rate",
    "o = Signs(0.5, name='own'); o.apply([g], [v]); v.numpy(), [each.path for each in o.variables]",
    "o = Signs(0.5, gradient_accumulation_steps=2); o.apply([g], [v]); o.apply([-g * 2], [v]); v.numpy()",
    "o = sgd(0.5, weight_decay=0.5); o.exclude_from_weight_decay(var_names=['bias']); "
    "o.apply([w * 0, b * 0], [w, b]); w.numpy(), b.numpy()",
    "o = sgd(0.5, weight_decay=0.5); o.exclude_from_weight_decay([w]); "
    "o.apply([w * 0, b * 0], [w, b]); w.numpy(), b.numpy()",
    "u = tf.Variable([1.0, -1.0], constraint=tf.nn.relu); sgd(0.5).apply([g], [u]); u.numpy()",
    "o = sgd(0.5, use_ema=True); o.apply([g], [v]); o.apply([g], [v]); o.finalize_variable_values([v]); v.numpy()",
    "sgd(loss_scale_factor=4.0).scale_loss(tf.constant(0.5))",
    "s = {}; o = sgd(0.5, momentum=0.5); o.apply([g], [v]); o.save_own_variables(s); s",
    "s = {}; o = sgd(0.5, momentum=0.5); o.apply([g], [v]); o.save_own_variables(s); p = sgd(0.1, momentum=0.5); "
    "p.build([v]); p.load_own_variables(s); [each.numpy() for each in p.variables]",
    "o = sgd(0.5); o.build([v]); o.set_weights([np.array(3), np.array(0.25)]); [each.numpy() for each in o.variables]",
    "[type(tf.keras.optimizers.get(name)).__name__ for name in ('adam', 'SGD', 'RMSprop', 'rmsprop', 'AdamW', 'ADAM')]",
    "tf.keras.optimizers.get(None)",
    "o = sgd(); tf.keras.optimizers.get(o) is o",
    "tf.keras.optimizers.get({'class_name': 'sgd', 'config': {'learning_rate': 0.5, 'name': 'x'}}).get_config()",
    "tf.keras.optimizers.serialize(sgd(decay()))",
    "tf.keras.optimizers.deserialize(tf.keras.optimizers.serialize(sgd(decay()))).get_config()",
    "tf.keras.optimizers.schedules.deserialize(tf.keras.optimizers.schedules.serialize(decay())).get_config()",
    "tf.keras.optimizers.SGD.from_config({**sgd(0.5).get_config()}).get_config()",
    "tf.keras.optimizers.schedules.PolynomialDecay(0.5, 10)(5)",
    "o = sgd(Growing()); o.apply([g], [v]); o.apply([g], [v]); v.numpy()",
    "[type(tf.optimizers.SGD(0.1)).__name__, tf.keras.Optimizer is tf.keras.optimizers.Optimizer]",
]

REFUSED = [
    ("tf.keras.optimizers.SGD(lr=0.1)", "Argument(s) not recognized: {'lr': 0.1}"),
    ("sgd(1)", "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable"),
    ("sgd('fast')", "Received instead: learning_rate=fast"),
    ("sgd(momentum=1)", "`momentum` must be a float between [0, 1]."),
    ("sgd(momentum=1.5)", "`momentum` must be a float between [0, 1]."),
    ("sgd(clipnorm=1.0, clipvalue=1.0)", "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set."),
    ("sgd(gradient_accumulation_steps=1)", "`gradient_accumulation_steps` must be an integer >= 2."),
    ("sgd(use_ema=True, ema_momentum=2)", "`ema_momentum` must be in the range [0, 1]."),
    ("sgd(use_ema=True, ema_overwrite_frequency=1.5)", "`ema_overwrite_frequency` must be an integer >= 1 or None"),
    ("tf.keras.optimizers.AdamW(weight_decay=None)", "Argument `weight_decay` must be a float."),
    ("tf.keras.optimizers.Lion(beta_1=0.0)", "Argument `beta_1` must be in the [0, 1] range."),
    ("tf.keras.optimizers.Ftrl(initial_accumulator_value=-1.0)", "`initial_accumulator_value` needs to be positive"),
    ("tf.keras.optimizers.Ftrl(learning_rate_power=1.0)", "`learning_rate_power` needs to be negative or zero"),
    ("sgd(0.1, momentum=0.5, momentums=1)", "Argument(s) not recognized: {'momentums': 1}"),
    ("sgd().apply_gradients([])", ""),
    ("sgd().apply_gradients([(None, v)])", "No gradients provided for any variable."),
    ("sgd().apply([g])", "the optimizer must already be built on a list of variables."),
    ("o = sgd(); o.build([v]); o.apply([g, g])", "Received a list of 2 gradients, but the optimizer is tracking 1"),
    ("o = sgd(); o.build([v]); o.apply([g], [b])", "Unknown variable: <Variable path=bias"),
    ("sgd().apply([v], [g])", ""),
    ("sgd().apply([b], [v])", "Cannot update variable with shape [2] using a Tensor with shape [1]"),
    ("o = sgd(decay()); setattr(o, 'learning_rate', 0.1)", "hence its learning rate is not settable"),
    ("tf.keras.optimizers.Optimizer(0.1).apply([g], [v])", ""),
    ("tf.keras.optimizers.get('nothing')", "Could not interpret optimizer identifier: nothing"),
    ("tf.keras.optimizers.get(3)", "Could not interpret optimizer identifier: 3"),
    ("tf.keras.optimizers.get(tf.keras.optimizers.SGD)", "Could not interpret optimizer identifier: <class"),
    ("sgd().set_weights([1])", "You are calling `set_weights()` on an optimizer that has not yet been built."),
    ("o = sgd(); o.build([v]); o.set_weights([np.ones(2)])", "not compatible with provided weight shape (2,)"),
    ("tf.keras.optimizers.legacy.SGD(0.1)", "`keras.optimizers.legacy` is not supported in Keras 3"),
    ("o = sgd(); o.add_optimizer_variables([v], ['a', 'b'], ['ones'])", "The number of provided names must match"),
    ("tf.keras.optimizers.schedules.ExponentialDecay(0.1, 0, 0.5)", "Argument `decay_steps` must be > 0."),
    ("tf.keras.optimizers.schedules.CosineDecayRestarts(0.1, -1)", "Argument `first_decay_steps` must be > 0."),
    (
        "tf.keras.optimizers.schedules.PiecewiseConstantDecay([1, 2], [1.0, 2.0])",
        "The length of boundaries should be 1 less than the length of values.",
    ),
    ("tf.keras.optimizers.schedules.LearningRateSchedule()(1)", "must override `__call__(self, step)`"),
    ("Growing().get_config()", "Learning rate schedule 'Growing' must override `get_config()`"),
    ("tf.keras.optimizers.schedules.ExponentialDecay(0.1)", "missing"),
]


@pytest.mark.parametrize("line", WORKS)
def test_gives_what_keras_gives(line: str, oracle: ModuleType) -> None:
    assert_alike(outcome(minitf, line), outcome(oracle, line))


@pytest.mark.parametrize(("line", "words"), REFUSED)
def test_refuses_what_keras_refuses_in_words_that_users_look_for(line: str, words: str, oracle: ModuleType) -> None:
    ours, theirs = outcome(minitf, line), outcome(oracle, line)
    assert isinstance(theirs, Exception), f"Keras gives {theirs!r}"
    assert type(ours).__name__ == type(theirs).__name__, f"Keras raises {theirs!r}, we {ours!r}"
    assert words in str(theirs)
    assert words in str(ours)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("tf.keras.optimizers.SGD(decay=0.1)", "Argument `decay` is no longer supported and will be ignored"),
        (
            "sgd().apply_gradients([(None, w), (g, v)])",
            "Gradients do not exist for variables ['kernel'] when minimizing",
        ),
        ("sgd().apply_gradients([(None, v), (w, w)])", "Gradients do not exist for variables ['Variable:0'] when"),
        (
            "sgd().load_own_variables({'0': 1})",
            "because it has 2 variables whereas the saved optimizer has 1 variables",
        ),
    ],
)
def test_warns_as_keras_does(line: str, words: str, oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        with pytest.warns(UserWarning) as warned:
            assert not isinstance(outcome(tf, line), Exception)
        assert [words in str(each.message) for each in warned] == [True]
    assert warned[0].filename
