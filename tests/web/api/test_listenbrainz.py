"""Scrobblers and clients of ListenBrainz work unchanged (security.md A111, A112)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from audiospective.archive import history
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source, UserId
from audiospective.collect.scrobbles import MOST_BYTES
from tests.archive.listens import EVENING, Heard, batch
from tests.clock import FakeClock
from tests.web.site import Site, browser_at

_AT = int(EVENING.timestamp())


def listen(at: int | None = _AT, title: str = "Tide", **info: object) -> dict[str, object]:
    told = {"artist_name": "Marrow Coast", "track_name": title, "release_name": None, "additional_info": info}
    return {"track_metadata": told} | ({"listened_at": at} if at is not None else {})


def submission(*listens: dict[str, object], kind: str = "import") -> bytes:
    return json.dumps({"listen_type": kind, "payload": listens}).encode()


@pytest.fixture
async def scrobbler(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A scrobbler with Mara's token, as the guides say to set it up."""
    headers = {"Authorization": f"Token {await site.token()}"}
    async with browser_at(site.url, headers=headers, timeout=20) as client:
        yield client


async def archived(site: Site) -> list[int]:
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        return list((await history.load(conn, UserId(person.id))).ended_at.tolist())


@pytest.mark.parametrize("path", ["/1/submit-listens", "/apis/listenbrainz/1/submit-listens", "/apis/listenbrainz", "/apis/listenbrainz/1"])
async def test_a_listen_is_archived_once_wherever_it_is_sent(site: Site, scrobbler: httpx.AsyncClient, path: str) -> None:
    for _ in range(2):
        answer = await scrobbler.post(path, content=submission(listen(duration_ms=245_000), kind="single"))
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert await archived(site) == [(_AT + 245) * 1_000_000]


async def test_half_of_a_letter_costs_no_listen(site: Site, scrobbler: httpx.AsyncClient) -> None:
    cut = submission(listen(title="cut X")).replace(b"cut X", b"cut \\ud83c")
    assert (await scrobbler.post("/1/submit-listens", content=cut)).status_code == 200
    told = (await scrobbler.get("/1/user/mara/listens")).json()["payload"]["listens"]
    assert [one["track_metadata"]["track_name"] for one in told] == ["cut \ufffd"]
    playing = submission(listen(None, title="cut X"), kind="playing_now").replace(b"cut X", b"cut \\ud83c")
    assert (await scrobbler.post("/1/submit-listens", content=playing)).status_code == 200


@pytest.mark.parametrize("lengths", [(None, 245_000, None), (245_000, None, 245_000)])
async def test_a_listen_told_again_with_its_length_or_without_is_one_play(
    site: Site, scrobbler: httpx.AsyncClient, lengths: tuple[int | None, ...]
) -> None:
    for length in lengths:
        told = submission(listen(duration_ms=length), kind="single")
        assert (await scrobbler.post("/1/submit-listens", content=told)).status_code == 200
    assert await archived(site) == [(_AT + 245) * 1_000_000]


async def test_what_plays_just_now_is_taken_and_not_kept(site: Site, scrobbler: httpx.AsyncClient) -> None:
    assert (await scrobbler.post("/1/submit-listens", content=submission(listen(None), kind="playing_now"))).status_code == 200
    assert await archived(site) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "isn't a submission"),
        (b"[" * 100_000, "isn't a submission"),
        (submission(), "takes 1 to 1,000 listens"),
        (submission(listen(), listen(), kind="single"), "takes 1 to 1 listens"),
        (submission(*[listen()] * 1001), "takes 1 to 1,000 listens"),
        (submission(listen(), listen(-5)), "Listen 2: it doesn't tell when"),
        (submission(listen(), listen(_AT + 10 * 86_400)), "Listen 2: its time lies in the future"),
        (submission(listen(title="")), "Listen 1: it doesn't name a track"),
        (submission(listen(), kind="rumour"), "isn't a submission"),
    ],
)
async def test_a_bad_submission_says_why_and_leaves_nothing(site: Site, scrobbler: httpx.AsyncClient, body: bytes, why: str) -> None:
    answer = await scrobbler.post("/1/submit-listens", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert why in answer.json()["error"]
    assert await archived(site) == []


async def test_too_much_is_refused(scrobbler: httpx.AsyncClient) -> None:
    answer = await scrobbler.post("/1/submit-listens", content=b" " * (MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, 413)


async def test_only_a_token_in_the_header_opens_the_door(site: Site, visitor: httpx.AsyncClient, scrobbler: httpx.AsyncClient) -> None:
    token = scrobbler.headers["Authorization"].partition(" ")[2]
    for answer in (
        await visitor.post("/1/submit-listens", content=submission(listen())),
        await visitor.post(f"/1/submit-listens?token={token}", content=submission(listen())),
    ):
        assert answer.status_code == 401
    async with site.script() as nobody:
        assert (await nobody.post("/1/submit-listens", content=submission(listen()))).status_code == 401
        assert (await nobody.get(f"/1/validate-token?token={token}")).status_code == 400
    assert await archived(site) == []


async def test_a_token_says_whose_it_is(site: Site, scrobbler: httpx.AsyncClient) -> None:
    told = (await scrobbler.get("/1/validate-token")).json()
    assert (told["valid"], told["user_name"]) == (True, "mara")
    wrong = await scrobbler.get("/1/validate-token", headers={"Authorization": "Token nothing"})
    assert (wrong.status_code, wrong.json()["valid"]) == (200, False)


async def test_ones_own_listens_come_by_page_and_nobody_elses(site: Site, scrobbler: httpx.AsyncClient) -> None:
    await scrobbler.post(
        "/1/submit-listens", content=submission(*(listen(_AT - 300 * n, f"song {n}", duration_ms=200_000) for n in range(5)))
    )
    first = (await scrobbler.get("/apis/listenbrainz/1/user/mara/listens?count=2")).json()["payload"]
    assert [one["track_metadata"]["track_name"] for one in first["listens"]] == ["song 0", "song 1"]
    assert (first["count"], first["latest_listen_ts"] - first["oldest_listen_ts"]) == (2, 1200)
    oldest = first["listens"][-1]["listened_at"]
    then = (await scrobbler.get(f"/1/user/mara/listens?max_ts={oldest}&min_ts={oldest - 700}")).json()["payload"]
    assert [one["track_metadata"]["track_name"] for one in then["listens"]] == ["song 2", "song 3"]
    assert (await scrobbler.get("/1/user/mara/listen-count")).json() == {"payload": {"count": 5}}
    await site.listener("noor")
    for name in ("noor", "nobody"):
        assert (await scrobbler.get(f"/1/user/{name}/listens")).status_code == 404


@pytest.mark.parametrize("scrobbled_first", [True, False])
async def test_a_scrobble_and_a_sweep_of_one_listening_are_one_play(
    site: Site, scrobbler: httpx.AsyncClient, scrobbled_first: bool
) -> None:
    person = await site.listener()
    swept = batch(UserId(person.id), Source.API, Heard(timedelta(seconds=207).total_seconds(), "Tide"))
    for is_scrobble in (scrobbled_first, not scrobbled_first):
        if is_scrobble:
            await scrobbler.post("/1/submit-listens", content=submission(listen(), kind="single"))
        else:
            async with site.parts.db.transaction() as conn:
                await store(conn, [swept])
    assert len(await archived(site)) == 1


async def test_what_plays_now_is_told_until_it_must_have_ended(site: Site, scrobbler: httpx.AsyncClient, clock: FakeClock) -> None:
    await scrobbler.post("/1/submit-listens", content=submission(listen(None, duration_ms=200_000), kind="playing_now"))
    told = (await scrobbler.get("/1/user/mara/playing-now")).json()["payload"]
    assert (told["count"], told["listens"][0]["track_metadata"]["track_name"]) == (1, "Tide")
    clock.forward(seconds=201)
    assert (await scrobbler.get("/1/user/mara/playing-now")).json()["payload"]["listens"] == []


async def test_tops_and_activity_come_in_their_words(site: Site, scrobbler: httpx.AsyncClient, clock: FakeClock) -> None:
    at = int(clock.now().timestamp()) - 86_400
    await scrobbler.post(
        "/1/submit-listens", content=submission(*(listen(at - 400 * n, f"song {n % 2}", duration_ms=200_000) for n in range(5)))
    )
    artists = (await scrobbler.get("/1/stats/user/mara/artists?range=all_time")).json()["payload"]
    assert (artists["artists"][0]["artist_name"], artists["artists"][0]["listen_count"], artists["total_artist_count"]) == (
        "Marrow Coast",
        5,
        1,
    )
    songs = (await scrobbler.get("/apis/listenbrainz/1/stats/user/mara/recordings?range=this_week&count=1&offset=1")).json()["payload"]
    assert [(one["track_name"], one["listen_count"]) for one in songs["recordings"]] == [("song 1", 2)]
    days = (await scrobbler.get("/1/stats/user/mara/listening-activity?range=this_month")).json()["payload"]
    assert sum(one["listen_count"] for one in days["listening_activity"]) == 5
    assert (await scrobbler.get("/1/stats/user/mara/artists?range=year")).status_code == 204
    assert (await scrobbler.get("/1/stats/user/mara/artists?range=ever")).status_code == 400
    assert (await scrobbler.get("/1/user/mara/following")).json() == {"user": "mara", "following": []}
    assert (await scrobbler.get("/1/feedback/user/mara/get-feedback")).json()["total_count"] == 0
    assert (await scrobbler.post("/1/feedback/recording-feedback", json={"recording_msid": "1", "score": 1})).status_code == 501


async def test_a_listen_that_a_scrobbler_told_can_be_taken_back_and_no_other(site: Site, scrobbler: httpx.AsyncClient) -> None:
    await scrobbler.post(
        "/1/submit-listens", content=submission(listen(duration_ms=245_000), listen(_AT - 900, "other", duration_ms=200_000))
    )
    shown = (await scrobbler.get("/1/user/mara/listens")).json()["payload"]["listens"]
    gone = {"listened_at": _AT, "recording_msid": shown[0]["recording_msid"]}
    assert (await scrobbler.post("/1/delete-listen", json=gone)).json() == {"status": "ok"}
    assert len(await archived(site)) == 1
    person = await site.listener()
    async with site.parts.db.transaction() as conn:
        await store(conn, [batch(UserId(person.id), Source.API, Heard(0, "Swept"))])
    swept = (await scrobbler.get("/1/user/mara/listens")).json()["payload"]["listens"]
    for one in (
        gone,
        {"listened_at": swept[0]["listened_at"], "recording_msid": swept[0]["recording_msid"]},
        {},
        {"listened_at": 1, "recording_msid": "x"},
    ):
        assert (await scrobbler.post("/1/delete-listen", json=one)).status_code == 400
    assert len(await archived(site)) == 2


async def test_a_page_elsewhere_may_scrobble_with_a_token_alone(site: Site, scrobbler: httpx.AsyncClient) -> None:
    asked = {
        "Origin": "https://open.spotify.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    async with site.script() as nobody:
        for path in ("/1/submit-listens", "/apis/listenbrainz/1/submit-listens", "/apis/listenbrainz"):
            may = await nobody.options(path, headers=asked)
            assert (may.status_code, may.headers["access-control-allow-origin"]) == (200, "*")
    done = await scrobbler.post(
        "/1/submit-listens", content=submission(listen(), kind="single"), headers={"Origin": asked["Origin"], "Content-Type": "text/plain"}
    )
    assert (done.status_code, done.headers["access-control-allow-origin"]) == (200, "*")


async def test_another_ones_or_a_guessed_token_reads_nothing_and_takes_nothing_back(site: Site, scrobbler: httpx.AsyncClient) -> None:
    await site.listener("noor")
    for path in ("user/noor/playing-now", "user/noor/following", "stats/user/noor/artists", "stats/user/noor/listening-activity"):
        assert (await scrobbler.get(f"/1/{path}")).status_code == 404
    async with site.script("as_guessed") as thief:
        assert (await thief.get("/1/stats/user/mara/artists")).status_code in {401, 404}
        assert (await thief.post("/1/delete-listen", json={"listened_at": _AT, "recording_msid": "1"})).status_code == 401


async def test_what_goes_wrong_is_told_in_words_that_clients_know(scrobbler: httpx.AsyncClient) -> None:
    wrong = [
        await scrobbler.get("/1/user/mara/listens?count=1001"),
        await scrobbler.get("/apis/listenbrainz/1/user/mara/listens?max_ts=soon"),
        await scrobbler.get("/1/nothing"),
        await scrobbler.put("/1/submit-listens"),
    ]
    assert [(one.status_code, one.json()["code"]) for one in wrong] == [(400, 400), (400, 400), (404, 404), (405, 405)]
    assert {one.headers["access-control-allow-origin"] for one in wrong} == {"*"}


async def test_who_asks_too_often_is_told_how_long_to_wait(scrobbler: httpx.AsyncClient) -> None:
    answers = [await scrobbler.get("/1/validate-token") for _ in range(110)]
    refused = next(one for one in answers if one.status_code == 429)
    assert refused.json()["code"] == 429
    assert refused.headers["x-ratelimit-reset-in"] == refused.headers["retry-after"]


@pytest.mark.parametrize("gone", [b'{"listened_at": 9999999999999999, "recording_msid": "1"}', b"[" * 10_000])
async def test_a_moment_that_no_clock_shows_is_nothing_to_take_back(scrobbler: httpx.AsyncClient, gone: bytes) -> None:
    answer = await scrobbler.post("/1/delete-listen", content=gone)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)


async def test_a_listen_is_found_and_taken_back_at_the_second_at_which_it_was_sent(scrobbler: httpx.AsyncClient) -> None:
    await scrobbler.post("/1/submit-listens", content=submission(listen(duration_ms=245_417), listen(_AT - 900, "other")))
    near = (await scrobbler.get(f"/1/user/mara/listens?min_ts={_AT - 1}&max_ts={_AT + 1}")).json()["payload"]
    assert (near["count"], near["latest_listen_ts"], near["oldest_listen_ts"]) == (1, _AT, _AT - 900)
    gone = {name: near["listens"][0][name] for name in ("listened_at", "recording_msid")}
    assert (await scrobbler.post("/1/delete-listen", json=gone)).json() == {"status": "ok"}
