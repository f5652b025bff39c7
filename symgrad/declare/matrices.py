"""Matrix expressions onto rows: a matrix is a row with a row label and a column label, unit axes are dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

from symgrad.declare.lowering import ONE, Lowering, Named, Scope
from symgrad.errors import ShapeError, UnsupportedError, explain
from symgrad.graph.labels import Label, same_size
from symgrad.graph.lower import power
from symgrad.graph.rows import Ref

Axis = Label | None
MOST_FACTORS = 16
"""Higher powers of a matrix are matrices of their own among factors."""


class Matrix(NamedTuple):
    """A lowered matrix: its reference, and its two labels (None where that axis has one element)."""

    ref: Ref
    rows: Axis
    columns: Axis

    def relabel(self, rows: Axis, columns: Axis) -> Ref:
        mapping = {old: new for old, new in ((self.rows, rows), (self.columns, columns)) if old is not None and new is not None}
        return self.ref.rename(mapping)


class MatrixLowering:
    """Lowers matrix expressions with the scalar lowering of the same declaration."""

    def __init__(self, scalars: Lowering):
        self.scalars = scalars
        self.graph = scalars.graph
        scalars.matrix_element = self.scalar
        self._builders: dict[type, Callable] = {
            sp.MatMul: self._product, sp.MatAdd: self._sum, sp.Transpose: self._transpose, sp.HadamardProduct: self._hadamard,
            sp.HadamardPower: self._power, ElementwiseApplyFunction: self._apply, sp.Identity: self._identity,
            sp.OneMatrix: self._constant, sp.ZeroMatrix: self._constant, sp.MatPow: self._matrix_power,
            sp.Inverse: self._inverse, sp.ImmutableDenseMatrix: self._explicit, sp.DiagMatrix: self._diagonal,
            sp.matrices.expressions.adjoint.Adjoint: self._transpose,
        }

    def matrix(self, expr: sp.Basic, scope: Scope) -> Matrix:
        """Rows for a matrix expression."""
        done: dict[sp.Basic, Matrix] = {}
        stack: list[tuple[sp.Basic, bool]] = [(expr, False)]
        while stack:
            node, ready = stack.pop()
            if node in done:
                continue
            if isinstance(node, sp.MatrixSymbol):
                done[node] = self._symbol(node)
                continue
            if type(node) not in self._builders:
                raise UnsupportedError(explain(f"{node} ({type(node).__name__}) has no compiled form",
                                               "products, sums, transposes, Hadamard products, applyfunc, inverses, traces and determinants do"))
            children = _matrix_children(node)
            if ready:
                done[node] = self._build(node, [done[child] for child in children], scope)
                continue
            stack.append((node, True))
            stack.extend((child, False) for child in children)
        return done[expr]

    def _build(self, node: sp.Basic, parts: list[Matrix], scope: Scope) -> Matrix:
        return self._builders[type(node)](node, parts, scope)

    def scalar(self, node: sp.Basic, scope: Scope) -> Ref:
        """An element, a trace or a determinant."""
        if isinstance(node, MatrixElement):
            matrix = self.matrix(node.parent, scope)
            return self.scalars.element(Named(matrix.ref, (matrix.rows, matrix.columns)), node.args[1:], scope, node, (sp.S.Zero, sp.S.Zero))
        _require_square(node.args[0], type(node).__name__)
        matrix = self.matrix(node.args[0], scope)
        if matrix.rows is None or matrix.columns is None:
            return matrix.ref
        if isinstance(node, sp.Trace):
            return self.graph.product(ONE, [matrix.relabel(matrix.rows, matrix.rows)], [matrix.rows])
        return self.graph.linear_algebra("det", self._full(matrix), (matrix.rows, matrix.columns))

    def _full(self, matrix: Matrix) -> Ref:
        if matrix.rows in matrix.ref.labels and matrix.columns in matrix.ref.labels:
            return matrix.ref
        raise UnsupportedError(explain("a matrix that is constant along an axis was inverted", "it is singular"))

    # ------------------------------------------------------------------ leaves

    def _symbol(self, node: sp.MatrixSymbol) -> Matrix:
        named = self.scalars.named[node.name]
        fresh = tuple(Label(axis.size) if axis is not None else None for axis in named.axes)
        mapping = {old: new for old, new in zip(named.axes, fresh, strict=True) if old is not None and new is not None}
        return Matrix(named.ref.rename(mapping), *fresh)

    def _constant(self, node: sp.Basic, parts: list[Matrix], scope: Scope) -> Matrix:
        return Matrix(self.graph.constant(ONE if isinstance(node, sp.OneMatrix) else sp.S.Zero), *_axes(node.shape))

    def _identity(self, node: sp.Identity, parts: list[Matrix], scope: Scope) -> Matrix:
        rows, columns = _axes(node.shape)
        if rows is None or columns is None:
            return Matrix(self.graph.constant(ONE), None, None)
        return Matrix(self.graph.onehot(self.graph.iota(rows), columns), rows, columns)

    def _explicit(self, node: sp.ImmutableDenseMatrix, parts: list[Matrix], scope: Scope) -> Matrix:
        rows, columns = _axes(node.shape)
        entries = [((r, c), self.scalars.scalar(node[r, c], scope)) for r in range(node.rows) for c in range(node.cols)]
        return Matrix(self.stacked(entries, (rows, columns)), rows, columns)

    def stacked(self, entries: Sequence[tuple[tuple[int, ...], Ref]], axes: Sequence[Axis]) -> Ref:
        """An array of given elements: each stands at its place by one-hot operands of constant index."""
        terms = []
        for place, ref in entries:
            hots = [self.graph.onehot(self.graph.constant(sp.Integer(k), "integer"), axis)
                    for k, axis in zip(place, axes, strict=True) if axis is not None]
            terms.append((ONE, self.graph.product(ONE, [self.graph.real(ref), *hots])))
        return self.graph.sum(sp.S.Zero, [(c, ref) for c, ref in terms if self.graph.constant_value(ref) != 0])

    # ------------------------------------------------------------------ arithmetic

    def _product(self, node: sp.MatMul, parts: list[Matrix], scope: Scope) -> Matrix:
        scalars = [self.graph.real(self.scalars.scalar(arg, scope)) for arg in node.args if not arg.is_Matrix]
        _check_chain(node)
        rows, refs, over = parts[0].rows, [parts[0].ref], []
        columns = parts[0].columns
        for part in parts[1:]:
            fresh = Label(part.columns.size) if part.columns is not None else None
            refs.append(part.relabel(columns, fresh))
            if columns is not None:
                over.append(columns)
            columns = fresh
        return Matrix(self.graph.product(ONE, [*scalars, *refs], over), rows, columns)

    def _sum(self, node: sp.MatAdd, parts: list[Matrix], scope: Scope) -> Matrix:
        _check_equal(node)
        rows, columns = _axes(node.shape)
        return Matrix(self.graph.sum(sp.S.Zero, [(ONE, self.graph.real(part.relabel(rows, columns))) for part in parts]), rows, columns)

    def _transpose(self, node: sp.Transpose, parts: list[Matrix], scope: Scope) -> Matrix:
        return Matrix(parts[0].ref, parts[0].columns, parts[0].rows)

    def _hadamard(self, node: sp.HadamardProduct, parts: list[Matrix], scope: Scope) -> Matrix:
        _check_equal(node)
        rows, columns = _axes(node.shape)
        scalars = [self.graph.real(self.scalars.scalar(arg, scope)) for arg in node.args if not arg.is_Matrix]
        return Matrix(self.graph.product(ONE, [*scalars, *(part.relabel(rows, columns) for part in parts)]), rows, columns)

    def _power(self, node: sp.HadamardPower, parts: list[Matrix], scope: Scope) -> Matrix:
        base = parts[0]
        if node.exp.is_number:
            return base._replace(ref=power(self.graph, base.ref, node.exp))
        place = sp.Dummy(real=True)
        if node.exp.is_Matrix:
            raise UnsupportedError(explain(f"{node}: a matrix of exponents has no compiled form", "a scalar exponent does"))
        return base._replace(ref=self.scalars.scalar(place**node.exp, replace(scope, values={**scope.values, place: base.ref})))

    def _apply(self, node: ElementwiseApplyFunction, parts: list[Matrix], scope: Scope) -> Matrix:
        place = sp.Dummy(real=True)
        inner = replace(scope, values={**scope.values, place: parts[0].ref})
        return parts[0]._replace(ref=self.graph.real(self.scalars.scalar(node.function(place), inner)))

    def _matrix_power(self, node: sp.MatPow, parts: list[Matrix], scope: Scope) -> Matrix:
        _require_square(node.base, "a matrix power")
        exponent = node.exp
        if not exponent.is_Integer or exponent == 0:
            raise UnsupportedError(explain(f"{node}: the exponent {exponent} has no compiled form", "whole exponents do"))
        factor = parts[0] if exponent > 0 else self._inverted(parts[0])
        result = factor
        for _ in range(abs(int(exponent)) - 1):
            middle, last = result.columns, Label(factor.columns.size) if factor.columns else None
            ref = self.graph.product(ONE, [result.ref, factor.relabel(middle, last)], [middle] if middle else [])
            result = Matrix(ref, result.rows, last)
        return result

    def _inverse(self, node: sp.Inverse, parts: list[Matrix], scope: Scope) -> Matrix:
        _require_square(node.arg, "an inverse")
        return self._inverted(parts[0])

    def _inverted(self, matrix: Matrix) -> Matrix:
        if matrix.rows is None or matrix.columns is None:
            return Matrix(power(self.graph, matrix.ref, -ONE), None, None)
        inverse = self.graph.linear_algebra("inverse", self._full(matrix), (matrix.rows, matrix.columns))
        return Matrix(inverse, matrix.columns, matrix.rows)

    def _diagonal(self, node: sp.DiagMatrix, parts: list[Matrix], scope: Scope) -> Matrix:
        vector = parts[0]
        rows = vector.rows or vector.columns
        if rows is None:
            return vector
        columns = Label(rows.size)
        return Matrix(self.graph.product(ONE, [vector.ref, self.graph.onehot(self.graph.iota(rows), columns)]), rows, columns)


def _matrix_children(node: sp.Basic) -> list[sp.Basic]:
    if isinstance(node, sp.ImmutableDenseMatrix):
        return []
    if isinstance(node, ElementwiseApplyFunction):
        return [node.expr]
    parts = [arg for arg in node.args if getattr(arg, "is_Matrix", False)]
    return [factor for part in parts for factor in _factors(part)] if isinstance(node, sp.MatMul) else parts


def _factors(part: sp.Basic) -> list[sp.Basic]:
    """A low power of a matrix among factors as what it is, so that M^3 v is made of products with vectors."""
    is_low = isinstance(part, sp.MatPow) and part.exp.is_Integer and 0 < part.exp <= MOST_FACTORS
    return [part.base] * int(part.exp) if is_low else [part]


def _axes(shape: tuple) -> tuple[Axis, Axis]:
    return tuple(None if size == 1 else Label(sp.sympify(size)) for size in shape)  # type: ignore[return-value]


def _check_chain(node: sp.MatMul) -> None:
    factors = [arg for arg in node.args if arg.is_Matrix]
    for left, right in pairwise(factors):
        if not same_size(sp.sympify(left.shape[1]), sp.sympify(right.shape[0])):
            raise ShapeError(explain(f"the product {left} * {right} does not go together",
                                     f"{left} has {left.shape[1]} columns and {right} has {right.shape[0]} rows",
                                     "Declare both with the same size, or transpose one"))


def _check_equal(node: sp.Basic) -> None:
    parts = [arg for arg in node.args if arg.is_Matrix]
    for other in parts[1:]:
        if not all(same_size(sp.sympify(a), sp.sympify(b)) for a, b in zip(parts[0].shape, other.shape, strict=True)):
            raise ShapeError(explain(f"{parts[0]} and {other} have different shapes in {type(node).__name__}",
                                     f"{parts[0].shape} and {other.shape} were found, equal shapes are required",
                                     "Use OneMatrix(n, 1) * row to repeat a row"))


def _require_square(node: sp.Basic, what: str) -> None:
    if not same_size(sp.sympify(node.shape[0]), sp.sympify(node.shape[1])):
        raise ShapeError(explain(f"{what} of {node} needs a square matrix", f"its shape is {node.shape}"))
