"""Saved models: what comes back of a module, how its functions can be called, and what is said if they cannot.

Each snippet gets a folder of its own, `tf.folder`, on either side.
"""

from __future__ import annotations

import collections
import warnings
from pathlib import Path
from typing import Any

import pytest

import minitf
from tests.differential.test_checkpoint import alike, model, module, raises, refusal, values


def reloaded(tf: Any, saved: Any, **how: Any) -> Any:
    tf.saved_model.save(saved, tf.folder + "/model", **how)
    return tf.saved_model.load(tf.folder + "/model")


def decorated(tf: Any) -> Any:
    """Return a module whose methods are functions of all kinds."""

    class Model(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tf.Variable([2.0, 3.0], name="w")
            self.calls = tf.Variable(0, trainable=False)
            self.shift = tf.constant([10.0, 20.0])

        @tf.function
        def __call__(self, x: Any) -> Any:
            self.calls.assign_add(1)
            return x * self.w + self.shift

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="rows")])
        def named(self, x: Any) -> Any:
            return [tf.reduce_mean(x, 0), (x, self.w)]

        @tf.function
        def choose(self, x: Any, training: Any = False, scale: Any = 2.0) -> Any:
            return x * scale if training else x

        @tf.function
        def nested(self, pair: Any, *rest: Any, more: Any = None, **others: Any) -> Any:
            return [pair[0] + pair[1]["a"], list(rest), more, others]

        @tf.function
        def never(self, x: Any) -> Any:
            return x

        def undecorated(self) -> Any:
            return 1

    return Model()


# --- objects ----------------------------------------------------------------------------------------------------------


@alike
def test_variables_and_objects_come_back(tf: Any) -> Any:
    source = model(tf, 2.0)
    source.tied, source.self = source.w, source
    loaded = reloaded(tf, source)
    lengths = len(loaded.layers), len(loaded.tuple), list(loaded.by_name), len(loaded.pair), len(loaded.empty)
    return (
        loaded.w, loaded.count, loaded.yes, loaded.half, loaded.layers[1].w, loaded.tuple[1][0], loaded.by_name["a/b"],
        loaded.pair[0], loaded.ordered["y"], loaded._hidden, lengths, loaded.tied is loaded.w, loaded.self is loaded,
        loaded.off.trainable, loaded.w.trainable, loaded.any_size.shape.as_list(), loaded.mixed[0], loaded.mixed[1],
        [hasattr(loaded, name) for name in ("number", "text", "tensor", "variables", "name")],
    )  # fmt: skip


@alike
def test_variables_keep_their_names(tf: Any) -> Any:
    with tf.name_scope("outer"):
        source = module(tf, v=tf.Variable(1.0, name="inner"))
    with tf.name_scope("here"):
        return reloaded(tf, source).v.name


@alike
def test_a_variable_can_be_saved_alone(tf: Any) -> Any:
    return reloaded(tf, tf.Variable([1.0, 2.0], name="alone"))


@alike
def test_what_is_loaded_can_be_saved_in_a_checkpoint_and_restored(tf: Any) -> Any:
    loaded = reloaded(tf, module(tf, v=tf.Variable(1.0), inner=module(tf, w=tf.Variable(2.0))))
    path = tf.train.Checkpoint(loaded).write(tf.prefix)
    loaded.inner.w.assign(9.0)
    tf.train.Checkpoint(loaded).read(path).assert_consumed()
    loaded.more = tf.Variable(1.0)
    return tf.train.list_variables(path), loaded.inner.w, loaded.more


@alike
def test_a_checkpoint_restores_from_a_saved_model(tf: Any) -> Any:
    reloaded(tf, model(tf, 2.0))
    fresh = model(tf, 0.0)
    tf.train.Checkpoint(fresh).restore(tf.folder + "/model").expect_partial()
    return values(tf, fresh)


@alike
def test_a_checkpoint_itself_can_be_a_saved_model(tf: Any) -> Any:
    return reloaded(tf, tf.train.Checkpoint(v=tf.Variable(3.0))).v


@alike
def test_saving_again_replaces_what_was_there(tf: Any) -> Any:
    source = module(tf, v=tf.Variable(1.0))
    first = reloaded(tf, source)
    source.v.assign(2.0)
    del source.v
    source.w = tf.Variable(3.0)
    second = reloaded(tf, source)
    return first.v, second.w, hasattr(second, "v"), tf.saved_model.contains_saved_model(tf.folder)


# --- functions --------------------------------------------------------------------------------------------------------


@alike
def test_functions_are_called_with_the_signatures_they_had(tf: Any) -> Any:
    source = decorated(tf)
    source(tf.constant([1.0, 1.0])), source(tf.constant(1.0))
    loaded = reloaded(tf, source)
    results = [
        loaded(tf.constant([1.0, 2.0])),
        loaded([1.0, 2.0]),
        loaded(x=tf.constant(2.0)),
        loaded(3.0),
        loaded.calls,
    ]
    return (
        results,
        source.calls,
        loaded.named(tf.ones([3, 2])),
        loaded.named([[1.0, 2.0]]),
        loaded.named(x=tf.ones([0, 2])),
    )


@alike
def test_python_arguments_choose_the_trace(tf: Any) -> Any:
    source, x = decorated(tf), tf.constant(1.0)
    source.choose(x), source.choose(x, training=True), source.choose(x, True, scale=3.0)
    loaded = reloaded(tf, source)
    return [
        loaded.choose(x),
        loaded.choose(x, True),
        loaded.choose(x, scale=3.0, training=True),
        loaded.choose(5.0, True),
    ]


@alike
def test_structures_and_all_kinds_of_parameters_come_back(tf: Any) -> Any:
    source, x = decorated(tf), tf.constant(1.0)
    pair = (x, {"a": x})
    source.nested(pair), source.nested(pair, x, [x, 2], more=5, z=x), source.nested([x, {"a": tf.ones(2)}], more=3)
    loaded = reloaded(tf, source)
    other = (tf.constant(2.0), {"a": 3.0})
    return [
        loaded.nested(pair),
        loaded.nested(other, x, [x, 2], z=x, more=5),
        loaded.nested([2.0, {"a": [1.0, 2.0]}], more=3),
    ]


@alike
def test_named_tuples_go_in_and_out(tf: Any) -> Any:
    pair = collections.namedtuple("pair", "left right")
    source = module(tf, f=tf.function(lambda p: pair(p.right, p.left)))
    source.f(pair(tf.constant(1.0), tf.constant([2])))
    result = reloaded(tf, source).f(pair(tf.constant(3.0), tf.constant([4])))
    return result.left, result.right


@alike
def test_functions_stand_in_containers_and_submodules(tf: Any) -> Any:
    spec = [tf.TensorSpec([])]
    inner = decorated(tf)
    inner(tf.constant(1.0))
    source = module(
        tf, fs=[tf.function(lambda x: x + 1, input_signature=spec)],
        fd={"k": tf.function(lambda x: x * 2, input_signature=spec)},
        concrete=tf.function(lambda x: x - 1).get_concrete_function(*spec), inner=inner,
    )  # fmt: skip
    loaded, x = reloaded(tf, source), tf.constant(5.0)
    return [loaded.fs[0](x), loaded.fd["k"](x), loaded.concrete(x), loaded.concrete(x=x), loaded.inner(x)]


@alike
def test_what_is_loaded_is_differentiated_and_trained(tf: Any) -> Any:
    source = decorated(tf)
    source(tf.constant([1.0, 1.0]))
    loaded = reloaded(tf, source)
    for _ in range(3):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(loaded(tf.constant([1.0, 2.0])) ** 2)
        loaded.w.assign_sub(0.01 * tape.gradient(loss, loaded.w))
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer, tf.GradientTape() as inner:
        outer.watch(x)
        inner.watch(x)
        y = loaded.named(x[None])[0] * loaded(x)
        first = inner.gradient(y, x)
    return loss, loaded.w, source.w, outer.gradient(first, x)


@alike
def test_what_is_loaded_is_saved_again(tf: Any) -> Any:
    source = decorated(tf)
    source(tf.constant([1.0, 1.0])), source.choose(tf.constant(1.0), True)
    loaded = reloaded(tf, source)
    loaded.w.assign([5.0, 6.0])
    again = reloaded(tf, loaded)
    return (
        again(tf.constant([1.0, 1.0])),
        again.choose(tf.constant(1.0), True),
        again.named(tf.ones([1, 2])),
        again.calls,
    )


@alike
def test_a_loaded_function_is_called_in_another_and_in_a_new_module(tf: Any) -> Any:
    loaded = reloaded(tf, decorated(tf))
    outer = module(tf, inner=loaded)
    outer.f = tf.function(lambda x: outer.inner.named(x)[0] + 1.0, input_signature=[tf.TensorSpec([None, 2])])
    before, again = outer.f(tf.ones([2, 2])), reloaded(tf, outer)
    return before, again.f(tf.ones([2, 2]))


@alike
def test_functions_without_arguments_and_with_states_of_a_generator(tf: Any) -> Any:
    source = module(tf, random=tf.random.Generator.from_seed(3), step=tf.Variable(0))
    source.draw = tf.function(lambda: source.random.uniform([2]), input_signature=[])
    source.count = tf.function(lambda: source.step.assign_add(1).value(), input_signature=[])
    loaded = reloaded(tf, source)
    return [loaded.draw(), loaded.draw(), source.draw(), source.draw(), loaded.count(), loaded.count(), source.step]


@alike
def test_variables_that_a_function_makes_in_its_first_trace_are_saved(tf: Any) -> Any:
    class Lazy(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([2])])
        def __call__(self, x: Any) -> Any:
            if not hasattr(self, "w"):
                self.w = tf.Variable([3.0, 4.0])
            return x * self.w

    loaded = reloaded(tf, Lazy())
    return loaded.w, loaded(tf.ones(2))


@alike
def test_functions_run_eagerly_need_their_program_all_the_same(tf: Any) -> Any:
    loaded = reloaded(tf, decorated(tf))
    tf.config.run_functions_eagerly(True)
    try:
        return loaded.named(tf.ones([1, 2]))
    finally:
        tf.config.run_functions_eagerly(False)


@alike
def test_traces_with_objects_as_arguments_are_left_out(tf: Any) -> Any:
    source = module(tf, f=tf.function(lambda x, other: x))
    source.f(tf.constant(1.0), 3), source.f(tf.constant(1.0), object())
    with warnings.catch_warnings(action="ignore"):  # ours says so
        loaded = reloaded(tf, source)
    return loaded.f(tf.constant(2.0), 3)


# --- signatures -------------------------------------------------------------------------------------------------------


def served(tf: Any) -> Any:
    number = tf.TensorSpec([], tf.float32)

    class Served(tf.Module):
        @tf.function(input_signature=[number, number])
        def two(self, a: Any, b: Any) -> Any:
            return a + b, a * b

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x-y")])
        def by_name(self, x: Any) -> Any:
            return {"z": x, "a": -x}

        @tf.function(input_signature=[number])
        def many(self, x: Any) -> Any:
            return [x + i for i in range(12)]

        @tf.function(input_signature=[{"p": number, "q": number}])
        def structure(self, both: Any) -> Any:
            return both["p"] - both["q"]

        @tf.function(input_signature=[number])
        def nothing(self, x: Any) -> Any:
            return None

        @tf.function(input_signature=[number])
        def deep(self, x: Any) -> Any:
            return {"a": (x, x)}

        @tf.function
        def loose(self, x: Any) -> Any:
            return x

    return Served()


@alike
def test_signatures_take_and_give_tensors_by_name(tf: Any) -> Any:
    source, x, y = served(tf), tf.constant(2.0), tf.constant(3.0)
    functions = {"two": source.two, "many": source.many, "structure": source.structure}
    functions["loose"] = source.loose.get_concrete_function(tf.TensorSpec([2], tf.float32, name="given"))
    signatures = reloaded(tf, source, signatures=functions).signatures
    many = signatures["many"](x=x)
    return (
        list(signatures), signatures["two"](a=x, b=y), [(name, many[name]) for name in sorted(many)],
        len(signatures["many"](x)),
        signatures["structure"](both=x, both_1=y), signatures["loose"](given=tf.ones(2)),
        signatures["two"].structured_input_signature, signatures["two"].structured_outputs,
    )  # fmt: skip


@alike
def test_one_signature_is_the_default(tf: Any) -> Any:
    source = served(tf)
    signatures = reloaded(tf, source, signatures=source.by_name).signatures
    result = signatures["serving_default"](tf.constant([1.0]))
    return list(signatures), [(name, result[name]) for name in sorted(result)], "more" in signatures, len(signatures)


@alike
def test_the_only_function_that_can_is_the_signature(tf: Any) -> Any:
    spec = [tf.TensorSpec([], tf.float32)]
    alone = module(tf, f=tf.function(lambda x: x, input_signature=spec), v=tf.Variable(1.0))
    beside = module(
        tf, f=tf.function(lambda x: x, input_signature=spec), g=tf.function(lambda x: (x, [x]), input_signature=spec)
    )
    beside.h = tf.function(lambda x: x)
    beside.h(tf.constant(1.0))
    two = module(tf, f=tf.function(lambda x: x, input_signature=spec), g=tf.function(lambda x: x, input_signature=spec))
    inside = module(tf, inner=module(tf, f=tf.function(lambda x: x, input_signature=spec)))
    return [list(reloaded(tf, each).signatures) for each in (alone, beside, two, inside, decorated(tf))]


@raises("nope")
def test_an_unknown_signature_is_a_key_error(tf: Any) -> Any:
    return reloaded(tf, served(tf)).signatures["nope"]


@raises("Expected a TensorFlow function for which to generate a signature, but got ")
def test_a_function_without_a_signature_cannot_be_one(tf: Any) -> Any:
    source = served(tf)
    reloaded(tf, source, signatures=source.loose)


@raises("Expected a TensorFlow function for which to generate a signature, but got ")
def test_plain_python_cannot_be_a_signature(tf: Any) -> Any:
    reloaded(tf, served(tf), signatures={"f": lambda x: x})


@raises("Outputs for functions used as signatures must be a single Tensor, a sequence of Tensors, or a dictionary from")
def test_a_signature_returns_something(tf: Any) -> Any:
    source = served(tf)
    reloaded(tf, source, signatures=source.nothing)


@raises("Got a non-Tensor value ")
def test_a_signature_returns_no_deeper_structure(tf: Any) -> Any:
    source = served(tf)
    reloaded(tf, source, signatures=source.deep)


@raises("Binding inputs to tf.function failed due to `missing a required argument: 'b'`")
def test_a_signature_needs_all_its_arguments(tf: Any) -> Any:
    source = served(tf)
    reloaded(tf, source, signatures=source.two).signatures["serving_default"](a=tf.constant(1.0))


# --- refusals ---------------------------------------------------------------------------------------------------------

NO_MATCH = "Could not find matching concrete function to call loaded from the SavedModel. Got:\n  Positional arguments"


def called(tf: Any, *arguments: Any, **named: Any) -> Any:
    source = decorated(tf)
    source.choose(tf.constant([1.0, 2.0])), source.choose(tf.constant([1.0, 2.0]), True, 3.0)
    return reloaded(tf, source).choose(*arguments, **named)


@raises(NO_MATCH)
def test_another_shape_matches_no_trace(tf: Any) -> Any:
    called(tf, tf.constant([1.0, 2.0, 3.0]))


@raises(" Expected these arguments to match one of the following 2 option(s):\n\nOption 1:\n  Positional arguments (")
def test_another_dtype_matches_no_trace(tf: Any) -> Any:
    called(tf, tf.constant([1, 2]))


@raises("    * TensorSpec(shape=(2,), dtype=tf.float32, name='x')\n    * True\n    * 3.0\n  Keyword arguments: {}")
def test_another_python_value_matches_no_trace(tf: Any) -> Any:
    called(tf, tf.constant([1.0, 2.0]), True, 4.0)


@raises(NO_MATCH + " (3 total):\n    * 'text'\n    * False\n    * 2.0")
def test_a_text_matches_no_trace(tf: Any) -> Any:
    called(tf, "text")


@raises("Binding inputs to tf.function failed due to `missing a required argument: 'x'`")
def test_an_argument_is_missing(tf: Any) -> Any:
    called(tf)


@raises("Binding inputs to tf.function failed due to `got an unexpected keyword argument 'y'`")
def test_an_argument_is_unknown(tf: Any) -> Any:
    called(tf, tf.constant([1.0, 2.0]), y=1)


@raises("Binding inputs to tf.function failed due to `Can not cast TensorSpec(shape=(3,), dtype=tf.float32, name=")
def test_an_input_signature_stays_what_it_was(tf: Any) -> Any:
    reloaded(tf, decorated(tf)).named(tf.ones(3))


@raises("Found zero restored functions for caller function.")
def test_a_function_that_was_never_traced_has_nothing_to_run(tf: Any) -> Any:
    reloaded(tf, decorated(tf)).never(tf.constant(1.0))


@raises("Found zero restored functions for caller function.")
def test_a_module_that_was_never_called_has_nothing_to_run(tf: Any) -> Any:
    reloaded(tf, decorated(tf))(tf.constant(1.0))


@raises("'_UserObject' object is not callable")
def test_a_module_without_functions_cannot_be_called(tf: Any) -> Any:
    reloaded(tf, model(tf, 1.0))(tf.constant(1.0))


@raises("'_UserObject' object has no attribute 'undecorated'")
def test_methods_that_are_no_functions_are_gone(tf: Any) -> Any:
    reloaded(tf, decorated(tf)).undecorated()


@raises(
    "Expected an object of type `Trackable`, such as `tf.Module` or a subclass of the `Trackable` class, for export."
)
def test_numbers_are_no_models(tf: Any) -> Any:
    reloaded(tf, 3)


@raises("for export. Got [")
def test_lists_are_no_models(tf: Any) -> Any:
    reloaded(tf, [tf.Variable(1.0)])


def test_functions_use_no_variables_of_others(oracle: Any, tmp_path: Path) -> None:
    for tf in (minitf, oracle):
        other = tf.Variable(2.0)
        source = module(tf, f=tf.function(lambda x: x * other, input_signature=[tf.TensorSpec([])]))  # noqa: B023
        words = "Tried to export a function which references an 'untracked' resource"
        assert refusal(lambda: tf.saved_model.save(source, str(tmp_path)), words) == (True,)  # noqa: B023


def test_nothing_is_saved_inside_a_function(oracle: Any, tmp_path: Path) -> None:
    for tf in (minitf, oracle):
        save = tf.function(lambda: tf.saved_model.save(tf.Module(), str(tmp_path)))  # noqa: B023
        words = (
            "`tf.saved_model.save` is not supported inside a traced @tf.function. Move the call to the outer eagerly-"
        )
        assert refusal(save, words) == (True,)


def test_a_folder_without_a_model_is_told(oracle: Any, tmp_path: Path) -> None:
    for tf in (minitf, oracle):
        with pytest.raises(OSError, match="SavedModel file does not exist at: "):
            tf.saved_model.load(str(tmp_path / "none"))


@pytest.mark.backend("numpy")
def test_a_model_of_tensorflow_is_called_that(oracle: Any, tmp_path: Path) -> None:
    oracle.saved_model.save(oracle.Module(), str(tmp_path))
    assert minitf.saved_model.contains_saved_model(tmp_path)
    with pytest.raises(OSError, match="TensorFlow's, and only TensorFlow can read it; choose the backend that runs on"):
        minitf.saved_model.load(tmp_path)
