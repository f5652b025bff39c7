"""Whatever the fast style does with axes, factors, blocks and memory: its results are those of one line a row."""

import numpy as np
import pytest
from marks import but_slow
from random_programs import Declaration

import symgrad as sg
from symgrad.errors import SymgradError

SMALL_BLOCKS = {"_NARROW": 64, "_WIDE": 256, "_WORTH": 1, "_LITTLE": 0, "_SMALL": 0}
"""What makes many blocks of few samples, threads at once, and puts every array into a room."""


def compiled(one: Declaration) -> sg.Compiled | None:
    """None for what is no declaration: no parameter is left, or a letter has no range."""
    if not one.wrt:
        return None
    try:
        return sg.compile(one.expression, wrt=one.wrt, where=one.where)
    except SymgradError:
        return None


def results(f, at: dict) -> dict:
    along = {name: np.cos(np.arange(np.size(at[name]))).reshape(np.shape(at[name])) for name in f.wrt}
    value, grads = f.value_and_grads(**at)
    product = f.hvp(at, along)
    parts = dict(zip(f.wrt, product if isinstance(product, tuple) else (product,), strict=True))
    return {"value": value, "tangent": f.jvp(at, along)[1], **grads, **{f"product {name}": part for name, part in parts.items()}}


def assert_alike(found: dict, wanted: dict, seed: int) -> None:
    """Equal but for rounding, also where a sum of large terms is small: another order of summation differs there.  What is left of products of
    slopes, as second derivatives are, has the rounding of these."""
    squares = 1e-14 * max(largest(one) for what, one in wanted.items() if what not in ("value", "tangent") and not what.startswith("product")) ** 2
    for what, one in found.items():
        other = np.asarray(wanted[what])
        rounding = squares if what.startswith("product") else 0.0
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=max(1e-6 * largest(other), rounding), err_msg=f"seed {seed}, {what}")


def largest(numbers) -> float:
    """The largest finite size, at least a hundredth."""
    numbers = np.asarray(numbers)
    return np.max(np.abs(numbers[np.isfinite(numbers)]), initial=1e-2)


def agree(seed: int) -> bool:
    """Whether the seed declares something; its results are compared."""
    one = Declaration(seed)
    f = compiled(one)
    if f is None:
        return False
    flat = f.with_options(style="flat")
    at = one.point(f.arguments, 6)
    assert_alike(results(f, at), results(flat, at), seed)
    at = one.point(f.arguments, 1500)
    f._namespace.update({name: value for name, value in SMALL_BLOCKS.items() if name in f._namespace})
    assert_alike(results(f, at), results(flat, at), seed)
    return True


@pytest.mark.parametrize("first", but_slow(range(0, 120, 20), range(20, 120)))
def test_fast_code_of_random_declarations_is_flat_code_to_rounding(first):
    assert sum(agree(seed) for seed in range(first, first + 20)) > 10


@pytest.mark.parametrize("seed", [11, 1540, 2376, 2976])
def test_declarations_that_once_went_wrong(seed):
    """An array that was written again too early; a sine and a cosine of different axes; a parameter that vanished; an array of truth values."""
    assert agree(seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 4000, 100))
def test_fast_code_of_many_random_declarations_is_flat_code_to_rounding(first):
    assert sum(agree(seed) for seed in range(first, first + 100)) > 50
