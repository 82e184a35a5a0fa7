"""What every test may ask for. Asking for a database or a browser is also what marks a test as needing one."""

from __future__ import annotations

import atexit
import fcntl
import gc
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from audiospective.infra.database import Connection, Database
from audiospective.infra.embedded import EmbeddedPostgres
from tests.clock import FakeClock
from tests.databases import Server
from tests.kept import LastingDatabase

if TYPE_CHECKING:
    from tests.stand_in import World

pytest_plugins = ["tests.simulators.spotify"]

#: The fewest keep `make unit` under five seconds; `make fuzz` asks for many.
settings.register_profile("brief", max_examples=5, deadline=None)
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
if settings.get_current_profile_name() == "brief":
    #: So few examples hardly ever hold one of the constants in our files, and to read them all takes longer than all examples do.
    providers._get_local_constants = Constants

_ROOT = Path(__file__).parent.parent

#: The run's folder, shared by all its worker processes.
_RUN_FOLDER = "AUDIOSPECTIVE_TEST_RUN"

#: A crash of the machine may take the tests' rows with it; everything else is as in earnest.
_HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}
#: Every worker has its own, and one test takes as many as a box allows.
_HASTE |= {"max_connections": "200"}

_MARKED_BY = {
    "dsn": "db",
    "empty_dsn": "db",
    "server": "db",
    "counting": "db",
    "page": "browser",
    "browser": "browser",
    "chromium": "browser",
}
_ON_THE_WIRE = ("simulator", "spotify", "world", "connected", "tarpit", "http", "redis", "chat", "hook", "accounts_host")
_MARKED_BY |= dict.fromkeys(_ON_THE_WIRE, "http")
#: What a file's text shows of that before it is imported: `db` and `conn` ask for a `dsn` in their turn.
_SHOWN_BY = _MARKED_BY | {"db": "db", "conn": "db"}
_TEST = re.compile(r"^(?:async )?def test_\w+\((.*?)\)(?: ->|:)|^(?:class Test|[Tt]est\w* =)()", re.DOTALL | re.MULTILINE)
_OF_ALL = re.compile(r"^pytestmark = pytest\.mark\.(\w+)$", re.MULTILINE)

#: What takes longest begins first, so that no worker is left alone with it at the end.
_LONGEST = (
    "tests/browser/test_launch.py",
    "tests/browser/test_smoke",
    "tests/browser/test_states.py",
    "tests/browser/",
    "tests/cli/",
    "tests/fault/",
)
#: What shares a worker, and so an instance and a browser; the pages of samples need no instance, and are halved.
_TOGETHER = {
    "tests/browser/test_launch.py": "a launch",
    "tests/browser/test_smoke.py": "smoke",
    "tests/browser/test_smoke_mutations.py": "smoke",
}
_BY_FUNCTION = "tests/browser/test_states.py"

#: As structlog begins, but for the last, which draws.
_LOG = [*structlog.get_config()["processors"][:-1], structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]

_is_worker = _RUN_FOLDER in os.environ

gc.disable()  # until everything is collected


def pytest_configure() -> None:
    """Make the run's folder, where root's Postgres account can reach it too; whatever is temporary lies in it."""
    if not _is_worker:
        os.environ[_RUN_FOLDER] = tempfile.mkdtemp(prefix="audiospective-test-", dir=_in_memory())
        Path(os.environ[_RUN_FOLDER]).chmod(0o711)
        os.environ["TMPDIR"] = tempfile.tempdir = os.environ[_RUN_FOLDER]


def _in_memory() -> str | None:
    """A folder of the machine's memory if it has one with room: a database for each test is made there in 18 ms instead of 65."""
    shared = Path("/dev/shm")
    is_roomy = shared.is_dir() and os.access(shared, os.W_OK | os.X_OK) and shutil.disk_usage(shared).free > 2 * 1024**3
    return str(shared) if is_roomy else None


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    if not _is_worker:
        shutil.rmtree(os.environ.pop(_RUN_FOLDER), ignore_errors=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file of which no test is wanted: `make unit` spends a third of what it collects on such, and on what they import."""
    expression = str(config.option.markexpr)
    unwanted = set(re.findall(r"not (\w+)", expression))
    if " or " in expression or "(" in expression or not unwanted & {"db", "http"} or not collection_path.name.startswith("test_"):
        return None
    text = collection_path.read_text(encoding="utf-8")
    if unwanted & set(_OF_ALL.findall(text)):
        return True
    asked = [{_SHOWN_BY[one] for one in re.findall(r"(\w+):", arguments) if one in _SHOWN_BY} for arguments, *_ in _TEST.findall(text)]
    return all(marks & unwanted for marks in asked) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it asks for, and put first what takes longest."""
    items.sort(key=lambda item: next((place for place, part in enumerate(_LONGEST) if item.nodeid.startswith(part)), len(_LONGEST)))
    for item in items:
        for name in {_MARKED_BY[fixture] for fixture in getattr(item, "fixturenames", ()) if fixture in _MARKED_BY}:
            item.add_marker(name)


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the collector of garbage needn't go through it again and again."""
    gc.freeze()
    gc.enable()
    atexit.register(gc.unfreeze)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share out files, not tests, so that what a file starts is started once; the browser's files share one instance.

    xdist's own groups wouldn't do: it writes them where this pytest doesn't read them.
    """

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            if file == _BY_FUNCTION:
                return f"{file} {test.partition('[')[0]}"
            return _TOGETHER.get(file) or ("browser" if file.startswith("tests/browser/") else file)

    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One Postgres per run, with the template of all migrated databases."""
    folder = Path(os.environ[_RUN_FOLDER])
    postgres = EmbeddedPostgres(folder, _HASTE)
    running = Server(postgres.start())
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running.ensure_template()
    yield running
    running.close()
    postgres.release()


@pytest.fixture
def dsn(server: Server) -> Iterator[str]:
    """The address of a migrated database that is this test's own."""
    for name in server.migrated():
        yield server.dsn(name)


@pytest.fixture
def empty_dsn(server: Server) -> Iterator[str]:
    """The address of a database without any table."""
    name = server.create("template0")
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Database]:
    """An opened Database on it."""
    database = LastingDatabase(dsn, size=4)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def conn(db: Database) -> AsyncIterator[Connection]:
    """A transaction on it; what it writes is seen by itself alone."""
    async with db.transaction() as connection:
        yield connection


@pytest.fixture
async def world(db: Database, clock: FakeClock) -> AsyncIterator[World]:
    """A database, a clock, and Spotify as a test wants it."""
    from tests.stand_in import world_of  # noqa: PLC0415 (most files have no use for the client and its server)

    async with world_of(db, clock) as made:
        yield made


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """A test that sends the log somewhere leaves it as it was; its own stream is closed by then.

    Tracebacks are plain, as in earnest: to draw one with its frames and variables takes 0.1 s of the processor.
    """
    structlog.configure(processors=_LOG)
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()  # a thread that a test leaves would go on writing to what was closed with it


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A Chromium to drive; a machine that has none and can't get one fails the test with the reason."""
    found = subprocess.run([sys.executable, "-m", "scripts.browser"], cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Path(found.stdout.strip())
