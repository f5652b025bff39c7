"""Choices between numbers and 0: made once where they belong together, and never where somebody else needs a part."""

import numpy as np
import pytest
import sympy as sp
from agreement import draw

import symgrad as sg

n = sp.Symbol("n", integer=True, positive=True)
i = sp.Symbol("i", integer=True)
x, w = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("w", shape=(n,))
LOSSES = {
    "Huber": sp.Piecewise((x[i] ** 2 / 2, sp.Abs(x[i]) < 1), (sp.Abs(x[i]) - sp.Rational(1, 2), True)),
    "quantile": sp.Piecewise((sp.Rational(1, 4) * x[i], x[i] > 0), (-sp.Rational(3, 4) * x[i], True)),
    "two parameters": sp.Piecewise((w[i] * sp.exp(x[i]), x[i] < 0), (w[i] ** 2 * sp.sin(x[i]), True)),
    "three pieces": sp.Piecewise((0, x[i] < -1), ((x[i] + 1) ** 2 * w[i], x[i] < 0), (sp.exp(x[i]) * w[i], True)),
}
AT = {"x": np.array([-1.5, -0.5, -0.1, 0.25, 0.75, 2.0]), "w": draw(6, seed=4)}


def choices(text: str) -> int:
    return text.count("np.where(") + text.count("_masked(")


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("style", ["fast", "flat"])
def test_gradients_and_products_are_those_of_the_branch_taken(name, style):
    f = sg.compile(sp.Sum(LOSSES[name], (i, 0, n - 1)), wrt=[x, w] if LOSSES[name].has(w) else x, style=style)
    at = {key: AT[key] for key in f.arguments}
    letters = {x[i]: sp.Symbol("a", real=True), w[i]: sp.Symbol("b", real=True)}
    loss = LOSSES[name].subs(letters)
    gradient, product = f.grads(**at), f.hvp(at, {key: np.ones(6) for key in f.wrt})
    for place, key in enumerate(f.wrt):
        slope = sp.diff(loss, letters[x[i] if key == "x" else w[i]])
        want = [float(slope.subs({letters[x[i]]: AT["x"][k], letters[w[i]]: AT["w"][k]})) for k in range(6)]
        np.testing.assert_allclose(gradient[key], want, rtol=1e-14)
        bend = sum(sp.diff(slope, letter) for letter in letters.values())
        want = [float(bend.subs({letters[x[i]]: AT["x"][k], letters[w[i]]: AT["w"][k]})) for k in range(6)]
        np.testing.assert_allclose(product[place] if len(f.wrt) > 1 else product, want, rtol=1e-14)


def test_the_gradient_of_two_branches_is_one_choice():
    f = sg.compile(sp.Sum(LOSSES["Huber"], (i, 0, n - 1)), wrt=x, name="huber")
    rows = [row for row in f.derived("value_and_grad").graph.rows if row.payload == ("select",)]
    assert len(rows) == 2 and choices(f.kernel_text("value_and_grad")) == 2


a, b, z = sp.symbols("a b z", real=True)
h = sp.Symbol("h", real=True)


def where_positive(expr, otherwise=0):
    return sp.Piecewise((expr, z > 0), (otherwise, True))


JOINED = {
    "two under one mask": (where_positive(a) * where_positive(b), 1, a * b, 0),
    "a number before them": (3 * where_positive(a) * where_positive(2 * b), 1, 6 * a * b, 0),
    "opposite masks": (2 * where_positive(a) - sp.Piecewise((0, z > 0), (b, True)) + 1, 1, 2 * a + 1, 1 - b),
    "a number and a scaled one": (where_positive(3 * a) / 3 + b, 1, a + b, b),
    "other masks": (where_positive(a) * sp.Piecewise((b, z > 1), (0, True)), 2, a * b, 0),
}


@pytest.mark.parametrize("name", JOINED)
@pytest.mark.parametrize("style", ["fast", "flat"])
def test_choices_that_belong_together_are_made_once(name, style):
    expr, count, above, below = JOINED[name]
    f = sg.compile(expr, wrt=[a, b, z], arguments=["a", "b", "z"], style=style)
    program = f.derived("value")
    assert sum(program.graph.rows[index].payload == ("select",) for index in program.live()) == count
    for at, want in (({a: 1.5, b: -0.75, z: 2.0}, above), ({a: 1.5, b: -0.75, z: -2.0}, below)):
        numbers = {str(letter): number for letter, number in at.items()}
        assert f(**numbers) == pytest.approx(float(sp.sympify(want).subs(at)), rel=1e-15)
        grad = [float(sp.sympify(want).diff(letter).subs(at)) for letter in (a, b, z)]
        assert f.grad(**numbers) == pytest.approx(grad, rel=1e-15)


def test_what_lies_outside_of_the_mask_leaves_no_trace():
    f = sg.compile(where_positive(1 / z) * where_positive(sp.log(z)), wrt=z, batch=[z], reduce=None)
    at = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_allclose(f(z=at), [0, 0, np.log(2) / 2], rtol=1e-15)
    np.testing.assert_allclose(f.vjp(np.ones(3), z=at), [0, 0, (1 - np.log(2)) / 4], rtol=1e-14)


def test_a_choice_that_others_need_stays():
    f = sg.compile(h + sp.sin(h) - sp.Piecewise((0, z > 0), (b, True)), wrt=[a, b], where=[(h, where_positive(a))])
    for at in (2.0, -2.0):
        assert f(a=0.5, b=0.25, z=at) == pytest.approx(0.5 + np.sin(0.5) if at > 0 else -0.25, rel=1e-15)
