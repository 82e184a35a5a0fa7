"""Every example of the API's description is sent as it stands there, and gets the answer that stands beside it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from string import Template
from typing import Any

import httpx

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.collect.imports import run
from tests.archive.listens import Heard, batch
from tests.clock import FakeClock
from tests.collect.imports import exports
from tests.web.site import Site, agree

NOT_BY_TOKEN = {"/api/cron/archive", "/api/queue/archive-batch", "/api/user/delete"}
_FROM = {
    "/api/recent-plays": ("PLAY_ID", r'"id": ?"([^"]+)"'),
    "/api/lens/left-out": ("RULE_ID", r'"id": ?"?(\d+)'),
    "/api/share": ("SHARE_ID", r'"shareId": ?"([^"]+)"'),
}


async def test_every_example_gets_the_answer_that_is_told(connected: Site, clock: FakeClock, tmp_path: Path) -> None:
    zip_file = exports.write_zip(tmp_path / "my_spotify_data.zip", Streaming_History_Audio_2024=[exports.extended("2024-05-01T18:00:11Z")])
    known = await _somebody(connected, zip_file, clock)
    async with connected.script() as shell:
        told = (await shell.get("/api/docs/openapi.json")).json()["paths"]
        calls = [(method, path, said) for path, methods in told.items() for method, said in methods.items()]
        asked = [one for one in calls if "x-codeSamples" in one[2]]
        assert {path for _, path, said in calls if "x-codeSamples" not in said} == NOT_BY_TOKEN
        for method, path, said in sorted(asked, key=_turn):
            clock.forward(seconds=11)  # past the strictest budget
            answer = await _typed(shell, said["x-codeSamples"][0]["source"], known, zip_file)
            assert f"{answer.status_code}" in said["responses"], (method, path, answer.text)
            await _remember(path, answer, known, shell)


async def _somebody(site: Site, zip_file: Path, clock: FakeClock) -> dict[str, str]:
    """A listener with a play and an import that is done: what they fill into the examples."""
    async with site.browser() as browser:
        await browser.get(await agree((await browser.get("/auth/spotify")).headers["location"]))
        person = (await browser.get("/api/settings", headers={"Accept": "application/json"})).json()
    who = await site.listener(person["name"])
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(who.id), Source.EXTENDED, Heard(-86_400, "Low Tide Choir", 200_000))])
        import_id = await run.begin(conn, UserId(who.id), name="my_spotify_data.zip", size=1, now=clock.now())
    await run.run(site.parts.db, import_id, [zip_file], clock)
    return {"HERE": site.url, "TOKEN": await site.token(who.name), "IMPORT_ID": str(import_id)}


def _turn(call: tuple[str, str, dict[str, Any]]) -> int:
    """What gives an id comes before what asks for one; whoever deletes first has nothing left to ask."""
    method, path, said = call
    if method == "delete":
        return 4
    if path.endswith("/undo"):
        return 3
    return 2 if "_ID" in said["x-codeSamples"][0]["source"] else int(method != "get")


async def _typed(shell: httpx.AsyncClient, line: str, known: dict[str, str], zip_file: Path) -> httpx.Response:
    """What curl would do of it."""
    words = shlex.split(Template(line).substitute(known))[1:]
    method, headers, sent, address = "", {}, dict[str, Any](), ""
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                sent["content"] = words.pop(0)
                json.loads(sent["content"])
            case "-F":
                assert words.pop(0) == f"file=@{zip_file.name}"
                sent["files"] = {"file": (zip_file.name, zip_file.read_bytes())}
            case address:
                pass
    return await shell.request(method or ("POST" if sent else "GET"), address, headers=headers, **sent)


async def _remember(path: str, answer: httpx.Response, known: dict[str, str], shell: httpx.AsyncClient) -> None:
    """Ids that later examples ask for."""
    if path in _FROM and answer.request.method in {"POST", "GET"}:
        name, pattern = _FROM[path]
        found = re.search(pattern, answer.text)
        known |= {name: found[1]} if found else {}
    if path == "/api/tokens":
        own = (await shell.get("/api/tokens", headers={"Authorization": f"Bearer {known['TOKEN']}"})).json()
        known["TOKEN_ID"] = next((one["id"] for one in own["tokens"] if one["name"] == "my script"), "")
