"""Ops that only tapes care for."""

from __future__ import annotations

from typing import Any

from tests.differential.recipes import ONE

TABLE: dict[str, Any] = {
    "stop_gradient": ONE,
}
