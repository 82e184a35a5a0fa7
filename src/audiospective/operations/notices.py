"""What is told to everybody: a line on the status page, a block on the front page, the announcement of a launch; and open incidents."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import aiohttp
import msgspec

from audiospective.errors import Invalid, Unavailable
from audiospective.infra.database import Connection, Database, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements
from audiospective.operations import ledger
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Entry

sql = statements(__name__)

#: The front page must not ask the database for each visitor.
BELIEVED: Final = timedelta(seconds=5)

_LONGEST = 4_000
_TIMEOUT = aiohttp.ClientTimeout(total=5)
#: An announcement stands there too.
_FEED: Final = "/launch.xml"
_TAG: Final = re.compile(r"<[^<>]*>")


class Place(StrEnum):
    """Where a notice stands."""

    STATUS = "status"
    LANDING = "landing"
    ANNOUNCEMENT = "announcement"

    @property
    def path(self) -> str:
        """Its page."""
        return {Place.STATUS: "/status", Place.LANDING: "/", Place.ANNOUNCEMENT: "/launch"}[self]


class Notice(msgspec.Struct, frozen=True):
    """What is said there, since when."""

    place: str
    said: str
    published_at: datetime


class Board(msgspec.Struct):
    """What this process read last, so that pages cost no question; with the database away it says what it knows."""

    read_at: datetime | None = None
    notices: Mapping[str, Notice] = msgspec.field(default_factory=dict)
    incident: str = ""
    """The title of an open incident that all or many have."""

    async def read(self, db: Database, now: datetime) -> Board:
        """As of some seconds ago at most."""
        if self.read_at is not None and timedelta(0) <= now - self.read_at < BELIEVED:
            return self
        self.read_at = now
        try:
            async with db.reading() as conn:
                self.notices = await published(conn)
                self.incident = await fetch_one(conn, sql["worst"], str) or ""
        except Unavailable:
            pass
        return self


async def publish(conn: Connection, place: Place, said: str, *, by: str, now: datetime) -> None:
    """Say it there from now on; raises Invalid without words."""
    text = said.strip()
    if not 1 <= len(text) <= _LONGEST:
        raise Invalid(f"A notice has 1 to {_LONGEST:,} characters: --say “…”.", field="--say")
    await execute(conn, sql["publish"], place=place.value, said=text, now=now, by=by)
    await ledger.append(conn, [Entry(by, "notice.published", place.value, {"said": text[:200]})], now)


async def take_back(conn: Connection, place: Place, *, by: str, now: datetime) -> bool:
    """Say it no longer; False when nothing was said."""
    if not await execute(conn, sql["take_back"], place=place.value):
        return False
    await ledger.append(conn, [Entry(by, "notice.taken_back", place.value, {})], now)
    return True


async def published(conn: Connection) -> dict[str, Notice]:
    """By place."""
    return {one.place: one for one in await fetch_all(conn, sql["published"], Notice)}


async def look(db: Database, http: aiohttp.ClientSession, url: str) -> dict[str, Reading]:
    """Whether each page shows what was published, as a stranger sees it."""
    try:
        async with db.reading() as conn:
            said = await published(conn)
    except Unavailable as error:
        return {f"notices.{place}": Reading(source="pages", problem=error.message) for place in Place}
    return {f"notices.{place}": await _seen(http, url, place, said.get(place.value)) for place in Place}


async def _seen(http: aiohttp.ClientSession, url: str, place: Place, notice: Notice | None) -> Reading:
    if notice is None:
        return Reading(source="pages", problem=f"nothing was published yet: audiospective ops publish {place}")
    for path, stamp in _stamps(place, notice).items():
        try:
            async with http.get(url + path, timeout=_TIMEOUT) as response:
                page, is_there = await response.text(), response.status == 200
        except (aiohttp.ClientError, TimeoutError) as error:
            return Reading(source="pages", problem=f"{url}{path} doesn't answer ({type(error).__name__})")
        if not (is_there and stamp in page and _says(page, notice.said)):
            return Reading("not shown", url + path)
    return Reading("published", url + place.path)


def _stamps(place: Place, notice: Notice) -> dict[str, str]:
    """By the pages where it must stand, what says of when it is."""
    at = f"{notice.published_at:%Y-%m-%dT%H:%M:%SZ}"
    pages = {place.path: f'data-notice="{at}"'}
    return pages | ({_FEED: f"<updated>{at}</updated>"} if place is Place.ANNOUNCEMENT else {})


def _says(page: str, said: str) -> bool:
    """Whether these very words can be read there, the first line and the rest; in a headline too, which writes them small."""
    text = " ".join(html.unescape(_TAG.sub(" ", page)).split()).casefold()
    title, _, rest = said.casefold().partition("\n")
    return all(" ".join(part.split()) in text for part in (title, rest))
