"""The parts of the program, one process each, for those who supervise them themselves."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from audiospective.cli import running
from audiospective.cli.environment import environment, read_settings
from audiospective.cli.output import AsJson, answer
from audiospective.errors import Invalid

_BACKLOG = 1024
_FIRST_INHERITED = 3  # sd_listen_fds(3)
HIGHEST_PORT = 65_535


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises Invalid with a sentence that names the port or the host."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=_BACKLOG)
    except PermissionError as error:
        raise Invalid(f"Port {port} is reserved for root; choose one above 1023, as in --port 8000.", field="--port") from error
    except OverflowError as error:
        raise no_port(port) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Invalid(f"Port {port} is taken by another program; choose another, as in --port {port + 10}.", field="--port") from error
        raise Invalid(f"“{host}” is no address of this machine; try --host 127.0.0.1.", field="--host") from error


def no_port(port: int) -> Invalid:
    """What to say of a number that is no port."""
    return Invalid(f"{port} is no port; choose one between 1024 and {HIGHEST_PORT}, as in --port 8000.", field="--port")


def inherited(environ: Mapping[str, str]) -> socket.socket | None:
    """The listening socket that a service manager hands over (systemd's `LISTEN_FDS`); None when there is none for this process."""
    if environ.get("LISTEN_PID") != str(os.getpid()) or environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=_FIRST_INHERITED)


def serve(*, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve pages and API; at the socket that a service manager hands over, if it does.

    Example: `audiospective serve --port 8080`

    Parameters
    ----------
    host
        Address to listen on; `0.0.0.0` for all of this machine's.
    port
        Port to listen on.
    """
    running.pages(read_settings(), inherited(environment()) or listen(host, port))


def worker() -> None:
    """Sweep who is due and work off what was left for later. Any number of workers share the work.

    Example: `audiospective worker`
    """
    running.work(read_settings())


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
