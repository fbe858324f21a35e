"""The page a student gets back: what counted, what was repaired, and a verdict under each answer.

nbgrader's generate_feedback writes what this exporter renders: one HTML file with everything in it, no script, nothing
loaded from elsewhere. It reads the graded notebook and the gradebook and changes neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbconvert.filters import markdown2html, strip_ansi
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets import default

from grader.extract import marker
from grader.repair import unmarked
from grader.steps.judge import is_test
from grader.verdict import MIME, Verdict

_LIGHT, _DARK = "default", "github-dark"
# What Markdown makes; anything else that somebody wrote is shown as it was written.
_TAGS = [
    *("a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li"),
    *("ol", "p", "pre", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
]
_ATTRIBUTES = {"a": ["class", "href", "title"], "div": ["class"], "span": ["class"]}


@dataclass(frozen=True)
class Entry:
    """One exercise on the page."""

    anchor: str
    title: str
    points: float | None  # None while it waits for the teacher
    max_points: float
    status: str
    answer: Markup
    outputs: tuple[Markup, ...] = ()
    verdict: Markup = Markup("")
    comment: Markup = Markup("")


class FeedbackExporter(Exporter):
    """Renders a graded notebook as the student's feedback page."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the page for the graded notebook *nb*; its names and database come with the resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            notebook = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            page = _page().render(
                chapter=_title(nb, names["assignment"]),
                student=_student_name(notebook.student),
                submitted=notebook.assignment.timestamp,
                score=notebook.score - (notebook.late_submission_penalty or 0.0),
                max_score=notebook.max_score,
                penalty=notebook.late_submission_penalty or 0.0,
                repairs=list(nb.metadata.get("minitf", {}).get("repairs", [])),
                entries=_entries(nb, notebook),
                code_style=_code_style(),
            )
        return page, resources


def _entries(nb: NotebookNode, notebook: Any) -> list[Entry]:
    """The exercises of the page, in notebook order."""
    grades = {grade.name: grade for grade in notebook.grades}
    comments = {comment.name: comment for comment in notebook.comments if comment.comment}
    answers: dict[str | None, NotebookNode] = {}
    entries: list[Entry] = []
    for cell in nb.cells:
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution") and not grading.get("grade"):
            answers[marker(cell.source)] = cell
        elif is_test(cell) and grading.grade_id in grades:
            verdict = Verdict.from_dict(cell.outputs[0].data[MIME])
            answer = answers.get(verdict.exercise)
            comment = comments.get(answer.metadata.nbgrader.grade_id) if answer is not None else None
            # nbgrader's own comment, that nothing was written, is the verdict's to make.
            said = comment.manual_comment or "" if comment is not None else ""
            entries.append(_judged(verdict, answer, grades[grading.grade_id], said))
        elif grading.get("grade") and grading.grade_id in grades:
            comment = comments.get(grading.grade_id)
            entries.append(_by_hand(cell, grades[grading.grade_id], comment.comment if comment is not None else ""))
    return entries


def _judged(verdict: Verdict, answer: NotebookNode | None, grade: Any, comment: str) -> Entry:
    return Entry(
        anchor=grade.name,
        title=verdict.title or verdict.name,
        points=grade.score,
        max_points=grade.max_score,
        status=verdict.status,
        answer=_code(unmarked(answer.source)) if answer is not None else Markup(""),
        verdict=Markup(verdict.html()),
        comment=_text(comment),
    )


def _by_hand(cell: NotebookNode, grade: Any, comment: str) -> Entry:
    name = (marker(cell.source) or grade.name).rpartition("/")[2]
    waits = grade.auto_score is None and grade.manual_score is None
    is_code = cell.cell_type == "code"
    return Entry(
        anchor=grade.name,
        title=name.replace("_", " ").replace("-", " ").capitalize(),
        points=None if waits else grade.score,
        max_points=grade.max_score,
        status="manual",
        answer=(_code if is_code else _text)(unmarked(cell.source)),
        outputs=tuple(_output(output) for output in cell.outputs) if is_code else (),
        comment=_text(comment),
    )


def _output(output: NotebookNode) -> Markup:
    """One of the student's own outputs: a picture or plain text, as `grader.shape` left it."""
    if output.output_type == "stream":
        return Markup("<pre>{}</pre>").format(strip_ansi(output.text))
    if output.output_type == "error":
        return Markup("<pre>{}: {}</pre>").format(output.ename, output.evalue)
    for kind in ("image/png", "image/jpeg"):
        if kind in output.data:
            text = output.data.get("text/plain", "picture")
            return Markup('<img src="data:{};base64,{}" alt="{}">').format(kind, output.data[kind], text)
    return Markup("<pre>{}</pre>").format(output.data.get("text/plain", ""))


def _code(source: str) -> Markup:
    return Markup(highlight(source, PythonLexer(), HtmlFormatter(cssclass="code")))


def _text(source: str) -> Markup:
    """Markdown as HTML in which nothing runs."""
    if not source.strip():
        return Markup("")
    return Markup(SanitizeHTML(tags=_TAGS, attributes=_ATTRIBUTES).sanitize_html_tags(markdown2html(source)))


def _title(nb: NotebookNode, chapter: str) -> str:
    """The first heading of the notebook, else the chapter's name."""
    lines = (line for cell in nb.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), chapter)


def _student_name(student: Any) -> str:
    return " ".join(filter(None, (student.first_name, student.last_name))) or str(student.id)


def _code_style() -> Markup:
    """Colours of the code, for light and dark pages."""
    light = HtmlFormatter(style=_LIGHT).get_style_defs(".code")
    dark = HtmlFormatter(style=_DARK).get_style_defs(".code")
    return Markup(f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}")


def _page() -> Any:
    folder = Path(__file__).parent
    pages = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    pages.filters["points"] = lambda number: f"{number:g}"
    return pages.get_template("feedback.html")
