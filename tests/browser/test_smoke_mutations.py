"""For each box that the smoke tests' browser sees: a page that is wrong in one thing turns that box red, and no other (operations.md §10).

Behind the first thing that can't be done the rest of a step is unknown, which is never green. R083 is in test_archive_again.py.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from playwright.async_api import Route

from audiospective.infra.clock import SystemClock
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from audiospective.operations.boxes import boxes
from audiospective.operations.judge import GOOD, Reading, Status, judge, rolled_up
from audiospective.operations.probes.browser import acting, arriving, sharing, walking
from audiospective.operations.probes.browser.arriving import Cards
from audiospective.operations.probes.browser.sharing import Truth
from audiospective.operations.probes.browser.walking import Expected, Walk, fresh
from tests.browser.walks import archived, place_of, sign_in

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong: of what is served at addresses that fit `at`, every `before` (a pattern) is `after`; and what is red then."""

    what: str
    at: str
    before: str
    after: str
    red: Red


@dataclass(slots=True)
class Bench:
    """A browser, a signed-in listener, and what is true of them."""

    walk: Walk
    session: str

    @contextlib.asynccontextmanager
    async def page(self, wrong: Wrong | None, *, signed_in: bool = True) -> AsyncIterator[Walk]:
        """A page of a browser without history, served with what is wrong."""
        context = await fresh(self.walk.browser, self.walk.place, self.session if signed_in else "")
        context.set_default_timeout(6_000)
        if wrong is not None:
            await context.route(re.compile(wrong.at), lambda route: _change(route, wrong))
        page = await context.new_page()
        walk = replace(self.walk, context=context, page=page, complaints=[], pictures=[])
        walk.listen(page)
        try:
            yield walk
        finally:
            await context.close()


async def _change(route: Route, wrong: Wrong) -> None:
    """A form's answer is read behind its redirect, since the browser asks for that by itself."""
    sent = route.request.post_data
    is_form = sent is not None
    answer = await route.fetch(post_data=re.sub(wrong.before, wrong.after, sent or "") or None, max_redirects=5 * is_form)
    text, headers = await answer.text(), dict(answer.headers)
    changed = re.sub(wrong.before, wrong.after, text, flags=re.DOTALL)
    headers = {name: re.sub(wrong.before, wrong.after, value) for name, value in headers.items()}
    headers.pop("content-security-policy", None)  # scripts are named there by their content
    await route.fulfill(status=answer.status, headers=headers, body=changed)


@contextlib.asynccontextmanager
async def _bench(instance: str, folder: Path, chromium: Path) -> AsyncIterator[Bench]:
    async with archived(instance, folder, chromium) as walk:
        (session,) = [one["value"] for one in await walk.context.cookies() if one["name"] == walk.place.cookie]
        yield Bench(walk, session)


def _red(readings: dict[str, Reading], also: Sequence[str] = ()) -> Red:
    """Boxes of these readings that aren't green, and the roll-ups named."""
    verdicts = {box.id: judge(box, readings[box.reading]).status for box in boxes() if box.reading in readings}
    for box in boxes():
        if box.id in also:
            verdicts[box.id] = judge(box, rolled_up(box, verdicts, readings)).status
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


async def test_signing_in(instance: str, tmp_path: Path, chromium: Path) -> None:
    async with _bench(instance, tmp_path, chromium) as bench:
        found = {}
        for wrong in (None, *ARRIVING):
            async with bench.page(wrong, signed_in=False) as walk:
                found[wrong.what if wrong else "well"] = _red(await sign_in(walk, "x"))
    assert found == {"well": {}} | {one.what: one.red for one in ARRIVING}


_NAMELESS = """addEventListener("DOMContentLoaded", () => {
  for (const one of document.querySelectorAll("summary")) one.removeAttribute("aria-label");
})"""


async def test_coming_back(instance: str, tmp_path: Path, chromium: Path) -> None:
    place = place_of(instance)
    changes = {
        "another host": (replace(place, url=instance.replace("127.0.0.1", "localhost")), "", {"R071": F, "R072": F}),
        "another cookie": (replace(place, cookie="other"), "", {"R072": F}),
        "nobody's name": (place, _NAMELESS, {"R073": F}),
    }
    found = {}
    for what, (where, script, _) in changes.items():
        async with walking.opened(where, SystemClock(), tmp_path, str(chromium)) as walk:
            await walk.context.add_init_script(script)
            await sign_in(walk)
            found[what] = _red(await walking.taken(walk, "come-back", arriving.come_back, arriving.COME_BACK))
    assert found == {what: red for what, (_, _, red) in changes.items()}


async def test_the_dashboard(instance: str, tmp_path: Path, chromium: Path) -> None:
    async with _bench(instance, tmp_path, chromium) as bench:
        names = {"Plays": "totalPlays", "Tracks": "uniqueTracks", "Artists": "uniqueArtists", "Albums": "uniqueAlbums"}
        found = {}
        for wrong in (None, *DASHBOARD):
            # Asked each time: descriptions of albums arrive meanwhile.
            told = await (await bench.walk.context.request.get("/api/stats?range=all")).json()
            step = partial(arriving.dashboard, cards=Cards({name: told[key] for name, key in names.items()}, told["totalPlays"]))
            async with bench.page(wrong) as walk:
                found[wrong.what if wrong else "well"] = _red(await _step(walk, "x", step, arriving.DASHBOARD))
    assert found == {"well": {}} | {one.what: one.red for one in DASHBOARD}


async def test_archiving(instance: str, tmp_path: Path, chromium: Path) -> None:
    async with _bench(instance, tmp_path, chromium) as bench:
        found = {}
        for wrong in (None, *ARCHIVE):
            count = _counts(0, 5 if wrong and wrong.what == "plays don't show" else 0)
            async with bench.page(wrong) as walk:
                seen = await _step(walk, "x", partial(_archive, count=count), acting.ARCHIVE)
                found[wrong.what if wrong else "well"] = _red(seen)
    assert found == {"well": {}} | {one.what: one.red for one in ARCHIVE}


async def test_taking_an_export_away(instance: str, tmp_path: Path, chromium: Path) -> None:
    async with _bench(instance, tmp_path, chromium) as bench:
        today, found = f"{SystemClock().now():%Y-%m-%d}", {}
        for wrong in (None, *EXPORT):
            async with bench.page(wrong) as walk:
                seen = await walking.taken(walk, "x", lambda one, seen: acting.export(one, seen, today), acting.EXPORT)
                found[wrong.what if wrong else "well"] = _red(seen)
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


async def test_sharing(instance: str, tmp_path: Path, chromium: Path) -> None:
    async with _bench(instance, tmp_path, chromium) as bench:
        found = {}
        for wrong in (None, *SHARE):
            async with bench.page(wrong) as walk:
                seen = await walking.taken(walk, "x", partial(_share, count=_counts(0, 1)), sharing.SHARE)
                found[wrong.what if wrong else "well"] = _red(seen)
        async with bench.page(None) as walk:
            found["two made"] = _red(await walking.taken(walk, "x", partial(_share, count=_counts(0, 2)), sharing.SHARE))
    assert found == {"well": {}, "two made": {"R098": F}} | {one.what: one.red for one in SHARE}


async def _share(walk: Walk, seen: dict[str, Reading], count: sharing.Count) -> None:
    await sharing.share(walk, seen, count)


async def test_what_a_stranger_sees(instance: str, tmp_path: Path, chromium: Path) -> None:
    period = parse("7d", SystemClock().now(), Zone.named("UTC"))
    async with _bench(instance, tmp_path, chromium) as bench:
        told = await (await bench.walk.context.request.get("/api/top-tracks?range=7d&limit=50")).json()
        true = Truth(tuple((one["track"]["name"], one["playCount"]) for one in told["tracks"]), period, ("nobody-of-that-name",))
        later = parse("30d", SystemClock().now(), Zone.named("UTC"))
        shares = {
            "well": (true, None, {}),
            "other tracks": (replace(true, tracks=(("Another", 1), *true.tracks)), None, {"R104": F, "R109": F}),
            "other days": (replace(true, days=later), None, {"R105": F, "R109": F}),
            "a name is shown": (replace(true, canaries=("Test Share",)), None, {"R106": F}),
            "another title": (true, Wrong("", "/shares$", r"Test\+Share", "Test+Shore", {}), {"R103": F, "R109": F}),
        }
        found = {}
        for what, (truth, wrong, _) in shares.items():
            async with bench.page(wrong) as walk:
                await walking.taken(walk, "share", partial(_share, count=_counts(0, 1)), sharing.SHARE)
                found[what] = _red(await walking.taken(walk, "x", partial(sharing.stranger, truth=truth), sharing.STRANGER), ["R109"])
        async with bench.page(None) as walk:
            await walk.page.goto("/shares")
            await walk.page.evaluate("navigator.clipboard.writeText(`${location.origin}/share/${'x'.repeat(22)}`)")
            nothing = _red(await walking.taken(walk, "x", partial(sharing.stranger, truth=true), sharing.STRANGER), ["R109"])
    assert found == {what: red for what, (_, _, red) in shares.items()}
    assert nothing.items() >= {"R102": F, "R109": F}.items()


def test_every_box_that_the_browser_sees_is_turned_by_something() -> None:
    """Here, in test_archive_again.py, or as a roll-up of these."""
    turned = {box for wrong in (*ARRIVING, *DASHBOARD, *ARCHIVE, *EXPORT, *SHARE) for box, status in wrong.red.items() if status is F}
    elsewhere = {"R071", "R072", "R073", "R083", "R098", "R102", "R103", "R104", "R105", "R106"}
    seen = {box.id for box in boxes() if box.reading.startswith("browser.")}
    assert seen - turned == elsewhere
