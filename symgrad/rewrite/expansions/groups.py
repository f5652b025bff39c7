"""Rows of several inputs that rest on one product of their powers: y = m g(t), m and t products of powers of the inputs.

So is every formula whose inputs have one dimensionless group.  Where inputs may be negative is tried at a few points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.lower import power
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.expansions.dimensions import dimensions
from symgrad.rewrite.expansions.values import ONE_AT_A_TIME, PRECISION, Values
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

Powers = Mapping[Ref, sp.Rational]

MOST_INPUTS = 5
POINTS, TRIALS = 4, 24
"""So many points are compared, of so many."""
LARGEST_POWER = 6
CLOSE = mpmath.mpf(2) ** -90


class Group(NamedTuple):
    """A row as m g(t), t = pivot * others^powers and m = inputs^powers, where each input among `positive` is above 0."""

    pivot: Ref
    powers: Powers
    scale: Powers
    positive: tuple[Ref, ...]

    @property
    def is_one_input(self) -> bool:
        return not self.powers and not self.scale

    def turned(self) -> Iterator[Group]:
        """The same with each other input of t as the pivot, that stands there by itself or below the line."""
        powers = {self.pivot: ONE, **self.powers}
        for pivot, p in self.powers.items():
            if abs(p) == 1:
                share = self.scale.get(pivot, ZERO) / p
                scale = {ref: self.scale.get(ref, ZERO) - share * powers.get(ref, ZERO) for ref in {**powers, **self.scale}}
                yield Group(pivot, {ref: one / p for ref, one in powers.items() if ref != pivot},
                            {ref: one for ref, one in scale.items() if one}, self.positive)

    def argument(self, graph: Graph, beyond: sp.Expr) -> Ref:
        """t, or a number where an input is not above 0 that has to be."""
        t = _product(graph, {self.pivot: ONE, **self.powers})
        for ref in self.positive:
            t = graph.select(look.make(graph, "gt", ref, graph.constant(ZERO)), t, graph.constant(beyond))
        return t

    def factor(self, graph: Graph) -> Ref:
        """m."""
        return _product(graph, self.scale)


def _product(graph: Graph, powers: Powers) -> Ref:
    return look.times(graph, ONE, *(power(graph, ref, exponent) if exponent != 1 else ref for ref, exponent in powers.items()))


def group(graph: Graph, root: Ref, inputs: Sequence[Ref]) -> Group | None:
    """The row as a function of one product of powers; None where it is none, or where choices and kinks stand in the way.

    Inputs count as positive.
    """
    if len(inputs) == 1:
        return Group(inputs[0], {}, {}, ())
    if len(inputs) > MOST_INPUTS or not all(_is_smooth(graph.rows[index]) for index in graph.live([root.row])):
        return None
    found = dimensions(graph, root)
    if found is None:
        return None
    by_row = {ref.row: ref for ref in inputs}
    pivot = min(found.group, key=lambda index: (abs(found.group[index]), index))
    powers = {by_row[index]: p / found.group[pivot] for index, p in found.group.items()}
    share = found.row.get(pivot, ZERO)
    scale = {ref: found.row.get(ref.row, ZERO) - share * powers.get(ref, ZERO) for ref in inputs}
    is_simple = all((2 * p).is_Integer and abs(p) <= LARGEST_POWER for p in (*powers.values(), *scale.values()))
    one = Group(by_row[pivot], {ref: p for ref, p in powers.items() if ref.row != pivot}, {ref: p for ref, p in scale.items() if p}, ())
    return one if is_simple else None


def with_signs(graph: Graph, root: Ref, inputs: Sequence[Ref], found: Group) -> Group:
    """The group with the inputs that have to be above 0, since it does not hold for both signs."""
    if found.is_one_input:
        return found
    with ONE_AT_A_TIME, mp.workprec(PRECISION):
        row = OfSeveral(graph, root, [found.pivot, *(ref for ref in inputs if ref != found.pivot)])
        return found._replace(positive=tuple(ref for k, ref in enumerate(row.inputs) if not _holds(row, found, k)))


def _is_smooth(row: Row) -> bool:
    return row.kind == REAL and (row.op != "map" or (TABLE[row.payload[0]].slopes is None and row.payload[0] != "select"))


class OfSeveral:
    """A row of several inputs as a function of all of them."""

    def __init__(self, graph: Graph, root: Ref, inputs: Sequence[Ref]) -> None:
        self.inputs = inputs
        self._values = Values(graph, root, inputs[0], inputs[1:])

    def value(self, point: Sequence[mpmath.mpf]) -> mpmath.mpf | None:
        others = dict(zip([ref.row for ref in self.inputs[1:]], point[1:], strict=True))
        found = self._values.at(point[0], others=others)
        return found if found is not None and not mp.isinf(found) else None


def places(count: int, signs: Sequence[int] = ()) -> Iterator[list[mpmath.mpf]]:
    """Points whose coordinates have different sizes, the same on every machine; those that `signs` names are negative."""
    for k in range(1, TRIALS):
        shares = [(k * (0.754877666 + 0.184160 * m) + 0.137 * m) % 1 for m in range(count)]
        yield [mp.mpf(round(2**20 * 10 ** (2.4 * share - 1.2))) / 2**20 * (-1 if m in signs else 1) for m, share in enumerate(shares)]


def _holds(row: OfSeveral, found: Group, negative: int) -> bool:
    """Whether m g(t) is the row at points where an input is negative; roots of it are not taken."""
    powers = [found.powers.get(ref, ZERO) if k else ONE for k, ref in enumerate(row.inputs)]
    scale = [found.scale.get(ref, ZERO) for ref in row.inputs]
    compared = 0
    for point in places(len(powers), (negative,)) if powers[negative].is_Integer and scale[negative].is_Integer else ():
        here, there = row.value(point), row.value([_raised(point, powers), *[mp.mpf(1)] * (len(powers) - 1)])
        if (here is None) != (there is None) or (here is not None and there is not None and not _is_close(here, _raised(point, scale) * there)):
            return False
        compared += here is not None
        if compared == POINTS:
            return True
    return False


def _is_close(one: mpmath.mpf, other: mpmath.mpf) -> bool:
    return bool(abs(one - other) <= CLOSE * abs(one))


def _raised(point: Sequence[mpmath.mpf], powers: Sequence[sp.Rational]) -> mpmath.mpf:
    return mp.fprod(x ** (mp.mpf(p.p) / p.q) if p.q > 1 else x ** int(p) for x, p in zip(point, powers, strict=True))
