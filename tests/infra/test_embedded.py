"""The private Postgres: one server per folder, started by racing processes, recovered after a kill, gone with its last user."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from audiospective.errors import DatabaseUnavailable
from audiospective.infra import postgres_programs
from audiospective.infra.embedded import EmbeddedPostgres
from tests.folders import reachable_folder

pytestmark = pytest.mark.db

HOLDER = "import sys, time, pathlib; from audiospective.infra.embedded import EmbeddedPostgres as E; e = E(pathlib.Path(sys.argv[1]))\n"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A data folder for the tests that don't mind each other's tables."""
    with reachable_folder() as folder:
        yield folder


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A data folder that has no cluster yet."""
    with reachable_folder() as folder:
        yield folder


@pytest.fixture
def postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    """A started server, released after the test."""
    server = EmbeddedPostgres(home, {"fsync": "off"})
    server.start()
    yield server
    server.release()


def ask(dsn: str, statement: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as conn:
        row = conn.execute(statement.encode()).fetchone()
        return row[0] if row else None


def do(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(statement.encode())


def wait_until(claim: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not claim():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)


def server_pid(dsn: str) -> int:
    return int(str(ask(dsn, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")))


def hold_in_another_process(home: Path, then: str) -> subprocess.Popen[str]:
    code = f"{HOLDER}print(e.start(), flush=True)\n{then}"
    return subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)


def test_a_started_server_answers_with_checksums_and_in_utc(postgres: EmbeddedPostgres) -> None:
    assert postgres.is_alive()
    assert ask(postgres.dsn, "SHOW data_checksums") == "on"
    assert ask(postgres.dsn, "SHOW timezone") == "UTC"
    assert ask(postgres.dsn, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C.UTF-8"


def test_statement_statistics_are_ready(postgres: EmbeddedPostgres) -> None:
    do(postgres.dsn, "CREATE EXTENSION pg_stat_statements")
    assert ask(postgres.dsn, "SELECT count(*) >= 0 FROM pg_stat_statements") is True


def test_it_listens_on_a_private_socket_only(postgres: EmbeddedPostgres, home: Path) -> None:
    assert ask(postgres.dsn, "SHOW listen_addresses") == ""
    assert stat.S_IMODE((home / "postgres.socket").stat().st_mode) == 0o700


def test_starting_again_finds_the_rows_of_last_time(home: Path) -> None:
    server = EmbeddedPostgres(home)
    do(server.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    server.release()
    assert not server.is_alive()
    assert ask(server.start(), "SELECT number FROM kept") == 7
    server.release()


def test_starting_twice_holds_once(postgres: EmbeddedPostgres) -> None:
    assert postgres.start() == postgres.dsn
    postgres.release()
    assert not postgres.is_alive()


def test_after_a_kill_every_committed_row_is_there(postgres: EmbeddedPostgres) -> None:
    do(postgres.dsn, "CREATE TABLE many AS SELECT generate_series(1, 1000) AS number")
    os.kill(server_pid(postgres.dsn), signal.SIGKILL)
    wait_until(lambda: not postgres.is_alive())
    postgres.start()
    assert ask(postgres.dsn, "SELECT count(*) FROM many") == 1000


def test_a_stale_process_number_that_belongs_to_a_stranger_is_no_server(postgres: EmbeddedPostgres, home: Path) -> None:
    postgres.release()
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n\n\n\n\n\n\nready   \n")
    assert not postgres.is_alive()
    assert ask(postgres.start(), "SELECT 1") == 1


def test_racing_starts_end_in_one_server(empty_home: Path) -> None:
    servers = [EmbeddedPostgres(empty_home) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        dsns = list(pool.map(EmbeddedPostgres.start, servers))
    assert len({server_pid(dsn) for dsn in dsns}) == 1
    for server in servers:
        assert server.is_alive()
        server.release()
    assert not servers[0].is_alive()


def test_the_server_lives_on_while_another_process_holds_it(postgres: EmbeddedPostgres, home: Path) -> None:
    with hold_in_another_process(home, "time.sleep(60)") as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == postgres.dsn
        postgres.release()
        assert postgres.is_alive()
        other.kill()
    wait_until(lambda: not postgres.is_alive())


def test_the_last_one_out_stops_it_after_a_killed_holder(postgres: EmbeddedPostgres, home: Path) -> None:
    with hold_in_another_process(home, "time.sleep(60)") as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
    assert postgres.is_alive()
    postgres.release()
    assert not postgres.is_alive()


def test_a_home_too_deep_for_a_socket_gets_a_short_one(empty_home: Path) -> None:
    server = EmbeddedPostgres(empty_home / ("deep" * 30))
    assert ask(server.start(), "SELECT 1") == 1
    server.release()


@pytest.fixture
def private_home(tmp_path: Path) -> Iterator[Path]:
    """A home that nobody else may enter; what root's cluster leaves elsewhere is removed."""
    yield tmp_path / "private"
    for path in postgres_programs.SHARED.glob("pg-*"):
        if path.name.startswith(aside_name(tmp_path / "private")):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def aside_name(home: Path) -> str:
    return f"pg-{hashlib.sha256(os.fsencode(home)).hexdigest()[:10]}"


def test_in_a_private_home_it_works_too_and_a_home_made_anew_begins_anew(private_home: Path) -> None:
    for _ in range(2):
        private_home.mkdir(mode=0o700)
        server = EmbeddedPostgres(private_home)
        do(server.start(), "CREATE TABLE once (id int)")
        assert ask(EmbeddedPostgres(private_home).dsn, "SELECT count(*) FROM once") == 0
        server.release()
        shutil.rmtree(private_home)


def test_a_cluster_of_an_unknown_version_is_refused_with_a_sentence(empty_home: Path) -> None:
    (empty_home / "postgres").mkdir()
    (empty_home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(DatabaseUnavailable, match="Postgres 9, which made the data folder, was not found"):
        EmbeddedPostgres(empty_home).start()


def test_a_closed_folder_on_the_path_is_passed_over(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = empty_home / "closed"
    closed.mkdir(mode=0o000)
    monkeypatch.setenv("PATH", str(closed))
    assert postgres_programs.find(postgres_programs.account_for(None), None).folder.name == "bin"


def test_a_server_that_can_not_start_says_why(home: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"did not start(.|\n)*max_connections"):
        EmbeddedPostgres(home, {"max_connections": "many"}).start()


def test_on_a_full_disk_it_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own log can't: not a letter of it finds room."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=3_000_000))
    with pytest.raises(DatabaseUnavailable, match=r"did not start: only 3 MB are free where .+postgres lies; make room\.$"):
        EmbeddedPostgres(home, {"max_connections": "many"}).start()


def test_a_file_of_it_that_can_not_be_written_is_named(postgres: EmbeddedPostgres, home: Path) -> None:
    postgres.release()
    settings = home / "postgres" / "audiospective.conf"
    settings.unlink()
    settings.mkdir()
    with pytest.raises(DatabaseUnavailable, match=r"audiospective\.conf can't be used \(Is a directory\)"):
        postgres.start()
    settings.rmdir()


def test_the_words_before_a_crash_outlast_all_that_is_tried_after_it(postgres: EmbeddedPostgres, home: Path) -> None:
    postgres.release()
    log = home / "postgres" / "server.log"
    log.write_text("PANIC: could not write\n")
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            EmbeddedPostgres(home, {"max_connections": "many"}).start()
    assert "PANIC: could not write" in log.read_text()


def test_postgres_never_runs_as_root() -> None:
    account = postgres_programs.account_for(None)
    assert (account is None) == (os.geteuid() != 0)
    assert account is None or account.uid != 0
