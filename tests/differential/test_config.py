"""Settings that would change what TensorFlow does in the tests that follow."""

from __future__ import annotations

from types import ModuleType

import minitf


def test_determinism_can_be_asked_for(oracle: ModuleType) -> None:
    from tensorflow.python.framework.config import disable_op_determinism

    assert minitf.config.experimental.enable_op_determinism() is None
    try:
        assert oracle.config.experimental.enable_op_determinism() is None
    finally:
        disable_op_determinism()  # other kernels, with other messages, would run in later tests
