"""The builder's canonical form: sharing by construction, whatever letters and order the user chose."""

import sympy as sp

import symgrad as sg
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label
from symgrad.graph.rows import Ref

n = sp.Symbol("n", integer=True, positive=True)
d = sp.Symbol("d", integer=True, positive=True)
ONE = sp.S.One


def matrix(graph: Graph, name: str, rows: Label, columns: Label) -> Ref:
    return graph.input("input", name, (rows, columns))


def test_building_a_row_twice_gives_the_same_row():
    graph, i, j = Graph(), Label(n), Label(n)
    a, b = matrix(graph, "A", i, j), matrix(graph, "B", i, j)
    assert graph.product(ONE, [a, b]) == graph.product(ONE, [b, a])
    assert graph.sum(ONE, [(ONE, a), (ONE, b)]) == graph.sum(ONE, [(ONE, b), (ONE, a)])
    k, m = Label(n), Label(n)
    other = [ref.rename({i: k, j: m}) for ref in (a, b)]
    assert graph.product(ONE, other).row == graph.product(ONE, [a, b]).row


def test_a_transpose_is_no_row_and_shares_everything():
    graph, i, j, k = Graph(), Label(n), Label(d), Label(n)
    a = matrix(graph, "A", i, j)
    gram = graph.product(ONE, [a, a.rename({i: k})], [j])
    swapped = graph.product(ONE, [a.rename({i: k}), a], [j])
    assert gram.row == swapped.row
    count = len(graph.rows)
    graph.product(ONE, [graph.map("exp", (a,)), graph.map("exp", (a.rename({i: k}),))], [j])
    assert len(graph.rows) == count + 2


def test_equal_terms_are_merged_and_numbers_stay_with_the_sum():
    graph = Graph()
    x, y = graph.input("input", "x"), graph.input("input", "y")
    twice = graph.sum(sp.S.Zero, [(ONE, x), (ONE, x)])
    assert graph[twice].op == "product" and graph[twice].payload == 2
    assert graph.sum(sp.S.Zero, [(ONE, x), (-ONE, x)]) == graph.constant(sp.S.Zero)
    assert graph[graph.sum(sp.Integer(3), [(ONE, x), (sp.Integer(2), y)])].payload == ((1, 2), 3)


def test_an_identity_delta_renames_and_a_diagonal_stays():
    graph, i, j = Graph(), Label(n), Label(n)
    a, k = matrix(graph, "A", i, j), Label(n)
    delta = graph.onehot(graph.iota(j), k)
    assert graph.product(ONE, [a, delta], [j]) == a.rename({j: k})
    diagonal = graph.product(ONE, [a.rename({j: i})])
    assert graph[diagonal].op == "product" and len(graph[diagonal].args) == 2
    assert graph.product(ONE, [delta], [j]) == graph.constant(ONE)


def test_summing_a_constant_multiplies_by_the_size():
    graph, i = Graph(), Label(n)
    x = graph.input("input", "x")
    total = graph.product(ONE, [x], [i])
    assert graph[total].payload == n


def test_the_transposed_network_of_a_trace_is_the_network():
    X, W, V, Y = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("W", d, d), sp.MatrixSymbol("V", d, n), sp.MatrixSymbol("Y", n, n)
    R = (X * W).applyfunc(sp.tanh) * V - Y
    f = sg.compile(sp.Trace(R.T * R), wrt=[W, V])
    tanhs = [row for row in f.program.graph.rows if row.op == "map" and row.payload == ("tanh",)]
    assert len(tanhs) == 1
    assert sum(f.program.graph.rows[k].op == "sum" for k in f.program.live()) == 1


def test_letters_do_not_matter():
    x = sp.IndexedBase("x", shape=(n, d))
    i, j, p, q = sp.symbols("i j p q", integer=True)
    one = sg.compile(sp.Sum(sp.exp(x[i, j]), (j, 0, d - 1), (i, 0, n - 1)), wrt=x, name="m")
    other = sg.compile(sp.Sum(sp.exp(x[p, q]), (q, 0, d - 1), (p, 0, n - 1)), wrt=x, name="m")
    kernels = [f.source.split("# The mathematics")[1] for f in (one, other)]
    assert kernels[0] == kernels[1]


def test_nothing_is_unrolled_over_a_size():
    rows = []
    for size in (10, 1000):
        x = sp.IndexedBase("x", shape=(size,))
        i = sp.Symbol("i", integer=True)
        f = sg.compile(sp.Sum(sp.sin(x[i]) * x[i], (i, 0, size - 1)), wrt=x)
        rows.append(len(f.derived("value_and_grad").live()))
    assert rows[0] == rows[1]
