"""Rows as SymPy expressions: labels become the user's letters, rows that a table shows become their symbols.

The walk is a loop.  A letter runs from the first index of the declaration (0 or 1) to the size of its axis.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import NamedTuple

import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanFunction

from symgrad.graph import functions
from symgrad.graph.graph import Graph
from symgrad.graph.kinks import DEFAULT, Kinks
from symgrad.graph.rows import BOOLEAN, Ref, Row

ONE = sp.S.One
Letters = tuple[sp.Basic, ...]
Leaf = Callable[[Letters], sp.Expr]
_SPARE = "ijklmpqrstuvabcdefgh"
Plan = tuple[Sequence[Hashable], Callable[[list], sp.Expr]]


class AnyOver(BooleanFunction):
    """Whether a condition holds anywhere along an index."""


class _Place(NamedTuple):
    """One row read at letters; `scope` are letters that a sum inside it must not take."""

    row: int
    letters: Letters
    scope: frozenset


class Letterbook:
    """Letters by size: the user's own first, spare ones after them."""

    def __init__(self, by_size: Mapping[sp.Expr, Sequence[sp.Basic]], taken: Collection[str], base: int = 0):
        self.by_size = {size: list(letters) for size, letters in by_size.items()}
        self.taken = set(taken)
        self.base = sp.Integer(base)

    def pick(self, size: sp.Expr, avoid: Collection[sp.Basic]) -> sp.Basic:
        for letter in self.by_size.get(size, ()):
            if letter not in avoid:
                return letter
        used = {str(letter) for letters in self.by_size.values() for letter in letters} | {str(letter) for letter in avoid}
        name = next((c for c in _SPARE if c not in used and c not in self.taken), None)
        count = 1
        while name is None or name in used or name in self.taken:
            name, count = f"i_{count}", count + 1
        letter = sp.Symbol(name, integer=True)
        self.by_size.setdefault(size, []).append(letter)
        return letter

    def choose(self, sizes: Sequence[sp.Expr], avoid: Collection[sp.Basic] = ()) -> Letters:
        chosen: list[sp.Basic] = []
        for size in sizes:
            chosen.append(self.pick(size, {*avoid, *chosen}))
        return tuple(chosen)

    def limits(self, letter: sp.Basic, size: sp.Expr) -> tuple:
        return (letter, self.base, sp.expand(size - 1 + self.base))


class Spelling:
    """SymPy expressions of rows of one graph.  `known` maps a row to what it is called at given letters."""

    def __init__(self, graph: Graph, letters: Letterbook, inputs: Callable[[str, Letters], sp.Expr]):
        self.graph, self.letterbook, self.inputs = graph, letters, inputs

    def row(self, index: int, letters: Letters, known: Mapping[int, Leaf], scope: Collection = ()) -> sp.Expr:
        """A row at letters; the row itself is taken apart also where it is known."""
        others = {key: leaf for key, leaf in known.items() if key != index}
        return self._evaluate(_Place(index, tuple(letters), frozenset([*letters, *scope])), others)

    def ref(self, ref: Ref, names: Mapping, known: Mapping[int, Leaf], scope: Collection = ()) -> sp.Expr:
        """A reference whose labels have letters; a known row is called by its name."""
        letters = tuple(names[label] for label in ref.labels)
        return self._evaluate(_Place(ref.row, letters, frozenset([*names.values(), *scope])), known)

    def _evaluate(self, root: _Place, known: Mapping[int, Leaf]) -> sp.Expr:
        done: dict[Hashable, sp.Expr] = {}
        plans: dict[Hashable, Plan] = {}
        stack: list[Hashable] = [root]
        while stack:
            place = stack[-1]
            if place in done:
                stack.pop()
                continue
            if place not in plans:
                plans[place] = self._plan(place, known)  # type: ignore[arg-type]
            children, build = plans[place]
            missing = [child for child in children if child not in done]
            if missing:
                stack.extend(missing)
                continue
            done[place] = build([done[child] for child in children])
            stack.pop()
        return done[root]

    # ------------------------------------------------------------------ one row

    def _plan(self, place: _Place, known: Mapping[int, Leaf]) -> Plan:
        row, letters = self.graph.rows[place.row], place.letters
        if place.row in known:
            return _ready(known[place.row](letters))
        if row.op == "input":
            return _ready(self.inputs(row.payload.name, letters))
        if row.op == "constant":
            return _ready(sp.true if row.kind == BOOLEAN and row.payload else sp.false if row.kind == BOOLEAN else row.payload)
        if row.op == "iota":
            return _ready(letters[0] - self.letterbook.base)
        if row.op == "others":
            return self._others(row, place)
        return self._inner(row, place, known)

    def _inner(self, row: Row, place: _Place, known: Mapping[int, Leaf]) -> Plan:
        local = dict(zip(row.keep, place.letters, strict=True))
        scope, summed = set(place.scope), []
        targets = self._targets(row, local) if row.op == "product" else {}
        for label, size in enumerate(row.sizes):
            if label not in local and label not in targets:
                local[label] = self.letterbook.pick(size, scope)
                scope.add(local[label])
                summed.append((local[label], size))
        for label, position in targets.items():
            local[label] = self._subscript(row, position, local, scope, known)
        read = set(targets.values())
        children = [_Place(arg, tuple(local[label] for label in axes), frozenset(scope)) for arg, axes in zip(row.args, row.axes, strict=True)]
        limits = [self.letterbook.limits(letter, size) for letter, size in summed]
        if row.op == "product":
            factors = [child for position, child in enumerate(children) if position not in read]
            return factors, lambda parts: _summed(row.payload, sp.Mul(*parts), limits)
        return children, lambda parts: self._build(row, parts, place.letters, limits)

    def _others(self, row: Row, place: _Place) -> Plan:
        """The product of all elements but one along an axis: that one stands as 1."""
        own, size = place.letters[row.payload], row.sizes[row.axes[0][row.payload]]
        letter = self.letterbook.pick(size, place.scope)
        inner = (*place.letters[:row.payload], letter, *place.letters[row.payload + 1:])
        child = _Place(row.args[0], inner, place.scope | {letter})
        return [child], lambda parts: sp.Product(sp.Piecewise((ONE, sp.Eq(letter, own)), (parts[0], True)), self.letterbook.limits(letter, size))

    def _targets(self, row: Row, local: Mapping[int, sp.Basic]) -> dict[int, int]:
        """Labels that a one-hot operand reads, and its position: the subscript itself stands in their place."""
        found: dict[int, int] = {}
        for position, (arg, axes) in enumerate(zip(row.args, row.axes, strict=True)):
            is_hot = self.graph.rows[arg].op == "onehot"
            if is_hot and axes[-1] not in local and axes[-1] not in found and not any(label in found for label in axes[:-1]):
                found[axes[-1]] = position
        return found

    def _subscript(self, row: Row, position: int, local: Mapping[int, sp.Basic], scope: set, known: Mapping[int, Leaf]) -> sp.Expr:
        hot = self.graph.rows[row.args[position]]
        inside = dict(zip(hot.keep[:-1], (local[label] for label in row.axes[position][:-1]), strict=True))
        index = _Place(hot.args[0], tuple(inside[label] for label in hot.axes[0]), frozenset(scope))
        return self._evaluate(index, known) + self.letterbook.base

    def _build(self, row: Row, parts: list[sp.Expr], letters: Letters, limits: list[tuple]) -> sp.Expr:
        if row.op == "named":
            return parts[0]
        if row.op == "sum":
            coefficients, constant = row.payload
            return sp.Add(constant, *(c * part for c, part in zip(coefficients, parts, strict=True)))
        if row.op == "map":
            return mapped(row, parts)
        if row.op == "onehot":
            delta = sp.KroneckerDelta(letters[-1], parts[0] + self.letterbook.base)
            return delta if len(parts) == 1 or row.payload == "checked" else sp.Piecewise((delta, parts[1]), (0, True))
        if row.op == "logsumexp":
            return sp.log(sp.Sum(sp.exp(parts[0]), *limits))
        if row.op == "rest":
            return sp.Sum(parts[0], *limits) - 1
        if row.op == "compounded":
            return sp.Product(1 + parts[0], *limits) - 1
        if row.op in ("prod", "logprod"):
            product = sp.Product(parts[0], *limits)
            return sp.log(product) if row.op == "logprod" else product
        if row.op == "extremum":
            head = AnyOver if row.kind == BOOLEAN else sp.Function(f"{row.payload.capitalize()}Over")
            return head(parts[0], *(sp.Tuple(*limit) for limit in limits))
        return sp.Function(row.op)(*parts)


def _ready(expr: sp.Expr) -> Plan:
    return (), lambda parts: expr


def _summed(coefficient: sp.Expr, body: sp.Expr, limits: list[tuple]) -> sp.Expr:
    """coefficient * Sum(body): a number of the body stays in front."""
    if not limits:
        return coefficient * body
    number, rest = body.as_coeff_Mul()
    return coefficient * number * sp.Sum(rest, *limits)


def mapped(row: Row, parts: Sequence[sp.Expr]) -> sp.Expr:
    """An elementary function of SymPy expressions."""
    name, *parameters = row.payload
    if name == "real" and isinstance(parts[0], Boolean) and not isinstance(parts[0], sp.Expr):  # a symbol is both
        return sp.Piecewise((ONE, parts[0]), (sp.S.Zero, True))
    return functions.TABLE[name].expression(parts, tuple(parameters))


def partial_of(row: Row, parts: Sequence[sp.Expr], position: int, kinks: Kinks = DEFAULT) -> sp.Expr:
    """The local partial of an elementary row as SymPy writes it, in terms of the arguments.

    Where SymPy has no usable form (Max, floor, functions of the user's own), or another slope at a kink was chosen than SymPy's, the
    table's partial stands in.
    """
    name, *parameters = row.payload
    if name == "select":
        condition = parts[0] if position == 1 else sp.Not(parts[0])
        return sp.Piecewise((ONE, condition), (sp.S.Zero, True))
    if name in ("max", "min") and len(parts) == 2 and not parts[position].is_number:
        mine, other = parts[position], parts[1 - position]
        rows = {"share": functions.HALF, "first": sp.Integer(1 - position), "last": sp.Integer(position)}
        numbers = {"constant": sp.S.Zero, "share": functions.HALF, "variable": ONE}
        tied = numbers[str(kinks.constant_tie)] if other.is_number else rows[str(kinks.max_tie)]
        return sp.Piecewise((ONE, mine > other if name == "max" else mine < other), (tied, sp.Eq(mine, other)), (sp.S.Zero, True))
    places = [sp.Dummy(real=True) if not part.is_number else part for part in parts]
    value = functions.TABLE[name].expression(places, tuple(parameters))
    derived = sp.diff(value, places[position]) if places[position].is_Symbol else sp.S.Zero
    if (name == "abs" and kinks.abs != 0) or derived.has(sp.Heaviside, sp.DiracDelta, sp.Derivative, sp.Subs):
        derived = functions.partials_of(name, tuple(parameters), tuple(places), kinks)[position].subs(functions.R, value)
    return derived.xreplace(dict(zip(places, parts, strict=True)))
