"""`make bench-rival`: Maloja from the package index and this program, the same 100,000 plays, the same questions, in one run.

Each runs as its users run it: a server in a process of its own, asked over HTTP. Maloja lives in an environment of its own below
.tools and is no dependency of ours. Three times matter: the first question after a restart, the first after a new play (when caches
are empty), and the usual one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx

from audiospective.infra.clock import SystemClock
from audiospective.simulator import exports, listeners
from bench.figure import Figure, show
from bench.load import free_port, resident_mb

_ROOT = Path(__file__).parents[1]
_VERSION = "3.2.3"
_PLAYS = 100_000
#: The export is the same on every day that it is made.
_UNTIL_MS = 1_767_225_600_000
_PASSWORD = "of-the-bench"
_WARM = 9
_DASHBOARD, _TOP = "dashboard", "top tracks of all time"


class Contender(ABC):
    """A program with the plays in it. `pages` are what is asked: a name and an address."""

    def __init__(self, name: str, pages: Mapping[str, str]) -> None:
        self.name = name
        self.pages = pages

    @abstractmethod
    def bring(self, folder: Path) -> None:
        """Import the export; returns when every play is stored."""

    @abstractmethod
    def running(self) -> contextlib.AbstractContextManager[tuple[httpx.Client, int]]:
        """A server that has just begun, somebody who may ask it, and the id of its process."""

    @abstractmethod
    def play(self, http: httpx.Client) -> httpx.Response:
        """Tell it of one play that has just ended."""


class Maloja(Contender):
    """Maloja as its users run it."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"maloja {_VERSION}", {_DASHBOARD: "/", _TOP: "/apis/mlj_1/charts/tracks"})
        self._home = home
        told = {"DATA_DIRECTORY": str(home), "SKIP_SETUP": "yes", "FORCE_PASSWORD": _PASSWORD, "HOST": "127.0.0.1"}
        self._environ = {"PATH": os.environ["PATH"], **{f"MALOJA_{name}": value for name, value in told.items()}}
        self._program = _installed()

    def bring(self, folder: Path) -> None:
        newest = max(folder.glob("Streaming_History_Audio_*.json"))
        said = subprocess.run(
            [self._program, "import", newest], env=self._environ, input="y\n" * 9, text=True, stdout=subprocess.PIPE, check=True
        )
        print("  " + re.findall(r"Imported \d+ scrobbles", said.stdout)[-1], file=sys.stderr)

    @contextlib.contextmanager
    def running(self) -> Iterator[tuple[httpx.Client, int]]:
        port = free_port()
        with _server(
            [self._program, "run"], self._environ | {"MALOJA_PORT": str(port)}, f"http://127.0.0.1:{port}", "/apis/mlj_1/serverinfo"
        ) as (http, pid):
            yield http, pid

    def play(self, http: httpx.Client) -> httpx.Response:
        key = re.findall(r"default: (\S+)", (self._home / "apikeys.yml").read_text("utf-8"))[0]
        return http.post("/apis/mlj_1/newscrobble", json={"artist": "Marrow Coast", "title": "Low Tide Choir", "key": key})


class Ours(Contender):
    """This program, with its private Postgres and its worker."""

    def __init__(self, home: Path) -> None:
        super().__init__("audiospective", {_DASHBOARD: "/dashboard?range=7d", _TOP: "/api/top-tracks?range=all&limit=50"})
        self._environ = {"PATH": os.environ["PATH"], "HOME": str(home), "AUDIOSPECTIVE_HOME": str(home)}
        self._token = ""

    def bring(self, folder: Path) -> None:
        self._said("import", str(folder), "--user", "mara")

    def sign_up(self) -> None:
        """Make a listener and the token that everything else is asked with."""
        self._said("users", "add", "mara")
        self._token = json.loads(self._said("users", "token", "mara", "--json"))["token"]

    @contextlib.contextmanager
    def running(self) -> Iterator[tuple[httpx.Client, int]]:
        port = free_port()
        command = [sys.executable, "-m", "audiospective.cli.main", "up", "--port", str(port)]
        with _server(command, self._environ, f"http://127.0.0.1:{port}", "/api/health") as (http, pid):
            http.headers.update({"Origin": str(http.base_url).rstrip("/"), "Accept": "text/html"})
            assert http.post("/auth/token", data={"token": self._token}).status_code == 303
            yield http, pid

    def play(self, http: httpx.Client) -> httpx.Response:
        track = {"artist_name": "Marrow Coast", "track_name": "Low Tide Choir"}
        told = {"listen_type": "single", "payload": [{"listened_at": int(SystemClock().now().timestamp()) - 5, "track_metadata": track}]}
        return http.post("/1/submit-listens", json=told, headers={"Authorization": f"Token {self._token}"})

    def _said(self, *words: str) -> str:
        command = [sys.executable, "-m", "audiospective.cli.main", *words]
        return subprocess.run(command, env=self._environ, text=True, stdout=subprocess.PIPE, check=True).stdout


def main() -> None:
    """Measure both and print them side by side."""
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; figures drift with the machine, ratios hold")
    print(f"{_PLAYS:,} rows of an export; theirs, and how many times ours it is, on the right\n")
    with tempfile.TemporaryDirectory(prefix="audiospective-rival-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        export = _export(folder)
        ours, theirs = Ours(folder / "ours"), Maloja(folder / "theirs")
        ours.sign_up()
        found = [_measured(one, export) for one in (theirs, ours)]
    for (what, unit), value in found[1].items():
        other = found[0][what, unit]
        show([Figure(what, value, unit, "", f"{theirs.name} {other:,.1f}, {other / max(value, 0.01):,.1f} ×")])


def _measured(one: Contender, export: Path) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    found["import", "s"] = _took(lambda: one.bring(export)) / 1000
    for what, address in one.pages.items():
        with one.running() as (http, pid):
            found[f"{what}: after a restart", "ms"] = _asked(http, address)
            found[f"{what}: usual", "ms"] = statistics.median(_asked(http, address) for _ in range(_WARM))
            found["one new play through the API", "ms"] = _took(lambda http=http: one.play(http).raise_for_status())  # type: ignore[misc]  # bound at once
            found[f"{what}: right after a new play", "ms"] = _asked(http, address)
            found["memory, with all its processes", "MiB"] = resident_mb(pid)
    return found


def _asked(http: httpx.Client, address: str) -> float:
    return _took(lambda: http.get(address).raise_for_status())


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


@contextlib.contextmanager
def _server(command: Sequence[str | Path], environ: Mapping[str, str], url: str, ready: str) -> Iterator[tuple[httpx.Client, int]]:
    """A server that answers. What it is asked to find out whether it does isn't what is measured."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=dict(environ), stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        with httpx.Client(base_url=url, timeout=120) as http:
            _wait(http, ready)
            yield http, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(http: httpx.Client, address: str) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            if http.get(address).status_code < 400:
                return
        time.sleep(0.2)
    raise TimeoutError(f"{http.base_url} doesn't answer.")


def _export(folder: Path) -> Path:
    """The same files for both, unpacked as Maloja wants them, music alone: it reads no videos."""
    package = folder / "my_spotify_data.zip"
    exports.write_extended(package, listeners.devotee(), until_ms=_UNTIL_MS, rows=_PLAYS)
    there = folder / "export"
    with zipfile.ZipFile(package) as zipped:
        for one in zipped.namelist():
            if "Streaming_History_Audio_" in one:
                (there / Path(one).name).parent.mkdir(exist_ok=True)
                (there / Path(one).name).write_bytes(zipped.read(one))
    return there


def _installed() -> Path:
    """Maloja, in an environment of its own."""
    folder = _ROOT / ".tools" / f"maloja-{_VERSION}"
    program = folder / "bin" / "maloja"
    if not program.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "-qq", f"malojaserver=={_VERSION}"], check=True)
    return program


if __name__ == "__main__":
    main()
