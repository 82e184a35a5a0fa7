"""What has been done with releases: a file beside them, true also when the database is away, from which the ledger is caught up.

Everything that happens gets a mark of its own. A run that was killed between doing and writing down leaves a mark that the ledger
hasn't; the next one adds it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

import msgspec

from audiospective.errors import Conflict, Locked
from audiospective.operations.releases import folder_of

BUILT: Final = "release.built"
SERVED: Final = "release.served"
PROVED: Final = "release.proved"
RETURNED: Final = "release.returned"
DEPLOYED: Final = "release.deployed"
ROLLED_BACK: Final = "release.rolled_back"
FROZEN: Final = "deploys.frozen"
THAWED: Final = "deploys.thawed"

#: So many facts stay in the file after the ledger has them.
_KEPT = 100


class Fact(msgspec.Struct, frozen=True):
    """Something that happened to a release."""

    mark: str
    at: datetime
    event: str
    by: str
    body: dict[str, str | float | bool | None]


class Known(msgspec.Struct):
    """What is known of a release: the seal of its manifest, and its life; `failed` says of what it was taken back."""

    sealed: str = ""
    served_at: datetime | None = None
    proved_at: datetime | None = None
    failed: str = ""


class Freeze(msgspec.Struct, frozen=True):
    """Nobody deploys until it is lifted."""

    by: str
    at: datetime
    reason: str


class State(msgspec.Struct):
    """The file's content; `before` served before the current one."""

    releases: dict[str, Known] = {}
    before: str = ""
    freeze: Freeze | None = None
    facts: list[Fact] = []
    number: int = 0

    def known(self, release_id: str) -> Known:
        """What is known of it; a new line for one of which nothing is."""
        return self.releases.setdefault(release_id, Known())

    def note(self, event: str, now: datetime, by: str, **body: str | float | bool | None) -> None:
        """Add a fact under a mark of its own."""
        self.number += 1
        self.facts.append(Fact(f"{event}:{self.number}", now, event, by, body))


def read(home: Path) -> State:
    """The state as it is; empty where there is none yet."""
    try:
        return msgspec.json.decode((folder_of(home) / "state.json").read_bytes(), type=State)
    except FileNotFoundError:
        return State()
    except msgspec.DecodeError as error:
        raise Conflict(f"{folder_of(home) / 'state.json'} can't be read; put a copy of it back.") from error


@contextlib.contextmanager
def changed(home: Path) -> Iterator[State]:
    """Change the state: one at a time, the new file takes the old one's place at once. Kept only when the block ends well."""
    folder = folder_of(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "state.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = read(home)
        yield state
        half = folder / "state.half"
        with half.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(state)))
            file.flush()
            os.fsync(file.fileno())
        half.replace(folder / "state.json")


@contextlib.contextmanager
def locked(home: Path, by: str, what: str, now: datetime) -> Iterator[None]:
    """Only one operator deploys or rolls back; the kernel lets go for one who was killed. Raises Locked that names the other."""
    folder = folder_of(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "deploy.lock").open("a+", encoding="utf-8") as sign:
        try:
            fcntl.flock(sign, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Locked(f"Another operator is at it: {_told(sign)}. Wait, or ask them.") from error
        sign.truncate(0)
        sign.write(f"{by}, {what}, since {now:%H:%M:%S} UTC")
        sign.flush()
        yield


def was_deployed(home: Path, release_id: str) -> bool:
    """Whether the newest deployment on record is that of this release; a run that was killed before it wrote leaves another's."""
    deployed = [fact for fact in read(home).facts if fact.event == DEPLOYED]
    return bool(deployed) and deployed[-1].body.get("release") == release_id


def forget(home: Path) -> None:
    """Let go of facts that the ledger has had for long."""
    with changed(home) as state:
        state.facts = state.facts[-_KEPT:]


def _told(sign: TextIO) -> str:
    sign.seek(0)
    return sign.read().strip() or "somebody"
