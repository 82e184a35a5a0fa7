"""The page with the ways out of Spotify."""

from __future__ import annotations

from datetime import timedelta

from audiospective.infra.database import execute
from audiospective.web.visitor import form_token
from tests.web.site import Site, agree


async def test_who_disconnects_sees_when_what_spotify_told_goes(connected: Site) -> None:
    async with connected.browser() as browser:
        await browser.get(await agree((await browser.get("/auth/spotify")).headers["location"]))
        token = form_token(connected.parts.sealer, browser.cookies["audiospective_session"], connected.parts.clock.now())
        await browser.post("/settings/leave-spotify", data={"form_token": token})
        page = await browser.get("/settings/spotify")
        assert ("Not connected to Spotify" in page.text, "unless you connect again" in page.text) == (True, True)
        assert (await browser.get("/dashboard")).status_code == 200


async def test_that_spotify_does_not_answer_stands_on_every_page_but_not_under_a_permission_that_ended(connected: Site) -> None:
    async with connected.browser() as browser:
        await browser.get(await agree((await browser.get("/auth/spotify")).headers["location"]))
        assert "hasn’t answered" not in (await browser.get("/dashboard")).text
        async with connected.parts.db.transaction() as conn:
            since = connected.parts.clock.now() - timedelta(days=2)
            await execute(conn, "UPDATE sweeps SET last_trouble = 'network', asked_at = %(since)s", since=since)
        for path in ("/dashboard", "/history", "/imports"):
            assert "Spotify hasn’t answered since 16 March 2026." in (await browser.get(path)).text
        async with connected.parts.db.transaction() as conn:
            await execute(conn, "UPDATE grants SET state = 'ended', ended_at = %(now)s", now=connected.parts.clock.now())
        page = (await browser.get("/dashboard")).text
        assert ("hasn’t answered" in page, "Spotify’s permission has ended." in page) == (False, True)
