"""Kernels on TensorFlow's runtime, of the same names as NumPy's and grouped as they are.

What has no kernel of its own here is computed by NumPy's on the host.
"""

import importlib

from minitf.backends.numpy.random import set_seed  # noqa: F401  # where streams stand is a matter of the host
from minitf.backends.tensorflow import devices  # noqa: F401
from minitf.backends.tensorflow.array import *  # noqa: F403
from minitf.backends.tensorflow.arrays import Array, asarray  # noqa: F401
from minitf.backends.tensorflow.compiled import compiled, hlo, told  # noqa: F401
from minitf.backends.tensorflow.exporting import lite_model, load_model, run_lite, write_model  # noqa: F401
from minitf.backends.tensorflow.feeding import feeding  # noqa: F401
from minitf.backends.tensorflow.index import *  # noqa: F403
from minitf.backends.tensorflow.linalg import *  # noqa: F403
from minitf.backends.tensorflow.making import on_host
from minitf.backends.tensorflow.math import *  # noqa: F403
from minitf.backends.tensorflow.nn import *  # noqa: F403
from minitf.backends.tensorflow.random import *  # noqa: F403
from minitf.backends.tensorflow.reduction import *  # noqa: F403
from minitf.backends.tensorflow.repeated import repeated  # noqa: F401
from minitf.backends.tensorflow.replicas import *  # noqa: F403
from minitf.backends.tensorflow.results import *  # noqa: F403
from minitf.backends.tensorflow.state import *  # noqa: F403

_numpy = importlib.import_module("minitf.backends.numpy")
for _name, _kernel in vars(_numpy).items():
    if callable(_kernel) and not _name.startswith("_") and _name not in globals():
        globals()[_name] = on_host(_kernel)
