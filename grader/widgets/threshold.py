"""A neuron to try out: a switch for each input, a slider for each weight and one for the threshold.

This side holds the numbers and says them as text; the browser's side (threshold.js) draws them and works out the same
decision by itself, so that a slider answers without waiting.  Without anywidget the static picture is shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.widgets.threshold_front import ThresholdFront

WITHOUT = "The sliders need the package anywidget, which is not installed: run `pip install anywidget` and restart."


class ThresholdSliders:
    """One neuron's inputs, weights and threshold, as they stand now; the last line of a cell shows the sliders.

    The sum is taken in whole hundredths, as in the browser, so that rounding never decides.

    >>> neuron = ThresholdSliders([1, 1, 0], [0.7, 0.5, 0.3], 1.2)
    >>> neuron.total, neuron.decision
    (1.2, 0)
    """

    def __init__(self, inputs: Sequence[int], weights: Sequence[float], threshold: float, names: Sequence[str] = ()):
        if len(inputs) != len(weights):
            raise ValueError(
                f"sliders were asked for {len(inputs)} inputs and {len(weights)} weights: give each input one weight"
            )
        if names and len(names) != len(inputs):
            raise ValueError(
                f"{len(names)} names were given for {len(inputs)} inputs: give each input one name, or none"
            )
        self.names = tuple(names) or tuple(f"input {i}" for i in range(1, len(inputs) + 1))
        self._start = ([int(x) for x in inputs], [float(w) for w in weights], float(threshold))
        self._front: ThresholdFront | None = None

    @property
    def inputs(self) -> list[int]:
        """The switches, 0 or 1."""
        return self._start[0] if self._front is None else list(self._front.inputs)

    @property
    def weights(self) -> list[float]:
        """The weights, as the sliders stand."""
        return self._start[1] if self._front is None else list(self._front.weights)

    @property
    def threshold(self) -> float:
        """The threshold, as its slider stands."""
        return self._start[2] if self._front is None else float(self._front.threshold)

    @property
    def total(self) -> float:
        """The weighted sum, to the hundredth."""
        return sum(x * _hundredths(w) for x, w in zip(self.inputs, self.weights, strict=True)) / 100

    @property
    def decision(self) -> int:
        """1 where the weighted sum is greater than the threshold, otherwise 0."""
        return int(_hundredths(self.total) > _hundredths(self.threshold))

    @property
    def front(self) -> ThresholdFront:
        """The widget itself, made when first asked for; raises ImportError without anywidget."""
        if self._front is None:
            from grader.widgets.threshold_front import ThresholdFront

            inputs, weights, threshold = self._start
            self._front = ThresholdFront(
                names=list(self.names),
                inputs=inputs,
                weights=weights,
                threshold=threshold,
                start=[*inputs, *weights, threshold],
            )
        return self._front

    def __repr__(self) -> str:
        said = {1: "yes, greater than", 0: "no, not greater than"}[self.decision]
        rows = [
            f"  {'on ' if x else 'off'}  {w:+.2f}  {name}"
            for name, x, w in zip(self.names, self.inputs, self.weights, strict=True)
        ]
        return "\n".join(
            ["Threshold sliders", *rows, f"  sum {self.total:.2f}: {said} the threshold {self.threshold:.2f}"]
        )

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        if find_spec("anywidget") is None:
            from minitf import plot

            picture = plot.weighted_sum(self.inputs, self.weights, self.threshold, names=self.names, inclusive=False)
            return {"text/plain": f"{self!r}\n{WITHOUT}", "image/png": picture.png()}, {}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.front.model_id}
        return {"text/plain": repr(self), "application/vnd.jupyter.widget-view+json": view}, {}


def threshold_sliders(
    inputs: Sequence[int], weights: Sequence[float], threshold: float, *, names: Sequence[str] = ()
) -> ThresholdSliders:
    """Show one neuron with a switch per input, a slider per weight and a slider for the threshold.

    inputs: zeros and ones; weights: from -1 to 1; threshold: from -2 to 3; names: what the inputs stand for.  The
    `inputs`, `weights`, `threshold`, `total` and `decision` of the result follow the sliders.  Raises ValueError when
    lengths differ.

    >>> threshold_sliders([1, 0], [0.7, 0.5], 0.5, names=["band", "weather"])
    Threshold sliders
      on   +0.70  band
      off  +0.50  weather
      sum 0.70: yes, greater than the threshold 0.50
    """
    return ThresholdSliders(inputs, weights, threshold, names)


def _hundredths(number: float) -> int:
    return math.floor(100 * number + 0.5)
