"""Names are whatever the user likes: none is ever code, none clashes, none breaks a module's text."""

import ast
import builtins
import keyword
import unicodedata

import numpy as np
import pytest
import sympy as sp
from agreement import draw

import symgrad as sg
from symgrad.emit.names import is_plain

n, d = sp.symbols("n d", integer=True, positive=True)
i, j, c = sp.symbols("i j c", integer=True)

HOSTILE = [
    "__import__('os').system('touch hacked')", 'a"b', "a'b", "a'''b", 'a"""b', '"""', "'''", '"""\nimport os\n"""', "a\nb", "a\rb", "a\r\nb", "a\tb",
    "a\\", "\\", "\\n", "a\\\"",
    "{x}", "{0}", "{}", "%s", "%(x)s", "{{", "$x", "#x", "a # b", "a;b", "a=1", "a:b", "a|b", "|", "a,b", "(", ")", "a)", "[0]", "x[0]", "*", "**k",
    "*a", "@", "a.b", "lambda x: x",
    "\0", "a\0b", "\x1b[31m", "\u2028", "\u2029", "\u202ea", "\ud800", "a\ufeff", " ", "", "a b", " a", "1", "1a", "-1", "1e5", "é", "e\u0301",
    "x" * 3000, "x y" * 800,
    "<b>&amp;", r"\xi", r"\frac{a}{b}", "x_{1}", "α", "β_0", "σ²", "名前", "🙂", "ﬁ", "𝐱", "ª", "ſ", "\u212a",
]
WORDS = [
    *keyword.kwlist, *keyword.softkwlist, "np", "math", "special", "dtype", "self", "args", "inputs", "primals", "tangents", "cotangent", "given",
        "SPEC", "_KERNELS", "_shapes",
    "_full", "_index", "_value", "POINT_SIZES", "InputError", "value", "grad", "jvp", "results", "xi_1", "xi_2", "bar_x", "dot_x", "bar_xi_1", "v_1",
    "size_1", "samples", "n_samples",
    "__name__", "__doc__", "__class__", "__init__", "__builtins__", "_", "__", "print", "sum", "len", "range", "float", "exec", "eval", "open", "i",
    "j", "k", "E", "I", "pi", "S", "N", "Q",
    "name", "where", "wrt", "style", "threads", "at", "mode", "arguments",
]
NAMES = list(dict.fromkeys([*HOSTILE, *WORDS]))
PYTHON = {*dir(builtins), "np", "math", "special", "SPEC", "POINT_SIZES", "_KERNELS", "dtype", "InputError", "DerivativeError"}


def shown(name):
    return ascii(name)[:40]


def identifiers(text):
    """Every identifier of a module's code, and the code without its texts."""
    tree = ast.parse(text)
    found = set()
    for node in ast.walk(tree):
        found |= {getattr(node, what) for what in ("id", "attr", "arg", "name", "asname") if isinstance(getattr(node, what, None), str)}
    return found


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Nothing that a test compiles may write here."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.glob("hacked*"))


def roles(name):
    """The name in every place where a name can stand: (declaration, inputs, wrt, expected value, expected gradient)."""
    def other(text):
        return text if text != name else text + "2"

    symbol, y = sp.Symbol(name, real=True), sp.Symbol(other("y"), real=True)
    sizes = sp.Symbol(name, integer=True, positive=True)
    size = sp.Symbol(other("n"), integer=True, positive=True)
    base, plain = sp.IndexedBase(sp.Symbol(name), shape=(size,)), sp.IndexedBase(sp.Symbol(other("x")), shape=(size,))
    letter = sp.Symbol(other("i"), integer=True)
    sized = sp.IndexedBase(sp.Symbol(other("x")), shape=(sizes,))
    matrix = sp.MatrixSymbol(name, size, 1)
    at = draw(4)
    yield "symbol", lambda **o: sg.compile(symbol**2 * y, wrt=symbol, **o), {name: 3.0, y.name: 2.0}, 18.0, 12.0
    yield "array", lambda **o: sg.compile(sp.Sum(base[letter]**2, (letter, 0, size - 1)), wrt=base, **o), {name: at}, at @ at, 2 * at
    yield "matrix", lambda **o: sg.compile((matrix.T * matrix)[0, 0], wrt=name, **o), {name: at}, at @ at, 2 * at
    yield "size", lambda **o: sg.compile(sp.Sum(sized[letter]**2 / sizes, (letter, 0, sizes - 1)), wrt=sized,
        **o), {sized.name: at}, at @ at / 4, at / 2
    yield ("where", lambda **o: sg.compile(symbol**2, wrt=y, where=[(symbol, sp.sin(y))], **o), {y.name: 0.5}, np.sin(0.5)**2, np.sin(1.0))
    yield ("batch", lambda **o: sg.compile(symbol * y, wrt=y, batch=[symbol], reduce="sum", **o), {name: at, y.name: 2.0}, 2 * at.sum(), at.sum())
    letters = sp.Symbol(name, integer=True)
    yield "letter", lambda **o: sg.compile(sp.Sum(plain[letters]**2, (letters, 0, size - 1)), wrt=plain, **o), {plain.name: at}, at @ at, 2 * at
    picked = sp.IndexedBase(sp.Symbol(name), shape=(size,))
    yield ("label", lambda **o: sg.compile(sp.Sum(plain[picked[letter]]**2, (letter, 0, size - 1)), wrt=plain, **o),
           {plain.name: at, name: np.array([3, 2, 1, 0])}, at @ at, 2 * at)


@pytest.mark.parametrize("position", range(len(NAMES)), ids=lambda k: shown(NAMES[k]))
def test_a_name_works_and_is_never_code(position, tmp_path):
    every = list(roles(NAMES[position]))
    check_role(NAMES[position], every[position % len(every)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES, ids=shown)
def test_a_name_works_everywhere_and_is_never_code(name, tmp_path):
    for one in roles(name):
        check_role(name, one, tmp_path)


def check_role(name, role, folder):
    what, build, at, value, gradient = role
    f = build(name="ok")
    got, slope = f.value_and_grad(**at)
    assert got == pytest.approx(value, rel=1e-12), what
    np.testing.assert_allclose(slope, gradient, rtol=1e-12, err_msg=what)
    text = f.save(folder).read_bytes().decode("utf-8")
    _check_text(text, name)
    np.testing.assert_allclose(sg.load(folder / "ok.py").grad(**at), gradient, rtol=1e-12, err_msg=what)


def _check_text(text, name):
    """The docstring is whole, and the name is an identifier of the code only where it is a plain one."""
    tree = ast.parse(text)
    doc = ast.get_docstring(tree, clean=False)
    assert doc and "derivative code generated by symgrad" in doc and "Digest: " in doc
    assert isinstance(tree.body[0], ast.Expr) and isinstance(tree.body[1], (ast.Import, ast.ImportFrom))
    if not is_plain(name) and name not in PYTHON:
        normal = unicodedata.normalize("NFKC", name)
        assert not {name, normal} & identifiers(text) - _own_names()


_OWN: set[str] = set()


def _own_names():
    """The identifiers of a module whose names are all harmless."""
    if not _OWN:
        zeta = sp.Symbol("zeta", real=True)
        _OWN.update(identifiers(sg.compile(zeta**2, wrt=zeta, name="ok").source))
        for role, build, *_ in roles("zeta"):
            _OWN.update(identifiers(build(name="ok").source) if role else ())
    return _OWN


def test_all_hostile_names_at_once():
    symbols = [sp.Symbol(name, real=True) for name in NAMES]
    f = sg.compile(sp.Add(*[symbol**2 for symbol in symbols]), wrt=symbols, name="ok")
    at = {name: 1.0 + k for k, name in enumerate(NAMES)}
    assert f.value(**at) == pytest.approx(sum(value**2 for value in at.values()))
    np.testing.assert_allclose(f.grad(**at), [2 * value for value in at.values()])
    space = {"__name__": "ok"}
    exec(f.source, space)
    np.testing.assert_allclose(space["grad"](**at), [2 * value for value in at.values()])
    assert list(space["grads"](**at)) == NAMES


def test_names_that_python_would_take_for_one_stay_two():
    pairs = [("ﬁ", "fi"), ("𝐱", "x"), ("\u212a", "K"), ("é", "e\u0301"), ("ſ", "s"), ("xi_1", "xi_2"), ("a", "a ")]
    for one, other in pairs:
        a, b = sp.Symbol(one, real=True), sp.Symbol(other, real=True)
        f = sg.compile(a * sp.exp(b), wrt=[a, b])
        np.testing.assert_allclose(f.grad(**{one: 3.0, other: 2.0}), [np.exp(2.0), 3 * np.exp(2.0)])
        space = {"__name__": "ok"}
        exec(f.source, space)
        np.testing.assert_allclose(space["grad"](**{one: 3.0, other: 2.0}), [np.exp(2.0), 3 * np.exp(2.0)])


@pytest.mark.parametrize("name", HOSTILE, ids=shown)
def test_errors_of_hostile_names_still_name_them(name):
    a = sp.Symbol(name, real=True)
    f = sg.compile(a**2, wrt=a)
    with pytest.raises(sg.errors.InputError, match="missing"):
        f.value()
    with pytest.raises(sg.errors.InputError, match="complex"):
        f.value(**{name: 1j})
    with pytest.raises(sg.errors.SymgradError):
        sg.compile(a**2, wrt=sp.Symbol(name + "2", real=True))


@pytest.mark.parametrize("name", HOSTILE, ids=shown)
def test_hostile_names_of_functions_and_modules_are_refused_or_harmless(name, tmp_path):
    if "\0" not in name and "\ud800" not in name:  # Python itself has no class of such a name
        with pytest.raises(sg.errors.SymgradError, match="register_function"):
            sg.compile(sp.Function(name)(sp.Symbol("t", real=True)), wrt="t")
    module = sg.compile(sp.Symbol("t", real=True)**2, wrt="t", name=name)
    assert module.value(t=3.0) == 9.0
    try:
        path = module.save(tmp_path / "out")
    except sg.errors.BadNameError:
        assert not list(tmp_path.iterdir())
    else:
        assert path == tmp_path / "out" / f"{name}.py" and name.isidentifier()


def test_a_model_with_a_hostile_title_still_has_an_honest_source():
    for title in HOSTILE[::3]:
        text = sg.compile(sp.Symbol("t", real=True)**2, wrt="t", name=title).source
        tree = ast.parse(text)
        assert "Digest: " in ast.get_docstring(tree) and isinstance(tree.body[1], ast.Import)
        text.encode("utf-8")
