"""SymPy heads of the special functions: stable names for quantities whose textbook form cancels or overflows.

Each head knows its definition to any number of digits (`exact`, in mpmath) and its derivative in terms of heads that are
stable too (`slope`).  The double-precision code stands in runtime/special.
"""
