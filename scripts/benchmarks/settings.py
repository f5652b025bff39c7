"""What has to be decided before NumPy is loaded: the environment variables and the cores.  Standard library only."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

FORCED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYMGRAD_THREADS")
"""Variables that change what is measured; so does every variable that ends in one of ENDINGS."""

ENDINGS = ("_NUM_THREADS", "_MAXIMUM_THREADS")


def clear(environment: MutableMapping[str, str] = os.environ) -> list[str]:
    """Drop the variables that hold the libraries to a kernel or to a number of threads, and return what was dropped."""
    found = sorted(name for name in environment if name in FORCED or name.endswith(ENDINGS))
    return [f"{name}={environment.pop(name)}" for name in found]


def hold_to(threads: int) -> str:
    """Hold this process and its children to so many threads, and to as many cores where the system can; return what was done."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS", "SYMGRAD_THREADS"):
        os.environ[name] = str(threads)
    if not hasattr(os, "sched_setaffinity"):
        return f"every contender was asked for {threads} threads"
    cores = sorted(os.sched_getaffinity(0))[:threads]
    os.sched_setaffinity(0, cores)
    return f"every contender was held to {threads} threads on {len(cores)} cores"


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> str:
    """How busy the machine is with other work, in words; threads that wait for each other suffer most from it."""
    if not hasattr(os, "getloadavg"):
        return "the load of the machine is not known"
    busy, all_cores = os.getloadavg()[0], os.cpu_count() or 1
    warning = "; other processes disturb these figures, those of threads most" if busy > 0.5 * all_cores else ""
    return f"load of the machine in the minute before: {busy:.1f} on {all_cores} cores{warning}"
