"""Choices between numbers and 0, as derivatives of branches have them, are made once.

The adjoint of a branch is 0 where the branch was not taken, and so is the partial that it meets: their product is masked once,
and where the sum of two adjoints is masked by a condition and by its opposite it is one choice between two numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.lower import negate
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row

ZERO, ONE = sp.S.Zero, sp.S.One
Term = tuple[sp.Expr, Ref]


def join_choices(program: Program) -> Program:
    """The program with choices that belong together made one; as it is where there are none."""
    rows, live = program.graph.rows, program.live()
    if not any(rows[index].calls("select") for index in live):
        return program
    users = program.graph.users(live)
    alone = {index for index in live if len(users.get(index, ())) == 1} - set(program.roots())

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if row.op == "product" and len(row.keep) == len(row.sizes):
            return _product(graph, row.payload, refs)
        if row.op == "sum":
            return _sum(graph, row, refs, alone)
        return None

    return rebuild(program, remake)


def masked(graph: Graph, ref: Ref) -> tuple[Ref, Ref] | None:
    """(mask, numbers) of a row of numbers where the mask holds and 0 elsewhere."""
    row = graph[ref]
    if not row.calls("select") or row.kind != REAL:
        return None
    mask, inside, outside = graph.operands(ref)
    if graph.constant_value(inside) == 0:
        return negate(graph, mask), outside
    return (mask, inside) if graph.constant_value(outside) == 0 else None


def _product(graph: Graph, coefficient: sp.Expr, refs: Sequence[Ref]) -> Ref | None:
    """[m ? a : 0] [m ? b : 0] as [m ? a b : 0]."""
    found = [masked(graph, ref) for ref in refs]
    masks = [one[0] for one in found if one is not None]
    mask = next((one for one in masks if masks.count(one) > 1), None)
    if mask is None:
        return None
    inside = [one[1] for one in found if one is not None and one[0] == mask]
    others = [ref for ref, one in zip(refs, found, strict=True) if one is None or one[0] != mask]
    chosen = graph.select(mask, graph.product(coefficient, inside), graph.constant(ZERO))
    return graph.product(ONE, [*others, chosen])


def _sum(graph: Graph, row: Row, refs: Sequence[Ref], alone: set[int]) -> Ref | None:
    """c [m ? a : 0] + d [not m ? b : 0] as [m ? c a : d b], where nobody else needs the two."""
    coefficients, constant = row.payload
    terms = list(zip(coefficients, refs, strict=True))
    found = {k: one for k, (ref, arg) in enumerate(zip(refs, row.args, strict=True))
             if arg in alone and row.args.count(arg) == 1 and (one := masked(graph, ref)) is not None}
    for k, (mask, inside) in found.items():
        other = next((m for m, (opposite, _) in found.items() if opposite == negate(graph, mask)), None)
        if other is not None:
            branches = (graph.product(coefficients[place], [numbers]) for place, numbers in ((k, inside), (other, found[other][1])))
            chosen = graph.select(mask, *branches)
            return graph.sum(constant, [(ONE, chosen), *(term for place, term in enumerate(terms) if place not in (k, other))])
    scaled = [_scaled(graph, term, *found[k]) if k in found else term for k, term in enumerate(terms)]
    return graph.sum(constant, scaled) if scaled != terms else None


def _scaled(graph: Graph, term: Term, mask: Ref, inside: Ref) -> Term:
    """A number before masked numbers that have one of their own joins it."""
    coefficient, row = term[0], graph[inside]
    if coefficient in (1, -1) or row.op != "product" or row.payload in (1, -1):
        return term
    return ONE, graph.select(mask, graph.product(coefficient, [inside]), graph.constant(ZERO))
