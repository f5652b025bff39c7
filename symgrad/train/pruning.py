"""Magnitude pruning: hidden units whose weights came near 0, as an L1 penalty makes them, are taken out of a trained model."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from symgrad.errors import InputError, OptionError, UnsupportedError, explain
from symgrad.optim.rate import is_number
from symgrad.runtime.names import name_of
from symgrad.train.model import Model
from symgrad.train.result import Fit


def unit_strengths(fitted: Fit, units: Any) -> np.ndarray:
    """The strength of each hidden unit: the product of the norms of its weights, those that lead in and those that lead out.

    units: the size symbol that counts them, or its name.  Biases do not count.
    Raises InputError where no parameter has that size, UnsupportedError where one has it along two axes.
    """
    places = _places(fitted.model, name_of(units))
    norms = [_norms(np.asarray(fitted.params[name]), axis) for name, axis in places.items() if fitted.model.input_axes.get(name)]
    return np.prod(norms, axis=0)


def prune(fitted: Fit, units: Any, threshold: float) -> Fit:
    """The trained model without the units whose strength is at most `threshold`.

    Its `model` is smaller and begins with what is left, so it can be trained on; `model.restarted()` begins anew.
    Raises InputError where no unit is left, and as `unit_strengths` does.
    """
    if not is_number(threshold) or not threshold >= 0:
        raise OptionError(explain(f"threshold={threshold!r}", "A number of at least 0 is required"))
    size, strengths = name_of(units), unit_strengths(fitted, units)
    kept = np.flatnonzero(strengths > threshold)
    if len(kept) == 0:
        raise InputError(explain(f"no unit of {size} is stronger than {threshold}", f"Their strengths reach {strengths.max():.3g}",
                                 "Lower the threshold"))
    places = _places(fitted.model, size)
    params, averages = ({name: np.take(value, kept, axis=places[name]) if name in places else value for name, value in part.items()}
                        for part in (fitted.params, fitted.averages))
    return Fit(fitted.model.restarted(params, {size: len(kept)}), params, copy.deepcopy(fitted.history), averages, {}, fitted.epoch)


def _places(model: Model, size: str) -> dict[str, int]:
    """The axis of each parameter and each running average along which the units stand."""
    found = {}
    for name, shape in {**model.shapes, **model.averaged_shapes}.items():
        axes = [axis for axis, one in enumerate(shape) if str(one) == size]
        if len(axes) > 1:
            raise UnsupportedError(explain(f"{name} has {size} along {len(axes)} axes", "One layer of that size is required",
                                           "Give every hidden layer a size symbol of its own"))
        if axes and (name in model.initial or name in model.averaged_shapes):
            found[name] = axes[0]
    if not any(name in model.initial for name in found):
        sizes = sorted({str(one) for name in model.initial for one in model.shapes[name]})
        raise InputError(explain(f"no parameter has the size {size}", f"Their sizes are {', '.join(sizes)}"))
    return found


def _norms(weight: np.ndarray, axis: int) -> np.ndarray:
    return np.sqrt(np.square(np.moveaxis(weight, axis, 0).reshape(weight.shape[axis], -1), dtype=float).sum(axis=1))
