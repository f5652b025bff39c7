"""a/b^2 as (a/b)/b: the square leaves the range of doubles where b is half as far out as a double can be, and the quotient does not.

Formulas of one input are left: where they leave the range they are expanded.
"""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row

ONE = sp.S.One


def divide_twice(program: Program) -> Program:
    """The program with products by a square of a reciprocal as two, one after the other, where that takes no more than one number an element."""
    rows, live = program.graph.rows, program.live()
    if len(program.graph.inputs_among(live)) < 2 or not any(_squares(program.graph, rows[index]) for index in live):
        return program

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        squares = _squares(program.graph, row)
        if not squares:
            return None
        others = [ref for k, ref in enumerate(refs) if k not in squares]
        made = graph.product(row.payload, others) if len(others) > 1 or row.payload != 1 else others[0]
        for k in squares:
            (once,) = graph.operands(refs[k])
            made = graph.product(ONE, [graph.product(ONE, [made, once]), once])
        return made

    return rebuild(program, remake)


def _squares(graph: Graph, row: Row) -> list[int]:
    """Which operands of a product are squares of reciprocals, as large as the product, beside another that is none."""
    if row.op != "product" or row.kind != REAL or len(row.keep) < len(row.sizes) or len(row.args) < 2:
        return []
    found = [k for k, (arg, axes) in enumerate(zip(row.args, row.axes, strict=True))
             if graph.rows[arg].calls("square") and graph.rows[graph.rows[arg].args[0]].calls("reciprocal") and len(axes) == len(row.keep)]
    return found if len(found) < len(row.args) else []
