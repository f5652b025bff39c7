"""Rules for angles between vectors and for distances on a sphere, whose cosines tell nothing beside 1."""

from __future__ import annotations

from collections import Counter

import sympy as sp

from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref
from symgrad.rewrite.rules import look
from symgrad.rewrite.rules.look import HALF, ONE, ZERO
from symgrad.rewrite.rules.rule import Rule, heads, x, y

STEP = sp.Rational(1, 1000)


def _by_cosine(graph: Graph, ref: Ref) -> Ref | None:
    """acos(sin p sin q + cos p cos q cos d): twice the arc of p, q and d/2."""
    parts = _two_terms(graph, look.argument(graph, ref, "acos"))
    for sines, cosines in (parts, parts[::-1]) if parts else ():
        latitudes, angles = _arguments(graph, sines, "sin", 2), _arguments(graph, cosines, "cos", 3)
        left = list((Counter(angles) - Counter(latitudes)).elements())
        if latitudes and len(left) == 1:
            p, q = latitudes
            return look.times(graph, sp.Integer(2), _arc(graph, p, q, look.times(graph, HALF, left[0])))
    return None


def _by_haversine(graph: Graph, ref: Ref) -> Ref | None:
    """asin(sqrt(sin((p - q)/2)^2 + cos p cos q sin(v)^2))."""
    parts = _two_terms(graph, look.argument(graph, look.argument(graph, ref, "asin"), "sqrt"))
    for square, product in (parts, parts[::-1]) if parts else ():
        u, (number, factors) = _half(graph, square), look.factors(graph, product) or (ZERO, [])
        v = next((v for one in factors if (v := _half(graph, one)) is not None), None)
        cosines = [a for one in factors if (a := look.argument(graph, one, "cos")) is not None]
        if u is None or v is None or number != 1 or len(factors) != 3 or len(cosines) != 2:
            continue
        p, q = cosines
        found = next((one for one in (q, look.negative(graph, q)) if _is_half_difference(graph, u, p, one)), None)
        if found is not None:
            return _arc(graph, p, found, v)
    return None


def _two_terms(graph: Graph, ref: Ref | None) -> list[Ref]:
    """The terms of a sum of two without numbers."""
    found = look.terms(graph, ref) if ref is not None else None
    return [term for _, term in found[1]] if found and found[0] == 0 and len(found[1]) == 2 and all(c == 1 for c, _ in found[1]) else []


def _arguments(graph: Graph, ref: Ref, name: str, count: int) -> list[Ref]:
    """The arguments of a product of so many values of one function; none of another row."""
    number, factors = look.factors(graph, ref) or (ZERO, [])
    found = [a for one in factors if (a := look.argument(graph, one, name)) is not None]
    return found if number == 1 and len(found) == len(factors) == count else []


def _half(graph: Graph, ref: Ref) -> Ref | None:
    """u where the row is sin(u)^2."""
    return look.argument(graph, look.argument(graph, ref, "square"), "sin")


def _is_half_difference(graph: Graph, u: Ref, p: Ref, q: Ref) -> bool:
    """Whether u is (p - q)/2 or (q - p)/2."""
    return any(graph.constant_value(look.flat_sum(graph, [(2 * sign, u), (-ONE, p), (ONE, q)])) == 0 for sign in (ONE, -ONE))


def _arc(graph: Graph, p: Ref, q: Ref, v: Ref) -> Ref:
    """Half the arc between places at latitudes p and q, and 2 v apart in longitude: atan2(sqrt(h), sqrt(1 - h)), both of which are sums of squares.

    1 - h = cos((p - q)/2)^2 cos(v)^2 + sin((p + q)/2)^2 sin(v)^2 (R. W. Sinnott, "Virtues of the haversine", Sky and Telescope 68 (1984)).
    """
    half, middle = (look.times(graph, HALF, graph.sum(ZERO, [(ONE, p), (sign, q)])) for sign in (-ONE, ONE))
    sine, cosine = (look.make(graph, "square", look.make(graph, name, v)) for name in ("sin", "cos"))
    beside = look.times(graph, ONE, look.make(graph, "cos", p), look.make(graph, "cos", q), sine)
    near = graph.sum(ZERO, [(ONE, look.make(graph, "square", look.make(graph, "sin", half))), (ONE, beside)])
    far = [look.times(graph, ONE, look.make(graph, "square", look.make(graph, name, one)), by)
           for name, one, by in (("cos", half, cosine), ("sin", middle, sine))]
    return look.make(graph, "atan2", look.make(graph, "sqrt", near), look.make(graph, "sqrt", graph.sum(ZERO, [(ONE, one) for one in far])))


def _between_vectors(graph: Graph, ref: Ref) -> Ref | None:
    """acos(sum x y/(|x| |y|)) = 2 atan2(|u - v|, |u + v|) with the unit vectors u and v (W. Kahan, "How futile are mindless assessments of
    roundoff in floating-point computation?", 2006)."""
    inside = look.argument(graph, ref, "acos")
    found = look.spread(graph, inside) if inside is not None else None
    if found is None or found[0] != 1 or len(found[1]) != 3 or found[2]:
        return None
    norms = [norm for one in found[1] if (norm := look.argument(graph, one, "reciprocal")) is not None and graph[norm].op == "norm"]
    products = [one for one in found[1] if graph[one].op == "product"]
    opened = look.spread(graph, products[0]) if len(norms) == 2 and len(products) == 1 else None
    if opened is None or opened[0] != 1 or len(opened[1]) != 2:
        return None
    for ours, theirs in (norms, norms[::-1]):
        units = [_unit(graph, one, norm, opened[2]) for one, norm in zip(opened[1], (ours, theirs), strict=True)]
        if None not in units:
            u, v = [one for one in units if one is not None]
            sides = [graph.reduce("norm", graph.sum(ZERO, [(ONE, u), (sign, v)]), opened[2]) for sign in (-ONE, ONE)]
            return look.times(graph, sp.Integer(2), look.make(graph, "atan2", *sides))
    return None


def _unit(graph: Graph, a: Ref, norm: Ref, over: list[Label]) -> Ref | None:
    """a over its norm, None where it is not of a."""
    return look.times(graph, ONE, a, look.make(graph, "reciprocal", norm)) if graph.reduce("norm", a, over) == norm else None


RULES = (
    Rule("arc by its cosine", "acos", sp.acos(sp.sin(x) * sp.sin(x + STEP) + sp.cos(x) * sp.cos(x + STEP) * sp.cos(y)),
         "2 atan2(sqrt(h), sqrt(1 - h))", "all p, q and d", "the cosine rounds to 1 where the arc is short", _by_cosine, (-1.5, 1.5),
         others=(0.75, -3.0, 1e-3)),
    Rule("arc by its haversine", "asin", sp.asin(sp.sqrt(sp.sin(x - y / 2) ** 2 + sp.cos(x) * sp.cos(x - y) * sp.sin(3 * x / 2) ** 2)),
         "atan2(sqrt(h), sqrt(1 - h))", "all p, q and v", "h rounds to 1, or passes it, near the antipode", _by_haversine, (1e-5, 1.5),
         others=(0.75, -0.5, 1e-3)),
    Rule("angle between vectors", "acos", None, "2 atan2(|u - v|, |u + v|) with u = x/|x| and v = y/|y|", "all x and y but 0",
         "the cosine rounds to 1, or passes it, where they are parallel", _between_vectors, needs=heads("product")),
)
