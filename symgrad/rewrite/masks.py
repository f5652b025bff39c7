"""Masks of index numbers inside sums: a sum over a part of a range becomes a sum of products again.

The sum over s < r of l[r,s] x[s] is declared as a sum of [s < r ? l[r,s] x[s] : 0].  With the mask on l alone it is one matrix
product, and no array over all labels is ever made.  A factor that does not have the mask's labels is left without it, which
is right wherever that factor is finite: so it has to be, at finite inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.graph.bounds import Hazards
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import INTEGER, Ref, Row


def move_masks(program: Program) -> Program:
    """The program with masks of index numbers moved from products that are summed to one of their factors."""
    if not any(row.calls("select") for row in program.graph.rows):
        return program
    made = Graph()
    hazards = Hazards(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        if row.op != "product" or not over:
            return None
        moved = [_moved(graph, hazards, ref) or [ref] for ref in refs]
        if all(len(parts) == 1 for parts in moved):
            return None
        return graph.product(row.payload, [part for parts in moved for part in parts], over)

    return rebuild(program, remake, made)


def _moved(graph: Graph, hazards: Hazards, ref: Ref) -> list[Ref] | None:
    """The factors of [mask ? product : 0], the mask on one of them; None where the row is something else or cannot do without."""
    row = graph[ref]
    if not row.calls("select"):
        return None
    mask, inside, outside = graph.operands(ref)
    inner = graph[inside]
    if graph.constant_value(outside) != 0 or inner.op != "product" or len(inner.keep) < len(inner.sizes) or not _counts(graph, mask.row):
        return None
    factors = graph.operands(inside)
    place = _carrier(graph, hazards, factors, mask)
    if place is None:
        return None
    factors[place] = graph.product(inner.payload, [graph.select(mask, factors[place], graph.constant(sp.S.Zero))])
    return factors


def _carrier(graph: Graph, hazards: Hazards, factors: Sequence[Ref], mask: Ref) -> int | None:
    """The factor that has all labels of the mask, where those that have not are finite at finite inputs."""
    whole = [k for k, factor in enumerate(factors) if set(mask.labels) <= set(factor.labels) and graph[factor].op != "onehot"]
    risky = [k for k, factor in enumerate(factors) if hazards.may_be_infinite(factor.row)]
    if not whole or len(factors) < 2 or len(risky) > 1 or not set(risky) <= set(whole):
        return None
    return risky[0] if risky else whole[0]


def _counts(graph: Graph, index: int) -> bool:
    """Whether a condition speaks of index numbers and labels only."""
    stack, seen = [index], set()
    while stack:
        row = graph.rows[stack.pop()]
        if row.op == "input" and row.kind != INTEGER:
            return False
        stack.extend(arg for arg in row.args if arg not in seen)
        seen.update(row.args)
    return True
