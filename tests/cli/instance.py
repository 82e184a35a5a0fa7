"""An `up` that runs for real, on a data folder of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from audiospective.infra.embedded import EmbeddedPostgres

#: No test calls anybody by https: what `up` starts needn't read this machine's authorities one by one, 40 ms a process.
#: OpenSSL finds them in their folder still, when one is wanted.
NO_AUTHORITIES = {"SSL_CERT_FILE": os.devnull}


@dataclass
class Up:
    """One `up` on a data folder of its own."""

    home: Path
    port: int
    process: subprocess.Popen[str] = field(init=False)
    address: str = ""

    def start(self) -> None:
        """Start it and wait for the address that it prints."""
        self.process = command("up", "--port", str(self.port), "--home", str(self.home))
        self.read_address()

    def read_address(self) -> None:
        """Wait for the address that it prints."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"Audiospective is at (\S+)", line):
                self.address = found[1]
                return
        raise AssertionError(self.process.communicate()[1])

    def children(self) -> dict[int, str]:
        """Its living processes and what they run, without itself."""
        return {pid: line for pid, line in group(self.process.pid).items() if pid != self.process.pid}

    def kill(self, what: str) -> None:
        """`kill -9` the child that runs it."""
        os.kill(next(pid for pid, line in self.children().items() if what in line), signal.SIGKILL)

    def is_gone(self) -> bool:
        """Whether neither a process nor the database is left."""
        return not self.children() and not EmbeddedPostgres(self.home).is_alive()


def command(*argv: str) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("APP_", "SPOTIFY_", "DATABASE_", "NEXTAUTH_"))}
    environ |= NO_AUTHORITIES if "up" in argv else {}
    program = [sys.executable, "-m", "audiospective.cli.main", *argv]
    return subprocess.Popen(program, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def group(leader: int) -> dict[int, str]:
    """The living processes of a process group and their command lines."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                state, _, pgid = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
                if state != "Z" and int(pgid) == leader:
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_until(claim: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not claim():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def started(home: Path) -> Iterator[Up]:
    up = Up(home, free_port())
    up.start()
    yield up
    with contextlib.suppress(ProcessLookupError):
        os.kill(up.process.pid, signal.SIGINT)
    up.process.communicate(timeout=30)
    wait_until(up.is_gone)
