"""F50: a certificate that has ended, hasn't begun or is another's is named, and nothing goes around it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from audiospective.infra.clock import SystemClock
from audiospective.operations.probes import certificate
from audiospective.operations.providers.asking import Api, Question, Silent, ask
from tests.operations.providers.conftest import HASTE
from tests.simulators.certificates import Authority, authority

pytestmark = pytest.mark.http

NOW = SystemClock().now().replace(microsecond=0)  # certificates are judged by the machine's own time
DAY = timedelta(days=1)
CASES = [
    ("localhost", -DAY, 60 * DAY, "ready"),
    ("localhost", -DAY, 10.5 * DAY, "ends in 10.5 days"),
    ("localhost", -30 * DAY, -DAY, "certificate refused: certificate has expired"),
    ("localhost", DAY, 60 * DAY, "certificate refused: certificate is not yet valid"),
    ("other.example.org", -DAY, 60 * DAY, "certificate refused: Hostname mismatch, certificate is not valid for 'localhost'."),
]


@contextlib.asynccontextmanager
async def _serving(signed_by: Authority, host: str, begins: timedelta, ends: timedelta) -> AsyncIterator[str]:
    app = web.Application()
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=signed_by.server(host, NOW + begins, NOW + ends)).start()
    try:
        yield f"https://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(("host", "begins", "ends", "said"), CASES, ids=["good", "ends soon", "ended", "not begun", "another's"])
async def test_what_people_are_shown_is_judged_as_a_browser_would(
    tmp_path: Path, host: str, begins: timedelta, ends: timedelta, said: str
) -> None:
    signed_by = authority(tmp_path, NOW)
    async with _serving(signed_by, host, begins, ends) as url:
        found = await certificate.look(url, NOW, trust=signed_by.trust())
    assert (found.value, found.problem) == (said, "")


async def test_one_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    async with _serving(authority(tmp_path, NOW), "localhost", -DAY, 60 * DAY) as url:
        assert str((await certificate.look(url, NOW)).value).startswith("certificate refused: ")


async def test_where_nobody_answers_it_is_unknown_and_without_https_there_is_none() -> None:
    assert "shows no certificate" in (await certificate.look("https://127.0.0.1:9", NOW)).problem
    assert (await certificate.look("http://127.0.0.1:9", NOW)).inapplicable


async def test_a_provider_with_such_a_certificate_is_not_believed(tmp_path: Path) -> None:
    async with _serving(authority(tmp_path, NOW), "localhost", -DAY, 60 * DAY) as url, aiohttp.ClientSession() as http:
        with pytest.raises(Silent, match="Tideway shows a certificate that isn't good: "):
            await ask(Api(http, "Tideway", url, "", {}, {}, HASTE), Question("a thing", "GET", "/"))
