"""What all terms of a difference are multiplied by stands outside of it, and softmax of a multiple has its maximum taken out."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.check.ulps import ulps

n, d, K = sp.symbols("n d K", integer=True, positive=True)
i, j, k, c = sp.symbols("i j k c", integer=True)
a, P = sp.IndexedBase("a", shape=(n, K)), sp.IndexedBase("P")
Q, B = sp.IndexedBase("Q", shape=(n, d)), sp.IndexedBase("B", shape=(K, d))
s = sp.IndexedBase("s")
LOGITS = np.array([[1e4, 1e4 - 3, 1e4 - 40.5], [-700.25, -701.0, -699.5], [0.1, 0.2, 0.3]])
SCALES = {"a third": sp.Rational(1, 3), "minus two": -sp.S(2), "square root of a size": 1 / sp.sqrt(K), "one": sp.S.One}


def softmax(exponent):
    return [(P[i, c], sp.exp(exponent(i, c)) / sp.Sum(sp.exp(exponent(i, k)), (k, 0, K - 1)))]


@pytest.mark.parametrize("style", ["fast", "flat"])
@pytest.mark.parametrize("scale", SCALES)
def test_softmax_of_a_multiple_keeps_its_digits(scale, style):
    factor = SCALES[scale]
    f = sg.compile(P[i, c], outputs=(i, c), where=softmax(lambda row, col: factor * a[row, col]), wrt=a, style=style)
    got, number = f(a=LOGITS), float(factor.subs(K, 3))
    for row, line in zip(got, LOGITS, strict=True):
        products = [mpmath.mpf(float(number * logit)) for logit in line]  # whose rounding is not softmax's
        with mpmath.workdps(60):
            grown = [mpmath.exp(one - max(products)) for one in products]
            assert max(ulps(float(one), part / sum(grown)) for one, part in zip(row, grown, strict=True)) <= 4


def test_softmax_of_the_diagonal_of_a_matrix():
    S = sp.IndexedBase("S", shape=(n, n))
    f = sg.compile(sp.exp(S[j, j] / 3) / sp.Sum(sp.exp(S[i, i] / 3), (i, 0, n - 1)), outputs=(j,), wrt=S)
    at = np.array([[3.0, 50.0], [-90.0, 6.0]])
    np.testing.assert_allclose(f(S=at), np.exp([1.0, 2.0]) / np.exp([1.0, 2.0]).sum(), rtol=1e-15)
    assert f.check(S=at).passed


def attention(style="fast"):
    score = [(s[i, j], sp.Sum(Q[i, k] * B[j, k], (k, 0, d - 1)) / sp.sqrt(d))]
    weights = [(P[i, j], sp.exp(s[i, j]) / sp.Sum(sp.exp(s[i, k]), (k, 0, K - 1)))]
    return sg.compile(P[i, j], outputs=(i, j), where=score + weights, wrt=[Q, B], style=style)


@pytest.mark.parametrize("style", ["fast", "flat"])
def test_slopes_of_saturated_attention_are_nothing_in_both_modes(style):
    """P (t - sum P t) with P = (1, 0, ...): t less itself, both times 1/sqrt(d)."""
    f, rng = attention(style), np.random.default_rng(3)
    at = dict(Q=1e4 * np.array([[1.0, 0.25], [-1.0, 3.0]]), B=np.array([[1.0, 2.0], [-1.5, 0.5], [0.3, -0.7]]))
    along = {name: rng.normal(size=one.shape) for name, one in at.items()}
    assert np.array_equal(np.sort(f(**at), axis=1), [[0, 0, 1]] * 2)
    assert not f.jvp(at, along)[1].any()
    assert not any(one.any() for one in f.vjp(rng.normal(size=(2, 3)), **at))


@pytest.mark.parametrize("style", ["fast", "flat"])
def test_slopes_of_attention_agree_with_differences(style):
    f, rng = attention(style), np.random.default_rng(4)
    assert f.check(Q=rng.normal(size=(2, 2)), B=rng.normal(size=(3, 2))).passed


X, y, u, v = sp.symbols("X y u v", real=True)
DIFFERENCES = {
    "number": sp.Rational(3, 7) * (sp.sin(u) - sp.cos(v)),
    "factor": sp.exp(X) * sp.sin(u) - sp.exp(X) * sp.cos(v),
    "factor of three terms": X * sp.sin(u) - 2 * X * sp.cos(v) + X * sp.tanh(y),
    "itself": X * sp.sin(u) - sp.sin(u),
    "sum, which cancels nothing": X * sp.exp(u) + X * sp.exp(v),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_differences_of_products_have_right_slopes(name):
    f = sg.compile(DIFFERENCES[name], wrt=sorted(DIFFERENCES[name].free_symbols, key=str))
    assert f.check(**{one: 0.3 + 0.4 * place for place, one in enumerate(f.wrt)}).passed


def test_what_a_difference_is_multiplied_by_is_rounded_once():
    """0.3 a - 0.3 b, and t a - t b, are 0 where a is b, and right to an ulp beside it."""
    x, t = sp.symbols("x t", real=True)
    for factor in (sp.Rational(3, 10), t):
        f = sg.compile(factor * u - factor * x, wrt=[u, x])
        for near in (0.7, np.nextafter(0.7, 1), 0.7 + 1e-9):
            given = dict(u=near, x=0.7) | ({"t": 0.3} if factor == t else {})
            number = mpmath.mpf(3) / 10 if factor != t else mpmath.mpf(0.3)
            assert ulps(f(**given), number * (mpmath.mpf(float(near)) - mpmath.mpf(0.7))) <= 2
