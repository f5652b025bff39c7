"""The largest summand of the final sum of each value and slope of a formula of arrays: what its error is measured against where summands cancel."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Output
from symgrad.graph.rows import Ref
from symgrad.views.numbers import Numbers

MOST = 64
"""More terms than this are left as the sum that they are."""
ENTRY = "value_and_grad"


def largest_summands(plain: Any, inputs: Mapping[str, Any]) -> list[float]:
    """Of the value and then of each element of the gradient, as the plain form of a model has them; a row that is no sum is its own summand."""
    program = plain.derived(ENTRY)
    graph = program.graph.copy()
    terms = {key: [graph.product(c, operands) for c, operands in _terms(graph, output.ref)] for key, output in program.outputs.items()}
    outputs = {f"{key} {k}": Output(ref, (*program.outputs[key].axes, *_others(ref, program.outputs[key])))
               for key, refs in terms.items() for k, ref in enumerate(refs)}
    found = iter(Numbers(plain, inputs, {}).run(graph, outputs).values())
    sizes: list[float] = []
    for key, output in program.outputs.items():
        sizes.extend(np.max([_largest(next(found), len(output.axes)) for _ in terms[key]], axis=0).ravel())
    return sizes


def _others(ref: Ref, output: Output) -> list[Label]:
    return [label for label in dict.fromkeys(ref.labels) if label not in output.axes]


def _largest(term: Any, axes: int) -> np.ndarray:
    """The largest finite size along all but the first axes."""
    term = np.asarray(term, float)
    size = np.where(np.isfinite(term), np.abs(term), 0.0)
    return size.max(axis=tuple(range(axes, size.ndim)), initial=0.0)


def _terms(graph: Graph, ref: Ref) -> list[tuple[sp.Expr, list[Ref]]]:
    """Coefficients and factors of the summands, what is summed over labels left on these labels."""
    row = graph[ref]
    if row.op == "named":
        return _terms(graph, graph.operands(ref)[0])
    if row.op == "sum":
        coefficients, constant = row.payload
        found = [(c * inner, factors) for c, arg in zip(coefficients, graph.operands(ref), strict=True) for inner, factors in _terms(graph, arg)]
        return found + ([(constant, [])] if constant != 0 else [])
    if row.op == "product":
        operands, _ = graph.open(ref)
        spread = list(product(*(_terms(graph, operand) for operand in operands)))
        if len(spread) <= MOST:
            return [(row.payload * sp.Mul(*(c for c, _ in choice)), [one for _, factors in choice for one in factors]) for choice in spread]
        return [(row.payload, operands)]
    return [(sp.S.One, [ref])]
