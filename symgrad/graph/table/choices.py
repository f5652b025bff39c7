"""Functions with kinks, choices between numbers, and conditions."""

from __future__ import annotations

import math
import sys

import sympy as sp

from symgrad.graph.function import Function
from symgrad.graph.heads import densities, plain
from symgrad.graph.rows import BOOLEAN, INTEGER
from symgrad.graph.slopes import abs_slope, extremum_slopes, gate, zero
from symgrad.graph.table.common import FINITE, FIRST_INFINITE, POSITIVE, SCALAR_EXTREMA, SECOND_INFINITE

ENTRIES: tuple[Function, ...] = (
    # kinks; derivatives hold almost everywhere, at the kink they are conventions (kinks.py)
    Function("abs", "np.abs({0})", sp.Abs, cost=1, slopes=abs_slope, hazards=(0.0,), finite=True, twice="_twice_abs({0})"),
    Function("sign", "np.sign({0})", sp.sign, cost=1, partials=zero,
             scalar="1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0 if {0} == 0.0 else {0}", hazards=(0.0,), finite=True,
             twice="_twice_sign({0})"),
    Function("gamma_sign", "_gamma_sign({0})", densities.GammaSign, cost=2, partials=zero, needs="special:gamma_sign math", domain=POSITIVE,
             scalar="1.0 if {0} >= 0.0 else math.nan if math.floor({0}) == {0} else 1.0 - 2.0*(math.floor({0}) % 2)", hazards=(-1.5, -0.5),
             source="what the logarithm of the size of a gamma function leaves"),
    Function("power_sign", "_power_sign({0}, {1})", densities.PowerSign, arity=2, cost=2, partials=zero, needs="special:power_sign math",
             scalar="1.0 if {0} > 0.0 else math.pow(-1.0 if {0} < 0.0 else 0.0 if {0} == 0.0 else {0}, {1})", domain=POSITIVE, hazards=(-1.0, 0.0),
             source="what the logarithm of the size of a power leaves"),
    Function("heaviside", "np.heaviside({0}, {1})", sp.Heaviside, arity=2, cost=1, hazards=(0.0,),
             scalar="0.0 if {0} < 0.0 else 1.0 if {0} > 0.0 else {1} if {0} == 0.0 else {0}",
             partials=lambda a, r, p: (sp.S.Zero, gate(sp.S.One, sp.Eq(a[0], 0, evaluate=False))), source="1/2 at 0 unless the user says otherwise",
             finite=True),
    Function("max", "", sp.Max, arity=2, cost=1, scalar=SCALAR_EXTREMA["max"], slopes=extremum_slopes(1), finite=True,
             twice="_twice_chosen(_twice_gap({0}, {1}) > 0, {0}, {1})"),
    Function("min", "", sp.Min, arity=2, cost=1, scalar=SCALAR_EXTREMA["min"], slopes=extremum_slopes(-1), finite=True,
             twice="_twice_chosen(_twice_gap({0}, {1}) < 0, {0}, {1})"),
    Function("floor", "np.floor({0})", sp.floor, cost=1, scalar="math.copysign(math.floor({0}), {0})", partials=zero, finite=True),
    Function("ceiling", "np.ceil({0})", sp.ceiling, cost=1, scalar="math.copysign(math.ceil({0}), {0})", partials=zero, finite=True),
    Function("frac", "np.mod({0}, 1)", sp.frac, cost=1, scalar="{0} % 1.0", partials=lambda a, r, p: (sp.S.One,), finite=True),
    Function("quotient", "{0} // {1}", words=lambda a, b: sp.floor(a / b), arity=2, cost=1, kind=INTEGER, differentiable=False),
    Function("mod", "np.mod({0}, {1})", sp.Mod, arity=2, scalar="{0} % {1}", cost=4, domain=POSITIVE,
             partials=lambda a, r, p: (sp.S.One, -sp.floor(a[0] / a[1])), source="a mod b = a - b floor(a/b)"),
    # choices and conditions
    Function("select", "np.where({0}, {1}, {2})", arity=3, scalar="{1} if {0} else {2}", cost=1,
             words=lambda c, a, b: sp.Piecewise((a, c), (b, True)), partials=zero, source="the branches' partials are gates, see kinds.py",
             finite=True, twice="_twice_chosen({0}, {1}, {2})"),
    Function("finite", "np.minimum(np.maximum({0}, -np.finfo(dtype).max), np.finfo(dtype).max)", words=lambda a: a,
             scalar=FINITE, cost=1, differentiable=False, source="what is taken out of a sum of exponentials", finite=True),
    Function("exponent", "np.minimum({0}, np.where({0} < np.inf, np.log(np.finfo(dtype).max) - 1, np.inf))", plain.Exponent,
             cost=3, scalar=f"{{0}} if not {math.log(sys.float_info.max) - 1!r} < {{0}} < math.inf else {math.log(sys.float_info.max) - 1!r}",
             partials=lambda a, r, p: (sp.S.One,),
             source="an exponent whose exponential is multiplied by 0 where it would overflow, so that its slope does not matter there", finite=True),
    Function("tending", "_tending({0}, {1}, {p0})", words=lambda p, a, b: a * b, arity=2, cost=1, needs="special:tending", differentiable=False,
             scalar=("{0}*{1}", "{p0} if {s0} != {s0} and {0} == {0} and {1} == {1} else {s0}"), parameters=(sp.Integer(0),),
             one="{p0} if np.isnan({0}*{1}) and not (np.isnan({0}) or np.isnan({1})) else {0}*{1}",
             source="a product one of whose factors vanishes as the other grows, with its limit", finite=True, into="beside"),
    Function("tending_quotient", "_tending_quotient({0}, {1}, {p0})", words=lambda p, a, b: a / b, arity=2, cost=4, differentiable=False,
             needs="special:tending_quotient", parameters=(sp.Integer(0),),
             scalar=f"{{p0}} if {FIRST_INFINITE} and {SECOND_INFINITE} else {{0}}/{{1}}",
             one="{p0} if abs({0}) == np.inf and abs({1}) == np.inf else {0}/{1}",
             source="a quotient whose denominator grows with what stands above it, with its limit", into="beside"),
    Function("growing", "_growing({0}, {1})", words=lambda a, b: a * b, arity=2, cost=1, needs="special:growing", differentiable=False,
             scalar=f"math.copysign(1.0, {{0}})*{{1}} if {{0}} == 0.0 and {SECOND_INFINITE} else {{0}}*{{1}}",
             one="np.copysign(1.0, {0})*{1} if {0} == 0 and abs({1}) == np.inf else {0}*{1}",
             source="a product whose second factor grows faster than the first vanishes", finite=True, into="beside"),
    Function("ratio", "{0}/{1}", words=lambda a, b: a / b, arity=2, cost=4, differentiable=False,
             source="a quotient by itself, whose denominator joins no other factors: a vector over its norm"),
    Function("log_beyond", "_log_beyond({0}, {1}, {p0})", words=lambda p, a, b: a, arity=2, cost=1, needs="special:log_beyond", differentiable=False,
             scalar="2.0*math.log(abs({1})) + {p0} if {0} == math.inf else {0}", parameters=(sp.Integer(0),),
             one="2*np.log(abs({1})) + {p0} if {0} == np.inf else {0}",
             source="a logarithm of a square and a number, 2 log|a| + log(c) where c a^2 overflows", into="over"),
    Function("leading", "_leading({0}, {1})", words=lambda a, b: a + b, arity=2, cost=1, needs="special:leading",
             scalar=("{0} + {1}", "{0} if {s0} != {s0} and {0} == {0} and {1} == {1} else {s0}"), differentiable=False,
             one="{0} if abs({0}) == np.inf and abs({1}) == np.inf else {0} + {1}",
             source="a sum that is infinite where its first term is, since that grows faster than the other", finite=True, into="beside"),
    Function("unless_most", "_unless_most({0}, {1}, {2})", words=lambda p, a, b: sp.Piecewise((a, p > sp.Rational(1, 2)), (b, True)), arity=3, cost=1,
             needs="special:unless_most", scalar="{1} if {0} > 0.5 else {2}", differentiable=False,
             source="numbers that add up to 0: that of a share above 1/2 is less the sum of all others", finite=True, into="over"),
    Function("logit_gap", "_logit_gap({0}, {1}, {2}, {3})", words=lambda gap, apart, a, b: gap - apart, arity=4, cost=2, needs="special:logit_gap",
             scalar="{0} - {1} if abs({1}) < 1.0 else {2} - {3}", differentiable=False,
             source="logits that are close have a difference without rounding", finite=True, into="over"),
    Function("real", "", words=lambda a: a, scalar="float({0})", cost=0, differentiable=False, finite=True),
    Function("integer", "", words=lambda a: a, cost=0, differentiable=False, finite=True),
    Function("lt", "{0} < {1}", sp.StrictLessThan, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True,
             twice="_twice_gap({0}, {1}) < 0"),
    Function("le", "{0} <= {1}", sp.LessThan, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True, twice="_twice_gap({0}, {1}) <= 0"),
    Function("gt", "{0} > {1}", sp.StrictGreaterThan, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True,
             twice="_twice_gap({0}, {1}) > 0"),
    Function("ge", "{0} >= {1}", sp.GreaterThan, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True, twice="_twice_gap({0}, {1}) >= 0"),
    Function("eq", "{0} == {1}", sp.Equality, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True, twice="_twice_gap({0}, {1}) == 0"),
    Function("ne", "{0} != {1}", sp.Unequality, arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True, twice="_twice_gap({0}, {1}) != 0"),
    Function("and", "{0} & {1}", sp.And, scalar="{0} and {1}", arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True,
             twice="({0}) & ({1})"),
    Function("or", "{0} | {1}", sp.Or, scalar="{0} or {1}", arity=2, cost=1, kind=BOOLEAN, differentiable=False, finite=True,
             twice="({0}) | ({1})"),
    Function("not", "~{0}", sp.Not, scalar="not {0}", cost=1, kind=BOOLEAN, differentiable=False, finite=True, twice="_twice_not({0})"),
)

NAMES = frozenset(entry.name for entry in ENTRIES)
