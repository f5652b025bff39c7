"""Rows as the code computes them: in doubles, by the spelling of each function in the table, the same on every machine."""

from __future__ import annotations

import ast
import decimal
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, partial, reduce
from importlib import resources
from operator import mul
from pkgutil import iter_modules
from typing import Any

import numpy as np
import sympy as sp

from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.graph.steps import Steps
from symgrad.graph.table.common import NARY_TEMPLATES
from symgrad.rewrite.libraries import NUMPY, SCIPY
from symgrad.runtime import special
from symgrad.runtime.special.decimals import _in_digits

SAME = ("real", "integer")
"""Functions that change the kind of a number alone."""


def is_numpy(graph: Graph, ref: Ref, besides: Collection[str] = ()) -> bool:
    """Whether a row rests on functions of NumPy and of the project's own alone, and on others that are named: the last digits of other
    libraries may differ from machine to machine."""
    return all("scipy" not in TABLE[name].needs or name in besides for name in graph.functions([ref.row]))


def value_at(graph: Graph, ref: Ref, given: Mapping[int, float]) -> float:
    """A row where its inputs have these values, by their rows; by this machine's NumPy, for what does not rest on last digits."""
    return float(values_at(graph, ref, {index: np.float64(value) for index, value in given.items()}, np))


def values_at(graph: Graph, ref: Ref, given: Mapping[int, Any], numpy: Any = NUMPY) -> Any:
    """The same of arrays of values; numpy is for NumPy itself where last digits do not matter, which is faster."""
    return rows_at(graph, ref, given, numpy)[ref.row]


def rows_at(graph: Graph, ref: Ref, given: Mapping[int, Any], numpy: Any = NUMPY) -> dict[int, Any]:
    """The same of each row below, by its place; what is given is not computed again."""
    known = dict(given)
    with np.errstate(all="ignore"):
        for index in graph.live([ref.row]):
            if index in given:
                continue
            row = graph.rows[index]
            args = [known[arg] for arg in row.args]
            if row.op == "constant":
                known[index] = _number(row.payload)
            elif row.op == "sum":
                coefficients, constant = row.payload
                known[index] = sum((_number(c) * arg for c, arg in zip(coefficients, args, strict=True)), _number(constant))
            elif row.op == "product":
                known[index] = reduce(mul, args, _number(row.payload))
            elif row.op == "map":
                known[index] = _function(row.payload[0], tuple(row.payload[1:]), len(args), numpy)(*args)
            elif row.op == "named":
                known[index] = args[0]
    return known


def twice_space() -> dict[str, Any]:
    """What formulas in twice the digits mention."""
    return _namespace(NUMPY)


def in_decimals(steps: Steps, given: Sequence[Any], y: float) -> float:
    """A formula by decimals, or y where these do not settle it; tails that take hundreds of them are left."""
    formula = _in_digits(_number(steps))
    return twice_space()["_settled_digits"](formula, given, y, ()) if formula is not None else y


@cache
def _number(value: sp.Expr, numpy: Any = NUMPY) -> Any:
    """A parameter or a number; a formula in twice the digits is a function of what the project's code for this NumPy knows."""
    if isinstance(value, Steps):
        return eval(value.text(), _namespace(numpy))
    if isinstance(value, sp.Tuple):
        return tuple(_number(one, numpy) for one in value)
    if value in (sp.true, sp.false):
        return bool(value)
    return int(value) if value.is_Integer else np.float64(sp.N(value, 30))


@cache
def _function(name: str, parameters: tuple, count: int, numpy: Any) -> Callable:
    """A function of the table as its NumPy spelling computes it."""
    names = [f"a{k}" for k in range(count)]
    given = {f"p{k}": _number(one, numpy) for k, one in enumerate(parameters)}
    template = NARY_TEMPLATES[name](count) if name in NARY_TEMPLATES else "{0}" if name in SAME else TABLE[name].numpy
    text = template.format(*names, **{key: key for key in given})
    return partial(eval(f"lambda {', '.join([*names, *given])}: {text}", _namespace(numpy)), **given)


@cache
def _namespace(numpy: Any) -> dict[str, Any]:
    """What spellings mention; the project's functions anew, on libraries that are the same everywhere."""
    found: dict[str, Any] = {"decimal": decimal, "math": math, "dtype": np.float64, "np": numpy, "special": SCIPY}
    for module in iter_modules(special.__path__):
        tree = ast.parse(resources.files(special).joinpath(f"{module.name}.py").read_text(encoding="utf-8"))
        tree.body = [node for node in tree.body if not isinstance(node, (ast.Import, ast.ImportFrom))]
        exec(compile(tree, module.name, "exec"), found)
    found["_in_digits"] = lambda formula: None  # how a row compares with what is right in twice the digits does not take more
    return found
