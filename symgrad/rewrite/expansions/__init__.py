"""Rows that lose their digits beside a number or at infinity, written as polynomials there.

values computes rows to many digits and as doubles round them, resting says what they rest on, dimensions and groups bring several inputs
to one, centres, singularities and ends say where to look, losses where digits are lost, ranges where code overflows or underflows,
chebyshev interpolates, fits finds the polynomials that doubles keep, decay and decays those beside an exponential, pieces puts them
together, and expanding is the pass.
"""
