"""Search for hyper-parameters on the validation set: every combination of a grid, or random draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from symgrad.errors import InputError, MissingExtraError, OptionError, TrainingError, explain
from symgrad.optim.rate import is_number
from symgrad.train.result import Fit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Train = Callable[..., Fit]


@dataclass(frozen=True)
class Trial:
    """One choice of hyper-parameters, its score, and what was trained (None where the training diverged)."""

    choice: dict[str, Any]
    score: float
    fit: Fit | None


@dataclass(frozen=True)
class Search:
    """All trials in the order in which they were made; `best` is the one with the lowest score."""

    trials: tuple[Trial, ...]
    watch: str

    @property
    def best(self) -> Trial:
        return min(self.trials, key=lambda trial: trial.score)

    def __str__(self) -> str:
        """The trials as a table, the best first."""
        names = list(self.trials[0].choice)
        ranked = sorted(self.trials, key=lambda trial: trial.score)
        lines = [[*names, self.watch], *([*(_shown(trial.choice[name]) for name in names), _score(trial)] for trial in ranked)]
        widths = [max(len(line[k]) for line in lines) for k in range(len(names) + 1)]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)

    def plot(self, name: str, ax: Axes | None = None) -> Axes:
        """The scores over one hyper-parameter that is a number, on the given Matplotlib axes or on new ones."""
        points = [(trial.choice.get(name), trial.score) for trial in self.trials if math.isfinite(trial.score)]
        if not points or not all(is_number(place) for place, _ in points):
            raise OptionError(explain(f"the scores over {name!r} cannot be drawn",
                                      f"One of {', '.join(self.trials[0].choice)} that is a number is required"))
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise MissingExtraError(explain("plot needs Matplotlib, which is missing", "", "Install it by: pip install symgrad[plot], "
                                            "or print the search")) from None
        ax = Figure().subplots() if ax is None else ax
        ax.plot(*zip(*sorted(points), strict=True), "o")  # type: ignore[arg-type]
        ax.set_xlabel(name)
        ax.set_ylabel(self.watch.replace("_", " "))
        return ax


def search_grid(train: Train, choices: Mapping[str, Sequence], *, watch: str = "val_loss") -> Search:
    """Train with every combination of the choices and judge each by the validation set.

    train: called with one of the choices for each name, returns what `fit` returned (with validation data).
    watch: the figure of the history that is judged, at the epoch whose parameters were handed out.
    Raises OptionError where a figure was not recorded, TrainingError where every training diverged.
    """
    _check_names(choices)
    empty = [name for name, values in choices.items() if isinstance(values, str) or len(list(values)) == 0]
    if empty:
        raise OptionError(explain(f"the choices of {empty[0]} are {choices[empty[0]]!r}", "A list with at least one value is required"))
    combinations = (dict(zip(choices, values, strict=True)) for values in product(*choices.values()))
    return _searched(train, combinations, watch)


def search_random(train: Train, ranges: Mapping[str, Any], *, trials: int = 20, seed: int = 0, watch: str = "val_loss") -> Search:
    """Train with random draws and judge each by the validation set.

    ranges: for each name a function of a generator such as log_uniform(1e-4, 1e-1), a frozen SciPy distribution, or a list.
    The rest as in `search_grid`.
    """
    _check_names(ranges)
    if isinstance(trials, bool) or not isinstance(trials, (int, np.integer)) or trials < 1:
        raise OptionError(explain(f"trials={trials!r}", "A whole number of at least 1 is required"))
    rng = np.random.default_rng(seed)
    return _searched(train, ({name: _drawn(name, one, rng) for name, one in ranges.items()} for _ in range(trials)), watch)


def log_uniform(low: float, high: float) -> Callable[[np.random.Generator], float]:
    """Numbers between low and high, each order of magnitude as likely as the other: for learning rates and penalties."""
    if not is_number(low) or not is_number(high) or not 0 < low <= high < math.inf:
        raise OptionError(explain(f"log_uniform got low={low!r}, high={high!r}", "Numbers above 0 in ascending order are required"))
    return lambda rng: float(math.exp(rng.uniform(math.log(low), math.log(high))))


def _searched(train: Train, choices: Iterable[dict[str, Any]], watch: str) -> Search:
    search = Search(tuple(_trial(train, choice, watch) for choice in choices), watch)
    if search.best.fit is None:
        raise TrainingError(explain(f"all {len(search.trials)} trainings diverged", "One finite score is required", "Lower the learning rates"))
    return search


def _trial(train: Train, choice: dict[str, Any], watch: str) -> Trial:
    try:
        fit = train(**choice)
    except TrainingError:
        return Trial(choice, math.inf, None)
    if not isinstance(fit, Fit):
        raise InputError(explain(f"the function to search over returned a {type(fit).__name__}", "What symgrad.fit returns is required"))
    score = fit.score(watch)
    return Trial(choice, score, fit) if math.isfinite(score) else Trial(choice, math.inf, None)


def _drawn(name: str, source: Any, rng: np.random.Generator) -> Any:
    if hasattr(source, "rvs"):
        return source.rvs(random_state=rng)
    if callable(source):
        return source(rng)
    if isinstance(source, (list, tuple, range)) and len(source):
        return source[int(rng.integers(len(source)))]
    raise OptionError(explain(f"the range of {name} is {source!r}", "A function of a generator, a SciPy distribution or a list is required"))


def _check_names(given: object) -> None:
    if not isinstance(given, Mapping) or not given or not all(isinstance(name, str) for name in given):
        raise OptionError(explain(f"the hyper-parameters are {given!r}", "A dict of choices by name is required"))


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (float, np.floating)) else str(value)


def _score(trial: Trial) -> str:
    return "diverged" if trial.fit is None else f"{trial.score:.6g}"
