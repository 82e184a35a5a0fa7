"""Who rose, who fell, who is new among the most played?"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from audiospective.archive.plays import I4
from audiospective.insights import top
from audiospective.insights.listening import Listening
from audiospective.insights.top import By


class Moved(msgspec.Struct, frozen=True):
    """Something by its id (or a genre by its name): how much of it now and in the period before (plays, or ms where that is asked for),
    and its place in each; equal amounts share a place. `place_before` None: nothing of it then.
    """

    id: int | str
    much: int
    much_before: int
    place: int
    place_before: int | None

    @property
    def rose(self) -> int | None:
        """Places won, negative for lost; None for what is new."""
        return None if self.place_before is None else self.place_before - self.place


class Movement(msgspec.Struct, frozen=True):
    """`now` is the top of the period; `gone` was at the top of the one before and isn't in this one at all. Most first, ties by id.

    `compared` is False where nothing lies before (range all, or no plays then); then places before are None and `gone` is empty.
    """

    compared: bool
    now: tuple[Moved, ...]
    gone: tuple[Moved, ...]


def movement(listening: Listening, ids_by_track: I4, limit: int, by: By = By.PLAYS) -> Movement:
    """The top of a period beside the period before; `ids_by_track` gives each track's id of the kind asked for, 0 for none."""
    before = listening.period.previous()
    then = top.amounts(listening.over(before), ids_by_track, by) if before else {}
    return moved(top.amounts(listening, ids_by_track, by), then, limit)


def moved(now: Mapping[int, int] | Mapping[str, int], then: Mapping[int, int] | Mapping[str, int], limit: int) -> Movement:
    """The same of any amounts, each above 0, by id or name."""
    here: dict[int | str, int] = dict(now.items())
    before: dict[int | str, int] = dict(then.items())
    places, places_before = _places(here), _places(before)
    order = sorted(here, key=lambda one: (-here[one], one))[:limit]
    shown = tuple(Moved(one, here[one], before.get(one, 0), places[one], places_before.get(one)) for one in order)
    lost = sorted((one for one in before if one not in here), key=lambda one: (-before[one], one))
    gone = tuple(Moved(one, 0, before[one], 0, places_before[one]) for one in lost if places_before[one] <= limit)[:limit]
    return Movement(bool(before), shown, gone)


def _places(amounts: Mapping[int | str, int]) -> dict[int | str, int]:
    """1 for the most; equal amounts share a place."""
    found: dict[int | str, int] = {}
    last, place = -1, 0
    for count, one in enumerate(sorted(amounts, key=lambda one: -amounts[one]), start=1):
        if amounts[one] != last:
            last, place = amounts[one], count
        found[one] = place
    return found
