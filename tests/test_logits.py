"""The cross-entropy of a logit: one function in each spelling, right for sure classes and for labels of any size."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg

a, y, w = sp.symbols("a y w", real=True)
SIGMA = 1 / (1 + sp.exp(-a))
SPELLINGS = {
    "of the sigmoid": -y * sp.log(SIGMA) - (1 - y) * sp.log(1 - SIGMA),
    "of two sigmoids": -y * sp.log(SIGMA) - (1 - y) * sp.log(1 / (1 + sp.exp(a))),
    "weighted": -w * y * sp.log(SIGMA) - w * (1 - y) * sp.log(1 - SIGMA),
    "of softplus": (1 - y) * sp.log(1 + sp.exp(a)) + y * sp.log(1 + sp.exp(-a)),
}
POINTS = [(logit, label) for logit in (-800.0, -40.0, -1e-9, 0.3, 37.0, 750.0) for label in (0.0, 1.0, 0.3, 1 - 1e-12, 1e3)]


def exactly(logit: float, label: float) -> tuple[mpmath.mpf, mpmath.mpf]:
    with mp.workdps(800):
        x, share = mp.mpf(logit), mp.mpf(label)
        return mp.log1p(mp.exp(x)) - share * x, 1 / (1 + mp.exp(-x)) - share


@pytest.mark.parametrize("name", SPELLINGS)
def test_each_spelling_is_one_function_and_right(name: str) -> None:
    model = sg.compile(SPELLINGS[name], wrt=a)
    assert any(row.calls("logit_loss") for row in model.derived("value_and_grad").graph.rows)
    given = {"w": 1.0} if name == "weighted" else {}
    for logit, label in POINTS:
        value, slope = exactly(logit, label)
        scales = max(abs(value), abs(label * logit) if label > 1 else 0), max(abs(slope), abs(label) if 0 < label < 1 or label > 1 else 0)
        found = model.value_and_grad(a=logit, y=label, **given)
        for got, want, scale in zip(found, (value, slope), scales, strict=True):
            assert abs(got - want) <= 4 * 2.0**-52 * scale + 5e-324, (logit, label)


def test_weights_of_one_class_alone_are_another_loss() -> None:
    model = sg.compile(-3 * y * sp.log(SIGMA) - (1 - y) * sp.log(1 - SIGMA), wrt=[a])
    assert not any(row.calls("logit_loss") for row in model.derived("value").graph.rows)


def test_arrays_agree_with_numbers() -> None:
    model = sg.compile(SPELLINGS["of the sigmoid"], wrt=[a, y])
    many = sg.compile(SPELLINGS["of the sigmoid"], wrt=[a, y], batch=[a, y], reduce=None)
    logits, labels = (np.array(column) for column in zip(*POINTS, strict=True))
    np.testing.assert_allclose(many.value(a=logits, y=labels), [model.value(a=p, y=q) for p, q in POINTS], rtol=2e-15)
