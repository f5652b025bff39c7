"""Rows that are known to be at least 0, or to stay away from 0: their roots, logarithms and reciprocals are finite."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.lower import anywhere
from symgrad.graph.rows import Ref, Row

UNKNOWN, NOT_NEGATIVE, POSITIVE = 0, 1, 2
"""What is known: nothing; at least 0; at least some number above 0, whatever the inputs are."""

_NOT_NEGATIVE = frozenset({"square", "abs", "exp", "logistic", "softplus", "norm", "hypot", "heaviside", "compound_exp", "power_by_log"})
_WITHOUT_ZERO = frozenset({"reciprocal", "log"})


class Bounds:
    """What is known of the rows of a graph, found as they are asked for."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self._known: list[int] = []

    def of(self, index: int) -> int:
        """UNKNOWN, NOT_NEGATIVE or POSITIVE."""
        for row in range(len(self._known), index + 1):
            self._known.append(self._bound(self.graph.rows[row]))
        return self._known[index]

    def keeps_finite(self, row: Row) -> bool:
        """Whether a power, reciprocal or logarithm is finite because its argument keeps away from where it is not."""
        if row.op != "map" or len(row.args) != 1:
            return False
        name, *parameters = row.payload
        if name in _WITHOUT_ZERO or (name == "power" and parameters[0].is_negative):
            return self.of(row.args[0]) == POSITIVE
        return (name == "sqrt" or (name == "power" and bool(parameters[0].is_positive))) and self.of(row.args[0]) >= NOT_NEGATIVE

    def _bound(self, row: Row) -> int:
        rule = {"constant": _constant, "sum": self._sum, "product": self._product, "map": self._map, "norm": _norm,
                "extremum": self._least}.get(row.op)
        return rule(row) if rule else UNKNOWN

    def _sum(self, row: Row) -> int:
        coefficients, constant = row.payload
        bounds = [self.of(arg) for arg in row.args]
        if not constant.is_nonnegative or not all(c.is_positive and bound for c, bound in zip(coefficients, bounds, strict=True)):
            return UNKNOWN
        return POSITIVE if constant.is_positive or POSITIVE in bounds else NOT_NEGATIVE

    def _product(self, row: Row) -> int:
        """Products may underflow to 0, so that they are never known to keep away from it."""
        squared = len(row.args) == 2 and row.args[0] == row.args[1] and row.axes[0] == row.axes[1]
        known = squared or all(self.of(arg) for arg in row.args)
        return NOT_NEGATIVE if row.payload.is_positive and known else UNKNOWN

    def _map(self, row: Row) -> int:
        name, *parameters = row.payload
        if name == "max":
            return max(self.of(arg) for arg in row.args)
        if name == "min":
            return self._least(row)
        if name in ("sqrt", "power") and self.of(row.args[0]):
            return self.of(row.args[0]) if name == "sqrt" or parameters[0].is_positive else NOT_NEGATIVE
        even = name == "power" and parameters[0].is_even and parameters[0].is_positive
        return NOT_NEGATIVE if name in _NOT_NEGATIVE or even else UNKNOWN

    def _least(self, row: Row) -> int:
        return min(self.of(arg) for arg in row.args)


def _constant(row: Row) -> int:
    value = row.payload
    if not isinstance(value, sp.Expr) or not value.is_nonnegative or value.is_infinite:
        return UNKNOWN
    return POSITIVE if value.is_positive else NOT_NEGATIVE


def _norm(row: Row) -> int:
    return NOT_NEGATIVE


class Hazards:
    """Which rows can be infinite or nan at finite inputs, found as they are asked for."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self._bounds = Bounds(graph)
        self._found: list[bool] = []

    def may_be_infinite(self, index: int) -> bool:
        """Whether a row, or a row above it, divides, takes a logarithm, … and nothing is known that keeps it finite."""
        for row in range(len(self._found), index + 1):
            one = self.graph.rows[row]
            risky = _is_unsafe(one) and not self._bounds.keeps_finite(one)
            self._found.append(risky or any(self._found[arg] for arg in one.args))
        return self._found[index]

    def may_be_nothing(self, ref: Ref, kept: Sequence[Label]) -> bool:
        """Whether a row may be infinite all along its other labels at finite inputs; where a mask always leaves some of it, whether that may."""
        if self.graph[ref].calls("select"):
            mask, inside, outside = self.graph.operands(ref)
            over = [label for label in mask.labels if label not in kept]
            if self.graph.constant_value(outside) == -sp.oo and anywhere(self.graph, mask, over) is None:
                return self.may_be_infinite(inside.row)
        return self.may_be_infinite(ref.row)


_SAFE_OPS = frozenset({"input", "constant", "iota", "onehot", "named", "sum", "product", "extremum", "logsumexp", "rest", "det", "detsign", "norm",
                       "prod", "others", "compounded"})
"""Operations that are finite at finite arguments, but for overflow; a constant may be infinite itself."""


def _is_unsafe(row: Row) -> bool:
    if row.op == "map":
        name, *parameters = row.payload
        return not TABLE[name].finite and not (name == "power" and parameters[0].is_Integer and parameters[0].is_positive)
    return row.op not in _SAFE_OPS or (row.op == "constant" and row.payload in (sp.oo, -sp.oo, sp.nan))
