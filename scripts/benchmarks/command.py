"""The command line of scripts/bench.  NumPy is loaded only after the environment has been put in order."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import settings

DESCRIPTION = """Time value and gradient of every workload against plain NumPy written by hand and against the peers that are installed.
Results are compared first and the contenders work in turn. Writes bench.md, bench.json and bench.svg."""


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=DESCRIPTION)
    parser.add_argument("workloads", nargs="*", help="names, or what they begin with up to a dash; default: all of them (see --list)")
    parser.add_argument("--list", action="store_true", help="print the workloads and their bounds, and stop")
    parser.add_argument("--rounds", type=int, help="rounds at most, default 31")
    parser.add_argument("--seconds", type=float, help="seconds of timing for one workload, default 20; three rounds are made in any case")
    parser.add_argument("--quick", action="store_true", help="7 rounds and 5 seconds")
    parser.add_argument("--limit", type=float, default=240.0, help="seconds that one contender may take to compile, default 240")
    parser.add_argument("--threads", type=int, help="hold every contender to so many threads and cores; default: each contender's own default")
    parser.add_argument("--cpu", action="store_true",
                        help="processor time instead of time on the wall: with --threads 1, what a busy machine disturbs least")
    peers = parser.add_mutually_exclusive_group()
    peers.add_argument("--peers", help="only these, with commas between them; default: those that are installed")
    peers.add_argument("--no-peers", action="store_true", help="symgrad and hand-written NumPy only")
    parser.add_argument("--profile", action="store_true", help="where a call's time goes: every statement of symgrad's code timed, by kind of work")
    parser.add_argument("--memory", action="store_true", help="peak memory of the mixture over n, and equal bits for one and two threads")
    parser.add_argument("--chains", action="store_true", help="compile time of scalar chains of 10^2 … 10^5 elementary operations")
    parser.add_argument("--all", action="store_true", help="the times and these three; any of them alone leaves the times out")
    parser.add_argument("--small", action="store_true", help="tiny sizes, to try the script and not to measure")
    parser.add_argument("--output", type=Path, default=Path(__file__).resolve().parents[2] / ".bench", help="the folder, default .bench")
    parsed = parser.parse_args(given)
    if parsed.threads is not None and parsed.threads < 1:
        parser.error("--threads must be 1 or more")
    return parsed


def main(given: list[str]) -> int:
    """0, or 1 where symgrad failed or disagreed with the hand-written code, or 2 for a name that does not exist."""
    options = arguments(given)
    dropped = settings.clear()
    held = settings.hold_to(options.threads) if options.threads else None

    from benchmarks import run  # loads NumPy

    return run.run(options, dropped, held)
