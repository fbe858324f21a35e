"""The Python in README.md and docs/*.md runs, from top to bottom of each page.

A block of "python" runs on either backend; those of "python tensorflow" run together, in a process that may choose.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import minitf as tf

ROOT = Path(__file__).parent.parent.parent
PAGES = {page.name: page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
# What a page takes for granted, so that its code says only what it is about.
BEFORE = {
    "export.md": "w1, b1, w2, b2 = tf.ones([784, 8]), tf.ones([8]), tf.ones([8, 10]), tf.ones([10])",
}


def code_of(page: Path, language: str = "python") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", [name for name, page in PAGES.items() if code_of(page)])
def test_the_code_on_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = {"tf": tf, "__name__": page}
    for code in [BEFORE.get(page, ""), *code_of(PAGES[page])]:
        # Lines are numbered as in a file, where functions look for their source.
        file = tmp_path / f"block_{len(list(tmp_path.glob('block_*')))}.py"
        file.write_text(code)
        exec(compile(code, str(file), "exec"), names)


@pytest.mark.backend("tensorflow")
@pytest.mark.parametrize("page", [name for name, page in PAGES.items() if code_of(page, "python tensorflow")])
def test_the_code_for_tensorflows_runtime_on_a_page_runs(page: str, tmp_path: Path) -> None:
    file = tmp_path / "page.py"
    file.write_text("\n".join(code_of(PAGES[page], "python tensorflow")))
    environment = {name: value for name, value in os.environ.items() if name != "MINITF_BACKEND"}
    run = subprocess.run([sys.executable, file.name], cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("tensorflow\n")


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    text = PAGES[page].read_text("utf-8")
    for target, heading in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        file = PAGES[page].parent / target if target else PAGES[page]
        assert file.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            assert heading in [re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings]
