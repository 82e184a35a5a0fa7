"""Our own questions over the API: names are put to ids, and an archive of nothing has an answer too."""

from __future__ import annotations

import httpx
import pytest

from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.infra.database import execute
from tests.archive.listens import Heard, batch
from tests.web.site import Site

_DAY = 86_400
QUESTIONS = ["eras", "seasons", "cohorts", "decades", "places", "calendar", "firsts", "movement", "taste", "favourites", "runs", "skips"]


@pytest.fixture
async def listened(site: Site) -> None:
    """Mara has heard Tide thirty days in a row, Harbour ten times a month before; both are of one artist and album of 1994."""
    person = await site.listener()
    heard = [Heard(-_DAY * day, "Tide") for day in range(30)] + [Heard(-_DAY * 40 - 300 * n, "Harbour") for n in range(10)]
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(person.id), Source.API, *heard)])
        await execute(conn, "UPDATE artists SET genres = '{ambient}'")
        await execute(conn, "UPDATE albums SET released = 1994")


async def asked(client: httpx.AsyncClient, question: str) -> dict[str, object]:
    answer = await client.get(f"/api/analytics/{question}")
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.parametrize("question", QUESTIONS)
async def test_an_archive_of_nothing_has_an_answer(mara: httpx.AsyncClient, question: str) -> None:
    assert (await asked(mara, question))["range"] in {"all", "30d"}


@pytest.mark.usefixtures("listened")
async def test_an_era_is_named_by_its_artists(mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/analytics/eras")).json()
    assert told["falseAlarms"] == 0.01
    assert [(one["plays"], [artist["what"]["name"] for artist in one["artists"]]) for one in told["eras"]] == [(40, ["Marrow Coast"])]


@pytest.mark.usefixtures("listened")
async def test_decades_say_of_how_much_they_speak(mara: httpx.AsyncClient) -> None:
    told = await asked(mara, "decades")
    assert (told["knownPercentage"], told["medianYear"], told["decades"]) == (100.0, 1994, [{"decade": 1990, "plays": 40}])


@pytest.mark.usefixtures("listened")
async def test_what_rose_and_what_is_gone(mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/analytics/movement?of=tracks&range=30d")).json()
    assert [(one["what"]["name"], one["amount"], one["place"], one["placeBefore"]) for one in told["now"]] == [("Tide", 30, 1, None)]
    assert [(one["what"]["name"], one["amountBefore"], one["place"]) for one in told["gone"]] == [("Harbour", 10, None)]
    genres = (await mara.get("/api/analytics/movement?of=genres&range=30d")).json()["now"]
    assert [(one["what"]["name"], one["amount"], one["amountBefore"], one["change"]) for one in genres] == [("ambient", 30, 10, 0)]


@pytest.mark.usefixtures("listened")
async def test_days_runs_and_firsts_speak_of_the_same_plays(mara: httpx.AsyncClient) -> None:
    years = (await mara.get("/api/analytics/calendar")).json()["years"]
    assert sum(sum(one["plays"]) for one in years) == 40
    assert (await mara.get("/api/analytics/runs?limit=1")).json()["runs"][0]["days"] == 30
    firsts = (await mara.get("/api/analytics/firsts?of=tracks")).json()
    assert [(one["what"]["name"], one["playCount"]) for one in firsts["firsts"]] == [("Tide", 30), ("Harbour", 10)]


@pytest.mark.usefixtures("listened")
async def test_taste_is_told_by_genre_where_genres_are_known(site: Site, mara: httpx.AsyncClient) -> None:
    told = (await mara.get("/api/analytics/taste")).json()
    assert (told["of"], [one["what"]["name"] for one in told["streams"]]) == ("genres", ["ambient"])
    async with site.parts.db.transaction() as conn:
        await execute(conn, "UPDATE artists SET genres = '{}'")
    told = (await mara.get("/api/analytics/taste")).json()
    assert (told["of"], [one["what"]["name"] for one in told["streams"]]) == ("artists", ["Marrow Coast"])


@pytest.mark.usefixtures("listened")
async def test_the_month_in_which_the_archive_begins_is_marked(mara: httpx.AsyncClient) -> None:
    cohorts = (await mara.get("/api/analytics/cohorts")).json()["cohorts"]
    assert [(one["month"], one["found"], one["isBegin"]) for one in cohorts] == [("2026-02", 1, True), ("2026-03", 0, False)]
    assert cohorts[0]["kept"] == {"3": None, "12": None, "36": None}
