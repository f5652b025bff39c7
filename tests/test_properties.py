"""Random declarations: the two modes are adjoint to each other, and second derivatives are symmetric."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import symgrad as sg

n, d = sp.symbols("n d", integer=True, positive=True)
i, j, c = sp.symbols("i j c", integer=True)
x, W, b = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("W", shape=(d, d)), sp.IndexedBase("b", shape=(d,))
u = sp.IndexedBase("u")
UNARY = [sp.sin, sp.tanh, lambda e: sp.exp(-(e**2)), lambda e: 1 / (1 + sp.exp(-e)), lambda e: sp.sqrt(1 + e**2), lambda e: e**2,
         lambda e: sp.log(2 + e**2), lambda e: sp.Piecewise((sp.sin(e), e > 0), (e, True)), lambda e: sp.Max(e, e**2 / 3), sp.atan]


@st.composite
def layers(draw):
    """Elementwise functions of sums, products and contractions of x[i, j], W[j, c], b[c] with result u[i, c]."""
    inner = draw(st.sampled_from([x[i, c], b[c] * x[i, c], sp.Sum(x[i, j] * W[j, c], (j, 0, d - 1)),
                                  sp.Sum(W[c, j] * x[i, j] * b[j], (j, 0, d - 1)), W[c, c] * x[i, c], x[i, c] - sp.Sum(x[i, j], (j, 0, d - 1)) / d]))
    for _ in range(draw(st.integers(1, 3))):
        function = draw(st.sampled_from(UNARY))
        inner = function(inner)
        if draw(st.booleans()):
            inner = inner * draw(st.sampled_from([b[c], x[i, c], W[c, c], sp.Rational(1, 3)])) + draw(st.sampled_from([b[c], x[i, c], sp.Integer(1)]))
    return inner


def _point(seed):
    rng = np.random.default_rng(seed)
    return {"x": rng.normal(size=(4, 3)), "W": rng.normal(size=(3, 3)), "b": rng.normal(size=3)}, rng


def _tuple(value):
    return value if isinstance(value, tuple) else (value,)


def _agree(expr, seed):
    wrt = [a for a in (x, W, b) if expr.has(a)]
    f = sg.compile(u[i, c], outputs=(i, c), where=[(u[i, c], expr)], wrt=wrt)
    at, rng = _point(seed)
    at = {name: at[name] for name in f.arguments}
    tangents = {name: rng.normal(size=at[name].shape) for name in f.wrt}
    value, tangent = f.jvp(at, tangents)
    cotangent = rng.normal(size=value.shape)
    pulled = dict(zip(f.wrt, _tuple(f.vjp(cotangent, **at)), strict=True))
    left, right = (cotangent * tangent).sum(), sum((pulled[k] * tangents[k]).sum() for k in f.wrt)
    scale = (np.abs(cotangent * tangent)).sum() + 1
    assert left == pytest.approx(right, abs=1e-11 * scale)
    jacobian = dict(zip(f.wrt, _tuple(f.jacobian(**at)), strict=True))
    pushed = sum(np.tensordot(jacobian[k], tangents[k], tangents[k].ndim) for k in f.wrt)
    np.testing.assert_allclose(pushed, tangent, atol=1e-11 * scale)


def _symmetric(expr, seed):
    wrt = [a for a in (x, W, b) if expr.has(a)]
    f = sg.compile(sp.Sum(u[i, c] ** 2, (c, 0, d - 1), (i, 0, n - 1)), where=[(u[i, c], expr)], wrt=wrt)
    at, rng = _point(seed)
    at = {name: at[name] for name in f.arguments}
    blocks = f.hessian(**at)
    for a, first in enumerate(f.wrt):
        for k, second in enumerate(f.wrt):
            block, mirror = blocks[a][k], blocks[k][a]
            order = [*range(at[second].ndim, at[second].ndim + at[first].ndim), *range(at[second].ndim)]
            np.testing.assert_allclose(block, mirror.transpose(order), rtol=1e-9, atol=1e-9 * (1 + np.abs(block).max()))
    tangents = {name: rng.normal(size=at[name].shape) for name in f.wrt}
    for a, product in enumerate(_tuple(f.hvp(at, tangents))):
        want = sum(np.tensordot(blocks[a][k], tangents[name], tangents[name].ndim) for k, name in enumerate(f.wrt))
        np.testing.assert_allclose(product, want, rtol=1e-9, atol=1e-9 * (1 + np.abs(want).max()))


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(layers(), st.integers(0, 1000))
def test_forward_and_reverse_are_adjoint(expr, seed):
    _agree(expr, seed)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(layers(), st.integers(0, 1000))
def test_hessians_are_symmetric_and_agree_with_products(expr, seed):
    _symmetric(expr, seed)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(layers(), st.integers(0, 1000))
def test_many_random_declarations(expr, seed):
    _agree(expr, seed)
    _symmetric(expr, seed)
