"""Where a call's time goes: each statement of a generated kernel timed, on one thread, and added up by the kind of work."""

from __future__ import annotations

import ast
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.process import Failure, fresh
from benchmarks.workload import DIRECTION, HESSIAN, PRODUCT, Workload

FUNCTIONS, PRODUCTS, SUMS, ARITHMETIC, REST = "functions", "matrix products", "sums", "arithmetic", "the rest"
KINDS = {
    FUNCTIONS: ("exp", "log", "log1p", "expm1", "tan", "tanh", "sin", "cos", "sinh", "cosh", "sqrt", "divide", "reciprocal", "_sincos", "hypot"),
    PRODUCTS: ("matmul", "solve", "inv", "einsum", "tensordot"),
    SUMS: ("dot", "sum", "max", "min", "_dots"),
    ARITHMETIC: ("add", "subtract", "multiply", "square", "negative", "abs", "maximum", "minimum", "greater", "copyto", "_masked", "_shifted"),
}
"""Kinds of work by the function that a statement calls; quotients count as functions, since they cost as much."""

ROUNDS = 15


@dataclass(frozen=True)
class Profile:
    """Seconds of one call, in all and by kind of work, and how many statements called NumPy.

    `the rest` is Python itself, indexing, and what is done with small arrays after the samples.
    """

    workload: str
    total: float
    kinds: dict[str, float]
    calls: int


def profiles(workloads: Sequence[Workload], small: bool, limit: float) -> list[Profile | tuple[str, str]]:
    """The profile of each workload, or its name and why there is none."""
    found: list[Profile | tuple[str, str]] = []
    for workload in workloads:
        try:
            found.append(fresh(profiled, workload.name, small, limit=limit))
        except Failure as failure:
            found.append((workload.name, str(failure)))
    return found


def profiled(name: str, small: bool = False) -> Profile:
    """The profile of one workload, in this process: of the round that took least."""
    from benchmarks.workloads import ALL

    workload = ALL[name]
    entry = {HESSIAN: "hessian", PRODUCT: "hvp"}.get(workload.kind, "value_and_grad")
    spent: list[tuple[str, float]] = []
    module: dict[str, Any] = {"__name__": "profiled", "_clock": time.perf_counter, "_spent": spent}
    exec(compile(_timed(workload.declare().with_options(threads=1).source, f"_{entry}_kernel"), name, "exec"), module)
    inputs = workload.data(small)
    given = (inputs, {workload.wrt[0]: inputs.pop(DIRECTION)}) if workload.kind == PRODUCT else ()
    call = partial(module[entry], *given) if given else partial(module[entry], **inputs)
    call()
    rounds = []
    for _ in range(ROUNDS):
        spent.clear()
        start = time.perf_counter()
        call()
        rounds.append((time.perf_counter() - start, list(spent)))
    total, parts = min(rounds, key=lambda one: one[0])
    kinds = {kind: sum(seconds for own, seconds in parts if own == kind) for kind in KINDS}
    return Profile(name, total, kinds | {REST: total - sum(kinds.values())}, len(parts))


def _timed(source: str, kernel: str) -> ast.Module:
    """The module with every statement of one kernel timed."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == kernel:
            node.body = _with_clock(node.body)
    return ast.fix_missing_locations(tree)


def _with_clock(body: list[ast.stmt]) -> list[ast.stmt]:
    timed: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            statement.body = _with_clock(statement.body)
        kind = _kind(statement)
        if kind is None:
            timed.append(statement)
        else:
            timed += [*ast.parse("_start = _clock()").body, statement,
                      *ast.parse(f"_spent.append(({kind!r}, _clock() - _start))").body]
    return timed


def _kind(statement: ast.stmt) -> str | None:
    """The kind of work that a statement does; None for what is not timed, and for what runs other statements."""
    value = getattr(statement, "value", None) if isinstance(statement, ast.Assign | ast.Expr | ast.AugAssign) else None
    if isinstance(value, ast.BinOp):
        return PRODUCTS if isinstance(value.op, ast.MatMult) else ARITHMETIC
    if not isinstance(value, ast.Call):
        return ARITHMETIC if isinstance(statement, ast.AugAssign) else None
    name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    return next((kind for kind, names in KINDS.items() if name in names), None)
