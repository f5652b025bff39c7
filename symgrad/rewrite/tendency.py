"""How rows tend where one row that they are functions of grows beyond all bounds, or falls to 0: the comparison of growth rates.

Where the row falls to 0 a tendency is told in its reciprocal.  Rows that one is told for rest on it through elementary functions alone,
element by element; whatever else they rest on counts as a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.bounds import NOT_NEGATIVE, Bounds
from symgrad.graph.graph import Graph
from symgrad.graph.heads.expansions import EXPANSIONS
from symgrad.graph.labels import Label
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.ends import BINARY, BOUNDED, function
from symgrad.rewrite.growth import Found, Tendency, at_most, number, power, product, total

MOST_SOURCES = 6
"""Rows are compared in so many of the rows that they rest on; inputs, which grow least, come last."""
LEAST_EXPONENT = 0.95
"""Below the least size of n at which u^n, u a double, leaves the range of doubles."""

_Base = tuple[int, tuple[int, sp.Expr], tuple[tuple[int, ...], ...], tuple[int, ...]]
"""A row, the power of a row that it is raised to, the axes of both, and those that are kept."""
Ends = tuple[Found, Found, Found]
"""How a row tends where its source tends to plus infinity, to minus infinity, and to 0 from above."""

_OWN = Tendency(0, 1.0, 0.0, 1.0, 1), Tendency(0, 1.0, 0.0, 1.0, -1), Tendency(0, -1.0, 0.0, 1.0, 1)
UNKNOWN: Ends = None, None, None


class _Along(NamedTuple):
    """`place` says which axes of a row are its source's."""

    place: tuple[int, ...]
    ends: Ends


class _Known(NamedTuple):
    ends: dict[int, _Along]
    rests_on: int
    """A set of sources, as bits by their numbers."""


LOOKED_THROUGH = {"mended": 0, "outside": 0, **dict.fromkeys(EXPANSIONS, 1)}
"""Functions that are one of their arguments but for its rounding, by which that is."""


class Tendencies:
    """The tendencies of the rows of a graph, found as they are asked for."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self._bounds = Bounds(graph)
        self._known: list[_Known] = []
        self._numbers: dict[int, int] = {}
        self._powers: dict[_Base, dict[int, float]] = {}

    def of(self, ref: Ref) -> dict[tuple[int, tuple[Label, ...]], Ends]:
        """The tendencies by the source and the labels that its axes carry here."""
        found = self._row(ref.row).ends
        return {(source, tuple([ref.labels[k] for k in one.place])): one.ends for source, one in found.items()}

    def together(self, refs: Sequence[Ref], least: int = 2) -> Iterator[tuple[int, list[Ends]]]:
        """Each source that at least so many of the rows rest on, with how every row tends at its ends."""
        found = [self.of(ref) for ref in refs]
        for key in dict.fromkeys(key for one in found for key in one):
            if sum(key in one for one in found) >= least:
                yield key[0], [one.get(key, UNKNOWN) for one in found]

    def rests_on_it_alone(self, ref: Ref, source: int) -> bool:
        """Whether a row rests on nothing but the source and what that rests on."""
        return self._row(ref.row).rests_on | self._row(source).rests_on == self._row(source).rests_on

    def _row(self, index: int) -> _Known:
        for row in range(len(self._known), index + 1):
            self._known.append(self._found(row, self.graph.rows[row]))
        return self._known[index]

    def _found(self, index: int, row: Row) -> _Known:
        if row.op == "constant":
            return _Known({}, 0)
        if row.op == "map" and row.payload[0] in LOOKED_THROUGH:
            return self._known[row.args[LOOKED_THROUGH[row.payload[0]]]]
        rests_on, ends = 0, {}
        for arg in row.args:
            rests_on |= self._known[arg].rests_on
        if row.kind == REAL and len(row.keep) == len(row.sizes) and row.op in ("sum", "product", "map", "named"):
            sources = dict.fromkeys(source for arg in row.args for source in self._known[arg].ends)
            for source in sorted(sources, key=self._is_given)[:MOST_SOURCES]:
                one = self._along(row, source)
                if one is not None:
                    ends[source] = one
        if ends or row.kind != REAL or (row.op == "map" and row.payload[0] in BOUNDED):
            return _Known(ends, rests_on)
        self._numbers[index] = len(self._numbers)
        place = tuple(range(len(row.keep)))
        return _Known({index: _Along(place, _OWN), **self._beside_powers(index, row, place)}, rests_on | 1 << self._numbers[index])

    def _beside_powers(self, index: int, row: Row, place: tuple[int, ...]) -> dict[int, _Along]:
        """How a power of a row by another tends with the powers u^(n + c) that were met before, of the same u and n; these learn of it, too.

        A double u^n overflows where log(u) is 710/n, and no |log(u)| is above 745: so |n| > 0.95, and u^c is at most (u^n)^(|c|/0.95).
        Where n > 0 it is u > 1 that overflows, so that u^c with c < 0 is less than 1.
        """
        if row.op != "map" or row.payload[0] != "pow":
            return {}
        exponent, c = self._exponent(row.args[1])
        family, found = self._powers.setdefault((row.args[0], exponent, row.axes, row.keep), {}), {}
        upward = self._bounds.of(exponent[0]) >= NOT_NEGATIVE
        for other, d in family.items():
            found[other] = self._power_along(c - d, place, upward and d >= 0)
            self._known[other].ends[index] = self._power_along(d - c, place, upward and c >= 0)
        family[index] = c
        return found

    def _is_given(self, source: int) -> bool:
        return self.graph.rows[source].op == "input"

    @staticmethod
    def _power_along(c: float, place: tuple[int, ...], upward: bool) -> _Along:
        """u^(n + c) where u^n overflows."""
        more = 0.0 if upward and c < 0 else abs(c) / LEAST_EXPONENT
        return _Along(place, (Tendency(0, 1.0 + more, at_most=True), None, None))

    def _exponent(self, index: int) -> tuple[tuple[int, sp.Expr], float]:
        """(n, p) and c of an exponent n^p + c."""
        c, row = 0.0, self.graph.rows[index]
        while row.op == "sum" and row.payload[0] == (sp.S.One,) and row.payload[1].is_number and row.axes == (row.keep,):
            index, c = row.args[0], c + float(row.payload[1])
            row = self.graph.rows[index]
        if row.op == "map" and row.payload[0] == "power_less_one":
            return (row.args[0], row.payload[1]), c - 1.0
        return ((row.args[0], -sp.S.One) if row.calls("reciprocal") else (index, sp.S.One)), c

    def _along(self, row: Row, source: int) -> _Along | None:
        """How a row tends with one source; None where an argument rests on it in a way that is not known."""
        bit, places, args = 1 << self._numbers[source], set(), []
        for arg, axes in zip(row.args, row.axes, strict=True):
            known = self._known[arg]
            one = known.ends.get(source)
            if one is not None:
                places.add(tuple([axes[k] for k in one.place]))
                args.append(one.ends)
            elif known.rests_on & bit:
                return None
            else:
                args.append((self._constant(arg),) * 3)
        above, below, at_zero = (self._told(source, _tend(row, side)) for side in zip(*args, strict=True))
        ends = above, below, at_zero
        place = places.pop()
        if places or ends == UNKNOWN or not set(place) <= set(row.keep):
            return None
        return _Along(tuple([row.keep.index(local) for local in place]), ends)

    def _told(self, source: int, found: Found) -> Found:
        """Inputs are not infinite by themselves, so that exponentials of them, of either sign, are looked at in other ways."""
        return None if found is not None and found.if_zero and self._is_given(source) else found

    def _constant(self, index: int) -> Found:
        """What does not rest on the source: a number, or something whose sign may be known."""
        row = self.graph.rows[index]
        if row.op == "constant":
            return number(float(row.payload)) if isinstance(row.payload, sp.Expr) and row.payload.is_number else Tendency()
        return Tendency(sign=1 if self._bounds.of(index) >= NOT_NEGATIVE else 0)


def _tend(row: Row, args: Sequence[Found]) -> Found:
    if row.op == "product":
        return product([*args, _coefficient(row.payload)])
    if row.op == "sum":
        coefficients, constant = row.payload
        scaled = [product([one, _coefficient(c)]) for one, c in zip(args, coefficients, strict=True)]
        return total([*scaled, _coefficient(constant)] if constant != 0 else scaled)
    if row.op == "named":
        return args[0]
    name, *parameters = row.payload
    if name == "power":
        return power(args[0], float(parameters[0])) if parameters[0].is_number else None
    if name == "select":
        return at_most(args[1:])
    if name == "xlog_ratio":
        return BINARY["xlogy"](args[0], product([args[1], power(args[2], -1)]))
    if name in BINARY:
        return BINARY[name](*args)
    if name in ("exp_product", "exp_shifted_product"):
        return _of_product(name, parameters, args)
    if name in ("reciprocal_exp_sum", "log_exp_sum"):
        return _of_exponentials(args) if name == "reciprocal_exp_sum" else None
    if name == "exp_less_exp":
        return _of_exponent(*args)
    return function(name, args[0]) if len(args) == 1 else None


def _coefficient(value: sp.Expr) -> Found:
    return number(float(value)) if value.is_number else Tendency(sign=1 if value.is_positive else -1 if value.is_negative else 0)


def _of_product(name: str, parameters: Sequence, args: Sequence[Found]) -> Found:
    """exp(c a1 a2 .../(b1 b2 ...) + d), each factor the sum of two arguments where it is shifted."""
    factors = list(args) if name == "exp_product" else [total(args[k:k + 2]) for k in range(0, len(args), 2)]
    count = int(parameters[2])
    return function("exp", product([_coefficient(parameters[0]), *factors[:count], *(power(one, -1) for one in factors[count:])]))


def _of_exponentials(args: Sequence[Found]) -> Found:
    """1/(c1 exp(a1) + c2 exp(a2) + …)."""
    terms = [function("exp", a) for a in args[1::2]]
    return power(total([one for one in terms if one is not None]), -1) if terms and None not in terms else None


def _of_exponent(n: Found, c: Found, a: Found) -> Found:
    """exp(n a - c exp(a)) with c > 0."""
    return function("exp", total([product([n, a]), product([number(-1.0), c, function("exp", a)])]))
