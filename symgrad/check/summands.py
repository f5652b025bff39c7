"""The summands of the final sum of a result: what its error is measured against where they cancel each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from symgrad.emit.kernel import kernel
from symgrad.emit.module import preamble
from symgrad.graph.graph import Graph
from symgrad.graph.program import Output, Program
from symgrad.graph.rows import Ref
from symgrad.runtime.functions import execute_shared

MOST = 24
"""More terms than this are left as the sum that they are."""

Term = tuple[sp.Expr, tuple[Ref, ...]]


def summands(model: Any, entry: str, key: str, towards: str) -> Callable[..., float]:
    """A function of the inputs of a scalar model: the largest summand of one output of an entry; 0 where that is no sum.

    Factors before a sum are multiplied in; nothing below another function counts, but for a sum that is mended, is a number at infinity, or may
    leave the range of doubles.
    A tangent goes towards one input.
    """
    program = model.derived(entry)
    graph = program.graph.copy()
    terms = _terms(graph, program.outputs[key].ref)
    if len(terms) < 2:
        return lambda **inputs: 0.0
    refs = [graph.product(coefficient, list(operands)) for coefficient, operands in terms]
    parts = replace(program, graph=graph, outputs={f"term {k}": Output(ref) for k, ref in enumerate(refs)}, names={}, primal=None)
    return _callable(model, entry, parts, towards)


_WHOLE = {"mended": slice(1), "select": slice(1, None), "range_expansion": slice(1, None), "double_double": slice(1, None),
          "double_double_where": slice(1, 2)}
"""Functions that are one of these arguments but for what rounding or the range of doubles does."""


def _terms(graph: Graph, ref: Ref) -> list[Term]:
    row, refs = graph[ref], graph.operands(ref) if graph[ref].args else []
    if row.op == "map" and row.payload[0] in _WHOLE:
        inner = [one for one in refs[_WHOLE[row.payload[0]]] if graph.constant_value(one) is None]
        return _terms(graph, inner[0]) if len(inner) == 1 else [(sp.S.One, (ref,))]
    if row.op == "sum":
        coefficients, constant = row.payload
        found = [(c * inner, operands) for c, arg in zip(coefficients, refs, strict=True) for inner, operands in _terms(graph, arg)]
        found = found + ([(constant, ())] if constant != 0 else [])
        return found if len(found) <= MOST else [(sp.S.One, (ref,))]
    if row.op == "product" and not row.shape:
        spread = list(product(*(_terms(graph, arg) for arg in refs)))
        if 1 < len(spread) <= MOST:
            return [(row.payload * sp.Mul(*(c for c, _ in choice)), tuple(one for _, operands in choice for one in operands)) for choice in spread]
    return [(sp.S.One, (ref,))]


def _callable(model: Any, entry: str, program: Program, towards: str) -> Callable[..., float]:
    text, needs = kernel(entry, program, model.signature)
    space: dict[str, Any] = dict(model._namespace)
    seeds = [np.float64(name == towards) for name in model.wrt] if entry == "jvp" else []
    execute_shared(preamble(needs), "functions", space)
    exec(text, space)

    def largest(**inputs: float) -> float:
        with np.errstate(all="ignore"):
            found = space[f"_{entry}_kernel"](*(np.float64(inputs[name]) for name in model.arguments), *seeds, dtype=np.float64)
        return max((abs(float(one)) for one in found if np.isfinite(one)), default=0.0)

    return largest
