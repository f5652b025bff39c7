"""Functions that losses are made of, inside operations with a second operand: numbers wherever the truth is a double, right to nine digits or as
far as the inputs' last digits explain, in both modes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from recorded import moved_by_last_digits
from shorthand import Phi, S

import symgrad as sg

x, q = sp.symbols("x q", real=True)
exp, log, sqrt = sp.exp, sp.log, sp.sqrt
INNER = {
    "exp": exp(x), "sigmoid": S(x), "softplus": log(1 + exp(x)), "1 - exp": 1 - exp(-x), "bell": exp(-(x**2) / 2), "erfc": sp.erfc(x),
    "cloglog": 1 - exp(-exp(x)), "cosh": sp.cosh(x), "sech": 1 / sp.cosh(x), "log cosh": log(sp.cosh(x)), "hypotenuse": sqrt(1 + x**2),
    "cauchy": 1 / (1 + x**2), "pseudo-huber": sqrt(1 + x**2) - 1, "log1p": log(1 + x**2), "exprel": (exp(x) - 1) / x, "slope": S(x) * (1 - S(x)),
    "log sigmoid": -log(S(x)), "versine": 1 - sp.cos(x), "swish": x * S(x), "gelu": x * Phi(x), "smooth size": sqrt(x**2 + sp.Rational(1, 100)),
}
OUTER = {
    "power": lambda f: f**q, "root": lambda f: f ** (1 / q), "product": lambda f: q * f, "quotient": lambda f: f / q, "inverse": lambda f: q / f,
    "log of a sum": lambda f: log(q**2 + f), "log of one and": lambda f: log(1 + q**2 * f), "share": lambda f: f / (q**2 + f),
    "norm": lambda f: sqrt(q**2 + f**2), "decay": lambda f: exp(-(q**2) * f), "square": lambda f: (f - q) ** 2, "poisson": lambda f: f - q * log(f),
    "deviance": lambda f: f * log(f / q**2) - f + q**2, "complement": lambda f: 1 - exp(-(q**2) * f), "sigmoid": lambda f: S(q * f),
    "softplus": lambda f: log(1 + exp(q * f)), "tanh": lambda f: sp.tanh(q * f), "box-cox": lambda f: (f**q - 1) / q, "ricker": lambda f: q * f * exp(-q * f),
}
AT = {"x": (-1e3, -300.0, -40.0, -0.7, 1e-9, 0.3, 25.0, 120.0, 720.0), "q": (1e-3, 0.5, 3.0, 250.0)}
DIGITS, SIZES = (500, 1000, 2000), (mp.mpf(10) ** -290, mp.mpf(10) ** 300)
RIGHT, EXPLAINED = 1e-9, 64
GROWS, FORWARD, LOST, NEGATIVE, TINY = (
    "(exp(x) - 1)/x overflows, and only exponentials are told their exponents", "a tangent overflows beside a partial derivative of 0",
    "f underflows, and its slope is 0 times the logarithm of that", "a tangent of 0 times the logarithm of a negative number, in forward mode",
    "0 for a slope of less than 1e-35")
MISSED = {
    **{("exprel", outer): GROWS for outer in ("decay", "complement", "sigmoid", "tanh", "ricker", "poisson")},
    **{("cosh", outer): FORWARD for outer in ("decay", "complement")}, ("cosh", "ricker"): "inf * exp(-inf)",
    **{(inner, "deviance"): LOST for inner in ("softplus", "cloglog", "log sigmoid")},
    **{(inner, "box-cox"): NEGATIVE for inner in ("swish", "gelu")}, **{(inner, "box-cox"): TINY for inner in ("1 - exp", "cosh")},
}
"""What falls short, and why."""


def settled(function, at: list[float]) -> mp.mpf | None:
    """The truth, by two precisions that agree; None where there is none."""
    last = None
    for digits in DIGITS:
        with mp.workdps(digits):
            try:
                found = function(*map(mp.mpf, at))
            except (ZeroDivisionError, OverflowError, ValueError):
                return None
        if mp.im(found) != 0 or not mp.isfinite(found):
            return None
        if last is not None and abs(found - last) <= abs(found) * mp.mpf(10) ** -20:
            return mp.re(found)
        last = found
    return None


def is_right(got: float, want: mp.mpf | None, function, at: list[float]) -> bool:
    if want is None or abs(want) > SIZES[1]:
        return True
    if not np.isfinite(got):
        return False
    if (abs(want) < SIZES[0] and abs(got) < 1e-280) or abs(got - want) <= RIGHT * abs(want):
        return True
    with mp.workdps(DIGITS[0]):
        return abs(got - want) <= EXPLAINED * moved_by_last_digits(function, at, function(*map(mp.mpf, at)))


def misses(inner: str, outer: str) -> Iterator[tuple]:
    formula = OUTER[outer](INNER[inner])
    f = sg.compile(formula, wrt=[q, x])
    rows = [sp.lambdify([q, x], row, "mpmath") for row in (formula, sp.diff(formula, q), sp.diff(formula, x))]
    for at in map(list, product(AT["q"], AT["x"])):
        wanted = [settled(row, at) for row in rows]
        for mode, slopes in (("reverse", f.grad(*at)), ("forward", f.grad_forward(*at))) if wanted[0] is not None else ():
            for name, got, want, row in zip(("value", "q", "x"), (f.value(*at), *slopes), wanted, rows, strict=True):
                if not is_right(float(got), want, row, at):
                    yield mode, name, *at, float(got)


@pytest.mark.slow
@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("inner", INNER)
def test_functions_inside_operations_are_right_wherever_the_truth_is_a_double(inner, outer):
    with np.errstate(all="ignore"):
        found = list(misses(inner, outer))
    assert bool(found) == ((inner, outer) in MISSED), found
