"""Learning-rate schedules: SymPy expressions of the step t or of the epoch, which say which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled, compile
from symgrad.errors import MissingExtraError, OptionError, explain
from symgrad.optim.update import t

if TYPE_CHECKING:
    from matplotlib.axes import Axes

epoch = sp.Symbol("epoch", real=True)
"""The number of the epoch, from 1, for schedules that change once an epoch."""

UNITS = {"t": "step", "epoch": "epoch"}


@dataclass(frozen=True)
class Schedule:
    """A learning rate as an expression of the step t (from 1), of the epoch (from 1), or of both.

    `schedule(7)` is the rate at the seventh step or epoch, whichever its `unit` is.  An optimizer counts steps, so its
    learning_rate takes schedules by step; `fit(schedule=)` takes all of them.
    """

    expr: sp.Expr
    title: str

    @property
    def unit(self) -> str:
        """What it counts: "step", "epoch", "step and epoch", or for a constant "step or epoch"."""
        found = [unit for name, unit in UNITS.items() if name in {s.name for s in self.expr.free_symbols}]
        return " and ".join(found) or "step or epoch"

    def __call__(self, count: int) -> float:
        """The rate at a step or an epoch.  Raises OptionError for a count below 1 and for a schedule that needs both."""
        if count < 1:
            raise OptionError(explain(f"{self.title} was asked for its rate at {count}", "Steps and epochs are counted from 1"))
        if self.unit == "step and epoch":
            raise OptionError(explain(f"{self} was asked for its rate at {count}", "It needs the step and the epoch",
                                      "Write by_step(steps_per_epoch), which counts steps only"))
        return expression_at(self.expr, {"t": count, "epoch": count})

    def by_step(self, steps_per_epoch: int) -> Schedule:
        """The same rates by step alone, where an epoch has the given number of steps.

        The epoch is floor((t - 1/2)/steps) + 1: half a step away from every jump, so that rounding cannot miss one.
        """
        if isinstance(steps_per_epoch, bool) or not isinstance(steps_per_epoch, (int, np.integer)) or steps_per_epoch < 1:
            raise OptionError(explain(f"steps_per_epoch={steps_per_epoch!r}", "A whole number of at least 1 is required"))
        return Schedule(self.expr.xreplace({epoch: sp.floor((t - sp.S.Half) / int(steps_per_epoch)) + 1}), f"{self.title}, by step")

    def values(self, counts: Iterable[int]) -> list[float]:
        """The rates at the given steps or epochs."""
        return [self(count) for count in counts]

    def table(self, until: int, lines: int = 10) -> str:
        """Some of the rates up to step or epoch `until` as text, which needs no other library."""
        counts = sorted({round(one) for one in np.linspace(1, until, min(lines, until))})
        width, rates = len(str(until)), self.values(counts)
        return "\n".join([str(self), *(f"  {self.unit} {count:>{width}}  {rate:.6g}" for count, rate in zip(counts, rates, strict=True))])

    def plot(self, until: int, ax: Axes | None = None) -> Axes:
        """The rates up to step or epoch `until`, on the given Matplotlib axes or on new ones."""
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise MissingExtraError(explain("plot needs Matplotlib, which is missing", "", "Install it by: pip install symgrad[plot], "
                                            "or print table(until)")) from None
        ax = Figure().subplots() if ax is None else ax
        counts = sorted({round(one) for one in np.linspace(1, until, min(until, 1000))})
        ax.plot(counts, self.values(counts), label=self.title)
        ax.set_xlabel(self.unit)
        ax.set_ylabel("learning rate")
        ax.legend()
        return ax

    def __str__(self) -> str:
        return f"{self.title} ({self.expr}, by {self.unit})"


def expression_at(expr: sp.Expr, counts: Mapping[str, float]) -> float:
    """An expression in t and epoch at given numbers."""
    names = sorted(s.name for s in expr.free_symbols)
    return float(_compiled(expr).value(**{name: counts[name] for name in names}) if names else expr)


@lru_cache(maxsize=64)
def _compiled(expr: sp.Expr) -> Compiled:
    return compile(expr, wrt=sorted(expr.free_symbols, key=str)[:1])
