"""Where a formula of one input has a pole or a branch point that no linear term tells: where the argument of a logarithm, a root or a
reciprocal is 0, or that of an inverse sine 1 or -1.  Sign changes are looked for in doubles, and made exact by bisection.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.expansions.ends import SLIGHT_LOSS, ZERO_OF_A_SUM, End
from symgrad.rewrite.expansions.values import ONE_AT_A_TIME, PRECISION, Values, number
from symgrad.rewrite.in_doubles import is_numpy, values_at
from symgrad.rewrite.remembered import remembered
from symgrad.rewrite.rests import FOLLOWED
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.zeros import is_singular

MOST = 4
"""So many are looked at, the nearest to 0 first."""
_SIZES = 1.0007 * 2.0 ** np.arange(-10, 14, 1 / 8)  # no simple fractions
GRID = np.concatenate([-_SIZES[::-1], _SIZES])
CLOSE = mpmath.mpf(2) ** (50 - PRECISION)
"""A relative distance at which a place is known exactly."""
DENOMINATORS, OF_PI = 1000, 24
STEPS = 60


@remembered
def singularities(graph: Graph, root: Ref, source: Ref) -> list[End]:
    """Such places; where rounding is put back before a reciprocal only a pole that the row does not have counts.

    Other inputs may stand in the row, as far as they cancel: an argument that rests on one of them tells no place.
    """
    if not is_numpy(graph, root):
        return []
    wanted, found = dict[tuple[int, int], float](), dict[sp.Expr, End]()
    for index in graph.live([root.row]):
        row = graph.rows[index]
        for place in (0, 1, -1) if row.op == "map" and row.args[:1] not in ((), (source.row,)) and _is_of(graph, row.args[0], source) else ():
            if is_singular(row, place):
                wanted[row.args[0], place] = min(_limit(graph, row), wanted.get((row.args[0], place), ZERO_OF_A_SUM))
        below = _below(graph, index)
        if below is not None and _is_of(graph, below.row, source):
            wanted[below.row, 0] = SLIGHT_LOSS
    by_limit = sorted(wanted.items(), key=lambda one: -one[1])
    crossings = [one for (arg, place), limit in by_limit for one in _crossings(graph, arg, source, place, limit)]
    values = {arg: Values(graph, Ref(arg), source) for arg in {one.arg for one in crossings}}
    with ONE_AT_A_TIME:
        for _, together in groupby(sorted(crossings, key=_distance), key=_distance):
            if len(found) >= MOST:
                break
            ends = [(_exactly(values[one.arg], one), one.limit) for one in together]
            found.update({exact: End(exact, False, limit, is_singular=True) for exact, limit in ends if exact is not None})
    return sorted(found.values(), key=lambda one: (abs(float(one.centre)), float(one.centre)))[:MOST]


def _below(graph: Graph, index: int) -> Ref | None:
    """a + b of the share a/(a + b), which has its pole where that is 0."""
    row = graph.rows[index]
    if row.op != "map" or row.payload[0] != "share":
        return None
    return graph.sum(ZERO, [(ONE, one) for one in graph.operands(graph.whole(index))])


def _is_of(graph: Graph, index: int, source: Ref) -> bool:
    return graph.inputs_among(graph.live([index])) == [source.row]


def _limit(graph: Graph, row: Row) -> float:
    is_mended = row.payload[0] == "reciprocal" and all(_is_followed(graph.rows[index]) for index in graph.live([row.args[0]]))
    return ZERO_OF_A_SUM if is_mended else SLIGHT_LOSS


def _is_followed(row: Row) -> bool:
    return row.op != "map" or row.payload[0] in FOLLOWED


class _Crossing(NamedTuple):
    """A row passes a number between two neighbours on the grid."""

    arg: int
    place: int
    limit: float
    low: float
    high: float


def _crossings(graph: Graph, arg: int, source: Ref, place: int, limit: float) -> list[_Crossing]:
    """Where a row passes a number; 0 is looked at anyway."""
    sides = np.sign(values_at(graph, Ref(arg), {source.row: GRID}) - place)
    if np.ndim(sides) == 0:
        return []
    passed = np.flatnonzero((sides[1:] * sides[:-1] < 0) & (GRID[1:] * GRID[:-1] > 0)).tolist()
    return [_Crossing(arg, place, limit, *GRID[k:k + 2].tolist()) for k in passed]


def _distance(one: _Crossing) -> float:
    """How far from 0 it is, on either side."""
    return abs(one.low + one.high)


def _exactly(values: Values, crossing: _Crossing) -> sp.Expr | None:
    """The place at which the row passes the number: a fraction, or one of pi, where it is one."""
    _, place, _, low, high = crossing

    def above(x: mpmath.mpf) -> mpmath.mpf:
        found = values.at(x)
        if found is None:
            raise ArithmeticError
        return found - place

    with mp.workprec(PRECISION):
        try:
            before, after = _bisected(above, mp.mpf(low), mp.mpf(high))
            simple = next((one for one in _simple(before) if abs(above(number(one, PRECISION))) <= CLOSE * abs(above(mp.mpf(low)))), None)
            if simple is not None:
                return simple
            found = mp.findroot(above, (before, after), solver="anderson", tol=CLOSE / 2**20, maxsteps=STEPS, verify=False)
            step = abs(found) * CLOSE
            return sp.Float(found, precision=PRECISION) if above(found - step) * above(found + step) < 0 else None
        except ArithmeticError:
            return None


def _bisected(above: Callable[[mpmath.mpf], mpmath.mpf], low: mpmath.mpf, high: mpmath.mpf) -> tuple[mpmath.mpf, mpmath.mpf]:
    """Two places between which the sign changes, as near to each other as doubles."""
    side = mp.sign(above(low))
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if mp.sign(above(middle)) == side else (low, middle)
    return low, high


def _simple(x: mpmath.mpf) -> list[sp.Expr]:
    """The fraction, and the one of pi, that a place may be."""
    shares = [(sp.Rational(float(x)).limit_denominator(DENOMINATORS), ONE), (sp.Rational(float(x / mp.pi)).limit_denominator(OF_PI), sp.pi)]
    return [share * unit for share, unit in shares if abs(number(share * unit, PRECISION) / x - 1) < 2.0**-50]
