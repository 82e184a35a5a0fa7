"""A process that is tied to its parent ends with it; one that starts looks for garbage when its code is read."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audiospective.cli.main import main
from audiospective.infra.processes import started, starting

pytestmark = pytest.mark.programs

CHILD = """
import os, time
from audiospective.infra.processes import end_with
end_with(os.getppid())
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_tied_child_dies_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    until = time.monotonic() + 30
    while is_alive(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not is_alive(child)


def test_a_parent_that_died_before_the_tie_ends_the_child_at_once() -> None:
    code = "import time; from audiospective.infra.processes import end_with; end_with(1 << 22); time.sleep(60)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGTERM
    assert os.getpid() != 1 << 22


@pytest.fixture
def with_garbage() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_what_a_start_has_read_is_never_looked_through_again(with_garbage: None) -> None:
    starting()
    assert not gc.isenabled()
    started()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 1000


def test_in_a_process_that_started_long_ago_nothing_changes(with_garbage: None) -> None:
    started()
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, 0)


def test_a_command_that_was_read_has_its_garbage_looked_for(with_garbage: None, capsys: pytest.CaptureFixture[str]) -> None:
    starting()
    assert main(["--version"]) == 0
    assert gc.isenabled()
