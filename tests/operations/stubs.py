"""Releases that are hardly there: they speak the supervisor's words and signals, answer two addresses, and go wrong as a test wants it.

A whole release takes seconds to start; what the supervisor makes of one that is broken shows as well with these.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from audiospective.operations import deploy
from audiospective.operations.releases import Release
from tests.operations.wheels import SOURCE, errand

#: As they are: how a process is tied to its parent, and which schema a release knows.
_REAL = ("cli/child.py", "infra/processes.py", *(f"migrations/{file.name}" for file in sorted((SOURCE / "migrations").glob("*.sql"))))
#: It brings no migration of its own, so that its `migrate` has nothing to do.
_EMPTY = ("__init__.py", "cli/__init__.py", "cli/main.py", "infra/__init__.py", "migrations/__init__.py")

_RUNNING = """
import asyncio, json, os, signal, socket, sys

VERSION, WRONG = {version!r}, {wrong!r}
HELD = []


async def answer(reader, writer):
    path = (await reader.readuntil(b"\\r\\n\\r\\n")).split()[1].decode()
    if WRONG == "request" and path == "/":
        os._exit(9)
    told = {{"version": "9.9.9" if WRONG == "version" else VERSION, "status": "healthy", "environment": "development"}}
    well = {{"status": "healthy", "latency": "1ms"}}
    said = json.dumps(told | {{"services": dict.fromkeys(("database", "redis", "spotify"), well)}})
    status = "404 Not Found" if WRONG == "page" and path == "/" else "200 OK"
    head = f"HTTP/1.1 {{status}}\\r\\nContent-Type: application/json\\r\\nContent-Length: {{len(said)}}\\r\\nConnection: close"
    writer.write(f"{{head}}\\r\\n\\r\\n{{said}}".encode())
    await writer.drain()
    writer.close()


class Door:
    def __init__(self, door):
        self.door, self.server, self.tasks = door, None, []

    def take(self):
        if WRONG == "door":
            os._exit(9)
        if WRONG == "later":
            asyncio.get_running_loop().call_later(0.7, os._exit, 9)
        self.tasks.append(asyncio.ensure_future(self.open()))

    async def open(self):
        self.server = self.server or await asyncio.start_server(answer, sock=self.door.dup())

    def let_go(self):
        if self.server:
            self.server.close()
            self.server = None


async def pages(number, private, when="now"):
    door = Door(socket.socket(fileno=int(number)))
    await asyncio.start_server(answer, sock=socket.socket(fileno=int(private)))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, door.take)
    loop.add_signal_handler(signal.SIGUSR2, door.let_go)
    if when == "now":
        await door.open()
    await ended()


async def ended():
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    if WRONG == "memory":
        HELD.append(bytearray(b"x" * 64_000_000))
    await over.wait()


if __name__ == "__main__":
    if WRONG == "start" or (WRONG == "worker" and sys.argv[1] == "work"):
        sys.exit("broken")
    asyncio.run(pages(*sys.argv[2:]) if sys.argv[1] == "pages" else ended())
"""


def stub(home: Path, folder: Path, version: str, wrong: str = "") -> Release:
    """Lay one out. `wrong` is what goes wrong: start, request, page, version, worker, door, later, memory; "": nothing."""
    return deploy.lay_out(errand(home), stub_wheel(folder, version, wrong), version.replace(".", "").ljust(8, "0"))


def stub_wheel(folder: Path, version: str, wrong: str = "") -> Path:
    """The wheel of one."""
    path = folder / f"audiospective-{version}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in _EMPTY:
            archive.writestr(f"audiospective/{name}", "")
        for name in _REAL:
            archive.write(SOURCE / name, f"audiospective/{name}")
        archive.writestr("audiospective/cli/running.py", _RUNNING.format(version=version, wrong=wrong))
        described = f"Metadata-Version: 2.4\nName: audiospective\nVersion: {version}\n"
        archive.writestr(f"audiospective-{version}.dist-info/METADATA", described)
    return path
