"""Sums over samples: what is summed has the slopes of one sample, also where factors stand outside of the sum."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Output, Program
from symgrad.rewrite.expansions.resting import Resting
from symgrad.rewrite.gates import ask_once
from symgrad.rewrite.summed import Summed

A, B, T = sp.symbols("a b t", positive=True)
FACTORED = A * (sp.exp(-A * T) - sp.exp(-B * T)) / (B - A)
"""Of which a/(b - a) stands outside of a sum over t."""
SHAPED = (1 + B * T / A) ** (-1 / B)
"""Whose slope towards b is two terms that cancel where b is small, each with a condition of its own."""
TIMES = np.array([0.5, 0.9, 2.0])
FRANK = -sp.log(1 + (sp.exp(-A * B) - 1) * (sp.exp(-A * T) - 1) / (sp.exp(-A) - 1)) / A
"""Of which a number stands outside of the sum."""
CASES = [(FRANK, {"a": 1e-9, "b": 0.3}), (FACTORED, {"a": 1.0, "b": 1.0 + 1e-12}), (FACTORED, {"a": 0.3, "b": 2.0}), (SHAPED, {"a": 1.0, "b": 1e-12}), (SHAPED, {"a": 2.0, "b": 0.5})]
ONE, n, m = sp.S.One, *sp.symbols("n m", integer=True, positive=True)


def slopes(formula: sp.Expr, at: dict[str, float]) -> np.ndarray:
    """Towards a, b and t, by sample, from 60 digits."""
    with mp.workdps(60):
        rows = [sp.lambdify((A, B, T), sp.diff(formula, one), "mpmath") for one in (A, B, T)]
        return np.array([[float(row(mpmath.mpf(at["a"]), mpmath.mpf(at["b"]), mpmath.mpf(t))) for t in TIMES] for row in rows])


@pytest.mark.parametrize("formula, at", CASES)
@pytest.mark.parametrize("reduce, part", [("sum", 1.0), ("mean", 1 / 3)])
def test_a_gradient_is_the_sum_of_what_samples_give(formula: sp.Expr, at: dict[str, float], reduce: str, part: float) -> None:
    model = sg.compile(formula, wrt=[A, B, T], batch=[T], reduce=reduce)
    *want, by_sample = part * slopes(formula, at)
    got = model.grad(**at, t=TIMES)
    np.testing.assert_allclose(got[:2], np.sum(want, axis=1), rtol=1e-14)
    np.testing.assert_allclose(got[2], by_sample, rtol=1e-14, atol=1e-16)
    tangents = {"a": 0.5, "b": -2.0, "t": np.ones(3)}
    np.testing.assert_allclose(model.jvp({**at, "t": TIMES}, tangents)[1], 0.5 * sum(want[0]) - 2 * sum(want[1]) + sum(by_sample), rtol=1e-14)


@pytest.mark.parametrize("formula, at", CASES)
def test_cotangents_weigh_what_samples_give(formula: sp.Expr, at: dict[str, float]) -> None:
    model, weights = sg.compile(formula, wrt=[A, B, T], batch=[T], reduce=None), np.array([1.0, -0.5, 2.0])
    want = weights * slopes(formula, at)
    got = model.vjp(weights, **at, t=TIMES)
    np.testing.assert_allclose(got[:2], want[:2].sum(axis=1), rtol=1e-14)
    np.testing.assert_allclose(got[2], want[2], rtol=1e-14, atol=1e-16)


def test_sums_inside_of_functions_beside_each_other_and_of_vectors() -> None:
    x, y, rate = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("y", shape=(m,)), sp.IndexedBase("rate", shape=(m,))
    i, j = sp.symbols("i j", integer=True)
    s = sp.Symbol("s", positive=True)
    over_i, over_j = (i, 0, n - 1), (j, 0, m - 1)
    forms = [sp.log(sp.Sum(sp.exp(-s * x[i]) / s, over_i)) + s**2,
             sp.Sum(s * x[i] ** 2, over_i) + sp.Sum(sp.sin(s * y[j]), over_j) / m,
             sp.Sum(sp.cos(s * x[i]), over_i) * sp.Sum(sp.exp(s * y[j]) / s, over_j),
             sp.Sum(sp.exp(-rate[j] * x[i] / s) * y[j] / s, over_i, over_j),
             sp.Sum(sp.Piecewise((sp.sqrt(x[i] - s) / s, x[i] > s), (0, True)), over_i)]
    at = {"x": np.array([0.3, 1.1, 0.7, 2.0]), "y": np.array([0.4, -0.9, 1.3]), "rate": np.array([1.0, 0.2, 0.6]), "s": 0.8}
    for form in forms:
        names = sorted({str(one) for one in form.atoms(sp.IndexedBase) | {s}})
        model = sg.compile(form, wrt=names)
        given = {name: at[name] for name in names}
        for order in (1, 2):
            report = sg.check_gradients(model, given, order=order)
            assert report.passed, str(report)
        forward = model.grad_forward(**given)
        for got, want in zip(forward, model.grad(**given), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)


def test_a_factor_outside_belongs_to_the_summand_and_a_number_of_samples_does_not() -> None:
    graph, label = Graph(), Label(n)
    scale, x = graph.input("input", "scale"), graph.input("input", "x", [label])
    exps, sines = graph.map("exp", (x,)), graph.map("sin", (x,))
    total = graph.sum(sp.S.Zero, [(ONE, graph.product(ONE, [scale, graph.product(ONE, [exps], [label])])), (-2 * ONE, graph.product(ONE, [sines], [label]))])
    mean, beside = graph.product(1 / n, [total]), graph.map("log", (scale,))
    both = graph.sum(sp.S.Zero, [(ONE, mean), (ONE, beside)])
    one, other = sorted(Summed(Resting(graph)).sums(both), key=lambda found: -len(found.over))
    assert one.number == 1 / n
    assert [each.size for each in one.over] == [n]
    assert one.summand.row == graph.sum(sp.S.Zero, [(ONE, graph.product(ONE, [scale, exps])), (-2 * ONE, sines)]).row
    assert (other.number, other.summand, other.over) == (ONE, beside, ())
    made = graph.sum(sp.S.Zero, [(ONE, graph.product(1 / n, [graph.product(ONE, [one.summand], one.over)])), (ONE, beside)])
    assert Summed(Resting(graph)).made([one, other]) == made


def test_what_does_not_rest_on_inputs_stays_a_factor() -> None:
    graph, label = Graph(), Label(n)
    scale, x = graph.input("input", "scale"), graph.input("input", "x", [label])
    total = graph.product(ONE, [graph.map("exp", (x,))], [label])
    share = graph.product(ONE, [graph.map("reciprocal", (total,)), scale, graph.product(ONE, [graph.map("sin", (x,))], [label])])
    (one,) = Summed(Resting(graph)).sums(share)
    assert one.others == (graph.map("reciprocal", (total,)),)
    assert one.summand.row == graph.product(ONE, [scale, graph.map("sin", (x,))]).row


def test_two_sums_over_labels_of_one_size_are_one_sum_only_where_it_is_clear_which_label_is_which() -> None:
    graph, first, second = Graph(), Label(n), Label(n)
    x = graph.input("input", "x", [first])
    sin, cos = (graph.map(name, (x,)) for name in ("sin", "cos"))
    beside = graph.sum(sp.S.Zero, [(ONE, graph.product(ONE, [sin], [first])), (ONE, graph.product(ONE, [cos], [first]))])
    (one,) = Summed(Resting(graph)).sums(beside)
    assert one.summand.row == graph.sum(sp.S.Zero, [(ONE, sin), (ONE, cos)]).row
    matrix = graph.input("input", "matrix", [first, second])
    crossed = [graph.product(ONE, [graph.map(name, (matrix,))], [first, second]) for name in ("sin", "cos")]
    assert len(Summed(Resting(graph)).sums(graph.sum(sp.S.Zero, [(ONE, one) for one in crossed]))) == 2


def test_a_condition_that_is_the_same_along_a_sum_is_asked_once() -> None:
    graph, label = Graph(), Label(n)
    scale, x = graph.input("input", "scale"), graph.input("input", "x", [label])
    zero = graph.constant(sp.S.Zero)
    once, each = (graph.select(graph.map("gt", (one, zero), kind="boolean"), graph.map("log", (x,)), zero) for one in (scale, x))
    for chosen, is_moved in ((once, True), (each, False)):
        total = graph.product(ONE, [chosen], [label])
        made = ask_once(Program(graph, {"value": Output(total)}))
        assert made.graph[made.outputs["value"].ref].calls("select") is is_moved
