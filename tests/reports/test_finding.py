"""What somebody looks for is found as they type it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audiospective.accounts import people
from audiospective.accounts.people import Person
from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection
from audiospective.insights.listening import Listening
from audiospective.reports import ask
from audiospective.reports.entity import EntityKind, entity
from audiospective.reports.finding import Filter, find, fold
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock


@pytest.fixture
async def everything(conn: Connection, clock: FakeClock) -> Listening:
    """Plays of songs with accents, of two artists, from two sources."""
    mara: Person = await people.add(conn, "mara", clock.now())
    live = [Heard(0, "Canção do Mar"), Heard(300, "Straße", artist="Ödland"), Heard(600, "Canção do Mar")]
    await store(conn, [batch(mara.id, Source.API, *live), batch(mara.id, Source.EXTENDED, Heard(9_000, "Old", 200_000))])
    return await ask.listening(conn, HistoryCache(), mara, "all", clock.forward(days=1))


@pytest.mark.parametrize(
    ("query", "plays"), [("cancao", 2), ("CANÇÃO mar", 2), ("strasse", 1), ("odland", 1), ("estuary", 4), ("mar odland", 0), ("  ", 4)]
)
async def test_every_word_must_stand_in_a_name_whatever_case_and_accents(
    conn: Connection, everything: Listening, query: str, plays: int
) -> None:
    assert len(await find(conn, everything, Filter(query))) == plays


async def test_filters_go_together(conn: Connection, everything: Listening) -> None:
    artist = int(everything.history.artist_ids[everything.track[1]])
    assert len(await find(conn, everything, Filter(artist=artist))) == 1
    assert len(await find(conn, everything, Filter(artist=artist, source="spotify-extended"))) == 0
    assert len(await find(conn, everything, Filter(source="spotify-extended"))) == 1


async def test_a_source_that_there_is_not_is_refused_with_those_that_are(conn: Connection, everything: Listening) -> None:
    with pytest.raises(Invalid, match="spotify-extended"):
        await find(conn, everything, Filter(source="tape"))


@example("𝞐")  # a capital of mathematics, which has no small letter of its own
@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


async def test_a_page_of_one_thing_counts_what_the_lists_count(conn: Connection, everything: Listening) -> None:
    track = int(everything.history.track_ids[everything.track[0]])
    found = await entity(conn, everything, EntityKind.TRACK, track)
    assert (found.stats.total_plays, found.rank, found.of) == (2, 1, 3)
    assert [one.card.name for one in found.before] == ["Straße"]
    assert sum(map(sum, found.heatmap)) == sum(plays for _, plays in found.months) == 2


@pytest.mark.parametrize("kind", list(EntityKind))
async def test_what_somebody_never_heard_is_not_there(conn: Connection, everything: Listening, kind: EntityKind) -> None:
    for wanted in (0, -1, 999_999):
        with pytest.raises(NotFound):
            await entity(conn, everything, kind, wanted)
