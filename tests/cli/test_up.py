"""`up`, run for real: the page is there, whatever is killed comes back, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audiospective.infra.embedded import EmbeddedPostgres
from tests.cli.instance import Up, answers, command, free_port, started, wait_until
from tests.folders import reachable_folder

pytestmark = pytest.mark.db


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def instance(home: Path) -> Iterator[Up]:
    with started(home) as up:
        yield up


@pytest.fixture
def running(instance: Up) -> Up:
    """One that the test may end: it is started anew for the next."""
    if instance.process.poll() is not None:
        instance.start()
    return instance


@pytest.fixture
def at_rest(instance: Up) -> Path:
    """A data folder that was used, with nothing that runs on it."""
    if instance.process.poll() is None:
        instance.process.terminate()
        instance.process.communicate(timeout=30)
    return instance.home


def test_what_is_killed_comes_back_and_a_second_one_says_where_the_first_is(running: Up) -> None:
    assert answers(running.address)
    second = command("up", "--port", str(free_port()), "--home", str(running.home))
    said = second.communicate(timeout=30)[1]
    assert second.returncode == 1
    assert f"already running on this data folder, at {running.address}" in said
    for what in ("running pages", "running work", "simulator"):
        running.kill(what)
        wait_until(lambda what=what: any(what in line for line in running.children().values()))  # type: ignore[misc]
        assert answers(running.address)
    os.kill(server_pid(running.home), signal.SIGKILL)
    wait_until(EmbeddedPostgres(running.home).is_alive)
    wait_until(lambda: answers(running.address))


def server_pid(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def test_ctrl_c_stops_everything_and_a_second_signal_does_not_hurry_it(running: Up) -> None:
    """F39."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGTERM):
        os.killpg(running.process.pid, number)
    assert "nothing is left running" in running.process.communicate(timeout=30)[1]
    assert running.process.returncode == 0
    assert running.is_gone()


def test_told_to_stop_it_ends_although_nobody_reads_what_it_says(running: Up) -> None:
    """As in `audiospective up 2>&1 | tee log`, when the reader was killed first."""
    for stream in (running.process.stdout, running.process.stderr):
        if stream:
            stream.close()
    running.process.terminate()
    assert running.process.wait(timeout=30) == 0
    assert running.is_gone()


def test_killed_itself_it_takes_everything_along(running: Up) -> None:
    running.process.kill()
    running.process.wait()
    wait_until(running.is_gone)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = command("up", "--port", port, "--home", str(tmp_path))
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 2
    assert f"Port {port} is taken by another program; choose another, as in --port" in said


def test_a_socket_that_a_service_manager_hands_over_is_served(at_rest: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as given:
        port = given.getsockname()[1]
        words = f"LISTEN_PID=$$ LISTEN_FDS=1 exec {sys.executable} -m audiospective.cli.main up --home {at_rest}"
        process = subprocess.Popen(["sh", "-c", words], preexec_fn=lambda: os.dup2(given.fileno(), 3), pass_fds=[3], start_new_session=True)  # noqa: PLW1509 (systemd does so)
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}"))
        finally:
            os.kill(process.pid, signal.SIGINT)
            assert process.wait(30) == 0
