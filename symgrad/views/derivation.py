"""The derivation of one declaration: what a table's rows say, in symbols and at a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import sympy as sp

from symgrad.derive.sweep import Sweep
from symgrad.graph.labels import Label
from symgrad.graph.program import Output
from symgrad.graph.rows import Ref
from symgrad.inspect.algebra import Algebra, LocalPartial
from symgrad.inspect.spelling import Leaf
from symgrad.inspect.table import Derivative, Exact
from symgrad.inspect.view import Step
from symgrad.views.matrices import as_matrix_product
from symgrad.views.numbers import Numbers
from symgrad.views.paths import Path, paths

ZERO, ONE = sp.S.Zero, sp.S.One
MOST_EXACT = 40
"""Tables whose result would hold more rows than this when written out show no exact numbers: they would be too long to read."""
SIMPLE = 8
"""An adjoint of fewer operations than this stands in the formulas that use it; a longer one is called by its name."""


class Derivation:
    """Derivatives and numbers of the rows that a table shows; each is worked out when first asked for."""

    def __init__(self, algebra: Algebra, level: str, numbers: Numbers | None):
        self.algebra, self.view, self.numbers = algebra, algebra.view, numbers
        self.level = level
        everything = self.view.steps
        results = set(self.view.results)
        self.steps: list[Step] = everything if level == "xi" else [s for s in everything if s.given or s.name in results]
        self.leaves: dict[int, Leaf] = {s.index: algebra.leaves[s.index] for s in self.steps}
        self.sources = self.view.sources()
        self._locals: dict[str, list[LocalPartial]] = {}

    @cached_property
    def scalar(self) -> bool:
        """Whether every row and every parameter is one number."""
        graph = self.algebra.graph
        return not any(graph.rows[row].keep for row in [*(s.index for s in self.view.steps), *self.sources.values()])

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(self.algebra.graph, self.view.program.kinks)

    def _step(self, name: str) -> Step:
        return self.algebra.by_name[name]

    # ------------------------------------------------------------------ formulas

    def definition(self, name: str) -> sp.Expr:
        return self.algebra.definition(self._step(name), self.leaves)

    def expanded(self, name: str) -> sp.Expr:
        return self.algebra.expanded(self._step(name))

    def mentions(self, name: str) -> list[str]:
        """What the row's definition stands on: shown rows and inputs, in the order of rows."""
        graph, step = self.algebra.graph, self._step(name)
        names = {s.index: s.name for s in self.steps if s.index != step.index}
        found, seen, stack = set(), set(), [step.body]
        while stack:
            row = stack.pop()
            if row in seen:
                continue
            seen.add(row)
            if row in names or graph.rows[row].op == "input":
                found.add(row)
            else:
                stack.extend(graph.rows[row].args)
        return [names[row] if row in names else graph.rows[row].payload.name for row in sorted(found)]

    def local(self, name: str) -> list[LocalPartial]:
        if name not in self._locals:
            step = self._step(name)
            self._locals[name] = self.algebra.partials(step) if self.level == "xi" else self._chained(step)
        return self._locals[name]

    # ------------------------------------------------------------------ named rows: partials along all paths between them

    def _chained(self, step: Step) -> list[LocalPartial]:
        if not step.active:
            return []
        graph, sweep = self.algebra.graph, self.sweep
        stops = {s.index: graph.constant(ZERO) for s in self.steps if s.index != step.index}
        stops |= {row: graph.constant(ZERO) for row in self.sources.values()}
        shown = {s.index for s in self.steps if s.active} | set(self.sources.values())
        above = [row for row in graph.live([step.body]) if row in shown and row != step.index]
        out = []
        for row in above:
            seed, seeds = self._delta(row)
            dot = sweep.forward([step.body], {**stops, row: seed}).get(step.body) if row != step.body else seed
            if dot is not None and graph.constant_value(dot) != 0:
                out.append(self._between(step, row, dot, seeds))
        return out

    def _between(self, step: Step, row: int, dot: Ref, seeds: tuple[Label, ...]) -> LocalPartial:
        algebra = self.algebra
        own = self.sweep.axes(step.body)
        names = dict(zip(own, algebra.letters(step), strict=True))
        for label in seeds:
            names[label] = algebra.spelling.letterbook.pick(label.size, set(names.values()))
        expression = algebra.spelling.ref(dot, names, {**self.leaves, step.body: self.leaves[step.index]})
        if self.scalar:
            expression = self._along(step.name).get(row, expression)
        parent_at = algebra.parent_at(row, tuple(names[label] for label in seeds))
        return LocalPartial(algebra.parents[row], expression, algebra.at(step), parent_at, dot, algebra.shown_axes(step, own, row, seeds))

    def _along(self, target: str) -> dict[int, sp.Expr]:
        """Partials of a scalar row towards the nearest shown rows: products of SymPy's partials, added over paths."""
        shown = {s.name for s in self.steps} | set(self.sources)
        numbers = {name: row for row, name in self.algebra.parents.items()}
        words = {self.algebra.at(s): self.algebra.definition(s, self.leaves) for s in self.view.steps if s.name not in shown}
        near: dict[str, dict[str, sp.Expr]] = {}
        for step in self.view.steps:
            found: dict[str, sp.Expr] = {}
            for partial in self.algebra.partials(step):
                local = partial.expression.xreplace(words)
                inner = {partial.parent: ONE} if partial.parent in shown else near.get(partial.parent, {})
                for name, factor in inner.items():
                    found[name] = found.get(name, ZERO) + local * factor
            near[step.name] = found
            if step.name == target:
                break
        return {numbers[name]: expr for name, expr in near[target].items()}

    def _delta(self, row: int) -> tuple[Ref, tuple[Label, ...]]:
        """One-hot seeds for every element of a row, and their labels."""
        graph, axes = self.algebra.graph, self.sweep.axes(row)
        seeds = tuple(Label(axis.size) for axis in axes)
        hots = [graph.onehot(graph.iota(axis), seed) for axis, seed in zip(axes, seeds, strict=True)]
        return graph.product(ONE, hots), seeds

    # ------------------------------------------------------------------ derivatives of scalar tables, in the inputs

    @cached_property
    def _expansions(self) -> dict[sp.Expr, sp.Expr]:
        return {self.algebra.at(s): self.expanded(s.name) for s in self.steps}

    def _in_inputs(self, partial: LocalPartial) -> sp.Expr:
        return partial.expression.xreplace(self._expansions)

    @cached_property
    def _scalar_tangents(self) -> dict[str, dict[str, sp.Expr]]:
        found = {name: {w: ONE if w == name else ZERO for w in self.sources} for name in self.sources}
        for step in self.steps:
            terms = [(self._in_inputs(p), found[p.parent]) for p in self.local(step.name) if p.parent in found]
            found[step.name] = {w: sp.Add(*(local * inner[w] for local, inner in terms)) for w in self.sources}
        return found

    @cached_property
    def _scalar_adjoints(self) -> list[dict[str, sp.Expr]]:
        """For each result the adjoints of rows and parameters."""
        out = []
        for result in self.view.results:
            found = dict.fromkeys([*(s.name for s in self.steps), *self.sources], ZERO)
            found[result] = ONE
            for step in reversed(self.steps):
                partials = self.local(step.name) if found[step.name] != 0 else []
                for partial in partials:
                    found[partial.parent] += found[step.name] * self._in_inputs(partial)
            out.append(found)
        return out

    # ------------------------------------------------------------------ derivatives of array tables, in rows

    @cached_property
    def _bars(self) -> list[tuple[dict[int, Ref], tuple[Label, ...]]]:
        """For each result the adjoints as rows, and the labels of the result's elements."""
        graph, out = self.algebra.graph, []
        for output in self.view.outputs():
            row = output.ref.row
            seed, seeds = self._delta(row) if graph.rows[row].keep else (graph.constant(ONE), ())
            out.append((self.sweep.reverse({row: seed}, self.sources.values()), seeds))
        return out

    @cached_property
    def _dots(self) -> dict[str, tuple[dict[int, Ref], tuple[Label, ...]]]:
        """For each parameter the tangents of all rows as rows, and the labels of the parameter's elements."""
        out = {}
        for name, row in self.sources.items():
            seed, seeds = self._delta(row)
            out[name] = (self.sweep.forward([s.index for s in self.view.steps], {row: seed}), seeds)
        return out

    @cached_property
    def _array_adjoints(self) -> list[dict[str, sp.Expr]]:
        return [self._spelled(bars, seeds, list(reversed(self.steps)), "delta") for bars, seeds in self._bars]

    @cached_property
    def _array_tangents(self) -> dict[str, dict[str, sp.Expr]]:
        return {name: self._spelled(dots, seeds, self.steps, f"dot_{name}") for name, (dots, seeds) in self._dots.items()}

    def _spelled(self, derived: Mapping[int, Ref], seeds: tuple[Label, ...], steps: Sequence[Step], prefix: str) -> dict[str, sp.Expr]:
        """Derivative rows as SymPy.  Inside a sum, and where they are long, derivatives of other rows go by name."""
        book, out = self.algebra.spelling.letterbook, {}
        named: dict[int, Leaf] = {}
        long: dict[int, Leaf] = {}
        targets = [(s.name, s.index, self.algebra.letters(s)) for s in steps if s.active]
        targets += [(name, row, self._parameter_letters(name)) for name, row in self.sources.items()] if prefix == "delta" else []
        for name, row, letters in targets:
            ref = derived.get(row)
            if ref is None:
                out[name] = ZERO
                continue
            names = dict(zip(self.sweep.axes(row), letters, strict=True))
            for label in seeds:
                names[label] = book.pick(label.size, set(names.values()))
            own = {key: leaf for key, leaf in named.items() if key != ref.row}
            expr = self.algebra.spelling.ref(ref, names, {**self.leaves, **{k: v for k, v in long.items() if k != ref.row}})
            if expr.has(sp.Sum):
                expr = self.algebra.spelling.ref(ref, names, {**self.leaves, **own})
            out[name] = expr
            if letters and self._may_be_named(ref):
                leaf = self._derivative_leaf(f"{prefix}_{name}", row, ref, names)
                named.setdefault(ref.row, leaf)
                if expr.has(sp.Sum) or sp.count_ops(expr) > SIMPLE:
                    long.setdefault(ref.row, leaf)
        return out

    def _may_be_named(self, ref: Ref) -> bool:
        return ref.row not in self.leaves and self.algebra.graph[ref].op not in ("constant", "input", "onehot", "iota") and bool(ref.labels)

    def _derivative_leaf(self, name: str, row: int, ref: Ref, names: Mapping[Label, sp.Basic]) -> Leaf:
        """The name of a derivative row at letters, its subscripts in the order of the row it belongs to."""
        step = next((s for s in self.steps if s.index == row), None)
        own = self.algebra.order(step) if step is not None else range(len(self.sweep.axes(row)))
        wanted = [self.sweep.axes(row)[k] for k in own] + [label for label in ref.labels if label not in self.sweep.axes(row)]
        places = [ref.labels.index(label) for label in wanted if label in ref.labels]
        return lambda letters: sp.IndexedBase(name)[tuple(letters[k] for k in places)]

    # ------------------------------------------------------------------ what a row asks for

    def tangents(self, name: str) -> dict[str, sp.Expr]:
        if self.scalar:
            return self._scalar_tangents[name]
        return {w: found.get(name, ZERO) for w, found in self._array_tangents.items()}

    def adjoint(self, name: str) -> Derivative:
        found = [one.get(name, ZERO) for one in (self._scalar_adjoints if self.scalar else self._array_adjoints)]
        return found[0] if len(found) == 1 else tuple(found)

    def paths(self, parameter: str, result: int) -> tuple[Path, ...]:
        if not self.scalar:
            return ()
        return paths({s.name: [p.parent for p in self.local(s.name)] for s in self.steps}, self.view.results[result], parameter)

    def gradient(self, parameter: str, result: int) -> sp.Expr:
        found = self._scalar_adjoints if self.scalar else self._array_adjoints
        return found[result].get(parameter, ZERO)

    def _parameter_letters(self, name: str) -> tuple:
        return self.algebra.spelling.letterbook.choose(self.algebra.graph.rows[self.sources[name]].shape)

    def parameter_at(self, name: str) -> sp.Expr:
        return self.algebra.symbol(name, self._parameter_letters(name))

    def matrix_form(self, parameter: str) -> sp.Basic | None:
        """The gradient as a product of two matrices, where that is what it is."""
        if self.scalar or len(self._bars) > 1 or self._bars[0][1]:
            return None
        expr, letters = self._array_adjoints[0].get(parameter, ZERO), self._parameter_letters(parameter)
        return as_matrix_product(expr, letters, self.algebra.graph.rows[self.sources[parameter]].shape)

    # ------------------------------------------------------------------ numbers

    def _axes(self, step: Step) -> tuple[Label, ...]:
        axes = self.sweep.axes(step.index)
        return tuple(axes[k] for k in self.algebra.order(step))

    def _run(self, outputs: Mapping[str, Output]) -> dict[str, Any]:
        return self.numbers.run(self.algebra.graph, outputs)  # type: ignore[union-attr]

    @cached_property
    def _values(self) -> dict[str, Any]:
        return self._run({s.name: Output(Ref(s.index, self.sweep.axes(s.index)), self._axes(s)) for s in self.steps})

    @cached_property
    def _partial_values(self) -> dict[str, Any]:
        outputs = {}
        for step in self.steps:
            for partial in self.local(step.name):
                ref: Ref = partial.ref  # type: ignore[assignment]
                outputs[f"{step.name} {partial.parent}"] = Output(ref, tuple(label for label in partial.labels if label in ref.labels))
        return self._run(outputs)

    @cached_property
    def _tangent_values(self) -> dict[str, Any]:
        zero, outputs = self.algebra.graph.constant(ZERO), {}
        for name, (dots, seeds) in self._dots.items():
            for step in self.steps:
                outputs[f"{step.name} {name}"] = Output(dots.get(step.index, zero), (*self._axes(step), *seeds))
        return self._run(outputs)

    @cached_property
    def _adjoint_values(self) -> dict[str, Any]:
        zero, outputs = self.algebra.graph.constant(ZERO), {}
        for position, (bars, seeds) in enumerate(self._bars):
            for step in self.steps:
                outputs[f"{step.name} {position}"] = Output(bars.get(step.index, zero), (*seeds, *self._axes(step)))
            for name, row in self.sources.items():
                outputs[f"parameter {name} {position}"] = Output(bars.get(row, zero), (*seeds, *self.sweep.axes(row)))
        return self._run(outputs)

    def value(self, name: str) -> Any:
        return self._values[name]

    def partial_values(self, name: str) -> dict[str, Any]:
        return {p.parent: self._partial_values[f"{name} {p.parent}"] for p in self.local(name)}

    def tangent_values(self, name: str) -> dict[str, Any]:
        return {w: self._tangent_values[f"{name} {w}"] for w in self.sources}

    def adjoint_value(self, name: str) -> Any:
        found = tuple(self._adjoint_values[f"{name} {k}"] for k in range(len(self.view.results)))
        return found[0] if len(found) == 1 else found

    def gradient_value(self, parameter: str, result: int) -> Any:
        return None if self.numbers is None else self._adjoint_values[f"parameter {parameter} {result}"]

    def parameter_values(self) -> dict[str, Any]:
        """The inputs at the point, for pictures."""
        return self.numbers.shown if self.numbers is not None else {}  # type: ignore[return-value]

    # ------------------------------------------------------------------ exact numbers

    def _length(self) -> int:
        """How many rows the expansion of the longest row would hold, every use counted."""
        found: dict[str, int] = {}
        for step in self.view.steps:
            found[step.name] = 1 + sum(found.get(p.parent, 0) for p in self.algebra.partials(step))
        return max(found.values())

    @cached_property
    def _exact(self) -> dict[str, Exact] | None:
        """All rows at an exact point, each from the exact numbers of the rows before it."""
        numbers = self.numbers
        if numbers is None or not self.scalar or set(numbers.exact) != set(numbers.shown) or self._length() > MOST_EXACT:
            return None
        at: dict[sp.Expr, sp.Expr] = {self.algebra.symbol(name): value for name, value in numbers.exact.items()}
        locals_, values = {}, {}
        for step in self.steps:
            values[step.name] = at[self.algebra.at(step)] = self.definition(step.name).xreplace(at)
            locals_[step.name] = {p.parent: p.expression.xreplace(at) for p in self.local(step.name)}
        return {name: Exact(values[name], locals_[name], {w: e.xreplace(at) for w, e in self._scalar_tangents[name].items()},
                            _one_or_all([one[name].xreplace(at) for one in self._scalar_adjoints])) for name in values}

    def exact(self, name: str) -> Exact | None:
        return None if self._exact is None else self._exact[name]

    def exact_gradient(self, parameter: str, result: int) -> sp.Expr | None:
        if self._exact is None:
            return None
        at = {self.algebra.symbol(name): value for name, value in self.numbers.exact.items()}  # type: ignore[union-attr]
        return self._scalar_adjoints[result][parameter].xreplace(at)


def _one_or_all(found: list) -> Any:
    return found[0] if len(found) == 1 else tuple(found)
