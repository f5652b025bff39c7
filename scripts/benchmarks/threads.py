"""The same bits for any number of threads."""

from __future__ import annotations

from benchmarks.process import Failure, fresh
from benchmarks.workload import flattened
from benchmarks.workloads import ALL

NAMES = ("logistic", "curve-1e6", "mixture-1e6", "full-mixture", "batch-norm", "rosenbrock", "rosenbrock-product")


def verdicts(names: tuple[str, ...] = NAMES, small: bool = False, limit: float = 300.0) -> dict[str, str]:
    """By workload: what comparing one thread with two gave, in words."""
    return {name: _verdict(name, small, limit) for name in names}


def _verdict(name: str, small: bool, limit: float) -> str:
    try:
        return fresh(compared, name, small, limit=limit)
    except Failure as failure:
        return str(failure)


def compared(name: str, small: bool) -> str:
    """Results of a workload on one thread and on two, compared bit by bit."""
    from benchmarks.peers.own import symgrad
    from symgrad.errors import OptionError

    workload = ALL[name]
    inputs = workload.data(small)
    try:
        one, two = (flattened(symgrad(workload, inputs, threads=count)()) for count in (1, 2))
    except OptionError:
        return "not compared: this version of symgrad has no option threads"
    same = all(a.tobytes() == b.tobytes() for a, b in zip(one, two, strict=True))
    return "equal bits" if same else "DIFFERENT bits"
