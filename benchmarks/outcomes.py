"""What a day's notebooks promise, on ten plants that nobody chose.

    python benchmarks/outcomes.py            # print the page (a quarter of an hour)
    python benchmarks/outcomes.py --write    # write docs/outcomes.md
    python benchmarks/outcomes.py --write --only day4/5-capstone    # and keep the others' rows

One row a promise. What is missed on some plants stays printed. The page carries a fingerprint of
the plant's numbers, as docs/decisions.md does; a test compares it.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import calibration_capstone
import calibration_graph_of_facts
import calibration_half_known
import calibration_harvest
import calibration_lot_or_probe
import calibration_monday
import calibration_nine
import calibration_normal
import calibration_raman
import calibration_reading
import calibration_recipe
import calibration_top_ten
import calibration_trajectories
import numpy as np
import pandas as pd
from decisions import fingerprint
from promises import PROMISES, Promise
from tqdm import tqdm

from vaxlab.literature import LIBRARY_SEED
from vaxlab.plant.campaign import HISTORY_SEED

PAGE = Path(__file__).resolve().parents[1] / "docs" / "outcomes.md"


def normal(seed: int) -> dict[str, float]:
    """Return what the charts do on one plant."""
    return calibration_normal.charts(seed, net=False)


def of_library(measure: Callable[[int], dict[str, float]]) -> Callable[[int], dict[str, float]]:
    """Measure a library where a plant is asked for; the course's plant has the course's."""
    return lambda seed: measure(LIBRARY_SEED if seed == HISTORY_SEED else seed)


DAYS: dict[str, dict[str, Callable[[int], dict[str, float]]]] = {
    "day2": {
        "1-normal": normal,
        "2-spectra": calibration_raman.measure,
        "3-trajectories": calibration_trajectories.measure,
        "4-hybrid": calibration_half_known.measure,
    },
    "day3": {
        "1-nine": calibration_nine.measure,
        "2-lot-or-probe": calibration_lot_or_probe.measure,
        "3-recipe": calibration_recipe.measure,
        "4-harvest": calibration_harvest.measure,
    },
    "day4": {
        "1-literature": of_library(calibration_reading.measure),
        "2-graph": calibration_graph_of_facts.measure,
        "3-top-ten": of_library(calibration_top_ten.measure),
        "4-monday": calibration_monday.measure,
        "5-capstone": calibration_capstone.measure,
    },
}


def seeds() -> list[int]:
    """Return ten plants: the course's own and nine that were drawn once."""
    return [HISTORY_SEED, *map(int, np.random.default_rng(20261127).integers(10**12, 10**13, 9))]


def figure(row: dict[str, float], what: str) -> float:
    """Return one figure, or a difference or ratio of two."""
    if what in row:
        return row[what]
    for sign, apply in ((" - ", np.subtract), (" / ", np.divide)):
        one, _, other = what.rpartition(sign)
        if one in row and other in row:
            return float(apply(row[one], row[other]))
    raise KeyError(f"{what}: measured are {', '.join(row)}")


def of_notebook(name: str) -> list[Promise]:
    """Return what a notebook promises."""
    return [one for one in PROMISES if one.notebook == name]


def table(day: str, name: str) -> pd.DataFrame:
    """Return the figure of each promise of a notebook (rows) on each plant (columns)."""
    measured = {seed: DAYS[day][name](seed) for seed in tqdm(seeds(), desc=f"Plants, {name}")}
    return pd.DataFrame(
        {
            seed: [figure(measured[seed], one.figure) for one in of_notebook(name)]
            for seed in seeds()
        }
    )


def must_be(one: Promise) -> str:
    """Write the interval."""
    if np.isinf(one.low) and np.isinf(one.high):
        return "told"
    if np.isinf(one.high):
        return f"≥ {one.low:g}"
    return f"≤ {one.high:g}"


def rows(name: str, found: pd.DataFrame) -> list[str]:
    """Write a notebook's rows."""
    lines = []
    for one, values in zip(of_notebook(name), found.to_numpy(), strict=True):
        kept = ((values >= one.low) & (values <= one.high)).sum()
        held = "" if must_be(one) == "told" else f"{kept} of {len(values)}"
        cells = [f"{value:.2f}" for value in (values.min(), values.mean(), values.max())]
        lines.append(" | ".join(["", one.notebook, one.asked, *cells, must_be(one), held, ""]))
    return [line.strip() for line in lines]


def section(day: str, lines: list[str]) -> str:
    """Write a day's table."""
    text = "\n".join(lines)
    return f"""## Day {day.removeprefix("day")}

| notebook | asked | least | mean | most | must be | held on |
|---|---|---:|---:|---:|---|---|
{text}
"""


def page(measured: list[str]) -> str:
    """Write the page; of what is not measured (``day4/5-capstone``), its rows are kept."""
    kept = PAGE.read_text(encoding="utf-8").splitlines()
    sections = []
    for day, notebooks in DAYS.items():
        lines = []
        for name in notebooks:
            if f"{day}/{name}" in measured:
                lines += rows(name, table(day, name))
            else:
                lines += [line for line in kept if line.startswith(f"| {name} |")]
        sections.append(section(day, lines))
    tables = "\n".join(sections)
    return f"""# What the notebooks promise, on ten plants

Written by `benchmarks/outcomes.py` for the plant's numbers {fingerprint()}; a test keeps it
current. The first plant is the course's own, the nine others were drawn once. A check judges an
answer beside what the course's own method does on the same plant, so a plant on which a promise
is missed is unfair to nobody; the notebooks say where that happens.

{tables}"""


def main() -> None:
    """Print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write docs/outcomes.md")
    parser.add_argument("--only", default="", help="measure day4, or day4/5-capstone, only")
    given = parser.parse_args()
    names = [f"{day}/{name}" for day, notebooks in DAYS.items() for name in notebooks]
    text = page([name for name in names if given.only in name])
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
