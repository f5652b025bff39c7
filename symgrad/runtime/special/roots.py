"""Quotients with a root, at infinite arguments too."""

import numpy as np


def _direction_cosine(x, y):
    """x/hypot(x, y), 1 or -1 where x is infinite."""
    given = np.asarray(x)
    largest = np.finfo(given.dtype if given.dtype.kind == "f" else float).max
    side = np.minimum(np.maximum(given, -largest), largest)
    return (side/np.hypot(side, y))[()]
