"""What every optimizer can also do: ascent, clipping, noise, decoupled decay; Newton's step; random search; critical points."""

import pickle

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.optim import variants

STEPS = 200
BEGIN = {"W": np.array([[1.0, -2.0], [0.5, 3.0]]), "b": np.array([0.3, -0.7])}


def gradient(at):
    return {"W": 2.0 * at["W"] + at["b"], "b": 0.5 * at["b"] + at["W"].sum(0)}


def run(optimizer, steps=STEPS, begin=BEGIN):
    params, state = begin, optimizer.init(begin)
    for _ in range(steps):
        params, state = optimizer.step(params, gradient(params), state)
    return params


def assert_same(first, second, tolerance=1e-12):
    for name, value in first.items():
        np.testing.assert_allclose(value, second[name], rtol=tolerance, atol=tolerance)


# ---------------------------------------------------------------- against straight lines of NumPy

def test_clipping_by_value():
    want = {name: value.copy() for name, value in BEGIN.items()}
    for _ in range(STEPS):
        grads = gradient(want)
        want = {name: value - 0.01 * np.clip(grads[name], -0.4, 0.4) for name, value in want.items()}
    assert_same(run(sg.optim.SGD(0.01, clip_value=0.4)), want)


def test_clipping_by_the_norm_of_all_gradients():
    want, clipped = {name: value.copy() for name, value in BEGIN.items()}, 0
    for _ in range(STEPS):
        grads = gradient(want)
        norm = np.sqrt((grads["W"]**2).sum() + (grads["b"]**2).sum())
        clipped += norm > 1.5
        want = {name: value - 0.02 * grads[name] * min(1.0, 1.5 / norm) for name, value in want.items()}
    assert_same(run(sg.optim.SGD(0.02, clip_norm=1.5)), want)
    assert 0 < clipped < STEPS


@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e200])
def test_clipping_by_norm_bears_any_size(scale):
    optimizer = sg.optim.SGD(1.0, clip_norm=2.0)
    grads = {"W": np.array([[3.0, 0.0], [0.0, 0.0]]) * scale, "b": np.array([0.0, 4.0]) * scale}
    params, _ = optimizer.step({name: 0 * value for name, value in BEGIN.items()}, grads, optimizer.init(BEGIN))
    factor = min(1.0, 0.4 / scale) if scale else 0.0
    assert params["W"][0, 0] == pytest.approx(-3 * scale * factor, rel=1e-14) and params["b"][1] == pytest.approx(-4 * scale * factor, rel=1e-14)


def test_decoupled_weight_decay_is_not_the_penalty():
    """AdamW shrinks by its own term; a penalty in the gradient is divided by the root too."""
    m, v, w = np.zeros(2), np.zeros(2), BEGIN["b"]
    for step in range(1, STEPS + 1):
        grads = 3.0 * w - 1.0
        m, v = 0.9 * m + 0.1 * grads, 0.999 * v + 0.001 * grads**2
        w = w - 0.01 * 0.2 * w - 0.01 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    params, optimizer = {"b": BEGIN["b"]}, sg.optim.Adam(0.01, weight_decay=0.2)
    state = optimizer.init(params)
    for _ in range(STEPS):
        params, state = optimizer.step(params, {"b": 3.0 * params["b"] - 1.0}, state)
    np.testing.assert_allclose(params["b"], w, rtol=1e-12)


def test_weights_may_decay_and_biases_not():
    decayed = run(sg.optim.SGD(0.01, weight_decay={"W": 0.5}), 1)
    plain, grads = run(sg.optim.SGD(0.01), 1), gradient(BEGIN)
    np.testing.assert_array_equal(decayed["b"], plain["b"])
    np.testing.assert_allclose(decayed["W"], BEGIN["W"] * (1 - 0.005) - 0.01 * grads["W"], rtol=1e-14)


class Following(sg.optim.Optimizer):
    """No number at all in its equation."""

    @staticmethod
    def equations():
        return [(sg.optim.new(sg.optim.w), sg.optim.w - sg.optim.g)]


def test_an_optimizer_may_have_no_number_at_all():
    params, _ = Following().step({"w": 3.0}, {"w": 1.0}, Following().init({"w": 3.0}))
    assert params == {"w": 2.0}


def test_a_decay_of_something_else_is_named():
    with pytest.raises(sg.errors.InputError, match=r"weight_decay names V.*W, b"):
        run(sg.optim.SGD(0.01, weight_decay={"V": 0.5}), 1)


def test_decay_without_a_learning_rate_counts_by_the_step():
    with_decay, plain = run(sg.optim.Adadelta(weight_decay=0.1), 1), run(sg.optim.Adadelta(), 1)
    np.testing.assert_allclose(with_decay["W"], plain["W"] - 0.1 * BEGIN["W"], rtol=1e-14)


@pytest.mark.parametrize("optimizer", [sg.optim.SGD(0.01), sg.optim.Momentum(0.01), sg.optim.Nesterov(0.01), sg.optim.Adam(), sg.optim.Adadelta(),
                                       variants.ShiftedNesterov()])
def test_ascent_climbs_what_descent_of_the_negative_descends(optimizer):
    up = down = {"b": BEGIN["b"]}
    climber = optimizer.replace(maximise=True)
    first, second = climber.init(up), optimizer.init(down)
    for _ in range(20):
        up, first = climber.step(up, {"b": np.cos(climber.point(up, first)["b"])}, first)
        down, second = optimizer.step(down, {"b": -np.cos(optimizer.point(down, second)["b"])}, second)
    np.testing.assert_array_equal(up["b"], down["b"])
    assert (np.sin(up["b"]) > np.sin(BEGIN["b"])).all()


def test_noise_has_the_variance_that_falls_with_the_step():
    zeros = {"w": np.zeros(200_000)}
    optimizer = sg.optim.SGD(1.0, noise=0.3, noise_decay=0.55, seed=4)
    state = optimizer.init(zeros)
    for step in range(1, 4):
        params, state = optimizer.step(zeros, zeros, state)
        assert params["w"].var() == pytest.approx(0.3 / (1 + step)**0.55, rel=0.02)
        assert abs(params["w"].mean()) < 5 * np.sqrt(0.3 / 200_000)


def test_noise_is_drawn_from_the_seed_and_the_step():
    optimizer = sg.optim.Momentum(0.1, noise=0.1, seed=7)
    zeros, state = {"w": np.zeros(5)}, optimizer.init({"w": np.zeros(5)})
    first, later = optimizer.step(zeros, zeros, state)
    again, _ = pickle.loads(pickle.dumps(optimizer)).step(zeros, zeros, pickle.loads(pickle.dumps(state)))
    np.testing.assert_array_equal(first["w"], again["w"])
    np.testing.assert_array_equal(first["w"], -0.1 * np.sqrt(0.1 / 2**0.55) * np.random.default_rng([7, 1]).standard_normal(5))
    assert not np.array_equal(optimizer.step(zeros, zeros, later)[0]["w"] - first["w"], first["w"])
    assert not np.array_equal(first["w"], optimizer.replace(seed=8).step(zeros, zeros, state)[0]["w"])


def test_options_show_in_the_table_and_stay_away_where_they_are_off():
    names = [row.name for row in sg.optim.SGD(0.1, maximise=True, clip_norm=1.0, noise=0.1, weight_decay=0.1).table().rows]
    assert names == ["g_up", "g_clip", "g_noisy", "w'"]
    assert [row.name for row in sg.optim.SGD(0.1).table().rows] == ["w'"]
    assert repr(sg.optim.SGD(0.1)) == "SGD(learning_rate=0.1)"
    assert repr(sg.optim.SGD(0.1, clip_norm=1.0)) == "SGD(learning_rate=0.1, clip_norm=1.0)"
    assert "maximum" not in sg.optim.SGD(0.1).source and "clip_norm" in sg.optim.SGD(0.1, clip_norm=1.0).source


def test_optimizers_with_options_are_values():
    one, same = (sg.optim.Adam(0.1, weight_decay={"W": 0.1}, clip_value=1.0) for _ in range(2))
    assert one == same and hash(one) == hash(same) and one != sg.optim.Adam(0.1)
    assert pickle.loads(pickle.dumps(one)) == one and sg.optim.SGD(0.1, weight_decay={sp.Symbol("W"): 0.1}).weight_decay == {"W": 0.1}


@pytest.mark.parametrize("options, words", [
    (dict(clip_value=0.0), ["clip_value", "above 0"]), (dict(clip_norm=-1.0), ["clip_norm"]), (dict(clip_norm=1.0, clip_value=1.0), ["clip_norm", "clip_value"]),
    (dict(noise=-0.1), ["noise"]), (dict(weight_decay=-1.0), ["weight_decay"]), (dict(weight_decay={"W": "a"}), ["weight_decay"]),
    (dict(maximise=1), ["maximise", "True"]), (dict(seed=-1), ["seed"]), (dict(seed=1.5), ["seed"]), (dict(noise=float("nan")), ["noise"]),
    (dict(maximize=True), ["maximize", "Write maximise"]), (dict(clipnorm=1.0), ["Write clip_norm"]), (dict(clipvalue=1.0), ["Write clip_value"]),
    (dict(weight_decy=1.0), ["Write weight_decay"]),
])
def test_wrong_options_are_named(options, words):
    with pytest.raises(sg.errors.OptionError) as error:
        sg.optim.Momentum(0.1, **options)
    assert all(word in str(error.value) for word in words), str(error.value)


# ---------------------------------------------------------------- Newton

x, y = sp.symbols("x y", real=True)


def test_newton_reaches_the_minimum_of_a_quadratic_in_one_step():
    matrix, target = sp.MatrixSymbol("A", 3, 3), sp.MatrixSymbol("u", 3, 1)
    f = sg.compile((target.T * matrix * target)[0, 0] / 2 - sp.Trace(sp.OneMatrix(1, 3) * target), wrt=target)
    hessian = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 1e-3]])
    point, optimizer = {"u": np.array([5.0, -3.0, 2.0])}, sg.optim.Newton()
    params, state = optimizer.step(point, f.grads(A=hessian, **point), optimizer.init(point), hessian=f.hessian(A=hessian, **point))
    np.testing.assert_allclose(params["u"], np.linalg.solve(hessian, np.ones(3)), rtol=1e-9)
    assert state == {"step": 1}


def test_newton_converges_quadratically_on_rosenbrock_with_several_parameters():
    f = sg.compile(100 * (y - x**2)**2 + (1 - x)**2, wrt=[x, y])
    params, optimizer = {"x": np.float64(-1.2), "y": np.float64(1.0)}, sg.optim.Newton()
    state, want = optimizer.init(params), np.array([-1.2, 1.0])
    for _ in range(7):
        slope = np.array([-400 * want[0] * (want[1] - want[0]**2) - 2 * (1 - want[0]), 200 * (want[1] - want[0]**2)])
        second = np.array([[1200 * want[0]**2 - 400 * want[1] + 2, -400 * want[0]], [-400 * want[0], 200.0]])
        want = want - np.linalg.solve(second, slope)
        params, state = optimizer.step(params, f.grads(**params), state, hessian=f.hessian(**params))
        np.testing.assert_allclose([params["x"], params["y"]], want, rtol=1e-9)
    assert abs(params["x"] - 1) + abs(params["y"] - 1) < 1e-10


def test_newton_goes_to_a_saddle_and_damping_bends_it_away():
    f = sg.compile(x**2 - y**2, wrt=[x, y])
    at = {"x": 1.0, "y": 0.5}
    found = {}
    for damping in (0.0, 3.0):
        optimizer = sg.optim.Newton(damping=damping)
        found[damping], _ = optimizer.step(at, f.grads(**at), optimizer.init(at), hessian=f.hessian(**at))
    assert found[0.0] == {"x": 0.0, "y": 0.0}
    assert found[3.0]["x"] == pytest.approx(1 - 2 / 5) and found[3.0]["y"] == pytest.approx(0.5 + 1 / 1)


def test_newtons_table_shows_the_inverse():
    table = sg.optim.Newton(damping=0.1).table()
    assert [row.name for row in table.rows] == ["d", "w'"] and "H" in str(table) and r"\mathbb{I}" in table.to_latex()


@pytest.mark.parametrize("hessian, words", [
    (None, ["hessian="]), (np.zeros((2, 2)), ["inverted", "damping"]), (np.eye(3), ["(3, 3)", "(2, 2)"]), ((np.eye(2), np.eye(2)), ["blocks"]),
])
def test_wrong_hessians_are_named(hessian, words):
    optimizer, params = sg.optim.Newton(), {"w": np.ones(2)}
    with pytest.raises(sg.errors.InputError) as error:
        optimizer.step(params, {"w": np.ones(2)}, optimizer.init(params), hessian=hessian)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_newton_has_no_ascent():
    with pytest.raises(sg.errors.OptionError, match="critical point"):
        sg.optim.Newton(maximise=True)


# ---------------------------------------------------------------- random search and critical points

def test_random_search_keeps_the_best_and_not_the_last():
    f = sg.compile((x - 1)**2 + (y + 2)**2, wrt=[x, y])
    found = sg.optim.random_search(f, {x: (), "y": ()}, attempts=300, seed=3)
    rng = np.random.default_rng(3)
    drawn = [(float(rng.standard_normal(())), float(rng.standard_normal(()))) for _ in range(300)]
    values = [(a - 1)**2 + (b + 2)**2 for a, b in drawn]
    assert found.value == min(values) and (found.params["x"], found.params["y"]) == drawn[int(np.argmin(values))]
    np.testing.assert_array_equal(found.history, np.minimum.accumulate(values))
    # a loop that never lowers its bar keeps the last drawing that was better than the first bar
    careless = next(point for point, value in zip(reversed(drawn), reversed(values), strict=True) if value < np.inf)
    assert (careless[0] - 1)**2 + (careless[1] + 2)**2 > found.value


def test_random_search_takes_data_shapes_and_drawings():
    W, v = sp.MatrixSymbol("W", 2, 3), sp.MatrixSymbol("v", 3, 1)
    f = sg.compile(sp.Trace((W * v).T * (W * v)), wrt=W)
    found = sg.optim.random_search(f, {W: (2, 3)}, {v: np.ones(3)}, attempts=50, draw=lambda rng, shape: rng.uniform(0, 1, shape))
    assert found.params["W"].shape == (2, 3) and (found.params["W"] >= 0).all()
    assert found.value == pytest.approx((found.params["W"].sum(1)**2).sum(), rel=1e-12)


@pytest.mark.parametrize("options, error", [(dict(attempts=0), "OptionError"), (dict(draw=lambda rng, shape: np.full(shape, np.inf)), "InputError")])
def test_wrong_random_searches_are_named(options, error):
    with pytest.raises(getattr(sg.errors, error)):
        sg.optim.random_search(sg.compile(x**2, wrt=x), {x: ()}, **{"attempts": 5, **options})


@pytest.mark.parametrize("hessian, kind, condition", [
    (np.diag([1.0, 10.0]), "minimum", 10.0), (np.diag([-1.0, -4.0]), "maximum", 4.0), (np.diag([2.0, -2.0]), "saddle", 1.0),
    (np.diag([1.0, 0.0]), "flat", np.inf), (np.zeros((2, 2)), "flat", np.inf), (np.diag([1.0, 0.0, -1.0]), "saddle", np.inf),
    (np.array(3.0), "minimum", 1.0), (np.diag([1.0, 2.0, 3.0, 4.0]).reshape(2, 2, 2, 2), "minimum", 4.0),
])
def test_critical_points_are_classified_by_the_hessian(hessian, kind, condition):
    found = sg.optim.classify(hessian)
    assert found.kind == kind and found.condition == pytest.approx(condition) and kind in str(found)


def test_the_largest_rate_is_where_gradient_descent_begins_to_diverge():
    found = sg.optim.classify(np.diag([1.0, 10.0]))
    for factor, converges in ((0.99, True), (1.01, False)):
        point = np.ones(2)
        for _ in range(2000):
            point = point - factor * found.largest_rate * np.array([1.0, 10.0]) * point
        assert (np.abs(point).max() < 1e-3) == converges


@pytest.mark.parametrize("hessian", [np.ones(3), np.ones((2, 3)), np.array([[np.nan]]), np.ones((0, 0))])
def test_what_is_no_hessian_is_refused(hessian):
    with pytest.raises(sg.errors.InputError, match="Hessian"):
        sg.optim.classify(hessian)
