"""A report to show to others: frozen when it is made, signed, and gone when it is revoked.

A report holds what its maker chose and nothing that tells who they are: no id of ours or Spotify's of the person, no time finer than a
day, and the name only if it was wanted.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from audiospective.accounts import people
from audiospective.archive import catalog
from audiospective.archive.plays import UserId
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.insights import activity, top
from audiospective.insights.listening import Listening
from audiospective.insights.stats import stats
from audiospective.insights.trends import Interval, trends

sql = statements(__name__)

_PURPOSE: Final = "share"
_SHOWN = 10
_MOST_SHARES = 500
_LONGEST_TITLE, _LONGEST_DESCRIPTION = 100, 500
#: Who wants longer wants a link that stays; the last days that a calendar has are others elsewhere, and can't be told there.
_LONGEST = timedelta(days=36_500)
#: A chart has a mark for each day up to here, then for each month.
_MOST_DAYS = 366
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,64}\.[^\s@]")


class Section(StrEnum):
    """What a report can show."""

    NUMBERS = "numbers"
    TRACKS = "tracks"
    ARTISTS = "artists"
    ALBUMS = "albums"
    HOURS = "hours"
    DAYS = "days"


class Item(msgspec.Struct, frozen=True):
    """A row of a list; `link` and `image_url` are Spotify's."""

    name: str
    by: str
    plays: int
    link: str | None
    image_url: str | None


class Numbers(msgspec.Struct, frozen=True):
    """Totals of the range."""

    plays: int
    listened_ms: int
    tracks: int
    artists: int


class Report(msgspec.Struct, frozen=True):
    """What everybody with the link sees. `heatmap[weekday][hour]` has Sunday first; `days` are plays by `interval`, oldest first."""

    title: str
    description: str
    name: str | None
    range: str
    first_day: date | None
    last_day: date | None
    made_on: date
    numbers: Numbers | None
    tracks: list[Item]
    artists: list[Item]
    albums: list[Item]
    heatmap: list[list[int]]
    interval: str
    days: list[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What its maker chose; `name` is None when it shall not be shown."""

    title: str
    description: str = ""
    name: str | None = None
    sections: frozenset[Section] = frozenset(Section)
    expires_at: datetime | None = None
    shows_address: bool = False
    """Whether an e-mail address in the text is meant to be seen."""


@dataclass(frozen=True, slots=True)
class Share:
    """A published report."""

    id: str
    report: Report
    signature: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None
    views: int


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    report: bytes = field(repr=False)
    signature: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None
    views: int


#: Pressed again within this time, a button means the same report.
_TWICE = timedelta(seconds=10)


async def publish(conn: Connection, sealer: Sealer, listening: Listening, wanted: Wanted, *, once: bool = False) -> Share:
    """Freeze what is seen now and give it a name that can't be guessed. Raises Invalid naming the field, NotFound for nobody.

    With `once` the same report made a moment ago is given back: a button that is pressed twice means one report.
    """
    wanted = replace(wanted, title=_plain(wanted.title), description=_plain(wanted.description))
    _check(wanted, listening.now)
    user = UserId(listening.history.user)
    await people.one_at_a_time(conn, user)
    if (await fetch_one(conn, sql["count"], int, user=user) or 0) >= _MOST_SHARES:
        raise Invalid(f"You share {_MOST_SHARES} reports already; revoke one first.", field="title")
    frozen = await freeze(conn, listening, wanted)
    share_id, packed = secrets.token_urlsafe(16), msgspec.json.encode(frozen)
    twin = await fetch_one(conn, sql["twin"], _Row, user=user, report=packed, since=listening.now - _TWICE) if once else None
    if twin is not None:
        return _share(twin)
    signature = _sign(sealer, share_id, packed)
    await execute(
        conn,
        sql["publish"],
        id=share_id,
        user=user,
        report=packed,
        signature=signature,
        now=listening.now,
        expires_at=wanted.expires_at,
    )
    get_logger().info("share.published", sections=len(wanted.sections))
    return Share(share_id, frozen, signature, listening.now, wanted.expires_at, 0)


async def find(conn: Connection, sealer: Sealer, share_id: str, now: datetime) -> Share:
    """What a link shows. Raises NotFound alike for what never was, was revoked, has expired, or isn't what was signed."""
    row = await fetch_one(conn, sql["open"], _Row, id=share_id.replace("\0", ""), now=now)
    if row is not None and not sealer.verify(_signed(row.id, row.report), row.signature, purpose=_PURPOSE):
        get_logger().error("share.altered")
        row = None
    if row is None:
        raise NotFound("There is no report at this address; perhaps its maker took it back.")
    return _share(row)


async def own(conn: Connection, user: UserId) -> list[Share]:
    """Everything that this person shares, the newest first."""
    return [_share(row) for row in await fetch_all(conn, sql["own"], _Row, user=user)]


async def revoke(conn: Connection, user: UserId, share_id: str) -> None:
    """Take a report back; raises NotFound for anybody else's."""
    if not await execute(conn, sql["revoke"], id=share_id.replace("\0", ""), user=user):
        raise NotFound("There is no such report of yours; perhaps it was taken back already.")
    get_logger().info("share.revoked")


async def set_expiry(conn: Connection, user: UserId, share_id: str, expires_at: datetime | None) -> None:
    """Let it end then, or never; raises NotFound for anybody else's."""
    if not await execute(conn, sql["set_expiry"], id=share_id.replace("\0", ""), user=user, expires_at=expires_at):
        raise NotFound("There is no such report of yours; perhaps it was taken back already.")


async def add_views(conn: Connection, share_id: str, views: int) -> None:
    """So many more have looked, whoever they were."""
    await execute(conn, sql["add_views"], id=share_id, views=views)


class ViewCounter:
    """Counts looks at reports in memory and hands them out once a minute each, so that a flood writes one row."""

    def __init__(self, every: timedelta = timedelta(minutes=1)) -> None:
        self._every = every
        self._waiting: dict[str, int] = {}
        self._written: dict[str, datetime] = {}

    def seen(self, share_id: str, now: datetime) -> int:
        """One more look; how many are to be written now, 0 for none yet."""
        self._waiting[share_id] = self._waiting.get(share_id, 0) + 1
        if now - self._written.get(share_id, datetime.min.replace(tzinfo=now.tzinfo)) < self._every:
            return 0
        self._written[share_id] = now
        return self._waiting.pop(share_id)

    def waiting(self, share_id: str) -> int:
        """Looks that nobody has written down yet."""
        return self._waiting.get(share_id, 0)


def _plain(text: str) -> str:
    """Without the control characters that no page shows; lines stay lines."""
    return "".join(letter for letter in text if letter in "\r\n\t" or unicodedata.category(letter) != "Cc").strip()


def _check(wanted: Wanted, now: datetime) -> None:
    if not 1 <= len(wanted.title) <= _LONGEST_TITLE:
        raise Invalid(f"A title has 1 to {_LONGEST_TITLE} characters, as in “My summer”.", field="title")
    if len(wanted.description) > _LONGEST_DESCRIPTION:
        raise Invalid(
            f"A description has {_LONGEST_DESCRIPTION} characters at most; this has {len(wanted.description)}.", field="description"
        )
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise Invalid("The link would end in the past; choose a later time, or none.", field="expiresAt")
    if wanted.expires_at is not None and wanted.expires_at - now > _LONGEST:
        raise Invalid("The link would end in more than a hundred years; choose an earlier time, or none.", field="expiresAt")
    if not wanted.sections:
        raise Invalid("A report shows at least one part; choose some.", field="sections")
    for name, text in (("title", wanted.title), ("description", wanted.description)):
        if _ADDRESS.search(text) and not wanted.shows_address:
            raise Invalid(
                f"The {name} holds an e-mail address that everybody with the link would see; leave it out, or say so.", field=name
            )


async def freeze(conn: Connection, listening: Listening, wanted: Wanted) -> Report:
    """The report as it is seen now."""
    found, has = stats(listening), wanted.sections
    interval = Interval.DAY if (listening.period.days or _MOST_DAYS + 1) <= _MOST_DAYS else Interval.MONTH
    series = trends(listening, interval) if Section.DAYS in has else ()
    numbers = Numbers(found.total_plays, found.listened_ms, found.unique_tracks, found.unique_artists)
    return Report(
        title=wanted.title,
        description=wanted.description,
        name=wanted.name,
        range=listening.period.spelling,
        first_day=listening.period.first_day or (listening.zone.local(found.first_play_at).date() if found.first_play_at else None),
        last_day=listening.period.last_day or listening.zone.today(listening.now),
        made_on=listening.zone.today(listening.now),
        numbers=numbers if Section.NUMBERS in has else None,
        tracks=await _tracks(conn, listening) if Section.TRACKS in has else [],
        artists=await _artists(conn, listening) if Section.ARTISTS in has else [],
        albums=await _albums(conn, listening) if Section.ALBUMS in has else [],
        heatmap=[list(row) for row in activity.activity(listening).heatmap] if Section.HOURS in has else [],
        interval=interval.value,
        days=[(_day(bucket.start), bucket.plays) for bucket in series],
    )


def _day(start: date) -> date:
    return start.date() if isinstance(start, datetime) else start


async def _tracks(conn: Connection, listening: Listening) -> list[Item]:
    ranked = top.tracks(listening, _SHOWN)
    cards = await catalog.tracks(conn, (one.id for one in ranked))
    items = []
    for one in ranked:
        card = cards[one.id]
        image = card.album.image_url if card.album else None
        items.append(Item(card.name, _names(card.artists), one.plays, _link("track", card.spotify_id), image))
    return items


async def _artists(conn: Connection, listening: Listening) -> list[Item]:
    ranked = top.artists(listening, _SHOWN)
    cards = await catalog.artists(conn, (one.id for one in ranked))
    shown = [(cards[one.id], one.plays) for one in ranked]
    return [Item(card.name, "", plays, _link("artist", card.spotify_id), card.image_url) for card, plays in shown]


async def _albums(conn: Connection, listening: Listening) -> list[Item]:
    ranked = top.albums(listening, _SHOWN)
    cards = await catalog.albums(conn, (one.id for one in ranked))
    shown = [(cards[one.id], one.plays) for one in ranked]
    return [Item(card.name, card.artist.name, plays, _link("album", card.spotify_id), card.image_url) for card, plays in shown]


def _names(artists: Sequence[catalog.ArtistCard]) -> str:
    return ", ".join(artist.name for artist in artists)


def _link(kind: str, spotify_id: str | None) -> str | None:
    return f"https://open.spotify.com/{kind}/{spotify_id}" if spotify_id else None


def _sign(sealer: Sealer, share_id: str, report: bytes) -> str:
    return sealer.sign(_signed(share_id, report), purpose=_PURPOSE)


def _signed(share_id: str, report: bytes) -> bytes:
    return f"{share_id} ".encode() + report


def _share(row: _Row) -> Share:
    report = msgspec.json.decode(row.report, type=Report)
    return Share(row.id, report, row.signature, row.created_at, row.expires_at, row.views)
