"""`tf.keras.models`: models."""

from minitf.keras.models.functional import Functional
from minitf.keras.models.model import Model
from minitf.keras.models.sequential import Sequential
from minitf.keras.saving.files import load_model, save_model
from minitf.names import nearest

__all__ = ["Functional", "Model", "Sequential", "load_model", "save_model"]

__getattr__ = nearest("keras.models")
