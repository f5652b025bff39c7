"""The one table of conventions for slopes at kinks: what is chosen, between what, and how a module's header says it.

A function with a kink has no derivative there; a subgradient is chosen.  The choices hold for the function, not for its
spelling: see rewrite/kinks.py for the spellings that are brought to one form before they are differentiated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from symgrad.errors import OptionError, explain

Choice = str | float

CHOICES: Mapping[str, Mapping[Choice, str]] = MappingProxyType({
    "abs": {0: "|x|'(0) = sign(0) = 0", 1: "|x|'(0) = 1", -1: "|x|'(0) = -1"},
    "constant_tie": {
        "constant": "relu'(0) = 0: at a tie of a maximum a number takes all",
        "share": "relu'(0) = 1/2: at a tie of a maximum a number takes its share",
        "variable": "relu'(0) = 1: at a tie of a maximum a number takes nothing",
    },
    "max_tie": {
        "share": "otherwise ties share equally",
        "first": "otherwise the first of those tied takes all",
        "last": "otherwise the last of those tied takes all",
    },
    "leaky": {"leak": "leaky'(0) = the leak", "full": "leaky'(0) = 1"},
    "elu": {1: "ELU'(0) = 1", "alpha": "ELU'(0) = alpha"},
    "heaviside": {0.5: "Heaviside(0) = 1/2", 0: "Heaviside(0) = 0", 1: "Heaviside(0) = 1"},
})
"""What may be chosen; the first choice of each is the default.  "heaviside" is a value, where the user gave none."""

FLAT = "sign, Heaviside, floor and ceiling have slope 0"
"""What is no matter of choice."""


@dataclass(frozen=True)
class Kinks:
    """One choice for each kink; the defaults are the lectures' conventions."""

    abs: Choice = 0
    constant_tie: Choice = "constant"
    max_tie: Choice = "share"
    leaky: Choice = "leak"
    elu: Choice = 1
    heaviside: Choice = 0.5

    def words(self) -> list[str]:
        """The conventions, one phrase each, in the order of the table."""
        return [CHOICES[field.name][getattr(self, field.name)] for field in fields(self)] + [FLAT]


DEFAULT = Kinks()


def choose(given: object, base: Kinks = DEFAULT) -> Kinks:
    """The conventions of `base` with the given choices in place of its own.  Raises OptionError for one that does not exist."""
    if isinstance(given, Kinks):
        return given
    if not isinstance(given, Mapping):
        raise OptionError(explain(f"kinks={given!r} is not known", "a dict of choices is required", 'Pass kinks={"abs": 1, …}'))
    return replace(base, **{str(name): _choice(name, value) for name, value in given.items()})


def _choice(name: object, value: Any) -> Choice:
    choices = CHOICES.get(name) if isinstance(name, str) else None
    if choices is None:
        raise OptionError(explain(f"kinks names {name!r}, which is no kink", f"the kinks are {', '.join(CHOICES)}"))
    found = next((choice for choice in choices if choice == value or str(choice) == str(value)), None)
    if found is None:
        raise OptionError(explain(f"kinks={{{name!r}: {value!r}}} is not known", f"one of {', '.join(map(repr, choices))} is required"))
    return found
