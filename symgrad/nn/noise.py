"""What random inputs of a model are drawn from: masks and noise.  A sampler is called with a generator and a shape.

`mean` is what stands for the drawn values in predictions.
"""

from __future__ import annotations

from typing import Any

from symgrad.errors import DeclarationError, explain


class Dropout:
    """A mask that drops elements with a given rate and scales the others by 1/(1 - rate), so that its mean is 1."""

    mean = 1.0

    def __init__(self, rate: float):
        if not 0 <= rate < 1:
            raise DeclarationError(explain(f"Dropout got rate={rate!r}", "A number of at least 0 and below 1 is required"))
        self.rate = rate

    def __call__(self, rng: Any, shape: tuple[int, ...]) -> Any:
        return (rng.random(shape) >= self.rate) / (1 - self.rate)

    def __repr__(self) -> str:
        return f"Dropout({self.rate})"


class UniformNoise:
    """Uniform between low and high, such as the slopes of a randomized leaky relu (1/8 to 1/3 in Xu et al. 2015)."""

    def __init__(self, low: float = 1 / 8, high: float = 1 / 3):
        if not low <= high:
            raise DeclarationError(explain(f"UniformNoise got low={low!r} above high={high!r}", "low must not exceed high"))
        self.low, self.high = low, high
        self.mean = (low + high) / 2

    def __call__(self, rng: Any, shape: tuple[int, ...]) -> Any:
        return rng.uniform(self.low, self.high, shape)

    def __repr__(self) -> str:
        return f"UniformNoise({self.low}, {self.high})"


class GaussianNoise:
    """Normal with mean 0 and the given standard deviation."""

    mean = 0.0

    def __init__(self, std: float = 1.0):
        if not std >= 0:
            raise DeclarationError(explain(f"GaussianNoise got std={std!r}", "A number of at least 0 is required"))
        self.std = std

    def __call__(self, rng: Any, shape: tuple[int, ...]) -> Any:
        return rng.normal(0.0, self.std, shape)

    def __repr__(self) -> str:
        return f"GaussianNoise({self.std})"
