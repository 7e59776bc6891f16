"""How a check is written, and the guards under which it runs.

A check is a generator of :class:`~vaxlab.checks.result.Part`. The decorator
:func:`exercise` makes it a function of the learner's names that always returns a
:class:`~vaxlab.checks.result.Result`: nothing that a learner's code does there raises,
prints or warns, because nbgrader gives 0 for a warning and full points for silence.
"""

from __future__ import annotations

import contextlib
import dis
import io
import linecache
import logging
import random
import signal
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from vaxlab.checks.result import Outcome, Part, Result
from vaxlab.errors import CourseError
from vaxlab.plant.campaign import HISTORY_SEED

CALL_LIMIT_S = 30


class Stop(Exception):
    """Ends a check: the parts that are left earn nothing, for the reason given."""

    def __init__(
        self, outcome: Outcome, message: str, *, called: str = "", got: str = "", look_at: str = ""
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.called = called
        self.got = got
        self.look_at = look_at


class _TooSlow(BaseException):
    """Raised in the learner's code; not an Exception, so that ``except Exception`` lets it by."""


class Answers:
    """The learner's names, as a check may see them."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def value(self, name: str) -> Any:
        """Return the learner's ``name``.

        Raises
        ------
        Stop
            *Not attempted* where the name is missing or still the three dots, *not yet*
            where it is ``None``.
        """
        value = self._namespace.get(name, ...)
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
                f"`{name}` should be a function, but it is of type {type(function).__name__}. "
                f"Was the name used twice? Run the cell with `def {name}` again.",
            )
        tables = self._tables_used_by(function)
        if tables:
            raise Stop(
                Outcome.NOT_YET,
                f"`{name}` uses `{tables[0]}`, a table of the notebook. Use only what the function "
                "is given and make the rest inside: it is also called with another plant's data.",
            )
        return Function(name, function)

    def _tables_used_by(self, function: Callable[..., Any]) -> list[str]:
        """Return the names of the notebook's tables and arrays that a function reads."""
        codes, names = [getattr(function, "__code__", None)], set()
        while codes:
            code = codes.pop()
            if isinstance(code, types.CodeType):
                codes += code.co_consts
                reads = (step for step in dis.get_instructions(code) if "GLOBAL" in step.opname)
                names |= {step.argval for step in reads}
        return sorted(name for name in names if hasattr(self._namespace.get(name), "__array__"))


class Function:
    """A learner's function: its errors become one sentence and the line that matters."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self._function = function

    def __call__(self, *args: Any, shown: str = "…") -> Any:
        """Call it; ``shown`` is how its arguments are written in messages.

        Raises
        ------
        Stop
            *Error in your code* where it raises or does not end, *not attempted* where it
            gives the three dots back, *not yet* where it returns ``None``.
        """
        called = f"{self.name}({shown})"
        try:
            with _time_limit(CALL_LIMIT_S):
                answer = self._function(*args)
        except _TooSlow:
            raise Stop(
                Outcome.ERROR,
                f"It was stopped after {CALL_LIMIT_S} s. Is there a loop that never ends?",
                called=called,
            ) from None
        except (Exception, SystemExit) as error:
            if self._is_about_dots(error):
                raise Stop(
                    Outcome.NOT_ATTEMPTED,
                    f"There are still three dots in `{self.name}`. Replace each of them.",
                ) from None
            raise Stop(
                Outcome.ERROR,
                f"{type(error).__name__}: {_first_line(error)}{_advice(error)}",
                called=called,
                look_at=_learners_line(error),
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
                f"`{self.name}` gives nothing back. Is there a `return` at its end?",
                called=called,
            )
        unfinished = _unfinished(answer)
        if unfinished:
            raise Stop(Outcome.NOT_YET, f"`{self.name}` gives {unfinished}", called=called)
        return answer

    def _is_about_dots(self, error: BaseException) -> bool:
        """Tell whether an error comes from using three dots that were left as they stood."""
        if isinstance(error, AssertionError) and not str(error):
            code = getattr(self._function, "__code__", None)
            return code is not None and ... in code.co_consts
        return isinstance(error, Exception) and "ellipsis" in f"{error!r}".lower()


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
            with _quiet() as printed, _seeded(plant_seed):
                parts = tuple(
                    guarded("your answer", points, parts_of(Answers(namespace), plant_seed))
                )
            # What was printed about another plant's data is not the learner's to read.
            shown = printed.getvalue() if plant_seed == HISTORY_SEED else ""
            return Result(title, parts, points, shown)

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
    except Stop as stop:
        known = {"called": stop.called, "got": stop.got, "look_at": stop.look_at}
        yield Part(label, stop.outcome, 0.0, left, stop.message, **known)
    except CourseError as error:
        yield Part("the course's files", Outcome.NOT_YET, 0.0, left, str(error))
    except Exception as error:
        # An answer so odd that the check itself stumbles over it.
        yield not_yet(
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


@contextlib.contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """Interrupt what runs too long, where the system has an alarm (not on Windows)."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def too_slow(signum: int, frame: types.FrameType | None) -> None:
        raise _TooSlow

    previous = signal.signal(signal.SIGALRM, too_slow)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _is_dots(answer: Any) -> bool:
    """Tell whether an answer is three dots, or is made of nothing else."""
    if isinstance(answer, tuple | list) and 0 < len(answer) < 100:
        return all(item is ... for item in answer)
    if hasattr(answer, "columns") and len(answer) and len(answer.columns):
        return all(answer[column].iloc[0] is ... for column in answer.columns)
    return answer is ...


def _unfinished(answer: Any) -> str:
    """Say what an answer is, or a part of it, whose values are still to be worked out."""
    for item in (answer, *(answer if isinstance(answer, tuple | list) else ())):
        if isinstance(item, types.GeneratorType | map | filter | zip):
            return (
                f"a {type(item).__name__}, which has worked nothing out yet. Wrap it in "
                "`list(...)`, or use square brackets."
            )
        if isinstance(item, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
            name = item.__name__
            return f"the function `{name}` back, not its value. Are its brackets, `()`, missing?"
        kind = type(item)
        if hasattr(item, "aggregate") and not hasattr(item, "to_numpy"):
            return f"a {kind.__name__}: rows in groups, and nothing done with them. `.mean()`?"
        for method in ("compute", "collect"):  # of Dask, of Polars
            if hasattr(item, method):
                return f"a lazy {kind.__name__}: nothing is worked out before `.{method}()`."
    return ""


_ADVICE = (
    (
        "ambiguous",
        "On whole columns, `if`, `and`, `or`, `not`, `max` and `min` do not work. Use `abs`, "
        "`np.maximum`, `np.where`, and `&`, `|`, `~`.",
    ),
    ("for ^:", "Powers are written `**`."),
    ("'or_'", "Put each comparison in brackets: `(a > 4) | (b < 2)`."),
    ("'and_'", "Put each comparison in brackets: `(a > 4) & (b < 2)`."),
    ("between instances of 'str'", "Text was compared with a number: make a number of it first."),
    ("convert string to float", "Some text is no number yet: mind blanks, commas and signs."),
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
    return f". {fitting[0]}" if fitting else ""


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:300]


def _learners_line(error: BaseException) -> str:
    """Return the innermost line of the learner's own cells on the way to the error."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "ipykernel" in frame.filename or frame.filename.startswith("<"):
            line = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
            return f"line {frame.lineno} of your cell: {line}" if line else ""
    return ""
