"""The untrusted side: runs a student's cells and calls what they define.

Started as ``python -I -S worker.py SITE_PACKAGES CPU_SECONDS MEMORY_BYTES ALLOWED``; it says that it is ready, reads
requests on standard input and answers on standard output, all as frames of `wire.py`.  It knows the student's code and
the inputs of one exercise, and nothing else: no reference, no expected value, no other student.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import os
import sys
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

SOLUTION = "<solution>"
SHOWN_OUTPUT = 2_000  # characters of a student's own printing that are kept
# Where a student's `import` may lead beside the standard library; `minitf`, `grader` and the rest only where allowed.
ALWAYS = {"numpy"}
WITHHELD = {"minitf", "grader", "tensorflow", "keras", "nbgrader", "hypothesis", "msgpack", "IPython"}


class Withheld(ImportError):
    """A module this exercise is to be solved without."""


class Gate:
    """Refuses the import of withheld modules (a courtesy with a clear message; isolation is the sandbox's work)."""

    def __init__(self, withheld: set[str]) -> None:
        self.withheld = withheld

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Raise `Withheld` for a withheld module; leave every other import to the usual finders."""
        if name.partition(".")[0] in self.withheld:
            raise Withheld(f"{name.partition('.')[0]} may not be used in this exercise")


class Printed(io.StringIO):
    """Keeps the first SHOWN_OUTPUT characters of what is printed and drops the rest, so that a flood costs nothing."""

    def write(self, text: str) -> int:
        """Keep *text* while there is room; say that all of it was taken."""
        room = SHOWN_OUTPUT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


class Session:
    """One student's definitions for one exercise."""

    def __init__(self, wire: ModuleType) -> None:
        self.wire = wire
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        self.lines: list[str] = []
        self.changed = False

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what *request* asks and return the answer as plain data."""
        printed, warned = Printed(), Printed()
        self.changed = False
        with redirect_stdout(printed), redirect_stderr(warned), warnings.catch_warnings():
            warnings.simplefilter("default")
            try:
                answer = {"status": "value", "value": self._do(request)}
                self.wire.encode(answer)  # what cannot travel is the student's error, not ours
            except self.wire.NotPlain as error:
                answer = {"status": "refused", "error": str(error)}
            except BaseException as error:  # a student's code may raise anything, SystemExit included
                answer = described(error, self.lines)
        return answer | {"changed": self.changed, "printed": printed.getvalue(), "warned": warned.getvalue()}

    def _do(self, request: dict[str, Any]) -> Any:
        if request["do"] == "define":
            self.define(request["source"])
            return None
        if request["do"] == "value":
            return self.wire.plain(self.names[request["name"]])
        if request["do"] == "kind":
            return "absent" if request["name"] not in self.names else kind(self.names[request["name"]])
        args = request["args"]
        before = self.wire.encode(args)
        value = self.wire.plain(self.names[request["name"]](*args))
        self.changed = self.wire.altered(before, args)
        return value

    def define(self, source: str) -> None:
        """Run *source* statement by statement; a bare expression that fails is a try-out, not a definition."""
        self.lines = source.splitlines()
        for statement in ast.parse(source, SOLUTION).body:
            code = compile(ast.Module([statement], []), SOLUTION, "exec")
            try:
                exec(code, self.names)
            except Exception as error:  # a student's code may raise anything
                if not isinstance(statement, ast.Expr):
                    raise
                print(f"{type(error).__name__}: {error}", file=sys.stderr)


def kind(value: Any) -> str:
    """Return "callable" for functions and classes, "value" for all else."""
    return "callable" if callable(value) else "value"


def described(error: BaseException, lines: list[str]) -> dict[str, Any]:
    """Return an exception as plain data: its type, its message, and the student's line where it arose."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == SOLUTION]
    numbers = [frame.lineno for frame in frames]
    if isinstance(error, SyntaxError) and error.filename == SOLUTION:
        numbers.append(error.lineno)
    line = ""
    if numbers and numbers[-1] is not None and numbers[-1] <= len(lines):
        line = lines[numbers[-1] - 1].strip()
    try:
        message = str(error)[:500]
    except Exception as second:  # a student's exception class may fail to print
        message = f"(its message could not be read: {type(second).__name__})"
    status = "withheld" if isinstance(error, Withheld) else "error"
    function = frames[-1].name if frames else ""
    return {
        "status": status,
        "error_type": type(error).__name__,
        "error": message,
        "line": line,
        "function": function,
    }


def limit(cpu_seconds: int, memory_bytes: int) -> None:
    """Take the limits on for good: processor seconds, memory, file size, open files, no core files."""
    import resource

    for what, bound in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 16 * 2**20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        hard = resource.getrlimit(what)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(what, (bound, bound))


def beside(name: str) -> ModuleType:
    """Load a file that lies beside this one."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"{name}.py is not beside worker.py: install minitf again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(site_packages: str, cpu_seconds: str, memory_bytes: str, allowed: str) -> None:
    """Answer requests until the other side hangs up."""
    sys.path.append(site_packages)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    wire = beside("wire")
    limit(int(cpu_seconds), int(memory_bytes))
    beside("confine").confine()
    wire.write(answers, {"ready": True})
    sys.meta_path.insert(0, Gate(WITHHELD - ALWAYS - set(allowed.split(","))))
    session = Session(wire)
    while True:
        try:
            request = wire.read(requests)
        except EOFError:
            return
        wire.write(answers, session.answer(request))


if __name__ == "__main__":
    main(*sys.argv[1:])
