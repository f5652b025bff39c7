"""The optimizers: each is its hyper-parameters and its equations, and nothing else.

w is one element of a parameter, g the same element of its gradient, t the number of the step (from 1).  `new(s)` is the
value after the step.  epsilon stands outside the root except in Adadelta, whose update is a ratio of two roots.
"""

from __future__ import annotations

import sympy as sp

from symgrad.optim.optimizer import Optimizer
from symgrad.optim.rate import Rate
from symgrad.optim.update import Equation, g, new, t, w

m, v, s, u = sp.symbols("m v s u", real=True)
m_hat, v_hat, d = sp.symbols("m_hat v_hat d", real=True)
learning_rate, momentum, decay, epsilon, beta1, beta2 = sp.symbols("learning_rate momentum decay epsilon beta1 beta2", real=True)


class SGD(Optimizer):
    """Gradient descent; stochastic where the gradient is that of a mini-batch."""

    learning_rate: Rate = 0.01

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(w), w - learning_rate * g)]


class Momentum(Optimizer):
    """Gradient descent with a velocity: v' = momentum v + g (Polyak 1964, with the rate outside the velocity)."""

    learning_rate: Rate = 0.01
    momentum: float = 0.9

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(v), momentum * v + g), (new(w), w - learning_rate * new(v))]


class Nesterov(Optimizer):
    """Momentum whose gradient is taken where the velocity is about to carry the parameter (Nesterov 1983).

    `point(params, state)` gives the place at which `step` wants the gradient.
    """

    learning_rate: Rate = 0.01
    momentum: float = 0.9

    @staticmethod
    def equations() -> list[Equation]:
        return Momentum.equations()

    @staticmethod
    def lookahead() -> sp.Expr:
        return w - learning_rate * momentum * v


class AdaGrad(Optimizer):
    """A rate for each element that shrinks with the squared gradients seen so far (Duchi, Hazan and Singer 2011)."""

    learning_rate: Rate = 0.01
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(s), s + g**2), (new(w), w - learning_rate * g / (sp.sqrt(new(s)) + epsilon))]


class RMSProp(Optimizer):
    """AdaGrad with an exponential running mean in the place of the sum (Hinton 2012)."""

    learning_rate: Rate = 0.001
    decay: float = 0.9
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(s), decay * s + (1 - decay) * g**2), (new(w), w - learning_rate * g / (sp.sqrt(new(s)) + epsilon))]


class Adadelta(Optimizer):
    """Steps in the units of the parameter, without a learning rate (Zeiler 2012); epsilon inside both roots."""

    decay: float = 0.95
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(s), decay * s + (1 - decay) * g**2), (d, sp.sqrt(u + epsilon) / sp.sqrt(new(s) + epsilon) * g),
                (new(u), decay * u + (1 - decay) * d**2), (new(w), w - d)]


class Adam(Optimizer):
    """Running means of the gradient and its square, both corrected for their start at zero (Kingma and Ba 2015)."""

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    @staticmethod
    def equations() -> list[Equation]:
        return [(new(m), beta1 * m + (1 - beta1) * g), (new(v), beta2 * v + (1 - beta2) * g**2),
                (m_hat, new(m) / (1 - beta1**t)), (v_hat, new(v) / (1 - beta2**t)),
                (new(w), w - learning_rate * m_hat / (sp.sqrt(v_hat) + epsilon))]
