"""The systems of the lectures as entries, and the example models.

Each file holds families of entries; importing this package registers them all, in `ENTRIES` by id.
"""

from symgrad.gallery import (
    activations,
    checking,
    data,
    derivations,
    diagnosis,
    initialisation,
    optimizers,
    regularizers,
    schedules,
    structures,
    systems,
)
from symgrad.gallery.entries import ENTRIES, Entry, Fact, Figure, Formula, Slip, Text, entry, find_entry, modules, ordered

__all__ = ["ENTRIES", "Entry", "Fact", "Figure", "Formula", "Slip", "Text", "activations", "checking", "data", "derivations", "diagnosis", "entry",
           "find_entry", "initialisation", "modules", "optimizers", "ordered", "regularizers", "schedules", "structures", "systems"]
