"""Packages of Debian that the tests need, put on a machine where nobody is looking."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def install(*packages: str) -> None:
    """Install packages in CI, one caller at a time; elsewhere, leave the machine as it is."""
    if not (os.environ.get("CI") and shutil.which("apt-get") and os.geteuid() == 0):
        return
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with Path(tempfile.gettempdir(), "vaxlab-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["apt-get", "update"], check=True, timeout=300)
        command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
        subprocess.run(command, check=True, timeout=900, env=quiet)
