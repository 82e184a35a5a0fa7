"""What phone clients ask of ListenBrainz besides: what plays now, tops, activity, taking back a listen (peers.md §5)."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.enums import ScopeType
from litestar.params import FromPath, QueryParameter
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send

from audiospective.archive import removal
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.insights.listening import Listening
from audiospective.reports import ask, listens
from audiospective.reports.listens import Tops
from audiospective.web.api.listenbrainz import CORS, INVALID, NOT_YOURS, Answer, below, fault, json, of_token, own
from audiospective.web.visitor import Asked, Whoever, WithParts

_KINDS: Final = {"artists": Tops.ARTISTS, "releases": Tops.RELEASES, "recordings": Tops.RECORDINGS}
NO_RANGE: Final = "range is all_time, week, month, quarter, half_yearly, year, this_week, this_month or this_year."
#: Where pages may ask.
_PLACES: Final = ("/1/", "/apis/listenbrainz")
Spelling = Annotated[str, QueryParameter(description="this_week, week, month, quarter, half_yearly, year, all_time and the like")]


class Gone(msgspec.Struct):
    """Which listen is to go."""

    listened_at: Annotated[int, msgspec.Meta(ge=0, le=2**40)]
    recording_msid: str


@get(below("user/{name:str}/playing-now"), include_in_schema=False)
async def playing_now(request: Asked, parts: WithParts, visitor: Whoever, name: FromPath[str]) -> Answer:
    """What a scrobbler said plays just now, until it must have ended."""
    person = own(request, parts, visitor, name)
    if person is None:
        return fault(404, NOT_YOURS)
    told = request.app.state.playing.of(person.id, parts.clock.monotonic())
    now = int(parts.clock.now().timestamp())
    entries = [{"playing_now": True, "track_metadata": told}] if told else []
    payload = {"count": len(entries), "user_id": person.name, "playing_now": True, "listens": entries}
    return json({"payload": payload | {"latest_listen_ts": now, "oldest_listen_ts": now}})


@get(below("user/{name:str}/following"), include_in_schema=False)
async def following(request: Asked, parts: WithParts, visitor: Whoever, name: FromPath[str]) -> Answer:
    """Nobody: people here don't follow each other."""
    person = own(request, parts, visitor, name)
    return fault(404, NOT_YOURS) if person is None else json({"user": person.name, "following": []})


@get(below("feedback/user/{name:str}/get-feedback"), include_in_schema=False)
async def loved(
    request: Asked, parts: WithParts, visitor: Whoever, name: FromPath[str], offset: Annotated[int, QueryParameter(ge=0)] = 0
) -> Answer:
    """Nothing: what is loved isn't kept here."""
    if own(request, parts, visitor, name) is None:
        return fault(404, NOT_YOURS)
    return json({"count": 0, "total_count": 0, "offset": offset, "feedback": []})


@post(below("feedback/recording-feedback"), status_code=200, include_in_schema=False)
async def love(request: Asked, parts: WithParts, visitor: Whoever) -> Answer:
    """Said plainly, so that no client believes that it was kept."""
    if of_token(request, parts, visitor) is None:
        return fault(401, INVALID)
    return fault(501, "What is loved isn't kept here; every listen is.")


@get(below("stats/user/{name:str}/listening-activity"), include_in_schema=False)
async def activity(
    request: Asked,
    parts: WithParts,
    visitor: Whoever,
    name: FromPath[str],
    range: Spelling = "all_time",  # noqa: A002 (their word)
) -> Answer:
    """Listens by day, month or year of a range."""
    person = own(request, parts, visitor, name)
    if person is None:
        return fault(404, NOT_YOURS)
    async with parts.db.reading() as conn:
        seen = _over(await ask.listening(conn, parts.cache, person, "all", parts.clock.now()), range)
    return fault(400, NO_RANGE) if seen is None else json({"payload": listens.activity(seen, range)})


@get(below("stats/user/{name:str}/{kind:str}"), include_in_schema=False)
async def tops(
    request: Asked,
    parts: WithParts,
    visitor: Whoever,
    name: FromPath[str],
    kind: FromPath[str],
    *,
    range: Spelling = "all_time",  # noqa: A002 (their word)
    offset: Annotated[int, QueryParameter(ge=0)] = 0,
    count: Annotated[int, QueryParameter(ge=1, le=1000)] = 25,
) -> Answer:
    """Most played artists, releases or recordings of a range; 204 when there are none."""
    person = own(request, parts, visitor, name)
    if person is None or kind not in _KINDS:
        return fault(404, NOT_YOURS)
    async with parts.db.reading() as conn:
        seen = _over(await ask.listening(conn, parts.cache, person, "all", parts.clock.now()), range)
        if seen is None:
            return fault(400, NO_RANGE)
        found = await listens.tops(conn, seen, person.name, _KINDS[kind], spelling=range, offset=offset, count=count)
    return json({"payload": found}) if found["count"] else json(None, 204)


def _over(everything: Listening, spelling: str) -> Listening | None:
    period = listens.period(spelling, everything.zone.today(everything.now))
    return everything.over(period) if period else None


@post(below("delete-listen"), status_code=200, include_in_schema=False)
async def take_back(request: Asked, parts: WithParts, visitor: Whoever) -> Answer:
    """Remove a listen that a scrobbler told; what Spotify or an export told is left out in Settings instead."""
    person = of_token(request, parts, visitor)
    if person is None:
        return fault(401, INVALID)
    try:
        gone = msgspec.json.decode(await request.body(), type=Gone)
        track = int(gone.recording_msid)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return fault(400, "Name the listen by listened_at and recording_msid, as listens are told here.")
    return await _taken_back(parts, UserId(person.id), gone.listened_at, track)


async def _taken_back(parts: Parts, user: UserId, began_s: int, track: int) -> Answer:
    async with parts.db.transaction() as conn:
        removed = await removal.forget_scrobble(conn, user, began_s=began_s, track=track)
    if not removed:
        return fault(400, "No scrobbler told this listen; leave it out in Settings, where it can be shown again.")
    return json({"status": "ok"})


def open_to_pages(app: ASGIApp) -> ASGIApp:
    """Scrobblers in a browser's page ask first whether they may; the framework's own answer to that doesn't say so."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "OPTIONS" and scope["path"].startswith(_PLACES):
            headers = [(name.lower().encode(), value.encode()) for name, value in CORS.items()]
            await send({"type": "http.response.start", "status": 200, "headers": [*headers, (b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await app(scope, receive, send)

    return answering


routes: tuple[ControllerRouterHandler, ...] = (playing_now, following, loved, love, activity, tops, take_back)
