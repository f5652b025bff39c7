"""JAX: the formula under jit, in double precision where the inputs are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.workload import DIRECTION, HESSIAN, PRODUCT, Workload

jax.config.update("jax_enable_x64", True)
LIBRARY = SimpleNamespace(
    **{name: getattr(jnp, name) for name in ("exp", "log", "tanh", "cos", "sqrt", "sum", "mean", "arange", "swapaxes")},
    relu=jax.nn.relu, sigmoid=jax.nn.sigmoid, log_sigmoid=jax.nn.log_sigmoid, softplus=jax.nn.softplus, log_softmax=jax.nn.log_softmax,
    logsumexp=jax.nn.logsumexp, constant=jnp.asarray, shape=jnp.shape)


def prepare(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    held = {name: jnp.asarray(value) if isinstance(value, np.ndarray) else value for name, value in inputs.items()}
    direction = held.pop(DIRECTION, None)
    parameters = [held.pop(name) for name in workload.wrt]

    def loss(*parameters, **data):
        return workload.formula(LIBRARY, **dict(zip(workload.wrt, parameters, strict=True)), **data)

    if workload.kind == HESSIAN:
        return partial(_finished, jax.jit(jax.hessian(loss)), *parameters, **held)
    if workload.kind == PRODUCT:
        product = jax.jit(lambda x, v: jax.jvp(jax.grad(loss), (x,), (v,))[1])
        return partial(_finished, product, *parameters, direction)
    return partial(_finished, jax.jit(jax.value_and_grad(loss, tuple(range(len(parameters))))), *parameters, **held)


def _finished(function: Callable, *args: Any, **data: Any) -> Any:
    return jax.block_until_ready(function(*args, **data))
