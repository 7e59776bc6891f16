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
#     title: How sure are you?
#     minutes: 90
# ---

# %% [markdown]
# # What will this batch yield? How sure are you?
#
# **Who asks.** The planner. A batch was infected this morning. In three days it is harvested, in six weeks its doses are on a lorry. The planner must promise a number to a ministry *today*.
#
# **Why it matters.** A promise that is too high is broken. One that is too low leaves vaccine in the cold store. One number alone can not be weighed. A number with an honest interval can.
#
# **You will be able to**
#
# - race five regressions on one table, and see what such a race does not decide;
# - say what an R² was measured against, and work it out against the truth;
# - see when a third variable turns a comparison round;
# - build a model close to the noise floor, and know where it must not be asked;
# - put an interval round any model's prediction by counting, and promise released doses with it;
# - say what becomes of the promise on a lot that nobody has seen, and mend it.
#
# **Minutes:** 90. **Points:** 26, in six exercises, one of them in your own words. Each stands alone.

# %%
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import bakeoff, data, figures
from vaxlab.bakeoff import plots
from vaxlab.lessons.day1 import how_sure

figures.setup()

# %% [markdown]
# ## Five methods, one table · 11 min
#
# **First a guess, two minutes.** A batch gives about 14,000 doses. Of the next one you know nothing but that. Write down two numbers between which its doses will lie, so that you are 90 % sure. And of a hundred batches, how many give no dose at all? Then run the cell.

# %%
release = data.load("release")
doses = release.loc[release["doses"] > 0, "doses"]
low, high = doses.quantile([0.05, 0.95])
print(f"Nine of ten released batches gave {low:,.0f} to {high:,.0f} doses.")
print(f"{100 * (release['doses'] == 0).mean():.0f} of a hundred were rejected and gave none.")

# %% [markdown]
# Most people write an interval that is too narrow, and forget the batches that fail. A model can make the honest interval narrower. It can not make it go away.
#
# Now the table. One row a batch that was released. (How often a batch is rejected is counted apart, as you just did: nobody foretells a fault on the morning of infection.) The columns hold only what is **known when the batch is infected**: set points of the recipe, cells counted, hours that the cells waited, lines of the lots' certificates, and the name of the seed lot. The last column, `ha`, is the HA titre of the harvest, a count of virus particles that stands for its antigen. It is a log10, and the mean of the quality laboratory's four assays.

# %%
table = how_sure.history()
known = table.columns.drop("ha")
recipe = known[:10]  # the set points
print(f"{len(table)} batches, {len(known)} things known, {table['seed_lot'].nunique()} seed lots")
table.head(3).T

# %% [markdown]
# Five methods race **on the recipe's ten set points alone**. Each gets the same preparation: numbers on one scale. It is part of the pipeline, so each fold prepares itself without a look at its test batches. What is not named there is left behind.

# %%
plain = {
    "linear": LinearRegression(),
    "ridge": RidgeCV(np.logspace(-1, 3, 9)),
    "PLS": PLSRegression(3),
    "boosted trees": GradientBoostingRegressor(
        n_estimators=100, learning_rate=0.06, subsample=0.7, random_state=0
    ),
    "small MLP": MLPRegressor(
        hidden_layer_sizes=(12,), alpha=3, solver="lbfgs", max_iter=2000, random_state=0
    ),
}

# %%
# The same preparation for each of them, then five folds.
scaled = make_column_transformer((StandardScaler(), list(recipe)))
methods = {name: make_pipeline(clone(scaled), method) for name, method in plain.items()}
race = bakeoff.bakeoff(methods, table[recipe], table["ha"], cv=5)
race.summary[["rmse", "rmse_low", "rmse_high", "r2", "bias", "fit_s"]].round(3)

# %%
# What the ridge regression missed by, batch by batch.
figures.show(*plots.deviations(race, "ridge", unit="HA, log10 units / 100 µL"))

# %% [markdown]
# **How to read it.** `rmse` is the usual size of a miss on batches that the model had not seen, in log10; 0.1 is a factor of 1.26. `rmse_low` and `rmse_high` hold its 95 % interval. Intervals that overlap widely do not decide a race. The slope in the figure is no fault: extremes are partly luck, and no model foretells luck. A model that foretells its own training batches' luck has learnt it by heart (*overfitting*); it shows on batches that it has not seen.
#
# **What it hides.** R² is the share of the spread that a model foretells. Here it is next to nothing: nobody wins this race, for ten set points that hardly change foretell hardly anything. The rest of the row will have to. And what is in the spread at all? Some of it is the assay.
#
# **Why the logarithm?** HA is a log10 already. Lots and hands *multiply* a yield, so their effects add up in the logarithm, and a miss of a given size means the same share of doses for weak and for strong batches. On raw antigen, the strong batches would rule the fit.

# %% [markdown] tags=["instructor"]
# **Ask** Which of these columns would *not* be there on the morning of infection? (All are. Ask for two tempting ones that would not: glucose at harvest, the release tests.)
#
# **Watch for** People who crown the winner of the race. With so few batches, the intervals overlap.
#
# **What it shows** Nine of ten released batches gave {{ low:,.0f }} to {{ high:,.0f }} doses. On the recipe alone the five have R² of {{ race.summary["r2"].min():.2f }} to {{ race.summary["r2"].max():.2f }}; their intervals overlap.

# %% [markdown]
# ## R² against what? · 11 min
#
# A model of the plant's data team reads the whole row. Its predictions can be judged against one assay, against the mean of four, or against what was truly in the vessel. Write $s^2$ for the variance of one assay. In the mean of four, $s^2/4$ is left, and it is left **twice**: in the squared misses, and in the spread of the harvests.
#
# $$R^2_{\text{truth}} = 1 - \frac{\overline{(y - \hat y)^2} - s^2/4}{\operatorname{var}(y) - s^2/4}$$

# %%
readings = how_sure.four_readings()  # one row a batch; the columns are the numbers 1 to 4
predicted = how_sure.predictions()  # of batches that the model had not seen
readings.assign(predicted=predicted.round(2)).head(3)

# %% [markdown]
# ### Exercise 1 · R² against what? · 4 points · 8 min
#
# Write `three_scores`. From `predicted` and `readings` it gives three R²: against replicate 1 alone, against the mean of the four, and against the truth as the formula has it. No truth is needed for that: four readings of one vessel tell $s^2$.
#
# <details><summary>Hint 1</summary>
#
# R² is one minus a ratio: the mean squared miss, over the variance of what was measured.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The spread of the four readings of a batch is the assay alone. Take its variance batch by batch, then the mean over batches.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `readings[1]` is the first assay. `readings.var(axis=1)` goes along a row, `readings.mean(axis=1)` too. `sklearn.metrics.r2_score` takes the measured values first.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "how-sure-scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def three_scores(predicted, readings):
    """Return R² against one assay, against the mean of four, and against the truth."""
    one = ...
    four = ...
    truth = ...
    ### BEGIN SOLUTION
    mean = readings.mean(axis=1)
    one = 1 - ((readings[1] - predicted) ** 2).mean() / readings[1].var(ddof=0)
    four = 1 - ((mean - predicted) ** 2).mean() / mean.var(ddof=0)
    left = readings.var(axis=1).mean() / 4
    truth = 1 - (((mean - predicted) ** 2).mean() - left) / (mean.var(ddof=0) - left)
    ### END SOLUTION
    return one, four, truth

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "how-sure-scores-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check computes the three scores, and says what the plant's hidden truth gives.
result = how_sure.scores(globals())
### BEGIN HIDDEN TESTS
result = how_sure.scores(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# One model, three scores, each higher than the one before. The model did not change. Whoever quotes an R² must say what it was measured against.

# %% [markdown] tags=["instructor"]
# **Ask** A supplier shows you R² = 0.95 for a yield model. Which two questions do you ask first? (Against which measurement? On which batches?)
#
# **Watch for** Taking $s^2/4$ off the misses alone: the score comes out too high. The check names it.
#
# **What it shows** The scores rise from one assay to four to the truth, and the plant confirms the last one.

# %% [markdown]
# ## Slow batches look better · 12 min
#
# In the six years, every harvest was planned for the same hour. A pilot series was not. Its MOI, the virus given to each cell, went from 0.00003 to 0.001. The plan gave slow batches, those with a low MOI, more hours. Sometimes the crew came early, sometimes late.

# %%
pilot = how_sure.pilot_series()
figures.show(
    figures.groups(
        {f"MOI {moi:.5f}": ha for moi, ha in pilot.groupby("moi")["ha"]},
        title="Pilot series: harvests by MOI",
        axis_title="HA (log10 units / 100 µL)",
    ),
    "The lower the MOI, the higher the harvest: the four groups step down from left to right.",
)

# %% [markdown]
# **How to read it.** The dashed line in a box is its mean. *"Less virus gives more vaccine"*, says the team, and wants an MOI of 0.00003 for all batches, in the slot of 45 hours.
#
# **What it hides.** The hours. They are in no axis of this picture.

# %% [markdown]
# ### Exercise 2 · Slow batches · 4 points · 9 min
#
# `pilot` has columns `moi`, `harvest_h` and `ha`. Write `moi_slopes`. It gives two slopes, each the change of `ha` for **ten times** the MOI, each of a linear model of **all batches**:
#
# 1. `together`: the model has the MOI only, a straight line;
# 2. `same_hour`: the model has the harvest hour as well, and so holds it fixed.
#
# <details><summary>Hint 1</summary>
#
# Ten times the MOI is one step of log10(MOI). That is the x of both slopes.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Let the second model have two columns, log10(MOI) and the hour. The weight of the first is then the effect of MOI among batches of one hour.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.column_stack` makes the table, `LinearRegression().fit(...).coef_` has a weight for each column.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "how-sure-slopes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def moi_slopes(pilot):
    """Return the slope of HA on log10 MOI: of all batches, and at the same harvest hour."""
    together = ...
    same_hour = ...
    ### BEGIN SOLUTION
    x = np.log10(pilot["moi"])
    together = np.polyfit(x, pilot["ha"], 1)[0]
    both = np.column_stack([x, pilot["harvest_h"]])
    same_hour = LinearRegression().fit(both, pilot["ha"]).coef_[0]
    ### END SOLUTION
    return together, same_hour

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "how-sure-slopes-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check fits both lines itself, one point for the first, three for the second.
result = how_sure.slopes(globals())
### BEGIN HIDDEN TESTS
result = how_sure.slopes(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# The sign turns. This is **Simpson's paradox**: a third variable, tied to the first by the plan, reverses the comparison. Now the plant does what the team wanted: the same hundred batches at each MOI, all harvested at hour 45.

# %%
slot = 100 * how_sure.one_slot()
tenfold = np.log10(slot.iloc[-1] / slot.iloc[0]) / np.log10(slot.index[-1] / slot.index[0])
slot.index = [f"MOI {moi:.5f}" for moi in slot.index]
first_h = pilot.groupby("moi")["harvest_h"].min().iloc[0]
figures.show(
    figures.bars(
        slot,
        title="The same batches, all harvested at hour 45",
        axis_title="antigen, MOI 0.001 = 100",
    ),
    f"At one harvest hour the order is the other way round. With the MOI that looked best, "
    f"{100 - slot.iloc[0]:.0f} % of the antigen is lost. Ten times the MOI give {tenfold:+.2f} log10. "
    f"In the pilot series, the lowest MOI was never harvested before hour {first_h:.0f}.",
)

# %% [markdown]
# **How to read it.** The first bar is what following the first picture would have cost. The rise is steeper than your second slope, which is one line for all hours: it averages over late harvests, where slow batches have nearly caught up. At hour 45 they have not. And with the lowest MOI the pilot series has no batch near hour 45. There the linear model *extrapolates*: it goes on in a straight line beyond its data, and does not say so. The sign is what a linear model can be trusted with here; the size belongs to an hour.
#
# **What it hides.** Time. With a slot of three days all four reach much the same plateau, and the MOI hardly matters. Which slope is right depends on the question: what will *we* change, and what stays?

# %% [markdown] tags=["instructor"]
# **Ask** Which variable is tied to another by *your* plan? (Best operator on the newest line; summer batches and the serum of summer; old columns at the end of a campaign.)
#
# **Watch for** "So always adjust for everything." No: the hour was set by the plan here. Had the crew gone by the look of the cells, the hour itself would be an effect of the batch, and holding it fixed would mislead in another way.
#
# **If short of time** Show the first figure, let the room vote, then run the solution.
#
# **What it shows** {{ moi_slopes(pilot)[0]:+.2f }} log10 for ten times the MOI, all together; {{ moi_slopes(pilot)[1]:+.2f }} with the hour held. In one slot of 45 hours the MOI that looked best loses {{ 100 - slot.iloc[0]:.0f }} % of the antigen.

# %% [markdown]
# ## Close to the floor · 14 min
#
# How good can a model be that knows only what is known at infection? Two things it can not know: what the crew's hands will do in the next three days, and how the assays will scatter. Together they set a **noise floor**: the RMSE of somebody who knew the hidden effect of every lot. The plant can work it out. It makes each batch once more with the same recipe and lots, but with hands that do what is usual; how far the two lie apart, and the scatter of four assays, is the floor. The check of Exercise 3 gives its number. By luck a model may come below it on a few batches.
#
# First, where must a model not be asked? The history has 2.0 and 2.5 g/L of carriers, the beads on which the cells grow. Suppose the team wants 4.

# %%
more = how_sure.more_carriers()
lines = {"the plant": more["true_ha"]}
for name in ("ridge", "boosted trees"):
    lines[name] = clone(methods[name]).fit(table[recipe], table["ha"]).predict(more[recipe])
lines = pd.DataFrame(lines).groupby(more["carrier_g_per_l"]).mean()
lines = lines - lines.iloc[0]  # each from its own start
figures.show(
    how_sure.carriers_figure(lines),
    "Ridge goes on in a straight line. The trees go flat after 2.5 g/L, where the data end. "
    f"At 4 g/L ridge says {lines['ridge'].iloc[-1]:+.2f}, the trees "
    f"{lines['boosted trees'].iloc[-1]:+.2f}, the plant does {lines['the plant'].iloc[-1]:+.2f}.",
)

# %% [markdown]
# **How to read it.** A tree answers with means of batches that it has seen. Beyond the last one it has nothing new to say: it goes flat. A line goes on for ever. Both are guesses outside the data, and neither says so.
#
# **What it hides.** Where the data end is not always one column. A *combination* that never occurred is outside, too.

# %% [markdown]
# ### Exercise 3 · Close to the floor · 5 points · 11 min
#
# The race read ten columns of the row. **Beat it: read the whole row.** Write `make_model`. It gives a scikit-learn regressor, not trained yet. The check trains it on the history (all columns but `ha`). Then the plant makes 240 new batches from the history's lots, and the released ones count, as in your table. Their RMSE is the one to be expected against four assays, as in the race: how far the model is from each batch's true HA, which the plant knows, and the scatter of four assays on top. They are other batches than the race's, so the ridge has another RMSE on them: compare within the check's line.
#
# - It answers with a log10 HA, for batches of a seed lot that it has never seen, too (1 point).
# - It reads the name of the seed lot, and numbers beyond the recipe: with others it says something else (1 point).
# - Its RMSE comes **at least half as far below the race's ridge as that of the data team's model** (3 points), the one whose R² you worked out in Exercise 1. The check gives all three, and the floor.
#
# <details><summary>Hint 1</summary>
#
# `seed_lot` is text. It matters, so do not drop it: turn it into one column a lot.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `make_column_transformer` takes pairs: what to do, and with which columns. `make_column_selector(dtype_include="number")` finds all numbers. `OneHotEncoder` is for text; look up what its `handle_unknown` does.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `make_pipeline(first, second)` chains a preparation and a method. A single deep tree knows its training batches by heart (overfitting) and does badly; something that shrinks its weights does well.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "how-sure-model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_model():
    """Return a regressor, not trained yet, for a table with the columns `known`."""
    model = ...
    ### BEGIN SOLUTION
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), ["seed_lot"]),
    )
    model = make_pipeline(columns, RidgeCV(np.logspace(-1, 3, 9)))
    ### END SOLUTION
    return model

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "how-sure-model-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check trains your model, then works out its RMSE against four assays of new batches.
result = how_sure.model(globals())
### BEGIN HIDDEN TESTS
result = how_sure.model(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Who would spend a month to come a twentieth nearer to the floor? What would lower the floor itself? (Steadier hands; more assays; a sample on the second day.)
#
# **Watch for** `seed_lot` left behind because it is text: numbers alone beat the race, but the check says that the lot is not read. `OneHotEncoder()` without `handle_unknown`, which stops at a new lot and loses one point. Deep trees, which know the history by heart.
#
# **What it shows** At 4 g/L of carriers ridge says {{ lines["ridge"].iloc[-1]:+.2f }}, the trees {{ lines["boosted trees"].iloc[-1]:+.2f }}, the plant does {{ lines["the plant"].iloc[-1]:+.2f }}.

# %% [markdown]
# ## How sure? Count · 13 min
#
# A ministry waits for doses, not for HA. Between the two lie eight steps of purification and a test of potency.

# %%
figures.show(
    how_sure.doses_figure(),
    "The dashed line is the usual number of doses for a unit of HA. Strong harvests stay below "
    "it, weak ones lie above. The dots scatter round any line.",
)

# %% [markdown]
# **How to read it.** A strong harvest brings more debris and fills the column, so less of it gets through. (Part of the slope is the assay: a reading that is too high lies too far to the right.) A promise of HA, times the usual doses, is wrong at both ends, and an interval counted on HA is not one for doses. So foretell what you promise: from here on the target is `log_doses`, the log10 of the doses that were filled, **batch by batch from the history**. Then everything between reactor and vial is in the misses.
#
# **What it hides.** The rejected batches: they have no place on a log scale. Their share is a number of its own, and stands beside every promise.
#
# Now take batches that the model had not seen, and look how far off it was. A **miss** (*deviation* in the code) is measured less predicted: above zero the batch gave more than was foretold. (The race's figure had it the other way round.) Its **size** is the miss without its sign. If the next batch is *like* these, its size is above nine tenths of theirs about once in ten times. That is **conformal prediction**: no bell curve, no formula for the model, only counting.
#
# One subtlety. Sort $n$ known sizes. The next one has $n + 1$ places to fall, all equally likely. So for a level of 90 % take the $\lceil 0.9\,(n+1) \rceil$-th smallest size.

# %%
releases = how_sure.releases()  # the same rows, with log_doses in place of ha
deviations = how_sure.misses(globals())  # by your model where it answers, each batch unseen
figures.show(
    figures.groups(
        {"misses": deviations, "their size": deviations.abs()},
        title="How far off the predictions of doses were",
        axis_title="measured less predicted (log10 doses)",
    ),
    f"Misses lie on both sides of zero. Half of the sizes are below "
    f"{deviations.abs().median():.2f}, the largest is {deviations.abs().max():.2f}.",
)

# %% [markdown]
# ### Exercise 4 · Half a width · 4 points · 9 min
#
# Write `half_width`. From an array of misses and a level, such as 0.9, it gives the half-width of an interval: prediction ± half-width should hold the next batch with this chance, and never with less.
#
# - Right for few misses, such as 20, 13 or 30, at 80 and 90 % (2 points), and for 200 or so (1 point).
# - Where even the largest size is not enough, as with 5 misses and 90 %, no finite width is honest: give `np.inf` (1 point, once the few are right).
#
# <details><summary>Hint 1</summary>
#
# Above or below does not matter for an interval with the prediction in its middle. Take sizes.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Sort them. With 20 misses and 90 % you want number 19, counted from one: 0.9 · 21 is 18.9.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.sort(np.abs(...))` and `int(np.ceil(...))`. Python counts from zero. First ask whether the place exists at all.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "how-sure-width", "locked": false, "schema_version": 3, "solution": true, "task": false}
def half_width(deviations, level):
    """Return the half-width of an interval that holds the next batch with this chance."""
    half = ...
    ### BEGIN SOLUTION
    size = np.sort(np.abs(deviations))
    place = int(np.ceil((len(size) + 1) * level))
    half = size[place - 1] if place <= len(size) else np.inf
    ### END SOLUTION
    return half

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "how-sure-width-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws misses of several histories, and counts which of the sizes you reach.
result = how_sure.width(globals())
### BEGIN HIDDEN TESTS
result = how_sure.width(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# The interval is right *on average over batches like these*. One history's width may hold a few per cent more or fewer. It does not promise 90 % for each kind of batch, and it promises nothing for batches that are not like these.

# %% [markdown] tags=["instructor"]
# **Watch for** `1.645 * std` (a bell curve is a supposition), and the place without the "one more". The check names both. `np.quantile(..., ceil((n + 1) * level) / n, method="higher")`, as it is often printed, is accepted: numpy counts its places from n - 1, so it takes the next place wherever there is one. The check says so.
#
# **Ask** Why must the misses come from batches that the model had not seen? (Of its own batches it remembers the luck.)
#
# **What it shows** Half of the sizes are below {{ deviations.abs().median():.2f }}; 90 % of {{ len(deviations) }} are within ± {{ half_width(deviations, 0.9):.2f }}. On HA it would be ± {{ half_width(table["ha"] - predicted, 0.9):.2f }}: the purification evens harvests out.

# %% [markdown]
# ## A lot nobody has seen · 12 min
#
# Next month a new seed bank is opened. Its lots differ 1.5 times as much as those of the old one. The plant makes 240 batches from known lots and 240 from forty new lots, six of each, purifies and tests them. Do the intervals hold, in released doses?

# %%
figure, held = how_sure.coverage(globals())
figures.show(figure, held)

# %% [markdown]
# **How to read it.** The dashed line is what the interval was meant to hold; the thin bars say how far luck in the lots could move each share (95 %). The misses were counted with sisters of each batch among the training batches, so the model knew the lot's habit. Of a new lot it knows nothing.
#
# **What it hides.** A mean over forty lots. Part of a miss is the lot's own, so batches of one lot tend to miss together.

# %% [markdown]
# ### Exercise 5 · A lot nobody has seen · 5 points · 10 min
#
# Count as the future will be: **leave out whole seed lots**. Write `new_lot_deviations`. It is given a model, not trained, and a table like `releases`. It gives measured minus predicted `log_doses` for each batch, each by a model that never saw a batch of that seed lot: a Series with the batches' index, or an array in the order of the table's rows. All columns but `log_doses` go into the model, the lot's name too. Lots kept apart earn 3 points, the misses themselves 2. With the width counted from them the check then looks at the forty new lots. This is the *group-conformal* way.
#
# <details><summary>Hint 1</summary>
#
# A loop over the lots will do: train on the others, predict this one. scikit-learn also has it ready.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `cross_val_predict` takes `groups=` and a splitter. Only some splitters use the groups; plain `KFold` and `cv=5` ignore them.
#
# </details>
# <details><summary>Hint 3</summary>
#
# The splitter is `LeaveOneGroupOut`. The seed lot's name serves as group, and stays among the columns that go in. In a loop, write each lot's misses into a Series that has `table.index`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "how-sure-new-lot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def new_lot_deviations(model, table):
    """Return measured less predicted doses, each by a model that never saw the batch's seed lot."""
    deviations = ...
    ### BEGIN SOLUTION
    columns = table.drop(columns="log_doses")
    said = cross_val_predict(
        model, columns, table["log_doses"], groups=table["seed_lot"], cv=LeaveOneGroupOut()
    )
    deviations = table["log_doses"] - said
    ### END SOLUTION
    return deviations

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "how-sure-new-lot-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check hands in a model that notes what it saw, then a real one, and counts on new lots.
result = how_sure.new_lot(globals())
### BEGIN HIDDEN TESTS
result = how_sure.new_lot(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# The interval is wider, and that is its merit: it says what you do not know.
#
# It is still no guarantee. Every miss was counted on a lot of the old seed bank; a new lot is outside what the counting saw. The count supposes that the next lot is drawn like those, and the new ones are not: they differ more. How the width did on forty of them stands in the check's last line. A bank that differs more still would break more promises, and no count on the old lots can show that. Only the new lots' own doses can.

# %% [markdown] tags=["instructor"]
# **Ask** The history has about ten seed lots. How sure can you be of a width counted from ten lots? (Not very: the plant's own coverage moves by several per cent from one history to the next. Say so when you promise.)
#
# **Watch for** `cv=5` with `groups=`: at most a warning, and sisters stand on both sides.
#
# **What it shows** {{ held }}

# %% [markdown]
# ## Let the plant run on it · 15 min
#
# For each of the 240 batches from the forty new lots the planner promises doses today, with your model and your width where they answer. Three ways: the prediction itself; the lower end of the interval counted on random folds; the lower end of the one counted by lot. Then the plant makes the batches, purifies, tests and releases them.

# %%
rows, figure, sentence = how_sure.promises(globals())
figures.show(figure, sentence)
rows

# %% [markdown]
# **How to read it.** About half of all batches give less than is foretold, so whoever promises the prediction breaks about every second promise. An interval of 90 % leaves 5 % below its lower end: that is the dashed line. A batch *above* its interval breaks no promise. So more promises are kept than intervals hold: the check of Exercise 5 counts both ends, this figure the lower one. A bar above the line breaks more promises than was agreed. With the width from random folds that is to be expected: it was counted on lots that the model knew. In the table, `promised of 100 foretold` is what is left of each 100 doses that the model foretells.
#
# **What it hides.** The rejected batches, which no width covers. And the other side of the scale, in the table: the safest promise is the smallest, and what is made beyond it must find a taker late. Which width is right is the planner's decision, once you have said honestly what each one risks.

# %% [markdown] tags=["instructor"]
# **Ask** A missing dose costs ten times an unsold one. Which of the three rows do you take? And at equal cost?
#
# **What it shows** {{ sentence }} The price: {{ rows["doses promised"].iloc[0]:,.0f }}, {{ rows["doses promised"].iloc[1]:,.0f }} and {{ rows["doses promised"].iloc[2]:,.0f }} doses were promised.

# %% [markdown]
# ### Exercise 6 · In your own words · 4 points · 10 min
#
# The ministry writes: *"A batch from a new seed lot was infected this morning. Your model foretells its doses. May we announce that number tomorrow?"* Answer in four to six sentences that somebody without statistics can act on. Use the last table and figure, and the sentence below the figure; there is no need to work anything out.
#
# A person marks it, one point each for:
#
# - a clear yes or no, and how many of each 100 doses foretold may be promised in its place;
# - what stands behind it: which misses the width was counted from (of which batches, and what the model had seen before it foretold them), and how many of a hundred promises were kept on the forty new lots;
# - why a new seed lot is a special case;
# - what can still go wrong (how many batches were rejected?), and when you will know more.

# %% [markdown] nbgrader={"grade": true, "grade_id": "how-sure-letter", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# No, please do not announce it: about every second batch gives less than the model foretells. Announce the lower end of our interval, two of every three doses that the model foretells. We counted it on six years of batches, each foretold by a model that had not seen its seed lot, and tried it on forty new lots: of a hundred such promises, ninety-seven were kept and three were broken. That matters here because this lot is new, and the model knows nothing of its habits; the narrower interval that we use for known lots would be broken more often. Even so about one batch in ten is rejected and gives no dose, and if this lot is poor, its next batches will be poor as well. When the doses of its first two batches are counted, we will count again and tell you whether you may promise more.

# %% [markdown] tags=["instructor"]
# **Rubric** One point for each line; half points where a line is there but vague. What the learner's own table says counts, even where the model behind it is weak.
#
# - It answers no (or *not that number*), and names a smaller number or share from the table ({{ rows["promised of 100 foretold"].iloc[2] }} of each 100 foretold, by seed lot).
# - It says that the width was counted from the misses on past batches whose lot the model had not seen, and how often the promise was kept on the new lots: {{ 100 - rows["promises broken, %"].iloc[2] }} of a hundred by seed lot ({{ 100 - rows["promises broken, %"].iloc[1] }} with the width of random folds). The share of *intervals* that held, as the check of Exercise 5 gives it, is lower: accept it where it is called that.
# - It says that the model knows nothing of this lot, so that widths from known lots are too narrow.
# - It names what no width covers (rejection, a fault, a whole poor lot), and when more will be known.
#
# **Strong** *"No. Half of our batches come out below what the model says. You may announce two thirds of it, the last line of the table: in our trial on forty new lots it was kept {{ 100 - rows["promises broken, %"].iloc[2] }} times in a hundred. This lot is new to us, so we counted only on batches whose lot the model had not seen. A rejected batch would still break it. In seven weeks the first doses are counted, and we shall write again."* Four points.
#
# **Weak** *"The model has a 90 % interval, so with 90 % probability the number is right. You can announce it plus or minus the half-width."* One point at most: it answers yes, leaves out the lot and what the interval was counted on, and promises the middle.

# %% [markdown]
# ## What we have seen · 2 min
#
# - An R² has no meaning without what it was measured against; a comparison has none without what the plan tied to it.
# - Counting misses of what is promised, on unseen batches, gives an honest interval round any model, for batches like those that were counted.
# - On a new lot that interval is too narrow. Leave out what will be new, count again, and promise that. A new lot can still be unlike all that were counted.
