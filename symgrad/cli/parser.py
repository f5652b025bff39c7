"""The grammar of the command line, with help that teaches.

A command's module is imported when the command runs, so that help costs no SymPy import.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from importlib import import_module

from symgrad.version import __version__

TABLES, PICTURES = ("text", "md", "latex", "html", "json"), ("svg", "mermaid")
"""The formats of tables and graphs."""

POINTS = 200
"""How many points accuracy takes, about."""

_INTRODUCTION = "Compile SymPy models and losses to readable NumPy derivative code, and see how the derivatives come about."

_EXAMPLES = """
a file of declarations, lecture.py:

  import sympy as sp, symgrad as sg
  W, X, y = sp.symbols("W X y", real=True)
  loss = sg.compile(-y*sp.log(1/(1 + sp.exp(-W*X))), wrt=W, name="logistic")

what can be done with it:

  symgrad table lecture.py                            the rows xi_1, xi_2, … and their local partials
  symgrad table lecture.py --at W=3 X=3 y=1           the same with numbers, forward
  symgrad table lecture.py --at W=3 X=3 y=1 --mode reverse
  symgrad graph lecture.py -o loss.svg                the computation graph
  symgrad check lecture.py --at W=3 X=3 y=1           the gradient against a numeric one
  symgrad gallery                                     the systems of five lectures
  symgrad compile lecture.py -o generated/            writes generated/logistic.py, which needs only NumPy

symgrad COMMAND --help says more.
"""

_TARGET = "a Python file of declarations, and the variable or model in it; NAME may be left out where the file has only one"
_AT = "the point: a number (3, 1/3, 0.5) or a list ([1,2,3]) for each input; values are read, never executed"

_COMPILE = """
examples:
  symgrad compile models.py                   every model of the file, to generated/
  symgrad compile models.py:net -o code/      one of them
  symgrad compile models.py --style flat      one line a row, as in a textbook
"""

_TABLE = """
examples:
  symgrad table lecture.py:loss
  symgrad table lecture.py:loss --at W=3 X=3 y=1 --mode reverse
  symgrad table lecture.py:loss --level named           only the intermediates that where= names
  symgrad table lecture.py:loss --stage compiled        the rows that really run, after rewriting
  symgrad table lecture.py:loss --format latex > table.tex
"""

_GRAPH = """
examples:
  symgrad graph lecture.py:loss -o loss.svg
  symgrad graph lecture.py:loss --at W=3 X=3 y=1 -o loss.svg      with numbers on the edges
  symgrad graph lecture.py:loss --format mermaid
"""

_PLAN = """
examples:
  symgrad plan models.py:mixture                        stages, block, buffers, operations and bytes
  symgrad plan models.py:mixture --entry hvp --sizes n=1000000 K=5
"""

_CHECK = """
examples:
  symgrad check lecture.py                    every model, each at a small built-in point
  symgrad check lecture.py:loss --at W=0.3 X=1.2 y=1
  symgrad check models.py:net --data batch.npz          arrays by name, as numpy.savez writes them

The exit code is 0 where all gradients agree and 1 where one does not.
"""

_ACCURACY = """
examples:
  symgrad accuracy lecture.py --domain W=-1e4:1e4 --at X=3 y=1      errors in ulp, as declared and rewritten
  symgrad accuracy lecture.py --domain W=-50:50 X=-2:2 --points 400 --plot errors.png

An ulp is the distance to the next double.  The truth is found by mpmath at the exact doubles.
"""

_GALLERY = """
examples:
  symgrad gallery                     every entry with its status: compiled, gradient error, ω
  symgrad gallery M7                  one entry: formula, table, check, code, and what running it finds
  symgrad gallery A4 O7 --plot .demo  the figures of entries too, as PNG
  symgrad gallery --slips             what the lectures print wrong, and the number that decides

ω is the operations of value and gradient over those of the value alone.
The exit code is 1 where something does not come out as it should.
"""

_DEMO = """
Logistic regression on breast cancer data and a neural network on handwritten digits, both bundled with scikit-learn:
the derivation table, the generated modules, the gradient checks, the training, the experiments of the gallery, and an
HTML report.
Needs pip install 'symgrad[demo]'.
"""


def build() -> ArgumentParser:
    """The parser; each command leaves its function in `run`."""
    parser = ArgumentParser(prog="symgrad", description=_INTRODUCTION, epilog=_EXAMPLES, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"symgrad {__version__}")
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_compile(_command(parsers, "compile", "write derivative code as NumPy modules", _COMPILE))
    _add_table(_command(parsers, "table", "print the derivation, row by row", _TABLE))
    _add_graph(_command(parsers, "graph", "draw the computation graph", _GRAPH))
    _add_plan(_command(parsers, "plan", "say how the fast code runs: stages, blocks and buffers", _PLAN))
    _add_check(_command(parsers, "check", "compare gradients with numeric ones", _CHECK))
    _add_gallery(_command(parsers, "gallery", "the systems of five lectures, each compiled, checked and run", _GALLERY))
    _add_accuracy(_command(parsers, "accuracy", "measure errors of value and derivatives over a domain", _ACCURACY))
    _add_demo(_command(parsers, "demo", "train two models on real data, and write a report", _DEMO))
    return parser


def _command(parsers, name: str, summary: str, epilog: str) -> ArgumentParser:
    return parsers.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".", epilog=epilog,
                              formatter_class=RawDescriptionHelpFormatter)


def _later(module: str, function: str) -> Callable[[Namespace], int]:
    """A command whose module is imported when it runs."""
    return lambda options: getattr(import_module(f"symgrad.cli.{module}"), function)(options)


def _add_target(parser: ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE[:NAME]", help=_TARGET)


def _add_point(parser: ArgumentParser) -> None:
    parser.add_argument("--at", metavar="NAME=VALUE", nargs="+", action="extend", default=[], help=_AT)


def _add_compile(parser: ArgumentParser) -> None:
    _add_target(parser)
    parser.add_argument("-o", "--output", metavar="FOLDER", default="generated", help="where the modules go (default: generated)")
    parser.add_argument("--style", choices=["fast", "flat"], help="how the code is written (default: as the file says)")
    parser.set_defaults(run=_later("commands", "compile_models"))


def _add_plan(parser: ArgumentParser) -> None:
    _add_target(parser)
    parser.add_argument("--entry", default="value_and_grad", help="which function (default: value_and_grad)")
    parser.add_argument("--sizes", metavar="NAME=NUMBER", nargs="+", action="extend", default=[], help="sizes to count operations at")
    parser.set_defaults(run=_later("commands", "plan"))


def _add_table(parser: ArgumentParser) -> None:
    _add_target(parser)
    _add_point(parser)
    parser.add_argument("--mode", choices=["forward", "reverse"], default="forward", help="tangents or adjoints (default: forward)")
    parser.add_argument("--level", choices=["xi", "named"], default="xi", help="all rows, or only the named ones (default: xi)")
    parser.add_argument("--stage", choices=["declared", "compiled"], default="declared", help="as written, or as it runs (default: declared)")
    parser.add_argument("--format", choices=TABLES, default="text", help="default: text")
    parser.set_defaults(run=_later("commands", "table"))


def _add_graph(parser: ArgumentParser) -> None:
    _add_target(parser)
    _add_point(parser)
    parser.add_argument("--format", choices=PICTURES, default="svg", help="default: svg")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there instead of printing it")
    parser.set_defaults(run=_later("commands", "graph"))


def _add_check(parser: ArgumentParser) -> None:
    _add_target(parser)
    _add_point(parser)
    parser.add_argument("--data", metavar="FILE.npz", help="arrays by the names of the inputs")
    parser.set_defaults(run=_later("commands", "check"))


def _add_accuracy(parser: ArgumentParser) -> None:
    _add_target(parser)
    parser.add_argument("--domain", metavar="NAME=LOW:HIGH", nargs="+", action="extend", default=[], required=True,
                        help="the inputs that are moved, and where")
    _add_point(parser)
    parser.add_argument("--points", metavar="N", type=int, default=POINTS, help=f"about how many points (default: {POINTS})")
    parser.add_argument("--plot", metavar="FILE", help="draw the errors, with Matplotlib")
    parser.set_defaults(run=_later("accuracy", "accuracy"))


def _add_gallery(parser: ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="*", help="entries to show, such as T3 or M7; none lists them all")
    parser.add_argument("--slips", action="store_true", help="print every slip of the lectures")
    parser.add_argument("--plot", metavar="FOLDER", help="write the figures of the entries there")
    parser.set_defaults(run=_later("gallery", "gallery"))


def _add_demo(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FOLDER", default=".demo", help="where modules and report go (default: .demo)")
    parser.set_defaults(run=_later("demonstration", "run_demo"))
