"""Textbook formulas by symgrad, by the same code without rules, by SymPy's lambdify and by other libraries: how many points each has right."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import mpmath
import numpy as np
import sympy as sp
from mpmath import mp
from peers import Form, installed
from textbook import FORTY, TEXTBOOK, Textbook, x

import symgrad as sg
from symgrad.check.points import sample
from symgrad.check.truth import Truth
from symgrad.check.ulps import representable, ulps

PER_DECADE = 2
DIGITS = 90
"""Decimal ones, by which summands are told."""
ORDERS = ("value", "slope")
OURS = ("symgrad", "on arrays")

Miss = tuple[str, int, float, float, float, float]
"""Form, order, point, got, right, ulp."""


@dataclass
class Tally:
    """One form's points: how many are finite, how many right, how many that or as wrong as the last digit of the point explains, how many that
    or right beside the largest summand of the final sum, and the largest error in ulp of a finite one."""

    finite: int = 0
    right: int = 0
    explained: int = 0
    beside: int = 0
    largest: float = 0.0

    def take(self, got: float, error: float, limit: float) -> None:
        self.finite += math.isfinite(got)
        self.right += error <= limit
        self.largest = max(self.largest, error if math.isfinite(got) else 0.0)

    def add(self, other: Tally) -> None:
        self.finite, self.right = self.finite + other.finite, self.right + other.right
        self.explained, self.beside = self.explained + other.explained, self.beside + other.beside
        self.largest = max(self.largest, other.largest)


@dataclass
class Score:
    """Values and slopes that were compared, by form, and each miss."""

    count: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    misses: list[Miss] = field(default_factory=list)

    @property
    def right(self) -> dict[str, int]:
        return {name: tally.right for name, tally in self.tallies.items()}

    def take(self, name: str, order: int, at: float, got: float, want: float, error: float, limit: float) -> None:
        self.tallies.setdefault(name, Tally()).take(got, error, limit)
        if error > limit:
            self.misses.append((name, order, at, got, want, error))

    def add(self, other: Score) -> None:
        self.count += other.count
        for name, tally in other.tallies.items():
            self.tallies.setdefault(name, Tally()).add(tally)


def forms(one: Textbook, peers: bool = False) -> dict[str, Form]:
    """Value and slope of the formula by each form, on an array of points."""
    stable = sg.compile(one.formula, wrt=x, where=one.where)
    plain = stable.with_options(rewrite=False)
    whole = sg.compile(one.formula, wrt=x, where=one.where, batch=[x], reduce=None)
    numpy = sp.lambdify(x, [one.whole, sp.diff(one.whole, x)], ["scipy", "numpy"])
    found: dict[str, Form] = {"symgrad": _each(lambda at: stable.value_and_grad(x=at)),
                              "on arrays": lambda points: (whole.value(x=points), whole.vjp(np.ones_like(points), x=points)),
                              "plain": _each(lambda at: plain.value_and_grad(x=at)),
                              "lambdify": _each(lambda at: numpy(np.float64(at)))}
    return found | ({name: make(one) for name, make in installed().items()} if peers else {})


def _each(function: Callable) -> Form:
    """A function of one point on an array of them; nan where it fails."""
    def both(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pairs = np.array([_called(function, point) for point in points.tolist()])
        return pairs[:, 0], pairs[:, 1]

    return both


def _called(function: Callable, point: float) -> tuple[float, float]:
    try:
        value, slope = function(point)
        return float(value), float(slope)
    except (ZeroDivisionError, OverflowError, TypeError):
        return math.nan, math.nan


def limits(one: Textbook) -> tuple[float, float]:
    """Ulp within which value and slope are right."""
    return 4.0, 16.0 if one.composite else 8.0


def score(one: Textbook, per_decade: int = PER_DECADE, peers: bool = False) -> Score:
    """Compare each form with the truth; errors are in ulp of the result.  At a kink there is no slope to compare."""
    truth, found = Truth(one.whole, x, 1), Score()
    wants = {point: [truth.at(point, order) for order in (0, 1)] for point in sample(one.low, one.high, per_decade=per_decade, tiny=False)}
    points = np.array([point for point, (value, _) in wants.items() if value is not None])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        got = {name: form(points) for name, form in forms(one, peers).items()}
    for place, point in enumerate(points.tolist()):
        for order, (want, limit) in enumerate(zip(wants[point], limits(one), strict=True)):
            if want is None or not representable(want) or (order == 1 and point in one.kinks):
                continue
            found.count += 1
            for name, both in got.items():
                number = float(both[order][place])
                found.take(name, order, point, number, float(want), ulps(number, want), limit)
    for name in OURS:
        missed = [miss for miss in found.misses if miss[0] == name]
        tally = found.tallies.setdefault(name, Tally())
        left = _unexplained(one, missed) if missed else []
        tally.explained = found.count - len(left)
        tally.beside = found.count - sum(not _is_right_beside(one, miss) for miss in left)
    return found


def _unexplained(one: Textbook, misses: Iterable[Miss]) -> list[Miss]:
    """Those that are farther off than four times what half a unit in the last digit of the point does."""
    truth, left = Truth(one.whole, x, 2), []
    for miss in misses:
        _, order, at, got, want, _ = miss
        slope = truth.at(at, order + 1)
        if slope is None or not abs(got - want) <= 4 * 2.0**-53 * abs(at * float(slope)):
            left.append(miss)
    return left


def _is_right_beside(one: Textbook, miss: Miss) -> bool:
    """Whether an error is within the limit in ulp of the largest summand of the final sum."""
    _, order, at, got, want, _ = miss
    with mp.workdps(DIGITS):
        try:
            size = float(_size(sp.diff(one.whole, x, order), mp.mpf(at)))
        except ZeroDivisionError:
            return False
    return abs(got - want) <= limits(one)[order] * np.spacing(max(size, abs(want)))


def _size(expr: sp.Expr, at: mpmath.mpf) -> mpmath.mpf:
    """The largest summand of a sum, of a product or a power with those of the sums in it, of anything else its size."""
    if expr.is_Add:
        return max(_size(one, at) for one in expr.args)
    if expr.is_Mul:
        return mp.fprod(_size(one, at) for one in expr.args)
    if expr.is_Pow and expr.exp.is_Number and expr.exp > 0:
        return _size(expr.base, at) ** mp.mpmathify(expr.exp)
    return abs(sp.lambdify(x, expr, "mpmath")(at))


def show(words: Iterable[str] = (), table: Mapping[str, Textbook] = TEXTBOOK, peers: bool = False) -> dict[str, Score]:
    """Print the share of right points of each formula, where symgrad is not right, and the forms' sums; with peers for forty formulas."""
    words, total, scores = list(words), Score(), {}
    for name in FORTY if peers and not words else table:
        if words and not any(word in name for word in words):
            continue
        scores[name] = found = score(table[name], peers=peers)
        total.add(found)
        print(_line(name, found), flush=True)
        print("".join(_missed(found)), end="")
    print(summary(total))
    return scores


def _line(name: str, found: Score) -> str:
    return f"{name:<36}{found.count:>7} points" + "".join(f"   {form} {tally.right / max(1, found.count):7.1%}" for form, tally in found.tallies.items())


def _missed(found: Score) -> Iterable[str]:
    for order, words in enumerate(ORDERS):
        missed = [miss for miss in found.misses if miss[:2] == ("symgrad", order)]
        if missed:
            _, _, at, got, want, error = max(missed, key=lambda miss: miss[-1])
            yield f"    {words}: {len(missed)} points; at x = {at!r} {got!r}, right is {want!r} ({error:.3g} ulp)\n"


def summary(total: Score) -> str:
    """One line a form: points finite, points right, of ours right or explained, and beside summands, largest error of a finite point."""
    lines = [f"\n{'values and slopes':<20}{'finite':>10}{'right':>10}{'explained':>10}{'beside':>10}{'largest error':>18}"]
    for name, tally in total.tallies.items():
        explained = f"{tally.explained / total.count:>10.2%}{tally.beside / total.count:>10.3%}" if name in OURS else " " * 20
        lines.append(f"{name:<20}{tally.finite / total.count:>10.1%}{tally.right / total.count:>10.1%}{explained}{tally.largest:>14.3g} ulp")
    return "\n".join([*lines, f"{total.count} numbers that a double can hold; right: a value within 4 ulp, a slope within 8 (16 for composite formulas); "
                      "explained: right, or as wrong as the last digit of the point makes it; beside: that, or right in ulp of the largest summand"])
