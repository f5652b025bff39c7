"""Autograd: NumPy traced at every call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import autograd
import autograd.numpy as anp
from autograd.scipy.special import logsumexp

from benchmarks.workload import DIRECTION, HESSIAN, PRODUCT, Workload

LIBRARY = SimpleNamespace(
    **{name: getattr(anp, name) for name in ("exp", "log", "tanh", "cos", "sqrt", "sum", "mean", "arange", "swapaxes", "shape")},
    relu=lambda x: anp.maximum(x, 0), sigmoid=lambda x: 1 / (1 + anp.exp(-x)), log_sigmoid=lambda x: -anp.logaddexp(0, -x),
    softplus=lambda x: anp.logaddexp(0, x), log_softmax=lambda x: x - logsumexp(x, axis=-1, keepdims=True),
    logsumexp=logsumexp, constant=anp.asarray)


def prepare(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    data = dict(inputs)
    direction, parameters = data.pop(DIRECTION, None), tuple(data.pop(name) for name in workload.wrt)

    def loss(parameters):
        return workload.formula(LIBRARY, **dict(zip(workload.wrt, parameters, strict=True)), **data)

    if workload.kind == HESSIAN:
        return partial(autograd.hessian(lambda parameter: loss((parameter,))), *parameters)
    if workload.kind == PRODUCT:
        return partial(autograd.hessian_vector_product(lambda parameter: loss((parameter,))), *parameters, direction)
    return partial(autograd.value_and_grad(loss), parameters)
