"""Uploads: to disk piece by piece, looked at, queued (security.md A065, A069)."""

from __future__ import annotations

import asyncio
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from audiospective.collect.imports import run
from audiospective.infra.database import fetch_all
from audiospective.web.api import uploads
from tests.clock import FakeClock
from tests.web.site import Site

_ROW = {
    "ts": "2024-03-01T12:00:00Z",
    "ms_played": 200_000,
    "spotify_track_uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
    "master_metadata_track_name": "Tide",
    "master_metadata_album_artist_name": "Marrow Coast",
    "master_metadata_album_album_name": "Estuary",
}
_EXTENDED = json.dumps([_ROW, {**_ROW, "ts": "2024-03-02T12:00:00Z"}]).encode()


def _upload(*files: tuple[str, bytes]) -> dict[str, Any]:
    return {"files": [("files", file) for file in files]}


def _folder(site: Site) -> Path:
    return site.parts.settings.home / "uploads"


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 (the file system has no event for it)
            await asyncio.sleep(0.01)


async def _jobs(site: Site) -> list[str]:
    async with site.parts.db.transaction() as conn:
        return await fetch_all(conn, "SELECT task_name FROM procrastinate_jobs ORDER BY id", str)


async def test_an_upload_is_queued_and_told_until_it_is_done(site: Site, mara: httpx.AsyncClient) -> None:
    sent = await mara.post("/api/imports", **_upload(("Streaming_History_Audio_2024.json", _EXTENDED)))
    told = sent.json()
    assert (sent.status_code, told["state"], told["name"]) == (202, "queued", "Streaming_History_Audio_2024.json")
    assert await _jobs(site) == ["run_import"]
    [folder] = list(_folder(site).iterdir())
    await run.run_received(site.parts.db, told["import_id"], folder, site.parts.clock)
    done = (await mara.get(f"/api/imports/{told['import_id']}")).json()
    assert (done["state"], done["rows"], done["new"], done["duplicates"], done["rejected_count"]) == ("done", 2, 2, 0, 0)
    assert (done["first_played_at"], done["per_file"][0]["rows"]) == ("2024-03-01T12:00:00Z", 2)
    assert (await mara.get("/api/stats")).json()["totalPlays"] == 2


async def test_several_files_and_a_zip_are_one_import(site: Site, mara: httpx.AsyncClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("MyData/Streaming_History_Audio_2023.json", _EXTENDED)
    sent = await mara.post("/api/imports", **_upload(("a.json", _EXTENDED), ("a.json", _EXTENDED), ("my.zip", packed.getvalue())))
    assert (sent.status_code, sent.json()["name"]) == (202, "a.json and 2 more")
    [folder] = list(_folder(site).iterdir())
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*")) == ["001/a.json", "002/a.json", "003/my.zip"]


async def test_a_form_without_a_script_leads_to_the_imports_page(site: Site, visitor: httpx.AsyncClient) -> None:
    sent = await visitor.post("/api/imports", **_upload(("a.json", _EXTENDED)))
    assert (sent.status_code, sent.headers["location"]) == (303, "/imports")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("notes.txt", b"hello")], "notes.txt"),
        ([("empty.json", b"")], "empty.json"),
        ([("cut.json", b'[{"ts": "2024')], "cut.json"),
        ([("page.json", b"<!doctype html><p>Sign in")], "page.json"),
        ([("broken.zip", b"PK\x03\x04 and then nothing")], "broken.zip"),
        ([], "multipart/form-data"),
        ([("", b"x")], "No file was sent"),
    ],
)
async def test_what_is_no_export_is_refused_by_name_and_nothing_is_kept(
    site: Site, mara: httpx.AsyncClient, files: list[tuple[str, bytes]], words: str
) -> None:
    answer = await mara.post("/api/imports", **_upload(*files))
    assert (answer.status_code, words in answer.json()["message"]) == (400, True)
    assert (list(_folder(site).iterdir()), await _jobs(site)) == ([], [])
    assert (await mara.get("/api/imports")).json() == {"imports": []}


async def test_a_body_that_breaks_off_is_refused(site: Site, mara: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (
        b"",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.json"\r\n\r\n[',
        b"nonsense",
        b"\xff" * 1000,
    ):
        answer = await mara.post("/api/imports", content=body, headers=headers)
        assert (body[:20], answer.status_code, answer.json()["error"]) == (body[:20], 400, "VALIDATION_ERROR")
    assert list(_folder(site).iterdir()) == []


async def test_an_upload_that_says_it_is_too_large_is_not_read(site: Site) -> None:
    host, _, port = site.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    size = uploads.MAX_UPLOAD + uploads.OVERHEAD + 1
    headers = f"Host: {host}\r\nAuthorization: Bearer {await site.token()}\r\nContent-Type: multipart/form-data; boundary=x"
    writer.write(f"POST /api/imports HTTP/1.1\r\n{headers}\r\nContent-Length: {size}\r\n\r\n--x".encode())
    assert await reader.readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    writer.close()


async def test_a_sender_who_leaves_leaves_nothing(site: Site) -> None:
    host, _, port = site.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    part = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.json"\r\n\r\n[[['
    headers = f"Host: {host}\r\nAuthorization: Bearer {await site.token()}\r\nContent-Type: multipart/form-data; boundary=x"
    writer.write(f"POST /api/imports HTTP/1.1\r\n{headers}\r\nContent-Length: 5000\r\n\r\n{part}".encode())
    with capture_logs() as logs:
        await _until(lambda: any(_folder(site).glob("incoming-*/001/a.json")))
        writer.close()
        await _until(lambda: not list(_folder(site).iterdir()))
    assert [line for line in logs if line["event"] == "web.failed"] == []


async def test_one_that_grows_too_large_is_stopped(site: Site, mara: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UPLOAD", 1000)
    answer = await mara.post("/api/imports", **_upload(("a.json", b"[" + b" " * 2000 + b"]")))
    assert (answer.status_code, answer.json()["error"], list(_folder(site).iterdir())) == (413, "PAYLOAD_TOO_LARGE", [])


async def test_uploads_that_were_abandoned_go(site: Site, mara: httpx.AsyncClient, clock: FakeClock) -> None:
    for name in ("incoming-old", "incoming-new", "upload-waiting"):
        (_folder(site) / name).mkdir(parents=True)
    for name, age in (("incoming-old", 3700), ("incoming-new", 60), ("upload-waiting", 90_000)):
        stamp = clock.now().timestamp() - age
        os.utime(_folder(site) / name, (stamp, stamp))
    await mara.post("/api/imports", **_upload(("notes.txt", b"x")))
    assert sorted(path.name for path in _folder(site).iterdir()) == ["incoming-new", "upload-waiting"]


async def test_an_import_is_taken_back(site: Site, mara: httpx.AsyncClient) -> None:
    sent = (await mara.post("/api/imports", **_upload(("a.json", _EXTENDED)))).json()
    early = await mara.post(f"/api/imports/{sent['import_id']}/undo")
    assert (early.status_code, early.json()["error"]) == (409, "CONFLICT")
    [folder] = list(_folder(site).iterdir())
    await run.run_received(site.parts.db, sent["import_id"], folder, site.parts.clock)
    undone = await mara.post(f"/api/imports/{sent['import_id']}/undo")
    assert (undone.status_code, undone.json()["state"]) == (200, "undone")
    assert (await mara.get("/api/stats")).json()["totalPlays"] == 0


async def test_an_import_of_somebody_else_is_not_there(site: Site, mara: httpx.AsyncClient) -> None:
    sent = (await mara.post("/api/imports", **_upload(("a.json", _EXTENDED)))).json()
    async with site.script(await site.token("otto")) as otto:
        theirs = await otto.get(f"/api/imports/{sent['import_id']}")
        nobodys = await otto.get("/api/imports/4711")
        undone = await otto.post(f"/api/imports/{sent['import_id']}/undo")
    assert (theirs.status_code, undone.status_code, theirs.content) == (404, 404, nobodys.content)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\a.json", "a.json"),
        ("My Data/Streaming_History.json", "Streaming_History.json"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("a\x00b\n.json", "a_b_.json"),
        ("Überhört ☂.json", "Überhört _.json"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_file_name_stays_in_its_folder(given: str, name: str) -> None:
    assert uploads.safe_name(given) == name


async def test_a_rehearsal_tells_what_an_import_then_does_and_writes_nothing(site: Site, mara: httpx.AsyncClient) -> None:
    foretold = (await mara.post("/api/imports/rehearsal", **_upload(("history.json", _EXTENDED)))).json()
    assert (foretold["rows"], foretold["new"], foretold["duplicates"]) == (2, 2, 0)
    assert (await mara.get("/api/imports")).json() == {"imports": []}
    assert await _jobs(site) == []
    assert list(_folder(site).iterdir()) == []


async def test_the_page_says_what_an_import_would_bring(mara: httpx.AsyncClient) -> None:
    page = await mara.post("/imports/rehearsal", headers={"Accept": "text/html"}, **_upload(("history.json", _EXTENDED)))
    assert page.status_code == 200
    assert "An import would bring 2 plays that aren’t here yet" in page.text.replace("&#39;", "’").replace("'", "’")


async def test_what_holds_no_history_is_refused_at_the_rehearsal_too(site: Site, mara: httpx.AsyncClient) -> None:
    answer = await mara.post("/api/imports/rehearsal", **_upload(("notes.txt", b"hello")))
    assert (answer.status_code, answer.json()["error"]) == (400, "VALIDATION_ERROR")
    assert list(_folder(site).iterdir()) == []


@pytest.mark.parametrize("path", ["/api/imports", "/api/imports/rehearsal"])
async def test_what_is_refused_is_called_as_it_was_sent(mara: httpx.AsyncClient, path: str) -> None:
    one = await mara.post(path, **_upload(("nothing.json", b"")))
    assert one.json()["message"].startswith("nothing.json is empty.")
    two = await mara.post(path, **_upload(("nothing.json", b""), ("holiday.pdf", b"%PDF")))
    assert two.json()["message"].startswith("nothing.json and 1 more holds no listening history.")


async def test_so_many_uploads_of_one_person_may_wait(site: Site, mara: httpx.AsyncClient) -> None:
    sent = [await mara.post("/api/imports", **_upload(("a.json", _EXTENDED))) for _ in range(21)]
    assert [answer.status_code for answer in sent] == [202] * 20 + [429]
    assert (sent[-1].json()["message"][:20], int(sent[-1].headers["retry-after"])) == ("20 imports and 4 GB ", 60)
    assert len(list(_folder(site).iterdir())) == 20
    async with site.script(await site.token("noor")) as noor:
        assert (await noor.post("/api/imports", **_upload(("a.json", _EXTENDED)))).status_code == 202
    folder = next(_folder(site).iterdir())
    await run.run_received(site.parts.db, sent[0].json()["import_id"], folder, site.parts.clock)
    assert (await mara.post("/api/imports", **_upload(("a.json", _EXTENDED)))).status_code == 202


async def test_so_much_of_one_person_may_wait(site: Site, mara: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_MOST_WAITING_BYTES", 3 * len(_EXTENDED))
    at_once = await asyncio.gather(*(mara.post("/api/imports", **_upload(("a.json", _EXTENDED))) for _ in range(3)))
    assert [answer.status_code for answer in at_once] == [202] * 3
    late = await mara.post("/api/imports", **_upload(("a.json", _EXTENDED)))
    assert (late.status_code, late.json()["error"], len(list(_folder(site).iterdir()))) == (429, "RATE_LIMITED", 3)
