"""A whole launch on an empty machine: the program does what it can, scripted people do the rest, and every box is settled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audiospective.operations import launches
from scripts.install import find_uv
from tests.browser.conftest import simulator_of, started
from tests.browser.terminal import Terminal
from tests.cli.instance import NO_AUTHORITIES
from tests.operations.test_launches import TEAM
from tests.operations.wheels import wheel

LEAD = TEAM["deployment-lead"]
#: Builds what lies beside the checkout: the wheel of this very code, as the version that is launched.
_BUILDER = """
import shutil


def build_wheel(directory, config_settings=None, metadata_directory=None):
    return shutil.copy({wheel!r}, directory).rpartition("/")[2]
"""
_PROJECT = """
[project]
name = "audiospective"
version = "1.0.0"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
ROLES = {"R001": "deployment-lead", "R002": "monitoring-lead", "R003": "support-lead", "R004": "backup-engineer"}


@pytest.fixture(scope="module")
def machine(chromium: Path) -> Iterator[Terminal]:
    with tempfile.TemporaryDirectory(prefix="audiospective-launch-") as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        home.mkdir(mode=0o711)
        (home / "rehearsal-clock").write_text("0", encoding="utf-8")
        (home.parent / ".env").write_text("SENTRY_ENVIRONMENT=production\n")
        with started(home) as url:
            spotify = simulator_of(url)
            environ = {"AUDIOSPECTIVE_HOME": str(home), "APP_URL": url, "SPOTIFY_ACCOUNTS_URL": spotify, "SPOTIFY_API_URL": spotify}
            environ["OSV_API_URL"] = "http://127.0.0.1:9"  # nobody answers there: people see to it
            programs = (chromium.parent, (find_uv() or Path("uv")).parent, os.environ["PATH"])
            yield Terminal(environ | NO_AUTHORITIES | {"PATH": ":".join(map(str, programs))}, checkout(Path(folder)))


def checkout(folder: Path) -> Path:
    """A small project on its main branch, with an origin, a release before this one, and tests that pass."""
    there = folder / "checkout"
    there.mkdir()
    (there / "Makefile").write_text(f"test:\n\t@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 {sys.executable} -m pytest -q test_it.py $(ARGS)\n")
    (there / "test_it.py").write_text("def test_it() -> None:\n    assert True\n")
    built = wheel(folder / "audiospective-1.0.0-py3-none-any.whl", "1.0.0")
    (there / "backend.py").write_text(_BUILDER.format(wheel=str(built)))
    (there / "pyproject.toml").write_text(_PROJECT)
    (there / ".gitignore").write_text("__pycache__/\n.pytest_cache/\ndist/\n")
    who = ["-c", "user.name=Mara Quill", "-c", "user.email=mara@example.org"]
    origin = str(folder / "origin.git")
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        [*who, "commit", "-q", "-m", "Begin"],
        [*who, "tag", "-a", "v0.9.9", "-m", "before"],
        ["clone", "-q", "--bare", ".", origin],
        ["remote", "add", "origin", origin],
        ["fetch", "-q"],
        ["branch", "-q", "--set-upstream-to=origin/main"],
    ):
        subprocess.run(["git", *words], cwd=there, check=True, capture_output=True)
    for name, value in (("user.name", "Mara Quill"), ("user.email", "mara@example.org")):
        subprocess.run(["git", "config", name, value], cwd=there, check=True)
    return there


def look_at_the_figures(machine: Terminal, name: str) -> None:
    """The monitoring lead is an operator here, and has the page of figures open."""
    machine.say("users", "add", name)
    handle = name.lower().replace(" ", "-")
    machine.say("users", "operator", handle)
    token = machine.say("users", "token", handle)[1].split()[-1]
    url = machine.environ["APP_URL"]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    form = urllib.parse.urlencode({"token": token, "next": "/ops/watch"}).encode()
    request = urllib.request.Request(f"{url}/auth/token", form, headers={"Origin": url})
    try:
        answer = browser.open(request, timeout=60)
    except urllib.error.HTTPError as busy:  # the checks before have just proved that an address may ask only so often
        busy.close()
        time.sleep(int(busy.headers["Retry-After"]))
        answer = browser.open(request, timeout=60)
    with answer:
        assert (answer.status, answer.url) == (200, f"{url}/ops/watch")


def act(machine: Terminal, box: str, why: str) -> None:
    """What the person does whose turn it is."""
    if box == "R002":
        look_at_the_figures(machine, TEAM["monitoring-lead"])
    if box in ROLES:
        done = machine.ops("ack", ROLES[box], "--by", TEAM[ROLES[box]])
    elif box in {"R044", "R211"}:
        verb = "ready" if box == "R044" else "trained"
        done = [machine.ops(verb, role, "--by", name) for role, name in TEAM.items()][-1]
    elif why.startswith("pending"):
        done = machine.ops("sign", box, "--by", "Ilse Brandt", "--note", "seen")
    else:
        done = machine.ops("waive", box, "--by", LEAD, "--reason", "a rehearsal on one machine")
    assert done[0] == 0, (box, why, done)


def test_a_whole_launch_settles_every_box(machine: Terminal) -> None:
    for role, name in TEAM.items():
        machine.ops("init", role, "--name", name, "--mail", f"{role}@example.org")
    machine.say("users", "add", "operator")
    machine.say("users", "operator", "operator")
    window = launches.next_window(datetime.now(UTC))  # noqa: TID251 (the instance lives in the machine's time until it is moved)
    assert machine.ops("launch", "new", "1.0.0", "--window", window.isoformat())[0] == 0
    ends = []
    words = ["--now", (window - timedelta(minutes=10)).isoformat()]
    for _ in range(40):
        code, out, err = machine.ops("runbook", "run", "all", "--yes", "--json", *words)
        assert out, err
        told = json.loads(out)
        ends.append((code, told["stopped_at"], Counter(one["why"].partition(":")[0] for one in told["next"])))
        if code == 0:
            break
        assert code in {4, 5}, (told, err)
        for one in told["next"]:
            act(machine, one["box"], one["why"])
        words = []
    assert ends[-1][:2] == (0, "")
    shown = machine.json("runbook", "show")
    assert len(shown) == 219
    assert {one["state"] for one in shown} <= {"pass", "signed", "waived", "not-applicable"}
    assert machine.json("ledger", "verify")["first_broken"] is None
    measured = {one["id"] for one in shown if one["state"] == "pass"}
    assert {f"R{number:03}" for number in (29, 33, *range(49, 56), 58, 59, 65, *range(110, 114), 128, 145, 209, 210)} <= measured
    rehearsed = machine.json("ledger", "show", "--event", "rollback.drilled")[-1]["body"]  # a rollback, on a copy
    assert (rehearsed["rounds"], rehearsed["failed"], rehearsed["rolled_back"], rehearsed["rows"] > 3) == (1, [], True, True)
