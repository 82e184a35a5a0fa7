"""What an operator's command and the process that supervises say to each other: who serves, and switch to that release."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from audiospective.errors import Unavailable
from audiospective.infra import control

#: A switch says something at least this often.
_PATIENCE_S = 120.0
_AT_ONCE_S = 1.0


class Stage(StrEnum):
    """How far a switch is; the last six are its ends."""

    STARTING = "starting"
    READY = "ready"
    SWITCHED = "switched"
    HEALTHY = "healthy"
    SERVES = "serves"
    """It did already."""
    PROVED = "proved"
    RETURNED = "returned"
    """It served, wasn't well, and the one before serves again."""
    REFUSED = "refused"
    """It never served."""
    BUSY = "busy"
    """Another switch is under way, or its release is still being watched."""
    OVERTAKEN = "overtaken"
    """Another switch took its place before it was proved."""


ENDS = frozenset({Stage.SERVES, Stage.PROVED, Stage.RETURNED, Stage.REFUSED, Stage.BUSY, Stage.OVERTAKEN})


class Question(msgspec.Struct, frozen=True):
    """Who serves? Or, with a release: let it serve, and watch it for so long. Only a rollback may end another's watch."""

    release: str = ""
    by: str = ""
    watch_s: float = 30.0
    is_rollback: bool = False


class Standing(msgspec.Struct, frozen=True):
    """Who serves, and where; `before` stands by ("": nobody), and `given` is what the processes were told beyond their environment."""

    serving: str
    version: str
    before: str
    address: str
    since: datetime
    is_proved: bool
    given: dict[str, str] = {}


class Told(msgspec.Struct, frozen=True):
    """A stage of a switch, so many seconds after its beginning."""

    stage: Stage
    seconds: float
    note: str = ""


def place(home: Path) -> Path:
    """Where the process that supervises a data folder can be asked."""
    return home / "up.socket"


async def standing(home: Path) -> Standing:
    """Who serves; raises Unavailable when nothing runs on this data folder."""
    async for line in control.ask(place(home), msgspec.json.encode(Question()), patience_s=10):
        return msgspec.json.decode(line, type=Standing)
    raise Unavailable("The process that supervises gave no answer.")


def given(home: Path) -> dict[str, str]:
    """Which settings the process that supervises chose by itself, such as where it stands; none where nothing runs."""
    try:
        line = control.asked_at_once(place(home), msgspec.json.encode(Question()), patience_s=_AT_ONCE_S)
        return msgspec.json.decode(line, type=Standing).given
    except (Unavailable, msgspec.DecodeError):
        return {}


async def switch(home: Path, question: Question) -> AsyncIterator[Told]:
    """Let a release serve; its stages as they come, the last one is an end. Raises Unavailable when the connection breaks."""
    async for line in control.ask(place(home), msgspec.json.encode(question), patience_s=_PATIENCE_S + question.watch_s):
        told = msgspec.json.decode(line, type=Told)
        yield told
        if told.stage in ENDS:
            return
    raise Unavailable("The connection to the process that supervises broke before the end.")
