"""Child processes that are kept running: one that dies is started again, all are stopped in reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from audiospective.cli.endings import say
from audiospective.errors import Unavailable

#: Seconds before a dead child is started again; doubles up to the last while it keeps dying young.
_FIRST_PAUSE, _LAST_PAUSE = 0.2, 10.0
#: A child that lived this long was well.
_WELL_AFTER = 30.0
#: A child gets this long to stop by itself.
_STOP_WITHIN = 15.0
#: Unless told otherwise numpy makes threads for large matrices, one a processor with forty megabytes of address each; we have none.
_FEW_THREADS = {"OPENBLAS_NUM_THREADS": "1"}


class Child(msgspec.Struct):
    """What to run: `python -m module arguments`, with these descriptors left open."""

    name: str
    module: str
    arguments: Sequence[str]
    environ: Mapping[str, str]
    descriptors: Sequence[int] = ()
    is_settled: bool = False
    """Before this is set, the end of the child is the end of everything: what can't start won't start a second time either."""
    is_leaving: bool = False
    """Set when the end has begun: whoever signals a whole group of processes reaches the child before we do."""
    failed: asyncio.Event = msgspec.field(default_factory=asyncio.Event)
    pid: int | None = None
    """Of the process that runs; None between two lives."""

    def signal(self, number: int) -> None:
        """Send a signal to the process that runs, if one does."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


@contextlib.asynccontextmanager
async def kept_running(child: Child) -> AsyncIterator[Child]:
    """Start the child, start it again when it ends, and stop it on leaving."""
    keeper = asyncio.create_task(keep(child))
    try:
        yield child
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


async def first_failure(children: Sequence[Child]) -> None:
    """Wait until one of them couldn't start, then raise Unavailable naming it."""
    waiting = [asyncio.create_task(child.failed.wait(), name=child.name) for child in children]
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    raise Unavailable(f"The {done.pop().get_name()} could not start; its reason stands above.")


async def keep(child: Child) -> None:
    """Start the child, and again whenever it ends; cancelled, it stops the child and waits for its end."""
    pause, clock = _FIRST_PAUSE, asyncio.get_running_loop().time
    while True:
        began = clock()
        code = await _live(child)
        if not child.is_settled:
            child.failed.set()
            return
        pause = _FIRST_PAUSE if clock() - began > _WELL_AFTER else pause
        await asyncio.sleep(pause)
        if child.is_leaving:
            return
        say(f"The {child.name} ended {_cause(code)}; it starts again.")
        pause = min(pause * 2, _LAST_PAUSE)


async def _live(child: Child) -> int:
    """One life of the child, from start to end; its exit code. Cancelled, it stops the child and waits for its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "audiospective.cli.child", str(os.getpid()), child.module, *child.arguments),
        env={**_FEW_THREADS, **child.environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=sys.stderr,
        pass_fds=child.descriptors,
    )
    child.pid = process.pid
    try:
        return await process.wait()
    finally:
        await _stop(process)
        child.pid = None


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()


def _cause(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with exit code {code}"
