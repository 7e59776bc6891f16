"""How long the explorer takes to answer and to redraw, in a graph of 10,000 nodes.

Run ``python benchmarks/explorer.py``. A graph with hubs, as the literature has them, is walked for
20 steps: the node with the most neighbours is widened, and each fifth step shrinks the graph by one
kind or brings it back. Python's part is what the kernel does for a step. The page's part is what
the browser does from getting what is to be shown until it is drawn, table included.
The page holds the widget's own bundle and nothing else; its questions are answered in this process,
so that neither JupyterLab nor a network counts. The walk is done five times, and of each step the
quickest counts: the others were held up by whatever else the machine does. Also told: theories,
with up to four steps a path.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page, sync_playwright

from vaxlab import knowledge
from vaxlab.knowledge.atlas import STANCES
from vaxlab.knowledge.explorer import Explorer

NODES, EDGES, SENTENCES = 10_000, 60_000, 120_000
STEPS, WARM, WALKS = 20, 3, 5
START = "N:00040"
LIMIT_MS = 100.0
PARTS = ("Python", "page")
SYNCED = ("_shown", "_theory", "_marks", "_said")
STATIC = Path(knowledge.__file__).with_name("static")

# A model as anywidget hands it to a widget; what it sends is answered by Python's `answer`.
RENDER = """
async ([source, state]) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  const heard = {};
  const tell = (event, value) => (heard[event] ?? []).forEach(does => does(value));
  const model = {
    get: name => state[name], on: (event, does) => (heard[event] ??= []).push(does), off() {},
    async send(message) {
      const { changed, said } = JSON.parse(await window.answer(message));
      Object.assign(state, changed);
      Object.keys(changed).forEach(name => tell(`change:${name}`));
      said.forEach(message => tell("msg:custom", message));
    },
  };
  window.ask = message => model.send({ id: "benchmark", ...message });
  widget.render({ model, el: document.body });
}
"""
TOOK = "() => performance.getEntriesByName('vaxlab-explorer-redraw').map(e => e.duration)"


def graph(seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return nodes, edges and evidence of a graph with hubs."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"N:{k:05d}" for k in range(NODES)])
    kinds = np.array(["gene", "protein", "disease", "compound", "pathway"])
    relations = np.array(["promotes", "inhibits", "activates", "binds", "treats", "drives"])
    popular = np.arange(1, NODES + 1) ** -0.6
    ends = rng.choice(NODES, (2, EDGES), p=popular / popular.sum())
    names = [f"name of {k}" for k in range(NODES)]
    nodes = pd.DataFrame({"entity": ids, "kind": rng.choice(kinds, NODES), "name": names})
    edges = pd.DataFrame(
        {
            "head": ids[ends[0]],
            "relation": rng.choice(relations, EDGES),
            "tail": ids[ends[1]],
            "source": rng.choice(["curated", "public", "internal"], EDGES),
        }
    )
    told = edges.drop(columns="source").iloc[rng.integers(0, EDGES, SENTENCES)]
    evidence = told.reset_index(drop=True).assign(
        document=[f"A{k % 9000:04d}" for k in range(SENTENCES)],
        sentence=np.arange(SENTENCES) % 17,
        text="What a sentence says of two of them.",
        stance=rng.choice(STANCES, SENTENCES),
        year=2020,
    )
    return nodes, edges, evidence


@contextmanager
def opened(made: Explorer, python_ms: list[float]) -> Iterator[Page]:
    """Show an explorer on a page of its own; what Python needs for each answer is added."""

    def answer(asked: dict) -> str:
        said: list[dict] = []
        made.send = said.append
        before = {name: getattr(made, name) for name in SYNCED}
        begun = time.perf_counter()
        made._answer(made, asked, [])
        python_ms.append(1000 * (time.perf_counter() - begun))
        changed = {n: getattr(made, n) for n in SYNCED if getattr(made, n) is not before[n]}
        return json.dumps({"changed": changed, "said": said})

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1200, "height": 1400})
        page.expose_function("answer", answer)
        page.set_content(f"<style>{(STATIC / 'explorer.css').read_text()}</style>")
        state = {name: getattr(made, name) for name in SYNCED}
        page.evaluate(RENDER, [(STATIC / "explorer.js").read_text(), state])
        page.wait_for_timeout(500)
        yield page
        browser.close()


def next_step(made: Explorer, number: int) -> dict:
    """Widen the node with the most neighbours; at each fifth step hide a kind, or none."""
    if number % 5 == 4:
        hidden = ["pathway"] if number % 10 == 4 else []
        return {"do": "hide", "dimension": "kind", "values": hidden}
    shown = made.nodes.sort_values("beyond", ascending=False, kind="stable")
    return {"do": "widen", "node": shown["entity"].iloc[number % 3]}


def walk(made: Explorer) -> pd.DataFrame:
    """Walk, and return one row a step: nodes and edges shown, Python's and the page's ms."""
    python_ms: list[float] = []
    rows = []
    with opened(made, python_ms) as page:
        for number in range(WARM + STEPS):
            page.evaluate("message => window.ask(message)", next_step(made, number))
            page.wait_for_timeout(250)
            rows.append((len(made.nodes), len(made.edges), python_ms[-1], page.evaluate(TOOK)[-1]))
    return pd.DataFrame(rows, columns=["nodes", "edges", *PARTS])[WARM:]


def main() -> None:
    """Print the table."""
    tables = graph()
    begun = time.perf_counter()
    made = Explorer(*tables, start=START)
    built_s = time.perf_counter() - begun
    walks = [walk(Explorer(*tables, start=START)) for _ in range(WALKS)]
    steps = walks[0].assign(**{part: np.min([w[part] for w in walks], axis=0) for part in PARTS})
    print(f"{NODES:,} nodes, {EDGES:,} edges, {SENTENCES:,} sentences; built in {built_s:.2f} s.")
    print(f"\n| {STEPS} steps, ms | median | most |\n|---|---:|---:|")
    for part in PARTS:
        print(f"| {part} | {steps[part].median():.0f} | {steps[part].max():.0f} |")
    print(f"\nShown: up to {steps['nodes'].max()} nodes and {steps['edges'].max()} edges.")
    print("\n| theory, steps at most | paths | ms, median of 9 |\n|---|---:|---:|")
    for longest in (2, 3, 4):
        took, found = [], []
        for k in range(9):
            begun = time.perf_counter()
            found.append(len(made.theory(f"N:{100 + k:05d}", f"N:{200 + 7 * k:05d}", longest)))
            took.append(1000 * (time.perf_counter() - begun))
        print(f"| {longest} | {min(found)} to {max(found)} | {statistics.median(took):.0f} |")
    verdict = "met" if steps["page"].max() < LIMIT_MS else "missed"
    print(f"\nEach redraw below {LIMIT_MS:.0f} ms: {verdict}.")


if __name__ == "__main__":
    main()
