"""A declaration as a program: the one way from SymPy in to rows out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from symgrad.declare.extents import extents_of, idx_range, plain_use, sort_definitions, used_by_others
from symgrad.declare.lowering import ONE, Lowering, Named, Scope
from symgrad.declare.matrices import MatrixLowering
from symgrad.declare.ranges import Bound
from symgrad.declare.scan import Definition, Scan, name_of, read_expressions, read_where, scan, walk
from symgrad.errors import DeclarationError, OptionError, ShapeError, explain
from symgrad.graph.collector import without_collection
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label, is_whole, read_off
from symgrad.graph.program import InputSpec, Output, Program
from symgrad.graph.rows import INTEGER, REAL, Ref


@dataclass(frozen=True)
class ResultSpec:
    """The promised shape of one result; `stacked` marks an explicit matrix, whose unit axes are dropped for good."""

    shape: tuple[sp.Expr, ...]
    matrix: bool = False
    batched: bool = False


@dataclass(frozen=True)
class Stack:
    """An explicit matrix of symbols that is one parameter: its shape without unit axes, and the names in order."""

    shape: tuple[int, ...]
    names: tuple[str, ...]


@dataclass
class Declared:
    """A lowered declaration.  `wrt` names every parameter; `groups` says how derivatives are handed back."""

    program: Program
    arguments: tuple[str, ...]
    wrt: tuple[str, ...]
    groups: tuple[str | Stack, ...]
    bare: bool
    results: tuple[ResultSpec, ...]
    several: bool
    reduce: str | None
    batch: tuple[str, ...]
    first_index: int
    sizes: tuple[sp.Symbol, ...]
    symbols: dict[str, sp.Basic]
    letters: dict[str, tuple[sp.Basic, ...]]
    expressions: tuple[sp.Basic, ...]
    definitions: tuple[Definition, ...]
    given: tuple

    def spelled(self) -> Program:
        """The program again, with every name of where as a row of its own: what tables show."""
        return _Declarer(*self.given, named=True).run().program


@without_collection
def declare(expr: object, wrt: object, *, where: Sequence = (), outputs: Sequence = (), batch: Sequence = (),
            reduce: str | None = None, sample_index: object = None, arguments: Sequence | None = None, first_index: int = 0) -> Declared:
    """Lower a declaration; see `symgrad.compile` for the meaning of the arguments."""
    given = (expr, wrt, where, outputs, batch, reduce, arguments, first_index)
    declarer = _Declarer(*given)
    if sample_index is not None and sample_index not in declarer.scan.bound:
        raise DeclarationError(explain(f"sample_index={sample_index} is no letter of the declaration",
                                       f"the letters are {_listed(sorted(map(str, declarer.scan.bound)))}"))
    return declarer.run()


class _Declarer:
    """One declaration on its way to a program."""

    def __init__(self, expr, wrt, where, outputs, batch, reduce, arguments, first_index, named=False):
        self.given = (expr, wrt, where, outputs, batch, reduce, arguments, first_index)
        if reduce not in (None, "sum", "mean"):
            raise OptionError(explain(f"reduce={reduce!r} is not known", 'reduce="sum", "mean" or None is required'))
        if first_index not in (0, 1):
            raise OptionError(explain(f"first_index={first_index!r} is not known", "subscripts start at 0 or at 1"))
        self.roots, self.several = read_expressions(expr)
        self.definitions = sort_definitions(read_where(where))
        self.defined = {d.name: d for d in self.definitions}
        self.outputs = _read_outputs(outputs)
        self.batch = _distinct("batch", [name_of(one) for one in _sequence(batch)])
        self.reduce, self.base, self.named = reduce, first_index, named
        if reduce is not None and not self.batch:
            raise OptionError(explain(f'reduce="{reduce}" has nothing to run over', "it reduces over the samples of batch=",
                                      "Name the inputs that carry samples in batch=[…]"))
        self.scan: Scan = scan(self.roots, self.definitions, self.outputs)
        self.groups, self.bare = _read_wrt(wrt)
        self.wrt = _distinct("wrt", [name for group in self.groups for name in _members(group)])
        self.shapes = self._shapes()
        self.sizes = self._sizes()
        self.arguments = self._arguments(arguments)

    # ------------------------------------------------------------------ names

    def _shapes(self) -> dict[str, tuple[sp.Expr, ...]]:
        shapes: dict[str, tuple] = {}
        for name, array in self.scan.arrays.items():
            if array.shape is not None:
                shapes[name] = tuple(sp.sympify(size) for size in array.shape)
        for name, matrix in self.scan.matrices.items():
            shapes[name] = tuple(sp.sympify(size) for size in matrix.shape)
        for name, rank in self.scan.ranks.items():
            if name not in shapes and name not in self.defined:
                shapes[name] = tuple(used_by_others(name, axis, self.scan, shapes, self.base) for axis in range(rank))
        for name, shape in list(shapes.items()):
            if name not in self.defined and None in shape:
                shapes[name] = self._guess_shape(name, shape, shapes)
        return shapes

    def _guess_shape(self, name: str, shape: tuple, shapes: dict) -> tuple:
        """A bare IndexedBase as input: its letters may run over axes of other arrays."""
        sizes = list(shape)
        for indices in self.scan.uses.get(name, ()):
            for axis, letter in enumerate(indices):
                if sizes[axis] is None:
                    sizes[axis] = plain_use(letter, [*self.roots, *(d.right for d in self.definitions)], shapes, name)
        if None in sizes:
            raise DeclarationError(explain(f"the size of axis {sizes.index(None)} of {name} is not known", "its shape is required",
                                           f"Declare it: sympy.IndexedBase({name!r}, shape=(…,))"))
        return tuple(sizes)

    def _sizes(self) -> list[sp.Symbol]:
        found = {s.name: s for name, shape in self.shapes.items() if name not in self.defined
                 for size in shape for s in sorted(size.free_symbols, key=lambda one: one.name)}
        for name, shape in self.shapes.items():
            for size in shape:
                self._check_size(name, size)
        limits = {s.name: s for _, *bounds in self.scan.limits for bound in bounds
                  for s in bound.free_symbols if isinstance(s, sp.Symbol) and s not in self.scan.bound}
        limits = {name: s for name, s in limits.items() if name not in self.scan.arrays and name not in self.defined}
        return [symbol for _, symbol in sorted({**limits, **found}.items())]

    def _check_size(self, name: str, size: sp.Expr) -> None:
        if not is_whole(size) or size.is_negative:
            raise ShapeError(explain(f"{name} has an axis of size {size}", "sizes are whole numbers of at least 0"))

    def _arguments(self, arguments: Sequence | None) -> tuple[str, ...]:
        carried = {s.name for name, shape in self.shapes.items() if name not in self.defined for size in shape for s in size.free_symbols
                   if read_off(size, s) is not None}
        names = {name: None for name in self.scan.objects() if name not in self.defined and name not in carried}
        for letter in self.scan.bound:
            if isinstance(letter, sp.Symbol) and self.scan.symbols.get(letter.name) == letter:
                names.pop(letter.name, None)
        for matrix in self.roots:
            if isinstance(matrix, sp.MatrixSymbol) and matrix.name not in self.defined:
                names[matrix.name] = None
        self._check_wrt(names)
        for name in self.batch:
            if name not in names:
                raise DeclarationError(explain(f"batch names {name}, which is not an input", f"the inputs are {_listed(names)}"))
        rest = sorted(name for name in names if name not in self.wrt)
        order = (*self.wrt, *rest)
        if arguments is None:
            return order
        given = tuple(name_of(one) for one in arguments)
        if sorted(given) != sorted(order):
            raise DeclarationError(explain(f"arguments= lists {_listed(given)}", f"exactly the inputs {_listed(order)} are required"))
        return given

    def _check_wrt(self, names: dict[str, None]) -> None:
        for group in self.groups:
            if isinstance(group, Stack) and len({name in self.batch for name in group.names}) > 1:
                raise DeclarationError(explain(f"wrt stacks {_listed(group.names)}, of which only some are in batch=",
                                               "the entries of one parameter need one shape", "List the symbols one by one"))
        for name in self.wrt:
            if name in self.defined:
                raise DeclarationError(explain(f"wrt names {name}, which where defines", "derivatives are taken towards inputs",
                                               f"Choose among {_listed(names)}"))
            if any(name == size.name for size in self.sizes) and name not in names:
                raise DeclarationError(explain(f"wrt names {name}, which is a size", "sizes are read off the arrays",
                                               f"Choose among {_listed(names)}"))
            if name not in names:
                raise DeclarationError(explain(f"wrt names {name}, which does not occur in the expression", f"the inputs are {_listed(names)}"))

    # ------------------------------------------------------------------ rows

    def run(self) -> Declared:
        self.lowering = Lowering(self.scan, set(self.sizes), self.base)
        self.matrices = MatrixLowering(self.lowering)
        taken = {s.name for s in self.sizes} | set(self.scan.objects())
        sample_name = next(name for name in ("samples", "n_samples", "samples_", "samples__") if name not in taken)
        self.sample = Label(sp.Symbol(sample_name, integer=True, positive=True), "sample") if self.batch else None
        specs = tuple(self._input(name) for name in self.arguments)
        for definition in self.definitions:
            self._define(definition)
            if self.named:
                self._keep_name(definition.name)
        outputs, results = {}, []
        for position, root in enumerate(self.roots):
            output, result = self._result(root)
            outputs[f"value_{position}"] = output
            results.append(result)
        names = {d.name: self._named_axes(d.name) for d in self.definitions}
        sizes = [*self.sizes, *([self.sample.size] if self.sample else [])]
        symbols = dict(self.scan.objects())
        program = Program(self.lowering.graph, outputs, specs, names)
        return Declared(program, self.arguments, self.wrt, self.groups, self.bare,
                        tuple(results), self.several, self.reduce, self.batch, self.base, tuple(sizes), symbols,
                        {d.name: d.letters for d in self.definitions}, tuple(self.roots), tuple(self.definitions), self.given)

    def _keep_name(self, name: str) -> None:
        named = self.lowering.named[name]
        if self.lowering.graph[named.ref].kind == REAL:
            self.lowering.named[name] = replace(named, ref=self.lowering.graph.named(named.ref, name))

    def _named_axes(self, name: str) -> tuple[Ref, tuple[Label, ...]]:
        named = self.lowering.named[name]
        axes = tuple(axis for axis in named.axes if axis is not None)
        sample = (self.sample,) if self.sample is not None and self.sample in named.ref.labels else ()
        return named.ref, (*sample, *axes)

    def _input(self, name: str) -> InputSpec:
        shape = self.shapes.get(name, ())
        if name not in self.shapes and name in self.scan.matrices:
            shape = tuple(sp.sympify(size) for size in self.scan.matrices[name].shape)
        whole = name in self.scan.subscripts
        if whole and name in self.wrt:
            raise DeclarationError(explain(f"wrt names {name}, which is used as an index", "derivatives towards whole numbers do not exist"))
        matrix = name in self.scan.matrices
        batched = name in self.batch
        is_size = any(name == s.name for s in self.sizes)
        spec = InputSpec(name, INTEGER if whole or is_size else REAL, tuple(shape), batched, matrix, is_size)
        axes = tuple(None if matrix and size == 1 else Label(size) for size in shape)
        inner = tuple(axis for axis in axes if axis is not None)
        ref = self.lowering.graph.input("input", name, (*((self.sample,) if batched and self.sample is not None else ()), *inner), spec.kind)
        self.lowering.named[name] = Named(ref, axes)
        return spec

    def _define(self, definition: Definition) -> None:
        lowering = self.lowering
        if definition.is_matrix:
            matrix = self._matrix(definition.right, definition.shape)
            lowering.named[definition.name] = Named(lowering.graph.real(matrix.ref), (matrix.rows, matrix.columns))
            return
        right = definition.right
        if getattr(right, "is_Matrix", False):
            if tuple(right.shape) != (1, 1) or definition.letters:
                raise ShapeError(explain(f"where defines {definition.left} by the {right.shape[0]}×{right.shape[1]} matrix {right}",
                                         "a matrix is named by a MatrixSymbol of its shape"))
            lowering.named[definition.name] = Named(self.matrices.matrix(right, Scope()).ref)
            return
        scope, labels = Scope(), []
        extents = extents_of(definition, self.scan, self.shapes, self.base)
        for letter, (lower, size) in zip(definition.letters, extents, strict=True):
            label = Label(size, str(letter))
            labels.append(label)
            scope = scope.binding(letter, Bound(label, lower))
        if definition.letters:
            self.shapes[definition.name] = tuple(label.size for label in labels)
        lowering.named[definition.name] = Named(lowering.scalar(right, scope), tuple(labels), tuple(lower for lower, _ in extents))

    def _matrix(self, expr: sp.Basic, shape: tuple | None = None):
        if not getattr(expr, "is_Matrix", False):
            raise ShapeError(explain(f"where defines a matrix by the scalar {expr}", f"a matrix of shape {shape} is required"))
        if shape is not None and not all(sp.expand(sp.sympify(a) - b) == 0 for a, b in zip(expr.shape, shape, strict=True)):
            raise ShapeError(explain(f"where defines a matrix of shape {tuple(shape)} by {expr}", f"whose shape is {tuple(expr.shape)}"))
        return self.matrices.matrix(expr, Scope())

    # ------------------------------------------------------------------ results

    def _result(self, root: sp.Basic) -> tuple[Output, ResultSpec]:
        graph: Graph = self.lowering.graph
        if getattr(root, "is_Matrix", False) and tuple(root.shape) != (1, 1):
            matrix = self._matrix(root)
            axes = tuple(axis for axis in (matrix.rows, matrix.columns) if axis is not None)
            explicit = isinstance(root, sp.MatrixBase)
            shape = tuple(axis.size for axis in axes) if explicit else tuple(sp.sympify(size) for size in root.shape)
            return self._reduced(graph.real(matrix.ref), axes, ResultSpec(shape, not explicit))
        if getattr(root, "is_Matrix", False):
            return self._reduced(graph.real(self.matrices.matrix(root, Scope()).ref), (), ResultSpec(()))
        if not isinstance(root, sp.Expr):
            raise DeclarationError(explain(f"{root} is a {type(root).__name__}", "an expression with a numeric value is required"))
        scope, labels = Scope(), []
        for letter in self._axes_letters(root):
            lower, size = self._output_extent(letter, root)
            label = Label(size, str(letter))
            labels.append(label)
            scope = scope.binding(letter, Bound(label, lower))
        ref = graph.real(self.lowering.scalar(root, scope))
        return self._reduced(ref, tuple(labels), ResultSpec(tuple(label.size for label in labels)))

    def _axes_letters(self, root: sp.Basic) -> list[sp.Basic]:
        """The output letters that are free in a result; a single result must use them all."""
        found = [letter for letter in self.outputs if letter in root.free_symbols]
        if len(found) < len(self.outputs) and not self.several:
            missing = next(letter for letter in self.outputs if letter not in found)
            raise DeclarationError(explain(f"outputs names {missing}, which is not a free letter of {root}",
                                           "the letters of outputs are the axes of the result", "Drop it, or use it as a subscript"))
        return found

    def _output_extent(self, letter: sp.Basic, root: sp.Basic) -> tuple[sp.Expr, sp.Expr]:
        stated = idx_range(letter)
        if stated is not None:
            return stated
        size = plain_use(letter, [root], self.shapes, "outputs")
        if size is None:
            raise DeclarationError(explain(f"the range of the output letter {letter} is not known",
                                           f"no array in {root} is subscripted by a plain {letter}"))
        return sp.Integer(self.base), size

    def _reduced(self, ref: Ref, axes: tuple[Label, ...], result: ResultSpec) -> tuple[Output, ResultSpec]:
        if self.sample is None:
            return Output(ref, axes), result
        if self.reduce is None:
            shape = (self.sample.size, *result.shape)
            return Output(ref, (self.sample, *axes)), ResultSpec(shape, result.matrix, True)
        scale = ONE if self.reduce == "sum" else 1 / self.sample.size
        return Output(self.lowering.graph.product(scale, [ref], [self.sample]), axes), result


def _sequence(value: object) -> Sequence:
    return value if isinstance(value, (list, tuple, sp.Tuple)) else (value,)  # type: ignore[return-value]


def _distinct(option: str, names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if names.count(name) > 1:
            raise DeclarationError(explain(f"{option} names {name} twice", "each name stands once"))
    return tuple(names)


def _read_outputs(outputs: object) -> tuple[sp.Basic, ...]:
    letters = tuple(_sequence(outputs))
    for letter in letters:
        if not isinstance(letter, (sp.Symbol, sp.Idx)):
            raise DeclarationError(explain(f"outputs holds {letter!r}, which is no letter", "the letters that are the result's axes are required"))
        if letters.count(letter) > 1:
            raise DeclarationError(explain(f"outputs names {letter} twice", "each axis has a letter of its own"))
    return letters


def _read_wrt(wrt: object) -> tuple[tuple[str | Stack, ...], bool]:
    bare = not isinstance(wrt, (list, tuple, sp.Tuple))
    groups = tuple(_read_group(one) for one in _sequence(wrt))
    if not groups:
        raise DeclarationError(explain("wrt is empty", "at least one parameter is required"))
    return groups, bare


def _read_group(one: Any) -> str | Stack:
    if not isinstance(one, (sp.MatrixBase,)):
        return name_of(one)
    names = tuple(name_of(entry) for entry in one if isinstance(entry, sp.Symbol))
    if len(names) < len(one) or len(set(names)) < len(names):
        raise DeclarationError(explain(f"wrt holds the explicit matrix {one}", "its entries must be distinct symbols"))
    return Stack(tuple(size for size in one.shape if size != 1) or (1,), names)


def _members(group: str | Stack) -> tuple[str, ...]:
    return group.names if isinstance(group, Stack) else (group,)


def _listed(names) -> str:
    return ", ".join(names) or "none"


__all__ = ["Declared", "ResultSpec", "Stack", "declare", "walk"]
