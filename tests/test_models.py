"""Every example model: all derivatives against independent ones, both styles, both precisions, and the cost contract."""

import numpy as np
import pytest

from symgrad.gallery.models import MODELS, speelpenning
from symgrad.graph.labels import nominal

SIZES = {"n": 7, "d": 4, "h": 5, "K": 3, "s": 3}
_compiled = {name: make() for name, make in MODELS.items()}
SCALAR = [name for name, f in _compiled.items() if f.signature.scalar]


def point(f, seed=5):
    """Random inputs of the model's own sizes; labels stay in range, scales stay positive."""
    rng = np.random.default_rng(seed)
    at = {}
    for spec in f.signature.inputs:
        shape = tuple(int(size.subs({s: SIZES[s.name] for s in size.free_symbols})) for size in spec.shape)
        at[spec.name] = rng.integers(0, SIZES["K"], shape) if spec.kind == "integer" else rng.uniform(0.2, 1.0, shape)[()]
        if spec.kind == "real" and len(shape) == 2:
            at[spec.name] = rng.normal(size=shape)
    return at


def central(f, at, name, step=1e-6):
    base = np.asarray(at[name], float)
    out = np.empty(base.shape)
    for place in np.ndindex(*base.shape):
        moved = [base.copy(), base.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        out[place] = (f(**{**at, name: moved[0]}) - f(**{**at, name: moved[1]})) / (2 * step)
    return out


@pytest.mark.parametrize("name", SCALAR)
def test_gradients_agree_with_differences_and_between_modes(name):
    f = _compiled[name]
    at = point(f)
    value, grads = f.value_and_grads(**at)
    assert value == pytest.approx(f.value(**at), rel=1e-13)
    forward = f.grad_forward(**at)
    forward = forward if isinstance(forward, tuple) else (forward,)
    for parameter, ahead in zip(f.wrt, forward, strict=True):
        np.testing.assert_allclose(ahead, grads[parameter], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(central(f, at, parameter), grads[parameter], rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("name", SCALAR)
def test_second_derivatives_agree_with_differences_of_gradients(name):
    f = _compiled[name]
    at, rng, step = point(f), np.random.default_rng(1), 1e-6
    tangents = {p: rng.normal(size=np.shape(at[p])) for p in f.wrt}
    product = f.hvp(at, tangents)
    product = product if isinstance(product, tuple) else (product,)
    ahead, behind = (f.grads(**{**at, **{p: at[p] + sign * step * tangents[p] for p in f.wrt}}) for sign in (1, -1))
    hessian = f.hessian(**at)
    hessian = hessian if isinstance(hessian, tuple) else ((hessian,),)
    for k, p in enumerate(f.wrt):
        scale = 1 + np.abs(product[k]).max()
        np.testing.assert_allclose(product[k], (ahead[p] - behind[p]) / (2 * step), rtol=1e-4, atol=1e-5 * scale)
        row = sum(np.tensordot(hessian[k][m], tangents[q], np.ndim(tangents[q])) for m, q in enumerate(f.wrt))
        np.testing.assert_allclose(row, product[k], rtol=1e-9, atol=1e-10 * scale)


@pytest.mark.parametrize("name", SCALAR)
def test_products_agree_with_the_gradient(name):
    f = _compiled[name]
    at, rng = point(f), np.random.default_rng(2)
    grads = f.grads(**at)
    tangents = {p: rng.normal(size=np.shape(at[p])) for p in f.wrt}
    _, tangent = f.jvp(at, tangents)
    assert tangent == pytest.approx(sum(np.sum(grads[p] * tangents[p]) for p in f.wrt), rel=1e-10, abs=1e-11)
    pulled, jacobian = f.vjp(2.5, **at), f.jacobian(**at)
    for k, p in enumerate(f.wrt):
        one = pulled[k] if isinstance(pulled, tuple) else pulled
        block = jacobian[k] if isinstance(jacobian, tuple) else jacobian
        np.testing.assert_allclose(one, 2.5 * grads[p], rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(block, grads[p], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", list(MODELS))
def test_both_styles_compute_the_same(name):
    f = _compiled[name]
    flat, at = f.with_options(style="flat"), point(f)
    np.testing.assert_allclose(flat.value(**at), f.value(**at), rtol=1e-12)
    if name in SCALAR:
        for p, gradient in f.grads(**at).items():
            np.testing.assert_allclose(flat.grads(**at)[p], gradient, rtol=1e-11, atol=1e-13)
        tangents = {p: np.ones(np.shape(at[p])) for p in f.wrt}
        for one, other in zip(_tuple(flat.hvp(at, tangents)), _tuple(f.hvp(at, tangents)), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", list(MODELS))
def test_single_precision_stays_single(name):
    f = _compiled[name]
    at = {k: v.astype(np.float32) if isinstance(v, np.ndarray) and v.dtype == float else v for k, v in point(f).items()}
    if not any(isinstance(v, np.ndarray) and v.dtype == np.float32 for v in at.values()):
        pytest.skip("scalars do not decide the precision")
    for result in _tuple(f.value(**at)) + _tuple(f.jacobian(**at)) + _tuple(f.jvp(at, {f.wrt[0]: at[f.wrt[0]]})):
        assert np.asarray(result).dtype == np.float32
    if name in SCALAR:
        for result in (f.value_and_grad(**at)[0], *f.grads(**at).values(), *(b for row in _tuple(f.hessian(**at)) for b in _tuple(row))):
            assert np.asarray(result).dtype == np.float32


@pytest.mark.parametrize("name", SCALAR)
def test_value_and_gradient_cost_at_most_four_values(name):
    f = _compiled[name]
    for count in (1, 10, 1000):
        sizes = dict.fromkeys(SIZES, count)
        assert f.cost("value_and_grad", sizes) <= 4 * f.cost("value", sizes)


@pytest.mark.parametrize("count", [10, 100, 1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_speelpenning_costs_three_multiplications_a_factor(count):
    f = speelpenning(count)
    assert f.cost("value_and_grad") <= 3.2 * count
    xs = np.linspace(0.99, 1.01, count)
    value, gradient = f.value_and_grad(*xs)
    np.testing.assert_allclose(gradient, value / xs, rtol=1e-10)


def test_many_scalar_parameters_have_a_hessian_without_seeded_code():
    f = speelpenning(120)
    assert "hessian" not in f.entries
    xs = np.linspace(0.9, 1.1, 120)
    value, hessian = f.value(*xs), np.array(f.hessian(*xs))
    want = value / np.outer(xs, xs)
    np.fill_diagonal(want, 0.0)
    np.testing.assert_allclose(hessian, want, rtol=1e-10)


def test_rows_grow_linearly_with_the_declaration():
    rows = [len(speelpenning(count).derived("value_and_grad").live()) for count in (100, 200, 400)]
    assert rows[2] - rows[1] == 2 * (rows[1] - rows[0])


def test_an_unknown_size_counts_as_a_nominal_number():
    assert nominal(_compiled["rosenbrock"].declared.sizes[0]) == 100


def _tuple(result):
    return result if isinstance(result, tuple) else (result,)
