"""Contraction order: sums of products become single sum-products, which become products of two in a cheap order.

A product inside a sum is taken into it, so that W[c,j] x[i,j] summed over j is one matrix product and no array over
c, i and j is ever made.  Products of many become chains of two, so that n factors cost 3n to differentiate and not n^2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import sympy as sp

from symgrad.graph.bounds import Bounds
from symgrad.graph.graph import Graph
from symgrad.graph.labels import Label, nominal
from symgrad.graph.program import Program, rebuild
from symgrad.graph.rows import Ref, Row
from symgrad.rewrite.deviations import beside_deviations, unmasked


def contract(program: Program) -> Program:
    """The program with nested sum-products merged and split into pairs; as it is where there is nothing to merge or to split."""
    if not any(map(_may_change, map(program.graph.rows.__getitem__, program.live()))):
        return program
    shared, made = _shared(program), Graph()
    inside, opened = _inside(program, shared), set[int]()
    bounds = Bounds(made)

    def remake(graph: Graph, index: int, row: Row, refs: list[Ref], labels: list[Label]) -> Ref | None:
        if row.op == "sum":
            return _opened(graph, row, refs, shared)
        if row.op != "product":
            return None
        over = [label for local, label in enumerate(labels) if local not in row.keep]
        if index in inside:
            whole = graph.product(row.payload, refs, over)
            opened.add(whole.row)
            return whole
        if not over and len(refs) <= 2:
            return None
        coefficient, operands = row.payload, refs
        if over and len(refs) == 1:
            rest = beside_deviations(graph, refs[0], over)
            if rest is not None:
                return _paired(graph, coefficient * rest[0], rest[1], over)
            spread = _spread(graph, coefficient, refs[0], over, bounds) if row.args[0] not in shared else None
            if spread is not None:
                return spread
        if over:
            coefficient, operands, over = _absorbed(graph, coefficient, unmasked(graph, operands, over), over, row, shared, opened)
        return _paired(graph, coefficient, operands, over)

    return rebuild(program, remake, made)


def _may_change(row: Row) -> bool:
    """Whether a row is a product of more than two or under a sum, or a sum of what deltas may place."""
    return (row.op == "product" and (len(row.args) > 2 or len(row.keep) < len(row.sizes))) or (row.op == "sum" and bool(row.sizes))


def _spread(graph: Graph, coefficient: sp.Expr, ref: Ref, over: list[Label], known: Bounds) -> Ref | None:
    """The sum of a sum as the sum of sums, where one of them is a scalar product then and none of them can cancel another."""
    row = graph[ref]
    if row.op != "sum" or not set(over) <= set(ref.labels) or row.payload[1] != 0:
        return None
    terms = list(zip(row.payload[0], graph.operands(ref), strict=True))
    if not all(c.is_positive and known.of(term.row) for c, term in terms) or not all(set(over) <= set(term.labels) for _, term in terms):
        return None
    if not any(graph[term].op == "product" or graph[term].calls("square") for _, term in terms):
        return None
    return graph.sum(sp.S.Zero, [(coefficient * c, _summed(graph, term, over)) for c, term in terms])


def _summed(graph: Graph, term: Ref, over: list[Label]) -> Ref:
    """The sum of a term over labels; of a square as the product with itself."""
    operands = graph.operands(term) * 2 if graph[term].calls("square") else [term]
    return _paired(graph, sp.S.One, operands, over)


def _shared(program: Program) -> set[int]:
    """Rows that more than one live row or an output needs: they stay rows of their own."""
    seen: set[int] = set(program.roots())
    shared: set[int] = set(program.roots())
    for index in program.live():
        for arg in set(program.graph.rows[index].args):
            (shared if arg in seen else seen).add(arg)
    return shared


def _inside(program: Program, shared: Collection[int]) -> set[int]:
    """Products of three or more, nothing summed, that one product alone needs which is summed, or is one of these: they are not made of pairs."""
    rows, found = program.graph.rows, set[int]()
    for index in sorted(program.live(), reverse=True):
        row = rows[index]
        if row.op == "product" and (index in found or len(row.keep) < len(row.sizes)):
            found.update(arg for arg in row.args if _is_long(rows[arg]) and arg not in shared and row.args.count(arg) == 1)
    return found


def _is_long(row: Row) -> bool:
    return row.op == "product" and len(row.args) > 2 and len(row.keep) == len(row.sizes)


def _opened(graph: Graph, row: Row, refs: Sequence[Ref], shared: set[int]) -> Ref | None:
    """Sums that only place numbers by deltas are placed in the sum that uses them alone; numbers before products go to their smaller part."""
    coefficients, constant = row.payload
    terms: list[tuple[sp.Expr, Ref]] = []
    for coefficient, ref, old in zip(coefficients, refs, row.args, strict=True):
        inner = graph[ref]
        if old in shared or row.args.count(old) > 1:
            terms.append((coefficient, ref))
        elif inner.op == "sum" and len(ref.labels) == len(row.keep) and any(graph.places(arg) for arg in inner.args):
            constant = constant + coefficient * inner.payload[1]
            terms.extend((coefficient * c, part) for c, part in zip(inner.payload[0], graph.operands(ref), strict=True))
        elif coefficient not in (1, -1) and _has_smaller_part(graph, inner):
            terms.append((sp.S.One, graph.product(coefficient, [ref])))
        else:
            terms.append((coefficient, ref))
    return graph.sum(constant, terms) if terms != list(zip(coefficients, refs, strict=True)) else None


def _has_smaller_part(graph: Graph, row: Row) -> bool:
    """Whether a row is a product, nothing summed, one of whose operands has fewer axes: that is where a number is cheapest."""
    if row.op != "product" or len(row.keep) < len(row.sizes) or any(graph.rows[arg].op == "onehot" for arg in row.args):
        return False
    return any(len(axes) < len(row.keep) for axes in row.axes)


def _absorbed(graph: Graph, coefficient: sp.Expr, refs: Sequence[Ref], over: list[Label], row: Row,
              shared: set[int], opened: Collection[int]) -> tuple[sp.Expr, list[Ref], list[Label]]:
    """Operands that are products of their own, or squares, are opened into the sum that uses them alone."""
    operands, over = [], list(over)
    waiting = [(ref, old not in shared and row.args.count(old) == 1) for ref, old in zip(refs, row.args, strict=True)][::-1]
    while waiting:
        ref, alone = waiting.pop()
        inner = graph[ref]
        if alone and inner.op == "product" and not _is_scaled(graph, inner):
            parts, labels = graph.open(ref)
            coefficient = coefficient * inner.payload
            waiting.extend((part, part.row in opened) for part in reversed(parts))
            over.extend(label for local, label in enumerate(labels) if local not in inner.keep)
        elif alone and inner.op == "map" and inner.payload[0] == "square" and ref.labels:
            operands.extend(graph.operands(ref) * 2)
        else:
            factor, ref = graph.scaled_twin(ref)
            coefficient = coefficient * factor
            operands.append(ref)
    return coefficient, operands, over


def _is_scaled(graph: Graph, row: Row) -> bool:
    """Whether a product is what a power of two brings into range: that has to be before it is multiplied."""
    return any(graph.rows[arg].calls("two_to") for arg in row.args)


def _paired(graph: Graph, coefficient: sp.Expr, refs: Sequence[Ref], over: Sequence[Label]) -> Ref:
    """One product after another: scalars first, then the pair whose result is cheapest to make."""
    merged = graph.product(sp.S.One, refs, over)
    row = graph[merged]
    if row.op != "product":
        return graph.product(coefficient, [merged])
    operands, labels = graph.open(merged)
    over = [label for local, label in enumerate(labels) if local not in row.keep]
    coefficient = coefficient * row.payload
    scalars = [ref for ref in operands if not ref.labels]
    arrays, writers = _read_first(graph, [ref for ref in operands if ref.labels], over)
    outside = [] if writers else [ref for ref in arrays if not set(ref.labels) & set(over)]
    if over and 0 < len(outside) < len(arrays):  # what does not run along the sum is multiplied after it
        inside = _paired(graph, sp.S.One, [ref for ref in arrays if ref not in outside], over)
        return _paired(graph, coefficient, [*scalars, *outside, inside], [])
    while len(arrays) > 2 or (writers and _is_nested(arrays)):
        coefficient, arrays = _merge_cheapest(graph, coefficient, arrays, writers, over)
    arrays += writers
    while len(scalars) > (1 if arrays else 2):
        scalars = [graph.product(sp.S.One, scalars[:2]), *scalars[2:]]
    carried = {label for ref in arrays for label in ref.labels}
    over = [label for label in over if label in carried]
    if scalars and arrays:
        return graph.product(coefficient, [*scalars, graph.product(sp.S.One, arrays, over)])
    return graph.product(coefficient, [*scalars, *arrays], over)


def _is_nested(arrays: Sequence[Ref]) -> bool:
    """Whether one of two arrays runs along all labels of the other."""
    if len(arrays) != 2:
        return False
    a, b = (set(ref.labels) for ref in arrays)
    return a <= b or b <= a


def _read_first(graph: Graph, refs: Sequence[Ref], over: Sequence[Label]) -> tuple[list[Ref], list[Ref]]:
    """Dense operands, those that a one-hot reads being read at once, and the one-hots that write into the result."""
    dense = [ref for ref in refs if graph[ref].op != "onehot"]
    hots = [ref for ref in refs if graph[ref].op == "onehot"]
    while True:
        hot = next((one for one in hots if _reads(one, hots, dense, over)), None)
        if hot is None:
            return dense, hots
        hots.remove(hot)
        target = hot.labels[-1]
        carrier = next(ref for ref in dense if target in ref.labels)
        dense.remove(carrier)
        dense.append(graph.product(sp.S.One, [carrier, hot], [target]))


def _reads(hot: Ref, hots: Sequence[Ref], dense: Sequence[Ref], over: Sequence[Label]) -> bool:
    """Whether a one-hot reads one dense operand, and no other one-hot needs the label that it places."""
    target = hot.labels[-1]
    alone = not any(target in other.labels for other in hots if other is not hot)
    return alone and target in over and sum(target in ref.labels for ref in dense) == 1


def _merge_cheapest(graph: Graph, coefficient: sp.Expr, refs: list[Ref], writers: Sequence[Ref],
                    over: Sequence[Label]) -> tuple[sp.Expr, list[Ref]]:
    """The two operands whose product is cheapest become one, summed over what nobody else carries.

    Of equally cheap pairs that one is taken which leaves fewer numbers, as M v does and u v^T does not, then one which may be had more than
    once: (P x)^T (P x) is one array times itself.
    Next comes one of different rows: X^T (X V) has fewer operations than (X^T X) V wherever V has fewer columns than X; and numbers stay in
    the range longer if they are squared late.
    A coefficient joins the first array that is smaller than the result.
    """
    pairs = [(a, b) for a in range(len(refs)) for b in range(a + 1, len(refs))]
    alike = Counter(_alike(refs[a], refs[b]) for a, b in pairs)
    carriers = Counter(label for ref in (*refs, *writers) for label in ref.labels)
    lasting = {label for label in carriers if label not in over}
    a, b = min(pairs, key=lambda pair: _price(refs[pair[0]], refs[pair[1]], alike, carriers, lasting, graph))
    rest = [ref for k, ref in enumerate(refs) if k not in (a, b)]
    elsewhere, both = _labels([*rest, *writers]), _labels([refs[a], refs[b]])
    gone = [label for label in both if label in over and label not in elsewhere]
    result = [label for label in _labels(refs) if label not in over]
    repeated, known = alike[_alike(refs[a], refs[b])] > 1, len(graph.rows)
    made = graph.product(sp.S.One, [refs[a], refs[b]], gone)
    if gone or repeated or made.row < known or _volume(both) >= _volume(result):
        return coefficient, [made, *rest]
    return sp.S.One, [graph.product(coefficient, [refs[a], refs[b]]), *rest]


def _price(a: Ref, b: Ref, alike: Counter, carriers: Counter, lasting: Collection[Label], graph: Graph) -> tuple:
    both = _labels([a, b])
    left = [label for label in both if label in lasting or carriers[label] > (label in a.labels) + (label in b.labels)]
    return _volume(both), _volume(left), -alike[_alike(a, b)], _holds(graph, a.row, b.row) or _holds(graph, b.row, a.row)


def _holds(graph: Graph, whole: int, part: int, depth: int = 3) -> bool:
    """Whether a row is another one, or a product that has it among its factors."""
    row = graph.rows[whole]
    return whole == part or (depth > 0 and row.op == "product" and any(_holds(graph, arg, part, depth - 1) for arg in row.args))


def _alike(a: Ref, b: Ref) -> tuple:
    """What two products have in common that are one row."""
    a, b = sorted((a, b), key=lambda ref: ref.row)
    return a.row, b.row, *(a.labels.index(label) if label in a.labels else None for label in b.labels)


def _labels(refs: Iterable[Ref]) -> dict[Label, None]:
    return dict.fromkeys(label for ref in refs for label in ref.labels)


def _volume(labels: Iterable[Label]) -> int:
    total = 1
    for label in labels:
        total *= nominal(label.size)
    return total
