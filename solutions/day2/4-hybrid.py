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
#     title: What does a model add that knows mass balances?
#     minutes: 85
# ---

# %% [markdown]
# # I have 24 runs. What does a model add that knows mass balances?
#
# **Who asks.** The development laboratory. It has grown cells on carriers 24 times, four days each, with a sample a day. Next month it wants more carriers and more cells in leaner medium, and asks when such a culture should be infected.
#
# **Why it matters.** A culture that waits too long eats its medium up and starves. Infected too early, it is small. Nobody has run it before, and each try costs a week.
#
# **You will be able to**
#
# - write three mass balances, and step them through time so that gradients come back;
# - place a neural network where knowledge ends, behind a *seam* that holds what is known;
# - train it through the integrator, and see what it learned beside the truth;
# - tell which constants of a formula the data can not tell apart;
# - put intervals round a model that is asked where no data are, and count whether they hold.
#
# **Minutes:** 85. **Points:** 26, in six exercises. Each stands alone.

# %%
import numpy as np
import torch

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day2 import half_known

figures.setup()

# %% [markdown]
# ## 24 runs, and a black box · 8 min
#
# **First a guess, two minutes.** A run of next month starts with 18 mmol/L of glucose. After two days 6 are left. A neural network learned from 24 runs in which glucose fell the whole time, and in the leanest came down to 0.6. What will it say of day five? Write a number down. Then run the cells.

# %%
runs = half_known.runs()
print(runs.values.shape, "runs, days, quantities;", int(np.isnan(runs.values).sum()), "missing")
runs.table().head(4).round(1).T  # turned round, to fit the page

# %%
# Cells and glucose, run by run.
figures.show(
    half_known.runs_figure(),
    "Each line is a run. Cells grow to about a million a mL and slow down; glucose falls. A gap in "
    "a line is a reading that is missing.",
)

# %% [markdown]
# Three models learn from the table, from recipe and hour to the five quantities: PLS, a neural network, and a Gaussian process, which also knows that neighbours are alike. They know nothing of cells. Then each is asked about 40 runs of next month.

# %%
figure, below_zero = half_known.black_boxes()
figures.show(figure, below_zero)

# %% [markdown]
# **How to read it.** Less than nothing can not be in a vessel. Inside the range of the 24 runs the same models are good: you will see by how much. Outside they are off from the first day on, and go on as they went, for nothing in them says that glucose ends. Is your number nearer to theirs, or to the plant's?
#
# **What it hides.** The cells. With negative glucose they grow happily, and the model will say: wait.

# %% [markdown] tags=["instructor"]
# **Ask** Would more layers help? More runs of the same range? (Neither: what happens at the end of glucose is in no run.)
#
# **Watch for** The wish to clip predictions at zero. It mends the picture, not the cells, which would go on growing.
#
# **What it shows** {{ below_zero }}

# %% [markdown]
# ## What is known: three balances · 11 min
#
# In a closed vessel nothing is lost. What changes is what cells do:
#
# - cells divide: each adds its **growth rate** $\mu$ (1/h);
# - cells take up glucose: the **uptake** $q$ (pmol per cell and hour; a pmol is $10^{-12}$ mol);
# - of each glucose, 1.75 lactate come back.
#
# The balances are certain. The two rates are not: they depend on the medium, on crowding, on the lot, and nobody has the formula. So the balances will be written, and the rates learned. That is a **hybrid model**.

# %% [markdown]
# ### Exercise 1 · Three balances · 4 points · 9 min
#
# Write `balances`. `state` is a tensor (B, 3), one row a culture: cells (1/mL), glucose and lactate (mmol/L). `growth` (1/h) and `uptake` (pmol/cell/h) are tensors (B,). Give the rates of change per hour, a tensor (B, 3). Cells and lactate earn 1 point each, glucose 2.
#
# Use operations of torch only, and write into no tensor that came in: gradients must find their way back. The check looks whether they do.
#
# <details><summary>Hint 1</summary>
#
# What does one cell do in an hour? What do all cells of a mL do? What does it mean for a litre?
#
# </details>
# <details><summary>Hint 2</summary>
#
# pmol/cell/h times cells/mL is pmol/mL/h. A pmol/mL is a nmol/L, a millionth of a mmol/L.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `state[:, 0]` are the cells; glucose falls by `1e-6 * uptake * cells`. `torch.stack([...], dim=1)` makes one tensor of three columns.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "hybrid-balances", "locked": false, "schema_version": 3, "solution": true, "task": false}
def balances(state, growth, uptake):
    """Return the change per hour of cells, glucose and lactate, (B, 3)."""
    change = ...
    ### BEGIN SOLUTION
    cells = state[:, 0]
    used = 1e-6 * uptake * cells  # mmol/L/h
    change = torch.stack([growth * cells, -used, 1.75 * used], dim=1)
    ### END SOLUTION
    return change

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "hybrid-balances-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws cultures and rates, and looks at each of the three columns.
result = half_known.balances(globals())
### BEGIN HIDDEN TESTS
result = half_known.balances(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Watch for** The unit. Most people lose a factor of a million or a thousand on the way; the check names which. `torch.tensor([...])` of tensors cuts the gradient off: stack them.
#
# **Ask** What is not in these balances, and is in the vessel? (Attachment, death, decay of glutamine, evaporation. The plant's own equations have the first three.)

# %% [markdown]
# ## One step in time · 11 min
#
# A balance says how fast things change *now*. To come to the next sample one takes steps. The simplest is Euler's: slope times hour. Better is the classical method of Runge and Kutta (RK4): look at the slope four times, once at the start, twice in the middle, once at the end.
#
# $$k_1 = f(y),\quad k_2 = f(y + \frac{h}{2} k_1),\quad k_3 = f(y + \frac{h}{2} k_2),\quad k_4 = f(y + h\,k_3)$$
#
# $$y_{\text{next}} = y + \frac{h}{6}\,(k_1 + 2 k_2 + 2 k_3 + k_4)$$
#
# It is made of additions and multiplications. So PyTorch can go back through it, through a hundred of them, and say how the last sample would change if a rate were a little different. That is all the magic there is.

# %% [markdown]
# ### Exercise 2 · One step · 4 points · 9 min
#
# Write `rk4_step`. `slope` is a function of a state, such as (B, 3), that gives its rates of change; `h` is the length of the step. Give the state after it. It is tried on two systems, 2 points each. The slopes are also asked whether their state still carries a gradient.
#
# <details><summary>Hint 1</summary>
#
# Five lines: four slopes, and the sum.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Each slope starts from `state`, never from the last one: `state + h / 2 * k1`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# k2 and k3 count twice, and all is divided by six. `h` stands in the states in between and in the last line.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "hybrid-step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rk4_step(slope, state, h):
    """Return the state after one step of the classical Runge-Kutta method."""
    after = ...
    ### BEGIN SOLUTION
    k1 = slope(state)
    k2 = slope(state + h / 2 * k1)
    k3 = slope(state + h / 2 * k2)
    k4 = slope(state + h * k3)
    after = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    ### END SOLUTION
    return after

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "hybrid-step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check takes a step of two systems that are not linear, beside its own.
result = half_known.step(globals())
### BEGIN HIDDEN TESTS
result = half_known.step(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# Your two functions now run twelve steps of four hours. (The course's do, where yours do not answer yet, or let no gradient through. The table says whose.) Then PyTorch is asked: if cells grew by 0.001 1/h faster, what would be different after 48 hours?

# %%
by_gradient = half_known.gradient(globals())
by_gradient.round(4)

# %% [markdown]
# **How to read it.** The second column went back through 48 slopes in one go. The third ran the culture twice more, with a little more growth and a little less. They agree. With a network of a hundred weights the third way would take two hundred runs an update, the second still takes one.

# %% [markdown] tags=["instructor"]
# **Ask** Why four hours, and not one? (Each step costs. At four hours the plant's five maxima of these runs are right to 0.3 %; where glucose runs out it needs shorter ones, and predictions take one hour.)
#
# **Watch for** `.detach()` or `.item()` "to get rid of the error". It gets rid of the gradient.
#
# **What it shows** Growth of 0.001 1/h more: {{ by_gradient.iloc[0, 1]:+.3f}} million cells/mL after 48 h by autograd, {{ by_gradient.iloc[0, 2]:+.3f}} tried out.

# %% [markdown]
# ## The seam · 13 min
#
# Your three balances are a sketch. The plant's own equations hold attachment, death, glutamine, ammonium, oxygen and pH as well, and they have a hook: wherever they need a growth rate or a glucose uptake, they ask a network. It sees nine features of that moment, in this order and in these units:
#
# `glucose`, `glutamine`, `lactate`, `ammonium` (mmol/L), `cells` (1/mL), `dissolved oxygen` (%), `pH`, `temperature` (°C), `free share of the carriers' surface` (1 on bare carriers, 0 on full ones).
#
# A network says *any* number, and where it has seen no data it says nonsense. So between network and plant stands a **seam**: a few lines that turn raw numbers into rates, and put in what is known without data.

# %% [markdown]
# ### Exercise 3 · The seam · 5 points · 11 min
#
# Write `seam`. `raw` (B, 2) is what the networks say, any number; `features` (B, 9) are those above. Give two tensors (B,): growth (1/h) from the first column of `raw`, and glucose uptake (pmol/cell/h) from the second.
#
# - Rates of cells: never negative; growth up to 0.06 or so (at most 0.1), uptake up to 0.4 or so (at most 1). Living cells reach 0.035 and 0.35, so the seam must, too. And a network can only learn where there is a slope: the rates must rise with `raw` everywhere, as a sigmoid does, not go flat as a clamp does. Use operations of torch only, and write into no tensor that came in (1 point).
# - On full carriers nothing grows, on half full ones it still does. Glucose is taken up all the same: cells that do not grow still live (1 point).
# - Nothing comes of nothing: no growth and no uptake without glucose, no growth without glutamine. Both fade out gradually, in the last few mmol/L of glucose, and stay zero if a step ends slightly below zero (1 point).
# - Then the plant runs lean recipes with networks that say anything, and no concentration falls below zero (2 points).
#
# <details><summary>Hint 1</summary>
#
# `torch.sigmoid` brings any number between 0 and 1. Multiply it by the largest rate.
#
# </details>
# <details><summary>Hint 2</summary>
#
# What must vanish is multiplied by something that vanishes: the free share itself; for glucose, a factor that goes from 0 to 1, such as `glucose / (glucose + 1)`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `features[:, 8]` is the free share, `features[:, 0]` the glucose, `features[:, 1]` the glutamine, of which cells need little: 0.2 in place of 1. `.clamp(min=0)` comes first.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "hybrid-seam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def seam(raw, features):
    """Return growth (1/h) and glucose uptake (pmol/cell/h), (B,) each."""
    growth, uptake = ..., ...
    ### BEGIN SOLUTION
    glucose, glutamine = features[:, 0].clamp(min=0), features[:, 1].clamp(min=0)
    fed = glucose / (glucose + 1)
    built = glutamine / (glutamine + 0.2)
    growth = 0.06 * torch.sigmoid(raw[:, 0]) * features[:, 8] * fed * built
    uptake = 0.4 * torch.sigmoid(raw[:, 1]) * fed
    ### END SOLUTION
    return growth, uptake

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "hybrid-seam-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check asks for rates at the limits, then lets the plant run on your seam.
result = half_known.seam(globals())
### BEGIN HIDDEN TESTS
result = half_known.seam(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Is 1 mmol/L in `glucose / (glucose + 1)` knowledge or a guess? (A guess. The plant has 0.5. In the data glucose hardly gets there, so the network can not correct it. A seam is a place for what one is ready to defend.)
#
# **Watch for** A hard `if glucose > 0`: the integrator jumps over the edge. Growth that needs no glutamine: it goes below zero at the end of lean runs.

# %% [markdown]
# ## Through the integrator · 15 min
#
# Six small networks are trained side by side, each with 8 hidden units behind your seam. Each leaves another sixth of the runs out; you will need that later. `half_known.rough(globals())` builds them, and fits them to a first guess: between two samples cells grew by so much, and took up so much. That takes a second, needs no integrator, and is rough: a day lies between two samples, and each has its error. What is printed says whose seam is at work: yours, or the course's where yours can not be trained. Call the six with rows in six equal parts, one for each network.

# %%
measured = half_known.left_out(runs)  # (6, 24, 4, 5): NaN where missing, or left out
scale = torch.tensor(half_known.scale(), dtype=torch.float32)  # how much each quantity varies
rough = half_known.rough(globals())
with torch.no_grad():
    predicted = half_known.simulate(rough, runs)  # the plant's equations, from the recipes alone
print(rough)
print(tuple(predicted.shape), "networks, runs, days, quantities")

# %% [markdown]
# ### Exercise 4 · Through the integrator · 5 points · 12 min
#
# First write `misfit`: the mean square of (predicted − measured) / scale over all readings that are there; 1 point without gaps, 1 with gaps. Then train `hybrid`: start from `half_known.rough(globals())`, and let some 24 epochs of Adam go through the integrator. An epoch takes about 0.3 s on a quiet core. `half_known.epochs(hybrid, losses, 24)` counts them as `range(24)` does. It also draws the losses that you append to the list `losses`, has a button to stop, and leaves the best weights in `hybrid`. Train on `measured`, not on `runs.values`: each network must miss its sixth of the runs, or exercise 6 will count misses that are too small.
#
# The check asks your `hybrid` for its rates inside the plant, on 40 runs that it has not seen. Inside the range it misses by at most 0.8 of what the pure network does, which learned from the same 24 runs (1 point). Then: its growth rate is within 15 % of the plant's own, by the median (1 point); outside the range, in the first three days, it misses by at most 0.6 of the best pure model, and nothing falls below zero (1 point).
#
# <details><summary>Hint 1</summary>
#
# An epoch is: simulate all runs, `misfit`, `zero_grad`, `backward`, `step`, and the loss of the epoch into `losses`, as a plain number (`.item()`). No loader is needed: 24 runs fit at once.
#
# </details>
# <details><summary>Hint 2</summary>
#
# **NaN in training?** `nan_to_num` *after* the division, or `nanmean`, repairs the value and not the gradient: zero times NaN is NaN. Pick what is there first: `off[~torch.isnan(measured)]`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Adam with `lr=0.02` and `betas=(0.8, 0.95)` goes well, with `CosineAnnealingLR(optimizer, 24)` and with `torch.nn.utils.clip_grad_norm_` (a norm of 1) before each step. The loss should end near 0.025. **A rate is NaN on the way?** Lower the learning rate: steps that are too large drive glucose below zero.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "hybrid-trained", "locked": false, "schema_version": 3, "solution": true, "task": false}
def misfit(predicted, measured, scale):
    """Return the mean squared miss in units of scale, of the readings that are there."""
    loss = ...
    ### BEGIN SOLUTION
    off = (predicted - measured) / scale
    loss = off[~torch.isnan(measured)].square().mean()
    ### END SOLUTION
    return loss


hybrid = ...
### BEGIN SOLUTION
def train(hybrid):
    optimizer = torch.optim.Adam(hybrid.parameters(), lr=0.02, betas=(0.8, 0.95))
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 24)
    losses = []
    for _ in half_known.epochs(hybrid, losses, 24):
        loss = misfit(half_known.simulate(hybrid, runs), measured, scale)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(hybrid.parameters(), 1.0)
        optimizer.step()
        slower.step()
        losses.append(loss.item())
    return hybrid


hybrid = train(half_known.rough(globals()))
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "hybrid-trained-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check tries your misfit on small tensors, then your hybrid in the plant.
result = half_known.trained(globals())
### BEGIN HIDDEN TESTS
result = half_known.trained(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# Now all models side by side, on 40 runs inside the range and 40 outside. Two rows are new: a **formula** from a textbook, fitted to the same runs. One time for cells in suspension, which is how it is usually written; one time with the carriers' surface in it.

# %%
# All models on 80 runs; some 10 s.
table = half_known.scores(globals())
table

# %%
# What the networks learned, and what they were meant to learn.
figure, sentence = half_known.rates_figure(globals())
figures.show(figure, sentence)

# %%
# And the glucose that ran away from the black boxes.
figure, lowest = half_known.against_the_plant(globals())
figures.show(figure, lowest)

# %% [markdown]
# **How to read it.** Misses are in SDs of the 24 runs. The check above asked other runs, and outside only their first three days, so its numbers differ a little from these. A first guess at the rates came from differences between samples. The curves that you see the networks learned from daily samples, through the balances. The true rate, which no plant would show you, lies over them. Outside the data the six networks part, and the seam holds the end.
#
# **What it hides.** Look at the last row but one of the table: **whoever has the right formula wins.** Here it is nearly the plant's own, for the course wrote both. One term forgotten, the surface, and inside the range it is no better than PLS. The hybrid stands between: it needs the balances, not the formula. Nor is it always far ahead inside the range: on two of ten plants the hybrid's miss was more than 0.8 of the Gaussian process's.

# %% [markdown] tags=["instructor"]
# **Ask** Which knowledge did the most outside, the balances or the seam? (Set `features[:, 8]` to 1 in the seam, train again, and look at the table.)
#
# **Watch for** An exercise done by `lr=0.1` and 100 epochs: glucose runs out on the way, the steps of four hours blow up, and the plant says which rate was NaN.
#
# **What it shows** Inside, the hybrid misses by {{ table.loc["hybrid", "miss inside"] }}, the pure network by {{ table.loc["pure network", "miss inside"] }}, the Gaussian process by {{ table.loc["Gaussian process", "miss inside"] }}. Outside: {{ table.loc["hybrid", "miss outside"] }} against {{ table.loc["pure network", "miss outside"] }} and {{ table.loc["Gaussian process", "miss outside"] }}. {{ sentence }} On ten plants the hybrid's miss inside was 0.33 to 0.75 of the pure network's, and 0.37 to 0.94 of the Gaussian process's, the best of the three, so the check asks for 0.8 of the network only; outside at most 0.2 of the best. Its growth rate was within 15 % on nine of ten, 25 % off on the other.
#
# **If short of time** Give `misfit`, and let them write the loop.

# %% [markdown]
# ## Told apart? · 10 min
#
# The formula is the last but one row above: the textbook's, with the carriers' surface in it. It has five constants. `mu_max` (1/h) is the fastest growth. `K_lactate` and `K_ammonium` (mmol/L) say at how much lactate and ammonium growth is halved. `yield` (million cells per µmol) says how many cells come of the glucose that goes into growth, and `maintenance` (pmol/cell/h) what a cell eats only to live. The fit forecasts well. So are its constants those of the plant?
#
# `fit.sensitivities` has one row a reading and one column a constant: by how many SDs of its error the reading moves if the constant's logarithm grows by one. A small step $\delta$ of the logarithms then changes the misfit by $\delta^T S^T S\, \delta$, and what the data leave open is
#
# $$C = (S^T S)^{-1}$$
#
# The diagonal of $C$ holds the variances of the constants' logarithms: their roots are relative errors. Divide each $C_{ij}$ by both errors, and you have the correlations.

# %%
fit = half_known.fitted()
fit.sensitivities.describe().loc[["count", "std"]].round(1)

# %% [markdown]
# ### Exercise 5 · Told apart? · 4 points · 8 min
#
# Write `told_apart`. From an array of sensitivities (N, P) it gives the standard errors (P,) and the correlations (P, P) of the constants' logarithms; 2 points each.
#
# <details><summary>Hint 1</summary>
#
# The formula above is one line of numpy.
#
# </details>
# <details><summary>Hint 2</summary>
#
# First the inverse of the whole matrix, then its diagonal. The other way round is the error of a constant if all the others were known.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.linalg.inv(slopes.T @ slopes)`; `np.outer(errors, errors)` is the table of products.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "hybrid-apart", "locked": false, "schema_version": 3, "solution": true, "task": false}
def told_apart(slopes):
    """Return standard errors (P,) and correlations (P, P) of constants' logarithms."""
    errors, correlations = ..., ...
    ### BEGIN SOLUTION
    covariance = np.linalg.inv(slopes.T @ slopes)
    errors = np.sqrt(np.diag(covariance))
    correlations = covariance / np.outer(errors, errors)
    ### END SOLUTION
    return errors, correlations

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "hybrid-apart-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check hands in sensitivities of a plant, and some that are drawn.
result = half_known.apart(globals())
### BEGIN HIDDEN TESTS
result = half_known.apart(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %%
# Your errors beside the fit, and beside the truth.
constants = half_known.constants(globals())
constants

# %%
# Your correlations: near 1 or -1, one constant can do the other's work.
correlations = half_known.correlations(globals())
correlations

# %% [markdown]
# **How to read it.** The two inhibitions are hardly known at all: lactate and ammonium rise together in all 24 runs, so one can do the other's work. `yield` and `maintenance` are tied even more strongly: both say where the glucose went. The forecasts do not mind. A paper that prints the fitted constants as the biology of the cell does.
#
# **What it hides.** The error is that of a formula which is right, and this one is only nearly right. Look at `mu_max`: the error is a few per cent, and the plant's value lies much further off. The plant's growth also depends on oxygen, pH and glutamine. The formula leaves them out, so its `mu_max` stands for the plant's times what they cost. An error bar from a formula that is wrong is too small. And an error of 60 % comes from slopes at one point: so far away from it the slopes are others, and the number is only a hint.

# %% [markdown] tags=["instructor"]
# **Ask** Which run would tell the two apart? (One with ammonium added at the start, or with much glutamine and little glucose. Day 3 designs such runs.)
#
# **What it shows** Fitted `K_lactate` {{ constants.loc["K_lactate", "fitted"]:.0f}} mmol/L, the plant's own {{ constants.loc["K_lactate", "plant"]:.0f}}; relative error {{ constants.loc["K_lactate", "relative error, %"]:.0f}} %. `K_ammonium` {{ constants.loc["K_ammonium", "fitted"]:.1f}} against {{ constants.loc["K_ammonium", "plant"]:.0f}}, error {{ constants.loc["K_ammonium", "relative error, %"]:.0f}} %.

# %% [markdown]
# ## As wide as it must be · 10 min
#
# Six networks say six things. Their spread is often sold as an interval. But they learned from nearly the same runs, by the same seam: they agree in what they have wrong. What they are good for is to say *where* less is known.
#
# So use both. For each reading of the 24 runs there is a network that did not see the run: its **miss** is honest. Divide its size by the spread there. Of these numbers take the one that is large enough, as on day 1: of $n$, number $\lceil (n+1) \cdot \text{level} \rceil$. A new interval is this number times the new spread, to both sides.

# %%
known = half_known.unseen(globals())  # in million cells/mL
known.head(3).round(3)

# %% [markdown]
# ### Exercise 6 · As wide as it must be · 4 points · 8 min
#
# Write `interval`. It is given `predicted` and `spread` of new readings, arrays of one length; `misses` and `spreads` of known ones, arrays of another; and a level such as 0.9. Give the lower and the upper ends. Two cases earn 2 points and 1; the last one is for too few misses, where no finite width is honest: `np.inf` (once the others are right).
#
# <details><summary>Hint 1</summary>
#
# How large is a miss, measured by the spread that the networks had there?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Sort these numbers. With 27 misses and 80 % it is number 23, counted from one: 0.8 · 28 is 22.4.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.sort(np.abs(misses) / spreads)`, `int(np.ceil(...))`; Python counts from zero. First ask whether there is such a place at all.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "hybrid-interval", "locked": false, "schema_version": 3, "solution": true, "task": false}
def interval(predicted, spread, misses, spreads, level):
    """Return the ends of intervals that hold a new reading with this chance."""
    low, high = ..., ...
    ### BEGIN SOLUTION
    units = np.sort(np.abs(misses) / spreads)
    place = int(np.ceil((len(units) + 1) * level))
    wide = units[place - 1] if place <= len(units) else np.inf
    low, high = predicted - wide * spread, predicted + wide * spread
    ### END SOLUTION
    return low, high

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "hybrid-interval-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws misses and spreads, and compares the widths.
result = half_known.interval(globals())
### BEGIN HIDDEN TESTS
result = half_known.interval(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %%
# Forty new runs inside and forty outside, with hands and errors; some 10 s.
figure, held = half_known.coverage(globals())
figures.show(figure, held)

# %% [markdown]
# **How to read it.** Each group of three: the networks' spread taken for a bell curve; misses counted, one width for all; misses counted in units of spread. Inside, counting is enough. Outside, one width is too narrow: new runs miss by more than known ones did. The spread has grown there as well, and carries the interval along.
#
# **What it hides.** Nothing promises that outside. Counting is honest for runs *like* those counted. That the spread grows as the misses do is luck that can be hoped for, and must be counted again when the first new runs are in.

# %% [markdown] tags=["instructor"]
# **Ask** Whose intervals have you seen that were never counted? (A published hybrid model reports that its 90 % intervals held 38 %. That it says so is to its credit.)
#
# **What it shows** {{ held }}

# %% [markdown]
# ## Let the plant run on it · 5 min
#
# Back to the question. 40 runs outside the range: when to infect? Each model foretells the cells of each run, hour by hour, and the batch is infected when they are most. The plant then infects, harvests 57 hours later, purifies and releases, with its lots, hands and faults.

# %%
rows, figure, doses = half_known.infections(globals())
figures.show(figure, doses)
rows

# %% [markdown]
# **How to read it.** The pure models see cells grow on for ever: they wait until the last hour, when the culture has starved for two days. Dead cells leave DNA and protein behind, so what is made is rejected as well. The usual hour is too late, too, for these recipes. The hybrid knows that glucose ends, and when.
#
# **What it hides.** Most cells are not quite most doses: a little earlier, cells are fresher. And forty runs at once is the test; the laboratory would try two, look, and train again.

# %% [markdown] tags=["instructor"]
# **Ask** What would you tell the laboratory to measure in its first two runs? (Glucose twice on the second day: it is there that the models part.)
#
# **What it shows** {{ doses }}

# %% [markdown]
# ## What we have seen · 2 min
#
# - What is certain, balances and ends, is written down; what is not is learned, through the integrator, from few runs.
# - A black box extrapolates below zero, a formula that lacks one term is no better than a black box inside, and its constants mislead, and a good forecast does not vouch for its constants.
# - A spread of networks says where, not how much: count misses on unseen runs, and count again where you have never been.
