"""What scripts/bench does, in order: the workloads, memory and threads, chains, and the report."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from benchmarks import chains, contenders, memory, profile, report, threads, workloads
from benchmarks.contenders import HAND, OWN
from benchmarks.measure import Effort, Row, measure
from benchmarks.process import Failure, fresh

SMALL = (10**2, 10**3)
"""Sample counts, and operations of chains, with --small."""


def run(options: argparse.Namespace, dropped: list[str], held: str | None) -> int:
    try:
        chosen = workloads.chosen(options.workloads)
        taking = contenders.chosen([] if options.no_peers else options.peers.split(",") if options.peers else None)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if options.list:
        print("\n".join(f"{one.name:<20}{one.bound or '–':<8}{one.title}" for one in chosen))
        return 0
    bench = report.Bench(taking, report.conditions(taking, dropped, held))
    if options.cpu:
        bench.conditions.append("times are seconds of processor time, summed over the threads of a contender")
    if options.small:
        bench.conditions.append("tiny sizes instead of those in the titles: these times say nothing, and bounds do not apply")
        chosen = [replace(one, bound=None) for one in chosen]
    try:
        _measure(bench, options, chosen)
    except KeyboardInterrupt:
        bench.conditions.append("interrupted: what follows is what had been measured until then")
    report.show(bench)
    print("\n" + "\n".join(f"written: {path}" for path in report.write(bench, options.output)))
    return int(any(_failed(row) for row in bench.rows))


def _measure(bench: report.Bench, options: argparse.Namespace, chosen: list) -> None:
    if options.all or options.profile:
        bench.profiles = profile.profiles(chosen, options.small, options.limit)
    if options.all or not (options.memory or options.chains or options.profile):
        effort = _effort(options)
        for workload in chosen:
            bench.rows.append(measure(workload, bench.contenders, effort, options.small))
            print(_progress(bench.rows[-1]), flush=True)
    if options.all or options.memory:
        bench.peaks = memory.peaks(SMALL if options.small else memory.SAMPLES, options.limit)
        bench.verdicts = threads.verdicts(small=options.small, limit=options.limit)
    if options.all or options.chains:
        bench.chains = [_chain(count, options.limit) for count in (SMALL if options.small else chains.OPERATIONS)]


def _effort(options: argparse.Namespace) -> Effort:
    rounds, seconds = (7, 5.0) if options.quick else (31, 20.0)
    return Effort(options.rounds or rounds, options.seconds or seconds, options.limit, options.cpu)


def _chain(operations: int, limit: float) -> chains.Timing | tuple[int, str]:
    try:
        return fresh(chains.timed, operations // chains.STEP, limit=limit)
    except Failure as failure:
        return operations, str(failure)


def _progress(row: Row) -> str:
    cells = ", ".join(f"{name} {report.cell_text(row, name)}" for name in row.cells)
    return f"{row.workload.name}: {cells}"


def _failed(row: Row) -> bool:
    return any(row.cells[name].failure for name in (HAND, OWN) if name in row.cells)
