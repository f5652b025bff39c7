"""Sums over samples below a number, -sum f(x_i, ...)/n: the slopes towards each sample are those of the formula itself, times the number."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sympy as sp
from test_several_inputs import FORMULAS

import symgrad as sg

n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
UNITS = 256


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_slopes_of_a_mean_are_those_of_its_samples(name: str) -> None:
    formula, points = FORMULAS[name][:2]
    letters = sorted(formula.free_symbols, key=str)
    one = sg.compile(formula, wrt=letters)
    samples = {letter: sp.IndexedBase(f"{letter}_", shape=(n,)) for letter in letters}
    summand = formula.subs({letter: base[i] for letter, base in samples.items()}, simultaneous=True)
    mean = sg.compile(-sp.Sum(summand, (i, 0, n - 1)) / n, wrt=list(samples.values()))
    at = [{str(letter): float(value) for letter, value in point.items()} for point in points]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        wanted = -np.array([one.grad(**point) for point in at]).T / len(at)
        got = np.array(mean.grad(**{f"{letter}_": np.array([point[str(letter)] for point in at]) for letter in letters}))
    known = np.isfinite(wanted) & (np.abs(wanted) > 1e-290)
    np.testing.assert_array_equal(np.isfinite(got) | ~known, True)
    np.testing.assert_allclose(got[known], wanted[known], rtol=UNITS * 2.0**-52)
