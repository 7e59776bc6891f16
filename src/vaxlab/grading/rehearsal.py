"""A rehearsal: the checks of a notebook run once, on its own solution, before anybody is judged.

The hidden plants, and whatever else the checks make and keep, are then there already in every judge
that is forked from it. Kernels never are: what a rehearsal has made, no learner's code can reach.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import signal
import socket
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaxlab import lessons
from vaxlab.grading import forking, judge, sandbox
from vaxlab.grading.limits import Limits

if TYPE_CHECKING:
    from vaxlab.grading.zygote import Zygote


class Company:
    """A process that rehearses, then forks a judge at each order.

    Parameters
    ----------
    zygote
        It is forked from here.
    source
        The notebook with its solution and its checks; empty where there is none to be had.
    """

    def __init__(self, zygote: Zygote, source: str) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = zygote.fork(
                "company",
                {"source": source},
                [theirs.fileno()],
                limits=Limits(),
                env=dict(os.environ),
            )

    def send(
        self,
        room: sandbox.Room | None,
        limits: Limits,
        env: dict[str, str],
        orders: socket.socket,
    ) -> bool:
        """Order a judge, who will listen at `orders`; nobody waits for it. False: it has ended."""
        order = {"limits": asdict(limits), "env": env}
        if room:
            order |= {"init_pid": room.init_pid, "uid": room.uid}
        try:
            socket.send_fds(self._channel, [json.dumps(order).encode()], [orders.fileno()])
        except OSError:
            return False
        return True

    def end(self) -> None:
        """End it, and whoever rehearses for it."""
        self._channel.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGTERM)


def run(arguments: dict[str, Any], descriptors: list[int]) -> None:
    """Rehearse and serve in a child, so that a rehearsal that ends badly harms nobody."""
    channel, source = socket.socket(fileno=descriptors[0]), arguments["source"]
    lessons.load_checks()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    leader = os.fork()
    if leader:

        def end(*_: object) -> None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(leader, signal.SIGKILL)
            os._exit(0)

        signal.signal(signal.SIGTERM, end)
        os.waitpid(leader, 0)
        _serve(channel)
        return
    if source:
        rehearse(source)
    # Threads would be lost in the forks: whoever has some leaves it to the one who has not.
    if forking.threads() == 1:
        _serve(channel)


def rehearse(source: str) -> None:
    """Run the checks of a notebook on its solution, in silence, and what they need of the rest."""
    names = {"__name__": "rehearsal", "display": lambda *_, **__: None}
    notebook = json.loads(Path(source).read_text(encoding="utf-8"))
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for code in needed(notebook["cells"]):
            # A cell that fails here leaves its check to the judge.
            with contextlib.suppress(Exception), contextlib.redirect_stderr(io.StringIO()):
                tree = ast.parse(code)
                tree.body = judge.not_overwritten(tree.body)
                exec(compile(tree, "<rehearsal>", "exec"), names)


def needed(cells: list[dict[str, Any]]) -> list[str]:
    """Return answers, checks, and those of the other cells that make what these use, in order.

    A cell in IPython's own words is left out. So is one that only changes a thing in place: then a
    check stumbles here, and the judge makes for himself what was not made.
    """
    kept: list[str] = []
    wanted: set[str] = set()
    for cell in reversed(cells):
        if cell["cell_type"] != "code":
            continue
        code = "".join(cell["source"])
        try:
            nodes = list(ast.walk(ast.parse(code)))
        except (SyntaxError, ValueError):
            continue
        if cell["metadata"].get("nbgrader") or wanted & _made(nodes):
            kept.append(code)
            wanted |= {node.id for node in nodes if isinstance(node, ast.Name)}
    return kept[::-1]


def _made(nodes: list[ast.AST]) -> set[str]:
    """Return the names that a cell binds, and those of which it sets a part."""
    made = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.alias):
            made.add((node.asname or node.name).partition(".")[0])
        elif isinstance(getattr(node, "ctx", None), ast.Store):
            while isinstance(node, ast.Subscript | ast.Attribute | ast.Starred):
                node = node.value
            if isinstance(node, ast.Name):
                made.add(node.id)
    return made


def _serve(channel: socket.socket) -> None:
    """Fork a judge at each order, until nobody is there to order."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(channel, 2**20, 1)
        if not data:
            return
        order = json.loads(data)
        orders = socket.socket(fileno=descriptors[0])
        room = None
        if "init_pid" in order:
            room = sandbox.Room(None, order["init_pid"], order["uid"])
        # The room may be gone by now, with its kernel.
        with contextlib.suppress(OSError):
            forking.fork(
                room,
                Limits(**order["limits"]),
                order["env"],
                lambda orders=orders: judge.run(orders),
                keep=[orders.fileno()],
            )
        orders.close()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
