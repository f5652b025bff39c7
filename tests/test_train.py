"""Training: mini-batches, seeds, validation, prediction, running averages, errors; and SciPy's minimisers."""

import pickle
import sys

import numpy as np
import pytest
import sympy as sp
from scipy import optimize, stats

import symgrad as sg
from symgrad.train import Dropout
from symgrad.train.samples import Samples

n, d, h, K = sp.symbols("n d h K", integer=True, positive=True)
i, j, c, k = sp.symbols("i j c k", integer=True)
x, y = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
w, p = sp.IndexedBase("w", shape=(d,)), sp.IndexedBase("p")
b = sp.Symbol("b", real=True)
LINE = [(p[i], sp.Sum(w[j] * x[i, j], (j, 0, d - 1)) + b)]
SQUARES = sp.Sum((p[i] - y[i])**2, (i, 0, n - 1)) / n
RNG = np.random.default_rng(21)
XS = RNG.normal(size=(50, 3))
YS = XS @ np.array([1.0, -2.0, 0.5]) + 0.3 + 0.05 * RNG.normal(size=50)
DATA = {"x": XS, "y": YS}


def linear_model(**options):
    begin = {w: sg.init.normal(0.1), b: 0.0}
    return sg.Model(**{**dict(loss=SQUARES, where=LINE, prediction=p, params=begin, sample_index=i, name="line"), **options})


def quiet(model, data=DATA, **options):
    return sg.fit(model, data, **{**dict(optimizer=sg.optim.SGD(0.05), epochs=3, batch_size=8, progress=False), **options})


def recorded(model):
    """The samples of every mini-batch that the model will be trained on, as a list that fills itself."""
    seen = []

    class Recording(Samples):
        def take(self, data, chosen):
            seen.append(np.array(chosen))
            return super().take(data, chosen)

    model.samples = Recording(model.samples.axes, model.samples.ranks)
    return seen


# ---------------------------------------------------------------- what a step does

def test_one_epoch_of_gradient_descent_is_what_numpy_does():
    start = np.array([0.1, 0.2, -0.3])
    fit = quiet(linear_model(params={w: start, b: 0.5}), epochs=4, batch_size=None)
    weights, bias, losses = start.copy(), 0.5, []
    for _ in range(4):
        residual = XS @ weights + bias - YS
        losses.append((residual**2).mean())
        weights, bias = weights - 0.05 * 2 / 50 * XS.T @ residual, bias - 0.05 * 2 * residual.mean()
    np.testing.assert_allclose(fit.params["w"], weights, rtol=1e-12)
    assert fit.params["b"] == pytest.approx(bias, rel=1e-12)
    np.testing.assert_allclose(fit.history["loss"], losses, rtol=1e-12)
    np.testing.assert_array_equal(start, [0.1, 0.2, -0.3])


def test_nesterov_takes_its_gradient_ahead():
    fit = quiet(linear_model(params={w: np.zeros(3), b: 0.0}), optimizer=sg.optim.Nesterov(0.05, 0.7), epochs=5, batch_size=None)
    weights, velocity = np.zeros(4), np.zeros(4)
    full = np.column_stack([XS, np.ones(50)])
    for _ in range(5):
        ahead = weights + 0.7 * velocity
        velocity = 0.7 * velocity - 0.05 * 2 / 50 * full.T @ (full @ ahead - YS)
        weights = weights + velocity
    np.testing.assert_allclose([*fit.params["w"], fit.params["b"]], weights, rtol=1e-11)


@pytest.mark.parametrize("batch_size", [1, 7, 16, 50, 1000, None])
def test_mini_batches_cover_every_sample_once_an_epoch(batch_size):
    model = linear_model()
    seen = recorded(model)
    quiet(model, epochs=2, batch_size=batch_size)
    size = min(batch_size or 50, 50)
    steps = -(-50 // size)
    assert [len(part) for part in seen] == 2 * ([size] * (50 // size) + ([50 % size] if 50 % size else []))
    first, second = np.concatenate(seen[:steps]), np.concatenate(seen[steps:])
    np.testing.assert_array_equal(np.sort(first), np.arange(50))
    np.testing.assert_array_equal(np.sort(second), np.arange(50))
    assert not np.array_equal(first, second)


def test_the_same_seed_gives_the_same_bits_and_another_one_others():
    first, again, other = (quiet(linear_model(), seed=seed, validation=0.2) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.params["w"], again.params["w"])
    assert first.history == again.history
    assert not np.array_equal(first.params["w"], other.params["w"])


def test_the_last_mini_batch_counts_by_its_samples():
    fit = quiet(linear_model(params={w: np.zeros(3), b: 0.0}), optimizer=sg.optim.SGD(0.0), epochs=1, batch_size=32)
    assert fit.history["loss"][0] == pytest.approx((YS**2).mean(), rel=1e-12)


def test_single_precision_stays_single():
    fit = quiet(linear_model(), {"x": XS.astype(np.float32), "y": YS.astype(np.float32)}, optimizer=sg.optim.Adam(0.01))
    assert fit.params["w"].dtype == fit.params["b"].dtype == np.float32
    assert fit.predict(x=XS.astype(np.float32)).dtype == np.float32


def test_integer_labels_and_hidden_sizes():
    x2, lab = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
    W1, W2, a, z, q = sp.IndexedBase("W1", shape=(h, d)), sp.IndexedBase("W2", shape=(K, h)), *map(sp.IndexedBase, "azq")
    model = sg.Model(loss=-sp.Sum(sp.log(q[i, lab[i]]), (i, 0, n - 1)) / n, prediction=q, sample_index=i, sizes={h: 12, K: 3},
                     where=[(a[i, c], sp.tanh(sp.Sum(W1[c, j] * x2[i, j], (j, 0, d - 1)))), (z[i, k], sp.Sum(W2[k, c] * a[i, c], (c, 0, h - 1))),
                            (q[i, k], sp.exp(z[i, k]) / sp.Sum(sp.exp(z[i, c]), (c, 0, K - 1)))],
                     params={W1: sg.init.glorot_uniform(), W2: sg.init.glorot_uniform()})
    labels = np.argmax(XS, axis=1)
    fit = sg.fit(model, {x2: XS, lab: labels}, optimizer=sg.optim.Adam(0.05), epochs=40, batch_size=16, progress=False)
    assert fit.params["W1"].shape == (12, 3) and fit.params["W2"].shape == (3, 12)
    assert (fit.predict(x=XS).argmax(1) == labels).mean() > 0.95


# ---------------------------------------------------------------- where samples are

def test_samples_by_batch_by_letter_and_by_matrix_size_agree():
    u, v, s, t = sp.symbols("u v s t", real=True)
    U, V, one = sp.MatrixSymbol("u", n, 1), sp.MatrixSymbol("v", n, 1), sp.OneMatrix(n, 1)
    ui, vi = sp.IndexedBase("u", shape=(n,)), sp.IndexedBase("v", shape=(n,))
    residual = s * U + t * one - V
    models = [
        sg.Model(loss=(s * u + t - v)**2, prediction=s * u + t, batch=[u, v], params={s: 0.0, t: 0.0}),
        sg.Model(loss=sp.Sum((s * ui[i] + t - vi[i])**2, (i, 0, n - 1)) / n, prediction=s * ui[i] + t, sample_index=i, params={s: 0.0, t: 0.0}),
        sg.Model(loss=sp.Trace(residual.T * residual) / n, prediction=s * U + t * one, sample_index=n, params={s: 0.0, t: 0.0}),
    ]
    fits = [quiet(model, {"u": XS[:, 0], "v": YS}) for model in models]
    for fit in fits[1:]:
        assert [fit.params["s"], fit.params["t"]] == pytest.approx([fits[0].params["s"], fits[0].params["t"]], rel=1e-10)
        np.testing.assert_allclose(np.ravel(fit.predict(u=XS[:, 0])), fits[0].predict(u=XS[:, 0]), rtol=1e-10)


def test_inputs_without_samples_stay_whole_and_samples_may_stand_on_a_later_axis():
    xt, scale = sp.IndexedBase("x", shape=(d, n)), sp.IndexedBase("scale", shape=(d,))
    model = linear_model(where=[(p[i], sp.Sum(w[j] * scale[j] * xt[j, i], (j, 0, d - 1)) + b)])
    plain, turned = quiet(linear_model()), quiet(model, {"x": XS.T, "y": YS, "scale": np.ones(3)})
    np.testing.assert_allclose(plain.params["w"], turned.params["w"], rtol=1e-12)


def test_a_model_without_samples_takes_all_data_in_every_step():
    steps = []
    fit = quiet(linear_model(sample_index=None), epochs=2, callbacks=[lambda report: steps.append(report.epoch)])
    assert steps == [1, 2] and fit.state["step"] == 2


def test_differences_between_samples_need_all_of_them():
    model = sg.Model(loss=sp.Sum((w[j] * (x[i + 1, j] - x[i, j]))**2, (j, 0, d - 1), (i, 0, n - 2)), params={w: sg.init.ones()}, sample_index=n)
    assert quiet(model, {"x": XS}, batch_size=None, epochs=1).state["step"] == 1
    dual = sp.IndexedBase("alpha", shape=(n,))
    model = sg.Model(loss=sp.Sum((dual[i] - y[i])**2, (i, 0, n - 1)), params={dual: sg.init.zeros()}, sample_index=i)
    with pytest.raises(sg.errors.OptionError, match="alpha"):
        quiet(model, {"y": YS})


# ---------------------------------------------------------------- validation, callbacks, schedules, progress

def test_validation_data_are_judged_after_each_epoch():
    held = {x: XS[:10], "y": YS[:10]}
    fit = quiet(linear_model(), {"x": XS[10:], "y": YS[10:]}, validation=held)
    residual = XS[:10] @ fit.params["w"] + fit.params["b"] - YS[:10]
    assert list(fit.history) == ["loss", "val_loss"] and len(fit.history["val_loss"]) == 3
    assert fit.history["val_loss"][-1] == pytest.approx((residual**2).mean(), rel=1e-12)


def test_a_fraction_holds_samples_out():
    fit = quiet(linear_model(params={w: np.zeros(3), b: 0.0}), optimizer=sg.optim.SGD(0.0), validation=0.3, epochs=1)
    total = 35 * fit.history["loss"][0] + 15 * fit.history["val_loss"][0]
    assert total == pytest.approx((YS**2).sum(), rel=1e-12)


def test_callbacks_see_every_epoch_and_may_end_the_training():
    reports = []
    fit = quiet(linear_model(), epochs=9, callbacks=[reports.append, lambda report: report.epoch == 4])
    assert [report.epoch for report in reports] == [1, 2, 3, 4] and len(fit.history["loss"]) == 4
    np.testing.assert_array_equal(reports[-1].params["w"], fit.params["w"])
    assert not np.array_equal(reports[0].params["w"], fit.params["w"])


def test_schedules_by_epoch_and_by_step():
    rates = {1: 0.05, 2: 0.01, 3: 0.0}
    base = quiet(linear_model(), epochs=2, schedule=lambda epoch: rates[epoch])
    np.testing.assert_array_equal(base.params["w"], quiet(linear_model(), epochs=3, schedule=lambda epoch: rates[epoch]).params["w"])
    epoch, t = sg.optim.epoch, sg.optim.t
    np.testing.assert_array_equal(quiet(linear_model(), schedule=0.1 / epoch).params["w"],
                                  quiet(linear_model(), schedule=lambda count: 0.1 / count).params["w"])
    np.testing.assert_array_equal(quiet(linear_model(), schedule=0.1 / t).params["w"],
                                  quiet(linear_model(), optimizer=sg.optim.SGD(0.1 / t)).params["w"])


def test_an_interrupt_keeps_what_there_is():
    def stop(report):
        if report.epoch == 2:
            raise KeyboardInterrupt

    fit = quiet(linear_model(), epochs=10, callbacks=[stop])
    np.testing.assert_array_equal(fit.params["w"], quiet(linear_model(), epochs=2).params["w"])
    assert len(fit.history["loss"]) == 2


def test_progress_prints_a_few_lines_or_nothing(capsys):
    quiet(linear_model(), epochs=100, batch_size=None, progress=True)
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 10 and "epoch 100/100" in printed.err and "loss" in printed.err
    quiet(linear_model(), progress=False)
    assert capsys.readouterr() == ("", "")


def test_progress_is_a_bar_on_a_terminal(monkeypatch):
    import io

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    quiet(linear_model(), progress=True)
    assert "epoch 3/3" in sys.stderr.getvalue() and "line" in sys.stderr.getvalue()


def test_the_history_is_drawn(tmp_path):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib.figure import Figure
    fit = quiet(linear_model(), validation=0.2)
    axes = Figure().subplots()
    assert fit.plot(axes) is axes and len(axes.lines) == 2
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), fit.history["loss"])


# ---------------------------------------------------------------- prediction, random inputs, running averages

def test_a_model_says_what_it_needs():
    assert repr(linear_model()) == "Model(line: parameters w, b; data x, y)"


def test_predictions_by_keyword_dict_and_after_pickling():
    fit = quiet(linear_model())
    want = XS @ fit.params["w"] + fit.params["b"]
    np.testing.assert_allclose(fit.predict(x=XS), want, rtol=1e-12)
    np.testing.assert_allclose(fit.predict({x: XS}), want, rtol=1e-12)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fit)).predict(x=XS), fit.predict(x=XS))


@pytest.mark.parametrize("prediction, want", [
    (p[k], lambda z: z), (sp.exp(p[i]), np.exp), (sp.Sum(p[i], (i, 0, n - 1)), np.sum), ("p", lambda z: z),
])
def test_a_prediction_may_be_an_expression(prediction, want):
    fit = quiet(linear_model(prediction=prediction))
    np.testing.assert_allclose(fit.predict(x=XS), want(XS @ fit.params["w"] + fit.params["b"]), rtol=1e-12)


MASK = sp.IndexedBase("mask", shape=(n, d))
MASKED = [(p[i], sp.Sum(w[j] * MASK[i, j] * x[i, j], (j, 0, d - 1)) + b)]


class Recorded:
    """A sampler that remembers what it drew."""

    mean = 0.5

    def __init__(self):
        self.drawn = []

    def __call__(self, rng, shape):
        self.drawn.append(rng.random(shape))
        return self.drawn[-1]


def test_random_inputs_are_drawn_anew_for_every_mini_batch():
    sampler = Recorded()
    fit = quiet(linear_model(where=MASKED, random={MASK: sampler}), epochs=2, batch_size=20, validation=None)
    assert [one.shape for one in sampler.drawn] == 2 * [(20, 3), (20, 3), (10, 3)]
    assert len({one.tobytes() for one in sampler.drawn}) == 6
    np.testing.assert_allclose(fit.predict(x=XS), 0.5 * XS @ fit.params["w"] + fit.params["b"], rtol=1e-12)
    given = fit.predict(x=XS, mask=np.ones((50, 3)))
    np.testing.assert_allclose(given, XS @ fit.params["w"] + fit.params["b"], rtol=1e-12)


@pytest.mark.parametrize("sampler, mean", [(Dropout(0.4), 1.0), (stats.bernoulli(0.6), 0.6), (stats.norm(2.0, 0.1), 2.0)])
def test_samplers_have_their_mean_in_predictions(sampler, mean):
    first, again = (quiet(linear_model(where=MASKED, random={MASK: sampler}), validation=0.2) for _ in range(2))
    np.testing.assert_array_equal(first.params["w"], again.params["w"])
    np.testing.assert_allclose(first.predict(x=XS), mean * XS @ first.params["w"] + first.params["b"], rtol=1e-12)


def test_dropout_drops_at_its_rate_and_keeps_the_mean():
    mask = Dropout(0.25)(np.random.default_rng(0), (400, 500))
    assert set(np.unique(mask)) == {0.0, 1 / 0.75}
    assert mask.mean() == pytest.approx(1.0, abs=5 * np.sqrt(1 / 3 / mask.size))


def test_running_averages_stand_for_batch_statistics_in_predictions():
    mu, var, z = map(sp.IndexedBase, ("mu", "var", "z"))
    where = [(mu[j], sp.Sum(x[k, j], (k, 0, n - 1)) / n), (var[j], sp.Sum((x[k, j] - mu[j])**2, (k, 0, n - 1)) / n),
             (z[i, j], (x[i, j] - mu[j]) / sp.sqrt(var[j] + sp.Rational(1, 1000))), (p[i], sp.Sum(w[j] * z[i, j], (j, 0, d - 1)) + b)]
    model = linear_model(where=where, averages={mu: 0.9, "var": 0.8})
    fit = quiet(model, epochs=2, batch_size=None, validation={"x": XS[:5], "y": YS[:5]})
    np.testing.assert_allclose(fit.averages["mu"], XS.mean(0), rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(fit.averages["var"], XS.var(0), rtol=1e-10)
    scaled = (XS - XS.mean(0)) / np.sqrt(XS.var(0) + 1e-3)
    want = scaled @ fit.params["w"] + fit.params["b"]
    np.testing.assert_allclose(fit.predict(x=XS[:5]), want[:5], rtol=1e-10)
    assert fit.history["val_loss"][-1] == pytest.approx(((want - YS)[:5]**2).mean(), rel=1e-10)


def test_running_averages_decay():
    mu = sp.IndexedBase("mu")
    where = [(mu[j], sp.Sum(x[k, j], (k, 0, n - 1)) / n), (p[i], sp.Sum(w[j] * (x[i, j] - mu[j]), (j, 0, d - 1)) + b)]
    model = linear_model(where=where, averages={mu: 0.75})
    chosen = recorded(model)
    fit = quiet(model, epochs=1, batch_size=20)
    want = XS[chosen[0]].mean(0)
    for one in chosen[1:]:
        want = 0.75 * want + 0.25 * XS[one].mean(0)
    np.testing.assert_allclose(fit.averages["mu"], want, rtol=1e-12)


# ---------------------------------------------------------------- errors

@pytest.mark.parametrize("options, error, words", [
    (dict(data={"x": XS}), "InputError", ["y", "missing"]), (dict(data={**DATA, "q": 1.0}), "InputError", ["q"]),
    (dict(data={"x": XS, "y": YS[:7]}), "InputError", ["x", "y", "50", "7"]), (dict(data={"x": XS[:, 0], "y": YS}), "InputError", ["x", "axes"]),
    (dict(data={"x": XS[:0], "y": YS[:0]}), "InputError", ["no sample"]), (dict(data=[XS, YS]), "InputError", ["dict"]),
    (dict(epochs=0), "OptionError", ["epochs", "1"]), (dict(epochs=2.5), "OptionError", ["epochs"]),
    (dict(batch_size=0), "OptionError", ["batch_size"]),
    (dict(seed=-1), "OptionError", ["seed"]), (dict(validation=1.0), "OptionError", ["validation", "1.0"]),
    (dict(validation=0), "OptionError", ["validation"]), (dict(validation={"x": XS}), "InputError", ["y", "validation"]),
    (dict(optimizer="adam"), "OptionError", ["adam", "symgrad.optim"]),
    (dict(optimizer=sg.optim.SGD(1e30)), "TrainingError", ["epoch 1", "learning rate"]),
    (dict(schedule="fast"), "OptionError", ["fast"]), (dict(schedule=lambda epoch: 0.1, optimizer=sg.optim.Adadelta()), "OptionError", ["Adadelta"]),
])
def test_wrong_training_is_named(options, error, words):
    with pytest.raises(getattr(sg.errors, error)) as caught:
        quiet(linear_model(), **options)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("options, words", [
    (dict(batch=[x]), ["batch", "sample_index"]), (dict(sample_index=c), ["c"]), (dict(prediction=sp.IndexedBase("q")), ["q"]),
    (dict(random={"q": Dropout(0.5)}), ["q"]), (dict(random={y: 3}), ["y", "function"]), (dict(averages={"q": 0.9}), ["q"]),
    (dict(averages={"p": 1.5}), ["p", "1.5"]), (dict(sample_index=sp.Symbol("q")), ["q"]), (dict(loss=p[i]), ["i"]),
    (dict(params={w: 0.0, "q": 1.0}), ["q"]),
])
def test_wrong_models_are_named(options, words):
    with pytest.raises(sg.errors.SymgradError) as caught:
        linear_model(**options)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("params, words", [
    ([sp.Symbol("v")], "dict"), ({}, "dict"), ({"v": "zeros"}, "initializer"), ({"v": None}, "initializer"), ({"v": sg.init.zeros}, r"Write init.zeros\(\)"),
])
def test_wrong_starts_of_parameters_are_named(params, words):
    with pytest.raises(sg.errors.OptionError, match=words):
        sg.Model(loss=sp.Symbol("v", real=True) ** 2, params=params)


def test_what_is_no_model_and_inputs_without_names_are_refused():
    v, t = sp.symbols("v t", real=True)
    model = sg.Model(loss=(v - t) ** 2, params={v: 0.0}, prediction=v * t)
    with pytest.raises(sg.errors.InputError, match=r"symgrad\.Model"):
        sg.fit(model.loss, {"t": 1.0})
    fitted = sg.fit(model, {"t": 1.0}, epochs=1, progress=False)
    with pytest.raises(sg.errors.InputError, match=r"predict\(t=…\)"):
        fitted.predict(np.ones(3))


def test_a_model_minimises_as_its_loss_does():
    v, t = sp.symbols("v t", real=True)
    model = sg.Model(loss=(v - t) ** 2 + v**4, params={v: 0.0})
    assert sg.minimize(model, {"v": 0.0}, {"t": 1.0}).params == sg.minimize(model.loss, {"v": 0.0}, {"t": 1.0}).params


def test_an_unknown_hidden_size_is_named():
    W, v = sp.IndexedBase("W", shape=(h, d)), sp.IndexedBase("v", shape=(h,))
    model = linear_model(where=[(p[i], sp.Sum(v[c] * sp.tanh(sp.Sum(W[c, j] * x[i, j], (j, 0, d - 1))), (c, 0, h - 1)))],
                         params={W: sg.init.he_normal(), v: sg.init.zeros()})
    with pytest.raises(sg.errors.InputError, match=r"size h of W.*sizes="):
        quiet(model)


def test_wrong_predictions_are_named():
    fit = quiet(linear_model())
    with pytest.raises(sg.errors.InputError, match="x"):
        fit.predict()
    with pytest.raises(sg.errors.InputError, match="q"):
        fit.predict(x=XS, q=1.0)
    with pytest.raises(sg.errors.UnsupportedError, match="prediction"):
        quiet(linear_model(prediction=None)).predict(x=XS)


# ---------------------------------------------------------------- SciPy's minimisers

ROSEN = sp.Sum(100 * (x[i, 1] - x[i, 0]**2)**2 + (b - x[i, 0])**2, (i, 0, n - 1))
START = np.array([[-1.2, 1.0], [0.5, -0.5]])


def rosen(points, top=1.0):
    return float((100 * (points[:, 1] - points[:, 0]**2)**2 + (top - points[:, 0])**2).sum())


def test_flat_functions_agree_with_differences_and_pack():
    f = sg.compile(ROSEN, wrt=[x, b])
    flat = f.flat({"x": START, b: 0.8})
    assert flat.names == ("x", "b") and flat.x0.tolist() == [-1.2, 1.0, 0.5, -0.5, 0.8]
    assert flat.fun(flat.x0) == pytest.approx(rosen(START, 0.8), rel=1e-13)
    step = 1e-5
    numeric = [(flat.fun(flat.x0 + step * e) - flat.fun(flat.x0 - step * e)) / (2 * step) for e in np.eye(5)]
    np.testing.assert_allclose(flat.jac(flat.x0), numeric, rtol=1e-7, atol=1e-6)
    numeric = np.array([(flat.jac(flat.x0 + step * e) - flat.jac(flat.x0 - step * e)) / (2 * step) for e in np.eye(5)])
    np.testing.assert_allclose(flat.hess(flat.x0), numeric, rtol=1e-7, atol=1e-5)
    direction = np.array([0.3, -0.2, 1.0, 0.5, -0.7])
    np.testing.assert_allclose(flat.hessp(flat.x0, direction), flat.hess(flat.x0) @ direction, rtol=1e-12)
    parts = flat.unpack(flat.x0)
    np.testing.assert_array_equal(parts["x"], START)
    assert parts["b"] == 0.8


def test_value_and_gradient_are_computed_once_a_point(monkeypatch):
    f = sg.compile(ROSEN, wrt=[x, b])
    f.value_and_grads(x=START, b=0.8)  # the module's own function from here on
    calls, compute = [], f.value_and_grads
    monkeypatch.setattr(f, "value_and_grads", lambda **inputs: calls.append(1) or compute(**inputs))
    flat = f.flat({"x": START, "b": 0.8})
    at = flat.x0.copy()
    flat.fun(at), flat.jac(at), flat.fun(at.copy())
    assert len(calls) == 1
    at[0] += 1.0
    assert flat.fun(at) != flat.fun(flat.x0) and len(calls) == 3
    gradient = flat.jac(at)
    gradient[:] = 0.0
    assert flat.jac(at).any()


ENOUGH = {"TNC": {"maxfun": 2000}}
METHODS = ["L-BFGS-B", "BFGS", "CG", "Newton-CG", "TNC", "SLSQP", "trust-ncg", "trust-krylov", "trust-exact", "trust-constr", "Nelder-Mead", "Powell"]


@pytest.mark.parametrize("method", METHODS)
def test_methods_agree_with_scipy_on_numeric_jacobians(method):
    f = sg.compile(ROSEN, wrt=x)
    mine = sg.minimize(f, {"x": START}, data={b: 1.0}, method=method, tol=1e-9, options=ENOUGH.get(method))
    other = optimize.minimize(lambda v: rosen(v.reshape(2, 2)), START.ravel(), method="BFGS")
    np.testing.assert_allclose(mine.params["x"].ravel(), other.x, atol=1e-3)
    np.testing.assert_allclose(mine.params["x"], np.ones((2, 2)), atol=1e-3)
    assert mine.params["x"].shape == (2, 2) and mine.fun < 1e-6


def test_dogleg_gets_the_hessian_of_a_convex_problem():
    f = sg.compile(SQUARES, where=LINE, wrt=[w, b])
    found = sg.minimize(f, {"w": np.ones(3), "b": 0.0}, data=DATA, method="dogleg")
    want = np.linalg.lstsq(np.column_stack([XS, np.ones(50)]), YS, rcond=None)[0]
    np.testing.assert_allclose([*found.params["w"], found.params["b"]], want, rtol=1e-6)


def test_fixed_parameters_keep_their_value():
    f = sg.compile(SQUARES, where=LINE, wrt=[w, b])
    found = sg.minimize(f, {w: np.zeros(3), b: 0.25}, data={x: XS, y: YS}, fixed=[b])
    want = np.linalg.lstsq(XS, YS - 0.25, rcond=None)[0]
    np.testing.assert_allclose(found.params["w"], want, rtol=1e-5)
    assert found.params["b"] == 0.25 and found.x.shape == (3,) and list(found.params) == ["w", "b"]


@pytest.mark.parametrize("bounds", [{"w": (None, 0.4), b: (-1.0, 0.1)}, {w: ([-5, -5, -5], [0.4, 0.4, 0.4]), "b": (-1.0, 0.1)}])
def test_bounds_are_kept(bounds):
    f = sg.compile(SQUARES, where=LINE, wrt=[w, b])
    found = sg.minimize(f, {"w": np.zeros(3), "b": 0.0}, data=DATA, bounds=bounds)
    full = np.column_stack([XS, np.ones(50)])
    want = optimize.lsq_linear(full, YS, ([-5, -5, -5, -1.0], [0.4, 0.4, 0.4, 0.1])).x
    np.testing.assert_allclose([*found.params["w"], found.params["b"]], want, atol=1e-4)
    assert found.params["w"][0] == 0.4 and found.params["b"] == 0.1


def test_a_loaded_module_minimises_too(tmp_path):
    path = sg.compile(SQUARES, where=LINE, wrt=[w, b], name="least_squares_line").save(tmp_path)
    found = sg.minimize(sg.load(path), {"w": np.zeros(3), "b": 0.0}, data=DATA, method="trust-exact")
    want = np.linalg.lstsq(np.column_stack([XS, np.ones(50)]), YS, rcond=None)[0]
    np.testing.assert_allclose([*found.params["w"], found.params["b"]], want, rtol=1e-6)


@pytest.mark.parametrize("arguments, options, words", [
    (({"w": np.zeros(3)}, DATA), {}, ["b", "missing"]), (({"w": np.zeros(3), "b": 0.0, "q": 1.0}, DATA), {}, ["q"]),
    (({"w": np.zeros(3), "b": 0.0}, {**DATA, "b": 1.0}), {}, ["b"]), (({"w": np.zeros(3), "b": 0.0}, DATA), {"fixed": ["q"]}, ["q"]),
    (({"w": np.zeros(3), "b": 0.0}, DATA), {"fixed": [w, b]}, ["vary"]), (({"w": np.zeros(3), "b": 0.0}, DATA), {"bounds": {"q": (0, 1)}}, ["q"]),
    (({"w": np.zeros(3), "b": 0.0}, DATA), {"bounds": {"w": 1.0}}, ["w", "pair"]),
    (({"w": np.zeros(3), "b": 0.0}, DATA), {"method": "magic"}, ["magic"]),
    (({"w": np.zeros(4), "b": 0.0}, DATA), {}, ["w", "4", "3"]), (({"w": "abc", "b": 0.0}, DATA), {}, ["w"]),
])
def test_wrong_minimisations_are_named(arguments, options, words):
    f = sg.compile(SQUARES, where=LINE, wrt=[w, b])
    with pytest.raises(sg.errors.SymgradError) as caught:
        sg.minimize(f, *arguments, **options)
    assert all(word in str(caught.value) for word in words), str(caught.value)
