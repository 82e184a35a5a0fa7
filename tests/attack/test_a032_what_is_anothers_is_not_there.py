"""A032, A106: with somebody else's id an address answers as it does with one that nobody has, to the letter."""

from __future__ import annotations

import httpx
import pytest

from audiospective.infra.database import fetch_all
from tests.web.site import Site


@pytest.fixture
async def ids(site: Site) -> dict[str, str]:
    """What Olga has: a token, a rule of her lens, a report, an import."""
    async with site.script(await site.token("olga")) as olga:
        share = await olga.post("/api/share", json={"title": "Mine", "description": "", "dateRange": "all"})
        file = ("StreamingHistory_music_0.json", b'[{"endTime":"2024-05-06 18:43","artistName":"A","trackName":"T","msPlayed":216783}]')
        brought = await olga.post("/api/imports", files={"files": file})
        tokens = (await olga.get("/api/tokens")).json()
        await olga.post("/api/lens/left-out", json={"kind": "private"})
    async with site.parts.db.transaction() as conn:
        (rule,) = await fetch_all(conn, "SELECT id FROM exclusions", int)
    listed = tokens["tokens"] if isinstance(tokens, dict) else tokens
    return {
        "share": share.json()["data"]["shareId"],
        "import": str(next(value for name, value in brought.json().items() if name in {"id", "importId", "import_id"})),
        "token": str(listed[0]["id"]),
        "rule": str(rule),
    }


_ADDRESSES = (
    ("DELETE", "/api/share/{}", "share", "A" * 22),
    ("GET", "/api/imports/{}", "import", "999999"),
    ("POST", "/api/imports/{}/undo", "import", "999999"),
    ("DELETE", "/api/tokens/{}", "token", "999999"),
    ("DELETE", "/api/lens/left-out/{}", "rule", "999999"),
)


@pytest.mark.parametrize(("method", "address", "what", "nobodys"), _ADDRESSES)
async def test_anothers_id_answers_like_nobodys(
    mara: httpx.AsyncClient, ids: dict[str, str], method: str, address: str, what: str, nobodys: str
) -> None:
    anothers = await mara.request(method, address.format(ids[what]))
    unknown = await mara.request(method, address.format(nobodys))
    assert (anothers.status_code, unknown.status_code) == (404, 404)
    assert anothers.text.replace(ids[what], "?") == unknown.text.replace(nobodys, "?")


async def test_its_owner_finds_it(site: Site, ids: dict[str, str]) -> None:
    async with site.script(await site.token("olga")) as olga:
        assert (await olga.get(f"/api/imports/{ids['import']}")).status_code == 200
        assert (await olga.delete(f"/api/share/{ids['share']}")).status_code in {200, 204}
