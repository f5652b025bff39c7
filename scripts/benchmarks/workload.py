"""One workload: a declaration, hand-written NumPy beside it, and the formula that the peers differentiate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

GRADIENT, HESSIAN, PRODUCT = "value and gradient", "Hessian", "Hessian product"
DIRECTION = "direction"
"""The name of the input that a Hessian product is taken along."""


@dataclass(frozen=True)
class Term:
    """A loss that is the mean of one scalar expression over samples, for the peers that know scalars only.

    parameters: for each name of wrt its symbols; columns: the symbols that differ between samples, by name; constants: the others.
    """

    expression: Any
    parameters: Mapping[str, list]
    columns: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Workload:
    """What is measured.

    declare: the symgrad model, in the spelling of a textbook.
    inputs: (random generator, sizes) -> every input by name, in the order of the arguments of `hand`.
    hand: plain NumPy, value and gradients (or the Hessian, or the product) in the order of wrt.
    formula: (array library, inputs by name) -> the loss.
    bound: the greatest ratio of symgrad to hand that the project allows itself; reached: what NumPy tuned by hand came to.
    """

    name: str
    title: str
    wrt: tuple[str, ...]
    declare: Callable[[], Any]
    inputs: Callable[..., dict[str, Any]]
    hand: Callable[..., Any]
    formula: Callable[..., Any]
    sizes: Mapping[str, int] = field(default_factory=dict)
    small: Mapping[str, int] = field(default_factory=dict)
    bound: float | None = None
    reached: str = ""
    kind: str = GRADIENT
    term: Callable[[], Term] | None = None
    single: bool = False

    def data(self, small: bool = False) -> dict[str, Any]:
        """The inputs, the same in every process; float32 arrays where `single`."""
        made = self.inputs(np.random.default_rng(20), **(self.small if small else self.sizes))
        return {name: _single(value) for name, value in made.items()} if self.single else made


def _single(value: Any) -> Any:
    return value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype == np.float64 else value


def flattened(result: Any) -> list[np.ndarray]:
    """Value, then derivatives, as arrays, whatever tuples they came in."""
    if isinstance(result, tuple | list):
        return [part for item in result for part in flattened(item)]
    return [np.asarray(result)]


def disagreement(found: list[np.ndarray], expected: list[np.ndarray]) -> str | None:
    """What is wrong with a contender's results, or None: every part must agree with the reference in shape and, by norm, in value."""
    if len(found) != len(expected):
        return f"{len(found)} results, {len(expected)} expected"
    for place, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one.shape != other.shape:
            return f"result {place} has shape {one.shape}, {other.shape} expected"
        error, tolerance = _error(one, other), 2e-3 if other.dtype == np.float32 else 1e-8
        if not error <= tolerance:
            return f"result {place} is off by {error:.1e}"
    return None


def _error(one: np.ndarray, other: np.ndarray) -> float:
    scale = np.abs(other).max(initial=0.0) or 1.0
    return float(np.abs(one.astype(float) - other.astype(float)).max(initial=0.0) / scale)
