"""TensorFlow, the oracle: imported once, on the CPU, quiet, and without kernels that reorder sums."""

import os
import warnings
from types import ModuleType

import pytest

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="-1")


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own import warns about its dependencies
        import tensorflow
    return tensorflow
