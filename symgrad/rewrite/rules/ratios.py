"""Rules for logarithms of ratios near one, for divergences of two numbers, and for differences of x log x."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.doubles import is_exact
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y


def _log_of_shifted_ratio(graph: Graph, ref: Ref) -> Ref | None:
    """log((a + c)/a) is log1p(c/a), and log(a + c) - log(a) where |a| is the smaller; log(a/(a + c)) is minus that; a may be a sum."""
    share = look.argument(graph, ref, "log")
    if share is not None and graph[share].calls("share"):
        a, c = graph.operands(share)
        return look.negative(graph, look.make(graph, "log_shifted_ratio", a, c)) if graph.constant_value(c) not in (None, ZERO) else None
    found = look.factors(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else None
    if found is None or found[0] != 1 or len(found[1]) != 2:
        return None
    for top, under in (found[1], found[1][::-1]):
        a = look.argument(graph, under, "reciprocal")
        shift = _shift(graph, top, a) if a is not None else ZERO
        if a is not None and look.is_number(shift) and shift != 0:
            return look.make(graph, "log_shifted_ratio", a, graph.constant(shift))
    return None


def _shift(graph: Graph, top: Ref, a: Ref) -> sp.Expr:
    """c where the row is a + c; 0 where it is none."""
    (more, parts), (less, own) = look.terms(graph, top) or (ZERO, []), look.terms(graph, a) or (ZERO, [])
    return more if parts == [(ONE, a)] else more - less if parts == own else ZERO


def _log_of_ratio(graph: Graph, ref: Ref) -> Ref | None:
    """log((c + a)/(c + b)), or log(a/b) of scalar inputs, by a - b; of one input what rounding loses of the ratio is put back."""
    found = look.factors(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else None
    if found is None or found[0] != 1 or len(found[1]) != 2 or len(graph.inputs_among(graph.live([ref.row]))) < 2:
        return None
    for top, reciprocal in (found[1], found[1][::-1]):
        under = look.argument(graph, reciprocal, "reciprocal")
        (more, parts), (less, own) = ((look.terms(graph, one) if one is not None else None) or (ZERO, []) for one in (top, under))
        if under is not None and more == less != 0:
            gap = look.flat_sum(graph, [*parts, *((-c, term) for c, term in own)])
            return look.make(graph, "log_ratio", top, under, gap)
        if under is not None and is_exact(graph, top) and is_exact(graph, under):
            return look.make(graph, "log_ratio", top, under, look.difference(graph, top, under))
    return None


def _base_of_xlogx(graph: Graph, ref: Ref) -> Ref | None:
    """a where the row is a log(a), which stands as (1 + u) log1p(u), too."""
    u = shapes.shifted_logarithm(graph, ref)
    return look.shifted(graph, u, ONE) if u is not None else look.argument(graph, ref, "xlogx")


def _difference_of_xlogx(graph: Graph, ref: Ref) -> Ref | None:
    """d (a + c) log(a + c) - d a log(a) inside a sum, c a number above 0."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    found = {k: base for k, (_, term) in enumerate(parts) if (base := _base_of_xlogx(graph, term)) is not None}
    for k, b in found.items():
        for m, a in found.items():
            shift = _shift(graph, b, a) if parts[k][0] == -parts[m][0] else ZERO
            if look.is_positive(shift):
                made = look.make(graph, "xlogx_gap", a, graph.constant(shift))
                return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], made)])
    return None


def _by_difference(graph: Graph, parts: list[look.Term], name: str) -> Iterator[tuple[int, Ref, Ref, Ref]]:
    """(place, a, b, a - b) of each term of a sum that is this function of the ratio a/b and is told the difference."""
    for k, (_, term) in enumerate(parts):
        if graph[term].calls(name):
            a, b, gap = graph.operands(term)
            yield k, a, b, gap


def _relative_entropy(graph: Graph, ref: Ref) -> Ref | None:
    """c a log(a/b) - c (a - b) inside a sum, where log(a/b) goes by a - b."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, a, b, gap in _by_difference(graph, parts, "xlogx_ratio"):
        c = parts[k][0]
        left = shapes.less(graph, constant, look.without(parts, k), -c, gap)
        if left is not None:
            return graph.sum(left[0], [*left[1], (c, look.make(graph, "relative_entropy", a, b, gap))])
    return None


def _from_mean(graph: Graph, ref: Ref) -> Ref | None:
    """sum a log(a/m) along labels, m the mean of a along these, is sum (a log(a/m) - a + m), also over m."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, operand in enumerate(operands) if over else ():
        beside = look.without(operands, k)
        for a, mean, others in _by_mean(graph, operand, over):
            if not any(set(over) & set(a.labels) & set(one.labels) for one in beside):
                made = look.make(graph, "relative_entropy", a, mean, look.difference(graph, a, mean))
                return graph.product(coefficient, [*beside, *others, made], over)
    return None


def _by_mean(graph: Graph, ref: Ref, over: list[Label]) -> Iterator[tuple[Ref, Ref, list[Ref]]]:
    """(a, m, factors) where a row is a log(a/m) or (a/m) log(a/m), m the mean of a along labels, the second with the factor 1/m."""
    if not graph[ref].calls("xlogx", "xlogy"):
        return
    first, *second = graph.operands(ref)
    coefficient, operands = look.factors(graph, second[0] if second else first) or (ONE, [])
    for k, mean in look.arguments(graph, operands, "reciprocal"):
        a = graph.product(coefficient, look.without(operands, k))
        if _is_mean(graph, mean, a, [label for label in over if label in a.labels]) and (not second or first == a):
            yield a, mean, [] if second else [operands[k]]


def _is_mean(graph: Graph, mean: Ref, a: Ref, over: list[Label]) -> bool:
    coefficient, total = look.scaled(graph, mean)
    number, factors = look.factors(graph, a) or (ONE, [a])
    return bool(over) and total == graph.product(ONE, factors, over) and coefficient * look.count(over) == number


def _itakura_saito(graph: Graph, ref: Ref) -> Ref | None:
    """c a/b - c log(a/b) - c, or c (a - b)/b - c log(a/b), inside a sum, where log(a/b) goes by a - b."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, a, b, gap in _by_difference(graph, parts, "log_ratio"):
        c, under = -parts[k][0], look.make(graph, "reciprocal", b)
        for (m, (d, other)), (above, left) in product(enumerate(parts), ((a, constant + c), (gap, constant))):
            ratio = shapes.ratio_of_products(graph, [other], [above, under]) if m != k else None
            if ratio is not None and d * ratio == c and (above == gap or left == 0):
                return graph.sum(left, [*look.without(parts, k, m), (c, look.make(graph, "itakura_saito", a, b, gap))])
    return None


RULES = (
    Rule("relative entropy", "sum", (1 + x) * sp.log((1 + x) / (1 + y)) - x + y, "relative_entropy(a, b, a - b) from a log(a/b) - a + b", "a/b > 0",
         "the three cancel in first order where a is close to b", _relative_entropy, (-1.0, 1e4), others=(0.75, 400.0),
         needs=heads("xlogx_ratio")),
    Rule("relative entropy of a mean", "product", None, "sum (a log(a/m) - a + m) from sum a log(a/m), m the mean of a", "a/m > 0",
         "logarithms of both signs cancel where all a are close", _from_mean, needs=heads("xlogx xlogy")),
    Rule("Itakura-Saito divergence", "sum", (1 + x) / (1 + y) - sp.log((1 + x) / (1 + y)) - 1, "itakura_saito(a, b, a - b) from a/b - log(a/b) - 1",
         "a/b > 0", "the three cancel in first order where a is close to b", _itakura_saito, (-1.0, 1e4), others=(0.75, 400.0),
         needs=heads("log_ratio")),
    Rule("log of a shifted ratio", "log", sp.log((x + 1) / x), "log1p(c/a), log(a + c) - log(a) where |a| < |c|", "(a + c)/a > 0",
         "the ratio rounds to 1 where a is large, and overflows where a is subnormal", _log_of_shifted_ratio, (0.0, 1e4)),
    Rule("log of a ratio", "log", sp.log((1 - x) / (1 - y)), "log_ratio(a, b, a - b) from log(a/b), where a and b have a number in common", "a/b > 0",
         "1 - p and 1 - q lose what p and q differ by", _log_of_ratio, (-1e4, 1.0), others=(0.75, -3.0, 1e-9)),
    Rule("difference of x log x", "sum", (x + 1) * sp.log(x + 1) - x * sp.log(x), "xlogx_gap(a, c) from (a + c) log(a + c) - a log(a)", "a >= 0",
         "the two agree in their first digits where a is large", _difference_of_xlogx, (0.0, 1e4), needs=heads("xlogx xlog1py")),
)
