"""Every figure of the course: a function each, which returns a `Summary` whose text describes what one sees.

Nothing is drawn, and matplotlib is not imported, before a notebook shows the summary or somebody asks for its PNG.
"""

from minitf.plot.boundary import decision_boundary
from minitf.plot.charts import activations, bars, compare, step_function, truth_table, weighted_sum
from minitf.plot.decision_regions import decision_regions
from minitf.plot.diagrams import network, neuron
from minitf.plot.histograms import activation_histograms, weight_histograms
from minitf.plot.learning_curves import learning_curves
from minitf.plot.lines import curves, sums
from minitf.plot.model import model
from minitf.plot.program import program
from minitf.plot.summary import Summary
from minitf.plot.tape import tape

__all__ = [
    "Summary", "activation_histograms", "activations", "bars", "compare", "curves", "decision_boundary",
    "decision_regions", "learning_curves", "model", "network", "neuron", "program", "step_function", "sums", "tape",
    "truth_table", "weight_histograms", "weighted_sum",
]  # fmt: skip
