"""1/x - cot(x) and 1/sin(x) - 1/x, and their derivatives: fits near 0, the plain form elsewhere."""

import numpy as np

from symgrad.runtime.special.coefficients import _COT_GAP, _COT_GAP_CURVE, _COT_GAP_SLOPE, _CSC_GAP, _CSC_GAP_CURVE, _CSC_GAP_SLOPE
from symgrad.runtime.special.pieces import _pieces, _ratio
from symgrad.runtime.special.quotients import _near_or_far


def _even_fit(x, fit, far):
    return _pieces(np.abs(x), (2.0,), (lambda u: _ratio(u*u, fit), far))


def _cot_gap(x):
    return _near_or_far(x, 1.25, _COT_GAP, lambda u: 1/u - 1/np.tan(u))


def _cot_gap_slope(x):
    return _even_fit(x, _COT_GAP_SLOPE, lambda u: 1/np.sin(u)**2 - 1/u/u)


def _cot_gap_curve(x):
    return _near_or_far(x, 2.0, _COT_GAP_CURVE, lambda u: 2/u/u/u - 2/np.tan(u)/np.sin(u)**2)


def _csc_gap(x):
    return _near_or_far(x, 2.0, _CSC_GAP, lambda u: 1/np.sin(u) - 1/u)


def _csc_gap_slope(x):
    return _even_fit(x, _CSC_GAP_SLOPE, lambda u: 1/u/u - np.cos(u)/np.sin(u)**2)


def _csc_gap_curve(x):
    return _near_or_far(x, 2.0, _CSC_GAP_CURVE, lambda u: (1 + np.cos(u)**2)/np.sin(u)**3 - 2/u/u/u)
