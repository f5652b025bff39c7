"""Other forms of the optimizers, as lectures and other libraries write them, and the table of who writes which.

Some give the same iterates in other letters (the velocities), some do not (epsilon inside the root, Nesterov without the factor).
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from symgrad.optim import rules
from symgrad.optim.newton import Newton
from symgrad.optim.optimizer import Optimizer
from symgrad.optim.rate import Rate
from symgrad.optim.rules import beta1, beta2, d, decay, epsilon, learning_rate, m, m_hat, momentum, s, u, v, v_hat
from symgrad.optim.update import Equation, g, new, t, w

g_bar = sp.Symbol("g_bar", real=True)


class VelocityMomentum(Optimizer):
    """The rate inside the velocity, which is added: v' = momentum v - learning_rate g, w' = w + v'."""

    learning_rate: Rate = 0.01
    momentum: float = 0.9

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(v), momentum * v - learning_rate * g), (new(w), w + new(v))]


class SubtractedMomentum(Optimizer):
    """The rate inside the velocity, which is subtracted: v' = momentum v + learning_rate g, w' = w - v'."""

    learning_rate: Rate = 0.01
    momentum: float = 0.9

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(v), momentum * v + learning_rate * g), (new(w), w - new(v))]


class AveragedMomentum(Optimizer):
    """A running sum of gradients in the place of the gradient: g_bar' = g + momentum g_bar, w' = w - learning_rate g_bar'."""

    learning_rate: Rate = 0.1
    momentum: float = 0.9

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(g_bar), g + momentum * g_bar), (new(w), w - learning_rate * new(g_bar))]


class VelocityNesterov(VelocityMomentum):
    """Nesterov's look-ahead with the velocity inside: the gradient is wanted at w + momentum v."""

    @staticmethod
    def lookahead() -> sp.Expr:
        return w + momentum * v


class ShiftedNesterov(VelocityMomentum):
    """Nesterov after the change of variables w~ = w + momentum v: the parameter it holds is the look-ahead itself.

    The gradient is wanted where the parameter is; w~ - momentum v is the parameter that VelocityNesterov holds.
    """

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(v), momentum * v - learning_rate * g), (new(w), w - momentum * v + (1 + momentum) * new(v))]


class InterimNesterov(VelocityMomentum):
    """The gradient at the interim point w + v, without the momentum factor: not Nesterov's iterates, though near them."""

    @staticmethod
    def lookahead() -> sp.Expr:
        return w + v


class SubtractedInterimNesterov(SubtractedMomentum):
    """The same interim point with the other sign of the velocity: the gradient is wanted at w - v."""

    @staticmethod
    def lookahead() -> sp.Expr:
        return w - v


class AdaGradInside(Optimizer):
    """AdaGrad with epsilon inside the root."""

    learning_rate: Rate = 0.01
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(s), s + g**2), (new(w), w - learning_rate * g / sp.sqrt(new(s) + epsilon))]


class RMSPropInside(Optimizer):
    """RMSProp with epsilon inside the root."""

    learning_rate: Rate = 0.001
    decay: float = 0.9
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(s), decay * s + (1 - decay) * g**2), (new(w), w - learning_rate * g / sp.sqrt(new(s) + epsilon))]


class ScaledAdadelta(Optimizer):
    """Adadelta with a learning rate before its step, as it is used in practice."""

    learning_rate: Rate = 1.0
    decay: float = 0.95
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(s), decay * s + (1 - decay) * g**2), (d, sp.sqrt(u + epsilon) / sp.sqrt(new(s) + epsilon) * g),
                (new(u), decay * u + (1 - decay) * d**2), (new(w), w - learning_rate * d)]


class AdamInside(Optimizer):
    """Adam with epsilon inside the root."""

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(m), beta1 * m + (1 - beta1) * g), (new(v), beta2 * v + (1 - beta2) * g**2),
                (m_hat, new(m) / (1 - beta1**t)), (v_hat, new(v) / (1 - beta2**t)), (new(w), w - learning_rate * m_hat / sp.sqrt(v_hat + epsilon))]


class UncorrectedAdam(Optimizer):
    """Adam without the correction of its means for their start at zero: RMSProp with momentum."""

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(v), beta1 * v + (1 - beta1) * g), (new(s), beta2 * s + (1 - beta2) * g**2),
                (new(w), w - learning_rate * new(v) / (epsilon + sp.sqrt(new(s))))]


class Form(NamedTuple):
    """One form of an update rule: its rule, the lecture decks that write it, and an optimizer with what they print."""

    rule: str
    decks: str
    optimizer: Optimizer


FORMS: tuple[Form, ...] = (
    Form("O1", "ABCDE", rules.SGD()),
    Form("O1", "E", rules.SGD(maximise=True)),
    Form("O2", "A", VelocityMomentum()),
    Form("O2", "B", AveragedMomentum(learning_rate=0.1)),
    Form("O2", "C", SubtractedMomentum(momentum=0.9)),
    Form("O2", "E", rules.Momentum(momentum=0.9)),
    Form("O2", "E", VelocityMomentum(momentum=0.9)),
    Form("O3", "E", VelocityNesterov(momentum=0.9)),
    Form("O3", "E", ShiftedNesterov(momentum=0.9)),
    Form("O3", "A", InterimNesterov()),
    Form("O3", "C", SubtractedInterimNesterov(momentum=0.9)),
    Form("O4", "A", rules.AdaGrad()),
    Form("O4", "E", rules.AdaGrad(epsilon=1e-7)),
    Form("O4", "BC", AdaGradInside(learning_rate=0.01)),
    Form("O5", "A", rules.RMSProp()),
    Form("O5", "E", rules.RMSProp(epsilon=1e-7)),
    Form("O5", "BC", RMSPropInside(decay=0.9)),
    Form("O6", "C", rules.Adadelta()),
    Form("O6", "C", ScaledAdadelta()),
    Form("O7", "A", UncorrectedAdam()),
    Form("O7", "A", rules.Adam()),
    Form("O7", "C", AdamInside()),
    Form("O7", "E", rules.Adam(epsilon=1e-7)),
    Form("O9", "C", Newton()),
)
"""Every form of the gradient rules that the lecture decks A to E write, with the numbers they print and ours where they print none."""
