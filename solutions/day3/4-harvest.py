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
#     title: When do I harvest this batch?
#     minutes: 88
# ---

# %% [markdown]
# # When do I harvest this batch?
#
# **Who asks.** The shift leader. The plant makes two vaccines with the same cells and the same virus. The inactivated one counts all virus, dead or alive. The live one counts only virus that still infects, and at 37 °C half of that is gone in six and a half hours.
#
# **Why it matters.** Both are harvested by the clock. A sensor that tells the right hour of each batch costs money and work. For which of the two is it worth it?
#
# **You will be able to**
#
# - say what a perfect sensor could add at most, before anybody buys one;
# - build a soft sensor from what is shown *up to now*, and notice features that peek;
# - write a step of an extended Kalman filter and of a particle filter on the plant's own kinetics;
# - count whether a filter is as sure as it may be;
# - use a laboratory result that comes hours late;
# - harvest by your own rule, and be paid in doses.
#
# **Minutes:** 88. **Points:** 27, in six exercises. Each stands alone.

# %%
import numpy as np
import pandas as pd
import torch
from torch.func import jacfwd

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day3 import harvest

figures.setup()

# %% [markdown]
# ## One hour for all · 8 min
#
# **First a guess, two minutes.** All batches of a season are harvested at the hour that is best for all of them together. One season the crew is eight hours late, every time. What share of the doses is left: for the inactivated vaccine, and for the live one? Write two numbers down. Then run the cells.

# %%
# 120 batches of each product, each of them harvested at every hour: no plant can do that.
inactivated, live = (harvest.doses_by_hour(name) for name in ("inactivated", "live"))
print(live.shape, "hours, batches; thousands of doses")
live.loc[50:58].iloc[:, :6].round().astype(int)

# %%
# What is left if every batch is harvested at one hour.
figure, best_hours = harvest.hours_figure()
figures.show(figure, best_hours)

# %%
# Three batches of the live line, as the capacitance probe shows them.
figure, peaks = harvest.signals_figure()
figures.show(figure, peaks)

# %% [markdown]
# **How to read it.** Both lines of the first figure fall after their best hour. For the inactivated vaccine cells burst, and what they spill is hard to remove. For the live one the virus itself dies as well. The second figure says why one hour does not fit all: in some batches the seed was much weaker or stronger than its label, or the virus was added late. Nobody wrote that down.
#
# **What it hides.** The history can not teach this. It holds one harvest a batch, at nearly the same hour each time. Where a batch would have gone later, no record tells. So here a model of the infection must help, and its truth is checked against the virtual plant.

# %% [markdown] tags=["instructor"]
# **Ask** What does capacitance measure: cells, or living volume? (Volume. Infected cells swell by up to a third, so at first it rises although no cell is added. Dead cells still count a little. As a cell counter it misleads in the death phase; as a clock it will turn out to be good.)
#
# **What it shows** {{ best_hours }} {{ peaks }}

# %% [markdown]
# ## What would an oracle add? · 11 min
#
# An **oracle** harvests every batch at its own best hour. No sensor does better. So ask first what the oracle adds to the best fixed hour. If that is little, stop here.
#
# Both harvests are of the *same* batches. So the uncertainty is that of the differences, batch by batch, not that of two separate means. For $n$ differences $d$ the sum has a standard error of $\sqrt n \cdot \mathrm{SD}(d)$, and 95 % are 1.96 of them to each side.

# %% [markdown]
# ### Exercise 1 · What would an oracle add? · 4 points · 9 min
#
# Write `verdict`. `doses` is a table like `live`: one row an hour, one column a batch. Give four numbers: the best fixed hour (the row with most doses in all); what the oracle adds to it, in % of its doses; and the lower and upper end of its 95 % interval by the formula above, in % too (1 point each for hour, gain and interval).
#
# Then set `pays` (1 point, once gain and interval are right). A sensor with its upkeep costs 8 % of a year's doses. Count on two thirds of what the oracle adds; the last section shows what yours reaches. For which product does it pay?
#
# <details><summary>Hint 1</summary>
#
# The best fixed hour is one row for all batches. The oracle takes the best row of each column.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `doses.sum(axis=1).idxmax()` is an hour, and `doses.loc[hour]` its row. The differences `more` are one number a batch.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `more = doses.max() - doses.loc[hour]`; half the interval of its sum is `1.96 * more.std() * np.sqrt(len(more))`. Divide all by `doses.loc[hour].sum()`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "harvest-verdict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def verdict(doses):
    """Return the best fixed hour, and what an oracle adds, in %, with its interval."""
    hour, gain, low, high = ..., ..., ..., ...
    ### BEGIN SOLUTION
    hour = doses.sum(axis=1).idxmax()
    fixed = doses.loc[hour]
    more = doses.max() - fixed
    half = 1.96 * more.std() * np.sqrt(len(more))
    sums = np.array([more.sum(), more.sum() - half, more.sum() + half])
    gain, low, high = 100 * sums / fixed.sum()
    ### END SOLUTION
    return hour, gain, low, high


pays = ...  # {"inactivated": …, "live": …}, each True or False
### BEGIN SOLUTION
pays = {"inactivated": False, "live": True}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "harvest-verdict-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws tables of its own, then looks at your two verdicts.
result = harvest.verdict(globals())
### BEGIN HIDDEN TESTS
result = harvest.verdict(globals(), plant_seed=2_771_514_503_068)
### END HIDDEN TESTS
result

# %%
# Your verdict on both products. (The course's, where yours is not right yet.)
table = harvest.verdicts(globals())
table.T

# %% [markdown]
# **How to read it.** For the inactivated vaccine the whole interval lies below what a sensor would have to add. *Here no sensor pays*, however good. Better to move the clock to its best hour, which costs nothing. For the live vaccine two thirds of the oracle's gain are more than the price.
#
# **What it hides.** The oracle was chosen on the same batches that it is paid for, and so was the fixed hour. It is an upper end, no promise. And a large part of the live vaccine's gain comes from a few batches that are worth nothing at the fixed hour, most of them because their virus came late. The verdict hangs on them.

# %% [markdown] tags=["instructor"]
# **Ask** Which number would have to change for the inactivated vaccine to need a sensor? (The price, or how different batches are. A plant whose seeds are less reliable has more to gain.)
#
# **Watch for** The interval of two unpaired means. It is several times too wide, for batches differ much more from each other than one batch does from hour to hour.
#
# **What it shows** The oracle adds {{ table.loc["inactivated", "oracle adds, %"] }} % to the inactivated vaccine and {{ table.loc["live", "oracle adds, %"] }} % to the live one. On ten plants it was 3.6 to 8.4 %, and 13.2 to 22.3 %. Of the gain on the live one, {{ 100 * (live.max() - live.loc[live.sum(axis=1).idxmax()])[live.loc[live.sum(axis=1).idxmax()] == 0].sum() / (live.max() - live.loc[live.sum(axis=1).idxmax()]).sum():.0f }} % come from the {{ (live.loc[live.sum(axis=1).idxmax()] == 0).sum() }} of {{ live.shape[1] }} batches that are worth nothing at the fixed hour.

# %% [markdown]
# ## A soft sensor · 15 min
#
# A **soft sensor** foretells what no probe shows from what probes do show. Here: how many hours until the virus peaks. It learns from some 60 development runs of the live line that were followed to their peak and beyond.
#
# In truth no plant has such labels: somebody would have to titrate every few hours, day and night. We take the peak from the virtual plant. So this sensor is better than yours could be.

# %%
# One run, hour by hour: capacitance, and oxygen uptake from the gas balance.
runs = harvest.runs()
print(len(runs.records), "runs; half of them peak after", np.median(runs.peak_h), "h")
runs.records[0].loc[36:60:4].round(3)

# %% [markdown]
# A feature may only use what was shown **up to its hour**. The trap is easy to build, as finished records are so handy: "hours since capacitance last stood at 90 % of its first hours". In a finished record that hour is easy to find. As long as it has not come, the last such hour is always *now*. Here it is, tried on finished records, and then as it would be at the time; beside it, honest features.

# %%
peek = harvest.peeking()
peek  # of the hours to the peak, on runs that were not learned from

# %% [markdown]
# ### Exercise 2 · A soft sensor · 5 points · 12 min
#
# Write `features`. `record` is one run: the index is the hour after infection, from -6 on; the columns are those above, NaN where a probe showed nothing for a while. Give a table of numbers (a DataFrame, say) with as many rows: in each row what you want to know at that hour.
#
# The check trains trees on your features of these runs, every two hours from 24 h to 70 h. It asks them about as many new runs. If they miss the hours to the peak by at most 1.75 times as much as with the course's features: 3 points, up to 2.05 times: 1. Features that do not change when the record ends earlier, also in records with gaps: 2 points, once they tell something. Features that peek earn nothing.
#
# <details><summary>Hint 1</summary>
#
# Each batch has another number of cells, and each probe a gain of its own. What is alike in all of them?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Divide each column by its mean over the first six hours after infection. Then ask how fast it falls, and how far it is below what it was. The hour itself helps, too.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `record / record.loc[1:6].mean()`; over the last hours `.rolling(3, min_periods=1).mean()`, `.diff(4)`, and `.cummax()`. None of these looks ahead; `.max()` does.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "harvest-features", "locked": false, "schema_version": 3, "solution": true, "task": false}
def features(record):
    """Return a table of features, one row for each row of the record."""
    table = ...
    ### BEGIN SOLUTION
    share = (record / record.loc[1:6].mean()).rolling(3, min_periods=1).mean()
    parts = {"share": share, "slope": share.diff(4), "fallen": share / share.cummax()}
    table = pd.concat(parts, axis=1).assign(hour=record.index)
    ### END SOLUTION
    return table


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "harvest-features-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check cuts records short, then trains trees on what your features tell.
result = harvest.features(globals())
### BEGIN HIDDEN TESTS
result = harvest.features(globals(), plant_seed=2_771_514_503_068)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** The leaky feature was the best that anybody could wish for in the records. How would you have noticed before the first live batch? (Cut the record off at 40 h, and compute the feature again. That is what the check does.)
#
# **Watch for** `record / record.max()`, `idxmax`, `interpolate` (it draws a line to what comes after the gap), centred windows, `bfill`.
#
# **What it shows** Peeking misses by {{ peek.loc["peeks", "in finished records"] }} h in finished records and by {{ peek.loc["peeks", "at the time"] }} h at the time; honest features by {{ peek.loc["honest", "at the time"] }} h.

# %% [markdown]
# ## A filter: equations and readings · 15 min
#
# The soft sensor needed runs with labels. The plant's kinetics need none. Cells are healthy, then in eclipse (five stages), then productive (three stages), then dead. Productive cells release virus, virus decays, and healthy cells catch it. That is a state of twelve numbers: ten shares of cells, the pressure of infection (virus, in that unit), and how much a cell releases.
#
# A **Kalman filter** carries two things from hour to hour: the state $x$ it believes in, and a covariance $P$ that says how sure it is. Each hour it *predicts* by the equations, then *updates* by the readings. The equations bend, so it takes their slope at the state: that is the *extended* filter. With $f$ for `move` and $h$ for `look`:
#
# $$F = f'(x),\quad x \leftarrow f(x),\quad P \leftarrow F P F^T + Q$$
#
# $$H = h'(x),\quad S = H P H^T + R,\quad K = P H^T S^{-1},\quad x \leftarrow x + K\,(y - h(x))$$
#
# $$P \leftarrow (I - K H)\,P\,(I - K H)^T + K R K^T$$
#
# The last line is **Joseph's form**. On paper $(I - KH)P$ is the same. In a computer it subtracts nearly equal numbers, and one day a variance is negative.
#
# `torch.func.jacfwd(f)(x)` gives the slope $F$ of any function at $x$, without a formula.

# %% [markdown]
# ### Exercise 3 · One step of the filter · 5 points · 12 min
#
# Write `ekf_step`. `x` (n,), `P` (n, n), `Q` (n, n), `reading` (m,) and `R` (m, m) are tensors, `move` and `look` functions of a state. Give the state and the covariance after an hour. Right state and covariance on two systems: 1 point each. Where `reading` is NaN, all of it or a part, give the prediction back: 1 point. (An update by the part that is there is right as well.) After readings that are a thousand times better than what was known, in single precision, the covariance is still symmetric and positive: 1 point.
#
# Then `nees`: how far off is a filter, by its own measure? `errors` (N, n) and `covariances` (N, n, n) are arrays; give $e^T P^{-1} e$ of each case, (N,): 1 point. A filter that is as sure as it may be has a mean of n.
#
# <details><summary>Hint 1</summary>
#
# The formulas above, line by line. The slope of `look` is taken at the *predicted* state.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.isnan(reading).any()` asks for a missing one. `torch.eye(len(x), dtype=x.dtype)` is I, of the right kind.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `torch.linalg.solve(S, H @ P).T` is K without an inverse. At the end take `(P + P.T) / 2`. For `nees`: `np.linalg.solve(covariances, errors[..., None])` has shape (N, n, 1).
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "harvest-ekf", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ekf_step(x, P, move, look, Q, reading, R):
    """Return state and covariance an hour later, with the reading in them."""
    after, covariance = ..., ...
    ### BEGIN SOLUTION
    F = jacfwd(move)(x)
    x = move(x)
    P = F @ P @ F.T + Q
    if not torch.isnan(reading).any():
        H = jacfwd(look)(x)
        K = torch.linalg.solve(H @ P @ H.T + R, H @ P).T
        x = x + K @ (reading - look(x))
        left = torch.eye(len(x), dtype=x.dtype) - K @ H
        P = left @ P @ left.T + K @ R @ K.T
        P = (P + P.T) / 2
    after, covariance = x, P
    ### END SOLUTION
    return after, covariance


def nees(errors, covariances):
    """Return the squared errors of N cases, in units of what the filter expected."""
    squares = ...
    ### BEGIN SOLUTION
    weighed = np.linalg.solve(covariances, errors[..., None])[..., 0]
    squares = (errors * weighed).sum(axis=1)
    ### END SOLUTION
    return squares


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "harvest-ekf-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check takes a step of two systems that bend, then hands in very precise readings.
result = harvest.ekf(globals())
### BEGIN HIDDEN TESTS
result = harvest.ekf(globals(), plant_seed=2_771_514_503_068)
### END HIDDEN TESTS
result

# %%
# Your filter on two batches of the live line; drawn is the cautious one of two; some 10 s.
figure, near = harvest.followed(globals())
figures.show(figure, near)

# %%
# From 24 h on: how far off it is by its own measure.
sure = harvest.consistency(globals())
sure  # both should be near 1: of the virus alone, n = 1; of two readings, over 2

# %% [markdown]
# **How to read it.** NEES needs the truth, which only a virtual plant has. **NIS** is its little sister: the squared distance of a reading from what was expected, by the filter's own measure. It needs no truth, and any plant can chart it. Both are near 1 if the filter is as sure as it may be. Well above 1 it is too sure; below, too careful.
#
# Told only of the probes' noise, the filter is too sure of the virus. Capacitance also has a zero and a gain that stay for the whole batch, and the equations are not the plant. Told more than the noise (*cautious*), NEES comes down. NIS then says *too careful*, and that is right: it only looks at how the readings scatter.
#
# **What it hides.** In the batch with another MOI the filter starts from a wrong belief with a small covariance. A seed that is many times weaker than its label is no small error, and a slope at one point does not describe it. Where the line falls out of the figure, an update took the virus below zero: a slope does not know that there is no less than nothing. That is what particles are for.

# %% [markdown] tags=["instructor"]
# **Ask** Why twelve states, not the plant's 23? (The others are the medium, cells afloat or burst, and particles that do not infect. What they do to the release is one number here, which the filter estimates on the way. Fewer states are faster, and there is less to be wrong about. A test holds them beside the plant's own course.)
#
# **Watch for** `np.linalg.inv` on tensors, `.item()` inside `move`, and `P = (I - K H) P` "because the book has it". The check's precise readings break it.
#
# **What it shows** {{ near }} Mean NEES told of the noise only: {{ sure.iloc[0, 0] }} by the book, {{ sure.iloc[2, 0] }} with another MOI; cautious: {{ sure.iloc[1, 0] }} and {{ sure.iloc[3, 0] }}.
#
# **If short of time** Give `nees`.

# %% [markdown]
# ## Particles · 13 min
#
# A **particle filter** makes no slope. It lets many possible batches run side by side: most by the book, some with a seed that is several times too weak or too strong. Each carries a weight. A reading that fits a particle badly takes weight from it:
#
# $$\log w \leftarrow \log w - \tfrac12 \left(\frac{\text{reading} - \text{expected}}{\text{sd}}\right)^2$$
#
# and then all weights are divided by their sum. Weights get as small as $e^{-1800}$, which a computer calls zero. So stay with logarithms, and take the largest off before `exp`.
#
# Soon a few particles hold all the weight. **Resampling** copies those and drops the others. The *systematic* way lays the weights end to end on a line of length 1, and lays a comb with N teeth on it, the first at `start / N`, the next each 1 / N further. Each tooth picks the particle that it points at.

# %% [markdown]
# ### Exercise 4 · Particles · 5 points · 11 min
#
# Write `reweigh`: `log_weights` and `expected` are arrays (N,), `reading` and `sd` numbers. Give the logarithms of the new weights, whose sum is 1 (2 points). With readings that are 60 SDs off it still gives numbers; where the reading is NaN the weights stay as they were (1 point, once the first are right).
#
# Write `resample`: `log_weights` (N,), whose weights sum to 1 but for rounding, and `start`, at least 0 and below 1. Give N indices of particles. Each is taken as often as its weight says, rounded up or down (1 point), by the comb that begins at `start / N`, also where `start` is nearly 1 (1 point).
#
# <details><summary>Hint 1</summary>
#
# The logarithm of a sum of weights, safely: `top + np.log(np.exp(log - top).sum())`, where `top` is the largest.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The comb's teeth are `(start + np.arange(N)) / N`. The ends of the weights on the line are their cumulative sum.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.searchsorted(ends, teeth)` says which weight each tooth points at. Rounding may leave the last end a little below 1: do not let an index be N.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "harvest-particles", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reweigh(log_weights, expected, reading, sd):
    """Return the logarithms of the weights after a reading; the weights sum to 1."""
    log = ...
    ### BEGIN SOLUTION
    log = np.array(log_weights, dtype=float)
    if np.isfinite(reading):
        log = log - 0.5 * ((reading - expected) / sd) ** 2
    log = log - log.max()
    log = log - np.log(np.exp(log).sum())
    ### END SOLUTION
    return log


def resample(log_weights, start):
    """Return which particles go on, N indices, by a comb that begins at start / N."""
    chosen = ...
    ### BEGIN SOLUTION
    n = len(log_weights)
    ends = np.cumsum(np.exp(log_weights))
    teeth = (start + np.arange(n)) / n
    chosen = np.searchsorted(ends, teeth).clip(max=n - 1)
    ### END SOLUTION
    return chosen


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "harvest-particles-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check draws weights, sends readings near and far, and counts who goes on.
result = harvest.particle(globals())
### BEGIN HIDDEN TESTS
result = harvest.particle(globals(), plant_seed=2_771_514_503_068)
### END HIDDEN TESTS
result

# %%
# Your particles on three batches: when will the virus peak?
figure, expected_peaks = harvest.belief_figure(globals())
figures.show(figure, expected_peaks)

# %% [markdown]
# **How to read it.** The level lines are the truth. The batches stand half an hour aside of each other, so that their bars can be told apart. At 20 h nothing has been seen, and the particles say what the label says. In the batches that deviate they learn from cells that do *not* swell when they should. Their bars hardly change at first. Then they grow, as less and less fits; then they shrink, and cover the truth.
#
# **What it hides.** Fifteen in a hundred particles deviate, because somebody said so. Had nobody thought of weak seeds, none would be there to be copied: particles only find what they were given.

# %% [markdown] tags=["instructor"]
# **Ask** What happens without resampling? (Little, here: release and virus hardly change on the way, so particles are courses of whole batches. `harvest.foretold`, further down, does without. With much noise an hour it would fail.)
#
# **Watch for** `np.random.choice(N, N, p=weights)`. It works, and adds luck for nothing. The check counts.
#
# **What it shows** {{ expected_peaks }}

# %% [markdown]
# ## A sample comes late · 9 min
#
# The laboratory draws a sample at 30 h and titrates it. The titre is there at 38 h. It says what was in the vessel *eight hours ago*. Compared with the belief of now it does harm: since then the virus has grown manyfold.
#
# The remedy is simple, if beliefs were kept. Go back to the belief of the sample's hour, put the sample in, and take all later readings again, one by one. That is **refiltering**.

# %% [markdown]
# ### Exercise 5 · A late sample · 3 points · 8 min
#
# Write `refilter`. `beliefs` is a list: `beliefs[h]` is what was believed at hour h, after the reading of that hour. `readings` is a list, too: `readings[h]` is the reading of hour h. `sampled_h` says when the sample was drawn. `step(belief, reading)` gives the belief an hour later, `correct(belief, sample)` the belief of the same hour with the sample in it. Give the belief of now, the hour of the last belief. A sample six hours old earns 2 points; one that was drawn just now 1, once the other is right, and nothing was written into a list that was handed in.
#
# <details><summary>Hint 1</summary>
#
# Which belief is of the sample's hour? Is the reading of that hour in it already?
#
# </details>
# <details><summary>Hint 2</summary>
#
# After the correction the first reading to come again is that of the hour *after* the sample.
#
# </details>
# <details><summary>Hint 3</summary>
#
# The loop's hours are `range(sampled_h + 1, len(beliefs))`. For a sample of now it is empty.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "harvest-late", "locked": false, "schema_version": 3, "solution": true, "task": false}
def refilter(beliefs, readings, sampled_h, sample, step, correct):
    """Return the belief of now, with a sample in it that was drawn at hour sampled_h."""
    belief = ...
    ### BEGIN SOLUTION
    belief = correct(beliefs[sampled_h], sample)
    for hour in range(sampled_h + 1, len(beliefs)):
        belief = step(belief, readings[hour])
    ### END SOLUTION
    return belief


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "harvest-late-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The check hands in beliefs of two numbers, mean and variance, with samples old and new.
result = harvest.late(globals())
### BEGIN HIDDEN TESTS
result = harvest.late(globals(), plant_seed=2_771_514_503_068)
### END HIDDEN TESTS
result

# %%
# Your `refilter` on particles of 40 batches, whose sample was titrated.
figure, worth = harvest.late_figure(globals())
figures.show(figure, worth)

# %% [markdown]
# **How to read it.** Each bar is how far the foretold hour of the peak is off, early or late, on average over the batches. Lower is better. The first bar is the filter without any sample. Only a bar below the first says that the sample was of use.
#
# **What it hides.** Some single batches are foretold worse with the sample than without: it has an assay's error, too.

# %% [markdown] tags=["instructor"]
# **Ask** Would you rather have a worse assay in one hour than a good one in eight? (With refiltering a late result loses little. Without, it does harm.)
#
# **What it shows** {{ worth }}

# %% [markdown]
# ## When do you harvest? · 11 min
#
# Now the decision. The plant asks a rule every two hours, from 24 h to 70 h (for the inactivated vaccine, at the end, from 46 h to 66 h): harvest now? Records come by the quarter of an hour, so the last one shown at 54 h may be of 53.8 h. The rule is given `known`, a dict of what is known before the batch (its recipe, the certificates of its lots, the age of its probes), and `seen`, a table of what the instruments showed up to now. Two helpers are there:
#
# - `harvest.hourly(seen)` gives the table of exercise 2;
# - `harvest.foretold(known, seen)` weighs 400 courses of this batch as in exercise 4. It gives `hours_to_peak` (below zero once it is over), `sd_h`, and `doses`: a Series of the doses that a harvest now and in each hour to come is expected to give, over the best of them.
#
# What is too late costs more than what is too early: with every hour more cells have burst.

# %%
# One batch as a rule would see it at 48 h, and what the filter makes of it.
known, seen = harvest.a_batch(48)
belief = harvest.foretold(known, seen)
print(len(known), "things known, such as", {name: known[name] for name in list(known)[:4]})
print(f"peak in {belief.hours_to_peak:.1f} ± {belief.sd_h:.1f} h")
print("expected doses by hour of harvest, as a share of the best hour's:")
belief.doses.loc[48:66:2].round(2)

# %% [markdown]
# ### Exercise 6 · When do you harvest? · 5 points · 10 min
#
# Write `harvest_rule`. Give `True` to harvest now, `False` to go on. Any way is fine: capacitance, the filter, or your own.
#
# The check makes a season of 80 batches of the live line, and asks your rule as the plant does. At least 60 % of what the oracle adds to the best fixed hour: 2 points. The others count once these are earned. SD of the log titre at most 0.6 of the fixed hour's, among batches whose equipment did not fail (or at most 1.25 times that of the course's rule, where that is more): 1 point. Batches with a deviating seed, late virus or a wrong temperature keep at least 85 % of their own peak, on average: 1 point. Then the capacitance probe dies at 20 h in twelve batches, and shows NaN from there on. They still give at least 80 % of the doses of the fixed hour: 1 point.
#
# <details><summary>Hint 1</summary>
#
# Look at the figure of the three batches again. Where is the capacitance, compared with its first hours, when the virus peaks?
#
# </details>
# <details><summary>Hint 2</summary>
#
# With the filter: harvest if the doses of now are nearly the best of all hours to come. With capacitance: harvest if it has fallen to some 85 % of its first hours. And without capacitance?
#
# </details>
# <details><summary>Hint 3</summary>
#
# `doses.iloc[0] >= 0.99 * doses.max()` is a rule of its own, and needs no probe that lives: what is missing is not weighed. For a share: `record / record.loc[1:6].mean()`, its last rows, and a look at `np.isnan` first. Wrap it in `bool(...)`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "harvest-rule", "locked": false, "schema_version": 3, "solution": true, "task": false}
def harvest_rule(known, seen):
    """Return True to harvest this batch now, False to go on."""
    now = ...
    ### BEGIN SOLUTION
    doses = harvest.foretold(known, seen).doses
    now = bool(doses.iloc[0] >= 0.99 * doses.max())
    ### END SOLUTION
    return now


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "harvest-rule-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check asks your rule about 80 batches, every two hours; some 10 s.
result = harvest.rule(globals())
### BEGIN HIDDEN TESTS
result = harvest.rule(globals(), plant_seed=2_771_514_503_068)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Who has the shorter rule: filter or capacitance? (Capacitance, by far, and it earns about the same. Say so, and then show the next cell but one.)
#
# **Watch for** `seen["hours_after_infection"].iloc[-1] == 54`. Records come every quarter of an hour, counted from inoculation, so the last one before 54 h may be 53.83. Use `>= 53.7`.

# %% [markdown]
# ## Let the plant run on it · 4 min
#
# Two years of the live line and two of the inactivated, 120 batches each, run twice: on your rule, and by the clock. Lots, seeds, hands, faults and luck are the same for both, so the intervals are those of paired differences. It comes to what `deploy(Policy(harvest=harvest_rule), product="live")` gives; some seconds.

# %%
rows, figure, gained = harvest.by_the_plant(globals())
figures.show(figure, gained)
rows.T

# %%
# The crew at the door, or called eight hours before: share of the oracle's gain, %, of 60 batches.
ahead = harvest.notice()
ahead

# %% [markdown]
# **How to read it.** For the live vaccine the rule gets most of what an oracle would, and nearly all of it in the batches that deviate. For the inactivated vaccine it loses doses even before it costs anything: a rule that was made for live virus harvests at the wrong hour. Such a gain can be had, too: in a published case a trigger from oxygen and capacitance cut the SD of live-virus harvests by 71 %, and kept more than 87 % of the peak titre when batches deviated, against 16 % by the clock (Forrester, Templeton et al. 2025, *Biotechnology Progress*, doi 10.1002/btpr.70037).
#
# Figure and first table count 120 batches of each product, the last table 60, the check 80. So shares of the oracle's gain differ a little. A share below zero is worse than the fixed hour.
#
# Then the honest part. *A one-line rule on capacitance does as well as the filter*, as long as the crew stands at the door. If the crew must be called eight hours ahead, the rule has nothing to say in time. The filter foretells, and loses hardly anything. And when the probe dies, it goes on with oxygen and its equations.
#
# **What it hides.** The plant and the filter were written by the same people: the kinetics in the filter are the plant's own with the medium left out. Yours will be further from your plant. And the capacitance rule's moment, a fall to 85 % of the first hours, was found on batches that could be harvested at every hour, which nobody has.

# %% [markdown] tags=["instructor"]
# **Ask** What would you buy first: a capacitance probe, or a model? (The probe. The model without it has only oxygen to go by. But with the model the crew can plan.)
#
# **What it shows** {{ gained }} Called eight hours ahead, the capacitance rule gets {{ ahead.iloc[0, 1]:.0f}} % of the oracle's gain, the filter {{ ahead.iloc[1, 1]:.0f}} %.

# %% [markdown]
# ## What we have seen · 2 min
#
# - Ask what an oracle would add before you buy a sensor: for one product nothing pays, for the other a lot does.
# - A filter turns readings and kinetics into what nobody measures, is tested for being too sure, and takes late results at their own hour.
# - A short rule can be as good as a filter; what the filter adds is time to act, and something to go on when a probe dies.
