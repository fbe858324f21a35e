from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.notebooks.form import WIDGET_VIEW, read_notebook, text_of, write_notebook
from grader.notebooks.refresh import ENVIRONMENT, CellFailed, changed_cells, executed

VARIABLES = sorted(ENVIRONMENT)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook that tells where and how it runs, run once for all tests that read it."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    view = {WIDGET_VIEW: {"model_id": "1"}, "text/plain": "Sliders()"}
    cells = [
        new_markdown_cell("# Where am I?", id="title"),
        new_code_cell(
            f"import os\nprint(*(os.environ[name] for name in {VARIABLES}))", id="environment", execution_count=9
        ),
        new_code_cell("print('a')\nprint('b', flush=True)\nprint('c')", id="prints"),
        new_code_cell("1 / 0", id="fails", metadata={"tags": ["raises-exception"]}),
        new_code_cell("import nothing_like_it", id="untouched", metadata={"tags": ["nbval-skip"]}),
        new_code_cell(f"from IPython.display import display\ndisplay({view!r}, raw=True)", id="widget"),
        new_code_cell("import grader, sys\nsys.executable, grader.__file__, os.listdir()", id="place"),
        new_code_cell("", id="empty"),
    ]
    folder = tmp_path_factory.mktemp("sample")
    (folder / "beside.txt").write_text("")
    seen: list[str] = []
    source = new_notebook(cells=cells)
    before = text_of(source)
    fresh = executed(source, folder, on_cell=seen.append)
    assert text_of(source) == before
    return SimpleNamespace(cells={cell.id: cell for cell in fresh.cells}, seen=seen, notebook=fresh)


def test_the_kernel_has_the_fixed_environment(ran: Any) -> None:
    assert ran.cells["environment"].outputs[0].text.split() == [ENVIRONMENT[name] for name in VARIABLES]


def test_prints_are_stored_as_one_output(ran: Any) -> None:
    assert [output.text for output in ran.cells["prints"].outputs] == ["a\nb\nc\n"]


def test_an_error_on_purpose_is_stored(ran: Any) -> None:
    assert ran.cells["fails"].outputs[0].ename == "ZeroDivisionError"


def test_cells_that_nbval_skips_are_not_run(ran: Any) -> None:
    assert ran.cells["untouched"].outputs == [] and ran.cells["untouched"].execution_count is None


def test_live_widgets_leave_their_text_only(ran: Any) -> None:
    assert [dict(output.data) for output in ran.cells["widget"].outputs] == [{"text/plain": "Sliders()"}]


def test_the_notebook_runs_in_its_own_folder_with_this_python_and_this_grader(ran: Any) -> None:
    import grader

    told = ran.cells["place"].outputs[0].data["text/plain"]
    assert sys.executable in told and str(grader.__file__) in told and "beside.txt" in told


def test_cells_are_numbered_and_progress_names_each(ran: Any) -> None:
    counts = {name: cell.get("execution_count") for name, cell in ran.cells.items() if cell.cell_type == "code"}
    assert counts == {
        "environment": 1,
        "prints": 2,
        "fails": 3,
        "untouched": None,
        "widget": 4,
        "place": 5,
        "empty": None,
    }
    assert ran.seen == list(ran.cells)


def test_only_outputs_that_say_something_else_count_as_changed(make: SimpleNamespace) -> None:
    def page(picture: str, words: str) -> Any:
        return make.notebook(make.code("figure", "1", [make.shown(image_png=picture, text_plain=words)], count=None))

    assert changed_cells(page("AAAA", "a step"), page("BBBB", "a step")) == []
    assert changed_cells(page("AAAA", "a step"), page("AAAA", "a ramp")) == ["figure"]


def test_refresh_stores_outputs_and_writes_the_release_and_check_then_agrees(
    tree: Path, run: Callable[..., Any], make: SimpleNamespace
) -> None:
    path = tree / "notebooks" / make.chapter / "sample.ipynb"
    stale = make.good()
    stale.cells[4].outputs = [make.stream("something else\n")]
    write_notebook(stale, path)

    compared = run("refresh", "sample", "--check")
    assert compared.exit_code == 1 and "cell double-check: a fresh run gives another output" in compared.output
    assert read_notebook(path) == stale and not (tree / "release").exists()

    assert run("refresh").exit_code == 0
    assert read_notebook(path) == make.good()
    assert (tree / "release" / make.chapter / "sample.ipynb").exists()
    assert run("check").exit_code == 0


def test_a_cell_that_fails_is_named_and_nothing_is_written(
    tree: Path, run: Callable[..., Any], make: SimpleNamespace
) -> None:
    path = tree / "notebooks" / make.chapter / "sample.ipynb"
    broken = make.good()
    broken.cells[4].source += "\nraise ValueError('two\\nlines')"
    write_notebook(broken, path)
    result = run("refresh")
    assert result.exit_code == 1
    assert "cell 'double-check' was run, but it raised ValueError (two lines)" in result.stderr
    assert read_notebook(path) == broken and not (tree / "release").exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import time\ntime.sleep(60)", "was not done after 1 s"),
        ("import os\nos._exit(1)", "its kernel died"),
    ],
)
def test_a_cell_that_hangs_or_ends_its_kernel_is_named(
    tmp_path: Path, make: SimpleNamespace, source: str, said: str
) -> None:
    with pytest.raises(CellFailed, match=f"'bad'.*{said}"):
        executed(make.notebook(make.code("bad", source)), tmp_path, seconds=1)
