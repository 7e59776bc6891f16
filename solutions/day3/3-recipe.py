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
#     title: Thirty runs to find a better recipe
#     minutes: 88
# ---

# %% [markdown]
# # Thirty runs to find a better recipe
#
# **Who asks.** The head of development. Her laboratory may try thirty recipes, three a week, on small vessels. Then the plant will be told to use one of them, for years.
#
# **Why it matters.** Nobody has touched the recipe since the licence. In it, some recipes give half as much again, and some nothing. Thirty runs are not many in five dimensions.
#
# **You will be able to**
#
# - write a central composite design that stays inside the licence;
# - fit a quadratic surface, and tell a top from a saddle;
# - write expected improvement, and the chance that a recipe keeps its limits;
# - let BoTorch propose three recipes a week, and see what they are worth beside a design and chance;
# - make a promise for the best of thirty that is not too good to be true.
#
# **Minutes:** 88. **Points:** 26, in six exercises. Each stands alone; a person marks the last one.

# %%
import itertools

import numpy as np
import torch
from scipy.stats import norm

# "No module named vaxlab"? This kernel is another Python's: open the course with `make lab`.
from vaxlab import figures
from vaxlab.lessons.day3 import recipe

figures.setup()

# %% [markdown]
# ## What chance finds · 7 min
#
# **First a guess, two minutes.** Thirty recipes are drawn at random within the licence. How many read better than the usual one? Write the number down. Then run the cells.
#
# Five set points are opened, of the fifteen in the licence. A search of the plant by its true equations says that these five give most of what there is to gain. And a design for five takes just thirty runs; for six it would take 48. One of the five is `moi`, the *multiplicity of infection*: how many infectious virions are added for each cell.

# %%
recipe.licence()

# %%
# A run is one recipe in three vessels. Some 2 s.
figure, best_read = recipe.random_figure()
figures.show(figure, best_read)

# %% [markdown]
# **How to read it.** The laboratory works with lots of average quality and one seed culture, and nobody waits. So three vessels of a recipe differ by hands and assays only. Is your number near?
#
# **What it hides.** Three limits: 10 ng of DNA in a dose and 1.8 µg of host-cell protein per µg of antigen, as at release, and a limit of our own for this course, 32 mmol/L of lactate at harvest. A recipe is *within* if 95 % of the plant's batches would be. And it hides how lucky the best one is: we come back to it.

# %% [markdown] tags=["instructor"]
# **Ask** Many random recipes are better than the usual one, so is the usual one bad? (Nobody was asked to make it the best one. It had to work.)
#
# **What it shows** {{ best_read }}

# %% [markdown]
# ## Thirty runs on paper · 11 min
#
# The classical answer is a *central composite design*. All is planned before the first run. Each factor is coded from −1, the lowest set point of the licence, to 1, the highest. The ends of `moi` lie far apart, so it is coded by its logarithm: 0 is the geometric mean of its ends.
#
# - **Corners** move all factors at once: here ±0.7. Half of all $2^k$ corners will do.
# - **Axial points** move one factor to an end, −1 or 1; the others stay at 0.
# - **Centres** are the same run again, a few times: they tell the noise.
#
# Which half of the corners? Let the last factor's sign be the product of the other signs. From five factors on, no two products of factors then get mixed up with each other, or with a factor. For $k = 5$ this makes $16 + 10 + 4 = 30$ runs.
#
# The trap is in the textbook. It puts corners at ±1 and axial points at ±2, for the sake of equal errors in all directions. Here ±2 has no licence.

# %% [markdown]
# ### Exercise 1 · Thirty runs on paper · 4 points · 9 min
#
# Write `central_composite`. `k` is the number of factors, `corner` the size of the corners, `centres` the number of runs in the centre. Give an array with one row a run and one column a factor, in coded units, rows in any order. Corners earn 2 points, axial points and centres 2. Each part is judged by itself, and its number of rows counts. With a run outside of −1 to 1 there are none.
#
# <details><summary>Hint 1</summary>
#
# How many rows are there for `k = 3`? Write them on paper: 4 corners, 6 axial points, the centres.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Make all corners of the first `k - 1` factors. The last column is worked out from these.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `itertools.product((-1, 1), repeat=k - 1)` gives them, `.prod(axis=1)` the last sign. `np.eye(k)` holds half of the axial points; `np.concatenate` puts the parts below each other.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "recipe-design", "locked": false, "schema_version": 3, "solution": true, "task": false}
def central_composite(k, corner, centres):
    """Return half a factorial, axial points and centres in coded units, (n, k)."""
    runs = ...
    ### BEGIN SOLUTION
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=k - 1)))
    corners = corner * np.column_stack([signs, signs.prod(axis=1)])
    axial = np.concatenate([np.eye(k), -np.eye(k)])
    runs = np.concatenate([corners, axial, np.zeros((centres, k))])
    ### END SOLUTION
    return runs

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "recipe-design-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check asks for two designs, and counts corners, axes and centres.
result = recipe.design(globals())
### BEGIN HIDDEN TESTS
result = recipe.design(globals(), plant_seed=4_192_904_990_391)
### END HIDDEN TESTS
result

# %% [markdown] tags=["instructor"]
# **Watch for** All 32 corners: then 46 runs. A random half: some products of factors can then not be told apart.
#
# **Ask** Why are runs made in an order that chance gives? (So that a trend of the laboratory does not look like a factor.)

# %% [markdown]
# ## Top, saddle or ridge · 11 min
#
# The laboratory has run the thirty. A quadratic goes through them, by least squares:
#
# $$\hat y = b_0 + b^T x + x^T B\, x$$
#
# Squares stand on the diagonal of $B$. The product of two factors stands in two places, so each gets *half* its coefficient. Where the surface is flat, $b + 2 B x = 0$. That point is a top only if all eigenvalues of $B$, the *curvatures*, are negative. If some are positive it is a saddle; if one is near zero, a ridge.

# %% [markdown]
# ### Exercise 2 · Top, saddle or ridge · 4 points · 9 min
#
# Write `stationary`. `x` (n, k) are runs in coded units, `y` (n,) what they gave. Fit the quadratic with all squares and products. Give the point where it is flat, (k,), wherever that lies, also outside of −1 to 1, and the eigenvalues of $B$, (k,), ascending; 2 points each.
#
# <details><summary>Hint 1</summary>
#
# Columns of the least squares: a one, each factor, each square, each product of two. `np.linalg.lstsq` does the rest.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `itertools.combinations(range(k), 2)` gives the pairs, in the order in which you should read their coefficients back.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Fill `B` pair by pair, with half the coefficient at `[i, j]` and at `[j, i]`. `np.linalg.solve(-2 * B, b)` and `np.linalg.eigvalsh(B)` finish it.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "recipe-surface", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stationary(x, y):
    """Return where a fitted quadratic is flat, (k,), and its curvatures, ascending, (k,)."""
    point, curvatures = ..., ...
    ### BEGIN SOLUTION
    k = x.shape[1]
    pairs = list(itertools.combinations(range(k), 2))
    products = [x[:, i] * x[:, j] for i, j in pairs]
    columns = np.column_stack([np.ones(len(x)), x, x**2, *products])
    found = np.linalg.lstsq(columns, y, rcond=None)[0]
    bent = np.diag(found[1 + k : 1 + 2 * k])
    for (i, j), value in zip(pairs, found[1 + 2 * k :], strict=True):
        bent[i, j] = bent[j, i] = value / 2
    point = -0.5 * np.linalg.solve(bent, found[1 : 1 + k])
    curvatures = np.linalg.eigvalsh(bent)
    ### END SOLUTION
    return point, curvatures

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "recipe-surface-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws two saddles with noise, in five factors and in three.
result = recipe.surface(globals())
### BEGIN HIDDEN TESTS
result = recipe.surface(globals(), plant_seed=4_192_904_990_391)
### END HIDDEN TESTS
result

# %%
# The design as the laboratory ran it, and the quadratic's map. Some 2 s.
figure, on_edge = recipe.surface_figure()
figures.show(figure, on_edge)

# %%
# The flat point of the fitted surface in coded units; the course's function where yours is not done.
flat = recipe.flat_point(globals())
print("Curvatures of five directions, ascending:", flat["curvatures"].round(2).to_list())
flat[["flat at"]].round(2)

# %% [markdown]
# **How to read it.** Each curvature belongs to a direction that mixes the factors, not to one factor. A flat point outside of −1 to 1, or a curvature above zero, is no recipe to run. Then the best licensed recipe lies on an edge, where the surface has few runs and its error is large. Most searches end near such an edge: more cells, more carriers.
#
# **What it hides.** The surface is a quadratic because we said so. A cliff would not show.

# %% [markdown] tags=["instructor"]
# **Ask** Would you widen the licence? (The surface can not say: it has no run out there.)
#
# **What it shows** {{ on_edge }} Curvatures from {{ flat["curvatures"].min():.2f}} to {{ flat["curvatures"].max():.2f}}; the flat point lies up to {{ flat["flat at"].abs().max():.1f}} coded units from the centre.

# %% [markdown]
# ## Where it is worth looking · 12 min
#
# A design decides all thirty runs beforehand. The other way is to learn as you go. A *Gaussian process* says for each recipe what it expects, and how unsure it is. Here it is once by hand, along one factor, with scikit-learn. The noise is known from the three vessels, so it is given and not guessed: `alpha`.

# %%
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

tried = recipe.along([0.1, 0.3, 0.4, 1.0])  # shares of the licensed duration
kernel = ConstantKernel(1.0) * RBF(0.3, (0.1, 2.0))
noise = tried.noise[0] / tried.y.var()
process = GaussianProcessRegressor(kernel, alpha=noise, normalize_y=True)
process.fit(tried.x, tried.y)
shares = np.linspace(0, 1, 101)[:, None]
mean, sd = process.predict(shares, return_std=True)

# %% [markdown]
# Where to run next? Not where the mean is highest: there we know already. Not where least is known: that may be hopeless. *Expected improvement* weighs both. With $z = (\mu - y^*)/\sigma$,
#
# $$\text{EI} = (\mu - y^*)\,\Phi(z) + \sigma\,\varphi(z)$$
#
# $y^*$ is the best so far. It is the process's *mean* there, not the luckiest reading, and $\sigma$ is how unsure the true value is, not how much a vessel scatters. Otherwise the noise would count twice.
#
# A limit is handled alike. The *margin* of a limit is ln(*q* / limit), where *q* is what 95 % of the plant's batches of this recipe would stay below. 0 or less means that the limit is kept. The process gives each margin a mean and an sd. The chance that the recipe is within is the chance that all three are 0 or less.

# %% [markdown]
# ### Exercise 3 · Where it is worth looking · 5 points · 9 min
#
# Write two functions.
#
# - `expected_improvement`: `mean` and `sd` are arrays (n,), `best` is a number; doses shall be *large*. The formula earns 2 points; where `sd` is 0 it is `mean - best`, or 0 if that is negative (1 point).
# - `chance_within`: `mean` and `sd` are arrays (n, 3), one column a limit. Give the chance that all three margins are 0 or less, (n,), each independent of the others (2 points).
#
# <details><summary>Hint 1</summary>
#
# `norm.cdf` is Φ, `norm.pdf` is φ. Both take arrays.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The chance that a bell curve lies below zero is Φ of (0 − mean) / sd. All three at once: a product along the row.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Division by an sd of zero gives NaN. `np.maximum(sd, 1e-12)` in the denominator avoids it, and the formula then ends in the right value.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "recipe-improvement", "locked": false, "schema_version": 3, "solution": true, "task": false}
def expected_improvement(mean, sd, best):
    """Return by how much recipes are expected to exceed the best, (n,)."""
    worth = ...
    ### BEGIN SOLUTION
    z = (mean - best) / np.maximum(sd, 1e-12)
    worth = (mean - best) * norm.cdf(z) + sd * norm.pdf(z)
    ### END SOLUTION
    return worth


def chance_within(mean, sd):
    """Return the chance that all margins of a recipe are 0 or less, (n,)."""
    chance = ...
    ### BEGIN SOLUTION
    chance = norm.cdf(-mean / sd).prod(axis=1)
    ### END SOLUTION
    return chance

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "recipe-improvement-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check draws means and spreads, and compares.
result = recipe.improvement(globals())
### BEGIN HIDDEN TESTS
result = recipe.improvement(globals(), plant_seed=4_192_904_990_391)
### END HIDDEN TESTS
result

# %%
# Your expected improvement on the process above; the course's, where yours gives no numbers.
figure, next_run = recipe.line_figure(tried, mean, sd, globals())
figures.show(figure, next_run)

# %% [markdown]
# **How to read it.** The band is wide between runs. The dotted line is highest where mean and band together promise most. One run there, and the picture changes: that is the whole method.
#
# **What it hides.** In one dimension anybody would see it. In five, nobody does.

# %% [markdown] tags=["instructor"]
# **Watch for** Formulas from a library that minimises: signs turned round, and the plant made as bad as possible, with great care.
#
# **What it shows** {{ next_run }}

# %% [markdown]
# ## Three recipes for next week · 15 min
#
# Now five factors, three recipes a week. Recipes are in the *unit cube*: 0 is the lowest set point, 1 the highest. BoTorch brings the rest. Its model takes all four outcomes at once, in float64 (its default of 32 bits loses the inverse of a matrix), standardised, with the known noise. The kernel is a quadratic trend, since we know from experience that yields bend over, plus whatever bends away from it.

# %%
# BoTorch, and below it GPyTorch for kernels and likelihoods.
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.transforms import Standardize
from botorch.models.utils.gpytorch_modules import get_covar_module_with_dim_scaled_prior
from gpytorch.kernels import PolynomialKernel, ScaleKernel
from gpytorch.mlls import ExactMarginalLogLikelihood


# %%
# One model of four outcomes: doses, and three margins.
def fit_model(x, y, margins, noise):
    """Return a fitted model of four outcomes: the doses y (n,), and the margins (n, 3)."""
    x, outcomes = torch.tensor(x), torch.tensor(np.column_stack([y, margins]))
    four = torch.Size([4])
    trend = ScaleKernel(PolynomialKernel(power=2, batch_shape=four), batch_shape=four)
    smooth = get_covar_module_with_dim_scaled_prior(5, batch_shape=four)  # long scales
    bend = ScaleKernel(smooth, batch_shape=four)
    known = torch.tensor(noise).expand_as(outcomes).clone()
    model = SingleTaskGP(
        x, outcomes, known, covar_module=trend + bend, outcome_transform=Standardize(4)
    )
    fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
    return model

# %% [markdown]
# ### Exercise 4 · Three recipes for next week · 5 points · 12 min
#
# Write `propose`. It is given `x` (n, 5), recipes in the unit cube; `y` (n,), their doses in thousands, as measured; `margins` (n, 3), where 0 or less is within; and `noise` (4,), the variances of y and of the margins. Give three new recipes, (3, 5). Use BoTorch with `fit_model` above, or your own functions of exercise 3, or any way you like.
#
# Three different recipes inside the unit cube, or nothing is tried out.
#
# - On four made-up surfaces whose top lies behind all three limits, after 24 runs: one of your three keeps the limits (here a margin of at most 0.05 counts as kept) and gains **half** of what is left between the best run within and the best recipe within. Two of the four surfaces are enough (3 points). A recipe that was run already gains nothing, and a mean of good runs gains little.
# - In three laboratories that know 60 recipes each: the best of your three, by its true gain, is on average **half of the way** from three random recipes to the course's own (2 points, once two surfaces are passed). There the axes are in another order, some turned round. A recipe known by heart will not do.
#
# The check calls it seven times: let it take two seconds or so.
#
# <details><summary>Hint 1</summary>
#
# BoTorch's `qLogNoisyExpectedImprovement` needs the model and the `x` that were run. It *maximises*. `objective` says which outcome counts, `constraints` is a list of functions that are 0 or less where all is well. With `sampler=SobolQMCNormalSampler(torch.Size([64]), seed=0)` it draws the same each time.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `GenericMCObjective(lambda z, X=None: z[..., 0])` is the doses. A limit is `lambda z: z[..., 1]`, and so on. A loop that makes such functions must bind its number: `lambda z, k=k: z[..., k]`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `optimize_acqf(acquisition, bounds, q=3, num_restarts=2, raw_samples=64, options={"maxiter": 40})` gives the recipes as a tensor, and their worth. Two of them may be one and the same corner: move the later ones a little. `bounds` is a tensor (2, 5) of float64: zeros and ones.
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "recipe-proposals", "locked": false, "schema_version": 3, "solution": true, "task": false}
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from botorch.acquisition.objective import GenericMCObjective
from botorch.optim import optimize_acqf
from botorch.sampling import SobolQMCNormalSampler


def propose(x, y, margins, noise):
    """Return three new recipes of the unit cube, (3, 5)."""
    new = ...
    ### BEGIN SOLUTION
    torch.manual_seed(len(x))
    acquisition = qLogNoisyExpectedImprovement(
        fit_model(x, y, margins, noise),
        torch.tensor(x),
        sampler=SobolQMCNormalSampler(torch.Size([64]), seed=0),
        objective=GenericMCObjective(lambda z, X=None: z[..., 0]),
        constraints=[lambda z, k=k: z[..., k] for k in (1, 2, 3)],
    )
    bounds = torch.tensor([[0.0] * 5, [1.0] * 5]).double()
    few = {"num_restarts": 2, "raw_samples": 64, "options": {"maxiter": 40}}
    new = optimize_acqf(acquisition, bounds, q=3, **few)[0].numpy()
    # Two may be the same corner: the later ones are drawn a little inwards.
    new[1:] = 0.97 * new[1:] + 0.03 * np.random.default_rng(len(x)).random((2, 5))
    ### END SOLUTION
    return new

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "recipe-proposals-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# The check asks for proposals on four surfaces and in three laboratories: some ten seconds.
result = recipe.proposals(globals())
### BEGIN HIDDEN TESTS
result = recipe.proposals(globals(), plant_seed=4_192_904_990_391)
### END HIDDEN TESTS
result

# %% [markdown]
# Now a study, live: nine recipes spread out, then seven weeks of three as proposed. What is printed says whose proposals they are.

# %%
# Seven weeks; some 15 s. With torch's seed, a rerun gives the same.
torch.manual_seed(7)
runs, whose = recipe.study(globals())
print(whose)
figure, weeks = recipe.study_figure(runs)
figures.show(figure, weeks)

# %% [markdown]
# **How to read it.** Left of the line the runs are spread evenly over the licence, whatever they read. Right of it some are excellent and some are dreadful: the latter were asked where little was known. A proposal is not a recommendation. What the plant is told in the end is the recipe whose mean, less one sd, is highest among those that are surely within.
#
# **What it hides.** One study is one draw of first runs, hands and proposals: yours may end below the planned design, as some of the ten below do.

# %% [markdown] tags=["instructor"]
# **Ask** A run that reads nothing, in week six: a waste? (It tells where the cliff is. Ask again whether one may afford it on the last week.)
#
# **Watch for** `best_f` of another library, or `-y`: all proposals are in the worst corner. Late binding in the loop of limits: all three functions look at the last one.
#
# **What it shows** {{ whose }} {{ weeks }}

# %% [markdown]
# ## Ten times thirty runs · 5 min
#
# One study is an anecdote. Here are ten, measured before by `benchmarks/regret_recipe.py` in the course's repository: by chance, by the design with quadratic surfaces, and by a Gaussian process as above. All have the same thirty runs, the same hands and the same assays. What each recommends is paid in one and the same year of the plant. *Regret* is what is missing to the best recipe that a search of the truth finds in that year. Click on a name in the legend to hide it, and point at a line to see its study.

# %%
figures.show(
    recipe.regrets_figure(5),
    "Thin lines are studies, thick ones medians; the dashed line is attainable. The design speaks "
    "once, after its last run. Chance takes the run that read best. Chance is drawn half a run to "
    "the left, the process half a run to the right, so that none hides another.",
)

# %%
# After the last run: medians of ten studies, and the least gain of the ten.
race = recipe.regrets()
print(recipe.process_less_design())
race

# %%
# The same with two factors only.
figures.show(
    recipe.regrets_figure(2),
    "Two factors, duration and temperature, and 13 runs. Design and chance speak once, after the "
    "last run. " + recipe.process_less_design(2),
)

# %% [markdown]
# **How to read it.** With five factors, the process comes closest in the middle of ten studies, but look at the interval: it holds zero. Chance is far behind both. With two factors process and design are level, too: that interval also holds zero. But the design has the better worst case (*least*), and with four runs the process knows next to nothing. Where the surface is simple and the noise is low, plan.
#
# **What it hides.** Ten studies more, each on a plant of its own (`benchmarks/calibration_recipe.py`): there the two were level, and each led on five. And the plant is kind to quadratics: within this licence doses bend over smoothly. And the process knows that too, from its trend, and it knows the noise, from three vessels. Without either it would have to find them out, in thirty runs.

# %% [markdown] tags=["instructor"]
# **Ask** When would you take the design all the same? (When runs can not follow each other, because a result takes months; when all that counts is to be understood by an authority.)
#
# **What it shows** Median regret with five factors: design {{ race.loc[(5, "design"), "regret, %"] }} %, process {{ race.loc[(5, "process"), "regret, %"] }} %, chance {{ race.loc[(5, "random"), "regret, %"] }} %. With two: {{ race.loc[(2, "design"), "regret, %"] }}, {{ race.loc[(2, "process"), "regret, %"] }} and {{ race.loc[(2, "random"), "regret, %"] }} %.

# %% [markdown]
# ## An honest promise · 9 min
#
# Which number do you put into the report? The best of thirty is best for two reasons: it is good, and it was lucky. Nobody picks the unlucky ones. So what the winner read is too high, on average, although each reading is fair. This is the **winner's curse**.

# %% [markdown]
# ### Exercise 5 · An honest promise · 4 points · 7 min
#
# Write `honest`. `vessels` (n, 3) are doses of n runs, three vessels each. The run with the highest mean will be chosen. Give a number to promise of it that is right *on average*.
#
# The check draws tables whose truth it knows. Where vessels hardly differ, the promise is the best run's mean. Where they do differ, your promises are right on average, over 120 tables of 12 runs that truly differ much, and over 120 of 90 runs that hardly do: each time within 35 % of the curse plus 2.6 standard errors of your mean. The check names two parts, but the 4 points come all together or not at all.
#
# <details><summary>Hint 1</summary>
#
# Luck that was used for choosing is used up. Which vessels were not used?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Choose by two vessels of each run, read the third one of the chosen run. Its luck had no part in the choice.
#
# </details>
# <details><summary>Hint 3</summary>
#
# There are three ways to leave a vessel out: `np.delete(vessels, k, axis=1)`. Do it three times, and take the mean of what you read. (Another way: draw the best mean towards the mean of all, by the share of the variance that is noise.)
#
# </details>

# %% nbgrader={"grade": false, "grade_id": "recipe-honest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def honest(vessels):
    """Return what to promise of the run with the highest mean, in the vessels' unit."""
    promise = ...
    ### BEGIN SOLUTION
    read = []
    for k in range(vessels.shape[1]):
        others = np.delete(vessels, k, axis=1)
        read.append(vessels[others.mean(axis=1).argmax(), k])
    promise = np.mean(read)
    ### END SOLUTION
    return promise

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "recipe-honest-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# The check draws tables of vessels whose truth it knows.
result = recipe.curse(globals())
### BEGIN HIDDEN TESTS
result = recipe.curse(globals(), plant_seed=4_192_904_990_391)
### END HIDDEN TESTS
result

# %%
# Thirty random runs of twenty laboratories, and their winners made again ten times. Some 10 s.
winners = recipe.winners(globals())
winners

# %% [markdown]
# **How to read it.** *Given again* is what the chosen recipe gives in ten more runs, in the same laboratory with other hands. Numbers are thousands of doses. The column *too much* is what the promise holds too many of, on average over twenty studies, with its standard error. Three vessels hold less luck than one, so less curse. Where your `honest` gives a number, it is at work, else the course's.
#
# **What it hides.** A second curse: laboratory and plant are two things. In the plant there are lots, hands that wait, and faults.

# %% [markdown] tags=["instructor"]
# **Ask** Your last improvement project promised 12 %. Was it chosen among others?
#
# **Watch for** Dividing by a factor that was once found to fit. The curse depends on noise, spread and number of runs.
#
# **What it shows** Too much, thousand doses: by one vessel {{ winners.loc["best of one vessel", "too much"] }}, by the mean of three {{ winners.loc["best of three vessels", "too much"] }}, the honest promise {{ winners.loc["honest", "too much"] }}, give or take {{ winners.loc["honest", "standard error"] }}.

# %% [markdown]
# ## Let the plant run on it · 16 min
#
# Two years of the plant with three recipes: what chance read best, what the design recommends, and what *your* study recommends. Lots, hands, faults and luck are those of the history's own recipes beside them.

# %%
# Three recipes, two years of the plant each (120 batches); some 5 s.
table, figure, paid = recipe.doses(runs)
figures.show(figure, paid)
table

# %% [markdown]
# **How to read it.** Bars are true doses gained over the history's own recipes, batch by batch, and the intervals are those of paired differences. The plant refuses a set point outside the licence before anything is made. A recipe with fewer than 95 % of its batches within is not filed, whatever it gains. Did your study lose to the design? That is one study; ten are above. Those were paid in another, single year, so a gain here may be higher than what was *attainable* there.
#
# **What it hides.** More cells also cost more medium and more carriers; nobody counted money here. And a changed recipe must be filed with the authority, with data: the thirty runs are the beginning of it.

# %% [markdown] tags=["instructor"]
# **Ask** What would have to be seen in the first ten batches to go back to the old recipe?
#
# **What it shows** {{ paid }}

# %% [markdown]
# ### Exercise 6 · In your own words · 4 points · 10 min
#
# The head of development writes: *"Your thirty runs are done. Which recipe do we file, what may I promise, and would you plan or learn next time?"* Answer in four to six sentences that she can act on. Use the figures above; there is no need to work anything out.
#
# A person marks it, one point each for:
#
# - a recipe that is within, by what changes most and which set points lie on an end of the licence;
# - a promise in doses gained, in %, with its interval, from the plant and not from the best reading, and why the two differ;
# - the limits: how many batches keep them, and what you would watch;
# - planned or learned, with the numbers of the ten studies, and a case for the other way.

# %% [markdown] nbgrader={"grade": true, "grade_id": "recipe-letter", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# File the design's recipe: 450,000 cells per mL, 3.5 g/L of carriers and a moi of 1,000 millionths, all three at the upper end of the licence, 46 h of infection, at its lower end, and 36.1 °C. In 120 batches of the plant it gave 56.0 % more doses than the history's own recipes, with an interval from 51.8 to 60.3 %: I would promise the lower end. The surface promised more, 30.1 thousand doses where the usual recipe reads 17.5, since it picks its own highest point, and since the laboratory has average lots and nobody waits. All batches were within the three limits, and 2 were lost, where the history lost 9; beyond those ends nobody has a run, so I would watch DNA, host-cell protein and lactate in the first ten batches and at each new lot. My own study's recipe I would not file: fewer than 95 % of its batches were within, and its whole interval lies below the design's. Over ten studies learning missed the best by 1.0 %, the design by 3.3 % and chance by 17.7 %, and the interval of process less design, -1.9 to +8.1 %, holds zero: next time I would plan, and learn where runs are quick and a quadratic may not fit.

# %% [markdown] tags=["instructor"]
# **Rubric** One point for each line; half points where a line is there but vague. What the learner's own tables say counts.
#
# - It files a recipe that is within, names the changes that matter (more cells, more carriers) and that they lie on the edge of the licence, so that nothing is known beyond. A recipe with fewer than 95 % of its batches within earns no point here. A study that lost to the design is one study, and no fault of the learner's.
# - It gives the gain in doses with both ends of an interval or its lower end, and names a reason for the gap to the reading: the winner's curse, or laboratory against plant. Here: {{ paid }}
# - It says what share of batches keeps the limits, and names something to watch (lactate, new lots, first batches).
# - It compares by medians or regret over ten studies, and says when the other way is better (a plan for few factors, results that take long, a simple surface). Here: {{ race.loc[(5, "process"), "regret, %"] }} % missing for the process, {{ race.loc[(5, "design"), "regret, %"] }} % for the design.
#
# **Strong** *"The design's recipe, not my study's: of mine too few batches were within. More cells on more carriers, both at the end of what we may do. Promise the lower end of the two trial years, not the best reading: that one was picked from thirty, on average lots. All of its batches keep the limits; look at all three when a lot changes. Learning and planning were level in ten studies, by medians two points apart with zero in the interval, and both beat chance by far; for two factors I would plan."* Four points.
#
# **Weak** *"The AI found a recipe with 60 % more, so file that one. Bayesian optimisation is better than design of experiments."* No point: no interval, no limits, no edge, and a reading for a promise.

# %% [markdown]
# ## What we have seen · 2 min
#
# - Thirty runs suffice for five factors, planned or learned week by week; chance is far behind both.
# - Write down what is known, noise, trend and limits: then a process finds as much as the design. With two factors the two are level, and the design has the better worst case.
# - The best of many is lucky: choose by some vessels, promise by the others, and let the plant have the last word.

