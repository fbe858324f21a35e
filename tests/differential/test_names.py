"""Every public name of minitf does what TensorFlow's does: values, dtypes, shapes, printed forms, gradients and errors.

The tables beside this file say what each name is called with; each drawn example runs once on either side. Gradients
of all outputs by all tensors and variables given are compared too, of first and second order.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minitf
from tests.differential.agreement import (
    assert_alike,
    assert_gradients_alike,
    errors_of,
    is_float,
    leaves,
    pseudo_random,
)
from tests.differential.recipes import build

_FILES = sorted(Path(__file__).parent.glob("table_*.py"))
TABLES = [import_module(f"tests.differential.{file.stem}") for file in _FILES if "_kernels" not in file.stem]
TABLE: dict[str, Any] = {name: strategy for table in TABLES for name, strategy in table.TABLE.items()}
DRAWN: set[str] = {name for table in TABLES for name in getattr(table, "DRAWN", ())}

# Names whose second derivatives are not TensorFlow's, each with the reason.
SECOND_ORDER_DIFFERS: dict[str, str] = {
    "nn.softmax_cross_entropy_with_logits": "TensorFlow forgets that the gradient by the logits depends on the labels",
    "nn.softsign": "TensorFlow has none",
}

# Names that take variables in another way than TensorFlow's, each with the reason.
VARIABLES_DIFFER: dict[str, str] = {
    "cast": "TensorFlow gives a variable back as it is if it has the dtype already; we give its value",
}

# Names that are no functions of values, and the files that test them.
ELSEWHERE = {
    "DType": "test_dtypes.py",
    "GradientTape": "test_tape.py",
    "config.experimental.enable_op_determinism": "test_config.py",
    "IndexedSlices": "test_variables.py",
    "Module": "test_modules.py",
    "Tensor": "test_tensors.py",
    "TensorShape": "test_tensors.py",
    "UnconnectedGradients": "test_tape_gradients.py",
    "Variable": "test_variables.py",
    "VariableAggregation": "test_variables.py",
    "VariableSynchronization": "test_variables.py",
    "config.experimental_connect_to_cluster": "test_device.py",
    "config.functions_run_eagerly": "test_function_results.py",
    "config.run_functions_eagerly": "test_function_results.py",
    "config.set_logical_device_configuration": "test_device.py",
    "config.threading.set_inter_op_parallelism_threads": "test_device.py",
    "config.threading.set_intra_op_parallelism_threads": "test_device.py",
    "constant_initializer": "keras/test_keras_names.py",
    "control_dependencies": "test_flow.py",
    "custom_gradient": "test_custom_gradients.py",
    "data.AUTOTUNE": "test_data.py",
    "data.Dataset": "test_data.py",
    "data.DatasetSpec": "test_data.py",
    "data.INFINITE_CARDINALITY": "test_data.py",
    "data.Iterator": "test_data.py",
    "data.NumpyIterator": "test_data.py",
    "data.Options": "test_data.py",
    "data.UNKNOWN_CARDINALITY": "test_data.py",
    "device": "test_flow.py",
    "function": "test_function_signatures.py",
    "grad_pass_through": "test_custom_gradients.py",
    "init_scope": "test_flow.py",
    "name_scope": "test_modules.py",
    "ones_initializer": "keras/test_keras_names.py",
    "print": "test_printing.py",
    "random.Algorithm": "test_random.py",
    "random.Generator": "test_random.py",
    "random.get_global_generator": "test_random.py",
    "random.set_global_generator": "test_random.py",
    "random_normal_initializer": "keras/test_keras_names.py",
    "random_uniform_initializer": "keras/test_keras_names.py",
    "recompute_grad": "test_custom_gradients.py",
    "saved_model.contains_saved_model": "test_saved_model.py",
    "saved_model.load": "test_saved_model.py",
    "saved_model.save": "test_saved_model.py",
    "train.Checkpoint": "test_checkpoint.py",
    "train.CheckpointManager": "test_checkpoint.py",
    "train.latest_checkpoint": "test_checkpoint.py",
    "train.list_variables": "test_checkpoint.py",
    "train.load_checkpoint": "test_checkpoint.py",
    "train.load_variable": "test_checkpoint.py",
    "zeros_initializer": "keras/test_keras_names.py",
}


def resolve(module: Any, name: str) -> Any:
    for part in name.split("."):
        module = getattr(module, part)
    return module


class Run:
    """One example on one side: the result or the error, and the gradients of both orders, or theirs."""

    def __init__(self, tf: Any, name: str, args: Any, kwargs: Any, derive: bool, held: bool) -> None:
        function = resolve(tf, name)
        self.firsts: Any = []
        self.seconds: Any = []
        self.empty = False
        made: list[Any] = []
        try:
            args, kwargs = build(tf, list(args), made, held), build(tf, kwargs, made, held)
            inputs = [value for value in made if is_float(value)]
            self.empty = any(0 in value.shape.as_list() for value in made)
            if derive and inputs:
                self.derive(tf, inputs, lambda: function(*args, **kwargs))
            else:
                self.result = function(*args, **kwargs)
        except errors_of(tf) as error:
            self.result = error

    def derive(self, tf: Any, inputs: list[Any], function: Any) -> None:
        """Compute the result on two nested tapes, then gradients weighted with fixed numbers."""
        with tf.GradientTape(persistent=True) as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                self.result = function()
            outputs = [part for part in leaves(self.result) if is_float(part)]
            if not outputs:
                return
            weights = [pseudo_random(tf, y, seed) for seed, y in enumerate(outputs)]
            try:
                gradients = inner.gradient(outputs, inputs, weights)
                self.firsts = [None if g is None else tf.convert_to_tensor(g) for g in gradients]
            except errors_of(tf) as error:
                self.firsts = error
                return
        firsts = [g for g in self.firsts if g is not None]
        if any(g.dtype.name == "float16" for g in firsts):
            return  # two derivatives lose too many of half precision's digits to compare them
        try:
            gradients = outer.gradient(firsts, inputs, [pseudo_random(tf, g, 9) for g in firsts])
            self.seconds = [None if g is None else tf.convert_to_tensor(g) for g in gradients]
        except errors_of(tf) as error:
            self.seconds = error


@pytest.mark.parametrize("name", TABLE)
def test_a_name_does_what_tensorflow_does(name: str, oracle: ModuleType) -> None:
    @settings(max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(TABLE[name], st.just(False) if name in VARIABLES_DIFFER else st.sampled_from([False, False, False, True]))
    def agrees(example: Any, held: bool) -> None:
        derive = name not in DRAWN
        ours = Run(minitf, name, *example, derive, held)
        with np.errstate(all="ignore"):  # TensorFlow lets NumPy warn when it casts inf to an integer
            theirs = Run(oracle, name, *example, derive, held)
        if held and isinstance(theirs.result, Exception):
            return  # TensorFlow refuses a variable of the wrong dtype by another rule than a tensor
        assert_alike(ours.result, theirs.result, drawn=name in DRAWN)
        if theirs.empty and isinstance(theirs.firsts, oracle.errors.InvalidArgumentError):
            return  # some of TensorFlow's gradients fail where there is nothing to differentiate
        assert_gradients_alike(ours.firsts, theirs.firsts, slack=10)
        if name not in SECOND_ORDER_DIFFERS:
            # Where a second derivative is zero, TensorFlow's own ops leave it None or make zeros as it happens.
            assert_gradients_alike(ours.seconds, theirs.seconds, slack=100, none_is_zero=True)

    agrees()


def namespaces(module: Any = minitf, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the public namespaces below a module, with the paths to them."""
    yield path, module
    for name in module.__all__:
        part = getattr(module, name)
        if isinstance(part, ModuleType):
            yield from namespaces(part, f"{path}{name}.")


def test_every_public_name_is_in_a_table() -> None:
    public = {
        f"{path}{name}": getattr(module, name)
        for path, module in namespaces()
        for name in module.__all__
        if not isinstance(getattr(module, name), ModuleType | minitf.DType | None) and path != "errors."
    }
    tested = {id(resolve(minitf, name)) for name in [*TABLE, *ELSEWHERE]}
    assert [name for name, value in public.items() if id(value) not in tested] == []


def test_a_name_tested_elsewhere_is_tested_there() -> None:
    folder = Path(__file__).parent
    for name, file in ELSEWHERE.items():
        text = next(path for path in (folder / file, folder.parent / "minitf" / file) if path.exists()).read_text()
        assert name.rpartition(".")[2] in text, f"{file} does not say {name}"


@pytest.mark.parametrize("name", minitf.errors.__all__)
def test_a_class_of_errors_or_its_code_is_tensorflows(name: str, oracle: ModuleType) -> None:
    def facts(errors: Any) -> Any:
        value = getattr(errors, name)
        if isinstance(value, int):
            return value
        bases = [base.__name__ for base in value.__mro__ if not base.__name__.startswith("_")]
        if not issubclass(value, errors.OpError):
            return bases
        error = value(None, None, "what", *([3] if value is errors.OpError else []))
        return bases, str(error), error.message, error.op, error.node_def, error.error_code

    assert facts(minitf.errors) == facts(oracle.errors)


def test_no_name_is_in_two_tables() -> None:
    names = [name for table in TABLES for name in table.TABLE]
    assert len(names) == len(set(names))
    assert set(names) >= DRAWN | SECOND_ORDER_DIFFERS.keys() | VARIABLES_DIFFER.keys()


def test_every_public_name_is_one_of_tensorflows(oracle: ModuleType) -> None:
    missing = []
    for path, module in namespaces():
        theirs = resolve(oracle, path[:-1]) if path else oracle
        missing += [path + name for name in module.__all__ if not hasattr(theirs, name)]
    assert missing == []


def test_the_list_of_tensorflows_names_is_up_to_date(oracle: ModuleType) -> None:
    from importlib.resources import files

    listed = set(files("minitf").joinpath("tensorflow_names.txt").read_text("utf-8").split())
    theirs = {path: resolve(oracle, path[:-1]) if path else oracle for path, _ in namespaces()}
    names = {f"{path}{name}" for path, module in theirs.items() for name in dir(module) if not name.startswith("_")}
    assert names - listed == set(), "python scripts/tensorflow_names.py writes the list anew"
