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
#     title: You run the plant for six months
#     minutes: 60
# ---

# %% [markdown]
# # You run the plant for six months
#
# **Who asks.** The site head. She goes away for half a year. Until then the plant runs on what you write down today.
#
# **Why it matters.** For four days you have built parts: recipes, sensors, alarms. A plant runs on all of them at once. And it will not be the plant of the history.
#
# **You will be able to**
#
# - write down how a plant is to be run, as four short functions in one file;
# - say which of the four is worth most, in doses;
# - spend twenty experiments where they tell something;
# - hand in a policy that is judged on seasons nobody has seen.
#
# **Minutes:** 60. **Points:** 24, in four exercises. Each stands alone.

# %%
import numpy as np

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day4 import capstone

figures.setup()

# %% [markdown]
# ## Half a year · 6 min
#
# A season is sixty batches: twenty rounds of nine days, three reactors. R1 and R2 make the inactivated vaccine, R3 the live one. Four things are not as they were, and nobody says how much:
#
# - the cells come from a new bank, and virus may enter them faster or more slowly;
# - the trypsin comes from a new supplier;
# - part way a **new seed lot** is opened, several times weaker or stronger than its label;
# - in one reactor the **probe of pH** begins to drift.
#
# Both products become one number. A **usual batch** is 15 thousand inactivated doses, or 2.4 million live ones. When the season is over, batches whose true pH lay outside 7.0 to 7.4 are called back: they count nothing.
#
# **First a guess, one minute.** Sixty batches on the history's policy: how many usual batches are they worth? Write it down. Then run the cell; it takes some 5 s.

# %%
figure, worth = capstone.season_figure()
figures.show(figure, worth)

# %%
# What a policy is given: the record, one row a batch. Here are three batches.
record = capstone.record()
record.iloc[[0, 2, 59]].T.tail(12)

# %% [markdown]
# **How to read it.** Each point is a batch as its release tests read it. A point at 0 was rejected. The old hours and the old recipe meet cells and a seed that they were not made for.
#
# **What it hides.** Which batches will be called back. No release test sees the true pH.

# %% [markdown] tags=["instructor"]
# **Ask** Which of the four changes would you have noticed, and when?
#
# **What it shows** {{ worth }}

# %% [markdown]
# ## The probe · 12 min
#
# The controller holds what the probe says. The bench measures one sample a batch: `ph_gap` is bench less probe. A visit of maintenance checks the probe of a reactor, and mends it if need be. It costs a **quarter of a usual batch**.

# %%
# A season in which nobody looks.
figure, walks = capstone.gaps_figure()
figures.show(figure, walks)

# %% [markdown]
# ### Exercise 1 · The probe · 5 points · 10 min
#
# Write `check_probe`. It is asked before each batch. `batch` is a dict with `"batch"`, `"round"`, `"reactor"` and `"product"`. `record` is a table of the rounds before, with these and `checked` (whether the probe was checked before that batch) and `ph_gap`. Give True to call maintenance.
#
# It is tried on eight seasons. What is lost are batches out of the licence, and the visits.
#
# - At least 88 % of what the course's alarm saves: 3 points (70 %: 1).
# - At most 2 visits a season, on average, to probes that do not drift: 2 points, once 70 % are saved.
#
# In the first three rounds no probe drifts yet.
#
# <details><summary>Hint 1</summary>
#
# Look at the reactor's own rows only: `record[record["reactor"] == batch["reactor"]]`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A gap scatters by 0.07, and its mean is not quite 0. **One** gap says little. Three of one sign say more, and yesterday's sums say most.
#
# </details>
# <details><summary>Hint 3</summary>
#
# After a check the old gaps count no more. `np.flatnonzero(own["checked"])` tells where it was; take the rows from the last one on.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "capstone-probe", "locked": false, "schema_version": 3, "solution": true, "task": false}
def check_probe(batch, record):
    """Return True to have the reactor's probe checked before this batch."""
    call = ...
    ### BEGIN SOLUTION
    sound = record.loc[record["round"] < 3, "ph_gap"].mean()
    own = record[record["reactor"] == batch["reactor"]]
    checks = np.flatnonzero(own["checked"])
    own = own.iloc[checks[-1] if len(checks) else 0 :]
    up = down = 0.0
    for off in (own["ph_gap"] - sound) / 0.07:
        up = max(0.0, up + off - 0.5)
        down = max(0.0, down - off - 0.5)
    call = len(own) > 2 and max(up, down) > 4
    ### END SOLUTION
    return call

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "capstone-probe-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check asks before each batch of eight seasons; some seconds.
result = capstone.probes(globals())
### BEGIN HIDDEN TESTS
result = capstone.probes(globals(), plant_seed=5_803_917_264_431)
### END HIDDEN TESTS
result

# %%
# Ways to watch, and yours: means of a season.
ways = capstone.watches(globals())
ways

# %% [markdown]
# **How to read it.** A visit every fifth round lets nothing pass, and most of its visits are for nothing. Sums make a few visits only, and let a batch pass now and then.
#
# **What it hides.** Had a visit cost a tenth of a batch, the calendar would have been as good. Ask for the price before you build an alarm.

# %% [markdown] tags=["instructor"]
# **Ask** Who in your plant pays for a visit, and who pays for a batch that is called back?
#
# **Watch for** Sums in one direction only. They save half.
#
# **What it shows** Usual batches lost in a season: nobody looks {{ ways["lost, usual batches"].iloc[0] }}, every fifth round {{ ways["lost, usual batches"].iloc[1] }}, sums {{ ways["lost, usual batches"].iloc[2] }}.

# %% [markdown]
# ## Twenty experiments · 13 min
#
# Before the season a laboratory runs **twenty experiments**, in four weeks of five. An experiment is one recipe in three small vessels, with the new cells and the new trypsin. It reads `worth`, in usual batches. Its seed is the old lot: the new one has not come yet.
#
# Day 3 has found a recipe for the inactivated vaccine. Nobody has ever searched one for the live vaccine.

# %%
day_3 = {
    "inoculum_cells_per_ml": 4.5e5,
    "carrier_g_per_l": 3.5,
    "infection_temperature_c": 36.0,
}

# %% [markdown]
# ### Exercise 2 · Twenty experiments · 5 points · 11 min
#
# Write two functions.
#
# - `try_out(runs)` is asked four times. Give a list of up to five dicts, each with `"product"` (`"inactivated"` or `"live"`) and set points. `runs` is the table of what was tried so far: `product`, all set points, `worth`.
# - `choose(product, runs)` is given all twenty runs. Give a dict of set points for that product in the plant.
#
# Set points are those of day 3, also `growth_time_h` (72 to 120), `trypsin_bu_per_ml` (3 to 11), `glucose_mmol_per_l` (20 to 45) and `feed_mmol_per_l_h` (0 to 0.5). In an experiment `infection_duration_h` is one, too. In the plant it is not: a harvest rule decides there, and here it is the course's.
#
# In four seasons all batches are made by your recipes. Over the usual recipes they should gain at least 85 % of what the course's own twenty experiments gain: 5 points (50 %: 1).
#
# <details><summary>Hint 1</summary>
#
# Begin with `day_3` for both products. That alone is some two thirds of the way.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Change one thing at a time, or two that belong together. Cells that grow longer need more to eat.
#
# </details>
# <details><summary>Hint 3</summary>
#
# With five recipes a week, each product gets each recipe twice. `worth.reshape(2, 5).mean(axis=0)` are their means. Keep the changes that beat the first.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "capstone-tries", "locked": false, "schema_version": 3, "solution": true, "task": false}
def try_out(runs):
    """Return up to five recipes to try next, each with its product."""
    recipes = ...
    ### BEGIN SOLUTION
    product = "live" if len(runs) < 10 else "inactivated"
    moves = [
        {},
        {"growth_time_h": 120},
        {"trypsin_bu_per_ml": 9},
        {"glucose_mmol_per_l": 42, "feed_mmol_per_l_h": 0.35},
        {"infection_temperature_c": 35.2},
    ]
    recipes = [{"product": product} | day_3 | move for move in moves]
    ### END SOLUTION
    return recipes


def choose(product, runs):
    """Return the set points to run this product with."""
    points = ...
    ### BEGIN SOLUTION
    worth = runs.loc[runs["product"] == product, "worth"].to_numpy()
    worth = worth.reshape(2, 5).mean(axis=0)
    points = dict(day_3)
    if worth[1] > worth[0]:
        points["growth_time_h"] = 120
    if worth[2] > worth[0]:
        points["trypsin_bu_per_ml"] = 9
    if worth[3] > worth[0]:
        points |= {"glucose_mmol_per_l": 42, "feed_mmol_per_l_h": 0.35}
    if worth[4] > worth[0]:
        points["infection_temperature_c"] = 35.2
    ### END SOLUTION
    return points

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "capstone-tries-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check makes the batches of four seasons by your recipes; some 5 s.
result = capstone.tries(globals())
### BEGIN HIDDEN TESTS
result = capstone.tries(globals(), plant_seed=5_803_917_264_431)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** What can the laboratory not tell? (What the new seed lot does, and what lots and hands do in the plant.)
#
# **Watch for** The best single run of twenty, taken as it stands: day 3's curse of the winner.
#
# **If short of time** Let them take `day_3` with 120 h of growth, and go on.

# %% [markdown]
# ## When to harvest · 10 min
#
# New cells and a new seed move the best hour by ten hours and more. On day 3 no sensor paid for the inactivated vaccine. *There the seed was as good as its label.* Here is what a harvest by capacitance is worth.

# %%
# Both products, three seasons, each with the recipe of a long search.
figure, best_shares = capstone.fallen_figure()
figures.show(figure, best_shares)

# %%
# What a rule is given of one batch at 48 h.
batch, seen = capstone.a_batch(48)
print(batch["batch"], batch["reactor"], batch["product"])
seen.loc[40:48:2].round(2)

# %% [markdown]
# **How to read it.** The dashed line is one hour for all, the best of the season: nobody knows it beforehand. Capacitance tells each batch's own time.
#
# **What it hides.** These are batches of one recipe. With another recipe, another share may be the best.

# %% [markdown]
# ### Exercise 3 · When to harvest · 4 points · 8 min
#
# Write `harvest_now`. It is asked every two hours: from 24 h on for the live vaccine, from 46 h on for the inactivated one. `seen` has one row an hour, from -6 h up to now. Give True to harvest.
#
# Batches of three seasons are harvested by it. For each product: at least 70 % of what the course's rule adds to the best fixed hour earns 2 points, 35 % earns 1. The best fixed hour is chosen with hindsight.
#
# <details><summary>Hint 1</summary>
#
# Each probe has a gain of its own. Divide by the mean of the first six hours: `seen.loc[1:6].mean()`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Early on, before cells swell, a noisy share may be low by chance. Wait until it has been above 1.03.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Take the mean of the last two hours, and compare it with the share at the top of the figure, for `batch["product"]`. Wrap the answer in `bool(...)`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "capstone-harvest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def harvest_now(batch, seen):
    """Return True to harvest this batch now."""
    now = ...
    ### BEGIN SOLUTION
    share = seen["capacitance_pf_per_cm"] / seen["capacitance_pf_per_cm"].loc[1:6].mean()
    limit = {"inactivated": 0.68, "live": 0.82}[batch["product"]]
    now = bool(share.loc[1:].max() > 1.03 and share.iloc[-2:].mean() < limit)
    ### END SOLUTION
    return now

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "capstone-harvest-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check asks about the batches of three seasons.
result = capstone.harvests(globals())
### BEGIN HIDDEN TESTS
result = capstone.harvests(globals(), plant_seed=5_803_917_264_431)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** On day 3 the verdict for the inactivated vaccine was *no sensor*. What has changed it?
#
# **Watch for** A fixed hour that fits the practice season. It is another one in the next.
#
# **What it shows** {{ best_shares }}

# %% [markdown]
# ## Your policy · 14 min
#
# Now all four at once. The cell below is your policy. Saved as a file `policy.py` (`np` and `pd` are there), it is what your class compares: `vaxlab capstone play policy.py` plays practice seasons in a terminal.
#
# Whatever you write must stand in the functions: nothing is kept in mind between two calls, because seasons are played side by side. All that a function may know is what it is given.

# %% [markdown]
# ### Exercise 4 · Your policy · 10 points · 12 min
#
# Write four functions. Copy what you have, or write them anew.
#
# - `experiments(runs)`: as `try_out`; an empty list for none.
# - `recipe(batch, record, runs)`: a dict of set points, empty for the usual ones.
# - `maintain(batch, record)`: True to have the probe checked.
# - `harvest(batch, seen)`: True to harvest now.
#
# Four seasons that nobody has seen are played on it, on the history's policy, and on the best that a long search has found. Points go by the share of that gain: 90 % earns 10, 80 % 9, 70 % 8, 60 % 7, 50 % 6, 35 % 5, 25 % 3 and 15 % 1. A policy of day 3's recipe, a calendar and a fixed hour comes to some 45 %; the history's comes to 0.
#
# <details><summary>Hint 1</summary>
#
# First hand in something plain: day 3's recipe, a check every fifth round, a fixed hour. Then mend one function at a time.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The recipe is worth most, the harvest comes next. The live vaccine likes it cooler, with more trypsin.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Run the cells of *Let the plant run on it* after each change: those seasons are for practice. If two recipes are close, take the one that was better in three of four.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "capstone-policy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def experiments(runs):
    """Return up to five recipes to try next."""
    recipes = ...
    ### BEGIN SOLUTION
    recipes = []
    ### END SOLUTION
    return recipes


def recipe(batch, record, runs):
    """Return the set points of this batch."""
    points = ...
    ### BEGIN SOLUTION
    live = batch["product"] == "live"
    points = {
        "inoculum_cells_per_ml": 4.5e5,
        "carrier_g_per_l": 3.5,
        "growth_time_h": 120,
        "glucose_mmol_per_l": 42,
        "glutamine_mmol_per_l": 3,
        "feed_mmol_per_l_h": 0.35,
        "do_percent": 58,
        "ph": 7.2,
        "moi": 1.3e-4 if live else 5e-5,
        "infection_temperature_c": 35.1 if live else 35.7,
        "trypsin_bu_per_ml": 10.4 if live else 9.0,
        "capture_conductivity_ms_per_cm": 4.5,
    }
    ### END SOLUTION
    return points


def maintain(batch, record):
    """Return True to have the reactor's probe checked before this batch."""
    call = ...
    ### BEGIN SOLUTION
    sound = record.loc[record["round"] < 3, "ph_gap"].mean()
    own = record[record["reactor"] == batch["reactor"]]
    checks = np.flatnonzero(own["checked"])
    gaps = own["ph_gap"].to_numpy()[checks[-1] if len(checks) else 0 :]
    call = bool(len(gaps) > 2 and abs(gaps[-3:].mean() - sound) > 0.12)
    ### END SOLUTION
    return call


def harvest(batch, seen):
    """Return True to harvest this batch now."""
    now = ...
    ### BEGIN SOLUTION
    volume = seen["capacitance_pf_per_cm"]
    share = volume / volume.loc[1:6].mean()
    limit = 0.82 if batch["product"] == "live" else 0.68
    now = bool(share.loc[1:].max() > 1.03 and share.iloc[-2:].mean() < limit)
    ### END SOLUTION
    return now

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "capstone-policy-check", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
# The check plays four seasons on your policy; some 10 s, and longer the first time.
result = capstone.handed_in(globals())
### BEGIN HIDDEN TESTS
result = capstone.handed_in(globals(), plant_seed=5_803_917_264_431)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Which of your four functions would you show to an inspector first?
#
# **Watch for** A function that keeps something in a global variable: seasons get mixed up.
#
# **If short of time** Hand in the plain policy. It is worth half of the points.

# %% [markdown]
# ## Let the plant run on it · 3 min
#
# Four practice seasons, on your policy and on three others. Lots, hands, faults, seeds and drifts are the same for all. So the interval is that of paired differences.

# %%
table, figure, gained = capstone.played(globals())
figures.show(figure, gained)
table.T

# %% [markdown]
# **How to read it.** `attainable` is your gain over the history's, as a share of what the search gains. *The search* moved one set point at a time on six other seasons, and had all the time in the world; `docs/capstone.md` tells what it did.
#
# **What it hides.** The search needed no experiment: it had practice seasons without end, and a real plant has none. And four seasons are few. The interval tells how few.

# %% [markdown] tags=["instructor"]
# **Ask** Would you let this policy run tonight? What would have to be watched?
#
# **What it shows** {{ gained }} A plain policy comes to {{ table.loc["a plain policy", "attainable, %"] }} % of what is attainable.

# %% [markdown]
# ## What we have seen · 2 min
#
# - A policy is four short functions that know only what a plant shows, and it is judged by doses on seasons that nobody has seen.
# - What was best on the history is half of what can be had: cells, seed and probes change, and rules that look do not mind.
# - The price decides what pays: a sensor that was not worth it on day 3, an alarm that a calendar may replace.
