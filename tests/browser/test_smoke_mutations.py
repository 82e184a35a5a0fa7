"""For each box that the smoke tests' browser sees: a page that is wrong in one thing turns that box red, and no other (operations.md §10).

Behind the first thing that can't be done the rest of a step is unknown, which is never green.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from audiospective.infra.clock import SystemClock
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from audiospective.operations.boxes import boxes
from audiospective.operations.judge import GOOD, Reading, Status, judge, rolled_up
from audiospective.operations.probes.browser import acting, arriving, sharing, walking
from audiospective.operations.probes.browser.arriving import Cards
from audiospective.operations.probes.browser.sharing import Truth
from audiospective.operations.probes.browser.walking import Expected, Walk
from tests.browser.walks import Bench, Wrong, benched, sign_in, together

#: All walks share one browser, and so one loop.
walks = pytest.mark.asyncio(loop_scope="module")

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(instance: str, chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    async with benched(instance, tmp_path_factory.mktemp("pictures"), chromium) as found:
        yield found


def _red(readings: dict[str, Reading], also: Sequence[str] = ()) -> Red:
    """Boxes of these readings that aren't green, and the roll-ups named."""
    verdicts = {box.id: judge(box, readings[box.reading]).status for box in boxes() if box.reading in readings}
    for box in boxes():
        if box.id in also:
            verdicts[box.id] = judge(box, rolled_up(box, verdicts, readings)).status
    print({name: one for name, one in readings.items() if one.note or one.problem})  # whoever reads of a failure wants to know why
    return {box: status for box, status in verdicts.items() if status not in GOOD}


async def _step(walk: Walk, label: str, step: walking.Step, names: Expected) -> dict[str, Reading]:
    found = await walking.taken(walk, label, step, names)
    return found | {"browser.console_errors": Reading(len(walk.complaints), "browser", "; ".join(walk.complaints)[:200])}


def _counts(*told: int) -> Callable[[], Awaitable[int]]:
    """How many are stored, each time that it is asked."""
    left = list(told)

    async def count() -> int:
        return left.pop(0)

    return count


async def _stored(walk: Walk) -> int:
    """How many plays this listener has: they go on listening meanwhile."""
    told = await (await walk.context.request.get("/api/stats?range=all")).json()
    return int(told["totalPlays"])


async def _archive(walk: Walk, seen: dict[str, Reading], count: acting.Count) -> None:
    await acting.archive(walk, seen, count)


ARRIVING = [
    Wrong("no button", "/$", "Sign in with Spotify", "Log on", {"R069": F, "R070": U}),
    Wrong("no state", r"/auth/spotify(\?|$)", "([?&])state=[^&]*", r"\1", {"R070": F}),
    Wrong("other scopes", r"/auth/spotify(\?|$)", "user-read-recently-played", "playlist-read-private", {"R070": F}),
]
DASHBOARD = [
    Wrong(
        "something is missing", r"/dashboard\?range=all", "</main>", '<img alt="" src="/static/none.png"></main>', {"R074": F, "R077": F}
    ),
    Wrong("a card is wrong", r"/dashboard\?range=all", "(<dt[^>]*>Plays</dt>\\s*<dd[^>]*>)", r"\g<1>1", {"R075": F}),
    Wrong("no chart is drawn", r"/dashboard\?range=all", "<svg", "<canvas", {"R076": F}),
    Wrong("the console complains", r"/static/app\..*\.js", "^", 'console.warn("odd");', {"R074": F, "R077": F}),
]
ARCHIVE = [
    Wrong("it doesn't say that it reads", r"/dashboard", "Reading Spotify", "Wait", {"R078": F}),
    Wrong("it can be pressed twice", r"/static/app\..*\.js", r'button\.setAttribute\("aria-disabled", "true"\);', "", {"R079": F}),
    Wrong("nothing is told", r"/static/app\..*\.js", r"box\.replaceChildren\(toast\);", "", {"R080": F, "R081": U, "R082": U, "R083": U}),
    Wrong("other words", r"/static/app\..*\.js", r"found\.message \|\| button", "button", {"R081": F}),
    Wrong(
        "plays don't show", r"/static/app\..*\.js", r"found\.message \|\| button", '"Successfully archived 5 tracks" || button', {"R082": F}
    ),
]
EXPORT = [
    Wrong("no dialog", r"/static/app\..*\.js", r"dialog\.showModal\(\);", "", {"R087": F, "R088": U, "R089": U}),
    Wrong("a choice is missing", r"/export", "JSON", "Table", {"R087": F}),
    Wrong("cut off", r"/api/export", "\r\n$", "", {"R088": F}),
    Wrong("another name", r"/api/export", r"spotify-archive-(\d)", r"archive-\1", {"R089": F}),
]


#: What is taken out of the page's script, and after which end its button then stays disabled.
_BROKEN = {
    "it was done": ("await settled(found.message || button.dataset.slow);", "toast(found.message);"),
    "it was refused": ("await settled(error.message);", "toast(error.message);"),
    "the sweep failed": ("await settled(found.message ||", 'if (found.state === "done") await settled(found.message ||'),
    "nobody answered": ("throw new Error(failed);", "return new Promise(() => {});"),
}
DISABLED = [Wrong(what, r"/static/app\..*\.js", re.escape(before), after, {"R083": F}) for what, (before, after) in _BROKEN.items()]

_NAMELESS = """addEventListener("DOMContentLoaded", () => {
  for (const one of document.querySelectorAll("summary")) one.removeAttribute("aria-label");
})"""


# An address has four turns in ten seconds: here with the bench, in the second test, and in the last; what lies between takes longer.
@walks
async def test_archiving(bench: Bench) -> None:
    async def walked(wrong: Wrong | None = None) -> tuple[Red, str]:
        async with bench.page(wrong) as walk:
            count = _counts(0, 5) if wrong and wrong.what == "plays don't show" else partial(_stored, walk)
            seen = await _step(walk, "x", partial(_archive, count=count), acting.ARCHIVE)
        return _red(seen), seen["browser.archive_enabled"].note

    seen = await together({one.what: walked(one) for one in (*DISABLED, *ARCHIVE)} | {"well": walked()})
    found, ends = {what: red for what, (red, _) in seen.items()}, {what: end for what, (_, end) in seen.items()}
    found["it can be pressed twice"].pop("R081", None)  # what was played just now is told by either of two sweeps
    assert found == {"well": {}} | {one.what: one.red for one in (*ARCHIVE, *DISABLED)}
    assert ends["well"] == f"free after {', '.join(_BROKEN)}"
    assert {what: ends[what] for what in _BROKEN} == {what: f"still disabled after {what}" for what in _BROKEN}


@walks
async def test_coming_back(bench: Bench) -> None:
    place = bench.walk.place
    changes = {
        "another host": (replace(place, url=place.url.replace("127.0.0.1", "localhost")), "", {"R071": F, "R072": F}),
        "another cookie": (replace(place, cookie="other"), "", {"R072": F}),
        "nobody's name": (place, _NAMELESS, {"R073": F}),
    }
    found = {}
    for what, (where, script, _) in changes.items():
        async with bench.stranger(place=where, script=script) as walk:
            await sign_in(walk)
            found[what] = _red(await walking.taken(walk, "come-back", arriving.come_back, arriving.COME_BACK))
    assert found == {what: red for what, (_, _, red) in changes.items()}


@walks
async def test_the_dashboard(bench: Bench) -> None:
    names = {"Plays": "totalPlays", "Tracks": "uniqueTracks", "Artists": "uniqueArtists", "Albums": "uniqueAlbums"}

    async def walked(wrong: Wrong | None = None) -> Red:
        async with bench.page(wrong) as walk:
            # Asked each time: descriptions of albums arrive meanwhile.
            told = await (await walk.context.request.get("/api/stats?range=all")).json()
            step = partial(arriving.dashboard, cards=Cards({name: told[key] for name, key in names.items()}, told["totalPlays"]))
            return _red(await _step(walk, "x", step, arriving.DASHBOARD))

    found = await together({"well": walked()} | {one.what: walked(one) for one in DASHBOARD})
    assert found == {"well": {}} | {one.what: one.red for one in DASHBOARD}


async def _made(walk: Walk, title: str) -> str:
    """The link of a report as `share` leaves it, but with few covers."""
    wanted = {"title": title, "description": "", "dateRange": "7d", "sections": ["numbers", "tracks"]}
    answer = await walk.context.request.post("/api/share", data=wanted, headers={"Origin": walk.place.url})
    return str((await answer.json())["data"]["shareUrl"])


@walks
async def test_what_a_stranger_sees(bench: Bench) -> None:
    async def walked(title: str, change: Callable[[Truth], Truth]) -> Red:
        async with bench.page(None, lacks=title != "Test Share") as walk:
            link = await _made(walk, title) if title else f"{walk.place.url}/share/{'x' * 22}"
            await walk.page.goto("/shares")
            # All pages of a browser have one clipboard; here each has its own.
            await walk.page.evaluate("link => { navigator.clipboard.readText = async () => link; }", link)
            step = partial(sharing.stranger, truth=change(await _truth(walk)))
            return _red(await walking.taken(walk, "x", step, sharing.STRANGER), ["R109"])

    month = parse("30d", SystemClock().now(), Zone.named("UTC"))
    shares: dict[str, tuple[str, Callable[[Truth], Truth], Red]] = {
        "another title": ("Test Shore", lambda true: true, {"R103": F, "R109": F}),
        "nothing is there": ("", lambda true: true, {"R102": F} | dict.fromkeys(("R103", "R104", "R105", "R106", "R109"), U)),
        "other tracks": ("Test Share", lambda true: replace(true, tracks=(("Another", 1), *true.tracks)), {"R104": F, "R109": F}),
        "other days": ("Test Share", lambda true: replace(true, days=month), {"R105": F, "R109": F}),
        "a name is shown": ("Test Share", lambda true: replace(true, canaries=("Test Share",)), {"R106": F}),
        "well": ("Test Share", lambda true: true, {}),
    }
    found = await together({what: walked(title, change) for what, (title, change, _) in shares.items()})
    assert found == {what: red for what, (_, _, red) in shares.items()}


async def _truth(walk: Walk) -> Truth:
    """What a report of this listener's week must show."""
    told = await (await walk.context.request.get("/api/top-tracks?range=7d&limit=50")).json()
    tracks = tuple((one["track"]["name"], one["playCount"]) for one in told["tracks"])
    return Truth(tracks, parse("7d", SystemClock().now(), Zone.named("UTC")), ("nobody-of-that-name",))


@walks
async def test_taking_an_export_away(bench: Bench) -> None:
    today = f"{SystemClock().now():%Y-%m-%d}"

    async def walked(wrong: Wrong | None = None) -> Red:
        async with bench.page(wrong) as walk:
            return _red(await walking.taken(walk, "x", lambda one, seen: acting.export(one, seen, today), acting.EXPORT))

    found = await together({one.what: walked(one) for one in EXPORT} | {"well": walked()})
    assert found == {"well": {}} | {one.what: one.red for one in EXPORT}


def _behind(first: int) -> Red:
    return {f"R{number:03}": U for number in range(first, 102)}


SHARE = [
    Wrong("no dialog", r"/static/app\..*\.js", r"dialog\.showModal\(\);", "", {"R095": F} | _behind(96)),
    Wrong("a title that can't be typed", r"/share", 'name="title"', 'name="title" readonly', {"R096": F} | _behind(97)),
    Wrong("other days", r"/share", 'value="7d"', 'value="30d"', {"R097": F}),
    Wrong("other words", r"/shares", "Your link is ready", "Done", {"R099": F}),
    Wrong("a short name", r"/shares", r"(/share/[\w-]{4})[\w-]{18}", r"\1", {"R100": F}),
    Wrong("nothing is copied", r"/static/app\..*\.js", r"button\.dataset\.copy\)", '"")', {"R101": F}),
]


@walks
async def test_sharing(bench: Bench) -> None:
    async def walked(wrong: Wrong | None, made: int = 1) -> Red:
        async with bench.page(wrong) as walk:
            return _red(await walking.taken(walk, "x", partial(_share, count=_counts(0, made)), sharing.SHARE))

    async def copied() -> dict[str, Red]:
        """One after the other: all pages of a browser have one clipboard, to which the first two never get."""
        found = {one.what: await walked(one) for one in SHARE[2:]}
        return found | {"well": await walked(None), "two made": await walked(None, made=2)}

    seen = await asyncio.gather(copied(), together({one.what: walked(one) for one in SHARE[:2]}))
    found = seen[0] | seen[1]
    assert found == {"well": {}, "two made": {"R098": F}} | {one.what: one.red for one in SHARE}


async def _share(walk: Walk, seen: dict[str, Reading], count: sharing.Count) -> None:
    await sharing.share(walk, seen, count)


@walks
async def test_signing_in(bench: Bench) -> None:
    found = {}
    for wrong in (None, *ARRIVING):
        async with bench.stranger(wrong) as walk:
            found[wrong.what if wrong else "well"] = _red(await sign_in(walk, "x"))
    assert found == {"well": {}} | {one.what: one.red for one in ARRIVING}


def test_every_box_that_the_browser_sees_is_turned_by_something() -> None:
    """By a change of what is served, or by another truth."""
    turned = {
        box for wrong in (*ARRIVING, *DASHBOARD, *ARCHIVE, *DISABLED, *EXPORT, *SHARE) for box, status in wrong.red.items() if status is F
    }
    elsewhere = {"R071", "R072", "R073", "R098", "R102", "R103", "R104", "R105", "R106"}
    seen = {box.id for box in boxes() if box.reading.startswith("browser.")}
    assert seen - turned == elsewhere
