"""Trainer: compile, fit, evaluate and predict; the loop around a training step that runs as one captured program."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitf as tf
from minitf import Tensor, nest
from minitf.distribute.replica import shared, unshared
from minitf.distribute.strategy import get_strategy, has_strategy
from minitf.keras import optimizers, registry
from minitf.keras.callbacks.callback_list import CallbackList
from minitf.keras.calling import calls
from minitf.keras.layers.layer import Layer
from minitf.keras.metrics.mean import Mean
from minitf.keras.models.batches import ArrayBatches, Batches, batches_of, split
from minitf.keras.models.compiled import CompileLoss, CompileMetrics
from minitf.keras.models.step import Step
from minitf.keras.symbolic import KerasTensor
from minitf.keras.tracebacks import for_users
from minitf.keras.utils.batches import unpack_x_y_sample_weight
from minitf.size import Unknowable

__all__ = ["Trainer"]

_CACHE = 2**20  # bytes that the entries of one layer may take while many samples are predicted at once


class Trainer(Layer):
    """What makes a layer a model that can be fitted."""

    _keras_untracked = Layer._keras_untracked | {"optimizer", "loss", "history", "distribute_strategy"}
    optimizer: Any = None
    loss: Any = None
    history: Any = None
    distribute_strategy = get_strategy()  # that of the scope in which `compile` was called
    stop_training = False
    compiled = False
    run_eagerly = False
    jit_compile: Any = False
    _keras_jit: bool | None = None  # what to ask a function for, where `jit_compile` is False
    steps_per_execution = 1
    _keras_compile_loss: Any = None
    _keras_compile_metrics: Any = None
    _keras_loss_tracker: Any = None
    _keras_compiled_with: Mapping[str, Any] = {}

    # --- compiling ---

    def compile(
        self, optimizer: Any = "rmsprop", loss: Any = None, loss_weights: Any = None, metrics: Any = None,
        weighted_metrics: Any = None, run_eagerly: bool = False, steps_per_execution: int = 1,
        jit_compile: Any = "auto", auto_scale_loss: bool = True,
    ) -> None:  # fmt: skip
        """Say how to train: the optimizer, the loss, and the metrics to watch; by name, as objects or functions.

        With `run_eagerly`, each step runs as plain Python, to look into it. So many `steps_per_execution` run as one
        program, and callbacks hear of the last of them. `jit_compile` is for XLA, where minitf runs on TensorFlow:
        "auto" uses it where it can, True asks for it, and False does without. ValueError for unknown names.
        """
        if jit_compile and jit_compile != "auto" and run_eagerly:
            asked = "If `run_eagerly` is True, then `jit_compile` cannot also be True."
            warnings.warn(f"{asked} Disabling `jit_compile`.", stacklevel=2)
        self._keras_jit = None if jit_compile == "auto" else False
        self.jit_compile = False if jit_compile == "auto" or run_eagerly else jit_compile
        self.optimizer = given_optimizer = optimizers.get(optimizer)
        scaled = isinstance(self.optimizer, optimizers.LossScaleOptimizer)
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16" and self.optimizer is not None and not scaled:
            self.optimizer = optimizers.LossScaleOptimizer(self.optimizer, name="loss_scale_optimizer")
        self.loss, self.loss_weights = loss, loss_weights
        names = self.output_names if hasattr(self, "output_names") else []
        self._keras_compile_loss = None if loss is None else CompileLoss(loss, loss_weights, names)
        given = metrics is not None or weighted_metrics is not None
        self._keras_compile_metrics = CompileMetrics(metrics, weighted_metrics, names) if given else None
        self._keras_loss_tracker = Mean(name="loss")
        self.run_eagerly, self.steps_per_execution = bool(run_eagerly), steps_per_execution
        self.stop_training, self.compiled = False, True
        if has_strategy():
            self.distribute_strategy = get_strategy()
        self._keras_steps: dict[Any, Any] = {}
        self._keras_compiled_with = {
            "optimizer": given_optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics,
            "weighted_metrics": weighted_metrics, "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution, "jit_compile": self.jit_compile,
        }  # fmt: skip

    def _keras_check_compiled(self) -> None:
        if not self.compiled:
            raise ValueError("You must call `compile()` before using the model: model.compile('sgd', loss='mse').")

    @property
    def metrics(self) -> list[Any]:
        """The mean of the loss, the metrics of `compile` as one, the losses of the outputs, and those of layers."""
        found = [self._keras_loss_tracker] if self.compiled else []
        if self._keras_compile_metrics is not None:
            found.append(self._keras_compile_metrics)
        found += self._keras_compile_loss.metrics if self._keras_compile_loss is not None else []
        return found + [each for each in super().metrics if all(each is not known for known in found)]

    @property
    def metrics_names(self) -> list[str]:
        """The names of the metrics."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Let all metrics begin anew."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the results of all metrics by their names."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            result = metric.result()
            results.update(result if isinstance(result, dict) else {metric.name: result})
        return results

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` was given; nothing before."""
        return registry.serialize_keras_object(dict(self._keras_compiled_with)) if self.compiled else {}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as a config says, and make the optimizer's slots."""
        self.compile(**registry.deserialize_keras_object(config))
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    # --- one step ---

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: Any = True
    ) -> Any:
        """Return the loss of a batch: that of `compile`, and what layers add; override it for another one."""
        found = [] if self._keras_compile_loss is None else [self._keras_compile_loss(y, y_pred, sample_weight)]
        found = [each for each in found if each is not None]
        found += [shared(tf.cast(each, tf.float32)) for each in self.losses]
        if not found:
            asked = "No loss to compute. Provide a `loss` argument in `compile()`"
            raise ValueError(f"{asked}, call `add_loss` in a layer, or override `compute_loss`.")
        total = found[0]
        for each in found[1:]:
            total = total + each
        return total

    def _keras_loss_of(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Any:
        """Return the loss that `compute_loss` finds, which needs no `training` where somebody overrides it."""
        takes = "training" in inspect.signature(self.compute_loss).parameters
        given = {"training": training} if takes else {}
        return self.compute_loss(x, y, y_pred, sample_weight, **given)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Update the metrics of `compile`, and return the results of all."""
        if self._keras_compile_metrics is not None and y is not None:
            self._keras_compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def compiled_loss(self, y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None) -> Any:
        """Return the loss of a batch and tell its metric, as custom steps of TensorFlow 2 have it done."""
        loss = self.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)
        self._keras_track(loss, y_pred)
        return loss

    @property
    def compiled_metrics(self) -> Any:
        """The metrics of `compile`, under the name that custom steps of TensorFlow 2 use."""
        return (
            self._keras_compile_metrics if self._keras_compile_metrics is not None else CompileMetrics(None, None, [])
        )

    def _keras_track(self, loss: Any, x: Any) -> None:
        leaf = nest.flatten(x)[0]
        self._keras_loss_tracker.update_state(unshared(loss), sample_weight=tf.cast(tf.shape(leaf)[0], loss.dtype))

    def train_step(self, data: Any) -> Any:
        """Do one step on a batch (x, y, sample_weight), and return the metrics; override it for another one."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True) if self._keras_takes_training else self(x)  # as in Keras 3, not before
            loss = self._keras_loss_of(x, y, y_pred, sample_weight, training=True)
            scaled = self.optimizer.scale_loss(loss)
        self._keras_track(loss, x)
        variables = self.trainable_variables
        if variables:
            self.optimizer.apply(tape.gradient(scaled, variables), variables)
        else:
            warnings.warn("The model does not have any trainable weights.", stacklevel=2)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> Any:
        """Update the metrics on a batch, and return them; override it for another one."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._keras_track(self._keras_loss_of(x, y, y_pred, sample_weight, training=False), x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for a batch; override it for others."""
        return self(unpack_x_y_sample_weight(data)[0], training=False)

    def _keras_step(self, mode: str, structure: Any) -> Step:
        """Return the step of a mode for batches of this structure, which is captured unless it runs eagerly."""
        steps = vars(self).setdefault("_keras_steps", {})
        jit_compile = True if self.jit_compile else self._keras_jit
        key = (mode, str(structure), self.run_eagerly, jit_compile)
        if key not in steps:
            plain, on_replicas = getattr(self, f"{mode}_step"), self.distribute_strategy.steps(mode == "predict")
            steps[key] = Step(plain, structure, self.run_eagerly, jit_compile, on_replicas)
        found: Step = steps[key]
        found.open_up()
        return found

    def _keras_build_on(self, x: Any) -> None:
        """Make the weights for batches of any size, where that can be told without data."""
        if self.built:
            return
        symbols = nest.map_structure(lambda leaf: KerasTensor((None, *leaf.shape[1:]), leaf.dtype), x)
        calls.inside.append(self)  # for the paths of the weights
        try:
            with contextlib.suppress(NotImplementedError, Unknowable, tf.errors.OperatorNotAllowedInGraphError):
                self._keras_build_for((symbols,), {})
                self.compute_output_spec(symbols)
        finally:
            calls.inside.pop()

    def _keras_logs(self, step: Step | None, leaves: Sequence[Any] = ()) -> dict[str, Any]:
        """Return the results of a step as a dictionary of floats."""
        if step is None:
            return {}
        if step.names is not None:
            return dict(zip(step.names, map(_float, leaves), strict=True))
        results = step.packed(leaves)
        if isinstance(results, dict):
            return self._keras_floats(results)
        return self._keras_floats(self.get_metrics_result()) if self.metrics else {"loss": _float(results)}

    def _keras_floats(self, results: Mapping[str, Any]) -> dict[str, Any]:
        logs: dict[str, Any] = {}
        for name in sorted(results):
            value = results[name]
            logs.update(self._keras_floats(value) if isinstance(value, dict) else {name: _float(value)})
        return logs

    # --- fitting ---

    @for_users
    def fit(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1, verbose: Any = "auto",
        callbacks: Any = None, validation_split: float = 0.0, validation_data: Any = None, shuffle: Any = True,
        class_weight: Mapping[int, float] | None = None, sample_weight: Any = None, initial_epoch: int = 0,
        steps_per_epoch: int | None = None, validation_steps: int | None = None,
        validation_batch_size: int | None = None, validation_freq: Any = 1,
    ) -> Any:  # fmt: skip
        """Train for some epochs, and return the `History`.

        `x` and `y` are arrays, tensors or structures of them; or x is a `tf.data.Dataset`, a generator or a
        `PyDataset` of batches (x, y) or (x, y, weights). ValueError for data that do not fit together.
        """
        self._keras_check_compiled()
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = split(x, y, sample_weight, validation_split)
        batches = batches_of(x, y, sample_weight, batch_size, shuffle, steps_per_epoch, class_weight)
        batches.agree(self.distribute_strategy)
        validation = None
        if validation_data is not None:
            given = validation_data if isinstance(validation_data, tuple | list) else (validation_data,)
            parts = unpack_x_y_sample_weight(tuple(given))
            validation = batches_of(*parts, validation_batch_size or batch_size, steps=validation_steps)
        listeners = callbacks
        if not isinstance(callbacks, CallbackList):
            listeners = CallbackList(
                callbacks, add_history=True, add_progbar=bool(verbose), model=self, verbose=verbose, epochs=epochs,
                steps=batches.steps,
            )  # fmt: skip
        if not hasattr(epochs, "__index__"):
            asked = f"'{type(epochs).__name__}' object cannot be interpreted as an integer"
            raise TypeError(f"{asked}: `epochs` must be a whole number, but got {epochs!r}.")
        self.stop_training = False
        batches.reset()
        listeners.on_train_begin()
        initial_epoch = getattr(self, "_keras_initial_epoch", None) or initial_epoch
        logs: dict[str, Any] = {}
        for epoch in range(initial_epoch, epochs):
            self.reset_metrics()
            listeners.on_epoch_begin(epoch)
            logs = self._keras_batches_of_epoch("train", batches, listeners)
            if validation is not None and _due(epoch, validation_freq):
                found = self._keras_evaluate(validation, listeners)
                logs = {**logs, **{f"val_{name}": value for name, value in found.items()}}
            listeners.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        if self.optimizer is not None and epochs > initial_epoch:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        listeners.on_train_end(logs)
        return self.history

    def _keras_batches_of_epoch(self, mode: str, batches: Batches, listeners: Any) -> dict[str, Any]:
        """Run the step on all batches of an epoch, and return the logs at its end."""
        begin = getattr(listeners, f"on_{mode}_batch_begin")
        end = getattr(listeners, f"on_{mode}_batch_end")
        hooked, several = listeners.wants_batches(mode), self.steps_per_execution
        step, leaves, last, stopping = None, [], -1, mode == "train"
        with contextlib.closing(batches.ahead(several)) as executions:
            for group in executions:
                last += several
                if step is None:
                    step = self._keras_step(mode, batches.structure)
                    self._keras_build_on(step.given(group[0])[0])
                if not hooked:
                    leaves = step.over(group, several)
                    continue
                wanted = listeners.wants_batch(mode, last)
                if wanted:
                    begin(last - several + 1)
                leaves = step.over(group, several)
                if wanted:
                    end(last, self._keras_logs(step, leaves))
                if stopping and self.stop_training:
                    break
        return self._keras_logs(step, leaves)

    @for_users
    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: Any = "auto",
        sample_weight: Any = None, steps: int | None = None, callbacks: Any = None, return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Return the loss and the metrics on data: a number, a list in the order of `compile`, or a dictionary."""
        self._keras_check_compiled()
        if kwargs:
            raise ValueError(f"Arguments not recognized: {kwargs}")
        batches = batches_of(x, y, sample_weight, batch_size, steps=steps)
        listeners = callbacks
        if not isinstance(callbacks, CallbackList):
            listeners = CallbackList(
                callbacks, add_progbar=bool(verbose), model=self, verbose=verbose, epochs=1, steps=batches.steps
            )
        logs = self._keras_evaluate(batches, listeners)
        return logs if return_dict else self._keras_in_order(logs)

    def _keras_evaluate(self, batches: Batches, listeners: Any) -> dict[str, Any]:
        batches.reset()
        listeners.on_test_begin()
        self.reset_metrics()
        logs = self._keras_batches_of_epoch("test", batches, listeners)
        listeners.on_test_end(logs)
        return logs

    def _keras_in_order(self, logs: dict[str, Any]) -> Any:
        """Return the values of logs: the loss, then the metrics as `compile` has them, then the rest by name."""
        names: list[str] = []
        for metric in self.metrics:
            if isinstance(metric, CompileMetrics):
                names += [each.name for each in metric.metrics]
            else:
                names.append(metric.name)
        names += sorted(logs.keys() - set(names))
        values = [logs[name] for name in names if name in logs]
        return values[0] if len(values) == 1 else values

    @for_users
    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = "auto", steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:  # fmt: skip
        """Return the outputs for all samples, as NumPy arrays.

        Without a batch size, many samples go through at once where each has its output to itself.
        """
        listeners = callbacks
        rows = self._keras_rows_at_once(x) if batch_size is None and steps is None and callbacks is None else None
        batches = batches_of(x, batch_size=rows or batch_size, steps=steps)
        if not isinstance(callbacks, CallbackList):
            listeners = CallbackList(
                callbacks, add_progbar=bool(verbose), model=self, verbose=verbose, epochs=1, steps=batches.steps
            )
        listeners.on_predict_begin()
        hooked, several, step, found = listeners.wants_batches("predict"), self.steps_per_execution, None, []
        with contextlib.closing(batches.ahead(several)) as executions:
            for i, group in enumerate(executions):
                step = step or self._keras_step("predict", batches.structure)
                if hooked:
                    listeners.on_predict_batch_begin(i * several)
                found += [step(tensors) for tensors in group]
                if hooked:
                    outputs = [_joined(leaves, group[-1]) for leaves in zip(*found[-len(group) :], strict=True)]
                    listeners.on_predict_batch_end(i * several + several - 1, {"outputs": step.packed(outputs)})
        listeners.on_predict_end()
        if step is None:
            raise ValueError(f"predict needs at least one sample, but got {x!r}.")
        return step.packed([_joined(leaves, group[-1]) for leaves in zip(*found, strict=True)])

    def _keras_rows_at_once(self, x: Any) -> int | None:
        """Return how many samples fill the processor's cache; None where a sample's output may depend on others.

        It does not in models of our own layers, but for Lambda.
        """
        if "rows" in vars(self).setdefault("_keras_steps", {}):
            rows: int | None = self._keras_steps["rows"]
            return rows
        layers = list(self._flatten_layers())
        own = all(type(each).__module__.startswith("minitf.") and type(each).__name__ != "Lambda" for each in layers)
        if not own or type(self).predict_step is not Trainer.predict_step:
            rows = None
        else:
            widest = max([1, *(int(each.shape[-1]) for each in self.weights if len(each.shape))])
            rows = max(_CACHE // (4 * widest), 256)
        self._keras_steps["rows"] = rows
        return rows

    # --- batch by batch ---

    def _keras_on_batch(self, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any = None) -> Any:
        batches = ArrayBatches(x, y, sample_weight, None, steps=1, class_weight=class_weight)
        step = self._keras_step(mode, batches.structure)
        ((tensors,),) = batches.epoch()
        return step, step(tensors)

    @for_users
    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Do one step on one batch, and return the loss and the metrics of this batch, as `evaluate` does."""
        self._keras_check_compiled()
        self.reset_metrics()
        logs = self._keras_logs(*self._keras_on_batch("train", x, y, sample_weight, class_weight))
        return logs if return_dict else self._keras_in_order(logs)

    @for_users
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return the loss and the metrics on one batch, as `evaluate` does."""
        self._keras_check_compiled()
        self.reset_metrics()
        logs = self._keras_logs(*self._keras_on_batch("test", x, y, sample_weight))
        return logs if return_dict else self._keras_in_order(logs)

    @for_users
    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch, as NumPy arrays."""
        step, leaves = self._keras_on_batch("predict", x, None, None)
        return step.packed([leaf.numpy() for leaf in leaves])


def _joined(leaves: Sequence[Tensor], inputs: Sequence[Tensor]) -> NDArray[Any]:
    """Put the outputs of batches together; what is a part of the inputs itself is copied."""
    parts = [np.asarray(leaf.array) for leaf in leaves]
    if len(parts) > 1:
        return np.concatenate(parts)
    shared = any(np.may_share_memory(parts[0], np.asarray(each.array)) for each in inputs)
    return parts[0].copy() if shared else parts[0]


def _float(value: Any) -> Any:
    array = value.array if type(value) is Tensor else value
    return np.asarray(array) if array.ndim else float(array)


def _due(epoch: int, frequency: Any) -> bool:
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    if not isinstance(frequency, list | tuple | set):
        asked = "Expected `validation_freq` to be a list or int. Received"
        raise ValueError(f"{asked}: validation_freq={frequency} of the type {type(frequency)}.")
    return epoch + 1 in frequency
