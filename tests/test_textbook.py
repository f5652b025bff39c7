"""Textbook formulas, as papers print them: finite wherever the truth is, right at nearly all points, and never less often than plain code."""

import pytest
from comparison import score
from textbook import TEXTBOOK

LEAST = 0.95
"""The share of right points; the rest are exponents that were rounded before, and points beside a zero of a sum."""


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTBOOK)
def test_a_formula_is_finite_and_right(name):
    found = score(TEXTBOOK[name], per_decade=1)
    ours, plain = found.tallies["symgrad"], found.tallies["plain"]
    assert ours.finite == found.count, found.misses
    assert ours.right >= max(LEAST * found.count, plain.right), found.misses
