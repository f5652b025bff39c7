"""Certificates: the largest errors of a formula of one variable, rewritten and plain, over many points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

from symgrad.check.summands import summands
from symgrad.check.truth import Truth
from symgrad.check.ulps import relative, representable, ulps

QUANTITIES = ("value", "reverse", "forward", "second")
"""The value, its derivative in reverse and in forward mode (in ulp), its second derivative (relative)."""
ORDERS = {"value": 0, "reverse": 1, "forward": 1, "second": 2}
ENTRIES = {"value": ("value", "value_0"), "reverse": ("value_and_grad", "grad {0}"), "forward": ("jvp", "dot value_0"),
           "second": ("hessian", "{0} {0}")}

Place = tuple[int, int]
"""A half-binade: the sign of the input, and the whole part of twice its binary logarithm."""


def place(point: float) -> Place:
    """The half-binade of an input; 0 has one of its own."""
    return (0, 0) if point == 0 else (1 if point > 0 else -1, math.floor(2 * math.log2(abs(point))))


@dataclass
class Worst:
    """The largest error, where it is, what came out there and what is right, and how many of how many points are right."""

    error: float = 0.0
    at: float = 0.0
    got: float = 0.0
    right: float = 0.0
    good: int = 0
    count: int = 0
    places: dict[Place, float] = field(default_factory=dict)

    def take(self, error: float, at: float, got: float, right: float, limit: float) -> None:
        self.count += 1
        self.good += error <= limit
        here = place(at)
        self.places[here] = max(error, self.places.get(here, 0.0))
        if error > self.error:
            self.error, self.at, self.got, self.right = error, at, got, right

    @property
    def share(self) -> float:
        """The share of right points."""
        return self.good / self.count if self.count else 1.0


@dataclass
class Certificate:
    """The errors of the rewritten and of the plain form by quantity.

    First derivatives and values are in ulp of the largest summand of the final sum (of the result where that is no sum),
    second derivatives relative to it.
    """

    points: int
    stable: dict[str, Worst]
    plain: dict[str, Worst]


LIMITS = {"value": 4.0, "reverse": 8.0, "forward": 8.0, "second": 1e-9}
"""What counts as right."""


def certify(stable: Any, plain: Any, truth: Truth, points: Iterable[float], given: Mapping[str, float] | None = None,
            limits: Mapping[str, float] = LIMITS) -> Certificate:
    """Compare two compiled forms of one formula with the truth at the points where that is a real, finite double.

    given: the values of the other inputs, which `truth` has already.
    """
    name, others = truth.variable.name, dict(given or {})
    scales = {quantity: summands(stable, entry, key.format(name), name) for quantity, (entry, key) in ENTRIES.items()}
    result = Certificate(0, {q: Worst() for q in QUANTITIES}, {q: Worst() for q in QUANTITIES})
    for point in points:
        inputs = {**others, name: point}
        wants = [truth.at(point, order) for order in range(3)]
        result.points += wants[0] is not None
        for model, found in ((stable, result.stable), (plain, result.plain)):
            _compare(numbers(model, name, inputs), wants, scales, inputs, point, found, limits)
    return result


def numbers(model: Any, name: str, inputs: Mapping[str, float]) -> dict[str, float]:
    """Value and derivatives of a scalar model towards one input."""
    with np.errstate(all="ignore"):
        value, slope = model.value_and_grad(**inputs)
        tangent = model.jvp(inputs, {name: 1.0})[1]
        return {"value": float(value), "reverse": float(slope), "forward": float(tangent), "second": float(model.hessian(**inputs))}


def _compare(got: Mapping[str, float], wants: list[mpmath.mpf | None], scales: Mapping[str, Any], inputs: Mapping[str, float], point: float,
             found: Mapping[str, Worst], limits: Mapping[str, float]) -> None:
    for quantity, order in ORDERS.items():
        want = wants[order]
        if wants[0] is None or want is None or not representable(want):
            continue
        scale = scales[quantity](**inputs)
        error = relative(got[quantity], want, scale) if quantity == "second" else ulps(got[quantity], want, scale)
        found[quantity].take(error, point, got[quantity], float(want), limits[quantity])
