"""Clocks put back over midnight, moves over the date line: every question means the same days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.plays import UNKNOWN_MS
from audiospective.insights import discovery, skips, stats, trends
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.period import Period, of_days
from audiospective.insights.zones import Zone
from tests.cast import Played, history_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVER = Period("all", None, None)
#: A minute after midnight a clock was put back an hour: this night of November began twice.
ST_JOHNS, TWICE = "America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
TO_TOKYO = "Europe/Lisbon<2019-05-01;Asia/Tokyo"
OVER_THE_LINE = "Pacific/Pago_Pago<2019-05-01;Pacific/Kiritimati"
BACK_OVER_IT = "Pacific/Kiritimati<2019-05-01;Pacific/Pago_Pago"
#: The second stay ended, by its own clock, an hour before it began.
NO_TIME_THERE = "Pacific/Pago_Pago<2019-05-01;Pacific/Kiritimati<2019-05-02;UTC"
MOVE = datetime(2019, 4, 30, 22, tzinfo=UTC)

_odd = st.sampled_from([(TWICE, ST_JOHNS), *((MOVE, zone) for zone in (TO_TOKYO, OVER_THE_LINE, BACK_OVER_IT, NO_TIME_THERE))])
_heard = st.lists(
    st.tuples(st.integers(-150, 150), st.sampled_from([0, 1]), st.integers(0, 3), st.sampled_from([UNKNOWN_MS, 5_000, 200_000])),
    max_size=12,
    unique=True,
)


Said: TypeAlias = tuple[int, int, int, int]
"""Tens of minutes from a moment and single ones, track, ms."""


def seen(rows: list[Played], zone: str, period: Period) -> Listening:
    return see(history_of(rows), Zone.named(zone), period, Lens(min_ms=0), NOW)


def around(moment: datetime, heard: list[Said]) -> list[Played]:
    return [Played(moment + timedelta(minutes=step * 10 + more), track, ms) for step, more, track, ms in heard]


@given(_odd, _heard, st.integers(-2, 2))
def test_skips_are_of_the_same_days_as_plays(odd: tuple[datetime, str], heard: list[Said], away: int) -> None:
    rows = [one for one in around(odd[0], heard) if one.ms >= 0]
    day = odd[0].date() + timedelta(days=away)
    listening = seen(rows, odd[1], of_days(day, day))
    assert skips.skips(listening).told == len(listening)


@given(_odd, _heard, st.integers(-2, 2))
def test_what_is_new_was_first_heard_within_on_any_clock(odd: tuple[datetime, str], heard: list[Said], away: int) -> None:
    day = odd[0].date() + timedelta(days=away)
    listening = seen(around(odd[0], heard), odd[1], of_days(day, day))
    everything = listening.everything
    first = dict(reversed(list(zip(everything.track.tolist(), everything.day.tolist(), strict=True))))
    new = sum(first[track] == (day - date(1970, 1, 1)).days for track in set(listening.track.tolist()))
    assert discovery.discovery(listening).new_tracks == new
    assert [one.new for one in trends.newness(listening, trends.Interval.DAY)] == [new]


@given(_odd, st.integers(-2, 2))
def test_a_day_begins_where_its_first_hour_is_told(odd: tuple[datetime, str], away: int) -> None:
    zone, day = Zone.named(odd[1]), odd[0].date() + timedelta(days=away)
    assert zone.local(zone.midnight(day)).date() >= day


def test_a_day_that_began_twice_has_news_of_its_own_alone() -> None:
    rows = [Played(TWICE - timedelta(seconds=30)), Played(TWICE + timedelta(minutes=20))]
    day = of_days(date(2010, 11, 6), date(2010, 11, 6))
    assert [one.new for one in trends.newness(seen(rows, ST_JOHNS, day), trends.Interval.DAY)] == [0]


def test_a_stay_that_lasted_no_time_breaks_nothing() -> None:
    rows = [Played(datetime(2019, 5, 1, 10, 30, tzinfo=UTC))]
    assert stats.stats(seen(rows, NO_TIME_THERE, EVER)).total_plays == 1
