"""Names of layers, models and the like: `Dense` becomes `dense`, the next one `dense_1`; a count for each word."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator

__all__ = ["clear_session", "name_or", "snake_case", "unique_name"]

_counts: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)  # no two threads get the same number


def snake_case(name: str) -> str:
    """Write the name of a class as Keras names its objects.

    >>> snake_case("BatchNormalization"), snake_case("ReLU"), snake_case("MeanSquaredError")
    ('batch_normalization', 're_lu', 'mean_squared_error')
    """
    spaced = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name)))
    return spaced.lower()


def unique_name(name: str) -> str:
    """Return a word that no object has yet: the word itself, or with a number.

    >>> unique_name("snow"), unique_name("snow")
    ('snow', 'snow_1')
    """
    count = next(_counts[name])
    return f"{name}_{count}" if count else name


def name_or(name: str | None, word: str) -> str:
    """Return a name as it was given, or a unique one; ValueError if it is no string, or has a slash in it."""
    if name is not None and (not isinstance(name, str) or "/" in name):
        asked = "Argument `name` must be a string and cannot contain character `/`."
        raise ValueError(f"{asked} Received: name={name} (of type {type(name)})")
    return unique_name(word) if name is None else name


def clear_session(free_memory: bool = True) -> None:
    """Begin to count names anew; nothing else lasts here that would have to be freed."""
    _counts.clear()
