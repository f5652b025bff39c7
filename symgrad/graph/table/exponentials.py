"""Logistic functions, logarithms of exponentials and exponentials of products: the project's own code."""

from __future__ import annotations

import sys

import sympy as sp
from sympy.codegen import cfunctions

from symgrad.graph import steps
from symgrad.graph.function import Function
from symgrad.graph.heads import divergences, expansions, exponents, logarithms, plain, sigmoids
from symgrad.graph.slopes import gate
from symgrad.graph.table.common import EXP_OF_MINUS_ABS, LARGEST, POSITIVE, own

FACTORS = (sp.Rational(-1, 3), sp.Rational(-1, 3) + sp.Rational(1 / 3), sp.S.One)
SHIFTED_FACTORS = (*FACTORS, sp.Integer(2), sp.S.Zero)
"""Parameters of exponentials of products: a third of one factor, and that plus 2."""
LOG_RATIO = "math.log1p({2}/{1}) if abs({2}) < 0.5*abs({1}) else math.log({0}/{1})"
TIMES_LOG_RATIO = "0.0*{0} if {0} == 0.0 and {3} == {3} else {0}*(" + LOG_RATIO.format("{1}", "{2}", "{3}") + ")"


def _times(name: str, code: str, parameters: tuple) -> Function:
    """x p with p = exp(u), after these the arguments of the exponential; on a Python float that overflows the code for arrays is asked anyway."""
    count, before = len(parameters), [f"{{p{k}}}" for k in range(len(parameters))]
    call = f"_times_{code}({', '.join([*before, '{all}'])})"
    return Function(f"times_{name}", call.replace("{all}", "{0}, {1}, {2}, {3}"), words=lambda *given: given[count] * given[count + 1], arity=4,
                    cost=4, fixed=count, parameters=parameters, domain=POSITIVE, differentiable=False, needs=f"special:times_{code}",
                    scalar=f"{{0}}*{{1}} if {sys.float_info.min!r} <= {{1}} <= {LARGEST} else float({call})",
                    into="beside" if name == "exp" else "", source="x exp(u) = x exp(u - k log(2)) 2^k where exp(u) is no normal number")


ENTRIES: tuple[Function, ...] = (
    # the logistic function
    Function("logistic_slope", "np.exp(-np.abs({0}))/((1 + np.exp(-np.abs({0})))*(1 + np.exp(-np.abs({0}))))", sigmoids.LogisticSlope, cost=16,
             hazards=(40.0, 800.0, -800.0), scalar=(EXP_OF_MINUS_ABS, "{s0}/((1.0 + {s0})*(1.0 + {s0}))"),
             source="sigma(x) sigma(-x) = e/(1 + e)^2 with e = exp(-|x|)", finite=True, magnifies="one"),
    own("silu", sigmoids.Silu, 15, hazards=(40.0, 800.0, -800.0), finite=True, magnifies="one"),
    own("silu_slope", sigmoids.SiluSlope, 22, hazards=(40.0, 800.0, -800.0), finite=True, magnifies="one"),
    Function("logit_loss", "(1 - {1})*np.maximum({0}, 0) - {1}*np.minimum({0}, 0) + np.log1p(np.exp(-np.abs({0})))", sigmoids.LogitLoss,
             arity=2, cost=26, scalar="(1 - {1})*max({0}, 0.0) - {1}*min({0}, 0.0) + math.log1p(math.exp(-abs({0})))",
             hazards=(40.0, 800.0, -800.0), source="one logarithm, and each part exact where the share is 0 or 1", finite=True),
    own("logit_entropy", sigmoids.LogitEntropy, 26, hazards=(1e-9, 40.0, 800.0, -800.0), finite=True, magnifies="one"),
    own("logit_entropy_slope", sigmoids.LogitEntropySlope, 18, hazards=(1e-9, 40.0, 800.0, -800.0), finite=True, magnifies="one"),
    own("tanh_softplus", sigmoids.TanhSoftplus, 15, hazards=(40.0, 800.0, -800.0), finite=True, magnifies="one"),
    own("tanh_softplus_slope", sigmoids.TanhSoftplusSlope, 22, hazards=(40.0, 800.0, -800.0), finite=True, magnifies="one"),
    own("mish", sigmoids.Mish, 16, hazards=(40.0, 800.0, -800.0), finite=True, magnifies="one"),
    own("mish_slope", sigmoids.MishSlope, 40, hazards=(40.0, 800.0, -800.0), finite=True, magnifies="one"),
    own("log_diluted", sigmoids.LogDiluted, 60, arity=2, hazards=(1e-9, 40.0, 800.0, -800.0), finite=True, magnifies="several"),
    own("log_softplus", sigmoids.LogSoftplus, 30, hazards=(0.54, 40.0, 800.0, -40.0, -800.0), finite=True, magnifies="one"),
    own("softplus_rate", sigmoids.SoftplusRate, 30, hazards=(40.0, 800.0, -40.0, -800.0), finite=True, magnifies="one"),
    own("softplus_rate_slope", sigmoids.SoftplusRateSlope, 40, hazards=(40.0, 800.0, -40.0, -800.0), finite=True, magnifies="one"),
    own("logistic_gap", sigmoids.LogisticGap, 50, arity=2, hazards=(1e-9, 40.0, 800.0, -800.0), finite=True, magnifies="one",
        scalar=("{0} + {1}", "({0} - ({s0} - ({s0} - {0}))) + ({1} - ({s0} - {0}))", "math.exp(-abs({0}))",
                "math.exp(-abs({s0}))*(1.0 - (0.0 if {s1} != {s1} else {s1} if {s0} > 0.0 else -{s1}))",
                "math.tanh(0.5*{1})*({s3} + {s2} if ({s0} < 0.0) == ({0} < 0.0) else 1.0 + {s3}*{s2})/((1.0 + {s3})*(1.0 + {s2}))"),
        source="tanh(d/2) (sigma(x + d) sigma(-x) + sigma(x) sigma(-x - d))"),
    Function("scaled_softplus", "_log1p_scaled_exp({0}, {p0})", sigmoids.ScaledSoftplus, cost=25, needs="special:log1p_scaled_exp", fixed=1,
             parameters=(sp.Integer(3),), hazards=(800.0, -800.0), partials=lambda a, r, p: (sigmoids.ScaledLogistic(p[0], a[0]),),
             finite=True, magnifies="one"),
    Function("softplus_gap", "_softplus_gap({0}, {p0})", sigmoids.SoftplusGap, cost=40, needs="special:softplus_gap", fixed=1,
             parameters=(sp.Integer(3),), hazards=(1e-9, 800.0, -800.0), finite=True,
             partials=lambda a, r, p: (sigmoids.SoftplusGap(p[0], a[0]).slope(p[0], a[0])[1],)),
    Function("scaled_logistic", "np.exp(np.minimum({0}, 0))/(np.exp(np.minimum({0}, 0)) + np.exp(-np.maximum({0}, 0))/({p0}))",
             sigmoids.ScaledLogistic, cost=30, fixed=1,
             scalar=(EXP_OF_MINUS_ABS, "1.0/(1.0 + {s0}/({p0})) if {0} > 0.0 else {s0}/({s0} + 1.0/({p0}))"),
             parameters=(sp.Integer(3),), hazards=(800.0, -800.0), partials=lambda a, r, p: (sigmoids.ScaledLogisticSlope(p[0], a[0]),),
             finite=True, magnifies="one"),
    Function("scaled_logistic_slope", "np.exp(-np.abs({0}))/({p0})/(np.exp(np.minimum({0}, 0)) + np.exp(-np.maximum({0}, 0))/({p0}))**2",
             sigmoids.ScaledLogisticSlope, cost=40, fixed=1,
             scalar=(EXP_OF_MINUS_ABS, "1.0 + {s0}/({p0}) if {0} > 0.0 else {s0} + 1.0/({p0})", "{s0}/({p0})/({s1}*{s1})"),
             parameters=(sp.Integer(3),), hazards=(800.0, -800.0), partials=lambda a, r, p: (-r * sp.tanh((a[0] + sp.log(p[0])) / 2),),
             finite=True, magnifies="one"),
    Function("power_softplus", "_log1p_power({0}, {p0})", sigmoids.PowerSoftplus, cost=35, needs="special:log1p_power", fixed=1,
             parameters=(sp.Integer(3),), hazards=(2000.0, -2000.0), partials=lambda a, r, p: (sp.log(p[0]) * sigmoids.PowerLogistic(p[0], a[0]),),
             source="log(1 + b^x) = max(x, 0) log(b) + log1p(b^-|x|)", finite=True, magnifies="one"),
    Function("power_logistic", "np.power({p0}, np.minimum({0}, 0.0))/(1 + np.power({p0}, -np.abs({0})))", sigmoids.PowerLogistic, cost=35, fixed=1,
             scalar=("math.pow({p0}, -{0} if {0} > 0.0 else {0})", "(1.0 if {0} > 0.0 else {s0})/(1.0 + {s0})"), parameters=(sp.Integer(3),),
             hazards=(2000.0, -2000.0), partials=lambda a, r, p: (sp.log(p[0]) * sigmoids.PowerLogisticSlope(p[0], a[0]),),
             finite=True, magnifies="one"),
    Function("power_logistic_slope", "np.power({p0}, -np.abs({0}))/(1 + np.power({p0}, -np.abs({0})))**2", sigmoids.PowerLogisticSlope, cost=35,
             fixed=1, scalar=("math.pow({p0}, -{0} if {0} > 0.0 else {0})", "{s0}/((1.0 + {s0})*(1.0 + {s0}))"), parameters=(sp.Integer(3),),
             hazards=(2000.0, -2000.0), partials=lambda a, r, p: (-r * sp.log(p[0]) * sp.tanh(sp.log(p[0]) * a[0] / 2),),
             finite=True, magnifies="one"),
    # logarithms of exponentials, and x log(y)
    own("log1mexp", logarithms.Log1mExp, 22, domain=POSITIVE, hazards=(1e-9, 40.0, 300.0), magnifies="several"),
    Function("log_cloglog", "_log_cloglog({0})", logarithms.LogCLogLog, cost=40, hazards=(-1000.0, -40.0, 5.0), needs="special:log_cloglog math",
             magnifies="one"),
    own("divergence_term", divergences.DivergenceTerm, 40, arity=3, source="p (exp(t) - 1 - t) with p = exp(u)"),
    own("weighted_log_ratio", divergences.WeightedLogRatio, 20, arity=3, source="-p t with p = exp(u), 0 where p is 0"),
    own("divergence_slope", divergences.DivergenceSlope, 30, arity=3, source="p (exp(t) - 1) with p = exp(u)"),
    *(own(name, head, cost, arity=3, domain=POSITIVE, source=source) for name, head, cost, source in (
        ("relative_entropy", divergences.RelativeEntropy, 50, "y ((1 + u) log1p(u) - u) with u = d/y where x is close to y"),
        ("itakura_saito", divergences.ItakuraSaito, 50, "u - log1p(u) with u = d/y where x is close to y"),
        ("ratio_gap", divergences.RatioGap, 12, "d/y where x is close to y"),
        ("reciprocal_gap", divergences.ReciprocalGap, 15, "d/(x y) where x is close to y"))),
    own("logexpm1", logarithms.LogExpM1, 22, domain=POSITIVE, hazards=(1e-9, 40.0, 300.0)),
    Function("exp_less_exp", "_exp_less_exp({0}, {1}, {2})", logarithms.ExpLessExp, cost=26, arity=3, domain=POSITIVE, hazards=(-40.0, 5.0),
             needs="special:exp_less_exp special:exp_less_exp_number math", scalar="_exp_less_exp_number({0}, {1}, {2})", magnifies="several"),
    own("log_exp_sum", logarithms.LogExpSum, 60, arity=4, domain=POSITIVE, hazards=(800.0,), finite=True),
    own("reciprocal_exp_sum", logarithms.ReciprocalExpSum, 60, arity=4, domain=POSITIVE, hazards=(300.0,)),
    Function("exp_product", "_exp_of_product({p0}, {p1}, {p2}, {0}, {1})", exponents.ExpProduct, arity=2, cost=30,
             needs="special:exp_of_product special:exp_of_factors math", fixed=3,
             parameters=FACTORS, domain=POSITIVE, hazards=(0.01, 300.0),
             partials=exponents.exp_product_partials, scalar="_exp_of_factors({p0}, {p1}, {p2}, {all})",
             source="exp(u + e) = exp(u) + exp(u) e with what rounding the product u loses"),
    Function("exp_shifted_product", "_exp_of_shifted_product({p0}, {p1}, {p2}, {p3}, {p4}, {0}, {1})", exponents.ExpShiftedProduct, arity=2,
             cost=40, needs="special:exp_of_shifted_product special:exp_of_shifted_factors math", fixed=5,
             domain=POSITIVE, hazards=(0.01, 300.0),
             parameters=SHIFTED_FACTORS,
             partials=exponents.exp_shifted_product_partials, scalar="_exp_of_shifted_factors({p0}, {p1}, {p2}, {p3}, {p4}, {all})",
             source="the same with sums of two for factors, and a number added"),
    # products with an exponential that leaves the range of doubles by itself
    _times("exp", "exp", ()),
    _times("exp_product", "exp_of_product", FACTORS),
    _times("exp_shifted_product", "exp_of_shifted_product", SHIFTED_FACTORS),
    Function("times_steep", "_times_steep({p0}, {0}, {1}, {2})", words=lambda k, x, p, size: x * p, arity=3, cost=4, fixed=1,
             parameters=(sp.Integer(-1),), domain=POSITIVE, differentiable=False, needs="special:times_steep",
             scalar=f"{{0}}*{{1}} if -{LARGEST} <= {{1}} <= {LARGEST} else float(_times_steep({{p0}}, {{all}}))",
             into="beside", source="x 2^k exp(u) where p is infinite"),
    Function("tangent_times", "_tangent_times({0}, {1})", words=lambda tangent, partial: tangent * partial, arity=2, cost=3, differentiable=False,
             needs="special:tangent_times", scalar="{0}*{1} if {0} or {1} - {1} == 0.0 else {0}", linear=True, into="beside",
             source="t p, 0 where t is 0"),
    # expansions
    Function("outside", "_outside({p0}, {p1}, {0})", expansions.Outside, cost=3, needs="special:outside special:outside_number", fixed=2,
             parameters=(sp.Integer(0), sp.Tuple(sp.Tuple(sp.Rational(-1, 2), sp.Rational(1, 2)))), scalar="_outside_number({p0}, {p1}, {0})",
             differentiable=False, source="where the formula itself is computed", finite=True),
    Function("expansion", "_expansion({p0}, {p1}, {0}, {1})", expansions.Expansion, arity=2, cost=30, fixed=2, differentiable=False,
             needs="special:expansion special:expansion_number", parameters=(sp.Integer(0), expansions.EXAMPLE),
             scalar="_expansion_number({p0}, {p1}, {0}, {1})", source="interpolation at Chebyshev nodes of the formula itself to many digits"),
    Function("group_expansion", "_group_expansion({p0}, {p1}, {0}, {1}, {2})", expansions.GroupExpansion, arity=3, cost=30, fixed=2,
             differentiable=False, needs="special:group_expansion special:group_expansion_number math",
             parameters=(sp.Integer(0), expansions.EXAMPLE), scalar="_group_expansion_number({p0}, {p1}, {all})",
             source="the same for inputs of which a product of powers counts"),
    *(Function(name, f"_{name}({{p0}}, {{p1}}, {{p2}}, {{0}}, {{1}})", head, arity=2, cost=30, fixed=3, differentiable=False,
               needs=f"special:{name} special:{name}_number math", parameters=(sp.Integer(0), expansions.EXAMPLE, expansions.DECAY),
               scalar=f"_{name}_number({{p0}}, {{p1}}, {{p2}}, {{0}}, {{1}})", source=source, into=into)
      for name, head, source, into in (
          ("scaled_expansion", expansions.ScaledExpansion, "the same of what an exponential is multiplied by", ""),
          ("range_expansion", expansions.RangeExpansion, "the same where the code for the formula itself overflows or underflows", "over"))),
    Function("double_double", "_double_double({p0}, {p1}, {0}, {1})", words=lambda intervals, formula, x, y: y, arity=2, cost=30, fixed=2,
             differentiable=False, needs="decimal special:double_double special:double_double_number", parameters=steps.EXAMPLE,
             scalar="_double_double_number({p0}, {p1}, {0}, {1})", source="the formula as it was declared, in double-double arithmetic after Dekker"),
    Function("double_double_where", "_double_double_where({p0}, {0}, {1}, {2})", words=lambda formula, where, y, *inputs: y, arity=3, cost=30,
             fixed=1, differentiable=False, needs="decimal special:double_double_where special:double_double_number_where",
             parameters=steps.EXAMPLE[1:], scalar="_double_double_number_where({p0}, {all})",
             source="the same of several inputs, where other rows tell"),
    # what rounding loses
    Function("sum_rest", "_sum_less({0}, {1}, {2}, {3}, {4}, {5})", exponents.SumRest, arity=6, cost=30, needs="special:sum_less special:rest_of_sum",
             domain=POSITIVE, scalar="_rest_of_sum({all})", source="error-free sums of two after Knuth, products after Dekker"),
    Function("product_rest", "_product_less({0}, {1}, {2}, {3}, {4})", exponents.ProductRest, arity=5, cost=20,
             needs="special:product_less special:rest_of_product", domain=POSITIVE, scalar="_rest_of_product({all})",
             source="error-free products after Dekker"),
    Function("exp_rest", "_exp_rest({0}, {1})", exponents.ExpRest, arity=2, cost=60, needs="special:exp_rest special:rest_of_exp_number math",
             domain=POSITIVE, scalar="_rest_of_exp_number({0}, {1})", source="a table of exponentials after Tang"),
    Function("log_rest", "_log_rest({0}, {1})", exponents.LogRest, arity=2, cost=45, needs="special:log_rest special:rest_of_log math",
             domain=POSITIVE, scalar="_rest_of_log({0}, {1})", source="a table of logarithms after Tang"),
    Function("mended", "_put_back({0}, {1})", exponents.Mended, arity=2, cost=3, needs="special:put_back", domain=POSITIVE,
             scalar="{0} + {1} if {1} - {1} == 0.0 else {0}", one="{0} + {1} if np.isfinite({1}) else {0}", into="beside"),
    own("xlogx_gap", logarithms.XLogXGap, 30, arity=2, domain=POSITIVE, hazards=(1e-9, 300.0), magnifies="one",
        source="y log(x + y) + x log1p(y/x) where y < x"),
    own("xlogx", logarithms.XLogX, 12, domain=POSITIVE, hazards=(0.0, 1e-9), magnifies="one"),
    Function("xlog1py", "np.where({0} == 0, 0, {0}*np.log1p({1}))[()]", plain.XLog1pY, arity=2, cost=12, linear=True, magnifies="one",
             scalar="0.0 if {0} == 0.0 else {0}*math.log1p({1})", domain=POSITIVE, hazards=(0.0,),
             partials=lambda a, r, p: (cfunctions.log1p(a[1]), gate(a[0] / (1 + a[1]), sp.Or(sp.Ne(a[0], 0), sp.Ne(a[1], -1)))),
             source="x log(1 + y), 0 where x = 0"),
    own("xlogy", logarithms.XLogY, 12, arity=2, linear=True, domain=POSITIVE, hazards=(0.0,),
        scalar="0.0*{0} if {0} == 0.0 and {1} == {1} else {0}*math.log({1})", magnifies="one"),
    own("log_ratio", logarithms.LogRatio, 50, arity=3, domain=POSITIVE, source="log1p((x - y)/y) where x is close to y",
        scalar=LOG_RATIO),
    Function("xlogx_ratio", "_xlog_ratio({0}, {0}, {1}, {2})", logarithms.XLogXRatio, cost=50, arity=3, domain=POSITIVE, hazards=(0.0,),
             scalar=TIMES_LOG_RATIO.format("{0}", "{0}", "{1}", "{2}"), needs="special:xlog_ratio", source="x log(x/y), 0 where x is 0"),
    own("xlog_ratio", logarithms.XLogRatio, 50, arity=4, linear=True, domain=POSITIVE, source="x log(y/z), 0 where x is 0",
        scalar=TIMES_LOG_RATIO),
)
