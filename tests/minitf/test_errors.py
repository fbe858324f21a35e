"""Errors have TensorFlow's classes and codes, and say what was asked, what came, what was expected and what to do."""

import pickle

import pytest

import minitf as tf

CODES = {
    "CANCELLED": "CancelledError", "UNKNOWN": "UnknownError", "INVALID_ARGUMENT": "InvalidArgumentError",
    "DEADLINE_EXCEEDED": "DeadlineExceededError", "NOT_FOUND": "NotFoundError", "ALREADY_EXISTS": "AlreadyExistsError",
    "PERMISSION_DENIED": "PermissionDeniedError", "UNAUTHENTICATED": "UnauthenticatedError",
    "RESOURCE_EXHAUSTED": "ResourceExhaustedError", "FAILED_PRECONDITION": "FailedPreconditionError",
    "ABORTED": "AbortedError", "OUT_OF_RANGE": "OutOfRangeError", "UNIMPLEMENTED": "UnimplementedError",
    "INTERNAL": "InternalError", "UNAVAILABLE": "UnavailableError", "DATA_LOSS": "DataLossError",
}  # fmt: skip


@pytest.mark.parametrize(("constant", "name"), CODES.items())
def test_an_error_has_its_code_and_prints_its_message(constant: str, name: str) -> None:
    error = getattr(tf.errors, name)(None, None, "told", {"where": 1})
    assert isinstance(error, tf.errors.OpError)
    assert error.error_code == getattr(tf.errors, constant)
    assert (str(error), repr(error), error.message) == ("told", f"{name}()", "told")
    assert (error.node_def, error.op, error.experimental_payloads) == (None, None, {"where": 1})


def test_every_class_and_code_is_tested_here() -> None:
    assert set(tf.errors.__all__) == {*CODES, *CODES.values(), "OK", "OpError", "OperatorNotAllowedInGraphError"}
    assert tf.errors.OK == 0


def test_an_error_of_any_code_is_an_op_error() -> None:
    error = tf.errors.OpError(None, None, "told", tf.errors.NOT_FOUND)
    assert (error.error_code, error.experimental_payloads) == (5, {})
    with pytest.raises(TypeError, match="error_code"):
        tf.errors.OpError(None, None, "told")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "error", [tf.errors.NotFoundError(None, None, "told"), tf.errors.OpError(None, None, "told", 7)], ids=repr
)
def test_an_error_survives_pickling(error: tf.errors.OpError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (copy.message, copy.error_code) == (error.message, error.error_code)


def test_a_python_value_is_asked_of_a_graph_with_a_type_error() -> None:
    assert issubclass(tf.errors.OperatorNotAllowedInGraphError, TypeError)
