"""G1 … G3: numeric gradients, and analytic ones checked by them."""

from __future__ import annotations

import numpy as np
import sympy as sp

from symgrad.check import check_gradients, numeric_gradient
from symgrad.compiler import compile
from symgrad.gallery.entries import Fact, Figure, Formula, Parts, Text, entry

v = sp.Symbol("x", real=True)
STEPS = np.logspace(-1, -12, 12)


def quotient_errors(method: str) -> list[float]:
    """The error of the slope of exp(sin x) at 1 for each step."""
    exact = np.cos(1.0) * np.exp(np.sin(1.0))
    return [abs(float(numeric_gradient(lambda x: np.exp(np.sin(x)), {"x": 1.0}, "x", method=method, step=float(h))) - exact) for h in STEPS]


@entry("G1", "Central difference", "B")
def central() -> Parts:
    """(f(x + e) - f(x - e))/(2 e): its error falls as e^2 until rounding takes over."""
    f = compile(sp.exp(sp.sin(v)), wrt=v, name="exp_of_sine")
    yield Formula(f, {"x": 1.0})
    e = 1e-4
    yield Fact("the lecture's quotient at e = 1e-4", (f(x=1 + e) - f(x=1 - e)) / (2 * e), numeric_gradient(f, {"x": 1.0}, "x", step=e),
               source="the lecture's formula")
    errors = quotient_errors("central")
    yield Fact("a tenth of the step, a hundredth of the error", 0.01, errors[1] / errors[0], rtol=0.02, source="e^2")
    yield Fact("the analytic gradient", numeric_gradient(f, {"x": 1.0}, "x"), f.grad(x=1.0), rtol=1e-9, source="numeric")
    yield Figure("error against step", lambda ax: ax.loglog(STEPS, errors),
                 tuple(f"e = {h:.0e}: {one:.1e}" for h, one in zip(STEPS, errors, strict=True)))


@entry("G2", "Forward difference", "E")
def forward() -> Parts:
    """(f(x + h) - f(x))/h, one coordinate after the other; its error falls as h alone."""
    low, high = sp.symbols("f_x f_xh", real=True)
    h = sp.Symbol("h", positive=True)
    yield Formula(compile((high - low) / h, wrt=[high, low], name="forward_quotient"), {"f_x": 1.25347, "f_xh": 1.25322, "h": 1e-4})
    yield Fact("(1.25322 - 1.25347)/0.0001", -2.5, compile((high - low) / h, wrt=high)(f_x=1.25347, f_xh=1.25322, h=1e-4), rtol=1e-9)
    errors, better = quotient_errors("forward"), quotient_errors("central")
    yield Fact("a tenth of the step, a tenth of the error", 0.1, errors[2] / errors[1], rtol=0.05, source="h")
    yield Fact("the best central quotient is a hundred times closer", True, min(better) < 0.01 * min(errors))
    yield Figure("error against step", lambda ax: [ax.loglog(STEPS, one, label=name) for name, one in (("forward", errors), ("central", better))],
                 (f"best error: forward {min(errors):.1e}, central {min(better):.1e}",))


@entry("G3", "Use the analytic gradient, check it by the numeric one", "BE")
def check() -> Parts:
    """A report with a verdict for each parameter.  Hand-written gradients are judged too: a wrong sign is found, and a kink is called one."""
    w, b, x, y = sp.symbols("w b x y", real=True)
    f = compile((sp.tanh(w * x + b) - y) ** 2, wrt=[w, b], name="checked_loss")
    at = {"w": 0.4, "b": -0.2, "x": 1.5, "y": 1.0}
    yield Formula(f, at)
    yield Text("the report", str(f.check(**at)))
    wrong = check_gradients(f, at, gradient=lambda **p: tuple(-one for one in f.grad(**p)))
    yield Fact("a gradient with the wrong sign is found", True, not wrong.passed and {row.verdict for row in wrong.rows} == {"wrong"})
    swapped = check_gradients(f, at, gradient=lambda **p: f.grad(**p)[::-1])
    yield Fact("two gradients in the wrong order are found", True, not swapped.passed)
    kink = compile(sp.Max(0, w), wrt=w).check(w=0.0)
    yield Fact("the kink of max(0, w) is called one, and passes", True, kink.passed and kink.rows[0].verdict == "kink")
