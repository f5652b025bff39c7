"""Regularizers: penalties on weights, and not on biases.

Each takes one parameter or several: symbols, arrays without subscripts (whose shape says the sums), matrices, expressions with the
limits to sum over, a list of these, or the parameters of layers, of which only the weights count.  Each returns a scalar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import sympy as sp

from symgrad.errors import DeclarationError, explain
from symgrad.nn.spelling import each, is_matrix, limits_of, read, total

Parameters = object
"""One parameter, a sequence of parameters, or the parameters of layers with their roles."""


def l2(parameters: Parameters, over: Sequence = ()) -> sp.Expr:
    """The sum of w^2: the logarithm of a Gaussian prior."""
    return _penalty(lambda w: w**2, parameters, over)


def l1(parameters: Parameters, over: Sequence = ()) -> sp.Expr:
    """The sum of |w|: the logarithm of a Laplace prior; the slope at 0 is 0."""
    return _penalty(sp.Abs, parameters, over)


def elastic_net(parameters: Parameters, beta: object, over: Sequence = ()) -> sp.Expr:
    """The sum of beta w^2 + |w|."""
    return sp.sympify(beta) * l2(parameters, over) + l1(parameters, over)


def lq(parameters: Parameters, q: object, over: Sequence = ()) -> sp.Expr:
    """The sum of |w|^q."""
    return _penalty(lambda w: sp.Abs(w) ** sp.sympify(q), parameters, over)


def weights(parameters: Mapping[sp.Basic, str] | Iterable) -> list[sp.Basic]:
    """The parameters that a penalty counts: those of layers that are weights, or all of a plain list."""
    if isinstance(parameters, Mapping):
        return [symbol for symbol, role in parameters.items() if role == "weight"]
    return list(parameters)


def _penalty(function: Callable[[sp.Expr], sp.Expr], parameters: Parameters, over: Sequence) -> sp.Expr:
    several = isinstance(parameters, (Mapping, list, tuple, set))
    found = weights(parameters) if several else [parameters]  # type: ignore[arg-type]
    if not found:
        raise DeclarationError(explain("there is no weight to penalise", "at least one parameter whose role is weight is required"))
    return sp.Add(*(_of_one(function, one, over) for one in found))


def _of_one(function: Callable[[sp.Expr], sp.Expr], parameter: object, over: Sequence) -> sp.Expr:
    if isinstance(parameter, sp.IndexedBase):
        return _of_array(function, parameter)
    value = read(parameter, "the parameter")
    if is_matrix(value):
        return total(each(function, value))
    return total(each(function, value), limits_of(over))


def _of_array(function: Callable[[sp.Expr], sp.Expr], array: sp.IndexedBase) -> sp.Expr:
    if not array.shape:
        raise DeclarationError(explain(f"the array {array} has no shape to sum over", "a shape or subscripts are required",
                                       f"Declare it as IndexedBase({str(array)!r}, shape=(…)), or pass {array}[i, j] and over="))
    letters = [sp.Symbol(f"ell_{k}", integer=True) for k in range(1, len(array.shape) + 1)]
    limits = [(letter, 0, size - 1) for letter, size in zip(letters, array.shape, strict=True)]
    return sp.Sum(function(array[tuple(letters)]), *limits)
