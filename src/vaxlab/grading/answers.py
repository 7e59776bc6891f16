"""In the learner's interpreter: give answers to the judge's questions.

Nothing here is trusted by anybody: it runs among the learner's code, which may change it. The judge
takes what comes as an answer, right or wrong, and nothing as a score.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import pickle
import random
import signal
import socket
import traceback
from collections.abc import MutableMapping
from typing import Any

from vaxlab.grading import wire

#: Above the check's own limit, for code that swallows the first alarm.
CALL_LIMIT_S = 29

_kept: list[Any] = []


class _TooSlow(BaseException):
    """Raised in the learner's code; not an Exception, so that ``except Exception`` lets it by."""


def kept(number: int) -> Any:
    """Return what a number stands for; the judge's pickles call this."""
    return _kept[number]


def serve(link: socket.socket, namespace: MutableMapping[str, Any]) -> None:
    """Answer one question.

    Raises
    ------
    EOFError
        The judge has gone.
    """
    header, buffers = wire.receive(link)
    question = header["ask"]
    try:
        if question == "names":
            tree, data = list(map(str, namespace)), []
        elif question == "name":
            if header["name"] not in namespace:
                wire.send(link, {"missing": True})
                return
            tree, data = wire.encode(namespace[header["name"]], _keep)
        else:
            tree, data = wire.encode(_run(header, buffers), _keep)
    except _TooSlow:
        wire.send(link, {"slow": True})
    except BaseException as error:
        wire.send(link, {"error": _told(error)})
    else:
        wire.send(link, {"value": tree}, data)


def _keep(value: Any) -> int:
    _kept.append(value)
    return len(_kept) - 1


def _run(header: dict[str, Any], buffers: list[bytes]) -> Any:
    """Call a function, or look up an attribute; quietly, in time, with the judge's seeds."""
    thing = _kept[header["ref"]]

    def too_slow(*_: Any) -> None:
        raise _TooSlow

    previous = signal.signal(signal.SIGALRM, too_slow)
    signal.setitimer(signal.ITIMER_REAL, CALL_LIMIT_S)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            if header["ask"] == "attribute":
                return getattr(thing, header["name"])
            arguments, keywords, states = pickle.loads(buffers[0])
            if states:
                set_states(*states)
            return thing(*arguments, **keywords)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def states() -> tuple[Any, Any, Any]:
    """Return the states of the random numbers of Python, numpy and torch."""
    import numpy as np
    import torch

    return random.getstate(), np.random.get_state(), torch.get_rng_state().numpy()  # noqa: NPY002


def set_states(python: Any, numpy: Any, torch_state: Any) -> None:
    """Set the states of the random numbers, as `states` gave them."""
    import numpy as np
    import torch

    random.setstate(python)
    np.random.set_state(numpy)  # noqa: NPY002
    torch.set_rng_state(torch.from_numpy(torch_state.copy()))


def _told(error: BaseException) -> dict[str, Any]:
    """Describe an error, with the innermost line of the learner's own cells."""
    line, number = "", 0
    with contextlib.suppress(Exception):
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if "ipykernel" in frame.filename or frame.filename.startswith("<"):
                text = frame.line or linecache.getline(frame.filename, frame.lineno or 0)
                line, number = text.strip(), frame.lineno or 0
                break
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be read)"
    return {
        "type": type(error).__name__[:80],
        "message": message[:2000],
        "line": line[:500],
        "number": number,
    }
