"""How optimizers get their constructors: from the attributes of their classes, which are their hyperparameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["constructor"]

_NAMED = inspect.Parameter.POSITIONAL_OR_KEYWORD


def constructor(cls: Any, base: Callable[..., None], learning_rate: float) -> Callable[..., None]:
    """Make the `__init__` of a class: its hyperparameters come first, then what `base` takes, which is called.

    >>> inspect.signature(tf.keras.optimizers.SGD).parameters["momentum"]
    <Parameter "momentum=0.0">
    """
    shared = inspect.signature(base).parameters
    own = {"learning_rate": learning_rate, **{name: getattr(cls, name) for name in cls.hyperparameters}}
    first = [shared["self"], *(inspect.Parameter(name, _NAMED, default=value) for name, value in own.items())]
    signature = inspect.Signature([*first, *(each for name, each in shared.items() if name not in ("self", *own))])

    def __init__(*args: Any, **kwargs: Any) -> None:  # noqa: N807
        """Take the hyperparameters, and what all optimizers take: see `Optimizer`."""
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        values = given.arguments
        self, others = values.pop("self"), values.pop("kwargs")
        vars(self).update({name: values[name] for name in cls.hyperparameters})
        base(self, **{name: value for name, value in values.items() if name in shared}, **others)

    __init__.__signature__ = signature  # type: ignore[attr-defined]  # what help() and editors show
    return __init__
