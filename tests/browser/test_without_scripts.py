"""Where scripts are off everything is done by links and forms, in one sitting."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]


def test_days_search_settings_export_and_sharing_need_no_script(visit: Visit, signed_in: dict[str, object]) -> None:
    page = visit(**signed_in, java_script_enabled=False)
    page.goto("/dashboard?range=all")
    choose_days(page)
    heard = search_for_what_was_heard_last(page)
    save_the_theme(page)
    assert heard in exported(page)
    share(page)


def choose_days(page: Page) -> None:
    page.get_by_text("Other days").click()
    page.get_by_label("From", exact=True).fill("2024-03-01")
    page.get_by_label("To", exact=True).fill("2024-03-31")
    page.get_by_role("button", name="Show").first.click()
    expect(page).to_have_url(re.compile(r"range=2024-03"))
    page.get_by_text("Other days").click()
    page.get_by_label("Or a year, month").fill("2025")
    page.get_by_role("button", name="Show").last.click()
    expect(page.locator(".eyebrow").first).to_contain_text("1 Jan – 31 Dec 2025")


def search_for_what_was_heard_last(page: Page) -> str:
    page.goto("/history")
    name = page.locator(".list-plays .what a").first.inner_text()
    page.locator("#q").fill(name)
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"/history\?.*q="))
    expect(page.locator(".list-plays .what").first).to_contain_text(name)
    return name


def save_the_theme(page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("Always dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("As my device says").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("As my device says")).to_be_checked()


def exported(page: Page) -> str:
    page.goto("/export")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Export").first.click()
    assert begun.value.suggested_filename.endswith(".csv")
    return Path(begun.value.path()).read_text("utf-8-sig")


def share(page: Page) -> None:
    page.goto("/dashboard?range=all")
    page.get_by_role("link", name="Share these days").click()
    page.get_by_label("Title").fill("Plain")
    page.get_by_role("button", name="Create share report").click()
    page.get_by_role("link", name="/share/").click()
    expect(page.locator("h1")).to_have_text("Plain")
