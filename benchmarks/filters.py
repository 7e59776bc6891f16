"""An extended Kalman filter on a thousand batches side by side, and one by one with filterpy.

    python benchmarks/filters.py                 # some minutes; filterpy in a folder of its own
    python benchmarks/filters.py --ours          # only this package

Both take the same hours of the same twelve states (day 3, notebook 4), with the same readings, and
their last states are compared. filterpy wants the slopes from its user: by differences here, as
somebody would who has no autograd; the time without them is told as well.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np

SRC = Path(__file__).resolve().parents[1] / "src"
BATCHES, HOURS, THEIRS = 1000, 6, 20
"""Batches side by side; hours of each; batches that filterpy is given, one after the other."""
KNOWN = {
    "recipe_moi": 6e-5,
    "recipe_infection_temperature_c": 36.5,
    "recipe_trypsin_bu_per_ml": 5.0,
}
PACKAGES = ("filterpy==2.0.0", "numpy", "pandas", "plotly", "tqdm", "scipy")

THEIR_CODE = """
import json, sys, time
import numpy as np
from filterpy.kalman import ExtendedKalmanFilter
from vaxlab.lessons.day3.harvest import material as m
given = np.load(sys.argv[1])
k = m.constants(json.loads(sys.argv[2]))
eye = np.eye(12)

def move(x):
    return m.an_hour_on(x[:, None], k)[:, 0]

def slope(x, size=1e-6):
    steps = m.an_hour_on(x[:, None] + size * eye, k) - m.an_hour_on(x[:, None] - size * eye, k)
    return steps / (2 * size)

seen = m.shown(eye)
last, in_slopes, begun = [], 0.0, time.perf_counter()
for b in range(len(given["x"])):
    one = ExtendedKalmanFilter(dim_x=12, dim_z=2)
    one.x, one.P = given["x"][b], given["p"][b]
    one.Q, one.R = given["q"][b], given["r"]
    for reading in given["readings"][:, b]:
        at = time.perf_counter()
        one.F = slope(one.x)
        in_slopes += time.perf_counter() - at
        one.P = one.F @ one.P @ one.F.T + one.Q
        one.x = move(one.x)
        one.update(reading, lambda x: seen, lambda x: seen @ x)
    last.append(one.x)
took = time.perf_counter() - begun
print("SAID", json.dumps({"took": took, "slopes": in_slopes, "last": np.array(last).tolist()}))
"""


def cases() -> dict[str, np.ndarray]:
    """Return states, covariances and readings of a thousand batches, 40 h after infection."""
    from vaxlab.lessons.day3.harvest import material

    rng = np.random.default_rng(0)
    k = material.constants(KNOWN)
    path = material.cloud(k, BATCHES)
    x = path[40].T.copy()
    p = np.tile(1e-6 * np.eye(12), (BATCHES, 1, 1))
    p[:, 10, 10], p[:, 11, 11] = (0.3 * x[:, 10]) ** 2, 0.2**2
    q = np.tile(1e-9 * np.eye(12), (BATCHES, 1, 1))
    q[:, 10, 10], q[:, 11, 11] = (0.05 * x[:, 10]) ** 2, 0.02**2
    shown = np.moveaxis(material.shown(path)[41 : 41 + HOURS], 1, 2)
    readings = shown + np.array(material.SHOWN_SD) * rng.standard_normal(shown.shape)
    return {"x": x, "p": p, "q": q, "r": np.diag(material.SHOWN_SD) ** 2, "readings": readings}


def ours(given: dict[str, np.ndarray]) -> tuple[float, np.ndarray]:
    """Return batches a second of the notebook's step under `torch.func.vmap`, and last states."""
    import torch
    from torch.func import vmap

    from vaxlab.lessons.day3.harvest import material, rivals

    torch.set_num_threads(1)
    k = material.constants(KNOWN)

    def move(x: torch.Tensor) -> torch.Tensor:
        return material.an_hour_on(x[:, None], k)[:, 0]

    def look(x: torch.Tensor) -> torch.Tensor:
        return material.shown(x[:, None])[:, 0]

    r = torch.from_numpy(given["r"])
    step = vmap(lambda x, p, q, y: rivals._ekf_step(x, p, move, look, q, y, r))
    parts = [torch.from_numpy(given[name]) for name in ("x", "p", "q")]
    readings = torch.from_numpy(given["readings"])
    step(*parts, readings[0])  # torch's first call loads the rest of torch
    begun = time.perf_counter()
    x, p, q = parts
    for reading in readings:
        x, p = step(x, p, q, reading)
    return len(x) / (time.perf_counter() - begun), x.numpy()


def theirs(given: dict[str, np.ndarray], folder: Path) -> dict:
    """Return what filterpy took for some of the batches, and their last states."""
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True, timeout=900)
    some = {name: values[:THEIRS] for name, values in given.items() if name in ("x", "p", "q")}
    readings = given["readings"][:, :THEIRS]
    np.savez(folder / "given.npz", **some, r=given["r"], readings=readings)
    command = [python, "-c", THEIR_CODE, folder / "given.npz", json.dumps(KNOWN)]
    environment = os.environ | {"PYTHONPATH": str(SRC)}
    said = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=600
    )
    return json.loads(said.stdout.partition("SAID ")[2])


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ours", action="store_true", help="leave filterpy out")
    alone, given = parser.parse_args().ours, cases()
    rate, last = ours(given)
    print(f"vaxlab: {rate:,.0f} batches a second, {BATCHES} side by side, {HOURS} h each, one core")
    if alone:
        return
    with tempfile.TemporaryDirectory() as folder:
        said = theirs(given, Path(folder))
    one_by_one = THEIRS / said["took"]
    off = float(np.abs(np.array(said["last"]) - last[:THEIRS]).max())
    share = said["slopes"] / said["took"]
    print(f"filterpy: {one_by_one:,.1f} batches a second; {share:.0%} of it in slopes")
    print(f"times faster: {rate / one_by_one:,.0f}; largest difference of a state: {off:.1e}")


if __name__ == "__main__":
    main()
