"""The one table of elementary functions.

An entry names the SymPy head, the NumPy spelling and the local partials.  Partials are SymPy expressions in the
arguments `A[k]` and the row's own result `R` (cheaper where the result is reused: exp, tanh, sqrt).  Where none are
given SymPy derives them from the head.  A partial of the form Piecewise((e, condition), (0, True)) is *gated*: where
the condition fails the argument does not matter, and nothing that is not finite there may leak into a derivative.
The entries stand in table/, by family.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable
from functools import lru_cache

import sympy as sp
from sympy.codegen import cfunctions

from symgrad.errors import DeclarationError, explain
from symgrad.graph.function import A, Function, R
from symgrad.graph.kinks import DEFAULT, Kinks
from symgrad.graph.table import ENTRIES

HALF = sp.Rational(1, 2)

TABLE: dict[str, Function] = {}
BY_HEAD: dict[object, Function] = {}


def _add(entry: Function) -> Function:
    TABLE[entry.name] = entry
    if entry.head is not None:
        BY_HEAD[entry.head] = entry
    return entry


for _entry in ENTRIES:
    _add(_entry)
BY_HEAD[cfunctions.Sqrt] = TABLE["sqrt"]


@lru_cache(maxsize=4096)
def partials_of(name: str, parameters: tuple, arguments: tuple, kinks: Kinks = DEFAULT) -> tuple[sp.Expr, ...]:
    """The local partials of a function as SymPy expressions in its arguments (symbols or numbers) and R."""
    entry = TABLE[name]
    if not entry.differentiable:
        return (sp.S.Zero,) * len(arguments)
    if entry.slopes is not None:
        return tuple(sp.sympify(slope) for slope in entry.slopes(arguments, R, kinks))
    if entry.partials is not None:
        return tuple(sp.sympify(partial) for partial in entry.partials(arguments, R, parameters))
    return tuple(_derived(entry, parameters, arguments, k) for k in range(len(arguments)))


def _derived(entry: Function, parameters: tuple, arguments: tuple, k: int) -> sp.Expr:
    places = A[: len(arguments)]
    value = entry.expression(places, parameters)
    partial = sp.diff(value, places[k]).subs(value, R)
    return partial.subs(dict(zip(places, arguments, strict=True)))


def register(name: str, numpy: str, partials: Callable, arity: int, needs: str = "", evaluate: Callable | None = None) -> type[sp.Function]:
    """Add a function of the user's own to the table; returns its SymPy head.

    `evaluate` gives the value on Python floats, so that SymPy can turn the function of a number into a number.
    """
    if name in TABLE or not name.isidentifier() or keyword.iskeyword(name):
        known = "it is in the table already" if name in TABLE else "it is not an identifier"
        raise DeclarationError(explain(f"The function name {name!r} cannot be registered: {known}",
                                       "a new name that is a Python identifier is required"))
    members = {"nargs": arity, "is_extended_real": True, "fdiff": lambda self, argindex=1: sp.sympify(partials(*self.args)[argindex - 1])}
    if evaluate is not None:
        members["_eval_evalf"] = lambda self, prec: sp.Float(float(evaluate(*(float(one) for one in self.args))), precision=prec)
    head = type(name, (sp.Function,), members)
    _add(Function(name, numpy, head, arity, partials=lambda a, r, p: partials(*a), needs=needs, scalar=None))
    return head


def unregister(name: str) -> None:
    """Take a registered function out of the table again (a failed check must leave nothing behind)."""
    entry = TABLE.pop(name)
    BY_HEAD.pop(entry.head, None)
    partials_of.cache_clear()
