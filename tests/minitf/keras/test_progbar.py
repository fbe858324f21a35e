"""The progress bar in notebooks, in logs, on plain screens; what it does in a terminal is compared with Keras's."""

from __future__ import annotations

import io
import itertools
import logging
import re
import sys
import time
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbval.plugin import coalesce_streams

import minitf as tf
from minitf.keras import config
from minitf.keras.utils import Progbar, progbar
from minitf.keras.utils.screen import announce


@pytest.fixture
def notebook(monkeypatch: Any) -> Any:
    """Let this process look like a notebook whose first cell runs."""
    shell = SimpleNamespace(kernel=object(), execution_count=1)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    return shell


def pass_time(monkeypatch: Any, seconds: float) -> None:
    """Let each look at the clock come so many seconds after the last one."""
    ticks = itertools.count()
    monkeypatch.setattr(time, "time", lambda: 1e9 + seconds * next(ticks))


def jupyterlab(printed: str) -> str:
    """Show text as JupyterLab does: a backspace erases, and what follows a carriage return overwrites."""
    lines = []
    for line in printed.split("\n"):
        shown, place = "", 0
        for character in line:
            if character == "\r":
                place = 0
            elif character == "\b":
                shown, place = shown[: max(place - 1, 0)] + shown[place:], max(place - 1, 0)
            else:
                shown, place = shown[:place] + character + shown[place + 1 :], place + 1
        lines.append(shown)
    return "\n".join(lines)


def overwritten(printed: str) -> str:
    """Show text as terminals do: a backspace goes back only."""
    return jupyterlab("\n".join("\r" + line.replace("\b", "") for line in printed.split("\n")))


def compared(printed: str) -> str:
    """Return what the strict comparison of notebooks sees."""
    output = nbformat.v4.new_output("stream", name="stdout", text=printed)
    return str(coalesce_streams([output])[0].text)


def work(steps: int = 10) -> None:
    announce("Epoch 1/2")
    bar = Progbar(steps)
    for step in range(steps):
        bar.update(step + 1, [("loss", 100.0 * 0.1**step)], finalize=False)
    announce("\nEpoch 1: val_loss improved from 0.50000 to 0.25000, saving model to m.keras")
    bar.update(steps, [("loss", 0.5)], finalize=True)
    announce("Epoch 2/2")
    bar = Progbar(None)
    for step in range(steps):
        bar.update(step + 1, [("loss", 1e-5)])
    bar.target = steps
    bar.update(steps, [("loss", 0.5), ("val_loss", 0.25)], finalize=True)


@pytest.mark.parametrize("viewer", [jupyterlab, overwritten, compared])
@pytest.mark.parametrize("seconds", [0.0001, 0.3, 50.0])
def test_what_stays_in_a_notebook_does_not_depend_on_the_pace(
    viewer: Any, seconds: float, notebook: Any, monkeypatch: Any, capsys: Any
) -> None:
    pass_time(monkeypatch, seconds)
    work()
    shown = re.sub(r"\d+(us|ms|s)\b", "TIME", viewer(capsys.readouterr().out))
    assert shown.split("\n") == [
        "Epoch 1/2",
        "Epoch 1: val_loss improved from 0.50000 to 0.25000, saving model to m.keras",
        "10/10 ━━━━━━━━━━━━━━━━━━━━ TIME TIME/step - loss: 0.5000",
        "Epoch 2/2",
        "10/10 ━━━━━━━━━━━━━━━━━━━━ TIME TIME/step - loss: 0.5000 - val_loss: 0.2500",
        "",
    ]


def test_a_notebook_gets_plain_text_and_not_much_of_it(notebook: Any, monkeypatch: Any, capsys: Any) -> None:
    pass_time(monkeypatch, 0.001)
    bar = Progbar(10_000)
    for _ in range(10_000):
        bar.add(1, [("loss", 0.5)])
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert 45 <= printed.count("\r") <= 50  # ten seconds, and five times a second


@pytest.mark.parametrize("viewer", [jupyterlab, compared])
def test_a_short_message_takes_the_place_of_an_unfinished_bar(
    viewer: Any, notebook: Any, monkeypatch: Any, capsys: Any
) -> None:
    pass_time(monkeypatch, 1.0)
    Progbar(10).update(5)
    announce("\nshort")
    assert viewer(capsys.readouterr().out) == "short\n"


def test_the_next_cell_begins_afresh_after_one_that_was_interrupted(
    notebook: Any, monkeypatch: Any, capsys: Any
) -> None:
    pass_time(monkeypatch, 1.0)
    Progbar(10).update(5)
    capsys.readouterr()
    notebook.execution_count = 2
    announce("Epoch 1/2")
    assert capsys.readouterr().out == "Epoch 1/2\n"


def test_where_interactive_logging_is_disabled_the_log_gets_one_line(
    monkeypatch: Any, capsys: Any, caplog: Any
) -> None:
    config.disable_interactive_logging()
    try:
        with caplog.at_level(logging.INFO, "minitf"):
            pass_time(monkeypatch, 1.0)
            work(3)
    finally:
        config.enable_interactive_logging()
    assert capsys.readouterr().out == ""
    assert [record.getMessage().split(" ")[0] for record in caplog.records] == [*["Epoch"] * 2, "3/3", "Epoch", "3/3"]


def test_a_screen_without_thick_lines_gets_equals_signs(monkeypatch: Any) -> None:
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    Progbar(2).update(2)
    screen.seek(0)
    assert "====================" in screen.read()


def test_who_wants_no_colours_gets_none(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    bar = Progbar(2, interval=0)
    bar.update(1)
    assert "\r1/2 ━━━━━━━━━━──────────" in capsys.readouterr().out
    bar.update(2)
    assert "\x1b" not in capsys.readouterr().out


def test_a_file_on_a_system_without_terminals_gets_a_line_for_each_state(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(progbar, "os", SimpleNamespace(name="nt", environ={}))
    bar = Progbar(2, interval=0)
    bar.update(1)
    bar.update(2)
    assert [line.split("━")[0] for line in capsys.readouterr().out.splitlines()] == [
        "", "\x1b[1m1/2\x1b[0m \x1b[32m", "\x1b[1m2/2\x1b[0m \x1b[32m",
    ]  # fmt: skip


def test_a_bar_is_due_at_first_and_after_its_interval(monkeypatch: Any) -> None:
    now = [1e9]
    monkeypatch.setattr(time, "time", lambda: now[0])
    bar = Progbar(100)
    assert bar.due()
    bar.update(1)
    assert not bar.due()
    now[0] += 0.06
    assert bar.due()
    assert not Progbar(100, verbose=2).due()


def test_the_names_of_keras_utils_and_config_are_the_same_functions() -> None:
    assert tf.keras.utils.Progbar is Progbar
    assert tf.keras.utils.disable_interactive_logging is tf.keras.config.disable_interactive_logging
