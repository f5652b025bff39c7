"""Forward mode from one-hot seeds, with the structure of every tangent kept.

    dot(r)[axes, seeds] = sum over patterns of  scale * base * deltas

The deltas say where numbers stand: delta(axis = seed), delta(seed = u[axis]), ….  The base are the factors that carry seeds,
the scale is the one factor that carries none.  An elementary function changes the scale alone, a sum runs over the factors
that carry its label, and nothing is multiplied by a delta; terms of one pattern are added by their scales.  A block of a
Hessian is thus a few small products put in their places: X^T D X of a linear model, X^T X on the diagonal blocks of least
squares, a diagonal for a separable sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.derive.deltas import settled
from symgrad.derive.sweep import Sweep, running
from symgrad.graph.graph import Graph
from symgrad.graph.kinds import Partial
from symgrad.graph.labels import Label
from symgrad.graph.lower import conjunction
from symgrad.graph.rows import Ref

ZERO, ONE = sp.S.Zero, sp.S.One

MOST_PATTERNS = 12
"""A tangent of more patterns than this is written out as one array."""


class Pattern(NamedTuple):
    """Where the numbers of a term stand, and the factors that carry seeds."""

    deltas: tuple[Ref, ...] = ()
    base: tuple[Ref, ...] = ()


Tangent = dict[Pattern, Ref]
"""The scale of each pattern; their products add up to the tangent."""


class SeededSweep:
    """Tangents towards every element of one source row."""

    def __init__(self, sweep: Sweep, source: int):
        self.sweep, self.source = sweep, source
        self.graph: Graph = sweep.graph
        self.seeds = [Label(axis.size) for axis in sweep.axes(source)]

    def forward(self, roots: Iterable[int]) -> dict[int, Tangent]:
        """Tangents of the rows that the source reaches, on the rows' own axes and the seeds."""
        axes = self.sweep.axes(self.source)
        deltas = [self.graph.onehot(self.graph.iota(axis), seed) for axis, seed in zip(axes, self.seeds, strict=True)]
        rows = self.graph.live(roots)
        active = self.sweep.active(rows, [self.source])
        dots: dict[int, Tangent] = {self.source: {Pattern(tuple(deltas)): self.graph.constant(ONE)}}
        for row in rows:
            if row in active and row != self.source:
                tangent = self._tangent(row, dots)
                if tangent:
                    dots[row] = tangent
        return dots

    def written(self, tangent: Tangent) -> Ref:
        """The tangent as a row: each pattern's numbers in their places, added up."""
        return self.graph.sum(ZERO, [(ONE, self._product(pattern, scale)) for pattern, scale in tangent.items()])

    def _product(self, pattern: Pattern, scale: Ref) -> Ref:
        return self.graph.product(ONE, [scale, *pattern.base, *pattern.deltas])

    # ------------------------------------------------------------------ one row

    def _tangent(self, row: int, dots: dict[int, Tangent]) -> Tangent:
        result, partials, inner = self.sweep.partials(row)
        order = [*result.labels, *self.seeds]
        scales: dict[Pattern, list[Ref]] = {}
        for partial in partials:
            tangent = dots.get(partial.argument.row, {})
            for pattern, scale in self._pushed(partial, tangent, order, inner):
                scales.setdefault(pattern, []).append(scale)
        found = {pattern: self.graph.sum(ZERO, [(ONE, scale) for scale in several]) for pattern, several in scales.items()}
        return self._gathered({pattern: scale for pattern, scale in found.items() if self.graph.constant_value(scale) != 0})

    def _pushed(self, partial: Partial, tangent: Tangent, order: Sequence[Label], inner: list[Label]) -> Iterator[tuple[Pattern, Ref]]:
        home = dict(zip(self.sweep.axes(partial.argument.row), partial.argument.labels, strict=True))
        over = [label for label in running(partial, inner) if label not in order]
        gate = partial.gate
        if partial.exists is not None and self.sweep.hazards.may_be_nothing(partial.argument, order):
            gate = conjunction(self.graph, gate, partial.exists)
        for pattern, scale in tangent.items():
            base, deltas = ([ref.rename(home) for ref in refs] for refs in (pattern.base, pattern.deltas))
            operands = [*partial.factors, scale.rename(home)]
            if gate is not None:
                operands, base = [self._gated(gate, operands)], [ref if self._is_given(ref) else self._gated(gate, [ref]) for ref in base]
            yield self._arranged(partial.coefficient, [*operands, *base, *deltas], over, order)

    def _gated(self, gate: Ref, refs: Sequence[Ref]) -> Ref:
        return self.graph.select(gate, self.graph.product(ONE, refs), self.graph.constant(ZERO))

    def _is_given(self, ref: Ref) -> bool:
        """Whether a factor is finite wherever the inputs are: it is one of them, or read from one."""
        row = self.graph[ref]
        return row.op == "input" or (row.op == "product" and all(self.graph.rows[arg].op in ("input", "onehot") for arg in row.args))

    def _arranged(self, coefficient: sp.Expr, refs: Sequence[Ref], over: Sequence[Label], order: Sequence[Label]) -> tuple[Pattern, Ref]:
        product = settled(self.graph, refs, over, order)
        base = [ref for ref in product.factors if any(seed in ref.labels for seed in self.seeds)]
        scale = self.graph.product(coefficient * product.coefficient, [ref for ref in product.factors if ref not in base])
        return Pattern(_sorted(product.deltas, order), _sorted(base, order)), scale

    # ------------------------------------------------------------------ patterns that become one

    def _gathered(self, tangent: Tangent) -> Tangent:
        """Terms that differ in factors of the same labels alone are added, so that later sums run once."""
        groups: dict[tuple, list[tuple[Pattern, Ref]]] = {}
        for pattern, scale in tangent.items():
            groups.setdefault(_extent(pattern, scale), []).append((pattern, scale))
        merged = dict(group[0] if len(group) == 1 else self._merged(group) for group in groups.values())
        if len(merged) <= MOST_PATTERNS:
            return merged
        return {Pattern((), (self.written(merged),)): self.graph.constant(ONE)}

    def _merged(self, group: Sequence[tuple[Pattern, Ref]]) -> tuple[Pattern, Ref]:
        """Factors that every term has stay outside of the sum."""
        first, _ = group[0]
        common = [ref for ref in first.base if all(ref in pattern.base for pattern, _ in group)]
        terms = [self.graph.product(ONE, [scale, *(ref for ref in pattern.base if ref not in common)]) for pattern, scale in group]
        total = self.graph.sum(ZERO, [(ONE, term) for term in terms])
        if not set(total.labels) & set(self.seeds):
            return Pattern(first.deltas, tuple(common)), total
        return Pattern(first.deltas, (*common, total)), self.graph.constant(ONE)


def _extent(pattern: Pattern, scale: Ref) -> tuple:
    """The deltas of a term and all labels that its numbers run along."""
    return pattern.deltas, frozenset(label for ref in (scale, *pattern.base) for label in ref.labels)


def _sorted(refs: Iterable[Ref], order: Sequence[Label]) -> tuple[Ref, ...]:
    rank = {label: position for position, label in enumerate(order)}
    return tuple(sorted(refs, key=lambda ref: (ref.row, [rank.get(label, len(rank)) for label in ref.labels])))
