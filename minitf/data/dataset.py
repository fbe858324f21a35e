"""Dataset: what elements come from, and the stages that make a pipeline of them.

Each method makes a new dataset that begins the stream of the one before, does one thing to it, and knows how the spec
and the cardinality follow. What is done to a stream stands in the other files of this room.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Callable
from typing import Any

from minitf import nest
from minitf.data import cardinality as counts
from minitf.data.arguments import AUTOTUNE, integer, parallel, positive, refused
from minitf.data.cache import InFile, InMemory
from minitf.data.calls import Call
from minitf.data.cardinality import unknown
from minitf.data.padding import Padding
from minitf.data.pipeline import Stream
from minitf.data.prefetch import prefetched
from minitf.data.shuffle import Seeds, shuffled
from minitf.data.sources import Sources
from minitf.data.streams import batches, repeated, windows
from minitf.data.structure import Rows, joined, made_up, merged, normal, separated, spec_of, unjoined, widened
from minitf.dtypes import int64
from minitf.recording import unheard
from minitf.shape import TensorShape
from minitf.spec import TensorSpec
from minitf.tensor import convert_to_tensor

__all__ = ["AUTOTUNE", "Dataset", "DatasetSpec", "Options"]

_AHEAD = 2  # elements that prefetch keeps ready when nobody says how many


class Options:
    """Options of datasets: they are taken and change nothing, as everything here is deterministic.

    >>> options = Options()
    >>> options.deterministic = False
    """

    deterministic: bool | None = None


class Dataset(Sources):
    """A stream of elements: tensors, or tuples and dictionaries of tensors.

    It is lazy: nothing is read before somebody iterates, and then element by element, so that a dataset may be larger
    than memory. Make one with `range` or one of the `from_...` methods. The arguments `name`, `deterministic` and
    `num_parallel_calls` are taken, but everything runs in order; only `prefetch` starts a thread.

    >>> dataset = Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 1]))
    >>> for x, label in dataset.map(lambda x, label: (x * 10, label)).batch(2):
    ...     print(x.numpy(), label.numpy())
    [10. 20.] [0 1]
    [30.] [1]
    """

    @property
    def _type_spec(self) -> DatasetSpec:
        """What describes this dataset where it is an element of another."""
        return DatasetSpec(self.element_spec)

    def _to(self, kind: str, begin: Callable[[], Stream], count: Callable[[int], int] = int,
            spec: Callable[[], Any] | None = None, rows: Rows | None = None) -> Dataset:  # fmt: skip
        """Make the next stage: `count` is told how many elements there are here; without `spec` they stay alike."""
        spec = spec or (lambda: self.element_spec)
        return Dataset(f"_{kind}Dataset", begin, spec, lambda: count(self._count()), rows)

    # --- which elements, and in which order ---

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """Keep the first elements, or all if the count is -1.

        >>> list(tf.data.Dataset.range(9).take(2).as_numpy_iterator())
        [np.int64(0), np.int64(1)]
        """
        number = integer(count)
        return self._to(
            "Take",
            lambda: itertools.islice(self._begin(), number if number >= 0 else None),
            lambda known: counts.taken(known, number),
            rows=self._rows,
        )

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """Leave out the first elements, or all if the count is -1.

        >>> list(tf.data.Dataset.range(4).skip(2).as_numpy_iterator())
        [np.int64(2), np.int64(3)]
        """
        number = integer(count)
        return self._to(
            "Skip",
            lambda: itertools.islice(self._begin(), number, None) if number >= 0 else iter(()),
            lambda known: counts.skipped(known, number),
            rows=self._rows,
        )

    def filter(self, predicate: Any, name: str | None = None) -> Dataset:
        """Keep the elements for which a function is true; a tuple becomes its arguments.

        While iterating, ValueError if it does not return a scalar tf.bool.

        >>> list(tf.data.Dataset.range(5).filter(lambda i: i % 2 == 0).as_numpy_iterator())
        [np.int64(0), np.int64(2), np.int64(4)]
        """
        call = Call(predicate)
        return self._to("Filter", lambda: filter(call.holds, self._elements()), unknown)

    def take_while(self, predicate: Any, name: str | None = None) -> Dataset:
        """Keep the elements up to the first for which a function is false.

        >>> list(tf.data.Dataset.range(9).take_while(lambda i: i < 2).as_numpy_iterator())
        [np.int64(0), np.int64(1)]
        """
        call = Call(predicate)
        return self._to("TakeWhile", lambda: itertools.takewhile(call.holds, self._elements()), unknown)

    def shuffle(
        self, buffer_size: Any, seed: Any = None, reshuffle_each_iteration: bool | None = True, name: str | None = None
    ) -> Dataset:
        """Choose each element at random from the next `buffer_size`; for an even shuffle, these must be all there are.

        The order is TensorFlow's for the same seeds: follow `tf.random.set_seed` or `seed`, or both. Every iteration
        has a new order unless `reshuffle_each_iteration` is False. InvalidArgumentError for a size that is not positive
        or UNKNOWN_CARDINALITY, which stands for all.

        >>> tf.random.set_seed(1)
        >>> [int(i) for i in tf.data.Dataset.range(9).shuffle(9, seed=2)]
        [4, 6, 8, 7, 0, 2, 3, 1, 5]
        """
        size = integer(buffer_size)
        if size < 1 and size != counts.UNKNOWN_CARDINALITY:
            asked = "buffer_size must be greater than zero or UNKNOWN_CARDINALITY"
            raise refused("ShuffleDatasetV3", asked, f"{size}", "1 or more, or -2")
        seeds = Seeds(seed if seed is None else integer(seed), reshuffle_each_iteration is not False)
        return self._to(
            "Shuffle",
            lambda: shuffled(self._begin(), size if size > 0 else None, seeds.words()),
            rows=self._rows,
        )

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """Go through the elements `count` times; for ever if it is None or negative.

        >>> list(tf.data.Dataset.range(2).repeat(2).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(0), np.int64(1)]
        """
        times = -1 if count is None else integer(count)
        return self._to(
            "Repeat",
            lambda: repeated(self._begin, self._begin(), times) if times else iter(()),
            lambda known: counts.repeated(known, times),
            rows=self._rows,
        )

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """Go through another dataset after this one; TypeError if its elements have other structures or dtypes.

        >>> list(tf.data.Dataset.range(2).concatenate(tf.data.Dataset.range(1)).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(0)]
        """
        spec = merged(self.element_spec, dataset.element_spec)
        both = (self, dataset)
        return self._to(
            "Concatenate",
            lambda: itertools.chain.from_iterable(part._elements() for part in both),
            lambda known: counts.chained(known, dataset._count()),
            lambda: spec,
        )

    # --- other elements ---

    def map(
        self, map_func: Any, num_parallel_calls: Any = None, deterministic: bool | None = None,
        synchronous: bool | None = None, use_unbounded_threadpool: bool = False, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Apply a function to each element; a tuple becomes its arguments, and a list that it returns a tuple.

        ValueError for what is no function. When somebody asks for `element_spec`, the function is called on elements
        that are made up.

        >>> list(tf.data.Dataset.range(3).map(lambda i: (i, i * i)).as_numpy_iterator())
        [(np.int64(0), np.int64(0)), (np.int64(1), np.int64(1)), (np.int64(2), np.int64(4))]
        """
        call = Call(map_func)
        return self._to(
            parallel("Map", num_parallel_calls),
            lambda: map(call, self._elements()),
            spec=lambda: call.spec(self),
        )

    def flat_map(self, map_func: Any, name: str | None = None) -> Dataset:
        """Make a dataset of each element, and go through these one after the other.

        >>> list(tf.data.Dataset.range(3).flat_map(tf.data.Dataset.range).as_numpy_iterator())
        [np.int64(0), np.int64(0), np.int64(1)]
        """
        call = Call(map_func)
        return self._to(
            "FlatMap",
            lambda: itertools.chain.from_iterable(map(call.stream, self._elements())),
            unknown,
            lambda: call.spec(self).element_spec,
        )

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Pair each element with its number.

        >>> list(tf.data.Dataset.range(7, 9).enumerate().as_numpy_iterator())
        [(np.int64(0), np.int64(7)), (np.int64(1), np.int64(8))]
        """
        first, number = integer(start), TensorSpec([], int64)
        return self._to(
            "Zip",
            lambda: ((convert_to_tensor(i, int64), x) for i, x in builtins.enumerate(self._elements(), first)),
            spec=lambda: (number, self.element_spec),
        )

    def batch(
        self, batch_size: Any, drop_remainder: bool = False, num_parallel_calls: Any = None,
        deterministic: bool | None = None, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Put elements side by side along a new first axis; the last batch may be smaller, or is dropped.

        InvalidArgumentError for a size that is not positive and, while iterating, for elements of unequal shapes.

        >>> list(tf.data.Dataset.range(5).batch(2).as_numpy_iterator())
        [array([0, 1]), array([2, 3]), array([4])]
        """
        size = positive(batch_size, "BatchDatasetV2", "Batch size")
        join = joined if self._rows is None else self._rows.at
        return self._to(
            parallel("Batch", num_parallel_calls),
            lambda: batches(self._begin(), size, drop_remainder, join),
            lambda known: counts.grouped(known, size, size, drop_remainder),
            lambda: widened(self.element_spec, size if drop_remainder else None),
        )

    def padded_batch(
        self, batch_size: Any, padded_shapes: Any = None, padding_values: Any = None, drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Fill up elements to one shape, and batch them.

        `padded_shapes` and `padding_values` have the structure of an element: None or -1 for a size is as far as the
        batch needs, and the value is 0 if not given. ValueError or TypeError for what does not fit the elements;
        DataLossError, while iterating, for an element that is larger than its padded shape.

        >>> list(tf.data.Dataset.range(1, 3).map(lambda n: tf.fill([n], 7)).padded_batch(2).as_numpy_iterator())
        [array([[7, 0], [7, 7]], dtype=int32)]
        """
        size = positive(batch_size, "PaddedBatchDatasetV2", "Batch size")
        padding = Padding(self.element_spec, padded_shapes, padding_values)
        return self._to(
            "PaddedBatch",
            lambda: batches(self._elements(), size, drop_remainder, padding.joined),
            lambda known: counts.grouped(known, size, size, drop_remainder),
            lambda: widened(padding.spec, size if drop_remainder else None),
        )

    def unbatch(self, name: str | None = None) -> Dataset:
        """Take each element apart along its first axis; ValueError, while iterating, for scalars.

        >>> list(tf.data.Dataset.range(3).batch(2).unbatch().as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(2)]
        """

        def count(known: int) -> int:
            sizes = [leaf.shape[0] for leaf in nest.flatten(self.element_spec) if leaf.shape.rank]
            size = next(filter(None, sizes), None)
            return known if known < 0 else unknown() if size is None else known * size

        begin = lambda: itertools.chain.from_iterable(map(separated, self._elements()))  # noqa: E731
        return self._to("Unbatch", begin, count, lambda: unjoined(self.element_spec))

    def window(
        self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: bool = False, name: str | None = None
    ) -> Dataset:
        """Make datasets of `size` elements, every `stride`th, `shift` after one another; without, `size`.

        An element that is a structure of tensors becomes a structure of datasets.

        >>> pairs = tf.data.Dataset.range(4).window(2, shift=1, drop_remainder=True)
        >>> list(pairs.flat_map(lambda pair: pair.batch(2)).as_numpy_iterator())
        [array([0, 1]), array([1, 2]), array([2, 3])]
        """
        native = "WindowDataset"
        length, step = positive(size, native, "Window size"), positive(stride, native, "Window stride")
        move = length if shift is None else positive(shift, native, "Window shift")
        span = (length - 1) * step + 1

        def opened(elements: list[Any]) -> Any:
            columns = builtins.zip(*map(nest.flatten, elements), strict=True)
            return nest.pack_sequence_as(elements[0], [_dataset_of(list(column)) for column in columns])

        return self._to(
            "Window",
            lambda: map(opened, windows(self._elements(), length, move, step, drop_remainder)),
            lambda known: counts.grouped(known, span, move, drop_remainder),
            lambda: nest.map_structure(DatasetSpec, self.element_spec),
        )

    # --- how elements come ---

    def cache(self, filename: Any = "", name: str | None = None) -> Dataset:
        """Keep the elements of the first full pass for all later ones: in memory or, with a name, in a file.

        >>> drawn = tf.data.Dataset.range(2).map(lambda i: tf.random.uniform([])).cache()
        >>> list(drawn.as_numpy_iterator()) == list(drawn.as_numpy_iterator())
        True
        """
        spec = lambda: self.element_spec  # noqa: E731
        if filename:
            file = InFile(filename, spec)
            return Dataset("CacheDataset", lambda: file.stream(self._elements), spec, self._count)
        memory = InMemory()
        return Dataset("CacheDataset", lambda: memory.stream(self._begin), spec, self._count, self._rows)

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """Let a thread prepare elements while those before are consumed: up to `buffer_size`, or 2 for AUTOTUNE.

        The thread ends with the iterator. InvalidArgumentError for other negative sizes.

        >>> list(tf.data.Dataset.range(3).prefetch(tf.data.AUTOTUNE).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(2)]
        """
        size = integer(buffer_size)
        if size < AUTOTUNE:
            asked = "buffer_size must be >= 0 or set buffer_size to be -1 for auto-tuning"
            raise refused("PrefetchDataset", asked, f"{size}", "-1 or more")
        size = _AHEAD if size == AUTOTUNE else size
        return self._to("Prefetch", lambda: prefetched(self._elements(), size) if size else self._elements())

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """Take options, which change nothing.

        >>> len(tf.data.Dataset.range(3).with_options(tf.data.Options()))
        3
        """
        return self._to("Options", self._begin, rows=self._rows)

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """Return what a function makes of the dataset; TypeError if that is no dataset.

        >>> len(tf.data.Dataset.range(5).apply(lambda dataset: dataset.batch(2)))
        3
        """
        dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError(f"`transformation_func` must return a `tf.data.Dataset` object. Got {type(dataset)}.")
        return dataset

    def reduce(self, initial_state: Any, reduce_func: Any, name: str | None = None) -> Any:
        """Compute `state = reduce_func(state, element)` for each element, and return the last state.

        TypeError if the dtypes of the state change, InvalidArgumentError if its structure does.

        >>> print(tf.data.Dataset.range(5).reduce(tf.constant(0, tf.int64), lambda total, i: total + i))
        tf.Tensor(10, shape=(), dtype=int64)
        """
        call, state = Call(reduce_func), normal(initial_state)
        form = [leaf.dtype for leaf in nest.flatten(state)]
        for element in self:
            with unheard():
                leaves = nest.flatten(call((state, element)))
            if len(leaves) != len(form):
                asked = "The number of components of the initial state and the reduce function output does not match."
                asked = f"{asked} (initial_state={len(form)}, output={len(leaves)})."
                raise refused("ReduceDataset", asked, f"{len(leaves)} tensors", f"{len(form)}")
            for leaf, dtype in builtins.zip(leaves, form, strict=True):
                if leaf.dtype != dtype:
                    asked = f"The element types for the new state must match the initial state. Expected {dtype} but"
                    raise TypeError(f"{asked} got {leaf.dtype}; begin with a state of that dtype.")
            state = nest.pack_sequence_as(state, leaves)
        return state


class DatasetSpec:
    """Describes datasets that are elements of a dataset.

    >>> tf.data.Dataset.range(5).window(2).element_spec.element_spec
    TensorSpec(shape=(), dtype=tf.int64, name=None)
    """

    def __init__(self, element_spec: Any, dataset_shape: Any = ()) -> None:
        """Take the specs of the elements."""
        self.element_spec, self._shape = element_spec, TensorShape(dataset_shape)

    def made_up(self, which: int) -> Dataset:
        """Make up a dataset of one element."""
        return Dataset.from_tensors(made_up(self.element_spec, which))

    def __repr__(self) -> str:
        """Print as TensorFlow does."""
        return f"DatasetSpec({self.element_spec}, {self._shape!r})"


def _dataset_of(elements: list[Any]) -> Dataset:
    return Dataset("_VariantDataset", lambda: iter(elements), lambda: spec_of(elements[0]), lambda: len(elements))
