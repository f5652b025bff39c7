"""Fifty more formulas of two to six inputs, as textbooks print them, each at three ordinary points and at five edges.

They were written down before any of them was compiled, for what was found out with those of several_inputs to be tried on others.
"""

from __future__ import annotations

import sympy as sp
from sympy import (
    Abs,
    EulerGamma,
    Max,
    Piecewise,
    Rational,
    acos,
    asin,
    asinh,
    atan,
    cos,
    cosh,
    coth,
    erf,
    erfc,
    exp,
    gamma,
    log,
    loggamma,
    pi,
    sec,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

SECOND: dict[str, tuple[sp.Expr, list[dict[str, float]]]] = {}


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
    assert name not in SECOND, name
    SECOND[name] = (expression, _at(text, *rows))


def _cdf(z):
    return (1 + erf(z / sqrt(2))) / 2


def _pdf(z):
    return exp(-z**2 / 2) / sqrt(2 * pi)


def _sigmoid(z):
    return 1 / (1 + exp(-z))


# ---------------------------------------------------------------- statistics
x, xi, w, al = _anyreal("x xi") + _positive("w") + _anyreal("al")
_z = (x - xi) / w
_add("skew-normal log-density",
     log(2 / w) - _z**2 / 2 - log(2 * pi) / 2 + log(erfc(al * (xi - x) / (sqrt(2) * w)) / 2),
     "x xi w al",
     (0.5, 0, 1, 2), (-1, 0.3, 2, -1), (2, 1, 1.5, 4),
     (-8, 0, 1, 5), (1e-9, 0, 1, 1e4), (30, 0, 1, -3), (1, 1.00000001, 1e-4, 1e4), (5, 0, 1e4, 1e-9))

y, mu, s = _anyreal("y mu") + _positive("s")
_z = (y - mu) / s
_add("continuous ranked probability score of a normal forecast",
     s * (_z * (2 * _cdf(_z) - 1) + 2 * _pdf(_z) - 1 / sqrt(pi)),
     "y mu s",
     (1, 0.5, 2), (-2, 1, 1.5), (12, 10, 3),
     (1, 1.00000001, 1), (1e4, -1e4, 500), (9, 0, 1), (1e-9, 0, 1e4), (25, 0, 0.8))

k1, l1, k2, l2 = _positive("k1 l1 k2 l2")
_add("Kullback-Leibler, two Weibulls (shape, scale)",
     log(k1 / l1**k1) - log(k2 / l2**k2) + (k1 - k2) * (log(l1) - EulerGamma / k1)
     + (l1 / l2)**k2 * gamma(k2 / k1 + 1) - 1,
     "k1 l1 k2 l2",
     (1.5, 2, 1, 1.5), (2, 1, 3, 1.2), (0.8, 5, 1.2, 4),
     (2, 1, 2.000001, 1.000001), (1e3, 1, 1000.001, 1.0000001), (50, 2, 1e-6, 1), (0.1, 1, 5, 2), (3, 1e4, 3, 9999.9999))

x, d1, d2 = _positive("x d1 d2")
_add("F-distribution log-density",
     d1 / 2 * log(d1) + d2 / 2 * log(d2) + (d1 / 2 - 1) * log(x) - (d1 + d2) / 2 * log(d1 * x + d2)
     - (loggamma(d1 / 2) + loggamma(d2 / 2) - loggamma((d1 + d2) / 2)),
     "x d1 d2",
     (1.2, 3, 10), (0.5, 5, 2), (3, 1, 20),
     (1.0000001, 1e4, 1e4), (1e-9, 2.5, 4), (1e4, 0.5, 3), (2, 1e-9, 5), (0.9, 1e4, 1e-6))

y, th, la = _positive("y th la")
_add("generalised Poisson (Consul) log-probability",
     log(th) + (y - 1) * log(th + la * y) - th - la * y - loggamma(y + 1),
     "y th la",
     (3, 2, 0.3), (1, 0.5, 0.1), (10, 4, 0.5),
     (1e4, 100, 0.99), (5, 3, 1e-9), (1e-9, 2, 0.5), (2, 1e-9, 0.3), (50, 1e4, 1e-3))

u, v, th = _positive("u v th")
_add("Gumbel copula",
     exp(-((-log(u))**th + (-log(v))**th)**(1 / th)),
     "u v th",
     (0.3, 0.6, 2), (0.8, 0.5, 1.5), (0.2, 0.9, 3),
     (0.5, 0.4, 1.000000001), (1e-9, 1e-9, 5), (0.999999999, 0.99999, 2), (0.4, 0.7, 80), (0.3, 0.30000001, 50))

_add("Clayton copula log-density",
     log(1 + th) - (1 + th) * log(u * v) - (2 + 1 / th) * log(u**(-th) + v**(-th) - 1),
     "u v th",
     (0.3, 0.6, 2), (0.8, 0.5, 0.7), (0.2, 0.25, 5),
     (0.3, 0.6, 1e-9), (1e-9, 1e-6, 20), (0.99999999, 0.9999999, 3), (0.4, 0.40000001, 1e3), (0.5, 0.999999, 1e-6))

th = sp.Symbol("th", real=True)
_add("Frank copula",
     -log(1 + (exp(-th * u) - 1) * (exp(-th * v) - 1) / (exp(-th) - 1)) / th,
     "u v th",
     (0.3, 0.6, 2), (0.8, 0.5, -3), (0.2, 0.7, 5),
     (0.3, 0.6, 1e-9), (0.7, 0.4, -1e-6), (0.35, 0.4, 80), (0.3, 0.6, -40), (1e-9, 0.5, 10))

m1, s1, m2, s2 = _anyreal("m1") + _positive("s1") + _anyreal("m2") + _positive("s2")
_add("Hellinger distance, two normals",
     sqrt(1 - sqrt(2 * s1 * s2 / (s1**2 + s2**2)) * exp(-(m1 - m2)**2 / (4 * (s1**2 + s2**2)))),
     "m1 s1 m2 s2",
     (0, 1, 1, 2), (2, 0.5, 1, 1), (-1, 3, 0, 2),
     (0, 1, 1e-8, 1.00000001), (5, 1e-6, 5.000001, 1.1e-6), (0, 1, 20, 1.5), (1, 1e-4, 1.01, 1e4), (1e4, 3, 9999.9999, 3.0001))

eta, lam = _anyreal("eta") + _positive("lam")
_add("Aranda-Ordaz asymmetric inverse link",
     1 - (1 + lam * exp(eta))**(-1 / lam),
     "eta lam",
     (0.5, 0.7), (-1, 1.5), (2, 0.3),
     (0.5, 1e-9), (-30, 2), (600, 3), (1, 1e4), (4, 1e-6))

x1, t1, x2, t2 = _positive("x1 t1 x2 t2")
_e1 = (x1 + x2) * t1 / (t1 + t2)
_e2 = (x1 + x2) * t2 / (t1 + t2)
_add("likelihood-ratio statistic, equality of two Poisson rates",
     2 * (x1 * log(x1 / _e1) + x2 * log(x2 / _e2)),
     "x1 t1 x2 t2",
     (12, 100, 20, 110), (5, 2, 3, 4), (40, 10, 25, 8),
     (10, 2, 5, 1.0000001), (1e-9, 1, 5, 2), (1e4, 1e4, 9999, 1e4), (3, 1e-9, 2, 1e4), (1e4, 3, 1e-6, 7))

x, w, m1, m2 = _anyreal("x") + _positive("w") + _anyreal("m1 m2")
_add("log-likelihood of a two-component normal mixture",
     log(w / s1 * _pdf((x - m1) / s1) + (1 - w) / s2 * _pdf((x - m2) / s2)),
     "x w m1 s1 m2 s2",
     (0.5, 0.4, 0, 1, 2.2, 1.5), (-1, 0.7, -2, 0.5, 1, 2), (3, 0.2, 1, 2, 4, 1),
     (40, 0.3, 0, 1, 1, 1), (0.02, 1e-9, 0, 1e-3, 0.5, 3), (0.02, 0.5, 1, 1e4, 0, 1e-3),
     (1.5, 0.999999999, 1, 0.5, 1.0000001, 0.5000001), (1e4, 0.6, 9990, 1, 9985, 2))

r1, n1, r2, n2 = _anyreal("r1") + _positive("n1") + _anyreal("r2") + _positive("n2")
_add("z-test of two correlations by Fisher's transformation",
     (log((1 + r1) / (1 - r1)) / 2 - log((1 + r2) / (1 - r2)) / 2) / sqrt(1 / (n1 - 3) + 1 / (n2 - 3)),
     "r1 n1 r2 n2",
     (0.5, 30, 0.2, 40), (-0.3, 15, 0.4, 25), (0.85, 100, 0.8, 120),
     (0.999999999, 10, 0.99999999, 12), (0.5, 20, 0.500000001, 30), (0.2, 3.000001, 0.3, 50), (1e-9, 1e4, -2e-9, 1e4),
     (-0.999999, 5, 0.99999, 6))

u, g1, g2, g3, g4 = _positive("u") + _anyreal("g1") + _positive("g2") + _anyreal("g3 g4")
_add("generalised lambda quantile (FKML)",
     g1 + ((u**g3 - 1) / g3 - ((1 - u)**g4 - 1) / g4) / g2,
     "u g1 g2 g3 g4",
     (0.3, 0, 1, 0.2, 0.1), (0.8, 2, 0.5, -0.1, 0.3), (0.5, -1, 2, 0.13, 0.14),
     (0.3, 0, 1, 1e-9, -1e-9), (1e-9, 1, 2, -0.5, 0.2), (0.999999999, 0, 1, 0.1, -2), (0.50000001, 0, 1, 0.2, 0.2000001),
     (0.3, 1e-9, 1e4, 50, 1e-6))

# ---------------------------------------------------------------- machine learning
mu, f, s = _anyreal("mu f") + _positive("s")
_z = (mu - f) / s
_add("log expected improvement",
     log((mu - f) * erfc((f - mu) / (sqrt(2) * s)) / 2 + s * _pdf(_z)),
     "mu f s",
     (1, 0.8, 0.5), (0.2, 0.5, 0.3), (3, 2, 1),
     (0, 30, 1), (0, 8, 0.2), (0.5, 0.50000001, 1e4), (200, 1, 20), (1, 1.0000001, 1e-8))

a, b = _anyreal("a b")
_p, _q = _sigmoid(a), _sigmoid(b)
_add("Kullback-Leibler, two Bernoullis given by logits",
     _p * log(_p / _q) + (1 - _p) * log((1 - _p) / (1 - _q)),
     "a b",
     (0.5, -0.3), (2, 1), (-1, 1.5),
     (1, 1.00000001), (40, -35), (1e-9, -2e-9), (30, 29), (-50, 20))

x, y, ell, al, s = _anyreal("x y") + _positive("ell al s")
_add("rational quadratic kernel",
     s**2 * (1 + (x - y)**2 / (2 * al * ell**2))**(-al),
     "x y ell al s",
     (1, 0.5, 2, 1.5, 1), (-1, 2, 1, 0.7, 0.5), (0.3, 0.9, 0.4, 3, 2),
     (1, 1.00000001, 1, 2, 1), (1, 0, 1, 1e4, 1), (1, 0, 1, 1e-9, 1), (30, 0, 1, 1e4, 3), (1e4, -1e4, 1e-6, 0.5, 1e3))

x1, x2, y1, y2 = _anyreal("x1 x2 y1 y2")
_nx, _ny = sqrt(x1**2 + x2**2), sqrt(y1**2 + y2**2)
_angle = acos((x1 * y1 + x2 * y2) / (_nx * _ny))
_add("arc-cosine kernel of order one (ReLU network)",
     _nx * _ny / pi * (sin(_angle) + (pi - _angle) * cos(_angle)),
     "x1 x2 y1 y2",
     (1, 0.5, 0.3, 2), (-1, 2, 1, 1), (0.4, -0.7, -0.2, -1.5),
     (1, 2, 1.0000001, 2), (1e-6, 1, 1, 1e-6), (1, 1, -1, -1.000001), (1e4, 1, 1e-4, 2e-6), (3, -4, -3.0000001, 4.0000002))

x, y, ell, s = _anyreal("x y") + _positive("ell s")
_add("Matern 3/2 kernel",
     s**2 * (1 + sqrt(3) * Abs(x - y) / ell) * exp(-sqrt(3) * Abs(x - y) / ell),
     "x y ell s",
     (1, 0.5, 2, 1), (-1, 2, 1, 0.5), (0.3, 0.9, 0.4, 2),
     (1, 1.00000001, 1, 1), (300, 0, 1, 2), (2, 1, 1e4, 1), (1.000002, 1, 1e-6, 1e-3), (1e-9, -1e-9, 1, 1e4))

a1, a2, p1, p2, n1, n2 = _anyreal("a1 a2 p1 p2 n1 n2")
_add("triplet margin loss in the plane, margin one fifth",
     Max(sqrt((a1 - p1)**2 + (a2 - p2)**2) - sqrt((a1 - n1)**2 + (a2 - n2)**2) + Rational(1, 5), 0),
     "a1 a2 p1 p2 n1 n2",
     (0.1, 0.2, 0.5, -0.3, 0.4, 0.6), (1, -1, 0.2, 0.5, 0.3, -0.9), (0, 0.5, 0.1, 0.4, 2, -1),
     (1, 2, 1.00000001, 2.00000001, 1.05, 2.1), (1e4, -1e4, 9999, -9999, 9999.0001, -9998.9999),
     (0.3, 0.4, 0.3000000001, 0.4, 0.5, 0.4000001), (0.3, 0.4, 0.3, 0.5, 0.599999999, 0.4), (1e-9, 0, -1e-9, 1e-9, 2e-9, -3e-9))

x, lo, hi, b = _anyreal("x lo hi") + _positive("b")
_add("smooth clamp by two softplus functions",
     lo + (log(1 + exp(b * (x - lo))) - log(1 + exp(b * (x - hi)))) / b,
     "x lo hi b",
     (0.3, 0, 1, 5), (-0.5, -1, 1, 2), (2, 0, 1.5, 3),
     (0.3, 0, 1, 1e-6), (0.5, 0, 1, 80), (-6, 0, 1, 10), (800, 760, 761, 1), (0.3, 0.1, 0.10000001, 2))

y, m, d = _anyreal("y m") + _positive("d")
_add("pseudo-Huber loss",
     d**2 * (sqrt(1 + ((y - m) / d)**2) - 1),
     "y m d",
     (1, 0.5, 1), (-2, 1, 0.5), (3, 2.2, 2),
     (1, 1.00000001, 1), (1e4, -1e4, 1e-6), (2, 1, 1e4), (1e-9, -1e-7, 10), (5, 4.99, 1e-9))

# ---------------------------------------------------------------- physics
g, J, B, T = _positive("g J B T")
_y = g * J * B / T
_add("Brillouin magnetisation per ion (Bohr magneton and k_B one)",
     g * J * ((2 * J + 1) / (2 * J) * coth((2 * J + 1) * _y / (2 * J)) - coth(_y / (2 * J)) / (2 * J)),
     "g J B T",
     (2, 3.5, 1, 4), (2, 0.5, 2, 1), (1.2, 2, 0.5, 3),
     (2, 3.5, 1e-9, 300), (2, 0.5, 20, 1), (2, 1e4, 1e-9, 10), (1.5, 7.5, 60, 5), (2, 1e-4, 1, 2))

p1, e1, f1, p2, e2, f2 = _positive("p1") + _anyreal("e1 f1") + _positive("p2") + _anyreal("e2 f2")
_add("invariant mass of two massless particles (pT, eta, phi)",
     sqrt(2 * p1 * p2 * (cosh(e1 - e2) - cos(f1 - f2))),
     "p1 e1 f1 p2 e2 f2",
     (45, 0.5, 1, 40, -0.7, -2), (20, 1.2, 0.3, 35, 0.4, 2.5), (5, -1, 2, 8, -2, 1),
     (45, 1, 0.5, 50, 1.0000001, 0.5000001), (1e4, 5, 0.1, 1e-3, -5, 3.2), (30, 0.3, 1e-9, 30, 0.3001, -1e-9),
     (1, 150, 1, 1, -150, 2), (25, 1e-9, 3.1415926, 30, -1e-9, 0))

E, V, a, m = _positive("E V a m")
_add("transmission through a rectangular barrier, E < V (hbar one)",
     1 / (1 + V**2 * sinh(a * sqrt(2 * m * (V - E)))**2 / (4 * E * (V - E))),
     "E V a m",
     (1, 2, 1, 1), (0.5, 3, 0.4, 1), (2, 2.5, 1.5, 0.5),
     (1, 1.000000001, 2, 1), (1e-9, 1, 1, 1), (1, 2, 1e-9, 1), (5, 1e4, 0.5, 1), (3, 4, 90, 2))

z, w, t = _positive("z w t")
_wd = w * sqrt(1 - z**2)
_add("step response of an underdamped second-order system",
     1 - exp(-z * w * t) * (cos(_wd * t) + z / sqrt(1 - z**2) * sin(_wd * t)),
     "z w t",
     (0.3, 2, 1), (0.7, 1, 3), (0.1, 5, 0.5),
     (0.999999999, 1, 2), (1e-9, 3, 1), (0.5, 1, 1e-9), (0.5, 100, 2), (0.99999, 1e4, 1e-6))

x, mu, s, al, n = _anyreal("x mu") + _positive("s al n")
_z = (x - mu) / s
_add("Crystal Ball line shape",
     Piecewise((exp(-_z**2 / 2), _z > -al), ((n / al)**n * exp(-al**2 / 2) * (n / al - al - _z)**(-n), True)),
     "x mu s al n",
     (1, 0.5, 2, 1.5, 3), (-3, 0, 1, 1.2, 2), (4.9, 5.3, 0.2, 1, 5),
     (-1.00000001, 0, 1, 1, 4), (-1e4, 0, 1, 1, 3), (-5, 0, 1, 1, 1e4), (20, 0, 1, 2, 3), (-1, 0, 1, 1e-6, 2))

eps, d, ra = _positive("eps d ra")
_add("capacitance per length of two parallel wires",
     pi * eps / log(d / (2 * ra) + sqrt((d / (2 * ra))**2 - 1)),
     "eps d ra",
     (1, 5, 1), (8.854, 0.1, 0.002), (2.3, 3, 0.5),
     (1, 2.000000001, 1), (1, 1e4, 1e-6), (8.854e-12, 0.0200001, 0.01), (1e-9, 1e-4, 1e-9), (3, 2.0001e4, 1e4))

# ---------------------------------------------------------------- engineering
UA, C1, C2 = _positive("UA C1 C2")
_N, _C = UA / C1, C1 / C2
_add("effectiveness of a counterflow exchanger (UA, Cmin, Cmax)",
     (1 - exp(-_N * (1 - _C))) / (1 - _C * exp(-_N * (1 - _C))),
     "UA C1 C2",
     (2, 1, 2), (500, 300, 400), (10, 4, 20),
     (2, 1, 1.000000001), (1e-9, 1, 2), (50, 1, 2), (3, 0.01, 1e4), (1e4, 1, 1.0001))

M, g = _positive("M g")
_add("Prandtl-Meyer function",
     sqrt((g + 1) / (g - 1)) * atan(sqrt((g - 1) / (g + 1) * (M**2 - 1))) - atan(sqrt(M**2 - 1)),
     "M g",
     (2, 1.4), (1.5, 1.3), (5, 1.67),
     (1.00000001, 1.4), (1e4, 1.4), (2, 1.000001), (1.0001, 1.0000000001), (30, 1.01))

sa, ec, sl, E = _positive("sa ec sl E")
_add("secant formula for an eccentrically loaded column",
     sa * (1 + ec * sec(sl / 2 * sqrt(sa / E))),
     "sa ec sl E",
     (50, 0.3, 80, 2e5), (100, 0.1, 60, 2e5), (20, 0.5, 120, 7e4),
     (197.39208, 0.25, 100, 2e5), (1e-9, 0.2, 50, 2e5), (50, 1e-9, 1e-6, 2e5), (180, 1e-9, 104.7, 2e5), (1e4, 0.3, 1, 1e6))

p1, p2, n, T = _positive("p1 p2 n T")
_add("polytropic compression work per unit gas (p1, p2, n, T)",
     n / (n - 1) * T * ((p2 / p1)**((n - 1) / n) - 1),
     "p1 p2 n T",
     (1, 5, 1.3, 300), (2, 3, 1.4, 290), (1, 10, 1.2, 310),
     (1, 5, 1.000000001, 300), (1, 1.00000001, 1.3, 300), (1, 1e4, 1.4, 1e-6), (1e-9, 1e4, 1.6666667, 4), 
     (3, 1e-6, 0.9999999, 1e4))

# ---------------------------------------------------------------- astronomy
f1, l1, f2, l2 = _anyreal("f1 l1 f2 l2")
_add("great-circle angle, haversine formula",
     2 * asin(sqrt(sin((f2 - f1) / 2)**2 + cos(f1) * cos(f2) * sin((l2 - l1) / 2)**2)),
     "f1 l1 f2 l2",
     (0.5, 0.2, 0.9, 1.3), (-0.3, 2, 0.4, 1), (1.1, -1, 0.7, 0.5),
     (0.5, 0.2, 0.50000001, 0.2000001), (0.4, 0.1, -0.40000001, 3.2415926), (1.57079632, 0.5, 1.5707963, -2),
     (1e-9, 0, 2e-9, 1e-9), (-1.3, 1, 1.3, 4.1415))

H, OL, z = _positive("H OL") + _anyreal("z")
_add("age of a flat universe with a cosmological constant",
     2 / (3 * H * sqrt(OL)) * asinh(sqrt(OL / (1 - OL)) * (1 + z)**Rational(-3, 2)),
     "H OL z",
     (0.07, 0.7, 0), (0.0716, 0.6889, 2), (1, 0.3, 0.5),
     (0.07, 1e-9, 1), (0.07, 0.999999999, 0.1), (0.07, 0.7, 1e4), (1, 0.7, -0.999999), (1e-4, 0.5, 1e-9))

t, t0, u0, tE = _anyreal("t t0") + _positive("u0 tE")
_u = sqrt(u0**2 + ((t - t0) / tE)**2)
_add("microlensing magnification in excess of one",
     (_u**2 + 2) / (_u * sqrt(_u**2 + 4)) - 1,
     "t t0 u0 tE",
     (5, 2, 0.3, 20), (-10, 4, 0.8, 15), (30, 0, 0.1, 25),
     (0, 1e-7, 1e-4, 20), (1e4, 0, 0.3, 1), (5, 4.9999999, 1e-9, 30), (1, 0, 1e4, 1), (2, 1, 2, 1e4))

# ---------------------------------------------------------------- finance, insurance
S, K, r, q, s, T = _positive("S K") + _anyreal("r q") + _positive("s T")
_d1 = (log(S / K) + (r - q + s**2 / 2) * T) / (s * sqrt(T))
_d2 = _d1 - s * sqrt(T)
_add("Black-Scholes-Merton call with dividend yield",
     S * exp(-q * T) * _cdf(_d1) - K * exp(-r * T) * _cdf(_d2),
     "S K r q s T",
     (100, 105, 0.03, 0.01, 0.2, 1), (50, 45, 0.05, 0, 0.35, 0.5), (10, 12, 0.01, 0.02, 0.5, 2),
     (100, 100.0001, 0.03, 0, 0.2, 1e-9), (100, 190, 0.02, 0.01, 0.2, 0.15), (100, 60, 1e-9, 0, 0.1, 0.5),
     (1e4, 1, 0.04, 0.03, 1.5, 30), (100, 100, 0.01, 0.0100001, 1e-4, 1))

V, F, r, s, T = _positive("V F") + _anyreal("r") + _positive("s T")
_d1 = (log(V / F) + (r + s**2 / 2) * T) / (s * sqrt(T))
_d2 = _d1 - s * sqrt(T)
_add("credit spread in Merton's structural model",
     -log(_cdf(_d2) + V / (F * exp(-r * T)) * _cdf(-_d1)) / T,
     "V F r s T",
     (120, 100, 0.03, 0.25, 5), (100, 80, 0.02, 0.2, 1), (50, 60, 0.05, 0.4, 3),
     (300, 100, 0.03, 0.2, 1), (100, 100.0001, 1e-9, 0.2, 1e-6), (1, 100, 0.02, 0.5, 1), (500, 100, -0.005, 0.3, 0.4),
     (1e4, 100, 0.01, 1.5, 20))

A, B, g, x, t = _positive("A B g x t")
_add("Gompertz-Makeham survival from age x to x+t",
     exp(-A * t - B / g * (exp(g * (x + t)) - exp(g * x))),
     "A B g x t",
     (0.0005, 0.00003, 0.1, 40, 20), (0.001, 0.0001, 0.09, 65, 10), (0.0002, 0.00001, 0.11, 30, 50),
     (0.001, 0.01, 1e-9, 40, 20), (0.0005, 0.00003, 0.1, 70, 1e-9), (1e-9, 0.00003, 0.1, 115, 10), (0.01, 1e-12, 0.1, 1e-6, 1),
     (1, 0.5, 1e-4, 1e4, 50))

S, K, r, s = _positive("S K r s")
_g = 2 * r / s**2
_add("perpetual American put",
     K / (1 + _g) * (S * (1 + _g) / (_g * K))**(-_g),
     "S K r s",
     (100, 95, 0.05, 0.3), (40, 50, 0.03, 0.4), (10, 8, 0.02, 0.25),
     (100, 95, 1e-9, 0.3), (120, 100, 0.05, 0.01), (33.333334, 50, 0.04, 0.2), (2, 1e-6, 0.05, 0.5), (1e4, 9e3, 0.01, 50))

# ---------------------------------------------------------------- biology, pharmacology
p, N, s = _positive("p N") + _anyreal("s")
_add("Kimura's fixation probability",
     (1 - exp(-4 * N * s * p)) / (1 - exp(-4 * N * s)),
     "p N s",
     (0.01, 1000, 0.001), (0.1, 50, -0.01), (0.5, 200, 0.003),
     (0.3, 1e4, 1e-12), (5e-5, 1e4, -0.005), (1e-4, 1e3, 0.5), (0.5, 1e3, 0.1), (0.999999, 20, -1e-6))

r, sg, m, ga, n = _anyreal("r") + _positive("sg m ga n")
_add("reproduction number from growth rate, gamma-distributed stages",
     r * (r / (sg * m) + 1)**m / (ga * (1 - (r / (ga * n) + 1)**(-n))),
     "r sg m ga n",
     (0.1, 0.3, 2, 0.2, 3), (0.05, 0.5, 1, 0.14, 2), (-0.02, 0.2, 3, 0.25, 1.5),
     (1e-9, 0.3, 2, 0.2, 3), (0.1, 0.3, 1e4, 0.2, 1e4), (-1e-6, 0.5, 20, 0.1, 1), (2, 1e-3, 2, 1e-5, 4), (0.2, 1e4, 3, 0.3, 1e-6))

D, a1, a2, a3, t = _positive("D k10 k12 k21 t")
_S = a1 + a2 + a3
_al = (_S + sqrt(_S**2 - 4 * a1 * a3)) / 2
_be = (_S - sqrt(_S**2 - 4 * a1 * a3)) / 2
_add("two-compartment bolus concentration from micro-constants",
     D * ((_al - a3) / (_al - _be) * exp(-_al * t) + (a3 - _be) / (_al - _be) * exp(-_be * t)),
     "D k10 k12 k21 t",
     (10, 0.2, 0.5, 0.3, 2), (5, 0.1, 0.05, 0.4, 6), (100, 1, 0.8, 0.2, 1),
     (10, 0.5, 1e-9, 0.50000001, 3), (10, 0.2, 0.5, 0.3, 1e-9), (1, 0.3, 1e-6, 1e-9, 40), (1, 0.01, 1e4, 1e3, 200),
     (1e4, 1e-9, 0.4, 0.6, 1e4))

E, I_, K = _positive("E I K")
_add("tight-binding inhibition (Morrison)",
     1 - ((E + I_ + K) - sqrt((E + I_ + K)**2 - 4 * E * I_)) / (2 * E),
     "E I K",
     (1, 0.5, 0.2), (0.1, 2, 1), (5, 4, 0.5),
     (1, 1.000000001, 1e-9), (1, 1e-9, 0.3), (1e-9, 2, 1), (1e4, 1e4, 1e-6), (1, 1e4, 1e-6))

# ---------------------------------------------------------------- chemistry
x1, t12, t21, al = _positive("x1") + _anyreal("t12 t21") + _positive("al")
_G12, _G21 = exp(-al * t12), exp(-al * t21)
_add("NRTL log activity coefficient",
     (1 - x1)**2 * (t21 * (_G21 / (x1 + (1 - x1) * _G21))**2 + t12 * _G12 / ((1 - x1) + x1 * _G12)**2),
     "x1 t12 t21 al",
     (0.3, 0.5, 1.2, 0.3), (0.7, -0.4, 2, 0.2), (0.5, 1, 0.8, 0.47),
     (0.999999999, 0.5, 1.2, 0.3), (1e-9, 0.5, 1.2, 0.3), (0.4, 1.5, -0.7, 1e-9), (0.4, 300, -20, 0.3),
     (0.6, 1e-9, -1.0000001e-9, 0.3))

T, Tm, dH, dC = _positive("T Tm") + _anyreal("dH dC")
_add("unfolding free energy (Gibbs-Helmholtz)",
     dH * (1 - T / Tm) - dC * ((Tm - T) + T * log(T / Tm)),
     "T Tm dH dC",
     (298, 330, 300, 6), (310, 340, 450, 8), (280, 320, 200, 5),
     (300, 300.0000001, 300, 6), (298, 298.001, 1e-9, 5), (1e-6, 330, 300, 6), (1e4, 1, 100, -2), (299.999, 300, 0.001, 1e4))

ps, ka, x = _anyreal("ps") + _positive("ka x")
_g = tanh(ps / 4) * exp(-ka * x)
_add("Gouy-Chapman potential profile (reduced)",
     2 * log((1 + _g) / (1 - _g)),
     "ps ka x",
     (2, 1, 0.5), (-4, 0.3, 2), (1, 2, 1),
     (1e-9, 1, 0.5), (80, 1, 0.1), (40, 1e-3, 1e-3), (3, 2, 20), (-6, 1e4, 1e-9))

# ---------------------------------------------------------------- geometry, numerical analysis
a, b, c = _positive("a b c")
_s = (a + b + c) / 2
_add("Heron's area of a triangle",
     sqrt(_s * (_s - a) * (_s - b) * (_s - c)),
     "a b c",
     (3, 4, 5), (2, 2, 1), (7, 5, 9),
     (1, 1, 1e-9), (1, 2, 2.9999999), (1e4, 1e4, 1e-6), (3, 4, 1.000000001), (1e-6, 1e-6, 1.9999999e-6))

_add("spherical excess (L'Huilier)",
     4 * atan(sqrt(tan(_s / 2) * tan((_s - a) / 2) * tan((_s - b) / 2) * tan((_s - c) / 2))),
     "a b c",
     (0.5, 0.7, 0.9), (1.2, 1, 0.6), (1.5, 1.4, 1.3),
     (1e-6, 1e-6, 1e-6), (1, 1, 1e-8), (0.5, 0.7, 1.19999999), (2.0943951, 2.0943951, 2.0943951), (3e-5, 1.57, 1.57001))

x, y, p = _positive("x y") + _anyreal("p")
_add("Stolarsky mean",
     ((x**p - y**p) / (p * (x - y)))**(1 / (p - 1)),
     "x y p",
     (1, 2, 3), (5, 3, 0.5), (0.4, 0.9, -1.5),
     (1, 1.00000001, 2.5), (2, 3, 1e-9), (2, 3, 1.000000001), (1e-9, 1e4, -0.5), (3, 2, 200))

a, b, d = _anyreal("a b d")
_add("smaller eigenvalue of a symmetric 2x2 matrix",
     (a + d) / 2 - sqrt(((a - d) / 2)**2 + b**2),
     "a b d",
     (2, 1, 3), (-1, 0.5, 2), (4, 2, 1.5),
     (1, 1, 1.0000001), (1e4, 1e-3, 1e-9), (1, 1e-9, 1.000000001), (1e4, 1e4, 10000.0001), (3, 1e-6, -1e4))
