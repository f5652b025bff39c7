"""What a module computes, in the words of its declaration, for the head of its docstring."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

LONGEST = 140
MOST = 12
"""How many named steps are stated; a chain of thousands says how many more there are."""


def statement(expressions: Sequence[sp.Basic], definitions: Sequence[tuple[sp.Basic, sp.Basic]], reduce: str | None) -> str:
    """The declared expressions and what `where` names, one line each."""
    lines = [f"{reduce.capitalize()} over samples of" if reduce else "Value", *(f"    {_text(expression)}" for expression in expressions)]
    if definitions:
        lines += ["where", *(f"    {_text(left)} = {_text(right)}" for left, right in definitions[:MOST])]
    if len(definitions) > MOST:
        lines.append(f"    … and {len(definitions) - MOST} more")
    return "\n".join(lines)


def _text(expression: sp.Basic) -> str:
    try:
        text = " ".join(str(expression).split())
    except RecursionError:
        return "(nested too deeply to be printed)"
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"
