"""Rules for determinants, which overflow long before their logarithms do."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads
from symgrad.rewrite.rules.shapes import number_power

_POWERS = ("reciprocal", "square", "sqrt", "power", "pow", "abs")


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
    if graph[ref].calls("pow"):
        return _log_of_moving_power(graph, *graph.operands(ref))
    found = _power(graph, ref)
    if found is None:
        base, power = number_power(graph, ref)
        _, operands = look.factors(graph, base) or (ONE, [])
        has_one = not power.is_integer and any(_power(graph, operand) is not None for operand in operands)
        return _Logarithm((power, _logarithm(graph, base))) if has_one else None
    det, power, domain = found
    whole, size = ((power, _algebra(graph, name, det)) for name in ("logdet", "logabsdet"))
    if domain is not _Domain.ODD:
        return _Logarithm(size if domain is _Domain.ALL else whole)
    sign = _algebra(graph, "detsign", det)  # one over the sign is infinite where the power is
    return _Logarithm(size, sign if power > 0 else look.make(graph, "reciprocal", sign), whole)


def _logarithm(graph: Graph, ref: Ref) -> Ref:
    """log(a), in logarithms of determinants where it may be: others ask for it before they settle what they make of it."""
    log = look.make(graph, "log", ref)
    return _log_determinant(graph, log) or log


def _log_of_moving_power(graph: Graph, base: Ref, exponent: Ref) -> _Logarithm | None:
    if graph[base].op != "det":
        return None
    return _Logarithm((ONE, graph.product(ONE, [exponent, _algebra(graph, "logabsdet", base)])), _sign_of(graph, base, exponent))


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


def log_of_power(graph: Graph, ref: Ref) -> Ref | None:
    """The logarithm of a power of a determinant that is above 0, or none."""
    row = graph[ref]
    log = _log_of_factor(graph, ref) if row.op == "map" and row.payload[0] in _POWERS else None
    return look.times(graph, *log.size) if log is not None and log.sign is None else None


def _algebra(graph: Graph, op: str, det: Ref) -> Ref:
    """Another function of the matrix than its determinant."""
    (matrix,) = graph.operands(det)
    return graph.linear_algebra(op, matrix, [label for label in matrix.labels if label not in det.labels])


def _sign_of_power(graph: Graph, ref: Ref) -> Ref | None:
    """The sign of det(A)^e is that of the determinant's sign to this power."""
    base, exponent = graph.operands(ref)
    return _sign_of(graph, base, exponent) if graph[base].op == "det" else None


def _sign_of(graph: Graph, det: Ref, exponent: Ref) -> Ref:
    return look.make(graph, "power_sign", _algebra(graph, "detsign", det), exponent)


RULES = (
    Rule("sign of a power of a determinant", "power_sign", None, "power_sign(sign(det(A)), e)", "all e",
         "a determinant may underflow, its sign does not", _sign_of_power, needs=heads("det")),
    Rule("log determinant", "log", None, "log(c r sign(det(A))) + p slogdet(A) from log(c r det(A)^p), also of several",
         "r det(A)^p > 0", "a determinant overflows long before its logarithm", _log_determinant,
         needs=heads("det reciprocal square sqrt power pow abs product")),
)
