"""NumPy tuned by hand: what pure NumPy can come to on the machine at hand.

Buffers that are written again, calls that write into them, the samples last, blocks that fit a cache, and the walk over blocks
on threads that generated modules have.  Where generated code keeps its relative accuracy these kernels settle for less: sine
and cosine come from the tangent of half the angle, and the slope of tanh is 1 - tanh^2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workload import DIRECTION, GRADIENT, PRODUCT, Workload
from benchmarks.workloads import chained, mixtures, nets, regressions
from symgrad.runtime.blocks import _blocks, _shifted

multiply, add, subtract, divide = np.multiply, np.add, np.subtract, np.divide


def prepare(workload: Workload, inputs: dict[str, Any]) -> Callable[[], Any]:
    work = TUNED[workload.declare, workload.kind]
    given = {"lam" if name == "lambda" else name: value for name, value in inputs.items()}
    if workload.declare in (nets.declare_perceptron, nets.declare_normalised):
        work = work(**given)  # makes its buffers
        given = {}

    def call() -> Any:
        with np.errstate(all="ignore"):
            return work(**given)

    return call


def has(workload: Workload) -> bool:
    """Whether there is code tuned by hand for a workload."""
    return (workload.declare, workload.kind) in TUNED


def curve(a, b, omega, phi, c, d, e, g, t, y):
    n = len(t)

    def block(first, last, decay, sine, cosine, step, r, u):
        time = t[first:last]
        np.exp(multiply(time, -b, decay), decay)
        add(multiply(time, omega / 2, u), phi / 2, u)
        np.tan(u, sine)
        add(multiply(sine, sine, u), 1, u)
        divide(2, u, u)
        multiply(sine, u, sine)
        subtract(u, 1, cosine)
        multiply(decay, cosine, cosine)
        np.tanh(multiply(subtract(time, e, u), d, step), step)
        add(multiply(cosine, a, r), multiply(step, c, u), r)
        subtract(add(r, g, r), y[first:last], r)
        found = [r.dot(r), r.sum(), r.dot(cosine), r.dot(step)]
        multiply(multiply(sine, decay, sine), r, sine)
        multiply(cosine, r, cosine)
        subtract(r, multiply(multiply(step, step, step), r, step), step)
        return (*found, sine.sum(), sine.dot(time), cosine.dot(time), step.sum(), step.dot(time))

    def room(width, new):
        return new((6, width), float)

    rr, r, r_cos, r_step, r_sin, r_sin_t, r_cos_t, slope, slope_t = _blocks(block, room, n, 12)
    k = 2 / n
    return (rr / n, k * r_cos, -k * a * r_cos_t, -k * a * r_sin_t, -k * a * r_sin, k * r_step, k * c * (slope_t - e * slope),
            -k * c * d * slope, k * r)


def mixture(x, alpha, mu, s):
    n, K = len(x), len(mu)
    weight = np.exp(alpha - alpha.max())
    weight /= weight.sum()
    precision = np.exp(-2 * s)
    half, level = -precision[:, None] / 2, (np.log(weight) - s - 0.5 * np.log(2 * np.pi))[:, None]
    centre = mu[:, None]

    def block(first, last, z, zz, e, top, total):
        subtract(x[first:last], centre, z)
        multiply(z, z, zz)
        add(multiply(zz, half, e), level, e)
        e.max(axis=0, out=top)
        np.exp(subtract(e, top, e), e)
        e.sum(axis=0, out=total)
        add(top, np.log(total), top)
        divide(1, total, total)
        return top.sum(), e.dot(total), multiply(z, e, z).dot(total), multiply(zz, e, zz).dot(total)

    def room(width, new):
        return *new((3, K, width), float), *new((2, width), float)

    value, share, first, second = _blocks(block, room, n, 3 * K + 3)
    return -value / n, weight - share / n, -precision * first / n, share / n - precision * second / n


def rosenbrock(x):
    gradient = np.empty_like(x)

    def block(first, last, bend, gap, u):
        own, beyond, here = gradient[first:last], np.zeros(1), x[first:last]
        subtract(x[first + 1:last + 1], multiply(here, here, bend), bend)
        subtract(here, 1, gap)
        value = 100 * bend.dot(bend) + gap.dot(gap)
        multiply(bend, 200, bend)
        subtract(gap, multiply(here, bend, u), gap)
        add(gap, gap, own)
        _shifted(own, beyond, bend, 1)
        return value, (gradient[last:last + 1], beyond)

    value, beyond = _blocks(block, _three, len(x) - 1, 3, how=("sum", "beyond"), least=1)
    gradient[-1:] = beyond[1]
    return value, gradient


def rosenbrock_product(x, **moved):
    direction, product = moved[DIRECTION], np.empty_like(x)

    def block(first, last, u, v, w):
        own, beyond, here, v_here = product[first:last], np.zeros(1), x[first:last], direction[first:last]
        v_next, x_next = direction[first + 1:last + 1], x[first + 1:last + 1]
        multiply(here, v_here, u)
        multiply(subtract(v_next, add(u, u, v), v), 200, v)  # 200 v_next - 400 x v
        multiply(multiply(here, 2, w), v, w)
        subtract(x_next, multiply(here, here, u), u)
        multiply(subtract(multiply(u, 400, u), 2, u), v_here, u)
        np.negative(add(u, w, u), own)
        _shifted(own, beyond, v, 1)
        return ((product[last:last + 1], beyond),)

    (beyond,) = _blocks(block, _three, len(x) - 1, 3, how=("beyond",), least=1)
    product[-1:] = beyond[1]
    return product


def _three(width, new):
    return new((3, width), float)


def perceptron(x, y, lam, **weights):
    """The call, with buffers that stay; the samples stand last."""
    n, dtype, columns = len(x), x.dtype, np.arange(len(y))
    W, b = [weights[f"W{k}"] for k in (1, 2, 3)], [weights[f"b{k}"] for k in (1, 2, 3)]
    h, back, decay = [x.T], [np.empty((len(one), n), dtype) for one in b], [np.empty_like(one) for one in W]
    hidden, zeros = [np.empty((len(one), n), dtype) for one in b], [np.zeros((len(one), n), dtype) for one in b[:2]]

    def call():
        h[1:] = []
        for layer in range(3):
            s = np.matmul(W[layer].T, h[-1], out=hidden[layer])
            add(s, b[layer][:, None], s)
            if layer < 2:
                h.append(np.maximum(s, zeros[layer], out=s))
        subtract(s, s.max(axis=0), s)
        e = np.exp(s, back[2])
        total = e.sum(axis=0)
        value = np.mean(np.log(total) - s[y, columns]) + lam * sum(one.ravel().dot(one.ravel()) for one in W)
        multiply(e, 1 / (n * total), e)
        e[y, columns] -= 1 / n
        gradients = []
        for layer in (2, 1, 0):
            g = back[layer]
            grad_W = h[layer] @ g.T
            add(grad_W, multiply(W[layer], 2 * lam, decay[layer]), grad_W)
            gradients[:0] = [grad_W, g.sum(axis=1)]
            if layer:
                multiply(np.matmul(W[layer], g, out=back[layer - 1]), h[layer] > 0, back[layer - 1])
        return value, *gradients

    return call


def normalised(x, y, **weights):
    """The call, with buffers that stay; the samples stand last."""
    n, D = x.shape
    layers = [(weights[f"W{k}"], weights[f"gamma{k}"], weights[f"beta{k}"]) for k in range(1, nets.DEPTH + 1)]
    z, out = np.empty((2, nets.DEPTH, D, n))
    u, zeros, ones = np.empty((D, n)), np.zeros((D, n)), np.full(n, 1 / n)

    def call():
        h, kept, gradients = x.T, [], []
        for k, (W, gamma, beta) in enumerate(layers):
            a = np.matmul(W.T, h, out=z[k])
            subtract(a, a.dot(ones)[:, None], a)
            scale = 1 / np.sqrt(np.vecdot(a, a) / n + nets.EPSILON)
            kept.append((h, scale))
            add(multiply(a, (gamma * scale)[:, None], out[k]), beta[:, None], out[k])
            h = np.maximum(out[k], zeros, out=out[k])
        r = subtract(h, y.T, u)
        value, g = r.ravel().dot(r.ravel()) / n, multiply(r, 2 / n, r)
        for k in reversed(range(nets.DEPTH)):
            (W, gamma, _), (h, scale) = layers[k], kept[k]
            multiply(g, out[k] > 0, g)
            grad_beta, grad_gamma = g.sum(axis=1), np.vecdot(g, z[k]) * scale
            subtract(g, multiply(z[k], (grad_gamma * scale / n)[:, None], out[k]), g)
            multiply(subtract(g, (grad_beta / n)[:, None], g), (gamma * scale)[:, None], g)
            gradients[:0] = [h @ g.T, grad_gamma, grad_beta]
            g = np.matmul(W, g, out=out[k])
        return value, *gradients

    return call


TUNED = {
    (regressions.declare_curve, GRADIENT): curve, (mixtures.declare_line, GRADIENT): mixture, (chained.declare_rosenbrock, GRADIENT): rosenbrock,
    (chained.declare_rosenbrock, PRODUCT): rosenbrock_product, (nets.declare_perceptron, GRADIENT): perceptron,
    (nets.declare_normalised, GRADIENT): normalised,
}
"""By declaration and kind of derivative."""
