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
#     title: Is batch 217 normal, now?
#     minutes: 90
# ---

# %% [markdown]
# # Is batch 217 normal, now?
#
# **Who asks.** The shift leader, at three in the morning. Batch 217 was infected sixteen hours ago. Fifteen curves are on the screen. Nobody can look at all of them all the time, and in the morning it may be too late.
#
# **Why it matters.** An oxygen valve that sticks for six hours can cost a batch. A screen that rings every night is switched off. A monitor is worth something only if it finds faults soon, and is quiet otherwise.
#
# **You will be able to**
#
# - turn the curves of batches into one row a batch, aligned by how far a batch is and not by the clock;
# - watch fifteen curves by two numbers, T² and SPE, and set a limit that keeps its promise;
# - find the faulty batches among those that people call good;
# - say which tag is to blame, and how often that is right;
# - write a training loop in PyTorch, and use it for an autoencoder that watches the same batches;
# - find a small, steady drift that charts of this kind hardly see.
#
# **Minutes:** 90. **Points:** 26, in six exercises. Each stands alone.

# %%
import numpy as np
import pandas as pd
import torch
from sklearn.decomposition import PCA
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures, training
from vaxlab.lessons.day2 import normal

figures.setup()

# %% [markdown]
# ## A band for each curve · 9 min
#
# **First a guess, two minutes.** Take seventy good batches. After infection, draw one band for each tag and hour, from the 0.5 % to the 99.5 % quantile of their readings: it is meant to hold 99 % of them. A batch has fifteen tags and some fifty such hours. Of a hundred good batches, how many leave a band at least once? Write it down, then run the two cells.

# %%
golden = normal.golden()  # the batches that people call good, hour by hour
tags = list(golden.columns[4:])
print(f"{golden['batch'].nunique()} batches, {len(golden):,} hours, {len(tags)} tags")
golden.groupby("phase").head(2).T  # turned round, to fit the page

# %%
# More than seven hundred bands, and who leaves one.
good = normal.approved()  # those whose records somebody has gone through since
good = good[good["phase"] == "infection"]
low, high = (good.groupby("hour")[tags].transform("quantile", q) for q in (0.005, 0.995))
out = (good[tags] < low) | (good[tags] > high)
share = 100 * out.any(axis=1).groupby(good["batch"]).any().mean()
print(f"{100 * out.to_numpy().mean():.1f} % of the readings lie outside of their band.")
print(f"{share:.0f} of a hundred good batches leave a band at least once.")

# %% [markdown]
# Of seventy readings the highest and the lowest lie outside of such a band, unless others are equal: more than the one in a hundred that it was meant for. And more than seven hundred looks were taken at each batch. **A limit must be set for what you promise**: false alarms *a batch*, not a look. We shall promise at most five batches in a hundred.
#
# **The table.** One row a batch and hour. Temperature, pH and oxygen are readings *less their set points*, the pumps are flows, the feed is a share of what was asked for. The first hours after a change are left out. `maturity` comes below.
#
# **What it hides.** Hourly means hide what lasts minutes. And the batches are called good by people, who did not look at fifteen curves either. Of the eighty, seven have gaps in their records. In four somebody has since found a fault there, one of them with a gap, too. The other seventy are *approved*.

# %% [markdown] tags=["instructor"]
# **Ask** Who has switched an alarm off for good? How often had it been right?
#
# **Watch for** "Then take a 99.99 % band." From seventy batches nobody knows where that is.
#
# **What it shows** {{ share:.0f }} of a hundred good batches leave a band. {{ good["batch"].nunique() }} of {{ golden["batch"].nunique() }} golden batches are approved: the others had a fault, or their records have gaps.

# %% [markdown]
# ## One row a batch · 13 min
#
# To compare batches they must be laid side by side: the first reading of each tag under the first, the second under the second. A table of batches, hours and tags is a cube; **unfolding** cuts it into one row a batch, one column for each tag and point in time.
#
# But which point in time? This line's seed train gives 1.5 to 4.5e5 cells per mL, and the crew infects when the cells are ready, after three to five days. At hour 60 one batch is nearly ready, and another has hardly begun. So the plant has a second clock: the oxygen that a batch has used so far, told in hours that a usual batch needs for it. That is its `maturity`. After infection all batches have one clock, the virus, and maturity is the hour.

# %%
figures.show(
    normal.clock_figure(),
    "The capacitance, which follows the living cells, fans out by the clock: at hour 60 the "
    "fastest of the good batches has several times the cells of the slowest. By maturity the "
    "curves lie closer together.",
)

# %%
# How far good batches lie apart at the same hour, and at the same maturity.
normal.spreads_apart()[["hour", "maturity", "ratio"]].round(2).sort_values("ratio").head(8)

# %% [markdown]
# **How to read it.** The table has the spread of good batches at the same hour, and at the same maturity. The capacitance, which follows the cells, spreads a third less. Temperature and stirrer do not care how old a batch is.
#
# **What it hides.** A batch that grows too slowly looks usual *at its maturity*. That it needs 20 hours longer is then a number of its own to be watched. And an index of this kind must be there while the batch runs, and must never fall: a yield is no clock.

# %% [markdown]
# ### Exercise 1 · One row a batch · 4 points · 9 min
#
# Write `unfold`. It is given a table like `golden` (its rows in any order), the names of the tags, the name of a column such as `"maturity"`, and a grid of values of that column. It gives a DataFrame with one row a batch (the batch is its index). Its columns are the first tag at all points of the grid, then the second tag, and so on.
#
# - The value at a point of the grid lies on the straight line between the neighbouring readings of that batch and tag, by the column that `by` names (3 points).
# - Missing readings are left out, so a gap is bridged; where a batch has not been, or a sensor never read, there is NaN (1 point).
#
# <details><summary>Hint 1</summary>
#
# Batch by batch: sort its rows by `by`. Then tag by tag: look the grid up.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.interp(grid, x, y)` interpolates. It wants x to rise, does not know NaN, and goes on with the last value beyond the ends unless you tell it `left` and `right`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Collect one long array a batch in a dict; `np.concatenate` joins the tags. `pd.DataFrame.from_dict(..., orient="index")` makes the table. A tag without any reading needs a row of NaN of its own.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "normal-unfold", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unfold(table, tags, by, grid):
    """Return one row a batch, one column for each tag and point of the grid."""
    wide = ...
    ### BEGIN SOLUTION
    rows = {}
    for batch, part in table.sort_values(by).groupby("batch"):
        row = []
        for tag in tags:
            known = part.dropna(subset=[tag])
            value = np.full(len(grid), np.nan)
            if len(known):
                value = np.interp(grid, known[by], known[tag], left=np.nan, right=np.nan)
            row.append(value)
        rows[batch] = np.concatenate(row)
    wide = pd.DataFrame.from_dict(rows, orient="index")
    wide.columns = pd.MultiIndex.from_product([tags, grid])
    ### END SOLUTION
    return wide

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "normal-unfold-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check unfolds five other batches by both clocks, then nine: some have gaps, some are short.
result = normal.unfolded(globals())
### BEGIN HIDDEN TESTS
result = normal.unfolded(globals(), plant_seed=7_306_511_984_207)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** What is the clock of your process: hours, turns, kilograms fed, degrees of conversion?
#
# **Watch for** Values invented beyond a batch's end. `np.interp` does so without a word.
#
# **Say so** On this plant the clock alone does not ruin the monitor: over 22 plants SPE finds 96 % of the step faults by the hour, and 96 % by maturity. These faults are far larger than either band. The narrower band is for what is small and slow, and for whoever compares two batches.

# %% [markdown]
# ## Two numbers for fifteen · 13 min
#
# Good batches give every column of the unfolded table a mean and a spread. Take the mean off each reading and divide by the spread (never by less than the instrument can show: a pump that stands still has no spread at all, and then its rounding would ring). Fold the result back: one row a batch and hour, fifteen numbers *in spreads*, 0 for as usual. No future is needed for that, so it works while a batch runs.
#
# The fifteen move together: more cells use more oxygen, make more CO₂, ask for more base. **Principal components** are the few directions in which good batches do vary. Of a row, they explain a part and leave a rest. Two numbers say how odd the row is:
#
# $$T^2 = \sum_{a=1}^{A} \frac{t_a^2}{\lambda_a} \qquad\qquad \text{SPE} = \sum_j (x_j - \hat x_j)^2$$
#
# $t_a$ is the score on component $a$, $\lambda_a$ the variance of the golden rows' scores. T² is large where a batch goes *further than usual in a usual direction*. SPE, the squared prediction error, is large where it goes *in a direction in which good batches do not go*.

# %%
usual, watched = normal.rows("infection")  # approved batches; batches to be watched
print(f"{len(usual):,} golden rows, {len(watched):,} rows of {watched.index.unique(0).size} batches")
watched.loc["B217"].iloc[9:13].round(1).T

# %% [markdown]
# ### Exercise 2 · Two numbers for fifteen · 5 points · 9 min
#
# Write `t2_spe`. It is given golden rows, new rows, both like those above, and how many components to use. It gives T² (3 points) and SPE (2 points) **of the new rows**, one number a row each (arrays or Series), by a PCA of the golden rows. The rows are in spreads already: leave their scale as it is.
#
# <details><summary>Hint 1</summary>
#
# The model learns from good batches only. Then it is asked about new ones.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `PCA(components).fit(...)`, then `transform` gives the scores. It takes the golden mean off by itself.
#
# </details>
# <details><summary>Hint 3</summary>
#
# The variances are in `explained_variance_`. `inverse_transform` takes scores back to fifteen numbers: that is $\hat x$. Sums go along a row, `axis=1`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "normal-t2", "locked": false, "schema_version": 3, "solution": true, "task": false}
def t2_spe(golden, new, components):
    """Return T² and SPE of each new row, by a PCA of the golden rows."""
    t2 = ...
    spe = ...
    ### BEGIN SOLUTION
    pca = PCA(components).fit(golden.to_numpy())
    scores = pca.transform(new.to_numpy())
    t2 = (scores**2 / pca.explained_variance_).sum(axis=1)
    spe = ((new.to_numpy() - pca.inverse_transform(scores)) ** 2).sum(axis=1)
    ### END SOLUTION
    return t2, spe

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "normal-t2-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check asks twice, the second time about rows that lie elsewhere.
result = normal.statistics(globals())
### BEGIN HIDDEN TESTS
result = normal.statistics(globals(), plant_seed=7_306_511_984_207)
### END HIDDEN TESTS
result

# %% [markdown]
# Now the limit. Textbooks give one for each number, for one look. We count instead, as on day 1: each golden batch gets its **peak**, by a model that had not seen the batch, and one of the seventy peaks becomes the limit. There are two phases, growth and infection, each with a model of its own, so each may use half of our five in a hundred: 2.5 %. Which peak is that? The next good batch is the 71st. It is the highest of all 71 once in 71 times, 1.4 %; it is among the two highest in 2.8 %, which is too often. So the largest peak it is.
#
# Each chart keeps this promise by itself. Whoever watches T² *and* SPE has up to twice as many false alarms.

# %%
looks = normal.looks()
looks.round(1)

# %%
# Both phases of batch 217, each chart as a share of its limit.
figures.show(
    normal.charts_figure("B217"),
    "Both charts of batch 217 run along far below their limits, then leap over them at hour 15 "
    "after infection.",
)

# %% [markdown]
# **How to read it.** The table has each chart after infection, and the good batches that ring: at the textbook's 99 % for a look, and at the counted limit. At the counted one none can ring, as it is the largest of these very peaks: what it is worth, only other batches can tell. The figure has both phases, each chart as a share of its limit, on a log scale. The hours after the sixteenth are there because we look back; the shift leader sees the curves up to the leap. The question has an answer: *not normal, for an hour now*.
#
# **What it hides.** Which of the fifteen it is. We come to that.

# %% [markdown] tags=["instructor"]
# **Ask** A fault that only T² sees, and one that only SPE sees? (All cells grow half as fast; one valve that no longer follows.)
#
# **Watch for** A model that was trained on the new rows: it calls them usual. The check names it.
#
# **What it shows** By textbook limits {{ looks["good batches that ring, %"].iloc[1]:.0f }} % of good batches ring in SPE, because some fifty looks are taken; by the counted one {{ looks["good batches that ring, %"].iloc[3]:.0f }} %, since it is made of these peaks.

# %% [markdown]
# ## Golden? · 10 min
#
# All that stands on one thing: that the golden batches are good. Ours are, since somebody went through eighty records and found the four with a fault. Mostly nobody does. What if those four had stayed among the seventy?

# %%
clean = normal.summary(normal.race())
dirty = normal.summary(normal.race(also=normal.hidden()))
both = pd.concat({"good batches only": clean, "with four faulty ones": dirty})
both[["step faults found, %", "false alarms, % of sound batches"]].round(0)

# %% [markdown]
# **How to read it.** Each row is a chart that watched the same batches, with step faults whose onset is known. *Found* means: within six hours. Of so few sound batches one false alarm is 6 %; over 22 plants T² rang in 5.2 % and SPE in 3.9 % of them. Four faulty batches among seventy good ones push the limits beyond what most faults reach: the monitor is quiet, and blind.
#
# And it hides its own cause. A fault among the batches has a direction of its own, so a component may take it for usual, and then its SPE is small. It also widens every mean, spread and quantile that it is compared with. *Three standard deviations* of batches that hold the fault are too wide for it. A quantile always throws out the same share, however many faults there are: a tenth is too much where there is none, and too little for five faults among forty.

# %% [markdown]
# ### Exercise 3 · Golden? · 4 points · 8 min
#
# Write `suspects`. It is given rows after infection of batches that people call golden, in spreads, indexed by batch and hour. It gives a list of the batches that had better be taken out. The check hands in forty batches, then forty others. In each forty some had a fault that lasted hours, and not as many in both:
#
# - each faulty batch that a chart shows well is in your list (3 points);
# - of each forty, at most a fifth of the sound ones are thrown out with them (1 point). Batches with gaps in their records, and faults that hardly show, count on neither side.
#
# You may use your `t2_spe` on the rows themselves, or write what you need into the cell. From 3 to 10 components do, if both charts are asked; with nearly as many as tags, little is left for SPE, and good batches ring. If your `t2_spe` gives arrays, `pd.Series(array, index=rows.index)` gives them their labels back.
#
# <details><summary>Hint 1</summary>
#
# One number a batch: the peak of its chart. `s.groupby(level="batch").max()` does that for a Series with the rows' index.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Compare with something that a few bad batches can not move: the middle one. How many times the median peak is odd?
#
# </details>
# <details><summary>Hint 3</summary>
#
# Four times the median is a wide gap. Look at both charts: what hides in one shows in the other. A batch is suspect if either says so.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "normal-golden", "locked": false, "schema_version": 3, "solution": true, "task": false}
def suspects(rows):
    """Return the batches that had better not be called golden."""
    batches = ...
    ### BEGIN SOLUTION
    pca = PCA(4).fit(rows.to_numpy())
    scores = pca.transform(rows.to_numpy())
    rest = rows.to_numpy() - pca.inverse_transform(scores)
    charts = pd.DataFrame(
        {"t2": (scores**2 / pca.explained_variance_).sum(axis=1), "spe": (rest**2).sum(axis=1)},
        index=rows.index,
    )
    peaks = charts.groupby(level="batch").max()
    batches = list(peaks.index[(peaks > 4 * peaks.median()).any(axis=1)])
    ### END SOLUTION
    return batches

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "normal-golden-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check hands in forty batches twice, and knows which of them had a fault.
result = normal.golden_faults(globals())
### BEGIN HIDDEN TESTS
result = normal.golden_faults(globals(), plant_seed=7_306_511_984_207)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Who decides at your site which batches are golden? By what: the yield, or the curves?
#
# **Watch for** Throwing out until nothing sticks out. Each round narrows what is usual, and in the end good batches go. A batch leaves for a *reason* that somebody finds in its record, not for its number.
#
# **What it shows** SPE finds {{ clean.loc["SPE", "step faults found, %"]:.0f }} % of the step faults with good batches only, {{ dirty.loc["SPE", "step faults found, %"]:.0f }} % with four faulty ones among them. The exercise asks for the numbers that tell where to look, when nobody has read the records.

# %% [markdown]
# ## Which tag? · 9 min
#
# *"Not normal, for an hour now"* sends somebody to the reactor. To look at what? SPE is a sum over tags, so each tag adds its part, its **contribution**. T² can be cut into parts, too. The tag that adds most is the suspect. The two do not always agree, and nobody in a plant ever knows which one was right. Here we do.

# %%
hour, added = normal.first_alarm("B217")
figures.show(
    normal.blame_figure("B217"),
    f"SPE of batch 217 passes its limit {hour:.0f} h after infection. {added.idxmax()} adds nearly "
    "all of it. T² is in the figure for comparison: its parts may be negative.",
)

# %% [markdown]
# ### Exercise 4 · Which tag? · 4 points · 7 min
#
# Write `contributions`. Given golden rows, new rows and the number of components as before, it gives a DataFrame like `new`: how much each tag adds to SPE in each row. The sum of a row is its SPE.
#
# <details><summary>Hint 1</summary>
#
# SPE is a sum of squares over tags. Stop before you sum.
#
# </details>
# <details><summary>Hint 2</summary>
#
# It is not how far a tag lies from its mean: what moves as the others make it move is explained.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `pd.DataFrame(array, index=new.index, columns=new.columns)` gives an array its labels back.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "normal-blame", "locked": false, "schema_version": 3, "solution": true, "task": false}
def contributions(golden, new, components):
    """Return what each tag adds to SPE in each new row."""
    added = ...
    ### BEGIN SOLUTION
    pca = PCA(components).fit(golden.to_numpy())
    back = pca.inverse_transform(pca.transform(new.to_numpy()))
    added = (new - back) ** 2
    ### END SOLUTION
    return added

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "normal-blame-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check compares tag by tag, then says which tags are named for faults that it knows.
result = normal.blame(globals())
### BEGIN HIDDEN TESTS
result = normal.blame(globals(), plant_seed=7_306_511_984_207)
### END HIDDEN TESTS
result

# %% [markdown]
# Over all step faults among the watched batches, the tag that adds most, where the chart is highest within six hours of the onset, is one that the fault truly acts on in this share of cases:

# %%
clean[["true tag named, %", "median delay, h"]].round(1)

# %% [markdown]
# **How to read it.** T² names wrongly more often: a score mixes all tags, and so a fault in one tag smears over those that usually move with it. The tag named is where to look first, not the culprit's confession.
#
# **What it hides.** Which faults. T² finds few of the pumps that stand still: no component goes that way.

# %% [markdown] tags=["instructor"]
# **Ask** The chart names the off-gas. What do you check: the reactor or the analyser?
#
# **Watch for** Squares of the row itself, in place of what is left. The check names it.
#
# **What it shows** T² names a true tag in {{ clean.loc["T²", "true tag named, %"]:.0f }} % of the step faults, SPE in {{ clean.loc["SPE", "true tag named, %"]:.0f }} %. Over 22 plants: 61 and 94 %.

# %% [markdown]
# ## The loop · 16 min
#
# Components are straight directions. Does a curved model watch better? An **autoencoder** squeezes a row through few numbers and makes fifteen of them again. What it can not give back is odd, as with SPE. It needs a library that can train anything: **PyTorch**, from its beginnings.
#
# **Tensors** are arrays that **remember where they came from**. That is all that a derivative needs. They may also live on a graphics card, if there is one: `.to(device)` moves a tensor or a model there, and nothing else has to change.

# %%
device = "cuda" if torch.cuda.is_available() else "cpu"  # where things are worked out
weight = torch.tensor(2.0, requires_grad=True)  # a number that we may turn
miss = (weight * 3.0 - 9.0) ** 2  # three times it should be nine
miss.backward()  # how does the miss change with the weight?
print(f"miss {miss.item():.0f}, slope {weight.grad.item():.0f}: turn the weight up")

# %% [markdown]
# A **module** holds weights and says what is done with them, in `forward`. Here fifteen numbers go through twenty to four, and back. `Tanh` bends; without it the whole would be straight, a PCA. A **loader** hands the rows out in small batches, in another order each time. (To PyTorch a *batch* is a handful of rows, not a reactor's fill.)

# %%
class Autoencoder(nn.Module):
    def __init__(self, tags=15, wide=20, narrow=4):
        super().__init__()
        self.squeeze = nn.Sequential(nn.Linear(tags, wide), nn.Tanh(), nn.Linear(wide, narrow))
        self.spread = nn.Sequential(nn.Linear(narrow, wide), nn.Tanh(), nn.Linear(wide, tags))

    def forward(self, rows):
        return self.spread(self.squeeze(rows))


X = torch.tensor(usual.to_numpy(), dtype=torch.float32).to(device)  # 32 bits do
loader = DataLoader(TensorDataset(X, X), batch_size=256, shuffle=True)
torch.manual_seed(0)  # the first weights are drawn: the same ones each time
print(f"{sum(p.numel() for p in Autoencoder().parameters()):,} weights")

# %% [markdown]
# Training is a loop. For each batch of the loader: set the gradients to **zero**, since PyTorch adds new ones to old ones; work out the **loss**; go **backward**; take a **step** down the slope. One pass over all rows is an **epoch**.

# %% [markdown]
# ### Exercise 5 · The loop · 5 points · 10 min
#
# Write `train`, for any model. The loader gives pairs of inputs and targets, `loss_function(prediction, target)` a tensor, and the optimiser knows the model's weights. Train for so many epochs. Give a list of numbers: the mean of the batches' losses, for each epoch.
#
# - A loss for each epoch, and the last lies well below the first (1 point).
# - Each step is as it should be: the losses are those of the plain loop (4 points).
#
# <details><summary>Hint 1</summary>
#
# Two loops, one in the other: epochs, and the batches of the loader.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Four things a batch, in the order of the text above. The optimiser has two of them, `zero_grad` and `step`; the loss has `backward`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `.item()` makes a number of a tensor, and lets go of its memory of where it came from. Start an empty list anew in each epoch.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "normal-loop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(model, loader, loss_function, optimiser, epochs):
    """Train the model; return the mean loss of each epoch."""
    losses = ...
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        batch_losses = []
        for inputs, targets in loader:
            optimiser.zero_grad()
            value = loss_function(model(inputs), targets)
            value.backward()
            optimiser.step()
            batch_losses.append(value.item())
        losses.append(sum(batch_losses) / len(batch_losses))
    ### END SOLUTION
    return losses

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "normal-loop-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check hands in a small model, and follows the same loop step by step.
result = normal.loop(globals())
### BEGIN HIDDEN TESTS
result = normal.loop(globals(), plant_seed=7_306_511_984_207)
### END HIDDEN TESTS
result

# %% [markdown]
# Your loop is for any model, so for the autoencoder too. Its target is its input: ten epochs, with Adam, an optimiser that finds the size of its steps by itself. While exercise 5 is open, the cell gives `Ellipsis`: your three dots.

# %%
own = Autoencoder().to(device)
adam = torch.optim.Adam(own.parameters(), lr=1e-2)
train(own, loader, nn.functional.mse_loss, adam, 10)

# %% [markdown]
# The course has this loop once, in `vaxlab.training.fit`, with what one adds in the end: rows that are held back to watch the loss (*validation*), an end when that loss falls no more (*early stopping*), the best weights kept, a curve to look at and a button to stop. All notebooks of this day use it.

# %%
last = usual.index.get_level_values("batch").isin(usual.index.unique(0)[-14:])
parts = [torch.tensor(usual[where].to_numpy(), dtype=torch.float32) for where in (~last, last)]
curve = training.LiveCurve("Loss of the autoencoder")
training.seed_all(0)
model = Autoencoder().to(device)
history = training.fit(
    model, nn.functional.mse_loss, (parts[0], parts[0]), validation=(parts[1], parts[1]),
    epochs=40, batch_size=256, learning_rate=1e-2, patience=8, curve=curve,
)
print(f"best epoch {history.best_epoch}, loss {min(history.validation_loss):.3f}")

# %% [markdown]
# The held-back rows are those of whole batches: rows of one batch are alike, and would tell nothing on both sides. Now it watches the same batches as T² and SPE, with limits that are counted in the same way.

# %%
def by_autoencoder(golden, new):
    """Return what each tag adds to the squared error of an autoencoder of the golden rows."""
    rows, asked = (torch.tensor(part.to_numpy(), dtype=torch.float32) for part in (golden, new))
    training.seed_all(0)
    model = Autoencoder().to(device)
    training.fit(
        model, nn.functional.mse_loss, (rows, rows), epochs=30, batch_size=256, learning_rate=1e-2
    )
    with torch.no_grad():  # no need to remember: nothing is trained here
        rest = asked - model(asked.to(device)).cpu()
    return pd.DataFrame(rest.numpy() ** 2, index=new.index, columns=new.columns)


race = normal.race({"autoencoder": by_autoencoder}, folds=2)
normal.summary(race).round(1).T

# %% [markdown]
# **How to read it.** Three charts, the same batches, the same promise. The autoencoder finds as many faults as SPE, as fast. One line has some twenty faults, so a few more or less are luck; over ten plants T² finds 63 %, SPE 97 %, the autoencoder 96 %, and they name a true tag in 62, 96 and 99 % of the cases.
#
# **What it hides.** It took eight hundred weights and thirty passes over all rows to come level with four straight directions, and a few names better. Where good batches vary along straight lines, straight lines do.

# %% [markdown] tags=["instructor"]
# **Ask** What would you have to show before you put the autoencoder in charge? (That it is quiet for a year; that its names are right; that it is trained the same way twice.)
#
# **Watch for** The first optimiser of a session takes seconds: PyTorch loads its compiler then. Nothing hangs.
#
# **If short of time** Skip the cell of `training.fit`, the race trains its own.
#
# **What it shows** Step faults found: T² {{ normal.summary(race).loc["T²", "step faults found, %"]:.0f }} %, SPE {{ normal.summary(race).loc["SPE", "step faults found, %"]:.0f }} %, autoencoder {{ normal.summary(race).loc["autoencoder", "step faults found, %"]:.0f }} %. True tag named: {{ normal.summary(race).loc["T²", "true tag named, %"]:.0f }}, {{ normal.summary(race).loc["SPE", "true tag named, %"]:.0f }}, {{ normal.summary(race).loc["autoencoder", "true tag named, %"]:.0f }} %.

# %% [markdown]
# ## What charts hardly see · 9 min
#
# The race was about steps. Two faults on this plant creep. Two dozen batches of each, watched from inoculation to harvest by the same charts:

# %%
normal.nearly_invisible().round(0)

# %% [markdown]
# **How to read it.** Five in a hundred good batches ring, too. *A pH probe* that drifts by 0.02 to 0.1 a day is believed by the controller, which holds the *reading* at its set point. The reading is perfect, the culture is not. Over days, in some batches, a base pump that has more or less to do gives it away. *Mycoplasma*, tiny bacteria that come with the cells, let them grow a fifth slower. Such a batch looks usual at its maturity, and slow it may be by its seed train: only a test of its own finds it. We admit both: **nobody should rely on this monitor for the pH probe, or for mycoplasma.**
#
# Against the first there is a second opinion: a sample, measured on the bench. One costs a quarter of an hour and scatters by 0.06. A drift of 0.05 a day is lost in that. But it is *steady*: the differences add up, and noise does not. A **CUSUM** (cumulative sum) keeps two sums, one for up and one for down. Each reading adds what it is above a slack, and no sum falls below zero:
#
# $$u_k = \max(0,\; u_{k-1} + x_k - s) \qquad d_k = \max(0,\; d_{k-1} - x_k - s)$$

# %% [markdown]
# ### Exercise 6 · Small and steady · 4 points · 7 min
#
# Write `cusum`. Given an array of readings (in standard deviations, 0 for as usual) and a slack, it gives an array as long: after each reading the higher one of the two sums (3 points). A missing reading, NaN, leaves both sums as they are (1 point). Both begin at 0.
#
# <details><summary>Hint 1</summary>
#
# A loop over the readings, and two numbers that are kept from one to the next.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The sum for down is the sum for up of the readings with their sign turned.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.isnan(value)` asks for a missing one. Add to the list in any case, so that it is as long as the readings.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "normal-cusum", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cusum(readings, slack):
    """Return the higher one of the two sums after each reading."""
    sums = ...
    ### BEGIN SOLUTION
    up = down = 0.0
    sums = []
    for value in readings:
        if not np.isnan(value):
            up = max(0.0, up + value - slack)
            down = max(0.0, down - value - slack)
        sums.append(max(up, down))
    sums = np.array(sums)
    ### END SOLUTION
    return sums

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "normal-cusum-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check adds up three series, one of them going down, then one with gaps.
result = normal.summed(globals())
### BEGIN HIDDEN TESTS
result = normal.summed(globals(), plant_seed=7_306_511_984_207)
### END HIDDEN TESTS
result

# %%
# Your CUSUM at work, if there is one: drifting probes against good ones.
figure, found = normal.bench_figure(globals())
figures.show(figure, found)

# %% [markdown]
# **How to read it.** Twenty-four batches with a drifting probe, a bench sample every four hours, and limits that let five good batches in a hundred ring. From left to right: a limit on each sample; a CUSUM; both again after the mean of the batch's own first day was taken off.
#
# **The trap.** Every probe is a little off from its calibration on. A CUSUM adds that up, too: on the raw differences it is *worse* than looking at each sample. Take off first what is steady and harmless. Then it finds most drifts before the virus goes in.

# %% [markdown] tags=["instructor"]
# **Ask** What else on your site is believed by a controller? (Every probe in a loop.)
#
# **Watch for** `np.cumsum`: no slack, no floor. It wanders off with noise alone.
#
# **What it shows** {{ found }}

# %% [markdown]
# ## Let the plant run on it · 9 min
#
# Sixty new batches, a year, and three ways to call maintenance, which mends what can be mended, calibrates the pH probe, and costs a hundredth of a batch for the visit: whenever your SPE passes its limit; whenever your CUSUM of bench and probe does (only seven samples a batch here); or a visit to every batch before its infection, without any monitor. Where an answer of yours is missing or not right yet, ours is at work, and the sentence says so. It takes half a minute; the bar moves only when one of the three years is over.

# %%
rows, figure, sentence = normal.year(globals())
figures.show(figure, sentence)
rows

# %% [markdown]
# **How to read it.** The intervals are wide, and one year is luck: a single oxygen valve, found in time, may save a whole batch, or there is none. So we ran ten such years, this one among them: SPE gave 0.9 % more doses, the bench 2.5 % and a visit to every batch 2.8 %. *No fault yet* counts visits before anything had broken. A probe that is a little off from its calibration, as each is, counts as no fault there; the bench's calls are mostly for that, and mend it. Step faults are rare, and not each can be mended: germs stay. What moves the doses in most years is the probe that all charts call perfect, and a calibration for all does at least as well as a clever call. **The cheapest answer to an alarm may be a routine that makes it needless.**
#
# **What it hides.** Doses are not all. A monitor that tells *what* happened, and when, is worth its money on the day of the deviation report. And visits are cheap here, one batch in a hundred; the bench asks for half as many, and where a visit costs more, the order turns.

# %% [markdown] tags=["instructor"]
# **Ask** So was the monitor for nothing? (It says what a batch did, every hour, in two numbers; and it can be wrong in five batches of a hundred, which nobody could say of the fifteen curves. But not for its doses.)
#
# **What it shows** {{ sentence }}

# %% [markdown]
# ## What we have seen · 2 min
#
# - Lay batches side by side by how far they are; watch all tags by two numbers; set the limit by counting whole batches, good ones, by a model that had not seen them.
# - SPE finds nearly every step fault within six hours and mostly names the tag. An autoencoder does as well, and hardly better.
# - What a controller believes, charts of its readings hardly see. A second opinion, added up, does.
