"""Declarations that are wrong: the kind of error, and the words that say what failed, what was found and what to do."""

import numpy as np
import pytest
import sympy as sp
from sympy.core.parameters import evaluate

import symgrad as sg
from symgrad import errors
from symgrad.errors import BadNameError, DeclarationError, InputError, OptionError, ShapeError, SymgradError, UnsupportedError

n, m, d, K = sp.symbols("n m d K", integer=True, positive=True)
i, j, c, k = sp.symbols("i j c k", integer=True)
W, X, y, z = sp.symbols("W X y z", real=True)
x, w, lab = sp.IndexedBase("x", shape=(n,)), sp.IndexedBase("w", shape=(m,)), sp.IndexedBase("lab", shape=(n,))
A, P, three = sp.IndexedBase("A", shape=(n, d)), sp.IndexedBase("P", shape=(n, K)), sp.IndexedBase("three", shape=(3,))
u, a = sp.IndexedBase("u"), sp.IndexedBase("a")
M, N, B, C = sp.MatrixSymbol("M", n, n), sp.MatrixSymbol("N", m, m), sp.MatrixSymbol("B", n, m), sp.MatrixSymbol("C", m, n)
v, r = sp.MatrixSymbol("v", n, 1), sp.MatrixSymbol("r", 1, m)


def raised(kind, *args, **options):
    """The text of the error that compiling raises, checked for its form."""
    with pytest.raises(kind) as error:
        sg.compile(*args, **options)
    text = str(error.value)
    assert isinstance(error.value, SymgradError)
    assert text.rstrip().endswith((".", "?", "!")) and len(text) > 30, text
    return text


def says(text, *words):
    for word in words:
        assert word in text, f"{word!r} is missing in: {text}"


def unchecked(build):
    """A matrix expression that SymPy itself would refuse to build."""
    with evaluate(False):
        return build()


def over(body, *letters):
    return sp.Sum(body, *[(letter, 0, size - 1) for letter, size in letters])


# ---------------------------------------------------------------- every kind of error is of the package

def test_every_error_is_a_symgrad_error_and_a_builtin_one():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, Warning)]
    assert len(kinds) >= 8
    for kind in kinds:
        assert issubclass(kind, SymgradError)
        assert kind is SymgradError or issubclass(kind, (ValueError, TypeError, ImportError, ArithmeticError)), kind
        assert kind.__doc__


# ---------------------------------------------------------------- wrt, arguments, options

@pytest.mark.parametrize("wrt, words", [
    (sp.Symbol("Q"), ["Q", "inputs", "W"]), ("Q", ["Q", "W"]), ([W, "Q"], ["Q"]), ([], ["empty"]), ((), ["empty"]), (z, ["z", "where"]),
    (n, ["n", "size"]), (i, ["i"]), ([W, W], ["W", "twice"]), (["W", W], ["W", "twice"]), (3, ["3", "symbol"]), (None, ["None", "symbol"]),
    (W + X, ["W + X", "symbol"]), (sp.Matrix([W, W]), ["distinct"]), (sp.Matrix([W, 1]), ["symbols"]), ([W, sp.Matrix([W, X])], ["W", "twice"]),
    (x[0], ["x[0]", "symbol"]), (np.array([1.0]), ["symbol"]), ({"W": 1}, ["symbol"]), (lab, ["lab", "index"]),
])
def test_wrt(wrt, words):
    says(raised(DeclarationError, W * X * z + over(x[i] * P[i, lab[i]], (i, n)), wrt, where=[(z, X**2)]), *words)


def test_arguments_list_exactly_the_inputs():
    for arguments, words in (([W], ["W", "X"]), ([W, X, y], ["y"]), ([W, X, X], ["X"]), (["W", "Q"], ["Q"])):
        says(raised(DeclarationError, W * X, W, arguments=arguments), "arguments", *words)


@pytest.mark.parametrize("options, words", [
    (dict(reduce="max"), ["reduce", "max", "sum", "mean"]), (dict(reduce="sum"), ["reduce", "batch"]), (dict(first_index=2), ["first_index", "2"]),
    (dict(first_index="1"), ["first_index"]), (dict(style="slow"), ["style", "slow", "fast", "flat"]), (dict(threads_=3), ["threads_"]),
    (dict(name=3), ["name", "3"]), (dict(precise="always"), ["precise", "always", "everywhere"]),
])
def test_options(options, words):
    says(raised(OptionError, W * X, W, **options), *words)


def test_options_are_checked_when_changed():
    with pytest.raises(OptionError, match="speed"):
        sg.compile(W, W).with_options(speed=3)


@pytest.mark.parametrize("batch, words", [([y], ["y", "W"]), (["Q"], ["Q"]), ([z], ["z"]), ([n], ["n"]), ([X, X], ["X", "twice"])])
def test_batch_names_inputs(batch, words):
    says(raised(DeclarationError, W * X + z * x[0], W, where=[(z, W**2)], batch=batch, reduce="sum"), "batch", *words)


def test_a_stack_of_samples_and_others_is_refused():
    says(raised(DeclarationError, W * X, sp.Matrix([W, X]), batch=[X], reduce="sum"), "W", "X", "batch")


# ---------------------------------------------------------------- text is never executed

@pytest.mark.parametrize("text", ["__import__('os').system('touch hacked')", "W**2", b"W", ""])
def test_text_is_refused_and_never_evaluated(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for call in (lambda: sg.compile(text, W), lambda: sg.compile([W, text], W), lambda: sg.compile(W, W, where=[(text, W)]),
                 lambda: sg.compile(W * z, W, where=[(z, text)]), lambda: sg.compile(x[i], x, outputs=(text,)),
                 lambda: sg.compile(W, W, where=text), lambda: sg.compile(W, W, sample_index=text)):
        with pytest.raises(SymgradError):
            call()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("expr", [None, object(), {"W": 1}, {W}, lambda: W, np.array([1.0, 2.0]), W > 0, sp.Eq(W, 1), sp.true, sp.S.EmptySet, [],
    [None], 1j, sp.I * W,
                                  sp.zoo, sp.nan, sp.Tuple(), sp.Lambda(W, W), sp.Interval(0, 1)])
def test_what_is_no_real_expression_is_refused(expr):
    raised(SymgradError, expr, W)


@pytest.mark.parametrize("where, words", [
    (5, ["where"]), ([5], ["5", "pairs"]), ([(z,)], ["pairs"]), ([(z, W, X)], ["pairs"]), ([(z + 1, W)], ["z + 1", "name"]),
    ([(sp.sin(z), W)], ["sin(z)"]),
    ([(x[2 * i], W)], ["x[2*i]", "distinct free letters"]), ([(u[i, i], W)], ["u[i, i]"]), ([(u[0], W)], ["u[0]"]), ([(u, W)], ["u", "letters"]),
    ([(z, None)], ["NoneType"]), ([(z, W > 0)], ["right side", "W > 0"]), ([(M[0, 0], W)], ["M[0, 0]"]), ({z: W}, ["where", "pairs"]),
])
def test_where_is_a_list_of_definitions(where, words):
    says(raised(DeclarationError, W * z, W, where=where), *words)


@pytest.mark.parametrize("where, words", [
    ([(z, X), (z, y)], ["z", "twice"]), ([(u[i], x[i]), (u[j], x[j]**2)], ["u", "twice"]), ([(M, M * M), (M, M)], ["M", "twice"]),
    ([(z, z + 1)], ["z -> z"]), ([(z, y), (y, X), (X, z)], ["z -> y -> X -> z"]), ([(u[i], a[i] + x[i]), (a[i], u[i])], ["u -> a -> u"]),
    ([(M, M * N)], ["M -> M"]),
])
def test_names_are_defined_once_and_not_in_a_circle(where, words):
    says(raised(DeclarationError, W * z, W, where=where), *words)


# ---------------------------------------------------------------- letters and ranges

@pytest.mark.parametrize("expr, words", [
    (over(x[i] * x[k], (i, n)) + over(x[k], (k, n)), ["k", "bound", "free"]),
    (over(x[i], (i, n)) + i, ["i", "bound", "free"]),
    (sp.exp(over(x[i], (i, n)) * x[i]), ["i", "bound", "free"]),
    (sg.MaxOver(x[i], (i, 0, n - 1)) * i, ["i", "bound", "free"]),
    (x[sp.Idx("q", n)], ["q", "bound"]),
])
def test_a_letter_is_bound_wherever_it_stands(expr, words):
    says(raised(DeclarationError, expr, x), *words)


def test_a_condition_that_sympy_moved_out_of_its_sum_is_explained():
    body = over(over(sp.Piecewise((x[j] * w[i], i < 3), (0, True)), (i, m))**2, (j, n))
    says(raised(DeclarationError, body, x), "i", "Piecewise", "where=")


def test_letters_of_a_where_or_of_outputs_do_not_reach_elsewhere():
    says(raised(DeclarationError, u[c] * i, x, where=[(u[i], x[i])], outputs=(c,)), "i", "bound", "free")
    says(raised(DeclarationError, W * z + over(u[j], (j, n)), x, where=[(z, x[c]), (u[i], x[i]), (a[c], x[c])]), "c", "bound", "free")
    says(raised(DeclarationError, over(x[c], (c, n)) * x[c], x, outputs=(j,)), "c")


@pytest.mark.parametrize("expr, options, words", [
    (sp.Sum(x[i], (i, 1, n)), {}, ["x[i]", "n", "0 … n - 1", "first_index=1"]),
    (sp.Sum(x[i + 1], (i, 0, n - 1)), {}, ["x[i + 1]", "n", "n - 1"]),
    (sp.Sum(x[i - 1], (i, 0, n - 1)), {}, ["x[i - 1]", "-1"]),
    (sp.Sum(x[2 * i], (i, 0, n)), {}, ["x[2*i]", "2*n", "n - 1"]),
    (sp.Sum(x[i + j], (i, 0, n - 1), (j, 0, 2)), {}, ["x[i + j]", "n + 1"]),
    (sp.Sum(x[n - i], (i, 0, n - 1)), {}, ["x[-i + n]", "n - 1"]),
    (x[n], {}, ["x[n]", "n - 1"]), (x[-1], {}, ["x[-1]", "-1"]), (three[3], {}, ["three[3]", "3", "0 … 2"]),
    (sp.Sum(three[i], (i, 0, 3)), {}, ["three[i]", "3", "0 … 2"]),
    (sp.Sum(x[i], (i, 0, n - 1)), dict(first_index=1), ["x[i]", "0", "1 … n", "first_index=1"]),
    (x[0], dict(first_index=1), ["x[0]", "1 … n"]), (x[n + 1], dict(first_index=1), ["x[n + 1]", "1 … n"]),
    (sg.MaxOver(x[i], (i, 0, n)), {}, ["x[i]", "n"]),
    (sp.Sum(P[i, n + K], (i, 0, n - 1)), {}, ["P[i, K + n]"]),
    (sp.Sum(v[i, 0], (i, 0, n)), {}, ["v[i, 0]", "n - 1"]),
])
def test_ranges_that_leave_an_array_are_found_at_declaration(expr, options, words):
    wrt = sorted({one.base if isinstance(one, sp.Indexed) else one.parent for one in expr.atoms(sp.Indexed,
        sp.matrices.expressions.matexpr.MatrixElement)}, key=str)
    says(raised(DeclarationError, expr, wrt, **options), *words)


def test_a_mask_or_branch_lets_a_subscript_leave_its_axis():
    sg.compile(over(sp.Piecewise((x[i + 1], i < n - 1), (0, True)), (i, n)), x)
    sg.compile(sp.Sum(sp.Piecewise((x[i - 1], i > 0), (0, True)), (i, 0, n - 1)), x)


@pytest.mark.parametrize("expr, words", [
    (x[sp.Rational(1, 2)], ["1/2", "whole"]), (over(x[i / 2], (i, n)), ["i/2", "whole"]), (over(x[sp.sqrt(i)], (i, n)), ["sqrt(i)", "whole"]),
    (over(x[sp.sin(i)], (i, n)), ["sin(i)", "whole"]), (over(x[i * (i + 1) / 3], (i, n)), ["whole"]), (x[sp.Float(1.0)], ["whole"]),
    (x[sp.oo], ["oo"]),
    (over(x[A[i, 0]] * A[i, 1], (i, n)), ["A"]),
])
def test_subscripts_are_whole(expr, words):
    says(raised(SymgradError, expr, [x, A] if expr.has(A) else x), *words)


@pytest.mark.parametrize("expr, kind, words", [
    (sp.Sum(W**i, (i, 0, sp.oo)), UnsupportedError, ["infinite"]),
    (sp.Sum(W**i, (i, -sp.oo, 0)), UnsupportedError, ["infinite"]), (sp.Sum(W, (i, 0, W)), SymgradError, ["W"]),
    (sp.Sum(x[j], (j, 0, i**2), (i, 0, n - 1)), UnsupportedError, ["i**2"]), (sp.Sum(x[j], (j, 0, lab[0])), SymgradError, ["lab[0]"]),
    (sp.Sum(W * i, (i, 0, sp.Rational(5, 2))), SymgradError, ["5/2"]), (sp.Sum(W * i, (i, 0.5, 3)), SymgradError, ["0.5"]),
    (sp.Product(x[i], (i, 0, sp.oo)), UnsupportedError, ["infinite"]), (sp.Integral(W * X, (X, 0, 1)), UnsupportedError, ["Integral"]),
    (sp.Derivative(sp.Function("f")(W), W), UnsupportedError, ["Derivative"]), (sp.Limit(W * X, X, 0), UnsupportedError, ["Limit"]),
    (sp.Subs(W * X, X, 0), UnsupportedError, ["Subs"]),
])
def test_binders_that_have_no_meaning_here(expr, kind, words):
    wrt = x if expr.has(x) else W
    says(raised(kind, expr, wrt), *words)


@pytest.mark.parametrize("expr, outputs, words", [
    (u[c] + W, (c, k), ["k", "free letter"]), (u[c + k] + W, (c, k), ["range", "c"]), (x[c], (c, c), ["c", "twice"]), (x[c], (3,), ["3", "letter"]),
    (x[c], (x,), ["x", "letter"]),
    (x[c] * w[c], (c,), ["c", "n", "m"]), (x[c], c + 1, ["letter"]), (over(x[c], (c, n)), (c,), ["c"]),
])
def test_outputs_are_letters_with_a_range(expr, outputs, words):
    says(raised(DeclarationError, expr, [W] if expr.has(W) else x, where=[(u[i], x[i] * W)] if expr.has(u) else [], outputs=outputs), *words)


def test_the_range_of_a_letter_of_a_definition_must_be_known():
    text = raised(DeclarationError, u[0] * W, W, where=[(u[i], i * W)])
    says(text, "range of i", "u[i]", "shape")
    says(raised(DeclarationError, over(u[i], (i, n)) * x[0], x, where=[(u[i], x[i] * w[i])]), "i", "n", "m")


def test_an_array_needs_a_size():
    says(raised(DeclarationError, a[0] * W, W), "a", "axis 0", "shape")


# ---------------------------------------------------------------- one name, one meaning

@pytest.mark.parametrize("expr, words", [
    (W * sp.Symbol("W", positive=True), ["W", "assumptions"]), (W * sp.Symbol("W"), ["W", "assumptions"]),
    (over(x[i], (i, n)) * sp.Symbol("x", real=True), ["x", "array"]), (over(x[i], (i, n)) + sp.IndexedBase("x", shape=(m,))[0], ["x", "shapes"]),
    (x[0] * sp.MatrixSymbol("x", 2, 2)[0, 0], ["x"]), (sp.Trace(M) * sp.Trace(sp.MatrixSymbol("M", m, m)), ["M", "shapes"]),
    (sp.Trace(M) * sp.Symbol("M", real=True), ["M", "matrix"]), (x[0] * sp.Symbol("n", real=True), ["n", "assumptions"]),
    (a[i] * a[i, j], ["a", "1", "2"]),
])
def test_one_name_means_one_thing(expr, words):
    says(raised(DeclarationError, expr, sorted(expr.atoms(sp.Symbol), key=str)[0]), *words)


def test_the_number_of_subscripts_is_that_of_the_declaration():
    says(raised(DeclarationError, over(u[i, j], (i, n), (j, n)) + u[0], x, where=[(u[i, j], x[i] * x[j])]), "u", "1", "2")


@pytest.mark.parametrize("options", [dict(complex=True), dict(imaginary=True), dict(real=False), dict(commutative=False), dict(infinite=True),
    dict(extended_real=False)])
def test_symbols_that_are_not_real_are_refused(options):
    says(raised(DeclarationError, sp.Symbol("s", **options)**2, "s"), "s", "real")


def test_symbols_with_assumptions_that_allow_real_are_real():
    for options in ({}, dict(positive=True), dict(nonnegative=True), dict(integer=True), dict(rational=True), dict(finite=True), dict(nonzero=True)):
        s = sp.Symbol("s", **options)
        assert sg.compile(s**2, s).grad(s=3.0) == 6.0


# ---------------------------------------------------------------- shapes

@pytest.mark.parametrize("build, words", [
    (lambda: sp.Trace(unchecked(lambda: sp.MatMul(B, N.T, M))), ["m", "n"]),
    (lambda: sp.Trace((B * sp.MatrixSymbol("Q", K, 1)).T * (B * sp.MatrixSymbol("Q", K, 1))), ["B", "Q", "m", "K"]),
    (lambda: sp.Trace(M + N), ["M", "N", "n", "m"]), (lambda: sp.Trace(M.T * B), ["square"]), (lambda: sp.Determinant(B), ["square", "n", "m"]),
    (lambda: sp.Trace(B.inv() * M), ["square", "B"]), (lambda: sp.Trace(B**2), ["square"]),
    (lambda: sp.Trace(sp.HadamardProduct(M, N)), ["M", "N", "n", "m"]),
    (lambda: (v.T * B * v)[0, 0], ["m", "n"]), (lambda: sp.Trace(M + sp.Identity(m)), ["n", "m"]),
    (lambda: sp.Trace(M * sp.OneMatrix(m, n)), ["n", "m"]),
    (lambda: sp.Trace(M + v * r), ["M", "n", "m"]),
])
def test_shapes_that_do_not_go_together_are_found_also_where_sympy_lets_them_through(build, words):
    try:
        expr = build()
    except (ValueError, TypeError):
        pytest.skip("this SymPy refuses to build it")
    wrt = sorted(expr.atoms(sp.MatrixSymbol), key=str)[0]
    says(raised(ShapeError, expr, wrt), *words)


@pytest.mark.parametrize("expr, words", [
    (sp.exp(M), ["exp", "applyfunc"]), (sp.sin(B), ["sin", "applyfunc"]), (W + sp.Trace(M) * sp.exp(M), ["applyfunc"]),
    (sp.Sum(sp.tanh(M), (i, 0, 2)), ["applyfunc"]),
])
def test_functions_of_matrices_are_refused_and_applyfunc_is_named(expr, words):
    says(raised(ShapeError, expr, M if expr.has(M) else B), *words)


@pytest.mark.parametrize("where, words", [
    ([(z, B)], ["z", "MatrixSymbol"]), ([(M, W)], ["scalar", "W"]), ([(M, B)], ["n", "m"]), ([(v, B * sp.MatrixSymbol("q", K, 1))], ["B", "q"]),
    ([(u[i], B * v)], ["u[i]"]),
])
def test_definitions_have_the_shape_of_their_name(where, words):
    says(raised(ShapeError, W * z, W, where=where), *words)


def test_matrices_without_a_compiled_form_are_named():
    cases = [(sp.Trace(sp.BlockMatrix([[M, M], [M, M]])), "BlockMatrix"), (sp.Trace(sp.KroneckerProduct(M, M)), "KroneckerProduct"),
             (sp.Trace(M[0:2, 0:2]), "MatrixSlice"), (sp.Trace(M**n), "exponent n"), (sp.Trace(M**sp.Rational(1, 2)), "1/2")]
    for expr, word in cases:
        says(raised(UnsupportedError, expr, M), word, "M")


def test_arrays_and_matrices_stand_where_they_can():
    says(raised(DeclarationError, sp.Function("g")(x) * W, W), "x")
    says(raised(SymgradError, sp.Add(M, W, evaluate=False), W), "M")
    says(raised(DeclarationError, sp.Piecewise((x, W > 0), (W, True)), W), "x", "subscripts")


# ---------------------------------------------------------------- functions and numbers

def test_an_unknown_function_is_named_with_the_way_to_register_it():
    text = raised(UnsupportedError, W + sp.Function("mystery")(W * X), W)
    says(text, "mystery", "mystery(W*X)", "register_function")
    for expr in (sp.besselj(W, X), sp.zeta(W), sp.hyper([1], [2], W), sp.DiracDelta(W)):
        raised(UnsupportedError, expr, W)


@pytest.mark.parametrize("expr", [sp.sqrt(-1) * W, W + sp.I, sp.log(-2) * W, W * sp.zoo, sp.I**W, sp.asin(2) * W])
def test_numbers_that_are_not_real_are_refused(expr):
    says(raised(UnsupportedError, expr, W), "real")


def test_a_long_expression_is_shortened_in_the_message():
    text = raised(UnsupportedError, sp.Function("mystery")(sp.Add(*sp.symbols("p:500", real=True))) + W, W)
    assert len(text) < 600


# ---------------------------------------------------------------- files

@pytest.mark.parametrize("name", ["../escape", "/tmp/escape", "a/b", "a\\b", "..", ".", "", "a b", "a-b", "1a", "lambda", "None", "match.py",
    "numpy", "scipy", "sympy",
                                  "symgrad", "os", "sys", "math", "json", "a\nb", "a\0b", "x" * 300, "__init__", "ﬁle", None])
def test_names_that_cannot_be_a_modules_are_refused_and_leave_nothing(name, tmp_path):
    folder = tmp_path / "out"
    with pytest.raises((BadNameError, OptionError)) as error:
        sg.compile(W**2, wrt=W, name=name).save(folder)
    assert len(str(error.value)) > 20
    assert not list(tmp_path.rglob("*.py")) and not list(tmp_path.rglob(".*"))


def test_saving_is_all_or_nothing(tmp_path, monkeypatch):
    f = sg.compile(W**2, wrt=W, name="kept")
    path = f.save(tmp_path)
    before = path.read_text()
    assert [p.name for p in tmp_path.iterdir()] == ["kept.py"]
    monkeypatch.setattr("pathlib.Path.replace", lambda self, target: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        sg.compile(W**3, wrt=W, name="kept").save(tmp_path)
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["kept.py"] and path.read_text() == before
    assert sg.compile(W**3, wrt=W, name="kept").save(tmp_path) == path and path.read_text() != before


def test_a_declaration_that_fails_while_it_is_written_leaves_no_folder(tmp_path):
    f = sg.compile(W**2, wrt=W, name="fine")
    f.__dict__["_kernels"] = None
    with pytest.raises(TypeError):
        f.save(tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(SymgradError, match="file"):
        sg.compile(W**2, wrt=W, name="fine").save(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize("text", ["import os; open('hacked', 'w').close()", "x = 1", "not python (", "",
    "SPEC = {}\n_KERNELS = {}\nopen('hacked', 'w')",
                                  '"""a: derivative code generated by symgrad 0.1.0."""\nSPEC = {}\n_KERNELS = {}\nopen("hacked", "w")', "\0"])
def test_loading_what_symgrad_did_not_write_executes_nothing(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.py").write_text(text)
    with pytest.raises(InputError, match=r"other\.py"):
        sg.load(tmp_path / "other.py")
    assert [p.name for p in tmp_path.iterdir()] == ["other.py"]


def test_loading_what_is_not_there_is_an_error(tmp_path):
    for path in (tmp_path / "none.py", tmp_path):
        with pytest.raises(InputError, match=str(path.name)):
            sg.load(path)
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="bytes"):
        sg.load(tmp_path / "bytes.py")


def test_what_needs_the_declaration_says_so(tmp_path):
    loaded = sg.load(sg.compile(W**2, wrt=W, name="small").save(tmp_path))
    for what in ("table", "graph", "program", "with_options", "save"):
        with pytest.raises(UnsupportedError, match=what):
            getattr(loaded, what)
    with pytest.raises(AttributeError):
        _ = loaded.nothing_like_this
