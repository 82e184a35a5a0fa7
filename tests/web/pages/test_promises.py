"""What the pages about privacy, terms and help promise is so: each sentence that claims something has its test here (security.md A110)."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from audiospective.accounts import renewal, tokens
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.collect.rhythm import after_success
from audiospective.infra.database import fetch_all
from audiospective.privacy.holdings import HOLDINGS
from audiospective.settings import SettingsError, load
from audiospective.simulator.world import World
from audiospective.spotify import oauth
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.web.site import Site, agree

_ROOT = Path(__file__).parents[3]
_SOURCE = _ROOT / "src" / "audiospective"
_PAGES = ("/privacy", "/terms", "/help", "/leaving")


async def _said(client: httpx.AsyncClient, path: str) -> str:
    """The words of a page."""
    page = (await client.get(path)).text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main>")[0])).split())


async def test_help_names_exactly_the_permissions_that_are_asked_for(site: Site, stranger: httpx.AsyncClient) -> None:
    address = oauth.authorize_url(site.parts.spotify, state="s", challenge="c", redirect_uri="r")
    asked = parse_qs(urlsplit(address).query)["scope"][0].split()
    for path in ("/help", "/privacy"):
        assert sorted(set(re.findall(r"user-[a-z-]+|playlist-[a-z-]+", await _said(stranger, path)))) == sorted(asked)


async def test_privacy_names_everything_that_is_held(stranger: httpx.AsyncClient) -> None:
    said = await _said(stranger, "/privacy")  # that HOLDINGS knows every table is held by the tests of taking out
    assert [one.says for one in HOLDINGS if one.says not in said] == []


def test_no_playlist_library_or_follower_is_ever_asked_for() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (_SOURCE / "spotify").glob("*.py"))
    asked = {address.split("{")[0] for address in re.findall(r"[\"'](/v1/[^\"'?]*)", code)}
    assert asked == {"/v1/me", "/v1/me/player/recently-played", "/v1/tracks/", "/v1/artists/", "/v1/albums/"}


@pytest.mark.parametrize(("silent_days", "hours"), [(0, 1), (6, 1), (8, 2)])
def test_who_listens_is_swept_every_hour_and_who_does_not_every_other(clock: FakeClock, silent_days: int, hours: int) -> None:
    now = clock.now()
    head = now - timedelta(days=silent_days)
    due = [after_success(user, now, fill_s=0, head_at=head, lost_track=False) for user in range(50)]
    assert max(at - now for at in due) <= timedelta(hours=hours, minutes=1)
    assert after_success(1, now, fill_s=1500, head_at=now, lost_track=False) - now <= timedelta(minutes=20)


async def test_the_way_to_deletion_is_as_help_says(visitor: httpx.AsyncClient) -> None:
    assert "“Delete account”" in await _said(visitor, "/help")
    assert 'href="/settings"' in (await visitor.get("/dashboard")).text
    settings = (await visitor.get("/settings")).text
    assert 'id="delete"' in settings
    assert '<button class="btn btn-end" type="submit">Delete account</button>' in settings


@pytest.mark.parametrize("address", ["http://music.example.org", "ftp://music.example.org"])
def test_in_production_nothing_but_https_is_accepted(address: str) -> None:
    with pytest.raises(SettingsError, match="APP_URL"):
        load({"APP_ENV": "production", "APP_URL": address, "APP_SECRET": "s" * 64})


async def test_tokens_are_unreadable_in_the_database(connected: Site, world: tuple[str, World]) -> None:
    assert world
    async with connected.browser() as client:
        there = await client.get("/auth/spotify")
        back = await client.get(await agree(there.headers["location"]))
        assert back.status_code == 303
    async with connected.parts.db.transaction() as conn:
        user = (await fetch_all(conn, "SELECT id FROM people", int))[0]
        personal = await tokens.issue(conn, user, "phone", connected.parts.clock.now())
        sealed = await fetch_all(conn, "SELECT encode(access_token || refresh_token, 'escape') FROM grants", str)
        kept = await fetch_all(conn, "SELECT t::text FROM personal_tokens t UNION ALL SELECT s::text FROM sessions s", str)
    access = await renewal.fresh(connected.parts.db, connected.parts.spotify, connected.parts.sealer, user, connected.parts.clock)
    assert (len(sealed), access in sealed[0], "eyJ" in sealed[0]) == (1, False, False)  # how any token of the simulator goes on
    cookie = next(iter(client.cookies.values()))
    assert [secret for secret in (personal, cookie) if any(secret in row for row in kept)] == []


@pytest.mark.parametrize("path", [*_PAGES, "/", "/dashboard", "/settings", "/shares", "/imports"])
async def test_pages_load_nothing_from_other_sites(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    loaded = re.findall(r'<(?:script|img|link|iframe|source|video|audio)[^>]*(?:src|href)="([^"]+)"', answer.text)
    assert [address for address in loaded if not address.startswith(("/", "data:")) or address.startswith("//")] == []
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_there_are_no_cookies_but_those_that_privacy_names(connected: Site, world: tuple[str, World]) -> None:
    assert world
    async with connected.browser() as client:
        said = await _said(client, "/privacy")
        for path in ("/", *_PAGES, "/receipt", "/auth/token"):
            assert "set-cookie" not in (await client.get(path)).headers
        there = await client.get("/auth/spotify")
        named = set(client.cookies.keys())
        await client.get(await agree(there.headers["location"]))
        named |= set(client.cookies.keys())
        for path in ("/dashboard", "/settings", "/imports", "/shares"):
            await client.get(path)
        named |= set(client.cookies.keys())
    assert named == set(re.findall(r"audiospective_\w+", said))


def test_browsers_keep_nothing_but_what_privacy_names() -> None:
    scripts = "\n".join(path.read_text("utf-8") for path in (_SOURCE / "web" / "static" / "js").glob("*.js"))
    assert set(re.findall(r'(?:setItem|getItem)\("([^"]+)"', scripts)) == {"zone-told"}
    assert [word for word in ("sessionStorage", "indexedDB", "document.cookie", "caches.open") if word in scripts] == []


async def test_how_fast_a_page_was_is_told_with_nothing_of_who_saw_it(site: Site, stranger: httpx.AsyncClient) -> None:
    assert "How fast a page came up" in await _said(stranger, "/privacy")
    async with site.parts.db.reading() as conn:
        columns = await fetch_all(
            conn, "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'measured_minutes'", str
        )
    assert sorted(columns) == ["at", "buckets", "class", "kind"]
    senders = [path.name for path in (_SOURCE / "web" / "static" / "js").glob("*.js") if "sendBeacon" in path.read_text("utf-8")]
    assert senders == ["vitals.js"]


def test_the_schema_has_no_place_for_addresses_of_people() -> None:
    schema = "\n".join(path.read_text("utf-8") for path in sorted((_SOURCE / "migrations").glob("*.sql")) if "jobs" not in path.name)
    names = re.findall(r"^\s+(\w+) (?:text|inet|bytea|int|jsonb)\b", schema, re.MULTILINE)
    assert [name for name in names if re.search(r"mail|password|payment|(^|_)ip(_|$)|user_agent|birth|phone", name)] == []


async def test_there_is_no_log_of_visits(site: Site, visitor: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]) -> None:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(person.id, Source.API, Heard(0, "Tide"))])
    capfd.readouterr()
    for path in ("/dashboard", "/settings", "/help", "/api/stats"):
        await visitor.get(path)
    said = capfd.readouterr()
    assert [word for word in ("127.0.0.1", "mara", "Tide", "/settings") if word in said.out + said.err] == []


async def test_leaving_works_without_spotify_as_the_page_says(visitor: httpx.AsyncClient, site: Site) -> None:
    assert "when you never had one" in await _said(visitor, "/leaving")
    assert (await visitor.get("/api/export?format=reading-copy")).content[:2] == b"PK"
    assert (await visitor.get("/api/export?gdpr=true")).content[:2] == b"PK"
    gone = await visitor.request("DELETE", "/api/user/delete", json={"confirm": (await site.listener()).display_name})
    assert (gone.status_code, gone.json()["deletedRecords"]["spotifyPermissions"]) == (200, 0)
    assert (await visitor.get(f"/receipt?r={gone.json()['receipt']}")).text.count("This receipt is genuine.") == 1


def test_the_licence_is_the_one_that_is_named() -> None:
    assert "Apache License" in (_ROOT / "LICENSE").read_text("utf-8")[:200]


@pytest.mark.parametrize("path", _PAGES)
async def test_every_link_of_these_pages_leads_somewhere(visitor: httpx.AsyncClient, path: str) -> None:
    page = (await visitor.get(path)).text.partition("<main")[2].partition("</main>")[0]
    for address in set(re.findall(r'href="(/[^"]*)"', page)):
        there = await visitor.get(address)
        assert (address, there.status_code) == (address, 200)
        fragment = address.partition("#")[2]
        assert not fragment or f'id="{fragment}"' in there.text
