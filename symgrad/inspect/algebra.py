"""What a table says about its rows in SymPy: definitions, expansions and local partials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp

from symgrad.graph.kinds import KINDS, Partial
from symgrad.graph.labels import Label
from symgrad.graph.rows import REAL, Ref
from symgrad.inspect.spelling import Leaf, Letterbook, Letters, Spelling, partial_of
from symgrad.inspect.view import Step, View


@dataclass(frozen=True)
class Words:
    """The user's own objects and letters: symbols of inputs and names, letters of names, letters by size."""

    symbols: Mapping[str, sp.Basic]
    letters: Mapping[str, Letters]
    by_size: Mapping[sp.Expr, Sequence[sp.Basic]]
    first_index: int = 0


@dataclass(frozen=True)
class LocalPartial:
    """d row / d parent: the expression, both at their letters, and the same as a row (None where a table chained it)."""

    parent: str
    expression: sp.Expr
    row_at: sp.Expr
    parent_at: sp.Expr
    ref: Ref | None = None
    labels: tuple[Label, ...] = ()


@dataclass
class Algebra:
    """SymPy for the rows of one view.  The graph is a copy, so that rows of derivatives can be added to it."""

    view: View
    words: Words
    _partials: dict[str, list[LocalPartial]] = field(default_factory=dict)

    @cached_property
    def graph(self):
        return self.view.graph.copy()

    @cached_property
    def spelling(self) -> Spelling:
        taken = {*self.words.symbols, *(step.name for step in self.view.steps)}
        book = Letterbook(self.words.by_size, taken, self.words.first_index)
        return Spelling(self.graph, book, self.symbol)

    @cached_property
    def by_name(self) -> dict[str, Step]:
        return {step.name: step for step in self.view.steps}

    @cached_property
    def leaves(self) -> dict[int, Leaf]:
        """What each shown row is called at given letters."""
        return {step.index: self.leaf(step) for step in self.view.steps}

    def leaf(self, step: Step) -> Leaf:
        order = self.order(step)
        return lambda letters: self.symbol(step.name, tuple(letters[k] for k in order))

    def order(self, step: Step) -> list[int]:
        """The order in which the axes of a row are shown, as positions in the row's own: the user's for a named row."""
        ref, axes = self.view.program.names.get(step.name, (None, ()))
        if ref is None or ref.row != step.index:
            sizes = self.graph.rows[step.index].shape
            return sorted(range(len(sizes)), key=lambda k: self._size_order.get(sizes[k], len(self._size_order)))
        return [ref.labels.index(axis) for axis in axes if axis in ref.labels]

    @cached_property
    def _size_order(self) -> dict[sp.Expr, int]:
        """Sizes in the order in which data, then parameters, have them: the axes of unnamed rows follow it."""
        specs = sorted(self.view.program.inputs, key=lambda spec: spec.name in self.view.wrt)
        found: dict[sp.Expr, int] = {}
        for spec in specs:
            for size in spec.axes:
                found.setdefault(size, len(found))
        return found

    def symbol(self, name: str, letters: Letters = ()) -> sp.Expr:
        """A name at letters, as the user's own object where it has that many axes."""
        own: Any = self.words.symbols.get(name)
        if isinstance(own, sp.MatrixSymbol):
            return _element(own, letters)
        if not letters:
            return own if isinstance(own, sp.Symbol) else sp.Symbol(name, real=True)
        if isinstance(own, sp.IndexedBase) and (own.shape is None or len(own.shape) == len(letters)):
            return own[letters]
        return sp.IndexedBase(name)[letters]

    # ------------------------------------------------------------------ rows

    def shape(self, step: Step) -> tuple[sp.Expr, ...]:
        sizes = self.graph.rows[step.index].shape
        return tuple(sizes[k] for k in self.order(step))

    def letters(self, step: Step) -> Letters:
        """The letters of a row, in the order of the row's own axes."""
        sizes = self.graph.rows[step.index].shape
        given = self.words.letters.get(step.name, ()) if step.given else ()
        order = self.order(step)
        if len(given) == len(order) == len(sizes):
            return tuple(letter for _, letter in sorted(zip(order, given, strict=True), key=lambda pair: pair[0]))
        return self.spelling.letterbook.choose(sizes)

    def at(self, step: Step) -> sp.Expr:
        return self.leaves[step.index](self.letters(step))

    def definition(self, step: Step, known: Mapping[int, Leaf] | None = None) -> sp.Expr:
        """The row in terms of earlier rows (or of those that are `known`) and inputs."""
        known = self.leaves if known is None else known
        others = {row: leaf for row, leaf in known.items() if row != step.index}
        return self.spelling.row(step.body, self.letters(step), others)

    def expanded(self, step: Step) -> sp.Expr:
        """The row in terms of inputs alone."""
        return self.definition(step, {})

    # ------------------------------------------------------------------ partials

    def partials(self, step: Step) -> list[LocalPartial]:
        """Local partials towards the parents that depend on a parameter, in the order of the operands."""
        if step.name not in self._partials:
            self._partials[step.name] = self._local(step) if step.active else self._of_input(step)
        return self._partials[step.name]

    def _of_input(self, step: Step) -> list[LocalPartial]:
        """An input that is a row, as xi_0 = X, has the partial 1 towards itself."""
        body = self.graph.rows[step.body]
        inner = self.graph.rows[body.args[0]] if body.op == "named" else body
        if inner.op != "input" or not step.alias.endswith("_0"):
            return []
        return [LocalPartial(inner.payload.name, sp.S.One, self.at(step), self.symbol(inner.payload.name, self.letters(step)),
                             self.graph.constant(sp.S.One))]

    @cached_property
    def parents(self) -> dict[int, str]:
        """The rows that can be parents: shown rows that depend on a parameter, and the parameters."""
        rows = {row: name for name, row in self.view.sources().items()}
        return rows | {step.index: step.name for step in self.view.steps if step.active}

    def _local(self, step: Step) -> list[LocalPartial]:
        row = self.graph.rows[step.body]
        own = self.letters(step)
        result = self.graph.whole(step.body)
        args, _ = self.graph.open(result)
        names: dict[Label, sp.Basic] = dict(zip(result.labels, own, strict=True))
        for ref in args:
            for label in ref.labels:
                names.setdefault(label, self.spelling.letterbook.pick(label.size, set(names.values())))
        found = KINDS[row.op].partials(self.graph, result, args, self.view.program.kinks)
        found = [p for p in found if p.argument.row in self.parents and self.graph[p.argument].kind == REAL]
        return self._constant_partials(step, args, found) or [
            self._one(step, result, names, args, [p for p in found if p.argument.row == parent])
            for parent in dict.fromkeys(p.argument.row for p in found)]

    def _constant_partials(self, step: Step, args: Sequence[Ref], found: list) -> list[LocalPartial]:
        """Functions that are flat almost everywhere (sign, floor) have partials 0, which the passes leave out."""
        row = self.graph.rows[step.body]
        if found or row.op != "map" or row.payload[0] == "select":
            return []
        parents = dict.fromkeys(ref for ref in args if ref.row in self.parents)
        names = dict.fromkeys(self.parents[ref.row] for ref in parents)
        zero = self.graph.constant(sp.S.Zero)
        return [LocalPartial(name, sp.S.Zero, self.at(step), self.symbol(name), zero) for name in names]

    def _one(self, step: Step, result: Ref, names: dict, args: list[Ref], found: list[Partial]) -> LocalPartial:
        """Partials towards one parent: every place where it stands, added."""
        argument = found[0].argument
        same = all(p.argument.labels == argument.labels for p in found)
        target = argument.labels if same else tuple(Label(label.size) for label in argument.labels)
        for label in target:
            names.setdefault(label, self.spelling.letterbook.pick(label.size, set(names.values())))
        terms = [(sp.S.One, self._placed(partial, result, target)) for partial in found]
        ref = self.graph.sum(sp.S.Zero, terms)
        row = self.graph.rows[step.body]
        if row.op == "map":
            expression = self._elementary(step, args, names, argument.row, target)
        else:
            known = {**self.leaves, step.body: self.leaves[step.index]}
            expression = self.spelling.ref(ref, names, known)
        name = self.parents[argument.row]
        parent_at = self.parent_at(argument.row, tuple(names[label] for label in target))
        return LocalPartial(name, expression, self.at(step), parent_at, ref, self.shown_axes(step, result.labels, argument.row, target))

    def shown_axes(self, step: Step, own: Sequence[Label], parent: int, target: Sequence[Label]) -> tuple[Label, ...]:
        """The axes of a partial: the row's, then the parent's, each in the order in which they are shown."""
        other = next((s for s in self.view.steps if s.index == parent), None)
        order = self.order(other) if other is not None else range(len(target))
        return tuple(dict.fromkeys([*(own[k] for k in self.order(step)), *(target[k] for k in order)]))

    def parent_at(self, row: int, letters: Letters) -> sp.Expr:
        return self.leaves[row](letters) if row in self.leaves else self.symbol(self.parents[row], letters)

    def _placed(self, partial: Partial, result: Ref, target: tuple[Label, ...]) -> Ref:
        """coefficient * factors with the argument's labels called `target`, summed over what neither side has."""
        graph, factors = self.graph, list(partial.factors)
        renamed = {}
        for old, new in zip(partial.argument.labels, target, strict=True):
            if old is new:
                continue
            if old in result.labels:
                factors.append(graph.onehot(graph.iota(old), new))
            else:
                renamed[old] = new
        factors = [factor.rename(renamed) for factor in factors]
        carried = dict.fromkeys(label for factor in factors for label in factor.labels)
        over = [label for label in carried if label not in result.labels and label not in target]
        ref = graph.product(partial.coefficient, factors, over)
        return ref if partial.gate is None else graph.select(partial.gate, ref, graph.constant(sp.S.Zero))

    def _elementary(self, step: Step, args: list[Ref], names: dict, parent: int, target: tuple[Label, ...]) -> sp.Expr:
        row = self.graph.rows[step.body]
        parts = [self.spelling.ref(ref, names, self.leaves) for ref in args]
        total = sp.S.Zero
        for position, ref in enumerate(args):
            if ref.row == parent:
                deltas = [sp.KroneckerDelta(names[new], names[old]) for old, new in zip(ref.labels, target, strict=True) if old is not new]
                total += partial_of(row, parts, position, self.view.program.kinks) * sp.Mul(*deltas)
        return total


def _element(matrix: sp.MatrixSymbol, letters: Letters) -> sp.Expr:
    """A matrix at letters; axes with one element are not lettered."""
    rest = list(letters)
    wide = [size != 1 for size in matrix.shape]
    if sum(wide) != len(rest):
        return sp.IndexedBase(matrix.name)[tuple(rest)] if rest else sp.Symbol(matrix.name, real=True)
    return matrix[tuple(rest.pop(0) if one else sp.S.Zero for one in wide)]
