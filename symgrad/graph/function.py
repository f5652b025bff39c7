"""An entry of the table of elementary functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sympy as sp

from symgrad.errors import DeclarationError
from symgrad.graph.kinks import Kinks
from symgrad.graph.rows import INTEGER, REAL

A = tuple(sp.Dummy(f"a{k}", real=True) for k in range(1024))
R = sp.Dummy("r", real=True)

PartialRule = Callable[[tuple[sp.Symbol, ...], sp.Symbol, tuple], Sequence[sp.Expr]]
SlopeRule = Callable[[tuple[sp.Symbol, ...], sp.Symbol, Kinks], Sequence[sp.Expr]]


@dataclass(frozen=True)
class Function:
    """One elementary function.

    `numpy` is a template over the arguments {0}, {1}, … and the parameters {p0}, …; `one` is another for a single number, where that
    for arrays would take longer; `needs` names what NumPy lacks, scipy or special:erf for the project's own code; `scalar` is the
    spelling on Python floats, several steps where one is used twice ({s0}, {s1}, … are the steps before, {all} stands for all
    arguments), empty where it follows from `numpy`, None where there is none; `domain` is a pair of bounds inside which test points
    are drawn, `hazards` are points where naive code fails; `fixed` counts the head's leading arguments that are numbers of the
    function, such as the order of a Bessel function, and `parameters` are examples of them; `slopes` are the partials of a function
    with a kink, by the conventions chosen; `cost` is in elementary operations (an addition counts 1); `finite` says that it is finite
    at every finite argument: what is built of such functions alone needs no guard behind a branch; `into` says that its code takes an
    array to write into as its last argument, "over" where that may be an argument, too, "beside" where it looks at those again;
    `magnifies` says that its relative error grows with its argument: what rounding loses of that is put back in formulas of "one"
    input, or of "several"; `linear` says that it is its first argument times a function of the others, and 0 where that is 0; `twice` is
    the spelling on numbers of twice the digits, empty where there is none.
    """

    name: str
    numpy: str
    head: Callable | None = None
    arity: int = 1
    partials: PartialRule | None = None
    slopes: SlopeRule | None = None
    cost: int = 10
    kind: str = REAL
    needs: str = ""
    scalar: str | tuple[str, ...] | None = ""
    one: str = ""
    domain: tuple[float, float] = (-2.0, 2.0)
    hazards: tuple[float, ...] = ()
    parameters: tuple = ()
    fixed: int = 0
    source: str = ""
    differentiable: bool = True
    finite: bool = False
    into: str = ""
    magnifies: str = ""
    linear: bool = False
    twice: str = ""
    words: Callable | None = field(default=None, compare=False)

    def expression(self, arguments: Sequence, parameters: tuple = ()) -> sp.Expr:
        """The function applied to SymPy arguments, for tables and for deriving partials."""
        build = self.words or self.head
        if build is None:
            raise DeclarationError(f"{self.name} has no SymPy form")
        return build(*parameters, *arguments)

    @property
    def scalar_steps(self) -> tuple[str, ...]:
        """The spelling on Python floats, step by step; empty where the function has none.

        It gives NumPy's value or raises an ArithmeticError or ValueError, where NumPy gives inf or nan.  Numbers are written
        as floats, since Python computes and compares two floats faster than a float and an integer.
        """
        if self.scalar:
            return self.scalar if isinstance(self.scalar, tuple) else (self.scalar,)
        if self.scalar is None or self.needs or self.kind == INTEGER or not self.numpy:
            return ()
        text = re.sub(r"np\.(\w+)", lambda found: _SCALAR_NAMES.get(found[1], found[0]), self.numpy)
        return () if "np." in text or "dtype" in text else (re.sub(r"(?<![\w.{])(\d)(?![\w.}])", r"\1.0", text),)


_SCALAR_NAMES = {"abs": "abs", "arcsin": "math.asin", "arccos": "math.acos", "arctan": "math.atan", "arctan2": "math.atan2",
                 "arcsinh": "math.asinh", "arccosh": "math.acosh", "arctanh": "math.atanh"} | {
    name: f"math.{name}" for name in ("exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan",
                                      "sinh", "cosh", "tanh", "hypot")}
"""NumPy's functions that the math module has too."""
