"""Pictures of computation graphs: valid, escaped, complete, and with the right numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
import sympy as sp

import symgrad as sg
from symgrad.errors import InputError, OptionError
from symgrad.gallery.models import MODELS
from symgrad.gallery.tables import TABLES
from symgrad.inspect.layout import places

SVG = "{http://www.w3.org/2000/svg}"


def gates():
    return TABLES["T7"].declare().graph(at=TABLES["T7"].point)


def test_gates_carry_upstream_local_and_downstream():
    g = gates()
    edges = {(e.source, e.target): (e.upstream, e.local, e.downstream) for e in g.edges}
    assert edges == {("x", "q"): (-4, 1, -4), ("y", "q"): (-4, 1, -4), ("z", "xi_2"): (1, 3, 3), ("q", "xi_2"): (1, -4, -4)}
    assert {n.name: n.value for n in g.nodes} == {"x": -2, "y": 5, "z": -4, "q": 3, "xi_2": -12}


def test_gates_as_golden_files(golden):
    g = gates()
    golden("tables/T7.svg", g.to_svg())
    golden("tables/T7.mmd", g.to_mermaid())


def test_symbolic_edges_show_partials_and_coefficients_are_plain_edges():
    g = sg.compile(TABLES["T1"].declare().declared.expressions[0], wrt="W").graph()
    labels = {(e.source, e.target): e.partial for e in g.edges}
    assert labels["W", "xi_1"] == "-X" and labels["xi_3", "xi_4"] == "-1/xi_3**2" and labels["y", "xi_6"] == ""


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("level", ["xi", "named"])
def test_every_model_draws_every_node_inside_the_picture(model, level):
    f = MODELS[model]()
    for at in (None, f.example()):
        g = f.graph(at=at, level=level)
        root = ET.fromstring(g.to_svg())
        boxes = root.findall(f".//{SVG}rect")
        assert len(boxes) == len(g.nodes) and len(root.findall(f"./{SVG}g/{SVG}path")) == len(g.edges)
        corners = [(float(b.get("x")), float(b.get("y"))) for b in boxes]
        assert len(set(corners)) == len(corners)
        width, height = float(root.get("width")), float(root.get("height"))
        assert all(x >= 0 and x + 150 <= width and y_ >= 0 and y_ + 46 <= height for x, y_ in corners)
        assert {e.source for e in g.edges} | {e.target for e in g.edges} <= {n.name for n in g.nodes}


def test_edges_run_from_left_to_right():
    for model in MODELS.values():
        g = model().graph()
        above: dict[str, list[str]] = {}
        for edge in g.edges:
            above.setdefault(edge.target, []).append(edge.source)
        spots = places([n.name for n in g.nodes], above)
        assert all(spots[e.source][0] < spots[e.target][0] for e in g.edges)


def test_hostile_names_cannot_break_out():
    bad = sp.Symbol('"]; <script>alert(1)</script> & \x00', real=True)
    g = sg.compile(sp.exp(bad), wrt=bad).graph(at={bad: 0.0})
    ET.fromstring(g.to_svg())
    assert "<script>" not in g.to_svg() and "<script>" not in g.to_mermaid()
    for line in g.to_mermaid().splitlines()[1:]:
        assert re.fullmatch(r'\s+n\d+(\(\["[^"]*"\]\)|\["[^"]*"\]| -->(\|"[^"]*"\|)? n\d+)', line), line


def test_wrong_options_and_points():
    f = TABLES["T7"].declare()
    with pytest.raises(OptionError, match="stage"):
        f.graph(stage="raw")
    with pytest.raises(InputError, match="y"):
        f.graph(at={"x": 1.0, "z": 1.0})
