"""The ops, grouped as in TensorFlow: math, array, making, nn and linalg.

Importing this package enters the functions behind a tensor's operators and indexing into the tensor's table.
"""

from minitf.ops import arranging, array, index, linalg, making, math, nn, slicing

__all__ = ["arranging", "array", "index", "linalg", "making", "math", "nn", "slicing"]
