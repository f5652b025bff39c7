"""Schedules against their formulas in plain Python, what they count, and how they go into optimizers and trainings."""

import math
import pickle

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.optim import schedules

COUNTS = [1, 2, 3, 10, 29, 30, 31, 60, 61, 90, 91, 200, 5000, 5001, 20000]
RATE = 0.3

FORMULAS = {
    "constant": (schedules.constant(RATE), "step or epoch", lambda k: RATE),
    "step": (schedules.step(RATE), "epoch", lambda k: RATE * 0.1**sum(k > one for one in (30, 60, 90))),
    "step by step": (schedules.step(RATE, at=[2, 10], factor=0.5, unit="step"), "step", lambda k: RATE * 0.5**sum(k > one for one in (2, 10))),
    "cosine": (schedules.cosine(RATE, 100), "epoch", lambda k: RATE / 2 * (1 + math.cos(min(k - 1, 100) * math.pi / 100))),
    "linear": (schedules.linear(RATE, 60, unit="step"), "step", lambda k: RATE * (1 - min(k - 1, 60) / 60)),
    "inverse_sqrt": (schedules.inverse_sqrt(RATE), "epoch", lambda k: RATE / math.sqrt(k)),
    "warmup": (schedules.warmup(RATE), "step", lambda k: RATE * min(1, k / 5000)),
    "warmup of another": (schedules.warmup(schedules.inverse_sqrt(RATE, unit="step"), 30), "step", lambda k: RATE / math.sqrt(k) * min(1, k / 30)),
    "scaled_by_batch": (schedules.scaled_by_batch(schedules.cosine(RATE, 50), 256, 32), "epoch",
                        lambda k: 8 * RATE / 2 * (1 + math.cos(min(k - 1, 50) * math.pi / 50))),
}


def test_every_schedule_has_its_formula():
    assert {name.split(" ")[0] for name in FORMULAS} == set(schedules.__all__)


@pytest.mark.parametrize("name", FORMULAS)
def test_schedules_are_their_formulas(name):
    schedule, unit, formula = FORMULAS[name]
    np.testing.assert_allclose(schedule.values(COUNTS), [formula(count) for count in COUNTS], rtol=1e-13, atol=1e-16)
    assert schedule.unit == unit and unit in str(schedule) and isinstance(schedule.expr, sp.Expr)
    assert pickle.loads(pickle.dumps(schedule)) == schedule


def test_decays_begin_with_the_full_rate_and_end_at_nothing():
    for schedule in (schedules.cosine(RATE, 40), schedules.linear(RATE, 40)):
        assert schedule(1) == pytest.approx(RATE, rel=1e-14) and schedule(41) == pytest.approx(0.0, abs=1e-16)
        assert schedule(40) > 0
        rates = schedule.values(range(1, 60))
        assert np.all(np.diff(rates) <= 0)


@pytest.mark.parametrize("steps", [1, 3, 7, 49, 50, 97])
def test_a_schedule_by_epoch_turns_into_one_by_step(steps):
    by_epoch = schedules.step(RATE, at=[1, 2, 5])
    by_step = by_epoch.by_step(steps)
    assert by_step.unit == "step"
    for count in range(1, 8 * steps + 1):
        assert by_step(count) == by_epoch((count - 1) // steps + 1)


def test_a_warm_up_of_epochs_counts_both():
    schedule = schedules.warmup(schedules.cosine(RATE, 10), 25)
    assert schedule.unit == "step and epoch"
    with pytest.raises(sg.errors.OptionError, match="by_step"):
        schedule(3)
    one = schedule.by_step(10)
    for count in (1, 10, 11, 25, 26, 99):
        assert one(count) == pytest.approx(RATE / 2 * (1 + math.cos((count - 1) // 10 * math.pi / 10)) * min(1, count / 25), rel=1e-13)


def test_schedules_compose_with_optimizers():
    optimizer = sg.optim.SGD(schedules.inverse_sqrt(0.5, unit="step"))
    params, state = {"w": np.array([1.0])}, optimizer.init({"w": np.array([1.0])})
    for _ in range(3):
        params, state = optimizer.step(params, {"w": np.array([1.0])}, state)
    assert params["w"][0] == pytest.approx(1 - 0.5 * (1 + 1 / math.sqrt(2) + 1 / math.sqrt(3)), rel=1e-14)
    assert "inverse square root" in repr(optimizer) and pickle.loads(pickle.dumps(optimizer)) == optimizer


w, x, y = sp.symbols("w x y", real=True)
DATA = {"x": np.linspace(-1, 1, 12), "y": np.linspace(-2, 2, 12)}


def trained(**options):
    model = sg.Model(loss=(w * x - y)**2, params={w: 0.0}, batch=[x, y])
    return sg.fit(model, DATA, **{**dict(optimizer=sg.optim.SGD(0.1), epochs=4, batch_size=4, progress=False), **options})


def test_schedules_compose_with_trainings():
    """A schedule by epoch, the same by step in the optimizer, and one that counts both."""
    cosine = schedules.cosine(0.1, 4)
    by_epoch = trained(schedule=cosine)
    assert by_epoch.params["w"] == trained(optimizer=sg.optim.SGD(cosine.by_step(3))).params["w"] == trained(schedule=cosine.by_step(3)).params["w"]
    assert by_epoch.params["w"] == trained(schedule=lambda epoch: cosine(epoch)).params["w"]
    warm = schedules.warmup(cosine, 5)
    assert trained(schedule=warm).params["w"] == pytest.approx(trained(optimizer=sg.optim.SGD(warm.by_step(3))).params["w"], rel=1e-14)
    assert trained(schedule=warm).params["w"] != by_epoch.params["w"]


def test_an_optimizer_refuses_epochs_and_says_where_they_go():
    with pytest.raises(sg.errors.OptionError, match=r"epoch.*fit\(schedule="):
        sg.optim.SGD(schedules.cosine(0.1, 10))


@pytest.mark.parametrize("make, words", [
    (lambda: schedules.constant(-0.1), ["rate", "-0.1"]), (lambda: schedules.constant("fast"), ["fast"]), (lambda: schedules.cosine(0.1, 0), ["over", "0"]),
    (lambda: schedules.linear(0.1, 2.5), ["over", "2.5"]), (lambda: schedules.step(0.1, at=[30, 20]), ["ascending"]),
    (lambda: schedules.step(0.1, factor=float("nan")), ["factor"]), (lambda: schedules.cosine(0.1, 10, unit="batch"), ["unit", "batch", "epoch"]),
    (lambda: schedules.warmup(0.1, steps=0), ["steps"]), (lambda: schedules.scaled_by_batch(0.1, 0, 32), ["batch_size"]),
    (lambda: schedules.constant(0.1).by_step(0), ["steps_per_epoch"]),
])
def test_wrong_schedules_are_named(make, words):
    with pytest.raises(sg.errors.OptionError) as error:
        make()
    assert all(word in str(error.value) for word in words), str(error.value)


def test_counts_begin_at_one():
    for schedule in (schedules.inverse_sqrt(0.1), schedules.cosine(0.1, 10)):
        with pytest.raises(sg.errors.OptionError, match="from 1"):
            schedule(0)


def test_schedules_print_and_draw():
    from matplotlib.figure import Figure
    schedule = schedules.cosine(0.2, 50)
    lines = schedule.table(50).splitlines()
    assert len(lines) == 11 and "epoch" in lines[1] and lines[1].endswith("0.2")
    axes = Figure().subplots()
    assert schedule.plot(50, axes) is axes and axes.get_xlabel() == "epoch"
    np.testing.assert_allclose(axes.lines[0].get_ydata(), schedule.values(range(1, 51)))
    assert schedule.plot(5).lines[0].get_xdata().tolist() == [1, 2, 3, 4, 5]
