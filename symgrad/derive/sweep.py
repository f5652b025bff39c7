"""The chain rule as one sum-product, in both directions, over the one list of local partials.

    forward   dot(r)    = sum over arguments  c * product(factors, dot(a))   summed over what r lacks
    reverse   bar(a)   += c * product(factors, bar(r))                       summed over what a lacks

Derivatives are rows of the same graph.  A term that lacks a label is constant along it.  Labels that belong to no row
are seeds: one-hot seeds give Jacobians and Hessians by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS, Partial
from symgrad.graph.labels import Label
from symgrad.graph.lower import apply, conjunction, negate
from symgrad.graph.rows import REAL, Ref

Guarded = tuple[Ref, Ref | None]
"""An adjoint and the condition outside of which it is 0 whatever stands there (None: it matters everywhere)."""


class Sweep:
    """Local partials of the rows of one graph, each row seen once with fixed labels on its axes."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self._axes: dict[int, tuple[Label, ...]] = {}
        self._partials: dict[int, tuple[Ref, list[Partial], list[Label]]] = {}

    def axes(self, row: int) -> tuple[Label, ...]:
        found = self._axes.get(row)
        if found is None:
            found = self._axes[row] = tuple(Label(size) for size in self.graph.rows[row].shape)
        return found

    def partials(self, row: int) -> tuple[Ref, list[Partial], list[Label]]:
        """The row on its own axes, its partials, and every label that runs in it."""
        found = self._partials.get(row)
        if found is None:
            result = Ref(row, self.axes(row))
            args, labels = self.graph.open(result)
            partials = KINDS[self.graph.rows[row].op].partials(self.graph, result, args)
            partials = [p for p in partials if self.graph[p.argument].kind == REAL]
            found = self._partials[row] = (result, partials, labels)
        return found

    def active(self, rows: Iterable[int], sources: Iterable[int]) -> set[int]:
        """The rows that depend on the sources."""
        active = set(sources)
        for row in rows:
            if row not in active and any(arg in active for arg in self.graph.rows[row].args):
                active.add(row)
        return active

    # ------------------------------------------------------------------ forward

    def forward(self, roots: Iterable[int], seeds: Mapping[int, Ref]) -> dict[int, Ref]:
        """Tangents of the rows that the seeds reach, on the rows' own axes and the seeds' extra labels."""
        rows = self.graph.live(roots)
        active = self.active(rows, seeds)
        dots: dict[int, Ref] = dict(seeds)
        for row in rows:
            if row in active and row not in dots:
                dot = self._tangent(row, dots)
                if dot is not None:
                    dots[row] = dot
        return dots

    def _tangent(self, row: int, dots: Mapping[int, Ref]) -> Ref | None:
        result, partials, inner = self.partials(row)
        terms = []
        for partial in partials:
            dot = dots.get(partial.argument.row)
            if dot is not None:
                terms.append((sp.S.One, self._pushed(partial, dot, result, inner)))
        return self.graph.sum(sp.S.Zero, terms) if terms else None

    def _pushed(self, partial: Partial, dot: Ref, result: Ref, inner: list[Label]) -> Ref:
        graph, argument = self.graph, partial.argument
        dot = dot.rename(dict(zip(self.axes(argument.row), argument.labels, strict=True)))
        over = [label for label in _running(partial, inner) if label not in result.labels]
        if partial.gate is None:
            return graph.product(partial.coefficient, [*partial.factors, dot], over)
        inside = graph.product(partial.coefficient, [*partial.factors, dot])
        return graph.product(sp.S.One, [self._gated(partial.gate, inside)], over)

    # ------------------------------------------------------------------ reverse

    def reverse(self, seeds: Mapping[int, Ref], sources: Iterable[int]) -> dict[int, Ref]:
        """Adjoints of the rows between the sources and the seeded rows, on the rows' own axes and seed labels."""
        sources = list(sources)
        rows = self.graph.live(seeds)
        active = self.active(rows, sources)
        waiting: dict[int, list[Guarded]] = {row: [(seed, None)] for row, seed in seeds.items()}
        bars: dict[int, Ref] = {}
        for row in reversed(rows):
            if row not in active or row not in waiting:
                continue
            bar, guard = self._gathered(waiting.pop(row))
            bars[row] = bar
            result, partials, inner = self.partials(row)
            for partial in partials:
                target = partial.argument.row
                if target in active:
                    waiting.setdefault(target, []).append(self._pulled(partial, bar, guard, result, inner))
        return bars

    def _gathered(self, terms: list[Guarded]) -> Guarded:
        bar = self.graph.sum(sp.S.Zero, [(sp.S.One, ref) for ref, _ in terms])
        guards = [guard for _, guard in terms if guard is not None]
        if len(guards) < len(terms):
            return bar, None
        distinct = list(dict.fromkeys(guards))
        if len(distinct) > 1 and any(negate(self.graph, guard) in distinct for guard in distinct):
            return bar, None
        return bar, apply(self.graph, "or", distinct) if len(distinct) > 1 else distinct[0]

    def _pulled(self, partial: Partial, bar: Ref, guard: Ref | None, result: Ref, inner: list[Label]) -> Guarded:
        graph, argument = self.graph, partial.argument
        home = dict(zip(argument.labels, self.axes(argument.row), strict=True))
        # every factor that may be infinite where the branch is not taken is set to 0 there
        factors = partial.factors if guard is None else [self._guarded(guard, factor) for factor in partial.factors]
        over = [label for label in _running(partial, inner) if label not in argument.labels]
        if partial.gate is None:
            term = graph.product(partial.coefficient, [*factors, bar], over)
        else:
            inside = graph.product(partial.coefficient, [*factors, bar])
            term = graph.product(sp.S.One, [self._gated(partial.gate, inside)], over)
        passed = conjunction(graph, guard, partial.gate)
        if passed is not None and not set(passed.labels) <= set(argument.labels):
            passed = None
        return term.rename(home), passed.rename(home) if passed is not None else None

    def _guarded(self, guard: Ref, factor: Ref) -> Ref:
        harmless = self.graph[factor].op == "onehot" or self.graph.constant_value(factor) is not None
        return factor if harmless or not set(guard.labels) <= set(factor.labels) else self._gated(guard, factor)

    def _gated(self, gate: Ref, ref: Ref) -> Ref:
        return self.graph.select(gate, ref, self.graph.constant(sp.S.Zero))


def _running(partial: Partial, inner: list[Label]) -> list[Label]:
    labels = dict.fromkeys(partial.argument.labels)
    for factor in partial.factors:
        labels.update(dict.fromkeys(factor.labels))
    labels.update(dict.fromkeys(inner))
    return list(labels)
