"""How accurate a compiled formula is: errors of value and derivatives in ulp over a domain, with and without the rules of stability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symgrad.check.points import sample
from symgrad.check.precise import is_small_and_scalar
from symgrad.check.truth import Truth
from symgrad.check.ulps import representable, ulps
from symgrad.errors import InputError, MissingExtraError, UnsupportedError, explain
from symgrad.runtime.names import by_name, name_of

FORMS = ("as declared", "rewritten")
POINTS = 200
SEED = 20240229


@dataclass(frozen=True)
class Errors:
    """One quantity (the value, df/dx, d2f/dx2) in one form: its errors in ulp at the points where the truth is a finite double."""

    quantity: str
    form: str
    points: tuple[dict[str, float], ...]
    got: np.ndarray
    right: np.ndarray
    ulps: np.ndarray

    def share(self, limit: float) -> float:
        """The share of points whose error is at most `limit` ulp."""
        return float(np.mean(self.ulps <= limit)) if len(self.ulps) else math.nan

    @property
    def median(self) -> float:
        """The median error in ulp."""
        return float(np.median(self.ulps)) if len(self.ulps) else math.nan

    @property
    def worst(self) -> int:
        """The number of the point with the largest error."""
        return int(np.argmax(self.ulps))


@dataclass(frozen=True)
class AccuracyReport:
    """The errors of every quantity before and after rewriting, and the rules that fired.  `fixed` are inputs that were held."""

    title: str
    moved: tuple[str, ...]
    fixed: dict[str, float]
    rules: tuple[str, ...]
    errors: tuple[Errors, ...]

    def __str__(self) -> str:
        count = len(self.errors[0].points) if self.errors else 0
        held = f", at {', '.join(f'{name} = {value:g}' for name, value in self.fixed.items())}" if self.fixed else ""
        lines = [f"Accuracy of {self.title} at {count} points of {', '.join(self.moved)}{held}", *_table(self.errors)]
        return "\n".join([*lines, f"  rules that fired: {', '.join(self.rules) or 'none'}"])

    __repr__ = __str__

    def plot(self, ax: Any = None) -> Any:
        """Errors over the first moved input, one panel a quantity; returns the axes.  Raises MissingExtraError without Matplotlib."""
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise MissingExtraError(explain("plot needs Matplotlib, which is missing", "", "Install it by: pip install symgrad[plot]")) from None
        quantities = list(dict.fromkeys(one.quantity for one in self.errors))
        axes = np.atleast_1d(ax if ax is not None else plt.subplots(len(quantities), sharex=True, squeeze=False, layout="constrained")[1][:, 0])
        for one in self.errors:
            self._draw(axes[quantities.index(one.quantity) % len(axes)], one)
        axes[-1].set_xlabel(self.moved[0])
        axes[0].legend()
        return axes

    def _draw(self, ax: Any, one: Errors) -> None:
        at = [point[self.moved[0]] for point in one.points]
        shown = np.clip(np.where(np.isfinite(one.ulps), one.ulps, 1e17), 1e-2, 1e17)
        ax.plot(at, shown, ".", markersize=4, label=one.form, color="C1" if one.form == FORMS[0] else "C0")
        ax.set_xscale("symlog", linthresh=1e-6)
        ax.set_yscale("log")
        ax.set_ylabel(f"{one.quantity}\nulp")


def accuracy_report(f: Any, domain: Mapping, *, at: Mapping | None = None, points: int = POINTS) -> AccuracyReport:
    """The errors of a small scalar model in ulp, with and without rewriting, against mpmath at the exact doubles.

    f: a compiled model of scalar inputs.  domain: (low, high) by input, sampled log-spaced on both signs, with the places where
    exponentials overflow and roundings cancel; several inputs are moved together, in shuffled order.  at: the values of the
    other inputs; those that are not given stand at the model's example.  points: about how many.

    Raises InputError where the domain does not fit, UnsupportedError where the model is not a small scalar one of SymPy's functions.
    """
    spans = _spans(f, by_name(domain))
    _accept(spans, by_name(at or {}), points)
    fixed = {name: value for name, value in {**f.example(), **by_name(at or {})}.items() if name not in spans}
    if not is_small_and_scalar(f.declared, {**fixed, **{name: low for name, (low, _) in spans.items()}}):
        raise UnsupportedError(explain("the model's accuracy cannot be measured",
                                       "a small model of scalar inputs, made of SymPy's own functions, is required",
                                       "Measure the scalar formula that it is made of"))
    fixed, moved = {name: float(value) for name, value in fixed.items()}, _sampled(spans, points)
    forms: dict[str, Any] = dict(zip(FORMS, (f.with_options(rewrite=False), f.with_options(rewrite=True)), strict=True))
    errors = [one for quantity, truth, read in _quantities(f) for one in _errors(quantity, truth, read, forms, [{**fixed, **at} for at in moved])]
    return AccuracyReport(f.name or "the model", tuple(spans), fixed, _fired(forms[FORMS[1]]), tuple(errors))


def _spans(f: Any, domain: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    if not domain:
        raise InputError(explain("domain is empty", f"bounds of at least one of {', '.join(f.arguments)} are required",
                                 "For example domain={'x': (-10, 10)}"))
    for name, bounds in domain.items():
        if name not in f.arguments:
            raise InputError(explain(f"domain names {name}", f"one of the inputs {', '.join(f.arguments)} is required"))
        if len(bounds) != 2 or not all(math.isfinite(one) for one in bounds) or not bounds[0] < bounds[1]:
            raise InputError(explain(f"domain gives {name} the bounds {bounds}", "two finite numbers, the lower one first, are required"))
    return {name: (float(low), float(high)) for name, (low, high) in domain.items()}


def _accept(spans: Mapping[str, Any], at: Mapping[str, Any], points: int) -> None:
    both = [name for name in at if name in spans]
    if both:
        raise InputError(explain(f"at gives {both[0]}, which the domain moves", "each input is either held or moved", "Leave it out of one of them"))
    if points < 1:
        raise InputError(explain(f"points={points} is not a number of points", "a whole number of at least 1 is required"))


def _sampled(spans: Mapping[str, tuple[float, float]], points: int) -> list[dict[str, float]]:
    """About so many points: log-spaced ones, and the hazards that lie in the domain."""
    decades = {name: max(1.0, math.log10(max(abs(low), abs(high)) / 1e-12)) for name, (low, high) in spans.items()}
    columns = {name: sample(low, high, per_decade=max(1, round(points / decades[name] / (2 if low < 0 < high else 1))), tiny=False)
               for name, (low, high) in spans.items()}
    random = np.random.default_rng(SEED)
    count = max(len(column) for column in columns.values())
    placed = {name: np.resize(column if k == 0 else random.permutation(column), count) for k, (name, column) in enumerate(columns.items())}
    return [{name: float(column[k]) for name, column in placed.items()} for k in range(count)]


def _quantities(f: Any) -> list[tuple]:
    """Each quantity with its truth and how it is read off a model."""
    whole, order = f.declared.expressions[0], f.declared.symbols
    for one in reversed(f.declared.definitions):
        whole = sp.sympify(whole).subs(one.left, one.right)
    found: list[tuple] = []
    for k, name in enumerate(f.wrt):
        others = [order[other] for other in f.arguments if other != name]
        truth = Truth(sp.sympify(whole), order[name], 2, others)
        found += [("value", (truth, 0), lambda model, at: model.value(**at))] if k == 0 else []
        found += [(f"d/d{name}", (truth, 1), lambda model, at, k=k: _part(model.grad(**at), k)),
                  (f"d²/d{name}²", (truth, 2), lambda model, at, k=k: _part(_part(model.hessian(**at), k), k))]
    return found


def _part(found: Any, k: int) -> Any:
    return found[k] if isinstance(found, tuple) else found


def _errors(quantity: str, truth: tuple[Truth, int], read: Any, forms: Mapping[str, Any], points: Sequence[dict[str, float]]) -> list[Errors]:
    wants = [(at, _want(truth, at)) for at in points]
    known = [(at, want) for at, want in wants if want is not None]
    out = []
    for form, model in forms.items():
        got = np.array([float(read(model, at)) for at, _ in known])
        error = np.array([ulps(one, want) for one, (_, want) in zip(got, known, strict=True)])
        out.append(Errors(quantity, form, tuple(at for at, _ in known), got, np.array([float(want) for _, want in known]), error))
    return out


def _want(truth: tuple[Truth, int], at: Mapping[str, float]) -> mpmath.mpf | None:
    formula, order = truth
    others = [at[name_of(other)] for other in formula.others]
    value = formula.at(at[name_of(formula.variable)], 0, *others)
    found = value if order == 0 or value is None else formula.at(at[name_of(formula.variable)], order, *others)
    return found if found is not None and representable(found) else None


def _fired(model: Any) -> tuple[str, ...]:
    notes = [note for entry in ("value", "value_and_grad") for note in model.derived(entry).graph.notes.values()]
    return tuple(dict.fromkeys(note.removeprefix("rule ") for note in notes if note.startswith("rule ")))


def _table(errors: Sequence[Errors]) -> list[str]:
    cells: list[tuple[str, ...]] = [("", "form", "points", "within 4 ulp", "within 8 ulp", "median", "largest", "where", "got", "right")]
    for one in errors:
        if not len(one.ulps):
            cells.append((one.quantity, one.form, "0", *[""] * 7))
            continue
        k = one.worst
        where = ", ".join(f"{name} = {value:.6g}" for name, value in one.points[k].items())
        cells.append((one.quantity if one.form == FORMS[0] else "", one.form, str(len(one.ulps)), f"{one.share(4):.1%}", f"{one.share(8):.1%}",
                      f"{one.median:.2g}", f"{one.ulps[k]:.3g}", where, f"{one.got[k]:.6g}", f"{one.right[k]:.6g}"))
    widths = [max(len(line[k]) for line in cells) for k in range(len(cells[0]))]
    return ["  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]
