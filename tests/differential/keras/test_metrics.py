"""keras.metrics: results over several updates and resets, variables, configs, names and errors are Keras's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf
from minitf.keras.metrics.choice import for_shapes
from minitf.keras.naming import snake_case
from tests.differential.agreement import assert_same_error, errors_of

Batch = tuple[Any, Any]
EVEN = [0.0, 0.25, 0.5, 0.75, 1.0]
PARTS = (8, 5, 8)  # the sizes of batches


# --- data -------------------------------------------------------------------------------------------------------------


def softmax(x: Any) -> Any:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def data(kind: str, n: int, random: np.random.Generator) -> Batch:
    """Make n labels and predictions; probabilities are often exactly at thresholds, 0 or 1."""
    kind, _, dtype = kind.partition(" ")
    numbers = random.normal(size=(2, n, 3, 2)).astype(np.float32)
    coarse = (random.integers(0, 9, (n, 3)) / 8).astype(np.float32)
    zero_one = random.integers(0, 2, (n, 3)).astype(np.float32)
    classes = random.integers(0, 4, n)
    rows = softmax(random.normal(size=(n, 4))).astype(np.float32)
    y_true, y_pred = {
        "values": (numbers[0, :, 0], None),
        "vector": tuple(numbers[:, :, 0, 0]),
        "column": tuple(numbers[:, :, :1, 0]),
        "vector_column": (numbers[0, :, 0, 0], numbers[1, :, :1, 0]),
        "column_vector": (numbers[0, :, :1, 0], numbers[1, :, 0, 0]),
        "rows": tuple(numbers[..., 0]),
        "boxes": tuple(numbers),
        "positive": tuple(np.abs(numbers[..., 0]) + 0.1),
        "binary": (zero_one[:, :1], coarse[:, :1]),
        "binary_vector": (zero_one[:, 0], coarse[:, 0]),
        "binary_vector_column": (zero_one[:, 0], coarse[:, :1]),
        "binary_rows": (zero_one, coarse),
        "logits": (zero_one, numbers[0, :, :, 0]),
        "one_hot": (np.eye(4, dtype=np.float32)[classes], rows),
        "one_hot_boxes": (np.eye(4, dtype=np.float32)[np.stack([classes, classes[::-1]], 1)], np.stack([rows] * 2, 1)),
        "sparse": (classes, rows),
        "sparse_column": (classes[:, None], rows),
        "sparse_boxes": (np.stack([classes, classes[::-1]], 1), np.stack([rows, rows[::-1]], 1)),
        "ranked": (classes, np.argsort(-rows, -1)),
        "equal": (classes, random.integers(0, 4, n)),
        "equal_rows": (classes.reshape(1, -1), random.integers(0, 4, (1, n))),
        "zeros": (np.zeros((n, 3), np.float32), np.zeros((n, 3), np.float32)),
    }[kind]
    return (y_true.astype(dtype), y_pred) if dtype else (y_true, y_pred)


CROSSENTROPIES: list[tuple[str, dict[str, Any], str]] = [
    ("BinaryCrossentropy", {}, "binary"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "logits"),
    ("CategoricalCrossentropy", {}, "one_hot"),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "one_hot"),
    ("SparseCategoricalCrossentropy", {}, "sparse"),
    ("SparseCategoricalCrossentropy", {}, "sparse_column"),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 2}, "sparse"),
    ("KLDivergence", {}, "one_hot"),
]
ACCURACIES: list[tuple[str, dict[str, Any], str]] = [
    *(("Accuracy", {}, kind) for kind in ("equal", "equal_rows")),
    *(("BinaryAccuracy", {}, kind) for kind in ("binary", "binary_vector", "binary_vector_column", "binary_rows")),
    *(("BinaryAccuracy", {}, f"binary {dtype}") for dtype in ("int64", "bool", "float64", "uint8")),
    ("BinaryAccuracy", {"threshold": 0.25}, "binary"),
    *(("CategoricalAccuracy", {}, kind) for kind in ("one_hot", "one_hot_boxes", "one_hot int32")),
    *(("SparseCategoricalAccuracy", {}, kind) for kind in ("sparse", "sparse_column", "sparse_boxes")),
    *(("SparseCategoricalAccuracy", {}, f"sparse {dtype}") for dtype in ("int32", "uint8", "float32", "float64")),
    *(("TopKCategoricalAccuracy", {"k": k}, kind) for k in (1, 2, 9) for kind in ("one_hot", "one_hot_boxes")),
    *(("SparseTopKCategoricalAccuracy", {"k": 2}, kind) for kind in ("sparse", "sparse_boxes", "sparse float32")),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "ranked"),
]
CONFUSION: list[tuple[str, dict[str, Any], str]] = [
    *(
        (name, {"thresholds": thresholds}, kind)
        for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "Precision", "Recall")
        for thresholds in (None, 0.3, [0.9, 0.2], EVEN)
        for kind in ("binary_vector", "binary_rows")
    ),
    *(
        (name, options, "one_hot")
        for name in ("Precision", "Recall")
        for options in ({"top_k": 2}, {"class_id": 1}, {"top_k": 2, "class_id": 1, "thresholds": [0.1, 0.3]})
    ),
    *(("Precision", {}, f"binary {dtype}") for dtype in ("int64", "bool")),
    ("Recall", {}, "binary_vector_column"),
    *(
        ("AUC", {"curve": curve, "summation_method": method, "num_thresholds": 9}, "binary_rows")
        for curve in ("ROC", "PR", "PRGAIN")
        for method in ("interpolation", "majoring", "minoring")
    ),
    *(("AUC", {"curve": curve, "multi_label": True, "num_thresholds": 9}, "binary_rows") for curve in ("ROC", "PR")),
    ("AUC", {}, "binary"),
    ("AUC", {"num_thresholds": 2}, "binary"),
    ("AUC", {"thresholds": [0.8, 0.1]}, "binary_vector"),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, "binary"),
    ("AUC", {"from_logits": True}, "logits"),
    ("AUC", {"label_weights": [1.0, 0.5, 2.0]}, "binary_rows"),
    ("AUC", {"label_weights": [1.0, 0.5, 2.0], "thresholds": [0.3]}, "binary_rows"),
    ("AUC", {"label_weights": [1.0, 0.5, 2.0], "multi_label": True, "num_labels": 3}, "binary_rows"),
    ("AUC", {"thresholds": [0.3, 0.4], "multi_label": True}, "binary_rows"),
    *(("F1Score", {"average": average}, "one_hot") for average in (None, "micro", "macro", "weighted")),
    *(("FBetaScore", {"beta": 2.0, "threshold": 0.5, "average": how}, "binary_rows") for how in (None, "micro")),
    ("F1Score", {}, "zeros"),
    *(("MeanIoU", {"num_classes": 4, **options}, "equal") for options in ({}, {"dtype": "float32"})),
    ("MeanIoU", {"num_classes": 3}, "equal"),  # which does not count the fourth class
    ("MeanIoU", {"num_classes": 4, "ignore_class": 1}, "equal_rows"),
    ("MeanIoU", {"num_classes": 4, "sparse_y_pred": False}, "sparse"),
    ("IoU", {"num_classes": 4, "target_class_ids": [1, 3], "sparse_y_true": False, "sparse_y_pred": False}, "one_hot"),
]
CASES: list[tuple[str, dict[str, Any], str]] = [
    *((name, {}, "values") for name in ("Mean", "Sum")),
    *(
        (name, {}, kind)
        for name in (
            "MeanSquaredError",
            "MeanAbsoluteError",
            "RootMeanSquaredError",
            "LogCoshError",
            "CosineSimilarity",
        )
        for kind in ("column", "rows", "boxes", "vector_column", "column_vector")
    ),
    *((name, {}, "vector") for name in ("RootMeanSquaredError",)),
    *((f"Mean{name}Error", {}, "positive") for name in ("AbsolutePercentage", "SquaredLogarithmic")),
    ("MeanSquaredError", {}, "rows float64"),
    ("MeanSquaredError", {}, "rows int32"),
    ("MeanSquaredError", {"dtype": "float64"}, "rows float64"),
    ("RootMeanSquaredError", {"dtype": "float64"}, "rows"),
    ("CosineSimilarity", {"axis": 1}, "boxes"),
    ("Poisson", {}, "positive"),
    *((name, {}, kind) for name in ("Hinge", "SquaredHinge", "CategoricalHinge") for kind in ("logits", "one_hot")),
    *(
        ("R2Score", {"class_aggregation": how}, "rows")
        for how in (None, "uniform_average", "variance_weighted_average")
    ),
    *(("R2Score", {"num_regressors": n}, "column") for n in (1, 2)),
    *CROSSENTROPIES,
    *ACCURACIES,
    *CONFUSION,
]
COUNTING = {"TruePositives", "FalsePositives", "Precision", "Recall", "AUC"}
WEIGHTED = [
    *((case, "sample") for case in CASES if case[2] != "equal_rows"),
    *((case, "entry") for case in CASES if case[0] in COUNTING and "class_id" not in case[1]),
]


def made(tf: Any, name: str, options: dict[str, Any]) -> Any:
    return getattr(tf.keras.metrics, name)(**options)


def story(tf: Any, case: tuple[str, dict[str, Any], str], weights: str, captured: bool) -> list[Any]:
    """Update over batches, reset, update again; return all results, and what the variables hold in between."""
    name, options, kind = case
    random = np.random.default_rng(len(name))
    metric = made(tf, name, options)
    update = tf.function(metric.update_state) if captured else metric.update_state
    seen: list[Any] = []
    for step, n in enumerate([*PARTS, 8]):
        y_true, y_pred = data(kind, n, random)
        if step % 2 and y_pred is not None:
            y_true, y_pred = tf.constant(y_true), tf.constant(y_pred)  # else arrays
        shapes = {"sample": (n,), "entry": np.shape(y_pred)}
        how = {}
        if weights != "none":
            weight = random.integers(0, 17, shapes[weights])  # eighths have exact sums, in whatever order
            how["sample_weight"] = weight if name.endswith("IoU") else weight.astype(np.float32) / 8
        update(*((y_true,) if y_pred is None else (y_true, y_pred)), **how)
        seen.append(tf.convert_to_tensor(metric.result()))
        if step + 1 == len(PARTS):
            seen += [tf.convert_to_tensor(each) for each in metric.variables]
            metric.reset_state()
            seen += [tf.convert_to_tensor(each) for each in metric.variables]
    return seen


def assert_same(ours: list[Any], theirs: list[Any]) -> None:
    for mine, its in zip(ours, theirs, strict=True):
        assert (mine.dtype.name, mine.shape.as_list()) == (its.dtype.name, its.shape.as_list())
        np.testing.assert_allclose(mine.numpy(), its.numpy(), 2e-6, 1e-6)


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[2]}".replace(" ", "-"))
def test_a_metric_has_keras_results_over_updates_and_resets(case: Any, oracle: ModuleType) -> None:
    theirs = story(oracle, case, "none", False)
    assert_same(story(minitf, case, "none", False), theirs)
    assert_same(story(minitf, case, "none", True), theirs)


@pytest.mark.parametrize(("case", "weights"), WEIGHTED)
def test_a_metric_has_keras_results_with_weights(case: Any, weights: str, oracle: ModuleType) -> None:
    theirs = story(oracle, case, weights, False)
    assert_same(story(minitf, case, weights, False), theirs)
    assert_same(story(minitf, case, weights, True), theirs)


SHAPES = [(), (1,), (4,), (4, 1), (4, 3), (1, 3), (3,), (4, 3, 2), (4, 3, 1), (4, 1, 2), (2,), (5,), (4, 1, 1, 1)]


@pytest.mark.parametrize("values", [(), (4,), (4, 1), (4, 3), (4, 3, 2), (4, 3, 1), (0,), (0, 3)])
@pytest.mark.parametrize("name", ["Mean", "Sum", "BinaryAccuracy", "TruePositives"])
def test_weights_fit_values_as_in_keras(name: str, values: tuple[int, ...], oracle: ModuleType) -> None:
    def outcome(tf: Any, weights: tuple[int, ...]) -> Any:
        numbers = np.arange(1.0, np.prod(values, dtype=int) + 1, dtype=np.float32).reshape(values)
        weight = np.linspace(0.5, 2, np.prod(weights, dtype=int), dtype=np.float32).reshape(weights)
        metric = made(tf, name, {})
        try:
            metric.update_state(*[numbers > 2, numbers % 2][name in ("Mean", "Sum") :], sample_weight=weight)
            return [tf.convert_to_tensor(metric.result()), *map(tf.convert_to_tensor, metric.variables)]
        except errors_of(tf) as error:
            return error

    for weights in SHAPES:
        if (name, values) == ("TruePositives", ()):
            continue  # where Keras asks for the first of no axes
        ours, theirs = outcome(minitf, weights), outcome(oracle, weights)
        if isinstance(theirs, Exception):
            assert isinstance(ours, Exception), f"{weights}: Keras raises {theirs}"
        else:
            assert not isinstance(ours, Exception), f"{weights}: {ours}"
            assert_same(ours, theirs)


# --- what a metric is -------------------------------------------------------------------------------------------------

CLASSES = sorted({name for name, _, _ in CASES})
CONFIGS: list[tuple[str, dict[str, Any]]] = [
    *{str(case[:2]): case[:2] for case in CASES if case[1] != {"axis": 1}}.values(),  # which Keras forgets
    ("Mean", {"name": "mine", "dtype": "float64"}),
    ("MeanSquaredError", {"name": "mine"}),
    ("AUC", {"name": "mine"}),
]


def facts(tf: Any, name: str, options: dict[str, Any]) -> Any:
    tf.keras.backend.clear_session()
    first, second = made(tf, name, options), made(tf, name, options)
    config = second.get_config()
    if config.get("label_weights") is not None:
        config["label_weights"] = [float(each) for each in config["label_weights"]]
    paths = [(each.name, each.path, each.shape.as_list(), bool(each.trainable)) for each in second.variables]
    again = type(second).from_config(config)
    if tf is minitf:
        assert again.get_config() == config
    return repr(first), repr(second), second.dtype, config, paths, again.name


@pytest.mark.parametrize(("name", "options"), CONFIGS)
def test_a_metric_has_keras_name_config_and_variables(name: str, options: Any, oracle: ModuleType) -> None:
    assert facts(minitf, name, options) == facts(oracle, name, options)


def test_every_metric_is_compared() -> None:
    metrics = minitf.keras.metrics
    found = {each for each in metrics.__all__ if isinstance(getattr(metrics, each), type)}
    assert found == {*CLASSES, "Metric", "MeanMetricWrapper"}


@pytest.mark.parametrize("name", CLASSES)
def test_a_metric_has_keras_arguments(name: str, oracle: ModuleType) -> None:
    def arguments(tf: Any) -> list[str]:
        return list(inspect.signature(getattr(tf.keras.metrics, name)).parameters)

    ours, theirs = arguments(minitf), arguments(oracle)
    assert ours == theirs or ours == [*theirs, "options"]


NAMES = "mse MSE mae MAE mape MAPE msle MSLE bce BCE accuracy Accuracy auc AUC f1_score MeanIoU".split()


@pytest.mark.parametrize(
    "name", [*NAMES, *CLASSES, *map(snake_case, CLASSES), "binary_accuracy", None, "f1", "huber", 3]
)
def test_a_name_stands_for_keras_metric(name: Any, oracle: ModuleType) -> None:
    def outcome(tf: Any) -> Any:
        tf.keras.backend.clear_session()
        try:
            return repr(tf.keras.metrics.get(name))
        except (TypeError, ValueError) as error:
            return error

    ours, theirs = outcome(minitf), outcome(oracle)
    if isinstance(theirs, Exception):
        assert_same_error(ours, theirs)
        assert "required positional argument" in str(ours) or "Could not interpret metric identifier" in str(ours)
    else:
        assert ours == theirs


WRAPPED: list[Callable[[Any], Any]] = [
    lambda tf: tf.keras.metrics.MeanMetricWrapper(tf.keras.metrics.binary_accuracy, "mine", threshold=0.4),
    lambda tf: tf.keras.metrics.MeanMetricWrapper(tf.keras.losses.MSE, "mine"),
    lambda tf: tf.keras.metrics.BinaryAccuracy(threshold=0.4),
    lambda tf: tf.keras.metrics.binary_accuracy,
    lambda tf: tf.keras.metrics.sparse_top_k_categorical_accuracy,
]


@pytest.mark.parametrize("make", WRAPPED)
def test_a_serialized_metric_is_keras_and_comes_back(make: Callable[[Any], Any], oracle: ModuleType) -> None:
    ours = minitf.keras.metrics.serialize(make(minitf))
    assert ours == oracle.keras.metrics.serialize(make(oracle))
    again = minitf.keras.metrics.deserialize(ours)
    assert minitf.keras.metrics.serialize(again) == ours
    y_true, y_pred = np.array([[1.0], [0.0]], np.float32), np.array([[0.45], [0.6]], np.float32)
    value = np.mean(again(y_true, y_pred))
    np.testing.assert_allclose(value, np.mean(make(oracle)(y_true, y_pred)), 1e-6)


FUNCTIONS = [
    ("binary_accuracy", "binary_rows", {"threshold": 0.25}),
    ("binary_accuracy", "binary int32", {}),
    ("categorical_accuracy", "one_hot_boxes", {}),
    ("sparse_categorical_accuracy", "sparse_column", {}),
    ("top_k_categorical_accuracy", "one_hot_boxes", {"k": 2}),
    ("sparse_top_k_categorical_accuracy", "sparse_boxes", {"k": 2}),
    ("sparse_top_k_categorical_accuracy", "ranked", {"k": 2, "from_sorted_ids": True}),
    *((name, "positive", {}) for name in "mse MSE mae MAE mape MAPE msle MSLE logcosh huber poisson hinge".split()),
    *((name, "one_hot", {}) for name in "kld KLD kullback_leibler_divergence categorical_crossentropy".split()),
]


@pytest.mark.parametrize(("name", "kind", "options"), FUNCTIONS)
def test_a_function_is_keras(name: str, kind: str, options: Any, oracle: ModuleType) -> None:
    y_true, y_pred = data(kind, 7, np.random.default_rng(3))
    ours, theirs = (getattr(tf.keras.metrics, name)(y_true, y_pred, **options) for tf in (minitf, oracle))
    assert_same([ours], [theirs])


CHOICES: list[Any] = ["accuracy", "acc", "Accuracy", "mse", "MSE", "binary_accuracy", "auc"]


@pytest.mark.parametrize("identifier", CHOICES)
def test_a_word_given_to_compile_means_what_it_means_in_keras(identifier: Any, oracle: ModuleType) -> None:
    from keras.src.trainers.compile_utils import get_metric

    for true in [(4,), (4, 1), (4, 3), (4, 2, 3), (4, 2, 1)]:
        for predicted in [(4,), (4, 1), (4, 3), (4, 2, 3)]:
            data = np.zeros(true), np.zeros(predicted)
            ours, theirs = for_shapes(identifier, *data), get_metric(identifier, *data)
            assert (type(ours).__name__, ours.name) == (type(theirs).__name__, theirs.name)


# --- errors -----------------------------------------------------------------------------------------------------------

ERRORS: list[tuple[str, Callable[[Any], Any]]] = [
    ("Threshold values must be in [0, 1]. Received: [-1, None]", lambda m: m.Precision(thresholds=[-1, 0.5, None])),
    ("Threshold values must be in [0, 1]. Received: [2]", lambda m: m.TruePositives(2)),
    ("Argument `num_thresholds` must be an integer > 1", lambda m: m.AUC(num_thresholds=1)),
    ('Invalid AUC curve value: "x". Expected values are ["PR", "ROC", "PRGAIN"]', lambda m: m.AUC(curve="x")),
    ('Invalid AUC summation method value: "x". Expected values are [', lambda m: m.AUC(summation_method="x")),
    ("`num_labels` is needed only when `multi_label` is True", lambda m: m.AUC(num_labels=2)),
    ("`y_pred` must have rank 2 when `multi_label=True`. Found rank 1", lambda m: m.AUC(multi_label=True)(ONES, ONES)),
    ("When class_id is provided, y_pred must be a 2D array", lambda m: m.Recall(class_id=1)(ONES, ONES)),
    ("Invalid `average` argument value. Expected one of: {None, 'micro'", lambda m: m.F1Score(average="x")),
    ("Invalid `threshold` argument value. It should verify 0 < threshold <= 1", lambda m: m.F1Score(threshold=2.0)),
    ("Invalid `threshold` argument value. It should be a Python float", lambda m: m.F1Score(threshold=1)),
    ("Invalid `beta` argument value. It should be a Python float", lambda m: m.FBetaScore(beta=1)),
    ("Invalid `beta` argument value. It should be > 0", lambda m: m.FBetaScore(beta=-1.0)),
    ("FBetaScore expects 2D inputs with shape (batch_size, output_dim)", lambda m: m.F1Score()(ONES, ONES)),
    ("R2Score expects 2D inputs with shape (batch_size, output_dim)", lambda m: m.R2Score()(ONES, ONES)),
    ("Invalid value for argument `class_aggregation`. Expected one of (None,", lambda m: m.R2Score("x")),
    ("Invalid value for argument `num_regressors`. Expected a value >= 0", lambda m: m.R2Score(num_regressors=-1)),
    ("Target class id 3 is out of range, which is [0, 3)", lambda m: m.IoU(3, [3])),
    ("Could not interpret metric identifier: f1", lambda m: m.get("f1")),
    ("Incompatible shapes: [4] vs. [3]", lambda m: m.BinaryAccuracy()(ONES, ONES[:3])),
    ("Incompatible shapes: [4,2] vs. [4,3]", lambda m: m.RootMeanSquaredError()(np.ones((4, 3)), np.ones((4, 2)))),
    ("Incompatible shapes", lambda m: m.SparseCategoricalAccuracy()(np.ones((4, 3)), np.ones((4, 2)))),
    ("Incompatible shapes", lambda m: m.Precision()(np.ones((4, 1)), np.ones((4, 3)))),
    ("must have the same shape", lambda m: m.CategoricalCrossentropy()(np.ones((4, 3)), np.ones((4, 2)))),
    ("Cannot convert 'tall' to a", lambda m: m.Mean(dtype="tall")),
    ("", lambda m: m.Metric().update_state(1)),
    ("", lambda m: m.Metric().result()),
    ("You forgot to call `super().__init__()` in the `__init__()` method", lambda m: careless(m)),
]
ONES = np.ones(4, np.float32)


def careless(metrics: Any) -> Any:
    class Careless(metrics.Metric):  # type: ignore[misc]
        def __init__(self) -> None:
            self.total = self.add_weight(name="total", initializer="zeros")

    return Careless()


@pytest.mark.parametrize(("words", "mistake"), ERRORS)
def test_a_mistake_raises_keras_error(words: str, mistake: Callable[[Any], Any], oracle: ModuleType) -> None:
    def outcome(tf: Any) -> Any:
        try:
            return mistake(tf.keras.metrics)
        except errors_of(tf) as error:
            return error

    ours, theirs = outcome(minitf), outcome(oracle)
    assert isinstance(theirs, Exception)
    assert_same_error(ours, theirs)
    assert words in str(theirs)
    assert words in str(ours)
