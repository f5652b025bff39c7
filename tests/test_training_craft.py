"""Craft around the loop: the order of samples, early stopping, halving on a plateau, figures of the history, checkpoints."""

import numpy as np
import pytest
import sympy as sp
from test_train import XS, YS, linear_model, quiet, recorded

import symgrad as sg
from symgrad.train import Callback, Checkpoint, Curriculum, Dropout, EarlyStopping, HalveOnPlateau
from symgrad.train.archive import read_tree, write_tree


def scripted(values, watcher):
    """What a watcher does when the validation loss takes these values: (last epoch, epoch handed out, rate factors by epoch)."""
    history, factors = {"loss": [], "val_loss": []}, []
    watcher.begin(history)
    for epoch, value in enumerate(values, 1):
        history["loss"].append(0.0)
        history["val_loss"].append(value)
        ended = watcher(sg.train.Report(epoch, len(values), history, {"w": float(epoch)}, {}))
        factors.append(watcher.rate_factor)
        if ended:
            break
    kept = watcher.kept()
    return epoch, kept and kept.epoch, factors


# ---------------------------------------------------------------- order

def test_sequential_epochs_take_the_samples_as_they_are():
    model = linear_model()
    seen = recorded(model)
    quiet(model, epochs=2, batch_size=20, order="sequential")
    np.testing.assert_array_equal(np.concatenate(seen), np.tile(np.arange(50), 2))


def test_a_curriculum_takes_the_easy_samples_first():
    score = np.random.default_rng(0).permutation(50)
    model = linear_model()
    seen = recorded(model)
    quiet(model, epochs=1, batch_size=8, order=Curriculum(score))
    np.testing.assert_array_equal(np.concatenate(seen), np.argsort(score))


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_curriculum_grows(shuffle):
    score = np.linspace(1, 0, 50)
    model = linear_model()
    seen = recorded(model)
    quiet(model, epochs=4, batch_size=100, order=Curriculum(score, start=0.2, epochs=3, shuffle=shuffle))
    assert [len(part) for part in seen] == [10, 30, 50, 50]
    for part in seen:
        np.testing.assert_array_equal(np.sort(part), np.arange(50 - len(part), 50))
        assert np.array_equal(part, np.arange(50)[::-1][:len(part)]) != shuffle


def test_a_curriculums_score_belongs_to_the_samples_also_where_some_are_held_out():
    """Scores of the data as given: the held-out samples take theirs along."""
    model = linear_model()
    seen = recorded(model)
    quiet(model, epochs=1, batch_size=100, validation=0.3, order=Curriculum(lambda data: data["y"]))
    kept, held, order = seen
    assert len(held) == 15 and len(kept) == 35
    np.testing.assert_array_equal(kept[order], kept[np.argsort(YS[kept])])


# ---------------------------------------------------------------- early stopping and plateaus

@pytest.mark.parametrize("values, patience, ended, best", [
    ([5, 4, 3, 3.5, 3.2, 3.1, 2], 3, 6, 3), ([5, 4, 3, 3.5, 2.9, 3.1, 3.2], 2, 7, 5), ([5, 6], 1, 2, 1), ([5, 4, 3, 2], 1, 4, 4),
    ([float("inf"), 4, float("nan"), 5], 2, 4, 2), ([5, 5, 5], 2, 3, 1),
])
def test_early_stopping_waits_and_remembers_the_best(values, patience, ended, best):
    assert scripted(values, EarlyStopping(patience))[:2] == (ended, best)


def test_small_improvements_may_not_count():
    assert scripted([5, 4.95, 4.9, 4.85], EarlyStopping(2, least=0.2))[:2] == (3, 1)
    assert scripted([5, 4.9, 4.8], EarlyStopping(1, restore_best=False))[1] is None


def overfitting():
    """A model that gets worse on the validation data: 30 samples of noise, 25 weights."""
    rng = np.random.default_rng(8)
    features, targets = rng.normal(size=(60, 25)), rng.normal(size=60)
    return dict(data={"x": features[:30], "y": targets[:30]}, validation={"x": features[30:], "y": targets[30:]}, optimizer=sg.optim.SGD(0.05),
                batch_size=None, epochs=300)


def test_training_stops_early_and_hands_out_the_best_parameters():
    options = overfitting()
    stopped = quiet(linear_model(), **options, callbacks=[EarlyStopping(patience=7)])
    losses = stopped.history["val_loss"]
    assert len(losses) < 300 and len(losses) == stopped.epoch + 7 and np.argmin(losses) == stopped.epoch - 1
    direct = quiet(linear_model(), **{**options, "epochs": stopped.epoch})
    np.testing.assert_array_equal(stopped.params["w"], direct.params["w"])
    held = options["validation"]
    residual = held["x"] @ stopped.params["w"] + stopped.params["b"] - held["y"]
    assert stopped.score() == min(losses) == pytest.approx((residual**2).mean(), rel=1e-12)
    last = quiet(linear_model(), **options, callbacks=[EarlyStopping(patience=7, restore_best=False)])
    assert last.epoch == len(losses) and not np.array_equal(last.params["w"], stopped.params["w"])


def test_a_stopper_may_be_used_again():
    stopper, options = EarlyStopping(patience=7), overfitting()
    first, again = (quiet(linear_model(), **options, callbacks=[stopper]) for _ in range(2))
    assert first.epoch == again.epoch and first.history == again.history


def test_the_rate_is_halved_where_the_validation_loss_stays():
    assert scripted([5, 4, 4, 3, 3, 3, 3], HalveOnPlateau())[2] == [1, 1, 0.5, 0.5, 0.25, 0.125, 0.0625]
    assert scripted([5, 5, 5, 5, 5], HalveOnPlateau(patience=2, factor=0.1))[2] == pytest.approx([1, 1, 0.1, 0.1, 0.01])


@pytest.mark.parametrize("schedule", [None, sg.optim.schedules.cosine(0.5, 8), sg.optim.schedules.inverse_sqrt(0.5, unit="step")])
def test_halving_multiplies_what_the_optimizer_or_the_schedule_says(schedule):
    class Third(Callback):
        """The rate is divided by 4 after the third epoch."""

        changes_rate = True

        def begin(self, history):
            self.rate_factor = 1.0

        def __call__(self, report):
            self.rate_factor = 1.0 if report.epoch < 3 else 0.25

    fit = quiet(linear_model(), epochs=5, batch_size=25, schedule=schedule, callbacks=[Third()], record=["learning_rate"])
    rates = {None: [0.05] * 5, "epoch": [schedule(k) for k in range(1, 6)] if schedule else [],
             "step": [schedule(2 * k) for k in range(1, 6)] if schedule else []}[schedule and schedule.unit]
    np.testing.assert_allclose(fit.history["learning_rate"], np.array(rates) * [1, 1, 1, 0.25, 0.25], rtol=1e-14)


# ---------------------------------------------------------------- figures

def test_norms_and_rates_are_recorded():
    start = np.array([0.1, 0.2, -0.3])
    fit = quiet(linear_model(params={"w": start, "b": 0.5}), epochs=2, batch_size=None, validation={"x": XS[:9], "y": YS[:9]},
                record=["gradient_norm", "parameter_norm", "learning_rate"])
    assert list(fit.history) == ["loss", "val_loss", "gradient_norm", "parameter_norm", "learning_rate"]
    full, w = np.column_stack([XS, np.ones(50)]), np.array([*start, 0.5])
    for epoch in range(2):
        gradient = 2 / 50 * full.T @ (full @ w - YS)
        w = w - 0.05 * gradient
        assert fit.history["gradient_norm"][epoch] == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
        assert fit.history["parameter_norm"][epoch] == pytest.approx(np.linalg.norm(w), rel=1e-12)
    assert fit.history["learning_rate"] == [0.05, 0.05]


def test_learning_curves_have_the_norm_beside_the_losses():
    from matplotlib.figure import Figure
    fit = quiet(linear_model(), validation=0.2, record=["gradient_norm"])
    axes = Figure().subplots()
    assert fit.plot(axes) is axes
    right, = (other for other in axes.figure.axes if other is not axes)
    assert [len(axes.lines), len(right.lines)] == [2, 1] and right.get_ylabel() == "gradient norm"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["loss", "val_loss", "gradient_norm"]


def test_newton_trains_with_the_hessian():
    fit = quiet(linear_model(), optimizer=sg.optim.Newton(), epochs=1, batch_size=None)
    want = np.linalg.lstsq(np.column_stack([XS, np.ones(50)]), YS, rcond=None)[0]
    np.testing.assert_allclose([*fit.params["w"], fit.params["b"]], want, rtol=1e-9)


# ---------------------------------------------------------------- checkpoints

MASK = sp.IndexedBase("mask", shape=(sp.Symbol("n", integer=True, positive=True), sp.Symbol("d", integer=True, positive=True)))


def full_options(folder):
    """A training that uses everything that has a memory: dropout, noise, momentum, a schedule, two watchers."""
    return dict(optimizer=sg.optim.Adam(0.05, noise=1e-4, clip_norm=1.0), schedule=sg.optim.schedules.inverse_sqrt(0.05, unit="step"), batch_size=8,
                validation=0.2, seed=3, record=["gradient_norm"], checkpoint=folder / "run.npz",
                callbacks=[HalveOnPlateau(), EarlyStopping(patience=30)])


def dropping():
    i, j, d = sp.Symbol("i", integer=True), sp.Symbol("j", integer=True), MASK.shape[1]
    x, w, b = sp.IndexedBase("x", shape=MASK.shape), sp.IndexedBase("w", shape=(d,)), sp.Symbol("b", real=True)
    p = sp.IndexedBase("p")
    return linear_model(where=[(p[i], sp.Sum(w[j] * MASK[i, j] * x[i, j], (j, 0, d - 1)) + b)], random={MASK: Dropout(0.3)})


def same(first, second):
    for name, value in first.params.items():
        np.testing.assert_array_equal(value, second.params[name])
    for kind, part in first.state.items():
        for name, value in (part if isinstance(part, dict) else {}).items():
            np.testing.assert_array_equal(value, second.state[kind][name])
    assert first.history == second.history and first.epoch == second.epoch and first.state["step"] == second.state["step"]


@pytest.mark.parametrize("stop", [1, 4, 9])
def test_a_resumed_training_gives_the_same_bits(tmp_path, stop):
    whole = quiet(dropping(), **{**full_options(tmp_path), "checkpoint": None}, epochs=10)
    quiet(dropping(), **full_options(tmp_path), epochs=stop)
    resumed = quiet(dropping(), **full_options(tmp_path), epochs=10, resume=True)
    same(whole, resumed)
    assert len(resumed.history["loss"]) == 10 and 1.0 != resumed.params["b"] != 0.0


def test_an_interrupt_in_the_middle_of_an_epoch_costs_only_that_epoch(tmp_path):
    class Stopping(Dropout):
        drawn = 0

        def __call__(self, rng, shape):
            self.drawn += 1
            if self.drawn == 23:
                raise KeyboardInterrupt
            return super().__call__(rng, shape)

    whole = quiet(dropping(), **{**full_options(tmp_path), "checkpoint": None}, epochs=8)
    model = dropping()
    model.random = {"mask": Stopping(0.3)}
    broken = quiet(model, **full_options(tmp_path), epochs=8)
    assert len(broken.history["loss"]) == 4
    same(whole, quiet(dropping(), **full_options(tmp_path), epochs=8, resume=True))


def test_running_averages_and_scalars_keep_their_precision(tmp_path):
    j, k, d, n = *sp.symbols("j k", integer=True), MASK.shape[1], MASK.shape[0]
    i, x, w, b, mu, p = sp.Symbol("i", integer=True), sp.IndexedBase("x", shape=MASK.shape), sp.IndexedBase("w", shape=(d,)), \
        sp.Symbol("b", real=True), sp.IndexedBase("mu"), sp.IndexedBase("p")
    where = [(mu[j], sp.Sum(x[k, j], (k, 0, n - 1)) / n), (p[i], sp.Sum(w[j] * (x[i, j] - mu[j]), (j, 0, d - 1)) + b)]
    data = {"x": XS.astype(np.float32), "y": YS.astype(np.float32)}
    options = dict(data=data, batch_size=7, validation=0.2)
    whole = quiet(linear_model(where=where, averages={mu: 0.9}), **options, epochs=5)
    quiet(linear_model(where=where, averages={mu: 0.9}), **options, epochs=2, checkpoint=str(tmp_path / "run.npz"))
    resumed = quiet(linear_model(where=where, averages={mu: 0.9}), **options, epochs=5, checkpoint=str(tmp_path / "run.npz"), resume=True)
    same(whole, resumed)
    np.testing.assert_array_equal(whole.averages["mu"], resumed.averages["mu"])
    assert resumed.params["w"].dtype == resumed.params["b"].dtype == resumed.averages["mu"].dtype == np.float32


def test_a_training_that_ended_stays_ended(tmp_path):
    options = {**overfitting(), "checkpoint": tmp_path / "run.npz"}
    first = quiet(linear_model(), **options, callbacks=[EarlyStopping(patience=7)])
    before = (tmp_path / "run.npz").read_bytes()
    again = quiet(linear_model(), **options, callbacks=[EarlyStopping(patience=7)], resume=True)
    same(first, again)
    assert (tmp_path / "run.npz").read_bytes() == before and again.epoch < len(again.history["loss"])


def test_checkpoints_are_written_as_often_as_asked(tmp_path):
    epochs = []
    quiet(linear_model(), epochs=7, checkpoint=Checkpoint(tmp_path / "run.npz", every=3),
          callbacks=[lambda report: epochs.append(read_tree(tmp_path / "run.npz")["epoch"] if (tmp_path / "run.npz").exists() else 0)])
    assert epochs == [0, 0, 0, 3, 3, 3, 6] and read_tree(tmp_path / "run.npz")["epoch"] == 7
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_a_failing_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    quiet(linear_model(), epochs=1, checkpoint=path)
    before = path.read_bytes()

    def full(handle):
        raise OSError("the disk is full")

    monkeypatch.setattr("symgrad.emit.files.os.fsync", full)
    with pytest.raises(OSError, match="full"):
        quiet(linear_model(), epochs=2, checkpoint=path)
    assert path.read_bytes() == before and [one.name for one in tmp_path.iterdir()] == ["run.npz"]


def test_trees_come_back_as_they_were(tmp_path):
    tree = {"a": [1, 2.5, None, "é", 1e-320, float("inf"), 2**127], "@array": {"@array": np.arange(3.0)}, "zero": np.float32(0.1),
            "shape": np.zeros((0, 2), np.float16), "point": np.array(0.3)}
    back = read_tree(write_tree(tmp_path / "tree.npz", tree))
    assert back["a"] == tree["a"] and back["zero"] == tree["zero"] and back["zero"].dtype == np.float32
    np.testing.assert_array_equal(back["@array"]["@array"], np.arange(3.0))
    assert back["shape"].shape == (0, 2) and isinstance(back["point"], np.ndarray) and back["point"].shape == ()


@pytest.mark.parametrize("change, word", [
    (dict(seed=4), "seed"), (dict(batch_size=16), "batch_size"), (dict(optimizer=sg.optim.SGD(0.05)), "optimizer"), (dict(validation=0.3), "samples"),
    (dict(callbacks=[]), "callbacks"), (dict(record=[]), "figures"), (dict(data={"x": XS[:, :2], "y": YS}), "parameters"),
])
def test_checkpoints_of_other_trainings_are_refused(tmp_path, change, word):
    options = full_options(tmp_path)
    quiet(linear_model(), **options, epochs=1)
    with pytest.raises(sg.errors.InputError, match=word):
        quiet(linear_model(), **{**options, **change}, epochs=2, resume=True)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04broken", None])
def test_broken_checkpoints_are_refused(tmp_path, content):
    path = tmp_path / "run.npz"
    if content is None:
        np.savez(path, tree=np.frombuffer(b"[1, 2]", np.uint8))
    else:
        path.write_bytes(content)
    with pytest.raises(sg.errors.InputError, match=r"run\.npz.*checkpoint"):
        quiet(linear_model(), checkpoint=path, resume=True)


# ---------------------------------------------------------------- errors

@pytest.mark.parametrize("options, words", [
    (dict(order="random"), ["order", "random", "shuffled"]), (dict(callbacks=[EarlyStopping()]), ["EarlyStopping", "val_loss", "validation="]),
    (dict(callbacks=[HalveOnPlateau(watch="gradient_norm")]), ["gradient_norm", "record="]), (dict(record=["speed"]), ["record", "speed"]),
    (dict(record="gradient_norm"), ["record", "list"]), (dict(resume=True), ["resume", "checkpoint="]), (dict(checkpoint=3), ["checkpoint", "path"]),
    (dict(callbacks=[HalveOnPlateau(watch="loss")], optimizer=sg.optim.Adadelta()), ["Adadelta", "ScaledAdadelta"]),
])
def test_wrong_craft_is_named(options, words):
    with pytest.raises(sg.errors.OptionError) as caught:
        quiet(linear_model(), **options)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("score", [np.ones(49), np.full(50, np.nan), lambda data: data["x"]])
def test_wrong_scores_are_named(score):
    with pytest.raises(sg.errors.InputError, match="score"):
        quiet(linear_model(), order=Curriculum(score))


@pytest.mark.parametrize("make", [
    lambda: EarlyStopping(0), lambda: EarlyStopping(2.5), lambda: EarlyStopping(least=-1), lambda: HalveOnPlateau(factor=1.0),
    lambda: Curriculum([1], start=0.0), lambda: Curriculum([1], epochs=0), lambda: Checkpoint("run.npz", every=0),
    lambda: quiet(linear_model()).score("val_loss"),
])
def test_wrong_numbers_of_craft_are_refused(make):
    with pytest.raises(sg.errors.OptionError):
        make()


