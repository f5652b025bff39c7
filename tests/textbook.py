"""Formulas as textbooks print them, each with the interval on which it is meant, for accuracy comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

x = sp.Symbol("x", real=True)
h, g = sp.symbols("h g", real=True)
E, E_ = sp.exp(x), sp.exp(-x)
SIGMA = 1 / (1 + E_)
PHI = sp.erfc(-x / sp.sqrt(2)) / 2
HALF = sp.Rational(1, 2)


@dataclass(frozen=True)
class Textbook:
    """A formula of x on [low, high]; `composite` where it is more than one elementary chain; `where` keeps steps that SymPy would merge.

    At `kinks` there is no slope.
    """

    formula: sp.Expr
    low: float = -1e4
    high: float = 1e4
    composite: bool = False
    where: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    kinks: tuple[float, ...] = ()

    @property
    def whole(self) -> sp.Expr:
        """The formula with its steps written in, unevaluated where evaluation would merge them."""
        found = self.formula
        for left, right in reversed(self.where):
            found = found.subs(left, right)
        return found


def _of(formula: sp.Expr, low: float = -1e4, high: float = 1e4, *where: tuple[sp.Symbol, sp.Expr]) -> Textbook:
    return Textbook(formula, low, high, False, where)


def _mix(formula: sp.Expr, low: float = -1e4, high: float = 1e4, *where: tuple[sp.Symbol, sp.Expr]) -> Textbook:
    return Textbook(formula, low, high, True, where)


TEXTBOOK: dict[str, Textbook] = {
    # logistic
    "softplus": _of(sp.log(1 + E)),
    "softplus of -x": _of(sp.log(1 + E_)),
    "log(2 + 2 exp)": _of(sp.log(2 + 2 * E)),
    "log(1 + 3 exp)": _of(sp.log(1 + 3 * E)),
    "log sigmoid": _of(sp.log(SIGMA)),
    "log sigmoid 2": _of(sp.log(E / (1 + E))),
    "log(1 - sigmoid)": _of(sp.log(1 - SIGMA)),
    "sigmoid": _of(SIGMA),
    "sigmoid by exp(x)": _of(E / (1 + E)),
    "sigmoid of -x": _of(1 / (1 + E)),
    "1 - sigmoid": _of(1 - SIGMA),
    "sigmoid (1 - sigmoid)": _of(SIGMA * (1 - SIGMA)),
    "exp(-x) / (1 + exp(-x))^2": _of(E_ / (1 + E_) ** 2),
    "1 - 2 sigmoid": _of(1 - 2 * SIGMA),
    "2 sigmoid(2x) - 1": _of(2 / (1 + sp.exp(-2 * x)) - 1),
    "silu": _of(x * SIGMA),
    "logistic loss": _mix(-(sp.Rational(3, 10) * sp.log(SIGMA) + sp.Rational(7, 10) * sp.log(1 - SIGMA))),
    "binary cross-entropy with logits": _mix(sp.log(1 + E) - sp.Rational(3, 10) * x),
    "entropy of a logit": _mix(-SIGMA * sp.log(SIGMA) - (1 - SIGMA) * sp.log(1 - SIGMA)),
    "focal loss": _mix(-((1 - SIGMA) ** 2) * sp.log(SIGMA)),
    "logit of sigmoid": _of(sp.log(h / (1 - h)), -1e4, 1e4, (h, SIGMA)),
    "logit": _of(sp.log(x / (1 - x)), 0.0, 1.0),
    "mish": _mix(x * sp.tanh(sp.log(1 + E))),
    "softplus difference": _of(sp.log(1 + E) - sp.log(1 + E_)),
    # exponentials and logarithms
    "exp(x) - 1": _of(E - 1, -1e4, 709.0),
    "3 (exp(x) - 1)": _of(3 * (E - 1), -1e4, 708.0),
    "1 - exp(-x)": _of(1 - E_, -709.0, 1e4),
    "log(1 + x)": _of(sp.log(1 + x), -1.0, 1e4),
    "log(1 - x)": _of(sp.log(1 - x), -1e4, 1.0),
    "log(exp(x) - 1)": _of(sp.log(E - 1), 0.0, 1e4),
    "log(1 - exp(-x))": _of(sp.log(1 - E_), 0.0, 1e4),
    "log(exp(x) + exp(2x))": _of(sp.log(E + sp.exp(2 * x))),
    "log(exp(x) + exp(2x) + 3)": _of(sp.log(E + sp.exp(2 * x) + 3)),
    "softmax of two": _of(E / (E + sp.exp(2 * x))),
    "softmax of three": _of(E / (E + sp.exp(2 * x) + 3)),
    "log softmax of three": _of(sp.log(E / (E + sp.exp(2 * x) + 3))),
    "log of exp": _of(sp.log(h), -1e4, 1e4, (h, E)),
    "exp of a sum of logs": _of(sp.exp(sp.log(x) + 2), 0.0, 1e4),
    "complementary log-log": _of(1 - sp.exp(-E)),
    "log of complementary log-log": _mix(sp.log(1 - sp.exp(-E))),
    "Gumbel log-density": _mix(-x - E_, -700.0, 1e4),
    "x log x": _of(x * sp.log(x), 0.0, 1e4),
    "binary entropy": _mix(-x * sp.log(x) - (1 - x) * sp.log(1 - x), 0.0, 1.0),
    "x log(x/3)": _of(x * sp.log(x / 3), 0.0, 1e4),
    "log of a ratio": _of(sp.log((1 + x) / (1 - x)), -1.0, 1.0),
    "log((x + 1)/x)": _of(sp.log((x + 1) / x), 0.0, 1e4),
    "log of a product of sigmoids": _mix(sp.log(SIGMA / (1 + E))),
    "log sqrt": _of(sp.log(sp.sqrt(1 + E))),
    "mixture of two Gaussians": _mix(sp.log(sp.exp(-((x - 1) ** 2) / 2) / 3 + 2 * sp.exp(-((x + 2) ** 2) / 2) / 3)),
    "mixture with a wide part": _mix(sp.log(sp.exp(-(x**2) / 2) + sp.exp(-(x**2) / 50) / 5)),
    "Gaussian log-likelihood": _mix(sp.log(sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi))),
    "Gaussian with a log scale": _mix(sp.log(sp.exp(-(9 * sp.exp(-2 * x)) / 2) / (E * sp.sqrt(2 * sp.pi))), -300.0, 1e4),
    "posterior of a mixture": _mix(sp.exp(-((x - 1) ** 2) / 2) / (sp.exp(-((x - 1) ** 2) / 2) + sp.exp(-((x + 2) ** 2) / 2))),
    "log(1 + x^2)": _of(sp.log(1 + x**2)),
    "Student t log-likelihood": _mix(-2 * sp.log(1 + x**2 / 3)),
    # hyperbolic
    "tanh by exps": _of((E - E_) / (E + E_)),
    "tanh by exp(2x)": _of((sp.exp(2 * x) - 1) / (sp.exp(2 * x) + 1)),
    "tanh by exp(-2x)": _of((1 - sp.exp(-2 * x)) / (1 + sp.exp(-2 * x))),
    "tanh as 1 - 2/(exp(2x) + 1)": _of(1 - 2 / (sp.exp(2 * x) + 1)),
    "tanh by sinh and cosh": _of(sp.sinh(x) / sp.cosh(x)),
    "1 - tanh^2": _of(1 - sp.tanh(x) ** 2),
    "log(1 - tanh^2)": _of(sp.log(1 - sp.tanh(x) ** 2)),
    "log cosh": _of(sp.log(sp.cosh(x))),
    "log cosh by exps": _of(sp.log((E + E_) / 2)),
    "sech by exps": _of(2 / (E + E_)),
    "sinh by exps": _of((E - E_) / 2, -709.0, 709.0),
    "x tanh x": _of(x * sp.tanh(x)),
    "log((1 + tanh)/2)": _mix(sp.log((1 + sp.tanh(x)) / 2)),
    # roots and squares
    "sqrt(x + 1) - sqrt(x)": _of(sp.sqrt(x + 1) - sp.sqrt(x), 0.0, 1e4),
    "sqrt(1 + x) - 1": _of(sp.sqrt(1 + x) - 1, -1.0, 1e4),
    "pseudo-Huber": _of(sp.sqrt(1 + x**2) - 1),
    "sqrt(x^2 + 1) - x": _of(sp.sqrt(x**2 + 1) - x),
    "log(x + sqrt(x^2 + 1))": _of(sp.log(x + sp.sqrt(x**2 + 1))),
    "log(x + sqrt(x^2 - 1))": _of(sp.log(x + sp.sqrt(x**2 - 1)), 1.0, 1e4),
    "(x + sqrt(x^2 + 4))/2": _of((x + sp.sqrt(x**2 + 4)) / 2),
    "1 - x^2": _of(1 - x**2),
    "sqrt(1 - x^2)": _of(sp.sqrt(1 - x**2), -1.0, 1.0),
    "log(1 - x^2)": _of(sp.log(1 - x**2), -1.0, 1.0),
    "x^2 - 4": _of(x**2 - 4),
    "norm of (x, 3)": _of(sp.sqrt(x**2 + 9)),
    "1/sqrt(1 + x^2)": _of(1 / sp.sqrt(1 + x**2)),
    "x/sqrt(1 + x^2)": _of(x / sp.sqrt(1 + x**2)),
    "1/x - 1/(x + 1)": _of(1 / x - 1 / (x + 1), 0.0, 1e4),
    "x/(1 + x)": _of(x / (1 + x), 0.0, 1e4),
    # removable singularities
    "sin x / x": _of(sp.sin(x) / x),
    "(1 - cos x) / x^2": _of((1 - sp.cos(x)) / x**2),
    "1 - cos x": _of(1 - sp.cos(x)),
    "(exp(x) - 1) / x": _of((E - 1) / x, -1e4, 700.0),
    "x / (exp(x) - 1)": _of(x / (E - 1)),
    "coth x - 1/x": _of(sp.coth(x) - 1 / x),
    "exp(x) - 1 - x": _of(E - 1 - x, -1e4, 700.0),
    "(1 + x) log(1 + x) - x": _of((1 + x) * sp.log(1 + x) - x, -1.0, 1e4),
    "log(1 + x) / x": _of(sp.log(1 + x) / x, -1.0, 1e4),
    "(1 - exp(-x)) / x": _of((1 - E_) / x, -700.0, 1e4),
    "x - log(1 + x)": _of(x - sp.log(1 + x), -1.0, 1e4),
    # error functions
    "erf": _of(sp.erf(x)),
    "erfc": _of(sp.erfc(x)),
    "1 - erf": _of(1 - sp.erf(x)),
    "normal distribution": _of(PHI),
    "normal distribution by erf": _of((1 + sp.erf(x / sp.sqrt(2))) / 2),
    "log normal distribution": _of(sp.log(PHI)),
    "log normal distribution by erf": _of(sp.log((1 + sp.erf(x / sp.sqrt(2))) / 2)),
    "log erfc": _of(sp.log(sp.erfc(x))),
    "erfcx": _of(sp.exp(x**2) * sp.erfc(x), -26.0, 1e4),
    "GELU": _of(x * PHI),
    "GELU by erf": _of(x * (1 + sp.erf(x / sp.sqrt(2))) / 2),
    "GELU by tanh": _mix(x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + sp.Rational(44715, 10**6) * x**3))) / 2),
    "probit": _of(sp.sqrt(2) * sp.erfinv(2 * x - 1), 0.0, 1.0),
    "inverse Mills ratio": _mix(sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi) / PHI),
    # kinks and branches
    "ELU": _of(sp.Piecewise((x, x > 0), (E - 1, True))),
    "softsign": _of(x / (1 + sp.Abs(x))),
    "Huber": _of(sp.Piecewise((x**2 / 2, sp.Abs(x) < 1), (sp.Abs(x) - HALF, True))),
    "relu": Textbook(sp.Max(0, x), kinks=(0.0,)),
}
"""By name."""

FORTY = (
    "softplus", "log sigmoid", "log(1 - sigmoid)", "sigmoid", "1 - sigmoid", "sigmoid (1 - sigmoid)", "1 - 2 sigmoid", "silu", "logistic loss",
    "entropy of a logit", "focal loss", "logit of sigmoid", "mish", "exp(x) - 1", "log(1 + x)", "log(exp(x) - 1)", "log(1 - exp(-x))",
    "log(exp(x) + exp(2x) + 3)", "softmax of three", "log softmax of three", "complementary log-log", "x log x", "log of a ratio",
    "mixture of two Gaussians", "tanh by exps", "1 - tanh^2", "log(1 - tanh^2)", "log cosh", "sqrt(x + 1) - sqrt(x)", "sqrt(1 + x) - 1",
    "log(x + sqrt(x^2 + 1))", "norm of (x, 3)", "sin x / x", "(1 - cos x) / x^2", "(exp(x) - 1) / x", "coth x - 1/x", "normal distribution",
    "log normal distribution", "GELU", "inverse Mills ratio",
)
"""Forty that every lecture on learning or statistics has, for the comparison with other libraries."""
