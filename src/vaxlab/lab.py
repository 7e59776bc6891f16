"""JupyterLab on the course's start page, set up for learners."""

import os
import socket
import sys
from pathlib import Path

from vaxlab.errors import CourseError
from vaxlab.paths import course, is_checkout

#: One thread for each numerical library: on the small tables of the course more are no faster, on
#: Binder they would be one for each core of a machine shared with others, and a grader counts the
#: same numbers with the same one. Whoever has set a variable keeps it.
THREAD_CAPS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

#: Learners' settings (no news, no hunt for updates, a save every 20 s) and what is switched off
#: for them: nbgrader's panels, which ask for an instructor's set-up and complain where there is
#: none, and Jupytext's. `labextensions/` holds what is loaded into the page: with it, a first
#: click that comes before the kernel waits for it, and a save for the one before it; and a cell's
#: menu begins an exercise anew.
#: `binder/start` reads the same folder.
SETTINGS = Path(__file__).parent / "jupyter"


def environment(outer: dict[str, str]) -> dict[str, str]:
    """Variables for the server and its kernels: `outer`, with caps on threads and our settings.

    Programs beside this Python come first, so that ``!vaxlab check`` in a cell finds its own.
    """
    own = {
        "JUPYTER_CONFIG_PATH": SETTINGS,
        "JUPYTER_PATH": SETTINGS,
        "PATH": Path(sys.executable).parent,
    }
    paths = {
        name: os.pathsep.join(filter(None, [str(folder), outer.get(name, "")]))
        for name, folder in own.items()
    }
    return THREAD_CAPS | outer | paths


def check_port_is_free(port: int) -> None:
    """Raise CourseError if somebody listens on `port` of this machine already."""
    with socket.socket() as probe:
        if os.name != "nt":  # there the option means: take the port from whoever has it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CourseError(
                f"Port {port} cannot be had ({error.strerror}): name another one, "
                f"for instance `make lab PORT={port + 1}`, or none, and a free one is found."
            ) from None


def run(port: int | None, open_browser: bool) -> int:
    """Serve the learner's notebooks until Ctrl-C; the address, token included, is printed.

    Parameters
    ----------
    port : int or None
        Port on the loopback interface. None: 8888, or the next free one.
    open_browser : bool
        Whether to open the start page in a browser.

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    CourseError
        The named port is busy, there are no notebooks, or the course is not built.
    """
    folder = course()
    start_page = folder / "index.ipynb"
    if is_checkout(folder.parent) and not start_page.is_file():
        raise CourseError(
            f"The course's start page is missing ({start_page}): "
            "get it back with `git checkout course`, or build the course with `make course`."
        )
    if port is not None:
        check_port_is_free(port)
    os.environ.update(environment(dict(os.environ)))

    import zmq
    from jupyterlab.labapp import LabApp

    arguments = [
        f"--ServerApp.root_dir={folder}",
        # Whoever was handed one day alone has no start page.
        f"--LabApp.default_url=/lab{'/tree/index.ipynb' if start_page.is_file() else ''}",
        f"--ServerApp.open_browser={open_browser}",
        "--LabApp.extension_manager=readonly",
        # In a container one is root; the server listens on loopback alone, behind a token.
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.allow_root=True",
        # The address still shows, a hundred lines of start-up do not.
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
        # Kernels that talk in clear say so in a warning that frightens; keys cost nothing.
        f"--KernelManager.transport_encryption={'auto' if zmq.has('curve') else 'disabled'}",
    ]
    if port is not None:
        arguments += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    LabApp.launch_instance(arguments)
    return 0
