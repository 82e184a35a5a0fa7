"""What stands before every route."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from audiospective.infra.database import Database
from audiospective.web.guard import LENIENT, NORMAL, STRICT, address_key, limit_for
from audiospective.web.visitor import cookie_name, form_token
from tests.clock import FakeClock
from tests.web.site import Site, browser_at, opened

_CONSTANT = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "x-permitted-cross-domain-policies": "none",
    "x-dns-prefetch-control": "off",
    "x-robots-tag": "noindex",
    "cache-control": "no-store",
}

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self' http://127.0.0.1:9; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)


def _is_dressed(answer: httpx.Response) -> bool:
    return {name: answer.headers.get(name) for name in _CONSTANT} == _CONSTANT and answer.headers["content-security-policy"] == _CSP


async def test_every_answer_wears_the_same_headers(stranger: httpx.AsyncClient) -> None:
    asked = {"GET /api/health": 200, "GET /nowhere": 404, "GET /api/nothing": 404, "POST /api/stats": 405, "GET /api/stats": 401}
    asked |= {"GET /api/settings/%00": 404, "OPTIONS /api/stats": 204, "HEAD /api/health": 200}
    for line, status in asked.items():
        answer = await stranger.request(*line.split())
        assert (line, answer.status_code, _is_dressed(answer)) == (line, status, True)
        assert not {"server", "access-control-allow-origin", "x-powered-by"} & set(answer.headers)


async def test_redirects_and_failures_wear_them_too(site: Site, visitor: httpx.AsyncClient) -> None:
    away = await visitor.get("/auth/spotify", headers={"Host": "localhost:1"})
    assert (away.status_code, away.headers["x-frame-options"], away.headers["cache-control"]) == (303, "DENY", "no-store")
    site.app.state.observer = None
    broken = await visitor.get("/api/health")
    assert (broken.status_code, _is_dressed(broken)) == (500, True)


async def test_over_https_browsers_are_told_to_stay_there(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    async with opened(db, clock, tmp_path, app_url="https://music.example.org", strict=True) as site, site.script() as client:
        answer = await client.get("/api/health", headers={"Host": "music.example.org"})
    assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert answer.headers["content-security-policy"].endswith("; upgrade-insecure-requests")


async def test_no_other_host_is_answered(stranger: httpx.AsyncClient) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1:x", "", "[::1", "evil@localhost", "localhost@evil.example"):
        answer = await stranger.get("/api/health", headers={"Host": host, "X-Forwarded-Host": "127.0.0.1"})
        assert (host, answer.status_code, "evil" in answer.text) == (host, 400, False)


@pytest.mark.parametrize(
    ("host", "status"), [("music.example.org", 200), ("music.example.org:443", 200), ("127.0.0.1", 400), ("localhost", 400)]
)
async def test_in_production_only_the_public_host_is_answered(
    db: Database, clock: FakeClock, tmp_path: Path, host: str, status: int
) -> None:
    async with opened(db, clock, tmp_path, app_url="https://music.example.org", strict=True) as site, site.script() as client:
        assert (await client.get("/api/health", headers={"Host": host})).status_code == status


#: Every route that changes something, with the answer of an honest request.
_CHANGES = [
    ("POST", "/auth/sign-out", 303),
    ("POST", "/auth/token", 400),
    ("POST", "/api/archive/request", 403),
    ("PATCH", "/api/lens", 400),
    ("POST", "/api/lens/left-out", 400),
    ("DELETE", "/api/lens/left-out/1", 404),
    ("POST", "/settings/lens", 400),
    ("POST", "/1/submit-listens", 401),
    ("POST", "/apis/listenbrainz/1/submit-listens", 401),
    ("POST", "/1/delete-listen", 401),
    ("POST", "/1/feedback/recording-feedback", 401),
    ("POST", "/apis/listenbrainz/1/delete-listen", 401),
    ("POST", "/apis/listenbrainz/1/feedback/recording-feedback", 401),
    ("POST", "/apis/listenbrainz", 401),
    ("POST", "/apis/listenbrainz/1", 401),
    ("POST", "/2.0", 400),
    ("POST", "/apis/audioscrobbler/2.0", 400),
    ("POST", "/auth/scrobbler", 400),
    ("POST", "/api/cron/archive", 503),
    ("POST", "/api/queue/archive-batch", 503),
    ("POST", "/api/imports", 400),
    ("POST", "/settings/delete", 400),
    ("POST", "/settings/zones", 303),
    ("POST", "/settings/leave-spotify", 303),
    ("POST", "/shares", 400),
    ("POST", "/shares/none/revoke", 404),
    ("POST", "/shares/none/expiry", 404),
    ("POST", "/api/share", 400),
    ("DELETE", "/api/share/none", 404),
    ("DELETE", "/api/user/delete", 400),
    ("POST", "/api/vitals", 400),
    ("POST", "/ops/sign", 404),
    ("POST", "/ops/first", 400),
    ("POST", "/ops/incidents", 404),
    ("POST", "/ops/incidents/1/updates", 404),
    ("POST", "/ops/incidents/1/resolution", 404),
    ("POST", "/ops/incidents/1/actions", 404),
    ("POST", "/ops/incidents/1/report", 404),
    ("POST", "/api/0/envelope", 404),
    ("POST", "/api/imports/rehearsal", 400),
    ("POST", "/imports/rehearsal", 400),
    ("POST", "/api/imports/1/undo", 404),
    ("POST", "/api/settings", 303),
    ("PATCH", "/api/settings", 400),
    ("POST", "/api/tokens", 400),
    ("DELETE", "/api/tokens/none", 404),
    ("POST", "/settings/tokens", 400),
    ("POST", "/settings/tokens/revoke", 404),
    ("POST", "/settings/app", 400),
    ("POST", "/settings/app/remove", 303),
    ("POST", "/settings/leave-spotify", 303),
    ("POST", "/auth/spotify/paste", 303),
    ("POST", "/auth/spotify/switch", 400),
    ("POST", "/export/by-itself", 400),
    ("POST", "/export/by-itself/stop", 303),
    ("POST", "/compare", 303),
    ("POST", "/compare/none/agree", 404),
    ("POST", "/compare/none/end", 404),
    ("POST", "/notices", 400),
    ("POST", "/notices/1/remove", 404),
    ("POST", "/notices/1/try", 404),
    ("POST", "/api/unsubscribe/none", 404),
    ("POST", "/settings/sessions/end", 404),
    ("POST", "/settings/disconnect", 303),
    ("POST", "/settings/sign-out-everywhere", 303),
]

_NAMED = {
    "/imports/1/": "/imports/{import_id}/",
    "/incidents/1/": "/incidents/{incident}/",
    "compare/none/": "compare/{pair_id}/",
    "notices/1/": "notices/{way_id}/",
    "unsubscribe/none": "unsubscribe/{token}",
    "left-out/1": "left-out/{rule_id}",
    "tokens/none": "tokens/{token_id}",
    "shares/none": "shares/{share_id}",
    "share/none": "share/{share_id}",
}

_FOREIGN = [
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "{url}.evil.example", "Sec-Fetch-Site": ""},
    {"Origin": "{url}", "Sec-Fetch-Site": "same-site"},
    {"Origin": "{url}", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "", "Sec-Fetch-Site": "", "Referer": "{url}/"},
]


def test_the_list_of_changing_routes_is_whole(site: Site) -> None:
    found = {(m, r.path_format) for r in site.app.routes for m in getattr(r, "methods", ()) if m not in {"GET", "HEAD", "OPTIONS"}}
    ours = {(m, re.sub("|".join(map(re.escape, _NAMED)), lambda found: _NAMED[found[0]], p)) for m, p, _ in _CHANGES}
    assert found == ours


@pytest.mark.parametrize(("method", "path", "honest"), _CHANGES)
async def test_a_change_that_another_site_causes_is_refused(site: Site, clock: FakeClock, method: str, path: str, honest: int) -> None:
    async with browser_at(site.url, cookies=await site.session()) as client:
        for foreign in _FOREIGN:
            headers = {name: value.format(url=site.url) for name, value in foreign.items() if value}
            answer = await client.request(method, path, headers=headers, content=b"{}")
            assert (answer.status_code, foreign) == (403, foreign)
        clock.forward(seconds=11)
        assert (await client.request(method, path, headers={"Origin": site.url}, content=b"")).status_code == honest


async def test_a_plain_form_needs_the_token_of_its_own_session(site: Site, visitor: httpx.AsyncClient) -> None:
    name = cookie_name(site.parts.settings)
    other = (await site.session("otto"))[name]
    own = form_token(site.parts.sealer, visitor.cookies[name], site.parts.clock.now())
    for wrong in ("", "x", own[:-1], form_token(site.parts.sealer, other, site.parts.clock.now())):
        refused = await visitor.post("/api/settings", data={"theme": "dark", "form_token": wrong})
        assert refused.status_code == 403
    assert (await visitor.post("/api/settings", data={"theme": "dark", "form_token": own})).status_code == 303
    assert (await visitor.get("/api/settings")).json()["theme"] == "dark"


async def test_a_personal_token_needs_no_origin_and_a_cookie_beside_it_does_not_count(site: Site) -> None:
    async with browser_at(site.url, cookies=await site.session()) as client:
        wrong = await client.patch("/api/settings", json={"theme": "dark"}, headers={"Authorization": "Bearer as_wrong"})
        right = await client.patch("/api/settings", json={"theme": "dark"}, headers={"Authorization": f"Bearer {await site.token()}"})
    assert (wrong.status_code, right.status_code) == (401, 200)


async def test_no_header_turns_one_method_into_another(visitor: httpx.AsyncClient) -> None:
    for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        assert (await visitor.get("/auth/sign-out?_method=POST", headers={header: "POST"})).status_code == 405
    assert (await visitor.get("/api/settings")).status_code == 200


async def test_unknown_methods_are_refused(stranger: httpx.AsyncClient) -> None:
    for method in ("TRACE", "CONNECT", "PROPFIND", "X"):
        assert (await stranger.request(method, "/api/health")).status_code in {400, 405}


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/auth/spotify", STRICT),
        ("/api/export", STRICT),
        ("/api/stats", NORMAL),
        ("/dashboard", NORMAL),
        ("/api/health", LENIENT),
        ("/static/x", LENIENT),
        ("/share/AAAAAAAAAAAAAAAAAAAAAA/cover/tracks/7", LENIENT),
        ("/share/AAAAAAAAAAAAAAAAAAAAAA", NORMAL),
        ("/share/AAAAAAAAAAAAAAAAAAAAAA/card.png", NORMAL),
        ("/share/AAAAAAAAAAAAAAAAAAAAAA/cover/tracks/7/more", NORMAL),
    ],
)
def test_each_path_has_its_budget(path: str, limit: object) -> None:
    assert limit_for(path) is limit


async def test_who_asks_too_often_is_told_when_to_come_back(stranger: httpx.AsyncClient, clock: FakeClock) -> None:
    answers = [await stranger.get("/auth/spotify") for _ in range(11)]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers[:10]] == [str(left) for left in range(9, -1, -1)]
    assert (answers[10].status_code, answers[10].headers["retry-after"], answers[10].headers["x-ratelimit-limit"]) == (429, "10", "10")
    clock.forward(seconds=9)
    assert "try again in a second." in (await stranger.get("/auth/spotify")).text
    clock.forward(seconds=1)
    assert (await stranger.get("/auth/spotify")).status_code == 303


async def test_another_spelling_of_a_path_has_the_same_budget_and_headers(stranger: httpx.AsyncClient) -> None:
    for number, path in enumerate(("/auth/token", "//auth/token", "/auth//token", "///auth/token//", "/%2fauth/token")):
        answer = await stranger.get(httpx.URL(str(stranger.base_url).rstrip("/") + path))
        assert (path, answer.status_code, answer.headers["x-ratelimit-limit"]) == (path, 200, "10")
        assert answer.headers["x-ratelimit-remaining"] == str(9 - number)
    secret = await stranger.get(httpx.URL(str(stranger.base_url).rstrip("/") + "//share/AAAAAAAAAAAAAAAAAAAAAA"))
    assert secret.headers["referrer-policy"] == "no-referrer"


async def test_a_claimed_address_is_not_believed(stranger: httpx.AsyncClient) -> None:
    for number in range(10):
        await stranger.get("/auth/spotify", headers={"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"})
    assert (await stranger.get("/auth/spotify", headers={"X-Forwarded-For": "10.9.9.9"})).status_code == 429


async def test_people_at_one_address_have_budgets_of_their_own(site: Site) -> None:
    async with site.script(await site.token("mara")) as mara, site.script(await site.token("otto")) as otto:
        await mara.get("/api/settings")
        await otto.get("/api/settings")
        for _ in range(10):
            await mara.get("/api/export")
        assert (await mara.get("/api/export")).status_code == 429
        assert (await otto.get("/api/export")).status_code == 200


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("10.1.2.3", "address 10.1.2.3"),
        ("2001:db8::1", "network 2001:db8::/64"),
        ("2001:db8::ffff:1", "network 2001:db8::/64"),
        ("::ffff:10.1.2.3", "address 10.1.2.3"),
        ("fe80::1%eth0", "network fe80::/64"),
        ("", "address "),
    ],
)
def test_a_network_of_one_owner_has_one_budget(address: str, key: str) -> None:
    assert address_key(address) == key
