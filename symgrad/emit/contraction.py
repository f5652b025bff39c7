"""Sum-products of dense operands as text: a broadcast, a sum, a BLAS product, and einsum where none of them fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy as sp

from symgrad.emit.axes import aligned, transposed
from symgrad.emit.numbers import ATOM, TIMES, UNARY, Text, number

LETTERS = "ijklmnopqrstuvwxyzabcdefgh"


class Dense(NamedTuple):
    """An operand: its text and the labels of its axes.  `inverse` marks a denominator."""

    text: Text
    labels: tuple[int, ...]
    inverse: bool = False


def contraction(coefficient: sp.Expr, operands: Sequence[Dense], keep: Sequence[int]) -> tuple[Text, tuple[int, ...]]:
    """Text of the sum-product and the labels of the axes it comes out with (a reordering of those kept it carries)."""
    operands = [_presummed(operand, operands, keep) for operand in operands]
    shared = _summed(operands, keep)
    if not shared:
        return _broadcast(coefficient, operands, keep)
    if len(operands) == 1:
        text, labels = _total(operands[0], keep)
    elif len(operands) == 2:
        text, labels = _pair(operands[0], operands[1], keep, shared)
    else:
        text, labels = _einsum(operands, keep)
    return scaled(coefficient, text), labels


def scaled(coefficient: sp.Expr, text: Text) -> Text:
    if coefficient == 1:
        return text
    if coefficient == -1:
        return Text(f"-{text.within(UNARY)}", UNARY)
    factor = number(coefficient)
    if factor.binds >= UNARY:
        return Text(f"{factor.text}*{text.within(UNARY)}", TIMES)
    return Text(f"({factor.text})*{text.within(UNARY)}", TIMES)


def _summed(operands: Sequence[Dense], keep: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(label for operand in operands for label in operand.labels if label not in keep))


def _presummed(operand: Dense, operands: Sequence[Dense], keep: Sequence[int]) -> Dense:
    """A summed label that only one of several operands carries is summed there first."""
    if len(operands) == 1:
        return operand
    others = {label for other in operands if other is not operand for label in other.labels}
    alone = [label for label in operand.labels if label not in keep and label not in others]
    if not alone:
        return operand
    text, labels = _total(operand, [label for label in operand.labels if label not in alone])
    return Dense(text, labels)


def _total(operand: Dense, keep: Sequence[int]) -> tuple[Text, tuple[int, ...]]:
    axes = [position for position, label in enumerate(operand.labels) if label not in keep]
    left = tuple(label for label in operand.labels if label in keep)
    if not left:
        return Text(f"{operand.text.within(ATOM)}.sum()"), ()
    return Text(f"{operand.text.within(ATOM)}.sum(axis={_axes_text(axes)})"), left


def _axes_text(axes: Sequence[int]) -> str:
    return str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"


def _broadcast(coefficient: sp.Expr, operands: Sequence[Dense], keep: Sequence[int]) -> tuple[Text, tuple[int, ...]]:
    out = tuple(label for label in keep if any(label in operand.labels for operand in operands))
    above = sorted((o for o in operands if not o.inverse), key=lambda o: len(o.labels))
    below = [o for o in operands if o.inverse]
    sign, coefficient = ("-", -coefficient) if coefficient.could_extract_minus_sign() else ("", coefficient)
    factors = [aligned(o.text, o.labels, out).within(UNARY) for o in above]
    if coefficient != 1 or not factors:
        scale = number(coefficient)
        factors.insert(0, scale.text if scale.binds >= UNARY else f"({scale.text})")
    text = "*".join(factors)
    if below:
        parts = [aligned(o.text, o.labels, out) for o in below]
        text += f"/{parts[0].within(ATOM)}" if len(parts) == 1 else f"/({'*'.join(p.within(UNARY) for p in parts)})"
    single = len(factors) == 1 and not below
    return Text(sign + text, (UNARY if sign else (ATOM if single and coefficient == 1 and len(above) == 1 else TIMES))), out


def _pair(a: Dense, b: Dense, keep: Sequence[int], shared: list[int]) -> tuple[Text, tuple[int, ...]]:
    batch = [label for label in a.labels if label in b.labels and label in keep]
    free_a = [label for label in a.labels if label not in b.labels]
    free_b = [label for label in b.labels if label not in a.labels]
    if batch:
        return _batched(a, b, keep, batch, free_a, free_b, shared)
    if not free_a and not free_b:
        return _inner(a, b)
    if len(shared) == 1 and len(free_a) <= 1 and len(free_b) <= 1:
        return _matmul(a, b, keep, shared[0], free_a, free_b)
    axes = tuple([operand.labels.index(label) for label in shared] for operand in (a, b))
    spelled = ", ".join(_axes_text(one) if len(one) > 1 else str(one[0]) for one in axes)
    return Text(f"np.tensordot({a.text.text}, {b.text.text}, axes=({spelled}))"), (*free_a, *free_b)


def _inner(a: Dense, b: Dense) -> tuple[Text, tuple[int, ...]]:
    if len(a.labels) == 1:
        return _dot(a.text, b.text), ()
    second = transposed(b.text, b.labels, a.labels)
    return Text(f"{a.text.within(ATOM)}.ravel().dot({second.within(ATOM)}.ravel())"), ()


def _matmul(a: Dense, b: Dense, keep: Sequence[int], shared: int, free_a: list[int], free_b: list[int]) -> tuple[Text, tuple[int, ...]]:
    order = [label for label in keep if label in free_a or label in free_b]
    if order and order[0] in free_b:
        a, b, free_a, free_b = b, a, free_b, free_a
    left = transposed(a.text, a.labels, [*free_a, shared])
    right = transposed(b.text, b.labels, [shared, *free_b])
    if not free_a or not free_b:
        return _dot(left, right), (*free_a, *free_b)
    return Text(f"{left.within(ATOM)} @ {right.within(ATOM)}", TIMES), (*free_a, *free_b)


def _dot(left: Text, right: Text) -> Text:
    """A product with a vector: the method is called in half the time that the operator takes."""
    return Text(f"{left.within(ATOM)}.dot({right.text})")


def _batched(a, b, keep, batch, free_a, free_b, shared) -> tuple[Text, tuple[int, ...]]:
    if len(free_a) == len(free_b) == len(shared) == 1:
        if keep.index(free_b[0]) < keep.index(free_a[0]):
            a, b, free_a, free_b = b, a, free_b, free_a
        left = transposed(a.text, a.labels, [*batch, *free_a, *shared])
        right = transposed(b.text, b.labels, [*batch, *shared, *free_b])
        return Text(f"np.matmul({left.text}, {right.text})"), (*batch, *free_a, *free_b)
    if not free_a and not free_b and a.labels == b.labels and a.labels[-1:] == tuple(shared):
        return Text(f"_dots({a.text.text}, {b.text.text})"), tuple(batch)
    return _einsum([a, b], keep)


def _einsum(operands: Sequence[Dense], keep: Sequence[int]) -> tuple[Text, tuple[int, ...]]:
    letters: dict[int, str] = {}
    for operand in operands:
        for label in operand.labels:
            letters.setdefault(label, LETTERS[len(letters)])
    out = tuple(label for label in keep if label in letters)
    inputs = ",".join("".join(letters[label] for label in operand.labels) for operand in operands)
    texts = ", ".join(operand.text.text for operand in operands)
    tail = ", optimize=True" if len(operands) > 2 else ""
    return Text(f'np.einsum("{inputs}->{"".join(letters[label] for label in out)}", {texts}{tail})'), out
