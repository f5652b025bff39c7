"""Formulas of one input that lose their digits at 0, at 1, at -1 or at infinity: expanded there.

Where terms cancel, as in tan(x) - sin(x) near 0 or (x - sqrt(x^2 - 4))/2 far out, or infinity meets infinity, the formula is a power of
the distance v = x - c or v = 1/x times a function P that is smooth there.  Rows are computed as doubles would round them and to many
digits; where these differ P is interpolated at Chebyshev nodes, and the polynomial is tried as a double would compute it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.values import Values

MOST_ROWS = 150
"""Longer programs are left as they are."""
NODES = 28
MOST_COEFFICIENTS = 22
DIGITS = mpmath.mpf(2) ** -57
"""What the polynomial may lack, relative to the function."""
WIDEST, NARROWEST = 2.0, 2.0**-9
"""The widths of intervals that are tried."""
ULP = 2.0**-53
BESIDE = (2.0**-10, 2.0**-20)
"""Distances at which rows are computed to see whether they lose digits."""


class End(NamedTuple):
    """Where x - centre is small, or 1/x; digits are lost where the relative error is above `limit`."""

    centre: sp.Integer
    turned: bool
    limit: float

    def point(self, v: mpmath.mpf) -> mpmath.mpf:
        return (1 / v if v else mp.inf) if self.turned else int(self.centre) + v


ENDS = (End(ZERO, False, 1e-13), End(ZERO, True, 1e-13), End(ONE, False, 1e-8), End(-ONE, False, 1e-8))
"""Beside 1 and -1 a simple zero of a sum is as exact as its terms are."""


class Fit(NamedTuple):
    """v^power times a polynomial of v^step on an interval, the highest power first."""

    low: float
    high: float
    power: int
    step: int
    coefficients: tuple[float, ...]

    def value(self, v: float) -> float:
        total = 0.0
        for coefficient in self.coefficients:
            total = total * (v if self.step == 1 else v * v) + coefficient
        return total * v**self.power


def keep_expansions(program: Program) -> Program:
    """The program with such rows expanded where they lose digits."""
    rows, live = program.graph.rows, program.live()
    inputs = [index for index in live if rows[index].op == "input" and rows[index].payload.role == "input"]
    if len(inputs) != 1 or len(live) > MOST_ROWS or not any(_may_lose(rows[index]) for index in live):
        return program
    roots, made = set(program.roots()), Graph()
    expanding = _Expanding(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if row.args and not expanding.rests_on_one([*refs]):
            return KINDS[row.op].remake(graph, row, expanding.operands(row, refs), labels)
        plain = KINDS[row.op].remake(graph, row, refs, labels)
        return expanding.improved(plain) if index in roots else plain

    return rebuild(program, remake, made)


def _may_lose(row: Row) -> bool:
    """Whether something may cancel or be infinite beside something else."""
    return row.op == "sum" or (row.op == "map" and row.payload[0] in ("reciprocal", "power"))


class _Expanding:
    """Rows of a graph that is being made, expanded where they are handed back or used by what rests on more than the one input."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._sources: dict[Ref, frozenset[Ref] | None] = {}
        self._improved: dict[Ref, Ref] = {}

    def rests_on_one(self, refs: Sequence[Ref]) -> bool:
        """Whether rows rest on one input element by element, and on nothing else."""
        found = [self._resting(ref) for ref in refs]
        return None not in found and len(frozenset().union(*found)) <= 1  # type: ignore[arg-type]

    def operands(self, row: Row, refs: Sequence[Ref]) -> list[Ref]:
        """The operands of a row that rests on more, improved; factors of a product that rest on the one input as one."""
        pure = [ref for ref in refs if self._source(ref) is not None]
        if row.op != "product" or len(pure) < 2 or not self.rests_on_one(pure):
            return [self.improved(ref) for ref in refs]
        whole = look.times(self._graph, ONE, *pure)
        better = self.improved(whole)
        return [*refs] if better == whole else [*(ref for ref in refs if ref not in pure), better]

    def improved(self, ref: Ref) -> Ref:
        """The row with expansions where it loses digits, else with its operands improved."""
        if ref not in self._improved:
            made = self._better(ref)
            self._improved[ref] = self._improved[made] = made
        return self._improved[ref]

    def _better(self, ref: Ref) -> Ref:
        source, row = self._source(ref), self._graph[ref]
        if source is None or source == ref or row.kind != REAL or (row.op == "map" and row.payload[0] == "expansion"):
            return ref
        made, unfit = ref, False
        for end in ENDS:
            fits = _fits(self._graph, ref, source, end)
            unfit = unfit or fits is None
            for fit in fits or ():
                made = self._expanded(made, source, end, fit)
        return made if made != ref or not unfit else self._remade(ref)

    def _remade(self, ref: Ref) -> Ref:
        operands, labels = self._graph.open(ref)
        return KINDS[self._graph[ref].op].remake(self._graph, self._graph[ref], [self.improved(one) for one in operands], labels)

    def _expanded(self, ref: Ref, source: Ref, end: End, fit: Fit) -> Ref:
        """The fit where it holds; the row outside of it, of a source that stays outside."""
        place = (end.centre, sp.Rational(fit.low), sp.Rational(fit.high), sp.Integer(end.turned))
        graph = self._graph
        away = graph.map("outside", (source,), place)
        far = _replaced(graph, ref, source, away, {})
        coefficients = [graph.constant(sp.Float(one)) for one in fit.coefficients]
        made = graph.map("expansion", (source, far, *coefficients), (*place, sp.Integer(fit.power), sp.Integer(fit.step)))
        graph.notes.setdefault(made.row, f"rule expansion {'at infinity' if end.turned else f'at {end.centre}'}")
        self._sources[made] = frozenset([source])
        return made

    def _source(self, ref: Ref) -> Ref | None:
        found = self._resting(ref)
        return next(iter(found)) if found is not None and len(found) == 1 else None

    def _resting(self, ref: Ref) -> frozenset[Ref] | None:
        """The inputs that a row rests on element by element; None of another row."""
        if ref not in self._sources:
            row = self._graph[ref]
            if row.op == "input":
                found = frozenset([ref]) if row.payload.role == "input" and row.kind == REAL else None
            elif row.op not in ("constant", "sum", "product", "map", "named") or len(row.keep) < len(row.sizes):
                found = None
            else:
                below = [self._resting(one) for one in self._graph.operands(ref)]
                found = frozenset().union(*below) if None not in below else None  # type: ignore[arg-type]
            self._sources[ref] = found
        return self._sources[ref]


def _replaced(graph: Graph, ref: Ref, old: Ref, new: Ref, known: dict[Ref, Ref]) -> Ref:
    """The row with another in the place of one that it rests on."""
    if ref == old or not graph[ref].args:
        return new if ref == old else ref
    if ref not in known:
        operands, labels = graph.open(ref)
        known[ref] = KINDS[graph[ref].op].remake(graph, graph[ref], [_replaced(graph, one, old, new, known) for one in operands], labels)
    return known[ref]


# ---------------------------------------------------------------------- where digits are lost

class _Side(NamedTuple):
    """One side of an end: the power of v that the row starts with, and whether digits are lost."""

    power: int
    loses: bool


def _fits(graph: Graph, ref: Ref, source: Ref, end: End) -> list[Fit] | None:
    """The expansions that an end needs: one for both sides or one for each; None where one is needed and not found."""
    values = Values(graph, ref, source)

    def exact(v: float | mpmath.mpf, is_rounded: bool = False) -> mpmath.mpf | None:
        with mp.workprec(4 * 53):
            return values.at(end.point(mp.mpf(v)), is_rounded)

    loses = {side: _loses(exact, side, end.limit) for side in (1, -1)}
    if not any(loses.values()):
        return []
    powers = {side: _power(exact, side) for side in (1, -1)}
    if any(loses[side] and powers[side] is None for side in loses):
        return None
    both = _fit(exact, powers[1], -1, 1) if powers[1] == powers[-1] else None  # type: ignore[arg-type]
    if both is not None:
        return [both]
    found = [_fit(exact, powers[side], min(side, 0), max(side, 0)) for side in loses if loses[side]]  # type: ignore[arg-type]
    return [one for one in found if one is not None] or None


def _loses(exact, side: int, limit: float) -> bool:
    """Whether doubles beside an end are wrong, or nothing where there is a number."""
    for distance in BESIDE:
        right = exact(side * distance)
        if right is None or not 1e-300 < abs(right) < 1e300:
            return False
        found = exact(side * distance, True)
        if found is None or mp.isinf(found) or abs(found - right) > limit * abs(right):
            return True
    return False


def _power(exact, side: int) -> int | None:
    """The whole power of v that a function starts with."""
    near, nearer = exact(side * 2.0**-30), exact(side * 2.0**-31)
    if not near or not nearer or mp.sign(near) != mp.sign(nearer):
        return None
    power = float(mp.log(abs(near / nearer), 2))
    return round(power) if abs(power - round(power)) < 1e-6 and abs(power) < 40 else None


# ---------------------------------------------------------------------- interpolation

@cache
def _angles() -> tuple[list, list[list]]:
    """Chebyshev nodes on [-1, 1], and the cosines that turn values there into coefficients."""
    with mp.workprec(300):
        angles = [mp.pi * (2 * j + 1) / (2 * NODES) for j in range(NODES)]
        return [mp.cos(angle) for angle in angles], [[mp.cos(k * angle) for angle in angles] for k in range(NODES)]


def _fit(exact, power: int, low: int, high: int) -> Fit | None:
    """The function over v^power as a polynomial, on as wide an interval as few coefficients allow: [low, high] times a width."""
    width = WIDEST
    while width >= NARROWEST:
        with mp.workprec(300):
            series = _series(exact, power, low * width, high * width)
            lacks = _lacks(series) if series is not None else mp.mpf(1)
        if series is not None and lacks <= DIGITS:
            fit = _polynomial(series, power, low * width, high * width)
            if _is_right(fit, exact):
                return fit
        width /= 2
    return None


def _series(exact, power: int, low: float, high: float) -> list | None:
    """Chebyshev coefficients of the function over v^power on an interval."""
    nodes, cosines = _angles()
    middle, half = mp.mpf(low + high) / 2, mp.mpf(high - low) / 2
    values = []
    for node in nodes:
        v = middle + half * node
        value = exact(v)
        if value is None:
            return None
        values.append(value / v**power)
    return [mp.fdot(row, values) * (2 if k else 1) / NODES for k, row in enumerate(cosines)]


def _lacks(series: list) -> mpmath.mpf:
    """What is missing without the last coefficients, relative to the least value that the others leave."""
    rest = mp.fsum(abs(c) for c in series[MOST_COEFFICIENTS:])
    least = abs(series[0]) - mp.fsum(abs(c) for c in series[1:])
    return rest / least if least > 0 else mp.mpf(1)


def _polynomial(series: list, power: int, low: float, high: float) -> Fit:
    """The series in powers of v, no longer than it has to be."""
    with mp.workprec(300):
        count = MOST_COEFFICIENTS
        while count > 1 and mp.fsum(abs(c) for c in series[count - 1:]) < DIGITS * abs(series[0]) / 8:
            count -= 1
        half, middle = mp.mpf(high - low) / 2, mp.mpf(low + high) / 2
        before, now, total = [mp.mpf(1)], [-middle / half, 1 / half], [series[0]]
        for c in series[1:count]:
            total = [a + c * b for a, b in zip([*total, *[mp.mpf(0)] * (len(now) - len(total))], now, strict=True)]
            shifted = [mp.mpf(0), *(2 * a / half for a in now)]
            straight = [-2 * middle / half * a for a in now]
            after = [a + b for a, b in zip(shifted, [*straight, mp.mpf(0)], strict=True)]
            before, now = now, [a - b for a, b in zip(after, [*before, *[mp.mpf(0)] * (len(after) - len(before))], strict=True)]
        is_even = low == -high and all(abs(c) * mp.mpf(high)**k < 1e-30 * abs(total[0]) for k, c in enumerate(total) if k % 2)
        kept = total[::2] if is_even else total
        return Fit(float(low), float(high), power, 2 if is_even else 1, tuple(float(c) for c in reversed(kept)))


def _is_right(fit: Fit, exact) -> bool:
    """Whether doubles keep the function to 3 ulp."""
    for k in range(1, 12):
        for end in {fit.low, fit.high} - {0.0}:
            v = end * k / 11
            right = exact(v)
            if right is None or not abs(fit.value(v) - right) <= 6 * ULP * abs(right):
                return False
    return True
