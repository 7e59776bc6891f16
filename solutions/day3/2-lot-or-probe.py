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
#     title: Was it the serum lot or the new probe?
#     minutes: 90
# ---

# %% [markdown]
# # Was it the serum lot or the new probe?
#
# **Who asks.** The head of production. Reactor R1 gives fewer doses than it did. In one and the same fortnight a new lot of serum came in, and R1 got a new pH probe. Purchasing blames the probe. Maintenance blames the serum.
#
# **Why it matters.** A wrong verdict costs twice. Good serum is thrown away, or a good probe; and the loss goes on.
#
# **You will be able to**
#
# - say what a lot of serum does, with a mixed model that does not take luck for an effect;
# - find the batch from which on something was different, and say how sure that is;
# - tell two suspects of one fortnight apart, by the reactor that has only one of them;
# - say how much better things would have become if nobody had done anything;
# - follow a loss from the step where it is seen to the step where it is made.
#
# **Minutes:** 90. **Points:** 28, in six exercises. Each stands alone.

# %%
import warnings

import numpy as np
import pandas as pd
import ruptures
import statsmodels.formula.api as smf
from scipy.stats import ttest_ind
from statsmodels.tools.sm_exceptions import ConvergenceWarning

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day3 import lot_or_probe

figures.setup()
warnings.simplefilter("ignore", ConvergenceWarning)  # `doubts` below says it in a sentence

# %% [markdown]
# ## A fall, and two suspects · 8 min
#
# **First a guess, two minutes.** Run the cell. Its picture shows R1, batch by batch. The dotted line is the fortnight: to its right each batch was made with the new lot **and** on the new probe. How likely is it that the probe did it? Write a number between 0 and 100 % down. Then write down what you would do on Monday. Only then read on.

# %%
fall = lot_or_probe.story("fall")
figure, before_and_after = lot_or_probe.fall_figure(fall, "R1")
figures.show(figure, before_and_after)

# %% [markdown]
# Doses stand as **natural logarithms** in this notebook. What multiplies doses adds to their logarithm, and a difference of 0.1 is about 10 %.
#
# **How to read it.** The line with a step is the mean, before and after. That the two differ is plain. What made the difference is not in this picture, and no method can find it there: in each batch of R1 the two suspects come together. That is an **alias**.
#
# **What it hides.** Whatever else came in that fortnight: the season, another operator, another lot of carriers. And the other reactor. A batch with the new lot on an old probe would tell, or one with the old lot on the new probe. The rest of the notebook looks for such batches.

# %% [markdown] tags=["instructor"]
# **Ask** Who would be glad to hear "the probe"? Who "the lot"? What does that do to a meeting in which only this picture is on the wall?
#
# **Watch for** Numbers far from 50 %. Nothing in this picture supports any.
#
# **What it shows** {{ before_and_after }}

# %% [markdown]
# ## What does a lot do? · 15 min
#
# How bad can a lot be at all? The line has used small lots of serum for years, several of them open at a time. The table has one row a batch, of all batches that were made. Rejected ones are in it, for a table of released batches only would hide the worst lots.

# %%
batches = lot_or_probe.batches()
sizes = batches["serum_lot"].value_counts()
print(f"{len(batches)} batches, {len(sizes)} lots of serum, of {sizes.min()} to {sizes.max()} batches")
print(f"{batches['log_doses'].isna().sum()} assays of the doses were lost")
batches.head(3).round(3)

# %% [markdown]
# The mean of each lot is quickly made, and says too much. Take a lot with $n$ batches. Lots differ by a variance $\tau^2$, batches of one lot by $\sigma^2$. The best guess at what the lot does draws its mean towards the mean of all:
#
# $$\text{effect} = \frac{n\,\tau^2}{n\,\tau^2 + \sigma^2}\,(\text{mean of the lot} - \text{mean of all})$$
#
# A **mixed model** finds $\tau^2$ and $\sigma^2$ in the table and does just that (*shrinkage*). It does more: carriers and virus seed come in lots as well, and change in other weeks. A model in which all three materials have a part gives each its own share. The parts are said to be **crossed**, for a lot of serum is used with several lots of carriers.
#
# In statsmodels all rows stand in one group, and each material is a *variance component*:
#
# ```python
# one_part = {"serum_lot": "0 + C(serum_lot)"}
# model = smf.mixedlm("log_doses ~ 1", table, groups="line", vc_formula=one_part)
# fit = model.fit()
# ```
#
# Here `line` is a column that holds the same value in each row. `fit.random_effects` is a dictionary with one entry, that of the group. It holds the effects, under names such as `serum_lot[C(serum_lot)[SER-01]]`.

# %% [markdown]
# ### Exercise 1 · What a lot does · 5 points · 12 min
#
# Write `lot_effects`. It is given a table such as `batches`, and a list of names of serum lots. Give a Series: for each of these lots, by its name, what it does to `log_doses`, over the mean of all.
#
# - On three plants, your effects miss the truth by at most 1.25 times what the course's crossed model misses (3 points). A *miss* is the root mean square of effect less truth, both taken from their mean. On those plants carriers and seed differ more than here. Levels in place of differences earn 1, and so do shrunk effects of serum alone.
# - Of a lot that is not in the table nothing is known: its effect is 0 (1 point).
# - Rows without `log_doses` are left out. Of two lots that lie as far above the others, one of a single batch and one of many, the former is drawn further towards 0 (1 point).
#
# <details><summary>Hint 1</summary>
#
# Three materials: `serum_lot`, `carrier_lot`, `seed_lot`. Each is one entry of `vc_formula`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# First `dropna`, then `assign(line=1)`: the group needs a column. *Singular matrix* comes of NaN, or of materials as fixed effects whose lots changed together.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `fit.random_effects[1]` is the Series of the group 1. For each lot that is asked for, `.get(name, 0.0)` looks its name up and gives 0 where there is none.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "lot-or-probe-lots", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lot_effects(batches, asked):
    """Return the effect of each lot that is asked for: a Series by the lots' names."""
    effects = ...
    ### BEGIN SOLUTION
    table = batches.dropna(subset=["log_doses"]).assign(line=1)
    parts = {kind: f"0 + C({kind})" for kind in ("serum_lot", "carrier_lot", "seed_lot")}
    fit = smf.mixedlm("log_doses ~ 1", table, groups="line", vc_formula=parts).fit()
    found = fit.random_effects[1]
    effects = pd.Series(
        {lot: found.get(f"serum_lot[C(serum_lot)[{lot}]]", 0.0) for lot in asked}
    )
    ### END SOLUTION
    return effects

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "lot-or-probe-lots-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check asks for the lots of three plants, and knows what they truly do.
result = lot_or_probe.lots(globals())
### BEGIN HIDDEN TESTS
result = lot_or_probe.lots(globals(), plant_seed=6_008_401_172_597)
### END HIDDEN TESTS
result

# %%
# Raw means and your effects beside what the lots truly do.
figure, shrunk = lot_or_probe.lots_figure(globals())
figures.show(figure, shrunk)

# %% [markdown]
# **How to read it.** This is the plant of the table above, not one of the check's three: so the numbers differ. To the right are lots that truly give more. Raw means stray further from the dashed line. A lot of two batches has their luck in its mean, and what carriers and seed did in those weeks. The mixed model's are nearer to zero and, on average, nearer to the truth.
#
# **What it hides.** These lots were made to differ more than those of the plant's history. The more alike lots are, the less any model can tell them apart. A lot that was used in winter only carries the winter, and the operators of the winter. Crossing can part only what was truly used side by side.
#
# A fit may also go wrong without a word. statsmodels is known to give a fixed effect back as exactly 0.0 now and then, and to say `converged=True` ([issue 10239](https://github.com/statsmodels/statsmodels/issues/10239)). No data give exactly 0.0. `lot_or_probe.doubts` asks for this, for NaN, for a fit that has not converged, and for a variance between lots of 0. It says nothing of a small one: compare the two variances below.

# %%
# The real lots, and the same table with the lots' names dealt out anew.
table = batches.dropna()
dealt = np.random.default_rng(1).permutation(table["serum_lot"])
for name, rows in {"real lots": table, "dealt out": table.assign(serum_lot=dealt)}.items():
    fit = smf.mixedlm("log_doses ~ 1", rows, groups="serum_lot").fit()
    variance = float(fit.cov_re.iloc[0, 0])
    print(f"{name}: variance between lots {variance:.4f}.", lot_or_probe.doubts(fit) or "No doubt.")

# %% [markdown] tags=["instructor"]
# **Ask** A lot of one batch lies 0.6 above the mean. What do you promise purchasing for the next order of it?
#
# **Watch for** `groups="serum_lot"`, which is the textbook's first example. It shrinks, but blames the serum for the seed. The check names it, and gives 1 of 3 points.
#
# **What it shows** {{ shrunk }} On ten plants the crossed model had r = 0.82 to 0.96 with the truth. The raw means missed by 1.3 to 2.1 times as much.

# %% [markdown]
# ## When did it change? · 12 min
#
# A fortnight is known from the calendar. Often not even that is: somebody, at some time, changed something. Here are sixty rounds of two reactors. In each round R1 and R2 start in the same week **from the same lots**. Somewhere R1 got a bad probe.

# %%
rounds = lot_or_probe.rounds()
print(f"R1 alone spreads by {rounds['R1'].std():.2f}, R1 - R2 by "
      f"{(rounds['R1'] - rounds['R2']).std():.2f}, the change of R1 included.")
rounds.head(3).round(2)

# %% [markdown]
# Lots make steps of their own, so a search in R1 alone would find those. In `R1 - R2` they cancel: both reactors had the same. What is left is two levels and noise. The best place for a change is the one that leaves least: cut the series there, take the mean of each side, and add up the squared misses.

# %% [markdown]
# ### Exercise 2 · When did it change? · 4 points · 10 min
#
# Write `change_at`. It is given an array of numbers, one a batch, which changes its level once. Give the **place of the first batch on the new level**, counted from 0; at least three batches lie on each side. Where a value is NaN the batch is lost, but it still counts as a place.
#
# Use `ruptures`, or a loop. Six changes that are plain to see must be found exactly (2 points), with gaps as well (1 point). On twelve pairs of reactors as many places must be within 5 rounds of the truth as the course finds, or up to two fewer (1 point).
#
# <details><summary>Hint 1</summary>
#
# `ruptures.Binseg(model="l2", min_size=3, jump=1).fit(values).predict(n_bkps=1)` gives a list: the place of the change, and the length of the series.
#
# </details>
# <details><summary>Hint 2</summary>
#
# **What does `jump` do?** ruptures looks at every fifth place only, unless it is told otherwise. That is fast, and wrong by up to four batches.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Keep the places of the values that are there: `np.flatnonzero(~np.isnan(values))`. Search among those values, then look the place up.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "lot-or-probe-change", "locked": false, "schema_version": 3, "solution": true, "task": false}
def change_at(values):
    """Return the place of the first batch on the new level."""
    place = ...
    ### BEGIN SOLUTION
    values = np.asarray(values, dtype=float)
    there = np.flatnonzero(~np.isnan(values))
    search = ruptures.Binseg(model="l2", min_size=3, jump=1).fit(values[there])
    place = int(there[search.predict(n_bkps=1)[0]])
    ### END SOLUTION
    return place

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "lot-or-probe-change-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws changes with one odd batch in them, then asks the plant.
result = lot_or_probe.change(globals())
### BEGIN HIDDEN TESTS
result = lot_or_probe.change(globals(), plant_seed=6_008_401_172_597)
### END HIDDEN TESTS
result

# %%
# Where it is, and where it may as well be.
figure, place = lot_or_probe.change_figure(globals())
figures.show(figure, place)

# %%
# Twelve pairs of reactors, by ruptures: with every place, and with its own default.
jumps = lot_or_probe.jumps()
off = jumps[["jump=1", "jump=5"]].sub(jumps["truth"], axis=0).abs()
print(f"Off by {off['jump=1'].mean():.1f} rounds on average, and by {off['jump=5'].mean():.1f}.")
jumps.T

# %% [markdown]
# **How to read it.** The bars in the lower panel of the figure say where the change would have been found, had the noise fallen otherwise. That is the honest answer to "when": not a round, but a few rounds. With `jump=5` each place is a multiple of five, whatever the data say.
#
# **What it hides.** The search *always* finds a change, also where there is none. And a change is not a cause: it says where to look in the calendar, no more.

# %% [markdown] tags=["instructor"]
# **Ask** The calendar says that the probe was changed two rounds after the place that you found. Does that clear the probe?
#
# **Watch for** `dropna` before the search and no way back to the places. The length of the series, which is the last item that ruptures gives.
#
# **What it shows** {{ place }} On ten plants, 113 of 120 places were within 5 rounds of the truth; in R1 alone, lots and all, 91.

# %% [markdown]
# ## A difference of differences · 12 min
#
# Back to the fall. R2 had the new lot as well, round by round. It kept its old probe. It is the witness that the first picture left out. The two reactors are not of one size, so one gives more than the other all along. What counts is what changes.

# %%
# The same fall, with the second reactor, and its first three rounds as a table.
figure, both = lot_or_probe.fall_figure(fall, "R1", "R2")
figures.show(figure, both)
fall.head(3).round(2)

# %% [markdown]
# What happened to R2 would have happened to R1 without the probe. So what is left for the probe is R1's change **less** R2's change, the *difference in differences*. Since both share their lots in each round, it is also the change of `R1 - R2`, and the spread of that tells its error. With a variance $s^2$ of $n$ rounds before and after:
#
# $$\text{standard error} = \sqrt{\frac{s^2_{\text{before}}}{n_{\text{before}}} + \frac{s^2_{\text{after}}}{n_{\text{after}}}}$$

# %% [markdown]
# ### Exercise 3 · A difference of differences · 5 points · 10 min
#
# Write `probe_effect`. It is given a table such as `fall`, with the columns `R1`, `R2` and `new`, which is True from the fortnight on. Give two numbers, in natural logarithms: the effect of the probe (2 points) and its standard error (2 points, within 10 %). Where the change lies is in `new`, and differs from table to table. A round in which one of the two batches is lost (NaN) tells nothing about their difference: it is left out of the effect and of the error (1 point).
#
# <details><summary>Hint 1</summary>
#
# First one column: `R1 - R2`. Where one of them is NaN, so is the difference.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Then two groups of it, by `new`: mean, variance and number of each.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `groupby(rounds["new"]).agg(["mean", "var", "count"])` leaves NaN out by itself. The error is the root of the sum of `var / count`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "lot-or-probe-difference", "locked": false, "schema_version": 3, "solution": true, "task": false}
def probe_effect(rounds):
    """Return what the probe did to the logarithm of the doses, and its standard error."""
    effect, error = ..., ...
    ### BEGIN SOLUTION
    apart = (rounds["R1"] - rounds["R2"]).groupby(rounds["new"]).agg(["mean", "var", "count"])
    effect = apart.loc[True, "mean"] - apart.loc[False, "mean"]
    error = np.sqrt((apart["var"] / apart["count"]).sum())
    ### END SOLUTION
    return effect, error

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "lot-or-probe-difference-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check hands in three falls, and the same with lost batches.
result = lot_or_probe.difference(globals())
### BEGIN HIDDEN TESTS
result = lot_or_probe.difference(globals(), plant_seed=6_008_401_172_597)
### END HIDDEN TESTS
result

# %%
# Three ways to look at one fall; changes in % of the doses.
changes = lot_or_probe.before_after(globals())
print(lot_or_probe.left_for_the_probe(changes))
changes

# %% [markdown]
# **How to read it.** An effect is hard to take for luck if it is more than two standard errors from 0. The first row is what the first picture showed: two suspects in one number. The second row is the lot, and whatever else came over both reactors. The third is what R1 has for itself: only a loss there accuses the probe, and the sentence above the table says whether there is one. The errors of the first two rows are too small, for rounds of one lot are not independent; only in `R1 - R2` do the lots cancel.
#
# **What it hides.** One assumption, that without the probe both would have gone the same way. If R1 got a new stirrer in that fortnight too, the stirrer is in the third row. And the second row is not the lot alone: carriers, season and seed changed for R2 as well.

# %% [markdown] tags=["instructor"]
# **Ask** What would you do if there were no R2? (Run three batches with the old lot on the new probe. It costs three batches, and it is the only way.)
#
# **Watch for** An error from four groups of batches, as if R1 and R2 had nothing in common. It is too large: the lots that they share are counted as noise. The check names it.
#
# **What it shows** R1 {{ changes.iloc[0]["change, %"]:+.1f }} %, R2 {{ changes.iloc[1]["change, %"]:+.1f }} %. {{ lot_or_probe.left_for_the_probe(changes) }}

# %% [markdown]
# ## The way back · 12 min
#
# Another meeting. *"Three bad batches in a row. We cleaned the lines and trained the crew, and look: the next ten were better."* Whoever acts when things are at their worst sees them become better, whatever the action does. The three were bad partly by luck, and luck does not stay. That is **regression to the mean**.
#
# How much better is a question of counting. Here are 600 batches of a reactor. Nobody acted on anything.

# %%
long_run = lot_or_probe.long_run()
low = lot_or_probe.low_limit()  # one in twenty threes of batches has a mean below this
print(f"mean {long_run.mean():.2f}, SD {long_run.std():.2f}, limit for three batches {low:.2f}")

# %% [markdown]
# ### Exercise 4 · The way back · 4 points · 8 min
#
# Write `rebound`. It is given a Series of batches in their order, and a limit `low`. Look at all runs of three batches in a row whose **mean** is below the limit and which ten more batches follow. For each take the mean of those ten less the mean of the three. Give the mean of these rises (3 points); where there is no such run, `np.nan` (1 point).
#
# Runs may overlap. Each counts.
#
# <details><summary>Hint 1</summary>
#
# A loop over the place of the first batch *after* the three. It begins at 3.
#
# </details>
# <details><summary>Hint 2</summary>
#
# It ends where ten batches are left: `range(3, len(values) - 9)`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `values[k - 3 : k]` are the three, `values[k : k + 10]` the ten. Collect the rises in a list, and ask whether it is empty. A Series is sliced by place with `.iloc`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "lot-or-probe-rebound", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rebound(values, low):
    """Return by how much ten batches lie above the three low ones before them."""
    rise = ...
    ### BEGIN SOLUTION
    values = np.asarray(values, dtype=float)
    rises = []
    for k in range(3, len(values) - 9):
        three = values[k - 3 : k].mean()
        if three < low:
            rises.append(values[k : k + 10].mean() - three)
    rise = np.mean(rises) if rises else np.nan
    ### END SOLUTION
    return rise

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "lot-or-probe-rebound-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws series with lots in them, and counts as well.
result = lot_or_probe.way_back(globals())
### BEGIN HIDDEN TESTS
result = lot_or_probe.way_back(globals(), plant_seed=6_008_401_172_597)
### END HIDDEN TESTS
result

# %%
# The mean course around three low batches.
figure, nothing_done = lot_or_probe.rebound_figure(globals())
figures.show(figure, nothing_done)

# %% [markdown]
# **How to read it.** To the left of the dotted line are the three that raised the alarm. To its right the course goes back up by itself. An action must beat this rise before it may be praised.
#
# **What it hides.** The course does not come all the way to the dashed line at once. Bad lots are among the causes, and they stay for some weeks. Luck goes at once, lots go slowly. What was truly broken would not go at all.

# %% [markdown] tags=["instructor"]
# **Ask** In your plant, which actions are taken when things are at their worst? Has one of them ever *not* helped?
#
# **Watch for** The mean of all batches in place of the ten that follow. It promises too much.
#
# **What it shows** {{ nothing_done }}

# %% [markdown]
# ## The column, or the culture? · 11 min
#
# Third meeting. Doses are down again, and this time the records are clear: *recovery at capture has fallen*. The column is to be replaced. But a column takes what the culture hands over. Cells that die early spill their DNA, and DNA fouls. Is the loss **made** where it is **seen**?
#
# For this case the quality laboratory has measured the DNA in each harvest, and so the share of cells that had spilt it: `lysed_percent`.

# %%
capture = lot_or_probe.story("capture")
figure, seen = lot_or_probe.capture_figure()
figures.show(figure, seen)
capture.head(3)

# %% [markdown]
# If the column is as good as ever, a batch after the change recovers as much as one before it **with as many lysed cells**. So compare at equal lysis: a linear model of the logarithm of the recovery, with `after`, `lysed_percent` and its square (fouling grows faster than the DNA). The weight of `after` is what is left for the column.

# %% [markdown]
# ### Exercise 5 · At equal lysis · 4 points · 8 min
#
# Write `capture_change`. It is given a table such as `capture`, where `after` is True from the change on. Give the weight of `after` in that model, of the **natural** logarithm of `capture_recovery_percent` (3 points). Batches without `lysed_percent` or without `capture_recovery_percent` are left out, and no others (1 point).
#
# <details><summary>Hint 1</summary>
#
# Four columns: ones, `after`, `lysed_percent`, and its square. Or a formula, and statsmodels makes them.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In a formula, write `np.log(capture_recovery_percent)` to the left of the `~`, and `I(lysed_percent ** 2)` for the square.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `smf.ols(formula, batches).fit().params` has a name for each weight. For a column of True and False it is `after[T.True]`. NaN is left out by itself.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "lot-or-probe-capture", "locked": false, "schema_version": 3, "solution": true, "task": false}
def capture_change(batches):
    """Return by how much log recovery at capture has changed at equal lysis."""
    change = ...
    ### BEGIN SOLUTION
    formula = "np.log(capture_recovery_percent) ~ after + lysed_percent + I(lysed_percent ** 2)"
    change = smf.ols(formula, batches).fit().params["after[T.True]"]
    ### END SOLUTION
    return change

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "lot-or-probe-capture-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check hands in three stories, and one with lost assays.
result = lot_or_probe.at_capture(globals())
### BEGIN HIDDEN TESTS
result = lot_or_probe.at_capture(globals(), plant_seed=6_008_401_172_597)
### END HIDDEN TESTS
result

# %%
# The whole change at capture, and what is left for the column.
equal_lysis = lot_or_probe.at_equal_lysis(globals())
equal_lysis

# %% [markdown]
# **How to read it.** If most of the fall is left at equal lysis, the capture itself is to blame: a column, a buffer, its conductivity. If little is left, the column is only the messenger, and the cause lies upstream, in the culture.
#
# **What it hides.** Lysis stands *between* culture and recovery. Whoever asks "what did the culture cost in all?" must **not** hold it fixed, for that takes away the very path that is asked about. Which columns belong in a model depends on the question. DNA is measured with an error, too, so a little of the culture's part always stays with the column.

# %% [markdown] tags=["instructor"]
# **Ask** After three new columns the recovery is what it was. Who measured the harvest in the meantime?
#
# **Watch for** A straight line of the lysed cells. It leaves some of the culture's loss with the column; the check names it.
#
# **What it shows** {{ seen }} In all {{ equal_lysis.iloc[0]["change, %"]:+.1f }} %, at equal lysis {{ equal_lysis.iloc[1]["change, %"]:+.1f }} %. On ten plants about four fifths of the loss were left where the capture was to blame (in half of these stories the culture lost a little as well), and about a sixth where it was the culture.

# %% [markdown]
# ## Three verdicts · 13 min
#
# One case is no proof that a method works. So the plant has played each of the three stories twelve times, with the truth drawn at random. Each story has a verdict that comes to mind first. You have seen a table of the first and of the third. This is one of the second.

# %%
# The second story: R1 was acted upon after three bad rounds.
action = lot_or_probe.story("action")
print(action.groupby("phase", sort=False)[["R1", "R2"]].agg(["mean", "count"]).round(2))
action.head(3).round(2)

# %% [markdown]
# ### Exercise 6 · Three verdicts · 6 points · 12 min
#
# Write three functions. Each is given the table of one story, and gives one of two words. Each is called on twelve stories, and earns 2 points. As many verdicts must be right as by the course's own function, or one fewer, and ten at the least.
#
# As in the fall, R1 may give more than R2 all along, or less.
#
# - `blame_fall(rounds)`: a table such as `fall`. Give `"lot"` or `"probe"`.
# - `judge_action(rounds)`: a table such as `action`. Three rounds in a row R1 gave far less than usual beside R2 (`phase` is `"bad"`). So people acted in R1, and left R2 alone. Give `"helped"` if R1 is truly better for it, or `"luck"`.
# - `find_step(batches)`: a table such as `capture`. Recovery at capture has fallen, and more cells may be lysed, whatever the cause. Give the step that made most of the fall: `"capture"` or `"culture"`.
#
# <details><summary>Hint 1</summary>
#
# `blame_fall` and `judge_action` are one question, asked of other rounds: has `R1 - R2` changed by more than its error allows?
#
# </details>
# <details><summary>Hint 2</summary>
#
# The three bad rounds were *chosen* because R1 gave little, and R2 does not mend that. Leave them out of both reactors. `ttest_ind(after, before).statistic` is a difference over its standard error.
#
# </details>
# <details><summary>Hint 3</summary>
#
# For `find_step`, put the change at equal lysis over the whole change. Above a half, it is the capture.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "lot-or-probe-verdicts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def blame_fall(rounds):
    """Return "lot" or "probe"."""
    verdict = ...
    ### BEGIN SOLUTION
    apart = rounds["R1"] - rounds["R2"]
    t = ttest_ind(apart[rounds["new"]], apart[~rounds["new"]]).statistic
    verdict = "probe" if t < -2 else "lot"
    ### END SOLUTION
    return verdict


def judge_action(rounds):
    """Return "helped" or "luck"."""
    verdict = ...
    ### BEGIN SOLUTION
    apart = rounds["R1"] - rounds["R2"]
    after, before = (apart[rounds["phase"] == phase] for phase in ("after", "before"))
    verdict = "helped" if ttest_ind(after, before).statistic > 2 else "luck"
    ### END SOLUTION
    return verdict


def find_step(batches):
    """Return "capture" or "culture"."""
    verdict = ...
    ### BEGIN SOLUTION
    table = batches.assign(recovery=np.log(batches["capture_recovery_percent"]))
    at_equal = smf.ols("recovery ~ after + lysed_percent + I(lysed_percent ** 2)", table).fit()
    in_all = smf.ols("recovery ~ after", table).fit()
    share = at_equal.params["after[T.True]"] / in_all.params["after[T.True]"]
    verdict = "capture" if share > 0.5 else "culture"
    ### END SOLUTION
    return verdict

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "lot-or-probe-verdicts-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check has twelve stories of each kind, and knows what was planted.
result = lot_or_probe.stories(globals())
### BEGIN HIDDEN TESTS
result = lot_or_probe.stories(globals(), plant_seed=6_008_401_172_597)
### END HIDDEN TESTS
result

# %%
# Your verdicts beside those that come to mind first.
verdicts = lot_or_probe.verdicts(globals())
verdicts

# %% [markdown]
# **How to read it.** The tempting verdict names what is new, praises what was done, and blames the step where the loss is seen. It is right as often as the truth happens to be so.
#
# **What it hides.** In each story one of two things makes all of the loss, or most of it, and the plant has a second reactor, forty and more rounds, and a DNA assay. Real cases have a third suspect, both suspects at once, or six batches. Then the honest verdict is a third word: *we cannot tell yet*, with the batches that would.

# %% [markdown] tags=["instructor"]
# **Ask** Which of the three tempting verdicts have you seen in a deviation report?
#
# **Watch for** A rule that compares the bad rounds with those after: it praises each action, even as a difference in differences. R2 takes away lots and season. It does not take away that these three rounds were picked.
#
# **If short of time** Give `blame_fall`, and let them write the other two.
#
# **What it shows** Right of twelve: {{ ", ".join(verdicts["your verdicts"]) }}; the tempting ones: {{ ", ".join(verdicts["the tempting verdict"]) }}.

# %% [markdown]
# ## Let the plant run on it · 5 min
#
# Twelve falls, twelve verdicts of your `blame_fall`. On "lot", the plant throws what is left of the lot away and goes back to its usual serum. On "probe", it calibrates the probe of R1. Then both reactors make twenty rounds more. Hands, other lots and luck are the same whatever you said.

# %%
table, figure, gained = lot_or_probe.doses(globals())
figures.show(figure, gained)
table

# %% [markdown]
# **How to read it.** The 95 % interval is that of differences, story by story, of the same batches with and without the action. Who always blames the same suspect mends some of the falls, and pays the others in full. A verdict by the second reactor mends each fall that it judges rightly: compare its bar with that of *the truth*.
#
# **What it hides.** What a wrong verdict costs beside the doses: a lot of good serum in the drain, and a team that stops looking because the case is closed.

# %% [markdown] tags=["instructor"]
# **Ask** Calibrating a probe is cheap, throwing a lot away is not. Would you do the cheap thing first, and wait? For how many batches?
#
# **What it shows** {{ gained }}

# %% [markdown]
# ## What we have seen · 2 min
#
# - What comes in one fortnight cannot be told apart within one reactor. A second one can do it, with the same lots and the old probe.
# - A lot is judged by a mixed model that shrinks and crosses, a change by every place, an action by what would have come without it.
# - A loss is seen downstream and may be made upstream: compare at equal input before a column is replaced.
