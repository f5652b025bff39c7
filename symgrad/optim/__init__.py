"""Optimizers declared as SymPy update equations and compiled by the same emitter as every model."""

from symgrad.optim import schedules, variants
from symgrad.optim.curvature import Curvature, classify
from symgrad.optim.newton import Newton
from symgrad.optim.optimizer import Optimizer, State
from symgrad.optim.rate import Rate
from symgrad.optim.rules import SGD, Adadelta, AdaGrad, Adam, Momentum, Nesterov, RMSProp
from symgrad.optim.schedule import Schedule, epoch
from symgrad.optim.search import random_search
from symgrad.optim.table import UpdateTable
from symgrad.optim.update import g, new, t, w, z

__all__ = ["SGD", "AdaGrad", "Adadelta", "Adam", "Curvature", "Momentum", "Nesterov", "Newton", "Optimizer", "RMSProp", "Rate", "Schedule", "State",
           "UpdateTable", "classify", "epoch", "g", "new", "random_search", "schedules", "t", "variants", "w", "z"]
