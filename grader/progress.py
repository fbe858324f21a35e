"""The progress card at the end of a chapter: what this session's checks came to, exercise by exercise."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from grader.check import verdicts
from grader.exercise import exercises
from grader.verdict import STATUSES, Verdict


@dataclass(frozen=True)
class Progress:
    """Verdicts of one chapter in the order of its exercises; exercises not yet checked have None."""

    chapter: str
    rows: tuple[tuple[str, float, Verdict | None], ...]

    @property
    def points(self) -> float:
        """Points earned in this session."""
        return sum(verdict.points for _, _, verdict in self.rows if verdict is not None)

    @property
    def max_points(self) -> float:
        """Points the chapter's checked exercises can earn."""
        return sum(points for _, points, _ in self.rows)

    def headline(self) -> str:
        """Return one line: chapter, points, exercises passed."""
        passed = sum(verdict is not None and verdict.passed for _, _, verdict in self.rows)
        done = f"{passed} of {len(self.rows)} exercises done"
        return f"{self.chapter}: {self.points:g} of {self.max_points:g} points, {done}"

    def __repr__(self) -> str:
        lines = [f"  {sign} {name:<24} {earned:>4} of {points:g}" for sign, name, earned, points in self._lines()]
        return "\n".join([self.headline(), *lines])

    def _repr_html_(self) -> str:
        share = 100 * self.points / self.max_points if self.max_points else 0
        rows = "".join(
            f'<tr style="background:none"><td style="text-align:left"><span aria-hidden="true">{sign}</span> '
            f'<code>{escape(name)}</code></td><td style="text-align:right">{earned} of {points:g}</td></tr>'
            for sign, name, earned, points in self._lines()
        )
        return (
            f'<section aria-label="Progress" style="max-width:30em">'
            f'<p style="font-weight:600">{escape(self.headline())}</p>'
            f'<div aria-hidden="true" style="height:.7em;border:1px solid #56606b;border-radius:4px">'
            f'<div style="height:100%;width:{share:.0f}%;background:#00724f"></div></div>'
            f'<table style="border:0;width:100%;margin-top:.5em"><tbody>{rows}</tbody></table></section>'
        )

    def _lines(self) -> list[tuple[str, str, str, float]]:
        lines = []
        for name, points, verdict in self.rows:
            sign = "·" if verdict is None else STATUSES[verdict.status][0]
            lines.append((sign, name, "–" if verdict is None else f"{verdict.points:g}", points))
        return lines


def progress(chapter: str) -> Progress:
    """Return the progress card of *chapter*, e.g. "01-perceptron"; raises `UnknownChapter`."""
    latest = verdicts()
    return Progress(
        chapter, tuple((task.name, task.points, latest.get(task.id)) for task in exercises(chapter).values())
    )
