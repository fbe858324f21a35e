"""`tf.bitwise`: public names only."""

from minitf.names import nearest
from minitf.ops.comparison import bitwise_and, bitwise_or, bitwise_xor, invert

__all__ = ["bitwise_and", "bitwise_or", "bitwise_xor", "invert"]

__getattr__ = nearest("bitwise")
