"""Optimizer: what all optimizers share, which is everything but the rule by which one variable changes.

An optimizer is built for a list of variables, has slots for each of them (variables of its own, such as a momentum) and
changes them by gradients. All it does is ops on tensors, without a look at a value: so a step can be captured.
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import minitf as tf
from minitf.distribute.replica import summed
from minitf.keras import initializers
from minitf.keras.backend import floatx
from minitf.keras.constructors import constructor
from minitf.keras.naming import snake_case, unique_name
from minitf.keras.optimizers import schedules
from minitf.keras.optimizers.gradients import Pairs, clipped, only_if, prepared, warn_of_missing
from minitf.keras.registry import serialize_keras_object
from minitf.keras.variable import Variable, inside
from minitf.saving.trackable import Trackable

__all__ = ["Optimizer"]

_RATES = (
    "float, or an instance of LearningRateSchedule, or a callable (that takes in the current iteration value and "
    "returns the corresponding learning rate value)"
)


class Optimizer(Trackable):
    """The base of optimizers, and of your own: override `update_step`, and `build` if it needs slots.

    `learning_rate` is a float, a schedule, or a function without arguments. Before variables change, gradients are
    divided by `loss_scale_factor`, and clipped to a norm each (`clipnorm`), to one norm together (`global_clipnorm`) or
    entry by entry (`clipvalue`); with `weight_decay`, variables shrink by that share of the learning rate. With
    `gradient_accumulation_steps`, only every so many steps change something, by the mean of the gradients since.
    With `use_ema` it keeps moving averages of the variables (after Polyak and Juditsky, 1992), which replace them every
    `ema_overwrite_frequency` steps.

    It knows its variables by identity. A copy, or what was pickled, has its state, and goes on with the variables that
    it meets first, which must have the shapes of the old ones.

    ValueError for arguments that are not known, out of their range, or exclude one another.

    >>> class SignDescent(tf.keras.optimizers.Optimizer):
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         variable.assign_sub(learning_rate * tf.sign(gradient))
    >>> w = tf.Variable([1.0, 2.0])
    >>> SignDescent(0.5).apply_gradients([(tf.constant([3.0, -3.0]), w)])
    <Variable path=sign_descent/iteration, shape=(), dtype=int64, value=1>
    >>> print(w.numpy())
    [0.5 2.5]
    """

    hyperparameters: tuple[str, ...] = ()  # those that not all optimizers have
    # Checkpoints find the variables in `_variables`, as those of Keras do.
    _not_saved = frozenset(
        {"_trainable_variables", "_places", "_slots", "_averages", "_accumulated", "_excluded", "_copied"}
    )

    def __init_subclass__(cls, learning_rate: float | None = None, **kwargs: Any) -> None:
        """Make a constructor that takes the annotated attributes of the class as hyperparameters, if it is asked for.

        `class Adam(Optimizer, learning_rate=0.001)` asks for one, which takes this learning rate where none is given.
        """
        super().__init_subclass__(**kwargs)
        if learning_rate is not None:
            own = [name for name in inspect.get_annotations(cls) if name in vars(cls)]
            cls.hyperparameters = tuple(dict.fromkeys([*own, *cls.hyperparameters]))
            first = {"learning_rate": learning_rate, **{name: getattr(cls, name) for name in cls.hyperparameters}}
            cls.__init__ = constructor(Optimizer.__init__, first, others=True)  # type: ignore[method-assign]

    def __init__(
        self, learning_rate: Any, weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        vars(self).update({name: kwargs.pop(name) for name in self.hyperparameters if name in kwargs})
        if kwargs.pop("decay", None) is not None:
            instead = "give a schedule as the learning rate, such as InverseTimeDecay."
            warnings.warn(f"Argument `decay` is no longer supported and will be ignored; {instead}", stacklevel=3)
        if kwargs:
            hint = "; write learning_rate=... for lr" if "lr" in kwargs else ""
            raise ValueError(f"Argument(s) not recognized: {kwargs}{hint}.")
        self.name = unique_name(snake_case(type(self).__name__)) if name is None else name
        self.weight_decay, self.loss_scale_factor = weight_decay, loss_scale_factor
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, ema_overwrite_frequency
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._check()
        self.built = False
        self._variables: list[Any] = []
        self._trainable_variables: list[Any] = []
        self._places: dict[int, int] = {}  # of the trainable variables, by their keys
        self._slots: list[list[Any]] = []  # of each of them
        self._averages: list[Any] = []
        self._accumulated: list[Any] = []
        self._excluded: tuple[set[int], str] = (set(), "")  # from weight decay: variables, and a pattern of names
        self._copied: list[Any] | None = None  # in a copy: the shapes of the variables, until it meets some
        self._iterations = self._tracked(0, name="iteration", dtype=tf.int64)
        self._learning_rate: Any = learning_rate
        if not callable(learning_rate):
            if not isinstance(learning_rate, float):
                got = f"Received instead: learning_rate={learning_rate}"
                raise ValueError(f"Argument `learning_rate` should be {_RATES}. {got}; write it with a point: 1.0.")
            self._learning_rate = self._tracked(learning_rate, name="learning_rate", dtype=tf.as_dtype(floatx()))

    def _check(self) -> None:
        """Refuse arguments out of their range, or that exclude one another."""
        steps, share, frequency = self.gradient_accumulation_steps, self.ema_momentum, self.ema_overwrite_frequency
        clips = {name: getattr(self, name) for name in ("clipnorm", "clipvalue", "global_clipnorm")}
        if steps and steps < 2:
            asked = "`gradient_accumulation_steps` must be an integer >= 2"
            raise ValueError(f"{asked}. Received: gradient_accumulation_steps={steps}; None changes at every step.")
        if self.use_ema and not 0 <= share <= 1:
            raise ValueError(f"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={share}.")
        if self.use_ema and frequency and (not isinstance(frequency, int) or frequency < 1):
            asked = "`ema_overwrite_frequency` must be an integer >= 1 or None"
            raise ValueError(f"{asked}. Received: ema_overwrite_frequency={frequency}.")
        if sum(value is not None for value in clips.values()) > 1:
            got = ", ".join(f"{name}={value}" for name, value in clips.items())
            asked = "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set."
            raise ValueError(f"{asked} Received: {got}; leave two out.")

    # --- what it has ---

    @property
    def variables(self) -> list[Any]:
        """Its own variables: the count of steps, the learning rate, and the slots."""
        return [*self._variables]

    @property
    def iterations(self) -> Any:
        """How often the variables have been changed; without accumulated gradients, a variable."""
        steps = self.gradient_accumulation_steps
        return self._iterations // steps if steps else self._iterations

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the next step: a variable, or what the schedule or function gives.

        A number may be assigned, or a schedule; TypeError for a number in place of a schedule or function.

        >>> optimizer = tf.keras.optimizers.SGD(0.5, name="sgd")
        >>> optimizer.learning_rate = 0.25
        >>> optimizer.learning_rate
        <Variable path=sgd/learning_rate, shape=(), dtype=float32, value=0.25>
        """
        rate = self._learning_rate
        if isinstance(rate, schedules.LearningRateSchedule):
            return rate(self._iterations)
        return rate() if callable(rate) else rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        settable = isinstance(self._learning_rate, Variable)
        if callable(learning_rate):
            if settable:
                self._variables = [each for each in self._variables if each is not self._learning_rate]
            self._learning_rate = learning_rate
        elif settable:
            self._learning_rate.assign(learning_rate)
        else:
            asked = "This optimizer was created with a `LearningRateSchedule` object, or a function, as its"
            what = "`learning_rate` constructor argument, hence its learning rate is not settable"
            raise TypeError(f"{asked} {what}; create it with a float to set it later.")

    lr = learning_rate  # as it was called before Keras 2.3, and in books since

    # --- its variables ---

    def build(self, variables: Iterable[Any]) -> None:
        """Make the slots for these variables; the second time, nothing happens.

        A copy has slots already, and takes the variables for its own; ValueError for other shapes.
        """
        variables = list(variables)
        if self._copied is not None:
            self._adopt(variables)
        if self.built:
            return
        for variable in variables:
            if not isinstance(variable, tf.Variable):
                do = "pairs are (gradient, variable), in this order"
                raise AttributeError(f"An optimizer changes variables, but got {type(variable).__name__}; {do}.")
        if self.use_ema:
            self._averages = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated = self.add_optimizer_variables(variables, "gradient_accumulator")
        self._know(variables)
        self._slots = [[] for _ in variables]
        for group in self.slots():
            for slots, variable in zip(self._slots, variables, strict=True):
                for name, start in group.items():
                    slots.append(self.add_variable_from_reference(variable, name, initializers.Constant(start)))
        self.built = True

    def _know(self, variables: list[Any]) -> None:
        self._places = {variable.key: place for place, variable in enumerate(variables)}
        self._trainable_variables = variables

    def __getstate__(self) -> dict[str, Any]:
        """Leave the variables out of a copy, and of a pickle: it goes on with those that it meets first."""
        if not self.built or self._copied is not None:
            return vars(self)
        shapes = [tuple(variable.shape) for variable in self._trainable_variables]
        keys, words = self._excluded
        excluded = {self._places[key] for key in keys & self._places.keys()}, words
        forgotten = {"_places": {}, "_trainable_variables": [], "_excluded": excluded}
        return {**vars(self), **forgotten, "_copied": shapes}

    def _adopt(self, variables: list[Any]) -> None:
        shapes = [tuple(getattr(variable, "shape", ())) for variable in variables]
        if shapes != self._copied:
            asked = f"Unknown variables: this copy of an optimizer goes on for variables of shapes {self._copied}"
            raise ValueError(f"{asked}, but got {shapes}; give it all of these first, or make another optimizer.")
        self._know(variables)
        places, words = self._excluded
        self._excluded, self._copied = ({variables[place].key for place in places}, words), None

    def slots(self) -> list[dict[str, float]]:
        """Return the names of slots and what they start with; a group is made for one variable after the other."""
        return []

    def slots_of(self, variable: Any) -> list[Any]:
        """Return the slots of a variable, in the order of their names."""
        return self._slots[self._get_variable_index(variable)]

    def _get_variable_index(self, variable: Any) -> int:  # optimizers of users, written for Keras, ask for it
        return self._places[variable.key]

    def _tracked(self, initializer: Any, **options: Any) -> Variable:
        with inside(self.name):
            variable = Variable(initializer, **options, trainable=False)
        self._variables.append(variable)
        return variable

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: Any = None, aggregation: str | None = "none",
        layout: None = None, name: str | None = None,
    ) -> Variable:  # fmt: skip
        """Make a variable of the optimizer, which is saved with it; layout is for other backends of Keras."""
        start = initializers.get(initializer)
        return self._tracked(start, shape=shape, dtype=dtype, aggregation=aggregation, name=name)

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Make a variable of the shape and dtype of another one, and with both names."""
        path = getattr(reference_variable, "path", None) or reference_variable.name.replace(":", "_")
        named = f"{path.replace('/', '_')}_{name or 'var'}"
        return self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, name=named)

    def add_optimizer_variables(self, trainable_variables: Iterable[Any], name: Any, initializer: Any = "zeros") -> Any:
        """Make a variable for each one given, and return them as a list; for several names, a list for each.

        ValueError for another number of initializers than names.
        """
        if isinstance(name, str):
            return [self.add_variable_from_reference(each, name, initializer) for each in trainable_variables]
        starts = initializer if isinstance(initializer, list | tuple) else [initializer] * len(name)
        if len(starts) != len(name):
            asked = "The number of provided names must match the number of provided initializers"
            raise ValueError(f"{asked}. Received name='{name}', initializer='{initializer}'.")
        rows = [
            [self.add_variable_from_reference(each, own, start) for own, start in zip(name, starts, strict=True)]
            for each in trainable_variables
        ]
        return tuple([row[i] for row in rows] for i in range(len(name)))

    def _trackable_children(self) -> Mapping[Any, Any]:
        return {name: part for name, part in vars(self).items() if name not in self._not_saved}

    # --- a step ---

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Change one variable, and its slots; gradient and learning rate have its dtype."""
        raise NotImplementedError(f"{type(self).__name__} must override update_step(gradient, variable, learning_rate)")

    def rate_of_step(self, learning_rate: Any) -> Any:
        """Return what `update_step` gets as the learning rate: computed once a step, not for each variable."""
        return learning_rate

    def assign(self, variable: Any, value: Any) -> None:
        """Set a variable."""
        variable.assign(value, read_value=False)

    def assign_add(self, variable: Any, value: Any) -> None:
        """Add to a variable."""
        variable.assign_add(value, read_value=False)

    def assign_sub(self, variable: Any, value: Any) -> None:
        """Subtract from a variable."""
        variable.assign_sub(value, read_value=False)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Any]]) -> Any:
        """Change variables by gradients, given in pairs; return the count of steps.

        ValueError if there is no gradient at all, or a variable that the optimizer was not built for.

        >>> w = tf.Variable(3.0)
        >>> with tf.GradientTape() as tape:
        ...     loss = w**2
        >>> optimizer = tf.keras.optimizers.SGD(0.1)
        >>> count = optimizer.apply_gradients(zip(tape.gradient(loss, [w]), [w]))
        >>> print(w.numpy().round(3), count.numpy())
        2.4 1
        """
        pairs = list(grads_and_vars)
        if not pairs:
            warn_of_missing(pairs)
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
        return self._iterations

    def apply(self, grads: Sequence[Any], trainable_variables: Iterable[Any] | None = None) -> None:
        """Change variables by gradients; those it was built for, if no others are given. No gradients do nothing."""
        if not len(grads):
            return
        given = list(zip(grads, self._known(grads, trainable_variables), strict=False))
        scale = self.loss_scale_factor
        pairs = [(summed(prepared(each, variable, scale)), variable) for each, variable in given if each is not None]
        if len(pairs) < len(given):
            warn_of_missing(given)
        if self.gradient_accumulation_steps:
            self._accumulate(pairs, self.gradient_accumulation_steps)
        else:
            self._update(self._clipped(pairs))
        if self.use_ema:
            self._average()
        for _, variable in pairs:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable), read_value=False)
        self._iterations.assign_add(1, read_value=False)

    def _known(self, grads: Sequence[Any], trainable_variables: Iterable[Any] | None) -> list[Any]:
        if trainable_variables is None:
            if not self.built:
                asked = "When passing `grads` without `variables`, the optimizer must already be built on a list of"
                raise ValueError(f"{asked} variables. Call `optimizer.build(trainable_variables)` first.")
            if len(grads) != len(self._trainable_variables):
                asked = "When passing `grads` as a list of gradient tensors, the gradients must match the variables"
                got = f"Received a list of {len(grads)} gradients, but the optimizer is tracking"
                raise ValueError(f"{asked} one-to-one. {got} {len(self._trainable_variables)} trainable variables.")
            return self._trainable_variables
        variables = list(trainable_variables)
        if self._copied is not None:
            self._adopt(variables)
        elif not self.built:
            self.build(variables)
        for variable in variables:
            if getattr(variable, "key", None) not in self._places:
                only = "This optimizer can only be called for the variables it was originally built with"
                raise ValueError(f"Unknown variable: {variable}. {only}; make another optimizer for other variables.")
        return variables

    def _update(self, pairs: Pairs) -> None:
        """Change each variable by its gradient."""
        learning_rate = tf.convert_to_tensor(self.learning_rate)
        rates: dict[Any, tuple[Any, Any]] = {}
        for gradient, variable in pairs:
            dtype = variable.dtype
            if dtype not in rates:
                rate = learning_rate if learning_rate.dtype is dtype else tf.cast(learning_rate, dtype)
                shrinking = None if self.weight_decay is None else rate * self.weight_decay
                rates[dtype] = shrinking, self.rate_of_step(rate)
            shrinking, rate = rates[dtype]
            if shrinking is not None and self._decays(variable):
                variable.assign_sub(variable.value() * shrinking, read_value=False)
            self.update_step(gradient, variable, rate)

    def _clipped(self, pairs: Pairs) -> Pairs:
        return clipped(pairs, self.clipnorm, self.clipvalue, self.global_clipnorm)

    def _accumulate(self, pairs: Pairs, steps: int) -> None:
        """Change variables by the mean of so many gradients, if this is the last of them.

        Everything is computed at each step, and taken back where it was not due: a program cannot do it now and then.
        """
        due = tf.equal((self._iterations.value() + 1) % steps, 0)
        own = set(map(id, (self._iterations, self._learning_rate, *self._averages, *self._accumulated)))
        changing = [variable for _, variable in pairs] + [each for each in self._variables if id(each) not in own]
        sums = [accumulated.value() for accumulated in self._accumulated]
        places = [self._places[variable.key] for _, variable in pairs]
        for place, (gradient, _) in zip(places, pairs, strict=True):
            sums[place] = sums[place] + gradient
        with only_if(due, changing):
            self._update(self._clipped([(sums[n] / steps, pair[1]) for n, pair in zip(places, pairs, strict=True)]))
        for accumulated, value in zip(self._accumulated, sums, strict=True):
            accumulated.assign(tf.where(due, tf.zeros_like(value), value), read_value=False)

    def _average(self) -> None:
        """Bring the moving averages up to date, and put them in place of the variables when it is time."""
        count, frequency = tf.convert_to_tensor(self.iterations), self.ema_overwrite_frequency
        due = tf.equal((count + 1) % frequency, 0) if frequency else None
        for variable, average in zip(self._trainable_variables, self._averages, strict=True):
            share = tf.cast(tf.not_equal(count, 0), variable.dtype) * self.ema_momentum  # the first value is the start
            value = variable.value()
            mean = share * average.value() + (1 - share) * value
            average.assign(mean, read_value=False)
            if due is not None:
                variable.assign(tf.where(due, mean, value), read_value=False)

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """Put the moving averages in place of the variables, after training; without `use_ema`, nothing happens."""
        if self.use_ema:
            for variable, average in zip(var_list, self._averages, strict=False):
                variable.assign(average.value())

    def scale_loss(self, loss: Any) -> Any:
        """Multiply a loss by `loss_scale_factor`, if there is one; its gradients are divided by it."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def minimize(self, loss: Any, var_list: Any, tape: Any = None) -> Any:
        """Make one step that lowers a loss: a function without arguments, or a tensor and the tape that recorded it.

        Keras 3 has left it out. ValueError for a tensor without its tape.

        >>> w = tf.Variable(3.0)
        >>> count = tf.keras.optimizers.SGD(0.1).minimize(lambda: w**2, [w])
        >>> print(w.numpy().round(3))
        2.4
        """
        if not callable(loss) and tape is None:
            raise ValueError(f"`tape` is required when a `Tensor` loss is passed. Received: loss={loss}, tape={tape}.")
        if callable(loss):
            with tf.GradientTape() if tape is None else tape as tape:
                loss = loss()
        variables = var_list() if callable(var_list) else var_list
        return self.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    # --- weight decay ---

    def exclude_from_weight_decay(
        self, var_list: Iterable[Any] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Keep variables from decaying: those in a list, and those with one of these words in their names."""
        self._excluded = {variable.key for variable in var_list or ()}, "|".join(var_names or ())

    def _decays(self, variable: Any) -> bool:
        keys, words = self._excluded
        return variable.key not in keys and not (words and re.search(words, variable.name))

    # --- configs and files ---

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an optimizer like this one."""
        rate = self._learning_rate
        described = float(rate) if isinstance(rate, Variable) else serialize_keras_object(rate)
        names = (
            "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "ema_momentum",
            "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps", *self.hyperparameters,
        )  # fmt: skip
        return {"name": self.name, "learning_rate": described, **{name: getattr(self, name) for name in names}}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Make an optimizer from such arguments; a learning rate may be the config of a schedule."""
        rate = config.get("learning_rate")
        made = {"learning_rate": schedules.deserialize(rate, custom_objects)} if isinstance(rate, Mapping) else {}
        return cls(**{**config, **made})

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set its own variables; ValueError before it is built, or for other shapes."""
        if not self.built:
            asked = "You are calling `set_weights()` on an optimizer that has not yet been built"
            raise ValueError(f"{asked}. Please call `optimizer.build(trainable_variables)` first.")
        for variable, weight in zip(self.variables, weights, strict=False):
            if tuple(variable.shape) != tuple(weight.shape):
                asked = f"Optimizer variable {variable.path} has shape {variable.shape} not compatible with provided"
                raise ValueError(f"{asked} weight shape {weight.shape}; give arrays in the order of `variables`.")
            variable.assign(weight)

    def save_own_variables(self, store: Any) -> None:
        """Put the values of its variables into a store, such as a group of an h5 file, as "0", "1" and so on."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Take the values of its variables from a store; another number of them is left, with a warning."""
        if len(store.keys()) != len(self.variables):
            asked = f"Skipping variable loading for optimizer '{self.name}', because it has {len(self.variables)}"
            got = f"variables whereas the saved optimizer has {len(store.keys())} variables"
            warnings.warn(f"{asked} {got}; build it for the same model first.", stacklevel=2)
            return
        for i, variable in enumerate(self.variables):
            variable.assign(store[str(i)])
