"""Formulas of textbooks that were written down before any of them was compiled: what rules do for formulas that nobody wrote them for.

Statistics and learning first, then physics, engineering, finance and the cancellations that books on numerical analysis warn of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import sympy as sp
from blind_eighth import EIGHTH
from blind_fifth import FIFTH
from blind_fourth import FOURTH
from blind_ninth import NINTH
from blind_seventh import SEVENTH
from blind_sixth import SIXTH
from blind_tenth import TENTH
from blind_third import THIRD
from comparison import OURS, Score
from shorthand import Phi, R, phi
from sympy import Abs, Max, Min, Piecewise, acos, acosh, asin, asinh, atan, atanh, cos, cosh, erf, erfc, exp, log, pi, sin, sinh, sqrt, tan, tanh
from textbook import Textbook, x

TABLE = Path(__file__).parent / "goldens" / "blind.json"
"""How many numbers of each formula there are, how many are right (symgrad's on numbers and on arrays, plain code's), and how many of symgrad's are that
or as wrong as the last digit of the point explains."""

RL = (-1e4, 1e4)
POS = (1e-8, 1e6)
PR = (1e-12, 1 - 1e-12)


P3 = R(1, 5) + (1 - R(1, 5)) / (1 + exp(-R(3, 2) * (x - 1)))  # a response function of item response theory
_d1 = (log(x / 100) + (R(3, 100) + R(1, 5) ** 2 / 2) * 1) / R(1, 5)
_d2 = _d1 - R(1, 5)
_dv1 = (log(R(11, 10)) + (R(2, 100) + x**2 / 2)) / x
_dv2 = _dv1 - x
_g = R(7, 5)

_STATISTICS = {
    # densities and log densities
    "normal pdf": (exp(-(x - R(1, 2))**2 / (2 * R(3, 4)**2)) / (R(3, 4) * sqrt(2 * pi)), *RL),
    "normal log pdf via log of pdf": (log(exp(-(x - R(1, 2))**2 / (2 * R(3, 4)**2)) / (R(3, 4) * sqrt(2 * pi))), *RL),
    "lognormal pdf": (exp(-(log(x) - R(1, 3))**2 / (2 * R(4, 5)**2)) / (x * R(4, 5) * sqrt(2 * pi)), *POS),
    "logistic pdf": (exp(-(x - 1) / 2) / (2 * (1 + exp(-(x - 1) / 2))**2), *RL),
    "logistic log pdf": (-(x - 1) / 2 - log(2) - 2 * log(1 + exp(-(x - 1) / 2)), *RL),
    "gumbel pdf": (exp(-((x - 2) / 3 + exp(-(x - 2) / 3))) / 3, *RL),
    "weibull pdf": (R(5, 2) / 3 * (x / 3)**R(3, 2) * exp(-(x / 3)**R(5, 2)), *POS),
    "cauchy log pdf": (-log(pi * 2 * (1 + ((x - 1) / 2)**2)), *RL),
    "student t log kernel nu=5": (-3 * log(1 + x**2 / 5), *RL),
    "two-component normal mixture log pdf": (log(R(3, 10) * exp(-(x + 2)**2 / 2) / sqrt(2 * pi) + R(7, 10) * exp(-(x - 1)**2 / 2) / sqrt(2
        * pi)), *RL),
    "inverse gaussian pdf": (sqrt(3 / (2 * pi * x**3)) * exp(-3 * (x - 2)**2 / (2 * 2**2 * x)), *POS),
    "skew normal pdf": (2 * phi(x) * Phi(3 * x), *RL),
    "skew normal log pdf": (log(2) - x**2 / 2 - log(2 * pi) / 2 + log(Phi(-4 * x)), *RL),
    "hyperbolic secant pdf": (1 / (2 * cosh(pi * x / 2)), *RL),
    "laplace log pdf": (-log(2 * R(3, 2)) - Abs(x - R(1, 2)) / R(3, 2), *RL),
    "kumaraswamy pdf": (3 * R(5, 2) * x**2 * (1 - x**3)**R(3, 2), *PR),
    "asymmetric laplace pdf": (Piecewise((R(6, 13) * exp(R(3, 2) * x), (x < 0)), (R(6, 13) * exp(-R(2, 3) * x), True)), *RL),
    "poisson zero-truncated mean": (x / (1 - exp(-x)), 1e-10, 1e4),
    "johnson SU pdf": (2 / (3 * sqrt(2 * pi)) / sqrt(1 + (x / 3)**2) * exp(-(1 + 2 * asinh(x / 3))**2 / 2), *RL),
    "exponentially modified gaussian pdf": (R(1, 2) / 2 * exp(R(1, 2) / 2 * (2 * R(1, 2) + R(1, 2) - 2 * x)) * erfc((R(1, 2) + R(1, 2)
        - x) / sqrt(2)), *RL),
    "birnbaum-saunders pdf": ((sqrt(x) + sqrt(1 / x)) / (2 * R(1, 2) * x) * exp(-((sqrt(x) - sqrt(1 / x)) / R(1, 2))**2 / 2) / sqrt(2 * pi), *POS),
    "von mises log kernel kappa=50": (50 * (cos(x - R(1, 3)) - 1), -3.141592653589793, 3.141592653589793),
    "wrapped cauchy density": ((1 - R(9, 10)**2) / (2 * pi * (1 + R(9, 10)**2 - 2 * R(9, 10) * cos(x))), -3.141592653589793, 3.141592653589793),
    # CDFs and survival functions
    "normal cdf": ((1 + erf((x - R(1, 2)) / (R(3, 4) * sqrt(2)))) / 2, *RL),
    "normal survival one minus cdf": (1 - (1 + erf((x - R(1, 2)) / (R(3, 4) * sqrt(2)))) / 2, *RL),
    "exponential cdf": (1 - exp(-R(2, 5) * x), 1e-12, 1e4),
    "weibull cdf": (1 - exp(-(x / 2)**R(3, 2)), *POS),
    "pareto II (lomax) cdf": (1 - (1 + x / 3)**(-R(5, 2)), 1e-12, 1e8),
    "generalized pareto cdf small xi": (1 - (1 + x / 1000)**(-1000), 1e-12, 1e4),
    "GEV cdf xi=1/5": (exp(-(1 + (x - 1) / 10)**(-5)), -8.999, 1e6),
    "cauchy cdf": (atan((x - 1) / 2) / pi + R(1, 2), -1e8, 1e8),
    "log-logistic survival": (1 - 1 / (1 + (x / 2)**(-3)), *POS),
    "gompertz survival": (exp(-R(1, 100) / R(1, 10) * (exp(x / 10) - 1)), 1e-12, 120.0),
    "erlang-2 cdf": (1 - exp(-3 * x) - 3 * x * exp(-3 * x), 1e-10, 1e4),
    "rayleigh cdf": (1 - exp(-x**2 / (2 * R(3, 2)**2)), 1e-10, 1e4),
    "maxwell-boltzmann cdf": (erf(x / (2 * sqrt(2))) - sqrt(2 / pi) * x * exp(-x**2 / 8) / 2, 1e-8, 1e4),
    "inverse gaussian cdf mu=1 lambda=2": (Phi(sqrt(2 / x) * (x - 1)) + exp(4) * Phi(-sqrt(2 / x) * (x + 1)), *POS),
    "hyperbolic secant cdf": (2 / pi * atan(exp(pi * x / 2)), *RL),
    "student t cdf nu=2": (R(1, 2) + x / (2 * sqrt(2 + x**2)), -1e8, 1e8),
    "student t cdf nu=3": (R(1, 2) + (atan(x / sqrt(3)) + (x / sqrt(3)) / (1 + x**2 / 3)) / pi, -1e8, 1e8),
    "gumbel survival": (1 - exp(-exp(-(x - 1) / 2)), -1e3, 1e4),
    "laplace cdf": (Piecewise((exp(x / 2) / 2, x < 0), (1 - exp(-x / 2) / 2, True)), *RL),
    "levy cdf": (erfc(sqrt(R(1, 2) / (2 * x))), 1e-6, 1e12),
    "normal interval probability": (Phi((x + R(1, 10)) / R(3, 2)) - Phi((x - R(1, 10)) / R(3, 2)), *RL),
    "arcsine law cdf": (2 / pi * asin(sqrt(x)), *PR),
    # hazards, log hazards
    "normal hazard (inverse Mills ratio)": (phi(x) / (1 - Phi(x)), *RL),
    "log-logistic hazard": ((R(7, 2) / 2) * (x / 2)**R(5, 2) / (1 + (x / 2)**R(7, 2)), *POS),
    "lognormal hazard": (exp(-log(x)**2 / 2) / (x * sqrt(2 * pi)) / (1 - Phi(log(x))), *POS),
    "logistic cumulative hazard": (-log(1 - 1 / (1 + exp(-x))), *RL),
    "gumbel-max hazard": (exp(-x) * exp(-exp(-x)) / (1 - exp(-exp(-x))), -1e3, 1e4),
    "exponentiated weibull log hazard": (log(2 * exp(-x) * (1 - exp(-x)) / (1 - (1 - exp(-x))**2)), 1e-10, 1e4),
    "gompertz-makeham log hazard": (log(R(1, 2000) + R(1, 50000) * exp(R(9, 100) * x)), -1e3, 1e4),
    "probability of death from force of mortality": (1 - exp(-exp(x / 10 - 10)), -1e3, 1e3),
    # links and inverses
    "logit": (log(x / (1 - x)), *PR),
    "inverse logit exp form": (exp(x) / (1 + exp(x)), *RL),
    "cloglog link": (log(-log(1 - x)), *PR),
    "inverse cloglog": (1 - exp(-exp(x)), *RL),
    "loglog link": (-log(-log(x)), *PR),
    "cauchit link": (tan(pi * (x - R(1, 2))), *PR),
    "log-complement link inverse logit": (log(1 - exp(x) / (1 + exp(x))), *RL),
    "aranda-ordaz link inverse": (1 - (1 + R(1, 2) * exp(x))**(-2), *RL),
    "ordered logit middle category": (1 / (1 + exp(-(2 - x))) - 1 / (1 + exp(-(R(1, 2) - x))), *RL),
    "fisher z transformation": (log((1 + x) / (1 - x)) / 2, -1 + 1e-12, 1 - 1e-12),
    "probit log-likelihood of zero": (log(1 - Phi(R(1, 3) + 2 * x)), *RL),
    # losses and activations
    "softplus": (log(1 + exp(x)), *RL),
    "inverse hyperbolic sine transform, log form": (log(x + sqrt(x**2 + 1)), -1e8, 1e8),
    "mish": (x * tanh(log(1 + exp(x))), *RL),
    "swish beta=3/2": (x / (1 + exp(-R(3, 2) * x)), *RL),
    "gelu exact": (x / 2 * (1 + erf(x / sqrt(2))), *RL),
    "gelu tanh": (x / 2 * (1 + tanh(sqrt(2 / pi) * (x + R(44715, 1000000) * x**3))), *RL),
    "elu": (Piecewise((x, x > 0), (R(3, 2) * (exp(x) - 1), True)), *RL, (0.0,)),
    "hard swish": (x * Min(Max(x + 3, 0), 6) / 6, *RL),
    "log-cosh loss": (log(cosh(x)), *RL),
    "tanh exp form": ((exp(x) - exp(-x)) / (exp(x) + exp(-x)), *RL),
    "focal loss gamma=2": (-(1 - 1 / (1 + exp(-x)))**2 * log(1 / (1 + exp(-x))), *RL),
    "pseudo-huber": (R(3, 2)**2 * (sqrt(1 + (x / R(3, 2))**2) - 1), -1e8, 1e8),
    "linex loss": (exp(R(1, 2) * x) - R(1, 2) * x - 1, -1e4, 1e3),
    "binary cross entropy with logits": (-R(3, 10) * log(1 / (1 + exp(-x))) - R(7, 10) * log(1 - 1 / (1 + exp(-x))), *RL),
    "huber loss": (Piecewise((x**2 / 2, Abs(x) <= R(27, 20)), (R(27, 20) * (Abs(x) - R(27, 40)), True)), *RL),
    "barron general robust loss alpha=1/2": (R(3, 2) / R(1, 2) * ((x**2 / R(3, 2) + 1)**R(1, 4) - 1), -1e8, 1e8),
    "welsch loss": (1 - exp(-R(1, 2) * (x / 3)**2), *RL),
    "smooth maximum of x and 1": ((x * exp(2 * x) + exp(2)) / (exp(2 * x) + exp(2)), *RL),
    "logsumexp of x and 2x": (log(exp(x) + exp(2 * x)), *RL),
    "squareplus b=4": ((x + sqrt(x**2 + 4)) / 2, -1e8, 1e8),
    "arc-cosine kernel order 1 (ReLU NNGP)": ((sin(acos(x)) + (pi - acos(x)) * cos(acos(x))) / pi, -1 + 1e-12, 1 - 1e-12),
    # scores, divergences, entropies, information
    "probit score for y=1": (phi(x) / Phi(x), *RL),
    "poisson unit deviance y=2": (2 * (2 * log(2 / x) - (2 - x)), *POS),
    "gamma unit deviance mu=3": (2 * (x / 3 - 1 - log(x / 3)), *POS),
    "poisson KL half deviance": (x * log(x / 2) - x + 2, *POS),
    "binary entropy bits": (-x * log(x) / log(2) - (1 - x) * log(1 - x) / log(2), *PR),
    "binary KL divergence q=3/10": (x * log(x / R(3, 10)) + (1 - x) * log((1 - x) / R(7, 10)), *PR),
    "Jensen-Shannon, Bernoulli(x) vs Bernoulli(1/4) success part": (x / 2 * log(2 * x / (x + R(1, 4))) + R(1, 8) * log(R(1, 2) / (x + R(1, 4))), *PR),
    "KL of normals in sigma ratio": (log(x) + 1 / (2 * x**2) - R(1, 2), *POS),
    "BSC capacity": (1 + x * log(x) / log(2) + (1 - x) * log(1 - x) / log(2), *PR),
    "Z-channel mutual information nats": (-(x / 2) * log(x / 2) - (1 - x / 2) * log(1 - x / 2) - x * log(2), *PR),
    "squared Hellinger Bernoulli p vs 1/3": (1 - sqrt(x * R(1, 3)) - sqrt((1 - x) * R(2, 3)), *PR),
    "gaussian mutual information of correlation": (-log(1 - x**2) / 2, -1 + 1e-12, 1 - 1e-12),
    # actuarial, econometrics, finance, utility
    "annuity immediate n=20": ((1 - (1 + x)**(-20)) / x, 1e-10, 1e2),
    "continuous annuity force x term 15": ((1 - exp(-15 * x)) / x, 1e-10, 1e3),
    "Nelson-Siegel curvature loading": ((1 - exp(-x / 2)) / (x / 2) - exp(-x / 2), 1e-8, 1e4),
    "CRRA utility eta=3": ((x**(-2) - 1) / (-2), *POS),
    "Kelly growth p=11/20": (R(11, 20) * log(1 + x) + R(9, 20) * log(1 - x), 1e-12, 1 - 1e-12),
    # transformations, copulas, psychometrics, epidemiology
    "Box-Cox lambda=1/50": ((x**R(1, 50) - 1) / R(1, 50), *POS),
    "Yeo-Johnson lambda=1/4": (Piecewise((((1 + x)**R(1, 4) - 1) / R(1, 4), x >= 0), (-((1 - x)**R(7, 4) - 1) / R(7, 4), True)), -1e8, 1e8),
    "Frank copula generator theta=4": (-log((exp(-4 * x) - 1) / (exp(-4) - 1)), *PR),
    "3PL item information": (R(3, 2)**2 * (1 - P3) / P3 * ((P3 - R(1, 5)) / (1 - R(1, 5)))**2, *RL),
    "Clayton copula generator theta=1/100": ((x**(-R(1, 100)) - 1) / R(1, 100), *PR),
    "reproduction number, uniform generation interval": (x * (6 - 2) / (exp(-2 * x) - exp(-6 * x)), -1e3, 1e3),
    "SDT unequal-variance log likelihood ratio": (log((phi((x - R(3, 2)) / R(5, 4)) / R(5, 4)) / phi(x)), *RL),
    "Matern 5/2 kernel": ((1 + sqrt(5) * x / 2 + 5 * x**2 / 12) * exp(-sqrt(5) * x / 2), 1e-10, 1e4),
}

_SCIENCE = {
    # relativity
    "relativistic kinetic energy, beta": (1/sqrt(1 - x**2) - 1, 1e-12, 1 - 1e-12),
    "relativistic kinetic energy, momentum": (sqrt(x**2 + 1) - 1, 1e-8, 1e8),
    "Lorentz factor minus Newton term": (1/sqrt(1 - x**2) - 1 - x**2/2, -1 + 1e-12, 1 - 1e-12),
    "relativistic redshift z of recession": (sqrt((1 + x)/(1 - x)) - 1, -1 + 1e-12, 1 - 1e-12),
    "speed deficit 1-beta from gamma": (1 - sqrt(1 - 1/x**2), 1 + 1e-12, 1e8),
    "twin age difference": (x - asinh(x), 0.0, 1e8),
    "Compton energy loss fraction": (1 - 1/(1 + R(13, 10)*(1 - cos(x))), 0.0, float(sp.pi)),
    # statistical physics
    "Planck law frequency": (x**3/(exp(x) - 1), 1e-8, 1e4),
    "Planck law wavelength": (1/(x**5*(exp(1/x) - 1)), 1e-6, 1e4),
    "Debye heat integrand": (x**4*exp(x)/(exp(x) - 1)**2, 1e-8, 1e4),
    "Einstein heat capacity in temperature": ((2/x)**2*exp(2/x)/(exp(2/x) - 1)**2, 1e-6, 1e6),
    "Langevin function": (cosh(x)/sinh(x) - 1/x, -1e4, 1e4),
    "Brillouin function J=3/2": (R(4, 3)*cosh(R(4, 3)*x)/sinh(R(4, 3)*x) - R(1, 3)*cosh(x/3)/sinh(x/3), -1e4, 1e4),
    "Fermi-Dirac at kT=1/40": (1/(exp((x - 5)/R(1, 40)) + 1), 0.0, 1e4),
    "Bose-Einstein occupation": (1/(exp(x - R(1, 10)) - 1), 0.1 + 1e-12, 1e4),
    "harmonic oscillator entropy": (x/(exp(x) - 1) - log(1 - exp(-x)), 1e-12, 1e4),
    "ideal entropy of mixing": (-x*log(x) - (1 - x)*log(1 - x), 1e-12, 1 - 1e-12),
    "1D Ising correlation length": (-1/log(tanh(1/x)), 1e-3, 1e8),
    "Sunyaev-Zeldovich spectral function": (x*(exp(x) + 1)/(exp(x) - 1) - 4, 1e-8, 1e4),
    # quantum, potentials
    "Morse potential": ((1 - exp(-R(3, 2)*(x - 1)))**2 - 1, 0.0, 1e4),
    "Lennard-Jones": (4*(x**-12 - x**-6), 1e-6, 1e6),
    "finite well even states": (x*tan(x) - sqrt(100 - x**2), 0.0, 10.0),
    "Kronig-Penney": (10*sin(x)/x + cos(x), -1e4, 1e4),
    "barrier transmission E<V": (1/(1 + sinh(5*sqrt(1 - x))**2/(4*x*(1 - x))), 1e-12, 1 - 1e-12),
    "avoided crossing lower level": ((x + 1)/2 - sqrt((x - 1)**2/4 + R(1, 10000)), -1e8, 1e8),
    "form factor of a sphere": (3*(sin(x) - x*cos(x))/x**3, 1e-8, 1e4),
    "spherical Bessel j2 in closed form": ((3/x**3 - 1/x)*sin(x) - 3*cos(x)/x**2, 1e-8, 1e4),
    "Debye scattering of a Gaussian coil": (2*(exp(-x) + x - 1)/x**2, 1e-12, 1e8),
    "worm-like chain force": (1/(4*(1 - x)**2) - R(1, 4) + x, 0.0, 1 - 1e-12),
    # chemistry, electrochemistry
    "Butler-Volmer alpha=0.3 in volts": (R(1, 1000)*(exp(R(3, 10)*R(3892, 100)*x) - exp(-R(7, 10)*R(3892, 100)*x)), -10.0, 10.0),
    "Nernst potential mV": (R(2671, 100)*log(x/140), 1e-6, 1e6),
    "Goldman-Hodgkin-Katz voltage": (R(2671, 100)*log((5 + x*145)/(140 + x*12)), 1e-9, 1e6),
    "Goldman-Hodgkin-Katz current": (x*(140 - 5*exp(-x))/(1 - exp(-x)), -500.0, 500.0),
    "Hodgkin-Huxley alpha_n": (R(1, 100)*(10 - x)/(exp((10 - x)/10) - 1), -1e3, 1e3),
    "strong acid with water, pH": (-log((x + sqrt(x**2 + 4*R(1, 10**14)))/2)/log(10), 1e-14, 10.0),
    "Morrison tight binding velocity": (1 - ((1 + x + R(1, 100)) - sqrt((1 + x + R(1, 100))**2 - 4*x))/2, 0.0, 1e8),
    "Hill function n=4": (x**4/(R(5, 2)**4 + x**4), 0.0, 1e8),
    "Thiele sphere effectiveness": (3/x**2*(x*cosh(x)/sinh(x) - 1), 1e-8, 1e4),
    "Flory-Huggins osmotic pressure": (-(log(1 - x) + (1 - R(1, 1000))*x + R(45, 100)*x**2), 1e-12, 1 - 1e-12),
    "van der Waals reduced pressure": (8*R(11, 10)/(3*x - 1) - 3/x**2, 1/3 + 1e-12, 1e8),
    "Carnahan-Starling excess Z": ((1 + x + x**2 - x**3)/(1 - x)**3 - 1, 0.0, 1 - 1e-12),
    # heat and fluids
    "fin efficiency": (tanh(x)/x, 1e-12, 1e6),
    "counterflow effectiveness NTU": ((1 - exp(-x*(1 - R(999, 1000))))/(1 - R(999, 1000)*exp(-x*(1 - R(999, 1000)))), 0.0, 1e6),
    "semi-infinite solid with convection": (erfc(R(1, 2)) - exp(x + x**2)*erfc(R(1, 2) + x), 0.0, 1e4),
    "convection-diffusion profile": ((exp(x*R(9, 10)) - 1)/(exp(x) - 1), -1e4, 1e4),
    "compressible pitot coefficient": (((1 + R(1, 5)*x**2)**R(7, 2) - 1)/(R(7, 10)*x**2), 1e-8, 100.0),
    "Mach number from impact pressure": (sqrt(5*((x + 1)**R(2, 7) - 1)), 1e-12, 1e6),
    "Prandtl-Meyer angle": (sqrt(6)*atan(sqrt((x**2 - 1)/6)) - atan(sqrt(x**2 - 1)), 1 + 1e-12, 1e6),
    "normal shock entropy rise": (log(1 + 2*_g/(_g + 1)*(x**2 - 1))/(_g - 1) - _g/(_g - 1)*log((_g + 1)*x**2/((_g - 1)*x**2 + 2)), 1 + 1e-12, 1e4),
    "nozzle area ratio minus one": ((R(5, 6)*(1 + x**2/5))**3/x - 1, 1e-6, 1e4),
    "Magnus saturation deficit": (R(6112, 1000)*(exp(R(1762, 100)*20/(R(24312, 100) + 20)) - exp(R(1762, 100)*x/(R(24312, 100) + x))), -100.0, 200.0),
    "Stull wet bulb at 20 C": (20*atan(R(151977, 10**6)*sqrt(x + R(8313659, 10**6))) + atan(20 + x) - atan(x - R(1676331, 10**6))
        + R(391838, 10**8)*x**R(3, 2)*atan(R(23101, 10**6)*x) - R(4686035, 10**6), 0.0, 100.0),
    # mechanics, astronomy, geodesy
    "catenary sag": (50*(cosh(x/50) - 1), -1e4, 1e4),
    "fall with quadratic drag": (log(cosh(x)), 0.0, 1e4),
    "projectile height with linear drag": (11*(1 - exp(-x)) - 10*x, 0.0, 1e4),
    "Kepler equation e=1, near parabolic": (x - sin(x), -1e4, 1e4),
    "haversine at fixed meridian step": (2*asin(sqrt(sin((x - R(1, 2))/2)**2
        + cos(R(1, 2))*cos(x)*sin(R(1, 1000))**2)), -float(sp.pi)/2, float(sp.pi)/2),
    "isometric latitude WGS84": (atanh(sin(x)) - R(818, 10000)*atanh(R(818, 10000)*sin(x)), -float(sp.pi)/2 + 1e-12, float(sp.pi)/2 - 1e-12),
    "geodetic minus geocentric latitude": (x - atan((1 - R(669438, 10**8))*tan(x)), -float(sp.pi)/2 + 1e-12, float(sp.pi)/2 - 1e-12),
    # finance
    "mortgage payment 360 months": (x/(1 - (1 + x)**-360), 1e-12, 10.0),
    "annuity future value 120": (((1 + x)**120 - 1)/x, 1e-12, 10.0),
    "Black-Scholes call in spot": (x*Phi(_d1) - 100*exp(-R(3, 100))*Phi(_d2), 1e-6, 1e6),
    "Black-Scholes time value in vol": (110*Phi(_dv1) - 100*exp(-R(2, 100))*Phi(_dv2) - (110 - 100*exp(-R(2, 100))), 1e-3, 1e3),
    "Vasicek bond loading and Nelson-Siegel": ((1 - exp(-x))/x - exp(-x), 1e-12, 1e6),
    # biology
    "Kimura fixation probability N=1000": ((1 - exp(-2*x))/(1 - exp(-4000*x)), -1.0, 1.0),
    "Jukes-Cantor distance": (-R(3, 4)*log(1 - R(4, 3)*x), 1e-12, 0.75 - 1e-12),
    "Haldane map function": (R(1, 2)*(1 - exp(-2*x)), 0.0, 1e4),
    "Kosambi map distance": (R(1, 4)*log((1 + 2*x)/(1 - 2*x)), 1e-12, 0.5 - 1e-12),
    "coalescence within generations, 2N=20000": (1 - (1 - R(1, 20000))**x, 0.0, 1e7),
    "birth-death extinction probability": (R(99, 100)*(exp(x/100) - 1)/(exp(x/100) - R(99, 100)), 0.0, 1e6),
    # optics, signals
    "spherical lens sag": (25 - sqrt(25**2 - x**2), 0.0, 25.0),
    "aspheric sag departure k=-1/2": (x**2/20/(1 + sqrt(1 - R(1, 2)*x**2/400)) - (20 - sqrt(400 - x**2)), 0.0, 20.0),
    "Fresnel s reflectance n=3/2": (((cos(x) - sqrt(R(9, 4) - sin(x)**2))/(cos(x) + sqrt(R(9, 4) - sin(x)**2)))**2, 0.0, float(sp.pi)/2),
    "plate lateral displacement": (sin(x) - sin(x)*cos(x)/sqrt(R(9, 4) - sin(x)**2), 0.0, float(sp.pi)/2),
    "minimum deviation prism": (2*asin(R(3, 2)*sin(x/2)) - x, 1e-12, 2*float(sp.asin(R(2, 3))) - 1e-12),
    "grating N=8 intensity": (sin(8*x)**2/sin(x)**2, -1e4, 1e4),
    "Blackman window at offset": (R(42, 100) - R(1, 2)*cos(2*pi*x) + R(8, 100)*cos(4*pi*x), 0.0, 1.0),
    "raised cosine pulse beta=1/2": (sin(pi*x)/(pi*x)*cos(pi*x/2)/(1 - x**2), -1e4, 1e4),
    "Chebyshev filter order 5 loss dB": (10*log(1 + R(1, 4)*cosh(5*acosh(x))**2)/log(10), 1.0, 1e8),
    "Butterworth order 6 passband droop": (1 - 1/sqrt(1 + x**12), 0.0, 1e8),
    "bilinear prewarp error": (2*tan(x/2) - x, -float(sp.pi) + 1e-12, float(sp.pi) - 1e-12),
    "lossy line input over load": ((1 + 3*tanh(x))/(3 + tanh(x)) - 1, 0.0, 1e4),
    "skin-effect coax resistance ratio": (x*(sinh(2*x) + sin(2*x))/(cosh(2*x) - cos(2*x)), 1e-8, 1e4),
    "overdamped step response": (1 - (exp(-x)*R(1001, 1000) - exp(-R(1001, 1000)*x))/R(1, 1000), 0.0, 1e4),
    # numerical analysis
    "Hamming sqrt(x+1)-sqrt(x)": (sqrt(x + 1) - sqrt(x), 0.0, 1e8),
    "Hamming 1/(x+1)-1/x": (1/(x + 1) - 1/x, 1e-12, 1e8),
    "Hamming atan difference": (atan(x + 1) - atan(x), -1e8, 1e8),
    "Hamming cube root difference": ((x + 1)**R(1, 3) - x**R(1, 3), 0.0, 1e8),
    "Hamming (x+1)log(x+1)-x log x": ((x + 1)*log(x + 1) - x*log(x), 1e-12, 1e8),
    "Hamming sin(x+eps)-sin(x)": (sin(x + R(1, 10**10)) - sin(x), -1e4, 1e4),
    "Hamming 1/x-cot x": (1/x - 1/tan(x), -float(sp.pi) + 1e-12, float(sp.pi) - 1e-12),
    "Goldberg log(1+x)/x": (log(1 + x)/x, -1 + 1e-12, 1e8),
    "Kahan (exp x-1-x)/x^2": ((exp(x) - 1 - x)/x**2, -1e4, 1e4),
    "Kahan acosh by logarithm": (log(x + sqrt(x**2 - 1)), 1.0, 1e8),
    "asinh by logarithm": (log(x + sqrt(x**2 + 1)), -1e8, 1e8),
    "Higham (1-cos x)/x^2": ((1 - cos(x))/x**2, -1e4, 1e4),
    "quadratic small root b=x": ((-x + sqrt(x**2 - 4))/2, 2.0, 1e8),
    "quadratic with a=x small": ((1 - sqrt(1 - 4*x))/(2*x), 1e-16, 0.25),
    "Acton tan x - sin x": ((tan(x) - sin(x))/x**3, -1.57079632679, 1.57079632679),
    "softplus": (log(1 + exp(x)), -1e4, 1e4),
    "hypot over one leg": (sqrt(x**2 + 9) - Abs(x), -1e8, 1e8),
    "erfc scaled (Mills ratio)": (exp(x**2)*erfc(x), -20.0, 1e4),
    "Cody-Waite tanh as exponentials": ((exp(x) - exp(-x))/(exp(x) + exp(-x)), -1e4, 1e4),
    # pieces, miscellaneous
    "pendulum potential energy": (R(981, 100)*(1 - cos(x)), -float(sp.pi), float(sp.pi)),
    "linear chirp beat": (sin(x**2 + x) - sin(x**2), -1e4, 1e4),
    "thin lens image shift from focus": (50*x/(x - 50) - 50, 50 + 1e-12, 1e8),
    "bond price premium at 3% coupon": (3*(1 - (1 + x)**-30)/x + 100*(1 + x)**-30 - 100, 1e-12, 10.0),
    "bull call spread payoff": (Max(0, x - 90) - Max(0, x - 110), 1e-6, 1e8),
    "superbee flux limiter": (Max(0, Min(2*x, 1), Min(x, 2)), -1e4, 1e4),
    "sRGB transfer curve": (Piecewise((R(323, 25)*x, x <= R(31308, 10**7)), (R(211, 200)*x**R(5, 12) - R(11, 200), True)), 0.0, 1.0),
}

_LATER = {"third": THIRD, "fourth": FOURTH, "fifth": FIFTH, "sixth": SIXTH, "seventh": SEVENTH, "eighth": EIGHTH, "ninth": NINTH, "tenth": TENTH}
_ALL = {**_STATISTICS, **_SCIENCE, **{f"{name} ({which} list)": one for which, later in _LATER.items() for name, one in later.items()}}
BLIND = {name: Textbook(formula, low, high, True, kinks=kinks[0] if kinks else ()) for name, (formula, low, high, *kinks) in _ALL.items()}
"""By name; all count as composite."""


def counts(score: Score) -> list[int]:
    return [score.count, *(score.right[form] for form in (*OURS, "plain")), *(score.tallies[form].explained for form in OURS)]


def record(scores: Mapping[str, Score]) -> None:
    text = ",\n".join(f" {json.dumps(name)}: {counts(one)}" for name, one in scores.items())
    TABLE.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def recorded() -> dict[str, list[int]]:
    return json.loads(TABLE.read_text(encoding="utf-8"))
