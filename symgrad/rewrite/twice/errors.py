"""How far off doubles may be: a bound of what rounding does to a row, as a row beside it.

The bound runs forward as a tangent does, with sizes in place of slopes, and each row adds its own rounding to it (S. Linnainmaa, Taylor
expansion of the accumulated rounding error, 1976; N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002, 3.3).  It is of
first order, and often ten times as large as the error: it tells whether half of the digits are lost, not whether one is.  Products and
powers have so many units of themselves, whatever their numbers are; rows are needed where sums may cancel and where functions magnify.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.bounds import NOT_NEGATIVE, Bounds
from symgrad.graph.doubles import lacking
from symgrad.graph.functions import TABLE, A
from symgrad.graph.graph import Graph
from symgrad.graph.heads.expansions import EXPANSIONS
from symgrad.graph.kinds import KINDS, Partial
from symgrad.graph.kinks import DEFAULT
from symgrad.graph.lower import lower, negate
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.doubles import EXACT, ROUNDED, is_power_of_two
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

UNIT = 2.0**-53
"""What bounds are counted in: a sum, a product or a quotient is off by so much of itself at most."""
OF_FUNCTION = 4
"""So many units a function of NumPy or of the project's own is off, but for those that are rounded correctly; some second derivatives of
special functions are off by thirty, which is nothing beside half of the digits."""
LEAST = sp.Integer(2) ** -969
"""What is lost, in units, where a product or a function underflows, or a reciprocal is 0 beyond the largest double."""
CHOSEN = ("select", "max", "min", "abs", "real", "finite", "exponent")
"""Functions that are one of their operands, or its size."""
PRODUCTS = {"reciprocal": (ONE,), "square": (sp.Integer(2),), "sqrt": (look.HALF,), "cbrt": (sp.Rational(1, 3),), "ratio": (ONE, ONE),
            "tending": (ONE, ONE), "tending_quotient": (ONE, ONE), "growing": (ONE, ONE)}
"""Functions that are products of powers of their operands, and the sizes of these powers."""
REPLACED = ("double_double", "double_double_where", *EXPANSIONS)
"""Functions that are right, or their second operand as it is."""
SIZES = (1e-290, 1e300)
"""Results that are smaller are not looked at beside their size, and larger ones as if they were this."""


def below(graph: Graph, ref: Ref) -> dict[int, Ref]:
    """A row and those below it that rest on its axes, by their places."""
    found = {ref.row: ref}
    for index in reversed(graph.live([ref.row])):
        if graph.rows[index].args:
            found.update((one.row, one) for one in graph.operands(found[index]))
    return found


class Error(NamedTuple):
    """A bound: so many units of the row itself, and what else there is, as a row."""

    units: sp.Expr = ZERO
    rest: Ref | None = None

    @property
    def is_exact(self) -> bool:
        return self.units == 0 and self.rest is None


class Errors:
    """Bounds of the errors of rows that are made of inputs element by element, in units of 2^-53, as rows of the same graph.

    Inputs are exact.  `underflowing` are rows that may be lost next to 0.
    """

    def __init__(self, graph: Graph, underflowing: Collection[int] = ()) -> None:
        self._graph, self._underflowing, self._bounds = graph, underflowing, Bounds(graph)

    def of(self, ref: Ref) -> Ref:
        """A bound of a row's error."""
        known = dict[int, Error]()
        for index, one in sorted(below(self._graph, ref).items()):
            row = self._graph.rows[index]
            known[index] = self._error(one, row, known) if row.kind == REAL and row.args else Error()
        found = self._whole(ref, known[ref.row])
        self._graph.notes.setdefault(found.row, "rule bound of what rounding does")
        return found

    def is_lost(self, ref: Ref, error: Ref, limit: int) -> Ref:
        """Whether a row with this bound may be off by more than so many units of itself, or is no number."""
        graph, (least, largest) = self._graph, map(sp.Float, SIZES)
        size = look.make(graph, "min", self._size(ref), graph.constant(largest))
        return negate(graph, look.make(graph, "le", error, graph.sum(limit * least, [(sp.Integer(limit), size)])))

    def _error(self, ref: Ref, row: Row, known: Mapping[int, Error]) -> Error:
        rule = {"sum": self._of_sum, "product": self._of_product}.get(row.op, self._of_map)
        units, rest = rule(ref, row, [known[one.row] for one in self._graph.operands(ref)])
        if ref.row in self._underflowing:
            rest = self._sum([(ONE, rest), (LEAST, self._beyond(ref, row))])
        return Error(units, rest)

    def _of_sum(self, ref: Ref, row: Row, errors: Sequence[Error]) -> Error:
        """A sum of several terms is rounded after each; its numbers may lack digits themselves.  Terms of one sign keep their digits."""
        (coefficients, constant), operands = row.payload, self._graph.operands(ref)
        many = len(operands) + (constant != 0)
        rest = self._sum([(abs(c), error.rest) for c, error in zip(coefficients, errors, strict=True)])
        units = [error.units + max(0, many - 2) + int(not is_power_of_two(c)) for c, error in zip(coefficients, errors, strict=True)]
        if many == 1 or self._is_of_one_sign(coefficients, constant, operands):
            return Error(max(units) + int(many > 1) + int(lacking(constant) != 0), rest)
        number = abs(lacking(constant)) / sp.Float(UNIT) + abs(constant) * max(0, many - 2)
        sizes = [(abs(c) * count, self._size(one)) for c, count, one in zip(coefficients, units, operands, strict=True) if count]
        return Error(ONE, self._sum([(number, self._graph.constant(ONE) if number else None), *sizes, (ONE, rest)]))

    def _is_of_one_sign(self, coefficients: Sequence[sp.Expr], constant: sp.Expr, operands: Sequence[Ref]) -> bool:
        signs = {bool(c.is_positive) for c in (*coefficients, *([constant] if constant != 0 else []))}
        return len(signs) == 1 and all(self._is_not_negative(one) for one in operands)

    def _of_product(self, ref: Ref, row: Row, errors: Sequence[Error]) -> Error:
        operands, coefficient = self._graph.operands(ref), row.payload
        units = sum((error.units for error in errors), sp.Integer(len(operands) - 1 + (not is_power_of_two(coefficient))))
        others = [[self._size(one) for one in (*operands[:k], *operands[k + 1:])] if error.rest else [] for k, error in enumerate(errors)]
        return Error(units, self._sum([(abs(coefficient), self._times(*sizes, error.rest)) for sizes, error in zip(others, errors, strict=True)]))

    def _of_map(self, ref: Ref, row: Row, errors: Sequence[Error]) -> Error:
        """A function's error is that of its operands times the sizes of its slopes, and its own."""
        name, own = row.payload[0], sp.Integer(_units(row))
        powers = PRODUCTS.get(name) or ((abs(row.payload[1]),) if name == "power" else None)
        if name in CHOSEN or name in REPLACED:
            units = max(own, *(error.units for error in errors))
        elif powers is not None:
            units = sum((power * error.units for power, error in zip(powers, errors, strict=True)), own)
        else:
            return Error(own, self._carried(ref, errors))
        return Error(units, self._carried(ref, [Error(ZERO, error.rest) for error in errors]))

    def _carried(self, ref: Ref, errors: Sequence[Error]) -> Ref | None:
        """What the errors of its operands do to a row."""
        graph, found = self._graph, list[tuple[sp.Expr, Ref | None]]()
        if all(error.is_exact for error in errors):
            return None
        known = {one.row: error for one, error in zip(graph.operands(ref), errors, strict=True)}
        for partial in _partials(graph, ref):
            error = known[partial.argument.row]
            if not error.is_exact:
                made = self._times(*map(self._size, partial.factors), self._whole(partial.argument, error))
                found.append((abs(partial.coefficient), made if partial.gate is None or made is None
                              else graph.select(partial.gate, made, graph.constant(ZERO))))
        return self._sum(found)

    def _whole(self, ref: Ref, error: Error) -> Ref:
        """A bound as one row."""
        return self._sum([(error.units, self._size(ref) if error.units else None), (ONE, error.rest)]) or self._graph.constant(ZERO)

    def _beyond(self, ref: Ref, row: Row) -> Ref:
        """How large what is lost becomes if a product of several underflows on the way."""
        one, operands = self._graph.constant(ONE), self._graph.operands(ref) if row.op == "product" and len(row.args) > 2 else []
        return look.times(self._graph, ONE, *(look.make(self._graph, "max", one, self._size(operand)) for operand in operands))

    def _is_not_negative(self, ref: Ref) -> bool:
        return self._bounds.of(ref.row) >= NOT_NEGATIVE or self._graph[ref].calls("sqrt")

    def _size(self, ref: Ref) -> Ref:
        """The absolute value of a row; that of a number times another, or of one that is not negative, needs no row of its own."""
        factor, inner = look.scaled(self._graph, ref)
        return look.times(self._graph, abs(factor), inner if self._is_not_negative(inner) else look.make(self._graph, "abs", inner))

    def _times(self, *refs: Ref | None) -> Ref | None:
        given = [ref for ref in refs if ref is not None]
        return look.times(self._graph, ONE, *given) if len(given) == len(refs) else None

    def _sum(self, terms: Sequence[tuple[sp.Expr, Ref | None]]) -> Ref | None:
        given = [(c, ref) for c, ref in terms if ref is not None]
        return self._graph.sum(ZERO, given) if given else None


def _units(row: Row) -> int:
    """So many units a function is off itself."""
    return 0 if row.op != "map" or row.payload[0] in (*EXACT, *CHOSEN) else 1 if row.payload[0] in ROUNDED else OF_FUNCTION


def _partials(graph: Graph, ref: Ref) -> Sequence[Partial]:
    """The partials of a row, also where nothing is derived of it any more: then those of what it stands for."""
    row, operands = graph[ref], graph.operands(ref)
    entry = TABLE[row.payload[0]] if row.op == "map" else None
    if entry is None or (entry.differentiable and entry.name != "mended"):
        return KINDS[row.op].partials(graph, ref, operands, DEFAULT)
    if entry.name in REPLACED:
        return [Partial(operands[1], ONE, (), look.make(graph, "eq", ref, operands[1]))]
    if entry.words is None:
        return []
    places = A[:len(operands)]
    meant, bound = entry.expression(places, row.payload[1:]), dict(zip(places, operands, strict=True))
    return [Partial(one, ONE, (graph.real(lower(graph, sp.diff(meant, place), bound.get)),)) for place, one in bound.items()]
