"""More models as papers print them: learning, information and shapes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import sympy as sp
from array_formulas import B, K, Pos, d, i, j, k, l, m, n
from array_formulas import S as real
from papers import Paper, Rng, over_i, over_j, over_k, over_l, over_m, paper
from shorthand import Phi
from shorthand import S as sigmoid
from sympy import Abs, Max, Min, Sum, acosh, cosh, exp, log, pi, sqrt, tanh

x, y = B("x", n, d), B("y", n)
a, h, mu, r, s, z = B("a"), B("h"), B("mu"), B("r"), B("s"), B("z")
"""Intermediate steps, where a model has them."""


def ones(rng: Rng, *shape: int) -> np.ndarray:
    """Zeros and ones, as data have them."""
    return rng.integers(0, 2, shape).astype(float)


@paper
def ising_pseudolikelihood(rng: Rng) -> Paper:
    """Besag's pseudolikelihood of spins."""
    spin, J = B("spin", n, d), B("J", d, d)
    return Paper(-Sum(Sum(log(sigmoid(2 * spin[i, j] * a[i, j])), over_j), over_i) / n, [(a[i, j], Sum(J[j, k] * spin[i, k], (k, 0, d - 1)))], [J],
                 dict(spin=rng.choice([-1.0, 1.0], size=(5, 3)), J=rng.normal(size=(3, 3))))


@paper
def skip_gram(rng: Rng) -> Paper:
    """Mikolov's word vectors with negative samples."""
    u, v, word, near, far = B("u", K, d), B("v", K, d), B("word", n), B("near", n), B("far", n, m)
    pulled, pushed = Sum(u[word[i], j] * v[near[i], j], over_j), Sum(u[word[i], j] * v[far[i, k], j], over_j)
    return Paper(-Sum(log(sigmoid(pulled)) + Sum(log(sigmoid(-pushed)), (k, 0, m - 1)), over_i), [], [u, v],
                 dict(u=rng.normal(size=(4, 3)), v=rng.normal(size=(4, 3)), word=np.array([0, 1, 2]), near=np.array([1, 2, 3]),
                      far=np.array([[0, 3], [2, 1], [3, 0]])))


@paper
def causal_attention(rng: Rng) -> Paper:
    """Vaswani's attention to what came before."""
    queries, keys, values = B("queries", d, d), B("keys", d, d), B("values", d, d)
    q, key, v, out = B("q"), B("key"), B("v"), B("out")
    where = [(step[i, j], Sum(x[i, l] * matrix[l, j], (l, 0, d - 1))) for step, matrix in ((q, queries), (key, keys), (v, values))]
    where += [(s[i, k], Sum(q[i, j] * key[k, j], over_j) / sqrt(d)),
              (out[i, j], Sum(exp(s[i, k]) * v[k, j], (k, 0, i)) / Sum(exp(s[i, k]), (k, 0, i)))]
    return Paper(Sum(Sum(out[i, j] ** 2, over_j), over_i) / 2, where, [queries, keys, values],
                 dict(x=rng.normal(size=(5, 3)), **{name: rng.normal(size=(3, 3)) for name in ("queries", "keys", "values")}))


@paper
def contrast_of_pairs(rng: Rng) -> Paper:
    """Oord's contrast of a pair with all others, of cosines at a temperature."""
    z, v, tau = B("z", n, d), B("v", n, d), Pos("tau")
    cosine = Sum(z[i, j] * v[k, j], over_j) / (sqrt(Sum(z[i, j] ** 2, over_j)) * sqrt(Sum(v[k, j] ** 2, over_j)))
    return Paper(-Sum(s[i, i] - log(Sum(exp(s[i, k]), (k, 0, n - 1))), over_i) / n, [(s[i, k], cosine / tau)], [z, tau],
                 dict(z=rng.normal(size=(4, 3)), v=rng.normal(size=(4, 3)), tau=0.1))


@paper
def variational_autoencoder(rng: Rng) -> Paper:
    """Kingma and Welling's evidence bound of a linear decoder of bits."""
    mu, spread, W, noise = B("mu", n, K), B("spread", n, K), B("W", d, K), B("noise", n, K)
    bits = Sum(x[i, j] * log(sigmoid(a[i, j])) + (1 - x[i, j]) * log(1 - sigmoid(a[i, j])), over_j)
    prior = Sum(1 + spread[i, k] - mu[i, k] ** 2 - exp(spread[i, k]), over_k)
    return Paper(-Sum(bits + prior / 2, over_i) / n, [(a[i, j], Sum(W[j, k] * (mu[i, k] + exp(spread[i, k] / 2) * noise[i, k]), over_k))], [W, mu, spread],
                 dict(x=ones(rng, 3, 4), mu=rng.normal(size=(3, 2)), spread=rng.normal(size=(3, 2)), W=rng.normal(size=(4, 2)), noise=rng.normal(size=(3, 2))))


@paper
def planar_flow(rng: Rng) -> Paper:
    """Rezende and Mohamed's planar flow."""
    z, u, w, b, moved = B("z", n, d), B("u", d), B("w", d), real("b"), B("moved")
    determinant = 1 + (1 - h[i] ** 2) * Sum(u[j] * w[j], over_j)
    where = [(a[i], Sum(w[j] * z[i, j], over_j) + b), (h[i], tanh(a[i])), (moved[i, j], z[i, j] + u[j] * h[i])]
    return Paper(Sum(Sum(moved[i, j] ** 2, over_j) / 2 - log(Abs(determinant)), over_i), where, [u, w, b],
                 dict(z=rng.normal(size=(4, 3)), u=rng.normal(size=3) * 0.3, w=rng.normal(size=3), b=0.2))


@paper
def boltzmann_free_energy(rng: Rng) -> Paper:
    """The free energy of a restricted Boltzmann machine."""
    v, W, b, c = B("v", n, d), B("W", d, K), B("b", d), B("c", K)
    hidden = Sum(log(1 + exp(c[k] + Sum(v[i, j] * W[j, k], over_j))), over_k)
    return Paper(Sum(-Sum(b[j] * v[i, j], over_j) - hidden, over_i) / n, [], [W, b, c],
                 dict(v=ones(rng, 4, 3), W=rng.normal(size=(3, 2)), b=rng.normal(size=3), c=rng.normal(size=2)))


@paper
def clipped_policy(rng: Rng) -> Paper:
    """Schulman's proximal policy: clipped ratios of probabilities."""
    z, old, action, gain, eps, new = B("z", n, K), B("old", n), B("action", n), B("gain", n), Pos("eps"), B("new")
    where = [(new[i], z[i, action[i]] - log(Sum(exp(z[i, k]), over_k))), (r[i], exp(new[i] - old[i]))]
    return Paper(-Sum(Min(r[i] * gain[i], Min(Max(r[i], 1 - eps), 1 + eps) * gain[i]), over_i) / n, where, [z],
                 dict(z=rng.normal(size=(4, 3)), old=-rng.uniform(0.5, 2, 4), action=np.array([0, 1, 2, 1]), gain=rng.normal(size=4), eps=0.2))


@paper
def dice_loss(rng: Rng) -> Paper:
    """Milletari's overlap of a segmentation."""
    z = B("z", n)
    p = sigmoid(z[i])
    return Paper(1 - 2 * Sum(p * y[i], over_i) / (Sum(p, over_i) + Sum(y[i], over_i)), [], [z], dict(z=rng.normal(size=6), y=ones(rng, 6)))


@paper
def mixture_density_network(rng: Rng) -> Paper:
    """Bishop's mixture of normal distributions whose parameters depend on x."""
    shares, means, spreads = B("shares", K, d), B("means", K, d), B("spreads", K, d)
    where = [(a[i, k], Sum(shares[k, j] * x[i, j], over_j)), (mu[i, k], Sum(means[k, j] * x[i, j], over_j)),
             (s[i, k], exp(Sum(spreads[k, j] * x[i, j], over_j)))]
    share = exp(a[i, k]) / Sum(exp(a[i, l]), over_l)
    density = exp(-((y[i] - mu[i, k]) ** 2) / (2 * s[i, k] ** 2)) / (s[i, k] * sqrt(2 * pi))
    return Paper(-Sum(log(Sum(share * density, over_k)), over_i) / n, where, [shares, means, spreads],
                 dict(x=rng.normal(size=(4, 3)), y=rng.normal(size=4), shares=rng.normal(size=(2, 3)), means=rng.normal(size=(2, 3)),
                      spreads=rng.normal(size=(2, 3)) * 0.5))


def nonnegative_factors(rng: Rng, divergence: sp.Expr) -> Paper:
    """A table V and its product r of factors."""
    W, H = B("W", n, K), B("H", K, m)
    return Paper(Sum(divergence, over_m, over_i), [(r[i, j], Sum(W[i, k] * H[k, j], over_k))], [W, H],
                 dict(V=rng.uniform(0.1, 2, (3, 4)), W=rng.uniform(0.1, 1, (3, 2)), H=rng.uniform(0.1, 1, (2, 4))))


@paper
def nonnegative_factors_by_relative_entropy(rng: Rng) -> Paper:
    """Lee and Seung's factors of a nonnegative matrix."""
    V = B("V", n, m)
    return nonnegative_factors(rng, V[i, j] * log(V[i, j] / r[i, j]) - V[i, j] + r[i, j])


@paper
def nonnegative_factors_of_a_spectrogram(rng: Rng) -> Paper:
    """Factors by Itakura and Saito's divergence."""
    V = B("V", n, m)
    return nonnegative_factors(rng, V[i, j] / r[i, j] - log(V[i, j] / r[i, j]) - 1)


@paper
def gated_recurrent_unit(rng: Rng) -> Paper:
    """Cho's gated recurrent unit over five steps."""
    gates, weights = B("gates", d, d), B("weights", d, d)
    states = [B(f"h{step}") for step in range(5)]
    where = [(states[0][j], tanh(x[0, j]))]
    for step, (old, new) in enumerate(pairwise(states), 1):
        gate = sigmoid(Sum(gates[j, k] * old[k], (k, 0, d - 1)) + x[step, j])
        candidate = tanh(Sum(weights[j, k] * old[k], (k, 0, d - 1)) + x[step, j])
        where.append((new[j], (1 - gate) * old[j] + gate * candidate))
    return Paper(Sum(states[-1][j] ** 2, over_j) / 2, where, [gates, weights],
                 dict(gates=rng.normal(size=(3, 3)), weights=rng.normal(size=(3, 3)), x=rng.normal(size=(5, 3))))


@paper
def long_short_term_memory(rng: Rng) -> Paper:
    """One step of Hochreiter and Schmidhuber's memory."""
    x, state, cell = B("x", d), B("state", d), B("cell", d)
    names = ("forget", "enter", "leave", "candidate")
    matrices = [B(name, d, d) for name in names]
    forget, enter, leave, candidate = (Sum(matrix[j, k] * (state[k] + x[k]), (k, 0, d - 1)) for matrix in matrices)
    new, out = B("new"), B("out")
    where = [(new[j], sigmoid(forget) * cell[j] + sigmoid(enter) * tanh(candidate)), (out[j], sigmoid(leave) * tanh(new[j]))]
    return Paper(Sum((out[j] - 1) ** 2, over_j), where, matrices,
                 dict(x=rng.normal(size=3), state=rng.normal(size=3), cell=rng.normal(size=3), **{name: rng.normal(size=(3, 3)) for name in names}))


@paper
def layer_norm_and_gelu(rng: Rng) -> Paper:
    """Ba's normalized layer before Hendrycks and Gimpel's units."""
    W, gain, shift, eps, variance = B("W", K, d), B("gain", d), B("shift", d), Pos("eps"), B("variance")
    where = [(mu[i], Sum(x[i, j], over_j) / d), (variance[i], Sum((x[i, j] - mu[i]) ** 2, over_j) / d),
             (z[i, j], gain[j] * (x[i, j] - mu[i]) / sqrt(variance[i] + eps) + shift[j])]
    unit = Sum(W[k, j] * z[i, j], over_j)
    return Paper(Sum(Sum(unit * Phi(unit), over_k), over_i), where, [x, W, gain, shift],
                 dict(x=rng.normal(size=(3, 4)), W=rng.normal(size=(2, 4)), gain=rng.uniform(0.5, 1.5, 4), shift=rng.normal(size=4) * 0.1, eps=1e-5))


@paper
def sinkhorn_distance(rng: Rng) -> Paper:
    """Cuturi's transport, three rounds of Sinkhorn's scaling."""
    C, p, q, eps = B("C", n, m), B("p", n), B("q", m), Pos("eps")
    kernel, scale = exp(-C[i, j] / eps), sp.S.One
    where = []
    for step in range(1, 4):
        u, v = B(f"u{step}"), B(f"v{step}")
        where += [(u[i], p[i] / Sum(kernel * scale, over_m)), (v[j], q[j] / Sum(kernel * u[i], over_i))]
        scale = v[j]
    return Paper(Sum(Sum(u[i] * kernel * v[j] * C[i, j], over_m), over_i), where, [C, eps],
                 dict(C=rng.uniform(0, 1, (3, 3)), p=np.array([0.2, 0.3, 0.5]), q=np.array([0.4, 0.4, 0.2]), eps=0.1))


@paper
def soft_time_warping(rng: Rng) -> Paper:
    """Cuturi and Blondel's soft minimum over alignments."""
    C, gamma = B("C", 3, 3), Pos("gamma")
    reached: dict[tuple[int, int], sp.Symbol] = {}
    where = []
    for row, column in np.ndindex(3, 3):
        before = [reached[at] for at in ((row - 1, column), (row, column - 1), (row - 1, column - 1)) if at in reached]
        softest = -gamma * log(sum(exp(-one / gamma) for one in before)) if before else 0
        reached[row, column] = real(f"r{row}{column}")
        where.append((reached[row, column], C[row, column] + softest))
    return Paper(reached[2, 2], where, [C, gamma], dict(C=rng.uniform(0, 2, (3, 3)), gamma=0.3))


@paper
def viterbi_score(rng: Rng) -> Paper:
    """The score of Viterbi's best path."""
    emission, transition = B("emission", 5, 3), B("transition", 3, 3)
    scores = [B(f"v{step}") for step in range(5)]
    where = [(scores[0][k], emission[0, k])]
    where += [(new[k], Max(*(old[state] + transition[state, k] for state in range(3))) + emission[step, k])
              for step, (old, new) in enumerate(pairwise(scores), 1)]
    return Paper(Max(*(scores[-1][state] for state in range(3))), where, [emission, transition],
                 dict(emission=rng.normal(size=(5, 3)), transition=rng.normal(size=(3, 3))))


@paper
def poincare_distances(rng: Rng) -> Paper:
    """Nickel and Kiela's distances in Poincaré's ball."""
    u, v = B("u", n, d), B("v", n, d)
    apart, one, other = Sum((u[i, j] - v[i, j]) ** 2, over_j), Sum(u[i, j] ** 2, over_j), Sum(v[i, j] ** 2, over_j)
    return Paper(Sum(acosh(1 + 2 * apart / ((1 - one) * (1 - other))), over_i), [], [u],
                 dict(u=rng.uniform(-0.4, 0.4, (4, 2)), v=rng.uniform(-0.4, 0.4, (4, 2))))


def covariance(rng: Rng) -> np.ndarray:
    factor = rng.normal(size=(4, 4))
    return factor @ factor.T + np.eye(4)


@paper
def stein_loss(rng: Rng) -> Paper:
    """Stein's loss of a covariance matrix."""
    X, Y = sp.MatrixSymbol("X", n, n), sp.MatrixSymbol("Y", n, n)
    return Paper(sp.Trace(X * Y.I) - log(sp.Determinant(X) / sp.Determinant(Y)) - n, [], [X], dict(X=covariance(rng), Y=covariance(rng)))


@paper
def fisher_discriminant(rng: Rng) -> Paper:
    """Fisher's ratio of scatters."""
    w, between, within = sp.MatrixSymbol("w", n, 1), sp.MatrixSymbol("between", n, n), sp.MatrixSymbol("within", n, n)
    means = rng.normal(size=(4, 2))
    return Paper((w.T * between * w)[0, 0] / (w.T * within * w)[0, 0], [], [w],
                 dict(w=rng.normal(size=(4, 1)), between=means @ means.T, within=covariance(rng)))


@paper
def mean_discrepancy(rng: Rng) -> Paper:
    """Gretton's discrepancy of two samples' means in a kernel's space."""
    y, s = B("y", m, d), Pos("s")

    def kernel(one: sp.Expr, other: sp.Expr) -> sp.Expr:
        return exp(-Sum((one - other) ** 2, over_j) / (2 * s**2))

    over_n, over_others = (k, 0, n - 1), (k, 0, m - 1)
    inside = Sum(Sum(kernel(x[i, j], x[k, j]), over_n), over_i) / n**2 + Sum(Sum(kernel(y[i, j], y[k, j]), over_others), (i, 0, m - 1)) / m**2
    return Paper(inside - 2 * Sum(Sum(kernel(x[i, j], y[k, j]), over_others), over_i) / (n * m), [], [x, s],
                 dict(x=rng.normal(size=(4, 2)), y=rng.normal(size=(3, 2)), s=0.8))


@paper
def independent_components(rng: Rng) -> Paper:
    """Hyvärinen's contrast of independent components."""
    W = B("W", d, d)
    return Paper(Sum(Sum(log(cosh(Sum(W[j, k] * x[i, k], (k, 0, d - 1)))), over_j), over_i) / n, [], [W],
                 dict(W=rng.normal(size=(3, 3)), x=rng.normal(size=(5, 3))))


@paper
def graph_convolution(rng: Rng) -> Paper:
    """Kipf and Welling's layer on a graph of weighted edges."""
    A, W, degree = B("A", n, n), B("W", d, K), B("degree")
    over_nodes = (l, 0, n - 1)
    message = A[i, l] / sqrt(degree[i] * degree[l]) * Sum(x[l, j] * W[j, k], over_j)
    edges = rng.uniform(0, 1, (4, 4))
    return Paper(Sum(Sum(h[i, k] ** 2, over_k), over_i), [(degree[i], Sum(A[i, l], over_nodes)), (h[i, k], tanh(Sum(message, over_nodes)))], [W, x],
                 dict(A=(edges + edges.T) / 2 + np.eye(4), x=rng.normal(size=(4, 3)), W=rng.normal(size=(3, 2))))


@paper
def gumbel_softmax(rng: Rng) -> Paper:
    """Jang's soft choice at a temperature."""
    z, noise, tau, v, choice = B("z", n, K), B("noise", n, K), Pos("tau"), B("v", K), B("choice")
    softmax = exp((z[i, k] + noise[i, k]) / tau) / Sum(exp((z[i, l] + noise[i, l]) / tau), over_l)
    return Paper(Sum(Sum(choice[i, k] * v[k], over_k) ** 2, over_i), [(choice[i, k], softmax)], [z, tau],
                 dict(z=rng.normal(size=(3, 4)), noise=rng.normal(size=(3, 4)), tau=0.5, v=rng.normal(size=4)))


@paper
def fuzzy_means(rng: Rng) -> Paper:
    """Bezdek's fuzzy clusters."""
    center, fuzzy, square, share = B("center", K, d), Pos("fuzzy"), B("square"), B("share")
    where = [(square[i, k], Sum((x[i, j] - center[k, j]) ** 2, over_j)),
             (share[i, k], 1 / Sum((square[i, k] / square[i, l]) ** (1 / (fuzzy - 1)), over_l))]
    return Paper(Sum(Sum(share[i, k] ** fuzzy * square[i, k], over_k), over_i), where, [center],
                 dict(x=rng.normal(size=(4, 2)), center=rng.normal(size=(3, 2)), fuzzy=2.0))


@paper
def matrix_factorization(rng: Rng) -> Paper:
    """Koren's factors and biases of ratings."""
    P, Q, b, c, user, item, rating = B("P", n, d), B("Q", m, d), B("b", n), B("c", m), B("user", K), B("item", K), B("rating", K)
    mean = real("mean")
    error = rating[k] - mean - b[user[k]] - c[item[k]] - Sum(P[user[k], j] * Q[item[k], j], over_j)
    return Paper(Sum(error**2, over_k) + Sum(Sum(P[i, j] ** 2, over_j), over_i) / 10, [], [P, Q, b, mean],
                 dict(P=rng.normal(size=(3, 2)), Q=rng.normal(size=(4, 2)), b=rng.normal(size=3), c=rng.normal(size=4), user=np.array([0, 1, 2, 0, 1]),
                      item=np.array([3, 2, 1, 0, 0]), rating=rng.normal(size=5), mean=0.3))


@paper
def two_layers(rng: Rng) -> Paper:
    """A network of one hidden layer with a logistic loss."""
    W, b, w = B("W", K, d), B("b", K), B("w", K)
    return Paper(Sum(log(1 + exp(-y[i] * Sum(w[k] * h[i, k], over_k))), over_i) / n, [(h[i, k], tanh(Sum(W[k, j] * x[i, j], over_j) + b[k]))], [W, b, w],
                 dict(x=rng.normal(size=(5, 3)), y=rng.choice([-1.0, 1.0], 5), W=rng.normal(size=(4, 3)), b=rng.normal(size=4), w=rng.normal(size=4)))


def units(rng: Rng, unit: sp.Expr) -> Paper:
    """Squared errors of a hidden layer."""
    W, w = B("W", K, d), B("w", K)
    return Paper(Sum((Sum(w[k] * unit, over_k) - y[i]) ** 2, over_i) / n, [(z[i, k], Sum(W[k, j] * x[i, j], over_j))], [W, w],
                 dict(x=rng.normal(size=(5, 3)), y=rng.normal(size=5), W=rng.normal(size=(4, 3)), w=rng.normal(size=4)))


@paper
def swish_units(rng: Rng) -> Paper:
    """Ramachandran's units."""
    return units(rng, z[i, k] * sigmoid(z[i, k]))


@paper
def mish_units(rng: Rng) -> Paper:
    """Misra's units."""
    return units(rng, z[i, k] * tanh(log(1 + exp(z[i, k]))))


@paper
def distillation(rng: Rng) -> Paper:
    """Hinton's distillation beside smoothed labels."""
    z, teacher, label, tau, eps = B("z", n, K), B("teacher", n, K), B("label", n), *Pos("tau eps")
    student = z[i, k] / tau - log(Sum(exp(z[i, l] / tau), over_l))
    taught = exp(teacher[i, k] / tau) / Sum(exp(teacher[i, l] / tau), over_l)
    labelled = z[i, label[i]] - log(Sum(exp(z[i, k]), over_k))
    smoothed = Sum(z[i, k] - log(Sum(exp(z[i, l]), over_l)), over_k)
    return Paper(Sum(-(1 - eps) * labelled - eps / K * smoothed - tau**2 * Sum(taught * student, over_k), over_i) / n, [], [z, tau],
                 dict(z=rng.normal(size=(3, 4)), teacher=rng.normal(size=(3, 4)), tau=2.0, eps=0.1, label=np.array([0, 1, 3])))


@paper
def total_variation(rng: Rng) -> Paper:
    """Rudin, Osher and Fatemi's smoothing along a line."""
    x, lam, eps = B("x", n), *Pos("lam eps")
    return Paper(Sum((x[i] - y[i]) ** 2, over_i) / 2 + lam * Sum(sqrt((x[i + 1] - x[i]) ** 2 + eps**2), (i, 0, n - 2)), [], [x],
                 dict(x=rng.normal(size=6), y=rng.normal(size=6), lam=0.5, eps=1e-3))


@paper
def theil_index(rng: Rng) -> Paper:
    """Theil's index of inequality."""
    x, mean = B("x", n), real("mean")
    return Paper(Sum(x[i] / mean * log(x[i] / mean), over_i) / n, [(mean, Sum(x[i], over_i) / n)], [x], dict(x=rng.uniform(0.5, 2, 6)))


@paper
def mutual_information(rng: Rng) -> Paper:
    """Shannon's mutual information of a table of probabilities."""
    p, rows, columns = B("p", n, m), B("rows"), B("columns")
    table = rng.uniform(0.1, 1, (3, 4))
    return Paper(Sum(p[i, j] * log(p[i, j] / (rows[i] * columns[j])), over_m, over_i),
                 [(rows[i], Sum(p[i, j], over_m)), (columns[j], Sum(p[i, j], over_i))], [p], dict(p=table / table.sum()))
