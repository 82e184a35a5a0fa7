"""Neon: hosts the database (https://neon.com/docs/reference/api). Everything that writes there is over only when its operations are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp
import msgspec

from audiospective.environ import Secret
from audiospective.errors import Unfinished
from audiospective.infra.clock import Clock
from audiospective.operations.providers.asking import Api, Odd, Patience, ProviderError, Question, Silent, read
from audiospective.operations.providers.ports import Storage
from audiospective.outside import NeonSettings

_DONE: Final = frozenset({"finished", "skipped"})
_FAILED: Final = frozenset({"failed", "error", "cancelled"})
#: Some plans have no limit, and say so by these.
_NO_LIMIT: Final = frozenset({0, -1})


class Undecided(ProviderError, Unfinished):
    """It was begun and isn't over."""


class Failed(ProviderError):
    """It was begun and didn't succeed."""


class _Inner(msgspec.Struct):
    id: str
    synthetic_storage_size: int | None = None
    branch_logical_size_limit_bytes: int | None = None
    history_retention_seconds: int | None = None


class _Project(msgspec.Struct):
    project: _Inner


class _Branch(msgspec.Struct):
    id: str
    name: str
    default: bool = False
    current_state: str = ""
    pending_state: str = ""


class _Branches(msgspec.Struct):
    branches: list[_Branch]


class _Operation(msgspec.Struct):
    id: str
    status: str


class _Address(msgspec.Struct):
    connection_uri: str


class _Begun(msgspec.Struct):
    branch: _Branch
    operations: list[_Operation] = []
    connection_uris: list[_Address] = []


class _OneOperation(msgspec.Struct):
    operation: _Operation


class Neon:
    """The project that the settings name."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: NeonSettings,
        clock: Clock,
        *,
        patience: Patience | None = None,
        every_s: float = 1.0,
        most_s: float = 120.0,
    ) -> None:
        headers = {"Authorization": f"Bearer {settings.key.reveal()}"}
        path = f"{settings.url}/projects/{settings.project}"
        self._api = Api(http, "Neon", path, "NEON_API_KEY", headers, {}, patience or Patience())
        self._project = settings.project
        self._clock = clock
        self._every_s, self._most_s = every_s, most_s

    async def storage(self) -> Storage:
        """Of the whole project; the quota is the branch's limit, where the plan has one."""
        found = (await read(self._api, Question("the project", "GET", ""), _Project)).project
        if found.id != self._project:
            raise Odd(f"Neon answers with project {found.id} where {self._project} was asked for.")
        if found.synthetic_storage_size is None:
            raise Odd("Neon doesn't say how large the project is.")
        limit = found.branch_logical_size_limit_bytes
        return Storage(found.synthetic_storage_size, None if limit in _NO_LIMIT or limit is None else limit)

    async def branch(self, name: str, expires_at: datetime) -> str:
        """Its id. One of that name that is there is the one; none is made before that is known."""
        found = await self._named(name)
        if found is not None:
            return found.id
        wish = {"name": name, "parent_id": (await self._main()).id, "expires_at": _rfc3339(expires_at)}
        begun = await read(self._api, Question("a branch", "POST", "/branches", json={"branch": wish}), _Begun, good=(200, 201))
        await self._over(begun.operations)
        return begun.branch.id

    async def kept_for(self) -> timedelta:
        """How far back a moment may lie."""
        found = (await read(self._api, Question("the project", "GET", ""), _Project)).project
        if found.history_retention_seconds is None:
            raise Odd("Neon doesn't say how long it keeps the project's history.")
        return timedelta(seconds=found.history_retention_seconds)

    async def restore(self, at: datetime, *, keep_as: str) -> str:
        """The main branch as it was; connections drop, and come again. Where `keep_as` is there, a run before this one restored."""
        main = await self._main()
        if await self._named(keep_as):
            await self._ready()
            return main.id
        wish = {"source_branch_id": main.id, "source_timestamp": _rfc3339(at), "preserve_under_name": keep_as}
        question = Question("a restore", "POST", f"/branches/{main.id}/restore", json=wish)
        try:
            begun = await read(self._api, question, _Begun, good=(200, 201))
        except Silent as error:
            raise Undecided(f"{error.message} Whether Neon restores isn't known; the same command looks, and goes on.") from error
        await self._over(begun.operations)
        return begun.branch.id

    async def copy(self, name: str, at: datetime, expires_at: datetime) -> Secret:
        """A branch of that moment with a compute of its own; its address is told only when it is made, so one that is there goes first."""
        await self.remove(name)
        of = {"name": name, "parent_id": (await self._main()).id, "parent_timestamp": _rfc3339(at), "expires_at": _rfc3339(expires_at)}
        wish = {"branch": of, "endpoints": [{"type": "read_write"}]}
        begun = await read(self._api, Question("a branch", "POST", "/branches", json=wish), _Begun, good=(200, 201))
        await self._over(begun.operations)
        if not begun.connection_uris:
            raise Odd("Neon doesn't say where the copy answers.")
        return Secret(begun.connection_uris[0].connection_uri)

    async def remove(self, name: str) -> None:
        """The branch of that name and its compute."""
        found = await self._named(name)
        if found is not None:
            gone = await read(self._api, Question("a branch's end", "DELETE", f"/branches/{found.id}"), _Begun)
            await self._over(gone.operations)

    async def _named(self, name: str) -> _Branch | None:
        return next((one for one in await self._branches() if one.name == name), None)

    async def _ready(self) -> None:
        """Until nothing is under way with the main branch."""
        until = self._clock.monotonic() + self._most_s
        while (main := await self._main()).current_state != "ready" or main.pending_state:
            if self._clock.monotonic() >= until:
                raise Undecided(f"Neon's main branch is still {main.current_state}; look again.")
            await self._clock.sleep(self._every_s)

    async def _main(self) -> _Branch:
        found = next((one for one in await self._branches() if one.default), None)
        if found is None:
            raise Odd("Neon's project has no default branch.")
        return found

    async def _branches(self) -> Sequence[_Branch]:
        return (await read(self._api, Question("the branches", "GET", "/branches"), _Branches)).branches

    async def _over(self, operations: Sequence[_Operation]) -> None:
        until = self._clock.monotonic() + self._most_s
        for one in operations:
            status = one.status
            while status not in _DONE:
                if status in _FAILED:
                    raise Failed(f"Neon's operation {one.id} {status}.")
                if self._clock.monotonic() >= until:
                    raise Undecided(f"Neon's operation {one.id} is still {status}; look again.")
                await self._clock.sleep(self._every_s)
                question = Question("an operation", "GET", f"/operations/{one.id}")
                status = (await read(self._api, question, _OneOperation)).operation.status


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
