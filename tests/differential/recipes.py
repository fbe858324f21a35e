"""Recipes: inputs that both sides can read, so that one drawn example runs on minitf and on TensorFlow alike.

A recipe is a plain Python value, a NumPy array, or one of the classes here (`Given` becomes a tensor, or now and then a
variable, `Dtype` a dtype, `Code` what its text gives with `tf` for the side it runs on), alone or within lists, tuples
and dicts. The tables draw `(args, kwargs)` of recipes with `call(...)`; the strategies below are their vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Arrays = st.SearchStrategy[np.ndarray]


@dataclass(frozen=True)
class Given:
    """An array that becomes a tensor."""

    array: Any

    def __repr__(self) -> str:
        return f"tensor({self.array!r})"


@dataclass(frozen=True)
class Dtype:
    """A dtype by name."""

    name: str


@dataclass(frozen=True)
class Code:
    """An expression in `tf` and `np`, such as a function: Code("lambda x: tf.square(x)")."""

    text: str


def build(tf: Any, recipe: Any, made: list[Any], held: bool = False) -> Any:
    """Make the value of a recipe for one side; what `Given`s become goes to `made` in order, as variables if `held`."""
    if isinstance(recipe, Given):
        kind = tf.Variable if held and recipe.array.dtype.kind == "f" else tf.constant
        made.append(kind(recipe.array))
        return made[-1]
    if isinstance(recipe, Dtype):
        return getattr(tf, recipe.name)
    if isinstance(recipe, Code):
        return eval(recipe.text, {"tf": tf, "np": np})
    if isinstance(recipe, dict):
        return {key: build(tf, part, made, held) for key, part in recipe.items()}
    if isinstance(recipe, tuple) and hasattr(recipe, "_fields"):
        return type(recipe)(*(build(tf, part, made, held) for part in recipe))
    if isinstance(recipe, list | tuple):
        return type(recipe)(build(tf, part, made, held) for part in recipe)
    return recipe


FLOATS = ["float32", "float64"]
INTEGERS = ["int32", "int64"]
NUMBERS = ["int32", "int64", *FLOATS]
SMALL = ["uint8", "int8", "int16", "float16"]
EVERY = [*NUMBERS, *SMALL, "bool"]
SHAPES = st.sampled_from([(), (1,), (3,), (2, 3), (2, 1), (1, 3), (0,), (0, 2), (2, 2, 3)])


def shapes(least: int, most: int | None = None, smallest: int = 0) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of rank `least` to `most`, or of just that rank, with sizes from `smallest` to 3."""
    return hnp.array_shapes(min_dims=least, max_dims=least if most is None else most, min_side=smallest, max_side=3)


def entries(dtype: str, positive: bool = False, finite: bool = False) -> st.SearchStrategy[Any]:
    """Entries of arrays: small numbers whose sums are exact, and nan, inf and -0 unless `positive` or `finite`."""
    if dtype == "bool":
        return st.booleans()
    low = 0 if positive or dtype == "uint8" else -9
    if "int" in dtype:
        return st.integers(low, 9)
    special = [] if positive or finite else [float("inf"), -float("inf"), float("nan"), -0.0]
    return st.one_of(
        st.floats(low, 9, width=16).map(lambda x: 0.0 if abs(x) < 2**-10 else x), st.sampled_from([0.0, 1.0, *special])
    )


def arrays(dtypes: list[str], shapes: Any = SHAPES, positive: bool = False, finite: bool = False) -> Arrays:
    return st.sampled_from(dtypes).flatmap(lambda d: hnp.arrays(d, shapes, elements=entries(d, positive, finite)))


def tensors(dtypes: list[str] = NUMBERS, shapes: Any = SHAPES, **kwargs: bool) -> st.SearchStrategy[Given]:
    """Tensors only: as `arrays`, Given."""
    return arrays(dtypes, shapes, **kwargs).map(Given)


def values(dtypes: list[str], shapes: Any = SHAPES) -> st.SearchStrategy[Any]:
    """Tensors mostly, and the same as NumPy arrays, lists and plain numbers."""
    some = arrays(dtypes, shapes)
    plain = st.one_of(st.integers(-9, 9), st.booleans(), st.sampled_from([0.0, 1.5, -2.0, float("inf")]))
    # A list of nothing has lost its shape and dtype, so lists have entries.
    lists = some.filter(lambda a: a.size > 0).map(lambda a: a.tolist())
    # TensorFlow remembers the tensors of plain numbers, and takes 0.0 for -0.0 if that came first.
    lists = lists.map(lambda plain: plain or type(plain)())
    return st.one_of(some.map(Given), some.map(Given), some, lists, plain)


def several(
    count: int | tuple[int, int] = (1, 3), dtypes: list[str] = NUMBERS, shapes: Any = SHAPES, alike: bool = True
) -> st.SearchStrategy[list[Given]]:
    """Draw a list of tensors of one dtype; of one shape too, or each of its own with alike=False."""
    least, most = count if isinstance(count, tuple) else (count, count)

    def of(dtype: str, shape: Any) -> st.SearchStrategy[list[Given]]:
        return st.lists(tensors([dtype], shape), min_size=least, max_size=most)

    shape = shapes.map(st.just) if alike else st.just(shapes)
    return st.tuples(st.sampled_from(dtypes), shape).flatmap(lambda drawn: of(*drawn))


def indices(size: int, shapes: Any = SHAPES, stray: int = 0, dtypes: list[str] = INTEGERS) -> st.SearchStrategy[Given]:
    """Tensors of indices in [0, size), or from -stray to size - 1 + stray to ask for errors."""
    return st.sampled_from(dtypes).flatmap(
        lambda d: hnp.arrays(d, shapes, elements=st.integers(-stray, max(size - 1 + stray, 0))).map(Given)
    )


def structures(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists, tuples and dicts of what `leaf` draws, nested to a depth of about two, and leaves alone."""
    inner = st.one_of(leaf, st.lists(leaf, max_size=2), st.dictionaries(st.sampled_from("ab"), leaf, max_size=2))
    return st.one_of(
        leaf,
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    )


def call(*args: Any, **kwargs: Any) -> st.SearchStrategy[tuple[tuple[Any, ...], dict[str, Any]]]:
    return st.tuples(st.tuples(*args), st.fixed_dictionaries(kwargs))


@st.composite
def same_dtype_pairs(
    draw: Callable[..., Any], dtypes: Sequence[str] = NUMBERS, positive: bool = False
) -> tuple[Any, Any]:
    dtype = draw(st.sampled_from(dtypes))
    return Given(draw(arrays([dtype], positive=positive))), Given(draw(arrays([dtype], positive=positive)))


def pairs(dtypes: list[str] = NUMBERS) -> Any:
    """Calls with two values: two tensors of one dtype, whose shapes may broadcast, or any two."""
    return st.one_of(same_dtype_pairs(dtypes).map(lambda drawn: (drawn, {})), call(values(dtypes), ANY))


@st.composite
def products(draw: Callable[..., Any]) -> tuple[tuple[Any, Any], dict[str, Any]]:
    """Calls of matmul with shapes that fit, the right one transposed or not."""
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    batch = draw(st.sampled_from([(), (2,), (1,)]))
    dtype = draw(st.sampled_from(NUMBERS))
    a, b = (hnp.arrays(dtype, shape, elements=entries(dtype, positive=True)) for shape in ((*batch, n, k), (k, m)))
    transposed = draw(st.booleans())
    right = draw(b)
    return (Given(draw(a)), Given(right.T.copy() if transposed else right)), {"transpose_b": transposed}


ANY = values(EVERY)
NUMERIC = values(NUMBERS)
BOOLEAN = values(["bool"])
AXIS = st.one_of(st.none(), st.integers(-3, 3), st.lists(st.integers(-3, 2), max_size=2))
ONE_AXIS = st.integers(-3, 2)
DTYPES = st.sampled_from(EVERY).map(Dtype)
SIZES = st.lists(st.integers(-1, 4), max_size=3)
SCALARS = st.one_of(st.integers(-5, 9), st.sampled_from([0.5, 2.0, -1.0, 0.25]))
SEVERAL = st.one_of(
    st.lists(NUMERIC, min_size=2, max_size=3),
    several((1, 3), shapes=hnp.array_shapes(min_dims=1, max_dims=2, max_side=2)),
)
ONE = call(ANY)
REDUCED = st.one_of(call(NUMERIC, axis=AXIS, keepdims=st.booleans()), call(BOOLEAN, axis=AXIS, keepdims=st.booleans()))
LIKE = st.one_of(call(ANY), call(ANY, DTYPES))
