"""Signatures as the outside scheduler makes them, and as others would like to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime

CURRENT, NEXT = "sig_current_key", "sig_next_key"


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(url: str, body: bytes, now: datetime, *, key: str = CURRENT, alg: str = "HS256", **changed: object) -> str:
    """The signature of a call; `changed` replaces claims (`claimed` the one of the body)."""
    seconds = int(now.timestamp())
    claims = {
        "iss": "Upstash",
        "sub": url,
        "exp": seconds + 300,
        "nbf": seconds,
        "iat": seconds,
        "jti": f"jwt_{seconds}",
        "body": b64(hashlib.sha256(body).digest()),
    } | {{"claimed": "body"}.get(name, name): value for name, value in changed.items()}
    text = f"{b64(json.dumps({'alg': alg, 'typ': 'JWT'}).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest())}"
