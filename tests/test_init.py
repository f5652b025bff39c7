"""First values of parameters: fans read from declarations, and the moments that the recipes promise."""

import math
import pickle

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.train import fans

n, d, K, h, r = sp.symbols("n d K h r", integer=True, positive=True)
i, j, c, k, u = sp.symbols("i j c k u", integer=True)
x, y, a = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("a")


def indexed(weight, definition, *extra):
    """A loss over a[i, c], which `definition` gives by the weight."""
    loss = sp.Sum(sp.tanh(a[i, c]), (i, 0, n - 1), (c, 0, K - 1)) + sum(extra)
    return sg.compile(loss, where=[(a[i, c], definition)], wrt=weight)


def out_by_in():
    weight = sp.IndexedBase("W", shape=(K, d))
    return indexed(weight, sp.Sum(weight[c, j] * x[i, j], (j, 0, d - 1)))


def in_by_out():
    weight = sp.IndexedBase("W", shape=(d, K))
    return indexed(weight, sp.Sum(x[i, j] * weight[j, c], (j, 0, d - 1)))


def penalised():
    weight = sp.IndexedBase("W", shape=(K, d))
    return indexed(weight, sp.Sum(weight[c, j] * x[i, j], (j, 0, d - 1)), sp.Sum(weight[c, j]**2, (c, 0, K - 1), (j, 0, d - 1)))


def vector():
    weight = sp.IndexedBase("W", shape=(d,))
    return sg.compile(sp.Sum((y[i] - sp.Sum(weight[j] * x[i, j], (j, 0, d - 1)))**2, (i, 0, n - 1)), wrt=weight)


def per_sample():
    weight, one = sp.IndexedBase("W", shape=(K, d)), sp.IndexedBase("x", shape=(d,))
    loss = sp.Sum(sp.Sum(weight[c, j] * one[j], (j, 0, d - 1))**2, (c, 0, K - 1))
    return sg.compile(loss, wrt=weight, batch=[one], reduce="mean")


def convolution():
    weight, out = sp.IndexedBase("W", shape=(K, d, r)), sp.IndexedBase("out")
    return sg.compile(sp.Sum(sp.tanh(out[c, i]), (c, 0, K - 1), (i, 0, n - r)), wrt=weight,
                      where=[(out[c, i], sp.Sum(weight[c, j, u] * x[i + u, j], (j, 0, d - 1), (u, 0, r - 1)))])


def matrices(first, second):
    """Two layers by matrices, W the second: H W with a penalty on W."""
    data, inner = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("V", d, h)
    weight, target = sp.MatrixSymbol("W", first, second), sp.MatrixSymbol("Y", n, K)
    product = (data * inner).applyfunc(sp.tanh) * (weight if first == h else weight.T)
    return sg.compile(sp.Trace((product - target).T * (product - target)) + sp.Trace(weight.T * weight), wrt=[inner, weight])


@pytest.mark.parametrize("declared, fan_in, fan_out", [
    (out_by_in, d, K), (in_by_out, d, K), (penalised, d, K), (vector, d, 1), (per_sample, d, K), (convolution, d * r, K * r),
    (lambda: matrices(h, K), h, K), (lambda: matrices(K, h), h, K),
])
def test_the_contracted_axis_is_the_fan_in(declared, fan_in, fan_out):
    assert fans(declared().declared.program, "W") == (fan_in, fan_out)


def test_a_bias_has_its_own_size_and_a_scalar_one():
    bias, slope = sp.IndexedBase("b", shape=(K,)), sp.Symbol("s", real=True)
    f = sg.compile(sp.Sum((bias[c] + slope * a[i, c])**2, (i, 0, n - 1), (c, 0, K - 1)), where=[(a[i, c], x[i, c])], wrt=[bias, slope],)
    assert fans(f.declared.program, "b") == (K, K) and fans(f.declared.program, "s") == (1, 1)


FAN_IN, FAN_OUT = 30, 10
MOMENTS = {
    "zeros": (sg.init.zeros(), 0.0, 0.0), "ones": (sg.init.ones(), 1.0, 0.0), "constant": (sg.init.constant(-0.5), -0.5, 0.0),
    "normal": (sg.init.normal(0.3, mean=2.0), 2.0, 0.09), "uniform": (sg.init.uniform(-1.0, 3.0), 1.0, 16 / 12),
    "glorot_uniform": (sg.init.glorot_uniform(), 0.0, 2 / 40), "glorot_normal": (sg.init.glorot_normal(), 0.0, 2 / 40),
    "he_uniform": (sg.init.he_uniform(), 0.0, 2 / 30), "he_normal": (sg.init.he_normal(), 0.0, 2 / 30),
}
BOUNDS = {"uniform": (-1.0, 3.0), "glorot_uniform": (-math.sqrt(6 / 40), math.sqrt(6 / 40)), "he_uniform": (-math.sqrt(6 / 30), math.sqrt(6 / 30))}


def test_every_factory_has_its_moments_here():
    assert set(MOMENTS) == set(sg.init.__all__) - {"Initializer"}


@pytest.mark.parametrize("name", MOMENTS)
def test_moments(name):
    initializer, mean, variance = MOMENTS[name]
    drawn = initializer((500, 400), np.random.default_rng(5), FAN_IN, FAN_OUT)
    error = 5 * math.sqrt(variance / drawn.size)
    assert drawn.shape == (500, 400)
    assert drawn.mean() == pytest.approx(mean, abs=error)
    assert drawn.var() == pytest.approx(variance, rel=0.02)
    low, high = BOUNDS.get(name, (-np.inf, np.inf))
    assert low <= drawn.min() and drawn.max() <= high


@pytest.mark.parametrize("name", MOMENTS)
def test_the_same_generator_gives_the_same_bits_also_after_pickling(name):
    initializer = MOMENTS[name][0]
    again = pickle.loads(pickle.dumps(initializer))
    first, second = (one((7, 3), np.random.default_rng(2), FAN_IN, FAN_OUT) for one in (initializer, again))
    np.testing.assert_array_equal(first, second)
    assert again == initializer and repr(initializer).startswith("symgrad.init.")


@pytest.mark.parametrize("make", [lambda: sg.init.normal(-1.0), lambda: sg.init.uniform(2.0, 1.0), lambda: sg.init.constant("a"),
                                  lambda: sg.init.constant(math.nan)])
def test_wrong_numbers_are_refused(make):
    with pytest.raises(sg.errors.OptionError):
        make()


@pytest.mark.parametrize("shape, letters", [((h, d), (c, j)), ((d, h), (j, c))])
def test_a_trained_model_begins_with_the_fans_of_its_declaration(shape, letters):
    weight, out = sp.IndexedBase("W", shape=shape), sp.IndexedBase("v", shape=(h,))
    model = sg.Model(loss=sp.Sum((y[i] - sp.Sum(out[c] * sp.tanh(a[i, c]), (c, 0, h - 1)))**2, (i, 0, n - 1)) / n,
                     where=[(a[i, c], sp.Sum(weight[letters] * x[i, j], (j, 0, d - 1)))], params={weight: sg.init.he_normal(), out: sg.init.zeros()},
                     sample_index=i, sizes={h: 300})
    data = {"x": np.ones((4, 50)), "y": np.zeros(4)}
    start = sg.fit(model, data, optimizer=sg.optim.SGD(0.0), epochs=1, progress=False)
    assert start.params["W"].shape == ((300, 50) if shape[0] == h else (50, 300))
    assert start.params["W"].var() == pytest.approx(2 / 50, rel=0.05)
