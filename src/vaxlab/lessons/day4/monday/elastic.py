"""A Dask cluster that comes from nothing and goes back to nothing, drawn while it does.

Not among what a learner's notebook has while it is graded: there no cluster is started.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from vaxlab.figures import COLOURS, DASHES, live, template
from vaxlab.lessons.day4.monday.handed import WorkerLost

MOST = 2
"""Workers, each a process of one thread."""
LOOK_S, REDRAW_S, GONE_S = 0.1, 0.5, 60.0
"""Between two looks, between two pictures; and after which nobody waits for a worker any more."""
KILL_AFTER = 0.3
"""Share of the jobs that are done when a worker is killed."""
_SETTINGS = {
    # A job whose worker is gone is told to whoever handed it in, at once.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.worker.daemon": True,
    # Whoever lost a worker looks whether it needs another one.
    "distributed.deploy.lost-worker-timeout": "300ms",
    "distributed.comm.timeouts.connect": "20s",
    "distributed.logging.distributed": "critical",
}


def _mortal() -> type:
    """Return a kind of worker that stays gone, once killed, as a machine that is taken away.

    Dask's own starts its process anew, and goes on doing so when the cluster has already let go of
    it: then a worker comes back that nobody has asked for and nobody sends away.
    """
    from distributed import Nanny
    from distributed.core import Status

    class Mortal(Nanny):
        async def _on_worker_exit(self, exitcode: int) -> None:
            if self.status == Status.running:
                await self.close(reason="its process is gone")
            else:
                await super()._on_worker_exit(exitcode)

    return Mortal


class Cluster:
    """Workers that come when jobs wait, and go when none does.

    Parameters
    ----------
    score : callable
        What a worker does with a job.
    jobs : int
        That will be handed in.

    Attributes
    ----------
    seen : list of tuple
        Seconds, workers, and jobs that are not done, at each look.
    """

    def __init__(self, score: Callable[[Any], Any], jobs: int) -> None:
        self.score, self.jobs, self.seen, self.killed_s = score, jobs, [], None
        self.first_s: float | None = None
        self._numbers, self._drawn = itertools.count(), 0.0
        self._futures: dict[int, Any] = {}
        self._fetched: set[int] = set()
        self.is_live = "JPY_SESSION_NAME" in os.environ  # set by the server behind a page
        self.figure = self._picture()

    def __enter__(self) -> Cluster:
        import dask
        from distributed import Client, LocalCluster

        with contextlib.ExitStack() as stack:  # what was opened is closed if the rest fails
            stack.enter_context(dask.config.set(_SETTINGS))
            address, self._begun = dask.config.get("scheduler-address", None), time.perf_counter()
            self._own = address is None
            if self._own:
                cluster = LocalCluster(
                    n_workers=0,
                    threads_per_worker=1,
                    worker_class=_mortal(),
                    # A port of its own: many learners may share a machine. Nobody outside sees it.
                    dashboard_address="127.0.0.1:0",
                    memory_limit=0,
                    silence_logs=50,
                )
                address = stack.enter_context(cluster)
                # Once, and never again on the same cluster: dask/distributed issue 3863.
                cluster.adapt(minimum=0, maximum=MOST, interval="300ms", wait_count=3)
            self._client = stack.enter_context(Client(address, timeout="10s"))
            self._stack = stack.pop_all()
        if self.is_live:
            from IPython.display import display

            display(self.figure)
        return self

    def __exit__(self, *error: Any) -> None:
        self._redraw()
        self._stack.close()

    def submit(self, job: Any) -> Ticket:
        """Hand a job in."""
        number = next(self._numbers)
        # A key of its own: Dask takes jobs of one key for one job, and keeps what came of it.
        future = self._client.submit(self.score, job, key=f"job-{number}", pure=False)
        self._futures[number] = future
        return Ticket(self, number)

    def wait(self, number: int) -> Any:
        """Wait for a job, drawing what goes on.

        Raises
        ------
        WorkerLost
            Its worker is gone.
        """
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        future, until = self._futures[number], time.perf_counter() + GONE_S
        while time.perf_counter() < until:
            try:
                if future.done():
                    result = future.result(timeout=REDRAW_S)
                    self._fetched.add(number)
                    return result
            except TimeoutError:  # it was done by a worker that is gone, and is done again
                pass
            except (KilledWorker, FutureCancelledError) as error:
                raise WorkerLost(str(error).splitlines()[0]) from None
            self._look()
        raise TimeoutError(f"no worker did job {number} within {GONE_S:g} s")

    def wind_down(self) -> None:
        """Let go of all jobs, and wait until no worker is left."""
        for future in self._futures.values():  # an error's traceback may hold one, and its result
            future.release()
        self._futures.clear()
        until = time.perf_counter() + GONE_S
        while self._own and self._look()[0] and time.perf_counter() < until:
            pass
        self._look()

    def told(self) -> str:
        """Say in words what went on."""
        most = max(workers for _, workers, _ in self.seen)
        paid = sum(
            workers * (later[0] - at)
            for (at, workers, _), later in zip(self.seen, self.seen[1:], strict=False)
        )
        killed = "no worker was killed"
        if self.killed_s is not None:
            killed = f"one was killed after {self.killed_s:.1f} s"
        return (
            f"From 0 workers the first result came after {self.first_s or 0:.1f} s.\n{most} "
            f"workers at the most; {killed}; {self.seen[-1][1]} at the end, after "
            f"{self.seen[-1][0]:.1f} s.\nPaid: {paid:.1f} core-seconds."
        )

    def _look(self) -> tuple[int, int]:
        """Note workers and waiting jobs; kill a worker when it is time, and draw."""
        time.sleep(LOOK_S)
        at = time.perf_counter() - self._begun
        workers = list(self._client.scheduler_info(n_workers=-1)["workers"])
        # What was fetched is safe, whatever becomes of the worker that did it.
        left = [
            number
            for number, future in self._futures.items()
            if number not in self._fetched and not future.done()
        ]
        done = len(self._futures) - len(left)
        if done and self.first_s is None:
            self.first_s = at
        if self._own and self.killed_s is None and left and done >= KILL_AFTER * self.jobs:
            self.killed_s = at
            pids = self._client.run(os.getpid, workers=workers[:1])
            os.kill(next(iter(pids.values())), signal.SIGKILL)
        self.seen.append((at, len(workers), len(left)))
        if self.is_live and at - self._drawn > REDRAW_S:
            self._drawn = at
            self._redraw()
        return len(workers), len(left)

    def _picture(self) -> go.Figure:
        figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.1)
        for k, name in enumerate(("workers", "jobs not done")):
            line = {"color": COLOURS[k], "dash": DASHES[k], "width": 3, "shape": "hv"}
            figure.add_scatter(x=[], y=[], name=name, mode="lines", line=line, row=k + 1, col=1)
            figure.update_yaxes(title_text=name, rangemode="tozero", row=k + 1, col=1)
        figure.update_yaxes(dtick=1, row=1, col=1)
        figure.update_xaxes(title_text="seconds since the cluster was opened", row=2, col=1)
        figure.update_layout(title="What is paid for the sweep", height=440, template=template())
        return live(figure) if self.is_live else figure

    def _redraw(self) -> None:
        if not self.seen:
            return
        seconds, workers, left = zip(*self.seen, strict=True)
        for trace, values in zip(self.figure.data, (workers, left), strict=True):
            trace.x, trace.y = seconds, values
        if self.killed_s is not None and not self.figure.layout.shapes:
            dash = {"color": COLOURS[3], "dash": "dot"}
            # Under the curve of the workers, who are there when one of them is killed.
            said = {"annotation_text": "a worker is killed", "annotation_position": "bottom left"}
            self.figure.add_vline(x=self.killed_s, line=dash, row=1, col=1, **said)
            self.figure.add_vline(x=self.killed_s, line=dash, row=2, col=1)
        for words in self.figure.layout.annotations:
            # The axis grows: on the side with more room, or they end up on the numbers of the axis.
            words.xanchor = "left" if self.killed_s < seconds[-1] / 2 else "right"


class Ticket:
    """Stands for a job that was handed in to a cluster."""

    def __init__(self, cluster: Cluster, number: int) -> None:
        self._cluster, self._number = cluster, number

    def done(self) -> bool:
        """Tell whether there is something to collect."""
        return self._cluster._futures[self._number].done()

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the job, and return what it gives.

        Raises
        ------
        WorkerLost
            Its worker is gone.
        """
        return self._cluster.wait(self._number)
