"""What kernels are called with on both backends: those of arrays, indices, matrices, draws and programs."""

from __future__ import annotations

from .table_kernels import Call

ROWS: dict[str, list[Call]] = {}
