"""Every play can be followed down to who said it."""

from __future__ import annotations

from datetime import datetime

from audiospective.archive import history, witnesses
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.infra.database import Connection, fetch_all
from audiospective.insights import recent
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.reports.play import play
from tests.archive.listens import EVENING, Heard, batch

_PLAYS = "SELECT (extract(epoch FROM played_at) * 1000000)::bigint FROM plays WHERE user_id = %(user)s AND flags & 256 = 0 ORDER BY 1"
_TRACK = "SELECT id FROM tracks WHERE name = %(name)s"


async def said(conn: Connection, user: UserId, song: str = "Tide") -> list[tuple[witnesses.Witness, ...]]:
    """Who said each play of the song."""
    (track,) = await fetch_all(conn, _TRACK, int, name=song)
    return [await witnesses.witnesses(conn, user, us, track) for us in await fetch_all(conn, _PLAYS, int, user=user)]


async def test_a_play_of_two_sources_has_two_witnesses_and_the_richer_stands(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(2, "Tide"))])
    await store(conn, [batch(user, Source.EXTENDED, Heard(0, "Tide", ms=200_000))])
    (found,) = await said(conn, user)
    assert [(one.source, one.stands, one.ms_played) for one in found] == [(Source.EXTENDED, True, 200_000), (Source.API, False, None)]
    assert all(isinstance(one.ended_at, datetime) for one in found)


async def test_two_plays_of_one_song_in_a_row_keep_their_own_witnesses(conn: Connection, user: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(0, "Tide"), Heard(200, "Tide"))])
    await store(conn, [batch(user, Source.EXTENDED, Heard(0, "Tide", ms=200_000), Heard(200, "Tide", ms=200_000))])
    assert [[one.source for one in those] for those in await said(conn, user)] == [[Source.EXTENDED, Source.API]] * 2


async def test_nobody_sees_anothers_play(conn: Connection, user: UserId, other: UserId) -> None:
    await store(conn, [batch(user, Source.API, Heard(0, "Tide"))])
    (track,) = await fetch_all(conn, _TRACK, int, name="Tide")
    (us,) = await fetch_all(conn, _PLAYS, int, user=user)
    assert await witnesses.witnesses(conn, other, us, track) == ()
    assert await witnesses.witnesses(conn, user, us + 1, track) == ()


async def test_of_plays_at_one_moment_each_has_its_own_witness(conn: Connection, user: UserId) -> None:
    heard = [Heard(60, "Tide", ms=ms, address=False) for ms in (5_000, 60_000, 31_000)]
    await store(conn, [batch(user, Source.ACCOUNT, *heard)])
    listening = see(await history.load(conn, user), Zone("UTC"), Period("all", None, None), Lens(), EVENING)
    plays = recent.recent(listening, 10).plays
    assert [one.ms_played for one in plays] == [60_000, 31_000]
    told = [await play(conn, user, one.id) for one in plays]
    assert [[source.ms_played for source in one.sources] for one in told] == [[60_000], [31_000]]
