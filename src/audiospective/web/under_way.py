"""How many long transfers are under way: so many of one person, so many of all, so that a slow one stands in nobody's way."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from audiospective.errors import RateLimited
from audiospective.infra.language import mark


class UnderWay:
    """Transfers of one kind; `says` is told to whoever begins one too many."""

    def __init__(self, *, each: int, all: int, says: str) -> None:  # noqa: A002 (of all people)
        self._each, self._all, self._says = each, all, says
        self._of: Counter[int] = Counter()

    @contextlib.contextmanager
    def one(self, user: int) -> Iterator[None]:
        """While it lasts; raises RateLimited when there are too many already."""
        if self._of[user] >= self._each or self._of.total() >= self._all:
            raise RateLimited(self._says, retry_after=10)
        self._of[user] += 1
        try:
            yield
        finally:
            self._of[user] -= 1
            self._of += Counter()  # forgets who has none

    def __len__(self) -> int:
        return self._of.total()


def exports() -> UnderWay:
    """Each holds a connection to the database while it is read."""
    return UnderWay(each=2, all=6, says=mark("Other exports are being read just now; begin this one when they have ended."))


def uploads() -> UnderWay:
    """Each holds a connection of its sender, and a file, however slowly it comes."""
    return UnderWay(each=3, all=30, says=mark("Other uploads are under way just now; begin this one when they have ended."))
