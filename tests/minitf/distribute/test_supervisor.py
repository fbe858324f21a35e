"""The supervisor starts workers, tells them of one another, and starts all again when one of them fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from minitf.distribute.__main__ import main
from minitf.distribute.supervisor import Supervisor, command_of

pytestmark = pytest.mark.backend("numpy")  # workers here compute nothing


def supervised(tmp_path: Path, program: str, **options: Any) -> tuple[int, list[str]]:
    file, told = tmp_path / "program.py", []
    file.write_text("import json, os, pathlib, sys, time\n" + program)
    options = {"own": range(2), **options}
    status = Supervisor(command_of([str(file), str(tmp_path)]), told=told.append, **options).run()
    return status, told


WRITES = """
config = json.loads(os.environ["TF_CONFIG"])
pathlib.Path(sys.argv[1], f"config-{config['task']['index']}").write_text(
    json.dumps([config, os.environ["MINITF_BACKEND"]])
)
"""


def test_workers_are_told_of_one_another(tmp_path: Path) -> None:
    status, told = supervised(tmp_path, WRITES)
    found = [json.loads((tmp_path / f"config-{i}").read_text()) for i in range(2)]
    assert status == 0
    assert [config["task"] for config, _ in found] == [{"type": "worker", "index": i} for i in range(2)]
    assert found[0][0]["cluster"] == found[1][0]["cluster"]
    assert len({*found[0][0]["cluster"]["worker"]}) == 2
    assert [backend for _, backend in found] == ["tensorflow"] * 2
    assert told[-1] == "the program has ended"


def test_one_host_of_several_runs_its_own_worker(tmp_path: Path) -> None:
    status, told = supervised(tmp_path, WRITES, own=[1], hosts=["a.example:1", "b.example:2"])
    config, _ = json.loads((tmp_path / "config-1").read_text())
    assert status == 0
    assert config == {
        "cluster": {"worker": ["a.example:1", "b.example:2"]}, "task": {"type": "worker", "index": 1}
    }  # fmt: skip
    assert told[0].startswith("worker 1 of 2 runs as process ")


def test_a_worker_that_fails_lets_all_start_again_and_others_are_ended(tmp_path: Path) -> None:
    program = """
folder = pathlib.Path(sys.argv[1])
if '"index": 1' in os.environ["TF_CONFIG"]:
    if not (folder / "failed").exists():
        (folder / "failed").touch()
        sys.exit(3)
elif not (folder / "failed").exists() or not (folder / "waited").exists():
    (folder / "waited").touch()
    time.sleep(600)
"""
    status, told = supervised(tmp_path, program, restarts=1)
    assert status == 0
    assert "worker 1 failed with exit status 3" in told
    assert sum("runs as process" in line for line in told) == 4


def test_a_worker_that_fails_too_often_is_given_up(tmp_path: Path) -> None:
    status, told = supervised(tmp_path, "sys.exit(3)", own=range(1), restarts=2)
    assert status == 3
    assert sum("runs as process" in line for line in told) == 3
    assert "starting again (restart 2 of 2)" in told
    assert told[-1] == "no restart is left"


def test_a_worker_that_is_killed_gives_the_status_that_shells_give(tmp_path: Path) -> None:
    status, told = supervised(tmp_path, "os.kill(os.getpid(), 9)", own=range(1), restarts=0)
    assert status == 128 + 9
    assert "worker 0 was killed by SIGKILL" in told


def test_the_command_line_runs_a_program_with_its_arguments_and_keeps_what_it_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "program.py"
    program.write_text("import sys\nprint(sys.argv[1:])\n")
    status = main(["--workers", "1", "--logs", str(tmp_path / "logs"), str(program), "--epochs", "2"])
    assert status == 0
    assert (tmp_path / "logs" / "worker-0.log").read_text() == "['--epochs', '2']\n"
    assert "worker 0 of 1 runs as process" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--workers", "2"], "which program"),
        (["--workers", "0", "train.py"], "1 or more"),
        (["--hosts", "a:1,b:2", "train.py"], "which of the 2 hosts"),
        (["--hosts", "a:1,b:2", "--index", "2", "train.py"], "which of the 2 hosts"),
        (["train.py"], "--workers --hosts"),
    ],
)
def test_a_command_line_that_says_too_little_gets_a_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert words in capsys.readouterr().err


def test_help_shows_a_whole_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert "MultiWorkerMirroredStrategy()" in shown
    assert "BackupAndRestore" in shown
    assert "python -m minitf.distribute --workers 2 train.py" in shown


def test_workers_end_with_the_supervisor(tmp_path: Path) -> None:
    program, running = tmp_path / "program.py", tmp_path / "running"
    writes = f"pathlib.Path({str(running)!r}).write_text(str(os.getpid()))"
    program.write_text(f"import os, pathlib, time\n{writes}\ntime.sleep(600)\n")
    command = [sys.executable, "-m", "minitf.distribute", "--workers", "1", str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as supervisor:
        while not (running.exists() and running.read_text()):
            assert supervisor.poll() is None
            time.sleep(0.05)
        supervisor.terminate()
        assert supervisor.wait() == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(running.read_text()), 0)
