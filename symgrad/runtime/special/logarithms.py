"""Logarithms of exponentials less one, sums of a few exponentials, and x log(y) with its limit at 0."""

import numpy as np

from symgrad.runtime.special.pieces import _doubles, _pieces

_LOG_2_HIGH = 0.6931471803691238
_LOG_2_LOW = 1.9082149292705877e-10


def _log1mexp(x):
    """log(1 - exp(-x)) for x >= 0."""
    return _pieces(x, (0.6875,), (lambda u: np.log(-np.expm1(-u)), lambda u: np.log1p(-np.exp(-u))))


def _logexpm1(x):
    """log(exp(x) - 1) for x >= 0; near log(2), where it is 0, from exp(x) - 1 = 1 + 2 (exp(x - log 2) - 1)."""
    return _pieces(x, (0.5, 1.0), (
        lambda u: np.log(np.expm1(u)),
        lambda u: np.log1p(2*np.expm1((u - _LOG_2_HIGH) - _LOG_2_LOW)),
        lambda u: u + np.log1p(-np.exp(-u))))


def _bose_einstein(x):
    """1/(exp(x) - 1)."""
    return _pieces(x, (1.0,), (lambda u: 1/np.expm1(u), lambda u: np.exp(-u)/-np.expm1(-u)))


def _xlogx(x):
    """x log(x), 0 at 0."""
    return _pieces(x, (), (lambda u: u*np.log(np.where(u == 0, 1.0, u)),))


def _xlogx_gaps(x, y):
    far = y < x
    above = np.where(far, x, 1.0)
    beside = (x + y)*(np.log(y) + np.log1p(x/y)) - _xlogx(x)
    return np.where(far, y*np.log(x + y) + x*np.log1p(y/above), beside)


def _xlogx_gap(x, y):
    """(x + y) log(x + y) - x log(x) for y > 0."""
    return _doubles(_xlogx_gaps, (), (x, y))


def _xlogy(x, y):
    """x log(y), 0 where x is 0 unless y is nan."""
    return np.where((x == 0) & (y == y), 0*x, x*np.log(y)).astype(np.result_type(x, y))[()]


def _logs_of_ratios(x, y, d):
    return np.where(np.abs(d) < 0.5*np.abs(y), np.log1p(d/y), np.log(x/y))


def _log_ratio(x, y, d):
    """log(x/y) by d = x - y where they are close."""
    return _doubles(_logs_of_ratios, (), (x, y, d))


def _times_logs_of_ratios(w, x, y, d):
    return np.where((w == 0) & (d == d), 0*w, w*_logs_of_ratios(x, y, d))


def _xlog_ratio(w, x, y, d):
    """w log(x/y), 0 where w is 0 unless x or y is nan."""
    return _doubles(_times_logs_of_ratios, (), (w, x, y, d))


_BLOCK = 4096
"""So many elements at a time stay in the cache."""


def _exp_sum(terms):
    """c1 exp(a1) + c2 exp(a2) + …: exponent and coefficient of the largest term, and the sum of the others over that exponential."""
    scale, top, rest = terms[0], terms[1], 0.0
    size = top + np.log(scale)
    for c, a in zip(terms[2::2], terms[3::2], strict=True):
        own = a + np.log(c)
        larger = own > size
        gap = np.where(a == top, 0.0, a - top)
        ratio = np.exp(np.where(larger, -gap, gap))
        rest = np.where(larger, (rest + scale)*ratio, rest + c*ratio)
        scale, top, size = np.where(larger, c, scale), np.where(larger, a, top), np.maximum(own, size)
    return top, scale, rest


def _in_blocks(function, terms):
    """A function of the parts of a sum of exponentials, block by block."""
    shape, dtype = np.broadcast_shapes(*(np.shape(term) for term in terms)), np.result_type(*terms)
    if dtype.kind not in "fiu":
        raise TypeError("real numbers are required")
    flat = [np.asarray(term if np.ndim(term) == 0 else np.broadcast_to(term, shape), float).reshape(-1) for term in terms]
    out = np.empty(int(np.prod(shape)), dtype if dtype.kind == "f" else float)
    for start in range(0, out.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        out[part] = function(*_exp_sum([term if term.size == 1 else term[part] for term in flat]))
    return out.reshape(shape)[()]


def _log_of_parts(top, scale, rest):
    total = scale + rest
    near = (total > 0.5) & (total < 2)
    return top + np.where(near, np.log1p(np.where(near, (scale - 1) + rest, 0.0)), np.log(total))


def _reciprocal_of_parts(top, scale, rest):
    """In two factors where the exponential alone may be no normal number."""
    total, half = scale + rest, np.exp(-0.5*top)
    return np.where(np.abs(top) > 700, half*(half/total), np.exp(-top)/total)


def _log_exp_sum(*terms):
    """log(c1 exp(a1) + c2 exp(a2) + …) for c > 0, the largest term taken out."""
    return _in_blocks(_log_of_parts, terms)


def _reciprocal_exp_sum(*terms):
    """1/(c1 exp(a1) + c2 exp(a2) + …) for c > 0."""
    return _in_blocks(_reciprocal_of_parts, terms)
