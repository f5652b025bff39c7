"""What callers of a module see, and the names that its kernels give to inputs and sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from symgrad.emit.names import Names
from symgrad.emit.numbers import number
from symgrad.graph.kinks import DEFAULT, Kinks
from symgrad.graph.program import InputSpec


@dataclass(frozen=True)
class Signature:
    """What callers of a module see: inputs, parameters, results and sizes; the same for every kernel."""

    title: str
    arguments: tuple[str, ...]
    inputs: tuple[InputSpec, ...]
    wrt: tuple[str, ...]
    groups: tuple[object, ...]
    bare: bool
    results: tuple[tuple[tuple[sp.Expr, ...], bool], ...]
    several: bool
    sizes: tuple[sp.Symbol, ...]
    sample: sp.Symbol | None
    first_index: int
    labels: Mapping[str, sp.Expr] = field(default_factory=dict)
    kernels: tuple[str, ...] = ()
    statement: str = ""
    point: tuple[int, ...] = ()
    kinks: Kinks = DEFAULT
    nonfinite: str = "ignore"
    threads: int | None = None

    @property
    def scalar(self) -> bool:
        return not self.several and not self.results[0][0]

    def axes(self, spec: InputSpec) -> tuple[sp.Expr, ...]:
        """The axes of an input as kernels see them, samples first."""
        return (*((self.sample,) if spec.batched and self.sample is not None else ()), *spec.axes)


BLOCK_NAMES = ("first", "last", "width", "new", "rows")
"""Where a block of samples begins and ends, how many it has, what makes its arrays, and the rows of a kernel."""


class ModuleNames:
    """Parameter names of kernels: one each for inputs and sizes, fixed for the whole module."""

    def __init__(self, signature: Signature):
        names = Names(["results", *BLOCK_NAMES])  # a parameter of _shapes, and what blocks of samples are written with
        self.sizes = {s.name: names.take(s.name, "size") for s in signature.sizes}
        self.inputs = {name: names.take(name, "v") for name in signature.arguments}
        self.taken = sorted(names.taken)
        self.size_symbols = {s: sp.Symbol(self.sizes[s.name], integer=True, positive=True) for s in signature.sizes}

    def renames_sizes(self) -> bool:
        return any(old != new for old, new in self.sizes.items())

    def size(self, value: sp.Expr) -> str:
        return number(sp.sympify(value).subs(self.size_symbols)).text


def point_sizes(signature: Signature) -> dict[sp.Symbol, int]:
    """Small distinct sizes for the stored point, the same on every machine."""
    usual = tuple(3 + k % 4 for k in range(len(signature.sizes)))
    return dict(zip(signature.sizes, signature.point or usual, strict=True))
