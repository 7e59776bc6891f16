"""What wrong answers to this notebook's exercises come to, and what to say of each."""

from __future__ import annotations

import numpy as np

from vaxlab.lessons.day2.trajectories import material


def summaries(values: np.ndarray, hours: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Return wrong summaries of batches."""
    n, _, tags = values.shape

    def blocks(where: list[np.ndarray]) -> np.ndarray:
        with np.errstate(all="ignore"):
            parts = []
            for which in where:
                block = values[:, which]
                there = np.isfinite(block)
                parts.append(np.where(there, block, 0).sum(axis=1) / there.sum(axis=1))
            return np.concatenate(parts, axis=1)

    def starts(first: int) -> list[np.ndarray]:
        return [(hours >= h) & (hours < h + 12) for h in range(first, first + 72, 12)]

    late = (
        "This looks past 24 h, where the batch still runs when the forecast is asked for. What "
        "comes later tells the harvest: a leak."
    )
    right = material._summary(values, hours)
    return [
        (blocks(np.array_split(np.arange(len(hours)), 6)), late),
        (blocks([(hours >= h) & (hours <= h + 12) for h in range(-48, 24, 12)]),
         "Blocks share an hour: the last hour of each is before the next block's first."),
        (blocks(starts(-36)), late),
        (blocks(list(np.split(np.arange(len(hours))[-72:], 6))), late),
        (right.reshape(n, 6, tags).transpose(0, 2, 1).reshape(n, -1),
         "The blocks are there, but tag after tag. Put block after block."),
        (blocks(starts(-48)[::-1]), "The blocks are in the wrong order: the oldest comes first."),
    ]  # fmt: skip


def stops(curves: list[tuple[list[float], int]]) -> list[list[tuple[list[float], str]]]:
    """Return wrong last epochs, and wrong best ones."""
    right = [material._stop_early(*one) for one in curves]

    def rises(losses: list[float], patience: int) -> int:
        up = 0
        for epoch in range(1, len(losses)):
            up = up + 1 if losses[epoch] >= losses[epoch - 1] else 0
            if up >= patience:
                return epoch + 1
        return len(losses)

    last = [
        ([a - 1 for a, _ in right], "Epochs count from 1 here; Python's places count from 0."),
        ([rises(*one) for one in curves], "Each loss is compared with the one before. Compare "
         "with the best so far: a slow rise with small dips would go on for ever."),
        ([material._stop_early(losses, p + 1)[0] for losses, p in curves],
         "One epoch too late: after `patience` epochs without a better one it ends."),
        ([material._stop_early(losses, p - 1)[0] for losses, p in curves],
         "One epoch too early: it is allowed `patience` epochs without a better one."),
        ([len(losses) for losses, _ in curves], "It never stops."),
    ]  # fmt: skip
    best = [
        ([b - 1 for _, b in right], "Epochs count from 1 here; Python's places count from 0."),
        ([a for a, _ in right], "These are the last weights, after `patience` epochs that got no "
         "better. Keep those of the lowest loss."),
        ([int(np.argmin(losses)) + 1 for losses, _ in curves],
         "This is the lowest loss of the whole curve, of epochs that were never trained."),
    ]  # fmt: skip
    return [last, best]


def intervals(cases: list[tuple[np.ndarray, np.ndarray]]) -> list[tuple[np.ndarray, str]]:
    """Return wrong intervals, ends in a row."""

    def ends(half: list[float], sign: float = 1.0) -> np.ndarray:
        middle = np.array([sign * (net - trees).mean() for trees, net in cases])
        return np.column_stack([middle - half, middle + half]).ravel()

    sds = np.array([(net - trees).std(ddof=1) for trees, net in cases])
    apart = np.array([np.hypot(t.std(ddof=1), n.std(ddof=1)) for t, n in cases])
    t, root = material.T_FIVE, np.sqrt(5)
    return [
        (ends(t * sds / root, -1.0), "The sign is turned round: take net less trees."),
        (ends(1.96 * sds / root), "1.96 belongs to many numbers. Five have 2.776 (Student's t)."),
        (ends(t * sds), "This is where a single seed may fall. The mean of five: divide by √5."),
        (ends(t * sds * np.sqrt(4 / 5) / root), "The SD divides by 5. Of a sample of five it "
         "divides by 4: `ddof=1`."),
        (ends(t * apart / root), "The two methods were taken as if they had met other seeds. Take "
         "the difference seed by seed first: what a seed does to both falls out."),
        (ends(1.96 * apart / root), "The two methods were taken as if they had met other seeds. "
         "Take the difference seed by seed first."),
        (ends(sds), "This is one SD to each side: 2.776 · SD / √5."),
    ]  # fmt: skip


def turns(cases: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> list[tuple[list, str]]:
    """Return wrong sizes at which the order turns."""
    first, places, last, other = [], [], [], []
    for sizes, trees, net in cases:
        ahead = net < trees
        first.append(float(sizes[np.argmax(ahead)]) if ahead.any() else np.inf)
        right = material._turns_at(sizes, trees, net)
        places.append(float(np.flatnonzero(sizes == right)[0]) if np.isfinite(right) else np.inf)
        last.append(float(sizes[-1]))
        other.append(material._turns_at(sizes, net, trees))
    return [
        (first, "The net is ahead here once, and falls behind again at a larger size: luck. It "
         "has to stay ahead."),
        (places, "This is the place in the table. Give the size."),
        (other, "The methods are swapped: the smaller miss is the better one."),
        (last, "This is the largest size that was tried. If the net is behind even there: np.inf."),
    ]  # fmt: skip
