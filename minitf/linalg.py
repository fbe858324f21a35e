"""`tf.linalg`: public names only."""

from minitf.names import nearest
from minitf.ops.linalg import matmul, tensordot

__all__ = ["matmul", "tensordot"]

__getattr__ = nearest("linalg")
