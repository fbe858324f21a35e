"""Losses give Keras's numbers and gradients, whatever the reduction, the weights, the dtypes and the shapes."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from tests.differential.agreement import assert_same_error, errors_of

REDUCTIONS = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None]
RTOL = {"float16": 4e-3, "float32": 1e-6, "float64": 1e-8}  # Keras has log(2) with seven digits in float64, too

draw = np.random.default_rng(5)
BATCH, STEPS = (4, 3), (2, 3, 4)  # the losses of these have the shapes (4,) and (2, 3)
NUMBERS = {shape: (draw.normal(size=shape), draw.normal(size=shape)) for shape in (BATCH, STEPS)}
RATES = {shape: (draw.poisson(2, shape), draw.uniform(0.1, 3, shape)) for shape in (BATCH, STEPS)}
SHARES = {shape: tuple(draw.dirichlet(np.ones(shape[-1]), (2, *shape[:-1]))) for shape in (BATCH, STEPS)}
BITS = {shape: (draw.integers(0, 2, shape), draw.uniform(0, 1, shape)) for shape in (BATCH, STEPS)}
LOGITS = {shape: (draw.integers(0, 2, shape), 3 * draw.normal(size=shape)) for shape in (BATCH, STEPS)}
CLASSES = {shape: (draw.integers(0, shape[-1], shape[:-1]), SHARES[shape][1]) for shape in (BATCH, STEPS)}
CLASS_LOGITS = {shape: (CLASSES[shape][0], 3 * draw.normal(size=shape)) for shape in (BATCH, STEPS)}
SIGNS = {shape: (2 * BITS[shape][0] - 1, NUMBERS[shape][1]) for shape in (BATCH, STEPS)}
WEIGHTS: dict[Any, list[Any]] = {
    BATCH: [None, 0.5, draw.uniform(size=4), draw.uniform(size=(4, 1)), np.zeros(4), [1, 0, 2, 1]],
    STEPS: [None, 2, draw.uniform(size=(2, 1)), draw.uniform(size=(2, 3)), draw.uniform(size=(2, 3, 1))],
}

CASES: list[tuple[str, str, dict[str, Any], Any]] = [
    ("MeanSquaredError", "mean_squared_error", {}, NUMBERS),
    ("MeanAbsoluteError", "mean_absolute_error", {}, NUMBERS),
    ("MeanAbsolutePercentageError", "mean_absolute_percentage_error", {}, NUMBERS),
    ("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", {}, NUMBERS),
    ("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", {}, RATES),
    ("Huber", "huber", {}, NUMBERS),
    ("Huber", "huber", {"delta": 0.3}, NUMBERS),
    ("LogCosh", "log_cosh", {}, NUMBERS),
    ("CosineSimilarity", "cosine_similarity", {}, NUMBERS),
    ("CosineSimilarity", "cosine_similarity", {"axis": 0}, NUMBERS),
    ("Poisson", "poisson", {}, RATES),
    ("KLDivergence", "kl_divergence", {}, SHARES),
    ("KLDivergence", "kl_divergence", {}, NUMBERS),
    ("Hinge", "hinge", {}, SIGNS),
    ("Hinge", "hinge", {}, LOGITS),
    ("Hinge", "hinge", {}, NUMBERS),
    ("SquaredHinge", "squared_hinge", {}, SIGNS),
    ("SquaredHinge", "squared_hinge", {}, LOGITS),
    ("CategoricalHinge", "categorical_hinge", {}, LOGITS),
    ("BinaryCrossentropy", "binary_crossentropy", {}, BITS),
    ("BinaryCrossentropy", "binary_crossentropy", {}, NUMBERS),
    ("BinaryCrossentropy", "binary_crossentropy", {"from_logits": True}, LOGITS),
    ("BinaryCrossentropy", "binary_crossentropy", {"label_smoothing": 0.2, "axis": 0}, BITS),
    ("BinaryFocalCrossentropy", "binary_focal_crossentropy", {}, BITS),
    ("BinaryFocalCrossentropy", "binary_focal_crossentropy", {"from_logits": True, "gamma": 3.0}, LOGITS),
    ("BinaryFocalCrossentropy", "binary_focal_crossentropy", {"apply_class_balancing": True, "alpha": 0.4}, BITS),
    ("CategoricalCrossentropy", "categorical_crossentropy", {}, SHARES),
    ("CategoricalCrossentropy", "categorical_crossentropy", {}, BITS),
    ("CategoricalCrossentropy", "categorical_crossentropy", {"from_logits": True}, LOGITS),
    ("CategoricalCrossentropy", "categorical_crossentropy", {"label_smoothing": 0.1}, SHARES),
    ("CategoricalCrossentropy", "categorical_crossentropy", {"axis": 0}, BITS),
    ("CategoricalCrossentropy", "categorical_crossentropy", {"axis": 0, "from_logits": True}, LOGITS),
    ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", {}, CLASSES),
    ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", {"from_logits": True}, CLASS_LOGITS),
    ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", {"ignore_class": 1}, CLASSES),
    (
        "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", {"ignore_class": 0, "from_logits": True},
        CLASS_LOGITS,
    ),
]  # fmt: skip
FUNCTIONS = sorted({function for _, function, _, _ in CASES})


# tf.keras has them by these names, keras by their own.
SHORT = {
    "kl_divergence": "kld", "log_cosh": "logcosh", "mean_absolute_error": "mae", "mean_squared_error": "mse",
    "mean_absolute_percentage_error": "mape", "mean_squared_logarithmic_error": "msle",
}  # fmt: skip


def called(tf: Any, function: str) -> Any:
    return getattr(tf.keras.losses, function if tf is minitf else SHORT.get(function, function))


def values_and_gradient(tf: Any, loss: Any, y_true: Any, y_pred: Any, *args: Any, inside: bool = False) -> list[Any]:
    """Return what a loss gives, and its gradient by the predictions; `inside` a tf.function, of any batch size."""

    def both(p: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(p)
            value = loss(y_true, p, *args)
        return value, tape.gradient(value, p)

    x = tf.constant(y_pred)
    if inside:
        both = tf.function(both, input_signature=[tf.TensorSpec([None, *x.shape[1:]], x.dtype)])
    return [each for each in both(x) if each is not None]


def assert_equal_numbers(ours: list[Any], theirs: list[Any]) -> None:
    rtol = max(RTOL[its.dtype.name] for its in theirs)  # a gradient may be of a wider dtype than the loss
    for mine, its in zip(ours, theirs, strict=True):
        assert (mine.dtype.name, mine.shape.as_list()) == (its.dtype.name, its.shape.as_list())
        size = float(np.abs(its.numpy()).max(initial=0.1))
        np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol, rtol * size, equal_nan=True)


def outcome(tf: Any, run: Any) -> Any:
    """Return a result, or the error."""
    try:
        return run(tf)
    except errors_of(tf) as error:
        return error


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("name", "function", "settings", "data"), CASES)
def test_a_loss_and_its_gradient_are_keras_s_for_all_weights_and_dtypes(
    name: str, function: str, settings: Any, data: Any, reduction: Any, oracle: ModuleType
) -> None:
    for shape, (y_true, y_pred) in data.items():
        for weights in WEIGHTS[shape]:
            if settings.get("axis") == 0 and weights is not None and not np.isscalar(weights):
                continue  # they have other shapes
            for dtype in ("float32", "float64"):
                results = [
                    values_and_gradient(
                        tf, getattr(tf.keras.losses, name)(**settings, reduction=reduction), y_true,
                        y_pred.astype(dtype), weights,
                    )
                    for tf in (minitf, oracle)
                ]  # fmt: skip
                assert_equal_numbers(*results)


@pytest.mark.parametrize(("name", "function", "settings", "data"), CASES)
def test_a_loss_function_gives_keras_s_number_for_each_sample(
    name: str, function: str, settings: Any, data: Any, oracle: ModuleType
) -> None:
    for y_true, y_pred in data.values():
        for dtype in RTOL:
            if dtype == "float16" and (name, settings.get("from_logits")) != ("MeanSquaredError", None):
                continue
            results = [
                values_and_gradient(
                    tf, lambda y, p, tf=tf: called(tf, function)(y, p, **settings), y_true,
                    y_pred.astype(dtype),
                )
                for tf in (minitf, oracle)
            ]  # fmt: skip
            assert_equal_numbers(*results)


@pytest.mark.parametrize(("name", "function", "settings", "data"), CASES)
def test_a_loss_in_a_function_of_any_batch_size_is_keras_s(
    name: str, function: str, settings: Any, data: Any, oracle: ModuleType
) -> None:
    y_true, y_pred = data[BATCH]
    for weights in (None, WEIGHTS[BATCH][2]):
        if settings.get("axis") == 0 and weights is not None:
            continue
        results = [
            values_and_gradient(
                tf, getattr(tf.keras.losses, name)(**settings), y_true, y_pred.astype("float32"), weights, inside=True
            )
            for tf in (minitf, oracle)
        ]
        assert_equal_numbers(*results)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_loss_computes_in_the_dtype_it_is_given(dtype: str, oracle: ModuleType) -> None:
    for name in ("MeanSquaredError", "BinaryCrossentropy", "CategoricalCrossentropy"):
        results = [
            values_and_gradient(tf, getattr(tf.keras.losses, name)(dtype=dtype), *SHARES[BATCH])
            for tf in (minitf, oracle)
        ]
        assert_equal_numbers(*results)
        ours, theirs = (getattr(tf.keras.losses, name)(dtype=dtype).dtype for tf in (minitf, oracle))
        assert ours == theirs


@pytest.mark.parametrize(
    "labels",
    [
        np.array([[True], [False]]),
        *(np.array([[1], [0]], kind) for kind in ("int8", "uint8", "int32", "int64", "float16", "float64")),
        np.array([1, 0]),
        np.array([[[1], [0]], [[0], [1]]]),
    ],
)
def test_labels_may_have_any_dtype_and_lack_the_last_axis_or_have_one_too_many(labels: Any, oracle: ModuleType) -> None:
    predictions = np.full((2, 2) if labels.ndim == 3 else (2, 1), 0.25, "float32")
    for name in ("MeanSquaredError", "BinaryCrossentropy", "Hinge", "SparseCategoricalCrossentropy"):
        if name.startswith("Sparse"):
            wide = np.stack([predictions, 1 - predictions], -1) if labels.ndim == 3 else predictions * [1.0, 3.0]
        else:
            wide = predictions
        ours, theirs = (
            outcome(tf, lambda tf: values_and_gradient(tf, getattr(tf.keras.losses, name)(), labels, wide))  # noqa: B023
            for tf in (minitf, oracle)
        )
        if isinstance(theirs, Exception):
            assert_same_error(ours, theirs)
        else:
            assert_equal_numbers(ours, theirs)


def test_predictions_of_shape_batch_go_with_labels_of_shape_batch_by_1(oracle: ModuleType) -> None:
    y_true, y_pred = np.array([[1.0], [0.0], [1.0]]), np.array([0.2, 0.4, 0.9], "float32")
    for name in ("MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy", "Huber", "Hinge"):
        for weights in (None, [1.0, 2.0, 3.0]):
            ours, theirs = (
                values_and_gradient(tf, getattr(tf.keras.losses, name)(), y_true, y_pred, weights)
                for tf in (minitf, oracle)
            )
            assert_equal_numbers(ours, theirs)


# --- logits behind an activation --------------------------------------------------------------------------------------

EXTREME = np.array([[100.0, -200.0, 3.0], [0.5, 0.25, -0.5]], "float32")
BEHIND = [
    ("categorical_crossentropy", "softmax", [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
    ("sparse_categorical_crossentropy", "softmax", [1, 0]),
    ("binary_crossentropy", "sigmoid", [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
    ("binary_crossentropy", "softmax", [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("space", ["keras.activations", "nn", "identity"])
@pytest.mark.parametrize(("function", "activation", "labels"), BEHIND)
def test_the_logits_behind_an_activation_are_taken_where_keras_takes_them(
    function: str, activation: str, labels: Any, space: str, inside: bool, oracle: ModuleType
) -> None:
    def loss(tf: Any) -> Any:
        activate = getattr(tf.nn if space != "keras.activations" else tf.keras.activations, activation)
        last = tf.identity if space == "identity" else lambda p: p
        y_true = tf.constant(labels)
        return lambda _, x: getattr(tf.keras.losses, function)(y_true, last(activate(x)))

    results = [values_and_gradient(tf, loss(tf), None, EXTREME, inside=inside) for tf in (minitf, oracle)]
    assert_equal_numbers(*results)


def test_the_logits_behind_a_softmax_may_be_a_variable(oracle: ModuleType) -> None:
    def step(tf: Any) -> Any:
        logits = tf.Variable(EXTREME)

        @tf.function
        def gradient() -> Any:
            with tf.GradientTape() as tape:
                loss = tf.keras.losses.sparse_categorical_crossentropy(tf.constant([1, 0]), tf.nn.softmax(logits))
            return loss, tape.gradient(loss, logits)

        return list(gradient())

    assert_equal_numbers(step(minitf), step(oracle))


def test_probabilities_that_are_said_to_be_logits_are_noticed(oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        p = tf.keras.activations.softmax(tf.constant(EXTREME))
        with pytest.warns(UserWarning, match="thus does not represent logits. Was this intended"):
            tf.keras.losses.categorical_crossentropy([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], p, from_logits=True)


def test_a_softmax_over_one_class_is_noticed(oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        with pytest.warns(SyntaxWarning, match="Consider using 'binary_crossentropy' if you only have 2 classes"):
            tf.keras.losses.categorical_crossentropy(np.ones((2, 1)), np.ones((2, 1)))


# --- classes of the user ----------------------------------------------------------------------------------------------


def test_a_loss_of_the_user_may_take_structures(oracle: ModuleType) -> None:
    def result(tf: Any) -> list[Any]:
        class Both(tf.keras.losses.Loss):  # type: ignore[name-defined,misc]
            def call(self, y_true: Any, y_pred: Any) -> Any:
                return tf.reduce_sum(tf.square(y_true["a"] - y_pred["a"]), -1) + tf.abs(y_true["b"] - y_pred["b"])

        y_true, y_pred = NUMBERS[BATCH]
        loss = Both(reduction="sum", name="both")
        assert loss.get_config() == {"name": "both", "reduction": "sum"}
        whole = {"a": y_pred, "b": y_pred[:, 0]}
        return [
            loss({"a": y_true, "b": y_true[:, 0]}, whole),
            Both()({"a": y_true, "b": y_true[:, 0]}, whole, [1, 2, 0, 1]),
        ]

    assert_equal_numbers(result(minitf), result(oracle))


def test_a_function_of_the_user_is_wrapped(oracle: ModuleType) -> None:
    def distance(y_true: Any, y_pred: Any, power: float = 2.0) -> Any:
        return abs(y_true - y_pred) ** power

    def wrapped(tf: Any, **kwargs: Any) -> Any:
        kind = tf.keras.losses.MeanSquaredError.__mro__[1 if tf is oracle else 3]
        return kind(distance, **kwargs)

    results = [values_and_gradient(tf, wrapped(tf, power=3.0), *NUMBERS[BATCH]) for tf in (minitf, oracle)]
    assert_equal_numbers(*results)
    ours, theirs = (wrapped(tf, name="far", power=3.0).get_config() for tf in (minitf, oracle))
    assert ours == theirs


# --- names and configs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "function", "settings", "data"), CASES)
def test_configs_are_keras_s_and_are_read_by_both(
    name: str, function: str, settings: Any, data: Any, oracle: ModuleType
) -> None:
    mine, its = (getattr(tf.keras.losses, name)(**settings, reduction="sum") for tf in (minitf, oracle))
    ours, theirs = minitf.keras.losses.serialize(mine), oracle.keras.losses.serialize(its)
    if settings and name in ("Huber", "CosineSimilarity"):  # Keras forgets these settings, but takes them
        assert ours["config"] == theirs["config"] | settings
    else:
        assert ours == theirs
    for config in (ours, theirs):
        assert minitf.keras.losses.deserialize(config).get_config().items() >= config["config"].items()
    assert type(oracle.keras.losses.deserialize(ours)).__name__ == name
    again = oracle.keras.losses.deserialize(ours)
    assert_equal_numbers([mine(*data[BATCH])], [again(*data[BATCH])])


def test_every_name_by_which_keras_finds_a_loss_finds_the_same(oracle: ModuleType) -> None:
    classes = {name for name, _, _, _ in CASES}
    names = "bce BCE kld KLD mae MAE mse MSE mape MAPE msle MSLE".split()
    for name in [*classes, *FUNCTIONS, *names, "Loss"]:
        mine, its = (tf.keras.losses.get(name) for tf in (minitf, oracle))
        assert getattr(mine, "__name__", type(mine).__name__) == getattr(its, "__name__", type(its).__name__)
    for name in ["kullback_leibler_divergence", "logcosh", "kld", "MSE", "mape"]:
        assert getattr(minitf.keras.losses, name).__name__ == getattr(oracle.keras.losses, name).__name__
    for name in FUNCTIONS:
        mine, its = (called(tf, name) for tf in (minitf, oracle))
        assert minitf.keras.losses.serialize(mine) == oracle.keras.losses.serialize(its)


def test_the_reductions_of_old_have_their_names(oracle: ModuleType) -> None:
    for name in ("AUTO", "NONE", "SUM", "SUM_OVER_BATCH_SIZE"):
        assert getattr(minitf.keras.losses.Reduction, name) == getattr(oracle.keras.losses.Reduction, name)


def test_a_loss_without_a_name_gets_one_with_a_number(oracle: ModuleType) -> None:
    def names(tf: Any) -> list[str]:
        class GreenLoss(tf.keras.losses.Loss):  # type: ignore[name-defined,misc]
            pass

        return [GreenLoss().name, GreenLoss().name, GreenLoss("own").name, tf.keras.losses.Huber().name]

    assert names(minitf) == names(oracle)


# --- mistakes ---------------------------------------------------------------------------------------------------------


def ones(*shape: int) -> Any:
    return np.ones(shape, "float32")


BOTH = "Arguments `target` and `output` must have the same"
MISTAKES: list[tuple[str, dict[str, Any], tuple[Any, ...], str]] = [
    ("MeanSquaredError", {}, (ones(2, 3), ones(2, 2)), "Incompatible shapes: "),
    ("MeanSquaredError", {}, (ones(2, 3), ones(2, 3), ones(3)), "Incompatible shapes: [2] vs. [3]"),
    ("KLDivergence", {}, (ones(2, 3), ones(2, 2)), "Incompatible shapes: "),
    ("BinaryCrossentropy", {}, (ones(2, 3), ones(2, 2)), f"{BOTH} shape"),
    ("BinaryCrossentropy", {}, (ones(2, 3), ones(2)), f"{BOTH} rank"),
    ("CategoricalCrossentropy", {}, (ones(2), ones(2, 3)), f"{BOTH} rank"),
    (
        "CategoricalCrossentropy",
        {},
        (ones(2, 1), ones(2, 3)),
        f"{BOTH} shape",
    ),
    ("CategoricalCrossentropy", {"axis": True}, (ones(2, 3), ones(2, 3)), "`axis` must be of type `int`"),
    ("CategoricalCrossentropy", {}, (1.0, 1.0), "index out of range"),
    ("SparseCategoricalCrossentropy", {}, (ones(2, 3), ones(2, 3)), "Argument `output` must have rank (ndim)"),
    (
        "SparseCategoricalCrossentropy",
        {},
        (ones(3), ones(2, 3)),
        f"{BOTH} shape up until the last",
    ),
    ("SparseCategoricalCrossentropy", {}, (np.array([1, 7]), ones(2, 3)), "Received a label value of 7"),
    ("SparseCategoricalCrossentropy", {}, (np.array([1, 7]), ones()), "Argument `output` must be at least rank 1"),
    (
        "SparseCategoricalCrossentropy",
        {"axis": 1},
        (np.array([[1]]), ones(1, 2, 2)),
        "Only axis=-1 is",
    ),
    ("MeanSquaredError", {"reduction": "avg"}, (1.0, 1.0), "Invalid value for argument `reduction`"),
    ("MeanSquaredError", {}, (None, ones(2, 3)), "Attempt to convert a value (None)"),
    ("MeanSquaredError", {}, (ones(), ones()), "Invalid reduction dimension"),
    ("Loss", {}, (1.0, 1.0), ""),
]


@pytest.mark.parametrize(("name", "settings", "args", "phrase"), MISTAKES)
def test_a_mistake_is_told_in_keras_s_words(
    name: str, settings: Any, args: Any, phrase: str, oracle: ModuleType
) -> None:
    ours, theirs = (
        outcome(tf, lambda tf: getattr(tf.keras.losses, name)(**settings)(*args)) for tf in (minitf, oracle)
    )
    assert_same_error(ours, theirs)
    assert phrase in str(theirs)
    assert phrase in str(ours)


@pytest.mark.parametrize("identifier", ["mean_squared_errror", 3, {"class_name": "Nothing", "config": {}}])
def test_what_is_no_loss_is_refused(identifier: Any, oracle: ModuleType) -> None:
    ours, theirs = (outcome(tf, lambda tf: tf.keras.losses.get(identifier)) for tf in (minitf, oracle))
    if not isinstance(identifier, dict):  # Keras's class for those is ValueError, that of deserialize is TypeError
        assert_same_error(ours, theirs)
    assert "Could not" in str(ours)


@pytest.mark.parametrize("shape", [(0, 3), (0, 2, 3), (0,)])
def test_a_batch_without_samples_has_keras_s_loss(shape: Any, oracle: ModuleType) -> None:
    for name in ("MeanSquaredError", "BinaryCrossentropy", "KLDivergence"):
        for reduction in ("sum", "mean", "none"):
            ours, theirs = (
                getattr(tf.keras.losses, name)(reduction=reduction)(ones(*shape), ones(*shape))
                for tf in (minitf, oracle)
            )
            assert_equal_numbers([ours], [theirs])


def test_a_batch_in_which_every_label_is_ignored_has_no_loss(oracle: ModuleType) -> None:
    for reduction in REDUCTIONS:
        for weights in (None, [1.0, 2.0]):
            ours, theirs = (
                tf.keras.losses.SparseCategoricalCrossentropy(ignore_class=1, reduction=reduction)(
                    np.array([[1], [1]]), np.full((2, 3), 1 / 3, "float32"), weights
                )
                for tf in (minitf, oracle)
            )
            assert_equal_numbers([ours], [theirs])


def test_lists_of_numbers_are_tensors_on_either_side(oracle: ModuleType) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y_true, y_pred = [[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]
        ours, theirs = (tf.keras.losses.MeanSquaredError()(y_true, y_pred) for tf in (minitf, oracle))
    assert_equal_numbers([ours], [theirs])
