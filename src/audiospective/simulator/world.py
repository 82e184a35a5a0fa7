"""What the simulator knows beyond its seeds: the time, what was revoked or spent, what a test has planted. Optionally kept in a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from audiospective.simulator.faults import Faults
from audiospective.simulator.listeners import Listener, roster
from audiospective.simulator.playing import Play, Session, last_shown

#: What the last-plays call remembers: never more plays, never older ones (spotify-api.md §3).
LAST_PLAYS, LAST_DAYS = 50, 90
_BY_HAND = Session("ios", False, False, "", 0)


class Regime(StrEnum):
    """What a refresh answers besides the access token; Spotify has done all three."""

    KEEPS = "keeps"
    """No refresh_token: the old one goes on (since mid-2026)."""
    ROTATES = "rotates"
    """A new refresh_token; the old one is dead at once."""
    EMPTY = "empty"
    """An empty refresh_token: the old one goes on."""


class MovableClock:
    """A clock that can be put forward, set, and stopped; it goes by `running` until then."""

    def __init__(self, running: Callable[[], datetime]) -> None:
        self._running = running
        self._ahead = timedelta()
        self._stopped: datetime | None = None

    def now(self) -> datetime:
        """The simulator's present moment, aware."""
        return self._stopped or self._running() + self._ahead

    def forward(self, by: timedelta) -> None:
        """Jump ahead."""
        if self._stopped:
            self._stopped += by
        else:
            self._ahead += by

    def set(self, moment: datetime, *, stopped: bool) -> None:
        """Make it this moment, and let time stand still or go on from there."""
        self._stopped = moment if stopped else None
        self._ahead = moment - self._running()


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission that somebody gave to an app; `serial` tells two of the same moment apart."""

    listener: str
    client_id: str
    scope: str
    authorized_ms: int
    serial: int

    @property
    def key(self) -> str:
        """What its refreshes are counted under."""
        return f"{self.listener}/{self.client_id}/{self.authorized_ms}/{self.serial}"


@dataclass(slots=True)
class World:
    """Everything that changes. Without `state_file` it ends with the process; tokens are signed, so they go on all the same."""

    clock: MovableClock
    opened: date
    controlled: bool = False
    """Whether tests may script trouble over `/_control/…`."""
    state_file: Path | None = None
    regime: Regime = Regime.KEEPS
    faults: Faults = field(default_factory=Faults)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    """Of apps that must have theirs right; any other app is known by whatever it says."""
    seen: Counter[str] = field(default_factory=Counter)
    """Requests so far, by method and path."""
    _serial: int = 0
    _spent: set[str] = field(default_factory=set)
    _generations: dict[str, int] = field(default_factory=dict)
    _revoked: dict[str, tuple[int, int]] = field(default_factory=dict)
    _planted: dict[str, list[Play]] = field(default_factory=dict)

    @property
    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return int(self.clock.now().timestamp() * 1000)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """Who can sign in."""
        return roster(self.opened)

    def listener(self, seed: str) -> Listener | None:
        """The listener of that key."""
        return next((listener for listener in self.listeners if listener.seed == seed), None)

    def grant(self, listener: str, client_id: str, scope: str) -> Grant:
        """A permission given now."""
        self._serial += 1
        return Grant(listener, client_id, scope, self.now_ms, self._serial)

    def revoke(self, listener: str) -> None:
        """The listener takes back all permissions given so far."""
        self._revoked[listener] = (self.now_ms, self._serial)
        self.keep()

    def is_revoked(self, grant: Grant) -> bool:
        """Whether it was taken back."""
        return (grant.authorized_ms, grant.serial) <= self._revoked.get(grant.listener, (-1, 0))

    def spend(self, code: str) -> bool:
        """Use a code; False when it was used before."""
        if code in self._spent:
            return False
        self._spent.add(code)
        self.keep()
        return True

    def turn(self, grant: Grant, generation: int) -> int | None:
        """The generation of refresh tokens after this one; None when this one is dead already."""
        if self._generations.get(grant.key, generation) != generation:
            return None
        self._generations[grant.key] = generation + (self.regime is Regime.ROTATES)
        self.keep()
        return self._generations[grant.key]

    def plant(self, listener: str, track: int, ended_ms: int, seen_ms: int, ms_played: int) -> None:
        """A play that a test wants to have happened."""
        play = Play(ended_ms, seen_ms, ms_played, track, -1, 0, "clickrow", "trackdone", _BY_HAND)
        self._planted.setdefault(listener, []).append(play)

    def last_plays(self, listener: Listener) -> list[Play]:
        """What the last-plays call can show now, newest first."""
        now_ms = self.now_ms
        oldest_ms = now_ms - LAST_DAYS * 86_400_000
        planted = [p for p in self._planted.get(listener.seed, ()) if p.seen_ms <= now_ms and oldest_ms < p.ended_ms <= now_ms]
        found = [*last_shown(listener, now_ms, LAST_PLAYS, LAST_DAYS), *planted]
        return sorted(found, key=lambda play: play.ended_ms, reverse=True)[:LAST_PLAYS]

    def keep(self) -> None:
        """Write what must outlive the process, whole or not at all."""
        if self.state_file is None:
            return
        state = {
            "opened": self.opened.isoformat(),
            "serial": self._serial,
            "spent": sorted(self._spent)[-1000:],
            "generations": self._generations,
            "revoked": self._revoked,
        }
        fresh = self.state_file.with_suffix(".new")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self.state_file)

    def recall(self) -> None:
        """Take up what a process before has written; a first start writes the day of opening."""
        if self.state_file is not None and self.state_file.is_file():
            state = json.loads(self.state_file.read_text(encoding="utf-8"))
            self.opened = date.fromisoformat(state["opened"])
            self._serial, self._spent, self._generations = state["serial"], set(state["spent"]), state["generations"]
            self._revoked = {listener: (moment, serial) for listener, (moment, serial) in state["revoked"].items()}
        self.keep()
