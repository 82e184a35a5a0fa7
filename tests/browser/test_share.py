"""Sharing with a mouse and with keys; taking back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers
from tests.browser.pictures import keep_picture

Visit = Callable[..., Page]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_report_is_shared_from_a_dialog_on_the_dashboard(visit: Visit, signed_in: dict[str, object], width: int) -> None:
    page = visit(**signed_in, viewport={"width": width, "height": 900}, bypass_csp=True)
    page.goto("/dashboard")
    link = page.get_by_role("link", name="Share these days")
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="A new report")
    expect(dialog.get_by_label("Title")).to_be_visible()
    assert barriers(page) == []
    keep_picture(page, f"share-dialog-{width}")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_label("Title").fill(f"Seen at {width}")
    dialog.get_by_role("button", name="Create share report").click()
    expect(page.get_by_role("status").filter(has_text="Your link is ready")).to_be_visible()
    page.get_by_role("link", name="/share/").click()
    expect(page.locator("h1")).to_have_text(f"Seen at {width}")
    keep_picture(page, f"shared-light-{width}")
    assert barriers(page, is_done=True) == []


def test_a_link_is_copied_and_taken_back(visit: Visit, signed_in: dict[str, object], complaints: list[str]) -> None:
    page = visit(**signed_in, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/shares")
    page.get_by_label("Title").fill("For a moment")
    page.get_by_role("button", name="Create share report").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".toast")).to_have_text("Link copied.")
    address = page.evaluate("navigator.clipboard.readText()")
    page.goto(address)
    expect(page.locator("h1")).to_have_text("For a moment")
    page.goto("/settings")
    page.get_by_role("button", name="Take back For a moment").click()
    page.goto(address)
    expect(page.locator("h1")).to_have_text("There is nothing here")
    complaints.clear()  # the browser's own note of the 404
