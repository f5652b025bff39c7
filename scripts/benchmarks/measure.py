"""Check every contender's results, then time those that are right, in turn: A B C, A B C, …

Each contender has a process of its own for each workload, so that neither a crash, nor spinning threads, nor the state of
the memory allocator carries over from one to the next.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.contenders import HAND, Contender
from benchmarks.process import Failure, Peer, contend
from benchmarks.workload import Workload, disagreement

SAMPLE = 0.01
"""Seconds that one sample of a short call is made to last."""

PAUSE = 0.15
"""Seconds between samples, for the threads of the last contender to fall asleep: those of OpenBLAS spin for up to 100 ms."""

FEWEST = 3


@dataclass
class Cell:
    """One contender at one workload: seconds a call in each round, seconds to the first result, or why there are none."""

    contender: str
    first: float | None = None
    samples: list[float] = field(default_factory=list)
    failure: str | None = None

    @property
    def median(self) -> float | None:
        return statistics.median(self.samples) if self.samples else None


@dataclass
class Row:
    """One workload with its contenders."""

    workload: Workload
    cells: dict[str, Cell]

    def ratio(self, contender: str, base: str = HAND) -> float | None:
        """Median over the median of another, or None where one of them has none."""
        own, other = (self.cells[name].median if name in self.cells else None for name in (contender, base))
        return own / other if own and other else None


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds at most, seconds of timing for one workload, and the limit for one answer; and by which clock.

    cpu: seconds of processor time, summed over threads, instead of those on the wall.
    """

    rounds: int = 31
    seconds: float = 20.0
    limit: float = 240.0
    cpu: bool = False


def measure(workload: Workload, contenders: Sequence[Contender], effort: Effort, small: bool = False) -> Row:
    """The row of a workload."""
    taking = [one for one in contenders if one.takes(workload)]
    cells = {one.name: Cell(one.name) for one in taking}
    peers = {one.name: Peer(contend, one.name, workload.name, small, effort.cpu) for one in taking}
    try:
        results = _prepared(cells, peers, effort.limit)
        _judge(cells, results)
        _time(cells, peers, effort)
    finally:
        for peer in peers.values():
            peer.close()
    return Row(workload, cells)


def _prepared(cells: dict[str, Cell], peers: dict[str, Peer], limit: float) -> dict[str, list[np.ndarray]]:
    """The first results of those that have some."""
    results = {}
    for name, peer in peers.items():
        try:
            peer.ask("load", limit)
            cells[name].first, results[name] = peer.ask("prepare", limit)
        except Failure as failure:
            cells[name].failure = str(failure)
    return results


def _judge(cells: dict[str, Cell], results: dict[str, list[np.ndarray]]) -> None:
    """Mark as failed whoever disagrees with the reference; without a reference nobody can be judged, nor timed."""
    for name, found in results.items():
        wrong = disagreement(found, results[HAND]) if HAND in results else "there is no reference to compare it with"
        cells[name].failure = f"wrong: {wrong}" if wrong else None


def _time(cells: dict[str, Cell], peers: dict[str, Peer], effort: Effort) -> None:
    counts = {name: _sample(cells[name], peers[name], 1, effort.limit) for name in peers}
    counts = {name: max(1, min(100_000, round(SAMPLE / seconds))) for name, seconds in counts.items() if seconds}
    start, rounds = time.perf_counter(), 0
    while rounds < effort.rounds and (rounds < FEWEST or time.perf_counter() - start < effort.seconds):
        for name, count in counts.items():
            seconds = _sample(cells[name], peers[name], count, effort.limit)
            if seconds is not None:
                cells[name].samples.append(seconds)
        rounds += 1


def _sample(cell: Cell, peer: Peer, count: int, limit: float) -> float | None:
    """Seconds a call, or None for one that failed before or fails now."""
    if cell.failure:
        return None
    time.sleep(PAUSE)
    try:
        return peer.ask(count, limit)
    except Failure as failure:
        cell.failure, cell.samples = str(failure), []
        return None
