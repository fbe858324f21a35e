"""`keras.utils`: public names only."""

# ruff: isort: skip_file

from minitf.keras.config import (
    disable_interactive_logging, enable_interactive_logging, is_interactive_logging_enabled,
)  # fmt: skip
from minitf.keras.naming import clear_session
from minitf.keras.registry import (
    CustomObjectScope, custom_object_scope, deserialize_keras_object, get_custom_objects, get_registered_name,
    get_registered_object, register_keras_serializable, serialize_keras_object,
)  # fmt: skip
from minitf.keras.symbolic import is_keras_tensor
from minitf.keras.utils.arrays import normalize, pad_sequences, to_categorical
from minitf.keras.utils.batches import PyDataset, pack_x_y_sample_weight, unpack_x_y_sample_weight
from minitf.keras.utils.drawing import plot_model
from minitf.keras.utils.progbar import Progbar
from minitf.keras.utils.seeds import set_random_seed
from minitf.keras.utils.split import split_dataset
from minitf.names import nearest

__all__ = [
    "CustomObjectScope", "Progbar", "PyDataset", "Sequence", "clear_session", "custom_object_scope",
    "deserialize_keras_object", "disable_interactive_logging", "enable_interactive_logging", "get_custom_objects",
    "get_registered_name", "get_registered_object", "is_interactive_logging_enabled", "is_keras_tensor", "normalize",
    "pack_x_y_sample_weight", "pad_sequences", "plot_model", "register_keras_serializable", "serialize_keras_object",
    "set_random_seed", "split_dataset", "to_categorical", "unpack_x_y_sample_weight",
]  # fmt: skip

__getattr__ = nearest("keras.utils")

Sequence = PyDataset
