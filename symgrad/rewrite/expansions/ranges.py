"""Where the code of a row leaves the range of doubles before the row does: something in it overflows, or has lost its digits beside the
smallest doubles."""

from __future__ import annotations

import math
from typing import NamedTuple

import sympy as sp
from mpmath import mp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.expansions.decay import LARGEST
from symgrad.rewrite.expansions.losses import SLIGHTLY, ULP, Exact
from symgrad.rewrite.expansions.values import SMALLEST_NORMAL
from symgrad.rewrite.in_doubles import is_numpy, value_at
from symgrad.rewrite.rules.look import HALF, ONE

LEAST, OVERFLOW = 8.0, 709.78
"""Logarithms of rows that are looked at where the code overflows."""
NOTHING = -746.0
"""The logarithm of what is 0 in doubles."""
NEXT_TO_NOTHING = (-680, -700, -715, -730, -743)
"""Logarithms at which it is looked for what underflows."""
LIMIT = 4 * ULP
"""A loss, times an exponent, that is more than the rounding of that."""
ROOTS = ("sqrt", "power")
GLANCES = (1, 5, 9, 13, 17, 21)
"""Sizes of x, as powers of 2, at which doubles are looked at."""
HALVINGS, FEW, COARSE = 40, 10, 256
"""So many tell where a row overflows, and where it has a logarithm; and the parts of a doubling into which a place is rounded."""


class Code(NamedTuple):
    """A row as its code computes it."""

    graph: Graph
    ref: Ref
    source: Ref

    @property
    def is_numpy(self) -> bool:
        return is_numpy(self.graph, self.ref)

    @property
    def takes_roots(self) -> bool:
        return not self.graph.functions([self.ref.row]).isdisjoint(ROOTS)

    def at(self, exact: Exact, v: float) -> float:
        """The value where the row is looked at as a function of v; other inputs cancel, whatever they are."""
        others = dict.fromkeys(self.graph.inputs_among(self.graph.live([self.ref.row])), 1.0)
        return value_at(self.graph, self.ref, {**others, self.source.row: 1 / v if exact.end.turned else v})


def overflow(code: Code, exact: Exact, side: int) -> tuple[float | None, bool]:
    """Where the code overflows although doubles hold the row, or are 0, as v; and whether they are that from there on."""
    size = next((size for size in range(GLANCES[-1]) if not math.isfinite(code.at(exact, side * 2.0**-size))), 0) if code.is_numpy else 0
    if not size:
        return None, False
    low, high = 2.0 ** (size - 1), 2.0**size
    for _ in range(HALVINGS):
        low, high = (middle, high) if math.isfinite(code.at(exact, side / (middle := (low + high) / 2))) else (low, middle)
    is_nothing = all(_log(exact, v) < NOTHING for v in (side / low, *(side * 2.0**-far for far in range(size, GLANCES[-1], 3))))
    is_held = LEAST < abs(_log(exact, side / high)) < OVERFLOW
    return side / _coarse(low) if is_held or is_nothing else None, is_nothing


def underflow(code: Code, exact: Exact, side: int) -> sp.Rational | None:
    """Whether the code is wrong where the row, or its square, is next to nothing, which is 1 or 1/2: a factor, or what a root is taken of,
    has lost its digits there."""
    size = next((size for size in GLANCES if _log(exact, side * 2.0**-size) < -LARGEST), 0) if code.is_numpy else 0
    if not size:
        return None
    shares = (ONE, HALF) if code.takes_roots else (ONE,)
    return next((share for share in shares if any(
        _is_lost(code, exact, _where(exact, side, size, log * float(share))) for log in NEXT_TO_NOTHING)), None)


def _log(exact: Exact, v: float) -> float:
    """The logarithm of the row's size, 0 where there is none."""
    found = exact(v)
    return float(mp.log(abs(found))) if found and not mp.isinf(found) else 0.0


def _where(exact: Exact, side: int, size: int, log: float) -> float:
    """A place at which a row that falls has a logarithm, before a size of x."""
    low, high = 0.0, float(size)
    for _ in range(FEW):
        middle = (low + high) / 2
        low, high = (middle, high) if _log(exact, side * 2.0**-middle) > log else (low, middle)
    return side * 2.0**-low


def _is_lost(code: Code, exact: Exact, v: float) -> bool:
    """Whether the code is wrong here by more than the rounding of an exponent."""
    right = exact(v)
    return right is not None and not abs(code.at(exact, v) - right) <= LIMIT * (1 - _log(exact, v)) * abs(right) + SLIGHTLY * SMALLEST_NORMAL


def _coarse(x: float) -> float:
    """A number somewhat below x that does not change with its last digits, in which machines differ."""
    mantissa, exponent = math.frexp(x)
    return math.ldexp(math.floor(COARSE * mantissa), exponent) / COARSE
