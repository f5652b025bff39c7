"""Rows of inputs as numbers: to many digits, and as doubles would round them step by step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property, reduce
from operator import mul
from types import MappingProxyType
from typing import Any

import mpmath
import sympy as sp
from mpmath import mp
from mpmath.libmp import mpf_pos

from symgrad.graph.bounds import NOT_NEGATIVE, Bounds
from symgrad.graph.function import A
from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.heads import plain
from symgrad.graph.heads.head import Head
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.doubles import EXACT, ROUNDED
from symgrad.rewrite.rests import FOLLOWED
from symgrad.rewrite.rules.rule import heads

ONE_AT_A_TIME = threading.RLock()
"""mpmath has one precision for all threads."""
PRECISION = 420
"""Binary digits of what counts as exact: expansions lose a few dozens for each power that cancels."""
FAR, DEEP = 1600, 4500
"""The same far out, and where an exponential is looked for: 1 - tanh(x)^2 loses two thousand of them before doubles cannot hold it."""
DOUBLE = 53
"""Binary digits of a double."""
SMALLEST_DOUBLE, SMALLEST_NORMAL, BEYOND_DOUBLES = mpmath.mpf(2) ** -1074, mpmath.mpf(2) ** -1022, mpmath.mpf(2) ** 1024
"""The least double, the least with all digits, and the first number beyond the largest."""
WAYS = 3
"""So many ways to round are looked at."""
ROUNDED_AWAY = 80
"""Sums that should be 0, as x - max(x, 0), are so but for the last of these binary digits."""
MUCH = 32
"""So much smaller than a term a sum is where it cancels."""
LARGEST, SMALL, FEW = mpmath.mpf(10) ** 60, mpmath.mpf(10) ** 4, 100
WRITTEN_OUT = mpmath.mpf(10) ** 6000
"""The largest argument of digamma functions, whose whole part mpmath writes out."""
NESTED = ("exp_less_exp", "log_cloglog")
"""Functions that are exponentials of exponentials."""
QUICK = heads("gamma loggamma log_gamma digamma polygamma lambertw")
"""Functions that SciPy has, and mpmath computes by asymptotic series; below 0 it takes step after step to get there."""
ALGEBRAIC = QUICK | heads(
    "square sqrt reciprocal power cbrt abs sign max min real log log1p xlogx xlogy lt le gt ge eq ne hypot share ratio softsign direction_cosine "
    "one_minus_square difference_of_squares times_shifted root_gap root_excess root_difference hypot_excess cosine_gap power_less_one compound "
    "compound_less_one atan asinh acosh tending tending_quotient growing leading "
    "range_expansion")
"""Functions that take any number."""
FAILURES = (ArithmeticError, ValueError, TypeError, NotImplementedError, KeyError, NameError, AttributeError, mpmath.libmp.NoConvergence)


Known = dict[int, Any]
"""Values of rows by their places, None of what is no real number."""


class NotReal(ValueError):
    """A row has no real number here."""


def is_slow(graph: Graph, root: Ref) -> bool:
    """Whether a row rests on functions that mpmath sums up by series, which is endless far out and to many digits."""
    return any(map(_is_slow, graph.functions([root.row])))


def _is_slow(name: str) -> bool:
    return "scipy" in TABLE[name].needs and name not in QUICK


class Values:
    """A row as a function of an input that it rests on; others that it rests on are 1 where nothing else is said.

    far_out: whether all that is mended counts as not rounded.
    """

    def __init__(self, graph: Graph, root: Ref, source: Ref, others: Sequence[Ref] = (), precision: int = PRECISION,
                 far_out: bool = False) -> None:
        self._graph, self._root, self._source, self.precision = graph, root.row, source.row, precision
        live = graph.live([root.row])
        steps = [(index, row) for index in live if (row := graph.rows[index]).op not in ("constant", "input")]
        self._numbers = {index: number(graph.rows[index].payload, precision) for index in live if graph.rows[index].op == "constant"}
        self._numbers.update((ref.row, mp.mpf(1)) for ref in others)
        errors, mended = _errors([row for _, row in steps]), _mended(source.row, steps, self._numbers, far_out)
        self._steps = [(index, row.args, _step(row, precision), None if index in mended else error)
                       for (index, row), error in zip(steps, errors, strict=True)]
        self._real = [index for index, row in steps if row.kind == REAL]
        self._sums = [index for index, *_ in self._steps if _is_sum(graph.rows[index])]
        self._made = [index for index, args, *_ in self._steps if _may_vanish(graph.rows[index]) and args != (source.row,)]
        self._terms = {index: list(zip((number(c, precision) for c in row.payload[0]), row.args, strict=True))
                       for index, row in steps if row.op == "sum" and row.kind == REAL}
        self._nothing = mp.mpf(2) ** (ROUNDED_AWAY - precision)

    def at(self, point: mpmath.mpf, errors: int = 0, others: Mapping[int, mpmath.mpf] = MappingProxyType({})) -> mpmath.mpf | None:
        """The value where the input has this one, and others those given by row; None where it is no real number.

        errors: 1, 2 or 3 to round after each step, functions with errors of one sign or another.
        """
        return self._result(self._all(point, errors, others))

    def _result(self, known: Known) -> mpmath.mpf | None:
        found = known[self._root]
        return found if isinstance(found, mpmath.mpf) else None

    def sums(self, point: mpmath.mpf) -> dict[int, mpmath.mpf] | None:
        """The values of the sums in the row, and of differences of squares, 0 where that is what they should be; None where the row is no
        real number.  Sums that are none are left out.
        """
        known, found = self._all(point), {}
        if known[self._root] is None:
            return None
        for index in self._sums:
            if (value := known[index]) is not None:
                found[index] = value if abs(value) > self._nothing * self._largest_term(index, known) else mp.mpf(0)
        return found

    def _largest_term(self, index: int, known: Known) -> mpmath.mpf:
        """The largest term of a sum of numbers."""
        return max((abs(c * value) for c, arg in self._terms.get(index, ()) if (value := known[arg]) is not None), default=mp.mpf(0))

    def lost(self, point: mpmath.mpf, others: Mapping[int, mpmath.mpf] = MappingProxyType({})) -> set[int]:
        """The sums that have as good as no digits left here, and other rows that are 0."""
        return self.at_and_lost(point, others)[1]

    def at_and_lost(self, point: mpmath.mpf, others: Mapping[int, mpmath.mpf] = MappingProxyType({})) -> tuple[mpmath.mpf | None, set[int]]:
        """The value, and what is lost on the way to it."""
        known = self._all(point, others=others)
        lost = {index for index in self._real if known[index] is not None and abs(known[index]) <= self._nothing * self._largest_term(index, known)}
        return self._result(known), lost

    def may_lose(self, point: mpmath.mpf) -> bool:
        """Whether a sum or a function vanishes beside its terms here, or has a pole, or is no real number."""
        known, least = self._all(point), mp.mpf(2) ** (-self.precision // 2)
        if known[self._root] is None or not all(least < abs(value) < 1 / least for index in self._made if (value := known[index]) is not None):
            return True
        return self._cancels(known)

    @cached_property
    def has_differences(self) -> bool:
        """Whether there is a sum whose terms may have different signs."""
        bounds = Bounds(self._graph)
        return any(_may_differ(self._graph.rows[index], bounds) for index in self._terms)

    def cancels(self, point: mpmath.mpf, much: int = MUCH) -> bool:
        """Whether a sum is so much smaller than its largest term here."""
        return self._cancels(self._all(point), much)

    def _cancels(self, known: Known, much: int = MUCH) -> bool:
        return any(much * abs(value) < self._largest_term(index, known) for index in self._terms if (value := known[index]) is not None)

    def _all(self, point: mpmath.mpf, errors: int = 0, others: Mapping[int, mpmath.mpf] = MappingProxyType({})) -> Known:
        """The values of all rows, None where one is no real number; a choice is its branch that is taken."""
        known: Known = {**self._numbers, **others, self._source: point}
        with mp.workprec(self.precision):
            for index, args, step, error in self._steps:
                try:
                    value = step(*[known[arg] for arg in args])
                    known[index] = _as_double(value, error[errors - 1]) if errors and error else _as_it_is(value)
                except FAILURES:
                    known[index] = None
        return known


def _may_differ(row: Row, bounds: Bounds) -> bool:
    coefficients, constant = row.payload
    signs = {c > 0 if bounds.of(arg) >= NOT_NEGATIVE else None for c, arg in zip(coefficients, row.args, strict=True)}
    return len(signs | ({constant > 0} if constant != 0 else set())) > 1 or None in signs


def _may_vanish(row: Row) -> bool:
    """Whether a zero of the row may be a cancellation."""
    return row.kind == REAL and row.op in ("sum", "map")


def _is_sum(row: Row) -> bool:
    return row.kind == REAL and (row.op == "sum" or (row.op == "map" and row.payload[0] in ("one_minus_square", "difference_of_squares")))


def _step(row: Row, precision: int) -> Callable:
    """What a row does to its arguments."""
    if row.op == "sum":
        coefficients, constant = [number(c, precision) for c in row.payload[0]], number(row.payload[1], precision)
        return lambda *args: mp.fdot(coefficients, args) + constant
    if row.op == "product":
        coefficient = number(row.payload, precision)
        return lambda *args: reduce(mul, args, coefficient)
    if row.op == "named":
        return lambda a: a
    name, *parameters = row.payload
    if name == "select":
        return lambda condition, yes, no: yes if condition else no
    function = function_of(name, tuple(parameters), len(row.args))
    if name == "pow":
        return _bounded(function, LARGEST, lambda a, b: (b, b * mp.log(abs(a)) if a else a))
    if name in QUICK:
        return _bounded(function, FEW, lambda *args: [FEW * one / WRITTEN_OUT if one > 0 else one for one in args])
    return function if name in ALGEBRAIC else _bounded(function, SMALL if name in NESTED or _is_slow(name) else LARGEST)


def _bounded(function: Callable, bound: mpmath.mpf, sizes: Callable = lambda *args: args) -> Callable:
    """The function of arguments that are not too large: exp(exp(10^6)) would fill the memory with the digits of its exponent."""
    def called(*args: mpmath.mpf) -> mpmath.mpf:
        if any(abs(size) > bound for size in sizes(*args) if not mp.isinf(size)):
            raise OverflowError
        return function(*args)

    return called


def _as_it_is(value: mpmath.mpf) -> mpmath.mpf:
    if isinstance(value, mpmath.mpc) or mp.isnan(value):
        raise NotReal
    return value


def _errors(rows: Sequence[Row]) -> list[tuple[float, ...]]:
    """Relative errors of functions' doubles beside their rounding, libraries keep to 1 ulp: in one way at least two functions differ."""
    found, count = [], 0
    for row in rows:
        is_exact = row.op != "map" or row.payload[0] in (*ROUNDED, "select")
        found.append((0.0,) * WAYS if is_exact else tuple(2.0**-53 * (1 if count >> way & 1 else -1) for way in range(WAYS)))
        count += not is_exact
    return found


def _mended(source: int, steps: Sequence[tuple[int, Row]], numbers: Iterable[int], far_out: bool) -> set[int]:
    """Rows that are used by functions alone whose arguments are mended, and of which rests are known: as good as not rounded.

    Not far out these are multiples of the input and sums with a number: others may be too near to a pole to be mended well enough.
    """
    followed = {source, *numbers}
    for index, row in steps:
        known = row.op in ("sum", "product") or (far_out and row.op == "map" and row.payload[0] in FOLLOWED.keys() - set(EXACT))
        if row.kind == REAL and known and (followed.issuperset(row.args) if far_out else row.args == (source,)):
            followed.add(index)
    found = followed - {index for index, _ in steps[-1:]}
    for index, row in reversed(steps):
        if index not in found and not (row.op == "map" and TABLE[row.payload[0]].magnifies):
            found.difference_update(row.args)
    return found


def _as_double(value: mpmath.mpf, error: float) -> mpmath.mpf:
    if isinstance(value, bool):
        return value
    value = _as_it_is(value) * (1 + error) if error else _as_it_is(value)
    rounded = mp.make_mpf(mpf_pos(mp.mpf(value)._mpf_, DOUBLE, "n"))
    size = abs(rounded)
    if SMALLEST_NORMAL <= size < BEYOND_DOUBLES or not size:
        return rounded
    return mp.nint(rounded / SMALLEST_DOUBLE) * SMALLEST_DOUBLE if size < 1 else mp.sign(rounded) * mp.inf


@cache
def number(value: sp.Expr, precision: int) -> mpmath.mpf:
    """A constant to so many binary digits."""
    if value.is_infinite:
        return mp.inf * (1 if value == sp.oo else -1)
    with mp.workprec(precision):
        return mp.mpmathify(sp.N(value, int(precision * 0.302)))


_EXTREMA: dict[str, Callable] = {"max": max, "min": min}


@cache
def function_of(name: str, parameters: tuple, count: int) -> Callable:
    """A function of the table in mpmath."""
    if name in _EXTREMA:  # SymPy compares each of many arguments with all others
        return lambda *numbers: _EXTREMA[name](numbers)
    args = A[:count]
    return sp.lambdify(args, TABLE[name].expression(args, parameters), [_heads(), "mpmath"])


@cache
def _heads() -> dict[str, Callable]:
    """What SymPy's printer of mpmath code does not know: the project's own heads, and the cube root."""
    found: dict[str, Callable] = {"Cbrt": mp.cbrt, "exp2": lambda a: mp.mpf(2) ** a}
    waiting = [Head, *vars(plain).values()]
    while waiting:
        head = waiting.pop()
        if isinstance(head, type) and hasattr(head, "exact"):
            found[head.__name__] = head.exact
        waiting.extend(head.__subclasses__() if isinstance(head, type) and issubclass(head, Head) else ())
    return found
