"""Many listens, a portion at a time, so that storing holds one portion in memory and not a life. Pure.

A portion of one batch is a stretch of its time. It ends in a silence, the longest at hand: nothing that was said on one side of it changes
what is a play on the other, and where no silence is long enough, storing looks around by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from audiospective.archive.plays import Batch

#: Listens of a portion; with what was said before of the same time, some 60 MB while it is stored.
ROWS: Final = 200_000


def portions(batches: Sequence[Batch], rows: int = ROWS) -> Iterator[list[tuple[int, Batch]]]:
    """All listens of all batches, up to `rows` together, each piece with the place of the batch that it is of."""
    portion: list[tuple[int, Batch]] = []
    held = 0
    for place, batch in enumerate(batches):
        for piece in _pieces(batch, rows):
            if portion and held + len(piece.listens) > rows:
                yield portion
                portion, held = [], 0
            portion.append((place, piece))
            held += len(piece.listens)
    if portion:
        yield portion


def _pieces(batch: Batch, rows: int) -> Iterator[Batch]:
    """The batch, or stretches of its time one after the other, each cut at the longest silence of its second half."""
    listens = batch.listens
    if len(listens) <= rows:
        yield batch
        return
    order = np.argsort(listens.ended_at, kind="stable")
    silences = np.diff(listens.ended_at[order])
    start = 0
    while start < len(order):
        till = len(order)
        if till - start > rows:
            half = start + rows // 2
            till = half + int(silences[half : start + rows].argmax()) + 1
        yield replace(batch, listens=listens.at(order[start:till]))
        start = till
