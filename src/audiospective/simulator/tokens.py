"""Codes and tokens that describe themselves and are signed, so that they go on working when the simulator starts anew."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass

from audiospective.simulator.world import Grant

#: Nothing here is worth protecting: the signature only keeps codes, access tokens and refresh tokens apart.
_SEED = b"audiospective-simulator"

CODE_LIFE_S, ACCESS_LIFE_S = 600, 3600
#: Six months from the person's consent; refreshing doesn't move it (spotify-api.md §2).
CONSENT_LIFE_S = 183 * 86_400


@dataclass(frozen=True, slots=True)
class Token:
    """What a code or token says. `generation` counts rotations; challenge and redirect_uri belong to codes alone."""

    grant: Grant
    issued_ms: int
    generation: int = 0
    challenge: str = ""
    redirect_uri: str = ""

    def is_older(self, now_ms: int, seconds: int) -> bool:
        """Whether more than `seconds` have gone by since it was issued."""
        return now_ms >= self.issued_ms + seconds * 1000

    def has_consent(self, now_ms: int) -> bool:
        """Whether the six months of the permission last."""
        return now_ms < self.grant.authorized_ms + CONSENT_LIFE_S * 1000


def write(kind: str, token: Token) -> str:
    """A token of a kind ("code", "access", "refresh") as text, beginning as Spotify's do."""
    payload = base64.urlsafe_b64encode(json.dumps(asdict(token), separators=(",", ":")).encode()).rstrip(b"=")
    return ("BQ" if kind == "access" else "AQ") + (payload + b"-" + _signature(kind, payload)).decode("ascii")


def read(kind: str, text: str) -> Token | None:
    """What a text of that kind says; None when it isn't one of ours."""
    payload, _, signature = text[2:].encode("ascii", "replace").rpartition(b"-")
    if not hmac.compare_digest(signature, _signature(kind, payload)):
        return None
    try:
        said = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        return Token(**{**said, "grant": Grant(**said["grant"])})
    except (binascii.Error, ValueError, TypeError, KeyError):
        return None


def _signature(kind: str, payload: bytes) -> bytes:
    return hmac.new(_SEED, kind.encode() + b"." + payload, hashlib.sha256).hexdigest()[:24].encode("ascii")
