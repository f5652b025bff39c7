"""What lies between a function and its first terms at 0: the project's own code."""

from __future__ import annotations

from symgrad.graph.function import Function
from symgrad.graph.heads import gaps
from symgrad.graph.table.common import OPEN_UNIT, ROUND_ZERO, own

_SMALL = (0.0, 1e-9, -1e-4)

ENTRIES: tuple[Function, ...] = (
    own("sin_gap", gaps.SinGap, 16, hazards=ROUND_ZERO, finite=True),
    own("tan_gap", gaps.TanGap, 16, domain=(-1.2, 1.2), hazards=_SMALL, magnifies="one"),
    own("sinh_gap", gaps.SinhGap, 16, hazards=ROUND_ZERO, magnifies="several"),
    own("tanh_gap", gaps.TanhGap, 16, hazards=ROUND_ZERO, finite=True),
    own("asin_gap", gaps.AsinGap, 16, domain=OPEN_UNIT, hazards=_SMALL, magnifies="one"),
    own("atan_gap", gaps.AtanGap, 16, hazards=ROUND_ZERO, finite=True),
    own("asinh_gap", gaps.AsinhGap, 16, hazards=ROUND_ZERO, finite=True),
    own("atanh_gap", gaps.AtanhGap, 16, domain=OPEN_UNIT, hazards=_SMALL, magnifies="one"),
    own("sinc_gap", gaps.SincGap, 16, hazards=ROUND_ZERO, finite=True),
    own("erlang", gaps.Erlang, 25, hazards=ROUND_ZERO, magnifies="one"),
    own("erlang_slope", gaps.ErlangSlope, 14, hazards=ROUND_ZERO, magnifies="one"),
    own("log1p_gap", gaps.Log1pGap, 25, domain=(-0.9, 3.0), hazards=(0.0, 1e-9, -1e-4, 1e6), magnifies="one"),
    own("sphere_gap", gaps.SphereGap, 25, hazards=ROUND_ZERO, finite=True, magnifies="one"),
)
