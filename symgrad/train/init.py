"""First values of parameters.  Each factory gives an initializer: initializer(shape, rng, fan_in, fan_out) -> array.

fan_in counts the inputs that one output sums over, fan_out the outputs that one input feeds; `symgrad.train.fans` reads
both from the declaration.  Glorot: Glorot and Bengio 2010.  He: He, Zhang, Ren and Sun 2015.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from symgrad.errors import OptionError, explain
from symgrad.optim.rate import is_number

Shape = tuple[int, ...]


def _fill(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, value: float) -> np.ndarray:
    return np.full(shape, float(value))


def _normal(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, std: float, mean: float) -> np.ndarray:
    return rng.normal(mean, std, shape)


def _uniform(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int, low: float, high: float) -> np.ndarray:
    return rng.uniform(low, high, shape)


def _glorot_uniform(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    limit = math.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)


def _glorot_normal(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    return rng.normal(0.0, math.sqrt(2 / (fan_in + fan_out)), shape)


def _he_uniform(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    limit = math.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, shape)


def _he_normal(shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    return rng.normal(0.0, math.sqrt(2 / fan_in), shape)


@dataclass(frozen=True)
class Initializer:
    """A named recipe with its numbers; calling it draws an array of double precision."""

    name: str
    draw: Callable[..., np.ndarray]
    numbers: tuple[float, ...] = ()

    def __call__(self, shape: Shape, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        return self.draw(tuple(shape), rng, fan_in, fan_out, *self.numbers)

    def __repr__(self) -> str:
        return f"symgrad.init.{self.name}({', '.join(map(repr, self.numbers))})"


def zeros() -> Initializer:
    """All 0: right for biases; units whose weights all start equal stay equal."""
    return constant(0.0)


def ones() -> Initializer:
    """All 1."""
    return constant(1.0)


def constant(value: float) -> Initializer:
    """All of one value."""
    return Initializer("constant", _fill, (_number("constant", "value", value),))


def normal(std: float = 0.01, mean: float = 0.0) -> Initializer:
    """Normal with the given standard deviation and mean."""
    if _number("normal", "std", std) < 0:
        raise OptionError(explain(f"normal got std={std!r}", "A number of at least 0 is required"))
    return Initializer("normal", _normal, (std, _number("normal", "mean", mean)))


def uniform(low: float = -0.05, high: float = 0.05) -> Initializer:
    """Uniform between low and high."""
    if _number("uniform", "low", low) > _number("uniform", "high", high):
        raise OptionError(explain(f"uniform got low={low!r} above high={high!r}", "low must not exceed high"))
    return Initializer("uniform", _uniform, (low, high))


def glorot_uniform() -> Initializer:
    """Uniform between ±sqrt(6/(fan_in + fan_out)): variance 2/(fan_in + fan_out)."""
    return Initializer("glorot_uniform", _glorot_uniform)


def glorot_normal() -> Initializer:
    """Normal of variance 2/(fan_in + fan_out)."""
    return Initializer("glorot_normal", _glorot_normal)


def he_uniform() -> Initializer:
    """Uniform between ±sqrt(6/fan_in): variance 2/fan_in, for relu."""
    return Initializer("he_uniform", _he_uniform)


def he_normal() -> Initializer:
    """Normal of variance 2/fan_in, for relu."""
    return Initializer("he_normal", _he_normal)


def _number(factory: str, name: str, value: float) -> float:
    if not is_number(value) or not math.isfinite(value):
        raise OptionError(explain(f"{factory} got {name}={value!r}", "A finite number is required"))
    return float(value)


__all__ = ["Initializer", "constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "normal", "ones", "uniform", "zeros"]
