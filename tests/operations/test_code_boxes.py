"""For each box that git answers: one thing wrong in a real checkout, or at its origin, turns that box red, and no other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from audiospective.operations.boxes import boxes
from audiospective.operations.judge import GOOD, Status, judge
from audiospective.operations.probes import code
from tests.operations.checkout import Checkout

pytestmark = pytest.mark.programs

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]

_PROJECT = '[project]\nname = "x"\nversion = "1.0.0"\n'
_ORIGIN = "../origin.git"


@dataclass(slots=True)
class There:
    """A checkout in order, somebody else's of the same origin, and the commit that a launch is of."""

    folder: Path
    pinned: str

    def git(self, *words: str) -> str:
        """What it says in our checkout."""
        return Checkout.of(self.folder / "ours").git(*words)

    def theirs(self, *words: str) -> str:
        """What it says in the other one."""
        return Checkout.of(self.folder / "theirs").git(*words)

    def stands(self) -> Red:
        """How each box of the code stands."""
        found = code.look(self.folder / "ours", self.pinned)
        return {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> There:
    """Made once; each test has a copy of it."""
    folder = tmp_path_factory.mktemp("code")
    for name in ("origin.git", "ours"):
        (folder / name).mkdir()
    ours = Checkout(folder / "ours")
    pinned = ours.commit("pyproject.toml", _PROJECT)
    ours.git("init", "--quiet", "--bare", "-b", "main", _ORIGIN)
    ours.git("remote", "add", "origin", _ORIGIN)
    ours.git("tag", "-a", "v1.0.0", "-m", "x")
    ours.git("push", "--quiet", "origin", "main", "v1.0.0")
    shutil.copytree(folder / "ours", folder / "theirs")
    return There(folder, pinned)


@pytest.fixture
def there(good: There, tmp_path: Path) -> There:
    return There(shutil.copytree(good.folder, tmp_path / "code"), good.pinned)


Break = Callable[[There], object]


def _git(*words: str) -> Break:
    return lambda one: one.git(*words)


def _commits(who: str) -> Break:
    def do(one: There) -> None:
        at = one.theirs if who == "theirs" else one.git
        at("commit", "--quiet", "--allow-empty", "-m", "one more")
        if who == "theirs":
            at("push", "--quiet", "origin", "main")

    return do


def _aside(one: There) -> None:
    """On a branch of its own, which its origin has as it is, while the main one went on."""
    _commits("theirs")(one)
    one.git("checkout", "--quiet", "-b", "aside")
    one.git("push", "--quiet", "origin", "aside")


def _tagged(*words: str, at_origin: bool = False) -> Break:
    """The tag is another one."""

    def do(one: There) -> None:
        one.git("tag", "-d", "v1.0.0")
        one.git("tag", "v1.0.0", *words)
        if at_origin:
            one.git("push", "--quiet", "--force", "origin", "v1.0.0")

    return do


def _pinned(commit: str) -> Break:
    def do(one: There) -> None:
        one.pinned = one.git("rev-parse", commit) if "~" in commit else commit

    return do


#: Of a tag at the origin two boxes ask.
_TAG = ("R050", "R051")

MUTATIONS: list[tuple[str, Break, Red]] = [
    ("somebody else went on", _commits("theirs"), {"R031": F}),
    ("a commit that only we have", _commits("ours"), {"R031": F}),
    ("another branch", _git("checkout", "--quiet", "-b", "aside"), {"R030": F}),
    ("a branch aside, and main went on", _aside, {"R030": F, "R031": F}),
    ("a file that isn't committed", lambda one: (one.folder / "ours" / "new").touch(), {"R034": F}),
    ("no tag", _git("tag", "-d", "v1.0.0"), {"R040": F, "R049": F}),
    ("a tag that says nothing", _tagged(), {"R049": F}),
    ("a tag of another commit", _tagged("HEAD~", "-a", "-m", "x"), {"R049": F}),
    ("a tag of another commit at the origin", _tagged("HEAD~", "-a", "-m", "x", at_origin=True), {"R049": F} | dict.fromkeys(_TAG, F)),
    ("a tag that wasn't pushed", _git("push", "--quiet", "--delete", "origin", "v1.0.0"), dict.fromkeys(_TAG, F)),
    ("a launch of another commit", _pinned("HEAD~"), dict.fromkeys(("R049", *_TAG), F)),
    ("a launch of what isn't here", _pinned("b" * 40), dict.fromkeys(("R049", *_TAG), U)),
    ("no origin any more", lambda one: shutil.rmtree(one.folder / "origin.git"), dict.fromkeys(("R031", *_TAG), U)),
    (
        "no checkout",
        lambda one: shutil.rmtree(one.folder / "ours" / ".git"),
        dict.fromkeys(("R030", "R031", "R034", "R040", "R049", *_TAG), U),
    ),
]


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
def test_one_broken_thing_turns_its_own_boxes_and_no_other(there: There, wrong: Break, red: Red) -> None:
    wrong(there)
    assert {box: status for box, status in there.stands().items() if status not in GOOD} == red


def test_in_good_order_every_box_is_green_and_without_a_remote_none_is_asked(there: There) -> None:
    assert there.stands() == dict.fromkeys(("R030", "R031", "R034", "R040", "R049", *_TAG), Status.PASS)
    there.pinned = ""
    there.git("remote", "remove", "origin")
    assert {box for box, status in there.stands().items() if status is Status.NOT_APPLICABLE} == {"R031", *_TAG}
