"""Functions of users on elements: the one place where `map`, `filter`, `reduce` and the others call them.

TensorFlow traces such a function once; here it runs for each element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minitf.data.structure import made_up, merged, normal, spec_of
from minitf.dtypes import bool
from minitf.recording import unheard
from minitf.tensor import Tensor

__all__ = ["Call"]


class Call:
    """A function on elements; a tuple becomes its arguments."""

    def __init__(self, function: Any) -> None:
        """Take the function; ValueError if it is none."""
        if not callable(function):
            asked = f"Argument `func` must be a callable. Received func={function} (of type {type(function)})"
            raise ValueError(f"{asked}; pass a function of elements.")
        self.function: Callable[..., Any] = function

    def __call__(self, element: Any) -> Any:
        """Return what the function makes of an element, as an element; a list becomes a tuple."""
        try:
            result = self.function(*element) if type(element) is tuple else self.function(element)
        except StopIteration as error:  # which would end the dataset as if there were no more elements
            raise RuntimeError(f"the function {self.function!r} on elements raised StopIteration") from error
        return normal(tuple(result) if isinstance(result, list) else result)

    def holds(self, element: Any) -> Any:
        """Return the truth that the function gives; ValueError if it gives none."""
        answer = self(element)
        if type(answer) is not Tensor or answer.dtype != bool or answer.ndim:
            asked = "Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its return type is"
            raise ValueError(f"{asked} {spec_of(answer)}; compare with ==, <, ... or use tf.reduce_all.")
        return answer.array

    def stream(self, element: Any) -> Iterator[Any]:
        """Begin the dataset that the function makes of an element; TypeError if it is none."""
        dataset = self(element)
        if isinstance(dataset, Tensor) or not hasattr(type(dataset), "element_spec"):
            raise TypeError(f"`map_func` must return a `tf.data.Dataset` object. Got {type(dataset)}.")
        return iter(dataset)

    def spec(self, dataset: Any) -> Any:
        """Describe what the function returns for elements: for two made-up ones or, where that fails, for the first."""
        with unheard():
            try:
                return merged(*[spec_of(self(made_up(dataset.element_spec, which))) for which in (0, 1)])
            except Exception:
                for element in dataset:
                    return spec_of(self(element))
                raise
