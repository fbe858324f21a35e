"""Checkpoints: what is saved under which name, what is restored where and when, and what is said if it does not fit.

Each snippet gets a folder of its own, `tf.folder`, on either side.
"""

from __future__ import annotations

import collections
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitf
from tests.differential.agreement import errors_of
from tests.differential.snippets import alike as alike_without_folder
from tests.differential.snippets import raises as raises_without_folder


class WithFolder:
    """One side, and a folder."""

    def __init__(self, tf: Any, folder: str) -> None:
        self._tf = tf
        self.folder = folder
        self.prefix = folder + "/ckpt"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tf, name)


def in_folder(snippet: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @wraps(snippet)
    def run(tf: Any) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            return snippet(WithFolder(tf, folder))

    return run


def alike(snippet: Callable[[Any], Any]) -> Any:
    return alike_without_folder(in_folder(snippet))


def raises(words: str) -> Callable[[Callable[[Any], Any]], Any]:
    return lambda snippet: raises_without_folder(words)(in_folder(snippet))


def refusal(assertion: Callable[[], Any], *words: str) -> tuple[bool, ...]:
    """Say which words are in the message of an assertion that fails."""
    with pytest.raises(AssertionError) as caught:
        assertion()
    return tuple(word in str(caught.value) for word in words)


def module(tf: Any, **attributes: Any) -> Any:
    made = tf.Module()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def names(tf: Any, path: str) -> list[tuple[str, list[int]]]:
    listed: list[tuple[str, list[int]]] = tf.train.list_variables(path)
    return listed


def model(tf: Any, fill: float) -> Any:
    """A module with variables in everything that can hold them."""

    def variable(*shape: int) -> Any:
        return tf.Variable(tf.fill(shape, fill))

    pair = collections.namedtuple("pair", "left right")
    return module(
        tf, w=variable(2, 3), count=tf.Variable(int(fill)), yes=tf.Variable(fill > 1), number=3, text="text",
        half=tf.Variable(fill, dtype=tf.float16), empty=[],
        layers=[module(tf, w=variable(1)), module(tf, w=variable(2))], tuple=(variable(), [variable(4)]),
        by_name={"a/b": variable(), "c.d": [variable()], "e": {"f": variable()}}, pair=pair(variable(), variable()),
        ordered=collections.OrderedDict(z=variable(), y=variable()), random=tf.random.Generator.from_seed(int(fill)),
        mixed=[1, variable(), "text", None], tensor=tf.constant(1.0), _hidden=variable(),
        off=tf.Variable(fill, trainable=False), any_size=tf.Variable([fill], shape=[None]),
    )  # fmt: skip


# --- names and numbers ------------------------------------------------------------------------------------------------


@alike
def test_variables_are_listed_by_the_path_to_them(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(
        model=model(tf, 2.0), step=tf.Variable(1), pair=(tf.Variable(1.0), tf.Variable(2.0))
    )
    return names(tf, checkpoint.write(tf.prefix))


@alike
def test_the_parts_of_a_root_have_their_own_names(tf: Any) -> Any:
    return names(tf, tf.train.Checkpoint(model(tf, 2.0), extra=tf.Variable(1)).write(tf.prefix))


@alike
def test_a_variable_can_be_the_root(tf: Any) -> Any:
    variable = tf.Variable(3.0)
    path = tf.train.Checkpoint(variable).write(tf.prefix)
    variable.assign(1.0)
    tf.train.Checkpoint(variable).read(path).assert_consumed()
    return names(tf, path), variable


@alike
def test_what_is_reached_twice_is_saved_once_under_the_shortest_name(tf: Any) -> Any:
    shared = tf.Variable(1.0)
    both = module(tf, z=shared, a=shared, inner=module(tf, b=shared, own=tf.Variable(2.0)))
    both.inner.back = both
    return names(tf, tf.train.Checkpoint(model=both, other=both.inner).write(tf.prefix))


@alike
def test_a_checkpoint_in_a_checkpoint_is_saved_too(tf: Any) -> Any:
    inner = tf.train.Checkpoint(v=tf.Variable(1.0))
    rooted = tf.train.Checkpoint(module(tf, w=tf.Variable(2.0)), beside=tf.Variable(3.0))
    inner.save(tf.prefix + "-inner")
    return names(tf, tf.train.Checkpoint(inner=inner, rooted=rooted).write(tf.prefix))


@alike
def test_attributes_set_later_are_saved_and_deleted_ones_are_not(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0), w=tf.Variable(2.0))
    checkpoint.later, checkpoint.number = tf.Variable(3.0), 3
    del checkpoint.v
    return names(tf, checkpoint.write(tf.prefix))


@alike
def test_saving_counts(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    before = checkpoint.save_counter.numpy()
    paths = [checkpoint.save(tf.prefix), checkpoint.save(Path(tf.prefix)), checkpoint.write(tf.folder + "/own")]
    found = [tf.train.latest_checkpoint(tf.folder), tf.train.latest_checkpoint(tf.folder + "/none")]
    state = Path(tf.folder, "checkpoint").read_text()
    shown = [path and os.path.relpath(path, tf.folder) for path in paths + found]
    return before, shown, checkpoint.save_counter, state


@alike
def test_the_counter_is_restored(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    paths = [checkpoint.save(tf.prefix) for _ in range(3)]
    other, rooted = tf.train.Checkpoint(v=tf.Variable(0.0)), tf.train.Checkpoint(module(tf, v=tf.Variable(0.0)))
    other.restore(paths[1]).assert_consumed()
    rooted.restore(paths[2]).assert_consumed()
    saved = [other.save(tf.prefix), rooted.save(tf.prefix)]
    return other.save_counter, rooted.save_counter, [os.path.basename(path) for path in saved]


@alike
def test_values_are_read_by_name(tf: Any) -> Any:
    path = tf.train.Checkpoint(v=tf.Variable([1, 2]), w=tf.Variable(3.0)).save(tf.prefix)
    reader, key = tf.train.load_checkpoint(path), "v/.ATTRIBUTES/VARIABLE_VALUE"
    types = {name: dtype for name, dtype in reader.get_variable_to_dtype_map().items() if name[0] != "_"}
    return (
        reader.get_tensor(key), reader.has_tensor(key), reader.has_tensor("v"), sorted(types.items()),
        sorted(reader.get_variable_to_shape_map().items()), tf.train.load_variable(tf.folder, key),
        type(reader.get_tensor("w/.ATTRIBUTES/VARIABLE_VALUE")), names(tf, tf.folder),
    )  # fmt: skip


# --- restoring --------------------------------------------------------------------------------------------------------


def values(tf: Any, of: Any) -> dict[str, Any]:
    """Return all values that belong to an object, by their names."""
    with tempfile.TemporaryDirectory() as folder:
        reader = tf.train.load_checkpoint(tf.train.Checkpoint(of=of).write(folder + "/values"))
        return {name: reader.get_tensor(name) for name, _ in names(tf, folder + "/values") if name[0] != "_"}


@alike
def test_everything_comes_back_into_the_same_variables(tf: Any) -> Any:
    source, target = model(tf, 2.0), model(tf, 0.0)
    path = tf.train.Checkpoint(model=source).save(tf.prefix)
    w, drawn = target.layers[1].w, source.random.uniform([3])
    status = tf.train.Checkpoint(model=target).restore(path)
    status.assert_consumed().assert_existing_objects_matched().expect_partial()
    return values(tf, target), w is target.layers[1].w, w, drawn, target.random.uniform([3])


@alike
def test_any_size_is_restored_where_the_shape_is_open(tf: Any) -> Any:
    path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tf.prefix)
    variable = tf.Variable([0.0], shape=[None])
    tf.train.Checkpoint(v=variable).read(path)
    return variable.value()


@alike
def test_variables_made_after_restoring_get_their_value(tf: Any) -> Any:
    path = tf.train.Checkpoint(model=model(tf, 2.0), step=tf.Variable(7)).save(tf.prefix)
    checkpoint = tf.train.Checkpoint()
    status = checkpoint.restore(path)
    checkpoint.model, checkpoint.unknown = tf.Module(), tf.Variable(5.0)
    checkpoint.model.w = tf.Variable(tf.zeros([2, 3]))
    checkpoint.model.w2 = tf.Variable(0.0)
    checkpoint.model.tuple = (tf.Variable(0.0), [tf.Variable(tf.zeros(4))])
    checkpoint.model.random = tf.random.Generator.from_seed(0)
    checkpoint.step = tf.Variable(0)
    early = checkpoint.step.numpy()
    checkpoint.step = tf.Variable(1)  # the value was given away already
    return values(tf, checkpoint), early, refusal(status.assert_consumed, "Found 2 Python objects")


@alike
def test_containers_filled_after_restoring_get_their_values(tf: Any) -> Any:
    path = tf.train.Checkpoint(model=model(tf, 2.0)).save(tf.prefix)
    late = module(tf, layers=[], by_name={})
    checkpoint = tf.train.Checkpoint(model=late)
    checkpoint.restore(path)
    late.layers.append(tf.Module())
    late.layers[0].w = tf.Variable([0.0])
    late.layers.extend([module(tf, w=tf.Variable(tf.zeros(2))), module(tf, w=tf.Variable(9.0))])
    late.by_name["a/b"] = tf.Variable(0.0)
    late.by_name.update({"e": {"f": tf.Variable(0.0)}, "more": tf.Variable(9.0)})
    late.ordered = {}
    late.ordered["y"] = tf.Variable(0.0)
    late.mixed = []
    late.mixed += [1, tf.Variable(0.0)]
    return values(tf, late), isinstance(late.layers, list), len(late.layers), list(late.by_name)


@alike
def test_a_model_built_in_its_first_call_can_be_restored_before(tf: Any) -> Any:
    class Dense(tf.Module):
        def __call__(self, x: Any) -> Any:
            if not hasattr(self, "w"):
                self.w = tf.Variable(tf.ones([x.shape[-1], 2]))
            return x @ self.w

    class Two(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [Dense(), Dense()]

        def __call__(self, x: Any) -> Any:
            return self.layers[1](self.layers[0](x))

    trained, fresh, traced = Two(), Two(), Two()
    trained(tf.ones([1, 3]))
    trained.layers[0].w.assign(tf.fill([3, 2], 5.0))
    path = tf.train.Checkpoint(model=trained).save(tf.prefix)
    call, results = tf.function(lambda x: traced(x)), []
    for model, run in ((fresh, fresh), (traced, call)):
        status = tf.train.Checkpoint(model=model).restore(path)
        results.append(run(tf.ones([1, 3])))
        status.assert_consumed()
        model.layers[0].w.assign(tf.fill([3, 2], 7.0))
        results.append(run(tf.ones([1, 3])))
    return results


@alike
def test_of_two_restorations_the_later_counts(tf: Any) -> Any:
    paths = [tf.train.Checkpoint(v=tf.Variable(x), w=tf.Variable(x)).write(f"{tf.prefix}{x}") for x in (1.0, 2.0)]
    checkpoint = tf.train.Checkpoint(v=tf.Variable(0.0))
    for path in paths:
        checkpoint.read(path)
    checkpoint.w = tf.Variable(0.0)
    return checkpoint.v, checkpoint.w


@alike
def test_part_of_a_checkpoint_can_be_restored_alone(tf: Any) -> Any:
    path = tf.train.Checkpoint(model=model(tf, 2.0), step=tf.Variable(1)).save(tf.prefix)
    layer = module(tf, w=tf.Variable([0.0]))
    tf.train.Checkpoint(model=module(tf, layers=[layer])).restore(path).expect_partial()
    return layer.w


@alike
def test_restoring_none_restores_nothing(tf: Any) -> Any:
    variable = tf.Variable(1.0)
    status = tf.train.Checkpoint(v=variable).restore(None)
    status.expect_partial()
    words = "No checkpoint specified (save_path=None); nothing is being restored."
    checks = (status.assert_consumed, status.assert_existing_objects_matched)
    return [refusal(check, words) for check in checks], variable


@alike
def test_assertions_name_what_did_not_fit(tf: Any) -> Any:
    path = tf.train.Checkpoint(v=tf.Variable(1.0), layer=module(tf, w=tf.Variable(2.0))).write(tf.prefix)
    less = tf.train.Checkpoint(v=tf.Variable(0.0)).read(path)
    more = tf.train.Checkpoint(v=tf.Variable(0.0), layer=module(tf, w=tf.Variable(0.0), x=tf.Variable(0.0))).read(path)
    less.assert_existing_objects_matched()
    return (
        refusal(less.assert_consumed, "Unresolved object in checkpoint (root).layer.w"),
        refusal(
            more.assert_consumed, "Found 1 Python objects that were not bound to checkpointed values", "Showing 1 of 1"
        ),
        refusal(more.assert_existing_objects_matched, "unmatched objects: [<tf.Variable 'Variable:0' shape=()"),
    )


@alike
def test_a_checkpoint_without_a_counter_is_consumed_by_read_only(tf: Any) -> Any:
    path = tf.train.Checkpoint(v=tf.Variable(1.0)).write(tf.prefix)
    tf.train.Checkpoint(v=tf.Variable(0.0)).read(path).assert_consumed()
    status = tf.train.Checkpoint(v=tf.Variable(0.0)).restore(path)
    return refusal(status.assert_consumed, "Found 1 Python objects", "save_counter")


def built(tf: Any, structure: Any, numbers: Iterator[float]) -> Any:
    """Build objects from a drawn structure; its leaves become variables."""
    if structure is None:
        return tf.Variable(next(numbers))
    kind, inside = structure
    if kind == "module":
        return module(tf, **{f"a{i}": built(tf, part, numbers) for i, part in enumerate(inside)})
    if kind == "dict":
        keys = ["", "a", "a/b", "..", "x.y", "/.S", "z"]
        return {key: built(tf, part, numbers) for key, part in zip(keys, inside, strict=False)}
    return {"list": list, "tuple": tuple}[kind](built(tf, part, numbers) for part in inside)


structures = st.recursive(
    st.none(),
    lambda inner: st.tuples(st.sampled_from(["module", "list", "tuple", "dict"]), st.lists(inner, max_size=4)),
)


@settings(max_examples=40, deadline=None)
@given(structures)
def test_any_structure_has_tensorflows_names_and_comes_back(oracle: Any, structure: Any) -> None:
    def names_and_values(tf: Any) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            source = module(tf, it=built(tf, structure, itertools.count(1.0)))
            path = tf.train.Checkpoint(source).write(folder + "/one")
            target, late = module(tf, it=built(tf, structure, itertools.repeat(0.0))), tf.Module()
            tf.train.Checkpoint(target).read(path).assert_consumed()
            status = tf.train.Checkpoint(late).read(path)
            late.it = built(tf, structure, itertools.repeat(0.0))
            status.assert_consumed()
            return names(tf, path), values(tf, target), values(tf, late)

    assert names_and_values(minitf) == names_and_values(oracle)


# --- refusals ---------------------------------------------------------------------------------------------------------


@raises("Error when restoring from checkpoint or SavedModel at ")
def test_a_missing_checkpoint_is_not_found(tf: Any) -> Any:
    tf.train.Checkpoint(v=tf.Variable(1.0)).restore(tf.prefix + "-1")


@raises("You may be missing the checkpoint suffix (e.g. the '-1' in 'path/to/ckpt-1').")
def test_a_path_without_its_number_is_explained(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    checkpoint.save(tf.prefix)
    checkpoint.restore(tf.prefix)


@raises("Unsuccessful TensorSliceReader constructor: Failed to find any matching files for ")
def test_a_missing_checkpoint_cannot_be_read(tf: Any) -> Any:
    tf.train.Checkpoint(v=tf.Variable(1.0)).read(tf.prefix)


@raises("Failed to find any matching files for ")
def test_a_missing_checkpoint_cannot_be_loaded(tf: Any) -> Any:
    tf.train.load_checkpoint(tf.prefix)


@raises("Couldn't find 'checkpoint' file or checkpoints in given directory ")
def test_a_folder_without_checkpoints_cannot_be_loaded(tf: Any) -> Any:
    tf.train.list_variables(tf.folder)


@raises("Unable to open table file ")
def test_a_folder_is_no_checkpoint(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    checkpoint.save(tf.prefix)
    checkpoint.restore(tf.folder)


@raises("Key v not found in checkpoint")
def test_a_missing_value_is_not_found(tf: Any) -> Any:
    tf.train.load_variable(tf.train.Checkpoint(v=tf.Variable(1.0)).write(tf.prefix), "v")


@raises("Received incompatible tensor with shape (2,) when attempting to restore variable with shape (3,) and name Var")
def test_another_shape_is_refused(tf: Any) -> Any:
    path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tf.prefix)
    tf.train.Checkpoint(v=tf.Variable([1.0, 2.0, 3.0])).restore(path)


@raises("Received incompatible tensor with shape (2,)")
def test_another_shape_is_refused_when_the_variable_is_made_later(tf: Any) -> Any:
    path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tf.prefix)
    checkpoint = tf.train.Checkpoint()
    checkpoint.read(path)
    checkpoint.v = tf.Variable([1.0, 2.0, 3.0])


@raises("tensor_name = v/.ATTRIBUTES/VARIABLE_VALUE; expected dtype int32 does not equal original dtype float")
def test_another_dtype_is_refused(tf: Any) -> Any:
    path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tf.prefix)
    tf.train.Checkpoint(v=tf.Variable([1, 2])).restore(path)


@raises("`Checkpoint` was expecting x to be a trackable object (an object derived from `Trackable`), got 3.")
def test_numbers_are_no_objects_to_save(tf: Any) -> Any:
    tf.train.Checkpoint(x=3.5)


@raises("`Checkpoint` was expecting x to be a trackable object")
def test_tensors_are_no_objects_to_save(tf: Any) -> Any:
    tf.train.Checkpoint(x=tf.constant(3.5))


@raises("`Checkpoint` was expecting root to be a trackable object")
def test_a_list_is_no_root(tf: Any) -> Any:
    tf.train.Checkpoint([tf.Variable(1.0)])


@raises("Cannot create a Checkpoint with keyword argument v if root.v already exists")
def test_a_name_of_the_root_is_taken(tf: Any) -> Any:
    tf.train.Checkpoint(module(tf, v=tf.Variable(1.0)), v=tf.Variable(2.0))


@raises("non-string key which maps to a trackable object or mutable data structure")
def test_a_key_that_is_no_text_is_refused(tf: Any) -> Any:
    tf.train.Checkpoint(model=module(tf, d={1: tf.Variable(1.0)})).write(tf.prefix)


# --- CheckpointManager ------------------------------------------------------------------------------------------------


def shown(manager: Any) -> Any:
    """Say what a manager and its folder know."""
    state = Path(manager.directory, "checkpoint").read_text().splitlines()
    kept = {file.name.partition(".")[0] for file in Path(manager.directory).iterdir()}
    named = [os.path.basename(path) for path in [manager.latest_checkpoint or "", *manager.checkpoints]]
    return named, sorted(kept), [line for line in state if "timestamp" not in line]


@alike
def test_a_manager_keeps_the_latest(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(step=tf.Variable(0))
    manager = tf.train.CheckpointManager(checkpoint, tf.folder + "/run", max_to_keep=2)
    seen = [manager.latest_checkpoint, manager.checkpoints, manager.checkpoint is checkpoint]
    for step in range(4):
        checkpoint.step.assign(step)
        seen += [os.path.basename(manager.save()), shown(manager)]
    return seen


@alike
def test_a_manager_goes_on_where_another_stopped(tf: Any) -> Any:
    for run in range(3):
        checkpoint = tf.train.Checkpoint(step=tf.Variable(0))
        manager = tf.train.CheckpointManager(checkpoint, Path(tf.folder, "run"), 3, checkpoint_name="model")
        restored = manager.restore_or_initialize()
        assert (restored is None) == (run == 0)
        for _ in range(2):
            checkpoint.step.assign_add(1)
            manager.save()
    return checkpoint.step, checkpoint.save_counter, shown(manager)


@alike
def test_a_manager_without_a_limit_keeps_all(tf: Any) -> Any:
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=tf.Variable(1.0)), tf.folder, max_to_keep=None)
    for _ in range(3):
        manager.save()
    return shown(manager)


@alike
def test_a_manager_takes_a_number_of_ones_own(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    manager = tf.train.CheckpointManager(checkpoint, tf.folder, max_to_keep=2)
    for number in (100, tf.Variable(7), tf.constant(9), 7, None):
        manager.save(checkpoint_number=number)
    return shown(manager), checkpoint.save_counter


@alike
def test_a_manager_saves_at_intervals(tf: Any) -> Any:
    step = tf.Variable(0)
    checkpoint = tf.train.Checkpoint(step=step)
    manager = tf.train.CheckpointManager(checkpoint, tf.folder, 9, step_counter=step, checkpoint_interval=3)
    saved = []
    for _ in range(8):
        saved.append(manager.save() is not None)
        step.assign_add(1)
    return (
        saved,
        manager.save(check_interval=False) is None,
        manager.save(check_interval=False),
        manager.checkpoint_interval,
    )


@alike
def test_a_manager_initializes_where_nothing_is_to_restore(tf: Any) -> Any:
    step = tf.Variable(0)
    checkpoint = tf.train.Checkpoint(step=step)
    manager = tf.train.CheckpointManager(checkpoint, tf.folder, 1, init_fn=lambda: step.assign(5))
    first = manager.restore_or_initialize()
    manager.save()
    step.assign(0)
    return first, os.path.basename(manager.restore_or_initialize()), step


@alike
def test_a_manager_leaves_checkpoints_of_others_alone(tf: Any) -> Any:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    checkpoint.save(tf.prefix)
    manager = tf.train.CheckpointManager(checkpoint, tf.folder, 1)
    before = shown(manager)
    manager.save()
    manager.save()
    return before, shown(manager)


@raises("Expected a positive integer or `None` for `max_to_keep`, got 0")
def test_a_manager_keeps_at_least_one(tf: Any) -> Any:
    tf.train.CheckpointManager(tf.train.Checkpoint(), tf.folder, 0)


@raises("`step_counter` should be passed if `checkpoint_interval` is not None")
def test_an_interval_needs_a_counter(tf: Any) -> Any:
    tf.train.CheckpointManager(tf.train.Checkpoint(), tf.folder, 1, checkpoint_interval=2)


def test_a_checkpoint_of_tensorflow_is_called_that(oracle: Any, tmp_path: Path) -> None:
    path = oracle.train.Checkpoint(v=oracle.Variable(1.0)).write(str(tmp_path / "theirs"))
    with pytest.raises(errors_of(minitf), match=r"theirs is TensorFlow's, and only TensorFlow can read it\."):
        minitf.train.Checkpoint(v=minitf.Variable(1.0)).read(path)
