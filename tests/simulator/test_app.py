"""Both hosts over HTTP, asked without our client: what Spotify refuses, and what its pages say."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from audiospective.simulator.bodies import moment
from audiospective.simulator.listeners import roster
from tests.clock import FakeClock
from tests.simulators.spotify import SpotifySimulator

LAST = "/v1/me/player/recently-played"
WISH = {
    "client_id": "app",
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:8000/back",
    "scope": "user-read-recently-played",
    "state": "s",
    "code_challenge_method": "S256",
    "code_challenge": "a" * 43,
}


@pytest.fixture
async def http(simulator: SpotifySimulator) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain HTTP client at the simulator's address."""
    async with aiohttp.ClientSession(simulator.url) as session:
        yield session


async def last(http: aiohttp.ClientSession, simulator: SpotifySimulator, **query: object) -> dict[str, Any]:
    """The last-plays answer of the veteran."""
    bearer = {"Authorization": f"Bearer {simulator.tokens().access_token}"}
    response = await http.get(f"{LAST}?{urlencode(query)}", headers=bearer)
    answer: dict[str, Any] = await response.json()
    return answer


async def authorize(http: aiohttp.ClientSession, **changed: str) -> tuple[int, str, str]:
    """Status, page and Location of an app's wish."""
    wish = {name: value for name, value in {**WISH, **changed}.items() if value}
    response = await http.get(f"/authorize?{urlencode(wish)}", allow_redirects=False)
    return response.status, await response.text(), response.headers.get("Location", "")


async def test_the_authorize_page_says_what_it_is_and_lists_everybody(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    status, page, _ = await authorize(http)
    assert status == 200
    assert "stands in for Spotify" in page
    assert all(listener.name in page for listener in simulator.world.listeners)
    assert "<script" not in page


async def test_an_app_cannot_write_into_the_page(http: aiohttp.ClientSession) -> None:
    _, page, _ = await authorize(http, state='"><script>alert(1)</script>')
    assert "<script" not in page


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": ""},
        {"client_id": "<b>"},
        {"redirect_uri": "http://localhost:8000/back"},
        {"redirect_uri": "http://192.168.0.26:8000/back"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "https://[broken"},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"code_challenge": "short"},
    ],
)
async def test_an_unsafe_wish_is_refused_on_a_page_not_by_redirect(http: aiohttp.ClientSession, changed: dict[str, str]) -> None:
    status, page, location = await authorize(http, **changed)
    assert (status, location) == (400, "")
    assert "can’t sign anybody in" in page


@pytest.mark.parametrize("redirect_uri", ["https://music.example.org/back", "http://[::1]:8000/back", "http://127.0.0.1/back?from=spotify"])
async def test_https_and_loopback_literals_are_taken(http: aiohttp.ClientSession, redirect_uri: str) -> None:
    assert (await authorize(http, redirect_uri=redirect_uri))[0] == 200


async def test_an_unknown_scope_goes_back_to_the_app(http: aiohttp.ClientSession) -> None:
    status, _, location = await authorize(http, scope="everything")
    assert (status, location) == (303, "http://127.0.0.1:8000/back?error=invalid_scope&state=s")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "client_id": "app"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "AQx"}, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "AQx", "client_id": "app"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "AQé", "client_id": "app"}, "invalid_grant"),
    ],
)
async def test_the_token_endpoint_refuses_flatly(http: aiohttp.ClientSession, form: dict[str, str], error: str) -> None:
    response = await http.post("/api/token", data=form)
    answer = await response.json()
    assert (response.status, answer["error"]) == (400, error)
    assert answer["error_description"]


async def test_another_apps_refresh_token_is_refused(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": str(simulator.tokens().refresh_token), "client_id": "thief"}
    assert (await (await http.post("/api/token", data=form)).json())["error"] == "invalid_grant"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic x", "Bearer BQ-é"])
async def test_without_a_good_token_nothing_is_told(http: aiohttp.ClientSession, header: str) -> None:
    response = await http.get("/v1/me", headers={"Authorization": header})
    assert response.status == 401
    assert (await response.json())["error"]["status"] == 401


async def test_a_refresh_token_is_no_access_token(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    response = await http.get("/v1/me", headers={"Authorization": f"Bearer {simulator.tokens().refresh_token}"})
    assert response.status == 401


async def test_twenty_plays_come_by_default_and_cursors_are_texts(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    answer = await last(http, simulator)
    assert len(answer["items"]) == answer["limit"] == 20
    assert answer["items"][0]["played_at"] == moment(int(answer["cursors"]["after"]))
    assert answer["items"][-1]["played_at"] == moment(int(answer["cursors"]["before"]))


async def test_an_empty_answer_has_no_cursors(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    answer = await last(http, simulator, after=simulator.world.now_ms, limit=50)
    assert (answer["items"], answer["next"], answer["cursors"]) == ([], None, None)


async def test_paging_back_ends_after_fifty(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    newest = await last(http, simulator, limit=50)
    assert (await last(http, simulator, before=newest["cursors"]["before"], limit=50))["items"] == []
    middle = await last(http, simulator, before=newest["cursors"]["after"], limit=50)
    assert len(middle["items"]) == 49


async def test_after_in_seconds_means_1970_and_hides_nothing(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    answer = await last(http, simulator, after=simulator.world.now_ms // 1000, limit=50)
    assert len(answer["items"]) == 50


@pytest.mark.parametrize("query", [{"limit": 51}, {"limit": 0}, {"limit": "many"}, {"after": 1, "before": 2}, {"after": "now"}])
async def test_wrong_parameters_get_400(http: aiohttp.ClientSession, simulator: SpotifySimulator, query: dict[str, object]) -> None:
    assert (await last(http, simulator, **query))["error"]["status"] == 400


async def test_plays_leave_the_list_at_ninety_days(http: aiohttp.ClientSession, simulator: SpotifySimulator, clock: FakeClock) -> None:
    simulator.play("podcaster", clock.now() - timedelta(days=89, hours=23))
    bearer = {"Authorization": f"Bearer {simulator.tokens('podcaster').access_token}"}
    counts = []
    for _ in range(2):
        counts.append(len((await (await http.get(LAST, headers=bearer)).json())["items"]))
        clock.forward(minutes=59)
        clock.forward(minutes=2)
        bearer = {"Authorization": f"Bearer {simulator.tokens('podcaster').access_token}"}
    assert counts == [1, 0]


async def test_a_whole_second_is_written_without_fraction(
    http: aiohttp.ClientSession, simulator: SpotifySimulator, clock: FakeClock
) -> None:
    simulator.play("veteran", clock.now())
    assert (await last(http, simulator, limit=1))["items"][0]["played_at"] == "2026-03-18T19:30:00Z"


async def test_listening_goes_on_as_time_passes(http: aiohttp.ClientSession, simulator: SpotifySimulator, clock: FakeClock) -> None:
    before = await last(http, simulator, limit=50)
    clock.forward(days=2)
    after = await last(http, simulator, limit=50)
    assert after["items"][0]["played_at"] > before["items"][0]["played_at"]


@pytest.mark.parametrize("package", ["extended", "account"])
async def test_a_newcomer_can_download_an_export(http: aiohttp.ClientSession, package: str) -> None:
    assert f"/newcomer/{package}/my_spotify_data.zip" in await (await http.get("/account/privacy")).text()
    response = await http.get(f"/account/privacy/newcomer/{package}/my_spotify_data.zip")
    assert zipfile.ZipFile(io.BytesIO(await response.read())).testzip() is None


@pytest.mark.parametrize("path", ["/account/privacy/nobody/extended/my_spotify_data.zip", "/account/privacy/owl/log/my_spotify_data.zip"])
async def test_a_package_that_nobody_has_is_not_found(http: aiohttp.ClientSession, path: str) -> None:
    assert (await http.get(path)).status == 404


async def test_trouble_can_be_scripted_over_http(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    await http.post("/_control/faults", json={"faults": [{"path": "/v1/me", "trouble": "quota", "retry_after": "48925", "times": 1}]})
    bearer = {"Authorization": f"Bearer {simulator.tokens().access_token}"}
    first, second = await http.get("/v1/me", headers=bearer), await http.get("/v1/me", headers=bearer)
    assert (first.status, first.headers["Retry-After"], second.status) == (429, "48925", 200)
    assert (await (await http.get("/_control/requests")).json()) == {"GET /v1/me": 2}


async def test_time_revocation_regime_and_plays_can_be_ordered(http: aiohttp.ClientSession, simulator: SpotifySimulator) -> None:
    now = (await (await http.post("/_control/clock", json={"now": "2026-05-01T12:00:00Z", "stopped": True})).json())["now"]
    assert now == "2026-05-01T12:00:00+00:00"
    await http.post("/_control/plays", json={"listener": "podcaster", "plays": [{"ended_at": "2026-05-01T11:59:00Z"}]})
    assert (await (await http.post("/_control/regime", json={"regime": "rotates"})).json())["regime"] == "rotates"
    bearer = {"Authorization": f"Bearer {simulator.tokens('podcaster').access_token}"}
    assert len((await (await http.get(LAST, headers=bearer)).json())["items"]) == 1
    await http.post("/_control/revoke", json={"listener": "podcaster"})
    assert (await http.get(LAST, headers=bearer)).status == 401


@pytest.mark.parametrize(
    ("order", "body"), [("faults", {"faults": [{"path": "/", "trouble": "plague"}]}), ("regime", {}), ("clock", {"now": "noon"})]
)
async def test_an_order_that_makes_no_sense_gets_400(http: aiohttp.ClientSession, order: str, body: dict[str, object]) -> None:
    assert (await http.post(f"/_control/{order}", json=body)).status == 400


class Process:
    """The simulator as `make up` starts it."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "audiospective.simulator", "--port", "0", *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.line = self._process.stdout.readline().strip()
        self.url = self.line.rpartition(" ")[2]

    def end(self) -> int:
        """Ask it to stop; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


async def test_a_process_says_where_it_is_and_stops_when_told(tmp_path: Path) -> None:
    process = Process("--state", str(tmp_path / "state.json"))
    async with aiohttp.ClientSession(process.url) as http:
        assert (await http.get("/account/privacy")).status == 200
        assert (await http.get("/_control/requests")).status == 404
    assert process.line.startswith("The Spotify simulator listens on http://127.0.0.1:")
    assert process.end() == 0
    assert "opened" in json.loads((tmp_path / "state.json").read_text())


def test_the_newcomer_began_two_days_before_the_first_opening() -> None:
    opened = FakeClock().now().date()
    assert (opened - roster(opened)[2].since).days == 2
