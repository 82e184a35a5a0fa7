"""Two listeners who agreed to see how much they hear of the same; nothing of either is shown but what stands here.

One asks by a link, another says yes, either ends it. What both see: a name, a number, artists that both hear, and artists of the other's
that one could try; no plays, no times, no tracks.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

import msgspec

from audiospective.accounts import people
from audiospective.accounts.people import Person
from audiospective.archive import catalog
from audiospective.archive.history import HistoryCache
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.insights.affinity import affinity
from audiospective.reports import ask

sql = statements(__name__)

#: What is compared: a year up to today, of each on their own clock and through their own lens.
SPAN: Final = "365d"
_MOST: Final = 50


class Pair(msgspec.Struct, frozen=True):
    """Who asked and who said yes (None: nobody yet), with the names that they show."""

    id: str
    user_id: int
    other_id: int | None
    created_at: datetime
    agreed_at: datetime | None
    asker: str
    other: str


class Together(msgspec.Struct, frozen=True):
    """What one of the two sees; names of artists, most first."""

    overlap: float
    shared: tuple[str, ...]
    to_try: tuple[tuple[str, str | None], ...]
    """Name, and its address at Spotify."""
    is_silent: bool
    """Whether the other played nothing."""


async def invite(conn: Connection, user: int, now: datetime) -> str:
    """The end of a link for one other person; raises Invalid when there are too many."""
    await people.one_at_a_time(conn, user)
    if (await fetch_one(conn, sql["count"], int, user=user) or 0) >= _MOST:
        raise Invalid(f"You have asked {_MOST} people already; end a comparison first.", field="comparison")
    made = secrets.token_urlsafe(16)
    await execute(conn, sql["invite"], id=made, user=user, now=now)
    return made


async def find(conn: Connection, user: int, pair_id: str) -> Pair:
    """What this person may see of it: their own, or one that nobody has agreed to yet; raises NotFound alike for all else."""
    pair = await fetch_one(conn, sql["find"], Pair, id=pair_id.replace("\0", ""))
    if pair is None or (pair.other_id is not None and user not in {pair.user_id, pair.other_id}):
        raise NotFound("There is no comparison at this address; perhaps it was ended.")
    return pair


async def own(conn: Connection, user: int) -> list[Pair]:
    """Those that this person asked for or agreed to."""
    return await fetch_all(conn, sql["own"], Pair, user=user)


async def agree(conn: Connection, user: int, pair_id: str, now: datetime) -> None:
    """Say yes; raises NotFound when somebody else has, or it is one's own."""
    if not await execute(conn, sql["agree"], id=pair_id.replace("\0", ""), user=user, now=now):
        raise NotFound("There is no comparison at this address; perhaps it was ended.")
    get_logger().info("comparison.agreed")


async def finish(conn: Connection, user: int, pair_id: str) -> None:
    """End it for both; raises NotFound for anybody else's."""
    if not await execute(conn, sql["finish"], id=pair_id.replace("\0", ""), user=user):
        raise NotFound("There is no comparison at this address; perhaps it was ended.")
    get_logger().info("comparison.ended")


async def together(conn: Connection, cache: HistoryCache, viewer: Person, pair: Pair, now: datetime) -> Together:
    """What the viewer, one of the two, sees now."""
    other_id = pair.other_id if viewer.id == pair.user_id else pair.user_id
    other = await people.by_id(conn, other_id or 0)
    mine = await ask.listening(conn, cache, viewer, SPAN, now)
    found = affinity(mine, await ask.listening(conn, cache, other, SPAN, now))
    cards = await catalog.artists(conn, (*found.shared, *found.to_try))
    links = {one.id: f"https://open.spotify.com/artist/{one.spotify_id}" if one.spotify_id else None for one in cards.values()}
    return Together(
        overlap=found.overlap,
        shared=tuple(cards[one].name for one in found.shared),
        to_try=tuple((cards[one].name, links[one]) for one in found.to_try),
        is_silent=found.is_silent,
    )
