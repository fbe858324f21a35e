"""The threshold sliders: one state on both sides, one formula in Python and in the browser, a text for everyone."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from playwright._impl._driver import compute_driver_executable

import grader.widgets
from grader.widgets import threshold_sliders
from grader.widgets.threshold import WITHOUT

FRONT = Path(grader.widgets.__file__).parent / "threshold.js"
CONCERT = ([1, 0, 1, 0, 1], [0.7, 0.6, 0.5, 0.3, 0.4], 1.5)


def in_javascript(expression: str, calls: list[tuple]) -> list:
    """Return what *expression*, a function of the browser's side, gives for each of the *calls*."""
    script = f"{FRONT.read_text()}\nconst calls = {json.dumps(calls)};\n"
    script += f"console.log(JSON.stringify(calls.map((args) => {expression}(...args))));\n"
    node, _ = compute_driver_executable()
    done = subprocess.run([node, "--input-type=module"], input=script, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def some_neurons() -> list[tuple]:
    random = Random(1)
    neurons = [CONCERT, ([1, 0, 1, 1, 0], CONCERT[1], 1.5), ([0, 1, 1, 0, 1], CONCERT[1], 1.5)]
    for _ in range(300):
        size = random.randint(1, 6)
        weights = [random.randint(-20, 20) / 20 for _ in range(size)]
        neurons.append(([random.randint(0, 1) for _ in range(size)], weights, random.randint(-40, 60) / 20))
    return neurons


def test_browser_and_kernel_come_to_the_same_sum_and_decision():
    neurons = some_neurons()

    theirs = [(answer["total"], int(answer["fires"])) for answer in in_javascript("decision", neurons)]
    ours = [(sliders.total, sliders.decision) for sliders in (threshold_sliders(*neuron) for neuron in neurons)]

    assert theirs == ours
    assert {decision for _, decision in ours} == {0, 1}


def test_a_sum_that_is_exactly_the_threshold_is_a_no():
    sliders = threshold_sliders([1, 0, 1, 1, 0], CONCERT[1], 1.5)

    assert (sliders.total, sliders.decision) == (1.5, 0)


def test_the_spoken_sentence_gives_terms_sum_and_comparison():
    assert in_javascript("sentence", [CONCERT, ([1, 1], [0.5, -0.25], 0.25), ([0, 0], [1, 1], -0.5)]) == [
        "✓ Yes: the sum 0.70 + 0.50 + 0.40 = 1.60 is greater than the threshold 1.50.",
        "✗ No: the sum 0.50 − 0.25 = 0.25 is not greater than the threshold 0.25.",
        "✓ Yes: the sum 0.00 is greater than the threshold −0.50.",
    ]


def test_python_sees_what_the_sliders_are_moved_to():
    sliders = threshold_sliders([1, 0], [0.5, 0.5], 0.75)
    assert sliders.decision == 0

    sliders.front.inputs = [1, 1]
    assert (sliders.inputs, sliders.total, sliders.decision) == ([1, 1], 1.0, 1)

    sliders.front.threshold = 1.25
    assert (sliders.threshold, sliders.decision) == (1.25, 0)

    sliders.front.weights = [0.9, 0.9]
    assert (sliders.weights, sliders.decision) == ([0.9, 0.9], 1)


def test_the_text_says_what_the_sliders_show_and_is_the_same_each_time():
    sliders = threshold_sliders(*CONCERT, names=["band", "dry", "friend", "close", "free"])

    data, _ = sliders._repr_mimebundle_()

    assert data["text/plain"] == repr(threshold_sliders(*CONCERT, names=sliders.names))
    assert "off  +0.60  dry" in data["text/plain"]
    assert data["text/plain"].endswith("sum 1.60: yes, greater than the threshold 1.50")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_without_anywidget_a_picture_comes_with_a_sentence_on_what_to_install(monkeypatch):
    monkeypatch.setattr("grader.widgets.threshold.find_spec", lambda name: None)

    data, _ = threshold_sliders(*CONCERT)._repr_mimebundle_()

    assert data["text/plain"].endswith(WITHOUT)
    assert data["image/png"]


def test_importing_the_widgets_loads_neither_anywidget_nor_matplotlib():
    program = (
        "import sys, grader.widgets; print([m for m in ('anywidget', 'matplotlib', 'IPython') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("inputs", "weights", "names", "said"),
    [
        ([1], [0.5, 0.5], [], "1 inputs and 2 weights"),
        ([1, 0], [0.5, 0.5], ["band"], "1 names were given for 2 inputs"),
    ],
)
def test_lengths_that_do_not_fit_are_named(inputs, weights, names, said):
    with pytest.raises(ValueError, match=said):
        threshold_sliders(inputs, weights, 1.0, names=names)


def test_every_control_has_a_label_and_changes_are_announced():
    front = FRONT.read_text()

    assert '"aria-live": "polite"' in front
    assert '"aria-label": label' in front
    assert 'element("label", {}, row.toggle' in front
