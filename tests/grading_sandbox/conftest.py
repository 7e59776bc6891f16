"""A sandbox to break out of, and a kernel in it to be asked."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from jupyter_client import AsyncKernelManager

from vaxlab.grading import provisioner


@pytest.fixture(scope="session")
def bubblewrap() -> str:
    """Path of bubblewrap; installed from Debian's packages in CI, else asked for."""
    if not shutil.which("bwrap") and os.environ.get("CI") and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update"], check=True, timeout=300)
        subprocess.run(["apt-get", "install", "-y", "bubblewrap"], check=True, timeout=300)
    if not sys.platform.startswith("linux"):
        pytest.skip("Kernels are forked and walled in on Linux only.")
    return shutil.which("bwrap") or pytest.skip(
        "No bubblewrap found, so the sandbox was not tried. On Debian: apt-get install bubblewrap"
    )


@dataclass
class Said:
    """What a cell gave: its text, the name of its error, and its value as text."""

    text: str = ""
    error: str = ""
    value: str = ""
    errors: list[str] = field(default_factory=list)


class Asked:
    """A kernel, and questions to it."""

    def __init__(self, name: str, folder: Path, rehearsal: str, **limits: float) -> None:
        self.loop = asyncio.new_event_loop()
        self.manager = AsyncKernelManager(kernel_name=name)
        config = self.manager.kernel_spec.metadata["kernel_provisioner"]["config"]
        config |= {"limits": limits, "rehearsal": rehearsal}
        self.loop.run_until_complete(self.manager.start_kernel(cwd=str(folder)))
        self.client = self.manager.client()
        self.client.start_channels()
        self.loop.run_until_complete(self.client.wait_for_ready(timeout=60))

    @property
    def provisioner(self) -> provisioner.WarmProvisioner:
        """What started the kernel."""
        return self.manager.provisioner

    def run(self, code: str, limit_s: float = 60) -> Said:
        """Run a cell."""
        said = Said()

        def hear(message: dict) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                said.text += content["text"]
            elif message["msg_type"] == "error":
                said.error = content["ename"]
            elif message["msg_type"] == "execute_result":
                said.value = content["data"]["text/plain"]

        self.loop.run_until_complete(
            self.client.execute_interactive(code, timeout=limit_s, output_hook=hear)
        )
        return said

    def check(self, source: str) -> dict:
        """Let the judge run a check cell."""
        return self.provisioner.order(source, 60)

    def is_alive(self) -> bool:
        """Tell whether the kernel lives."""
        return self.loop.run_until_complete(self.manager.is_alive())

    def stop(self) -> None:
        """End the kernel."""
        if self.loop.is_closed():
            return
        self.client.stop_channels()
        self.loop.run_until_complete(self.manager.shutdown_kernel(now=True))
        self.loop.run_until_complete(self.manager.cleanup_resources())
        self.loop.close()


@pytest.fixture(scope="module")
def kernels(bubblewrap, tmp_path_factory) -> Iterator[Callable[..., Asked]]:
    """Start kernels by name, in a folder; they end with the module."""
    started = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(provisioner.KERNELS))

        def start(
            name: str = "vaxlab-graded", folder: Path | None = None, rehearsal: str = "", **limits
        ) -> Asked:
            folder = folder or tmp_path_factory.mktemp("work")
            started.append(Asked(name, folder, rehearsal, **limits))
            return started[-1]

        yield start
        for kernel in started:
            kernel.stop()


@pytest.fixture(scope="module")
def kernel(kernels) -> Asked:
    """A kernel as a submission gets it."""
    return kernels()
