"""One scalar SymPy expression onto rows.

The walk is a loop over a stack.  What is not elementary (symbols, subscripts, sums over an index, matrices) is asked
of `leaf`, so that declaring, deriving and rewriting share this one way down.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy.logic.boolalg import BooleanAtom

from symgrad.errors import UnsupportedError, explain
from symgrad.graph import functions
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import BOOLEAN, INTEGER, REAL, Ref

Leaf = Callable[[sp.Basic], Ref | None]

_COMPOUND = (sp.ITE, sp.Xor, sp.Nand, sp.Nor, sp.Implies, sp.Equivalent)
"""Connectives that are written out by and, or and not."""


def lower(graph: Graph, expr: sp.Basic, leaf: Leaf, memo: dict[sp.Basic, Ref] | None = None) -> Ref:
    """Rows for a scalar expression.

    `leaf` gives the reference for a node it knows and None for one that is to be taken apart here.
    Raises UnsupportedError for a head that is neither arithmetic nor in the table of functions.
    """
    done = {} if memo is None else memo
    stack: list[tuple[sp.Basic, bool]] = [(expr, False)]
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        if ready:
            done[node] = _build(graph, node, [done[child] for child in _children(node)])
            continue
        known = leaf(node)
        if known is None and isinstance(node, _COMPOUND):
            known = lower(graph, node.to_nnf(simplify=False), leaf, done)
        if known is not None:
            done[node] = known
            continue
        stack.append((node, True))
        stack.extend((child, False) for child in _children(node))
    return done[expr]


def _children(node: sp.Basic) -> tuple[sp.Basic, ...]:
    """The operands of a node; the terms of a sum are opened so that their number stays with the sum."""
    if isinstance(node, sp.Add):
        return tuple(factor for term in node.args for factor in (term.args if isinstance(term, sp.Mul) else (term,)))
    if isinstance(node, sp.Piecewise):
        return tuple(part for pair in node.args for part in pair.args)
    if isinstance(node, sp.Pow) and node.exp.is_number and not node.base.is_number:
        return (node.base,)
    entry = functions.BY_HEAD.get(node.func)
    return node.args[entry.fixed if entry is not None else 0:]


def _build(graph: Graph, node: sp.Basic, refs: list[Ref]) -> Ref:
    if isinstance(node, sp.Basic) and not node.args:
        return _atom(graph, node)
    if isinstance(node, sp.Add):
        return _sum(graph, node, refs)
    if isinstance(node, sp.Mul):
        return graph.product(sp.S.One, _numbers(graph, refs))
    if isinstance(node, sp.Pow):
        return _power(graph, node, refs)
    if isinstance(node, sp.Piecewise):
        return _choice(graph, refs)
    return _function(graph, node, refs)


def _atom(graph: Graph, node: sp.Basic) -> Ref:
    if isinstance(node, BooleanAtom):
        return graph.constant(sp.Integer(int(bool(node))), BOOLEAN)
    if not getattr(node, "is_number", False):
        raise UnsupportedError(explain(f"{node} ({type(node).__name__}) cannot be compiled",
                                       "an expression of symbols, numbers and known functions is required"))
    return _constant(graph, node)


def _constant(graph: Graph, value: sp.Expr) -> Ref:
    """A number, or an expression in sizes, as a row; refuses a number that is not real, such as asin(2)."""
    real = value.is_extended_real
    if real is None and value.is_number:
        real = sp.N(value, 15).is_extended_real
    if real is False or value is sp.zoo or value is sp.nan:
        raise UnsupportedError(explain(f"The number {value} is not real", "symgrad compiles real expressions"))
    return graph.constant(value, REAL)


def _numbers(graph: Graph, refs: list[Ref]) -> list[Ref]:
    """Operands of arithmetic: integers if all are, else reals."""
    if all(graph[ref].kind == INTEGER or _whole(graph, ref) for ref in refs):
        return refs
    return [graph.real(ref) for ref in refs]


def _whole(graph: Graph, ref: Ref) -> bool:
    value = graph.constant_value(ref)
    return value is not None and bool(value.is_integer)


def _sum(graph: Graph, node: sp.Add, refs: list[Ref]) -> Ref:
    refs = _numbers(graph, refs)
    terms, position = [], 0
    for term in node.args:
        count = len(term.args) if isinstance(term, sp.Mul) else 1
        factors = refs[position:position + count]
        position += count
        numbers = [graph.constant_value(ref) for ref in factors]
        coefficient = sp.Mul(*[number for number in numbers if number is not None])
        rest = [ref for ref, number in zip(factors, numbers, strict=True) if number is None]
        terms.append((coefficient, graph.product(sp.S.One, rest)) if rest else (coefficient, graph.constant(sp.S.One)))
    return graph.sum(sp.S.Zero, terms)


def _power(graph: Graph, node: sp.Pow, refs: list[Ref]) -> Ref:
    if len(refs) == 2:
        base, exponent = (graph.constant_value(ref) for ref in refs)
        if base is not None and exponent is not None:
            return _constant(graph, base ** exponent)
        if exponent is None or not exponent.is_number:
            return graph.map("pow", [graph.real(ref) for ref in refs])
        return power(graph, refs[0], exponent)
    return power(graph, refs[0], node.exp)


def power(graph: Graph, base: Ref, exponent: sp.Expr) -> Ref:
    """base ** number as the cheapest row of the table."""
    value = graph.constant_value(base)
    if value is not None:
        return _constant(graph, value**exponent)
    if graph[base].kind == INTEGER and exponent.is_integer and exponent.is_positive:
        return graph.product(sp.S.One, [base] * int(exponent))
    named = {sp.Integer(-1): "reciprocal", sp.Integer(2): "square", functions.HALF: "sqrt"}.get(exponent)
    if named:
        return graph.map(named, (graph.real(base),))
    return graph.map("power", (graph.real(base),), (exponent,))


def _choice(graph: Graph, refs: list[Ref]) -> Ref:
    """Piecewise as nested choices, first condition outermost; nan where no condition holds."""
    values, conditions = refs[0::2], refs[1::2]
    if all(graph[ref].kind == INTEGER or _whole(graph, ref) for ref in values):
        values = [graph.constant(v, INTEGER) if (v := graph.constant_value(ref)) is not None else ref for ref in values]
        result = graph.constant(sp.nan, REAL)
    else:
        values, result = [graph.real(ref) for ref in values], graph.constant(sp.nan, REAL)
    for value, condition in zip(reversed(values), reversed(conditions), strict=True):
        truth = graph.constant_value(condition)
        if truth is None:
            result = graph.select(condition, value, result)
        elif truth:
            result = value
    return result


_OF_COMPLEX = (sp.re, sp.im, sp.conjugate)
"""SymPy writes the absolute value of a function of an element, which may be complex to it, with these; here all numbers are real."""


def _function(graph: Graph, node: sp.Basic, refs: list[Ref]) -> Ref:
    head = node.func
    if head in _OF_COMPLEX:
        return graph.real(refs[0]) if head is not sp.im else graph.constant(sp.S.Zero)
    entry = functions.BY_HEAD.get(head)
    if entry is None:
        raise UnsupportedError(explain(
            f"The function {getattr(head, '__name__', head)} in {_short(node)} is not known to symgrad",
            "every function of an expression must stand in the table of elementary functions",
            f'Register it: symgrad.register_function("{getattr(head, "__name__", head)}", numpy="…({{0}})", partials=lambda a: (…,))'))
    parameters = node.args[:entry.fixed]
    if not all(one.is_number for one in parameters):
        raise UnsupportedError(explain(f"{_short(node)}: the first argument of {head.__name__} is not a number", "a fixed number is required there"))
    if head is sp.polygamma and parameters == (0,):
        entry, parameters = functions.TABLE["digamma"], ()
    if head is sp.LambertW and len(refs) > 1:
        raise UnsupportedError(explain(f"{_short(node)}: only the main branch of LambertW is real and compiled"))
    if all(graph.constant_value(ref) is not None for ref in refs) and entry.kind == REAL:
        return _constant(graph, entry.expression([graph.constant_value(ref) for ref in refs], parameters))
    return apply(graph, entry.name, refs, parameters)


def apply(graph: Graph, name: str, refs: list[Ref], parameters: tuple = ()) -> Ref:
    """A function of the table on references, with the kinds of number it wants."""
    entry = functions.TABLE[name]
    if name in ("and", "or"):
        return _connective(graph, name, refs)
    if name == "not":
        return negate(graph, refs[0])
    if name in ("floor", "ceiling", "mod", "abs", "max", "min") and all(graph[r].kind == INTEGER or _whole(graph, r) for r in refs):
        return refs[0] if name in ("floor", "ceiling") else graph.map(name, refs, parameters, INTEGER)
    whole = all(graph[ref].kind == INTEGER or _whole(graph, ref) for ref in refs)
    if entry.kind == BOOLEAN and whole:
        return graph.map(name, refs, parameters, BOOLEAN)
    return graph.map(name, [graph.real(ref) for ref in refs], parameters, entry.kind)


def _connective(graph: Graph, name: str, refs: list[Ref]) -> Ref:
    neutral = 1 if name == "and" else 0
    open_refs = []
    for ref in sorted(set(refs), key=lambda one: one.row):
        truth = graph.constant_value(ref)
        if truth is None:
            open_refs.append(ref)
        elif int(truth) != neutral:
            return ref
    if not open_refs:
        return graph.constant(sp.Integer(neutral), BOOLEAN)
    result = open_refs[0]
    for ref in open_refs[1:]:
        result = graph.map(name, (result, ref), (), BOOLEAN)
    return result


def negate(graph: Graph, condition: Ref) -> Ref:
    """not condition; a double negation is the condition itself."""
    row = graph[condition]
    if row.op == "constant":
        return graph.constant(sp.Integer(1 - int(row.payload)), BOOLEAN)
    if row.op == "map" and row.payload[0] == "not":
        return graph.operands(condition)[0]
    return graph.map("not", (condition,), (), BOOLEAN)


def conjunction(graph: Graph, *conditions: Ref | None) -> Ref | None:
    """All of the conditions that are given, or None."""
    given = [condition for condition in conditions if condition is not None]
    return apply(graph, "and", given) if given else None


def anywhere(graph: Graph, condition: Ref, over: list[Label]) -> Ref | None:
    """Where the condition holds somewhere along labels; None where it does whatever the others are."""
    return None if _holds_of_itself(graph, condition, over) else graph.reduce("extremum", condition, over, "max")


def _holds_of_itself(graph: Graph, condition: Ref, over: list[Label]) -> bool:
    """Whether a comparison of an array's elements, or of index numbers, with themselves along `over` holds where the two are one.

    Only nan is not beside itself; what rests on it is nan.
    """
    row = graph[condition]
    if len(over) != 1 or not row.calls("le", "ge", "eq"):
        return False
    one, other = sorted(graph.operands(condition), key=lambda ref: over[0] in ref.labels)
    if len(one.labels) != 1 or one.labels[0].size != over[0].size:
        return False
    return one.rename({one.labels[0]: over[0]}) == other


def _short(node: sp.Basic, limit: int = 80) -> str:
    text = str(node)
    return text if len(text) <= limit else text[: limit - 1] + "…"
