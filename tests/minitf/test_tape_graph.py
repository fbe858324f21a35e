"""A tape can be looked at, as text and as a picture, and is not used up by that."""

from __future__ import annotations

import numpy as np
import pytest

import minitf as tf
from minitf import plot


def recorded() -> tuple[tf.GradientTape, tf.Variable, tf.Tensor]:
    w = tf.Variable([1.0, 2.0], name="w")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * w * 3.0)
    return tape, w, loss


def test_nodes_have_origin_value_and_gradient() -> None:
    tape, _, loss = recorded()
    graph = tape.graph(loss=loss)
    assert [(node.name, node.origin) for node in graph.nodes] == [
        ("w", "variable"), ("t1", "multiply(w, w)"), ("c1", "constant"), ("t2", "multiply(t1, c1)"),
        ("loss", "reduce_sum(t2)"),
    ]  # fmt: skip
    assert [node.value.numpy().tolist() for node in graph.nodes] == [[1, 2], [1, 4], 3, [3, 12], 15]
    assert [node.gradient.numpy().tolist() for node in graph.nodes] == [[6, 12], [3, 3], 5, [1, 1], 1]


def test_the_text_has_a_line_for_each_node() -> None:
    tape, _, loss = recorded()
    lines = str(tape.graph(loss=loss)).splitlines()
    assert lines[0] == "A tape with 3 records; gradients are those of loss."
    assert lines[2].split() == ["w", "variable", "(2,)", "[1", "2]", "[6", "12]"]
    assert len(lines) == 2 + 5


def test_looking_does_not_use_the_tape_up_or_record_anything() -> None:
    tape, w, loss = recorded()
    before = str(tape.graph())
    assert str(tape.graph()) == before
    np.testing.assert_array_equal(tape.gradient(loss, w), [6, 12])
    with pytest.raises(RuntimeError, match="can only be called once"):
        tape.graph()


def test_what_the_target_does_not_depend_on_has_no_gradient() -> None:
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = x + 1.0
    gradients = {node.name: node.gradient for node in tape.graph(y, x=x, y=y, z=z).nodes}
    assert gradients["z"] is None
    assert gradients["x"] is not None and float(gradients["x"]) == 4


def test_the_picture_is_drawn_and_described() -> None:
    tape, _, loss = recorded()
    figure = plot.tape(tape.graph(loss=loss))
    assert "t2 = multiply(t1, c1): value [3 12], gradient [1 1]." in figure.text
    assert figure.png().startswith(b"\x89PNG")


def test_a_tape_too_long_to_draw_is_refused_in_one_sentence() -> None:
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(50):
            y = tf.exp(-y)
    with pytest.raises(ValueError, match=r"draws from 1 to 40 tensors, but this tape holds 101; print\(tape.graph"):
        plot.tape(tape.graph(y))
