"""A module's text: header, kernels, public functions, and the plumbing every module carries."""

from __future__ import annotations

import hashlib
import pprint
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

import sympy as sp

from symgrad.emit.names import Names, is_plain
from symgrad.emit.numbers import number
from symgrad.emit.special import special_functions
from symgrad.emit.speller import Speller
from symgrad.graph.kinks import DEFAULT, Kinks
from symgrad.graph.labels import Label, read_off, same_size
from symgrad.graph.program import InputSpec, Output, Program
from symgrad.graph.rows import Input

LINE = 150


@dataclass(frozen=True)
class Signature:
    """What callers of a module see: inputs, parameters, results and sizes; the same for every kernel."""

    title: str
    arguments: tuple[str, ...]
    inputs: tuple[InputSpec, ...]
    wrt: tuple[str, ...]
    groups: tuple[object, ...]
    bare: bool
    results: tuple[tuple[tuple[sp.Expr, ...], bool], ...]
    several: bool
    sizes: tuple[sp.Symbol, ...]
    sample: sp.Symbol | None
    first_index: int
    labels: Mapping[str, sp.Expr] = field(default_factory=dict)
    kernels: tuple[str, ...] = ()
    statement: str = ""
    point: tuple[int, ...] = ()
    kinks: Kinks = DEFAULT
    nonfinite: str = "ignore"

    @property
    def scalar(self) -> bool:
        return not self.several and not self.results[0][0]

    def axes(self, spec: InputSpec) -> tuple[sp.Expr, ...]:
        """The axes of an input as kernels see them, samples first."""
        return (*((self.sample,) if spec.batched and self.sample is not None else ()), *spec.axes)


class ModuleNames:
    """Parameter names of kernels: one each for inputs and sizes, fixed for the whole module."""

    def __init__(self, signature: Signature):
        names = Names(["results"])  # a parameter of _shapes
        self.sizes = {s.name: names.take(s.name, "size") for s in signature.sizes}
        self.inputs = {name: names.take(name, "v") for name in signature.arguments}
        self.taken = sorted(names.taken)
        self.size_symbols = {s: sp.Symbol(self.sizes[s.name], integer=True, positive=True) for s in signature.sizes}

    def renames_sizes(self) -> bool:
        return any(old != new for old, new in self.sizes.items())

    def size(self, value: sp.Expr) -> str:
        return number(sp.sympify(value).subs(self.size_symbols)).text


def kernel(name: str, program: Program, signature: Signature, flat: bool = False) -> tuple[str, set[str]]:
    """The text of one kernel and the libraries it needs beyond NumPy."""
    speller, parameters = _speller(name, program, signature, flat)
    lines = speller.body()
    results = [speller.returned(output) for output in speller.program.outputs.values()]
    head = [f"def _{name}_kernel({', '.join(parameters)}):", f'    """{_KERNEL_WORDS[name]}"""']
    tail = f"    return {', '.join(results)}{',' if len(results) == 1 else ''}"
    text = "\n".join([*head, *(f"    {line}" for line in lines), tail, ""])
    return text, speller.needs | ({"math"} if any("math." in line.partition("  # ")[0] for line in [*lines, tail]) else set())


def _speller(name: str, program: Program, signature: Signature, flat: bool) -> tuple[Speller, list[str]]:
    """The speller of one kernel, with nothing spelled yet, and the kernel's parameters."""
    names = ModuleNames(signature)
    if names.renames_sizes():
        program = _resized(program, names.size_symbols)
    given, extra = _parameters(program, names, _seeds(name, signature))
    wanted = {ref.row: key for key, (ref, _) in reversed(program.names.items())}
    speller = Speller(program, given, wanted, [*names.taken, *extra], flat)
    speller.section = _SECTIONS.get(name, "")
    return speller, [*names.inputs.values(), *extra, *names.sizes.values(), "dtype"]


def variables(name: str, program: Program, signature: Signature, flat: bool = False) -> dict[str, int]:
    """The row that each variable of a kernel holds."""
    speller, _ = _speller(name, program, signature, flat)
    speller.body()
    return {text.text: row for row, text in speller.text.items() if text.text.isidentifier()}


def _seeds(entry: str, signature: Signature) -> list[Input]:
    """The tangents or cotangents that an entry takes, in the order in which the plumbing passes them."""
    if entry in ("jvp", "hvp"):
        return [Input("tangent", name) for name in signature.wrt]
    return [Input("cotangent", f"value_{k}") for k in range(len(signature.results))] if entry == "vjp" else []


def _parameters(program: Program, names: ModuleNames, seeds: Sequence[Input]) -> tuple[dict[int, str], list[str]]:
    """Which parameter each input row is, and the parameters of the seeds, whether a row needs them or not."""
    pool = Names(names.taken)
    extra = {seed: pool.exactly(f"{'dot' if seed.role == 'tangent' else 'bar'}_{names.inputs.get(seed.name, seed.name)}") for seed in seeds}
    given = {index: names.inputs[row.payload.name] if row.payload.role == "input" else extra[row.payload]
             for index, row in enumerate(program.graph.rows) if row.op == "input"}
    return given, list(extra.values())


def _resized(program: Program, mapping: Mapping[sp.Symbol, sp.Symbol]) -> Program:
    """The same rows with sizes under names that can stand in Python text."""
    graph = program.graph.copy()
    graph.rows = [row._replace(sizes=tuple(size.subs(mapping) for size in row.sizes), payload=_resized_payload(row.payload, mapping))
                  for row in graph.rows]
    axes = {label: Label(label.size.subs(mapping)) for out in program.outputs.values() for label in (*out.axes, *out.ref.labels)}
    outputs = {key: Output(out.ref.rename(axes), tuple(axes[label] for label in out.axes)) for key, out in program.outputs.items()}
    return replace(program, graph=graph, outputs=outputs)


def _resized_payload(payload: Any, mapping: Mapping) -> Any:
    if isinstance(payload, sp.Basic):
        return payload.subs(mapping)
    if type(payload) is tuple:
        return tuple(_resized_payload(one, mapping) for one in payload)
    return payload


_SECTIONS = {"value_and_grad": "backward sweep", "vjp": "backward sweep", "jvp": "tangents", "jacobian": "derivatives, seeded with one-hots",
             "hessian": "gradient, then its derivatives seeded with one-hots", "hvp": "gradient, then its tangents"}

_KERNEL_WORDS = {
    "value": "The results.",
    "plain": "The results by the formula as it was declared.",
    "value_and_grad": "The result and its gradient towards every parameter: a forward sweep, then a backward sweep.",
    "jvp": "The results and their tangents, by one forward sweep.",
    "vjp": "The adjoints of the parameters for given cotangents of the results.",
    "jacobian": "The blocks (result, parameter) of the Jacobian.",
    "hessian": "The blocks (parameter, parameter) of the Hessian.",
    "hvp": "The Hessian times given tangents.",
}


def wrappers(signature: Signature) -> str:
    """The public functions, with the inputs' own names as parameters where they can stand in Python."""
    names = signature.arguments
    plain = all(is_plain(name) for name in names) and len(set(names) & {"cotangent"}) == 0
    if plain:
        head, given = ", ".join(names), "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"
    else:
        head, given = "*args, **inputs", "_ordered(args, inputs)"
    first = f"cotangent, /, {head}" if head else "cotangent, /"
    functions = [
        ("value", head, f"_value({given})", "The result, or a tuple of results."),
        ("grad", head, f"_value_and_grad({given})[1]", "The gradient, by reverse mode."),
        ("value_and_grad", head, f"_value_and_grad({given})", "(value, gradient), by reverse mode."),
        ("grads", head, f"_value_and_grads({given})[1]", "The gradient as a dict by name."),
        ("value_and_grads", head, f"_value_and_grads({given})", "(value, gradient as a dict by name)."),
        ("grad_forward", head, f"_grad_forward({given})", "The gradient by forward mode, one sweep a direction."),
        ("jvp", "primals, tangents", "_jvp(primals, tangents)", "(value, tangent) along tangents, both dicts by name; a missing tangent is 0."),
        ("vjp", first, f"_vjp(cotangent, {given})", "The gradient of the sum of cotangent * result."),
        ("jacobian", head, f"_jacobian({given})", "The Jacobian, shape of the result + shape of the parameter."),
        ("hessian", head, f"_hessian({given})", "The Hessian, shape of one parameter + shape of the other."),
        ("hvp", "primals, tangents", "_hvp(primals, tangents)", "The Hessian times tangents, both dicts by name."),
    ]
    return "\n\n".join(f'def {name}({head}):\n    """{words}"""\n    return {call}\n' for name, head, call, words in functions)


def spec_text(signature: Signature) -> str:
    """SPEC, the data that the plumbing reads, and the functions that give shapes from sizes."""
    names = ModuleNames(signature)
    inputs = {}
    for spec in signature.inputs:
        axes = signature.axes(spec)
        inputs[spec.name] = {
            "kind": spec.kind, "axes": [_static(size) for size in spec.shape], "ones": sum(size == 1 for size in spec.shape) if spec.matrix else 0,
            "batched": int(spec.batched), "words": _words(spec, signature), "symbolic": [str(size) for size in axes],
        } | ({"labels": _label_count(signature, spec)} if spec.kind == "integer" else {})
    spec = {
        "title": signature.title, "arguments": list(signature.arguments), "inputs": inputs, "sizes": _size_sources(signature, names),
        "wrt": list(signature.wrt), "groups": [_group(group) for group in signature.groups], "bare": signature.bare,
        "results": [{"unit": _unit(shape, matrix)} for shape, matrix in signature.results],
        "several": signature.several, "scalar": signature.scalar, "kernels": list(signature.kernels), "first_index": signature.first_index,
    } | ({} if signature.nonfinite == "ignore" else {"nonfinite": signature.nonfinite})
    point = {names.sizes[s.name]: size for s, size in point_sizes(signature).items()}
    parameters = ", ".join([*names.sizes.values(), "results=False"])
    rows = ",\n".join(f"        {spec.name!r}: {_tuple([names.size(size) for size in signature.axes(spec)])}" for spec in signature.inputs)
    results = ", ".join(_tuple([names.size(size) for size in shape if not (matrix and size == 1)]) for shape, matrix in signature.results)
    return (f"SPEC = {pprint.pformat(spec, width=LINE - 10, sort_dicts=False)}\n\nPOINT_SIZES = {point!r}\n\n\n"
            f'def _shapes({parameters}):\n    """Shapes of the inputs (or of the results) from the sizes."""\n'
            f"    if results:\n        return [{results}]\n    return {{\n{rows},\n    }}\n")


def _static(size: sp.Expr) -> int | str:
    return int(size) if size.is_Integer else str(size)


def _tuple(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _words(spec: InputSpec, signature: Signature) -> str:
    axes = [*((str(signature.sample),) if spec.batched else ()), *map(str, spec.shape)]
    return " × ".join(axes) if axes else "a scalar"


def _group(group: object) -> object:
    return group if isinstance(group, str) else {"names": list(group.names), "shape": list(group.shape)}  # type: ignore[attr-defined]


def _unit(shape: Sequence[sp.Expr], matrix: bool) -> int | None:
    """The position of the unit axis of a matrix result (n×1 or 1×n), which flat callers do not see."""
    return next((k for k, size in enumerate(shape) if size == 1), None) if matrix else None


def _size_sources(signature: Signature, names: ModuleNames) -> dict[str, tuple]:
    """Where each size is read off: (input, axis, slope, offset) for an axis of slope*size + offset."""
    sources: dict[str, tuple] = {}
    for exact in (True, False):
        for spec in signature.inputs:
            for axis, size in enumerate(signature.axes(spec)):
                for symbol in sorted(size.free_symbols, key=lambda s: s.name):
                    found = read_off(size, symbol)
                    if found is not None and (not exact or same_size(size, symbol)):
                        sources.setdefault(symbol.name, (spec.name, axis, *found))
    for spec in signature.inputs:
        if spec.is_size:
            sources.setdefault(spec.name, (spec.name, None, 1, 0))
    return {names.sizes[s.name]: sources[s.name] for s in signature.sizes if s.name in sources}


def point_sizes(signature: Signature) -> dict[sp.Symbol, int]:
    """Small distinct sizes for the stored point, the same on every machine."""
    usual = tuple(3 + k % 4 for k in range(len(signature.sizes)))
    return dict(zip(signature.sizes, signature.point or usual, strict=True))


def _label_count(signature: Signature, spec: InputSpec) -> int:
    size = signature.labels.get(spec.name)
    return int(size.subs(point_sizes(signature))) if size is not None else 2


def _input_lines(signature: Signature) -> list[str]:
    """One line an input: its name, its shape, and whether it holds whole numbers."""
    width = max((len(spec.name) for spec in signature.inputs), default=0) + 2
    return [f"    {spec.name:<{width}}{_words(spec, signature)}{', whole numbers' if spec.kind == 'integer' else ''}" for spec in signature.inputs]


def header(signature: Signature, needs: set[str], digest: str, version: str) -> str:
    """The docstring of a module: what it computes, of which inputs, and what it needs."""
    libraries = "NumPy and SciPy (scipy.special)" if "scipy" in needs else "NumPy"
    lines = [f"{signature.title}: derivative code generated by symgrad {version}. Do not edit.", ""]
    if signature.statement:
        lines += [signature.statement, ""]
    lines += ["Inputs", *_input_lines(signature), f"Parameters: {', '.join(signature.wrt)}", f"Needs: {libraries}",
              *_kink_lines(signature.kinks), f"Digest: {digest}"]
    return '"""' + _inside_text("\n".join(lines)) + '\n"""\n'


def _kink_lines(kinks: Kinks) -> list[str]:
    """The conventions for slopes at kinks, as many to a line as there is room for."""
    return textwrap.wrap("Kinks: " + "; ".join(kinks.words()), LINE - 20, subsequent_indent="    ")


def _inside_text(words: str) -> str:
    """Words as the inside of a text in triple quotes: they cannot end it, and no character of theirs is lost."""
    safe = "".join(letter if letter == "\n" or letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
                   for letter in words.replace("\\", "\\\\"))
    return safe.replace('"""', '\\"\\"\\"')


def prelude(nonfinite: str = "ignore") -> str:
    """The plumbing, without its own docstring, import and stand-ins; what looks at results only where that is asked for."""
    text = _plumbing("prelude.py")
    if nonfinite == "ignore":
        return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("    _look("))
    return f"{text}\n\n{_plumbing('watch.py')}"


def _plumbing(file: str) -> str:
    text = resources.files("symgrad.runtime").joinpath(file).read_text(encoding="utf-8")
    return text.split("# --- end of stand-ins\n", 1)[1]


def imports(needs: set[str], nonfinite: str = "ignore") -> str:
    standard = ["math"] if "math" in needs else []
    standard = sorted([*standard, *(WATCHING if nonfinite != "ignore" else ())])
    lines = [*(f"import {name}" for name in standard), *([""] if standard else []), "import numpy as np"]
    return "\n".join([*lines, *(["from scipy import special"] if "scipy" in needs else [])])


WATCHING = ("ast", "linecache", "re", "sys", "warnings")
"""What watching for results that are not finite takes from the standard library."""


def preamble(needs: set[str]) -> str:
    """What a kernel's text relies on when it is run by itself: imports and special functions."""
    return f"{imports(needs)}\n\n{special_functions(needs)}"


PUBLIC = ["value", "grad", "value_and_grad", "grads", "value_and_grads", "grad_forward", "jvp", "vjp", "jacobian", "hessian", "hvp"]


def module(signature: Signature, kernels: Mapping[str, str], needs: set[str], version: str) -> str:
    """The whole module; `kernels` are texts made by `kernel`."""
    body = "\n\n".join(kernels.values())
    spec = spec_text(signature)
    own = special_functions(needs)
    watch = signature.nonfinite
    digest = hashlib.sha256((body + spec + own).encode()).hexdigest()[:16]
    table = "_KERNELS = {\n" + "".join(f'    "{name}": _{name}_kernel,\n' for name in kernels) + "}"
    public = "__all__ = [\n" + "".join(f'    "{name}",\n' for name in PUBLIC) + "]"
    top = f"{header(signature, needs, digest, version)}\n{imports(needs, watch)}\n\n{public}\n"
    parts = [top, _section("The mathematics: one function an entry, on arrays that were checked"), body,
             _section("What callers use"), wrappers(signature),
             _section("Names, shapes and sizes of the inputs"), spec, table,
             *([_section("Special functions that NumPy lacks"), own] if own else []),
             _section("Plumbing, the same in every module: inputs are checked, results are shaped"), prelude(watch), MAIN]
    return "\n\n".join(part.strip("\n") + "\n" for part in parts)


def _section(words: str) -> str:
    return f"# {'-' * 100}\n# {words}"


MAIN = '''
if __name__ == "__main__":
    print(__doc__)
    raise SystemExit(0 if _self_check() else 1)
'''
