"""More models as papers print them: recursions over time, step by step."""

from __future__ import annotations

import sympy as sp
from array_formulas import B, Pos, i, n
from array_formulas import S as real
from papers import Paper, Rng, over_i, paper
from sympy import Abs, Piecewise, Sum, exp, log, pi, sin, sqrt

y = B("y", n)


@paper
def conditional_variances(rng: Rng) -> Paper:
    """Bollerslev's variances that follow their own past."""
    base, jump, stay, h = *Pos("base jump stay"), Pos("h0:12")
    where = [(h[0], base / (1 - jump - stay))]
    where += [(h[step], base + jump * y[step - 1] ** 2 + stay * h[step - 1]) for step in range(1, 12)]
    return Paper(sum(log(h[step]) + y[step] ** 2 / h[step] for step in range(12)) / 2, where, [base, jump, stay],
                 dict(base=0.1, jump=0.1, stay=0.8, y=rng.normal(size=12)))


@paper
def exponential_variances(rng: Rng) -> Paper:
    """Nelson's variances as logarithms, skewed."""
    base, jump, skew, stay, h = *real("base jump skew stay"), real("h0:8")
    where = [(h[0], base / (1 - stay))]
    for step in range(1, 8):
        shock = y[step - 1] * exp(-h[step - 1] / 2)
        where.append((h[step], base + stay * h[step - 1] + jump * (Abs(shock) - sqrt(2 / pi)) + skew * shock))
    return Paper(sum(h[step] + y[step] ** 2 * exp(-h[step]) for step in range(8)) / 2, where, [base, jump, skew, stay],
                 dict(base=-0.1, jump=0.1, skew=-0.05, stay=0.9, y=rng.normal(size=8)))


@paper
def kalman_filter(rng: Rng) -> Paper:
    """Kalman's likelihood of a state that is seen in noise."""
    q, r, a, mean, spread = *Pos("q r"), real("a"), real("m0:10"), real("p0:10")
    where, loss = [(mean[0], y[0]), (spread[0], r)], sp.S.Zero
    for step in range(1, 10):
        error, ahead = y[step] - a * mean[step - 1], a**2 * spread[step - 1] + q
        where += [(mean[step], a * mean[step - 1] + ahead / (ahead + r) * error), (spread[step], ahead - ahead**2 / (ahead + r))]
        loss += log(ahead + r) + error**2 / (ahead + r)
    return Paper(loss / 2, where, [q, r, a], dict(q=0.3, r=0.5, a=0.9, y=rng.normal(size=10)))


@paper
def trend_smoothing(rng: Rng) -> Paper:
    """Holt's smoothing of a level and a trend."""
    alpha, beta, level, trend = *Pos("alpha beta"), real("l0:10"), real("b0:10")
    where = [(level[0], y[0]), (trend[0], y[1] - y[0])]
    for step in range(1, 10):
        where += [(level[step], alpha * y[step] + (1 - alpha) * (level[step - 1] + trend[step - 1])),
                  (trend[step], beta * (level[step] - level[step - 1]) + (1 - beta) * trend[step - 1])]
    return Paper(sum((y[step] - level[step - 1] - trend[step - 1]) ** 2 for step in range(1, 10)), where, [alpha, beta],
                 dict(alpha=0.5, beta=0.2, y=rng.normal(size=10)))


@paper
def epidemic(rng: Rng) -> Paper:
    """Kermack and McKendrick's epidemic in steps of Euler."""
    beta, gamma, healthy, ill = *Pos("beta gamma"), Pos("s0:9"), Pos("i0:9")
    where = [(healthy[0], sp.Rational(99, 100)), (ill[0], sp.Rational(1, 100))]
    for step in range(8):
        caught = beta * healthy[step] * ill[step]
        where += [(healthy[step + 1], healthy[step] - caught), (ill[step + 1], ill[step] + caught - gamma * ill[step])]
    return Paper(sum((log(ill[step]) - log(y[step])) ** 2 for step in range(9)), where, [beta, gamma],
                 dict(beta=0.5, gamma=0.1, y=rng.uniform(0.01, 0.1, 9)))


@paper
def logistic_map(rng: Rng) -> Paper:
    """May's map, fitted to a series."""
    rate, start, h = Pos("rate"), Pos("start"), real("h0:15")
    where = [(h[0], start)]
    where += [(h[step], rate * h[step - 1] * (1 - h[step - 1])) for step in range(1, 15)]
    return Paper(sum((h[step] - y[step]) ** 2 for step in range(15)), where, [rate, start], dict(rate=3.2, start=0.3, y=rng.uniform(0, 1, 15)))


@paper
def babylonian_root(rng: Rng) -> Paper:
    """Heron's steps to a square root."""
    a, h = Pos("a"), Pos("h0:9")
    where = [(h[0], (1 + a) / 2)]
    where += [(h[step], (h[step - 1] + a / h[step - 1]) / 2) for step in range(1, 9)]
    return Paper(h[8], where, [a], dict(a=2.0))


@paper
def pendulum(rng: Rng) -> Paper:
    """A pendulum in six steps of Runge and Kutta."""
    start, push, g, dt = *real("start push"), *Pos("g dt")
    angle, speed, where = start, push, []
    for step in range(6):
        turns, pulls = sp.symbols(f"a{step}_0:4"), sp.symbols(f"b{step}_0:4")
        for stage, share in enumerate((0, dt / 2, dt / 2, dt)):
            before = max(stage - 1, 0)
            where += [(turns[stage], speed + share * pulls[before]), (pulls[stage], -g * sin(angle + share * turns[before]))]
        new = sp.symbols(f"t{step} o{step}")
        where += [(symbol, old + dt * (rate[0] + 2 * rate[1] + 2 * rate[2] + rate[3]) / 6)
                  for symbol, old, rate in zip(new, (angle, speed), (turns, pulls), strict=True)]
        angle, speed = new
    return Paper(angle**2 + speed**2, where, [start, push, g], dict(start=0.5, push=0.1, g=9.81, dt=0.05))


@paper
def heat_equation(rng: Rng) -> Paper:
    """Fourier's heat along a rod in four explicit steps."""
    start, rate, last = B("start", n), Pos("rate"), B("start", n)
    where = []
    for step in range(1, 5):
        new = B(f"u{step}")
        flow = last[i] + rate * (last[i + 1] - 2 * last[i] + last[i - 1])
        where.append((new[i], Piecewise((flow, (i > 0) & (i < n - 1)), (last[i], True))))
        last = new
    return Paper(Sum((last[i] - y[i]) ** 2, over_i), where, [start, rate], dict(start=rng.normal(size=6), y=rng.normal(size=6), rate=0.2))
