"""A third list of formulas that were written down before any of them was compiled, of every field, in many spellings."""

from __future__ import annotations

import sympy as sp
from sympy import Max, Min, Piecewise, acos, asin, atan, cos, cosh, erf, exp, log, pi, sin, sinh, sqrt, tan, tanh
from textbook import x

R = sp.Rational


def Phi(z: sp.Expr) -> sp.Expr:
    return (1 + erf(z / sqrt(2))) / 2


def phi(z: sp.Expr) -> sp.Expr:
    return exp(-(z**2) / 2) / sqrt(2 * pi)


def H2(p: sp.Expr) -> sp.Expr:
    return -p * log(p) - (1 - p) * log(1 - p)


THIRD = {
    # --- activations ---
    "logistic sigmoid by exps": (exp(x)/(1 + exp(x)), -1e4, 1e4),
    "swish with beta 3/2": (x/(1 + exp(-R(3, 2)*x)), -1e4, 1e4),
    "mish by tanh of log": (x*tanh(log(1 + exp(x))), -1e4, 1e4),
    "exact GELU": (x/2*(1 + erf(x/sqrt(2))), -1e4, 1e4),
    "tanh GELU": (x/2*(1 + tanh(sqrt(2/pi)*(x + R(44715, 1000000)*x**3))), -1e4, 1e4),
    "softplus with beta 2": (log(1 + exp(2*x))/2, -1e4, 1e4),
    "ELU": (Piecewise((x, x > 0), (exp(x) - 1, True)), -1e4, 1e4),
    "CELU with alpha 5/2": (Max(0, x) + Min(0, R(5, 2)*(exp(x/R(5, 2)) - 1)), -1e4, 1e4),
    "squareplus": ((x + sqrt(x**2 + 4))/2, -1e6, 1e6),
    "log sigmoid as log of quotient": (log(1/(1 + exp(-x))), -1e4, 1e4),
    "derivative of the sigmoid": (exp(-x)/(1 + exp(-x))**2, -1e4, 1e4),
    "tanh by exps of 2x": ((exp(2*x) - 1)/(exp(2*x) + 1), -1e4, 1e4),
    "one minus tanh squared": (1 - tanh(x)**2, -1e4, 1e4),
    "tanhshrink": (x - tanh(x), -1e4, 1e4),
    "Serf activation": (x*erf(log(1 + exp(x))), -1e4, 1e4),
    # --- losses ---
    "pseudo Huber with delta 3": (9*(sqrt(1 + (x/3)**2) - 1), -1e6, 1e6),
    "log cosh loss": (log(cosh(x)), -1e4, 1e4),
    "logistic loss in bits": (log(1 + exp(-x))/log(2), -1e4, 1e4),
    "cross entropy from logit, target 3/10": (-R(3, 10)*log(1/(1 + exp(-x))) - R(7, 10)*log(1 - 1/(1 + exp(-x))), -1e4, 100.0),
    "focal loss from logit, gamma 2": (-(1 - 1/(1 + exp(-x)))**2*log(1/(1 + exp(-x))), -1e4, 1e4),
    "Cauchy (Lorentzian) loss": (log(1 + x**2/2), -1e6, 1e6),
    "Welsch loss": (1 - exp(-x**2/2), -1e4, 1e4),
    "Geman-McClure as difference": (1 - 1/(1 + x**2), -1e6, 1e6),
    "linex loss": (exp(x/2) - x/2 - 1, -500.0, 500.0),
    "general robust loss, alpha 1/2": (3*((x**2/R(3, 2) + 1)**R(1, 4) - 1), -1e6, 1e6),
    # --- link functions and their inverses ---
    "logit as difference of logs": (log(x) - log(1 - x), 1e-12, 1-1e-12),
    "cloglog link": (log(-log(1 - x)), 1e-12, 1-1e-12),
    "inverse cloglog": (1 - exp(-exp(x)), -700.0, 50.0),
    "loglog link": (-log(-log(x)), 1e-12, 1-1e-12),
    "cauchit inverse": (R(1, 2) + atan(x)/pi, -1e8, 1e8),
    "cauchit link": (tan(pi*(x - R(1, 2))), 1e-12, 1-1e-12),
    "probit inverse": (Phi(x), -30.0, 30.0),
    "arcsine square root difference": (asin(sqrt(x)) - acos(sqrt(x)), 1e-12, 1-1e-12),
    "Fisher z by logs": (log((1 + x)/(1 - x))/2, -1+1e-12, 1-1e-12),
    "Box-Cox with lambda 1/10": ((x**R(1, 10) - 1)/R(1, 10), 1e-8, 1e8),
    "generalised logit, guessing 1/5": (log((x - R(1, 5))/(1 - x)), 0.2000001, 1-1e-12),
    "inverse hyperbolic sine by log": (log(x + sqrt(x**2 + 1)), -1e8, 1e8),
    # --- densities and log densities ---
    "logistic density, scale 2": (exp(-x/2)/(2*(1 + exp(-x/2))**2), -1e3, 1e3),
    "logistic log density": (-x - 2*log(1 + exp(-x)), -1e4, 1e4),
    "Gumbel log density": (-(x + exp(-x)), -500.0, 1e4),
    "Student t log kernel, nu 5": (-3*log(1 + x**2/5), -1e6, 1e6),
    "log density of equal normal mixture at 0 and 4": (log(exp(-x**2/2)/2 + exp(-(x - 4)**2/2)/2) - log(2*pi)/2, -1e3, 1e3),
    "hyperbolic secant density": (1/(2*cosh(pi*x/2)), -400.0, 400.0),
    "skew normal log density, alpha 3": (log(2*phi(x)*Phi(3*x)), -4.5, 20.0),
    "hyperbolic distribution log kernel": (-2*sqrt(1 + x**2) + R(3, 2)*x, -1e6, 1e6),
    "Maxwell-Boltzmann speed density": (sqrt(2/pi)*x**2*exp(-x**2/2), 1e-8, 1e2),
    "Levy density": (exp(-1/(2*x))/sqrt(2*pi*x**3), 1e-3, 1e8),
    # --- cdfs, survival, hazard ---
    "Kumaraswamy cdf": (1 - (1 - x**2)**3, 1e-12, 1-1e-12),
    "Gompertz cdf": (1 - exp(-R(1, 100)*(exp(x/10) - 1)), 1e-8, 150.0),
    "Weibull cdf, shape 3/2": (1 - exp(-(x/2)**R(3, 2)), 1e-10, 1e3),
    "Pareto (Lomax) cdf": (1 - (1 + x/3)**(-2), 1e-10, 1e8),
    "Erlang-3 cdf": (1 - exp(-x)*(1 + x + x**2/2), 1e-6, 500.0),
    "normal hazard": (phi(x)/(1 - Phi(x)), -20.0, 14.0),
    "inverse Mills ratio, lower tail": (phi(x)/Phi(x), -14.0, 30.0),
    "log normal survival": (log(1 - Phi(x)), -20.0, 14.0),
    "log-logistic hazard": (3*x**2/(1 + x**3), 1e-8, 1e6),
    "logistic survival as complement": (1 - 1/(1 + exp(-x)), -1e4, 1e4),
    "Gumbel log survival": (log(1 - exp(-exp(-x))), -5.0, 100.0),
    "Maxwell cdf": (erf(x/sqrt(2)) - sqrt(2/pi)*x*exp(-x**2/2), 1e-5, 50.0),
    "inverse Gaussian cdf, mu 1 lambda 1": (Phi(sqrt(1/x)*(x - 1)) + exp(2)*Phi(-sqrt(1/x)*(x + 1)), 1e-2, 1e3),
    "Laplace log cdf": (Piecewise((log(exp(x)/2), x < 0), (log(1 - exp(-x)/2), True)), -1e4, 1e4),
    "probability of normal in unit interval": (Phi(x + 1) - Phi(x), -30.0, 30.0),
    # --- quantile functions ---
    "Gumbel quantile of exceedance (return level)": (-log(-log(1 - 1/x)), 1.0001, 1e12),
    "Weibull quantile": (2*(-log(1 - x))**R(2, 3), 1e-12, 1-1e-12),
    "GEV quantile, xi 1/20": (((-log(x))**R(-1, 20) - 1)/R(1, 20), 1e-12, 1-1e-12),
    "Tukey lambda quantile, lambda 14/100": ((x**R(14, 100) - (1 - x)**R(14, 100))/R(14, 100), 1e-12, 1-1e-12),
    "generalised Pareto quantile, xi 1/4": (4*((1 - x)**R(-1, 4) - 1), 1e-12, 1-1e-12),
    # --- deviances, divergences, entropies, Bayesian and information quantities ---
    "Poisson unit deviance, y 4": (2*(4*log(4/x) - (4 - x)), 1e-6, 1e6),
    "gamma unit deviance in the ratio": (2*(x - 1 - log(x)), 1e-8, 1e8),
    "inverse Gaussian unit deviance, y 2": ((2 - x)**2/(2*x**2), 1e-6, 1e8),
    "Bernoulli KL to 3/10": (x*log(x/R(3, 10)) + (1 - x)*log((1 - x)/R(7, 10)), 1e-12, 1-1e-12),
    "binary symmetric channel capacity": (1 - H2(x)/log(2), 1e-12, 1-1e-12),
    "Renyi binary entropy, order 2": (-log(x**2 + (1 - x)**2), 1e-12, 1-1e-12),
    "Tsallis binary entropy, q 3/2": ((1 - x**R(3, 2) - (1 - x)**R(3, 2))/R(1, 2), 1e-12, 1-1e-12),
    "Jensen-Shannon divergence of Bernoulli x and 1/2": (H2((x + R(1, 2))/2) - (H2(x) + log(2))/2, 1e-12, 1-1e-12),
    "Hellinger distance of Bernoulli x and 1/2": (sqrt(1 - sqrt(x/2) - sqrt((1 - x)/2)), 1e-12, 1-1e-12),
    "KL of zero-mean normals, sd x to 1": (-log(x) + (x**2 - 1)/2, 1e-8, 1e6),
    "positive predictive value": (R(95, 100)*x/(R(95, 100)*x + R(1, 100)*(1 - x)), 1e-12, 1-1e-12),
    "log posterior odds to posterior, prior 1/1000": (R(1, 1000)*exp(x)/(R(1, 1000)*exp(x) + R(999, 1000)), -1e4, 1e4),
    "normal Bayes factor, log, n 10": (-log(1 + 10)/2 + x**2/2*(1 - R(1, 11)), -1e4, 1e4),
    "expected improvement": (x*Phi(x) + phi(x), -25.0, 25.0),
    "Shannon-Hartley spectral efficiency": (log(1 + x)/log(2), 1e-12, 1e12),
    # --- physics ---
    "relativistic kinetic energy over rest energy": (1/sqrt(1 - x**2) - 1, 1e-9, 1-1e-12),
    "relativistic Doppler shift": (sqrt((1 + x)/(1 - x)) - 1, -1+1e-12, 1-1e-12),
    "kinetic energy from momentum": (sqrt(x**2 + 1) - 1, 1e-9, 1e8),
    "relativistic rocket distance": (cosh(x) - 1, 1e-9, 500.0),
    "Bose-Einstein occupation": (1/(exp(x) - 1), 1e-10, 1e4),
    "Planck spectral shape": (x**3/(exp(x) - 1), 1e-8, 1e4),
    "Einstein heat capacity": (x**2*exp(x)/(exp(x) - 1)**2, 1e-8, 1e4),
    "two-level Schottky heat capacity": (x**2*exp(-x)/(1 + exp(-x))**2, 1e-8, 1e4),
    "Langevin function": (cosh(x)/sinh(x) - 1/x, 1e-8, 1e4),
    "Brillouin function, J 1": (R(3, 2)*cosh(3*x/2)/sinh(3*x/2) - R(1, 2)*cosh(x/2)/sinh(x/2), 1e-8, 1e4),
    "oscillator free energy": (x/2 + log(1 - exp(-x)), 1e-8, 1e4),
    "entropy of an oscillator": (x/(exp(x) - 1) - log(1 - exp(-x)), 1e-8, 1e4),
    "tunnelling through a square barrier": (1/(1 + sinh(x)**2/(4*R(1, 4)*R(3, 4))), 1e-8, 1e3),
    "rigid step reflection, E over V": (((sqrt(x) - sqrt(x - 1))/(sqrt(x) + sqrt(x - 1)))**2, 1.0000001, 1e8),
    "Fresnel s reflectance, glass": (((cos(x) - sqrt(R(9, 4) - sin(x)**2))/(cos(x) + sqrt(R(9, 4) - sin(x)**2)))**2, 1e-6, 1.5707),
    "plate lateral shift": (sin(x)*(1 - cos(x)/sqrt(R(9, 4) - sin(x)**2)), 1e-8, 1.57),
    "fin efficiency": (tanh(x)/x, 1e-8, 1e4),
    "counterflow effectiveness, C 9/10": ((1 - exp(-x*(1 - R(9, 10))))/(1 - R(9, 10)*exp(-x*(1 - R(9, 10)))), 1e-8, 1e4),
    "log mean temperature difference, 10 to x": ((x - 10)/log(x/10), 10.000001, 1e6),
    "isentropic pressure coefficient, gamma 7/5": (((1 + x**2/5)**R(7, 2) - 1)/(R(7, 10)*x**2), 1e-6, 1e3),
    "Prandtl-Meyer angle": (sqrt(6)*atan(sqrt((x**2 - 1)/6)) - atan(sqrt(x**2 - 1)), 1.0000001, 1e6),
    "water wave dispersion, capillary free": (sqrt(x*tanh(x)), 1e-10, 1e4),
    "NFW enclosed mass": (log(1 + x) - x/(1 + x), 1e-8, 1e8),
    "true anomaly from eccentric, e 9/10": (2*atan(sqrt((1 + R(9, 10))/(1 - R(9, 10)))*tan(x/2)), -3.14, 3.14),
    "Kepler equation near parabola": (x - R(999999, 1000000)*sin(x), 1e-8, 3.14),
    "RC charging energy": (R(1, 2)*(1 - exp(-x))**2, 1e-10, 1e4),
    "diode current": (R(1, 10**12)*(exp(x/R(2585, 100000)) - 1), -10.0, 10.0),
    "intrinsic carrier root, majority minority": (-x/2 + sqrt((x/2)**2 + 1), -1e8, 1e8),
    # --- chemistry ---
    "weak acid hydrogen ion concentration": ((-x + sqrt(x**2 + 4*x*R(1, 10)))/2, 1e-14, 1e6),
    "tight-binding (Morrison) fraction": (((1 + x + R(1, 100)) - sqrt((1 + x + R(1, 100))**2 - 4*x))/2, 1e-8, 1e6),
    "intermediate in A to B to C, k2 11/10": ((exp(-x) - exp(-R(11, 10)*x))/(R(11, 10) - 1), 1e-10, 500.0),
    "regular solution mixing free energy, chi 2": (x*log(x) + (1 - x)*log(1 - x) + 2*x*(1 - x), 1e-12, 1-1e-12),
    "Butler-Volmer current": (exp(x/2) - exp(-x/2), -1e3, 1e3),
    "Thiele sphere effectiveness factor": (3/x**2*(x*cosh(x)/sinh(x) - 1), 1e-6, 1e4),
    # --- finance ---
    "annuity present value, 30 years": ((1 - (1 + x)**(-30))/x, 1e-10, 10.0),
    "Nelson-Siegel curvature loading": ((1 - exp(-x))/x - exp(-x), 1e-8, 1e4),
    "Black-Scholes call, log moneyness, total vol 1/5": (exp(x)*Phi(x/R(1, 5) + R(1, 10)) - Phi(x/R(1, 5) - R(1, 10)), -3.0, 3.0),
    # --- control, signal processing ---
    "Hann window": (R(1, 2)*(1 - cos(2*pi*x)), 1e-10, 1-1e-10),
    "Butterworth third-order attenuation in dB": (10*log(1 + x**6)/log(10), 1e-6, 1e6),
    "mu-law compression": (log(1 + 255*x)/log(256), 1e-12, 1.0),
    # --- biology, pharmacokinetics ---
    "epidemic peak prevalence from R0": (1 - (1 + log(x))/x, 1.000001, 1e6),
    "Haldane map function": (R(1, 2)*(1 - exp(-2*x)), 1e-10, 1e3),
    "Kimura fixation probability, N 1000": ((1 - exp(-2*x))/(1 - exp(-4*1000*x)), 1e-10, 10.0),
    # --- geometry, numerical-analysis classics ---
    "circular segment area": ((x - sin(x))/2, 1e-8, 6.28),
    "lens area of two unit circles": (2*acos(x/2) - x/2*sqrt(4 - x**2), 1e-8, 1.9999999),
    "spherical cap volume from base radius": (pi*(1 - sqrt(1 - x**2))**2*(3 - (1 - sqrt(1 - x**2)))/3, 1e-8, 1-1e-12),
    "one minus cosine over square": ((1 - cos(x))/x**2, 1e-9, 1e3),
    "difference of square roots": (sqrt(x + 1) - sqrt(x), 1e-8, 1e16),
}
