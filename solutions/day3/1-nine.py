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
#     title: 220 variables. Which nine move the yield?
#     minutes: 88
# ---

# %% [markdown]
# # 220 variables. Which nine move the yield?
#
# **Who asks.** The head of production. Six years of batch records were joined into one table: 360 batches, 222 columns. The title rounds. In this virtual plant nine causes were planted on purpose, the **drivers**. The head wants them by name, with the direction in which to move them.
#
# **Why it matters.** A column that only goes with the yield can be "improved" for years, and no dose more is made. Each change of a licensed process costs months of paper.
#
# **You will be able to**
#
# - tell causes from stand-ins, symptoms and parts of the yield;
# - call columns with a promise of how many are false: by halves of the data, and by copies that know nothing;
# - count lots where lots are few, not batches;
# - draw a causal graph, hold it against the data, and choose what to hold fixed;
# - move what you found, and count doses.
#
# **Minutes:** 88. **Points:** 28, in six exercises. Each stands alone.

# %%
import numpy as np
import pandas as pd

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day3 import nine

figures.setup()

# %% [markdown]
# ## 222 columns · 6 min
#
# **First a guess, one minute.** Take the fifteen columns that go best with the released doses. How many of the fifteen can be a cause? Write a number down. Then run the cells; the first one takes some 5 s.

# %%
history = nine.history()
columns = nine.catalogue()
columns.groupby("group").size().to_frame("columns").T

# %%
# The fifteen largest correlations with the released doses.
figure, fifteen = nine.best_fifteen()
figures.show(figure, fifteen)

# %% [markdown]
# **How to read it.** A name begins with its block: `coa_` is the certificate of analysis of a lot, `dsp_` downstream processing (the purification), `trend_` what the sensors recorded; `hcp` is host-cell protein. Symptoms are what the batch shows: what comes of it goes with the doses, whatever the cause was. Parts are what the doses are made of, and release tests look at the same. A long bar says "foretells", not "moves".
#
# **What it hides.** The causes. They are in the table, each with a small correlation, under a hundred others.

# %% [markdown] tags=["instructor"]
# **Ask** Who has seen a "critical parameter" that was a symptom? What was done about it?
#
# **What it shows** {{ fifteen }}

# %% [markdown]
# ## What may be a cause at all · 9 min
#
# Before any method: a sieve that only people have. Four words are enough.
#
# - **cause**: done to the batch, and somebody could have done it otherwise;
# - **stand-in**: does nothing itself, but tells of something that acts and that nobody wrote down, such as what is in a lot, how wrong a probe is, how long the air supply failed;
# - **symptom**: the batch shows it, as an effect;
# - **part**: the doses are made of it. Here: antigen of the harvest × recovery of each step = antigen of the bulk, measured as its potency by SRID (single radial immunodiffusion).

# %% [markdown]
# ### Exercise 1 · Sorted out · 4 points · 7 min
#
# Give each of twelve columns its word. All right earn 4 points, each miss costs one. Two things that people know: oxygen is held by a controller, so how low it fell tells how long the air supply failed. And the pH probe drifts from its calibration on.
#
# <details><summary>Hint 1</summary>
#
# Ask of each: if I overwrote this number in the record, and did nothing else, would the next batch be different?
#
# </details>
# <details><summary>Hint 2</summary>
#
# A certificate describes a lot. A batch is made with the lot, not with the paper.
#
# </details>
# <details><summary>Hint 3</summary>
#
# There are three of each word. Base is pumped in by a controller, to neutralise the lactate that cells make.
#
# </details>

# %%
# The twelve, and what they hold.
asked = ["recipe_infection_temperature_c", "coa_serum_growth_promotion", "dsp_antigen_in_mg",
         "sample_viability_harvest", "seed_hours_to_inoculation", "release_potency_ug_per_ml",
         "trend_base_total_ml_infection_mean", "calendar_ph_calibrated_days",
         "dsp_capture_conductivity_ms_per_cm", "dsp_capture_recovery_percent",
         "sample_lactate_harvest", "trend_do_percent_infection_min"]  # fmt: skip
for name in asked:
    print(f"{name}\n    {columns.loc[name, 'what']}")

# %% nbgrader={"grade": false, "grade_id": "nine-roles", "locked": false, "schema_version": 3, "solution": true, "task": false}
# Each is a "cause", a "stand-in", a "symptom" or a "part".
roles = {
    "recipe_infection_temperature_c": ...,
    "coa_serum_growth_promotion": ...,
    "dsp_antigen_in_mg": ...,
    "sample_viability_harvest": ...,
    "seed_hours_to_inoculation": ...,
    "release_potency_ug_per_ml": ...,
    "trend_base_total_ml_infection_mean": ...,
    "calendar_ph_calibrated_days": ...,
    "dsp_capture_conductivity_ms_per_cm": ...,
    "dsp_capture_recovery_percent": ...,
    "sample_lactate_harvest": ...,
    "trend_do_percent_infection_min": ...,
}
### BEGIN SOLUTION
roles = dict(
    recipe_infection_temperature_c="cause",
    coa_serum_growth_promotion="stand-in",
    dsp_antigen_in_mg="part",
    sample_viability_harvest="symptom",
    seed_hours_to_inoculation="cause",
    release_potency_ug_per_ml="part",
    trend_base_total_ml_infection_mean="symptom",
    calendar_ph_calibrated_days="stand-in",
    dsp_capture_conductivity_ms_per_cm="cause",
    dsp_capture_recovery_percent="part",
    sample_lactate_harvest="symptom",
    trend_do_percent_infection_min="stand-in",
)
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "nine-roles-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check counts the columns, and explains the first one that is wrong.
result = nine.sorted_out(globals())
### BEGIN HIDDEN TESTS
result = nine.sorted_out(globals(), plant_seed=7_306_158_942_617)
### END HIDDEN TESTS
result

# %%
# What each block of columns foretells, by PLS (partial least squares), the chemometrician's tool.
figure, foretold = nine.blocks()
figures.show(figure, foretold)

# %% [markdown]
# **How to read it.** Each block alone, once for batches of lots that the model has seen, once for months of new lots. The certificates fall below zero: what looked like knowledge of the serum was the recognition of its lot.
#
# **What it hides.** A block that foretells nothing may still hold a cause: PLS spreads its weight over all columns of a block, and nine small causes drown. So columns must be asked one by one, and somebody must count how often one asks.
#
# The course has sorted all columns by the same rule. `history.x` holds the numbers that may be causes or stand-ins. `history.witnesses` holds four things that each batch shows on its way; you will need them at the end. They have no unit: batches were ranked, and ranks spread like a bell curve, with the middle batch at 0.

# %%
print(history.x.shape, "batches, columns that may say something of a cause")
print(history.lots.nunique().to_dict(), "lots of each material")
history.witnesses.head(3).round(2)

# %% [markdown] tags=["instructor"]
# **Watch for** "The certificate is a cause, for the lot is." Ask what happens if the supplier misprints it.
#
# **What it shows** {{ foretold }}

# %% [markdown]
# ## Halves · 14 min
#
# Is a method any good? On the plant nobody can tell, for nobody there knows the truth. So we practise on **plants made of dice**. Each has 60 columns in families that go together, nine of them causes, 25 lines of certificates, and lots that move the yield. Here the truth is open, and two hundred of them are made in seconds.

# %%
practice = nine.practice(seed=1)
x, y = nine.practice_within(practice)  # what differs within lots: each lot costs a row
print(practice.x.shape, "as made;", x.shape, "within lots; causes:", practice.causes)
select = nine.Forward(12)  # takes in 12 columns, one by one, each the best of what is left
print("chosen from all rows:", np.sort(select(x, y)))

# %% [markdown]
# Twelve are chosen, because twelve were asked for. Which would be chosen *again*? **Stability selection** cuts the rows in two halves at random, selects in each, and counts. The two halves of a pair have no row in common: they are complementary pairs.

# %% [markdown]
# ### Exercise 2 · Halves · 5 points · 11 min
#
# Write `shares` (3 points). `select(x, y)` gives numbers of columns. For each of `pairs`: draw an order of the rows with `rng`, cut it in the middle, and select on both halves. Give each column's share of all the halves, an array (P,).
#
# Then `bound` (2 points). A column that is chosen in a half no more often than a random pick would be is called *low*. For complementary pairs Shah and Samworth proved: of those with a share of `least` or more, at most
#
# $$\frac{\text{count}^2}{\text{columns} \cdot (2 \cdot \text{least} - 1)}$$
#
# are low, on average. `count` is the number that `select` chooses.
#
# <details><summary>Hint 1</summary>
#
# An array of zeros, one place a column. Each half adds one at the columns that it chose.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A permutation of the rows' numbers, from `rng`: the first half of it is one half, the rest is the other.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `times[select(x[rows], y[rows])] += 1`, for two sets of rows in each pair. There are `2 * pairs` halves.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "nine-halves", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shares(select, x, y, pairs, rng):
    """Return how often each column is chosen, (P,), of 2 * pairs halves."""
    share = ...
    ### BEGIN SOLUTION
    times, half = np.zeros(x.shape[1]), len(y) // 2
    for _ in range(pairs):
        order = rng.permutation(len(y))
        for rows in (order[:half], order[half : 2 * half]):
            times[select(x[rows], y[rows])] += 1
    share = times / (2 * pairs)
    ### END SOLUTION
    return share


def bound(count, columns, least):
    """Return how many columns of low chance are called at most, on average."""
    most = ...
    ### BEGIN SOLUTION
    most = count**2 / (columns * (2 * least - 1))
    ### END SOLUTION
    return most

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "nine-halves-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check selects rows instead of columns: each must come in exactly half of the times.
result = nine.halves(globals())
### BEGIN HIDDEN TESTS
result = nine.halves(globals(), plant_seed=7_306_158_942_617)
### END HIDDEN TESTS
result

# %%
# Your halves on fifty practice plants; some 10 s.
figure, halved = nine.on_halves(globals())
figures.show(figure, halved)

# %% [markdown]
# **How to read it.** Each mark is a column of one practice plant. Those chosen most often are drawn. Most causes are chosen in nearly every half; the others now and then. The dashed line is the share from which on we call.
#
# **What it hides.** The bound is kept, and by far: it holds whatever the data, so it is never tight. It is often quoted with another proof, which needs that all columns without effect are alike. This one does not, and in a plant they are not. It promises less: that few *low* columns are called. A neighbour of a cause is not low, and may be called.

# %% [markdown] tags=["instructor"]
# **Ask** What if the halves were drawn with replacement? (Copies of a row in a half make chance look stable.)
#
# **Watch for** A second half that is drawn anew. The mean share is the same; the proof needs the pair.
#
# **What it shows** {{ halved }}

# %% [markdown]
# ## Copies that know nothing · 15 min
#
# Another idea: give each column a **knockoff**, a copy that goes with all other columns as the original does, but knows nothing of the yield. Then let them compete. A column that does not beat its own copy has nothing to say; and how often copies win tells how often luck wins.
#
# Let Σ be the correlations of the columns, each brought to mean 0 and SD 1 and called *z*, and $S = s\,I$. Copies of this kind do it, row by row:
#
# $$\tilde z = z - z\,\Sigma^{-1} S + e, \qquad e \sim N(0,\; 2S - S\,\Sigma^{-1} S), \qquad s = 0.99 \cdot \min(1,\, 2\,\lambda_{\min}(\Sigma))$$
#
# The contest gives each column a number *w*: how much further it comes than its copy. Without effect its sign is a coin. So call the columns with $w \ge t$, for the smallest $t$ among the sizes of *w* at which
#
# $$\frac{1 + \#\{w \le -t\}}{\max(1, \#\{w \ge t\})} \le \text{false share}$$

# %%
from sklearn.covariance import ledoit_wolf

z = (x - x.mean(axis=0)) / x.std(axis=0)
sigma, shrinkage = ledoit_wolf(z)  # correlations, drawn a little towards none: safe to invert
print(sigma.shape, f"smallest eigenvalue {np.linalg.eigvalsh(sigma)[0]:.2f}")

# %% [markdown]
# ### Exercise 3 · Copies that know nothing · 6 points · 12 min
#
# Write `knockoffs` (3 points): from columns (N, P) in any units, copies of the same shape, in the same units, drawn with `rng`. The check looks at means, spreads and correlations over 4,000 rows, and whether copies are as free to differ as *s* allows, also where columns have nothing to do with each other.
#
# Then `chosen` (3 points): from *w* and the false share that is allowed, the numbers of the columns to call. If no *t* keeps the promise, none: an empty array.
#
# <details><summary>Hint 1</summary>
#
# Do inside the function what the cell above does. `np.linalg.inv`, `np.linalg.eigvalsh`, and at the end times the spread, plus the mean.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Noise with covariance C: standard normal numbers (N, P) times the transpose of C's Cholesky root.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.linalg.cholesky(2 * S - S @ inverse @ S)`. For `chosen`: go through `np.sort(np.abs(w))` without zeros, and return at the first t that fits, `np.flatnonzero(w >= t)`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "nine-copies", "locked": false, "schema_version": 3, "solution": true, "task": false}
def knockoffs(x, rng):
    """Return copies of columns (N, P) that know nothing, in the same units."""
    copies = ...
    ### BEGIN SOLUTION
    mean, spread = x.mean(axis=0), x.std(axis=0)
    z = (x - mean) / spread
    sigma, _ = ledoit_wolf(z)
    S = 0.99 * min(1, 2 * np.linalg.eigvalsh(sigma)[0]) * np.eye(len(sigma))
    inverse = np.linalg.inv(sigma)
    root = np.linalg.cholesky(2 * S - S @ inverse @ S)
    copies = z - z @ inverse @ S + rng.standard_normal(z.shape) @ root.T
    copies = mean + spread * copies
    ### END SOLUTION
    return copies


def chosen(w, false_share):
    """Return the numbers of the columns that are called."""
    called = ...
    ### BEGIN SOLUTION
    called = np.array([], dtype=int)
    for t in np.sort(np.abs(w[w != 0])):
        if (1 + (w <= -t).sum()) / max(1, (w >= t).sum()) <= false_share:
            called = np.flatnonzero(w >= t)
            break
    ### END SOLUTION
    return called

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "nine-copies-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check draws columns in odd units, and contests whose winners it knows.
result = nine.copies(globals())
### BEGIN HIDDEN TESTS
result = nine.copies(globals(), plant_seed=7_306_158_942_617)
### END HIDDEN TESTS
result

# %%
# Two hundred practice plants, each twice; some 10 s.
figure, copied = nine.on_copies(globals())
figures.show(figure, copied)

# %% [markdown]
# **How to read it.** Each practice plant gives a share of false columns; their mean is the **false discovery rate**. One fifth was allowed. Within lots it is kept. Where lots are forgotten, all 85 columns and 360 rows are taken as they are, and half of what is called is false: mostly lines of certificates, which tell nothing here.
#
# **What it hides.** The promise is one about the mean: on some plants nearly half of the calls are false, on some none. And it needs rows that are independent. Batches of one lot are not. No formula sees that; somebody must say it.

# %% [markdown] tags=["instructor"]
# **Ask** Why do exactly the certificates come in, when lots are forgotten? (18 or so lots, each with its own level: some line goes with those levels by chance, and 360 rows make the chance look sure.)
#
# **Watch for** Columns shuffled each for itself: the copy of a neighbour of a cause loses its neighbour, and the original wins for nothing. The check says so.
#
# **What it shows** {{ copied }}

# %% [markdown]
# ## Lots are few · 12 min
#
# A line of a certificate has one value a lot. Asked of 360 batches, it pretends to have 360 witnesses; there are only as many as lots. The remedy is old: shuffle what was truly dealt out. **Whole lots** change their values with each other, all batches of a lot together, and the correlation is looked at again. What differs from batch to batch is shuffled the other way: within its lot, its season, its reactor, never across.

# %% [markdown]
# ### Exercise 4 · Lots are few · 4 points · 10 min
#
# Write `lot_p_value`. `line`, `y` and `lots` are arrays with one value a batch; `line` is the same in all batches of a lot, and `lots` holds the lots' numbers, which are texts, in any order. Two lots may have the same value. Shuffle the lots' values `times` times with `rng`. Correlate over batches each time, not over the lots' means. Give the p-value of the size of the correlation of `line` and `y`:
#
# $$p = \frac{1 + \text{shuffles at least as strong}}{1 + \text{times}}$$
#
# Four cases earn 3 points together; that p is never zero earns 1, asked with fewer shuffles.
#
# <details><summary>Hint 1</summary>
#
# First make a short array: the value of each lot. Shuffle that. Then give each batch the value of its lot again.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `names, first, code = np.unique(lots.astype(str), return_index=True, return_inverse=True)`: `line[first]` are the lots' values, and `code` says which lot each batch has.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `rng.permutation(line[first])[code]` is a shuffled line. `abs(np.corrcoef(a, b)[0, 1])` is the size of a correlation; allow for rounding when you compare.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "nine-lots", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lot_p_value(line, y, lots, rng, times=999):
    """Return the p-value of a line of a certificate, lots counted."""
    p = ...
    ### BEGIN SOLUTION
    _, first, code = np.unique(lots.astype(str), return_index=True, return_inverse=True)
    seen = abs(np.corrcoef(line, y)[0, 1])
    strong = 0
    for _ in range(times):
        shuffled = rng.permutation(line[first])[code]
        strong += abs(np.corrcoef(shuffled, y)[0, 1]) >= seen - 1e-12
    p = (1 + strong) / (1 + times)
    ### END SOLUTION
    return p

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "nine-lots-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws lots with levels of their own, and lines that tell of them or do not.
result = nine.lots(globals())
### BEGIN HIDDEN TESTS
result = nine.lots(globals(), plant_seed=7_306_158_942_617)
### END HIDDEN TESTS
result

# %%
# All 28 lines of certificates against the cells at infection, both ways.
figure, small = nine.certificates(globals())
figures.show(figure, small)

# %% [markdown]
# **How to read it.** Crosses count batches, circles count lots. The further left, the surer it seems. Left of the dashed line people begin to believe.
#
# **What it hides.** With so few lots only a strong effect can be seen: a circle right of the line is no acquittal. And lots follow each other in time: what drifts with the years still goes with some of them.

# %% [markdown] tags=["instructor"]
# **Ask** What could be bought with the money for more tests of the same lots? (Nothing. More lots would help.)
#
# **Watch for** Shuffling within lots. That is right for what differs from batch to batch, such as a set point; a line of a certificate stays as it was.
#
# **What it shows** {{ small }}

# %% [markdown]
# ## Your graph · 15 min
#
# Now one cause, and its size. What does **conductivity** at the capture column do to the doses? Cold winters change the buffer, so conductivity goes with the season. So do lots and teams. Here is what people know:
#
# - the season sets which team is on duty, which lots are bought, and, in part, the conductivity;
# - lots of serum and of carriers act on the cells, and so on the virus at harvest; teams follow one procedure;
# - the column recovers less where the feed is salty, and where more virus is loaded than it holds;
# - doses are made of virus and recovery; what has enough doses' worth and is pure is released.
#
# Draw it: drag from a cause to its effect, or type below the picture. An arrow says *acts on, by a way that leads past none of the others*. A **missing** arrow says more: that the two have nothing to do with each other once something is held fixed.

# %%
nine.drawing(globals())

# %% [markdown]
# ### Exercise 5 · Your graph · 5 points · 12 min
#
# Copy the text below your picture into `my_graph`; what you only drew is gone when the notebook is run again. To see `my_graph` drawn, run the cell above once more. The nine variables, spelled so: season, team, serum lot, carrier lot, conductivity, virus, recovery, doses, released. Arrows that run with time and reach the doses earn 1 point. What the graph rules out earns 2: at most two of its statements may be wrong in the plant, and of the pairs that have no arrow in the plant at least four in five have none in yours.
#
# Then `adjusted` (2 points): what to hold fixed, to read the whole effect of conductivity on the doses from the history. A list of variables of the graph.
#
# <details><summary>Hint 1</summary>
#
# Start with one arrow for each thing that people know. The text form takes several effects at once: `season -> team, conductivity`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A statement that the data object to is listed in the cell below the check: an arrow may be missing there.
#
# </details>
# <details><summary>Hint 3</summary>
#
# For `adjusted`: stop each way from conductivity to doses that begins with an arrow *into* conductivity. Hold nothing fixed that conductivity acts on.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "nine-graph", "locked": false, "schema_version": 3, "solution": true, "task": false}
my_graph = ...  # a text such as "season -> team", one or more arrows a line
adjusted = ...  # a list such as ["team"]
### BEGIN SOLUTION
my_graph = """
season -> team, serum lot, carrier lot, conductivity
serum lot -> virus
carrier lot -> virus
virus -> recovery, doses
conductivity -> recovery -> doses
doses -> released
"""
adjusted = ["season"]
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "nine-graph-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check compares what your graph implies with what the plant's own graph implies.
result = nine.graph(globals())
### BEGIN HIDDEN TESTS
result = nine.graph(globals(), plant_seed=7_306_158_942_617)
### END HIDDEN TESTS
result

# %%
# What your graph rules out, held against the history.
statements = nine.tested(globals())
statements

# %% [markdown]
# **How to read it.** Each row is a missing arrow, and so a statement: the two have nothing to do with each other once the variables under `held fixed` are. `r` is their correlation with that taken out of both (*partial correlation*). A lot stands in it by one line of its certificate, and its `p` comes from shuffling lots. In the last column, "yes" says that the data object to the statement: `p` is below 0.01.
#
# **What it hides.** Of a hundred true statements, chance alone lets about one meet an objection. So one *yes* does not refute a graph; several around one arrow ask for it.

# %%
# The plant's own graph, once there is one of yours.
nine.plants_graph(globals())

# %%
# What 0.1 mS/cm more does to the doses, by what is held fixed.
figure, effects = nine.estimates(globals())
figures.show(figure, effects)

# %% [markdown]
# **How to read it.** Each row is one way to read the same history. The dashed line is what the plant does when it is run twice, with nothing changed but the conductivity. The diamonds are means over ten plants: they show which way is off, where one plant is too small to. *Yours* has none, for it was not known when those plants were run.
#
# Season hardly matters for this question: the way round is too weak to be seen, and holding season fixed brings the mean of ten plants no nearer to their truth. Nobody could know that beforehand. Holding *virus* fixed as well is allowed, and pays: it is no effect of conductivity, and takes noise away. Holding *recovery* fixed is not. That takes away the way by which conductivity acts, and opens a false one, for the recovery also answers to the virus. At equal recovery the batch with the saltier feed had less virus to load, and so made fewer doses: the effect seems too large. Among *only released* batches the effect shrinks: a batch with a salty feed that was released all the same had something else in its favour. That is a **collider**.
#
# **What it hides.** On one history the wrong ways lie within each other's bars. The bars count luck, not the graph: no bar warns of a wrong adjustment. And a right graph meets objections, too: some two dozen statements are tested at 1 %, so chance has its share; and recovery and virus are measured with error, so holding them "fixed" holds them only nearly.

# %% [markdown] tags=["instructor"]
# **Ask** Which arrow would you have to believe in to say that the team matters? Can the history refute it?
#
# **Watch for** A graph in which everything points at everything. It cannot be wrong, for it says nothing.
#
# **What it shows** {{ effects }} Statements that the history objects to: {{ int((statements["data object"] == "yes").sum()) }} of {{ len(statements) }}.

# %% [markdown]
# ## Name them · 12 min
#
# All together, on the plant's own 360 batches. What acts early is drowned by the time the doses are counted: on the way everything else comes on top. But a symptom that is no cause is a good **witness**. So ask four witnesses, step by step: `cells` at infection, `virus` at harvest, `recovery`, `doses`. The course's tools do the rest.

# %%
# Within lots, one after the other: what explains most of the cells?
steps = nine.one_by_one(history.x, history.witnesses["cells"], history.lots, most=5)
steps.assign(p=steps["p"].map("{:.0e}".format))

# %%
# Lines of certificates, lots shuffled; what is known by then is taken out of the cells first.
known = ["seed_hours_to_inoculation", "recipe_inoculum_cells_per_ml"]
p_lines = nine.by_lots(history.x, history.witnesses["cells"], history.lots, known)
p_lines.sort_values("p").head(4)

# %% [markdown]
# ### Exercise 6 · Name them · 4 points · 10 min
#
# Write `find`. From `x`, `witnesses` and `lots`, as in `history`, give a list of pairs, such as `("recipe_moi", 1)`: at most 15 columns, the surest first, each with the sign of what more of it does to the doses. The check calls it for this history and for another plant, and first exchanges the columns' names within their groups: a material's lines among themselves, `recipe_` among `recipe_`. So a list of names learned by heart is worth nothing, and what acts must be found by its numbers.
#
# The check also calls it for two plants of dice. Each has 45 columns, 25 of them lines of certificates, and lots that move the yield. Eight columns act: on single steps, with two lines that tell of their lots.
#
# The check compares with **the course's own way**, a `find` such as the hints describe, run on the same tables:
#
# | what is looked at | full points | half of them |
# |---|---|---|
# | drivers, in the plant (2 points) | seven of the nine, or one fewer than the course's own way finds, if that is less | one fewer than that |
# | drivers, on dice: what acts, among the first ten that you call, both plants together | at most two fewer than the course's own way finds | at most four fewer |
# | columns that do nothing, in the plant (1 point) | at most 3, or one more than the course's own way calls, if that is more | |
# | columns that do nothing, on dice, both plants together | at most four more than the course's own way calls | |
# | signs of the drivers that you call (1 point) | all right but one at the most | |
#
# A row on dice has no points of its own: it can only take away those of the row above it. Where most signs are wrong, the drivers earn 1 point at the most; without drivers nothing else counts. What truly acts is never false, though it be none of the nine.
#
# <details><summary>Hint 1</summary>
#
# A loop over the four witnesses. In it `nine.one_by_one`, then `nine.by_lots` with what was found sure as `known`, and all p-values into one list.
#
# </details>
# <details><summary>Hint 2</summary>
#
# You asked four times. So a p-value counts four times, or must be below 0.05 / 4. A column that comes twice keeps its smallest.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `pd.concat([...])["p"].groupby(level=0).min().sort_values()` gives each column's smallest. `nine.effect(x[name], witnesses["doses"], lots)` is its sign.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "nine-find", "locked": false, "schema_version": 3, "solution": true, "task": false}
def find(x, witnesses, lots):
    """Return at most 15 columns that move the yield, and the sign of each."""
    called = ...
    ### BEGIN SOLUTION
    asked = []
    for witness in witnesses:
        own = nine.one_by_one(x, witnesses[witness], lots)
        sure = list(own.index[own["p"] < 0.003])
        asked += [own, nine.by_lots(x, witnesses[witness], lots, sure)]
    p = pd.concat(asked)["p"].groupby(level=0).min().sort_values()
    names = p.index[p * witnesses.shape[1] < 0.05][:15]
    called = [(name, nine.effect(x[name], witnesses["doses"], lots)) for name in names]
    ### END SOLUTION
    return called

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "nine-find-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check knows the nine, and everything else that acts.
result = nine.named(globals())
### BEGIN HIDDEN TESTS
result = nine.named(globals(), plant_seed=7_306_158_942_617)
### END HIDDEN TESTS
result

# %%
# What you call, and the correlation of each with the four witnesses.
called = nine.found(globals())
called

# %%
# The nine drivers by name, once your `find` calls most of them.
nine.the_nine(globals())

# %% [markdown]
# **How to read it.** In the first table the numbers are correlations, taken within lots, or over all batches for a line of a certificate. Columns were called step by step, after others had been taken out of the witness; so a column may be surer than its number here looks. Follow a row from left to right. The wait before inoculation is plain in the cells, and faint in the doses. Conductivity is seen by neither cells nor virus, but by the recovery, and so by the doses. What you call and what is one of the nine is not the same: a larger inoculum acts as well. The second table has the nine, and which of them are still missing.
#
# **What it hides.** What nobody wrote down. The true pH is in no column, only its stand-ins. And two columns may stand for one cause, as the wait and the viability of the cells that waited.

# %% [markdown] tags=["instructor"]
# **Ask** Which of these could be moved tomorrow, which need a supplier, which a new building?
#
# **Watch for** The sign taken from a witness on the way. More virus means less recovery, for the column is full: what raises the virus lowers that witness.
#
# **What it shows** {{ len(called) }} columns are called. {{ doses }}

# %% [markdown]
# ## Let the plant run on it · 3 min
#
# Eleven of the columns can be turned by hand: ten set points of the recipe, and the conductivity at the capture column. (The other `recipe_` columns are what the crew did or measured; they stay.) Those that you call are moved as your sign says: a set point to the lowest or highest value of the six years, the conductivity to its 5 % or 95 % quantile. The plant makes 120 new batches. Beside it: the same moves *the other way* round, *the first fifteen* columns of the beginning, and *all eleven*, each by its plain correlation with the doses.

# %%
rows, figure, doses = nine.moved(globals())
figures.show(figure, doses)
rows

# %% [markdown]
# **How to read it.** Pairs of batches with the same lots, hands and luck: the intervals are those of their differences. What is not among the eleven moves nothing, however well it foretells: look at the fifteen of the beginning.
#
# **What it hides.** Moving all eleven by plain correlation does about as well. The ten set points were varied by plan in this plant, so a correlation is fair to them; the conductivity goes with the season only in part. The search pays where nothing was planned, in waits, lots and probes; and in fewer changes to defend.

# %% [markdown] tags=["instructor"]
# **Ask** What is the wait before inoculation worth, which no recipe sets? (Nobody knows from this figure. Run it with a shorter one: that is an organisational change, and cheap.)
#
# **What it shows** {{ doses }}

# %% [markdown]
# ## What we have seen · 2 min
#
# - What foretells best is a symptom or a part of the yield. The sieve comes before the method.
# - Halves and copies keep their promise where rows are independent; lots are few, and batches of a lot are no witnesses of their own.
# - What is held fixed decides what is estimated. No error bar warns of the wrong choice; a graph can.
