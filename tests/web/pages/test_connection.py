"""The page with the ways out of Spotify."""

from __future__ import annotations

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
