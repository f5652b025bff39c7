"""Results that doubles do not give to a few ulp, although twice their digits do: computed so where that is.

This is looked at last, when the other passes have done what they can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.expansions.resting import Resting, remade
from symgrad.rewrite.in_doubles import is_numpy
from symgrad.rewrite.libraries import GAMMAS
from symgrad.rewrite.rules.look import ONE
from symgrad.rewrite.twice.doubts import FormulaOfSeveral
from symgrad.rewrite.twice.formula import OF_SLOPE, OF_VALUE, Formula, name_of
from symgrad.rewrite.twice.in_steps import steps
from symgrad.rewrite.twice.places import Places
from symgrad.rewrite.twice.zones import FormulaOfOne

MOST, MOST_ROWS = 8, 150
"""Formulas of more inputs, and longer programs, are left as they are."""
MOST_SUMS = 8
"""So many sums are looked at beside their zeros."""


def is_looked_at(program: Program) -> bool:
    """Whether a declared program is made of formulas of a few inputs, element by element."""
    live = program.live()
    is_short = len(program.outputs) == 1 and len(live) <= MOST_ROWS and 1 <= len(program.graph.inputs_among(live)) <= MOST
    return is_short and any(True for output in program.outputs.values() for _ in _wholes(Resting(program.graph.copy()), output.ref))


def formulas(declared: Program) -> list[Formula]:
    """What values and slopes are made of element by element as they were declared, where all in it has twice the digits."""
    graph, found = declared.graph.copy(), dict[Ref, Formula]()
    resting, places = Resting(graph), _places(declared)
    for k, output in enumerate(declared.outputs.values()):
        for ref in _wholes(resting, output.ref):
            sources = sorted(resting.inputs(ref) or (), key=lambda one: one.row)
            formula = steps(graph, ref, *sources)
            if formula is not None and ref not in found:
                known = graph, ref, sources, formula, OF_SLOPE if k else OF_VALUE
                found[ref] = FormulaOfOne(*known) if len(sources) == 1 else FormulaOfSeveral(*known, places)
    return list(found.values())


def _places(declared: Program) -> Places:
    """Where formulas of several inputs are looked at: also beside the zeros of results, and of the first sums below them."""
    graph, live, roots = declared.graph, declared.live(), declared.roots()
    resting = Resting(graph)
    sums = [ref for index in sorted(live, key=lambda one: one not in roots) if graph.rows[index].op == "sum"
            for ref in [graph.whole(index)]
            if resting.inputs(ref) and is_numpy(graph, ref)]
    return Places(graph, [Ref(index) for index in graph.inputs_among(live)], sums[:MOST_SUMS])


def _wholes(resting: Resting, root: Ref) -> Iterator[Ref]:
    """The rows that rest on inputs element by element and are no part of another; a product that is summed is one."""
    graph, waiting, seen = resting.graph, [root], set[int]()
    while waiting:
        ref = waiting.pop()
        if ref.row in seen:
            continue
        seen.add(ref.row)
        row = graph[ref]
        if resting.inputs(ref):
            made = [graph.rows[index].op for index in graph.live([ref.row]) if graph.rows[index].args]
            if row.kind == REAL and len(made) > 1 and {*made} != {"product"}:
                yield ref
            continue
        operands = graph.open(ref)[0] if row.args else []
        waiting += [graph.product(ONE, operands)] if _is_sum_of_products(row) else operands


def _is_sum_of_products(row: Row) -> bool:
    return row.op == "product" and len(row.args) > 1 and len(row.keep) < len(row.sizes)


def keep_digits(program: Program, declared: Callable[[], Sequence[Formula]] = lambda: ()) -> Program:
    """The program with results in twice the digits where doubles are not enough; declared gives what these may be."""
    live = program.live()
    if not 1 <= len(program.graph.inputs_among(live)) <= MOST or len(live) > MOST_ROWS or not declared():
        return program
    resting = Resting(Graph())
    keeping = _Keeping(resting, declared())
    made = remade(program, resting, keeping.kept, keeping.kept_product)
    return made if keeping.count else program


class _Keeping:
    """Rows of a graph that is being made, in twice the digits where doubles are not enough."""

    def __init__(self, resting: Resting, declared: Sequence[Formula]) -> None:
        self._graph, self._resting, self._declared = resting.graph, resting, declared
        self.count = 0

    def kept(self, ref: Ref) -> Ref:
        inputs = self._resting.inputs(ref) or frozenset()
        if not inputs or ref in inputs or self._graph[ref].kind != REAL or not is_numpy(self._graph, ref, GAMMAS):
            return ref
        sources = {name_of(self._graph, source): source for source in inputs}
        for formula in self._declared:
            made = formula.kept(self._graph, ref, [sources[name] for name in formula.names]) if {*formula.names} == {*sources} else None
            if made is not None:
                self._graph.notes.setdefault(made.row, "rule double-double arithmetic")
                self.count += 1
                return made
        return ref

    def kept_product(self, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        """A sum of products that are formulas as a whole, which its factors are not."""
        if not _is_sum_of_products(row):
            return None
        whole = self._graph.product(ONE, refs)
        made = self.kept(whole)
        kept = {labels[local] for local in row.keep}
        return self._graph.product(row.payload, [made], [label for label in labels if label not in kept]) if made != whole else None
