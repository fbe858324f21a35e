"""Shapes, specs, structures, control flow, printing, debugging and configuration."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.differential.recipes import (
    ANY,
    DTYPES,
    FLOATS,
    NUMBERS,
    Code,
    Given,
    arrays,
    call,
    pairs,
    several,
    shapes,
    structures,
    tensors,
    values,
)

SIZES = st.lists(st.none() | st.integers(-1, 3), max_size=3)
SHAPE = st.one_of(st.none(), SIZES, st.integers(0, 3), st.just([1.5]), st.just("ab"), tensors(["int32"], shapes(1)))
LEAVES = st.one_of(st.integers(0, 3), st.none(), st.just("text"), tensors(NUMBERS))
TREES = structures(LEAVES)
NUMERIC_TREES = structures(st.one_of(st.integers(0, 3), tensors(["float32"], st.just(()))))
MESSAGE = st.none() | st.just("told")
SUMMARIZE = st.none() | st.integers(-1, 4)


def functions(*texts: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([Code(text) for text in texts])


def listed(*lists: str) -> st.SearchStrategy[Any]:
    """Structures with functions in them, written as code."""
    return functions(*lists)


def scalars(dtypes: list[str]) -> st.SearchStrategy[Given]:
    return tensors(dtypes, st.just(()))


COMPARED = pairs().flatmap(
    lambda drawn: st.fixed_dictionaries({"message": MESSAGE, "summarize": SUMMARIZE}).map(lambda more: (drawn[0], more))
)
# TensorFlow fails on its own when these are to show all entries (-1).
SIGNED = call(values([*NUMBERS, "int8", "bool"]), message=MESSAGE, summarize=st.none() | st.integers(0, 4))
ROWS = st.one_of(tensors(NUMBERS, shapes(1, 3, 1)), tensors(["float32"], shapes(0, 2)))
PAIRS_OF_ROWS = several((2, 2), ["float32"], shapes(1, 2, 1)).map(tuple)
PRED = st.one_of(scalars(["bool", "int32", "float32"]), st.booleans(), tensors(["bool"], shapes(0, 1, 1)))
BRANCH = functions("lambda: 1", "lambda: tf.constant([1.0])", "lambda: (1, {'a': None})", "lambda: 1 / 0")

# Listing the logical devices starts TensorFlow's runtime, after which they stay as they are.
DEVICE = functions(
    "tf.config.list_logical_devices() and tf.config.list_physical_devices()[0]",
    "tf.config.PhysicalDevice('/physical_device:GPU:0', 'GPU')",
)
NAME_OF_DEVICE = st.sampled_from(["CPU:0", "cpu:0", "/device:CPU:0", "CPU:3", "GPU:0", "CPU", "nonsense"])

TABLE: dict[str, Any] = {
    "as_dtype": call(st.sampled_from(["float32", "half", "double", "bool", "int8", "nonsense", float, bool, np.int64])),
    "TensorShape": call(SHAPE),
    "TensorSpec": st.one_of(call(SHAPE), call(SHAPE, DTYPES, name=st.none() | st.just("x"))),
    # --- structures
    "nest.flatten": call(TREES),
    "nest.is_nested": call(TREES),
    "nest.assert_same_structure": st.one_of(
        call(TREES, TREES, check_types=st.booleans()), TREES.map(lambda tree: ((tree, tree), {}))
    ),
    "nest.map_structure": st.one_of(
        call(functions("lambda x: x", "lambda x: [x, 1]", "3"), TREES),
        NUMERIC_TREES.map(lambda t: ((Code("lambda x, y: x + y"), t, t), {})),
        call(functions("lambda x, y: (x, y)"), TREES, TREES),
    ),
    "nest.pack_sequence_as": call(TREES, st.lists(LEAVES, max_size=4) | LEAVES),
    # --- control flow
    "cond": call(PRED, BRANCH, BRANCH),
    "while_loop": st.one_of(
        call(
            functions("lambda i, x: tf.less(i, 3)", "lambda i, x: i < 3", "lambda i, x: False", "3"),
            functions("lambda i, x: (i + 1, x * x)", "lambda i, x: (i + 1,)"),
            st.tuples(scalars(["int32"]), tensors(FLOATS, shapes(0, 2))),
            maximum_iterations=st.none() | st.integers(0, 4),
        ),
        call(
            functions("lambda i, s: i < 3"),
            functions("lambda i, s: (i + 1, {'a': s['a'] * 2})", "lambda i, s: (i + 1, {'b': s['a']})"),
            st.tuples(st.integers(0, 4), st.fixed_dictionaries({"a": tensors(FLOATS)})),
        ),
    ),
    "map_fn": st.one_of(
        call(functions("lambda x: x * x", "lambda x: tf.reduce_sum(x)", "lambda x: 1", "lambda x: (x, x)"), ROWS),
        call(functions("lambda x: (x, 2 * x)"), ROWS, fn_output_signature=functions("(tf.float32, tf.float32)")),
        call(functions("lambda x: x[0] * x[1]"), PAIRS_OF_ROWS, fn_output_signature=functions("tf.float32")),
        call(
            functions("lambda x: tf.cast(x, tf.int32)", "lambda x: x"),
            ROWS,
            fn_output_signature=functions("tf.int32", "tf.TensorSpec([], tf.int32)"),
        ),
    ),
    "executing_eagerly": call(),
    # --- assertions
    "Assert": call(PRED, st.lists(st.one_of(ANY, st.just("text")), max_size=2), summarize=SUMMARIZE),
    "assert_equal": COMPARED,
    "assert_greater": COMPARED,
    "assert_less": COMPARED,
    "assert_rank": call(ANY, st.integers(0, 3), message=MESSAGE),
    "debugging.assert_greater_equal": COMPARED,
    "debugging.assert_less_equal": COMPARED,
    "debugging.assert_none_equal": COMPARED,
    "debugging.assert_near": st.one_of(
        several(2, FLOATS).map(lambda xs: (tuple(xs), {})),
        call(values(FLOATS), values(FLOATS), rtol=st.just(0.5), atol=st.just(1.0)),
        arrays(FLOATS).map(lambda a: ((Given(a), Given(a + a.dtype.type(1e-7))), {})),
    ),
    "debugging.assert_negative": SIGNED,
    "debugging.assert_non_negative": SIGNED,
    "debugging.assert_non_positive": SIGNED,
    "debugging.assert_positive": SIGNED,
    "debugging.assert_all_finite": call(values([*FLOATS, "float16", "int32"]), st.just("loss")),
    "debugging.check_numerics": call(values([*FLOATS, "float16", "int32"]), st.just("loss")),
    "debugging.assert_rank_at_least": call(ANY, st.integers(0, 3), message=MESSAGE),
    "debugging.assert_rank_in": call(ANY, st.lists(st.integers(0, 3), max_size=2), message=MESSAGE),
    "debugging.assert_type": call(ANY, DTYPES, message=MESSAGE),
    "debugging.assert_scalar": call(ANY, message=MESSAGE),
    "debugging.assert_integer": call(ANY, message=MESSAGE),
    "debugging.assert_same_float_dtype": st.one_of(
        call(st.lists(tensors(NUMBERS, st.just(())), max_size=3)), call(several(), DTYPES), call()
    ),
    "debugging.assert_proper_iterable": call(st.one_of(ANY, st.just("ab"), st.just({"a": 1}), st.just((1,)))),
    "debugging.assert_shapes": call(
        st.lists(
            st.tuples(
                tensors(["float32"]),
                st.one_of(
                    st.lists(st.sampled_from(["N", "M", 2, 3, None, "."]), min_size=2, max_size=3),
                    st.lists(st.sampled_from(["N", "M", 3]), min_size=2, max_size=2).map(lambda names: ["*", *names]),
                    st.sampled_from(["NM", None]),
                ),
            ),
            max_size=3,
        ),
        message=MESSAGE,
    ),
    # --- configuration
    "config.list_physical_devices": call(st.sampled_from([None, "CPU", "GPU", "cpu"])),
    "config.list_logical_devices": call(st.sampled_from([None, "CPU", "GPU", "cpu"])),
    "config.get_visible_devices": call(st.sampled_from([None, "CPU", "GPU", "cpu"])),
    "config.set_visible_devices": call(st.just([]), st.sampled_from(["CPU", "GPU", None])),
    "config.get_soft_device_placement": call(),
    "config.set_soft_device_placement": call(st.just(True)),
    "config.PhysicalDevice": call(st.just("/physical_device:CPU:0"), st.just("CPU")),
    "config.LogicalDevice": call(st.just("/device:CPU:0"), st.just("CPU")),
    "config.LogicalDeviceConfiguration": call(st.sampled_from([None, 1024]), experimental_priority=st.just(1)),
    "config.get_logical_device_configuration": call(DEVICE),
    "config.experimental.set_memory_growth": call(DEVICE, st.booleans()),
    "config.experimental.get_memory_growth": call(DEVICE),
    "config.experimental.get_memory_info": call(NAME_OF_DEVICE),
    "config.experimental.get_memory_usage": call(NAME_OF_DEVICE),
    "config.experimental.reset_memory_stats": call(NAME_OF_DEVICE),
    "config.experimental.get_device_details": call(st.one_of(DEVICE, st.just(3))),
    "config.experimental.tensor_float_32_execution_enabled": call(),
    "config.experimental.enable_tensor_float_32_execution": call(st.just(True)),
    "config.threading.get_inter_op_parallelism_threads": call(),
    "config.threading.get_intra_op_parallelism_threads": call(),
}  # fmt: skip
