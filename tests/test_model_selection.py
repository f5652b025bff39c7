"""Hyper-parameter search on the validation set, several random starts, and learning a few samples by heart."""

import numpy as np
import pytest
import sympy as sp
from scipy import stats
from test_train import DATA, XS, YS, linear_model, quiet

import symgrad as sg
from symgrad.train import best_of_starts, bouncing, can_overfit, log_uniform, search_grid, search_random

HELD = {"x": XS[40:], "y": YS[40:]}
PART = {"x": XS[:40], "y": YS[:40]}


def trained(rate=0.05, epochs=3, **options):
    return quiet(linear_model(), PART, **{**dict(validation=HELD, optimizer=sg.optim.SGD(rate), epochs=epochs), **options})


# ---------------------------------------------------------------- search

def test_a_grid_tries_every_combination_and_judges_by_the_validation_set():
    search = search_grid(lambda rate, epochs: trained(rate, epochs), {"rate": [0.001, 0.05, 1e200], "epochs": [1, 4]})
    assert [trial.choice for trial in search.trials] == [{"rate": r, "epochs": e} for r in (0.001, 0.05, 1e200) for e in (1, 4)]
    scores = [trained(r, e).history["val_loss"][-1] for r in (0.001, 0.05) for e in (1, 4)]
    assert [trial.score for trial in search.trials] == [*scores, np.inf, np.inf]
    assert search.best.score == min(scores) and search.best.choice == {"rate": 0.05, "epochs": 4}
    residual = HELD["x"] @ search.best.fit.params["w"] + search.best.fit.params["b"] - HELD["y"]
    assert search.best.score == pytest.approx((residual**2).mean(), rel=1e-12)
    lines = str(search).splitlines()
    assert lines[0].split() == ["rate", "epochs", "val_loss"] and lines[1].split()[:2] == ["0.05", "4"] and lines[-1].endswith("diverged")


def test_the_score_is_that_of_the_parameters_that_are_handed_out():
    """Early stopping hands out the best epoch: the search judges that one."""
    stopper = sg.train.EarlyStopping(2)
    search = search_grid(lambda rate: trained(rate, 60, callbacks=[stopper], batch_size=1), {"rate": [0.05]})
    fit = search.best.fit
    assert search.best.score == fit.history["val_loss"][fit.epoch - 1] == min(fit.history["val_loss"]) and fit.epoch < len(fit.history["val_loss"])


def test_random_search_draws_from_functions_distributions_and_lists():
    ranges = {"rate": log_uniform(1e-3, 1e-1), "momentum": stats.uniform(0, 0.9), "epochs": [1, 2, 3]}

    def train(rate, momentum, epochs):
        return trained(optimizer=sg.optim.Momentum(rate, float(momentum)), epochs=epochs)

    first, again, other = (search_random(train, ranges, trials=6, seed=seed) for seed in (1, 1, 2))
    assert [trial.choice for trial in first.trials] == [trial.choice for trial in again.trials] != [trial.choice for trial in other.trials]
    for trial in first.trials:
        assert 1e-3 <= trial.choice["rate"] <= 1e-1 and 0 <= trial.choice["momentum"] <= 0.9 and trial.choice["epochs"] in (1, 2, 3)
    assert first.best.score == min(trial.score for trial in first.trials)


def test_orders_of_magnitude_are_equally_likely():
    rng = np.random.default_rng(0)
    drawn = np.log10([log_uniform(1e-4, 1.0)(rng) for _ in range(4000)])
    assert stats.kstest((drawn + 4) / 4, "uniform").pvalue > 1e-3


def test_a_search_is_drawn():
    from matplotlib.figure import Figure
    search = search_grid(trained, {"rate": [0.1, 0.01, 1e200]})
    axes = Figure().subplots()
    assert search.plot("rate", axes) is axes
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [0.01, 0.1])
    with pytest.raises(sg.errors.OptionError, match="epochs"):
        search.plot("epochs")


@pytest.mark.parametrize("call, error, words", [
    (lambda: search_grid(lambda rate: trained(rate, validation=None), {"rate": [0.1]}), "OptionError", ["val_loss", "validation="]),
    (lambda: search_grid(trained, {"rate": []}), "OptionError", ["rate"]), (lambda: search_grid(trained, {"rate": "fast"}), "OptionError", ["fast"]),
    (lambda: search_grid(trained, {}), "OptionError", ["dict"]), (lambda: search_grid(lambda rate: 3, {"rate": [1]}), "InputError", ["int", "fit"]),
    (lambda: search_grid(trained, {"rate": [1e200]}), "TrainingError", ["diverged"]), (lambda: search_random(trained, {"rate": 3}), "OptionError", ["rate"]),
    (lambda: search_random(trained, {"rate": [0.1]}, trials=0), "OptionError", ["trials"]), (lambda: log_uniform(0, 1), "OptionError", ["above 0"]),
    (lambda: log_uniform(2, 1), "OptionError", ["ascending"]),
])
def test_wrong_searches_are_named(call, error, words):
    with pytest.raises(getattr(sg.errors, error)) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ---------------------------------------------------------------- random starts

w = sp.Symbol("w", real=True)
x, y = sp.symbols("x y", real=True)
VALLEYS = dict(loss=(w**2 - 1)**2 + w / 2 + x**2, params={w: sg.init.uniform(-2.0, 2.0)}, batch=[x])


def test_the_best_of_several_starts_is_kept():
    """Two valleys, one deeper: single starts end in either."""
    model, data = sg.Model(**VALLEYS), {"x": np.zeros(4)}
    options = dict(optimizer=sg.optim.SGD(0.02), epochs=200, batch_size=None, progress=False)
    ends = [sg.fit(model, data, seed=3 + k, **options) for k in range(6)]
    found = best_of_starts(model, data, 6, seed=3, **options)
    assert list(found.scores) == [one.history["loss"][-1] for one in ends] and found.best.params == ends[int(np.argmin(found.scores))].params
    assert {np.sign(one.params["w"]) for one in ends} == {-1, 1} and found.best.params["w"] == pytest.approx(-1.0575, abs=1e-3)
    assert "6 starts" in str(found)


def test_starts_are_compared_on_the_same_held_out_samples():
    found = best_of_starts(linear_model(), DATA, 3, seed=1, validation=0.2, optimizer=sg.optim.SGD(0.01), epochs=2, progress=False)
    rng = np.random.default_rng(1)
    held = np.sort(rng.permutation(50)[:10])
    residual = XS[held] @ found.best.params["w"] + found.best.params["b"] - YS[held]
    assert min(found.scores) == found.best.score() == pytest.approx((residual**2).mean(), rel=1e-12) and len(set(found.scores)) == 3


def test_diverging_starts_do_not_count():
    with pytest.raises(sg.errors.TrainingError, match="all 2 starts"):
        best_of_starts(linear_model(), DATA, 2, optimizer=sg.optim.SGD(1e200), progress=False)
    with pytest.raises(sg.errors.OptionError, match="starts"):
        best_of_starts(linear_model(), DATA, 0)


# ---------------------------------------------------------------- learning by heart

n, d, h = sp.symbols("n d h", integer=True, positive=True)
i, j, c = sp.symbols("i j c", integer=True)


def network(begin):
    """One hidden sigmoid layer."""
    X, t = sp.IndexedBase("x", shape=(n, d)), sp.IndexedBase("y", shape=(n,))
    W, b, v, z, a, p = sp.IndexedBase("W", shape=(h, d)), sp.IndexedBase("b", shape=(h,)), sp.IndexedBase("v", shape=(h,)), *map(sp.IndexedBase, "zap")
    where = [(z[i, c], sp.Sum(W[c, j] * X[i, j], (j, 0, d - 1)) + b[c]), (a[i, c], 1 / (1 + sp.exp(-z[i, c]))), (p[i], sp.Sum(v[c] * a[i, c], (c, 0, h - 1)))]
    return sg.Model(loss=sp.Sum((p[i] - t[i])**2, (i, 0, n - 1)) / n, where=where, prediction=p, sample_index=i, sizes={h: 40},
                    params={W: begin, b: sg.init.zeros(), v: sg.init.normal(0.3)})


def noise(count):
    rng = np.random.default_rng(5)
    return {"x": rng.normal(size=(count, 10)), "y": rng.normal(size=count)}


def test_a_sound_net_learns_a_few_samples_by_heart():
    found = can_overfit(network(sg.init.normal(1.0)), noise(300), 20, optimizer=sg.optim.Adam(0.03), epochs=300)
    assert found and found.samples == 20 and found.last <= found.target == pytest.approx(found.first / 10) and found.hints == ()
    assert "learned by heart" in str(found)


def test_saturated_units_are_a_hint():
    found = can_overfit(network(sg.init.normal(300.0)), noise(300), 100, optimizer=sg.optim.SGD(0.01), epochs=5)
    assert not found and any("before the first step" in hint and "saturated" in hint for hint in found.hints) and "not learned" in str(found)


def test_a_bouncing_loss_is_a_hint():
    found = can_overfit(network(sg.init.normal(0.1)), noise(300), 100, target=0.05, optimizer=sg.optim.SGD(0.07), epochs=40, batch_size=10)
    assert not found and any("bounces" in hint and "learning rate" in hint for hint in found.hints)
    slow = can_overfit(network(sg.init.normal(0.1)), noise(300), 100, target=0.05, optimizer=sg.optim.SGD(0.02), epochs=40, batch_size=None)
    assert not slow and slow.hints == ()


def test_a_diverging_training_fails_the_check():
    found = can_overfit(linear_model(), DATA, optimizer=sg.optim.SGD(1e200))
    assert not found and found.fit is None and "not finite" not in found.hints[0] and "loss is" in found.hints[0]


def test_a_target_may_be_given():
    found = can_overfit(linear_model(), DATA, 5, target=1e-3, optimizer=sg.optim.Adam(0.1), epochs=200)
    assert found.passed == (found.last <= 1e-3) and found.samples == 5


@pytest.mark.parametrize("losses, share", [([3, 2, 1], 0.0), ([1, 2, 1, 2, 1], 0.5), ([1.0, 1.005, 1.0], 0.0), ([2], 0.0), ([1, 2, 3], 1.0)])
def test_the_share_of_rises(losses, share):
    assert bouncing(losses) == share


@pytest.mark.parametrize("options", [dict(samples=0), dict(samples=2.5), dict(target="low")])
def test_wrong_checks_are_refused(options):
    with pytest.raises(sg.errors.OptionError):
        can_overfit(linear_model(), DATA, **options)
