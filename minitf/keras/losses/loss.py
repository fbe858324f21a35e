"""Loss: how far predictions are from the truth, as one number for each sample, and how these become one.

A loss is called on the truth first, then on what was predicted. It converts both to its dtype; what it computes lies in
functions, which know nothing of weights and reductions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import minitf as tf
from minitf import Tensor, cast, convert_to_tensor, nest, reduce_mean, reduce_sum
from minitf.distribute.replica import counted, shared, summed
from minitf.keras import registry
from minitf.keras.backend import floatx
from minitf.keras.constructors import OfFunction
from minitf.keras.naming import snake_case, unique_name
from minitf.keras.policy import policy_of

__all__ = [
    "Loss", "LossFunctionWrapper", "NamedLoss", "Reduction", "averaged", "averaging", "floats", "numbering", "pair",
    "same_rank", "tensors",
]  # fmt: skip

_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")
_REDUCTIONS = (*_MEANS, "sum", "none", None)


class Reduction:
    """Older names of the reductions.

    >>> tf.keras.losses.MeanSquaredError(tf.keras.losses.Reduction.SUM)([0.0, 0.0], [1.0, 2.0]).numpy()
    np.float32(2.5)
    """

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


class Loss:
    """What a model is trained to make small; a subclass says by `call` how far each prediction is from the truth.

    `reduction` says what becomes of these numbers, each of them times its weight: `"sum_over_batch_size"` or `"mean"`
    divides their sum by how many there are, `"mean_with_sample_weight"` by the sum of the weights, `"sum"` by nothing,
    and `"none"` or None leaves them. ValueError for another one. `dtype` is the one to compute in, floatx() unless
    told otherwise.

    >>> class Cubes(tf.keras.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return tf.reduce_mean(tf.abs(y_true - y_pred) ** 3, axis=-1)
    >>> print(Cubes()([[0.0], [0.0]], [[1.0], [2.0]], sample_weight=[1.0, 0.5]))
    tf.Tensor(2.5, shape=(), dtype=float32)
    """

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        """Take name, reduction and dtype."""
        if reduction == Reduction.AUTO:
            reduction = Reduction.SUM_OVER_BATCH_SIZE
        if reduction not in _REDUCTIONS:
            asked = f"Invalid value for argument `reduction`. Expected one of {_REDUCTIONS}."
            raise ValueError(f"{asked} Received: reduction={reduction}")
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.reduction = reduction
        self._dtype = tf.as_dtype(policy_of(dtype or floatx()).compute_dtype)

    @property
    def dtype(self) -> str:
        """The dtype in which it computes, by name."""
        return str(self._dtype.name)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the loss: a scalar, or a number for each sample if nothing is to be reduced.

        Weights may be a number, or one for each sample, or for each number that `call` gives. The last axis may be
        missing, or be there with size 1, on either side.
        """
        y_pred, y_true = tensors(y_pred, self._dtype), self._truth(y_true)
        found = self._values(y_true, y_pred, sample_weight is None and self.reduction in _MEANS)
        if found is None:
            asked = f"None values not supported: the loss `{self.name}` returned None"
            raise ValueError(f"{asked}; let it return a tensor.")
        values = cast(found, self._dtype)
        valid = self._valid(y_true, values)
        weights = None
        if sample_weight is not None:
            values, weights = same_rank(values, tensors(sample_weight, self._dtype))
            values = values * weights
        if self.reduction in (None, "none"):
            return values
        if self.reduction == "sum":
            return counted(values if values.array.shape == (0,) else reduce_sum(values))
        if values.array.shape in ((), (0,)):
            return shared(values)
        count = valid
        if self.reduction == "mean_with_sample_weight" and weights is not None:
            count = weights if valid is None else functools.reduce(tf.multiply, same_rank(valid, weights))
        if count is not None:
            return tf.math.divide_no_nan(counted(reduce_sum(values)), summed(counted(reduce_sum(count))))
        return shared(reduce_mean(values) if values.array.size else reduce_sum(values))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute a number for each sample; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} is a loss without a method call(y_true, y_pred); write one.")

    def _truth(self, y_true: Any) -> Any:
        return tensors(y_true, self._dtype)

    def _values(self, y_true: Any, y_pred: Any, mean: bool) -> Any:
        """Compute a number for each sample; where their `mean` is all that is asked for, it may be that at once."""
        return self.call(y_true, y_pred)

    def _valid(self, y_true: Any, values: Tensor) -> Tensor | None:
        """Return 1 for each sample that counts and 0 for others; None if all do."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Return what describes the loss, for `from_config`."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make the loss that a config describes."""
        return cls(**config)


class LossFunctionWrapper(Loss):
    """A loss whose numbers a function computes: `fn(y_true, y_pred, **kwargs)`."""

    def __init__(
        self, fn: Callable[..., Any], reduction: str | None = "sum_over_batch_size", name: str | None = None,
        dtype: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Take the function, and what it is to be called with."""
        super().__init__(name, reduction, dtype)
        self.fn, self._fn_kwargs = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Call the function on truth and prediction, of as many axes."""
        return self.fn(*_ranked(y_true, y_pred), **self._fn_kwargs)

    def _truth(self, y_true: Any) -> Any:
        return tensors(y_true, None if self.fn in numbering else self._dtype)

    def _values(self, y_true: Any, y_pred: Any, mean: bool) -> Any:
        if not mean or self.fn not in averaging or type(self).call is not LossFunctionWrapper.call:
            return self.call(y_true, y_pred)
        true, predicted = _ranked(y_true, y_pred)
        whole = type(predicted) is Tensor and predicted.ndim and predicted.array.size
        return self.fn(true, predicted, **(self._fn_kwargs | {"axis": None} if whole else self._fn_kwargs))

    def get_config(self) -> dict[str, Any]:
        """Return name, reduction, the function and what it is called with."""
        described: dict[str, Any] = registry.serialize_keras_object({"fn": self.fn, **self._fn_kwargs})
        return super().get_config() | described

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make the loss that a config describes."""
        return cls(**(registry.deserialize_keras_object(config) if "fn" in config else config))

    def __repr__(self) -> str:
        """Print function and settings."""
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"


class NamedLoss(OfFunction, LossFunctionWrapper):
    """A loss that has a class for its function, `class Huber(NamedLoss, of=huber)`, and the function's name."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: Any = None, **settings: Any
    ) -> None:
        """Take what every loss takes, and the settings of the function."""
        fn = type(self).fn
        super().__init__(fn, reduction, name or fn.__name__, dtype, **settings)
        vars(self).update(settings)

    def get_config(self) -> dict[str, Any]:
        """Return name, reduction and settings."""
        return Loss.get_config(self) | self._unusual(self._fn_kwargs)


# --- what goes in -----------------------------------------------------------------------------------------------------


def tensors(value: Any, dtype: tf.DType | None = None) -> Any:
    """Convert to a tensor of a dtype; structures of tensors or arrays, part by part.

    >>> tensors([[1, 2], [3, 4]], tf.float32).shape, tensors({"a": tf.zeros([2])}, tf.float16)["a"].dtype
    (TensorShape([2, 2]), tf.float16)
    """
    if type(value) is not Tensor:
        if isinstance(value, dict) or (nest.is_nested(value) and any(map(_has_axes, nest.flatten(value)))):
            return nest.map_structure(lambda part: tensors(part, dtype), value)
        value = cast(value, dtype or value.dtype) if tf.is_tensor(value) else convert_to_tensor(value, dtype)
    return value if dtype is None or value.array.dtype is dtype.numpy else cast(value, dtype)


def _has_axes(value: Any) -> bool:
    return tf.is_tensor(value) or getattr(value, "ndim", 0) > 0


def floats(value: Any) -> Tensor:
    """Convert to a tensor of floats."""
    x: Tensor = tensors(value)
    return x if x.dtype.is_floating else cast(x, floatx())


def pair(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Convert the prediction to floats, and the truth to their dtype."""
    predicted = floats(y_pred)
    return tensors(y_true, predicted.dtype), predicted


def same_rank(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Make one tensor have as many axes as the other, if that has one more of size 1 at the end.

    A vector gets such an axis; what has more axes loses it.

    >>> [t.shape.as_list() for t in same_rank(tf.zeros([4]), tf.zeros([4, 1]))]
    [[4, 1], [4, 1]]
    >>> [t.shape.as_list() for t in same_rank(tf.zeros([4, 2, 1]), tf.zeros([4, 2]))]
    [[4, 2], [4, 2]]
    """
    if x.ndim == y.ndim + 1:
        y, x = same_rank(y, x)
    elif y.ndim == x.ndim + 1 and y.sizes[-1] == 1:
        return (tf.expand_dims(x, -1), y) if x.ndim == 1 else (x, tf.squeeze(y, -1))
    return x, y


def _ranked(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    if type(y_true) is Tensor and type(y_pred) is Tensor:
        return same_rank(y_true, y_pred)
    nest.assert_same_structure(y_true, y_pred, check_types=False)
    flat = zip(nest.flatten(y_true), nest.flatten(y_pred), strict=True)
    pairs = [same_rank(*each) for each in flat]
    return tuple(nest.pack_sequence_as(y, [each[i] for each in pairs]) for i, y in enumerate((y_true, y_pred)))


# --- kinds of functions ----------------------------------------------------------------------------------------------

averaging: set[Callable[..., Any]] = set()  # these take the mean along `axis`; of all entries, if it is None
numbering: set[Callable[..., Any]] = set()  # the truth is class numbers for these, and they stay integers


def averaged(entries: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Make a loss function of one that computes a number for each entry: the mean along the last axis.

    Truth and prediction are converted and have as many axes when they come to it.
    """

    @functools.wraps(entries)
    def loss(y_true: Any, y_pred: Any, *args: Any, axis: Any = -1, **kwargs: Any) -> Tensor:
        return reduce_mean(entries(*same_rank(*pair(y_true, y_pred)), *args, **kwargs), axis)

    averaging.add(loss)
    return loss
