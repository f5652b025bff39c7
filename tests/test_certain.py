"""Softmaxes that are all but certain of one class: what is left keeps its digits in values and slopes, forwards and backwards."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

import symgrad as sg
from symgrad.runtime.blocks import _rests
from symgrad.runtime.special.reductions import _logsumexp, _rest

n, m, K = sp.symbols("n m K", integer=True, positive=True)
i, j, c, k = sp.symbols("i j c k", integer=True)
a, y, Y, P, v = (sp.IndexedBase("a", shape=(n, K)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("Y", shape=(n, K)), sp.IndexedBase("P"),
                 sp.IndexedBase("v", shape=(K,)))
SOFTMAX = [(P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))]
ROWS, CLASSES = (i, 0, n - 1), (c, 0, K - 1)
SCORES = [[0.0, -30.0, -41.0], [3.0, 710.0, 1.0], [-0.25, 0.5, 0.125], [2.0, 2.0, -50.0], [1e4, 0.0, 9999.0], [0.0, 0.0, 0.0], [-36.0, -80.0, 2.5]]
LABELS = [0, 1, 2, 1, 0, 2, 1]
NUMBERS = [0.5, -2.0, 3.0]


def shares(row):
    return [mp.exp(one - max(row)) / mp.fsum(mp.exp(other - max(row)) for other in row) for one in row]


LOSSES = {
    "labels": (-sp.Sum(sp.log(P[i, y[i]]), ROWS), lambda row, label: -mp.log(shares(row)[label])),
    "weighted labels": (-sp.Sum(v[y[i]] * sp.log(P[i, y[i]]), ROWS), lambda row, label: -NUMBERS[label] * mp.log(shares(row)[label])),
    "one-hot labels": (-sp.Sum(Y[i, c] * sp.log(P[i, c]), ROWS, CLASSES), lambda row, label: -mp.log(shares(row)[label])),
    "squares": (sp.Sum((P[i, c] - Y[i, c]) ** 2, ROWS, CLASSES),
                lambda row, label: mp.fsum((one - (k == label)) ** 2 for k, one in enumerate(shares(row)))),
    "entropy": (-sp.Sum(P[i, c] * sp.log(P[i, c]), ROWS, CLASSES), lambda row, label: -mp.fsum(one * mp.log(one) for one in shares(row))),
    "mean": (sp.Sum(P[i, c] * v[c], ROWS, CLASSES), lambda row, label: mp.fsum(one * number for one, number in zip(shares(row), NUMBERS, strict=True))),
    "log of powers": (sp.Sum(sp.log(sp.Sum(P[i, c] ** 2, CLASSES)), ROWS), lambda row, label: mp.log(mp.fsum(one**2 for one in shares(row)))),
}


def truth(value, row, label):
    """Value and slopes of one row's loss, by differences at 1,200 digits."""
    with mp.workdps(1200):
        exact, step = [mp.mpf(one) for one in row], mp.mpf(10) ** -500

        def moved(k, by):
            return value([one + by * (k == m) for m, one in enumerate(exact)], label)

        return float(value(exact, label)), [float((moved(k, step) - moved(k, -step)) / (2 * step)) for k in range(len(row))]


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_left_keeps_its_digits(name):
    expr, value = LOSSES[name]
    f = sg.compile(expr, wrt=a, where=SOFTMAX)
    for row, label in zip(SCORES, LABELS, strict=True):
        at = {"a": np.array([row]), "y": np.array([label]), "Y": np.eye(3)[[label]], "v": np.array(NUMBERS)}
        at = {key: at[key] for key in f.arguments}
        want, slopes = truth(value, row, label)
        got, gradient = f.value_and_grad(**at)
        least = 4e-16 if sorted(row)[-1] == sorted(row)[-2] else 1e-300  # classes that are alike cancel
        assert got == pytest.approx(want, rel=1e-14, abs=1e-300), row
        np.testing.assert_allclose(gradient, [slopes], rtol=4e-14, atol=least, err_msg=str(row))
        np.testing.assert_allclose(f.grad_forward(**at), [slopes], rtol=4e-14, atol=least, err_msg=str(row))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_of_one_call_are_those_of_many(dtype):
    f = sg.compile(LOSSES["labels"][0], wrt=a, where=SOFTMAX)
    scores, labels = np.array(SCORES, dtype), np.array(LABELS)
    together = f.grad(a=scores, y=labels)
    assert together.dtype == dtype
    apart = [f.grad(a=row[None], y=label[None])[0] for row, label in zip(scores, labels, strict=True)]
    np.testing.assert_array_equal(together, apart)
    np.testing.assert_allclose(together, [truth(LOSSES["labels"][1], row, label)[1] for row, label in zip(scores.tolist(), LABELS, strict=True)],
                               rtol=16 * np.finfo(dtype).eps, atol=np.finfo(dtype).tiny)


def test_a_masked_softmax_keeps_what_is_left_of_its_classes():
    """log of what is added up behind each place, as in an order that was observed."""
    f = sg.compile(sp.Sum(sp.log(R[i]) - s[i], ROWS), wrt=s, where=[(R[i], sp.Sum(sp.Piecewise((sp.exp(s[j]), j >= i), (0, True)), (j, 0, n - 1)))])
    scores = np.array([30.0, -30.0, -70.0])
    want = math.log1p(math.exp(-60.0) + math.exp(-100.0)) + math.log1p(math.exp(-40.0))
    assert f(s=scores) == pytest.approx(want, rel=1e-14)


s, t, w, R = sp.IndexedBase("s", shape=(n,)), sp.IndexedBase("t", shape=(n,)), sp.IndexedBase("w", shape=(n,)), sp.IndexedBase("R")
OWN = [(P[i], sp.exp(s[i]) / sp.Sum(sp.exp(s[k]), (k, i, n - 1)))]
LATER = [(R[i, j], sp.exp(s[j]) / sp.Sum(sp.exp(s[k]), (k, i, n - 1)))]
AT_RISK = [(P[i], sp.exp(s[i]) / sp.Sum(sp.Piecewise((sp.exp(s[k]), t[k] >= t[i]), (0, True)), (k, 0, n - 1)))]
TIMES, WEIGHTS = [2.0, 1.0, 4.0, 2.0, 3.0], [1.0, 0.0, 2.5, 1.0, 1.0]
OF_PART = {
    "order": (-sp.Sum(sp.log(P[i]), ROWS), OWN, lambda own, rows: -mp.fsum(mp.log(shares(own[k:])[0]) for k in rows)),
    "weighted order": (-sp.Sum(w[i] * sp.log(P[i]), ROWS), OWN,
                       lambda own, rows: -mp.fsum(WEIGHTS[k] * mp.log(shares(own[k:])[0]) for k in rows)),
    "means": (sp.Sum(R[i, j] * t[j], (j, i, n - 1), ROWS), LATER,
              lambda own, rows: mp.fsum(share * time for k in rows for share, time in zip(shares(own[k:]), TIMES[k:], strict=True))),
    "at risk": (-sp.Sum(w[i] * sp.log(P[i]), ROWS), AT_RISK,
                lambda own, rows: -mp.fsum(WEIGHTS[k] * mp.log(shares([own[k], *(own[m] for m in rows if m != k and TIMES[m] >= TIMES[k])])[0])
                                           for k in rows)),
}


@pytest.mark.parametrize("name", OF_PART)
@pytest.mark.parametrize("scores", [[30.0, -30.0, 0.25, 1.5, -70.0], [700.0, 100.0, 690.0, 0.0, -1e4], [0.5, 0.25, -0.125, 1.0, -3.0]], ids=str)
def test_a_softmax_of_a_part_keeps_what_is_left_of_it(name, scores):
    expr, where, value = OF_PART[name]
    f = sg.compile(expr, wrt=s, where=where)
    at = {"s": np.array(scores), "t": np.array(TIMES), "w": np.array(WEIGHTS)}
    at = {key: at[key] for key in f.arguments}
    want, slopes = truth(value, scores, range(5))
    got, gradient = f.value_and_grad(**at)
    assert got == pytest.approx(want, rel=1e-14)
    largest = max(map(abs, slopes))
    np.testing.assert_allclose(gradient, slopes, rtol=1e-13, atol=1e-300 if largest < 1e-3 else 1e-15)
    np.testing.assert_allclose(f.grad_forward(**at), slopes, rtol=1e-13, atol=1e-300 if largest < 1e-3 else 1e-15)


def test_a_part_that_is_empty_has_no_share():
    """A mask that is given may leave nothing: that row has no number, and none of the others minds."""
    M = sp.IndexedBase("M", shape=(n, n))
    shares = [(R[i, j], sp.exp(s[j]) / sp.Sum(sp.Piecewise((sp.exp(s[k]), M[i, k] > 0), (0, True)), (k, 0, n - 1)))]
    f = sg.compile(sp.Sum(sp.Piecewise((R[i, j] * t[j], M[i, j] > 0), (0, True)), (j, 0, n - 1), ROWS), wrt=s, where=shares)
    at = {"s": np.array([0.5, -1.0, 800.0]), "t": np.array([1.0, 2.0, 3.0]), "M": np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]])}
    share = 1 / (1 + math.exp(-1.5))
    value, gradient = f.value_and_grad(**at)
    assert value == pytest.approx(share + 2 * (1 - share) + 2, rel=1e-15)
    np.testing.assert_allclose(gradient, [-share * (1 - share), share * (1 - share), 0.0], rtol=1e-15)
    np.testing.assert_allclose(f.grad_forward(**at), gradient, rtol=1e-15)


@pytest.mark.parametrize("place", [0, 7, 299_999])
def test_classes_that_blocks_share_out(place):
    """The class that is all but certain stands in one block, what is left of the others in all of them."""
    p = sp.IndexedBase("p")
    share = [(p[i], sp.exp(s[i]) / sp.Sum(sp.exp(s[j]), (j, 0, n - 1)))]
    f = sg.compile(-sp.log(p[m]), wrt=s, where=share)
    scores = np.random.default_rng(0).uniform(-50.0, -45.0, 300_000)
    scores[place] = 0.0
    left = math.fsum(math.exp(one) for one in np.delete(scores, place))
    value, slopes = f.value_and_grad(s=scores, m=place)
    assert value == pytest.approx(math.log1p(left), rel=1e-13)
    assert slopes[place] == pytest.approx(-left / (1 + left), rel=1e-13)
    entropy = sg.compile(-sp.Sum(p[i] * sp.log(p[i]), (i, 0, n - 1)), wrt=s, where=share)
    gaps = scores - math.log1p(left)
    assert entropy(s=scores) == pytest.approx(-math.fsum(np.exp(gaps) * gaps), rel=1e-13)
    towards = -np.exp(gaps) * (gaps + entropy(s=scores))
    assert entropy.grad(s=scores)[place] == pytest.approx(-math.fsum(np.delete(towards, place)), rel=1e-12)


@given(st.lists(st.floats(-60.0, 0.0), min_size=1, max_size=12), st.integers(0, 12), st.integers(0, 11))
def test_parts_of_a_sum_together_are_the_whole(exponents, cut, top):
    terms = np.exp(np.array(exponents))
    terms[top % len(terms)] = 1.0
    want = math.fsum([*terms, -1.0])
    parts = [_rest(part, 0) for part in (terms[:cut], terms[cut:]) if part.size]
    together = parts[0] if len(parts) == 1 else _rests(*parts)
    for got in (_rest(terms, 0), together, _rest(terms[None, :, None], 1)[0, 0], _rest(terms[:, None], (0, 1))):
        assert got == pytest.approx(want, rel=1e-14, abs=1e-300)


def test_sums_of_nothing_but_zeros_and_of_what_is_no_number():
    assert _rest(np.zeros(3), 0) == -1 == _rests(_rest(np.zeros(3), 0), _rest(np.zeros(2), 0))
    assert _rests(_rest(np.zeros(3), 0), _rest(np.array([1.0, 1e-20]), 0)) == 1e-20
    assert np.isnan(_rests(np.nan, 0.5)) and np.isnan(_rest(np.array([1.0, np.nan]), 0))
    assert _rest(np.array([np.inf, 1.0]), 0) == np.inf
    with np.errstate(divide="ignore"):
        assert _logsumexp(np.full(4, -np.inf), 0) == -np.inf
    assert _logsumexp(np.array([0.0, -50.0]), 0) == math.exp(-50.0)
