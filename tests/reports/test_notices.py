"""News to listeners: once by each way, in their own time; mail ends by a click, hooks are signed (security.md A059)."""

from __future__ import annotations

import email
import email.policy
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import aiohttp
import pytest

from audiospective.accounts import people, ways
from audiospective.accounts.ways import Added, Post, Topic
from audiospective.archive.history import HistoryCache
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.errors import Invalid, NotFound
from audiospective.infra import outbox
from audiospective.infra.database import Database, execute, fetch_all
from audiospective.infra.outbox import Channel, Delivered
from audiospective.infra.sealing import Sealer
from audiospective.reports import letters, notices
from audiospective.reports.digest import last_month, last_week
from audiospective.settings import Secret
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.simulators.receivers import Receiver, any_hook, mail_server

SEALER = Sealer(["a secret of the tests"])
_APP = "https://music.example.org"


@pytest.fixture
async def mara(db: Database) -> int:
    async with db.transaction() as conn:
        person = await people.add(conn, "mara", datetime(2026, 3, 1, tzinfo=UTC))
        heard = [Heard(-place * 3600, "<b>Tide</b>" if place % 3 else "Harbour", 200_000) for place in range(48)]
        await store(conn, [batch(person.id, Source.EXTENDED, *heard)])
    return person.id


@pytest.fixture
async def post() -> AsyncIterator[Receiver]:
    async with mail_server() as receiver:
        yield receiver


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with any_hook() as receiver:
        yield receiver


async def _add(db: Database, clock: FakeClock, user: int, kind: str, target: str, *wants: Topic) -> Added:
    async with db.transaction() as conn:
        return await ways.add(conn, SEALER, user, kind, target, wants=wants, now=clock.now(), local_hosts={"127.0.0.1"})


async def _deliver(db: Database, clock: FakeClock, post: Receiver | None = None) -> Delivered:
    async with aiohttp.ClientSession() as http:
        served = Post(Secret(post.url), "audiospective@example.org") if post else None
        return await outbox.deliver_due(db, {Channel.PERSON: ways.carrier(db, SEALER, http, served, _APP)}, clock)


async def _tell(db: Database, clock: FakeClock) -> int:
    return await notices.tell(db, SEALER, HistoryCache(), clock, _APP)


def _at(clock: FakeClock, moment: datetime) -> None:
    clock.forward(seconds=(moment - clock.now()).total_seconds())


_MONDAY = datetime(2026, 3, 23, 8, 7, tzinfo=UTC)


async def _confirmed(db: Database, clock: FakeClock, user: int, *wants: Topic) -> Added:
    made = await _add(db, clock, user, "mail", "mara@example.org", *wants)
    async with db.transaction() as conn:
        assert await ways.confirm(conn, SEALER, made.confirm, clock.now())
    return made


async def test_a_week_is_told_once_on_monday_morning_plain_and_pretty(db: Database, clock: FakeClock, mara: int, post: Receiver) -> None:
    await _confirmed(db, clock, mara, Topic.WEEKLY)
    _at(clock, _MONDAY - timedelta(hours=2))
    assert await _tell(db, clock) == 0  # before eight
    _at(clock, _MONDAY)
    assert [await _tell(db, clock), await _tell(db, clock)] == [1, 0]
    clock.forward(days=2)
    assert await _tell(db, clock) == 0
    assert await _deliver(db, clock, post) == Delivered(1, 0, 0)
    written = email.message_from_string(post.texts[0], policy=email.policy.default)
    plain, rich = (written.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert rich is not None
    assert written["Subject"] == "48 plays, 16–22 Mar 2026"
    assert "1. <b>Tide</b> (Marrow Coast): 32" in plain.get_content()
    assert "&lt;b&gt;Tide&lt;/b&gt;" in rich.get_content()
    assert "<b>Tide" not in rich.get_content()
    assert [one for one in ("<script", "<img", "src=", "url(") if one in rich.get_content()] == []


async def test_one_click_ends_the_letters_and_nothing_else(db: Database, clock: FakeClock, mara: int, post: Receiver) -> None:
    made = await _confirmed(db, clock, mara, Topic.WEEKLY, Topic.TROUBLE)
    _at(clock, _MONDAY)
    await _tell(db, clock)
    await _deliver(db, clock, post)
    written = email.message_from_string(post.texts[0], policy=email.policy.default)
    assert written["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = str(written["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    assert f"\r\nList-Unsubscribe: <{_APP}/api/unsubscribe/{token}>\r\n" in post.texts[0]  # to the letter, as mail programs look for it
    found = ways.topic_of(SEALER, token)
    assert found == (made.id, Topic.WEEKLY)
    async with db.transaction() as conn:
        await ways.leave(conn, *found)
        (left,) = await ways.own(conn, mara)
    assert left.wants == [Topic.TROUBLE.value]
    clock.forward(days=7)
    assert await _tell(db, clock) == 0


@pytest.mark.parametrize("token", ["", "1.weekly.x", "1.weekly", "x.weekly.c2ln", "1.nothing.c2ln", "99999999999.weekly.c2ln"])
def test_a_link_that_was_not_made_here_ends_nothing(token: str) -> None:
    assert ways.topic_of(SEALER, token) is None


async def test_mail_goes_to_nobody_who_did_not_open_the_first_letter(db: Database, clock: FakeClock, mara: int, post: Receiver) -> None:
    await _add(db, clock, mara, "mail", "somebody@example.org", Topic.WEEKLY)
    _at(clock, _MONDAY)
    assert await _tell(db, clock) == 0
    async with db.transaction() as conn:
        (way,) = await ways.own(conn, mara)
        await outbox.store(conn, ways.news(way, "test:1", "A test", "x"), clock.now())
        assert not await ways.confirm(conn, SEALER, f"{way.id}.forged", clock.now())
    assert await _deliver(db, clock, post) == Delivered(0, 0, 1)
    assert post.texts == []


async def test_a_hook_gets_json_whose_signature_its_owner_can_check(db: Database, clock: FakeClock, mara: int, hook: Receiver) -> None:
    made = await _add(db, clock, mara, "webhook", hook.url, Topic.WEEKLY)
    _at(clock, _MONDAY)
    await _tell(db, clock)
    await _deliver(db, clock)
    body = hook.texts[0].encode()
    expected = "sha256=" + hmac.new(made.signing_key.encode(), body, "sha256").hexdigest()
    assert hook.headers[0]["X-Audiospective-Signature"] == expected
    told = json.loads(body)
    assert (told["event"], told["title"], told["id"]) == ("weekly", "48 plays, 16–22 Mar 2026", hook.keys[0])


@pytest.mark.parametrize(
    ("kind", "fields"), [("ntfy", {"topic": "hook", "title": "A test", "message": "x"}), ("gotify", {"title": "A test", "priority": 5})]
)
async def test_ntfy_and_gotify_get_what_they_read(
    db: Database, clock: FakeClock, mara: int, hook: Receiver, kind: str, fields: dict[str, object]
) -> None:
    await _add(db, clock, mara, kind, hook.url, Topic.TROUBLE)
    async with db.transaction() as conn:
        (way,) = await ways.own(conn, mara)
        await outbox.store(conn, ways.news(way, "test:1", "A test", "x"), clock.now())
    assert await _deliver(db, clock) == Delivered(1, 0, 0)
    assert json.loads(hook.texts[0]).items() >= fields.items()


async def test_copies_that_fail_are_told_once_until_one_arrives(db: Database, clock: FakeClock, mara: int, hook: Receiver) -> None:
    await _add(db, clock, mara, "webhook", hook.url, Topic.COPIES)
    async with db.transaction() as conn:
        await execute(
            conn,
            "INSERT INTO scheduled_exports (user_id, place, target, format, every, due_at, troubles, outcome) "
            "VALUES (%(user)s, 's3', '', 'csv', 'day', %(now)s, 3, 'The store answered 503.')",
            user=mara,
            now=clock.now(),
        )
    assert [await _tell(db, clock), await _tell(db, clock)] == [1, 0]
    await _deliver(db, clock)
    assert "The store answered 503." in json.loads(hook.texts[0])["message"]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("mail", "mara@example.org\r\nBcc: all@example.org"),
        ("mail", "mara@example.org, all@example.org"),
        ("mail", "<mara@example.org>"),
        ("mail", "x" * 300 + "@example.org"),
        ("webhook", "https://169.254.169.254/"),
        ("webhook", "http://example.org/"),
        ("ntfy", "ftp://example.org/x"),
        ("pigeon", "home"),
    ],
)
async def test_an_address_that_can_not_be_one_is_refused(db: Database, clock: FakeClock, mara: int, kind: str, target: str) -> None:
    with pytest.raises(Invalid) as refused:
        await _add(db, clock, mara, kind, target, Topic.TROUBLE)
    assert refused.value.details["field"] in {"target", "kind"}


async def test_no_address_and_no_key_can_be_read_in_the_database(db: Database, clock: FakeClock, mara: int) -> None:
    made = await _add(db, clock, mara, "mail", "mara@example.org", Topic.TROUBLE)
    async with db.reading() as conn:
        (row,) = await fetch_all(conn, "SELECT w::text || encode(target || signing_key, 'escape') FROM notice_ways w", str)
        (way,) = await ways.own(conn, mara)
    assert [secret for secret in ("mara@", made.signing_key) if secret in row] == []
    assert ways.shown(SEALER, way) == "ma…@example.org"


async def test_a_way_that_is_removed_takes_its_messages_along(db: Database, clock: FakeClock, mara: int, hook: Receiver) -> None:
    made = await _add(db, clock, mara, "webhook", hook.url, Topic.WEEKLY)
    _at(clock, _MONDAY)
    await _tell(db, clock)
    async with db.transaction() as conn:
        with pytest.raises(NotFound):
            await ways.remove(conn, mara + 1, made.id)
        await ways.remove(conn, mara, made.id)
        assert await fetch_all(conn, "SELECT count(*)::int FROM outbox", int) == [0]


@pytest.mark.parametrize(
    ("today", "week", "month"),
    [
        (date(2026, 3, 23), "2026-03-16..2026-03-22", "2026-02"),
        (date(2026, 3, 22), "2026-03-09..2026-03-15", "2026-02"),
        (date(2026, 1, 1), "2025-12-22..2025-12-28", "2025-12"),
    ],
)
def test_the_last_week_and_month_are_those_that_have_ended(today: date, week: str, month: str) -> None:
    assert (last_week(today).spelling, last_month(today).spelling) == (week, month)


def test_a_subject_is_one_line() -> None:
    assert "\n" not in letters.of_copies("x", _APP).subject
