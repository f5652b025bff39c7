"""Who is measured: the reference, symgrad, NumPy tuned by hand where there is such code, and the peers that are installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from benchmarks.peers import tuned
from benchmarks.workload import GRADIENT, Workload

HAND, OWN, TUNED = "by hand", "symgrad", "tuned"


@dataclass(frozen=True)
class Contender:
    """A name, the function that prepares it, the distribution and the module that it needs, and which workloads it knows: all by default."""

    name: str
    place: str
    library: str
    takes: Callable[[Workload], bool] = lambda workload: True

    def installed(self) -> bool:
        return find_spec(self.library) is not None

    def version(self) -> str:
        try:
            return version(self.library)
        except PackageNotFoundError:  # run from its folder
            return str(getattr(importlib.import_module(self.library), "__version__", "unknown"))

    def load(self) -> Callable:
        """Import the library; the function that prepares a workload."""
        module, function = self.place.split(":")
        return getattr(importlib.import_module(f"benchmarks.peers.{module}"), function)


def _as_a_term(workload: Workload) -> bool:
    """Whether a library that knows scalars only can be given the workload."""
    return workload.term is not None and workload.kind == GRADIENT


BASE = (
    Contender(HAND, "own:by_hand", "numpy"),
    Contender(OWN, "own:symgrad", "symgrad"),
    Contender(TUNED, "tuned:prepare", "numpy", tuned.has),
)
PEERS = (
    Contender("jax", "with_jax:prepare", "jax"),
    Contender("torch", "with_torch:eager", "torch"),
    Contender("torch.compile", "with_torch:compiled", "torch"),
    Contender("pytensor", "with_pytensor:prepare", "pytensor"),
    Contender("casadi", "with_casadi:prepare", "casadi", _as_a_term),
    Contender("autograd", "with_autograd:prepare", "autograd"),
    Contender("sympy", "with_sympy:prepare", "sympy", _as_a_term),
)
RIVALS = ("jax", "torch", "torch.compile", "pytensor", "casadi")
"""The peers that symgrad may not be slower than by more than a fifth."""

ALL = {one.name: one for one in (*BASE, *PEERS)}


def chosen(names: list[str] | None) -> list[Contender]:
    """Those that are always there, then the named peers, or where None is given those that are installed."""
    unknown = [name for name in names or () if name not in ALL]
    if unknown:
        raise ValueError(f"no peer is called {', '.join(unknown)}; there are {', '.join(one.name for one in PEERS)}")
    return [*BASE, *(one for one in PEERS if (one.installed() if names is None else one.name in names))]
