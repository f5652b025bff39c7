"""A formula as it was declared, beside itself in twice the digits: what results may be computed by where doubles are not enough."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.graph.steps import Steps
from symgrad.rewrite.expansions.values import FAR, PRECISION, QUICK
from symgrad.rewrite.in_doubles import values_at
from symgrad.rewrite.libraries import NUMPY
from symgrad.rewrite.rules import look
from symgrad.rewrite.twice.evaluation import Twices

LIMITS = (4, 16, 2**22)
"""Errors, in ulp, up to which doubles do: of a value, of a slope, and of a second derivative, where it is about 1e-9."""
ROUGHLY = 1e-3
"""A row that agrees so well with a formula at enough places may be it, and is if it does to many digits where doubles are wrong."""
MOST_TIMES = 16
"""So many times a row may be what a formula is, or the other way round."""
NUDGE = 2.0**-44
"""Changes of inputs, relatively, by which it is seen in doubles what their last digits do: the noise of these is a hundredth of itself then."""
EXPLAINED = 4 * 2.0**-53 / NUDGE
"""An error is explained that is at most four times as large as what half a unit in the last digit of each input does."""
DIGITS = 17
"""Significant digits of bounds, at most."""


class Formula:
    """A value or a derivative of some order as it was declared, of inputs by name, at places by name."""

    def __init__(self, graph: Graph, ref: Ref, sources: Sequence[Ref], steps: Steps, order: int) -> None:
        self.graph, self.ref, self.sources, self.steps, self.order, self.limit = graph, ref, sources, steps, order, LIMITS[order]
        self.names = tuple(name_of(graph, source) for source in sources)

    @property
    def given(self) -> Mapping[str, np.ndarray]:
        """Where it is looked at, by input."""
        raise NotImplementedError

    def kept(self, graph: Graph, ref: Ref, sources: Sequence[Ref], summed: Collection[str] = ()) -> Ref | None:
        """A row of these inputs, in the order of names, in twice the digits where doubles are not enough, for a sum over samples if some inputs
        are summed; None where they are, or it is not this formula."""
        raise NotImplementedError

    @cached_property
    def size(self) -> int:
        """How many places there are."""
        return len(self.given[self.names[0]])

    @cached_property
    def right(self) -> np.ndarray:
        """The formula there, as far as it is known."""
        return self.in_twice_the_digits

    @cached_property
    def in_twice_the_digits(self) -> np.ndarray:
        return np.broadcast_to(self.twices.of(self.steps, self.names), (self.size,))

    @property
    def twices(self) -> Twices:
        """What is known in twice the digits there."""
        raise NotImplementedError

    def kept_in_scale(self, graph: Graph, ref: Ref, sources: Sequence[Ref], summed: Collection[str] = ()) -> Ref | None:
        """The same of a row that is this formula over a number other than 1."""
        scale = self.scale(graph, ref, sources)
        made = self.kept(graph, look.times(graph, scale, ref), sources, summed) if scale != 1 else None
        return look.times(graph, 1 / scale, made) if made is not None else None

    def scale(self, graph: Graph, ref: Ref, sources: Sequence[Ref]) -> sp.Expr:
        """The number times which a row of these inputs may be this formula."""
        raise NotImplementedError

    def scale_of(self, got: np.ndarray) -> sp.Expr:
        """The whole number, or 1 over one, times which a row may be the formula: a number stands outside of a sum."""
        both = self.trusted & np.isfinite(got) & (got != 0) & (self.right != 0)
        with np.errstate(all="ignore"):
            ratio = float(np.median(self.right[both] / got[both])) if both.any() else 1.0
        if not 1 / (MOST_TIMES + 1) < abs(ratio) < MOST_TIMES + 1:
            return sp.S.One
        whole = round(ratio) if abs(ratio) > 1 else round(1 / ratio)
        scale = sp.Integer(whole) if abs(ratio) > 1 else 1 / sp.Integer(whole)
        return scale if abs(ratio / float(scale) - 1) <= ROUGHLY else sp.S.One

    def resembled(self, got: np.ndarray) -> np.ndarray:
        """Where a row is about the formula."""
        with np.errstate(all="ignore"):
            return self.trusted & (np.abs(got / self.right - 1) <= ROUGHLY)

    @cached_property
    def trusted(self) -> np.ndarray:
        """Where that is right to the last digit of a double, by its bound; mpmath confirms it where it counts."""
        return np.isfinite(self.right)


def a_few(places: np.ndarray, many: int) -> np.ndarray:
    """About so many of some places, evenly."""
    return places[:: max(1, len(places) // many)]


def bisected(side: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray, steps: int) -> np.ndarray:
    """Places between others, along their last axis, where it changes which side they are on."""
    before = side(low) if low.size else low
    for _ in range(steps if low.size else 0):
        middle = (low + high) / 2
        is_before = side(middle) == before
        low, high = np.where(is_before, middle, low), np.where(is_before, high, middle)
    return low


def enough(graph: Graph, ref: Ref) -> int:
    """So many binary digits tell what is right: as many as tails need that are written as 1 less what is next to it, but for gamma functions,
    which take seconds then."""
    return FAR if QUICK.isdisjoint(graph.functions([ref.row])) else PRECISION


def explained(graph: Graph, ref: Ref, given: Mapping[int, np.ndarray], got: np.ndarray, numpy: Any = NUMPY) -> np.ndarray:
    """The error of a row, computed from inputs by row, that the last digits of these explain."""
    nudges = 1 + NUDGE * np.eye(len(given))
    nudged = values_at(graph, ref, {index: np.outer(nudge, given[index]).ravel() for index, nudge in zip(given, nudges, strict=True)}, numpy)
    with np.errstate(all="ignore"):
        return EXPLAINED * np.abs(np.broadcast_to(nudged, got.size * len(given)).reshape(len(given), -1) - got).sum(axis=0)


def name_of(graph: Graph, source: Ref) -> str:
    return graph.rows[source.row].payload.name


def by_row(graph: Graph, sources: Sequence[Ref], given: Mapping[str, np.ndarray]) -> dict[int, np.ndarray]:
    """Places by the rows of inputs."""
    return {source.row: given[name_of(graph, source)] for source in sources}
