"""Training, validation and test samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from symgrad.errors import InputError, OptionError, explain
from symgrad.optim.rate import is_number
from symgrad.runtime.names import by_name, name_of

Arrays = dict[str, np.ndarray]


class Split(NamedTuple):
    """Three dicts of arrays by name, as `fit` takes them."""

    train: Arrays
    validation: Arrays
    test: Arrays


def split(data: Mapping, fractions: Sequence[float] = (0.6, 0.2, 0.2), *, stratify: Any = None, whole: Sequence = (), seed: int = 0) -> Split:
    """Part the samples, which stand along the first axis of every array, at random into train, validation and test.

    fractions: of the three parts, with the sum 1; a part of fraction 0 is empty.
    stratify: the name of labels whose frequencies every part is to have.  whole: names of arrays without samples.

    Raises InputError where the arrays disagree on the number of samples, OptionError for wrong fractions.
    """
    arrays = {name: np.asarray(value) for name, value in by_name(data).items()}
    apart = {name_of(one) for one in whole}
    shares, count = _shares(fractions), _count({name: array for name, array in arrays.items() if name not in apart})
    rng = np.random.default_rng(seed)
    if stratify is None:
        parts = _cut(rng.permutation(count), shares)
    else:
        groups = _groups(arrays, name_of(stratify), apart)
        pieces = [_cut(rng.permutation(group), shares) for group in groups]
        parts = [np.concatenate([piece[k] for piece in pieces]) for k in range(3)]
    short = [name for name, share, part in zip(Split._fields, shares, parts, strict=True) if share > 0 and len(part) == 0]
    if short:
        raise InputError(explain(f"{count} samples leave none for {short[0]}", f"Fractions {tuple(shares)} need more samples"))
    return Split(*({name: array if name in apart else array[np.sort(part)] for name, array in arrays.items()} for part in parts))


def _shares(fractions: Sequence[float]) -> list[float]:
    shares = list(fractions)
    good = len(shares) == 3 and all(is_number(one) and 0 <= one <= 1 for one in shares) and abs(sum(shares) - 1) < 1e-9
    if not good or shares[0] == 0:
        raise OptionError(explain(f"fractions={fractions!r}", "Three numbers of at least 0 with the sum 1, the first above 0, are required"))
    return shares


def _count(arrays: Arrays) -> int:
    if not arrays:
        raise InputError(explain("the data hold no array with samples", "At least one is required"))
    first, *others = arrays.items()
    for name, array in (first, *others):
        if array.ndim == 0:
            raise InputError(explain(f"{name} is a single number", "Samples along the first axis are required", f"Pass whole=[{name!r}]"))
        if len(array) != len(first[1]):
            raise InputError(explain(f"{first[0]} holds {len(first[1])} samples and {name} holds {len(array)}",
                                     "Equal numbers of samples are required"))
    return len(first[1])


def _groups(arrays: Arrays, name: str, apart: set[str]) -> list[np.ndarray]:
    if name not in arrays or name in apart or arrays[name].ndim != 1:
        raise OptionError(explain(f"stratify={name!r}", f"The name of labels, one a sample, is required, one of {', '.join(arrays)}"))
    return [np.flatnonzero(arrays[name] == label) for label in np.unique(arrays[name])]


def _cut(shuffled: np.ndarray, shares: Sequence[float]) -> list[np.ndarray]:
    ends = [round(sum(shares[:k + 1]) * len(shuffled)) for k in range(2)]
    return list(np.split(shuffled, ends))
