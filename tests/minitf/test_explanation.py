"""What became of a function is told in words: why there is each trace, what the passes left, where it looks."""

from __future__ import annotations

import inspect
import os
from typing import Any

import pytest

import minitf as tf
from minitf.explanation import Trace, explain_text


def trace(function: Any, signature: dict[str, Any]) -> Trace:
    concrete = tf.function(function).get_concrete_function(**signature)
    return Trace(signature, [("captured", concrete.captured), *concrete.passes])


def x_of(*shape: int | None, dtype: Any = tf.float32) -> dict[str, Any]:
    return {"x": tf.TensorSpec(shape, dtype)}


def test_a_function_that_was_never_called_says_so() -> None:
    assert explain_text("f", []) == "f was not called yet; its first call traces it."


@pytest.mark.backend("numpy")  # which alone writes over inputs
def test_a_trace_has_its_signature_and_counts_after_each_pass() -> None:
    def f(x: tf.Tensor) -> tf.Tensor:
        return tf.exp(x) * tf.sqrt(tf.constant(4.0)) + tf.exp(x)

    assert explain_text("f", [trace(f, x_of(1000))]).splitlines() == [
        "f was traced once.",
        "",
        "1. f(x: (1000,) float32): the first call.",
        "   after                  ops  constants  bytes in constants  ops that write over an input",
        "   captured               5    1          4                   0",
        "   constant folding       4    1          4                   0",
        "   common subexpressions  3    1          4                   0",
        "   buffers                3    1          4                   1",
        "   Nothing to do: copies, dead code.",
        "   Writing over inputs that nothing needs any more saves 4,000 bytes of memory in a call.",
    ]


def test_effects_and_assigned_variables_are_named() -> None:
    w = tf.Variable([1.0], name="weight")

    def f(x: tf.Tensor) -> None:
        tf.print("x is", x)
        w.assign_add(x)

    text = explain_text("f", [trace(f, x_of(1))])
    assert "Every call does again, in this order: print_values." in text
    assert "It assigns the variable weight." in text


def test_a_trace_says_in_what_it_is_unlike_the_nearest_one_before() -> None:
    signatures: list[dict[str, Any]] = [
        {**x_of(3), "training": True},
        {**x_of(4), "training": True},
        {**x_of(4), "training": False},
        {**x_of(3, dtype=tf.int32), "training": True},
        {"x": 7, "training": False},
        {"x": tf.Variable([1.0, 2.0, 3.0, 4.0]), "training": False},
        {**x_of(4), "training": False, "pair": [1, {"a": x_of(2)["x"]}]},
    ]
    lines = explain_text("f", [Trace(signature, look=("a.py", 1, "", "")) for signature in signatures]).splitlines()
    assert [line for line in lines if line[:1].isdigit()] == [
        "1. f(x: (3,) float32, training=True): the first call.",
        "2. f(x: (4,) float32, training=True): unlike trace 1, x has shape (4,), not (3,).",
        "3. f(x: (4,) float32, training=False): unlike trace 2, training is False, not True.",
        "4. f(x: (3,) int32, training=True): unlike trace 1, x has dtype int32, not float32.",
        "5. f(x=7, training=False): unlike trace 3, x is 7, not a tensor.",
        "6. f(x: a variable of (4,) float32, training=False): unlike trace 5, x is a variable, not 7.",
        "7. f(x: (4,) float32, training=False, pair[0]=1, pair[1]['a']: (2,) float32): "
        "unlike trace 3, pair[0] is given; pair[1]['a'] is given.",
    ]


def test_numbers_of_different_types_and_one_signature_with_other_sizes_alike_are_told_apart() -> None:
    look = ("a.py", 1, "", "")
    text = explain_text("f", [Trace({"x": value}, look=look) for value in (1, 1.0, True)])
    assert "x is 1.0, not 1." in text and "x is True, not 1" in text
    same = explain_text("f", [Trace(x_of(None), look=look), Trace(x_of(None), look=look)])
    assert "as trace 1, but other sizes are equal" in same


def test_many_shapes_and_many_numbers_come_with_advice() -> None:
    look = ("a.py", 1, "", "")
    shapes = explain_text("f", [Trace(x_of(size), look=look) for size in (1, 2, 3)])
    assert shapes.endswith("input_signature with None for the sizes that change.")
    values = explain_text("f", [Trace({"n": n}, look=look) for n in (1, 2, 3)])
    assert values.endswith("pass numbers that change as tensors: tf.constant(3).")
    assert "tf.constant(3)" not in explain_text("f", [Trace({"n": n}, look=look) for n in (1, 2)])


def test_a_look_at_a_value_gives_the_line_and_what_to_write_instead() -> None:
    file = os.path.join(os.getcwd(), "lesson", "model.py")
    text = explain_text("f", [Trace(x_of(), look=(file, 12, "if tf.reduce_sum(x) > 0:", "bool(t)"))])
    assert f"line 12 of {os.path.join('lesson', 'model.py')} asks for the value of a tensor, by bool(t):" in text
    assert "\n       if tf.reduce_sum(x) > 0:\n" in text
    assert "Instead, choose with tf.where(condition, a, b) or tf.cond(condition, f, g)" in text


def test_explain_prints_the_traces_of_a_function_and_the_line_that_looked(capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function
    def f(x: tf.Tensor) -> tf.Tensor:
        return x if x > 0 else -x

    f(tf.constant(-1.0))
    line = inspect.getsourcelines(f.python_function)[1] + 2
    f.explain()
    printed = capsys.readouterr().out
    assert printed.startswith("f was traced once.\n\n1. f(x: () float32): the first call.\n   There is no program")
    assert f"line {line} of " in printed and "test_explanation.py asks" in printed
    assert "       return x if x > 0 else -x\n" in printed


def test_a_file_elsewhere_is_told_with_its_whole_path() -> None:
    text = explain_text("f", [Trace(x_of(), look=("/elsewhere/model.py", 1, "bool(x)", "bool(t)"))])
    assert "line 1 of /elsewhere/model.py asks" in text


def test_a_line_of_a_notebook_has_no_file_that_nobody_knows() -> None:
    look = ("/tmp/ipykernel_77/1234.py", 3, "print(x.numpy())", "t.numpy()")
    assert "line 3 of a notebook cell asks" in explain_text("f", [Trace(x_of(), look=look)])
