"""Keys that users give: symbols or names, as names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgrad.errors import InputError, explain


def name_of(key: object) -> str:
    """A dict key that is a symbol or a name, as a name."""
    return key if isinstance(key, str) else str(getattr(key, "name", key))


def by_name(given: Mapping) -> dict[str, Any]:
    """The dict with names as keys.  Raises InputError for what is no dict, and where a symbol and its name both stand in it."""
    if not isinstance(given, Mapping):
        raise InputError(explain(f"a {type(given).__name__} was given", "A dict by name or symbol is required", "Write {'w': …}"))
    found = {name_of(key): value for key, value in given.items()}
    if len(found) < len(given):
        twice = next(name for name in found if sum(name_of(key) == name for key in given) > 1)
        raise InputError(explain(f"{twice} is given twice", "Either the symbol or its name is required"))
    return found
