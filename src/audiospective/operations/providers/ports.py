"""What we ask of each kind of provider, whoever it is. Every question raises Unavailable with a sentence when it can't be answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import msgspec

from audiospective.environ import Secret


class Stage(StrEnum):
    """How far a release is."""

    QUEUED = "queued"
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    CANCELED = "canceled"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    """The provider says a word that we don't know."""


class Project(msgspec.Struct, frozen=True):
    """Where releases go; `branch` is what is deployed by itself, "" when nothing is."""

    id: str
    name: str
    branch: str


class Domain(msgspec.Struct, frozen=True):
    """A public name; `trouble` says what it lacks."""

    name: str
    trouble: str


class Release(msgspec.Struct, frozen=True):
    """A version that was built; `serves` when people get it, `can_return` when one can go back to it."""

    id: str
    url: str
    commit: str
    stage: Stage
    serves: bool
    can_return: bool
    created_at: datetime
    trouble: str = ""
    building_at: datetime | None = None
    ready_at: datetime | None = None


class LogLine(msgspec.Struct, frozen=True):
    """One line of a running release; `status` of the request that it is about, 0 without one."""

    at: datetime
    level: str
    message: str
    status: int = 0


class Variable(msgspec.Struct, frozen=True):
    """A variable of the environment that releases run in; `value` None where it can only be written."""

    name: str
    value: Secret | None


class Hosting(Protocol):
    """Builds and serves releases."""

    async def project(self) -> Project:
        """Where releases go."""

    async def domains(self) -> Sequence[Domain]:
        """Its public names."""

    async def releases(self) -> Sequence[Release]:
        """Of production, the newest first."""

    async def build_log(self, release: str) -> Sequence[str]:
        """What the build said, oldest first."""

    async def logs(self, release: str) -> Sequence[LogLine]:
        """What it said lately while running."""

    async def variables(self) -> Sequence[Variable]:
        """Of production."""

    async def deploy(self, commit: str, *, version: str) -> Release:
        """Build that commit and serve it; asking again for what is under way goes on with it."""

    async def rollback(self, to: str) -> Release:
        """Serve that release again."""


class Schedule(msgspec.Struct, frozen=True):
    """Something that is called by the clock."""

    id: str
    cron: str
    destination: str
    method: str
    is_paused: bool
    next_at: datetime | None


class Delivery(msgspec.Struct, frozen=True):
    """One call that was made, or tried."""

    at: datetime
    state: str
    status: int


class Scheduler(Protocol):
    """Calls us by the clock."""

    async def schedules(self) -> Sequence[Schedule]:
        """All of them."""

    async def ensure(self) -> Sequence[str]:
        """Exactly one hourly schedule, and what was done for it."""

    async def pause(self) -> None:
        """Don't call until told to resume; again is no mistake."""

    async def resume(self) -> None:
        """Call again."""

    async def run_now(self) -> str:
        """Call at once; the call's name."""

    async def deliveries(self, since: datetime) -> Sequence[Delivery]:
        """Of our schedule, the newest first."""

    async def dead(self) -> int:
        """Calls that were given up."""


class Issue(msgspec.Struct, frozen=True):
    """A kind of error that happened; `key` is what people name it by."""

    key: str
    title: str
    level: str
    count: int


class Occurred(msgspec.Struct, frozen=True):
    """One error as the tracker keeps it."""

    id: str
    frames: int
    """Of the program's own in its stack."""
    environment: str
    release: str


class Errors(Protocol):
    """Keeps errors."""

    async def project(self) -> str:
        """Its short name."""

    async def live_keys(self) -> Sequence[str]:
        """Addresses (DSN) that errors may be sent to."""

    async def event(self, event_id: str) -> Occurred | None:
        """None until it is there."""

    async def issues(self, since: datetime) -> Sequence[Issue]:
        """Unresolved ones first seen since then, test errors left out."""


class Monitor(msgspec.Struct, frozen=True):
    """What is seen from outside; uptime in per cent by days."""

    is_up: bool
    said: str
    latest_ms: float | None
    average_ms: float | None
    uptime: dict[int, float]


class Uptime(Protocol):
    """Looks at us from outside."""

    async def monitor(self, url: str) -> Monitor:
        """What it sees of that address."""


class Chat(Protocol):
    """A channel that people read."""

    async def post(self, text: str) -> None:
        """Say it, once; whoever isn't sure that it arrived says so."""


class Run(msgspec.Struct, frozen=True):
    """A workflow's run; `conclusion` is "" until it is over."""

    id: str
    status: str
    conclusion: str
    url: str
    created_at: datetime


class Ci(Protocol):
    """Builds and tests, and keeps the source."""

    async def is_public(self) -> bool:
        """Whether anybody may read the source."""

    async def tag(self, name: str) -> str | None:
        """The commit that it names; None without such a tag."""

    async def run_of(self, workflow: str, commit: str) -> Run | None:
        """The newest; None before there is one."""

    async def jobs(self, run: str) -> dict[str, str]:
        """What each job came to, by its name; its status while it runs."""

    async def dispatch(self, workflow: str, ref: str) -> None:
        """Start it."""


class Storage(msgspec.Struct, frozen=True):
    """How much room a database takes, and may take; `quota_bytes` None where nobody says."""

    used_bytes: int
    quota_bytes: int | None


class Database(Protocol):
    """Hosts the database."""

    async def storage(self) -> Storage:
        """Now."""

    async def branch(self, name: str, expires_at: datetime) -> str:
        """A copy as of now, by that name; the one that is there when there is one. Ready when this returns."""

    async def kept_for(self) -> timedelta:
        """How far back a moment may lie."""

    async def restore(self, at: datetime, *, keep_as: str) -> str:
        """The main branch as it was then; what it was before stays under `keep_as`. Where that is there, nothing is restored again."""

    async def copy(self, name: str, at: datetime, expires_at: datetime) -> Secret:
        """The address of a copy as it was then, made anew; ready when this returns."""

    async def remove(self, name: str) -> None:
        """Take a copy away; without one of that name nothing is done."""


class Incident(msgspec.Struct, frozen=True):
    """Trouble that a provider tells of."""

    page: str
    name: str
    impact: str
