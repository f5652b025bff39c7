"""Random declarations over samples, groups and places: products, sums, functions, reductions and named intermediates."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import sympy as sp

b, c = sp.Symbol("b", positive=True), sp.Symbol("c", real=True)
n, K, d = sp.symbols("n K d", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
RANGES = {i: (i, 0, n - 1), j: (j, 0, d - 1), k: (k, 0, K - 1)}
SIZES = {i: n, j: d, k: K}
FUNCTIONS = (
    sp.tanh, sp.sin, sp.cos, lambda u: sp.exp(-u**2 / 2), lambda u: sp.sqrt(1 + u**2), lambda u: sp.Max(0, u), lambda u: u**2,
    lambda u: 1 / (1 + sp.exp(-u)), lambda u: sp.log(1 + u**2), sp.Abs, lambda u: 1 / (2 + sp.cos(u)), lambda u: u**3)

STEEP_FUNCTIONS = (
    lambda u: sp.exp(u / 2), lambda u: sp.log(1 + sp.exp(u)), lambda u: -sp.log(1 / (1 + sp.exp(-u / b))), lambda u: sp.tanh(c * u),
    lambda u: 1 / (1 + sp.exp(-u - 1 / b)) - 1 / (1 + sp.exp(-u)), lambda u: sp.sqrt(b + u**2) - 1, lambda u: (1 + u**2)**c, lambda u: u / b,
    lambda u: sp.Piecewise((u + 1, u > 0), (sp.exp(u), True)), lambda u: sp.erf(u), lambda u: sp.log(sp.cosh(u)), lambda u: sp.exp(-u) * sp.sin(c * u),
    lambda u: sp.atan(u / b), lambda u: u * sp.log(1 + u**2 / b), lambda u: sp.Max(u, c), lambda u: u**2 / (b + sp.Abs(u)), lambda u: u**3)
"""Functions that rules are about, with parameters in them."""


class Part(NamedTuple):
    """An expression and the letters that are free in it."""

    expression: sp.Expr
    letters: frozenset


def array(name: str, *letters: sp.Symbol) -> Part:
    return Part(sp.IndexedBase(name, shape=tuple(SIZES[letter] for letter in letters))[letters], frozenset(letters))


LEAVES = (array("x", i), array("y", i), array("X", i, j), array("Z", i, k), array("p", k), array("A", k, j), array("v", j),
          Part(sp.Symbol("a", real=True), frozenset()))
PARAMETERS = ("a", "p", "A", "v", "x", "Z", "b", "c")


class Declaration:
    """What one seed declares: the same on every machine."""

    def __init__(self, seed: int, functions: Sequence[Callable] = FUNCTIONS):
        self._random, self._functions = random.Random(seed), functions
        self._pool = list(LEAVES)
        self.where: list[tuple[sp.Expr, sp.Expr]] = []
        for number in range(self._random.randint(0, 4)):
            self._name(number)
        whole = self._part(4)
        self.expression = sp.Sum(whole.expression, *(RANGES[letter] for letter in self._ordered(whole))) if whole.letters else whole.expression
        everything = [self.expression, *(right for _, right in self.where)]
        inputs = {str(symbol) for one in everything for symbol in (*one.free_symbols, *one.atoms(sp.IndexedBase))}
        known = [name for name in PARAMETERS if name in inputs]
        self._random.shuffle(known)
        self.wrt = known[:self._random.randint(1, 3)]

    def point(self, names: tuple[str, ...], samples: int) -> dict:
        """Inputs by name, four groups and three places."""
        sizes, numbers = {"n": samples, "K": 4, "d": 3}, np.random.default_rng(samples)
        shapes = {str(getattr(leaf.expression, "base", leaf.expression)): tuple(sizes[str(SIZES[letter])] for letter in
                  getattr(leaf.expression, "indices", ())) for leaf in LEAVES}
        scalars = {"b": 0.8, "c": 1.3}
        return {name: 0.7 * numbers.normal(size=shapes[name]) if name in shapes else (scalars | sizes)[name] for name in names}

    def _ordered(self, part: Part) -> list[sp.Symbol]:
        letters = sorted(part.letters, key=str)
        self._random.shuffle(letters)
        return letters

    def _name(self, number: int) -> None:
        part = self._part(self._random.randint(1, 3))
        letters = self._ordered(part)
        left = sp.IndexedBase(f"h{number}")[tuple(letters)] if letters else sp.Symbol(f"s{number}", real=True)
        self.where.append((left, part.expression))
        self._pool += [Part(left, part.letters)] * 2

    def _part(self, depth: int) -> Part:
        drawn = self._random.random()
        if depth == 0 or drawn < 0.15:
            return self._random.choice(self._pool)
        one = self._part(depth - 1)
        if drawn < 0.35:
            return Part(self._random.choice(self._functions)(one.expression), one.letters)
        if drawn < 0.8:
            other = self._part(depth - 1)
            number = self._random.choice((1, 1, 2, -1, -3, sp.Rational(1, 2)))
            joined = one.expression * other.expression * number if drawn < 0.6 else one.expression + number * other.expression + int(number == 2)
            return Part(joined, one.letters | other.letters)
        return self._reduced(one)

    def _reduced(self, part: Part) -> Part:
        letters = [letter for letter in sorted(part.letters, key=str) if letter != i or self._random.random() < 0.4]
        if not letters:
            return part
        letter, drawn = self._random.choice(letters), self._random.random()
        if drawn < 0.25:
            reduced = sp.log(sp.Sum(sp.exp(part.expression), RANGES[letter]))
        else:
            reduced = sp.Sum(part.expression, RANGES[letter]) / (SIZES[letter] if drawn < 0.5 else 1)
        return Part(reduced, part.letters - {letter})
