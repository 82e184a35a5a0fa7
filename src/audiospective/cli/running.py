"""The long-running parts, from settings to signal: `python -m audiospective.cli.running pages DOOR [PRIVATE [later]]`, or `… work`.

`up` starts its children here and not through the command line, which would make everybody wait for its imports. Releases of different
versions stand under one `up`, so these words and the two signals of door.py never change their meaning.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence

from audiospective.cli.endings import exit_code, say
from audiospective.cli.environment import read_settings
from audiospective.errors import AudiospectiveError
from audiospective.infra.processes import started, starting
from audiospective.settings import Settings


def pages(settings: Settings, door: socket.socket, private: socket.socket | None = None, *, at_once: bool = True) -> None:
    """Serve pages and API at a listening socket until a signal; at a private one besides, or at that alone until told."""
    starting()
    from audiospective.bootstrap import assemble  # noqa: PLC0415 (what only some processes need, they import)
    from audiospective.cli.door import serve  # noqa: PLC0415
    from audiospective.web.app import create_app  # noqa: PLC0415

    async def main() -> None:
        async with assemble(settings) as parts:
            app = create_app(parts)
            started()
            await serve(app, door, private, at_once=at_once)

    with contextlib.closing(door):
        _run(main)


def work(settings: Settings) -> None:
    """Sweep and work off jobs until a signal."""
    starting()
    from audiospective.bootstrap import assemble  # noqa: PLC0415 (what only some processes need, they import)
    from audiospective.cli.session import schema_needed  # noqa: PLC0415
    from audiospective.jobs.worker import main as worker  # noqa: PLC0415

    async def main() -> None:
        with schema_needed():
            async with assemble(settings) as parts:
                started()
                await _until_told(worker(parts))

    _run(main)


def main(argv: Sequence[str]) -> int:
    """A child of `up`; what can be explained becomes a sentence on stderr and an exit code."""
    try:
        if argv[0] == "pages":
            door, *private = (socket.socket(fileno=int(number)) for number in argv[1:3])
            pages(read_settings(), door, *private, at_once="later" not in argv[3:])
        else:
            work(read_settings())
    except AudiospectiveError as error:
        say(error.message)
        return exit_code(error)
    return 0


def _run(main: Callable[[], Awaitable[None]]) -> None:
    import uvloop  # noqa: PLC0415 (what only some processes need, they import)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_awaited(main))


async def _awaited(main: Callable[[], Awaitable[None]]) -> None:
    await main()


async def _until_told(work: Awaitable[None]) -> None:
    """Do the work until it ends or a signal asks to; then what it has begun is given back in good order."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
