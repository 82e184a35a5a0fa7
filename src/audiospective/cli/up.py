"""`up`: everything that a listener needs, in one process tree; started in order, watched, stopped in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TextIO
from urllib.parse import urlsplit

from cyclopts import Parameter

from audiospective import settings
from audiospective.cli.children import Child, first_failure, kept_running
from audiospective.cli.endings import say
from audiospective.cli.environment import environment
from audiospective.cli.front import Front
from audiospective.cli.serve import HIGHEST_PORT, inherited, listen, no_port
from audiospective.errors import Conflict, DatabaseUnavailable, Unavailable
from audiospective.infra import control
from audiospective.infra.clock import clock_of
from audiospective.infra.embedded import EmbeddedPostgres, address_of
from audiospective.operations import releases, supervision
from audiospective.operations.releases import INSTALLED, Release
from audiospective.settings import Settings

_LOOK_EVERY = 0.5
_LONGEST_PAUSE_S = 10.0
_ANSWER_WITHIN = 90.0


@dataclass(slots=True)
class _Plan:
    """What is to run, decided before anything is started."""

    settings: Settings
    environ: dict[str, str]
    door: socket.socket
    address: str
    told: Mapping[str, str]
    """The environment before we added to it."""
    front: Front = field(init=False)
    simulator: Child | None = None
    """The Spotify simulator that belongs to us."""

    def __post_init__(self) -> None:
        self.simulator = _simulator(self.settings, self.environ, self.door)
        self.front = Front(self.settings.home, self.environ, self.door, urlsplit(self.settings.app_url).netloc, clock_of(self.settings))
        self.front.address = self.address
        self.front.given = {name: value for name, value in self.environ.items() if self.told.get(name) != value}

    @property
    def children(self) -> list[Child]:
        """In the order in which they are needed."""
        return [*([self.simulator] if self.simulator else []), *self.front.children]


def up(
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    home: Path | None = None,
    tied: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Start the database, the pages and the worker; print the address; run until Ctrl-C.

    Without Spotify credentials the built-in simulator stands in for Spotify. A service manager that hands over a listening socket
    is served there. `audiospective ops deploy` changes the release that serves, without turning anybody away.

    Example: `audiospective up --port 8080`

    Parameters
    ----------
    host
        Address to listen on; `0.0.0.0` for all of this machine's.
    port
        Port to listen on.
    home
        Data folder, instead of AUDIOSPECTIVE_HOME.
    tied
        Stop also when the process that started this one ends, however it ends.
    """
    if tied:
        from audiospective.infra.processes import end_with  # noqa: PLC0415 (one user in a hundred)

        end_with(os.getppid())
    environ = environment(home)
    given = inherited(environ)
    if given is not None:
        host, port = given.getsockname()[:2]
    told, address = dict(environ), _address(host, port)
    if not (environ.get("APP_URL") or environ.get("NEXTAUTH_URL") or "production" in {environ.get("APP_ENV"), environ.get("NODE_ENV")}):
        environ["APP_URL"] = address
    chosen = settings.load(environ)
    with _alone(chosen.home) as sign, given or listen(host, port) as door:
        sign.write(address)
        sign.flush()
        asyncio.run(_until_signalled(_Plan(chosen, environ, door, address, told)))


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[TextIO]:
    """Only one `up` per data folder; the file says where it is. Raises Conflict."""
    settings.make_home(home)
    with (home / "up.lock").open("a+", encoding="utf-8") as sign:
        try:
            fcntl.flock(sign, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            sign.seek(0)
            raise Conflict(
                f"Audiospective is already running on this data folder, at {sign.read().strip() or 'an address to come'}."
            ) from error
        sign.truncate(0)
        yield sign


def _simulator(chosen: Settings, environ: dict[str, str], door: socket.socket) -> Child | None:
    """The simulator, if nothing else stands for Spotify; the others learn its address from the environment."""
    if not chosen.spotify.simulated or environ.get("SPOTIFY_ACCOUNTS_URL") or environ.get("SPOTIFY_API_URL"):
        return None
    port = _free_port(door.getsockname()[1] + 1)
    environ["SPOTIFY_ACCOUNTS_URL"] = environ["SPOTIFY_API_URL"] = f"http://127.0.0.1:{port}"
    words = ["--port", str(port), "--state", str(chosen.home / "simulator.json")]
    return Child("simulator", "audiospective.simulator", words, environ)


def _free_port(wanted: int) -> int:
    """The wanted port, or, where it is taken, any."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError, OverflowError), socket.create_server(("127.0.0.1", port)) as found:
            return int(found.getsockname()[1])
    raise Unavailable("No port is free for the Spotify simulator.")


async def _until_signalled(plan: _Plan) -> None:
    """Run the plan; the first SIGINT or SIGTERM begins its end, later ones don't hurry it."""
    running = asyncio.create_task(_run(plan))
    told = False

    def stop() -> None:
        nonlocal told
        if not told:
            told = True
            say("\nStopping …")
            for child in plan.children:
                child.is_leaving = True
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    if told:
        say("Stopped; nothing is left running.")


async def _run(plan: _Plan) -> None:
    """Children first: until they have read their code, the database, which they hold too, is long there.

    One elsewhere may take longer to be made than they take to read; they would find it without a table.
    """
    async with contextlib.AsyncExitStack() as running:
        release = plan.front.serving.release
        say("Starting the web server and the worker …" if release.id == INSTALLED else f"Starting {release.id} …")
        if plan.simulator:
            await running.enter_async_context(kept_running(plan.simulator))
        parts = [plan.front.running(), _database(plan)]
        for part in parts if plan.settings.database_url is None else reversed(parts):
            await running.enter_async_context(part)
        await _until_answered(plan)
        for child in plan.children:
            child.is_settled = True
        await running.enter_async_context(control.answering(supervision.place(plan.settings.home), plan.front.answer))
        _greet(plan, await _first_code(plan.settings))
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def _database(plan: _Plan) -> AsyncIterator[None]:
    """A database with its schema up to date; the embedded one is watched, and started again when it is gone."""
    chosen, release = plan.settings, plan.front.serving.release
    if chosen.database_url is not None:
        await _migrated(release, plan.environ, chosen.database_url)
        yield
        return
    postgres = EmbeddedPostgres(chosen.home)
    say(f"Starting Postgres in {chosen.home} …")
    applied = await _migrated(release, plan.environ, await asyncio.to_thread(postgres.start))
    say(f"The database is ready ({len(applied)} migrations applied)." if applied else "The database is ready.")
    watch = asyncio.create_task(_watch(postgres))
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.to_thread(postgres.release)


async def _migrated(release: Release, environ: dict[str, str], dsn: str) -> list[str]:
    """The schema that the release wants, by its own code; what was applied, as far as we know."""
    if release.id != INSTALLED:
        await releases.migrate(release, environ, dsn)
        return []
    from audiospective.infra.migrate import migrate  # noqa: PLC0415 (by now the simulator is starting)

    return await migrate(dsn)


async def _watch(postgres: EmbeddedPostgres) -> None:
    pause_s = _LOOK_EVERY
    while True:
        await asyncio.sleep(pause_s)
        if postgres.is_alive():
            pause_s = _LOOK_EVERY
            continue
        say("Postgres is gone; it starts again.")
        try:
            await asyncio.to_thread(postgres.start)
        except DatabaseUnavailable as error:  # as on a full disk, for as long as nobody makes room
            say(error.message)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


async def _until_answered(plan: _Plan) -> None:
    """Wait for the first page; raises Unavailable when a child can't start or no page comes."""
    page = asyncio.create_task(_first_page(plan.door.getsockname()[:2], urlsplit(plan.settings.app_url).netloc))
    failure = asyncio.create_task(first_failure(plan.children))
    try:
        done, _ = await asyncio.wait({page, failure}, timeout=_ANSWER_WITHIN, return_when=asyncio.FIRST_COMPLETED)
    finally:
        page.cancel()
        failure.cancel()
    if not done:
        raise Unavailable(f"No page came within {_ANSWER_WITHIN:.0f} seconds; the reason may stand above.")
    await done.pop()


async def _first_page(place: tuple[str, int], host: str) -> None:
    """One request; it waits at the open door until the web server takes it. A page that fails is a failure to start."""
    reader, writer = await asyncio.open_connection(_reachable(place[0]), place[1])
    try:
        writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = (await reader.readline()).split()
    finally:
        writer.close()
    if status[1:2] != [b"200"]:
        raise Unavailable(f"The first page failed ({b' '.join(status).decode(errors='replace')}); the reason stands above.")


def _address(host: str, port: int) -> str:
    """Where a browser on this machine finds us. Raises Invalid."""
    if not 0 < port <= HIGHEST_PORT:
        raise no_port(port)
    name = _reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _reachable(host: str) -> str:
    """One of this machine's addresses, for what means all of them."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


async def _first_code(chosen: Settings) -> str | None:
    """The code by which whoever reads this console becomes the first operator; None once there is one."""
    import secrets  # noqa: PLC0415 (by now everything else runs)

    from audiospective.infra.database import Database  # noqa: PLC0415
    from audiospective.infra.sealing import Sealer  # noqa: PLC0415
    from audiospective.operations import first_operator  # noqa: PLC0415

    db = Database(address_of(chosen), size=1)
    await db.open()
    try:
        async with db.transaction() as conn:
            sealer = Sealer([secret.reveal() for secret in chosen.app_secrets])
            return await first_operator.new_code(conn, sealer, clock_of(chosen).now(), secrets.token_bytes)
    finally:
        await db.close()


def _greet(plan: _Plan, code: str | None) -> None:
    print(f"Audiospective is at {plan.address}", flush=True)
    if code:
        print(f"Nobody runs it yet. Sign in, open {plan.settings.app_url}/ops/first, and enter {code}", flush=True)
    if plan.simulator:
        print(f"Spotify is simulated: {plan.environ['SPOTIFY_API_URL']} stands in for it, so sign in as anybody you like.", flush=True)
    say("Press Ctrl-C to stop.")
