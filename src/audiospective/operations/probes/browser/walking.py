"""A browser, what it complains of without anybody looking, and the pictures that it leaves.

Playwright is an optional part of the program (`pip install audiospective[browser]`); where it or a Chromium is missing, nothing was seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

import msgspec

from audiospective.errors import Unavailable
from audiospective.infra.clock import Clock
from audiospective.operations.judge import Reading

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request

#: Without these Chromium asks its maker for updates, which fails where there is no network.
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: The shell first: the same engine, without the windows that nobody sees.
_NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_PATIENCE_MS: Final = 15_000
#: It is looked at again after so long, then after twice as long, until the pauses are as long as they get.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where the walk goes: our address, Spotify's, the name of our session cookie, and whether that Spotify is the simulator."""

    url: str
    accounts_url: str
    cookie: str
    is_simulated: bool

    @property
    def host(self) -> str:
        """Ours, with its port."""
        return urlsplit(self.url).netloc

    @property
    def spotify(self) -> str:
        """Spotify's host, with its port."""
        return urlsplit(self.accounts_url).netloc


class Picture(msgspec.Struct, frozen=True):
    """A screenshot on disk."""

    name: str
    path: str
    sha256: str


@dataclass(slots=True)
class Walk:
    """A browser under way: the page that is open, what was heard and what was pictured so far."""

    place: Place
    clock: Clock
    folder: Path
    browser: Browser
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    async def picture(self, name: str) -> None:
        """Keep what is to be seen now."""
        path = self.folder / f"{len(self.pictures) + 1:02}-{name}.png"
        content = await self.page.screenshot(path=path)
        self.pictures.append(Picture(name, str(path), hashlib.sha256(content).hexdigest()))

    async def begin_anew(self, session: str) -> None:
        """Go on without anything that the browser remembers, signed in by the cookie's value; what was heard and pictured is kept."""
        await self.context.close()
        self.context = await fresh(self.browser, self.place, session)
        self.page = await self.context.new_page()
        self.listen(self.page)

    def listen(self, page: Page) -> None:
        """Hear this page's errors from now on: its console, the policy's reports, and requests to others than us and Spotify."""
        page.on("console", partial(_console, self.complaints))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", partial(_request, self.complaints, {self.place.host, self.place.spotify}))


def _console(complaints: list[str], message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"}:
        complaints.append(message.text)


def _request(complaints: list[str], known: Set[str], request: Request) -> None:
    parts = urlsplit(request.url)
    if parts.scheme != "data" and parts.netloc not in known:
        complaints.append(f"asked {parts.netloc}")


#: The readings of a step in the order in which they come, each with what it is where nothing is seen.
Expected: TypeAlias = Mapping[str, float | str]

#: A part of the walk: it fills in its readings as it sees them.
Step: TypeAlias = Callable[[Walk, dict[str, Reading]], Awaitable[None]]


@contextlib.asynccontextmanager
async def opened(place: Place, clock: Clock, folder: Path, program: str = "", session: str = "") -> AsyncIterator[Walk]:
    """A browser, signed in when `session` is a cookie's value; raises Unavailable with the reason where there is none."""
    try:
        from playwright.async_api import Error, async_playwright  # noqa: PLC0415 (an optional part)
    except ImportError as error:
        raise Unavailable("no browser can be driven here: pip install 'audiospective[browser]'") from error
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=program or _found(), args=list(_FLAGS))
        except Error as error:
            raise Unavailable("there is no Chromium that starts; install one, as in: apt-get install chromium") from error
        try:
            context = await fresh(browser, place, session)
            walk = Walk(place, clock, folder, browser, context, await context.new_page())
            walk.listen(walk.page)
            yield walk
        finally:
            await browser.close()


async def fresh(browser: Browser, place: Place, session: str = "") -> BrowserContext:
    """A browser context without history; signed in when `session` is a cookie's value."""
    context = await browser.new_context(
        base_url=place.url,
        viewport={"width": 1280, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
        locale="en-GB",
        reduced_motion="reduce",  # pictures stand still, and nothing is drawn sixty times a second while the walk waits
    )
    context.set_default_timeout(_PATIENCE_MS)
    if session:
        await context.add_cookies([{"name": place.cookie, "value": session, "url": place.url}])
    return context


async def before_long(holds: Callable[[], Awaitable[bool]], within_s: float) -> bool:
    """Whether it comes to hold: what a press sets going is done after the press is over, on a busy machine later."""
    pause, left = _FIRST_PAUSE_S, within_s
    while not await holds():
        if left <= 0:
            return False
        await asyncio.sleep(pause)
        left, pause = left - pause, min(pause * 2, _LONGEST_PAUSE_S)
    return True


async def taken(walk: Walk, label: str, step: Step, names: Expected) -> dict[str, Reading]:
    """Take a step. `names` has each of its readings in order, with what it is where it isn't seen: the first that isn't seen fails,
    those behind it are unknown.
    """
    from playwright.async_api import Error  # noqa: PLC0415 (an optional part)

    seen: dict[str, Reading] = {}
    why = ""
    try:
        await step(walk, seen)
    except Error as error:
        why = error.message.partition("\n")[0][:200]
        with contextlib.suppress(Error):
            await walk.picture(f"{label}-stopped")
    for place, name in enumerate([name for name in names if name not in seen]):
        seen[name] = _unseen(names[name], why, is_first=not place)
    return {f"browser.{name}": seen[name] for name in names}


def left_out(names: Expected) -> dict[str, Reading]:
    """The readings of a step that wasn't taken since the one before it failed."""
    return {f"browser.{name}": Reading(source="browser", problem="the step before it couldn't be taken") for name in names}


def _unseen(otherwise: float | str, why: str, *, is_first: bool) -> Reading:
    if "net::ERR" in why:
        return Reading(source="browser", problem=f"it can't be reached: {why}")
    if is_first:
        return Reading(otherwise, "browser", f"not seen: {why or 'nothing came'}")
    return Reading(source="browser", problem="the step before it couldn't be taken")


def _found() -> str | None:
    """A Chromium of the system; None: Playwright's own, if it has one."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)
