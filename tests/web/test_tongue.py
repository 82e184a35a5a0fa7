"""In which language somebody is answered: as they set it, else as their browser asks; programs in English."""

from __future__ import annotations

import httpx
import pytest

from audiospective.accounts import people
from audiospective.infra.language import speaking
from tests.web.pseudo import PSEUDO, in_english
from tests.web.sample import Sample, named, rendered, samples
from tests.web.site import Site

SAMPLES = samples()
#: For whoever runs or builds an instance, not for its listeners.
IN_ENGLISH = ("pages/design.html", "pages/api_docs.html", "pages/ops")


async def choose(site: Site, tag: str) -> None:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await people.set_preferences(conn, person.id, language=tag)


@pytest.mark.parametrize(("asked", "lang", "word"), [("de-AT", "de-AT", "Hilfe"), ("fr", "en-GB", "Help"), ("ja", "ja-JP", "ヘルプ")])
async def test_strangers_are_answered_as_their_browser_asks(stranger: httpx.AsyncClient, asked: str, lang: str, word: str) -> None:
    page = await stranger.get("/terms", headers={"Accept-Language": asked})
    assert f'<html lang="{lang}" dir="ltr"' in page.text
    assert f'<a href="/help">{word}</a>' in page.text
    assert page.headers["content-language"] == lang
    assert "Accept-Language" in page.headers["vary"]


async def test_what_somebody_has_set_comes_before_the_browser(site: Site, visitor: httpx.AsyncClient) -> None:
    await choose(site, "es-ES")
    assert '<html lang="es-ES"' in (await visitor.get("/settings", headers={"Accept-Language": "de"})).text
    await choose(site, "")
    assert '<html lang="de-DE"' in (await visitor.get("/settings", headers={"Accept-Language": "de"})).text


async def test_a_language_is_set_by_page_and_api_alike(visitor: httpx.AsyncClient, mara: httpx.AsyncClient) -> None:
    token = (await visitor.get("/settings")).text.partition('name="form_token" value="')[2].partition('"')[0]
    await visitor.post("/api/settings", data={"form_token": token, "language": "ja-JP"})
    assert (await mara.get("/api/settings")).json()["language"] == "ja-JP"
    assert (await mara.patch("/api/settings", json={"language": "de-DE"})).json()["language"] == "de-DE"
    refused = await mara.patch("/api/settings", json={"language": "tlh"})
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, "language")
    await visitor.post("/api/settings", data={"form_token": token, "language": ""})
    assert (await mara.get("/api/settings")).json()["language"] == ""


async def test_an_answer_in_one_language_isnt_taken_for_another(site: Site, visitor: httpx.AsyncClient) -> None:
    german = await visitor.get("/api/stats", headers={"Accept-Language": "de", "Accept": "application/json"})
    kept = {"If-None-Match": german.headers["etag"], "Accept": "application/json"}
    assert (await visitor.get("/api/stats", headers=kept | {"Accept-Language": "de"})).status_code == 304
    assert (await visitor.get("/api/stats", headers=kept | {"Accept-Language": "ja"})).status_code == 200


#: Names of things, units, and what stands for itself in every language.
NAMES = frozenset(
    ["Audiospective", "Spotify", "Last", "fm", "ListenBrainz", "Maloja", "Koito", "your_spotify", "your", "API", "CSV", "JSON"]
)
NAMES |= frozenset(["Parquet", "UTC", "MB", "MA", "Lisbon", "AsiaTokyo", "code", "script", "mara", "example", "org"])
#: A program that carries messages, and an example of a store's address and region.
NAMES |= frozenset(["ntfy", "https", "eucentral", "amazonaws", "com"])


@pytest.mark.parametrize("sample", [one for one in SAMPLES if not one.template.startswith(IN_ENGLISH)], ids=lambda sample: sample.name)
def test_nothing_on_a_page_is_left_in_english(sample: Sample) -> None:
    with speaking(PSEUDO):
        page = rendered(named(sample.name))
    assert [text for text in in_english(page, NAMES) if text] == []
