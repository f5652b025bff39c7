"""The rows of a derivation as plain Python functions, one for each value and one for each local partial, as a lecture lists them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp


@dataclass(frozen=True)
class PlainFunction:
    """A function of numbers: its name, the names it takes, and what it returns."""

    name: str
    takes: tuple[str, ...]
    returns: sp.Expr

    def __str__(self) -> str:
        return f"def {self.name}({', '.join(self.takes)}):\n    return {sp.pycode(self.returns)}"

    def __call__(self, known: Mapping[str, float]) -> float:
        """Its value where the names have these numbers."""
        return float(sp.lambdify(self.takes, self.returns, "math")(*(known[name] for name in self.takes)))


def plain_functions(rows: Iterable[Any]) -> dict[str, PlainFunction]:
    """The functions of the rows of a derivation of scalars, by name: xi_2, d_xi_2_d_xi_1, xi_3, …"""
    found = {}
    for row in rows:
        takes = tuple(sorted(s.name for s in row.definition.free_symbols))
        formulas = {row.name: row.definition, **{f"d_{row.name}_d_{parent}": partial for parent, partial in row.partials.items()}}
        found |= {name: PlainFunction(name, takes, sp.sympify(formula)) for name, formula in formulas.items()}
    return found


def listing(functions: Mapping[str, PlainFunction]) -> str:
    """The functions as the text of a Python file."""
    return "\n\n\n".join(["import math", *map(str, functions.values())])


def evaluated(functions: Mapping[str, PlainFunction], at: Mapping[str, float]) -> dict[str, float]:
    """What each function returns when they are called from the first row to the last, at given inputs."""
    known = dict(at)
    for name, function in functions.items():
        known[name] = function(known)
    return {name: known[name] for name in functions}


def along(values: Mapping[str, float], rows: Iterable[str]) -> float:
    """The product of the local partials along a path of rows, from the last one back to an input."""
    return math.prod(values[f"d_{upper}_d_{lower}"] for upper, lower in pairwise(rows))
