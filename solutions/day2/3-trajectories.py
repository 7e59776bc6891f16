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
#     title: "A forecast at 30 h after infection: deep net or boosted trees?"
#     minutes: 85
# ---

# %% [markdown]
# # A forecast at 30 h after infection: deep net or boosted trees?
#
# **Who asks.** The shift leader of the fast live line. Its batches get sixteen times the usual virus, and are ready about 46 hours after infection. At hour 30 she must book the crew. For when?
#
# **Why it matters.** Nine of ten batches are ready between 41 and 58 h. Half of the infectious titre is gone 6.5 hours after its top. Whoever always comes at one hour leaves about a fifth of what the best hour for each batch would give.
#
# **You will be able to**
#
# - make features of a running batch that hold nothing from its future;
# - write a network that reads hours, train it with early stopping, save it and load it safely;
# - compare two methods over five seeds, with an interval on paired differences;
# - say from a learning curve which method fits your number of batches;
# - put knowledge of the process into features, and harvest by the forecast.
#
# **Minutes:** 85. **Points:** 26, in six exercises, one of them in your own words. Each stands alone.

# %%
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures, training
from vaxlab.errors import CourseError
from vaxlab.lessons.day2 import trajectories

figures.setup()

# %% [markdown]
# ## Batches, hour by hour · 8 min
#
# **First a guess, two minutes.** You have 120 batches to learn from, each with 36 hours of five tags. Who will tell the best hour of harvest better: boosted trees on a handful of plain numbers a tag, or a neural network that reads every hour? By how much? And with 1,000 batches? Write it down. Then run the cells.

# %%
pilot = trajectories.pilot()
print(pilot.values.shape, "batches, hours, tags; from hour", pilot.hours[0], "after infection on")
print("The tags:", *trajectories.TAGS)
early, late = np.percentile(pilot.ready_h, [5, 95])
print(f"Ready at {pilot.ready_h.mean():.1f} h on average; nine of ten between {early:.1f} and {late:.1f} h")

# %%
# Five of them, from one that was ready early to one that was ready late.
figures.show(
    trajectories.batches_figure(pilot),
    "Capacitance, which follows the volume of living cells, of five batches. Left of 0 h the cells "
    "grow. Later infected cells swell, then die. At the dashed line the forecast is asked for.",
)

# %% [markdown]
# **How to read it.** The pilot series has 240 batches. In each the crew took a sample every hour until the titre was seen to fall. The laboratory worked out afterwards when it had been highest, to about an hour: `ready_h`. This is the target. A batch that is ready early starts to swell early; at 30 h some have begun.
#
# **What it hides.** The table holds whole batches. What lies right of the dashed line is in it, and must not be used. And look at the levels: the same cells read ten per cent more in one batch than in another, for each batch's probe has its own calibration.

# %% [markdown] tags=["instructor"]
# **Ask** Why 30 h, and why the fast line? (On the usual line a hundredth of the cells is infected after a day, and no probe sees it. A forecast can not be better than what is there to be seen.)
#
# **What it shows** Nine of ten batches are ready between {{ early:.1f }} and {{ late:.1f }} h.

# %% [markdown]
# ## What is known by now · 11 min
#
# A colleague is proud: *"I let the trees have the number of rows of each record as well. The misses have halved!"* We let them learn from 120 batches, and forecast 480 batches of the next series.

# %%
leaking = trajectories.leak()
leaking.round(2).to_frame()

# %% [markdown]
# **How to read it.** The usual miss (root mean square) in hours. A record ends when the crew ends the batch, two hours after its top: its length *is* the answer. On finished records this looks like a great model. Asked at 30 h, all records are of one length, and it is worse than no model at all. This is a **leak**: the target came in by a side door. Nothing in the table warns you.
#
# **What it hides.** The same leak has other doors: a mean over the whole batch, its last value, zeros that fill all records up to one length, hours counted in per cent of the batch.

# %% [markdown]
# ### Exercise 1 · What is known by now · 4 points · 8 min
#
# Write `summary`. `values` is an array (batches, hours, tags), NaN where a tag was not recorded and after the end of a batch. `hours` says at which hour after infection each row starts; another table may begin at another hour, or hold other tags. Look at the window from hour -6 up to 30 h, whose last row starts at 29 h. Give five numbers a tag: mean, SD, lowest, highest, and the mean of the last three hours, in an array (batches, 5 · tags). First come the means of all tags, then their SDs, and so on. A gap is left out; a tag that was never recorded stays NaN (numpy's warning of an empty slice is fine). Records without gaps earn 2 points, those with gaps 2.
#
# <details><summary>Hint 1</summary>
#
# First cut: `values[:, where]`, with a mask over the hours. All that comes after works on the cut.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.nanmean(seen, axis=1)` goes along the hours and leaves gaps out. It has sisters for SD, lowest and highest.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `seen[:, -3:]` holds the last three hours. `np.concatenate([...], axis=1)` puts five tables side by side.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-summary", "locked": false, "schema_version": 3, "solution": true, "task": false}
def summary(values, hours):
    """Return mean, SD, lowest, highest and last three hours of each tag until 30 h."""
    numbers = ...
    ### BEGIN SOLUTION
    seen = values[:, (hours >= -6) & (hours < 30)]
    kinds = (np.nanmean, np.nanstd, np.nanmin, np.nanmax)
    numbers = [kind(seen, axis=1) for kind in kinds] + [np.nanmean(seen[:, -3:], axis=1)]
    numbers = np.concatenate(numbers, axis=1)
    ### END SOLUTION
    return numbers

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-summary-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws batches of different length, with and without gaps.
result = trajectories.summary(globals())
### BEGIN HIDDEN TESTS
result = trajectories.summary(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Where else does the length of a record tell what people decided? (A stay in hospital; a log file that ends with the crash.)
#
# **Watch for** Gaps filled with zeros: a pH of 0 is a strong statement. Trees take NaN as it is. Interpolation between neighbours looks past the cut.
#
# **What it shows** {{ leaking.iloc[0]:.1f }} h without the length; {{ leaking.iloc[1]:.1f }} h with it on finished records, {{ leaking.iloc[2]:.1f }} h at 30 h.

# %% [markdown]
# ## A network that reads hours · 16 min
#
# Trees get your plain numbers. A network may read the hours themselves. Three kinds do so. An **MLP** sees all hours side by side, each with weights of its own. A **1-D CNN** slides small filters along the hours. A **GRU** goes from hour to hour and carries a memory.
#
# First the road from table to tensor: one scale for each tag, taken from the batches that are learnt from; a gap becomes 0, the mean; what a faulty probe says is cut off at 5 SD (`clip`); then float32. The target is given in units of 5 h from 46 h, so that it has a scale like theirs. A `DataLoader` shuffles the rows and hands them out in small batches: here you see them.

# %%
seen = pilot.values[:120, (pilot.hours >= -6) & (pilot.hours < 30)]
used, held = slice(0, 96), slice(96, 120)  # the held ones decide when to stop
mean, sd = np.nanmean(seen[used], axis=(0, 1)), np.nanstd(seen[used], axis=(0, 1))
x = torch.tensor(np.nan_to_num((seen - mean) / sd).clip(-5, 5), dtype=torch.float32)
y = torch.tensor((pilot.ready_h[:120] - 46) / 5, dtype=torch.float32).reshape(-1, 1)
loader = DataLoader(TensorDataset(x[used], y[used]), batch_size=32, shuffle=True)
for some_x, some_y in loader:
    print(tuple(some_x.shape), some_x.dtype, tuple(some_y.shape))

# %% [markdown]
# The loop is the one that you wrote in notebook 1, as `training.fit`: it makes such a loader of its own. After each epoch it looks at the batches that were held back. When their loss has not got better for 60 epochs, the **patience**, it stops and takes the best weights back. (15 would do; 60 show more.) The button *Stop, keep the best* below the curve stops it at once; the best weights are taken back then, too.

# %%
device = "cuda" if torch.cuda.is_available() else "cpu"  # the one line for a graphics card
training.seed_all(0)
rows = x.flatten(1)  # (120, 180): all hours side by side
first = nn.Sequential(nn.Linear(180, 16), nn.ReLU(), nn.Linear(16, 1)).to(device)
history = training.fit(
    first,
    nn.functional.mse_loss,
    (rows[used], y[used]),
    validation=(rows[held], y[held]),
    patience=60,
    curve=training.LiveCurve("Loss of a first network, an MLP"),
)
print(f"Best after epoch {history.best_epoch}; ended by: {history.stopped}")

# %% [markdown]
# **How to read it.** The training loss goes on falling: 2,900 weights can learn 96 batches by heart. The loss on the batches held back does not follow, it rises (*overfitting*). Its best epoch is the very first, hardly better than always saying 46 h, which has a loss of 0.92 there. So this network has **learnt nothing that holds for other batches**. The race below will say more.
#
# **What it hides.** The 24 batches chose the epoch. They fit it by luck, too, and so can not test the network as well.
#
# Good or bad, a network is kept as a **checkpoint** (this one only to see how): its weights, with plain facts beside them. `training.load` opens it with `weights_only=True`. Without that, a file from somebody else may run code on your machine as it is opened.

# %%
path = Path(tempfile.mkdtemp()) / "first.pt"
training.save(first, path, unit="5 h", middle_h=46.0, best_epoch=history.best_epoch)
again = nn.Sequential(nn.Linear(180, 16), nn.ReLU(), nn.Linear(16, 1))
print(training.load(again, path))
try:
    training.load(nn.Linear(25, 1), path)
except CourseError as error:
    print("Into another model:", error)

# %% [markdown]
# ### Exercise 2 · A network that reads hours · 4 points · 9 min
#
# Write the layers of `Reader`, and its `forward`: a CNN, a GRU, or what you like. `make_net` gives a new one, not trained. It takes a float32 tensor (batches, 36, 5), hours in the middle, and gives one number a batch, of shape (batches,): 0 is the mean of all batches, so it lies above or below. A batch gets the same number alone and among others (2 points). The order of the hours matters, and tags are not mixed up with hours; the last hours count, and those before (1 point). There are 100 to 5,000 weights, which training can reach; each new network begins with other ones (1 point).
#
# <details><summary>Hint 1</summary>
#
# Layers are made once, in `__init__`, and kept: `self.memory = nn.GRU(…)`. `forward` sends `x` through them.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `nn.GRU(5, 16, batch_first=True)` gives two things; the first holds its memory at each hour, (batches, 36, 16). `nn.Conv1d` wants tags before hours: `x.transpose(1, 2)`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# The memory at the last hour, `[:, -1]`, goes into a `nn.Linear(16, 1)`. What comes out has a column too many: `.squeeze(1)`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-network", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.memory = nn.GRU(5, 16, batch_first=True)
        self.last = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
        ### END SOLUTION

    def forward(self, x):
        number = ...
        ### BEGIN SOLUTION
        memory, _ = self.memory(x)
        number = self.last(memory[:, -1]).squeeze(1)
        ### END SOLUTION
        return number


def make_net():
    """Return a new network: (batches, 36, 5) to (batches,)."""
    return Reader()

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-network-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check asks new networks about tensors that it draws; nothing is trained.
result = trajectories.network(globals())
### BEGIN HIDDEN TESTS
result = trajectories.network(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Watch for** Shape (batches, 1) against a target (batches,): the loss compares each with each, and the network learns the mean. PyTorch only warns. And a GRU without `batch_first=True`: it runs, and lets batches look at each other.
#
# **Ask** How many weights has yours? How many batches does it learn from?
#
# **What it shows** The first network was best after epoch {{ history.best_epoch }}, with a loss of {{ min(history.validation_loss):.2f }} on the batches held back and {{ history.train_loss[-1]:.2f }} in training at its end.

# %% [markdown]
# ## One lucky seed · 12 min
#
# Now the race. Each of five **seeds** draws its own 120 of the pilot's 240 batches, and the first weights. All methods of a seed get the same batches, and are asked about the same 480 batches of the next series. The last column is your network, if exercise 2 gave one that can be trained; the course's GRU otherwise.

# %%
race = trajectories.race(globals())
race.round(2)

# %%
# Beside it: no model at all, and how far luck alone goes.
same = trajectories.next_series().ready_h.std()
print(f"Whoever says the mean of all misses by {same:.2f} h.")
spread = race.max() - race.min()
print("From luckiest to unluckiest seed:", spread.round(2).to_dict())

# %% [markdown]
# **How to read it.** One row a seed, usual misses in hours. The course's networks miss by 5.2 to 5.7 h, the mean of all by 5.5 h: with 120 batches they learn next to nothing. All of them, and the trees, get the tags as they were recorded. Have you put knowledge of the probes into your network? Then you may see another verdict, and it is right for your network.
#
# Each seed gave all methods the same batches, so compare **row by row**. Whoever tries ten networks and shows the luckiest one beside a single run of the trees can prove what he likes. The fair question is: how large is the difference *on average*, and how sure is that?

# %% [markdown]
# ### Exercise 3 · A verdict over five seeds · 5 points · 8 min
#
# Write `paired`. `trees` and `net` hold the misses of five seeds, arrays (5,). With the differences $d$ = net − trees, seed by seed, give the lower and the upper end of
#
# $$\bar d \pm 2.776 \cdot \frac{s_d}{\sqrt 5}$$
#
# (3 points). $s_d$ is the SD of a sample; 2.776 is the 97.5 % quantile of Student's t with four degrees of freedom. As the third thing give a word (2 points, once the interval is right): `"net"` if the whole interval lies below zero, `"trees"` if it lies above, else `"undecided"`.
#
# <details><summary>Hint 1</summary>
#
# The difference comes first, seed by seed; mean and SD afterwards.
#
# </details>
# <details><summary>Hint 2</summary>
#
# numpy's `std` divides by n. For a sample: `ddof=1`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# A smaller miss is better. If even the upper end of net − trees is below zero, the net is better.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-verdict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def paired(trees, net):
    """Return both ends of the interval on net less trees, and who is better."""
    low, high, better = ..., ..., ...
    ### BEGIN SOLUTION
    d = net - trees
    half = 2.776 * d.std(ddof=1) / np.sqrt(5)
    low, high = d.mean() - half, d.mean() + half
    better = "net" if high < 0 else "trees" if low > 0 else "undecided"
    ### END SOLUTION
    return low, high, better

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-verdict-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check draws four races.
result = trajectories.verdict(globals())
### BEGIN HIDDEN TESTS
result = trajectories.verdict(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %%
# Your verdict on the race above, if exercise 3 passes; the last words say whose it is.
told = trajectories.told(globals(), race)
print(told)

# %% [markdown]
# **What it hides.** The five rows share the 480 batches they are tested on, and one plant. The interval holds the luck of the seeds, and no other.

# %% [markdown] tags=["instructor"]
# **Ask** What does an interval over five seeds not hold? (Other test batches, another plant, another target.)
#
# **Watch for** Unpaired intervals: what a seed's draw of batches does to both methods falls out of the difference.
#
# **What it shows** {{ told }} The luckiest seed of the network missed by {{ race.iloc[:, -1].min():.2f }} h, the unluckiest of the trees by {{ race.iloc[:, 0].max():.2f }} h.

# %% [markdown]
# ## How much data does it take? · 9 min
#
# Your verdict is one for 120 batches, two years of this line. What with ten times as many? That takes too long for a notebook, so the table was measured before, by `benchmarks/learning_curve_trajectories.py` in the course's repository: five seeds each, on other series of the same line, tested on 480 batches of other lots. `low` and `high` are the ends of the interval on *GRU less trees*.

# %%
curve = trajectories.curve()
figures.show(
    trajectories.curve_figure(),
    "Misses against the number of batches learnt from, on a logarithmic axis. Up to 240 batches most "
    "runs of the networks stay near the mean of all; then they find what tells, and pass the trees "
    "on plain numbers. Bars reach from the luckiest to the unluckiest of five seeds.",
)
curve

# %% [markdown]
# **How to read it.** The order turns. Trees on plain numbers are good at once, and soon learn no more: what the numbers do not hold, no tree finds. A network must first find out what to look at. With a few years of batches it can not; with eight it does. (Trees with 120 batches miss by 4.1 h here, by 4.6 h in the race: other batches were learnt from, and others asked. Compare within one table.)
#
# **What it hides.** Luck: with 240 batches two of the CNN's five runs come as near as the trees do; the other three say little more than the mean. The plant: on four others the trees led with 120 and with 240 batches, the GRU with 960; with 480 it was open: where the order turns is no law. And the lowest line of all, which we come to.

# %% [markdown]
# ### Exercise 4 · Where the order turns · 4 points · 7 min
#
# Write `turns_at`. `sizes` are ascending numbers of batches; `low` and `high`, as long, are the ends of the interval on net less trees at each. Give two sizes:
#
# - the largest size up to which trees are **surely** ahead: there and at each smaller size the whole interval lies above zero; 0 if it does not at the smallest (2 points);
# - the smallest size from which on the net surely is: there and at each larger size the whole interval lies below zero; `np.inf` if it does not at the largest (2 points).
#
# <details><summary>Hint 1</summary>
#
# Trees are surely ahead where `low > 0`, the net where `high < 0`. In between nobody is.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For the first go up from the smallest size, and stop as soon as it does not hold. For the second come down from the largest.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Before the loops nobody leads: the first size is 0, the second infinite. `zip(sizes[::-1], high[::-1])` comes down; `break` ends a loop.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-turning", "locked": false, "schema_version": 3, "solution": true, "task": false}
def turns_at(sizes, low, high):
    """Return up to which size trees are surely ahead, and from which on the net is."""
    until, start = ..., ...
    ### BEGIN SOLUTION
    until, start = 0, np.inf
    for size, end in zip(sizes, low, strict=True):
        if end <= 0:
            break
        until = size
    for size, end in zip(sizes[::-1], high[::-1], strict=True):
        if end >= 0:
            break
        start = size
    ### END SOLUTION
    return until, start

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-turning-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws six learning curves, some with a lucky size.
result = trajectories.turning(globals())
### BEGIN HIDDEN TESTS
result = trajectories.turning(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# Now the function on the measured table: where does the order turn?

# %%
# Your `turns_at` on the table above, if exercise 4 passes; the last words say whose it is.
print(trajectories.turned(globals()))

# %% [markdown] tags=["instructor"]
# **Ask** The line makes 60 batches a year. When would you have tried the network again?
#
# **What it shows** GRU less trees: {{ curve.loc[120, "low"]:+.2f }} to {{ curve.loc[120, "high"]:+.2f }} h at 120 batches, {{ curve.loc[480, "low"]:+.2f }} to {{ curve.loc[480, "high"]:+.2f }} h at 480.
#
# **If short of time** Read the two sizes off the table together, and leave the function for the evening.

# %% [markdown]
# ## What a network has to find out · 12 min
#
# What did the networks find after 480 batches? Look at the first figure again. Each probe has its own calibration, so a level tells little. What tells is the *change within a batch*. Trees cut one column at a time: a difference of two columns takes them many cuts, and many batches. A network can learn it, from hundreds of batches. **You know it already.**

# %% [markdown]
# ### Exercise 5 · Features of your own · 5 points · 9 min
#
# Write `features`. It is given `values` and `hours` as `summary` is, and gives a table with one row a batch, whatever columns you like (NaN is allowed), from `values` and `hours` alone. The check lets boosted trees learn from 120 batches of the pilot series, three times, and asks about the next series.
#
# - Nothing that comes after 30 h has a part in it, and each batch has the same features alone as among others (1 point).
# - The trees on your features miss by **4.09 h at most** (4 points, once the first is so). On exercise 1's numbers they miss by 4.46 h, on the course's own features by 3.35 h: a third of the way is asked. On another plant it is a third of the way there; the check gives all three.
#
# <details><summary>Hint 1</summary>
#
# In the first figure five curves lie at five levels. What of each batch itself could bring them on top of each other?
#
# </details>
# <details><summary>Hint 2</summary>
#
# From 2 h to 8 h the medium is new, and no cell has swollen yet. A ratio of two means takes a factor out, a difference takes an offset out. Which hours tell most? Those right before the dashed line.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Cut by hours: `values[:, (hours >= 27) & (hours < 30)]`, `np.nanmean` along the hours, and the same for the start. More than one late block tells the shape. Plain levels may stay in the table.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-features", "locked": false, "schema_version": 3, "solution": true, "task": false}
def features(values, hours):
    """Return a table of features, one row a batch, of what is known at 30 h."""
    table = ...
    ### BEGIN SOLUTION
    def mean(first, last):
        return np.nanmean(values[:, (hours >= first) & (hours < last)], axis=1)

    start = np.maximum(mean(2, 8), 1e-3)  # of base there may be none yet
    late = [mean(first, last) / start for first, last in ((27, 30), (24, 27), (18, 24))]
    table = np.concatenate([mean(-6, 30), *late], axis=1)
    ### END SOLUTION
    return table

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-features-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check trains the same trees on your features, on exercise 1's numbers and on its own: some
# ten seconds.
result = trajectories.features(globals())
### BEGIN HIDDEN TESTS
result = trajectories.features(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# One line of knowledge is worth years of batches. In the figure above the line *trees, Exercise 5* has the course's features: with 120 batches they miss by less than any network there with 480, and up to 960 batches none passes them. How near yours come, the check says. What a network finds in thousands, that you did not think of, was not measured.
#
# And it is the knowledge that decides, **not the kind of model**. The same GRU, given each batch less its own mean from 2 h to 8 h, beats the trees on plain numbers in the race above, with 120 batches.

# %% [markdown] tags=["instructor"]
# **Ask** What would happen if the *network* got each batch beside its own start? (It learns sooner, too: with 120 batches such GRUs missed by less than 4 h in the race, the trees on plain numbers by 4.6 h.)
#
# **Watch for** Features scaled over all batches: at 30 h there is one batch.
#
# **What it shows** At 120 batches: trees on plain numbers {{ curve.loc[120, "boosted trees"] }} h, on own features {{ curve.loc[120, "trees, Exercise 5"] }} h, GRU {{ curve.loc[120, "GRU"] }} h; GRU at 960: {{ curve.loc[960, "GRU"] }} h.

# %% [markdown]
# ## Let the plant run on it · 15 min
#
# A year of the fast line, 60 batches with new lots and new hands. At 30 h trees are asked, that learnt from 120 batches of the pilot series: on exercise 1's numbers, and on your features where they answer. The crew comes at the forecast hour, to two hours. Beside them the plant harvests the very same batches always at 46 h, when those of the pilot series were ready on average, near enough.

# %%
years, figure, doses = trajectories.harvests(globals())
figures.show(figure, doses)
years

# %% [markdown]
# **How to read it.** Lots, hands, faults and luck are the same for all bars, so the gain is counted batch by batch, and its interval is that of paired differences. The table has no network: it shows what a better forecast of the trees is worth, plain numbers and your features, each against the fixed hour. It counts doses, not hours: a miss of one hour near the top costs next to nothing, one of ten hours most of the batch.
#
# **What it hides.** What the forecast costs: a crew that comes at night. And the batches that no forecast saves, because what went wrong with them began after 30 h.

# %% [markdown] tags=["instructor"]
# **Ask** What would a *perfect* forecast add? (In hindsight, the best of the even hours for each batch gives 25 % more than 46 h, the luck of that choice included. And 44 h would have been the best fixed hour, by one per cent: that is known afterwards only.)
#
# **What it shows** {{ doses }}

# %% [markdown]
# ### Exercise 6 · In your own words · 4 points · 10 min
#
# The head of production writes: *"A consultant has trained a deep network on our 120 batches. With one of its runs it was better than our trees were last year. Shall we buy it?"* Answer in four to six sentences that she can act on. Use your verdict, the learning curve and the last table; there is no need to work anything out.
#
# A person marks it, one point each for:
#
# - a clear answer for 120 batches, with the interval over five seeds;
# - why one run, compared with last year's batches, proves nothing;
# - at which number of batches you would ask again, and what knowledge in features is worth meanwhile;
# - what harvesting by a forecast is worth in doses, by trees on plain numbers and on your features, with its interval; and what you would watch in its daily use.

# %% [markdown] nbgrader={"grade": true, "grade_id": "trajectories-letter", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# No, not with 120 batches: over five seeds, on the same batches for both, the network missed the best hour by about 0.5 to 1.0 hours more than our trees did, and the whole interval is on the trees' side. One run may be a lucky one, and last year's batches were others, easier ones perhaps; only both methods on the same batches, several times, can tell. On our learning curve the order turns between 240 and 480 batches, so ask again when the line has made 480, in about six years. Until then it is cheaper to give the trees what we know: held against its own first hours each batch tells so much more that trees with 120 batches do better than the network with 480. In a year of the plant that forecast gave about 14 % more doses than a fixed hour, with an interval from 6 to 21 %; the trees as they are gave 8.5 %. I would count its misses every month, and check that it is given nothing that is recorded after hour 30.

# %% [markdown] tags=["instructor"]
# **Rubric** One point for each line; half points where a line is there but vague. What the learner's own tables say counts.
#
# - It answers by its own verdict for 120 batches, with both ends of the interval. For networks on the tags as recorded that is no, or *not yet*. A network that was given each batch beside its own start wins, or is undecided: then *yes, with that knowledge* is right, and so is asking whether the consultant's has it. Here: {{ told }}
# - It says that a single run holds the luck of its seed, and that methods must meet the same batches.
# - It names where the order turns (here trees until 240, the network from 480 batches on; *some hundreds* is enough), and that features beside a batch's own start are worth more than that.
# - It gives doses with an interval (trees on plain numbers, on own features, or both, each against the fixed hour), and names something to watch (a leak from after 30 h, drift, new lots, a dead probe). Here: {{ doses }}
#
# **Strong** *"Not now. We ran both five times on the same 120 batches; the network was worse each time, by nearly half an hour at the least. The consultant's one run against last year's trees compares luck with luck. By our curve a network pays from about 480 batches on; we have a quarter of that. What pays today is to hold each batch against its own start: in the trial year that gave a seventh more doses than harvesting at 46 h, at the least six per cent. I would watch the misses each month, and that nobody feeds it a finished record."* Four points.
#
# **Weak** *"Deep learning is the state of the art and was more accurate, so yes, but we need more data."* No point: it names no interval, no seeds, no number and no doses.

# %% [markdown]
# ## What we have seen · 2 min
#
# - A running batch is known up to now. The length of its record is the answer, and a leak.
# - One seed is an anecdote; five, paired, have an interval. On the tags as recorded, the trees won it with 120 batches, and on our curve the network from 480 on.
# - Each batch beside its own start: one line of knowledge was worth years of batches, and doses.
