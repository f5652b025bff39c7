"""Compile time of scalar chains s_k = sin(s_(k-1)) + 1/(k+2), two elementary operations a step."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import sympy as sp

import symgrad as sg

OPERATIONS = (10**2, 10**3, 10**4, 10**5)
STEP = 2
"""Elementary operations of one step."""


@dataclass(frozen=True)
class Timing:
    """Seconds to declare, to compile and call for the first time, and to call again."""

    steps: int
    declared: float
    compiled: float
    called: float


def chain(steps: int) -> tuple[list, sp.Symbol]:
    """The rows of where= and the last name."""
    last, rows = sp.Symbol("x0", real=True), []
    for step in range(steps):
        name = sp.Symbol(f"s{step}", real=True)
        rows.append((name, sp.sin(last) + sp.Rational(1, step + 2)))
        last = name
    return rows, last


def timed(steps: int) -> Timing:
    """Declare, compile and call the chain of so many steps."""
    marks = [time.perf_counter()]
    rows, last = chain(steps)
    marks.append(time.perf_counter())
    model = sg.compile(last, where=rows, wrt="x0", name="chain")
    model.value_and_grad(x0=0.4)
    marks.append(time.perf_counter())
    model.value_and_grad(x0=0.4)
    marks.append(time.perf_counter())
    return Timing(steps, *(after - before for before, after in itertools.pairwise(marks)))
