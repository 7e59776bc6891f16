"""Put the whole answer bank through the real check cells: ``python tests/answers/bank.py [DAY]``.

Prints each miss, and as its last line how many wrong answers were caught and right ones
accepted; exits with 1 unless that is all of them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from tqdm import tqdm

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

from answers.answer import Answer, run  # noqa: E402 (found only now)


def bank(day: str = "*") -> list[tuple[str, Answer]]:
    """Return the notebook and the answer, for each answer of a day or of all days."""
    modules = sorted(HERE.glob(f"day{day}/[!_]*.py"))
    found = [import_module(f"answers.{path.parent.name}.{path.stem}") for path in modules]
    return [(module.NOTEBOOK, answer) for module in found for answer in module.ANSWERS]


def miss(notebook: str, answer: Answer) -> str:
    """Return what a check got wrong about an answer, or nothing."""
    for result in run(notebook, answer):
        if result.points != answer.points:
            return f"earned {result.points:g}, not {answer.points:g}: {result}"
        if answer.says not in str(result):
            return f"was not told {answer.says!r}: {result}"
        if abs(sum(part.out_of for part in result.parts) - result.out_of) > 1e-9:
            return f"parts do not add up to {result.out_of:g} points: {result}"
        if "Traceback" in str(result):
            return f"met a traceback: {result}"
    return ""


def main(day: str) -> int:
    """Run the bank; return the exit status."""
    counts = {True: [0, 0], False: [0, 0]}
    for notebook, answer in tqdm(bank(day), desc="Answers", disable=None):
        right = not answer.says
        why = miss(notebook, answer)
        counts[right][0] += not why
        counts[right][1] += 1
        if why:
            print(f"{notebook} {answer.grade_id}:\n{answer.source}\n{why}\n")
    wrong, right = ("/".join(map(str, counts[kind])) for kind in (False, True))
    print(f"wrong answers caught {wrong}, right answers accepted {right}")
    return int(any(done != all_of_them for done, all_of_them in counts.values()))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] else "*"))
