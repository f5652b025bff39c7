"""Rules for sums and quotients of exponentials: log-sum-exp, softmax, expm1."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO, Exponential
from symgrad.rewrite.rules.rule import MOST_TERMS, Rule, h, heads, x, y

E = sp.exp(x)

def _sum_over_labels(graph: Graph, ref: Ref) -> tuple[Ref, list[Label]] | None:
    """(a, labels) where the row is the sum over labels of c exp(a), or of products of exponentials, c > 0, masked ones too."""
    found = look.opened(graph, ref)
    if found is None or len(found[1]) != 1 or not found[2]:
        return None
    coefficient, [inner], over = found
    single = _exponential(graph, inner) or _chosen(graph, inner)
    if single is None or single[1] is None or not look.is_positive(coefficient * single[0]):
        return None
    exponent = look.shifted(graph, single[1], sp.log(coefficient * single[0]))
    return (exponent, over) if set(over) <= set(exponent.labels) else None


def _exponential(graph: Graph, ref: Ref) -> Exponential | None:
    """c exp(a), powers of sums of exponentials among its factors."""
    single = look.exponential(graph, ref)
    if single is not None:
        return single
    coefficient, operands = look.factors(graph, ref) or (ONE, [ref])
    exponents = [_exponent(graph, operand) for operand in operands]
    known = [(ONE, a) for a in exponents if a is not None]
    return (coefficient, graph.sum(ZERO, known)) if len(known) == len(operands) else None


def _exponent(graph: Graph, ref: Ref) -> Ref | None:
    """a where the row is exp(a), by itself or as a power of a sum of exponentials."""
    own = look.argument(graph, ref, "exp")
    return own if own is not None else log_of_sum_to_a_power(graph, ref)


def log_of_sum_to_a_power(graph: Graph, ref: Ref) -> Ref | None:
    """b log(sum exp(a)) where the row is (sum exp(a))^b, also where the sum is read by an index."""
    if not graph[ref].calls("pow"):
        return None
    base, exponent = graph.operands(ref)
    reading = look.reading(graph, base)
    log = log_of_sum(graph, reading.read if reading is not None else base)
    if log is None:
        return None
    return graph.product(ONE, [exponent, graph.product(ONE, [log, *reading.hots], reading.over) if reading is not None else log])


def _chosen(graph: Graph, ref: Ref) -> Exponential | None:
    """An exponential where a condition holds and 0 elsewhere, where its exponent is -inf."""
    if not graph[ref].calls("select"):
        return None
    condition, yes, no = graph.operands(ref)
    single, never = look.exponential(graph, yes), graph.constant(-sp.oo)
    if single is None or single[1] is None or graph.constant_value(no) != 0:
        return None
    return single[0], graph.select(condition, single[1], never)


def _positive_terms(graph: Graph, ref: Ref) -> list[Exponential] | None:
    """A sum of c exp(a), c > 0, of sums of exponentials over labels, and of their powers, a being their logarithm there; None for another."""
    found = look.terms(graph, ref)
    sums: list[Exponential] = []
    rest = []
    for coefficient, term in found[1] if found is not None else ((ONE, ref),):
        scale, bare = look.scaled(graph, term)
        over = _sum_over_labels(graph, bare)
        log = graph.reduce("logsumexp", *over) if over is not None else log_of_sum_to_a_power(graph, bare)
        if log is None:
            rest.append((coefficient, term))
        else:
            sums.append((coefficient * scale, log))
    inner = graph.sum(found[0] if found is not None else ZERO, rest)
    spread = look.exponentials(graph, inner) if graph.constant_value(inner) != 0 else []
    if spread is None or not all(look.is_positive(c) for c, _ in [*sums, *spread]):
        return None
    return [*sums, *spread]


def _alike(parts: list[Exponential]) -> sp.Expr | None:
    """The coefficient that all terms have in common."""
    return parts[0][0] if len({c for c, _ in parts}) == 1 else None


def _listed(graph: Graph, name: str, parts: list[Exponential]) -> Ref:
    zero = graph.constant(ZERO)
    return look.make(graph, name, *(one for c, a in parts for one in (graph.constant(c), zero if a is None else a)))


def log_of_terms(graph: Graph, parts: list[Exponential]) -> Ref:
    """log of a sum of c exp(a)."""
    if len(parts) == 1:
        c, a = parts[0]
        return graph.constant(sp.log(c)) if a is None else look.shifted(graph, a, sp.log(c))
    if len(parts) > MOST_TERMS:
        return log_of_terms(graph, [(ONE, log_of_terms(graph, parts[:MOST_TERMS])), *parts[MOST_TERMS:]])
    exponents, common = [a for _, a in parts], _alike(parts)
    if len(parts) == 2 and common is not None and None in exponents:
        (a,) = [a for a in exponents if a is not None]
        return look.shifted(graph, look.make(graph, "softplus", a), sp.log(common))
    if len(parts) == 2 and common == 1:
        return look.make(graph, "logaddexp", *exponents)  # type: ignore[arg-type]
    return _listed(graph, "log_exp_sum", parts)


def reciprocal_of_terms(graph: Graph, parts: list[Exponential]) -> Ref:
    """1 over a sum of c exp(a)."""
    common = _alike(parts)
    if len(parts) > MOST_TERMS or len(parts) == 1:
        c = common if common is not None and len(parts) == 1 else ONE
        log = log_of_terms(graph, [(one / c, a) for one, a in parts])
        return look.times(graph, 1 / c, look.make(graph, "exp", look.negative(graph, log)))
    if common is None:
        return _listed(graph, "reciprocal_exp_sum", parts)
    exponents = [a for _, a in parts if a is not None]
    if len(parts) == 2 and len(exponents) == 1:
        return look.times(graph, 1 / common, look.make(graph, "logistic", look.negative(graph, exponents[0])))
    return look.times(graph, 1 / common, _listed(graph, "reciprocal_exp_sum", [(ONE, a) for _, a in parts]))


def parts_of(graph: Graph, ref: Ref | None, name: str) -> list[Exponential] | None:
    """The terms (c, a) of a row of a few exponentials: of reciprocal_exp_sum or log_exp_sum."""
    if ref is None or not graph[ref].calls(name):
        return None
    args = graph.operands(ref)
    numbers = [graph.constant_value(c) for c in args[0::2]]
    if not all(number is not None and look.is_positive(number) for number in numbers):
        return None
    return [(c, None if graph.constant_value(a) == 0 else a) for c, a in zip(numbers, args[1::2], strict=True)]  # type: ignore[misc]


def log_parts(graph: Graph, ref: Ref) -> list[Exponential] | None:
    """The terms of a logarithm of a few exponentials, in any of its three forms."""
    row = graph[ref]
    if row.calls("logaddexp"):
        return [(ONE, a) for a in graph.operands(ref)]
    a = look.argument(graph, ref, "softplus")
    return [(ONE, None), (ONE, a)] if a is not None else parts_of(graph, ref, "log_exp_sum")


def _shifted_by(graph: Graph, parts: list[Exponential], exponent: Ref) -> list[Exponential]:
    """The terms over exp(exponent): differences, in which what the exponents share is gone before it is rounded."""
    out: list[Exponential] = []
    for c, a in parts:
        gap = look.negative(graph, exponent) if a is None else look.flat_sum(graph, [(ONE, a), (-ONE, exponent)])
        number = graph.constant_value(gap)
        out.append((c, gap) if number is None else (c * sp.exp(number), None))
    return _gathered(out)


def _gathered(parts: list[Exponential]) -> list[Exponential]:
    """The terms with equal exponents added up."""
    found: dict[Ref | None, sp.Expr] = {}
    for c, a in parts:
        found[a] = found.get(a, ZERO) + c
    return [(c, a) for a, c in found.items()]


def log_of_sum(graph: Graph, ref: Ref) -> Ref | None:
    """The logarithm of a sum of exponentials, over labels or of a few terms with positive coefficients; None for another row."""
    parts = _few(graph, ref) if look.argument(graph, look.scaled(graph, ref)[1], "cosh") is None else None
    return log_of_terms(graph, parts) if parts is not None else None


def _log_sum_exp(graph: Graph, ref: Ref) -> Ref | None:
    inside = look.argument(graph, ref, "log")
    return log_of_sum(graph, inside) if inside is not None else None


def _few(graph: Graph, inside: Ref | None) -> list[Exponential] | None:
    """The terms of a sum of at least two exponentials, or of one over labels."""
    parts = _positive_terms(graph, inside) if inside is not None else None
    if not parts or (len(parts) == 1 and not _is_over_labels(graph, parts[0])):
        return None
    return parts


def _is_over_labels(graph: Graph, part: Exponential) -> bool:
    return part[1] is not None and graph[part[1]].op == "logsumexp"


def _reciprocal_of_sum(graph: Graph, ref: Ref) -> Ref | None:
    parts = _few(graph, look.argument(graph, ref, "reciprocal"))
    return reciprocal_of_terms(graph, parts) if parts is not None else None


def _quotient(graph: Graph, ref: Ref) -> Ref | None:
    """exp(a)/sum exp(b) inside a product: exp(a - logsumexp(b)) over labels, 1/sum exp(b - a) of a few terms."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, m, merged in _mergeable(graph, operands):
        return graph.product(coefficient, [*look.without(operands, k, m), merged], over)
    return None


def _mergeable(graph: Graph, operands: list[Ref]) -> Iterator[tuple[int, int, Ref]]:
    for k, exponent in look.arguments(graph, operands, "exp"):
        for m, operand in enumerate(operands):
            parts = parts_of(graph, operand, "reciprocal_exp_sum")
            if parts is not None:
                yield k, m, reciprocal_of_terms(graph, _shifted_by(graph, parts, exponent))
    exponents = [(k, a) for k, operand in enumerate(operands) if (a := _exponent(graph, operand)) is not None]
    sums = [(k, graph.reduce("logsumexp", *inner)) for k, operand in enumerate(operands if exponents else ())
            if (inner := _sum_over_labels(graph, operand)) is not None and not _signs_of_logs(graph, inner[0])]
    for (k, first), (m, second) in [*combinations(exponents, 2), *product(exponents, sums)]:
        if _has_logs(graph, first) or _has_logs(graph, second) or _is_share_over_share(graph, first, second):
            yield k, m, _merged(graph, first, second)


def _merged(graph: Graph, first: Ref, second: Ref) -> Ref:
    return look.make(graph, "exp", graph.sum(ZERO, [(ONE, first), (ONE, second)]))


def _has_logs(graph: Graph, ref: Ref) -> bool:
    """Merging pays where an exponent is minus a log-sum-exp, the quotient of a softmax, or minus an exponential."""
    row = graph[look.scaled(graph, ref)[1]]
    return row.op == "logsumexp" or row.calls("logaddexp", "log_exp_sum", "exp")


def _is_share_over_share(graph: Graph, first: Ref, second: Ref) -> bool:
    """Whether log-sum-exps are subtracted in one exponent and added in the other."""
    signs = [_signs_of_logs(graph, one) for one in (first, second)]
    return signs in ([{True}, {False}], [{False}, {True}])


def _signs_of_logs(graph: Graph, exponent: Ref) -> set[bool]:
    """Whether log-sum-exps are added in an exponent; of several, each."""
    _, parts = look.terms(graph, exponent) or (ZERO, [])
    return {look.is_positive(c) for c, term in parts if graph[term].op == "logsumexp"}


def _by_its_inverse(graph: Graph, ref: Ref) -> Ref | None:
    """exp(m a) exp(-n a) inside a product, m and n > 0, is exp((m - n) a); either may be the square of an exponential."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    singles = [(k, look.exponential(graph, operand)) for k, operand in enumerate(operands) if graph[operand].op == "map"]
    exponents = [(k, single[1]) for k, single in singles if single is not None and single[1] is not None]
    for (k, first), (m, second) in combinations(exponents, 2):
        (c, a), (d, b) = look.scaled(graph, first), look.scaled(graph, second)
        if a == b and look.is_positive(-c * d):
            return graph.product(coefficient, [*look.without(operands, k, m), _merged(graph, first, second)], over)
    return None


class _Less(NamedTuple):
    """factor exp(n a - c exp(a)), c > 0."""

    factor: sp.Expr
    n: sp.Expr
    c: sp.Expr
    a: Ref


def _less_exponential(graph: Graph, ref: Ref) -> _Less | None:
    """A row that is exp_less_exp, or the exponential of n a - c exp(a) + d with numbers n, c, d; c expm1(a) is as good as c exp(a)."""
    row = graph[ref]
    if row.calls("exp_less_exp"):
        *numbers, a = graph.operands(ref)
        n, c = (graph.constant_value(number) for number in numbers)
        return _Less(ONE, n, c, a) if n is not None and c is not None else None
    exponent = look.argument(graph, ref, "exp")
    constant, parts = shapes.linear(graph, exponent) if exponent is not None else (ZERO, [])
    for k, (coefficient, term) in enumerate(parts):
        single, shifted = look.argument(graph, term, "exp"), look.argument(graph, term, "expm1")
        a = single if single is not None else shifted
        if a is not None and look.is_positive(-coefficient):
            return _less_of(graph, constant - (coefficient if shifted is not None else 0), look.without(parts, k), -coefficient, a)
    return None


def _less_of(graph: Graph, constant: sp.Expr, rest: list[look.Term], c: sp.Expr, a: Ref) -> _Less | None:
    """exp(constant + rest - c exp(a)) where the rest is a multiple of a up to a number."""
    _, wanted = shapes.linear(graph, a)
    n = rest[0][0] / wanted[0][0] if rest and wanted else ZERO
    left = shapes.less(graph, constant, rest, n, a) if rest else (constant, [])
    return _Less(sp.exp(left[0]), n, c, a) if left is not None and not left[1] and look.is_number(left[0]) else None


def _times_less_exponential(graph: Graph, ref: Ref) -> Ref | None:
    """exp(m a) exp(n a - c exp(a)) inside a product is exp((n + m) a - c exp(a))."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for m, operand in enumerate(operands):
        less = _less_exponential(graph, operand)
        for k, exponent in look.arguments(graph, operands, "exp") if less is not None else ():
            times, a = look.scaled(graph, exponent)
            scale, inner = look.scaled(graph, less.a) if less is not None else (ONE, a)
            if less is not None and k != m and a == inner and times / scale > 0:
                made = _made_less(graph, less.n + times / scale, less)
                return graph.product(coefficient * less.factor, [*look.without(operands, k, m), made], over)
    return None


def _made_less(graph: Graph, n: sp.Expr, less: _Less) -> Ref:
    return look.make(graph, "exp_less_exp", graph.constant(n), graph.constant(less.c), less.a)


def _exponential_less(graph: Graph, ref: Ref) -> Ref | None:
    """exp(n a - c exp(a)), n and c > 0, as one function."""
    less = _less_exponential(graph, ref) if look.argument(graph, ref, "exp") is not None else None
    return look.times(graph, less.factor, _made_less(graph, less.n, less)) if less is not None and look.is_positive(less.n) else None


def _exp_of_log(graph: Graph, ref: Ref) -> Ref | None:
    """exp(a - log(sum exp(b))) of a few terms is 1/sum exp(b - a)."""
    exponent = look.argument(graph, ref, "exp")
    found = look.terms(graph, exponent) if exponent is not None else None
    for k, (coefficient, term) in enumerate(found[1] if found is not None else ()):
        parts = log_parts(graph, term) if coefficient == -1 else None
        if found is not None and parts is not None:
            rest = graph.sum(found[0], look.without(found[1], k))
            return reciprocal_of_terms(graph, _shifted_by(graph, parts, rest))
    return None


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


def _power_of_exponential(graph: Graph, ref: Ref) -> Ref | None:
    """exp(a)^p is exp(p a)."""
    base, power = graph.operands(ref)
    exponent = look.argument(graph, base, "exp")
    return look.make(graph, "exp", graph.product(ONE, [power, exponent])) if exponent is not None else None


def _reciprocal_of_exponential(graph: Graph, ref: Ref) -> Ref | None:
    """1/exp(a) is exp(-a)."""
    exponent = look.argument(graph, look.argument(graph, ref, "reciprocal"), "exp")
    return look.make(graph, "exp", look.negative(graph, exponent)) if exponent is not None else None


def _reciprocal_scale(graph: Graph, ref: Ref) -> Ref | None:
    """1/(c a) is (1/c) (1/a), so that patterns need not look for numbers."""
    inside = look.argument(graph, ref, "reciprocal")
    if inside is None:
        return None
    coefficient, inner = look.scaled(graph, inside)
    if coefficient == 1 or not look.is_number(coefficient):
        return None
    return look.times(graph, 1 / coefficient, look.make(graph, "reciprocal", inner))


RULES = (
    Rule("log-sum-exp", "log", sp.log(E + sp.exp(2 * x) + 3), "logsumexp(a)", "all a",
         "the largest term is taken out first, coefficients stay factors", _log_sum_exp),
    Rule("scale of a reciprocal", "reciprocal", 1 / h, "(1/c) (1/a)", "all a", "numbers stand outside", _reciprocal_scale,
         where=((h, 2 * sp.cosh(x)),)),
    Rule("reciprocal of an exponential", "reciprocal", 1 / h, "exp(-a) from 1/exp(a)", "all a", "its slope is inf * 0 where exp(a) overflows",
         _reciprocal_of_exponential, where=((h, E),)),
    Rule("moving power of an exponential", "pow", h**y, "exp(p a) from exp(a)^p", "all a, p", "its slope is inf * 0 where exp(a) underflows",
         _power_of_exponential, others=(0.75, -3.0, 40.0), where=((h, E),)),
    Rule("reciprocal of exponentials", "reciprocal", 1 / (E + sp.exp(2 * x) + 3), "1/sum exp(a), exp(-logsumexp(a)) over labels", "all a",
         "the sum overflows at 710", _reciprocal_of_sum),
    Rule("exponential less its own exponential", "product", E * h, "exp(n a - exp(a)) as one function", "all a",
         "inf * 0 where the first overflows; beyond 1 the rounding of exp(a) shows in its own exponential", _times_less_exponential, (-1e4, 1.0),
         where=((h, sp.exp(-sp.exp(x))),)),
    Rule("exponential less a multiple of itself", "exp", sp.exp(x - E), "exp(n a - c exp(a)) as one function", "all a",
         "the slope is 0 * inf where the inner one overflows, and the exponent's rounding shows", _exponential_less, (-1e4, 1.0)),
    Rule("quotient of exponentials", "product", E / (E + sp.exp(2 * x) + 3), "1/sum exp(b - a), exp(a - logsumexp(b)) over labels", "all a, b",
         "inf * 0 where the first overflows; a difference does not carry the rounding of what its ends share", _quotient, needs=heads("exp")),
    Rule("exponential by its inverse", "product", h * sp.exp(-2 * x), "exp((m - n) a) from exp(m a) exp(-n a)", "all a",
         "inf * 0 where one of them overflows", _by_its_inverse, where=((h, E),), needs=heads("exp")),
    Rule("exponential of a log-sum-exp", "exp", sp.exp(x - h), "1/sum exp(b - a) from exp(a - logsumexp(b))", "all a, b",
         "the exponent's rounding is |b| ulp of the result", _exp_of_log, where=((h, sp.log(E + sp.exp(2 * x) + 3)),)),
    Rule("expm1", "sum", 3 * (E - 1), "c expm1(a) from c exp(a) - c", "all a", "exp(a) - 1 cancels near 0", _expm1, (-1e4, 700.0),
         needs=heads("exp")),
)
