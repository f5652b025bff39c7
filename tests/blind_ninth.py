"""A ninth list of formulas that were written down before any of them was compiled, of many fields, in the form in which a book prints them."""

from __future__ import annotations

from shorthand import Phi, R, phi
from sympy import (
    acos,
    atan,
    cos,
    cosh,
    digamma,
    erfc,
    exp,
    log,
    loggamma,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from textbook import x


def Q(z):
    return erfc(z / sqrt(2)) / 2


_ng = sqrt(1 - (sin(x) / R(3, 2))**2)                    # cos of the refracted angle, n = 1.5
_chA = (R(2457, 1000) * log(1 / ((7 / x)**R(9, 10) + R(27, 100) * R(1, 1000))))**16
_chB = (37530 / x)**16
_mish = log(1 + exp(x))
_psig = 1 / (1 + exp(-x))

NINTH = {
    # --- relativity, particles, quantum
    "relativistic kinetic energy over mc^2, of beta": (1 / sqrt(1 - x**2) - 1, 0, 0.999999),
    "Klein-Nishina total cross-section over Thomson": (
        R(3, 4) * ((1 + x) / x**3 * (2 * x * (1 + x) / (1 + 2 * x) - log(1 + 2 * x))
                   + log(1 + 2 * x) / (2 * x) - (1 + 3 * x) / (1 + 2 * x)**2), 1e-12, 1e4),
    "gravitational redshift outside a Schwarzschild mass": (1 / sqrt(1 - 2 / x) - 1, 2.000001, 1e4),
    "longitudinal Doppler shift z": (sqrt((1 + x) / (1 - x)) - 1, -0.999999, 0.999999),
    "speed deficit under constant proper acceleration": (1 - x / sqrt(1 + x**2), 0, 1e4),
    "rectangular barrier transmission, E = V/3": (
        1 / (1 + sinh(x)**2 / (4 * R(1, 3) * (1 - R(1, 3)))), 0, 1e4),
    "Morse potential": (5 * (1 - exp(-R(3, 2) * (x - R(6, 5))))**2, 0, 1e4),
    "Gamow alpha-decay exponent": (
        40 * (acos(sqrt(x)) - sqrt(x * (1 - x))), 1e-12, 0.999999),
    # --- statistical physics
    "Schottky heat capacity": (x**2 * exp(x) / (1 + exp(x))**2, 0, 1e4),
    "oscillator entropy over k": (x / (exp(x) - 1) - log(1 - exp(-x)), 1e-12, 1e4),
    "Brillouin function J=3/2": (
        R(4, 3) / tanh(R(4, 3) * x) - R(1, 3) / tanh(R(1, 3) * x), 1e-12, 1e4),
    "Fermi hole occupancy": (1 - 1 / (exp((x - 5) / R(1, 40)) + 1), -1e2, 1e2),
    "van der Waals reduced pressure, Tr = 9/10": (
        8 * R(9, 10) / (3 * x - 1) - 3 / x**2, 0.333334, 1e4),
    # --- optics and signals
    "Fresnel s-reflectance, glass": (
        ((cos(x) - R(3, 2) * _ng) / (cos(x) + R(3, 2) * _ng))**2, 0, 1.5707963),
    "grating interference factor, N = 8": (
        (sin(8 * x / 2) / (8 * sin(x / 2)))**2, 1e-12, 6.2831),
    "raised-cosine pulse, roll-off 1/4": (
        sin(pi * x) / (pi * x) * cos(pi * x / 4) / (1 - 4 * R(1, 16) * x**2), 1e-12, 1.999999),
    "exact 3 dB exponential-average coefficient": (
        cos(x) - 1 + sqrt(cos(x)**2 - 4 * cos(x) + 3), 1e-12, 3.14159),
    "Chebyshev low-pass gain beyond cut-off, order 5": (
        1 / sqrt(1 + R(1, 4) * cosh(5 * log(x + sqrt(x**2 - 1)))**2), 1.000001, 1e4),
    "mu-law compander (positive side)": (log(1 + 255 * x) / log(1 + 255), 0, 1),
    "mel scale": (2595 * log(1 + x / 700) / log(10), 0, 1e4),
    "BPSK error over Rayleigh fading": ((1 - sqrt(x / (1 + x))) / 2, 1e-12, 1e4),
    "QPSK symbol error rate": (1 - (1 - Q(sqrt(x)))**2, 1e-12, 1e3),
    "binary symmetric channel capacity": (
        1 + x * log(x) / log(2) + (1 - x) * log(1 - x) / log(2), 1e-12, 0.999999999),
    # --- fluids, heat, engineering
    "Prandtl-Meyer angle": (
        sqrt(6) * atan(sqrt((x**2 - 1) / 6)) - atan(sqrt(x**2 - 1)), 1.000001, 1e4),
    "Fanno friction parameter": (
        (1 - x**2) / (R(7, 5) * x**2)
        + R(12, 5) / (2 * R(7, 5)) * log(R(12, 5) * x**2 / (2 + R(2, 5) * x**2)), 1e-6, 1e4),
    "normal-shock stagnation pressure ratio": (
        (R(12, 5) * x**2 / (2 + R(2, 5) * x**2))**R(7, 2)
        * (R(12, 5) / (2 * R(7, 5) * x**2 - R(2, 5)))**R(5, 2), 1, 1e4),
    "Churchill friction factor, rough pipe": (
        8 * ((8 / x)**12 + 1 / (_chA + _chB)**R(3, 2))**R(1, 12), 1, 1e4),
    "counterflow exchanger effectiveness, Cr = 3/4": (
        (1 - exp(-x * (1 - R(3, 4)))) / (1 - R(3, 4) * exp(-x * (1 - R(3, 4)))), 0, 1e4),
    "Thiele effectiveness, sphere": (
        (1 / x) * (1 / tanh(3 * x) - 1 / (3 * x)), 1e-12, 1e4),
    "overdamped step response, zeta = 2": (
        1 - exp(-2 * x) * (cosh(sqrt(3) * x) + 2 / sqrt(3) * sinh(sqrt(3) * x)), 0, 1e4),
    "integrated Businger-Dyer momentum function": (
        2 * log((1 + x) / 2) + log((1 + x**2) / 2) - 2 * atan(x) + pi / 2, 1, 1e2),
    "Mualem-van Genuchten conductivity, m = 2/5": (
        sqrt(x) * (1 - (1 - x**R(5, 2))**R(2, 5))**2, 1e-12, 0.999999),
    "Green-Ampt cumulative infiltration time": (
        (x - 6 * log(1 + x / 6)) / R(13, 20), 0, 1e4),
    # --- geometry, geodesy
    "oblate spheroid surface, of eccentricity": (
        2 * pi * (1 + (1 - x**2) / x * (log((1 + x) / (1 - x)) / 2)), 1e-12, 0.999999),
    "circular segment area, unit radius": (
        acos(1 - x) - (1 - x) * sqrt(2 * x - x**2), 1e-12, 1.999999),
    "Gudermannian": (2 * atan(exp(x)) - pi / 2, -1e4, 1e4),
    "isometric latitude, e = 2/25": (
        log(tan(pi / 4 + x / 2)) - R(2, 25) / 2 * log((1 + R(2, 25) * sin(x)) / (1 - R(2, 25) * sin(x))),
        -1.570796, 1.570796),
    "catenary sag": (20 * cosh(x / 20) - 20, -1e3, 1e3),
    # --- chemistry, biochemistry
    "intermediate of A->B->C at t=1, of k2 (k1=1)": (
        1 / (x - 1) * (exp(-1) - exp(-x)), 1.000001, 1e4),
    "second-order integrated law, A0=2, B0=1": (
        1 / (R(2) - 1) * log((1 * (2 - x)) / (2 * (1 - x))), 0, 0.999999999),
    "pH of a strong acid with water": (
        -log((x + sqrt(x**2 + 4 * R(1, 10**14))) / 2) / log(10), -1, 1),
    "Davies activity coefficient, z = 2": (
        10**(-R(509, 1000) * 4 * (sqrt(x) / (1 + sqrt(x)) - R(3, 10) * x)), 1e-12, 1),
    "Morrison tight-binding velocity": (
        1 - ((1 + x + R(1, 1000)) - sqrt((1 + x + R(1, 1000))**2 - 4 * x)) / 2, 0, 1e4),
    "Hodgkin-Huxley alpha_n above 10 mV": (
        R(1, 100) * (10 - x) / (exp((10 - x) / 10) - 1), 10.000001, 1e4),
    # --- statistics, learning
    "complementary log-log link": (log(-log(1 - x)), 1e-12, 0.999999999999),
    "Aranda-Ordaz link, lambda = 1/5": (
        log(((1 - x)**(-R(1, 5)) - 1) / R(1, 5)), 1e-12, 0.999999999),
    "Box-Cox of 3, as a function of lambda": ((3**x - 1) / x, 1e-12, 1e2),
    "normal hazard (inverse Mills ratio)": (phi(x) / (1 - Phi(x)), -1e4, 40),
    "log-normal hazard": (
        phi(log(x)) / x / (1 - Phi(log(x))), 1e-12, 1e4),
    "inverse Gaussian distribution function, mu=1, lambda=5": (
        Phi(sqrt(5 / x) * (x - 1)) + exp(10) * Phi(-sqrt(5 / x) * (x + 1)), 1e-2, 1e3),
    "ordered-probit middle category log-likelihood": (
        log(Phi(x + R(1, 2)) - Phi(x - R(1, 2))), -30, 30),
    "negative binomial log-likelihood in dispersion, y=7, mu=4": (
        loggamma(7 + 1 / x) - loggamma(1 / x) - loggamma(8)
        + 1 / x * log(1 / (1 + 4 * x)) + 7 * log(4 * x / (1 + 4 * x)), 1e-12, 1e4),
    "Student t log-density at 2 in degrees of freedom": (
        loggamma((x + 1) / 2) - loggamma(x / 2) - log(x * pi) / 2
        - (x + 1) / 2 * log(1 + 4 / x), 1e-6, 1e4),
    "gamma shape score": (log(x) - digamma(x), 1e-12, 1e4),
    "focal loss of a logit, gamma = 2": (-(1 - _psig)**2 * log(_psig), -1e4, 1e4),
    "mish activation": (x * tanh(_mish), -1e4, 1e4),
    # --- finance, queues, biology
    "annuity present value, 30 periods, of the rate": ((1 - (1 + x)**(-30)) / x, 1e-12, 1),
    "Nelson-Siegel curvature loading": ((1 - exp(-x)) / x - exp(-x), 1e-12, 1e4),
    "M/M/1/5 blocking probability": ((1 - x) * x**5 / (1 - x**6), 0, 0.999999999),
    "Kimura fixation of a new mutant, N = 100": (
        (1 - exp(-2 * x)) / (1 - exp(-4 * 100 * x)), 1e-12, 1),
}
