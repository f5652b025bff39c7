"""Rules for determinants, which overflow long before their logarithms do."""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads
from symgrad.rewrite.rules.shapes import Apart, in_one_exponent, number_power


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
    """Of a power of a determinant or of its size, and of a^p, p no whole number and a a product with one, which has to be above 0."""
    found = _power(graph, ref)
    if found is None:
        base, power = number_power(graph, ref)
        _, operands = look.factors(graph, base) or (ONE, [])
        has_one = not power.is_integer and any(_power(graph, operand) is not None for operand in operands)
        return _Logarithm((power, look.make(graph, "log", base))) if has_one else None
    det, power, domain = found
    whole, size = ((power, _algebra(graph, name, det)) for name in ("logdet", "logabsdet"))
    if domain is not _Domain.ODD:
        return _Logarithm(size if domain is _Domain.ALL else whole)
    sign = _algebra(graph, "detsign", det)  # one over the sign is infinite where the power is
    return _Logarithm(size, sign if power > 0 else look.make(graph, "reciprocal", sign), whole)


class _Domain(Enum):
    """Of a power of a determinant: it is that of its size, it has its sign, or it is none where the determinant is below 0."""

    ALL, ODD, POSITIVE = range(3)


def _power(graph: Graph, ref: Ref) -> tuple[Ref, sp.Expr, _Domain] | None:
    """(det(A), p, where) of a row that is det(A)^p or |det(A)|^p, powers of powers opened."""
    if graph[ref].op == "det":
        return ref, ONE, _Domain.ODD
    absolute = look.argument(graph, ref, "abs")
    base, power = (absolute, ONE) if absolute is not None else number_power(graph, ref)
    inner = _power(graph, base) if base != ref else None
    if inner is None:
        return None
    det, own, domain = inner
    if domain is _Domain.ODD and (absolute is not None or power.is_even):
        domain = _Domain.ALL
    return det, own * power, _Domain.POSITIVE if domain is _Domain.ODD and not power.is_integer else domain


def _apart(graph: Graph, ref: Ref) -> Apart | None:
    """A power of a determinant as its sign and an exponential."""
    log = _log_of_factor(graph, ref)
    return Apart(ONE, log.sign or graph.constant(ONE), look.times(graph, *log.size)) if log is not None else None


def _algebra(graph: Graph, op: str, det: Ref) -> Ref:
    """Another function of the matrix than its determinant."""
    (matrix,) = graph.operands(det)
    return graph.linear_algebra(op, matrix, [label for label in matrix.labels if label not in det.labels])


BESIDE_EXPONENTIALS = (
    Rule("determinant beside an exponential", "product", None, "w sign(det(A)) exp(a + p slogdet(A)) from w det(A)^p exp(a)",
         "where the power exists", "a determinant leaves the range where an exponential takes it back", partial(in_one_exponent, _apart, 1),
         needs=heads("det reciprocal square sqrt power abs")),
)
"""Before maxima are taken out of exponents."""

RULES = (
    Rule("log determinant", "log", None, "log(c r sign(det(A))) + p slogdet(A) from log(c r det(A)^p), also of several",
         "r det(A)^p > 0", "a determinant overflows long before its logarithm", _log_determinant,
         needs=heads("det reciprocal square sqrt power abs product")),
)
