"""Rules for sums and quotients of exponentials: log-sum-exp, softmax, expm1, the hyperbolic functions."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, h, x

E, E_ = sp.exp(x), sp.exp(-x)


def sum_over_labels(graph: Graph, ref: Ref) -> tuple[Ref, list[Label]] | None:
    """(a, labels) where the row is the sum over labels of c exp(a), or of products of exponentials, c > 0."""
    found = look.opened(graph, ref)
    if found is None or len(found[1]) != 1 or not found[2]:
        return None
    coefficient, [inner], over = found
    single = look.exponential(graph, inner)
    if single is None or single[1] is None or not look.is_positive(coefficient * single[0]):
        return None
    exponent = look.shifted(graph, single[1], sp.log(coefficient * single[0]))
    return (exponent, over) if set(over) <= set(exponent.labels) else None


def log_of_sum(graph: Graph, ref: Ref) -> Ref | None:
    """log of a sum of exponentials, over labels or of a few terms with positive coefficients."""
    coefficient, inner = look.scaled(graph, ref)
    over = sum_over_labels(graph, inner)
    if over is not None and look.is_positive(coefficient):
        return look.shifted(graph, graph.reduce("logsumexp", *over), sp.log(coefficient))
    parts = _logarithms(graph, ref)
    if parts is None or len(parts) < 2 or look.argument(graph, inner, "cosh") is not None:
        return None
    result = parts[0]
    for other in parts[1:]:
        result = look.make(graph, "logaddexp", result, other)
    return result


def _logarithms(graph: Graph, ref: Ref) -> list[Ref] | None:
    """The logarithms of the terms of a sum of exponentials, each positive."""
    found = look.terms(graph, ref)
    parts: list[Ref] = []
    rest = []
    for coefficient, term in found[1] if found is not None else ():
        over = sum_over_labels(graph, term)
        if over is None:
            rest.append((coefficient, term))
        elif look.is_positive(coefficient):
            parts.append(look.shifted(graph, graph.reduce("logsumexp", *over), sp.log(coefficient)))
        else:
            return None
    inner = graph.sum(found[0], rest) if found is not None else ref
    if graph.constant_value(inner) != 0:
        spread = look.exponentials(graph, inner)
        if spread is None or not all(look.is_positive(c) for c, _ in spread):
            return None
        parts += [graph.constant(sp.log(c)) if a is None else look.shifted(graph, a, sp.log(c)) for c, a in spread]
    return parts


def _log_sum_exp(graph: Graph, ref: Ref) -> Ref | None:
    inside = look.argument(graph, ref, "log")
    return log_of_sum(graph, inside) if inside is not None else None


def _reciprocal_of_sum(graph: Graph, ref: Ref) -> Ref | None:
    inside = look.argument(graph, ref, "reciprocal")
    log = log_of_sum(graph, inside) if inside is not None else None
    return look.make(graph, "exp", look.negative(graph, log)) if log is not None else None


def _quotient(graph: Graph, ref: Ref) -> Ref | None:
    """exp(a) exp(-logsumexp(b)) inside a product is exp(a - logsumexp(b))."""
    found = look.opened(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, m, merged in _mergeable(graph, operands):
        return graph.product(coefficient, [*look.without(operands, k, m), merged], over)
    return None


def _mergeable(graph: Graph, operands: list[Ref]) -> Iterator[tuple[int, int, Ref]]:
    rows = look.arguments(graph, operands, "exp")
    for position, (k, first) in enumerate(rows):
        for m, second in rows[position + 1:]:
            if _has_logs(graph, first) or _has_logs(graph, second):
                yield k, m, look.make(graph, "exp", graph.sum(ZERO, [(ONE, first), (ONE, second)]))


def _has_logs(graph: Graph, ref: Ref) -> bool:
    """Merging pays where an exponent is minus a log-sum-exp, the quotient of a softmax, or minus an exponential."""
    row = graph[look.scaled(graph, ref)[1]]
    return row.op == "logsumexp" or row.payload in (("logaddexp",), ("exp",))


def _expm1(graph: Graph, ref: Ref) -> Ref | None:
    """c exp(a) - c inside a sum is c expm1(a)."""
    found = look.terms(graph, ref)
    if found is None or found[0] == 0:
        return None
    constant, parts = found
    for k, (coefficient, term) in enumerate(parts):
        single = look.exponential(graph, term)
        if single is not None and single[1] is not None and coefficient * single[0] == -constant:
            return graph.sum(ZERO, [*look.without(parts, k), (-constant, look.make(graph, "expm1", single[1]))])
    return None


def _hyperbolic(graph: Graph, ref: Ref) -> Ref | None:
    """c exp(a) - c exp(-a) inside a sum is 2c sinh(a); with a plus, 2c cosh(a)."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    constant, parts = found
    singles = [(k, c * single[0], single[1]) for k, (c, term) in enumerate(parts)
               if (single := look.exponential(graph, term)) is not None and single[1] is not None]
    for position, (k, c, a) in enumerate(singles):
        for m, other, b in singles[position + 1:]:
            if abs(c) == abs(other) and look.are_opposite(graph, a, b):
                up = a if c == other or c > 0 else b
                function = look.make(graph, "cosh" if c == other else "sinh", up)
                return graph.sum(constant, [*look.without(parts, k, m), (2 * (c if c == other else abs(c)), function)])
    return None


def _reciprocal_scale(graph: Graph, ref: Ref) -> Ref | None:
    """1/(c a) is (1/c) (1/a), so that patterns need not look for numbers."""
    inside = look.argument(graph, ref, "reciprocal")
    if inside is None:
        return None
    coefficient, inner = look.scaled(graph, inside)
    if coefficient == 1 or not look.is_number(coefficient):
        return None
    return look.times(graph, 1 / coefficient, look.make(graph, "reciprocal", inner))


def _reciprocal_hyperbolic(graph: Graph, ref: Ref) -> Ref | None:
    """1/cosh(a) is sech(a), 1/sinh(a) is csch(a): their slopes do not multiply 0 by infinity."""
    inside = look.argument(graph, ref, "reciprocal")
    for name, other in (("cosh", "sech"), ("sinh", "csch")):
        a = look.argument(graph, inside, name)
        if a is not None:
            return look.make(graph, other, a)
    return None


def _tanh_from_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """sinh(a)/cosh(a) is tanh(a), and expm1(a) logistic(-a) is tanh(a/2), inside a product."""
    found = look.opened(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, m, merged in _tanhs(graph, operands):
        return graph.product(coefficient, [*look.without(operands, k, m), merged], over)
    return None


def _tanhs(graph: Graph, operands: list[Ref]) -> Iterator[tuple[int, int, Ref]]:
    for k, a in look.arguments(graph, operands, "sinh"):
        for m, b in look.arguments(graph, operands, "sech"):
            if a == b or look.are_opposite(graph, a, b):
                yield k, m, look.make(graph, "tanh", a)
    for k, a in look.arguments(graph, operands, "expm1"):
        for m, b in look.arguments(graph, operands, "logistic"):
            if look.are_opposite(graph, a, b):
                yield k, m, look.make(graph, "tanh", look.times(graph, HALF, a))


RULES = (
    Rule("log-sum-exp", "log", sp.log(E + sp.exp(2 * x) + 3), "logsumexp(a)", "all a", "the largest term is taken out first", _log_sum_exp),
    Rule("scale of a reciprocal", "reciprocal", 1 / h, "(1/c) (1/a)", "all a", "numbers stand outside", _reciprocal_scale,
         where=((h, 2 * sp.cosh(x)),)),
    Rule("reciprocal hyperbolic", "reciprocal", 1 / sp.cosh(x), "sech(a), csch(a)", "all a", "the slope is 0 * inf where cosh overflows",
         _reciprocal_hyperbolic),
    Rule("reciprocal of exponentials", "reciprocal", 1 / (E + sp.exp(2 * x) + 3), "exp(-logsumexp(a))", "all a", "the sum overflows at 710",
         _reciprocal_of_sum),
    Rule("quotient of exponentials", "product", E / (E + sp.exp(2 * x) + 3), "exp(a - logsumexp(b))", "all a, b", "inf * 0 where the first overflows",
         _quotient),
    Rule("expm1", "sum", 3 * (E - 1), "c expm1(a) from c exp(a) - c", "all a", "exp(a) - 1 cancels near 0", _expm1, (-1e4, 700.0)),
    Rule("sinh and cosh", "sum", (E - E_) / 2, "2c sinh(a), 2c cosh(a)", "all a", "exp(a) - exp(-a) cancels near 0", _hyperbolic, (-700.0, 700.0)),
    Rule("tanh by exponentials", "product", (E - E_) / (E + E_), "tanh(a)", "all a", "inf/inf where exp overflows", _tanh_from_quotient),
)


