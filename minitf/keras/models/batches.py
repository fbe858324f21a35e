"""The data of `fit` and its like, batch by batch: from arrays, datasets, generators and batches by number.

A batch comes as a flat list of tensors, because programs take them so; how x, y and weights stand in it is the same for
all batches.
"""

from __future__ import annotations

import functools
import itertools
import random
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitf as tf
from minitf import Tensor, nest
from minitf.backends import kernels
from minitf.data.dataset import Dataset
from minitf.data.prefetch import prefetched
from minitf.keras.backend import floatx
from minitf.keras.utils.batches import PyDataset, unpack_x_y_sample_weight

__all__ = ["ArrayBatches", "Batches", "batches_of", "split"]

_new = object.__new__
_NOT_LEFT = (
    "Your input ran out of data; interrupting training. Make sure that your dataset or generator can generate at least "
    "`steps_per_epoch * epochs` batches. You may need to use the `.repeat()` function when building your dataset."
)


class Batches:
    """Batches of an iterable, such as a dataset or a generator."""

    data: Any = None

    def __init__(
        self, data: Any, shuffle: Any = False, steps: int | None = None, class_weight: Mapping[int, float] | None = None
    ) -> None:
        """Take what yields x, (x, y) or (x, y, weights), and how many batches make an epoch, if that is known."""
        self.data, self.shuffle, self.asked, self.class_weight = data, shuffle, steps, class_weight
        self.structure: Any = None  # of (x, y, weights), with numbers for the tensors of a batch
        self.whole = None if isinstance(data, Iterator) else _length(data)  # batches there are, if that is known
        self._left: Iterator[Any] | None = None
        self._seen = 0  # batches that were taken from those

    @property
    def steps(self) -> int | None:
        """The number of batches of an epoch, if that is known."""
        return self.asked or self.whole

    def reset(self) -> None:
        """Begin with the first batch, however many are left of another epoch."""
        self._left = None
        self.end()

    def epoch(self, several: int = 1) -> Generator[list[list[Tensor]]]:
        """Go through the batches of an epoch: all that there are, or as many as were asked for of those that are left.

        They come so many at a time, and only at the end of the data fewer: that may be more than was asked for. A
        dataset is begun anew at its end, even if nobody will ask for more: so its shuffles come as they do in Keras.
        """
        self.begin()
        if self._left is None or self.asked is None:
            self._renew()
        for i in range(0, self.steps, several) if self.steps else itertools.count():
            batches = [] if self._all_seen else [*itertools.islice(self._left, several)]  # type: ignore[arg-type]
            if not batches:
                if self.structure is None and not isinstance(self.data, Dataset):
                    raise ValueError(f"The generator must yield at least one batch, but {self.data} has none.")
                if self.asked or not i:
                    warnings.warn(_NOT_LEFT, stacklevel=4)
                self._left = None
                break
            self._seen += several
            yield [*map(self._flat, batches)]
        if self._all_seen:
            self._renew()
        self.end()

    def agree(self, strategy: Any) -> None:
        """Let all workers of a strategy go through the same batches."""

    def ahead(self, several: int) -> Generator[list[list[Tensor]]]:
        """Go through an epoch as `epoch` does; batches of arrays are ready on the device before, where that pays."""
        return self.epoch(several)

    @property
    def _all_seen(self) -> bool:
        return self.whole is not None and self._seen >= self.whole

    def _renew(self) -> None:
        self._left, self._seen = self._once(), 0

    def _once(self) -> Iterator[Any]:
        if self.shuffle and self.whole and isinstance(self.data, PyDataset):
            return _shuffled(self.data, self.whole)
        return iter(self.data)

    def begin(self) -> None:
        """Tell the data that an epoch begins."""
        if hasattr(self.data, "on_epoch_begin"):
            self.data.on_epoch_begin()

    def end(self) -> None:
        """Tell the data that an epoch is over."""
        if hasattr(self.data, "on_epoch_end"):
            self.data.on_epoch_end()

    def _flat(self, batch: Any) -> list[Tensor]:
        """Return the tensors of a batch one after the other, and note how it is structured."""
        x, y, weights = unpack_x_y_sample_weight(tuple(batch) if isinstance(batch, list) else batch)
        data = nest.map_structure(_converted, (x, y, weights))
        if self.class_weight is not None:
            data = (data[0], data[1], _class_weights(data[1], data[2], self.class_weight))
        flat = nest.flatten(data)
        if self.structure is None:
            numbers = iter(range(len(flat)))
            self.structure = nest.map_structure(lambda leaf: None if leaf is None else next(numbers), data)
        return [leaf for leaf in flat if leaf is not None]


class ArrayBatches(Batches):
    """Batches of arrays with samples along the first axis; shuffled anew in each epoch, if so asked."""

    def __init__(
        self, x: Any, y: Any, sample_weight: Any, batch_size: int | None, shuffle: Any = False,
        steps: int | None = None, class_weight: Mapping[int, float] | None = None,
    ) -> None:  # fmt: skip
        """Take arrays or structures of them; ValueError if they have different numbers of samples."""
        data = _over((x, y, sample_weight), _array)
        if class_weight is not None:
            data = (data[0], data[1], _class_weights(data[1], sample_weight, class_weight))
        self.arrays: list[NDArray[Any]] = []
        self.structure = _over(data, self._kept)
        self.samples = _samples(data)
        if batch_size is not None and (not isinstance(batch_size, int | np.integer) or batch_size < 1):
            raise ValueError(f"`batch_size` must be a positive int, but got {batch_size}; leave it out for 32.")
        self.batch_size = int(batch_size or (max(-(-self.samples // steps), 1) if steps else 32))
        self.shuffle = shuffle
        self.asked = steps
        self.whole = -(-self.samples // self.batch_size)
        self._left, self._seen = None, 0
        self._put: Callable[[Any], Any] = kernels.asarray

    def ahead(self, several: int) -> Generator[list[list[Tensor]]]:
        """Go through an epoch; a thread may gather the next batches and bring them to the device."""
        self._put, count = kernels.feeding()
        if self.shuffle:
            self._generator  # noqa: B018  # drawn here, whatever a thread does
        groups = self.epoch(several)
        return prefetched(groups, count) if count else groups

    def _kept(self, leaf: Any) -> int | None:
        """Keep an array, and return its number."""
        if leaf is None:
            return None
        self.arrays.append(leaf)
        return len(self.arrays) - 1

    def agree(self, strategy: Any) -> None:
        if self.shuffle and strategy.workers > 1:
            self._generator = np.random.default_rng(strategy.agreed(_seed()))

    @functools.cached_property
    def _generator(self) -> np.random.Generator:
        return np.random.default_rng(_seed())

    def _order(self, n: int) -> NDArray[Any]:
        return self._generator.permutation(n)  # 50 times as quick as tf.random.shuffle

    def _once(self) -> Iterator[list[Tensor]]:
        size, arrays = self.batch_size, self.arrays
        if self.shuffle == "batch":
            for i in self._order(-(-self.samples // size)):
                yield [self._tensor(array[i * size : (i + 1) * size]) for array in arrays]
        elif self.shuffle:
            order = self._order(self.samples)
            for start in range(0, self.samples, size):
                rows = order[start : start + size]
                yield [self._tensor(array.take(rows, 0)) for array in arrays]
        else:
            for start in range(0, self.samples, size):
                yield [self._tensor(array[start : start + size]) for array in arrays]

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        tensor = _new(Tensor)
        tensor.array = self._put(array)
        return tensor

    def _flat(self, batch: list[Tensor]) -> list[Tensor]:
        return batch


def _seed() -> int:
    return int(tf.random.uniform((), maxval=2**31 - 1, dtype=tf.int32))  # so that tf.random.set_seed decides


def _shuffled(data: PyDataset, count: int) -> Iterator[Any]:
    """Go through batches in another order, which Python's own generator draws, as Keras lets it."""
    order = [*range(count)]
    random.shuffle(order)
    for i in order:
        yield data[i]


def batches_of(
    x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None, shuffle: Any = False,
    steps: int | None = None, class_weight: Mapping[int, float] | None = None,
) -> Batches:  # fmt: skip
    """Return the batches of what `fit` and its like were given; ValueError for data that they cannot take."""
    if isinstance(x, Batches):
        return x
    if steps is not None and steps < 0:
        raise ValueError(f"The number of steps must not be negative, but got {steps}; leave it out for all batches.")
    kind = _iterable(x)
    if kind is None:
        if x is None:
            raise ValueError("None values not supported: give x, as arrays, a tf.data.Dataset or a generator.")
        return ArrayBatches(x, y, sample_weight, batch_size, shuffle, steps, class_weight)
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            part = "the targets" if name == "y" else "sample weights"
            asked = f"When providing `x` as a {kind}, `{name}` should not be passed. Instead, {part} should be included"
            raise ValueError(f"{asked} as part of the {kind}.")
    return Batches(x, shuffle, steps, class_weight)


def split(x: Any, y: Any, sample_weight: Any, share: float) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]:
    """Cut the last samples off for validation, before anything is shuffled; ValueError for what is no array."""
    if _iterable(x) is not None:
        asked = "Argument `validation_split` is only supported for tensors or NumPy arrays"
        raise ValueError(f"{asked}. Found incompatible type in the input: {type(x)}; give validation_data.")
    data = nest.map_structure(_array, (x, y, sample_weight))
    samples = _samples(data)
    at = int(np.floor(samples * (1.0 - share)))
    if not 0 < at < samples:
        asked = f"Training data contains {samples} samples, which is not sufficient to split it into a validation and"
        raise ValueError(
            f"{asked} training set as specified by `validation_split={share}`; use a share between 0 and 1."
        )
    train = nest.map_structure(lambda leaf: None if leaf is None else leaf[:at], data)
    return train, nest.map_structure(lambda leaf: None if leaf is None else leaf[at:], data)


# --- converting -------------------------------------------------------------------------------------------------------


def _iterable(x: Any) -> str | None:
    """Return what x is called if it yields batches; None for arrays."""
    if isinstance(x, Dataset):
        return "tf.data.Dataset"
    if isinstance(x, PyDataset):
        return "PyDataset"
    return "generator" if isinstance(x, Iterator) else None


def _array(leaf: Any) -> Any:
    """Make an array of samples, floats in Keras's dtype."""
    if leaf is None:
        return None
    if isinstance(leaf, Tensor | tf.Variable):
        leaf = np.asarray(tf.convert_to_tensor(leaf).array)
    elif not isinstance(leaf, np.ndarray):
        leaf = _foreign(leaf)
    if leaf.dtype.kind not in "fiub" and leaf.dtype not in tf.dtypes.OF_NUMPY:
        asked = f"Unrecognized data type: an array of {leaf.dtype}"
        raise ValueError(f"{asked}; give numbers: texts and objects have to be encoded first.")
    return _in_floatx(leaf)


def _foreign(leaf: Any) -> NDArray[Any]:
    """Take what NumPy can make an array of and what is no plain Python, such as a data frame."""
    if not hasattr(leaf, "__array__"):
        asked = f"Unrecognized data type: {str(leaf)[:60]} (of type {type(leaf)})"
        raise ValueError(f"{asked}; make an array of it with np.array(...).")
    return np.asarray(leaf)


def _in_floatx(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(floatx()) if array.dtype.kind in "fV" and array.dtype != floatx() else array


def _converted(leaf: Any) -> Any:
    """Make a tensor of a part of a batch."""
    if leaf is None or isinstance(leaf, Tensor):
        return leaf
    array = np.asarray(leaf)
    return tf.convert_to_tensor(_in_floatx(array))


def _over(data: tuple[Any, ...], function: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Apply a function to the leaves of x, y and weights, which are mostly leaves themselves."""
    return tuple(
        nest.map_structure(function, part) if isinstance(part, list | tuple | dict) else function(part) for part in data
    )


def _samples(data: tuple[Any, Any, Any]) -> int:
    """Return the number of samples; ValueError if the arrays do not agree."""
    sizes: dict[str, list[int]] = {}
    for name, part in zip(("x", "y", "sample_weight"), data, strict=True):
        leaves = nest.flatten(part) if isinstance(part, list | tuple | dict) else [part]
        sizes[name] = [len(leaf) if leaf.ndim else 0 for leaf in leaves if leaf is not None]
    if len({size for found in sizes.values() for size in found}) > 1:
        told = "; ".join(f"'{name}' sizes: {', '.join(map(str, found))}" for name, found in sizes.items() if found)
        asked = "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples"
        raise ValueError(f"{asked}: {told}.")
    return sizes["x"][0] if sizes["x"] else 0


def _length(data: Iterable[Any]) -> int | None:
    if isinstance(data, Dataset):
        count = int(data.cardinality())
        return count if count >= 0 else None
    try:
        return len(data)  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return None


def _class_weights(y: Any, sample_weight: Any, weights: Mapping[int, float]) -> Any:
    """Return the weight of each sample by its class; ValueError if samples have weights already."""
    if sample_weight is not None:
        raise ValueError("You cannot `class_weight` and `sample_weight` at the same time; leave one out.")
    if y is None or nest.is_nested(y):
        raise ValueError("`class_weight` is only supported for Models with a single output, which has labels y.")
    labels = np.asarray(y.array if isinstance(y, Tensor) else y)
    if labels.ndim > 2:
        raise ValueError(f"`class_weight` needs one label for each sample, but y has shape {labels.shape}.")
    if labels.ndim == 2:
        labels = labels.argmax(1) if labels.shape[1] > 1 else labels[:, 0]
    found = np.array([weights.get(int(label), 1.0) for label in np.round(labels).tolist()], floatx())
    return tf.constant(found) if isinstance(y, Tensor) else found
