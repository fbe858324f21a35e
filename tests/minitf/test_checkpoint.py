"""Files survive kills, and damaged ones are told from whole ones; what else only minitf can say about checkpoints."""

from __future__ import annotations

import functools
import gc
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitf as tf
from minitf.saving import archive
from tests.minitf import killed

SEVERAL = [("Checkpoints", 2), ("Written", 1), ("Managed", 3), ("Exported", 1)]
EXPORTED = ["model/saved_model.npz"]
if tf.get_backend() == "tensorflow":
    variables = ["model/variables/variables.data-00000-of-00001", "model/variables/variables.index"]
    EXPORTED = ["model/fingerprint.pb", *EXPORTED, "model/saved_model.pb", *variables]
forks = pytest.mark.skipif(not hasattr(killed.os, "fork"), reason="needs fork")


@functools.cache
def kill(scenario: str, times: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.minitf.killed", scenario, str(times)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert not done.returncode, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@forks
@pytest.mark.parametrize(("scenario", "times"), [*SEVERAL, ("Checkpoints", 0), ("Exported", 0)])
def test_whoever_is_killed_while_saving_leaves_the_old_files_or_the_new_ones(scenario: str, times: int) -> None:
    found = kill(scenario, times)
    *deaths, whole = found
    states = [death["state"] for death in deaths]
    assert {death["step"] for death in deaths} >= {"open", "write", "fsync", "os.rename"} or killed.EVERY > 1
    assert {death["status"] for death in deaths} == {9}
    assert set(states) == {times, times + 1} or killed.EVERY > 1
    assert states == sorted(states)
    assert whole["state"] == times + 1
    assert [death["next"] for death in found] == [death["state"] + 1 for death in found]


@forks
@pytest.mark.parametrize(("scenario", "times"), SEVERAL)
def test_the_next_saving_removes_what_the_killed_one_left(scenario: str, times: int) -> None:
    for death in kill(scenario, times):
        numbers = range(max(1, death["next"] - 1) if scenario == "Managed" else 1, death["next"] + 1)
        several = ["checkpoint", *(f"ckpt-{number}.npz" for number in numbers)]
        one = {"Written": ["only.npz"], "Exported": EXPORTED}
        assert death["files"] == one.get(scenario, several)


def small(folder: Path) -> tuple[tf.train.Checkpoint, Path]:
    checkpoint = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), w=tf.Variable(3))
    checkpoint.write(folder / "small")
    return checkpoint, folder / "small.npz"


def test_a_failure_while_writing_leaves_the_old_checkpoint_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint, path = small(tmp_path)
    before = path.read_bytes()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.write(tmp_path / "small")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_of_two_who_write_one_file_at_once_the_last_wins_and_neither_disturbs_the_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with archive.replacing(path) as late:
        late.write(b"late")
        with archive.replacing(path) as early:
            early.write(b"early")
        assert path.read_bytes() == b"early"
    assert path.read_bytes() == b"late"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(archive.fcntl is None, reason="needs locks")
def test_a_file_that_is_taken_for_abandoned_before_it_is_locked_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def late(file: Any, how: int) -> None:
        if not taken:
            taken.append(file.name)
            Path(file.name).unlink()

    monkeypatch.setattr(archive.fcntl, "flock", late)
    _, path = small(tmp_path)
    assert len(taken) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_left_is_removed_where_there_are_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "fcntl", None)
    (tmp_path / ".small.npz.0123.part").write_bytes(b"half of")
    _, path = small(tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    assert outcome(path) == ([1, 2], 3)


@forks
def test_processes_that_save_in_one_folder_all_succeed(tmp_path: Path) -> None:
    code = (
        "import sys, minitf as tf; c = tf.train.Checkpoint(v=tf.Variable(1)); [c.save(sys.argv[1]) for _ in range(99)]"
    )
    command = [sys.executable, "-c", code]
    runs = [subprocess.Popen([*command, str(tmp_path / name)], cwd=Path(__file__).parents[2]) for name in "aab"]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert len(list(tmp_path.iterdir())) == 99 * 2 + 1
    assert tf.train.latest_checkpoint(tmp_path) in {str(tmp_path / name) for name in ("a-99", "b-99")}


def test_threads_that_save_and_read_at_once_find_whole_files(tmp_path: Path) -> None:
    values = [float(i) for i in range(4)]
    small(tmp_path)

    def save_and_read(value: float) -> set[float]:
        found = set()
        for _ in range(10):
            tf.train.Checkpoint(v=tf.Variable([value, value]), w=tf.Variable(3)).write(tmp_path / "small")
            v = tf.Variable([0.0, 0.0])
            tf.train.Checkpoint(v=v).read(tmp_path / "small")
            found.add(float(v[0]))
            assert v[0] == v[1]
        return found

    with ThreadPoolExecutor(4) as pool:
        found = set().union(*pool.map(save_and_read, values))
    assert found <= set(values)
    assert list(tmp_path.iterdir()) == [tmp_path / "small.npz"]


def test_equal_values_make_equal_files(tmp_path: Path) -> None:
    (_, first), (_, second) = small(tmp_path), small(tmp_path / "again")
    assert first.read_bytes() == second.read_bytes()


def test_numpy_opens_a_checkpoint(tmp_path: Path) -> None:
    _, path = small(tmp_path)
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["v/.ATTRIBUTES/VARIABLE_VALUE"].tolist() == [1.0, 2.0]


def outcome(path: Path) -> Any:
    """Return the restored values, or None if the file is called damaged and nothing was changed."""
    v, w = tf.Variable([0.0, 0.0]), tf.Variable(0)
    try:
        tf.train.Checkpoint(v=v, w=w).read(path.with_suffix("")).assert_consumed()
    except tf.errors.DataLossError as error:
        assert f"Unable to read {path}: the file is damaged, or not minitf's" in str(error)
        assert (v.numpy().tolist(), w.numpy()) == ([0, 0], 0)
        return None
    return v.numpy().tolist(), int(w)


def test_a_file_that_ends_early_is_called_damaged(tmp_path: Path) -> None:
    _, path = small(tmp_path)
    whole = path.read_bytes()
    assert outcome(path) == ([1, 2], 3)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert outcome(path) is None


def test_a_file_with_a_changed_byte_gives_the_right_values_or_is_called_damaged(tmp_path: Path) -> None:
    _, path = small(tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        changed = whole[place] ^ (1, 255)[place % 2]
        path.write_bytes(whole[:place] + bytes([changed]) + whole[place + 1 :])
        assert outcome(path) in (None, ([1, 2], 3))


@given(st.binary(max_size=200))
def test_foreign_files_are_called_that(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("foreign") / "file.npz"
    path.write_bytes(content)
    assert outcome(path) is None


def test_files_of_numpy_and_of_a_later_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "numpy.npz"
    np.savez(path, v=np.zeros(2, np.float32))
    assert outcome(path) is None
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_CHECKPOINTABLE_OBJECT_GRAPH", '{"format": "minitf archive 2"}')
    with pytest.raises(tf.errors.DataLossError, match="its format is 'minitf archive 2', not 'minitf archive 1'"):
        tf.train.load_checkpoint(tmp_path / "numpy")


def test_pickled_objects_are_not_read(tmp_path: Path) -> None:
    _, path = small(tmp_path)
    with zipfile.ZipFile(path) as archive:
        graph = archive.read("_CHECKPOINTABLE_OBJECT_GRAPH")
    np.savez(path, **{"v/.ATTRIBUTES/VARIABLE_VALUE": np.array([print, print]), "w/.ATTRIBUTES/VARIABLE_VALUE": 3})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("_CHECKPOINTABLE_OBJECT_GRAPH", graph)
    assert outcome(path) is None


def test_nothing_is_restored_if_one_value_does_not_fit(tmp_path: Path) -> None:
    _, path = small(tmp_path)
    v, w = tf.Variable([0.0, 0.0]), tf.Variable([0])
    with pytest.raises(ValueError, match="incompatible tensor"):
        tf.train.Checkpoint(v=v, w=w).read(tmp_path / "small")
    assert v.numpy().tolist() == [0, 0]


def test_a_damaged_state_is_ignored_with_a_warning(tmp_path: Path) -> None:
    checkpoint, _ = small(tmp_path)
    path = checkpoint.save(tmp_path / "ckpt")
    state = tmp_path / "checkpoint"
    for text in ("{{{", "", "all_model_checkpoint_paths: 3\n", "model_checkpoint_path: 1.0\n"):
        state.write_text(text)
        with pytest.warns(UserWarning, match="Checkpoint ignored, because this file is damaged"):
            assert tf.train.latest_checkpoint(tmp_path) is None
        with pytest.warns(UserWarning, match="Checkpoint ignored"):
            assert tf.train.CheckpointManager(checkpoint, tmp_path, 2).latest_checkpoint is None
    state.write_bytes(b"\xff\xfe")
    with pytest.warns(UserWarning, match="Checkpoint ignored"):
        assert tf.train.latest_checkpoint(tmp_path) is None
    assert tf.train.latest_checkpoint(tmp_path / path) is None


def test_a_latest_checkpoint_that_is_gone_is_none_with_a_warning(tmp_path: Path) -> None:
    checkpoint, _ = small(tmp_path)
    Path(checkpoint.save(tmp_path / "ckpt") + ".npz").unlink()
    with pytest.warns(UserWarning, match="Couldn't match files for checkpoint .*ckpt-1"):
        assert tf.train.latest_checkpoint(tmp_path) is None


def test_a_moved_folder_keeps_its_checkpoints(tmp_path: Path) -> None:
    checkpoint, _ = small(tmp_path / "here")
    checkpoint.save(tmp_path / "here" / 'with "quotes" and ü')
    (tmp_path / "here").rename(tmp_path / "there")
    latest = tf.train.latest_checkpoint(tmp_path / "there")
    assert latest == str(tmp_path / "there" / 'with "quotes" and ü-1')
    checkpoint.restore(latest).assert_consumed()


def test_tied_variables_that_are_tied_no_more_get_a_warning(tmp_path: Path) -> None:
    tied = tf.Variable(1.0)
    path = tf.train.Checkpoint(a=tied, b=tied).write(tmp_path / "tied")
    a, b = tf.Variable(0.0), tf.Variable(0.0)
    with pytest.warns(UserWarning, match="Inconsistent references when loading the checkpoint"):
        tf.train.Checkpoint(a=a, b=b).read(path)
    assert (a.numpy(), b.numpy()) == (1.0, 0.0)


def test_variables_that_became_modules_are_unused_attributes(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0)).write(tmp_path / "one")
    status = tf.train.Checkpoint(a=tf.Module()).read(path)
    with pytest.raises(AssertionError, match=r"Unused attributes in these objects .*: a \(<minitf.module.Module"):
        status.assert_consumed()


def test_all_that_is_unresolved_is_counted(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=[tf.Variable(1.0), tf.Variable(1.0)]).write(tmp_path / "three")
    with pytest.raises(AssertionError, match=r"\(root\)\.a and 2 more, such as b/1: nothing here has this name"):
        tf.train.Checkpoint().read(path).assert_consumed()


def test_values_that_wait_need_the_file_no_more(tmp_path: Path) -> None:
    checkpoint, path = small(tmp_path)
    late = tf.Module()
    tf.train.Checkpoint(late).read(tmp_path / "small")
    path.unlink()
    late.v = tf.Variable([0.0, 0.0])
    assert late.v.numpy().tolist() == [1.0, 2.0]


def test_one_list_in_two_places_stays_one_list_while_it_waits(tmp_path: Path) -> None:
    def model(*layers: tf.Variable) -> tf.Module:
        made = tf.Module()
        made.layers = made.blocks = list(layers)
        made.by_name = {"all": made.layers}
        return made

    path = tf.train.Checkpoint(model(tf.Variable(1.0))).write(tmp_path / "one")
    late = model()
    tf.train.Checkpoint(late).read(path)
    assert late.layers is late.blocks is late.by_name["all"]
    late.blocks.append(tf.Variable(0.0))
    assert late.layers[0].numpy() == 1.0


def test_a_deep_structure_is_saved_and_restored(tmp_path: Path) -> None:
    def chain() -> tf.Module:
        first = last = tf.Module()
        for _ in range(2000):
            last.next = tf.Module()
            last = last.next
        last.v = tf.Variable(1.0)
        return first

    path = tf.train.Checkpoint(chain()).write(tmp_path / "deep")
    tf.train.Checkpoint(chain()).read(path).assert_consumed()


def test_what_was_assigned_is_saved_as_the_variable(tmp_path: Path) -> None:
    v = tf.Variable(1.0)
    path = tf.train.Checkpoint(a=v.assign(2.0), b=v).write(tmp_path / "one")
    assert [name for name, _ in tf.train.list_variables(path)] == [
        "_CHECKPOINTABLE_OBJECT_GRAPH", "a/.ATTRIBUTES/VARIABLE_VALUE",
    ]  # fmt: skip


def test_saving_and_restoring_is_unheard_by_a_tape(tmp_path: Path) -> None:
    v = tf.Variable(3.0)
    checkpoint = tf.train.Checkpoint(v=v)
    with tf.GradientTape() as tape:
        y = v * v
        path = checkpoint.save(tmp_path / "ckpt")
        v.assign(5.0)
        checkpoint.restore(path)
    assert tape.gradient(y, v).numpy() == 6.0


def test_saving_is_refused_inside_a_function(tmp_path: Path) -> None:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    for method in (checkpoint.save, checkpoint.write):
        with pytest.raises(NotImplementedError, match=r"from a function is not supported"):
            tf.function(lambda: method(tmp_path / "ckpt"))()  # noqa: B023
    assert list(tmp_path.iterdir()) == []


def test_what_was_restored_is_not_kept_beside_the_variable(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(v=tf.Variable(tf.ones([1000, 1000]))).write(tmp_path / "large")
    v = tf.Variable(tf.zeros([1000, 1000]))
    status = tf.train.Checkpoint(v=v).read(path)
    gc.collect()
    copies = [each for each in gc.get_referrers(v._array) if isinstance(each, dict)]
    assert copies == []
    assert status.assert_consumed() is status


def test_a_variable_is_restored_with_one_copy_beside_it(tmp_path: Path) -> None:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(tf.zeros([1_000_000])))
    path = checkpoint.write(tmp_path / "large")
    tracemalloc.start()
    checkpoint.read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6_000_000


def test_a_checkpoint_of_which_nothing_fits_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    saved = tf.train.Checkpoint(w=tf.Variable(1.0)).save(tmp_path / "ckpt")
    with caplog.at_level("WARNING", logger="minitf"):
        tf.train.Checkpoint(weights=tf.Variable(5.0)).restore(saved)
        assert "could not be found in the restored object: (root).w" in caplog.text
        caplog.clear()
        tf.train.Checkpoint(w=tf.Variable(5.0), more=tf.Variable(1.0)).restore(saved)
        assert not caplog.text


@pytest.mark.backend("tensorflow")
def test_bfloat16_comes_back(tmp_path: Path) -> None:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(tf.cast([[1.5], [-0.1]], tf.bfloat16)), one=tf.Variable(1.0))
    path = checkpoint.save(str(tmp_path / "ckpt"))
    wanted = checkpoint.v.numpy()
    checkpoint.v.assign(checkpoint.v * 0)
    checkpoint.restore(path).assert_consumed()
    assert checkpoint.v.dtype == tf.bfloat16
    np.testing.assert_array_equal(checkpoint.v.numpy(), wanted)


@pytest.mark.backend("numpy")
def test_bfloat16_that_the_other_backend_saved_is_refused_with_advice(tmp_path: Path) -> None:
    program = 'import minitf as tf; tf.train.Checkpoint(v=tf.Variable(tf.cast([1.5], tf.bfloat16))).save("ckpt")'
    there = {**os.environ, "MINITF_BACKEND": "tensorflow"}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=there, check=True, stderr=subprocess.DEVNULL)
    with pytest.raises(TypeError, match=r"NumPy has no .*bfloat16.*MINITF_BACKEND=tensorflow"):
        tf.train.Checkpoint(v=tf.Variable([1.5])).restore(str(tmp_path / "ckpt-1"))
