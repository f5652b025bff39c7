"""Exponentials of products: the relative error of exp(u) is that of u times |u|, so what the product's rounding loses is put back.

A product is carried as its rounded value and a rest, by Dekker's algorithm with the digits of each factor split in two halves; to
first order exp(u + e) = exp(u) + exp(u) e.
"""

import math

import numpy as np

_SPLITTER = 134217729.0  # 2^27 + 1, after Veltkamp
_UPPER = -134217728  # all bits but the lower 27
_PART = 4096  # elements at a time, so that what is in between stays in the cache


def _halves(x):
    """x as the sum of two numbers with half as many digits each."""
    if isinstance(x, float):
        wide = _SPLITTER*x
        high = wide - (wide - x)
    else:
        high = (x.view(np.int64) & _UPPER).view(float)
    return high, x - high


def _times_rest(product, rest, x):
    """(product + rest) x as a rounded product and its rest; arrays have one shape."""
    (high, low), (wide, narrow) = _halves(product), _halves(x)
    rounded = product*x
    lost = high*wide
    lost -= rounded
    narrow *= high
    lost += narrow
    lost += (low + rest)*x
    return rounded, lost


def _over_rest(quotient, rest, x):
    """(quotient + rest)/x as a rounded quotient and its rest."""
    rounded = quotient/x
    back, lost = _times_rest(rounded, 0.0, x)
    return rounded, (((quotient - back) - lost) + rest)/x


def _exponent(high, low, count, factors):
    """high + low times the first factors over the others, and the rest of that; numbers come before arrays."""
    product, rest = float(high), low
    for k in sorted(range(len(factors)), key=lambda k: not isinstance(factors[k], float)):
        if k < count and isinstance(product, float) and rest == 0 and math.frexp(product)[0] in (0.5, -0.5):
            product = product*factors[k]
        else:
            product, rest = (_times_rest if k < count else _over_rest)(product, rest, factors[k])
    return product, rest


def _exp_of_product(high, low, count, *factors):
    """exp(c a1 a2 …/(b1 b2 …)) with c = high + low, the first `count` factors above the line."""
    arrays = [factor for factor in factors if not isinstance(factor, float)]
    if not arrays:
        return _exp_number(*_exponent(high, low, count, factors))
    shapes = {np.shape(factor) for factor in arrays}
    if len(shapes) > 1 or any(getattr(factor, "dtype", None) != np.float64 for factor in arrays):
        return _exp_of_wide_product(high, low, count, factors)
    (shape,) = shapes
    flat = [factor if isinstance(factor, float) else factor.reshape(-1) for factor in factors]
    out = np.empty(math.prod(shape))
    for start in range(0, out.size, _PART):
        part = slice(start, start + _PART)
        parts = [factor if isinstance(factor, float) else factor[part] for factor in flat]
        _exp_rest(*_exponent(high, low, count, parts), out[part])
    return out.reshape(shape)[()]


def _exp_of_wide_product(high, low, count, factors):
    """As above for factors of several shapes or precisions, in double precision."""
    arrays = [np.asarray(factor) for factor in factors]
    dtype = np.result_type(*arrays)
    if dtype.kind not in "fiu":
        raise TypeError("real numbers are required")
    shape = np.broadcast_shapes(*(one.shape for one in arrays))
    doubles = [float(one) if one.ndim == 0 and shape else np.broadcast_to(one, shape).astype(float) for one in arrays]
    return np.asarray(_exp_of_product(high, low, count, *doubles), dtype if dtype.kind == "f" else float)[()]


def _exp_rest(product, rest, out):
    """exp(product + rest), written into an array."""
    power = np.exp(product, out=product)
    np.multiply(power, rest, out=out)
    out += power
    if not np.isfinite(np.vdot(out, out)):
        np.copyto(out, power, where=~(np.isfinite(out) & np.isfinite(power)))


def _exp_number(product, rest):
    """exp(product + rest) of Python floats, or of NumPy's, which may be infinite."""
    power = math.exp(product) if type(product) is float else np.exp(product)
    return power + power*rest if rest - rest == 0 and power - power == 0 else power
