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
from symgrad.rewrite.growth import Found, Tendency, number, power, product, total

MOST_SOURCES = 4
"""Rows are compared in so many of the rows that they rest on."""

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
            for source in list(sources)[:MOST_SOURCES]:
                one = self._along(row, source)
                if one is not None:
                    ends[source] = one
        if ends or row.kind != REAL or (row.op == "map" and row.payload[0] in BOUNDED):
            return _Known(ends, rests_on)
        self._numbers[index] = len(self._numbers)
        return _Known({index: _Along(tuple(range(len(row.keep))), _OWN)}, rests_on | 1 << self._numbers[index])

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
        ends = _tend(row, [one[0] for one in args]), _tend(row, [one[1] for one in args]), _tend(row, [one[2] for one in args])
        place = places.pop()
        if places or ends == UNKNOWN or not set(place) <= set(row.keep):
            return None
        return _Along(tuple([row.keep.index(local) for local in place]), ends)

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
