"""Processes of their own: what fails, hangs or dies in one is an answer for the others."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable
from functools import partial
from timeit import Timer
from typing import Any

from benchmarks import contenders
from benchmarks.workload import flattened

SPAWN = multiprocessing.get_context("spawn")


WAKE = 0.03
"""Seconds of untimed calls before a sample: the scheduler of an operating system moves threads every few milliseconds."""


class Failure(Exception):
    """What a contender did instead of answering, in one line."""


class Peer:
    """A process that answers messages one at a time.  `target` takes the connection first."""

    def __init__(self, target: Callable, *arguments: Any):
        self.connection, theirs = SPAWN.Pipe()
        self.process = SPAWN.Process(target=target, args=(theirs, *arguments), daemon=False)
        self.process.start()
        theirs.close()

    def ask(self, message: Any, limit: float) -> Any:
        """The answer to a message; Failure where there is none within so many seconds, or where it is an error."""
        try:
            self.connection.send(message)
            if not self.connection.poll(limit):
                raise Failure(f"no answer within {limit:.0f} s")
            good, answer = self.connection.recv()
        except (EOFError, OSError):
            self.process.join(5)
            raise Failure(f"its process ended with code {self.process.exitcode}") from None
        if not good:
            raise Failure(answer)
        return answer

    def close(self) -> None:
        self.connection.close()
        self.process.join(0.2)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def answer(connection: Any, tasks: Callable[[Any], Any]) -> None:
    """Answer messages with what `tasks` makes of them, or with the error in one line, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the process that asks
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            return
        try:
            connection.send((True, tasks(message)))
        except Exception as error:
            connection.send((False, one_line(error)))


def one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__


def contend(connection: Any, contender: str, workload: str, small: bool, cpu: bool) -> None:
    """The process of one contender at one workload.  It is told "load", then "prepare", then numbers of calls to time."""
    answer(connection, _Work(contender, workload, small, time.process_time if cpu else time.perf_counter))


class _Work:
    def __init__(self, contender: str, workload: str, small: bool, clock: Callable[[], float]):
        self.contender, self.workload, self.small, self.clock = contender, workload, small, clock
        self.call: Callable[[], Any] = tuple

    def __call__(self, message: str | int) -> Any:
        if isinstance(message, int):
            self._wake()
            return Timer(self.call, timer=self.clock).timeit(message) / message
        return self.load() if message == "load" else self.first()

    def _wake(self) -> None:
        """Untimed calls that bring back the caches and the threads which another contender had meanwhile, each on a core of its own."""
        start = time.perf_counter()
        while time.perf_counter() - start < WAKE:
            self.call()

    def load(self) -> None:
        from benchmarks.workloads import ALL

        self.prepare = contenders.ALL[self.contender].load()
        self.what = ALL[self.workload]

    def first(self) -> tuple[float, list]:
        """Seconds until the first result is there, and the results."""
        inputs = self.what.data(self.small)
        start = time.perf_counter()
        self.call = self.prepare(self.what, inputs)
        result = self.call()
        return time.perf_counter() - start, flattened(result)


def fresh(function: Callable, *arguments: Any, limit: float) -> Any:
    """What the function returns when a new process runs it; Failure where it fails, dies or takes too long."""
    peer = Peer(_once, partial(function, *arguments))
    try:
        return peer.ask("go", limit)
    finally:
        peer.close()


def _once(connection: Any, work: Callable[[], Any]) -> None:
    answer(connection, lambda _: work())
