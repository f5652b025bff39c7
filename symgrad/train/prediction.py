"""What a model predicts: a name of `where` or an expression, compiled apart from the loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from symgrad.compiler import Compiled, compile
from symgrad.declare.declaration import ResultSpec
from symgrad.declare.scan import name_of, read_expressions, read_where, walk
from symgrad.errors import DeclarationError, UnsupportedError, explain
from symgrad.graph.program import Output, Program

Pair = tuple[sp.Basic, sp.Basic]


def needed(root: object, where: Sequence[Pair]) -> list[Pair]:
    """The pairs of `where` that the root needs, in the order given."""
    roots, _ = read_expressions(root)
    mentioned = {d.name: names_in([d.right]) for d in read_where(where)}
    found: set[str] = set()
    waiting = [name for name in names_in(roots) if name in mentioned]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(other for other in mentioned[name] if other in mentioned)
    return [pair for pair, name in zip(where, mentioned, strict=True) if name in found]


def names_in(roots: Iterable[sp.Basic]) -> set[str]:
    """The names of every symbol, array and matrix below the roots."""
    return {name_of(node) for node in walk(roots) if isinstance(node, (sp.Symbol, sp.IndexedBase, sp.MatrixSymbol))}


def compile_prediction(prediction: object, where: Sequence[Pair], inputs: Sequence[str], batch: Sequence[str], letter: sp.Basic | None,
                       averaged: Mapping[sp.Basic, sp.Basic], **options: Any) -> Compiled:
    """Compile a prediction.  `inputs` lists possible inputs, parameters first; `averaged` maps averaged names to inputs.

    Raises DeclarationError where the prediction is a name that `where` does not define.
    """
    root, letters = _root(prediction, where, letter)
    gone = {name_of(base) for base in averaged}
    definitions = read_where(where)
    kept = [(left, right.xreplace(averaged)) for (left, right), d in zip(where, definitions, strict=True) if d.name not in gone]
    root = root.xreplace(averaged)
    kept = needed(root, kept)
    found = names_in([root, *(right for _, right in kept)])
    wrt = [name for name in inputs if name in found]
    if not wrt:
        raise DeclarationError(explain("the prediction depends on no parameter and no input"))
    return compile(root, wrt=wrt[:1], where=kept, outputs=letters, batch=[name for name in batch if name in found], **options)


def _root(prediction: object, where: Sequence[Pair], letter: sp.Basic | None) -> tuple[sp.Basic, tuple[sp.Basic, ...]]:
    """The expression of a prediction and the letters of its axes."""
    if isinstance(prediction, (str, sp.IndexedBase)):
        name = name_of(prediction)
        left = next((d.left for d in read_where(where) if d.name == name), None)
        if left is None:
            raise DeclarationError(explain(f"the prediction {name} is not defined", "A name that where defines or an expression is required"))
        return left, left.indices if isinstance(left, sp.Indexed) else ()
    (root,), several = read_expressions(prediction)
    if several or getattr(root, "is_Matrix", False):
        return root, ()
    if isinstance(root, sp.Indexed) and all(isinstance(index, (sp.Symbol, sp.Idx)) for index in root.indices):
        return root, root.indices
    return root, _free_letters(root, where, letter)


def _free_letters(root: sp.Basic, where: Sequence[Pair], letter: sp.Basic | None) -> tuple[sp.Basic, ...]:
    letters = {index for d in read_where(where) for index in d.letters} | ({letter} if letter is not None else set())
    free = [s for s in letters if s in root.free_symbols]
    return tuple(sorted(free, key=lambda s: (s != letter, str(s))))


def named_values(compiled: Compiled, names: Sequence[str], per_sample: bool = False) -> Compiled:
    """A function of the same inputs whose results are quantities that `where` names, all in one forward sweep.

    Raises UnsupportedError where one of them has a value for every sample, unless these are wanted.
    """
    declared = compiled.declared
    program = declared.program
    found = {name: program.names[name] for name in names}
    for name, (_, axes) in found.items():
        if not per_sample and declared.batch and declared.sizes[-1] in [axis.size for axis in axes]:
            raise UnsupportedError(explain(f"the average of {name} was asked for, which has a value for every sample",
                                           "A quantity of the whole mini-batch is required", f"Declare {name} as a sum over sample_index"))
    outputs = {name: Output(ref, axes) for name, (ref, axes) in found.items()}
    results = tuple(ResultSpec(tuple(axis.size for axis in axes)) for _, axes in found.values())
    rows = Program(program.graph, outputs, program.inputs, program.names)
    return Compiled(replace(declared, program=rows, results=results, several=True), None, compiled.options)
