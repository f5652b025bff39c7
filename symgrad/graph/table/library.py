"""Special functions of SciPy, which modules that use them import."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.function import Function, PartialRule
from symgrad.graph.heads import bessel, densities, integrals, tails
from symgrad.graph.table.common import POSITIVE, TWO_BY_ROOT_PI


def _moving(head: type[sp.Function]) -> PartialRule:
    """The slope of a head whose first argument is a number of the declaration."""
    return lambda a, r, p: tuple(head(p[0], *a).fdiff(k + 2) for k in range(len(a)))


ENTRIES: tuple[Function, ...] = (
    # special functions, which NumPy lacks
    Function("erfi", "special.erfi({0})", sp.erfi, needs="scipy"),
    Function("gamma", "special.gamma({0})", sp.gamma, needs="scipy", partials=lambda a, r, p: (r * sp.digamma(a[0]),), domain=POSITIVE,
             hazards=(-1.5,), twice="_twice_gamma({0})", magnifies="one"),
    Function("loggamma", "_off_zeros(special.gammaln({0}), {0})", sp.loggamma, needs="scipy special:off_zeros", domain=POSITIVE, hazards=(1.0, 2.0),
             twice="_twice_loggamma({0})"),
    Function("log_gamma", "_where_positive(_off_zeros(special.gammaln({0}), {0}), {0})",
             densities.LogGamma, needs="scipy special:off_zeros special:where_positive", domain=POSITIVE, hazards=(-0.5, -1.5, 1.0, 2.0),
             source="nan where Gamma(x) < 0"),
    Function("log_rising", "_log_rising(_off_zeros(special.gammaln({0} + {1}), {0} + {1}) - _off_zeros(special.gammaln({0}), {0}), {0}, {1})",
             densities.LogRising, arity=2, cost=40, needs="scipy special:off_zeros special:log_rising", domain=POSITIVE, hazards=(1e8,),
             source="a quotient of gamma functions of close arguments"),
    Function("digamma_gap", "_digamma_gap(special.digamma({0} + {1}) - special.digamma({0}), {0}, {1})", densities.DigammaGap, arity=2, cost=40,
             needs="scipy special:digamma_gap", domain=POSITIVE, hazards=(1e8,)),
    Function("trigamma_gap", "_trigamma_gap((special.polygamma(1, {0} + {1}) - special.polygamma(1, {0})).astype(dtype)[()], {0}, {1})",
             densities.TrigammaGap, arity=2, cost=40, needs="scipy special:trigamma_gap", domain=POSITIVE, hazards=(1e8,)),
    Function("digamma", "special.digamma({0})", None, needs="scipy", words=sp.digamma, partials=lambda a, r, p: (sp.polygamma(1, a[0]),),
             domain=POSITIVE, twice="_twice_digamma({0})", magnifies="one"),
    Function("polygamma", "special.polygamma({p0}, {0}).astype(dtype)[()]", sp.polygamma, needs="scipy", words=sp.polygamma,
             partials=lambda a, r, p: (sp.polygamma(p[0] + 1, a[0]),), domain=POSITIVE,
             parameters=(sp.Integer(1),), fixed=1),
    Function("lambertw", "special.lambertw({0}).real.astype(dtype)", sp.LambertW, needs="scipy",
             partials=lambda a, r, p: (1 / (a[0] + sp.exp(r)),), domain=POSITIVE),
    Function("lambert_exp", "_lambert_exp(special.lambertw({0}*np.exp({1})).real, special.wrightomega(np.log(np.abs({0})) + {1}), {0}, {1})",
             integrals.LambertExp, arity=2, needs="scipy special:lambert_exp", cost=100, domain=POSITIVE, source="exp(u) overflows"),
    Function("dawson", "_dawson(special.dawsn({0}), {0})", integrals.Dawson, needs="scipy special:dawson", source="erfi less its exponential"),
    Function("scaled_ei", "_scaled_ei(special.expi({0}), {0})", integrals.ScaledEi, needs="scipy special:scaled_ei", domain=POSITIVE,
             source="Ei without its exponential part"),
    Function("scaled_expint", "_scaled_expint(special.expn({p0}, {0}), {0}, {p0})", integrals.ScaledExpint, needs="scipy special:scaled_expint",
             domain=POSITIVE, parameters=(sp.Integer(2),), fixed=1, source="E_n without its exponential part",
             partials=_moving(integrals.ScaledExpint)),
    # special functions of SciPy, continued: inverse error functions, integrals, Bessel and Airy functions, factorials
    Function("erf2", "_erf({1}) - _erf({0})", sp.erf2, arity=2, needs="special:erf", cost=21,
             partials=lambda a, r, p: (-TWO_BY_ROOT_PI * tails.Gauss(a[0]), TWO_BY_ROOT_PI * tails.Gauss(a[1]))),
    Function("Ei", "special.expi({0})", sp.Ei, needs="scipy", domain=POSITIVE, hazards=(-1.5,)),
    Function("li", "special.expi(np.log({0}))", sp.li, needs="scipy", cost=20, domain=(1.2, 4.0), hazards=(0.5,)),
    Function("expint", "special.expn({p0}, {0}).astype(dtype)", sp.expint, needs="scipy", domain=POSITIVE, parameters=(sp.Integer(2),), fixed=1,
             partials=lambda a, r, p: (-sp.expint(p[0] - 1, a[0]),)),
    Function("Si", "special.sici({0})[0]", sp.Si, needs="scipy", partials=lambda a, r, p: (sp.sinc(a[0]),), hazards=(0.0,), finite=True),
    Function("Ci", "special.sici({0})[1]", sp.Ci, needs="scipy", domain=POSITIVE),
    Function("Shi", "special.shichi({0})[0]", sp.Shi, needs="scipy", domain=POSITIVE, hazards=(-1.5,)),
    Function("Chi", "special.shichi({0})[1]", sp.Chi, needs="scipy", domain=POSITIVE),
    Function("fresnels", "special.fresnel({0})[0]", sp.fresnels, needs="scipy", hazards=(0.0,)),
    Function("fresnelc", "special.fresnel({0})[1]", sp.fresnelc, needs="scipy", hazards=(0.0,)),
    Function("besselj", "special.jv({p0}, {0})", sp.besselj, needs="scipy", domain=POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             partials=lambda a, r, p: ((sp.besselj(p[0] - 1, a[0]) - sp.besselj(p[0] + 1, a[0])) / 2,)),
    Function("bessely", "special.yv({p0}, {0})", sp.bessely, needs="scipy", domain=POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             partials=lambda a, r, p: ((sp.bessely(p[0] - 1, a[0]) - sp.bessely(p[0] + 1, a[0])) / 2,)),
    Function("besseli", "special.iv({p0}, {0})", sp.besseli, needs="scipy", domain=POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             partials=lambda a, r, p: ((sp.besseli(p[0] - 1, a[0]) + sp.besseli(p[0] + 1, a[0])) / 2,)),
    Function("log_besseli", "_log_besseli(_ive(special, {p0}, {0}), {0}, {1}, {p0})", bessel.LogBesselI, arity=2,
             needs="scipy special:log_besseli special:ive", domain=POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             source="its exponential part meets what is taken from it", partials=_moving(bessel.LogBesselI)),
    Function("log_besselk", "np.log(_kve(special, {p0}, {0})) + ({1} - {0})", bessel.LogBesselK, arity=2, needs="scipy special:kve", domain=POSITIVE,
             parameters=(sp.Integer(1),), fixed=1, source="its exponential part meets what is added to it", partials=_moving(bessel.LogBesselK)),
    *(Function(f"bessel{kind}_scaled", f"_{kind}ve(special, {{p0}}, {{0}})*np.exp({power})", scaled, arity=2, needs=f"scipy special:{kind}ve",
               domain=POSITIVE, parameters=(sp.Integer(1),), fixed=1, source="an exponential is taken out", partials=_moving(scaled))
      for kind, scaled, power in (("i", bessel.BesselIScaled, "np.abs({0}) - {1}"), ("k", bessel.BesselKScaled, "{1} - {0}"))),
    *(Function(f"bessel{kind}_share", f"_{kind}ve(special, {{p0}}, {{0}})/_{kind}ve(special, 0, {{0}})", share, needs=f"scipy special:{kind}ve",
               domain=POSITIVE, parameters=(sp.Integer(1),), fixed=1, source="both without the exponential part they share", partials=_moving(share))
      for kind, share in (("i", bessel.BesselIShare), ("k", bessel.BesselKShare))),
    Function("cosine_less", "_cosine_less({0}, {1}, {2})", bessel.CosineLess, arity=3, cost=30, needs="special:cosine_less",
             source="by half of the angle: w cos(a) is rounded before |w|, which is about as large, is subtracted"),
    Function("besselk", "special.kv({p0}, {0})", sp.besselk, needs="scipy", domain=POSITIVE, parameters=(sp.Integer(1),), fixed=1,
             partials=lambda a, r, p: (-(sp.besselk(p[0] - 1, a[0]) + sp.besselk(p[0] + 1, a[0])) / 2,)),
    Function("airyai", "special.airy({0})[0]", sp.airyai, needs="scipy"),
    Function("airyaiprime", "special.airy({0})[1]", sp.airyaiprime, needs="scipy"),
    Function("airybi", "special.airy({0})[2]", sp.airybi, needs="scipy"),
    Function("airybiprime", "special.airy({0})[3]", sp.airybiprime, needs="scipy"),
    Function("elliptic_k", "special.ellipk({0})", sp.elliptic_k, needs="scipy", domain=(0.1, 0.9), hazards=(-1.5,)),
    Function("elliptic_e", "special.ellipe({0})", sp.elliptic_e, needs="scipy", domain=(0.1, 0.9), hazards=(-1.5,)),
    Function("lowergamma", "(special.gamma({p0})*special.gammainc({p0}, {0})).astype(dtype)", sp.lowergamma, needs="scipy", cost=21, domain=POSITIVE,
             parameters=(sp.Rational(1, 3),), fixed=1, partials=lambda a, r, p: (a[0] ** (p[0] - 1) * sp.exp(-a[0]),)),
    Function("uppergamma", "(special.gamma({p0})*special.gammaincc({p0}, {0})).astype(dtype)", sp.uppergamma, needs="scipy", cost=21,
             domain=POSITIVE, parameters=(sp.Rational(1, 3),), fixed=1, partials=lambda a, r, p: (-(a[0] ** (p[0] - 1)) * sp.exp(-a[0]),)),
    Function("beta", "_beta(special.beta({0}, {1}), special.gamma({0})/special.gamma({0} + {1})*special.gamma({1}), {0}, {1})", sp.beta, arity=2,
             needs="scipy math special:beta", cost=60, domain=POSITIVE, twice="_twice_gamma({0})*_twice_gamma({1})/_twice_gamma({0} + {1})",
             partials=lambda a, r, p: tuple(r * (sp.digamma(x) - sp.digamma(a[0] + a[1])) for x in a)),
    Function("factorial", "special.gamma({0} + 1)", sp.factorial, needs="scipy", cost=11, domain=POSITIVE, hazards=(0.0,),
             twice="_twice_gamma({0} + 1.0)",
             partials=lambda a, r, p: (r * sp.digamma(a[0] + 1),)),
    Function("binomial", "_binomial(special.binom({0}, {1}), {0}, {1})", sp.binomial, arity=2, needs="scipy math special:binomial", cost=60,
             domain=(1.2, 3.8), twice="_twice_gamma({0} + 1.0)/(_twice_gamma({1} + 1.0)*_twice_gamma({0} - {1} + 1.0))",
             partials=lambda a, r, p: (r * (sp.digamma(a[0] + 1) - sp.digamma(a[0] - a[1] + 1)),
                                       r * (sp.digamma(a[0] - a[1] + 1) - sp.digamma(a[1] + 1)))),
    Function("rising", "special.poch({0}, {1})", sp.RisingFactorial, arity=2, needs="scipy", domain=POSITIVE,
             partials=lambda a, r, p: (r * (sp.digamma(a[0] + a[1]) - sp.digamma(a[0])), r * sp.digamma(a[0] + a[1]))),
)
