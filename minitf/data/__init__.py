"""Input pipelines, as `tf.data`: public names only."""

# ruff: isort: skip_file

from __future__ import annotations

from minitf.data.arguments import AUTOTUNE
from minitf.data.cardinality import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY
from minitf.data.dataset import Dataset, DatasetSpec, Options
from minitf.data.pipeline import Iterator, NumpyIterator
from minitf.names import nearest

__all__ = [
    "AUTOTUNE", "Dataset", "DatasetSpec", "INFINITE_CARDINALITY", "Iterator", "NumpyIterator", "Options",
    "UNKNOWN_CARDINALITY",
]  # fmt: skip

__getattr__ = nearest("data")
