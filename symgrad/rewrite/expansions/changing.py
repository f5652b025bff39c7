"""Programs with what rests on inputs element by element changed as a whole, also where a seed is multiplied into it or it is summed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

Change = Callable[[Ref, Sequence[Label]], Ref]
"""What is made of a row that is summed over labels."""


class Changing:
    """Rows of a graph with what rests on inputs alone changed."""

    def __init__(self, resting: Resting, change: Change) -> None:
        self._graph, self._resting, self._change = resting.graph, resting, change

    def changed(self, ref: Ref, over: Sequence[Label] = ()) -> Ref:
        """A row with what rests on inputs alone changed: itself, or what seeds are multiplied by; another row as it is."""
        if self._resting.inputs(ref):
            return self._change(ref, over)
        slopes = self._resting.slopes(ref) or {}
        better = {seed: self._change(slope, over) for seed, slope in slopes.items()}
        if better == slopes:
            return ref
        keeps_zero = self._resting.keeps_zero(ref)
        return self._graph.sum(ZERO, [(ONE, self._times(seed, slope, keeps_zero)) for seed, slope in better.items()])

    def _times(self, seed: Ref, slope: Ref, keeps_zero: bool) -> Ref:
        """The seed times its slope; 0 where it is, although the slope is infinite, where the row was so."""
        graph, made = self._graph, look.times(self._graph, ONE, seed, slope)
        nothing = graph.constant(ZERO)
        may_vanish = keeps_zero and graph[seed].op != "constant"
        return graph.select(look.make(graph, "ne", seed, nothing), made, nothing) if may_vanish else made

    def within(self, row: Row, refs: list[Ref], labels: list[Label]) -> Ref:
        """A row that does not rest on inputs, with its operands changed: those of a product as a whole, where that is changed."""
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        if row.op == "product" and len(refs) > 1 and all(map(self._resting.follows, refs)):
            whole = self._graph.product(ONE, refs)
            made = self.changed(whole, over)
            if made != whole:
                return self._graph.product(row.payload, [made], over)
        return KINDS[row.op].remake(self._graph, row, [self.changed(ref, over) for ref in refs], labels)

    def outcome(self, ref: Ref) -> Ref:
        """A result changed, also where it is a sum over labels, or made of such."""
        row = self._graph[ref]
        if self._resting.follows(ref) or row.op not in ("sum", "product", "named"):
            return self.changed(ref)
        operands, labels = self._graph.open(ref)
        return self.within(row, [one if self._resting.follows(one) else self.outcome(one) for one in operands], labels)


def remade(program: Program, resting: Resting, change: Change) -> Program:
    """The program, in the empty graph of resting, with what rests on inputs changed as a whole where it is handed back, and where it is used
    by what does not rest on them."""
    roots, changing = set(program.roots()), Changing(resting, change)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        made = KINDS[row.op].remake(graph, row, refs, labels)
        if not resting.follows(made):
            made = changing.within(row, refs, labels)
        return changing.changed(made) if index in roots else made

    return rebuild(program, remake, resting.graph)
