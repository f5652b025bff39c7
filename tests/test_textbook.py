"""Textbook formulas, as papers print them: finite wherever the truth is, right at nearly all points, and never less often than plain code."""

import pytest
from blind import BLIND, counts, recorded
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


def test_each_formula_that_no_rule_was_made_for_is_recorded():
    assert list(recorded()) == list(BLIND)


@pytest.mark.slow
@pytest.mark.parametrize("name", BLIND)
def test_a_formula_that_no_rule_was_made_for_is_right_as_often_as_recorded(name):
    found = counts(score(BLIND[name]))
    count, *ours = recorded()[name]
    assert found[0] == count
    assert all(found[1 + k] >= ours[k] for k in (0, 1, 3, 4))
