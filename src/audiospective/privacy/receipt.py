"""The proof that somebody's data was deleted: counts and a time under this instance's signature, and nothing about the person."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime

import msgspec

from audiospective.infra.sealing import Sealer

_PURPOSE = "deletion receipt"
_VERSION = "asr1"
#: A receipt has some 400 characters; longer ones aren't ours.
_LONGEST = 4000


class Receipt(msgspec.Struct, rename="camel", frozen=True):
    """What was deleted on which instance, and when (UTC)."""

    instance: str
    deleted_at: datetime
    deleted_records: dict[str, int]


def issue(sealer: Sealer, instance: str, deleted: Mapping[str, int], now: datetime) -> str:
    """A receipt as text: `asr1.` payload `.` signature, in URL-safe letters."""
    payload = _letters(msgspec.json.encode(Receipt(instance, now, dict(deleted))))
    return f"{_VERSION}.{payload}.{sealer.sign(payload.encode(), purpose=_PURPOSE)}"


def read(sealer: Sealer, text: str) -> Receipt | None:
    """What a receipt states; None unless this instance signed exactly this text, under a secret that it still lists."""
    version, _, rest = "".join(text.split()).partition(".")
    payload, _, signature = rest.partition(".")
    if version != _VERSION or len(text) > _LONGEST or not payload.isascii():
        return None
    if not sealer.verify(payload.encode(), signature, purpose=_PURPOSE):
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=Receipt)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        return None


def _letters(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
