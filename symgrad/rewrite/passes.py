"""The list of passes: what happens to a declared program, and to a derived one, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from symgrad.graph.program import Program
from symgrad.rewrite.chains import keep_chains
from symgrad.rewrite.choices import join_choices
from symgrad.rewrite.common import take_out_common
from symgrad.rewrite.contract import contract
from symgrad.rewrite.expansions.expanding import keep_expansions
from symgrad.rewrite.exponents import keep_exponents
from symgrad.rewrite.gates import ask_once
from symgrad.rewrite.infinity import keep_infinities
from symgrad.rewrite.kinks import settle_kinks
from symgrad.rewrite.limits import keep_limits
from symgrad.rewrite.masks import move_masks
from symgrad.rewrite.mending import keep_rests
from symgrad.rewrite.multiples import drop_opposites
from symgrad.rewrite.overflow import keep_in_range
from symgrad.rewrite.parts import mask_exponents
from symgrad.rewrite.quotients import divide_twice
from symgrad.rewrite.share import share_exponentials
from symgrad.rewrite.shifted import keep_small_shares
from symgrad.rewrite.stabilise import stabilise
from symgrad.rewrite.tangents import keep_still
from symgrad.rewrite.twice.digits import keep_digits
from symgrad.rewrite.unfold import unfold

Pass = Callable[[Program], Program]

BEFORE: tuple[Pass, ...] = (settle_kinks, stabilise, mask_exponents, move_masks, contract, keep_chains)
"""What happens to a declared program before it is differentiated, in order."""

_EXACT: tuple[Pass, ...] = (keep_expansions, keep_exponents, keep_rests)
_RIGHT: tuple[Pass, ...] = (stabilise, join_choices, drop_opposites, *_EXACT, keep_limits, keep_infinities, divide_twice, keep_digits, keep_in_range,
                            keep_still)

AFTER: Mapping[str, tuple[Pass, ...]] = {
    "fast": (*_RIGHT, ask_once, mask_exponents, contract, share_exponentials, keep_small_shares, take_out_common, unfold),
    "flat": (*_RIGHT, ask_once, mask_exponents, share_exponentials, keep_small_shares, take_out_common)}
"""What happens to a derived program before it is written, in order, by style."""

Instead = Mapping[Pass, Pass | None]
"""What takes the place of steps; None where nothing does."""

PRECISION: Mapping[bool | str, Instead] = {
    True: {}, False: dict.fromkeys((*_EXACT, keep_digits)), "everywhere": {keep_rests: partial(keep_rests, everywhere=True)}}
"""Where what rounding loses of arguments is put back."""

AS_DECLARED: Instead = dict.fromkeys(
    (stabilise, keep_chains, drop_opposites, *_EXACT, keep_limits, keep_infinities, divide_twice, keep_digits, keep_in_range, keep_still))
"""Without the rules of stability."""
