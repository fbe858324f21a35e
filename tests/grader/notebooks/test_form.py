from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from grader.errors import DamagedNotebook, GraderError
from grader.notebooks import normalised, read_notebook, write_notebook
from grader.notebooks.form import complaints, is_readable, text_of


def test_normalising_twice_changes_nothing_more(make: SimpleNamespace) -> None:
    messy = make.notebook(make.text("c5a51f3e", "Words  \n\n"), make.code("c5a51f3e", "x = 1  ", count=7))
    once = normalised(messy)
    assert text_of(normalised(once)) == text_of(once)
    assert not list(complaints(once))


def test_the_argument_is_left_alone(make: SimpleNamespace) -> None:
    messy = make.notebook(make.code("A1", "x = 1   ", count=7, ExecuteTime={}))
    before = text_of(messy)
    normalised(messy)
    assert text_of(messy) == before


def test_a_file_ends_in_a_newline_and_has_one_line_per_line_of_source(make: SimpleNamespace) -> None:
    content = text_of(make.notebook(make.code("two", "a = 1\nb = 2")))
    assert content.endswith("}\n") and '\n    "a = 1\\n",\n' in content


def test_metadata_of_editors_kernels_and_widgets_goes(make: SimpleNamespace) -> None:
    cell = make.code(
        "one", "1", ExecuteTime={}, execution={}, collapsed=True, jupyter={"outputs_hidden": True}, tags=[]
    )
    messy = make.notebook(cell)
    noise = {"widgets": {}, "colab": {}, "language_info": {"version": "3.11.2"}, "kernelspec": {"name": "me"}}
    messy.metadata.update(noise)
    tidy = normalised(messy)
    assert tidy.cells[0].metadata == {}
    assert set(tidy.metadata) == {"kernelspec", "language_info"}
    assert tidy.metadata["kernelspec"]["name"] == "python3" and "version" not in tidy.metadata["language_info"]


def test_tags_grading_and_folding_stay(make: SimpleNamespace) -> None:
    kept = {
        "tags": ["raises-exception"],
        "nbgrader": make.grading("one", locked=True),
        "jupyter": {"source_hidden": True},
    }
    tidy = normalised(make.notebook(make.code("one", "1", **kept)))
    assert tidy.cells[0].metadata == kept


def test_outputs_are_never_edited(make: SimpleNamespace) -> None:
    outputs = [make.stream("blanks at the end   \n\n"), make.shown(text_plain="<object at 0x7f0011223344>  ")]
    tidy = normalised(make.notebook(make.code("one", "1", outputs)))
    assert tidy.cells[0].outputs == outputs


def test_cells_are_numbered_in_the_order_they_ran(make: SimpleNamespace) -> None:
    result = nbformat.v4.new_output("execute_result", data={"text/plain": "1"}, execution_count=12)
    cells = [
        make.code("ran", "a = 1", count=9),
        make.code("never-ran", "b", count=None),
        make.code("gave-a-result", "a", [result], count=12),
    ]
    tidy = normalised(make.notebook(*cells))
    assert [cell.execution_count for cell in tidy.cells] == [1, None, 2]
    assert tidy.cells[2].outputs[0].execution_count == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1   \ny = 2\t\n\n", "x = 1\ny = 2"),
        ('x = """a   \nb"""', 'x = """a   \nb"""'),
        ("%timeit x   \n", "%timeit x"),
        ("x = 1\r\ny = 2\r\n", "x = 1\ny = 2"),
    ],
)
def test_blanks_at_the_ends_of_code_go_unless_they_are_in_a_string(
    make: SimpleNamespace, source: str, expected: str
) -> None:
    assert normalised(make.notebook(make.code("one", source))).cells[0].source == expected


def test_two_blanks_that_break_a_line_of_text_stay(make: SimpleNamespace) -> None:
    tidy = normalised(make.notebook(make.text("poem", "one   \ntwo \nthree  \n\n")))
    assert tidy.cells[0].source == "one  \ntwo\nthree"


@pytest.mark.parametrize(
    ("identity", "readable"),
    [
        ("weighted-sum", True),
        ("layer2", True),
        ("c5a51f3e", False),
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", False),
        ("pGq1wXz3", False),
        ("under_score", False),
        ("", False),
        ("a" * 65, False),
    ],
)
def test_a_readable_id_is_made_of_words(identity: str, readable: bool) -> None:
    assert is_readable(identity) is readable


def test_ids_drawn_at_random_become_words_and_readable_ones_stay(make: SimpleNamespace) -> None:
    cells = [
        make.text("c5a51f3e", "## What a *neuron* does"),
        make.text("kept", "Words"),
        make.text("kept", "## What a neuron does"),
        make.code("d41d8cd9", "9 + 1"),
        make.code("e41d8cd9", "", nbgrader=make.grading("bias-form", solution=True)),
    ]
    tidy = normalised(make.notebook(*cells))
    expected = ["what-a-neuron-does", "kept", "what-a-neuron-does-2", "code-9-1", "bias-form"]
    assert [cell.id for cell in tidy.cells] == expected


def test_a_file_saved_by_colab_gets_ids_and_format_4_5(tmp_path: Path) -> None:
    content = {
        "nbformat": 4,
        "nbformat_minor": 0,
        "metadata": {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [{"cell_type": "markdown", "source": ["# One\n", "two"], "metadata": {"id": "pGq1wXz3"}}],
    }
    path = tmp_path / "colab.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    tidy = normalised(read_notebook(path))
    assert (tidy.nbformat_minor, tidy.cells[0].id, tidy.cells[0].source) == (5, "one-two", "# One\ntwo")
    assert not list(complaints(tidy))


CELL: dict[str, Any] = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "no list of cells"),
        ('{"nbformat": 3, "worksheets": []}', "no list of cells"),
        ('{"nbformat": 3, "cells": []}', "its format is 3 and not 4"),
        (json.dumps({"nbformat": 4, "metadata": [], "cells": []}), "metadata"),
        (json.dumps({"nbformat": 4, "cells": [3]}), "cell 1 is neither code nor text"),
        (json.dumps({"nbformat": 4, "cells": [CELL | {"cell_type": "heading"}]}), "cell 1 is neither code nor text"),
        (json.dumps({"nbformat": 4, "cells": [CELL | {"source": 3}]}), "cell 1 has a source that is not text"),
        (json.dumps({"nbformat": 4, "cells": [CELL | {"metadata": None}]}), "cell 1 has metadata"),
        (json.dumps({"nbformat": 4, "cells": [CELL | {"metadata": {"nbgrader": 1}}]}), "cell 1 has nbgrader metadata"),
        (json.dumps({"nbformat": 4, "cells": [CELL | {"outputs": [{"output_type": "stream"}]}]}), "cell 1 has outputs"),
        (json.dumps({"nbformat": 4, "cells": [CELL | {"id": 3}]}), "cell 1 has an id"),
        (json.dumps({"nbformat": 4, "cells": [CELL | {"attachments": []}]}), "cell 1 has attachments"),
        (json.dumps({"nbformat": 4, "cells": [CELL | {"source": "\ud800"}]}), "half a character"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "damaged.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DamagedNotebook, match=said) as caught:
        read_notebook(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_that_is_not_utf8_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.ipynb").write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(DamagedNotebook, match="not JSON"):
        read_notebook(tmp_path / "latin.ipynb")
    with pytest.raises(DamagedNotebook, match="cannot be opened"):
        read_notebook(tmp_path)
    with pytest.raises(DamagedNotebook, match="no such file"):
        read_notebook(tmp_path / "none.ipynb")


def test_what_is_written_is_read_back(tmp_path: Path, make: SimpleNamespace) -> None:
    path = tmp_path / "new" / "sample.ipynb"
    write_notebook(make.good(), path)
    assert read_notebook(path) == make.good()
    assert [each.name for each in path.parent.iterdir()] == ["sample.ipynb"]


def test_a_notebook_that_is_not_valid_is_not_written(tmp_path: Path, make: SimpleNamespace) -> None:
    bad = make.good()
    bad.cells[0].metadata.tags = "not a list"
    with pytest.raises(DamagedNotebook, match="metadata.tags of cell title"):
        write_notebook(bad, tmp_path / "bad.ipynb")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_write_that_breaks_off_leaves_the_old_file(
    tmp_path: Path, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "sample.ipynb"
    path.write_text("the old file")
    monkeypatch.setattr(os, step, full)
    with pytest.raises(GraderError, match="No space left on device"):
        write_notebook(make.good(), path)
    assert path.read_text() == "the old file"
    assert [each.name for each in tmp_path.iterdir()] == ["sample.ipynb"]


def test_a_write_that_is_interrupted_leaves_the_old_file(
    tmp_path: Path, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "sample.ipynb"
    path.write_text("the old file")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_notebook(make.good(), path)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("sample.ipynb", "the old file")]
