"""What is proven and what is missing, against the same question asked minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.proofs import Gap, Ledger, Reason, Stretch
from audiospective.insights.completeness import Completeness, completeness
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from tests.cast import Played, history_of

_BEGIN = datetime(2026, 3, 17, tzinfo=UTC)
_NOW = _BEGIN + timedelta(hours=24)
_MINUTE = timedelta(minutes=1)


def at(minute: int) -> datetime:
    return _BEGIN + minute * _MINUTE


def stretch(first: int, last: int) -> Stretch:
    return Stretch(at(first), at(last))


def asked(plays: list[int], ledger: Ledger, *, spelling: str = "all", zone: str = "UTC", now: datetime = _NOW) -> Completeness:
    named = Zone.named(zone)
    return completeness(see(history_of([Played(at(one)) for one in plays]), named, parse(spelling, now, named), Lens(), now), ledger)


def minutes(stretches: list[Stretch]) -> list[int]:
    return [minute for minute in range(1, 24 * 60 + 1) for one in stretches if one.from_at < at(minute) <= one.till_at]


stretches = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: stretch(*pair))
gaps = st.builds(Gap, stretches, st.sampled_from(list(Reason)), st.sampled_from([0.0, 60.0]))


@given(st.lists(st.integers(0, 1439), min_size=1, unique=True), st.lists(stretches), st.lists(gaps, max_size=1))
def test_every_minute_is_proven_or_missing_and_none_is_both(plays: list[int], proofs: list[Stretch], recorded: list[Gap]) -> None:
    found = asked(plays, Ledger(tuple(proofs), tuple(recorded), None, None))
    proven, missing = minutes(list(found.proven)), minutes([one.stretch for one in found.missing])
    assert sorted(proven + missing) == list(range(min(plays) + 1, 1441))
    assert set(proven) == {minute for minute in minutes(proofs) if minute > min(plays)}
    assert found.share == pytest.approx(len(proven) / (1440 - min(plays)))


def test_a_gap_keeps_its_reason_where_nothing_covers_it() -> None:
    ledger = Ledger((stretch(0, 300), stretch(600, 1440)), (Gap(stretch(300, 600), Reason.QUOTA),), at(1440), None)
    assert [(one.stretch, one.reason) for one in asked([1], ledger).missing] == [(stretch(300, 600), Reason.QUOTA)]


def test_an_export_closes_the_part_of_a_gap_that_it_covers() -> None:
    ledger = Ledger((stretch(0, 300), stretch(600, 1440), stretch(200, 500)), (Gap(stretch(300, 600), Reason.QUOTA),), at(1440), None)
    assert [one.stretch for one in asked([1], ledger).missing] == [stretch(500, 600)]


def test_time_that_nobody_asked_about_is_missing_too() -> None:
    ledger = Ledger((stretch(0, 300), stretch(600, 1440)), (), at(1440), None)
    assert [(one.stretch, one.reason) for one in asked([1], ledger).missing] == [(stretch(300, 600), Reason.NEVER_ASKED)]


@pytest.mark.parametrize(("trouble", "reason"), [("ended", Reason.PERMISSION), ("paused", Reason.QUOTA), (None, Reason.NOT_RUNNING)])
def test_what_keeps_sweeps_from_going_on_is_the_reason_since_the_last(trouble: str | None, reason: Reason) -> None:
    ledger = Ledger((stretch(0, 600),), (), at(600), trouble)
    assert [(one.stretch, one.reason) for one in asked([1], ledger).missing] == [(stretch(600, 1440), reason)]


def test_the_hour_whose_sweep_is_still_to_come_is_not_missing() -> None:
    found = asked([1], Ledger((stretch(0, 1380),), (), at(1380), None))
    assert (found.share, found.missing, found.bounds) == (1.0, (), stretch(1, 1380))


def test_the_likely_loss_is_the_usual_pace_less_what_is_known() -> None:
    plays = [*range(0, 600, 4), *range(844, 1440, 4), 700]
    found = asked(plays, Ledger((stretch(0, 600), stretch(840, 1440)), (Gap(stretch(600, 840), Reason.UNREACHABLE),), at(1440), None))
    assert found.likely_lost == 4 * 15 - 1


def test_what_came_too_fast_is_taken_at_the_pace_that_was_told() -> None:
    ledger = Ledger((stretch(0, 600), stretch(660, 1440)), (Gap(stretch(600, 660), Reason.TOO_LATE, 80.0),), at(1440), None)
    assert asked([1], ledger).likely_lost == 80


def test_a_period_is_judged_by_its_own_days_in_the_listeners_zone() -> None:
    ledger = Ledger((Stretch(at(0), at(1440)),), (), None, None)
    found = asked([1], ledger, spelling="2026-03-17..2026-03-17", zone="Asia/Kathmandu", now=_NOW + timedelta(days=3))
    assert found.bounds is not None
    assert found.bounds.till_at == datetime(2026, 3, 17, 18, 15, tzinfo=UTC)


def test_an_archive_without_plays_and_sweeps_lacks_nothing() -> None:
    assert asked([], Ledger((), (), None, None)) == Completeness(None, 1.0, (), ())


def test_days_to_come_are_not_missing() -> None:
    day = date(2026, 3, 20)
    assert asked([1], Ledger((stretch(0, 1440),), (), at(1440), None), spelling=f"{day}..{day}").bounds is None
