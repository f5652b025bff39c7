"""The chain rule as one sum-product, in both directions, over the one list of local partials.

    forward   dot(r)    = sum over arguments  c * product(factors, dot(a))   summed over what r lacks
    reverse   bar(a)   += c * product(factors, bar(r))                       summed over what a lacks

Derivatives are rows of the same graph.  A term that lacks a label is constant along it.  Labels that belong to no row
are seeds: one-hot seeds give Jacobians and Hessians by the same rule.  Where it is asked for, what is made of inputs element
by element has the adjoints of each element towards all of them, and these are summed at last: what is summed is a slope as
one would write it, and what cancels in that does so before it is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.bounds import Hazards
from symgrad.graph.collector import without_collection
from symgrad.graph.elements import Elements, elements
from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS, Partial
from symgrad.graph.kinks import DEFAULT, Kinks
from symgrad.graph.labels import Label
from symgrad.graph.lower import anywhere, apply, conjunction, negate
from symgrad.graph.rows import REAL, Ref


class Guarded(NamedTuple):
    """An adjoint and where it matters: it is 0, whatever stands there, outside of `exact` and outside of `coarse`.

    An exact guard is on the adjoint's own labels.  A coarse one has lost labels on its way (it says whether any element
    matters), so it is worth a check only where a factor may be infinite.  None: it matters everywhere.
    """

    bar: Ref
    exact: Ref | None = None
    coarse: Ref | None = None


class Sweep:
    """Local partials of the rows of one graph, each row seen once with fixed labels on its axes.

    `by_elements`: adjoints of what is made of inputs element by element are summed over elements at last.
    """

    def __init__(self, graph: Graph, kinks: Kinks = DEFAULT, by_elements: bool = False):
        self.graph, self.kinks, self._is_by_elements = graph, kinks, by_elements
        self._axes: dict[int, tuple[Label, ...]] = {}
        self._late = frozenset[Label]()
        self._partials: dict[int, tuple[Ref, list[Partial], list[Label]]] = {}
        self.hazards = Hazards(graph)

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
            partials = KINDS[self.graph.rows[row].op].partials(self.graph, result, args, self.kinks)
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

    @without_collection
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
        over = [label for label in running(partial, inner) if label not in result.labels]
        if partial.gate is None:
            tangent = graph.product(partial.coefficient, [*partial.factors, dot], over)
            if partial.exists is None or not self.hazards.may_be_nothing(argument, result.labels):
                return tangent
            return self._gated(partial.exists, tangent)
        inside = graph.product(partial.coefficient, [*partial.factors, dot])
        return graph.product(sp.S.One, [self._gated(partial.gate, inside)], over)

    # ------------------------------------------------------------------ reverse

    @without_collection
    def reverse(self, seeds: Mapping[int, Ref], sources: Iterable[int]) -> dict[int, Ref]:
        """Adjoints of the rows between the sources and the seeded rows, on the rows' own axes and seed labels."""
        return self._reverse({row: Guarded(seed) for row, seed in seeds.items()}, list(sources))

    def _reverse(self, seeds: Mapping[int, Guarded], sources: Sequence[int]) -> dict[int, Ref]:
        rows = self.graph.live(seeds)
        active = self.active(rows, sources)
        waiting = {row: [seed] for row, seed in seeds.items()}
        bars, within = dict[int, Ref](), dict[int, Ref]()
        for row in reversed(rows):
            if row not in active or row not in waiting:
                continue
            gathered = self._gathered(waiting.pop(row))
            bars[row] = gathered.bar
            whole = self._elements(row, row in seeds)
            inner = self._by_elements(whole, gathered, sources) if whole is not None else {}
            within.update(inner)
            pulled = [(source, Guarded(inner[source])) for source in sources if source in inner]
            for target, term in self._pulled_from(row, gathered, active) if whole is None else pulled:
                waiting.setdefault(target, []).append(term)
        return within | bars

    def _pulled_from(self, row: int, above: Guarded, active: set[int]) -> Iterator[tuple[int, Guarded]]:
        _, partials, inner = self.partials(row)
        for partial in partials:
            if partial.argument.row in active:
                yield partial.argument.row, self._pulled(partial, above, inner)

    def _elements(self, row: int, is_seeded: bool) -> Elements | None:
        """What a row sums over labels, or is itself if it is seeded, where that is made of inputs element by element."""
        if not self._is_by_elements:
            return None
        whole = Ref(row, self.axes(row))
        (inner, *others), _ = self.graph.open(whole) if self.graph.rows[row].args else ([whole], [])
        if self.graph[whole].op == "product" and not others and len(inner.labels) > len(whole.labels):
            return elements(self.graph, inner)
        return elements(self.graph, whole) if is_seeded and whole.labels else None

    def _by_elements(self, whole: Elements, above: Guarded, sources: Sequence[int]) -> dict[int, Ref]:
        """Adjoints of what a row is made of element by element, all sources among it: slopes times the adjoint above, summed at last."""
        sweep = Sweep(self.graph, self.kinks)
        sweep.hazards, sweep._axes, sweep._late = self.hazards, dict(whole.axes), frozenset(whole.ref.labels)
        slopes = sweep._reverse({whole.ref.row: above._replace(bar=self.graph.constant(sp.S.One))}, sources)
        found = {}
        for row, slope in slopes.items():
            home = dict(zip(whole.axes[row], self.axes(row), strict=True))
            over = [label for label in whole.ref.labels if label not in home]
            if row in sources or not over:
                found[row] = self.graph.product(sp.S.One, [above.bar, slope], over).rename(home)
        return found

    def _gathered(self, terms: list[Guarded]) -> Guarded:
        only = terms[0].bar
        if len(terms) == 1 and not only.labels and self.graph.constant_value(only) is None:
            return terms[0]
        bar = self.graph.sum(sp.S.Zero, [(sp.S.One, term.bar) for term in terms])
        exact = self._either([term.exact for term in terms])
        if exact is not None:
            return Guarded(bar, exact, self._either([term.coarse for term in terms]))
        return Guarded(bar, None, self._either([conjunction(self.graph, term.exact, term.coarse) for term in terms]))

    def _either(self, guards: Sequence[Ref | None]) -> Ref | None:
        """Where any of the guards holds; None where that is everywhere."""
        given = list(dict.fromkeys(guard for guard in guards if guard is not None))
        complementary = len(given) > 1 and any(negate(self.graph, guard) in given for guard in given)
        if None in guards or complementary:
            return None
        return apply(self.graph, "or", given) if len(given) > 1 else given[0]

    def _pulled(self, partial: Partial, above: Guarded, inner: list[Label]) -> Guarded:
        graph, argument = self.graph, partial.argument
        if not inner and partial.gate is above.exact is above.coarse is None:  # a scalar row that matters everywhere
            return Guarded(graph.product(partial.coefficient, [*partial.factors, above.bar]))
        home = dict(zip(argument.labels, self.axes(argument.row), strict=True))
        # every factor that may be infinite where the branch is not taken is set to 0 there
        factors = [self._guarded(above, factor) for factor in partial.factors]
        over = [label for label in running(partial, inner) if label not in argument.labels and label not in self._late]
        if partial.gate is None:
            term = graph.product(partial.coefficient, [*factors, above.bar], over)
        else:
            inside = graph.product(partial.coefficient, [*factors, above.bar])
            term = graph.product(sp.S.One, [self._gated(partial.gate, inside)], over)
        exact, coarse = conjunction(graph, above.exact, partial.gate), above.coarse
        if exact is not None and not set(exact.labels) <= {*argument.labels, *self._late}:
            exact, coarse = None, conjunction(graph, exact, coarse)
        coarse = self._anywhere(coarse, argument)
        exact, coarse = (ref.rename(home) if ref is not None else None for ref in (exact, coarse))
        return Guarded(term.rename(home), exact, coarse)

    def _guarded(self, above: Guarded, factor: Ref) -> Ref:
        graph, (_, exact, coarse) = self.graph, above
        if graph[factor].op == "onehot" or graph.constant_value(factor) is not None:
            return factor
        unsafe = self.hazards.may_be_infinite(factor.row)
        if exact is not None and set(exact.labels) <= {*factor.labels, *self._late}:
            condition = conjunction(graph, exact, self._anywhere(coarse, factor) if unsafe else None)
        else:
            condition = self._anywhere(conjunction(graph, exact, coarse), factor) if unsafe else None
        return self._gated(condition, factor) if condition is not None else factor

    def _anywhere(self, guard: Ref | None, ref: Ref) -> Ref | None:
        """Whether the guard holds anywhere along the labels that the reference lacks."""
        if guard is None:
            return None
        return anywhere(self.graph, guard, [label for label in guard.labels if label not in ref.labels and label not in self._late])

    def _gated(self, gate: Ref, ref: Ref) -> Ref:
        return self.graph.select(gate, ref, self.graph.constant(sp.S.Zero))


def running(partial: Partial, inner: list[Label]) -> list[Label]:
    """Every label that runs in one term of the chain rule."""
    labels = dict.fromkeys(partial.argument.labels)
    for factor in partial.factors:
        labels.update(dict.fromkeys(factor.labels))
    labels.update(dict.fromkeys(inner))
    return list(labels)
