"""`GET /api/live`: tells an open page that its listener's history has changed; the page then renews itself in place (static/js/live.js)."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from litestar import get
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from audiospective.accounts.people import Person
from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.errors import AudiospectiveError, Invalid, NotAllowed, RateLimited
from audiospective.infra.database import Database
from audiospective.web.visitor import Asked, Listener, WithParts

#: Proxies let go of what says nothing for a minute.
_HEARTBEAT_S: Final = 25.0
#: Then the browser asks anew, and shows once more who it is.
_LONGEST_S: Final = 600.0
#: Changes that come together are told together.
_CALM_S: Final = 0.3
_AGAIN_S: Final = 2.0
_MOST_PAGES: Final = 6
_MOST_STREAMS: Final = 1000


class Live:
    """Who looks at a page now, in this process; one connection to the database hears for all of them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._pages: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._hearing: asyncio.Task[None] | None = None
        self.is_closed = False

    def open(self, user: UserId) -> asyncio.Event:
        """A page of theirs: what is given is set at each change; raises RateLimited when they have too many."""
        if len(self._pages[user]) >= _MOST_PAGES or sum(map(len, self._pages.values())) >= _MOST_STREAMS:
            raise RateLimited("Too many pages wait for changes at once; close some.", retry_after=int(_HEARTBEAT_S))
        if self._hearing is None or self._hearing.done():
            self._hearing = asyncio.create_task(self._hear())
        self.is_closed = False  # whoever had let go of the door has it again
        changed = asyncio.Event()
        self._pages[user].add(changed)
        return changed

    def leave(self, user: UserId, changed: asyncio.Event) -> None:
        """The page is gone; with the last of all, the database is let go too."""
        self._pages[user].discard(changed)
        if not self._pages[user]:
            del self._pages[user]
        if not self._pages and self._hearing is not None:
            self._hearing.cancel()

    def close(self) -> None:
        """Every stream ends; browsers ask again, and find whoever comes after this process."""
        self.is_closed = True
        for pages in self._pages.values():
            for changed in pages:
                changed.set()

    async def _hear(self) -> None:
        while True:
            with contextlib.suppress(AudiospectiveError):
                async for payload in self._db.notices("history"):
                    for changed in self._pages.get(int(payload), ()):
                        changed.set()
            await asyncio.sleep(_AGAIN_S)


@get("/api/live", include_in_schema=False)
async def live(request: Asked, parts: WithParts, person: Listener) -> Stream:
    """The version of the person's history as server-sent events: at once, and after each change."""
    _refuse_strangers(request, parts)
    if "text/event-stream" not in request.headers.get("accept", ""):
        raise Invalid("This is a stream of events; ask for text/event-stream, as EventSource does.", field="Accept")
    hub: Live = request.app.state.live
    changed = hub.open(UserId(person.id))
    return Stream(_told(hub, parts, person, changed), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _told(hub: Live, parts: Parts, person: Person, changed: asyncio.Event) -> AsyncIterator[bytes]:
    user, ends = UserId(person.id), parts.clock.monotonic() + _LONGEST_S
    try:
        yield b"retry: 3000\n\n" + await _version(parts, user)
        while not hub.is_closed and parts.clock.monotonic() < ends:
            try:
                await asyncio.wait_for(changed.wait(), _HEARTBEAT_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if not hub.is_closed:
                await asyncio.sleep(_CALM_S)
                changed.clear()
                yield await _version(parts, user)
    finally:
        hub.leave(user, changed)


async def _version(parts: Parts, user: UserId) -> bytes:
    """The version now; nothing where the person, or the database, is gone."""
    try:
        return b"event: history\ndata: %d\n\n" % await parts.db.ask(partial(history.version, user=user))
    except AudiospectiveError:
        return b": unknown\n\n"


def _refuse_strangers(request: Asked, parts: Parts) -> None:
    """Other sites may not listen; the cookie would come along with their request (SameSite stops it, this does too)."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    own = {urlsplit(parts.settings.app_url).netloc, request.headers.get("host", "")}
    if site != "same-origin" or (origin is not None and urlsplit(origin).netloc not in own):
        raise NotAllowed("Only pages of this instance are told of changes.")


routes: tuple[ControllerRouterHandler, ...] = (live,)
