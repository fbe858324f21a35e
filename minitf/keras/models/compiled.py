"""What `compile` makes of losses and metrics: one loss of all outputs, and one metric that holds the metrics of all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import minitf as tf
from minitf import Tensor, nest
from minitf.distribute.replica import share, unshared
from minitf.keras import losses
from minitf.keras.losses.loss import Loss, LossFunctionWrapper
from minitf.keras.metrics.choice import for_shapes
from minitf.keras.metrics.mean import Mean
from minitf.keras.metrics.metric import Metric

__all__ = ["CompileLoss", "CompileMetrics"]


class CompileLoss:
    """The sum of the losses of all outputs, each times its weight; ValueError where losses and outputs do not fit.

    With several outputs, a metric keeps the mean of each of their losses.
    """

    def __init__(self, loss: Any, loss_weights: Any, output_names: list[str]) -> None:
        """Take one loss, or a structure of losses like that of the outputs, by name or one after the other."""
        for each in nest.flatten(loss):
            if isinstance(each, str):
                losses.get(each)  # complains about unknown names at once
        self.loss, self.loss_weights, self.output_names = loss, loss_weights, output_names
        self.parts: list[tuple[str, Any, Any, int]] | None = None  # name, loss, weight, number of the output
        self.metrics: list[Any] = []

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Find the loss of each output."""
        names = names_of(y_pred, self.output_names)
        several = len(names) > 1
        found = per_output(self.loss, names, "loss", _is_loss, several=True)
        weights = per_output(
            self.loss_weights,
            names,
            "loss_weights",
            _is_number,
        )
        self.parts = [
            (name, _loss(each), weight, i)
            for i, (name, each, weight) in enumerate(zip(names, found, weights, strict=True))
            if each is not None
        ]
        if isinstance(self.loss, Mapping) and isinstance(y_pred, Mapping):  # the order in which evaluate lists them
            self.parts.sort(key=lambda part: [*self.loss].index(part[0]))
        if several and len(self.parts) > 1:
            self.metrics = [Mean(name=f"{name}_loss") for name, *_ in self.parts]

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the sum of the losses."""
        if self.parts is None:
            self.build(y_true, y_pred)
        assert self.parts is not None
        truths = in_order(y_true, y_pred, self.output_names, "y_true")
        predictions = outputs_of(y_pred)
        given = in_order(sample_weight, y_pred, self.output_names, "sample_weight", same=True)
        total = None
        for number, (_, loss, weight, i) in enumerate(self.parts):
            if truths[i] is None:
                raise ValueError("None values not supported: the loss compares outputs with labels; give them as `y`.")
            if predictions[i] is None:
                asked = "None values not supported: the model's `call` returned None"
                raise ValueError(f"{asked}; let it return its outputs.")
            value = loss(truths[i], predictions[i], given[i])
            if self.metrics:
                self.metrics[number].update_state(unshared(value), sample_weight=share())
            value = value if weight is None else value * weight
            total = value if total is None else total + value
        return total


class CompileMetrics(Metric):
    """All metrics that `compile` was given, as one: its result has an entry for each."""

    def __init__(self, metrics: Any, weighted_metrics: Any, output_names: list[str]) -> None:
        """Take metrics for one output, or lists or a dictionary of them for several."""
        super().__init__(name="compile_metrics")
        for given, name in ((metrics, "metrics"), (weighted_metrics, "weighted_metrics")):
            if given is not None and not isinstance(given, list | tuple | dict):
                asked = f"Expected `{name}` argument to be a list, tuple, or dict. Received instead: {name}={given}"
                raise ValueError(f"{asked} of type {type(given)}; write [{given!r}].")
        self._given, self._output_names = (metrics, weighted_metrics), output_names
        self._built: list[tuple[str, Any, int, bool]] | None = None  # name, metric, number of the output, weighted

    @property
    def built(self) -> bool:
        """Whether the metrics are made."""
        return self._built is not None

    @property
    def metrics(self) -> list[Any]:
        """The metrics, once they are made by the first batch."""
        return [metric for _, metric, _, _ in self._built or ()]

    @property
    def variables(self) -> list[Any]:
        """The variables of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Make the metrics for outputs like these."""
        names = names_of(y_pred, self._output_names)
        truths, predictions = in_order(y_true, y_pred, self._output_names, "y_true"), outputs_of(y_pred)
        self._built = []
        for given, weighted in zip(self._given, (False, True), strict=True):
            for i, chosen in enumerate(_metrics_of(given, names)):
                for each in chosen:
                    metric = for_shapes(each, truths[i], predictions[i])
                    prefix = f"{names[i]}_" if len(names) > 1 else ""
                    name = self._free(prefix + metric.name, f"{prefix}weighted_{metric.name}" if weighted else None)
                    self._built.append((name, metric, i, weighted))

    def _free(self, name: str, other: str | None) -> str:
        """Return a name that no metric has yet: this one, the other one, or one with a number."""
        taken = {known for known, *_ in self._built or ()}
        base = other or name
        numbered = (f"{base}_{number}" for number in itertools.count(1))
        return next(each for each in itertools.chain((name, base), numbered) if each not in taken)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Tell each metric about its output."""
        if self._built is None:
            self.build(y_true, y_pred)
        assert self._built is not None
        truths, predictions = in_order(y_true, y_pred, self._output_names, "y_true"), outputs_of(y_pred)
        given = in_order(sample_weight, y_pred, self._output_names, "sample_weight", same=True)
        for _, metric, i, weighted in self._built:
            if truths[i] is not None:
                if weighted and given[i] is not None:
                    metric.update_state(truths[i], predictions[i], sample_weight=given[i])
                else:
                    metric.update_state(truths[i], predictions[i])

    def result(self) -> dict[str, Any]:
        """Return the result of each metric by its name."""
        return {name: metric.result() for name, metric, _, _ in self._built or ()}

    def reset_state(self) -> None:
        """Let all metrics begin anew."""
        for metric in self.metrics:
            metric.reset_state()

    def get_config(self) -> dict[str, Any]:
        """Refuse: what was given to `compile` is described by the model."""
        raise NotImplementedError("CompileMetrics has no config; model.get_compile_config() has its arguments.")


# --- which output is which --------------------------------------------------------------------------------------------


def outputs_of(y_pred: Any) -> list[Any]:
    """Return the outputs, one after the other; those of a dictionary in the order of their names."""
    return [y_pred] if isinstance(y_pred, Tensor) else nest.flatten(y_pred)


def names_of(y_pred: Any, output_names: list[str]) -> list[str]:
    """Return a name for each output: its key, the name of its layer, or its number."""
    if isinstance(y_pred, Tensor):
        return (output_names if len(output_names) == 1 else None) or ["output"]
    if isinstance(y_pred, dict):
        return sorted(y_pred)
    count = len(nest.flatten(y_pred))
    return output_names if len(output_names) == count else [f"output_{i}" for i in range(count)]


def per_output(
    given: Any, names: list[str], what: str, leaf: Callable[[Any], bool], several: bool = False
) -> list[Any]:
    """Return what was given for each output, None where nothing was; a single one may stand for all."""
    if given is None:
        return [None] * len(names)
    if isinstance(given, Mapping):
        unknown = [key for key in given if key not in names]
        if unknown:
            asked = f"In the dict argument `{what}`, key '{unknown[0]}' does not correspond to any model output"
            raise ValueError(f"{asked}. Received: {what}={given}; the outputs are {names}.")
        return [given.get(name) for name in names]
    if isinstance(given, list | tuple):
        if len(given) != len(names):
            asked = f"`{what}` must match the number of outputs, which are {names}"
            raise ValueError(f"{asked}, but got {len(given)} entries: {given}; give one for each.")
        return list(given)
    if leaf(given) and (several or len(names) == 1):
        return [given] * len(names)
    raise ValueError(f"`{what}` must match the number of outputs, which are {names}, but got {given}.")


def in_order(given: Any, y_pred: Any, output_names: list[str], what: str, same: bool = False) -> list[Any]:
    """Return labels or weights one after the other as the outputs are; `same`: one may stand for all."""
    names = names_of(y_pred, output_names)
    if isinstance(given, Mapping):
        missing = [name for name in names if name not in given]
        if missing and not same:
            raise KeyError(f"`{what}` has no entry for the output {missing[0]!r}; its keys are {[*given]}.")
        return [given.get(name) for name in names]
    if isinstance(given, list | tuple) and not isinstance(y_pred, Tensor):
        if len(given) != len(names):
            asked = f"{what} and y_pred have different structures: `{what}` has {len(given)} entries"
            raise ValueError(f"{asked}, but there are {len(names)} outputs: {names}.")
        return list(given)
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    if len(names) == 1 or same or given is None:
        return [given] * len(names)
    asked = f"{what} and y_pred have different structures: `{what}` must have an entry for each output of {names}"
    raise ValueError(f"{asked}; give a list or a dictionary.")


def _is_number(each: Any) -> bool:
    return isinstance(each, int | float | tf.Tensor | tf.Variable)


def _is_loss(each: Any) -> bool:
    return callable(each) or isinstance(each, str)


def _loss(identifier: Any) -> Any:
    loss = losses.get(identifier)
    if isinstance(loss, Loss) or not callable(loss):
        return loss
    return LossFunctionWrapper(loss, name=getattr(loss, "__name__", None))


def _metrics_of(given: Any, names: list[str]) -> list[list[Any]]:
    """Return the metrics of each output."""
    if given is None or (not given and not isinstance(given, dict)):
        return [[] for _ in names]
    if isinstance(given, dict):
        return [_listed(each) for each in per_output(given, names, "metrics", lambda _: False)]
    if len(names) == 1:
        return [_listed(given[0]) if len(given) == 1 and isinstance(given[0], list | tuple) else _listed(given)]
    if all(each is None or isinstance(each, list | tuple) for each in given) or len(given) == len(names):
        return [_listed(each) for each in per_output(given, names, "metrics", lambda _: False)]
    asked = f"The model has {len(names)} outputs, so `metrics` must be a list of lists or a dictionary"
    raise ValueError(f"{asked}, but got {given}; the outputs are {names}.")


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return [each for each in given if each is not None] if isinstance(given, list | tuple) else [given]
