"""A095, A096: codes, states, cookies and tokens pass through the program, and none of them is ever written into its log."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pytest

from audiospective.collect import sweep
from audiospective.infra.database import execute
from audiospective.infra.telemetry import configure_logging
from tests.clock import FakeClock
from tests.web.site import Site, agree


@pytest.fixture(params=[True, False], ids=["for machines", "for people"])
def log(request: pytest.FixtureRequest) -> io.StringIO:
    written = io.StringIO()
    configure_logging(json=request.param, stream=written)
    return written


async def test_a_life_of_sign_ins_sweeps_and_faults_tells_no_secret(log: io.StringIO, connected: Site, clock: FakeClock) -> None:
    secrets = set()
    async with connected.browser() as browser:
        begun = await browser.get("/auth/spotify")
        back = await agree(begun.headers["location"])
        query = parse_qs(urlsplit(back).query)
        await browser.get(back)
        secrets |= {query["code"][0], query["state"][0], *browser.cookies.values()}
        await browser.get(back)  # a second time it is refused
        await browser.get("/auth/spotify/callback?code=canary-code&state=canary-state&error=canary-error")
    token = await connected.token("mara")
    async with connected.script(token) as script:
        await script.get("/api/stats?token=canary-query")
        await script.post("/api/share", content=b'{"title": "canary-body"')
    clock.forward(hours=2)  # tokens are refreshed
    parts = connected.parts
    await sweep.sweep_due(parts.db, parts.spotify, parts.sealer, parts.clock, size=10)
    async with parts.db.transaction() as conn:
        await execute(conn, "ALTER TABLE shares RENAME TO kept")
        await execute(conn, "CREATE VIEW shares AS SELECT * FROM kept WHERE 1 / 0 = 0")  # whoever asks meets a fault
    async with connected.script(token) as script:
        assert (await script.get("/api/share?id=canary-share")).status_code >= 500
    told = log.getvalue()
    assert "DivisionByZero" in told
    assert "Token refreshed for user [" in told
    assert "User authenticated" in told
    assert [secret for secret in {*secrets, token, "canary-"} if secret and secret in told] == []
