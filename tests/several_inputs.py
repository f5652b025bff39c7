"""Formulas of several inputs that were written down before any of them was compiled, as a book prints them, each at eight points: three
ordinary ones, and five at which a careful tester would look."""

from __future__ import annotations

import sympy as sp
from sympy import Abs, Rational, acos, atan, cos, digamma, erf, erfc, exp, log, loggamma, pi, sin, sqrt, tan


def _pos(names):
    return [sp.Symbol(n, positive=True) for n in names.split()]

def _real(names):
    return [sp.Symbol(n, real=True) for n in names.split()]

def _P(names, *rows):
    """Points: one dict of Python floats a row, keys in the order of names."""
    return [dict(zip(names.split(), map(float, r), strict=True)) for r in rows]

def _Phi(z):
    return (1 + erf(z / sqrt(2))) / 2

def _phi(z):
    return exp(-z**2 / 2) / sqrt(2 * pi)

def _N(z):
    return erfc(-z / sqrt(2)) / 2

FORMULAS = {}

# ------------------------------------------------------------------ likelihoods, divergences
k, n, a, b = _pos("k n a b")
FORMULAS["beta-binomial log-probability"] = (
    loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1)
    + loggamma(k + a) + loggamma(n - k + b) - loggamma(n + a + b)
    + loggamma(a + b) - loggamma(a) - loggamma(b),
    _P("k n a b", (3, 10, 2, 5), (7, 20, 0.5, 0.5), (50, 100, 10, 12),
       (3, 10, 1e4, 9e3), (3, 10, 1e-12, 2), (5000, 10000, 1e-6, 1e-6),
       (9999, 10000, 30, 1e4), (1e-12, 10, 1e-9, 1e4)))

y, mu, r = _pos("y mu r")
FORMULAS["negative binomial log-probability"] = (
    loggamma(y + r) - loggamma(r) - loggamma(y + 1)
    + r * log(r / (r + mu)) + y * log(mu / (r + mu)),
    _P("y mu r", (3, 2.5, 1.5), (10, 8, 4), (1, 0.3, 0.7),
       (5, 4, 1e4), (5, 1e-12, 1e4), (3, 1e4, 1e-12), (1e4, 1e4, 1e4), (1e-12, 2, 1e-10)))

FORMULAS["negative binomial unit deviance"] = (
    2 * (y * log(y / mu) - (y + r) * log((y + r) / (mu + r))),
    _P("y mu r", (3, 2.5, 1.5), (10, 8, 4), (1, 0.3, 0.7),
       (5, 5.0000001, 3), (5, 4, 1e4), (1e-12, 1e-6, 1e4), (9999.999, 1e4, 1e-9),
       (1e4, 1e-12, 1e-12)))

y, mu, p = _pos("y mu p")
FORMULAS["Tweedie unit deviance"] = (
    2 * (y**(2 - p) / ((1 - p) * (2 - p)) - y * mu**(1 - p) / (1 - p) + mu**(2 - p) / (2 - p)),
    _P("y mu p", (3, 2.5, 1.5), (1, 2, 1.2), (7, 4, 2.5),
       (3, 2, 1.000000001), (3, 2, 1.999999999999), (5, 5.0000001, 1.5),
       (1e-12, 1e4, 1.9), (1e4, 9.9999e3, 1.0001)))

x, m, s, nu = _real("x m") + _pos("s nu")
FORMULAS["location-scale Student t log-density"] = (
    loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(pi * nu) / 2 - log(s)
    - (nu + 1) / 2 * log(1 + ((x - m) / s)**2 / nu),
    _P("x m s nu", (1, 0.5, 2, 3), (-2, 1, 1, 5), (4, 0, 1.5, 1),
       (3, 1, 1, 1e4), (1e4, -1e4, 1e-12, 2), (1.000000001, 1, 1e3, 9999.5),
       (2, 1, 3, 1e-12), (1e-12, 0, 1e-12, 1e4)))

x, m, s, xi = _real("x m") + _pos("s") + _real("xi")
_t = (1 + xi * (x - m) / s)**(-1 / xi)
FORMULAS["generalised extreme value log-density"] = (
    -log(s) + (xi + 1) * log(_t) - _t,
    _P("x m s xi", (1, 0, 1, 0.2), (2, 1, 0.5, -0.1), (0.5, 1, 2, 0.3),
       (1, 0, 1, 1e-12), (1, 0, 1, -1e-9), (1e4, 0, 1, 0.5), (-4.99, 0, 1, 0.2),
       (3, 1e-12, 1e4, 1e-6)))

FORMULAS["generalised Pareto survival"] = (
    (1 + xi * (x - m) / s)**(-1 / xi),
    _P("x m s xi", (1, 0, 1, 0.2), (2, 1, 0.5, -0.1), (1.5, 1, 2, 0.3),
       (1, 0, 1, 1e-12), (3, 1, 2, -1e-8), (1e4, 0, 1e-12, 0.5), (4.9999999, 0, 1, -0.2),
       (1e-12, 0, 1e4, 1e-4)))

x, m, s, tau = _real("x m") + _pos("s tau")
FORMULAS["exponentially modified Gaussian density"] = (
    1 / (2 * tau) * exp((2 * m + s**2 / tau - 2 * x) / (2 * tau))
    * erfc((m + s**2 / tau - x) / (sqrt(2) * s)),
    _P("x m s tau", (1, 0, 1, 2), (3, 1, 0.5, 1.5), (-1, 0, 2, 1),
       (1, 0, 1, 1e-3), (10, 0, 1e-9, 3), (0.5, 0, 1e2, 1e-2), (-30, 0, 1, 1e4),
       (60, 0, 1, 1e-1)))

m, s, a, b = _real("m") + _pos("s") + _real("a b")
_al, _be = (a - m) / s, (b - m) / s
FORMULAS["mean of a doubly truncated normal"] = (
    m + s * (_phi(_al) - _phi(_be)) / (_Phi(_be) - _Phi(_al)),
    _P("m s a b", (0, 1, -1, 2), (1, 2, 0, 3), (-0.5, 0.7, -1, 1),
       (0, 1, 9, 10), (0, 1, -30, -20), (1, 1, 0.5, 0.5000001), (2, 1e4, -1, 1),
       (1e4, 1e3, 1, 5)))

eta, c1, c2 = _real("eta c1 c2")
FORMULAS["ordered logit middle category log-likelihood"] = (
    log(1 / (1 + exp(-(c2 - eta))) - 1 / (1 + exp(-(c1 - eta)))),
    _P("eta c1 c2", (0.3, -1, 1), (2, 0, 1.5), (-1, -0.5, 0.5),
       (50, -1, 1), (-700, -1, 1), (0, 1, 1.00000001), (0, -600, 600), (1e-12, 40, 41)))

m1, s1, m2, s2 = _real("m1") + _pos("s1") + _real("m2") + _pos("s2")
FORMULAS["Kullback-Leibler, two normals"] = (
    log(s2 / s1) + (s1**2 + (m1 - m2)**2) / (2 * s2**2) - Rational(1, 2),
    _P("m1 s1 m2 s2", (0, 1, 1, 2), (2, 0.5, 1, 1), (-1, 3, 0, 2),
       (1, 1, 1.00000001, 1.00000001), (1e4, 1e-6, 1e4, 1.0000001e-6), (0, 1e-12, 0, 1e4),
       (1e4, 1, -1e4, 1), (3, 1e4, 3.0001, 9999.999)))

a1, b1, a2, b2 = _pos("a1 b1 a2 b2")
FORMULAS["Kullback-Leibler, two gammas (shape, rate)"] = (
    (a1 - a2) * digamma(a1) - loggamma(a1) + loggamma(a2)
    + a2 * (log(b1) - log(b2)) + a1 * (b2 - b1) / b1,
    _P("a1 b1 a2 b2", (2, 1, 3, 1.5), (0.5, 2, 1, 1), (5, 3, 4, 2),
       (3, 2, 3.000001, 2.000001), (1e4, 1, 9999.99, 1), (1e-12, 1, 2e-12, 1),
       (1e-3, 1e4, 1e3, 1e-4), (1e4, 1e4, 1e4, 9.9999999e3)))

FORMULAS["Kullback-Leibler, two betas"] = (
    loggamma(a2) + loggamma(b2) - loggamma(a2 + b2)
    - loggamma(a1) - loggamma(b1) + loggamma(a1 + b1)
    + (a1 - a2) * digamma(a1) + (b1 - b2) * digamma(b1)
    + (a2 - a1 + b2 - b1) * digamma(a1 + b1),
    _P("a1 b1 a2 b2", (2, 1, 3, 1.5), (0.5, 2, 1, 1), (5, 3, 4, 2),
       (3, 2, 3.000001, 2.000001), (1e4, 5e3, 1e4, 5001), (1e-9, 1, 2e-9, 1),
       (1e-3, 1e4, 1e3, 1e-3), (1e4, 1e-12, 1e4, 1e-6)))

p, q, al = _pos("p q al")
FORMULAS["Renyi divergence, two Bernoullis"] = (
    log(p**al * q**(1 - al) + (1 - p)**al * (1 - q)**(1 - al)) / (al - 1),
    _P("p q al", (0.3, 0.5, 2), (0.7, 0.2, 0.5), (0.1, 0.4, 3),
       (0.3, 0.6, 1.000000001), (0.4, 0.4000001, 0.5), (1e-12, 0.5, 2),
       (0.999999999999, 1e-12, 0.9), (0.2, 0.9, 1e-9)))

FORMULAS["Jensen-Shannon divergence, two Bernoullis"] = (
    (p * log(p / ((p + q) / 2)) + (1 - p) * log((1 - p) / (1 - (p + q) / 2))
     + q * log(q / ((p + q) / 2)) + (1 - q) * log((1 - q) / (1 - (p + q) / 2))) / 2,
    _P("p q", (0.3, 0.5), (0.7, 0.2), (0.1, 0.4), (0.4, 0.40000001), (1e-12, 0.5),
       (0.999999999999, 1e-12), (1e-12, 3e-12), (0.9999999999, 0.99999999999)))

w, mu, r = _pos("w mu r")
FORMULAS["zero-inflated negative binomial, log-probability of zero"] = (
    log(w + (1 - w) * (1 + mu / r)**(-r)),
    _P("w mu r", (0.2, 3, 1.5), (0.5, 1, 4), (0.05, 8, 0.7),
       (1e-12, 1e4, 1e4), (0.999999999999, 5, 2), (0.3, 1e-12, 1), (1e-9, 2, 1e4),
       (0.1, 1e4, 1e-12)))

x, al, c = _real("x al") + _pos("c")
FORMULAS["general robust loss (Barron)"] = (
    Abs(al - 2) / al * (((x / c)**2 / Abs(al - 2) + 1)**(al / 2) - 1),
    _P("x al c", (1.5, 1, 2), (-3, -2, 1), (0.5, 0.5, 1),
       (2, 1e-9, 1), (2, 1.999999999, 1), (1e-8, 1, 1), (1e4, -1e4, 1e2), (3, -1e-6, 1e-6)))

x, ga, al = _real("x") + _pos("ga al")
FORMULAS["alpha-balanced focal loss of a logit"] = (
    -al * (1 - 1 / (1 + exp(-x)))**ga * log(1 / (1 + exp(-x))),
    _P("x ga al", (0.5, 2, 0.25), (-1, 1, 0.5), (3, 0.5, 0.75),
       (40, 2, 0.25), (-1e4, 2, 0.25), (700, 1e-3, 0.9), (20, 1e-12, 1), (-1e-12, 5, 1e-12)))

z1, z2, z3, T = _real("z1 z2 z3") + _pos("T")
FORMULAS["InfoNCE loss, three similarities at temperature T"] = (
    -log(exp(z1 / T) / (exp(z1 / T) + exp(z2 / T) + exp(z3 / T))),
    _P("z1 z2 z3 T", (1, 0.5, -0.3, 0.5), (0.2, 0.9, 0.1, 1), (-1, 2, 0.5, 2),
       (1, -1, -1, 0.01), (-1, 1, 0.9, 1e-3), (1e4, 9990, 5, 1), (1, 1, 1, 1e4),
       (1e4, -1e4, -1e4, 50)))

y, l1, l2 = _pos("y l1 l2")
FORMULAS["two-parameter Box-Cox transform"] = (
    ((y + l2)**l1 - 1) / l1,
    _P("y l1 l2", (3, 0.5, 1), (10, 2, 0.1), (0.4, 0.3, 2),
       (3, 1e-12, 1), (1e-12, 0.5, 1), (1e4, 1e-6, 1e4), (1e-12, 1e-3, 1e-12), (0.5, 40, 0.50001)))

s1, n1, s2, n2 = _pos("s1 n1 s2 n2")
FORMULAS["Welch-Satterthwaite degrees of freedom"] = (
    (s1**2 / n1 + s2**2 / n2)**2
    / ((s1**2 / n1)**2 / (n1 - 1) + (s2**2 / n2)**2 / (n2 - 1)),
    _P("s1 n1 s2 n2", (1, 10, 2, 15), (0.5, 5, 0.4, 8), (3, 30, 2.5, 20),
       (1e-12, 10, 1e4, 15), (1e-10, 5, 1e-10, 5), (1, 1.000000001, 1, 50),
       (1e4, 1e4, 1e4, 1e4), (1e-12, 2, 1e-12, 1e4)))

ph, n, z = _pos("ph n z")
FORMULAS["Wilson score lower limit"] = (
    (ph + z**2 / (2 * n) - z * sqrt(ph * (1 - ph) / n + z**2 / (4 * n**2))) / (1 + z**2 / n),
    _P("ph n z", (0.3, 50, 1.96), (0.7, 20, 2.576), (0.5, 100, 1.645),
       (1e-12, 1e4, 1.96), (0.999999999999, 1e4, 1.96), (0.2, 10, 1e-10), (1e-6, 5, 1e4),
       (1e-9, 1e4, 6)))

# ------------------------------------------------------------------ finance
S1, S2, g1, g2, rho, T = _pos("S1 S2 g1 g2") + _real("rho") + _pos("T")
_sg = sqrt(g1**2 + g2**2 - 2 * rho * g1 * g2)
_d1 = (log(S1 / S2) + _sg**2 * T / 2) / (_sg * sqrt(T))
FORMULAS["Margrabe exchange option"] = (
    S1 * _N(_d1) - S2 * _N(_d1 - _sg * sqrt(T)),
    _P("S1 S2 g1 g2 rho T", (100, 95, 0.2, 0.3, 0.4, 1), (50, 60, 0.4, 0.25, -0.2, 2),
       (10, 10.5, 0.15, 0.15, 0, 0.5), (100, 100, 0.2, 0.2000001, 0.9999999, 1),
       (100, 180, 0.2, 0.3, 0.4, 0.01), (100, 100.0001, 0.2, 0.3, 0, 1e-9),
       (1e4, 1e-2, 0.2, 0.3, -0.999999, 30), (1, 2, 1e-3, 1e-1, 0.5, 1)))

F, K, s, T = _real("F K") + _pos("s T")
_d = (F - K) / (s * sqrt(T))
FORMULAS["Bachelier call"] = (
    (F - K) * _Phi(_d) + s * sqrt(T) * _phi(_d),
    _P("F K s T", (100, 98, 10, 1), (0.01, 0.02, 0.005, 2), (-1, 0.5, 1, 0.5),
       (100, 190, 10, 1), (100, 100.0000001, 1e-3, 1e-3), (0, 12, 1, 1), (1e4, -1e4, 1e3, 1),
       (-5, 1, 1e-1, 30)))

r, aa, bb, sg, tau = _real("r") + _pos("aa bb sg tau")
_B = (1 - exp(-aa * tau)) / aa
FORMULAS["Vasicek zero-coupon bond price"] = (
    exp((bb - sg**2 / (2 * aa**2)) * (_B - tau) - sg**2 / (4 * aa) * _B**2 - _B * r),
    _P("r aa bb sg tau", (0.03, 0.5, 0.05, 0.01, 5), (0.01, 0.1, 0.04, 0.02, 10),
       (-0.005, 1, 0.02, 0.015, 2), (0.03, 1e-8, 0.05, 0.01, 5), (0.03, 0.2, 0.05, 0.01, 1e-10),
       (0.02, 1e-5, 0.03, 0.02, 30), (0.05, 1e4, 0.04, 1e-3, 1e2), (1e-12, 1e-3, 1e-12, 1e-3, 1e-2)))

kap, th, sg, tau = _pos("kap th sg tau")
_h = sqrt(kap**2 + 2 * sg**2)
FORMULAS["Cox-Ingersoll-Ross bond loading B"] = (
    2 * (exp(_h * tau) - 1) / (2 * _h + (kap + _h) * (exp(_h * tau) - 1)),
    _P("kap sg tau", (0.5, 0.1, 5), (0.1, 0.05, 10), (1, 0.3, 1),
       (1e-10, 1e-10, 5), (0.5, 0.1, 1e-12), (2, 0.1, 1e4), (1e3, 1e3, 10), (1e-12, 0.2, 1e-6)))

FORMULAS["Cox-Ingersoll-Ross bond log A"] = (
    2 * kap * th / sg**2 * log(2 * _h * exp((kap + _h) * tau / 2)
                               / (2 * _h + (kap + _h) * (exp(_h * tau) - 1))),
    _P("kap th sg tau", (0.5, 0.04, 0.1, 5), (0.1, 0.03, 0.05, 10), (1, 0.05, 0.3, 1),
       (0.5, 0.04, 1e-9, 5), (0.5, 0.04, 0.1, 1e-8), (2, 0.04, 0.1, 2e3), (1e-8, 0.05, 0.1, 3),
       (100, 0.05, 1e-4, 50)))

tau, c0, c1, c2, lam = _pos("tau") + _real("c0 c1 c2") + _pos("lam")
_u = tau / lam
FORMULAS["Nelson-Siegel yield"] = (
    c0 + c1 * (1 - exp(-_u)) / _u + c2 * ((1 - exp(-_u)) / _u - exp(-_u)),
    _P("tau c0 c1 c2 lam", (5, 0.04, -0.02, 0.01, 2), (1, 0.03, 0.01, -0.02, 1.5),
       (10, 0.05, -0.01, 0.02, 3), (1e-12, 0.04, -0.04, 0.01, 2), (1e-6, 0, 0, 1, 1e4),
       (1e4, 0.04, -0.02, 0.01, 1e-3), (1e-9, 1, -1, 0, 1), (30, 1e-12, 1e-12, 1e4, 1e4)))

C, r, g, n = _pos("C r g n")
FORMULAS["growing annuity present value"] = (
    C / (r - g) * (1 - ((1 + g) / (1 + r))**n),
    _P("C r g n", (100, 0.05, 0.02, 20), (1, 0.08, 0.1, 10), (50, 0.03, 0.01, 40),
       (100, 0.05, 0.050000001, 20), (1, 1e-12, 2e-12, 30), (1, 0.05, 0.02, 1e4),
       (1e4, 1e-9, 1e-6, 1e-3), (1, 9e3, 1e4, 5)))

P0, r, n = _pos("P0 r n")
FORMULAS["level loan payment"] = (
    P0 * r / (1 - (1 + r)**(-n)),
    _P("P0 r n", (1000, 0.01, 60), (250, 0.05, 10), (1e4, 0.004, 360),
       (1000, 1e-12, 60), (1000, 0.01, 1e-9), (1, 1, 1e4), (1e4, 1e-8, 1e4), (1, 1e4, 1e-6)))

z, rho = _real("z rho")
FORMULAS["SABR z over chi(z)"] = (
    z / log((sqrt(1 - 2 * rho * z + z**2) + z - rho) / (1 - rho)),
    _P("z rho", (0.5, -0.3), (-1, 0.2), (2, 0.6), (1e-10, -0.3), (-1e4, -0.5), (3, 0.999999),
       (-1e-6, 0.9), (-500, -0.99999)))

bb, mu, s, t = _pos("bb") + _real("mu") + _pos("s t")
FORMULAS["first-passage probability of drifted Brownian motion"] = (
    _N((mu * t - bb) / (s * sqrt(t))) + exp(2 * mu * bb / s**2) * _N((-bb - mu * t) / (s * sqrt(t))),
    _P("bb mu s t", (1, 0.2, 1, 2), (2, -0.5, 1.5, 3), (0.5, 1, 0.7, 1),
       (1, 10, 0.1, 0.05), (5, -30, 1, 1), (1e-12, 0.3, 1, 1), (100, 1, 0.3, 90),
       (3, 1e-12, 1, 1e4)))

# ------------------------------------------------------------------ queues, populations, genetics
p, i, Nn = _pos("p i N")
FORMULAS["gambler's ruin: probability of reaching N"] = (
    (1 - ((1 - p) / p)**i) / (1 - ((1 - p) / p)**Nn),
    _P("p i N", (0.6, 3, 10), (0.45, 5, 8), (0.3, 2, 6), (0.500000001, 3, 10),
       (0.49999, 500, 1000), (0.1, 999, 1000), (0.999999, 1, 1e4), (1e-6, 99, 100)))

ro, K = _pos("ro K")
FORMULAS["mean number in M/M/1/K"] = (
    ro / (1 - ro) - (K + 1) * ro**(K + 1) / (1 - ro**(K + 1)),
    _P("ro K", (0.5, 5), (0.8, 10), (1.5, 4), (1.0000001, 10), (0.999999, 100), (2, 1e3),
       (1e-12, 3), (1.01, 1e4)))

p, a = _pos("p a")
FORMULAS["Jukes-Cantor distance with gamma rates"] = (
    Rational(3, 4) * a * ((1 - Rational(4, 3) * p)**(-1 / a) - 1),
    _P("p a", (0.2, 0.5), (0.4, 1), (0.1, 2), (1e-12, 0.5), (0.3, 1e4), (0.7499999, 3),
       (1e-9, 1e4), (0.6, 1e-2)))

Nn, F, M = _pos("N F M")
FORMULAS["Baranov catch"] = (
    Nn * F / (F + M) * (1 - exp(-(F + M))),
    _P("N F M", (1000, 0.3, 0.2), (50, 0.8, 0.1), (200, 0.1, 0.4), (1e4, 1e-12, 1e-12),
       (1, 1e4, 1e-6), (1e4, 1e-9, 50), (1, 1e-6, 1e-9), (1e-12, 700, 800)))

t, A, kk, t0, nu = _real("t") + _pos("A k") + _real("t0") + _pos("nu")
FORMULAS["Richards growth curve"] = (
    A / (1 + nu * exp(-kk * (t - t0)))**(1 / nu),
    _P("t A k t0 nu", (3, 10, 0.5, 2, 1.5), (1, 5, 1, 4, 0.5), (8, 100, 0.3, 5, 2),
       (3, 10, 0.5, 2, 1e-9), (-900, 10, 1, 0, 2), (1e4, 10, 1, 0, 1e-6), (2, 1, 3, 2.0000001, 1e4),
       (0.5, 1e4, 2, 1, 1e-3)))

# ------------------------------------------------------------------ chemistry, biophysics
A0, k1, k2, t = _pos("A0 k1 k2 t")
FORMULAS["Bateman: intermediate in A->B->C"] = (
    A0 * k1 / (k2 - k1) * (exp(-k1 * t) - exp(-k2 * t)),
    _P("A0 k1 k2 t", (1, 0.5, 1.2, 2), (10, 2, 0.3, 1), (5, 0.1, 0.4, 6), (1, 1, 1.000000001, 2),
       (1, 1e4, 1e-3, 1e-12), (1, 1e-12, 2e-12, 1e4), (1e4, 300, 300.0001, 2), (1, 1e-9, 5, 1e3)))

k1, k2, k3, t = _pos("k1 k2 k3 t")
FORMULAS["Bateman: third member of a decay chain"] = (
    k1 * k2 * (exp(-k1 * t) / ((k2 - k1) * (k3 - k1)) + exp(-k2 * t) / ((k1 - k2) * (k3 - k2))
               + exp(-k3 * t) / ((k1 - k3) * (k2 - k3))),
    _P("k1 k2 k3 t", (0.5, 1.2, 2, 1), (2, 0.3, 0.1, 3), (0.1, 0.4, 0.9, 5),
       (1, 1.00000001, 3, 1), (1, 1.0001, 1.0002, 2), (0.5, 1.2, 2, 1e-9), (1e-12, 1e-6, 1, 1e4),
       (1e4, 9e3, 1e-3, 10)))

A0, B0, kk, t = _pos("A0 B0 k t")
FORMULAS["second-order A+B: concentration of A"] = (
    A0 * (A0 - B0) / (A0 - B0 * exp(-(A0 - B0) * kk * t)),
    _P("A0 B0 k t", (2, 1, 0.5, 1), (1, 3, 0.2, 2), (0.5, 0.4, 1, 5), (1, 1.000000001, 0.5, 2),
       (1, 1e4, 0.05, 1), (1e4, 1e-12, 1, 1e-6), (1e-9, 2e-9, 1e4, 1e4), (5, 4.9999999, 1e3, 1e4)))

Pm, u, ci, co = _pos("Pm") + _real("u") + _pos("ci co")
FORMULAS["Goldman-Hodgkin-Katz flux (reduced voltage)"] = (
    Pm * u * (ci - co * exp(-u)) / (1 - exp(-u)),
    _P("Pm u ci co", (1, 1.5, 10, 140), (0.5, -2, 5, 100), (2, 0.7, 3, 4), (1, 1e-10, 10, 140),
       (1, -1e4, 10, 140), (1, 2, 1, 7.3890561), (1e-12, 9e3, 1e4, 1e4), (1, -1e-7, 5, 5.0000001)))

Ka, C, Kw = _pos("Ka C Kw")
FORMULAS["pH of a weak acid (quadratic)"] = (
    -log((-Ka + sqrt(Ka**2 + 4 * Ka * C)) / 2) / log(10),
    _P("Ka C", (1.8e-5, 0.1), (1e-3, 0.01), (0.5, 1), (1e4, 1e-6), (1e-12, 1), (1e-12, 1e4),
       (1e3, 1e-12), (1e-4, 1e-9)))

Z, A, B = _pos("Z A B")
FORMULAS["Peng-Robinson log fugacity coefficient"] = (
    Z - 1 - log(Z - B) - A / (2 * sqrt(2) * B) * log((Z + (1 + sqrt(2)) * B) / (Z + (1 - sqrt(2)) * B)),
    _P("Z A B", (0.9, 0.2, 0.05), (0.3, 0.6, 0.1), (1.1, 0.1, 0.08), (1, 1e-8, 1e-12),
       (0.0500000001, 0.5, 0.05), (0.99999999, 1e-6, 1e-8), (1e4, 1, 9.9e3), (1.0000001, 1e-10, 1e-7)))

ph, N1, N2, chi = _pos("ph N1 N2") + _real("chi")
FORMULAS["Flory-Huggins chemical potential of component 1"] = (
    log(ph) + (1 - N1 / N2) * (1 - ph) + N1 * chi * (1 - ph)**2,
    _P("ph N1 N2 chi", (0.3, 1, 100, 0.4), (0.6, 10, 20, 0.1), (0.9, 1, 5, -0.2),
       (0.999999999, 1, 1e4, 0.5), (1e-12, 1, 1e4, 0.5), (0.99999, 1, 1e4, 0.499999),
       (0.5, 1e4, 1e4, 1e-12), (0.9999999999, 5, 5.000001, 1e-9)))

x1, L12, L21 = _pos("x1 L12 L21")
FORMULAS["Wilson log activity coefficient"] = (
    -log(x1 + L12 * (1 - x1)) + (1 - x1) * (L12 / (x1 + L12 * (1 - x1)) - L21 / (L21 * x1 + 1 - x1)),
    _P("x1 L12 L21", (0.3, 0.5, 0.8), (0.7, 1.2, 0.4), (0.5, 0.2, 0.3), (0.999999999, 0.5, 0.8),
       (1e-12, 0.5, 0.8), (0.4, 1.0000001, 0.9999999), (0.999999, 1e4, 1e-12), (0.2, 1e-12, 1e4)))

Ah, Rr, h = _pos("Ah R h")
FORMULAS["Hamaker attraction of two equal spheres"] = (
    -Ah / 6 * (2 * Rr**2 / ((2 * Rr + h)**2 - 4 * Rr**2) + 2 * Rr**2 / (2 * Rr + h)**2
               + log(((2 * Rr + h)**2 - 4 * Rr**2) / (2 * Rr + h)**2)),
    _P("Ah R h", (1, 1, 0.5), (5, 2, 1), (0.4, 10, 0.3), (1, 1, 1e4), (1, 1e-3, 100),
       (1, 1e4, 1e-12), (1e4, 1, 1e-6), (1e-12, 5e-1, 30)))

# ------------------------------------------------------------------ physics, engineering, geometry
m1, m2, M = _pos("m1 m2 M")
FORMULAS["two-body decay momentum"] = (
    sqrt((M**2 - (m1 + m2)**2) * (M**2 - (m1 - m2)**2)) / (2 * M),
    _P("m1 m2 M", (1, 2, 5), (0.5, 0.5, 1.2), (0.1, 3, 4), (1, 2, 3.0000000001), (1e-12, 1e-12, 1e4),
       (5000, 4999.9999, 1e4), (1e-9, 1, 1.00000001), (1e-6, 1e-6, 2.000001e-6)))

m, c, v = _pos("m c v")
FORMULAS["kinetic energy of a relativistic particle (m, c, v)"] = (
    m * c**2 / sqrt(1 - v**2 / c**2) - m * c**2,
    _P("m c v", (1, 3, 1), (2, 10, 9), (0.5, 1, 0.5), (1, 1e4, 1e-6), (1, 1, 0.999999999999),
       (1e-12, 1e4, 9999.9999), (1e4, 1e4, 1), (3, 1e-6, 1e-12)))

f1, l1, f2, l2 = _real("f1 l1 f2 l2")
FORMULAS["great-circle angle, spherical law of cosines"] = (
    acos(sin(f1) * sin(f2) + cos(f1) * cos(f2) * cos(l1 - l2)),
    _P("f1 l1 f2 l2", (0.5, 0.2, 0.9, 1.3), (-0.3, 2, 0.4, 1), (1.1, -1, 0.7, 0.5),
       (0.5, 0.2, 0.50000001, 0.2), (0.7, 1, 0.7, 1.000000001), (0.3, 0, -0.3, 3.1415926),
       (1.57079632, 0.5, 1.5707963, -2), (1e-12, 0, 2e-12, 1e-12)))

d, r, R = _pos("d r R")
FORMULAS["area common to two circles"] = (
    r**2 * acos((d**2 + r**2 - R**2) / (2 * d * r)) + R**2 * acos((d**2 + R**2 - r**2) / (2 * d * R))
    - sqrt((-d + r + R) * (d + r - R) * (d - r + R) * (d + r + R)) / 2,
    _P("d r R", (1, 1, 1.5), (3, 2, 2), (5, 4, 2), (1.9999999999, 1, 1), (1e-9, 1, 1),
       (9999.0000001, 1, 1e4), (0.50000001, 1, 1.5), (1e-12, 1e4, 1e4)))

a, b, c = _pos("a b c")
FORMULAS["angle by the law of cosines"] = (
    acos((a**2 + b**2 - c**2) / (2 * a * b)),
    _P("a b c", (3, 4, 5), (2, 2, 1), (7, 5, 9), (1, 1, 1e-10), (1, 2, 2.9999999999),
       (1e4, 1e4, 1e-6), (1, 1.00000001, 1.0001e-8), (1e-12, 1e4, 1e4)))

e, nu_ = _pos("e")[0], _real("nu")[0]
FORMULAS["mean anomaly from true anomaly"] = (
    2 * atan(sqrt((1 - e) / (1 + e)) * tan(nu_ / 2)) - e * sqrt(1 - e**2) * sin(nu_) / (1 + e * cos(nu_)),
    _P("e nu", (0.3, 1), (0.7, -2), (0.1, 2.5), (0.999999999, 0.5), (0.99999999, 1e-6), (1e-12, 3.1),
       (0.5, 1e-12), (0.9999, 3.1415926)))

mu, r1, r2 = _pos("mu r1 r2")
FORMULAS["Hohmann first impulse"] = (
    sqrt(mu / r1) * (sqrt(2 * r2 / (r1 + r2)) - 1),
    _P("mu r1 r2", (1, 1, 2), (398.6, 7, 42), (10, 5, 3), (1, 1, 1.0000000001), (1e4, 1e-12, 1e4),
       (1, 1e4, 1e-12), (1e-12, 5, 5.000001), (1e4, 9999.9999, 1e4)))

rh, rs, r = _pos("rh rs r")
FORMULAS["NFW enclosed mass"] = (
    4 * pi * rh * rs**3 * (log(1 + r / rs) - (r / rs) / (1 + r / rs)),
    _P("rh rs r", (1, 2, 3), (0.1, 20, 8), (5, 1, 10), (1, 1, 1e-10), (1, 1e4, 1e-12),
       (1e-12, 1e-6, 1e4), (1e4, 1e4, 1e-3), (2, 5e-1, 1e-6)))

length, d = _pos("length d")
FORMULAS["mutual inductance of parallel wires (per mu0/2pi)"] = (
    length * (log(length / d + sqrt(1 + length**2 / d**2)) - sqrt(1 + d**2 / length**2) + d / length),
    _P("length d", (1, 0.1), (2, 3), (5, 1), (1e-6, 1), (1, 1e4), (1e4, 1e-12), (1e-12, 1e4), (3, 1e3)))

n1, n2, th = _pos("n1 n2 th")
_ct = sqrt(1 - (n1 / n2 * sin(th))**2)
FORMULAS["Fresnel p-reflectance"] = (
    ((n1 * _ct - n2 * cos(th)) / (n1 * _ct + n2 * cos(th)))**2,
    _P("n1 n2 th", (1, 1.5, 0.5), (1.33, 1.5, 1), (1, 2.4, 0.2), (1, 1.0000001, 0.3),
       (1, 1.5, 0.98279372), (1, 1.5, 1.570796326), (1.5, 1, 0.7297276), (1, 1e4, 1e-12)))

x, v, D, t = _pos("x v D t")
FORMULAS["Ogata-Banks advection-dispersion front"] = (
    (erfc((x - v * t) / (2 * sqrt(D * t))) + exp(v * x / D) * erfc((x + v * t) / (2 * sqrt(D * t)))) / 2,
    _P("x v D t", (1, 0.5, 0.3, 2), (5, 1, 2, 3), (0.5, 0.2, 1, 1), (10, 1, 1e-3, 9.9),
       (100, 1, 0.1, 90), (1e-12, 1, 1, 1), (1, 1e-12, 1, 1), (1e4, 1, 1, 1e4)))

x, al, hk, t = _pos("x al hk t")
FORMULAS["semi-infinite solid with surface convection"] = (
    erfc(x / (2 * sqrt(al * t))) - exp(hk * x + hk**2 * al * t) * erfc(x / (2 * sqrt(al * t)) + hk * sqrt(al * t)),
    _P("x al hk t", (0.1, 0.01, 2, 5), (1, 0.5, 1, 1), (0.5, 0.2, 3, 2), (1e-12, 1, 50, 1),
       (1, 1, 1e-10, 1), (1, 1, 1e3, 1e2), (40, 1, 1, 1), (1e-9, 1, 1e-6, 1e-3)))

a1, a2, a3, a4 = _pos("Thi Tho Tci Tco")
FORMULAS["log-mean temperature difference, counterflow"] = (
    ((a1 - a4) - (a2 - a3)) / log((a1 - a4) / (a2 - a3)),
    _P("Thi Tho Tci Tco", (100, 60, 20, 50), (400, 350, 300, 330), (90, 70, 15, 60),
       (100, 60, 20, 60.0000001), (100, 60, 59.9999999, 70), (1e4, 5e3, 1e-12, 9999.9999),
       (1, 0.5, 0.25, 0.750000000001), (300, 200, 199.99, 299.99000001)))

h, av, nn = _pos("h av n")
_m = 1 - 1 / nn
FORMULAS["van Genuchten relative conductivity of suction"] = (
    (1 - (av * h)**(nn - 1) * (1 + (av * h)**nn)**(-_m))**2 / (1 + (av * h)**nn)**(_m / 2),
    _P("h av n", (10, 0.05, 1.8), (100, 0.02, 1.4), (1, 0.1, 2.7), (1e4, 0.1, 2.5), (1e4, 5, 8),
       (1e-12, 0.1, 1.5), (50, 0.02, 1.000001), (1e3, 1e-9, 3)))
