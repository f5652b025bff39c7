"""Checkpoints: where and how often a training is saved, and whether one fits the training that wants to go on from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from symgrad.errors import InputError, OptionError, explain
from symgrad.train.archive import read_tree, write_tree


@dataclass(frozen=True)
class Checkpoint:
    """Save a training to `path` after every `every` epochs and at its end, each time all of it or nothing."""

    path: str | Path
    every: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.path, (str, Path)):
            raise OptionError(explain(f"checkpoint={self.path!r}", "A path or a Checkpoint is required"))
        if isinstance(self.every, bool) or not isinstance(self.every, (int, np.integer)) or self.every < 1:
            raise OptionError(explain(f"Checkpoint got every={self.every!r}", "A whole number of at least 1 is required"))

    @property
    def file(self) -> Path:
        return Path(self.path)

    def write(self, snapshot: Mapping[str, Any]) -> None:
        write_tree(self.file, dict(snapshot))

    def read(self, plan: Mapping[str, Any]) -> dict[str, Any] | None:
        """The last snapshot, None where there is no file.  Raises InputError for one of another training."""
        if not self.file.is_file():
            return None
        snapshot = read_tree(self.file)
        held = snapshot.get("plan") if isinstance(snapshot, dict) else None
        if not isinstance(held, dict):
            raise InputError(explain(f"{self.path} is no checkpoint", "A file that fit(checkpoint=…) wrote is required"))
        for name, value in plan.items():
            if held.get(name) != value:
                raise InputError(explain(f"the checkpoint {self.path} is of another training", f"Its {name} is {held.get(name)!r}, here {value!r}",
                                         "Train as before, or name another file"))
        return snapshot


def checkpoint_of(given: Any, resume: bool) -> Checkpoint | None:
    """The argument checkpoint= of fit.  Raises OptionError where it is none."""
    if given is None:
        if resume:
            raise OptionError(explain("resume=True has nothing to go on from", "checkpoint= is required"))
        return None
    return given if isinstance(given, Checkpoint) else Checkpoint(given)
