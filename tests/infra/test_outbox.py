"""The outbox: stored with the rest, sent once, tried again, given up, handed to the next channel; killed at any point."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

import aiohttp
import pytest

from audiospective.infra import outbox
from audiospective.infra.carriers import make_carriers
from audiospective.infra.database import Database
from audiospective.infra.outbox import ATTEMPTS, Carrier, Channel, Delivered, Leased, Message, Receipt, Undelivered
from audiospective.settings import AlertSettings, Secret
from tests.clock import FakeClock
from tests.simulators.receivers import Receiver, hook, mail_server

NEWS = Message("news", Channel.CHAT, "News", "All is well.")


@pytest.fixture
async def chat() -> AsyncIterator[Receiver]:
    """A chat that hears."""
    async with hook() as receiver:
        yield receiver


@pytest.fixture
async def carriers(chat: Receiver) -> AsyncIterator[Mapping[Channel, Carrier]]:
    """The real carriers, to that chat alone."""
    async with aiohttp.ClientSession() as http:
        yield make_carriers(AlertSettings(slack_webhook_url=Secret(chat.url)), http)


async def _store(db: Database, clock: FakeClock, message: Message = NEWS) -> bool:
    async with db.transaction() as conn:
        return await outbox.store(conn, message, clock.now())


async def _receipts(db: Database) -> list[Receipt]:
    async with db.reading() as conn:
        return await outbox.receipts(conn)


async def test_a_message_arrives_once_and_its_receipt_is_kept(
    db: Database, clock: FakeClock, chat: Receiver, carriers: Mapping[Channel, Carrier]
) -> None:
    await _store(db, clock)
    rounds = [await outbox.deliver_due(db, carriers, clock) for _ in range(2)]
    assert rounds == [Delivered(1, 0, 0), Delivered(0, 0, 0)]
    assert (chat.texts, chat.keys) == (["All is well."], ["news"])
    assert [(one.state, one.receipt) for one in await _receipts(db)] == [("sent", "HTTP 200")]


async def test_the_same_news_is_stored_once(db: Database, clock: FakeClock) -> None:
    assert [await _store(db, clock), await _store(db, clock)] == [True, False]


async def test_a_message_goes_with_the_transaction_that_stored_it(db: Database, clock: FakeClock) -> None:
    async def fail() -> None:
        async with db.transaction() as conn:
            await outbox.store(conn, NEWS, clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await _receipts(db) == []


async def test_two_workers_send_it_once(db: Database, clock: FakeClock, chat: Receiver, carriers: Mapping[Channel, Carrier]) -> None:
    await _store(db, clock)
    await asyncio.gather(*(outbox.deliver_due(db, carriers, clock) for _ in range(3)))
    assert len(chat.texts) == 1


async def test_a_receiver_in_trouble_is_asked_again_later(
    db: Database, clock: FakeClock, chat: Receiver, carriers: Mapping[Channel, Carrier]
) -> None:
    chat.answer = 503
    await _store(db, clock)
    assert await outbox.deliver_due(db, carriers, clock) == Delivered(0, 1, 0)
    assert await outbox.deliver_due(db, carriers, clock) == Delivered(0, 0, 0)
    chat.answer = 200
    clock.forward(seconds=16)
    assert await outbox.deliver_due(db, carriers, clock) == Delivered(1, 0, 0)


async def test_retries_are_bounded_and_the_dead_are_counted(
    db: Database, clock: FakeClock, chat: Receiver, carriers: Mapping[Channel, Carrier]
) -> None:
    chat.answer = 500
    began = clock.now()
    await _store(db, clock)
    for _ in range(ATTEMPTS + 3):
        await outbox.deliver_due(db, carriers, clock)
        clock.forward(minutes=31)
    assert len(chat.texts) == ATTEMPTS
    async with db.reading() as conn:
        assert await outbox.condition(conn, began) == outbox.Condition(1, None)


async def test_what_is_refused_for_good_goes_to_the_next_channel(
    db: Database, clock: FakeClock, chat: Receiver, carriers: Mapping[Channel, Carrier]
) -> None:
    await _store(db, clock, Message("news", Channel.MAIL, "News", "By another way.", [Channel.SMS, Channel.CHAT]))
    for _ in range(3):
        await outbox.deliver_due(db, carriers, clock)
    assert chat.texts == ["By another way."]
    assert [(one.channel, one.state) for one in await _receipts(db)] == [("chat", "sent"), ("sms", "dead"), ("mail", "dead")]


async def test_killed_before_sending_it_is_sent_when_the_lease_ends(
    db: Database, clock: FakeClock, chat: Receiver, carriers: Mapping[Channel, Carrier]
) -> None:
    await _store(db, clock)
    await _killed(db, clock, sends=False, carriers=carriers)
    assert await outbox.deliver_due(db, carriers, clock) == Delivered(0, 0, 0)
    clock.forward(minutes=3)
    await outbox.deliver_due(db, carriers, clock)
    assert chat.keys == ["news"]


async def test_killed_after_sending_it_comes_once_more_under_the_same_key(
    db: Database, clock: FakeClock, chat: Receiver, carriers: Mapping[Channel, Carrier]
) -> None:
    await _store(db, clock)
    await _killed(db, clock, sends=True, carriers=carriers)
    clock.forward(minutes=3)
    for _ in range(3):
        await outbox.deliver_due(db, carriers, clock)
    assert chat.keys == ["news", "news"]


async def _killed(db: Database, clock: FakeClock, *, sends: bool, carriers: Mapping[Channel, Carrier]) -> None:
    async def carry(leased: Leased) -> str:
        if sends:
            await carriers[Channel.CHAT](leased)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await outbox.deliver_due(db, {Channel.CHAT: carry}, clock)


LEASED = Leased(1, "news", "mail", [], "Subject\nBcc: other@example.org", "All is well.", 1, datetime(2026, 3, 18, 19, 30, tzinfo=UTC))


async def test_a_letter_has_one_recipient_and_an_id_made_of_its_key() -> None:
    async with mail_server() as server, aiohttp.ClientSession() as http:
        carry = make_carriers(AlertSettings(smtp_url=Secret(server.url), email="ops@example.org"), http)[Channel.MAIL]
        receipts = {await carry(LEASED), await carry(LEASED)}
    assert len(receipts) == 1
    assert "Subject: Subject Bcc: other@example.org\r\n" in server.texts[0]
    assert f"Message-ID: {receipts.pop()}" in server.texts[0]
    assert "Date: Wed, 18 Mar 2026 19:30:00 +0000\r\n" in server.texts[0]


@pytest.mark.parametrize(("answer", "for_good"), [(451, False), (554, True)])
async def test_a_mail_servers_no_is_for_now_or_for_good(answer: int, for_good: bool) -> None:
    async with mail_server() as server, aiohttp.ClientSession() as http:
        server.answer = answer
        carry = make_carriers(AlertSettings(smtp_url=Secret(server.url), email="ops@example.org"), http)[Channel.MAIL]
        with pytest.raises(Undelivered) as caught:
            await carry(LEASED)
    assert (caught.value.trouble, caught.value.for_good) == (f"the mail server answered {answer}", for_good)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/services/hush", "smtp://hush:hush@127.0.0.1:9"])
async def test_a_trouble_tells_no_address(url: str) -> None:
    address = Secret(url)
    settings = AlertSettings(smtp_url=address, email="ops@example.org") if "smtp" in url else AlertSettings(slack_webhook_url=address)
    async with aiohttp.ClientSession() as http:
        (carry,) = make_carriers(settings, http).values()
        with pytest.raises(Undelivered) as caught:
            await carry(LEASED)
    assert "hush" not in caught.value.trouble
    assert not caught.value.for_good
