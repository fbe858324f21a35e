"""Constructors that follow from something else: from the settings of a function, or from the attributes of a class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

__all__ = ["OfFunction", "constructor"]

_NAMED = inspect.Parameter.POSITIONAL_OR_KEYWORD


def constructor(
    base: Callable[..., None], first: Mapping[str, Any], last: Mapping[str, Any] | None = None, others: bool = False
) -> Callable[..., None]:
    """Make an `__init__` with settings before and after the arguments of `base`, which is called with all by name.

    With `others`, it takes unknown arguments as well, and leaves them to `base`.

    >>> inspect.signature(tf.keras.optimizers.SGD).parameters["momentum"]
    <Parameter "momentum=0.0">
    """
    *shared, rest = inspect.signature(base).parameters.values()
    before, after = (
        [inspect.Parameter(name, _NAMED, default=value) for name, value in own.items()] for own in (first, last or {})
    )
    between = [each for each in shared[1:] if each.name not in first]
    signature = inspect.Signature([shared[0], *before, *between, *after, *[rest] * others])

    def __init__(*args: Any, **kwargs: Any) -> None:  # noqa: N807
        """Take the settings, and what all of this kind take."""
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        unknown = given.arguments.pop(rest.name, {})
        base(**given.arguments, **unknown)

    __init__.__signature__ = signature  # type: ignore[attr-defined]  # what help() and editors show
    return __init__


class OfFunction:
    """Classes for functions of truth and prediction: `class Huber(NamedLoss, of=huber)`.

    Their constructors take the settings of the function, which become attributes, and what all of the kind take.
    Configs leave out the settings in `usual` that have these values, as Keras's do.

    >>> tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.1).label_smoothing
    0.1
    """

    fn: Callable[..., Any]
    usual: ClassVar[dict[str, Any]] = {}
    _settings_first = True  # before what all of the kind take

    def __init_subclass__(
        cls, of: Callable[..., Any] | None = None, before: Sequence[str] = (), without: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """Make the constructor; of settings that come last, those in `before` come first nevertheless."""
        super().__init_subclass__(**kwargs)
        if of is None:
            return
        cls.fn = staticmethod(of)
        if "__init__" not in vars(cls):
            parameters = list(inspect.signature(of).parameters.values())[2:]
            last = {each.name: each.default for each in parameters if each.name not in without}
            first = {name: last.pop(name) for name in (list(last) if cls._settings_first else before)}
            cls.__init__ = constructor(cls.__init__, first, last)  # type: ignore[method-assign]

    def _unusual(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings that configs have."""
        return {name: value for name, value in settings.items() if (name, value) not in self.usual.items()}
