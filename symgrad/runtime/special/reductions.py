"""What a sum of exponentials or of squares comes to, whatever the sizes of its terms."""

import numpy as np


def _logsumexp(x, axis):
    """log of the sum of exp(x), the largest element taken out first."""
    top = x.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    return np.log1p(_rest(np.exp(x - top), axis)) + top.squeeze(axis=axis)


def _rest(x, axis):
    """The sum of x less 1, which the largest element is; below 1/2 it is added up without that element.

    Elements of which none is 1, a part of others, give minus their sum where it is below 1.
    """
    total = x.sum(axis=axis)
    rest = total - 1
    if rest.min() >= 0.5:
        return rest
    others = np.floor(x)
    others = np.subtract(x, others, out=others).sum(axis=axis)
    own = np.where((rest < 0.5) & (others < 0.75), others, rest)
    return own[()] if total.min() >= 1 else np.where(total > 0, np.where(total < 1, -total, own), rest)[()]


def _norm(x, axis):
    """The root of the sum of squares; the largest element is taken out first where squares would leave the range."""
    squares, limits = (x * x).sum(axis=axis), np.finfo(x.dtype)
    if np.all((squares > limits.tiny / limits.eps) & (squares < limits.max * limits.eps)):
        return np.sqrt(squares)
    top = np.abs(x).max(axis=axis, keepdims=True, initial=0)
    scale = np.where((top > 0) & np.isfinite(top), top, 1)
    return np.sqrt(((x / scale) ** 2).sum(axis=axis)) * scale.squeeze(axis=axis)
