"""One question to a provider: tried again where that is safe, believed only when whole, the credential in no sentence (F32)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from audiospective.operations.providers.asking import (
    ANSWER_BYTES,
    Api,
    CredentialRefused,
    Odd,
    Patience,
    ProviderError,
    Question,
    Refused,
    Silent,
    ask,
    read,
    reason_of,
)
from tests.operations.providers.conftest import HASTE
from tests.simulators.played import Played, on_a_port

pytestmark = pytest.mark.http

GET, POST = Question("a thing", "GET", "/thing"), Question("a thing", "POST", "/thing")


@pytest.fixture
async def played() -> AsyncIterator[Played]:
    async def thing(_: web.Request) -> web.Response:
        return web.json_response(["a", "b"])

    fake = Played()
    async with on_a_port(fake, {"GET /thing": thing, "POST /thing": thing}):
        yield fake


@pytest.fixture
def api(played: Played, http: aiohttp.ClientSession) -> Api:
    return Api(http, "Tideway", played.url, "TIDEWAY_TOKEN", {"Authorization": "Bearer good"}, {}, HASTE)


async def test_an_answer_is_read_as_its_type(api: Api) -> None:
    assert await read(api, GET, list[str]) == ["a", "b"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_passing_trouble_is_outlasted(api: Api, played: Played, status: int) -> None:
    played.trouble("GET", status, {}, times=3, headers={"Retry-After": "0"})
    assert await read(api, GET, list[str]) == ["a", "b"]
    assert len(played.asked) == 4


async def test_four_tries_are_enough(api: Api, played: Played) -> None:
    played.trouble("GET", 503, {})
    with pytest.raises(Silent, match="Tideway answers a thing with 503"):
        await ask(api, GET)
    assert len(played.asked) == 4


async def test_what_may_have_been_done_is_not_done_again(api: Api, played: Played) -> None:
    played.trouble("POST", 503, {})
    with pytest.raises(Silent):
        await ask(api, POST)
    played.trouble("POST", cut=True)
    with pytest.raises(Silent):
        await ask(api, POST)
    assert len(played.asked) == 2


async def test_a_post_with_an_id_of_its_own_may_be_repeated(api: Api, played: Played) -> None:
    played.trouble("POST", 503, {}, times=1)
    await ask(api, Question("a thing", "POST", "/thing", repeats=True))
    assert len(played.asked) == 2


@pytest.mark.parametrize(
    ("trouble", "error", "said"),
    [
        (
            {"status": 401, "body": {"error": "rotated"}},
            CredentialRefused,
            "credential rejected for a thing (401: rotated); look at TIDEWAY_TOKEN",
        ),
        ({"status": 403, "body": {"message": "no"}}, CredentialRefused, "credential rejected"),
        ({"status": 403, "body": {}, "headers": {"X-RateLimit-Remaining": "0"}}, Refused, "asks to wait"),
        ({"status": 429, "body": {}, "headers": {"Retry-After": "86400"}}, Refused, "asks to wait before a thing (Retry-After 86400)"),
        ({"status": 404, "body": {"detail": "gone"}}, Refused, "refuses a thing (404: gone)"),
        ({"status": 302, "text": "", "headers": {"Location": "http://127.0.0.1:9/"}}, Odd, "with a redirect (302), which isn't followed"),
        ({"status": 200, "text": "<html>Sign in</html>"}, Odd, "can't be read"),
        ({"status": 200, "text": '["a"'}, Odd, "can't be read"),
        ({"status": 200, "body": {"error": "nothing here"}}, Odd, "can't be read"),
        ({"status": 200, "text": "x" * (ANSWER_BYTES + 1)}, Odd, "is larger than 4,194,304 bytes"),
        ({"cut": True}, Silent, "can't be reached for a thing"),
        ({"status": 500, "text": "<b>oops</b>"}, Silent, "answers a thing with 500."),
    ],
)
async def test_whatever_else_comes_is_a_trouble_with_a_name(
    api: Api, played: Played, trouble: dict[str, Any], error: type[ProviderError], said: str
) -> None:
    played.trouble("GET", **trouble)
    with pytest.raises(error) as caught:
        await read(api, GET, list[str])
    assert said in caught.value.message
    assert "good" not in caught.value.message


async def test_a_provider_that_hangs_is_left(played: Played, http: aiohttp.ClientSession) -> None:
    played.trouble("GET", delay_s=1)
    hasty = Api(http, "Tideway", played.url, "", {}, {}, Patience(total_s=0.1))
    with pytest.raises(Silent, match=r"took longer than 0\.1 seconds"):
        await ask(hasty, GET)


async def test_a_provider_that_is_not_there_is_said_to_be_away(http: aiohttp.ClientSession) -> None:
    with pytest.raises(Silent, match="can't be reached"):
        await ask(Api(http, "Tideway", "http://127.0.0.1:9", "", {}, {}, HASTE), POST)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"error": {"code": "c", "message": "m"}}', ("c", "m")),
        (b'{"error": "m"}', ("", "m")),
        (b'{"code": "c", "message": "m"}', ("c", "m")),
        (b'{"detail": {"message": "m"}}', ("", "m")),
        (b"invalid_payload", ("", "invalid_payload")),
        (b"<html>", ("", "")),
        (b"\xff\x00", ("", "")),
        (b"", ("", "")),
    ],
)
def test_every_providers_way_of_saying_why_is_read(body: bytes, found: tuple[str, str]) -> None:
    assert reason_of(body) == found
