"""Peak memory of value and gradient above the inputs, as the number of samples grows."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass

import numpy as np

from benchmarks.contenders import ALL, HAND, OWN
from benchmarks.process import Failure, fresh
from benchmarks.workloads.mixtures import LINE_ROW
from symgrad.runtime.room import _shared

SAMPLES = (10**4, 10**5, 10**6, 10**7)


@dataclass(frozen=True)
class Peak:
    """Bytes by contender; text where it failed."""

    samples: int
    bytes: dict[str, int | str]


def peaks(samples: tuple[int, ...] = SAMPLES, limit: float = 300.0) -> list[Peak]:
    return [Peak(count, {name: _peak(name, count, limit) for name in (HAND, OWN)}) for count in samples]


def _peak(contender: str, samples: int, limit: float) -> int | str:
    try:
        return fresh(traced, contender, samples, limit=limit)
    except Failure as failure:
        return str(failure)


def traced(contender: str, samples: int) -> int:
    """The peak of what one call allocates, results included, once its code is compiled.  NumPy's buffers are traced."""
    prepare = ALL[contender].load()
    prepare(LINE_ROW, LINE_ROW.data(small=True))()
    call = prepare(LINE_ROW, LINE_ROW.inputs(np.random.default_rng(20), samples))
    call()
    _shared()["rooms"].clear()  # memory kept from the last call counts as this one's
    tracemalloc.start()
    call()
    return tracemalloc.get_traced_memory()[1]

