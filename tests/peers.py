"""Textbook formulas in JAX, PyTorch and PyTensor, where these are installed: value and slope by their own derivation, in double precision."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy as sp
from textbook import Textbook, x

Form = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
NAMES = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.Abs: "abs", sp.erf: "erf",
         sp.erfc: "erfc", sp.erfinv: "erfinv"}


def written(one: Textbook, at: Any, tools: Any) -> Any:
    """The formula as its text says it, with the functions of one library."""
    known: dict[sp.Basic, Any] = {x: at}
    for left, right in one.where:
        known[left] = _written(right, known, tools)
    return _written(one.formula, known, tools)


def _written(expr: sp.Basic, known: Mapping[sp.Basic, Any], tools: Any) -> Any:
    if expr in known:
        return known[expr]
    if expr.is_number:
        return float(expr)
    if isinstance(expr, sp.Piecewise):
        (yes, condition), (no, _) = expr.args
        left, right = (_written(side, known, tools) for side in (condition.gts, condition.lts))
        return tools.where(left > right, *(_written(branch, known, tools) for branch in (yes, no)))
    if isinstance(expr, sp.Pow):
        return _power(_written(expr.base, known, tools), expr.exp, tools)
    parts = [_written(arg, known, tools) for arg in expr.args]
    if isinstance(expr, (sp.Add, sp.Mul)):
        return _folded(parts, isinstance(expr, sp.Add))
    if isinstance(expr, sp.Max):
        return tools.maximum(*(part + 0 * known[x] for part in parts))
    if isinstance(expr, sp.coth):
        return 1 / tools.tanh(parts[0])
    return getattr(tools, NAMES[expr.func])(*parts)


def _folded(parts: list, adds: bool) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total + part if adds else total * part
    return total


def _power(base: Any, exponent: sp.Expr, tools: Any) -> Any:
    if exponent == -1:
        return 1 / base
    if abs(exponent) == sp.S.Half:
        return tools.sqrt(base) if exponent > 0 else 1 / tools.sqrt(base)
    return base ** int(exponent)


def jax(one: Textbook) -> Form:
    library, tools = import_module("jax"), import_module("jax.numpy")
    library.config.update("jax_enable_x64", True)
    special = import_module("jax.scipy.special")
    names = SimpleNamespace(**{name: getattr(tools, name) for name in (*NAMES.values(), "sqrt", "where", "maximum") if hasattr(tools, name)},
                            erf=special.erf, erfc=special.erfc, erfinv=special.erfinv)
    both = library.jit(library.vmap(library.value_and_grad(lambda at: written(one, at, names))))
    return lambda points: tuple(np.asarray(part) for part in both(points))  # type: ignore[return-value]


def torch(one: Textbook) -> Form:
    library = import_module("torch")

    def both(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = library.tensor(points, dtype=library.float64, requires_grad=True)
        value = written(one, at, library)
        value.sum().backward()
        return value.detach().numpy(), at.grad.numpy()

    return both


def pytensor(one: Textbook) -> Form:
    library, tools = import_module("pytensor"), import_module("pytensor.tensor")
    names = SimpleNamespace(**{name: getattr(tools, name) for name in (*NAMES.values(), "sqrt", "maximum")}, where=tools.switch)
    at = tools.dvector("x")
    value = written(one, at, names)
    both = library.function([at], [value, library.grad(value.sum(), at)])
    return lambda points: tuple(both(points))  # type: ignore[return-value]


PEERS: Mapping[str, Callable[[Textbook], Form]] = {"jax": jax, "torch": torch, "pytensor": pytensor}


def installed() -> dict[str, Callable[[Textbook], Form]]:
    """The peers that can be imported here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: make for name, make in PEERS.items() if find_spec(name) is not None}
