"""Formulas of several inputs, the last of them of samples that are summed: value and slopes finite and right as often as is recorded, and more
often than plain code's.

A sum is right within 1e-10 of what the sizes of its samples add up to, or of what half a unit in the last digit of each input does four times.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from recorded import check_as_often, check_each_is_recorded
from test_several_inputs import DIGITS, FORMULAS, OF_GAMMA, truth

import symgrad as sg

TABLE = Path(__file__).parent / "goldens" / "sums_of_samples.json"
SCALES = np.array([1.0, 0.8])
"""Samples, in the last input of a point."""
CLOSE = 1e-10


def truths(rows: list, at: list[float], precisions: tuple[int, ...]) -> list | None:
    """Value and slopes for one sample; None where the formula is no real number."""
    functions = [sp.lambdify(rows[0], row, "mpmath") for row in rows[1]]
    try:
        with mp.workdps(precisions[0]):
            is_real = mp.im(functions[0](*map(mp.mpf, at))) == 0
        return [truth(function, at, precisions) for function in functions] if is_real else None
    except (ValueError, ZeroDivisionError):
        return None


def tally(formula: sp.Expr, points: list[dict[str, float]]) -> dict[str, list[int]]:
    """How many sums there are, and of how many symgrad's, and plain code's, are finite and right."""
    inputs = sorted(formula.free_symbols, key=str)
    *parameters, sample = inputs
    model = sg.compile(formula, wrt=parameters, batch=[sample], reduce="sum")
    forms = {"symgrad": model, "plain": model.with_options(rewrite=False)}
    rows = inputs, [formula, *(sp.diff(formula, one) for one in parameters)]
    precisions = OF_GAMMA if formula.has(sp.loggamma, sp.gamma) else DIGITS
    found = {"count": [0]} | {form: [0, 0] for form in forms}
    for point in points:
        samples = [truths(rows, [*(point[str(one)] for one in parameters), point[str(sample)] * scale], precisions) for scale in SCALES]
        if None in samples:
            continue
        given = point | {str(sample): point[str(sample)] * SCALES}
        for form, f in forms.items():
            value, slopes = f.value_and_grad(**given)
            for got, exact in zip([value, *slopes], zip(*samples, strict=True), strict=True):
                found["count"][0] += form == "symgrad"
                allowed = CLOSE * sum(abs(one) for one, _ in exact) + 4 * sum(change for _, change in exact)
                is_right = math.isfinite(got) and abs(mp.mpf(float(got)) - sum(one for one, _ in exact)) <= allowed
                found[form] = [old + new for old, new in zip(found[form], (math.isfinite(got), is_right), strict=True)]
    return {name: [int(one) for one in counts] for name, counts in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_sums_over_samples_are_right_as_often_as_recorded(name: str, request: pytest.FixtureRequest) -> None:
    check_as_often(TABLE, name, lambda: tally(*FORMULAS[name]), request.config.getoption("--update"))


def test_each_sum_is_recorded() -> None:
    check_each_is_recorded(TABLE, FORMULAS)
