"""`keras.config`: settings that all of Keras goes by."""

# ruff: isort: skip_file

from __future__ import annotations

from minitf.keras.backend import (
    epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format,
)  # fmt: skip
from minitf.keras.policy import dtype_policy, set_dtype_policy
from minitf.keras.registry import enable_unsafe_deserialization
from minitf.keras.tracebacks import (
    disable_traceback_filtering, enable_traceback_filtering, is_traceback_filtering_enabled,
)  # fmt: skip
from minitf.names import nearest

__all__ = [
    "backend", "disable_interactive_logging", "disable_traceback_filtering", "dtype_policy",
    "enable_interactive_logging", "enable_traceback_filtering", "enable_unsafe_deserialization", "epsilon", "floatx",
    "image_data_format", "is_interactive_logging_enabled", "is_traceback_filtering_enabled",
    "set_dtype_policy", "set_epsilon", "set_floatx", "set_image_data_format",
]  # fmt: skip

__getattr__ = nearest("keras.config")

_interactive = [True]


def backend() -> str:
    """Return the name of the library whose tensors and ops Keras is used with: minitf is TensorFlow in this respect.

    >>> backend()
    'tensorflow'
    """
    return "tensorflow"


def is_interactive_logging_enabled() -> bool:
    """Say whether progress is shown as a bar on the standard output, unless `verbose` says otherwise.

    >>> is_interactive_logging_enabled()
    True
    """
    return _interactive[0]


def enable_interactive_logging() -> None:
    """Show progress as a bar."""
    _interactive[0] = True


def disable_interactive_logging() -> None:
    """Show no progress bars."""
    _interactive[0] = False
