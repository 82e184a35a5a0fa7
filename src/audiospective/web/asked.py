"""What an address asks of a page that shows a range: which days, and counted how."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from litestar import Response

from audiospective.errors import Invalid
from audiospective.insights.top import By
from audiospective.web.forms import back_to


def days_instead(given: Mapping[str, str], path: str) -> Response[bytes]:
    """Two days as a form sends them, `from` and `to`, become the page's one address for them."""
    said = {"range": f"{given['from']}..{given['to']}"} | ({"by": given["by"]} if given.get("by") else {})
    return back_to(f"{path}?{urlencode(said)}")


def way_of(given: Mapping[str, str]) -> By:
    """Counted by plays or by time; raises Invalid(field="by")."""
    asked = given.get("by", "")
    try:
        return By(asked or By.PLAYS)
    except ValueError as error:
        raise Invalid(f"“{asked[:60]}” isn't possible; count by plays or by time.", field="by") from error
