"""What a submission may use."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """What a submission may use; beyond it the whole sandbox is ended.

    Attributes
    ----------
    cell_cpu_s : float
        CPU time of one cell, all its processes together.
    cell_wall_s : float
        Backstop for a cell that sleeps, on the clock; far above `cell_cpu_s`, so that a busy
        machine costs nobody points.
    cpu_s, wall_s : float
        CPU time of the whole notebook, and its time on the clock.
    check_wall_s : float
        Time on the clock of one check.
    memory_bytes : int
        Memory beyond what the warm process shares with its children.
    processes : int
        Processes and threads.
    open_files, file_bytes : int
        Open files of a process; size of one file.
    disk_bytes : int
        Size of the sandbox's home, and of each of its other writable folders, all in memory.
    output_bytes : int
        What one cell may print and show.
    """

    cell_cpu_s: float = 90.0
    cell_wall_s: float = 450.0
    cpu_s: float = 300.0
    wall_s: float = 900.0
    check_wall_s: float = 300.0
    memory_bytes: int = 2048 * MIB
    processes: int = 64
    open_files: int = 512
    file_bytes: int = 128 * MIB
    disk_bytes: int = 256 * MIB
    output_bytes: int = 8 * MIB

    def dumps(self) -> str:
        """Write as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> Limits:
        """Read what `dumps` wrote."""
        return cls(**json.loads(text))
