"""Rules for sums over an index whose terms overflow or vanish by themselves: powers of numbers, and products over another index.

A power of two is taken out of them, which costs no digit and leaves domains and signs as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.binary import Binary, apart, counting, largest, less, multiplied, two_to
from symgrad.rewrite.rules.densities import is_gamma
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads
from symgrad.rewrite.rules.weighted import is_taken_out

# ---------------------------------------------------------------------- sums of powers


class _Power(NamedTuple):
    """b^a, and how (t b)^a is made of t."""

    base: Ref
    exponent: Ref
    times: Callable[[Ref], Ref]


class _Powers(NamedTuple):
    """sum w b^a = sum w (t b)^a/t^a."""

    rest: Ref
    scale: Ref
    exponent: Ref


def _power(graph: Graph, ref: Ref) -> _Power | None:
    """A power of a number that nothing has been taken out of."""
    row = graph[ref]
    if row.op != "map" or row.payload[0] not in ("pow", "power", "square", "compound", "compound_exp", "power_by_log"):
        return None
    base, *moving = graph.operands(ref)
    if row.calls("compound_exp", "power_by_log"):
        exponent = moving[-1]
        if row.calls("compound_exp"):
            base, exponent = look.make(graph, "logistic", look.negative(graph, base)), look.negative(graph, exponent)
        return _Power(base, exponent, lambda t: look.make(graph, "pow", graph.product(ONE, [base, t]), exponent))
    if look.has_factor(graph, base, "power_scale") or any(look.has_factor(graph, term, "power_scale") for _, term in _terms(graph, base)):
        return None
    number = sp.Integer(2) if row.calls("square") else row.payload[-1]
    exponent = moving[0] if moving else graph.constant(number)
    if row.calls("compound"):
        return _Power(look.shifted(graph, base, ONE), exponent, lambda t: look.make(graph, "compound", _scaled_one_and(graph, base, t), exponent))
    return _Power(base, exponent, lambda t: graph.map(row.payload[0], (graph.product(ONE, [base, t]), *moving), row.payload[1:]))


def _scaled_one_and(graph: Graph, u: Ref, t: Ref) -> Ref:
    """t (1 + u) - 1, which is u where t is 1."""
    return graph.sum(-ONE, [(ONE, graph.product(ONE, [u, t])), (ONE, t)])


def _terms(graph: Graph, ref: Ref) -> list[look.Term]:
    _, parts = look.terms(graph, ref) or (ZERO, [])
    return parts


def _powers(graph: Graph, ref: Ref | None) -> _Powers | None:
    """A sum over an index of b^a, perhaps with weights and with factors before it, without the base that leads it."""
    coefficient, operands = (look.factors(graph, ref) if ref is not None else None) or (ONE, [] if ref is None else [ref])
    sums = [(k, found) for k, operand in enumerate(operands) if (found := _sum_of_powers(graph, operand)) is not None]
    if len(sums) != 1:
        return None
    (k, found), = sums
    return found._replace(rest=graph.product(coefficient, [*look.without(operands, k), found.rest]))


def _and_others(graph: Graph, ref: Ref) -> _Powers | None:
    """Such a sum with a number beside it; of squares, as layers normalise by, it is as good as it is up to 1e154."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    if constant == 0 or len(parts) != 1:
        return None
    (c, term), = parts
    found = _sum_of_powers(graph, term, beside=True)
    if found is None or graph.constant_value(found.exponent) == 2:
        return None
    unit = look.make(graph, "pow", found.scale, found.exponent)
    return found._replace(rest=graph.sum(ZERO, [(c, found.rest), (constant, unit)]))


def _sum_of_powers(graph: Graph, ref: Ref, beside: bool = False) -> _Powers | None:
    """A sum over an index of w b^a; `beside` says that a number is added, whose base is 1."""
    whole = _and_others(graph, ref) if not beside else None
    if whole is not None:
        return whole
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    found = [(k, power) for k, operand in enumerate(operands) if (power := _power(graph, operand)) is not None] if over else []
    if len(found) != 1 or any(is_gamma(graph, operand) for operand in operands):
        return None
    (k, power), = found
    labels = [label for label in over if label in power.base.labels]
    if not labels or set(over) & set(power.exponent.labels):
        return None
    scale = _scale(graph, power, labels, beside)
    return _Powers(graph.product(coefficient, [*look.without(operands, k), power.times(scale)], over), scale, power.exponent)


def _scale(graph: Graph, power: _Power, labels: list[Label], beside: bool) -> Ref:
    """One over the base whose power is the largest."""
    size = look.make(graph, "abs", power.base)
    ends = [graph.reduce("extremum", size, labels, end) for end in ("max", "min")]
    ends = [look.make(graph, name, end, graph.constant(ONE)) for name, end in zip(("max", "min"), ends, strict=True)] if beside else ends
    number = graph.constant_value(power.exponent)
    if number is not None and number.is_extended_nonzero:
        ends = [ends[0] if look.is_positive(number) else ends[1]] * 2
    return look.make(graph, "power_scale", *ends, power.exponent)


def log_of_powers(graph: Graph, ref: Ref) -> Ref | None:
    """log(sum w b^a) is log(sum w (t b)^a) - a log(t)."""
    found = _powers(graph, look.argument(graph, ref, "log"))
    if found is None:
        return None
    level = graph.product(ONE, [found.exponent, look.make(graph, "log", found.scale)])
    return graph.sum(ZERO, [(ONE, look.make(graph, "log", found.rest)), (-ONE, level)])


def power_of_powers(graph: Graph, ref: Ref) -> Ref | None:
    """(sum w b^a)^c is (sum w (t b)^a)^c/t^(a c)."""
    inside, *moving = graph.operands(ref)
    found = _powers(graph, inside)
    if found is None:
        return None
    name, *parameters = graph[ref].payload
    outer = moving[0] if moving else graph.constant(HALF if name == "sqrt" else parameters[0])
    exponent = _product(graph, found.exponent, outer)
    number = graph.constant_value(exponent)
    level = look.make(graph, "reciprocal", found.scale) if number == 1 else look.make(graph, "pow", found.scale, look.negative(graph, exponent))
    return graph.product(ONE, [level, graph.map(name, (found.rest, *moving), tuple(parameters))])


def _product(graph: Graph, a: Ref, c: Ref) -> Ref:
    """a c, a number where one of them is a number over the other."""
    (first, one), (second, other) = look.scaled(graph, a), look.scaled(graph, c)
    inverse = one == look.argument(graph, other, "reciprocal") or other == look.argument(graph, one, "reciprocal")
    return graph.constant(first * second) if inverse else graph.product(ONE, [a, c])


def _share_of_powers(graph: Graph, ref: Ref) -> Ref | None:
    """b^a/sum w b_k^c inside a product is t^(c - a) (t b)^a/sum w (t b_k)^c, c - a a number; b^a may be summed over an index, too."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, inside in look.arguments(graph, operands, "reciprocal"):
        below = _powers(graph, inside)
        for m, operand in enumerate(operands) if below is not None else ():
            above = _scaled(graph, operand, below.scale) if below is not None and m != k else None
            share = _share(graph, above, below) if above is not None and below is not None else None
            if share is not None:
                return graph.product(coefficient, [*look.without(operands, k, m), *share], over)
    return None


def _share(graph: Graph, above: _Powers, below: _Powers) -> list[Ref] | None:
    """The factors of a quotient of two that have one scale, where their exponents differ by a number."""
    gap = graph.constant_value(look.flat_sum(graph, [(ONE, below.exponent), (-ONE, above.exponent)]))
    if gap is None:
        return None
    level = [] if gap == 0 else [look.make(graph, "pow", below.scale, graph.constant(gap))]
    return [*level, above.rest, look.make(graph, "reciprocal", below.rest)]


def _scaled(graph: Graph, ref: Ref, scale: Ref) -> _Powers | None:
    """b^a, or a sum of such, with the scale of another sum."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [ref], [])
    found = [(k, power) for k, operand in enumerate(operands) if (power := _power(graph, operand)) is not None]
    if len(found) != 1 or set(over) & set(scale.labels):
        return None
    (k, power), = found
    return _Powers(graph.product(coefficient, [*look.without(operands, k), power.times(scale)], over), scale, power.exponent)


# ---------------------------------------------------------------------- sums of products


class _Sum(NamedTuple):
    """A sum as rest 2^top."""

    rest: Ref
    top: Ref


def _product_over(graph: Graph, ref: Ref) -> Binary | None:
    """What is multiplied over an index, or one over that, where its exponents are not apart yet."""
    below = look.argument(graph, ref, "reciprocal")
    if below is not None:
        found = _product_over(graph, below)
        return Binary(look.make(graph, "reciprocal", found.mantissa), look.negative(graph, found.exponent)) if found is not None else None
    if graph[ref].op != "prod":
        return None
    (inner,) = graph.operands(ref)
    if look.has_factor(graph, inner, "two_to") or any(is_gamma(graph, one) for one in (look.factors(graph, inner) or (ONE, [inner]))[1]):
        return None
    (label,) = [label for label in inner.labels if label not in ref.labels]
    parts = apart(graph, inner)
    return Binary(graph.product_over(parts.mantissa, label), graph.product(ONE, [parts.exponent], [label]))


def _has_exponential(graph: Graph, operands: list[Ref]) -> bool:
    """Whether there is an exponential whose maximum is to be taken out first."""
    return any(not is_taken_out(graph, exponent) for _, exponent in look.arguments(graph, operands, "exp"))


def _factors_apart(graph: Graph, operands: list[Ref]) -> Binary | None:
    """A product of products over an index and of anything else; None where there are none of the former."""
    parts = {k: found for k, operand in enumerate(operands) if (found := _product_over(graph, operand)) is not None}
    if not parts or look.reads(graph, operands):
        return None
    others = look.without(operands, *parts)
    return multiplied(graph, [*parts.values(), *([apart(graph, graph.product(ONE, others))] if others else [])])


def _sum_of_products(graph: Graph, ref: Ref | None) -> _Sum | None:
    """A sum of terms one of which is made of products over an index, and of other factors."""
    if ref is None:
        return None
    constant, parts = look.terms(graph, ref) or (ZERO, [(ONE, ref)])
    opened = [(c, *(look.spread(graph, term) or (ONE, [term], []))) for c, term in parts]
    found = [_factors_apart(graph, operands) for _, _, operands, _ in opened]
    if all(one is None for one in found) or any(look.reads(graph, operands) or _has_exponential(graph, operands) for _, _, operands, _ in opened):
        return None
    terms = [(c * d, one or apart(graph, graph.product(ONE, operands)), over) for (c, d, operands, over), one in zip(opened, found, strict=True)]
    ends = [graph.reduce("extremum", counting(graph, one), over, "max") for _, one, over in terms]
    ends += [graph.constant(ZERO)] if constant != 0 else []
    top = largest(graph, ends)
    sums = [(c, graph.product(ONE, less(graph, one, top), over)) for c, one, over in terms]
    sums += [(constant, two_to(graph, [(-ONE, top)]))] if constant != 0 else []
    return _Sum(graph.sum(ZERO, sums), top)


def _log_of_products(graph: Graph, ref: Ref) -> Ref | None:
    """log(sum w prod a) is log(rest) + top log(2)."""
    found = _sum_of_products(graph, look.argument(graph, ref, "log"))
    return graph.sum(ZERO, [(ONE, look.make(graph, "log", found.rest)), (sp.log(2), found.top)]) if found is not None else None


def _log_of_apart(graph: Graph, ref: Ref) -> Ref | None:
    """log(c m 2^e), from a quotient of products, is log(c m 2^(e - top)) + top log(2)."""
    coefficient, operands = look.factors(graph, *graph.operands(ref)) or (ONE, [])
    for k, exponent in look.arguments(graph, operands, "two_to"):
        if any(graph[term].calls("coarse_exponent") for term in _summands(graph, exponent)):
            return None
        top = look.make(graph, "coarse_exponent", exponent)
        rest = graph.product(coefficient, [*look.without(operands, k), two_to(graph, [(ONE, exponent), (-ONE, top)])])
        return graph.sum(ZERO, [(ONE, look.make(graph, "log", rest)), (sp.log(2), top)])
    return None


def _summands(graph: Graph, ref: Ref) -> list[Ref]:
    return [term for _, term in (look.terms(graph, ref) or (ZERO, [(ONE, ref)]))[1]]


def _adds_up(graph: Graph, ref: Ref) -> bool:
    return look.terms(graph, ref) is not None or bool((look.opened(graph, ref) or (ONE, [], []))[2])


def _share_of_products(graph: Graph, ref: Ref) -> Ref | None:
    """prod a/sum w prod a inside a product, both over 2^top."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    for k, inside in look.arguments(graph, operands, "reciprocal"):
        above = _factors_apart(graph, look.without(operands, k)) if _adds_up(graph, inside) else None
        found = _sum_of_products(graph, inside) if above is not None else None
        if above is not None and found is not None:
            return graph.product(coefficient, [*less(graph, above, found.top), look.make(graph, "reciprocal", found.rest)], over)
    return None


def _quotient_of_products(graph: Graph, ref: Ref) -> Ref | None:
    """prod a/prod b among factors: their exponents meet before either product overflows or vanishes."""
    coefficient, operands = look.factors(graph, ref) or (ONE, [])
    below = [_product_over(graph, operand) is not None for operand in operands if look.argument(graph, operand, "reciprocal") is not None]
    above = [_product_over(graph, operand) is not None for operand in operands if graph[operand].op == "prod"]
    found = _factors_apart(graph, operands) if any(below) and any(above) else None
    return graph.product(coefficient, [found.mantissa, two_to(graph, [(ONE, found.exponent)])]) if found is not None else None


def _power_of_product(graph: Graph, ref: Ref) -> Ref | None:
    """(c prod a)^y is (c prod a/2^top)^y 2^(top y), as in a geometric mean."""
    base, exponent = graph.operands(ref)
    coefficient, operands = look.factors(graph, base) or (ONE, [base])
    found = _factors_apart(graph, operands)
    if found is None:
        return None
    top = look.make(graph, "coarse_exponent", found.exponent)
    rest = graph.product(coefficient, less(graph, found, top))
    level = look.make(graph, "pow", graph.constant(sp.Integer(2)), graph.product(ONE, [top, exponent]))
    return graph.product(ONE, [level, look.make(graph, "pow", rest, exponent)])


_WHY = "the terms overflow, or vanish, far from where the result does"
RULES = (
    Rule("log of a sum of powers", "log", None, "log(sum w (t b)^a) - a log(t)", "sum w b^a > 0", _WHY, log_of_powers),
    *(Rule(f"{words} of a sum of powers", root, None, "(sum w (t b)^a)^c/t^(a c)", "where the power exists", _WHY, power_of_powers)
      for words, root in (("moving power", "pow"), ("power", "power"), ("root", "sqrt"))),
    Rule("share of a sum of powers", "product", None, "(t b)^a/sum w (t b)^a", "sum w b^a != 0", _WHY, _share_of_powers, needs=heads("reciprocal")),
    Rule("log of a sum of products", "log", None, "log(rest) + top log(2), sum w prod a = rest 2^top", "sum w prod a > 0", _WHY, _log_of_products),
    Rule("log of a quotient of products", "log", None, "log(c m 2^(e - top)) + top log(2) from log(c m 2^e)", "c m > 0", _WHY, _log_of_apart,
         needs=heads("two_to")),
    Rule("quotient of products over an index", "product", None, "m 2^e from prod a/prod b", "prod b != 0", _WHY, _quotient_of_products,
         needs=heads("reciprocal")),
    Rule("power of a product over an index", "pow", None, "(c prod a/2^top)^y 2^(top y) from (c prod a)^y", "where the power exists", _WHY,
         _power_of_product),
    Rule("share of a sum of products", "product", None, "prod a over 2^top, over rest", "sum w prod a != 0", _WHY, _share_of_products,
         needs=heads("reciprocal")),
)
