"""Powers of one and a little, of one and exp(u), and what is left of powers without their 1: the project's own code."""

from __future__ import annotations

from symgrad.graph.function import Function
from symgrad.graph.heads import powers
from symgrad.graph.table.common import POSITIVE, own

ENTRIES: tuple[Function, ...] = (
    own("compound", powers.Compound, 40, arity=2, domain=POSITIVE, hazards=(1e-9,), magnifies="one"),
    own("compound_less_one", powers.CompoundLessOne, 50, arity=2, domain=POSITIVE, hazards=(1e-9,), magnifies="one"),
    own("annuity", powers.Annuity, 60, arity=2, domain=POSITIVE, hazards=(1e-9,)),
    own("annuity_slope", powers.AnnuitySlope, 90, arity=2, domain=POSITIVE, hazards=(1e-9,)),
    own("compound_over", powers.CompoundOver, 40, arity=2, domain=POSITIVE, hazards=(1e-9,)),
    *(own(name, head, cost, arity=2, domain=POSITIVE, hazards=(1e-9,), magnifies="one") for name, head, cost in (
        ("box_cox", powers.BoxCox, 50), ("box_cox_slope", powers.BoxCoxSlope, 70), ("box_cox_curve", powers.BoxCoxCurve, 90),
        ("box_cox1p", powers.BoxCox1p, 50), ("box_cox1p_slope", powers.BoxCox1pSlope, 70), ("box_cox1p_curve", powers.BoxCox1pCurve, 90))),
    *(own(name, head, cost, arity=2, hazards=(-1e-9, 40.0), magnifies="one", finite=finite) for name, head, cost, finite in (
        ("compound_exp", powers.CompoundExp, 60, True), ("compound_exp_less_one", powers.CompoundExpLessOne, 80, True),
        ("box_cox_exp", powers.BoxCoxExp, 90, False), ("box_cox_exp_slope", powers.BoxCoxExpSlope, 110, False),
        ("box_cox_exp_curve", powers.BoxCoxExpCurve, 130, False))),
    own("power_by_log", powers.PowerByLog, 30, arity=3, domain=POSITIVE, source="x^y with log(x) beside it, by which it is exp(y log(x)) far out"),
)
