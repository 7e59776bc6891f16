"""The bank of hostile submissions, graded by stock nbgrader: what walls and judge are worth.

Each submission is graded alone, with nothing but stock nbgrader, in a room of its own (bubblewrap:
no network, a read-only system, a user without rights, limits), because stock nbgrader has no walls.
The column *ours* holds what `vaxlab grade` must give, and what tests/hostile proves that it gives.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from classroom import CHECKOUT, DAY, STOCK, make, scores

sys.path.insert(0, str(CHECKOUT / "tests"))

from hostile import bank  # noqa: E402 (found only now)
from tqdm import tqdm  # noqa: E402

from vaxlab.grading import sandbox  # noqa: E402
from vaxlab.grading.limits import MIB, Limits  # noqa: E402

#: Stock nbgrader ends a cell after 30 s; this is for those who end nbgrader itself.
LIMIT_S = 180
NOBODY = "61000"


def stock(course: Path, attack: bank.Attack) -> tuple[str, float]:
    """Let stock nbgrader grade one submission: what happened, and the points."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "course")
        shutil.copytree(course, root)
        handed_in = root / "submitted" / attack.name / DAY
        handed_in.mkdir(parents=True)
        released = root / "course" / DAY / f"{bank.NAME}.ipynb"
        attack.build(nbformat.read(released, as_version=4), handed_in)
        subprocess.run(["chown", "-Rh", f"{NOBODY}:{NOBODY}", folder], check=True)
        os.chmod(folder, 0o755)
        room = [shutil.which("bwrap"), *sandbox._mounts(Limits())]
        room += ["--perms", "0755", "--dir", folder, "--bind", root, root]
        room += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--chdir", root]
        room += ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        room += ["prlimit", "--nproc=150", f"--as={6144 * MIB}", f"--fsize={128 * MIB}"]
        room += ["timeout", "--kill-after=5", str(LIMIT_S)]
        code = STOCK.replace("config.Execute.timeout = 300\n", "")
        environment = {"HOME": "/tmp", "PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
        try:
            done = subprocess.run(
                [*map(str, room), sys.executable, "-c", code, str(root), DAY, attack.name],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=LIMIT_S + 60,
            ).returncode
        except subprocess.TimeoutExpired:
            done = -1
        try:
            points = sum(scores(f"sqlite:///{root / 'stock.db'}", attack.name).values())
        except Exception:
            return "no grade in the gradebook", 0.0
        return ("graded" if not done else "nbgrader ended with an error"), points


def main() -> int:
    """Print the table."""
    if os.geteuid() or sandbox.missing():
        print("Not run: this benchmark needs root, to become somebody else, and bubblewrap.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder, "course")
        make(course, [bank.NAME], 0)
        shutil.move(course / "gradebook.db", course / "stock.db")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            told = tqdm(
                pool.map(lambda attack: stock(course, attack), bank.ATTACKS),
                total=len(bank.ATTACKS),
                disable=None,
            )
            rows = list(zip(bank.ATTACKS, told, strict=True))
    print(f"{'row':>3}  {'attack':<42}{'ours':>5}{'stock':>7}  stock nbgrader")
    for attack, (said, points) in rows:
        wrong = "  <- not earned" if points > attack.points else ""
        wrong = "  <- honest points lost" if points < attack.points else wrong
        print(f"{attack.row:>3}  {attack.name:<42}{attack.points:>5g}{points:>7g}  {said}{wrong}")
    more = sum(points > attack.points for attack, (_, points) in rows)
    fewer = sum(points < attack.points for attack, (_, points) in rows)
    print(f"of {len(rows)}: {more} earned what they had not earned, {fewer} lost what they had")
    return 0


if __name__ == "__main__":
    sys.exit(main())
