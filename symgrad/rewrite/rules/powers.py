"""Rules for powers by an operand of what leaves the range of doubles long before the power does: sigmoids, tails, one and an exponential."""

from __future__ import annotations

from functools import partial

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.logarithms import simple_log
from symgrad.rewrite.rules.logistic import SIGMA
from symgrad.rewrite.rules.look import ONE
from symgrad.rewrite.rules.rule import Rule, h, heads, x, y


def _power_of_sigmoid(graph: Graph, ref: Ref) -> Ref | None:
    """logistic(a)^y, also of a with a ratio."""
    base, exponent = graph.operands(ref)
    ratio, a = look.rated(graph, base, "logistic") or (ONE, None)
    if a is None:
        return None
    return look.make(graph, "compound_exp", graph.sum(-sp.log(ratio), [(-ONE, a)]), look.negative(graph, exponent))


def _power_of_one_and_exponential(graph: Graph, ref: Ref) -> Ref | None:
    """(1 + c exp(a))^y, c > 0; powers by numbers are expanded far out."""
    inside, exponent = graph.operands(ref)
    c, a = look.exponential(graph, inside) or (ONE, None)
    if a is None or not look.is_positive(c) or graph.constant_value(exponent) is not None:
        return None
    return look.make(graph, "compound_exp", look.shifted(graph, a, sp.log(c)), exponent)


TAILS = ("normal_cdf", "erfc", "logistic_slope")
"""Functions that underflow where the logarithm of what they are is an ordinary number."""


def _power_of_tail(graph: Graph, ref: Ref) -> Ref | None:
    """(c f(a))^y, c > 0, of a function f > 0 that underflows."""
    base, exponent = graph.operands(ref)
    c, inner = look.scaled(graph, base)
    log = _log(graph, c, inner)
    return look.make(graph, "power_by_log", base, log, exponent) if log is not None else None


def _log(graph: Graph, c: sp.Expr, ref: Ref) -> Ref | None:
    """log(c f), f also being softplus, or c f 1 - exp(-exp(a))."""
    a, power = (look.argument(graph, ref, name) for name in ("softplus", "expm1"))
    if look.is_positive(c) and graph[ref].calls("softplus", *TAILS):
        log = look.make(graph, "log_softplus", a) if a is not None else simple_log(graph, ref)
        return look.shifted(graph, log, sp.log(c)) if log is not None else None
    below = look.argument(graph, look.negative(graph, power), "exp") if power is not None and c == -1 else None
    return look.make(graph, "log_cloglog", below) if below is not None else None


def _root_of_exponentials(graph: Graph, ref: Ref) -> Ref | None:
    """(c b exp(u) exp(v))^p is (c b)^p exp(p (u + v)), c > 0, for at least two exponentials, or one by itself."""
    inside, power = shapes.number_power(graph, ref)
    coefficient, operands = look.factors(graph, inside) or (ONE, [inside])
    exponents = look.arguments(graph, operands, "exp")
    left = look.without(operands, *(k for k, _ in exponents))
    if not look.is_positive(coefficient) or len(exponents) < (2 if left else 1):
        return None
    total = look.times(graph, power, look.flat_sum(graph, [(ONE, a) for _, a in exponents]))
    root = [graph.map(graph[ref].payload[0], (graph.product(ONE, left),), graph[ref].payload[1:])] if left else []
    return graph.product(coefficient**power, [*root, look.make(graph, "exp", total)])


def _exponents(graph: Graph, ref: Ref) -> list[Ref] | None:
    """a and y where the row is (1 + exp(a))^y."""
    return graph.operands(ref) if graph[ref].calls("compound_exp") else None


RULES = (
    Rule("power of a sigmoid by an operand", "pow", h**y, "compound_exp(-a, -y) from sigma(a)^y", "all a, y",
         "a sigmoid underflows at -745, its power by 1/10 does not, and the slope of that is nan there", _power_of_sigmoid,
         others=(0.25, -0.5, 3.0), where=((h, SIGMA),), needs=heads("logistic scaled_logistic")),
    Rule("power of a tail by an operand", "pow", h**y, "power_by_log(f, log(f), y) from f^y, f = softplus, Phi, erfc, …", "all a, y",
         "f underflows where its power by 1/10 does not, and the slope of that is nan there", _power_of_tail,
         others=(0.25, -0.5, 3.0), where=((h, sp.log(1 + sp.exp(x))),), needs=heads("softplus product") | frozenset(TAILS)),
    *(Rule(f"{words} of exponentials", root, formula, "(c b)^p exp(p (u + v)) from (c b exp(u) exp(v))^p", "c b >= 0",
           "the product overflows or vanishes far from where its root does", _root_of_exponentials, where=((h, sp.exp(x)),))
      for words, root, formula in (("root", "sqrt", sp.sqrt(3 * h)), ("power", "power", (3 * h) ** sp.Rational(2, 3)))),
    Rule("power of one and an exponential by an operand", "compound", (1 + sp.exp(x)) ** y, "compound_exp(a, y) from (1 + exp(a))^y", "all a, y",
         "exp overflows at 710, the power by 1/10 does not", _power_of_one_and_exponential, others=(0.25, -0.5, 3.0)),
    Rule("power of one and an exponential, less one", "sum", (1 + sp.exp(x)) ** y - 1, "compound_exp_less_one(a, y)", "all a, y",
         "the power rounds to 1 far left", partial(shapes.less_one, "compound_exp_less_one", _exponents),
         others=(0.25, -0.5, 3.0), needs=heads("compound_exp")),
)
