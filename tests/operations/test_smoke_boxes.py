"""For each box of the smoke tests that a program reads without a browser: one thing wrong at its source turns that box, and no other.

The instance is whole; between it and whoever looks stands somebody who hands everything on, and may alter one answer (operations.md §10).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from audiospective.accounts import people
from audiospective.collect import sweep
from audiospective.infra.database import execute, fetch_all
from audiospective.operations import smoke
from audiospective.operations.boxes import boxes
from audiospective.operations.judge import GOOD, Status, judge
from audiospective.operations.probes import journey
from audiospective.operations.probes.journey import Traveller
from tests.simulators.played import Handler, Played, on_a_port
from tests.stand_in import World
from tests.web.site import NOWHERE, Site, opened

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]
#: What is handed on of an answer.
_TOLD = ("Content-Type", "Set-Cookie", "X-Robots-Tag")


@dataclass(slots=True)
class Answer:
    """Of the instance, on its way."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(slots=True)
class Between:
    """An instance with its worker, and whoever stands before it."""

    world: World
    site: Site
    url: str = ""
    altered: dict[str, Callable[[Answer], None]] = field(default_factory=dict)
    """By how a path begins."""
    refused: dict[str, int] = field(default_factory=dict)
    """Likewise: what is said instead of asking the instance."""
    works: bool = True
    """Whether a worker does what is asked for."""
    after: str = ""
    """A statement that is run when the archive has been filled."""

    async def traveller(self) -> Traveller:
        """The listener, who walks."""
        async with self.world.db.reading() as conn:
            person = await people.by_name(conn, "mara")
        return smoke.traveller(self.world.db, person, await self.site.token(person.name), is_connected=True, nonce="")

    async def hand_on(self, request: web.Request) -> web.Response:
        """What the instance says to that, if it isn't altered."""
        asked = f"{request.method} {request.path}"
        if status := next((status for begins, status in self.refused.items() if asked.startswith(begins)), 0):
            return web.json_response({}, status=status)
        body, url = await request.read(), f"{self.site.url}{request.rel_url}"
        headers = {name: value for name, value in request.headers.items() if name in {"Authorization", "Content-Type"}}
        async with aiohttp.ClientSession() as http, http.request(request.method, url, data=body, headers=headers) as told:
            found = Answer(told.status, await told.read(), {name: told.headers[name] for name in _TOLD if name in told.headers})
        if request.path == "/api/archive/request" and self.works:
            await self._work()
        for begins, alter in self.altered.items():
            if asked.startswith(begins):
                alter(found)
        return web.Response(status=found.status, body=found.body, headers=found.headers)

    async def _work(self) -> None:
        async with self.world.db.reading() as conn:
            numbers = await fetch_all(conn, "SELECT id::int FROM archive_requests WHERE state = 'queued'", int)
        for number in numbers:
            await sweep.answer_request(*self.world.parts, self.world.clock, number)
        if self.after:
            async with self.world.db.transaction() as conn:
                await execute(conn, self.after)


@pytest.fixture
async def between(world: World, tmp_path: Path) -> AsyncIterator[Between]:
    """Three plays, of which one is new when the archive is asked for; one title looks like a formula."""
    now = world.clock.now()
    world.stand_in.hear("mara", (now - timedelta(minutes=9), "Tide, Low"), (now - timedelta(minutes=6), "=SUM(A1)"))
    await world.sign_in("mara")
    await sweep.sweep_due(*world.parts, world.clock)
    world.stand_in.hear("mara", (now - timedelta(minutes=1), "Tide, Low"))
    world.clock.forward(minutes=1)
    async with opened(world.db, world.clock, tmp_path, spotify=world.spotify) as site:
        await site.listener("noor")
        found = Between(world, site)
        routes: dict[str, Handler] = {f"{method} /{{path:.*}}": found.hand_on for method in ("GET", "POST", "DELETE")}
        async with on_a_port(Played(header=""), routes) as url:
            found.url = url
            yield found


async def _stands(between: Between) -> Red:
    async with aiohttp.ClientSession() as http:
        found = await journey.look(http, between.url, await between.traveller(), pace_s=0)
    return {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}


Break = Callable[[Between], Any]


def _altered(begins: str, alter: Callable[[Answer], Any]) -> Break:
    return lambda between: between.altered.update({begins: alter})


def _refused(status: int, begins: str) -> Break:
    return lambda between: between.refused.update({begins: status})


def _file(before: bytes, after: bytes) -> Break:
    """The export with that in the place of this."""

    def alter(told: Answer) -> None:
        assert before in told.body
        told.body = told.body.replace(before, after, 1)

    return _altered("GET /api/export", alter)


def _last_line(times: int) -> Break:
    def alter(told: Answer) -> None:
        *lines, last, _ = told.body.split(b"\r\n")
        told.body = b"\r\n".join([*lines, *[last] * times, b""])

    return _altered("GET /api/export", alter)


def _header(name: str, value: str) -> Break:
    return _altered("GET /share/", lambda told: told.headers.update({name: value}))


def _on(**values: object) -> Break:
    def do(between: Between) -> None:
        for name, value in values.items():
            setattr(between, name, value)

    return do


def _spotify(kind: str, status: int) -> Break:
    return lambda between: between.world.stand_in.trouble.update({kind: (status, {}, {})})


#: The play that the request brought.
_CAME = "played_at > '2026-03-18 19:28Z'"
_ELSES = f"UPDATE plays SET user_id = (SELECT id FROM people WHERE name = 'noor') WHERE {_CAME}"
#: The runbook's own view no longer shows what is stored.
_UNCOUNTED = """CREATE OR REPLACE VIEW "PlayEvent" AS
SELECT p.user_id AS "userId", p.track_id AS "trackId", p.played_at AS "playedAt", p.ms_played AS "msPlayed" FROM plays p WHERE false"""

#: What is altered on its way: the instance goes on as before, and serves the next row.
ON_THE_WAY: list[tuple[str, Break, Red]] = [
    ("it is refused", _refused(429, "POST /api/archive/request"), {"R084": F, "R085": U}),
    ("it can't be asked for", _refused(503, "POST /api/archive/request"), {"R084": U, "R085": U}),
    ("how it went isn't told", _refused(503, "GET /api/archive/status"), {"R084": U, "R085": U}),
    ("its last line is missing", _last_line(0), {"R090": F}),
    ("a line is there twice", _last_line(2), {"R090": F, "R094": F}),
    ("an empty file", _altered("GET /api/export", lambda told: setattr(told, "body", b"")), {"R090": F, "R091": F}),
    ("another head", _file(b"local_time", b"time"), {"R091": F}),
    ("a formula", _file(b"'=SUM(A1)", b"=SUM(A1)"), {"R091": F}),
    ("a line that ends otherwise", _file(b"\r\n", b"\n"), {"R091": F}),
    ("one wrong byte", _file(b"Estuary", b"Estu\xffry"), {"R090": U, "R091": F, "R094": U}),
    ("a quote that doesn't end", _file(b'"Tide', b'""Tide'), {"R090": U, "R091": F, "R094": U}),
    ("a cell too many", _file(b",Estuary,", b",,Estuary,"), {"R091": F, "R094": F}),
    ("another album", _file(b"Estuary", b"Harbour"), {"R094": F}),
    ("another moment", _file(b"19:21:00", b"19:21:01"), {"R094": F}),
    ("no file", _refused(500, "GET /api/export"), dict.fromkeys(("R090", "R091", "R094"), U)),
    ("the shared page is gone", _refused(404, "GET /share/"), {"R108": F}),
    ("the shared page sets a cookie", _header("Set-Cookie", "a=b"), {"R108": F}),
    ("the shared page may be listed", _header("X-Robots-Tag", "all"), {"R108": F}),
    ("nothing can be shared", _refused(500, "POST /api/share"), {"R108": U}),
]
WITHIN: list[tuple[str, Break, Red]] = [
    ("Spotify is in trouble", _spotify("plays", 500), {"R084": F}),
    ("no worker takes it up", _on(works=False), {"R084": F}),
    ("what came isn't stored", _on(after=f"DELETE FROM plays WHERE {_CAME}"), {"R085": F}),
    ("what came is stored as somebody else's", _on(after=_ELSES), {"R085": F}),
    ("the runbook's view is empty", _on(after=_UNCOUNTED), {"R085": F}),
]
MUTATIONS = [*ON_THE_WAY, *WITHIN]


async def _left(between: Between) -> list[str]:
    async with between.world.db.reading() as conn:
        return await fetch_all(conn, "SELECT id FROM shares", str)


async def test_one_answer_that_is_altered_turns_its_own_boxes_and_no_other(between: Between) -> None:
    found = {"well": await _stands(between)}
    for what, wrong, _ in ON_THE_WAY:
        between.world.clock.forward(seconds=11)  # as often as one may ask
        wrong(between)
        found[what] = await _stands(between)
        between.altered.clear()
        between.refused.clear()
    assert set(found["well"]) == {"R084", "R085", "R090", "R091", "R094", "R108"}
    red = {what: {box: status for box, status in one.items() if status not in GOOD} for what, one in found.items()}
    assert red == {"well": {}} | {what: one for what, _, one in ON_THE_WAY}
    assert await _left(between) == []


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in WITHIN], ids=[one[0] for one in WITHIN])
async def test_one_thing_that_is_wrong_turns_its_own_boxes_and_no_other(between: Between, wrong: Break, red: Red) -> None:
    wrong(between)
    assert {box: status for box, status in (await _stands(between)).items() if status not in GOOD} == red
    assert await _left(between) == []


async def test_where_nothing_answers_nothing_is_green(between: Between) -> None:
    between.url = NOWHERE
    assert set((await _stands(between)).values()) == {U}
