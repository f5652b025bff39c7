"""Slopes of small scalar declarations to 50 digits, from the user's SymPy expressions and not from any row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symgrad.check.slopes import Slope
from symgrad.declare.declaration import Declared

DIGITS = 100
"""Working digits: a step of 1e-25 costs 50 of them in a central difference and leaves 50."""
STEP = sp.Rational(1, 10**25)
MOST_NODES = 500


def precise_slopes(declared: Declared, given: Mapping[str, Any]) -> dict[str, Slope]:
    """The slope towards each parameter from both sides; empty where the declaration is no small scalar one."""
    if not is_small_and_scalar(declared, given):
        return {}
    point = {name: sp.Float(sp.Rational(float(value)), DIGITS) for name, value in given.items()}
    try:
        centre = _evaluate(declared, point)
        return {name: _slope(declared, point, name, centre) for name in declared.wrt}
    except (ValueError, TypeError, ArithmeticError, NotImplementedError, RecursionError, mpmath.libmp.NoConvergence):
        return {}


def is_small_and_scalar(declared: Declared, given: Mapping[str, Any]) -> bool:
    if declared.several or declared.batch or any(spec.axes or spec.kind != "real" for spec in declared.program.inputs):
        return False
    if any(not isinstance(one.left, sp.Symbol) for one in declared.definitions) or len(declared.expressions) != 1:
        return False
    if any(np.ndim(value) for value in given.values()):
        return False
    count = 0
    for expr in (*declared.expressions, *(one.right for one in declared.definitions)):
        for node in sp.preorder_traversal(expr):
            count += 1
            if count > MOST_NODES or not _is_plain(node):
                return False
    return True


def _is_plain(node: sp.Basic) -> bool:
    """SymPy's own scalar nodes: it knows them to any number of digits, a registered function only to a double's."""
    return type(node).__module__.startswith("sympy.") and not isinstance(node, (sp.Indexed, sp.matrices.expressions.MatrixExpr, sp.Sum, sp.Product))


def _evaluate(declared: Declared, point: Mapping[str, sp.Expr]) -> sp.Expr:
    known: dict[sp.Basic, sp.Expr] = {symbol: point[name] for name, symbol in declared.symbols.items() if name in point}
    for one in declared.definitions:
        known[one.left] = _number(one.right, known)
    return _number(declared.expressions[0], known)


def _number(expr: sp.Basic, known: Mapping[sp.Basic, sp.Expr]) -> sp.Expr:
    found = sp.sympify(expr).xreplace(dict(known))
    found = sp.N(found, DIGITS)
    if not found.is_number or not found.is_extended_real or not found.is_finite:
        raise ValueError(f"{expr} has no finite value here")
    return found


def _slope(declared: Declared, point: Mapping[str, sp.Expr], name: str, centre: sp.Expr) -> Slope:
    x = point[name]

    def rises(step: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        above = _evaluate(declared, {**point, name: x + step})
        below = _evaluate(declared, {**point, name: x - step})
        return centre - below, above - centre

    fine, coarse = rises(STEP), rises(16 * STEP)
    (left, left_error), (right, right_error) = (_limit(near, far) for near, far in zip(fine, coarse, strict=True))
    middle, middle_error = _limit(sum(fine) / 2, sum(coarse) / 2)
    return Slope(*(np.asarray(one) for one in (middle, middle_error, left, left_error, right, right_error)))


def _limit(near: sp.Expr, far: sp.Expr) -> tuple[float, float]:
    """The slope of a rise over one step, and its error by the rise over sixteen; infinite where the rise does not shrink."""
    if abs(near) > 0.9 * abs(far):
        return (math.copysign(math.inf, near), 0.0) if near != 0 else (0.0, 0.0)
    return float(near / STEP), float(abs(near - far / 16) / STEP)
