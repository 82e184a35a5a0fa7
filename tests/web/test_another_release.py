"""F46: a page of another release still stands open; what it sends is taken, or refused in words, and is never an error of ours."""

from __future__ import annotations

import re

import httpx
import pytest

from audiospective.web.visitor import cookie_name, form_token
from tests.web.site import Site

#: As forms of other releases might be: without the fields of today, with fields of yesterday, with words that no choice has.
_FORMS: tuple[dict[str, str], ...] = (
    {},
    {"once_there": "1"},
    {"id": "9", "name": "x", "value": "of-yesterday", "box": "R999", "back": "/gone"},
)


def _posts(site: Site) -> list[str]:
    """Every address that a page's form or script may post to, a number in each place."""
    found = [route.path_format for route in site.app.routes if "POST" in getattr(route, "methods", ())]
    return sorted({re.sub(r"\{[^}]*\}", "1", path) for path in found})


@pytest.mark.parametrize("fields", _FORMS)
async def test_what_an_old_form_sends_is_no_error_of_ours(site: Site, visitor: httpx.AsyncClient, fields: dict[str, str]) -> None:
    session = visitor.cookies[cookie_name(site.parts.settings)]
    token = form_token(site.parts.sealer, session, site.parts.clock.now())
    answers = {}
    for path in _posts(site):
        if path not in {"/auth/sign-out", "/api/cron/archive", "/api/queue/archive-batch"}:
            answers[path] = (await visitor.post(path, data={"form_token": token, **fields})).status_code
    assert len(answers) > 30
    assert {path: status for path, status in answers.items() if status >= 500} == {}


async def test_a_token_under_a_secret_that_is_gone_asks_for_a_fresh_page(site: Site, visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/settings/lens", data={"form_token": "v0.of-another-release.1234"})
    assert answer.status_code == 403
    assert "reload" in answer.text.lower() or "again" in answer.text.lower()


async def test_an_asset_of_another_release_is_not_there_or_is_the_one_of_today(site: Site, visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/help")).text
    asset = re.search(r'"(/static/[^"]+\.css)', page)
    assert asset is not None
    for address in (re.sub(r"[0-9a-f]{8,}", "0" * 12, asset[1]), f"{asset[1]}?v=of-yesterday"):
        assert (await visitor.get(address)).status_code in {200, 404}
