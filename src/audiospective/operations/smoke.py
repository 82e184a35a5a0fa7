"""The runbook's seven smoke tests: a browser walks them, a program compares what a browser can't, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import aiohttp
import msgspec
import numpy as np

from audiospective.accounts import grants, people, sessions, tokens
from audiospective.accounts.people import Person
from audiospective.archive import catalog, history
from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import UserId
from audiospective.errors import Unavailable
from audiospective.infra import logfile
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_one
from audiospective.infra.statements import statements
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.judge import Reading
from audiospective.operations.probes import journey, site
from audiospective.operations.probes.browser import acting, arriving, sharing, walking
from audiospective.operations.probes.browser.arriving import Cards
from audiospective.operations.probes.browser.sharing import Truth
from audiospective.operations.probes.browser.walking import Picture, Place, Walk
from audiospective.operations.probes.journey import Row, Traveller
from audiospective.operations.probes.site import Target
from audiospective.operations.surroundings import own_lines
from audiospective.reports import answers, ask

sql = statements(__name__)

#: First and last box of each test.
TESTS: Final = (
    ("R067", "R068"),
    ("R069", "R073"),
    ("R074", "R078"),
    ("R079", "R086"),
    ("R087", "R094"),
    ("R095", "R109"),
    ("R110", "R113"),
)
#: The one that raises an error, which no browser sees.
ERRORS: Final = 7
_TOP: Final = 50
_LOOKS: Final = 30
_TAIL: Final = 1_000_000
_ERRORS: Final = frozenset({"error", "critical"})
_BROWSER: Final = (
    *arriving.SIGN_IN,
    *arriving.COME_BACK,
    *arriving.DASHBOARD,
    *acting.ARCHIVE,
    *acting.EXPORT,
    *sharing.SHARE,
    *sharing.STRANGER,
    "console_errors",
)


class Ground(msgspec.Struct, frozen=True):
    """Where the tests are walked."""

    db: Database
    http: aiohttp.ClientSession
    clock: Clock
    cache: HistoryCache
    place: Place
    target: Target
    pictures: Path
    log: Path
    nonce: str
    """32 hexadecimal digits that the run leaves in the log."""
    browser: str = ""
    """The program; "": one that the system has."""


class Walked(msgspec.Struct, frozen=True):
    """What was read, and the pictures that prove it."""

    readings: dict[str, Reading]
    pictures: tuple[Picture, ...]


def boxes_of(tests: Sequence[int]) -> list[Box]:
    """The boxes of these tests, 1 to 7; of all when none is named."""
    spans = [TESTS[number - 1] for number in tests or range(1, len(TESTS) + 1)]
    return [box for box in boxes() if any(first <= box.id <= last for first, last in spans)]


async def walk(ground: Ground, user: str, tests: Sequence[int] = ()) -> Walked:
    """Walk them as `user`; without one, as whoever signs in at the simulator. What no browser could see is unknown, with the reason."""
    wanted = set(tests or range(1, len(TESTS) + 1))
    found = await site.look(ground.http, ground.target, ground.clock) if 1 in wanted else {}
    pictures: tuple[Picture, ...] = ()
    name, began = user, ground.clock.now()
    if wanted & {2, 3, 4, 5, 6}:
        try:
            seen, pictures, name = await _browsed(ground, user, wanted)
        except Unavailable as error:
            seen = {f"browser.{one}": Reading(source="browser", problem=error.message) for one in _BROWSER}
        found |= seen
    if wanted & {4, 5, 6} and name:
        found |= await _compared(ground, name)
    if 4 in wanted:
        found["logs.errors_of_smoke"] = await logged(ground.log, ground.nonce, ground.clock, began=began)
    return Walked(found, pictures)


async def _browsed(ground: Ground, user: str, wanted: set[int]) -> tuple[dict[str, Reading], tuple[Picture, ...], str]:
    """What the browser saw, its pictures, and as whom."""
    is_first = 2 in wanted or not user
    async with (
        _session(ground, user) as lent,
        walking.opened(ground.place, ground.clock, ground.pictures, ground.browser, "" if is_first else lent) as walk,
    ):
        found: dict[str, Reading] = {}
        session = lent
        if is_first:
            found = await _arrive(walk)
            session = lent or await _cookie(walk)
            found |= {"browser.console_errors": _complaints(walk, found)}
        who = await _holder(ground, session)
        if who is None:
            lost = Reading(source="browser", problem="nobody is signed in: name a listener with --user")
            return {f"browser.{one}": lost for one in _BROWSER} | found, tuple(walk.pictures), ""
        if is_first:
            await walk.begin_anew(session)
        found |= await _use(walk, ground, who, wanted)
        found["browser.console_errors"] = _complaints(walk, found)
        return found, tuple(walk.pictures), who.name


async def _arrive(walk: Walk) -> dict[str, Reading]:
    found = await walking.taken(walk, "sign-in", arriving.sign_in, arriving.SIGN_IN)
    if found["browser.sign_in_leads"].value is None:
        return found | walking.left_out(arriving.COME_BACK)
    if walk.place.is_simulated:
        return found | await walking.taken(walk, "come-back", arriving.come_back, arriving.COME_BACK)
    waits = Reading(source="browser", problem="on the real Spotify a person agrees: sign in by hand, then ops sign BOX")
    return found | {f"browser.{name}": waits for name in arriving.COME_BACK}


async def _use(walk: Walk, ground: Ground, who: Person, wanted: set[int]) -> dict[str, Reading]:
    """Dashboard, archive, export and share, one after the other, each with what must be seen."""
    found: dict[str, Reading] = {}
    if wanted & {3, 4}:
        await _first_sweep(ground, who)
    if 3 in wanted:
        cards = await _cards(ground, who)
        found |= await walking.taken(walk, "dashboard", lambda one, seen: arriving.dashboard(one, seen, cards), arriving.DASHBOARD)
    if wanted & {3, 4}:
        found |= await _archived(walk, ground, who)
    if 5 in wanted:
        today = f"{Zone.named(who.time_zone).today(ground.clock.now())}"
        found |= await walking.taken(walk, "export", lambda one, seen: acting.export(one, seen, today), acting.EXPORT)
    if 6 in wanted:
        found |= await _shared(walk, ground, who)
    return found


async def _shared(walk: Walk, ground: Ground, who: Person) -> dict[str, Reading]:
    count = _counter(ground.db, sql["shares"], who)
    found = await walking.taken(walk, "share", lambda one, seen: sharing.share(one, seen, count), sharing.SHARE)
    if found["browser.share_copied"].value != "yes":
        return found | walking.left_out(sharing.STRANGER)
    truth = await _truth(ground, who)
    return found | await walking.taken(walk, "stranger", lambda one, seen: sharing.stranger(one, seen, truth), sharing.STRANGER)


async def _archived(walk: Walk, ground: Ground, who: Person) -> dict[str, Reading]:
    async with ground.db.reading() as conn:
        state = await grants.state(conn, who.id)
    if state is None or state.state != "active":
        nothing = Reading(source="browser", inapplicable="this listener isn't connected to Spotify")
        return {f"browser.{name}": nothing for name in acting.ARCHIVE}
    count = _counter(ground.db, sql["plays"], who)
    return await walking.taken(walk, "archive", lambda one, seen: acting.archive(one, seen, count), acting.ARCHIVE)


async def _first_sweep(ground: Ground, who: Person) -> None:
    """Whoever has just signed in is swept by the worker at once: cards grow meanwhile, and what it brings isn't what the button brought."""
    for _ in range(_LOOKS):
        async with ground.db.reading() as conn:
            if await fetch_one(conn, sql["swept"], bool, user=who.id):
                return
        await asyncio.sleep(0.5)


async def _compared(ground: Ground, name: str) -> dict[str, Reading]:
    """What a program compares over HTTP with a token that lasts as long as it looks."""
    async with _traveller(ground, name) as who:
        return await journey.look(ground.http, ground.place.url, who)


@contextlib.asynccontextmanager
async def _session(ground: Ground, user: str) -> AsyncIterator[str]:
    """A session of theirs for as long as the walk lasts; "" for nobody."""
    if not user:
        yield ""
        return
    async with ground.db.transaction() as conn:
        session = await sessions.begin(conn, (await people.by_name(conn, user)).id, ground.clock.now())
    try:
        yield session
    finally:
        async with ground.db.transaction() as conn:
            await sessions.end(conn, session)


@contextlib.asynccontextmanager
async def _traveller(ground: Ground, name: str) -> AsyncIterator[Traveller]:
    now = ground.clock.now()
    async with ground.db.reading() as conn:
        person = await people.by_name(conn, name)
        state = await grants.state(conn, person.id)
    is_connected = state is not None and state.state == "active"
    async with tokens.lent(ground.db, person.id, f"smoke test {now:%Y-%m-%d %H:%M:%S}", now) as token:
        yield traveller(ground.db, person, token, is_connected=is_connected, nonce=ground.nonce)


def traveller(db: Database, person: Person, token: str, *, is_connected: bool, nonce: str) -> Traveller:
    """Somebody whose archive this is."""

    async def rows() -> tuple[Row, ...]:
        async with db.reading() as conn:
            return await rows_of(conn, person)

    return Traveller(token, rows, _counter(db, sql["play_events"], person), is_connected, nonce)


async def rows_of(conn: Connection, person: Person) -> tuple[Row, ...]:
    """What an export must hold, in order."""
    found = await history.load(conn, UserId(person.id))
    ids = found.track_ids[found.track].tolist()
    cards = await catalog.tracks(conn, set(ids))
    ends = np.datetime_as_string(found.ended_at.astype("datetime64[us]"), unit="ms").tolist()
    return tuple(
        Row(f"{end}Z", card.name, "; ".join(one.name for one in card.artists), card.album.name if card.album else "", card.spotify_id or "")
        for end, card in zip(ends, (cards[one] for one in ids), strict=True)
    )


async def _cards(ground: Ground, who: Person) -> Cards:
    async with ground.db.reading() as conn:
        told = answers.stats(await ask.listening(conn, ground.cache, who, "all", ground.clock.now()))
    numbers = {"Plays": told.total_plays, "Tracks": told.unique_tracks, "Artists": told.unique_artists, "Albums": told.unique_albums}
    return Cards(numbers, told.total_plays)


async def _truth(ground: Ground, who: Person) -> Truth:
    now = ground.clock.now()
    period = parse("7d", now, Zone.named(who.time_zone))
    async with ground.db.reading() as conn:
        top = await answers.top_tracks(conn, await ask.listening(conn, ground.cache, who, "7d", now), _TOP)
    tracks = tuple((one.track.name, one.play_count) for one in top.tracks)
    return Truth(tracks, period, _canaries(who))


def _canaries(who: Person) -> tuple[str, ...]:
    """What must not be seen of them: words that name nobody else."""
    return tuple(one for one in (who.display_name, who.spotify_id or "", who.name) if len(one) > 3)


def _counter(db: Database, statement: str, who: Person) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        async with db.reading() as conn:
            return await fetch_one(conn, statement, int, user=who.id) or 0

    return count


async def _cookie(walk: Walk) -> str:
    return next((one["value"] for one in await walk.context.cookies() if one["name"] == walk.place.cookie), "")


async def _holder(ground: Ground, session: str) -> Person | None:
    async with ground.db.transaction() as conn:
        return await sessions.find(conn, session, ground.clock.now()) if session else None


async def logged(log: Path, nonce: str, clock: Clock, *, began: datetime, pace_s: float = 0.5) -> Reading:
    """What the program said on the level of errors since then, once the log has what the run itself asked for: one that doesn't know of
    the run says nothing of it.
    """
    for _ in range(_LOOKS):
        lines = await asyncio.to_thread(logfile.tail, log, most=_TAIL)
        if not lines:
            return Reading(source="log", problem=f"there is no log at {log.name} yet")
        if any(f" probe={nonce}" in line for line in lines):
            break
        await asyncio.sleep(pace_s)
    else:
        return Reading(source="log", problem=f"{log.name} doesn't have what this run asked for")
    since = began.replace(microsecond=0)
    told = [one for one in own_lines(lines, clock.now()) if one.at >= since and one.level in _ERRORS]
    return Reading(len(told), "log", told[0].message[:120] if told else "")


def _complaints(walk: Walk, found: dict[str, Reading]) -> Reading:
    """Of the whole walk; where a page couldn't be reached, silence proves nothing."""
    heard = walk.complaints
    if any("net::ERR" in one.problem for one in found.values()):
        return Reading(source="browser", problem=f"{walk.place.url} can't be reached")
    return Reading(len(heard), "browser", "; ".join(heard)[:300])
