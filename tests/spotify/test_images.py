"""Covers come from Spotify's picture host, or they don't come."""

from __future__ import annotations

import pytest

from audiospective.errors import Invalid
from audiospective.simulator.catalogue import catalogue
from audiospective.spotify import images
from audiospective.spotify.errors import Malformed, Missing, Unreachable
from audiospective.spotify.http import Spotify
from audiospective.spotify.images import fetch, is_picture_address
from tests.simulators.spotify import SpotifySimulator


@pytest.fixture(scope="module")
def cover() -> str:
    """The path of a sleeve."""
    return "/image/ab67616d00001e02" + catalogue().albums[0].cover


async def test_a_sleeve_is_a_picture_within_the_cap(spotify: Spotify, simulator: SpotifySimulator, cover: str) -> None:
    image = await fetch(spotify, simulator.url + cover)
    assert image.media_type == "image/png"
    assert 500 < len(image.content) < images.PICTURE_BYTES


async def test_a_cover_kept_from_another_port_comes_from_the_present_one(spotify: Spotify, cover: str) -> None:
    assert (await fetch(spotify, "http://127.0.0.1:1" + cover)).media_type == "image/png"


@pytest.mark.parametrize(
    "url",
    [
        "https://i.scdn.co.evil.example/image/a",
        "http://i.scdn.co/image/a",
        "https://i.scdn.co:8443/image/a",
        "https://user@i.scdn.co/image/a",
        "https://evil.example/i.scdn.co/image/a",
        "http://169.254.169.254/image/latest",
        "http://[::ffff:127.0.0.1]/image/a",
        "http://2130706433/image/a",
        "file:///image/etc/passwd",
        "gopher://127.0.0.1/image/a",
        "//i.scdn.co/image/a",
        "https://[broken/image/a",
        "https://i.scdn.co:port/image/a",
        "",
    ],
)
async def test_any_other_address_is_refused_unasked(spotify: Spotify, url: str) -> None:
    with pytest.raises(Invalid):
        await fetch(spotify, url)


async def test_the_simulator_gives_pictures_only_below_image(spotify: Spotify, simulator: SpotifySimulator) -> None:
    for path in ("/v1/me", "/account/privacy", "/image/../v1/me"):
        with pytest.raises(Invalid):
            await fetch(spotify, simulator.url + path)
    assert not simulator.world.seen


def test_spotifys_own_host_is_welcome(spotify: Spotify) -> None:
    assert is_picture_address(spotify, "https://i.scdn.co/image/ab67616d0000b273dc2463cf2d676563d7c4b5c9")


async def test_a_cover_that_is_gone_is_missing(spotify: Spotify, simulator: SpotifySimulator) -> None:
    with pytest.raises(Missing):
        await fetch(spotify, simulator.url + "/image/gone")


@pytest.mark.parametrize("trouble", ["html", "empty_body", "malformed"])
async def test_what_is_no_picture_is_malformed(spotify: Spotify, simulator: SpotifySimulator, trouble: str, cover: str) -> None:
    simulator.trouble("/image/", trouble)
    with pytest.raises(Malformed, match="no JPEG"):
        await fetch(spotify, simulator.url + cover)


@pytest.mark.parametrize(
    ("trouble", "how"), [("redirect", {"location": "http://127.0.0.1:9/"}), ("status", {"status": 500}), ("reset", {})]
)
async def test_a_host_in_trouble_is_unreachable(
    spotify: Spotify, simulator: SpotifySimulator, trouble: str, how: dict[str, object], cover: str
) -> None:
    simulator.trouble("/image/", trouble, **how)
    with pytest.raises(Unreachable):
        await fetch(spotify, simulator.url + cover)


async def test_a_picture_without_end_is_cut_off(spotify: Spotify, simulator: SpotifySimulator, cover: str) -> None:
    simulator.trouble("/image/", "body", body="x" * 1_100_000)
    with pytest.raises(Malformed, match="larger than"):
        await fetch(spotify, simulator.url + cover)
