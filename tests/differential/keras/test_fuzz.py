"""Small models drawn at random train as they do in Keras: three epochs, then evaluate and predict.

A model is a line of Python, which prints the failing one as it would be typed: layers, put together in one of three
ways, a loss that fits them, metrics, an optimizer, weights, and data for validation.
"""

from __future__ import annotations

from types import ModuleType

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import minitf
from tests.differential.keras.lines import assert_same, outcome

MORE = '''
class Stack(keras.Model):
    """Layers one after the other, in a list."""
    def __init__(self, layers):
        super().__init__()
        self.stack = layers

    def call(self, x):
        for layer in self.stack:
            x = layer(x)
        return x

def sequential(data, layers):
    return keras.Sequential([keras.Input(data.shape[1:], dtype=data.dtype.name), *layers])

def deferred(data, layers):
    return keras.Sequential(layers)

def functional(data, layers):
    x = y = keras.Input(data.shape[1:], dtype=data.dtype.name)
    for layer in layers:
        y = layer(y)
    return keras.Model(x, y)

def subclassed(data, layers):
    return Stack(layers)

def twice(first, second, join):
    """Return what puts two branches, and what came in before them, together."""
    return lambda x: join([first(x), second(x)])

def residual(layer, join):
    return lambda x: join([x, layer(x)])

def trained(model, x, y, loss, optimizer, how, **options):
    model.compile(optimizer, loss, **how)
    told = fit(x, y, model=model, epochs=3, validation_data=(x[:9], y[:9]), **options)
    return told, model.evaluate(x, y, verbose=0), model.predict(x, verbose=0), model.count_params()
'''
Line = st.SearchStrategy[str]


def calls(form: str, *arguments: st.SearchStrategy[object]) -> Line:
    return st.tuples(*arguments).map(lambda drawn: form.format(*drawn))


SIZES, FLAGS = st.integers(2, 5), st.booleans()
ACTIVATIONS = st.sampled_from(["None", "'relu'", "'tanh'", "'sigmoid'", "'elu'", "'gelu'", "'softmax'", "'leaky_relu'"])
INITIALIZERS = st.sampled_from(["'he_normal'", "'lecun_uniform'", "'random_normal'", "'orthogonal'"])
REGULARIZERS = st.sampled_from(["None", "None", "'l1'", "'l2'", "keras.regularizers.L1L2(0.01, 0.02)"])
CONSTRAINTS = st.sampled_from(["None", "None", "'max_norm'", "'non_neg'", "'unit_norm'"])
DENSE = st.one_of(
    calls("L.Dense({}, {}, kernel_initializer={})", SIZES, ACTIVATIONS, INITIALIZERS),
    calls("L.Dense({}, {}, {}, kernel_regularizer={})", SIZES, ACTIVATIONS, FLAGS, REGULARIZERS),
    calls("L.Dense({}, {}, kernel_constraint={}, bias_constraint={})", SIZES, ACTIVATIONS, CONSTRAINTS, CONSTRAINTS),
    calls("L.Dense({}, {}, activity_regularizer={}, bias_regularizer={})", SIZES, ACTIVATIONS, *[REGULARIZERS] * 2),
)
LAYERS = st.one_of(
    DENSE,
    DENSE,
    calls("L.Dropout({}, seed={})", st.sampled_from([0.2, 0.5]), st.integers(0, 9)),
    calls("L.GaussianNoise(0.3, seed={})", st.integers(0, 9)),
    calls("L.BatchNormalization(momentum={}, center={}, scale={})", st.sampled_from([0.5, 0.9]), FLAGS, FLAGS),
    calls("L.LayerNormalization(center={}, scale={})", FLAGS, FLAGS),
    calls("L.Rescaling({}, {})", st.sampled_from([0.5, 2.0]), st.sampled_from([0.0, -1.0])),
    calls("L.Activation({})", ACTIVATIONS),
    st.sampled_from(["L.Reshape((-1, 1))", "L.Flatten()", "L.LeakyReLU()", "L.PReLU()", "L.Lambda(lambda x: x * 2)"]),
)
BRANCHES = st.one_of(
    calls("twice(L.Dense({0}, {1}), L.Dense({0}), L.{2}())", SIZES, ACTIVATIONS, st.sampled_from(["Add", "Multiply"])),
    calls("twice({}, L.Dense(2), L.Concatenate())", DENSE),
    calls("residual({}, L.Concatenate())", DENSE),
    st.sampled_from(["lambda x: 0.5 * x + 1.0", "lambda x: x - x / 2", "lambda x: x * x"]),
)
RATES = st.sampled_from([0.01, 0.1])
PLAIN = calls("keras.optimizers.SGD({}, momentum={}, nesterov={})", RATES, RATES, FLAGS)
OPTIMIZERS = st.one_of(  # with an epsilon above the noise of rounding
    PLAIN,
    calls("keras.optimizers.{}({}, epsilon=0.01)", st.sampled_from(["Adam", "RMSprop", "Adagrad"]), RATES),
    calls("keras.optimizers.AdamW({}, epsilon=0.01, clipnorm={})", RATES, st.sampled_from([0.1, 1.0])),
    calls("keras.optimizers.SGD(0.1, {}=0.1)", st.sampled_from(["clipvalue", "global_clipnorm", "weight_decay"])),
)
TASKS = [  # labels, the last layer, losses and metrics that fit
    ("Y", "L.Dense(1)", ["mse", "mae", "huber", "log_cosh"], ["mae", "RootMeanSquaredError"]),
    ("Z", "L.Dense(2)", ["mse", "cosine_similarity", "msle"], ["mse", "mape"]),
    ("B", "L.Dense(1, 'sigmoid')", ["binary_crossentropy", "mse", "poisson"], ["accuracy", "AUC", "Precision"]),
    ("H", "L.Dense(3, 'softmax')", ["categorical_crossentropy", "kl_divergence", "mse"], ["accuracy", "mae"]),
    ("C", "L.Dense(3, 'softmax')", ["sparse_categorical_crossentropy"], ["accuracy", "sparse_categorical_accuracy"]),
]
WEIGHTS = ["", "", ", sample_weight=W", ", class_weight={0: 0.5, 1: 2.0}"]


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Draw a model with its data and its training."""
    labels, last, losses, metrics = draw(st.sampled_from(TASKS))
    data = draw(st.sampled_from(["X", "X", "I"]))
    way = draw(st.sampled_from(["sequential", "deferred", "functional", "functional", "subclassed"]))
    kinds = st.one_of(LAYERS, BRANCHES) if way == "functional" else LAYERS
    layers = [*(["L.Embedding(6, 3)"] if data == "I" else []), *draw(st.lists(kinds, min_size=1, max_size=4))]
    made = f"{way}({data}, [{', '.join([*layers, 'L.Flatten()', last])}])"
    which = draw(st.sampled_from(["metrics", "weighted_metrics"]))
    how = {which: draw(st.lists(st.sampled_from(metrics), max_size=2, unique=True))}
    weights = draw(st.sampled_from(WEIGHTS if labels not in "YZ" else WEIGHTS[:-1]))
    optimizer = draw(OPTIMIZERS if data == "X" else PLAIN)  # others square rows that were looked up twice one by one
    rest = f"{optimizer}, {how}, batch_size={draw(st.sampled_from([5, 8, 20]))}{weights}"
    return f"trained({made}, {data}, {labels}, {draw(st.sampled_from(losses))!r}, {rest})"


@settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # to look for a smaller example would take minutes
)  # fmt: skip
@given(lines())
def test_a_random_model_trains_as_in_keras(oracle: ModuleType, line: str) -> None:
    ours, theirs = outcome(minitf, line, MORE), outcome(oracle, line, MORE)
    assert_same(ours[0], theirs[0])
    assert ours[1] == theirs[1]
