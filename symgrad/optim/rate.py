"""The learning rate: a number, a function of the step or epoch, or a SymPy expression of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeGuard

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled, compile
from symgrad.errors import OptionError, explain

Rate = float | Callable[[int], float] | sp.Expr

epoch = sp.Symbol("epoch", real=True)
"""The number of the epoch, from 1, for schedules that change once an epoch."""


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is one real number; a truth value is none."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def rate_at(rate: Rate, name: str, count: int) -> float:
    """The learning rate at a step or epoch `count` (from 1); `name` is the symbol that an expression may use.

    Raises OptionError where it is no finite number there.
    """
    value = _value(rate, name, count)
    if not is_number(value) or not math.isfinite(value):
        raise OptionError(explain(f"the learning rate at {name} = {count} is {value!r}", "A finite number is required"))
    return float(value)


def rate_symbols(rate: Any) -> set[str]:
    """The names in a rate that is an expression; a number or a function has none."""
    return {s.name for s in rate.atoms(sp.Symbol)} if isinstance(rate, sp.Expr) else set()


def check_rate(rate: Any, *names: str) -> None:
    """Refuse what can be no learning rate; an expression may use one of the symbols `names`."""
    if isinstance(rate, sp.Expr):
        symbols = rate_symbols(rate)
        if not any(symbols <= {name} for name in names):
            raise OptionError(explain(f"the learning rate {rate} uses {', '.join(sorted(symbols))}", f"It may use {' or '.join(names)}",
                                      "Take the symbols from symgrad.optim"))
    elif is_number(rate):
        if not math.isfinite(rate):
            raise OptionError(explain(f"learning_rate={rate}", "A finite number is required"))
    elif not callable(rate):
        raise OptionError(explain(f"learning_rate={rate!r} is a {type(rate).__name__}",
                                  "A number, a function of the step or a SymPy expression of the step t is required"))


def _value(rate: Rate, name: str, count: int) -> object:
    if isinstance(rate, sp.Expr):
        function = _compiled(rate)
        return function.value(**{name: count}) if function is not None else float(rate)  # type: ignore[arg-type]
    return rate(count) if callable(rate) else rate


@lru_cache(maxsize=64)
def _compiled(rate: sp.Expr) -> Compiled | None:
    symbols = list(rate.free_symbols)
    return compile(rate, wrt=symbols[0]) if symbols else None
