"""Memory and cores of one learner: a control group each, where the machine lets us make one."""

from __future__ import annotations

import os
import resource
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_NAME = "vaxlab-class"
MOST_PROCESSES = 512


def groups(root: Path = ROOT) -> list[Path]:
    """Return the folders under which a group a learner can be made; empty where none can.

    Version 2 has one tree, version 1 one for memory and one for cores.
    """
    if (root / "cgroup.controllers").is_file():
        return _made_v2(root)
    return [folder for kind in ("memory", "cpu") if (folder := _made(root / kind / _NAME))]


def limits_memory(root: Path = ROOT) -> bool:
    """Tell whether memory is held a learner, and not only a process."""
    return any((folder / "memory.max").exists() or "memory" in folder.parts
               for folder in groups(root))  # fmt: skip


def enter(name: str, memory_mb: int, cores: float, root: Path = ROOT) -> None:
    """Put this process, and so all that it starts, into a learner's group.

    Runs between fork and exec, as root. Where there are no groups each process is held by itself.
    """
    resource.setrlimit(resource.RLIMIT_NPROC, (MOST_PROCESSES, MOST_PROCESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    held = False
    for above in groups(root):
        folder = above / name
        folder.mkdir(exist_ok=True)
        for file, value in (
            ("memory.max", memory_mb << 20),
            ("memory.limit_in_bytes", memory_mb << 20),
            ("cpu.max", f"{int(cores * 1e5)} 100000"),
            ("cpu.cfs_quota_us", int(cores * 1e5)),
        ):
            if (folder / file).exists():
                (folder / file).write_text(str(value))
                held = held or file.startswith("memory")
        (folder / "cgroup.procs").write_text(str(os.getpid()))
    if not held:
        # torch reserves more than it uses: twice the memory, but of each process.
        most = memory_mb << 21
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _made(folder: Path) -> Path | None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _made_v2(root: Path) -> list[Path]:
    try:
        wanted = {"memory", "cpu"} & set((root / "cgroup.controllers").read_text().split())
        (root / "cgroup.subtree_control").write_text(" ".join(f"+{one}" for one in sorted(wanted)))
        folder = _made(root / _NAME)
        if folder:
            (folder / "cgroup.subtree_control").write_text(
                " ".join(f"+{one}" for one in sorted(wanted))
            )
    except OSError:
        return []
    return [folder] if folder and wanted else []
