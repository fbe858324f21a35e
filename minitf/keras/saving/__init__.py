"""`keras.saving`: public names only."""

# ruff: isort: skip_file

from minitf.keras.registry import (
    CustomObjectScope, custom_object_scope, deserialize_keras_object, get_custom_objects, get_registered_name,
    get_registered_object, register_keras_serializable, serialize_keras_object,
)  # fmt: skip
from minitf.keras.saving.files import load_model, load_weights, save_model, save_weights
from minitf.keras.saving.folder import Exported as Exported, export_model as export_model
from minitf.names import nearest

__all__ = [
    "CustomObjectScope", "custom_object_scope", "deserialize_keras_object", "get_custom_objects",
    "get_registered_name", "get_registered_object", "load_model", "load_weights", "register_keras_serializable",
    "save_model", "save_weights", "serialize_keras_object",
]  # fmt: skip

__getattr__ = nearest("keras.saving")
