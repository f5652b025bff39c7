"""Textbook formulas by symgrad, by the same code without rules, and by SymPy's lambdify: at which share of points each is right."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import sympy as sp
from textbook import TEXTBOOK, Textbook, x

import symgrad as sg
from symgrad.check.points import sample
from symgrad.check.truth import Truth
from symgrad.check.ulps import representable, ulps

FORMS = ("symgrad", "plain", "lambdify")
PER_DECADE = 2


@dataclass
class Score:
    """How many values and slopes are right, by form, and each miss: (form, order, point, got, right, ulp)."""

    count: int = 0
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FORMS, 0))
    misses: list[tuple[str, int, float, float, float, float]] = field(default_factory=list)


def functions(one: Textbook) -> dict[str, Callable[[float], tuple[float, float]]]:
    """Value and slope of the formula by each form."""
    stable = sg.compile(one.formula, wrt=x, where=one.where)
    plain = stable.with_options(rewrite=False)
    numpy = sp.lambdify(x, [one.whole, sp.diff(one.whole, x)], ["scipy", "numpy"])
    return {"symgrad": lambda at: stable.value_and_grad(x=at), "plain": lambda at: plain.value_and_grad(x=at), "lambdify": lambda at: numpy(np.float64(at))}


def limits(one: Textbook) -> tuple[float, float]:
    """Ulp within which value and slope are right."""
    return 4.0, 16.0 if one.composite else 8.0


def score(one: Textbook, per_decade: int = PER_DECADE) -> Score:
    """Compare each form with the truth; errors are in ulp of the result."""
    truth, found, forms = Truth(one.whole, x, 1), Score(), functions(one)
    for point in sample(one.low, one.high, per_decade=per_decade, tiny=False):
        wants = [truth.at(point, order) for order in (0, 1)]
        if wants[0] is None:
            continue
        got = {name: _called(form, point) for name, form in forms.items()}
        for order, (want, limit) in enumerate(zip(wants, limits(one), strict=True)):
            if want is None or not representable(want):
                continue
            found.count += 1
            for name in FORMS:
                error = ulps(got[name][order], want)
                found.right[name] += error <= limit
                if error > limit:
                    found.misses.append((name, order, point, got[name][order], float(want), error))
    return found


def _called(form: Callable, point: float) -> tuple[float, float]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value, slope = form(point)
            return float(value), float(slope)
        except (ZeroDivisionError, OverflowError, TypeError):
            return math.nan, math.nan


def show(words: Iterable[str] = ()) -> None:
    """Print the share of right points of each formula, and where symgrad is not right."""
    words, total = list(words), Score()
    for name, one in TEXTBOOK.items():
        if words and not any(word in name for word in words):
            continue
        found = score(one)
        total.count += found.count
        for form in FORMS:
            total.right[form] += found.right[form]
        print(_line(name, found), flush=True)
        for order in (0, 1):
            missed = [miss for miss in found.misses if miss[:2] == ("symgrad", order)]
            if missed:
                _, _, at, got, want, error = max(missed, key=lambda miss: miss[-1])
                print(f"    {('value', 'slope')[order]}: {len(missed)} points; at x = {at!r} {got!r}, right is {want!r} ({error:.3g} ulp)")
    print(_line("all", total))


def _line(name: str, found: Score) -> str:
    return f"{name:<36}{found.count:>7} points" + "".join(f"   {form} {found.right[form] / max(1, found.count):7.1%}" for form in FORMS)
