"""The corridor: the ordered list of steps from a declaration to a module, and `compile`, which walks it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from symgrad import views
from symgrad.check.gradients import check_gradients
from symgrad.check.precise import precise_slopes
from symgrad.check.report import Report
from symgrad.check.slopes import Slope
from symgrad.declare.declaration import Declared, declare
from symgrad.derive.entries import ENTRIES, OF_CURVATURES, by_elements, is_worth_seeding
from symgrad.emit import files
from symgrad.emit.front import OF_VALUE_AND_GRAD, Front
from symgrad.emit.kernel import kernel, plan
from symgrad.emit.module import ENTERED_BY, imports, module, preamble, prelude
from symgrad.emit.points import candidates
from symgrad.emit.scalar import PointCode
from symgrad.emit.signature import Signature, point_sizes
from symgrad.emit.spec import spec_text
from symgrad.emit.statement import statement
from symgrad.errors import NonFiniteError, NonFiniteWarning, OptionError, explain
from symgrad.graph.collector import without_collection
from symgrad.graph.kinks import DEFAULT, Kinks, choose
from symgrad.graph.labels import NOMINAL_SIZE
from symgrad.graph.program import Program
from symgrad.inspect.picture import Picture
from symgrad.inspect.table import Table
from symgrad.rewrite.contract import contract
from symgrad.rewrite.gather import gather
from symgrad.rewrite.kinks import settle_kinks
from symgrad.rewrite.passes import AFTER, AS_DECLARED, BEFORE, PRECISION, Instead, Pass
from symgrad.rewrite.twice.digits import formulas, is_looked_at, keep_digits
from symgrad.rewrite.twice.formula import Formula
from symgrad.runtime.functions import Functions, adopt, execute, execute_shared
from symgrad.runtime.once import MAKING, once
from symgrad.runtime.trace import Spell
from symgrad.version import __version__

NONFINITE = ("ignore", "warn", "raise")
"""What a call does where a result is not finite although the inputs are."""


@dataclass(frozen=True)
class Options:
    """How code is written; never part of a call."""

    style: str = "fast"
    kinks: Kinks = DEFAULT
    rewrite: bool = True
    precise: bool | str = True
    nonfinite: str = "ignore"
    threads: int | None = None

    def __post_init__(self) -> None:
        for option, choices in (("style", AFTER), ("nonfinite", NONFINITE), ("precise", PRECISION)):
            value = getattr(self, option)
            if value not in list(choices):
                raise OptionError(explain(f"{option}={value!r} is not known", f"one of {', '.join(map(str, choices))} is required"))
        if self.threads is not None and (not isinstance(self.threads, int) or isinstance(self.threads, bool) or self.threads < 1):
            raise OptionError(explain(f"threads={self.threads!r} is not a number of threads", "a whole number of at least 1 is required",
                                      "Leave it out, or give None, for all cores that may be used"))


class Compiled(Functions):
    """A declaration compiled to derivative code.  Kernels are made when they are first called."""

    def __init__(self, declared: Declared, name: str | None, options: Options):
        self.declared = declared
        self.options = options
        self._given_name = name
        self._is_unpickled = False
        self._derived: dict[str, Program] = {}
        self._kernels: dict[str, tuple[str, set[str]]] = {}
        self._points: dict[str, PointCode | None] = {}

    # ------------------------------------------------------------------ the steps

    @once
    def program(self) -> Program:
        """The rows as they run, before differentiation."""
        return self._walk(replace(self.declared.program, kinks=self.options.kinks), BEFORE)

    @once
    def _value_and_slopes(self) -> list[Formula]:
        return self._in_twice_the_digits(0, 1)

    @once
    def _curvatures(self) -> list[Formula]:
        return self._in_twice_the_digits(2)

    def _in_twice_the_digits(self, *orders: int) -> list[Formula]:
        """Derivatives of some orders as they are declared, without any rule: what results may be computed by where doubles are not enough."""
        program = gather(contract(settle_kinks(replace(self.declared.program, kinks=self.options.kinks))))
        return formulas(*by_elements(program, self.declared.wrt, max(orders)), orders) if is_looked_at(program) else []

    def _walk(self, program: Program, steps: Sequence[Pass], declared: Callable[[], list[Formula]] = lambda: [],
              by_samples: Callable[[], Program] | None = None) -> Program:
        known: Instead = {keep_digits: partial(keep_digits, declared=declared, by_samples=by_samples)}
        instead = {**known, **(PRECISION[self.options.precise] if self.options.rewrite else AS_DECLARED)}
        for step in steps:
            taken = instead.get(step, step)
            program = taken(program) if taken is not None else program
        return program

    def derived(self, entry: str) -> Program:
        """The rows of one entry (value, value_and_grad, jvp, …) as they are written; "plain" is the value as it was declared."""
        if entry not in self._derived:
            self._derived[entry] = (contract(self.declared.program) if entry == "plain"
                                    else self._walk(ENTRIES[entry](self.program, self.declared.wrt), AFTER[self.options.style],
                                                    lambda: self._curvatures if entry in OF_CURVATURES else self._value_and_slopes,
                                                    partial(self._by_samples, entry)))
        return self._derived[entry]

    def _by_samples(self, entry: str) -> Program:
        """The rows of one entry before digits are kept, with the slopes of samples summed at last."""
        steps = AFTER[self.options.style]
        return self._walk(ENTRIES[entry](gather(self.program), self.declared.wrt), steps[:steps.index(keep_digits)])

    @without_collection
    def _kernel(self, entry: str) -> tuple[str, set[str]]:
        if entry not in self._kernels:
            name, _, traced = entry.partition(" ")
            program = self.derived(name)
            self._kernels[entry] = kernel(name, program, self.signature, self._followed_style if traced else self._style)
            self._points[entry] = Front(self.signature).point(name, program)
        return self._kernels[entry]

    def kernel_text(self, entry: str) -> str:
        """The text of one kernel: value, value_and_grad, jvp, vjp, jacobian, hessian or hvp."""
        return self._kernel(entry)[0]

    @property
    def _followed_style(self) -> str:
        """The style that can be followed line by line."""
        return "plain" if self.options.style == "fast" else self.options.style

    @property
    def _style(self) -> str:
        return self.options.style if self.options.nonfinite == "ignore" else self._followed_style

    @once
    def signature(self) -> Signature:
        declared = self.declared
        sample = declared.sizes[-1] if declared.batch else None
        return Signature(
            self._given_name or "the model", declared.arguments, declared.program.inputs, declared.wrt, declared.groups, declared.bare,
            tuple((result.shape, result.matrix) for result in declared.results), declared.several, declared.sizes, sample,
            declared.first_index, _label_sizes(declared.program), self.entries,
            statement(declared.expressions, [(one.left, one.right) for one in declared.definitions], declared.reduce),
            kinks=self.options.kinks, nonfinite=self.options.nonfinite, threads=self.options.threads)

    @once
    def entries(self) -> tuple[str, ...]:
        """The kernels that make sense for the result."""
        scalar = not self.declared.several and not self.declared.results[0].shape
        names = [e for e in ENTRIES if scalar or e not in ("value_and_grad", "hessian", "hvp")]
        return tuple(e for e in names if is_worth_seeding(e, self.program, self.declared.wrt))

    # ------------------------------------------------------------------ calling

    @once
    def _namespace(self) -> dict:  # type: ignore[override]
        space: dict[str, Any] = {"__name__": "symgrad_generated"}
        if self._is_unpickled:
            execute(self.source, f"<symgrad {self.name_or_title} {id(self)}>", space)
            return adopt(space)
        watch = self.options.nonfinite
        execute_shared(imports({"math"}, watch), "imports", space)
        execute(spec_text(self.signature), f"<symgrad {self.name_or_title} inputs {id(self)}>", space)
        execute_shared(prelude(watch), "plumbing", space)
        execute(Front(self.signature).direct(), f"<symgrad {self.name_or_title} plumbing {id(self)}>", space)
        space["_KERNELS"] = _LazyKernels(self, space)
        return adopt(space)

    def _public(self, name: str) -> Callable:
        with MAKING:
            if name not in self._namespace:
                self._write_public(name)
            return super()._public(name)

    def _write_public(self, name: str) -> None:
        """A public function of the module, written when it is first called, as its kernel is."""
        space, front = self._namespace, Front(self.signature)
        if name in OF_VALUE_AND_GRAD and "value_and_grad" in front.entries():
            self._public("value_and_grad")
        if name in (*front.entries(), *front.along()):
            _ = space["_KERNELS"][name]
        execute(front.function(name, self._points.get(name)), f"<symgrad {self.name_or_title} {name} {id(self)} front>", space)

    def _analytic_kernel(self) -> Callable:
        """The declared formula without rewriting, which may take complex numbers where rewritten code does not."""
        kernels = self._namespace["_KERNELS"]
        return kernels["plain"] if isinstance(kernels, _LazyKernels) else kernels["value"]

    @property
    def name_or_title(self) -> str:
        return self._given_name or "model"

    @property
    def name(self) -> str | None:  # type: ignore[override]
        return self._given_name

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.declared.arguments

    @property
    def wrt(self) -> tuple[str, ...]:
        return self.declared.wrt

    def with_options(self, **options: Any) -> Compiled:
        """The same declaration compiled with other options."""
        return Compiled(self.declared, self._given_name, _options(options, self.options))

    # ------------------------------------------------------------------ text

    @once
    def source(self) -> str:
        """The module's text."""
        made = {entry: self._kernel(entry) for entry in self.entries}
        needs = set().union(*(needs for _, needs in made.values()))
        return module(self._located, {entry: text for entry, (text, _) in made.items()}, self._points, needs, __version__)

    @once
    def _located(self) -> Signature:
        """The signature with the first small sizes at which the value exists and is finite."""
        space = self._namespace
        for signature in candidates(self.signature):
            execute(spec_text(signature), f"<symgrad {self.name_or_title} sizes {id(self)}>", space)
            with suppress(space["InputError"], NonFiniteError), warnings.catch_warnings():
                warnings.simplefilter("ignore", NonFiniteWarning)
                if all(np.isfinite(value).all() for value in space["_as_tuple"](space["_value"](space["_example"]()))):
                    return signature
        execute(spec_text(self.signature), f"<symgrad {self.name_or_title} sizes {id(self)}>", space)
        return self.signature

    def example(self) -> dict[str, Any]:
        """Inputs of small sizes by name, the same on every machine: something to call the functions with."""
        _ = self._located  # fixes the sizes that the example is made of
        return super().example()

    def save(self, folder: str | Path) -> Path:
        """Write the module to folder/<name>.py, atomically, and return its path.

        Raises BadNameError where the model has no name or one that cannot be a module's.
        """
        return files.write_module(folder, self._given_name, lambda: self.source)

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle holds: the declaration, and the source, so that nothing has to be compiled again."""
        return {"declared": self.declared, "options": self.options, "_given_name": self._given_name, "source": self.source,
                "_is_unpickled": True, "_derived": {}, "_kernels": {}, "_points": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    # ------------------------------------------------------------------ tables and pictures

    def table(self, at: Mapping | None = None, mode: str = "reverse", level: str = "xi", stage: str = "declared", inputs: Sequence = ()) -> Table:
        """The derivation table, symbolic or at a point; see `symgrad.views.table` for the options."""
        return views.table(self, at, mode, level, stage, inputs)

    def graph(self, at: Mapping | None = None, level: str = "xi", stage: str = "declared") -> Picture:
        """The computation graph, with numbers on nodes and edges where a point is given."""
        return views.graph(self, at, level, stage)

    def _traced_kernel(self, entry: str) -> Callable:
        kernels = self._namespace["_KERNELS"]
        return kernels[f"{entry} traced"] if isinstance(kernels, _LazyKernels) else super()._traced_kernel(entry)

    def _spelled_rows(self, entry: str) -> Spell:
        return views.row_formulas(self, entry)

    # ------------------------------------------------------------------ checks

    def check(self, /, *args: Any, **inputs: Any) -> Report:
        """The gradient at a point against numeric slopes, and forward against reverse mode; see `symgrad.check_gradients`."""
        return check_gradients(self, self._given(args, inputs))

    def precise_slopes(self, given: Mapping[str, Any]) -> dict[str, Slope]:
        """Slopes to 50 digits by parameter, for small scalar declarations; empty for others."""
        return precise_slopes(self.declared, given)

    # ------------------------------------------------------------------ costs

    def cost(self, entry: str = "value", sizes: Mapping[str, int] | None = None) -> int:
        """Operations of one call of an entry; see Program.cost."""
        return self.derived(entry).cost(sizes)

    def plan(self, entry: str = "value_and_grad", sizes: Mapping[str, int] | None = None) -> str:
        """How one entry of the fast style runs: its stages, block and buffers, its operations, and the bytes that go in and out.

        sizes: by name; those that are not given count as a nominal 100.  Raises OptionError for an entry that the result does not have.
        """
        if entry not in self.entries:
            raise OptionError(explain(f"entry={entry!r} is not known", f"one of {', '.join(self.entries)} is required"))
        program = self.derived(entry)
        lines = plan(entry, program, self.signature).stages()
        lines += [("operations", f"{program.cost(sizes):,}"), ("bytes", f"{8 * program.traffic(sizes):,} of inputs and results in double precision")]
        assumed = ", ".join(f"{size} = {(sizes or {}).get(size.name, NOMINAL_SIZE)}" for size in self.declared.sizes)
        title = f"plan of {self.name_or_title}, {entry}{f' (operations and bytes at {assumed})' if assumed else ''}"
        return "\n".join([title, *(f"    {what:<12}{words}" for what, words in lines)])

    def __str__(self) -> str:
        inputs = ", ".join(self.arguments)
        lines = [f"{self.name_or_title}({inputs}), derivatives towards {', '.join(self.wrt)}", f"  rows: {len(self.program.live())}"]
        at = {s.name: v for s, v in point_sizes(self.signature).items()}
        value = self.cost("value", at)
        line = f"  operations of value: {value}"
        if self.signature.scalar:
            both = self.cost("value_and_grad", at)
            line += f", of value and gradient: {both}, ratio {both / value:.2f}" if value else f", of value and gradient: {both}"
        where = ", ".join(f"{k} = {v}" for k, v in at.items())
        return "\n".join([*lines, line + (f" (at {where})" if where else "")])

    __repr__ = __str__


class _LazyKernels(dict):
    """Kernels of one compiled declaration, made and executed when first asked for."""

    def __init__(self, compiled: Compiled, space: dict):
        super().__init__()
        self._compiled, self._space = compiled, space

    def __missing__(self, entry: str) -> Callable:
        with MAKING:
            return self.get(entry) or self._made(entry)

    def _made(self, entry: str) -> Callable:
        text, needs = self._compiled._kernel(entry)
        filename = f"<symgrad {self._compiled.name_or_title} {entry} {id(self._compiled)}>"
        execute_shared(preamble({need for need in needs if ENTERED_BY.get(need) not in self._space}), "functions", self._space)
        execute(text, filename, self._space)
        self[entry] = self._space[f"_{entry.partition(' ')[0]}_kernel"]
        return self[entry]


def _label_sizes(program: Program) -> dict[str, sp.Expr]:
    """For each integer input the size of an axis that it subscripts, so that an example can stay in range."""
    rows, found = program.graph.rows, {}
    for row in rows:
        if row.op == "onehot":
            stack = [row.args[0]]
            while stack:
                inner = rows[stack.pop()]
                if inner.op == "input":
                    found.setdefault(inner.payload.name, row.sizes[row.keep[-1]])
                stack.extend(inner.args)
    return found


def _options(given: Mapping[str, Any], base: Options) -> Options:
    known = set(Options.__dataclass_fields__)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise OptionError(explain(f"the option {', '.join(unknown)} is not known", f"the options are {', '.join(sorted(known))}"))
    chosen = {"kinks": choose(given["kinks"], base.kinks)} if "kinks" in given else {}
    return replace(base, **{**given, **chosen})


def compile(expr: object, wrt: object, *, where: Sequence = (), outputs: Sequence = (), batch: Sequence = (), reduce: str | None = None,
            sample_index: sp.Symbol | None = None, arguments: Sequence | None = None, first_index: int = 0, name: str | None = None,
            **options: Any) -> Compiled:
    """Compile a SymPy expression to its value, gradients, Jacobian, Hessian and products.

    expr: a scalar, a matrix expression, an explicit Matrix, or a list of these.
    wrt: the parameters to derive towards, one symbol or a sequence (which then gives tuples).
    where: pairs (name, definition) of named intermediates, in any order.
    outputs: the letters that are the axes of an indexed result.
    batch, reduce: inputs with one more leading axis, the samples; "sum", "mean" or None (one value a sample).
    sample_index: the letter that runs over samples, where the data do not show it.
    arguments: the positional order; by default wrt first, then the others by name.
    first_index: the number of the first element of every axis, 0 or 1.
    name: the module's name, needed by `save`.
    options: style="fast" or "flat"; threads, how many work on blocks of samples (by default SYMGRAD_THREADS of the environment, else
        all cores; results are the same bits for any number); kinks, a dict of the slopes chosen at kinks (see symgrad.graph.kinks);
        nonfinite="ignore", "warn" or "raise" where a result is not finite; rewrite=False leaves the formulas as they are declared,
        without the rules of stability, to see what these are for; precise=False does not put back what rounding loses of arguments,
        which makes exp(-log(x)**2/2) on arrays wrong by hundreds of units in the last place and twenty times as fast, and expands nothing;
        precise="everywhere" does so for arguments of any inputs and arrays, such as w x + b of a neuron and w t + c of a wave.

    Raises DeclarationError, ShapeError or UnsupportedError where the declaration is wrong, OptionError for options.
    """
    chosen = _options(options, Options())
    declared = declare(expr, wrt, where=where, outputs=outputs, batch=batch, reduce=reduce, sample_index=sample_index,
                       arguments=arguments, first_index=first_index)
    if name is not None and not isinstance(name, str):
        raise OptionError(explain(f"name={name!r} is not a text", "the name of a module is required, or None"))
    return Compiled(declared, name, chosen)
