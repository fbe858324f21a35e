"""Kernels on NumPy arrays, one per op and of the same name, grouped as the ops are.

It knows nothing about tensors.
"""

import numpy as np

from minitf.backends.numpy import devices  # noqa: F401
from minitf.backends.numpy.array import *  # noqa: F403
from minitf.backends.numpy.debugging import *  # noqa: F403
from minitf.backends.numpy.exporting import *  # noqa: F403
from minitf.backends.numpy.index import *  # noqa: F403
from minitf.backends.numpy.linalg import *  # noqa: F403
from minitf.backends.numpy.math import *  # noqa: F403
from minitf.backends.numpy.nn import *  # noqa: F403
from minitf.backends.numpy.printing import *  # noqa: F403
from minitf.backends.numpy.random import *  # noqa: F403
from minitf.backends.numpy.reduction import *  # noqa: F403
from minitf.backends.numpy.replicas import *  # noqa: F403
from minitf.backends.numpy.results import *  # noqa: F403
from minitf.backends.numpy.state import *  # noqa: F403

# glibc hands the memory of an array beyond 128 KB back to the system when the array dies, and gets it anew, page by
# page, for the next one: that made a training step of large arrays 1.4 times as long. Once a block of 32 MB has been
# freed, it keeps memory (mallopt(3), M_MMAP_THRESHOLD). Nothing is written to this block, so that it takes no memory.
np.empty(2**25 - 2**16, np.uint8)
