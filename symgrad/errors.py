"""One class per kind of mistake.

Every message has three beats: what failed, what was required (found and expected, in the user's own names and
sizes), and what to do.  `explain` puts them together.
"""


class SymgradError(Exception):
    """Base of every error this package raises on purpose."""


class DeclarationError(SymgradError, ValueError):
    """The declaration itself is wrong: a name, a letter, a shape, a cycle."""


class ShapeError(DeclarationError):
    """Two shapes of a declaration do not go together, possibly with symbolic sizes."""


class UnsupportedError(SymgradError, TypeError):
    """The declaration holds something that has no compiled form, such as an unknown function."""


class InputError(SymgradError, ValueError):
    """A call got a wrong input: missing, extra, of a wrong rank, size or kind."""


class DerivativeError(SymgradError, ValueError):
    """A derivative was asked for that this result does not have, such as the gradient of a vector."""


class BadNameError(SymgradError, ValueError):
    """A model, function or file name that cannot be used."""


class OptionError(SymgradError, ValueError):
    """An option or hyper-parameter that does not exist or has a wrong value."""


class TrainingError(SymgradError, ArithmeticError):
    """Training cannot go on, such as a loss that is no longer a finite number."""


class NonFiniteError(SymgradError, ArithmeticError):
    """A result is infinite or nan although the inputs are finite, and the caller asked for an error."""


class NonFiniteWarning(RuntimeWarning):
    """A result is infinite or nan although the inputs are finite, and the caller asked for a warning."""


class MissingExtraError(SymgradError, ImportError):
    """An optional library is needed and not installed."""


def explain(failed: str, required: str = "", remedy: str = "") -> str:
    """The three beats of a message as one text: what failed: what was required.  What to do."""
    first = failed.strip().rstrip(".")
    second = required.strip().rstrip(".")
    text = f"{first}: {second}." if second and second[0].islower() else f"{first}. {second}." if second else f"{first}."
    last = remedy.strip()
    if not last:
        return text
    return f"{text} {last}" if last.endswith((".", "?", "!")) else f"{text} {last}."
