"""What the Hessian says about a point: its kind, its eigenvalues and its condition number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.errors import InputError, explain


@dataclass(frozen=True)
class Curvature:
    """`kind`: "minimum", "maximum", "saddle" or "flat" (a zero eigenvalue and no saddle: the Hessian does not decide).

    Gradient descent with rate r on the quadratic model converges for r below `largest_rate`, the slower the larger the
    `condition` (largest over smallest size of the eigenvalues).
    """

    kind: str
    eigenvalues: np.ndarray
    condition: float
    largest_rate: float

    def __str__(self) -> str:
        low, high = self.eigenvalues[0], self.eigenvalues[-1]
        return f"{self.kind}: eigenvalues {low:.6g} … {high:.6g}, condition number {self.condition:.6g}"


def classify(hessian: Any, *, tolerance: float = 1e-10) -> Curvature:
    """The kind of a critical point by its Hessian, a symmetric matrix or anything that reshapes to one (shape + shape).

    Eigenvalues below `tolerance` times the largest count as zero.  Raises InputError for what is not a square matrix.
    """
    array = np.asarray(hessian, float)
    size = round(float(np.sqrt(array.size)))
    if size * size != array.size or size == 0 or array.shape[:array.ndim // 2] != array.shape[array.ndim // 2:]:
        raise InputError(explain(f"a Hessian of shape {array.shape} was given", "A shape such as (n, n), the parameter's shape twice, is required"))
    if not np.isfinite(array).all():
        raise InputError(explain("the Hessian holds numbers that are not finite", "Finite numbers are required"))
    values = np.linalg.eigvalsh(array.reshape(size, size))
    sizes = np.abs(values)
    small = sizes <= tolerance * sizes.max()
    below, above = bool((values[~small] < 0).any()), bool((values[~small] > 0).any())
    kind = "saddle" if below and above else "flat" if small.any() else "minimum" if above else "maximum"
    condition = float("inf") if small.any() else float(sizes.max() / sizes.min())
    return Curvature(kind, values, condition, float(2 / values[-1]) if values[-1] > 0 else float("inf"))
