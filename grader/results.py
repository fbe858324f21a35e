"""What a class did in one chapter, as plain frozen data.

`grader.course.class_results` fills these records from the gradebook and the stored verdicts; the report reads them.
They know nothing of nbgrader, of databases, files or HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

MANUAL = "manual"
"""Status of work that a person grades: `points` is None until the instructor has given them."""

UNGRADED = "ungraded"
"""Status of work that was handed in and not graded yet: `points` is None until `grader grade` has run."""


@dataclass(frozen=True)
class ExerciseColumn:
    """One exercise of a chapter, as a column of the class table."""

    id: str  # "01-perceptron/decide"
    title: str  # "Shall I go?"
    max_points: float
    manual: bool = False  # graded by the instructor, not by the judge


@dataclass(frozen=True)
class ExerciseResult:
    """What one student got for one exercise, and why.

    `status` is a verdict's status ("passed", "wrong", "error", "missing", "timeout", "crashed", "forbidden") or
    "manual" or "ungraded". `points` is None while work waits for the instructor or for grading. The texts are ready to
    be shown, not HTML.

    >>> ExerciseResult("01-perceptron/decide", points=2, max_points=2, status="passed").earned
    2.0
    """

    exercise: str
    points: float | None
    max_points: float
    status: str
    message: str = ""
    mistake: str | None = None  # name of the known mistake that was recognised
    call: str | None = None  # "decide((1, 0), (0.7, 0.5), 1.0)"
    expected: str | None = None
    got: str | None = None
    hint: str | None = None
    tried: int = 0  # cases the judge tried
    seconds: float = 0.0  # time the judge needed

    @property
    def earned(self) -> float:
        """Points that count today: 0 for work that still waits for the instructor."""
        return float(self.points or 0.0)


@dataclass(frozen=True)
class StudentResult:
    """One row of the class table: a student's submission of one chapter.

    `results` has one entry for every exercise of the chapter, in the chapter's order. `problems` are whole sentences
    for the instructor (repairs, a damaged file, a wrong name). `submitted` is None when nothing was handed in;
    `seconds` is how long grading took.
    """

    id: str
    name: str
    results: Mapping[str, ExerciseResult]
    submitted: datetime | None = None
    problems: tuple[str, ...] = ()
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Keep the results from being changed behind the record's back."""
        object.__setattr__(self, "results", MappingProxyType(dict(self.results)))

    @property
    def total(self) -> float:
        """Points earned so far."""
        return sum(result.earned for result in self.results.values())

    @property
    def max_points(self) -> float:
        """Points the chapter offers."""
        return sum(result.max_points for result in self.results.values())

    @property
    def waiting(self) -> tuple[str, ...]:
        """Ids of the exercises that wait for the instructor."""
        return tuple(name for name, result in self.results.items() if result.points is None)


@dataclass(frozen=True)
class ClassResults:
    """A whole class in one chapter.

    >>> from datetime import datetime
    >>> decide = ExerciseColumn("01-perceptron/decide", "Shall I go?", 2)
    >>> mine = ExerciseResult(decide.id, points=2, max_points=2, status="passed")
    >>> ada = StudentResult("ada", "Ada Byron", {decide.id: mine})
    >>> ClassResults("01-perceptron", "Perceptron", datetime(2026, 1, 1), (decide,), (ada,)).students[0].total
    2.0
    """

    chapter: str  # "01-perceptron"
    title: str  # the chapter's first heading
    generated: datetime
    exercises: tuple[ExerciseColumn, ...]
    students: tuple[StudentResult, ...]
    course: str = ""  # nbgrader's course_id

    @property
    def max_points(self) -> float:
        """Points the chapter offers."""
        return sum(exercise.max_points for exercise in self.exercises)

    def to_dict(self) -> dict[str, Any]:
        """The same data as JSON-able dicts and lists; times as ISO 8601 strings."""
        return {
            "chapter": self.chapter,
            "title": self.title,
            "generated": self.generated.isoformat(),
            "course": self.course,
            "exercises": [asdict(exercise) for exercise in self.exercises],
            "students": [
                {
                    "id": student.id,
                    "name": student.name,
                    "submitted": student.submitted.isoformat() if student.submitted else None,
                    "problems": list(student.problems),
                    "seconds": student.seconds,
                    "results": {name: asdict(result) for name, result in student.results.items()},
                }
                for student in self.students
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ClassResults:
        """Read back what `to_dict` wrote."""
        return cls(
            chapter=data["chapter"],
            title=data["title"],
            generated=datetime.fromisoformat(data["generated"]),
            course=data["course"],
            exercises=tuple(ExerciseColumn(**exercise) for exercise in data["exercises"]),
            students=tuple(
                StudentResult(
                    id=student["id"],
                    name=student["name"],
                    submitted=datetime.fromisoformat(student["submitted"]) if student["submitted"] else None,
                    problems=tuple(student["problems"]),
                    seconds=student["seconds"],
                    results={name: ExerciseResult(**result) for name, result in student["results"].items()},
                )
                for student in data["students"]
            ),
        )
