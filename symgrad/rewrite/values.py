"""Rows of inputs as numbers: to many digits, and as doubles would round them step by step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

import mpmath
import sympy as sp
from mpmath import mp

from symgrad.graph.function import A
from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.heads import plain
from symgrad.graph.heads.head import Head
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.doubles import EXACT
from symgrad.rewrite.rules.rule import heads

ONE_AT_A_TIME = threading.RLock()
"""mpmath has one precision for all threads."""
PRECISION = 420
"""Binary digits of what counts as exact: expansions lose a few dozens for each power that cancels."""
ROUNDED = ("square", "sqrt", "reciprocal")
"""Functions that are rounded correctly."""
LARGEST, SMALL = mpmath.mpf(10) ** 15, mpmath.mpf(10) ** 4
NESTED = ("exp_less_exp", "log_cloglog")
"""Functions that are exponentials of exponentials."""
ALGEBRAIC = heads("square sqrt reciprocal power cbrt abs sign max min real log log1p xlogx xlogy lt le gt ge eq ne hypot share ratio softsign "
                  "direction_cosine one_minus_square difference_of_squares times_shifted root_gap root_excess root_difference hypot_excess "
                  "cosine_gap power_less_one tending tending_quotient growing leading")
"""Functions that take any number."""
FAILURES = (ArithmeticError, ValueError, TypeError, NotImplementedError, KeyError, NameError, AttributeError, mpmath.libmp.NoConvergence)


class NotReal(ValueError):
    """A row has no real number here."""


class Values:
    """A row as a function of an input that it rests on; others that it rests on are 1 where nothing else is said."""

    def __init__(self, graph: Graph, root: Ref, source: Ref, others: Sequence[Ref] = (), precision: int = PRECISION) -> None:
        self._root, self._source, self.precision, live = root.row, source.row, precision, graph.live([root.row])
        self._steps = [(index, row.args, _step(row, precision), _error(row, index)) for index in live
                       if (row := graph.rows[index]).op not in ("constant", "input")]
        self._sums = [index for index, *_ in self._steps if _is_sum(graph.rows[index])]
        self._made = [index for index, args, *_ in self._steps if _may_vanish(graph.rows[index]) and args != (source.row,)]
        self._numbers = {index: number(graph.rows[index].payload, precision) for index in live if graph.rows[index].op == "constant"}
        self._numbers.update((ref.row, mp.mpf(1)) for ref in others)

    def at(self, point: mpmath.mpf, errors: int = 0, others: Mapping[int, mpmath.mpf] = MappingProxyType({})) -> mpmath.mpf | None:
        """The value where the input has this one, and others those given by row; None where it is no real number.

        errors: 1 or 2 to round after each step, functions with errors of one sign or another.
        """
        known = self._all(point, errors, others)
        found = known[self._root] if known is not None else None
        return found if isinstance(found, mpmath.mpf) else None

    def sums(self, point: mpmath.mpf) -> dict[int, mpmath.mpf] | None:
        """The values of the sums in the row, and of differences of squares; None where one is no real number."""
        known = self._all(point)
        return {index: known[index] for index in self._sums} if known is not None else None

    def has_zero(self, point: mpmath.mpf) -> bool:
        """Whether a sum or a function vanishes here, or has a pole, or is no real number."""
        known, least = self._all(point), mp.mpf(2) ** (-self.precision // 2)
        return known is None or not all(least < abs(known[index]) < 1 / least for index in self._made)

    def _all(self, point: mpmath.mpf, errors: int = 0, others: Mapping[int, mpmath.mpf] = MappingProxyType({})) -> dict[int, mpmath.mpf] | None:
        known = {**self._numbers, **others, self._source: point}
        with mp.workprec(self.precision):
            try:
                for index, args, step, error in self._steps:
                    value = step(*[known[arg] for arg in args])
                    known[index] = _as_double(value, error[errors - 1]) if errors else _as_it_is(value)
            except FAILURES:
                return None
        return known


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
        return lambda *args: coefficient * mp.fprod(args)
    if row.op == "named":
        return lambda a: a
    name, *parameters = row.payload
    if name == "select":
        return lambda condition, yes, no: yes if condition else no
    function = _function(name, tuple(parameters), len(row.args))
    return function if name in ALGEBRAIC else _bounded(function, SMALL if name in NESTED or "scipy" in TABLE[name].needs else LARGEST)


def _bounded(function: Callable, bound: mpmath.mpf) -> Callable:
    """The function of arguments that are not too large: exp(exp(10^6)) would fill the memory with the digits of its exponent."""
    def called(*args: mpmath.mpf) -> mpmath.mpf:
        if any(abs(arg) > bound for arg in args if not mp.isinf(arg)):
            raise OverflowError
        return function(*args)

    return called


def _as_it_is(value: mpmath.mpf) -> mpmath.mpf:
    if isinstance(value, mpmath.mpc) or mp.isnan(value):
        raise NotReal
    return value


def _error(row: Row, index: int) -> tuple[float, float]:
    """Relative errors of a function's double beside its rounding: libraries keep to 1 ulp."""
    if row.op != "map" or row.payload[0] in (*EXACT, *ROUNDED, "select"):
        return 0.0, 0.0
    signs = [1 if index * step >> 7 & 1 else -1 for step in (2654435761, 2246822519)]
    return signs[0] * 2.0**-53, signs[1] * 2.0**-53


def _as_double(value: mpmath.mpf, error: float) -> mpmath.mpf:
    if isinstance(value, bool):
        return value
    value = _as_it_is(value) * (1 + error) if error else _as_it_is(value)
    with mp.workprec(53):
        rounded = +value
    size = abs(rounded)
    return mp.sign(rounded) * (mp.inf if size >= mp.mpf(2) ** 1024 else 0) if not mp.mpf(2) ** -1074 <= size < mp.mpf(2) ** 1024 else rounded


@cache
def number(value: sp.Expr, precision: int) -> mpmath.mpf:
    """A constant to so many binary digits."""
    if value.is_infinite:
        return mp.inf * (1 if value == sp.oo else -1)
    with mp.workprec(precision):
        return mp.mpmathify(sp.N(value, int(precision * 0.302)))


@cache
def _function(name: str, parameters: tuple, count: int) -> Callable:
    """A function of the table in mpmath."""
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
