"""Keys that users give: symbols or names, as names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def name_of(key: object) -> str:
    """A dict key that is a symbol or a name, as a name."""
    return key if isinstance(key, str) else str(getattr(key, "name", key))


def by_name(given: Mapping) -> dict[str, Any]:
    """The dict with names as keys."""
    return {name_of(key): value for key, value in given.items()}
