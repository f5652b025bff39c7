"""CasADi: the term as a scalar graph, mapped over the samples, differentiated in reverse, called through buffers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import casadi
import numpy as np
import sympy as sp

from benchmarks.peers.with_sympy import grouped
from benchmarks.workload import Term, Workload


def prepare(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    term = workload.term()
    parameters = np.array([value for name in term.parameters for value in np.ravel(inputs[name])], dtype=float)
    columns = np.array([inputs[name] for name in (*term.columns, *term.constants)], dtype=float)
    work = _Buffered(_function(term, len(parameters), columns), parameters, columns.T.ravel())  # column by column, as CasADi holds a matrix
    if not term.columns:
        return partial(work.point, parameters.tolist(), columns.tolist())
    return lambda: grouped(term, inputs, [part for array in work() for part in array])


class _Buffered:
    """A function of two vectors called without copying.  It keeps what the buffer only points to."""

    def __init__(self, function: Any, *given: np.ndarray):
        self.function, self.given = function, given
        self.results = tuple(np.zeros(function.nnz_out(place)) for place in range(function.n_out()))
        self.scalars = tuple(array.reshape(-1)[:1].reshape(()) for array in self.results)
        self.buffer, self.evaluate = function.buffer()
        for place, array in enumerate(given):
            self.buffer.set_arg(place, memoryview(array))
        for place, array in enumerate(self.results):
            self.buffer.set_res(place, memoryview(array))

    def point(self, *numbers: list[float]) -> tuple[np.ndarray, ...]:
        """The results as scalars, without a copy; the numbers of the call are written into the buffer, as every other contender is given its own."""
        for array, given in zip(self.given, numbers, strict=True):
            array[:] = given
        self.evaluate()
        return self.scalars

    def __call__(self) -> tuple[np.ndarray, ...]:
        self.evaluate()
        return self.results


def _function(term: Term, count: int, columns: np.ndarray) -> Any:
    """(parameters, columns) -> mean of the term and its gradient."""
    wrt = [symbol for group in term.parameters.values() for symbol in group]
    spelled = sp.lambdify([*wrt, *term.columns.values(), *term.constants.values()], term.expression, modules=[casadi])
    p, sample = casadi.SX.sym("p", count), casadi.SX.sym("sample", len(columns))
    one = spelled(*casadi.vertsplit(p), *casadi.vertsplit(sample))
    if columns.ndim == 1:
        return casadi.Function("point", [p, sample], [one, casadi.gradient(one, p)])
    n = columns.shape[1]
    each = casadi.Function("term", [p, sample], [one]).map("terms", "serial", n, [0], [])
    P, S = casadi.MX.sym("P", count), casadi.MX.sym("S", len(columns), n)
    mean = casadi.sum2(each(P, S)) / n
    return casadi.Function("mean", [P, S], [mean, casadi.gradient(mean, P)])
