"""Products over an index: values, gradients without division, masks, bounds with outer letters, batches, tables."""

import math
from itertools import combinations

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg
from symgrad.check.ulps import ulps
from symgrad.graph.kinds import KINDS
from symgrad.runtime.special.products import _leave_one_out, _product_over

n, d = sp.symbols("n d", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
s = sp.Symbol("s", real=True)
x, y, X = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("X", shape=(n, d))
WHOLE = sg.compile(sp.Product(x[i], (i, 0, n - 1)), wrt=x)


def rest(v, *out):
    """The product of all elements but some, one by one."""
    return math.prod(value for place, value in enumerate(v) if place not in out)


@pytest.mark.parametrize("v", [[2.0, 3.0, 5.0, 7.0, 11.0], [2.0, 0.0, 5.0], [0.0, 3.0, 0.0, 2.0], [0.0, 0.0, 0.0], [4.0], [-1.5, 2.0], [1.0] * 9 + [-0.5]])
def test_value_and_every_derivative(v):
    at = dict(x=np.array(v))
    size = len(v)
    gradient = [rest(v, a) for a in range(size)]
    hessian = [[rest(v, a, b) if a != b else 0.0 for b in range(size)] for a in range(size)]
    direction = np.cos(np.arange(size))
    assert WHOLE(**at) == pytest.approx(math.prod(v), rel=1e-14)
    np.testing.assert_allclose(WHOLE.grad(**at), gradient, rtol=1e-14)
    np.testing.assert_allclose(WHOLE.grad_forward(**at), gradient, rtol=1e-14)
    np.testing.assert_allclose(WHOLE.hessian(**at), hessian, rtol=1e-14)
    np.testing.assert_allclose(WHOLE.hvp(at, dict(x=direction)), np.array(hessian) @ direction, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(WHOLE.vjp(2.0, **at), 2 * np.array(gradient), rtol=1e-14)
    assert WHOLE.jvp(at, dict(x=direction))[1] == pytest.approx(np.dot(gradient, direction), rel=1e-13, abs=1e-13)


def test_nothing_overflows_or_underflows_on_the_way():
    v = np.array([1e200] * 5 + [1e-200] * 5)
    assert WHOLE(x=v) == pytest.approx(1.0, rel=1e-14)
    np.testing.assert_allclose(WHOLE.grad(x=v), 1 / v, rtol=1e-14)
    assert WHOLE(x=np.full(3, 1e200)) == math.inf and WHOLE(x=np.full(3, 1e-200)) == 0
    assert WHOLE(x=np.full(4, 2.0**-268)) == 2.0**-1072  # a subnormal number


def test_infinite_and_missing_numbers_stay_what_they_are():
    assert WHOLE(x=np.array([np.inf, -2.0])) == -np.inf and np.isnan(WHOLE(x=np.array([np.inf, 0.0]))) and np.isnan(WHOLE(x=np.array([np.nan, 1.0])))
    np.testing.assert_array_equal(WHOLE.grad(x=np.array([np.nan, 3.0])), [3.0, np.nan])


@pytest.mark.parametrize("shape", [(0,), (1,), (2,), (7,), (8,), (1000,), (3, 5), (5, 3, 4), (2, 0, 3)])
def test_trees_against_loops(shape):
    rng = np.random.default_rng(3)
    values = rng.choice([-1, 1], shape) * rng.uniform(0.5, 1.6, shape)
    for axis in range(len(shape)):
        np.testing.assert_allclose(_product_over(values, axis), np.prod(values, axis=axis), rtol=1e-12)
        without = [np.prod(np.delete(values, place, axis), axis=axis) for place in range(shape[axis])]
        want = np.stack(without, axis) if without else values
        np.testing.assert_allclose(_leave_one_out(values, axis), want, rtol=1e-12)
        assert _leave_one_out(values.astype(np.float32), axis).dtype == np.float32


def test_products_along_either_axis_of_a_matrix():
    at = np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 4.0]])
    rows = sg.compile(sp.Sum(sp.Product(X[i, j], (j, 0, d - 1)) ** 2, (i, 0, n - 1)), wrt=X)
    columns = sg.compile(sp.Product(X[i, j], (i, 0, n - 1)), outputs=(j,), wrt=X)
    assert rows(X=at) == 144 and rows.check(X=at)
    np.testing.assert_allclose(rows.grad(X=at), [[0, 0, 0], [96, -288, 72]])
    np.testing.assert_allclose(columns(X=at), [3, -2, 0])
    want = np.zeros((3, 2, 3))
    for column in range(3):
        want[column, :, column] = at[::-1, column]
    np.testing.assert_allclose(columns.jacobian(X=at), want)


def test_two_letters_and_nested_products():
    both = sg.compile(sp.Product(X[i, j], (j, 0, d - 1), (i, 0, n - 1)), wrt=X)
    nested = sg.compile(sp.Product(sp.Product(X[i, j], (j, 0, d - 1)), (i, 0, n - 1)), wrt=X)
    at = np.array([[2.0, 3.0], [0.0, 5.0], [1.0, -1.0]])
    want = [[rest(at.ravel(), 2 * a + b) for b in range(2)] for a in range(3)]
    for f in (both, nested):
        np.testing.assert_allclose(f.grad(X=at), want)
        curve = f.hessian(X=at).reshape(6, 6)
        for a, b in combinations(range(6), 2):
            assert curve[a, b] == curve[b, a] == pytest.approx(rest(at.ravel(), a, b))


def test_bounds_with_outer_letters_and_masks():
    v = np.array([2.0, 0.0, 3.0, 4.0])
    up_to = sg.compile(sp.Sum(y[i] * sp.Product(x[j], (j, 0, i)), (i, 0, n - 1)), wrt=x)
    gap = sp.IndexedBase("g")
    others = sg.compile(sp.Sum(y[i] * sp.Product(gap[i, j], (j, 0, n - 1)), (i, 0, n - 1)), wrt=x,
                        where=[(gap[i, j], sp.Piecewise((x[j] - x[i], sp.Ne(j, i)), (1, True)))])
    weights = np.array([1.0, -2.0, 0.5, 3.0])
    assert up_to(x=v, y=weights) == 2.0
    np.testing.assert_allclose(up_to.grad(x=v, y=weights), [1.0, 2 * (-2 + 0.5 * 3 + 3 * 12), 0.0, 0.0])
    assert others(x=v, y=weights) == pytest.approx(sum(weights[a] * math.prod(v[b] - v[a] for b in range(4) if b != a) for a in range(4)))
    assert up_to.check(x=v, y=weights) and others.check(x=v, y=weights)


def test_a_product_over_nothing_is_one():
    first = sg.compile(sp.Sum(sp.Product(x[j], (j, 0, i - 1)) * y[i], (i, 0, n - 1)), wrt=x)
    assert first(x=np.array([5.0]), y=np.array([3.0])) == 3.0
    np.testing.assert_allclose(first.grad(x=np.array([5.0, 7.0]), y=np.array([3.0, 2.0])), [2.0, 0.0])


def test_a_factor_that_does_not_run_is_a_power():
    f = sg.compile(sp.Product(s * x[i], (i, 0, n - 1)) + sp.Product(s, (j, 0, n - 1)), wrt=s)
    at = dict(s=-2.0, x=np.array([1.0, 2.0, 0.5]))
    assert f(**at) == -16.0 and f.grad(**at) == pytest.approx(24.0) and f.hessian(**at) == pytest.approx(-24.0)


def test_likelihoods_of_a_batch():
    f = sg.compile(sp.Product(1 - s * x[i], (i, 0, n - 1)), wrt=s, batch=[x], reduce="mean")
    rows = np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 0.5]])
    want = [math.prod(1 - 0.5 * value for value in row) for row in rows]
    slope = [sum(-row[a] * rest(1 - 0.5 * row, a) for a in range(3)) for row in rows]
    assert f(s=0.5, x=rows) == pytest.approx(np.mean(want)) and f.grad(s=0.5, x=rows) == pytest.approx(np.mean(slope))


def test_a_branch_that_is_not_taken_puts_nothing_into_derivatives():
    f = sg.compile(sp.Product(sp.Piecewise((sp.sqrt(x[i]), x[i] > 0), (1, True)), (i, 0, n - 1)), wrt=x)
    at = dict(x=np.array([4.0, -1.0, 0.0, 9.0]))
    np.testing.assert_allclose(f.grad(**at), [0.75, 0, 0, 1 / 3])
    assert np.isfinite(f.hessian(**at)).all()


def test_single_precision_stays_single():
    value, gradient = WHOLE.value_and_grad(x=np.array([1.5, 2.0], np.float32))
    assert value.dtype == gradient.dtype == np.float32 and value == 3


def test_paper_indices():
    f = sg.compile(sp.Product(x[i], (i, 1, n)), wrt=x, first_index=1)
    assert f(x=np.array([2.0, 3.0])) == 6


def test_a_gradient_costs_no_more_than_three_products():
    sizes = {"n": 1000}
    assert WHOLE.cost("value", sizes) == 1000 and WHOLE.cost("value_and_grad", sizes) <= 4000
    assert {"prod", "others"} <= set(KINDS)


def test_tables_say_what_is_multiplied():
    text = str(WHOLE.table())
    assert "xi_1 = prod_{i}(x[i])" in text and "d xi_1/d x[i] = prod_{j}((1 if i = j, else x[j]))" in text
    assert r"\prod_{i} {x}_{i}" in WHOLE.table().to_latex()
    at = WHOLE.table(at=dict(x=[2.0, 0.0, 5.0]))
    assert at["xi_1"].adjoint_value == 1
    np.testing.assert_allclose(at.gradient["x"].value, [0, 10, 0])


def test_a_saved_module_has_it_all(tmp_path):
    f = sg.compile(sp.Product(x[i], (i, 0, n - 1)), wrt=x, name="speelpenning", style="flat")
    assert "prod_{j != i} x[j]" in f.source
    loaded = sg.load(f.save(tmp_path))
    np.testing.assert_allclose(loaded.grad(x=[2.0, 0.0, 5.0]), [0, 10, 0])


# ---------------------------------------------------------------- logarithms of products

def test_the_logarithm_of_a_likelihood_that_underflows():
    w, p, count = sp.Symbol("w", real=True), sp.IndexedBase("p"), 2000
    rng = np.random.default_rng(5)
    at = dict(w=0.7, x=rng.normal(size=count), y=rng.integers(0, 2, count).astype(float))
    where = [(p[i], 1 / (1 + sp.exp(-w * x[i])))]
    f = sg.compile(sp.log(sp.Product(p[i] ** y[i] * (1 - p[i]) ** (1 - y[i]), (i, 0, n - 1))), wrt=w, where=where)
    z = at["w"] * at["x"]
    assert f(**at) == pytest.approx(np.sum(at["y"] * z - np.logaddexp(0, z)), rel=1e-13)
    assert f.grad(**at) == pytest.approx(np.sum((at["y"] - 1 / (1 + np.exp(-z))) * at["x"]), rel=1e-11)
    assert f(**{**at, "w": 900.0}) > -np.inf and f.check(**at)


def test_a_gaussian_likelihood():
    density = sp.exp(-((x[i] - s) ** 2) / 2) / sp.sqrt(2 * sp.pi)
    f = sg.compile(sp.log(sp.Product(density, (i, 0, n - 1))), wrt=s)
    v = np.linspace(-60, 60, 1001)
    assert f(s=1.0, x=v) == pytest.approx(np.sum(-((v - 1) ** 2) / 2) - 1001 * math.log(2 * math.pi) / 2, rel=1e-14)
    assert f.grad(s=1.0, x=v) == pytest.approx(np.sum(v - 1), rel=1e-13) and f.hessian(s=1.0, x=v) == pytest.approx(-1001)


def test_the_logarithm_of_a_product_keeps_its_domain():
    f = sg.compile(sp.log(3 * sp.Product(x[i], (i, 0, n - 1))), wrt=x)
    small = np.full(400, 1e-3)
    assert f(x=small) == pytest.approx(400 * math.log(1e-3) + math.log(3), rel=1e-14)
    np.testing.assert_allclose(f.grad(x=small), 1000.0)
    np.testing.assert_allclose(np.diag(f.hessian(x=small)), -1e6)
    assert f(x=np.array([-2.0, -0.5])) == pytest.approx(math.log(3)) and np.isnan(f(x=np.array([-2.0, 0.5]))) and f(x=np.array([0.0, 2.0])) == -np.inf
    assert f(x=np.array([1 + 1e-9, 1.0]) / 3) == pytest.approx(math.log(1 / 3), rel=1e-9)
    assert f(x=np.array([1e-3] * 400, np.float32)).dtype == np.float32
    np.testing.assert_allclose(f.grad(x=np.array([-2.0, -0.5])), [-0.5, -2.0])


def test_the_complex_step_is_an_oracle_for_products():
    at = dict(x=np.array([2.0, -0.5, 5.0, 1.5]))
    np.testing.assert_allclose(sg.numeric_gradient(WHOLE, at, "x", method="complex"), WHOLE.grad(**at), rtol=1e-15)


def test_labels_and_neighbours_among_the_factors():
    lab, P = sp.IndexedBase("k", shape=(n,)), sp.IndexedBase("P", shape=(n, d))
    likelihood = sp.Product(P[i, lab[i]], (i, 0, n - 1))
    at = dict(P=np.arange(1.0, 7.0).reshape(2, 3), k=np.array([2, 0]))
    np.testing.assert_allclose(sg.compile(likelihood, wrt=P).grad(**at), [[0, 0, 4], [3, 0, 0]])
    np.testing.assert_allclose(sg.compile(sp.log(likelihood), wrt=P).grad(**at), [[0, 0, 1 / 3], [1 / 4, 0, 0]])
    steps = sg.compile(sp.Product(x[i + 1] - x[i], (i, 0, n - 2)), wrt=x)
    np.testing.assert_allclose(steps.grad(x=np.array([1.0, 3.0, 4.0, 8.0])), [-4, -4, 6, 2])


def test_a_product_over_more_samples_than_a_block_holds():
    f = sg.compile(sp.Product(1 + s * x[i], (i, 0, n - 1)), wrt=s)
    at = dict(s=0.5, x=np.cos(np.arange(60_000)) * 1e-4)
    factors = 1 + 0.5 * at["x"]
    first = np.sum(at["x"] / factors)
    slope = np.prod(factors) * first
    assert f.grad(**at) == pytest.approx(slope, rel=1e-10) and f.vjp(1.0, **at) == pytest.approx(slope, rel=1e-10)
    assert f.grad_forward(**at) == pytest.approx(slope, rel=1e-10)


def test_the_second_derivative_of_a_long_product():
    f = sg.compile(sp.Product(1 + s * x[i], (i, 0, n - 1)), wrt=s)
    at = dict(s=0.5, x=np.cos(np.arange(1500)) * 1e-2)
    ratio = at["x"] / (1 + 0.5 * at["x"])
    assert f.hessian(**at) == pytest.approx(np.prod(1 + 0.5 * at["x"]) * (np.sum(ratio) ** 2 - np.sum(ratio**2)), rel=1e-10)


# ---------------------------------------------------------------------- a thousand factors, whose product is no double

rng = np.random.default_rng(8)
P, Q = (sp.Product(one[i], (i, 0, n - 1)) for one in (x, y))
PROBABILITIES = rng.uniform(0.01, 0.2, 1000)
NEXT = PROBABILITIES * (1 + 0.01 * rng.normal(size=1000))
LONG = {
    "geometric mean": (P ** (1 / n), lambda x, y, s: mp.fprod(x) ** (mp.mpf(1) / len(x)), PROBABILITIES),
    "geometric mean of large numbers": (P ** (1 / n), lambda x, y, s: mp.fprod(x) ** (mp.mpf(1) / len(x)), PROBABILITIES * 1e6),
    "perplexity": (P ** (-1 / n), lambda x, y, s: mp.fprod(x) ** (mp.mpf(-1) / len(x)), PROBABILITIES),
    "a power by an operand": (P**s, lambda x, y, s: mp.fprod(x) ** s, PROBABILITIES),
    "likelihood ratio": (P / Q, lambda x, y, s: mp.fprod(x) / mp.fprod(y), PROBABILITIES),
    "weighted likelihood ratio": (s * P / Q, lambda x, y, s: s * mp.fprod(x) / mp.fprod(y), PROBABILITIES),
    "posterior": (P / (P + Q), lambda x, y, s: mp.fprod(x) / (mp.fprod(x) + mp.fprod(y)), PROBABILITIES),
    "posterior by a prior": (s * P / (s * P + (1 - s) * Q), lambda x, y, s: s * mp.fprod(x) / (s * mp.fprod(x) + (1 - s) * mp.fprod(y)), PROBABILITIES),
    "one of rare events": (1 - sp.Product(1 - x[i], (i, 0, n - 1)), lambda x, y, s: 1 - mp.fprod(1 - one for one in x), PROBABILITIES * 1e-9),
    "log of one of rare events": (sp.log(1 - sp.Product(1 - x[i], (i, 0, n - 1))), lambda x, y, s: mp.log(1 - mp.fprod(1 - one for one in x)), PROBABILITIES * 1e-18),
    "rare events by their rates": (1 - sp.Product(1 - sp.exp(-x[i]), (i, 0, n - 1)), lambda x, y, s: 1 - mp.fprod(1 - mp.exp(-one) for one in x), 40 + PROBABILITIES),
    "rare events by their logits": (1 - sp.Product(1 / (1 + sp.exp(x[i])), (i, 0, n - 1)), lambda x, y, s: 1 - mp.fprod(1 / (1 + mp.exp(one)) for one in x), PROBABILITIES - 40),
    "growth": (sp.Product(1 + x[i], (i, 0, n - 1)) - 1, lambda x, y, s: mp.fprod(1 + one for one in x) - 1, PROBABILITIES * np.where(rng.uniform(size=1000) < 0.4, -1e-10, 1e-10)),
}


@pytest.mark.parametrize("name", LONG)
def test_a_thousand_factors(name):
    """Errors of slopes are those of a thousand roundings, which hardly cancel where all factors are rounded to the same side."""
    formula, truth, given = LONG[name]
    inputs = [one for one in (x, y, s) if formula.has(one)]
    f = sg.compile(formula, wrt=inputs)
    at = {name: one for name, one in dict(x=given, y=NEXT, s=0.003).items() if name in f.arguments}
    value, slopes = f.value_and_grad(**at)
    with mp.workdps(80):
        numbers = dict(x=[mp.mpf(one) for one in given], y=[mp.mpf(one) for one in NEXT], s=mp.mpf(0.003))
        want = truth(**numbers)
        assert ulps(float(value), want, abs(float(want))) <= 32
        for one, slope in zip(f.wrt, slopes, strict=True):
            where = numbers[one] if one != "s" else [numbers[one]]
            step = where[0] * mp.mpf(10) ** -25
            sides = [truth(**numbers | {one: [where[0] + side, *where[1:]] if one != "s" else where[0] + side}) for side in (step, -step)]
            assert ulps(float(np.ravel(slope)[0]), (sides[0] - sides[1]) / (2 * step)) <= 128
    forward = f.grad_forward(**at)
    for slope, other in zip(slopes, forward, strict=True):
        np.testing.assert_allclose(slope, other, rtol=1e-12)


@pytest.mark.parametrize("v", [[2.0, -0.5, -3.0], [-1.5, -2.5, 0.2], [-1.0, 3.0, 0.1], [1e200, 1e200, -1.0], [1e-20, -2.0, 1e-20], [np.inf, 0.5, 0.1], [0.25], [np.nan, 1.0]])
def test_a_product_less_one_of_any_numbers(v):
    """As plain code, also where factors are below 0 or 0."""
    f = sg.compile(sp.Product(1 + x[i], (i, 0, n - 1)) - 1, wrt=x)
    want = np.float64(math.prod(1 + one for one in v) - 1) if max(np.abs(v)) < 1e100 else WHOLE(x=1 + np.array(v)) - 1
    np.testing.assert_allclose(f(x=np.array(v)), want, rtol=1e-14)
    np.testing.assert_allclose(f.grad(x=np.array(v)), WHOLE.grad(x=1 + np.array(v)), rtol=1e-14)
    single = f(x=np.array([1e-4, 2e-4], np.float32))
    assert single.dtype == np.float32 and single == pytest.approx(3.0002e-4, rel=2e-7)


def test_powers_and_quotients_of_products_keep_their_domain():
    power, quotient = sg.compile(P**s, wrt=x), sg.compile(P / Q, wrt=[x, y])
    for v in ([-2.0, 3.0], [0.0, 3.0], [-1e200, -1e200], [2.0, 1e-300, 1e-300]):
        for exponent in (2.0, 0.5, -1.0, 0.0):
            plain = power.with_options(rewrite=False)(x=np.array(v), s=exponent)
            ours = power(x=np.array(v), s=exponent)
            assert ours == pytest.approx(plain, rel=1e-13, nan_ok=True) or (plain in (0.0, np.inf) and np.isfinite(ours))
    with np.errstate(all="ignore"):
        for v, w in (([0.0, 3.0], [2.0, 4.0]), ([1.0, 3.0], [0.0, 4.0]), ([0.0, 3.0], [0.0, 4.0]), ([-1.0, 3.0], [2.0, np.inf])):
            np.testing.assert_array_equal(quotient(x=np.array(v), y=np.array(w)), np.prod(v) / np.prod(w))
