"""Put the answer bank through the real check cells: ``python tests/answers/bank.py``.

Each answer goes through its check as a learner runs it, through the judge as a grader does, and,
with ``--plants N``, on N more plants that nobody chose. Prints each miss, and a table by exercise;
exits with 1 unless all answers earn what they are worth in the notebook and with the judge, and on
the plants right ones are accepted in 99 % of all cases (97 % of each exercise's) and wrong ones
caught in 99.5 %.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from vaxlab.lab import THREAD_CAPS

# Before numpy is imported: a judge's forked copy waits for ever for the threads of its parent.
os.environ.update(THREAD_CAPS)

import numpy as np  # noqa: E402 (its threads are counted when it is imported)
from tqdm import tqdm  # noqa: E402

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

from answers.answer import Answer, judged, run, run_on  # noqa: E402 (found only now)

ACCEPTED, ACCEPTED_BY_EXERCISE, CAUGHT = 0.99, 0.97, 0.995


def bank(part: str = "") -> list[tuple[str, Answer]]:
    """Return the notebook and the answer, for each answer of the notebooks that `part` names."""
    modules = sorted(HERE.glob("day*/[!_]*.py"))
    found = [import_module(f"answers.{path.parent.name}.{path.stem}") for path in modules]
    return [
        (module.NOTEBOOK, answer)
        for module in found
        if part in module.NOTEBOOK
        for answer in module.ANSWERS
    ]


def miss(notebook: str, answer: Answer) -> str:
    """Return what a check got wrong about an answer, or nothing."""
    result = run(notebook, answer)
    if result.points != answer.points:
        return f"earned {result.points:g}, not {answer.points:g}: {result}"
    if answer.says not in str(result):
        return f"was not told {answer.says!r}: {result}"
    if abs(sum(part.out_of for part in result.parts) - result.out_of) > 1e-9:
        return f"parts do not add up to {result.out_of:g} points: {result}"
    if "Traceback" in str(result):
        return f"met a traceback: {result}"
    return ""


def miss_by_judge(notebook: str, answer: Answer, plant_seed: int | None = None) -> str:
    """Return what the judge gave that the notebook's check would not, or nothing.

    With the hidden plant, or with any other: there a wrong answer may by chance earn another part
    of the points or meet other words, if it does so in the notebook too.
    """
    said = judged(notebook, answer, plant_seed)
    if said.get("points") == answer.points and answer.says in said["text"]:
        return ""
    where = ""
    if plant_seed is not None:
        where = f" on plant {plant_seed}"
        there = run_on(notebook, answer, plant_seed)
        is_told = answer.says in said.get("text", "") or said.get("text") == str(there)
        if answer.says and is_told and said.get("points") == there.points < there.out_of:
            return ""
    return f"the judge gave {said.get('points')}{where}, not {answer.points:g}: {said}"


def plants(count: int, seed: int | None = None) -> list[int]:
    """Draw seeds of plants: the same for the same `seed`, else others each time."""
    return [int(number) for number in np.random.default_rng(seed).integers(10**12, 10**13, count)]


def is_missed_on(notebook: str, answer: Answer, plant_seed: int) -> str:
    """Return why a right answer was refused on a plant or a wrong one accepted, or nothing."""
    result = run_on(notebook, answer, plant_seed)
    is_right = not answer.says
    if (result.points == result.out_of) == is_right:
        return ""
    return f"plant {plant_seed}: {'refused' if is_right else 'accepted'}: {result}"


def on_plants(answers: list[tuple[str, Answer]], seeds: Iterable[int]) -> dict[str, list[list]]:
    """Run all answers on plants; return by exercise the verdicts on right and on wrong ones."""
    verdicts: dict[str, list[list]] = defaultdict(lambda: [[], []])
    # Plant by plant, for each is made once and then kept.
    for seed in tqdm(list(seeds), desc="Plants", disable=None):
        for notebook, answer in answers:
            why = is_missed_on(notebook, answer, seed)
            verdicts[answer.grade_id][bool(answer.says)].append(not why)
            if why:
                print(f"{notebook} {answer.grade_id}:\n{answer.source}\n{why}\n", flush=True)
    return verdicts


def unfair(verdicts: dict[str, list[list]]) -> list[str]:
    """Return what is less fair than it should be, in sentences."""
    right = [verdict for pair in verdicts.values() for verdict in pair[0]]
    wrong = [verdict for pair in verdicts.values() for verdict in pair[1]]
    said = []
    if np.mean(right) < ACCEPTED:
        said.append(f"right answers accepted {np.mean(right):.1%}, goal {ACCEPTED:.0%}")
    if np.mean(wrong) < CAUGHT:
        said.append(f"wrong answers caught {np.mean(wrong):.1%}, goal {CAUGHT:.1%}")
    for name, (accepted, _) in verdicts.items():
        if np.mean(accepted) < ACCEPTED_BY_EXERCISE:
            said.append(f"{name}: right answers accepted {np.mean(accepted):.0%}")
    return said


def main() -> int:
    """Run the bank; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", nargs="?", default="", help="part of a notebook's name, or a day")
    parser.add_argument("--plants", type=int, default=0, help="plants that nobody chose")
    parser.add_argument("--seed", type=int, default=None, help="to draw the same plants again")
    given = parser.parse_args()
    answers = bank(given.part)
    counts = {True: [0, 0], False: [0, 0]}
    for notebook, answer in tqdm(answers, desc="Answers", disable=None):
        why = miss(notebook, answer) or miss_by_judge(notebook, answer)
        counts[not answer.says][0] += not why
        counts[not answer.says][1] += 1
        if why:
            print(f"{notebook} {answer.grade_id}:\n{answer.source}\n{why}\n", flush=True)
    bad = []
    if given.plants:
        begun = time.monotonic()
        verdicts = on_plants(answers, plants(given.plants, given.seed))
        for name, (right, wrong) in verdicts.items():
            print(f"{name:26} {sum(right):4}/{len(right):<4} {sum(wrong):4}/{len(wrong)}")
        right, wrong = (sum((pair[k] for pair in verdicts.values()), []) for k in (0, 1))
        print(
            f"{given.plants} plants, {time.monotonic() - begun:.0f} s: right answers accepted "
            f"{sum(right)}/{len(right)}, wrong ones caught {sum(wrong)}/{len(wrong)}"
        )
        bad = unfair(verdicts)
        print(*bad, sep="\n")
    wrong, right = ("/".join(map(str, counts[kind])) for kind in (False, True))
    print(f"notebook and judge: wrong answers caught {wrong}, right answers accepted {right}")
    return int(bool(bad) or any(done != every for done, every in counts.values()))


if __name__ == "__main__":
    raise SystemExit(main())
