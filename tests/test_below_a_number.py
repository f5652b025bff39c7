"""Sums over samples below a number, -sum f(x_i, ...)/n: the slopes towards each sample are those of the sum itself, times the number."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sympy as sp
from test_several_inputs import FORMULAS

import symgrad as sg

n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
UNITS, NUDGES = 64, 8
"""Errors that are rounding: of the slope, and times what a nudge of all inputs by their last digits changes."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_slopes_of_a_mean_are_those_of_its_samples(name: str) -> None:
    formula, points = FORMULAS[name][:2]
    letters = sorted(formula.free_symbols, key=str)
    samples = {letter: sp.IndexedBase(f"{letter}_", shape=(n,)) for letter in letters}
    total = sp.Sum(formula.subs({letter: base[i] for letter, base in samples.items()}, simultaneous=True), (i, 0, n - 1))
    given = {f"{letter}_": np.array([float(point[str(letter)]) for point in points]) for letter in letters}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        plain, mean = (sg.compile(times * total, wrt=list(samples.values())) for times in (1, -1 / n))
        wanted, got = (np.array(model.grad(**given)) * times for model, times in ((plain, -1 / len(points)), (mean, 1)))
        rng = np.random.default_rng(0)
        nudged = [{key: np.nextafter(value, value * rng.choice([0.5, 2.0], value.shape)) for key, value in given.items()} for _ in range(3)]
        change = np.max([np.abs(np.array(plain.grad(**one)) / len(points) + wanted) for one in nudged], axis=0)
    known = np.isfinite(wanted) & (np.abs(wanted) > 1e-290)
    assert np.isfinite(got[known]).all()
    off = np.abs(got - wanted)[known]
    assert (off <= UNITS * 2.0**-52 * np.abs(wanted[known]) + NUDGES * np.nan_to_num(change[known])).all(), off / np.abs(wanted[known])
