"""Hypothesis strategies for what exercises are tried on: numbers that read well, bits, lists, arrays, argument tuples.

Every strategy shrinks towards small and simple values, because the smallest failing input is what a student sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from hypothesis.strategies import SearchStrategy


def bits(count: int | None = None, *, max_count: int = 6) -> SearchStrategy[tuple[int, ...]]:
    """Tuples of zeros and ones: *count* of them, or from 1 to *max_count*."""
    low, high = (1, max_count) if count is None else (count, count)
    return st.lists(st.sampled_from([0, 1]), min_size=low, max_size=high).map(tuple)


def grid(low: float, high: float, step: float = 0.125) -> SearchStrategy[float]:
    """Floats low, low + step, ..., high; 0 (or the value nearest it) is simplest.

    With a step that is a power of two every sum of such numbers is exact in floating point, whatever its order, so no
    honest solution loses a point to rounding.
    """
    first, last = round(low / step), round(high / step)
    return st.integers(first, last).map(lambda n: n * step)


def vectors(
    elements: SearchStrategy[Any], count: int | None = None, *, max_count: int = 6
) -> SearchStrategy[tuple[Any, ...]]:
    """Tuples of *elements*: *count* of them, or from 1 to *max_count*."""
    low, high = (1, max_count) if count is None else (count, count)
    return st.lists(elements, min_size=low, max_size=high).map(tuple)


def pairs_of_vectors(
    first: SearchStrategy[Any], second: SearchStrategy[Any], *, max_count: int = 6
) -> SearchStrategy[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Two tuples of one length, from 1 to *max_count*: inputs and their weights."""
    pairs = st.lists(st.tuples(first, second), min_size=1, max_size=max_count)
    return pairs.map(lambda rows: (tuple(a for a, _ in rows), tuple(b for _, b in rows)))


def arrays(
    dtype: Any = np.float32, *, shape: Any = None, elements: SearchStrategy[Any] | None = None
) -> SearchStrategy[np.ndarray[Any, np.dtype[Any]]]:
    """NumPy arrays of *dtype*; *shape* is a tuple or a strategy of shapes (one or two dimensions by default)."""
    shapes = shape if shape is not None else npst.array_shapes(min_dims=1, max_dims=2, max_side=4)
    return npst.arrays(dtype, shapes, elements=elements)


def arguments(*strategies: SearchStrategy[Any]) -> SearchStrategy[tuple[Any, ...]]:
    """Argument tuples: one strategy for each argument."""
    return st.tuples(*strategies)


def one_of(values: Sequence[Any]) -> SearchStrategy[Any]:
    """One of *values*; the first is simplest."""
    return st.sampled_from(list(values))
