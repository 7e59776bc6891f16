"""Where the class lies on its machine: one folder, and what is told to the hub."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

SETTINGS = "VAXLAB_CLASS"
"""Environment variable that names the file of settings."""


@dataclass(frozen=True)
class Settings:
    """What `start.py` decides and the hub reads.

    Attributes
    ----------
    home : str
        Folder of the class, such as ``/srv/vaxlab-class``.
    environment : str
        Folder of the Python environment that servers and kernels run in.
    learners, instructors : list of str
        Names of accounts.
    host, port : str, int
        Where the class is reached.
    hub_port, proxy_port : int
        On loopback, between hub, proxy and servers.
    tls_cert, tls_key : str
        Files; empty without TLS.
    memory_mb, cores : int, float
        Of one learner, all kernels together.
    kernel_idle_s, server_idle_s : int
        After which what nobody uses is ended.
    """

    home: str
    environment: str
    learners: list[str]
    instructors: list[str]
    host: str = "127.0.0.1"
    port: int = 8000
    hub_port: int = 8081
    proxy_port: int = 8001
    tls_cert: str = ""
    tls_key: str = ""
    memory_mb: int = 2048
    cores: float = 2.0
    kernel_idle_s: int = 3600
    server_idle_s: int = 7200

    @property
    def address(self) -> str:
        """What people type into a browser."""
        return f"http{'s' if self.tls_cert else ''}://{self.host}:{self.port}/"

    def folder(self, name: str) -> Path:
        """Return a folder of the class: hub, exchange, course, datasets, proxy, watch."""
        return Path(self.home, name)

    def notes(self, learner: str = "") -> Path:
        """Return the folder of what checks have said, or one learner's file in it."""
        folder = self.folder("watch")
        return folder / f"{learner}.jsonl" if learner else folder

    def write(self) -> Path:
        """Write the settings for the hub; only root may read them."""
        path = self.folder("hub") / "settings.json"
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        return path


def read() -> Settings:
    """Read what `Settings.write` wrote."""
    told = json.loads(Path(os.environ[SETTINGS]).read_text(encoding="utf-8"))
    return Settings(**{field.name: told[field.name] for field in fields(Settings)})
