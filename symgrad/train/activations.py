"""Which quantities of a declaration are layers: an elementwise function of a pre-activation, found in the definitions of `where`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from symgrad.declare.binders import MaxOver
from symgrad.declare.declaration import Declared
from symgrad.declare.scan import Definition, name_of
from symgrad.train.prediction import Pair, names_in

u = sp.Symbol("u", real=True)
"""The pre-activation in the formula of an activation."""


@dataclass(frozen=True)
class Layer:
    """One layer: the name of its activation and of its pre-activation, and the function between them, in u.

    `title` is the activation in words.  A maxout, whose gradient goes to the larger piece unchanged, counts as the function u
    of its own output.
    `probe` is an input that is added to the pre-activation, so that the gradient with respect to it is the layer's delta.
    `weights` are the parameters by which the pre-activation multiplies, without those of earlier layers.
    """

    name: str
    pre: str
    activation: sp.Expr
    probe: sp.Basic
    weights: tuple[str, ...]
    title: str


def layers_of(declared: Declared) -> tuple[list[Layer], list[Pair]]:
    """The layers from the input on, and `where` with every pre-activation named and probed."""
    names = {d.name for d in declared.definitions}
    taken = set(declared.arguments) | names
    layers, pairs, probed = [], {d.name: (d.left, d.right) for d in declared.definitions}, set()
    for definition in _in_order(declared.definitions):
        found = _activation(definition, declared, names)
        largest = found is None and _is_maxout(definition, names | set(declared.arguments))
        if found is None and not largest:
            continue
        function, core = found or (u, definition.left)
        before = definition.name if largest else _defined(core, definition, pairs)
        if before is None:
            before = _fresh(f"pre_{definition.name}", taken)
            pairs[before] = (_renamed(definition.left, before, _shape(definition, declared)), core)
            pairs[definition.name] = (definition.left, _applied(definition, function, pairs[before][0]))
        if before in probed:  # a second function of the same pre-activation has no delta of its own
            continue
        probe = _probe(_fresh(f"probe_{before}", taken), pairs[before][0], definition, declared)
        weights = _weights(before, declared, pairs, layers)
        left, right = pairs[before]
        pairs[before] = (left, right + (probe[left.indices] if isinstance(left, sp.Indexed) else probe))  # type: ignore[operator, index]
        probed.add(before)
        layers.append(Layer(definition.name, before, function, probe, weights, "maxout" if largest else str(function)))
    return layers, list(pairs.values())


def _in_order(definitions: Sequence[Definition]) -> list[Definition]:
    """Definitions after those that they speak of."""
    waiting, done, order = list(definitions), set(), []
    names = {d.name for d in definitions}
    while waiting:
        ready = [d for d in waiting if not (names_in([d.right]) & names) - done]
        order.extend(ready)
        done |= {d.name for d in ready}
        waiting = [d for d in waiting if d.name not in done]
    return order


def _activation(definition: Definition, declared: Declared, names: set[str]) -> tuple[sp.Expr, sp.Basic] | None:
    """(the function in u, the pre-activation) of a definition that is a function of one, None where it is none or linear."""
    right = definition.right
    if isinstance(right, ElementwiseApplyFunction):
        return _curved(right.function(u), right.expr, declared, names)
    if isinstance(right, MaxOver) or definition.is_matrix or getattr(right, "is_Matrix", False):
        return None
    inputs = set(declared.arguments)
    core = _core(right, names | inputs)
    if core == right and len(names_in([right]) & names) == 1:  # a trained slope, as in parametric relu, is no pre-activation
        core = _core(right, names)
    function = right.xreplace(_multiples(right, core))
    return None if function.has(sp.Indexed, sp.Sum) else _curved(function, core, declared, names)


def _is_maxout(definition: Definition, variables: set[str]) -> bool:
    """Whether a definition is the largest of several quantities: over a letter, of scalars, or of matrices by cases."""
    right = definition.right
    if isinstance(right, sp.Max):
        return sum(bool(names_in([arg]) & variables) for arg in right.args) > 1
    cases = right.atoms(ElementwiseApplyFunction) if isinstance(right, sp.MatrixExpr) else ()
    return isinstance(right, MaxOver) or any(one.function(u).has(sp.Heaviside) for one in cases)


def _curved(function: sp.Expr, core: sp.Basic, declared: Declared, names: set[str]) -> tuple[sp.Expr, sp.Basic] | None:
    """The pair, where the function is not affine and the pre-activation depends on a parameter or an earlier quantity."""
    depends = bool(names_in([core]) & (names | set(declared.wrt)))
    return (function, core) if depends and function.diff(u).has(u) else None


def _core(right: sp.Basic, variables: set[str]) -> sp.Basic:
    """The smallest expression inside which all variables of a right side stand."""
    node = right
    while not isinstance(node, (sp.Indexed, sp.Symbol, sp.Sum)):
        holding = {child for child in _values(node) if names_in([child]) & variables}
        if len(holding) != 1:
            return _common(right, variables) or node
        node, = holding
    return node


def _common(right: sp.Basic, variables: set[str]) -> sp.Basic | None:
    """One expression that stands in several places, as in Piecewise((z, z > 0), …), and holds all variables."""
    for node in sp.postorder_traversal(right):
        if isinstance(node, (sp.Add, sp.Mul, sp.Sum, sp.Indexed, sp.Symbol)) and names_in([node]) & variables:
            rest = right.xreplace(_multiples(right, node))
            if rest != u and not names_in([rest]) & variables and not rest.has(sp.Indexed, sp.Sum):
                return node
    return None


def _multiples(right: sp.Basic, node: sp.Basic) -> dict[sp.Basic, sp.Expr]:
    """The node as u, and sums that are a number times it, since SymPy multiplies numbers into sums: b/10 + s/10 as u/10."""
    found: dict[sp.Basic, sp.Expr] = {node: u}
    terms = node.as_coefficients_dict() if isinstance(node, sp.Add) else {}
    for other in right.atoms(sp.Add) if terms else ():
        others = other.as_coefficients_dict()
        ratios = {others[term] / terms[term] for term in terms} if set(others) == set(terms) else set()
        if len(ratios) == 1:
            found[other] = ratios.pop() * u
    return found


def _values(node: sp.Basic) -> list[sp.Basic]:
    """The operands of a node, those of a Piecewise with their conditions."""
    return [part for arg in node.args for part in (arg.args if isinstance(arg, sp.functions.elementary.piecewise.ExprCondPair) else (arg,))]


def _defined(core: sp.Basic, definition: Definition, pairs: Mapping[str, Pair]) -> str | None:
    """The name of `where` that the pre-activation already has, letter for letter."""
    if not isinstance(core, (sp.Indexed, sp.Symbol, sp.MatrixSymbol)):
        return None
    name = name_of(core.base if isinstance(core, sp.Indexed) else core)
    if name not in pairs:
        return None
    same = not isinstance(core, sp.Indexed) or set(core.indices) == set(definition.letters) == set(pairs[name][0].indices)
    return name if same else None


def _applied(definition: Definition, function: sp.Expr, pre: sp.Basic) -> sp.Basic:
    return pre.applyfunc(sp.Lambda(u, function)) if definition.is_matrix else function.xreplace({u: pre})  # type: ignore[union-attr]


def _shape(definition: Definition, declared: Declared) -> tuple[sp.Expr, ...]:
    """The shape of a definition as declared, without the samples of batch=."""
    if definition.is_matrix:
        return definition.left.shape  # type: ignore[attr-defined]
    sizes = [axis.size for axis in declared.program.names[definition.name][1]]
    return tuple(sizes[-len(definition.letters):]) if definition.letters else ()


def _renamed(left: sp.Basic, name: str, shape: tuple[sp.Expr, ...]) -> sp.Basic:
    if isinstance(left, sp.MatrixSymbol):
        return sp.MatrixSymbol(name, *shape)
    return sp.IndexedBase(name, shape=shape)[left.indices] if isinstance(left, sp.Indexed) else sp.Symbol(name, real=True)


def _probe(name: str, left: sp.Basic, definition: Definition, declared: Declared) -> sp.Basic:
    shape = _shape(definition, declared)
    if isinstance(left, sp.MatrixSymbol):
        return sp.MatrixSymbol(name, *left.shape)
    if not isinstance(left, sp.Indexed):
        return sp.Symbol(name, real=True)
    by_letter = dict(zip(definition.letters, shape, strict=True))
    return sp.IndexedBase(name, shape=tuple(by_letter[letter] for letter in left.indices))


def _weights(pre: str, declared: Declared, pairs: Mapping[str, Pair], layers: Sequence[Layer]) -> tuple[str, ...]:
    """The parameters that a pre-activation multiplies by something: arrays, and numbers whose slope is no constant."""
    earlier, found, waiting = {layer.name for layer in layers}, [], [pre]
    while waiting:
        right = pairs[waiting.pop()][1]
        for name in sorted(names_in([right])):
            symbol = declared.symbols.get(name)
            added = isinstance(symbol, sp.Symbol) and name in declared.wrt and not right.diff(symbol).free_symbols
            if name in declared.wrt and not added:
                found.append(name)
            if name in pairs and name not in earlier:
                waiting.append(name)
    return tuple(dict.fromkeys(found))


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name
