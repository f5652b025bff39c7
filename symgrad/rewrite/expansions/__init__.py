"""Rows that lose their digits beside a number or at infinity, written as polynomials there.

values computes rows to many digits and as doubles round them, resting says what they rest on, dimensions and groups bring several inputs
to one, centres and ends say where to look, chebyshev interpolates, fits finds the polynomials that doubles keep, decays those beside an
exponential, and expanding is the pass.
"""
