"""The invented catalogue looks real and is always the same."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from audiospective.simulator.catalogue import catalogue, episode
from audiospective.simulator.words import SHOWS


def test_there_are_hundreds_of_artists_and_thousands_of_tracks() -> None:
    assert len(catalogue().artists) > 400
    assert len(catalogue().albums) > 1_500
    assert len(catalogue().tracks) > 10_000


def test_every_id_is_22_letters_and_nobody_elses() -> None:
    ids = [thing.id for things in (catalogue().artists, catalogue().albums, catalogue().tracks) for thing in things]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9A-Za-z]{22}", name) for name in ids)


def test_every_isrc_has_its_form_and_is_one_recordings_own() -> None:
    codes = [track.isrc for track in catalogue().tracks]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", code) for code in codes)


def test_no_two_artists_share_a_name_and_no_artist_repeats_a_title() -> None:
    assert len({artist.name for artist in catalogue().artists}) == len(catalogue().artists)
    assert len({(track.artist, track.name) for track in catalogue().tracks}) == len(catalogue().tracks)


def test_names_come_in_many_scripts() -> None:
    names = "".join(artist.name for artist in catalogue().artists)
    for script in ("[぀-ヿ]", "[一-鿿]", "[؀-ۿ]", "[가-힯]", "[ŁŻŚłżś]", "[ãçéêô]", "[åäöØ]"):
        assert re.search(script, names), script


def test_no_pattern_is_left_unfilled() -> None:
    assert not any("{" in thing.name for things in (catalogue().artists, catalogue().albums, catalogue().tracks) for thing in things)


def test_records_hold_together() -> None:
    for album in catalogue().albums:
        tracks = [catalogue().tracks[place] for place in album.tracks]
        assert [track.number for track in tracks] == list(range(1, len(tracks) + 1))
        assert {(track.album, track.artist) for track in tracks} == {(album.place, album.artist)}
        assert album.place in catalogue().artists[album.artist].albums


def test_an_artists_records_come_out_in_order_of_years() -> None:
    for artist in catalogue().artists:
        years = [catalogue().albums[place].released[:4] for place in artist.albums]
        assert all(one <= other for one, other in pairwise(years))


@given(st.integers(0, len(SHOWS) - 1), st.integers(1, 2_000))
def test_every_podcast_has_an_episode_a_week_for_ever(show: int, number: int) -> None:
    told = episode(show, number)
    assert told == episode(show, number)
    assert told.name.startswith(f"{number}. ")
    assert told.duration_ms > 5 * 60_000


def test_another_process_invents_the_same() -> None:
    program = (
        "from audiospective.simulator.catalogue import catalogue; print(hash(catalogue().tracks[777].id), catalogue().tracks[777].name)"
    )
    environ = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    told = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True).stdout
    assert told.split(" ", 1)[1].strip() == catalogue().tracks[777].name
