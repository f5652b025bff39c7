"""The text of one kernel: a function on arrays that were checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from symgrad.emit.fast.factors import factored
from symgrad.emit.fast.layout import laid_out
from symgrad.emit.fast.plan import Plan
from symgrad.emit.fast.samples import Samples, find_samples
from symgrad.emit.fast.speller import FastSpeller
from symgrad.emit.loop_lines import rolled_body
from symgrad.emit.loops import Rolled, roll
from symgrad.emit.names import Names, listed
from symgrad.emit.signature import ModuleNames, Signature
from symgrad.emit.speller import Speller
from symgrad.graph.labels import Label
from symgrad.graph.program import Output, Program
from symgrad.graph.rows import Input


def kernel(name: str, program: Program, signature: Signature, style: str = "plain") -> tuple[str, set[str]]:
    """The text of one kernel and the libraries it needs beyond NumPy.

    style: "fast", with buffers and in blocks; "flat", one line a row with every adjoint named; "plain", one line a row.
    """
    speller, parameters = _speller(name, program, signature, style)
    lines = _body(speller)
    results = [speller.returned(output) for output in speller.program.outputs.values()]
    summary = speller.plan.summary() if isinstance(speller, FastSpeller) else ""
    words = [f'    """{_KERNEL_WORDS[name]}', "", f"    {summary}", '    """'] if summary else [f'    """{_KERNEL_WORDS[name]}"""']
    head = [f"def _{name}_kernel({', '.join(parameters)}):", *words]
    lines.append(f"return {listed(results)}")
    needs = speller.needs | ({"math"} if any("math." in line.partition("  # ")[0] for line in lines) else set())
    if isinstance(speller, FastSpeller) and speller.in_room:
        lines = ["", "def rows(new):", *(f"    {line}" if line else "" for line in lines), "", "return _in_room(rows)"]
        needs.add("room")
    text = "\n".join([*head, *(f"    {line}" if line else "" for line in lines), ""])
    return text, needs


def _speller(name: str, program: Program, signature: Signature, style: str) -> tuple[Speller, list[str]]:
    """The speller of one kernel, with nothing spelled yet, and the kernel's parameters."""
    names = ModuleNames(signature)
    if names.renames_sizes():
        program = _resized(program, names.size_symbols)
    extra = _seed_parameters(names, _seeds(name, signature))
    taken = [*names.taken, *extra.values()]
    samples = _samples(program, names, signature) if style == "fast" else None
    if samples is not None:
        program = factored(program, samples)
        samples = _samples(program, names, signature)
    given = _given(program, names, extra)
    if samples is None:  # blocks over samples hold whole chains
        program = roll(program, taken, loops=style == "fast")
    if samples is not None:
        program = laid_out(program, samples)
    wanted = {ref.row: key for key, (ref, _) in reversed(program.names.items())}
    if style == "fast" and not isinstance(program, Rolled):
        speller: Speller = FastSpeller(program, given, wanted, taken, samples)
    else:
        speller = Speller(program, given, wanted, taken, style == "flat")
    speller.section = _SECTIONS.get(name, "")
    return speller, [*names.inputs.values(), *extra.values(), *names.sizes.values(), "dtype"]


def _samples(program: Program, names: ModuleNames, signature: Signature) -> Samples | None:
    return find_samples(program, signature.wrt, names.size_symbols.get(signature.sample, signature.sample))


def _body(speller: Speller) -> list[str]:
    """The statements of a kernel, in order."""
    return rolled_body(speller, speller.program) if isinstance(speller.program, Rolled) else speller.body()


def plan(name: str, program: Program, signature: Signature) -> Plan:
    """How a kernel of the fast style runs."""
    speller, _ = _speller(name, program, signature, "fast")
    _body(speller)
    return speller.plan if isinstance(speller, FastSpeller) else Plan(None, len(program.live()), (), 0)


def variables(name: str, program: Program, signature: Signature, style: str = "plain") -> dict[str, int]:
    """The row that each variable of a kernel holds; empty where the kernel has loops, whose variables hold many."""
    speller, _ = _speller(name, program, signature, style)
    if isinstance(speller.program, Rolled) and speller.program.plans:
        return {}
    _body(speller)
    return {text.text: row for row, text in speller.text.items() if text.text.isidentifier() and row < len(program.graph.rows)}


def _seeds(entry: str, signature: Signature) -> list[Input]:
    """The tangents or cotangents that an entry takes, in the order in which the plumbing passes them."""
    if entry in ("jvp", "hvp"):
        return [Input("tangent", name) for name in signature.wrt]
    return [Input("cotangent", f"value_{k}") for k in range(len(signature.results))] if entry == "vjp" else []


def _seed_parameters(names: ModuleNames, seeds: Sequence[Input]) -> dict[Input, str]:
    """The parameters of the seeds, whether a row needs them or not."""
    pool = Names(names.taken)
    return {seed: pool.exactly(f"{'dot' if seed.role == 'tangent' else 'bar'}_{names.inputs.get(seed.name, seed.name)}") for seed in seeds}


def _given(program: Program, names: ModuleNames, extra: Mapping[Input, str]) -> dict[int, str]:
    """Which parameter each input row is."""
    return {index: names.inputs[row.payload.name] if row.payload.role == "input" else extra[row.payload]
            for index, row in enumerate(program.graph.rows) if row.op == "input"}


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
