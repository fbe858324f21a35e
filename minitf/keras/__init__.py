"""`tf.keras`: public names only; imported when it is first used."""

from minitf.keras import backend
from minitf.names import nearest

__all__ = ["backend"]

__getattr__ = nearest("keras")
