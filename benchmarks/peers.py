"""Simulators that people can install today, beside the plant: what they hold, and how fast.

Each one goes into a virtual environment of its own, in a temporary folder, by pip; this needs
the network and some minutes. What does not install or run is said, with the last line of why.
The times are of each package's own usual run, so they compare effort, not quality: the models
answer different questions.
"""

import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

INSTALL_S, RUN_S = 600, 300

TIMER = """
import time
def best(call, n=5):
    call()
    times = []
    for _ in range(n):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    print(f"SECONDS {min(times)}")
"""


@dataclass(frozen=True)
class Peer:
    """A package to compare with.

    Attributes
    ----------
    name : str
        On the package index.
    packages : tuple of str
        What pip is asked for.
    run : str
        Code that calls ``best`` with one run.
    one_run : str
        What that run is.
    fair : str
        What it simulates and what not.
    """

    name: str
    packages: tuple[str, ...]
    run: str
    one_run: str
    fair: str


PEERS = (
    Peer(
        "engin-core",
        ("engin-core",),
        "from engin_core.simulator import simulate\n"
        "best(lambda: simulate(0.02, 8.0, 400.0, 12.0, 15.0))",
        "one fed-batch fermentation, 4 states",
        "A small Monod model of a microbial fed batch made to teach calibrated forecasts and the "
        "choice of the next runs, which it does well; no infection, purification, lots, assays "
        "or faults.",
    ),
    Peer(
        "insilicho",
        # Its plotter imports matplotlib, which the package does not ask for.
        ("insilicho", "matplotlib<3.8", "contourpy<1.2"),
        "from insilicho import run\n"
        "def one():\n"
        "    model = run.GrowCHO({'parameters': {'K_lys': '0.05 1/h'}},\n"
        "                        feed_fn=lambda t: 0.003, temp_fn=lambda t: 36.4)\n"
        "    model.execute(plot=False, initial_conditions={'V': '50 mL'})\n"
        "best(one)",
        "one fed batch of CHO cells, with sampling",
        "A published kinetic model of CHO fed batches, with units, feed and temperature profiles "
        "and noisy samples; no virus, purification, lots or faults, one run at a time.",
    ),
    Peer(
        "perfusio",
        ("perfusio",),
        "from perfusio.simulator.cho_perfusion import CHOSimulator\n"
        "best(lambda: CHOSimulator().simulate_run(28))",
        "one perfusion of CHO cells, 28 days",
        "Perfusion of CHO cells with hybrid Gaussian-process models, experimental design and "
        "plant connectors, far beyond ours in control; no virus, purification, lots or labelled "
        "faults, and a heavy installation.",
    ),
    Peer(
        "tep-studio",
        ("tep-studio",),
        "from tep_studio import ClosedLoopSimulation\n"
        "best(lambda: ClosedLoopSimulation(horizon=1.0).run(), 1)",
        "1 h of the Tennessee Eastman process, closed loop",
        "The classic chemical plant for fault detection, from its original compiled code, with "
        "control and disturbances that all methods are compared on; continuous chemistry, so no "
        "batches, cells, lots or assays.",
    ),
)

OURS = Peer(
    "vaxlab",
    (),
    "from vaxlab.plant import Recipe, simulate\nbest(lambda: simulate(Recipe()))",
    "one batch, 23 states, growth and infection",
    "Growth, infection, defective particles, controllers with limits, purification to doses, "
    "lots, people, assays, faults and their truth; one process only, and tuned, not fitted.",
)


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def timed(python: Path | str, code: str) -> str:
    """Return the seconds of a run, or why there are none."""
    try:
        ran = subprocess.run(
            [str(python), "-c", TIMER + code], capture_output=True, text=True, timeout=RUN_S
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {RUN_S} s"
    marked = [line for line in ran.stdout.splitlines() if line.startswith("SECONDS ")]
    if ran.returncode or not marked:
        return f"did not run: {last_line(ran.stderr)}"
    return f"{1000 * float(marked[0].split()[1]):.1f} ms"


def measured(peer: Peer, folder: Path) -> str:
    """Install a peer into its own environment and time it."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    try:
        installed = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *peer.packages],
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
        )
    except subprocess.TimeoutExpired:
        return f"did not install within {INSTALL_S} s"
    if installed.returncode:
        return f"did not install: {last_line(installed.stderr)}"
    return timed(python, peer.run)


def main() -> None:
    """Print a paragraph a simulator."""
    print(f"{OURS.name}: {OURS.one_run}: {timed(sys.executable, OURS.run)}\n  {OURS.fair}")
    for peer in PEERS:
        with tempfile.TemporaryDirectory() as folder:
            result = measured(peer, Path(folder))
        print(f"{peer.name}: {peer.one_run}: {result}\n  {peer.fair}", flush=True)


if __name__ == "__main__":
    main()
