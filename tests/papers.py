"""Models as papers print them, each with a gradient that its authors derive by hand or leave to software: statistics.

Each is declared by a function of a random generator, from which its inputs are drawn.  `papers_second` and `papers_third` add to the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from array_formulas import B, K, Pos, d, i, j, k, l, m, n
from array_formulas import S as real
from shorthand import Phi
from shorthand import S as sigmoid
from sympy import Piecewise, Sum, exp, log, loggamma, pi, sqrt

Rng = np.random.Generator


class Paper(NamedTuple):
    """A loss, its intermediate steps, the parameters that gradients go towards, and ordinary inputs."""

    loss: sp.Expr
    where: list[tuple[Any, Any]]
    wrt: list[Any]
    inputs: dict[str, Any]


PAPERS: dict[str, Callable[[Rng], Paper]] = {}


def paper(declare: Callable[[Rng], Paper]) -> Callable[[Rng], Paper]:
    assert declare.__name__ not in PAPERS
    PAPERS[declare.__name__] = declare
    return declare


def declared(name: str) -> Paper:
    """The model of this name with the inputs that its name draws."""
    return PAPERS[name](np.random.default_rng(list(name.encode())))


over_i, over_j, over_k, over_l = (i, 0, n - 1), (j, 0, d - 1), (k, 0, K - 1), (l, 0, K - 1)
over_m = (j, 0, m - 1)
x, beta, y = B("x", n, d), B("beta", d), B("y", n)
a, mu, r, z = B("a"), B("mu"), B("r"), B("z")
"""Intermediate steps, where a model has them."""
predictor = Sum(x[i, j] * beta[j], over_j)
COUNTS, EVENTS = np.array([0.0, 0, 1, 3, 7, 2]), np.array([1.0, 0, 1, 1, 0, 1])
LEVELS = np.array([0, 1, 2, 3, 1, 2])


def design(rng: Rng, rows: int) -> dict[str, np.ndarray]:
    """Covariates and their coefficients."""
    return dict(x=rng.normal(size=(rows, 2)), beta=rng.normal(size=2))


@paper
def cox_partial_likelihood(rng: Rng) -> Paper:
    """Cox's partial likelihood."""
    event, time, risk = B("event", n), B("time", n), B("risk")
    at_risk = Sum(Piecewise((exp(a[k]), time[k] >= time[i]), (0, True)), (k, 0, n - 1))
    return Paper(-Sum(event[i] * (a[i] - log(risk[i])), over_i), [(a[i], predictor), (risk[i], at_risk)], [beta],
                 dict(**design(rng, 6), event=EVENTS, time=rng.uniform(1, 5, 6)))


@paper
def zero_inflated_poisson(rng: Rng) -> Paper:
    """Poisson regression with an excess of zeros."""
    logit = real("logit")
    p = sigmoid(logit)
    none = log(p + (1 - p) * exp(-mu[i]))
    some = log(1 - p) + y[i] * log(mu[i]) - mu[i] - loggamma(y[i] + 1)
    return Paper(-Sum(Piecewise((none, sp.Eq(y[i], 0)), (some, True)), over_i), [(mu[i], exp(predictor))], [beta, logit],
                 dict(**design(rng, 6), y=COUNTS, logit=0.3))


@paper
def negative_binomial_regression(rng: Rng) -> Paper:
    """Regression of counts with a dispersion that is estimated."""
    r = Pos("r")
    density = loggamma(y[i] + r) - loggamma(r) - loggamma(y[i] + 1) + r * log(r / (r + mu[i])) + y[i] * log(mu[i] / (r + mu[i]))
    return Paper(-Sum(density, over_i), [(mu[i], exp(predictor))], [beta, r], dict(**design(rng, 6), y=COUNTS, r=1.7))


def ordered(rng: Rng, link: Callable[[Any], sp.Expr]) -> Paper:
    """Levels that thresholds on a line divide."""
    cut = B("cut", K)
    between = link(cut[y[i]] - a[i]) - link(cut[y[i] - 1] - a[i])
    p = Piecewise((link(cut[0] - a[i]), sp.Eq(y[i], 0)), (1 - link(cut[K - 1] - a[i]), sp.Eq(y[i], K)), (between, True))
    return Paper(-Sum(log(p), over_i), [(a[i], predictor)], [beta, cut], dict(**design(rng, 6), cut=np.array([-1.0, 0.2, 1.5]), y=LEVELS))


@paper
def ordered_logit(rng: Rng) -> Paper:
    """McCullagh's proportional odds."""
    return ordered(rng, sigmoid)


@paper
def ordered_probit(rng: Rng) -> Paper:
    """Ordered levels of a normal variable."""
    return ordered(rng, Phi)


@paper
def plackett_luce(rng: Rng) -> Paper:
    """Plackett and Luce's ranks, as products of choices among those that are left."""
    s, order = B("s", K), B("order", n, m)
    left = Sum(exp(s[order[i, l]]), (l, k, m - 1))
    return Paper(-Sum(Sum(s[order[i, k]] - log(left), (k, 0, m - 1)), over_i), [], [s],
                 dict(s=rng.normal(size=4), order=np.array([[0, 1, 2, 3], [2, 0, 1, 3], [3, 2, 1, 0]])))


@paper
def davidson_ties(rng: Rng) -> Paper:
    """Bradley and Terry's contests with Davidson's ties."""
    s, nu, one, other, result = B("s", K), Pos("nu"), B("one", n), B("other", n), B("result", n)
    first, second = exp(s[one[i]]), exp(s[other[i]])
    tie = nu * sqrt(first * second)
    every = first + second + tie
    p = Piecewise((log(first / every), sp.Eq(result[i], 0)), (log(second / every), sp.Eq(result[i], 1)), (log(tie / every), True))
    return Paper(-Sum(p, over_i), [], [s, nu],
                 dict(s=rng.normal(size=4), nu=0.6, one=np.array([0, 1, 2, 3]), other=np.array([1, 2, 3, 0]), result=np.array([0, 1, 2, 0])))


@paper
def gaussian_process(rng: Rng) -> Paper:
    """The marginal likelihood of a Gaussian process whose kernel is a Gaussian."""
    squares, Y, C = sp.MatrixSymbol("squares", n, n), sp.MatrixSymbol("Y", n, 1), sp.MatrixSymbol("C", n, n)
    ell, sf, sn = Pos("ell sf sn")
    kernel = sf**2 * (-squares / (2 * ell**2)).applyfunc(exp) + sn**2 * sp.Identity(n)
    at = rng.normal(size=(5, 2))
    return Paper((Y.T * C.I * Y)[0, 0] / 2 + log(sp.Determinant(C)) / 2 + n * log(2 * pi) / 2, [(C, kernel)], [ell, sf, sn],
                 dict(squares=((at[:, None] - at[None]) ** 2).sum(axis=-1), Y=rng.normal(size=(5, 1)), ell=0.8, sf=1.3, sn=0.2))


@paper
def gaussian_process_of_matern(rng: Rng) -> Paper:
    """The marginal likelihood of a Gaussian process whose kernel is Matérn's of order 3/2."""
    distances, Y, C = sp.MatrixSymbol("distances", n, n), sp.MatrixSymbol("Y", n, 1), sp.MatrixSymbol("C", n, n)
    ell, sf, sn, u = *Pos("ell sf sn"), sp.Symbol("u")
    kernel = sf**2 * (sqrt(3) * distances / ell).applyfunc(sp.Lambda(u, (1 + u) * exp(-u))) + sn**2 * sp.Identity(n)
    at = rng.normal(size=5)
    return Paper((Y.T * C.I * Y)[0, 0] / 2 + log(sp.Determinant(C)) / 2, [(C, kernel)], [ell, sf, sn],
                 dict(distances=abs(at[:, None] - at[None]), Y=rng.normal(size=(5, 1)), ell=0.8, sf=1.3, sn=0.2))


@paper
def factor_analysis(rng: Rng) -> Paper:
    """Tipping and Bishop's probabilistic principal components."""
    L, moments, C, s = sp.MatrixSymbol("L", d, K), sp.MatrixSymbol("moments", d, d), sp.MatrixSymbol("C", d, d), Pos("s")
    data = rng.normal(size=(9, 4))
    return Paper(log(sp.Determinant(C)) / 2 + sp.Trace(C.I * moments) / 2, [(C, L * L.T + s**2 * sp.Identity(d))], [L, s],
                 dict(L=rng.normal(size=(4, 2)), s=0.8, moments=data.T @ data / 9))


@paper
def beta_regression(rng: Rng) -> Paper:
    """Ferrari and Cribari-Neto's regression of shares."""
    phi = Pos("phi")
    one, other = mu[i] * phi, (1 - mu[i]) * phi
    density = loggamma(phi) - loggamma(one) - loggamma(other) + (one - 1) * log(y[i]) + (other - 1) * log(1 - y[i])
    return Paper(-Sum(density, over_i), [(mu[i], sigmoid(predictor))], [beta, phi], dict(**design(rng, 5), y=rng.uniform(0.1, 0.9, 5), phi=12.0))


@paper
def gamma_regression(rng: Rng) -> Paper:
    """Regression of positive numbers with a shape that is estimated."""
    shape = Pos("shape")
    density = shape * log(shape / mu[i]) + (shape - 1) * log(y[i]) - shape * y[i] / mu[i] - loggamma(shape)
    return Paper(-Sum(density, over_i), [(mu[i], exp(predictor))], [beta, shape], dict(**design(rng, 5), y=rng.uniform(0.1, 3, 5), shape=4.0))


def lifetimes(rng: Rng) -> dict[str, np.ndarray]:
    return dict(**design(rng, 5), time=rng.uniform(0.2, 3, 5), event=EVENTS[:5])


@paper
def weibull_lifetimes(rng: Rng) -> Paper:
    """Accelerated failure times of Weibull's law, the scale a logarithm."""
    time, event, scale = B("time", n), B("event", n), real("scale")
    return Paper(-Sum(event[i] * (z[i] - scale - log(time[i])) - exp(z[i]), over_i), [(z[i], (log(time[i]) - predictor) / exp(scale))],
                 [beta, scale], dict(**lifetimes(rng), scale=-0.3))


@paper
def log_logistic_lifetimes(rng: Rng) -> Paper:
    """Accelerated failure times of the logistic law."""
    time, event, s = B("time", n), B("event", n), Pos("s")
    softplus = log(1 + exp(z[i]))
    return Paper(-Sum(event[i] * (z[i] - log(s) - 2 * softplus) - (1 - event[i]) * softplus, over_i), [(z[i], (log(time[i]) - predictor) / s)],
                 [beta, s], dict(**lifetimes(rng), s=0.4))


@paper
def log_normal_lifetimes(rng: Rng) -> Paper:
    """Accelerated failure times of the normal law."""
    time, event, s = B("time", n), B("event", n), Pos("s")
    seen = -(z[i] ** 2) / 2 - log(s) - log(time[i])
    return Paper(-Sum(event[i] * seen + (1 - event[i]) * log(1 - Phi(z[i])), over_i), [(z[i], (log(time[i]) - predictor) / s)],
                 [beta, s], dict(**lifetimes(rng), s=0.4))


@paper
def tobit(rng: Rng) -> Paper:
    """Tobin's regression of what is cut off at zero."""
    s = Pos("s")
    density = Piecewise((log(1 - Phi(a[i] / s)), y[i] <= 0), (-((y[i] - a[i]) ** 2) / (2 * s**2) - log(s), True))
    return Paper(-Sum(density, over_i), [(a[i], predictor)], [beta, s], dict(**design(rng, 5), y=np.array([0.0, 1, 0.3, 0, 2]), s=0.7))


@paper
def stochastic_frontier(rng: Rng) -> Paper:
    """Aigner, Lovell and Schmidt's frontier: noise and inefficiency."""
    s, skew, rest = Pos("s"), Pos("skew"), B("rest")
    density = log(2 / s) - rest[i] ** 2 / (2 * s**2) + log(Phi(-rest[i] * skew / s))
    return Paper(-Sum(density, over_i), [(rest[i], y[i] - predictor)], [beta, s, skew], dict(**design(rng, 5), y=rng.normal(size=5), s=0.7, skew=1.2))


@paper
def item_response_with_guesses(rng: Rng) -> Paper:
    """Birnbaum's three-parameter logistic model of answers."""
    ability, steep, hard, guess, right = B("ability", n), B("steep", m), B("hard", m), B("guess", m), B("right", n, m)
    floor = sigmoid(guess[j])
    p = floor + (1 - floor) * sigmoid(steep[j] * (ability[i] - hard[j]))
    return Paper(-Sum(right[i, j] * log(p) + (1 - right[i, j]) * log(1 - p), over_m, over_i), [], [ability, steep, hard, guess],
                 dict(ability=rng.normal(size=4), steep=rng.uniform(0.5, 2, 3), hard=rng.normal(size=3), guess=rng.normal(size=3) - 1,
                      right=rng.integers(0, 2, (4, 3)).astype(float)))


@paper
def hawkes_process(rng: Rng) -> Paper:
    """Hawkes's process of events that excite others."""
    time, (base, jump, decay, end) = B("time", n), Pos("base jump decay end")
    rate = base + Sum(jump * exp(-decay * (time[i] - time[k])), (k, 0, i - 1))
    total = base * end + jump / decay * Sum(1 - exp(-decay * (end - time[i])), over_i)
    return Paper(total - Sum(log(rate), over_i), [], [base, jump, decay],
                 dict(time=np.array([0.5, 0.7, 1.9, 2.0, 4.0]), base=0.5, jump=0.8, decay=1.5, end=5.0))


@paper
def nested_logit(rng: Rng) -> Paper:
    """McFadden's nested logit: one nest of all alternatives, and an option outside."""
    V, lam, choice = B("V", n, K), Pos("lam"), B("choice", n)
    inclusive = log(Sum(exp(V[i, k] / lam), over_k))
    return Paper(-Sum(V[i, choice[i]] / lam - inclusive + lam * inclusive - log(1 + exp(lam * inclusive)), over_i), [], [V, lam],
                 dict(V=rng.normal(size=(4, 3)), lam=0.6, choice=np.array([0, 1, 2, 1])))


@paper
def box_cox_regression(rng: Rng) -> Paper:
    """Box and Cox's regression of a power that is estimated."""
    lam, s = real("lam"), Pos("s")
    error = (y[i] ** lam - 1) / lam - predictor
    return Paper(Sum(error**2 / (2 * s**2) - (lam - 1) * log(y[i]) + log(s), over_i), [], [beta, lam, s],
                 dict(**design(rng, 5), y=rng.uniform(0.5, 3, 5), lam=0.4, s=0.8))


@paper
def extreme_values(rng: Rng) -> Paper:
    """The generalized extreme value distribution."""
    x, mu, s, xi = B("x", n), real("mu"), Pos("s"), real("xi")
    t = 1 + xi * (x[i] - mu) / s
    return Paper(Sum(log(s) + (1 + 1 / xi) * log(t) + t ** (-1 / xi), over_i), [], [mu, s, xi], dict(x=rng.normal(size=5), mu=0.1, s=2.0, xi=0.2))


@paper
def pareto_excesses(rng: Rng) -> Paper:
    """The generalized Pareto distribution."""
    x, s, xi = B("x", n), Pos("s"), real("xi")
    return Paper(Sum(log(s) + (1 + 1 / xi) * log(1 + xi * x[i] / s), over_i), [], [s, xi], dict(x=rng.uniform(0.1, 4, 5), s=2.0, xi=0.2))


@paper
def skew_normal(rng: Rng) -> Paper:
    """Azzalini's skewed normal distribution."""
    x, mu, s, skew = B("x", n), real("mu"), Pos("s"), real("skew")
    z = (x[i] - mu) / s
    return Paper(-Sum(log(2 / s) - z**2 / 2 - log(2 * pi) / 2 + log(Phi(skew * z)), over_i), [], [mu, s, skew],
                 dict(x=rng.normal(size=5), mu=0.1, s=1.0, skew=2.0))


@paper
def asymmetric_laplace(rng: Rng) -> Paper:
    """The distribution whose likelihood is the loss of quantiles."""
    x, mu, s, q = B("x", n), real("mu"), Pos("s"), Pos("q")
    z = (x[i] - mu) / s
    return Paper(-Sum(log(q * (1 - q) / s) - Piecewise((z * q, z >= 0), (-z * (1 - q), True)), over_i), [], [mu, s, q],
                 dict(x=rng.normal(size=5), mu=0.1, s=1.0, q=0.3))


@paper
def autoregression(rng: Rng) -> Paper:
    """The exact likelihood of an autoregression of order one."""
    phi, s, mu = real("phi"), Pos("s"), real("mu")
    first = (y[0] - mu) ** 2 * (1 - phi**2)
    others = Sum((y[i] - mu - phi * (y[i - 1] - mu)) ** 2, (i, 1, n - 1))
    return Paper(log(s) * n - log(1 - phi**2) / 2 + (first + others) / (2 * s**2), [], [phi, s, mu], dict(y=rng.normal(size=6), phi=0.7, s=0.8, mu=0.1))


@paper
def student_regression(rng: Rng) -> Paper:
    """Regression with Student's errors, their degrees of freedom estimated."""
    nu, s = Pos("nu s")
    z = (y[i] - predictor) / s
    density = loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi) / 2 - log(s) - (nu + 1) / 2 * log(1 + z**2 / nu)
    return Paper(-Sum(density, over_i), [], [beta, nu, s], dict(**design(rng, 5), y=rng.normal(size=5), nu=4.0, s=0.8))


@paper
def normal_by_cholesky_factor(rng: Rng) -> Paper:
    """A normal distribution by the factor of its precision, the diagonal as logarithms."""
    mu, lower, diagonal = B("mu", d), B("lower", d, d), B("diagonal", d)
    step = exp(diagonal[j]) * (x[i, j] - mu[j]) + Sum(lower[k, j] * (x[i, k] - mu[k]), (k, j + 1, d - 1))
    return Paper(Sum(Sum(z[i, j] ** 2, over_j) / 2 - Sum(diagonal[j], over_j), over_i), [(z[i, j], step)], [mu, lower, diagonal],
                 dict(x=rng.normal(size=(5, 3)), mu=rng.normal(size=3), lower=rng.normal(size=(3, 3)), diagonal=rng.normal(size=3)))


@paper
def ranked_probability_score(rng: Rng) -> Paper:
    """Gneiting and Raftery's score of a normal forecast."""
    mu, s = real("mu"), Pos("s")
    z = (y[i] - mu) / s
    return Paper(Sum(s * (z * (2 * Phi(z) - 1) + 2 * exp(-(z**2) / 2) / sqrt(2 * pi) - 1 / sqrt(pi)), over_i) / n, [], [mu, s],
                 dict(y=rng.normal(size=5), mu=0.2, s=0.9))


@paper
def divergence_of_normals(rng: Rng) -> Paper:
    """Kullback and Leibler's divergence of normal distributions."""
    m1, s1, m2, s2 = B("m1", d), B("s1", d), B("m2", d), B("s2", d)
    return Paper(Sum(log(s2[j] / s1[j]) + (s1[j] ** 2 + (m1[j] - m2[j]) ** 2) / (2 * s2[j] ** 2) - sp.Rational(1, 2), over_j), [], [m1, s1, m2, s2],
                 dict(m1=rng.normal(size=3), s1=rng.uniform(0.5, 2, 3), m2=rng.normal(size=3), s2=rng.uniform(0.5, 2, 3)))


@paper
def von_mises_fisher(rng: Rng) -> Paper:
    """Directions about a mean direction on a sphere."""
    x, mu, kappa = B("x", n, 3), B("mu", 3), Pos("kappa")
    length, along = sqrt(Sum(mu[j] ** 2, (j, 0, 2))), Sum(mu[j] * x[i, j], (j, 0, 2))
    at = rng.normal(size=(4, 3))
    return Paper(-Sum(kappa * along / length + log(kappa) - log(2 * pi) - log(exp(kappa) - exp(-kappa)), over_i), [], [mu, kappa],
                 dict(x=at / np.linalg.norm(at, axis=1, keepdims=True), mu=rng.normal(size=3), kappa=2.0))


@paper
def smooth_quantile_regression(rng: Rng) -> Paper:
    """Zheng's smooth loss of quantiles."""
    q, h = Pos("q h")
    return Paper(Sum(q * r[i] + h * log(1 + exp(-r[i] / h)), over_i) / n, [(r[i], y[i] - predictor)], [beta, h],
                 dict(**design(rng, 5), y=rng.normal(size=5), q=0.3, h=0.1))


@paper
def binomial_mixture(rng: Rng) -> Paper:
    """A mixture of coins."""
    heads, tosses, a, p = B("heads", n), B("tosses", n), B("a", K), B("p", K)
    share = exp(a[k]) / Sum(exp(a[l]), over_l)
    coin = sp.binomial(tosses[i], heads[i]) * sigmoid(p[k]) ** heads[i] * (1 - sigmoid(p[k])) ** (tosses[i] - heads[i])
    return Paper(-Sum(log(Sum(share * coin, over_k)), over_i), [], [a, p],
                 dict(heads=np.array([2.0, 5, 7]), tosses=np.array([10.0, 10, 10]), a=rng.normal(size=2), p=rng.normal(size=2)))


@paper
def cauchy_mixture(rng: Rng) -> Paper:
    """A mixture of Cauchy's distributions, their scales as logarithms."""
    x, a, mu, s = B("x", n), B("a", K), B("mu", K), B("s", K)
    share = exp(a[k]) / Sum(exp(a[l]), over_l)
    density = pi * exp(s[k]) * (1 + ((x[i] - mu[k]) / exp(s[k])) ** 2)
    return Paper(-Sum(log(Sum(share / density, over_k)), over_i), [], [a, mu, s],
                 dict(x=rng.normal(size=5), a=rng.normal(size=2), mu=rng.normal(size=2), s=rng.normal(size=2) * 0.3))


@paper
def tweedie_deviance(rng: Rng) -> Paper:
    """The deviance of Tweedie's distributions, their power estimated."""
    p = Pos("p")
    deviance = 2 * (y[i] ** (2 - p) / ((1 - p) * (2 - p)) - y[i] * mu[i] ** (1 - p) / (1 - p) + mu[i] ** (2 - p) / (2 - p))
    return Paper(Sum(deviance, over_i), [(mu[i], exp(predictor))], [beta, p], dict(**design(rng, 5), y=rng.uniform(0.1, 4, 5), p=1.5))


@paper
def poisson_deviance(rng: Rng) -> Paper:
    """The deviance of a regression of counts."""
    return Paper(Sum(2 * (y[i] * log(y[i] / mu[i]) - y[i] + mu[i]), over_i), [(mu[i], exp(predictor))], [beta],
                 dict(**design(rng, 5), y=rng.uniform(0.1, 4, 5)))


@paper
def rice_distribution(rng: Rng) -> Paper:
    """Rice's distribution of a signal's size in noise."""
    x, nu, s = B("x", n), Pos("nu"), Pos("s")
    density = log(x[i] / s**2) - (x[i] ** 2 + nu**2) / (2 * s**2) + log(sp.besseli(0, x[i] * nu / s**2))
    return Paper(-Sum(density, over_i), [], [nu, s], dict(x=rng.uniform(0.5, 3, 5), nu=1.2, s=0.7))
