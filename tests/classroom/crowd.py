"""Learners at once, by clients that speak as JupyterLab does: log-in, server, kernel, cells.

``python tests/classroom/crowd.py --learners 30`` holds a class of its own, lets all log in at the
same moment, kills the hub in the middle, and prints what a README needs to know.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pwd
import signal
import struct
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import nbformat
import numpy as np
import play

CHECKOUT = Path(__file__).resolve().parents[2]
NOTEBOOK = "day1/1-trust"
WAIT_S = 900


def names(count: int) -> tuple[str, ...]:
    """Return the accounts of a crowd."""
    return tuple(f"vaxcrowd-{number:02d}" for number in range(count))


def cells(notebook: str = NOTEBOOK, most: int = 6) -> list[str]:
    """Return what a learner runs first: a notebook's code up to its first figures."""
    book = nbformat.read(CHECKOUT / "course" / f"{notebook}.ipynb", as_version=4)
    return [cell.source for cell in book.cells if cell.cell_type == "code"][:most]


@dataclass
class Learner:
    """One client.

    Attributes
    ----------
    name, password : str
    address : str
        Of the class.
    marks : dict of str to float
        Seconds since the crowd came, by what was reached.
    """

    name: str
    password: str
    address: str
    marks: dict[str, float] = field(default_factory=dict)

    async def come(self, begun: float) -> None:
        """Log in, wait for the server, start a kernel, and run one cell."""
        jar = aiohttp.CookieJar(unsafe=True)  # an address of numbers has cookies, too
        limits = aiohttp.ClientTimeout(total=120)
        self.web = aiohttp.ClientSession(cookie_jar=jar, timeout=limits)
        async with self.web.get(f"{self.address}hub/login") as page:
            await page.read()
        form = {"username": self.name, "password": self.password, "_xsrf": self._token("/hub/")}
        async with self.web.post(f"{self.address}hub/login", data=form) as page:
            assert page.status == 200, f"{self.name}: log-in gave {page.status}"
        self.marks["logged in"] = time.monotonic() - begun
        async with self.web.get(f"{self.address}hub/spawn") as page:
            await page.read()
        await self._server()
        self.marks["server"] = time.monotonic() - begun
        body = {"path": "x.ipynb", "name": "x", "type": "notebook", "kernel": {"name": "python3"}}
        session = await self._ask("POST", "api/sessions", body)
        self.kernel = session["kernel"]["id"]
        await self.run("1 + 1")
        self.marks["first cell"] = time.monotonic() - begun

    async def _server(self) -> None:
        """Wait until the server shows its page, through the hub's own way of letting in."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            async with self.web.get(f"{self._base}lab") as page:
                await page.read()
                if page.status == 200 and page.url.path.startswith(f"/user/{self.name}/"):
                    return
            await asyncio.sleep(0.5)
        raise AssertionError(f"{self.name}: no server within {WAIT_S} s")

    async def run(self, source: str) -> str:
        """Run code in the kernel; return what it printed, or the error that stopped it."""
        number = uuid.uuid4().hex
        head = {"msg_id": number, "username": "", "session": number, "version": "5.3"}
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
        message = {
            "header": head | {"msg_type": "execute_request", "date": ""},
            "parent_header": {},
            "metadata": {},
            "content": content | {"user_expressions": {}, "stop_on_error": True},
            "channel": "shell",
            "buffers": [],
        }
        said, missing = "", {"execute_reply", "idle"}
        way = f"{self._base}api/kernels/{self.kernel}/channels?session_id={number}"
        async with self.web.ws_connect(way, max_msg_size=0, heartbeat=60) as line:
            await line.send_str(json.dumps(message))
            while missing:
                told = _message((await line.receive(timeout=WAIT_S)).data)
                if told["parent_header"].get("msg_id") != number:
                    continue
                kind, body = told["header"]["msg_type"], told["content"]
                missing -= {kind, body.get("execution_state")}
                said += body.get("text", "") if kind == "stream" else ""
                said += f"{body['ename']}: {body['evalue']}" if kind == "error" else ""
        return said

    async def save(self, text: str) -> None:
        """Save a file, as a page does."""
        await self._ask("PUT", "api/contents/kept.txt", _file(text))

    async def saved(self) -> str:
        """Read it."""
        return (await self._ask("GET", "api/contents/kept.txt?type=file&format=text"))["content"]

    async def go(self) -> None:
        """Close the page."""
        await self.web.close()

    @property
    def _base(self) -> str:
        return f"{self.address}user/{self.name}/"

    def _token(self, path: str) -> str:
        found = [
            cookie.value
            for cookie in self.web.cookie_jar
            if cookie.key == "_xsrf" and cookie["path"] == path
        ]
        return found[0] if found else ""

    async def _ask(self, method: str, path: str, body: dict | None = None) -> dict:
        headers = {"X-XSRFToken": self._token(f"/user/{self.name}/")}
        async with self.web.request(method, self._base + path, json=body, headers=headers) as page:
            assert page.status < 300, f"{self.name}: {path} gave {page.status}"
            return await page.json()


def _message(data: str | bytes) -> dict:
    """Return a message; one with buffers has a table of where its parts begin before it."""
    if isinstance(data, bytes):
        first, second = struct.unpack("!II", data[4:12])
        data = data[first:second]
    return json.loads(data)


def _file(text: str) -> dict:
    return {"type": "file", "format": "text", "content": text}


def memory_mb(account: str, among: Iterable[int] | None = None) -> float:
    """Return what an account's processes take, what they share counted in parts (PSS)."""
    uid, total = pwd.getpwnam(account).pw_uid, 0
    numbers = Path("/proc").glob("[0-9]*") if among is None else (Path(f"/proc/{n}") for n in among)
    for process in numbers:
        try:
            if process.stat().st_uid == uid:
                lines = (process / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:  # it has ended
            continue
    return total / 1024


async def work(
    workshop: play.Workshop, people: Iterable[str], in_between: Callable[[], None]
) -> list[Learner]:
    """Let people come at once, work, save, and find all again after something has happened."""
    crowd = [Learner(name, workshop.passwords[name], workshop.address) for name in people]
    begun = time.monotonic()
    try:
        await asyncio.gather(*(one.come(begun) for one in crowd))

        async def first_half(one: Learner) -> None:
            for source in cells():
                assert "Error" not in (said := await one.run(source)), said
            one.marks["first figures"] = time.monotonic() - begun
            await one.run(f"mine = {one.name!r}")
            await one.save(f"by {one.name}")

        await asyncio.gather(*map(first_half, crowd))
        for one in crowd:
            one.marks["memory"] = memory_mb(one.name)
        await asyncio.to_thread(in_between)

        async def second_half(one: Learner) -> None:
            assert await one.run("print(mine)") == f"{one.name}\n", "a kernel was lost"
            assert await one.saved() == f"by {one.name}", "a file was lost"

        await asyncio.gather(*map(second_half, crowd))
    finally:
        await asyncio.gather(*(one.go() for one in crowd))
    return crowd


def kill_hub(workshop: play.Workshop) -> None:
    """Kill the hub, without a word, and start it again."""
    os.kill(workshop.process.pid, signal.SIGKILL)
    workshop.process.wait()
    workshop.start_hub()


def main() -> None:
    """Hold the class, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=30)
    given = parser.parse_args()
    if why := play.why_not():
        sys.exit(why)
    people = names(given.learners)
    with play.hold(CHECKOUT, people) as workshop:
        crowd = asyncio.run(work(workshop, people, lambda: kill_hub(workshop)))
        hub = memory_mb("root", play.running_in(workshop.home.parent))
    print(f"{given.learners} learners at once, {os.cpu_count()} cores; seconds since all logged in")
    for mark in ("logged in", "server", "first cell", "first figures"):
        seconds = np.array([one.marks[mark] for one in crowd])
        print(f"{mark:14} median {np.median(seconds):6.1f}   last {seconds.max():6.1f}")
    memory = np.array([one.marks["memory"] for one in crowd])
    print(
        f"memory a learner, server and kernel: {np.median(memory):.0f} MB, {memory.max():.0f} most"
    )
    print(f"hub, proxy and culler: {hub:.0f} MB; the hub was killed in between: nothing was lost")


if __name__ == "__main__":
    main()
