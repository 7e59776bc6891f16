# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   vaxlab:
#     title: Build the graph and complete it
#     minutes: 89
# ---

# %% [markdown]
# # Build the graph and complete it
#
# **Who asks.** The head of quality. Three thousand abstracts and three hundred deviation reports have been read by a program. It found 7,500 sentences that say something. *"Which lots of raw material must I send back? Show me the sentences. And what do we not know yet?"*
#
# **Why it matters.** A lot that goes back by mistake costs batches. A bad one that stays costs them as well. A graph that cannot name its sources convinces nobody.
#
# **You will be able to**
#
# - bring many ids of one thing together, and refuse what contradicts itself;
# - turn sentences into edges that know their sentences, with public and internal ones apart;
# - walk from a gene to a batch, and read the sentence behind each step;
# - write four models that complete a graph, and rank their answers fairly;
# - find the leak that makes such models look good.
#
# **Minutes:** 89. **Points:** 28, in six exercises. Each stands alone.
#
# Genes, proteins, diseases, compounds and pathways here are **invented**. Nothing is medical knowledge. Lots, batches and faults are those of the virtual plant.

# %%
import textwrap
import time

import numpy as np
import torch

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import data, figures
from vaxlab.knowledge.store import Store
from vaxlab.lessons.day4 import graph_of_facts

figures.setup()
torch.set_num_threads(1)  # so small are the matrices that a second thread only waits

# %% [markdown]
# ## Named is not found · 5 min
#
# The reader of the last notebook went through all documents. Here is what it found in reports about compounds in lots of raw material.
#
# **First a guess, one minute.** The next cell counts the lots that stand in one sentence with a compound which does not belong there. Run it. In how many of them was the compound really found? Write a number down. The cell after that one has the answer.

# %%
assertions = data.load("assertions")
documents = data.load("documents")
in_lots = assertions[assertions["relation"] == "found_in"]
print(f"{len(assertions)} sentences that say something, {len(in_lots)} of them of compounds in lots")
print(f"The latter name {in_lots['tail'].nunique()} lots beside a compound")
in_lots[["head", "tail", "polarity", "certainty"]].head(6)

# %%
# What reports say of each of these lots.
figure, found = graph_of_facts.lots_figure(globals())
figures.show(figure, found)

# %% [markdown]
# **How to read it.** A bar is a lot, its height is sentences. To the left are lots in which a compound was found. Most of the others were tested, *and were clean*. Some were only suspected.
#
# **What it hides.** The reader misses about half of what is written, so a lot without a bar is not a clean lot. The last notebook counted more lots: all that are *named* with a compound. Here are those of which the reader understood a sentence. A sentence may also be wrong. That is why each edge of this notebook will keep its sentences.

# %% [markdown] tags=["instructor"]
# **Ask** Who wrote a number above 20? What did the sentence of the guess suggest, and what did it not say?
#
# **Watch for** "Named together" taken for "found". The plant pays for it in the last section.
#
# **What it shows** {{ found }}

# %% [markdown]
# ## One id for one thing · 10 min
#
# The plant calls a lot `SER-08`. Reports write *serum lot 8*. The graph calls it `LOT:SER-08`. Purchasing has numbers of its own, and has renamed them twice. If one thing has two ids, its facts fall apart, and no path leads from the one half to the other.

# %%
registry = graph_of_facts.registry()  # "the first is now called the second"
print(f"{len(registry)} rows, {registry['alias'].isin(registry['entity']).sum()} of them go on")
registry[registry["alias"].isin(["SER-08", "B170", "MAT-0167", "MAT-5167"])]

# %% [markdown]
# ### Exercise 1 · One id for one thing · 4 points · 8 min
#
# Write `canonical`. It is given a table such as `registry`. Give a dictionary: each alias of the table to its **last** id, the one that is no alias itself.
#
# - Ways may be long: `MAT-0167` leads to `MAT-5167`, and that to `CPD:168`. Rows stand in any order, and a row may come twice (2 points).
# - Where the ways run in a circle there is no last id. Raise a `ValueError` (1 point).
# - Where an alias stands beside two different entities, raise a `ValueError`, too (1 point), even if both lead to one id.
#
# <details><summary>Hint 1</summary>
#
# `step = dict(zip(mappings["alias"], mappings["entity"]))` knows one step. Repeat it.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For each alias: `place = step[alias]`, and `while place in step: place = step[place]`. Count the steps: more than there are rows is a circle.
#
# </details>
# <details><summary>Hint 3</summary>
#
# A dictionary keeps one entity for an alias and forgets the other. Ask before: does each alias have one *unique* entity? `groupby("alias")["entity"].nunique()` tells.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "graph-ids", "locked": false, "schema_version": 3, "solution": true, "task": false}
def canonical(mappings):
    """Return the last id of each alias, as a dictionary."""
    last = ...
    ### BEGIN SOLUTION
    if (mappings.groupby("alias")["entity"].nunique() > 1).any():
        raise ValueError("an alias stands for two things")
    step = dict(zip(mappings["alias"], mappings["entity"], strict=True))
    last = {}
    for alias in step:
        place, steps = alias, 0
        while place in step:
            place, steps = step[place], steps + 1
            if steps > len(step):
                raise ValueError(f"{alias} runs in a circle")
        last[alias] = place
    ### END SOLUTION
    return last

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph-ids-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws ids that were renamed up to four times.
result = graph_of_facts.ids(globals())
### BEGIN HIDDEN TESTS
result = graph_of_facts.ids(globals(), plant_seed=7_809_536_278_675)
### END HIDDEN TESTS
result

# %% [markdown]
# **How to read it.** A refusal is a good answer. Whoever guesses in a circle has made a third id.
#
# **What it hides.** Here somebody wrote down which ids belong together. Most of the work of a real graph is to find that out. A wrong row merges two things for good, and their facts with them.

# %% [markdown] tags=["instructor"]
# **Ask** Which two systems of your plant call one thing by two names? Who decides?
#
# **Watch for** One step only, which a `map` gives. The check says so, and shows a longer way.

# %% [markdown]
# ## From sentences to edges · 13 min
#
# A sentence **says** something; an **edge** is what several sentences say together. An edge here is one row: head, relation, tail, and the source of its documents. It counts the sentences for it, those against it, and those that leave it open.

# %%
# Three sentences about one compound, under two names, and one lot.
pair = in_lots[(in_lots["head"] == "CPD:196") & (in_lots["tail"] == "LOT:CAR-01")]
for row in pair.itertuples():
    print(f"{row.document}  {row.polarity}, {row.certainty}: {row.text}")

# %% [markdown]
# ### Exercise 2 · From sentences to edges · 6 points · 12 min
#
# Write `edges_from`. It is given tables such as `assertions` and `documents`. Give a DataFrame with one row for each **head, relation, tail and source** (1 point), in any order. `source` is that of the document. Three more columns count sentences:
#
# - `n_for` (2 points): affirmed, and stated without a hedge;
# - `n_against` (1 point): negated, and stated without a hedge;
# - `n_unsure` (1 point): hedged, whether affirmed or negated.
#
# An edge that is only denied is news as well: keep it. Then two things that happen on any Monday (1 point). A row that stands twice in `assertions` is one sentence, for the reader was run again. A document that is no longer in `documents` was withdrawn, and what it said goes with it.
#
# <details><summary>Hint 1</summary>
#
# `drop_duplicates()` first. Then `merge` with `documents[["document", "source"]]` on `document`: an inner merge leaves withdrawn ones out by itself.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Three columns of True and False, such as `table["n_unsure"] = table["certainty"] == "hedged"`. The sum of such a column counts.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `groupby([...], as_index=False)[[...]].sum()` with the four columns of an edge in the first brackets, and the three counts in the second.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "graph-edges", "locked": false, "schema_version": 3, "solution": true, "task": false}
def edges_from(assertions, documents):
    """Return edges with their sentences for, against and unsure."""
    edges = ...
    ### BEGIN SOLUTION
    table = assertions.drop_duplicates().merge(documents[["document", "source"]], on="document")
    hedged, negated = table["certainty"] == "hedged", table["polarity"] == "negated"
    table["n_for"] = ~hedged & ~negated
    table["n_against"] = ~hedged & negated
    table["n_unsure"] = hedged
    edge, counts = ["head", "relation", "tail", "source"], ["n_for", "n_against", "n_unsure"]
    edges = table.groupby(edge, as_index=False)[counts].sum()
    ### END SOLUTION
    return edges

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph-edges-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check draws sentences of all kinds, with withdrawn documents among theirs.
result = graph_of_facts.edges(globals())
### BEGIN HIDDEN TESTS
result = graph_of_facts.edges(globals(), plant_seed=7_809_536_278_675)
### END HIDDEN TESTS
result

# %%
# What your edges say of lots. (`lots_figure` of the first section, now by your function.)
figure, found = graph_of_facts.lots_figure(globals())
print(textwrap.fill(found, 88))

# %% [markdown]
# **How to read it.** The lots to the left of the first figure have edges that somebody affirmed without a hedge. Those that more sentences support than deny are the ones to act on.
#
# **What it hides.** Three sentences are not three findings. Two reports may tell of the same test. A count is a beginning; the sentences themselves decide.

# %% [markdown] tags=["instructor"]
# **Ask** "Probably not in CAR-01": for, against, or neither? Who would send the lot back?
#
# **Watch for** `merge` before `drop_duplicates` is fine; `drop_duplicates(["head", "relation", "tail"])` is not: it throws sentences away.
#
# **If short of time** Leave the last point, and tell them about reruns.
#
# **What it shows** {{ found }}

# %% [markdown]
# ## From a gene to a batch · 8 min
#
# Tables fit in memory. Graphs of a company do not, and many people write to them. So edges live in a **store**: here DuckDB, a database in one file, or in memory. It keeps assertions, and *makes* the edges from them when it is asked.

# %%
store = Store()  # Store("graph.duckdb") would keep it in a file
for run in ("first run", "second run"):
    begun = time.process_time()
    added = graph_of_facts.fill(store)
    print(f"{run}: {added}, {time.process_time() - begun:.1f} s")

# %% [markdown]
# The second run added nothing. That is no luck: a document replaces what *it* said before, and only that. All of it happens in one **transaction**. If one row is wrong, nothing is written.
#
# The store holds more than the first cell of this notebook counted. The known graph and the genealogy of the batches are in it too, as one document each, and each of their rows counts as a sentence. So there are three kinds of source: abstracts are **public**, the known graph is **curated** (people put it together), reports and genealogy are **internal**.
#
# Now quality corrects one report. `removed` counts all sentences of the old text. The table shows what becomes of edges to lots.

# %%
# Quality corrects one report. What changes?
before = store.edges(relations=["found_in"])
print(graph_of_facts.correct(store))
after = store.edges(relations=["found_in"])
before.merge(after, on=["head", "relation", "tail", "source"], suffixes=(" before", " after")).query(
    "`n_for before` != `n_for after`"
)[["head", "tail", "n_for before", "n_for after"]]

# %%
# All sources, joined: the ways of four steps from a gene to a batch, by four relations.
from_to = graph_of_facts.a_way(store)
figure, way = graph_of_facts.path_figure(store, from_to.gene, from_to.batch)
figures.show(figure, way)

# %%
# And the sentences behind one step of it.
for row in store.evidence(from_to.compound, "found_in", from_to.lot).itertuples():
    print(f"{row.document}, sentence {row.sentence}, {row.sha256[:8]}: {row.text}")

# %%
# Either half alone does not get there, and a question that is too wide is refused.
for sources in ("internal", ["public", "curated"]):
    steps = store.paths(from_to.gene, from_to.batch, sources=sources)
    print(f"{sources}: {steps['path'].nunique()} ways")
try:
    store.paths(from_to.gene, from_to.batch, most_steps=8)
except Exception as refused:
    print(textwrap.fill(str(refused), 88))

# %% [markdown]
# **How to read it.** An arrow leads from the head of an edge to its tail; a way may follow it or go against it. The first half is known outside the plant as well: a compound inhibits a protein that the gene encodes. The second half only the plant knows: the compound is in a lot, and the lot in a batch. The eight characters before each sentence are the beginning of its **hash**. If somebody changes a letter, the hash no longer fits.
#
# **What it hides.** A path is no cause. It says where to look, and which sentences to read first. With enough steps everything is joined to everything.
#
# A real graph looks the same. Here is one that was curated by hand from papers (PyBEL's example about the growth factor EGF, MIT licence), a sentence and a PubMed id for every edge. The cell prints two edges, each with its sentence. Does the sentence say what the edge says?

# %%
real = graph_of_facts.real_sentences()
for row in real.iloc[[0, -1]].itertuples():
    print(textwrap.fill(f"{row.head} {row.relation} {row.tail}: {row.text}", 88), "\n")
real[["head", "relation", "tail", "pubmed"]]

# %% [markdown] tags=["instructor"]
# **Ask** The first sentence stands behind "AR increases EGF". Read it. Would you have drawn that edge? What did the curator know that is not in the sentence?
#
# **Watch for** People who trust an edge because it has a source. The source is there to be read.
#
# **What it shows** {{ way }}

# %% [markdown]
# ## Four ways to score · 12 min
#
# The store says what is known. What is *missing*? A model gives each entity and each relation a vector, and scores a triple (head, relation, tail) by them. The four best known do it like this:
#
# | model | score | idea |
# |---|---|---|
# | TransE | $-\lVert h + r - t\rVert^2$ | the relation moves the head to the tail |
# | DistMult | $\sum_i h_i\, r_i\, t_i$ | products; head and tail may change places |
# | ComplEx | $\mathrm{Re} \sum_i h_i\, r_i\, \overline{t_i}$ | the same, complex: now they may not |
# | RotatE | $-\sum_i \lvert h_i\, e^{\mathrm{i}\theta_i} - t_i\rvert^2$ | the relation turns the head |
#
# A question is a head and a relation; the answer is a score for **all** entities at once (*1-vs-all*). That makes one matrix product of it. Who is the head of a relation? That is asked as well, through an **inverse relation** with a vector of its own.

# %% [markdown]
# ### Exercise 3 · Four ways to score · 5 points · 10 min
#
# Write the four functions. `h` and `r` have one row a question, `t` has one row an entity, all of $d$ numbers. Give a tensor of shape (questions, entities).
#
# - `transe` and `distmult` take real vectors (1 point each).
# - `complex_`: the first half of each row is the real part, the second half the imaginary one (2 points).
# - `rotate` is given `angle` in place of `r`: $\theta$, in radians, with half as many columns. Head and tail have halves as in `complex_` (1 point).
#
# To six digits is close enough. An array of questions × entities × $d$ gives the right numbers as well, but it is large and slow. Better: a square can be expanded, $\lVert a - b\rVert^2 = \lVert a\rVert^2 + \lVert b\rVert^2 - 2\,a \cdot b$.
#
# <details><summary>Hint 1</summary>
#
# `(h * r) @ t.T` is DistMult, for all questions and all entities. `real, imaginary = h.chunk(2, dim=1)` parts the halves.
#
# </details>
# <details><summary>Hint 2</summary>
#
# (a + bi)(c + di) = (ac − bd) + (ad + bc)i. The real part of x times the conjugate of y is the plain product of the halves: real with real, plus imaginary with imaginary. So join the halves again with `torch.cat([...], dim=1)`, and multiply by `t.T`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# For distances write `-apart(a, b)` with a helper: squares of the rows of `a` as a column, squares of the rows of `b` as a row, less twice `a @ b.T`. `rotate` is `complex_`'s product with `cos` and `sin` of the angle, and then that helper.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "graph-scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def transe(h, r, t):
    """Return the scores of TransE, shape (questions, entities)."""
    scores = ...
    ### BEGIN SOLUTION
    a = h + r
    scores = -((a**2).sum(1, keepdim=True) + (t**2).sum(1) - 2 * a @ t.T)
    ### END SOLUTION
    return scores


def distmult(h, r, t):
    """Return the scores of DistMult, shape (questions, entities)."""
    scores = ...
    ### BEGIN SOLUTION
    scores = (h * r) @ t.T
    ### END SOLUTION
    return scores


def complex_(h, r, t):
    """Return the scores of ComplEx, shape (questions, entities)."""
    scores = ...
    ### BEGIN SOLUTION
    (a, b), (c, d) = h.chunk(2, dim=1), r.chunk(2, dim=1)
    scores = torch.cat([a * c - b * d, a * d + b * c], dim=1) @ t.T
    ### END SOLUTION
    return scores


def rotate(h, angle, t):
    """Return the scores of RotatE, shape (questions, entities)."""
    scores = ...
    ### BEGIN SOLUTION
    (a, b), c, d = h.chunk(2, dim=1), torch.cos(angle), torch.sin(angle)
    turned = torch.cat([a * c - b * d, a * d + b * c], dim=1)
    scores = -((turned**2).sum(1, keepdim=True) + (t**2).sum(1) - 2 * turned @ t.T)
    ### END SOLUTION
    return scores

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph-scores-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check draws vectors, and works the formulas out one by one.
result = graph_of_facts.scoring(globals())
### BEGIN HIDDEN TESTS
result = graph_of_facts.scoring(globals(), plant_seed=7_809_536_278_675)
### END HIDDEN TESTS
result

# %%
# Why the square is expanded: 400 questions, 1,000 entities, vectors of 128 numbers.
ways = graph_of_facts.two_ways()
print(f"{ways.iloc[0]['seconds'] / ways.iloc[1]['seconds']:.0f} times as fast")
ways

# %% [markdown]
# **How to read it.** Both ways give the same numbers. The first builds an array of all differences, and spends its time in moving it. The second is a matrix product, which is what processors are built for.
#
# **What it hides.** A training does this thousands of times. Written the first way, RotatE would not fit into this notebook.

# %% [markdown] tags=["instructor"]
# **Ask** DistMult gives *A inhibits B* and *B inhibits A* the same score. For which relation of ours is that right? (`binds`.)
#
# **Watch for** The forgotten conjugate in `complex_`: the shape is right and the loss falls. The check names it.
#
# **What it shows** The first way needs {{ ways["megabytes"].iloc[0]:.0f }} MB for one array, the second {{ ways["megabytes"].iloc[1]:.1f }}.

# %% [markdown]
# ## A fair rank · 10 min
#
# A model is asked for the tail of a triple that it has not seen. All entities are sorted by their score, and the right one has a **rank**. The mean of 1 / rank is the **MRR**: 1 is perfect. Hits@10 is the share of ranks up to 10. Three details decide what the number is worth:
#
# - A question may have several right answers. Those that are known are no rivals: leave them out (*filtered*). With them the rank is *raw*.
# - Where entities score the same, the right one takes the **middle** of their places. If it took the best, a model that gives everything the same score would be perfect.
# - A rank has to be compared with something. The simplest: how often has each tail had this relation?

# %% [markdown]
# ### Exercise 4 · A fair rank · 4 points · 9 min
#
# Write two functions.
#
# - `ranks(scores, right, others)`: `scores` is an array (questions × entities), `right` an array with the right entity of each question. `others` has for each question a list of the other right entities; the one asked for may be among them, and must not be lost. Give the rank of each right one as an array. 1 point where no other is right, 1 where others are (they are no rivals), 1 for ties.
# - `mrr(ranks)`: the mean of 1 / rank (1 point).
#
# With ties: a right one that shares the best score with two rivals has the places 1, 2 and 3 to share, so its rank is 2.
#
# <details><summary>Hint 1</summary>
#
# Take one question at a time: `own = row[right]`. Above it are `(row > own).sum()` entities.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Make the rivals first: a mask of True, with False at `others` and at the right one. Count only where it is True.
#
# </details>
# <details><summary>Hint 3</summary>
#
# The rank is 1, plus the rivals above, plus half of the rivals with the same score. No sorting is needed.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "graph-ranks", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ranks(scores, right, others):
    """Return the rank of each right entity: an array of numbers."""
    places = ...
    ### BEGIN SOLUTION
    places = []
    for row, entity, known in zip(scores, right, others, strict=True):
        is_rival = np.ones(len(row), dtype=bool)
        is_rival[[*known, entity]] = False
        above = (row[is_rival] > row[entity]).sum()
        same = (row[is_rival] == row[entity]).sum()
        places.append(1 + above + same / 2)
    places = np.array(places)
    ### END SOLUTION
    return places


def mrr(ranks):
    """Return the mean reciprocal rank."""
    mean = ...
    ### BEGIN SOLUTION
    mean = np.mean(1 / np.asarray(ranks, dtype=float))
    ### END SOLUTION
    return mean

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph-ranks-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws scores, with ties and without.
result = graph_of_facts.ranking(globals())
### BEGIN HIDDEN TESTS
result = graph_of_facts.ranking(globals(), plant_seed=7_809_536_278_675)
### END HIDDEN TESTS
result

# %%
# UMLS is a real graph: 135 kinds of medical things, 46 relations. The same test, counted five ways.
traps = graph_of_facts.traps(globals())
traps

# %% [markdown]
# **How to read it.** The first two rows are *one and the same model*. Raw, it looks useless: most of what it puts above the right answer is right as well. The last two rows are one model too, which knows nothing. Whoever lets ties count for it gets a perfect MRR.
#
# **What it hides.** The third row. Counting needs no vectors, and comes a good part of the way. A published MRR without it says little.

# %% [markdown] tags=["instructor"]
# **Ask** A paper reports an MRR of 0.7 on UMLS. What do you ask first?
#
# **Watch for** `argsort` and the place of the right one: ties fall as the sort likes.
#
# **What it shows** An MRR of {{ traps["MRR"].iloc[0]:.1f }} filtered, of {{ traps["MRR"].iloc[1]:.1f }} raw, and of {{ traps["MRR"].iloc[2]:.1f }} by counting.

# %% [markdown]
# ## The leak · 12 min
#
# Now the course's own known graph. A tenth of its edges goes into the test, at random, as everybody does it. What does the table hold besides?

# %%
known = data.load("known")
example = known[known["head"].isin(["PROT:0064"]) | known["tail"].isin(["PROT:0064"])]
print(f"{len(known)} edges, {known['relation'].nunique()} relations")
example.sort_values("relation").tail(6)

# %% [markdown]
# ### Exercise 5 · Find the leak · 5 points · 10 min
#
# Two functions. Both are given a table with the columns `head`, `relation`, `tail`.
#
# - `inverses(triples)`: a list of pairs of **different** relations that say the same thing turned round (2 points). Take a pair if at least 80 % of the edges of the **rarer** of the two stand in the other with head and tail changed. Leave relations with fewer than 20 edges out. Once is enough for a pair, in either order.
# - `fair_split(triples, seed)`: an array of booleans, one a row, in the table's order: True (test) or False (training). About a tenth is test, between 6 and 14 %. No edge of the test may have its two entities joined in training, by whatever relation and whichever way (2 points). The split is drawn at random: the same seed gives the same split, another seed another. Of each relation with 150 edges or more, 2 to 30 % are in the test. And the entities of at least 85 % of the test's edges are in training as well (1 point).
#
# The check calls both with relations under other names.
#
# <details><summary>Hint 1</summary>
#
# A set of pairs for each relation: `set(zip(rows["head"], rows["tail"]))`. The pairs turned round are a set as well, and `&` gives what two sets share.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For the split give each row the name of its **pair of entities**, the same for both ways: `" ".join(sorted([head, tail]))`. Then draw pairs, not rows.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `rng.random(n) < 0.1` draws a tenth of n unique pairs. `np.unique(names, return_inverse=True)` gives the unique pairs, and for each row the place of its pair among them.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "graph-leak", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inverses(triples):
    """Return pairs of relations of which one says the other turned round."""
    pairs = ...
    ### BEGIN SOLUTION
    edges = {
        relation: set(zip(rows["head"], rows["tail"], strict=True))
        for relation, rows in triples.groupby("relation")
        if len(rows) >= 20
    }
    pairs = []
    for a in edges:
        for b in edges:
            turned = {(tail, head) for head, tail in edges[b]}
            if a < b and len(edges[a] & turned) >= 0.8 * min(len(edges[a]), len(turned)):
                pairs.append((a, b))
    ### END SOLUTION
    return pairs


def fair_split(triples, seed):
    """Return True for each row that is test: about a tenth."""
    in_test = ...
    ### BEGIN SOLUTION
    both = zip(triples["head"], triples["tail"], strict=True)
    names = [" ".join(sorted(pair)) for pair in both]
    unique, place = np.unique(names, return_inverse=True)
    in_test = (np.random.default_rng(seed).random(len(unique)) < 0.1)[place]
    ### END SOLUTION
    return in_test

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph-leak-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check disguises a known graph, and puts decoys in.
result = graph_of_facts.splitting(globals())
### BEGIN HIDDEN TESTS
result = graph_of_facts.splitting(globals(), plant_seed=7_809_536_278_675)
### END HIDDEN TESTS
result

# %%
# The same model, the same graph, two splits.
leak = graph_of_facts.leak(globals())
figure, leaked = graph_of_facts.leak_figure(leak)
figures.show(figure, leaked)
leak

# %%
# Three real graphs that many papers have used, in the split that they come with.
real_graphs = graph_of_facts.real_graphs()
real_graphs

# %% [markdown]
# **How to read it.** Split at random, most of the test stands in training: turned round, under another name. The model looks it up. Split fairly it has to *infer*, and most of the MRR is gone. Now look at *MRR of counting*, in the first table: counting gets a small number, too, with no vectors at all. What the model has beyond that is all that it has inferred.
#
# **What it hides.** A fair split is harder than life, too: some real questions are about pairs that are joined already. And the real graphs above are small and dense. That two entities are joined by *something* is no inverse relation yet. How far a number on them carries elsewhere nobody knows.

# %% [markdown] tags=["instructor"]
# **Ask** Where has a table of yours held the same fact twice, under two names?
#
# **Watch for** Splits that only drop the inverse relations from the table. It works here, and the check does not ask for it: under other names they first have to be found.
#
# **What it shows** The MRR falls from {{ leak["MRR of ComplEx"].iloc[0]:.1f }} to {{ leak["MRR of ComplEx"].iloc[1]:.1f }}. What went was the answer sheet.

# %% [markdown]
# ## Complete it · 12 min
#
# Now train. Everything but the model is there: triples become questions both ways, a batch is 512 questions with one answer each, and Adam follows the **cross-entropy** of the right tail among all entities.

# %% [markdown]
# ### Exercise 6 · Complete it · 4 points · 10 min
#
# Finish `complete`. It is given triples in whole numbers (head, relation, tail), how many entities and relations there are, and an array `asked` of heads and relations. It gives a score for each row of `asked` and each entity. Two places are open: `score`, which scores all entities as the tail of heads and relations, and the `cost`, which is to become small.
#
# The check calls it with UMLS under other numbers, four fifths to learn from, and asks for the tails of the rest. An MRR that is 0.08 above counting earns 2 points; one at most 0.06 below the course's own ComplEx earns 2 more.
#
# <details><summary>Hint 1</summary>
#
# `e[heads]` are the vectors of the heads, `r[relations]` those of the relations, and `e` all entities. On UMLS ComplEx is best with these settings, and DistMult comes near. TransE usually stays below the first mark. RotatE needs angles: half of `r`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For ComplEx take the halves apart with `.chunk(2, dim=1)`, multiply, join them with `torch.cat`, and multiply by `e.T`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `torch.nn.functional.cross_entropy` takes the scores of all entities and the number of the right one. It does the softmax itself.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "graph-complete", "locked": false, "schema_version": 3, "solution": true, "task": false}
def complete(triples, entities, relations, asked, epochs=30, dim=128):
    """Return the scores of all tails: a tensor of shape (rows of asked, entities)."""
    torch.manual_seed(0)
    rows = torch.as_tensor(graph_of_facts.questions(np.asarray(triples), relations))
    e = torch.nn.Parameter(0.1 * torch.randn(entities, dim))
    r = torch.nn.Parameter(0.1 * torch.randn(2 * relations, dim))

    def score(heads, relations):
        scores = ...
        ### BEGIN SOLUTION
        (a, b), (c, d) = e[heads].chunk(2, dim=1), r[relations].chunk(2, dim=1)
        scores = torch.cat([a * c - b * d, a * d + b * c], dim=1) @ e.T
        ### END SOLUTION
        return scores

    adam = torch.optim.Adam([e, r], lr=0.03)
    for _ in range(epochs):
        for batch in torch.randperm(len(rows)).split(512):
            heads, relation, tails = rows[batch].T
            cost = ...
            ### BEGIN SOLUTION
            cost = torch.nn.functional.cross_entropy(score(heads, relation), tails)
            ### END SOLUTION
            adam.zero_grad()
            cost.backward()
            adam.step()
    with torch.no_grad():
        return score(*torch.as_tensor(np.asarray(asked)).T)

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph-complete-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check trains it on UMLS under other numbers: some seconds.
result = graph_of_facts.completion(globals())
### BEGIN HIDDEN TESTS
result = graph_of_facts.completion(globals(), plant_seed=7_809_536_278_675)
### END HIDDEN TESTS
result

# %%
# Is one model the best? Four models, five seeds, three tasks, small vectors.
figure, first = graph_of_facts.seeds_figure()
figures.show(figure, first)

# %% [markdown]
# **How to read it.** A small dot is a run, a large one the mean with its interval. TransE is last on UMLS, whatever the seed. Who is *first* may change with the seed: the sentence counts, for each task, how often each model came first. Compare the two splits: the same facts, drawn twice. Where intervals overlap, one run each proves what you like.
#
# **What it hides.** Each model has its own best learning rate and its own best number of epochs. Here all have the same, so this is no verdict on the models.
#
# **PyKEEN** holds these models and dozens more. A comparison with it is fair only if loss, negatives, initialiser, learning rate and epochs are the same; its defaults differ in each. In the two tables they are the same, wherever both have them. Three things are not: what a batch holds, how TransE measures a distance, and how RotatE starts.

# %%
# ComplEx on UMLS, ten epochs, the same settings where both have them: live.
graph_of_facts.beside_pykeen()

# %%
# And for 30 epochs, as the course's benchmark measured it on one core, two seeds each.
graph_of_facts.at_equal_settings()

# %% [markdown]
# **How to read it.** An epoch is not an epoch. A batch of PyKEEN holds 512 *questions* with all their answers, ours 512 *answers*, so ours makes more steps in one. That alone may make most of the difference. TransE and, on Kinships, RotatE are better in PyKEEN: its TransE takes absolute differences, its RotatE begins with turns all round.
#
# **What it hides.** Two seeds, and no setting was tuned for either side. PyKEEN checks and evaluates far more in its seconds. Its loss, its negatives and its start are choices, as are ours: a comparison that leaves them open compares choices, not models.

# %% [markdown] tags=["instructor"]
# **Ask** You may run one model, once, by tonight. What do you write below the table?
#
# **Watch for** A `softmax` before `cross_entropy`, which does it again: it learns, slowly.
#
# **What it shows** The sentence under the figure says who came first. It may differ from one processor to the next, which is the point.

# %% [markdown]
# ## Let the plant run on it · 5 min
#
# Back to the head of quality. Lots go back to their suppliers by **your** edges: those of `found_in` with more sentences for than against. The plant makes its six years again. In each batch a usual lot takes the place of one that went back; recipes, hands, faults and luck are the same. Each lot that goes back costs half a batch, for its successor comes late. (The last notebook charged a whole batch. Both prices are guesses, and here fewer lots are named: only those of which the reader understood a sentence.)
#
# Four rules decide. *Found or suspected* sends back each lot for which one sentence or more affirms a compound, with a hedge or without, whatever others deny.

# %%
table, figure, gained = graph_of_facts.doses(globals())
figures.show(figure, gained)
table

# %% [markdown]
# **How to read it.** The interval comes of the differences, batch by batch, of the same six years with and without these lots. Whoever sends back all that is named gains nothing that can be shown. On this plant suspected lots are worth about what they cost.
#
# **What it hides.** Half a batch is our own guess, and decides how careful one should be. At a whole batch a lot, sending back too many costs twice as much. Batches of one lot are good or bad together, so the true interval is wider. Some reports came when a lot was nearly used up: on the day itself, part of the gain is lost. And the model of the last exercises has no part in this. Known facts, well kept, were enough.

# %% [markdown] tags=["instructor"]
# **Ask** If a new lot cost nothing, which rule would win? And if it cost two batches?
#
# **What it shows** {{ gained }}

# %% [markdown]
# ## What we have seen · 2 min
#
# - A fact is an edge with its sentences: for, against, unsure, each with its source. A rerun changes nothing, a correction only its own.
# - Public and internal sources together reach from a gene to a batch. Neither does alone.
# - A model that completes a graph is worth what it scores on a split without the answers in it, with fair ranks, beside counting, over several seeds.
