"""Every public name of minitf does what TensorFlow's does: values, dtypes, shapes, printed forms and error classes.

Inputs are generated as recipes that both sides can read: plain Python values, NumPy arrays, `Given` tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minitf


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


FLOATS = ["float32", "float64"]
NUMBERS = ["int32", "int64", *FLOATS]
SMALL = ["uint8", "int8", "int16", "float16"]
SHAPES = st.sampled_from([(), (1,), (3,), (2, 3), (2, 1), (1, 3), (0,), (0, 2), (2, 2, 3)])


def entries(dtype: str, positive: bool = False) -> st.SearchStrategy[Any]:
    if dtype == "bool":
        return st.booleans()
    low = 0 if positive or dtype == "uint8" else -9
    if "int" in dtype:
        return st.integers(low, 9)
    special = [] if positive else [float("inf"), -float("inf"), float("nan"), -0.0]
    return st.one_of(
        st.floats(low, 9, width=16).map(lambda x: 0.0 if abs(x) < 2**-10 else x), st.sampled_from([0.0, 1.0, *special])
    )


def arrays(dtypes: list[str], shapes: Any = SHAPES, positive: bool = False) -> st.SearchStrategy[np.ndarray]:
    return st.sampled_from(dtypes).flatmap(lambda d: hnp.arrays(d, shapes, elements=entries(d, positive)))


def values(dtypes: list[str], shapes: Any = SHAPES) -> st.SearchStrategy[Any]:
    """Tensors mostly, and the same as NumPy arrays, lists and plain numbers."""
    some = arrays(dtypes, shapes)
    plain = st.one_of(st.integers(-9, 9), st.booleans(), st.sampled_from([0.0, 1.5, -2.0, float("inf")]))
    # A list of nothing has lost its shape and dtype, so lists have entries.
    lists = some.filter(lambda a: a.size > 0).map(lambda a: a.tolist())
    return st.one_of(some.map(Given), some.map(Given), some, lists, plain)


ANY = values([*NUMBERS, *SMALL, "bool"])
NUMERIC = values(NUMBERS)
AXIS = st.one_of(st.none(), st.integers(-3, 3), st.lists(st.integers(-3, 2), max_size=2))
DTYPES = st.sampled_from([*NUMBERS, *SMALL, "bool"]).map(Dtype)
SIZES = st.lists(st.integers(-1, 4), max_size=3)


def call(*args: Any, **kwargs: Any) -> st.SearchStrategy[tuple[tuple[Any, ...], dict[str, Any]]]:
    return st.tuples(st.tuples(*args), st.fixed_dictionaries(kwargs))


@st.composite
def same_dtype_pairs(draw: Callable[..., Any], dtypes: list[str] = NUMBERS) -> tuple[Any, Any]:
    dtype = draw(st.sampled_from(dtypes))
    return Given(draw(arrays([dtype]))), Given(draw(arrays([dtype])))


def pairs(dtypes: list[str] = NUMBERS) -> Any:
    return st.one_of(
        st.tuples(same_dtype_pairs(dtypes), st.just({})).map(lambda drawn: (drawn[0], {})), call(values(dtypes), ANY)
    )


@st.composite
def products(draw: Callable[..., Any]) -> tuple[tuple[Any, Any], dict[str, Any]]:
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    batch = draw(st.sampled_from([(), (2,), (1,)]))
    dtype = draw(st.sampled_from(NUMBERS))
    a, b = (hnp.arrays(dtype, shape, elements=entries(dtype, positive=True)) for shape in ((*batch, n, k), (k, m)))
    transposed = draw(st.booleans())
    right = draw(b)
    return (Given(draw(a)), Given(right.T.copy() if transposed else right)), {"transpose_b": transposed}


ONE = call(ANY)
REDUCED = st.one_of(
    call(values(NUMBERS), axis=AXIS, keepdims=st.booleans()), call(values(["bool"]), axis=AXIS, keepdims=st.booleans())
)
LIKE = st.one_of(call(ANY), call(ANY, DTYPES))
SEVERAL = st.one_of(
    st.lists(NUMERIC, min_size=2, max_size=3),
    st.sampled_from(NUMBERS).flatmap(
        lambda d: hnp.array_shapes(min_dims=1, max_dims=2, max_side=2).flatmap(
            lambda s: st.lists(arrays([d], s).map(Given), min_size=1, max_size=3)
        )
    ),
)
SCALARS = st.one_of(st.integers(-5, 9), st.sampled_from([0.5, 2.0, -1.0, 0.25]))

TABLE: dict[str, Any] = {
    "abs": ONE,
    "add": pairs(),
    "as_dtype": call(st.sampled_from(["float32", "half", "double", "bool", "int8", "nonsense", float, bool, np.int64])),
    "cast": call(values(["int32", "uint8", "bool"]), DTYPES),
    "concat": call(SEVERAL, st.integers(-3, 2)),
    "constant": st.one_of(call(ANY), call(ANY, DTYPES), call(ANY, shape=st.lists(st.integers(0, 3), max_size=2))),
    "convert_to_tensor": st.one_of(call(ANY), call(ANY, DTYPES), call(ANY, dtype_hint=DTYPES)),
    "divide": pairs(),
    "equal": pairs(),
    "exp": ONE,
    "expand_dims": call(ANY, st.integers(-4, 4)),
    "fill": call(SIZES, NUMERIC),
    "greater": pairs(),
    "greater_equal": pairs(),
    "identity": ONE,
    "is_tensor": ONE,
    "less": pairs(),
    "less_equal": pairs(),
    "linspace": call(SCALARS, SCALARS, st.integers(-1, 6)),
    "logical_and": pairs(["bool"]),
    "logical_not": ONE,
    "logical_or": pairs(["bool"]),
    "matmul": st.one_of(products(), call(NUMERIC, NUMERIC)),
    "math.floordiv": pairs(),
    "math.floormod": pairs(),
    "math.log": ONE,
    "math.logical_xor": pairs(["bool"]),
    "maximum": pairs(),
    "minimum": pairs(),
    "multiply": pairs(),
    "negative": ONE,
    "nn.relu": ONE,
    "not_equal": pairs(),
    "ones": st.one_of(call(SIZES), call(SIZES, DTYPES)),
    "ones_like": LIKE,
    "pow": call(values(["int32", "float64"], st.sampled_from([(), (2,)])), st.one_of(st.integers(-2, 3), st.just(2.0))),
    "range": st.one_of(call(SCALARS), call(SCALARS, SCALARS), call(SCALARS, SCALARS, SCALARS)),
    "rank": ONE,
    "reduce_all": REDUCED,
    "reduce_any": REDUCED,
    "reduce_max": REDUCED,
    "reduce_mean": REDUCED,
    "reduce_min": REDUCED,
    "reduce_sum": REDUCED,
    "reshape": call(ANY, st.lists(st.integers(-2, 6), max_size=3)),
    "shape": ONE,
    "sigmoid": ONE,
    "sign": ONE,
    "size": ONE,
    "sqrt": ONE,
    "square": ONE,
    "stack": call(SEVERAL, st.integers(-3, 3)),
    "subtract": pairs(),
    "tensordot": st.one_of(call(NUMERIC, NUMERIC, st.integers(-1, 2)), products().map(lambda c: (c[0], {"axes": 1}))),
    "transpose": st.one_of(call(ANY), call(ANY, st.lists(st.integers(-2, 2), max_size=3))),
    "where": st.one_of(call(values(["bool"])), call(values(["bool"]), NUMERIC, NUMERIC)),
    "zeros": st.one_of(call(SIZES), call(SIZES, DTYPES)),
    "zeros_like": LIKE,
}

# Names that are no functions of values; what they are is tested by the other files here and in tests/minitf.
NO_FUNCTIONS = {"DType", "Tensor", "TensorShape", "newaxis", "dtypes", "errors", "linalg", "math", "nn"}


def resolve(module: Any, name: str) -> Any:
    for part in name.split("."):
        module = getattr(module, part)
    return module


def build(tf: Any, recipe: Any) -> Any:
    if isinstance(recipe, Given):
        return tf.constant(recipe.array)
    if isinstance(recipe, Dtype):
        return getattr(tf, recipe.name)
    if isinstance(recipe, list):
        return [build(tf, part) for part in recipe]
    return recipe


def outcome(tf: Any, name: str, args: Any, kwargs: Any) -> Any:
    """The result, or the error."""
    try:
        with np.errstate(all="ignore"):  # TensorFlow lets NumPy warn when it casts inf to an integer
            return resolve(tf, name)(*build(tf, list(args)), **{key: build(tf, value) for key, value in kwargs.items()})
    except (ArithmeticError, AttributeError, IndexError, TypeError, ValueError, tf.errors.OpError) as error:
        return error


def assert_alike(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, Exception):
        assert isinstance(ours, Exception), f"TensorFlow raises {theirs!r}, we give {ours!r}"
        if str(theirs).startswith("Tensor conversion requested dtype"):
            # TensorFlow has two classes for a tensor of the wrong dtype: ValueError when a Python list stands beside
            # it, else InvalidArgumentError. Ours is always the second when an op is called.
            assert type(ours).__name__ in ("ValueError", "InvalidArgumentError")
        else:
            assert type(ours).__name__ == type(theirs).__name__, f"TensorFlow raises {theirs!r}, we {ours!r}"
        return
    assert not isinstance(ours, Exception), f"we raise {ours!r}, TensorFlow gives {theirs!r}"
    if not hasattr(theirs, "numpy"):
        assert repr(ours) == repr(theirs)
        return
    assert ours.dtype.name == theirs.dtype.name
    assert ours.shape.as_list() == theirs.shape.as_list()
    mine, its = ours.numpy(), theirs.numpy()
    np.testing.assert_allclose(
        mine, its, rtol={"float16": 2e-3, "float32": 1e-5}.get(ours.dtype.name, 1e-12), atol=1e-6
    )
    if mine.tobytes() == its.tobytes():
        assert (repr(ours), str(ours)) == (repr(theirs), str(theirs))


@pytest.mark.parametrize("name", TABLE)
def test_a_name_does_what_tensorflow_does(name: str, oracle: ModuleType) -> None:
    @settings(max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(TABLE[name])
    def agrees(drawn: Any) -> None:
        args, kwargs = drawn
        assert_alike(outcome(minitf, name, args, kwargs), outcome(oracle, name, args, kwargs))

    agrees()


def test_every_public_name_is_in_the_table() -> None:
    public = {resolve(minitf, name) for name in minitf.__all__ if name not in NO_FUNCTIONS}
    for namespace in ("math", "nn", "linalg"):
        public |= {resolve(minitf, f"{namespace}.{name}") for name in resolve(minitf, namespace).__all__}
    functions = {value for value in public if not isinstance(value, minitf.DType)}
    assert functions == {resolve(minitf, name) for name in TABLE}


def test_every_public_name_is_one_of_tensorflows(oracle: ModuleType) -> None:
    for namespace in ("", "math.", "nn.", "linalg."):
        module = resolve(minitf, namespace[:-1]) if namespace else minitf
        for name in module.__all__:
            assert resolve(oracle, namespace + name) is not NotImplemented


def test_the_list_of_tensorflows_names_is_up_to_date(oracle: ModuleType) -> None:
    from importlib.resources import files

    listed = set(files("minitf").joinpath("tensorflow_names.txt").read_text("utf-8").split())
    missing = {f"math.{name}" for name in dir(oracle.math) if not name.startswith("_")} - listed
    assert not missing
