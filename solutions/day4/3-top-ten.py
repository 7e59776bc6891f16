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
#     title: Which ten targets, and why?
#     minutes: 89
# ---

# %% [markdown]
# # Which ten targets, and why?
#
# **Who asks.** The head of discovery. She has money for ten genes and one disease. Each gene costs a laboratory half a year. She wants a list, and a reason for each line of it.
#
# **Why it matters.** A list of ten is quickly made. The genes that everybody works on are always on it, and it looks sensible. Half a year later it was wrong, and nobody knows why.
#
# **You will be able to**
#
# - count the hits of a list of ten so that popularity and old news do not count;
# - recommend genes for a disease, and beat the popular ones by a factor of two;
# - say something about a disease of which no gene is known;
# - turn scores into chances, and weigh them against risk and reach;
# - give a reason for each line that does not rest on what it is to prove.
#
# **Minutes:** 89. **Points:** 28, in six exercises. Each stands alone.
#
# Genes, diseases and papers of this notebook are **invented**. Nothing here is medical knowledge.

# %%
import networkx as nx
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day4 import top_ten

figures.setup()

# %% [markdown]
# ## The ten that everybody knows · 6 min
#
# The graph of today joins what curators entered with what rules read in 3,300 documents. A gene is a target for a disease if it `promotes` the disease or `protects_from` it.

# %%
tables = top_ten.tables()
edges, evidence, genetics = (tables[name] for name in ("edges", "evidence", "genetics"))
genes, diseases = (sorted(genetics[kind].unique()) for kind in ("gene", "disease"))
affects = edges[edges["relation"].isin(["promotes", "protects_from"])]
known = affects[["head", "tail"]].drop_duplicates().set_axis(["gene", "disease"], axis=1)
print(f"{len(genes)} genes, {len(diseases)} diseases, {len(known)} pairs known today")
edges.sample(4, random_state=1)

# %% [markdown]
# **First a guess, two minutes.** Somebody recommends for each disease the ten genes that have the most known diseases, among those not known for this one. How many of the ten will be found to act on the disease in the next five years? Write a number from 0 to 10 down. Then run the cell.

# %%
figure, by_degree = top_ten.popular()
figures.show(figure, by_degree)

# %% [markdown]
# **How to read it.** Each bar counts diseases. This is the **degree list**: a gene's *degree* is here the number of diseases for which it is known. It knows nothing of the disease, and still it beats ten genes drawn by lot. Genes that do much act on much.
#
# **What it hides.** That a method which has found nothing but popularity looks good beside chance. So everything below has to beat this list, not chance.

# %% [markdown] tags=["instructor"]
# **Ask** Whose name would be on the degree list of your own field? When was it last right?
#
# **Watch for** Guesses of 6 and more. The degree list feels right because we know its names.
#
# **What it shows** {{ by_degree }}

# %% [markdown]
# ## Ten, counted honestly · 10 min
#
# The measure of a list of ten is its **precision at ten**: what share of the ten is found later. Two things make it dishonest. Pairs that are known already come back as if they were news. And genes that everybody studies have more known pairs, so a count that lets them in praises popularity.

# %% [markdown]
# ### Exercise 1 · Ten, counted honestly · 4 points · 8 min
#
# Write `precision_at_10`. `scores` has a row for each gene and a column for each disease. `known` and `found` have the columns `gene` and `disease`. For each disease take the **ten genes of the highest scores that are not known for it**. Count those that are found, and divide by ten. Give the mean of all diseases (columns of `scores`).
#
# The check draws tables. In some nothing is known (1 point), in most some pairs are (2 points). In the last ones rows come twice and name genes that have no score, and of some diseases nothing is known, or nothing found (1 point).
#
# <details><summary>Hint 1</summary>
#
# A loop over the diseases: `for disease in scores.columns`. Within it, sort that one column.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Take the known genes out **before** you cut the ten off. Else a list of ten has only four left, and those look better than they are.
#
# </details>
# <details><summary>Hint 3</summary>
#
# A `set` of pairs answers "is this pair known?" at once, and does not mind if a pair is in it twice. `zip` makes pairs of two columns.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "top-ten-honest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def precision_at_10(scores, known, found):
    """Return the share of the tens that is found, mean of all diseases."""
    share = ...
    ### BEGIN SOLUTION
    held = set(zip(known["gene"], known["disease"], strict=True))
    later = set(zip(found["gene"], found["disease"], strict=True))
    hits = []
    for disease in scores.columns:
        ranked = scores[disease].sort_values(ascending=False).index
        free = [gene for gene in ranked if (gene, disease) not in held]
        hits.append(sum((gene, disease) in later for gene in free[:10]))
    share = np.mean(hits) / 10
    ### END SOLUTION
    return share

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "top-ten-honest-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws tables of 40 genes, and counts as well.
result = top_ten.honest(globals())
### BEGIN HIDDEN TESTS
result = top_ten.honest(globals(), plant_seed=7_352_081_946_713)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Your recommender names eight genes that are all in the textbook. Is that a good sign?
#
# **Watch for** Ten taken first and known ones struck out after. It looks right until somebody divides by what is left.

# %% [markdown]
# ## Three ways to recommend · 17 min
#
# Shops recommend in three ways, and so can you:
#
# - **Content.** A gene is like the known genes of the disease: its protein takes part in the same pathways (`encodes`, then `takes_part_in`).
# - **Collaborative.** *Who took this took that.* Genes that share some diseases share more. Nothing but the known pairs is needed: a table $K$ of genes by diseases, 1 where known. A few factors keep what is regular in it: $K - \bar K \approx U_r S_r V_r^\top$, the **singular value decomposition** cut at $r$. Where the right side is high and the left has no entry yet, a pair is likely missing.
# - **Graph.** Walkers start at the disease and step along edges of any kind. Often they go back and start again. Genes that they meet more often than their degree explains are near.

# %% [markdown]
# ### Exercise 2 · A recommender of your own · 6 points · 13 min
#
# Write `recommend`, in any of these ways or another. It is given a table such as `edges`, and the lists of all genes and all diseases. Give a table of scores: genes as rows, diseases as columns, higher is better. What is known will be left out for you.
#
# The check below calls it for this library; grading calls it for four libraries that nobody has seen, with other genes and other diseases. Its precision at ten, by what is found later, must be **twice that of the degree list** (3 points), and **at least 0.5** (3 points), on average. The course's collaborative way, with 12 factors, had 0.66 to 0.71 on ten libraries, each time more than twice the degree list.
#
# <details><summary>Hint 1</summary>
#
# `pd.crosstab` makes a table of pairs, `.clip(upper=1)` forgets how many sources say the same. Some genes have no pair yet: `.reindex(index=genes, columns=diseases, fill_value=0)` gives them a row.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.linalg.svd(matrix, full_matrices=False)` gives three arrays. All factors together give back just what you put in, and recommend nothing. One factor is popularity. Something between is right: try 6, 12 and 20.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Columns of the first array times the values of the second, matrix-multiplied with rows of the third; of each the first dozen. Take the mean of each disease off before, so that large diseases do not fill the first factor.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "top-ten-recommender", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recommend(edges, genes, diseases):
    """Return scores: genes as rows, diseases as columns, higher is better."""
    scores = ...
    ### BEGIN SOLUTION
    pairs = edges[edges["relation"].isin(["promotes", "protects_from"])]
    table = pd.crosstab(pairs["head"], pairs["tail"]).clip(upper=1)
    table = table.reindex(index=genes, columns=diseases, fill_value=0)
    u, s, v = np.linalg.svd(table - table.mean(), full_matrices=False)
    scores = pd.DataFrame((u[:, :12] * s[:12]) @ v[:12], index=genes, columns=diseases)
    ### END SOLUTION
    return scores

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "top-ten-recommender-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check knows what is found in this library later; grading asks four others.
result = top_ten.recommended(globals())
### BEGIN HIDDEN TESTS
result = top_ten.recommended(globals(), plant_seed=7_352_081_946_713)
### END HIDDEN TESTS
result

# %%
# Your list beside the course's three, genetics alone, and popularity.
figure, told = top_ten.beside(globals())
figures.show(figure, told)

# %%
# How often does a pair that is found later score above one that is not?
wins = top_ten.equals(globals())
wins

# %% [markdown]
# **How to read it.** In the left column of the table each pair that is found later meets all other genes of the disease. The right column asks a harder question. There it meets only genes **with as many known diseases**. A half is a coin. Against equals the degree list is a coin, by construction. What a method keeps there is knowledge of the disease.
#
# **What it hides.** Each of these libraries was made by one recipe, in which genes work in groups and diseases come of groups. Real diseases are less tidy. And "found later" is found by people who read the same papers: what nobody looks for is not found, whatever is true.

# %% [markdown] tags=["instructor"]
# **Ask** Which of the three ways would still work for a gene that nobody has written about? (Content and graph, if its protein has a pathway. The collaborative way has an empty row.)
#
# **Watch for** All factors kept: then the scores are the table itself, and each open pair has the same. A rank of 1 or 2: popularity again.
#
# **What it shows** {{ told }} Against equals: the degree list {{ f'{wins.iloc[0, 1]:.2f}' }}, the last row {{ f'{wins.iloc[-1, 1]:.2f}' }}.

# %% [markdown]
# ## A disease without a gene · 11 min
#
# Of two diseases the graph knows no gene at all. Whoever recommends by known genes has nothing to begin with: a **cold start**. But something else is known. Pathways `drive` a disease, and proteins `take_part_in` pathways. And a genome-wide study has looked at each pair: `z` is 0 on average where there is nothing, and a little higher where there is something.

# %%
first, *_ = top_ten.lonely()
print(top_ten.names_of([first]))
edges[(edges["tail"] == first) & (edges["relation"] == "drives")]

# %% [markdown]
# ### Exercise 3 · A disease without a gene · 4 points · 9 min
#
# Write `cold_start`. It is given a table such as `edges`, a Series `z` of genetics by gene, and the id of a disease. Give a list of ten genes, in any order. Write `edges["tail"]`: `edges.tail` is a method of the table.
#
# Where pathways of the disease are known, your ten must hold 80 % of the true genes that the course's ten hold (1 point). Then `z` comes from another study, of nine times as many people, in which true genes stand out three times as far: now it must be 93 % (2 points). At last all edges of the disease are hidden: there your ten must hold 90 % of the course's (1 point). The second and the third count once the first is met. Each is a mean over diseases, in grading of two libraries that nobody has seen.
#
# <details><summary>Hint 1</summary>
#
# Three steps: the pathways that drive the disease, the proteins that take part in them, the genes that encode those proteins. Edges from two sources stand in the table twice.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Count for each gene how many of those pathways its protein is in. `value_counts`, then `.reindex(z.index, fill_value=0)`: genes that are in none count 0.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Add a part of `z` to the counts. It breaks ties among genes of one pathway, and decides alone where the counts are all 0. One pathway is worth about two units of `z`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "top-ten-cold", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cold_start(edges, z, disease):
    """Return ten genes for a disease of which no gene is known."""
    ten = ...
    ### BEGIN SOLUTION
    steps = edges[["head", "relation", "tail"]].drop_duplicates()
    drives = steps[(steps["relation"] == "drives") & (steps["tail"] == disease)]
    inside = steps[(steps["relation"] == "takes_part_in") & steps["tail"].isin(drives["head"])]
    owner = steps[steps["relation"] == "encodes"].drop_duplicates("tail")
    owner = owner.set_index("tail")["head"]
    shared = inside["head"].map(owner).value_counts().reindex(z.index, fill_value=0)
    ten = list((shared + 0.5 * z).nlargest(10).index)
    ### END SOLUTION
    return ten

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "top-ten-cold-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check hides the genes of some diseases, and knows them.
result = top_ten.cold(globals())
### BEGIN HIDDEN TESTS
result = top_ten.cold(globals(), plant_seed=7_352_081_946_713)
### END HIDDEN TESTS
result

# %%
# True genes among ten, for the two diseases that have no known gene.
lonely = top_ten.without_genes(globals())
lonely.T

# %% [markdown]
# **How to read it.** On average two weak sources are better than the better one of them, because they err for different reasons; for one disease they may not be. Where the graph is silent the other one speaks alone.
#
# **What it hides.** Two diseases are two: look at the check for a mean. And genetics finds what varies between people. A gene that hardly varies stays unseen there, however much it matters.

# %% [markdown] tags=["instructor"]
# **Ask** What of your plant is a cold start? (A new product, a new line, a supplier's first lot.) What is known of it all the same?
#
# **Watch for** Ten genes of one pathway in the table's order. They score, but where no pathway is known they are simply the first ten.
#
# **What it shows** True of ten, by genetics {{ ', '.join(map(str, lonely['genetics'])) }}; by pathways {{ ', '.join(map(str, lonely['pathways'])) }}; by both {{ ', '.join(map(str, lonely.iloc[:, -1])) }}.

# %% [markdown]
# ## How sure, in per cent · 5 min
#
# A score of 2.1 says nothing to somebody who pays. A **chance** does. The laboratory has tested 600 pairs that were drawn by lot, and so the chance can be learned: a logistic curve of the score, fitted to what was confirmed. This is called *Platt scaling*.

# %%
scores = top_ten.scores(globals())  # yours; the course's, until yours answers
screen = top_ten.screened()
tested = [[scores.at[gene, disease]] for gene, disease in screen[["gene", "disease"]].to_numpy()]
curve = LogisticRegression().fit(tested, screen["confirmed"])
chance = scores.apply(lambda column: curve.predict_proba(column.to_numpy()[:, None])[:, 1])
print(f"{screen['confirmed'].sum()} of {len(screen)} tested pairs were confirmed")

# %%
# Is what is promised what comes?
figure, calibrated = top_ten.reliability(scores, chance)
figures.show(figure, calibrated)

# %% [markdown]
# **How to read it.** Pairs of similar chance make a class. Each mark is a class, at the mean chance of its pairs. On the dashed line things come as often as promised. A score that is only stretched between 0 and 1 looks like a chance, and is none. The sum of the ten chances is a promise: so many hits, before anybody knows.
#
# **What it hides.** The pairs were drawn **by lot**. Pairs that were tested because somebody believed in them give a curve that is too high for all others. And 600 tests hold few hits: at the upper end the curve may be off by ten percentage points and more.

# %% [markdown] tags=["instructor"]
# **Ask** Your laboratory tests only what looks promising. What would a curve of those tests promise for the rest?
#
# **What it shows** {{ calibrated }}

# %% [markdown]
# ## Nobody beats it at everything · 9 min
#
# A good target has more than a chance. A compound must reach its protein (`tractability`), little else should depend on it (`risk`), the genetics should agree (`genetics`, the `z` of above), and a crowd should not be there already (`novelty`). Who adds all that up must say what one point of risk is worth. Who does not want to say so can still sort out what is **dominated**: a candidate for which another one is nowhere worse and somewhere better. The rest is the **front**. Take it away, and there is a second one.
#
# [Gogleva and others](https://doi.org/10.1038/s41467-022-29292-7) ranked genes of drug resistance by such trade-offs, and came from more than 3,000 genes to 57.

# %%
disease = "DIS:041"
forty = top_ten.candidates(chance, disease)
print(top_ten.names_of([disease]))
forty.head(4)

# %% [markdown]
# ### Exercise 4 · Nobody beats it at everything · 4 points · 8 min
#
# Write `layers`. It is given a table such as `forty`, a list `more` of columns of which more is better, and a list `less` of columns of which less is better. Other columns do not count. Give a Series by the table's index: 1 for the front, 2 for the front of what is left without it, and so on.
#
# One point each: the front; with columns of which less is better; all layers where candidates that are **equal** in everything share one; all layers where candidates are equal in some columns.
#
# <details><summary>Hint 1</summary>
#
# Turn the columns of `less` round with a minus sign. Then more is better everywhere, and there is one rule only.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Candidate `a` is dominated if some `b` is `>=` in **all** columns and `>` in **some** column. Without the second half equal candidates knock each other out.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Repeat until each row has a number: among the rows without one, find those that none of these rows dominates. Give them the number of the round, but only after all of them have been compared.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "top-ten-layers", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layers(table, more, less):
    """Return the layer of each candidate: 1 is the front."""
    layer = ...
    ### BEGIN SOLUTION
    values = pd.concat([table[more], -table[less]], axis=1).to_numpy()
    numbers, number = np.zeros(len(table), dtype=int), 0
    while (numbers == 0).any():
        number += 1
        left = np.flatnonzero(numbers == 0)
        for k in left:
            no_worse = (values[left] >= values[k]).all(axis=1)
            better = (values[left] > values[k]).any(axis=1)
            if not (no_worse & better).any():
                numbers[k] = number
    layer = pd.Series(numbers, index=table.index)
    ### END SOLUTION
    return layer

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "top-ten-layers-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws candidates with two or three objectives.
result = top_ten.pareto(globals())
### BEGIN HIDDEN TESTS
result = top_ten.pareto(globals(), plant_seed=7_352_081_946_713)
### END HIDDEN TESTS
result

# %%
# Two objectives of the forty, and what happens with more of them.
figure, fronts = top_ten.trade_figure(globals(), forty)
figures.show(figure, fronts)

# %%
# All diseases: means of a list of ten, by chance alone, and layer by layer of all five.
price = top_ten.price(globals(), chance)
price

# %% [markdown]
# **How to read it.** From the front nobody can be thrown out without giving something up. Layer by layer, the tens are easier to reach and less risky. The hits hardly change, for genetics is among the objectives and knows something that the score does not.
#
# **What it hides.** With each objective the front grows, for everybody is best at something. With five it holds about half of the candidates, averaged over diseases, and of some diseases far more. Then it sorts out little. Two or three objectives that matter are worth more than ten that are to hand.

# %% [markdown] tags=["instructor"]
# **Ask** Which objective would you leave out first? Who in the room disagrees?
#
# **Watch for** Routines of other packages that *minimise*: they hand over the worst front with a straight face. The check names it.
#
# **What it shows** {{ fronts }} Hits of ten: {{ price.iloc[0]["hits"] }} by chance alone, {{ price.iloc[1]["hits"] }} layer by layer; risk {{ price.iloc[0]["risk"] }} and {{ price.iloc[1]["risk"] }}.

# %% [markdown]
# ## A reason that is not its own proof · 14 min
#
# How well does a method find what is hidden? Take some known pairs out of the graph and see whether it finds them again. The method here is the course's collaborative one, with the degree list beside it. A tenth of the **curated** pairs was taken out, twice. The second time what papers say of these pairs was taken out with them.

# %%
leaked = top_ten.leak()
leaked.T

# %% [markdown]
# In the first column most of the pairs were not hidden at all. The curator's entry was gone, but rules had read the same fact in a paper, and it stood in the graph a second time. The method "found" what it was told. The second column is honest, and the degree list says what popularity alone finds there.
#
# Reasons have the same trap. *Why this gene?* – *Because a paper says so.* That is no reason, it is the claim itself. A **chain** of edges from the gene to the disease explains something only if no step of it rests on a sentence that speaks of the very pair.

# %%
# One row a statement. An entry of the curated graph is a document of its own.
print(top_ten.chains_everywhere())
evidence[["head", "relation", "tail", "document", "sentence", "stance"]].sample(5, random_state=2)

# %% [markdown]
# ### Exercise 5 · A reason that is not its own proof · 6 points · 11 min
#
# Write `chain`. It is given a table such as `evidence`, a gene and a disease. Give a list of entities, from the gene to the disease: a **shortest** chain. An edge may be walked in both directions. There is a step between two entities if a row joins them that
#
# - is `for` something, not `against` it and not `unsure`; and
# - does not stand in a sentence (same `document`, same `sentence`) in which **any** row joins the gene and the disease, in whatever direction, relation or stance.
#
# Where there is no chain, give an empty list. Write `evidence["tail"]`, as above. Five small graphs hold a trap each (1 point each). Six pairs of a library, into which a few more sentences were written, earn the last point.
#
# <details><summary>Hint 1</summary>
#
# First find the rows that join the two. Either may be the head. Remember their places: pairs of document and sentence.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Then keep the rows whose place is not among those, and of these the rows that are `for` something. In this order: a doubted claim is a claim, too.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `nx.Graph(...)` takes a list of pairs, or what `zip` makes of two columns; a table it reads otherwise. `nx.shortest_path` and `nx.has_path` stumble over an entity that is not in the graph: ask with `in` before.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "top-ten-chain", "locked": false, "schema_version": 3, "solution": true, "task": false}
def chain(evidence, gene, disease):
    """Return the entities of a shortest chain whose sources do not speak of the pair."""
    steps = ...
    ### BEGIN SOLUTION
    heads, tails = evidence["head"], evidence["tail"]
    about = (heads.eq(gene) & tails.eq(disease)) | (heads.eq(disease) & tails.eq(gene))
    places = pd.MultiIndex.from_frame(evidence[["document", "sentence"]])
    rows = evidence[~places.isin(places[about]) & evidence["stance"].eq("for")]
    graph = nx.Graph(rows[["head", "tail"]].to_numpy().tolist())
    joined = gene in graph and disease in graph and nx.has_path(graph, gene, disease)
    steps = nx.shortest_path(graph, gene, disease) if joined else []
    ### END SOLUTION
    return steps

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "top-ten-chain-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check draws five small graphs with one trap each, and asks for pairs that are known.
result = top_ten.reasons(globals())
### BEGIN HIDDEN TESTS
result = top_ten.reasons(globals(), plant_seed=7_352_081_946_713)
### END HIDDEN TESTS
result

# %%
# Your ten. `said`: what documents say of the pair itself. `by`: what joins gene and disease.
ten = top_ten.ten(globals(), chance, disease)
ten

# %%
# The first of them, step by step, with its sources.
print(top_ten.reasons_for(globals(), ten.index[0], disease))

# %% [markdown]
# Now look around. The **explorer** begins at the disease. Click on a node, and *Widen* brings its neighbours. Open *Relations*: its check boxes shrink the picture to some kinds of edges. A click on an edge shows its sentences. Ask for a *theory*, from a gene of your list to the disease, and confirm or exclude it.

# %%
top_ten.explore(disease)

# %% [markdown]
# **How to read it.** Each step has its own sources, and you can read them. A chain by another disease says: *these genes act together elsewhere*. A chain by a pathway says *how*.
#
# **What it hides.** A chain is not evidence because it exists. Short chains join nearly all pairs, those that are found later and those that are not, as the sentence above the exercise says. So the ranking is made by the score, which weighs all chains together. A chain makes a line **readable**, so that somebody can object to it.

# %% [markdown] tags=["instructor"]
# **Ask** Read one chain aloud. Which step would a specialist throw out, and would the target fall with it?
#
# **Watch for** Only the direct edge is taken out, and its sentence stays. Some sentences say more than one thing, and then one sentence is claim and reason at once.
#
# **What it shows** Found again: {{ leaked.iloc[0, 2] }} with the sentences left in, {{ leaked.iloc[1, 2] }} without. {{ top_ten.chains_everywhere() }}

# %% [markdown]
# ## Let the plant run on it · 15 min
#
# The plant of this notebook is the world behind the library. Let five years pass. For each disease a list of ten is picked from *your* scores, layer by layer of *your* layers, and beside it stands the degree list.

# %%
confirmed, figure, paid = top_ten.five_years(globals(), chance, disease)
figures.show(figure, paid)
confirmed

# %% [markdown]
# **How to read it.** The interval is that of differences, disease by disease. What was promised is the sum of the chances, written down before. It is less than what the curve promised, because layer by layer other genes are picked than those of the highest chance.
#
# **What it hides.** The diseases share their genes, so they are not quite independent, and the interval is a little too narrow. A hit is a gene that acts on the disease. From there to a medicine most are still lost. And for the two diseases without a known gene these scores know nothing: there `cold_start` should have been asked.

# %% [markdown] tags=["instructor"]
# **Ask** Three of your ten are wrong. You can not know which. Does she get her money's worth?
#
# **What it shows** {{ paid }}

# %% [markdown]
# ### Exercise 6 · In your own words · 4 points · 9 min
#
# A scientist of the laboratory writes: *"Half a year for one of these ten. Which one would you take, why, and what would change your mind?"* Choose one of your ten. Answer in five to seven sentences that a colleague can object to. Use the tables above; there is no need to work anything out. Write as if the five years had not passed: what was `confirmed` nobody knows yet.
#
# A person marks it, one point each for:
#
# - the gene with its chance, as a number that may fail, and what a list of popular genes would give;
# - the evidence **for** it: a chain with a source for each step, none of which speaks of the pair itself;
# - the evidence **against** it, or what is missing: risk, reach, genetics, a doubted or denied sentence;
# - what would change your mind: an experiment or a finding, and which result means stop.

# %% [markdown] nbgrader={"grade": true, "grade_id": "top-ten-letter", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# I would take FLSK6: its calibrated chance is 0.97, so three such guesses in a hundred should fail, and a list of popular genes hits 2.5 times in ten. It promotes familial quumberoid pneumonitis (A0442), VRX7 promotes that disease, too (A1292), and VRX7 promotes ours, loxal retinopathy (A1752). Curators have entered each of the three steps as well, and no document says anything of FLSK6 and loxal retinopathy, so no source repeats the claim. Against it stand its risk of 0.43, and its genetics of -1.51, below zero. The chain tells of company and not of mechanism, and chains as short join 97 % of the pairs that are not found later. First I would switch FLSK6 off in a model of the disease: no effect in two independent runs means stop. And if a second genetic study finds it below zero again, I would take the second of the ten.

# %% [markdown] tags=["instructor"]
# **Rubric** One point for each line; half points where a line is there but vague. What the learner's own tables say counts.
#
# - It names a gene of the ten and gives its chance as a number between 0 and 1, and compares with the degree list or with chance. Here the first: {{ ten.iloc[0]["gene"] }}, {{ ten.iloc[0]["chance"] }}. {{ by_degree }}
# - It tells a chain with its steps and a source for at least one of them, and says that none states the pair. A single direct sentence is no chain. What was `confirmed` five years later is no evidence here.
# - It names something that speaks against it: a value of its row (risk {{ ten.iloc[0]["risk"] }}), a sentence in doubt, a step that is weak, or that short chains are everywhere.
# - It names an experiment or a finding, and the result on which it would stop.
#
# **Strong** *"{{ ten.iloc[3]["gene"] }}, chance {{ ten.iloc[3]["chance"] }}: so many of a hundred such guesses should hold, and of the popular list one in four. It acts on a disease that shares a gene with ours, and for both steps there are curators' entries and papers, none about our pair. Against it: a risk of {{ ten.iloc[3]["risk"] }}, and a chain that tells no mechanism. I would knock it down in the cell model first. No effect in two runs, and I give the half year to the second of the list."* Four points.
#
# **Weak** *"The AI gives the highest score, and the graph shows a path from the gene to the disease, which proves it. We should also look at the other nine."* No point: no chance, no source, nothing against, and no result that would stop it.

# %% [markdown]
# ## What we have seen · 2 min
#
# - A list of ten is judged by what is found later, without what is known, and beside the popular genes. Half of the ten and twice the popular list can be had.
# - Two weak sources beat the better one, chances want pairs that were tested by lot, and several objectives make a front, not a winner.
# - What was read in a text must not prove itself: a reason whose sources speak of the pair is the claim again, and chains alone are everywhere.
