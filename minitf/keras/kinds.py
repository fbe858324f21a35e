"""One kind of objects, such as losses: how they are found by names, made from configs and described."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minitf.keras import registry
from minitf.keras.naming import snake_case

__all__ = ["Kind"]


class Kind:
    """The objects of one kind: `get`, `serialize` and `deserialize` of their namespace.

    `named` are further names: aliases such as `"mse"`, and what they stand for. Classes have their own name and its
    snake_case form, functions their own; a function comes before a class of the same name.
    """

    def __init__(
        self, what: str, module: str, classes: Iterable[type] = (), functions: Iterable[Callable[..., Any]] = (),
        named: Mapping[str, Any] | None = None, nothing: Any = None, by_name: bool = False,
    ) -> None:  # fmt: skip
        """Take the word for the kind, its public module, its members, and whether configs have functions by name."""
        self.what, self.module, self.nothing, self.by_name = what, module, nothing, by_name
        classes, functions = list(classes), list(functions)
        registry.export(module, *classes, *functions, **(named or {}))
        self.named: dict[str, Any] = {
            **{each.__name__: each for each in classes},
            **{snake_case(each.__name__): each for each in classes},
            **{each.__name__: each for each in functions},
            **(named or {}),
        }

    def get(self, identifier: Any) -> Any:
        """Return what a name, a config, a class or an object stands for; ValueError if it is none of these."""
        if identifier is None:
            return self.nothing
        found: Any = None
        if isinstance(identifier, dict):
            found = self.deserialize(identifier)
        elif isinstance(identifier, str):
            found = registry.get_registered_object(identifier) or self.named.get(identifier)
        elif callable(identifier) or hasattr(identifier, "get_config"):
            found = identifier
        if found is None:
            raise self.unknown(identifier)
        return found() if inspect.isclass(found) else found

    def unknown(self, identifier: Any) -> ValueError:
        """Say that this is no name of the kind, and what comes nearest."""
        names = registry.nearest(identifier, self.named) if isinstance(identifier, str) else ""
        return ValueError(f"Could not interpret {self.what} identifier: {identifier}{names}")

    def serialize(self, obj: Any) -> Any:
        """Describe an object of the kind by a config; a function of a kind that has names by its name."""
        config = registry.serialize_keras_object(obj)
        if self.by_name and inspect.isfunction(obj) and str(config["config"]) in self.named:
            return config["config"]
        return config

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make an object from its config, or find it by its name; TypeError or ValueError if there is none."""
        with registry.CustomObjectScope(custom_objects):
            if isinstance(config, dict) and config.get("class_name") in self.named:
                found = self.named[config["class_name"]]
                if not inspect.isclass(found):
                    return found
                config = {**config, "module": registry.public_module(found), "class_name": found.__name__}
            elif isinstance(config, str) and registry.get_registered_object(config) is None:
                found = self.named.get(config)
                if found is None:
                    raise self.unknown(config)
                return found() if inspect.isclass(found) else found
            return registry.deserialize_keras_object(config)
