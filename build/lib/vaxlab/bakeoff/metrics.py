"""What is read off a response: areas, efficiencies, separations, and how sure they are.

A response is one number an event, larger for what looks like signal. Weights count events.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstwo, norm, t

# The background efficiencies at which methods are compared, as in TMVA's table.
BACKGROUND_EFFICIENCIES = (0.01, 0.10, 0.30)


def auc_influence(
    signal: NDArray[np.bool_], response: NDArray, weight: NDArray
) -> tuple[float, NDArray]:
    """Return the area under the ROC curve, and what each event adds to its error.

    Parameters
    ----------
    signal : ndarray of bool, shape (n,)
        Which events are signal; both kinds must be there.
    response, weight : ndarray of shape (n,)
        One number an event each.

    Returns
    -------
    area : float
        Probability that a signal event has the larger response (ties count half).
    influence : ndarray of shape (n,)
        The sum of its squares is the variance of the area. For events that come in groups,
        sum within the groups before squaring.

    References
    ----------
    E. R. DeLong et al. (1988), Biometrics 44, 837-845; N. A. Obuchowski (1997), Biometrics 53,
    567-578 (groups).
    """
    beaten = np.empty(len(response))
    share = np.empty(len(response))
    for mine, others in ((signal, ~signal), (~signal, signal)):
        order = np.argsort(response[others], kind="stable")
        ordered = response[others][order]
        total = np.append(0.0, np.cumsum(weight[others][order]))
        below = total[np.searchsorted(ordered, response[mine], side="left")]
        up_to = total[np.searchsorted(ordered, response[mine], side="right")]
        beaten[mine] = (below + up_to) / 2 / total[-1]
        share[mine] = weight[mine] / weight[mine].sum()
    area = float(beaten[signal] @ share[signal])
    score = np.where(signal, beaten, 1 - beaten)
    return area, share * (score - area)


def clustered_error(influence: NDArray, cluster: NDArray) -> float:
    """Return the standard error of a number from its influences, summed within clusters."""
    _, codes = np.unique(cluster, return_inverse=True)
    sums = np.bincount(codes, weights=influence)
    n = len(sums)
    return float(np.sqrt((sums**2).sum() * n / max(n - 1, 1)))


def half_width(influence: NDArray, cluster: NDArray) -> float:
    """Return half the width of a 95 % interval; few clusters make it wide, one makes it endless."""
    n = len(np.unique(cluster))
    return float(t.ppf(0.975, n - 1) * clustered_error(influence, cluster)) if n > 1 else np.inf


def wilson(share: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval for a share of n events: within 0 and 1, never of width 0."""
    z2 = norm.ppf((1 + level) / 2) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(share * (1 - share) * z2 / n + z2**2 / (4 * n**2)) / (1 + z2 / n)
    # A share of 0 or 1 is its own end; rounding must not push it outside.
    return float(max(min(middle - half, share), 0.0)), float(min(max(middle + half, share), 1.0))


def effective_count(weight: NDArray) -> float:
    """Return how many events of equal weight would tell as much."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def curve(
    signal: NDArray[np.bool_], response: NDArray, weight: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """Return background efficiency, signal efficiency and the cut, from tight to loose."""
    from sklearn.metrics import roc_curve

    return roc_curve(signal, response, sample_weight=weight, drop_intermediate=False)


def separation(values: NDArray, signal: NDArray[np.bool_], weight: NDArray) -> float:
    """Return how far apart two distributions are: 0 for equal ones, 1 for no overlap.

    Half the integral of (s - b)²/(s + b), TMVA's definition, over bins that hold equally many
    events, so that it does not depend on the scale of ``values``.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers, or categories of any type; missing ones make a bin of their own.
    signal : ndarray of bool, shape (n,)
        Which events are signal.
    weight : ndarray of shape (n,)
        Weights, not negative.
    """
    codes = _bins(values, int(min(signal.sum(), (~signal).sum())))
    s, b = (
        np.bincount(codes[rows], weights=weight[rows], minlength=codes.max() + 1)
        / weight[rows].sum()
        for rows in (signal, ~signal)
    )
    both = s + b
    return float(0.5 * np.sum((s - b)[both > 0] ** 2 / both[both > 0]))


def _bins(values: NDArray, fewest: int) -> NDArray[np.intp]:
    """Sort values into bins: about as many as the root of the smaller class, 4 to 40."""
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return pd.factorize(values, use_na_sentinel=False)[0]
    numbers = np.asarray(values, dtype=float)
    known = np.isfinite(numbers)
    count = int(np.clip(np.sqrt(fewest), 4, 40))
    codes = np.full(len(numbers), count)
    if known.any():
        inner = np.quantile(numbers[known], np.linspace(0, 1, count + 1)[1:-1])
        codes[known] = np.searchsorted(np.unique(inner), numbers[known], side="right")
    return codes


def significance(response: NDArray, signal: NDArray[np.bool_], weight: NDArray) -> float:
    """Return the distance of the means in units of both spreads (TMVA's definition)."""
    means, variances = [], []
    for rows in (signal, ~signal):
        mean = np.average(response[rows], weights=weight[rows])
        means.append(mean)
        variances.append(np.average((response[rows] - mean) ** 2, weights=weight[rows]))
    spread = np.sqrt(sum(variances))
    return float(abs(means[0] - means[1]) / spread) if spread > 0 else np.nan


def kolmogorov_smirnov(
    first: NDArray, second: NDArray, first_weight: NDArray, second_weight: NDArray
) -> tuple[float, float]:
    """Return the largest distance of two weighted distributions, and its p-value."""
    points = np.concatenate([first, second])
    shares = []
    for values, weight in ((first, first_weight), (second, second_weight)):
        order = np.argsort(values)
        total = np.append(0.0, np.cumsum(weight[order]))
        shares.append(total[np.searchsorted(values[order], points, side="right")] / total[-1])
    distance = float(np.abs(shares[0] - shares[1]).max())
    n, m = effective_count(first_weight), effective_count(second_weight)
    return distance, float(kstwo.sf(distance, max(round(n * m / (n + m)), 1)))


def correlations(table: NDArray, weight: NDArray) -> NDArray:
    """Return the matrix of linear correlations; missing values leave out their pairs only.

    Parameters
    ----------
    table : ndarray of shape (n, d)
        Numbers; NaN where missing.
    weight : ndarray of shape (n,)
        Weights.

    Returns
    -------
    ndarray of shape (d, d)
        NaN where a variable has no spread.
    """
    known = np.isfinite(table).astype(float)
    filled = np.where(known > 0, table, 0.0)
    mean = (weight @ filled) / np.maximum(weight @ known, 1e-300)
    filled = (filled - mean) * known  # near 0, so that the differences below keep their digits
    heavy = known * weight[:, None]
    total = np.maximum(heavy.T @ known, 1e-300)
    sums = (filled * weight[:, None]).T @ known / total  # mean of i where j is known
    squares = (filled**2 * weight[:, None]).T @ known / total - sums**2
    products = (filled * weight[:, None]).T @ filled / total - sums * sums.T
    squares = np.where(squares > 1e-12 * np.maximum(mean[:, None] ** 2, 1e-300), squares, np.nan)
    return np.clip(products / np.sqrt(squares * squares.T), -1, 1)


def regression(
    target: NDArray, prediction: NDArray, weight: NDArray, cluster: NDArray
) -> dict[str, float]:
    """Return the numbers of TMVA's regression table, and what it lacks.

    Parameters
    ----------
    target, prediction, weight : ndarray of shape (n,)
        In the unit of the target; weights without one.
    cluster : ndarray of shape (n,)
        Which rows belong together, for the interval of the RMSE.

    Returns
    -------
    dict of str to float
        ``rmse`` with its 95 % interval, ``mae``, ``r2``, ``bias`` (mean of prediction less
        target), ``rms`` (spread around the bias), both again without deviations beyond two
        such spreads, and the mutual information of prediction and target (nats).
    """
    from sklearn.feature_selection import mutual_info_regression

    deviation = prediction - target
    share = weight / weight.sum()
    bias = float(share @ deviation)
    rms = float(np.sqrt(share @ (deviation - bias) ** 2))
    near = np.abs(deviation - bias) <= 2 * rms
    bias_truncated = float(np.average(deviation[near], weights=weight[near]))
    spread = np.average((deviation[near] - bias_truncated) ** 2, weights=weight[near])
    square = float(share @ deviation**2)
    half = half_width(share * (deviation**2 - square), cluster)
    # On the scale of logarithms, so that the lower end stays above 0.
    factor = np.exp(half / (2 * square)) if square > 0 else 1.0
    variance = float(share @ (target - share @ target) ** 2)
    information = mutual_info_regression(prediction[:, None], target, random_state=0)
    return {
        "rmse": square**0.5,
        "rmse_low": square**0.5 / factor,
        "rmse_high": square**0.5 * factor,
        "mae": float(share @ np.abs(deviation)),
        "r2": 1 - square / variance if variance > 0 else np.nan,
        "bias": bias,
        "rms": rms,
        "bias_truncated": bias_truncated,
        "rms_truncated": float(np.sqrt(spread)),
        "mutual_information": float(information[0]),
    }
