"""What is there to tell somebody? Looked at every hour; each piece of news has a key, so that it is told once by each way."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

import msgspec

from audiospective.accounts import ways
from audiospective.accounts.ways import Topic, Way
from audiospective.archive.history import HistoryCache
from audiospective.infra import outbox
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_all
from audiospective.infra.language import speaking
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.reports import ask, letters
from audiospective.reports.digest import digest, last_month, last_week
from audiospective.reports.letters import Letter

sql = statements(__name__)

#: Letters about a week or a month are written from this local hour on.
_MORNING: Final = time(8)
_TROUBLES: Final = 3


class Standing(msgspec.Struct, frozen=True):
    """How somebody's affairs are."""

    id: int
    time_zone: str
    troubles: int
    outcome: str
    done_at: datetime | None


class _Told(msgspec.Struct, frozen=True):
    key: str
    letter: Letter


async def tell(db: Database, sealer: Sealer, cache: HistoryCache, clock: Clock, app_url: str) -> int:
    """Leave a message for whoever there is news for; how many."""
    async with db.reading() as conn:
        everybodys = await ways.everybodys(conn)
        standing = {one.id: one for one in await fetch_all(conn, sql["standing"], Standing, users=[way.user_id for way in everybodys])}
    left = 0
    for way in everybodys:
        if one := standing.get(way.user_id):
            with speaking(way.tongue):
                left += await _tell_one(db, sealer, cache, way, one, now=clock.now(), app_url=app_url)
    if left:
        get_logger().info("notice.left", messages=left)
    return left


async def _tell_one(db: Database, sealer: Sealer, cache: HistoryCache, way: Way, standing: Standing, *, now: datetime, app_url: str) -> int:
    async with db.transaction() as conn:
        told = [one for topic in way.wants if (one := _of_copies(Topic(topic), standing, app_url))]
        for topic, period in _due(way, standing, now):
            key = f"{topic.value}:{period.spelling}"
            if await outbox.is_stored(conn, ways.news_key(way, key)):  # a digest reads a whole history, and this comes each hour
                continue
            letter = await _of_period(conn, sealer, cache, way, standing, topic=topic, period=period, now=now, app_url=app_url)
            told += [_Told(key, letter)] if letter else []
        stored = [await outbox.store(conn, _message(way, one), now) for one in told]
    return sum(stored)


def _of_copies(topic: Topic, standing: Standing, app_url: str) -> _Told | None:
    if topic is Topic.COPIES and standing.troubles >= _TROUBLES:
        return _Told(f"copies:{standing.done_at}", letters.of_copies(standing.outcome, app_url))
    return None  # of trouble collect/notices.py tells


def _due(way: Way, standing: Standing, now: datetime) -> list[tuple[Topic, Period]]:
    """The weeks and months that have ended, once it is morning there."""
    local = Zone.named(standing.time_zone).local(now)
    if local.time() < _MORNING:
        return []
    both = ((Topic.WEEKLY, last_week(local.date())), (Topic.MONTHLY, last_month(local.date())))
    return [(topic, period) for topic, period in both if topic.value in way.wants]


async def _of_period(
    conn: Connection,
    sealer: Sealer,
    cache: HistoryCache,
    way: Way,
    standing: Standing,
    *,
    topic: Topic,
    period: Period,
    now: datetime,
    app_url: str,
) -> Letter | None:
    told = await digest(conn, await ask.listening(conn, cache, standing, period.spelling, now))
    if told is None or not told.plays:
        return None
    leave = f"{app_url}/unsubscribe/{ways.leaving(sealer, way.id, topic)}"
    return letters.of_digest(told, f"{app_url}/digest/{period.spelling}", leave)


def _message(way: Way, told: _Told) -> outbox.Message:
    return ways.news(way, told.key, told.letter.subject, told.letter.text, rich=told.letter.rich)
