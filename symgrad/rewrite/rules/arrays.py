"""Rules for sums over an index: norms, variances, and products with an inverse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.exponentials import log_of_terms, log_parts
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, h, heads, x


def _sum_of_squares(graph: Graph, ref: Ref | None) -> tuple[Ref, list[Label]] | None:
    """(a, labels) where the row is the sum of a^2 over labels, all of which a has."""
    found = look.opened(graph, ref) if ref is not None else None
    if found is None or found[0] != 1 or not found[2]:
        return None
    first, *others = found[1]
    a = look.argument(graph, first, "square") if not others else first if others == [first] else None
    return (a, found[2]) if a is not None and set(found[2]) <= set(a.labels) else None


def _sum_of_even_powers(graph: Graph, ref: Ref) -> tuple[Ref, list[Label]] | None:
    """The same of exponentials and powers, whose squares have their exponents doubled."""
    coefficient, operands, over = look.opened(graph, ref) or (ZERO, [], [])
    row = graph[operands[0]] if coefficient == 1 and len(operands) == 1 and over else None
    if row is None or not row.calls("exp", "pow", "compound", "compound_exp", "power_by_log") or not set(over) <= set(operands[0].labels):
        return None
    *base, exponent = graph.operands(operands[0])
    return look.make(graph, row.payload[0], *base, look.times(graph, look.HALF, exponent)), over


def _norm(graph: Graph, ref: Ref) -> Ref | None:
    """sqrt(sum a^2): the largest element is taken out first."""
    found = _sum_of_squares(graph, look.argument(graph, ref, "sqrt"))
    return graph.reduce("norm", *found) if found is not None else None


def _power_of_norm(graph: Graph, ref: Ref) -> Ref | None:
    """(sum a^2)^(m/2), m a whole number, is norm(a)^m."""
    power = 2 * graph[ref].payload[1]
    found = _sum_of_squares(graph, graph.operands(ref)[0]) if power.is_Integer and power.is_odd else None
    if found is None:
        return None
    norm = graph.reduce("norm", *found)
    return look.make(graph, "reciprocal", norm) if power == -1 else graph.map("power", (norm,), (power,))


def _two_pass_variance(graph: Graph, ref: Ref) -> Ref | None:
    """c sum a^2 - (c/N) (sum a)^2 inside a sum, N elements, is c sum (a - mean)^2: the weights of the mean sum to one."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    for k, (c, first) in enumerate(parts):
        squares = _sum_of_squares(graph, first) or _sum_of_even_powers(graph, first)
        if squares is None:
            continue
        a, over = squares
        for m, (d, second) in enumerate(parts):
            if m == k:
                continue
            count = look.count(over)
            total = graph.product(ONE, [a], over)
            share = _square_of(graph, second, total)
            if share is None or sp.simplify(d * share * count + c) != 0:
                continue
            centred = look.difference(graph, a, graph.product(1 / count, [total]))
            spread = graph.product(ONE, [look.make(graph, "square", centred)], over)
            return graph.sum(constant, [*look.without(parts, k, m), (c, spread)])
    return None


def _variance_by_shares(graph: Graph, ref: Ref) -> Ref | None:
    """c sum p a^2 - c (sum p a)^2 inside a sum is c sum p (a - sum p a)^2, p a softmax or numbers over their sum."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, first) in enumerate(parts):
        for a, shares, over in _weighted_squares(graph, first):
            means = _sums(graph, [*shares, a], over)
            m = next((m for m, (d, second) in enumerate(parts) if d == -c and look.argument(graph, second, "square") in means), None)
            if m is not None and add_up_to_one(graph, shares, over):
                (mean,) = graph.operands(parts[m][1])
                square = look.make(graph, "square", look.difference(graph, a, mean))
                return graph.sum(constant, [*look.without(parts, k, m), (c, graph.product(ONE, [*shares, square], over))])
    return None


def _weighted_squares(graph: Graph, ref: Ref) -> Iterator[tuple[Ref, list[Ref], list[Label]]]:
    """(a, w, labels) where the row is the sum of w a^2 over labels that a has."""
    coefficient, operands, over = look.spread(graph, ref) or (ZERO, [], [])
    for k, a in look.arguments(graph, operands, "square") if coefficient == 1 and over else ():
        if set(over) <= set(a.labels) and len(operands) > 1:
            yield a, look.without(operands, k), over


def _sums(graph: Graph, factors: list[Ref], over: list[Label]) -> list[Ref]:
    """The sum of a product, made in one step or in two."""
    return [graph.product(ONE, factors, over), graph.product(ONE, [graph.product(ONE, factors)], over)]


def add_up_to_one(graph: Graph, factors: list[Ref], over: list[Label]) -> bool:
    """Whether a product is a softmax or numbers over their sum, which leaves 1 where it is summed."""
    opened = [look.factors(graph, factor) or (ONE, [factor]) for factor in factors]
    flat = [one for _, inner in opened for one in inner]
    if any(coefficient != 1 for coefficient, _ in opened):
        return False
    for k, below in look.arguments(graph, flat, "reciprocal"):
        if below in _sums(graph, look.without(flat, k), over):
            return True
    softmax = look.softmax(graph, flat[0]) if len(flat) == 1 else None
    return softmax is not None and set(softmax.over) == set(over)


def _square_of(graph: Graph, ref: Ref, total: Ref) -> sp.Expr | None:
    """c where the row is c total^2."""
    inside = look.argument(graph, ref, "square")
    if inside is None:
        return None
    coefficient, inner = look.scaled(graph, inside)
    return coefficient**2 if inner == total else None


def _shift_of_log_sum(graph: Graph, ref: Ref) -> Ref | None:
    """c b + c logsumexp(a - b) inside a sum is c logsumexp(a), whose own maximum is taken out: -inf - -inf where b is the maximum of nothing."""
    found = look.terms(graph, ref)
    if found is None:
        return None
    constant, parts = found
    for k, (c, log) in enumerate(parts):
        if graph[log].op != "logsumexp" and log_parts(graph, log) is None:
            continue
        for d, shift, m, rest in _shifts(graph, look.without(parts, k)):
            moved = _moved(graph, log, (-d / c, shift))
            if moved is not None:
                return graph.sum(constant, [*look.without(look.without(parts, k), m), *rest(), (c, moved)])
    return None


def _shifts(graph: Graph, parts: list[look.Term]) -> Iterator[tuple[sp.Expr, Ref, int, Callable[[], list[look.Term]]]]:
    """Each term of a sum and of the sums in it: coefficient, term, the part it stands in, and what is left of that part without it."""
    for m, (d, part) in enumerate(parts):
        yield d, part, m, list
        constant, inner = look.terms(graph, part) or (ZERO, [])
        for k, (f, term) in enumerate(inner):
            yield d * f, term, m, partial(_left, graph, d, constant, look.without(inner, k))


def _left(graph: Graph, coefficient: sp.Expr, constant: sp.Expr, terms: list[look.Term]) -> list[look.Term]:
    return [(coefficient, graph.sum(constant, terms))]


def _moved(graph: Graph, log: Ref, shift: look.Term) -> Ref | None:
    """The log-sum-exp without a term that all its exponents have in common."""
    if graph[log].op != "logsumexp":
        parts = [(c, _without_term(graph, a, shift)) for c, a in log_parts(graph, log) or ()]
        known: list[look.Exponential] = [(c, a) for c, a in parts if a is not None]
        return log_of_terms(graph, known) if len(known) == len(parts) else None
    (inner,) = graph.operands(log)
    over = [label for label in inner.labels if label not in log.labels]
    bare = _without_term(graph, inner, shift)
    return graph.reduce("logsumexp", bare, over) if bare is not None and set(over) <= set(bare.labels) else None


def _without_term(graph: Graph, ref: Ref | None, term: look.Term) -> Ref | None:
    found = look.terms(graph, ref) if ref is not None else None
    if found is None or term not in found[1]:
        return None
    return graph.sum(found[0], [one for one in found[1] if one != term])


def _complement_of_softmax(graph: Graph, ref: Ref) -> Ref | None:
    """c - c P[y] inside a sum, P = softmax(a), is c times the share of all others."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts):
        share = _share_of_others(graph, term) if constant != 0 and c == -constant else None
        if share is not None:
            return graph.sum(ZERO, [*look.without(parts, k), (constant, share)])
    return None


def _share_of_others(graph: Graph, ref: Ref) -> Ref | None:
    """exp(b - logsumexp(a)), b the log-sum-exp of all others, where the row is exp(a - logsumexp(a))[y]."""
    found = look.reading(graph, ref)
    softmax = look.softmax(graph, found.read) if found is not None and len(found.over) == 1 else None
    if found is None or softmax is None or softmax.over != found.over:
        return None
    is_other = look.make(graph, "eq", found.hots[0], graph.constant(ZERO))
    others = graph.reduce("logsumexp", graph.select(is_other, look.times(graph, *softmax.a), graph.constant(-sp.oo)), found.over)
    return look.make(graph, "exp", graph.sum(ZERO, [(ONE, others), (-ONE, softmax.log)]))


def _solve(graph: Graph, ref: Ref) -> Ref | None:
    """An inverse that is only multiplied, inverse(A) b summed over A's rows, is the solution of A y = b."""
    found = look.opened(graph, ref)
    if found is None or len(found[1]) < 2 or not found[2]:
        return None
    coefficient, operands, over = found
    for k, inverse in enumerate(operands):
        if graph[inverse].op != "inverse":
            continue
        for m, right in enumerate(operands):
            shared = [label for label in inverse.labels[-2:] if label in over and m != k and label in right.labels]
            if len(shared) == 1 and _only_there(operands, k, m, shared[0]) and _is_plain(graph, inverse, right, shared[0]):
                solved = graph.solve(graph.operands(inverse)[0], right, shared[0])
                rest = [*look.without(operands, k, m), solved]
                return graph.product(coefficient, rest, [label for label in over if label is not shared[0]])
    return None


def _only_there(operands: list[Ref], k: int, m: int, label: Label) -> bool:
    return not any(label in ref.labels for ref in look.without(operands, k, m))


def _is_plain(graph: Graph, inverse: Ref, right: Ref, shared: Label) -> bool:
    """No batch, a right side that carries the shared label and at most one other, and no one-hot."""
    other = next(label for label in inverse.labels[-2:] if label is not shared)
    return len(inverse.labels) == 2 and len(right.labels) <= 2 and other not in right.labels and graph[right].op != "onehot"


RULES = (
    Rule("complement of a softmax", "sum", None, "c exp(logsumexp of the others - logsumexp(a)) from c - c softmax(a)[y]", "all a",
         "1 - p cancels once p rounds to 1", _complement_of_softmax, needs=heads("product")),
    Rule("norm", "sqrt", None, "norm(a) from sqrt(sum a^2)", "all a", "squares overflow at 1e154 and underflow at 1e-162", _norm),
    Rule("power of a norm", "power", None, "norm(a)^m from (sum a^2)^(m/2)", "a != 0 where m < 0",
         "squares overflow at 1e154 and underflow at 1e-162", _power_of_norm, needs=heads("product")),
    Rule("variance", "sum", None, "sum (a - mean)^2/N from sum a^2/N - mean^2", "all a", "the two sums agree in their first digits",
         _two_pass_variance, needs=heads("square")),
    Rule("variance of a distribution", "sum", None, "sum p (a - mean)^2 from sum p a^2 - (sum p a)^2, p adding up to one", "all a",
         "the two sums agree in their first digits", _variance_by_shares, needs=heads("square")),
    Rule("shift of a log-sum-exp", "sum", h + sp.log(sp.exp(x - h) + sp.exp(-x - h)), "logsumexp(a) from b + logsumexp(a - b)", "all a, finite b",
         "its own maximum is taken out, and that of nothing is no -inf - -inf", _shift_of_log_sum, where=((h, x**2),)),
    Rule("solve", "product", None, "solve(A, b) from inverse(A) b", "A invertible", "an inverse loses more digits than a solution, and costs more",
         _solve, needs=heads("inverse")),
)
