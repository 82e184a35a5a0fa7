"""Pictures of pages, for people to look at; nothing compares them. `make pictures` keeps them in `screenshots/`."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

_FOLDER = Path(__file__).parents[2] / "screenshots"
#: A picture of a whole page costs as much as all that is tested of it.
ARE_KEPT = bool(os.environ.get("KEEP_PICTURES"))


#: Also what is laid out only when it comes near to what is seen.
LAY_ALL_OUT = "for (const one of document.querySelectorAll('.sheet, .list li')) one.style.contentVisibility = 'visible';"


def lay_all_out(page: Page) -> None:
    """So that the whole page can be measured."""
    page.evaluate(LAY_ALL_OUT)


def keep_picture(page: Page, name: str) -> None:
    """The page as it stands, as far down as it goes."""
    if ARE_KEPT:
        lay_all_out(page)
        path = _FOLDER / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, type="jpeg", quality=70, full_page=True)
