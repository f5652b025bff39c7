"""PyTensor in its default mode, with the shapes of the inputs made known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt

from benchmarks.workload import DIRECTION, HESSIAN, PRODUCT, Workload

SHARED = ("exp", "log", "tanh", "cos", "sqrt", "sum", "mean", "arange", "swapaxes", "logsumexp", "sigmoid", "softplus")
LIBRARY = SimpleNamespace(
    **{name: getattr(pt, name) for name in SHARED},
    relu=lambda x: pt.maximum(x, 0), log_sigmoid=lambda x: -pt.softplus(-x), log_softmax=partial(pt.special.log_softmax, axis=-1),
    constant=pt.constant, shape=lambda x: x.type.shape)


def prepare(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    arrays = {name: _array(value, workload.single) for name, value in inputs.items()}
    symbols = {name: pt.tensor(name, dtype=value.dtype, shape=value.shape) for name, value in arrays.items()}
    results = _derived(workload, dict(symbols))
    function = pytensor.function(list(symbols.values()), results, on_unused_input="ignore")
    function.trust_input = True
    return partial(function, *arrays.values())


def _array(value: Any, single: bool) -> np.ndarray:
    return value if isinstance(value, np.ndarray) else np.asarray(value, dtype=np.float32 if single else np.float64)


def _derived(workload: Workload, symbols: dict[str, Any]) -> Any:
    direction, wrt = symbols.pop(DIRECTION, None), [symbols[name] for name in workload.wrt]
    loss = workload.formula(LIBRARY, **symbols)
    if workload.kind == HESSIAN:
        return pytensor.gradient.hessian(loss, wrt[0])
    gradients = pytensor.grad(loss, wrt)
    if workload.kind == PRODUCT:
        return pytensor.grad(pt.sum(gradients[0] * direction), wrt[0])
    return [loss, *gradients]
