"""Softmaxes of a part of what there is: their masks go into their exponents.

exp(a - logsumexp(a where m holds)), where m holds, is the softmax of a where m holds and -inf elsewhere.  So what others know of
softmaxes holds for it, nothing overflows where m does not hold, and where some of it is always left no other mask is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.graph.bounds import Hazards
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.lower import anywhere
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.choices import masked
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO


def mask_exponents(program: Program) -> Program:
    """The program with softmaxes of a part of what there is masked in their exponents, and nowhere else where that is enough."""
    rows = program.graph.rows
    if not any(row.op == "logsumexp" and rows[row.args[0]].calls("select") for row in rows):
        return program
    made = Graph()
    hazards = Hazards(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if row.op == "product":
            bare = [_without_mask(graph, hazards, refs, ref) for ref in refs]
            return graph.product(row.payload, bare, [label for local, label in enumerate(labels) if local not in row.keep]) if bare != refs else None
        found = masked(graph, graph.select(*refs)) if row.calls("select") else None
        if found is None:
            return None
        mask, bare = found
        inside = _in_exponents(graph, mask, bare)
        if _is_zero_elsewhere(graph, hazards, mask, inside or bare):
            return inside or bare
        return graph.select(mask, inside, graph.constant(ZERO)) if inside is not None else None

    return rebuild(program, remake, made)


def _without_mask(graph: Graph, hazards: Hazards, factors: Sequence[Ref], ref: Ref) -> Ref:
    """What is masked as the softmax beside it is, by itself or as a term of a sum, without that."""
    row = graph[ref]
    if row.op == "sum":
        coefficients, constant = row.payload
        terms = graph.operands(ref)
        bare = [_without_mask(graph, hazards, factors, term) if graph[term].calls("select") else term for term in terms]
        return graph.sum(constant, zip(coefficients, bare, strict=True)) if bare != terms else ref
    found = masked(graph, ref)
    if found is None or not any(_is_softmax_of(graph, found[0], factor) for factor in factors):
        return ref
    return found[1] if _is_small(graph, hazards, *found) else ref


def _is_small(graph: Graph, hazards: Hazards, mask: Ref, ref: Ref) -> bool:
    """Whether a row is finite at finite inputs, and not made for the places of a mask."""
    return not hazards.may_be_infinite(ref.row) and not set(mask.labels) <= set(ref.labels)


def _in_exponents(graph: Graph, mask: Ref, ref: Ref) -> Ref | None:
    """The product with the mask in its exponentials that are a softmax of what the mask leaves; None where there are none."""
    row = graph[ref]
    if row.calls("exp"):
        return _softmax_of_part(graph, mask, ref)
    if row.op != "product" or len(row.keep) < len(row.sizes):
        return None
    factors = graph.operands(ref)
    made = [_softmax_of_part(graph, mask, factor) for factor in factors]
    if all(one is None for one in made):
        return None
    return graph.product(row.payload, [factor if one is None else one for factor, one in zip(factors, made, strict=True)])


def _softmax_of_part(graph: Graph, mask: Ref, ref: Ref) -> Ref | None:
    """exp(b - logsumexp(b)) from exp(a - logsumexp(b)), b = a where the mask holds and -inf elsewhere."""
    found = look.less_log(graph, ref)
    chosen = _chosen(graph, *found.b) if found is not None else None
    if found is None or chosen is None or chosen[0] != mask or look.multiple(graph, ONE, chosen[1]) != found.a:
        return None
    return look.make(graph, "exp", graph.sum(ZERO, [found.b, (-ONE, found.log)]))


def _chosen(graph: Graph, coefficient: sp.Expr, ref: Ref) -> tuple[Ref, Ref] | None:
    """(mask, a) of a row that is a where the mask holds and -inf elsewhere."""
    if coefficient != 1 or not graph[ref].calls("select"):
        return None
    mask, inside, outside = graph.operands(ref)
    return (mask, inside) if graph.constant_value(outside) == -sp.oo else None


def _is_zero_elsewhere(graph: Graph, hazards: Hazards, mask: Ref, ref: Ref) -> bool:
    """Whether a row is such a softmax, perhaps times what is finite at finite inputs."""
    row = graph[ref]
    if row.op != "product" or len(row.keep) < len(row.sizes):
        return _is_softmax_of(graph, mask, ref)
    factors = graph.operands(ref)
    others = [factor for factor in factors if not _is_softmax_of(graph, mask, factor)]
    return len(others) == len(factors) - 1 and all(_is_small(graph, hazards, mask, factor) for factor in others)


def _is_softmax_of(graph: Graph, mask: Ref, ref: Ref) -> bool:
    """Whether a row is the softmax of what the mask leaves, and that is never nothing."""
    found = look.softmax(graph, ref)
    chosen = _chosen(graph, *found.a) if found is not None else None
    return found is not None and chosen is not None and chosen[0] == mask and anywhere(graph, mask, found.over) is None
