"""Calls that another service signs: a JWT over the address and the body (QStash, docs "How to receive": verify the signature).

Only HS256 with one of our two keys; the address is the one that we are configured to have, never what a request says of itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import msgspec

from audiospective.errors import NotSignedIn

T = TypeVar("T")

HEADER: Final = "Upstash-Signature"
_LONGEST: Final = 4096
_SKEW: Final = timedelta(seconds=10)
#: QStash signs for five minutes; a signature that lives longer is none of its.
_LONGEST_LIFE: Final = timedelta(hours=1)


class _Head(msgspec.Struct):
    alg: str


class _Claims(msgspec.Struct):
    iss: str
    sub: str
    exp: int
    nbf: int
    jti: str
    body: str


class SignedCall(msgspec.Struct, frozen=True):
    """A call that was signed for us; its id may be carried out once."""

    id: str
    expires_at: datetime


def checked(signatures: Sequence[str], body: bytes, *, keys: Sequence[str], url: str, now: datetime) -> SignedCall:
    """The call that one of the keys signed, now, for this address and body; raises NotSignedIn for every other."""
    if len(signatures) != 1 or len(signatures[0]) > _LONGEST or signatures[0].count(".") != 2:
        raise _refused()
    signed, _, signature = signatures[0].rpartition(".")
    head, _, payload = signed.partition(".")
    if _decoded(head, _Head).alg != "HS256" or not _is_signed(signed, signature, keys):
        raise _refused()
    claims = _decoded(payload, _Claims)
    expires_at = _moment(claims.exp)
    is_timely = _moment(claims.nbf) <= now + _SKEW and now - _SKEW < expires_at <= now + _LONGEST_LIFE
    is_ours = claims.iss == "Upstash" and claims.sub == url and _is_body(claims.body, body)
    if not (is_timely and is_ours and claims.jti):
        raise _refused()
    return SignedCall(claims.jti[:200], expires_at)


def _is_signed(signed: str, signature: str, keys: Sequence[str]) -> bool:
    given = _bytes(signature)
    fits = [hmac.compare_digest(given, hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()) for key in keys]
    return True in fits  # all were compared, whichever fits


def _is_body(claimed: str, body: bytes) -> bool:
    return hmac.compare_digest(_bytes(claimed), hashlib.sha256(body).digest())


def _decoded(part: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(_bytes(part), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _refused() from error


def _bytes(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4))
    except (binascii.Error, ValueError) as error:
        raise _refused() from error


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _refused() from error


def _refused() -> NotSignedIn:
    return NotSignedIn("This call isn't signed by the scheduler that this instance knows.")
