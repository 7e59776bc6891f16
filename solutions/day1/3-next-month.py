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
#     title: Does it still work on next month's lot?
#     minutes: 80
# ---

# %% [markdown]
# # Does it still work on next month's lot?
#
# **Who asks.** The planner. A batch is planned to give 14,000 doses, and about half of them give less. A *spare* batch can be booked to make up for a short one, but only early: when the virus goes into the reactor. A colleague has a model that ranks batches by their risk. On six years of data its area under the ROC curve is about 0.8: of a short batch and one that is not, it names the short one eight times in ten. The planner wants to know what it will do next month.
#
# **Why it matters.** Next month brings a new lot of virus seed, then new serum, new carriers. A score that was made on lots which the model knows says nothing about lots that it does not know.
#
# **You will be able to**
#
# - tell which columns exist when the decision is made;
# - score a model in three ways: on random batches, on lots left out, forward in time;
# - keep every choice inside the cross-validation;
# - make a promise that next month can keep.
#
# **Minutes:** 80. **Points:** 24, in five exercises. Each exercise stands alone, and says in its own text what the check asks for. Each check makes its own plants' data beside yours, so that a number typed in earns nothing.

# %% [markdown]
# ## The decision · 9 min
#
# The table has one row a batch, in order of start. `short` is what we want to know: fewer than 14,000 doses in the bulk. The decision is made **at infection**, four days after the start and about three weeks before the doses are counted.

# %%
import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import data, figures
from vaxlab.lessons.day1 import next_month

figures.setup()

# %%
# Five of the tables that the plant keeps, joined into one row a batch.
names = ["batches", "certificates", "seed_train", "downstream", "release"]
tables = {name: data.load(name) for name in names}
batches = next_month.table(tables)
print(f"{len(batches)} batches, {batches['short'].mean():.0%} of them short")
batches[["started_at", "seed_lot", "doses", "short", "hold_h"]].head()

# %% [markdown]
# **Warm-up, two minutes, no points.** The maker of a virus seed says the same of every batch that is made from one lot: one certificate a lot. Guess before you run the next cell: how many *different* certificates of a virus seed, and of the other materials, does a model meet in 360 batches?

# %%
lots = tables["batches"].filter(like="_lot").nunique()
lots.rename("lots in six years").to_frame().T

# %% [markdown]
# So whoever learns from certificates of virus seed has 360 batches, and some ten examples.
#
# How do batches of one lot of virus seed compare with those of another?

# %%
figures.show(
    figures.groups(
        dict(list(batches.groupby("seed_lot")["doses"])),
        title="Doses of a batch, by the lot of its virus seed",
        axis_title="doses",
    )
    .update_xaxes(tickangle=0, tickfont_size=11)
    .add_hline(y=14_000, line={"color": "#767676", "dash": "dash"}),
    "Ten groups of points, and a dashed line at the 14,000 doses of the plan. Some lots lie mostly "
    "above it, some mostly below, and in every lot the best batch gives more than twice the worst.",
)

# %% [markdown]
# **How to read it.** Every point is a batch, every box a lot. Below the dashed line a batch is short. A lot lasts for some eight months. Batches of one lot are *siblings*: they share more than their recipe says. So these few lots tell us less than 360 batches seem to. A lot that has only just begun, or was soon used up, says little.
#
# **What it hides.** Four more kinds of lot change at other times: serum, carriers, medium and trypsin.

# %% [markdown] tags=["instructor"]
# **Ask** When is a decision made in your plant, and what is known at that hour? Who has seen a model that was better in the slides than in the plant?
#
# **If short of time** Skip the figure by lots; the exercises do not need it.
#
# **What it shows** {{ y.mean():.0%}} of the batches are short. The lot with the highest mean is {{ batches.groupby("seed_lot")["doses"].mean().idxmax() }}, with {{ batches.groupby("seed_lot")["doses"].mean().max().round(-2):,.0f }} doses; SEED-01 has {{ batches["doses"][seed_lot == "SEED-01"].mean().round(-2):,.0f }}. The last lot, {{ seed_lot.max() }}, has {{ (seed_lot == seed_lot.max()).sum() }} batches, of which {{ y[seed_lot == seed_lot.max()].sum() }} are short.

# %% [markdown]
# ## What nobody knew yet · 14 min
#
# The table was joined years later, from all that was ever written down. This list says of each column which record it comes from.

# %%
columns = next_month.columns(batches)
pd.set_option("display.max_rows", 60, "display.max_colwidth", 60)
columns[columns["record"] != "certificate"].set_index("column")

# %% [markdown]
# The other lines are certificates: what the makers say about their lots, such as `seed_tcid50_coa`.
#
# Some of these columns would make any model shine, and none of those can be used. A column that is written after the decision is a **leak**: in the history it is there, next month it is not. The plant's records say when each value was written. Here is one batch, four of its columns, and the hour of the decision.

# %%
written = next_month.written(tables)  # a batch a row, a time for each value
some = ["moi", "cells_at_infection_per_ml", "tcid50_at_harvest_log10_per_ml", "seed_lot_mean_doses"]
written[some].assign(decided_at=batches["infected_at"]).head(1).T

# %% [markdown]
# `NaT` is a missing time. One column comes from a spreadsheet, and nobody wrote down when its numbers were put in.

# %% [markdown]
# ### Exercise 1 · What nobody knew yet · 5 points · 10 min
#
# Write `late_columns`. It is given a table like `written`, and `decided_at`: for each batch the hour of a decision. It gives the names of all columns that are late. A column is late if even one value of it was written after the decision, or if nobody can say when. Name no others: a column that is known in time is worth keeping.
#
# The check asks for three decisions: at infection (1 point), a day after the start (2 points), two days after the harvest (2 points). What is late for one may be in time for another. In its tables two more certificates came too late, for a few batches each. Half the points of a decision if only the column without times is forgotten.
#
# <details><summary>Hint 1</summary>
#
# Go through the columns one by one. `written[column] <= decided_at` gives for each batch whether its value was there.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Every comparison with a missing time is False, `<=` as well as `>`. Which of the two questions, "was it in time?" or "was it late?", then gives the answer that you want?
#
# </details>
# <details><summary>Hint 3</summary>
#
# `.all()` of a column of True and False tells whether all are True. A column that is not in time for all batches is late. In the table above thirteen columns are late at infection.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "next-month-late", "locked": false, "schema_version": 3, "solution": true, "task": false}
def late_columns(written, decided_at):
    """Return the names of the columns that do not exist when the decision is made."""
    late = ...
    ### BEGIN SOLUTION
    late = []
    for column in written:
        was_there = written[column] <= decided_at
        if not was_there.all():
            late.append(column)
    ### END SOLUTION
    return late


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "next-month-late-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check asks for the late columns of three decisions.
result = next_month.late(globals())
### BEGIN HIDDEN TESTS
result = next_month.late(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# What would the late columns have promised? The next cell makes both scores, whatever you wrote above. Its model is a logistic regression. `C` says how freely it may follow the data: the default is 1, and with `C=100` it is hardly held back. An area of 0.5 is a coin's, 1 is perfect.

# %%
X = next_month.in_time(batches)  # only what is known at infection
y = batches["short"]
seed_lot = batches["seed_lot"]
model = make_pipeline(StandardScaler(), LogisticRegression(C=100, max_iter=1000))
everything = batches[columns["column"]]
folds = KFold(5, shuffle=True, random_state=0)
for name, table in {"all columns": everything, "known in time": X}.items():
    area = cross_val_score(model, table, y, cv=folds, scoring="roc_auc").mean()
    print(f"{name:14} {table.shape[1]} columns, area {area:.2f}")

# %% [markdown] tags=["instructor"]
# **Watch for** `(written > decided_at).any()`: it lets the spreadsheet through, since a comparison with a missing time is False. And people who look for the columns that predict best: `days_to_release` predicts nothing and is late; the count of cells at infection predicts well and is known. The question is *when*, never *how well*.
#
# **Ask** `seed_lot_mean_doses` was made in a spreadsheet by a careful person. What would an honest form of it be? (The mean of the batches of this lot that had been released by that day.)
#
# **What it shows** {{ len(late_columns(written, batches["infected_at"])) }} columns are late at infection. With all {{ len(columns) }} the area is {{ cross_val_score(model, everything, y, cv=folds, scoring="roc_auc").mean():.2f }}, with the {{ X.shape[1] }} that are known in time {{ cross_val_score(model, X, y, cv=folds, scoring="roc_auc").mean():.2f }}.

# %% [markdown]
# ## Three scores · 17 min
#
# From here on, all columns are known in time. A cross-validation hides a part of the batches, trains on the rest, and scores the hidden part. *Which* part decides what question is asked:
#
# | hidden | the question |
# |---|---|
# | random batches | another batch of the lots that I know |
# | whole lots | a batch of a lot that I have never seen |
# | the last 100 batches | what comes after what I know |

# %% [markdown]
# ### Exercise 2 · Three scores · 6 points · 12 min
#
# Write `three_scores`. It is given a model (not trained), the table `X`, the answers `y` and the lot of each batch, in order of start. It gives three areas under the ROC curve:
#
# 1. `random`: mean of five folds, shuffled;
# 2. `grouped`: mean of five folds; each lot is tested in just one of them, with all its batches;
# 3. `forward`: trained on all but the last 100 batches, tested on the last 100.
#
# The check asks three times, and brings its own model each time:
#
# - for six years of a plant;
# - for a table that holds the *names* of the lots and nothing else, with **other answers** `y` that go by the lot. From a name nothing can be known of a lot that was left out: the grouped area is 0.50;
# - for a table of one *probe*, an instrument in the reactor, with one reading a batch. In two of its ten lots of seed the reading goes the wrong way.
#
# On all three `random` (1 point) has to be within 0.04 of the mean of several shuffles. `grouped` (3 points) has to be what some way to put whole lots into five folds gives, give or take 0.02 (for names: 0.50, give or take 0.01). `forward` (2 points) has to be within 0.005 of what training on the first batches and testing on the last 100 gives.
#
# <details><summary>Hint 1</summary>
#
# The cell above has the first score. For the second, `GroupKFold` takes the place of `KFold`, and somebody has to tell it the lots.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `cross_val_score` has an argument `groups=`. A splitter that knows nothing of groups takes it without a word and pays no heed to it.
#
# </details>
# <details><summary>Hint 3</summary>
#
# For the third, `X[:-100]` are the first batches and `X[-100:]` the last. An area needs the probability of being short: the second column of what `predict_proba` gives.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "next-month-splits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def three_scores(model, X, y, seed_lot):
    """Return the areas: random batches, lots left out, forward in time."""
    random = ...
    grouped = ...
    forward = ...
    ### BEGIN SOLUTION
    shuffled = KFold(5, shuffle=True, random_state=0)
    random = cross_val_score(model, X, y, cv=shuffled, scoring="roc_auc").mean()
    by_lot = GroupKFold(5)
    areas = cross_val_score(model, X, y, cv=by_lot, groups=seed_lot, scoring="roc_auc")
    grouped = areas.mean()
    model.fit(X[:-100], y[:-100])
    forward = roc_auc_score(y[-100:], model.predict_proba(X[-100:])[:, 1])
    ### END SOLUTION
    return random, grouped, forward


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "next-month-splits-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# The check looks at each score: of a plant's history, of a table of nothing but names, of a probe.
result = next_month.splits(globals())
### BEGIN HIDDEN TESTS
result = next_month.splits(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# In the history nobody gave the model a lot number. It had the certificates, and all batches of a lot share one certificate: numbers that are as good as a name. From siblings on both sides of a random split it learned by heart which name is followed by short batches (**overfitting**: to the lots that it knows). That is no knowledge about the next name.
#
# **What it hides.** `grouped` leaves out lots of virus seed. The other lots change at other times and still stand on both sides, so even this score is a little kind. `forward` asks just what next month will ask, but only once: 100 batches, three or four lots. Its error is so wide that it can come out above `grouped`. Where it does, that is luck, and no better news. `grouped` asks about each lot in turn.

# %% [markdown] tags=["instructor"]
# **Ask** Which of the three answers the planner's question? When would the random split be the right one? (If only known lots were ever used.)
#
# **Watch for** `groups=seed_lot` given to `KFold`. Nothing complains, and the score stays high. The check says so.
#
# **If short of time** Give the third score away.
#
# **What it shows** `random` {{ three_scores(model, X, y, seed_lot)[0]:.2f }}, `grouped` {{ three_scores(model, X, y, seed_lot)[1]:.2f }}, `forward` {{ three_scores(model, X, y, seed_lot)[2]:.2f }}. Random minus grouped is {{ three_scores(model, X, y, seed_lot)[0] - three_scores(model, X, y, seed_lot)[1]:.2f }}. Other shuffles give `random` {{ min(cross_val_score(model, X, y, cv=KFold(5, shuffle=True, random_state=k), scoring="roc_auc").mean() for k in range(6)):.2f }} to {{ max(cross_val_score(model, X, y, cv=KFold(5, shuffle=True, random_state=k), scoring="roc_auc").mean() for k in range(6)):.2f }}.

# %% [markdown]
# ## Choose inside the fold · 11 min
#
# Somebody exports 400 more columns from the building's control system: lamps, doors, lifts. None has anything to do with a batch. Here they are random numbers, so that we know it. You keep the ten best and train on those.

# %%
building = next_month.idle_columns(len(y), seed=1)
ten = SelectKBest(k=10).fit(building, y).get_feature_names_out()
area = cross_val_score(model, building[ten], y, cv=folds, scoring="roc_auc").mean()
print(f"ten best of 400 columns of nothing: area {area:.2f}")

# %% [markdown]
# An area well above 0.5, from lamps and lifts. The ten were chosen with *all* answers in view, those of the test batches too. Choosing columns is training; so are scaling and filling gaps. All of it belongs inside the fold, and a **pipeline** keeps it there.

# %% [markdown]
# ### Exercise 3 · Choose inside the fold · 4 points · 8 min
#
# Write `honest_score`. From a table with many columns and the answers it gives the mean area of five shuffled folds, for this recipe: keep the ten best columns, scale them, train a logistic regression. No step may see a fold's test batches.
#
# The check asks for seven tables of a plant. In four there is nothing to find. In two, the process columns and a good *probe* (an instrument in the reactor; here one reading a batch) are hidden among 400 of nothing. The last holds twenty good probes. Each of them has one wrong reading, 10,000; leave it in. The two parts:
#
# - *nothing*, 2 points: the mean of your four areas lies between 0.40 and 0.57, and on the next two tables it is at most 0.12 below the recipe's. Who chooses nothing finds less;
# - *something*, 2 points: the first part is right, and your mean of the next two is within 0.03 of the recipe's. On the last table your area is within 0.2 of it: a step that sees other batches than the model is trained on ends far away.
#
# <details><summary>Hint 1</summary>
#
# The cell above does two things one after the other. The first has to move into the second.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `make_pipeline` takes any number of steps. `SelectKBest(k=10)` can be the first.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Give the whole pipeline, not trained, and the whole table to `cross_val_score`. It trains the pipeline anew in each fold.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "next-month-inside", "locked": false, "schema_version": 3, "solution": true, "task": false}
def honest_score(X, y):
    """Return the mean area of five folds, with the ten columns chosen in each fold anew."""
    area = ...
    ### BEGIN SOLUTION
    steps = make_pipeline(SelectKBest(k=10), StandardScaler(), LogisticRegression())
    shuffled = KFold(5, shuffle=True, random_state=0)
    area = cross_val_score(steps, X, y, cv=shuffled, scoring="roc_auc").mean()
    ### END SOLUTION
    return area


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "next-month-inside-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check gives tables of nothing, then hides something among them.
result = next_month.inside(globals())
### BEGIN HIDDEN TESTS
result = next_month.inside(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Scaling before the split hardly changes a score here. Why forbid it then? (Because nobody can see from outside which step is harmless. The pipeline costs one line.)
#
# **Watch for** `SelectKBest` in front of the loop with everything else inside the pipeline: it looks careful, and scores {{ area:.2f }} on nothing.
#
# **What it shows** Chosen with all answers in view: {{ area:.2f }} from 400 columns of nothing. Chosen inside: {{ honest_score(building, y):.2f }}, chance. With the process columns among them {{ honest_score(pd.concat([X[sets["process"]].reset_index(drop=True), building], axis=1), y):.2f }}.

# %% [markdown]
# ## The best of many · 11 min
#
# A model has settings, and people try many. The best score of many tries is a *maximum*: of numbers that are all luck it takes the luckiest. The cure is the same once more: choosing is training. **Nested cross-validation** chooses on the inner part of each fold and judges on the outer part.
#
# To see it bare, take forty rules of thumb, one from each colleague. A rule gives every batch a number: its risk. Nothing needs to be trained; only the best rule has to be found.

# %%
few = batches[:120]
rules = next_month.rules(few, seed=1)  # these rules know nothing
areas = next_month.areas(rules, few["short"])  # one area a rule
areas.describe().loc[["min", "mean", "max"]].round(2).to_frame("area of a rule").T

# %% [markdown]
# ### Exercise 4 · The best of forty · 4 points · 8 min
#
# Write `nested_score`. It is given a table of rules (one column a rule) and the answers. For each of five shuffled folds, find the rule with the largest area on the other four fifths, and take its area on the fold. Give the mean of the five.
#
# The check has two parts:
#
# - *nothing*, 2.5 points: six times it gives rules that know nothing, and the mean of your areas must lie between 0.40 and 0.57. And where there is something to find, your mean must be at most 0.20 too low: a number that is 0.5 for all rules finds nothing;
# - *something*, 1.5 points: the first part is right, and on eight tables of 100 batches, where one of the forty rules knows a good deal, your areas are off by at most 0.03 from what this way gives with other shuffles. (Off by: the root of the mean of the eight squares.)
#
# <details><summary>Hint 1</summary>
#
# `KFold(5, shuffle=True, random_state=0).split(rules)` gives pairs of row numbers: train and test. `.iloc` takes rows by number, of the answers too: `y` is labelled by batch.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In the loop, first the areas of all rules on `train`: `next_month.areas` gives them, as in the cell above. Then the name of the highest. `test` is not touched until then.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `idxmax()` of a Series gives the name of its highest value. The score of a fold is the area of that one rule on `test`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "next-month-nested", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nested_score(rules, y):
    """Return the mean area of the rule that is chosen in each fold anew."""
    scores = []
    for train, test in KFold(5, shuffle=True, random_state=0).split(rules):
        score = ...
        ### BEGIN SOLUTION
        best = next_month.areas(rules.iloc[train], y.iloc[train]).idxmax()
        score = next_month.areas(rules.iloc[test], y.iloc[test])[best]
        ### END SOLUTION
        scores.append(score)
    return np.mean(scores)


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "next-month-nested-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check gives rules that know nothing, six times; then rules of which one is good, eight times.
result = next_month.best_of_many(globals())
### BEGIN HIDDEN TESTS
result = next_month.best_of_many(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# With a model in place of the rules, `GridSearchCV` is the inner loop. Give the search itself to `cross_val_score`, and that is the outer loop.

# %% [markdown] tags=["instructor"]
# **Ask** You tried six models last week and reported the best. How many did you really try, with all settings and all columns?
#
# **Watch for** `idxmax` on the test rows: the best of forty once more, in five small portions.
#
# **If short of time** Show the cell with forty areas, skip the exercise: four points.
#
# **What it shows** Forty rules that know nothing: areas from {{ areas.min():.2f }} to {{ areas.max():.2f }}. Nested, over many sets of rules, about 0.5. With one good rule among them: {{ nested_score(next_month.rules(batches, seed=1, good=True), y):.2f }}.

# %% [markdown]
# ## Let the plant run on it · 16 min
#
# Three sets of columns could go to the plant:
#
# - `recipe`: the ten set points;
# - `process`: these, the wait of the seed cells, and the cells counted at infection;
# - `everything`: these, and all certificates and ages of lots.
#
# More columns can not hurt, says the colleague. What does the random split say?

# %%
sets = next_month.column_sets(X)
for name, own in sets.items():
    says = cross_val_score(model, X[own], y, cv=folds, scoring="roc_auc").mean()
    print(f"{name:10} {len(own):2} columns, area in a random split {says:.2f}")

# %% [markdown]
# ### Exercise 5 · A promise for next month · 5 points · 10 min
#
# Write `choose`. It is given the model, `X`, `y`, the lots, and `sets`: a dictionary from the name of a set to its list of columns. It gives the **name** of the set that should go to the plant, and the **area that you promise** for lots that nobody has seen.
#
# The check lets `choose` work on four histories of six years: yours, one more of the same plant, and two of a plant with probes: instruments in the reactor that give one reading a batch. One probe is there for all batches, and one more for each lot of virus seed. It has sets of its own, two or three at a time. What the sets are called, and in what order they come, changes. Then the plant makes hundreds of batches from lots that no history has seen; of their own probes a model knows nothing:
#
# - *choice*, 2 points: on average your sets give at most 0.04 less than the best ones;
# - *promise*, 3 points: your promises are off by at most 0.05, up or down, on average over the four and also over the two with probes.
#
# <details><summary>Hint 1</summary>
#
# Which of the three scores asks about lots that the model has never seen?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Loop over `sets.items()`, score the model on `X[columns]` for each, and keep the scores in a dictionary. A small lot by itself may have no area, since all its batches are short; five folds put it together with others.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `max(scores, key=scores.get)` gives the name of the highest score. The promise is that score: the best of only three.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "next-month-promise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose(model, X, y, seed_lot, sets):
    """Return the name of the set of columns for the plant, and the area to promise."""
    name = ...
    promise = ...
    ### BEGIN SOLUTION
    scores = {}
    for one, columns in sets.items():
        areas = cross_val_score(
            model, X[columns], y, cv=GroupKFold(5), groups=seed_lot, scoring="roc_auc"
        )
        scores[one] = areas.mean()
    name = max(scores, key=scores.get)
    promise = scores[name]
    ### END SOLUTION
    return name, promise


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "next-month-promise-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check looks at the choice, then at the promise beside what the plant gives.
result = next_month.promise(globals())
### BEGIN HIDDEN TESTS
result = next_month.promise(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# Now side by side: what the colleague's model was promised to do, and what it did. Your own promise stands beside it once your `choose` gives one.

# %%
# The plant runs: nine times 100 batches.
figure, sentence = next_month.delivery(globals())
figures.show(figure, sentence)

# %% [markdown]
# What does that cost? For each hundred batches the planner books 30 spares, for the 30 batches of the highest risk. A spare makes up for what a short batch lacks. Doses that are missing in the other seventy are missing in the vaccination centres.

# %%
# Every set is trained on all six years, then meets batches of new lots.
outcome = next_month.outcome()
missing = outcome["missing_doses"].sort_values(ascending=False)
lost = missing["everything"] - missing["process"]
alarms = outcome["right_alarms"]
figures.show(
    figures.bars(
        missing.round(),
        title="Doses that are missing in 100 batches, with 30 spares",
        axis_title="doses",
    ),
    f"Of 30 spares, {alarms['everything']:.0f} go to short batches with everything and "
    f"{alarms['process']:.0f} with the process columns. The larger table costs {lost:,.0f} doses "
    "in a hundred batches.",
)

# %% [markdown]
# **How to read it.** The set that looked best on known lots still beats spares at random, but it misses more doses than the small set: over a whole batch more in every hundred. The small set keeps what it promises, since a count of cells means the same in every lot. The difference is what the random split has cost.
#
# **What it hides.** These are means of nine hundreds. In a single hundred the new lots decide:

# %%
outcome.drop("spares at random")[["lowest_area", "area", "highest_area"]].round(2)

# %% [markdown]
# With hundreds of lots, certificates could be learned from; with ten, they are names. And a plant also *drifts*: probes age, people change. So every forecast is scored again when the doses are counted, lot by lot.

# %% [markdown] tags=["instructor"]
# **Ask** Ten lots of seed, nearly thirty columns of certificates: how many examples has the model really seen? What would you buy: more batches, or more lots?
#
# **Watch for** Somebody who says that the random split would have done. In about one history of four it would: there the small set wins both ways. But nobody knows beforehand which kind of history theirs is. And somebody who promises the score of the last 100 batches: an honest score that passes on many histories, and fails on some by luck. Ask how many lots stand behind it.
#
# **What it shows** `process` promises {{ choose(model, X, y, seed_lot, sets)[1]:.2f }} and delivers {{ outcome.area["process"]:.2f }}; `everything` promises {{ figure.data[0].y[0]:.2f }} and delivers {{ outcome.area["everything"]:.2f }}. Doses missing in 100 batches: spares at random {{ missing["spares at random"].round(-2):,.0f }}, recipe {{ missing["recipe"].round(-2):,.0f }}, everything {{ missing["everything"].round(-2):,.0f }}, process {{ missing["process"].round(-2):,.0f }}. Of 30 spares {{ alarms["everything"]:.0f }} or {{ alarms["process"]:.0f }} go where they are needed. The set points alone do worst: little of the difference between batches is decided by them.

# %% [markdown]
# ## What we have seen · 2 min
#
# - A column that is written after the decision is a leak, however well it predicts.
# - Batches of one lot are siblings: leave whole lots out, and keep every choice, scaling and selection inside the fold.
# - The score to promise is the one that asks next month's question; the random split promised more, and its model missed doses.
