"""How rows tend where one row that they are functions of grows beyond all bounds, or falls to 0: the comparison of growth rates.

A tendency is a leading term c log(v)^l v^p, or faster than any power of v, as exp(v) is, or decaying faster than any, as
exp(-v) does; where v falls to 0 it is told in 1/v.  Rows that a tendency is told for rest on v through elementary functions
alone, element by element; whatever else they rest on counts as a constant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.graph.bounds import NOT_NEGATIVE, Bounds
from symgrad.graph.graph import Graph
from symgrad.graph.heads.expansions import EXPANSIONS
from symgrad.graph.labels import Label
from symgrad.graph.rows import REAL, Ref, Row

MOST_SOURCES = 4
"""Rows are compared in so many of the rows that they rest on."""
CLOSE = 1e-9
"""Leading coefficients whose sum is so much smaller than they are cancel."""


class Tendency(NamedTuple):
    """sign * c log(v)^logs v^power; `growth` is 1 for what outgrows every power of v, 2 for what outgrows exp(v) as well, and so on, -1 for what
    decays faster than any power, …

    c is None where it is not known, and so is a sign of 0.
    """

    growth: int = 0
    power: float = 0.0
    logs: float = 0.0
    c: float | None = None
    sign: int = 0

    @property
    def rate(self) -> tuple[int, float, float]:
        return self.growth, self.power, self.logs

    @property
    def vanishes(self) -> bool:
        return self.rate < (0, 0.0, 0.0)

    @property
    def is_infinite(self) -> bool:
        return self.rate > (0, 0.0, 0.0)


Found = Tendency | None
Limit = float | Tendency | Callable[[Tendency], Found]
FAST, DECAY = Tendency(1, sign=1), Tendency(-1, sign=1)
NOTHING = Tendency(-9)
"""0."""


def number(value: float) -> Found:
    if not value:
        return NOTHING
    return Tendency(c=abs(value), sign=int(math.copysign(1, value))) if math.isfinite(value) else None


def product(parts: Iterable[Found]) -> Found:
    """The tendency of a product, None where one factor's is not known or growth meets decay."""
    total: Tendency = Tendency(c=1.0, sign=1)
    for one in parts:
        if one is None or total.growth == -one.growth != 0:
            return None
        c = total.c * one.c if total.c is not None and one.c is not None else None
        growth = max(total.growth, one.growth, key=abs)
        powers = (0.0, 0.0) if growth else (total.power + one.power, total.logs + one.logs)
        total = Tendency(growth, *powers, c, total.sign * one.sign)
    return total


def power(one: Found, exponent: float) -> Found:
    """The tendency of a power: a whole one, or of what is above 0."""
    if one is None or exponent == 0 or (one.sign <= 0 and exponent != int(exponent)):
        return None
    growth = one.growth if exponent > 0 else -one.growth
    c = one.c**exponent if one.c else None
    sign = 1 if exponent % 2 == 0 else one.sign
    return Tendency(growth, one.power * exponent, one.logs * exponent, c, sign)


def total(parts: Sequence[Found]) -> Found:
    """The tendency of a sum: that of its largest terms, None where these cancel or may."""
    if not parts or any(one is None for one in parts):
        return None
    known = [one for one in parts if one is not None]
    top = max(one.rate for one in known)
    first = [one for one in known if one.rate == top]
    if len(first) == 1:
        return first[0]
    signs = {one.sign for one in first}
    sizes = [one.sign * one.c for one in first if one.c is not None and one.sign]
    if len(sizes) < len(first) or top[0]:
        return Tendency(*top, None, signs.pop()) if len(signs) == 1 and 0 not in signs else None
    left = sum(sizes)
    return Tendency(*top, abs(left), 1 if left > 0 else -1) if abs(left) > CLOSE * max(map(abs, sizes)) else None


def cancels(parts: Sequence[Found]) -> bool:
    """Whether the largest of known terms cancel."""
    known = [one for one in parts if one is not None]
    top = max(one.rate for one in known) if known else None
    sizes = [one.sign * one.c for one in known if one.rate == top and one.c is not None]
    return len(known) == len(parts) and len(sizes) > 1 and 0.0 not in sizes and abs(sum(sizes)) <= CLOSE * max(map(abs, sizes))


def _exp(a: Tendency) -> Found:
    if a.vanishes:
        return number(1.0)
    if not a.is_infinite:
        return Tendency(c=math.exp(min(a.sign * a.c, 700.0)) if a.c is not None and a.rate == (0, 0.0, 0.0) and a.sign else None, sign=1)
    if a.sign == 0 or (a.power == a.growth == 0 and a.logs <= 1):
        return None
    return Tendency((a.growth + 1) * a.sign, sign=1)


def _log(a: Tendency) -> Found:
    if a.sign <= 0 or a.growth or (a.power == 0 and a.logs):
        return None
    if a.power == 0:
        return number(math.log(a.c)) if a.c else None
    return Tendency(0, 0.0, 1.0, abs(a.power), 1 if a.power > 0 else -1)


def _log1p(a: Tendency) -> Found:
    return a if a.vanishes else _log(a) if a.is_infinite else None


def _linear(a: Tendency) -> Found:
    return a


def _abs(a: Tendency) -> Found:
    return a._replace(sign=1)


def _per(exponent: int, c: float = 1.0) -> Callable[[Tendency], Found]:
    """c |a|^exponent."""
    return lambda a: product([number(c), power(_abs(a), exponent)])


def _with_log(exponent: int, c: float = 1.0) -> Callable[[Tendency], Found]:
    """c log|a| |a|^exponent."""
    return lambda a: product([number(c), _log(a._replace(sign=1)), power(_abs(a), exponent)])


def _within(exponent: int) -> Callable[[Tendency], Found]:
    """What oscillates below a multiple of |a|^exponent: neither its sign nor its size is known."""
    return lambda a: product([power(_abs(a), exponent), Tendency()])


def _both(limit: Limit) -> tuple[Limit, Limit]:
    return limit, limit


def _bounded(a: Tendency) -> Found:
    return Tendency()


def _nowhere(a: Tendency) -> Found:
    return None


_MINUS_FAST = FAST._replace(sign=-1)

ENDS: dict[str, tuple[Limit, Limit]] = {
    "logistic": (DECAY, 1.0), "normal_cdf": (DECAY, 1.0), "scaled_logistic": (DECAY, 1.0), "silu_slope": (DECAY, 1.0),
    "softplus": (DECAY, _linear), "silu": (DECAY, _linear), "scaled_softplus": (DECAY, _linear), "normal_loss": (DECAY, _linear),
    "inverse_mills": (_abs, DECAY), "logistic_slope": (DECAY, DECAY), "scaled_logistic_slope": (DECAY, DECAY),
    "tanh_softplus": (DECAY, 1.0), "tanh_softplus_slope": (DECAY, DECAY), "mish": (DECAY, _linear), "mish_slope": (DECAY, 1.0),
    "logit_entropy": (DECAY, DECAY), "logit_entropy_slope": (DECAY, DECAY), "sech": (DECAY, DECAY), "csch": (DECAY, DECAY),
    "x_over_sinh": (DECAY, DECAY), "gauss": (DECAY, DECAY), "half_gauss": (DECAY, DECAY), "erfc": (2.0, DECAY), "erf": (-1.0, 1.0),
    "tanh": (-1.0, 1.0), "coth": (-1.0, 1.0), "langevin": (-1.0, 1.0), "atan": (-math.pi / 2, math.pi / 2),
    "cosh": (FAST, FAST), "sinh": (_MINUS_FAST, FAST), "exp": (DECAY, FAST), "expm1": (-1.0, FAST), "logcosh": (_abs, _abs),
    "x_over_tanh": (_abs, _abs), "bernoulli_ratio": (_abs, DECAY), "bernoulli_slope": (-1.0, DECAY), "bernoulli_curve": (DECAY, DECAY),
    "bose_einstein": (-1.0, DECAY), "exprel": (_per(-1), FAST), "exprel_slope": (_per(-2), FAST), "exprel_curve": (_per(-3), FAST),
    "tanh_ratio": (_per(-1), _per(-1)), "log1mexp": (1.0, DECAY), "erfc_hazard": (DECAY, _linear),
    "log1prel": (_nowhere, _with_log(-1)), "log1prel_slope": (_nowhere, _with_log(-2, -1.0)),
    "atan_ratio": _both(_per(-1, math.pi / 2)), "atan_ratio_slope": (_per(-2, math.pi / 2), _per(-2, -math.pi / 2)),
    "asinh_ratio": _both(_with_log(-1)), "asinh_ratio_slope": (_with_log(-2), _with_log(-2, -1.0)),
    "erf_ratio": _both(_per(-1)), "erf_ratio_slope": (_per(-2), _per(-2, -1.0)),
    "sinc": _both(_within(-1)), "sinc_slope": _both(_within(-1)), "cosc": _both(_within(-2)),
    "sin_gap": _both(_linear), "tanh_gap": _both(_linear), "atan_gap": _both(_linear), "asinh_gap": _both(_linear), "sinh_gap": (_MINUS_FAST, FAST),
    "sinc_gap": _both(1.0), "erlang": (FAST, 1.0), "erlang_slope": (_MINUS_FAST, DECAY), "langevin_ratio": _both(_per(-1)),
    "log_exprel": (_with_log(0, -1.0), _linear), "softplus_gap": (_bounded, _linear), "log_secant": (_nowhere, _with_log(-1)),
    "sphere_form": _both(_within(-2)), "sphere_form_slope": _both(_within(-2)),
}
"""What a function tends to where its argument tends to minus and to plus infinity: a number, or a tendency of the argument's."""

SLOPES_AT_ZERO = {"tanh": 1.0, "sinh": 1.0, "atan": 1.0, "asinh": 1.0, "sin": 1.0, "expm1": 1.0, "erf": 2 / math.sqrt(math.pi), "silu": 0.5}
"""Functions that vanish with their argument, by their slopes there."""

BOUNDED = {"sin", "cos", "sign", "heaviside", "asin", "acos", "atan2", "frac", "direction_cosine", "softsign"} | {
    name for name, ends in ENDS.items() if all(isinstance(end, float) or end is DECAY for end in ends)}
"""Functions that are infinite nowhere."""

_UNARY: dict[str, Callable[[Tendency], Found]] = {
    "exp": _exp, "log": _log, "log1p": _log1p, "abs": _abs, "square": lambda a: power(a, 2), "sqrt": lambda a: power(a, 0.5),
    "reciprocal": lambda a: power(a, -1), "cbrt": lambda a: power(a, 1 / 3),
    "xlogx": lambda a: product([a, _log(a)]),
    "one_minus_square": lambda a: total([number(1.0), product([number(-1.0), power(a, 2)])]),
}


def function(name: str, a: Found) -> Found:
    """The tendency of a function of one argument, None where it is not known."""
    if a is None:
        return None
    if name in _UNARY:
        return _UNARY[name](a)
    if a.is_infinite and a.sign and name in ENDS:
        end = ENDS[name][a.sign > 0]
        if isinstance(end, Tendency):
            return end._replace(growth=end.growth * (1 + a.growth))
        return number(end) if isinstance(end, (float, int)) else end(a)
    if a.vanishes and name in SLOPES_AT_ZERO:
        return product([a, number(SLOPES_AT_ZERO[name])])
    return Tendency() if not a.is_infinite and name in ENDS else None


def _hypot(a: Found, b: Found) -> Found:
    return power(total([power(a, 2), power(b, 2)]), 0.5)


_BINARY: dict[str, Callable[[Found, Found], Found]] = {
    "share": lambda a, b: product([a, power(total([a, b]), -1)]),
    "softsign": lambda a, b: product([a, power(total([function("abs", a), b]), -1)]),
    "hypot": _hypot,
    "xlogy": lambda a, b: product([a, function("log", b)]),
    "xlog1py": lambda a, b: product([a, function("log1p", b)]),
    "difference_of_squares": lambda a, b: total([power(a, 2), product([number(-1.0), power(b, 2)])]),
    "tending": lambda a, b: product([a, b]),
    "tending_quotient": lambda a, b: product([a, power(b, -1)]),
    "growing": lambda a, b: product([a, b]),
    "leading": lambda a, b: total([a, b]),
    "direction_cosine": lambda a, b: product([a, power(_hypot(a, b), -1)]),
}


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
    if name in _BINARY:
        return _BINARY[name](*args)
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
