"""Functions of one u that bend where u = 0, and the choices that spell them."""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symgrad.graph.functions import HALF
from symgrad.graph.graph import Graph
from symgrad.graph.kinks import Kinks
from symgrad.graph.lower import apply
from symgrad.graph.rows import REAL, Ref
from symgrad.rewrite.linear import ONE, ZERO


class Branches(NamedTuple):
    """`above` where u > 0 and `below` where u < 0, u being left - right.

    `upward` says that `above` is taken by a condition and `below` else, at nan too; otherwise it is the other way round.
    """

    u: Ref
    above: Ref
    below: Ref
    left: Ref
    right: Ref
    upward: bool = True


class Step(NamedTuple):
    """A function of u that is `right` where u > 0 and `left` where u < 0."""

    u: Ref
    right: sp.Expr
    left: sp.Expr


def scaled(graph: Graph, factor: sp.Expr, ref: Ref) -> Ref:
    return graph.product(factor, [ref])


def clipped(graph: Graph, name: str, ref: Ref) -> Ref:
    """max(u, 0) or min(u, 0)."""
    return graph.map(name, (graph.constant(ZERO), ref))


def ramp(graph: Graph, step: Step, others: list[Ref], kinks: Kinks) -> Ref:
    """The other factors times right u where u > 0 and left u where u < 0."""
    u, right, left = step
    if right == -left:
        return graph.product(right, [*others, graph.map("abs", (u,))])
    if left == 0:
        return graph.product(right, [*others, clipped(graph, "max", u)])
    if right == 0:
        return graph.product(left, [*others, clipped(graph, "min", u)])
    above, below = (graph.product(slope, [*others, u]) for slope in (right, left))
    return bent(graph, Branches(u, above, below, u, graph.constant(ZERO)), right, left, kinks)


def bent(graph: Graph, found: Branches, right: sp.Expr, left: sp.Expr, kinks: Kinks) -> Ref:
    """Two slopes, neither of them 0: a leak where they have one sign, else one |u| among others."""
    if (right > 0) == (left > 0):
        return chosen(graph, found, (abs(right) > abs(left)) == (kinks.leaky == "full"))
    return shared(graph, found) if kinks.abs == 0 else chosen(graph, found, kinks.abs == 1)


def chosen(graph: Graph, found: Branches, equal: bool) -> Ref:
    """The same branches, 0 belonging to `above` or not, whichever slope is wanted; nan stays where it was."""
    if found.upward:
        return graph.select(apply(graph, "ge" if equal else "gt", [found.left, found.right]), found.above, found.below)
    return graph.select(apply(graph, "lt" if equal else "le", [found.left, found.right]), found.below, found.above)


def shared(graph: Graph, found: Branches) -> Ref:
    """The same branches, with the mean of the two where they meet."""
    mean = graph.sum(ZERO, [(HALF, found.above), (HALF, found.below)])
    name, first, second = ("gt", found.above, found.below) if found.upward else ("lt", found.below, found.above)
    sides = [found.left, found.right]
    return graph.select(apply(graph, name, sides), first, graph.select(apply(graph, "eq", sides), mean, second))


def branches(graph: Graph, ref: Ref) -> Branches | None:
    """A choice by a > b, a >= b, a < b or a <= b between real rows, the two being equal on either side."""
    condition, yes, no = graph.operands(ref)
    found = comparison(graph, condition)
    if found is None or found[0] == "eq":
        return None
    name, left, right = found
    if graph.constant_value(left) is not None:
        left, right, name = right, left, {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}[name]
    if graph[left].kind != REAL or graph[right].kind != REAL:
        return None
    u = left if graph.constant_value(right) == 0 else graph.sum(ZERO, [(ONE, left), (-ONE, right)])
    if name in ("gt", "ge"):
        return Branches(u, yes, no, left, right)
    return Branches(u, no, yes, left, right, upward=False)


def comparison(graph: Graph, ref: Ref) -> tuple[str, Ref, Ref] | None:
    """(name, a, b) of a comparison of two rows; a < b or a = b is a <= b."""
    row = graph[ref]
    if row.op == "map" and row.payload[0] in ("gt", "ge", "lt", "le", "eq"):
        left, right = graph.operands(ref)
        return row.payload[0], left, right
    if not row.calls("or"):
        return None
    sides = [comparison(graph, side) for side in graph.operands(ref)]
    first, second = sorted((side for side in sides if side is not None), key=lambda side: side[0] == "eq") if all(sides) else (None, None)
    if first is None or second is None or second[0] != "eq" or first[0] not in ("lt", "gt") or {*first[1:]} != {*second[1:]}:
        return None
    return f"{first[0][0]}e", first[1], first[2]
