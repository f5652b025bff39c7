"""Tables and graph pictures of a compiled declaration: where the rooms derive, rewrite, emit and inspect meet."""

from symgrad.views.entry import graph, table

__all__ = ["graph", "table"]
