"""What a worker behind walls can see and reach, asked from inside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.errors import NoSandbox
from grader.sandbox import Limits, Worker, walls

LOOK = """
import os, sys
def walk(top):
    return [os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names]
def readable(path):
    try:
        return open(path, "rb").read(10)
    except OSError as error:
        return type(error).__name__
def listed(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return type(error).__name__
def written(path):
    try:
        open(path, "wb").write(b"here")
        return True
    except OSError:
        return False
def filled(folder, size):
    count = 0
    try:
        for count in range(200):
            with open(f"{folder}/{count}", "wb") as file:
                file.write(bytes(size))
    except OSError as error:
        return count, error.errno
def about():
    return {"uid": os.getuid(), "environment": dict(os.environ), "argv": sys.argv, "path": sys.path}
def evaluated(text):
    try:
        return repr(eval(text, {"__import__": __import__, "os": os}))
    except BaseException as error:
        return type(error).__name__
"""


@pytest.fixture(scope="module")
def inside() -> Any:
    """A function that calls one of LOOK's functions inside."""
    with Worker(Limits(call_seconds=20, total_seconds=120)) as worker:
        assert worker.define(LOOK).status == "value"

        def call(name: str, *args: Any) -> Any:
            outcome = worker.call(name, args)
            assert outcome.status == "value", outcome
            return outcome.value

        yield call


def test_the_machine_s_files_are_not_there(inside: Any, tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_text("secret")
    for path in (secret, Path(grader.__file__), Path(__file__), Path("/etc/passwd"), Path("/etc/hostname")):
        assert path.is_file()
        assert inside("readable", str(path)) == "FileNotFoundError", path
    assert inside("listed", "/home") == "FileNotFoundError"
    assert inside("listed", str(Path.cwd())) == "FileNotFoundError"
    assert inside("listed", "/tmp") == []
    assert set(inside("listed", "/")) <= {
        *("dev", "etc", "lib", "lib32", "lib64", "opt", "proc", "sandbox", "tmp", "usr"),
        *(path.parts[1] for path in (Path(sys.base_prefix).resolve(), Path(walls.interpreter()))),
    }


def test_no_package_is_there_beyond_numpy_and_no_source_of_an_exercise(inside: Any) -> None:
    assert set(inside("listed", walls.PACKAGES)) <= {"msgpack", "numpy", "numpy.libs"}
    files = [path for top in ("/usr", "/lib", "/opt", "/sandbox", sys.base_prefix) for path in inside("walk", top)]
    assert len(files) > 1000
    ours = [path for path in files if "grader" in path or "minitf" in path or "nbgrader" in path]
    assert ours == []
    installed = [path for path in files if "site-packages" in path or "dist-packages" in path]
    assert installed == []


def test_what_an_exercise_allows_is_there() -> None:
    with Worker(allows=("minitf",)) as worker:
        worker.define("import minitf as tf\ndef f():\n    return tf.constant([1.0, 2.0]).numpy()")
        assert worker.call("f", ()).value.tolist() == [1, 2]
        worker.define("import os\ndef g():\n    return os.listdir('/sandbox/packages')")
        assert {"minitf", "numpy"} <= set(worker.call("g", ()).value) <= {"minitf", "msgpack", "numpy", "numpy.libs"}


def test_nothing_but_tmp_can_be_written(inside: Any) -> None:
    for path in ("/x", "/dev/x", "/sandbox/x", "/sandbox/worker.py", f"{walls.PACKAGES}/numpy/x.py", "/usr/lib/x"):
        assert not inside("written", path), path
    assert inside("written", "/tmp/x")


def test_tmp_is_small_and_not_the_next_worker_s() -> None:
    for folder in ("/tmp", "/dev/shm"):
        for _ in range(2):
            with Worker(Limits(call_seconds=20, total_seconds=60)) as worker:
                worker.define(LOOK)
                count, number = worker.call("filled", (folder, 2**20)).value
                assert count <= walls.SCRATCH_BYTES / 2**20 and number == 28, folder  # ENOSPC


def test_a_worker_is_nobody_alone_without_rights_or_environment(inside: Any) -> None:
    about = inside("about")
    assert about["uid"] == 65534
    assert set(about["environment"]) <= {*walls.ENVIRONMENT, "PWD"}
    assert [name for name in inside("listed", "/proc") if name.isdigit()] == ["1", "2"]
    status = inside("evaluated", "open('/proc/self/status').read()")
    assert "CapEff:\\t0000000000000000" in status and "CapBnd:\\t0000000000000000" in status
    assert "NoNewPrivs:\\t1" in status and "Seccomp:\\t2" in status


def test_there_is_no_network(inside: Any) -> None:
    devices = inside("evaluated", "open('/proc/net/dev').read()")
    assert "lo:" in devices and devices.count(":") == 1
    assert inside("evaluated", "__import__('socket').create_connection(('127.0.0.1', 22), 1)") == "PermissionError"


@pytest.mark.parametrize("call", ["os.kill(1, 9)", "os.kill(-1, 9)", "os.kill(os.getppid(), 9)", "os.killpg(0, 9)"])
def test_signals_reach_nobody_outside(call: str) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        with Worker(Limits(call_seconds=1)) as worker:
            worker.define(f"import os\ndef f():\n    {call}\n    return 1")
            assert worker.call("f", ()).status in ("value", "error", "crashed")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_without_bubblewrap_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    walls.problem.cache_clear()
    try:
        assert "apt-get install bubblewrap" in str(walls.problem())
        with pytest.raises(NoSandbox, match=r"bubblewrap is not installed.*--sandbox none"):
            walls.must_be_there()
        with pytest.raises(NoSandbox, match="bubblewrap is not installed"), Worker():
            pass
    finally:
        walls.problem.cache_clear()


def test_a_system_that_refuses_it_is_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    walls.problem.cache_clear()
    try:
        assert "this system refuses bubblewrap (bwrap: No permissions to create new namespace)" in str(walls.problem())
    finally:
        walls.problem.cache_clear()
