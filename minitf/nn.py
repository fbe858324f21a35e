"""`tf.nn`: public names only."""

from minitf.names import nearest
from minitf.ops.nn import relu, sigmoid

__all__ = ["relu", "sigmoid"]

__getattr__ = nearest("nn")
