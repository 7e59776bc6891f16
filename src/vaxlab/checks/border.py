"""The border between a learner's names and a check: the same in the notebook and in grading.

A check never touches a learner's value. It asks a `Line`; `Near` answers, on the learner's side.
Plain values cross as plain data (`vaxlab.checks.plain`); functions, models and whatever else is no
data stay where they are and are used from afar (`Far`). In a notebook both sides are one process;
in grading the line is a socket, and the learner's side is an interpreter that nobody trusts. So
what passes in the one passes in the other.
"""

from __future__ import annotations

import builtins
import contextlib
import dis
import io
import linecache
import logging
import pickle
import random
import signal
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from vaxlab.checks import plain

#: CPU time of one call, and its time on the clock: a busy machine costs nobody points.
CALL_LIMIT_S, CALL_WALL_S = 30, 90
MAX_NAMES = 100_000
_PRINTED_MAX = 10_000


class TooSlow(Exception):
    """A learner's code was stopped at the limit."""


class _Alarm(BaseException):
    """Raised in the learner's code; not an Exception, so that ``except Exception`` lets it by."""


# The learner's side ------------------------------------------------------------------------


class Near:
    """The learner's side: answers questions about names, and keeps what does not cross.

    Parameters
    ----------
    names
        The learner's names.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._kept: list[Any] = []

    def answer(
        self, question: Mapping[str, Any], buffers: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Answer one question: never raises for what a learner's code does."""
        printed = io.StringIO()
        try:
            with _quiet(printed), _time_limit():
                found = self._find(question, buffers)
                tree, data = plain.encode(found, self._keep)
        except _Missing:
            return {"missing": True}, []
        except _Alarm:
            return {"slow": True}, []
        except (Exception, SystemExit, GeneratorExit) as error:
            reply = {"error": _told(error, self._thing(question))}
            return reply | {"printed": printed.getvalue()[-_PRINTED_MAX:]}, []
        return {"value": tree, "printed": printed.getvalue()[-_PRINTED_MAX:]}, data

    def _find(self, question: Mapping[str, Any], buffers: list[bytes]) -> Any:
        asked = question["ask"]
        if asked == "names":
            return [str(name) for name in self._names]
        if asked == "name":
            if question["name"] not in self._names:
                raise _Missing
            return self._names[question["name"]]
        thing = self._thing(question)
        if asked == "tables read":
            return self._tables_read(thing)
        if asked == "copy":
            return _copied(thing)
        if asked == "attribute":
            return getattr(thing, question["name"])
        arguments, keywords, states = _Unpickler(io.BytesIO(buffers[0]), self._kept).load()
        if states:
            set_states(*states)
        return thing(*arguments, **keywords)

    def _thing(self, question: Mapping[str, Any]) -> Any:
        return self._kept[question["ref"]] if "ref" in question else None

    def _keep(self, value: Any) -> int:
        self._kept.append(value)
        return len(self._kept) - 1

    def _tables_read(self, function: Any) -> list[str]:
        """Return the names of the notebook's tables and arrays that a function reads."""
        import pandas as pd

        codes, names = [getattr(function, "__code__", None)], set()
        while codes:
            code = codes.pop()
            if isinstance(code, types.CodeType):
                codes += code.co_consts
                reads = (step for step in dis.get_instructions(code) if "GLOBAL" in step.opname)
                names |= {step.argval for step in reads}
        values = {name: self._names.get(name) for name in names}
        # A list of names of columns, which pandas calls an Index, holds no data.
        return sorted(
            name
            for name, value in values.items()
            if hasattr(value, "__array__") and not isinstance(value, pd.Index | type)
        )


def _copied(thing: Any) -> Any:
    """Copy a model as scikit-learn does, untrained; anything else as it is."""
    from sklearn.base import clone

    return clone(thing, safe=False)


class _Missing(Exception):
    """There is no such name."""


class _Unpickler(pickle.Unpickler):
    """Reads the judge's arguments; what the judge holds from afar is the thing itself again."""

    def __init__(self, stream: io.BytesIO, kept: list[Any]) -> None:
        super().__init__(stream)
        self._kept = kept

    def persistent_load(self, number: Any) -> Any:
        return self._kept[number]


@contextlib.contextmanager
def _quiet(printed: io.StringIO) -> Iterator[None]:
    """Nothing that is printed, logged or warned inside gets out; what was printed is kept."""
    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    """Interrupt what runs too long, where the system has alarms (not on Windows)."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def too_slow(signum: int, frame: types.FrameType | None) -> None:
        raise _Alarm

    alarms = (
        (signal.ITIMER_PROF, signal.SIGPROF, CALL_LIMIT_S),
        (signal.ITIMER_REAL, signal.SIGALRM, CALL_WALL_S),
    )
    previous = [signal.signal(number, too_slow) for _, number, _ in alarms]
    try:
        for timer, _, seconds in alarms:
            signal.setitimer(timer, seconds)
        yield
    finally:
        for timer, _, _ in alarms:
            signal.setitimer(timer, 0)
        for (_, number, _), handler in zip(alarms, previous, strict=True):
            signal.signal(number, handler)


def states() -> tuple[Any, Any, Any]:
    """Return the states of the random numbers of Python, numpy and, where loaded, torch."""
    import numpy as np

    torch = sys.modules.get("torch")
    dice = torch.get_rng_state().numpy() if torch else None
    return random.getstate(), np.random.get_state(), dice  # noqa: NPY002


def set_states(python: Any, numpy: Any, torch_state: Any) -> None:
    """Set the states of the random numbers, as `states` gave them."""
    import numpy as np

    random.setstate(python)
    np.random.set_state(numpy)  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch and torch_state is not None:
        torch.set_rng_state(torch.from_numpy(torch_state.copy()))


def _told(error: BaseException, function: Any) -> dict[str, Any]:
    """Describe an error, with the innermost line of the learner's own cells."""
    line, number = "", 0
    with contextlib.suppress(Exception):
        for frame, at in reversed(list(traceback.walk_tb(error.__traceback__))):
            name = frame.f_code.co_filename
            # Libraries make code without a file, too: networkx does, with its own lines in it.
            is_typed = frame.f_globals.get("__name__", "__main__") == "__main__"
            if "ipykernel" in name or (name.startswith("<") and is_typed):
                line, number = linecache.getline(name, at, frame.f_globals).strip(), at
                break
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be read)"
    constants = getattr(getattr(function, "__code__", None), "co_consts", ())
    unasserted = isinstance(error, AssertionError) and not message and ... in constants
    return {
        "type": type(error).__name__[:80],
        "kinds": [base.__name__[:80] for base in type(error).__mro__[:30]],
        "message": message[:2000],
        "line": f"line {number} of your cell: {line[:500]}" if line else "",
        "dots": unasserted or "ellipsis" in message.lower().replace(_NUMPY_SAYS, ""),
    }


_NUMPY_SAYS = "only integers, slices (`:`), ellipsis (`...`)"
"""Of any index that is none, such as 2.0: nobody has left dots."""


# The check's side --------------------------------------------------------------------------


class Line(Protocol):
    """What carries a question to the learner's side, and the answer back."""

    fresh: bool
    """Whether no function was called in this check yet."""

    def ask(self, question: Mapping[str, Any], *buffers: bytes) -> tuple[dict, list[bytes]]:
        """Ask one question and wait for the answer."""


class Here:
    """A line within one process: the notebook's.

    Parameters
    ----------
    names
        The learner's names.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._near = Near(names)
        self.fresh = True

    def ask(self, question: Mapping[str, Any], *buffers: bytes) -> tuple[dict, list[bytes]]:
        """Ask one question."""
        return self._near.answer(question, list(buffers))


def value_of(line: Line, question: Mapping[str, Any], *buffers: bytes) -> Any:
    """Ask, and return the value that comes back, or raise what was raised there.

    Raises
    ------
    TooSlow
        The learner's code was stopped at the limit.
    KeyError
        There is nothing of that name.
    """
    header, data = line.ask(question, *buffers)
    if printed := header.get("printed"):
        sys.stdout.write(str(printed))
    if "error" in header:
        raise _raised(header["error"])
    if header.get("slow"):
        raise TooSlow(
            f"It was stopped after {CALL_LIMIT_S} s of computing, or {CALL_WALL_S} s on the clock. "
            "Is there a loop that never ends?"
        )
    if header.get("missing") or "value" not in header:
        raise KeyError(question.get("name"))

    def far(tree: dict[str, Any]) -> Far:
        kind = FarFunction if tree["t"] == "function" else Far
        kinds = tuple(str(name) for name in tree["kinds"])
        return kind(line, int(tree["ref"]), str(tree["name"]), str(tree["shown"]), kinds)

    return plain.decode(header["value"], data, far)


def _raised(told: Mapping[str, Any]) -> Exception:
    """Make again what was raised there: same name, same text, and the line to look at.

    A class that was made there comes as one made from Python's own error that it is a kind of:
    only names have crossed, and no other class is looked up by them.
    """
    name, message = str(told["type"]), str(told["message"])
    named = (getattr(builtins, str(kind), None) for kind in (name, *told.get("kinds", ())))
    known = (kind for kind in named if isinstance(kind, type) and issubclass(kind, Exception))
    base = next((kind for kind in known if not issubclass(kind, ExceptionGroup)), Exception)
    kind = type(name if name.isidentifier() else "Error", (base,), {"__str__": lambda e: message})
    error = kind.__new__(kind)
    error.args = (message,)
    error.learners_line, error.left_dots = str(told["line"]), bool(told["dots"])
    return error


class Far:
    """Something that stayed on the learner's side."""

    def __init__(self, line: Line, ref: int, name: str, shown: str, kinds: tuple[str, ...]) -> None:
        self.__dict__.update(_line=line, _ref=ref, _name=name, _shown=shown, _kinds=kinds)

    def __repr__(self) -> str:
        return self._shown

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python and numpy look up on their own
            raise AttributeError(name)
        return value_of(self._line, {"ask": "attribute", "ref": self._ref, "name": name})

    def __deepcopy__(self, memo: dict) -> Far:
        return self


class FarFunction(Far):
    """A function, or anything else that can be called."""

    @property
    def __name__(self) -> str:
        return self._name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        dice = states() if self._line.fresh else None
        self._line.fresh = False
        packed = io.BytesIO()
        _Pickler(packed, protocol=5).dump((arguments, keywords, dice))
        return value_of(self._line, {"ask": "call", "ref": self._ref}, packed.getvalue())


class _Pickler(pickle.Pickler):
    """Writes arguments; what stayed on the learner's side goes back as its number."""

    def persistent_id(self, value: Any) -> int | None:
        return value._ref if isinstance(value, Far) else None


class Names(Mapping[str, Any]):
    """The learner's names, seen from a check; without a line, those of someone who did nothing."""

    def __init__(self, line: Line | None) -> None:
        self._line = line

    def __getitem__(self, name: str) -> Any:
        if self._line is None:
            raise KeyError(name)
        return value_of(self._line, {"ask": "name", "name": name})

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or `default` where there is none of that name."""
        try:
            return self[name]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:
        names = [] if self._line is None else value_of(self._line, {"ask": "names"})
        return iter([str(name) for name in names[:MAX_NAMES]])

    def __len__(self) -> int:
        return len(list(iter(self)))


def names(namespace: Mapping[str, Any]) -> Names:
    """Return a notebook's names as a check may see them."""
    return namespace if isinstance(namespace, Names) else Names(Here(namespace))


def tables_read(function: Any) -> list[str]:
    """Return the names of the notebook's tables and arrays that a learner's function reads."""
    if not isinstance(function, Far):
        return []
    return value_of(function._line, {"ask": "tables read", "ref": function._ref})


def copied(thing: Far) -> Far:
    """Return a copy of what stayed on the learner's side; a model's is untrained."""
    return value_of(thing._line, {"ask": "copy", "ref": thing._ref})


def kinds(value: Any) -> tuple[str, ...]:
    """Return the full names of a value's class and of those that it is made from.

    No check looks at the class of what only stands in for a thing: it asks this instead.
    """
    if isinstance(value, Far):
        return value._kinds
    return tuple(f"{base.__module__}.{base.__qualname__}" for base in type(value).__mro__)


def kind(value: Any) -> str:
    """Return the name of a value's class."""
    return kinds(value)[0].rpartition(".")[2]


def is_a(value: Any, *names: str) -> bool:
    """Tell whether a value is of one of these classes, or of one made from them.

    Parameters
    ----------
    value
        Anything, also what stayed on the learner's side.
    *names
        In full, such as ``sklearn.base.BaseEstimator``.
    """
    return not set(names).isdisjoint(kinds(value))
