"""How a check is written, and the guards under which it runs.

A check is a generator of :class:`~vaxlab.checks.result.Part`. The decorator
:func:`exercise` makes it a function of the learner's names that always returns a
:class:`~vaxlab.checks.result.Result`: nothing that a learner's code does there raises,
prints or warns, because nbgrader gives 0 for a warning and full points for silence.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, wraps
from typing import Any

from vaxlab.checks import border, notes
from vaxlab.checks.result import Outcome, Part, Result
from vaxlab.errors import CourseError
from vaxlab.plant.campaign import HISTORY_SEED


class Stop(Exception):
    """Ends a check: the parts that are left earn nothing, for the reason given.

    Where a learner's code raised something, or was stopped, it is in `raised`.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        *,
        called: str = "",
        got: str = "",
        look_at: str = "",
        raised: Exception | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.called = called
        self.got = got
        self.look_at = look_at
        self.raised = raised


class Answers:
    """The learner's names, as a check may see them."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._names = border.names(namespace)

    def value(self, name: str) -> Any:
        """Return the learner's ``name``.

        Raises
        ------
        Stop
            *Not attempted* where the name is missing or still the three dots, *not yet*
            where it is ``None``.
        """
        value = self._names.get(name, ...)
        if value is ...:
            raise Stop(
                Outcome.NOT_ATTEMPTED,
                f"Replace the three dots of `{name}` in the cell above, run it, then this cell.",
            )
        if value is None:
            raise Stop(Outcome.NOT_YET, f"`{name}` is None. Was its value ever assigned?")
        return value

    def function(self, name: str) -> Function:
        """Return the learner's function ``name``, made safe to call."""
        function = self.value(name)
        if not callable(function):
            raise Stop(
                Outcome.NOT_YET,
                f"`{name}` should be a function, but it is of type {border.kind(function)}. "
                f"Was the name used twice? Run the cell with `def {name}` again.",
            )
        tables = border.tables_read(function)
        if tables:
            raise Stop(
                Outcome.NOT_YET,
                f"`{name}` uses `{tables[0]}`, a table of the notebook. Use only what the function "
                "is given and make the rest inside: it is also called with another plant's data.",
            )
        return Function(name, function)


class Function:
    """A learner's function: its errors become one sentence and the line that matters."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self._function = function

    def __call__(self, *args: Any, shown: str = "…", if_none: str = "") -> Any:
        """Call it; ``shown`` is how its arguments are written in messages.

        ``if_none`` is said of None where the cause may be another than a forgotten ``return``.

        Raises
        ------
        Stop
            *Error in your code* where it raises or does not end, *not attempted* where it
            gives the three dots back, *not yet* where it returns ``None``.
        """
        called = f"{self.name}({shown})"
        try:
            answer = self._function(*args)
        except border.TooSlow as error:
            raise Stop(Outcome.ERROR, str(error), called=called, raised=error) from None
        except Exception as error:
            if getattr(error, "left_dots", False):
                raise Stop(
                    Outcome.NOT_ATTEMPTED,
                    f"There are still three dots in `{self.name}`. Replace each of them.",
                ) from None
            raise Stop(
                Outcome.ERROR,
                f"{type(error).__name__}: {_first_line(error)}{_advice(error)}",
                called=called,
                look_at=getattr(error, "learners_line", ""),
                raised=error,
            ) from None
        if _is_dots(answer):
            raise Stop(
                Outcome.NOT_ATTEMPTED,
                f"`{self.name}` still gives the three dots back. Replace them, run the cell, "
                "then run this cell.",
            )
        if answer is None:
            raise Stop(
                Outcome.NOT_YET,
                if_none or f"`{self.name}` gives nothing back. Is there a `return` at its end?",
                called=called,
            )
        unfinished = _unfinished(answer)
        if unfinished:
            raise Stop(Outcome.NOT_YET, f"`{self.name}` gives {unfinished}", called=called)
        return answer


def passed(label: str, points: float, message: str = "") -> Part:
    """Make a part that earns all its points."""
    return Part(label, Outcome.PASSED, points, points, message)


def not_yet(
    label: str,
    points: float,
    message: str,
    *,
    earned: float = 0.0,
    called: str = "",
    got: str = "",
    expected: str = "",
    look_at: str = "",
) -> Part:
    """Make a part that is still to be mended; ``earned`` is what the half-right answer is worth."""
    return Part(label, Outcome.NOT_YET, earned, points, message, called, got, expected, look_at)


def exercise(
    title: str, *, points: float
) -> Callable[[Callable[[Answers, int], Iterator[Part]]], Callable[..., Result]]:
    """Turn a generator of parts into the check of an exercise.

    Parameters
    ----------
    title : str
        As in the notebook's heading.
    points : float
        All points of the exercise; the parts that a right answer meets add up to it.

    Returns
    -------
    Callable
        ``check(globals(), plant_seed=...) -> Result``. Never raises.
    """

    def decorate(parts_of: Callable[[Answers, int], Iterator[Part]]) -> Callable[..., Result]:
        @wraps(parts_of)
        def check(namespace: Mapping[str, Any], *, plant_seed: int = HISTORY_SEED) -> Result:
            with _quiet() as printed, _seeded(_dice(plant_seed)):
                parts = tuple(
                    guarded("your answer", points, parts_of(Answers(namespace), plant_seed))
                )
            # What was printed about another plant's data is not the learner's to read.
            shown = printed.getvalue() if plant_seed == HISTORY_SEED else ""
            result = Result(title, parts, points, shown)
            if plant_seed == HISTORY_SEED:
                notes.note(parts_of.__module__, result)
            return result

        return check

    return decorate


def guarded(label: str, points: float, parts: Iterator[Part]) -> Iterator[Part]:
    """Yield parts; where they stop short, yield the reason as a part worth what is left.

    An exercise is guarded as a whole. Guard a group of its parts, worth ``points`` together,
    where the parts after them should be looked at all the same.
    """
    left = points
    try:
        for part in parts:
            left -= part.out_of
            yield part
    except Exception as error:
        yield _cut_short(error, label, left)


def _cut_short(error: Exception, label: str, left: float) -> Part:
    """Make the part that says why a check went no further."""
    cause: BaseException | None = error
    # What a learner's model does inside of scikit-learn comes wrapped in another error.
    while cause is not None and not isinstance(cause, Stop):
        cause = cause.__cause__
    if isinstance(cause, Stop):
        known = {"called": cause.called, "got": cause.got, "look_at": cause.look_at}
        return Part(label, cause.outcome, 0.0, left, cause.message, **known)
    if isinstance(error, CourseError):
        return Part("the course's files", Outcome.NOT_YET, 0.0, left, str(error))
    # An answer so odd that the check itself stumbles over it.
    return not_yet(
        label,
        left,
        "The check could not read this answer. Compare its type and shape with what the "
        "exercise asks for.",
        got=f"{type(error).__name__}: {_first_line(error)}",
    )


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    """Nothing that is printed, logged or warned inside gets out; what was printed is kept."""
    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    printed = io.StringIO()
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield printed
    finally:
        logging.disable(previous)


@lru_cache(maxsize=32)
def _dice(plant_seed: int) -> int:
    """Derive the seed of the random states that a learner's code is called with.

    It may read them. Of a hidden plant's seed they must tell nothing, not even to somebody who
    tries all seeds out: each try takes a hash that is slow on purpose. The key is the seed itself,
    so there is none to keep, and a submission meets the same states whenever it is graded.
    """
    if plant_seed == HISTORY_SEED:
        return plant_seed
    key = str(plant_seed).encode()
    return int.from_bytes(hashlib.scrypt(key, salt=b"dice", n=2**14, r=8, p=1, dklen=7), "big")


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Run the same code twice, get the same answer; afterwards the learner's state is back."""
    import numpy as np

    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    torch = sys.modules.get("torch")
    torch_state = torch.get_rng_state() if torch else None
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 (learners use the global state too)
    if torch:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        if torch:
            torch.set_rng_state(torch_state)


def _is_dots(answer: Any) -> bool:
    """Tell whether an answer is three dots, or is made of nothing else."""
    if isinstance(answer, tuple | list) and 0 < len(answer) < 100:
        return all(item is ... for item in answer)
    if hasattr(answer, "columns") and len(answer) and len(answer.columns):
        return all(answer[column].iloc[0] is ... for column in answer.columns)
    return answer is ...


_ITERATORS = [
    f"builtins.{name}" for name in ("generator", "map", "filter", "zip", "enumerate", "reversed")
]
_FUNCTIONS = ("builtins.function", "builtins.method", "builtins.builtin_function_or_method")


def _unfinished(answer: Any) -> str:
    """Say what an answer is, or a part of it, whose values are still to be worked out."""
    for item in (answer, *(answer if isinstance(answer, tuple | list) else ())):
        if not isinstance(item, border.Far):
            continue
        kind = border.kind(item)
        if "iterator" in kind or border.is_a(item, *_ITERATORS):
            return (
                f"a {kind}, which has worked nothing out yet. Wrap it in `list(...)`, or use "
                "square brackets."
            )
        if border.is_a(item, *_FUNCTIONS):
            name = item.__name__
            return f"the function `{name}` back, not its value. Are its brackets, `()`, missing?"
        if "GroupBy" in kind:
            return f"a {kind}: rows in groups, and nothing done with them. `.mean()`?"
        for method in ("compute", "collect"):  # of Dask, of Polars
            if hasattr(item, method):
                return f"a lazy {kind}: nothing is worked out before `.{method}()`."
    return ""


_ADVICE = (
    (
        "ambiguous",
        "On whole columns, `if`, `and`, `or`, `not`, `max` and `min` do not work. Use `abs`, "
        "`np.maximum`, `np.where`, and `&`, `|`, `~`.",
    ),
    ("for ^:", "Powers are written `**`."),
    # As 'or_', or as 'ror_' where the number stands first, as in `a > 4 | b < 2`; numpy's own.
    ("or_'", "Put each comparison in brackets: `(a > 4) | (b < 2)`."),
    ("and_'", "Put each comparison in brackets: `(a > 4) & (b < 2)`."),
    ("bitwise_", "Put each comparison in brackets: `(a > 4) | (b < 2)`."),
    ("between instances of 'str'", "Text was compared with a number: make a number of it first."),
    (
        "convert string to float",
        "Some text is no number yet: mind blanks, commas and signs. Names, such as those of lots, "
        "need a column each: `OneHotEncoder`, `pd.get_dummies`.",
    ),
    ("parse string", "Some text is no number yet: mind blanks, commas and signs."),
    ("No module named", "The course does without this package: use what the notebook imports."),
)
_ADVICE_BY_TYPE = {
    KeyError: "There is no column or label of this name. Is it misspelt?",
    RecursionError: "It calls itself without an end.",
    MemoryError: "It asks for more memory than there is. Does a table grow in a loop?",
}


def _advice(error: BaseException) -> str:
    """Return what helps with an error that beginners meet, or nothing."""
    text = str(error)
    fitting = [advice for sign, advice in _ADVICE if sign in text]
    fitting += [advice for kind, advice in _ADVICE_BY_TYPE.items() if isinstance(error, kind)]
    stop = "" if _first_line(error).endswith(".") else "."
    return f"{stop} {fitting[0]}" if fitting else ""


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:300]
