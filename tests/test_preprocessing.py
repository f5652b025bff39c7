"""Scaling by the statistics of the training samples, against scikit-learn and plain NumPy; parting of samples; batch normalisation."""

import pickle

import numpy as np
import pytest
import sympy as sp
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

import symgrad as sg
from symgrad.train import MeanCancellation, Standardizer, Whitening, split

RNG = np.random.default_rng(17)
MIX = RNG.normal(size=(4, 4))
TRAIN = RNG.normal(size=(200, 4)) @ MIX + np.array([5.0, -3.0, 0.0, 100.0])
TEST = RNG.normal(size=(50, 4)) @ MIX + np.array([4.0, -3.0, 1.0, 101.0])
SCALERS = {"mean": MeanCancellation, "standard": Standardizer, "zca": Whitening, "pca": lambda: Whitening("pca"),
           "zca with epsilon": lambda: Whitening(epsilon=0.1), "pca with epsilon": lambda: Whitening("pca", epsilon=0.1)}


# ---------------------------------------------------------------- what they do

@pytest.mark.parametrize("name", SCALERS)
def test_statistics_are_those_of_the_training_samples_only(name):
    scaler = SCALERS[name]().fit(TRAIN)
    alone, together = scaler.transform(TEST[:1]), scaler.transform(TEST)
    np.testing.assert_allclose(alone[0], together[0], rtol=1e-12)
    np.testing.assert_allclose(scaler.transform(TRAIN).mean(0), 0.0, atol=1e-12)
    assert np.abs(together.mean(0)).max() > 0.05


@pytest.mark.parametrize("name", SCALERS)
def test_transforms_have_an_inverse(name):
    scaler = SCALERS[name]()
    np.testing.assert_array_equal(scaler.fit_transform(TRAIN), SCALERS[name]().fit(TRAIN).transform(TRAIN))
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(TEST)), TEST, rtol=1e-10)
    again = pickle.loads(pickle.dumps(scaler))
    np.testing.assert_array_equal(again.transform(TEST), scaler.transform(TEST))


@pytest.mark.parametrize("name", SCALERS)
def test_single_precision_stays_single(name):
    scaler = SCALERS[name]().fit(TRAIN.astype(np.float32))
    scaled = scaler.transform(TEST.astype(np.float32))
    assert scaled.dtype == scaler.inverse_transform(scaled).dtype == np.float32


def test_standardizer_agrees_with_scikit_learn():
    mine, other = Standardizer().fit(TRAIN), StandardScaler().fit(TRAIN)
    np.testing.assert_allclose(mine.transform(TEST), other.transform(TEST), rtol=1e-12)
    np.testing.assert_allclose(mine.inverse_transform(TEST), other.inverse_transform(TEST), rtol=1e-12)
    for attribute in ("mean_", "var_", "scale_", "n_features_in_"):
        np.testing.assert_allclose(getattr(mine, attribute), getattr(other, attribute), rtol=1e-12)


def test_a_feature_that_does_not_vary_is_only_centred():
    still = np.column_stack([TRAIN[:, 0], np.full(200, 0.1), np.full(200, 1e9 / 3)])
    mine, other = Standardizer().fit(still), StandardScaler().fit(still)
    np.testing.assert_allclose(mine.scale_, other.scale_, rtol=1e-12)
    rounding = 200 * np.finfo(float).eps * np.abs(still[:, 1:]).max(0)  # of a mean of 200 numbers
    assert (np.abs(mine.transform(still)[:, 1:]) <= rounding).all()


@pytest.mark.parametrize("count", [None, 2])
def test_pca_whitening_agrees_with_scikit_learn(count):
    """Scikit-learn divides the covariance by n - 1, so its result is sqrt((n-1)/n) times this."""
    mine, other = Whitening("pca", components=count).fit(TRAIN), PCA(count, whiten=True, svd_solver="full").fit(TRAIN)
    np.testing.assert_allclose(mine.transform(TEST) * np.sqrt(199 / 200), other.transform(TEST), rtol=1e-9)
    np.testing.assert_allclose(mine.components_, other.components_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mine.explained_variance_, other.explained_variance_ * 199 / 200, rtol=1e-9)


@pytest.mark.parametrize("kind", ["zca", "pca"])
def test_whitened_training_samples_have_covariance_one(kind):
    scaled = Whitening(kind).fit_transform(TRAIN)
    np.testing.assert_allclose(scaled.T @ scaled / 200, np.eye(4), atol=1e-10)


def test_zca_is_the_inverse_root_of_the_covariance():
    """X^ = Cov^(-1/2) X with samples as rows; the root by Newton's iteration, independent of eigenvectors."""
    centred = TRAIN - TRAIN.mean(0)
    covariance = centred.T @ centred / 200
    scale = np.linalg.norm(covariance)
    root, inverse = covariance / scale, np.eye(4)
    for _ in range(60):
        root, inverse = (root + np.linalg.inv(inverse)) / 2, (inverse + np.linalg.inv(root)) / 2
    np.testing.assert_allclose(Whitening().fit(TRAIN).transform(TEST), (TEST - TRAIN.mean(0)) @ inverse / np.sqrt(scale), rtol=1e-6)


def test_flat_directions_need_an_epsilon_or_fewer_components():
    flat = np.column_stack([TRAIN, TRAIN[:, 0] + TRAIN[:, 1]])
    with pytest.raises(sg.errors.InputError, match=r"5 directions.*epsilon"):
        Whitening().fit(flat)
    assert np.isfinite(Whitening(epsilon=1e-5).fit_transform(flat)).all()
    scaler = Whitening("pca", components=4).fit(flat)
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(flat)), flat, rtol=1e-8)


@pytest.mark.parametrize("call, error, words", [
    (lambda: Standardizer().transform(TEST), "InputError", ["Standardizer", "fit"]), (lambda: Standardizer().fit(TRAIN[:, 0]), "InputError", ["x[:, None]"]),
    (lambda: Standardizer().fit(TRAIN).transform(TEST[:, :3]), "InputError", ["3 features", "4"]),
    (lambda: Standardizer().fit(np.full((3, 2), np.nan)), "InputError", ["Finite"]), (lambda: Standardizer().fit(TRAIN[:0]), "InputError", ["(0, 4)"]),
    (lambda: Standardizer().fit([["a"]]), "InputError", ["real"]), (lambda: Whitening("ica"), "OptionError", ["ica", "zca"]),
    (lambda: Whitening("zca", components=2), "OptionError", ["components"]), (lambda: Whitening("pca", components=0), "OptionError", ["components"]),
    (lambda: Whitening(epsilon=-1), "OptionError", ["epsilon"]),
    (lambda: Whitening("pca", components=2).fit(TRAIN).inverse_transform(TEST), "InputError", ["4 features", "2"]),
])
def test_wrong_scalings_are_named(call, error, words):
    with pytest.raises(getattr(sg.errors, error)) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ---------------------------------------------------------------- parting samples

DATA = {"x": np.arange(200).reshape(100, 2), "y": np.repeat([0, 1], [80, 20]), "scale": np.ones(3)}


@pytest.mark.parametrize("fractions", [(0.6, 0.2, 0.2), (0.5, 0.5, 0.0), (1.0, 0.0, 0.0), (0.7, 0.1, 0.2)])
@pytest.mark.parametrize("stratify", [None, "y"])
def test_every_sample_is_in_one_part(fractions, stratify):
    parts = split(DATA, fractions, stratify=stratify, whole=["scale"], seed=1)
    assert [len(part["x"]) for part in parts] == [round(100 * share) for share in fractions]
    rows = np.concatenate([part["x"] for part in parts])
    np.testing.assert_array_equal(np.sort(rows, axis=0), DATA["x"])
    for part in parts:
        np.testing.assert_array_equal(part["y"], DATA["y"][part["x"][:, 0] // 2])
        assert part["scale"] is DATA["scale"] or np.array_equal(part["scale"], DATA["scale"])


def test_parts_have_the_frequencies_of_the_labels():
    parts = split(DATA, stratify=sp.IndexedBase("y"), whole=[sp.IndexedBase("scale")])
    assert [part["y"].mean() for part in parts] == pytest.approx([0.2, 0.2, 0.2])


def test_the_same_seed_parts_alike():
    first, again, other = (split({"x": DATA["x"]}, seed=seed).train["x"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("call, error, words", [
    (lambda: split({"x": np.ones(5), "y": np.ones(4)}), "InputError", ["x", "5", "y", "4"]), (lambda: split({}), "InputError", ["no array"]),
    (lambda: split({"x": np.ones(5), "k": 3.0}), "InputError", ["k", "whole="]), (lambda: split(DATA, (0.5, 0.5)), "OptionError", ["Three"]),
    (lambda: split(DATA, (0.5, 0.2, 0.2)), "OptionError", ["sum 1"]), (lambda: split(DATA, (0.0, 0.5, 0.5)), "OptionError", ["fractions"]),
    (lambda: split({"x": np.ones(2)}), "InputError", ["2 samples", "test"]), (lambda: split({"x": np.ones(9)}, stratify="y"), "OptionError", ["y", "x"]),
])
def test_wrong_partings_are_named(call, error, words):
    with pytest.raises(getattr(sg.errors, error)) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ---------------------------------------------------------------- batch normalisation over a training, against plain NumPy

def test_batch_normalisation_trains_and_predicts_as_plain_numpy_does():
    """Statistics of each mini-batch while training, their running averages in predictions, gradients through both statistics."""
    n, d = sp.symbols("n d", integer=True, positive=True)
    i, j, k = sp.symbols("i j k", integer=True)
    x, y, w = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("w", shape=(d,))
    gamma, beta = sp.IndexedBase("gamma", shape=(d,)), sp.IndexedBase("beta", shape=(d,))
    mu, var, z, p = map(sp.IndexedBase, ("mu", "var", "z", "p"))
    where = [(mu[j], sp.Sum(x[k, j], (k, 0, n - 1)) / n), (var[j], sp.Sum((x[k, j] - mu[j])**2, (k, 0, n - 1)) / n),
             (z[i, j], gamma[j] * (x[i, j] - mu[j]) / sp.sqrt(var[j] + sp.Rational(1, 1000)) + beta[j]),
             (p[i], sp.Sum(w[j] * sp.tanh(z[i, j]), (j, 0, d - 1)))]
    model = sg.Model(loss=sp.Sum((p[i] - y[i])**2, (i, 0, n - 1)) / n, where=where, prediction=p, sample_index=i, averages={mu: 0.9, var: 0.8},
                     params={w: np.array([1.0, -0.5, 0.3, 0.8]), gamma: sg.init.ones(), beta: sg.init.zeros()})
    targets = np.sin(TRAIN[:, 0])
    fit = sg.fit(model, {"x": TRAIN, "y": targets}, optimizer=sg.optim.SGD(0.05), epochs=2, batch_size=30, order="sequential", progress=False)

    w, g, b = np.array([1.0, -0.5, 0.3, 0.8]), np.ones(4), np.zeros(4)
    means = variances = None
    for _ in range(2):
        for start in range(0, 200, 30):
            part, wanted = TRAIN[start:start + 30], targets[start:start + 30]
            m, mean, variance = len(part), part.mean(0), part.var(0)
            means = mean if means is None else 0.9 * means + 0.1 * mean
            variances = variance if variances is None else 0.8 * variances + 0.2 * variance
            normed = (part - mean) / np.sqrt(variance + 1e-3)
            hidden = np.tanh(g * normed + b)
            residual = 2 / m * (hidden @ w - wanted)
            delta = np.outer(residual, w) * (1 - hidden**2)
            w, g, b = w - 0.05 * hidden.T @ residual, g - 0.05 * (delta * normed).sum(0), b - 0.05 * delta.sum(0)
    for name, want in (("w", w), ("gamma", g), ("beta", b)):
        np.testing.assert_allclose(fit.params[name], want, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(fit.averages["mu"], means, rtol=1e-12)
    np.testing.assert_allclose(fit.averages["var"], variances, rtol=1e-12)
    want = np.tanh(g * (TEST - means) / np.sqrt(variances + 1e-3) + b) @ w
    np.testing.assert_allclose(fit.predict(x=TEST), want, rtol=1e-10)
    np.testing.assert_allclose(fit.predict(x=TEST[:1]), want[:1], rtol=1e-10)
