"""Which inputs carry samples, along which axes, and how a mini-batch is taken out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled
from symgrad.declare.scan import read_expressions, read_where, scan
from symgrad.errors import DeclarationError, InputError, UnsupportedError, explain
from symgrad.graph.labels import same_size
from symgrad.graph.program import InputSpec


@dataclass(frozen=True)
class Samples:
    """For each input that carries samples the axes along which they stand.

    `obstacle` says why mini-batches make no sense although samples are known, else it is empty.
    """

    axes: dict[str, tuple[int, ...]]
    ranks: dict[str, int]
    obstacle: str = ""

    def count(self, data: Mapping[str, np.ndarray]) -> int | None:
        """The number of samples, None where nothing carries any.  Raises InputError where two inputs disagree."""
        found: tuple[str, int] | None = None
        for name, axes in self.axes.items():
            for axis in self._axes(name, axes, data[name]):
                size = data[name].shape[axis]
                if found is not None and found[1] != size:
                    raise InputError(explain(f"{found[0]} holds {found[1]} samples and {name} holds {size}", "Equal numbers of samples are required"))
                found = found or (name, size)
        if found is not None and found[1] == 0:
            raise InputError(explain(f"{found[0]} holds no sample", "At least one is required"))
        return found[1] if found else None

    def take(self, data: Mapping[str, np.ndarray], chosen: np.ndarray) -> dict[str, np.ndarray]:
        """The data of the chosen samples; inputs without samples stay whole."""
        part = dict(data)
        for name, axes in self.axes.items():
            for axis in self._axes(name, axes, data[name]):
                part[name] = np.take(part[name], chosen, axis=axis)
        return part

    def _axes(self, name: str, axes: tuple[int, ...], array: np.ndarray) -> tuple[int, ...]:
        """The sample axes of an array; a flat array for an n×1 or 1×n matrix has only one."""
        return axes if array.ndim == self.ranks[name] else (0,)


def samples_by_batch(batch: Sequence[str], compiled: Compiled, data: Sequence[str]) -> Samples:
    """Inputs of batch= carry samples along a leading axis."""
    ranks = {spec.name: len(spec.shape) + 1 for spec in compiled.declared.program.inputs if spec.name in batch and spec.name in data}
    return Samples(dict.fromkeys(ranks, (0,)), ranks)


def samples_by_letter(letter: sp.Basic, compiled: Compiled, loss: object, where: Sequence, params: Sequence[str],
                      data: Sequence[str]) -> Samples:
    """Every input of `data` with an axis of the letter's size carries samples; `letter` may also be that size itself.

    Raises DeclarationError where the letter runs over nothing, UnsupportedError where its size is a fixed number.
    """
    specs = compiled.declared.program.inputs
    size = _size(letter, compiled, loss, where)
    if size is None:
        raise DeclarationError(explain(f"sample_index={letter} runs over no axis of the loss",
                                       "A letter that subscripts an input, or the number of samples, is required"))
    if not size.is_Symbol:
        raise UnsupportedError(explain(f"the axis of sample_index={letter} has the size {size}",
                                       "A size symbol is required, since mini-batches are shorter",
                                       'Declare it as sympy.Symbol("n", integer=True, positive=True)'))
    axes = {spec.name: _axes_of(spec, size) for spec in specs if _axes_of(spec, size) and spec.name in data}
    if not axes:
        raise DeclarationError(explain(f"no input has an axis of size {size}", f"sample_index={letter} needs data with {size} samples"))
    ranks = {spec.name: len(spec.shape) for spec in specs if spec.name in axes}
    return Samples(axes, ranks, _obstacle(specs, size, params))


def _axes_of(spec: InputSpec, size: sp.Expr) -> tuple[int, ...]:
    return tuple(axis for axis, one in enumerate(spec.shape) if same_size(one, size))


def _obstacle(specs: Sequence[InputSpec], size: sp.Expr, params: Sequence[str]) -> str:
    for spec in specs:
        if spec.name in params and any(one.has(size) for one in spec.shape):
            return f"the parameter {spec.name} has one element a sample"
        odd = [one for one in spec.shape if one.has(size) and not same_size(one, size)]
        if odd:
            return f"{spec.name} has an axis of size {odd[0]}"
    return ""


def _size(letter: sp.Basic, compiled: Compiled, loss: object, where: Sequence) -> sp.Expr | None:
    """The size that a letter runs over: on an axis of an input, of a named quantity, or in a sum's bounds."""
    declared = compiled.declared
    if any(letter == size for size in declared.sizes):
        return letter  # type: ignore[return-value]
    roots, _ = read_expressions(loss)
    found = scan(roots, read_where(where), ())
    for spec in declared.program.inputs:
        for indices in found.uses.get(spec.name, ()):
            if letter in indices:
                return spec.shape[indices.index(letter)]
    for name, letters in declared.letters.items():
        if letter in letters:
            return declared.program.names[name][1][letters.index(letter)].size
    return next((sp.expand(upper - lower + 1) for bound, lower, upper in found.limits if bound == letter), None)
