"""The parts of the program, one process each, for those who supervise them themselves."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from audiospective.cli.environment import read_settings
from audiospective.cli.output import AsJson, answer
from audiospective.errors import Invalid

_BACKLOG = 1024

#: An open page may hold a stream of events; this long it is waited for at the end.
_FAREWELL_S = 3


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises Invalid with a sentence that names the port or the host."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=_BACKLOG)
    except PermissionError as error:
        raise Invalid(f"Port {port} is reserved for root; choose one above 1023, as in --port 8000.", field="--port") from error
    except OverflowError as error:
        raise Invalid(f"{port} is no port; choose one between 1024 and 65535, as in --port 8000.", field="--port") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Invalid(f"Port {port} is taken by another program; choose another, as in --port {port + 10}.", field="--port") from error
        raise Invalid(f"“{host}” is no address of this machine; try --host 127.0.0.1.", field="--host") from error


def serve(*, host: str = "127.0.0.1", port: int = 8000, inherited: Annotated[int | None, Parameter(show=False)] = None) -> None:
    """Serve pages and API.

    Example: `audiospective serve --port 8080`

    Parameters
    ----------
    host
        Address to listen on; `0.0.0.0` for all of this machine's.
    port
        Port to listen on.
    inherited
        File descriptor of a socket that listens already; then host and port don't count.
    """
    settings = read_settings()
    door = listen(host, port) if inherited is None else socket.socket(fileno=inherited)

    async def pages() -> None:
        from audiospective.bootstrap import assemble  # noqa: PLC0415 (help must not wait for it)
        from audiospective.web.app import create_app  # noqa: PLC0415

        async with assemble(settings) as parts:
            await _serve(create_app(parts), door)

    with contextlib.closing(door):
        _run(pages)


def worker() -> None:
    """Sweep who is due and work off what was left for later. Any number of workers share the work.

    Example: `audiospective worker`
    """
    settings = read_settings()

    async def jobs() -> None:
        from audiospective.bootstrap import assemble  # noqa: PLC0415 (help must not wait for it)
        from audiospective.jobs.worker import main  # noqa: PLC0415

        async with assemble(settings) as parts:
            await _until_told(main(parts))

    _run(jobs)


def migrate(*, home: Path | None = None, as_json: AsJson = False) -> None:
    """Bring the database's schema up to this version; safe to run from many places at once.

    Example: `audiospective migrate`

    Parameters
    ----------
    home
        Data folder, instead of AUDIOSPECTIVE_HOME.
    """
    from audiospective.infra.embedded import EmbeddedPostgres  # noqa: PLC0415 (help must not wait for it)
    from audiospective.infra.migrate import migrate as apply  # noqa: PLC0415

    settings = read_settings(home)
    embedded = EmbeddedPostgres(settings.home) if settings.database_url is None else None
    try:
        applied = asyncio.run(apply(embedded.start() if embedded else str(settings.database_url)))
    finally:
        if embedded:
            embedded.release()
    answer({"applied": applied}, as_json=as_json, text=lambda said: "\n".join(said["applied"]) or "The schema is up to date.")


def _run(main: Callable[[], Awaitable[None]]) -> None:
    import uvloop  # noqa: PLC0415 (help must not wait for it)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_awaited(main))


async def _awaited(main: Callable[[], Awaitable[None]]) -> None:
    await main()


async def _serve(app: Any, door: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415 (help must not wait for it)

    class Server(uvicorn.Server):
        """Told to stop by us, not by signals of its own: those would end the process before its parts are put away."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    server = Server(
        uvicorn.Config(
            app,
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_FAREWELL_S,
        )
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    await server.serve(sockets=[door])


async def _until_told(work: Awaitable[None]) -> None:
    """Do the work until it ends or a signal asks to; then what it has begun is given back in good order."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
