"""The whole program, started as a user starts it, and a real browser to visit it with."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, ViewportSize, expect, sync_playwright

from tests.browser.pictures import ARE_KEPT
from tests.cli.instance import NO_AUTHORITIES

#: Without these Chromium asks its maker for updates, which fails where there is no network.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages live for a second: to optimise their scripts and to gather garbage often costs more than it gives.
    "--js-flags=--no-opt --min-semi-space-size=32",
)
_WIDE: ViewportSize = {"width": 1280, "height": 900}
#: So long is waited for what comes at once on an idle machine; on a busy one it has taken five seconds.
_PATIENCE_MS = 30_000
expect.set_options(timeout=_PATIENCE_MS)
#: A pointer rests on every toast, which stays then: on a busy machine one may be over before it is looked at.
_HOLD_TOASTS = """new MutationObserver(() => {
    for (const one of document.querySelectorAll(".toast")) one.dispatchEvent(new PointerEvent("pointerenter"));
}).observe(document, {childList: true, subtree: true});"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them want a browser, by whatever name."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def instance_home() -> Iterator[Path]:
    """The data folder of the running instance."""
    with tempfile.TemporaryDirectory(prefix="audiospective-browser-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "home"


@pytest.fixture(scope="session")
def instance(instance_home: Path) -> Iterator[str]:
    """Address of a running `audiospective up` with a data folder of its own."""
    with started(instance_home) as url:
        yield url


_spotify_of: dict[str, str] = {}


@contextlib.contextmanager
def started(home: Path) -> Iterator[str]:
    """`audiospective up` on a free port with this data folder; its address."""
    folder = home.parent
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "USER"}}
    environ = kept | {"AUDIOSPECTIVE_HOME": str(home)} | NO_AUTHORITIES
    command = [sys.executable, "-m", "audiospective.cli.main", "up", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=folder)
    try:
        said = re.search(r"Audiospective is at (\S+).*Spotify is simulated: (\S+)", _greeting(folder / "log", running), re.DOTALL)
        assert said is not None
        _spotify_of[said[1]] = said[2]
        yield said[1]
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)


def _greeting(log: Path, running: subprocess.Popen[bytes]) -> str:
    for _ in range(1200):
        if "Press Ctrl-C" in (said := log.read_text("utf-8", "replace")):
            return said
        assert running.poll() is None, log.read_text("utf-8", "replace")
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace"))


class Browsers:
    """The Chromiums of this process, begun when first asked for."""

    def __init__(self) -> None:
        self._running = contextlib.ExitStack()
        self._by_flags: dict[tuple[str, ...], Browser] = {}
        self._driver: Playwright | None = None

    def with_flags(self, chromium: Path, *flags: str) -> Browser:
        """The one that was begun like this."""
        self._driver = self._driver or self._running.enter_context(sync_playwright())
        if flags not in self._by_flags:
            begun = self._driver.chromium.launch(executable_path=str(chromium), args=[*_FLAGS, *flags])
            self._by_flags[flags] = begun
            self._running.callback(begun.close)
        return self._by_flags[flags]

    def close(self) -> None:
        """All of them, and their driver."""
        self._running.close()
        self._by_flags.clear()
        self._driver = None


_browsers = Browsers()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Leave no driver to what comes after these tests: its event loop would stand in the way of asynchronous ones."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        _browsers.close()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Browser:
    """Chromium as people have it."""
    return _browsers.with_flags(chromium)


@pytest.fixture(scope="module")
def still_browser(chromium: Path) -> Browser:
    """Chromium that lays pages out and paints none, for what is only measured: a click would wait for a frame."""
    return _browsers.with_flags(chromium, *(() if ARE_KEPT else ("--enable-begin-frame-control",)))


def simulator_of(instance: str) -> str:
    """The address of the Spotify that stands in beside an instance, as it said itself: the port beside its own may have been taken."""
    return _spotify_of[instance]


class Complaints(list[str]):
    """What went wrong in a page without anybody looking: console errors, CSP reports, requests to other hosts."""

    def listen(self, page: Page, instance: str) -> None:
        """Hear this page, and note what it asks the instance for."""
        page.on("request", lambda request: _note(request, instance))
        page.on("console", lambda message: self.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("request", lambda request: self._strange(request, instance))

    def _strange(self, request: Request, instance: str) -> None:
        if not request.url.startswith((instance, simulator_of(instance), "data:")):
            self.append(f"asked {request.url}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Every complaint of the test's pages; there must be none at its end."""
    heard = Complaints()
    yield heard
    assert heard == []


def _context(browser: Browser, instance: str, **options: object) -> BrowserContext:
    """Nothing moves in it unless the test asks for that: sixty frames a second cost a quarter of what the browser does in all."""
    wanted = {"viewport": _WIDE, "locale": "en-GB", "reduced_motion": "reduce"} | options
    context = browser.new_context(base_url=instance, **wanted)  # type: ignore[arg-type]  # Playwright's own options
    context.set_default_timeout(_PATIENCE_MS)
    context.add_init_script(_HOLD_TOASTS)
    return context


@pytest.fixture
def visit(browser: Browser, instance: str, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    """Opens a page of the instance in a browser context with these options."""
    opened: list[BrowserContext] = []

    def begin(**options: object) -> Page:
        wait_for_room()
        context = _context(browser, instance, **options)
        opened.append(context)
        page = context.new_page()
        complaints.listen(page, instance)
        return page

    yield begin
    for context in opened:
        context.close()


#: The listeners of the simulator, by the part of a name that is easy to type.
VETERAN, REGULAR, NEWCOMER, OWL, PODCASTER = "Inês", "Tomasz", "澪", "Rafael", "Märta"


_STARTED: deque[float] = deque([float("-inf")] * 4, maxlen=4)


_ASKED: deque[float] = deque([float("-inf")] * 70, maxlen=70)


#: What has a budget of its own, ten times as large: half of what a page with covers asks for.
_CHEAP = ("/static/", "/cover/")


def _note(request: Request, instance: str) -> None:
    if request.url.startswith(instance) and not request.url.removeprefix(instance).startswith(_CHEAP):
        _ASKED.append(time.monotonic())


def wait_for_room() -> None:
    """The instance that all tests share answers one listener 100 times in ten seconds: leave 30 to the test that begins."""
    time.sleep(max(0.0, _ASKED[0] + 10.5 - time.monotonic()))


def wait_for_turn() -> None:
    """Sign in no oftener than the instance that all tests share allows one address; whoever does, waits here first."""
    time.sleep(max(0.0, _STARTED[0] + 10.5 - time.monotonic()))
    _STARTED.append(time.monotonic())


def to_spotify(page: Page) -> None:
    """Press "Sign in with Spotify"."""
    wait_for_turn()
    page.goto("/auth/spotify")


def sign_in(page: Page, who: str) -> None:
    """Sign in as one of the simulator's listeners."""
    to_spotify(page)
    page.get_by_text(who).first.click()
    page.get_by_role("button", name="Agree").click()
    page.wait_for_url("**/dashboard*")
    page.evaluate("localStorage.setItem('zone-told', 'UTC')")


_signed_in: dict[str, dict[str, object]] = {}


@pytest.fixture(scope="module")
def signed_in(browser: Browser, instance: str) -> dict[str, object]:
    """A session of the regular listener with 50 plays archived, for tests that only look; begun once for an instance."""
    if instance not in _signed_in:
        context = _context(browser, instance)
        page = context.new_page()
        sign_in(page, REGULAR)
        page.get_by_role("button", name="Archive now").click()
        page.locator(".toast").wait_for()
        _signed_in[instance] = {"storage_state": context.storage_state()}
        context.close()
    return _signed_in[instance]
