"""Formulas in twice the digits at places, what they have in common computed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from symgrad.graph.steps import Step, Steps
from symgrad.graph.text import Text
from symgrad.rewrite.in_doubles import twice_space

HALF_ULP = 2.0**-53
"""Of a double, relatively: a number that may be off by more is not sure to be right."""


class Twices:
    """Values of steps at some places, by what they are made of."""

    def __init__(self, given: Mapping[str, np.ndarray]) -> None:
        number = twice_space()["_Twice"]
        with np.errstate(all="ignore"):
            self._values: list[Any] = [number(values) for values in given.values()]
        self._inputs = {name: k for k, name in enumerate(given)}
        self._known: dict[tuple, int] = {}

    def of(self, formula: Steps, names: Sequence[str]) -> np.ndarray:
        """A formula of these inputs, rounded to doubles; nan where that is not sure to be right."""
        places = [self._inputs[name] for name in names]
        with np.errstate(all="ignore"):
            for step in formula.steps():
                places.append(self._place(step._replace(places=()), tuple(places[k] for k in step.places)))
            return self._values[places[-1]].sure(HALF_ULP)

    def _place(self, step: Step, args: tuple[int, ...]) -> int:
        key = step, args
        if key not in self._known:
            self._known[key] = len(self._values)
            self._values.append(_function(step, len(args))(*(self._values[k] for k in args)))
        return self._known[key]


@cache
def _function(step: Step, count: int) -> Callable:
    names = [Text(f"a{k}") for k in range(count)]
    return eval(f"lambda {', '.join(name.text for name in names)}: {step.spelled(names).text}", twice_space())
