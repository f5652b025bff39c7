"""What the gallery is made of: entries, and the parts that an entry yields one after another.

An entry is one short function under the decorator `entry`.  It first yields its formula, or the list of its formulas, then
what it found: facts, slips of the lectures, texts and figures.  As it is a generator, looking at the formulas runs nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from symgrad.check.report import Report
from symgrad.compiler import Compiled
from symgrad.errors import BadNameError, DeclarationError, explain
from symgrad.train import Model

FAMILIES = {"T": "Tables and graphs", "M": "Models and losses", "A": "Activations", "R": "Regularizers", "O": "Optimizers",
            "S": "Schedules and training craft", "I": "Initialisation", "D": "Data", "G": "Gradient checking"}
"""The first letter of an id, in the order of the list."""

DECKS = {"A": "Back propagation and optimizers", "B": "Neural networks I", "C": "Advanced optimization", "D": "Back propagation",
         "E": "Neural networks"}
"""The lectures by the letter that the entries use."""


@dataclass(frozen=True)
class Formula:
    """A declared system and a point at which it is shown and checked."""

    model: Compiled | Model
    at: Mapping[str, Any]
    mode: str = "reverse"

    @property
    def compiled(self) -> Compiled:
        return self.model.loss if isinstance(self.model, Model) else self.model

    def check(self) -> Report:
        """The gradients at the point against numeric ones."""
        return self.compiled.check(**self.at)

    @property
    def ratio(self) -> float | None:
        """Operations of value and gradient over those of the value, at the sizes of the point; None for results that are no scalar."""
        f = self.compiled
        if not f.signature.scalar:
            return None
        sizes = self._sizes()
        value = f.cost("value", sizes)
        return f.cost("value_and_grad", sizes) / value if value else None

    def _sizes(self) -> dict[str, int]:
        found = {}
        for spec in self.compiled.signature.inputs:
            shape = np.shape(self.at[spec.name])
            for size, count in zip(spec.shape, shape[len(shape) - len(spec.shape):], strict=False):
                if size.is_Symbol:
                    found[size.name] = int(count)
        return found


@dataclass(frozen=True)
class Fact:
    """A number of a lecture, or of an independent computation, beside what came out here.

    `source` says whose number `expected` is; truth values are compared as such.
    """

    what: str
    expected: Any
    found: Any
    rtol: float = 1e-9
    atol: float = 1e-12
    source: str = "the lecture"

    @property
    def holds(self) -> bool:
        return np.shape(self.expected) == np.shape(self.found) and bool(np.allclose(self.found, self.expected, self.rtol, self.atol))

    def __str__(self) -> str:
        if isinstance(self.expected, bool):
            return f"{'yes' if self.found else 'no '}  {self.what}"
        return f"{'ok ' if self.holds else 'NO '}  {self.what}: {number(self.found)} ({self.source}: {number(self.expected)})"


@dataclass(frozen=True)
class Slip:
    """Something that a lecture prints wrong, and the number that decides.

    prints: what stands there.  right: what the derivation gives.
    printed, derived, decides: the number that the print leads to, the one of the derivation, and the independent one.
    claim: in the place of `printed`, the statement of the lecture about the number, which must be false of it.
    """

    deck: str
    prints: str
    right: str
    derived: float
    decides: float
    printed: float | None = None
    claim: Callable[[float], bool] | None = None
    number: str = "numeric"
    rtol: float = 1e-6

    def __post_init__(self) -> None:
        if (self.printed is None) == (self.claim is None):
            raise DeclarationError(explain(f"the slip {self.prints!r} has no number", "either printed or claim is required"))

    @property
    def decided(self) -> bool:
        """Whether the number agrees with the derivation and not with the print."""
        right = bool(np.isclose(self.derived, self.decides, self.rtol, 1e-12))
        wrong = self.claim(self.decides) if self.claim else bool(np.isclose(self.printed or 0.0, self.decides, self.rtol, 1e-12))
        return right and not wrong

    def __str__(self) -> str:
        printed = "" if self.printed is None else f", as printed {number(self.printed)}"
        return (f"{DECKS[self.deck]} prints  {self.prints}\n   right is  {self.right}\n   decided by  {self.number} {number(self.decides)}, "
                f"derived {number(self.derived)}{printed}{'' if self.decided else '   NOT DECIDED'}")


@dataclass(frozen=True)
class Text:
    """Something to read, such as the update equations of an optimizer."""

    title: str
    body: str

    def __str__(self) -> str:
        return f"{self.title}\n{self.body}"


@dataclass(frozen=True)
class Figure:
    """A picture: `draw` gets Matplotlib axes.  `lines` are its numbers, which print without Matplotlib too."""

    title: str
    draw: Callable[[Any], object]
    lines: tuple[str, ...]


Part = Formula | Fact | Slip | Text | Figure
Parts = Iterator[Any]
"""What an entry yields: a Formula or a list of them, then other parts."""


@dataclass(frozen=True)
class Entry:
    """One system of the lectures.  `slips` is how many of them it shows."""

    id: str
    title: str
    decks: str
    make: Callable[[], Parts]
    slips: int = 0

    @property
    def about(self) -> str:
        """What the entry shows, in words."""
        return " ".join((self.make.__doc__ or "").split())

    @property
    def sources(self) -> list[str]:
        """The titles of the lectures it stands in."""
        return [DECKS[letter] for letter in self.decks]

    def formulas(self) -> list[Formula]:
        """The formulas alone; nothing else of the entry runs."""
        first = next(self.make())
        return first if isinstance(first, list) else [first]

    def parts(self) -> Iterator[Part]:
        """The formulas, then everything that running the entry finds, one after another."""
        for part in self.make():
            if isinstance(part, list):
                yield from part
            else:
                yield part

    def find_slips(self) -> Iterator[Slip]:
        """The slips alone; what comes after the last of them does not run."""
        return islice((part for part in self.parts() if isinstance(part, Slip)), self.slips)


ENTRIES: dict[str, Entry] = {}
"""Every entry by its id."""


def entry(id: str, title: str, decks: str, *, slips: int = 0) -> Callable[[Callable[..., Parts]], Callable[..., Parts]]:
    """Register a function that yields the parts of one system, `slips` slips among them; `decks` holds the letters of the lectures.

    Raises BadNameError for an id that is taken or of no family, DeclarationError for an unknown letter.
    """
    if id in ENTRIES or id[:1] not in FAMILIES or not id[1:].isdigit():
        raise BadNameError(explain(f"the gallery cannot take the id {id}", f"a new id is required: one of {', '.join(FAMILIES)} and a number"))
    if not decks or set(decks) - set(DECKS):
        raise DeclarationError(explain(f"{id} names the lectures {decks!r}", f"letters of {', '.join(DECKS)} are required"))

    def register(make: Callable[..., Parts]) -> Callable[..., Parts]:
        ENTRIES[id] = Entry(id, title, decks, make, slips)
        return make

    return register


def ordered() -> list[Entry]:
    """The entries in the order of the families and numbers."""
    return sorted(ENTRIES.values(), key=lambda one: (list(FAMILIES).index(one.id[0]), int(one.id[1:])))


def modules() -> dict[str, Compiled]:
    """Every formula of the gallery by its name with the id of its entry before it, as in M7_twenty_lines.

    A formula that several entries share stands here once, with the first of them.
    """
    found: dict[str, tuple[str, Compiled]] = {}
    for one in ordered():
        for formula in one.formulas():
            found.setdefault(str(formula.compiled.name), (one.id, formula.compiled))
    return {f"{id}_{name}": compiled for name, (id, compiled) in found.items()}


def find_entry(id: str) -> Entry:
    """The entry of an id in either case.  Raises BadNameError where there is none."""
    found = ENTRIES.get(id.upper())
    if found is None:
        raise BadNameError(explain(f"the gallery has no entry {id}", f"its ids are {', '.join(one.id for one in ordered())}"))
    return found


def number(value: Any) -> str:
    """A number or a small array as text."""
    array = np.asarray(value)
    if array.ndim == 0:
        return str(value) if array.dtype.kind in "bU" else f"{float(array):.9g}"
    if array.size <= 6:
        return "[" + ", ".join(f"{float(v):.6g}" for v in array.ravel()) + "]"
    return f"array {'×'.join(map(str, array.shape))} of norm {np.linalg.norm(array):.9g}"
