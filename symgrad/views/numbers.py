"""Numbers at a point: rows of a program as outputs of one kernel, written and run as any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from symgrad.emit.kernel import kernel
from symgrad.emit.module import preamble
from symgrad.graph.graph import Graph
from symgrad.graph.program import Output, Program, rebuild
from symgrad.rewrite.contract import contract
from symgrad.runtime.functions import execute, execute_shared

MOST = 10_000_000
"""Derivatives with more elements than this are not worked out for a table."""


class Numbers:
    """Evaluates rows of a graph at one point.  Raises InputError where the point does not fit the declaration."""

    def __init__(self, compiled: Any, given: Mapping[str, Any], exact: Mapping[str, sp.Expr]):
        self.compiled, self.exact = compiled, exact
        arrays, self.sizes, self.dtype, _ = compiled._call("_prepare", dict(given))
        self.arrays = arrays
        self.shown = {name: given[name] for name in compiled.arguments}

    def elements(self, output: Output) -> int:
        """How many numbers an output has at this point."""
        total = 1
        for axis in output.axes:
            total *= int(axis.size.subs({s: self._size(s) for s in axis.size.free_symbols}))
        return total

    def _size(self, symbol: sp.Basic) -> int:
        return self.sizes.get(str(symbol), 1)

    def run(self, graph: Graph, outputs: Mapping[str, Output]) -> dict[str, Any]:
        """The values of rows by key; None where an array would be too large."""
        wanted = {key: output for key, output in outputs.items() if self.elements(output) <= MOST}
        if not wanted:
            return dict.fromkeys(outputs)
        program = Program(graph, dict(wanted), self.compiled.declared.program.inputs)
        text, needs = kernel("value", contract(rebuild(program, lambda *row: None)), self.compiled.signature)
        space = dict(self.compiled._namespace)
        execute_shared(preamble(needs), "functions", space)
        execute(text, f"<symgrad table {id(self)}>", space)
        with np.errstate(all="ignore"):
            values = space["_value_kernel"](*self.arrays.values(), **self.sizes, dtype=self.dtype)
        return dict.fromkeys(outputs) | dict(zip(wanted, values, strict=True))
