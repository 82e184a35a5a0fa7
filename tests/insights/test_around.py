"""Places by year, what stands beside in sessions, and a listening made smaller, against plain programs."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.plays import Source
from audiospective.insights import recent, stats, top
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.neighbours import SESSION_US, neighbours
from audiospective.insights.period import parse
from audiospective.insights.ranks import yearly
from audiospective.insights.zones import Zone
from tests.cast import Played, artist_of, history_of
from tests.insights import oracle

NOW = datetime(2025, 2, 20, 12, tzinfo=UTC)
_any = given(st.one_of(oracle.histories, oracle.close), oracle.zones, st.integers(0, 9))


def _all(rows: list[Played], zone: str, spelling: str = "all") -> Listening:
    named = Zone.named(zone)
    return see(history_of(rows), named, parse(spelling, NOW, named), Lens(), NOW)


@_any
def test_a_place_is_one_more_than_how_many_were_played_more(rows: list[Played], zone: str, track: int) -> None:
    seen = _all(rows, zone)
    found = yearly(seen, seen.history.track_ids, track + 100)
    for one in found:
        plays = Counter(play.track for play in oracle.counted(rows) if oracle.local(play, zone).year == one.year)
        assert one.plays == plays[track]
        assert one.rank == (1 + sum(count > plays[track] for count in plays.values()) if plays[track] else None)


@_any
def test_neighbours_are_those_beside_within_a_session(rows: list[Played], zone: str, track: int) -> None:
    seen = _all(rows, zone)
    plays = oracle.counted(rows)
    before: Counter[int] = Counter()
    after: Counter[int] = Counter()
    for one, two in itertools.pairwise(plays):
        if (two.at - one.at).total_seconds() * 1e6 > SESSION_US or (one.track == track) == (two.track == track):
            continue
        if two.track == track:
            before[one.track + 100] += 1
        else:
            after[two.track + 100] += 1
    found = neighbours(seen, seen.history.track_ids == track + 100, limit=20)
    assert {one.track_id: one.times for one in found.before} == before
    assert {one.track_id: one.times for one in found.after} == after


@given(st.one_of(oracle.histories, oracle.close), oracle.zones, oracle.spellings, st.integers(0, 4), st.sampled_from([None, Source.API]))
def test_fewer_tracks_are_the_same_plays_with_the_others_taken_out(
    rows: list[Played], zone: str, spelling: str, artist: int, source: Source | None
) -> None:
    seen = _all(rows, zone, spelling)
    kept = [
        one for one in oracle.within(rows, zone, seen.period) if artist_of(one.track) == artist and (source is None or one.source is source)
    ]
    fewer = seen.only(seen.history.artist_ids == artist, source)
    assert stats.stats(fewer).total_plays == len(kept)
    assert stats.stats(fewer).listened_ms == sum(map(oracle.heard_ms, kept))
    named = {track: track + 100 if artist else 0 for track in range(10)}
    assert [one.plays for one in top.tracks(fewer, 50)] == [plays for _, plays, _ in oracle.ranking(kept, named)]
    page = recent.recent(fewer, 100)
    assert [play.ended_at for play in page.plays] == [one.at for one in reversed(kept)]


def test_an_empty_archive_has_no_years_and_no_neighbours() -> None:
    seen = _all([], "UTC")
    assert yearly(seen, seen.history.track_ids, 1) == ()
    assert neighbours(seen, np.zeros(0, np.bool_)).before == ()


@given(st.one_of(oracle.histories, oracle.close), oracle.spellings)
def test_tracks_of_one_recording_count_as_one(rows: list[Played], spelling: str) -> None:
    """Tracks 8 and 9 are one recording; the same plays said of track 8 alone must give the same numbers."""
    one = [replace(play, track=8) if play.track == 9 else play for play in rows]
    merged = history_of(rows)
    place = {int(track): index for index, track in enumerate(merged.track_ids)}
    stands = np.array([place.get(108, index) if track == 109 else index for track, index in place.items()], np.int32)
    zone = Zone.named("Europe/Lisbon")
    seen, plain = (see(one, zone, parse(spelling, NOW, zone), Lens(), NOW) for one in (replace(merged, recording=stands), history_of(one)))
    if 108 in place and len({play.at for play in rows}) == len(rows):
        assert stats.stats(seen).unique_tracks == stats.stats(plain).unique_tracks
        assert [(one.id, one.plays) for one in top.tracks(seen, 50)] == [(one.id, one.plays) for one in top.tracks(plain, 50)]
