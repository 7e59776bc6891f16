"""Sentences a second: rules and network of day 4, notebook 1, beside spaCy's own ``nlp.pipe``.

Run ``python benchmarks/reading.py``. spaCy goes into a virtual environment of its own, in a
temporary folder, by pip: that needs the network, about 210 MB and some minutes. It runs a blank
English pipeline with a sentencizer and an entity ruler that knows the same names. So it finds
names, as our dictionary does; it reads no relation. Times are CPU seconds on one core, the best of
three.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

import torch

from vaxlab import data
from vaxlab.lessons.day4.reading import delivery, epochs, material
from vaxlab.literature import Dictionary, sentences
from vaxlab.literature.reader import read

INSTALL_S, RUN_S, TRIES = 900, 900, 3
WITH_SPACY = """
import json, sys, time
import spacy
texts, names = json.load(open(sys.argv[1]))
nlp = spacy.blank("en")
nlp.add_pipe("sentencizer")
ruler = nlp.add_pipe("entity_ruler")
ruler.add_patterns([{"label": "NAME", "pattern": name} for name in names])
best = []
for _ in range(3):
    start = time.process_time()
    found = sum(len(document.ents) for document in nlp.pipe(texts))
    best.append(time.process_time() - start)
print("SECONDS", min(best), found, spacy.__version__)
"""


def seconds(call: Callable[[], object]) -> float:
    """Return the least CPU seconds of some calls."""
    best = []
    for _ in range(TRIES):
        start = time.process_time()
        call()
        best.append(time.process_time() - start)
    return min(best)


def ours() -> dict[str, float]:
    """Return sentences a second of what the course reads with."""
    tables = {name: data.load(name) for name in ("documents", "names", "entities")}
    texts = tables["documents"]["text"].tolist()
    count = sum(len(sentences(text)) for text in texts)
    dictionary = Dictionary(tables["names"])
    rows = material._course()
    patterns = {kinds: material.patterns(kinds) for kinds in rows["kinds"].unique()}
    pairs = list(zip(rows["text"], rows["kinds"], strict=True))
    pair_sentences = len(rows[["document", "sentence"]].drop_duplicates())
    x, y, words, labels = delivery.numbers()
    net = epochs._train(x, y, len(words) + material.FIRST, len(labels))
    tokens = rows["tokens"].tolist()
    return {
        "dictionary alone": count / seconds(lambda: [dictionary.find(text) for text in texts]),
        "reader by rules, names included": count / seconds(lambda: read(*tables.values())),
        "rules of the notebook, on pairs": pair_sentences
        / seconds(lambda: [material._relation(text, patterns[kinds]) for text, kinds in pairs]),
        "network, on tokens of pairs": pair_sentences
        / seconds(lambda: epochs._read(net, material._encode(tokens, words))),
    }


def spacys() -> str:
    """Return sentences a second of spaCy, or why there are none."""
    texts = data.load("documents")["text"].tolist()
    count = sum(len(sentences(text)) for text in texts)
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        given = Path(folder) / "texts.json"
        given.write_text(json.dumps([texts, data.load("names")["name"].tolist()]))
        try:
            subprocess.run(
                [str(python), "-m", "pip", "install", "--quiet", "spacy"],
                check=True,
                capture_output=True,
                timeout=INSTALL_S,
            )
            ran = subprocess.run(
                [str(python), "-c", WITH_SPACY, str(given)],
                check=True,
                capture_output=True,
                text=True,
                timeout=RUN_S,
            )
        except subprocess.TimeoutExpired as error:
            return f"did not end within {error.timeout:.0f} s"
        except subprocess.CalledProcessError as error:
            said = error.stderr if isinstance(error.stderr, str) else error.stderr.decode()
            return f"did not run: {said.strip().splitlines()[-1] if said.strip() else 'no message'}"
    _, spent, found, version = ran.stdout.split()
    return f"{count / float(spent):,.0f} (version {version}, {int(found):,} names found)"


def main() -> None:
    """Print a line each."""
    torch.set_num_threads(1)
    for name, rate in ours().items():
        print(f"{name}: {rate:,.0f} sentences a second", flush=True)
    print(f"spaCy, names alone, sentences a second: {spacys()}")


if __name__ == "__main__":
    main()
