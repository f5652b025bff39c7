"""One function, one slope at its kink: spellings of relu, |x|, leaky relu and ELU are brought to one form.

By the rules of sums, products and branches alone, max(0, x), x*Heaviside(x), (x + |x|)/2 and the two Piecewise forms of
relu would have the slopes 0, 1/2, 1/2, 0 and 1 at 0.  The pass runs on declared rows, before they are differentiated.
A form is only changed into one with the same values, nan included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import sympy as sp

from symgrad.graph.functions import HALF
from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.kinks import Kinks
from symgrad.graph.labels import Label
from symgrad.graph.lower import apply
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import REAL, Ref, Row
from symgrad.rewrite.linear import ONE, ZERO, Linear, divided, factors, less, linear, number, ratio, without
from symgrad.rewrite.ramps import Branches, Step, bent, branches, chosen, clipped, comparison, ramp, scaled, shared

NOTE = "rule slope at a kink"
KINKED = {"max", "min", "select", "heaviside", "abs", "sign", "sqrt"}


def settle_kinks(program: Program) -> Program:
    """The program with every known spelling of a kinked function in the form that has the chosen slope."""
    if program.graph.functions(program.roots()).isdisjoint(KINKED):
        return program

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        made = KINDS[row.op].remake(graph, row, refs, labels)
        inner = graph[made]
        match = _MATCHES.get(inner.payload[0] if inner.op == "map" else inner.op) if inner.kind == REAL else None
        found = match(graph, made, program.kinks) if match is not None else None
        if found is None or found == made:
            return made
        graph.notes.setdefault(found.row, NOTE)
        return found

    return rebuild(program, remake)


# ---------------------------------------------------------------------- branches

def _without_point(graph: Graph, ref: Ref) -> Ref | None:
    """A choice that gives one point alone the value that the other branch has there, too: that branch."""
    condition, at, elsewhere = graph.operands(ref)
    found = comparison(graph, condition)
    if found is None or found[0] != "eq" or graph[found[1]].kind != REAL or graph[found[2]].kind != REAL:
        return None
    gap = less(linear(graph, elsewhere), linear(graph, at))
    form = less(linear(graph, found[1]), linear(graph, found[2]))
    return elsewhere if ratio(gap, form) is not None else None


def _select(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    found = branches(graph, ref)
    if found is None:
        return _without_point(graph, ref)
    above, below = divided(graph, found.above, found.u), divided(graph, found.below, found.u)
    if above is not None and below is not None:
        return _two_slopes(graph, found, above, below, kinks)
    if above is not None and graph.constant_value(above) != 0 and _is_elu(graph, found.below, found.u, _slope(graph, above)[1]):
        return chosen(graph, found, kinks.elu == 1)
    return _meeting(graph, found, kinks)


def _two_slopes(graph: Graph, found: Branches, above: Ref, below: Ref, kinks: Kinks) -> Ref | None:
    (right, ours), (left, theirs) = _slope(graph, above), _slope(graph, below)
    if right != 0 and left != 0 and Counter(ours) != Counter(theirs):
        # where one slope has a factor that is no number, and the other has not, the former is the leak
        more, fewer = Counter(ours) - Counter(theirs), Counter(theirs) - Counter(ours)
        return chosen(graph, found, (not more) == (kinks.leaky == "full")) if not more or not fewer else None
    if right == -left:
        return graph.product(right, [*ours, graph.map("abs", (found.u,))])
    if ZERO in (right, left):
        return _half_zero(graph, found, left == 0, kinks)
    return bent(graph, found, right, left, kinks)


def _slope(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref]]:
    """A slope as its number and its other factors."""
    value = number(graph, ref)
    return (value, []) if value is not None else factors(graph, ref)


def _half_zero(graph: Graph, found: Branches, below: bool, kinks: Kinks) -> Ref:
    """relu and its mirror images: one branch is 0, the one below or the one above."""
    return shared(graph, found) if kinks.constant_tie == "share" else chosen(graph, found, below == (kinks.constant_tie == "variable"))


def _meeting(graph: Graph, found: Branches, kinks: Kinks) -> Ref | None:
    """Two branches that meet where u = 0, as the larger or the smaller of them would: a number takes all of the tie, others share it."""
    form = linear(graph, found.u)
    above, below = (_beside(graph, ref, form, side) for ref, side in ((found.above, ONE), (found.below, -ONE)))
    if above is None or below is None or ratio(less(above, below), form) is None:
        return None
    if above[0] and below[0]:
        first = (found.above.row < found.below.row) == (kinks.max_tie == "first")
        return shared(graph, found) if kinks.max_tie == "share" else chosen(graph, found, first)
    return _half_zero(graph, found, bool(above[0]), kinks)


def _beside(graph: Graph, ref: Ref, form: Linear, side: sp.Expr) -> Linear | None:
    """A branch as it is next to u = 0: of a choice by another threshold of u the branch that holds there."""
    while graph[ref].calls("select"):
        found = branches(graph, ref)
        if found is None:
            return None
        other = linear(graph, found.u)
        scale = ratio((other[0], ZERO), (form[0], ZERO))
        place = other[1] - scale * form[1] if scale is not None else ZERO
        if not place.is_number or place == 0:
            return None
        ref = found.above if place > 0 else found.below
    return linear(graph, ref)


def _is_elu(graph: Graph, ref: Ref, u: Ref, others: Sequence[Ref] = ()) -> bool:
    """alpha (exp(c u) - 1), with a number or a row for alpha, also as alpha exp(u) - alpha; alpha holds the other factors."""
    _, parts = factors(graph, ref)
    return all(one in parts for one in others) and any(_is_exp_minus_one(graph, factor, u) for factor in parts)


def _is_exp_minus_one(graph: Graph, ref: Ref, u: Ref) -> bool:
    row = graph[ref]
    if row.calls("expm1"):
        return divided(graph, graph.operands(ref)[0], u) is not None
    if row.op != "sum":
        return False
    terms, constant = linear(graph, ref)
    scales = [graph.constant(-constant)] if constant != 0 else [graph.product(-c, [term]) for term, c in terms.items() if len(terms) == 2]
    return any(_is_scaled_exp(graph, scaled(graph, c, term), scale, u) for term, c in terms.items() for scale in scales)


def _is_scaled_exp(graph: Graph, ref: Ref, scale: Ref, u: Ref) -> bool:
    """scale exp(c u)."""
    coefficient, parts = factors(graph, ref)
    exps = [one for one in parts if graph[one].calls("exp") and divided(graph, graph.operands(one)[0], u) is not None]
    rest = [one for one in parts if one not in exps]
    return len(exps) == 1 and graph.product(coefficient, rest) == scale


# ---------------------------------------------------------------------- max, Heaviside, |x|

def _extremum(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    """max(p u, q u): where u > 0 the larger slope, else the smaller one."""
    args = graph.operands(ref)
    if len(args) != 2 or any(graph.constant_value(arg) is not None for arg in args):
        return None
    u, other = args
    slope = divided(graph, other, u)
    if slope is None:
        u, other = other, u
        slope = divided(graph, other, u)
    if slope is None:
        return None
    is_max, value = graph[ref].payload[0] == "max", number(graph, slope)
    if value is not None:
        return ramp(graph, Step(u, *((sp.Max(ONE, value), sp.Min(ONE, value)) if is_max else (sp.Min(ONE, value), sp.Max(ONE, value)))), [], kinks)
    largest, smallest = (graph.map(name, (graph.constant(ONE), slope)) for name in ("max", "min"))
    right, left = (largest, smallest) if is_max else (smallest, largest)
    found = Branches(u, graph.product(ONE, [right, u]), graph.product(ONE, [left, u]), u, graph.constant(ZERO))
    return chosen(graph, found, is_max == (kinks.leaky == "full"))


def _root_of_square(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    """sqrt(u^2) is |u|."""
    (inner,) = graph.operands(ref)
    return graph.map("abs", (graph.operands(inner)[0],)) if graph[inner].calls("square") else None


def _heaviside(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    u, at_zero = graph.operands(ref)
    if graph.constant_value(at_zero) != HALF or kinks.heaviside == 0.5:
        return None
    return graph.map("heaviside", (u, graph.constant(sp.Integer(int(kinks.heaviside)))))


def _product(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    """u Heaviside(u) = u [u > 0] = max(u, 0), u sign(u) = |u|, u (p + q sign(u)), inside a product of any length."""
    operands, labels = graph.open(ref)
    row = graph[ref]
    over = [label for local, label in enumerate(labels) if local not in row.keep]
    for k, operand in enumerate(operands):
        step = _step(graph, operand)
        coefficient, rest = factors(graph, graph.product(ONE, operands[:k] + operands[k + 1:])) if step is not None else (ONE, [])
        left = without(graph, rest, step.u) if step is not None else None
        if step is not None and left is not None:
            made = ramp(graph, step, [] if over else left[1], kinks)
            return graph.product(row.payload * coefficient * left[0], [*left[1], made] if over else [made], over)
    return None


def _step(graph: Graph, ref: Ref) -> Step | None:
    """Heaviside(u), sign(u), [u > 0] as a number, a choice of numbers by the sign of u, and multiples of these with a number added."""
    row = graph[ref]
    name = row.payload[0] if row.op == "map" else row.op
    if name == "real":
        return _step(graph, graph.operands(ref)[0])
    if name in ("heaviside", "sign"):
        return Step(graph.operands(ref)[0], ONE, ZERO if name == "heaviside" else -ONE)
    if name == "sum" and len(row.args) == 1:
        terms, constant = linear(graph, ref)
        (term, c), = terms.items()
        inner = _step(graph, term)
        return Step(inner.u, constant + c * inner.right, constant + c * inner.left) if inner is not None and constant.is_number else None
    found = branches(graph, ref) if name == "select" else None
    right, left = (number(graph, one) for one in (found.above, found.below)) if found is not None else (None, None)
    return Step(found.u, right, left) if found is not None and right is not None and left is not None else None


# ---------------------------------------------------------------------- sums

def _sum(graph: Graph, ref: Ref, kinks: Kinks) -> Ref | None:
    """a u + b |u| + c max(u, 0) + d min(u, 0) as one function of u, which may be a sum of terms itself; and ELU by max and min."""
    form = linear(graph, ref)
    ramps = {term: step for term in form[0] if (step := _ramp_step(graph, term)) is not None}
    for step in ramps.values():
        found = _one_ramp(graph, form, ramps, step.u, kinks) or _elu_of_parts(graph, form, step, kinks)
        if found is not None:
            return found
    return _two_clips(graph, form, kinks)


def _two_clips(graph: Graph, form: Linear, kinks: Kinks) -> Ref | None:
    """p max(u, 0) + q min(u, 0) with any factors p and q, as a choice between p u and q u."""
    clips = [clip for term, c in form[0].items() if (clip := _clip(graph, term, c)) is not None]
    for over, u, above, is_max in clips:
        for under, v, below, other in clips:
            scale = ratio(linear(graph, v), linear(graph, u))
            if not is_max or over == under or scale is None or (other if scale > 0 else not other):
                continue
            left = graph.product(scale, [below])
            pieces = Branches(u, graph.product(ONE, [above, u]), graph.product(ONE, [left, u]), u, graph.constant(ZERO))
            found = _two_slopes(graph, pieces, above, left, kinks)
            if found is not None:
                rest = [(c, term) for term, c in form[0].items() if term not in (over, under)]
                return graph.sum(form[1], [*rest, (ONE, found)])
    return None


def _clip(graph: Graph, term: Ref, coefficient: sp.Expr) -> tuple[Ref, Ref, Ref, bool] | None:
    """(term, u, p, whether it is a maximum) of a term p max(u, 0) or p min(u, 0) of a sum."""
    number_of, parts = factors(graph, term)
    for k, part in enumerate(parts):
        step = _ramp_step(graph, part)
        if step is not None and step.left != -step.right:
            return term, step.u, graph.product(coefficient * number_of, parts[:k] + parts[k + 1:]), step.left == 0
    return None


def _ramp_step(graph: Graph, ref: Ref) -> Step | None:
    """u with the slopes of |u|, max(u, 0) or min(u, 0)."""
    row = graph[ref]
    if row.calls("abs"):
        return Step(graph.operands(ref)[0], ONE, -ONE)
    if row.op != "map" or row.payload[0] not in ("max", "min") or len(row.args) != 2:
        return None
    sides = [side for side in graph.operands(ref) if graph.constant_value(side) != 0]
    return Step(sides[0], *((ONE, ZERO) if row.payload[0] == "max" else (ZERO, ONE))) if len(sides) == 1 else None


def _one_ramp(graph: Graph, form: Linear, ramps: dict[Ref, Step], u: Ref, kinks: Kinks) -> Ref | None:
    """All that a sum holds of one u as one ramp; None where there is one term of it only."""
    inside, right, left, same = linear(graph, u), ZERO, ZERO, []
    for term, step in ramps.items():
        scale = ratio(linear(graph, step.u), inside)
        if scale is not None:
            slopes = (step.right, step.left) if scale > 0 else (step.left, step.right)
            right, left = right + form[0][term] * scale * slopes[0], left + form[0][term] * scale * slopes[1]
            same.append(term)
    shared = {form[0].get(term, ZERO) / c for term, c in inside[0].items()}
    straight = shared.pop() if len(shared) == 1 else ZERO
    right, left = right + straight, left + straight
    if (straight == 0 and len(same) < 2) or not (right.is_number and left.is_number):
        return None
    rest = {term: c for term, c in less(form, inside, straight)[0].items() if term not in same}
    bent = u if right == left else ramp(graph, Step(u, right, left), [], kinks)
    return graph.sum(form[1] - straight * inside[1], [*((c, term) for term, c in rest.items()), (right if right == left else ONE, bent)])


def _elu_of_parts(graph: Graph, form: Linear, step: Step, kinks: Kinks) -> Ref | None:
    """c max(u, 0) + alpha (exp(c min(u, 0)) - 1), and c max(u, 0) + min(0, alpha (exp(c u) - 1)), as a choice between the two."""
    if (step.right, step.left) != (1, 0):
        return None
    u, top = step.u, clipped(graph, "max", step.u)
    for term, c in form[0].items():
        others = {one: d for one, d in form[0].items() if one not in (term, top)}
        below = _elu_part(graph, scaled(graph, c, term), u)
        constant = form[1]
        if below is None:
            below, constant = _elu_part(graph, graph.sum(constant, [(c, term)]), u), ZERO
        if below is not None and term != top:
            found = Branches(u, scaled(graph, form[0][top], u), below, u, graph.constant(ZERO))
            return graph.sum(constant, [*((d, one) for one, d in others.items()), (ONE, chosen(graph, found, kinks.elu == 1))])
    return None


def _elu_part(graph: Graph, ref: Ref, u: Ref) -> Ref | None:
    """alpha (exp(c u) - 1) from its forms that are 0 above u = 0."""
    if _is_elu(graph, ref, u):
        return None
    coefficient, parts = factors(graph, ref)
    for k, part in enumerate(parts):
        inner = _below(graph, part, u)
        if inner is not None and _is_elu(graph, inner, u):
            return graph.product(coefficient, [*parts[:k], inner, *parts[k + 1:]])
    return None


def _below(graph: Graph, ref: Ref, u: Ref) -> Ref | None:
    """min(0, a) as a, and exp(c min(u, 0)) - 1 as exp(c u) - 1."""
    row = graph[ref]
    if row.calls("min") and len(row.args) == 2 and any(graph.constant_value(side) == 0 for side in graph.operands(ref)):
        return next(side for side in graph.operands(ref) if graph.constant_value(side) != 0)
    if row.calls("expm1"):
        opened = _opened(graph, graph.operands(ref)[0], u)
        return apply(graph, "expm1", [opened]) if opened is not None else None
    if row.op != "sum":
        return None
    exps = {term: _opened(graph, graph.operands(term)[0], u) for term in graph.operands(ref) if graph[term].calls("exp")}
    moved = [(c, apply(graph, "exp", [opened]) if (opened := exps.get(term)) is not None else term) for term, c in linear(graph, ref)[0].items()]
    return graph.sum(row.payload[1], moved) if any(exps.values()) else None


def _opened(graph: Graph, ref: Ref, u: Ref) -> Ref | None:
    """c min(u, 0) as c u."""
    coefficient, parts = factors(graph, ref)
    low = clipped(graph, "min", u)
    return graph.product(coefficient, [u if part == low else part for part in parts]) if low in parts else None


_MATCHES: dict[str, Callable[[Graph, Ref, Kinks], Ref | None]] = {
    "select": _select, "max": _extremum, "min": _extremum, "heaviside": _heaviside, "product": _product, "sum": _sum, "sqrt": _root_of_square,
}
