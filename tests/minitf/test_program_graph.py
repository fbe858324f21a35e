"""A captured program can be looked at: as a list, after every pass, and with what each pass has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import minitf as tf
from minitf.program_graph import ProgramGraph


def graph(function: Any, *arguments: Any) -> ProgramGraph:
    made: ProgramGraph = function.graph(*arguments)
    return made


def wasteful() -> ProgramGraph:
    @tf.function
    def f(x: tf.Tensor) -> tf.Tensor:
        two = tf.sqrt(tf.constant(4.0))
        y = tf.identity(x) * two + tf.exp(x)
        tf.sin(x)
        return y / (tf.exp(x) - 1.0)

    return graph(f, tf.constant([1.0, 2.0, 3.0]))


@pytest.mark.backend("numpy")  # which alone writes over inputs
def test_the_list_has_a_line_for_each_value_and_op() -> None:
    assert str(wasteful()).splitlines() == [
        "f is a program of 5 ops, after 5 passes; 9 were captured.",
        "name  from              shape  dtype    role",
        "x     argument          (3,)   float32",
        "c1    constant 2        ()     float32",
        "c2    constant 1        ()     float32",
        "v1    multiply(x, c1)   (3,)   float32",
        "v2    exp(x)            (3,)   float32",
        "v3    add(v1, v2)       (3,)   float32  into v1",
        "v4    subtract(v2, c2)  (3,)   float32  into v2",
        "v5    divide(v3, v4)    (3,)   float32  result, into v3",
    ]


def test_the_captured_program_has_the_same_names_and_u_for_what_is_gone() -> None:
    assert str(wasteful().stage("captured")).splitlines() == [
        "f is a program of 9 ops, as captured.",
        "name  from              shape  dtype    role",
        "x     argument          (3,)   float32",
        "u1    constant 4        ()     float32",
        "c2    constant 1        ()     float32",
        "c1    sqrt(u1)          ()     float32",
        "u2    identity(x)       (3,)   float32",
        "v1    multiply(u2, c1)  (3,)   float32",
        "v2    exp(x)            (3,)   float32",
        "v3    add(v1, v2)       (3,)   float32",
        "u3    sin(x)            (3,)   float32",
        "u4    exp(x)            (3,)   float32",
        "v4    subtract(u4, c2)  (3,)   float32",
        "v5    divide(v3, v4)    (3,)   float32  result",
    ]


@pytest.mark.backend("numpy")  # which alone writes over inputs
def test_each_pass_says_what_it_changed() -> None:
    whole = wasteful()
    assert {name: whole.stage(name).changes for name, _ in whole.stages} == {
        "captured": {},
        "copies": {"u2": "same as x"},
        "constant folding": {"c1": "folded", "u1": "not needed"},
        "common subexpressions": {"u4": "same as v2"},
        "dead code": {"u3": "not needed"},
        "buffers": {"v3": "into v1", "v4": "into v2", "v5": "into v3"},
    }


def test_what_is_merged_together_with_all_that_used_it_is_still_known_to_be_the_same() -> None:
    @tf.function
    def f(x: tf.Tensor) -> tf.Tensor:
        return tf.sin(tf.exp(x)) * tf.sin(tf.exp(x))

    assert graph(f, tf.constant(1.0)).stage("common subexpressions").changes == {"u1": "same as v1", "u2": "same as v2"}


@pytest.mark.backend("numpy")  # which alone writes over inputs
def test_ops_constants_bytes_and_reuse_are_counted_after_each_pass() -> None:
    whole = wasteful()
    assert [whole.stage(name).counts[:3] for name, _ in whole.stages] == [
        (9, 2, 8), (8, 2, 8), (7, 2, 8), (6, 2, 8), (5, 2, 8), (5, 2, 8),
    ]  # fmt: skip
    assert [whole.stage(name).counts.reused for name, _ in whole.stages] == [0, 0, 0, 0, 0, 3]


def test_names_are_those_of_the_source() -> None:
    @tf.function
    def f(x: tf.Tensor) -> tf.Tensor:
        return tf.exp(x) * 2.0 + tf.exp(x)

    source = f.source(tf.constant(1.0))
    for node in graph(f, tf.constant(1.0)).nodes:
        assert f"{node.name} = " in source or node.kind != "op"


def test_variables_say_what_becomes_of_them() -> None:
    w = tf.Variable([1.0, 2.0], name="w")
    b = tf.Variable(0.0, name="b")

    @tf.function
    def step(x: tf.Tensor) -> tf.Tensor:
        w.assign_sub(x * b)
        return w.value()

    whole = graph(step, tf.constant([1.0, 1.0]))
    kinds = {node.name: (node.kind, node.roles) for node in whole.nodes}
    assert kinds["w"] == ("variable", ()) and kinds["b"] == ("variable", ())
    (value,) = whole.results
    assert whole.assigned == (("w", value),)
    assert kinds[value][1][:2] == ("result", "assigned to w")


def test_an_op_with_an_effect_only_has_a_line_without_a_name() -> None:
    @tf.function
    def f(x: tf.Tensor) -> tf.Tensor:
        tf.print(x)
        return x

    (effect,) = [node for node in graph(f, tf.constant(1.0)).nodes if node.kind == "op"]
    assert (effect.name, effect.values, effect.inputs, effect.roles) == ("", (), ("x",), ("effect",))


def test_several_results_of_one_op_share_a_line_and_unknown_sizes_are_none() -> None:
    @tf.function
    def f(x: tf.Tensor) -> Sequence[tf.Tensor]:
        return tf.split(x, 2, axis=1)  # type: ignore[no-any-return]

    node = graph(f, tf.TensorSpec([None, 4])).nodes[-1]
    assert node.row()[0] == "v1, v2" and node.row()[2:] == ("(None, 2)", "float32", "result")


def test_sizes_in_attributes_are_written_as_they_are_computed() -> None:
    f = tf.function(lambda x: tf.split(x, 2))
    origin = graph(f, tf.TensorSpec([None])).nodes[-1].origin
    assert origin == "split(x, sizes=((x.shape[0] // 2), (x.shape[0] // 2)), axis=0)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [([1, 2], "[1 2]"), ([7] * 9, "7 everywhere"), (list(range(9)), "0 to 8"), (True, "True"), ([], "[]")],
)
def test_a_constant_shows_its_entries_or_in_short_what_they_are(value: Any, shown: str) -> None:
    constant = tf.constant(value)
    f = tf.function(lambda x: tf.stack([x, constant]))
    (node,) = [node for node in graph(f, constant).nodes if node.kind == "constant"]
    assert node.origin == f"constant {shown}"


def test_an_identity_has_no_op_and_an_empty_function_nothing_at_all() -> None:
    same, nothing = graph(tf.function(lambda x: x), tf.constant(1)), graph(tf.function(lambda: None))
    assert [(node.name, node.roles) for node in same.nodes] == [("x", ("result",))]
    assert nothing.nodes == [] and "program of 0 ops" in str(nothing)


def test_a_stage_that_is_not_there_is_an_error_that_lists_the_others() -> None:
    with pytest.raises(KeyError, match="no stage 'fusing'; its stages are captured, copies,"):
        wasteful().stage("fusing")


def test_a_notebook_shows_the_same_as_a_table() -> None:
    whole = wasteful()
    html = whole._repr_html_()
    assert html.count("<tr>") == 1 + len(whole.nodes)
    assert f'aria-label="{whole.title}"' in html
    assert "&lt;lambda&gt;" in graph(tf.function(lambda x: x), tf.constant(1))._repr_html_()
