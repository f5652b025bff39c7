"""Who is measured: the reference, symgrad, and the peers that are installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from benchmarks.workload import GRADIENT, Workload

HAND, OWN = "by hand", "symgrad"


@dataclass(frozen=True)
class Contender:
    """A name, the function that prepares it, the distribution and the module that it needs, and whether it knows scalars only."""

    name: str
    place: str
    library: str
    scalars_only: bool = False

    def installed(self) -> bool:
        return find_spec(self.library) is not None

    def version(self) -> str:
        try:
            return version(self.library)
        except PackageNotFoundError:  # run from its folder
            return str(getattr(importlib.import_module(self.library), "__version__", "unknown"))

    def takes(self, workload: Workload) -> bool:
        """Whether the workload can be given to it in a form that its users would write."""
        return not self.scalars_only or (workload.term is not None and workload.kind == GRADIENT)

    def load(self) -> Callable:
        """Import the library; the function that prepares a workload."""
        module, function = self.place.split(":")
        return getattr(importlib.import_module(f"benchmarks.peers.{module}"), function)


BASE = (Contender(HAND, "own:by_hand", "numpy"), Contender(OWN, "own:symgrad", "symgrad"))
PEERS = (
    Contender("jax", "with_jax:prepare", "jax"),
    Contender("torch", "with_torch:eager", "torch"),
    Contender("torch.compile", "with_torch:compiled", "torch"),
    Contender("pytensor", "with_pytensor:prepare", "pytensor"),
    Contender("casadi", "with_casadi:prepare", "casadi", scalars_only=True),
    Contender("autograd", "with_autograd:prepare", "autograd"),
    Contender("sympy", "with_sympy:prepare", "sympy", scalars_only=True),
)
RIVALS = ("jax", "torch", "torch.compile", "pytensor", "casadi")
"""The peers that symgrad may not be slower than by more than a fifth."""

ALL = {one.name: one for one in (*BASE, *PEERS)}


def chosen(names: list[str] | None) -> list[Contender]:
    """The two that are always there, then the named peers, or where None is given those that are installed."""
    unknown = [name for name in names or () if name not in ALL]
    if unknown:
        raise ValueError(f"no peer is called {', '.join(unknown)}; there are {', '.join(one.name for one in PEERS)}")
    return [*BASE, *(one for one in PEERS if (one.installed() if names is None else one.name in names))]
