"""What a shared report holds, for how long, and that nobody can change it (security.md A042, A044, A047, A049)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from audiospective.accounts import people
from audiospective.accounts.people import Person
from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, execute
from audiospective.infra.sealing import Sealer
from audiospective.reports import ask, share
from audiospective.reports.share import Section, Share, ViewCounter, Wanted
from tests.archive.listens import EVENING, Heard, batch
from tests.clock import FakeClock

SEALER = Sealer(["a secret of the tests"])


@pytest.fixture
async def mara(conn: Connection, clock: FakeClock) -> Person:
    """She heard three plays of two songs one evening, and one play a week later."""
    person = await people.add(conn, "mara", clock.now())
    heard = [Heard(0, "Tide"), Heard(300, "Harbour"), Heard(600, "Tide"), Heard(604_800, "Later")]
    await store(conn, [batch(person.id, Source.API, *heard)])
    return person


async def _publish(conn: Connection, person: Person, clock: FakeClock, wanted: Wanted, spelling: str = "2026-03-18") -> Share:
    days = f"{spelling}..{spelling}"
    listening = await ask.listening(conn, HistoryCache(), person, days, max(clock.now(), EVENING + timedelta(days=8)))
    return await share.publish(conn, SEALER, listening, wanted)


async def test_a_report_holds_exactly_the_range(conn: Connection, mara: Person, clock: FakeClock) -> None:
    told = (await _publish(conn, mara, clock, Wanted("One evening"))).report
    assert [(item.name, item.plays) for item in told.tracks] == [("Tide", 2), ("Harbour", 1)]
    assert told.numbers is not None
    assert (told.numbers.plays, told.days) == (3, [(date(2026, 3, 18), 3)])


async def test_later_plays_do_not_change_it(conn: Connection, mara: Person, clock: FakeClock) -> None:
    made = await _publish(conn, mara, clock, Wanted("One evening"))
    await store(conn, [batch(mara.id, Source.API, Heard(900, "Tide"))])
    assert (await share.find(conn, SEALER, made.id, made.created_at)).report == made.report


async def test_only_the_chosen_parts_are_in_it(conn: Connection, mara: Person, clock: FakeClock) -> None:
    told = (await _publish(conn, mara, clock, Wanted("Artists", sections=frozenset({Section.ARTISTS})))).report
    assert (told.numbers, told.tracks, told.albums, told.heatmap, told.days, told.name) == (None, [], [], [], [], None)
    assert [item.name for item in told.artists] == ["Marrow Coast"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(""), "title"),
        (Wanted("x" * 101), "title"),
        (Wanted("x", "y" * 501), "description"),
        (Wanted("write to mara@example.org"), "title"),
        (Wanted("x", "mara@example.org"), "description"),
        (Wanted("x", sections=frozenset()), "sections"),
    ],
)
async def test_what_can_not_be_shared_is_refused_by_name(
    conn: Connection, mara: Person, clock: FakeClock, wanted: Wanted, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await _publish(conn, mara, clock, wanted)
    assert refused.value.details["field"] == field


async def test_what_no_page_can_show_is_left_out(conn: Connection, mara: Person, clock: FakeClock) -> None:
    made = await _publish(conn, mara, clock, Wanted("My\0 eve\x1bning\x07", "two\nlines\0"))
    assert (made.report.title, made.report.description) == ("My evening", "two\nlines")
    with pytest.raises(Invalid, match="A title has 1 to"):
        await _publish(conn, mara, clock, Wanted("\0"))


async def test_a_link_can_not_end_before_it_begins(conn: Connection, mara: Person, clock: FakeClock) -> None:
    with pytest.raises(Invalid, match="in the past"):
        await _publish(conn, mara, clock, Wanted("x", expires_at=clock.now() - timedelta(days=1)))


async def test_an_address_may_be_shown_by_who_says_so(conn: Connection, mara: Person, clock: FakeClock) -> None:
    made = await _publish(conn, mara, clock, Wanted("mara@example.org", shows_address=True))
    assert made.report.title == "mara@example.org"


async def test_an_expired_a_revoked_and_an_unknown_report_look_the_same(conn: Connection, mara: Person, clock: FakeClock) -> None:
    ends = EVENING + timedelta(days=30)
    expired = await _publish(conn, mara, clock, Wanted("x", expires_at=ends))
    revoked = await _publish(conn, mara, clock, Wanted("x"))
    await share.revoke(conn, mara.id, revoked.id)
    said = set()
    for share_id in (expired.id, revoked.id, "never-was", "\0"):
        with pytest.raises(NotFound) as missing:
            await share.find(conn, SEALER, share_id, ends)
        said.add(missing.value.message)
    assert len(said) == 1


async def test_its_end_can_be_moved(conn: Connection, mara: Person, clock: FakeClock) -> None:
    made = await _publish(conn, mara, clock, Wanted("x", expires_at=EVENING + timedelta(days=30)))
    await share.set_expiry(conn, mara.id, made.id, None)
    assert (await share.find(conn, SEALER, made.id, EVENING + timedelta(days=900))).expires_at is None


async def test_somebody_elses_report_is_out_of_reach(conn: Connection, mara: Person, clock: FakeClock) -> None:
    noor = await people.add(conn, "noor", clock.now())
    made = await _publish(conn, mara, clock, Wanted("x"))
    with pytest.raises(NotFound):
        await share.revoke(conn, noor.id, made.id)
    with pytest.raises(NotFound):
        await share.set_expiry(conn, noor.id, made.id, None)
    assert [one.id for one in await share.own(conn, mara.id)] == [made.id]


async def test_an_altered_report_is_shown_to_nobody(conn: Connection, mara: Person, clock: FakeClock) -> None:
    made = await _publish(conn, mara, clock, Wanted("x"))
    await execute(conn, "UPDATE shares SET report = replace(convert_from(report, 'UTF8'), 'Tide', 'Hate')::bytea")
    with pytest.raises(NotFound):
        await share.find(conn, SEALER, made.id, made.created_at)


async def test_names_of_reports_can_not_be_guessed(conn: Connection, mara: Person, clock: FakeClock) -> None:
    names = {(await _publish(conn, mara, clock, Wanted("x"))).id for _ in range(20)}
    assert len(names) == 20
    assert min(map(len, names)) * 6 >= 128


def test_a_flood_of_views_writes_once_a_minute(clock: FakeClock) -> None:
    counter = ViewCounter()
    assert [counter.seen("a", clock.now()) for _ in range(1000)] == [1] + [0] * 999
    assert counter.seen("b", clock.now()) == 1
    assert counter.seen("a", clock.forward(minutes=1)) == 1000


async def test_a_report_of_everything_names_its_days(conn: Connection, mara: Person, clock: FakeClock) -> None:
    listening = await ask.listening(conn, HistoryCache(), mara, "all", EVENING + timedelta(days=8))
    told = (await share.publish(conn, SEALER, listening, replace(Wanted("All"), name="Mara"))).report
    assert (told.first_day, told.last_day, told.name) == (date(2026, 3, 18), date(2026, 3, 26), "Mara")
