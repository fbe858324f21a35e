"""Snippets: functions of `tf` that become tests, run once with minitf and once with TensorFlow.

Results must agree, and so must what was said in warnings; an error must have the same class, and the words that users
look for in both messages.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import minitf
from tests.differential.agreement import assert_alike, errors_of

Snippet = Callable[[Any], Any]
SAME = 40  # so many characters of a warning are TensorFlow's own


def run(tf: Any, snippet: Snippet) -> Any:
    try:
        return snippet(tf)
    except errors_of(tf) as error:
        return error


def both(snippet: Snippet, oracle: Any) -> tuple[Any, list[str], Any, list[str]]:
    """Return our outcome and warnings, and TensorFlow's, which go to its log, there only the first few times."""
    from tensorflow.python.platform import tf_logging

    said: list[str] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        ours = run(minitf, snippet)
    log = tf_logging.log_first_n
    tf_logging.log_first_n = lambda level, text, count, *args: said.append(text % args)
    try:
        theirs = run(oracle, snippet)
    finally:
        tf_logging.log_first_n = log
    return ours, [str(warning.message) for warning in warned], theirs, said


def alike(snippet: Snippet) -> Callable[[ModuleType], None]:
    """Make a test that a snippet has the same result on both sides."""

    @functools.wraps(snippet)
    def test(oracle: ModuleType) -> None:
        ours, our_warnings, theirs, their_warnings = both(snippet, oracle)
        if isinstance(theirs, Exception):
            raise AssertionError("a snippet that raises says which words to find") from theirs
        assert_alike(ours, theirs)
        assert [text[:SAME] for text in our_warnings] == [text[:SAME] for text in their_warnings]

    del test.__wrapped__  # pytest would ask for its argument `tf`
    return test


def raises(words: str) -> Callable[[Snippet], Callable[[ModuleType], None]]:
    """Make a test that a snippet raises the same class of error on both sides, with these words in the message.

    With no words, TensorFlow's message is an accident of its inside.
    """

    def decorate(snippet: Snippet) -> Callable[[ModuleType], None]:
        @functools.wraps(snippet)
        def test(oracle: ModuleType) -> None:
            ours, _, theirs, _ = both(snippet, oracle)
            assert isinstance(theirs, Exception), f"TensorFlow gives {theirs!r}"
            assert_alike(ours, theirs)
            assert words in str(theirs)
            assert words in str(ours), f"{words!r} is not in our message: {ours}"

        del test.__wrapped__
        return test

    return decorate


def recorded(tf: Any, function: Any, *sources: Any, **how: bool) -> tuple[Any, Any]:
    """Return a tape that watched the sources, and what the function made of them."""
    with tf.GradientTape(**how) as tape:
        tape.watch(sources)
        result = function(*sources)
    return tape, result
