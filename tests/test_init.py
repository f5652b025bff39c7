"""First values of parameters: fans read from declarations, and the moments that the recipes promise."""

import math
import pickle
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.train import fans, product_variance, propagated_variances

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
    "he_uniform of fan-out": (sg.init.he_uniform("out"), 0.0, 2 / 10), "he_normal of fan-out": (sg.init.he_normal("out"), 0.0, 2 / 10),
    "lecun_normal": (sg.init.lecun_normal(), 0.0, 1 / 30), "sparse": (sg.init.sparse(20, 0.5), 0.0, 20 / 400 * 0.25),
    "relu_bias": (sg.init.relu_bias(), 0.1, 0.0), "open_gate": (sg.init.open_gate(), 1.0, 0.0),
}
BOUNDS = {"uniform": (-1.0, 3.0), "glorot_uniform": (-math.sqrt(6 / 40), math.sqrt(6 / 40)), "he_uniform": (-math.sqrt(6 / 30), math.sqrt(6 / 30)),
          "he_uniform of fan-out": (-math.sqrt(6 / 10), math.sqrt(6 / 10))}


def test_every_factory_has_its_moments_here():
    assert {name.split(" ")[0] for name in MOMENTS} == set(sg.init.__all__) - {"Initializer", "output_bias"}


@pytest.mark.parametrize("name", MOMENTS)
def test_moments(name):
    initializer, mean, variance = MOMENTS[name]
    drawn = initializer((500, 400), np.random.default_rng(5), FAN_IN, FAN_OUT)
    error = 5 * math.sqrt(variance / drawn.size)
    assert drawn.shape == (500, 400)
    assert drawn.mean() == pytest.approx(mean, abs=error)
    assert drawn.var() == pytest.approx(variance, rel=0.02, abs=1e-30)
    low, high = BOUNDS.get(name, (-np.inf, np.inf))
    assert low <= drawn.min() and drawn.max() <= high


@pytest.mark.parametrize("name", MOMENTS)
def test_the_same_generator_gives_the_same_bits_also_after_pickling(name):
    initializer = MOMENTS[name][0]
    again = pickle.loads(pickle.dumps(initializer))
    first, second = (one((7, 30), np.random.default_rng(2), FAN_IN, FAN_OUT) for one in (initializer, again))
    np.testing.assert_array_equal(first, second)
    assert again == initializer and repr(initializer).startswith("symgrad.init.")


@pytest.mark.parametrize("make", [lambda: sg.init.normal(-1.0), lambda: sg.init.uniform(2.0, 1.0), lambda: sg.init.constant("a"),
                                  lambda: sg.init.constant(math.nan), lambda: sg.init.he_normal("both"), lambda: sg.init.he_uniform(None),
                                  lambda: sg.init.sparse(0), lambda: sg.init.sparse(2.5), lambda: sg.init.sparse(std=-1)])
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


# ---------------------------------------------------------------- sparse units

@pytest.mark.parametrize("shape, letters", [((h, d), (c, j)), ((d, h), (j, c))])
def test_every_unit_has_as_many_nonzero_inputs_as_asked(shape, letters):
    """Also where the array is square, so that its shape does not say which axis is which."""
    weight = sp.IndexedBase("W", shape=shape)
    model = sg.Model(loss=sp.Sum((y[i] - sp.Sum(sp.tanh(a[i, c]), (c, 0, h - 1)))**2, (i, 0, n - 1)) / n,
                     where=[(a[i, c], sp.Sum(weight[letters] * x[i, j], (j, 0, d - 1)))], params={weight: sg.init.sparse(5)},
                     sample_index=i, sizes={h: 40})
    start = sg.fit(model, {"x": np.ones((4, 40)), "y": np.zeros(4)}, optimizer=sg.optim.SGD(0.0), epochs=1, progress=False).params["W"]
    by_unit = start if shape[0] == h else start.T
    assert ((by_unit != 0).sum(1) == 5).all() and ((by_unit != 0).sum(0) != 5).any()


def test_sparse_units_of_a_convolution_count_channels_and_shifts():
    weight, out = sp.IndexedBase("W", shape=(K, d, r)), sp.IndexedBase("out")
    model = sg.Model(loss=sp.Sum(sp.tanh(out[c, i]), (c, 0, K - 1), (i, 0, n - r)), params={weight: sg.init.sparse(4)}, sizes={K: 6, r: 3},
                     where=[(out[c, i], sp.Sum(weight[c, j, u] * x[i + u, j], (j, 0, d - 1), (u, 0, r - 1)))])
    start = sg.fit(model, {"x": np.ones((8, 5))}, optimizer=sg.optim.SGD(0.0), epochs=1, progress=False).params["W"]
    assert start.shape == (6, 5, 3) and ((start != 0).sum((1, 2)) == 4).all()


def test_more_nonzero_inputs_than_there_are_is_an_error():
    with pytest.raises(sg.errors.InputError, match="15"):
        sg.init.sparse()((3, 10), np.random.default_rng(0), 10, 3)


# ---------------------------------------------------------------- biases of outputs

def test_output_biases_give_the_marginal_statistics():
    rng = np.random.default_rng(2)
    numbers, labels, classes = rng.normal(3.0, 1.0, (50, 2)), rng.random(50) < 0.2, rng.permutation(np.arange(60) % 4 % 3)
    np.testing.assert_allclose(sg.init.output_bias(numbers), numbers.mean(0))
    assert 1 / (1 + math.exp(-sg.init.output_bias(labels, "logit"))) == pytest.approx(labels.mean(), rel=1e-14)
    bias = sg.init.output_bias(classes, "log")
    shares = np.exp(bias) / np.exp(bias).sum()
    np.testing.assert_allclose(shares, [0.5, 0.25, 0.25], rtol=1e-14)
    np.testing.assert_allclose(sg.init.output_bias(np.eye(3)[classes], "log"), bias, rtol=1e-14)


def test_an_output_that_begins_at_the_statistics_has_no_gradient_of_its_bias():
    """With zero weights, the bias is where the mean cross-entropy of a constant prediction is least."""
    bias, p, lab = sp.IndexedBase("b", shape=(K,)), sp.IndexedBase("p"), sp.IndexedBase("y", shape=(n,))
    f = sg.compile(-sp.Sum(sp.log(p[lab[i]]), (i, 0, n - 1)) / n, where=[(p[c], sp.exp(bias[c]) / sp.Sum(sp.exp(bias[k]), (k, 0, K - 1)))], wrt=bias)
    labels = np.array([0, 1, 1, 2, 2, 2])
    np.testing.assert_allclose(f.grad(b=sg.init.output_bias(labels, "log"), y=labels), np.zeros(3), atol=1e-15)


@pytest.mark.parametrize("arguments, error, words", [
    (([1, 1], "logit"), "InputError", ["both"]), (([0, 2], "logit"), "InputError", ["0 and 1"]), (([0, 2], "log"), "InputError", ["class 1"]),
    (([0, 1], "log", 4), "InputError", ["class 2"]), (([0.5, 1], "log"), "InputError", ["Integer"]), (([0, 1], "softmax"), "OptionError", ["softmax"]),
    (([],), "InputError", ["shape"]), (([np.nan],), "InputError", ["Finite"]), ((["a"],), "InputError", ["numbers"]),
])
def test_wrong_targets_are_named(arguments, error, words):
    with pytest.raises(getattr(sg.errors, error)) as caught:
        sg.init.output_bias(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ---------------------------------------------------------------- variances from layer to layer

def test_the_variance_of_a_product():
    rng = np.random.default_rng(6)
    first, second = rng.normal(0.5, 1.3, 400_000), rng.normal(-2.0, 0.7, 400_000)
    assert product_variance(0.5, 1.3**2, -2.0, 0.7**2) == pytest.approx((first * second).var(), rel=0.02)


WIDTHS = [300, 200, 400, 250, 300]


@pytest.mark.parametrize("relu, make", [(False, sg.init.glorot_normal()), (False, sg.init.lecun_normal()), (True, sg.init.he_normal()),
                                        (True, sg.init.glorot_uniform()), (True, sg.init.he_uniform("out"))])
def test_variances_go_from_layer_to_layer_as_predicted(relu, make):
    """Forward: the pre-activations of random layers.  Backward: the gradients with respect to them.  Means over 40 random nets."""
    rng, forward, back, spread = np.random.default_rng(9), np.zeros(4), np.zeros(4), np.zeros(4)
    for _ in range(40):
        weights = [make((m, k), rng, m, k) for m, k in pairwise(WIDTHS)]
        spread += [weight.var() / 40 for weight in weights]
        value, slopes, values = rng.normal(size=(100, WIDTHS[0])), [], []
        for weight in weights:
            value = value @ weight
            values.append((value**2).mean())
            slopes.append(value > 0 if relu else np.ones_like(value))
            value = value * slopes[-1]
        forward += values
        delta, norms = rng.normal(size=(100, WIDTHS[-1])), []
        for weight, slope in zip(reversed(weights), reversed(slopes), strict=True):
            norms.insert(0, (delta**2).mean())
            delta = (delta * slope) @ weight.T
        back += norms
    want = propagated_variances(WIDTHS, spread, relu=relu)
    np.testing.assert_allclose(forward[0] / 40, want[1] * (2 if relu else 1), rtol=0.05)  # the input itself has passed no relu
    np.testing.assert_allclose(forward / forward[0], np.array(want[1:]) / want[1], rtol=0.06)
    np.testing.assert_allclose(back / back[-1], propagated_variances(WIDTHS[1:], spread[1:], relu=relu, backward=True), rtol=0.06)


def test_xavier_and_he_keep_variances_where_they_should():
    square = [256] * 6
    assert propagated_variances(square, [2 / 512] * 5) == pytest.approx([1.0] * 6)
    assert propagated_variances(square, [2 / 256] * 5, relu=True) == pytest.approx([1.0] * 6)
    assert propagated_variances(square, [2 / 512] * 5, relu=True) == pytest.approx([0.5**k for k in range(6)])


def test_wrong_widths_are_named():
    with pytest.raises(sg.errors.InputError, match="3 layers"):
        propagated_variances([10, 10, 10, 10], [0.1])
