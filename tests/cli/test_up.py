"""`up`, run for real: the page is there, whatever is killed comes back, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from audiospective.infra.embedded import EmbeddedPostgres
from tests.cli.instance import NO_AUTHORITIES, Up, answers, command, free_port, started, wait_until
from tests.folders import reachable_folder

pytestmark = pytest.mark.db

_MIGRATES = int.from_bytes(b"audio", "big")  # whoever has this lock may bring a schema up


@pytest.fixture(scope="module")
def instance() -> Iterator[Up]:
    with reachable_folder() as home, started(home) as up:
        yield up


@pytest.fixture(scope="module")
def managed(instance: Up) -> Iterator[Up]:
    """One that a service manager started on a data folder that was used, at a socket that it handed over."""
    instance.process.terminate()
    instance.process.communicate(timeout=30)
    with socket.create_server(("127.0.0.1", 0)) as given:
        up = Up(instance.home, given.getsockname()[1])
        words = f"LISTEN_PID=$$ LISTEN_FDS=1 exec {sys.executable} -m audiospective.cli.main up --home {up.home}"
        up.process = subprocess.Popen(
            ["sh", "-c", words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.dup2(given.fileno(), 3),  # noqa: PLW1509 (systemd does so)
            pass_fds=[3],
            start_new_session=True,
        )
        up.read_address()
        yield up
        up.process.terminate()
        assert up.process.wait(timeout=30) == 0


def test_what_is_killed_comes_back_and_a_second_one_says_where_the_first_is(instance: Up) -> None:
    assert answers(instance.address)
    second = command("up", "--port", str(free_port()), "--home", str(instance.home))
    said = second.communicate(timeout=30)[1]
    assert second.returncode == 1
    assert f"already running on this data folder, at {instance.address}" in said
    for what in ("running pages", "running work", "simulator"):
        instance.kill(what)
        wait_until(lambda what=what: any(what in line for line in instance.children().values()))  # type: ignore[misc]
        assert answers(instance.address)
    os.kill(server_pid(instance.home), signal.SIGKILL)
    wait_until(EmbeddedPostgres(instance.home).is_alive)
    wait_until(lambda: answers(instance.address))


def test_a_database_that_can_not_start_is_tried_until_it_can(instance: Up) -> None:
    """As on a full disk, once somebody has made room."""
    postgres, settings = EmbeddedPostgres(instance.home), instance.home / "postgres" / "audiospective.conf"
    wait_until(postgres.is_alive)
    settings.unlink()
    settings.mkdir()
    os.kill(server_pid(instance.home), signal.SIGKILL)
    wait_until(lambda: not postgres.is_alive())
    time.sleep(2)  # so that it was tried
    settings.rmdir()
    wait_until(postgres.is_alive)
    wait_until(lambda: answers(instance.address))


def server_pid(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def test_ctrl_c_stops_everything_and_a_second_signal_does_not_hurry_it(instance: Up) -> None:
    """F39."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGTERM):
        os.killpg(instance.process.pid, number)
    assert "nothing is left running" in instance.process.communicate(timeout=30)[1]
    assert instance.process.returncode == 0
    assert instance.is_gone()


def test_a_database_elsewhere_may_take_long_to_be_made(empty_dsn: str) -> None:
    """As one that is new and far away: nobody looks for its tables before they are there."""
    with reachable_folder() as home, psycopg.connect(empty_dsn, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [_MIGRATES])
        up = Up(home, free_port())
        environ = {**os.environ, **NO_AUTHORITIES, "DATABASE_URL": empty_dsn}
        words = [sys.executable, "-m", "audiospective.cli.main", "up", "--port", str(up.port), "--home", str(home)]
        up.process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        time.sleep(5)
        other.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATES])
        up.read_address()
        assert answers(up.address)
        up.process.terminate()
        up.process.communicate(timeout=30)
        assert up.process.returncode == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = command("up", "--port", port, "--home", str(tmp_path))
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 2
    assert f"Port {port} is taken by another program; choose another, as in --port" in said


@pytest.mark.parametrize("port", ["0", "-5", "65536"])
def test_what_is_no_port_is_named_and_nothing_is_started(tmp_path: Path, port: str) -> None:
    process = command("up", "--port", port, "--home", str(tmp_path / "home"))
    said = process.communicate(timeout=30)[1]
    assert (process.returncode, said) == (2, f"{port} is no port; choose one between 1024 and 65535, as in --port 8000.\n")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("host", ["::1", "::"])
def test_at_an_address_of_ipv6_it_is_found_by_what_it_prints(host: str) -> None:
    """Or it says that this machine has no such address, where it has none."""
    with reachable_folder() as home:
        up = Up(home, free_port())
        up.process = command("up", "--host", host, "--port", str(up.port), "--home", str(home))
        if not socket.has_dualstack_ipv6():
            said = up.process.communicate(timeout=30)[1]
            assert (up.process.returncode, said) == (2, f"“{host}” is no address of this machine; try --host 127.0.0.1.\n")
            return
        up.read_address()
        assert up.address == f"http://[::1]:{up.port}"
        assert answers(up.address)
        up.process.terminate()
        up.process.communicate(timeout=30)
        assert up.process.returncode == 0
        wait_until(up.is_gone)


def test_a_socket_that_a_service_manager_hands_over_is_served(managed: Up) -> None:
    assert managed.address.endswith(f":{managed.port}")
    wait_until(lambda: answers(managed.address))


def test_told_to_stop_it_ends_although_nobody_reads_what_it_says(managed: Up) -> None:
    """As in `audiospective up 2>&1 | tee log`, when the reader was killed first."""
    for stream in (managed.process.stdout, managed.process.stderr):
        if stream:
            stream.close()
    managed.process.terminate()
    assert managed.process.wait(timeout=30) == 0
    assert managed.is_gone()
