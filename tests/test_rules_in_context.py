"""Every rule inside a formula of several inputs: value, both modes and second derivatives are those of the formula as it was declared.

Certificates move one input by itself.  Here the letters of a rule's pattern are differences, quotients and products of inputs, of which
some share factors, and arrays that are summed.
"""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from agreement import flat

import symgrad as sg
from symgrad.rewrite.rules import RULES, factors, look
from symgrad.rewrite.rules.rule import x, y

a, b, t, w = sp.symbols("a b t w", real=True)
n, m = sp.symbols("n m", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
U, V = sp.IndexedBase("U", shape=(n,)), sp.IndexedBase("V", shape=(m,))

CONTEXTS = {"a quotient": {x: (a - b) / t, y: w / t}, "a sum": {x: t * a + b, y: b - w}, "arrays": {x: (U[i] - V[j]) / t, y: w / t}}
RULES_OF_NUMBERS = [rule for rule in RULES if rule.pattern is not None]
POINTS = 3
CLOSE = 1e-6


def declared(rule, context: str) -> sp.Expr:
    """The rule's pattern with other letters, summed over those of arrays."""
    pattern = rule.pattern
    for step, formula in reversed(rule.where):
        pattern = pattern.xreplace({step: formula})
    found = pattern.subs(CONTEXTS[context], simultaneous=True)
    return sp.Sum(found, (j, 0, m - 1), (i, 0, n - 1)) if context == "arrays" else found


def inputs(names: tuple[str, ...], rng: np.random.Generator) -> dict[str, float | np.ndarray]:
    """Numbers of ordinary size, the first ones above 0."""
    return {name: rng.uniform(0.3, 0.8, 3) if name == "U" else rng.uniform(0.05, 0.25, 2) if name == "V" else rng.uniform(0.2, 1.2) for name in names}


def differing(formula: sp.Expr, entries: tuple[str, ...]) -> list[str]:
    """The entries that differ from those of the formula as it is declared, where both are numbers."""
    letters = sorted((one for one in (a, b, t, w) if formula.has(one)), key=str)
    model = sg.compile(formula, wrt=[*letters, *(one for one in (U, V) if formula.has(one))])
    plain, rng, found = model.with_options(rewrite=False), np.random.default_rng(7), []
    for point in range(POINTS):
        at = inputs(model.arguments, rng)
        if point and "a" in at:
            at["a"] = -at["a"]
        for entry in entries:
            got, want = (flat(getattr(form, entry)(**at)) for form in (model, plain))
            known = np.isfinite(want)
            size = np.abs(want[known]).max(initial=1e-3)
            if not np.allclose(got[known], want[known], rtol=0, atol=CLOSE * size):
                found.append(f"{entry} at {at}: {got} for {want}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("rule", RULES_OF_NUMBERS, ids=lambda rule: rule.name)
def test_a_rule_changes_no_derivative(rule, context):
    entries = ("value", "grad", "grad_forward") if context == "arrays" else ("value", "grad", "grad_forward", "hessian")
    assert not differing(declared(rule, context), entries)


@pytest.mark.parametrize("context", CONTEXTS)
def test_sigmoids_at_a_distance_that_shares_a_factor(context):
    """The slope's own difference was (2 x + 1)/t, of which the number was lost."""
    letters = CONTEXTS[context]
    pattern = 1 / (1 + sp.exp(-x - 1 / t)) - 1 / (1 + sp.exp(-x))
    formula = pattern.subs({x: letters[x]}, simultaneous=True)
    assert not differing(sp.Sum(formula, (j, 0, m - 1), (i, 0, n - 1)) if context == "arrays" else formula, ("value", "grad", "grad_forward"))


def test_a_wrong_rule_is_seen(monkeypatch):
    right = factors.difference
    monkeypatch.setattr(factors, "difference", lambda graph, one, other: look.times(graph, sp.Integer(2), right(graph, one, other)))
    assert differing(1 / (1 + sp.exp(-a - b)) - 1 / (1 + sp.exp(-a)), ("value",))
