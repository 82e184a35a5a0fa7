"""“Archive Now” without waiting: ask for a sweep, then look how it went (contract.md §4)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import msgspec
from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.collect import sweep
from audiospective.collect.sweep import ArchiveStatus, RequestState
from audiospective.infra.language import say_many
from audiospective.web.forms import Sent, back_to, is_plain_form
from audiospective.web.retold import retold
from audiospective.web.visitor import Asked, Listener, WithParts


class ArchiveAnswer(msgspec.Struct, rename="camel", frozen=True):
    """How the last request went; `requestId` null: there was none. `state` is queued, running, done, failed or null."""

    request_id: int | None
    state: str | None
    songs_archived: int
    message: str
    swept_at: datetime | None
    due_at: datetime | None


@post("/api/archive/request", status_code=202)
async def request_sweep(request: Asked, parts: WithParts, person: Listener) -> Sent[ArchiveAnswer]:
    """Ask Spotify for the newest plays now; pressed twice, it is one request."""
    async with parts.db.transaction() as conn:
        await sweep.request(conn, person.id, parts.clock.now())
        answer = _answer(await sweep.status(conn, person.id))
    return back_to("/dashboard") if is_plain_form(request) else Response(answer, status_code=202)


@get("/api/archive/status")
async def status(parts: WithParts, person: Listener) -> ArchiveAnswer:
    """How the last request went, and when the next sweep is due."""
    return _answer(await parts.db.ask(partial(sweep.status, user=person.id)))


def _answer(found: ArchiveStatus) -> ArchiveAnswer:
    archived = say_many(found.songs_archived, "Successfully archived {n} track", "Successfully archived {n} tracks")
    message = archived if found.state is RequestState.DONE else retold(found.message)
    return ArchiveAnswer(found.request_id, found.state, found.songs_archived, message, found.swept_at, found.due_at)


routes: tuple[ControllerRouterHandler, ...] = (request_sweep, status)
