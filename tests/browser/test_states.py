"""Every page in every state that an archive can be in, without an instance: in both themes, on a phone and on a desk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from audiospective.infra.language import ENGLISH, Language, language, speaking
from tests.browser.barriers import barriers, everywhere
from tests.browser.pictures import ARE_KEPT, LAY_ALL_OUT, keep_picture
from tests.web.pseudo import MIRRORED
from tests.web.sample import ASSETS, Sample, named, rendered, samples

_WIDTHS = (360, 320, 768, 1440)  # the second is 1280 at 400 %; the last state was left at the first, and axe begins with the last
#: What makes the page wider than its window, and what can be pressed in a row that lies out of sight in a region that scrolls.
_WIDER = """(() => [...document.querySelectorAll(document.documentElement.scrollWidth > innerWidth ? "body *" : "td :is(button, select)")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 120)).join("\\n"))()"""
#: Parsed anew in the window that is there: its styles, letters and scripts are known, and so is axe. Timers of the page before end with it;
#: movements are ended, since where no frame is drawn they wouldn't. A script of an address runs once in a window,
#: and one that stands in the page as often as it is parsed.
_SHOW = f"""async html => {{
    const last = setTimeout(Object);
    for (let timer = globalThis.lastTimer ?? 0; timer < last; timer++) clearTimeout(timer + 1);
    globalThis.lastTimer = last;
    document.open();
    const loaded = new Promise(done => addEventListener("load", done));
    document.write(html.replace(ADDRESSED, () => WRITTEN));
    document.close();
    await loaded;
    await document.fonts.ready;
    for (const one of document.getAnimations()) if (one.effect.getComputedTiming().endTime < Infinity) one.finish();
    {LAY_ALL_OUT}
    return {_WIDER};
}}"""
#: Gives everything that others named a name without a place to break it.
_LENGTHEN = """for (const one of document.querySelectorAll("bdi, h1 em, .answer b, .import-now h2"))
    one.textContent = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";"""
_FRAME = "<!doctype html><html lang='en'><title>t</title><main><h1>t</h1>{}</main></html>"
_SCRIPT = ASSETS.url("app.js")
_script = ASSETS.find(_SCRIPT.removeprefix("/static/"))
assert _script is not None
_ADDRESSED = f'<script src="{_SCRIPT}" type="module"></script>'
_WRITTEN = f'<script type="module">{_script.content.decode()}</script>'


class Door(ThreadingHTTPServer):
    """Serves styles, scripts and letters, which the browser keeps as it keeps ours, and an empty page to begin with."""

    daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    """An empty page to whoever goes there, an asset by its name, nothing else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asset = ASSETS.find(self.path.partition("/static/")[2])
        if asset:
            self._send(200, asset.media_type, asset.content, "max-age=31536000, immutable")
        elif self.headers.get("Sec-Fetch-Dest") == "document":
            self._send(200, "text/html; charset=utf-8", b"<!doctype html>", "no-store")
        else:
            self._send(404, "application/json", b"{}", "no-store")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def _send(self, status: int, kind: str, body: bytes, kept: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": kept}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with Door(("127.0.0.1", 0), Answer) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


@pytest.fixture(scope="module")
def page(still_browser: Browser, door: Door) -> Iterator[Page]:
    context = still_browser.new_context(base_url=door.url, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/")
    page.evaluate("([addressed, written]) => Object.assign(globalThis, { ADDRESSED: addressed, WRITTEN: written })", [_ADDRESSED, _WRITTEN])
    yield page
    context.close()


def show(page: Page, sample: Sample, language: Language = ENGLISH) -> str:
    """The sample as it is once it was loaded; what is wider than the window."""
    with speaking(language):
        html = rendered(sample)
    assert html.count("<script src") == html.count(_ADDRESSED)
    return str(page.evaluate(_SHOW, html))


def resize(page: Page, width: int) -> None:
    """Unless it is so wide: to be told so again costs a layout."""
    now = page.viewport_size
    if now is None or now["width"] != width:
        page.set_viewport_size({"width": width, "height": 900})


def sticking_out(page: Page) -> str:
    """What is wider than the window."""
    return str(page.evaluate(_WIDER))


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_a_state_has_no_barrier_and_fits(page: Page, sample: Sample) -> None:
    narrow, *wider = _WIDTHS
    resize(page, narrow)
    assert show(page, sample) == "", narrow
    keep_picture(page, f"states/{sample.name}-{narrow}")
    for width in wider:
        resize(page, width)
        assert sticking_out(page) == "", width
    for theme in ("light", "dark") if ARE_KEPT else ():
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        keep_picture(page, f"states/{sample.name}-{theme}")
    # The gallery shows the same landmark in several states, side by side.
    assert everywhere(page, but="landmark-unique" if sample.name == "design" else "") == []


@pytest.mark.parametrize("name", [one.name for one in samples() if one.name != "design"])
def test_a_state_fits_a_phone_from_right_to_left_and_in_longer_words(page: Page, name: str) -> None:
    resize(page, 360)
    for spoken, kept in ((MIRRORED, "rtl"), (language("de"), "de"), (language("ja"), "ja")):
        assert spoken is not None
        with speaking(spoken):
            sample = named(name)
        assert show(page, sample, spoken) == "", kept
        if spoken is MIRRORED:
            keep_picture(page, f"states/{name}-{kept}")
    page.evaluate(_LENGTHEN)
    assert sticking_out(page) == "", "names in one long word"


def test_a_long_name_from_right_to_left_loses_its_end_and_not_its_beginning(page: Page) -> None:
    resize(page, 360)
    show(page, named("year-2026"))
    is_first_letter_seen = page.evaluate("""() => [...document.querySelectorAll(".what bdi, .moments bdi")].map(one => {
        one.textContent = "שיר של לילה ".repeat(9);
        const first = document.createRange();
        first.setStart(one.firstChild, 0);
        first.setEnd(one.firstChild, 1);
        return first.getBoundingClientRect().right <= one.parentElement.getBoundingClientRect().right + 1;
    })""")
    assert len(is_first_letter_seen) > 5
    assert all(is_first_letter_seen)


def test_nothing_that_is_reached_by_keys_lies_under_the_bar_below(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 450})  # 1280 by 900 at 200 %
    show(page, named("settings-connected"))
    for _ in range(50):
        page.keyboard.press("Tab")
        covered = page.evaluate("""() => {
            const one = document.activeElement;
            const hidden = one.getBoundingClientRect().bottom - document.querySelector(".tabs-bottom").getBoundingClientRect().top;
            return !one.closest(".tabs-bottom") && one.offsetHeight < 300 && hidden > 0 ? one.outerHTML : "";
        }""")
        assert covered == ""


@pytest.mark.parametrize("name", ["settings-connected", "spotify-connected"])
def test_what_a_button_says_fits_a_phone_in_spanish(page: Page, name: str) -> None:
    resize(page, 360)
    spanish = language("es")
    assert spanish is not None
    with speaking(spanish):
        sample = named(name)
    assert show(page, sample, spanish) == ""


@pytest.mark.parametrize(
    "name", ["dashboard-ten-years", "settings-connected", "imports-done", "insights-full", "shared-whole", "year-2026"]
)
def test_paper_shows_what_was_found_and_no_buttons(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 794, "height": 1123})
    show(page, named(name))
    page.emulate_media(media="print")
    shown = page.evaluate("""() => ["nav", ".deck", ".btn", "form.drop", ".tabs-bottom", ".toasts", ".skip"]
        .filter(one => [...document.querySelectorAll(one)].some(found => found.checkVisibility()))""")
    assert shown == []
    assert page.locator("h1").is_visible()
    keep_picture(page, f"states/{name}-print")
    page.emulate_media(media="screen")


def test_more_contrast_is_given_to_whoever_asks(page: Page) -> None:
    inks = {}
    show(page, named("dashboard-ten-years"))
    for contrast in ("no-preference", "more"):
        page.emulate_media(contrast=contrast)
        inks[contrast] = page.evaluate("getComputedStyle(document.querySelector('.muted')).color")
        assert barriers(page, is_done=True) == []
    page.emulate_media(contrast="null")
    assert inks["more"] != inks["no-preference"]


@pytest.mark.parametrize("faint", ["color: #999", "color: #fafafa", "background: #666", "font-size: 40px; color: #eee"])
def test_a_faint_text_is_found_although_one_like_it_was_looked_at(page: Page, faint: str) -> None:
    plain = "<p style='color: #333; background: #fff'>read</p>" * 5
    for text, found in (
        (plain, 0),
        (plain + f"<div style='background: #fff'><p style='color: #333; {faint}'>faint</p></div>", 1),
        (plain, 0),
    ):
        page.evaluate(_SHOW, _FRAME.format(text))
        assert sum("light 1440 color-contrast" in one for one in everywhere(page)) == found, text


def test_a_text_is_found_that_is_too_faint_for_its_size(page: Page) -> None:
    for size, found in (("40px", 0), ("20px", 1), ("20px; font-weight: 700", 0), ("18px; font-weight: 700", 1), ("24px", 0)):
        page.evaluate(_SHOW, _FRAME.format(f"<p style='color: #888; background: #fff; font-size: {size}'>read</p>"))
        assert sum("light 1440 color-contrast" in one for one in everywhere(page)) == found, size


@pytest.mark.parametrize("plain", ["color: #009", "color: #222", "color: #444"])
def test_a_link_that_is_lost_in_its_text_is_found_although_others_were_looked_at(page: Page, plain: str) -> None:
    clear, lost = "<a href='/'>clear</a>", f"<a href='/' style='text-decoration: none; {plain}'>lost</a>"
    style = "<style>p, a { color: #333; background: #fff }</style>"
    words = "Many words of a text in which there is {} to be read on and on."
    for text, found in (
        (lost, 0),
        (words.format(clear), 0),
        (words.format(clear + lost), 1),
        (words.format(lost), 1),
        (words.format(clear), 0),
    ):
        page.evaluate(_SHOW, _FRAME.format(f"{style}<p>{text}</p>"))
        assert sum("dark 1440 link-in-text-block" in one for one in everywhere(page)) == found, text


_BOTH = ("1440", "360")
_SMALL = "<style>button { width: 30px; height: 30px } @media (width < 400px) { button { width: 9px; height: 9px; padding: 0 } }</style>"
_TARGETS = """<style>button { width: 15px; height: 15px; padding: 0; border: 0; margin: 0 } ul { line-height: 16px; list-style: none }
    .wide { width: 40px; height: 30px; background: #fff; display: inline-block } .upon { position: relative; left: -30px }</style>"""
_CROWDED = (
    "<button>a</button><button>b</button>",
    "<button class=wide>a</button><button class='wide upon'>b</button>",
    "<a href='/' class=wide>a</a><a href='/x' class='wide upon'>b</a>",
    "<ul><li><a href='/'>one</a><li><a href='/x'>two</a></ul>",
)
_ROOMY = ("<button>a</button><button style='margin-left: 40px'>b</button>", "<button class=wide>a</button><button class=wide>b</button>")
_FAINT = "<p class=faint style='background: #fff'>read</p>"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<input>", [f"dark {width} label" for width in _BOTH]),
        ("<style>@media (width > 400px) { input { display: none } }</style><input>", ["dark 360 label"]),
        (f"<style>[data-theme=dark] .faint {{ color: #ccd }}</style>{_FAINT}", [f"dark {width} color-contrast" for width in _BOTH]),
        (f"<style>[data-theme=light] .faint {{ color: #dcc }}</style>{_FAINT}", [f"light {width} color-contrast" for width in _BOTH]),
        (f"{_SMALL}<div><button>a</button><button>b</button></div>", ["dark 360 target-size"]),
        ("<nav>here</nav><nav>there</nav>", [f"dark {width} landmark-unique" for width in _BOTH]),
        ("<h3>too deep</h3>", [f"dark {width} heading-order" for width in _BOTH]),
        *[(f"{_TARGETS}<div>{body}</div>", [f"dark {width} target-size" for width in _BOTH]) for body in _CROWDED],
        *[(f"{_TARGETS}<div>{body}</div>", []) for body in _ROOMY],
    ],
)
def test_a_barrier_is_found_where_it_is_and_only_there(page: Page, body: str, found: list[str]) -> None:
    page.evaluate(_SHOW, _FRAME.format(body))
    assert sorted({one.partition(":")[0] for one in everywhere(page)}) == sorted(found)


def test_what_sticks_out_at_one_width_is_found_there(page: Page) -> None:
    page.evaluate(_SHOW, _FRAME.format("<style>@media (700px < width < 800px) { p { width: 900px } }</style><p>wide</p>"))
    found = {}
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = sticking_out(page)
    assert [width for width, what in found.items() if "<p>wide" in what] == [768]
