"""Rows of Spotify's two exports as listens or rejects; none is lost."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.plays import Flag, Kind, Listens
from audiospective.collect.imports import account, extended
from audiospective.collect.imports.columns import ParsedFile
from audiospective.errors import Invalid
from tests.collect.imports import exports

NOW = datetime(2026, 3, 18, tzinfo=UTC)


def read(*rows: exports.Row) -> ParsedFile:
    return extended.parse(io.BytesIO(json.dumps(rows).encode()), "a.json", NOW)


def read_account(*rows: exports.Row) -> ParsedFile:
    return account.parse(io.BytesIO(json.dumps(rows).encode()), "b.json", NOW)


def ends(listens: Listens) -> list[str]:
    return [datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="milliseconds") for us in listens.ended_at.tolist()]


def test_a_row_becomes_a_listen_that_ended_at_its_stamp() -> None:
    listens = read(exports.extended()).listens
    assert ends(listens) == ["2024-05-06T18:43:11.000+00:00"]
    assert (listens.ms_played.tolist(), listens.platforms[listens.platform[0]]) == ([216_783], "ios")
    assert listens.keys[0] == (Kind.TRACK, "LowTideChoir0000000000", "Low Tide Choir", "Marrow Coast", "Estuary")
    assert listens.reason_pairs[listens.reasons[0]] == ("trackdone", "fwdbtn")


def test_an_offline_row_ends_when_it_was_heard_not_when_it_was_sent() -> None:
    start = datetime(2024, 5, 6, 9, 0, tzinfo=UTC).timestamp()
    row = exports.extended(ms=60_000, offline=True)
    for told in (int(start), int(start * 1000)):
        listens = read(row | {"offline_timestamp": told}).listens
        assert ends(listens) == ["2024-05-06T09:01:00.000+00:00"]
        assert listens.shifted_s.tolist() == [9 * 3600 + 42 * 60 + 11]


@pytest.mark.parametrize("told", [0, 1, None, 99_999_999_999, 4_102_444_800])
def test_an_absurd_offline_time_falls_back_to_the_stamp(told: int | None) -> None:
    assert ends(read(exports.extended(offline=True, offline_timestamp=told)).listens) == ["2024-05-06T18:43:11.000+00:00"]


@pytest.mark.parametrize(("skipped", "expected"), [(None, 0), (True, Flag.SKIPPED), (False, Flag.NOT_SKIPPED)])
def test_skipped_is_told_or_not_told(skipped: bool | None, expected: int) -> None:
    assert read(exports.extended(skipped=skipped, shuffle=False)).listens.flags.tolist() == [expected]


def test_podcasts_and_audiobooks_are_kept_apart_by_kind() -> None:
    episode = exports.extended(track=None, episode_name="Nine", episode_show_name="Harbour", spotify_episode_uri="spotify:episode:e1")
    chapter = exports.extended(track=None, audiobook_title="Sea", audiobook_chapter_uri="spotify:chapter:c", audiobook_chapter_title="I")
    parsed = read(episode, chapter).listens
    assert [key.kind for key in parsed.keys] == [Kind.EPISODE, Kind.AUDIOBOOK]
    assert [key.artist for key in parsed.keys] == ["Harbour", "Sea"]


def test_the_export_of_2020_has_names_only() -> None:
    row = exports.extended()
    del row["spotify_track_uri"], row["episode_name"]
    assert read(row).listens.keys[0].spotify_id == ""


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (exports.extended(track=None), "names neither"),
        (exports.extended(ts="1970-01-01T00:00:00Z"), "before Spotify existed"),
        (exports.extended(ts="2031-01-01T00:00:00Z"), "in the future"),
        (exports.extended(ts="yesterday"), "isn't a time"),
        (exports.extended(ts="2024-13-06T18:43:11Z"), "isn't a time"),
        (exports.extended(ts="2024-02-30T18:43:11Z"), "isn't a time"),
        (exports.extended(ms=-1), "isn't a possible length"),
        (exports.extended(ms=2**40), "isn't a possible length"),
        (exports.extended() | {"ms_played": "long"}, "can't be read"),
        (exports.extended() | {"ts": None}, "can't be read"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_number_and_the_others_stay(row: exports.Row, reason: str) -> None:
    parsed = read(exports.extended(), row, exports.extended(ts="2024-05-06T19:43:11Z"))
    assert (parsed.rows, len(parsed.listens)) == (3, 2)
    assert [(reject.file, reject.row) for reject in parsed.rejected] == [("a.json", 2)]
    assert reason in parsed.rejected[0].reason


def test_private_fields_are_never_read() -> None:
    reject = read(exports.extended(track=None)).rejected[0]
    assert "203.0.113.7" not in reject.raw
    assert '"ts":"2024-05-06T18:43:11Z"' in reject.raw


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "has nothing in it"),
        (b"  \n ", "has nothing in it"),
        (b'{"a":1}', "isn't a list of plays"),
        (b'[{"ts":"2024', "breaks off before its end"),
        (b'[{"ts": nonsense}]', "isn't valid JSON"),
        (b"[1, 2", "breaks off before its end"),
    ],
)
def test_a_damaged_file_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        extended.parse(io.BytesIO(content), "a.json", NOW)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_editors_do_to_a_file_is_understood(encoding: str) -> None:
    text = json.dumps([exports.extended(track="真夜中のエレベーター")], ensure_ascii=False)
    assert extended.parse(io.BytesIO(text.encode(encoding)), "a.json", NOW).listens.keys[0].name == "真夜中のエレベーター"


def test_a_list_longer_than_a_block_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audiospective.collect.imports.jsonrows._BLOCK", 700)
    rows = [exports.extended(ts=f"2024-05-06T18:{minute:02}:11Z", track="braces }, { in a name") for minute in range(60)]
    parsed = read(*rows)
    assert (parsed.rows, len(parsed.listens)) == (60, 60)


def test_account_data_is_by_the_minute_and_by_name() -> None:
    listens = read_account(exports.account()).listens
    assert ends(listens) == ["2024-05-06T18:43:00.000+00:00"]
    assert listens.keys[0] == (Kind.TRACK, "", "Low Tide Choir", "Marrow Coast", "")


def test_account_podcasts_are_episodes() -> None:
    row = {"endTime": "2024-05-06 18:43", "podcastName": "Harbour", "episodeName": "Nine", "msPlayed": 5}
    assert read_account(row).listens.keys[0][:4] == (Kind.EPISODE, "", "Nine", "Harbour")


@pytest.mark.parametrize("end", ["2024-05-06", "2024-05-06 25:00", "", "06.05.2024 18:43"])
def test_a_bad_account_time_is_set_aside(end: str) -> None:
    assert [reject.row for reject in read_account(exports.account(end=end), exports.account()).rejected] == [1]


rows = st.lists(
    st.one_of(
        st.integers(0, 2**31)
        .map(lambda s: datetime.fromtimestamp(s, UTC))
        .map(lambda t: exports.extended(t.strftime("%Y-%m-%dT%H:%M:%SZ"))),
        st.text().map(lambda name: exports.extended(track=name or None)),
        st.dictionaries(st.sampled_from(["ts", "ms_played", "skipped"]), st.one_of(st.none(), st.integers(), st.text())).map(
            lambda odd: exports.extended() | odd
        ),
        st.just({}),
    ),
    max_size=12,
)


@given(rows)
def test_every_row_is_either_a_listen_or_a_reject(given_rows: list[exports.Row]) -> None:
    parsed = read(*given_rows)
    assert parsed.rows == len(given_rows) == len(parsed.listens) + len(parsed.rejected)


@given(st.integers(1_167_609_600, int(NOW.timestamp())))
def test_stamps_are_read_exactly(second: int) -> None:
    listens = read(exports.extended(datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))).listens
    assert listens.ended_at.tolist() == [second * 1_000_000]
