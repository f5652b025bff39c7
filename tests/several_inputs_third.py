"""Forty more formulas of two to five inputs, as textbooks print them, each at three ordinary points and at five edges."""

from __future__ import annotations

import sympy as sp
from shorthand import Phi, phi
from sympy import Abs, Rational, acos, cos, cosh, digamma, exp, log, pi, sin, sqrt, tan, tanh

THIRD: dict[str, tuple[sp.Expr, list[dict[str, float]]]] = {}


def _positive(text):
    return [sp.Symbol(word, positive=True) for word in text.split()]


def _anyreal(text):
    return [sp.Symbol(word, real=True) for word in text.split()]


def _at(text, *rows):
    keys = text.split()
    out = []
    for row in rows:
        assert len(row) == len(keys), (text, row)
        out.append({key: float(value) for key, value in zip(keys, row, strict=True)})
    return out


def _add(name, expression, text, *rows):
    assert name not in THIRD, name
    assert len(rows) == 8, name
    THIRD[name] = (expression, _at(text, *rows))


# ---------------------------------------------------------------- actuarial science
i, n = _positive("i n")
_v = 1 / (1 + i)
_add("increasing annuity-immediate (Ia)n",
     ((1 - _v**n) / (i / (1 + i)) - n * _v**n) / i,
     "i n",
     (0.05, 20), (0.03, 10), (0.08, 35),
     (1e-9, 20), (1e-12, 3), (0.04, 1e-6), (1e-6, 1e8), (1e4, 2))

d, mu, s = _positive("d") + _anyreal("mu") + _positive("s")
_add("limited expected value of a lognormal loss",
     exp(mu + s**2 / 2) * Phi((log(d) - mu - s**2) / s) + d * (1 - Phi((log(d) - mu) / s)),
     "d mu s",
     (5, 1, 0.8), (10, 2, 1.2), (1, 0.5, 0.6),
     (1e-6, 1, 0.9), (1e8, 0.5, 1), (2, 0.69314718, 1e-8), (3, 1, 12), (1e-12, -20, 0.5))

d, th, al = _positive("d th al")
_add("limited expected value of a Pareto (Lomax) loss",
     th / (al - 1) * (1 - (th / (d + th))**(al - 1)),
     "d th al",
     (5, 10, 2.5), (1, 2, 3), (20, 4, 0.7),
     (5, 10, 1.000000001), (1e-12, 10, 2), (1e8, 1e-6, 1.0000001), (3, 1e8, 1e8), (2, 5, 1e-12))

# ---------------------------------------------------------------- geodesy, optics, materials
f, e = _anyreal("f") + _positive("e")
_add("isometric latitude on the ellipsoid",
     log(tan(pi / 4 + f / 2)) - e / 2 * log((1 + e * sin(f)) / (1 - e * sin(f))),
     "f e",
     (0.7, 0.0818), (-0.4, 0.3), (1.2, 0.5),
     (1e-9, 0.0818), (1.5707963, 0.0818), (-1.5707963, 0.5), (0.8, 1e-12), (-1e-6, 0.999999999))

_add("authalic function q of latitude",
     (1 - e**2) * (sin(f) / (1 - e**2 * sin(f)**2) - log((1 - e * sin(f)) / (1 + e * sin(f))) / (2 * e)),
     "f e",
     (0.7, 0.0818), (-0.4, 0.3), (1.2, 0.5),
     (0.7, 1e-9), (1e-9, 0.0818), (1e-6, 1e-6), (1.5707963, 0.999999999), (0.3, 1e-4))

t, th, n = _positive("t") + _anyreal("th") + _positive("n")
_add("lateral displacement by a plane-parallel plate",
     t * sin(th) * (1 - cos(th) / sqrt(n**2 - sin(th)**2)),
     "t th n",
     (5, 0.5, 1.5), (10, 1, 1.33), (2, -0.3, 2.4),
     (5, 0.5, 1.000000001), (5, 1e-9, 1.5), (1, 1.5707963, 1.5), (3, 1e-6, 1.0000001), (1, 1.57, 1e8))

P, D, d = _positive("P D d")
_add("Brinell hardness number",
     2 * P / (pi * D * (D - sqrt(D**2 - d**2))),
     "P D d",
     (3000, 10, 4), (500, 5, 2), (187.5, 2.5, 1),
     (3000, 10, 1e-6), (1, 1e8, 1), (3000, 10, 9.99999999), (1e-12, 1, 1e-3), (750, 5, 1e-9))

ai, af, C, S, m = _positive("ai af C S m")
_add("fatigue life from the Paris law",
     (af**(1 - m / 2) - ai**(1 - m / 2)) / (C * (S * sqrt(pi))**m * (1 - m / 2)),
     "ai af C S m",
     (0.001, 0.02, 1e-11, 100, 3), (0.0005, 0.01, 5e-12, 80, 2.8), (0.002, 0.05, 1e-12, 120, 4),
     (0.001, 0.02, 1e-11, 100, 2.000000001), (0.001, 0.001000000001, 1e-11, 100, 3), (1e-12, 1, 1e-10, 50, 3.5),
     (1, 1.00000001, 1e-8, 2, 1.9999999), (0.001, 1e8, 1e-11, 1e-3, 3.2))

# ---------------------------------------------------------------- copulas, survival, likelihoods
u, v, th = _positive("u v th")
_add("Joe copula",
     1 - ((1 - u)**th + (1 - v)**th - (1 - u)**th * (1 - v)**th)**(1 / th),
     "u v th",
     (0.3, 0.6, 2), (0.8, 0.5, 1.5), (0.2, 0.9, 3),
     (1e-9, 1e-6, 2), (0.999999999, 0.9999999, 4), (0.4, 0.7, 1.000000001), (0.5, 0.50000001, 200), (1e-12, 0.7, 5))

_A = 1 + (th - 1) * (u + v)
_add("Plackett copula",
     (_A - sqrt(_A**2 - 4 * u * v * th * (th - 1))) / (2 * (th - 1)),
     "u v th",
     (0.3, 0.6, 2), (0.8, 0.5, 0.4), (0.2, 0.9, 10),
     (0.3, 0.6, 1.000000001), (1e-9, 1e-9, 3), (0.5, 0.50000001, 1e8), (0.4, 0.7, 1e-9), (0.999999999, 0.2, 5))

x, k, la, al = _positive("x k la al")
_add("exponentiated Weibull log-density",
     log(al * k / la) + (k - 1) * log(x / la) - (x / la)**k + (al - 1) * log(1 - exp(-(x / la)**k)),
     "x k la al",
     (1.2, 1.5, 2, 0.7), (3, 2, 2.5, 3), (0.4, 0.8, 1, 2),
     (1e-9, 2, 1, 3), (8, 2, 1, 1e8), (1, 1e-9, 2, 2), (1.00000001, 1e4, 1, 0.5), (1e-12, 1.5, 1e4, 0.3))

a, b, k, s = _positive("a b k s")
_add("interval-censored Weibull log-likelihood",
     log(exp(-(a / s)**k) - exp(-(b / s)**k)),
     "a b k s",
     (1, 2, 1.5, 2), (0.5, 0.8, 1, 1), (3, 5, 0.8, 4),
     (2, 2.000000002, 1.5, 3), (30, 40, 2, 1), (1e-9, 2e-9, 1, 1), (1, 100, 1.2, 1), (1, 2, 1e-9, 3))

n, th = _positive("n th")
_add("expected number of alleles in Ewens's sample",
     th * (digamma(th + n) - digamma(th)),
     "n th",
     (20, 1.5), (50, 0.3), (10, 6),
     (20, 1e-9), (20, 1e8), (1e8, 2), (1e-9, 3), (1.00000001, 1e-6))

# ---------------------------------------------------------------- machine learning
a, b, c, T = _anyreal("a b c") + _positive("T")
_Z = exp(a / T) + exp(b / T) + exp(c / T)
_add("entropy of a softmax of three logits at temperature T",
     -(exp(a / T) / _Z * log(exp(a / T) / _Z) + exp(b / T) / _Z * log(exp(b / T) / _Z) + exp(c / T) / _Z * log(exp(c / T) / _Z)),
     "a b c T",
     (1, 0.5, -0.3, 1), (2, 1, 0, 0.7), (-1, 0.2, 0.4, 2),
     (1, 0, -1, 0.02), (1, 1.00000001, 1.00000002, 0.5), (800, 799, 798, 1), (0.3, -0.2, 0.1, 1e8), (-900, -905, -930, 1))

s1, s2, v1, v2, T = _anyreal("s1 s2 v1 v2") + _positive("T")
_add("attention over two keys at temperature T",
     (exp(s1 / T) * v1 + exp(s2 / T) * v2) / (exp(s1 / T) + exp(s2 / T)),
     "s1 s2 v1 v2 T",
     (1, 0.5, 2, -1, 1), (-0.3, 0.8, 0.4, 1.5, 0.5), (2, 1, 3, 2, 2),
     (1, 0.9, 2, 1, 2e-4), (900, 899, 0.3, -0.2, 1), (-800, -801, 1e8, 1, 0.9), (1, 1.00000001, 1, -1, 1), (3, -2, 1, 1.00000001, 1e8))

x, al, T = _positive("x al T")
_add("binary concrete (relaxed Bernoulli) log-density",
     log(T * al * x**(-T - 1) * (1 - x)**(-T - 1) / (al * x**(-T) + (1 - x)**(-T))**2),
     "x al T",
     (0.3, 1.5, 0.5), (0.8, 0.4, 0.7), (0.5, 3, 1.2),
     (1e-12, 2, 0.1), (0.999999999, 0.5, 0.3), (0.3, 1e8, 0.5), (0.4, 1, 900), (0.50000001, 1e-12, 1e-6))

z, q = _anyreal("z") + _positive("q")
_add("generalised cross-entropy loss of a logit",
     (1 - (1 / (1 + exp(-z)))**q) / q,
     "z q",
     (0.5, 0.7), (-1, 0.5), (2, 0.3),
     (0.5, 1e-9), (40, 0.7), (-30, 1e-6), (-800, 0.5), (30, 1e-12))

lw, ll, rw, rl, be = _anyreal("lw ll rw rl") + _positive("be")
_add("direct preference optimisation loss",
     -log(1 / (1 + exp(-(be * (lw - rw) - be * (ll - rl))))),
     "lw ll rw rl be",
     (-2, -3, -2.5, -2.8, 0.5), (-10, -12, -11, -11.5, 0.1), (-1, -0.5, -1.2, -0.9, 1),
     (-100, -900, -400, -300, 0.5), (-5000, -100, -200, -400, 0.5), (-300, -300.00001, -300, -300.00002, 0.1),
     (-20, -150, -30, -40, 0.4), (-40, -50, -30, -60, 1e-9))

m1, b1, m2, b2 = _anyreal("m1") + _positive("b1") + _anyreal("m2") + _positive("b2")
_add("Kullback-Leibler, two Laplace distributions",
     log(b2 / b1) + (b1 * exp(-Abs(m1 - m2) / b1) + Abs(m1 - m2)) / b2 - 1,
     "m1 b1 m2 b2",
     (0, 1, 1, 2), (2, 0.5, 1, 1), (-1, 3, 0.5, 2),
     (1, 2, 1.00000001, 2.00000001), (0, 1, 1e-9, 1.5), (1e4, 1e-6, -1e4, 1e8), (1, 1e8, 2, 1e8), (3, 1e-9, 3.000000001, 1.1e-9))

u, m, s = _anyreal("u m") + _positive("s")
_add("log-probability of a tanh-squashed normal action",
     -(u - m)**2 / (2 * s**2) - log(s) - log(2 * pi) / 2 - log(1 - tanh(u)**2),
     "u m s",
     (0.5, 0.2, 1), (-1, 0.3, 0.5), (1.5, 1, 2),
     (20, 18, 1), (1e-9, 0, 0.4), (-400, -390, 5), (9, 8.9999999, 1e-6), (3, 1, 1e8))

a, b, om = _anyreal("a b") + _positive("om")
_add("mellowmax of two action values",
     log((exp(om * a) + exp(om * b)) / 2) / om,
     "a b om",
     (1, 0.5, 5), (-2, 1, 1), (0.3, 0.9, 10),
     (1, 0.5, 1e-9), (900, 800, 2), (-900, -1000, 3), (1, 1.00000001, 1e4), (1e-9, -1e-9, 1))

# ---------------------------------------------------------------- robotics, control
x, y, l1, l2 = _anyreal("x y") + _positive("l1 l2")
_add("elbow angle of a two-link arm by inverse kinematics",
     acos((x**2 + y**2 - l1**2 - l2**2) / (2 * l1 * l2)),
     "x y l1 l2",
     (1, 0.5, 1, 0.8), (-0.6, 1.2, 1, 1), (0.3, 0.4, 0.7, 0.5),
     (1.99999999, 0, 1, 1), (1e-6, 1e-6, 1, 1), (0.2000001, 1e-9, 1, 0.8), (1, 1e-5, 1, 1e-6), (6e7, 8e7, 9e7, 3e7))

v, w, h, t = _anyreal("v w h") + _positive("t")
_add("forward displacement of a unicycle robot",
     v / w * (sin(h + w * t) - sin(h)),
     "v w h t",
     (1, 0.5, 0.3, 2), (2, -0.2, 1, 1), (0.5, 1, -0.7, 3),
     (1, 1e-9, 0.3, 0.1), (1, -1e-12, 1.5707963, 1), (2, 0.5, 1, 1e-9), (1, 1e-6, 1.57, 1e8), (1e-12, 1e4, 0.2, 5))

p, q, t, Om = _anyreal("p q") + _positive("t Om")
_add("spherical linear interpolation of a quaternion component",
     sin((1 - t) * Om) / sin(Om) * p + sin(t * Om) / sin(Om) * q,
     "p q t Om",
     (0.5, 0.8, 0.3, 1), (-0.2, 0.6, 0.5, 2), (0.9, 0.1, 0.8, 0.7),
     (0.5, 0.50000001, 0.4, 1e-9), (0.7, -0.70000001, 0.5, 3.14159265), (0.3, 0.4, 1e-12, 1.2), (0.3, 0.4, 0.999999999, 0.5),
     (0.6, -0.6, 0.500000001, 1e-6))

V, R, L, C, t = _positive("V R L C t")
_al = R / (2 * L)
_s1 = -_al + sqrt(_al**2 - 1 / (L * C))
_s2 = -_al - sqrt(_al**2 - 1 / (L * C))
_add("step current in an overdamped series RLC circuit",
     V / (L * (_s1 - _s2)) * (exp(_s1 * t) - exp(_s2 * t)),
     "V R L C t",
     (5, 3, 1, 1, 1), (10, 100, 0.5, 0.01, 0.02), (1, 8, 2, 0.5, 3),
     (5, 2.000000001, 1, 1, 1), (5, 1e8, 1, 1, 2), (1, 3, 1, 1, 1e-12), (1, 1, 1e-9, 1, 3), (12, 1000, 1e-3, 1e-6, 1e-2))

a, b, q, r = _anyreal("a b") + _positive("q r")
_add("stabilising solution of the scalar Riccati equation",
     r * (a + sqrt(a**2 + b**2 * q / r)) / b**2,
     "a b q r",
     (1, 2, 1, 0.5), (-0.5, 1, 2, 1), (0.3, -1.5, 1, 3),
     (-1, 1e-6, 1, 1), (-1e8, 1, 1, 1), (-2, 1, 1e-12, 1), (1, 1, 1e-12, 1e8), (1e-9, 0.5, 1e8, 1e-6))

# ---------------------------------------------------------------- electrochemistry, astrophysics, physics
i0, al, eta, T = _positive("i0 al") + _anyreal("eta") + _positive("T")
_F = Rational(9648533212, 100000) / Rational(831446261815324, 10**14)
_add("Butler-Volmer current",
     i0 * (exp(al * _F * eta / T) - exp(-(1 - al) * _F * eta / T)),
     "i0 al eta T",
     (1, 0.5, 0.05, 298.15), (0.1, 0.3, -0.1, 310), (2, 0.6, 0.02, 350),
     (1, 0.5, 1e-9, 298.15), (1e-12, 0.4, 1.5, 300), (1, 1e-9, -0.3, 298.15), (1, 0.999999999, -0.7, 298.15), (3, 0.5, -1e-12, 1e8))

X, c, T = _anyreal("X") + _positive("c T")
_add("Donnan potential of a charged membrane",
     T * log((X + sqrt(X**2 + 4 * c**2)) / (2 * c)),
     "X c T",
     (1, 0.5, 25), (-0.4, 1, 26), (2, 0.1, 24),
     (-1, 1e-6, 25), (1e-9, 1, 25), (-1e8, 1, 25), (1e4, 1e-12, 25), (-1e-6, 3, 0.1))

H, q, z = _positive("H q z")
_add("Mattig luminosity distance",
     (q * z + (q - 1) * (sqrt(1 + 2 * q * z) - 1)) / (H * q**2),
     "H q z",
     (0.7, 0.5, 1), (1, 0.3, 0.2), (0.5, 1.2, 3),
     (0.7, 1e-9, 1), (0.7, 0.5, 1e-9), (1, 1e-6, 1e-3), (1, 1.000000001, 1e4), (1e-6, 1e-12, 5))

G, M, r, c = _positive("G M r c")
_add("gravitational redshift from a spherical mass",
     1 / sqrt(1 - 2 * G * M / (r * c**2)) - 1,
     "G M r c",
     (1, 1, 6, 1), (1, 2, 20, 1), (6.67, 3, 10, 3),
     (6.6743e-11, 5.9722e24, 6.371e6, 299792458), (1, 1, 2.00000001, 1), (1, 1e-12, 1, 1), (1, 1, 1e8, 2), (1, 1e-6, 2.1e-6, 1))

E, m, th = _positive("E m") + _anyreal("th")
_add("energy given to the electron in Compton scattering",
     E - E / (1 + E / m * (1 - cos(th))),
     "E m th",
     (1, 0.511, 1), (0.3, 0.511, 2), (2, 0.511, 0.5),
     (1, 0.511, 1e-6), (1e-9, 0.511, 2), (1e8, 0.511, 3.14159), (1e4, 0.511, 1e-5), (1e-6, 1e8, -1e-3))

Ha, y = _positive("Ha") + _anyreal("y")
_add("Hartmann flow velocity profile",
     (cosh(Ha) - cosh(Ha * y)) / (cosh(Ha) - 1),
     "Ha y",
     (2, 0.3), (5, -0.6), (1, 0.8),
     (1e-6, 0.5), (600, 0.99), (3, 0.999999999), (900, 0.7), (1e-3, -0.99999))

# ---------------------------------------------------------------- epidemiology, genetics, econometrics, hydrology, signals, thermodynamics
S, S0, R0 = _positive("S S0 R0")
_add("infected fraction on the SIR phase curve",
     1 - S + log(S / S0) / R0,
     "S S0 R0",
     (0.6, 0.99, 2.5), (0.8, 0.95, 1.5), (0.3, 0.999, 3),
     (0.999999, 0.9999999, 2), (0.5, 0.50000001, 1e8), (0.99999999, 0.999999995, 1.00000001), (1e-12, 1, 30), (0.999, 0.9990001, 1e4))

P, Q = _positive("P Q")
_add("Kimura two-parameter distance",
     -log(1 - 2 * P - Q) / 2 - log(1 - 2 * Q) / 4,
     "P Q",
     (0.1, 0.05), (0.2, 0.1), (0.05, 0.3),
     (1e-9, 1e-9), (1e-12, 1e-6), (0.249999999, 0.499999999), (0.4, 0.19999999), (1e-6, 0.49999999))

K, L, a, rho = _positive("K L a") + _anyreal("rho")
_add("constant-elasticity-of-substitution production",
     (a * K**rho + (1 - a) * L**rho)**(1 / rho),
     "K L a rho",
     (2, 3, 0.3, 0.5), (1, 4, 0.6, -1), (5, 2, 0.4, 0.8),
     (2, 3, 0.3, 1e-9), (2, 3, 0.3, -1e-6), (100, 200, 0.4, -200), (1e8, 1e-6, 1e-9, 0.5), (2, 2.00000001, 0.5, 600))

e, su, sv = _anyreal("e") + _positive("su sv")
_ms = -e * su**2 / (su**2 + sv**2)
_ss = su * sv / sqrt(su**2 + sv**2)
_add("expected inefficiency given the residual (Jondrow et al.)",
     _ms + _ss * phi(_ms / _ss) / Phi(_ms / _ss),
     "e su sv",
     (-0.3, 0.4, 0.2), (0.2, 0.5, 0.3), (-1, 1, 0.8),
     (5, 0.5, 0.3), (20, 1, 0.5), (-30, 1, 0.5), (0.1, 1e-6, 1), (1e-9, 1e4, 1e-3))

F, ps, dt, K = _positive("F ps dt K")
_add("Green-Ampt time to infiltrate a depth",
     (F - ps * dt * log(1 + F / (ps * dt))) / K,
     "F ps dt K",
     (3, 11, 0.3, 0.65), (5, 20, 0.2, 1), (1, 6, 0.4, 2),
     (1e-9, 11, 0.3, 0.65), (3, 1e8, 0.3, 1), (1e8, 10, 1e-9, 1), (1e-3, 30, 0.4, 1e-6), (1e-12, 1e-6, 0.3, 1e-9))

P, E, w = _positive("P E w")
_add("Fu's evaporation (Budyko curve)",
     P * (1 + E / P - (1 + (E / P)**w)**(1 / w)),
     "P E w",
     (800, 1000, 2.6), (1200, 900, 2), (500, 1400, 3),
     (800, 1e-6, 2.6), (1e-6, 900, 2.6), (800, 1000, 1.000000001), (800, 800.0001, 80), (1e-3, 1e8, 1.5))

t, T, b = _anyreal("t") + _positive("T b")
_add("raised-cosine pulse",
     sin(pi * t / T) / (pi * t / T) * cos(pi * b * t / T) / (1 - (2 * b * t / T)**2),
     "t T b",
     (0.3, 1, 0.5), (1.4, 1, 0.25), (-2.3, 2, 0.8),
     (1e-9, 1, 0.5), (1.000000001, 1, 0.5), (2.0000001, 1, 0.2500000001), (3.0000001, 1, 0.35), (10000.3, 1, 1e-12))

cp, T, T0 = _positive("cp T T0")
_add("thermal exergy of a stream",
     cp * ((T - T0) - T0 * log(T / T0)),
     "cp T T0",
     (1, 400, 298), (4.18, 350, 290), (1.005, 250, 300),
     (1, 298.0000003, 298), (1, 1e8, 298), (1, 1e-9, 298), (2, 300.001, 300), (1e-12, 3e4, 2.9999e4))
