"""The widget behind `threshold_sliders`: the three values that browser and kernel share.  Needs anywidget."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent


class ThresholdFront(anywidget.AnyWidget):
    """Inputs, weights and threshold, kept equal on both sides; `start` is what the reset button goes back to."""

    _esm = _HERE / "threshold.js"
    _css = _HERE / "threshold.css"

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    inputs = traitlets.List(traitlets.Int()).tag(sync=True)
    weights = traitlets.List(traitlets.Float()).tag(sync=True)
    threshold = traitlets.Float().tag(sync=True)
    start = traitlets.List(traitlets.Float()).tag(sync=True)
