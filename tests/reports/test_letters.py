"""A letter is in its reader's language whole: as they have set, else as the page spoke on which they asked for it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from audiospective.accounts import people, ways
from audiospective.accounts.ways import Topic
from audiospective.archive.catalog import ArtistCard
from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.collect import notices as trouble
from audiospective.collect.notices import Concern, NoticeKind
from audiospective.infra.database import Connection, Database, fetch_one
from audiospective.infra.language import language, speaking
from audiospective.infra.sealing import Sealer
from audiospective.reports import ask, calendar, letters, notices
from audiospective.reports.digest import Digest, Named
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.web.pseudo import PSEUDO, Text

SEALER = Sealer(["a secret of the tests"])
_APP = "https://1.2.3.4"
_CARD = ArtistCard(1, "雨", None, None, ())
_LIST = (Named("夜", "雨", 3, _CARD), Named("海", "", 1, _CARD))
_WEEK = Digest(date(2026, 3, 16), date(2026, 3, 22), 4, 7_200_000, 2, 1, 8, 1, _LIST, _LIST)
_SINCE = datetime(2026, 3, 1, 9, tzinfo=UTC)
#: Addresses, names of things, and pieces of HTML.
_IN_NO_LANGUAGE = re.compile(r"https://\S+|Spotify|Audiospective")


def _english(*texts: str) -> list[str]:
    return [text for text in texts if re.search("[A-Za-z]{2,}", _IN_NO_LANGUAGE.sub("", text))]


@pytest.mark.parametrize("before", [None, 2, 4, 8])
def test_a_digest_holds_no_english(before: int | None) -> None:
    told = Digest(_WEEK.first, _WEEK.last, 4, 7_200_000, 2, 1, before, 1, _LIST, _LIST)
    with speaking(PSEUDO):
        written = letters.of_digest(told, f"{_APP}/a", f"{_APP}/b")
    assert _english(written.subject, *written.text.splitlines(), *Text(written.rich).said) == []
    assert '<html lang="el-GR" dir="ltr">' in written.rich


def test_neither_do_a_first_letter_and_one_about_copies() -> None:
    with speaking(PSEUDO):
        first, copies = letters.of_first(_APP, "x"), letters.of_copies("The store answered 503.", _APP)
    assert _english(first.subject, *first.text.splitlines(), copies.subject, *copies.text.splitlines()) == []


@pytest.mark.parametrize("kind", NoticeKind)
def test_neither_does_news_of_trouble(kind: NoticeKind) -> None:
    with speaking(PSEUDO):
        subject, text = trouble.news_of(kind, Concern(1, _SINCE), _APP)
    assert _english(subject, *text.splitlines()) == []


async def _hook(conn: Connection, user: int, clock: FakeClock) -> None:
    wants, hosts = [Topic.TROUBLE, Topic.WEEKLY], {"127.0.0.1"}
    await ways.add(conn, SEALER, user, "webhook", "http://127.0.0.1:9/", wants=wants, now=clock.now(), local_hosts=hosts)


@pytest.mark.parametrize(
    ("asked_in", "has_set", "subject"),
    [
        ("en", "", "1 play, 16–22 Mar 2026"),
        ("de", "", "1 Wiedergabe, 16.–22. März 2026"),
        ("en", "de-DE", "1 Wiedergabe, 16.–22. März 2026"),
        ("de", "ja-JP", "2026年3月16日～22日の再生は1回"),
    ],
)
async def test_what_one_has_set_comes_before_how_one_asked(
    db: Database, clock: FakeClock, asked_in: str, has_set: str, subject: str
) -> None:
    clock.forward(seconds=(datetime(2026, 3, 23, 9, tzinfo=UTC) - clock.now()).total_seconds())
    spoken = language(asked_in)
    assert spoken is not None
    async with db.transaction() as conn:
        person = await people.add(conn, "mara", clock.now())
        await people.set_preferences(conn, person.id, language=has_set)
        await store(conn, [batch(person.id, Source.EXTENDED, Heard(0, "Tide", 200_000))])
        with speaking(spoken):
            await _hook(conn, person.id, clock)
    await notices.tell(db, SEALER, HistoryCache(), clock, _APP)
    async with db.reading() as conn:
        assert await fetch_one(conn, "SELECT subject FROM outbox", str) == subject


async def test_a_calendar_is_kept_in_its_owners_language(db: Database, clock: FakeClock) -> None:
    async with db.transaction() as conn:
        person = await people.add(conn, "mara", clock.now())
        await store(conn, [batch(person.id, Source.EXTENDED, Heard(-365 * 86_400, "夜", 200_000, artist="雨"))])
        listening = await ask.listening(conn, HistoryCache(), person, "all", clock.now())
        with speaking(PSEUDO):
            feed = (await calendar.calendar(conn, listening, _APP)).decode()
    said = [line.partition(":")[2] for line in feed.splitlines() if line.startswith(("SUMMARY", "DESCRIPTION"))]
    assert said
    assert _english(*said) == []
