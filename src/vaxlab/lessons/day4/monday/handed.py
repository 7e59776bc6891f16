"""What a check of this notebook hands to a learner's function: it has to be there where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ALONE = -1.0
"""What a job gives that is waited for before all jobs are handed in."""
AGAIN = -2.0
"""What a job gives that failed by itself, and was handed in again all the same."""


class WorkerLost(Exception):
    """The worker of a job is gone, and the job's result with it. The job itself is sound."""


class Pool:
    """Workers that exist on paper: hand a job in by calling it, and wait with ``.result()``.

    Parameters
    ----------
    jobs : int
        That will be handed in, before one is waited for.
    results : mapping
        Job (a whole number) to what it gives.
    lost : mapping, optional
        Job to how many of its tries lose their worker.
    wrong : tuple, optional
        Jobs that raise an error of their own.
    """

    def __init__(
        self,
        jobs: int,
        results: Mapping[int, float],
        lost: Mapping[int, int] | None = None,
        wrong: tuple[int, ...] = (),
    ) -> None:
        self.jobs, self.results = jobs, dict(results)
        self.lost, self.wrong = dict(lost or {}), wrong
        self.handed_in = 0
        self.failed: set[int] = set()

    def __call__(self, job: int) -> Ticket:
        """Hand a job in."""
        self.handed_in += 1
        return Ticket(self, job)

    def __repr__(self) -> str:
        return "submit"


class Ticket:
    """Stands for a job that was handed in."""

    def __init__(self, pool: Pool, job: int) -> None:
        self._pool, self._job = pool, job

    def done(self) -> bool:
        """Tell whether there is something to collect."""
        return True

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the job, and return what it gives.

        Raises
        ------
        WorkerLost
            Its worker is gone.
        ValueError
            The job is wrong.
        """
        pool, job = self._pool, self._job
        if pool.handed_in < pool.jobs:
            return ALONE
        if pool.lost.get(job, 0):
            pool.lost[job] -= 1
            raise WorkerLost(f"the worker of job {job} is gone")
        if job in pool.failed:
            return AGAIN
        if job in pool.wrong:
            pool.failed.add(job)
            raise ValueError(f"job {job}: alpha must not be negative")
        return pool.results[job]
