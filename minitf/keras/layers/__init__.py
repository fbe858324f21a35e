"""`tf.keras.layers`: the layers."""

# ruff: isort: skip_file

from __future__ import annotations

from types import SimpleNamespace

from minitf.keras.kinds import Kind
from minitf.keras.layers.activation import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from minitf.keras.layers.batch_normalization import BatchNormalization
from minitf.keras.layers.dense import Dense
from minitf.keras.layers.embedding import Embedding
from minitf.keras.layers.input_layer import Input, InputLayer
from minitf.keras.layers.input_spec import InputSpec
from minitf.keras.layers.lambda_layer import Lambda
from minitf.keras.layers.layer import Layer
from minitf.keras.layers.layer_normalization import LayerNormalization, UnitNormalization
from minitf.keras.layers.merging import (
    Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract, add, average, concatenate, dot, maximum,
    minimum, multiply, subtract,
)  # fmt: skip
from minitf.keras.layers.pooling import GlobalAveragePooling1D, GlobalMaxPooling1D
from minitf.keras.layers.regularization import (
    ActivityRegularization, Dropout, GaussianDropout, GaussianNoise, SpatialDropout1D,
)  # fmt: skip
from minitf.keras.layers.scaling import Normalization, Rescaling
from minitf.keras.layers.shaping import Flatten, Identity, Permute, RepeatVector, Reshape
from minitf.names import nearest

__all__ = [
    "ELU", "Activation", "ActivityRegularization", "Add", "Average", "BatchNormalization", "Concatenate", "Dense",
    "Dot", "Dropout", "Embedding", "Flatten", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D",
    "GlobalAvgPool1D", "GlobalMaxPool1D", "GlobalMaxPooling1D", "Identity", "Input", "InputLayer", "InputSpec",
    "Lambda", "Layer", "LayerNormalization", "LeakyReLU", "Maximum", "Minimum", "Multiply", "Normalization", "PReLU",
    "Permute", "ReLU", "RepeatVector", "Rescaling", "Reshape", "Softmax", "SpatialDropout1D", "Subtract",
    "UnitNormalization", "add", "average", "concatenate", "deserialize", "dot", "maximum", "minimum", "multiply",
    "serialize", "subtract",
]  # fmt: skip

__getattr__ = nearest("keras.layers")

GlobalAvgPool1D, GlobalMaxPool1D = GlobalAveragePooling1D, GlobalMaxPooling1D
_older = SimpleNamespace(Normalization=Normalization, Rescaling=Rescaling)
experimental = SimpleNamespace(preprocessing=_older)  # where TensorFlow 2.5 had them

_kinds = [each for each in list(globals().values()) if isinstance(each, type) and issubclass(each, Layer)]
_kind = Kind("layer", "keras.layers", _kinds)
serialize, deserialize = _kind.serialize, _kind.deserialize
