"""Whatever a student hands in is found and read, or it is said why not; nothing raises."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.shape import give_ids, safe_outputs, sound_notebook
from grader.submission import MAX_BYTES, content_of, digest, find, read

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "cells": [{"id": "a", "cell_type": "code", "metadata": {}, "source": ["x = 'é'"], "outputs": []}],
}


def sources(content: bytes) -> list[str]:
    notebook = read(content).notebook
    assert notebook is not None
    give_ids(notebook.cells, ())
    nbformat.validate(notebook)
    return [cell.source for cell in notebook.cells]


# ---------------------------------------------------------------- find


def test_the_notebook_with_the_right_name_is_found(tmp_path):
    for name in ("perceptron.ipynb", "old.ipynb"):
        (tmp_path / name).touch()
    assert find(tmp_path, "perceptron.ipynb").path == tmp_path / "perceptron.ipynb"


def test_a_single_notebook_of_another_name_is_taken_and_told(tmp_path):
    (tmp_path / "Perceptron (1).ipynb").touch()
    found = find(tmp_path, "perceptron.ipynb")
    assert found.path == tmp_path / "Perceptron (1).ipynb"
    assert found.problems == (
        'The notebook was handed in as "Perceptron (1).ipynb"; it has been taken for "perceptron.ipynb".',
    )


def test_of_several_other_notebooks_none_is_taken(tmp_path):
    for name in ("a.ipynb", "b.ipynb"):
        (tmp_path / name).touch()
    found = find(tmp_path, "perceptron.ipynb")
    assert found.path is None
    assert '("a.ipynb", "b.ipynb"): rename the right one' in found.problems[0]


def test_checkpoints_do_not_count(tmp_path):
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "perceptron-checkpoint.ipynb").touch()
    assert find(tmp_path, "perceptron.ipynb").path is None


def test_a_folder_that_is_not_there_has_no_notebook(tmp_path):
    found = find(tmp_path / "nobody", "perceptron.ipynb")
    assert found.path is None and "No notebook was handed in" in found.problems[0]


def test_a_folder_called_like_the_notebook_is_no_notebook(tmp_path):
    (tmp_path / "perceptron.ipynb").mkdir()
    assert find(tmp_path, "perceptron.ipynb").path is None


def test_a_file_that_is_far_too_large_is_not_read(tmp_path):
    with (tmp_path / "big.ipynb").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert content_of(tmp_path / "big.ipynb") == b""


def test_equal_bytes_have_one_digest():
    assert digest(b"a") == digest(b"a") != digest(b"b")


# ---------------------------------------------------------------- read


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("The file was written as UTF-16, not UTF-8; it has been converted.",)),
        ("cp1252", ("The file was written as Windows-1252, not UTF-8; it has been converted.",)),
    ],
)
def test_other_encodings_are_read_and_told(codec, said):
    content = json.dumps(NOTEBOOK, ensure_ascii=False).encode(codec)
    assert sources(content) == ["x = 'é'"]
    assert read(content).problems == said


def test_format_3_is_converted():
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 1, "source": ["Perceptron"], "metadata": {}},
                    {"cell_type": "code", "input": ["x = 1"], "language": "python", "outputs": [], "metadata": {}},
                ]
            }
        ],
    }
    content = json.dumps(old).encode()
    assert sources(content) == ["# Perceptron", "x = 1"]
    assert read(content) == read(content)
    assert read(content).problems == ("The file was of notebook format 3; it has been converted to format 4.",)


@pytest.mark.parametrize("version", [5, "4", None])
def test_other_format_numbers_are_read_as_format_4(version):
    assert sources(json.dumps(NOTEBOOK | {"nbformat": version}).encode()) == ["x = 'é'"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n",
        b"{",
        b"null",
        b"[1]",
        b'"text"',
        b"{}",
        b'{"cells": 3}',
        b"\x00\x01\x02",
        b"PK\x03\x04zip",
        b"[" * 99_999,
    ],
)
def test_what_is_no_notebook_gives_a_sentence_with_what_to_do(content):
    result = read(content)
    assert result.notebook is None
    assert result.problems[-1].endswith("hand it in again, every exercise counts 0.")


def test_damaged_worksheets_are_no_notebook():
    assert read(b'{"nbformat": 3, "worksheets": [{"cells": [7]}]}').notebook is None


def test_half_a_character_is_replaced_so_that_the_notebook_can_be_written():
    content = json.dumps(NOTEBOOK | {"cells": [{"cell_type": "code", "source": "x = '\ud83d'"}]}).encode()
    json.dumps(read(content).notebook, ensure_ascii=False).encode("utf-8")


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(content):
    result = read(content)
    assert result.notebook is not None or result.problems


# ---------------------------------------------------------------- outputs


def test_only_text_and_pictures_are_kept_of_outputs():
    data = {
        "text/html": "<script>alert(1)</script>",
        "image/svg+xml": "<svg onload='alert(1)'/>",
        "application/javascript": "alert(1)",
        "image/png": "aGVsbG8=",
        "text/plain": "a plot",
    }
    (output,) = safe_outputs([{"output_type": "display_data", "data": data}])
    assert dict(output.data) == {"image/png": "aGVsbG8=", "text/plain": "a plot"}


def test_a_picture_that_is_no_base64_is_dropped():
    assert safe_outputs([{"output_type": "display_data", "data": {"image/png": '"><script>'}}]) == []


def test_a_flood_of_output_is_cut():
    (output,) = safe_outputs([{"output_type": "stream", "name": "stdout", "text": "x" * 1_000_000}])
    assert len(output.text) < 21_000
    assert len(safe_outputs([{"output_type": "stream", "name": "stdout", "text": "x"}] * 1000)) == 50


def test_malformed_metadata_that_nbformat_would_refuse_is_dropped():
    cell = {"cell_type": "code", "source": "1", "metadata": {"collapsed": "yes", "tags": 7, "mine": 1}}
    notebook = sound_notebook({"cells": [cell], "metadata": {"kernelspec": {"name": 3}, "authors": 1}})
    assert (notebook.cells[0].metadata, notebook.metadata) == ({"mine": 1}, {})
