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
#     title: "A forecast at 24 h after infection: deep net or boosted trees?"
#     minutes: 85
# ---

# %% [markdown]
# # A forecast at 24 h after infection: deep net or boosted trees?
#
# **Who asks.** The shift leader. A day after infection she must book the crew for the harvest. At which hour will there be most doses in the reactor?
#
# **Why it matters.** Each batch has a best hour of its own, from 45 to 80 h after infection. The plant harvests all of them near 56 h, and leaves about one dose in ten behind.
#
# **You will be able to**
#
# - make features of a running batch that hold nothing from its future;
# - write a network that reads hours, and say when its training ends;
# - compare two methods over five seeds, with an interval on paired differences;
# - read off a learning curve how much data a method needs;
# - write a verdict that somebody can act on.
#
# **Minutes:** 85. **Points:** 25, in six exercises. Each stands alone.

# %%
import numpy as np
import torch

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day2 import trajectories

figures.setup()

# %% [markdown]
# ## Batches, hour by hour · 8 min
#
# **First a guess, two minutes.** 120 batches to learn from, three days of 15 tags each. Which will forecast better: boosted trees on six means a tag, or a network that reads hour by hour? Write it down, and how sure you are. Then run the cells.

# %%
some = trajectories.traces()
print(some.values.shape, "batches, hours, tags; from hour", some.hours[0], "after infection")
print(f"best hour of harvest: {some.best_h.mean():.1f} h, SD {some.best_h.std():.1f} h")

# %%
figures.show(
    trajectories.traces_figure(some),
    "The capacitance of twelve batches, which follows the living cells. At the dashed line, 24 h after infection, the "
    "forecast is asked for. Each line ends with the harvest.",
)

# %% [markdown]
# **How to read it.** The laboratory kept samples of all 360 batches, and worked out afterwards at which hour a harvest would have given most doses. This hour is the target. The table holds whole batches: what comes right of the dashed line is there, and must not be used.

# %% [markdown]
# ## What is known by now · 12 min
#
# A batch that was harvested at 60 h has more rows than one harvested at 52 h. Whoever takes "the mean over the batch", "the last value", or pads all to one length, lets the model read the crew's decision. That is a **leak**: in the test it helps, at 24 h it is not there.

# %%
leaking = trajectories.leak()
leaking

# %% [markdown]
# **How to read it.** Asked for the hour at which the crew *did* harvest, trees know little at 24 h. Give them the length of the record as well, and about half of the miss is gone. Nothing in the table warns you.

# %% [markdown]
# ### Exercise 1 · What is known by now · 4 points · 10 min
#
# Write `summary`. `values` is an array (B, T, tags), NaN where a tag is missing and after the harvest; `hours` (T,) says at which hour after infection each row starts. Give the mean of each tag over the six blocks of 12 hours from -48 h to 24 h, an array (B, 6 · tags): all tags of the first block, then of the second, and so on. A gap is left out of its mean. A tag that is not there in a whole block stays NaN. The full record earns 2 points, the one with gaps 2.
#
# <details><summary>Hint 1</summary>
#
# Where does each block begin? `range(-48, 24, 12)`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A block holds the rows with `(hours >= first) & (hours < first + 12)`: hour 24 is no longer part of the last one.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.nanmean(values[:, block], axis=1)` is (B, tags); `np.concatenate(..., axis=1)` puts six of them side by side.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-summary", "locked": false, "schema_version": 3, "solution": true, "task": false}
def summary(values, hours):
    """Return the means of each tag over six blocks of 12 h until 24 h, (B, 6 * tags)."""
    means = ...
    ### BEGIN SOLUTION
    blocks = [(hours >= h) & (hours < h + 12) for h in range(-48, 24, 12)]
    means = np.concatenate([np.nanmean(values[:, b], axis=1) for b in blocks], axis=1)
    ### END SOLUTION
    return means

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-summary-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws batches of different length, with and without gaps.
result = trajectories.summary(globals())
### BEGIN HIDDEN TESTS
result = trajectories.summary(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Where else does a decision of people hide in the length of a record? (A stay in hospital, a log file that ends with the crash.)
#
# **Watch for** Filling gaps with zeros: a pH of 0 is a strong statement. Trees take NaN as it is.
#
# **What it shows** The crew's hour is missed by {{ leaking.iloc[0, 0] }} h without the length, and by {{ leaking.iloc[1, 0] }} h with it.

# %% [markdown]
# ## A network that reads hours · 13 min
#
# Trees get your six means. A network may read the hours themselves. `Scaling` takes means and SDs from the batches that are learnt from, and gives a tensor (B, 24, 23): 24 steps of 3 hours, 15 tags and 8 set points, a gap as 0, the mean.
#
# Three kinds of networks read it: an **MLP** sees all steps side by side, each with a weight of its own. A **1-D CNN** slides filters along the hours. A **GRU** goes from step to step and carries a memory.

# %% [markdown]
# ### Exercise 2 · A network that reads hours · 4 points · 11 min
#
# Write `make_net`. For a number of channels it gives a new module of your choice, an MLP, a CNN or a GRU, of a few thousand weights. It takes a tensor (B, 24, channels) and gives one number a batch, (B,): 2 points. The order of the hours must matter (1 point), and it must work with another number of channels (1 point, once the others are right).
#
# <details><summary>Hint 1</summary>
#
# For a GRU you need a class with `forward`; for the others `torch.nn.Sequential` and a `Flatten` nearly do.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.nn.GRU(channels, 20, batch_first=True)` gives two things; the second holds the last memory, (1, B, 20). `Conv1d` wants channels before hours: `x.transpose(1, 2)`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `self.last(self.memory(x)[1][-1]).squeeze(1)`, where `self.last` is a `Linear(20, 1)`. The 1 in `squeeze(1)` matters if there is one batch only.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_net(channels):
    """Return a new network: (B, 24, channels) to (B,)."""
    net = ...
    ### BEGIN SOLUTION
    class Reader(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.memory = torch.nn.GRU(channels, 20, batch_first=True)
            self.last = torch.nn.Linear(20, 1)

        def forward(self, x):
            return self.last(self.memory(x)[1][-1]).squeeze(1)

    net = Reader()
    ### END SOLUTION
    return net

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-network-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check asks new networks for tensors that are drawn; nothing is trained.
result = trajectories.network(globals())
### BEGIN HIDDEN TESTS
result = trajectories.network(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Watch for** Shape (B, 1) against a target (B,): the loss compares each with each, and the network learns the mean. PyTorch warns, in small print.
#
# **Ask** How many weights has each? (The GRU with 20 units 2,721, the MLP with 16 units 8,865.)

# %% [markdown]
# ## When to stop · 10 min
#
# A fifth of the 120 batches is kept out of the steps. While the loss on them falls, training goes on; when it has not got better for some epochs, the **patience**, it ends, and the weights of the best epoch are taken back.

# %% [markdown]
# ### Exercise 3 · When to stop · 4 points · 8 min
#
# Write `stop_early`. Given the validation losses, epoch by epoch, and a patience, give two numbers, counted from 1: after which epoch training ends (2 points), and of which epoch the weights are kept (2 points). It ends when `patience` epochs in a row were not better than the best before them, or with the last loss. Losses after the end do not exist yet.
#
# <details><summary>Hint 1</summary>
#
# Losses 3, 2, 2.5, 2.2, 1 with a patience of 2: it ends after epoch 4, and keeps epoch 2.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Go through the losses and note the best epoch so far. How long ago was it?
#
# </details>
# <details><summary>Hint 3</summary>
#
# `for epoch, loss in enumerate(losses, start=1)`; if the loss is lower than the best one, note both; if `epoch - best == patience`, return.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-stopping", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stop_early(losses, patience):
    """Return the last epoch and the best one, counted from 1."""
    last, best = ..., ...
    ### BEGIN SOLUTION
    best, lowest = 0, np.inf
    for last, loss in enumerate(losses, start=1):
        if loss < lowest:
            best, lowest = last, loss
        if last - best == patience:
            break
    ### END SOLUTION
    return last, best

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-stopping-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws five curves.
result = trajectories.stopping(globals())
### BEGIN HIDDEN TESTS
result = trajectories.stopping(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Why may the batches that stop the training not test the network as well? (They chose the epoch: it fits them by luck, too.)

# %% [markdown]
# ## One lucky seed · 16 min
#
# Now the race. Each of five seeds draws its own 120 batches out of 240, throws the first weights, and is tested on the same 120 others. The loop is the one that you wrote in the first notebook, as `training.fit`.

# %%
race = trajectories.race(globals())
race.round(2)

# %% [markdown]
# **How to read it.** One row a seed, misses in hours. The spread from seed to seed is as large as what lies between the methods: with one seed each, anybody can show what he likes. Each seed gave both methods the same batches, so compare **row by row**.

# %% [markdown]
# ### Exercise 4 · A verdict over five seeds · 5 points · 12 min
#
# Write `paired`. `trees` and `net` hold the misses of five seeds, (5,) each. With the differences $d$ = net − trees, give the lower and the upper end of
#
# $$\bar d \pm 2.776 \cdot \frac{s_d}{\sqrt 5}$$
#
# (3 points; $s_d$ is the SD of a sample, 2.776 the 97.5 % quantile of Student's t with four degrees of freedom), and a word: `"net"` if the whole interval lies below zero, `"trees"` if above, else `"undecided"` (2 points).
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
# `half = 2.776 * d.std(ddof=1) / np.sqrt(5)`; the net is better if `d.mean() + half < 0`.
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
told = trajectories.told(globals())
print(told)

# %% [markdown] tags=["instructor"]
# **Ask** Five seeds on one plant: what does the interval not hold? (Another plant, another target, and that all seeds share the same test batches.)
#
# **What it shows** {{ told }} The luckiest seed of the network missed by {{ race.iloc[:, 1].min():.2f}} h, the unluckiest by {{ race.iloc[:, 1].max():.2f}} h.

# %% [markdown]
# ## How much data does it need? · 10 min
#
# A verdict holds for 120 batches. What with 60, or with 1,000? That takes too long to train here: the table was measured once by `benchmarks/curve_trajectories.py` in the course's repository, on another history.

# %%
curve = trajectories.curve()
figures.show(
    trajectories.curve_figure(),
    "Means over seeds; the bars go from the luckiest seed to the unluckiest.",
)
curve

# %% [markdown]
# ### Exercise 5 · Where the order turns · 4 points · 8 min
#
# Write `turns_at`. `sizes` are ascending numbers of batches, `trees` and `net` the mean misses at each, arrays of one length. Give the smallest size from which the net misses by less and **stays** ahead at all larger ones (2 points). Being ahead once, and then no more, does not count (1 point). If the net is behind at the largest size: `np.inf` (1 point).
#
# <details><summary>Hint 1</summary>
#
# At which sizes is the net *not* ahead? What comes after the last of these?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.flatnonzero(net >= trees)` gives their places. It may be empty.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Or go from the largest size down, as long as the net is ahead.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "trajectories-turning", "locked": false, "schema_version": 3, "solution": true, "task": false}
def turns_at(sizes, trees, net):
    """Return the size from which the net is ahead and stays so, or infinity."""
    size = ...
    ### BEGIN SOLUTION
    size = np.inf
    for one, ours, theirs in zip(sizes[::-1], net[::-1], trees[::-1], strict=True):
        if ours >= theirs:
            break
        size = one
    ### END SOLUTION
    return size

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "trajectories-turning-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws learning curves that turn, that start with luck, and that never turn.
result = trajectories.turning(globals())
### BEGIN HIDDEN TESTS
result = trajectories.turning(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# ## Let the plant run on it · 6 min
#
# Your network, trained on all 360 batches, now says at 24 h when to harvest; the crew comes at the nearest even hour. The plant runs sixty new batches on it, with its lots, hands and faults.

# %%
rows, doses = trajectories.harvests(globals())
print(doses)
rows

# %% [markdown]
# **How to read it.** Each row is compared with the plant's usual hour, batch by batch. The last row asks no model at all: it is what a forecast has to beat.

# %% [markdown] tags=["instructor"]
# **What it shows** {{ doses }}

# %% [markdown]
# ## In your own words · 10 min

# %% [markdown]
# ### Exercise 6 · In your own words · 4 points · 10 min
#
# The head of production writes: *"Our new colleague has tried a network once, and it beat the trees. Shall we use deep learning from now on?"* Answer in four to six sentences. A person marks it, one point each for:
#
# - a clear answer for this plant and 120 batches, with the interval of your verdict over five seeds;
# - why one seed is not enough;
# - what the learning curve says about more or fewer batches;
# - what it comes to in doses, beside a fixed hour, and what you would watch.

# %% [markdown] nbgrader={"grade": true, "grade_id": "trajectories-letter", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# One run is no ground for it. We trained both methods on the same 120 batches with five seeds and compared them seed by seed; only if the whole interval of the difference lies on one side of zero is there a winner, and I attach ours. A single seed moves the miss by about as much as the methods lie apart, so either could have been shown to win. The learning curve tells how the order depends on the number of batches; we should look at it again when our history has doubled. In doses we compare both with a fixed later hour, which costs nothing: a forecast that does not beat it need not be kept. Whichever we take, the forecast uses nothing after 24 h, and I would count its misses each month.

# %% [markdown] tags=["instructor"]
# **Rubric** One point for each line; half points where a line is there but vague. What the learner's own table says counts.
#
# - It answers for 120 batches, with both ends of the interval: {{ told }}
# - It says that luck of the seed moves a single result by as much as the methods differ.
# - It names what the curve shows at fewer or at more batches.
# - It compares doses with a fixed hour, and names something to watch (a leak, drift, new lots).
#
# **Strong** *"Not on the strength of one run. On five seeds, each with the same 120 batches for both, here is the interval of the difference, and it says who is ahead, if anybody. One seed can fall either way. By the curve the order depends on how many batches we have. In doses, see the last table: a fixed later hour is the thing to beat. I would count the misses again after twenty batches."* Four points.
#
# **Weak** *"Deep learning is the state of the art and was better, so yes."* No point: no interval, no seeds, no size, no doses.

# %% [markdown]
# ## What we have seen · 2 min
#
# - A running batch is known up to now. The length of its record is a decision of tomorrow.
# - One seed is an anecdote. Five, paired, have an interval, and it may say: undecided.
# - Which method is better depends on how many batches there are, and is worth what the doses say.
