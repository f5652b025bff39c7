"""Formulas of one input that lose their digits at 0, at 1, at -1 or at infinity: expanded there.

Where terms cancel, as in tan(x) - sin(x) near 0 or (x - sqrt(x^2 - 4))/2 far out, or infinity meets infinity, the formula is a power of
the distance v = x - c or v = 1/x times a function P that is smooth there.  Rows are computed as doubles would round them and to many
digits; where these differ P is interpolated at Chebyshev nodes, and the polynomial is tried as a double would compute it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from symgrad.rewrite.values import PRECISION, Values

MOST_ROWS = 150
"""Longer programs are left as they are."""
NODES = 28
MOST_COEFFICIENTS = 22
DIGITS = mpmath.mpf(2) ** -57
"""What the polynomial may lack, relative to the function."""
WIDEST, NARROWEST, NARROWEST_FAR = 2.0, 2.0**-9, 2.0**-14
"""The widths of intervals that are tried; an exponential that the formula holds is flat where x is large enough."""
MOST_TILES = 6
"""So many more expansions beside one."""
BEYOND = tuple(1 + k * 0.0617 for k in range(1, 9))
"""Where that is looked for, in edges."""
SHARES = 12
"""Powers are multiples of 1 over this."""
ULP = 2.0**-53
SLIGHTLY = 10 * ULP
"""A loss that is seen where an expansion ends."""
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
    """v^power times a polynomial of v^step on an interval, the highest power first; v is x - centre, or 1/x - centre."""

    centre: float
    turned: bool
    low: float
    high: float
    power: sp.Rational
    step: int
    coefficients: tuple[float, ...]

    def value(self, v: float) -> float:
        total = 0.0
        for coefficient in self.coefficients:
            total = total * (v if self.step == 1 else v * v) + coefficient
        return total * v ** float(self.power)


def keep_expansions(program: Program) -> Program:
    """The program with such rows expanded where they lose digits."""
    rows, live = program.graph.rows, program.live()
    if len(program.inputs_of(live)) != 1 or len(live) > MOST_ROWS or sum(rows[index].op in ("sum", "map") for index in live) < 2:
        return program
    roots, made = set(program.roots()), Graph()
    expanding = _Expanding(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        plain = KINDS[row.op].remake(graph, row, refs, labels)
        if not expanding.follows(plain):
            plain = KINDS[row.op].remake(graph, row, [expanding.whatever(ref) for ref in refs], labels)
        return expanding.whatever(plain) if index in roots else plain

    return rebuild(program, remake, made)


class _Expanding:
    """Rows of a graph that is being made, expanded where they are handed back or used by what rests on more than the one input."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._sources: dict[Ref, frozenset[Ref] | None] = {}
        self._linear: dict[Ref, tuple[Ref, Ref] | None] = {}
        self._improved: dict[int, tuple[Ref, Ref]] = {}
        self._plainly: dict[int, tuple[Ref, Ref]] = {}

    def follows(self, ref: Ref) -> bool:
        """Whether a row rests on one input element by element, or is a seed times such a row."""
        return self._resting(ref) is not None or self.linear(ref) is not None

    def whatever(self, ref: Ref) -> Ref:
        """A row improved, that rests on the one input alone or is a seed times such a row."""
        if self._source(ref) is not None:
            return self.improved(ref)
        found = self.linear(ref)
        if found is None or self._source(found[1]) is None:
            return ref
        seed, slope = found
        better = self.improved(slope)
        return ref if better == slope else look.times(self._graph, ONE, seed, better)

    def linear(self, ref: Ref) -> tuple[Ref, Ref] | None:
        """A seed and what it is multiplied by, which rests on inputs alone; None of a row that is no such product."""
        if ref not in self._linear:
            self._linear[ref] = self._factored(ref)
        return self._linear[ref]

    def _factored(self, ref: Ref) -> tuple[Ref, Ref] | None:
        graph, row = self._graph, self._graph[ref]
        if row.op == "input" and row.payload.role != "input":
            return ref, graph.constant(ONE)
        constant, parts = look.terms(graph, ref) or (ZERO, [])
        if parts and constant == 0:
            found = [self.linear(term) for _, term in parts]
            seeds = {one[0] for one in found if one is not None}
            whole = [(c, one[1]) for (c, _), one in zip(parts, found, strict=True) if one is not None]
            return (seeds.pop(), graph.sum(ZERO, whole)) if len(seeds) == 1 and None not in found else None
        number, factors = look.factors(graph, ref) or (ONE, [])
        others = [one for one in factors if self._resting(one) is None]
        seeded = self.linear(others[0]) if len(others) == 1 else None
        if seeded is None:
            return None
        return seeded[0], look.times(graph, number, seeded[1], *(one for one in factors if one not in others))

    def improved(self, ref: Ref) -> Ref:
        """The row with expansions where it loses digits, else with its operands improved."""
        known = _known(self._improved, ref)
        if known is not None:
            return known
        plain = self._plain(ref)
        made = self._better(plain)
        self._improved[ref.row], self._improved[made.row] = (ref, made), (made, made)
        self._plainly[made.row] = made, plain
        return made

    def _plain(self, ref: Ref) -> Ref:
        """The row without expansions, which are as exact as doubles and no more."""
        known = _known(self._plainly, ref)
        if known is not None:
            return known
        operands, labels = self._graph.open(ref)
        plain = [self._plain(one) for one in operands]
        made = ref if plain == operands else KINDS[self._graph[ref].op].remake(self._graph, self._graph[ref], plain, labels)
        self._plainly[ref.row] = ref, made
        return made

    def _better(self, ref: Ref) -> Ref:
        source, row = self._source(ref), self._graph[ref]
        if source is None or source == ref or row.kind != REAL or (row.op == "map" and row.payload[0] == "expansion"):
            return ref
        made, unfit = ref, False
        for end in ENDS:
            fits = _fits(self._graph, ref, source, end)
            unfit = unfit or fits is None
            for fit in fits or ():
                made = self._expanded(made, source, fit)
        return made if made != ref or not unfit else self._remade(ref)

    def _remade(self, ref: Ref) -> Ref:
        operands, labels = self._graph.open(ref)
        return KINDS[self._graph[ref].op].remake(self._graph, self._graph[ref], [self.improved(one) for one in operands], labels)

    def _expanded(self, ref: Ref, source: Ref, fit: Fit) -> Ref:
        """The fit where it holds; the row outside of it, of a source that stays outside."""
        place = (sp.Rational(fit.centre), sp.Rational(fit.low), sp.Rational(fit.high), sp.Integer(fit.turned))
        graph = self._graph
        away = graph.map("outside", (source,), place)
        far = _replaced(graph, ref, source, away, {})
        coefficients = [graph.constant(sp.Float(one)) for one in fit.coefficients]
        made = graph.map("expansion", (source, far, *coefficients), (*place, fit.power, sp.Integer(fit.step)))
        graph.notes.setdefault(made.row, f"rule expansion {'at infinity' if fit.turned else f'at {fit.centre:g}'}")
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


def _known(made: dict[int, tuple[Ref, Ref]], ref: Ref) -> Ref | None:
    """What has been made of a row, with the labels that it carries here."""
    if ref.row not in made:
        return None
    before, after = made[ref.row]
    return after.rename(dict(zip(before.labels, ref.labels, strict=True)))


def _replaced(graph: Graph, ref: Ref, old: Ref, new: Ref, known: dict[Ref, Ref]) -> Ref:
    """The row with another in the place of one that it rests on."""
    if ref == old or not graph[ref].args:
        return new if ref == old else ref
    if ref not in known:
        operands, labels = graph.open(ref)
        known[ref] = KINDS[graph[ref].op].remake(graph, graph[ref], [_replaced(graph, one, old, new, known) for one in operands], labels)
    return known[ref]


# ---------------------------------------------------------------------- where digits are lost

Exact = Callable[..., mpmath.mpf | None]
"""A row as a function of v, with the errors of doubles if asked for; None where it is no real number."""


def _fits(graph: Graph, ref: Ref, source: Ref, end: End) -> list[Fit] | None:
    """The expansions that an end needs, next to it and beside that; None where one is needed and not found."""
    values = Values(graph, ref, source)

    @cache
    def exact(v: float | mpmath.mpf, errors: int = 0) -> mpmath.mpf | None:
        with mp.workprec(PRECISION):
            return values.at(end.point(mp.mpf(v)), errors)

    loses = _loses(exact, end)
    if not any(loses.values()):
        return []
    powers = {side: _power(exact, side) for side in (1, -1)}
    if any(loses[side] and powers[side] is None for side in loses):
        return None
    both = _fit(exact, end, powers[1], -1, 1) if powers[1] == powers[-1] is not None and powers[1].is_Integer else None
    found = [both] if both is not None else [_fit(exact, end, powers[side], min(side, 0), max(side, 0)) for side in loses if loses[side]]
    known = [one for one in found if one is not None]
    return [*known, *(tile for one in known for edge in (one.low, one.high) for tile in _tiles(exact, end, edge))] or None


def _loses(exact: Exact, end: End) -> dict[int, bool]:
    """Whether doubles on either side of an end are wrong, or nothing where there is a number."""
    found = {side: [exact(side * distance) for distance in BESIDE] for side in (1, -1)}
    real = [side for side, values in found.items() if all(right is not None and 1e-300 < abs(right) < 1e300 for right in values)]
    wrong = {side: side in real and any(_differs(exact, side * distance, end.limit, errors=(1,)) for distance in BESIDE) for side in (1, -1)}
    if real and not any(wrong.values()) and not end.turned and _is_nothing(exact(0, 1)):
        powers = {side: _power(exact, side) for side in real}
        wrong.update({side: power is not None and power >= 0 for side, power in powers.items()})
    return wrong


def _is_nothing(value: mpmath.mpf | None) -> bool:
    return value is None or bool(mp.isinf(value))


def _differs(exact: Exact, v: float, limit: float, errors: Sequence[int] = (1, 2)) -> bool:
    """Whether the row as doubles round it is wrong by more than a limit."""
    right = exact(v)
    return right is not None and any(_is_nothing(found := exact(v, one)) or abs(found - right) > limit * abs(right)  # type: ignore[operator]
                                     for one in errors)


def _power(exact: Exact, side: int) -> sp.Rational | None:
    """The power of v that a function starts with; a whole one where v is negative."""
    near, nearer = exact(side * 2.0**-30), exact(side * 2.0**-31)
    if not near or not nearer or mp.sign(near) != mp.sign(nearer):
        return None
    found = float(mp.log(abs(near / nearer), 2))
    power = sp.Rational(round(found * SHARES), SHARES)
    return power if abs(found - float(power)) < 1e-6 and abs(found) < 40 and (side > 0 or power.is_Integer) else None


# ---------------------------------------------------------------------- interpolation

@cache
def _angles() -> tuple[list, list[list]]:
    """Chebyshev nodes on [-1, 1], and the cosines that turn values there into coefficients."""
    with mp.workprec(300):
        angles = [mp.pi * (2 * j + 1) / (2 * NODES) for j in range(NODES)]
        return [mp.cos(angle) for angle in angles], [[mp.cos(k * angle) for angle in angles] for k in range(NODES)]


def _fit(exact: Exact, end: End, power: sp.Rational | None, low: int, high: int) -> Fit | None:
    """The function over v^power as a polynomial, on as wide an interval as few coefficients allow: [low, high] times a width."""
    width = WIDEST
    while power is not None and width >= (NARROWEST_FAR if end.turned else NARROWEST):
        found = _on(exact, end, 0.0, power, low * width, high * width)
        if found is not None:
            return found
        width /= 2
    return None


def _tiles(exact: Exact, end: End, edge: float) -> Iterator[Fit]:
    """More expansions beyond the edge of one, as long as doubles lose digits there."""
    for _ in range(MOST_TILES if edge else 0):
        if not any(_differs(exact, edge * beyond, SLIGHTLY) for beyond in BEYOND):
            return
        half = edge / 4
        found = _on(exact, end, edge + half, ZERO, -abs(half), abs(half))
        if found is None:
            return
        yield found
        edge += 2 * half


def _on(exact: Exact, end: End, middle: float, power: sp.Rational, low: float, high: float) -> Fit | None:
    """The polynomial on an interval around a distance; None where it would need too many coefficients."""
    def here(v: float | mpmath.mpf) -> mpmath.mpf | None:
        return exact(v + middle)

    with mp.workprec(300):
        series = _series(here, power, low, high)
        if series is None or _lacks(series) > DIGITS:
            return None
        fit = _polynomial(series, low, high)._replace(centre=int(end.centre) + middle, turned=end.turned, power=power)
    return fit if _is_right(fit, here) else None


def _series(exact: Exact, power: sp.Rational, low: float, high: float) -> list | None:
    """Chebyshev coefficients of the function over v^power on an interval."""
    nodes, cosines = _angles()
    middle, half, exponent = mp.mpf(low + high) / 2, mp.mpf(high - low) / 2, mp.mpf(power.p) / power.q
    values = []
    for node in nodes:
        v = middle + half * node
        value = exact(v)
        if value is None:
            return None
        values.append(value / v**exponent if power else value)
    return [mp.fdot(row, values) * (2 if k else 1) / NODES for k, row in enumerate(cosines)]


def _lacks(series: list) -> mpmath.mpf:
    """What is missing without the last coefficients, relative to the least value that the others leave."""
    rest = mp.fsum(abs(c) for c in series[MOST_COEFFICIENTS:])
    least = abs(series[0]) - mp.fsum(abs(c) for c in series[1:])
    return rest / least if least > 0 else mp.mpf(1)


def _polynomial(series: list, low: float, high: float) -> Fit:
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
        return Fit(0.0, False, low, high, ZERO, 2 if is_even else 1, tuple(float(c) for c in reversed(kept)))


def _is_right(fit: Fit, exact: Exact) -> bool:
    """Whether doubles keep the function to 3 ulp."""
    for k in range(1, 12):
        for end in {fit.low, fit.high} - {0.0}:
            v = end * k / 11
            right = exact(v)
            if right is None or not abs(fit.value(v) - right) <= 6 * ULP * abs(right):
                return False
    return True
