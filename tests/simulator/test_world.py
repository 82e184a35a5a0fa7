"""What outlives the process, and what doesn't need to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from audiospective.simulator import tokens
from audiospective.simulator.tokens import Token
from audiospective.simulator.world import MovableClock, Regime, World

NOW = datetime(2026, 3, 18, 19, 30, tzinfo=UTC)
OPENED = date(2026, 3, 18)


def opened(state: Path | None, day: date = OPENED) -> World:
    """The world of a process that has just started."""
    world = World(MovableClock(lambda: NOW), day, state_file=state, regime=Regime.ROTATES)
    world.recall()
    return world


def test_a_token_is_understood_by_the_next_process() -> None:
    first, second = opened(None), opened(None)
    token = Token(first.grant("veteran", "app", "scope"), first.now_ms)
    assert tokens.read("refresh", tokens.write("refresh", token)) == token
    assert not second.is_revoked(token.grant)


@pytest.mark.parametrize("kind", ["code", "refresh"])
def test_one_kind_of_token_is_not_another(kind: str) -> None:
    world = opened(None)
    assert tokens.read("access", tokens.write(kind, Token(world.grant("veteran", "app", ""), 0))) is None


def test_revocations_rotations_and_spent_codes_outlive_the_process(tmp_path: Path) -> None:
    first = opened(tmp_path / "state.json")
    taken, kept = first.grant("veteran", "app", ""), first.grant("owl", "app", "")
    first.revoke("veteran")
    assert first.turn(kept, 0) == 1
    assert first.spend("code")
    second = opened(tmp_path / "state.json")
    assert second.is_revoked(taken)
    assert not second.is_revoked(second.grant("veteran", "app", ""))
    assert second.turn(kept, 0) is None
    assert second.turn(kept, 1) == 2
    assert not second.spend("code")


def test_the_day_of_opening_is_kept(tmp_path: Path) -> None:
    opened(tmp_path / "state.json")
    assert opened(tmp_path / "state.json", OPENED + timedelta(days=40)).opened == OPENED


def test_a_clock_can_be_put_forward_set_and_stopped() -> None:
    clock = MovableClock(lambda: NOW)
    clock.forward(timedelta(days=1))
    assert clock.now() == NOW + timedelta(days=1)
    clock.set(NOW - timedelta(days=5), stopped=True)
    clock.forward(timedelta(hours=2))
    assert clock.now() == NOW - timedelta(days=5) + timedelta(hours=2)
