"""The one rule about other rules: what a factor has been multiplied into, as a cotangent is, is found without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import REAL, Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, fitting, x

MOST_TERMS = 12
"""Sums of more terms are left as they are."""
MOST_TRIALS = 6
"""So many sets of common factors are tried, the largest first."""


class _Term(NamedTuple):
    """A number times factors."""

    number: sp.Expr
    factors: list[Ref]


def common_factor(rules: Sequence[Rule]) -> Rule:
    """The rule f a + f b = f (a + b), where one of the rules for sums fits a + b."""
    of_sums = [rule for rule in rules if rule.root == "sum"]
    return Rule("common factor", "sum", x * sp.exp(x) - x, "f (a + b) from f a + f b where a rule fits a + b", "all f",
                "a derivative has multiplied its cotangent into each term", partial(_common_factor, of_sums))


def _common_factor(rules: Sequence[Rule], graph: Graph, ref: Ref) -> Ref | None:
    for common, inner, others in shared_factors(graph, ref):
        found = _first(rules, graph, inner)
        if found is not None:
            constant, _ = look.terms(graph, ref) or (ZERO, [])
            return graph.sum(constant, [*others, (ONE, look.times(graph, ONE, *common, found))])
    return None


def shared_factors(graph: Graph, ref: Ref) -> Iterator[tuple[list[Ref], Ref, list[look.Term]]]:
    """Factors that terms of a sum have in common, the sum of these terms without them, and the other terms but for the number."""
    _, parts = look.terms(graph, ref) or (ZERO, [])
    if not 2 <= len(parts) <= MOST_TERMS:
        return
    terms = [_term(graph, *part) for part in parts]
    opened = _opened(graph, terms)
    yield from _shared(graph, terms)
    if len(opened) > len(terms):
        yield from _shared(graph, opened)


def difference(graph: Graph, a: Ref, b: Ref) -> Ref:
    """a - b, where equal terms have met, in and beside the factors that all of them share."""
    gap = look.flat_sum(graph, [(ONE, a), (-ONE, b)])
    number, _ = look.terms(graph, gap) or (ONE, [])
    for common, inner, others in shared_factors(graph, gap) if number == 0 else ():
        found = look.terms(graph, inner)
        if found is not None and not others:
            return look.times(graph, ONE, *common, look.shifted(graph, look.flat_sum(graph, found[1]), found[0]))
    return gap


def _shared(graph: Graph, terms: list[_Term]) -> Iterator[tuple[list[Ref], Ref, list[look.Term]]]:
    counts = [Counter(term.factors) for term in terms]
    shared = {frozenset((first & second).items()): first & second for first, second in combinations(counts, 2)}
    for common in sorted((one for one in shared.values() if one), key=lambda one: -one.total())[:MOST_TRIALS]:
        inside = [common <= count for count in counts]
        inner = graph.sum(ZERO, [_written(graph, _Term(term.number, list((count - common).elements())))
                                 for term, count, fits in zip(terms, counts, inside, strict=True) if fits])
        yield list(common.elements()), inner, [_written(graph, term) for term, fits in zip(terms, inside, strict=True) if not fits]


def _written(graph: Graph, term: _Term) -> look.Term:
    return term.number, look.times(graph, ONE, *term.factors)


def _opened(graph: Graph, parts: list[_Term]) -> list[_Term]:
    """The terms of a sum and of the sums in it: sweeps make sums and products two by two."""
    waiting, terms = list(parts), []
    while waiting:
        term = waiting.pop()
        constant, inner = (look.terms(graph, term.factors[0]) if len(term.factors) == 1 else None) or (ONE, [])
        if constant == 0 and len(terms) + len(waiting) + len(inner) <= MOST_TERMS:
            waiting += [_term(graph, term.number * c, one) for c, one in inner]
        else:
            terms.append(term)
    return terms[::-1]


def _term(graph: Graph, number: sp.Expr, ref: Ref) -> _Term:
    """A number times a row, its products opened; what is read at an index stays whole."""
    waiting, factors = [ref], []
    while waiting:
        own, operands = look.factors(graph, one := waiting.pop()) or (ONE, [one])
        is_whole = operands == [one] or any(graph[operand].op == "onehot" for operand in operands)
        if is_whole or len(factors) + len(waiting) + len(operands) > MOST_TERMS:
            factors.append(one)
        else:
            number = number * own
            waiting += operands
    return _Term(number, factors[::-1])


def _first(rules: Sequence[Rule], graph: Graph, ref: Ref) -> Ref | None:
    """What the first rule that fits makes of a sum."""
    row = graph[ref]
    if row.op != "sum" or row.kind != REAL:
        return None
    found = (rule.match(graph, ref) for rule in fitting(rules, graph, row))
    return next((one for one in found if one is not None and one != ref), None)
