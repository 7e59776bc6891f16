"""Forks of a warm process: each is a child that walks into its room, or works outside of one."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path

from vaxlab.grading import sandbox
from vaxlab.grading.limits import Limits

#: Of Linux since 6.1, by its number: Python's `mmap` does not name it yet.
_MADV_COLLAPSE = 25
_LARGE_PAGE = 2**21


def fork(
    room: sandbox.Room | None,
    limits: Limits,
    env: dict[str, str],
    body: Callable[[], None],
    *,
    keep: list[int],
) -> int:
    """Fork a process that runs `body`, behind the walls of `room` where there is one.

    Parameters
    ----------
    room, limits
        Its walls, and what it may use.
    env
        Its environment.
    body
        What it does; the process ends with it.
    keep
        Descriptors that it needs; all others are closed.

    Returns
    -------
    int
        Its number, as counted out here.

    Raises
    ------
    OSError
        It could not get there.
    """
    told, tell = os.pipe()
    child = os.fork()
    if child:
        os.close(tell)
        with os.fdopen(told, "rb") as stream:
            return number_of(stream.readline())
    be_child(room, limits, env, None, body, keep, tell)
    raise AssertionError("a child does not return")


def number_of(said: bytes) -> int:
    """Read what a child has told of itself.

    Raises
    ------
    OSError
        It could not get where it was sent.
    """
    told = json.loads(said or b'{"failed": "a forked process ended"}')
    if "failed" in told:
        raise OSError(told["failed"])
    return told["pid"]


def be_child(
    room: sandbox.Room | None,
    limits: Limits,
    env: dict[str, str],
    submission: int | None,
    body: Callable[[], None],
    keep: list[int],
    tell: int,
) -> None:
    """Be the child that `fork` has made; ends the process.

    Parameters
    ----------
    room, limits, env, body, keep
        As in `fork`.
    submission
        Descriptor of the folder where it works; a room gets a copy.
    tell
        Here goes its number, or why it could not get there.
    """
    status = 1
    try:
        status = _be_child(room, limits, env, submission, body, keep, tell)
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(tell, json.dumps({"failed": traceback.format_exc()}).encode() + b"\n")
    finally:
        os._exit(status)


def _be_child(
    room: sandbox.Room | None,
    limits: Limits,
    env: dict[str, str],
    submission: int | None,
    body: Callable[[], None],
    keep: list[int],
    tell: int,
) -> int:
    close_all_but([0, 1, 2, tell, *keep, *([] if submission is None else [submission])])
    quiet = os.open(os.devnull, os.O_RDWR)
    # What a learner's code writes past Python must not fill anything of ours.
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    if quiet > 2:
        os.close(quiet)
    os.setsid()
    os.environ.clear()
    if room:
        os.environ.update(env)
        room.enter()
        grandchild = os.fork()
        if grandchild:
            os.write(tell, json.dumps({"pid": grandchild}).encode() + b"\n")
            return 0
        os.setsid()
        room.furnish(submission, limits)
        if submission is not None:
            os.close(submission)
        room.drop(limits)
    else:
        os.environ.update(env)
        if submission is not None:
            os.fchdir(submission)
            os.close(submission)
        os.write(tell, json.dumps({"pid": os.getpid()}).encode() + b"\n")
    os.close(tell)
    for name in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
    body()
    return 0


def close_all_but(kept: list[int]) -> None:
    """Close every descriptor that is not named."""
    edges = [-1, *sorted(set(kept)), os.sysconf("SC_OPEN_MAX")]
    for low, high in zip(edges, edges[1:], strict=False):
        if high > low + 1:  # an empty range would be taken for an endless one
            os.closerange(low + 1, high)


def threads() -> int:
    """Count the threads of this process, those of libraries included."""
    return len(os.listdir("/proc/self/task"))


def in_large_pages() -> None:
    """Have what this process holds in large pages, where the system can.

    A fork copies the table of pages, whose size then falls: it takes half the time. The C library
    asks for large pages itself, if told to; Python's own arenas do not.
    """
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        span, rights, _, _, _, *name = line.split()
        if rights != "rw-p" or name not in ([], ["[heap]"]):
            continue
        low, high = (int(edge, 16) for edge in span.split("-"))
        low = -(-low // _LARGE_PAGE) * _LARGE_PAGE
        high = high // _LARGE_PAGE * _LARGE_PAGE
        if high > low:  # refused by older systems: then all stays as it is
            advise(low, high - low, _MADV_COLLAPSE)
