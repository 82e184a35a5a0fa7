"""Whether answers follow each other without a hole: against a listener whose every play is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.archive.proofs import LATE, Gap, Reason, Stretch
from audiospective.collect.continuity import MEMORY, PAGE, Continuity, Told, continued, fill_seconds, is_odd
from audiospective.collect.leases import Lease
from audiospective.collect.rhythm import TroubleKind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_START = datetime(2026, 3, 1, tzinfo=UTC)


def told(now: datetime, plays: list[datetime]) -> Told:
    """The last 50 plays of the last 90 days, as Spotify tells them."""
    seen = sorted(play for play in plays if now - MEMORY < play <= now)[-PAGE:]
    return Told(now, len(seen), tuple((play - _EPOCH) // timedelta(microseconds=1) for play in reversed(seen)))


def after(lease: Lease, answer: Told, found: Continuity) -> Lease:
    """The lease that the next sweep takes."""
    return replace(lease, asked_at=answer.asked_at, proven_from=found.proven_from, head_at=found.head_at or lease.head_at)


def evening(end: datetime, count: int, *, every: timedelta = timedelta(minutes=3)) -> list[datetime]:
    return [end - every * place for place in range(count)]


@given(st.lists(st.integers(10, 400), min_size=1, max_size=400), st.lists(st.integers(1, 600), min_size=1, max_size=12))
def test_every_play_that_was_never_told_lies_in_a_gap(pauses_s: list[int], waits_min: list[int]) -> None:
    plays, at = [], _START
    for pause in pauses_s:
        at += timedelta(seconds=pause)
        plays.append(at)
    lease, now = Lease(1, 1, 0), _START
    seen: set[datetime] = set()
    stretches, gaps = [], []
    for wait in waits_min:
        now += timedelta(minutes=wait)
        answer = told(now, plays)
        seen |= {_EPOCH + timedelta(microseconds=us) for us in answer.ends_us}
        found = continued(lease, answer)
        gaps += [found.gap.stretch] if found.gap else []
        stretches += [found.ended] if found.ended else []
        lease = after(lease, answer, found)
    assert lease.proven_from is not None
    stretches.append(Stretch(lease.proven_from, now))
    missed = [play for play in plays if play <= now and play not in seen and play > min(stretches).from_at]
    assert all(any(gap.from_at < play <= gap.till_at for gap in gaps) for play in missed)
    assert not any(one.from_at < play <= one.till_at for play in missed for one in stretches)


def test_the_first_full_answer_proves_since_its_oldest_play() -> None:
    answer = told(_START, evening(_START, 80))
    assert continued(Lease(1, 1, 0), answer).proven_from == evening(_START, 80)[49]


def test_an_answer_that_isnt_full_proves_ninety_days() -> None:
    assert continued(Lease(1, 1, 0), told(_START, evening(_START, 3))).proven_from == _START - timedelta(days=90)


def test_an_empty_first_answer_proves_only_its_own_moment_and_what_comes_after() -> None:
    first = continued(Lease(1, 1, 0), told(_START, []))
    assert (first.proven_from, first.gap) == (_START, None)
    lease = after(Lease(1, 1, 0), told(_START, []), first)
    assert continued(lease, told(_START + timedelta(hours=1), [])) == Continuity(_START, None)


def test_a_silent_hour_prolongs_the_run() -> None:
    first = told(_START, evening(_START, 80))
    lease = after(Lease(1, 1, 0), first, continued(Lease(1, 1, 0), first))
    found = continued(lease, told(_START + timedelta(hours=1), evening(_START, 80)))
    assert (found.gap, found.proven_from) == (None, lease.proven_from)


@pytest.mark.parametrize(
    ("trouble", "away", "reason"),
    [
        (None, timedelta(hours=1), Reason.TOO_LATE),
        (None, timedelta(hours=5), Reason.NOT_RUNNING),
        (TroubleKind.ENDED, timedelta(days=90), Reason.PERMISSION),
        (TroubleKind.FORBIDDEN, timedelta(days=1), Reason.FORBIDDEN),
        (TroubleKind.PAUSED, timedelta(hours=20), Reason.QUOTA),
        (TroubleKind.UNREACHABLE, timedelta(hours=6), Reason.UNREACHABLE),
        (TroubleKind.ODD, timedelta(hours=6), Reason.UNREACHABLE),
        (TroubleKind.UNSTORABLE, timedelta(hours=6), Reason.FAULT),
    ],
)
def test_a_gap_has_its_reason(trouble: str | None, away: timedelta, reason: Reason) -> None:
    lease = Lease(1, 1, 0, trouble, _START, _START - timedelta(days=3), _START - timedelta(minutes=3))
    plays = evening(_START + away, 60, every=timedelta(seconds=40))
    found = continued(lease, told(_START + away, plays))
    assert found.ended == Stretch(_START - timedelta(days=3), _START - LATE)
    assert found.gap is not None
    assert found.gap == Gap(Stretch(_START - LATE, plays[49]), reason, found.gap.per_hour)
    assert found.gap.per_hour == pytest.approx(90)


def test_every_trouble_has_a_reason() -> None:
    for kind in TroubleKind:
        lease = Lease(1, 1, 0, kind, _START, _START, _START)
        assert continued(lease, told(_START + timedelta(days=1), evening(_START + timedelta(days=1), 50))).gap is not None


@pytest.mark.parametrize(
    ("plays", "head_ago", "odd"),
    [
        ([], timedelta(hours=1), True),
        ([], timedelta(days=91), False),
        ([], None, False),
        (evening(_START, 3), timedelta(minutes=3), False),
        (evening(_START - timedelta(days=1), 50), timedelta(hours=1), True),
    ],
)
def test_an_answer_without_what_was_told_before_is_odd(plays: list[datetime], head_ago: timedelta | None, odd: bool) -> None:
    head = _START - head_ago if head_ago else None
    assert is_odd(Lease(1, 1, 0, head_at=head), told(_START, plays)) is odd


def test_an_odd_answer_is_believed_when_it_comes_for_the_fourth_time() -> None:
    odd = [is_odd(Lease(1, 1, troubles, "odd", head_at=_START), told(_START, [])) for troubles in range(5)]
    assert odd == [True, True, True, False, False]


def test_a_believed_odd_answer_breaks_the_run_and_is_not_odd_again() -> None:
    lease = Lease(1, 1, 3, "odd", _START - timedelta(hours=5), _START - timedelta(days=3), _START - timedelta(hours=6))
    found = continued(lease, told(_START, []))
    assert found.gap is not None
    assert (found.proven_from, found.gap.reason) == (_START, Reason.UNREACHABLE)
    assert not is_odd(replace(lease, troubles=0, last_trouble=None, head_at=found.head_at), told(_START + timedelta(hours=1), []))


def test_a_page_is_filled_as_fast_as_the_fastest_ten_plays_of_the_day() -> None:
    party = evening(_START - timedelta(hours=3), 11, every=timedelta(seconds=45))
    assert fill_seconds(told(_START, [*evening(_START, 20), *party])) == 45 * 50
    assert fill_seconds(told(_START + timedelta(days=2), party)) == 0
    assert fill_seconds(told(_START, party[:10])) == 0
