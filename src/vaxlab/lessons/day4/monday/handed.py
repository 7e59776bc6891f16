"""What a check of this notebook hands to a learner's function: it has to be there where it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

ALONE = -100.0
"""What a job gives that is waited for too early, less the jobs that were handed in by then."""
AGAIN = -1000.0
"""What jobs give once one that failed by itself was handed in again."""
TOO_OFTEN = -2000.0
"""What jobs give once one was handed in more often than is allowed."""
PATIENCE_S = 1.0
"""So long a thread waits for others that hand in jobs."""
ERRORS = (ValueError, ZeroDivisionError, KeyError)
"""What jobs raise that are wrong, in turn."""


class WorkerLost(Exception):
    """The worker of a job is gone, and the job's result with it. The job itself is sound."""


class Pool:
    """Workers that exist on paper: hand a job in by calling it, and wait with ``.result()``.

    What is done wrong shows in what jobs give: only results come back to the check.

    Parameters
    ----------
    jobs : int
        That will be handed in, before one is waited for.
    results : mapping
        Job (a whole number) to what it gives.
    lost : mapping, optional
        Job to how many of its tries lose their worker.
    wrong : tuple, optional
        Jobs that raise an error of their own, each of another kind.
    tries : int
        How often a job may be handed in.
    """

    def __init__(
        self,
        jobs: int,
        results: Mapping[int, float],
        lost: Mapping[int, int] | None = None,
        wrong: tuple[int, ...] = (),
        tries: int = 3,
    ) -> None:
        self.jobs, self.results, self.tries = jobs, dict(results), tries
        self.lost, self.wrong = dict(lost or {}), wrong
        self.given: list[int] = []
        self.hurried = 0
        self.spoilt = 0.0

    def __call__(self, job: int) -> Ticket:
        """Hand a job in."""
        self.given.append(job)
        times = self.given.count(job)
        if times > 1 and job in self.wrong:
            self.spoilt = self.spoilt or AGAIN
        # What was lost may be handed in again; of a pair of equal jobs none is ever lost.
        elif job in self.lost and times > self.tries:
            self.spoilt = self.spoilt or TOO_OFTEN
        return Ticket(self, job, times)

    def __repr__(self) -> str:
        return "submit"

    def is_waited_for(self) -> bool:
        """Tell whether all jobs are handed in; a thread of several gives the others time."""
        until = time.monotonic() + PATIENCE_S
        while len(self.given) < self.jobs and not self.hurried:
            alone = threading.current_thread() is threading.main_thread()
            if alone or time.monotonic() > until:
                self.hurried = len(self.given)
            else:
                time.sleep(0.002)
        return not self.hurried


class Ticket:
    """Stands for a job that was handed in, for the first time or again."""

    def __init__(self, pool: Pool, job: int, times: int) -> None:
        self._pool, self._job, self._times = pool, job, times

    def done(self) -> bool:
        """Tell whether there is something to collect."""
        return True

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the job, and return what it gives: the same, however often it is asked.

        Raises
        ------
        WorkerLost
            Its worker is gone.
        Exception
            The job is wrong: one of `ERRORS`.
        """
        pool, job = self._pool, self._job
        if not pool.is_waited_for():
            return ALONE - pool.hurried
        if self._times <= pool.lost.get(job, 0):
            raise WorkerLost(f"the worker of job {job} is gone")
        if pool.spoilt:
            return pool.spoilt
        if job in pool.wrong:
            kind = ERRORS[pool.wrong.index(job) % len(ERRORS)]
            raise kind(f"job {job} itself is wrong")
        return pool.results[job]
