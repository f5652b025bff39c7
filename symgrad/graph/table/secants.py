"""Differences of roots and of poles over or beside their argument, and quotients of squares: the project's own code."""

from __future__ import annotations

from symgrad.graph.function import Function
from symgrad.graph.heads import poles, secants
from symgrad.graph.table.common import OPEN_UNIT, POSITIVE, own

_NEAR = (-1.2, 1.2)
_SMALL = (0.0, 1e-9, -1e-4)

ENTRIES: tuple[Function, ...] = (
    Function("root_secant", "1/({1} + np.sqrt({0} + {1}*{1}))", secants.RootSecant, arity=2, cost=10, domain=POSITIVE, hazards=(1e-9, 300.0),
             source="(sqrt(x + c^2) - c)/x times its conjugate"),
    Function("hypot_secant", "1/({1} + np.hypot({0}, {1}))", secants.HypotSecant, arity=2, cost=14, domain=POSITIVE, hazards=(1e-9, 300.0)),
    own("half_tangent", secants.HalfTangent, 20, arity=2, domain=POSITIVE, hazards=(1e-9, 300.0)),
    Function("circle_secant", "1/(1 + np.sqrt((1 - {0})*(1 + {0})))", secants.CircleSecant, cost=12, domain=OPEN_UNIT,
             hazards=_SMALL, magnifies="one"),
    Function("half_sine", "{0}/(1 + np.sqrt((1 - {0})*(1 + {0})))", secants.HalfSine, cost=12, domain=OPEN_UNIT, hazards=_SMALL, magnifies="one"),
    Function("root_spread", "2*{0}/(np.sqrt(1 + {0}) + np.sqrt(1 - {0}))", secants.RootSpread, cost=15, domain=OPEN_UNIT,
             hazards=_SMALL, magnifies="one"),
    Function("root_spread_ratio", "2/(np.sqrt(1 + {0}) + np.sqrt(1 - {0}))", secants.RootSpreadRatio, cost=14, domain=OPEN_UNIT,
             hazards=_SMALL, magnifies="one"),
    Function("lorentz_excess", "{0}/(1 + np.sqrt((1 - {0})*(1 + {0})))*({0}/np.sqrt((1 - {0})*(1 + {0})))", secants.LorentzExcess, cost=24,
             domain=OPEN_UNIT, hazards=_SMALL, source="x^2/(s (1 + s)) with s = sqrt((1 - x)(1 + x))", magnifies="one"),
    own("dispersion", secants.Dispersion, 12, arity=2, domain=POSITIVE, hazards=(1e-9, 300.0)),
    own("dispersion_slope", secants.DispersionSlope, 20, arity=2, domain=POSITIVE, hazards=(1e-9, 300.0)),
    own("cot_gap", poles.CotGap, 16, domain=_NEAR, hazards=_SMALL, magnifies="one"),
    own("cot_gap_slope", poles.CotGapSlope, 20, domain=_NEAR, hazards=_SMALL, magnifies="one"),
    own("cot_gap_curve", poles.CotGapCurve, 25, domain=_NEAR, hazards=_SMALL, magnifies="one"),
    own("csc_gap", poles.CscGap, 16, domain=_NEAR, hazards=_SMALL, magnifies="one"),
    own("csc_gap_slope", poles.CscGapSlope, 20, domain=_NEAR, hazards=_SMALL, magnifies="one"),
    own("csc_gap_curve", poles.CscGapCurve, 25, domain=_NEAR, hazards=_SMALL, magnifies="one"),
)
