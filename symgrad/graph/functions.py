"""The one table of elementary functions.

An entry names the SymPy head, the NumPy spelling and the local partials.  Partials are SymPy expressions in the
arguments `A[k]` and the row's own result `R` (cheaper where the result is reused: exp, tanh, sqrt).  Where none are
given SymPy derives them from the head.  A partial of the form Piecewise((e, condition), (0, True)) is *gated*: where
the condition fails the argument does not matter, and nothing that is not finite there may leak into a derivative.
"""

from __future__ import annotations

import keyword
import math
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.codegen import cfunctions

from symgrad.errors import DeclarationError, explain
from symgrad.graph.function import A, Function, R
from symgrad.graph.heads import exponents, hyperbolic, inverses, logarithms, plain, quotients, removable, roots, sigmoids, tails
from symgrad.graph.kinks import DEFAULT, Kinks
from symgrad.graph.rows import BOOLEAN, INTEGER
from symgrad.graph.slopes import abs_slope, beside_origin, extremum_slopes, gate, pow_partials, power_partials, zero

HALF = sp.Rational(1, 2)


def _chain(operation: str) -> Callable[[int], str]:
    """np.maximum and np.minimum take two arguments; more are nested."""

    def template(count: int) -> str:
        text = "{0}"
        for k in range(1, count):
            text = f"np.{operation}({text}, {{{k}}})"
        return text

    return template


def _listed(function: str, parameters: int = 0) -> Callable[[int], str]:
    """A call with so many parameters before the arguments."""
    before = [f"{{p{k}}}" for k in range(parameters)]
    return lambda count: f"{function}({', '.join([*before, *(f'{{{k}}}' for k in range(count))])})"


NARY_TEMPLATES = {"max": _chain("maximum"), "min": _chain("minimum"), "log_exp_sum": _listed("_log_exp_sum"),
                  "reciprocal_exp_sum": _listed("_reciprocal_exp_sum"),
                  "exp_product": _listed("_exp_of_product", 3), "exp_shifted_product": _listed("_exp_of_shifted_product", 5)}
# at nan both give nan, as NumPy does
SCALAR_EXTREMA = {"max": "{0} if {0} >= {1} or {0} != {0} else {1}", "min": "{0} if {0} <= {1} or {0} != {0} else {1}"}
"""The larger and the smaller of two Python floats."""

OF_NUMBERS = {
    "share": "1.0 if abs({0}) == np.inf and np.isfinite({1}) else {0}/({0} + {1})",
    "softsign": "np.sign({0}) if abs({0}) == np.inf and np.isfinite({1}) else {0}/({1} + abs({0}))",
    "tending": "{p0} if np.isnan({0}*{1}) and not (np.isnan({0}) or np.isnan({1})) else {0}*{1}",
    "tending_quotient": "{p0} if abs({0}) == np.inf and abs({1}) == np.inf else {0}/{1}",
    "log_beyond": "2*np.log(abs({1})) + {p0} if {0} == np.inf else {0}",
    "growing": "np.copysign(1.0, {0})*{1} if {0} == 0 and abs({1}) == np.inf else {0}*{1}",
    "leading": "{0} if abs({0}) == np.inf and abs({1}) == np.inf else {0} + {1}",
}
"""Spellings for one number where a function of arrays would take longer."""

_EXP_OF_MINUS_ABS = "math.exp(-{0} if {0} > 0.0 else {0})"
_LARGEST = repr(sys.float_info.max)
_FINITE = f"{{0}} if -{_LARGEST} <= {{0}} <= {_LARGEST} or {{0}} != {{0}} else math.copysign({_LARGEST}, {{0}})"
_FIRST_INFINITE, _SECOND_INFINITE = "{0} in (math.inf, -math.inf)", "{1} in (math.inf, -math.inf)"
_OPEN_UNIT = (-0.9, 0.9)
_POSITIVE = (0.1, 3.0)

TABLE: dict[str, Function] = {}
BY_HEAD: dict[object, Function] = {}


def _add(entry: Function) -> Function:
    TABLE[entry.name] = entry
    if entry.head is not None:
        BY_HEAD[entry.head] = entry
    return entry


def _fill(*entries: Function) -> None:
    for entry in entries:
        _add(entry)


_fill(
    # powers
    Function("reciprocal", "1/{0}", words=lambda a: 1 / a, cost=4, partials=lambda a, r, p: (-(r**2),), domain=_POSITIVE, hazards=(0.0,)),
    Function("square", "{0}*{0}", words=lambda a: a**2, cost=1, partials=lambda a, r, p: (2 * a[0],), finite=True),
    Function("sqrt", "np.sqrt({0})", words=sp.sqrt, cost=4, partials=lambda a, r, p: (1 / (2 * r),), domain=_POSITIVE, hazards=(0.0,)),
    Function("power", "{0}**{p0}", words=lambda p, a: a**p, partials=power_partials, domain=_POSITIVE, hazards=(0.0,),
             scalar="math.pow({0}, {p0})", parameters=(sp.Rational(5, 2),)),
    Function("pow", "np.power({0}, {1})", words=lambda a, b: a**b, arity=2, partials=pow_partials,
             scalar="math.sqrt({0}) if {1} == 0.5 else math.pow({0}, {1})",
             domain=_POSITIVE, hazards=(0.0,)),
    # exponentials and logarithms
    Function("exp", "np.exp({0})", sp.exp, partials=lambda a, r, p: (r,), hazards=(800.0, -800.0)),
    Function("log", "np.log({0})", sp.log, domain=_POSITIVE, hazards=(0.0,)),
    Function("logistic", "np.exp(np.minimum({0}, 0))/(1 + np.exp(-np.abs({0})))", plain.Logistic, cost=25,
             partials=lambda a, r, p: (sigmoids.LogisticSlope(a[0]),), hazards=(40.0, 800.0, -800.0), words=plain.Logistic,
             scalar=(_EXP_OF_MINUS_ABS, "(1.0 if {0} > 0.0 else {s0})/(1.0 + {s0})"),
             source="sigma'(x) = sigma(x) sigma(-x): exact where 1 - sigma(x) would cancel, also in its own slope", finite=True),
    Function("softplus", "np.maximum({0}, 0) + np.log1p(np.exp(-np.abs({0})))", plain.Softplus, cost=23,
             partials=lambda a, r, p: (plain.Logistic(a[0]),), hazards=(800.0, -800.0),
             scalar=(_EXP_OF_MINUS_ABS, "({0} if {0} > 0.0 else 0.0) + math.log1p({s0})"),
             source="log(1 + e^x) = max(x, 0) + log1p(e^-|x|)", finite=True),
    Function("logcosh", "np.where(np.abs({0}) < 1, np.log1p(2*np.sinh({0}/2)**2), np.abs({0}) + np.log1p(np.expm1(-2*np.abs({0}))/2))[()]",
             plain.LogCosh, cost=50,
             scalar=("abs({0})", "math.log1p(2.0*math.sinh(0.5*{0})**2) if {s0} < 1.0 else {s0} + math.log1p(math.expm1(-2.0*{s0})/2.0)"),
             partials=lambda a, r, p: (sp.tanh(a[0]),), hazards=(0.0, 1e-9, 800.0),
             source="log1p(2 sinh(x/2)^2) near 0; |x| + log((1 + e^(-2|x|))/2) beyond"),
    Function("logaddexp", "np.logaddexp({0}, {1})", plain.LogAddExp, arity=2, cost=23,
             scalar=("0.0 if {0} == {1} else abs({0} - {1})", "({0} if {0} > {1} else {1}) + math.log1p(math.exp(-{s0}))"),
             partials=lambda a, r, p: (plain.Logistic(a[0] - a[1]), plain.Logistic(a[1] - a[0])), hazards=(800.0, -800.0), finite=True),
    # differences that cancel when they are written out
    Function("one_minus_square", "(1 - {0})*(1 + {0})", plain.OneMinusSquare, cost=3, partials=lambda a, r, p: (-2 * a[0],), hazards=(1.0, -1.0)),
    Function("difference_of_squares", "({0} - {1})*({0} + {1})", plain.DifferenceOfSquares, arity=2, cost=3,
             partials=lambda a, r, p: (2 * a[0], -2 * a[1])),
    Function("times_shifted", "{0}*({0} + {1})", plain.TimesShifted, arity=2, cost=2, partials=lambda a, r, p: (2 * a[0] + a[1], a[0]),
             source="(x + y/2)^2 - (y/2)^2", finite=True),
    Function("root_gap", "np.where({0} > 0, {1}/(np.sqrt({0}*{0} + {1}) + np.abs({0})), np.sqrt({0}*{0} + {1}) - {0})[()]", plain.RootGap,
             arity=2, cost=20,
             scalar=("math.sqrt({0}*{0} + {1})", "{1}/({s0} + {0}) if {0} > 0.0 else {s0} - {0}"),
             partials=lambda a, r, p: (-2 / (1 + a[1] / r**2), 1 / (r + a[1] / r)), domain=_POSITIVE,
             source="c/(sqrt(x^2 + c) + x) for x > 0; r + c/r = 2 sqrt(x^2 + c)"),
    Function("root_excess", "np.where({0} > 3*({1}*{1}), np.sqrt({0} + {1}*{1}) - {1}, {0}/(np.sqrt({0} + {1}*{1}) + {1}))[()]", plain.RootExcess,
             arity=2, cost=22, scalar=("math.sqrt({0} + {1}*{1})", "{s0} - {1} if {0} > 3.0*({1}*{1}) else {0}/({s0} + {1})"),
             partials=lambda a, r, p: (1 / (2 * sp.sqrt(a[0] + a[1] ** 2)), -r / sp.sqrt(a[0] + a[1] ** 2)), domain=_POSITIVE, hazards=(1e-9, 300.0),
             source="u/(sqrt(u + c^2) + c) where the root is close to c"),
    Function("root_complement", "{0}*({0}/(1 + np.sqrt((1 - {0})*(1 + {0}))))", plain.RootComplement, cost=14, domain=_OPEN_UNIT, hazards=(1e-9,),
             partials=lambda a, r, p: (a[0] / sp.sqrt(plain.OneMinusSquare(a[0])),), source="x^2/(1 + sqrt((1 - x)(1 + x)))"),
    Function("hypot_excess", "_hypot_excess({0}, {1})", roots.HypotExcess, arity=2, cost=20, needs="special:hypot_excess", domain=_POSITIVE,
             scalar=("math.hypot({0}, {1})", "{s0} - {1} if abs({0}) > 2.0*{1} else {0}*({0}/({s0} + {1}))"), hazards=(1e-9, 300.0),
             source="x^2/(hypot(x, c) + c) where the hypotenuse is close to c"),
    Function("share", "_share({0}, {1})", roots.Share, arity=2, cost=5, domain=_POSITIVE, needs="special:share",
             scalar=("{0} + {1}", f"1.0 if {_FIRST_INFINITE} and math.isfinite({{1}}) else {{0}}/{{s0}}"),
             source="1/(x + y) - x/(x + y)^2 = y/(x + y)^2"),
    Function("softsign", "_softsign({0}, {1})", roots.Softsign, arity=2, cost=6, domain=_POSITIVE, needs="special:softsign",
             scalar=("{1} + abs({0})", f"math.copysign(1.0, {{0}}) if {_FIRST_INFINITE} and math.isfinite({{1}}) else {{0}}/{{s0}}"),
             source="1/(y + |x|) - |x|/(y + |x|)^2 = y/(y + |x|)^2, also at 0", finite=True),
    Function("log_shifted_ratio", "np.where((np.sign({0}) != -np.sign({1})) & (np.abs({0}) < np.abs({1})), "
             "np.log(np.abs({0} + {1})) - np.log(np.abs({0})), np.log1p({1}/{0}))[()]", plain.LogShiftedRatio, arity=2, cost=45, domain=_POSITIVE,
             partials=lambda a, r, p: (-roots.Share(a[1], a[0]) / a[0], 1 / (a[0] + a[1])), hazards=(1e-9, 300.0),
             source="log1p(y/x), or log(x + y) - log(x) where y/x may overflow"),
    # trigonometric
    Function("sin", "np.sin({0})", sp.sin, finite=True),
    Function("cos", "np.cos({0})", sp.cos, finite=True),
    Function("tan", "np.tan({0})", sp.tan, partials=lambda a, r, p: (1 + r**2,), domain=(-1.2, 1.2)),
    Function("cot", "1/np.tan({0})", sp.cot, partials=lambda a, r, p: (-1 - r**2,), cost=14, domain=(0.3, 1.2), hazards=(-1.5,)),
    Function("sec", "1/np.cos({0})", sp.sec, partials=lambda a, r, p: (r * sp.tan(a[0]),), cost=14, domain=(-1.2, 1.2)),
    Function("csc", "1/np.sin({0})", sp.csc, partials=lambda a, r, p: (-r / sp.tan(a[0]),), cost=14, domain=(0.3, 1.2), hazards=(-1.5,)),
    Function("asin", "np.arcsin({0})", sp.asin, domain=_OPEN_UNIT),
    Function("acos", "np.arccos({0})", sp.acos, domain=_OPEN_UNIT),
    Function("atan", "np.arctan({0})", sp.atan, finite=True),
    Function("acot", "np.arctan(1/{0})", sp.acot, cost=14, domain=_POSITIVE, hazards=(-1.5,)),
    Function("asec", "np.arccos(1/{0})", sp.asec, cost=14, domain=(1.1, 4.0), hazards=(-1.5,)),
    Function("acsc", "np.arcsin(1/{0})", sp.acsc, cost=14, domain=(1.1, 4.0), hazards=(-1.5,)),
    Function("atan2", "np.arctan2({0}, {1})", sp.atan2, arity=2, domain=_POSITIVE, finite=True),
    # hyperbolic
    Function("sinh", "np.sinh({0})", sp.sinh),
    Function("cosh", "np.cosh({0})", sp.cosh),
    Function("tanh", "np.tanh({0})", sp.tanh, partials=lambda a, r, p: (sp.sech(a[0]) ** 2,), hazards=(800.0, -800.0),
             source="1 - tanh^2 loses all digits beyond 19", finite=True),
    Function("coth", "1/np.tanh({0})", sp.coth, partials=lambda a, r, p: (-(sp.csch(a[0]) ** 2),), cost=14, domain=_POSITIVE, hazards=(-1.5, 15.0),
             source="1 - coth(x)^2 would cancel"),
    Function("sech", "2*np.exp(-np.abs({0}))/(1 + np.exp(-2*np.abs({0})))", sp.sech, partials=lambda a, r, p: (-r * sp.tanh(a[0]),), cost=26,
             finite=True),
    Function("csch", "1/np.sinh({0})", sp.csch, partials=lambda a, r, p: (-r / sp.tanh(a[0]),), cost=14, domain=_POSITIVE, hazards=(-1.5,)),
    Function("asinh", "np.arcsinh({0})", sp.asinh, finite=True),
    Function("acosh", "np.arccosh({0})", sp.acosh, domain=(1.1, 4.0)),
    Function("atanh", "np.arctanh({0})", sp.atanh, domain=_OPEN_UNIT),
    Function("acoth", "np.arctanh(1/{0})", sp.acoth, cost=14, domain=(1.1, 4.0), hazards=(-1.5,)),
    Function("asech", "np.arccosh(1/{0})", sp.asech, cost=14, domain=(0.1, 0.9)),
    Function("acsch", "np.arcsinh(1/{0})", sp.acsch, cost=14, domain=_POSITIVE, hazards=(-1.5,)),
    # kinks; derivatives hold almost everywhere, at the kink they are conventions (kinks.py)
    Function("abs", "np.abs({0})", sp.Abs, cost=1, slopes=abs_slope, hazards=(0.0,), finite=True),
    Function("sign", "np.sign({0})", sp.sign, cost=1, partials=zero,
             scalar="1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0 if {0} == 0.0 else {0}", hazards=(0.0,), finite=True),
    Function("heaviside", "np.heaviside({0}, {1})", sp.Heaviside, arity=2, cost=1, hazards=(0.0,),
             scalar="0.0 if {0} < 0.0 else 1.0 if {0} > 0.0 else {1} if {0} == 0.0 else {0}",
             partials=lambda a, r, p: (sp.S.Zero, gate(sp.S.One, sp.Eq(a[0], 0, evaluate=False))), source="1/2 at 0 unless the user says otherwise",
             finite=True),
    Function("max", "", sp.Max, arity=2, cost=1, scalar=SCALAR_EXTREMA["max"], slopes=extremum_slopes(1), finite=True),
    Function("min", "", sp.Min, arity=2, cost=1, scalar=SCALAR_EXTREMA["min"], slopes=extremum_slopes(-1), finite=True),
    Function("floor", "np.floor({0})", sp.floor, cost=1, scalar="math.copysign(math.floor({0}), {0})", partials=zero, finite=True),
    Function("ceiling", "np.ceil({0})", sp.ceiling, cost=1, scalar="math.copysign(math.ceil({0}), {0})", partials=zero, finite=True),
    Function("frac", "np.mod({0}, 1)", sp.frac, cost=1, scalar="{0} % 1.0", partials=lambda a, r, p: (sp.S.One,), finite=True),
    Function("quotient", "{0} // {1}", words=lambda a, b: sp.floor(a / b), arity=2, cost=1, kind=INTEGER, differentiable=False),
    Function("mod", "np.mod({0}, {1})", sp.Mod, arity=2, scalar="{0} % {1}", cost=4, domain=_POSITIVE,
             partials=lambda a, r, p: (sp.S.One, -sp.floor(a[0] / a[1])), source="a mod b = a - b floor(a/b)"),
    # special functions, which NumPy lacks
    Function("erfi", "special.erfi({0})", sp.erfi, needs="scipy"),
    Function("gamma", "special.gamma({0})", sp.gamma, needs="scipy", partials=lambda a, r, p: (r * sp.digamma(a[0]),), domain=_POSITIVE,
             hazards=(-1.5,)),
    Function("loggamma", "special.gammaln({0})", sp.loggamma, needs="scipy", domain=_POSITIVE),
    Function("digamma", "special.digamma({0})", None, needs="scipy", words=sp.digamma, partials=lambda a, r, p: (sp.polygamma(1, a[0]),),
             domain=_POSITIVE),
    Function("polygamma", "special.polygamma({p0}, {0}).astype(dtype)[()]", sp.polygamma, needs="scipy", words=sp.polygamma,
             partials=lambda a, r, p: (sp.polygamma(p[0] + 1, a[0]),), domain=_POSITIVE,
             parameters=(sp.Integer(1),), fixed=1),
    Function("lambertw", "special.lambertw({0}).real.astype(dtype)", sp.LambertW, needs="scipy",
             partials=lambda a, r, p: (1 / (a[0] + sp.exp(r)),), domain=_POSITIVE),
    # special functions of SciPy, continued: inverse error functions, integrals, Bessel and Airy functions, factorials
    Function("erf2", "_erf({1}) - _erf({0})", sp.erf2, arity=2, needs="special:erf", cost=21,
             partials=lambda a, r, p: (-_TWO_BY_ROOT_PI * tails.Gauss(a[0]), _TWO_BY_ROOT_PI * tails.Gauss(a[1]))),
    Function("Ei", "special.expi({0})", sp.Ei, needs="scipy", domain=_POSITIVE, hazards=(-1.5,)),
    Function("li", "special.expi(np.log({0}))", sp.li, needs="scipy", cost=20, domain=(1.2, 4.0), hazards=(0.5,)),
    Function("expint", "special.expn({p0}, {0}).astype(dtype)", sp.expint, needs="scipy", domain=_POSITIVE, parameters=(sp.Integer(2),), fixed=1,
             partials=lambda a, r, p: (-sp.expint(p[0] - 1, a[0]),)),
    Function("Si", "special.sici({0})[0]", sp.Si, needs="scipy", partials=lambda a, r, p: (sp.sinc(a[0]),), hazards=(0.0,), finite=True),
    Function("Ci", "special.sici({0})[1]", sp.Ci, needs="scipy", domain=_POSITIVE),
    Function("Shi", "special.shichi({0})[0]", sp.Shi, needs="scipy", domain=_POSITIVE, hazards=(-1.5,)),
    Function("Chi", "special.shichi({0})[1]", sp.Chi, needs="scipy", domain=_POSITIVE),
    Function("fresnels", "special.fresnel({0})[0]", sp.fresnels, needs="scipy", hazards=(0.0,)),
    Function("fresnelc", "special.fresnel({0})[1]", sp.fresnelc, needs="scipy", hazards=(0.0,)),
    Function("besselj", "special.jv({p0}, {0})", sp.besselj, needs="scipy", domain=_POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             partials=lambda a, r, p: ((sp.besselj(p[0] - 1, a[0]) - sp.besselj(p[0] + 1, a[0])) / 2,)),
    Function("bessely", "special.yv({p0}, {0})", sp.bessely, needs="scipy", domain=_POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             partials=lambda a, r, p: ((sp.bessely(p[0] - 1, a[0]) - sp.bessely(p[0] + 1, a[0])) / 2,)),
    Function("besseli", "special.iv({p0}, {0})", sp.besseli, needs="scipy", domain=_POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             partials=lambda a, r, p: ((sp.besseli(p[0] - 1, a[0]) + sp.besseli(p[0] + 1, a[0])) / 2,)),
    Function("besselk", "special.kv({p0}, {0})", sp.besselk, needs="scipy", domain=_POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             partials=lambda a, r, p: (-(sp.besselk(p[0] - 1, a[0]) + sp.besselk(p[0] + 1, a[0])) / 2,)),
    Function("airyai", "special.airy({0})[0]", sp.airyai, needs="scipy"),
    Function("airyaiprime", "special.airy({0})[1]", sp.airyaiprime, needs="scipy"),
    Function("airybi", "special.airy({0})[2]", sp.airybi, needs="scipy"),
    Function("airybiprime", "special.airy({0})[3]", sp.airybiprime, needs="scipy"),
    Function("elliptic_k", "special.ellipk({0})", sp.elliptic_k, needs="scipy", domain=(0.1, 0.9), hazards=(-1.5,)),
    Function("elliptic_e", "special.ellipe({0})", sp.elliptic_e, needs="scipy", domain=(0.1, 0.9), hazards=(-1.5,)),
    Function("lowergamma", "(special.gamma({p0})*special.gammainc({p0}, {0})).astype(dtype)", sp.lowergamma, needs="scipy", cost=21, domain=_POSITIVE,
             parameters=(sp.Rational(1, 3),), fixed=1, partials=lambda a, r, p: (a[0] ** (p[0] - 1) * sp.exp(-a[0]),)),
    Function("uppergamma", "(special.gamma({p0})*special.gammaincc({p0}, {0})).astype(dtype)", sp.uppergamma, needs="scipy", cost=21,
             domain=_POSITIVE, parameters=(sp.Rational(1, 3),), fixed=1, partials=lambda a, r, p: (-(a[0] ** (p[0] - 1)) * sp.exp(-a[0]),)),
    Function("beta", "special.beta({0}, {1})", sp.beta, arity=2, needs="scipy", domain=_POSITIVE,
             partials=lambda a, r, p: tuple(r * (sp.digamma(x) - sp.digamma(a[0] + a[1])) for x in a)),
    Function("factorial", "special.gamma({0} + 1)", sp.factorial, needs="scipy", cost=11, domain=_POSITIVE, hazards=(0.0,),
             partials=lambda a, r, p: (r * sp.digamma(a[0] + 1),)),
    Function("binomial", "special.binom({0}, {1})", sp.binomial, arity=2, needs="scipy", domain=(1.2, 3.8),
             partials=lambda a, r, p: (r * (sp.digamma(a[0] + 1) - sp.digamma(a[0] - a[1] + 1)),
                                       r * (sp.digamma(a[0] - a[1] + 1) - sp.digamma(a[1] + 1)))),
    Function("rising", "special.poch({0}, {1})", sp.RisingFactorial, arity=2, needs="scipy", domain=_POSITIVE,
             partials=lambda a, r, p: (r * (sp.digamma(a[0] + a[1]) - sp.digamma(a[0])), r * sp.digamma(a[0] + a[1]))),
    # the C library's functions, which SymPy has for generated code
    Function("exp2", "np.exp2({0})", cfunctions.exp2, hazards=(-1100.0,), partials=lambda a, r, p: (r * sp.log(2),)),
    Function("expm1", "np.expm1({0})", cfunctions.expm1, hazards=(0.0, 1e-12, -800.0), partials=lambda a, r, p: (sp.exp(a[0]),)),
    Function("log1p", "np.log1p({0})", cfunctions.log1p, domain=(-0.9, 3.0), hazards=(0.0, 1e-12), partials=lambda a, r, p: (1 / (1 + a[0]),)),
    Function("log2", "np.log2({0})", cfunctions.log2, domain=_POSITIVE, partials=lambda a, r, p: (1 / (a[0] * sp.log(2)),)),
    Function("log10", "np.log10({0})", cfunctions.log10, domain=_POSITIVE, partials=lambda a, r, p: (1 / (a[0] * sp.log(10)),)),
    Function("cbrt", "np.cbrt({0})", cfunctions.Cbrt, domain=_POSITIVE, hazards=(-1.5,), partials=lambda a, r, p: (1 / (3 * r**2),),
             source="real for negative numbers too, unlike x**(1/3)", finite=True),
    Function("hypot", "np.hypot({0}, {1})", cfunctions.hypot, arity=2, hazards=(0.0,),
             partials=lambda a, r, p: tuple(beside_origin(roots.DirectionCosine(*pair), r, a) for pair in (a, a[::-1])),
             source="0 at the origin", finite=True),
    Function("direction_cosine", "_direction_cosine({0}, {1})", roots.DirectionCosine, arity=2, cost=16, needs="special:direction_cosine",
             domain=_POSITIVE, hazards=(1e-9, 300.0), scalar=(_FINITE, "{s0}/math.hypot({s0}, {1})"), source="1 or -1 where x is infinite"),
    Function("arg", "np.pi*np.heaviside(-{0}, 0)", sp.arg, cost=3, scalar="math.pi if {0} < 0.0 else 0.0 if {0} >= 0.0 else {0}",
             partials=zero, hazards=(-1.5,), source="0 or pi for a real number"),
    # choices and conditions
    Function("select", "np.where({0}, {1}, {2})", arity=3, scalar="{1} if {0} else {2}", cost=1,
             words=lambda c, a, b: sp.Piecewise((a, c), (b, True)), partials=zero, source="the branches' partials are gates, see kinds.py",
             finite=True),
    Function("finite", "np.minimum(np.maximum({0}, -np.finfo(dtype).max), np.finfo(dtype).max)", words=lambda a: a,
             scalar=_FINITE, cost=1, differentiable=False, source="what is taken out of a sum of exponentials", finite=True),
    Function("exponent", "np.minimum({0}, np.where({0} < np.inf, np.log(np.finfo(dtype).max) - 1, np.inf))", plain.Exponent,
             cost=3, scalar=f"{{0}} if not {math.log(sys.float_info.max) - 1!r} < {{0}} < math.inf else {math.log(sys.float_info.max) - 1!r}",
             partials=lambda a, r, p: (sp.S.One,),
             source="an exponent whose exponential is multiplied by 0 where it would overflow, so that its slope does not matter there", finite=True),
    Function("tending", "_tending({0}, {1}, {p0})", words=lambda p, a, b: a * b, arity=2, cost=1, needs="special:tending", differentiable=False,
             scalar=("{0}*{1}", "{p0} if {s0} != {s0} and {0} == {0} and {1} == {1} else {s0}"), parameters=(sp.Integer(0),),
             source="a product one of whose factors vanishes as the other grows, with its limit", finite=True),
    Function("tending_quotient", "_tending_quotient({0}, {1}, {p0})", words=lambda p, a, b: a / b, arity=2, cost=4, differentiable=False,
             needs="special:tending_quotient", parameters=(sp.Integer(0),),
             scalar=f"{{p0}} if {_FIRST_INFINITE} and {_SECOND_INFINITE} else {{0}}/{{1}}",
             source="a quotient whose denominator grows with what stands above it, with its limit"),
    Function("growing", "_growing({0}, {1})", words=lambda a, b: a * b, arity=2, cost=1, needs="special:growing", differentiable=False,
             scalar=f"math.copysign(1.0, {{0}})*{{1}} if {{0}} == 0.0 and {_SECOND_INFINITE} else {{0}}*{{1}}",
             source="a product whose second factor grows faster than the first vanishes", finite=True),
    Function("ratio", "{0}/{1}", words=lambda a, b: a / b, arity=2, cost=4, differentiable=False,
             source="a quotient by itself, whose denominator joins no other factors: a vector over its norm"),
    Function("log_beyond", "_log_beyond({0}, {1}, {p0})", words=lambda p, a, b: a, arity=2, cost=1, needs="special:log_beyond", differentiable=False,
             scalar="2.0*math.log(abs({1})) + {p0} if {0} == math.inf else {0}", parameters=(sp.Integer(0),),
             source="a logarithm of a square and a number, 2 log|a| + log(c) where c a^2 overflows"),
    Function("leading", "_leading({0}, {1})", words=lambda a, b: a + b, arity=2, cost=1, needs="special:leading",
             scalar=("{0} + {1}", "{0} if {s0} != {s0} and {0} == {0} and {1} == {1} else {s0}"), differentiable=False,
             source="a sum that is infinite where its first term is, since that grows faster than the other", finite=True),
    Function("real", "", words=lambda a: a, scalar="float({0})", cost=0, differentiable=False, finite=True),
    Function("integer", "", words=lambda a: a, cost=0, differentiable=False, finite=True),
    Function("lt", "{0} < {1}", sp.StrictLessThan, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True),
    Function("le", "{0} <= {1}", sp.LessThan, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True),
    Function("gt", "{0} > {1}", sp.StrictGreaterThan, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True),
    Function("ge", "{0} >= {1}", sp.GreaterThan, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True),
    Function("eq", "{0} == {1}", sp.Equality, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True),
    Function("ne", "{0} != {1}", sp.Unequality, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True),
    Function("and", "{0} & {1}", sp.And, scalar="{0} and {1}", arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True),
    Function("or", "{0} | {1}", sp.Or, scalar="{0} or {1}", arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True),
    Function("not", "~{0}", sp.Not, scalar="not {0}", cost=1, kind=BOOLEAN, differentiable=False, finite=True),
)

BY_HEAD[cfunctions.Sqrt] = TABLE["sqrt"]


def _own(name: str, head: Callable, cost: int, **more: Any) -> Function:
    """A function whose double-precision code is the project's own, `_name` in runtime/special."""
    arguments = ", ".join(f"{{{k}}}" for k in range(more.get("arity", 1)))
    return Function(name, f"_{name}({arguments})", head, cost=cost, needs=f"special:{name}", **more)


_TAILS = (-9.0, 40.0, 9.0, 26.5)
_ROUND_ZERO = (0.0, 1e-9, -1e-4, 300.0, -300.0)
_TWO_BY_ROOT_PI = 2 / sp.sqrt(sp.pi)

_fill(
    # the error function, its inverses, the normal distribution
    _own("gauss", tails.Gauss, 15, hazards=_TAILS, finite=True),
    _own("half_gauss", tails.HalfGauss, 15, hazards=_TAILS, finite=True),
    _own("exp_square", tails.ExpSquare, 15, hazards=(26.0, -26.0)),
    _own("erf", sp.erf, 40, partials=lambda a, r, p: (_TWO_BY_ROOT_PI * tails.Gauss(a[0]),), hazards=_TAILS, finite=True),
    _own("erfc", sp.erfc, 40, partials=lambda a, r, p: (-_TWO_BY_ROOT_PI * tails.Gauss(a[0]),), hazards=_TAILS, finite=True),
    _own("erfcx", tails.Erfcx, 30, hazards=(-9.0, 40.0, 1e9)),
    _own("erfcx_slope", tails.ErfcxSlope, 30, hazards=(-9.0, 40.0, 1e6)),
    _own("erfcx_curve", tails.ErfcxCurve, 30, hazards=(-9.0, 40.0)),
    _own("log_erfc", tails.LogErfc, 40, hazards=_TAILS),
    _own("erfc_hazard", tails.ErfcHazard, 40, hazards=_TAILS),
    _own("erfc_hazard_slope", tails.ErfcHazardSlope, 60, hazards=_TAILS),
    _own("erfc_hazard_curve", tails.ErfcHazardCurve, 60, hazards=(-9.0, 40.0)),
    _own("erfc_excess", tails.ErfcExcess, 60, hazards=_TAILS),
    _own("erfc_excess_slope", tails.ErfcExcessSlope, 60, hazards=_TAILS),
    _own("normal_cdf", tails.NormalCdf, 40, hazards=_TAILS, finite=True),
    _own("log_normal_cdf", tails.LogNormalCdf, 40, hazards=(-40.0, 9.0)),
    _own("normal_cdfx", tails.NormalCdfx, 40, hazards=(-40.0, 9.0)),
    _own("inverse_mills", tails.InverseMills, 40, hazards=(-40.0, 9.0), finite=True),
    _own("inverse_mills_slope", tails.InverseMillsSlope, 60, hazards=(-40.0, 9.0), finite=True),
    _own("mills_excess", tails.MillsExcess, 60, hazards=(-40.0, 9.0), finite=True),
    _own("normal_loss", tails.NormalLoss, 100, hazards=(-30.0, 9.0), finite=True),
    _own("probit", tails.Probit, 40, domain=(0.05, 0.95), hazards=(1e-300, 0.5)),
    _own("probit_slope", tails.ProbitSlope, 80, domain=(0.05, 0.95), hazards=(1e-100, 0.5)),
    _own("erfinv", sp.erfinv, 40, partials=lambda a, r, p: (tails.ErfinvSlope(a[0]),), domain=_OPEN_UNIT, hazards=(1e-9,)),
    _own("erfinv_slope", tails.ErfinvSlope, 80, domain=_OPEN_UNIT, hazards=(1e-9,)),
    _own("erfcinv", sp.erfcinv, 40, partials=lambda a, r, p: (tails.ErfcinvSlope(a[0]),), domain=(0.1, 1.9)),
    _own("erfcinv_slope", tails.ErfcinvSlope, 80, domain=(0.1, 1.9)),
    # the logistic function
    Function("logistic_slope", "np.exp(-np.abs({0}))/((1 + np.exp(-np.abs({0})))*(1 + np.exp(-np.abs({0}))))", sigmoids.LogisticSlope, cost=16,
             hazards=(40.0, 800.0, -800.0), scalar=(_EXP_OF_MINUS_ABS, "{s0}/((1.0 + {s0})*(1.0 + {s0}))"),
             source="sigma(x) sigma(-x) = e/(1 + e)^2 with e = exp(-|x|)", finite=True),
    _own("silu", sigmoids.Silu, 15, hazards=(40.0, 800.0, -800.0), finite=True),
    _own("silu_slope", sigmoids.SiluSlope, 22, hazards=(40.0, 800.0, -800.0), finite=True),
    _own("logit_entropy", sigmoids.LogitEntropy, 26, hazards=(1e-9, 40.0, 800.0, -800.0), finite=True),
    _own("logit_entropy_slope", sigmoids.LogitEntropySlope, 18, hazards=(1e-9, 40.0, 800.0, -800.0), finite=True),
    Function("scaled_softplus", "_log1p_scaled_exp({0}, {p0})", sigmoids.ScaledSoftplus, cost=25, needs="special:log1p_scaled_exp", fixed=1,
             parameters=(sp.Integer(3),), hazards=(800.0, -800.0), partials=lambda a, r, p: (sigmoids.ScaledLogistic(p[0], a[0]),), finite=True),
    Function("scaled_logistic", "np.exp(np.minimum({0}, 0))/(np.exp(np.minimum({0}, 0)) + np.exp(-np.maximum({0}, 0))/({p0}))",
             sigmoids.ScaledLogistic, cost=30, fixed=1,
             scalar=(_EXP_OF_MINUS_ABS, "1.0/(1.0 + {s0}/({p0})) if {0} > 0.0 else {s0}/({s0} + 1.0/({p0}))"),
             parameters=(sp.Integer(3),), hazards=(800.0, -800.0), partials=lambda a, r, p: (sigmoids.ScaledLogisticSlope(p[0], a[0]),), finite=True),
    Function("scaled_logistic_slope", "np.exp(-np.abs({0}))/({p0})/(np.exp(np.minimum({0}, 0)) + np.exp(-np.maximum({0}, 0))/({p0}))**2",
             sigmoids.ScaledLogisticSlope, cost=40, fixed=1,
             scalar=(_EXP_OF_MINUS_ABS, "1.0 + {s0}/({p0}) if {0} > 0.0 else {s0} + 1.0/({p0})", "{s0}/({p0})/({s1}*{s1})"),
             parameters=(sp.Integer(3),), hazards=(800.0, -800.0), partials=lambda a, r, p: (-r * sp.tanh((a[0] + sp.log(p[0])) / 2),),
             finite=True),
    Function("power_softplus", "_log1p_power({0}, {p0})", sigmoids.PowerSoftplus, cost=35, needs="special:log1p_power", fixed=1,
             parameters=(sp.Integer(3),), hazards=(2000.0, -2000.0), partials=lambda a, r, p: (sp.log(p[0]) * sigmoids.PowerLogistic(p[0], a[0]),),
             source="log(1 + b^x) = max(x, 0) log(b) + log1p(b^-|x|)", finite=True),
    Function("power_logistic", "np.power({p0}, np.minimum({0}, 0.0))/(1 + np.power({p0}, -np.abs({0})))", sigmoids.PowerLogistic, cost=35, fixed=1,
             scalar=("math.pow({p0}, -{0} if {0} > 0.0 else {0})", "(1.0 if {0} > 0.0 else {s0})/(1.0 + {s0})"), parameters=(sp.Integer(3),),
             hazards=(2000.0, -2000.0), partials=lambda a, r, p: (sp.log(p[0]) * sigmoids.PowerLogisticSlope(p[0], a[0]),), finite=True),
    Function("power_logistic_slope", "np.power({p0}, -np.abs({0}))/(1 + np.power({p0}, -np.abs({0})))**2", sigmoids.PowerLogisticSlope, cost=35,
             fixed=1, scalar=("math.pow({p0}, -{0} if {0} > 0.0 else {0})", "{s0}/((1.0 + {s0})*(1.0 + {s0}))"), parameters=(sp.Integer(3),),
             hazards=(2000.0, -2000.0), partials=lambda a, r, p: (-r * sp.log(p[0]) * sp.tanh(sp.log(p[0]) * a[0] / 2),), finite=True),
    # removable singularities
    _own("sinc", sp.sinc, 12, partials=lambda a, r, p: (removable.SincSlope(a[0]),), hazards=_ROUND_ZERO, finite=True),
    _own("sinc_slope", removable.SincSlope, 25, hazards=_ROUND_ZERO, finite=True),
    _own("sinc_curve", removable.SincCurve, 30, hazards=_ROUND_ZERO, finite=True),
    _own("sincpi", removable.SincPi, 16, hazards=(0.0, 1e-9, -1e-4, 37.5, -40.0), finite=True),
    _own("sincpi_slope", removable.SincPiSlope, 30, hazards=(0.0, 1e-9, -1e-4, 37.5, -40.0), finite=True),
    _own("sincpi_curve", removable.SincPiCurve, 35, hazards=(0.0, 1e-9, -1e-4, 37.5, -40.0), finite=True),
    _own("cosc", removable.Cosc, 14, hazards=_ROUND_ZERO, finite=True),
    _own("exprel", removable.ExpRel, 12, hazards=_ROUND_ZERO),
    _own("exprel_slope", removable.ExpRelSlope, 25, hazards=_ROUND_ZERO),
    _own("exprel_curve", removable.ExpRelCurve, 30, hazards=_ROUND_ZERO),
    _own("exprel2", removable.ExpRel2, 14, hazards=_ROUND_ZERO),
    _own("exprel2_slope", removable.ExpRel2Slope, 25, hazards=_ROUND_ZERO),
    _own("exprel2_curve", removable.ExpRel2Curve, 30, hazards=_ROUND_ZERO),
    _own("bernoulli_ratio", removable.BernoulliRatio, 12, hazards=_ROUND_ZERO, finite=True),
    _own("bernoulli_slope", removable.BernoulliSlope, 25, hazards=_ROUND_ZERO, finite=True),
    _own("bernoulli_curve", removable.BernoulliCurve, 30, hazards=_ROUND_ZERO, finite=True),
    _own("bose_einstein", removable.BoseEinstein, 12, domain=_POSITIVE, hazards=(-1.5, 1e-9, 300.0, -300.0)),
    _own("langevin", removable.Langevin, 16, hazards=_ROUND_ZERO, finite=True),
    _own("langevin_slope", removable.LangevinSlope, 20, hazards=_ROUND_ZERO, finite=True),
    _own("langevin_curve", removable.LangevinCurve, 25, hazards=_ROUND_ZERO, finite=True),
    _own("sinh_ratio", hyperbolic.SinhRatio, 14, hazards=_ROUND_ZERO),
    _own("x_over_sinh", hyperbolic.XOverSinh, 14, hazards=_ROUND_ZERO, finite=True),
    _own("x_over_tanh", hyperbolic.XOverTanh, 14, hazards=_ROUND_ZERO, finite=True),
    _own("x_over_tanh_slope", hyperbolic.XOverTanhSlope, 25, hazards=_ROUND_ZERO, finite=True),
    _own("x_times_langevin", hyperbolic.XTimesLangevin, 17, hazards=_ROUND_ZERO, finite=True),
    _own("tanh_ratio", hyperbolic.TanhRatio, 14, hazards=_ROUND_ZERO, finite=True),
    _own("tilted_mean", hyperbolic.TiltedMean, 16, hazards=_ROUND_ZERO, finite=True),
    *(Function(f"coth_gap{kind}", f"_brillouin{kind}({{0}}, {{p0}})", head, cost=40, needs=f"special:brillouin{kind}", fixed=1,
               parameters=(sp.Integer(3),), hazards=_ROUND_ZERO, finite=True,
               partials=lambda a, r, p, head=head: (head(p[0], a[0]).slope(p[0], a[0])[1],))
      for kind, head in (("", hyperbolic.CothGap), ("_slope", hyperbolic.CothGapSlope), ("_curve", hyperbolic.CothGapCurve))),
    _own("log1prel", removable.Log1pRel, 12, domain=(-0.9, 3.0), hazards=(0.0, 1e-9, -1e-4, 1e6)),
    _own("log1prel_slope", removable.Log1pRelSlope, 30, domain=(-0.9, 3.0), hazards=(0.0, 1e-9, -1e-4, 1e4)),
    _own("log1prel_curve", removable.Log1pRelCurve, 30, domain=(-0.9, 3.0), hazards=(0.0, 1e-9, -1e-4, 1e3)),
    _own("expm1_minus_x", logarithms.ExpM1MinusX, 20, hazards=_ROUND_ZERO),
    _own("bennett", logarithms.Bennett, 25, domain=(-0.9, 3.0), hazards=(0.0, 1e-9, -1e-4, 1e6)),
    _own("x_minus_log1p", logarithms.XMinusLog1p, 20, domain=(-0.9, 3.0), hazards=(0.0, 1e-9, -1e-4, 1e6)),
    # odd functions over their argument, and rests over its cube
    _own("atan_ratio", quotients.AtanRatio, 14, hazards=_ROUND_ZERO, finite=True),
    _own("atan_ratio_slope", quotients.AtanRatioSlope, 25, hazards=_ROUND_ZERO, finite=True),
    _own("atan_ratio_curve", quotients.AtanRatioCurve, 25, hazards=_ROUND_ZERO, finite=True),
    _own("asin_ratio", quotients.AsinRatio, 14, domain=_OPEN_UNIT, hazards=(0.0, 1e-9, -1e-4)),
    _own("asin_ratio_slope", quotients.AsinRatioSlope, 25, domain=_OPEN_UNIT, hazards=(0.0, 1e-9, -1e-4)),
    _own("asin_ratio_curve", quotients.AsinRatioCurve, 25, domain=_OPEN_UNIT, hazards=(0.0, 1e-9, -1e-4)),
    _own("asinh_ratio", quotients.AsinhRatio, 14, hazards=_ROUND_ZERO, finite=True),
    _own("asinh_ratio_slope", quotients.AsinhRatioSlope, 25, hazards=_ROUND_ZERO, finite=True),
    _own("asinh_ratio_curve", quotients.AsinhRatioCurve, 25, hazards=_ROUND_ZERO, finite=True),
    _own("atanh_ratio", quotients.AtanhRatio, 14, domain=_OPEN_UNIT, hazards=(0.0, 1e-9, -1e-4)),
    _own("atanh_ratio_slope", quotients.AtanhRatioSlope, 25, domain=_OPEN_UNIT, hazards=(0.0, 1e-9, -1e-4)),
    _own("atanh_ratio_curve", quotients.AtanhRatioCurve, 25, domain=_OPEN_UNIT, hazards=(0.0, 1e-9, -1e-4)),
    _own("tan_ratio", quotients.TanRatio, 14, domain=(-1.2, 1.2), hazards=(0.0, 1e-9, -1e-4)),
    _own("tan_ratio_slope", quotients.TanRatioSlope, 25, domain=(-1.2, 1.2), hazards=(0.0, 1e-9, -1e-4)),
    _own("tan_ratio_curve", quotients.TanRatioCurve, 25, domain=(-1.2, 1.2), hazards=(0.0, 1e-9, -1e-4)),
    _own("erf_ratio", quotients.ErfRatio, 44, hazards=_ROUND_ZERO, finite=True),
    _own("erf_ratio_slope", quotients.ErfRatioSlope, 55, hazards=_ROUND_ZERO, finite=True),
    _own("erf_ratio_curve", quotients.ErfRatioCurve, 55, hazards=_ROUND_ZERO, finite=True),
    _own("sine_rest", quotients.SineRest, 16, hazards=_ROUND_ZERO, finite=True),
    _own("sine_rest_slope", quotients.SineRestSlope, 25, hazards=_ROUND_ZERO, finite=True),
    _own("sine_rest_curve", quotients.SineRestCurve, 25, hazards=_ROUND_ZERO, finite=True),
    _own("sphere_form", quotients.SphereForm, 25, hazards=_ROUND_ZERO, finite=True),
    _own("sphere_form_slope", quotients.SphereFormSlope, 30, hazards=_ROUND_ZERO, finite=True),
    _own("sphere_form_curve", quotients.SphereFormCurve, 30, hazards=_ROUND_ZERO, finite=True),
    _own("tangent_rest", quotients.TangentRest, 16, domain=(-1.2, 1.2), hazards=(0.0, 1e-9, -1e-4)),
    _own("tangent_rest_slope", quotients.TangentRestSlope, 25, domain=(-1.2, 1.2), hazards=(0.0, 1e-9, -1e-4)),
    _own("tangent_rest_curve", quotients.TangentRestCurve, 25, domain=(-1.2, 1.2), hazards=(0.0, 1e-9, -1e-4)),
    # inverse functions near the ends of their domain, logarithms of what they give, powers of 1 + x
    _own("acosh1p", inverses.Acosh1p, 24, domain=_POSITIVE, hazards=(1e-9, 1e6)),
    _own("inverse_versine", inverses.InverseVersine, 24, domain=(0.05, 1.9), hazards=(1e-9,)),
    Function("asin_sqrt", "np.arctan2(np.sqrt({0}), np.sqrt(1 - {0}))", inverses.AsinSqrt, cost=34, domain=(0.05, 0.95), hazards=(1e-9,),
             source="atan(sqrt(x/(1 - x))), whose second root is exact near 1"),
    Function("atan_exp", "np.arctan(np.exp({0}))", inverses.AtanExp, cost=20, hazards=(800.0, -800.0), scalar=("math.exp({0})", "math.atan({s0})"),
             finite=True),
    _own("log_cauchy_cdf", inverses.LogCauchyCdf, 40, hazards=_ROUND_ZERO, finite=True),
    _own("cauchy_hazard", inverses.CauchyHazard, 24, hazards=_ROUND_ZERO, finite=True),
    _own("log_tanh", inverses.LogTanh, 40, domain=_POSITIVE, hazards=(1e-9, 40.0, 300.0)),
    _own("log_sinh_ratio", inverses.LogSinhRatio, 30, hazards=_ROUND_ZERO, finite=True),
    _own("compound", inverses.Compound, 40, arity=2, domain=_POSITIVE, hazards=(1e-9,)),
    _own("compound_less_one", inverses.CompoundLessOne, 50, arity=2, domain=_POSITIVE, hazards=(1e-9,)),
    _own("annuity", inverses.Annuity, 60, arity=2, domain=_POSITIVE, hazards=(1e-9,)),
    _own("annuity_slope", inverses.AnnuitySlope, 90, arity=2, domain=_POSITIVE, hazards=(1e-9,)),
    # logarithms of exponentials, and x log(y)
    _own("log1mexp", logarithms.Log1mExp, 22, domain=_POSITIVE, hazards=(1e-9, 40.0, 300.0)),
    _own("log_cloglog", logarithms.LogCLogLog, 40, hazards=(-1000.0, -40.0, 5.0)),
    _own("logexpm1", logarithms.LogExpM1, 22, domain=_POSITIVE, hazards=(1e-9, 40.0, 300.0)),
    _own("exp_less_exp", logarithms.ExpLessExp, 26, arity=3, domain=_POSITIVE, hazards=(-40.0, 5.0)),
    _own("log_exp_sum", logarithms.LogExpSum, 60, arity=4, domain=_POSITIVE, hazards=(800.0,), finite=True),
    _own("reciprocal_exp_sum", logarithms.ReciprocalExpSum, 60, arity=4, domain=_POSITIVE, hazards=(300.0,)),
    Function("exp_product", "_exp_of_product({p0}, {p1}, {p2}, {0}, {1})", exponents.ExpProduct, arity=2, cost=30,
             needs="special:exp_of_product special:exp_of_factors math", fixed=3,
             parameters=(sp.Rational(-1, 3), sp.Rational(-1, 3) + sp.Rational(1 / 3), sp.S.One), domain=_POSITIVE, hazards=(0.01, 300.0),
             partials=exponents.exp_product_partials, scalar="_exp_of_factors({p0}, {p1}, {p2}, {all})",
             source="exp(u + e) = exp(u) + exp(u) e with what rounding the product u loses"),
    Function("exp_shifted_product", "_exp_of_shifted_product({p0}, {p1}, {p2}, {p3}, {p4}, {0}, {1})", exponents.ExpShiftedProduct, arity=2,
             cost=40, needs="special:exp_of_shifted_product special:exp_of_shifted_factors math", fixed=5, domain=_POSITIVE, hazards=(0.01, 300.0),
             parameters=(sp.Rational(-1, 3), sp.Rational(-1, 3) + sp.Rational(1 / 3), sp.S.One, sp.Integer(2), sp.S.Zero),
             partials=exponents.exp_shifted_product_partials, scalar="_exp_of_shifted_factors({p0}, {p1}, {p2}, {p3}, {p4}, {all})",
             source="the same with sums of two for factors, and a number added"),
    _own("xlogx", logarithms.XLogX, 12, domain=_POSITIVE, hazards=(0.0, 1e-9)),
    Function("xlog1py", "np.where({0} == 0, 0, {0}*np.log1p({1}))[()]", plain.XLog1pY, arity=2, cost=12,
             scalar="0.0 if {0} == 0.0 else {0}*math.log1p({1})", domain=_POSITIVE, hazards=(0.0,),
             partials=lambda a, r, p: (cfunctions.log1p(a[1]), gate(a[0] / (1 + a[1]), sp.Or(sp.Ne(a[0], 0), sp.Ne(a[1], -1)))),
             source="x log(1 + y), 0 where x = 0"),
    _own("xlogy", logarithms.XLogY, 12, arity=2, domain=_POSITIVE, hazards=(0.0,)),
)


@lru_cache(maxsize=4096)
def partials_of(name: str, parameters: tuple, arguments: tuple, kinks: Kinks = DEFAULT) -> tuple[sp.Expr, ...]:
    """The local partials of a function as SymPy expressions in its arguments (symbols or numbers) and R."""
    entry = TABLE[name]
    if not entry.differentiable:
        return (sp.S.Zero,) * len(arguments)
    if entry.slopes is not None:
        return tuple(sp.sympify(slope) for slope in entry.slopes(arguments, R, kinks))
    if entry.partials is not None:
        return tuple(sp.sympify(partial) for partial in entry.partials(arguments, R, parameters))
    return tuple(_derived(entry, parameters, arguments, k) for k in range(len(arguments)))


def _derived(entry: Function, parameters: tuple, arguments: tuple, k: int) -> sp.Expr:
    places = A[: len(arguments)]
    value = entry.expression(places, parameters)
    partial = sp.diff(value, places[k]).subs(value, R)
    return partial.subs(dict(zip(places, arguments, strict=True)))


def register(name: str, numpy: str, partials: Callable, arity: int, needs: str = "", evaluate: Callable | None = None) -> type[sp.Function]:
    """Add a function of the user's own to the table; returns its SymPy head.

    `evaluate` gives the value on Python floats, so that SymPy can turn the function of a number into a number.
    """
    if name in TABLE or not name.isidentifier() or keyword.iskeyword(name):
        known = "it is in the table already" if name in TABLE else "it is not an identifier"
        raise DeclarationError(explain(f"The function name {name!r} cannot be registered: {known}",
                                       "a new name that is a Python identifier is required"))
    members = {"nargs": arity, "is_extended_real": True, "fdiff": lambda self, argindex=1: sp.sympify(partials(*self.args)[argindex - 1])}
    if evaluate is not None:
        members["_eval_evalf"] = lambda self, prec: sp.Float(float(evaluate(*(float(one) for one in self.args))), precision=prec)
    head = type(name, (sp.Function,), members)
    _add(Function(name, numpy, head, arity, partials=lambda a, r, p: partials(*a), needs=needs, scalar=None))
    return head


def unregister(name: str) -> None:
    """Take a registered function out of the table again (a failed check must leave nothing behind)."""
    entry = TABLE.pop(name)
    BY_HEAD.pop(entry.head, None)
    partials_of.cache_clear()
