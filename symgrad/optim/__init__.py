"""Optimizers declared as SymPy update equations and compiled by the same emitter as every model."""

from symgrad.optim.optimizer import Optimizer, State
from symgrad.optim.rate import Rate, epoch
from symgrad.optim.rules import SGD, Adadelta, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from symgrad.optim.table import UpdateTable
from symgrad.optim.update import g, new, t, w

__all__ = ["SGD", "AdaGrad", "Adadelta", "Adam", "Momentum", "Nesterov", "Optimizer", "RMSProp", "Rate", "State", "UpdateTable", "epoch", "g",
           "new", "t", "w"]
