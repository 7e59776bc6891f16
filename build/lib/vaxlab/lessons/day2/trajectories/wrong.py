"""What wrong answers to this notebook's exercises come to, and what to say of each."""

from __future__ import annotations

import warnings

import numpy as np

from vaxlab.lessons.day2.trajectories import material


def summaries(values: np.ndarray, hours: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Return wrong summaries of batches."""
    n, _, tags = values.shape

    def of(first: int, last: int) -> np.ndarray:
        """Summarise the hours from first to last, without it."""
        seen = values[:, (hours >= first) & (hours < last)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ways = [kind(seen, axis=1) for kind in (np.nanmean, np.nanstd, np.nanmin, np.nanmax)]
            return np.concatenate([*ways, np.nanmean(seen[:, -3:], axis=1)], axis=1)

    right = material._summary(values, hours)
    late = (
        "This looks past 30 h, where the batch still runs when the forecast is asked for. What "
        "comes later tells the harvest: a leak."
    )
    there = np.isfinite(values[:, hours >= material.NOW_H]).any(axis=2)
    ends = material.NOW_H + there.sum(axis=1)
    last = np.stack(
        [values[row, (hours >= end - 3) & (hours < end)] for row, end in enumerate(ends)]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        at_the_end = np.concatenate([right[:, : 4 * tags], np.nanmean(last, axis=1)], axis=1)
    whole = of(hours[0], hours[-1] + 1)
    parts = right.reshape(n, 5, tags)
    by_place = values[:, 18:54]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        no_end = np.nanmean(values[:, -3:], axis=1)
        ways = [kind(by_place, axis=1) for kind in (np.nanmean, np.nanstd, np.nanmin, np.nanmax)]
        by_place = np.concatenate([*ways, np.nanmean(by_place[:, -3:], axis=1)], axis=1)
    no_cut = (
        "The last three hours are those of the whole table, from after 30 h, where most batches "
        "have ended: take them of the cut, as the other four."
    )
    return [
        (np.concatenate([right[:, : 4 * tags], no_end], axis=1), no_cut),
        (np.concatenate([whole[:, : 4 * tags], no_end], axis=1), late),
        (by_place, "Rows were counted from the table's first one. Another table begins at another "
         "hour: ask `hours`."),
        (whole, late),
        (np.concatenate([whole[:, : 4 * tags], at_the_end[:, 4 * tags :]], axis=1), late),
        (of(material.FROM_H, hours[-1] + 1), late),
        (at_the_end, late),
        (of(material.FROM_H, material.NOW_H + 1), "Hour 30 is among them, and it has only begun: "
         "`hours < 30`."),
        (of(hours[0], material.NOW_H), "Nothing of this comes late, but it begins too early: the "
         "window is from -6 h on."),
        (of(material.FROM_H + 1, material.NOW_H), "Hour -6 is missing: `hours >= -6`."),
        (of(0, material.NOW_H), "This begins at infection: the window is from -6 h on."),
        (parts.transpose(0, 2, 1).reshape(n, -1), "The numbers are there, but tag after tag: all "
         "means come first, then all SDs."),
        (np.concatenate([parts[:, 0], parts[:, 1] ** 2, *parts[:, 2:].transpose(1, 0, 2)], axis=1),
         "The second block holds variances. An SD is their root: `np.nanstd`."),
    ]  # fmt: skip


def intervals(cases: list[tuple[np.ndarray, np.ndarray]]) -> list[tuple[np.ndarray, str]]:
    """Return wrong intervals, ends in a row."""

    def ends(half: list[float] | np.ndarray, sign: float = 1.0) -> np.ndarray:
        middle = np.array([sign * (net - trees).mean() for trees, net in cases])
        return np.column_stack([middle - half, middle + half]).ravel()

    sds = np.array([(net - trees).std(ddof=1) for trees, net in cases])
    apart = np.array([np.hypot(t.std(ddof=1), n.std(ddof=1)) for t, n in cases])
    t, root = material.T_FIVE, np.sqrt(5)
    other_seeds = (
        "The two methods were taken as if they had met other seeds. Take the difference seed by "
        "seed first: what a seed does to both falls out."
    )
    normal = "1.96 belongs to many numbers. Five have 2.776 (Student's t)."
    return [
        (ends(t * sds / root, -1.0), "The sign is turned round: take net less trees."),
        (ends(1.96 * sds / root), normal),
        (ends(1.96 * sds * np.sqrt(4 / 5) / root), normal),
        (ends(t * sds), "This is where a single seed may fall. The mean of five: divide by √5."),
        (ends(t * sds / 5), "The SD of a mean of five is s / √5, not s / 5."),
        (ends(t * sds * np.sqrt(4 / 5) / root), "The SD divides by 5. Of a sample of five it "
         "divides by 4: `ddof=1`."),
        (ends(t * apart / root), other_seeds),
        (ends(1.96 * apart / root), other_seeds),
        (ends(2.306 * apart / root), other_seeds),
        (ends(sds), "This is one SD to each side: 2.776 · SD / √5."),
        (ends(sds / root), "This is one standard error to each side: times 2.776."),
        (np.ravel([[(n - t).min(), (n - t).max()] for t, n in cases]), "These are the luckiest and "
         "the unluckiest seed. Asked is where the mean lies."),
    ]  # fmt: skip


Case = tuple[np.ndarray, np.ndarray, np.ndarray]


def turns(cases: list[Case]) -> tuple[list[tuple[list, str]], list[tuple[list, str]]]:
    """Return wrong sizes up to which trees lead, and wrong ones from which on the net does."""
    rights = [material._turns_at(*case) for case in cases]
    by_middle = [material._turns_at(s, (a + b) / 2, (a + b) / 2) for s, a, b in cases]
    last_trees, first_net, places, loose = [], [], [], []
    for (sizes, low, high), (until, start) in zip(cases, rights, strict=True):
        last_trees.append(max(sizes[low > 0], default=0))
        first_net.append(min(sizes[high < 0], default=np.inf))
        where = [np.flatnonzero(sizes == value) for value in (until, start)]
        places.append([float(k[0]) if k.size else value for k, value in
                       zip(where, (until, start), strict=True)])  # fmt: skip
        # The ends of the interval mixed up: any overlap with the right side counts.
        loose.append(material._turns_at(sizes, high, low))
    middle = (
        "This goes by the middle of the interval. A lead whose interval holds zero may be luck: "
        "the whole interval has to lie on one side."
    )
    mixed = "The ends are mixed up: trees lead where `low` is above zero, the net where `high` is "
    mixed += "below."
    place = "This is the place in the table. Give the size."
    until = [
        (last_trees, "Trees lead here, but at a smaller size already they do not surely: count "
         "from the smallest size on, as long as they lead."),
        ([pair[0] for pair in by_middle], middle),
        ([pair[0] for pair in places], place),
        ([pair[0] for pair in loose], mixed),
        ([pair[1] for pair in rights], "The two sizes changed places."),
    ]  # fmt: skip
    start = [
        (first_net, "The net is surely ahead here once, and at a larger size no more: luck. It has "
         "to stay ahead."),
        ([pair[1] for pair in by_middle], middle),
        ([pair[1] for pair in places], place),
        ([pair[1] for pair in loose], mixed),
        ([pair[0] for pair in rights], "The two sizes changed places."),
    ]  # fmt: skip
    return until, start
