"""Factors that wait until the samples are summed, and the order of axes: the same results as flat code, and the lines that were meant."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.gallery.models import MODELS

n, K, d = sp.symbols("n K d", integer=True, positive=True)
i, j, k, c = sp.symbols("i j k c", integer=True)
x, y, z = (sp.IndexedBase(name, shape=(n,)) for name in "xyz")
X = sp.IndexedBase("X", shape=(n, d))
p, q, mu = (sp.IndexedBase(name, shape=(K,)) for name in ("p", "q", "mu"))
A = sp.IndexedBase("A", shape=(K, d))
B = sp.IndexedBase("B", shape=(K, d, d))
a, b = sp.symbols("a b", real=True)
r, e, u = sp.IndexedBase("r"), sp.IndexedBase("e"), sp.IndexedBase("u")


def over(term, *letters):
    """The sum over samples, and over other letters."""
    return sp.Sum(term, (i, 0, n - 1), *letters)


GROUPS, PLACES = (k, 0, K - 1), (c, 0, d - 1)
RESIDUAL = (r[k, i], x[i] - mu[k])

DECLARED = {
    "a number and a parameter": dict(expr=over(3 * a * sp.sin(b * x[i]) * y[i]), wrt=[a, b]),
    "a factor for each group": dict(expr=over(p[k] * sp.tanh(q[k] * x[i]) * y[i], GROUPS), wrt=[p, q]),
    "factors in two terms": dict(expr=over((2 * a * x[i] * y[i] - 2 * a * sp.exp(b * x[i]) * z[i])**2), wrt=[a, b]),
    "factors that differ": dict(expr=over((2 * a * x[i] * y[i] - 3 * b * x[i] * z[i])**3), wrt=[a, b]),
    "weighted squares": dict(expr=over(sp.exp(-2 * p[k]) * r[k, i]**2 * y[i], GROUPS) / n, where=[RESIDUAL], wrt=[p, mu]),
    "log of a mixture": dict(expr=-over(sp.log(sp.Sum(sp.exp(q[k] - sp.exp(p[k]) * r[k, i]**2 / 2), GROUPS))) / n, where=[RESIDUAL],
                             wrt=[q, p, mu]),
    "a softmax that is normalised": dict(
        expr=over(sp.Sum(e[i, k] * r[k, i], GROUPS)**2),
        where=[RESIDUAL, (e[i, k], sp.exp(q[k] * x[i]) / sp.Sum(sp.exp(q[j] * x[i]), (j, 0, K - 1)))], wrt=[q, mu]),
    "a constant beside a factor": dict(expr=over((a * x[i] * y[i] + 5)**2), wrt=a),
    "signs": dict(expr=over(-x[i] * sp.cos(a * y[i]) - y[i] * sp.sin(a * x[i])), wrt=a),
    "a factor at a kink": dict(expr=over(sp.Max(0, a * x[i] * y[i]) * b + sp.Abs(b * x[i])), wrt=[a, b]),
    "matrix products in groups": dict(
        expr=over(sp.log(sp.Sum(sp.exp(q[k] - sp.Sum(u[i, k, c]**2, PLACES) / 2), GROUPS))),
        where=[(u[i, k, c], sp.Sum(B[k, c, j] * (X[i, j] - A[k, j]), (j, 0, d - 1)))], wrt=[q, A, B]),
    "matrix products for each sample": dict(
        expr=over(sp.Sum(sp.Sum(X[i, c] * X[i, j] * A[k, c] * A[k, j], PLACES, (j, 0, d - 1))**2, GROUPS)), wrt=A),
}
"""Declarations in which something is the same for all samples."""


def compiled(name: str):
    return sg.compile(**DECLARED[name])


def point(f, count: int) -> dict:
    rng = np.random.default_rng(len(f.arguments))
    sizes = {"x": (count,), "y": (count,), "z": (count,), "X": (count, 3), "p": (4,), "q": (4,), "mu": (4,), "A": (4, 3), "B": (4, 3, 3),
             "a": (), "b": ()}
    return {name: rng.normal(size=sizes[name]) for name in f.arguments}


def results(f, at: dict) -> dict:
    along = {name: np.cos(np.arange(np.size(at[name]))).reshape(np.shape(at[name])) for name in f.wrt}
    value, grads = f.value_and_grads(**at)
    product = f.hvp(at, along)
    parts = dict(zip(f.wrt, product if isinstance(product, tuple) else (product,), strict=True))
    return {"value": value, "tangent": f.jvp(at, along)[1], **grads, **{f"product {name}": part for name, part in parts.items()}}


@pytest.mark.parametrize("count", [1, 7, 5000])
@pytest.mark.parametrize("name", DECLARED)
def test_the_fast_style_is_the_flat_one_to_rounding(name, count):
    f = compiled(name)
    at = point(f, count)
    fast, flat = results(f, at), results(f.with_options(style="flat"), at)
    for what, one in fast.items():
        np.testing.assert_allclose(one, flat[what], rtol=1e-9, atol=1e-10 * max(1.0, float(np.max(np.abs(flat[what])))), err_msg=what)


@pytest.mark.parametrize("name", DECLARED)
def test_gradients_are_those_of_differences(name):
    f = compiled(name)
    at = point(f, 6)
    assert f.check(**at), f.check(**at)


def block(f, entry: str = "value_and_grad") -> list[str]:
    """The statements of the one block of a kernel."""
    lines = f.kernel_text(entry).splitlines()
    first = next(number for number, line in enumerate(lines) if "def block_1(" in line)
    last = next(number for number in range(first, len(lines)) if lines[number].strip().startswith("return "))
    return [line.strip().partition("  # ")[0] for line in lines[first + 1:last]]


def test_parameters_are_multiplied_after_the_sum():
    body = block(compiled("a factor for each group"))
    assert not any("multiply(p" in line for line in body)
    body = block(compiled("a number and a parameter"))
    assert not any("(3" in line or "multiply(a" in line for line in body)


def test_a_softmax_is_not_divided_element_by_element():
    body = block(compiled("log of a mixture"))
    divisions = [line for line in body if "divide" in line]
    assert len(divisions) == 1 and "divide(1, " in divisions[0]
    assert sum(".dot(" in line for line in body) >= 3


def test_arrays_of_a_block_never_meet_transposed():
    for name in ("log of a mixture", "matrix products in groups"):
        elementwise = [line for line in block(compiled(name)) if any(f"np.{one}(" in line for one in ("add", "subtract", "multiply", "divide"))]
        assert elementwise and not any("transpose" in line or ".T" in line for line in elementwise), elementwise
    gradient = MODELS["softmax_regression"]().kernel_text("value_and_grad")
    assert "bar_W.T" not in gradient


def test_a_name_whose_factor_waits_is_not_given_to_what_is_left():
    weighted = sp.IndexedBase("weighted")
    f = sg.compile(over(weighted[i] * y[i]), where=[(weighted[i], a * sp.sin(b * x[i]))], wrt=[a, b])
    assert "weighted" not in f.kernel_text("value_and_grad") and "weighted" in f.with_options(style="flat").kernel_text("value_and_grad")


def test_numbers_that_go_along_stay_representable():
    """A factor joins the sum and not what is summed: neither too small nor too large a factor is lost on the way."""
    f = compiled("a factor for each group")
    at = point(f, 50) | {"p": np.array([1e-300, 1e300, 5e-324, -1.0])}
    value, (slope, _) = f.value_and_grad(**at)
    flat_value, (flat_slope, _) = f.with_options(style="flat").value_and_grad(**at)
    np.testing.assert_allclose(value, flat_value, rtol=1e-12)
    np.testing.assert_allclose(slope, flat_slope, rtol=1e-9)
