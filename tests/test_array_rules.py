"""Rules over an index and on arrays: norms, variances, solutions, log-sum-exps of rows and of a few terms in their tails."""

from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import symgrad as sg
from symgrad.check.ulps import ulps

n, d = sp.symbols("n d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
x, z = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("z", shape=(n, d))


@pytest.mark.parametrize("scale", [1e-200, 1e-160, 1e-5, 1.0, 1e5, 1e160, 1e200])
def test_a_norm_is_right_far_from_one(scale):
    f = sg.compile(sp.sqrt(sp.Sum(x[i] ** 2, (i, 0, n - 1))), wrt=x)
    value, gradient = f.value_and_grad(x=scale * np.array([3.0, 4.0, 12.0]))
    assert value == pytest.approx(13 * scale, rel=4e-16, abs=0)
    np.testing.assert_allclose(gradient, np.array([3, 4, 12]) / 13, rtol=1e-15)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_a_norm_is_found_in_its_other_spellings(scale):
    at, k, M = scale * np.array([3.0, 4.0, 12.0]), sp.Symbol("k", integer=True), sp.MatrixSymbol("x", n, 1)
    squares = sp.Sum(x[i] ** 2, (i, 0, n - 1))
    unit = sp.Sum(x[i] / sp.sqrt(sp.Sum(x[k] ** 2, (k, 0, n - 1))), (i, 0, n - 1))
    assert sg.compile(1 / sp.sqrt(squares), wrt=x)(x=at) == pytest.approx(1 / (13 * scale), rel=1e-15)
    assert sg.compile(unit, wrt=x)(x=at) == pytest.approx(19 / 13, rel=1e-15)
    np.testing.assert_allclose(scale * sg.compile(unit, wrt=x).grad(x=at), (1 - np.array([3, 4, 12]) * 19 / 169) / 13, rtol=1e-14)
    for expr, parameter in ((sp.sqrt(sp.Sum(sp.Mul(x[i], x[i], evaluate=False), (i, 0, n - 1))), x), (sp.sqrt(sp.Trace(M.T * M)), M)):
        f = sg.compile(expr, wrt=parameter)
        assert f(x=at) == pytest.approx(13 * scale, rel=1e-15)
        np.testing.assert_allclose(np.ravel(f.grad(x=at)), np.array([3, 4, 12]) / 13, rtol=1e-15)


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_slopes_of_a_unit_vector_are_right_far_from_one(scale):
    """(I - u u^T)/r, none of whose factors is 1/r^2."""
    at, along = np.array([3.0, -4.0, 1.0]), np.array([0.5, 1.0, -2.0])
    f = sg.compile(x[j] / sp.sqrt(sp.Sum(x[i] ** 2, (i, 0, n - 1))), outputs=(j,), wrt=x)
    norm = np.linalg.norm(at)
    jacobian = (np.eye(3) - np.outer(at, at) / norm**2) / norm
    np.testing.assert_allclose(scale * f.jacobian(x=scale * at), jacobian, rtol=1e-14)
    np.testing.assert_allclose(scale * f.vjp(along, x=scale * at), along @ jacobian, rtol=1e-14)
    np.testing.assert_allclose(scale * f.jvp({"x": scale * at}, {"x": along})[1], jacobian @ along, rtol=1e-14)


def test_a_logarithm_of_a_product_of_squares():
    f = sg.compile(sp.log(2 * sp.Product(x[i] ** 2, (i, 0, n - 1))), wrt=x)
    at = np.array([1e200, -1e-200, 3e-200])
    assert f(x=at) == pytest.approx(np.log(2) + 2 * np.log(3e-200), rel=1e-15)
    np.testing.assert_allclose(f.grad(x=at), 2 / at, rtol=1e-15)


def test_norms_of_rows_and_their_slopes_at_zero():
    f = sg.compile(sp.Sum(sp.sqrt(sp.Sum(z[i, j] ** 2, (j, 0, d - 1))), (i, 0, n - 1)), wrt=z)
    at = np.array([[3.0, 4.0], [0.0, 0.0], [1e200, 0.0]])
    np.testing.assert_allclose(f.grad(z=at), [[0.6, 0.8], [0.0, 0.0], [1.0, 0.0]], rtol=1e-15)
    assert np.isfinite(f.hessian(z=at)).all()
    assert f.check(z=at[:1]).passed and f.grad(z=at[:2].astype(np.float32)).dtype == np.float32


def test_a_variance_survives_a_large_mean():
    squares, total = sp.Sum(x[i] ** 2, (i, 0, n - 1)), sp.Sum(x[i], (i, 0, n - 1))
    f = sg.compile(squares / n - (total / n) ** 2, wrt=x)
    at = 1e9 + np.arange(5.0)
    value, gradient = f.value_and_grad(x=at)
    assert value == pytest.approx(2.0, rel=1e-15)
    np.testing.assert_allclose(gradient, 2 / 5 * (np.arange(5.0) - 2), rtol=1e-13)
    np.testing.assert_allclose(f.hessian(x=at), 2 / 5 * (np.eye(5) - 1 / 5), rtol=1e-13, atol=1e-16)


def test_a_sum_of_squares_and_another_square_are_no_variance():
    squares, total = sp.Sum(x[i] ** 2, (i, 0, n - 1)), sp.Sum(x[i], (i, 0, n - 1))
    at = np.array([1.0, 2.0, 4.0])
    assert sg.compile(squares / n - total**2 / n, wrt=x)(x=at) == pytest.approx((1 + 4 + 16) / 3 - 49 / 3)


@pytest.mark.parametrize("spelling", ["softmax", "over their sum", "weighted softmax"])
def test_the_variance_of_a_distribution_survives_a_large_mean(spelling):
    z, w, p = (sp.IndexedBase(name, shape=shape) for name, shape in (("z", (n,)), ("w", (n,)), ("p", None)))
    top = {"softmax": sp.exp(z[i]), "over their sum": w[i], "weighted softmax": w[i] * sp.exp(z[i])}[spelling]
    share = [(p[i], top / sp.Sum(top.subs(i, j), (j, 0, n - 1)))]
    f = sg.compile(sp.Sum(p[i] * x[i] ** 2, (i, 0, n - 1)) - sp.Sum(p[i] * x[i], (i, 0, n - 1)) ** 2, wrt=x, where=share)
    given = {"x": 1e9 + np.array([0.0, 1.0, 3.0, 3.5]), "z": np.array([0.5, -1.0, 800.0, 799.0]), "w": np.array([0.2, 0.0, 1.5, 0.7])}
    with mp.workdps(60):
        tops = [mp.exp(mp.mpf(z) - 800) if "soft" in spelling else mp.mpf(1) for z in given["z"]]
        tops = [top * (mp.mpf(w) if spelling != "softmax" else 1) for top, w in zip(tops, given["w"], strict=True)]
        shares = [top / mp.fsum(tops) for top in tops]
        mean = mp.fsum(share * mp.mpf(one) for share, one in zip(shares, given["x"], strict=True))
        value = float(mp.fsum(share * (mp.mpf(one) - mean) ** 2 for share, one in zip(shares, given["x"], strict=True)))
        slopes = [float(2 * share * (mp.mpf(one) - mean)) for share, one in zip(shares, given["x"], strict=True)]
    got = f.value_and_grad(**{name: given[name] for name in f.arguments})
    assert got[0] == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(got[1], slopes, rtol=4e-7, atol=1e-300)  # half a unit of 1e9 is 6e-8


def test_inverses_that_are_multiplied_become_solutions():
    A, B, b = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, d), sp.MatrixSymbol("b", n, 1)
    rng = np.random.default_rng(3)
    at = dict(A=rng.normal(size=(4, 4)) + 4 * np.eye(4), B=rng.normal(size=(4, 2)), b=rng.normal(size=4))
    inverse = np.linalg.inv(at["A"])
    for expr, want in ((sp.Trace(b.T * A.inv() * b), at["b"] @ inverse @ at["b"]), (sp.Trace(B.T * A.inv() * B), np.trace(at["B"].T @ inverse @ at["B"])),
                       (sp.Trace(A.inv().T * B * B.T), np.trace(inverse.T @ at["B"] @ at["B"].T))):
        wrt = [symbol for symbol in (A, B, b) if expr.has(symbol)]
        f = sg.compile(expr, wrt=wrt)
        given = {name: at[name] for name in f.arguments}
        assert f(**given) == pytest.approx(want, rel=1e-12)
        assert "linalg.inv" not in f.kernel_text("value")
        assert sg.check_gradients(f, given, order=2).passed


def test_a_solution_keeps_digits_that_an_inverse_loses():
    A, b = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("b", n, 1)
    f = sg.compile(A.inv() * b, wrt=b)
    hilbert = 1 / (np.arange(8)[:, None] + np.arange(8) + 1)
    ours, plain = f(A=hilbert, b=hilbert @ np.ones(8)), np.linalg.inv(hilbert) @ (hilbert @ np.ones(8))
    assert np.abs(ours - 1).max() <= np.abs(plain - 1).max()


def test_the_absolute_determinant_has_a_logarithm():
    A = sp.MatrixSymbol("A", n, n)
    f = sg.compile(sp.log(sp.Abs(sp.Determinant(A))), wrt=A)
    assert f(A=np.diag([2.0, -3.0])) == pytest.approx(np.log(6))
    np.testing.assert_allclose(f.grad(A=np.diag([2.0, -3.0])), np.diag([1 / 2, -1 / 3]), rtol=1e-15)


def test_a_determinant_may_carry_a_positive_factor():
    A = sp.MatrixSymbol("A", n, n)
    small, large = np.array([[2.0, 1.0], [0.5, 3.0]]), np.diag(np.full(400, 1e10))
    for factor, shift in ((2, lambda size: np.log(2)), ((2 * sp.pi) ** n, lambda size: size * np.log(2 * np.pi))):
        f = sg.compile(sp.log(factor * sp.Determinant(A)), wrt=A)
        assert f(A=small) == pytest.approx(np.log(5.5) + shift(2), rel=1e-14)
        assert f(A=large) == pytest.approx(400 * np.log(1e10) + shift(400), rel=1e-14)
        assert np.isnan(f(A=np.diag([1.0, -1.0])))
        np.testing.assert_allclose(f.grad(A=small), np.linalg.inv(small).T, rtol=1e-13)


@pytest.mark.parametrize("sizes", [(1, 1), (-1, 1), (-2, -3), (0, 2), (2, 0), (0, 0)])
@pytest.mark.parametrize("s", [0.5, -2.0])
def test_logarithms_of_several_determinants_have_the_domain_of_plain_code(sizes, s):
    A, B, r = sp.MatrixSymbol("A", 2, 2), sp.MatrixSymbol("B", 2, 2), sp.Symbol("s", real=True)
    first, second = sp.Determinant(A), sp.Determinant(B)
    at = dict(A=np.array([[1.0, 2.0], [3.0, 6.0 + sizes[0]]]), B=np.array([[2.0, 1.0], [2.0, 1.0 + sizes[1] / 2]]), s=s)
    for formula in (first / second, first * second * r, sp.sqrt(first), 3 / first, sp.sqrt(r * first) / second**2, sp.Abs(first) / second,
                    first / sp.sqrt(first * second), -first / second, first**3 * sp.exp(r) / r):
        f = sg.compile(sp.log(formula), wrt=[one for one in (A, B, r) if formula.has(one)])
        given = {name: at[name] for name in f.arguments}
        plain = f.with_options(rewrite=False)
        np.testing.assert_allclose(f(**given), plain(**given), rtol=1e-13, atol=1e-15)
        if np.isfinite(f(**given)):
            for ours, theirs in zip(f.grad(**given), plain.grad(**given), strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-13)


def test_a_ratio_of_determinants_may_overflow_inside_a_logarithm():
    """As in the divergence of two normal distributions of many variables."""
    A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)
    f = sg.compile(sp.log(sp.Determinant(A) / sp.Determinant(B)) + sp.log(sp.sqrt(sp.Determinant(A))), wrt=[A, B])
    at = dict(A=np.diag(np.full(400, -1e10)), B=np.diag(np.full(400, 2e10)))
    assert f(**at) == pytest.approx(400 * np.log(0.5) + 200 * np.log(1e10), rel=1e-13)
    for found, want in zip(f.grad(**at), (np.eye(400) * -1.5e-10, np.eye(400) * -0.5e-10), strict=True):
        np.testing.assert_allclose(found, want, rtol=1e-14)


# ---------------------------------------------------------------- log-sum-exps

MINUS = -np.inf
ROWS = np.array([[-700.0, -740.0, -709.0], [1e4, 1e4 - 3, 1e4 - 40], [0.0, MINUS, -2.0], [31.0, 0.0, -5.0]])
TOP = sg.MaxOver(z[i, j], (j, 0, d - 1))
m, s, q = (sp.IndexedBase(name) for name in "msq")
SPELLINGS = {
    "by a sum": ([], sp.log(sp.Sum(sp.exp(z[i, j]), (j, 0, d - 1)))),
    "less a named maximum": ([(m[i], TOP)], m[i] + sp.log(sp.Sum(sp.exp(z[i, j] - m[i]), (j, 0, d - 1)))),
    "less its maximum": ([], TOP + sp.log(sp.Sum(sp.exp(z[i, j] - TOP), (j, 0, d - 1)))),
    "with a factor": ([], sp.log(sp.Sum(3 * sp.exp(z[i, j]), (j, 0, d - 1)) / 3)),
}


def softmax_truth(row):
    """log-sum-exp and softmax of a row to 40 digits."""
    with mpmath.workdps(40):
        powers = [mpmath.exp(mpmath.mpf(float(a))) for a in row]
        total = mpmath.fsum(powers)
        return mpmath.log(total), [power / total for power in powers]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_log_sum_exp_of_rows_keeps_its_tails(spelling):
    where, expr = SPELLINGS[spelling]
    value = sg.compile(expr, outputs=(i,), where=where, wrt=z)(z=ROWS)
    gradient = sg.compile(sp.Sum(s[i], (i, 0, n - 1)), where=[*where, (s[i], expr)], wrt=z).grad(z=ROWS)
    for k, row in enumerate(ROWS):
        log, shares = softmax_truth(row)
        assert ulps(value[k], log) <= 4
        assert max(ulps(found, share) for found, share in zip(gradient[k], shares, strict=True)) <= 4


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_log_sum_exp_of_nothing(spelling):
    """Minus infinity, without slopes, whether the mask comes by Piecewise or the row itself is of nothing."""
    where, expr = SPELLINGS[spelling]
    assert sg.compile(expr, outputs=(i,), where=where, wrt=z)(z=np.array([[MINUS, MINUS], [0.0, MINUS]])).tolist() == [MINUS, 0.0]
    keep, scores = sp.IndexedBase("keep", shape=(n, d)), sp.IndexedBase("scores", shape=(n, d))
    masked = [(q[i, j], sp.Piecewise((scores[i, j], keep[i, j] > 0), (-sp.oo, True)))]
    where = [*masked, *((left, right.xreplace({z: q})) for left, right in where), (s[i], expr.xreplace({z: q}))]
    f = sg.compile(sp.Sum(sp.exp(s[i]), (i, 0, n - 1)), where=where, wrt=scores)
    at = dict(scores=np.array([[1.0, 2.0], [3.0, 4.0]]), keep=np.array([[0.0, 0.0], [1.0, 0.0]]))
    want = [[0, 0], [np.exp(3.0), 0]]
    np.testing.assert_allclose(f.grad(**at), want, rtol=1e-14)
    np.testing.assert_allclose(f.grad_forward(**at), want, rtol=1e-14)
    assert np.isfinite(f.hessian(**at)).all()


a, b = sp.symbols("a b", real=True)


@pytest.mark.parametrize("count", [2, 3, 8, 11])
def test_a_log_sum_exp_of_a_few_terms_keeps_its_tails(count):
    """Scalars and arrays alike; more terms than one function takes are added up in turns."""
    letters = sp.symbols(f"a_:{count}", real=True)
    expr = sp.log(sum((k + 1) * sp.exp(letter) for k, letter in enumerate(letters)))
    f, rows = (sg.compile(expr, wrt=list(letters), **more) for more in ({}, {"batch": list(letters), "reduce": None}))
    points = np.random.default_rng(5).uniform(-745, -700, (6, count)).round()
    logs = points + np.log(np.arange(1, count + 1))
    for point, log in zip(points, logs, strict=True):
        _, shares = softmax_truth(log)
        np.testing.assert_allclose(f.grad(*point), np.array([float(share) for share in shares]), rtol=2e-13)
    np.testing.assert_allclose(rows.value(*points.T), [f(*point) for point in points], rtol=1e-15)
    np.testing.assert_allclose(np.stack(rows.vjp(np.ones(6), *points.T)).T, [f.grad(*point) for point in points], rtol=2e-15)
    assert sg.check_gradients(f, {letter.name: 0.3 * k for k, letter in enumerate(letters)}, order=2).passed


def test_terms_may_be_infinite():
    f = sg.compile(sp.log(sp.exp(a) + 2 * sp.exp(b)), wrt=[a, b])
    assert f(a=MINUS, b=MINUS) == MINUS and f(a=MINUS, b=0.0) == pytest.approx(np.log(2)) and f(a=np.inf, b=0.0) == np.inf
    assert f.grad(a=MINUS, b=0.0) == (0.0, 1.0) and f.grad(a=-800.0, b=800.0) == (0.0, 1.0)


def test_long_arrays_go_block_by_block():
    f = sg.compile(sp.log(sp.exp(a) + 3 * sp.exp(2 * a) + 1), wrt=a, batch=[a], reduce=None)
    at = np.linspace(-800, 800, 10_001)
    want = np.logaddexp.reduce([at, 2 * at + np.log(3), np.zeros_like(at)])
    np.testing.assert_allclose(f.value(a=at), want, rtol=1e-13, atol=0)
    assert f.value(a=at[:0]).shape == (0,)


def test_an_exponential_less_its_own_exponential_ends_in_zero():
    f = sg.compile(1 - sp.exp(-sp.exp(a)), wrt=a)
    assert [(f.grad(a=point), f.hessian(a=point)) for point in (50.0, 709.0, 800.0, 1e4)] == [(0.0, 0.0)] * 4
    assert sg.compile(sp.log(1 - sp.exp(-sp.exp(a))), wrt=a).value_and_grad(a=-1000.0) == (-1000.0, 1.0)


# ---------------------------------------------------------------- exponentials with weights and masks

w, t, mean, spread, keep = (sp.IndexedBase(name, shape=shape) for name, shape in
                            (("w", (d,)), ("t", (n,)), ("mean", (d,)), ("spread", (d,)), ("keep", (n, d))))
P, e = sp.IndexedBase("P"), sp.IndexedBase("e")
k = sp.Symbol("k", integer=True)


def total(body, *limits):
    return sp.Sum(body, *(limits or ((j, 0, d - 1),)))


DENSITY = sp.exp(-(t[i] - mean[j]) ** 2 / (2 * spread[j] ** 2)) / (sp.sqrt(2 * sp.pi) * spread[j])
SHARE = [(P[i, j], e[i, j] / total(e[i, k], (k, 0, d - 1)))]
ENDS = {"far": 1000.0, "low": -900.0, "even": 0.0}
WEIGHTED = {  # parameters, named steps, the result of row i
    "sum": ([w, z], [], sp.log(total(w[j] * sp.exp(z[i, j])))),
    "named sum": ([w, z], [(e[i, j], w[j] * sp.exp(z[i, j])), (s[i], total(e[i, j]))], sp.log(s[i])),
    "one and a sum": ([w, z], [], sp.log(1 + total(w[j] * sp.exp(z[i, j])))),
    "share": ([w, z], [(e[i, j], w[j] * sp.exp(z[i, j])), *SHARE], total(P[i, j] * (j + 1))),
    "log of a share": ([w, z], [(e[i, j], w[j] * sp.exp(z[i, j])), *SHARE], total(sp.log(P[i, j]))),
    "share read by an index": ([w, z], [(e[i, j], w[j] * sp.exp(z[i, j])), *SHARE], sp.log(P[i, 1])),
    "weighted mean": ([w, z], [], total(w[j] * sp.exp(z[i, j])) / total(sp.exp(z[i, j]))),
    "up to a row": ([z], [], sp.log(total(sp.exp(z[i, j]), (j, 0, i)))),
    "share up to a row": ([z], [(P[i, j], sp.exp(z[i, j]) / total(sp.exp(z[i, k]), (k, 0, i)))], total(P[i, j] * (j + 1), (j, 0, i))),
    "masked by a choice": ([z], [(e[i, j], sp.Piecewise((sp.exp(z[i, j]), keep[i, j] > 0), (0, True)))], sp.log(total(e[i, j]))),
    "share masked by a product": ([z], [(e[i, j], keep[i, j] * sp.exp(z[i, j])), *SHARE], total(P[i, j] * (j + 1))),
    "mixture": ([w, t, mean, spread], [], sp.log(total(w[j] * DENSITY))),
    "mixture in steps": ([w, t, mean, spread], [(q[i, j], DENSITY), (e[i, j], w[j] * q[i, j]), (s[i], total(e[i, j]))], sp.log(s[i])),
    "responsibilities": ([t, mean], [(q[i, j], DENSITY), (e[i, j], w[j] * q[i, j]), *SHARE], total(P[i, j] * (j + 1))),
    "root": ([z], [], sp.sqrt(total(w[j] ** 2 * sp.exp(z[i, j] / 9)))),
}


def point(end):
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(3, 3)) * (1000 if end == "far" else 1) + (ENDS[end] if end != "far" else 0)
    return dict(z=np.full((3, 3), 2.5) if end == "even" else scores, w=np.array([0.2, 0.5, 0.3]), t=np.array([0.4, -1.0, 2.0]) + ENDS[end],
                mean=np.array([0.1, -0.5, 1.5]), spread=np.array([0.5, 1.0, 1.5]), keep=np.array([[1.0, 0, 1], [0, 1, 1], [1, 1, 0]]))


@cache
def weighted(name):
    """The compiled formula; the same written out in single letters, with its slopes, and what the letters stand for."""
    wrt, where, expr = WEIGHTED[name]
    f = sg.compile(sp.Sum(m[i], (i, 0, n - 1)), where=[*where, (m[i], expr)], wrt=wrt)
    for left, right in reversed(where):
        expr = expr.replace(lambda node, left=left: isinstance(node, sp.Indexed) and node.base == left.base,
                            lambda node, left=left, right=right: right.subs(dict(zip(left.indices, node.indices, strict=True)), simultaneous=True))
    rows = sp.Add(*(expr.subs({i: row}).subs({n: 3, d: 3}).doit() for row in range(3)))
    letters = {node: sp.Symbol(f"{node.base}_{'_'.join(map(str, node.indices))}", real=True) for node in rows.atoms(sp.Indexed)}
    whole = rows.subs(letters)
    return f, f.with_options(style="flat"), [sp.lambdify(list(letters.values()), one, "mpmath", cse=True)
                                             for one in (whole, [whole.diff(one) for one in letters.values()])], letters


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", WEIGHTED)
def test_weighted_exponentials_far_from_zero(name, end):
    """Value and slopes against the formula written out to 50 digits; fast and flat, forward and backward; second derivatives finite."""
    f, flat, right, letters = weighted(name)
    at = {key: value for key, value in point(end).items() if key in f.arguments}
    with mpmath.workdps(50):
        truth, slopes = (one(*(mpmath.mpf(float(at[str(node.base)][node.indices])) for node in letters)) for one in right)
    for style in (f, flat):
        value, gradient = style.value_and_grad(**at)
        assert abs(value - truth) <= 1e-14 * max(1, abs(truth))
        for part, forward, parameter in zip(gradient, style.grad_forward(**at), f.wrt, strict=True):
            want = {str(letter): slope for letter, slope in zip(letters.values(), slopes, strict=True)}
            wanted = np.array([float(want.get(f"{parameter}_{'_'.join(map(str, place))}", 0)) for place in np.ndindex(part.shape)]).reshape(part.shape)
            room = 1e-12 * max(1.0, np.abs(wanted).max())
            np.testing.assert_allclose(part, wanted, rtol=1e-12, atol=room)
            np.testing.assert_allclose(forward, wanted, rtol=1e-12, atol=room)
    hessian = f.hessian(**at)
    assert all(np.isfinite(block).all() for row in hessian for block in row)


def test_weights_of_nought_do_not_count():
    """What is masked may lie far above all that is not; with nothing left, a mean has no value and a logarithm is -inf."""
    f = sg.compile(sp.Sum(sp.log(total(keep[i, j] * sp.exp(z[i, j]))), (i, 0, n - 1)), wrt=z)
    at, mask = np.array([[1e4, -50.0, -51.0], [90.0, -30.0, -31.0]]), np.array([[0.0, 1, 1], [0, 1, 1]])
    for kind in (np.float64, np.float32):
        value, gradient = f.value_and_grad(z=at.astype(kind), keep=mask.astype(kind))
        assert value == pytest.approx(-80 + 2 * np.log1p(np.exp(-1.0)), rel=1e-6) and value.dtype == kind
        np.testing.assert_allclose(gradient, np.array([[0, 1, np.exp(-1.0)]] * 2) / (1 + np.exp(-1.0)), rtol=1e-6)
    assert f(z=at, keep=0 * mask) == MINUS
    assert np.isnan(f(z=at, keep=-mask))  # the logarithm of a negative sum


def test_the_slope_towards_a_weight_of_nought_is_that_of_its_exponential():
    f = sg.compile(sp.log(total(w[j] * sp.exp(mean[j]))), wrt=[w, mean])
    slopes, shares = f.grad(w=np.array([0.0, 2.0]), mean=np.array([3.0, 1.0]))
    np.testing.assert_allclose(slopes, [np.exp(2.0) / 2, 0.5], rtol=1e-14)
    np.testing.assert_allclose(shares, [0, 1], rtol=1e-14)


def test_a_power_of_a_sum_of_exponentials_keeps_its_ends():
    p, r = sp.symbols("p r", real=True)
    f = sg.compile(sp.sqrt(1 / (1 + sp.exp(-r))), wrt=r)
    assert f(r=-746.0) == pytest.approx(np.exp(-373.0), rel=1e-14) and f.grad(r=-1400.0) == pytest.approx(np.exp(-700.0) / 2, rel=1e-12)
    g = sg.compile(1 / (1 + p * sp.exp(r)), wrt=r)
    assert g.grad(p=2.0, r=1000.0) == 0 and g.grad(p=2.0, r=-1000.0) == 0


def test_infinity_keeps_its_sign():
    for sign in (1, -1):
        assert sg.compile(sp.Piecewise((a, a < 1), (sign * sp.oo, True)), wrt=a)(a=2.0) == sign * np.inf


def test_a_tilted_tail_is_a_weighted_exponential():
    """exp(a) Phi(b) is one function of a and b, from which a maximum is taken out as from exp(a)."""
    total = sp.Sum(sp.exp(x[i]), (i, 0, n - 1))
    mean = sg.compile(sp.Sum(sp.exp(x[i]) * (1 + sp.erf(x[i])) / 2, (i, 0, n - 1)) / total, wrt=x)
    log = sg.compile(sp.log(sp.Sum(sp.exp(x[i]) * sp.erfc(-x[i]), (i, 0, n - 1))), wrt=x)
    assert mean(x=[720.0, -30.0, 715.0]) == 1 and mean(x=[-800.0, -790.0, -760.0]) == 0
    value, slopes = log.value_and_grad(x=[720.0, -30.0, 715.0])
    assert value == pytest.approx(715 + np.log(2 * (np.exp(5.0) + 1)), rel=1e-15)
    np.testing.assert_allclose(slopes, [1 / (1 + np.exp(-5.0)), 0, 1 / (1 + np.exp(5.0))], rtol=1e-13)


def test_a_variance_is_found_where_squares_are_merged():
    """exp(x)^2 is exp(2x) before any rule sees it; the plain difference is below 0 here."""
    t = sp.Symbol("t", real=True)
    for make in (sp.exp, lambda u: sp.exp(u / t), lambda u: (1 + sp.exp(-u)) ** -t, lambda u: (1 + u**2) ** t):
        variance = sp.Sum(make(x[i]) ** 2, (i, 0, n - 1)) / n - (sp.Sum(make(x[i]), (i, 0, n - 1)) / n) ** 2
        at = {"x": [0.5, 0.5 + 2**-30, 0.5 - 2**-31]} | ({"t": 1.25} if variance.has(t) else {})
        inner = [sp.N(make(sp.Rational(one)).subs(t, sp.Rational(5, 4)), 60) for one in at["x"]]
        mean = sum(inner) / 3
        assert sg.compile(variance, wrt=x)(**at) == pytest.approx(float(sum((one - mean) ** 2 for one in inner) / 3), rel=1e-6)


@pytest.mark.parametrize("spread", [1e-12, 1e-7, 1e-3, 0.5])
def test_an_index_of_inequality_keeps_its_digits_where_all_are_about_the_same(spread):
    """H. Theil, Economics and Information Theory, 1967."""
    mean = sp.Symbol("m", positive=True)
    f = sg.compile(sp.Sum(x[i] / mean * sp.log(x[i] / mean), (i, 0, n - 1)) / n, where=[(mean, sp.Sum(x[i], (i, 0, n - 1)) / n)], wrt=x)
    at = 3 + spread * np.array([1.0, -0.5, 0.25, 2.0, -1.0])
    with mp.workdps(60):
        incomes = [mp.mpf(one) for one in at]
        average = mp.fsum(incomes) / 5
        want = mp.fsum(one / average * mp.log(one / average) for one in incomes) / 5
        slopes = [(mp.log(one / average) - want) / (5 * average) for one in incomes]
    got = f.grad(x=at)
    rounding = float(max(map(abs, slopes))) * 1e-14 + np.spacing(1.0) / 10  # half a unit in the last digit of an income is as much
    assert f(x=at) == pytest.approx(float(want), rel=1e-14 + 4e-16 / spread)
    assert np.abs(got - np.array(slopes, float)).max() <= rounding


def test_a_filter_keeps_its_variance_where_an_observation_is_all_but_exact():
    """R. E. Kalman, 1960: p - p^2/(p + r), from step to step."""
    q, r, *p = sp.symbols("q r p:6", positive=True)
    before = [sp.Rational(9, 10) * one + q for one in p[:-1]]
    where = [(p[0], q), *((after, one - one**2 / (one + r)) for after, one in zip(p[1:], before, strict=True))]
    f = sg.compile(sp.log(p[-1]) + sp.Sum(x[i], (i, 0, n - 1)), wrt=[r], where=where)

    def last(noise):
        found = mp.mpf(0.3)
        for _ in range(5):
            found = (1 - 1 / (1 + noise / (mp.mpf(9) / 10 * found + mp.mpf(0.3)))) * (mp.mpf(9) / 10 * found + mp.mpf(0.3))
        return mp.log(found)

    for noise in (1e-200, 1e-12, 1e-3, 1.0, 1e12):
        with mp.workdps(300):
            want, slope = last(mp.mpf(noise)), mp.diff(last, mp.mpf(noise), h=mp.mpf(noise) * mp.mpf(10) ** -100)
        assert f(q=0.3, r=noise, x=np.zeros(2)) == pytest.approx(float(want), rel=1e-15)
        assert f.grad(q=0.3, r=noise, x=np.zeros(2))[0] == pytest.approx(float(slope), rel=1e-14)


@pytest.mark.parametrize("scale", [1.0, 30.0, 1e3, 1e4])
def test_ties_of_comparisons_weigh_the_root_of_both_strengths(scale):
    """R. R. Davidson, 1970."""
    s, u, v, nu = sp.IndexedBase("s", shape=(d,)), sp.IndexedBase("u", shape=(n,)), sp.IndexedBase("v", shape=(n,)), sp.Symbol("nu", positive=True)
    first, second = sp.exp(s[u[i]]), sp.exp(s[v[i]])
    tie = nu * sp.sqrt(first * second)
    f = sg.compile(-sp.Sum(sp.log(first / (first + second + tie)) + sp.log(tie / (first + second + tie)), (i, 0, n - 1)), wrt=[s, nu])
    strengths, pairs = scale * np.array([0.3, -1.0, 0.7]), ((0, 1), (1, 2), (2, 0))

    def truth(a, b, c, weight):
        every, total = (a, b, c), mp.mpf(0)
        for one, other in pairs:
            ties = weight * mp.exp((every[one] + every[other]) / 2)
            whole = mp.exp(every[one]) + mp.exp(every[other]) + ties
            total -= mp.log(mp.exp(every[one]) / whole) + mp.log(ties / whole)
        return total

    with mp.workdps(60):
        at = (*map(mp.mpf, strengths), mp.mpf(0.6))
        want = truth(*at)
        slopes = [float(mp.diff(truth, at, tuple(int(k == m) for m in range(4)), h=mp.mpf(10) ** -20)) for k in range(4)]
    inputs = dict(s=strengths, nu=0.6, u=np.array([0, 1, 2]), v=np.array([1, 2, 0]))
    for gradient in (f.grad(**inputs), f.grad_forward(**inputs)):
        np.testing.assert_allclose([*gradient[0], gradient[1]], slopes, rtol=1e-13, atol=1e-15)
    assert f(**inputs) == pytest.approx(float(want), rel=1e-15)
