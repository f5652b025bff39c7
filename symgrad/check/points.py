"""Points at which formulas are hard: log-spaced on both signs, edges of overflow, neighbours of 1, subnormals."""

from __future__ import annotations

import math

HAZARDS = (
    0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 9.0, 19.0, 19.5, 26.6, 27.3, 36.7, 37.5, 38.6, 40.0, 354.8, 355.0, 372.6, 700.0, 708.3, 709.78, 709.79, 710.4,
    710.5, 720.0, 740.0, 745.1, 745.14, 1e4,
)
"""Where exponentials, tanh, erfc and their complements round to a constant, turn subnormal or overflow."""
NEAR_ONE = (1e-3, 1e-6, 1e-9, 1e-12, 2.0**-52)
TINY = (5e-324, 1e-310, 2.3e-308, 1e-300, 1e-200, 1e-154, 1e-100, 1e-30, 1e-20)


def sample(low: float, high: float, per_decade: int = 4, smallest: float = 1e-12, tiny: bool = True) -> list[float]:
    """Points of [low, high] in ascending order."""
    largest = max(abs(low), abs(high))
    steps = max(1, round(per_decade * math.log10(largest / smallest))) if largest > smallest else 1
    sizes = {smallest * (largest / smallest) ** (k / steps) for k in range(steps + 1)}
    sizes.update(HAZARDS, *((1 - gap, 1 + gap) for gap in NEAR_ONE), TINY if tiny else ())
    found = {sign * size for size in sizes for sign in (-1.0, 1.0)} | {low, high}
    found |= {edge + (high - low) * gap * sign for edge, sign in ((low, 1), (high, -1)) for gap in (1e-15, 1e-9, 1e-4)}
    return sorted(point + 0.0 for point in found if low <= point <= high)
