"""For each box that the instance answers over HTTP: one thing wrong with what it serves turns that box red, and no other.

What `/api/health` tells has a table of its own, test_health_boxes.py; here it is how often, and whether it is asked at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from audiospective.accounts import people
from audiospective.infra.database import Database, execute
from audiospective.operations.boxes import boxes
from audiospective.operations.health import SERVICES
from audiospective.operations.judge import GOOD, Reading, Status, judge
from audiospective.operations.probes import acting, environment, site
from audiospective.operations.probes.site import CALLS, Target
from tests.clock import FakeClock
from tests.operations.breaking import break_it
from tests.simulators.played import Played, on_a_port
from tests.web.site import NOWHERE

F, U, NA = Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE
Red = dict[str, Status]

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; img-src 'self' data:; form-action 'self' https://accounts.example.org",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: Looks at the health before the rounds: for its own boxes, and for its headers.
_BEFORE = CALLS + 1
_OWN = {"/dashboard", "/history", "/settings"}
#: Long enough, and drawn as little as anything in a test.
_LONG = "".join(f"{number:02x}" for number in range(32))
_SET = {name: "x" for name, _, _ in environment.MANIFEST} | {"NODE_ENV": "production", "NEXTAUTH_SECRET": _LONG}


@dataclass(slots=True)
class Instance(Played):
    """One as it should be; `wrong` by path is what is otherwise there, and `of_round` what a round's look at the health is told."""

    clock: FakeClock = field(default_factory=FakeClock)
    wrong: dict[str, dict[str, Any]] = field(default_factory=dict)
    environment: str = "production"
    of_round: dict[int, dict[str, Any] | None] = field(default_factory=dict)
    looks: int = 0
    let_in: list[float] = field(default_factory=list)
    allowed: int = 1_000

    async def page(self, request: web.Request) -> web.Response:
        """Any address but the health's; so many of them are allowed in ten seconds."""
        now = self.clock.monotonic()
        self.let_in = [at for at in self.let_in if at > now - 10]
        if len(self.let_in) >= self.allowed:
            return web.Response(status=429, headers={"Retry-After": "10"})
        self.let_in.append(now)
        wrong = self.wrong.get(request.path, {}) | self.wrong.get(f"{request.method} {request.path}", {})
        self.clock.forward(seconds=wrong.get("takes_s", 0.04))
        is_refused = request.path in _OWN and not request.headers.get("Authorization", "").startswith("Bearer ")
        headers = {name: value for name, value in (_HEADERS | wrong.get("headers", {})).items() if value}
        status = wrong.get("status", 303 if is_refused else 200)
        return web.Response(text="<html>", status=status, content_type=wrong.get("kind", "text/html"), headers=headers)

    async def health(self, _: web.Request) -> web.Response:
        """GET /api/health; so many looks at it come before the rounds."""
        self.looks += 1
        services = {name: {"status": "healthy", "latency": "3ms"} for name in SERVICES}
        told = {"status": "healthy", "version": "1.0.0", "environment": self.environment, "services": services}
        otherwise = self.of_round.get(self.looks - _BEFORE, {})
        if otherwise is None:
            return web.Response(status=502)
        for name in otherwise.get("untold", ()):
            del services[name]
        services |= otherwise.get("services", {})
        return web.json_response(
            told | {name: one for name, one in otherwise.items() if name in told and name != "services"}, headers=_HEADERS
        )


@dataclass(slots=True)
class There:
    """An instance, somebody who operates it, and whoever looks."""

    db: Database
    instance: Instance
    environ: dict[str, str]
    every_s: float = 120

    async def stands(self) -> Red:
        """How each box stands."""
        clock, target = self.instance.clock, Target(self.instance.url, NOWHERE, "1.0.0")
        async with aiohttp.ClientSession() as http:
            found: dict[str, Reading] = await site.look(http, target, clock)
            found |= await site.rounds(http, target, clock=clock, count=5, every_s=self.every_s)
            found |= await acting.visits(self.db, http, target.url, clock)
        found |= environment.look(self.environ, on_one_machine=False)
        found |= environment.agreed(found)
        return {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}


@pytest.fixture
async def there(db: Database, clock: FakeClock) -> AsyncIterator[There]:
    instance = Instance(header="", clock=clock)
    async with db.transaction() as conn:
        await people.set_operator(conn, (await people.add(conn, "mara", clock.now())).id, may=True)
    async with on_a_port(instance, {"GET /api/health": instance.health, "* /{path:.*}": instance.page}):
        yield There(db, instance, dict(_SET))


Break = Callable[[There], Any]


def _at(path: str, **wrong: Any) -> Break:
    return lambda one: one.instance.wrong.update({path: wrong})


def _sends(path: str, header: str, value: str) -> Break:
    return _at(path, headers={header: value})


def _round(number: int, told: dict[str, Any] | None) -> Break:
    return lambda one: one.instance.of_round.update({number: told})


def _environ(**changed: str) -> Break:
    return lambda one: one.environ.update(changed)


async def _nobody_operates(one: There) -> None:
    async with one.db.transaction() as conn:
        await execute(conn, "UPDATE people SET is_operator = false")


_POLICY = "Content-Security-Policy"
_LATE_SCHEDULER = {"services": {"scheduler": {"status": "degraded", "latency": "3ms"}}}

MUTATIONS: list[tuple[str, Break, Red]] = [
    ("the front page is gone", _at("/", status=404), {"R067": F, "R208": F}),
    ("it leads elsewhere", _at("/", status=302, headers={"Location": "/privacy"}), {"R067": F, "R208": F}),
    ("it is a text", _at("/", kind="text/plain"), {"R067": F}),
    ("it can't be asked for its head", _at("HEAD /", status=405), {"R067": F}),
    ("one kind of answer lacks a header", _sends("/api/stats", "X-Content-Type-Options", ""), {"R068": F}),
    ("what isn't there may be framed", _sends("/no/such/page", "X-Frame-Options", "SAMEORIGIN"), {"R068": F}),
    ("scripts may stand in a page", _sends("/status", _POLICY, f"{_HEADERS[_POLICY]}; script-src 'unsafe-inline'"), {"R068": F}),
    ("scripts may come from anywhere", _sends("/share/nothing", _POLICY, "default-src 'none'; script-src https:"), {"R068": F}),
    ("others are told which page it was", _sends("/privacy", "Referrer-Policy", "same-origin, unsafe-url"), {"R068": F}),
    ("one page is slow", _at("/terms", takes_s=0.6), {"R117": F}),
    ("a service is late in one of five looks", _round(2, _LATE_SCHEDULER), {"R141": F}),
    ("a service isn't told of in one", _round(3, {"untold": ["sentry"]}), {"R141": F}),
    ("the whole is degraded in one", _round(4, {"status": "degraded"}), {"R141": F}),
    ("one look sees nothing", _round(1, None), {"R141": U}),
    ("looks in a row", lambda one: setattr(one, "every_s", 1), {"R141": U}),
    ("a page for strangers fails", _at("/help", status=500), {"R208": F}),
    ("a page of one's own asks to sign in", _at("/settings", status=303), {"R208": F}),
    ("nobody can sign in", _nobody_operates, {"R208": U}),
    ("the environment is set otherwise", _environ(NODE_ENV="staging"), {"R014": F}),
    ("the instance runs otherwise", lambda one: setattr(one.instance, "environment", "development"), {"R014": F, "R066": F}),
]


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_broken_thing_turns_its_own_boxes_and_no_other(there: There, wrong: Break, red: Red) -> None:
    await break_it(there, wrong)
    assert {box: status for box, status in (await there.stands()).items() if status not in GOOD} == red


async def test_in_good_order_every_box_is_green(there: There) -> None:
    assert {box: status for box, status in (await there.stands()).items() if status is not Status.PASS} == {}
    assert there.instance.looks == _BEFORE + 5


async def test_looks_that_come_too_fast_wait_as_they_are_told(there: There) -> None:
    there.instance.allowed = 20
    assert {box: status for box, status in (await there.stands()).items() if status is not Status.PASS} == {}


async def test_where_no_instance_answers_nothing_of_it_is_green(there: There) -> None:
    """That people can't get in is seen, not unknown."""
    there.instance.url = NOWHERE
    found = await there.stands()
    assert {box for box, status in found.items() if status in GOOD} == {"R010", "R011", "R013"}  # of the environment alone
    assert {box for box, status in found.items() if status is F} == {"R208"}
