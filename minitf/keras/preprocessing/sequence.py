"""`keras.preprocessing.sequence`: lists of numbers made equally long."""

from minitf.keras.utils.arrays import pad_sequences
from minitf.names import nearest

__all__ = ["pad_sequences"]

__getattr__ = nearest("keras.preprocessing.sequence")
