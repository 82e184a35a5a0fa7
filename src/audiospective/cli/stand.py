"""A release with its two processes: a web server that answers at a private address and, while it has it, at the door; and a worker."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Final

import msgspec

from audiospective.cli import probing
from audiospective.cli.children import Child, first_failure, keep
from audiospective.cli.probing import Place
from audiospective.errors import Unavailable
from audiospective.infra.processes import free_bytes, resident_bytes
from audiospective.operations.releases import Release

_RUNNING: Final = "audiospective.cli.running"
#: So long a release may take until it answers.
_READY_WITHIN_S = 60.0
#: So many answers in a row are a proof, so many failures a reason.
_ANSWERS, _FAILURES = 3, 3
_LOOK_EVERY_S = 1.0
#: Of so many answers to people or more, such a share may not fail.
_HEARD, _MOST_FAILED = 5, 0.5


class NotWell(Exception):
    """A release doesn't do what it must; the sentence says what."""


class _TooLong(NotWell):
    """Time is over."""


class Stand(msgspec.Struct):
    """A release that runs; `is_proved` once it was watched for long enough."""

    release: Release
    private: socket.socket
    place: Place
    pages: Child
    worker: Child
    since: datetime
    is_proved: bool = False
    keepers: dict[str, asyncio.Task[None]] = msgspec.field(default_factory=dict)
    most_bytes: int = 0
    """What both processes may hold while they are watched; 0: nobody knows what there is."""
    answered: tuple[int, int] = (0, 0)
    """What people asked and what failed before it had the door, if it had it earlier."""

    @property
    def children(self) -> list[Child]:
        """Both processes."""
        return [self.pages, self.worker]

    def run(self, *children: Child) -> None:
        """Start these processes; one that ends is started again once it is settled."""
        for child in children:
            child.failed.clear()
            child.is_settled = child.is_leaving = False
            self.keepers[child.name] = asyncio.create_task(keep(child))

    async def stop(self, *children: Child) -> None:
        """Stop these processes and wait for their end."""
        for child in children:
            child.is_leaving = True
            if task := self.keepers.pop(child.name, None):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def close(self) -> None:
        """Stop both, the worker first, and give the private address back."""
        await self.stop(self.worker, self.pages)
        self.private.close()

    def take_door(self) -> None:
        """Take connections from the door, now and whenever it is started again."""
        self.pages.arguments = [*self.pages.arguments[:3], "now"]
        self.pages.signal(signal.SIGUSR1)

    def let_go(self) -> None:
        """Take no more connections from the door."""
        self.pages.arguments = [*self.pages.arguments[:3], "later"]
        self.pages.signal(signal.SIGUSR2)

    def settle(self) -> None:
        """From now on a process that ends is started again."""
        for child in self.children:
            child.is_settled = True

    async def proved(self) -> None:
        """Wait until it answers three times in a row as what it is, and shows a page; raises NotWell."""
        await self.unless_it_ends(self._answers(), _READY_WITHIN_S)

    async def watched(self, seconds: float) -> None:
        """Look at it every second for so long; raises NotWell when a process ends, it or people fare badly, or it takes all memory."""
        with contextlib.suppress(_TooLong):  # it was well for so long
            await self.unless_it_ends(self._goes_wrong(), seconds)

    async def unless_it_ends(self, work: Coroutine[None, None, None], seconds: float) -> None:
        """Do this work with it; raises NotWell when one of its processes ends meanwhile, or the work isn't done in time."""
        failure, done = asyncio.create_task(first_failure(self.children)), asyncio.create_task(work)
        try:
            finished, _ = await asyncio.wait({failure, done}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not finished:
                raise _TooLong(f"{self.release.id} didn't answer within {seconds:.0f} seconds")
            await finished.pop()
        except Unavailable as error:
            raise NotWell(f"{self.release.id}: a process ended; its reason is in the log of “audiospective up”") from error
        finally:
            failure.cancel()
            done.cancel()

    async def _answers(self) -> None:
        found = 0
        while found < _ANSWERS:
            version = await probing.healthy_version(self.place)
            if version and version != self.release.version:
                raise NotWell(f"{self.release.id} says that it is {version}")
            found = found + 1 if version else 0
            await asyncio.sleep(0.02 if version else 0.1)
        if not await probing.is_page_there(self.place):
            raise NotWell(f"{self.release.id} says that it is healthy, and shows no page")
        self.answered = await probing.answers(self.place)

    async def _goes_wrong(self) -> None:
        failures = 0
        while failures < _FAILURES:
            held = sum(resident_bytes(child.pid) for child in self.children if child.pid is not None)
            if held > self.most_bytes > 0:
                raise NotWell(f"{self.release.id} holds {held // 1_000_000:,} MB of memory, more than half of what was free")
            await self._people_fare_well()
            is_well = await probing.healthy_version(self.place) and await probing.is_page_there(self.place)
            failures = 0 if is_well else failures + 1
            await asyncio.sleep(_LOOK_EVERY_S)
        raise NotWell(f"{self.release.id} answered badly {_FAILURES} times in a row")

    async def _people_fare_well(self) -> None:
        """What nobody looks at but they may fail; raises NotWell when half of what they asked since the cut-over did."""
        asked, failed = (now - then for now, then in zip(await probing.answers(self.place), self.answered, strict=True))
        if asked >= _HEARD and failed >= asked * _MOST_FAILED:
            raise NotWell(f"{self.release.id} failed at {failed} of {asked} requests of people")


def make(release: Release, environ: Mapping[str, str], door: socket.socket, host: str, now: datetime) -> Stand:
    """A release's stand, nothing started yet; it doesn't take the door before it is told."""
    private = socket.create_server(("127.0.0.1", 0))
    whole = {**environ, **release.environ()}
    words = ["pages", str(door.fileno()), str(private.fileno()), "later"]
    pages = Child("web server", _RUNNING, words, whole, [door.fileno(), private.fileno()])
    worker = Child("worker", _RUNNING, ["work"], whole)
    place = Place(private.getsockname()[:2], host)
    return Stand(release, private, place, pages, worker, now, most_bytes=free_bytes() // 2)
