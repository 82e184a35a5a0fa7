"""A listener's first evening: sign in, archive, import, look, leave. With a mouse, with keys alone, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NEWCOMER, OWL, PODCASTER, VETERAN, sign_in, to_spotify, wait_for_turn
from tests.collect.imports import exports

Visit = Callable[..., Page]


def an_export(folder: Path) -> Path:
    rows = [
        exports.extended(f"2024-05-{day:02}T18:{minute:02}:11Z", track=f"song {minute}")
        for day in range(1, 29)
        for minute in range(0, 50, 5)
    ]
    return exports.write_zip(folder / "my_spotify_data.zip", Streaming_History_Audio_2024=[*rows, exports.extended(track=None)])


def test_archive_now_is_disabled_while_it_reads_and_then_says_how_many(visit: Visit) -> None:
    page = visit()
    sign_in(page, VETERAN)
    button = page.locator("button.archive")
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator(".toast")).to_have_text(re.compile(r"^Successfully archived \d+ tracks?$"))
    expect(page.locator("h1")).to_contain_text("You played")
    expect(page.get_by_role("button", name="Archive now")).not_to_have_attribute("aria-disabled", "true")


def test_a_page_that_renews_itself_meanwhile_leaves_the_button_disabled(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(**signed_in)
    page.goto("/dashboard")
    held: list[Route] = []
    page.route("**/api/archive/request", lambda route: held.append(route))  # noqa: PLW0108 (it sets an attribute of its own)
    button = page.locator("button.archive")
    button.click()
    page.evaluate("audiospective.renew()")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.dispatch_event("click")
    assert len(held) == 1
    held[0].fulfill(json={"state": "failed", "message": "Spotify is silent."})
    expect(page.locator(".toast")).to_have_text("Spotify is silent.")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    expect(button.locator("small")).not_to_have_text("usually 2 seconds")


def test_whoever_reads_a_chart_by_keys_keeps_their_place_when_a_page_renews_itself(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(**signed_in)
    page.goto("/dashboard")
    page.locator("[data-ready]").first.focus()
    page.evaluate("audiospective.renew()")
    assert page.evaluate("document.activeElement.matches('[data-ready]')")


def test_whoever_stands_in_what_is_renewed_stands_there_again(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(**signed_in)
    page.goto("/dashboard")
    page.locator("details.tbl").nth(1).evaluate("one => one.open = true")
    page_now = str(page.evaluate("fetch(location.href).then(answer => answer.text())"))
    renewed = page_now.replace("</h2>", " </h2>").replace("<b>Archive now</b>", "<b>Archive now </b>")
    page.route("**/dashboard", lambda route: route.fulfill(body=renewed, content_type="text/html"))
    for place in (".list a[href^='/track/']", "button.archive", "details.tbl:not([open]) summary", "[data-ready]"):
        one = page.locator(place).last
        one.focus()
        one.evaluate("one => one.dataset.old = 'yes'")
        page.evaluate("audiospective.renew()")
        assert page.locator("[data-old]").count() == 0, place
        expect(page.locator(place).last).to_be_focused()
        renewed = renewed.replace(" </h2>", "  </h2>").replace("now </b>", "now  </b>")
    expect(page.locator("details.tbl[open]")).to_have_count(1)


def test_a_page_that_was_renewed_while_a_sweep_ran_finishes_with_it(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(**signed_in)
    page.goto("/dashboard")
    running = page.content().replace('data-state=""', 'data-state="running" aria-disabled="true"')
    page.route("**/dashboard", lambda route: route.fulfill(body=running, content_type="text/html"), times=1)
    page.evaluate("audiospective.renew()")
    button = page.locator("button.archive")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    expect(button).to_have_attribute("data-state", "")


def test_an_import_is_counted_on_the_page_and_can_be_taken_back(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    sign_in(page, NEWCOMER)
    page.goto("/imports")
    page.set_input_files("input[name=file]:not([data-folder])", an_export(tmp_path))
    expect(page.locator(".toast")).to_have_text("280 new plays, 0 were already here.")
    now = page.locator(".import-now")
    expect(now).to_contain_text("281")
    now.get_by_text("Set aside, and why").click()
    expect(now).to_contain_text("it names neither a track nor an episode nor a chapter")
    page.get_by_role("button", name="Take back my_spotify_data.zip").click()
    expect(page.locator(".toast")).to_contain_text("Took back 280 plays")
    expect(page.locator(".earlier")).to_contain_text("taken back")


def test_an_import_elsewhere_renews_an_open_page_in_place(visit: Visit, signed_in: dict[str, object], tmp_path: Path) -> None:
    looking, importing = visit(**signed_in), visit(**signed_in)
    looking.goto("/dashboard?range=2024")
    expect(looking.locator("h1")).to_contain_text("Nothing played in 2024")
    looking.evaluate("globalThis.isTheSamePage = true")
    importing.goto("/imports")
    importing.set_input_files("input[name=file]:not([data-folder])", an_export(tmp_path))
    expect(looking.locator("h1")).to_contain_text("You played 280 tracks in 2024")
    assert looking.evaluate("globalThis.isTheSamePage")
    importing.get_by_role("button", name="Take back my_spotify_data.zip").click()
    expect(looking.locator("h1")).to_contain_text("Nothing played in 2024")


def test_an_import_that_ends_before_its_page_has_heard_of_it_is_told(visit: Visit, signed_in: dict[str, object], tmp_path: Path) -> None:
    page = visit(**signed_in)
    page.goto("/imports")

    def late(route: Route) -> None:
        while any(one["state"] in {"queued", "running"} for one in page.request.get("/api/imports").json()["imports"]):
            page.wait_for_timeout(100)
        route.continue_()

    page.route("**/imports", late)
    page.set_input_files("input[name=file]:not([data-folder])", an_export(tmp_path))
    expect(page.locator(".toast")).to_have_text(re.compile(r"^\d+ new plays, \d+ were already here\.$"))


def test_a_wrong_file_is_named_for_what_it_is(visit: Visit, signed_in: dict[str, object], tmp_path: Path, complaints: list[str]) -> None:
    page = visit(**signed_in)
    page.goto("/imports")
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(b"%PDF-1.7")
    page.set_input_files("input[name=file]:not([data-folder])", wrong)
    expect(page.get_by_role("alert")).to_contain_text("wrong.json is a PDF, not the history itself")
    assert all("400" in heard for heard in complaints)
    complaints.clear()


def test_everything_can_be_done_with_keys_alone(visit: Visit) -> None:
    page = visit(viewport={"width": 390, "height": 800}, reduced_motion="no-preference")
    page.goto("/")
    press_until(page, "Sign in with Spotify")
    wait_for_turn()
    page.keyboard.press("Enter")
    page.wait_for_url("**/authorize*")
    press_until(page, "Agree")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard*")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    press_until(page, "Archive now")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("archived")


def press_until(page: Page, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.innerText || document.activeElement.value || ''")
        if name in focused:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "focus can be seen"
            return
    raise AssertionError(f"{name} can't be reached by Tab")


def test_without_scripts_the_forms_do_the_same(visit: Visit, tmp_path: Path) -> None:
    page = visit(java_script_enabled=False)
    to_spotify(page)
    page.get_by_text(OWL).first.click()
    page.get_by_role("button", name="Agree").click()
    page.wait_for_url("**/dashboard*")
    page.get_by_role("button", name="Archive now").click()
    for _ in range(120):
        page.goto("/dashboard")
        if "You played" in page.locator("h1").inner_text():
            break
        page.wait_for_timeout(250)
    expect(page.locator("h1")).to_contain_text("You played")
    page.get_by_text("Show as table").first.click()
    expect(page.get_by_role("region", name="How much, day by day? (table)")).to_be_visible()
    page.goto("/imports")
    page.set_input_files("input[name=file]:not([data-folder])", an_export(tmp_path))
    page.get_by_role("button", name="Upload").click()
    expect(page).to_have_url(re.compile("/imports$"))
    expect(page.locator(".import-now")).to_contain_text("my_spotify_data.zip")


def test_an_archive_of_podcasts_only_says_so(visit: Visit) -> None:
    page = visit()
    sign_in(page, PODCASTER)
    expect(page.locator("h1")).to_have_text("Your first ring starts today")


def test_an_export_says_in_its_dialog_what_was_kept(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(viewport={"width": 360, "height": 740}, **signed_in)
    page.goto("/dashboard?range=all")
    page.get_by_role("link", name="Export", exact=True).click()
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Export")
    button.focus()
    with page.expect_download() as kept:
        page.keyboard.press("Enter")
    told = dialog.get_by_role("status")
    expect(told).to_have_text(re.compile(rf"^{re.escape(kept.value.suggested_filename)}: \d+ plays, [\d.]+ MB$"))
    expect(told).to_be_in_viewport()
    expect(button).to_be_focused()
    expect(button).not_to_have_attribute("aria-disabled", "true")


def test_settings_are_kept(visit: Visit) -> None:
    page = visit()
    sign_in(page, OWL)
    page.goto("/settings")
    page.get_by_label("Time zone").fill("Asia/Kathmandu")
    page.get_by_label("Always dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").get_by_text("Saved.")).to_be_in_viewport()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Kathmandu")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_token_is_shown_once_signs_in_and_can_be_revoked(visit: Visit) -> None:
    page = visit()
    sign_in(page, OWL)
    page.goto("/settings")
    page.get_by_label("Name of the new token").fill("script")
    page.get_by_role("button", name="New token").click()
    expect(page.get_by_role("status").locator(".secret")).to_be_in_viewport()
    token = page.get_by_role("status").locator(".secret").inner_text()
    other = visit()
    wait_for_turn()  # of the same address, as strict as signing in
    other.goto("/auth/token")
    other.get_by_label("Personal token").fill(token)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/dashboard*")
    page.goto("/settings")
    expect(page.locator("body")).not_to_contain_text(token)
    page.get_by_role("button", name="Revoke script").click()
    expect(page.get_by_text("None yet.")).to_be_visible()


def test_signed_out_means_signed_out(visit: Visit) -> None:
    page = visit()
    sign_in(page, NEWCOMER)
    page.goto("/settings")  # a cover that is asked for as the session ends is not there for anybody
    page.get_by_label(re.compile("^Account of")).click()
    page.locator(".menu").get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto("/dashboard")
    expect(page.get_by_role("link", name="Sign in with Spotify")).to_be_visible()


def test_cancel_at_spotify_is_explained(visit: Visit) -> None:
    page = visit()
    to_spotify(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("h1")).to_have_text("You weren’t signed in".replace("’", "'"))
