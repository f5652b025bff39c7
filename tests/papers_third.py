"""More models as papers print them: science, finance, and recursions over time."""

from __future__ import annotations

from itertools import pairwise
from math import comb
from typing import Any

import numpy as np
import sympy as sp
from array_formulas import B, Pos, d, i, j, k, n
from array_formulas import S as real
from papers import Paper, Rng, over_i, over_j, paper
from shorthand import Phi, R
from sympy import Max, Sum, acos, asin, atan2, cos, exp, log, pi, sin, sqrt

x, y = B("x", n), B("y", n)
t = B("t", n)
"""Times."""
over_pairs = ((j, 0, i - 1), over_i)
TIMES = np.array([0.25, 1, 2, 5, 10])


def squares(rng: Rng, curve: sp.Expr, wrt: list[Any], where: list[tuple[Any, Any]] | None = None, **inputs: Any) -> Paper:
    """A curve that is fitted to measurements; y=(low, high) are between what these are drawn."""
    low, high = inputs.pop("y")
    count = len(next(one for one in inputs.values() if np.ndim(one)))
    return Paper(Sum((curve - y[i]) ** 2, over_i), where or [], wrt, dict(**inputs, y=rng.uniform(low, high, count)))


@paper
def black_scholes_calibration(rng: Rng) -> Paper:
    """Black and Scholes's prices beside those of the market."""
    strike, price, spot, rate, vol, d1, d2 = B("strike", n), B("price", n), Pos("spot"), real("rate"), Pos("vol"), B("d1"), B("d2")
    where = [(d1[i], (log(spot / strike[i]) + (rate + vol**2 / 2) * t[i]) / (vol * sqrt(t[i]))), (d2[i], d1[i] - vol * sqrt(t[i]))]
    call = spot * Phi(d1[i]) - strike[i] * exp(-rate * t[i]) * Phi(d2[i])
    return Paper(Sum((call - price[i]) ** 2, over_i), where, [vol, rate, spot],
                 dict(strike=np.array([80.0, 100, 120]), t=np.array([0.5, 1, 2]), price=np.array([24.0, 11, 9]), spot=100.0, rate=0.03, vol=0.2))


@paper
def stochastic_volatility_smile(rng: Rng) -> Paper:
    """Gatheral's smile of five parameters."""
    a, b, rho, mu, s = real("a b rho mu s")
    return squares(rng, a + b * (rho * (x[i] - mu) + sqrt((x[i] - mu) ** 2 + s**2)), [a, b, rho, mu, s],
                   x=np.linspace(-1, 1, 5), y=(0.03, 0.1), a=0.02, b=0.1, rho=-0.3, mu=0.05, s=0.2)


@paper
def nelson_siegel_yields(rng: Rng) -> Paper:
    """Nelson and Siegel's curve of yields."""
    (b0, b1, b2), tau = real("b0 b1 b2"), Pos("tau")
    u = t[i] / tau
    slope = (1 - exp(-u)) / u
    return squares(rng, b0 + b1 * slope + b2 * (slope - exp(-u)), [b0, b1, b2, tau],
                   t=np.array([0.25, 1, 2, 5, 10, 30]), y=(0.01, 0.04), b0=0.04, b1=-0.02, b2=0.01, tau=1.8)


@paper
def cox_ingersoll_ross_bond(rng: Rng) -> Paper:
    """The logarithm of Cox, Ingersoll and Ross's price of a bond."""
    rate, speed, mean, vol, end, root, growth, below = Pos("rate speed mean vol end root growth below")
    where = [(root, sqrt(speed**2 + 2 * vol**2)), (growth, exp(root * end) - 1), (below, (speed + root) * growth + 2 * root)]
    price = 2 * speed * mean / vol**2 * log(2 * root * exp((speed + root) * end / 2) / below) - 2 * growth / below * rate
    return Paper(price, where, [rate, speed, mean, vol], dict(rate=0.03, speed=0.5, mean=0.04, vol=0.1, end=5.0))


@paper
def binomial_tree(rng: Rng) -> Paper:
    """Cox, Ross and Rubinstein's call on a tree of five steps."""
    spot, vol, rate, strike, dt, up, p, steps = *Pos("spot vol"), real("rate"), *Pos("strike dt up p"), 5
    grown = exp(vol * sqrt(dt))
    payoffs = (comb(steps, ups) * p**ups * (1 - p) ** (steps - ups) * Max(spot * up ** (2 * ups - steps) - strike, 0) for ups in range(steps + 1))
    return Paper(exp(-rate * steps * dt) * sum(payoffs), [(up, grown), (p, (exp(rate * dt) - 1 / grown) / (grown - 1 / grown))], [spot, vol, rate],
                 dict(spot=100.0, vol=0.2, rate=0.03, strike=101.0, dt=0.1))


@paper
def sharpe_ratio(rng: Rng) -> Paper:
    """Sharpe's ratio of a portfolio."""
    w, returns, riskless, gain, mean = B("w", d), B("returns", n, d), real("riskless"), B("gain"), real("mean")
    return Paper((mean - riskless) / sqrt(Sum((gain[i] - mean) ** 2, over_i) / (n - 1)),
                 [(gain[i], Sum(w[j] * returns[i, j], over_j)), (mean, Sum(gain[i], over_i) / n)], [w],
                 dict(w=rng.uniform(0, 1, 3), returns=rng.normal(size=(8, 3)) * 0.02, riskless=0.001))


@paper
def entropic_risk(rng: Rng) -> Paper:
    """Föllmer and Schied's risk of a portfolio."""
    w, returns, gamma = B("w", d), B("returns", n, d), Pos("gamma")
    return Paper(log(Sum(exp(-gamma * Sum(w[j] * returns[i, j], over_j)), over_i) / n) / gamma, [], [w, gamma],
                 dict(w=rng.uniform(0, 1, 3), returns=rng.normal(size=(8, 3)) * 0.02, gamma=2.0))


@paper
def tangency_portfolio(rng: Rng) -> Paper:
    """Markowitz's tangency portfolio: its mean return."""
    C, mean, one = sp.MatrixSymbol("C", n, n), sp.MatrixSymbol("mean", n, 1), sp.OneMatrix(n, 1)
    data = rng.normal(size=(6, 4))
    return Paper((mean.T * C.I * mean)[0, 0] / (one.T * C.I * mean)[0, 0], [], [mean, C],
                 dict(C=data.T @ data / 6 + 0.1 * np.eye(4), mean=rng.uniform(0.01, 0.1, (4, 1))))


@paper
def leontief_prices(rng: Rng) -> Paper:
    """Leontief's value of a demand."""
    A, demand, price = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("demand", n, 1), sp.MatrixSymbol("price", n, 1)
    return Paper((price.T * (sp.Identity(n) - A).I * demand)[0, 0], [], [A],
                 dict(A=rng.uniform(0, 0.2, (4, 4)), demand=rng.uniform(0, 1, (4, 1)), price=rng.uniform(0, 1, (4, 1))))


@paper
def elastic_production(rng: Rng) -> Paper:
    """Arrow's production of constant elasticity of substitution."""
    goods, share, rho, level = B("goods", n, d), B("share", d), real("rho"), Pos("level")
    return Paper(Sum((log(level) + log(Sum(share[j] * goods[i, j] ** rho, over_j)) / rho - log(y[i])) ** 2, over_i), [], [level, share, rho],
                 dict(goods=rng.uniform(0.5, 3, (5, 2)), share=np.array([0.3, 0.7]), y=rng.uniform(0.5, 3, 5), rho=-0.5, level=1.2))


@paper
def one_compartment(rng: Rng) -> Paper:
    """Bateman's concentration of a drug, absorbed and eliminated."""
    enter, leave, volume, dose = Pos("enter leave volume dose")
    level = dose * enter / (volume * (enter - leave)) * (exp(-leave * t[i]) - exp(-enter * t[i]))
    return Paper(Sum((log(level) - log(y[i])) ** 2, over_i), [], [enter, leave, volume],
                 dict(t=TIMES, y=rng.uniform(0.5, 3, 5), enter=1.1, leave=0.2, volume=20.0, dose=100.0))


@paper
def two_compartments(rng: Rng) -> Paper:
    """A drug that goes to tissue and back."""
    there, back, out = Pos("there back out")
    total = there + back + out
    root = sqrt(total**2 - 4 * back * out)
    fast, slow = (total + root) / 2, (total - root) / 2
    curve = (fast - back) / (fast - slow) * exp(-fast * t[i]) + (back - slow) / (fast - slow) * exp(-slow * t[i])
    return squares(rng, curve, [there, back, out], t=TIMES, y=(0.1, 1), there=0.5, back=0.3, out=0.2)


@paper
def dose_response(rng: Rng) -> Paper:
    """The four-parameter logistic curve of assays."""
    low, high, steep, middle = *real("low high steep"), Pos("middle")
    return squares(rng, high + (low - high) / (1 + (x[i] / middle) ** steep), [low, steep, middle, high],
                   x=np.array([0.01, 0.1, 1, 10, 100]), y=(0, 2), low=0.1, steep=1.3, middle=1.1, high=2.0)


@paper
def inhibited_enzyme(rng: Rng) -> Paper:
    """Michaelis and Menten's enzyme with an inhibitor that competes."""
    inhibitor, (top, half, bind) = B("inhibitor", n), Pos("top half bind")
    return squares(rng, top * x[i] / (half * (1 + inhibitor[i] / bind) + x[i]), [top, half, bind],
                   x=rng.uniform(0.1, 5, 5), inhibitor=rng.uniform(0, 2, 5), y=(0, 1), top=1.0, half=0.5, bind=0.8)


@paper
def hodgkin_huxley_gates(rng: Rng) -> Paper:
    """Hodgkin and Huxley's gates at rest, two of whose rates are 0/0 at a voltage; others are beside these."""
    V = B("V", n)
    potassium = (V[i] + 55) / (100 * (1 - exp(-(V[i] + 55) / 10)))
    sodium = (V[i] + 40) / (10 * (1 - exp(-(V[i] + 40) / 10)))
    return Paper(Sum(potassium / (potassium + exp(-(V[i] + 65) / 80) / 8) + sodium / (sodium + 4 * exp(-(V[i] + 65) / 18)), over_i), [], [V],
                 dict(V=np.array([-65.0, -55 - 1e-9, -40 + 1e-6, -40.0001, 20])))


@paper
def goldman_current(rng: Rng) -> Paper:
    """Goldman, Hodgkin and Katz's currents of two ions."""
    V, first, second, in1, out1, in2, out2 = real("V"), *Pos("first second in1 out1 in2 out2")
    currents = (many * V * (within - without * exp(-V)) / (1 - exp(-V)) for many, within, without in ((first, in1, out1), (second, in2, out2)))
    return Paper(sum(currents), [], [V, first, in1], dict(V=-2.6, first=1.0, second=0.04, in1=140.0, out1=5.0, in2=10.0, out2=145.0))


@paper
def lennard_jones(rng: Rng) -> Paper:
    """Lennard-Jones's energy of atoms."""
    x, (eps, sigma) = B("x", n, 3), Pos("eps sigma")
    square = Sum((x[i, k] - x[j, k]) ** 2, (k, 0, 2))
    return Paper(Sum(4 * eps * ((sigma**2 / square) ** 6 - (sigma**2 / square) ** 3), *over_pairs), [], [x, eps, sigma],
                 dict(x=rng.normal(size=(4, 3)) * 2, eps=0.5, sigma=1.1))


@paper
def coulomb_energy(rng: Rng) -> Paper:
    """Coulomb's energy of charges."""
    x, charge = B("x", n, 3), B("charge", n)
    return Paper(Sum(charge[i] * charge[j] / sqrt(Sum((x[i, k] - x[j, k]) ** 2, (k, 0, 2))), *over_pairs), [], [x, charge],
                 dict(x=rng.normal(size=(4, 3)) * 2, charge=rng.normal(size=4)))


@paper
def morse_potential(rng: Rng) -> Paper:
    """Morse's energy of a bond."""
    depth, width, rest = Pos("depth width rest")
    return squares(rng, depth * (1 - exp(-width * (x[i] - rest))) ** 2, [depth, width, rest],
                   x=rng.uniform(0.8, 3, 5), y=(0, 1), depth=4.0, width=1.9, rest=1.2)


def cross(one: list, other: list) -> list:
    return [one[p] * other[q] - one[q] * other[p] for p, q in ((1, 2), (2, 0), (0, 1))]


def dot(one: list, other: list) -> sp.Expr:
    return sum(p * q for p, q in zip(one, other, strict=True))


@paper
def torsion_energy(rng: Rng) -> Paper:
    """The energy of a torsion about a bond, by the angle of two planes."""
    x = B("x", n, 3)
    first, middle, last = ([x[q + 1, axis] - x[q, axis] for axis in range(3)] for q in range(3))
    one, other, length = cross(first, middle), cross(middle, last), sqrt(dot(middle, middle))
    frame = cross(one, [part / length for part in middle])
    return Paper(1 + cos(3 * atan2(dot(frame, other), dot(one, other))), [], [x], dict(x=rng.normal(size=(4, 3))))


@paper
def haversine_distances(rng: Rng) -> Paper:
    """Distances on a globe by haversines."""
    lats, lons, lat, lon, radius = B("lats", n), B("lons", n), *real("lat lon"), Pos("radius")
    inside = sin((lats[i] - lat) / 2) ** 2 + cos(lats[i]) * cos(lat) * sin((lons[i] - lon) / 2) ** 2
    return Paper(Sum(2 * radius * asin(sqrt(inside)), over_i), [], [lat, lon],
                 dict(lats=rng.normal(size=4) * 0.5, lons=rng.normal(size=4), lat=0.3, lon=0.1, radius=6371.0))


@paper
def great_circle_distances(rng: Rng) -> Paper:
    """Distances on a globe by the cosine rule."""
    lats, lons, lat, lon = B("lats", n), B("lons", n), *real("lat lon")
    return Paper(Sum(acos(sin(lats[i]) * sin(lat) + cos(lats[i]) * cos(lat) * cos(lons[i] - lon)), over_i), [], [lat, lon],
                 dict(lats=rng.normal(size=4) * 0.5, lons=rng.normal(size=4), lat=0.3, lon=0.1))


@paper
def pose_graph(rng: Rng) -> Paper:
    """A robot's poses and what it measured between them."""
    x, seen = B("x", n, 3), B("seen", n, 3)
    (ahead, aside, turn), c, s = (x[i + 1, q] - x[i, q] for q in range(3)), cos(x[i, 2]), sin(x[i, 2])
    turned = turn - seen[i, 2]
    errors = (c * ahead + s * aside - seen[i, 0]) ** 2 + (-s * ahead + c * aside - seen[i, 1]) ** 2
    return Paper(Sum(errors + atan2(sin(turned), cos(turned)) ** 2, (i, 0, n - 2)), [], [x], dict(x=rng.normal(size=(4, 3)), seen=rng.normal(size=(4, 3))))


@paper
def reprojection_error(rng: Rng) -> Paper:
    """Points seen by a camera, turned by Rodrigues's formula."""
    point, seen, f = B("point", n, 3), B("seen", n, 2), real("f")
    turn, shift = list(real("r0:3")), list(real("t0:3"))
    angle, at = sqrt(dot(turn, turn)), [point[i, q] for q in range(3)]
    axis = [one / angle for one in turn]
    across, along = cross(axis, at), dot(axis, at)
    X, Y, Z = (at[q] * cos(angle) + across[q] * sin(angle) + axis[q] * along * (1 - cos(angle)) + shift[q] for q in range(3))
    return Paper(Sum((f * X / Z - seen[i, 0]) ** 2 + (f * Y / Z - seen[i, 1]) ** 2, over_i), [], [f, *turn, shift[2]],
                 dict(point=np.c_[rng.normal(size=(4, 2)), rng.uniform(4, 6, 4)], seen=rng.normal(size=(4, 2)), f=1.2,
                      r0=0.1, r1=-0.2, r2=0.3, t0=0.1, t1=0.2, t2=0.3))


@paper
def butterworth_response(rng: Rng) -> Paper:
    """Butterworth's filter in decibels."""
    cutoff = Pos("cutoff")
    return Paper(Sum((10 * log(1 / (1 + (x[i] / cutoff) ** 8)) / log(10) + 3) ** 2, over_i), [], [cutoff], dict(x=np.array([1.0, 10, 100, 1000]), cutoff=50.0))


@paper
def diffraction_at_a_slit(rng: Rng) -> Paper:
    """Fraunhofer's intensity behind a slit."""
    width, top = Pos("width top")
    u = pi * width * x[i]
    return squares(rng, top * (sin(u) / u) ** 2, [width, top], x=np.array([-1, -0.3, 1e-5, 0.2, 0.9]), y=(0, 1), width=0.8, top=1.1)


@paper
def planck_spectrum(rng: Rng) -> Paper:
    """Planck's spectrum, wavelengths in micrometers and temperatures in thousands of kelvins."""
    heat, scale = Pos("heat scale")
    return squares(rng, scale / (x[i] ** 5 * (exp(14.388 / (x[i] * heat)) - 1)), [heat, scale], x=np.array([0.4, 0.5, 1, 5, 20]), y=(0, 1), heat=5.8, scale=1.0)


@paper
def color_of_a_star(rng: Rng) -> Paper:
    """The ratio of Planck's spectrum at two wavelengths."""
    heat, short, long = Pos("heat short long")
    return Paper(log((exp(14.388 / (long * heat)) - 1) / (exp(14.388 / (short * heat)) - 1)), [], [heat], dict(heat=5.8, short=0.44, long=0.55))


@paper
def saha_ionization(rng: Rng) -> Paper:
    """Saha's share of ions."""
    heat, density, energy = Pos("heat density energy")
    share = 1 / (1 + density * exp(energy / heat) / heat ** R(3, 2))
    return Paper(log(share / (1 - share)) + share, [], [heat, density], dict(heat=0.8, density=0.01, energy=13.6))


@paper
def radial_velocities(rng: Rng) -> Paper:
    """A star's velocity along Kepler's orbit, three of Newton's steps for the anomaly."""
    size, orbit, angle, period = Pos("size"), Pos("orbit"), real("angle"), Pos("period")
    steps, mean = [B(f"E{q}") for q in range(4)], 2 * pi * t[i] / period
    where = [(steps[0][i], mean)]
    where += [(new[i], old[i] - (old[i] - orbit * sin(old[i]) - mean) / (1 - orbit * cos(old[i]))) for old, new in pairwise(steps)]
    last = steps[-1][i]
    anomaly = 2 * atan2(sqrt(1 + orbit) * sin(last / 2), sqrt(1 - orbit) * cos(last / 2))
    return squares(rng, size * (cos(anomaly + angle) + orbit * cos(angle)), [size, orbit, angle, period], where,
                   t=rng.uniform(0, 10, 5), y=(-1, 1), size=2.0, orbit=0.3, angle=0.5, period=3.0)


@paper
def distances_of_supernovae(rng: Rng) -> Paper:
    """Distance moduli at small redshifts."""
    hubble, slowing = Pos("hubble"), real("slowing")
    return squares(rng, 5 * log(x[i] / hubble * (1 + (1 - slowing) * x[i] / 2)) / log(10) + 43, [hubble, slowing],
                   x=rng.uniform(0.01, 0.5, 4), y=(34, 42), hubble=0.7, slowing=-0.5)


@paper
def sersic_profile(rng: Rng) -> Paper:
    """Sérsic's profile of a galaxy."""
    level, radius, index = Pos("level radius index")
    curve = log(level) - (2 * index - R(1, 3)) * ((x[i] / radius) ** (1 / index) - 1)
    return Paper(Sum((curve - log(y[i])) ** 2, over_i), [], [level, radius, index],
                 dict(x=rng.uniform(0.1, 10, 5), y=rng.uniform(0.1, 3, 5), level=1.0, radius=2.0, index=4.0))


@paper
def arrhenius_rate(rng: Rng) -> Paper:
    """Arrhenius's rate of a reaction."""
    factor, energy = real("factor"), Pos("energy")
    return squares(rng, exp(factor - energy / (8.314 * x[i])), [factor, energy], x=np.array([300.0, 320, 340, 360]), y=(0, 2), factor=20.0, energy=5e4)


@paper
def debye_huckel_activity(rng: Rng) -> Paper:
    """Debye and Hückel's activity of ions."""
    ion, (factor, size) = B("ion", n), Pos("factor size")
    return squares(rng, -factor * ion[i] ** 2 * sqrt(x[i]) / (1 + size * sqrt(x[i])), [factor, size],
                   ion=np.array([1.0, 2, -1, 3]), x=rng.uniform(0.001, 0.5, 4), y=(-1, 0), factor=0.5, size=1.5)


@paper
def peng_robinson_gas(rng: Rng) -> Paper:
    """Peng and Robinson's equation of state."""
    V, heat, a, b, omega, critical = B("V", n), B("heat", n), *Pos("a b"), real("omega"), Pos("critical")
    kappa = R(37464, 100000) + R(154226, 100000) * omega - R(26992, 100000) * omega**2
    alpha = (1 + kappa * (1 - sqrt(heat[i] / critical))) ** 2
    return squares(rng, 8.314 * heat[i] / (V[i] - b) - a * alpha / (V[i] ** 2 + 2 * b * V[i] - b**2), [a, b, omega],
                   V=rng.uniform(1, 5, 4), heat=rng.uniform(300, 500, 4), y=(100, 2000), a=0.4, b=0.03, omega=0.1, critical=300.0)


@paper
def wilson_activity(rng: Rng) -> Paper:
    """Wilson's activity of a mixture of two liquids."""
    one, other = Pos("one other")
    rest = 1 - x[i]
    curve = -log(x[i] + one * rest) + rest * (one / (x[i] + one * rest) - other / (other * x[i] + rest))
    return squares(rng, curve, [one, other], x=rng.uniform(0.05, 0.95, 5), y=(0, 1), one=0.3, other=0.8)
