"""`tf.linalg`: public names only."""

# isort: skip_file

from minitf.names import nearest
from minitf.ops.clip import global_norm
from minitf.ops.einsum import einsum
from minitf.ops.linalg import (
    adjoint, band_part, cross, det, diag, diag_part, inv, matmul, matrix_transpose, matvec, norm,
    slogdet, solve, tensordot, trace,
)  # fmt: skip
from minitf.ops.making import eye
from minitf.ops.nn import l2_normalize

__all__ = [
    "adjoint", "band_part", "cross", "det", "diag", "diag_part", "einsum", "eye", "global_norm", "inv", "l2_normalize",
    "matmul", "matrix_transpose", "matvec", "norm", "slogdet", "solve",
    "tensordot", "trace",
]  # fmt: skip

__getattr__ = nearest("linalg")
