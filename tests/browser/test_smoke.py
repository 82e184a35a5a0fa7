"""The runbook's smoke tests, walked by the program's own browser against the whole program."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import simulator_of, wait_for_turn

#: What this instance can't prove: it isn't production, and asks no error tracker.
_ELSEWHERE = {"R086", "R110", "R111", "R112", "R113"}


@pytest.fixture(scope="module")
def walked(instance: str, instance_home: Path, chromium: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    wait_for_turn()
    spotify = simulator_of(instance)
    done = ops(instance_home, "smoke", "--url", instance, "--browser", str(chromium), "--json", SPOTIFY_ACCOUNTS_URL=spotify)
    assert done.stdout, done.stderr
    return done.returncode, {one["id"]: one for one in json.loads(done.stdout)}


def ops(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "USER"}}
    command = [sys.executable, "-m", "audiospective.cli.main", "ops", *words]
    return subprocess.run(
        command,
        env=kept | {"AUDIOSPECTIVE_HOME": str(home)} | more,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=home.parent,
    )


def test_every_box_of_the_seven_tests_is_green_on_a_good_instance(walked: tuple[int, dict[str, dict[str, Any]]]) -> None:
    _, found = walked
    assert list(found) == [f"R{number:03d}" for number in range(67, 114)]
    wrong = {one["id"]: one["reason"] for one in found.values() if one["state"] not in {"pass", "not-applicable"}}
    assert {box: why for box, why in wrong.items() if box not in _ELSEWHERE} == {}


def test_what_was_seen_is_kept_as_pictures_whose_digests_are_in_the_ledger(
    walked: tuple[int, dict[str, dict[str, Any]]], instance_home: Path
) -> None:
    shown = json.loads(ops(instance_home, "ledger", "show", "--event", "smoke.walked", "--json").stdout)
    pictures = shown[-1]["body"]["pictures"]
    assert {"home", "signed-in", "dashboard", "archived", "export", "shared", "stranger"} <= {one["name"] for one in pictures}
    assert all(hashlib.sha256(Path(one["path"]).read_bytes()).hexdigest() == one["sha256"] for one in pictures)


def test_where_no_browser_is_there_nothing_is_green(instance: str, instance_home: Path) -> None:
    done = ops(instance_home, "smoke", "2", "--url", instance, "--browser", "/nothing/there", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, {one["state"] for one in found}) == (3, {"unknown"})
    assert "no Chromium that starts" in found[0]["reason"]
