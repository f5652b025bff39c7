"""What vanishes at 1, or has a removable singularity there: the project's own code."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.function import Function
from symgrad.graph.heads import ones
from symgrad.graph.table.common import OPEN_UNIT, POSITIVE, own

_NEAR = (1.0, 1 + 1e-9, 1 - 1e-4, 1e-3, 300.0)

ENTRIES: tuple[Function, ...] = (
    own("log_secant", ones.LogSecant, 14, domain=POSITIVE, hazards=_NEAR),
    own("log_secant_slope", ones.LogSecantSlope, 25, domain=POSITIVE, hazards=_NEAR),
    own("log_secant_curve", ones.LogSecantCurve, 30, domain=POSITIVE, hazards=_NEAR),
    own("log_mean", ones.LogMean, 14, domain=POSITIVE, hazards=_NEAR),
    own("log_mean_slope", ones.LogMeanSlope, 25, domain=POSITIVE, hazards=_NEAR),
    own("log_mean_curve", ones.LogMeanCurve, 30, domain=POSITIVE, hazards=_NEAR),
    own("divergence", ones.RatioDivergence, 30, domain=POSITIVE, hazards=(0.0, *_NEAR), magnifies="one"),
    *(Function(name, f"_{name}({{0}}, {{p0}})", head, cost=cost, needs=f"special:{name}", fixed=1, parameters=(sp.Integer(3),), domain=domain,
               hazards=hazards, magnifies="one", partials=lambda a, r, p, head=head: (head(p[0], a[0]).slope(p[0], a[0])[1],))
      for name, head, cost, domain, hazards in (
          ("power_less_one", ones.PowerLessOne, 30, POSITIVE, _NEAR), ("power_gap", ones.PowerGap, 40, POSITIVE, _NEAR),
          ("biweight", ones.Biweight, 30, OPEN_UNIT, (0.0, 1e-9, -1e-4)))),
    Function("squares_gap", "_squares_gap({0}, {p0}, {p1})", ones.SquaresGap, cost=30, needs="special:squares_gap", fixed=2,
             parameters=(sp.Rational(-1, 2), sp.Integer(3)), domain=OPEN_UNIT, hazards=(0.0, 1e-9, -1e-4), magnifies="one",
             partials=lambda a, r, p: (ones.SquaresGap(p[0], p[1], a[0]).slope(p[0], p[1], a[0])[2],)),
)
