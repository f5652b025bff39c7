"""Rules for products over an index."""

from __future__ import annotations

from functools import partial

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.logarithms import product_log
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads
from symgrad.rewrite.rules.shapes import without_one


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


def _product_less_one(graph: Graph, ref: Ref) -> Ref | None:
    """prod (1 + u), less 1."""
    (a,) = graph.operands(ref) if graph[ref].op == "prod" else (None,)
    u = _beside_one(graph, a) if a is not None else None
    return graph.reduce("compounded", u, [label for label in a.labels if label not in ref.labels]) if a is not None and u is not None else None


def _beside_one(graph: Graph, a: Ref) -> Ref | None:
    """u where the row is 1 + u; of 1 - exp(b) and of a sigmoid, which have forms of their own, too."""
    constant, parts = look.terms(graph, a) or (ZERO, [])
    if constant == 1:
        return graph.sum(ZERO, parts)
    scale, inner = look.scaled(graph, a)
    b, sigmoid = look.argument(graph, inner, "expm1"), look.argument(graph, a, "logistic")
    if b is not None and scale == -ONE:
        return look.negative(graph, look.make(graph, "exp", b))
    return look.negative(graph, look.make(graph, "logistic", look.negative(graph, sigmoid))) if sigmoid is not None else None


RULES = (
    Rule("product less one", "sum", None, "c compounded(u) from c prod (1 + u) - c", "all u", "a product next to 1 has lost what is left",
         partial(without_one, _product_less_one), needs=heads("prod")),
    Rule("product of exponentials over an index", "prod", None, "exp(sum a) prod w from prod w exp(a)", "all a",
         "the factors vanish one by one where a logarithm takes them all", _product_of_exponentials),
    Rule("log of a product over an index", "log", None, "sum of the logarithms, logprod(a)", "prod a > 0",
         "a likelihood underflows long before its logarithm", _log_of_product),
)
