"""Formulas of several inputs that no rule was made for: finite and right at as many points as is recorded, and more often than plain code.

A value is right within 4 ulp, a slope within 16, of itself, a second derivative within 1e-9; or where it is off by no more than four times
what half a unit in the last digit of each input does.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from recorded import PAIRS, check_as_often, check_each_is_recorded, counted, is_curvature, moved_by_last_digits
from several_inputs import FORMULAS as FIRST
from several_inputs_second import SECOND
from several_inputs_third import THIRD

import symgrad as sg
from symgrad.check.ulps import representable, ulps

FORMULAS = FIRST | SECOND | THIRD
TABLE = Path(__file__).parent / "goldens" / "several_inputs.json"
DIGITS, OF_GAMMA = (500, 2000, 6000), (80, 160, 320)
"""Digits at which a truth is looked for, till two agree: complements of error functions are lost at a few hundred, gamma functions take long."""


def exact(function, at: list[float], digits: int) -> mpmath.mpf:
    with mp.workdps(digits):
        return mp.re(function(*map(mp.mpf, at)))


def truth(function, at: list[float], precisions: tuple[int, ...]) -> tuple[mpmath.mpf, mpmath.mpf]:
    """The value, and what half a unit in the last digit of each input changes."""
    found = [exact(function, at, precisions[0])]
    for digits in precisions[1:]:
        found.append(exact(function, at, digits))
        if abs(found[-1] - found[-2]) <= abs(found[-1]) * mp.mpf(10) ** -30:
            break
    with mp.workdps(digits):
        return found[-1], moved_by_last_digits(function, at, found[-1])


def is_value(got: float, want: mpmath.mpf) -> bool:
    return ulps(got, want) <= 4


def is_slope(got: float, want: mpmath.mpf) -> bool:
    return ulps(got, want) <= 16


def beside_kinks(curvature: sp.Expr) -> sp.Expr:
    """A second derivative without what it is at kinks alone."""
    return curvature.replace(sp.DiracDelta, lambda *_: sp.S.Zero)


def tally(formula: sp.Expr, points: list[dict[str, float]]) -> dict[str, list[int]]:
    """Of how many values and slopes, and second derivatives, symgrad's, and plain code's, are finite, right, and right or explained by the
    inputs' last digits."""
    inputs = sorted(formula.free_symbols, key=str)
    model = sg.compile(formula, wrt=inputs)
    forms = {"symgrad": model, "plain": model.with_options(rewrite=False)}
    slopes = [sp.diff(formula, one) for one in inputs]
    pairs = list(combinations_with_replacement(range(len(inputs)), 2))
    rows = [(formula, is_value), *((slope, is_slope) for slope in slopes), *((beside_kinks(sp.diff(slopes[j], inputs[k])), is_curvature) for j, k in pairs)]
    functions = [(sp.lambdify(inputs, row, "mpmath"), is_right) for row, is_right in rows]
    counts: dict[str, np.ndarray] = {name: np.zeros(3, int) for pair in PAIRS for name in pair}
    every = {"values": 0, "curvatures": 0}
    for point in points:
        at = [point[str(one)] for one in inputs]
        hessians = {form: f.hessian(**point) for form, f in forms.items()}
        got = {form: [f.value(**point), *f.grad(**point), *(hessians[form][j][k] for j, k in pairs)] for form, f in forms.items()}
        for number, (function, is_right) in enumerate(functions):
            want, change = truth(function, at, OF_GAMMA if formula.has(sp.loggamma, sp.gamma, sp.digamma) else DIGITS)
            is_second = is_right is is_curvature
            if is_second and not (mp.isfinite(want) and representable(want)):
                continue
            every["curvatures" if is_second else "values"] += 1
            for form, values in got.items():
                counts[PAIRS[is_second][form == "plain"]] += counted(float(values[number]), want, change, is_right)
    return {"count": list(every.values()), **{name: count.tolist() for name, count in counts.items()}}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_of_several_inputs_is_right_as_often_as_recorded(name: str, request: pytest.FixtureRequest) -> None:
    check_as_often(TABLE, name, lambda: tally(*FORMULAS[name]), request.config.getoption("--update"))


def test_each_formula_of_several_inputs_is_recorded() -> None:
    check_each_is_recorded(TABLE, FORMULAS)
