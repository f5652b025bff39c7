"""Rules for logarithms of determinants, which overflow long before these do."""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads
from symgrad.rewrite.rules.shapes import number_power


class _Logarithm(NamedTuple):
    """(p, log|a|) of a factor a^p; its sign, where that may be below 0, and (p, log(a)), which is nan then."""

    size: look.Term
    sign: Ref | None = None
    whole: look.Term | None = None


def _log_determinant(graph: Graph, ref: Ref) -> Ref | None:
    """log(c r det(A)^p |det(B)|^q ...) is log(c r s) + p log|det(A)| + q log|det(B)|, s being the signs of those to an odd power."""
    inside = look.argument(graph, ref, "log")
    coefficient, operands = (look.factors(graph, inside) or (ONE, [inside])) if inside is not None else (ONE, [])
    found = {k: log for k, operand in enumerate(operands) if (log := _log_of_factor(graph, operand)) is not None}
    if not found:
        return None
    logs, (first, *_) = [log.size for log in found.values()], found.values()
    rest = graph.product(coefficient, [*look.without(operands, *found), *(log.sign for log in found.values() if log.sign is not None)])
    if len(operands) == 1 and first.whole is not None:
        rest, logs = graph.constant(coefficient), [first.whole]
    number = graph.constant_value(rest)
    if number is None:
        return graph.sum(ZERO, [*logs, (ONE, look.make(graph, "log", rest))])
    return graph.sum(sp.expand_log(sp.log(number)), logs) if look.is_positive(number) else None


def _log_of_factor(graph: Graph, ref: Ref) -> _Logarithm | None:
    """Of det(A)^p and |det(A)|^p, and of a^p, p no whole number and a a product with a determinant, which has to be above 0."""
    base, power = number_power(graph, ref)
    if not power.is_integer:
        _, operands = look.factors(graph, base) or (ONE, [base])
        has_one = any(_determinant(graph, operand) is not None for operand in operands)
        return _Logarithm((power, look.make(graph, "log", base))) if has_one else None
    det = _determinant(graph, base)
    if det is None:
        return None
    size = power, _algebra(graph, "logabsdet", det)
    if power.is_even or det != base:
        return _Logarithm(size)
    sign = _algebra(graph, "detsign", det)  # one over the sign is infinite where the power is
    return _Logarithm(size, sign if power > 0 else look.make(graph, "reciprocal", sign), (power, _algebra(graph, "logdet", det)))


def _determinant(graph: Graph, ref: Ref) -> Ref | None:
    """The determinant that the row, one of its powers or its size is."""
    base, _ = number_power(graph, ref)
    absolute = look.argument(graph, base, "abs")
    det = base if absolute is None else absolute
    return det if graph[det].op == "det" else None


def _algebra(graph: Graph, op: str, det: Ref) -> Ref:
    """Another function of the matrix than its determinant."""
    (matrix,) = graph.operands(det)
    return graph.linear_algebra(op, matrix, [label for label in matrix.labels if label not in det.labels])


RULES = (
    Rule("log determinant", "log", None, "log(c r sign(det(A))) + p slogdet(A) from log(c r det(A)^p), also of several",
         "r det(A)^p > 0", "a determinant overflows long before its logarithm", _log_determinant,
         needs=heads("det reciprocal square sqrt power abs product")),
)
