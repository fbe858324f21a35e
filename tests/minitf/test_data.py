"""Datasets are lazy and streaming; prefetching runs ahead and ends; what is cached is computed once."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitf as tf

Dataset = tf.data.Dataset
PATIENCE = 20  # seconds after which a thread that should have done something counts as hanging


def numbers(dataset: tf.data.Dataset) -> list[int]:
    return [int(x) for x in dataset]


def counted(size: int = 100) -> tuple[tf.data.Dataset, list[int]]:
    """Return a dataset, and a list of what has been read of it."""
    read: list[int] = []

    def generator() -> Iterator[int]:
        for i in range(size):
            read.append(i)
            yield i

    return Dataset.from_generator(generator, output_signature=tf.TensorSpec([], tf.int64)), read


# --- lazy and streaming ----------------------------------------------------------------------------------------------


def test_nothing_is_read_before_somebody_iterates_and_then_no_more_than_needed() -> None:
    dataset, read = counted()
    elements = iter(dataset.map(lambda x: x * 2).filter(lambda x: x > 3).batch(2).take(5))
    assert read == []
    assert next(elements).numpy().tolist() == [4, 6]
    assert read == [0, 1, 2, 3]


def test_a_description_reads_nothing() -> None:
    dataset, read = counted()
    pairs = dataset.map(lambda x: (x, tf.one_hot(x, 3))).shuffle(5).batch(4).repeat(2).prefetch(2)
    assert "shape=(None, 3), dtype=tf.float32" in repr(pairs)
    pairs.cardinality()
    assert read == []


BLOCKS, ENTRIES = 1024, 2**20  # 4 GB of float32


@pytest.mark.parametrize(
    "dataset",
    [
        Dataset.range(BLOCKS).map(lambda i: tf.ones([ENTRIES])),
        Dataset.from_generator(
            lambda: (np.ones(ENTRIES, np.float32) for _ in range(BLOCKS)),
            output_signature=tf.TensorSpec([ENTRIES], tf.float32),
        ),
    ],
    ids=["mapped", "generated"],
)
def test_a_dataset_larger_than_memory_passes(dataset: tf.data.Dataset) -> None:
    tracemalloc.start()
    try:
        total = sum(len(batch) for batch in dataset.shuffle(4).batch(2).prefetch(2))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == BLOCKS
    assert peak < 100e6


def test_a_function_may_look_at_values_and_is_then_described_by_a_real_element() -> None:
    dataset = Dataset.range(3, 6).map(lambda x: tf.ones([2]) if int(x) > 2 else 1 / 0)
    assert dataset.element_spec == tf.TensorSpec([2], tf.float32)


def test_a_function_that_fails_says_so_when_it_is_described_and_when_it_runs() -> None:
    dataset = Dataset.range(3).map(lambda x: tf.reshape(x, [7]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="requested shape"):
        _ = dataset.element_spec
    with pytest.raises(tf.errors.InvalidArgumentError, match="requested shape"):
        next(iter(dataset))


def test_elements_of_a_generator_do_not_change_when_it_uses_its_array_again() -> None:
    def generator() -> Iterator[Any]:
        buffer = np.zeros(2)
        for i in range(3):
            buffer[:] = i
            yield buffer

    dataset = Dataset.from_generator(generator, output_signature=tf.TensorSpec([2], tf.float64))
    assert [x.numpy().tolist() for x in dataset] == [[0, 0], [1, 1], [2, 2]]


def test_slices_do_not_follow_the_array_they_were_made_of() -> None:
    array = np.arange(3)
    dataset = Dataset.from_tensor_slices(array)
    array[:] = 9
    assert numbers(dataset) == [0, 1, 2]


def test_elements_are_constants_for_a_tape_and_a_pipeline_leaves_no_record() -> None:
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        x = next(iter(Dataset.range(3).map(lambda i: v * tf.cast(i, tf.float32)).skip(1)))
        y = x * v
    assert tape.gradient(y, v).numpy() == 2.0


# --- shuffle ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, 30), st.integers(1, 40), st.integers(0, 99))
def test_a_shuffle_keeps_all_elements_and_takes_each_from_the_next_few(size: int, buffer: int, seed: int) -> None:
    order = numbers(Dataset.range(size).shuffle(buffer, seed=seed))
    assert sorted(order) == list(range(size))
    assert all(x < place + buffer for place, x in enumerate(order))


def test_every_order_of_three_comes_about_equally_often() -> None:
    tf.random.set_seed(0)
    dataset = Dataset.range(3).shuffle(3)
    orders = [tuple(numbers(dataset)) for _ in range(600)]
    assert len(set(orders)) == 6
    assert all(60 < orders.count(order) < 140 for order in set(orders))


def test_unseeded_shuffles_differ() -> None:
    tf.random.set_seed(None)
    assert numbers(Dataset.range(50).shuffle(50)) != numbers(Dataset.range(50).shuffle(50))


def test_rows_that_are_shuffled_and_batched_are_those_that_were_batched_one_by_one() -> None:
    x, y = np.arange(60.0).reshape(20, 3), np.arange(20)
    rows = Dataset.from_tensor_slices({"x": x, "y": y}).shuffle(7, seed=1).repeat(2).skip(3).cache()
    fast = list(rows.batch(6))
    slow = list(rows.map(lambda element: element).batch(6))
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(one["x"], other["x"])
        np.testing.assert_array_equal(one["x"][:, 0], 3.0 * one["y"].numpy())


# --- cache -----------------------------------------------------------------------------------------------------------


def cached_in(place: str, folder: Path) -> Callable[[tf.data.Dataset], tf.data.Dataset]:
    return lambda dataset: dataset.cache(str(folder / "kept") if place == "file" else "")


@pytest.mark.parametrize("place", ["memory", "file"])
def test_a_cache_reads_its_source_once(place: str, tmp_path: Path) -> None:
    dataset, read = counted(3)
    cached = cached_in(place, tmp_path)(dataset.map(lambda x: (x, {"a": tf.fill([x], 1.5)})))
    first, *others = ([(int(x), d["a"].numpy().tolist()) for x, d in cached] for _ in range(3))
    assert first == [(0, []), (1, [1.5]), (2, [1.5, 1.5])]
    assert others == [first, first]
    assert read == [0, 1, 2]


@pytest.mark.parametrize("place", ["memory", "file"])
def test_a_pass_that_stops_in_the_middle_caches_nothing(place: str, tmp_path: Path) -> None:
    dataset, read = counted(3)
    cached = cached_in(place, tmp_path)(dataset)
    assert numbers(cached.take(2)) == [0, 1]
    gc.collect()
    assert list(tmp_path.iterdir()) == []
    assert numbers(cached) == numbers(cached) == [0, 1, 2]
    assert read == [0, 1, 0, 1, 2]


def test_another_dataset_finds_the_file_of_a_cache(tmp_path: Path) -> None:
    path = str(tmp_path / "kept")
    assert numbers(Dataset.range(4).cache(path)) == [0, 1, 2, 3]
    assert numbers(Dataset.range(9).cache(path).batch(4).unbatch()) == [0, 1, 2, 3]


def test_the_file_of_another_cache_and_a_damaged_one_are_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "kept")
    list(Dataset.range(4).cache(path))
    with pytest.raises(tf.errors.DataLossError, match="or the cache of another dataset"):
        list(Dataset.range(4).map(lambda x: tf.cast(x, tf.float32)).cache(path))
    with pytest.raises(tf.errors.DataLossError, match="or the cache of another dataset"):
        list(Dataset.range(3).batch(2).cache(path))
    file = tmp_path / "kept.cache"
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(tf.errors.DataLossError, match="Unable to read"):
        list(Dataset.range(4).cache(path))


# --- prefetch --------------------------------------------------------------------------------------------------------


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "tf.data.prefetch"]


def ended(thread: threading.Thread) -> bool:
    thread.join(PATIENCE)
    return not thread.is_alive()


def started(elements: Iterator[Any]) -> threading.Thread:
    """Take one element, and return the thread that this started."""
    before = threads()
    next(elements)
    (thread,) = [thread for thread in threads() if thread not in before]
    return thread


def test_prefetch_runs_ahead_by_as_much_as_was_asked() -> None:
    reached: dict[int, threading.Event] = {i: threading.Event() for i in range(20)}

    def generator() -> Iterator[int]:
        for i in range(20):
            reached[i].set()
            yield i

    dataset = Dataset.from_generator(generator, output_signature=tf.TensorSpec([], tf.int64)).prefetch(3)
    elements = iter(dataset)
    assert not reached[0].is_set()
    for taken in range(3):
        assert int(next(elements)) == taken
        assert reached[taken + 3].wait(PATIENCE)
        assert not reached[taken + 4].wait(0.05)


def test_the_thread_ends_when_the_elements_do() -> None:
    elements = iter(Dataset.range(5).prefetch(2))
    thread = started(elements)
    assert numbers(elements) == [1, 2, 3, 4]
    assert ended(thread)


@pytest.mark.parametrize("place", ["last", "inside"])
def test_the_thread_ends_and_its_source_is_closed_when_the_iterator_is_dropped(place: str) -> None:
    closed = threading.Event()

    def generator() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            closed.set()

    dataset = Dataset.from_generator(generator, output_signature=tf.TensorSpec([], tf.int64)).prefetch(2)
    if place == "inside":
        dataset = dataset.map(lambda x: x + 1).batch(2).prefetch(1)
    elements = iter(dataset)
    before = threads()
    next(elements)
    own = [thread for thread in threads() if thread not in before]
    assert len(own) == (2 if place == "inside" else 1)
    del elements
    gc.collect()
    assert all(map(ended, own))
    assert closed.wait(PATIENCE)


def test_the_thread_ends_when_a_loop_is_left() -> None:
    before = threads()
    for _ in Dataset.range(10**9).prefetch(2):
        own = [thread for thread in threads() if thread not in before]
        break
    gc.collect()
    assert len(own) == 1
    assert all(map(ended, own))


def test_an_exception_travels_to_the_consumer_after_the_elements_before_it() -> None:
    dataset = Dataset.range(5).map(lambda x: tf.debugging.assert_less(x, tf.constant(2, tf.int64)) or x).prefetch(3)
    before, elements = threads(), iter(dataset)
    assert [int(next(elements)), int(next(elements))] == [0, 1]
    with pytest.raises(tf.errors.InvalidArgumentError):
        next(elements)
    assert all(map(ended, set(threads()) - set(before)))


def test_the_thread_may_make_datasets_while_a_spec_waits_for_it() -> None:
    inner = Dataset.range(3).flat_map(lambda i: Dataset.from_tensors(i).map(lambda x: x + 1)).prefetch(1)
    dataset = inner.map(lambda x: tf.fill([int(x)], 1) if int(x) > 1 or x.dtype != tf.int64 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        _ = dataset.element_spec


def test_ops_in_the_thread_are_on_no_tape() -> None:
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        dataset = Dataset.range(2).map(lambda i: v * 2.0).prefetch(1)
        total = tf.add_n([x * v for x in dataset])
    assert tape.gradient(total, v).numpy() == 12.0


# --- iterators -------------------------------------------------------------------------------------------------------


def test_iterators_over_one_dataset_are_independent() -> None:
    dataset = Dataset.range(3)
    first, second = iter(dataset), iter(dataset)
    assert [int(next(first)), int(next(first)), int(next(second)), int(next(first))] == [0, 1, 0, 2]
    assert next(first, None) is None
    assert next(first, None) is None


def test_options_are_taken() -> None:
    options = tf.data.Options()
    options.deterministic = False
    assert numbers(Dataset.range(3).with_options(options)) == [0, 1, 2]


def test_a_function_that_raises_stop_iteration_does_not_end_the_dataset_quietly() -> None:
    for dataset in (Dataset.range(3).map(lambda x: next(iter(()))), Dataset.range(3).filter(lambda x: next(iter(())))):
        with pytest.raises(RuntimeError, match="raised StopIteration"):
            list(dataset)


def test_threads_that_share_an_iterator_share_its_elements() -> None:
    elements = iter(Dataset.range(3000).shuffle(10, seed=1))
    with ThreadPoolExecutor(4) as pool:
        shared = pool.map(lambda _: [int(x) for x in elements], range(4))
    assert sorted(x for own in shared for x in own) == list(range(3000))
