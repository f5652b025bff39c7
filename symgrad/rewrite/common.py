"""c p a - c p b as c p (a - b): 0 where a is b, no rounding of two products that the difference magnifies, and one product less."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import and_

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.doubles import is_power_of_two

ONE = sp.S.One

_Product = tuple[sp.Expr, list[Ref]]


def take_out_common(program: Program) -> Program:
    """The program with what all terms of a difference are multiplied by outside of it."""
    rows, live = program.graph.rows, program.live()
    if not any(_may_cancel(rows[index]) for index in live):
        return program
    uses = Counter([*(arg for index in live for arg in rows[index].args), *program.roots()])

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if not _may_cancel(row):
            return None
        return _taken_out(graph, [_product(graph, c, ref, uses[arg] == 1) for c, ref, arg in zip(row.payload[0], refs, row.args, strict=True)])

    return rebuild(program, remake)


def _may_cancel(row: Row) -> bool:
    """Whether a row is a sum of terms without a number, one of which has all its axes: else more would be multiplied at that size."""
    return row.op == "sum" and row.payload[1] == 0 and len(row.args) > 1 and any(set(axes) == set(row.keep) for axes in row.axes)


def _product(graph: Graph, coefficient: sp.Expr, ref: Ref, is_alone: bool) -> _Product:
    """A term of a sum as a number and factors: those of a product that nobody else asks for."""
    row, operands = graph[ref], graph.operands(ref) if graph[ref].args else []
    is_open = is_alone and row.op == "product" and len(row.keep) == len(row.sizes) and not any(graph[one].op == "onehot" for one in operands)
    return (coefficient * row.payload, operands) if is_open else (coefficient, [ref])


def _taken_out(graph: Graph, terms: list[_Product]) -> Ref | None:
    numbers = [number for number, _ in terms]
    ratios = {number / numbers[0] for number in numbers}
    scale = numbers[0] if ratios <= {ONE, -ONE} and not is_power_of_two(numbers[0]) else ONE
    common = reduce(and_, (Counter(operands) for _, operands in terms))
    if all(ratio.is_positive for ratio in ratios) or (scale == 1 and not common):
        return None
    inner = [(number / scale, graph.product(ONE, list((Counter(operands) - common).elements()))) for number, operands in terms]
    return graph.product(scale, [*common.elements(), graph.sum(sp.S.Zero, inner)])
