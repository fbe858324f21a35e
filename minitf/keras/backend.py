"""`tf.keras.backend`: the names of Keras 1 and 2, most of them other words for the ops, and the default float.

Where Keras has a default axis, a default dtype or another order of arguments, the function stands here.
"""

# ruff: isort: skip_file

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.custom_gradient import stop_gradient
from minitf.names import nearest
from minitf.nn import batch_normalization, softplus, softsign
from minitf.ops.arranging import tile
from minitf.ops.array import cast, reshape, shape, squeeze, stack, transpose
from minitf.ops.clip import clip_by_value
from minitf.ops.comparison import equal, greater, greater_equal, less, less_equal, not_equal
from minitf.ops.elementary import abs, cos, exp, log, round, sign, sin, square, tanh
from minitf.ops.elementary import sqrt as _sqrt
from minitf.ops.index import gather
from minitf.ops.linalg import matmul as _matmul
from minitf.ops.losses import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits
from minitf.ops.losses import sparse_softmax_cross_entropy_with_logits
from minitf.ops.making import ones_like, zeros_like
from minitf.ops.math import maximum, minimum, multiply, pow
from minitf.ops.nn import l2_normalize, sigmoid
from minitf.ops.nn import softmax as _softmax
from minitf.ops.reduction import reduce_max as max
from minitf.ops.reduction import reduce_min as min
from minitf.ops.reduction import reduce_prod as prod
from minitf.ops.reduction import reduce_sum as sum
from minitf import ops, random
from minitf.scope import name_scope
from minitf.tensor import Tensor, convert_to_tensor
from minitf.variable import Variable

__getattr__ = nearest("keras.backend")
