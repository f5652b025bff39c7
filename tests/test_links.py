"""Regressions whose mean is a function of a linear predictor: finite, and right, however large that is."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg

n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
eta, y, mu = (sp.IndexedBase(name, shape=(n,)) for name in ("eta", "y", "mu"))
k = sp.Symbol("k", positive=True)
mean = sp.IndexedBase("mean")
FAR = [-800.0, -40.0, -1e-9, 0.3, 6.7, 800.0]

LOSSES = {
    "gamma": (k * sp.log(k / mean[i]) - k * y[i] / mean[i], sp.exp(eta[i]), lambda e, t, s: s * (mpmath.log(s) - e) - s * t * mpmath.exp(-e), [-600.0, *FAR[1:]]),
    "log-normal": ((sp.log(y[i] / mean[i])) ** 2, sp.exp(eta[i]), lambda e, t, s: (mpmath.log(t) - e) ** 2, FAR),
    "complementary log-log": (y[i] * sp.log(mean[i]) + (1 - y[i]) * sp.log(1 - mean[i]), 1 - sp.exp(-sp.exp(eta[i])),
                              lambda e, t, s: t * mpmath.log(-mpmath.expm1(-mpmath.exp(e))) - (1 - t) * mpmath.exp(e), FAR[:-1]),
}


@pytest.mark.parametrize("target", [0.25, 1.0])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_and_its_slope_are_right_far_out(name, target):
    formula, link, right, at = LOSSES[name]
    f = sg.compile(sp.Sum(formula, (i, 0, n - 1)), where=[(mean[i], link)], wrt=eta)
    given = {"eta": np.array(at), "y": np.full(len(at), target)} | ({"k": 3.0} if name == "gamma" else {})
    value, gradient = f.value_and_grad(**given)
    with mpmath.workdps(400):
        exact = [right(mpmath.mpf(e), mpmath.mpf(target), 3) for e in at]
        slopes = [mpmath.diff(lambda e: right(e, mpmath.mpf(target), 3), mpmath.mpf(e), h=mpmath.mpf(10) ** -60) for e in at]
    np.testing.assert_allclose(value, float(mpmath.fsum(exact)), rtol=1e-14)
    np.testing.assert_allclose(gradient, [float(one) for one in slopes], rtol=1e-13, atol=2e-15)


def test_a_scalar_whose_link_has_a_name_is_compiled():
    """s log(s/mu), mu = exp(eta), whose slope rests on s by what cancels."""
    s, predictor, named = sp.symbols("s predictor named", real=True)
    f = sg.compile(s * sp.log(s / named), where=[(named, sp.exp(predictor))], wrt=[predictor, s])
    value, gradient = f.value_and_grad(predictor=800.0, s=3.0)
    assert value == pytest.approx(3 * (np.log(3) - 800), rel=1e-15) and gradient == pytest.approx((-3.0, np.log(3) - 800 + 1), rel=1e-15)
    assert f.source
