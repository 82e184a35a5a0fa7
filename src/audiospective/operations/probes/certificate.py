"""Is the certificate that people are shown the right one, and for how long yet? Nothing is asked of it that a browser wouldn't ask."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from audiospective.operations.judge import Reading

_PATIENCE_S = 5.0
_LEAST_DAYS = 14


async def look(url: str, now: datetime, *, trust: ssl.SSLContext | None = None) -> Reading:
    """`ready` when it is trusted and lasts another 14 days; what it lacks otherwise. Without https there is none to look at."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return Reading(source="certificate", inapplicable="the instance is reached without a domain of its own, over http")
    try:
        ends = await asyncio.to_thread(_ends, parts.hostname, parts.port or 443, trust or ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        return Reading(f"certificate refused: {error.verify_message}", "certificate")
    except (OSError, ValueError) as error:
        return Reading(source="certificate", problem=f"{parts.hostname} shows no certificate ({type(error).__name__})")
    days = (ends - now).total_seconds() / 86_400
    note = f"until {ends:%Y-%m-%d}"
    return Reading("ready" if days >= _LEAST_DAYS else f"ends in {days:.1f} days", "certificate", note)


def _ends(host: str, port: int, trust: ssl.SSLContext) -> datetime:
    with socket.create_connection((host, port), timeout=_PATIENCE_S) as plain, trust.wrap_socket(plain, server_hostname=host) as secure:
        shown = secure.getpeercert() or {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
