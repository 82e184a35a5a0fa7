"""One play with everything that is known of it, so that any number can be followed down to who said it."""

from __future__ import annotations

from datetime import datetime

from audiospective.archive import catalog
from audiospective.archive.plays import UserId, country_of
from audiospective.archive.witnesses import Witness, witnesses
from audiospective.errors import NotFound
from audiospective.infra.database import Connection
from audiospective.insights.recent import play_named
from audiospective.reports.answers import Answer, TrackAnswer, track


class WitnessAnswer(Answer):
    """One source's word; `importId` and `importName` null for a sweep or client, `saidAgainBy` names imports that repeat it."""

    source: str
    ended_at: datetime
    ms_played: int | None
    platform: str | None
    country: str | None
    import_id: int | None
    import_name: str | None
    said_again_by: list[str]
    stands: bool


class PlayAnswer(Answer):
    """A play and its sources, the one that stands for it first."""

    id: str
    played_at: datetime
    track: TrackAnswer
    sources: list[WitnessAnswer]


async def play(conn: Connection, user: UserId, play_id: str) -> PlayAnswer:
    """The play of this id; raises NotFound for anything that isn't one of this person's plays."""
    named = play_named(play_id)
    if named is None or not 0 < named.track < 2**31:
        raise NotFound("There is no such play of yours.")
    found = await witnesses(conn, user, named.us, named.track, named.again)
    cards = await catalog.tracks(conn, [named.track])
    if not found or named.track not in cards:
        raise NotFound("There is no such play of yours.")
    return PlayAnswer(play_id, found[0].ended_at, track(cards[named.track]), [_told(one) for one in found])


def _told(one: Witness) -> WitnessAnswer:
    return WitnessAnswer(
        one.source.label,
        one.ended_at,
        one.ms_played,
        one.platform or None,
        country_of(one.country) or None,
        one.import_id or None,
        one.import_name or None,
        list(one.again),
        one.stands,
    )
