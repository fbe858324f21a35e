"""Kernels on NumPy arrays, one per op and of the same name, grouped as the ops are.

It knows nothing about tensors.
"""

from minitf.backends.numpy.array import *  # noqa: F403
from minitf.backends.numpy.index import *  # noqa: F403
from minitf.backends.numpy.linalg import *  # noqa: F403
from minitf.backends.numpy.math import *  # noqa: F403
from minitf.backends.numpy.nn import *  # noqa: F403
from minitf.backends.numpy.random import *  # noqa: F403
from minitf.backends.numpy.reduction import *  # noqa: F403
