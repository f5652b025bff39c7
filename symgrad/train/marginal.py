"""What the targets of a training set say before any input is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from symgrad.errors import InputError, OptionError, explain


def marginal_bias(targets: Any, kind: str, classes: int | None) -> np.ndarray:
    """See `symgrad.init.output_bias`."""
    array = np.asarray(targets)
    if array.dtype.kind not in "fiub" or array.ndim == 0 or array.size == 0 or not np.isfinite(array).all():
        raise InputError(explain(f"the targets have shape {array.shape} and type {array.dtype}",
                                 "Finite numbers, one or one row a sample, are required"))
    if kind == "mean":
        return array.mean(axis=0, dtype=float)
    if kind == "logit":
        return _log_odds(array)
    if kind == "log":
        return np.log(_frequencies(array, classes))
    raise OptionError(explain(f"kind={kind!r}", "One of 'mean', 'logit' and 'log' is required"))


def _log_odds(labels: np.ndarray) -> np.ndarray:
    if not np.isin(labels, (0, 1)).all():
        raise InputError(explain("the targets of a sigmoid hold other numbers than 0 and 1", "Labels 0 and 1 are required"))
    share = labels.mean(axis=0, dtype=float)
    if np.any((share == 0) | (share == 1)):
        raise InputError(explain("the targets of a sigmoid hold only one of the two classes", "Samples of both are required",
                                 "Begin the bias with a number"))
    return np.log(share / (1 - share))


def _frequencies(labels: np.ndarray, classes: int | None) -> np.ndarray:
    if labels.ndim == 2:
        counts = labels.sum(axis=0, dtype=float)
    elif labels.ndim == 1 and np.equal(labels, np.floor(labels)).all() and labels.min() >= 0:
        counts = np.bincount(labels.astype(int), minlength=classes or 0).astype(float)
    else:
        raise InputError(explain(f"the targets of a softmax have shape {labels.shape} and type {labels.dtype}",
                                 "Integer labels from 0, or one-hot rows, are required"))
    missing = np.flatnonzero(counts <= 0)
    if missing.size:
        raise InputError(explain(f"no sample is of class {missing[0]}", "At least one of each class is required", "Begin the bias with zeros"))
    return counts / counts.sum()
