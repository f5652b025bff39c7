"""Callbacks that remember: early stopping, and a learning rate that is halved on a plateau."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from symgrad.errors import OptionError, explain
from symgrad.optim.rate import is_number
from symgrad.train.result import Report, require_recorded


class Kept(NamedTuple):
    """Parameters and averages that a callback wants handed out instead of the last ones."""

    epoch: int
    params: dict[str, Any]
    averages: dict[str, Any]


class Callback:
    """Called with a Report after every epoch; it ends the training by returning True.

    A plain function will do.  A subclass can also watch a figure of the history, change the learning rate, keep
    parameters, and have its memory saved in checkpoints.
    """

    changes_rate: ClassVar = False
    rate_factor: float = 1.0
    """What the learning rate is multiplied by, from the next epoch on."""

    def begin(self, history: Mapping[str, Any]) -> None:
        """A training begins, with these (still empty) figures.  Raises OptionError where one is missing."""

    def __call__(self, report: Report) -> object:
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """What a checkpoint must remember: numbers, texts, arrays, dicts and lists of these."""
        return {}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""

    def kept(self) -> Kept | None:
        """What the training should hand out, None for what there is at its end."""
        return None


class _Watching(Callback):
    """Counts the epochs since a figure was last lower than ever before by more than `least`."""

    def __init__(self, patience: int, watch: str, least: float):
        title = type(self).__name__
        if isinstance(patience, bool) or not isinstance(patience, (int, np.integer)) or patience < 1:
            raise OptionError(explain(f"{title} got patience={patience!r}", "A whole number of epochs of at least 1 is required"))
        if not is_number(least) or not math.isfinite(least) or least < 0:
            raise OptionError(explain(f"{title} got least={least!r}", "A finite number of at least 0 is required"))
        self.patience, self.watch, self.least = int(patience), watch, float(least)
        self.best, self.waited = math.inf, 0

    def begin(self, history: Mapping[str, Any]) -> None:
        require_recorded(self.watch, history, type(self).__name__)
        self.best, self.waited = math.inf, 0

    def improved(self, report: Report) -> bool:
        value = report.history[self.watch][-1]
        better = value < self.best - self.least if math.isfinite(self.best) else value < self.best
        self.best, self.waited = (value, 0) if better else (self.best, self.waited + 1)
        return better

    def state(self) -> dict[str, Any]:
        return {"best": self.best, "waited": self.waited}

    def resume(self, state: Mapping[str, Any]) -> None:
        self.best, self.waited = state["best"], state["waited"]


class EarlyStopping(_Watching):
    """Ends the training when the validation loss has not improved for `patience` epochs, and hands out the best parameters.

    watch: a figure of the history.  least: improvements up to this do not count.  restore_best: False hands out the last.
    """

    def __init__(self, patience: int = 10, watch: str = "val_loss", least: float = 0.0, restore_best: bool = True):
        super().__init__(patience, watch, least)
        self.restore_best = bool(restore_best)
        self._kept: Kept | None = None

    def begin(self, history: Mapping[str, Any]) -> None:
        super().begin(history)
        self._kept = None

    def __call__(self, report: Report) -> bool:
        if self.improved(report):
            self._kept = Kept(report.epoch, report.params, report.averages)
        return self.waited >= self.patience

    def state(self) -> dict[str, Any]:
        return {**super().state(), "kept": None if self._kept is None else self._kept._asdict()}

    def resume(self, state: Mapping[str, Any]) -> None:
        super().resume(state)
        self._kept = None if state["kept"] is None else Kept(**state["kept"])

    def kept(self) -> Kept | None:
        return self._kept if self.restore_best else None


class HalveOnPlateau(_Watching):
    """Keeps the learning rate until the validation loss has not improved for `patience` epochs, then multiplies it by `factor`.

    It multiplies whatever the optimizer or the schedule says, and goes on watching for an improvement on the best so far.
    """

    changes_rate: ClassVar = True

    def __init__(self, patience: int = 1, factor: float = 0.5, watch: str = "val_loss", least: float = 0.0):
        super().__init__(patience, watch, least)
        if not is_number(factor) or not 0 < factor < 1:
            raise OptionError(explain(f"HalveOnPlateau got factor={factor!r}", "A number above 0 and below 1 is required"))
        self.factor, self.rate_factor = float(factor), 1.0

    def begin(self, history: Mapping[str, Any]) -> None:
        super().begin(history)
        self.rate_factor = 1.0

    def __call__(self, report: Report) -> None:
        self.improved(report)
        if self.waited >= self.patience:
            self.rate_factor, self.waited = self.rate_factor * self.factor, 0

    def state(self) -> dict[str, Any]:
        return {**super().state(), "rate_factor": self.rate_factor}

    def resume(self, state: Mapping[str, Any]) -> None:
        super().resume(state)
        self.rate_factor = state["rate_factor"]
