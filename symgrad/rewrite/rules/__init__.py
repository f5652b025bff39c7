"""The rules of stability in the order in which they are tried: most specific first.

Adding a rule is one entry in the file of its family.
"""

from symgrad.rewrite.rules import (
    arrays,
    bases,
    exponentials,
    inverses,
    logarithms,
    logistic,
    poles,
    polynomials,
    products,
    quotients,
    roots,
    secants,
    series,
    special,
    weighted,
)
from symgrad.rewrite.rules.rule import WEIGHTS, Rule, weight

RULES: tuple[Rule, ...] = (
    *logistic.RULES, *exponentials.RULES, *series.RULES, *quotients.RULES, *poles.RULES, *secants.RULES, *inverses.RULES, *bases.RULES,
    *special.RULES, *polynomials.RULES, *arrays.RULES, *roots.RULES, *products.RULES, *weighted.RULES, *logarithms.RULES)

__all__ = ["RULES", "WEIGHTS", "Rule", "weight"]
