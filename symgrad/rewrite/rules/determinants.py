"""Rules for logarithms of determinants, which overflow long before these do."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads

_POWERS = {"reciprocal": -ONE, "square": sp.Integer(2), "sqrt": look.HALF}


def _log_determinant(graph: Graph, ref: Ref) -> Ref | None:
    """log(c r det(A)^p |det(B)|^q ...) is log(c r s) + p log|det(A)| + q log|det(B)|, s being the signs of those to an odd power."""
    inside = look.argument(graph, ref, "log")
    coefficient, operands = (look.factors(graph, inside) or (ONE, [inside])) if inside is not None else (ONE, [])
    found = [(k, *one) for k, operand in enumerate(operands) if (one := _log_of_factor(graph, operand)) is not None]
    if not found:
        return None
    signs = [sign for _, _, sign in found if sign is not None]
    others = look.without(operands, *(k for k, _, _ in found))
    logs = [log for _, log, _ in found]
    if not others and len(found) == 1 and signs and look.is_positive(coefficient):
        return graph.sum(sp.expand_log(sp.log(coefficient)), [(logs[0][0], _algebra(graph, "logdet", _determinant(graph, operands[0])))])
    rest = graph.product(coefficient, [*others, *signs])
    number = graph.constant_value(rest)
    if number is None:
        return graph.sum(ZERO, [*logs, (ONE, look.make(graph, "log", rest))])
    return graph.sum(sp.expand_log(sp.log(number)), logs) if look.is_positive(number) else None


def _log_of_factor(graph: Graph, ref: Ref) -> tuple[look.Term, Ref | None] | None:
    """(p, log|det(A)|) for det(A)^p and for |det(A)|^p, and the sign of the former for an odd p; (p, log(a)) for a^p, p no whole number, of a
    product with a determinant."""
    power, base = _power(graph, ref)
    if not power.is_integer:
        _, operands = look.factors(graph, base) or (ONE, [base])
        has_one = any(_determinant(graph, operand) is not None for operand in operands)
        return ((power, look.make(graph, "log", base)), None) if has_one else None
    det = _determinant(graph, base)
    if det is None:
        return None
    sign = _algebra(graph, "detsign", det) if power.is_odd and det == base else None
    return (power, _algebra(graph, "logabsdet", det)), sign


def _power(graph: Graph, ref: Ref) -> tuple[sp.Expr, Ref]:
    """(p, a) where the row is a^p with a number p."""
    row = graph[ref]
    if row.op != "map" or row.payload[0] not in (*_POWERS, "power"):
        return ONE, ref
    return _POWERS.get(row.payload[0], row.payload[-1]), graph.operands(ref)[0]


def _determinant(graph: Graph, ref: Ref) -> Ref | None:
    """The determinant that the row, one of its powers or its size is."""
    _, base = _power(graph, ref)
    absolute = look.argument(graph, base, "abs")
    det = base if absolute is None else absolute
    return det if graph[det].op == "det" else None


def _algebra(graph: Graph, op: str, det: Ref) -> Ref:
    """Another function of the matrix than its determinant."""
    (matrix,) = graph.operands(det)
    return graph.linear_algebra(op, matrix, [label for label in matrix.labels if label not in det.labels])


RULES = (
    Rule("log determinant", "log", None, "log(c r sign(det(A))) + p slogdet(A) from log(c r det(A)^p), for several determinants as well", "r det(A)^p > 0",
         "a determinant overflows long before its logarithm", _log_determinant, needs=heads("det reciprocal square sqrt power abs product")),
)
