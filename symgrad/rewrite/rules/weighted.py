"""Rules for sums of exponentials with factors and masks: mixtures, weighted softmax, attention, risk sets.

With top = max a, the sum of w exp(a) is exp(top) times the sum of w exp(a - top), whose exponentials neither overflow nor all
vanish, and which has the sign of the first.  Any number would do for top, so it counts as one and has no slope.
Terms whose w is 0 do not count for top; theirs may then be the largest exponents, and are kept where exp is finite.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import determinants, look
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y

DEPTH = 4
"""Sums, products and choices that are looked through for exponentials, one inside the other."""


def _exponent(graph: Graph, ref: Ref) -> Ref | None:
    """a where the row is exp(a), by itself or as a power of an exponential, or a power of a determinant, which leaves the range as these do."""
    own = look.argument(graph, ref, "exp")
    if own is not None:
        return own
    for name, power in (("square", sp.Integer(2)), ("reciprocal", -ONE), ("sqrt", HALF)):
        inner = look.argument(graph, look.argument(graph, ref, name), "exp")
        if inner is not None:
            return look.times(graph, power, inner)
    return determinants.log_of_power(graph, ref)


TILTED = ("exp_normal_cdf", "exp_erfc")
"""exp(a) f(b) as one function, whose f is at most 2."""


def is_taken_out(graph: Graph, exponent: Ref, over: Sequence[Label] = ()) -> bool:
    """Whether a maximum along these labels has been subtracted from an exponent, or is what the exponent is made of."""
    return any(not set(top.labels) & set(over) for top in _tops(graph, exponent))


def _tops(graph: Graph, exponent: Ref) -> list[Ref]:
    """The maxima that have been subtracted from an exponent, or that it is made of."""
    kept = look.argument(graph, exponent, "exponent")
    exponent = exponent if kept is None else kept
    parts = look.terms(graph, exponent)
    terms = [term for _, term in parts[1]] if parts is not None else [look.scaled(graph, exponent)[1]]
    return [term for term in terms if look.argument(graph, term, "finite") is not None]


def _exponents(graph: Graph, ref: Ref, depth: int = DEPTH, over: Sequence[Label] = ()) -> list[Ref] | None:
    """What the exponents of a sum of exponentials with factors reach, 0 for a number; None for another row, or one whose maximum is out.

    `over` are labels that the row is summed over in turn.
    """
    value, row = graph.constant_value(ref), graph[ref]
    if value is not None:
        return [graph.constant(ZERO)] if value != 0 else []
    own = graph.operands(ref)[0] if row.calls(*TILTED) else _exponent(graph, ref)
    if own is not None:
        return None if is_taken_out(graph, own, over) else [own]
    if depth == 0:
        return None
    if row.op == "sum":
        constant, parts = look.terms(graph, ref) or (ZERO, [])
        return _joined(graph, [graph.constant(constant), *(term for _, term in parts)], depth, over)
    if row.op == "product":
        return _of_product(graph, ref, depth, over)
    return _of_choice(graph, ref, depth, over) if row.calls("select") else None


def _joined(graph: Graph, refs: list[Ref], depth: int, over: Sequence[Label]) -> list[Ref] | None:
    found = [_exponents(graph, ref, depth - 1, over) for ref in refs]
    return None if any(one is None for one in found) or not refs else list(dict.fromkeys(e for one in found for e in one or ()))


def _of_product(graph: Graph, ref: Ref, depth: int, outer: Sequence[Label]) -> list[Ref] | None:
    _, operands, over = _opened(graph, ref)
    every = [*outer, *over]
    place = _carrier(graph, operands, depth, every)
    if place is None:
        return None
    exponents = _gathered(graph, operands, depth, every)
    total = [graph.sum(ZERO, [(ONE, a) for _, a in exponents])] if exponents else _exponents(graph, operands[place], depth - 1, every)
    if total is None or any(is_taken_out(graph, a, every) for a in total):
        return None
    taken = [k for k, _ in exponents] or [place]
    weights = [operand for k, operand in enumerate(operands) if k not in taken and may_vanish(graph, operand)]
    return [graph.reduce("extremum", a, [label for label in over if label in a.labels], "max") for a in where_any(graph, weights, total)]


def _opened(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[Ref], list[Label]]:
    """A product's number, operands and labels that it sums over; operands that are products with exponentials are opened in turn."""
    coefficient, waiting, over = look.opened(graph, ref) or (ONE, [ref], [])
    found: list[Ref] = []
    while waiting:
        operand = waiting.pop(0)
        inner = look.factors(graph, operand) if _holds_exponential(graph, operand) else None
        if inner is None:
            found.append(operand)
        else:
            coefficient, waiting = coefficient * inner[0], [*inner[1], *waiting]
    return coefficient, found, over


def _holds_exponential(graph: Graph, ref: Ref, depth: int = DEPTH) -> bool:
    """Whether a row is a product with an exponential among its factors, or among theirs."""
    _, operands = look.factors(graph, ref) or (ONE, [])
    return any(_exponent(graph, one) is not None or (depth > 0 and _holds_exponential(graph, one, depth - 1)) for one in operands)


def _gathered(graph: Graph, operands: list[Ref], depth: int, over: Sequence[Label]) -> list[tuple[int, Ref]]:
    """The exponents of a product's exponentials by position, also of those that are sums of exponentials beside others: they overflow together."""
    own = [(k, a) for k, operand in enumerate(operands) if (a := _exponent(graph, operand)) is not None]
    sums = [k for k, operand in enumerate(operands) if _is_sum(graph, operand) and look.is_plainly_positive(graph, operand)
            and _exponents(graph, operand, depth - 1, over)]
    return own + ([(k, look.make(graph, "log", operands[k])) for k in sums] if len(own) + len(sums) > 1 else [])


def may_vanish(graph: Graph, ref: Ref) -> bool:
    row = graph[ref]
    return not (look.is_plainly_positive(graph, ref) or (row.op == "map" and row.payload[0] == "reciprocal"))


def where_any(graph: Graph, weights: list[Ref], exponents: list[Ref]) -> list[Ref]:
    """The exponents where the weights that have no labels of their own are not 0, -inf elsewhere."""
    never, zero = graph.constant(-sp.oo), graph.constant(ZERO)
    for weight in weights:
        counts = look.make(graph, "ne", weight, zero)
        exponents = [graph.select(counts, a, never) if set(weight.labels) <= set(a.labels) else a for a in exponents]
    return exponents


def _carrier(graph: Graph, operands: list[Ref], depth: int, over: Sequence[Label]) -> int | None:
    """The operand that holds the exponentials: an exponential itself, else a sum or a choice of some.  A product that reads has none."""
    if look.reads(graph, operands):
        return None
    first = next((k for k, operand in enumerate(operands) if _exponent(graph, operand) is not None), None)
    if first is not None:
        return first
    holds = (k for k, operand in enumerate(operands) if graph.constant_value(operand) is None and _exponents(graph, operand, depth - 1, over))
    return next(holds, None)


def _of_choice(graph: Graph, ref: Ref, depth: int, over: Sequence[Label]) -> list[Ref] | None:
    condition, yes, no = graph.operands(ref)
    never = graph.constant(-sp.oo)
    above, below = _exponents(graph, yes, depth - 1, over), _exponents(graph, no, depth - 1, over)
    if not above and not below:
        return None
    above, below = ([graph.constant(ZERO)] if found is None else found for found in (above, below))
    return [*(graph.select(condition, a, never) for a in above), *(graph.select(condition, never, a) for a in below)]


def _divided(graph: Graph, ref: Ref, shift: Ref, depth: int = DEPTH, over: Sequence[Label] = ()) -> Ref:
    """The row times exp(-shift), which goes into the exponents."""
    divided = partial(_divided, graph, shift=shift, depth=depth - 1, over=over)
    own = _exponent(graph, ref)
    if own is not None:
        return _shifted(graph, [own], shift)
    row = graph[ref]
    if row.calls(*TILTED):
        a, b = graph.operands(ref)
        return look.make(graph, row.payload[0], look.flat_sum(graph, [(ONE, a), (-ONE, shift)]), b)
    found = look.terms(graph, ref)
    if found is not None:
        rest = [(c, divided(term)) for c, term in found[1]]
        return graph.sum(ZERO, [*rest, (found[0], _unit(graph, shift))] if found[0] != 0 else rest)
    if row.op == "product":
        return _divided_product(graph, ref, shift, depth, over)
    if row.calls("select"):
        condition, yes, no = graph.operands(ref)
        return graph.select(condition, divided(yes), divided(no))
    value = graph.constant_value(ref)
    return ref if value == 0 else graph.product(ONE, [ref, _unit(graph, shift)])


def _divided_product(graph: Graph, ref: Ref, shift: Ref, depth: int, outer: Sequence[Label]) -> Ref:
    coefficient, operands, over = _opened(graph, ref)
    every = [*outer, *over]
    exponents = _gathered(graph, operands, depth, every)
    if exponents:
        moved = _shifted(graph, [a for _, a in exponents], shift)
        return graph.product(coefficient, [*look.without(operands, *(k for k, _ in exponents)), moved], over)
    place = _carrier(graph, operands, depth, every) or 0
    moved = _divided(graph, operands[place], shift, depth - 1, every)
    return graph.product(coefficient, [*look.without(operands, place), moved], over)


def _shifted(graph: Graph, exponents: list[Ref], shift: Ref) -> Ref:
    """exp(a - shift), kept finite where the shift leaves out terms of weight 0: what they are multiplied by is 0."""
    gap = look.flat_sum(graph, [*((ONE, a) for a in exponents), (-ONE, shift)])
    gap = look.make(graph, "exponent", gap) if _leaves_out(graph, shift) else gap
    return look.make(graph, "exp", gap)


def _leaves_out(graph: Graph, shift: Ref) -> bool:
    """Whether a number that is taken out is the largest exponent of some terms only."""
    stack = [look.scaled(graph, shift)[1].row]
    while stack:
        row = graph.rows[stack.pop()]
        if row.op in ("extremum", "sum") or row.calls("finite", "max"):
            stack.extend(row.args)
        elif row.calls("select") and graph.rows[row.args[0]].calls("ne"):
            return True
    return False


def _unit(graph: Graph, shift: Ref) -> Ref:
    return look.make(graph, "exp", look.negative(graph, shift))


def _is_sum(graph: Graph, ref: Ref) -> bool:
    """Whether a row adds something up: terms, or a product over labels; perhaps with a factor."""
    found = look.opened(graph, ref)
    if found is None:
        return graph[ref].op == "sum"
    return bool(found[2]) or any(graph[operand].op == "sum" or _is_reduced(graph, operand) for operand in found[1])


def _is_reduced(graph: Graph, ref: Ref) -> bool:
    row = graph[ref]
    return row.op == "product" and len(row.keep) < len(row.sizes)


ROOM = sp.Integer(100)
"""Exponentials of so much are left as they are beside a number: their products with weights are far from overflow."""


def _top(graph: Graph, ref: Ref | None, room: sp.Expr = ZERO) -> Ref | None:
    """The largest exponent of a sum of exponentials, as the number that is taken out of it; with room, what it is above that."""
    found = _exponents(graph, ref) if ref is not None and _is_sum(graph, ref) else None
    moving = [look.shifted(graph, a, -room) for a in found or [] if graph.constant_value(a) is None]
    if not found or not moving:
        return None
    every = [*moving, graph.constant(ZERO)] if len(moving) < len(found) else moving
    return look.make(graph, "finite", look.make(graph, "max", *every) if len(every) > 1 else every[0])


def _log(graph: Graph, ref: Ref) -> Ref | None:
    """log(sum w exp(a)) is top + log(sum w exp(a - top)); with a number c > 0 among the terms log1p keeps what lies near 1.

    Beside such a number nothing is taken out before it has to be: a small weight would be lost where 1 - exp(-top) is 1.
    """
    inside = look.argument(graph, ref, "log")
    constant, parts = (look.terms(graph, inside) if inside is not None else None) or (ZERO, [])
    top = _top(graph, inside, ROOM if look.is_positive(constant) else ZERO)
    if inside is None or top is None:
        return None
    if not look.is_positive(constant):
        return graph.sum(ZERO, [(ONE, top), (ONE, look.make(graph, "log", _divided(graph, inside, top)))])
    rest = _divided(graph, graph.sum(ZERO, [(c / constant, term) for c, term in parts]), top)
    gap = look.make(graph, "expm1", look.negative(graph, top))
    return graph.sum(sp.log(constant), [(ONE, top), (ONE, look.make(graph, "log1p", graph.sum(ZERO, [(ONE, gap), (ONE, rest)])))])


LARGE = sp.Integer(2) ** 1000
"""Quotients below this are computed as they are."""


class Shared(NamedTuple):
    """a/(a + b) is 1/(1 + b/a), and where b/a is not small exp(-top)/scaled."""

    is_small: Ref
    ratio: Ref
    top: Ref
    scaled: Ref


def parts_of_share(graph: Graph, ref: Ref | None) -> Shared | None:
    """What a share is made of where a or b holds an exponential."""
    row = graph[ref] if ref is not None else None
    if ref is None or row is None or not row.calls("share"):
        return None
    a, b = graph.operands(ref)
    exponent = look.argument(graph, a, "exp")
    per_a = look.make(graph, "reciprocal", a) if exponent is None else look.make(graph, "exp", look.negative(graph, exponent))
    ratio = graph.product(ONE, [b, per_a])
    exponents = _exponents(graph, ratio)
    if not exponents:
        return None
    is_small = look.make(graph, "lt", look.make(graph, "abs", ratio), graph.constant(LARGE))
    top = look.make(graph, "finite", look.make(graph, "max", *exponents, graph.constant(ZERO)))
    scaled = graph.sum(ZERO, [(ONE, look.make(graph, "exp", look.negative(graph, top))), (ONE, _divided(graph, ratio, top))])
    return Shared(is_small, ratio, top, scaled)


def _log_of_share(graph: Graph, ref: Ref) -> Ref | None:
    """log(a/(a + b)) is -log1p(b/a), or -top - log((1 + b/a) exp(-top)): neither share is lost as 0 where its logarithm is a number."""
    found = parts_of_share(graph, look.argument(graph, ref, "log"))
    if found is None:
        return None
    large = graph.sum(ZERO, [(ONE, found.top), (ONE, look.make(graph, "log", found.scaled))])
    return look.negative(graph, graph.select(found.is_small, look.make(graph, "log1p", found.ratio), large))


_POWERS = {"reciprocal": -ONE, "sqrt": HALF}


def _power(graph: Graph, ref: Ref) -> Ref | None:
    """(sum w exp(a))^p is exp(p top) (sum w exp(a - top))^p."""
    row = graph[ref]
    inside = graph.operands(ref)[0]
    top = _top(graph, inside)
    if top is None:
        return None
    name, *parameters = row.payload
    rest = graph.map(name, (_divided(graph, inside, top),), tuple(parameters))
    return graph.product(ONE, [look.make(graph, "exp", look.times(graph, _POWERS.get(name) or parameters[0], top)), rest])


def has_number_out(graph: Graph, exponent: Ref) -> bool:
    """Whether exp(exponent) is 1 over what was taken out of a sum: exp(-top), or exp(-logsumexp)."""
    row = graph[look.scaled(graph, exponent)[1]]
    return row.op == "logsumexp" or row.calls("finite")


def _times_sum(graph: Graph, ref: Ref) -> Ref | None:
    """exp(-top) times a sum of w exp(a), a choice or an exponential is the sum of w exp(a - top), inside a product."""
    coefficient, operands, over = _opened(graph, ref)
    if not any(has_number_out(graph, b) for _, b in look.arguments(graph, operands, "exp")):
        return None
    operands = _with_determinants(graph, operands)
    for k, b in look.arguments(graph, operands, "exp"):
        moved = dict(_moved(graph, operands, k, b)) if has_number_out(graph, b) else {}
        if moved:
            below = _terms_below(graph, operands)
            m = next((m for m, one in moved.items() if one in below), next(iter(moved)))
            return graph.product(coefficient, [*look.without(operands, k, m), moved[m]], over)
    return None


def _with_determinants(graph: Graph, operands: list[Ref]) -> list[Ref]:
    """Factors with the powers of determinants among them in the exponent of an exponential, where there is one from which nothing was taken out."""
    logs = {k: log for k, operand in enumerate(operands) if (log := determinants.log_of_power(graph, operand)) is not None}
    exponents = [(k, a) for k, a in look.arguments(graph, operands, "exp") if not is_taken_out(graph, a)]
    if not logs or not exponents:
        return operands
    (k, a), *_ = exponents
    whole = look.make(graph, "exp", graph.sum(ZERO, [(ONE, a), *((ONE, log) for log in logs.values())]))
    return [whole if m == k else operand for m, operand in enumerate(operands) if m not in logs]


def _moved(graph: Graph, operands: list[Ref], k: int, b: Ref) -> Iterator[tuple[int, Ref]]:
    """What the operands that hold exponentials are times exp(b), by their positions."""
    for m, operand in enumerate(operands):
        if m != k and graph.constant_value(operand) is None and (_exponents(graph, operand) or _lacks_labels(graph, operand, b)):
            yield m, _divided(graph, operand, look.negative(graph, b))


def _lacks_labels(graph: Graph, ref: Ref, b: Ref) -> bool:
    """Whether a row is an exponential from which a maximum was taken out that knows nothing of some label of b."""
    own = _exponent(graph, ref)
    return own is not None and set(b.labels) <= set(own.labels) and all(not set(b.labels) <= set(top.labels) for top in _tops(graph, own))


def _terms_below(graph: Graph, operands: list[Ref]) -> set[Ref]:
    """The terms of the sums by which a product is divided, and their factors: a term over its sum is a share."""
    sums = [look.terms(graph, inner) or (ZERO, []) for _, inner in look.arguments(graph, operands, "reciprocal")]
    terms = {term for _, parts in sums for _, term in parts}
    return terms | {factor for term in terms for factor in (look.factors(graph, term) or (ONE, []))[1]}


RULES = (
    Rule("log of weighted exponentials", "log", None, "top + log(sum w exp(a - top)), top = max a", "sum w exp(a) > 0",
         "the sum overflows at 710, and all of it vanishes below -745", _log, needs=heads("sum product")),
    Rule("log of a share of exponentials", "log", sp.log(sp.exp(x) / (sp.Abs(y) + sp.exp(x))),
         "-log1p(b/a), or -top - log((1 + b/a) exp(-top)), from log(a/(a + b))", "a/(a + b) > 0", "the share of exp(-750) is 0",
         _log_of_share, (-1e4, 700.0), needs=heads("share")),
    Rule("reciprocal of weighted exponentials", "reciprocal", 1 / (sp.Abs(y) * sp.exp(x) + sp.exp(2 * x)),
         "exp(-top)/sum w exp(a - top)", "sum w exp(a) != 0", "the sum overflows at 710: inf * 0 in its slope", _power, (-300.0, 300.0),
         needs=heads("sum product")),
    Rule("root of weighted exponentials", "sqrt", sp.sqrt(1 + sp.exp(x)), "exp(top/2) sqrt(sum w exp(a - top))", "sum w exp(a) >= 0",
         "the sum overflows at 710, its root at 1420", _power, (-1400.0, 1400.0), needs=heads("sum product")),
    Rule("power of weighted exponentials", "power", (1 + sp.exp(-x)) ** -HALF, "exp(p top) (sum w exp(a - top))^p", "where the power exists",
         "the sum overflows at 710", _power, (-1400.0, 1e4), needs=heads("sum product")),
    Rule("taken out of weighted exponentials", "product", None, "sum w exp(a - top) from exp(-top) sum w exp(a)", "all a",
         "inf * 0 where the sum overflows", _times_sum, needs=heads("exp")),
)
