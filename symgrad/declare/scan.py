"""What a declaration talks about: its symbols, arrays, letters and sizes, and whether their names make sense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.matrices.expressions.matexpr import MatrixElement

from symgrad.errors import DeclarationError, UnsupportedError, explain

Letter: TypeAlias = sp.Basic
Pair = tuple[sp.Basic, sp.Basic]


def walk(roots: Iterable[sp.Basic]) -> Iterator[sp.Basic]:
    """Every distinct node below the roots, in a fixed order and without recursion."""
    stack = list(reversed(list(roots)))
    seen: set[sp.Basic] = set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        yield node
        if node.args:
            stack.extend([arg for arg in reversed(node.args) if isinstance(arg, sp.Basic)])


def name_of(symbol: Any) -> str:
    """The name of a symbol, array or matrix, or the name itself."""
    if isinstance(symbol, str):
        return symbol
    if isinstance(symbol, sp.IndexedBase):
        return symbol.label.name if isinstance(symbol.label, sp.Symbol) else str(symbol.label)
    if not isinstance(symbol, (sp.Symbol, sp.MatrixSymbol, sp.Idx)):
        raise DeclarationError(explain(f"{symbol!r} is not a symbol", "a Symbol, IndexedBase, MatrixSymbol or its name is required"))
    return str(symbol.name)


@dataclass
class Definition:
    """One pair of `where`: the name on the left, its letters, its declared shape, and the right side."""

    name: str
    letters: tuple[Letter, ...]
    shape: tuple[sp.Expr, ...] | None
    right: sp.Basic
    left: sp.Basic

    @property
    def is_matrix(self) -> bool:
        return isinstance(self.left, sp.MatrixSymbol)


@dataclass
class Scan:
    """Everything a declaration names."""

    symbols: dict[str, sp.Symbol] = field(default_factory=dict)
    arrays: dict[str, sp.IndexedBase] = field(default_factory=dict)
    matrices: dict[str, sp.MatrixSymbol] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    bound: set[Letter] = field(default_factory=set)
    subscripts: set[str] = field(default_factory=set)
    tested: set[sp.Basic] = field(default_factory=set)
    limits: list[tuple[Letter, sp.Expr, sp.Expr]] = field(default_factory=list)
    uses: dict[str, list[tuple[sp.Basic, ...]]] = field(default_factory=dict)

    def objects(self) -> dict[str, sp.Basic]:
        return {**self.symbols, **self.arrays, **self.matrices}


def read_where(where: Sequence[Pair]) -> list[Definition]:
    """The pairs of `where` as definitions; refuses a left side that is no name and a name defined twice."""
    if not isinstance(where, (list, tuple, sp.Tuple)):
        raise DeclarationError(explain(f"where is a {type(where).__name__}", "a list of (left side, right side) pairs is required"))
    found: dict[str, Definition] = {}
    for pair in where:
        if not isinstance(pair, (tuple, list, sp.Tuple)) or len(pair) != 2:
            raise DeclarationError(explain(f"where holds {pair!r}", "a list of (left side, right side) pairs is required"))
        definition = _read_pair(_expression(pair[0], "the left side of where"), _expression(pair[1], "the right side of where"))
        if definition.name in found:
            raise DeclarationError(explain(f"where defines {definition.name} twice", "one definition a name is required",
                                           "Rename or drop one of them"))
        found[definition.name] = definition
    return list(found.values())


def _read_pair(left: sp.Basic, right: sp.Basic) -> Definition:
    if isinstance(left, sp.MatrixSymbol):
        return Definition(left.name, (), left.shape, right, left)
    if isinstance(left, sp.IndexedBase):
        raise DeclarationError(explain(f"where defines the array {left} without its letters",
                                       f"write {left}[i, …] with the letters that run, such as ({left}[i], …)"))
    if isinstance(left, sp.Indexed):
        letters = left.indices
        if len(set(letters)) < len(letters) or not all(isinstance(one, (sp.Symbol, sp.Idx)) for one in letters):
            raise DeclarationError(explain(f"the left side {left} of where is not a plain definition",
                                           "its subscripts must be distinct free letters",
                                           f"Write {left.base}[i, …] and use the letters on the right"))
        return Definition(name_of(left.base), tuple(letters), left.base.shape, right, left)
    if isinstance(left, sp.Symbol):
        return Definition(left.name, (), (), right, left)
    raise DeclarationError(explain(f"the left side {left} of where is not a name",
                                   "a Symbol, an Indexed with free letters or a MatrixSymbol is required"))


def _expression(value: object, what: str) -> sp.Basic:
    """A SymPy expression; numbers are welcome, text is not (turning it into SymPy would execute it)."""
    if isinstance(value, (str, bytes)):
        raise DeclarationError(explain(f"{what} is the text {value!r}", "a SymPy expression is required; text would have to be executed",
                                       "Build the expression with sympy.symbols"))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return sp.sympify(value)
    if isinstance(value, sp.MatrixBase):
        return sp.ImmutableMatrix(value)
    if not isinstance(value, sp.Expr) and not (isinstance(value, sp.Basic) and getattr(value, "is_Matrix", False)):
        raise DeclarationError(explain(f"{what} is {_shown(value)} ({type(value).__name__})", "a SymPy expression with a numeric value is required"))
    return value


def _shown(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"


def read_expressions(expr: Any) -> tuple[list[sp.Basic], bool]:
    """The results that were asked for, and whether they form a tuple."""
    if isinstance(expr, (list, tuple, sp.Tuple)):
        if not expr:
            raise DeclarationError(explain("there is nothing to compile", "at least one expression is required"))
        return [_expression(one, "a result") for one in expr], True
    return [_expression(expr, "the expression")], False


def scan(roots: Sequence[sp.Basic], definitions: Sequence[Definition], outputs: Sequence[Letter]) -> Scan:
    """Collect and check every name below the roots and in the definitions."""
    found = Scan(bound=set(outputs))
    for definition in definitions:
        found.bound.update(definition.letters)
    labels = set()
    sources = [*roots, *(d.right for d in definitions), *(d.left for d in definitions)]
    nodes = list(walk(sources))
    for node in nodes:
        if isinstance(node, sp.Symbol):
            continue
        if isinstance(node, sp.IndexedBase):
            labels.add(node.label)
            _keep(found.arrays, node, "shapes")
            found.bound.discard(node.label)
        elif isinstance(node, sp.MatrixSymbol):
            _keep(found.matrices, node, "shapes")
        elif isinstance(node, (sp.Indexed, MatrixElement)):
            _scan_subscripts(found, node)
        elif isinstance(node, ExprWithLimits):
            _scan_limits(found, node)
        elif isinstance(node, sp.Piecewise):
            found.tested.update(*(condition.free_symbols for _, condition in node.args))
        elif isinstance(node, sp.KroneckerDelta):
            found.subscripts.update(name_of(base) for base in _leaves(node.args))
    for node in nodes:
        if isinstance(node, sp.Lambda):
            labels.update(node.bound_symbols)
    inside = {s for node in nodes if isinstance(node, sp.Idx) for s in (node.label,) if isinstance(s, sp.Symbol)}
    for node in nodes:
        private = isinstance(node, sp.Dummy) and node in found.bound  # the letters of SymPy's own sums share their names
        if isinstance(node, sp.Symbol) and node not in labels and node not in inside and not private:
            _keep(found.symbols, node, "assumptions")
    _check_names(found)
    return found


def _keep(table: dict, node: sp.Basic, differ: str) -> None:
    name = name_of(node)
    other = table.setdefault(name, node)
    if other == node:
        return
    if isinstance(node, sp.IndexedBase) and (node.shape is None or other.shape is None):
        table[name] = node if other.shape is None else other
        return
    raise DeclarationError(explain(f"two different symbols are called {name}", f"their {differ} differ, one name must mean one thing",
                                   "Create the symbol once and use it everywhere"))


def _scan_subscripts(found: Scan, node: sp.Basic) -> None:
    indices = node.indices if isinstance(node, sp.Indexed) else node.args[1:]
    if isinstance(node, sp.Indexed):
        name = name_of(node.base)
        rank = found.ranks.setdefault(name, len(indices))
        if rank != len(indices):
            raise DeclarationError(explain(f"{name} has {rank} subscripts in one place and {len(indices)} in another ({node})",
                                           "every use of an array needs one subscript an axis"))
        if node.base.shape is not None and len(node.base.shape) != len(indices):
            raise DeclarationError(explain(f"{node} has {len(indices)} subscripts", f"{name} was declared with {len(node.base.shape)} axes"))
        found.uses.setdefault(name, []).append(tuple(indices))
    found.subscripts.update(name_of(base) for base in _leaves(indices))


def _leaves(nodes: Iterable[sp.Basic]) -> Iterator[sp.Basic]:
    """Arrays and symbols inside subscripts: they hold whole numbers."""
    for node in walk(nodes):
        if isinstance(node, (sp.IndexedBase, sp.Symbol)):
            yield node


def _scan_limits(found: Scan, node: ExprWithLimits) -> None:
    for limit in node.limits:
        if len(limit) != 3:
            raise DeclarationError(explain(f"{node} leaves the range of {limit[0]} open", "bounds are required",
                                           f"Write ({limit[0]}, 0, n - 1)"))
        letter, lower, upper = limit
        if lower.is_infinite or upper.is_infinite:
            raise UnsupportedError(explain(f"{node} runs over an infinite range", "finite bounds are required"))
        found.bound.add(letter)
        found.limits.append((letter, lower, upper))
        found.subscripts.update(name_of(base) for base in _leaves((lower, upper)))


def _check_names(found: Scan) -> None:
    seen: dict[str, str] = {}
    for kind, table in (("a symbol", found.symbols), ("an array", found.arrays), ("a matrix", found.matrices)):
        for name in table:
            if name in seen:
                raise DeclarationError(explain(f"{name} is {seen[name]} here and {kind} there", "one name must mean one thing",
                                               "Rename one of them"))
            seen[name] = kind
    for name, symbol in found.symbols.items():
        if symbol.is_real is False or (symbol.is_complex and symbol.is_real is None):
            raise DeclarationError(explain(f"the symbol {name} is declared non-real", "symgrad compiles real functions of real symbols",
                                           f'Create it by sympy.Symbol("{name}", real=True)'))
