"""Activation functions.  Each takes a scalar, an indexed expression, a matrix or a list of scalars, and returns the same kind.

At kinks the slopes are those of the lectures: relu'(0) = 0, leaky'(0) = the leak, elu'(0) = 1, and units tied in a maxout
share the slope.
"""

from __future__ import annotations

import sympy as sp

from symgrad.errors import DeclarationError, explain
from symgrad.nn.spelling import Limits, Value, each, fresh, is_matrix, is_several, range_of, read, together


def linear(a: Value) -> Value:
    """a itself."""
    return each(lambda v: v, a)


def sigmoid(a: Value) -> Value:
    """1/(1 + exp(-a)), between 0 and 1."""
    return each(lambda v: 1 / (1 + sp.exp(-v)), a)


def tanh(a: Value) -> Value:
    """tanh(a), between -1 and 1."""
    return each(sp.tanh, a)


def relu(a: Value) -> Value:
    """max(0, a); the slope at 0 is 0."""
    return each(lambda v: sp.Max(0, v), a)


def softplus(a: Value) -> Value:
    """log(1 + exp(a)), a smooth relu."""
    return each(lambda v: sp.log(1 + sp.exp(v)), a)


def leaky_relu(a: Value, leak: object = 0.01) -> Value:
    """a where it is positive, leak times a elsewhere; the slope at 0 is the leak."""
    return parametric_relu(a, leak)


def parametric_relu(a: Value, beta: object) -> Value:
    """a where it is positive, beta a elsewhere, with a slope beta that is trained: one number, or one for each element."""
    if is_matrix(a) and is_matrix(beta):
        below = each(lambda v: sp.Piecewise((0, v > 0), (1, True)), a)
        return sp.HadamardProduct(a, each(lambda v: sp.Piecewise((1, v > 0), (0, True)), a)) + sp.HadamardProduct(beta, a, below)
    if is_matrix(a):
        return each(lambda v: _leaky(v, read(beta)), a)
    return together(_leaky, a, beta)


def randomized_leaky_relu(a: Value, slope: object) -> Value:
    """The leaky relu whose slope below 0 is a random input, drawn anew for every mini-batch: see `UniformNoise`."""
    return parametric_relu(a, slope)


def noisy_relu(a: Value, noise: Value) -> Value:
    """max(0, a + noise); the noise is a random input, see `GaussianNoise`."""
    if is_matrix(a):
        return relu(a + noise)
    return together(lambda v, e: sp.Max(0, v + e), a, noise)


def elu(a: Value, alpha: object = 1) -> Value:
    """a where it is not negative, alpha (exp(a) - 1) elsewhere; the slope at 0 is 1."""
    return each(lambda v: sp.Piecewise((v, v >= 0), (sp.sympify(alpha) * (sp.exp(v) - 1), True)), a)


def maxout(*pieces: Value) -> Value:
    """The largest of several values, element by element; pieces that are equal share the slope.

    Raises DeclarationError for less than two pieces.
    """
    if len(pieces) < 2:
        raise DeclarationError(explain(f"maxout got {len(pieces)} pieces", "at least two are required"))
    if not is_matrix(pieces[0]):
        return together(sp.Max, *pieces)
    largest = pieces[0]
    for piece in pieces[1:]:
        above = each(sp.Heaviside, largest - piece)
        largest = sp.HadamardProduct(largest, above) + sp.HadamardProduct(piece, each(lambda v: 1 - sp.Heaviside(v), largest - piece))
    return largest


def softmax(a: Value, over: sp.Symbol | Limits | None = None, *, axis: int = 1) -> Value:
    """exp(a_c)/sum_c' exp(a_c').

    over: for an indexed expression the letter c, or (c, first, last) where no shape tells its range.
    axis: for a matrix the axis that is normalised: 1 for samples in rows, 0 for samples in columns.  A single column is
        always normalised over its rows.
    Raises DeclarationError where the classes are not known.
    """
    if is_matrix(a):
        return _matrix_softmax(a, axis)
    if is_several(a):
        return each(lambda v: sp.exp(v) / sp.Add(*(sp.exp(sp.sympify(one)) for one in a)), a)
    a = read(a)
    if over is None:
        raise DeclarationError(explain(f"softmax of {a} does not say what its classes are", "a letter, a list or a matrix is required",
                                       "Write softmax(a[i, c], c)"))
    letter, first, last = range_of(over, a)
    other = fresh(letter, a)
    return sp.exp(a) / sp.Sum(sp.exp(a.xreplace({letter: other})), (other, first, last))


def _leaky(a: sp.Expr, leak: sp.Expr) -> sp.Expr:
    return sp.Piecewise((a, a > 0), (leak * a, True))


def _matrix_softmax(a: sp.MatrixExpr, axis: int) -> sp.MatrixExpr:
    weights = each(sp.exp, a)
    rows, columns = a.shape
    sums = sp.OneMatrix(rows, rows) * weights if axis == 0 or columns == 1 else weights * sp.OneMatrix(columns, columns)
    return sp.HadamardProduct(weights, sp.HadamardPower(sums, -1))
