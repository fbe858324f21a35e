"""`tf.saved_model`: public names only."""

from minitf.names import nearest
from minitf.saving.model import contains_saved_model, load, save

__all__ = ["contains_saved_model", "load", "save"]

__getattr__ = nearest("saved_model")
