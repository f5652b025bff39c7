"""The project's own special functions as text: those that kernels call, with what they call in turn."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple

FILES = ("coefficients", "pieces", "gammas", "roots", "secants", "gauss", "erfcx", "erf", "normal", "exponents", "intervals", "inverse", "removable",
         "rising", "logarithms", "overflow", "hyperbolic", "quotients", "poles", "logistic", "products", "loglog", "gaps", "ones", "inverses",
         "powers", "distances", "circular", "divergences", "masked", "finite", "ends", "rests", "tilted", "scales", "expansions", "double_double",
         "betas", "bessel", "integrals", "double_double_tails", "decimals", "decimals_tails", "double_double_places", "reductions")
"""The files of symgrad.runtime.special; each uses only those before it."""
MARK = "special:"
TWICE, DIGITS = "_twice_", "_digits_"
"""How functions on numbers of twice the digits start, and those that take their places where these are not enough."""


class Definition(NamedTuple):
    """A function or a constant as it is written, and the names that it mentions."""

    text: str
    mentions: frozenset[str]
    constant: bool


@cache
def definitions() -> dict[str, Definition]:
    """Everything that the files define, by name, in their order."""
    found = {}
    for file in FILES:
        text = resources.files("symgrad.runtime.special").joinpath(f"{file}.py").read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Assign)):
                name = ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else node.name
                mentions = frozenset(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)) - {name}
                found[name] = Definition("\n".join(lines[_start(lines, node.lineno):node.end_lineno]), mentions, isinstance(node, ast.Assign))
    return found


def _start(lines: list[str], first: int) -> int:
    """Where a definition starts with the comment that stands right above it."""
    start = first - 1
    while start and lines[start - 1].startswith("# ") and not lines[start - 1].startswith("# --"):
        start -= 1
    return start


def special_functions(needs: Iterable[str]) -> str:
    """The text of the functions among `needs` (special:erf and the like) and of all they rest on; empty where there are none."""
    waiting = [f"_{need.removeprefix(MARK)}" for need in needs if need.startswith(MARK)]
    if not waiting:
        return ""
    known, wanted = definitions(), set()
    while waiting:
        name = waiting.pop()
        if name in known and name not in wanted:
            wanted.add(name)
            waiting += [*known[name].mentions, name.replace(TWICE, DIGITS)]
    parts, constant = [], True
    for name, definition in known.items():
        if name in wanted:
            parts.append(("" if definition.constant and constant else "\n") + definition.text)
            constant = definition.constant
    return "\n\n".join(parts).strip("\n")
