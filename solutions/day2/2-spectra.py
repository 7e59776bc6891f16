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
#     title: Glucose every 15 minutes, from Raman
#     minutes: 85
# ---

# %% [markdown]
# # Glucose every 15 minutes, from Raman
#
# **Who asks.** The shift. Glucose is measured every two hours, by a person with a syringe. A laser shines into the vessel every quarter of an hour. Can it say how much glucose is left?
#
# **Why it matters.** A sample costs work and may let germs in. And between two samples nobody knows.
#
# **You will be able to**
#
# - take out of a spectrum what says nothing of glucose;
# - leave whole batches out, and say why rows are not enough;
# - name the rival that needs no laser: the clock;
# - train a network on spectra, and find whether and from how many batches on it is worth its work;
# - find, report and mend the bias of a calibration that met its first real process.
#
# **Minutes:** 85. **Points:** 27, in six exercises. Each stands alone.

# %%
import numpy as np
import torch
from chemotools.derivative import SavitzkyGolay
from chemotools.feature_selection import RangeCut
from scipy.signal import savgol_filter
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import LeaveOneGroupOut, LeaveOneOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from torch import nn

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures, training
from vaxlab.lessons.day2 import raman

figures.setup()

# %% [markdown]
# ## A laser in the broth · 7 min
#
# **First a guess, two minutes.** Eight batches, each at the same hour, with a few grams of glucose more or less. How will their spectra differ: in a few thin bands, or all over? Write it down. Then run the cells.
#
# The probe takes a spectrum every 15 minutes. To learn from, a spectrum needs a reading beside it, measured in a sample next to the vessel ("at line"). So only one in eight is in the history, every two hours: 74 to 78 of each batch. A trained sensor can be asked about all.

# %%
history = raman.history()
print(history.counts.shape, "spectra, channels;", len(np.unique(history.batch)), "batches")
print("read at line, g/L:", history.read[:3].round(2).tolist())

# %%
# One spectrum each; the legend says how much glucose there was.
figures.show(
    raman.spectra_figure(),
    "Eight curves of one shape, one above the other. Their heights and slopes differ far more than "
    "their bands, and not in the order of their glucose.",
)

# %% [markdown]
# **How to read it.** The broad hill is fluorescence of cells and medium. The thin bands on it are molecules; glucose has one near 1125 1/cm. Height and slope of the hill belong to the batch: how the probe sits, how old the laser is.
#
# **What it hides.** The glucose. Nobody can see it here, and a model will.

# %% [markdown] tags=["instructor"]
# **Ask** Which of these differences would you believe, if you had to bet on glucose? (None by eye.)

# %% [markdown]
# ## What says nothing of glucose · 10 min
#
# Two steps take most of it away, spectrum by spectrum:
#
# - the **first derivative**, by Savitzky and Golay: a small parabola is laid through 11 neighbours, and its slope taken. A constant is gone, a slope has become a constant;
# - the **standard normal variate** (SNV): take away the spectrum's own mean, divide by its own SD. Now a weaker laser is the same laser.
#
# The package chemotools has both as transformers for pipelines (`SavitzkyGolay(window_length=11, polyorder=2, deriv=1)` in `chemotools.derivative`, `StandardNormalVariate()` in `chemotools.scatter`). Here you write them once.

# %% [markdown]
# ### Exercise 1 · What says nothing of glucose · 4 points · 8 min
#
# Write `prepare`. It is given counts (N, 551), leaves them as they are, and gives a new array with as many rows. It must treat each spectrum by itself and still see 3.6 g/L more glucose (20 mmol/L); without that there are no points. And what it gives must hardly change, by at most 0.02 of the SD of all its values, where the laser is weaker (1 point), the background higher by a constant (1 point), or tilted (2 points).
#
# <details><summary>Hint 1</summary>
#
# Which step removes a constant? Which one a factor? In which order?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `savgol_filter(counts, 11, 2, deriv=1, axis=1)`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `.mean(axis=1, keepdims=True)` is one mean a spectrum, and `.std` alike. With `axis=0` it would be one a channel, and of a spectrum alone 0 / 0 would be left.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "spectra-prepare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prepare(counts):
    """Return spectra without what power and background do."""
    prepared = ...
    ### BEGIN SOLUTION
    slope = savgol_filter(counts, 11, 2, deriv=1, axis=1)
    centred = slope - slope.mean(axis=1, keepdims=True)
    prepared = centred / slope.std(axis=1, keepdims=True)
    ### END SOLUTION
    return prepared

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "spectra-prepare-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check changes the light and the background, and adds glucose.
result = raman.prepare(globals())
### BEGIN HIDDEN TESTS
result = raman.prepare(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %%
# The same eight, below as your function (the course's, where yours gives none) leaves them.
figures.show(
    raman.spectra_figure(globals()),
    "Above, eight curves at eight heights. Below, they lie on one another but for small differences.",
)

# %% [markdown] tags=["instructor"]
# **Ask** What do we lose? (Heights: had a probe that fouls told of itself by them, we would no longer hear it.)
#
# **Watch for** SNV with `axis=0`. That is a scaler: it learns from other spectra. And for "so raw counts are useless": on ten plants, PLS on raw counts missed 0.33 g/L on average, on prepared ones 0.29. PLS finds most of this by itself. What it does not know is a laser that gets weaker tomorrow.

# %% [markdown]
# ## Batches left out · 10 min
#
# Two spectra of one batch share its probe, its lot of medium, its background. A model that met one knows the other. So a split of *rows* asks: can it do the batches that it knows? The shift asks about the next one.

# %%
# Both models learn from four batches.
split = raman.row_split()
split.round(2)

# %% [markdown]
# **How to read it.** Glucose, in g/L: the root of the mean square of all misses (RMSE). By rows, the spectrum that is most like this one is its neighbour of two hours ago, in the same batch. Of the next batch there is no neighbour.

# %% [markdown]
# ### Exercise 2 · Batches left out · 5 points · 8 min
#
# Write `error_by_batch`. It is given a model of scikit-learn (not trained), counts, values (N,) and the batch of each row. Counts may be any table (N, any), prepared already: leave them as they are. Each batch must be predicted by a model that has not met it. Give one number: the root of the mean square of all misses. One case has 12 batches (3 points), one only 3 (2 points).
#
# <details><summary>Hint 1</summary>
#
# How many models have to be trained, if each batch is left out once?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `cross_val_predict` takes `groups=` and a `cv` that minds them.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `LeaveOneGroupOut` leaves each batch out once, however many there are. `.ravel()` makes one row of numbers of what PLS says.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "spectra-by-batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def error_by_batch(model, counts, values, batch):
    """Return the RMSE of predictions of batches that the model has not met."""
    error = ...
    ### BEGIN SOLUTION
    folds = LeaveOneGroupOut()
    said = cross_val_predict(clone(model), counts, values, groups=batch, cv=folds)
    error = np.sqrt(np.mean((said.ravel() - values) ** 2))
    ### END SOLUTION
    return error

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "spectra-by-batch-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check hands in a model that remembers which batches it was trained on.
result = raman.by_batch(globals())
### BEGIN HIDDEN TESTS
result = raman.by_batch(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Ask** Which of the two models would the split by rows have chosen? (The three nearest spectra: {{ split.iloc[1, 0]:.2f}} g/L by rows, {{ split.iloc[1, 1]:.2f}} on new batches. PLS: {{ split.iloc[0, 0]:.2f}} and {{ split.iloc[0, 1]:.2f}}.)

# %% [markdown]
# ## The clock · 10 min
#
# Lactate rises in every batch, in much the same way. Who knows the hour knows a good deal of it. So a spectrum has a rival without a laser: the mean of the known batches at this hour. A sensor that does not beat it has perhaps learned to tell the time. Glucose goes its own way: before infection it falls by some 3 g/L in one batch and rises in another. There the clock is a weak rival, hardly better than one mean for all hours.
#
# One thing to mind: at hour 0, with the virus, the medium is exchanged, and glucose jumps.

# %% [markdown]
# ### Exercise 3 · The clock · 4 points · 8 min
#
# Write `clock`. It is given hours since infection and readings of known batches, in no order, and hours that are asked for. Give one number for each of these. It is tried on two drawn courses of 24 batches, one that falls and one that rises. For each it should be off the true mean course of these batches by at most 0.3 g/L (root mean square, 1 point), and then also within an hour of the exchange (1 point).
#
# <details><summary>Hint 1</summary>
#
# For one hour that is asked for: which readings would you average?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Those within an hour and a half, on the same side of hour 0. And if there are none? The nearest ones.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `(hours >= 0) == (hour >= 0)` marks what is on the same side. Among these, `np.abs(hours - hour)` says how far away each reading is; `.min()` of it is the nearest.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "spectra-clock", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clock(hours, read, asked):
    """Return the mean reading of known batches near each hour that is asked for."""
    said = ...
    ### BEGIN SOLUTION
    said = np.empty(len(asked))
    for k, hour in enumerate(asked):
        same = (hours >= 0) == (hour >= 0)
        away = np.abs(hours[same] - hour)
        said[k] = read[same][away <= max(1.5, away.min())].mean()
    ### END SOLUTION
    return said

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "spectra-clock-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws batches round a course that it knows.
result = raman.clock(globals())
### BEGIN HIDDEN TESTS
result = raman.clock(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# ## A sensor · 10 min
#
# Partial least squares (PLS) finds the few directions of the spectra that move with what was read. Too few of them and it is blind, too many and it learns backgrounds. Errors on batches left out can choose; here by your `error_by_batch`, beside what was read at line.

# %%
# One, four, twenty components, on every fourth reading.
raman.choose(globals()).round(2)

# %% [markdown]
# ### Exercise 4 · A sensor · 5 points · 8 min
#
# Make `sensor`: a fitted model with `.predict`, from raw counts (N, 551) to glucose and lactate (N, 2) in g/L. So the preparation has to be inside: your `prepare`, or, if exercise 1 is still open, the two steps of chemotools. It is judged on twelve new batches. Its RMSE is at most 0.5 g/L of glucose and 0.4 of lactate (1 point each). For glucose the clock's is at least 1.5 times as large (1 point); that is easily had, for of glucose the clock knows little. One spectrum alone gets the answer that it gets among others (1 point). With two fifths less light, glucose moves by at most 0.1 g/L (1 point).
#
# <details><summary>Hint 1</summary>
#
# `history.read` has both columns; PLS takes both at once.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `FunctionTransformer(prepare)` puts your function into a pipeline.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `make_pipeline` takes both; the pipeline is fitted once, on all of `history.counts`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "spectra-sensor", "locked": false, "schema_version": 3, "solution": true, "task": false}
sensor = ...
### BEGIN SOLUTION
sensor = make_pipeline(FunctionTransformer(prepare), PLSRegression(4, scale=False))
sensor.fit(history.counts, history.read)
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "spectra-sensor-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check lets your sensor watch twelve new batches.
result = raman.sensor(globals())
### BEGIN HIDDEN TESTS
result = raman.sensor(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# ## PLS or a network? · 18 min
#
# PLS weighs every channel once. A **1-D convolution** slides a few short filters along the spectrum, so what it learns of a band's shape in one place it knows in all places. A second layer combines what the first one found. Then a head says two numbers.
#
# `Conv1d` wants three axes: spectra, kinds of signal (one here), channels. `[:, None, :]` puts the middle one in. A filter of 15 channels that moves on by 3 turns 551 channels into (551 - 15) // 3 + 1 = 179 places.

# %%
class Network(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.filters = nn.Sequential(
            nn.Conv1d(1, 8, kernel_size=15, stride=3), nn.SiLU(),
            nn.Conv1d(8, 16, kernel_size=9, stride=3), nn.SiLU(), nn.Flatten(),
        )
        width = self.filters(torch.zeros(1, 1, channels)).shape[1]
        self.head = nn.Sequential(nn.Linear(width, 32), nn.SiLU(), nn.Linear(32, 2))

    def forward(self, spectra):
        return self.head(self.filters(spectra[:, None, :]))

network = Network(551)
print(sum(p.numel() for p in network.parameters()), "weights;", network(torch.zeros(7, 551)).shape)

# %% [markdown]
# It is trained by the loop of notebook 1, which `training.fit` keeps. Three things are the same as ever: the spectra are prepared, the targets are brought to mean 0 and SD 1, and some **whole batches** are held back, to tell when to stop. Three words of the cell: `SiLU` is a soft bend between two layers; `weight_decay` keeps weights small; `patience` ends the training when so many epochs in a row brought nothing better.

# %%
# Some seconds. The button stops the training and keeps the best weights.
device = "cuda" if torch.cuda.is_available() else "cpu"
x, batch = raman.prepared(globals(), history.counts), history.batch
y = (history.read - history.read.mean(axis=0)) / history.read.std(axis=0)
held = np.isin(batch, np.unique(batch)[::6])
training.seed_all(0)
network = Network(x.shape[1]).to(device)
run = training.fit(
    network, nn.functional.mse_loss, (x[~held], y[~held]), validation=(x[held], y[held]),
    epochs=20, patience=6, weight_decay=1e-2, curve=training.LiveCurve("Glucose and lactate, loss"),
)
print(f"best epoch: {run.best_epoch} of {len(run.train_loss)}, {run.seconds:.0f} s")

# %% [markdown]
# **How to read it.** The loss is in squared SDs. On the batches that it learns from it goes on falling; on the batches held back it does not. From the best epoch on, the network learns those batches by heart.

# %% [markdown]
# ### Exercise 5 · More spectra than there are · 4 points · 8 min
#
# The derivative is a formula that somebody chose, and it makes noise louder. A network could do without it, had it met enough backgrounds. But each batch has only one. So make more: copies with other backgrounds and the same readings. That is **augmentation**.
#
# Write `augment`. Given counts (N, 551) and a generator, it gives copies that differ by 2 % of the mean count or more. A good sensor must read the same glucose in them, to 0.5 g/L (2 points; without it there are none). What changes is smooth, and SNV alone does not take it away again (1 point). Each spectrum has a change of its own: two that are alike come out differently (1 point).
#
# <details><summary>Hint 1</summary>
#
# What is a background like, that a band is not? Smooth. And what does SNV take away? A factor and a constant.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Let x go from -1 to 1 along the channels. `a * x + b * x**2`, with a and b of each spectrum's own, is a slope and a bend.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `rng.standard_normal((len(counts), 2)) @ np.stack([x, x**2])` draws all of them at once. Scale them by the mean count of each spectrum: a tenth of it is much.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "spectra-augment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def augment(counts, rng):
    """Return copies with other backgrounds and the same bands."""
    copies = ...
    ### BEGIN SOLUTION
    x = np.linspace(-1, 1, counts.shape[1])
    bent = 0.15 * rng.standard_normal((len(counts), 3)) @ np.stack([x, x**2, x**3])
    copies = counts + counts.mean(axis=1, keepdims=True) * bent
    ### END SOLUTION
    return copies

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "spectra-augment-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check looks at the change, and asks a good sensor.
result = raman.augment(globals())
### BEGIN HIDDEN TESTS
result = raman.augment(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# **Now a race, and a guess first.** Four ways:
#
# | | spectra | copies |
# |---|---|---|
# | PLS, components chosen by batches left out | prepared | none |
# | network | prepared | none |
# | network, SNV only | scaled, no derivative | none |
# | network, SNV and copies | scaled, no derivative | three of each, by your `augment` |
#
# And three sizes: two batches with all their spectra; 24 batches with six each, which are no more spectra; 24 with all. Which size will be best, and who wins where? Write it down.

# %%
# Some 20 seconds: four ways, three sizes, twelve new batches.
table = raman.race(globals())
figures.show(
    raman.race_figure(table),
    "Lines: means of six draws, all spectra. Large markers: your own race, hollow where a batch has six "
    "spectra. It is one draw: two batches may be unlucky ones, and all methods then stand far above their "
    "lines. The network with neither derivative nor copies stands highest where batches are few.",
)
table.pivot(index=["batches", "spectra of each"], columns="method", values="glucose").round(2)

# %% [markdown]
# One race is one draw. Six were run beforehand, each with other batches to learn from and another plant to be asked about. In brackets stands by how much a network misses more (+) or less (-) than PLS on the same draw: 95 % intervals. **Look for the crossover yourself**: from how many batches on, and with how many spectra of each, does an interval lie below zero?

# %%
raman.races("glucose")

# %%
# The same for lactate.
raman.races("lactate")

# %% [markdown]
# **How to read it.** Two batches with some 76 spectra each and 24 batches with 6 each are about as many spectra, and the 24 miss about half as much glucose or less, whatever the method. **Batches count, not spectra**: all spectra of a batch share one background.
#
# Then the two last columns. Without derivative and copies the network is lost: it has never seen such a background. Your copies bring it back, as far as the derivative does. **Preparation and augmentation say the same thing in two ways**: what does not matter.
#
# Last, the crossover. Up to eight batches no network beats PLS, and with six spectra of each none does even at 96. With copies and all spectra, lactate's interval just touches zero at 24 batches (its upper end lies less than a thousandth below) and lies below it at 96. Glucose's touches zero at 96, from above. Ends that would round to zero stand there with four decimals. So a crossover is there for lactate, for glucose it is not shown, and most plants have fewer batches than that with a probe in the vessel.
#
# **What it hides.** The cost. PLS has one number to choose, and on 24 batches it is chosen and fitted in a third of a second, the network in one and a half; the network has a dozen such numbers, chosen once here and not tuned. And these backgrounds are made by a formula much like yours. A real probe's are not.

# %% [markdown] tags=["instructor"]
# **Ask** From how many batches on would you say "network"? And if the glucose pump hung on it? (What would a wrong step of a network look like, and who would notice?)
#
# **Watch for** "The network won" from one marker. An interval that holds zero decides nothing. And for a rival that nobody tuned: here PLS chose its components, and the network none of its dozen numbers.
#
# **What it shows** Glucose, all spectra of 8 batches, six draws: PLS {{ raman.races().loc[(8, 76)].iloc[0] }}, prepared network {{ raman.races().loc[(8, 76)].iloc[1] }}, SNV only {{ raman.races().loc[(8, 76)].iloc[2] }}, SNV and copies {{ raman.races().loc[(8, 76)].iloc[3] }} g/L. One race in the room, 24 batches, in the same order: {{ ", ".join(f"{e:.2f}" for e in table["glucose"].iloc[-4:]) }}.
#
# **If short of time** Skip the live race; the tables of six draws stand without it.

# %% [markdown]
# ## A real fermentation · 14 min
#
# No simulation now. At the Technical University of Denmark, yeast fermented the sugars of plant fibre to ethanol. A probe took 1,629 spectra on the way; 34 samples went to HPLC, the laboratory's reference. Before, 21 mixtures had been made up and measured in the laboratory, to calibrate with. The light is **infrared**, not Raman: attenuated total reflectance in the mid infrared, says the paper. What you have learnt holds for both.
#
# A model takes channel 100 for channel 100, whatever light it holds. So `usable` first compares the axis of the probe with that of the laboratory, and stops where they differ. Then it marks the spectra without gaps that are more than one value throughout.
#
# *P. Cabaneros Lopez et al., Biotechnology and Bioengineering 118, 579-591 (2021), doi 10.1002/bit.27586, CC BY. The data come in the package chemotools, MIT licence.*

# %%
lab, glucose = raman.laboratory()
spectra, samples = raman.online()
works = raman.usable(spectra, lab.columns)
minutes = raman.minutes()[works]
print(lab.shape, spectra.shape, len(samples), "samples")
print((~works).sum(), "spectra are flat, the last ones: a dead probe. They are left out.")

# %% [markdown]
# The spectra carry no times. The authors' page says one a minute, but then they would end almost seven hours before the last sample. Spread evenly over the run they are 1.25 minutes apart, and the fall of glucose is where HPLC has it. **Whoever joins two tables by time asks first whose clock it was.**
#
# The calibration is made as it usually is: the range where sugars absorb, first derivative, PLS. With how many components? Two are tried, each judged by leaving out one mixture at a time.

# %%
said, inside = {}, {}
cut = RangeCut(start=950, end=1550, x_axis=lab.columns.to_numpy())
for n in (3, 6):
    name, pls = f"PLS, {n} components", PLSRegression(n, scale=False)
    model = make_pipeline(cut, SavitzkyGolay(window_length=15, polyorder=2, deriv=1), pls)
    left_out = cross_val_predict(model, lab.to_numpy(), glucose, cv=LeaveOneOut()).ravel()
    inside[name] = np.sqrt(np.mean((left_out - glucose) ** 2))
    said[name] = model.fit(lab.to_numpy(), glucose).predict(spectra.to_numpy()[works]).ravel()
print({name: f"{error:.1f} g/L in the laboratory" for name, error in inside.items()})
figures.show(
    raman.online_figure(minutes, said),
    "Both lines have the shape of the samples. In the first hour both fall by more than 10 g/L, and the samples do "
    "not. Then one lies below the samples and ends at less than no glucose; the other lies above.",
)

# %% [markdown]
# ### Exercise 6 · Biased online · 5 points · 9 min
#
# Write `online_report`. It is given predictions and the minute of each, samples by HPLC and the **hour** of each, and a number `first`. Compare each sample with the spectrum nearest in time. Give three numbers: the bias, the mean of predicted minus measured; the scatter, the SD of predicted minus measured; and what is left to somebody who takes the mean miss of the first `first` samples off everything, as the RMSE on the samples **after** those. On a drawn process each of them is worth 1 point, on the real fermentation the bias and what is left (1 point each).
#
# <details><summary>Hint 1</summary>
#
# Which spectrum was taken when sample 7 was drawn?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.abs(minutes - 60 * hour).argmin()` is its place. With one place a sample, `off` is one array, and all three numbers come from it.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `off[:first].mean()` is known when the later samples are drawn, and `off[first:]` is what they would miss. An RMSE does not subtract a mean of its own.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "spectra-online", "locked": false, "schema_version": 3, "solution": true, "task": false}
def online_report(predicted, minutes, measured, hours, first):
    """Return bias, scatter, and the RMSE of later samples, the first ones' bias taken off."""
    bias, scatter, left = ..., ..., ...
    ### BEGIN SOLUTION
    nearest = [np.abs(minutes - 60 * hour).argmin() for hour in hours]
    off = predicted[nearest] - measured
    bias, scatter = off.mean(), off.std(ddof=1)
    left = np.sqrt(np.mean((off[first:] - off[:first].mean()) ** 2))
    ### END SOLUTION
    return bias, scatter, left

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "spectra-online-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check draws a process and a bias that drifts; then it takes the real run.
result = raman.online_report(globals())
### BEGIN HIDDEN TESTS
result = raman.online_report(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %%
# What your function reports of the two calibrations.
report = raman.reported(globals(), minutes, said, inside)
report.round(1)

# %% [markdown]
# **How to read it.** In the laboratory both calibrations miss little more than 1 g/L. Online they are off by many times that, one downwards, one upwards, and leaving out mixtures told nothing of it: there is something in this broth, or on this probe, that no mixture had. One sample does not mend it. In the first hour both lines fall by more than 10 g/L while HPLC stays where it is: something in the vessel or on the probe had still to settle. A bias taken off by the sample of hour 0 leaves more than was there before. Five samples bring the miss down to some 4 g/L. That is better, and still three times what the laboratory promised, for the bias moves with time.
#
# **What to do.** Report bias and scatter with the number of samples behind them. Take the bias off by several samples, not one, and go on sampling. Calibrate anew with spectra *of the process*. And until then let nobody steer a feed with it.
#
# **What it hides.** The run began at 44 g/L, the mixtures end at 38: its first hours are extrapolation. HPLC ends at exactly 4.0 again and again, which looks like a floor of the report and not like glucose; the package does not say. Sample 8, at 6.7 h, holds a tenth more of glucose, xylose and acetic acid than its neighbours: perhaps it lost water. And it is one run: whether the next has the same bias, nobody knows from this one.

# %% [markdown] tags=["instructor"]
# **Ask** Your supplier's certificate says "RMSECV 1.1 g/L". What do you ask? (On which samples? Left out how? Ever beside a running process?)
#
# **Watch for** The three components chosen because their bias is smaller. That was seen with the samples, so it is no choice that could have been made before.
#
# **What it shows** In the laboratory {{ report["laboratory"].min():.1f }} to {{ report["laboratory"].max():.1f }} g/L; online bias {{ report["bias online"].iloc[0]:+.1f }} with 3 components, {{ report["bias online"].iloc[1]:+.1f }} with 6; left after five samples {{ report.iloc[0, -1]:.1f }} and {{ report.iloc[1, -1]:.1f }}.

# %% [markdown]
# ## Let the plant run on it · 4 min
#
# The plant makes twelve new batches, and your own sensor watches them beside the clock. Nothing in this plant steers by glucose, and no batch of its licence starves, so there are no doses to be won here. What is won is knowledge, in g/L; and since this is our plant, the truth is known.

# %%
errors, figure, sentence = raman.at_work(globals())
figures.show(figure, sentence)
errors.round(2)

# %% [markdown]
# **How to read it.** For glucose the laser earns its keep: the clock knows little of it. Lactate rises in all batches alike, so there the clock comes nearer. Here the sensor is still well ahead; on other plants it is not, and on some the clock is the better one. Below, what the real fermentation taught is tried where the truth is known: a batch's own bias, taken off by its first readings. One reading brings its own error into all that follows. Five help where the sensor has a bias, and cost little where it has none.

# %% [markdown] tags=["instructor"]
# **Ask** For which of the two would you pay for the laser? (Glucose: {{ errors.loc["the sensor", "glucose"]:.2f }} g/L against {{ errors.loc["the clock", "glucose"]:.2f }} by the clock; lactate {{ errors.loc["the sensor", "lactate"]:.2f }} against {{ errors.loc["the clock", "lactate"]:.2f }}. On ten plants the clock misses 2.7 to 4.8 times as much as the sensor for glucose, and 0.8 to 2.6 times for lactate, on six of them 1.5 times or more. The bias of one reading taken off makes glucose worse on average (0.34 for 0.29 g/L), that of five a little better (0.27).)

# %% [markdown]
# ## What we have seen · 2 min
#
# - A spectrum is mostly background. Take it out spectrum by spectrum, and leave whole batches out to see what is left.
# - The clock is the rival to beat where all batches run alike, and batches, not spectra, are what a sensor learns from: a network needs many.
# - A calibration is as good as its samples are like the process. A bias is found by samples, reported, and taken off by several of them.
