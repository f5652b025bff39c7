"""Functions with a pole or a branch point at 1 or -1, of an argument u and what rounding has lost of it, r.

Away from there f(u) + f'(u) r; beside it r is not small, and the distance 1 - |u + r| says more.
"""

import math

import numpy as np

from symgrad.runtime.special.inverses import _acosh1p, _inverse_versine
from symgrad.runtime.special.pieces import _doubles

_BESIDE = 1e-6  # distances up to which r may be large


# ---------------------------------------------------------------------- numbers

def _log1p_of_number(u, r):
    whole = 1 + u
    return math.log(whole + r) if abs(whole) < _BESIDE else _number(math.log1p(u), r/whole)


def _acos_of_number(u, r):
    gap, side = 1 - abs(u), 1.0 if u > 0 else -1.0
    if abs(gap) > _BESIDE:
        return _number(math.acos(u), -r/math.sqrt(gap*(2 - gap)))
    angle = 2*math.asin(math.sqrt(0.5*(gap - side*r)))
    return angle if u > 0 else math.pi - angle


def _asin_of_number(u, r):
    gap, side = 1 - abs(u), 1.0 if u > 0 else -1.0
    if abs(gap) > _BESIDE:
        return _number(math.asin(u), r/math.sqrt(gap*(2 - gap)))
    return side*(0.5*math.pi - 2*math.asin(math.sqrt(0.5*(gap - side*r))))


def _atanh_of_number(u, r):
    gap, side = 1 - abs(u), 1.0 if u > 0 else -1.0
    if abs(gap) > _BESIDE:
        return _number(math.atanh(u), r/(gap*(2 - gap)))
    gap -= side*r
    return side*(0.5*math.log((2 - gap)/gap))


def _acosh_of_number(u, r):
    gap = u - 1
    if abs(gap) > _BESIDE:
        return _number(math.acosh(u), r/(math.sqrt(gap)*math.sqrt(gap + 2)))
    gap += r
    return math.log1p(gap + math.sqrt(gap*(2 + gap)))


def _number(x, rest):
    return x + rest if rest - rest == 0 else x


# ---------------------------------------------------------------------- arrays

def _with_rests(found, lost, gap, beside):
    """found + lost where that is finite; beside an end what is found there of the elements."""
    out = np.asarray(found + lost)
    if not np.isfinite(out).all():
        out = np.asarray(np.where(np.isfinite(lost), out, found))
    is_near = np.abs(gap) <= _BESIDE
    if is_near.any():
        near = np.flatnonzero(is_near)
        out.reshape(-1)[near] = beside(near)
    return out


def _part(x, near):
    return np.asarray(x).reshape(-1)[near]


def _gap(u, r, near):
    """1 - |u + r| of some elements, and the sign of u."""
    u, r = _part(u, near), _part(r, near)
    return (1 - np.abs(u)) - np.sign(u)*r, np.sign(u)


def _log1ps_of(u, r):
    whole = 1 + u
    return _with_rests(np.log1p(u), r/whole, whole, lambda near: np.log(_part(whole, near) + _part(r, near)))


def _acoses_of(u, r):
    gap = 1 - np.abs(u)

    def beside(near):
        distance, side = _gap(u, r, near)
        angle = _inverse_versine(distance)
        return np.where(side > 0, angle, np.pi - angle)

    return _with_rests(np.arccos(u), -r/np.sqrt(gap*(2 - gap)), gap, beside)


def _asins_of(u, r):
    gap = 1 - np.abs(u)

    def beside(near):
        distance, side = _gap(u, r, near)
        return side*(0.5*np.pi - _inverse_versine(distance))

    return _with_rests(np.arcsin(u), r/np.sqrt(gap*(2 - gap)), gap, beside)


def _atanhs_of(u, r):
    gap = 1 - np.abs(u)

    def beside(near):
        distance, side = _gap(u, r, near)
        return side*(0.5*np.log((2 - distance)/distance))

    return _with_rests(np.arctanh(u), r/(gap*(2 - gap)), gap, beside)


def _acoshes_of(u, r):
    gap = u - 1

    return _with_rests(np.arccosh(u), r/(np.sqrt(gap)*np.sqrt(gap + 2)), gap, lambda near: _acosh1p(_part(gap, near) + _part(r, near)))


def _log1p_of(u, r):
    return _doubles(_log1ps_of, (), (u, r))


def _acos_of(u, r):
    return _doubles(_acoses_of, (), (u, r))


def _asin_of(u, r):
    return _doubles(_asins_of, (), (u, r))


def _atanh_of(u, r):
    return _doubles(_atanhs_of, (), (u, r))


def _acosh_of(u, r):
    return _doubles(_acoshes_of, (), (u, r))


# ---------------------------------------------------------------------- of a ratio

def _logs_of_shifted_ratios(x, y):
    """log((x + y)/x), nan where that is below 0."""
    ratio, whole = y/x, x + y
    out = np.asarray(np.log1p(ratio))
    for where, better in (((np.sign(x) != -np.sign(y)) & (np.abs(x) < np.abs(y)), lambda a, b: np.log(np.abs(b)) - np.log(np.abs(a))),
                          (np.asarray(ratio < -0.5), lambda a, b: np.log(b/a))):
        if where.any():
            a, b = (np.broadcast_to(one, out.shape)[where] for one in (x, whole))
            out[where] = better(a, b)
    return out


def _log_of_shifted_ratio(x, y):
    return _doubles(_logs_of_shifted_ratios, (), (x, y))
