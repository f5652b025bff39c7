"""PyTorch, eager and compiled: the compiled form holds value and derivatives in one graph, the fastest form that we know of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from benchmarks.workload import DIRECTION, HESSIAN, PRODUCT, Workload

SHARED = ("exp", "log", "tanh", "cos", "sqrt", "sum", "mean", "relu", "sigmoid", "arange", "swapaxes", "logsumexp")
LIBRARY = SimpleNamespace(
    **{name: getattr(torch, name) for name in SHARED},
    softplus=torch.nn.functional.softplus, log_sigmoid=torch.nn.functional.logsigmoid, log_softmax=partial(torch.log_softmax, dim=-1),
    constant=torch.as_tensor, shape=lambda x: tuple(x.shape))


def eager(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    loss, parameters, data, direction = _split(workload, inputs)
    if direction is not None or workload.kind == HESSIAN:
        return partial(_whole(workload, loss), parameters, data, direction)
    for parameter in parameters:
        parameter.requires_grad_()

    def value_and_grad():
        value = loss(parameters, data)
        return value.detach(), torch.autograd.grad(value, parameters)

    return value_and_grad


def compiled(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    loss, parameters, data, direction = _split(workload, inputs)
    return partial(torch.compile(_whole(workload, loss)), parameters, data, direction)


def _split(workload: Workload, inputs: dict[str, Any]) -> tuple:
    data = {name: torch.from_numpy(value) if isinstance(value, np.ndarray) else value for name, value in inputs.items()}
    direction = data.pop(DIRECTION, None)
    parameters = tuple(torch.as_tensor(data.pop(name), dtype=torch.float32 if workload.single else torch.float64) for name in workload.wrt)

    def loss(parameters, data):
        return workload.formula(LIBRARY, **dict(zip(workload.wrt, parameters, strict=True)), **data)

    return loss, parameters, data, direction


def _whole(workload: Workload, loss: Callable) -> Callable:
    """(parameters, data, direction) -> value and gradient, or Hessian, or Hessian product."""

    def gradient(parameters, data, direction):
        gradients, value = torch.func.grad_and_value(loss)(parameters, data)
        return value, gradients

    def hessian(parameters, data, direction):
        return torch.func.hessian(lambda parameter: loss((parameter,), data))(*parameters)

    def product(parameters, data, direction):
        slope = torch.func.grad(lambda parameter: loss((parameter,), data))
        return torch.func.jvp(slope, parameters, (direction,))[1]

    return {HESSIAN: hessian, PRODUCT: product}.get(workload.kind, gradient)
