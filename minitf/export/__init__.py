"""Export of captured programs to the formats that other runtimes and languages read: ONNX, and LiteRT's (TFLite).

A program becomes an ONNX model node by node (`model`, `graph`, `translations`), or a graph of TensorFlow, which its
converter makes a model of LiteRT (`lite`), with variables and constants in it. What the format's runtime computes is
compared before the file is written (`verification`). The packages that this needs are imported when they are needed:
`pip install "minitf[export]"` for ONNX, `pip install "minitf[tensorflow]"` for LiteRT.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minitf.concrete import ConcreteFunction
from minitf.errors import explain
from minitf.export.lite import converted
from minitf.export.model import LEAST_OPSET, translated
from minitf.export.verification import verified
from minitf.functions import Function
from minitf.program import Program
from minitf.saving.archive import replacing

__all__ = ["to_onnx", "to_tflite"]


def to_onnx(
    function: Any, path: str | os.PathLike[str], *, opset: int = LEAST_OPSET, verify: bool | Sequence[Any] = True
) -> Path:
    """Write a captured function as an ONNX model and return the path; variables become constants of the model.

    `function` is a concrete function, a `tf.function` with one trace or an `input_signature`, a program, or a Keras
    model. Unknown sizes stay open: axis 0 is called "batch". Results are called "output_0" and so on, or by the keys of
    a dict. The model uses ONNX's ops of version `opset`, 18 or later, and is checked by onnx's own checker; with
    `verify` it also runs in onnxruntime and must give what the function gives, on random inputs or on those that
    `verify` lists.

    TypeError for what is no captured function; ValueError for one that has not just one program, returns nothing or
    assigns variables; UnimplementedError for an op that ONNX does not have; InternalError where onnxruntime computes
    something else. Nothing is written then.

    >>> import tempfile
    >>> scores = tf.function(lambda x: tf.nn.softmax(x @ tf.ones([3, 2])))
    >>> concrete = scores.get_concrete_function(tf.TensorSpec([None, 3], name="x"))
    >>> tf.export.to_onnx(concrete, f"{tempfile.mkdtemp()}/scores.onnx").name
    'scores.onnx'
    """
    program, results = _meant(function, "ONNX")
    model = translated(program, results, opset)
    if verify is not False:
        verified(program, model, None if verify is True else verify)
    return _written(path, model.proto.SerializeToString())


def to_tflite(
    function: Any, path: str | os.PathLike[str], *, quantization: str | None = None, verify: bool | Sequence[Any] = True
) -> Path:
    """Write a captured function as a model of LiteRT, which was TensorFlow Lite, and return the path.

    `function`, the names of the results and `verify` are as in `to_onnx`; unknown sizes stay open. The model runs on
    LiteRT's own ops. TensorFlow converts it, whichever backend computes here. `quantization` makes it smaller: with
    "float16" its constants are stored in 16 bits, with "dynamic" the large matrices in 8. Then results differ a little;
    those of the model without it are compared, and dtypes and shapes of those with it.

    ImportError without TensorFlow; the errors of `to_onnx`, with LiteRT in ONNX's place; ValueError for another
    quantization. Nothing is written then.
    """
    program, results = _meant(function, "LiteRT")
    model = converted(program, results, quantization)
    if verify is not False:
        for each in (converted(program, results, None), model) if quantization else (model,):
            verified(program, each, None if verify is True else verify)
    return _written(path, model.content)


def _meant(function: Any, format: str) -> tuple[Program, list[str]]:
    """Return the program that is meant, and names for its results; TypeError if that is not clear."""
    if hasattr(function, "_keras_exported"):
        function = function._keras_exported().parts["serve"]
    concrete = function.one((), {}) if isinstance(function, Function) else function
    program = concrete.program if isinstance(concrete, ConcreteFunction) else concrete
    if not isinstance(program, Program):
        asked, got = f"Cannot export to {format}: it is not clear which program is meant.", type(function).__name__
        do = "decorate the function with @tf.function, and pass f.get_concrete_function(tf.TensorSpec(...))"
        raise TypeError(explain(asked, got=got, expected="a tf.function or a concrete function", do=do))
    structure = concrete.structured_outputs if isinstance(concrete, ConcreteFunction) else None
    keys = sorted(structure) if isinstance(structure, dict) and len(structure) == len(program.results) else []
    return program, keys or [f"output_{i}" for i in range(len(program.results))]


def _written(path: str | os.PathLike[str], content: bytes) -> Path:
    place = Path(os.fsdecode(path))
    with replacing(place) as file:
        file.write(content)
    return place
