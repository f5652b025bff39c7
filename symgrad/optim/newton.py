"""Newton's step: the whole parameter set at once, by the Hessian of the loss."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from symgrad.compiler import Compiled, compile
from symgrad.errors import InputError, OptionError, explain
from symgrad.optim.optimizer import Optimizer, State, check_writable, gradients
from symgrad.optim.rate import Rate
from symgrad.optim.rules import SGD
from symgrad.optim.table import UpdateTable
from symgrad.optim.update import Equation

n = sp.Symbol("n", integer=True, positive=True)
H, G, D = sp.MatrixSymbol("H", n, n), sp.MatrixSymbol("g", n, 1), sp.MatrixSymbol("d", n, 1)
damping = sp.Symbol("damping", real=True)
DIRECTION = (H + damping * sp.Identity(n)).inv() * G


class Newton(Optimizer):
    """w' = w - learning_rate (H + damping I)^-1 g: to the critical point of the quadratic model, be it a minimum or a saddle.

    `step` and `update` take the Hessian too: hessian=f.hessian(…), an array for one parameter, else a tuple of tuples in
    the order of the parameters.  Clipping, noise and weight decay act on the step's direction.
    """

    learning_rate: Rate = 1.0
    damping: float = 0.0

    needs_hessian: ClassVar = True

    def __init__(self, *args: Any, **given: Any):
        super().__init__(*args, **given)
        if self.maximise:
            raise OptionError(explain("Newton got maximise=True", "Its step goes to a critical point, the same for a function and its negative",
                                      "Leave maximise out"))

    @staticmethod
    def equations() -> list[Equation]:
        return SGD.equations()

    def table(self) -> UpdateTable:
        """The step in matrix form: the direction d of all parameters together, and what is done with it."""
        own = super().table()
        direction = sp.Symbol("d", real=True)
        renamed = [(left, right.xreplace({sp.Symbol("g", real=True): direction})) for left, right in own.equations]
        return UpdateTable(own.title, ((direction, DIRECTION), *renamed))

    def update(self, params: dict[str, np.ndarray], grads: Mapping, state: State, hessian: Any = None) -> None:
        """The in-place step.  Raises InputError where the Hessian is missing, of a wrong shape or cannot be inverted."""
        check_writable(params)
        found = gradients(params, grads)
        matrix = _blocks(found, hessian)
        flat = np.concatenate([np.asarray(gradient, float).reshape(-1) for gradient in found.values()])
        try:
            solved = np.ravel(_direction().value(H=matrix, g=flat, damping=float(self.damping)))
        except InputError as error:
            raise InputError(explain("the Newton step is not defined", "The Hessian cannot be inverted",
                                     "Give Newton a damping above 0")) from error
        super().update(params, _parted(solved, found), state)


@cache
def _direction() -> Compiled:
    return compile(DIRECTION, wrt=G)


def _blocks(gradients: Mapping[str, np.ndarray], hessian: Any) -> np.ndarray:
    """The Hessian of all parameters as one square matrix."""
    if hessian is None:
        raise InputError(explain("Newton was called without the Hessian", "hessian=f.hessian(…) is required"))
    blocks = hessian if isinstance(hessian, (tuple, list)) else ((hessian,),)
    total = len(gradients)
    if len(blocks) != total or any(len(line) != total for line in blocks):
        raise InputError(explain(f"the Hessian has {len(blocks)} rows of blocks", f"One for each of {', '.join(gradients)} is required"))
    return np.block([[_block(first, second, blocks[i][j], gradients) for j, second in enumerate(gradients)] for i, first in enumerate(gradients)])


def _block(first: str, second: str, given: Any, gradients: Mapping[str, np.ndarray]) -> np.ndarray:
    block, shape = np.asarray(given, float), gradients[first].shape + gradients[second].shape
    if block.shape != shape:
        raise InputError(explain(f"the Hessian of {first} and {second} has shape {block.shape}", f"The shape {shape} is required"))
    return block.reshape(gradients[first].size, gradients[second].size)


def _parted(flat: np.ndarray, like: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    parts = np.split(flat, np.cumsum([array.size for array in like.values()])[:-1])
    return {name: part.reshape(array.shape) for (name, array), part in zip(like.items(), parts, strict=True)}
