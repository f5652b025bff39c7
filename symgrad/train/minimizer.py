"""SciPy's minimisers with exact gradients, and with exact second derivatives where the method takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from symgrad.errors import InputError, MissingExtraError, OptionError, explain
from symgrad.runtime.flat import Flat
from symgrad.runtime.functions import Functions
from symgrad.runtime.names import by_name
from symgrad.train.model import Model

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

WITHOUT_GRADIENT = ("nelder-mead", "powell", "cobyla", "cobyqa")
WITH_PRODUCTS = ("newton-cg", "trust-ncg", "trust-krylov", "trust-constr")
WITH_HESSIAN = ("dogleg", "trust-exact")


def minimize(f: Functions | Model, params: Mapping, data: Mapping | None = None, method: str | Callable = "L-BFGS-B", *, fixed: Iterable = (),
             bounds: Mapping | None = None, **scipy: Any) -> OptimizeResult:
    """The minimum of a scalar function over its parameters, by scipy.optimize.minimize.

    f: a compiled function or a loaded module; of a Model its loss.
    params: where to start, by name or symbol; data: every other input.
    method: a method of SciPy; it gets gradients, Hessian products or the Hessian, whichever it takes.
    fixed: params that keep their value.  bounds: by name, a pair (low, high) of scalars or arrays; None is no bound.
    scipy: further arguments, such as tol, options, callback, constraints.

    Returns SciPy's OptimizeResult with one more entry, `params`: the parameters by name, fixed ones too.
    Raises InputError for a missing or unknown name, MissingExtraError without SciPy.
    """
    flat = (f.loss if isinstance(f, Model) else f).flat(params, data, fixed=fixed)
    limits = _bounds(flat, bounds)
    try:
        from scipy import optimize
    except ImportError:
        raise MissingExtraError(explain("minimize needs SciPy, which is not installed", "", "Install it by: pip install symgrad[scipy]")) from None
    try:
        result = optimize.minimize(flat.fun, flat.x0, method=method, bounds=limits, **{**_derivatives(flat, method), **scipy})
    except ValueError as error:
        if "Unknown solver" in str(error):
            raise OptionError(explain(f"method={method!r} is not known", "A method of scipy.optimize.minimize is required")) from None
        raise
    found = {**flat.constants, **flat.unpack(result.x)}
    result.params = {name: found[name] for name in by_name(params)}
    return result


def _derivatives(flat: Flat, method: str | Callable) -> dict[str, Callable]:
    name = method.lower() if isinstance(method, str) else ""
    if name in WITHOUT_GRADIENT:
        return {}
    if name in WITH_PRODUCTS:  # SciPy prefers a hess that the user passes to these products
        return {"jac": flat.jac, "hessp": flat.hessp}
    return {"jac": flat.jac, "hess": flat.hess} if name in WITH_HESSIAN else {"jac": flat.jac}


def _bounds(flat: Flat, bounds: Mapping | None) -> list[tuple[float, float]] | None:
    if bounds is None:
        return None
    low, high = {}, {}
    for name, pair in by_name(bounds).items():
        if name not in flat.names:
            raise InputError(explain(f"bounds names {name}", f"The parameters that vary are {', '.join(flat.names)}"))
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise InputError(explain(f"the bounds of {name} are {pair!r}", "A pair (low, high) is required, None for no bound"))
        low[name], high[name] = -np.inf if pair[0] is None else pair[0], np.inf if pair[1] is None else pair[1]
    return list(zip(flat.pack(low, -np.inf), flat.pack(high, np.inf), strict=True))
