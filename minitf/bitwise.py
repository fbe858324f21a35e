"""`tf.bitwise`: public names only."""

from minitf.names import nearest
from minitf.ops.comparison import bitwise_and, bitwise_or, bitwise_xor, invert, left_shift, right_shift

__all__ = ["bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"]

__getattr__ = nearest("bitwise")
