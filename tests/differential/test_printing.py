"""Everything that prints gives TensorFlow's text: reprs, strings and formats, and what tf.print writes."""

from __future__ import annotations

import collections
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minitf

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
OF_EVERY_DTYPE = [
    f"tf.constant({value}, tf.{dtype})" for dtype in DTYPES for value in ("1", "[0, 1]") if dtype != "bool"
]
SHAPES = [
    "tf.constant([True, False])", "tf.constant([[True], [False]])", "tf.zeros([])", "tf.zeros([0])",
    "tf.zeros([0, 3])", "tf.zeros([2, 0])", "tf.zeros([0], tf.int32)", "tf.zeros([0], tf.bool)", "tf.ones([1])",
    "tf.ones([1, 1, 1])", "tf.ones([2, 3])", "tf.ones([2, 2, 2])", "tf.ones([2, 1, 2, 1])", "tf.range(10)",
    "tf.range(1000)", "tf.range(1001)", "tf.range(5000)", "tf.zeros([40, 40])", "tf.zeros([2, 3, 400])",
    "tf.range(40, dtype=tf.int64)", "tf.reshape(tf.range(120), [2, 3, 4, 5])",
]  # fmt: skip
NUMBERS = [
    "tf.constant(0.1)", "tf.constant(1e10)", "tf.constant(1e-10)", "tf.constant([0.0, -0.0])",
    "tf.constant(float('nan'))", "tf.constant([float('inf'), -float('inf'), float('nan')])", "tf.constant(1 / 3)",
    "tf.constant(np.array([1 / 3, 2 / 3]))", "tf.constant([1e-5, 1.0])", "tf.constant([1e10, 1.0])",
    "tf.constant([1e-8])", "tf.constant([1e6, 1e-6])", "tf.constant([1e16, 1.0])",
    "tf.constant(np.array([1e300, 1e-300]))", "tf.constant([123456.789, 0.001])", "tf.constant([1.0, 2.5, 100.25])",
    "tf.constant([[1.0, -2.0], [1e3, 1e-3]])", "tf.constant([16777216.0, 16777217.0])",
    "tf.constant(np.array([0.1, 0.2], np.float16))", "tf.constant(65504.0, tf.float16)",
    "tf.constant([2**31 - 1, -2**31])", "tf.constant(2**40)", "tf.constant([-1, 10, 100])",
    "tf.constant([255], tf.uint8)", "tf.constant(3.4028235e38)", "tf.constant(1e-45)",
    "tf.constant([0.1 + 0.2, 0.3], tf.float64)",
]  # fmt: skip
OTHERS = [
    "[tf.constant(1), tf.constant([1.0, 2.0])]", "(tf.constant(1),)", "{'a': tf.constant(1)}", "P(tf.constant(1), 2)",
    "tf.constant([1, 2]).ref()", "tf.float32", "tf.bool", "tf.int8", "tf.half", "[tf.float32, tf.int64]",
    "tf.constant(1).dtype", "tf.constant([1.0]).shape", "tf.TensorShape(None)", "tf.TensorShape([])",
    "tf.TensorShape([None])", "tf.TensorShape([2, None])", "tf.TensorShape(3)", "[tf.TensorShape([1])]",
    "tf.TensorShape([1, 2, 3])[1:]", "tf.TensorShape([2]) + [None]", "tf.TensorSpec([2, None])",
    "tf.TensorSpec(None, tf.int32, 'x')", "tf.TensorSpec([], 'float64')", "[tf.TensorSpec([1])]",
    "tf.TensorSpec.from_tensor(tf.constant([1, 2]), name='y')", "tf.errors.InvalidArgumentError(None, None, 'told')",
    "tf.errors.OpError(None, None, 'told', 5)", "tf.errors.NotFoundError(None, None, 'two\\nlines')",
    "tf.errors.OperatorNotAllowedInGraphError('told')", "tf.config.list_physical_devices()",
    "tf.config.list_logical_devices('CPU')", "tf.UnconnectedGradients.NONE", "tf.UnconnectedGradients('zero')",
    "tf.constant(1).device", "tf.constant(2.5).numpy()", "tf.constant([2.5]).numpy()", "list(tf.constant([1.0, 2.0]))",
    "tf.Module(name='layer').name", "str(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0])))",
    "str(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]), tf.constant([3])))", "tf.constant([1, 2])[0]",
    "tf.constant([1.0, 2.0]) * 2", "tf.constant([1, 2]) > 1",
]  # fmt: skip
VARIABLES = [
    "tf.Variable(1.0)", "tf.Variable([1, 2], name='w')", "tf.Variable([[1.0], [2.0]])", "tf.Variable(True)",
    "tf.Variable(tf.range(2000))", "tf.Variable(1.5, name='scope/w')", "[tf.Variable(1.0)]", "tf.Variable(1.0).shape",
    "tf.Variable(1.0) + 1", "tf.Variable([1.0, 2.0])[0]", "tf.Variable(1.0).name",
    "tf.Variable(0.1, dtype=tf.float64)", "tf.Variable([float('nan'), -0.0])", "tf.Variable(1.0).read_value()",
    "tf.Variable([1, 2]).ref()", "tf.Variable(1.0).device",
]  # fmt: skip
FORMATTED = [
    "f'{tf.constant(1.5)}'", "f'{tf.constant([1.5])}'", "f'{tf.constant(1.5):.3f}'", "f'{tf.constant(7):05d}'",
    "f'{tf.constant(1.5)!r}'", "f'{tf.constant([1.0])!s}'", "'%s' % tf.constant(1.5)", "'%.2f' % tf.constant(1.5)",
    "'{} {}'.format(tf.constant(1), tf.constant([2]))", "f'{tf.constant(1.5):>8}'", "f'{tf.constant(True)}'",
    "f'{tf.TensorShape([1, None])}'", "f'{tf.float32}'", "'%d' % tf.constant(3)",
    "str(tf.constant(1)) + repr(tf.constant(1))", "f'{tf.constant(1e-9)}'", "'{:e}'.format(tf.constant(12345.678))",
    "f'{tf.constant(3.0).numpy():g}'", "f'{tf.constant(0.1, tf.float64):.20f}'", "f'{tf.constant(0.1):.10f}'",
]  # fmt: skip
UNDER_OPTIONS = [
    "tf.constant([1 / 3, 1e-9])",
    "tf.range(100)",
    "tf.constant(1 / 3)",
    "tf.constant([[float('nan'), 1.0]])",
]
OPTIONS: list[dict[str, Any]] = [{"precision": 2}, {"threshold": 10, "edgeitems": 1}, {"suppress": True}, {"sign": "+"}]

ARGUMENTS = [
    "tf.constant(1.5)", "tf.constant([1, 2, 3])", "tf.range(10)", "tf.range(6)", "tf.range(7)",
    "tf.range(10), summarize=2", "tf.range(10), summarize=-1", "tf.range(10), summarize=0",
    "tf.range(10), summarize=None", "tf.reshape(tf.range(80), [8, 10])", "tf.reshape(tf.range(24), [2, 3, 4])",
    "tf.ones([8, 8, 16]), summarize=1", "tf.zeros([0])", "tf.zeros([2, 0])", "tf.zeros([0, 2])", "tf.zeros([2, 0, 2])",
    "tf.ones([1, 1, 1, 1])", "tf.reshape(tf.range(16), [2, 2, 2, 2])", "'a', 1, 2.5, None, True",
    "'{}', tf.constant(1)", "'{}{}', tf.constant(1), ['{}']", "tf.constant(True)", "tf.constant([True, False])",
    "tf.constant([float('nan'), float('inf'), -float('inf'), -0.0])",
    "tf.constant([0.1, 1e-5, 1e10, 1e6, 123456.789, 1 / 3, 1e5]), summarize=-1",
    "tf.constant([0.1, 1e-5, 1e10, 1e15, 1e16, 1 / 3, 1e-300], tf.float64), summarize=-1",
    "tf.constant([0.1, 1 / 3, 65504.0, 6e-8], tf.float16), summarize=-1", "tf.constant([8388609.5, 1.0000001, 1e-45])",
    "tf.constant([1, 255], tf.uint8), tf.constant([-1, 2**40])", "{'b': tf.constant(1), 'a': [tf.constant(2.5), 'x']}",
    "[tf.constant(1), tf.constant([1, 2])]", "(tf.constant(1),)", "P(tf.constant(1), 2)", "np.array([1.0, 2.0])",
    "[np.float32(3)]", "collections.OrderedDict(b=tf.constant(1), a=tf.constant(2))",
    "tf.float32, tf.TensorShape([1]), tf.TensorSpec([1])", "'x', tf.constant(1), sep=','",
    "'x', tf.constant(1), end=''", "'x', tf.constant(1), end='!', sep=' | '", "{}, [], (), set([1])",
    "\"it's\", [\"it's\", 'a\\nb'], 'a\\nb'", "list(range(60))",
    "{'k' * 30: [tf.constant(i) for i in range(30)], 'j': 1}", "tf.constant([[1.5, 2.25], [3.0, 4.0]]), 'end'",
    "'', tf.constant(1)", "tf.constant(1), name='told'", "range(3), b'bytes'", "tf.constant(1).ref()",
    "tf.Variable(3.0)", "[tf.Variable([1.0, 2.0])], {'w': tf.Variable(1)}",
]  # fmt: skip

P = collections.namedtuple("P", "x y")  # noqa: PYI024


def printed(tf: Any, line: str) -> tuple[str, str]:
    value = eval(line, {"tf": tf, "np": np, "P": P})
    return repr(value), str(value)


@pytest.mark.parametrize("line", [*OF_EVERY_DTYPE, *SHAPES, *NUMBERS, *OTHERS, *VARIABLES, *FORMATTED])
def test_a_value_prints_as_in_tensorflow(line: str, oracle: ModuleType) -> None:
    assert printed(minitf, line) == printed(oracle, line)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("line", UNDER_OPTIONS)
def test_numpys_print_options_count(line: str, options: dict[str, Any], oracle: ModuleType) -> None:
    with np.printoptions(**options):
        assert printed(minitf, line) == printed(oracle, line)


def written(tf: Any, arguments: str, path: Path) -> str:
    names = {"tf": tf, "np": np, "P": P, "collections": collections}
    eval(f"tf.print({arguments}, output_stream='file://{path}')", names)
    return path.read_text()


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_print_writes_what_tensorflow_writes(arguments: str, tmp_path: Path, oracle: ModuleType) -> None:
    assert written(minitf, arguments, tmp_path / "ours") == written(oracle, arguments, tmp_path / "theirs")


@pytest.mark.parametrize("arguments", ["1, bad=2", "1, output_stream=3", "1, output_stream='out.txt'"])
def test_print_refuses_what_tensorflow_refuses(arguments: str, oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        with pytest.raises(ValueError, match="Unrecognized keyword arguments|Unsupported output stream"):
            eval(f"tf.print({arguments})", {"tf": tf})


def test_print_goes_to_the_standard_error_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    minitf.print("told", minitf.constant([1, 2]))
    minitf.print(minitf.constant(1.5), output_stream=sys.stdout)
    assert capsys.readouterr() == ("1.5\n", "told [1 2]\n")
