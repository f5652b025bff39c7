"""Compiled functions survive a pickle with everything they can do, and compute the same bits."""

import pickle

import numpy as np
import pytest

from symgrad.gallery.models import MODELS


@pytest.mark.parametrize("name", list(MODELS))
def test_a_pickle_computes_the_same_bits(name):
    f = MODELS[name]()
    g = pickle.loads(pickle.dumps(f))
    at = f.example()
    assert (g.arguments, g.wrt, g.name, g.source) == (f.arguments, f.wrt, f.name, f.source)
    np.testing.assert_array_equal(np.asarray(g.value(**at)), np.asarray(f.value(**at)))
    for one, other in zip(g.grads(**at).values(), f.grads(**at).values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_pickle_keeps_the_declaration():
    f = pickle.loads(pickle.dumps(MODELS["softmax_regression"]()))
    assert f.with_options(style="flat").source != f.source
    assert f.program.live()
