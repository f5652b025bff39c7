"""Places at which formulas of several inputs are looked at: inputs as they mostly are, and one or two of them at an edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

_STEPS = np.sqrt([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0])
"""Of sequences that fill the cube evenly, after R. D. Richtmyer: by input, and one more."""
KINDS = 3
"""Of ordinary inputs: positive ones of about 1, such between 0 and 1, and both signs."""
NEAR_0, LARGE, NEXT, FAR = (-12, -2), (2, 4), (-10, -2), (-6, 4)
"""Powers of 10: of what is small or large, of how near two inputs or one and 1 are, and of all inputs at once."""


def places(count: int, many: int) -> np.ndarray:
    """Places of so many inputs, by input; so many of each kind and edge."""
    return np.concatenate([block for number, edge in enumerate(_edges(count)) for block in _blocks(count, many, number, edge)], axis=1)


def _blocks(count: int, many: int, number: int, edge: Callable[[np.ndarray, np.ndarray], None]) -> Iterator[np.ndarray]:
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


def _edges(count: int) -> Iterator[Callable[[np.ndarray, np.ndarray], None]]:
    """What happens to ordinary inputs: nothing, one of them is small, large or next to 1, two are next to each other or of any size, all are."""
    yield lambda block, even: None
    for k in range(count):
        for low, high in (NEAR_0, LARGE):
            yield lambda block, even, k=k, low=low, high=high: _scale(block, k, 10 ** (low + (high - low) * even))
        yield lambda block, even, k=k: _put(block, k, 1 + _gap(even))
    for k, other in combinations(range(count), 2):
        yield lambda block, even, k=k, other=other: _put(block, k, block[other] * (1 + _gap(even)))
        yield lambda block, even, k=k, other=other: _put(block, [k, other], _of_any_size(block[[k, other]]))
    yield lambda block, even: _put(block, slice(None), _of_any_size(block))


def _of_any_size(block: np.ndarray) -> np.ndarray:
    low, high = FAR
    return np.sign(block) * 10 ** (low + (high - low) * (1e3 * np.abs(block) % 1))


def _gap(even: np.ndarray) -> np.ndarray:
    """How near, on both sides."""
    low, high = NEXT
    return np.where(2 * even < 1, 1, -1) * 10 ** (low + (high - low) * (2 * even % 1))


def _put(block: np.ndarray, where: int | slice | list[int], values: np.ndarray) -> None:
    block[where] = values


def _scale(block: np.ndarray, k: int, sizes: np.ndarray) -> None:
    block[k] = np.sign(block[k]) * sizes
