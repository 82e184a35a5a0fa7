"""Everything out again, as a file."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from tests.archive.listens import Heard, batch
from tests.web.site import Site


async def test_an_export_is_a_file_named_by_the_day(site: Site, mara: httpx.AsyncClient) -> None:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(person.id), Source.API, Heard(0, "Tide"), Heard(300, "Harbour"))])
    csv, told = await mara.get("/api/export"), await mara.get("/api/export?format=json&range=2026-03")
    assert csv.headers["content-disposition"] == 'attachment; filename="spotify-archive-2026-03-18.csv"'
    assert (csv.headers["content-type"], csv.content[:3], csv.text.count("\r\n")) == ("text/csv; charset=utf-8", b"\xef\xbb\xbf", 3)
    assert told.headers["content-disposition"] == 'attachment; filename="spotify-archive-2026-03-18.json"'
    assert (told.json()["totalPlays"], told.json()["exportedPlays"], told.json()["isTruncated"]) == (2, 2, False)
    assert (told.json()["provenPercent"], told.json()["likelyLost"]) == (0.0, 0)


async def test_a_bad_format_or_range_is_said_before_anything_is_sent(mara: httpx.AsyncClient) -> None:
    for query, field in (("format=xml", "format"), ("range=soon", "range")):
        answer = await mara.get(f"/api/export?{query}")
        assert (answer.status_code, answer.json()["details"]["field"]) == (400, field)
        assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("fmt", ["csv", "json", "spotify", "listenbrainz", "parquet", "reading-copy"])
async def test_every_format_comes_as_a_file(mara: httpx.AsyncClient, fmt: str) -> None:
    answer = await mara.get(f"/api/export?format={fmt}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="spotify-archive-')


async def test_a_reading_copy_is_in_the_language_of_whoever_asks(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/api/export?format=reading-copy", headers={"Accept-Language": "ja"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as whole:
        (page,) = (whole.read(name).decode() for name in whole.namelist() if name.endswith("index.html"))
    assert '<html lang="ja-JP" dir="ltr">' in page
    assert "再生を探す" in page


async def test_everything_held_comes_as_a_zip_or_as_one_document(mara: httpx.AsyncClient) -> None:
    zipped = await mara.get("/api/export?gdpr=true")
    assert (zipped.headers["content-type"], zipped.content[:2]) == ("application/zip", b"PK")
    assert (await mara.get("/api/export?gdpr=true&format=json")).json()["exportType"] == "gdpr-full-data-export"
