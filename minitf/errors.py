"""Errors in TensorFlow's classes, with messages in one form: what was asked, what came, what was expected, what to do.

Every other room raises through `explain` or `invalid_argument`; this one knows nothing about tensors.
"""

from __future__ import annotations

__all__ = ["InvalidArgumentError", "OpError"]


class OpError(Exception):
    """An operation failed while it ran; the base of all errors in `tf.errors`.

    >>> OpError(None, None, "no such device", 5).error_code
    5
    """

    def __init__(self, node_def: object, op: object, message: str, error_code: int = 2) -> None:
        """Take the same arguments as TensorFlow's class; `node_def` and `op` may be None."""
        super().__init__(message)
        self.node_def = node_def
        self.op = op
        self.message = message
        self.error_code = error_code


class InvalidArgumentError(OpError):
    """An operation received an argument that it cannot use: a shape, a dtype, an index or a value.

    >>> str(InvalidArgumentError(None, None, "Incompatible shapes: [2] vs. [3]"))
    'Incompatible shapes: [2] vs. [3]'
    """

    def __init__(self, node_def: object, op: object, message: str) -> None:
        """Take the same arguments as TensorFlow's class; `node_def` and `op` may be None."""
        super().__init__(node_def, op, message, error_code=3)


def explain(asked: str, *, got: str, expected: str, do: str) -> str:
    """Put a message in the house form; `asked` holds TensorFlow's key phrase.

    >>> print(explain("Incompatible shapes: [2] vs. [3]", got="(2,) and (3,)", expected="equal", do="reshape"))
    Incompatible shapes: [2] vs. [3]
      got:      (2,) and (3,)
      expected: equal
      try:      reshape
    """
    return f"{asked}\n  got:      {got}\n  expected: {expected}\n  try:      {do}"


def invalid_argument(native: str, asked: str, *, got: str, expected: str, do: str) -> InvalidArgumentError:
    """Build the error of an operation that TensorFlow calls `native` (`AddV2`, `MatMul`, ...).

    >>> error = invalid_argument("Neg", "no", got="a", expected="b", do="c")
    >>> error.message.splitlines()[0]
    'no [Op:Neg]'
    """
    return InvalidArgumentError(None, None, explain(f"{asked} [Op:{native}]", got=got, expected=expected, do=do))
