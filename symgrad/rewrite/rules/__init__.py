"""The rules of stability in the order in which they are tried: most specific first.

Adding a rule is one entry in the file of its family.
"""

from symgrad.rewrite.rules import (
    angles,
    arrays,
    bases,
    bessel,
    densities,
    determinants,
    differences,
    divergences,
    exponentials,
    factors,
    gaps,
    hyperbolic,
    integrals,
    inverses,
    logarithms,
    logistic,
    logits,
    means,
    ones,
    poles,
    polynomials,
    powers,
    products,
    quotients,
    ratios,
    roots,
    scales,
    secants,
    series,
    special,
    temperatures,
    weighted,
)
from symgrad.rewrite.rules.rule import WEIGHTS, Rule, fitting, weight

_OWN: tuple[Rule, ...] = (
    *logistic.RULES, *logits.RULES, *hyperbolic.RULES, *exponentials.RULES, *series.RULES, *gaps.RULES, *quotients.RULES, *poles.RULES,
    *secants.RULES, *angles.RULES, *inverses.RULES, *powers.RULES, *bases.RULES, *ones.RULES, *special.RULES, *polynomials.RULES, *arrays.RULES,
    *roots.RULES, *differences.RULES, *products.RULES, *bessel.RULES, *integrals.RULES,
    *densities.RULES, *means.RULES, *scales.RULES, *densities.OF_SUMS,
    *divergences.RULES, *weighted.RULES, *temperatures.RULES, *ratios.RULES, *determinants.RULES,
    *logarithms.RULES)
RULES: tuple[Rule, ...] = (*_OWN, factors.common_factor(_OWN))

__all__ = ["RULES", "WEIGHTS", "Rule", "fitting", "weight"]
