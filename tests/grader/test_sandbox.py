"""The worker process and the plain data that travels to it and back."""

import os
import time

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import NoSandbox
from grader.sandbox import Limits, Worker, walls, wire

QUICK = Limits(call_seconds=0.5, total_seconds=5)

plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(-5, 5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain_values)
def test_plain_data_comes_back_as_it_was_with_its_types(value):
    back = wire.decode(wire.encode(value))
    assert back == value and repr(back) == repr(value)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int64", "float16", "float32", "float64", "complex64"])
def test_arrays_keep_dtype_shape_and_values(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    back = wire.decode(wire.encode({"a": array}))["a"]
    assert back.dtype == array.dtype and np.array_equal(back, array)
    scalar = wire.decode(wire.encode(array[0, 1]))
    assert type(scalar) is type(array[0, 1]) and scalar == array[0, 1]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_with_one_kind_of_error_or_read(packed):
    try:
        wire.decode(packed)
    except wire.NotPlain:
        pass  # the one error a decoder may raise


@pytest.mark.parametrize("value", [object(), lambda: 1, int, np.array([object()]), (i for i in [1])])
def test_what_is_no_plain_data_does_not_travel(value):
    with pytest.raises(wire.NotPlain):
        wire.plain(value)


def test_a_cyclic_or_very_deep_structure_does_not_travel():
    cyclic = []
    cyclic.append(cyclic)
    with pytest.raises(wire.NotPlain, match="levels deep"):
        wire.plain(cyclic)


def test_subclasses_lose_their_behaviour_on_the_way():
    class Liar(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    assert type(wire.plain(Liar(3))) is int
    assert type(wire.plain([Liar(3)])[0]) is int


def test_a_worker_defines_and_calls():
    with Worker() as worker:
        assert worker.define("import numpy as np\ndef double(x):\n    return 2 * np.asarray(x)").status == "value"
        assert worker.kind("double").value == "callable"
        assert worker.kind("other").value == "absent"
        assert np.array_equal(worker.call("double", ([1, 2],)).value, [2, 4])


def test_an_error_comes_back_with_its_type_message_and_line():
    with Worker() as worker:
        worker.define("def f(x):\n    y = x + 1\n    return y / 0")
        outcome = worker.call("f", (1,))
    assert (outcome.status, outcome.error_type, outcome.line) == ("error", "ZeroDivisionError", "return y / 0")


def test_a_failing_try_out_below_the_definition_does_not_undo_it():
    with Worker() as worker:
        assert worker.define("def f():\n    return 1\nf(1, 2)").status == "value"
        assert worker.call("f", ()).value == 1


@pytest.mark.parametrize("module", ["minitf", "grader", "nbgrader", "hypothesis"])
def test_withheld_modules_cannot_be_imported(module):
    with Worker() as worker:
        outcome = worker.define(f"import {module}")
    assert outcome.status == "withheld" and module in outcome.error


def test_an_endless_loop_ends_at_its_time_and_the_worker_with_it():
    start = time.monotonic()
    with Worker(QUICK) as worker:
        worker.define("def f():\n    while True: pass")
        assert worker.call("f", ()).status == "timeout"
        assert worker.call("f", ()).status == "crashed"
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "body",
    [
        "import os; os._exit(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import ctypes; ctypes.string_at(0)",
    ],
)
def test_a_process_that_ends_is_told_as_crashed(body):
    with Worker(QUICK) as worker:
        worker.define(f"def f():\n    {body}")
        assert worker.call("f", ()).status == "crashed"


@pytest.mark.parametrize("body", ["import sys; sys.exit(0)", "raise KeyboardInterrupt", "raise SystemExit", "quit()"])
def test_leaving_by_exception_is_an_error_like_any_other(body):
    with Worker(QUICK) as worker:
        worker.define(f"def f():\n    {body}")
        assert worker.call("f", ()).status == "error"


def test_too_much_memory_is_an_error_of_that_call():
    with Worker(Limits(memory_bytes=2**29)) as worker:
        worker.define("def f():\n    return len(bytearray(2**30))")
        assert worker.call("f", ()).error_type == "MemoryError"


def test_printing_and_stderr_are_kept_apart_and_bounded():
    with Worker() as worker:
        worker.define(
            "import sys\ndef f():\n    print('x' * 10**6)\n    print('careful', file=sys.stderr)\n    return 1"
        )
        outcome = worker.call("f", ())
    assert outcome.value == 1
    assert len(outcome.printed) <= 2000
    assert outcome.warned == "careful\n"


def test_a_student_who_writes_to_the_answer_pipe_cannot_be_mistaken_for_an_answer():
    with Worker(QUICK) as worker:
        worker.define("import os\ndef f():\n    os.write(1, b'....')\n    return 1")
        assert worker.call("f", ()).value == 1


@pytest.mark.parametrize("sandbox", walls.KINDS)
@pytest.mark.parametrize(
    "attempt",
    [
        "os.fork()",
        "os.posix_spawn(sys.executable, [sys.executable, '-c', 'pass'], {})",
        "os.execv(sys.executable, [sys.executable])",
        "subprocess.Popen([sys.executable])",
        "multiprocessing.Process(target=print).start()",
        "os.setsid()",
        "socket.socket()",
        "os.memfd_create('room')",
        "ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0) and os.fork()",
    ],
)
def test_a_worker_starts_no_other_process_and_opens_no_connection(attempt, sandbox):
    with Worker(QUICK, sandbox=sandbox) as worker:
        worker.define(
            "import ctypes, multiprocessing, os, socket, subprocess, sys\n"
            f"multiprocessing.set_start_method('fork')\ndef f():\n    {attempt}"
        )
        outcome = worker.call("f", ())
    assert (outcome.status, outcome.error_type) == ("error", "PermissionError"), outcome


def test_threads_are_there_for_those_who_want_them():
    with Worker(QUICK) as worker:
        worker.define(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "def f():\n    return list(ThreadPoolExecutor(2).map(abs, [-1, -2]))"
        )
        assert worker.call("f", ()).value == [1, 2]


@pytest.mark.parametrize("sandbox", walls.KINDS)
def test_nothing_of_a_worker_is_left_when_it_was_closed(sandbox):
    with Worker(QUICK, sandbox=sandbox) as worker:
        worker.define(
            "import threading, time\n"
            "def f():\n    threading.Thread(target=time.sleep, args=(60,)).start()\n    return 1"
        )
        assert worker.call("f", ()).value == 1
        processes = [*(own := psutil.Process(worker._process.pid)).children(recursive=True), own]
    gone, alive = psutil.wait_procs(processes, timeout=5)
    assert not alive and len(gone) == (3 if sandbox == walls.BUBBLEWRAP else 1)


def test_a_worker_that_does_not_start_is_nobody_s_mistake(monkeypatch):
    monkeypatch.setattr(walls, "interpreter", lambda: "/nowhere/python")
    with pytest.raises(NoSandbox, match="did not get ready .*nowhere"), Worker():
        pass


def test_the_worker_sees_neither_the_environment_nor_the_working_folder():
    os.environ["GRADER_TEST_SECRET"] = "1"
    try:
        with Worker() as worker:
            worker.define("import os\ndef f():\n    return [dict(os.environ), os.listdir('.')]")
            environment, files = worker.call("f", ()).value
    finally:
        del os.environ["GRADER_TEST_SECRET"]
    assert "GRADER_TEST_SECRET" not in environment
    assert files == []
