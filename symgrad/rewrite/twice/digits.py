"""Results that doubles do not give to a few ulp, although twice their digits do: computed so where that is.

This is looked at last, when the other passes have done what they can.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Program
from symgrad.graph.rows import REAL, Ref
from symgrad.rewrite.expansions.changing import remade
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.in_doubles import is_numpy
from symgrad.rewrite.rules.look import ONE
from symgrad.rewrite.twice.doubts import FormulaOfSeveral
from symgrad.rewrite.twice.formula import Formula, name_of
from symgrad.rewrite.twice.in_steps import steps
from symgrad.rewrite.twice.line import PlacesOfOne
from symgrad.rewrite.twice.places import Places
from symgrad.rewrite.twice.samples import in_twice_the_digits, instead, lost_in_sums
from symgrad.rewrite.twice.zones import FormulaOfOne

MOST, MOST_ROWS, MOST_DERIVED = 8, 150, 600
"""Formulas of more inputs, and longer programs, are left as they are; what is derived has rows that put back what rounding loses, too."""
MOST_SUMS = 8
"""So many sums are looked at beside their zeros."""


def is_looked_at(program: Program) -> bool:
    """Whether a declared program is made of formulas of a few inputs, element by element."""
    live = program.live()
    is_short = len(program.outputs) == 1 and len(live) <= MOST_ROWS and 1 <= len(program.graph.inputs_among(live)) <= MOST
    return is_short and any(True for output in program.outputs.values() for _ in _wholes(Resting(program.graph.copy()), output.ref))


def formulas(declared: Program, orders: Sequence[int], wanted: Collection[int]) -> list[Formula]:
    """What results whose order as a derivative is wanted are made of element by element as they were declared, where all in it has twice the
    digits."""
    graph, found = declared.graph.copy(), dict[Ref, Formula]()
    resting = Resting(graph)
    wholes = [list(_wholes(resting, output.ref)) for output in declared.outputs.values()]
    every = [ref for refs in wholes for ref in refs]
    places = _places(declared, resting, every)
    sources = {ref: sorted(resting.inputs(ref) or (), key=lambda one: one.row) for ref in every}
    known = {ref: formula for ref in every if (formula := steps(graph, ref, *sources[ref])) is not None}
    of_one = {source: PlacesOfOne(graph, [ref for ref in known if sources[ref] == [source]], source) for source, *_ in sources.values()}
    for order, refs in zip(orders, wholes, strict=True):
        for ref in refs:
            if order in wanted and ref in known and ref not in found:
                given = graph, ref, sources[ref], known[ref], order
                found[ref] = FormulaOfOne(*given, of_one[sources[ref][0]]) if len(sources[ref]) == 1 else FormulaOfSeveral(*given, places)
    return list(found.values())


def _places(declared: Program, resting: Resting, wholes: Sequence[Ref]) -> Places:
    """Where formulas of several inputs are looked at: also beside the zeros of results, and of the first sums below them."""
    graph, roots = resting.graph, {ref.row for ref in wholes}
    sums = [ref for index in sorted(graph.live(roots), key=lambda one: one not in roots) if graph.rows[index].op == "sum"
            for ref in [graph.whole(index)]
            if resting.inputs(ref) and is_numpy(graph, ref)]
    return Places(graph, [Ref(index) for index in graph.inputs_among(declared.live())], sums[:MOST_SUMS])


def _wholes(resting: Resting, root: Ref) -> Iterator[Ref]:
    """The rows that rest on inputs element by element and are no part of another; a product that is summed, or taken many times, is one."""
    graph, waiting, seen = resting.graph, [root], set[int]()
    while waiting:
        ref = waiting.pop()
        if ref.row in seen:
            continue
        seen.add(ref.row)
        if resting.inputs(ref):
            made = [graph.rows[index].op for index in graph.live([ref.row]) if graph.rows[index].args]
            if graph[ref].kind == REAL and len(made) > 1 and {*made} != {"product"}:
                yield ref
            continue
        operands = graph.open(ref)[0] if graph[ref].args else []
        is_whole = graph[ref].op == "product" and all(map(resting.inputs, operands))
        waiting += [graph.product(ONE, operands)] if is_whole else operands


def keep_digits(program: Program, declared: Callable[[], Sequence[Formula]] = lambda: (),
                by_samples: Callable[[], Program] | None = None) -> Program:
    """The program with results in twice the digits where doubles are not enough; declared gives what these may be, by_samples the same program
    with the slopes of samples summed at last."""
    live = program.live()
    if not 1 <= len(program.graph.inputs_among(live)) <= MOST or len(live) > MOST_DERIVED or not declared():
        return program
    if by_samples is not None and (lost := lost_in_sums(program, declared())):
        program = instead(program, lost, by_samples())
    resting = Resting(Graph())
    keeping = _Keeping(resting, declared())
    made = remade(program, resting, keeping.kept)
    return made if keeping.count else program


class _Keeping:
    """Rows of a graph that is being made, in twice the digits where doubles are not enough."""

    def __init__(self, resting: Resting, declared: Sequence[Formula]) -> None:
        self._graph, self._resting, self._declared = resting.graph, resting, declared
        self.count = 0

    def kept(self, ref: Ref, over: Collection[Label]) -> Ref:
        inputs = self._resting.inputs(ref) or frozenset()
        summed = [name_of(self._graph, source) for source in inputs if {*source.labels} & {*over}]
        made = in_twice_the_digits(self._graph, ref, inputs, self._declared, summed)
        if made is None:
            return ref
        self._graph.notes.setdefault(made.row, "rule double-double arithmetic")
        self.count += 1
        return made
