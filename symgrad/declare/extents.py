"""Where a letter's range is read off when nothing states it: plain uses of the letter on axes of known size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from symgrad.declare.scan import Definition, Scan, name_of, walk
from symgrad.errors import DeclarationError, ShapeError, explain
from symgrad.graph.labels import same_size

Shapes = Mapping[str, tuple[sp.Expr | None, ...]]


def extents_of(definition: Definition, scan: Scan, shapes: Shapes, base: int) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    """(first value, size) of each letter on the left side of a definition."""
    return tuple(_extent(definition, position, scan, shapes, base) for position in range(len(definition.letters)))


def _extent(definition: Definition, position: int, scan: Scan, shapes: Shapes, base: int) -> tuple[sp.Expr, sp.Expr]:
    letter = definition.letters[position]
    if definition.shape:
        return sp.Integer(base), sp.sympify(definition.shape[position])
    stated = idx_range(letter)
    if stated is not None:
        return stated
    size = plain_use(letter, [definition.right], shapes, f"{definition.left}")
    if size is None:
        size = used_by_others(definition.name, position, scan, shapes, base)
    if size is None:
        raise DeclarationError(explain(f"the range of {letter} in {definition.left} is not known",
                                       f"no array is subscripted by a plain {letter} on the right, and no user of {definition.name} says it",
                                       f"Give the left side a shape: sympy.IndexedBase({definition.name!r}, shape=(…,))"))
    return sp.Integer(base), size


def idx_range(letter: sp.Basic) -> tuple[sp.Expr, sp.Expr] | None:
    """The range that an Idx carries."""
    if isinstance(letter, sp.Idx) and letter.lower is not None and letter.upper is not None:
        return letter.lower, sp.expand(letter.upper - letter.lower + 1)
    return None


def plain_use(letter: sp.Basic, roots: Iterable[sp.Basic], shapes: Shapes, where: str) -> sp.Expr | None:
    """The size of the axes that the letter subscripts by itself; an error if two of them differ."""
    found: sp.Expr | None = None
    first: sp.Basic | None = None
    for node in walk(roots):
        for size in _sizes_at(letter, node, shapes):
            if found is None:
                found, first = size, node
            elif not same_size(found, size):
                raise ShapeError(explain(f"the letter {letter} of {where} runs over two sizes",
                                         f"{first} gives it {found} and {node} gives it {size}",
                                         "Declare both axes with one size, or use two letters"))
    return found


def _sizes_at(letter: sp.Basic, node: sp.Basic, shapes: Shapes) -> list[sp.Expr]:
    if isinstance(node, sp.Indexed):
        known = shapes.get(name_of(node.base), ())
        return [size for index, size in zip(node.indices, known, strict=False) if index == letter and size is not None]
    if isinstance(node, MatrixElement) and node.parent.is_Matrix:
        return [sp.sympify(size) for index, size in zip(node.args[1:], node.parent.shape, strict=True) if index == letter]
    return []


def used_by_others(name: str, position: int, scan: Scan, shapes: Shapes, base: int) -> sp.Expr | None:
    """The range of the letters that stand at this subscript elsewhere: a Sum's bounds, an Idx."""
    for indices in scan.uses.get(name, ()):
        index = indices[position]
        stated = idx_range(index)
        if stated is not None:
            return stated[1]
        for letter, lower, upper in scan.limits:
            if letter == index and lower == base and not _mentions(upper, scan):
                return sp.expand(upper - lower + 1)
    return None


def _mentions(bound: sp.Expr, scan: Scan) -> bool:
    return bool(bound.free_symbols & scan.bound)


def sort_definitions(definitions: Sequence[Definition]) -> list[Definition]:
    """Definitions in an order in which each uses only earlier ones; a cycle is an error that names it."""
    by_name = {d.name: d for d in definitions}
    needs = {d.name: [name for name in _mentioned(d) if name in by_name] for d in definitions}
    order: list[str] = []
    state: dict[str, int] = {}
    for start in by_name:
        path = [start]
        while path:
            name = path[-1]
            if state.get(name) == 2:
                path.pop()
                continue
            state[name] = 1
            waiting = next((other for other in needs[name] if state.get(other) != 2), None)
            if waiting is None:
                state[name] = 2
                order.append(name)
                path.pop()
            elif state.get(waiting) == 1:
                cycle = [*path[path.index(waiting):], waiting]
                raise DeclarationError(explain(f"where defines {' -> '.join(cycle)} in a circle",
                                               "a definition may only use names that do not depend on it"))
            else:
                path.append(waiting)
    return [by_name[name] for name in order]


def _mentioned(definition: Definition) -> list[str]:
    names = []
    for node in walk([definition.right]):
        if isinstance(node, sp.IndexedBase):
            names.append(name_of(node))
        elif isinstance(node, (sp.Symbol, sp.MatrixSymbol)):
            names.append(node.name)
    return names
