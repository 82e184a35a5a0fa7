"""R083, the way of failure: a page whose button stays disabled after something went wrong turns that box red, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Route

from audiospective.operations.boxes import boxes
from audiospective.operations.judge import GOOD, Reading, Status, judge
from audiospective.operations.probes.browser import acting, walking
from tests.browser.walks import archived

#: What is taken out of the page's script, and after what its button then stays disabled.
_BROKEN = {
    "it was done": ("await settle(found.message || button.dataset.slow);", "toast(found.message);"),
    "it was refused": ("await settle(error.message);", "toast(error.message);"),
    "the sweep failed": ("await settle(found.message ||", 'if (found.state === "done") await settle(found.message ||'),
    "nobody answered": ("throw new Error(failed);", "return new Promise(() => {});"),
}


async def _nothing_new() -> int:
    return 0


async def _walked(instance: str, folder: Path, chromium: Path, taken_out: tuple[str, str] = ("", "")) -> dict[str, Reading]:
    """Sign in, archive all there is, and take the runbook's test with a page that was changed so."""
    async with archived(instance, folder, chromium) as walk:
        await walk.page.route(re.compile(r"/static/app\..*\.js"), lambda route: _change(route, *taken_out))
        return await walking.taken(walk, "archive", lambda one, seen: acting.archive(one, seen, _nothing_new), acting.ARCHIVE)


async def _change(route: Route, before: str, after: str) -> None:
    answer = await route.fetch()
    text = await answer.text()
    assert before in text
    await route.fulfill(response=answer, body=text.replace(before, after))


def _red(readings: dict[str, Reading]) -> dict[str, Status]:
    judged = {box.id: judge(box, readings[box.reading]) for box in boxes() if box.reading in readings}
    assert len(judged) == len(acting.ARCHIVE)
    return {one.box: one.status for one in judged.values() if one.status not in GOOD}


async def test_a_good_page_frees_its_button_after_each_way_in_which_it_may_end(instance: str, tmp_path: Path, chromium: Path) -> None:
    found = await _walked(instance, tmp_path, chromium)
    assert _red(found) == {}
    assert found["browser.archive_enabled"].note == f"free after {', '.join(_BROKEN)}"


@pytest.mark.parametrize("after", _BROKEN)
async def test_a_button_that_stays_disabled_turns_its_own_box_red_and_no_other(
    instance: str, tmp_path: Path, chromium: Path, after: str
) -> None:
    found = await _walked(instance, tmp_path, chromium, _BROKEN[after])
    assert _red(found) == {"R083": Status.FAIL}
    assert found["browser.archive_enabled"].note == f"still disabled after {after}"
