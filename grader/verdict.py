"""A verdict: what one exercise came to, as plain data, and its text and HTML.

The same verdict is shown in the notebook, stored in the graded file and counted in the class report.  It knows nothing
of how it came about.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

MIME = "application/vnd.minitf.verdict+json"

#: How each status is said; the sign before it differs in shape, not in colour alone.
STATUSES = {
    "passed": ("✓", "right"),
    "wrong": ("✗", "not yet right"),
    "error": ("!", "stopped by an error"),
    "missing": ("○", "nothing written yet"),
    "timeout": ("…", "did not come to an end"),
    "crashed": ("✕", "ended its process"),
    "forbidden": ("⊘", "uses what is not allowed here"),
}
_COLOURS = {"passed": "#00724f", "missing": "#56606b"}
_OTHER_COLOUR = "#a63d00"
_FRAME = "max-width:46em;padding:.8em 1.1em .9em;margin:.3em 0;border-radius:8px;line-height:1.5"
_HEAD = "display:flex;justify-content:space-between;align-items:baseline;gap:1em;margin:0 0 .3em;font-weight:600"
_BADGE = (
    "display:inline-block;width:1.6em;line-height:1.6em;margin-right:.6em;text-align:center;border-radius:50%;"
    "font-size:.85em;color:#fff"
)
_POINTS = "white-space:nowrap;font-variant-numeric:tabular-nums;font-weight:400;opacity:.8"
_LINE = "margin:.3em 0"
_TABLE = (
    "border:0;border-collapse:collapse;margin:.6em 0 .3em;width:100%;table-layout:auto;"
    "background:rgba(128,128,128,.1);border-radius:6px"
)
_LABEL = (
    "text-align:left;padding:.3em 1em .3em .9em;font-weight:400;font-size:.92em;vertical-align:baseline;"
    "white-space:nowrap;width:5em;opacity:.75"
)
_CELL = "text-align:left;padding:.3em .9em .3em 0;vertical-align:baseline"
_CODE = "background:none;padding:0;white-space:pre-wrap;overflow-wrap:anywhere"
_HINT = "margin:.7em 0 0;padding-left:.8em;border-left:3px dotted rgba(128,128,128,.7)"


@dataclass(frozen=True)
class Verdict:
    """What one exercise came to.

    status is a key of STATUSES.  message is one sentence.  call, expected and got show the smallest failing input
    found; said replaces the status's own words; tried counts the inputs on which the solution was run; seconds is
    wall-clock time, never shown to students.
    """

    exercise: str
    title: str
    points: float
    max_points: float
    status: str
    message: str
    mistake: str | None = None
    call: str | None = None
    expected: str | None = None
    got: str | None = None
    hint: str | None = None
    notes: tuple[str, ...] = ()
    said: str = ""
    tried: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the exercise earned its points."""
        return self.status == "passed"

    @property
    def name(self) -> str:
        """The exercise's name without its chapter."""
        return self.exercise.rpartition("/")[2]

    @property
    def in_words(self) -> str:
        """What it came to: "right", "not yet right", ...; "noted" for a guess."""
        return self.said or STATUSES[self.status][1]

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-able data."""
        return asdict(self) | {"notes": list(self.notes)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Verdict:
        """Return the verdict that `to_dict` gave *data* for; keys of later versions are passed over."""
        known = {key: value for key, value in data.items() if key in cls.__dataclass_fields__}
        return cls(**known | {"notes": tuple(known.get("notes", ()))})

    def headline(self) -> str:
        """Return one line: sign, name, what it came to, points."""
        sign = STATUSES[self.status][0]
        return f"{sign} {self.name}: {self.in_words}, {self.points:g} of {_points(self.max_points)}"

    def rows(self) -> list[tuple[str, str]]:
        """Return the labelled lines below the message: call, expected, got."""
        rows = [("call", self.call), ("expected", self.expected), ("got", self.got)]
        return [(label, text) for label, text in rows if text is not None]

    def text(self) -> str:
        """Return the verdict as plain text, the same for the same answer on every run."""
        lines = [self.headline(), *_indented(self.message)]
        lines += [f"    {label:<10}{text}" for label, text in self.rows()]
        if self.hint:
            lines += _indented(f"Hint: {self.hint}")
        for note in self.notes:
            lines += _indented(f"Note: {note}")
        return "\n".join(lines)

    def html(self) -> str:
        """Return the verdict as one self-contained piece of HTML: inline style, no script, for light and dark pages."""
        sign = STATUSES[self.status][0]
        colour = _COLOURS.get(self.status, _OTHER_COLOUR)
        badge = f'<span aria-hidden="true" style="{_BADGE};background:{colour}">{sign}</span>'
        name = f'<code style="{_CODE}">{escape(self.name)}</code>'
        points = f'<span style="{_POINTS}">{self.points:g} of {_points(self.max_points)}</span>'
        parts = [
            f'<p style="{_HEAD}"><span>{badge}{name}: {self.in_words}</span>{points}</p>',
            f'<p style="{_LINE}">{escape(self.message)}</p>',
        ]
        rows = "".join(
            f'<tr style="background:none"><th scope="row" style="{_LABEL}">{label}</th>'
            f'<td style="{_CELL}"><code style="{_CODE}">{escape(text)}</code></td></tr>'
            for label, text in self.rows()
        )
        if rows:
            parts.append(f'<table style="{_TABLE}"><tbody>{rows}</tbody></table>')
        if self.hint:
            parts.append(f'<p style="{_HINT}"><b>Hint.</b> {escape(self.hint)}</p>')
        parts += [f'<p style="{_LINE};font-size:.92em">Note: {escape(note)}</p>' for note in self.notes]
        frame = f"{_FRAME};border:1px solid rgba(128,128,128,.35);border-left:5px solid {colour}"
        return f'<section aria-label="Verdict on {escape(self.name)}" style="{frame}">{"".join(parts)}</section>'

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()


def _points(number: float) -> str:
    return f"{number:g} point" if number == 1 else f"{number:g} points"


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
