"""How the thresholds of day 2, notebook 2 were set, and that right answers meet them.

Measured once on seed 6500, still to be repeated by ``benchmarks/calibration_raman.py`` on the
history's seed: PLS with ten components on 24 batches of one plant, asked about twelve batches of
that seed and of nine drawn by
``default_rng(20261127).integers(10**12, 10**13, 9)``; one component for comparison:

=============================================  ==================  ===============
what                                           seen                threshold
=============================================  ==================  ===============
glucose, RMSE on new batches, g/L              0.26 to 0.41        at most 0.5
lactate, RMSE on new batches, g/L              0.14 to 0.25        at most 0.35
clock over sensor, glucose                     2.2 to 4.0          at least 1.5
clock over sensor, lactate                     0.79 to 2.1         (reported)
one component: glucose, lactate (one plant)    0.58, 0.53          must fail
=============================================  ==================  ===============

The marks were 0.65 and 0.48, which one component meets for glucose; they were tightened after
these plants had been seen. It was promised that the clock is beaten by 1.5 times for both. For
lactate it is not on five plants of ten, and on three the clock is the better one, so only glucose
is judged so, and the notebook says it.
"""

import numpy as np
import pytest
from answers.answer import run
from answers.day2 import raman as bank

from vaxlab.lessons.day2.raman import material


def test_a_real_calibration_is_good_at_home_and_biased_at_work():
    from scipy.signal import savgol_filter
    from sklearn.cross_decomposition import PLSRegression
    from sklearn.model_selection import LeaveOneOut, cross_val_predict

    lab, glucose = material.laboratory()
    spectra, samples = material.online()
    window = (lab.columns > 950) & (lab.columns < 1550)
    x, new = (
        savgol_filter(table.to_numpy()[:, window], 15, 2, deriv=1, axis=1)
        for table in (lab, spectra)
    )
    model = PLSRegression(6, scale=False)
    home = material.rmse(cross_val_predict(model, x, glucose, cv=LeaveOneOut()).ravel(), glucose)
    minutes = 60 * samples["time"].iloc[-1] * np.arange(len(new)) / (len(new) - 1)
    near = [np.abs(minutes - 60 * hour).argmin() for hour in samples["time"]]
    usable = spectra.std(axis=1).to_numpy()[near] > 0
    off = model.fit(x, glucose).predict(new[near]).ravel() - samples["glucose"]
    assert home < 2
    assert off[usable].mean() > 5 * home


def test_neighbours_of_the_same_batch_flatter_a_split_by_rows():
    rows, new = material.row_split().loc["3 nearest spectra"]
    assert new > 1.5 * rows


def test_a_hidden_plant_has_other_batches():
    seen, other = material._exam(6500)[0], material._exam(6501)[0]
    assert not np.array_equal(seen.counts[:5], other.counts[:5])


@pytest.mark.parametrize("k", range(len(bank.ANSWERS)))
def test_an_answer_earns_what_it_is_worth(k):
    answer = bank.ANSWERS[k]
    result = run(bank.NOTEBOOK, answer)
    assert result.points == answer.points
    assert answer.says in str(result)
