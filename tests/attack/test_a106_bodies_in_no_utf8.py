"""A106, A062: a body that isn't UTF-8 is its sender's fault, and none of ours that is counted, logged and told to operators."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from audiospective.infra.database import Database
from audiospective.settings import SchedulerSettings, Secret
from tests.clock import FakeClock
from tests.web.signing import CURRENT
from tests.web.site import Site, opened

_JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def called(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    """An instance that knows a scheduler."""
    async with opened(db, clock, tmp_path, scheduler=SchedulerSettings(signing_keys=(Secret(CURRENT),))) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", "/api/settings"), ("PATCH", "/api/lens"), ("POST", "/api/share"), ("POST", "/api/tokens")],
)
async def test_a_letter_that_is_none_is_said(mara: httpx.AsyncClient, method: str, path: str) -> None:
    with capture_logs() as logs:
        answer = await mara.request(method, path, content=b'{"title":"\xff"}', headers=_JSON)
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")
    assert [line for line in logs if line["event"] == "web.failed"] == []


@pytest.mark.parametrize("head", [b'{"alg":"\xff"}', b'{"alg":' + b"[" * 2_900])
async def test_a_call_that_nobody_signed_is_refused_whatever_it_says(called: Site, head: bytes) -> None:
    signature = f"{base64.urlsafe_b64encode(head).decode().rstrip('=')}.e30.AA"
    async with called.script() as client:
        answer = await client.post("/api/cron/archive", headers={"Upstash-Signature": signature})
    assert answer.status_code == 401
