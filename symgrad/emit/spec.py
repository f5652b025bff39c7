"""The data that a module's plumbing reads: inputs, shapes, sizes, results."""

from __future__ import annotations

import pprint
from collections.abc import Sequence

import sympy as sp

from symgrad.emit.names import tuple_text
from symgrad.emit.signature import ModuleNames, Signature, point_sizes
from symgrad.graph.labels import read_off, same_size
from symgrad.graph.program import InputSpec

LINE = 150


def spec_text(signature: Signature) -> str:
    """SPEC, the data that the plumbing reads, and the functions that give shapes from sizes."""
    names = ModuleNames(signature)
    inputs = {}
    for spec in signature.inputs:
        axes = signature.axes(spec)
        inputs[spec.name] = {
            "kind": spec.kind, "axes": [_static(size) for size in spec.shape], "ones": sum(size == 1 for size in spec.shape) if spec.matrix else 0,
            "batched": int(spec.batched), "words": words(spec, signature), "symbolic": [str(size) for size in axes],
        } | ({"labels": _label_count(signature, spec)} if spec.kind == "integer" else {})
    spec = {
        "title": signature.title, "arguments": list(signature.arguments), "inputs": inputs, "sizes": _size_sources(signature, names),
        "wrt": list(signature.wrt), "groups": [_group(group) for group in signature.groups], "bare": signature.bare,
        "results": [{"unit": _unit(shape, matrix)} for shape, matrix in signature.results],
        "several": signature.several, "scalar": signature.scalar, "kernels": list(signature.kernels), "first_index": signature.first_index,
    } | ({} if signature.nonfinite == "ignore" else {"nonfinite": signature.nonfinite})
    if signature.threads is not None:
        spec["threads"] = signature.threads
    point = {names.sizes[s.name]: size for s, size in point_sizes(signature).items()}
    parameters = ", ".join([*names.sizes.values(), "results=False"])
    rows = ",\n".join(f"        {spec.name!r}: {tuple_text([names.size(size) for size in signature.axes(spec)])}" for spec in signature.inputs)
    results = ", ".join(tuple_text([names.size(size) for size in shape if not (matrix and size == 1)]) for shape, matrix in signature.results)
    return (f"SPEC = {pprint.pformat(spec, width=LINE - 10, sort_dicts=False)}\n\nPOINT_SIZES = {point!r}\n\n\n"
            f'def _shapes({parameters}):\n    """Shapes of the inputs (or of the results) from the sizes."""\n'
            f"    if results:\n        return [{results}]\n    return {{\n{rows},\n    }}\n")


def _static(size: sp.Expr) -> int | str:
    return int(size) if size.is_Integer else str(size)


def words(spec: InputSpec, signature: Signature) -> str:
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


def _label_count(signature: Signature, spec: InputSpec) -> int:
    size = signature.labels.get(spec.name)
    return int(size.subs(point_sizes(signature))) if size is not None else 2
