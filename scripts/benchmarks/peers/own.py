"""Two that are always there: plain NumPy written by hand, and symgrad."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.workload import DIRECTION, HESSIAN, PRODUCT, Workload


def by_hand(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    return partial(workload.hand, *inputs.values())


def symgrad(workload: Workload, inputs: dict[str, Any], **options: Any) -> Callable[[], Any]:
    model = workload.declare()
    model = model.with_options(**options) if options else model
    if workload.kind == PRODUCT:
        (name,) = workload.wrt
        return partial(model.hvp, {key: value for key, value in inputs.items() if key != DIRECTION}, {name: inputs[DIRECTION]})
    name = "hessian" if workload.kind == HESSIAN else "value_and_grad"
    getattr(model, name)(**inputs)  # from its first call on a function is the module's own
    function = getattr(model, name)
    return partial(function, *(inputs[name] for name in model.arguments))
