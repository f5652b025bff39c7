"""The usual schedules.  Each says whether it counts epochs or steps; `unit=` chooses where both make sense.

A rate is a number or another schedule.  Decays count what is done, so the first epoch has the full rate and a decay over
30 epochs has come to its end after 30 of them; the inverse square root counts from 1 as it is written.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import sympy as sp

from symgrad.errors import OptionError, explain
from symgrad.optim.rate import is_number
from symgrad.optim.schedule import Schedule, epoch
from symgrad.optim.update import t

COUNTERS = {"step": t, "epoch": epoch}


def constant(rate: float) -> Schedule:
    """The same rate always."""
    return Schedule(sp.Float(_positive("constant", "rate", rate)), "constant")


def step(rate: float | Schedule, at: Sequence[int] = (30, 60, 90), factor: float = 0.1, unit: str = "epoch") -> Schedule:
    """The rate times `factor` after each of the epochs (or steps) in `at`."""
    base, counter = _base("step", rate), _counter("step", unit)
    times, last = list(at), 0
    for one in times:
        if _whole("step", "at", one) <= last:
            raise OptionError(explain(f"step got at={times}", "Whole numbers in ascending order are required"))
        last = one
    shrink = sp.Float(_positive("step", "factor", factor))
    pieces = [(shrink**k, counter <= one) for k, one in enumerate(times)]
    return Schedule(base * sp.Piecewise(*pieces, (shrink**len(times), True)), f"×{factor:g} after {unit}s {', '.join(map(str, times))}")


def cosine(rate: float | Schedule, over: int, unit: str = "epoch") -> Schedule:
    """rate/2 (1 + cos(π done/over)): half a wave from the full rate to 0 (Loshchilov and Hutter 2017)."""
    return Schedule(_base("cosine", rate) * (1 + sp.cos(sp.pi * _done("cosine", over, unit))) / 2, f"cosine over {over} {unit}s")


def linear(rate: float | Schedule, over: int, unit: str = "epoch") -> Schedule:
    """rate (1 - done/over): a straight line from the full rate to 0."""
    return Schedule(_base("linear", rate) * (1 - _done("linear", over, unit)), f"linear over {over} {unit}s")


def inverse_sqrt(rate: float | Schedule, unit: str = "epoch") -> Schedule:
    """rate/√t, from t = 1."""
    return Schedule(_base("inverse_sqrt", rate) / sp.sqrt(_counter("inverse_sqrt", unit)), f"inverse square root of the {unit}")


def warmup(rate: float | Schedule, steps: int = 5000) -> Schedule:
    """Any schedule behind a line from 0 to its full rate over the first steps."""
    rise = sp.Min(1, t / _whole("warmup", "steps", steps))
    title = rate.title if isinstance(rate, Schedule) else "constant"
    return Schedule(_base("warmup", rate) * rise, f"{title} after {steps} steps of warm-up")


def scaled_by_batch(rate: float | Schedule, batch_size: int, reference: int) -> Schedule:
    """The rate that was good for mini-batches of `reference` samples, times batch_size/reference."""
    factor = sp.Rational(_whole("scaled_by_batch", "batch_size", batch_size), _whole("scaled_by_batch", "reference", reference))
    title = rate.title if isinstance(rate, Schedule) else "constant"
    return Schedule(_base("scaled_by_batch", rate) * factor, f"{title} times {batch_size}/{reference}")


def _base(factory: str, rate: object) -> sp.Expr:
    return rate.expr if isinstance(rate, Schedule) else sp.Float(_positive(factory, "rate", rate))


def _done(factory: str, over: int, unit: str) -> sp.Expr:
    """The fraction that is over at a step or epoch, 1 from the end on."""
    return sp.Min(1, (_counter(factory, unit) - 1) / sp.Integer(_whole(factory, "over", over)))


def _counter(factory: str, unit: str) -> sp.Symbol:
    if unit not in COUNTERS:
        raise OptionError(explain(f"{factory} got unit={unit!r}", "One of 'epoch' and 'step' is required"))
    return COUNTERS[unit]


def _positive(factory: str, name: str, value: object) -> float:
    if not is_number(value) or not math.isfinite(value) or value < 0:
        raise OptionError(explain(f"{factory} got {name}={value!r}", "A finite number of at least 0"
                                  + (", or a schedule," if name == "rate" and factory != "constant" else "") + " is required"))
    return float(value)


def _whole(factory: str, name: str, value: object) -> int:
    if not is_number(value) or value != int(value) or value < 1:
        raise OptionError(explain(f"{factory} got {name}={value!r}", "A whole number of at least 1 is required"))
    return int(value)


__all__ = ["constant", "cosine", "inverse_sqrt", "linear", "scaled_by_batch", "step", "warmup"]
