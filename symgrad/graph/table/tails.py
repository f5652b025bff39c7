"""The error function, its inverses and the normal distribution: the project's own code."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.function import Function
from symgrad.graph.heads import intervals, tails
from symgrad.graph.table.common import OPEN_UNIT, POSITIVE, TAILS, TWO_BY_ROOT_PI, own

ENTRIES: tuple[Function, ...] = (
    # the error function, its inverses, the normal distribution
    own("gauss", tails.Gauss, 15, hazards=TAILS, finite=True, magnifies="several", twice="_twice_exp(-({0}*{0}))"),
    own("half_gauss", tails.HalfGauss, 15, hazards=TAILS, finite=True, magnifies="several", twice="_twice_exp(-0.5*({0}*{0}))"),
    own("exp_square", tails.ExpSquare, 15, hazards=(26.0, -26.0), magnifies="several"),
    own("erf", sp.erf, 40, partials=lambda a, r, p: (TWO_BY_ROOT_PI * tails.Gauss(a[0]),), hazards=TAILS, finite=True, twice="_twice_erf({0})"),
    own("erfc", sp.erfc, 40, partials=lambda a, r, p: (-TWO_BY_ROOT_PI * tails.Gauss(a[0]),), hazards=TAILS, finite=True, magnifies="several",
        twice="_twice_erfc({0})"),
    own("erfcx", tails.Erfcx, 30, hazards=(-9.0, 40.0, 1e9), magnifies="several"),
    own("erfcx_slope", tails.ErfcxSlope, 30, hazards=(-9.0, 40.0, 1e6), magnifies="several"),
    own("erfcx_curve", tails.ErfcxCurve, 30, hazards=(-9.0, 40.0), magnifies="one"),
    own("log_erfc", tails.LogErfc, 40, hazards=TAILS),
    own("erfc_hazard", tails.ErfcHazard, 40, hazards=TAILS, magnifies="several"),
    own("erfc_hazard_slope", tails.ErfcHazardSlope, 60, hazards=TAILS, magnifies="several"),
    own("erfc_hazard_curve", tails.ErfcHazardCurve, 60, hazards=(-9.0, 40.0), magnifies="one"),
    own("erfc_excess", tails.ErfcExcess, 60, hazards=TAILS),
    own("erfc_excess_slope", tails.ErfcExcessSlope, 60, hazards=TAILS),
    own("normal_cdf", tails.NormalCdf, 40, hazards=TAILS, finite=True, magnifies="several"),
    own("log_normal_cdf", tails.LogNormalCdf, 40, hazards=(-40.0, 9.0), magnifies="one"),
    own("normal_cdfx", tails.NormalCdfx, 40, hazards=(-40.0, 9.0), magnifies="several"),
    own("inverse_mills", tails.InverseMills, 40, hazards=(-40.0, 9.0), finite=True, magnifies="several"),
    own("inverse_mills_slope", tails.InverseMillsSlope, 60, hazards=(-40.0, 9.0), finite=True, magnifies="several"),
    own("mills_excess", tails.MillsExcess, 60, hazards=(-40.0, 9.0), finite=True),
    own("normal_loss", tails.NormalLoss, 100, hazards=(-30.0, 9.0), finite=True, magnifies="several"),
    own("normal_interval", intervals.NormalInterval, 120, arity=2, domain=POSITIVE, hazards=(1e-9, 9.0), magnifies="several"),
    own("log_normal_interval", intervals.LogNormalInterval, 140, arity=2, domain=POSITIVE, hazards=(1e-9, 9.0)),
    own("interval_density", intervals.IntervalDensity, 120, arity=2, domain=POSITIVE, hazards=(0.05, 4.0)),
    own("interval_slope", intervals.IntervalSlope, 140, arity=2, domain=POSITIVE, hazards=(0.5, 2.0)),
    own("probit", tails.Probit, 40, domain=(0.05, 0.95), hazards=(1e-300, 0.5), magnifies="one"),
    own("probit_slope", tails.ProbitSlope, 80, domain=(0.05, 0.95), hazards=(1e-100, 0.5), magnifies="one"),
    own("erfinv", sp.erfinv, 40, partials=lambda a, r, p: (tails.ErfinvSlope(a[0]),), domain=OPEN_UNIT, hazards=(1e-9,), magnifies="one"),
    own("erfinv_slope", tails.ErfinvSlope, 80, domain=OPEN_UNIT, hazards=(1e-9,), magnifies="one"),
    own("erfcinv", sp.erfcinv, 40, partials=lambda a, r, p: (tails.ErfcinvSlope(a[0]),), domain=(0.1, 1.9), magnifies="one"),
    own("erfcinv_slope", tails.ErfcinvSlope, 80, domain=(0.1, 1.9), magnifies="one"),
    own("exp_erfc", tails.ExpErfc, 90, arity=2, hazards=(9.0, 40.0), magnifies="several"),
    own("exp_normal_cdf", tails.ExpNormalCdf, 90, arity=2, hazards=(-9.0, -40.0), magnifies="several"),
)
