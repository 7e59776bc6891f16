"""What spectra are worth beside a clock, and nets beside trees: as learners would try it."""

import time
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.signal import savgol_filter
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import GroupKFold, cross_val_predict

from vaxlab.plant import campaign, spectra

G_PER_MMOL = {"glucose": 0.18016, "lactate": 0.09008}
HISTORY, BATCHES = 120, 12
COMPONENTS = range(4, 15, 2)


@dataclass(frozen=True)
class Errors:
    """Root mean squared errors on new batches, g/L.

    Attributes
    ----------
    pls : float
        Of partial least squares on the spectra.
    clock : float
        Of the training batches' mean at the same hour.
    """

    pls: float
    clock: float

    @property
    def clock_over_pls(self) -> float:
        """How many times worse the clock is."""
        return self.clock / self.pls


@dataclass(frozen=True)
class _Measured:
    spectra: np.ndarray
    hours: np.ndarray
    batch: np.ndarray
    read: dict[str, np.ndarray]
    true: dict[str, np.ndarray]


@cache
def errors(seed: int) -> dict[str, Errors]:
    """Learn on twelve batches of one history, and predict twelve of another, never seen."""
    train, test = _measured(seed), _measured(seed + 1)
    found = {}
    for name, g in G_PER_MMOL.items():
        known = ~np.isnan(train.read[name])
        x, y, batch = train.spectra[known], train.read[name][known], train.batch[known]
        folds = GroupKFold(6)
        missed = [
            np.mean((cross_val_predict(_pls(k), x, y, groups=batch, cv=folds).ravel() - y) ** 2)
            for k in COMPONENTS
        ]
        model = _pls(COMPONENTS[int(np.argmin(missed))]).fit(x, y)
        clock = _clock(train.hours[known], y, test.hours)
        found[name] = Errors(
            pls=g * _rmse(model.predict(test.spectra).ravel(), test.true[name]),
            clock=g * _rmse(clock, test.true[name]),
        )
    return found


def _measured(seed: int) -> _Measured:
    batches = campaign.run(seed, HISTORY).made.batches
    which = np.linspace(0, HISTORY - 1, BATCHES).astype(int)
    table = spectra.measure(batches, np.random.default_rng(seed), which)
    batch = table["batch"].to_numpy()
    start = np.array([recipe.growth_time_h for recipe in batches.recipes])
    hours = table["minute"].to_numpy() / 60 - start[batch]
    light = savgol_filter(table[list(spectra.CHANNELS)].to_numpy(float), 11, 2, deriv=1, axis=1)
    light = (light - light.mean(axis=1, keepdims=True)) / light.std(axis=1, keepdims=True)
    names = {name: f"{name}_mmol_per_l" for name in G_PER_MMOL}
    return _Measured(
        light,
        hours,
        batch,
        {name: table[f"atline_{column}"].to_numpy() for name, column in names.items()},
        {name: batches.at(column, batch, hours) for name, column in names.items()},
    )


def _pls(components: int) -> PLSRegression:
    return PLSRegression(components, scale=False)


def _clock(hours: np.ndarray, read: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the mean reading at the asked hours; nothing is carried over the exchange."""
    out = np.empty(len(asked))
    for after in (False, True):
        here, there = (hours >= 0) == after, (asked >= 0) == after
        mean = pd.Series(read[here]).groupby(np.round(hours[here] / 2) * 2).mean()
        out[there] = np.interp(asked[there], mean.index, mean.to_numpy())
    return out


def _rmse(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.mean((a - b) ** 2)))


# Nets and trees ---------------------------------------------------------------------------------

SIZES = (15, 30, 60, 120, 240, 360)
TRIES, NETS = 4, 3
NET_TAGS = ("capacitance_pf_per_cm", "o2_l_per_min", "co2_l_per_min", "base_total_ml", "ph")


def learning_curve(seed: int) -> tuple[list[tuple[int, float, float]], list[float]]:
    """Return (batches, R2 of trees, R2 of nets) and the seconds that such histories take.

    The HA at harvest is forecast 24 h after infection from set points and the historian. Means
    over four draws of the training batches; tested on another history, never seen.
    """
    seconds, table = [], []
    for size in SIZES:
        begin = time.perf_counter()
        _early(seed, size)
        seconds.append(time.perf_counter() - begin)
    x, y = _early(seed, max(SIZES))
    x_new, y_new = _early(seed + 1, max(SIZES))
    for size in SIZES:
        scores = []
        for draw in range(TRIES):
            rows = np.random.default_rng([seed, draw]).permutation(len(y))[:size]
            own, target = x[rows], y[rows]
            nets = [_net(own, target, x_new, NETS * draw + k) for k in range(NETS)]
            scores.append([_r2(y_new, p) for p in (_trees(own, target, x_new), np.mean(nets, 0))])
        table.append((size, *map(float, np.mean(scores, axis=0))))
    return table, seconds


def seconds_to_the_crossover(seed: int) -> float:
    """Return how long it takes to make the smallest history from which on nets beat trees.

    Infinite where trees are still ahead on the largest one.
    """
    table, seconds = learning_curve(seed)
    behind = [k for k, (_, trees, nets) in enumerate(table) if nets <= trees]
    first = max(behind, default=-1) + 1
    return seconds[first] if first < len(table) else float("inf")


def _early(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what is known 24 h after infection, and the true HA at harvest, of sound batches."""
    history = campaign.run(seed, n)
    batches, historian = history.tables["batches"], history.tables["historian"]
    known = batches[[*campaign.SET_POINTS]].assign(moi=np.log(batches["moi"])).to_numpy(float)
    infected = batches.set_index("batch_id")["infected_at"].loc[historian["batch_id"]].to_numpy()
    hours = (historian["recorded_at"].to_numpy() - infected) / np.timedelta64(1, "h")
    parts = [known]
    for first, last in ((-90.0, -1.0), (2.0, 24.0)):
        now = historian[(hours >= first) & (hours < last)].groupby("batch_id")[list(NET_TAGS)]
        parts += [getattr(now, kind)().to_numpy() for kind in ("mean", "std", "min", "max", "last")]
    x = np.nan_to_num(np.column_stack(parts))
    truth = history.truth["batches"]
    sound = (truth["fault_id"] == "").to_numpy()
    return x[sound], truth["ha_at_harvest_log10_per_100ul"].to_numpy()[sound]


def _trees(x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    model = HistGradientBoostingRegressor(
        learning_rate=0.06, max_iter=200, max_leaf_nodes=8, min_samples_leaf=8
    )
    return model.fit(x, y).predict(new)


def _net(x: np.ndarray, y: np.ndarray, new: np.ndarray, seed: int) -> np.ndarray:
    """Train a small net with weight decay, dropout and early stopping."""
    import torch

    torch.manual_seed(seed)
    centre, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    a, b = (
        torch.tensor(np.clip((v - centre) / spread, -4, 4), dtype=torch.float32) for v in (x, new)
    )
    t = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
    order = torch.randperm(len(a))
    held, used = order[: max(4, len(a) // 6)], order[max(4, len(a) // 6) :]
    net = torch.nn.Sequential(
        torch.nn.Linear(a.shape[1], 64),
        torch.nn.SiLU(),
        torch.nn.Dropout(0.15),
        torch.nn.Linear(64, 64),
        torch.nn.SiLU(),
        torch.nn.Dropout(0.15),
        torch.nn.Linear(64, 1),
    )
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.05)
    best, kept, waited = np.inf, None, 0
    for _ in range(200):
        net.train()
        for rows in used[torch.randperm(len(used))].split(32):
            optimizer.zero_grad()
            (net(a[rows]).squeeze(1) - t[rows]).square().mean().backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            error = (net(a[held]).squeeze(1) - t[held]).square().mean().item()
        if error < best:
            best, waited = error, 0
            kept = {name: value.clone() for name, value in net.state_dict().items()}
        elif (waited := waited + 1) > 20:
            break
    net.load_state_dict(kept)
    with torch.no_grad():
        return net(b).squeeze(1).numpy() * y.std() + y.mean()


def _r2(true: np.ndarray, said: np.ndarray) -> float:
    return float(1 - np.mean((true - said) ** 2) / true.var())
