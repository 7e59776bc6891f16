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
#     title: Can I trust the numbers?
#     minutes: 85
# ---

# %% [markdown]
# # One of two identical batches gave twice the antigen. Can I trust the numbers?
#
# **Who asks.** The production team. Two batches ran in the same week, by the same recipe, from the same lots. One gave twice the antigen of the other, says the laboratory. The team wants a model that tells good batches from bad ones. You want to know first whether there is anything to learn.
#
# **Why it matters.** A model learns from what was measured. If half of a difference is the assay, no model can explain it, and a team that chases it changes recipes for nothing.
#
# **You will be able to**
#
# - read a titre on a logarithmic scale, and say what a difference means in antigen;
# - turn a laboratory's export into one table with one unit a column;
# - find data errors by rule, with few false alarms;
# - see when missing samples mislead;
# - say how good a perfect model could look, before you train one.
#
# **Minutes:** 85. **Points:** 24, in six exercises. Each exercise stands alone, so a missed one costs only its own points.

# %% [markdown]
# ## How this works · 3 min
#
# Run a cell with **Shift + Enter**. Where you see three dots, `...`, your code belongs. The cell after it checks your answer and says one of four things:
#
# | it says | it means |
# |---|---|
# | ✔ passed | right |
# | ○ not attempted | the three dots are still there |
# | ◐ not yet | it runs, but it is not the answer; the text says where to look |
# | ✖ error in your code | it stopped; the text shows the line |
#
# The first check takes some seconds: it makes the plant's six years anew. Three hints wait under each exercise. Use them: they cost nothing. In a function, use only what the function is given: the check calls it again with other data. What your code prints is shown under the check.

# %%
import numpy as np
import pandas as pd

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import data, figures
from vaxlab.lessons.day1 import trust

figures.setup()

# %% [markdown] tags=["instructor"]
# **Ask** Who has been asked to explain a bad batch? What did the explanation rest on: one number, or several? Collect two stories; come back to them at the end.
#
# **Watch for** Learners whose figures stay empty: they opened the notebook in a viewer that runs no widgets. JupyterLab from `make lab` or Binder is right.

# %% [markdown]
# ## A warm-up · 2 min
#
# The plant's database holds more than a thousand readings of how much virus was there. You want to compute with them. **Guess before you run the cell:** of a hundred such readings, how many can be read as a number, just as they stand?

# %%
virus = data.load("samples").query("analyte == 'ha'")
as_number = pd.to_numeric(virus["value"], errors="coerce")
print(f"{as_number.notna().mean():.0%} of {len(virus):,} readings can be read as a number.")

# %% [markdown]
# The others are not lost. They were typed in another way, or say "less than the assay can see", and that is worth knowing. You will mend them in exercise 2.

# %% [markdown] tags=["instructor"]
# **Ask** Collect the guesses first; most say 90 or more. Who would have noticed, if a program had dropped the rest in silence?

# %% [markdown]
# ## A live batch · 7 min
#
# Our plant grows influenza virus in MDCK cells. The cells sit on small beads, the *carriers*, in a stirred reactor. They grow for four days, then the virus is added. *MOI*, the multiplicity of infection, is how many infectious virus particles are added for each cell.
#
# The plant is virtual. Its equations follow published models, and because we run it, we know its truth. It opens at an MOI of 0.025, and thin grey lines keep this base case in the picture. A published run at that MOI reached an HA titre of 2.4 after 44 hours (Genzel and others, 2004, *Vaccine* 22:2202); see what ours reaches. The batches of our plant's history, which come next, start with a few hundred times less virus: 0.00003 to 0.00012. In them the virus has to grow through more rounds: HA comes to about the same height, some 17 hours later.
#
# *HA* counts virus particles by their power to clump red blood cells. It is reported as a logarithm: log10 of HA units in 100 µL.
#
# Move the sliders. Before each move, say what you expect.
#
# 1. Ten times more virus at the start. Does the batch end higher, or earlier?
# 2. 33 °C after infection. What happens to the infectious virus late in the batch?
# 3. More carriers. More cells, but how much more virus?

# %%
# The plant is simulated for this picture: the first one takes some seconds.
figures.live_batch()

# %% [markdown]
# **How to read it.** Left: uninfected cells become infected, then productive, then die. Right: HA climbs to a plateau and hardly falls; infectious virus (TCID50) peaks early and decays: slowly while cells still release more of it, and at 37 °C by half every seven hours from the third day on. Ours climbs to about 2.3, some 0.1 below the published run on this scale. That is less than 0.15, one step of the assay's row of dilutions. More virus at the start moves the whole story to the left. The plateau is limited by the cells: with ten times more virus it lies even a little lower. At 33 °C there is less virus in all, but what is infectious stays so for longer. Twice the carriers give about a third more cells, and not quite as much more antigen.
#
# **What it hides.** These curves are the truth. Nobody in a plant sees them. What people see are samples: about one a day, through assays that have errors of their own. The rest of this notebook is about that difference.

# %% [markdown] tags=["instructor"]
# **Ask** Ten times the MOI, and the plateau hardly moves. So why does a wrong MOI hurt a plant at all? (It moves everything in time. Harvested at 72 h, the antigen is there all the same; harvested earlier, a slow batch is caught half-way. That is what happens in this plant's history: it starts with so little virus that the harvest comes while many batches still rise. And infectious virus and host-cell DNA depend on when the cells died.)
#
# **If short of time** Show the three moves yourself on the screen, two minutes in all.
#
# **What it shows** As it opens, a million cells and an HA a little below the published 2.4. More virus: earlier, and not higher. 33 °C: later and a little lower, and several times as much infectious virus left at 72 h. 4 g/L of carriers: a third more cells, a quarter more antigen.

# %% [markdown]
# ## Twins · 7 min
#
# Six years of the plant's history stand in tables. Each row of `batches` is a batch. Each row of `assays` is one HA reading of a harvest by the quality laboratory, which assays every harvest four times.

# %%
batches = data.load("batches")
assays = data.load("harvest_assays")
first_day, last_day = batches["started_at"].min(), batches["started_at"].max()
print(f"{len(batches)} batches, {first_day:%B %Y} to {last_day:%B %Y}")
batches.head(3).set_index("batch_id").T

# %% [markdown]
# Twins are batches with the same recipe and the same lots, started within a week of each other. For each pair we take the one routine reading that stands in the batch record. It is the first of the laboratory's four, `replicate` 1.

# %%
# Finds batches with equal set points and equal lots that started less than a week apart.
figures.show(
    figures.twins(batches),
    "Each line joins the HA readings of two batches that should be the same. "
    "Some are as short as a point, others span 0.3 or more.",
)

# %% [markdown]
# **How to read it.** The axis is a logarithm. Equal distances are equal *ratios*.
#
# **What it hides.** One reading a batch. We can not yet say whether the batches differ or the readings do.

# %% [markdown]
# ### Exercise 1 · Twins · 2 points · 4 min
#
# Write `antigen_ratio`: how many times more antigen does the richer of two batches hold? It is given two HA values in log10 units, in any order, and gives a number that is never below 1. It must also work on two whole columns.
#
# Three pairs of numbers are worth one point together, two whole columns the other. Columns that are right in one order of the two batches only have half of it.
#
# <details><summary>Hint 1</summary>
#
# What is the logarithm of a ratio? Think of log(a / b).
#
# </details>
# <details><summary>Hint 2</summary>
#
# First a difference, then undo the logarithm. Which of the two batches comes first must not matter.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `abs` works on numbers and on pandas columns. `10 ** x` undoes log10.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trust-twins", "locked": false, "schema_version": 3, "solution": true, "task": false}
def antigen_ratio(ha_a, ha_b):
    """How many times more antigen the richer batch holds; HA in log10 units per 100 µL."""
    ratio = ...
    ### BEGIN SOLUTION
    ratio = 10 ** abs(ha_a - ha_b)
    ### END SOLUTION
    return ratio

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trust-twins-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# The check compares three pairs of numbers (one point), then two whole columns (one point).
result = trust.twins(globals())
### BEGIN HIDDEN TESTS
result = trust.twins(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# A step of 0.3 on this axis is a factor of two. So the team is right: in some pairs of twins one has twice the antigen of the other, as measured.

# %% [markdown] tags=["instructor"]
# **Watch for** `ha_a / ha_b`. It gives 1.14 for a factor of two, and people believe it because it is small. The check names it. Ask the room what a titre of 0 means on this scale (one unit, not nothing).
#
# **What it shows** Some twins read the same, some differ by 0.3 or more. Two assays of *one* vessel differ by 0.3 or more in one case out of four, so the assay alone can do that.

# %% [markdown]
# ## From an export to a table · 13 min
#
# Samples live in the laboratory's database, the *LIMS*. This is its export, as it came.

# %%
raw = data.load("samples")
print(f"{len(raw):,} readings of {raw['analyte'].nunique()} analytes")
ha_raw = raw[raw["analyte"] == "ha"].reset_index(drop=True)
for unit, text in ha_raw.groupby("unit")["value"]:
    print(f"{unit:18}", *text.drop_duplicates().head(9), sep="   ")

# %% [markdown]
# Values are text. They stand in two units, because the laboratory changed its system. One analyst types a decimal comma. Some values have a blank before or after them, which a printed list hides. `<0.5` means *below the limit of detection*: the assay looked, and saw less than it can see. Such a reading is **censored**. It is not missing, and it is not zero. The limit is 3 HA units. Its logarithm is 0.48, and who types logarithms rounds it to 0.5: `<3` and `<0.5` say the same.

# %% [markdown]
# ### Exercise 2 · One column that can be used · 4 points · 9 min
#
# Write `tidy_ha`. It is given the rows of `ha_raw` (columns `value`, `unit` and others) and gives a table with the same index and two columns:
#
# - `ha`: a number in log10 HA units per 100 µL, whatever unit it was typed in; where the reading is below the limit, the limit itself, in log10 like the rest (0.48 and 0.5 both count, in either unit);
# - `censored`: `True` where the reading is below the limit.
#
# Keep every row. The check looks at four kinds of reading: plain logarithms (half a point), decimal commas and blanks (1), HA units (1½), readings below the limit (1).
#
# <details><summary>Hint 1</summary>
#
# Do one thing at a time, each on the whole column: blanks, commas, the `<` sign, the number, the unit.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `raw["value"].str` has `strip`, `replace`, `startswith` and `lstrip`. Note which rows begin with `<` before you take the sign away.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.where(condition, a, b)` chooses row by row. Only the rows whose unit is `"HAU/100 uL"` need a logarithm.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trust-tidy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tidy_ha(raw):
    """Turn HA readings as typed into log10 units, and mark those below the limit."""
    tidy = pd.DataFrame(index=raw.index)
    tidy["censored"] = ...
    tidy["ha"] = ...
    ### BEGIN SOLUTION
    text = raw["value"].str.strip().str.replace(",", ".")
    tidy["censored"] = text.str.startswith("<")
    number = text.str.lstrip("<").astype(float)
    tidy["ha"] = np.where(raw["unit"] == "HAU/100 uL", np.log10(number), number)
    ### END SOLUTION
    return tidy

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trust-tidy-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check looks at four kinds of reading.
result = trust.tidy(globals())
### BEGIN HIDDEN TESTS
result = trust.tidy(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# The other analytes were tidied in the same way. `samples_tidy` holds them all, one unit a column of numbers. The rest of this notebook starts from it, whatever you wrote above.

# %% [markdown] tags=["instructor"]
# **Watch for** `pd.to_numeric(..., errors="coerce")`. It runs, and it throws away every comma and every `<`. What it loses are the readings of one analyst, and the low ones. Ask what the second does to a mean.
#
# **If short of time** Do the first two lines together on the screen.
#
# **What it shows** Plain log10, HA units, commas, blanks, and every second reading below the limit: before the infection and a day after it there is hardly any virus.

# %% [markdown]
# ## What can not be · 20 min
#
# Numbers in one unit can still be wrong. Each sample is taken by the shift, carried to the laboratory, analysed within the hour, and typed in by hand. Things go wrong at each step:
#
# | what went wrong | what it leaves behind |
# |---|---|
# | a terminal's clock was wrong | a sample that was analysed before it was taken |
# | the same result was entered twice | two rows with one `sample_id` and one `analyte` |
# | g/L typed where mmol/L was meant; a decimal point in the wrong place | a value that is off by a factor |
# | a dilution of 1:100 left out of a titre, or counted twice | an HA or TCID50 that is off by a factor of 100, which is 2 on its logarithm |
# | two tubes were swapped | a value that can not be at this time of a batch |
#
# Wrong dilutions are too rare to learn from in six years, so we put eighty of them in. To see what is far off, compare each value with what is *usual*: the median of its analyte on its day of a batch. For most analytes a ratio says it. HA and TCID50 are logarithms already, so there a difference says it.

# %%
samples = trust.with_dilutions(data.load("samples_tidy"))
samples["day"] = np.round(samples["hours_after_infection"] / 24)
samples["usual"] = samples.groupby(["analyte", "day"])["value"].transform("median")

# For a logarithm the difference from usual, for all else the ratio to usual.
is_log = samples["analyte"].isin(["ha", "tcid50"])
off = (samples["value"] / samples["usual"]).where(~is_log, samples["value"] - samples["usual"])
off.groupby(samples["analyte"]).quantile([0.01, 0.25, 0.5, 0.75, 0.99]).unstack().round(2)

# %%
# One analyte, all batches: every reading is a dot.
glucose = samples[samples["analyte"] == "glucose"]
figure = figures.over_time(
    glucose,
    "hours_after_infection",
    "value",
    title="Every glucose reading of six years",
    y_title="glucose (mmol/L), log axis",
)
figures.show(
    figure.update_yaxes(type="log", tickvals=[2, 5, 10, 20, 50, 100, 200]),
    "Glucose falls as the cells grow and jumps up when fresh medium comes at infection. "
    "A few points stand far above or below all others of their day.",
)

# %% [markdown]
# **How to read them.** The table says below which value a share of the readings lies. Take the line of glucose: a quarter of its readings lies below the number under 0.25, three quarters below the one under 0.75. So half of them are within a fifth of usual, or nearly. The number under 0.01 is far smaller. Most of that spread is the recipe: the medium holds 23, 30 or 37 mmol/L. HA reads 0.00 in the middle because half of its readings lie at the limit: before the infection and a day after it nearly all do, so usual is the limit itself. In the figure, a cloud for each day of a batch. The lonely points are suspects.
#
# **What it hides.** A lonely point can be a true bad batch. A batch that is bad is bad in the next sample too. An error stands alone.

# %% [markdown]
# ### Exercise 3 · Find what can not be · 6 points · 15 min
#
# Write `find_errors`. It is given a table like `samples_tidy` and gives one `True` or `False` a row: `True` where the row is an error. It should find at least 95 % of each kind, and call at most 2 % of the sound rows errors. Of two rows that are the same sample, either will do.
#
# Points: clocks ½, double entries 1, slips 2, wrong dilutions 1½, swaps 1. The last three count once at most 2 % of the sound rows are called errors, the first two as long as it is less than 20 %. Who finds at least half of a kind has half of its points.
#
# The table comes without `day` and `usual`: make them inside. The first rule is there. Run the check with it alone, then add the next rule with `|` (or), with brackets around each comparison.
#
# <details><summary>Hint 1</summary>
#
# One rule a row of the table above. The second needs no statistics either: ask `samples.duplicated(...)` on two columns.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For slips, make `day` and `usual` inside your function, as in the cell above. Glucose typed in g/L is 5.6 times too small, lactate 11 times, a decimal point 10 times. Honest readings are rarely off by a factor of 3. A limit between the two serves in both directions. In HA, a logarithm, a decimal point slips as well: there look at the difference, as in Hint 3.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Swapped tubes come from different days, so one of the two is far from usual: where living cells are due, dead ones; where no virus is due, much. For HA and TCID50 use the difference from usual: nearly all honest readings stay within 1. Four rules joined with `|` are enough.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trust-errors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def find_errors(samples):
    """Return True for each row that can not be right."""
    clock = samples["analysed_at"] < samples["sampled_at"]
    errors = ...
    ### BEGIN SOLUTION
    twice = samples.duplicated(["sample_id", "analyte"])
    day = np.round(samples["hours_after_infection"] / 24)
    usual = samples["value"].groupby([samples["analyte"], day]).transform("median")
    logarithm = samples["analyte"].isin(["ha", "tcid50"])
    factor_off = ~logarithm & ~(samples["value"] / usual).between(1 / 4, 4)
    difference_off = logarithm & ((samples["value"] - usual).abs() > 1)
    errors = clock | twice | factor_off | difference_off
    ### END SOLUTION
    return errors

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trust-errors-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check counts what was found of each kind, and the false alarms.
result = trust.errors(globals())
### BEGIN HIDDEN TESTS
result = trust.errors(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# Rules are dull, and they beat a clever outlier score here: each one says *why* a row is wrong, so somebody can mend it at its source.

# %% [markdown] tags=["instructor"]
# **Ask** A colleague deletes everything beyond three standard deviations. Which errors does that miss, and which honest batches does it lose? (It keeps clocks and duplicates, and it loses the batches worth looking at.)
#
# **Watch for** A limit on one side only: a slip makes values too small *and* too large. Medians over all days, which call every early titre an error. `and` in place of `&`, and comparisons without brackets: the check says so. One ratio for all analytes: it misses the wrong dilutions, because 7 and 9 on a logarithm are a factor of 100 and a ratio of 1.3. Who is stuck at the first line should run the check with `errors = clock`: half a point, and the list of what is left.
#
# **If short of time** Stop after clocks, duplicates and slips: three and a half of six points.
#
# **What it shows** Among {{ len(samples):,d }} rows a few hundred are wrong: clocks, double entries, slips, dilutions and swaps. The solution marks {{ int(find_errors(samples).sum()):,d }} rows. Most of these are wrong; the others are sound readings, many of them of batches that went badly.

# %% [markdown]
# ## What is missing · 10 min
#
# Two days after infection each batch is sampled. We lay those samples beside the harvest, one row a batch. In about one batch out of four, that day is a Saturday or a Sunday, and a single shift is on duty. Not every sample is taken then. Somebody noticed: *"The week-end batches look better. Let us learn from the week-end crew."*

# %%
# `samples_tidy` once more. HA readings at 48 h below 0.8 or above 4 are left out: slips, swaps.
at_48h = trust.at_48h(data.load("samples_tidy"), batches, assays)
at_48h.groupby("weekend")["ha_48h"].agg(batches="size", sampled="count", mean_ha="mean").round(2)

# %%
# Only rows with a sample can be drawn.
sampled = at_48h.dropna(subset="ha_48h")
figures.show(
    figures.groups(
        {
            "week-day": sampled.loc[~sampled["weekend"], "ha_48h"],
            "week-end": sampled.loc[sampled["weekend"], "ha_48h"],
        },
        title="HA 48 h after infection, where a sample was taken",
        axis_title="HA (log10 units / 100 µL)",
    ),
    "The week-end samples lie higher than the week-day samples, by about a quarter of a log10.",
)

# %% [markdown]
# **How to read it.** Every point is a sample; the dashed line in the box is the mean.
#
# **What it hides.** The batches without a sample. They are not in the picture, and the picture does not say so.

# %% [markdown]
# ### Exercise 4 · What is missing · 3 points · 7 min
#
# At harvest every batch is assayed, week-end or not. `at_48h` has one row a batch: `weekend`, `ha_48h` (NaN where no sample was taken) and `ha_harvest`. Write `gaps`. It gives three differences of means, in log10:
#
# 1. `seen`: week-end minus week-day, in `ha_48h`, among the samples that were taken;
# 2. `real`: week-end minus week-day, in `ha_harvest`, all batches;
# 3. `chosen`: among the week-end batches, in `ha_harvest`: those with a 48 h sample minus those without.
#
# They are worth ½, 1 and 1½ points. The check asks your function about `at_48h`, and about a second table, which is made up and has three other differences.
#
# <details><summary>Hint 1</summary>
#
# `.mean()` leaves NaN out by itself. For `seen` that is just what was asked.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Two True/False columns are enough: is it a week-end batch, and was a sample taken? `.notna()` makes the second.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Select with `table.loc[condition, column]`. Conditions are joined with `&`, and turned round with `~`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trust-weekends", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gaps(table):
    """Return the differences of means: seen, real, chosen."""
    seen = ...
    real = ...
    chosen = ...
    ### BEGIN SOLUTION
    weekend = table["weekend"]
    taken = table["ha_48h"].notna()
    seen = table.loc[weekend, "ha_48h"].mean() - table.loc[~weekend, "ha_48h"].mean()
    real = table.loc[weekend, "ha_harvest"].mean() - table.loc[~weekend, "ha_harvest"].mean()
    of_the_taken = table.loc[weekend & taken, "ha_harvest"].mean()
    chosen = of_the_taken - table.loc[weekend & ~taken, "ha_harvest"].mean()
    ### END SOLUTION
    return seen, real, chosen

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trust-weekends-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# The check looks at the three differences, on two tables.
result = trust.weekends(globals())
### BEGIN HIDDEN TESTS
result = trust.weekends(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# The week-end batches are not better. On week-ends the shift samples the batches that look well and leaves the others for Monday. The samples are **missing not at random**: whether a value is there depends on the value. A model that is trained on complete rows only would learn from a plant that does not exist.

# %% [markdown] tags=["instructor"]
# **Ask** We could see this only because the harvest is always assayed. What in your own plant is measured only when somebody worries, or only when nobody does?
#
# **Watch for** `fillna(0)`: a titre that nobody read becomes one unit. A `real` that is counted among the sampled batches only: it asks the question once more of the same chosen few. Means of the other sign. The check names all three.
#
# **What it shows** Nearly all week-day batches were sampled, and {{ int((at_48h["weekend"] & at_48h["ha_48h"].notna()).sum()) }} of {{ int(at_48h["weekend"].sum()) }} at week-ends. `seen` {{ gaps(at_48h)[0]:+.2f }}, `real` {{ gaps(at_48h)[1]:+.2f }}, `chosen` {{ gaps(at_48h)[2]:+.2f }} log10.

# %% [markdown]
# ## The ceiling · 12 min
#
# Back to the twins. The quality laboratory assays each harvest four times. Four readings of *one* vessel differ by the assay alone. That is all we need to split what we see into what is real and what is not.

# %%
table = assays.pivot(index="batch_id", columns="replicate", values="ha_log10_per_100ul")
figures.show(
    figures.against(
        table[1],
        table[[2, 3, 4]].mean(axis=1),
        title="The same harvests, assayed again",
        x_title="first assay (log10 HA units / 100 µL)",
        y_title="mean of three more assays",
    ),
    "Batches with a very high first assay lie below the line of agreement, "
    "batches with a very low one above it.",
)

# %% [markdown]
# **How to read it.** If the assay were perfect, all points would lie on the dashed line. The columns of points come from the assay's dilution steps of 0.15. Look at both ends: the extremes move towards the middle when they are assayed again.
#
# **What it hides.** Errors that all four assays share, such as a bad reagent lot. Replicates on one day can not show those.
#
# Call the variance between the true titres of batches $\sigma_B^2$, and that of one assay $\sigma_A^2$. Independent variances add up. $R^2$ is the share of the differences that a model explains. A model that knows every batch's true titre still can not know the assay's error. When it is judged against the mean of $n$ assays, its best possible $R^2$ is
#
# $$R^2_{\max} = \frac{\sigma_B^2}{\sigma_B^2 + \sigma_A^2 / n}.$$

# %% [markdown]
# ### Exercise 5 · The ceiling · 5 points · 10 min
#
# Write `components`: from a table like `assays` it gives two numbers, the variance *between batches* and the variance *of one assay*. Then write `r2_ceiling` for $n$ replicates.
#
# The variance of the batches' means is not yet the variance between batches: a mean of four readings still carries a quarter of the assay's variance.
#
# Our plant is virtual, so the check can have all harvests assayed anew. It does so thirty times, by an assay that scatters twice as much, and gives `components` each of the thirty tables. Then come thirty tables of another plant, whose batches differ more and whose assay scatters as usual. For each plant the mean of your thirty answers must lie within 12 % of the right one: between batches 2 points, of the assay 1. The ceiling for one assay is worth half a point, for four 1½.
#
# <details><summary>Hint 1</summary>
#
# First the assay: how much do the four readings of one batch vary, on average over batches? Nothing but the assay is in there.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `groupby("batch_id")["ha_log10_per_100ul"]` gives groups of four. Their `.var()` divides by n - 1, which is what you want. Their `.mean()` gives the means.
#
# </details>
# <details><summary>Hint 3</summary>
#
# The variance of the means is the sum of two things. You know one of them from the first step, divided by four. Take it off.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trust-ceiling", "locked": false, "schema_version": 3, "solution": true, "task": false}
def components(assays):
    """Return the variance between batches and the variance of one assay, in log10 squared."""
    assay_variance = ...
    batch_variance = ...
    ### BEGIN SOLUTION
    readings = assays.groupby("batch_id")["ha_log10_per_100ul"]
    assay_variance = readings.var().mean()
    batch_variance = readings.mean().var() - assay_variance / readings.size().mean()
    ### END SOLUTION
    return batch_variance, assay_variance


def r2_ceiling(batch_variance, assay_variance, replicates):
    """Return the R² of a perfect model, judged against the mean of some replicates."""
    ceiling = ...
    ### BEGIN SOLUTION
    ceiling = batch_variance / (batch_variance + assay_variance / replicates)
    ### END SOLUTION
    return ceiling

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trust-ceiling-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check looks at both variances, then at the ceiling for 1 and for 4 assays.
result = trust.ceiling(globals())
### BEGIN HIDDEN TESTS
result = trust.ceiling(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# Put your two variances into the formula: `r2_ceiling(*components(assays), 1)`, in a new cell. A perfect model, one that knows all there is to know, reaches an $R^2$ of about two thirds when it is judged against single assays. Whoever shows you 0.9 for new batches, judged in that way, has shown you a mistake.
#
# Even two thirds owes much to batches that went badly wrong. They are easy to tell from the others, and that counts as explained. How high is the ceiling without them?
#
# Two assays of the same harvests say it. All that they share is the variance between batches, so the correlation of the two is $\sigma_B^2 / (\sigma_B^2 + \sigma_A^2)$: the formula above, for $n = 1$. It is an $R^2$ as it stands, and is not squared again.

# %%
# The correlation of two assays, each with each, estimates the ceiling for one assay.
two_assays = ~np.eye(4, dtype=bool)
for least in (0, 1.6, 1.8):
    kept = table[table.mean(axis=1) > least]
    ceiling = kept.corr().to_numpy()[two_assays].mean()
    left_out = len(table) - len(kept)
    print(f"mean HA above {least}: {left_out} batches left out, R² up to {ceiling:.2f}")

# %% [markdown]
# Fewer than one batch in ten make that difference. A high $R^2$ can mean no more than that a model sees which batches failed. Ask which batches it was judged on.

# %% [markdown] tags=["instructor"]
# **Ask** What would it cost to assay twice? Four times? What would it bring? (The ceiling rises from {{ r2_ceiling(*components(assays), 1):.2f }} to {{ r2_ceiling(*components(assays), 2):.2f }} with two, and to {{ r2_ceiling(*components(assays), 4):.2f }} with four.)
#
# **Watch for** People who report the variance of the means. The check names it. It is the commonest slip, and it makes the ceiling too high.
#
# **What it shows** Between batches {{ components(assays)[0]:.3f }} (SD {{ components(assays)[0] ** 0.5:.2f }}), assay {{ components(assays)[1]:.3f }} (SD {{ components(assays)[1] ** 0.5:.2f }}). A good part of the variance between batches comes from few of them: those with faults, far below the others.

# %% [markdown]
# ## Let the plant run on it · 9 min
#
# The team picks the ten best batches of six years by the one reading in the batch record, replicate 1. It promises that the plant can do that again. What will it really get?

# %% [markdown]
# ### Exercise 6 · A promise that holds · 4 points · 7 min
#
# Write `ten_best`. From a table like `assays` it gives the names of the ten batches that are highest in **replicate 1**, and the mean HA that you *promise* for them, in log10 as it stands: what these ten batches truly hold. Readings come in steps of 0.15, so many batches are equal. Any of the equals will do, in any order.
#
# The ten are worth half a point. The promise is judged by the plant's truth. In one table luck can bring a wrong promise near it, so the check gives your function tables of three kinds, forty of each: our batches assayed anew; another plant, whose best third of batches is all alike; and 30 of our batches only, other ones in each table. In each kind the promise may be off by ± 0.03 log10 on average: 3½ points.
#
# <details><summary>Hint 1</summary>
#
# You chose them because replicate 1 was high. Part of that was luck. Which readings know nothing of that luck?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Use readings that played no part in the choice. Two short cuts fail. A fixed amount taken off: luck counts for less where ten are chosen from fewer. The excess times the ceiling of one assay: that supposes that titres scatter alike to both sides, and here the bad batches lie far below.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `nlargest(10).index` names the ten. `assays["batch_id"].isin(...)` and `assays["replicate"]` pick the other readings of those ten.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trust-promise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ten_best(assays):
    """Return the ten batches that are highest in replicate 1, and an honest promise (log10)."""
    chosen = ...
    promise = ...
    ### BEGIN SOLUTION
    first = assays[assays["replicate"] == 1].set_index("batch_id")["ha_log10_per_100ul"]
    chosen = list(first.nlargest(10).index)
    others = assays[assays["batch_id"].isin(chosen) & (assays["replicate"] > 1)]
    promise = others["ha_log10_per_100ul"].mean()
    ### END SOLUTION
    return chosen, promise

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trust-promise-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check looks at the ten names, then at what is promised over many tables.
result = trust.promise(globals())
### BEGIN HIDDEN TESTS
result = trust.promise(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# Now the plant makes the ten batches again, three times each: same recipes, same lots, new hands, new assays. Beside that stands what the ten vessels truly held, which only a virtual plant can tell, and your own promise, once your `ten_best` gives one. The ten are yours then: of equals you may have picked others than your neighbour.

# %%
# The plant runs: thirty batches.
figure, sentence = trust.delivery(globals())
figures.show(figure, sentence)

# %% [markdown]
# **How to read it.** Antigen is doses: the first bar is what was sold, the last is what can be delivered. From the first bar to what the ten truly held, the difference is the assay's luck, which does not come again. That is nearly all of it. From there to the last bar it is the luck of the day: what the ten had beyond their recipe and their lots. Your own bar stands near the true one, but not on it: thirty readings that scatter by 0.15 leave an error of about 0.03 log10, or 6 % of antigen, and once in a while twice that. The rule is right on average; a single promise still has luck of its own. This is the *winner's curse*, and it meets everyone who picks the best of many by a noisy number: batches, recipes and models too.
#
# **What it hides.** Thirty batches with noise of their own. Another thirty give other bars, but never the first one.

# %% [markdown] tags=["instructor"]
# **Ask** Where does your site pick winners by one noisy number? (Golden batches, best operators, best supplier lot, best of fifty trained models.)
#
# **Watch for** The mean of all *four* readings: replicate 1 is still among them. Ten batches chosen by that mean, which is wiser, but not what the team did. Shrinking by the ceiling, or by a fixed amount. The mean of the antigen in place of that of HA. The check names them all.
#
# **What it shows** The first assay promises {{ table[1].nlargest(10).mean():.2f }}, the other three {{ ten_best(assays)[1]:.2f }}. In antigen the first bar is four times the others, or more.

# %% [markdown]
# ## What we have seen · 2 min
#
# - HA is a logarithm: 0.3 is a factor of two, and one assay alone can make twins differ by that much.
# - Data lie in ways that have names: units, clocks, double entries, swaps, limits of detection, and samples that are missing for a reason.
# - The assay caps the $R^2$ of a perfect model, here at about two thirds, and lower without the few batches that failed. Know the ceiling before you train, and promise less than the best you saw.
