"""A process that is tied to its parent ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
    until = time.monotonic() + 10
    while is_alive(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not is_alive(child)


def test_a_parent_that_died_before_the_tie_ends_the_child_at_once() -> None:
    code = "import time; from audiospective.infra.processes import end_with; end_with(1 << 22); time.sleep(60)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGTERM
    assert os.getpid() != 1 << 22
