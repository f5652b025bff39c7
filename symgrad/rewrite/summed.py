"""Sums over samples with all that stands outside of them taken in, so that what is summed is a value or a slope as it was declared.

The slope of a sum of k (exp(-a t_i) - exp(-b t_i))/(b - a) towards a is a sum times 1/(b - a)^2 less another one times 1/(b - a): what
cancels where a is b is the sum of both, for each sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.labels import Label, same_size
from symgrad.graph.rows import Ref
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

MOST_TERMS = 64
"""A row of more terms counts as one: those of a recursion over time steps would double with each."""


class Sum(NamedTuple):
    """A number, which may be made of sizes, times other rows times the sum over labels of what rests on inputs element by element."""

    number: sp.Expr
    others: tuple[Ref, ...]
    summand: Ref
    over: tuple[Label, ...]


class Summed:
    """Rows of a graph as sums of such sums."""

    def __init__(self, resting: Resting) -> None:
        self._graph, self._resting = resting.graph, resting
        self._terms: dict[Ref, list[Sum]] = {}

    def sums(self, ref: Ref) -> list[Sum]:
        """As few as there can be; nothing for a row that rests on inputs element by element itself, or is none of such sums."""
        terms = self._parts(ref)
        if self._resting.follows(ref) or any(term.others == (ref,) for term in terms):
            return []
        by_others: dict[tuple[Ref, ...], list[Sum]] = {}
        for term in terms:
            by_others.setdefault(term.others, []).append(term)
        return [one for same in by_others.values() for one in self._joined(same)]

    def made(self, sums: Iterable[Sum]) -> Ref:
        """The row that these add up to."""
        graph = self._graph
        return graph.sum(ZERO, [(ONE, graph.product(one.number, [*one.others, graph.product(ONE, [one.summand], one.over)])) for one in sums])

    def _parts(self, ref: Ref) -> list[Sum]:
        """The terms of a row."""
        if ref not in self._terms:
            found = self._found(ref)
            self._terms[ref] = found if len(found) <= MOST_TERMS else self._whole(ref)
        return self._terms[ref]

    def _whole(self, ref: Ref) -> list[Sum]:
        return [Sum(ONE, (ref,), self._graph.constant(ONE), ())]

    def _found(self, ref: Ref) -> list[Sum]:
        graph, row = self._graph, self._graph[ref]
        if self._resting.follows(ref):
            return [Sum(ONE, (), ref, ())]
        constant, added = look.terms(graph, ref) or (ZERO, [])
        if added:
            found = [one._replace(number=c * one.number) for c, term in added for one in self._parts(term)]
            return [*found, *([Sum(constant, (), graph.constant(ONE), ())] if constant != 0 else [])]
        if row.op == "named":
            return self._parts(graph.operands(ref)[0])
        return self._product(ref) or self._whole(ref)

    def _product(self, ref: Ref) -> list[Sum] | None:
        """The terms of a product, one factor of which may have several; None where a label of the sum runs along what rests on no inputs."""
        graph, (coefficient, operands, over) = self._graph, look.opened(self._graph, ref) or (ONE, [], [])
        number, beside, own, inner = coefficient, list[Ref](), list[Ref](), list[list[Sum]]()
        for one in operands:
            parts = self._parts(one)
            if len(parts) == 1 and not parts[0].over:
                number, beside, own = number * parts[0].number, [*beside, *parts[0].others], [*own, parts[0].summand]
            else:
                inner.append(parts)
        if len(inner) > 1 or not operands:
            return None
        found = []
        for term in inner[0] if inner else [Sum(ONE, (), graph.constant(ONE), ())]:
            others = tuple(sorted((*beside, *term.others), key=lambda one: one.row))
            summand = graph.product(ONE, [*own, term.summand])
            if any(label in over for one in others for label in one.labels) or not self._resting.follows(summand):
                return None
            found.append(Sum(number * term.number, others, summand, (*over, *term.over)))
        return found

    def _joined(self, terms: Sequence[Sum]) -> list[Sum]:
        """Terms with the same other factors as one sum for each number of sizes; what does not rest on inputs element by element then, as
        x_i + x_j, stays apart, and so do sums over other labels."""
        found = list[Sum]()
        for term in terms:
            plain, sizes = term.number.as_independent(*term.number.free_symbols, as_Add=False)
            new = term._replace(number=sizes, summand=self._graph.product(plain, [term.summand]))
            k, joined = next(((k, both) for k, one in enumerate(found) if (both := self._both(one, new)) is not None), (len(found), new))
            found[k:k + 1] = [joined]
        return found

    def _both(self, one: Sum, other: Sum) -> Sum | None:
        labels = _onto(other.over, one.over) if one.number == other.number else None
        if labels is None:
            return None
        summand = self._graph.sum(ZERO, [(ONE, one.summand), (ONE, other.summand.rename(labels))])
        return one._replace(summand=summand) if self._resting.follows(summand) else None


def _onto(labels: Sequence[Label], others: Sequence[Label]) -> dict[Label, Label] | None:
    """Which of the others each label is; None where sizes do not tell."""
    alike = [[other for other in others if same_size(other.size, label.size)] for label in labels]
    is_clear = len(labels) == len(others) and all(len(found) == 1 for found in alike)
    return {label: found for label, (found,) in zip(labels, alike, strict=True)} if is_clear else None
