"""Powers of two taken out of sums of powers and of products: far results are finite and right, near ones are as they were, domains stay."""

from __future__ import annotations

import itertools
import math
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

import symgrad as sg
from symgrad.check.ulps import ulps
from symgrad.runtime.special import scales

n, K, d = sp.symbols("n K d", integer=True, positive=True)
i, j, k, c = sp.symbols("i j k c", integer=True)
p, q = sp.symbols("p q", real=True)
x, w, y = (sp.IndexedBase(name, shape=(n,)) for name in "xwy")
A, pi = sp.IndexedBase("A", shape=(n, d)), sp.IndexedBase("pi", shape=(n,))


def total(expr, index=i, size=n):
    return sp.Sum(expr, (index, 0, size - 1))


# ---------------------------------------------------------------------- the functions

@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_and_its_exponent_make_up_the_number(value):
    exponent = float(scales._binary_exponent(np.float64(value)))
    mantissa = value * float(scales._two_to(np.float64(-exponent)))
    if not math.isfinite(value) or value == 0:
        assert exponent == 0
        return
    assert math.ldexp(mantissa, int(exponent)) == value
    assert exponent == -1022 or 0.707 < abs(mantissa) < 1.4143
    assert float(scales._binary_exponent(np.complex128(value))) == exponent


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_powers_of_two_are_exact_and_finite(dtype):
    exponents = np.arange(-1200, 1200).astype(dtype)
    powers = scales._two_to(exponents)
    info = np.finfo(dtype)
    inside = (exponents >= info.minexp) & (exponents < info.maxexp)
    assert powers.dtype == dtype and np.all(np.isfinite(powers)) and np.array_equal(np.log2(powers[inside].astype(float)), exponents[inside])


def test_what_is_taken_out_is_nothing_where_nothing_can_overflow():
    near = np.array([-255.0, 0.0, 200.0, -math.inf])
    assert np.array_equal(scales._coarse_exponent(near), np.zeros(4)) and np.array_equal(scales._coarse_exponent(np.array([600.0, -1500.0])), [512, -1536])
    assert scales._power_scale(np.float64(1e100), np.float64(1e-3), 1.5) == 1
    assert scales._power_scale(np.float64(1e200), np.float64(1e-3), 3.0) == 2.0**-664
    assert scales._power_scale(np.float64(1e200), np.float64(1e-300), -3.0) == 2.0**997
    assert scales._power_scale(np.float64(3.0), np.float64(1.0), 1e4) == 1 / 3
    for nothing in (0.0, math.inf, math.nan):
        assert scales._power_scale(np.float64(nothing), np.float64(nothing), 1e4) == 1


# ---------------------------------------------------------------------- sums of powers

def power_sums(numbers, weights, a, b):
    return (mp.fsum(v * u**a for u, v in zip(numbers, weights, strict=True)), mp.fsum(v * u**b for u, v in zip(numbers, weights, strict=True)))


OF_POWERS = {
    "norm": (total(sp.Abs(x[i])**p)**(1 / p), lambda u, v, a, b: mp.fsum(abs(one)**a for one in u)**(1 / a)),
    "mean": ((total(w[i] * x[i]**p) / total(w[i]))**(1 / p), lambda u, v, a, b: (power_sums(u, v, a, b)[0] / mp.fsum(v))**(1 / a)),
    "logarithm": (sp.log(total(w[i] * x[i]**p)), lambda u, v, a, b: mp.log(power_sums(u, v, a, b)[0])),
    "another power": (total(w[i] * x[i]**p)**q, lambda u, v, a, b: power_sums(u, v, a, b)[0]**b),
    "Lehmer": (total(w[i] * x[i]**p) / total(w[i] * x[i]**(p - 1)), lambda u, v, a, b: mp.fdiv(*power_sums(u, v, a, a - 1))),
    "shares": (total(w[i] * x[i]**p / total(x[k]**p, k)), lambda u, v, a, b: power_sums(u, v, a, b)[0] / mp.fsum(one**a for one in u)),
    "cubes": (total(w[i] * x[i]**3)**sp.Rational(1, 3), lambda u, v, a, b: mp.cbrt(power_sums(u, v, 3, b)[0])),
    "squares": (total(w[i] * x[i]**4)**sp.Rational(1, 4), lambda u, v, a, b: mp.root(power_sums(u, v, 4, b)[0], 4)),
    "root": (sp.sqrt(total(x[i]**4)), lambda u, v, a, b: mp.sqrt(mp.fsum(one**4 for one in u))),
    "negative": (total(x[i]**-3)**sp.Rational(-1, 3), lambda u, v, a, b: 1 / mp.cbrt(mp.fsum(one**-3 for one in u))),
}


@cache
def of_powers(name):
    return sg.compile(OF_POWERS[name][0], wrt=x)


POINTS = {
    "near": ([0.5, 1.25, 0.8], [1.0, 2.0, 0.5], 1.5, 0.75),
    "large": ([1e120, 3e119, 2e120], [1.0, 2.0, 0.5], 3.5, 0.25),
    "small": ([1e-120, 3e-119, 2e-120], [1.0, 2.0, 0.5], 3.5, 0.25),
    "below 0": ([1e-120, 3e-119, 2e-90], [1.0, 2.0, 0.5], -3.5, 0.25),
    "steep": ([12.0, 11.5, 0.25], [1.0, 2.0, 0.5], 500.0, 0.015625),
}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", OF_POWERS)
def test_sums_of_powers(name, point):
    numbers, weights, a, b = POINTS[point]
    expr, truth = OF_POWERS[name]
    f = of_powers(name)
    given = {"x": np.array(numbers), "w": np.array(weights), "p": a, "q": b}
    at = {one: given[one] for one in ("x", "w", "p", "q") if one in {str(symbol) for symbol in expr.free_symbols}}
    with mp.workdps(400), np.errstate(all="ignore"):
        exact = [[mp.mpf(one) for one in numbers], [mp.mpf(one) for one in weights], mp.mpf(a), mp.mpf(b)]
        want = truth(*exact)
        assert ulps(float(f.value(**at)), want) <= (4 if a < 100 else 300)
        slopes = [mp.diff(lambda one, place=place: truth([*exact[0][:place], one, *exact[0][place + 1:]], *exact[1:]), exact[0][place],
                          h=exact[0][place] * mp.mpf(10)**-150) for place in range(3)]
        largest = max(*map(abs, slopes), *(abs(want * exact[2] / one) for one in exact[0]))  # beside the summands of the slopes
        found = [float(one) for one in f.grad(**at)]
    assert all(abs(one - slope) <= (16 if a < 100 else 600) * mp.mpf(2)**-53 * largest for one, slope in zip(found, slopes, strict=True)), (found, slopes)


def test_ordinary_numbers_are_as_they_would_be_without_a_scale():
    f = sg.compile(total(sp.Abs(x[i])**p)**(1 / p), wrt=x)
    plain = f.with_options(rewrite=False)
    v = np.random.default_rng(1).standard_normal(50)
    assert f.value(x=v, p=3.0) == plain.value(x=v, p=3.0) and np.allclose(f.grad(x=v, p=3.0), plain.grad(x=v, p=3.0), rtol=1e-15)


def test_powers_of_numbers_below_nought_keep_their_domain():
    f = sg.compile(sp.log(total(x[i]**p)), wrt=x)
    with np.errstate(all="ignore"):
        assert math.isnan(f.value(x=np.array([-1e200, 1e200]), p=1.5)) and f.value(x=np.array([0.0, 0.0]), p=2.0) == -math.inf
    assert f.value(x=np.array([-1e200, 1e200]), p=2.0) == pytest.approx(math.log(2) + 400 * math.log(10))
    cube = sg.compile(total(x[i]**3)**sp.Rational(1, 3), wrt=x)
    assert cube.value(x=np.array([-1e150, 2e150])) == pytest.approx(1e150 * 7 ** (1 / 3))
    with np.errstate(all="ignore"):
        assert math.isnan(cube.value(x=np.array([-2e150, 1e150])))


# ---------------------------------------------------------------------- sums of products

MIXTURE = sp.log(total(pi[i] * sp.Product(A[i, j], (j, 0, d - 1))))
POSTERIOR = total(y[i] * pi[i] * sp.Product(A[i, j], (j, 0, d - 1))) / total(pi[k] * sp.Product(A[k, j], (j, 0, d - 1)), k)


def products(weights, rows):
    return [v * mp.fprod(row) for v, row in zip(weights, rows, strict=True)]


@pytest.mark.parametrize("rows", [
    [[0.5, 0.25, 0.8], [0.1, 0.9, 0.3]],
    [[1e-150, 2e-150, 3e-160], [1e-140, 1e-150, 1e-158]],
    [[1e200, 3e150, -2.0], [1e190, 1e160, -3.0]],
    [[1e-300, 0.5, 1e-300], [0.0, 1e300, 1e300]],
    [[0.0, 1e-200, 1e-200], [1e-200, 1e-200, 1e-10]],
    [[5e-324, 1e-300, 1e200], [1e-320, 1e-300, 2e200]],
])
@pytest.mark.parametrize("weights", [[0.6, 0.4], [1e-150, 1.0], [-1.0, -2.0]])
def test_sums_of_products(rows, weights):
    f, shares = sg.compile(MIXTURE, wrt=[pi, A]), sg.compile(POSTERIOR, wrt=y)
    at = {"pi": np.array(weights), "A": np.array(rows)}
    with mp.workdps(60), np.errstate(all="ignore"):
        terms = products([mp.mpf(v) for v in weights], [[mp.mpf(one) for one in row] for row in rows])
        found, whole = float(f.value(**at)), mp.fsum(terms)
        assert math.isnan(found) if whole < 0 else found == pytest.approx(float(mp.log(whole)), rel=2e-15)
        assert np.asarray(shares.grad(y=np.array([1.0, 2.0]), **at)) == pytest.approx([float(one / whole) for one in terms], rel=2e-15, abs=1e-300)
        slopes = f.grad(**at)
        for row, column in itertools.product(range(2), range(3)):
            want = mp.mpf(weights[row]) * mp.fprod(mp.mpf(one) for place, one in enumerate(rows[row]) if place != column) / whole
            if whole > 0 and 1e-290 < abs(want) < 1e300:
                assert float(slopes[1][row, column]) == pytest.approx(float(want), rel=2e-15)


def test_a_sum_of_products_agrees_with_plain_code_in_all_modes():
    f = sg.compile(MIXTURE, wrt=[pi, A])
    rng = np.random.default_rng(2)
    at = {"pi": rng.random(4), "A": rng.random((4, 5))}
    report = sg.check_gradients(f, at)
    assert report.passed, report
    plain = f.with_options(rewrite=False)
    assert f.value(**at) == plain.value(**at)
    for row, others in zip(f.hessian(**at), plain.hessian(**at), strict=True):
        assert all(np.allclose(block, other, rtol=1e-12) for block, other in zip(row, others, strict=True))


def test_quotients_of_products_under_a_logarithm():
    f = sg.compile(sp.log(sp.Product(x[i], (i, 0, n - 1)) / sp.Product(w[i], (i, 0, n - 1))), wrt=[x, w])
    at = {"x": np.array([1e-200, 1e-150, 2.0]), "w": np.array([-1e-190, -1e-170, 1.0])}
    assert f.value(**at) == pytest.approx(math.log(2e10), rel=1e-15)
    for found, values, sign in zip(f.grad(**at), at.values(), (1, -1), strict=True):
        assert found == pytest.approx(sign / values, rel=1e-15)


# ---------------------------------------------------------------------- mixtures of densities

def poisson(rate, count):
    return rate**count * mp.exp(-rate) / mp.factorial(count)


def gauss(centre, spread, numbers):
    return mp.fprod(mp.npdf(one, centre, spread) for one in numbers)


mu, s, rate = (sp.IndexedBase(name, shape=(K,)) for name in ("mu", "s", "rate"))
share = sp.IndexedBase("share", shape=(K,))
NORMAL = sp.exp(-((A[i, j] - mu[c]) / s[c])**2 / 2) / (sp.sqrt(2 * sp.pi) * s[c])
MIXTURES = {
    "Gauss": (total(sp.log(total(share[c] * sp.Product(NORMAL, (j, 0, d - 1)), c, K))), [mu, s],
              lambda A, mu, s, share: mp.fsum(mp.log(mp.fsum(v * gauss(*one, row) for v, *one in zip(share, mu, s, strict=True))) for row in A)),
    "Poisson": (total(sp.log(total(share[c] * rate[c]**y[i] * sp.exp(-rate[c]) / sp.factorial(y[i]), c, K))), [rate],
                lambda y, rate, share: mp.fsum(mp.log(mp.fsum(v * poisson(one, count) for v, one in zip(share, rate, strict=True))) for count in y)),
}
FAR = {
    "Gauss": [{"A": [[0.3, 0.1], [1.5, -0.5]], "mu": [0.0, 1.0], "s": [1.0, 2.0]}, {"A": [[800.0, -30.0], [1e4, 1.0]], "mu": [0.0, 1.0], "s": [1.0, 2.0]},
              {"A": [[1e-3, -1e-3], [0.0, 1.0]], "mu": [0.0, 1e-3], "s": [1e-5, 1e-4]}],
    "Poisson": [{"y": [3.0, 0.0, 5.0], "rate": [2.0, 4.5]}, {"y": [200.0, 180.0, 1000.0], "rate": [190.0, 900.0]},
                {"y": [10000.0, 9900.0, 0.0], "rate": [1e4, 800.0]}],
}


@pytest.mark.parametrize(("name", "point"), [(name, point) for name in MIXTURES for point in range(3)])
def test_mixtures_far_from_their_centres(name, point):
    expr, wrt, truth = MIXTURES[name]
    at = {one: np.array(value) for one, value in FAR[name][point].items()} | {"share": np.array([0.25, 0.75])}
    f = sg.compile(expr, wrt=wrt)
    with mp.workdps(9000 if point else 60):
        exact = {one: _exactly(value) for one, value in at.items()}
        assert f.value(**at) == pytest.approx(float(truth(**exact)), rel=1e-13)
        found = f.grad(**at)
        for base, slopes in zip(wrt, found, strict=True):
            label = str(base.label)
            want = [float(_slope(truth, exact, label, place)) for place in range(2)]
            assert slopes == pytest.approx(want, rel=1e-11, abs=1e-13 * max(map(abs, want)))


def _exactly(value):
    return [_exactly(one) for one in value] if np.ndim(value) else mp.mpf(float(value))


def _slope(truth, exact, name, place) -> mpmath.mpf:
    step = exact[name][place] * mp.mpf(10)**(-mp.dps // 3) or mp.mpf(10)**(-mp.dps // 3)
    sides = [truth(**{**exact, name: [one + sign * step * (k == place) for k, one in enumerate(exact[name])]}) for sign in (1, -1)]
    return (sides[0] - sides[1]) / (2 * step)


def test_a_mixture_of_weights_below_nought_has_no_logarithm():
    expr, wrt, _ = MIXTURES["Poisson"]
    f = sg.compile(expr, wrt=wrt)
    with np.errstate(all="ignore"):
        assert math.isnan(f.value(y=np.array([3.0]), rate=np.array([2.0, 4.0]), share=np.array([-1.0, 0.1])))


# ---------------------------------------------------------------------- beside a number, of 1 + u, and other forms that books print

def test_a_number_beside_a_sum_of_powers():
    """The generator of Clayton's copula, whose powers overflow where its own does not."""
    f = sg.compile((total(x[i]**-p) - n + 1)**(-1 / p), wrt=x)
    for numbers, a in (([0.3, 0.6], 1.5), ([0.3, 0.6], 700.0), ([1e-150, 2e-150], 30.0), ([0.3, 0.6, 0.2], 30.0)):
        with mp.workdps(2000):
            exact = [mp.mpf(one) for one in numbers]
            inside = mp.fsum(one**-mp.mpf(a) for one in exact) - len(numbers) + 1
            want = inside**(-1 / mp.mpf(a))
            slopes = [float(inside**(-1 / mp.mpf(a) - 1) * one**(-mp.mpf(a) - 1)) for one in exact]
        assert float(f.value(x=np.array(numbers), p=a)) == pytest.approx(float(want), rel=2e-15)
        assert f.grad(x=np.array(numbers), p=a) == pytest.approx(slopes, rel=a * 1e-15)


def test_powers_of_one_and_a_rank_are_scaled():
    f = sg.compile(-total(x[i] * sp.log((i + 1 + q)**-p / total((k + 1 + q)**-p, k))), wrt=[p, q])
    at = {"x": np.array([5.0, 3.0, 2.0]), "p": 700.0, "q": 0.75}
    with mp.workdps(400):
        terms = [(one + 1 + mp.mpf(0.75))**-700 for one in range(3)]
        want = -mp.fsum(v * mp.log(term / mp.fsum(terms)) for v, term in zip((5, 3, 2), terms, strict=True))
    assert float(f.value(**at)) == pytest.approx(float(want), rel=1e-14) and np.all(np.isfinite(f.grad(**at)))


def test_a_choice_between_a_sum_and_an_exponential_is_divided_by_what_leads_it():
    """Linear attention with elu + 1 as its feature."""
    feature = sp.Piecewise((x[i] + 1, x[i] > 0), (sp.exp(x[i]), True))
    f = sg.compile(total(feature * w[i]) / total(feature), wrt=x)
    low = np.array([-800.0, -801.0])
    assert f.value(x=low, w=np.array([1.0, 2.0])) == pytest.approx((1 + 2 * math.exp(-1)) / (1 + math.exp(-1)), rel=1e-15)
    share = 1 / (1 + math.exp(-1))
    assert f.grad(x=low, w=np.array([1.0, 2.0])) == pytest.approx([-share * (1 - share), share * (1 - share)], rel=1e-15)
    assert f.value(x=np.array([3.0, -801.0]), w=np.array([1.0, 2.0])) == 1


def test_the_probability_of_a_wrong_answer_above_a_guess():
    g, a = sp.symbols("g a", real=True)
    correct = g + (1 - g) / (1 + sp.exp(-a))
    for miss in (sp.log(1 - correct), sp.log(1 - sp.Symbol("P"))):
        f = sg.compile(miss, wrt=[g, a], where=[(sp.Symbol("P"), correct)] if miss.has(sp.Symbol("P")) else [])
        assert f.value(g=0.25, a=800.0) == pytest.approx(math.log(0.75) - 800, rel=1e-15) and f.grad(g=0.25, a=800.0) == pytest.approx((-4 / 3, -1.0))


def test_a_zero_truncated_count():
    rates, counts = sp.IndexedBase("rates", shape=(n,)), sp.IndexedBase("counts", shape=(n,))
    rate = sp.exp(rates[i])
    f = sg.compile(total(sp.log(rate**counts[i] * sp.exp(-rate) / (sp.factorial(counts[i]) * (1 - sp.exp(-rate))))), wrt=rates)
    at = {"rates": np.array([-1e4, 9.0, 0.5]), "counts": np.array([1.0, 10000.0, 2.0])}
    with mp.workdps(4500):
        want = mp.fsum(v * eta - mp.log(mp.expm1(mp.exp(eta))) - mp.log(mp.factorial(v)) for eta, v in ((mp.mpf(-10000), 1), (mp.mpf(9), 10000), (mp.mpf(0.5), 2)))
    assert float(f.value(**at)) == pytest.approx(float(want), rel=1e-14) and np.all(np.isfinite(f.grad(**at)))


@pytest.mark.parametrize("scale", [1e-170, 1.0, 1e170])
def test_squares_over_squares(scale):
    a, b, c = sp.symbols("a b c", real=True)
    f, of = sg.compile(sp.exp(-((a - b) / c)**2 / 2), wrt=[a, b]), {"b": 3 * scale, "c": scale}
    assert f.value(a=scale, **of) == pytest.approx(math.exp(-2), rel=1e-15)
    bells = sg.compile(total(sp.exp(-((x[i] - b) / c)**2 / 2)), wrt=x)
    assert bells.value(x=np.array([scale, 5 * scale]), **of) == pytest.approx(2 * math.exp(-2), rel=1e-15)
    v = sg.compile(total(((x[i] - q) / w[i])**12 - ((x[i] - q) / w[i])**6), wrt=x)
    at = {"x": np.array([2.0, 3.0]) * scale, "q": scale, "w": np.array([1.0, 2.0]) * scale}
    assert v.value(**at) == pytest.approx(0, abs=1e-14) and v.grad(**at) * scale == pytest.approx([6.0, 3.0], rel=1e-14)
