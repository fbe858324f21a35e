"""How the commands show what they do: a progress bar while it runs, a table when it is done.

Everything goes through one console; sentences for people come from elsewhere and are only laid out here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from grader.audit import CHECK_SECONDS, Audited
from grader.grading import Graded, Written
from grader.report import summaries
from grader.results import ClassResults

Item = TypeVar("Item", Graded, Written, Audited)

_STYLES = {"graded": "green", "unchanged": "dim", "failed": "bold red"}


def console() -> Console:
    """The console on standard output; at least 100 columns wide where nothing is known about the screen."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=max(out.width, 100))


def watched(items: Iterable[Item], total: int, doing: str, out: Console) -> Iterator[Item]:
    """Pass *items* on as they come and show a bar of how many of *total* there have been."""
    said, counted = TextColumn("{task.description}"), (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(SpinnerColumn(), said, *counted, console=out) as bar:
        task = bar.add_task(doing, total=total)
        for item in items:
            name = item.student if isinstance(item, Graded) else item.name
            bar.update(task, advance=1, description=f"{doing} [dim]{escape(name)}[/dim]")
            yield item
        bar.update(task, description=doing)


def graded_table(graded: Sequence[Graded]) -> Table:
    """What became of each submission."""
    table = Table(title=", ".join(dict.fromkeys(each.chapter for each in graded)), title_justify="left", expand=False)
    table.add_column("student", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    table.add_column("problems", overflow="fold")
    for each in sorted(graded, key=lambda one: (one.chapter, one.student)):
        score = "" if each.status == "failed" else f"{each.score:g} of {each.max_score:g}"
        status = f"[{_STYLES[each.status]}]{each.status}[/]"
        if each.waiting:
            status += f", {each.waiting} by hand"
        table.add_row(escape(each.student), score, status, f"{each.seconds:.1f}", escape("\n".join(each.problems)))
    return table


def summary(graded: Sequence[Graded]) -> str:
    """One line on a whole run."""
    counts = {status: sum(each.status == status for each in graded) for status in _STYLES}
    waiting = sum(each.waiting for each in graded)
    parts = [f"{counts['graded']} graded", f"{counts['unchanged']} unchanged"]
    parts += [f"[bold red]{counts['failed']} failed[/]"] if counts["failed"] else []
    wait = "1 answer waits" if waiting == 1 else f"{waiting} answers wait"
    parts += [f"{wait} for your points"] if waiting else []
    return ", ".join(parts)


def class_table(results: ClassResults) -> Table:
    """How the class did in each exercise, and what most got wrong."""
    table = Table(title=f"{results.chapter}: {results.title}", title_justify="left", expand=False)
    table.add_column("exercise", no_wrap=True)
    table.add_column("passed", justify="right", no_wrap=True)
    table.add_column("most frequent mistake", overflow="fold")
    for each in summaries(results):
        first = each.reasons[0] if each.reasons else None
        mistake = "" if first is None else f"{escape(first.name)}, {first.count}"
        passed = "by hand" if each.column.manual else f"{each.passed} of {sum(each.looks.values())}"
        table.add_row(escape(each.column.title), passed, mistake)
    return table


def audit_table(audited: Sequence[Audited], chapter: str) -> Table:
    """How good the check of each exercise is."""
    table = Table(title=f"{chapter}: how good are the checks?", title_justify="left", expand=False)
    table.add_column("exercise", no_wrap=True)
    for heading in ("mutants", "killed", "equivalent", "survived", "share", "mistakes named", "variants", "seconds"):
        table.add_column(heading, justify="right")
    for each in audited:
        survived = f"[bold red]{len(each.survived)}[/]" if each.survived else "0"
        seconds = f"{each.seconds:.2f}" if each.seconds <= CHECK_SECONDS else f"[bold red]{each.seconds:.2f}[/]"
        share = f"{each.share:.0%}" if each.mutants else ""
        row = (str(each.mutants), str(each.killed), str(len(each.equivalent)), survived, share)
        table.add_row(escape(each.name), *row, _of(*each.mistakes), _of(*each.variants), seconds)
    sums = [sum(counts) for counts in zip(*map(_counts, audited), strict=True)] or [0, 0, 0, 0]
    known = sums[1] + sums[3]
    table.add_section()
    table.add_row("all", *map(str, sums), f"{sums[1] / known:.1%}" if known else "", "", "", "")
    return table


def _counts(each: Audited) -> tuple[int, int, int, int]:
    return each.mutants, each.killed, len(each.equivalent), len(each.survived)


def _of(count: int, whole: int) -> str:
    return f"{count} of {whole}" if count == whole else f"[bold red]{count} of {whole}[/]"


def audit_notes(audited: Sequence[Audited]) -> Iterator[str]:
    """What is to be done after an audit, and which mutants count as equivalent, and why."""
    for each in audited:
        for complaint in each.complaints:
            yield f"[bold red]{escape(each.name)}[/]: {escape(complaint)}"
        for mutant in each.survived:
            yield f"[bold red]{escape(each.name)}[/]: a mutant ({mutant.kind}) survived: {escape(mutant.change)}"
    for each in audited:
        for mutant, reason in each.equivalent:
            yield f"[dim]{escape(each.name)}: equivalent: {escape(mutant.change)} ({escape(reason)})[/]"


def written_table(written: Sequence[Written], of: str) -> Table:
    """What was written for each student or chapter."""
    table = Table()
    table.add_column(of, no_wrap=True)
    table.add_column("written", overflow="fold")
    for each in sorted(written, key=lambda one: one.name):
        shown = escape(str(each.path)) if each.problem is None else f"[bold red]not written:[/] {escape(each.problem)}"
        table.add_row(escape(each.name), shown)
    return table
