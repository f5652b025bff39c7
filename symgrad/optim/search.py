"""Random search: the simplest optimizer, which needs no gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symgrad.errors import InputError, OptionError, explain
from symgrad.runtime.functions import Functions
from symgrad.runtime.names import by_name

Draw = Callable[[np.random.Generator, tuple[int, ...]], Any]


@dataclass(frozen=True)
class Found:
    """The best parameters by name, their value, and the best value so far after every attempt."""

    params: dict[str, Any]
    value: float
    history: list[float] = field(repr=False)


def random_search(f: Functions, shapes: Mapping, data: Mapping | None = None, *, attempts: int = 1000, draw: Draw | None = None,
                  seed: int = 0) -> Found:
    """The best of `attempts` drawings of the parameters, by the value of a scalar function.

    shapes: the shape of each parameter by name or symbol, () for a number.  data: every other input of f.
    draw: (rng, shape) -> array; standard normal by default.

    Raises OptionError for wrong options, InputError where the value is finite at no drawing.
    """
    if isinstance(attempts, bool) or not isinstance(attempts, (int, np.integer)) or attempts < 1:
        raise OptionError(explain(f"attempts={attempts!r}", "A whole number of at least 1 is required"))
    rng, inputs, named = np.random.default_rng(seed), by_name(data or {}), by_name(shapes)
    best: dict[str, Any] | None = None
    lowest, history = np.inf, []
    for _ in range(attempts):
        drawn = {name: draw(rng, shape) if draw else rng.standard_normal(shape) for name, shape in named.items()}
        value = float(f.value(**inputs, **drawn))
        if value < lowest:
            best, lowest = drawn, value
        history.append(float(lowest))
    if best is None:
        raise InputError(explain(f"random search found no finite value in {attempts} attempts", "A function that is finite somewhere is required",
                                 "Draw from a smaller range by draw="))
    return Found(best, float(lowest), history)
