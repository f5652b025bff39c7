"""Sums over samples with what stands outside of them taken in again, where what is summed is made of inputs element by element then: its slopes
are those of one sample, and no digits are lost that these do not lose."""

from __future__ import annotations

from dataclasses import replace

from symgrad.graph.elements import MOST_ROWS, elements
from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.summed import Summed


def gather(program: Program) -> Program:
    """The program with such sums, to be derived element by element; as it is where it has too many rows."""
    live = program.live()
    if len(live) > MOST_ROWS:
        return program
    made, roots = Graph(), set(program.roots())
    summed = Summed(Resting(made))

    def gathered(ref: Ref) -> Ref:
        sums = summed.sums(ref)
        return summed.made(sums) if any(one.over and _is_formula(made, one.summand) for one in sums) else ref

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        plain = KINDS[row.op].remake(graph, row, refs, labels)
        if not summed.sums(plain):
            plain = KINDS[row.op].remake(graph, row, [gathered(ref) for ref in refs], labels)
        return gathered(plain) if index in roots else plain

    return replace(rebuild(program, remake, made), by_elements=True)


def _is_formula(graph: Graph, summand: Ref) -> bool:
    """Whether it is made of inputs element by element, and not by products alone."""
    return elements(graph, summand) is not None and any(graph.rows[index].op in ("map", "sum") for index in graph.live([summand.row]))
