"""Rows of one input that decay or grow like an exponential and lose their digits far out, as 1 - tanh(x) and exp(x)/(exp(2 x) - 1) do, or
beside 0, as the same of 1/x.

Far out such a row is exp(c |x|^k) times a function of 1/x, of which the pieces are polynomials; beside 0 it is exp(c/|x|^k) times one of x.
Where doubles cannot hold the row the exponential says so itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache

import mpmath
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.expansions.centres import WAVES
from symgrad.rewrite.expansions.decay import LARGEST, Decay, decay_of
from symgrad.rewrite.expansions.ends import INFINITY, ORIGIN, End
from symgrad.rewrite.expansions.fits import Fit, from_end, tile, tiles
from symgrad.rewrite.expansions.losses import SIDES, SLIGHTLY, ULP, Exact, differs
from symgrad.rewrite.expansions.ranges import GLANCES, LEAST, LIMIT, Code, overflow, underflow
from symgrad.rewrite.expansions.values import ALGEBRAIC, DEEP, FAR, ONE_AT_A_TIME, Values
from symgrad.rewrite.libraries import GAMMAS
from symgrad.rewrite.rules.look import ONE, ZERO

AT_LEAST, RATES = 320, (0.0, 1.5, 3.0, 4.5)
"""Binary digits where the row has its known exponential: so many, and one of these times the logarithm of that: a row cancels to it, or to
its square or its cube."""
CANCELS = 8
"""So many times as large a term is as a sum that loses digits."""
PLACES = (0.884, 0.73, 0.456, 0.182, 0.073)
"""Where that is looked for, in shares of the largest exponent."""
MOST_TILES, WIDTHS = 12, (1.0, 0.5, 0.25)
EARLY = (7, 8.25)
"""Those at which a row has to be a number, if it is one to more digits: the exponential of the last is still held by doubles."""
UNDERFLOW = 705.0
"""The exponent from which on something may underflow."""
NEAREST = 1e-300
"""Nearer to 0 the formula itself is computed."""


class _Scaled(Exact):
    """A row without its exponential, computed to so many binary digits at most, and to no more than give what these do."""

    def __init__(self, exact: Exact, decay: Decay, most: int) -> None:
        super().__init__(exact.values, exact.end)
        self.decay, self._most = decay, most
        right = {v: self._at(v, RATES[-1]) for v in (decay.end / share for share in (PLACES[0], PLACES[-2]))}
        self._per_exponent = next((rate for rate in RATES[:-1] if all(_agrees(self._at(v, rate), more) for v, more in right.items())), RATES[-1])

    def _found(self, v: mpmath.mpf, errors: int) -> mpmath.mpf | None:
        self.values.precision = self._needed(v, self._per_exponent)
        found = super()._found(v, errors)
        return found * mp.exp(-self.decay.exponent_at(1 / v)) if found is not None and v else found

    def _needed(self, v: float | mpmath.mpf, rate: float) -> int:
        return min(int(AT_LEAST + rate * (1 + abs(self.decay.exponent_at(1 / mp.mpf(v))))) if v else DEEP, self._most)

    def _at(self, v: float, rate: float) -> mpmath.mpf | None:
        self.values.precision = self._needed(v, rate)
        return super()._found(mp.mpf(v), 0)


def _agrees(few: mpmath.mpf | None, more: mpmath.mpf | None) -> bool:
    return few is not None and more is not None and abs(few - more) <= ULP**2 * abs(more)


def decays(graph: Graph, ref: Ref, source: Ref) -> Iterator[tuple[Decay | None, list[Fit]]]:
    """For either infinity, and either side of 0, where digits are lost that an exponential hides, or it overflows: this, and the pieces of what
    it is multiplied by; none where the row is 0 in doubles."""
    if not _may_decay(graph, ref):
        return
    values = Values(graph, ref, source, far_out=True)
    more = cache(lambda: Values(graph, ref, source, precision=FAR, far_out=True))
    with ONE_AT_A_TIME:
        found = [_decayed(graph, ref, source, _glance(values, more, end, side), side) for end in (INFINITY, ORIGIN) for side in SIDES]
    yield from ((decay, pieces) for decay, pieces in found if pieces)


def _may_decay(graph: Graph, root: Ref) -> bool:
    """Whether a row rests on functions that may grow or decay like an exponential; gamma functions grow faster."""
    names = graph.functions([root.row])
    return not names <= ALGEBRAIC.union(WAVES) and names.isdisjoint(GAMMAS)


def _glance(values: Values, more: Callable[[], Values], end: End, side: int) -> Exact:
    """The row to as many digits as tell that it is a number, and leave it some."""
    exact, places = Exact(values, end), [side * mp.mpf(2) ** -size for size in EARLY]
    return Exact(more(), end) if any(exact(v) is None or values.lost(end.point(v)) for v in places) else exact


def _decayed(graph: Graph, ref: Ref, source: Ref, glance: Exact, side: int) -> tuple[Decay | None, list[Fit]]:
    """The exponential and the pieces of one side; what overflows alone hides no digits."""
    if _is_wrong_somewhere(glance, side):
        exact = Exact(Values(graph, ref, source, precision=DEEP, far_out=True), glance.end)
        decay = decay_of(exact, side)
        pieces = _pieces(_Scaled(exact, decay, DEEP)) if decay is not None else []
        if pieces:
            return decay, pieces
    code = Code(graph, ref, source)
    place, is_nothing = overflow(code, glance, side)
    if place is not None and is_nothing:
        return None, [Fit(0.0, 0.0, glance.end.turned, min(place, 0.0), max(place, 0.0), ZERO, ONE, (0.0,))]
    share = underflow(code, glance, side) if place is None else ONE
    if share is None:
        return None, []
    exact = Exact(Values(graph, ref, source, precision=FAR), glance.end)
    decay = decay_of(exact, side)
    if decay is None:
        return None, []
    return decay._replace(is_range=share == ONE), _piece(_Scaled(exact, decay, FAR), place or decay.place(UNDERFLOW * float(share)))


def _is_wrong_somewhere(exact: Exact, side: int) -> bool:
    """Whether doubles are wrong by more than the rounding of exponents: a glance at few points, the last of which they just hold.

    Beside 0 they do not hold what tends to nothing, or to infinity, like an exponential.
    """
    size = next((size for size in GLANCES if not _is_held(exact, side * 2.0**-size)), None)
    if size is None and not (exact.end.turned and _grows_like_an_exponential(exact, side)):
        return False
    sizes = [*GLANCES] if size is None else [*GLANCES[:GLANCES.index(size)], *_last_held(exact, side, size)]
    return any(_is_wrong(exact, side * 2.0**-size) for size in reversed(sizes))


def _grows_like_an_exponential(exact: Exact, side: int) -> bool:
    """Whether the logarithm of a row that doubles hold everywhere is large at last, and twice what it was: that of a power, or of a wave, is not."""
    before, last = (abs(mp.log(abs(exact(side * 2.0**-size)))) for size in GLANCES[-2:])  # type: ignore[arg-type]
    return bool(last > max(LEAST, 2 * before))


def _is_held(exact: Exact, v: float) -> bool:
    right = exact(v)
    return bool(right) and abs(mp.log(abs(right))) < 0.93 * LARGEST


def _last_held(exact: Exact, side: int, size: int) -> list[float]:
    """Where doubles hold the row for the last time between two sizes, and a little before, as sizes."""
    low, high = size - float(GLANCES[1] - GLANCES[0]), float(size)
    for _ in range(5):
        middle = (low + high) / 2
        low, high = (middle, high) if _is_held(exact, side * 2.0**-middle) else (low, middle)
    return [low - 0.3, low]


def _is_wrong(exact: Exact, v: float) -> bool:
    """Whether doubles are wrong where the row is small or large enough for an exponential, or too small to be seen."""
    right = exact(v)
    if right is None or not right:
        return right is not None
    size = abs(float(mp.log(abs(right))))
    limit = SLIGHTLY if exact.cancels(v, CANCELS) else LIMIT * (1 + size)
    return size > LEAST and differs(exact, v, limit, (1,))


def _pieces(exact: _Scaled) -> list[Fit]:
    """The pieces that are needed from the end on."""
    end = exact.decay.end
    if not any(differs(exact, end / share, SLIGHTLY) for share in PLACES):
        return []
    return _with_what_is_beyond(exact, list(tiles(exact, end, MOST_TILES, WIDTHS)))


def _piece(exact: _Scaled, place: float) -> list[Fit]:
    """From the end to a place: a power times a polynomial, or a polynomial, whichever is shorter."""
    end = exact.decay.end
    found = [one for one in (from_end(exact, place), tile(exact, end, place / end - 1)) if one is not None]
    return _with_what_is_beyond(exact, [min(found, key=lambda one: len(one.coefficients))] if found else [])


def _with_what_is_beyond(exact: _Scaled, found: list[Fit]) -> list[Fit]:
    end, last = exact.decay.end, exact(exact.decay.end)
    if not found or last is None:
        return []
    nearest = 0.0 if exact.end.turned else math.copysign(NEAREST, end)
    others = [one._replace(low=one.low or max(end, 0.0), high=one.high or min(end, 0.0)) for one in found]
    return [Fit(0.0, 0.0, exact.end.turned, min(nearest, end), max(nearest, end), ZERO, ONE, (float(last),)), *others]
