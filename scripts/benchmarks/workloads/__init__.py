"""Every workload, by name, in the order in which they are measured and shown."""

from __future__ import annotations

from benchmarks.workload import Workload
from benchmarks.workloads import chained, mixtures, nets, regressions

ALL: dict[str, Workload] = {one.name: one for family in (regressions, nets, mixtures, chained) for one in family.WORKLOADS}


def chosen(names: list[str]) -> list[Workload]:
    """Those whose name is given or begins with what is given ("mixture" for mixture-1e3 and its sisters); all where none is."""
    unknown = [name for name in names if not any(_fits(one, name) for one in ALL)]
    if unknown:
        raise ValueError(f"no workload is called {', '.join(unknown)}; there are {', '.join(ALL)}")
    return [one for one in ALL.values() if not names or any(_fits(one.name, name) for name in names)]


def _fits(name: str, given: str) -> bool:
    return name == given or name.startswith(f"{given}-")
