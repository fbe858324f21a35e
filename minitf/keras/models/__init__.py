"""`tf.keras.models`: models."""

from minitf.keras.models.cloning import clone_model, model_from_json
from minitf.keras.models.functional import Functional as Functional
from minitf.keras.models.model import Model
from minitf.keras.models.sequential import Sequential
from minitf.keras.saving.files import load_model, save_model
from minitf.names import nearest

__all__ = ["Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]

__getattr__ = nearest("keras.models")
