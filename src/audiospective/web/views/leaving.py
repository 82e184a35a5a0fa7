"""The last page, and the one that checks what it gave."""

from __future__ import annotations

from datetime import datetime

import msgspec

from audiospective.infra.language import mark, say
from audiospective.privacy.receipt import Receipt
from audiospective.web.views.words import day_and_time, number

_KINDS = {
    "playEvents": mark("reports of plays"),
    "shareableReports": mark("shared reports"),
    "imports": mark("imports"),
    "personalTokens": mark("personal tokens"),
    "sessions": mark("sessions"),
    "spotifyPermissions": mark("Spotify permissions"),
    "user": mark("account"),
}


class DeletedView(msgspec.Struct, frozen=True):
    """What went, by kind; the receipt to keep."""

    counts: tuple[tuple[str, str], ...]
    receipt: str


class ReceiptView(msgspec.Struct, frozen=True):
    """`given` is what was pasted; `is_ours` None before anything was."""

    given: str
    is_ours: bool | None
    instance: str
    when: str
    counts: tuple[tuple[str, str], ...]


def deleted_view(records: dict[str, int], receipt: str) -> DeletedView:
    """The page after the end."""
    return DeletedView(_counts(records), receipt)


def receipt_view(given: str, found: Receipt | None) -> ReceiptView:
    """What a pasted receipt states."""
    if found is None:
        return ReceiptView(given, False if given else None, "", "", ())
    return ReceiptView(given, True, found.instance, _moment(found.deleted_at), _counts(found.deleted_records))


def _counts(records: dict[str, int]) -> tuple[tuple[str, str], ...]:
    return tuple((say(_KINDS.get(kind, kind)), number(count)) for kind, count in records.items())


def _moment(at: datetime) -> str:
    return f"{day_and_time(at)} UTC"
