"""Textbook formulas far from the origin, against mpmath at the exact double: values, gradients, second derivatives."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.rewrite import stabilise
from symgrad.rewrite.rules import RULES, Rule, weight
from symgrad.rewrite.rules.rule import x as letter

z = sp.Symbol("z", real=True)
n, K = sp.symbols("n K", integer=True, positive=True)
i, c, k = sp.symbols("i c k", integer=True)
SIGMA, SIGMA_2 = 1 / (1 + sp.exp(-z)), sp.exp(z) / (1 + sp.exp(z))
POINTS = (-800.0, -300.0, -40.0, -20.0, -1.0, 0.0, 0.25, 1.0, 20.0, 40.0, 300.0, 800.0)

FORMULAS = {
    "softplus": sp.log(1 + sp.exp(z)), "softplus of -z": sp.log(1 + sp.exp(-z)), "scaled": 3 * sp.log(2 + 2 * sp.exp(z)),
    "log sigmoid": sp.log(SIGMA), "log sigmoid 2": sp.log(SIGMA_2), "log(1 - sigmoid)": sp.log(1 - SIGMA), "log(1 - sigmoid) 2": sp.log(1 - SIGMA_2),
    "sigmoid": SIGMA, "sigmoid 2": SIGMA_2, "1 - sigmoid": 1 - SIGMA, "1/(1 + exp)": 1 / (1 + sp.exp(z)),
    "scaled 1/(1 + exp)": 1 / (2 + 2 * sp.exp(z)),
    "logistic loss": -(sp.Rational(3, 10) * sp.log(SIGMA) + sp.Rational(7, 10) * sp.log(1 - SIGMA)), "silu": z * SIGMA,
    "three exponentials": sp.log(sp.exp(z) + sp.exp(2 * z) + 3), "two exponentials": sp.log(sp.exp(z) + sp.exp(3 * z)),
}


def truth(expr, x):
    """Value, first and second derivative at the double x to 30 digits and more."""
    with mpmath.workdps(800):
        return [sp.lambdify(z, e, "mpmath")(mpmath.mpf(x)) for e in (expr, sp.diff(expr, z), sp.diff(expr, z, 2))]


def close(got, want, rel):
    return abs(mpmath.mpf(float(got)) - want) <= rel * abs(want) + mpmath.mpf(10) ** -306


@pytest.mark.parametrize("name", list(FORMULAS))
def test_scalar_formula_is_right_everywhere(name):
    f = sg.compile(FORMULAS[name], wrt=z)
    for x in POINTS:
        value, slope, curvature = truth(FORMULAS[name], x)
        got, gradient = f.value_and_grad(z=x)
        assert close(got, value, 4e-15), (x, got, value)
        assert close(gradient, slope, 8e-15), (x, gradient, slope)
        assert close(f.jvp({"z": x}, {"z": 1.0})[1], slope, 8e-15), x
        assert close(f.hessian(z=x), curvature, 1e-9), x


@pytest.mark.parametrize("name", list(FORMULAS))
def test_array_formula_agrees_with_the_scalar_one(name):
    f, one = sg.compile(FORMULAS[name], wrt=z, batch=[z], reduce=None), sg.compile(FORMULAS[name], wrt=z)
    at = np.array(POINTS)
    np.testing.assert_allclose(f.value(z=at), [one(z=x) for x in POINTS], rtol=2e-15)
    np.testing.assert_allclose(f.vjp(np.ones(len(at)), z=at), [one.grad(z=x) for x in POINTS], rtol=4e-15)


LOGITS = np.array([[800.0, -800.0, 0.0], [-800.0, -800.0, -801.0], [1.0, 2.0, 3.0], [800.0, 800.0, 800.0]])


def log_softmax(a):
    shifted = a - a.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def test_log_sum_exp_over_an_index():
    a = sp.IndexedBase("a", shape=(n, K))
    f = sg.compile(sp.Sum(sp.log(sp.Sum(sp.exp(a[i, c]), (c, 0, K - 1))), (i, 0, n - 1)), wrt=a)
    value, gradient = f.value_and_grad(a=LOGITS)
    assert value == pytest.approx(np.logaddexp.reduce(LOGITS, axis=1).sum(), rel=1e-14)
    np.testing.assert_allclose(gradient, np.exp(log_softmax(LOGITS)), rtol=1e-13)
    assert np.isfinite(f.hessian(a=LOGITS)).all()


def test_softmax_and_its_logarithm():
    a, P = sp.IndexedBase("a", shape=(n, K)), sp.IndexedBase("P")
    where = [(P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))]
    softmax = sg.compile(P[i, c], where=where, outputs=(i, c), wrt=a)
    np.testing.assert_allclose(softmax(a=LOGITS), np.exp(log_softmax(LOGITS)), rtol=1e-13)
    logs = sg.compile(sp.log(P[i, c]), where=where, outputs=(i, c), wrt=a)
    np.testing.assert_allclose(logs(a=LOGITS), log_softmax(LOGITS), rtol=1e-14)
    assert np.isfinite(softmax.jacobian(a=LOGITS)).all() and np.isfinite(logs.jacobian(a=LOGITS)).all()


def test_matrix_spelling_of_softmax_is_found_too():
    A, E = sp.MatrixSymbol("A", n, K), sp.MatrixSymbol("E", n, K)
    total = (E * sp.OneMatrix(K, 1)).applyfunc(lambda v: 1 / v) * sp.OneMatrix(1, K)
    f = sg.compile(sp.HadamardProduct(E, total), where=[(E, A.applyfunc(sp.exp))], wrt=A)
    np.testing.assert_allclose(f(A=LOGITS), np.exp(log_softmax(LOGITS)), rtol=1e-13)


def test_binary_likelihood_over_an_index():
    x, y, w, p = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("y", shape=(n,)), sp.Symbol("w", real=True), sp.IndexedBase("p")
    f = sg.compile(-sp.Sum(y[i] * sp.log(p[i]) + (1 - y[i]) * sp.log(1 - p[i]), (i, 0, n - 1)), where=[(p[i], 1 / (1 + sp.exp(-w * x[i])))], wrt=w)
    at = dict(x=np.array([800.0, -800.0, 30.0]), y=np.array([0.0, 1.0, 1.0]), w=1.0)
    value, gradient = f.value_and_grad(**at)
    assert value == pytest.approx(1600 + np.log1p(np.exp(-30.0)), rel=1e-15)
    assert gradient == pytest.approx(1600 - 30 * np.exp(-30.0) / (1 + np.exp(-30.0)), rel=1e-15)
    assert np.isfinite(f.hessian(**at))


def test_the_logarithm_of_a_negative_determinant_stays_nan():
    A = sp.MatrixSymbol("A", n, n)
    f = sg.compile(sp.log(sp.Determinant(A)), wrt=A)
    assert np.isnan(f(A=np.diag([1.0, -1.0])))
    big = np.diag(np.full(400, 1e10))
    assert f(A=big) == pytest.approx(400 * np.log(1e10), rel=1e-14)
    np.testing.assert_allclose(f.grad(A=np.array([[2.0, 1.0], [0.5, 3.0]])), np.linalg.inv([[2.0, 1.0], [0.5, 3.0]]).T, rtol=1e-13)


def test_rewriting_does_not_widen_a_domain():
    assert np.isnan(sg.compile(sp.log(z) + sp.exp(sp.log(z) + 1), wrt=z)(z=-1.0))
    assert np.isnan(sg.compile(sp.sqrt(z) * sp.sqrt(z - 1), wrt=z)(z=-1.0))


def compiled(rule):
    """A rule's pattern towards its first letter that is an input."""
    inputs = rule.pattern.free_symbols - {left for left, _ in rule.where}
    return sg.compile(rule.pattern, wrt=next(iter(sorted(inputs, key=str)), "x"), where=rule.where)


def fired(*functions):
    return {note[5:] for f in functions for note in f.program.graph.notes.values() if note.startswith("rule ")}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.pattern is not None], ids=lambda rule: rule.name)
def test_every_rule_fires_in_its_pattern(rule):
    """Where patterns overlap the order decides: the rule whose pattern this is must have come first."""
    assert rule.name in fired(compiled(rule))


def test_rules_without_a_scalar_pattern_fire_on_arrays():
    a, y, P = sp.IndexedBase("a", shape=(n, K)), sp.IndexedBase("y", shape=(n,)), sp.IndexedBase("P")
    A = sp.MatrixSymbol("A", n, n)
    softmax = [(P[i, c], sp.exp(a[i, c]) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)))]
    Q, v = sp.IndexedBase("Q"), sp.IndexedBase("v", shape=(K,))
    softmaxes = [*softmax, (Q[c], sp.exp(v[c]) / sp.Sum(sp.exp(v[k]), (k, 0, K - 1)))]
    x, b = sp.IndexedBase("x", shape=(n,)), sp.MatrixSymbol("b", n, 1)
    squares, total = sp.Sum(x[i] ** 2, (i, 0, n - 1)), sp.Sum(x[i], (i, 0, n - 1))
    mean = sp.Sum(sp.Sum(x[k] * sp.exp(a[i, k]), (k, 0, K - 1)) / sp.Sum(sp.exp(a[i, k]), (k, 0, K - 1)), (i, 0, n - 1))
    mixture = sp.Sum(sp.log(sp.Sum(x[k] * sp.exp(a[i, k]), (k, 0, K - 1))), (i, 0, n - 1))
    each, tempered = sp.Product(a[i, k], (k, 0, K - 1)), sp.Sum(x[i] ** 3, (i, 0, n - 1))
    products, bells = sp.Sum(each, (i, 0, n - 1)), sp.Sum(x[i] ** a[i, 0] / sp.gamma(x[i]), (i, 0, n - 1))
    mean_power, whole = sp.Sum(x[i] ** y[0], (i, 0, n - 1)) / n, sp.Product(x[i], (i, 0, n - 1))
    gaps = sp.Sum(sp.loggamma(x[i] + y[i]) - sp.loggamma(x[i]) + x[i] ** 2 / y[i] ** 2, (i, 0, n - 1))
    shares = y[i] / sp.Sum(y[k], (k, 0, n - 1))
    weighted = sp.Sum(shares * x[i] ** 2, (i, 0, n - 1)) - sp.Sum(shares * x[i], (i, 0, n - 1)) ** 2
    seen = fired(sg.compile(sp.Sum((1 - P[i, y[i]]) ** 3, (i, 0, n - 1)), wrt=a, where=softmax), sg.compile(gaps, wrt=x), sg.compile(sp.log(mean_power) / y[0], wrt=x), sg.compile(mean_power ** (1 / y[0]), wrt=x), sg.compile((mean_power - 1) / y[0], wrt=x),
                 sg.compile(sp.log(products), wrt=a), sg.compile(sp.Sum(each / products * x[i], (i, 0, n - 1)), wrt=a), sg.compile(sp.log(bells), wrt=a),
                 sg.compile(sp.log(tempered), wrt=x), sg.compile(tempered ** x[0], wrt=x), sg.compile(tempered ** sp.Rational(1, 3), wrt=x), sg.compile(sp.sqrt(tempered), wrt=x),
                 sg.compile(sp.Sum(x[i] ** 3 * y[i], (i, 0, n - 1)) / tempered, wrt=x), sg.compile(sp.Product(x[i] * sp.exp(a[i, 0]), (i, 0, n - 1)), wrt=a),
                 sg.compile(mean, wrt=a), sg.compile(mixture, wrt=a), sg.compile(1 / sp.sqrt(squares), wrt=x),
                 sg.compile(sp.Sum(sp.log(P[i, y[i]]), (i, 0, n - 1)), wrt=a, where=softmax), sg.compile(sp.log(sp.Determinant(A)), wrt=A), sg.compile(sp.log(sp.Determinant(A) ** x[0] * sp.exp(x[1]) * x[2] ** x[0]), wrt=A),
                 sg.compile(sp.log(sp.Product(x[i], (i, 0, n - 1))), wrt=x), sg.compile(sp.sqrt(squares), wrt=x), sg.compile(squares / n - (total / n) ** 2, wrt=x), sg.compile(sp.Trace(b.T * A.inv() * b), wrt=A),
                 sg.compile(y[0] * sp.log(sp.Sum(sp.exp(x[i] / y[0]), (i, 0, n - 1))), wrt=x), sg.compile(whole ** (1 / n), wrt=x),
                 sg.compile(whole / sp.Product(y[i], (i, 0, n - 1)), wrt=x), sg.compile(sp.log(whole / sp.Product(y[i], (i, 0, n - 1))), wrt=x), sg.compile(1 - sp.Product(1 - x[i], (i, 0, n - 1)), wrt=x),
                 sg.compile(weighted, wrt=x), sg.compile(sp.Sum(P[i, c] * (sp.log(P[i, c]) - sp.log(Q[c])), (c, 0, K - 1), (i, 0, n - 1)), wrt=a, where=softmaxes),
                 sg.compile(sp.Sum(P[i, c] * sp.log(P[i, c]), (c, 0, K - 1), (i, 0, n - 1)) - sp.Sum(P[i, c] * sp.log(Q[c]), (c, 0, K - 1), (i, 0, n - 1)), wrt=a, where=softmaxes),
                 sg.compile(sp.acos(sp.Sum(x[i] * y[i], (i, 0, n - 1)) / sp.sqrt(squares) / sp.sqrt(sp.Sum(y[i] ** 2, (i, 0, n - 1)))), wrt=x))
    seen |= fired(sg.compile(n * sp.Sum(x[i] / total * sp.log(n * x[i] / total), (i, 0, n - 1)), wrt=x))
    assert {rule.name for rule in RULES if rule.pattern is None} <= seen


def test_rules_follow_on_one_another_at_any_depth():
    """Each takes a sigmoid out of the logarithm of a product, and leaves one to the next."""
    steps = 400
    x, P = sp.IndexedBase("x", shape=(steps,)), [sp.Symbol(f"P{t}", real=True) for t in range(steps)]
    where = [(P[0], z**2), *((P[t], P[t - 1] / (1 + sp.exp(-x[t]))) for t in range(1, steps))]
    f = sg.compile(sp.log(P[-1]), wrt=z, where=where)
    at = np.linspace(-9, 9, steps)
    assert f(x=at, z=3.0) == pytest.approx(2 * np.log(3.0) - np.log1p(np.exp(-at[1:])).sum(), rel=1e-13)
    assert f.grad(x=at, z=3.0) == pytest.approx(2 / 3, rel=1e-14)


def root(program):
    """Where a weight is taken: the graph and the first output's row."""
    return program.graph, program.roots()[0]


def test_every_rule_says_what_it_does():
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.root and rule.replacement and rule.domain and rule.source for rule in RULES)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.pattern is not None], ids=lambda rule: rule.name)
def test_every_rule_lowers_the_weight_by_which_rewriting_ends(rule):
    f = compiled(rule)
    assert weight(*root(f.program)) < weight(*root(f.declared.program))


HEAVY = [(sp.Symbol(f"heavy_{k + 1}", real=True), sp.sin(sp.cos(sp.Symbol(f"heavy_{k}", real=True)))) for k in range(40)]
"""Steps that no rule is about."""


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.pattern is not None], ids=lambda rule: rule.name)
def test_every_rule_lowers_the_weight_of_a_heavy_argument(rule):
    """What a rule repeats may weigh as much as it likes."""
    last = HEAVY[-1][0]
    where = [*HEAVY, *((left, right.subs(letter, last)) for left, right in rule.where)]
    f = sg.compile(rule.pattern.subs(letter, last), wrt="heavy_0", where=where)
    assert rule.name in fired(f) and weight(*root(f.program)) < weight(*root(f.declared.program))


def rewritten_by(monkeypatch, *rules):
    """A product under rules that never end on their own, as they would if nobody asked what they lower."""
    with monkeypatch.context() as patch:
        patch.setattr(stabilise, "_BY_ROOT", {rule.root: [rule] for rule in rules})
        return sg.compile(sp.sin(z) * sp.exp(z), wrt=z).program


def endless(root, match):
    return Rule("endless", root, None, "itself, made anew", "everywhere", "a test of the engine", match)


def test_a_rule_that_undoes_another_comes_to_an_end(monkeypatch):
    turns = []

    def turn(graph, ref):
        turns.append(ref)
        return graph.map("cos" if graph.rows[ref.row].payload[0] == "sin" else "sin", graph.operands(ref))

    assert rewritten_by(monkeypatch, endless("sin", turn), endless("cos", turn)).outputs
    assert stabilise.UNWEIGHED <= len(turns) <= stabilise.UNWEIGHED + 2


def test_a_rule_that_makes_more_and_more_comes_to_an_end(monkeypatch):
    turns = []

    def grow(graph, ref):
        turns.append(ref)
        return graph.map("sin", [graph.map("exp", [ref])])

    assert rewritten_by(monkeypatch, endless("sin", grow)).outputs
    assert 2 <= len(turns) <= 2 ** (stabilise.UNWEIGHED + 1)


@pytest.mark.parametrize("terms", [2, 3, 8])
def test_a_heavy_exponential_over_a_sum_of_many_weighs_less(terms):
    """Its exponent is repeated for each term of the sum."""
    last = HEAVY[-1][0]
    f = sg.compile(sp.exp(last) / sp.Add(*(sp.exp(one) for one in sp.symbols(f"y:{terms}", real=True))), wrt="heavy_0", where=HEAVY)
    assert "quotient of exponentials" in fired(f) and weight(*root(f.program)) < weight(*root(f.declared.program))


@pytest.mark.parametrize("sides", [(1e200, 1e190), (1e200, 1e200), (-1e200, 1e190), (1e-200, 1e-204), (3.0, 4.0), (1e8, 1.0)], ids=str)
def test_a_hypotenuse_less_a_leg_of_any_size(sides):
    a, b = sp.symbols("a b", real=True)
    gap = sg.compile(sp.sqrt(a**2 + b**2) - a, wrt=[a, b])
    with mpmath.workdps(500):
        one, other = map(mpmath.mpf, sides)
        root = mpmath.sqrt(one**2 + other**2)
        want = [float(root - one), float(one / root - 1), float(other / root)]
    given = {"a": sides[0], "b": sides[1]}
    assert [gap.value(**given), *gap.grad(**given)] == pytest.approx(want, rel=1e-15)
    assert gap.grad_forward(**given) == pytest.approx(want[1:], rel=1e-15)
