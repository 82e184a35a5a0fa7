"""The same questions answered the slow, plain way: loops and dicts, zoneinfo one play at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from audiospective.archive.plays import UNKNOWN_MS, Kind, Source
from audiospective.insights.period import Period
from tests.cast import Played

DURATION_MS = 180_000
ZONES = ("UTC", "Europe/Lisbon", "Asia/Kathmandu", "Pacific/Chatham", "Australia/Lord_Howe", "America/New_York", "America/Sao_Paulo")


def counted(rows: Iterable[Played]) -> list[Played]:
    """Plays under the usual lens, oldest first."""
    kept: list[Played] = []
    last_said: dict[int, datetime] = {}
    for one in sorted(rows, key=lambda row: row.at):
        before = last_said.get(one.track) if one.source is Source.API else None
        if one.source is Source.API:
            last_said[one.track] = one.at
        if one.kind is not Kind.TRACK or 0 <= one.ms < 30_000:
            continue
        if before is None or (one.at - before).total_seconds() >= 30:
            kept.append(one)
    return kept


def local(one: Played, zone: str) -> datetime:
    return one.at.astimezone(ZoneInfo(zone))


def within(rows: Iterable[Played], zone: str, period: Period) -> list[Played]:
    first, last = period.first_day or date.min, period.last_day or date.max
    return [one for one in counted(rows) if first <= local(one, zone).date() <= last]


def heard_ms(one: Played) -> int:
    return DURATION_MS if one.ms == UNKNOWN_MS else one.ms


def ranking(rows: list[Played], name: dict[int, int], by_time: bool = False) -> list[tuple[int, int, int]]:
    """(id, plays, ms), most first, ties by earliest first play."""
    plays: Counter[int] = Counter()
    ms: Counter[int] = Counter()
    first: dict[int, int] = {}
    for place, one in enumerate(rows):
        if name[one.track]:
            plays[name[one.track]] += 1
            ms[name[one.track]] += heard_ms(one)
            first.setdefault(name[one.track], place)
    return [(one, plays[one], ms[one]) for one in sorted(plays, key=lambda one: (-(ms if by_time else plays)[one], first[one]))]


plays = st.builds(
    Played,
    at=st.integers(1_700_000_000, 1_740_000_000).map(lambda second: datetime.fromtimestamp(second, ZoneInfo("UTC"))),
    track=st.integers(0, 9),
    ms=st.sampled_from([UNKNOWN_MS, 0, 29_999, 30_000, 200_000]),
    source=st.sampled_from([Source.EXTENDED, Source.API]),
    kind=st.sampled_from([Kind.TRACK, Kind.TRACK, Kind.TRACK, Kind.EPISODE]),
)
histories = st.lists(plays, max_size=40, unique_by=lambda one: (one.at, one.track))
close = st.lists(
    st.builds(
        Played,
        at=st.integers(1_711_800_000, 1_711_900_000).map(lambda s: datetime.fromtimestamp(s, ZoneInfo("UTC"))),
        track=st.integers(0, 3),
        source=st.just(Source.API),
        ms=st.just(UNKNOWN_MS),
    ),
    max_size=30,
    unique_by=lambda one: (one.at, one.track),
)
zones = st.sampled_from(ZONES)
spellings = st.sampled_from(
    ["1d", "7d", "30d", "90d", "365d", "all", "2024", "2024-03", "2024-01-01..2024-03-31", "2025-01-01..2025-01-01"]
)
