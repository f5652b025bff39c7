"""What rounding has lost of rows: the exact value less the rounded one.

The rest of every row below a row follows the chain rule to first order (Langlois, "Automatic linear correction of rounding errors",
BIT 41 (2001)).  Rows that are summed over an index have none, since it would cost as much as all else.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symgrad.graph.doubles import double, lacking
from symgrad.graph.graph import Graph
from symgrad.graph.heads.expansions import EXPANSIONS
from symgrad.graph.kinds import partials_beside
from symgrad.graph.kinks import DEFAULT
from symgrad.graph.rows import REAL, Ref
from symgrad.rewrite.doubles import EXACT, is_exact, is_power_of_two
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO

MOST_FACTORS = 4
DEEPEST = 40
"""Arguments made in more steps than this count as not known."""


Local = Callable[[Graph, Ref, Ref], tuple[Ref, Ref]]
"""What a function itself loses, and its slope, from its rounded value y and its argument a."""


class Rests:
    """What rounding has lost of the rows of a graph that is being made: rows of their own, found as they are asked for."""

    def __init__(self) -> None:
        self._known: dict[Ref, Ref | None] = {}
        self._depth = 0

    def of(self, graph: Graph, ref: Ref) -> Ref | None:
        """The exact value less the rounded one, the number 0 where there is no difference; None where it is not known."""
        if ref not in self._known and self._depth < DEEPEST:
            self._depth += 1
            self._known[ref] = self._found(graph, ref)
            self._depth -= 1
        return self._known.get(ref)

    def of_argument(self, graph: Graph, ref: Ref) -> Ref | None:
        """The same of a function's argument, which is only the double of a number."""
        number = graph.constant_value(ref)
        return self.of(graph, ref) if number is None else graph.constant(lacking(number))

    def is_exact(self, graph: Graph, ref: Ref) -> bool:
        """Whether nothing is lost of a function's argument."""
        rest = self.of_argument(graph, ref)
        return rest is not None and graph.constant_value(rest) == 0

    def carried(self, graph: Graph, ref: Ref) -> Ref | None:
        """What the rounding of its arguments changes a function by; None where that is not known."""
        below = {arg: self.of_argument(graph, arg) for arg in graph.operands(ref)}
        if None in below.values():
            return None
        exact = [graph.constant_value(arg) if self.is_exact(graph, arg) else None for arg in graph.operands(ref)]
        partials = partials_beside(graph, ref, graph.operands(ref), DEFAULT, exact)
        changes = [(ONE, look.times(graph, partial.coefficient, *partial.factors, rest)) for partial in partials
                   if (rest := below[partial.argument]) is not None and graph.constant_value(rest) != 0]
        return _total(graph, changes)

    def _found(self, graph: Graph, ref: Ref) -> Ref | None:
        row = graph[ref]
        if graph.constant_value(ref) is not None or is_exact(graph, ref):
            return graph.constant(ZERO)  # what a number's double lacks stands beside it
        if len(row.keep) < len(row.sizes) or row.kind != REAL:
            return None
        if row.op == "sum":
            return self._sum(graph, ref, *(look.terms(graph, ref) or (ZERO, [])))
        if row.op == "product":
            return self._product(graph, ref, row.payload, graph.operands(ref))
        follow = FOLLOWED.get(row.payload[0]) if row.op == "map" else None
        return follow(self, graph, ref, graph.operands(ref), row.payload[1:]) if follow is not None else None

    def _sum(self, graph: Graph, ref: Ref, constant: sp.Expr, parts: list[look.Term]) -> Ref | None:
        below = [self.of(graph, term) for _, term in parts]
        if not all(look.is_number(c) for c in (constant, *(c for c, _ in parts))) or None in below:
            return None
        local = _lost_of_sum(graph, ref, constant, parts)
        carried = [(c, rest) for (c, _), rest in zip(parts, below, strict=True) if rest is not None]
        is_exact = constant == 0 and len(parts) == 1 and abs(parts[0][0]) == 1
        return _total(graph, [*([] if is_exact else [(ONE, local)]), *carried])

    def _product(self, graph: Graph, ref: Ref, number: sp.Expr, operands: list[Ref]) -> Ref | None:
        below = [self.of(graph, operand) for operand in operands]
        if not look.is_number(number) or len(operands) > MOST_FACTORS or None in below:
            return None
        carried = [(number, look.times(graph, ONE, *look.without(operands, k), rest))
                   for k, rest in enumerate(below) if rest is not None]
        if len(operands) == 1 and is_power_of_two(number):
            return _total(graph, carried)
        return _total(graph, [(ONE, _lost_of_product(graph, ref, number, *operands)), *carried])

    def _exponential(self, graph: Graph, ref: Ref, exponent: Ref) -> Ref | None:
        """y = exp(u) that was made without the rounding of u."""
        below = self.of(graph, exponent)
        if below is None:
            return None
        return _total(graph, [(ONE, look.make(graph, "exp_rest", ref, exponent)), (ONE, look.times(graph, ONE, ref, below))])

    def _as(self, graph: Graph, ref: Ref, other: Ref) -> Ref | None:
        """Of a row that is the same as another, computed in another way."""
        below = self.of(graph, other)
        return _total(graph, [(ONE, _lost_of_sum(graph, ref, ZERO, [(ONE, other)])), (ONE, below)]) if below is not None else None

    def _share(self, graph: Graph, ref: Ref, a: Ref, c: Ref) -> Ref | None:
        """y = a/(a + c): (a - y s)/s with the sum s, and what the rests of a and of s change."""
        whole = graph.sum(ZERO, [(ONE, a), (ONE, c)])
        below, lost = self.of(graph, a), self.of(graph, whole)
        if below is None or lost is None:
            return None
        over = look.make(graph, "reciprocal", whole)
        gap = _total(graph, [(-ONE, _lost_of_product(graph, a, ONE, ref, whole)), (ONE, below), (-ONE, look.times(graph, ONE, ref, lost))])
        return look.times(graph, ONE, over, gap)

    def _product_with_log(self, graph: Graph, ref: Ref, a: Ref, b: Ref) -> Ref | None:
        """y = a log(b), the logarithm as a rounded one with its rest."""
        log = look.make(graph, "log", b)
        carried = self.carried(graph, ref)
        if carried is None:
            return None
        lost = _lost_of_product(graph, ref, ONE, a, log)
        return _total(graph, [(ONE, lost), (ONE, look.times(graph, ONE, a, look.make(graph, "log_rest", log, b))), (ONE, carried)])

    def _expanded(self, graph: Graph, args: list[Ref], parameters: tuple) -> Ref | None:
        """Of an expansion: what is lost of the row where it is computed itself, and nothing on the pieces, which are smooth."""
        below = self.of(graph, args[1])
        nothing = sp.Tuple(*(sp.Tuple(*piece[:4], ZERO, ONE, ZERO) for piece in parameters[1]))
        return graph.map("expansion", (args[0], below), (parameters[0], nothing)) if below is not None else None

    def _hypot(self, graph: Graph, ref: Ref, sides: list[Ref]) -> Ref | None:
        """h = hypot(a, b): (a^2 + b^2 - h^2)/(2 h), the squares with their rests, and a/h and b/h times those of the sides."""
        below = [self.of(graph, side) for side in sides]
        if None in below:
            return None
        per = look.make(graph, "reciprocal", ref)
        signs, squares = (ONE, ONE, -ONE), [look.make(graph, "square", one) for one in (*sides, ref)]
        gap = _lost_of_sum(graph, graph.constant(ZERO), ZERO, list(zip(signs, squares, strict=True)))
        lost = [_lost_of_product(graph, square, ONE, one, one) for square, one in zip(squares, (*sides, ref), strict=True)]
        whole = _total(graph, [(ONE, gap), *zip(signs, lost, strict=True)])
        carried = [(ONE, look.times(graph, ONE, per, side, rest)) for side, rest in zip(sides, below, strict=True) if rest is not None]
        return _total(graph, [(look.HALF, look.times(graph, ONE, per, whole)), *carried])

    def _unrounded(self, graph: Graph, args: list[Ref]) -> Ref | None:
        """Of a function that rounds nothing itself."""
        return graph.constant(ZERO) if all(self.is_exact(graph, arg) for arg in args) else None

    def _extremum(self, graph: Graph, args: list[Ref], compare: str) -> Ref | None:
        """Of the one of two that it is; of one of more than two where nothing is lost of any."""
        found = self._choice(graph, look.make(graph, compare, *args), *args) if len(args) == 2 else None
        return found if found is not None else self._unrounded(graph, args)

    def _choice(self, graph: Graph, condition: Ref, *branches: Ref) -> Ref | None:
        """Of the branch that is taken."""
        below = [one for branch in branches if (one := self.of(graph, branch)) is not None]
        return graph.select(condition, *below) if len(below) == len(branches) else None

    def _size(self, graph: Graph, a: Ref) -> Ref | None:
        below = self.of(graph, a)
        return look.times(graph, ONE, look.make(graph, "sign", a), below) if below is not None else None

    def _by_slope(self, local: Local, graph: Graph, ref: Ref, a: Ref) -> Ref | None:
        """Of a function of which what it loses itself and its slope are known."""
        below = self.of(graph, a)
        if below is None:
            return None
        own, slope = local(graph, ref, a)
        return _total(graph, [(ONE, own), (ONE, look.times(graph, ONE, slope, below))])

    def _raised(self, graph: Graph, ref: Ref, a: Ref, exponent: Ref) -> Ref | None:
        """A power: by products where it is small and whole or half of that."""
        number = graph.constant_value(exponent)
        if number is None or not (2 * number).is_Integer or abs(number) > MOST_FACTORS or (number < 0 and not number.is_Integer):
            return self._power(graph, ref, a, exponent)
        if number < 0:
            return self._inverse_power(graph, ref, a, int(number))
        half = [look.make(graph, "sqrt", a)] if 2 * number % 2 else []
        return self._product(graph, ref, ONE, [*[a] * int(number), *half])

    def _power(self, graph: Graph, ref: Ref, a: Ref, exponent: Ref) -> Ref | None:
        """y = a^b: y (b log(a) - log(y)), the logarithms with their rests, and what the rounding of a and b changes."""
        below, lost = self.of(graph, a), self.of(graph, exponent)
        if below is None or lost is None:
            return None
        logs = [look.make(graph, "log", one) for one in (a, ref)]
        rests = [look.make(graph, "log_rest", log, one) for log, one in zip(logs, (a, ref), strict=True)]
        number = graph.constant_value(exponent)
        if number is not None:
            gap = _lost_of_sum(graph, graph.constant(ZERO), ZERO, [(number, logs[0]), (-ONE, logs[1])])
        else:
            gap = _lost_of_product(graph, logs[1], ONE, exponent, logs[0])
        local = _total(graph, [(ONE, gap), (ONE, look.times(graph, ONE, exponent, rests[0])), (-ONE, rests[1]),
                               (ONE, look.times(graph, ONE, logs[0], lost))])
        slope = look.times(graph, ONE, exponent, ref, look.make(graph, "reciprocal", a), below)
        return _total(graph, [(ONE, look.times(graph, ONE, ref, local)), (ONE, slope)])

    def _inverse_power(self, graph: Graph, ref: Ref, a: Ref, exponent: int) -> Ref | None:
        """y = a^-n: (1 - a^n y) y, and -n y/a times the rest of a."""
        below = self.of(graph, a)
        if below is None:
            return None
        lost = _lost_of_product(graph, graph.constant(ONE), ONE, ref, *[a] * -exponent)
        slope = look.times(graph, sp.Integer(exponent), ref, look.make(graph, "reciprocal", a), below)
        return _total(graph, [(-ONE, look.times(graph, ONE, lost, ref)), (ONE, slope)])


def _exponent(graph: Graph, ends: list[Ref], parameters: tuple) -> Ref:
    """The exponent of an exponential of a product: number (a1 + b1) .../(a2 + b2) ... + shift, or without the b and the shift."""
    number, _, count, *shift = parameters
    factors = [graph.sum(ZERO, [(ONE, a), (ONE, b)]) for a, b in zip(ends[0::2], ends[1::2], strict=True)] if shift else ends
    below = [look.make(graph, "reciprocal", factor) for factor in factors[int(count):]]
    product = look.times(graph, number, *factors[: int(count)], *below)
    return look.shifted(graph, product, shift[0]) if shift else product


def _reciprocal(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    """What is lost of y = 1/a, (1 - a y) y, and the slope towards a."""
    lost = _lost_of_product(graph, graph.constant(ONE), ONE, a, y)
    return look.times(graph, -ONE, lost, y), look.times(graph, -ONE, look.make(graph, "square", y))


def _root(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    """(a - y^2)/(2 y) for y = sqrt(a)."""
    half = look.times(graph, look.HALF, look.make(graph, "reciprocal", y))
    lost = _lost_of_product(graph, a, ONE, y, y)
    return look.times(graph, -ONE, lost, half), half


def _log(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    return look.make(graph, "log_rest", y, a), look.make(graph, "reciprocal", a)


def _asinh(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    """asinh(a) is the logarithm of w = |a| + hypot(a, 1) with the sign of a; of w its own rest counts as well."""
    size, root = look.make(graph, "abs", a), look.make(graph, "hypot", a, graph.constant(ONE))
    whole = graph.sum(ZERO, [(ONE, size), (ONE, root)])
    square = look.make(graph, "square", a)
    beside = graph.sum(ZERO, [(ONE, _lost_of_sum(graph, look.make(graph, "square", root), ONE, [(ONE, square)])),
                              (ONE, _lost_of_product(graph, square, ONE, a, a)),
                              (-ONE, _lost_of_product(graph, look.make(graph, "square", root), ONE, root, root))])
    slope = look.make(graph, "reciprocal", root)
    lost = graph.sum(ZERO, [(ONE, _lost_of_sum(graph, whole, ZERO, [(ONE, size), (ONE, root)])), (look.HALF, look.times(graph, ONE, beside, slope))])
    own = graph.sum(ZERO, [(ONE, look.make(graph, "log_rest", look.make(graph, "abs", y), whole)),
                           (ONE, look.times(graph, ONE, lost, look.make(graph, "reciprocal", whole)))])
    return look.times(graph, ONE, look.make(graph, "sign", a), own), slope


def _quotient(graph: Graph, a: Ref, b: Ref) -> Ref:
    return look.times(graph, ONE, a, look.make(graph, "reciprocal", b))


def _exp(graph: Graph, y: Ref, a: Ref) -> tuple[Ref, Ref]:
    return look.make(graph, "exp_rest", y, a), y


_AS_SUMS: dict[str, Callable[[Graph, list[Ref], tuple], tuple[sp.Expr, list[look.Term]]]] = {
    "one_minus_square": lambda graph, args, _: (ONE, [(-ONE, look.make(graph, "square", *args))]),
    "difference_of_squares": lambda graph, args, _: (ZERO, [(c, look.make(graph, "square", a)) for c, a in zip((ONE, -ONE), args, strict=True)]),
    "expm1": lambda graph, args, _: (-ONE, [(ONE, look.make(graph, "exp", *args))]),
    "power_less_one": lambda graph, args, parameters: (-ONE, [(ONE, _power_row(graph, args[0], parameters[0]))]),
    "hypot_excess": lambda graph, args, _: (ZERO, [(ONE, look.make(graph, "hypot", *args)), (-ONE, args[1])]),
}
"""Functions that are made without a cancellation, as the sums that they stand for."""


def _power_row(graph: Graph, a: Ref, exponent: sp.Expr) -> Ref:
    return look.make(graph, "reciprocal", a) if exponent == -1 else graph.map("power", (a,), (exponent,))


def _by_exponentials(graph: Graph, a: Ref, sign: int) -> Ref:
    """(exp(a) + exp(-a))/2, or their difference."""
    grown = look.make(graph, "exp", a)
    return graph.sum(ZERO, [(look.HALF, grown), (sign * look.HALF, look.make(graph, "reciprocal", grown))])


Followed = Callable[[Rests, Graph, Ref, list[Ref], tuple], Ref | None]
FOLLOWED: dict[str, Followed] = {
    **{name: lambda rests, graph, ref, args, _: rests._unrounded(graph, args) for name in EXACT},
    "abs": lambda rests, graph, ref, args, _: rests._size(graph, *args),
    "max": lambda rests, graph, ref, args, _: rests._extremum(graph, args, "ge"),
    "min": lambda rests, graph, ref, args, _: rests._extremum(graph, args, "le"),
    "select": lambda rests, graph, ref, args, _: rests._choice(graph, *args),
    "finite": lambda rests, graph, ref, args, _: rests.of(graph, args[0]),
    "square": lambda rests, graph, ref, args, _: rests._product(graph, ref, ONE, [*args, *args]),
    "power": lambda rests, graph, ref, args, parameters: rests._raised(graph, ref, args[0], graph.constant(parameters[0])),
    "pow": lambda rests, graph, ref, args, _: rests._raised(graph, ref, *args),
    "hypot": lambda rests, graph, ref, args, _: rests._hypot(graph, ref, args),
    "sinh": lambda rests, graph, ref, args, _: rests._as(graph, ref, _by_exponentials(graph, args[0], -1)),
    "cosh": lambda rests, graph, ref, args, _: rests._as(graph, ref, _by_exponentials(graph, args[0], 1)),
    **{name: lambda rests, graph, ref, args, _: rests._as(graph, ref, look.make(graph, "log", look.shifted(graph, args[0], ONE)))
       for name in ("log1p", "log1p_of")},
    "log_ratio": lambda rests, graph, ref, args, _: rests._by_slope(_log, graph, ref, _quotient(graph, *args[:2])),
    "share": lambda rests, graph, ref, args, _: rests._share(graph, ref, *args),
    "mended": lambda rests, graph, ref, args, _: rests._as(graph, ref, args[0]),
    **{name: lambda rests, graph, ref, args, parameters: rests._expanded(graph, args, parameters)
       for name in EXPANSIONS},
    "range_expansion": lambda rests, graph, ref, args, _: rests.of(graph, args[1]),
    "xlogx": lambda rests, graph, ref, args, _: rests._product_with_log(graph, ref, *args, *args),
    "xlogy": lambda rests, graph, ref, args, _: rests._product_with_log(graph, ref, *args),
    **{name: lambda rests, graph, ref, args, parameters, written=written: rests._sum(graph, ref, *written(graph, args, parameters))
       for name, written in _AS_SUMS.items()},
    **{name: lambda rests, graph, ref, args, parameters: rests._exponential(graph, ref, _exponent(graph, args, parameters))
       for name in ("exp_product", "exp_shifted_product")},
    **{name: lambda rests, graph, ref, args, _, local=local: rests._by_slope(local, graph, ref, *args)
       for name, local in (("reciprocal", _reciprocal), ("sqrt", _root), ("log", _log), ("exp", _exp), ("asinh", _asinh))}}
"""What is lost of functions, by name: of the rests, a row, its operands and its parameters."""


def _total(graph: Graph, parts: list[look.Term]) -> Ref:
    return graph.sum(ZERO, [(c, ref) for c, ref in parts if graph.constant_value(ref) != 0])


def _lost_of_sum(graph: Graph, total: Ref, constant: sp.Expr, parts: list[look.Term]) -> Ref:
    """constant + c1 a1 + c2 a2 + ... - total, each number as its double and what that lacks."""
    return look.make(graph, "sum_rest", total, *_halves(graph, constant), *(one for c, term in parts for one in (*_halves(graph, c), term)))


def _lost_of_product(graph: Graph, product: Ref, number: sp.Expr, *factors: Ref) -> Ref:
    """number a1 a2 ... - product."""
    return look.make(graph, "product_rest", product, *_halves(graph, number), *factors)


def _halves(graph: Graph, number: sp.Expr) -> tuple[Ref, Ref]:
    return graph.constant(double(number)), graph.constant(lacking(number))
