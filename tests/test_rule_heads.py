"""Rules that are passed over by a glance at a row would not have fitted it."""

import pytest

import symgrad as sg
from symgrad.gallery.models import MODELS
from symgrad.rewrite.rules import RULES
from symgrad.rewrite.rules import rule as of_rules
from symgrad.rewrite.rules.rule import x

EVERY = frozenset().union(*(rule.needs for rule in RULES))
"""What a row would hold that every rule may fit."""


def texts(make, monkeypatch) -> tuple[str, str]:
    """A kernel with the glance and without it."""
    with_glance = make()._kernel("value_and_grad")[0]
    monkeypatch.setattr(of_rules, "_heads", lambda graph, row: EVERY)
    return with_glance, make()._kernel("value_and_grad")[0]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.pattern is not None], ids=lambda rule: rule.name)
def test_every_pattern_is_rewritten_as_without_the_glance(rule, monkeypatch):
    first, second = texts(lambda: sg.compile(rule.pattern, x, where=rule.where), monkeypatch)
    assert first == second


@pytest.mark.parametrize("name", ["softmax_regression", "gaussian_mixture", "relu_classifier"])
def test_models_are_rewritten_as_without_the_glance(name, monkeypatch):
    first, second = texts(MODELS[name], monkeypatch)
    assert first == second
