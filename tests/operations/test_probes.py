"""Probes see what is there, and say why when they see nothing."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from audiospective.infra.database import Database
from audiospective.operations.boxes import box
from audiospective.operations.judge import Reading, judge
from audiospective.operations.measure import Profile, Scene, readings
from audiospective.operations.probes import environment, site
from audiospective.operations.probes.site import Target
from tests.clock import FakeClock
from tests.web.site import NOWHERE, opened

_SET = {name: "x" for name, _, _ in environment.MANIFEST} | {"NEXTAUTH_SECRET": "s" * 64, "NEXTAUTH_URL": "https://music.example.org"}


def _value(name: str, environ: dict[str, str]) -> object:
    return environment.look(environ, on_one_machine=False)[f"environment.{name}"].value


def test_all_fifteen_are_counted_and_none_is_told() -> None:
    assert _value("names_set", _SET) == 15
    assert _value("names_set", {name: value for name, value in _SET.items() if name != "SENTRY_DSN"}) == 14
    assert "s" * 64 not in str(environment.look(_SET, on_one_machine=False))


def test_on_one_machine_what_is_built_in_counts_and_is_said() -> None:
    some = {name: _SET[name] for name in ("NEXTAUTH_URL", "NEXTAUTH_SECRET", "NODE_ENV", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")}
    found = environment.look(some, on_one_machine=True)["environment.names_set"]
    assert (found.value, found.note) == (15, "5 of 15 set, 10 replaced by what is built in")


def test_slashes_and_short_secrets_are_seen() -> None:
    assert _value("trailing_slashes", _SET | {"NEXTAUTH_URL": "https://music.example.org/"}) == 1
    assert _value("secret_length", _SET | {"APP_SECRET": "short,longer"}) == 5


@pytest.mark.parametrize(
    ("of", "value", "said"),
    [
        ("R019", 0.0208, "2.08 % of the quota, wanted < 80 % of the quota"),
        ("R130", 0.0, "0 % of requests, wanted < 1 % of requests"),
        ("R017", 0.0, "0 missing indexes, wanted <= 0 missing indexes"),
        ("R120", 24.0, "24 connections, wanted < 10 connections"),
    ],
)
def test_a_figure_and_its_limit_are_told_in_the_same_unit(of: str, value: float, said: str) -> None:
    assert judge(box(of), Reading(value, "somewhere")).reason == said


async def test_an_instance_is_seen_as_a_stranger_sees_it(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path) as running, aiohttp.ClientSession() as http:
        found = await site.look(http, Target(running.url, NOWHERE, "0"), clock)
    assert (found["site.home_status"].value, found["site.headers_missing"].value) == ("200", 0)
    assert (found["site.sign_in_leads_to_spotify"].value, found["health.database"].value) == ("yes", "healthy")
    assert found["health.version"].value != "this version"
    assert found["health.redis"].inapplicable


async def test_an_answer_to_a_host_that_is_not_ours_is_no_health(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    public = "https://music.example.org"
    async with opened(db, clock, tmp_path, app_url=public, strict=True) as running:
        for host, is_known in (("elsewhere.example.org", False), ("music.example.org", True)):
            async with aiohttp.ClientSession(headers={"Host": host}) as http:
                found = await site.health(http, Target(running.url, NOWHERE, "0"))
            assert bool(found["health.version"].problem) != is_known


async def test_where_nothing_answers_everything_is_unknown(clock: FakeClock) -> None:
    async with aiohttp.ClientSession() as http:
        found = await site.look(http, Target(NOWHERE, NOWHERE, "0"), clock)
    assert all(reading.problem for reading in found.values())


async def test_everything_is_measured_side_by_side(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path) as running, aiohttp.ClientSession() as http:
        scene = Scene(db, http, clock, _SET, Target(running.url, NOWHERE, "0"), running.parts.settings.spotify, tmp_path, tmp_path)
        found = await readings(scene, Profile.SELF_HOSTED)
    assert found["people.accounts"].value == 0
    assert found["scheduler.is_alive"].value == "no"
    assert found["backup.age_minutes"].problem
