"""The entries of the table of elementary functions, by family.

Adding a function is one entry in the file of its family.
"""

from symgrad.graph.function import Function
from symgrad.graph.table import choices, elementary, exponentials, gaps, library, ones, powers, removable, scales, secants, tails

ENTRIES: tuple[Function, ...] = (
    *elementary.ENTRIES, *choices.ENTRIES, *library.ENTRIES, *tails.ENTRIES, *exponentials.ENTRIES, *removable.ENTRIES,
    *powers.ENTRIES, *secants.ENTRIES, *ones.ENTRIES, *gaps.ENTRIES, *scales.ENTRIES)

__all__ = ["ENTRIES"]
