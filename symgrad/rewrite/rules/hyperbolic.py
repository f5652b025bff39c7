"""Rules for hyperbolic functions: found in exponentials, and their reciprocals and quotients."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look, shapes
from symgrad.rewrite.rules.look import HALF, ZERO
from symgrad.rewrite.rules.rule import Rule, h, heads, x

E, E_ = sp.exp(x), sp.exp(-x)


def _hyperbolic(graph: Graph, ref: Ref) -> Ref | None:
    """c exp(a) - c exp(-a) inside a sum is 2c sinh(a); with a plus, 2c cosh(a)."""
    found = look.terms(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    constant, parts = found
    singles = [(k, c * single[0], single[1]) for k, (c, term) in enumerate(parts)
               if (single := look.exponential(graph, term)) is not None and single[1] is not None]
    for position, (k, c, a) in enumerate(singles):
        for m, other, b in singles[position + 1:]:
            if abs(c) == abs(other) and look.are_opposite(graph, a, b):
                up = a if c == other or c > 0 else b
                function = look.make(graph, "cosh" if c == other else "sinh", up)
                return graph.sum(constant, [*look.without(parts, k, m), (2 * (c if c == other else abs(c)), function)])
    return None


def _pairs(graph: Graph, parts: list[look.Term], inside: str = "") -> Iterator[tuple[int, int, Ref, bool]]:
    """Terms of a sum with c cosh(a) and c sinh(b) or -c sinh(b), be it inside of a function, where b is a, or -a as the last says."""
    terms = [term for _, term in parts]
    kept = dict(look.arguments(graph, terms, inside) if inside else enumerate(terms))
    for k, m in product(kept, kept):
        a, b = look.argument(graph, kept[k], "cosh"), look.argument(graph, kept[m], "sinh")
        if a is not None and b is not None and abs(parts[k][0]) == abs(parts[m][0]) and (a == b or look.are_opposite(graph, a, b)):
            yield k, m, a, a != b


def _exponential(graph: Graph, ref: Ref) -> Ref | None:
    """c cosh(a) + c sinh(a) inside a sum is c exp(a); with a minus, c exp(-a)."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, m, a, is_turned in _pairs(graph, parts):
        c, d = parts[k][0], parts[m][0]
        made = look.make(graph, "exp", look.negative(graph, a) if (c == d) == is_turned else a)
        return graph.sum(constant, [*look.without(parts, k, m), (c, made)])
    return None


def _square_of_cosh(graph: Graph, ref: Ref) -> Ref | None:
    """c cosh(a)^2 - c sinh(a)^2 inside a sum is c, and c + c sinh(a)^2 is c cosh(a)^2."""
    constant, parts = look.terms(graph, ref) or (ZERO, [])
    for k, m, _, _ in _pairs(graph, parts, "square"):
        if parts[k][0] == -parts[m][0]:
            return graph.sum(constant + parts[k][0], look.without(parts, k, m))
    for k, inner in look.arguments(graph, [term for _, term in parts], "square"):
        a = look.argument(graph, inner, "sinh")
        if a is not None and parts[k][0] == constant:
            return graph.sum(ZERO, [*look.without(parts, k), (constant, look.make(graph, "square", look.make(graph, "cosh", a)))])
    return None


def _reciprocal_hyperbolic(graph: Graph, ref: Ref) -> Ref | None:
    """1/cosh(a) is sech(a), 1/sinh(a) is csch(a), 1/tanh(a) is coth(a): their slopes do not multiply 0 by infinity."""
    inside = look.argument(graph, ref, "reciprocal")
    name = _INVERSES.get(graph[inside].payload[0]) if inside is not None and graph[inside].op == "map" else None
    return look.make(graph, name, graph.operands(inside)[0]) if inside is not None and name not in (None, "bose_einstein") else None


_INVERSES = {"cosh": "sech", "sinh": "csch", "tanh": "coth", "expm1": "bose_einstein"}
"""1/f by the name of f."""


def _inverse_power(graph: Graph, ref: Ref) -> Ref | None:
    """(c f(a))^-n for a whole n > 1 is c^-n times the n-th power of the function that is 1/f."""
    power = graph[ref].payload[1]
    scale, inner = look.scaled(graph, graph.operands(ref)[0])
    name = _INVERSES.get(graph[inner].payload[0]) if graph[inner].op == "map" else None
    if name is None or not (power.is_Integer and power < -1 and look.is_number(scale)):
        return None
    made = look.make(graph, name, graph.operands(inner)[0])
    return look.times(graph, scale**power, *shapes.raised(graph, made, -power))


def _tanh_from_quotient(graph: Graph, ref: Ref) -> Ref | None:
    """sinh(a)/cosh(a) is tanh(a), and expm1(a) logistic(-a) is tanh(a/2), inside a product."""
    found = look.spread(graph, ref)
    if found is None or len(found[1]) < 2:
        return None
    coefficient, operands, over = found
    for k, m, merged in _tanhs(graph, operands):
        return graph.product(coefficient, [*look.without(operands, k, m), merged], over)
    return None


def _tanhs(graph: Graph, operands: list[Ref]) -> Iterator[tuple[int, int, Ref]]:
    for k, a in look.arguments(graph, operands, "sinh"):
        for m, b in look.arguments(graph, operands, "sech"):
            if a == b or look.are_opposite(graph, a, b):
                yield k, m, look.make(graph, "tanh", a)
    for k, a in look.arguments(graph, operands, "expm1"):
        for m, b in look.arguments(graph, operands, "logistic"):
            if look.are_opposite(graph, a, b):
                yield k, m, look.make(graph, "tanh", look.times(graph, HALF, a))


def _inverse(name: str, graph: Graph, ref: Ref) -> Ref | None:
    """arsinh(sinh(a)) and artanh(tanh(a)) are a, arcosh(cosh(a)) is |a|."""
    a = look.argument(graph, look.argument(graph, ref, f"a{name}"), name)
    return look.make(graph, "abs", a) if a is not None and name == "cosh" else a


RULES = (
    *(Rule(f"inverse of {name}", f"a{name}", inverse(h), replacement, "all a", source, partial(_inverse, name), where=((h, function(x)),))
      for name, function, inverse, replacement, source in (
          ("tanh", sp.tanh, sp.atanh, "a from artanh(tanh(a))", "tanh rounds to 1 beyond 19"),
          ("sinh", sp.sinh, sp.asinh, "a from arsinh(sinh(a))", "sinh overflows at 710"),
          ("cosh", sp.cosh, sp.acosh, "|a| from arcosh(cosh(a))", "cosh overflows at 710 and rounds to 1 near 0"))),
    Rule("reciprocal hyperbolic", "reciprocal", 1 / sp.cosh(x), "sech(a), csch(a), coth(a)", "all a", "the slope is 0 * inf where cosh overflows",
         _reciprocal_hyperbolic),
    Rule("inverse power of a hyperbolic function", "power", sp.cosh(x) ** -2, "sech(a)^n, csch(a)^n, coth(a)^n, bose_einstein(a)^n", "all a",
         "the slope is 0 * inf where the function overflows", _inverse_power),
    Rule("sinh and cosh", "sum", (E - E_) / 2, "2c sinh(a), 2c cosh(a)", "all a", "exp(a) - exp(-a) cancels near 0", _hyperbolic, (-700.0, 700.0),
         needs=heads("exp")),
    Rule("exponential of cosh and sinh", "sum", sp.cosh(x) + sp.sinh(x), "c exp(a), c exp(-a)", "all a", "cosh(a) - sinh(a) cancels where a is large",
         _exponential, (-700.0, 700.0), needs=heads("cosh sinh")),
    Rule("one plus squared sinh", "sum", 1 + sp.sinh(x) ** 2, "c cosh(a)^2 from c + c sinh(a)^2, c from c cosh(a)^2 - c sinh(a)^2", "all a",
         "the square overflows at 355, and squares cancel", _square_of_cosh, (-350.0, 350.0), needs=heads("sinh square")),
    Rule("tanh by exponentials", "product", (E - E_) / (E + E_), "tanh(a)", "all a", "inf/inf where exp overflows", _tanh_from_quotient,
         needs=heads("sinh expm1")),
)
