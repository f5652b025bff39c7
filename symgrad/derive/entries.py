"""Programs for each derivative that can be called: which rows are the outputs, and how they are seeded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy as sp

from symgrad.derive.seeded import SeededSweep, Tangent
from symgrad.derive.sweep import Sweep
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label, nominal
from symgrad.graph.program import Output, Program
from symgrad.graph.rows import Input, Ref

ONE = sp.S.One


class _Work:
    """A copy of a program's graph that derivative rows may be added to."""

    def __init__(self, program: Program, wrt: Sequence[str]):
        self.program, self.wrt = program, tuple(wrt)
        self.graph: Graph = program.graph.copy()
        self.sweep = Sweep(self.graph, program.kinks, program.by_elements)
        self.sources = self._sources()
        self.names = dict(program.names)
        self.primal = len(self.graph.rows)

    def _sources(self) -> dict[str, int]:
        """The row of each parameter; one whose terms have vanished, as in 0 x, has none and gets one, so that its slope is 0."""
        inputs = {row.payload: index for index, row in enumerate(self.graph.rows) if row.op == "input"}
        specs = {spec.name: spec for spec in self.program.inputs}
        for name in self.wrt:
            if Input("input", name) not in inputs:
                labels = [Label(size) for size in specs[name].axes]
                inputs[Input("input", name)] = self.graph.input("input", name, labels, specs[name].kind).row
        return {name: inputs[Input("input", name)] for name in self.wrt}

    def finish(self, outputs: dict[str, Output]) -> Program:
        return Program(self.graph, outputs, self.program.inputs, self.names, self.primal)

    def zero(self) -> Ref:
        return self.graph.constant(sp.S.Zero)

    def values(self) -> dict[str, Output]:
        return dict(self.program.outputs)

    def on_axes(self, ref: Ref, row: int, axes: Sequence[Label]) -> Ref:
        """A derivative of `row` (on the sweep's axes) on the labels that an output promised."""
        return ref.rename(dict(zip(self.sweep.axes(row), axes, strict=True)))

    def gradients(self) -> dict[str, Output]:
        (output,) = self.program.outputs.values()
        bars = self.sweep.reverse({output.ref.row: self.graph.constant(ONE)}, self.sources.values())
        self.name_rows("bar", bars)
        return {name: Output(bars.get(row, self.zero()), self.sweep.axes(row)) for name, row in self.sources.items()}

    def name_rows(self, prefix: str, derived: dict[int, Ref]) -> None:
        """Adjoints and tangents of named rows are called after them."""
        named = {ref.row: name for name, (ref, _) in reversed(self.program.names.items())} | {row: name for name, row in self.sources.items()}
        for row, ref in derived.items():
            if row in named:
                self.names.setdefault(f"{prefix}_{named[row]}", (ref, ref.labels))
            self.graph.notes.setdefault(ref.row, f"{prefix} {row}")

    def tangent_seeds(self) -> dict[int, Ref]:
        return {row: self.graph.input("tangent", name, self.sweep.axes(row)) for name, row in self.sources.items()}

    def deltas(self, row: int) -> tuple[Ref, list[Label]]:
        """One-hot seeds for every element of a row: the product of deltas and its seed labels."""
        axes = self.sweep.axes(row)
        seeds = [Label(axis.size) for axis in axes]
        hots = [self.graph.onehot(self.graph.iota(axis), seed) for axis, seed in zip(axes, seeds, strict=True)]
        return self.graph.product(ONE, hots), seeds


def value(program: Program, wrt: Sequence[str]) -> Program:
    return program


def value_and_grad(program: Program, wrt: Sequence[str]) -> Program:
    """The scalar value and its gradient towards each parameter, by one reverse sweep."""
    work = _Work(program, wrt)
    return work.finish(work.values() | {f"grad {name}": out for name, out in work.gradients().items()})


def jvp(program: Program, wrt: Sequence[str]) -> Program:
    """Values, then their tangents along given tangents of the parameters, by one forward sweep."""
    work = _Work(program, wrt)
    dots = work.sweep.forward(program.roots(), work.tangent_seeds())
    work.name_rows("dot", dots)
    tangents = {f"dot {key}": Output(_tangent(work, dots, out), out.axes) for key, out in program.outputs.items()}
    return work.finish(work.values() | tangents)


def by_elements(program: Program, wrt: Sequence[str], most: int) -> tuple[Program, list[int]]:
    """The value and its derivatives up to an order, towards inputs of which all is made element by element, and the order of each of the results;
    by forward sweeps without seeds.  A mixed derivative is made once."""
    work = _Work(program, wrt)
    names, seed = list(work.sources), work.graph.constant(ONE)
    found = last = {((), key): out for key, out in program.outputs.items()}
    for _ in range(most):
        swept = {name: work.sweep.forward([out.ref.row for out in last.values()], {row: seed}) for name, row in work.sources.items()}
        last = {((*before, name), key): Output(_tangent(work, swept[name], out), out.axes)
                for (before, key), out in last.items() for name in names[names.index(before[-1]) if before else 0:]}
        found = found | last
    return work.finish({" ".join(("slope", key, *towards)): out for (towards, key), out in found.items()}), [len(towards) for towards, _ in found]


def _tangent(work: _Work, dots: dict[int, Ref], out: Output) -> Ref:
    dot = dots.get(out.ref.row)
    return work.zero() if dot is None else work.on_axes(dot, out.ref.row, out.ref.labels)


def vjp(program: Program, wrt: Sequence[str]) -> Program:
    """Adjoints of the parameters for given cotangents of every result."""
    work = _Work(program, wrt)
    seeds: dict[int, Ref] = {}
    for key, out in program.outputs.items():
        cotangent = work.graph.input("cotangent", key, out.axes)
        row, missing = out.ref.row, [axis for axis in out.axes if axis not in out.ref.labels]
        seed = work.graph.product(ONE, [cotangent], missing)
        seed = seed.rename(dict(zip(out.ref.labels, work.sweep.axes(row), strict=True)))
        seeds[row] = work.graph.sum(sp.S.Zero, [(ONE, seeds[row]), (ONE, seed)]) if row in seeds else seed
    bars = work.sweep.reverse(seeds, work.sources.values())
    work.name_rows("bar", bars)
    return work.finish({f"bar {name}": Output(bars.get(row, work.zero()), work.sweep.axes(row)) for name, row in work.sources.items()})


def jacobian(program: Program, wrt: Sequence[str]) -> Program:
    """Blocks (result, parameter) of the Jacobian, by whichever mode has fewer seeds; forward mode if both have as many."""
    work = _Work(program, wrt)
    outside = sum(_elements([axis.size for axis in out.axes]) for out in program.outputs.values())
    inside = sum(_elements(work.graph.rows[row].shape) for row in work.sources.values())
    blocks = _reverse_blocks if outside < inside else _forward_blocks
    found = blocks(work)
    return work.finish({f"{key} {name}": found[key, name] for key in program.outputs for name in work.sources})


def _elements(shape: Sequence[sp.Expr]) -> int:
    total = 1
    for size in shape:
        total *= nominal(size)
    return total


def _reverse_blocks(work: _Work) -> dict[tuple[str, str], Output]:
    found = {}
    for key, out in work.program.outputs.items():
        seed, labels = work.deltas(out.ref.row)
        seeded = dict(zip(out.ref.labels, labels, strict=True))
        lead = [seeded.get(axis) or Label(axis.size) for axis in out.axes]
        bars = work.sweep.reverse({out.ref.row: seed}, work.sources.values())
        for name, row in work.sources.items():
            found[key, name] = Output(bars.get(row, work.zero()), (*lead, *work.sweep.axes(row)))
    return found


def _forward_blocks(work: _Work) -> dict[tuple[str, str], Output]:
    found = {}
    for name, row in work.sources.items():
        seeded = SeededSweep(work.sweep, row)
        dots = seeded.forward(work.program.roots())
        for key, out in work.program.outputs.items():
            found[key, name] = Output(_block(work, seeded, dots, out), (*out.axes, *seeded.seeds))
    return found


def hessian(program: Program, wrt: Sequence[str]) -> Program:
    """Blocks (parameter, parameter) of the Hessian: one-hot tangents through the gradient's rows.

    A block off the diagonal is made once: the other one is its transpose.
    """
    work = _Work(program, wrt)
    gradients = work.gradients()
    found, above = {}, []
    for name, row in work.sources.items():
        above.append(name)
        seeded = SeededSweep(work.sweep, row)
        dots = seeded.forward([gradients[other].ref.row for other in above])
        for other in above:
            out = gradients[other]
            block, seeds = _block(work, seeded, dots, out), tuple(seeded.seeds)
            found[other, name] = Output(block, (*out.axes, *seeds))
            found[name, other] = Output(block, (*seeds, *out.axes) if other != name else (*out.axes, *seeds))
    return work.finish({f"{a} {b}": found[a, b] for a in work.sources for b in work.sources})


def _block(work: _Work, seeded: SeededSweep, dots: Mapping[int, Tangent], out: Output) -> Ref:
    dot = dots.get(out.ref.row)
    return work.zero() if dot is None else work.on_axes(seeded.written(dot), out.ref.row, out.ref.labels)


def hvp(program: Program, wrt: Sequence[str]) -> Program:
    """The Hessian times given tangents: a forward sweep through the gradient's rows."""
    work = _Work(program, wrt)
    gradients = work.gradients()
    dots = work.sweep.forward([out.ref.row for out in gradients.values()], work.tangent_seeds())
    return work.finish({name: Output(_tangent(work, dots, out), out.axes) for name, out in gradients.items()})


SEEDED_ROWS = 20_000
"""Jacobians and Hessians whose seeded rows would pass this are made column by column from products instead."""


def is_worth_seeding(entry: str, program: Program, wrt: Sequence[str]) -> bool:
    """Whether a Jacobian or Hessian kernel stays small: it takes a sweep over the rows for every parameter or result."""
    sweeps = {"jacobian": min(len(wrt), len(program.outputs)), "hessian": 3 * len(wrt)}.get(entry, 0)
    return sweeps * len(program.live()) <= SEEDED_ROWS


ENTRIES: dict[str, Callable[[Program, Sequence[str]], Program]] = {
    "value": value, "value_and_grad": value_and_grad, "jvp": jvp, "vjp": vjp, "jacobian": jacobian, "hessian": hessian, "hvp": hvp,
}
"""Every kernel a module can hold, in the order in which modules list them."""
OF_CURVATURES = ("hessian", "hvp")
"""Those that hand back derivatives of second order."""
