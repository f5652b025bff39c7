"""One table of slopes at kinks: defaults, choices, and the same slope for every spelling of one function."""

import numpy as np
import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import OptionError
from symgrad.graph.kinks import CHOICES, DEFAULT, Kinks

x, y, a = sp.symbols("x y a", real=True)
n, d = sp.symbols("n d", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
v = sp.IndexedBase("v", shape=(n,))
P, H, E = sp.Piecewise, sp.Heaviside, sp.exp
TENTH = sp.Rational(1, 10)

SPELLINGS = {
    "relu": [sp.Max(0, x), P((x, x > 0), (0, True)), P((x, x >= 0), (0, True)), P((0, x < 0), (x, True)), P((0, x <= 0), (x, True)), x * H(x),
             x * H(x, 0), x * H(x, 1), x * P((1, x > 0), (0, True)), x * P((1, x >= 0), (0, True)), (x + sp.Abs(x)) / 2, -sp.Min(0, -x),
             x * (1 + sp.sign(x)) / 2, x * (1 - H(-x)), x - sp.Min(x, 0), P((x, x > 0), (0, x <= 0)), P((0, x < 0), (0, sp.Eq(x, 0)), (x, True))],
    "negative relu": [sp.Min(0, x), -sp.Max(0, -x), (x - sp.Abs(x)) / 2, x * H(-x), P((x, x < 0), (0, True)), P((x, x <= 0), (0, True))],
    "scaled relu": [3 * sp.Max(0, x), sp.Max(0, 3 * x), 3 * x * H(x), P((3 * x, x >= 0), (0, True)), sp.Rational(3, 2) * (x + sp.Abs(x))],
    "shifted relu": [sp.Max(0, x - 1) + 1, sp.Max(1, x), (x + 1 + sp.Abs(x - 1)) / 2, P((x - 1, x - 1 > 0), (0, True)) + 1],
    "abs": [sp.Abs(x), sp.Max(x, -x), -sp.Min(x, -x), P((x, x > 0), (-x, True)), P((x, x >= 0), (-x, True)), P((-x, x < 0), (x, True)),
            x * sp.sign(x), sp.sqrt(x**2), sp.Max(0, x) + sp.Max(0, -x), 2 * sp.Max(0, x) - x, x * (2 * H(x) - 1), x - 2 * sp.Min(0, x),
            P((x, x > 0), (0, sp.Eq(x, 0)), (-x, True))],
    "pinball": [sp.Max(x * 9 / 10, -x / 10), P((x * 9 / 10, x > 0), (-x / 10, True)), P((x * 9 / 10, x >= 0), (-x / 10, True)),
                x * 2 / 5 + sp.Abs(x) / 2, x * 9 / 10 + sp.Max(0, -x), x * (sp.Rational(9, 10) - H(-x)), -x / 10 + sp.Max(0, x)],
    "leaky": [sp.Max(x, x / 10), P((x, x > 0), (x / 10, True)), P((x, x >= 0), (x / 10, True)), P((x / 10, x < 0), (x, True)),
              -sp.Min(-x, -x / 10), sp.Max(0, x) + sp.Min(0, x) / 10, sp.Max(0, x) - sp.Max(0, -x) / 10, x / 10 + 9 * sp.Max(0, x) / 10,
              (11 * x + 9 * sp.Abs(x)) / 20, x * (TENTH + (1 - TENTH) * H(x)), x * P((1, x > 0), (TENTH, True)), x * P((1, x >= 0), (TENTH, True))],
    "parametric": [sp.Max(x, a * x), P((x, x > 0), (a * x, True)), P((x, x >= 0), (a * x, True)), P((a * x, x <= 0), (x, True)),
                   sp.Max(0, x) + a * sp.Min(0, x), sp.Max(0, x) - a * sp.Max(0, -x), x * H(x) + a * x * H(-x),
                   x * P((1, x > 0), (0, True)) + a * x * P((0, x > 0), (1, True))],
    "elu": [P((x, x > 0), (a * (E(x) - 1), True)), P((x, x >= 0), (a * (E(x) - 1), True)), P((a * (E(x) - 1), x < 0), (x, True)),
            P((a * (E(x) - 1), x <= 0), (x, True)), P((x, x > 0), (a * E(x) - a, True)), sp.Max(0, x) + sp.Min(0, a * (E(x) - 1)),
            sp.Max(0, x) + a * (E(sp.Min(0, x)) - 1), sp.Max(0, x) + (E(sp.Min(0, x)) - 1) / 10],
    "celu": [P((x, x > 0), (a * (E(x / a) - 1), True)), sp.Max(0, x) + sp.Min(0, a * (E(x / a) - 1)), sp.Max(0, x) + a * (E(sp.Min(0, x) / a) - 1)],
    "hard tanh": [sp.Max(-1, sp.Min(1, x)), sp.Min(1, sp.Max(-1, x)), P((-1, x < -1), (1, x > 1), (x, True)),
                  P((1, x >= 1), (-1, x <= -1), (x, True)), P((x, sp.Abs(x) < 1), (sp.sign(x), True))],
    "hinge": [sp.Max(0, 1 - x), P((1 - x, x < 1), (0, True)), P((1 - x, x <= 1), (0, True)), P((0, x > 1), (1 - x, True)), (1 - x) * H(1 - x),
              (1 - x + sp.Abs(1 - x)) / 2, 1 - sp.Min(1, x)],
}
AT_ZERO = {"relu": 0, "negative relu": 0, "scaled relu": 0, "abs": 0, "leaky": 0.1, "parametric": 0.1, "elu": 1, "celu": 1, "pinball": 0.4}
CASES = [(name, k) for name in SPELLINGS for k in range(len(SPELLINGS[name]))]
POINTS = (-2.5, -0.125, 0.0, 0.125, 0.5, 1.0, 7.0)


def compiled(name, k, **options):
    expr = SPELLINGS[name][k]
    f = sg.compile(expr, wrt=x, arguments=sorted(expr.free_symbols, key=str), **options)
    return lambda at: f.value_and_grad(**({"x": at, "a": 0.1} if a in expr.free_symbols else {"x": at}))


@pytest.mark.parametrize("name,k", CASES)
def test_every_spelling_has_the_slope_of_its_function(name, k):
    f = compiled(name, k)
    if name in AT_ZERO:
        assert f(0.0)[1] == pytest.approx(AT_ZERO[name], rel=1e-14)
    else:
        assert f(1.0)[1] == 0


@pytest.mark.parametrize("name,k", CASES)
def test_bringing_spellings_to_one_form_changes_no_value(name, k):
    f, expr = compiled(name, k), SPELLINGS[name][k].subs(a, TENTH)
    for at in POINTS:
        want = float(expr.subs(x, sp.Rational(at)))
        assert f(at)[0] == pytest.approx(want, rel=1e-14, abs=0)


@pytest.mark.parametrize("name,k", CASES)
def test_away_from_the_kink_the_slope_is_that_of_the_expression(name, k):
    f, slope = compiled(name, k), sp.diff(SPELLINGS[name][k].subs(a, TENTH), x).replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    for at in (-2.5, 0.5, 7.0):
        assert f(at)[1] == pytest.approx(float(slope.subs(x, sp.Rational(at)).doit()), rel=1e-14)


@pytest.mark.parametrize("kinks,slopes", [
    ({"abs": 1}, {"abs": 1}), ({"abs": -1}, {"abs": -1}),
    ({"constant_tie": "share"}, {"relu": 0.5, "negative relu": 0.5, "scaled relu": 1.5}),
    ({"constant_tie": "variable"}, {"relu": 1, "negative relu": 1, "scaled relu": 3}),
    ({"leaky": "full"}, {"leaky": 1, "parametric": 1}), ({"elu": "alpha"}, {"elu": 0.1}),
])
def test_a_choice_holds_for_every_spelling(kinks, slopes):
    for name, slope in slopes.items():
        for k, expr in enumerate(SPELLINGS[name]):
            if expr != sp.Max(0, x) + sp.Max(0, -x):  # a sum of two kinks
                assert compiled(name, k, kinks=kinks)(0.0)[1] == pytest.approx(slope, rel=1e-15), (expr, kinks)


z = sp.Symbol("z", real=True)
WRAPPED = {  # how an expression in x may stand elsewhere: what is compiled, where x is at a kink that lies at 0, what its slope is multiplied by
    "by a named product": lambda expr: (expr.subs(x, sp.Symbol("h", real=True)), [(sp.Symbol("h", real=True), x * z)], {"x": 0.0, "z": 1.0}, 1),
    "by a product": lambda expr: (expr.subs(x, 3 * x * z), [], {"x": 0.0, "z": 1.0}, 3),
    "shifted": lambda expr: (expr.subs(x, 2 * x - 1), [], {"x": 0.5}, 2),
    "by a sum": lambda expr: (expr.subs(x, x + z), [], {"x": -1.0, "z": 1.0}, 1),
    "with a factor": lambda expr: (3 * z * expr, [], {"x": 0.0, "z": 2.0}, 6),
    "in a sum with weights": lambda expr: (sp.Sum(w[i] * expr.subs(x, x * v[i]), (i, 0, n - 1)), [], {"x": 0.0, "v": np.ones(3), "w": np.ones(3)}, 3),
}
w = sp.IndexedBase("w", shape=(n,))


@pytest.mark.parametrize("place", WRAPPED)
@pytest.mark.parametrize("name,k", [case for case in CASES if case[0] in AT_ZERO])
def test_every_spelling_has_its_slope_wherever_it_stands(name, k, place):
    expr, where, at, scale = WRAPPED[place](SPELLINGS[name][k])
    f = sg.compile(expr, wrt=x, where=where)
    at = {**at, **({"a": 0.1} if "a" in f.arguments else {})}
    for style in ("fast", "flat"):
        g = f.with_options(style=style)
        assert g.grad(**at) == pytest.approx(scale * AT_ZERO[name], rel=1e-14) and g.grad_forward(**at) == pytest.approx(scale * AT_ZERO[name], rel=1e-14)


def test_a_root_of_a_square_is_a_magnitude():
    """SymPy knows this of a symbol, not of a subscript."""
    f = sg.compile(sp.Sum(sp.sqrt(v[i]**2), (i, 0, n - 1)), wrt=v)
    np.testing.assert_array_equal(f.grad(v=np.array([-1e300, 0.0, 2.0])), [-1, 0, 1])
    assert f(v=np.array([-1e300, 0.0])) == 1e300


def test_branches_that_meet_are_a_maximum():
    for kinks, want in (({}, (0.5, 0.5)), ({"max_tie": "first"}, (1, 0)), ({"max_tie": "last"}, (0, 1))):
        for expr in (P((x, x > y), (y, True)), P((x, x >= y), (y, True)), P((y, x < y), (x, True)), sp.Max(x, y)):
            assert sg.compile(expr, wrt=[x, y], kinks=kinks).grad(x=1.0, y=1.0) == want, (expr, kinks)
    apart = sg.compile(P((x, x > y), (2 * y, True)), wrt=[x, y])  # no kink: a jump stays with the branch that is taken
    assert apart.grad(x=1.0, y=1.0) == (0, 2)


def test_arrays_follow_the_same_conventions():
    at = np.array([-1.0, 0.0, 2.0])
    for body in (sp.Max(0, v[i]), P((v[i], v[i] >= 0), (0, True)), v[i] * H(v[i]), (v[i] + sp.Abs(v[i])) / 2):
        f = sg.compile(sp.Sum(body, (i, 0, n - 1)), wrt=v)
        np.testing.assert_array_equal(f.grad(v=at), [0, 0, 1])
        np.testing.assert_array_equal(f.with_options(kinks={"constant_tie": "share"}).grad(v=at), [0, 0.5, 1])


def test_a_product_inside_a_product_is_found():
    f = sg.compile(3 * y * x * H(x * y), wrt=[x, y])
    assert f.grad(x=0.0, y=2.0) == (0, 0) and f.grad(x=1.0, y=2.0) == (6, 3) and f(x=-1.0, y=2.0) == 0
    g = sg.compile(x * y * H(-2 * x), wrt=x)
    assert [g.grad(x=at, y=5.0) for at in (-1.0, 0.0, 1.0)] == [5, 0, 0]


def test_branches_of_a_missing_value_stay_what_they_are():
    for condition in (x > 0, x >= 0):
        for kinks in ({}, {"constant_tie": "share"}):
            assert sg.compile(P((x, condition), (0, True)), wrt=x, kinks=kinks)(x=np.nan) == 0
    for above in (P((0, x < 0), (x, True)), P((0, x <= 0), (x, True)), P((x / 10, x < 0), (x, True))):
        for kinks in ({}, {"constant_tie": "share"}, {"constant_tie": "variable"}):
            assert np.isnan(sg.compile(above, wrt=x, kinks=kinks)(x=np.nan))
    f = sg.compile(P((x, x > 0), (-x, x < 0), (0, True)), wrt=x)
    assert f(x=np.nan) == 0 and [f.grad(x=at) for at in (-1.0, 0.0, 1.0)] == [-1, 0, 1]


# ---------------------------------------------------------------- ties

def test_ties_of_arguments():
    at = dict(x=1.0, y=1.0)
    for kinks, want in (({}, (0.5, 0.5)), ({"max_tie": "first"}, (1, 0)), ({"max_tie": "last"}, (0, 1))):
        for expr in (sp.Max(x, y), sp.Min(x, y)):
            f = sg.compile(expr, wrt=[x, y], kinks=kinks)
            assert f.grad(**at) == want and f.grad_forward(**at) == want
            assert f.grad(x=2.0, y=1.0) == ((1, 0) if expr.func is sp.Max else (0, 1))


def test_ties_with_a_number():
    f = sg.compile(sp.Max(x, y, 1), wrt=[x, y])
    at = dict(x=1.0, y=1.0)
    for kinks, want in (({}, (0, 0)), ({"constant_tie": "share"}, (1 / 3, 1 / 3)), ({"constant_tie": "variable"}, (0.5, 0.5)),
                        ({"constant_tie": "variable", "max_tie": "first"}, (1, 0)), ({"constant_tie": "share", "max_tie": "last"}, (0, 0.5))):
        assert f.with_options(kinks=kinks).grad(**at) == pytest.approx(want), kinks
        assert f.with_options(kinks=kinks).grad(x=3.0, y=1.0) == (1, 0)


def test_ties_along_an_index():
    X = sp.IndexedBase("X", shape=(n, d))
    at = np.array([[1.0, 3.0, 3.0], [3.0, 0.0, 3.0]])
    rows = sg.compile(sp.Sum(sg.MaxOver(X[i, j], (j, 0, d - 1)), (i, 0, n - 1)), wrt=X)
    both = sg.compile(sg.MinOver(-X[i, j], (i, 0, n - 1), (j, 0, d - 1)), wrt=X)
    for kinks, row, whole in (({}, [[0, 0.5, 0.5], [0.5, 0, 0.5]], [[0, -0.25, -0.25], [-0.25, 0, -0.25]]),
                              ({"max_tie": "first"}, [[0, 1, 0], [1, 0, 0]], [[0, -1, 0], [0, 0, 0]]),
                              ({"max_tie": "last"}, [[0, 0, 1], [0, 0, 1]], [[0, 0, 0], [0, 0, -1]])):
        for f, want in ((rows, row), (both, whole)):
            g = f.with_options(kinks=kinks)
            np.testing.assert_allclose(g.grad(X=at), want)
            np.testing.assert_allclose(g.grad_forward(X=at), want)
            assert np.isfinite(g.hessian(X=at)).all()


def test_the_heaviside_option_is_a_value():
    for choice, want in ((0, 0), (0.5, 0.5), (1, 1)):
        f = sg.compile(H(x), wrt=x, kinks={"heaviside": choice})
        assert f(x=0.0) == want and f(x=1.0) == 1 and f(x=-1.0) == 0 and f.grad(x=0.0) == 0
    assert sg.compile(H(x, TENTH), wrt=x, kinks={"heaviside": 1})(x=0.0) == 0.1  # the user said otherwise


def test_steps_are_flat():
    for step in (sp.sign(x), H(x), sp.floor(x), sp.ceiling(x)):
        for at in (-1.0, 0.0, 0.5):
            assert sg.compile(step * 2 + x, wrt=x).grad(x=at) == 1
    assert sg.compile(sp.Mod(x, 3), wrt=x).grad(x=3.0) == 1


# ---------------------------------------------------------------- the option

def test_the_conventions_stand_in_the_header(tmp_path):
    f = sg.compile(sp.Max(0, x), wrt=x, name="relu_of_x")
    for kinks in ({}, {"constant_tie": "share", "abs": -1}):
        source = f.with_options(kinks=kinks).source
        head = " ".join(source.split('"""')[1].split())
        conventions = Kinks(**kinks)
        assert all(words in head for words in conventions.words())
    assert sg.load(f.with_options(kinks={"constant_tie": "variable"}).save(tmp_path)).grad(x=0.0) == 1


@pytest.mark.parametrize("kink", list(CHOICES))
def test_every_choice_can_be_made_and_says_so(kink):
    words = set()
    for choice in CHOICES[kink]:
        f = sg.compile(sp.Max(x, y, 0) + sp.Abs(x) + H(y), wrt=[x, y], kinks={kink: choice})
        assert np.isfinite(f.grad(x=0.0, y=0.0)).all()
        words.add(CHOICES[kink][choice])
    assert len(words) == len(CHOICES[kink])


def test_the_defaults_are_the_first_choices():
    assert Kinks(**{name: next(iter(choices)) for name, choices in CHOICES.items()}) == DEFAULT


@pytest.mark.parametrize("kinks", [{"abs": 2}, {"abs": "zero"}, {"max": "share"}, {"heaviside": 0.25}, "share", {1: 0}, {"abs": None}])
def test_unknown_choices_are_refused(kinks):
    with pytest.raises(OptionError):
        sg.compile(sp.Abs(x), wrt=x, kinks=kinks)


def test_options_are_added_to_those_that_were_given():
    f = sg.compile(sp.Abs(x) + sp.Max(0, x), wrt=x, kinks={"abs": 1}).with_options(kinks={"constant_tie": "variable"}).with_options(style="flat")
    assert f.grad(x=0.0) == 2
