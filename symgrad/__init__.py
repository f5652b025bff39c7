"""symgrad: from a SymPy model or loss to exact, stable, readable NumPy derivative code.

The names below are loaded when first used, so that running a generated model costs no SymPy import.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from symgrad.version import __version__

_HOMES = {
    "compile": "symgrad.compiler", "Compiled": "symgrad.compiler", "load": "symgrad.runtime.functions",
    "MaxOver": "symgrad.declare.binders", "MinOver": "symgrad.declare.binders",
    "register_function": "symgrad.registration", "errors": "symgrad.errors",
    "numeric_gradient": "symgrad.check", "check_gradients": "symgrad.check", "accuracy_report": "symgrad.check.accuracy",
    "testing": "symgrad.testing",
    "Model": "symgrad.train", "fit": "symgrad.train", "minimize": "symgrad.train", "init": "symgrad.train.init",
    "optim": "symgrad.optim", "nn": "symgrad.nn", "train": "symgrad.train",
}
_MODULES = {"errors", "init", "nn", "optim", "testing", "train"}

if TYPE_CHECKING:
    from symgrad import errors, nn, optim, testing, train
    from symgrad.check import check_gradients, numeric_gradient
    from symgrad.check.accuracy import accuracy_report
    from symgrad.compiler import Compiled, compile
    from symgrad.declare.binders import MaxOver, MinOver
    from symgrad.registration import register_function
    from symgrad.runtime.functions import load
    from symgrad.train import Model, fit, init, minimize


def __getattr__(name: str):
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'symgrad' has no attribute {name!r}")
    module = import_module(home)
    return module if name in _MODULES else getattr(module, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


__all__ = [
    "Compiled", "MaxOver", "MinOver", "Model", "__version__", "accuracy_report", "check_gradients", "compile", "errors", "fit", "init",
    "load", "minimize", "nn", "numeric_gradient", "optim", "register_function", "testing", "train",
]
