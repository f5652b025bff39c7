"""Sums over one letter as products of matrices: sum_i delta[i, c] h[i, j] is delta.T * h."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement


def as_matrix_product(expr: sp.Expr, letters: tuple, shape: tuple) -> sp.Basic | None:
    """coefficient * Sum(A[..] B[..]) over one letter as a product of matrices; None where it is something else."""
    coefficient, rest = expr.as_coeff_Mul()
    factors = [f for f in sp.Mul.make_args(rest) if not isinstance(f, sp.Sum)]
    sums = [f for f in sp.Mul.make_args(rest) if isinstance(f, sp.Sum)]
    if len(letters) != 2 or len(sums) != 1 or len(sums[0].limits) != 1:
        return None
    inner = sums[0].limits[0][0]
    inside = sp.Mul.make_args(sums[0].function)
    readings = [reading for one in inside if (reading := _subscripts(one)) is not None and len(reading[1]) == 2]
    if len(inside) != 2 or len(readings) != 2:
        return None
    scale = coefficient * sp.Mul(*factors)
    size = sums[0].limits[0][2] - sums[0].limits[0][1] + 1
    sizes = {letters[0]: shape[0], letters[1]: shape[1], inner: sp.expand(size)}
    for left, right in (readings, readings[::-1]):
        first, second = _oriented(left, letters[0], inner, sizes), _oriented(right, inner, letters[1], sizes)
        if first is not None and second is not None:
            return scale * first * second if scale != 1 else first * second
    return None


def _subscripts(expr: sp.Expr) -> tuple[str, tuple] | None:
    if isinstance(expr, sp.Indexed):
        return str(expr.base.label), tuple(expr.indices)
    if isinstance(expr, MatrixElement):
        return str(expr.parent), tuple(expr.args[1:])
    return None


def _oriented(reading: tuple[str, tuple], rows: sp.Basic, columns: sp.Basic, sizes: Mapping) -> sp.Basic | None:
    """The matrix of a reading, transposed where its letters stand the other way round."""
    name, found = reading
    if found == (rows, columns):
        return sp.MatrixSymbol(name, sizes[rows], sizes[columns])
    return sp.MatrixSymbol(name, sizes[columns], sizes[rows]).T if found == (columns, rows) else None
