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
DENSITY = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


def _sigma(u: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-u))


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
    "atan x / x": _of(sp.atan(x) / x),
    "asin x / x": _of(sp.asin(x) / x, -1.0, 1.0),
    "asinh x / x": _of(sp.asinh(x) / x),
    "atanh x / x": _of(sp.atanh(x) / x, -1.0, 1.0),
    "tan x / x": _of(sp.tan(x) / x, -1.5, 1.5),
    "erf x / x": _of(sp.erf(x) / x),
    "x / sin x": _of(x / sp.sin(x), -3.0, 3.0),
    "x / log(1 + x)": _of(x / sp.log(1 + x), -1.0, 1e4),
    "(x - sin x) / x^3": _of((x - sp.sin(x)) / x**3),
    "(tan x - x) / x^3": _of((sp.tan(x) - x) / x**3, -1.5, 1.5),
    "(1 - cos x) / x": _of((1 - sp.cos(x)) / x),
    "(cosh x - 1) / x^2": _of((sp.cosh(x) - 1) / x**2, -700.0, 700.0),
    "scattering of a sphere": _mix(3 * (sp.sin(x) - x * sp.cos(x)) / x**3, -3.0, 3.0),
    "1/x - cot x": _of(1 / x - sp.cot(x), -3.0, 3.0),
    "1/sin x - 1/x": _of(1 / sp.sin(x) - 1 / x, -3.0, 3.0),
    "1 - x cot x": _of(1 - x * sp.cot(x), -3.0, 3.0),
    "(sqrt(1 + x) - 1) / x": _of((sp.sqrt(1 + x) - 1) / x, -1.0, 1e4),
    "(1 - sqrt(1 - x^2)) / x": _of((1 - sp.sqrt(1 - x**2)) / x, -1.0, 1.0),
    "(sqrt(1 + x^2) - 1) / x^2": _of((sp.sqrt(1 + x**2) - 1) / x**2),
    "(sqrt(1 + x) - sqrt(1 - x)) / x": _of((sp.sqrt(1 + x) - sp.sqrt(1 - x)) / x, -1.0, 1.0),
    "relativistic kinetic energy": _of(1 / sp.sqrt(1 - x**2) - 1, -1.0, 1.0),
    "dispersive line": _of(x / (3 + x**2)),
    "(2^x - 1) / x": _of((2**x - 1) / x, -1e4, 1000.0),
    "Box-Cox transform of 1/3": _of((sp.Rational(1, 3) ** x - 1) / x, -300.0, 1e4),
    "(1 + x)^(1/x)": _of((1 + x) ** (1 / x), -0.999, 1e4),
    "first spherical Bessel function": _mix((sp.sin(x) - x * sp.cos(x)) / x**2, -3.0, 3.0),
    "Matern covariance 3/2": _mix((1 + sp.sqrt(3) * x / 2) * sp.exp(-sp.sqrt(3) * x / 2), 0.0, 700.0),
    "Matern covariance 5/2": _mix((1 + sp.sqrt(5) * x + 5 * x**2 / 3) * sp.exp(-sp.sqrt(5) * x), 0.0, 300.0),
    "Kimura's probability of fixation": _mix((1 - sp.exp(-2 * x)) / (1 - sp.exp(-40 * x)), -15.0, 1e4),
    "Brillouin function": _mix(sp.Rational(8, 7) * sp.coth(8 * x / 7) - sp.coth(x / 7) / 7, -30.0, 30.0),
    "log(sinh x / x)": _of(sp.log(sp.sinh(x) / x)),
    # powers
    "log(1 + 2^x)": _of(sp.log(1 + 2**x)),
    "log to base 2 of 1 + 2^x": _of(sp.log(1 + 2**x) / sp.log(2)),
    "Elo rating": _of(1 / (1 + 10 ** (-x / 400))),
    "2^x - 1": _of(2**x - 1, -1e4, 1000.0),
    "half-life": _of(HALF ** (x / 3), -1000.0, 3000.0),
    "compound interest": _of((1 + x) ** 30, -0.5, 1e4),
    "compound interest less one": _of((1 + x) ** 12 - 1, -0.5, 1e4),
    "annuity": _of((1 - (1 + x) ** -12) / x, 0.0, 1e4),
    "(1 + x)^2 - 1": _of((1 + x) ** 2 - 1, -0.5, 1e4),
    # exponentials of products
    "decay": _of(sp.exp(-x / 3), -2000.0, 2200.0),
    "decay by pi": _of(sp.exp(-sp.pi * x), -200.0, 225.0),
    "Gaussian": _of(sp.exp(-(x**2) / 2)),
    "radial basis": _of(sp.exp(-(x**2) / (2 * sp.Rational(9, 100)))),
    "Arrhenius law": _of(sp.exp(-3000 / (sp.Rational(8314, 1000) * x)), 1.0, 1e4),
    "Laplace kernel": Textbook(sp.exp(-3 * sp.Abs(x) / 7), kinks=(0.0,)),
    "Boltzmann factor": _of(sp.exp(-x / sp.Rational(3, 10)), -200.0, 210.0),
    "normal density": _mix(sp.exp(-((x - 1) ** 2) / sp.Rational(9, 2)) / (sp.Rational(3, 2) * sp.sqrt(2 * sp.pi))),
    "inverse Gaussian density": _mix(sp.sqrt(1 / (2 * sp.pi * x**3)) * sp.exp(-((x - 1) ** 2) / (2 * x)), 0.002, 1000.0),
    "Clausius-Clapeyron": _of(sp.exp(20 * (1 - 1 / x)), 0.03, 1e4),
    "logistic distribution": _of(_sigma((x - 2) / 3)),
    "Fermi distribution at kT = 1/40": _of(1 / (sp.exp(40 * (x - 1)) + 1), -10.0, 10.0),
    "Bose distribution at kT = 3": _of(1 / (sp.exp(x / 3) - 1), 0.0, 2000.0),
    "softplus with beta 1/3": _of(3 * sp.log(1 + sp.exp(x / 3))),
    "scaled tanh": _of(sp.Rational(17159, 10**4) * sp.tanh(2 * x / 3), -500.0, 500.0),
    "diode": _of(sp.exp(x / sp.Rational(26, 1000)) - 1, -10.0, 18.0),
    "charging of a capacitor": _of(1 - sp.exp(-x / sp.Rational(22, 10)), -100.0, 1e4),
    "opening rate of a potassium channel": _mix((10 - x) / (100 * (sp.exp((10 - x) / 10) - 1)), -100.0, 1e4),
    "kink of sine-Gordon": _of(4 * sp.atan(E)),
    "arcsine transform": _of(sp.asin(sp.sqrt(x)), 0.0, 1.0),
    "1 - sech^2": _of(1 - 1 / sp.cosh(x) ** 2),
    "1/x^2 - 1/sinh^2": _mix(1 / x**2 - 1 / sp.sinh(x) ** 2, -20.0, 20.0),
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
    "SELU": Textbook(sp.Rational(10507, 10**4) * sp.Piecewise((x, x > 0), (sp.Rational(16733, 10**4) * (E - 1), True)), kinks=(0.0,)),
    "squared hinge": _of(sp.Max(0, 1 - x) ** 2),
    # sigmoids with a scale, a shift or a ratio
    "softplus with beta 2": _of(sp.log(1 + sp.exp(2 * x)) / 2),
    "softplus of x - 3": _of(sp.log(1 + sp.exp(x - 3))),
    "smooth hinge": _of(sp.log(1 + sp.exp(2 * (1 - x))) / 2),
    "swish with beta 1/2": _of(x * _sigma(x / 2)),
    "softmax with temperature 2": _of(sp.exp(x / 2) / (sp.exp(x / 2) + sp.exp(sp.Rational(3, 2)) + sp.exp(-HALF))),
    "Bradley-Terry": _of(E / (E + sp.exp(2))),
    "contrastive loss": _mix(-sp.log(E / (E + sp.exp(2) + sp.exp(-1))), -1e4, 700.0),
    "savage loss": _of(1 / (1 + E) ** 2),
    "sigmoid cubed": _of(SIGMA**3),
    "sigmoid less a half": _of(SIGMA - HALF),
    "poly-1 loss": _mix(-sp.log(SIGMA) + 2 * (1 - SIGMA)),
    "label smoothing": _mix(-(sp.Rational(9, 10) * sp.log(SIGMA) + sp.log(1 - SIGMA) / 10)),
    "logistic density": _of(sp.exp(-(x - 1) / 2) / (2 * (1 + sp.exp(-(x - 1) / 2)) ** 2)),
    "logistic log-density": _mix(-x - 2 * sp.log(1 + E_)),
    "ordinal logit": _mix(_sigma(2 - x) - _sigma(-1 - x)),
    "log of an ordinal logit": _mix(sp.log(_sigma(2 - x) - _sigma(-1 - x))),
    "negative binomial with a log rate": _mix(5 * sp.log(1 + E) - 3 * x),
    "Fermi distribution": _of(1 / (sp.exp(4 * (x - 1)) + 1)),
    "Woods-Saxon potential": _of(-1 / (1 + sp.exp(2 * (x - 2)))),
    "soliton": _of(2 * E / (1 + sp.exp(2 * x))),
    "tanh of a softplus": _mix(sp.tanh(sp.log(1 + E)), -1e4, 18.0),
    # exponentials over each other
    "log(exp(2x) - exp(x))": _of(sp.log(sp.exp(2 * x) - E), 0.0, 1e4),
    "log(exp(x) - e)": _of(sp.log(E - sp.E), 1.0, 1e4),
    "Bose distribution": _of(1 / (sp.exp(x / 2) - 1), 0.0, 1e4),
    "mean occupancy": _mix(1 / (1 - E_) - 1, 0.0, 1e4),
    "exp(x) / (exp(x) - 1)": _of(E / (E - 1)),
    "Planck spectrum": _mix(x**3 / (E - 1), 0.0, 700.0),
    "Einstein heat capacity": _mix(x**2 * E / (E - 1) ** 2, 0.0, 1e4),
    "free energy of an oscillator": _mix(x + sp.log(1 - E_), 0.0, 1e4),
    "(exp(2x) - 1) / (exp(x) - 1)": _of((sp.exp(2 * x) - 1) / (E - 1), -1e4, 700.0),
    "(1 - exp(-x)) / (1 - exp(-2x))": _of((1 - E_) / (1 - sp.exp(-2 * x)), -300.0, 1e4),
    "1/x - 1/(exp(x) - 1)": _mix(1 / x - 1 / (E - 1)),
    "1/(1 - exp(-x)) - 1/x": _mix(1 / (1 - E_) - 1 / x),
    "Debye function of a polymer": _mix(2 * (E_ - 1 + x) / x**2, 0.0, 1e4),
    "screened field": _mix((1 - E_) / x**2, 1e-100, 1e4),
    "(1 - exp(-x^2)) / x^2": _mix((1 - sp.exp(-(x**2))) / x**2, -20.0, 20.0),
    "Gumbel density": _mix(sp.exp(-x - E_), -5.0, 1e4),
    "exceedance of Gumbel": _mix(1 - sp.exp(-E_), -5.0, 1e4),
    "Gompertz distribution": _mix(1 - sp.exp(-(E - 1) / 2), 0.0, 5.0),
    "Morse potential": _mix((1 - sp.exp(-(x - 1))) ** 2, -300.0, 1e4),
    # hyperbolic quotients
    "sinh x / x": _of(sp.sinh(x) / x, -700.0, 700.0),
    "x / sinh x": _of(x / sp.sinh(x), -700.0, 700.0),
    "tanh x / x": _of(sp.tanh(x) / x),
    "x / tanh x": _of(x / sp.tanh(x)),
    "x coth x - 1": _of(x * sp.coth(x) - 1),
    "coth 2x - 1/(2x)": _of(sp.coth(2 * x) - 1 / (2 * x)),
    "1 / cosh^2": _of(1 / sp.cosh(x) ** 2),
    "sqrt(1 - tanh^2)": _of(sp.sqrt(1 - sp.tanh(x) ** 2), -700.0, 700.0),
    "log cosh 2x / 2": _of(sp.log(sp.cosh(2 * x)) / 2),
    # roots and robust losses
    "asinh(x/2) by logarithms": _of(sp.log(x / 2 + sp.sqrt((x / 2) ** 2 + 1))),
    "acosh(x/2) by logarithms": _of(sp.log(x / 2 + sp.sqrt(x**2 / 4 - 1)), 2.0, 1e4),
    "inverse square root unit": _of(x / sp.sqrt(1 + 2 * x**2)),
    "Charbonnier": _of(sp.sqrt(x**2 + sp.Rational(1, 10**6))),
    "pseudo-Huber with delta 3/2": _of(sp.Rational(9, 4) * (sp.sqrt(1 + (2 * x / 3) ** 2) - 1)),
    "Cauchy loss": _of(2 * sp.log(1 + (x / 2) ** 2)),
    "Geman-McClure": _of(x**2 / 2 / (1 + x**2)),
    "Fair loss": _mix(4 * (sp.Abs(x) / 2 - sp.log(1 + sp.Abs(x) / 2))),
    "1 - sqrt(1 - x^2)": _of(1 - sp.sqrt(1 - x**2), -1.0, 1.0),
    "sqrt(x^2 + 4) - sqrt(x^2 + 1)": _of(sp.sqrt(x**2 + 4) - sp.sqrt(x**2 + 1)),
    "Plummer force": _of((1 + x**2) ** sp.Rational(-3, 2)),
    "Lorentz factor": _of(1 / sp.sqrt(1 - x**2), -1.0, 1.0),
    # logarithms and links
    "log(x^2/(4 + x^2))": _mix(sp.log(x**2 / (4 + x**2)), 1e-100, 1e4),
    "log(3000 (1 - x))": _of(sp.log(3000 * (1 - x)), -1e4, 1.0),
    "log((1 + x)^4)": _of(sp.log((1 + x) ** 4), -1e4, 1e4),
    "complementary log-log link": _mix(sp.log(-sp.log(1 - x)), 0.0, 0.6),
    "log-normal log-density": _mix(-sp.log(x) - sp.log(x) ** 2 / 2 - 1, 0.0, 1e4),
    "Beta log-density": _mix(sp.log(x) / 2 + 2 * sp.log(1 - x), 0.0, 1.0),
    "Cauchy distribution": _of(HALF + sp.atan(x) / sp.pi),
    "Cauchy log-density": _mix(-sp.log(sp.pi) - sp.log(1 + ((x - 1) / 2) ** 2)),
    "log of the Cauchy distribution": _of(sp.log(HALF + sp.atan(x) / sp.pi)),
    "log of 1 - the Cauchy distribution": _of(sp.log(HALF - sp.atan(x) / sp.pi)),
    "log tanh(x/2)": _of(sp.log(sp.tanh(x / 2)), 0.0, 700.0),
    "acosh(1 + x)": _of(sp.acosh(1 + x), 0.0, 1e4),
    "acos(1 - x)": _of(sp.acos(1 - x), 0.0, 1.9),
    "distance in the hyperbolic disc": _mix(sp.acosh(1 + 2 * x**2 / (1 - x**2)), 1e-6, 0.9),
    "log(1 + x) - log(1 - x)": _of(sp.log(1 + x) - sp.log(1 - x), -1.0, 1.0),
    # densities whose factors leave the range on the way
    "Weibull density": _mix(2 * x * sp.exp(-(x**2)), 0.0, 20.0),
    "inverse-gamma log-density": _mix(-3 * sp.log(x) - 1 / x, 0.0, 1e4),
    # sines, and the normal distribution
    "sinc of half turns": _of(sp.sin(sp.pi * x) / (sp.pi * x), -100.0, 100.0),
    "sinc squared": _mix((sp.sin(x) / x) ** 2, -3.0, 3.0),
    "haversine": _of(sp.sin(x / 2) ** 2, -100.0, 100.0),
    "hazard of the normal distribution": _mix(DENSITY / (1 - PHI)),
    "expected improvement": _mix(x * PHI + DENSITY),
    # what vanishes at 1, and its slopes
    "x - 1 - log x": _mix(x - 1 - sp.log(x), 1e-4, 1e4),
    "divergence of exponentials": _mix(sp.log(x) + 1 / x - 1, 1e-4, 1e4),
    "divergence of Gaussians by width": _mix(sp.log(x) + 1 / (2 * x**2) - HALF, 1e-4, 1e4),
    "Poisson deviance": _mix(x * sp.log(x / 3) - (x - 3), 1e-3, 1e4),
    "Bernoulli divergence": _mix(x * sp.log(4 * x) + (1 - x) * sp.log((1 - x) * 4 / 3), 1e-4, 1 - 1e-4),
    "x log x - x": _of(x * sp.log(x) - x, 1e-4, 1e4),
    "logarithmic mean": _of((x - 1) / sp.log(x), 1e-4, 1e4),
    "log x / (x - 1)": _of(sp.log(x) / (x - 1), 1e-4, 1e4),
    "1/x - 1": _of(1 / x - 1, 1e-4, 1e4),
    "x^3 - 1": _of(x**3 - 1, 1e-4, 1e4),
    "Tukey's biweight": _of((1 - (1 - x**2) ** 3) / 6, -1.0, 1.0),
    "1 - 1/(1 + x^2)": _of(1 - 1 / (1 + x**2)),
    "log((1 + x^2)/(2 + x^2))": _mix(sp.log((1 + x**2) / (2 + x**2))),
    # odd functions less their tangent
    "x - tanh x": _of(x - sp.tanh(x)),
    "x - asinh x": _of(x - sp.asinh(x)),
    "x - atan x": _of(x - sp.atan(x)),
    "sinh x - x": _of(sp.sinh(x) - x, -700.0, 700.0),
    "atanh x - x": _of(sp.atanh(x) - x, -0.999, 0.999),
    "asin x - x": _of(sp.asin(x) - x, -0.999, 0.999),
    "tan x - x": _of(sp.tan(x) - x, -1.5, 1.5),
    "x - sin x": _of(x - sp.sin(x), -3.0, 3.0),
    "sin x - x cos x": _of(sp.sin(x) - x * sp.cos(x), -3.0, 3.0),
    "1 - 1/cosh x": _of(1 - 1 / sp.cosh(x), -700.0, 700.0),
    "1 - sin x / x": _of(1 - sp.sin(x) / x),
    "Erlang distribution": _mix(1 - sp.exp(-x) * (1 + x), 0.0, 1e4),
    "1/sin x - 1/tan x": _of(1 / sp.sin(x) - 1 / sp.tan(x), -3.0, 3.0),
    "coth x - 1": _of(sp.coth(x) - 1, 1e-4, 300.0),
    "Langevin function over x": _of((sp.coth(x) - 1 / x) / x, -700.0, 700.0),
    "(x^2 - 1)/(x - 1)": _of((x**2 - 1) / (x - 1), -1e4, 1e4),
    "log(1 + x) - x/(1 + x)": _mix(sp.log(1 + x) - x / (1 + x), -0.999, 1e4),
    "log of Planck's law": _mix(sp.log(x**3 / (sp.exp(x) - 1)), 1e-4, 1e4),
    "zero-inflated Poisson": _mix(sp.log(sp.Rational(1, 5) + sp.Rational(4, 5) * E_)),
    "softplus less log 2": _of(sp.log(1 + E) - sp.log(2)),
    "sech distribution": _mix(2 / sp.pi * sp.atan(sp.exp(sp.pi * x / 2)), -400.0, 400.0),
    "logit-normal density": _mix(sp.exp(-(sp.log(x / (1 - x)) ** 2) / 2) / (x * (1 - x)), 1e-4, 1 - 1e-4),
    "probability of a normal interval": _mix((sp.erfc(-(x + 1) / sp.sqrt(2)) - sp.erfc(-x / sp.sqrt(2))) / 2),
    "log probability of a normal interval": _mix(sp.log((sp.erf((x + 1) / sp.sqrt(2)) - sp.erf(x / sp.sqrt(2))) / 2), -1e3, 1e3),
    # factors before what cancels, and exponents that have been rounded
    "sin(exp x - x)": _mix(sp.sin(E - x), -3.0, 1.0),
    "x exp x - x": _mix(x * E - x, -700.0, 700.0),
    "entropy of a logit by its mean": _mix(sp.log(1 + E) - x * SIGMA),
    "x^x by logarithms": _mix(sp.exp(x * sp.log(x)), 1e-3, 100.0),
    "Gompertz growth": _mix(sp.exp(-5 * sp.exp(-x / 3)), -15.0, 100.0),
    "damped wave": _mix(sp.exp(-x / 5) * sp.cos(7 * x / 3), 0.0, 3.0),
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
