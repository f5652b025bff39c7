"""Deviations from a mean: they add up to nothing, and where one of them is not finite none is."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.choices import masked
from symgrad.rewrite.rules import look


def beside_deviations(graph: Graph, ref: Ref, over: list[Label]) -> tuple[sp.Expr, list[Ref]] | None:
    """A number and operands whose product has the same sum as a row: its one term that is no multiple of deviations.

    None where no term is one, or where more than one is left.
    """
    row = graph[ref]
    if row.op != "sum" or row.payload[1] != 0:
        return None
    terms = list(zip(row.payload[0], graph.operands(ref), strict=True))
    rest = [(c, term) for c, term in terms if not _adds_up_to_nothing(graph, term, over)]
    if len(rest) != 1 or len(terms) == 1:
        return None
    coefficient, term = rest[0]
    inner = graph[term]
    if inner.op != "product" or len(inner.keep) < len(inner.sizes):
        return coefficient, [term]
    return coefficient * inner.payload, graph.operands(term)


def unmasked(graph: Graph, refs: Sequence[Ref], over: list[Label]) -> list[Ref]:
    """Operands of a sum, deviations without a mask that another operand has as well: it is 0 where the mask is not.

    A deviation that is not finite makes the mean so, and with it all deviations along the sum: no mask could save that.
    """
    found = [masked(graph, ref) for ref in refs]

    def without(k: int, ref: Ref) -> Ref:
        one = found[k]
        beside = any(other is not None and one is not None and other[0] == one[0] for m, other in enumerate(found) if m != k)
        return one[1] if one is not None and beside and _adds_up_to_nothing(graph, one[1], over) else ref

    return [without(k, ref) for k, ref in enumerate(refs)]


def _adds_up_to_nothing(graph: Graph, ref: Ref, over: list[Label]) -> bool:
    """Whether a row is a - (sum of a)/n, or a product of it with what is the same along the sum."""
    row = graph[ref]
    if row.op == "product" and len(row.keep) == len(row.sizes):
        along = [one for one in graph.operands(ref) if set(one.labels) & set(over)]
        return len(along) == 1 and _adds_up_to_nothing(graph, along[0], over)
    if row.op != "sum" or len(row.args) != 2 or row.payload[1] != 0:
        return False
    (c, a), (d, total) = sorted(zip(row.payload[0], graph.operands(ref), strict=True), key=lambda term: -len(term[1].labels))
    summed = graph[total]
    if summed.op != "product" or summed.args != (a.row,) or set(a.labels) - set(total.labels) != set(over):
        return False
    return sp.expand(c + d * summed.payload * look.count(over)) == 0
