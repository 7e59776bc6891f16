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
# - find from how many batches on a network is worth its work;
# - find, report and mend the bias of a calibration that met its first real process.
#
# **Minutes:** 85. **Points:** 27, in six exercises. Each stands alone.

# %%
import numpy as np
import torch
from scipy.signal import savgol_filter
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day2 import raman

figures.setup()

# %% [markdown]
# ## A laser in the broth · 8 min
#
# **First a guess, two minutes.** Eight batches, each at the same hour, with a few grams of glucose more or less. How will their spectra differ: in a few thin bands, or all over? Write it down. Then run the cells.

# %%
history = raman.history()
print(history.counts.shape, "spectra, channels;", len(np.unique(history.batch)), "batches")
print("read at line, g/L:", history.read[:3].round(2).tolist())

# %%
# One spectrum each.
figures.show(
    raman.spectra_figure(),
    "Eight curves of one shape, one above the other. Their heights and slopes differ far more than "
    "their bands.",
)

# %% [markdown]
# **How to read it.** The broad hill is fluorescence of cells and medium. The thin bands on it are molecules; glucose has its own near 1125 1/cm. Height and slope of the hill belong to the batch: how the probe sits, how old the laser is.
#
# **What it hides.** The glucose. Nobody can see it here, and a model will.

# %% [markdown] tags=["instructor"]
# **Ask** Which of these differences would you believe, if you had to bet on glucose? (None by eye.)

# %% [markdown]
# ## What says nothing of glucose · 11 min
#
# Two steps take most of it away, spectrum by spectrum:
#
# - the **first derivative**, by Savitzky and Golay: a small parabola is laid through 11 neighbours, and its slope taken. A constant is gone, a slope has become a constant;
# - the **standard normal variate** (SNV): take away the spectrum's own mean, divide by its own SD. Now a weaker laser is the same laser.
#
# The package chemotools has both as transformers for pipelines (`SavitzkyGolay(window_length=11, polyorder=2, deriv=1)`, `StandardNormalVariate()`). Here you write them once.

# %% [markdown]
# ### Exercise 1 · What says nothing of glucose · 4 points · 8 min
#
# Write `prepare`. It is given counts (N, 551), and gives as many rows. It must see 20 mmol/L more glucose, treat each spectrum by itself (1 point for both), and change by at most 0.02 SD where the laser is weaker, the background higher by a constant, or tilted (1 point each).
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
# `slope.mean(axis=1, keepdims=True)` is one mean a spectrum. With `axis=0` it would be one a channel, and a spectrum alone would come out as zeros.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "raman-prepare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def prepare(counts):
    """Return spectra without what power and background do."""
    prepared = ...
    ### BEGIN SOLUTION
    slope = savgol_filter(counts, 11, 2, deriv=1, axis=1)
    centred = slope - slope.mean(axis=1, keepdims=True)
    prepared = centred / slope.std(axis=1, keepdims=True)
    ### END SOLUTION
    return prepared

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "raman-prepare-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
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
# **Watch for** SNV with `axis=0`. That is a scaler: it learns from other spectra.

# %% [markdown]
# ## Batches left out · 12 min
#
# Two spectra of one batch share its probe, its lot, its background. A model that met one knows the other. So a split of *rows* asks: can it do the batches that it knows? The shift asks about the next one.

# %%
split = raman.row_split()
split.round(2)

# %% [markdown]
# ### Exercise 2 · Batches left out · 5 points · 9 min
#
# Write `error_by_batch`. It is given a model of scikit-learn (not trained), counts (N, channels), values (N,) and the batch of each row. Each batch must be predicted by a model that has not met it. Give one number: the root of the mean square of all misses. One case has 12 batches (3 points), one only 3 (2 points).
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
# `cv=LeaveOneGroupOut()` leaves each batch out once, however many there are. `.ravel()` makes one row of numbers of what PLS says.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "raman-by-batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def error_by_batch(model, counts, values, batch):
    """Return the RMSE of predictions of batches that the model has not met."""
    error = ...
    ### BEGIN SOLUTION
    folds = LeaveOneGroupOut()
    said = cross_val_predict(clone(model), counts, values, groups=batch, cv=folds)
    error = np.sqrt(np.mean((said.ravel() - values) ** 2))
    ### END SOLUTION
    return error

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "raman-by-batch-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check hands in a model that remembers which batches it was trained on.
result = raman.by_batch(globals())
### BEGIN HIDDEN TESTS
result = raman.by_batch(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **What it shows** The three nearest spectra: {{ split.iloc[1, 0]:.2f}} g/L by rows, {{ split.iloc[1, 1]:.2f}} on new batches. PLS: {{ split.iloc[0, 0]:.2f}} and {{ split.iloc[0, 1]:.2f}}.
#
# **Ask** Which of the two models would the split by rows have chosen?

# %% [markdown]
# ## The clock · 10 min
#
# Glucose falls in every batch, in much the same way. Who knows the hour knows a good deal. So a spectrum has a rival without a laser: the mean of the known batches at this hour. A sensor that does not beat it has perhaps learned to tell the time.
#
# One thing to mind: at hour 0, with the virus, the medium is exchanged, and glucose jumps.

# %% [markdown]
# ### Exercise 3 · The clock · 4 points · 8 min
#
# Write `clock`. It is given hours since infection and readings of known batches, in no order, and hours that are asked for. Give one number for each of these. It is tried on two drawn courses, 24 batches each, one that falls and one that rises; 2 points each, if it is off the true mean course by at most 0.3 g/L.
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
# `same = (hours >= 0) == (hour >= 0)`; `away = np.abs(hours[same] - hour)`; `read[same][away <= max(1.5, away.min())].mean()`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "raman-clock", "locked": false, "schema_version": 3, "solution": true, "task": false}
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

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "raman-clock-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws batches round a course that it knows.
result = raman.clock(globals())
### BEGIN HIDDEN TESTS
result = raman.clock(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# ## A sensor · 12 min
#
# Partial least squares (PLS) finds the few directions of the spectra that move with what was read. Too few and it is blind, too many and it learns backgrounds. Your `error_by_batch` can choose.

# %% [markdown]
# ### Exercise 4 · A sensor · 5 points · 9 min
#
# Make `sensor`: a fitted model with `.predict`, from counts (N, 551) to glucose and lactate (N, 2) in g/L. It is judged on twelve batches of **another plant**: error at most 0.5 g/L of glucose and 0.35 of lactate (1 point each); the clock's error for glucose at least 1.5 times as large (1 point); one spectrum alone gets the answer that it gets among others, and with a fifth less light glucose still holds (1 point each).
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
# `make_pipeline(FunctionTransformer(prepare), PLSRegression(10, scale=False))`, then `.fit(history.counts, history.read)`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "raman-sensor", "locked": false, "schema_version": 3, "solution": true, "task": false}
sensor = ...
### BEGIN SOLUTION
sensor = make_pipeline(FunctionTransformer(prepare), PLSRegression(10, scale=False))
sensor.fit(history.counts, history.read)
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "raman-sensor-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check lets your sensor watch batches of another plant.
result = raman.sensor(globals())
### BEGIN HIDDEN TESTS
result = raman.sensor(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %% [markdown]
# ## PLS or a network? · 12 min
#
# A **1-D convolution** slides a few learned filters along the spectrum; a second layer combines what they found, and a head says two numbers. Below is all of it.

# %%
network = raman.Network()
print(network)
print(sum(p.numel() for p in network.parameters()), "weights")
with torch.no_grad():
    print(tuple(network(*raman.tensors(history.counts[:5])).shape))

# %% [markdown]
# ### Exercise 5 · More spectra than there are · 4 points · 8 min
#
# A network has to *learn* that a background says nothing, and can be told so by examples: copies with other backgrounds, and the same readings. That is **augmentation**. Write `augment`: given counts (N, 551) and a generator, give copies whose backgrounds differ by 2 % of the mean count or more (1 point), each spectrum in its own way (1 point), and in which a good sensor reads the same glucose to 0.5 g/L (2 points).
#
# <details><summary>Hint 1</summary>
#
# What is a background like, that a band is not? Smooth.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `x = np.linspace(-1, 1, counts.shape[1])`; `a * x + b * x**2` with a and b of each spectrum's own.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `bent = 0.15 * rng.standard_normal((len(counts), 2)) @ np.stack([x, x**2])`, times `counts.mean(axis=1, keepdims=True)`, added.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "raman-augment", "locked": false, "schema_version": 3, "solution": true, "task": false}
def augment(counts, rng):
    """Return copies with other backgrounds and the same bands."""
    copies = ...
    ### BEGIN SOLUTION
    x = np.linspace(-1, 1, counts.shape[1])
    bent = 0.15 * rng.standard_normal((len(counts), 3)) @ np.stack([x, x**2, x**3])
    power = np.exp(0.1 * rng.standard_normal((len(counts), 1)))
    copies = power * (counts + counts.mean(axis=1, keepdims=True) * bent)
    ### END SOLUTION
    return copies

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "raman-augment-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check looks at the change, and asks a good sensor.
result = raman.network(globals())
### BEGIN HIDDEN TESTS
result = raman.network(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %%
# Half a minute: three ways, four sizes, twelve new batches.
table = raman.race(globals())
figures.show(raman.race_figure(table), "Errors fall with batches. Where the lines cross, if they do, is the crossover.")
table.round(2)

# %% [markdown]
# **How to read it.** Read the batches below, not the spectra: seventy spectra of one batch are one background.
#
# **What it hides.** One draw of batches, one seed. A gap as small as a marker may turn round with the next one.

# %% [markdown] tags=["instructor"]
# **What it shows** Glucose with {{ table.index[0] }} batches: PLS {{ table["PLS: glucose"].iloc[0]:.2f}}, network {{ table["network: glucose"].iloc[0]:.2f}}, augmented {{ table["network, augmented: glucose"].iloc[0]:.2f}}. With {{ table.index[-1] }}: {{ table["PLS: glucose"].iloc[-1]:.2f}}, {{ table["network: glucose"].iloc[-1]:.2f}}, {{ table["network, augmented: glucose"].iloc[-1]:.2f}}.

# %% [markdown]
# ## A real fermentation · 14 min
#
# No simulation now. At DTU, plant waste was fermented to ethanol; a probe for **mid-infrared** light (ATR-MIR, not Raman) took 1,629 spectra, and 34 samples went to HPLC. Before, 21 spectra of made-up samples had been taken in the laboratory to calibrate. (P. Cabaneros Lopez et al., *Biotechnology and Bioengineering* 118, 579-591, 2021, doi 10.1002/bit.27586, CC BY; the data are in the package chemotools, MIT licence.)

# %%
lab, glucose = raman.laboratory()
spectra, samples = raman.online()
dead = spectra.std(axis=1).to_numpy() == 0
print(lab.shape, spectra.shape, len(samples), "samples;", dead.sum(), "flat spectra, left out")
window = (lab.columns > 950) & (lab.columns < 1550)
minutes = 60 * samples["time"].iloc[-1] * np.arange(len(spectra)) / (len(spectra) - 1)

def slopes(table):
    return savgol_filter(table.to_numpy()[:, window], 15, 2, deriv=1, axis=1)

said, inside = {}, {}
for n in (3, 6):
    calibration = PLSRegression(n, scale=False)
    inside[n] = error_by_batch(calibration, slopes(lab), glucose, np.arange(len(lab)))
    said[n] = calibration.fit(slopes(lab), glucose).predict(slopes(spectra)).ravel()[~dead]
minutes = minutes[~dead]
figures.show(raman.online_figure(minutes, said[6], samples), "The line has the shape of the samples, and lies above them.")

# %% [markdown]
# The spectra carry no times. They are taken to be evenly spread over the run, 1.25 minutes apart.

# %% [markdown]
# ### Exercise 6 · Biased online · 5 points · 9 min
#
# Write `online_bias`. It is given predictions and the minute of each; samples by HPLC and the **hour** of each. Compare each sample with the spectrum nearest in time. Give the bias, the mean of predicted minus measured (3 points), and the scatter, the SD of what is left when the bias is gone (2 points).
#
# <details><summary>Hint 1</summary>
#
# Which spectrum was taken when sample 7 was drawn?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.abs(minutes - 60 * hour).argmin()` is its place.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `off = predicted[nearest] - measured`; then `off.mean()` and `off.std(ddof=1)`.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "raman-online", "locked": false, "schema_version": 3, "solution": true, "task": false}
def online_bias(predicted, minutes, measured, hours):
    """Return bias and scatter of predictions beside samples."""
    bias, scatter = ..., ...
    ### BEGIN SOLUTION
    nearest = [np.abs(minutes - 60 * hour).argmin() for hour in hours]
    off = predicted[nearest] - measured
    bias, scatter = off.mean(), off.std(ddof=1)
    ### END SOLUTION
    return bias, scatter

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "raman-online-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check draws a process, a bias and times of samples.
result = raman.online_bias(globals())
### BEGIN HIDDEN TESTS
result = raman.online_bias(globals(), plant_seed=4_829_020_353_282)
### END HIDDEN TESTS
result

# %%
# Error in the laboratory, then online.
measured, hours = samples["glucose"].to_numpy(), samples["time"].to_numpy()
for n in said:
    print(n, "components: laboratory", inside[n], "online", online_bias(said[n], minutes, measured, hours))

# %% [markdown]
# **How to read it.** In the laboratory the calibration is good to little more than 1 g/L. Online it is off by many, and with three more components the bias turns its sign. A likely cause: the medium holds things that no laboratory sample held; these data alone do not show it. The error at home said nothing of it.
#
# **What to do.** Report bias and scatter, each with the number of samples. Draw two or three samples at the start of each run and take the bias away; calibrate anew with spectra *of the process*; and let nobody control a feed with it before that.
#
# **What it hides.** The fermentation began at 44 g/L, the laboratory ended at 38: part of it is extrapolation. And the HPLC ends at exactly 4.0 and stays there: a reference can have a floor, too. The package does not say why.

# %% [markdown]
# ## Let the plant run on it · 4 min
#
# Twelve new batches, and your own sensor beside the clock.

# %%
if hasattr(sensor, "predict"):
    errors, figure = raman.beside_the_truth(sensor)
    figures.show(figure, "The sensor follows each batch; the clock says the same of all of them.")
    print(errors.round(2))

# %% [markdown]
# **How to read it.** For glucose the laser is worth its price. For lactate look at the last column: the clock is a hard rival there, on some plants the better one, for lactate rises in all batches alike.

# %% [markdown] tags=["instructor"]
# **What it shows** Glucose {{ errors.loc["glucose", "sensor"]:.2f}} g/L against {{ errors.loc["glucose", "clock"]:.2f}} by the clock; lactate {{ errors.loc["lactate", "sensor"]:.2f}} against {{ errors.loc["lactate", "clock"]:.2f}}. On ten plants the clock was 2.2 to 4.0 times worse for glucose, 0.8 to 2.1 times for lactate.

# %% [markdown]
# ## What we have seen · 2 min
#
# - A spectrum is mostly background: take it out spectrum by spectrum, and leave whole batches out to see what is left.
# - The clock is the rival to beat; for lactate it is nearly as good as the laser.
# - A calibration is as good as its samples are like the process. A bias is found by samples, reported, and taken away.
