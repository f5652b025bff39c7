"""Small sizes for the point that a module carries: distinct where the declaration allows it, others where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product

from symgrad.emit.signature import Signature

_MOST = 400
"""How many combinations of sizes are tried before the first one is kept as it is."""


def candidates(signature: Signature) -> Iterator[Signature]:
    """The signature at its usual sizes, then at every small combination: packed[i*(i + 1)/2 + j] fits 3 and 2, not 3 and 4."""
    yield signature
    for sizes in islice(product(range(2, 9), repeat=len(signature.sizes)), _MOST):
        yield replace(signature, point=sizes)
