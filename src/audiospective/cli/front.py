"""Which release serves. Two may stand at one door: one takes connections, the other stands by for a quarter of an hour.

A switch: the new one starts and answers at a private address; proved there, it takes the door; the one before lets go of it, finishes what
it began, and stays. When the new one ends, or answers badly while it is watched, the one before takes the door again.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import msgspec

from audiospective.cli import probing, stand
from audiospective.cli.children import Child
from audiospective.cli.endings import say
from audiospective.cli.probing import Place
from audiospective.cli.stand import NotWell, Stand
from audiospective.errors import AudiospectiveError
from audiospective.infra.clock import Clock
from audiospective.operations import release_state, releases
from audiospective.operations.releases import Release
from audiospective.operations.supervision import ENDS, Question, Stage, Standing, Told

#: So long the one before stands by.
_WARM_S = 15 * 60.0
#: So many answers at the door are a proof; visitors wait so long for it at most.
_ANSWERS, _EXCHANGED_WITHIN_S = 3, 10.0

Tell = Callable[[Stage, str], None]
End = tuple[Stage, str]


class Front:
    """The release that serves, the one that stands by, and the way from one to the other."""

    def __init__(self, home: Path, environ: Mapping[str, str], door: socket.socket, host: str, clock: Clock) -> None:
        self._home, self._environ, self._door, self._host = home, environ, door, host
        self._clock = clock
        self._before: Stand | None = None
        self._watch: asyncio.Task[End] | None = None
        self._insurance: asyncio.Task[None] | None = None
        self._switching = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.address = ""
        self.given: dict[str, str] = {}
        self.serving = self._made(self._current())
        self.serving.take_door()
        self.serving.is_proved = True

    @property
    def children(self) -> list[Child]:
        """Every process that is meant to run."""
        return [child for one in (self.serving, self._before) if one for child in one.children if child.name in one.keepers]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start the current release, and stop everything on leaving."""
        self.serving.run(*self.serving.children)
        try:
            yield
        finally:
            for task in (self._watch, self._insurance):
                if task:
                    task.cancel()
            for one in (self._before, self.serving):
                if one:
                    await one.close()

    async def answer(self, line: bytes) -> AsyncIterator[bytes]:
        """Answer an operator's question, stage by stage; a switch that was begun goes on also when whoever asked has left."""
        question = msgspec.json.decode(line, type=Question)
        if not question.release:
            yield msgspec.json.encode(self._standing())
            return
        stages: asyncio.Queue[Told] = asyncio.Queue()
        task = asyncio.create_task(self._switched(question, stages))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        while True:
            told = await stages.get()
            yield msgspec.json.encode(told)
            if told.stage in ENDS:
                return

    def _standing(self) -> Standing:
        one, before = self.serving, self._before.release.id if self._before else ""
        return Standing(one.release.id, one.release.version, before, self.address, one.since, one.is_proved, self.given)

    async def _switched(self, question: Question, stages: asyncio.Queue[Told]) -> None:
        began = self._clock.monotonic()

        def tell(stage: Stage, note: str = "") -> None:
            stages.put_nowait(Told(stage, round(self._clock.monotonic() - began, 3), note))

        if not question.is_rollback and (self._switching.locked() or self._is_watched):
            tell(Stage.BUSY, f"{self.serving.release.id} is being watched" if self._is_watched else "another switch is under way")
            return
        try:
            async with self._switching:
                is_new = await self._switch(question, tell)
            tell(*(await self._verdict() if is_new else (Stage.SERVES, "")))
        except (NotWell, AudiospectiveError, OSError) as error:
            say(f"{question.release} doesn't serve: {error}.")
            tell(Stage.REFUSED, str(error))

    @property
    def _is_watched(self) -> bool:
        return self._watch is not None and not self._watch.done()

    async def _verdict(self) -> End:
        watch = self._watch
        if watch is None:
            return Stage.PROVED, ""
        await asyncio.wait({watch})
        return (Stage.OVERTAKEN, f"{self.serving.release.id} serves") if watch.cancelled() else watch.result()

    async def _switch(self, question: Question, tell: Tell) -> bool:
        """Let the release serve; False when it does already. Raises what keeps it from serving, and then everything is as before."""
        target = self._sound(question.release)
        if target.id == self.serving.release.id:
            return False
        tell(Stage.STARTING, target.id)
        new, old = await self._beside(target, in_haste=question.is_rollback), self.serving
        try:
            await new.proved()
            tell(Stage.READY, "")
            await self._exchange(old, new)
        except (NotWell, OSError):
            await new.close()
            raise
        tell(Stage.SWITCHED, "")
        self._serves(new, old, question.by)
        if question.is_rollback and new.worker.name not in new.keepers:
            new.run(new.worker)
        tell(Stage.HEALTHY, f"{_ANSWERS} answers in a row")
        await old.stop(old.worker)
        self._watch = asyncio.create_task(self._watched(new, question))
        return True

    async def _beside(self, target: Release, *, in_haste: bool) -> Stand:
        """The release's processes beside those that serve: the ones that stand by if they are its own, else new ones.

        `in_haste`: visitors wait, so its pages alone; the worker of a release that was well before can start when they are served.
        """
        for task in (self._watch, self._insurance):
            if task:
                task.cancel()
        self._watch = self._insurance = None
        self.serving.settle()
        before, self._before = self._before, None
        if before and before.release.id == target.id and before.pages.pid:
            before.pages.failed.clear()
            before.pages.is_settled = False
            before.worker.failed.clear()
            if not in_haste:
                before.run(before.worker)
            return before
        if before:
            await before.close()
        new = self._made(target)
        new.run(*([new.pages] if in_haste else new.children))
        return new

    async def _exchange(self, old: Stand, new: Stand) -> None:
        """The door from one to the other; raises NotWell, and then the old one has it."""
        new.take_door()
        old.let_go()
        try:
            await new.unless_it_ends(self._answers_at_the_door(new), _EXCHANGED_WITHIN_S)
        except NotWell as error:
            old.take_door()
            raise NotWell(f"{new.release.id} doesn't answer at the door: {error}") from error

    async def _answers_at_the_door(self, new: Stand) -> None:
        place, found = Place(_reachable(self._door), self._host), 0
        while found < _ANSWERS:
            await asyncio.sleep(0.02)
            found = found + 1 if await probing.healthy_version(place) == new.release.version else 0

    def _serves(self, new: Stand, old: Stand, by: str) -> None:
        now = self._clock.now()
        self.serving, self._before, new.since, new.is_proved = new, old, now, False
        releases.point(self._home, new.release.id)
        with release_state.changed(self._home) as state:
            state.before = old.release.id
            known = state.known(new.release.id)
            known.served_at, known.failed = now, ""
            if old.release.id == releases.INSTALLED:
                state.known(releases.INSTALLED).proved_at = old.since  # nobody deployed it: it is what everything began with
            state.note(release_state.SERVED, now, by, release=new.release.id, before=old.release.id)
        say(f"{new.release.id} serves; {old.release.id} stands by.")

    async def _watched(self, new: Stand, question: Question) -> End:
        """The verdict on a release that serves; a bad one gives the door back."""
        try:
            await new.watched(question.watch_s)
        except NotWell as error:
            await self._return(new, str(error))
            return Stage.RETURNED, str(error)
        new.is_proved, now = True, self._clock.now()
        with release_state.changed(self._home) as state:
            state.known(new.release.id).proved_at = now
            state.note(release_state.PROVED, now, "watch", release=new.release.id, seconds=question.watch_s)
        self._insurance = asyncio.create_task(self._cooling(new) if question.is_rollback else self._insured(new))
        return Stage.PROVED, ""

    async def _insured(self, new: Stand) -> None:
        """While the one before stands by, the end of a process gives the door back; later it is started again."""
        try:
            await new.watched(_WARM_S)
        except NotWell as error:
            await self._return(new, str(error))
            return
        await self._alone(new)

    async def _cooling(self, new: Stand) -> None:
        """After a rollback nobody goes forward again by himself; the one that was left only stands by."""
        new.settle()
        await asyncio.sleep(_WARM_S)
        await self._alone(new)

    async def _alone(self, new: Stand) -> None:
        new.settle()
        before, self._before = self._before, None
        if before:
            await before.close()

    async def _return(self, new: Stand, reason: str) -> None:
        """Give the door back to the one before, and say so."""
        old = self._before
        if old is None:
            new.settle()
            return
        old.take_door()
        new.let_go()
        now = self._clock.now()
        self.serving, self._before, old.since = old, None, now
        releases.point(self._home, old.release.id)
        with release_state.changed(self._home) as state:
            state.known(new.release.id).failed = reason
            state.note(release_state.RETURNED, now, "watch", release=old.release.id, left=new.release.id, reason=reason)
        say(f"{reason}; {old.release.id} serves again.")
        old.run(old.worker)
        old.settle()
        await new.close()

    def _current(self) -> Release:
        return self._sound(releases.current(self._home))

    def _sound(self, release_id: str) -> Release:
        """The release as it was laid out; raises Tampered when it isn't."""
        found = releases.find(self._home, release_id)
        releases.verify(found, release_state.read(self._home).known(found.id).sealed)
        return found

    def _made(self, release: Release) -> Stand:
        return stand.make(release, self._environ, self._door, self._host, self._clock.now())


def _reachable(door: socket.socket) -> tuple[str, int]:
    host, port = door.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104
