"""F33: a chat that is down, limited, closed or odd; the message arrives once, later or elsewhere, and its receipt says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest

from audiospective.infra import outbox
from audiospective.infra.carriers import make_carriers
from audiospective.infra.database import Database
from audiospective.infra.outbox import Carrier, Channel, Message
from audiospective.settings import AlertSettings, Secret
from tests.clock import FakeClock
from tests.simulators import others
from tests.simulators.others import FakeChat
from tests.simulators.receivers import Receiver, mail_server

NEWS = Message("news", Channel.CHAT, "News", "Errors are up & <!channel>", (Channel.MAIL,))


@pytest.fixture
async def chat() -> AsyncIterator[FakeChat]:
    async with others.chat(FakeChat()) as fake:
        yield fake


@pytest.fixture
async def mail() -> AsyncIterator[Receiver]:
    async with mail_server() as receiver:
        yield receiver


@pytest.fixture
async def carriers(chat: FakeChat, mail: Receiver) -> AsyncIterator[Mapping[Channel, Carrier]]:
    async with aiohttp.ClientSession() as http:
        settings = AlertSettings(Secret(f"{chat.url}/services/T/B/x"), Secret(mail.url), "ops@example.org")
        yield make_carriers(settings, http)


async def _through(db: Database, clock: FakeClock, carriers: Mapping[Channel, Carrier], *, hours: int) -> None:
    """The message is left, and workers look every half minute."""
    async with db.transaction() as conn:
        await outbox.store(conn, NEWS, clock.now())
    for _ in range(hours * 12):
        await outbox.deliver_due(db, carriers, clock)
        clock.forward(minutes=5)


@pytest.mark.parametrize(
    "trouble",
    [{"status": 500, "text": "rollup_error"}, {"status": 429, "text": "rate_limited", "headers": {"Retry-After": "1"}}, {"cut": True}],
    ids=["down", "limited", "cut"],
)
async def test_a_chat_that_comes_back_has_it_once(
    db: Database, clock: FakeClock, chat: FakeChat, mail: Receiver, carriers: Mapping[Channel, Carrier], trouble: dict[str, Any]
) -> None:
    chat.trouble("POST", times=3, **trouble)
    await _through(db, clock, carriers, hours=2)
    assert (chat.texts, mail.texts) == (["Errors are up &amp; &lt;!channel&gt;"], [])


@pytest.mark.parametrize("said", [(404, "no_service"), (403, "invalid_token"), (410, "channel_is_archived")])
async def test_a_chat_that_is_closed_for_good_is_left_for_mail(
    db: Database, clock: FakeClock, chat: FakeChat, mail: Receiver, carriers: Mapping[Channel, Carrier], said: tuple[int, str]
) -> None:
    chat.trouble("POST", said[0], text=said[1])
    await _through(db, clock, carriers, hours=1)
    assert (chat.texts, len(mail.texts), chat.count("POST")) == ([], 1, 1)


async def test_a_word_that_is_not_ok_is_no_receipt(
    db: Database, clock: FakeClock, chat: FakeChat, mail: Receiver, carriers: Mapping[Channel, Carrier]
) -> None:
    chat.trouble("POST", 200, text="no_team")
    await _through(db, clock, carriers, hours=8)
    async with db.reading() as conn:
        found = {one.channel: one.state for one in await outbox.receipts(conn)}
    assert (len(mail.texts), found.get("chat", "") != "sent") == (1, True)


async def test_discord_has_its_own_words(chat: FakeChat, db: Database, clock: FakeClock) -> None:
    async with aiohttp.ClientSession() as http:
        await _through(db, clock, make_carriers(AlertSettings(Secret(f"{chat.url}/api/webhooks/1/x")), http), hours=1)
    assert chat.texts == ["Errors are up & <!channel>"]
