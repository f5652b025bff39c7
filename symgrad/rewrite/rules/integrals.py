"""Rules for integrals of exponentials and for Lambert's function, where they meet the exponential that they grow or vanish as."""

from __future__ import annotations

from functools import partial

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y
from symgrad.rewrite.rules.shapes import Apart, in_one_exponent


def _apart(graph: Graph, ref: Ref) -> Apart | None:
    """erfi(a), Ei(a) or E_n(a)."""
    row = graph[ref]
    if row.op != "map" or row.payload[0] not in ("erfi", "Ei", "expint"):
        return None
    (a,) = graph.operands(ref)
    if row.calls("erfi"):
        return Apart(2 / sp.sqrt(sp.pi), look.make(graph, "dawson", a), look.make(graph, "square", a))
    if row.calls("Ei"):
        return Apart(ONE, look.make(graph, "scaled_ei", a), a)
    return Apart(ONE, graph.map("scaled_expint", (a,), row.payload[1:]), look.negative(graph, a))


def _log(graph: Graph, ref: Ref) -> Ref | None:
    """log(c E_n(a)) is log(c f) - a, and so of Ei."""
    inside = look.argument(graph, ref, "log")
    coefficient, inner = look.scaled(graph, inside) if inside is not None else (ONE, ref)
    apart = _apart(graph, inner) if inside is not None else None
    if apart is None:
        return None
    rest = look.make(graph, "log", look.times(graph, coefficient * apart.number, apart.rest))
    return graph.sum(ZERO, [(ONE, rest), (ONE, apart.exponent)])


def _lambert(graph: Graph, ref: Ref) -> Ref | None:
    """W(w exp(u))."""
    (inside,) = graph.operands(ref)
    coefficient, operands = look.factors(graph, inside) or (ONE, [inside])
    exponents = dict(look.arguments(graph, operands, "exp"))
    if not exponents:
        return None
    w = graph.product(coefficient, look.without(operands, *exponents))
    return look.make(graph, "lambert_exp", w, graph.sum(ZERO, [(ONE, one) for one in exponents.values()]))


RULES = (
    Rule("integral beside its exponential", "product", sp.erfi(x) * sp.exp(-(x**2)) / y, "2/sqrt(pi) dawson(a) exp(b + a^2) from erfi(a) exp(b)",
         "all a", "erfi overflows at 27, Ei at 717, and E_n vanishes at 739", partial(in_one_exponent, _apart, 1), needs=heads("erfi Ei expint")),
    Rule("log of an integral", "log", sp.log(sp.expint(1, x)) - 1, "log(f) - a from log(E_n(a)), E_n(a) = f exp(-a); Ei, erfi", "a > 0",
         "as of the integral beside its exponential", _log, (1e-300, 1000.0)),
    Rule("Lambert's function of an exponential", "lambertw", sp.LambertW(y**2 * sp.exp(x)), "lambert_exp(w, u), Wright's function of u + log(w)",
         "where W is", "exp overflows at 710", _lambert, needs=heads("exp product")),
)
