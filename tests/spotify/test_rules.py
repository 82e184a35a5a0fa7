"""What Spotify's rules refuse, said beforehand."""

from __future__ import annotations

import pytest

from audiospective.spotify.rules import Stands, foresee, needs_paste, redirect_address


@pytest.mark.parametrize(
    ("app_url", "address"),
    [
        ("https://music.example.org", "https://music.example.org/auth/spotify/callback"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/auth/spotify/callback"),
        ("http://[::1]:8000", "http://[::1]:8000/auth/spotify/callback"),
    ],
)
def test_spotify_sends_people_back_to_https_and_to_this_machine(app_url: str, address: str) -> None:
    assert (redirect_address(app_url), needs_paste(app_url)) == (address, False)
    assert foresee(app_url, taken=0)[0].stands is Stands.GOOD


@pytest.mark.parametrize("app_url", ["http://192.168.0.26:8000", "http://localhost:8000", "http://music.local:8000"])
def test_from_any_other_place_the_address_is_pasted(app_url: str) -> None:
    assert (redirect_address(app_url), needs_paste(app_url)) == ("http://127.0.0.1:8000/auth/spotify/callback", True)
    rule = foresee(app_url, taken=0)[0]
    assert (rule.stands, app_url in rule.says, "paste" in rule.says) == (Stands.WARN, True, True)


@pytest.mark.parametrize(("taken", "stands"), [(0, Stands.GOOD), (4, Stands.GOOD), (5, Stands.BAD), (7, Stands.BAD)])
def test_a_sixth_person_would_be_refused(taken: int, stands: Stands) -> None:
    seats = foresee("https://music.example.org", taken=taken)[1]
    assert (seats.stands, f"{taken} of 5" in seats.says) == (stands, True)


def test_premium_can_only_be_seen_by_what_spotify_refuses() -> None:
    assert [foresee("https://x.example", taken=1, forbidden=n)[2].stands for n in (0, 1)] == [Stands.WARN, Stands.BAD]
