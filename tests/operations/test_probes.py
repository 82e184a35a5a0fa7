"""Probes see what is there, and say why when they see nothing."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from audiospective.infra.database import Database
from audiospective.operations.measure import Profile, Scene, readings
from audiospective.operations.probes import code, database, environment, site, spotify, work
from audiospective.operations.probes.site import Target
from audiospective.settings import Secret, SpotifySettings
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


async def test_a_database_is_measured(db: Database, clock: FakeClock) -> None:
    found = await database.look(db, clock)
    assert found["database.migrations_pending"].value == 0
    assert found["database.indexes_invalid"].value == 0
    assert found["database.storage_ratio"].value < 0.8  # type: ignore[operator]  # a number


async def test_without_a_database_everything_of_it_is_unknown(clock: FakeClock) -> None:
    db = Database("postgresql://127.0.0.1:9/none", patience_s=0.1)
    await db.open()
    found = await database.look(db, clock) | await work.look(db, clock.now())
    await db.close()
    assert all(reading.problem for reading in found.values())


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


def test_a_checkout_says_which_code_it_is(tmp_path: Path) -> None:
    for words in (
        ("init", "-b", "main"),
        ("-c", "user.name=x", "-c", "user.email=x@x", "commit", "--allow-empty", "-m", "x"),
        ("tag", "v1"),
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "new").touch()
    found = code.look(tmp_path)
    assert [found[f"code.{name}"].value for name in ("branch", "uncommitted", "tags")] == ["main", 1, 1]


def test_an_installed_release_has_no_checkout(tmp_path: Path) -> None:
    assert all(reading.problem for reading in code.look(tmp_path).values())


@pytest.fixture
async def accounts_host() -> AsyncIterator[str]:
    """A host that knows one app, and one address to come back to."""

    async def token(request: web.Request) -> web.Response:
        return web.json_response({}, status=200 if request.headers["Authorization"] == "Basic aWQ6Z29vZA==" else 400)

    async def authorize(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.query["redirect_uri"].startswith("https://music.example.org/") else 400)

    app = web.Application()
    app.router.add_post("/api/token", token)
    app.router.add_get("/authorize", authorize)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("secret", "url", "said"),
    [
        ("good", "https://music.example.org", ["accepted", "accepted"]),
        ("bad", "https://elsewhere.example.org", ["refused (400)", "refused (400)"]),
    ],
)
async def test_spotify_says_whether_it_takes_the_app(accounts_host: str, secret: str, url: str, said: list[str]) -> None:
    settings = SpotifySettings("id", Secret(secret), accounts_host, accounts_host, simulated=False)
    async with aiohttp.ClientSession() as http:
        found = await spotify.look(http, settings, url)
    assert [found[f"spotify.{name}"].value for name in ("credentials", "redirect_uri")] == said


async def test_a_spotify_that_does_not_answer_is_unknown_and_a_simulated_one_does_not_apply() -> None:
    async with aiohttp.ClientSession() as http:
        silent = await spotify.look(http, SpotifySettings("id", Secret("s"), NOWHERE, NOWHERE, simulated=False), NOWHERE)
        made_up = await spotify.look(http, SpotifySettings("id", Secret("s"), NOWHERE, NOWHERE, simulated=True), NOWHERE)
    assert all(reading.problem for reading in silent.values())
    assert all(reading.inapplicable for reading in made_up.values())


async def test_everything_is_measured_side_by_side(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path) as running, aiohttp.ClientSession() as http:
        scene = Scene(db, http, clock, _SET, Target(running.url, NOWHERE, "0"), running.parts.settings.spotify, tmp_path, tmp_path)
        found = await readings(scene, Profile.SELF_HOSTED)
    assert found["people.accounts"].value == 0
    assert found["scheduler.is_alive"].value == "no"
    assert found["backup.age_minutes"].problem


def test_a_checkout_and_its_remote_are_compared(tmp_path: Path) -> None:
    origin, folder = tmp_path / "origin.git", tmp_path / "checkout"
    subprocess.run(["git", "init", "--quiet", "--bare", origin], check=True)
    subprocess.run(["git", "init", "--quiet", "-b", "main", folder], check=True)
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.0.0"\n')

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *words], cwd=folder, check=True, capture_output=True)

    git("add", "-A")
    git("commit", "-m", "x")
    assert code.look(folder)["code.apart"].inapplicable
    git("remote", "add", "origin", str(origin))
    assert code.look(folder)["code.apart"].problem
    git("push", "origin", "main")
    git("tag", "-a", "v1.0.0", "-m", "x")
    found = code.look(folder)
    assert [found[f"code.{name}"].value for name in ("apart", "tag_here", "tag_at_origin")] == [0, "yes", "no"]
    git("push", "origin", "v1.0.0")
    git("commit", "--allow-empty", "-m", "one more")
    found = code.look(folder)
    assert [found[f"code.{name}"].value for name in ("apart", "tag_here", "tag_at_origin")] == [1, "no", "no"]
