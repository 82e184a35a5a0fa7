"""Sentry, or whoever speaks its API: keeps errors (https://docs.sentry.io/api). Asked by a token; the program itself tells by the DSN."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import aiohttp
import msgspec

from audiospective.operations.providers.asking import Api, Patience, Question, ask, decoded, read
from audiospective.operations.providers.ports import Issue, Occurred
from audiospective.outside import SentrySettings
from audiospective.settings import TrackerSettings

#: What errors on purpose are called, so that they are never counted.
MARKER: Final = "TestOfErrors"
_PAGES: Final = 20
_NEXT: Final = re.compile(r'rel="next"; results="true"; cursor="([^"]+)"')


class _Project(msgspec.Struct):
    slug: str
    status: str = "active"


class _Dsn(msgspec.Struct):
    public: str


class _Key(msgspec.Struct, rename="camel"):
    dsn: _Dsn
    is_active: bool = False


class _Tag(msgspec.Struct):
    key: str
    value: str | None = None


class _Entry(msgspec.Struct):
    type: str
    data: dict[str, object] = {}


class _Event(msgspec.Struct, rename={"event_id": "eventID"}):
    event_id: str
    tags: list[_Tag] = []
    entries: list[_Entry] = []


class _Issue(msgspec.Struct, rename={"short_id": "shortId"}):
    short_id: str
    title: str
    level: str = "error"
    count: str | int = 1


class Sentry:
    """The project that the settings name."""

    def __init__(
        self, http: aiohttp.ClientSession, settings: SentrySettings, tracker: TrackerSettings, *, patience: Patience | None = None
    ) -> None:
        patience = patience or Patience()
        headers = {"Authorization": f"Bearer {settings.token.reveal()}"}
        self._api = Api(http, "Sentry", settings.url, "SENTRY_AUTH_TOKEN", headers, {}, patience)
        self._project = f"/api/0/projects/{settings.organisation}/{settings.project}"
        self._organisation = f"/api/0/organizations/{settings.organisation}"
        self._slug = settings.project
        self._tracker = tracker

    async def project(self) -> str:
        """Its slug; raises Refused when there is none."""
        return (await read(self._api, Question("the project", "GET", f"{self._project}/"), _Project)).slug

    async def live_keys(self) -> Sequence[str]:
        """The addresses of keys that are active."""
        found = await read(self._api, Question("the project's keys", "GET", f"{self._project}/keys/"), list[_Key])
        return [one.dsn.public for one in found if one.is_active]

    async def event(self, event_id: str) -> Occurred | None:
        """None until it has been taken in, which may take some seconds."""
        question = Question("the test error", "GET", f"{self._project}/events/{event_id}/")
        told = await ask(self._api, question, good=(200, 404))
        if told.status == 404:
            return None
        found = decoded(self._api, question, told.body, _Event)
        tags = {tag.key: tag.value or "" for tag in found.tags}
        frames = sum(_frames(one) for one in found.entries)
        return Occurred(found.event_id, frames, tags.get("environment", ""), tags.get("release", ""))

    async def issues(self, since: datetime) -> Sequence[Issue]:
        """Unresolved ones first seen since then; all pages, test errors left out."""
        seen = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        query = {"query": f"is:unresolved firstSeen:>{seen}", "environment": self._tracker.environment, "sort": "new", "limit": "100"}
        query |= {"statsPeriod": "", "project_slug": self._slug}
        found: list[_Issue] = []
        for _ in range(_PAGES):
            question = Question("the issues", "GET", f"{self._organisation}/issues/", query)
            told = await ask(self._api, question)
            found += decoded(self._api, question, told.body, list[_Issue])
            following = _NEXT.search(told.headers.get("Link", ""))
            if following is None:
                break
            query = {**query, "cursor": following[1]}
        return [Issue(one.short_id, one.title, one.level, int(one.count)) for one in found if MARKER not in one.title]


def _frames(entry: _Entry) -> int:
    """Those of the program itself that say where they are."""
    values = entry.data.get("values") if entry.type == "exception" else None
    stacks = [one.get("stacktrace") for one in values if isinstance(one, dict)] if isinstance(values, list) else []
    frames = [one.get("frames") for one in stacks if isinstance(one, dict)]
    known = [frame for one in frames if isinstance(one, list) for frame in one if isinstance(frame, dict)]
    return sum(bool(frame.get("inApp") and frame.get("filename") and frame.get("lineNo")) for frame in known)
