"""The command ``python -m grader.notebooks``: normalise, lint, release, refresh, check.

Each command is a few lines over the modules that do the work; printing and exit statuses live here.  0: all is well;
1: something is to be put right; 2: the command could not be carried out, and nothing was written.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from typer.core import TyperGroup

from grader.chapters import Chapter, checkout
from grader.errors import DamagedNotebook, GraderError
from grader.notebooks.form import Notebook, complaints, normalised, read_notebook, text_of, write_notebook
from grader.notebooks.lint import Finding, can_spell, exercise_points, lint, misspellings
from grader.notebooks.refresh import CellFailed, changed_cells, executed
from grader.notebooks.release import Drift, drift, release_of, write_release
from grader.notebooks.review import Review, Tree, form_diff, review
from grader.notebooks.rules import RULES


class OneSentence(TyperGroup):
    """Commands whose errors are one sentence on stderr, and an exit status, in place of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except GraderError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(1 if isinstance(error, CellFailed) else 2) from error


app = typer.Typer(
    cls=OneSentence,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="""Keep the course's notebooks in order.

    The files in notebooks/ are the only ones people edit. After an edit:

    1. `refresh` runs the notebook and stores what it printed, then writes the student version;

    2. `check` says whether everything is as it should be; CI runs the same.

    `normalise`, `lint` and `release` are the single steps, for when no output has changed.

    Exit status: 0 all is well, 1 something is to be put right, 2 the command could not be carried out.""",
)

Root = Annotated[
    Path | None,
    typer.Option(
        "--root",
        metavar="FOLDER",
        help="The folder that holds notebooks/ and release/; by default the checkout this package runs from.",
    ),
]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; say what would change, with exit status 1.")]
Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATHS", help="Notebooks, or folders of notebooks; by default all source notebooks."),
]
Chapters = Annotated[
    list[str] | None,
    typer.Argument(metavar="CHAPTER", help='Chapters, such as "01-perceptron", "perceptron" or "1"; by default all.'),
]


@app.command()
def normalise(paths: Paths = None, check: Check = False, root: Root = None) -> None:
    """Bring notebooks into canonical form, without touching an output.

    Format 4.5, readable cell ids, cells numbered as they ran, no timings and no editor's metadata, so that a diff shows
    what a person changed.
    """
    notebooks = [(path, read_notebook(path)) for path in _files(paths, root)]
    tidy = [(path, normalised(notebook)) for path, notebook in notebooks]
    for path, notebook in tidy:
        for complaint in complaints(notebook):
            raise DamagedNotebook(f"{path} was to be normalised, but {complaint}: mend it by hand first")
    changed = [(path, notebook) for path, notebook in tidy if path.read_bytes() != text_of(notebook).encode("utf-8")]
    for path, notebook in changed:
        typer.echo(f"{_short(path)}: {'not in canonical form' if check else 'normalised'}")
        if check:
            _echo_indented(form_diff(path))
        else:
            write_notebook(notebook, path)
    typer.echo(f"{_count(len(notebooks), 'notebook')}, {len(changed)} {'to normalise' if check else 'changed'}")
    raise typer.Exit(bool(check and changed))


@app.command("lint")
def lint_command(
    paths: Paths = None,
    spelling: Annotated[bool, typer.Option("--spelling", help="Check spelling too, with codespell.")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules by name, and leave.")] = False,
    root: Root = None,
) -> None:
    """Say what is wrong with source notebooks, one line each: file, cell, rule, what to do.

    Ids, headings, length, graded cells and their checks, alternative texts, links, paths of a machine, stored outputs.
    """
    if rules:
        for name, rule in RULES.items():
            typer.echo(f"{name:<18} {rule.__doc__}")
        raise typer.Exit()
    files = _files(paths, root)
    errors = 0
    for path in files:
        notebook, chapter = read_notebook(path), path.resolve().parent.name
        findings = lint(notebook, chapter, exercise_points(chapter)) + (_spelling(notebook) if spelling else [])
        errors += sum(not finding.is_warning for finding in findings)
        for finding in findings:
            typer.echo(f"{_short(path)}: {finding}")
    typer.echo(f"{_count(len(files), 'notebook')}, {_count(errors, 'finding')} to put right")
    raise typer.Exit(bool(errors))


@app.command()
def release(check: Check = False, root: Root = None) -> None:
    """Write the student versions to release/, with nbgrader's own steps and the files beside each notebook.

    Solutions become stubs, outputs go, graded cells are locked and get their checksums. Files in release/ that no
    source has are removed.
    """
    tree = _tree(root)
    files = release_of(tree.chapters())
    changes = drift(tree.release, files) if check else write_release(tree.release, files)
    _echo_drift(changes, written=not check)
    typer.echo(f"{_count(len(files), 'file')} in release/, {len(changes)} {'to put right' if check else 'changed'}")
    raise typer.Exit(bool(check and changes))


@app.command()
def refresh(
    chapters: Chapters = None,
    check: Check = False,
    timeout: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="The limit for a single cell.")] = 120,
    root: Root = None,
) -> None:
    """Run source notebooks from top to bottom, store their outputs, and write the student versions.

    Each runs in a fresh kernel with one thread and fixed seeds. If a cell fails, nothing at all is written. With
    --check, outputs are compared with the stored ones; pictures are not compared.
    """
    tree = _tree(root)
    everything, wanted = tree.chapters(), tree.chapters(chapters)
    stored = {each.path: read_notebook(each.path) for each in wanted}
    fresh = {each.path: _run(each, stored[each.path], timeout) for each in wanted}
    if check:
        stale = [(path, changed_cells(stored[path], fresh[path])) for path in fresh]
        for path, cells in stale:
            for cell in cells:
                typer.echo(f"{_short(path)}: cell {cell}: a fresh run gives another output: run refresh")
        raise typer.Exit(any(cells for _, cells in stale))
    files = release_of(everything, fresh)
    for path, notebook in fresh.items():
        write_notebook(notebook, path)
    _echo_drift(write_release(tree.release, files), written=True)


@app.command()
def check(root: Root = None) -> None:
    """Say whether notebooks/ and release/ are as they should be: form, rules, spelling, student versions.

    This is what CI and pre-commit run. It executes nothing and writes nothing.
    """
    reviews, strays = review(_tree(root))
    for each in reviews:
        path = _short(each.chapter.path)
        if each.form:
            typer.echo(f"{path}: not in canonical form: run normalise")
            _echo_indented(each.form)
        for finding in each.findings:
            typer.echo(f"{path}: {finding}")
        if each.refused:
            typer.echo(each.refused)
        _echo_drift(each.drift, written=False)
    _echo_drift(strays, written=False)
    _print_summary(reviews, strays)
    if not can_spell():
        typer.echo("codespell is not installed, so spelling was not checked: pip install codespell")
    raise typer.Exit(bool(strays) or not all(each.passes for each in reviews))


def _tree(root: Path | None) -> Tree:
    if root is None:
        root = checkout()
    if root is None:
        raise GraderError("the course's notebooks were asked for, but this package is installed: give --root FOLDER")
    if not root.is_dir():
        raise GraderError(f"--root {root} was given, but there is no such folder: name the one that holds notebooks/")
    return Tree(root)


def _files(paths: list[Path] | None, root: Path | None) -> list[Path]:
    """Return the notebooks that *paths* name, or all source notebooks."""
    if not paths:
        return [each.path for each in _tree(root).chapters()]
    files: list[Path] = []
    for path in paths:
        inside = sorted(each for each in path.rglob("*.ipynb") if not _is_hidden(each.relative_to(path)))
        if path.is_dir() and not inside:
            raise GraderError(f"{path} was given, but it holds no notebook: name a notebook or a folder of notebooks")
        files += inside if path.is_dir() else [path]
    return list(dict.fromkeys(files))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _run(chapter: Chapter, notebook: Notebook, seconds: float) -> Notebook:
    columns = (TextColumn("{task.description:<40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(chapter.name, total=len(notebook.cells))

        def show(cell: str) -> None:
            progress.update(task, advance=1, description=f"{chapter.name} {cell}"[:40])

        try:
            fresh = executed(notebook, chapter.path.parent, seconds, show)
        except CellFailed as error:
            raise CellFailed(f"{_short(chapter.path)}: {error}") from error
    ran = sum(cell.cell_type == "code" for cell in fresh.cells)
    typer.echo(f"{_short(chapter.path)}: {_count(ran, 'code cell')} ran in {time.monotonic() - began:.1f} s")
    return fresh


def _spelling(notebook: Notebook) -> list[Finding]:
    if can_spell():
        return misspellings(notebook)
    raise GraderError("spelling was to be checked, but codespell is not installed: pip install codespell")


def _echo_drift(changes: Iterable[Drift], written: bool) -> None:
    done = {"missing": "written", "different": "written", "stale": "removed, since no source has it"}
    due = {
        "missing": "missing: run release",
        "different": "not what its source says: run release",
        "stale": "no source has this file: run release, or remove it",
    }
    for change in changes:
        typer.echo(f"{_short(change.path)}: {(done if written else due)[change.kind]}")
        if not written:
            _echo_indented(change.diff)


def _print_summary(reviews: list[Review], strays: list[Drift]) -> None:
    table = Table(title="Notebooks", title_justify="left")
    for heading in ("chapter", "cells", "form", "rules", "student version"):
        table.add_column(heading, justify="right" if heading == "cells" else "left")
    for each in reviews:
        warnings = len(each.findings) - len(each.errors)
        rules = _count(len(each.errors), "finding") if each.errors else "ok"
        table.add_row(
            each.chapter.name,
            str(each.cells),
            "differs" if each.form else "ok",
            rules + (f", {_count(warnings, 'warning')}" if warnings else ""),
            "refused" if each.refused else _count(len(each.drift), "file") + " to write" if each.drift else "ok",
        )
    if strays:
        table.add_row("(no chapter)", "", "", "", f"{_count(len(strays), 'file')} to remove")
    Console().print(table)


def _echo_indented(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(f"    {line}")


def _short(path: Path) -> str:
    """Return *path* as seen from the current folder, where it lies below that."""
    here = Path.cwd()
    return str(path.resolve().relative_to(here)) if path.resolve().is_relative_to(here) else str(path)


def _count(number: int, noun: str) -> str:
    """Return "1 file" or "2 files"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
