"""Formulas of several inputs that no rule was made for: finite and right at as many points as is recorded, and more often than plain code.

A value is right within 4 ulp, a slope within 16, of itself; or where it is off by no more than four times what half a unit in the last
digit of each input does.
"""

from __future__ import annotations

import math
from pathlib import Path

import mpmath
import pytest
import sympy as sp
from mpmath import mp
from recorded import check_as_often, check_each_is_recorded
from several_inputs import FORMULAS as FIRST
from several_inputs_second import SECOND

import symgrad as sg
from symgrad.check.ulps import ulps

FORMULAS = FIRST | SECOND
TABLE = Path(__file__).parent / "goldens" / "several_inputs.json"
DIGITS, OF_GAMMA = (500, 2000, 6000), (80, 160, 320)
"""Digits at which a truth is looked for, till two agree: complements of error functions are lost at a few hundred, gamma functions take long."""
NUDGE = mpmath.mpf(10) ** -60


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
        nudged = [mp.re(function(*(mp.mpf(x) * (1 + NUDGE * (j == k)) for j, x in enumerate(at)))) for k in range(len(at))]
        return found[-1], sum(abs(one - found[-1]) for one in nudged) / NUDGE * mp.mpf(2) ** -53


def tally(formula: sp.Expr, points: list[dict[str, float]]) -> dict[str, list[int]]:
    """Of how many values and slopes symgrad's, and plain code's, are finite, right, and right or explained by the inputs' last digits."""
    inputs = sorted(formula.free_symbols, key=str)
    model = sg.compile(formula, wrt=inputs)
    forms = {"symgrad": model, "plain": model.with_options(rewrite=False)}
    rows = [formula, *(sp.diff(formula, one) for one in inputs)]
    functions = [sp.lambdify(inputs, row, "mpmath") for row in rows]
    found = {form: [0, 0, 0] for form in forms}
    for point in points:
        at = [point[str(one)] for one in inputs]
        got = {form: [f.value(**point), *f.grad(**point)] for form, f in forms.items()}
        for k, function in enumerate(functions):
            want, change = truth(function, at, OF_GAMMA if formula.has(sp.loggamma, sp.gamma) else DIGITS)
            for form, values in got.items():
                value = float(values[k])
                right = ulps(value, want) <= (4 if k == 0 else 16)
                explained = math.isfinite(value) and abs(mp.mpf(value) - want) <= 4 * change
                found[form] = [old + new for old, new in zip(found[form], (math.isfinite(value), right, right or explained), strict=True)]
    return {"count": [len(points) * len(rows)], **found}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_of_several_inputs_is_right_as_often_as_recorded(name: str, request: pytest.FixtureRequest) -> None:
    check_as_often(TABLE, name, lambda: tally(*FORMULAS[name]), request.config.getoption("--update"))


def test_each_formula_of_several_inputs_is_recorded() -> None:
    check_each_is_recorded(TABLE, FORMULAS)
