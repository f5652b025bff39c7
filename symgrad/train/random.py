"""Inputs that are drawn anew for every mini-batch, and the mean that stands for them in predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from symgrad.errors import DeclarationError, InputError, explain

Sampler = Callable[[np.random.Generator, tuple[int, ...]], Any]


def check_sampler(name: str, sampler: object) -> None:
    """Refuse what can draw nothing."""
    if not callable(sampler) and not hasattr(sampler, "rvs"):
        raise DeclarationError(explain(f"random={{{name}: {sampler!r}}} cannot draw",
                                       "A function (rng, shape) -> array or a frozen SciPy distribution is required"))


def draw(name: str, sampler: Any, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """One drawing of the given shape.  Raises InputError where the sampler returns another shape."""
    drawn = np.asarray(sampler.rvs(size=shape, random_state=rng) if hasattr(sampler, "rvs") else sampler(rng, shape))
    if drawn.shape != shape:
        raise InputError(explain(f"the random input {name} was drawn with shape {drawn.shape}", f"The shape {shape} is required"))
    return drawn


def mean_of(name: str, sampler: Any) -> float:
    """The mean of a random input.  Raises InputError where the sampler does not say it."""
    mean: Any = getattr(sampler, "mean", None)
    if mean is None:
        raise InputError(explain(f"the prediction needs the random input {name}, whose mean is not known", "A value is required",
                                 f"Pass {name} to predict, or give the sampler an attribute mean"))
    value: Any = mean() if callable(mean) else mean
    return float(value)
