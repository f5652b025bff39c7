"""Sums of exponentials from which the largest was taken out: their logarithm is log1p of what they are beyond 1.

Where one element is all there is the rest of the sum is less than what 1 rounds to, and log(1) would be 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.choices import masked

ZERO, ONE = sp.S.Zero, sp.S.One


def keep_small_shares(program: Program) -> Program:
    """The program with log(sum exp(a - max a)) as log1p of the sum's rest, masked elements left out of both or of none."""
    rows = program.graph.rows
    logs = [rows[index] for index in program.live() if rows[index].calls("log")]
    sums = {row.args[0] for row in logs if _may_be(rows, rows[row.args[0]])}
    if not sums:
        return program
    rests: dict[int, int] = {}

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        if index in sums and _is_shifted(graph, refs[0], over):
            rest = graph.reduce("rest", refs[0], over)
            total = graph.sum(ONE, [(ONE, rest)])
            rests[total.row] = rest.row
            return total
        if row.calls("log") and refs[0].row in rests:
            return graph.map("log1p", (Ref(rests[refs[0].row], refs[0].labels),))
        return None

    return rebuild(program, remake)


def _may_be(rows: Sequence[Row], row: Row) -> bool:
    """Whether a row is the plain sum of one operand that holds exponentials."""
    if row.op != "product" or len(row.args) != 1 or row.payload != 1 or len(row.keep) == len(row.sizes):
        return False
    return rows[row.args[0]].calls("exp", "select")


def _is_shifted(graph: Graph, ref: Ref, over: list[Label]) -> bool:
    """Whether a row is exp(a - finite(max a)), all of it or where a mask holds."""
    found = masked(graph, ref)
    bare = ref if found is None else found[1]
    exponent = graph.operands(bare)[0] if graph[bare].calls("exp") else None
    row = graph[exponent] if exponent is not None else None
    if exponent is None or row is None or row.op != "sum" or row.payload != ((ONE, -ONE), ZERO):
        return False
    a, top = graph.operands(exponent)
    seen = a if found is None else graph.select(found[0], a, graph.constant(-sp.oo))
    return top == graph.map("finite", (graph.reduce("extremum", seen, over, "max"),))
