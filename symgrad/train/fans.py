"""Fan-in and fan-out of a parameter, read from the rows of its declaration.

Where a sum of products contracts an axis of the parameter with something else, that axis is the fan-in: the column of
W[c, j] x[i, j] summed over j, the row of W in X W.  The other axes are the fan-out.  An axis that only shifts a subscript,
as u in w[o, c, u] x[i + u, c], counts for both, as in a convolution.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program
from symgrad.graph.rows import Input, Ref

Contraction = tuple[list[Label], list[Label], set[Label]]


class Fans(NamedTuple):
    """The number of inputs one output sums over and of outputs one input feeds, in size symbols."""

    fan_in: sp.Expr
    fan_out: sp.Expr

    def at(self, number: Callable[[sp.Expr], int]) -> tuple[int, int]:
        return max(number(self.fan_in), 1), max(number(self.fan_out), 1)


def fans(program: Program, name: str) -> Fans:
    """Fans of one parameter of a declared program, from the first sum that contracts it.

    A parameter that nothing contracts, such as a bias, has its number of elements along the last axis for both.
    """
    graph, source = program.graph, _source(program, name)
    found = _first(program, source)
    if found is not None:
        own, summed, shifts = found
        return Fans(_count(summed), _count([label for label in own if label not in summed or label in shifts]))
    shape = graph.rows[source].shape
    last = shape[-1] if shape else sp.S.One
    return Fans(last, last)


def input_axes(program: Program, name: str) -> tuple[int, ...]:
    """The axes of a parameter along which one output sums, () where nothing contracts it."""
    found = _first(program, _source(program, name))
    return () if found is None else tuple(axis for axis, label in enumerate(found[0]) if label in found[1])


def _source(program: Program, name: str) -> int:
    rows = program.graph.rows
    return next(index for index in program.live() if rows[index].payload == Input("input", name))


def _first(program: Program, source: int) -> Contraction | None:
    found = (_contracted(program.graph, index, source) for index in program.live() if program.graph.rows[index].op == "product")
    return next((one for one in found if one is not None), None)


def _contracted(graph: Graph, index: int, source: int) -> Contraction | None:
    """The labels of the parameter in one sum of products, those that are summed with something else, and those that only shift."""
    row = graph.rows[index]
    if len(row.keep) == len(row.sizes):
        return None
    result = graph.whole(index)
    factors = _factors(graph, result)
    for own in (ref for ref in factors if ref.row == source):
        others = [ref for ref in factors if ref.row != source]
        summed = [label for label in own.labels if label not in result.labels and any(label in ref.labels for ref in others)]
        if summed:
            return list(own.labels), summed, {label for ref in others for label in _shifts(graph, ref)}
    return None


def _factors(graph: Graph, result: Ref) -> list[Ref]:
    """The operands of a sum of products, with plain products inside it opened."""
    factors, waiting = [], graph.operands(result)
    while waiting:
        ref = waiting.pop(0)
        row = graph.rows[ref.row]
        if row.op == "product" and len(row.keep) == len(row.sizes):
            waiting = graph.operands(ref) + waiting
        else:
            factors.append(ref)
    return factors


def _shifts(graph: Graph, ref: Ref) -> list[Label]:
    """The labels of an operand that only enter its subscripts: u of x[i + u]."""
    row = graph.rows[ref.row]
    if row.op == "onehot":
        return list(ref.labels[:-1])
    if row.op != "product":
        return []
    operands = graph.operands(ref)
    dense = {label for one in operands if graph.rows[one.row].op != "onehot" for label in one.labels}
    return [label for label in ref.labels if label not in dense]


def _count(labels: list[Label]) -> sp.Expr:
    return sp.prod([label.size for label in labels]) if labels else sp.S.One
