"""Where elements come from: tensors, a generator, counting, and other datasets at once."""

from __future__ import annotations

import builtins
from typing import Any, Self

from minitf import nest
from minitf.data import cardinality as counts
from minitf.data.arguments import integer, refused
from minitf.data.generated import generated, signature
from minitf.data.pipeline import Pipeline, Stream
from minitf.data.structure import Rows, normal, spec_of, unjoined
from minitf.dtypes import as_dtype, int64
from minitf.spec import TensorSpec
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["Sources"]


class Sources(Pipeline):
    """The first stages of pipelines."""

    @classmethod
    def from_tensors(cls, tensors: Any, name: str | None = None) -> Self:
        """Make a dataset of one element.

        >>> list(tf.data.Dataset.from_tensors([1, 2]).as_numpy_iterator())
        [array([1, 2], dtype=int32)]
        """
        element = normal(tensors)
        return cls("_TensorDataset", lambda: iter([element]), lambda: spec_of(element), lambda: 1)

    @classmethod
    def from_tensor_slices(cls, tensors: Any, name: str | None = None) -> Self:
        """Make a dataset of the entries along the first axis; NumPy arrays keep their dtype.

        ValueError for scalars, and for first sizes that differ.

        >>> list(tf.data.Dataset.from_tensor_slices({"x": [1, 2], "y": [0.5, 1.5]}).as_numpy_iterator())
        [{'x': np.int32(1), 'y': np.float32(0.5)}, {'x': np.int32(2), 'y': np.float32(1.5)}]
        """
        whole = () if tensors is None else normal(tensors)
        shapes = [tensor.array.shape for tensor in nest.flatten(whole)]
        if not shapes:
            raise ValueError("Invalid `element`. `element` should not be empty; pass a tensor or a structure of them.")
        if () in shapes:
            raise ValueError("Unbatching a tensor is only supported for rank >= 1; from_tensors takes scalars.")
        size = shapes[0][0]
        for shape in shapes:
            if shape[0] != size:
                asked = f"Dimensions {size} and {shape[0]} are not compatible"
                raise ValueError(f"{asked}; give all tensors the same first size.")
        spec, places = unjoined(spec_of(whole)), builtins.range(size)
        return cls("_TensorSliceDataset", lambda: iter(places), lambda: spec, lambda: size, Rows(whole))

    @classmethod
    def from_generator(
        cls, generator: Any, output_types: Any = None, output_shapes: Any = None, args: Any = None,
        output_signature: Any = None, name: str | None = None,
    ) -> Self:  # fmt: skip
        """Make a dataset of what `generator(*args)` yields, anew for each iteration; `args` come as NumPy values.

        `output_signature` is a TensorSpec or a structure of them, with None for sizes that differ. While iterating,
        InvalidArgumentError for an element that does not fit; what the generator raises becomes a `tf.errors` class.

        >>> squares = lambda: (i * i for i in range(3))
        >>> dataset = tf.data.Dataset.from_generator(squares, output_signature=tf.TensorSpec([], tf.int32))
        >>> list(dataset.as_numpy_iterator())
        [np.int32(0), np.int32(1), np.int32(4)]
        """
        if not callable(generator):
            raise TypeError("`generator` must be a Python callable. Pass the function itself, without calling it.")
        if args is not None and not isinstance(args, (list, tuple)):
            raise TypeError("values must be a sequence. Write args=(value,), with a comma.")
        spec = signature(output_types, output_shapes, output_signature)
        values = [convert_to_tensor(value).numpy() for value in args or ()]
        return cls("_FlatMapDataset", lambda: generated(generator, values, spec), lambda: spec, counts.unknown)

    @classmethod
    def range(cls, *args: Any, output_type: Any = int64, name: str | None = None) -> Self:
        """Count like Python's range: `range(stop)`, `range(start, stop)` or `range(start, stop, step)`.

        ValueError for another number of arguments, InvalidArgumentError for a step of 0.

        >>> list(tf.data.Dataset.range(1, 6, 2).as_numpy_iterator())
        [np.int64(1), np.int64(3), np.int64(5)]
        """
        if not 1 <= len(args) <= 3:
            asked = f"Invalid `args`. The length of `args` should be between 1 and 3 but was {len(args)}."
            raise ValueError(f"{asked} Write range(stop), range(start, stop) or range(start, stop, step).")
        numbers, dtype = [integer(value) for value in args], as_dtype(output_type)
        if len(numbers) == 3 and not numbers[2]:
            raise refused("RangeDataset", "step must be a non-zero integer.", "0", "1, -1 or another step")
        values = builtins.range(*numbers)
        return cls(
            "_RangeDataset",
            lambda: (Tensor(dtype.numpy.type(value)) for value in values),
            lambda: TensorSpec([], dtype),
            lambda: max(0, -((values.start - values.stop) // values.step)),  # len() fails beyond 63 bits
        )

    @classmethod
    def zip(cls, *args: Any, datasets: Any = None, name: str | None = None) -> Self:
        """Go through several datasets at once until the first ends; pass them one by one, or in a tuple or dictionary.

        TypeError for anything else.

        >>> list(tf.data.Dataset.zip(tf.data.Dataset.range(2), tf.data.Dataset.range(5, 9)).as_numpy_iterator())
        [(np.int64(0), np.int64(5)), (np.int64(1), np.int64(6))]
        """
        if bool(args) == (datasets is not None):
            asked = "Both `*args` and `datasets` cannot be set." if args else "Must pass at least one dataset to `zip`."
            raise TypeError(f"{asked} Write zip(a, b).")
        form = datasets if datasets is not None else args[0] if len(args) == 1 else args
        parts = nest.flatten(form)
        for part in [form, *parts]:
            if isinstance(part, list) or not (nest.is_nested(part) or isinstance(part, Pipeline)):
                asked = "Invalid input to `zip`. Inputs are expected to be (nested) structures of `tf.data.Dataset`"
                told = "Python `list` is not supported and you should use `tuple` instead"
                raise TypeError(f"{asked} objects. {told if isinstance(part, list) else f'Got {type(part)}'}.")

        def begin() -> Stream:
            together = builtins.zip(*[part._elements() for part in parts])  # noqa: B905  # until the first ends
            return (nest.pack_sequence_as(form, leaves) for leaves in together)

        spec = lambda: nest.map_structure(lambda part: part.element_spec, form)  # noqa: E731
        return cls("_ZipDataset", begin, spec, lambda: counts.zipped([part._count() for part in parts]))
