"""Heads of what lies between a function and its first terms at 0: squares and cubes of x close by, with slopes that do not cancel."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from mpmath import mp

from symgrad.graph.heads.head import Head
from symgrad.graph.heads.plain import OneMinusSquare
from symgrad.graph.heads.removable import SincPi, SincSlope
from symgrad.graph.heads.roots import DirectionCosine, Share
from symgrad.graph.heads.secants import HalfTangent, LorentzExcess


def _gap(name: str, words: str, exact: Callable, slope: Callable, everywhere: bool = True) -> type[Head]:
    return type(name, (Head,), {"__doc__": f"{words}.", "__module__": __name__, "exact": staticmethod(exact), "everywhere": everywhere,
                                "slope": lambda self, x: slope(x)})


SinGap = _gap("SinGap", "x - sin(x)", lambda x: x - mp.sin(x), lambda x: 2 * sp.sin(x / 2) ** 2)
TanGap = _gap("TanGap", "tan(x) - x", lambda x: mp.tan(x) - x, lambda x: sp.tan(x) ** 2)
SinhGap = _gap("SinhGap", "sinh(x) - x", lambda x: mp.sinh(x) - x, lambda x: 2 * sp.sinh(x / 2) ** 2)
TanhGap = _gap("TanhGap", "x - tanh(x)", lambda x: x - mp.tanh(x), lambda x: sp.tanh(x) ** 2)
AsinGap = _gap("AsinGap", "asin(x) - x", lambda x: mp.asin(x) - x, LorentzExcess, everywhere=False)
AtanGap = _gap("AtanGap", "x - atan(x)", lambda x: x - mp.atan(x), lambda x: Share(x**2, 1))
AsinhGap = _gap("AsinhGap", "x - asinh(x)", lambda x: x - mp.asinh(x), lambda x: HalfTangent(x, 1) * DirectionCosine(x, 1))
AtanhGap = _gap("AtanhGap", "atanh(x) - x", lambda x: mp.atanh(x) - x, lambda x: x**2 / OneMinusSquare(x), everywhere=False)
OnePlusCosPi = _gap("OnePlusCosPi", "1 + cos(pi x), which is 0 at odd numbers", lambda x: 1 + mp.cospi(x), lambda x: -(sp.pi**2) * x * SincPi(x))
SphereGap = _gap("SphereGap", "sin(x) - x cos(x), as in the first spherical Bessel function", lambda x: mp.sin(x) - x * mp.cos(x),
                 lambda x: x * sp.sin(x))
SincGap = _gap("SincGap", "1 - sin(x)/x", lambda x: 1 - mp.sin(x) / x if x else mp.zero, lambda x: -SincSlope(x))
Erlang = _gap("Erlang", "1 - (1 + x) exp(-x), the distribution of the sum of two exponential waiting times", lambda x: 1 - (1 + x) * mp.exp(-x),
              lambda x: ErlangSlope(x))
ErlangSlope = _gap("ErlangSlope", "x exp(-x)", lambda x: x * mp.exp(-x), lambda x: (1 - x) * sp.exp(-x))
Log1pGap = _gap("Log1pGap", "log(1 + x) - x/(1 + x)", lambda x: mp.log1p(x) - x / (1 + x), lambda x: Share(x, 1) / (1 + x), everywhere=False)
