"""How much do two people hear of the same, and what could one try of the other's?"""

from __future__ import annotations

import msgspec

from audiospective.insights.listening import Listening
from audiospective.insights.period import Period
from audiospective.insights.top import plays_of

_SHOWN = 10
_EVER = Period("all", None, None)


class Affinity(msgspec.Struct, frozen=True):
    """`overlap` is the part of plays, in per cent, that both spend on the same artists: for each artist the smaller of the two shares.

    `shared` are artists by that part, most first; `to_try` those that the other plays most and one has never played.
    The other is silent who played nothing.
    """

    overlap: float
    shared: tuple[int, ...]
    to_try: tuple[int, ...]
    is_silent: bool


def affinity(mine: Listening, others: Listening) -> Affinity:
    """What two listenings have in common, seen by the first; artists by their ids, ties by the lower id."""
    my_plays, their_plays = (plays_of(one, one.history.artist_ids) for one in (mine, others))
    all_mine, all_theirs = sum(my_plays.values()), sum(their_plays.values())
    common = {one: min(my_plays[one] / all_mine, their_plays[one] / all_theirs) for one in my_plays.keys() & their_plays.keys()}
    ever = plays_of(mine.over(_EVER), mine.history.artist_ids)
    unknown = [one for one in their_plays if one not in ever]
    return Affinity(
        overlap=round(sum(common.values()) * 100, 1),
        shared=tuple(sorted(common, key=lambda one: (-common[one], one))[:_SHOWN]),
        to_try=tuple(sorted(unknown, key=lambda one: (-their_plays[one], one))[:_SHOWN]),
        is_silent=not their_plays,
    )
