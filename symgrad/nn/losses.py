"""Losses.  Each returns a scalar: the sum over everything it is given.  Divide by the number of samples for the mean.

Values are scalars, indexed expressions with the limits to sum over, matrices with one sample a row, or lists of scalars.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.errors import DeclarationError, explain
from symgrad.nn.spelling import Limits, Value, broadcast, each, is_matrix, is_several, limits_of, range_of, read, together, total


def squared_error(prediction: Value, target: Value, over: Sequence = ()) -> sp.Expr:
    """The sum of (prediction - target)^2."""
    if is_matrix(prediction):
        error = prediction - target
        return sp.Trace(error.T * error)
    return total(together(lambda p, t: (p - t) ** 2, prediction, target), over)


def binary_cross_entropy(probability: Value, target: Value, over: Sequence = ()) -> sp.Expr:
    """The sum of -t log(p) - (1 - t) log(1 - p), for targets 0 or 1."""
    if is_matrix(probability):
        ones = sp.OneMatrix(*probability.shape)
        return -sp.Trace(target.T * each(sp.log, probability)) - sp.Trace((ones - target).T * each(lambda p: sp.log(1 - p), probability))
    return total(together(lambda p, t: -t * sp.log(p) - (1 - t) * sp.log(1 - p), probability, target), over)


def cross_entropy(probability: Value, target: Value, classes: sp.Symbol | Limits | None = None, over: Sequence = ()) -> sp.Expr:
    """The sum of -log(p_y), for classes given as one-hot targets or as integer labels.

    Indexed: cross_entropy(P[i, c], t[i, c], c, (i, 0, n - 1)) for one-hot targets, which hold the letter of the classes, and
    cross_entropy(P[i, c], y[i], c, (i, 0, n - 1)) for labels, which do not.
    Matrix: a matrix of one-hot rows, or labels y[i] with over=(i, 0, n - 1).
    List: a list of 0 and 1, or one label.
    Raises DeclarationError where the classes or the samples are not known.
    """
    if is_several(probability):
        return sp.Add(*(-hot * sp.log(p) for hot, p in zip(_hot(target, len(probability)), broadcast(probability, len(probability)), strict=True)))
    if is_matrix(probability):
        if is_matrix(target):
            return -sp.Trace(target.T * each(sp.log, probability))
        sample, target = _sample(target, over)
        return total(-sp.log(probability[sample, target]), over)
    probability, target = read(probability), read(target, "the target")
    letter, first, last = _classes(classes, probability)
    if target.has(letter):
        return total(-sp.Sum(target * sp.log(probability), (letter, first, last)), over)
    return total(-sp.log(probability.xreplace({letter: target})), over)


def binary_hinge(score: Value, target: Value, over: Sequence = (), *, margin: object = 1) -> sp.Expr:
    """The sum of max(0, margin - t s), for targets -1 or 1."""
    if is_matrix(score):
        return total(each(lambda v: sp.Max(0, margin - v), sp.HadamardProduct(target, score)))
    return total(together(lambda s, t: sp.Max(0, margin - t * s), score, target), over)


def multiclass_hinge(score: Value, label: Value, classes: sp.Symbol | Limits | None = None, over: Sequence = (), *,
                     margin: object = 1) -> sp.Expr:
    """The sum over the other classes j of max(0, s_j - s_y + margin).

    Indexed: multiclass_hinge(s[i, c], y[i], c, (i, 0, n - 1)).  Matrix: a matrix of one-hot rows, or labels y[i] with
    over=(i, 0, n - 1), where the score is a name of where=.  List: a list of 0 and 1, or one label.
    Raises DeclarationError where the classes or the samples are not known.
    """
    if is_several(score):
        return _list_hinge(score, label, margin)
    if is_matrix(score) and is_matrix(label):
        return _matrix_hinge(score, label, margin)
    if is_matrix(score):
        sample, label = _sample(label, over)
        letter = sp.Symbol("c'", integer=True)
        limits = (letter, 0, score.shape[1] - 1)
        return total(sp.Sum(_margins(score[sample, letter], score[sample, label], letter, label, margin), limits), over)
    score, label = read(score), read(label, "the label")
    letter, first, last = _classes(classes, score)
    own = score.xreplace({letter: label})
    return total(sp.Sum(_margins(score, own, letter, label, margin), (letter, first, last)), over)


def _margins(other: sp.Expr, own: sp.Expr, letter: sp.Symbol, label: sp.Expr, margin: object) -> sp.Expr:
    return sp.Piecewise((sp.Max(0, other - own + margin), sp.Ne(letter, label)), (0, True))


def _list_hinge(score: Value, label: Value, margin: object) -> sp.Expr:
    hot, scores = _hot(label, len(score)), broadcast(score, len(score))
    own = sp.Add(*(h * s for h, s in zip(hot, scores, strict=True)))
    return sp.Add(*((1 - h) * sp.Max(0, s - own + margin) for h, s in zip(hot, scores, strict=True)))


def _matrix_hinge(score: sp.MatrixExpr, hot: sp.MatrixExpr, margin: object) -> sp.Expr:
    count = score.shape[1]
    own = sp.HadamardProduct(score, hot) * sp.OneMatrix(count, count)
    violations = each(lambda v: sp.Max(0, v + margin), score - own)
    return sp.Trace((sp.OneMatrix(*score.shape) - hot).T * violations)


def _hot(target: Value, count: int) -> list[sp.Expr]:
    """One-hot numbers of a list: as given, or 1 where the label is."""
    if is_several(target):
        return broadcast(target, count)
    label = read(target, "the label")
    return [sp.KroneckerDelta(k, label) for k in range(count)]


def _classes(classes: sp.Symbol | Limits | None, value: sp.Expr) -> Limits:
    if classes is None:
        raise DeclarationError(explain(f"the classes of {value} are not known", "the letter that runs over them is required",
                                       "Pass classes=c, or classes=(c, 0, K - 1)"))
    return range_of(classes, value)


def _sample(label: Value, over: Sequence) -> tuple[sp.Symbol, sp.Expr]:
    """The letter of the samples and the label of one of them."""
    limits = limits_of(over)
    if len(limits) != 1:
        raise DeclarationError(explain("labels beside a matrix need the letter of the samples", "one range is required",
                                       "Write y[i] for the labels and over=(i, 0, n - 1)"))
    return limits[0][0], read(label, "the label")
