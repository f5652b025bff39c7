"""Tables and graph pictures of a compiled declaration: where the rooms derive, rewrite, emit and inspect meet."""

from symgrad.views.entry import graph, table
from symgrad.views.formulas import row_formulas

__all__ = ["graph", "row_formulas", "table"]
