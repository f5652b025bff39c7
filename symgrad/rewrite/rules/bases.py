"""Rules for powers of numbers: the logistic function and its logarithm to a base, and powers less one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y


def _power(graph: Graph, ref: Ref) -> tuple[sp.Expr, Ref] | None:
    """(b, a) where the row is b^a with a number b > 0, b != 1."""
    row = graph[ref]
    base = graph.constant_value(graph.operands(ref)[0]) if row.calls("pow") else None
    return (base, graph.operands(ref)[1]) if base is not None and look.is_positive(base) and base != 1 else None


def _one_and_power(graph: Graph, ref: Ref | None) -> tuple[sp.Expr, sp.Expr, Ref] | None:
    """(c, b, a) where the row is c + c b^a, b > 1 and c > 0."""
    constant, parts = (look.terms(graph, ref) if ref is not None else None) or (ZERO, [])
    found = _power(graph, parts[0][1]) if len(parts) == 1 and parts[0][0] == constant and look.is_positive(constant) else None
    if found is None:
        return None
    base, a = found
    return (constant, base, a) if base > 1 else (constant, 1 / base, look.negative(graph, a))


def _log(graph: Graph, ref: Ref) -> Ref | None:
    found = _one_and_power(graph, look.argument(graph, ref, "log"))
    return look.shifted(graph, graph.map("power_softplus", (found[2],), (found[1],)), sp.log(found[0])) if found is not None else None


def _reciprocal(graph: Graph, ref: Ref) -> Ref | None:
    found = _one_and_power(graph, look.argument(graph, ref, "reciprocal"))
    if found is None:
        return None
    return look.times(graph, 1 / found[0], graph.map("power_logistic", (look.negative(graph, found[2]),), (found[1],)))


def _log_of_logistic(graph: Graph, ref: Ref) -> Ref | None:
    """log(c/(1 + b^-a)), c > 0, is log(c) - log(1 + b^-a)."""
    scale, inner = look.scaled(graph, inside) if (inside := look.argument(graph, ref, "log")) is not None else (ONE, ref)
    row = graph[inner]
    if inside is None or row.op != "map" or row.payload[0] != "power_logistic" or not look.is_positive(scale):
        return None
    (a,) = graph.operands(inner)
    return graph.sum(sp.log(scale), [(-ONE, graph.map("power_softplus", (look.negative(graph, a),), row.payload[1:]))])


def _complement(graph: Graph, ref: Ref) -> Ref | None:
    """c - c/(1 + b^-a) inside a sum is c/(1 + b^a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, (c, term) in enumerate(parts) if constant != 0 else ():
        row = graph[term]
        if c == -constant and row.op == "map" and row.payload[0] == "power_logistic":
            made = graph.map("power_logistic", (look.negative(graph, graph.operands(term)[0]),), row.payload[1:])
            return graph.sum(ZERO, [*look.without(parts, k), (constant, made)])
    return None


def _beside_one(graph: Graph, ref: Ref) -> tuple[Ref, Ref] | None:
    """(b - 1, a) where the row is b^a, which is (1 + (b - 1))^a."""
    found = _power(graph, ref)
    return (graph.constant(found[0] - 1), found[1]) if found is not None else None


def _less_one_over(graph: Graph, operand: Ref) -> tuple[sp.Expr, Ref, Ref] | None:
    """(c, x, y) where the row is c x^y - c, also as a power of a number less one."""
    row = graph[operand]
    if row.calls("compound_less_one"):
        rest, exponent = graph.operands(operand)
        number = graph.constant_value(rest)
        if number is None:
            return None
        is_low = look.is_number(number) and number < 0  # 3^-a rather than (1/3)^a, whose base is rounded
        return ONE, graph.constant(1 / (number + 1) if is_low else number + 1), look.negative(graph, exponent) if is_low else exponent
    constant, parts = look.terms(graph, operand) or (ZERO, [])
    if len(parts) != 1 or constant == 0 or parts[0][0] != -constant or not graph[parts[0][1]].calls("pow"):
        return None
    base, exponent = graph.operands(parts[0][1])
    return -constant, base, exponent


def _compounded(name: str, graph: Graph, operand: Ref) -> tuple[sp.Expr, Ref, Ref] | None:
    """(1, u, y) where the row is (1 + u)^y - 1, or (1 + exp(u))^y - 1, by the function of this name."""
    if not graph[operand].calls(name):
        return None
    u, exponent = graph.operands(operand)
    return ONE, u, exponent


def _over_exponent(name: str, find: Callable[[Graph, Ref], tuple[sp.Expr, Ref, Ref] | None], graph: Graph, ref: Ref) -> Ref | None:
    """(x^(k a) - 1)/a inside a product, with a number k, is k times the function of x and k a that has this name."""
    coefficient, operands, over = look.spread(graph, ref) or (ONE, [], [])
    below = look.arguments(graph, operands, "reciprocal")
    for k, operand in enumerate(operands) if below else ():
        c, base, exponent = find(graph, operand) or (ZERO, operand, operand)
        for m, b in below if c != 0 else ():
            ratio = shapes.multiple(graph, b, exponent)
            if ratio is not None:
                made = look.make(graph, name, base, exponent)
                return graph.product(coefficient * c / ratio, [*look.without(operands, k, m), made], over)
    return None


RULES = (
    Rule("softplus to a base", "log", sp.log(1 + 2**x), "log(b^a + 1) as one function", "b > 0, all a", "b^a overflows", _log),
    Rule("logistic to a base", "reciprocal", 1 / (1 + 10**-x), "1/(1 + b^-a) as one function", "b > 0, all a",
         "the slope is inf * 0 where b^-a overflows", _reciprocal),
    Rule("log of a logistic to a base", "log", sp.log(1 / (1 + 10**-x)), "-log(1 + b^-a)", "b > 0, all a",
         "the logistic function underflows and rounds to 1", _log_of_logistic),
    Rule("one minus a logistic to a base", "sum", 1 - 1 / (1 + 10**-x), "1/(1 + b^a)", "b > 0, all a", "the logistic function rounds to 1",
         _complement, needs=heads("power_logistic")),
    Rule("power of a number less one", "sum", 2**x - 1, "compound_less_one(b - 1, a)", "b > 0, all a", "b^a rounds to 1 near 0",
         partial(shapes.less_one, "compound_less_one", _beside_one), (-1e4, 1000.0), needs=heads("pow")),
    Rule("power less one over its exponent", "product", (y**x - 1) / x, "box_cox(b, a)", "b > 0, all a", "0/0 at 0, and the slope cancels near it",
         partial(_over_exponent, "box_cox", _less_one_over), (-300.0, 300.0), (2.0, 0.75, 5.0), needs=heads("sum compound_less_one")),
    Rule("power of one and a little, less one, over its exponent", "product", ((1 + y) ** x - 1) / x, "box_cox1p(u, a)", "u > -1, all a",
         "0/0 at 0, and the slope cancels near it", partial(_over_exponent, "box_cox1p", partial(_compounded, "compound_less_one")),
         (-300.0, 300.0), (2.0, 1e-9, -0.5), needs=heads("compound_less_one")),
    Rule("power of one and an exponential, less one, over its exponent", "product", ((1 + sp.exp(y)) ** x - 1) / x, "box_cox_exp(u, a)", "all u, a",
         "0/0 at 0, and the slope cancels near it", partial(_over_exponent, "box_cox_exp", partial(_compounded, "compound_exp_less_one")),
         (-300.0, 300.0), (2.0, -3.0, 40.0), needs=heads("compound_exp_less_one")),
)
