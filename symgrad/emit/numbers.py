"""Constants as Python text: exact where Python is exact, else correctly rounded to a double."""

from __future__ import annotations

import sympy as sp

from symgrad.errors import UnsupportedError, explain
from symgrad.graph.labels import whole_fraction
from symgrad.graph.steps import Steps
from symgrad.graph.text import ATOM, LOOSE, PLUS, POWER, TIMES, UNARY, Text

_MATH = {sp.exp: "math.exp", sp.log: "math.log", sp.sin: "math.sin", sp.cos: "math.cos", sp.tanh: "math.tanh", sp.floor: "math.floor",
         sp.ceiling: "math.ceil", sp.loggamma: "math.lgamma", sp.gamma: "math.gamma", sp.Abs: "abs", sp.Max: "max", sp.Min: "min"}


def number(value: sp.Expr) -> Text:
    """A number, an expression in sizes (Python integers at run time), a tuple of these, or a formula as a function."""
    value = sp.sympify(value)
    if isinstance(value, Steps):
        return Text(value.text(), LOOSE)
    if isinstance(value, sp.Tuple):
        inner = [number(one).text for one in value]
        return Text(f"({', '.join(inner)}{',' if len(inner) == 1 else ''})", ATOM)
    if value.is_number:
        return _plain(value)
    return _expression(value)


def _plain(value: sp.Expr) -> Text:
    if value is sp.nan:
        return Text("np.nan")
    if value.is_infinite:
        return Text("np.inf") if value.is_extended_positive else Text("-np.inf", UNARY)
    if value.is_Integer and abs(value) < 2**53:
        return Text(str(int(value)), ATOM if value >= 0 else UNARY)
    exact = value.is_Rational and value.q in (2, 4, 8, 16, 32, 64) and abs(value.p) < 2**53
    if value.is_Rational and not exact and max(abs(value.p), value.q) < 2**53:
        return Text(f"{value.p}/{value.q}", TIMES)
    evaluated = sp.N(value, 30)
    if not evaluated.is_extended_real:
        raise UnsupportedError(explain(f"the constant {value} is not real", "symgrad compiles real expressions"))
    result = float(evaluated)
    return Text(repr(result), ATOM if result >= 0 else UNARY)


def _expression(value: sp.Expr) -> Text:
    """Sums, products and powers of sizes; other functions through the math module."""
    if value.is_Symbol:
        return Text(value.name)
    broken = any(part.q != 1 for part in value.atoms(sp.Rational))
    top, bottom = whole_fraction(value) if broken else (value, 1)
    if bottom != 1:  # a whole number stays one: n*(n + 1)/2 elements
        return Text(f"{number(top).within(TIMES)}//{bottom}", PLUS)
    if value.is_Add:
        return Text(_added([number(term) for term in value.as_ordered_terms()]), PLUS)
    if value.is_Mul:
        return _multiplied(value)
    if value.is_Pow:
        exponent = number(value.exp)
        if value.exp == -1:
            return Text(f"1/{number(value.base).within(POWER)}", TIMES)
        return Text(f"{number(value.base).within(ATOM)}**{exponent.within(POWER)}", POWER)
    if isinstance(value, (sp.floor, sp.ceiling)):
        rounded = _rounded(value)
        if rounded is not None:
            return rounded
    name = _MATH.get(value.func)
    if name is None:
        raise UnsupportedError(explain(f"the number {value} of sizes cannot be written in Python",
                                       "sums, products, powers, exp, log and the like can"))
    return Text(f"{name}({', '.join(number(arg).text for arg in value.args)})")


def _rounded(value: sp.Expr) -> Text | None:
    """floor(n/2) as n//2 and ceiling(n/2) as -(-n//2), exact at any size."""
    top, bottom = sp.fraction(sp.together(value.args[0]))
    if not (bottom.is_Integer or bottom.is_Symbol) or not all(part.q == 1 for part in top.atoms(sp.Rational)) or top.has(sp.Float, sp.Function):
        return None
    if isinstance(value, sp.floor):
        return Text(f"{number(top).within(TIMES)}//{number(bottom).text}", PLUS)
    return Text(f"-({number(-top).within(TIMES)}//{number(bottom).text})", UNARY)


def _added(parts: list[Text]) -> str:
    text = parts[0].text
    for part in parts[1:]:
        text += f" - {part.text[1:]}" if part.text.startswith("-") and part.binds > PLUS else f" + {part.text}"
    return text


def _multiplied(value: sp.Mul) -> Text:
    top, bottom = sp.fraction(value)
    sign = ""
    if top.could_extract_minus_sign():
        top, sign = -top, "-"
    factors = [number(factor) for factor in sp.Mul.make_args(top) if factor != 1]
    text = "*".join(factor.within(TIMES) for factor in factors) or "1"
    if bottom != 1:
        below = [number(factor) for factor in sp.Mul.make_args(bottom)]
        text += f"/({'*'.join(f.within(TIMES) for f in below)})" if len(below) > 1 else f"/{below[0].within(POWER)}"
    return Text(sign + text, TIMES)
