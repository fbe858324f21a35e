"""Things to move and look at in a notebook: each works by mouse and keyboard, and says in text what it shows.

Widgets need anywidget, which is imported when one is shown; where it is missing, a static picture takes its place.
"""

from grader.widgets.threshold import ThresholdSliders, threshold_sliders

__all__ = ["ThresholdSliders", "threshold_sliders"]
