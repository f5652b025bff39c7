"""Every form of the update rules against its own NumPy transcription, and how the forms are related."""

import inspect

import numpy as np
import pytest
from test_optim import PROBLEMS, STEPS, flat, unflat

import symgrad as sg
from symgrad.optim import rules, variants

# ---------------------------------------------------------------- transcriptions, one a printed form: w is one flat vector

def added_velocity(grad, w, rate, friction):
    v = 0 * w
    for _ in range(STEPS):
        v = friction * v - rate * grad(w)
        w = w + v
        yield w


def subtracted_velocity(grad, w, rate, friction):
    v = 0 * w
    for _ in range(STEPS):
        v = friction * v + rate * grad(w)
        w = w - v
        yield w


def averaged_gradient(grad, w, rate, friction):
    average = 0 * w
    for _ in range(STEPS):
        average = grad(w) + friction * average
        w = w - rate * average
        yield w


def look_ahead(grad, w, rate, friction):
    v = 0 * w
    for _ in range(STEPS):
        v = friction * v - rate * grad(w + friction * v)
        w = w + v
        yield w


def shifted(grad, w, rate, friction):
    v = 0 * w
    for _ in range(STEPS):
        before = v
        v = friction * v - rate * grad(w)
        w = w - friction * before + (1 + friction) * v
        yield w


def interim(grad, w, rate, friction):
    v = 0 * w
    for _ in range(STEPS):
        v = friction * v - rate * grad(w + v)
        w = w + v
        yield w


def subtracted_interim(grad, w, rate, friction):
    v = 0 * w
    for _ in range(STEPS):
        v = friction * v + rate * grad(w - v)
        w = w - v
        yield w


def adagrad_inside(grad, w, rate, eps):
    total = 0 * w
    for _ in range(STEPS):
        gradient = grad(w)
        total = total + gradient * gradient
        w = w - rate / np.sqrt(total + eps) * gradient
        yield w


def rmsprop_inside(grad, w, rate, rho, eps):
    mean = 0 * w
    for _ in range(STEPS):
        gradient = grad(w)
        mean = rho * mean + (1 - rho) * gradient * gradient
        w = w - rate / np.sqrt(mean + eps) * gradient
        yield w


def scaled_adadelta(grad, w, rate, rho, eps):
    squares, changes = 0 * w, 0 * w
    for _ in range(STEPS):
        gradient = grad(w)
        squares = rho * squares + (1 - rho) * gradient * gradient
        change = np.sqrt(changes + eps) / np.sqrt(squares + eps) * gradient
        changes = rho * changes + (1 - rho) * change * change
        w = w - rate * change
        yield w


def adam_inside(grad, w, rate, first, second, eps):
    m, b = 0 * w, 0 * w
    for k in range(1, STEPS + 1):
        gradient = grad(w)
        m = first * m + (1 - first) * gradient
        b = second * b + (1 - second) * gradient * gradient
        w = w - rate / np.sqrt(b / (1 - second**k) + eps) * (m / (1 - first**k))
        yield w


def uncorrected_adam(grad, w, rate, first, second, eps):
    v, r = 0 * w, 0 * w
    for _ in range(STEPS):
        gradient = grad(w)
        v = first * v + (1 - first) * gradient
        r = second * r + (1 - second) * gradient * gradient
        w = w - rate / (eps + np.sqrt(r)) * v
        yield w


CASES = {
    "VelocityMomentum": (added_velocity, (2e-4, 0.8)), "SubtractedMomentum": (subtracted_velocity, (2e-4, 0.8)),
    "AveragedMomentum": (averaged_gradient, (2e-4, 0.8)), "VelocityNesterov": (look_ahead, (2e-4, 0.8)), "ShiftedNesterov": (shifted, (2e-4, 0.8)),
    "InterimNesterov": (interim, (2e-4, 0.8)), "SubtractedInterimNesterov": (subtracted_interim, (2e-4, 0.8)),
    "AdaGradInside": (adagrad_inside, (0.1, 1e-6)), "RMSPropInside": (rmsprop_inside, (0.001, 0.95, 1e-6)),
    "ScaledAdadelta": (scaled_adadelta, (0.5, 0.9, 1e-6)), "AdamInside": (adam_inside, (0.02, 0.85, 0.99, 1e-6)),
    "UncorrectedAdam": (uncorrected_adam, (0.002, 0.85, 0.99, 1e-6)),
}


def made(name):
    return getattr(variants, name)(*CASES[name][1])


def iterates(optimizer, gradient, params, steps=STEPS):
    state = optimizer.init(params)
    for _ in range(steps):
        params, state = optimizer.step(params, gradient(optimizer.point(params, state)), state)
        yield params, state


def test_every_variant_has_a_transcription():
    kinds = {name for name, kind in vars(variants).items() if inspect.isclass(kind) and kind.__module__ == variants.__name__
             and issubclass(kind, sg.optim.Optimizer)}
    assert kinds == set(CASES)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", CASES)
def test_trajectory_agrees_with_its_transcription(name, problem):
    transcription, numbers = CASES[name]
    gradient, begin = PROBLEMS[problem]
    wanted = transcription(lambda vector: flat(gradient(unflat(vector, begin))), flat(begin), *numbers)
    found = list(iterates(made(name), gradient, begin))
    for (params, _), want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(flat(params), want, rtol=1e-12, atol=1e-12)
    assert np.abs(flat(found[-1][0]) - flat(begin)).max() > 1e-3


def test_every_rule_of_every_deck_has_a_form():
    """Who writes which rule; random search has no gradient and is a function."""
    written = {"O1": "ABCDE", "O2": "ABCE", "O3": "ACE", "O4": "ABCE", "O5": "ABCE", "O6": "C", "O7": "ACE", "O9": "C"}
    assert {rule: "".join(sorted({deck for form in variants.FORMS if form.rule == rule for deck in form.decks})) for rule in written} == written
    assert {type(form.optimizer) for form in variants.FORMS} >= {getattr(variants, name) for name in CASES}


@pytest.mark.parametrize("rule, deck, inside, epsilon", [
    ("O4", "E", False, 1e-7), ("O4", "A", False, 1e-8), ("O4", "B", True, 1e-8), ("O4", "C", True, 1e-8), ("O5", "E", False, 1e-7),
    ("O5", "B", True, 1e-8), ("O5", "C", True, 1e-8), ("O7", "E", False, 1e-7), ("O7", "C", True, 1e-8),
])
def test_where_epsilon_stands(rule, deck, inside, epsilon):
    """From a zero gradient's first step on, w moves by rate g/(|g| + eps) or rate g/sqrt(g^2 + eps): a small g tells them apart."""
    found = [form.optimizer for form in variants.FORMS if form.rule == rule and deck in form.decks and not isinstance(form.optimizer, variants.UncorrectedAdam)]
    assert len(found) == 1 and found[0].epsilon == epsilon
    optimizer, small = found[0].replace(learning_rate=1.0), 1e-7
    (params, _), = iterates(optimizer, lambda at: {"x": small}, {"x": 0.0}, 1)
    mean = 1 - optimizer.decay if rule == "O5" else 1.0
    size = np.sqrt(mean * small**2 + epsilon) if inside else np.sqrt(mean) * small + epsilon
    assert params["x"] == pytest.approx(-small / size, rel=1e-12)


# ---------------------------------------------------------------- how the forms are related

@pytest.mark.parametrize("problem", PROBLEMS)
def test_all_momentum_forms_give_the_same_iterates(problem):
    gradient, begin = PROBLEMS[problem]
    kinds = [rules.Momentum, variants.VelocityMomentum, variants.SubtractedMomentum, variants.AveragedMomentum]
    ends = [flat(list(iterates(kind(2e-4, 0.8), gradient, begin))[-1][0]) for kind in kinds]
    for end in ends[1:]:
        np.testing.assert_allclose(end, ends[0], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_change_of_variables_gives_the_iterates_of_the_look_ahead(problem):
    gradient, begin = PROBLEMS[problem]
    ahead = iterates(variants.VelocityNesterov(2e-4, 0.8), gradient, begin)
    other = iterates(rules.Nesterov(2e-4, 0.8), gradient, begin)
    for (params, _), (same, _), (moved, state) in zip(ahead, other, iterates(variants.ShiftedNesterov(2e-4, 0.8), gradient, begin), strict=True):
        np.testing.assert_allclose(flat(moved) - 0.8 * flat(state["v"]), flat(params), rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(flat(same), flat(params), rtol=1e-11, atol=1e-12)


def test_without_the_factor_it_is_another_method():
    def gradient(at):
        return {"x": np.array([1.0, 10.0]) * at["x"]}

    begin = {"x": np.array([10.0, 1.0])}
    kinds = [variants.VelocityNesterov, variants.InterimNesterov, variants.SubtractedInterimNesterov]
    true, added, subtracted = (list(iterates(kind(0.02, 0.9), gradient, begin, 50))[-1][0]["x"] for kind in kinds)
    np.testing.assert_allclose(added, subtracted, rtol=1e-12)
    assert 0.02 < np.abs(true - added).max() < 0.04


def test_adadelta_is_the_scaled_form_at_rate_one():
    gradient, begin = PROBLEMS["rosenbrock"]
    (plain, _), (scaled, _) = (list(iterates(kind, gradient, begin))[-1] for kind in (rules.Adadelta(), variants.ScaledAdadelta()))
    np.testing.assert_allclose(flat(plain), flat(scaled), rtol=1e-14)


@pytest.mark.parametrize("form", variants.FORMS, ids=lambda form: f"{form.rule}-{form.decks}-{type(form.optimizer).__name__}")
def test_every_form_prints_its_update(form):
    assert "w'" in str(form.optimizer.table()) and r"\begin{align*}" in form.optimizer.latex()
    assert "def elements" in form.optimizer.source


# ---------------------------------------------------------------- another library, where it is installed

@pytest.mark.parametrize("mine, theirs", [
    (variants.ShiftedNesterov(1e-3, 0.8), lambda torch, p: torch.optim.SGD(p, lr=1e-3, momentum=0.8, nesterov=True)),
    (variants.ScaledAdadelta(0.5, 0.9, 1e-6), lambda torch, p: torch.optim.Adadelta(p, lr=0.5, rho=0.9, eps=1e-6)),
    (sg.optim.Adam(0.02, weight_decay=0.1), lambda torch, p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.1)),
    (sg.optim.Momentum(1e-3, 0.8, maximise=True), lambda torch, p: torch.optim.SGD(p, lr=1e-3, momentum=0.8, maximize=True)),
    (sg.optim.SGD(1e-2, clip_value=0.05), "value"), (sg.optim.SGD(1e-2, clip_norm=0.2), "norm"),
], ids=lambda one: type(one).__name__)
def test_trajectories_agree_with_pytorch(mine, theirs):
    torch = pytest.importorskip("torch")
    gradient, params = PROBLEMS["small net"]
    tensors = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in params.items()}
    clipped = isinstance(theirs, str)
    other = torch.optim.SGD(list(tensors.values()), lr=1e-2) if clipped else theirs(torch, list(tensors.values()))
    state = mine.init(params)
    for _ in range(STEPS):
        for name, value in gradient({name: one.detach().numpy() for name, one in tensors.items()}).items():
            tensors[name].grad = torch.tensor(value)
        if theirs == "value":
            torch.nn.utils.clip_grad_value_(tensors.values(), 0.05)
        if theirs == "norm":
            torch.nn.utils.clip_grad_norm_(tensors.values(), 0.2)
        other.step()
        params, state = mine.step(params, gradient(params), state)
    for name, value in params.items():  # PyTorch's clipping by norm adds 1e-6 to the norm
        np.testing.assert_allclose(value, tensors[name].detach().numpy(), rtol=1e-4 if theirs == "norm" else 1e-10, atol=1e-12)
