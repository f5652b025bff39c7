"""Textbook formulas into forms that are right far from the origin: a table of rules on rows, applied bottom up.

A rule looks at one row whose arguments are already rewritten and gives its replacement or None.  Rules are tried in the
listed order, most specific first; each replaces a row by rows further down the list log > reciprocal > exp, so the
rewriting ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.kinds import KINDS
from symgrad.graph.labels import Label
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row

ZERO, ONE = sp.S.Zero, sp.S.One
Match = Callable[[Graph, Ref], Ref | None]


@dataclass(frozen=True)
class Rule:
    """pattern -> replacement, valid under `domain`; `source` says why the replacement is the better form."""

    name: str
    pattern: str
    replacement: str
    domain: str
    source: str
    match: Match


# ---------------------------------------------------------------------- looking at rows

def _function(graph: Graph, ref: Ref, name: str) -> Ref | None:
    """The argument of `name(argument)`."""
    row = graph[ref]
    return graph.operands(ref)[0] if row.op == "map" and row.payload == (name,) else None


def _terms(graph: Graph, ref: Ref) -> tuple[sp.Expr, list[tuple[sp.Expr, Ref]]] | None:
    """A sum row as its constant and its (coefficient, term) pairs."""
    row = graph[ref]
    if row.op != "sum":
        return None
    coefficients, constant = row.payload
    return constant, list(zip(coefficients, graph.operands(ref), strict=True))


def _negative(graph: Graph, ref: Ref) -> Ref:
    return graph.sum(ZERO, [(-ONE, ref)])


def _apply(graph: Graph, name: str, *refs: Ref) -> Ref:
    return graph.map(name, refs)


def _one_plus_exp(graph: Graph, ref: Ref) -> Ref | None:
    """a where the row is 1 + exp(a)."""
    found = _terms(graph, ref)
    if found is None or found[0] != 1 or len(found[1]) != 1 or found[1][0][0] != 1:
        return None
    return _function(graph, found[1][0][1], "exp")


def _exponent(graph: Graph, coefficient: sp.Expr, operands: list[Ref]) -> Ref | None:
    """a + b + log(c) where the row is c exp(a) exp(b), c > 0."""
    exponents = [_function(graph, operand, "exp") for operand in operands]
    if None in exponents or not (coefficient.is_number and coefficient.is_positive):
        return None
    return graph.sum(sp.log(coefficient), [(ONE, exponent) for exponent in exponents])


def _sum_of_exps(graph: Graph, ref: Ref) -> tuple[Ref, list[Label]] | None:
    """(a, labels) where the row is the sum over labels of exp(a), or of products of exponentials."""
    row = graph[ref]
    if row.op != "product" or len(row.args) != 1 or len(row.keep) == len(row.sizes):
        return None
    (inner,), labels = graph.open(ref)
    over = [label for local, label in enumerate(labels) if local not in row.keep]
    coefficient, operands = row.payload, [inner]
    if graph[inner].op == "product" and len(graph[inner].keep) == len(graph[inner].sizes):
        coefficient, operands = coefficient * graph[inner].payload, graph.operands(inner)
    exponent = _exponent(graph, coefficient, operands)
    if exponent is None or not set(over) <= set(exponent.labels):
        return None
    return exponent, over


def _log_of_exps(graph: Graph, ref: Ref) -> Ref | None:
    """log of a sum of exponentials, as a row: over labels, or of a few terms with positive coefficients."""
    found = _sum_of_exps(graph, ref)
    if found is not None:
        return graph.reduce("logsumexp", found[0], found[1])
    inside = _terms(graph, ref)
    if inside is None:
        return None
    constant, terms = inside
    exponents = [_function(graph, term, "exp") or _log_row(graph, term) for _, term in terms]
    if None in exponents or not all(c.is_number and c.is_positive for c, _ in terms) or not (constant.is_number and constant >= 0):
        return None
    shifted = [graph.sum(sp.log(c), [(ONE, e)]) for (c, _), e in zip(terms, exponents, strict=True)]
    if constant != 0:
        shifted.append(graph.constant(sp.log(constant)))
    if len(shifted) < 2:
        return None
    result = shifted[0]
    for other in shifted[1:]:
        result = _apply(graph, "logaddexp", result, other)
    return result


def _log_row(graph: Graph, ref: Ref) -> Ref | None:
    found = _sum_of_exps(graph, ref)
    return graph.reduce("logsumexp", found[0], found[1]) if found is not None else None


# ---------------------------------------------------------------------- the rules

def _sigmoid(graph: Graph, ref: Ref) -> Ref | None:
    inside = _function(graph, ref, "reciprocal")
    exponent = _one_plus_exp(graph, inside) if inside is not None else None
    return _apply(graph, "logistic", _negative(graph, exponent)) if exponent is not None else None


def _reciprocal_of_exps(graph: Graph, ref: Ref) -> Ref | None:
    inside = _function(graph, ref, "reciprocal")
    log = _log_of_exps(graph, inside) if inside is not None else None
    return _apply(graph, "exp", _negative(graph, log)) if log is not None else None


def _softplus(graph: Graph, ref: Ref) -> Ref | None:
    inside = _function(graph, ref, "log")
    exponent = _one_plus_exp(graph, inside) if inside is not None else None
    return _apply(graph, "softplus", exponent) if exponent is not None else None


def _log_sigmoid(graph: Graph, ref: Ref) -> Ref | None:
    inside = _function(graph, ref, "log")
    argument = _function(graph, inside, "logistic") if inside is not None else None
    return _negative(graph, _apply(graph, "softplus", _negative(graph, argument))) if argument is not None else None


def _log_sum_exp(graph: Graph, ref: Ref) -> Ref | None:
    inside = _function(graph, ref, "log")
    return _log_of_exps(graph, inside) if inside is not None else None


def _log_of_exp(graph: Graph, ref: Ref) -> Ref | None:
    inside = _function(graph, ref, "log")
    return _function(graph, inside, "exp") if inside is not None else None


def _log_of_reading(graph: Graph, ref: Ref) -> Ref | None:
    """log(P[i, y[i]]) where P is an exponential: read the exponent instead."""
    inside = _function(graph, ref, "log")
    if inside is None or graph[inside].op != "product":
        return None
    row = graph[inside]
    operands, labels = graph.open(inside)
    dense = [operand for operand in operands if graph[operand].op != "onehot"]
    hots = [operand for operand in operands if graph[operand].op == "onehot"]
    over = [label for local, label in enumerate(labels) if local not in row.keep]
    reads = hots and all(len(graph[hot].args) == 1 and hot.labels[-1] in over for hot in hots) and len(over) == len(hots)
    if not reads or len(dense) != 1 or row.payload != 1:
        return None
    logarithm = _simple_log(graph, dense[0])
    return graph.product(ONE, [logarithm, *hots], over) if logarithm is not None else None


def _simple_log(graph: Graph, ref: Ref) -> Ref | None:
    """log of a row whose logarithm is cheaper or safer than the row itself."""
    exponent = _function(graph, ref, "exp")
    if exponent is not None:
        return exponent
    argument = _function(graph, ref, "logistic")
    return _negative(graph, _apply(graph, "softplus", _negative(graph, argument))) if argument is not None else None


def _one_minus_sigmoid(graph: Graph, ref: Ref) -> Ref | None:
    found = _terms(graph, ref)
    if found is None or found[0] != 1 or len(found[1]) != 1 or found[1][0][0] != -1:
        return None
    argument = _function(graph, found[1][0][1], "logistic")
    return _apply(graph, "logistic", _negative(graph, argument)) if argument is not None else None


def _exp_times(graph: Graph, ref: Ref) -> Ref | None:
    """exp(a) logistic(-a) = logistic(a);  exp(a) exp(b) = exp(a + b), both inside one product."""
    row = graph[ref]
    if row.op != "product" or len(row.args) < 2:
        return None
    operands, labels = graph.open(ref)
    over = [label for local, label in enumerate(labels) if local not in row.keep]
    for a, b, merged in _mergeable(graph, operands):
        rest = [operand for k, operand in enumerate(operands) if k not in (a, b)]
        return graph.product(row.payload, [*rest, merged], over)
    return None


def _mergeable(graph: Graph, operands: list[Ref]) -> Iterator[tuple[int, int, Ref]]:
    exponents = _arguments(graph, operands, "exp")
    for b, argument in _arguments(graph, operands, "logistic"):
        for a, exponent in exponents:
            if _negative(graph, exponent) == argument:
                yield a, b, _apply(graph, "logistic", exponent)
    for position, (a, first) in enumerate(exponents):
        for b, second in exponents[position + 1:]:
            if _has_logs(graph, first, second):
                yield a, b, _apply(graph, "exp", graph.sum(ZERO, [(ONE, first), (ONE, second)]))


def _arguments(graph: Graph, operands: list[Ref], name: str) -> list[tuple[int, Ref]]:
    """(position, argument) of the operands that are `name(argument)`."""
    found = [(k, _function(graph, operand, name)) for k, operand in enumerate(operands)]
    return [(k, argument) for k, argument in found if argument is not None]


def _has_logs(graph: Graph, *refs: Ref) -> bool:
    """Merging exponentials pays where one exponent is minus a log-sum-exp: the quotient of a softmax."""
    for ref in refs:
        row = graph[ref]
        inner = graph.operands(ref)[0] if row.op == "product" and len(row.args) == 1 else ref
        if graph[inner].op == "logsumexp" or graph[inner].payload == ("logaddexp",):
            return True
    return False


def _log_determinant(graph: Graph, ref: Ref) -> Ref | None:
    inside = _function(graph, ref, "log")
    if inside is None or graph[inside].op != "det":
        return None
    (matrix,) = graph.operands(inside)
    return graph.linear_algebra("logdet", matrix, [label for label in matrix.labels if label not in inside.labels])


RULES: tuple[Rule, ...] = (
    Rule("sigmoid", "1/(1 + exp(a))", "logistic(-a)", "all a", "exp overflows at 710", _sigmoid),
    Rule("one minus sigmoid", "1 - logistic(a)", "logistic(-a)", "all a", "1 - p cancels once p rounds to 1", _one_minus_sigmoid),
    Rule("log sigmoid", "log(logistic(a))", "-softplus(-a)", "all a", "logistic underflows to 0 below -745", _log_sigmoid),
    Rule("softplus", "log(1 + exp(a))", "softplus(a)", "all a", "exp overflows at 710", _softplus),
    Rule("log-sum-exp", "log(sum exp(a))", "logsumexp(a)", "all a", "the largest term is taken out first", _log_sum_exp),
    Rule("reciprocal of exponentials", "1/sum exp(a)", "exp(-logsumexp(a))", "all a", "the sum overflows at 710", _reciprocal_of_exps),
    Rule("quotient of exponentials", "exp(a) exp(-logsumexp(b)), exp(a) logistic(-a)", "exp(a - logsumexp(b)), logistic(a)", "all a, b",
         "inf * 0 where the first overflows", _exp_times),
    Rule("log of exp", "log(exp(a))", "a", "all real a", "exp overflows at 710 and underflows at -745", _log_of_exp),
    Rule("log of a read exponential", "log(exp(a)[y])", "a[y]", "all real a", "as log of exp", _log_of_reading),
    Rule("log determinant", "log(det(A))", "slogdet, nan where det(A) < 0", "all A", "a determinant overflows long before its logarithm", _log_determinant),
)


def stabilise(program: Program) -> Program:
    """The program with every rule applied, arguments before the rows that use them, until none fits."""

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        made = KINDS[row.op].remake(graph, row, refs, labels)
        return settle(graph, made)

    return rebuild(program, remake)


def settle(graph: Graph, ref: Ref) -> Ref:
    """Apply rules to one row until none fits."""
    while True:
        before = len(graph.rows)
        rule, found = next(((rule, found) for rule in RULES if (found := rule.match(graph, ref)) not in (None, ref)), (None, ref))
        if rule is None:
            return ref
        for row in {found.row, *range(before, len(graph.rows))}:
            graph.notes.setdefault(row, f"rule {rule.name}")
        ref = found
