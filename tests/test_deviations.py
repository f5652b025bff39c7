"""Deviations from a mean: what their adding up to nothing saves, and where they are something else."""

import numpy as np
import pytest
import sympy as sp
from agreement import draw

import symgrad as sg
from symgrad.testing import assert_gradients_match

n, d = sp.symbols("n d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
a, g, y = sp.IndexedBase("a", shape=(n, d)), sp.IndexedBase("g", shape=(d,)), sp.IndexedBase("y", shape=(n, d))
z, mean, h = sp.IndexedBase("z"), sp.IndexedBase("m"), sp.IndexedBase("h")
AT = {"a": draw(5, 3), "g": draw(3, seed=2), "y": draw(5, 3, seed=3)}
OVER_SAMPLES = (mean[j], sp.Sum(a[i, j], (i, 0, n - 1)) / n)
DEVIATION = (z[i, j], a[i, j] - mean[j])
ALL = ((i, 0, n - 1), (j, 0, d - 1))


def compiled(expr, *where):
    wrt = [one for one in (a, g) if any(str(one) in map(str, part.free_symbols) for _, part in [*where, (0, expr)])]
    return sg.compile(expr, wrt=wrt, where=where)


def test_multiples_of_deviations_are_left_out_of_a_sum():
    f = compiled(sp.Sum(g[j] * z[i, j] + a[i, j] ** 2 * y[i, j], *ALL), OVER_SAMPLES, DEVIATION)
    value = f(**AT)
    assert value == pytest.approx(np.sum(AT["a"] ** 2 * AT["y"]), rel=1e-14)
    assert_gradients_match(f, AT)
    nothing = sg.compile(sp.Sum(z[i, j], *ALL), wrt=a, where=[OVER_SAMPLES, DEVIATION])
    assert abs(nothing(a=AT["a"])) < 1e-14 and not np.abs(nothing.grad(a=AT["a"])).max() > 1e-15


NORMALISED = (h[i, j], sp.Max(0, g[j] * z[i, j] / sp.sqrt(sp.Sum(z[i, j] ** 2, (i, 0, n - 1)) / n + sp.Rational(1, 1000))))


def test_a_normalised_layer_needs_no_sum_of_its_adjoints():
    f = compiled(sp.Sum((h[i, j] - y[i, j]) ** 2, *ALL), OVER_SAMPLES, DEVIATION, NORMALISED)
    assert_gradients_match(f, AT)
    text = f.kernel_text("value_and_grad")
    assert text.count("_masked(") == 1, text
    flat = f.with_options(style="flat")
    for one, other in zip(f.value_and_grad(**AT)[1], flat.value_and_grad(**AT)[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


OTHERS = {
    "half of the mean": (mean[j], sp.Sum(a[i, j], (i, 0, n - 1)) / (2 * n)),
    "a weighted mean": (mean[j], sp.Sum(a[i, j] * y[i, j], (i, 0, n - 1)) / n),
    "a mean of something else": (mean[j], sp.Sum(y[i, j], (i, 0, n - 1)) / n),
    "the sum": (mean[j], sp.Sum(a[i, j], (i, 0, n - 1))),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_differences_are_kept(name):
    f = compiled(sp.Sum(g[j] * z[i, j] + a[i, j] ** 3, *ALL), OTHERS[name], DEVIATION)
    at = {key: AT[key] for key in f.arguments}
    number = {"half of the mean": lambda a, y: a.mean(axis=0) / 2, "a weighted mean": lambda a, y: (a * y).mean(axis=0),
              "a mean of something else": lambda a, y: y.mean(axis=0), "the sum": lambda a, y: a.sum(axis=0)}[name](AT["a"], AT["y"])
    assert f(**at) == pytest.approx(np.sum(AT["g"] * (AT["a"] - number) + AT["a"] ** 3), rel=1e-13)
    assert_gradients_match(f, at)


def test_deviations_along_another_axis_are_kept():
    across = sp.Sum(a[i, j], (j, 0, d - 1)) / d
    f = sg.compile(sp.Sum(sp.exp(sp.Sum(a[i, j] - mean[i], (i, 0, n - 1))), (j, 0, d - 1)), wrt=a, where=[(mean[i], across)])
    centred = AT["a"] - AT["a"].mean(axis=1, keepdims=True)
    assert f(a=AT["a"]) == pytest.approx(np.exp(centred.sum(axis=0)).sum(), rel=1e-14)
    assert_gradients_match(f, {"a": AT["a"]})


def test_a_deviation_that_is_not_finite_shows():
    f = compiled(sp.Sum((h[i, j] - y[i, j]) ** 2, *ALL), OVER_SAMPLES, DEVIATION, NORMALISED)
    broken = AT["a"].copy()
    broken[2, 1] = np.inf
    value, (slope, _) = f.value_and_grad(**(AT | {"a": broken}))
    assert np.isnan(value) and np.isnan(slope[:, 1]).all() and np.isfinite(slope[:, [0, 2]]).all()
