"""Rows as the code computes them: in NumPy's doubles, by the spelling of each function in the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache, reduce
from importlib import import_module
from operator import mul
from pkgutil import iter_modules
from typing import Any

import numpy as np
import sympy as sp

from symgrad.graph.functions import TABLE
from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.graph.table.common import NARY_TEMPLATES
from symgrad.runtime import special

SAME = ("real", "integer")
"""Functions that change the kind of a number alone."""


def is_numpy(graph: Graph, ref: Ref) -> bool:
    """Whether a row rests on functions of NumPy and of the project's own alone: others' last digits may differ from machine to machine."""
    return not any("scipy" in TABLE[row.payload[0]].needs for index in graph.live([ref.row]) if (row := graph.rows[index]).op == "map")


def value_at(graph: Graph, ref: Ref, given: Mapping[int, float]) -> float:
    """A row where its inputs have these values, by their rows."""
    return float(values_at(graph, ref, {index: np.float64(value) for index, value in given.items()}))


def values_at(graph: Graph, ref: Ref, given: Mapping[int, Any]) -> Any:
    """The same of arrays of values."""
    known = dict(given)
    with np.errstate(all="ignore"):
        for index in graph.live([ref.row]):
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
                known[index] = _function(row.payload[0], tuple(row.payload[1:]), len(args))(*args)
            elif row.op == "named":
                known[index] = args[0]
    return known[ref.row]


def _number(value: sp.Expr) -> Any:
    if isinstance(value, sp.Tuple):
        return tuple(_number(one) for one in value)
    if value in (sp.true, sp.false):
        return bool(value)
    return int(value) if value.is_Integer else np.float64(sp.N(value, 30))


@cache
def _function(name: str, parameters: tuple, count: int) -> Callable:
    """A function of the table as its NumPy spelling computes it."""
    names = [f"a{k}" for k in range(count)]
    given = {f"p{k}": _number(one) for k, one in enumerate(parameters)}
    template = NARY_TEMPLATES[name](count) if name in NARY_TEMPLATES else "{0}" if name in SAME else TABLE[name].numpy
    text = template.format(*names, **{key: key for key in given})
    return eval(f"lambda {', '.join(names)}: {text}", {**_namespace(), **given})


@cache
def _namespace() -> dict[str, Any]:
    found: dict[str, Any] = {"np": np, "math": math, "dtype": np.float64}
    for module in iter_modules(special.__path__, f"{special.__name__}."):
        found.update(vars(import_module(module.name)))
    return found
