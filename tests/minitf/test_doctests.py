"""The examples in the docstrings run, and every module of minitf that has a public function has one."""

import doctest
import importlib
import pkgutil

import pytest

import minitf

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = ["minitf", *(module.name for module in pkgutil.walk_packages(minitf.__path__, "minitf."))]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module, extraglobs={"tf": minitf}, optionflags=FLAGS).failed == 0


def test_every_public_function_and_class_has_an_example() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True, recurse=False)
    public = [getattr(minitf, name) for name in minitf.__all__]
    documented = [thing for thing in public if callable(thing) and not isinstance(thing, minitf.DType)]
    without = [thing.__name__ for thing in documented if not any(test.examples for test in finder.find(thing))]
    assert without == []
