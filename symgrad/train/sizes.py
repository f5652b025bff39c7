"""What arrays show: the numbers that size symbols stand for, and the precision to work in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from symgrad.errors import InputError, explain

Shapes = Mapping[str, tuple[sp.Expr, ...]]
Sizes = dict[str, int]


def read_sizes(shapes: Shapes, arrays: Mapping[str, object], known: Mapping[str, int] | None = None) -> Sizes:
    """The size symbols that the axes of the arrays show, by name, added to those that are known."""
    sizes = {name: int(size) for name, size in (known or {}).items()}
    for name, array in arrays.items():
        symbolic, actual = shapes.get(name, ()), np.shape(array)  # type: ignore[arg-type]
        if len(actual) != len(symbolic):
            symbolic = tuple(size for size in symbolic if size != 1)
        for size, number in zip(symbolic, actual, strict=False):
            if size.is_Symbol:
                sizes.setdefault(size.name, number)
    return sizes


def size_at(size: sp.Expr, sizes: Mapping[str, int], name: str) -> int:
    """The number that a size stands for.  Raises InputError where an array of `name` needs a size nobody knows."""
    unknown = sorted(s.name for s in size.free_symbols if s.name not in sizes)
    if unknown:
        raise InputError(explain(f"the size {unknown[0]} of {name} is not known", "No data show it",
                                 f"Give it: Model(sizes={{{unknown[0]!r}: …}}), or begin {name} with an array"))
    return int(size.subs({s: sizes[s.name] for s in size.free_symbols}))


def shape_at(name: str, shapes: Shapes, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of an input as numbers."""
    return tuple(size_at(size, sizes, name) for size in shapes[name])


def precision(data: Mapping[str, np.ndarray]) -> np.dtype:
    """The widest floating type of the arrays that have axes; double precision where there is none."""
    kinds = [array.dtype for array in data.values() if array.ndim and array.dtype.kind == "f"]
    return np.result_type(*kinds) if kinds else np.dtype(float)
