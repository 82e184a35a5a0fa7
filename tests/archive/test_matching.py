"""Which listens are one play: the rules one by one, then the promise that order never matters."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.matching import Claims, representatives
from audiospective.archive.plays import UNKNOWN_MS, Source

Said = tuple[float, int, int, Source]
"""End in seconds, song, ms heard, source."""


#: How long every track of these tests is, in s.
_TRACK_S = 200


def claims(*said: Said) -> Claims:
    return Claims(
        ended_at=np.array([int(one[0] * 1_000_000) for one in said], np.int64),
        track=np.array([one[1] for one in said], np.int32),
        song=np.array([one[1] for one in said], np.int32),
        ms_played=np.array([one[2] for one in said], np.int32),
        source=np.array([one[3] for one in said], np.int16),
        shifted_s=np.array([-_TRACK_S if one[3].tells_begin else 0 for one in said], np.int32),
        length_ms=np.full(len(said), _TRACK_S * 1000, np.int32),
    )


def stands(*said: Said) -> list[int]:
    found: list[int] = representatives(claims(*said)).tolist()
    return found


def test_a_play_said_by_the_export_and_the_call_is_the_exports() -> None:
    assert stands((1000.4, 1, UNKNOWN_MS, Source.API), (1000, 1, 200_000, Source.EXTENDED)) == [1, 1]


def test_two_reports_of_one_source_stay_two_plays() -> None:
    assert stands((1000, 1, UNKNOWN_MS, Source.API), (1030, 1, UNKNOWN_MS, Source.API)) == [0, 1]


def test_of_twins_in_an_export_the_longest_stands() -> None:
    assert stands((1000, 1, 0, Source.EXTENDED), (1000, 1, 200_000, Source.EXTENDED)) == [1, 1]


def scrobbled(*told: tuple[int, int, int], source: Source = Source.SCROBBLE) -> list[int]:
    """By second at which it began, song, and length in s, 0 where it wasn't told."""
    ends = claims(*((begun + length, song, UNKNOWN_MS, source) for begun, song, length in told))
    found: list[int] = representatives(replace(ends, shifted_s=np.array([-one[2] for one in told], np.int32))).tolist()
    return found


def test_a_listen_scrobbled_with_and_without_its_length_is_the_longer() -> None:
    assert scrobbled((800, 1, 0), (800, 1, 200)) == [1, 1]
    assert scrobbled((800, 1, 200), (800, 1, 0), (1000, 1, 0)) == [0, 0, 2]


def test_scrobbles_of_two_lengths_or_seconds_or_songs_stay_two_plays() -> None:
    assert scrobbled((800, 1, 200), (800, 1, 190)) == [0, 1]
    assert scrobbled((800, 1, 0), (801, 1, 200)) == [0, 1]
    assert scrobbled((800, 1, 0), (800, 2, 200)) == [0, 1]
    assert scrobbled((800, 1, 0), (800, 1, 200), source=Source.LASTFM) == [0, 1]
    assert scrobbled((800, 1, 0), (800, 1, 901)) == [0, 1], "no rule reaches further"


def test_another_song_at_the_same_time_is_another_play() -> None:
    assert stands((1000, 1, UNKNOWN_MS, Source.API), (1000, 2, 200_000, Source.EXTENDED)) == [0, 1]


def test_account_data_matches_within_its_minute_and_the_next_when_as_much_was_heard() -> None:
    exported = (1259.0, 1, 200_000, Source.EXTENDED)
    assert stands((1200, 1, 200_000, Source.ACCOUNT), exported) == [1, 1]
    assert stands((1140, 1, 200_000, Source.ACCOUNT), exported) == [1, 1]


def test_account_data_of_another_length_is_another_play() -> None:
    assert stands((1200, 1, 150_000, Source.ACCOUNT), (1230, 1, 200_000, Source.EXTENDED)) == [0, 1]


def test_a_scrobble_is_matched_by_when_the_listening_began() -> None:
    scrobble = (1000, 1, UNKNOWN_MS, Source.SCROBBLE)  # it began at 800
    assert stands(scrobble, (900, 1, 90_000, Source.EXTENDED)) == [1, 1]
    assert stands(scrobble, (1010, 1, UNKNOWN_MS, Source.API)) == [1, 1]
    assert stands(scrobble, (1000, 1, 60_000, Source.EXTENDED)) == [0, 1]


def test_a_tracker_that_knows_no_length_finds_the_end_of_the_song() -> None:
    told = claims((800, 1, UNKNOWN_MS, Source.TRACKER), (1290, 1, 490_000, Source.EXTENDED), (5000, 1, 490_000, Source.EXTENDED))
    found = representatives(replace(told, shifted_s=np.zeros(3, np.int32)))
    assert found.tolist() == [1, 1, 2]


def test_a_rich_report_stands_for_at_most_one_of_each_poorer_source() -> None:
    said = ((1000, 1, 200_000, Source.EXTENDED), (1001, 1, UNKNOWN_MS, Source.API), (1040, 1, UNKNOWN_MS, Source.API))
    assert stands(*said) == [0, 0, 2]


def test_the_nearest_match_wins() -> None:
    said = ((1000, 1, 200_000, Source.EXTENDED), (1090, 1, 90_000, Source.EXTENDED), (1085, 1, UNKNOWN_MS, Source.API))
    assert stands(*said) == [0, 1, 1]


def test_two_trackers_tell_of_one_listening_as_one_play() -> None:
    told = ((1000, 1, 200_000, Source.EXTENDED), (1003, 1, UNKNOWN_MS, Source.LISTENBRAINZ), (1030, 1, UNKNOWN_MS, Source.LASTFM))
    assert stands(*told) == [0, 0, 0]
    assert stands(*told[1:]) == [0, 0]


@pytest.mark.parametrize("richer", [Source.EXTENDED, Source.API, Source.LASTFM])
def test_your_spotify_passes_on_an_end(richer: Source) -> None:
    told = ((1000, 1, UNKNOWN_MS if richer is not Source.EXTENDED else 200_000, richer), (1000.4, 1, UNKNOWN_MS, Source.YOUR_SPOTIFY))
    assert len(set(stands(*told))) == 1


said = st.tuples(
    st.integers(0, 900).map(float),
    st.integers(1, 3),
    st.sampled_from([UNKNOWN_MS, 0, 60_000, 200_000]),
    st.sampled_from([Source.EXTENDED, Source.API, Source.ACCOUNT, Source.YOUR_SPOTIFY, Source.LASTFM]),
)
archives = st.lists(said, max_size=25, unique=True)


@given(archives, st.randoms(use_true_random=False))
def test_the_order_in_which_it_was_said_never_matters(rows: list[Said], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands in a Random
    plays = {rows[one] for one in stands(*rows)} if rows else set()
    assert ({shuffled[one] for one in stands(*shuffled)} if rows else set()) == plays


def test_of_matches_equally_near_the_same_is_taken_in_any_order() -> None:
    told = [
        (0.0, 1, 60_000, Source.EXTENDED),
        (91.0, 1, 60_000, Source.EXTENDED),
        (135.0, 1, 60_000, Source.OWN),
        (0.0, 1, 60_000, Source.SCROBBLE),
        (60.0, 1, 60_000, Source.SCROBBLE),
        (12.0, 1, 200_000, Source.YOUR_SPOTIFY),
        (88.0, 1, UNKNOWN_MS, Source.YOUR_SPOTIFY),
        (145.0, 1, 90_000, Source.YOUR_SPOTIFY),
        (60.0, 1, 90_000, Source.LASTFM),
    ]
    counts = set()
    for seed in range(40):
        random.Random(seed).shuffle(told)
        counts.add(len(set(stands(*told))))
    assert len(counts) == 1


@given(archives)
def test_whoever_stands_for_another_stands_for_itself_and_is_no_poorer(rows: list[Said]) -> None:
    found = stands(*rows) if rows else []
    assert all(found[one] == one for one in found)
    assert all(rows[one][3] <= rows[place][3] and rows[one][1] == rows[place][1] for place, one in enumerate(found))


@given(archives)
def test_a_listening_has_at_most_one_report_of_each_source_but_for_twins(rows: list[Said]) -> None:
    found = stands(*rows) if rows else []
    for one in set(found):
        sources = [rows[place][3] for place, rep in enumerate(found) if rep == one and rows[place][3] is not Source.EXTENDED]
        assert len(sources) == len(set(sources))


lengths = st.sampled_from([0, 0, 150, 200])


@given(st.lists(st.tuples(st.sampled_from([800, 801]), st.integers(1, 2), lengths), max_size=12, unique=True), st.randoms())
def test_scrobbles_are_one_play_in_any_order(told: list[tuple[int, int, int]], random: object) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands in a Random
    plays = {told[one] for one in scrobbled(*told)} if told else set()
    assert ({shuffled[one] for one in scrobbled(*shuffled)} if told else set()) == plays
