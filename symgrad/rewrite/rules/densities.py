"""Rules for logarithms of densities: products with gamma and Bessel functions and with powers whose exponents move.

log(w f) is log|f| + log(w sign(f)), so that what overflows or vanishes in f does no harm, and the domain stays what it was.
"""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.bessel import bessel, log_of_bessel
from symgrad.rewrite.rules.logarithms import factor_log, log_of_size
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x
from symgrad.rewrite.rules.weighted import parts_of_share

SMALLEST = 1e-300
"""SciPy's loggamma overflows next to the smallest doubles, as gamma itself does."""


class _Steep(NamedTuple):
    """The logarithm of a factor's size, the factors that have its sign, and its logarithm where a single row is that (no number below 0)."""

    log: Ref
    signs: list[Ref]
    whole: Ref | None = None


def _steep(graph: Graph, ref: Ref) -> _Steep | None:
    """A gamma function, a power whose exponent is no number, or a product of some over an index; also one over such."""
    below = look.argument(graph, ref, "reciprocal")
    if below is not None:
        found = _steep(graph, below)
        return _over(graph, found) if found is not None else None
    if graph[ref].op == "prod":
        return _over_an_index(graph, ref)
    a = look.argument(graph, ref, "gamma")
    if a is not None:
        return _Steep(look.make(graph, "loggamma", a), [look.make(graph, "gamma_sign", a)], look.make(graph, "log_gamma", a))
    return _bessel(graph, ref) or _one_over_expm1(graph, ref) or _power(graph, ref)


def _one_over_expm1(graph: Graph, ref: Ref) -> _Steep | None:
    """1/(exp(a) - 1) where the sign of a is plain; a may be an exponential that underflows."""
    a = look.argument(graph, ref, "bose_einstein")
    if a is None:
        return None
    size = next((one for one in (a, look.negative(graph, a)) if look.is_plainly_positive(graph, one)), None)
    if size is None:
        return None
    inner = look.argument(graph, size, "exp")
    log = look.make(graph, "log1mexp", size) if inner is None else look.make(graph, "log_cloglog", inner)
    return _Steep(graph.sum(ZERO, [(-ONE, log), (-ONE, a)]), []) if size == a else _Steep(look.negative(graph, log), [graph.constant(-ONE)])


def _over(graph: Graph, found: _Steep) -> _Steep:
    """Of one over a factor."""
    signs = [look.make(graph, "reciprocal", one) for one in found.signs]
    return _Steep(look.negative(graph, found.log), signs, look.negative(graph, found.whole) if found.whole is not None else None)


def _bessel(graph: Graph, ref: Ref) -> _Steep | None:
    found = bessel(graph, ref)
    return _Steep(*log_of_bessel(graph, found)) if found is not None else None


def _power(graph: Graph, ref: Ref) -> _Steep | None:
    """b^a, or (1 + u)^a; factors of b that have simple logarithms are above 0."""
    row = graph[ref]
    if not row.calls("pow", "compound", "compound_exp", "power_by_log"):
        return None
    known = factor_log(graph, ref)
    if known is not None:
        return _Steep(look.times(graph, *known), [])
    first, exponent = graph.operands(ref)
    base = look.shifted(graph, first, ONE) if row.calls("compound") else first
    coefficient, operands = look.factors(graph, base) or (ONE, [base])
    simple = {k: log for k, operand in enumerate(operands) if (log := factor_log(graph, operand)) is not None}
    rest = graph.product(coefficient, look.without(operands, *simple)) if simple else base
    positive = look.is_plainly_positive(graph, rest)
    size, signed = (look.make(graph, "log", rest), rest) if positive else _size(graph, rest)
    total = graph.sum(ZERO, [(ONE, graph.product(c, [exponent, log])) for c, log in (*simple.values(), (ONE, size))])
    return _Steep(total, [] if positive else [look.make(graph, "power_sign", signed, exponent)])


def _size(graph: Graph, ref: Ref) -> tuple[Ref, Ref]:
    """log|b|, and a row of its sign; of a share a/(a + b) they are -log|1 + b/a|, which keeps its digits next to 1, and 1 + b/a."""
    if not graph[ref].calls("share"):
        return log_of_size(graph, ref), ref
    a, b = graph.operands(ref)
    found = parts_of_share(graph, ref)
    ratio = found.ratio if found is not None else graph.product(ONE, [b, look.make(graph, "reciprocal", a)])
    whole = graph.sum(ONE, [(ONE, ratio)])
    size = log_of_size(graph, whole)
    if found is None:
        return look.negative(graph, size), whole
    large = graph.sum(ZERO, [(ONE, found.top), (ONE, log_of_size(graph, found.scaled))])
    return look.negative(graph, graph.select(found.is_small, size, large)), graph.select(found.is_small, whole, found.scaled)


def _over_an_index(graph: Graph, ref: Ref) -> _Steep | None:
    """prod f: the logarithms of what is steep in f are added up, the rest of f stays a product."""
    (inner,) = graph.operands(ref)
    over = [label for label in inner.labels if label not in ref.labels]
    parts = _parts(graph, inner) if not look.has_factor(graph, inner, "two_to") else None
    if parts is None:
        return None
    log, rest = _split(graph, *parts)
    return _Steep(graph.product(ONE, [log], over), [graph.reduce("prod", rest, over)]) if set(over) <= set(log.labels) else None


def _split(graph: Graph, steep: list[_Steep], coefficient: sp.Expr, others: list[Ref]) -> tuple[Ref, Ref]:
    """(log|f|, w sign(f)) of a row w f whose steep factors f are."""
    log = graph.sum(ZERO, [(ONE, found.log) for found in steep])
    return log, graph.product(coefficient, [*others, *(sign for found in steep for sign in found.signs)])


def _parts(graph: Graph, ref: Ref) -> tuple[list[_Steep], sp.Expr, list[Ref]] | None:
    """The steep factors of a row; its number and its other factors.  None where there are none, or it reads what it is made of."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [ref], [])
    steep = {k: found for k, operand in enumerate(operands) if (found := _steep(graph, operand)) is not None}
    return (list(steep.values()), coefficient, look.without(operands, *steep)) if steep and not over else None


def _log(graph: Graph, ref: Ref) -> Ref | None:
    inside = look.argument(graph, ref, "log")
    parts = _parts(graph, inside) if inside is not None else None
    if parts is None:
        return None
    log, rest = _one_signed(graph, *parts) or _split(graph, *parts)
    number = graph.constant_value(rest)
    if number is not None and not look.is_positive(number):
        return None
    return graph.sum(ZERO, [(ONE, log), (ONE, graph.constant(sp.log(number)) if number is not None else look.make(graph, "log", rest))])


def _rising(graph: Graph, ref: Ref) -> Ref | None:
    """c loggamma(a + d) - c loggamma(a) inside a sum, d with fewer terms than a + d."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    gammas = look.arguments(graph, [term for _, term in parts], "loggamma")
    if len(gammas) < 2 or not look.is_of_several(graph, ref):
        return None
    for (k, b), (m, a) in permutations(gammas, 2):
        gap = look.flat_sum(graph, [(ONE, b), (-ONE, a)]) if parts[k][0] == -parts[m][0] else b
        if _count(graph, gap) < _count(graph, b) and _count(graph, a) <= _count(graph, b):
            made = look.make(graph, "log_rising", a, gap)
            return graph.sum(constant, [*look.without(parts, k, m), (parts[k][0], made)])
    return None


def _count(graph: Graph, ref: Ref) -> int:
    """The terms of a row."""
    if graph.constant_value(ref) is not None:
        return 0
    constant, parts = look.terms(graph, ref) or (ZERO, [(ONE, ref)])
    return len(parts) + (constant != 0)


def _log_of_sum(graph: Graph, ref: Ref) -> Ref | None:
    """log(sum w f) is log(sum w sign(f) exp(log|f|)), whose exponentials have rules of their own."""
    inside = look.argument(graph, ref, "log")
    constant, terms = (look.terms(graph, inside) or (ZERO, [(ONE, inside)])) if inside is not None else (ZERO, [])
    moved = [(c, _by_logarithm(graph, term)) for c, term in terms]
    if all(found is None for _, found in moved):
        return None
    rows = [(c, term if found is None else found) for (c, term), (_, found) in zip(terms, moved, strict=True)]
    return look.make(graph, "log", graph.sum(constant, rows))


def _factorial(graph: Graph, ref: Ref) -> Ref | None:
    """a! is gamma(a + 1)."""
    return look.make(graph, "gamma", look.shifted(graph, graph.operands(ref)[0], ONE))


def _by_logarithm(graph: Graph, ref: Ref) -> Ref | None:
    """sum w f as sum w sign(f) exp(log|f|)."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    steep = {k: found for k, operand in enumerate(operands) if (found := _steep(graph, operand)) is not None} if over else {}
    if not steep or look.reads(graph, operands):
        return None
    steep |= {k: _Steep(a, []) for k, a in look.arguments(graph, operands, "exp")}
    log, rest = _split(graph, list(steep.values()), coefficient, look.without(operands, *steep))
    return graph.product(ONE, [rest, look.make(graph, "exp", log)], over)


def is_gamma(graph: Graph, ref: Ref) -> bool:
    """Whether a factor overflows soon: a gamma or Bessel function, one over such, or an exponential."""
    inside = look.argument(graph, ref, "reciprocal")
    found = inside if inside is not None else ref
    return graph[found].calls("gamma") or _bessel(graph, found) is not None or look.exponential(graph, ref) is not None


def _one_signed(graph: Graph, steep: list[_Steep], coefficient: sp.Expr, others: list[Ref]) -> tuple[Ref, Ref] | None:
    """(log f, w) where w is above 0 and a single factor of f, whose logarithm is one row, may be below."""
    rest, signed = graph.product(coefficient, others), [found for found in steep if found.signs]
    if len(signed) != 1 or signed[0].whole is None or not look.is_plainly_positive(graph, rest):
        return None
    return graph.sum(ZERO, [(ONE, found.log if found.whole is None else found.whole) for found in steep]), rest


RULES = (
    Rule("factorial", "factorial", sp.factorial(x), "gamma(a + 1) from a!", "all a but -1, -2, ...", "gamma functions have rules and expansions",
         _factorial, (SMALLEST, 170.0)),
    Rule("log of a density", "log", sp.log(sp.gamma(x)), "log|f| + log(w sign(f)) from log(w f), f a gamma function or a power",
         "w f > 0", "gamma functions overflow at 171, and powers soon", _log, (SMALLEST, 1e4)),
)
OF_SUMS = (
    Rule("difference of loggammas", "sum", None, "log_rising(a, d) from loggamma(a + d) - loggamma(a)", "a, a + d > 0",
         "the two agree in their first digits where a is large", _rising, needs=heads("loggamma")),
    Rule("log of a sum of densities", "log", None, "log(sum w sign(f) exp(log|f|)) from log(sum w f)", "sum w f > 0",
         "all terms of a mixture may vanish or overflow", _log_of_sum, needs=heads("product sum")),
)
