"""T1 … T11: the derivation tables and graphs of the lectures, with their numbers and their slips."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symgrad.check import numeric_gradient
from symgrad.compiler import Compiled, compile
from symgrad.gallery.entries import Fact, Formula, Parts, Slip, Text, entry
from symgrad.gallery.plain import along, evaluated, listing, plain_functions
from symgrad.gallery.tables import TABLES, W, X, y

E9 = math.exp(-9)


def _formula(name: str) -> Formula:
    table = TABLES[name]
    return Formula(table.declare(), table.point, str(table.options.get("mode", "reverse")))


@entry("T1", TABLES["T1"].title, "A")
def positive_half() -> Parts:
    """L = -y log(1/(1 + exp(-W X))) in six rows; the product of the local partials is the last line of the lecture's table."""
    yield (shown := _formula("T1"))
    table = shown.compiled.table(mode="forward")
    closed = -y * X * sp.exp(-W * X) / (1 + sp.exp(-W * X))
    yield Fact("rows", 6, len(table.rows))
    yield Fact("the derived gradient equals the lecture's last line", True, sp.simplify(table.gradient["W"].expression - closed) == 0)


@entry("T2", TABLES["T2"].title, "A", slips=2)
def negative_half() -> Parts:
    """L = -(1 - y) log(1 - 1/(1 + exp(-W X))) in seven rows."""
    yield (shown := _formula("T2"))
    f, at = shown.compiled, shown.at
    table: Any = f.table(at=at, mode="forward")
    last = table["xi_7"]
    numeric = numeric_gradient(f, at, "W")
    below = math.prod(table[f"xi_{k + 1}"].partial_values[f"xi_{k}"] for k in range(1, 6)) * table["xi_1"].partial_values["W"]
    yield Fact("the final line of the lecture, (1 - y) X/(1 + exp(-W X))", 3 / (1 + E9), f.grad(**at))
    yield Slip("A", "L_B = (1 - y) xi_6, with the partial 1 - y", f"L_B = {last.definition}, with the partial {last.partials['xi_6']}",
               derived=f.grad(**at), decides=numeric, printed=(1 - at["y"]) * below, number="numeric dL/dW")
    yield Slip("A", "xi_6 = log(1 - p) = log(1/(1 + exp(-W X)))", f"xi_6 = {table['xi_6'].expanded}", derived=table["xi_6"].value,
               decides=math.log(1 - 1 / (1 + E9)), printed=math.log(1 / (1 + E9)), number="log(1 - p)")


@entry("T3", TABLES["T3"].title, "A", slips=2)
def forward_at_the_point() -> Parts:
    """Forward mode: beside each row its value, its local partial, and d xi_n/dW accumulated from the top."""
    yield (shown := _formula("T3"))
    f, at = shown.compiled, shown.at
    table: Any = f.table(at=at, mode="forward")
    yield Fact("values", [-9, E9, 1 + E9, 1 / (1 + E9), -math.log(1 + E9), math.log(1 + E9)], [row.value for row in table.rows])
    yield Fact("d xi_n/dW of the first three rows", [-3, -3 * E9, -3 * E9], [row.tangent_values["W"] for row in table.rows[:3]])
    yield Fact("the size of dL/dW", 0.00037018372, abs(table.gradient["W"].value), rtol=1e-7)
    one = table["xi_4"].partial_values["xi_3"]
    yield Slip("A", "d xi_4/d xi_3 = (1/(1 + e^-9))^2, and so dL/dW = +0.00037018372",
               f"d xi_4/d xi_3 = {table['xi_4'].partials['xi_3']} = {one:.9g}",
               derived=table.gradient["W"].value, decides=numeric_gradient(f, at, "W"), printed=0.00037018372, number="numeric dL/dW")
    inner = numeric_gradient(lambda v: at["y"] * math.log(1 + math.exp(v)), {"v": -9.0}, "v")
    yield Slip("A", "a column headed dL/d xi_n that holds d xi_n/dW, -3 in the first row",
               "d xi_1/dW = -3, and dL/d xi_1 is the adjoint of the row", derived=f.table(at=at, mode="reverse")["xi_1"].adjoint_value,
               decides=inner, printed=table["xi_1"].tangent_values["W"], number="numeric dL/d xi_1")


@entry("T4", TABLES["T4"].title, "A")
def backward_at_the_point() -> Parts:
    """Backward mode: values and partials are stored on the way down, then dL/d xi_n from the last row up; the lecture leaves its last
    cell empty."""
    yield (shown := _formula("T4"))
    table: Any = shown.compiled.table(at=shown.at, mode="reverse")
    yield Fact("adjoints from the first row to the last", [E9 / (1 + E9), 1 / (1 + E9), 1 / (1 + E9), -1 - E9, -1, 1],
               [row.adjoint_value for row in table.rows], source="by hand")
    yield Fact("the empty cell", -3 * E9 / (1 + E9), table.gradient["W"].value, source="by hand")


@entry("T5", TABLES["T5"].title, "A", slips=2)
def basic_functions() -> Parts:
    """For each row, the input included, one plain function for its value and one for each local partial, and the graph with both."""
    yield (shown := _formula("T5"))
    f, at = shown.compiled, {"W": 2.0, "X": 3.0, "y": 1.0}
    table: Any = f.table(at=at, mode="forward", inputs=("X",))
    yield Fact("rows, xi_0 = X among them", 7, len(table.rows))
    functions = plain_functions(table.rows)
    yield Text("one plain function a value and one a local partial", listing(functions))
    values = evaluated(functions, at)
    yield Fact("called one after another, they give the rows", [row.value for row in table.rows], [values[row.name] for row in table.rows],
               source="the table")
    yield Fact("and the product of the partials gives dL/dW", along(values, [*(f"xi_{k}" for k in range(6, 0, -1)), "W"]),
               table.gradient["W"].value, source="the plain functions")
    yield Text("the computational graph: values at the nodes, partials at the edges", f.graph(at=at).to_mermaid())
    yield Slip("A", "def derx1(a, x): return -a", f"d xi_1/dW = {table['xi_1'].partials['W'].subs({'xi_0': X})}",
               derived=table["xi_1"].partial_values["W"], decides=numeric_gradient(lambda w: -w * at["X"], {"w": at["W"]}, "w"),
               printed=-at["W"], number="numeric d xi_1/dW at W = 2, X = 3,")
    functions = {"x0": lambda x: x, "x1": lambda a, x: -a * x, "x2": math.exp, "x3": lambda x: 1 + x}
    functions["der1"] = lambda x: 1 / x
    functions["der1"] = math.log
    functions["der1"] = lambda y, x: -y * x
    third = table["xi_3"].value
    yield Slip("A", "def der1 three times: for 1/x, log(x) and -y*x; the last one stays", f"xi_4 = {table['xi_4'].definition}, a function of its own",
               derived=table["xi_4"].value, decides=1 / third, printed=functions["der1"](at["y"], third), number="1/xi_3 =")


@entry("T6", TABLES["T6"].title, "A", slips=1)
def coarse_table() -> Parts:
    """Affine, activation, loss: the named intermediates are the rows."""
    yield (shown := _formula("T6"))
    f, at = shown.compiled, {**shown.at, "y": 0.25}
    table: Any = f.table(at=at, level="named")
    p, target = table["p"].value, at["y"]
    yield Fact("dp/dh = sigma(h)(1 - sigma(h))", p * (1 - p), table["p"].partial_values["h"])
    numeric = numeric_gradient(lambda v: -target * math.log(v) - (1 - target) * math.log(1 - v), {"v": p}, "v")
    yield Slip("A", "dL/dp = -y/p - (1 - y)/(1 - p)", f"dL/dp = {table.rows[-1].partials['p']}", derived=table.rows[-1].partial_values["p"],
               decides=numeric, printed=-target / p - (1 - target) / (1 - p), number="numeric dL/dp")
    yield Fact("dL/d beta_1 = X (p - y), which the slip spoils", at["X"] * (p - target), table.gradient["beta_1"].value, source="by hand")


@entry("T7", TABLES["T7"].title, "E")
def gates() -> Parts:
    """(x + y) z: upstream times local gradient on every edge; add distributes, multiply swaps, max routes, copy adds."""
    yield (shown := _formula("T7"))
    table: Any = shown.compiled.table(at=shown.at, mode="reverse")
    yield Fact("q, f", [3, -12], [row.value for row in table.rows])
    yield Fact("df/dx, df/dy, df/dz", [-4, -4, 3], [table.gradient[name].value for name in "xyz"])
    a, b, up = sp.symbols("a b g", real=True)
    at = {"a": 2.0, "b": 5.0, "g": 7.0}
    for name, gate, want in (("add distributes", a + b, [7, 7]), ("multiply swaps", a * b, [35, 14]), ("max routes", sp.Max(a, b), [0, 7])):
        yield Fact(f"{name} the upstream gradient 7 at (2, 5)", want, list(compile(up * gate, wrt=[a, b]).grad(**at)), source="by hand")
    yield Fact("copy adds: g a + 3 a", 10, compile(up * a + 3 * a, wrt=a).grad(a=2.0, g=7.0), source="by hand")


@entry("T8", TABLES["T8"].title, "E")
def flat_code() -> Parts:
    """The forward lines s0 … L, then one backward line a variable in reverse order: the flat style of generated code."""
    yield (shown := _formula("T8"))
    at = shown.at
    value = 1 / (1 + math.exp(-(at["w0"] * at["x0"] + at["w1"] * at["x1"] + at["w2"])))
    upstream = value * (1 - value)
    flat = shown.compiled.with_options(style="flat")
    yield Text("the generated lines", flat._kernel("value_and_grad")[0])
    yield Fact("grad_w0, grad_w1, grad_w2", [upstream * at["x0"], upstream * at["x1"], upstream], list(flat.grad(**at)),
               source="the lecture's lines")


@entry("T9", TABLES["T9"].title, "D", slips=1)
def layer_recursion() -> Parts:
    """L'_(l-1) = L'_(l) dy_l/dy_(l-1): the local gradients are kept on the way down."""
    yield (shown := _formula("T9"))
    table: Any = shown.compiled.table(at=shown.at, mode="reverse")
    yield Text("dL/dW2 and dL/dW1 as matrices", f"{table.gradient['W2'].matrix} and {table.gradient['W1'].matrix}")
    x, t, y1, y2 = sp.symbols("x t y1 y2", real=True)
    w1, w2 = sp.symbols("w1 w2", real=True)
    chain = compile((y2 - t) ** 2 / 2, where=[(y1, sp.tanh(w1 * x)), (y2, w2 * y1)], wrt=[w1, w2], name="layer_chain")
    at = {"w1": 0.4, "w2": -1.3, "x": 0.8, "t": 0.5}
    one = math.tanh(at["w1"] * at["x"])
    numeric = numeric_gradient(lambda v: (at["w2"] * v - at["t"]) ** 2 / 2, {"v": one}, "v")
    derived: Any = chain.table(at=at, mode="reverse")
    yield Slip("D", "L'_(l) = L'_(L+1) times the product of a' f' from l + 1 to L, with L'_(L+1) = 1",
               f"the product runs to L + 1, the loss: L'_(1) = {derived['y1'].adjoint}", derived=derived["y1"].adjoint_value, decides=numeric,
               printed=1.0 * at["w2"], number="numeric dL/dy_1")


@entry("T10", TABLES["T10"].title, "E")
def jacobians() -> Parts:
    """Scalar of a scalar, scalar of a vector, vector of a vector: the lecture lays the Jacobian out inputs first, the usual way is
    outputs first."""
    yield (shown := _formula("T10"))
    A, x = shown.at["A"], shown.at["x"]
    s = 1 / (1 + np.exp(-A @ x))
    want = (s * (1 - s))[:, None] * A
    table: Any = shown.compiled.table(at=shown.at, mode="forward")
    yield Fact("the Jacobian, outputs first", want, table.jacobian(), source="by hand")
    yield Fact("the Jacobian, inputs first as in the lecture", want.T, table.jacobian(layout="inputs"))
    yield Fact("f.jacobian has the shape of the output, then that of the input", want, shown.compiled.jacobian(**shown.at), source="by hand")


@entry("T11", TABLES["T11"].title, "ABE")
def flow_graphs() -> Parts:
    """Any acyclic graph, with nodes used several times: the derivative is the sum over all paths of the products along them."""
    shown, (wired, along), at = _formula("T11"), random_wiring(12, seed=3), {"w": 0.7}
    yield [shown, Formula(wired, at)]
    line = shown.compiled.table(at=shown.at).gradient["w"]
    yield Fact("paths from L to w", 4, len(line.paths), source="by hand")
    yield Fact("randomly wired: the sum over all paths", along(at["w"]), wired.grad(**at), source="path by path")


def random_wiring(count: int, seed: int) -> tuple[Compiled, Callable[[float], float]]:
    """Nodes v_k = tanh(sum of c v_j) over randomly chosen earlier nodes, and dv_count/dw summed over every path."""
    rng = np.random.default_rng(seed)
    w = sp.Symbol("w", real=True)
    nodes = [w, *sp.symbols(f"v1:{count + 1}", real=True)]
    inputs = {k: {int(j): round(float(c), 2) for j, c in zip(rng.choice(k, min(k, 2), replace=False), rng.uniform(-1.5, 1.5, 2), strict=False)}
              for k in range(1, count + 1)}
    inputs[count] = {count - 1: 1.0, count - 2: -0.5, count - 3: 0.75}
    where = [(nodes[k], sp.tanh(sp.Add(*(c * nodes[j] for j, c in inputs[k].items())))) for k in range(1, count + 1)]

    def along(start: float) -> float:
        values = [start]
        for k in range(1, count + 1):
            values.append(math.tanh(sum(c * values[j] for j, c in inputs[k].items())))
        paths = [(count, 1.0)]
        total = 0.0
        while paths:
            node, product = paths.pop()
            if node == 0:
                total += product
                continue
            paths += [(j, product * c * (1 - values[node] ** 2)) for j, c in inputs[node].items()]
        return total

    return compile(nodes[-1], where=where, wrt=w, name="random_wiring"), along
