"""The demo: two models on real data, from their SymPy declaration to a trained classifier and a report."""

from symgrad.demo.run import main

__all__ = ["main"]
