"""Chance for texts: one stream of random numbers a topic, the same on every machine."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws from a stream of its own.

    Parameters
    ----------
    seed : int
    topic : str
        What it is thrown for: topics do not disturb one another.

    Notes
    -----
    Only ``random.random`` is used, whose stream Python promises to keep, and a text as seed, which
    is hashed without the salt of ``hash``.
    """

    def __init__(self, seed: int, topic: str) -> None:
        self.number = random.Random(f"{topic}:{seed}").random

    def below(self, n: int) -> int:
        """Return a whole number from 0 to n - 1."""
        return int(self.number() * n)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.number() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """Return True so often."""
        return self.number() < share

    def pick(self, things: Sequence[T]) -> T:
        """Return one of the things."""
        return things[int(self.number() * len(things))]

    def weighted(self, sums: Sequence[float]) -> int:
        """Return an index, given the running sums of the weights."""
        import bisect

        index = bisect.bisect_right(sums, self.number() * sums[-1])
        return min(index, len(sums) - 1)

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Return the things in another order."""
        mixed = list(things)
        for i in range(len(mixed) - 1, 0, -1):
            j = int(self.number() * (i + 1))
            mixed[i], mixed[j] = mixed[j], mixed[i]
        return mixed

    def sample(self, things: Sequence[T], n: int) -> list[T]:
        """Return n different things, or all where there are fewer."""
        return self.shuffled(things)[:n]
