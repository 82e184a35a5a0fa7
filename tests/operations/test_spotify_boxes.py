"""For each box that Spotify answers: one thing wrong with the app there, or with who uses it, turns that box red, and no other."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web

from audiospective.environ import Secret
from audiospective.infra.database import Database, execute
from audiospective.operations.boxes import box, boxes
from audiospective.operations.judge import Status, judge
from audiospective.operations.measure import Profile, Scene, readings
from audiospective.operations.probes import site, spotify
from audiospective.operations.probes.site import Target
from audiospective.settings import SpotifySettings
from audiospective.spotify.http import Spotify
from audiospective.spotify.rules import SEATS, redirect_address
from tests.clock import FakeClock
from tests.operations.breaking import break_it
from tests.simulators.played import Played, on_a_port
from tests.web.site import NOWHERE

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]


@dataclass(slots=True)
class Accounts(Played):
    """Spotify's sign-in host: it knows one app by its secret, and one address to come back to."""

    secret: str = "good"
    registered: str = ""

    async def token(self, request: web.Request) -> web.Response:
        """POST /api/token."""
        if b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode() != f"app:{self.secret}":
            return web.json_response({"error": "invalid_client"}, status=400)
        return web.json_response({"access_token": "t", "token_type": "Bearer", "expires_in": 3600})

    async def authorize(self, request: web.Request) -> web.Response:
        """GET /authorize."""
        if request.query["redirect_uri"] != self.registered:
            return web.Response(text="INVALID_CLIENT: Invalid redirect URI", status=400)
        raise web.HTTPSeeOther(f"/login?{urlencode({'continue': str(request.url)})}")


@dataclass(slots=True)
class There:
    """Spotify, our app at it, and an instance whose people it serves."""

    db: Database
    settings: SpotifySettings
    accounts: Accounts = field(default_factory=lambda: Accounts(header=""))
    instance: Played = field(default_factory=lambda: Played(header=""))
    sends_to: str = ""

    async def begin(self, _: web.Request) -> web.Response:
        """GET /auth/spotify of the instance."""
        query = urlencode({"redirect_uri": self.sends_to, "state": "s", "code_challenge_method": "S256"})
        raise web.HTTPSeeOther(f"{self.accounts.url}/authorize?{query}")

    async def joined(self, *numbers: int) -> None:
        """So many people sign in."""
        async with self.db.transaction() as conn:
            for number in numbers:
                await execute(conn, _JOINS, name=f"p{number}")

    async def stands(self) -> Red:
        """How each box stands."""
        async with aiohttp.ClientSession() as http:
            target = Target(self.instance.url, self.settings.accounts_url, "1")
            found = await spotify.look(http, self.settings, target.url) | await site.sign_in(http, target)
            found |= await spotify.seats(self.db, Spotify(http, self.settings))
        found |= spotify.agreed(found, target.url)
        return {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}


_JOINS = """
WITH person AS (INSERT INTO people (name, display_name, created_at) VALUES (%(name)s, '', now()) RETURNING id),
swept AS (INSERT INTO sweeps (user_id, due_at) SELECT id, now() FROM person)
INSERT INTO grants (user_id, client_id, access_token, refresh_token, expires_at, authorized_at, scope)
SELECT id, 'app', '', '', now(), now(), '' FROM person
"""


@pytest.fixture
async def there(db: Database) -> AsyncIterator[There]:
    found = There(db, SpotifySettings("app", Secret("good"), "", "", simulated=False))
    accounts, instance = found.accounts, found.instance
    async with (
        on_a_port(accounts, {"POST /api/token": accounts.token, "GET /authorize": accounts.authorize}),
        on_a_port(instance, {"GET /auth/spotify": found.begin}),
    ):
        found.settings = replace(found.settings, accounts_url=accounts.url, api_url=accounts.url)
        accounts.registered = found.sends_to = redirect_address(instance.url)
        await found.joined(*range(SEATS))
        yield found


Break = Callable[[There], Any]


def _at(part: str, **values: object) -> Break:
    def do(one: There) -> None:
        for name, value in values.items():
            setattr(one if part == "instance" else one.accounts, name, value)

    return do


def _trouble(call: str, status: int, **more: Any) -> Break:
    return lambda one: one.accounts.trouble(call, status, **more)


async def _premium_ends(one: There) -> None:
    async with one.db.transaction() as conn:
        await execute(conn, "UPDATE sweeps SET last_trouble = 'forbidden'")


def _away(one: There) -> None:
    one.settings = replace(one.settings, accounts_url=NOWHERE)


#: Of an app that wasn't seen to be taken nobody knows how many it may serve.
MUTATIONS: list[tuple[str, Break, Red]] = [
    ("one more than there are seats", lambda one: one.joined(SEATS), {"R021": F}),
    ("its owner's Premium ends", _premium_ends, {"R021": F}),
    ("another secret there", _at("accounts", secret="new"), {"R021": U, "R023": F}),
    ("another address there", _at("accounts", registered="https://music.example.org/auth/callback"), {"R021": U, "R022": F}),
    ("a page that refuses", _trouble("GET /authorize", 200, text="<p>redirect_uri: Not matching configuration"), {"R021": U, "R022": F}),
    (
        "an address that refuses",
        _trouble("GET /authorize", 303, headers={"Location": "/x?error=unauthorized_client"}),
        {"R021": U, "R022": F},
    ),
    ("people are sent back elsewhere", _at("instance", sends_to="https://elsewhere.example.org/auth/callback"), {"R022": F}),
    ("a page in place of a token", _trouble("POST /api/token", 200, text="<html>"), {"R021": U, "R023": U}),
    ("no token in the answer", _trouble("POST /api/token", 200, body={"token_type": "Bearer"}), {"R021": U, "R023": U}),
    ("another host answers for it", _trouble("POST /api/token", 302, headers={"Location": "/login"}), {"R021": U, "R023": U}),
    ("asked too often", _trouble("GET /authorize", 429), {"R021": U, "R022": U}),
    ("in trouble", _trouble("", 503), {"R021": U, "R022": U, "R023": U}),
    ("away", _away, {"R021": U, "R022": U, "R023": U}),
]


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_broken_thing_turns_its_own_boxes_and_no_other(there: There, wrong: Break, red: Red) -> None:
    await break_it(there, wrong)
    assert {box: status for box, status in (await there.stands()).items() if status is not Status.PASS} == red


async def test_in_good_order_every_box_is_green_and_of_a_simulated_one_none_applies(there: There) -> None:
    assert await there.stands() == dict.fromkeys(("R021", "R022", "R023"), Status.PASS)
    there.settings = replace(there.settings, simulated=True)
    assert set((await there.stands()).values()) == {Status.NOT_APPLICABLE}


async def test_what_follows_from_them_together_is_part_of_every_measurement(there: There, clock: FakeClock, tmp_path: Path) -> None:
    there.sends_to = "https://elsewhere.example.org/auth/callback"
    async with aiohttp.ClientSession() as http:
        target = Target(there.instance.url, there.accounts.url, "1")
        scene = Scene(there.db, http, clock, {}, target, there.settings, tmp_path, tmp_path)
        found = await readings(scene, Profile.SELF_HOSTED)
    assert judge(box("R022"), found["spotify.redirect_uri"]).status is F
