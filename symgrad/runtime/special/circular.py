"""Sine and cosine of one argument together: one reduction to [-pi/4, pi/4] for both, then one polynomial each.

NumPy's own sine and cosine of doubles work element by element; these work on whole arrays and are good to 2.5 ulp, also near
their zeros.  The reduction takes pi/2 in three parts (W. J. Cody and W. Waite, Software Manual for the Elementary
Functions, 1980); parts and polynomials are those of fdlibm (Sun Microsystems, 1993).
"""

import numpy as np

_HALF_PI = (1.57079632673412561417, 6.07710050630396597660e-11, 2.02226624879595063154e-21)
_SINE = (-1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04, 2.75573137070700676789e-06,
         -2.50507602534068634195e-08, 1.58969099521155010221e-10)
_COSINE = (4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05, -2.75573143513906633035e-07,
           2.08757232129817482790e-09, -1.13596475577881948265e-11)


def _sincos(x, sine, cosine):
    """sin(x) and cos(x), written into two arrays of x's shape and handed back."""
    if x.dtype != np.float64 or x.size < 2048 or not (np.max(x) < 1e5 and np.min(x) > -1e5):
        return np.sin(x, out=sine), np.cos(x, out=cosine)
    flat, sines, cosines = x.reshape(-1), sine.reshape(-1), cosine.reshape(-1)
    room = [np.empty(min(flat.size, 32768)) for _ in range(4)] + [np.empty(min(flat.size, 32768), np.int64) for _ in range(2)]
    for first in range(0, flat.size, 32768):
        part = flat[first:first + 32768]
        _sincos_part(part, sines[first:first + 32768], cosines[first:first + 32768], *(one[:part.size] for one in room))
    return sine, cosine


def _sincos_part(x, sine, cosine, turns, rest, square, work, quadrant, sign):
    np.multiply(x, 2/np.pi, out=turns)
    np.rint(turns, out=turns)
    np.multiply(turns, _HALF_PI[0], out=work)  # exact, and so is the next
    np.subtract(x, work, out=rest)
    for part in _HALF_PI[1:]:
        np.multiply(turns, part, out=work)
        np.subtract(rest, work, out=rest)
    np.multiply(rest, rest, out=square)
    _polynomial_into(square, _SINE, work)
    np.multiply(work, square, out=work)
    np.multiply(work, rest, out=work)
    np.add(rest, work, out=rest)  # the sine of the rest
    _polynomial_into(square, _COSINE, work)
    np.multiply(work, square, out=work)
    np.subtract(work, 0.5, out=work)
    np.multiply(work, square, out=work)
    np.add(work, 1, out=work)  # the cosine of the rest
    np.copyto(quadrant, turns, casting="unsafe")
    _swap_odd(rest, work, quadrant, sign, square)
    np.copyto(sine, rest)
    np.copyto(cosine, work)
    _flip_signs(sine, quadrant, sign)  # in the third and fourth quadrant
    np.add(quadrant, 1, out=quadrant)
    _flip_signs(cosine, quadrant, sign)  # in the second and third


def _swap_odd(one, other, quadrant, mask, spare):
    """Swap the bits of two arrays where the quadrant is odd."""
    np.bitwise_and(quadrant, 1, out=mask)
    np.negative(mask, out=mask)
    first, second, difference = one.view(np.int64), other.view(np.int64), spare.view(np.int64)
    np.bitwise_xor(first, second, out=difference)
    np.bitwise_and(difference, mask, out=difference)
    np.bitwise_xor(first, difference, out=first)
    np.bitwise_xor(second, difference, out=second)


def _polynomial_into(x, coefficients, out):
    np.multiply(x, coefficients[-1], out=out)
    for coefficient in coefficients[-2:0:-1]:
        np.add(out, coefficient, out=out)
        np.multiply(out, x, out=out)
    np.add(out, coefficients[0], out=out)


def _flip_signs(x, quadrant, sign):
    """Change the sign where bit 1 of the quadrant is set: it becomes the sign bit."""
    np.left_shift(quadrant, 62, out=sign)
    np.bitwise_and(sign, np.iinfo(np.int64).min, out=sign)
    bits = x.view(np.int64)
    np.bitwise_xor(bits, sign, out=bits)
