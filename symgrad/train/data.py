"""The arrays of a training: data as they were given, checked, and the first values of the parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from symgrad.errors import InputError, OptionError, explain
from symgrad.optim.rate import is_number
from symgrad.runtime.names import by_name
from symgrad.train.model import Model
from symgrad.train.sizes import Sizes, shape_at, size_at

Data = dict[str, np.ndarray]


def read_data(model: Model, data: object, what: str) -> Data:
    """The inputs of a model's loss as arrays.  `what` names the argument in messages.

    Raises InputError for a name that is missing or unknown, or an input of a wrong rank or kind.
    """
    if not isinstance(model, Model):
        raise InputError(explain(f"the model is a {type(model).__name__}", "A symgrad.Model is required",
                                 "Write symgrad.Model(loss=…, params={…}, …)"))
    if not isinstance(data, Mapping):
        raise InputError(explain(f"{what} is a {type(data).__name__}", "A dict of arrays by name or symbol is required"))
    given, required = by_name(data), model.required
    missing = [name for name in required if name not in given]
    extra = [name for name in given if name not in required]
    if missing:
        raise InputError(explain(f"{', '.join(missing)} is missing in {what}", f"The model needs {', '.join(required)}"))
    if extra:
        raise InputError(explain(f"{what} holds {', '.join(extra)}, which the loss does not take", f"It takes {', '.join(required)}"))
    return {name: model.loss._call("_array", name, given[name]) for name in required}


def hold_out(model: Model, data: Data, fraction: Any, rng: np.random.Generator) -> tuple[Data, Data, np.ndarray]:
    """(data of the samples that stay, data of a fraction of the samples that is held out, the numbers of those that stay).

    Raises OptionError where the fraction is none or there are no samples to hold out.
    """
    if not is_number(fraction) or not 0 < fraction < 1:
        given = fraction if is_number(fraction) else f"a {type(fraction).__name__}"
        raise OptionError(explain(f"validation is {given}", "A dict of data, or a fraction above 0 and below 1 is required"))
    count = model.samples.count(data)
    if count is None or count < 2:
        raise OptionError(explain(f"validation={fraction!r} cannot hold samples out", "At least 2 samples are required",
                                  "Declare where the samples are by batch= or sample_index=, or pass validation data"))
    out, shuffled = min(max(round(fraction * count), 1), count - 1), rng.permutation(count)
    kept = np.sort(shuffled[out:])
    return model.samples.take(data, kept), model.samples.take(data, np.sort(shuffled[:out])), kept


def given_arrays(model: Model) -> dict[str, Any]:
    """The parameters that begin with an array or a number."""
    return {name: value for name, value in model.initial.items() if not callable(value)}


def first_params(model: Model, sizes: Sizes, dtype: np.dtype, rng: np.random.Generator) -> Data:
    """First values of all parameters, each an array of its own, in the order of the declaration.

    Raises InputError where a size is not known or an initializer returns another shape than the parameter's.
    """
    return {name: _first(model, name, value, sizes, dtype, rng) for name, value in model.initial.items()}


def _first(model: Model, name: str, value: Any, sizes: Sizes, dtype: np.dtype, rng: np.random.Generator) -> np.ndarray:
    if callable(value):
        return _drawn(model, name, value, shape_at(name, model.shapes, sizes), sizes, rng).astype(dtype, copy=False)
    if is_number(value):
        return np.full(shape_at(name, model.shapes, sizes), float(value), dtype)
    array = model.loss._call("_array", name, value)
    return np.array(array, dtype=array.dtype if array.dtype.kind == "f" else dtype, order="C")


def _drawn(model: Model, name: str, initializer: Any, shape: tuple[int, ...], sizes: Sizes, rng: np.random.Generator) -> np.ndarray:
    fan_in, fan_out = model.fans[name].at(lambda size: size_at(size, sizes, name))
    if getattr(initializer, "by_unit", False):
        return _by_unit(initializer, shape, model.input_axes[name], rng, (fan_in, fan_out))
    array = np.array(initializer(shape, rng, fan_in, fan_out), dtype=float, order="C")
    if array.shape != shape:
        raise InputError(explain(f"the initializer of {name} gave the shape {array.shape}", f"The shape {shape} is required"))
    return array


def _by_unit(initializer: Any, shape: tuple[int, ...], inputs: tuple[int, ...], rng: np.random.Generator, fans: tuple[int, int]) -> np.ndarray:
    """An array drawn as one row a unit, with the axes of its inputs where the declaration has them."""
    units = [axis for axis in range(len(shape)) if axis not in inputs]
    order = [*units, *inputs]
    rows = initializer((math.prod(shape[axis] for axis in units), math.prod(shape[axis] for axis in inputs)), rng, *fans)
    return np.ascontiguousarray(np.transpose(rows.reshape([shape[axis] for axis in order]), np.argsort(order)))


def handed(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Copies to hand out, scalars as numbers."""
    return {name: np.array(array)[()] for name, array in arrays.items()}
