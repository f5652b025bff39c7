"""Certificates of the rules of stability: what is compiled for each, and the committed table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import sympy as sp

import symgrad as sg
from symgrad.check.certify import QUANTITIES, Certificate, certify
from symgrad.check.points import sample
from symgrad.check.truth import Truth
from symgrad.rewrite.rules import RULES
from symgrad.rewrite.rules.rule import Rule, x, y

TABLE = Path(__file__).parent / "goldens" / "certificates.json"
DENSE, LIGHT = 12, 1
"""Points a decade for the committed table, and for a quick look."""


def rules() -> list[Rule]:
    """The rules on scalars, which have a pattern; those on arrays are tested with arrays."""
    return [rule for rule in RULES if rule.pattern is not None]


def formula(rule: Rule) -> sp.Expr:
    """The pattern with its named steps written in."""
    found = rule.pattern
    for left, right in reversed(rule.where):
        found = found.subs(left, right)
    return found


@lru_cache(maxsize=1)
def models(rule: Rule) -> tuple[sg.Compiled, sg.Compiled]:
    """The pattern compiled with and without rules."""
    stable = sg.compile(rule.pattern, wrt=x, where=rule.where)
    return stable, stable.with_options(rewrite=False)


def certificates(rule: Rule, per_decade: int) -> Iterator[tuple[float | None, Certificate]]:
    """A certificate for each value of the second operand, or one where there is none."""
    stable, plain = models(rule)
    others = rule.others if y in formula(rule).free_symbols else (None,)
    slow = per_decade == LIGHT and formula(rule).has(sp.erfinv)  # mpmath finds it by iteration, to a thousand digits beside 0
    points = sample(*rule.interval, per_decade=per_decade, tiny=not slow)
    for other in others:
        truth = Truth(formula(rule) if other is None else formula(rule).subs(y, sp.Rational(other)), x)
        yield other, certify(stable, plain, truth, points, {} if other is None else {"y": other})


def fired(model: sg.Compiled) -> set[str]:
    """The rules that took part in value or gradient."""
    notes = {**model.program.graph.notes, **model.derived("value_and_grad").graph.notes}
    entries = (model.program, model.derived("value_and_grad"))
    found = {program.graph.notes.get(row, "") for program in entries for row in program.live()}
    return {note.removeprefix("rule ") for note in found | set(notes.values()) if note.startswith("rule ")}


def written(number: float) -> float | str:
    """Two digits, rounded up, so that a committed error is a bound; "inf" as a text, since JSON has no infinity."""
    if not math.isfinite(number):
        return "inf"
    if number == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(number)) - 1)
    return float(f"{math.ceil(number / unit * (1 - 1e-12)) * unit:.2g}")


def entry(rule: Rule, per_decade: int = DENSE) -> dict:
    """One rule's certificate as it is committed."""
    found = list(certificates(rule, per_decade))
    made: dict = {"formula": str(formula(rule)), "interval": list(rule.interval), "points": sum(one.points for _, one in found)}
    for form in ("stable", "plain"):
        for quantity in QUANTITIES:
            other, worst = max(((other, getattr(one, form)[quantity]) for other, one in found), key=lambda pair: pair[1].error)
            every = [getattr(one, form)[quantity] for _, one in found]
            share = sum(one.good for one in every) / max(1, sum(one.count for one in every))
            made[f"{form} {quantity}"] = {"error": written(worst.error), "x": worst.at, "right": math.floor(share * 1000) / 1000}
            if other is not None:
                made[f"{form} {quantity}"]["y"] = other
    return made


def committed() -> dict[str, dict]:
    """The table by the name of the rule."""
    return json.loads(TABLE.read_text(encoding="utf-8"))


def shown(table: dict[str, dict]) -> str:
    """The committed table as text: errors of the rewritten form, and of the plain form with its share of right points."""
    head = ("rule", "interval", "points", "value", "slope", "second", "plain value", "right", "plain slope", "right")
    lines = [head]
    for name, one in table.items():
        slope = {form: max((one[f"{form} {mode}"] for mode in ("reverse", "forward")), key=lambda q: float(q["error"])) for form in ("stable", "plain")}
        lines.append((name, "{:g} … {:g}".format(*one["interval"]), str(one["points"]), _ulp(one["stable value"]), _ulp(slope["stable"]),
                      f"{float(one['stable second']['error']):.1e}", _ulp(one["plain value"]), f"{one['plain value']['right']:.0%}",
                      _ulp(slope["plain"]), f"{slope['plain']['right']:.0%}"))
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    text = ["  ".join(cell.ljust(width) if k == 0 else cell.rjust(width) for k, (cell, width) in enumerate(zip(line, widths, strict=True)))
            for line in lines]
    return "\n".join([*text, "", "value and slope: largest error in ulp; second: largest relative error; right: the share of points within 4 and 8 ulp"])


def _ulp(found: dict) -> str:
    return f"{float(found['error']):.3g}"
