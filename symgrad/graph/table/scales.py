"""Powers of two that rules take out of sums; any other number would do, so they have no slope."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.function import Function


def _out(name: str, arity: int, source: str) -> Function:
    arguments = ", ".join(f"{{{k}}}" for k in range(arity))
    return Function(name, f"_{name}({arguments})", arity=arity, cost=3, scalar=None, words=sp.Function(name), needs=f"special:{name}",
                    differentiable=False, finite=True, source=source)


ENTRIES: tuple[Function, ...] = (
    _out("binary_exponent", 1, "the exponent of a factor, kept apart where factors are multiplied"),
    _out("two_to", 1, "what exponents that were kept apart come to"),
    _out("coarse_exponent", 1, "the exponent of a sum, 0 where nothing can overflow or vanish"),
    _out("far_exponent", 1, "the exponent of a number in steps, 0 where it is neither large nor small"),
    _out("power_scale", 3, "the base whose power leads a sum of powers, 1 where nothing can overflow or vanish"),
)

NAMES = frozenset(entry.name for entry in ENTRIES)
