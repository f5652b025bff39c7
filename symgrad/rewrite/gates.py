"""Conditions that are the same all along a sum: asked once, after it.

The slope of x^k towards x is 0 where k is 0: of an array x that is one question, not one for each element.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.rules.look import ZERO


def ask_once(program: Program) -> Program:
    """The program with [condition ? a : 0] summed as [condition ? sum of a : 0], where nobody else needs the former."""
    rows, live = program.graph.rows, program.live()
    used = [arg for index in live for arg in {*rows[index].args}] + program.roots()
    alone = {index for index in live if rows[index].calls("select") and used.count(index) == 1}
    if not any(arg in alone for index in live if _is_sum(rows[index]) for arg in rows[index].args):
        return program

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if not _is_sum(row):
            return None
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        conditions, operands = _asked(graph, [ref if arg in alone else None for ref, arg in zip(refs, row.args, strict=True)], refs, over)
        made = graph.product(row.payload, operands, over)
        for condition in conditions:
            made = graph.select(condition, made, graph.constant(ZERO))
        return made

    return rebuild(program, remake)


def _is_sum(row: Row) -> bool:
    return row.op == "product" and len(row.keep) < len(row.sizes)


def _asked(graph: Graph, alone: Sequence[Ref | None], refs: Sequence[Ref], over: Sequence[Label]) -> tuple[list[Ref], list[Ref]]:
    """The conditions that do not run along a sum, and its operands without them."""
    conditions, operands = [], list(refs)
    for k, ref in enumerate(alone):
        while ref is not None and graph[ref].calls("select"):
            condition, inside, outside = graph.operands(ref)
            if graph.constant_value(outside) != 0 or set(condition.labels) & set(over) or not set(over) & set(inside.labels):
                break
            conditions.append(condition)
            operands[k] = ref = inside
    return conditions, operands
