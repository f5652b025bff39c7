"""The update equations of an optimizer as text, Markdown and LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import sympy as sp

LATEX_NAMES = {"learning_rate": r"\eta", "momentum": r"\mu", "decay": r"\rho", "epsilon": r"\varepsilon", "beta1": r"\beta_1", "beta2": r"\beta_2",
               "weight_decay": r"\lambda", "clip_value": "c", "clip_norm": "c", "norm": r"\lVert g \rVert", "noise": r"\eta_0",
               "noise_decay": r"\gamma", "damping": r"\delta", "g_up": r"g^{\uparrow}", "g_clip": r"g^{c}", "g_noisy": r"\tilde{g}",
               "g_bar": r"\bar{g}", "point": r"w_{\mathrm{point}}"}


class Line(NamedTuple):
    """One equation: what it defines, as it is written (v', m̂), and its right side."""

    name: str
    definition: sp.Expr


@dataclass(frozen=True)
class UpdateTable:
    """The equations of one step in order.  `rows[k].name` and `rows[k].definition`, and `table["w'"]`.

    A row `point` says where the gradient g is taken, where that is not the parameter itself.
    """

    title: str
    equations: tuple[tuple[sp.Symbol, sp.Expr], ...]

    @property
    def rows(self) -> tuple[Line, ...]:
        return tuple(Line(_plain(left), right) for left, right in self.equations)

    def __getitem__(self, name: str) -> Line:
        return next(row for row in self.rows if row.name == name)

    def __str__(self) -> str:
        width = max(len(row.name) for row in self.rows)
        primed = self._primed()
        return "\n".join([self.title, *(f"  {row.name:<{width}} = {row.definition.xreplace(primed)}" for row in self.rows)])

    __repr__ = __str__

    def to_markdown(self) -> str:
        lines = [f"| {row.name} | ${self._side(row.definition)}$ |" for row in self.rows]
        return "\n".join([f"| {self.title} | update |", "|---|---|", *lines])

    def to_latex(self) -> str:
        r"""The equations in an align* environment, with η for the learning rate."""
        lines = [rf"{self._side(left)} &= {self._side(right)}" for left, right in self.equations]
        return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"

    def _repr_latex_(self) -> str:
        return self.to_latex()

    def _side(self, expr: sp.Expr) -> str:
        return sp.latex(expr, symbol_names={s: _latex(s.name) for s in self._symbols()})

    def _symbols(self) -> set[sp.Symbol]:
        return {s for left, right in self.equations for s in {left, *right.free_symbols}}

    def _primed(self) -> dict[sp.Symbol, sp.Symbol]:
        return {s: sp.Symbol(_plain(s), real=True) for s in self._symbols() if s.name.endswith("_new")}


def _plain(symbol: sp.Symbol) -> str:
    name = symbol.name
    return f"{name[:-4]}'" if name.endswith("_new") else name


def _latex(name: str) -> str:
    if name.endswith("_new"):
        return f"{_latex(name[:-4])}'"
    if name.endswith("_hat"):
        return rf"\hat{{{_latex(name[:-4])}}}"
    return LATEX_NAMES.get(name) or sp.latex(sp.Symbol(name))
