"""Losses and likelihoods of arrays that no rule was made for: finite and right at as many points as is recorded, and more often than plain code.

A value is right within 4 ulp, a slope within 16 of the largest of its array; or where it is off by no more than four times what half a unit in the
last digit of each input does.  Beside these count those that are right in ulp of the largest summand of the final sum.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import array_formulas_second  # noqa: F401  adds to FORMULAS
import mpmath
import numpy as np
import pytest
from array_formulas import FORMULAS, Formula
from array_summands import largest_summands
from mpmath import mp
from recorded import (
    HALF_A_UNIT,
    SLOPE,
    VALUE,
    check_all_more_often,
    check_as_often,
    check_each_is_recorded,
    counted,
    flat,
    is_right_beside,
    places,
    scales,
)

TABLE = Path(__file__).parent / "goldens" / "array_formulas.json"
DIGITS = (300, 420, 1500, 9000)
"""Digits at which a truth is looked for, till two agree: a third of them is left of a difference quotient."""
SIGNS = 3
"""So many ways to nudge all inputs at once are tried, for what half a unit of each does."""

Inputs = dict[str, Any]


def exactly(value: Any, signs: Any = 0) -> Any:
    """An input as numbers of mpmath, in lists; signs: half a unit in the last digit is added or subtracted.  Whole numbers stay."""
    array = np.asarray(value)
    if array.dtype.kind in "iub":
        return array.tolist()
    signs = np.broadcast_to(signs, array.shape)
    if array.ndim:
        return [exactly(one, sign) for one, sign in zip(array, signs, strict=True)]
    return mp.mpf(float(array)) * (1 + int(signs) * HALF_A_UNIT)


def shifted(numbers: Any, place: tuple[int, ...], step: mpmath.mpf) -> Any:
    """The numbers with one of them moved."""
    if not place:
        return numbers + step
    return [shifted(one, place[1:], step) if k == place[0] else one for k, one in enumerate(numbers)]


def results(one: Formula, inputs: Inputs, numbers: Inputs, digits: int) -> list[mpmath.mpf]:
    """The value and, by central differences, all slopes at so many digits."""
    found = [mp.re(one.truth(**numbers))]
    for name, place in places(inputs, one.wrt):
        size = abs(float(np.asarray(inputs[name])[place])) or 1.0
        step = mp.mpf(size) * mp.mpf(10) ** (-digits // 3)
        sides = [mp.re(one.truth(**{**numbers, name: shifted(numbers[name], place, sign * step)})) for sign in (1, -1)]
        found.append((sides[0] - sides[1]) / (2 * step))
    return found


def agree(one: mpmath.mpf, other: mpmath.mpf) -> bool:
    return abs(one - other) <= abs(other) * mp.mpf(10) ** -25 + mp.mpf(10) ** -340


def truth(one: Formula, inputs: Inputs) -> list[mpmath.mpf | None]:
    """The value and all slopes; None for what no two precisions agree on."""
    last: list[mpmath.mpf] = []
    for digits in DIGITS:
        with mp.workdps(digits):
            found = results(one, inputs, {name: exactly(value) for name, value in inputs.items()}, digits)
            known = [agree(*pair) for pair in zip(last, found, strict=True)] if last else [False]
        if all(known):
            break
        last = found
    return [value if good else None for value, good in zip(found, known, strict=True)]


def changes(one: Formula, inputs: Inputs) -> list[mpmath.mpf]:
    """About what half a unit in the last digit of each input changes of the value and of all slopes."""
    with mp.workdps(DIGITS[1]):
        right = results(one, inputs, {name: exactly(value) for name, value in inputs.items()}, DIGITS[1])
        largest = [mp.mpf(0)] * len(right)
        for seed in range(SIGNS):
            rng = np.random.default_rng(seed)
            nudged = {name: exactly(value, rng.choice([-1, 1], size=np.shape(value))) for name, value in inputs.items()}
            moved = results(one, inputs, nudged, DIGITS[1])
            largest = [max(old, abs(new - value)) for old, new, value in zip(largest, moved, right, strict=True)]
    return [2 * one for one in largest]


def tally(one: Formula) -> dict[str, list[int]]:
    """Of how many values and slopes symgrad's, and plain code's, are finite, right, right or explained by the inputs' last digits, or right beside
    the largest summand."""
    model = one.compile()
    forms = {"symgrad": model, "plain": model.with_options(rewrite=False)}
    found = {"count": [0], **{form: [0, 0, 0, 0] for form in forms}}
    for inputs in one.points:
        want = truth(one, inputs)
        beside, change, summands = scales(inputs, one.wrt, want), changes(one, inputs), largest_summands(forms["plain"], inputs)
        known = [k for k, value in enumerate(want) if value is not None and abs(value) < 2.0**1023]
        found["count"][0] += len(known)
        for form, f in forms.items():
            got = flat(f, inputs)
            verdicts = [judged(got[k], want[k], beside[k], change[k], summands[k], VALUE if k == 0 else SLOPE) for k in known]
            found[form] = [sum(column) for column in zip(found[form], *verdicts, strict=True)]
    return found


def judged(got: float, want: mpmath.mpf, scale: mpmath.mpf, change: mpmath.mpf, summand: float, limit: int) -> tuple[bool, bool, bool, bool]:
    finite, right, explained = counted(got, want, change, is_right_beside(scale, limit))
    return finite, right, explained, explained or (finite and abs(mp.mpf(got) - want) <= limit * float(np.spacing(summand)))


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_of_arrays_is_right_as_often_as_recorded(name: str, request: pytest.FixtureRequest) -> None:
    check_as_often(TABLE, name, lambda: tally(FORMULAS[name]), request.config.getoption("--update"), beside_plain=0)


def test_each_formula_of_arrays_is_recorded_and_all_are_right_more_often_than_plain_code() -> None:
    check_each_is_recorded(TABLE, FORMULAS)
    check_all_more_often(TABLE)
