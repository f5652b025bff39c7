"""What every optimizer can do to a gradient before its own update and to a parameter beside it, as equations like any other.

In this order: ascent turns the gradient round, clipping bounds it, noise is added to it, the optimizer's own equations use
what came out, and decoupled weight decay shrinks the parameter by its own term.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symgrad.optim.update import Equation, g, new, t, w, z

learning_rate, weight_decay, clip_value, clip_norm = sp.symbols("learning_rate weight_decay clip_value clip_norm", real=True)
noise, noise_decay, norm = sp.symbols("noise noise_decay norm", real=True)

INPUTS = {"weight_decay": ("weight_decay",), "clip_value": ("clip_value",), "clip_norm": ("clip_norm", "norm"), "noise": ("noise", "noise_decay")}
"""The numbers that each modifier's equations speak of; `norm` is that of all gradients together."""


def modified(equations: Sequence[Equation], active: Sequence[str], has_rate: bool) -> list[Equation]:
    """The equations of an optimizer with the modifiers that are switched on."""
    before: list[Equation] = []
    gradient: sp.Expr = g
    for option in ("maximise", "clip_value", "clip_norm", "noise"):
        if option in active:
            symbol, expression = _GRADIENTS[option](gradient)
            before.append((symbol, expression))
            gradient = symbol
    own = [(left, right.xreplace({g: gradient})) for left, right in equations]
    if "weight_decay" in active:
        shrink = (learning_rate if has_rate else 1) * weight_decay * w
        own = [(left, right - shrink if left == new(w) else right) for left, right in own]
    return [*before, *own]


def _ascending(gradient: sp.Expr) -> Equation:
    return sp.Symbol("g_up", real=True), -gradient


def _by_value(gradient: sp.Expr) -> Equation:
    return sp.Symbol("g_clip", real=True), sp.Max(-clip_value, sp.Min(clip_value, gradient))


def _by_norm(gradient: sp.Expr) -> Equation:
    """All gradients together get at most the given norm, and keep their direction (Pascanu, Mikolov and Bengio 2013)."""
    return sp.Symbol("g_clip", real=True), gradient * clip_norm / sp.Max(norm, clip_norm)


def _noisy(gradient: sp.Expr) -> Equation:
    """Noise whose variance falls as noise/(1 + t)^noise_decay (Neelakantan and others 2015)."""
    return sp.Symbol("g_noisy", real=True), gradient + sp.sqrt(noise / (1 + t)**noise_decay) * z


_GRADIENTS = {"maximise": _ascending, "clip_value": _by_value, "clip_norm": _by_norm, "noise": _noisy}
