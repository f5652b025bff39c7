"""The three spellings of a value, as one small vocabulary: one function for scalars, indexed arrays and matrices.

A value is a SymPy expression (a scalar, or an indexed array at its letters, such as a[i, c]), a matrix expression, an explicit
matrix, or a list or tuple of scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from symgrad.errors import DeclarationError, ShapeError, explain

Value = Any
"""An Expr, a MatrixExpr, an explicit Matrix, or a sequence of scalars."""

Limits = tuple[sp.Symbol, Any, Any]
"""(letter, first, last), as in sympy.Sum."""


def is_matrix(value: object) -> bool:
    """Whether a value is a matrix of symbolic size."""
    return isinstance(value, sp.MatrixExpr)


def is_several(value: object) -> bool:
    """Whether a value is a list of scalars or an explicit matrix."""
    return isinstance(value, (list, tuple, sp.MatrixBase))


def read(value: Value, what: str = "the value") -> Value:
    """The value as SymPy; numbers become numbers.

    Raises DeclarationError for a text, an array of numbers, an array without subscripts, or a layer instead of its expression.
    """
    if isinstance(value, sp.IndexedBase):
        raise DeclarationError(explain(f"{what} {value} is an array without subscripts", "an expression is required", f"Write {value}[i, …]"))
    if is_several(value) or is_matrix(value):
        return value
    if isinstance(value, str):
        raise DeclarationError(explain(f"{what} {value!r} is a text", "a SymPy expression is required"))
    found = None if hasattr(value, "expression") else sp.sympify(value)
    if not isinstance(found, sp.Basic) or isinstance(found, sp.NDimArray):
        raise DeclarationError(explain(f"{what} is a {type(value).__name__}", "a SymPy expression is required",
                                       "Write layer.expression" if found is None else ""))
    return found


def each(function: Callable[[sp.Expr], sp.Expr], value: Value) -> Value:
    """A function of one number, applied to a value of any spelling."""
    value = read(value)
    if is_matrix(value):
        place = sp.Dummy("v", real=True)
        image = sp.sympify(function(place))
        return value if image == place else value.applyfunc(sp.Lambda(place, image))
    if isinstance(value, sp.MatrixBase):
        return value.applyfunc(function)
    if isinstance(value, (list, tuple)):
        return type(value)(function(sp.sympify(one)) for one in value)
    return function(value)


def together(function: Callable[..., sp.Expr], *values: Value) -> Value:
    """A function of several numbers, applied element by element to values that are no symbolic matrices."""
    values = tuple(read(value) for value in values)
    first = values[0]
    if isinstance(first, sp.MatrixBase):
        return type(first)(*first.shape, [function(*parts) for parts in zip(*(broadcast(v, len(first)) for v in values), strict=True)])
    if isinstance(first, (list, tuple)):
        return type(first)(function(*parts) for parts in zip(*(broadcast(v, len(first)) for v in values), strict=True))
    return function(*values)


def broadcast(value: Value, count: int) -> list[sp.Expr]:
    """A list of `count` scalars; one scalar is repeated.  Raises ShapeError where the lengths differ."""
    if not is_several(value):
        return [sp.sympify(value)] * count
    if len(value) != count:
        raise ShapeError(explain(f"{len(value)} values stand beside {count}", "one length is required"))
    return [sp.sympify(one) for one in value]


def total(value: Value, over: Sequence = ()) -> sp.Expr:
    """The sum of all elements; an indexed expression is summed over the limits `over`."""
    value = read(value)
    if is_matrix(value):
        return sp.Trace(sp.OneMatrix(value.shape[1], value.shape[0]) * value)
    if is_several(value):
        return sp.Add(*value)
    limits = limits_of(over)
    return sp.Sum(value, *limits) if limits else value


def limits_of(over: Sequence | None) -> list[Limits]:
    """One (letter, first, last) or a sequence of them, as a list.  Raises DeclarationError for anything else."""
    if not over:
        return []
    several = [over] if isinstance(over[0], (sp.Symbol, sp.Idx)) else list(over)
    for one in several:
        if not isinstance(one, (tuple, sp.Tuple)) or len(one) != 3:
            raise DeclarationError(explain(f"{one} says no range", "(letter, first, last) is required", "Write (i, 0, n - 1)"))
    return [tuple(one) for one in several]  # type: ignore[misc]


def range_of(letter: sp.Symbol | Limits, value: sp.Expr) -> Limits:
    """The range of a letter: given as (letter, first, last), or read from the shape of the array that it subscripts.

    Raises DeclarationError where no array of known shape has the letter as a subscript of its own.
    """
    if isinstance(letter, (tuple, sp.Tuple)):
        return limits_of(letter)[0]
    for node in sp.preorder_traversal(value):
        if isinstance(node, sp.Indexed) and node.base.shape and letter in node.indices:
            return letter, sp.S.Zero, node.base.shape[node.indices.index(letter)] - 1
    raise DeclarationError(explain(f"the range of {letter} in {value} is not known", "an array with a shape, or the range is required",
                                   f"Write ({letter}, 0, K - 1)"))


def fresh(letter: sp.Symbol, value: sp.Basic) -> sp.Symbol:
    """The letter with a prime, or with as many as it takes to be new in the value."""
    taken, name = {s.name for s in value.atoms(sp.Symbol)}, f"{letter.name}'"
    while name in taken:
        name += "'"
    return sp.Symbol(name, integer=True)
