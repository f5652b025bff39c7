"""A formula in twice the digits of doubles: rows of one input as data, spelled as a function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import sympy as sp
from mpmath import mp
from sympy.core.symbol import Str

SUM, PRODUCT, NUMBER = Str("+"), Str("*"), Str("number")
ATOM, TIMES, PLUS = 3, 2, 1
"""How tightly the operators of a text bind."""
MORE_THAN_TWICE = 200
"""Binary digits of a number that is split in two doubles."""

Spelling = tuple[str, int]


class Steps(sp.Tuple):
    """A formula of x, which is number 0: each step is (spelling, numbers, places of what it is made of), the last is the result.

    A spelling is that of a function on numbers of twice the digits, with {0}, {1}, … for its arguments; a sum has its
    coefficients and its constant for numbers, a product its coefficient, and what else has numbers those.
    """

    def text(self) -> str:
        """The formula as a function in Python; what is used more than once gets a name."""
        uses = Counter(place for spelling, _, places in self.args for place in _read(str(spelling), [int(one) for one in places]))
        known, named = {0: ("x", ATOM)}, list[str]()
        for k, (spelling, numbers, places) in enumerate(self.args, 1):
            known[k] = _spelled(spelling, numbers, [known[int(place)] for place in places])
            if uses[k] > 1:
                named.append(f"u{len(named) + 1} := {known[k][0]}")
                known[k] = (f"u{len(named)}", ATOM)
        last = known[len(self.args)][0]
        return f"lambda x: ({', '.join([*named, last])})[-1]" if named else f"lambda x: {last}"

    @property
    def needs(self) -> list[str]:
        """The functions of the project that it calls."""
        return sorted({f"special:{name}" for name in re.findall(r"\b_(\w+)", self.text())})


def arguments(spelling: str) -> list[int]:
    """The arguments that stand in a spelling, each as often as it does."""
    return [int(one) for one in re.findall(r"{(\d)}", spelling)]


def _read(spelling: str, places: Sequence[int]) -> list[int]:
    """The places that a step reads, each as often as it stands in the text."""
    return [places[k] for k in arguments(spelling) if k < len(places)] or [*places]


def _spelled(spelling: Str, numbers: sp.Tuple, args: Sequence[Spelling]) -> Spelling:
    if spelling == NUMBER or not args:
        found = literal(numbers[-1])
        return found if found.startswith("_Twice") else f"_Twice({found})", ATOM
    if spelling == SUM:
        *coefficients, constant = numbers
        parts = [_scaled(c, arg) for c, arg in zip(coefficients, args, strict=True)]
        parts += [literal(constant)] if constant != 0 else []
        parts.sort(key=lambda part: part.startswith("-"))
        return "".join([parts[0], *(f" - {part[1:]}" if part.startswith("-") else f" + {part}" for part in parts[1:])]), PLUS
    if spelling == PRODUCT:
        return _scaled(numbers[0], ("*".join(_within(arg, ATOM) for arg in args), TIMES)), TIMES
    template = str(spelling)
    is_call = re.fullmatch(r"_\w+\(({\d}(, )?)*\)", template) is not None
    text = template.format(*(arg[0] if is_call else _within(arg, ATOM) for arg in args), *map(literal, numbers))
    return text, ATOM if is_call else TIMES


def _within(one: Spelling, binds: int) -> str:
    return one[0] if one[1] >= binds else f"({one[0]})"


def _scaled(coefficient: sp.Expr, one: Spelling) -> str:
    if coefficient in (1, -1):
        return _within(one, TIMES) if coefficient == 1 else f"-{_within(one, TIMES)}"
    return f"{literal(coefficient)}*{_within(one, TIMES)}"


def literal(value: sp.Expr) -> str:
    """A number: a double where it is one, else as two of them."""
    with mp.workprec(MORE_THAN_TWICE):
        exact = mp.mpmathify(sp.N(value, 60))
        high = float(exact)
        low = float(exact - high)
    return repr(high) if low == 0 else f"_Twice({high!r}, {low!r})"


EXAMPLE = (sp.Tuple(sp.Tuple(sp.Integer(7), sp.Integer(8))), Steps(sp.Tuple(SUM, sp.Tuple(sp.S.One, sp.S.Zero), sp.Tuple(sp.S.Zero))))
"""An interval, and x itself."""
