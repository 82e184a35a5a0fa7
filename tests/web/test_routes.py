"""Every route × nobody, Mara: a route that isn't listed here fails."""

from __future__ import annotations

import httpx

from tests.clock import FakeClock
from tests.web.site import Site

#: What nobody gets, and what somebody signed in gets, for an honest request without a body.
TABLE: dict[str, tuple[int, int]] = {
    "GET /": (200, 303),
    "GET /privacy": (200, 200),
    "GET /terms": (200, 200),
    "GET /help": (200, 200),
    "GET /leaving": (200, 200),
    "GET /api/gaps": (401, 200),
    "POST /api/cron/archive": (503, 503),
    "POST /api/queue/archive-batch": (503, 503),
    "POST /1/submit-listens": (401, 401),
    "GET /1/validate-token": (400, 400),
    "GET /1/user/{name}/listens": (404, 404),
    "GET /1/user/{name}/listen-count": (404, 404),
    "POST /apis/listenbrainz/1/submit-listens": (401, 401),
    "GET /apis/listenbrainz/1/validate-token": (400, 400),
    "GET /apis/listenbrainz/1/user/{name}/listens": (404, 404),
    "GET /apis/listenbrainz/1/user/{name}/listen-count": (404, 404),
    "GET /1/user/{name}/playing-now": (404, 404),
    "GET /1/user/{name}/following": (404, 404),
    "GET /1/feedback/user/{name}/get-feedback": (404, 404),
    "POST /1/feedback/recording-feedback": (401, 401),
    "GET /1/stats/user/{name}/listening-activity": (404, 404),
    "GET /1/stats/user/{name}/{kind}": (404, 404),
    "POST /1/delete-listen": (401, 401),
    "GET /apis/listenbrainz/1/user/{name}/playing-now": (404, 404),
    "GET /apis/listenbrainz/1/user/{name}/following": (404, 404),
    "GET /apis/listenbrainz/1/feedback/user/{name}/get-feedback": (404, 404),
    "POST /apis/listenbrainz/1/feedback/recording-feedback": (401, 401),
    "GET /apis/listenbrainz/1/stats/user/{name}/listening-activity": (404, 404),
    "GET /apis/listenbrainz/1/stats/user/{name}/{kind}": (404, 404),
    "POST /apis/listenbrainz/1/delete-listen": (401, 401),
    "POST /apis/listenbrainz": (401, 401),
    "POST /apis/listenbrainz/1": (401, 401),
    "GET /api/lens": (401, 200),
    "PATCH /api/lens": (401, 400),
    "POST /api/lens/left-out": (401, 400),
    "DELETE /api/lens/left-out/{rule_id}": (401, 404),
    "POST /settings/lens": (303, 400),
    "GET /dashboard": (303, 200),
    "GET /history": (303, 200),
    "POST /api/vitals": (400, 400),
    "POST /api/0/envelope": (404, 404),
    "GET /metrics": (200, 200),
    "GET /ops": (404, 404),
    "GET /launch": (404, 404),
    "GET /launch.xml": (404, 404),
    "POST /ops/sign": (404, 404),
    "GET /ops/first": (303, 200),
    "POST /ops/first": (303, 400),
    "GET /ops/watch": (404, 404),
    "GET /ops/incidents": (404, 404),
    "POST /ops/incidents": (404, 404),
    "POST /ops/incidents/{incident}/updates": (404, 404),
    "POST /ops/incidents/{incident}/resolution": (404, 404),
    "POST /ops/incidents/{incident}/actions": (404, 404),
    "POST /ops/incidents/{incident}/report": (404, 404),
    "GET /ops/ledger": (404, 404),
    "GET /api/test-sentry": (404, 404),
    "GET /calendar/{name}": (404, 404),
    "GET /insights": (303, 200),
    "GET /play/{play_id}": (303, 404),
    "GET /api/plays/{play_id}": (401, 404),
    "GET /api/analytics/spoken": (401, 200),
    "GET /year/{spelling}": (303, 404),
    "GET /api/insights": (401, 200),
    "GET /api/analytics/eras": (401, 200),
    "GET /api/analytics/seasons": (401, 200),
    "GET /api/analytics/cohorts": (401, 200),
    "GET /api/analytics/decades": (401, 200),
    "GET /api/analytics/places": (401, 200),
    "GET /api/analytics/calendar": (401, 200),
    "GET /api/analytics/firsts": (401, 200),
    "GET /api/analytics/movement": (401, 200),
    "GET /api/analytics/taste": (401, 200),
    "GET /api/analytics/favourites": (401, 200),
    "GET /api/analytics/runs": (401, 200),
    "GET /api/analytics/skips": (401, 200),
    "GET /track/{track_id}": (303, 404),
    "GET /artist/{artist_id}": (303, 404),
    "GET /album/{album_id}": (303, 404),
    "GET /imports": (303, 200),
    "GET /receipt": (200, 200),
    "GET /status": (200, 200),
    "GET /api/status": (200, 200),
    "GET /share/{share_id}": (404, 404),
    "GET /share/{share_id}/card.png": (404, 404),
    "GET /share/{share_id}/cover/{kind}/{place}": (404, 404),
    "GET /shares": (303, 200),
    "POST /shares": (303, 400),
    "POST /shares/{share_id}/revoke": (303, 404),
    "POST /shares/{share_id}/expiry": (303, 404),
    "POST /api/share": (401, 400),
    "GET /api/share": (400, 400),
    "DELETE /api/share/{share_id}": (401, 404),
    "POST /settings/delete": (303, 400),
    "POST /imports/rehearsal": (303, 400),
    "GET /settings": (303, 200),
    "GET /design": (200, 200),
    "GET /settings/spotify": (303, 200),
    "POST /settings/leave-spotify": (303, 303),
    "GET /settings/app": (303, 200),
    "POST /settings/app": (303, 400),
    "POST /settings/app/remove": (303, 303),
    "POST /settings/tokens": (303, 400),
    "POST /settings/tokens/revoke": (303, 404),
    "GET /share/{share_id}/embed": (404, 404),
    "GET /compare": (303, 200),
    "POST /compare": (303, 303),
    "GET /compare/{pair_id}": (303, 404),
    "POST /compare/{pair_id}/agree": (303, 404),
    "POST /compare/{pair_id}/end": (303, 404),
    "GET /export": (303, 200),
    "POST /export/by-itself": (303, 400),
    "POST /export/by-itself/stop": (303, 303),
    "GET /notices": (303, 200),
    "POST /notices": (303, 400),
    "POST /notices/{way_id}/remove": (303, 404),
    "POST /notices/{way_id}/try": (303, 404),
    "GET /notices/confirm/{token}": (404, 404),
    "GET /unsubscribe/{token}": (404, 404),
    "POST /api/unsubscribe/{token}": (404, 404),
    "GET /digest/{spelling}": (303, 400),
    "POST /settings/sessions/end": (303, 404),
    "POST /settings/disconnect": (303, 303),
    "POST /auth/spotify/switch": (400, 400),
    "POST /settings/sign-out-everywhere": (303, 303),
    "GET /auth/spotify": (303, 303),
    "GET /auth/spotify/callback": (400, 303),
    "POST /auth/spotify/paste": (400, 303),
    "GET /api/auth/callback/spotify": (400, 303),
    "POST /auth/sign-out": (303, 303),
    "GET /auth/token": (200, 200),
    "POST /auth/token": (400, 400),
    "GET /cover/album/{album_id}": (404, 404),
    "GET /cover/artist/{artist_id}": (404, 404),
    "GET /static/{name}": (404, 404),
    "GET /api/health": (200, 200),
    "GET /api/docs": (200, 200),
    "GET /api/docs/openapi.json": (200, 200),
    "GET /api/docs/{path}": (404, 404),
    "GET /api/stats": (401, 200),
    "GET /api/top-tracks": (401, 200),
    "GET /api/top-artists": (401, 200),
    "GET /api/top-albums": (401, 200),
    "GET /api/genres": (401, 200),
    "GET /api/activity": (401, 200),
    "GET /api/recent-plays": (401, 200),
    "GET /api/comparison": (401, 200),
    "GET /api/analytics/trends": (401, 200),
    "GET /api/analytics/discovery": (401, 200),
    "GET /api/analytics/streaks": (401, 200),
    "GET /api/analytics/diversity": (401, 200),
    "GET /api/archive/status": (401, 200),
    "POST /api/archive/request": (401, 403),
    "GET /api/live": (401, 400),
    "GET /api/imports": (401, 200),
    "DELETE /api/user/delete": (401, 400),
    "POST /api/imports": (401, 400),
    "POST /settings/zones": (303, 303),
    "POST /api/imports/rehearsal": (401, 400),
    "GET /api/imports/{import_id}": (401, 404),
    "POST /api/imports/{import_id}/undo": (401, 404),
    "GET /api/export": (401, 200),
    "GET /api/settings": (401, 200),
    "PATCH /api/settings": (401, 400),
    "POST /api/settings": (401, 303),
    "GET /api/tokens": (401, 200),
    "POST /api/tokens": (401, 400),
    "DELETE /api/tokens/{token_id}": (401, 404),
}


def _routes(site: Site) -> set[str]:
    return {f"{m} {r.path_format}" for r in site.app.routes for m in getattr(r, "methods", ()) if m not in {"OPTIONS", "HEAD"}}


def test_the_table_names_every_route(site: Site) -> None:
    assert _routes(site) == set(TABLE)


async def asked(client: httpx.AsyncClient, line: str) -> int:
    method, _, path = line.partition(" ")
    numbers = dict.fromkeys(("album_id", "artist_id", "import_id", "incident", "rule_id", "track_id", "way_id"), 1)
    texts = dict.fromkeys(("name", "token_id", "path", "share_id", "spelling", "token", "pair_id", "play_id"), "x")
    address = path.format(kind="tracks", place=0, **numbers, **texts)
    return (await client.request(method, address, headers={"Accept": "*/*"})).status_code


async def test_nobody_gets_only_what_is_public(site: Site, clock: FakeClock) -> None:
    got = {}
    async with site.browser() as client:
        for line in TABLE:
            got[line] = await asked(client, line)
            clock.forward(seconds=11)  # past the strictest budget
    assert got == {line: nobody for line, (nobody, _) in TABLE.items()}


async def test_who_is_signed_in_gets_the_rest(site: Site, clock: FakeClock) -> None:
    got = {}
    for line in TABLE:  # a session each, since two of them end it
        clock.forward(seconds=11)
        async with site.browser(**await site.session()) as client:
            got[line] = await asked(client, line)
    assert got == {line: somebody for line, (_, somebody) in TABLE.items()}


async def test_pages_lead_to_the_front_page_and_back(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/dashboard?range=30d")
    assert answer.headers["location"] == "/?next=%2Fdashboard%3Frange%3D30d"


async def test_an_ended_session_is_said(site: Site) -> None:
    async with site.browser(audiospective_session="of-long-ago") as client:
        answer = await client.get("/dashboard")
        assert answer.headers["location"] == "/?next=%2Fdashboard&session=ended"
        assert "ended" in (await client.get(answer.headers["location"])).text
        assert (
            answer.headers["set-cookie"].startswith("audiospective_session=; ")
            or 'audiospective_session=""; ' in answer.headers["set-cookie"]
        )


async def test_addresses_have_one_spelling(stranger: httpx.AsyncClient) -> None:
    for path in (
        "/api/../settings",
        "/api//stats",
        "/API/stats",
        "/api/stats;x",
        "/dashboard/x.css",
        "/%2e%2e/etc/passwd",
        "/.env",
        "/.git/config",
    ):
        assert (path, (await stranger.get(path)).status_code) in {(path, 404), (path, 401), (path, 303)}


async def test_headers_of_other_servers_change_nothing(stranger: httpx.AsyncClient) -> None:
    for header in ("X-Original-URL", "X-Rewrite-URL", "x-middleware-subrequest"):
        assert (await stranger.get("/api/stats", headers={header: "/api/health"})).status_code == 401


async def test_the_api_tells_of_itself_without_foreign_scripts(stranger: httpx.AsyncClient) -> None:
    page, schema = await stranger.get("/api/docs"), (await stranger.get("/api/docs/openapi.json")).json()
    assert "GET /api/top-tracks" in page.text
    assert "cdn" not in page.text
    limit = next(one for one in schema["paths"]["/api/top-tracks"]["get"]["parameters"] if one["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 50)
