"""Every rule of stability has a certificate: its errors against mpmath over its interval, and never worse than plain code."""

from __future__ import annotations

import json
import math
from functools import cache

import numpy as np
import pytest
import sympy as sp
from certificates import DENSE, LIGHT, TABLE, certificates, committed, fired, formula, models, rules
from marks import but_slow
from textbook import TEXTBOOK
from textbook import x as letter

import symgrad as sg
from symgrad.check.certify import LIMITS, Certificate, certify
from symgrad.check.points import sample
from symgrad.check.truth import Truth
from symgrad.check.ulps import ulps
from symgrad.rewrite import stabilise
from symgrad.rewrite.rules.rule import x, y

LARGER = {"value": 4.0, "reverse": 16.0, "forward": 16.0, "second": 1e-9}
"""The goals of composite formulas."""
COMPOSITE = {"log of positives", "log of one minus a square", "arc by its cosine", "arc by its haversine"}
"""Rules whose pattern is more than one elementary chain."""
RULE = {rule.name: rule for rule in rules()}
LONG = ("log of a density", "log of an integral", "product of Bessel functions")


@pytest.fixture(scope="module", params=but_slow(RULE, LONG))
def name(request):
    """One rule after another, each with all of its tests, which share what is compiled."""
    return request.param


def within_goals(name: str, found: Certificate) -> dict[str, tuple]:
    """The quantities that miss their goal: error, where, got, right."""
    goals = LARGER if name in COMPOSITE else LIMITS
    return {quantity: (worst.error, worst.at, worst.got, worst.right) for quantity, worst in found.stable.items() if worst.error > goals[quantity]}


def worse_than_plain(found: Certificate) -> dict[tuple, tuple]:
    """Half-binades in which the rewritten form is worse than max(plain, 4) + 1 ulp."""
    return {(quantity, place): (error, found.plain[quantity].places[place])
            for quantity in ("value", "reverse", "forward") for place, error in found.stable[quantity].places.items()
            if error > max(found.plain[quantity].places[place], 4.0) + 1}


def worse_than_committed(known: dict, found: Certificate) -> dict[str, tuple]:
    """The quantities whose error is larger than the committed one: error, where, got, right."""
    slack = {"second": 1e-15}  # elsewhere exp and log of another machine's NumPy differ by an ulp
    return {quantity: (worst.error, worst.at, worst.got, worst.right) for quantity, worst in found.stable.items()
            if worst.error > float(known[f"stable {quantity}"]["error"]) + slack.get(quantity, 1.0)}


def test_a_rule_keeps_its_goals_and_its_committed_certificate_and_is_never_worse_than_plain_code(name):
    known = committed()[name]
    assert known["formula"] == str(formula(RULE[name])) and known["interval"] == list(RULE[name].interval), "run scripts/certify"
    for other, found in certificates(RULE[name], LIGHT):
        assert found.points > 20 and within_goals(name, found) == {}, other
        assert worse_than_plain(found) == {}, other
        assert worse_than_committed(known, found) == {}, other


@pytest.mark.slow
def test_a_rule_keeps_its_goals_on_many_points(name):
    for other, found in certificates(RULE[name], DENSE):
        assert (within_goals(name, found), worse_than_plain(found)) == ({}, {}), other


def test_a_rule_fires_in_its_pattern(name):
    assert name in fired(models(RULE[name])[0])


def test_no_certificate_is_left_over():
    assert sorted(committed()) == sorted(RULE)


def test_arrays_agree_with_scalars(name):
    rule = RULE[name]
    scalar, _ = models(rule)
    array = sg.compile(rule.pattern, wrt=x, where=rule.where, batch=[x], reduce=None)
    at = np.array(sample(*rule.interval, per_decade=LIGHT))
    for other in rule.others if "y" in scalar.arguments else (None,):
        given = {} if other is None else {"y": other}
        one = np.array([scalar.value_and_grad(x=point, **given) for point in at])
        together = np.stack([array.value(x=at, **given), array.vjp(np.ones(len(at)), x=at, **given)], axis=1)
        np.testing.assert_array_equal(np.isfinite(together), np.isfinite(one))
        np.testing.assert_allclose(together, one, rtol=2e-15, atol=1e-322)


def test_a_rule_does_not_widen_the_domain(name):
    rule = RULE[name]
    stable, plain = models(rule)
    given = {"y": rule.others[0]} if "y" in stable.arguments else {}
    truth = Truth(formula(rule).subs(y, sp.Rational(rule.others[0])), x, 0)
    with np.errstate(all="ignore"):
        outside = [point for point in sample(-1e4, 1e4, per_decade=1) if math.isnan(plain.value(x=point, **given)) and truth.at(point, 0) is None]
        assert {point: stable.value(x=point, **given) for point in outside if not math.isnan(stable.value(x=point, **given))} == {}


# ---------------------------------------------------------------- overlaps and their order

ENTRIES = ("value", "value_and_grad", "jvp", "hessian")


def matches(expr: sp.Expr, variable: sp.Symbol, where: tuple, first: tuple[str, ...] = (), **options) -> tuple[sg.Compiled, set[tuple[str, ...]]]:
    """The compiled formula, and for each row that several rules fit their names in order; the rules in `first` are tried before others."""
    found: set[tuple[str, ...]] = set()
    known = dict(stabilise._BY_ROOT)
    look = stabilise._first

    def watched(graph, ref):
        row = graph[ref]
        fitting = [rule.name for rule in stabilise._BY_ROOT.get(row.payload[0] if row.op == "map" else row.op, ())
                   if row.kind == "real" and (made := rule.match(graph, ref)) is not None and made != ref]
        found.update({tuple(fitting)} if len(fitting) > 1 else ())
        return look(graph, ref)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stabilise, "_first", watched)
        patch.setattr(stabilise, "_BY_ROOT", {root: sorted(some, key=lambda rule: rule.name not in first) for root, some in known.items()})
        model = sg.compile(expr, wrt=variable, where=where, **options)
        _ = [model.derived(entry) if options else model.kernel_text(entry) for entry in ENTRIES]
    return model, found


@cache
def cases() -> dict[str, tuple[sp.Expr, sp.Symbol, tuple, tuple[float, float], float | None]]:
    """Formulas by their names: formula, variable, named steps, interval, and the second operand's value."""
    found = {f"rule {rule.name}": (rule.pattern, x, rule.where, rule.interval, rule.others[0] if y in formula(rule).free_symbols else None)
             for rule in RULE.values()}
    return {**found, **{f"formula {name}": (one.formula, letter, one.where, (one.low, one.high), None) for name, one in TEXTBOOK.items()}}


def witnesses() -> dict[str, dict[str, str]]:
    """For each pair of rules that fit one row, in the order in which they are tried, the first formula where they do."""
    found: dict = {}
    for words, case in cases().items():
        for names in matches(*case[:3], precise=False)[1]:  # what rounding loses is put back after the rules
            for k, name in enumerate(names):
                for other in names[k + 1:]:
                    found.setdefault(name, {}).setdefault(other, words)
    return {name: dict(sorted(others.items())) for name, others in sorted(found.items())}


def error(model: sg.Compiled, case: tuple) -> tuple[float, ...]:
    """The share of wrong points of the value, slope and second derivative."""
    expr, variable, where, interval, other = case
    for left, right in reversed(where):
        expr = expr.subs(left, right)
    truth = Truth(expr if other is None else expr.subs(y, sp.Rational(other)), variable)
    found = certify(model, model, truth, sample(*interval, per_decade=LIGHT), {} if other is None else {"y": other}, LARGER)
    return tuple(1 - found.stable[quantity].share for quantity in ("value", "reverse", "second"))


OVERLAPS = TABLE.with_name("overlaps.json")
ORDERED = {(name, other): words for name, others in json.loads(OVERLAPS.read_text(encoding="utf-8")).items() for other, words in others.items()}
"""Pairs of rules that fit one row, and the name of a formula where they do."""


def test_the_overlaps_are_those_recorded(request):
    text = json.dumps(witnesses(), indent=1) + "\n"
    if request.config.getoption("--update"):
        OVERLAPS.write_text(text, encoding="utf-8")
    assert OVERLAPS.read_text(encoding="utf-8") == text, "run pytest tests/test_certificates.py --update"


@cache
def as_it_stands(words: str) -> tuple[float, ...]:
    """The errors with the rules in their order, what rounding loses left out: that is put back after the rules."""
    case = cases()[words]
    return error(matches(*case[:3], precise=False)[0], case)


@pytest.mark.parametrize("pair", sorted(ORDERED), ids=" before ".join)
def test_the_order_of_overlapping_rules_decides_rightly(pair):
    case = cases()[ORDERED[pair]]
    kept, swapped = as_it_stands(ORDERED[pair]), error(matches(*case[:3], (pair[1],), precise=False)[0], case)
    assert all(ours <= theirs for ours, theirs in zip(kept, swapped, strict=True)), (kept, swapped)


def test_the_truth_is_the_truth():
    """Against closed forms where the formula itself cancels all digits of a double."""
    truth = Truth(1 - 1 / (1 + sp.exp(-x)), x)
    assert ulps(math.exp(-700.0), truth.at(700.0, 0)) < 4 and float(truth.at(-1e4, 0)) == 1
    assert float(Truth((1 - sp.cos(x)) / x**2, x).at(1e-200, 0)) == 0.5 and float(Truth(sp.sin(x) / x, x).at(0.0, 2)) == pytest.approx(-1 / 3)
    assert Truth(sp.log(x), x).at(-1.0, 0) is None and Truth(1 / x, x).at(0.0, 0) is None
