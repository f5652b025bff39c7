"""Optimizers against straight-line NumPy transcriptions, and their manners: pure steps, plain state, hints, precision."""

import inspect
import pickle

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.optim import g, new, t, w
from symgrad.optim.update import compile_update

STEPS = 200


# ---------------------------------------------------------------- problems: a start and a gradient in plain NumPy

def quadratic(params):
    return {"x": np.array([1.0, 10.0, 100.0]) * params["x"]}


def rosenbrock(params):
    x, y = params["x"], params["y"]
    return {"x": -400 * x * (y - x**2) - 2 * (1 - x), "y": 200 * (y - x**2)}


_RNG = np.random.default_rng(11)
_FEATURES, _TARGETS = _RNG.normal(size=(20, 4)), _RNG.normal(size=(20, 3))


def least_squares(params):
    residual = _FEATURES @ params["W"] + params["b"] - _TARGETS
    return {"W": 2 / 20 * _FEATURES.T @ residual, "b": 2 / 20 * residual.sum(0)}


def small_net(params):
    """Half the squared error of one hidden tanh layer, by hand."""
    hidden = np.tanh(_FEATURES @ params["W1"] + params["b1"])
    residual = (hidden @ params["W2"] - _TARGETS) / 20
    delta = (residual @ params["W2"].T) * (1 - hidden**2)
    return {"W1": _FEATURES.T @ delta, "b1": delta.sum(0), "W2": hidden.T @ residual}


PROBLEMS = {
    "quadratic": (quadratic, {"x": np.array([1.0, -1.0, 0.5])}),
    "rosenbrock": (rosenbrock, {"x": np.float64(-1.2), "y": np.float64(1.0)}),
    "least squares": (least_squares, {"W": _RNG.normal(size=(4, 3)), "b": np.zeros(3)}),
    "small net": (small_net, {"W1": 0.5 * _RNG.normal(size=(4, 5)), "b1": np.full(5, 0.1), "W2": 0.5 * _RNG.normal(size=(5, 3))}),
}


# ---------------------------------------------------------------- transcriptions: one parameter set as one flat vector

def sgd(grad, w, rate):
    for _ in range(STEPS):
        w = w - rate * grad(w)
        yield w


def heavy_ball(grad, w, rate, friction):
    v = np.zeros_like(w)
    for _ in range(STEPS):
        v = friction * v + grad(w)
        w = w - rate * v
        yield w


def nesterov(grad, w, rate, friction):
    """The form with its own velocity: v' = friction v - rate grad(w + friction v), w' = w + v'."""
    v = np.zeros_like(w)
    for _ in range(STEPS):
        v = friction * v - rate * grad(w + friction * v)
        w = w + v
        yield w


def adagrad(grad, w, rate, eps):
    s = np.zeros_like(w)
    for _ in range(STEPS):
        gradient = grad(w)
        s = s + gradient * gradient
        w = w - rate * gradient / (np.sqrt(s) + eps)
        yield w


def rmsprop(grad, w, rate, rho, eps):
    s = np.zeros_like(w)
    for _ in range(STEPS):
        gradient = grad(w)
        s = rho * s + (1 - rho) * gradient * gradient
        w = w - rate * gradient / (np.sqrt(s) + eps)
        yield w


def adadelta(grad, w, rho, eps):
    s, u = np.zeros_like(w), np.zeros_like(w)
    for _ in range(STEPS):
        gradient = grad(w)
        s = rho * s + (1 - rho) * gradient * gradient
        change = np.sqrt(u + eps) / np.sqrt(s + eps) * gradient
        u = rho * u + (1 - rho) * change * change
        w = w - change
        yield w


def adam(grad, w, rate, first, second, eps):
    m, v = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, STEPS + 1):
        gradient = grad(w)
        m = first * m + (1 - first) * gradient
        v = second * v + (1 - second) * gradient * gradient
        w = w - rate * (m / (1 - first**step)) / (np.sqrt(v / (1 - second**step)) + eps)
        yield w


CASES = {
    "SGD": (sg.optim.SGD(learning_rate=1e-3), sgd, (1e-3,)),
    "Momentum": (sg.optim.Momentum(learning_rate=2e-4, momentum=0.8), heavy_ball, (2e-4, 0.8)),
    "Nesterov": (sg.optim.Nesterov(learning_rate=2e-4, momentum=0.8), nesterov, (2e-4, 0.8)),
    "AdaGrad": (sg.optim.AdaGrad(learning_rate=0.1, epsilon=1e-7), adagrad, (0.1, 1e-7)),
    # at the optimum RMSProp steps by the sign of a gradient near 0 and amplifies rounding: this rate does not get there
    "RMSProp": (sg.optim.RMSProp(learning_rate=0.001, decay=0.95, epsilon=1e-6), rmsprop, (0.001, 0.95, 1e-6)),
    "Adadelta": (sg.optim.Adadelta(decay=0.9, epsilon=1e-6), adadelta, (0.9, 1e-6)),
    "Adam": (sg.optim.Adam(learning_rate=0.02, beta1=0.85, beta2=0.99, epsilon=1e-8), adam, (0.02, 0.85, 0.99, 1e-8)),
}


def flat(params):
    return np.concatenate([np.ravel(value) for value in params.values()])


def unflat(vector, like):
    out, start = {}, 0
    for name, value in like.items():
        out[name] = vector[start:start + np.size(value)].reshape(np.shape(value))[()]
        start += np.size(value)
    return out


def test_every_optimizer_has_a_transcription():
    kinds = {name for name, kind in vars(sg.optim).items()
             if inspect.isclass(kind) and issubclass(kind, sg.optim.Optimizer) and kind is not sg.optim.Optimizer}
    assert kinds == {*CASES, "Newton"}  # Newton takes a Hessian and has tests of its own


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("case", CASES)
def test_trajectory_agrees_with_its_transcription(case, problem):
    optimizer, transcription, numbers = CASES[case]
    gradient, params = PROBLEMS[problem]
    begin, state = params, optimizer.init(params)
    for want in transcription(lambda vector: flat(gradient(unflat(vector, begin))), flat(begin), *numbers):
        params, state = optimizer.step(params, gradient(optimizer.point(params, state)), state)
        np.testing.assert_allclose(flat(params), want, rtol=1e-12, atol=1e-12)
    assert state["step"] == STEPS
    assert np.abs(flat(params) - flat(begin)).max() > 1e-3


@pytest.mark.parametrize("case", CASES)
def test_the_in_place_form_gives_the_same_bits(case):
    optimizer = CASES[case][0]
    rng = np.random.default_rng(3)
    params = {"large": rng.normal(size=(3, 20000)), "small": np.array(0.5), "empty": np.zeros((0, 2))}
    there = {name: value.copy() for name, value in params.items()}
    state, mine = optimizer.init(params), optimizer.init(params)
    for _ in range(3):
        grads = {name: rng.normal(size=value.shape) for name, value in params.items()}
        params, state = optimizer.step(params, grads, state)
        optimizer.update(there, grads, mine)
    for name, value in params.items():
        np.testing.assert_array_equal(there[name], value)


@pytest.mark.parametrize("case", CASES)
def test_inputs_stay_untouched_and_results_are_fresh(case):
    optimizer = CASES[case][0]
    params, grads = {"w": np.array([1.0, 2.0])}, {"w": np.array([0.5, -1.0])}
    state = optimizer.init(params)
    _, state = optimizer.step(params, grads, state)
    before = pickle.dumps((params, grads, state))
    after, later = optimizer.step(params, grads, state)
    assert pickle.dumps((params, grads, state)) == before
    assert not np.shares_memory(after["w"], params["w"]) and later["step"] == 2


@pytest.mark.parametrize("case", CASES)
def test_optimizer_and_state_pickle(case):
    optimizer = CASES[case][0]
    params, grads = {"w": np.array([1.0, 2.0])}, {"w": np.array([0.5, -1.0])}
    params, state = optimizer.step(params, grads, optimizer.init(params))
    again, restored = pickle.loads(pickle.dumps((optimizer, state)))
    assert again == optimizer and hash(again) == hash(optimizer) and type(state) is dict
    np.testing.assert_array_equal(again.step(params, grads, restored)[0]["w"], optimizer.step(params, grads, state)[0]["w"])


@pytest.mark.parametrize("case", CASES)
def test_single_precision_stays_single(case):
    optimizer = CASES[case][0]
    params = {"w": np.array([1.0, 2.0], np.float32), "b": np.float32(0.5)}
    state = optimizer.init(params)
    for _ in range(3):
        params, state = optimizer.step(params, {"w": np.array([0.5, -1.0]), "b": 1}, state)
    kept = [value for part in state.values() if isinstance(part, dict) for value in part.values()]
    assert all(value.dtype == np.float32 for value in [*params.values(), *kept])


def test_whole_numbers_become_floats():
    params, _ = sg.optim.SGD(0.5).step({"w": [1, 2]}, {"w": [1, 1]}, sg.optim.SGD(0.5).init({"w": [1, 2]}))
    np.testing.assert_array_equal(params["w"], [0.5, 1.5])


def test_keys_may_be_symbols_and_learning_rate_stands_first():
    x = sp.Symbol("x", real=True)
    optimizer = sg.optim.Adam(1e-2)
    assert optimizer.learning_rate == 1e-2 and optimizer == sg.optim.Adam(learning_rate=1e-2)
    params, _ = optimizer.step({x: 1.0}, {x: 2.0}, optimizer.init({x: 1.0}))
    assert params["x"] == pytest.approx(0.99, rel=1e-8)


# ---------------------------------------------------------------- learning rates that change

@pytest.mark.parametrize("rate", [lambda step: 0.1 / step, 1 / (10 * t)])
def test_learning_rate_may_depend_on_the_step(rate):
    optimizer, params = sg.optim.SGD(rate), {"w": np.array([1.0])}
    state = optimizer.init(params)
    for _ in range(4):
        params, state = optimizer.step(params, {"w": np.array([1.0])}, state)
    assert params["w"][0] == pytest.approx(1 - 0.1 * (1 + 1 / 2 + 1 / 3 + 1 / 4), rel=1e-14)


@pytest.mark.parametrize("rate", ["fast", None, float("nan"), True, sp.Symbol("q") + t])
def test_wrong_learning_rates_are_refused(rate):
    with pytest.raises(sg.errors.OptionError, match="learning"):
        sg.optim.SGD(rate)


def test_a_schedule_that_is_not_finite_is_named_with_its_step():
    optimizer = sg.optim.SGD(lambda step: float("inf"))
    with pytest.raises(sg.errors.OptionError, match="t = 1"):
        optimizer.step({"w": 1.0}, {"w": 1.0}, optimizer.init({"w": 1.0}))


# ---------------------------------------------------------------- an optimizer is its equations

class SignDescent(sg.optim.Optimizer):
    """Steps of one length, whatever the gradient's size; the kink at 0 stays put."""

    learning_rate: float = 0.1

    @staticmethod
    def equations():
        learning_rate = sp.Symbol("learning_rate", real=True)
        return [(new(w), w - learning_rate * sp.Piecewise((1, g > 0), (-1, g < 0), (0, True)))]


class Drifting(sg.optim.Optimizer):
    """An equation that speaks of something undeclared."""

    learning_rate: float = 0.1

    @staticmethod
    def equations():
        return [(new(w), w - sp.Symbol("wind", real=True))]


def test_a_new_optimizer_is_its_equations():
    optimizer = SignDescent(learning_rate=0.25)
    params, _ = optimizer.step({"w": np.array([1.0, 1.0, 1.0])}, {"w": np.array([3.0, -0.1, 0.0])}, optimizer.init({"w": np.zeros(3)}))
    np.testing.assert_array_equal(params["w"], [0.75, 1.25, 1.0])


def test_an_equation_with_an_unknown_symbol_is_named():
    with pytest.raises(sg.errors.DeclarationError, match="wind"):
        Drifting().init({"w": 1.0})


def test_an_equation_carries_the_special_functions_that_it_needs():
    """g exp(-g^2) has a limit, which NumPy alone does not give."""
    rate = sp.Symbol("learning_rate", real=True)
    update = compile_update([(new(w), w - rate * g * sp.exp(-(g**2)))], [new(w)], [], ["learning_rate"], "Own")
    with np.errstate(all="ignore"):
        (after,) = update.elements(np.zeros(3), np.array([1e200, 1.0, -np.inf]), 2.0, 3, np.dtype(float))
    np.testing.assert_allclose(after, [0, -2 / np.e, 0], rtol=1e-15)


def test_a_condition_of_the_step_stays_one() -> None:
    """Together with one of the elements, which are joined by a bitwise or."""
    choice = sp.Piecewise((w, sp.Or(t > 2, g > 0)), (w - g, True))
    update = compile_update([(new(w), choice)], [new(w)], [], [], "Own")
    for step, want in ((1.0, [1.0, 3.0]), (3.0, [1.0, 2.0])):
        target = np.zeros(2)
        update.run([target], [np.array([1.0, 2.0]), np.array([1.0, -1.0])], update.coefficients({"t": step}))
        assert target.tolist() == want


def test_equations_print_as_text_markdown_and_latex():
    table = sg.optim.Adam().table()
    assert [row.name for row in table.rows] == ["m'", "v'", "m_hat", "v_hat", "w'"]
    assert "m_hat" in str(table) and "w'" in str(table)
    assert table["v'"].definition.has(g) and table.to_markdown().count("|") == 21
    latex = sg.optim.Adam().latex()
    assert latex.startswith(r"\begin{align*}") and r"\hat{m}" in latex and r"\beta_1^{t}" in latex and latex.count("&=") == 5
    assert "np.sqrt" in sg.optim.Adam().source and "def elements" in sg.optim.Adam().source


# ---------------------------------------------------------------- errors

@pytest.mark.parametrize("kind, wrong, hints", [
    ("Adam", "lr", ["learning_rate"]), ("Adam", "betas", ["beta1", "beta2"]), ("Adam", "eps", ["epsilon"]), ("RMSProp", "rho", ["decay"]),
    ("Momentum", "rho", ["momentum"]), ("Adam", "beta_1", ["beta1"]), ("SGD", "learningrate", ["learning_rate"]),
    ("RMSProp", "alpha", ["decay"]), ("SGD", "momentum", ["the optimizer Momentum"]), ("SGD", "nesterov", ["the optimizer Nesterov"]),
    ("Adadelta", "lr", ["the optimizer variants.ScaledAdadelta"]), ("AdaGrad", "lr_decay", ["a schedule for learning_rate"]),
])
def test_wrong_names_of_hyper_parameters_get_a_hint(kind, wrong, hints):
    with pytest.raises(sg.errors.OptionError, match=wrong) as error:
        getattr(sg.optim, kind)(**{wrong: 0.1})
    assert str(error.value).endswith(f"Write {' and '.join(hints)}.")


@pytest.mark.parametrize("make", [
    lambda: sg.optim.Adam(beta1=1.0), lambda: sg.optim.Momentum(momentum=-0.1), lambda: sg.optim.Adam(epsilon=-1e-8),
    lambda: sg.optim.Adam(beta2="0.9"), lambda: sg.optim.SGD(0.1, 0.9), lambda: sg.optim.SGD(0.1, learning_rate=0.2),
])
def test_wrong_hyper_parameters_are_refused(make):
    with pytest.raises(sg.errors.OptionError):
        make()


def test_what_is_no_dict_of_parameters_is_refused():
    for call in (lambda o: o.init([1.0]), lambda o: o.step([1.0], {"w": 1.0}, o.init({"w": 1.0})), lambda o: o.step({"w": 1.0}, [1.0], o.init({"w": 1.0}))):
        with pytest.raises(sg.errors.InputError, match="dict by name"):
            call(sg.optim.Adam())
    with pytest.raises(sg.errors.InputError, match="w is given twice"):
        sg.optim.Adam().init({"w": 1.0, sp.Symbol("w"): 2.0})
    with pytest.raises(sg.errors.OptionError, match="maximise"):
        sg.optim.SGD(-0.1)


def test_optimizers_are_frozen():
    optimizer = sg.optim.SGD(0.1)
    with pytest.raises(sg.errors.OptionError, match="frozen"):
        optimizer.learning_rate = 0.2
    assert optimizer.replace(learning_rate=0.2) == sg.optim.SGD(0.2) != optimizer


@pytest.mark.parametrize("grads, words", [
    ({"w": np.ones(2)}, ["b", "missing"]), ({"w": np.ones(3), "b": 1.0}, ["w", "(3,)", "(2,)"]),
    ({"w": np.ones(2), "b": 1.0, "q": 1.0}, ["q"]), ({"w": np.ones(2) * 1j, "b": 1.0}, ["w", "complex"]),
])
def test_wrong_gradients_are_named(grads, words):
    optimizer, params = sg.optim.Momentum(), {"w": np.ones(2), "b": 0.0}
    with pytest.raises(sg.errors.InputError) as error:
        optimizer.step(params, grads, optimizer.init(params))
    assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize("value", [1.0, [1.0, 2.0], np.array([1, 2]), np.ones((4, 2))[:, 0], np.broadcast_to(1.0, (3,))])
def test_what_cannot_be_written_in_place_is_refused(value):
    optimizer = sg.optim.Momentum()
    with pytest.raises(sg.errors.InputError, match="w cannot be written"):
        optimizer.update({"w": value}, {"w": value}, optimizer.init({"w": value}))


def test_a_state_of_another_optimizer_or_shape_is_refused():
    params = {"w": np.ones(2)}
    with pytest.raises(sg.errors.InputError, match=r"opt\.init"):
        sg.optim.Adam().step(params, params, sg.optim.SGD().init(params))
    with pytest.raises(sg.errors.InputError, match=r"w.*\(2,\)"):
        sg.optim.Adam().step(params, params, sg.optim.Adam().init({"w": np.ones(3)}))


# ---------------------------------------------------------------- another library, where it is installed

@pytest.mark.parametrize("case, theirs", [
    ("SGD", lambda torch, p: torch.optim.SGD(p, lr=1e-3)), ("Momentum", lambda torch, p: torch.optim.SGD(p, lr=2e-4, momentum=0.8)),
    ("AdaGrad", lambda torch, p: torch.optim.Adagrad(p, lr=0.1, eps=1e-7)),
    ("RMSProp", lambda torch, p: torch.optim.RMSprop(p, lr=0.001, alpha=0.95, eps=1e-6)),
    ("Adadelta", lambda torch, p: torch.optim.Adadelta(p, lr=1.0, rho=0.9, eps=1e-6)),
    ("Adam", lambda torch, p: torch.optim.Adam(p, lr=0.02, betas=(0.85, 0.99), eps=1e-8)),
])
def test_trajectories_agree_with_pytorch(case, theirs):
    torch = pytest.importorskip("torch")
    gradient, params = PROBLEMS["least squares"]
    tensors = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in params.items()}
    other, optimizer = theirs(torch, list(tensors.values())), CASES[case][0]
    state = optimizer.init(params)
    for _ in range(STEPS):
        for name, value in gradient({name: one.detach().numpy() for name, one in tensors.items()}).items():
            tensors[name].grad = torch.tensor(value)
        other.step()
        params, state = optimizer.step(params, gradient(params), state)
    for name, value in params.items():
        np.testing.assert_allclose(value, tensors[name].detach().numpy(), rtol=1e-10, atol=1e-12)
