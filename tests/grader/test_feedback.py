"""The page a student gets back: text that people wrote in Markdown, and whose comments are on it."""

from __future__ import annotations

import pytest

from grader.steps.feedback import _text


def test_markdown_is_laid_out() -> None:
    page = str(_text("## Why\n\nIt is **so**.\n\n- one\n- two\n\n```python\nx = 1\n```\n\n|a|b|\n|-|-|\n|1|2|"))
    for tag in ("<h2>", "<p>", "<strong>so</strong>", "<li>one</li>", "<pre>", "<table>", "<td>1</td>"):
        assert tag in page, page
    assert "&lt;" not in page


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        '<p onclick="alert(1)">a</p>',
        '<a href="javascript:alert(1)">a</a>',
        "[a](javascript:alert(1))",
        '<iframe src="https://example.org"></iframe>',
        '<div style="position:fixed" class="x">a</div>',
        "<style>body {display: none}</style>",
        '<svg onload="alert(1)">',
    ],
)
def test_nothing_that_somebody_wrote_runs_or_covers_the_page(text: str) -> None:
    page = str(_text(text)).lower()
    assert not any(f"<{tag}" in page for tag in ("script", "img", "iframe", "style", "svg"))
    harmless = page.replace("&lt;", "<<").split("<<")[0]
    assert not any(word in harmless for word in ("onclick=", "onerror=", "onload=", "style=", 'href="javascript:'))


def test_no_text_gives_nothing() -> None:
    assert _text("  ") == ""
