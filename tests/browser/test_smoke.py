"""The runbook's smoke tests, walked by the program's own browser against the whole program."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import simulator_of, wait_for_turn
from tests.browser.terminal import Terminal

#: What this instance can't prove: it isn't production, and asks no error tracker.
_ELSEWHERE = {"R086", "R110", "R111", "R112", "R113"}


Found = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def terminal(instance: str, instance_home: Path) -> Terminal:
    return Terminal({"AUDIOSPECTIVE_HOME": str(instance_home), "SPOTIFY_ACCOUNTS_URL": simulator_of(instance)}, instance_home.parent)


@pytest.fixture(scope="module")
def walked(instance: str, terminal: Terminal, chromium: Path) -> Found:
    wait_for_turn()
    return {one["id"]: one for one in terminal.json("smoke", "--url", instance, "--browser", str(chromium))}


def test_every_box_of_the_seven_tests_is_green_on_a_good_instance(walked: Found) -> None:
    assert list(walked) == [f"R{number:03d}" for number in range(67, 114)]
    wrong = {one["id"]: one["reason"] for one in walked.values() if one["state"] not in {"pass", "not-applicable"}}
    assert {box: why for box, why in wrong.items() if box not in _ELSEWHERE} == {}


@pytest.mark.usefixtures("walked")
def test_what_was_seen_is_kept_as_pictures_whose_digests_are_in_the_ledger(terminal: Terminal) -> None:
    shown = terminal.json("ledger", "show", "--event", "smoke.walked")
    pictures = shown[-1]["body"]["pictures"]
    assert {"home", "signed-in", "dashboard", "archived", "export", "shared", "stranger"} <= {one["name"] for one in pictures}
    assert all(hashlib.sha256(Path(one["path"]).read_bytes()).hexdigest() == one["sha256"] for one in pictures)


def test_where_no_browser_is_there_nothing_is_green(instance: str, terminal: Terminal) -> None:
    code, out, _ = terminal.ops("smoke", "2", "--url", instance, "--browser", "/nothing/there", "--json")
    found = json.loads(out)
    assert (code, {one["state"] for one in found}) == (3, {"unknown"})
    assert "no Chromium that starts" in found[0]["reason"]
