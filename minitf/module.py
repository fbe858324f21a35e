"""Module: an object that finds the variables and modules in its attributes, and has a scope for their names.

They are found when they are asked for, by looking through the attributes and the lists, tuples and dictionaries there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from minitf import nest
from minitf.saving.trackable import Trackable
from minitf.scope import name_scope
from minitf.variable import Variable

__all__ = ["Module"]

_Method = TypeVar("_Method", bound=Callable[..., Any])


class Module(Trackable):
    """A container of variables, other modules, and methods that use them; made to be subclassed.

    >>> class Dense(tf.Module):
    ...     def __init__(self, inputs, outputs, name=None):
    ...         super().__init__(name=name)
    ...         self.w = tf.Variable(tf.zeros([inputs, outputs]), name="w")
    ...         self.b = tf.Variable(tf.zeros([outputs]), name="b")
    ...
    ...     def __call__(self, x):
    ...         return x @ self.w + self.b
    >>> [v.name for v in Dense(3, 2).trainable_variables]
    ['b:0', 'w:0']
    """

    _TF_MODULE_IGNORED_PROPERTIES: frozenset[str] = frozenset()

    def __init__(self, name: str | None = None) -> None:
        """Take a name, or make one of the class's; ValueError if it is no Python identifier."""
        if name is None:
            name = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", type(self).__name__).lower()
        elif not re.match(r"[a-zA-Z_][a-zA-Z0-9_]*$", name):
            asked = f"{name!r} is not a valid module name. Module names must be valid Python identifiers"
            raise ValueError(f"{asked} (e.g. a valid class name).")
        self._name = name
        with name_scope(name) as scope:
            self._name_scope = name_scope(scope)

    @property
    def name(self) -> str:
        """The name as it was given, or made of the class's."""
        return self._name

    @property
    def name_scope(self) -> name_scope:
        """The scope for the names of this module's variables, inside the scopes around its making."""
        return self._name_scope

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables in this module's attributes, sorted by their names, then those of its submodules."""
        return tuple(self._flatten(predicate=lambda leaf: isinstance(leaf, Variable)))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are trainable."""
        return tuple(self._flatten(predicate=lambda leaf: isinstance(leaf, Variable) and leaf.trainable))

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        """The variables that are not trainable."""
        return tuple(self._flatten(predicate=lambda leaf: isinstance(leaf, Variable) and not leaf.trainable))

    @property
    def submodules(self) -> tuple[Module, ...]:
        """The modules in this module's attributes, and theirs in turn.

        >>> a, b, c = tf.Module(), tf.Module(), tf.Module()
        >>> a.b, b.c = b, [c]
        >>> a.submodules == (b, c)
        True
        """
        return tuple(self._flatten(predicate=lambda leaf: isinstance(leaf, Module)))

    def _flatten(self, recursive: bool = True, predicate: Callable[[Any], bool] = lambda leaf: True) -> Iterator[Any]:
        """Go through the leaves of the attributes and, if `recursive`, of the modules among them; each leaf once."""
        return filter(predicate, _leaves(self, recursive, {id(self)}))

    @classmethod
    def with_name_scope(cls, method: _Method) -> _Method:
        """Make a method run inside the module's name scope.

        >>> class Scale(tf.Module):
        ...     @tf.Module.with_name_scope
        ...     def build(self):
        ...         self.factor = tf.Variable(2.0, name="factor")
        >>> scale = Scale()
        >>> scale.build()
        >>> scale.factor.name
        'scale/factor:0'
        """

        @functools.wraps(method)
        def scoped(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return cast(_Method, scoped)


def _leaves(module: Module, recursive: bool, seen: set[int]) -> Iterator[Any]:
    """Yield the leaves that were not seen yet: the module's own first, then those of the modules among them."""
    inside: list[Module] = []
    for name, value in sorted(vars(module).items()):
        if name in module._TF_MODULE_IGNORED_PROPERTIES:
            continue
        try:
            found = nest.flatten(value)
        except TypeError as error:
            do = "keep variables and modules in lists, tuples, and dictionaries whose keys can be sorted"
            raise ValueError(f"Error processing property {name!r} of {value!r}; {do}.") from error
        for leaf in found:
            if id(leaf) not in seen:
                seen.add(id(leaf))
                yield leaf
                if recursive and isinstance(leaf, Module):
                    inside.append(leaf)
    for submodule in inside:
        yield from _leaves(submodule, recursive, seen)
