"""Places at which formulas of several inputs are looked at: inputs as they mostly are, at one edge or more, or beside the zero of a sum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from symgrad.graph.graph import Graph
from symgrad.graph.rows import Ref
from symgrad.rewrite.in_doubles import rows_at, values_at
from symgrad.rewrite.twice.evaluation import Twices
from symgrad.rewrite.twice.formula import bisected, by_row

_STEPS = np.sqrt([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0])
"""Of sequences that fill the cube evenly, after R. D. Richtmyer: by input, and one more."""
KINDS = 3
"""Of ordinary inputs: positive ones of about 1, such between 0 and 1, and both signs."""
NEAR_0, LARGE, NEXT = (-12, -2), (2, 4), (-10, -2)
"""Powers of 10: of what is small or large, and of how near two inputs or one and 1 are."""
PART, BISECTIONS = 40, 55
"""This part of places more is beside zeros of each sum, found by so many bisections."""
MIXED = 4
"""This part of places more is at several edges at once."""
SHARES = (0.4, 0.55, 0.65, 0.75)
"""Up to these shares of numbers between 0 and 1 an input there is ordinary, small, large, next to 1, and beyond next to another."""

Edge = Callable[[np.ndarray, np.ndarray], None]
"""What is done to a block of ordinary inputs, given numbers between 0 and 1."""


class Places:
    """Places of the inputs of a graph, as many as are asked for: at edges, and beside the zeros of some of its sums."""

    def __init__(self, graph: Graph, sources: Sequence[Ref], sums: Sequence[Ref]) -> None:
        self._graph, self._sources, self._sums = graph, sources, sums
        self._known: dict[int, Mapping[str, np.ndarray]] = {}
        self._twices: dict[int, Twices] = {}
        self._rows: tuple[tuple, Mapping[int, Any]] = ((), {})

    def at(self, many: int) -> Mapping[str, np.ndarray]:
        """About so many at an edge or none, and more beside zeros and at several edges, by the name of the input."""
        if many not in self._known:
            count = len(self._sources)
            found = [places(count, self.typical(many) // KINDS), *(self._beside_zeros(one, many // PART) for one in self._sums),
                     _mixed(count, many // MIXED)]
            self._known[many] = dict(zip(self.names, np.concatenate(found, axis=1), strict=True))
        return self._known[many]

    def twices(self, many: int) -> Twices:
        """What is known of formulas there in twice the digits."""
        if many not in self._twices:
            self._twices[many] = Twices(self.at(many))
        return self._twices[many]

    def rows(self, graph: Graph, ref: Ref, sources: Sequence[Ref], many: int, numpy: Any) -> Mapping[int, Any]:
        """What a row and those below it are there; the last that was asked for is known, as it is compared with one formula after another."""
        asked = graph, ref, *sources, many, numpy
        if self._rows[0] != asked:
            self._rows = asked, rows_at(graph, ref, by_row(graph, sources, self.at(many)), numpy)
        return self._rows[1]

    def typical(self, many: int) -> int:
        """So many of them, the first, are at no edge."""
        return KINDS * max(2, many // (KINDS * len(list(_edges(len(self._sources))))))

    @property
    def names(self) -> list[str]:
        return [self._graph.rows[source.row].payload.name for source in self._sources]

    def _beside_zeros(self, ref: Ref, many: int) -> np.ndarray:
        """Places next to where a sum is 0, by bisection between ordinary ones, one input that it rests on nudged a little."""
        ordinary = np.concatenate([_ordinary(kind, _even(len(self._sources) + 1, many, kind)[:-1]) for kind in range(KINDS)], axis=1)
        sides = self._side(ref, ordinary)
        passed = np.flatnonzero(sides[1:] * sides[:-1] < 0)[:many]
        nudged = bisected(partial(self._side, ref), ordinary[:, passed], ordinary[:, passed + 1], BISECTIONS)
        below, every = self._graph.live([ref.row]), np.arange(passed.size)
        moved = np.flatnonzero([source.row in below for source in self._sources])
        nudged[moved[every % moved.size], every] *= 1 + _gap(_even(1, passed.size, 0)[0][every // moved.size])
        return nudged

    def _side(self, ref: Ref, at: np.ndarray) -> np.ndarray:
        given = {source.row: row for source, row in zip(self._sources, at, strict=True)}
        return np.broadcast_to(np.sign(values_at(self._graph, ref, given, np)), at.shape[1:])


def places(count: int, many: int) -> np.ndarray:
    """Places of so many inputs, by input; so many of each kind and edge."""
    return np.concatenate([block for number, edge in enumerate(_edges(count)) for block in _blocks(count, many, number, edge)], axis=1)


def _blocks(count: int, many: int, number: int, edge: Edge) -> Iterator[np.ndarray]:
    for kind in range(KINDS):
        even = _even(count + 1, many, KINDS * number + kind)
        block = _ordinary(kind, even[:count])
        edge(block, even[count])
        yield block


def _even(count: int, many: int, start: int) -> np.ndarray:
    """Numbers between 0 and 1 that fill the space between evenly, by coordinate: another stretch of the sequence for each start."""
    return (_STEPS[[*range(count - 1), -1], None] * np.arange(start * many + 1, (start + 1) * many + 1)) % 1


def _ordinary(kind: int, even: np.ndarray) -> np.ndarray:
    if kind == 1:
        return even
    return 10 ** (2 * even - 1) if kind == 0 else 6 * even - 3


def _edges(count: int) -> Iterator[Edge]:
    """What happens to ordinary inputs: nothing, one of them is small, large or next to 1, two are next to each other or of any size, all are."""
    yield lambda block, even: None
    for k in range(count):
        yield from (partial(_scale, k=k, powers=powers) for powers in (NEAR_0, LARGE))
        yield partial(_approach, k=k)
    for k, other in combinations(range(count), 2):
        yield partial(_approach, k=k, other=other)
        yield partial(_approach, k=k, other=other, amid=True)
        yield partial(_spread, where=[k, other])
    yield partial(_spread, where=[*range(count)])


def _mixed(count: int, many: int) -> np.ndarray:
    """Each input ordinary or at an edge, whatever the others are: several may be small, or next to each other, at once."""
    even, choices, nearness = (_even(count + 1, many, start) for start in range(3))
    block = np.choose(np.arange(many) % KINDS, [_ordinary(kind, even[:count]) for kind in range(KINDS)])
    for k in range(count):
        others = block[(choices[count] * k).astype(int), np.arange(many)] if k else 1.0
        small, large = (np.sign(block[k]) * _power(nearness[k], powers) for powers in (NEAR_0, LARGE))
        beside = 1 + _gap(nearness[k])
        block[k] = np.select([choices[k] < share for share in SHARES], [block[k], small, large, beside], others * beside)
    return block


def _scale(block: np.ndarray, even: np.ndarray, k: int, powers: tuple[int, int]) -> None:
    block[k] = np.sign(block[k]) * _power(even, powers)


def _approach(block: np.ndarray, even: np.ndarray, k: int, other: int | None = None, amid: bool = False) -> None:
    """An input next to 1 or to another, or the same, all others of any size or not."""
    if amid:
        _spread(block, even, [*range(len(block))])
    block[k] = (1 if other is None else block[other]) * (1 + _gap(even))


def _spread(block: np.ndarray, even: np.ndarray, where: list[int]) -> None:
    """Inputs of any size."""
    block[where] = np.sign(block[where]) * 10 ** np.interp(1e3 * np.abs(block[where]) % 1, np.linspace(0, 1, 4), [*NEAR_0, *LARGE])


def _gap(even: np.ndarray) -> np.ndarray:
    """How near, on both sides, and a few in between."""
    return np.select([even < 0.45, even > 0.55], [1.0, -1.0], 0.0) * _power(2 * even % 1, NEXT)


def _power(even: np.ndarray, powers: tuple[int, int]) -> np.ndarray:
    """Sizes between two powers of 10."""
    low, high = powers
    return 10 ** (low + (high - low) * even)
