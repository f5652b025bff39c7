"""Rules for products over an index."""

from __future__ import annotations

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.logarithms import product_log
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule


def _log_of_product(graph: Graph, ref: Ref) -> Ref | None:
    """log(c prod a), c > 0: the sum of the logarithms where the factors have simple ones, else one row that keeps the exponents apart.

    A product of squares is taken by the magnitudes, since a square may underflow by itself.
    """
    inside = look.argument(graph, ref, "log")
    coefficient, inner = look.scaled(graph, inside) if inside is not None else (ONE, None)
    if inner is None or graph[inner].op != "prod" or not look.is_positive(coefficient):
        return None
    (a,) = graph.operands(inner)
    over = [label for label in a.labels if label not in inner.labels]
    root = look.argument(graph, a, "square")
    if root is not None:
        log = graph.reduce("logprod", look.make(graph, "abs", root), over)
        return graph.sum(sp.log(coefficient), [(sp.Integer(2), log)])
    logs = product_log(graph, a)
    log = graph.product(ONE, [graph.sum(*logs)], over) if logs is not None else graph.reduce("logprod", a, over)
    return look.shifted(graph, log, sp.log(coefficient))


def _product_of_exponentials(graph: Graph, ref: Ref) -> Ref | None:
    """prod w exp(a) is exp(sum a) prod w."""
    (inner,) = graph.operands(ref)
    over = [label for label in inner.labels if label not in ref.labels]
    coefficient, operands = look.factors(graph, inner) or (ONE, [inner])
    exponents = {k: single[1] for k, operand in enumerate(operands)
                 if (single := look.exponential(graph, operand)) is not None and single[0] == 1 and single[1] is not None}
    if not exponents:
        return None
    total = graph.sum(ZERO, [(ONE, a) for a in exponents.values()])
    rest = graph.product(coefficient, look.without(operands, *exponents))
    number = graph.constant_value(rest)
    if number is not None and look.is_positive(number):
        total, rest = look.shifted(graph, total, sp.log(number)), graph.constant(ONE)
    if not set(over) <= set(total.labels):
        return None
    exponential = look.make(graph, "exp", graph.product(ONE, [total], over))
    return graph.product(ONE, [exponential, graph.product_over(rest, over[0])])


RULES = (
    Rule("product of exponentials over an index", "prod", None, "exp(sum a) prod w from prod w exp(a)", "all a",
         "the factors vanish one by one where a logarithm takes them all", _product_of_exponentials),
    Rule("log of a product over an index", "log", None, "sum of the logarithms, logprod(a)", "prod a > 0",
         "a likelihood underflows long before its logarithm", _log_of_product),
)
