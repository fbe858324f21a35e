"""Errors in TensorFlow's classes, with messages in one form: what was asked, what came, what was expected, what to do.

Every other room raises through `explain` or `invalid_argument`; this one knows nothing about tensors.
"""

from __future__ import annotations

from typing import Any

from minitf.names import nearest
from minitf.recording import thread

__all__ = [
    "ABORTED", "ALREADY_EXISTS", "CANCELLED", "DATA_LOSS", "DEADLINE_EXCEEDED", "FAILED_PRECONDITION", "INTERNAL",
    "INVALID_ARGUMENT", "NOT_FOUND", "OK", "OUT_OF_RANGE", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED", "UNAVAILABLE", "UNIMPLEMENTED", "UNKNOWN", "AbortedError", "AlreadyExistsError",
    "CancelledError", "DataLossError", "DeadlineExceededError", "FailedPreconditionError", "InternalError",
    "InvalidArgumentError", "NotFoundError", "OpError", "OperatorNotAllowedInGraphError", "OutOfRangeError",
    "PermissionDeniedError", "ResourceExhaustedError", "UnauthenticatedError", "UnavailableError",
    "UnimplementedError", "UnknownError",
]  # fmt: skip

__getattr__ = nearest("errors")

(
    OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED,
    RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS,
    UNAUTHENTICATED,
) = range(17)  # fmt: skip


class OpError(Exception):
    """An operation failed while it ran; the base of all errors in `tf.errors`.

    >>> error = OpError(None, None, "no such device", NOT_FOUND)
    >>> error.error_code, error.message, str(error), error.experimental_payloads
    (5, 'no such device', 'no such device', {})
    """

    def __init__(self, node_def: object, op: object, message: str, error_code: int, *args: Any) -> None:
        """Take TensorFlow's arguments; `node_def` and `op` may be None, and `args` may start with payloads."""
        super().__init__()
        self.node_def = node_def
        self.op = op
        self.message = message
        self.error_code = error_code
        self.experimental_payloads = args[0] if args else {}

    def __str__(self) -> str:
        """Print the message."""
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what the class takes."""
        code = (self.error_code,) if type(self) is OpError else ()
        return type(self), (self.node_def, self.op, self.message, *code)


class _Coded(OpError):
    """An error whose class has a code: `class NotFoundError(_Coded, code=NOT_FOUND)`."""

    _code: int

    def __init_subclass__(cls, code: int) -> None:
        cls._code = code

    def __init__(self, node_def: object, op: object, message: str, *args: Any) -> None:
        """Take TensorFlow's arguments; `node_def` and `op` may be None, and `args` may start with payloads."""
        super().__init__(node_def, op, message, self._code, *args)


class CancelledError(_Coded, code=CANCELLED):
    """The operation was cancelled."""


class UnknownError(_Coded, code=UNKNOWN):
    """The reason is not known."""


class InvalidArgumentError(_Coded, code=INVALID_ARGUMENT):
    """An operation received an argument that it cannot use: a shape, a dtype, an index or a value.

    >>> str(InvalidArgumentError(None, None, "Incompatible shapes: [2] vs. [3]"))
    'Incompatible shapes: [2] vs. [3]'
    """


class InvalidWhileTraced(InvalidArgumentError, ValueError, TypeError, code=INVALID_ARGUMENT):
    """What is wrong already while a function is traced, which TensorFlow says with a ValueError or a TypeError."""


InvalidWhileTraced.__name__ = InvalidWhileTraced.__qualname__ = "InvalidArgumentError"  # which is what people look up


class DeadlineExceededError(_Coded, code=DEADLINE_EXCEEDED):
    """The operation took longer than allowed."""


class NotFoundError(_Coded, code=NOT_FOUND):
    """A file, a folder or a name is not there."""


class AlreadyExistsError(_Coded, code=ALREADY_EXISTS):
    """What was to be made exists."""


class PermissionDeniedError(_Coded, code=PERMISSION_DENIED):
    """The caller may not do this."""


class UnauthenticatedError(_Coded, code=UNAUTHENTICATED):
    """The caller is not known."""


class ResourceExhaustedError(_Coded, code=RESOURCE_EXHAUSTED):
    """Memory, disk space or a quota is used up."""


class FailedPreconditionError(_Coded, code=FAILED_PRECONDITION):
    """Something has to be done first, such as setting a value that is read."""


class AbortedError(_Coded, code=ABORTED):
    """The operation was given up, because of another one at the same time."""


class OutOfRangeError(_Coded, code=OUT_OF_RANGE):
    """Nothing is left to read."""


class UnimplementedError(_Coded, code=UNIMPLEMENTED):
    """There is no such operation for these inputs."""


class InternalError(_Coded, code=INTERNAL):
    """Something that must hold in the library does not."""


class UnavailableError(_Coded, code=UNAVAILABLE):
    """The service is away for now."""


class DataLossError(_Coded, code=DATA_LOSS):
    """Data are damaged or incomplete."""


class OperatorNotAllowedInGraphError(TypeError):
    """A tensor was used as a Python value where its value is not known yet."""


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
    kind = InvalidArgumentError if thread.capture is None else InvalidWhileTraced
    return kind(None, None, explain(f"{asked} [Op:{native}]", got=got, expected=expected, do=do))
