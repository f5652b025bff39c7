"""How variances go through layers of independent random weights: the argument behind the Xavier and He initializations."""

from __future__ import annotations

from collections.abc import Sequence

from symgrad.errors import InputError, explain


def product_variance(mean_x: float, variance_x: float, mean_y: float, variance_y: float) -> float:
    """Var(XY) of independent X and Y: E(X)² Var(Y) + E(Y)² Var(X) + Var(X) Var(Y)."""
    return mean_x**2 * variance_y + mean_y**2 * variance_x + variance_x * variance_y


def propagated_variances(widths: Sequence[int], weight_variances: Sequence[float], *, relu: bool = False, backward: bool = False) -> list[float]:
    """The variance of each layer's units over that of the first: D(x) ∏ n_j D(w_j), with 1/2 before each n_j for relu.

    widths: the units of each layer from the input on; weight_variances: one for each layer of weights between them.
    backward: of the gradients over that of the last layer, where the outputs n_(j+1) count.
    Raises InputError where the two do not go together.
    """
    if len(weight_variances) != len(widths) - 1:
        raise InputError(explain(f"{len(widths)} widths and {len(weight_variances)} weight variances were given",
                                 f"{len(widths) - 1} layers of weights stand between {len(widths)} layers of units"))
    gain, variances = 0.5 if relu else 1.0, [1.0]
    if backward:
        for width, variance in zip(reversed(widths[1:]), reversed(weight_variances), strict=True):
            variances.insert(0, variances[0] * gain * width * variance)
        return variances
    for width, variance in zip(widths[:-1], weight_variances, strict=True):
        variances.append(variances[-1] * gain * width * variance)
    return variances
