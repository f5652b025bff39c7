"""SymPy alone: derivatives of one term, lambdify with common subexpressions shared, then means over the columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from benchmarks.workload import Term, Workload


def prepare(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    term = workload.term()
    wrt = [symbol for group in term.parameters.values() for symbol in group]
    symbols = [*wrt, *term.columns.values(), *term.constants.values()]
    function = sp.lambdify(symbols, [term.expression, *(sp.diff(term.expression, symbol) for symbol in wrt)],
                           modules="numpy" if term.columns else "math", cse=True)
    values = [float(value) for name in term.parameters for value in np.ravel(inputs[name])]
    given = [inputs[name] for name in (*term.columns, *term.constants)]
    if not term.columns:
        return partial(function, *values, *given)
    return lambda: grouped(term, inputs, [np.mean(part) for part in function(*values, *given)])


def grouped(term: Term, inputs: dict[str, Any], parts: list) -> list:
    """Value, then one slope a scalar, put together to the shapes of the parameters."""
    value, *slopes = parts
    result, start = [value], 0
    for name, group in term.parameters.items():
        result.append(np.reshape(slopes[start : start + len(group)], np.shape(inputs[name])))
        start += len(group)
    return result
