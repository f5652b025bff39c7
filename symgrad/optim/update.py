"""Update equations compiled to NumPy: numbers once a step, then one elementwise pass over each parameter.

The equations speak of one element.  Here the parameter, its gradient and its state become arrays over one letter, the
emitter writes the code, and rows without a label (such as 1 - beta1^t) are computed apart, once a step, as Python floats:
so a single-precision parameter stays in single precision while its coefficients are exact to double precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled, compile
from symgrad.emit.module import preamble, prelude
from symgrad.emit.names import Names, tuple_text
from symgrad.emit.speller import Speller
from symgrad.errors import DeclarationError, explain
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.program import Output, Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.runtime.functions import execute, execute_shared

Equation = tuple[sp.Symbol, sp.Expr]

w, g, t, z = sp.symbols("w g t z", real=True)
"""One element of the parameter, the same element of its gradient, the number of the step, from 1, and one element of a
standard normal drawing that is made anew for every step."""

BLOCK = 1 << 14
"""Elements of one pass: few enough that every temporary stays in the cache."""


def new(symbol: sp.Symbol) -> sp.Symbol:
    """The value of the parameter or of a state after the step."""
    return sp.Symbol(f"{symbol.name}_new", real=True)


@dataclass(frozen=True)
class Update:
    """The compiled equations of one optimizer: its states by name, whether it needs a drawing, the text of its code, and the two functions.

    `numbers` computes the step's coefficients from the inputs named in `hyper`; `elements` takes those inputs that are
    listed in `passed` and then the coefficients.
    """

    states: tuple[str, ...]
    drawn: bool
    hyper: tuple[str, ...]
    passed: tuple[str, ...]
    source: str
    numbers: Callable[..., tuple]
    elements: Callable[..., tuple]

    def run(self, targets: Sequence[np.ndarray], arrays: Sequence[np.ndarray], numbers: Sequence[float | bool]) -> None:
        """Write the new parameter and states into `targets`; `arrays` are parameter, gradient, the drawing
        if it is used, and states, all of one shape.

        Targets are C-contiguous and may be the arrays themselves.
        """
        flat, out = [array.reshape(-1) for array in arrays], [target.reshape(-1) for target in targets]
        total, dtype = flat[0].size, flat[0].dtype
        with np.errstate(all="ignore"):
            for start in range(0, total, BLOCK):
                part = slice(start, min(start + BLOCK, total))
                results = self.elements(*(array[part] for array in flat), *numbers, part.stop - start, dtype)
                for target, result in zip(out, results, strict=True):
                    target[part] = result

    def coefficients(self, values: Mapping[str, float]) -> list[float | bool]:
        """The numbers and conditions of one step from the hyper-parameters and the step count t."""
        with np.errstate(all="ignore"):
            computed = self.numbers(*(values[name] for name in self.hyper), float)
        return [*(float(values[name]) for name in self.passed), *(bool(one) if isinstance(one, (bool, np.bool_)) else float(one) for one in computed)]


def compile_update(equations: Sequence[Equation], results: Sequence[sp.Symbol], states: Sequence[sp.Symbol],
                   hyper: Sequence[str], title: str) -> Update:
    """Compile equations in parameter, gradient, states, hyper-parameters and t to the code of one step.

    Raises DeclarationError where an equation speaks of anything else.
    """
    _check_symbols(equations, states, hyper, title)
    drawn = any(right.has(z) for _, right in equations)
    varying = [*([z] if drawn else []), *states]
    program = _as_arrays(equations, results, varying).derived("value")
    arrays = ("w", "g", *(symbol.name for symbol in varying))
    frontier, inputs = _frontier(program), ("t", *hyper)
    names = Names([*arrays, *inputs, "n"])
    called = {row: _called(program, row, names) for row in frontier}
    passed = tuple(name for name in called.values() if name in inputs)
    computed = {row: name for row, name in called.items() if name not in passed}
    first, before = _spelled("numbers", _numbers(program, computed), (*inputs, "dtype"), "Coefficients of one step.")
    second, needs = _spelled("elements", _elements(program, called), (*arrays, *passed, *computed.values(), "n", "dtype"),
                             "New parameter and states from parameter, gradient, states and the step's coefficients.")
    needs = needs | before | ({"math"} if "math." in first + second else set())
    head = preamble(needs).strip()
    source = "\n\n".join([f'"""{title}: one optimizer step, compiled from its update equations."""', head, *([first] if computed else []), second])
    space: dict[str, Any] = {}
    execute_shared(f"{head}\n\nSPEC = {{}}\n\n{prelude()}", "plumbing of steps", space)
    execute(f"{first}\n\n{second}", f"<symgrad {title} step {id(space)}>", space)
    return Update(tuple(state.name for state in states), drawn, inputs, passed, source, space["numbers"], space["elements"])


def _check_symbols(equations: Sequence[Equation], states: Sequence[sp.Symbol], hyper: Sequence[str], title: str) -> None:
    known = {s.name for s in (w, g, t, z, *states)} | set(hyper) | {left.name for left, _ in equations}
    for left, right in equations:
        unknown = sorted(s.name for s in right.free_symbols if s.name not in known)
        if unknown:
            raise DeclarationError(explain(f"the equation of {left} in {title} uses {', '.join(unknown)}",
                                           f"It may use {', '.join(sorted(known))}", "Declare a hyper-parameter or a state of that name"))


def _as_arrays(equations: Sequence[Equation], results: Sequence[sp.Symbol], symbols: Sequence[sp.Symbol]) -> Compiled:
    """The equations over arrays: every symbol that varies from element to element gets one letter.  A step may be off by its rounding."""
    size, letter = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    varying = {s: sp.IndexedBase(s.name, shape=(size,))[letter] for s in (w, g, *symbols)}
    where = []
    for left, right in equations:
        right = right.xreplace(varying)
        if right.has(letter):
            varying[left] = sp.IndexedBase(left.name, shape=(size,))[letter]
        where.append((varying.get(left, left), right))
    return compile([result.xreplace(varying) for result in results], wrt="w", where=where, outputs=(letter,), precise=False)


def _frontier(program: Program) -> list[int]:
    """The numbers that the elementwise part needs: rows without a label that a row with labels uses."""
    rows = program.graph.rows
    found = {arg for index in program.live() if rows[index].keep for arg in rows[index].args
             if not rows[arg].keep and rows[arg].op != "constant"}
    return sorted(found)


def _called(program: Program, row: int, names: Names) -> str:
    given = program.graph.rows[row]
    if given.op == "input":
        return given.payload.name
    wanted = next((name for name, (ref, _) in program.names.items() if ref.row == row), "")
    return names.take(wanted, "c")


def _numbers(program: Program, called: Mapping[int, str]) -> Program:
    return Program(program.graph, {name: Output(Ref(row)) for row, name in called.items()}, program.inputs, program.names)


def _elements(program: Program, called: Mapping[int, str]) -> Program:
    """The program with the numbers of a step as inputs."""

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        return graph.input("input", called[index]) if index in called else None

    return rebuild(program, remake)


def _spelled(function: str, program: Program, parameters: Sequence[str], words: str) -> tuple[str, set[str]]:
    """One function, the rows of a program over named parameters; and what its text relies on."""
    given = {index: row.payload.name for index, row in enumerate(program.graph.rows) if row.op == "input"}
    wanted = {ref.row: name for name, (ref, _) in reversed(program.names.items())}
    speller = Speller(program, given, wanted, parameters)
    body = speller.body()
    results = [speller.returned(output) for output in program.outputs.values()]
    tail = f"return {tuple_text(results)}"  # also () where there is nothing to compute
    lines = [f'"""{words}"""', *body, tail]
    return "\n".join([f"def {function}({', '.join(parameters)}):", *(f"    {line}" for line in lines), ""]), speller.needs
