"""Functions of the user's own: a template of NumPy code that is read before it is believed, and partials that are checked."""

from __future__ import annotations

import ast
import inspect
import math
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp

from symgrad import compiler
from symgrad.check.gradients import check_gradients
from symgrad.errors import DeclarationError, MissingExtraError, explain
from symgrad.graph import functions

_POINTS = (0.3, 0.7, 1.3, 2.1, -0.4, -1.6)
_SPREAD = 0.37
"""Test points of the first argument; each further argument is moved on by the spread.  Those outside the domain are skipped."""
_STRUCTURE = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop, ast.cmpop, ast.Load)
_NUMPY_FUNCTIONS = frozenset({"sinc", "where", "clip", "nan_to_num", "real_if_close", "i0"})


def register_function(name: str, *, numpy: str, partials: Callable, check: bool = True) -> type[sp.Function]:
    """Teach symgrad an elementary function of your own; returns its SymPy head, to be used in expressions.

    name: how it prints; a new Python identifier.
    numpy: its value as NumPy code over {0}, {1}, …, elementwise; only arithmetic, numbers and functions of np, special
    (scipy.special) and math are allowed, and with special the generated modules need SciPy.
    partials: one derivative an argument as SymPy expressions, e.g. lambda a, b: (b, a); its parameters give the number of arguments.
    check: compare the partials with slopes of the value at test points.

    Raises DeclarationError where the name, the template or the partials cannot be used, or where the check finds the partials wrong; then
    nothing stays registered.
    """
    arity = _arity(name, partials)
    tree = _read(name, numpy, arity)
    modules = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    evaluate = _evaluator(name, tree, arity, "special" in modules)
    _check_partials(name, partials, arity)
    needs = " ".join(library for module, library in (("special", "scipy"), ("math", "math")) if module in modules)
    head = functions.register(name, numpy, lambda *a: _tuple(partials(*a)), arity, needs, evaluate)
    try:
        if check:
            _check(name, head, arity, evaluate)
    except BaseException:
        functions.unregister(name)
        raise
    return head


# ---------------------------------------------------------------------- reading

def _arity(name: str, partials: Callable) -> int:
    try:
        parameters = inspect.signature(partials).parameters.values()
    except (TypeError, ValueError):
        raise DeclarationError(explain(f"partials of {name} is no function",
                                       "a function of the arguments is required, such as lambda a: (cos(a),)")) from None
    if not parameters or any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters):
        raise DeclarationError(explain(f"partials of {name} has the signature {inspect.signature(partials)}",
                                       "one plain parameter an argument is required, such as lambda a, b: (b, a)"))
    if len(parameters) > len(functions.A):
        raise DeclarationError(explain(f"{name} has {len(parameters)} arguments", f"at most {len(functions.A)} are possible"))
    return len(parameters)


def _read(name: str, template: str, arity: int) -> ast.Expression:
    """The template as a tree that holds nothing but arithmetic on its arguments and functions of np, special and math."""
    try:
        pieces = list(string.Formatter().parse(template))
        used = [field for _, field, spec, conversion in pieces if field is not None and not spec and not conversion]
        if sum(field is not None for _, field, _, _ in pieces) > len(used):
            raise ValueError("a placeholder is a plain {0}")
        text = template.format(*(f"a{k}" for k in range(arity)))
        tree = ast.parse(text, mode="eval")
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, SyntaxError) as error:
        raise _bad_template(name, template, str(error), arity) from None
    if set(used) != {str(k) for k in range(arity)}:
        raise _bad_template(name, template, f"its placeholders are {', '.join(f'{{{field}}}' for field in used) or 'none'}", arity)
    reason = _objection(tree, arity)
    if reason:
        raise _bad_template(name, template, reason, arity)
    return tree


def _bad_template(name: str, template: object, why: str, arity: int) -> DeclarationError:
    wanted = ", ".join(f"{{{k}}}" for k in range(arity))
    return DeclarationError(explain(f"The NumPy template {template!r} of {name} cannot be used: {why}",
                                    f"arithmetic on {wanted}, numbers, and functions of np, special and math are allowed, "
                                    "and each argument must occur",
                                    'Write for example numpy="np.sinc({0})"'))


def _objection(tree: ast.Expression, arity: int) -> str:
    """Why a tree is not plain arithmetic, or nothing."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    bases = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    arguments = {f"a{k}" for k in range(arity)}
    for node in ast.walk(tree):
        if isinstance(node, _STRUCTURE):
            continue
        allowed = {
            ast.Constant: lambda n: type(n.value) in (int, float),
            ast.Name: lambda n: n.id in ("np", "special", "math") if id(n) in bases else n.id in arguments,
            ast.Call: lambda n: isinstance(n.func, ast.Attribute) and not n.keywords,
            ast.Attribute: lambda n: _is_allowed(n, id(n) in called),
        }.get(type(node))
        if allowed is None or not allowed(node):  # type: ignore[no-untyped-call]
            return f"{ast.unparse(node)!r} is not allowed"
    return ""


def _is_allowed(node: ast.Attribute, is_called: bool) -> bool:
    """np.sin, special.erf, math.sqrt, np.pi: a function where it is called, else a number."""
    if not isinstance(node.value, ast.Name) or node.attr.startswith("_"):
        return False
    found = getattr({"np": np, "math": math, "special": _special()}.get(node.value.id), node.attr, None)
    if not is_called:
        return isinstance(found, float)
    if node.value.id == "math":
        return callable(found)
    return isinstance(found, np.ufunc) or (node.value.id == "np" and node.attr in _NUMPY_FUNCTIONS)


def _special():
    try:
        from scipy import special
    except ImportError:
        return None
    return special


# ---------------------------------------------------------------------- trying

def _evaluator(name: str, tree: ast.Expression, arity: int, needs_scipy: bool) -> Callable:
    """The value as a Python function of the arguments, compiled from the tree that was read."""
    special = _special() if needs_scipy else None
    if needs_scipy and special is None:
        raise MissingExtraError(explain(f"The function {name} uses scipy.special", "SciPy is required", 'Install it: pip install "symgrad[scipy]"'))
    code = compile(tree, f"<registered function {name}>", "eval")
    space = {"__builtins__": {}, "np": np, "math": math, "special": special}

    def evaluate(*args):
        return eval(code, {**space, **{f"a{k}": one for k, one in enumerate(args)}})

    return evaluate


def _tuple(found: Any) -> tuple:
    return tuple(found) if isinstance(found, (tuple, list, sp.Tuple)) else (found,)


def _check_partials(name: str, partials: Callable, arity: int) -> None:
    found = _tuple(partials(*functions.A[:arity]))
    for one in found:
        if isinstance(one, str) or not isinstance(sp.sympify(one, strict=True), sp.Expr):
            raise DeclarationError(explain(f"partials of {name} returned {one!r}", "SymPy expressions are required"))
    if len(found) != arity:
        raise DeclarationError(explain(f"partials of {name} returned {len(found)} expressions", f"one an argument is required, {arity} in all"))
    strangers = set().union(*(sp.sympify(one).free_symbols for one in found)) - set(functions.A[:arity])
    if strangers:
        raise DeclarationError(explain(f"partials of {name} use {', '.join(sorted(map(str, strangers)))}", "only the arguments may occur"))


def _points(arity: int) -> list[tuple[float, ...]]:
    return [tuple(first + _SPREAD * k for k in range(arity)) for first in _POINTS]


def _check(name: str, head: type[sp.Function], arity: int, evaluate: Callable) -> None:
    """The value on arrays, then every partial at every test point where the value is finite."""
    points = _points(arity)
    columns = np.array(points).T
    values = _values(name, evaluate, columns)
    usable = [point for point, value in zip(points, values, strict=True) if np.isfinite(value)]
    if not usable:
        raise DeclarationError(explain(f"The function {name} has no finite value at any test point {points}", "a finite value somewhere is required",
                                       "If its domain lies elsewhere, register it with check=False"))
    symbols = sp.symbols(f"argument_:{arity}", real=True)
    compiled = compiler.compile(head(*symbols), wrt=list(symbols), name=None)
    for point in usable:
        _check_point(name, compiled, point)


def _values(name: str, evaluate: Callable, columns: np.ndarray) -> np.ndarray:
    """The values at the test points; the template must work on arrays as it does on numbers."""
    try:
        with np.errstate(all="ignore"):
            values = np.asarray(evaluate(*columns))
            single = np.array([float(evaluate(*column)) for column in columns.T])
    except Exception as error:
        raise DeclarationError(explain(f"The NumPy template of {name} fails: {type(error).__name__}: {error}",
                                       "code that works on numbers and arrays is required")) from None
    if values.shape != single.shape or values.dtype.kind != "f" or not np.array_equal(values, single, equal_nan=True):
        raise DeclarationError(explain(f"The NumPy template of {name} gives {values.dtype} values of shape {values.shape} "
                                       f"for arrays of shape {single.shape}, or other values than for single numbers",
                                       "real values, element by element, are required"))
    return values


def _check_point(name: str, compiled, point: Sequence[float]) -> None:
    report = check_gradients(compiled, dict(zip(compiled.arguments, point, strict=True)))
    for k, row in enumerate(report.rows):
        if row.verdict in ("wrong", "not finite"):
            analytic, numeric = row.pair
            raise DeclarationError(explain(
                f"The partial of {name} towards its argument {{{k}}} is {row.verdict} at {tuple(round(x, 12) for x in point)}: "
                f"partials gives {analytic:.10g}, differences of the value give {numeric:.10g}", "the two must agree",
                "Correct partials= or numpy=; check=False registers it unchecked"))

