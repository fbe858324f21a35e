"""name_scope: a prefix for the names of the variables that are made inside it.

Each thread has its own; it knows neither variables nor modules.
"""

from __future__ import annotations

import threading

__all__ = ["name_scope"]


class _Thread(threading.local):
    """The prefix that names get in this thread."""

    prefix = ""


_thread = _Thread()


class name_scope:  # noqa: N801  # TensorFlow's name
    """Put a prefix before the names of variables; a name that ends in "/" stands for the whole prefix.

    >>> with tf.name_scope("encoder"):
    ...     with tf.name_scope("layer"):
    ...         print(tf.Variable(1.0, name="w").name)
    encoder/layer/w:0
    """

    __slots__ = ("_before", "_name")

    def __init__(self, name: str) -> None:
        """Take the prefix; ValueError if it is no string."""
        if not isinstance(name, str):
            raise ValueError(f"name for name_scope must be a string. Got {name!r}; write it in quotes.")
        self._name = name
        self._before: list[str] = []

    @property
    def name(self) -> str:
        """The name as it was given."""
        return self._name

    def __enter__(self) -> str:
        """Start using the prefix, and return it in full."""
        before, name = _thread.prefix, self._name
        self._before.append(before)
        _thread.prefix = name if not name or name.endswith("/") else f"{before}{name}/"
        return _thread.prefix

    def __exit__(self, *exception: object) -> None:
        """Go back to the prefix of before."""
        _thread.prefix = self._before.pop()
