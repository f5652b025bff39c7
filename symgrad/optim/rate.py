"""What may stand as a learning rate: a number, a function of the step or epoch, a SymPy expression of it, or a schedule."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeGuard

import numpy as np
import sympy as sp

from symgrad.errors import OptionError, explain
from symgrad.optim.schedule import Schedule, epoch, expression_at

Rate = float | Callable[[int], float] | sp.Expr | Schedule


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is one real number; a truth value is none."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def rate_at(rate: Rate, name: str, count: int, **others: int) -> float:
    """The learning rate at a step ("t") or epoch `count` (from 1); `others` are further counts that an expression may use.

    Raises OptionError where it is no finite number there.
    """
    value = _value(rate, count, {name: count, **others})
    if not is_number(value) or not math.isfinite(value):
        raise OptionError(explain(f"the learning rate at {name} = {count} is {value!r}", "A finite number is required"))
    return float(value)


def rate_symbols(rate: Any) -> set[str]:
    """The names in a rate that is an expression or a schedule; a number or a function has none."""
    expr = rate.expr if isinstance(rate, Schedule) else rate
    return {s.name for s in expr.atoms(sp.Symbol)} if isinstance(expr, sp.Expr) else set()


def check_rate(rate: Any, *names: str) -> None:
    """Refuse what can be no learning rate; an expression may use the symbols `names`."""
    if isinstance(rate, (sp.Expr, Schedule)):
        unknown = sorted(rate_symbols(rate) - set(names))
        if unknown:
            remedy = "Pass it to fit(schedule=…), which counts epochs, or write by_step(steps_per_epoch)" if unknown == ["epoch"] else \
                "Take the symbols from symgrad.optim"
            raise OptionError(explain(f"the learning rate {rate} uses {', '.join(unknown)}", f"It may use {' and '.join(names)}", remedy))
    elif is_number(rate):
        if not math.isfinite(rate) or rate < 0:
            raise OptionError(explain(f"learning_rate={rate}", "A finite number of at least 0 is required",
                                      "To climb, write maximise=True" if rate < 0 else ""))
    elif not callable(rate):
        raise OptionError(explain(f"learning_rate={rate!r} is a {type(rate).__name__}",
                                  "A number, a function of the step, a schedule or a SymPy expression of the step t is required"))


def _value(rate: Rate, count: int, counts: dict[str, int]) -> object:
    if isinstance(rate, (sp.Expr, Schedule)):
        return expression_at(rate.expr if isinstance(rate, Schedule) else rate, counts)
    return rate(count) if callable(rate) else rate


__all__ = ["Rate", "check_rate", "epoch", "is_number", "rate_at", "rate_symbols"]
