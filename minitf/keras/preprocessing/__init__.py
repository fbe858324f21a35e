"""`keras.preprocessing`: where TensorFlow 2.8 has `pad_sequences`, which is in `keras.utils` too."""

from minitf.keras.preprocessing import sequence
from minitf.names import nearest

__all__ = ["sequence"]

__getattr__ = nearest("keras.preprocessing")
