"""`keras.optimizers.legacy`: the optimizers of Keras 2, which Keras 3 names to say where they are; so do we."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["SGD", "Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop"]


class Optimizer:
    """An optimizer of Keras 2; ImportError when it is made.

    >>> tf.keras.optimizers.legacy.SGD(0.1)
    Traceback (most recent call last):
    ImportError: `keras.optimizers.legacy` is not supported in Keras 3; leave `legacy` out: tf.keras.optimizers.SGD.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        instead = f"leave `legacy` out: tf.keras.optimizers.{cls.__name__}."
        raise ImportError(f"`keras.optimizers.legacy` is not supported in Keras 3; {instead}")


SGD, Adagrad, Adam, Ftrl, RMSprop = (type(name, (Optimizer,), {}) for name in __all__ if name != "Optimizer")
