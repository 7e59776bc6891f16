"""Real servers on loopback, ended by their process's number."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean(environment) -> dict[str, str]:
    """Leave out what this machine knows of Amazon: no profile, no roles, no other host."""
    kept = {k: v for k, v in environment.items() if not k.startswith(("AWS_", "FSSPEC_"))}
    return kept | {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}


@contextlib.contextmanager
def listening(command: list[str], port: int, log: Path, *, limit_s: float, **more) -> Iterator[str]:
    """Run a server until the block is left; give its address once it listens."""
    with open(log, "ab") as out:
        server = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **more
        )
    try:
        for _ in range(int(10 * limit_s)):
            assert server.poll() is None, log.read_text()
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"no server within {limit_s:g} s: {log.read_text()}")
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


@contextlib.contextmanager
def bucket_server(folder: Path) -> Iterator[str]:
    """Run a server that speaks S3 and keeps all in memory; give its address."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with listening(command, port, folder / "log", limit_s=60, env=clean(os.environ)) as address:
        yield address
